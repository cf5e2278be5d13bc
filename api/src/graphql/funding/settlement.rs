//! Settlements of vouchers: type, list, moves.
use super::{DeliveryEvent, Quantity, Voucher};
use crate::{
    act::funding::settlement::{self as act, DrawUp, Said},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Money},
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    funding::{
        price::QuantityUnit,
        settlement::{SettledLine, SettlementMove, SettlementState},
    },
    id::{Kinded, OrganizationId, VoucherSettlementId},
    machine::Machine,
    scalar::{Date, DateTime},
};
use entity::funding::{delivery_event, voucher, voucher_settlement as table};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A settlement of vouchers (palvelusetelitilitys).
pub struct VoucherSettlement(Arc<table::Model>);

impl From<table::Model> for VoucherSettlement {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A settlement of vouchers (palvelusetelitilitys): what an organisation pays a provider for what it has given by vouchers, in place of an invoice. The finance,
/// procurement and decision makers of the organisation that pays see it, and the manager of the provider; nobody else. No client is named in it.
#[Object]
impl VoucherSettlement {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The organisation that has issued the vouchers, and pays.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who is paid.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// Where it is.
    async fn state(&self) -> SettlementState {
        self.0.state
    }
    /// The moves that its state allows; all of them are of the finance of the organisation that pays.
    async fn moves(&self) -> Vec<SettlementMove> {
        self.0.state.moves().collect()
    }
    /// The last day whose deliveries it pays.
    async fn through(&self) -> Date {
        Date(self.0.through)
    }
    /// What it pays, each of one delivery, the earliest first. At most 500; what is left comes into the next.
    async fn lines(&self) -> Vec<SettlementLine> {
        self.0.reckoned.lines.iter().cloned().map(SettlementLine).collect()
    }
    /// What it comes to: the sum of what the vouchers cover, with value added tax.
    async fn total(&self) -> Result<Money> {
        Money::of_cents(self.0.total_cents)
    }
    /// Who put it together, by the stable key.
    async fn drawn_up_by(&self) -> &str {
        &self.0.drawn_up_by
    }
    /// Who approved it, by the stable key; null until then.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }
    /// When it was approved; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }
    /// The day on which it was paid; null until then.
    async fn paid_on(&self) -> Option<Date> {
        self.0.paid_on.map(Date)
    }
    /// Why it was given up or reversed; null when it was not.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// Its lines as CSV for accounting: semicolons, decimal commas, one row a line under a heading, services in the language of the request; null until it is approved,
    /// and once it was given up or reversed, so that nothing else goes on to be paid.
    async fn csv(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        act::csv(&self.0, ctx.caller().language())
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was put together.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A line of a settlement.
pub struct SettlementLine(SettledLine);

/// A line of a settlement of vouchers (tilitysrivi): one delivery.
#[Object]
impl SettlementLine {
    /// The delivery; null when it is not yours to see.
    async fn delivery(&self, ctx: &Context<'_>) -> Result<Option<DeliveryEvent>> {
        Ok(ctx.caller().peek::<delivery_event::Entity>(self.0.delivery).await?.map(DeliveryEvent::from))
    }
    /// The voucher; null when it is not yours to see.
    async fn voucher(&self, ctx: &Context<'_>) -> Result<Option<Voucher>> {
        Ok(ctx.caller().peek::<voucher::Entity>(self.0.voucher).await?.map(Voucher::from))
    }
    /// The number of the voucher.
    async fn voucher_number(&self) -> &str {
        &self.0.voucher_number
    }
    /// What the service was called when the settlement was put together.
    async fn service_name(&self) -> LocalizedText {
        (&self.0.service_name).into()
    }
    /// The day of the delivery.
    async fn delivered_on(&self) -> Date {
        self.0.delivered_on
    }
    /// How much.
    async fn quantity(&self) -> Quantity {
        self.0.quantity.into()
    }
    /// In what that is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// What the voucher covers of it, with value added tax: what is paid.
    async fn covered(&self) -> Result<Money> {
        Money::of_cents(self.0.covered_cents)
    }
    /// What the provider has from the client (omavastuu), with value added tax.
    async fn own_share(&self) -> Result<Money> {
        Money::of_cents(self.0.own_share_cents)
    }
}

payload! {
    /// The outcome of putting together or moving a settlement of vouchers.
    VoucherSettlementPayload {
        /// The settlement as it is now; null when it was refused.
        voucher_settlement: VoucherSettlement
    }
}

/// A settlement that is put together.
#[derive(InputObject)]
struct DrawUpVoucherSettlementInput {
    /// The organisation that has issued the vouchers, and pays: your own.
    organization: OrganizationId,
    /// Who is paid.
    provider: OrganizationId,
    /// The last day whose deliveries are paid: today or before.
    through: Date,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A settlement that goes on.
#[derive(InputObject)]
struct VoucherSettlementMoveInput {
    /// The settlement.
    id: VoucherSettlementId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A settlement that is given up or reversed.
#[derive(InputObject)]
struct VoucherSettlementReasonInput {
    /// The settlement.
    id: VoucherSettlementId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; both sides read it.
    reason: String,
}

/// A settlement that was paid.
#[derive(InputObject)]
struct PayVoucherSettlementInput {
    /// The settlement.
    id: VoucherSettlementId,
    /// The version that you have seen.
    expected_version: i32,
    /// The day: from that of the approval to today; today when it is left out.
    paid_on: Option<Date>,
}

/// Which settlements.
#[derive(InputObject, Default)]
struct VoucherSettlementFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<SettlementState>>,
    /// With one of these providers.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
}

/// Questions about settlements of vouchers.
#[derive(Default)]
pub struct VoucherSettlementQuery;

/// Questions about settlements of vouchers.
#[Object]
impl VoucherSettlementQuery {
    /// A settlement of vouchers (palvelusetelitilitys); null when there is none, or it is not yours to see.
    async fn voucher_settlement(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: VoucherSettlementId) -> Result<Option<VoucherSettlement>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(VoucherSettlement::from))
    }
    /// The settlements of vouchers that your organisation pays or is paid by (palvelusetelitilitykset), the newest first.
    async fn voucher_settlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<VoucherSettlementFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<VoucherSettlement>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.providers.map(|providers| table::Column::ProviderId.is_in(providers)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, VoucherSettlement::from).await
    }
}

async fn moved(ctx: &Context<'_>, id: VoucherSettlementId, expected: i32, by: SettlementMove, said: Said) -> Result<VoucherSettlementPayload> {
    VoucherSettlementPayload::of(ctx, act::move_on(ctx.caller(), id, expected, by, said).await)
}

async fn reasoned(ctx: &Context<'_>, input: VoucherSettlementReasonInput, by: SettlementMove) -> Result<VoucherSettlementPayload> {
    moved(ctx, input.id, input.expected_version, by, Said { reason: Some(input.reason), on: None }).await
}

/// Changes of settlements of vouchers.
#[derive(Default)]
pub struct VoucherSettlementMutation;

/// Changes of settlements of vouchers.
#[Object]
impl VoucherSettlementMutation {
    /// Puts together as finance what is to be paid to a provider for vouchers (laadi palvelusetelitilitys): what was given up to a day, is approved, and is in no
    /// other settlement.
    async fn draw_up_voucher_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who pays whom, and up to which day.")] input: DrawUpVoucherSettlementInput,
    ) -> Result<VoucherSettlementPayload> {
        let DrawUpVoucherSettlementInput { organization, provider, through, idempotency_key } = input;
        VoucherSettlementPayload::of(ctx, act::draw_up(ctx.caller(), idempotency_key.as_deref(), DrawUp { organization, provider, through }).await)
    }
    /// Approves a settlement to be paid (hyväksy tilitys) as finance: never by whoever put it together, issued a voucher in it, or told or approved what it pays.
    async fn approve_voucher_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: VoucherSettlementMoveInput,
    ) -> Result<VoucherSettlementPayload> {
        moved(ctx, input.id, input.expected_version, SettlementMove::Approve, Said::default()).await
    }
    /// Writes down as finance that a settlement was paid (merkitse maksetuksi).
    async fn pay_voucher_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and when.")] input: PayVoucherSettlementInput,
    ) -> Result<VoucherSettlementPayload> {
        moved(ctx, input.id, input.expected_version, SettlementMove::Pay, Said { on: input.paid_on, ..Said::default() }).await
    }
    /// Gives up a settlement as finance before it is paid (hylkää tilitys): its deliveries can be in another one.
    async fn discard_voucher_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: VoucherSettlementReasonInput,
    ) -> Result<VoucherSettlementPayload> {
        reasoned(ctx, input, SettlementMove::Discard).await
    }
    /// Writes down as finance that what was paid by mistake has come back (kirjaa palautetuksi): its deliveries can be in another settlement.
    async fn reverse_voucher_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: VoucherSettlementReasonInput,
    ) -> Result<VoucherSettlementPayload> {
        reasoned(ctx, input, SettlementMove::Reverse).await
    }
}
