//! Delivery events: type, the list of an organisation, recording and moves.
use super::{PurchaseOrder, Quantity, Voucher};
use crate::{
    act::funding::delivery::{self as act, By, RecordDelivery, Which},
    error::{Error, Result},
    graphql::{
        Asked,
        batch::{Done, keyed},
        catalogue::{Access, Organization, organization, row_access},
        delivery::Attendance,
        order::{self, SortedBy, order_by},
        outreach::{Corrected, RecordVoiding, Said},
        page::{self, Page},
        payload::payload,
        text::Money,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    funding::{
        delivery::{self as rules, DeliveryContent, DeliveryKind, DeliveryMove, DeliveryState},
        price::QuantityUnit,
    },
    id::{AttendanceId, DeliveryEventId, Kinded, OrganizationId, PurchaseOrderId, VoucherId},
    machine::Machine,
    money,
    noted_field::NotedField,
    rejection::Code,
    scalar::{Date, DateTime},
};
use entity::{
    delivery::attendance,
    funding::{delivery_event as table, purchase_order, voucher},
};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// A delivery event (toteutuma).
pub struct DeliveryEvent(Arc<table::Model>);

impl From<table::Model> for DeliveryEvent {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// What an event told before it was corrected.
#[derive(SimpleObject)]
pub struct DeliverySaid {
    /// The day.
    effective_date: Date,
    /// How much.
    quantity: Quantity,
    /// What was done; null when nothing was said.
    note: Option<String>,
    /// Who gave it; null when nothing was said.
    performer: Option<String>,
}

impl Said for DeliverySaid {
    const CORRECTION: &'static str = "DeliveryCorrection";
}

impl From<DeliveryContent> for DeliverySaid {
    fn from(said: DeliveryContent) -> Self {
        Self { effective_date: said.effective_date, quantity: said.quantity.into(), note: said.note, performer: said.performer }
    }
}

/// Why an event was not accepted as it was (riitautus).
#[derive(SimpleObject)]
pub struct DeliveryDispute {
    /// Why.
    reason: String,
    /// When that was said.
    at: DateTime,
    /// The stable key of whoever said it.
    by: String,
}

impl From<rules::Dispute> for DeliveryDispute {
    fn from(said: rules::Dispute) -> Self {
        Self { reason: said.reason, at: DateTime(said.at), by: said.by }
    }
}

/// A delivery event (toteutuma): what a provider has given of an order or by a voucher on a day. The provider, those with a care relation and the client see
/// it; whoever looks after the invoices of the organisation that pays sees how much it is and what it costs, and neither whose it is nor what was said.
#[Object]
impl DeliveryEvent {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// For what it is paid: the service, or the fee of an order that was cancelled late.
    async fn kind(&self) -> DeliveryKind {
        self.0.kind
    }
    /// Where it is.
    async fn state(&self) -> DeliveryState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation, and those of an invoice are made with it.
    async fn moves(&self) -> Vec<DeliveryMove> {
        self.0.state.moves().collect()
    }
    /// The number of the order: its id, for whoever may not see the order too; null by a voucher.
    async fn order_number(&self) -> Option<ID> {
        self.0.order().map(|id| ID(id.to_public()))
    }
    /// The order; null by a voucher, for whoever only looks after the invoices, and for the provider a while after the order's end.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        let Some(id) = self.0.order() else { return Ok(None) };
        Ok(ctx.caller().peek::<purchase_order::Entity>(id).await?.map(PurchaseOrder::from))
    }
    /// The number of the voucher, for whoever may not see the voucher too; null of an order.
    async fn voucher_number(&self) -> Option<&str> {
        self.0.voucher_number.as_deref()
    }
    /// The voucher; null of an order, for whoever only looks after the invoices, and for the provider a while after the voucher's end.
    async fn voucher(&self, ctx: &Context<'_>) -> Result<Option<Voucher>> {
        let Some(id) = self.0.voucher() else { return Ok(None) };
        Ok(ctx.caller().peek::<voucher::Entity>(id).await?.map(Voucher::from))
    }
    /// The organisation that pays.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who provides.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The day on which the service was given; of a fee, that on which the order was cancelled.
    async fn effective_date(&self) -> Date {
        Date(self.0.effective_date)
    }
    /// How much.
    async fn quantity(&self) -> Quantity {
        self.0.quantity().into()
    }
    /// In what that is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// The price of a unit without value added tax, as it was frozen with the order, or with the choice of the provider.
    async fn unit_price(&self) -> Money {
        money::Money { amount_cents: self.0.unit_price_cents }.into()
    }
    /// The rate of value added tax in basis points, as it was frozen with that.
    async fn vat_rate_bp(&self) -> i32 {
        self.0.vat_rate_bp
    }
    /// What the organisation pays for it, rounded to the cent, half a cent up: of an order by that price, without value added tax; by a voucher what that covers,
    /// with it.
    async fn cost(&self) -> Result<Money> {
        Money::of_cents(self.0.cost_cents)
    }
    /// What is left for the client (omavastuu), with value added tax; null of an order.
    async fn own_share(&self) -> Result<Option<Money>> {
        self.0.own_share_cents.map(Money::of_cents).transpose()
    }
    /// The attendance that it was told from; null when it was told by hand, or that is not yours to see.
    async fn attendance(&self, ctx: &Context<'_>) -> Result<Option<Attendance>> {
        let Some(id) = self.0.attendance_id else { return Ok(None) };
        Ok(ctx.caller().peek::<attendance::Entity>(id).await?.map(Attendance::from))
    }
    /// What was done; null when nothing is said, and for whoever only looks after the invoices.
    async fn note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.told(ctx).await?.and_then(|told| told.note))
    }
    /// Who gave it; null when nothing is said, and for whoever only looks after the invoices.
    async fn performer(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.told(ctx).await?.and_then(|told| told.performer))
    }
    /// Why it was not accepted as it was, the last time; null when it always was, for whoever only looks after the invoices, but for one's own words, and for a
    /// provider that is no authority while the client is under non-disclosure.
    async fn dispute(&self, ctx: &Context<'_>) -> Result<Option<DeliveryDispute>> {
        let Some(said) = act::dispute_of(ctx.caller().vault(), &self.0)? else { return Ok(None) };
        let own = ctx.caller().subject() == Some(said.reveal().by.as_str());
        let shown = own || act::dispute_is_shown(ctx.caller(), &self.0).await?;
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::DeliveryEventDispute, shown.then_some(said)).map(Into::into))
    }
    /// What it told before each correction, the first one first; empty when it never was corrected, and for whoever only looks after the invoices.
    async fn corrections(&self, ctx: &Context<'_>) -> Result<Vec<Corrected<DeliverySaid>>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(Vec::new());
        }
        Ok(ctx
            .caller()
            .revealed(self.0.client_id, NotedField::DeliveryEventCorrections, act::corrections(ctx.caller().vault(), &self.0)?)
            .map_or_else(Vec::new, |before| Corrected::all(&before)))
    }
    /// Why it is void; null when it is not, and for whoever only looks after the invoices.
    async fn voided(&self, ctx: &Context<'_>) -> Result<Option<RecordVoiding>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::DeliveryEventVoided, act::voided(ctx.caller().vault(), &self.0)?).map(Into::into))
    }
    /// Who recorded it, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// When the server was told of it, which may be long after the day.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// The last day on which it can be disputed before the time approves it; null for what somebody is to look at: more than is usual in a day,
    /// and what was disputed once.
    async fn disputable_until(&self) -> Option<Date> {
        self.0.disputable_until.map(Date)
    }
    /// When it was approved; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }
    /// Who approved it, by the stable key; null until then, and where the time did.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }
    /// What you may do with it, as relations are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
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

impl DeliveryEvent {
    /// What is told of it, to those who are shown it.
    async fn told(&self, ctx: &Context<'_>) -> Result<Option<DeliveryContent>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::DeliveryEventContent, Some(act::content(ctx.caller().vault(), &self.0)?)))
    }
}

payload! {
    /// The outcome of recording or moving a delivery.
    DeliveryEventPayload {
        /// The event as it is now; null when it was refused.
        delivery_event: DeliveryEvent
    }
}

/// What was delivered of an order, or by a voucher.
#[derive(InputObject)]
pub struct RecordDeliveryEventInput {
    /// The order: one that your organisation has confirmed and gives. This or `voucher`.
    order: Option<PurchaseOrderId>,
    /// The voucher: one with which your organisation was chosen. This or `order`.
    voucher: Option<VoucherId>,
    /// A UUID that your device has made for it, before it had coverage: sent again, the same event is answered.
    uuid: Option<Uuid>,
    /// The attendance that it is told from: the client, present or late, in a session of the same service that was held on that day. Each is told once.
    attendance: Option<AttendanceId>,
    /// What is told: of today or before, while the month of that day is open.
    content: DeliveryContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
    idempotency_key: Option<String>,
}

/// An event that is approved.
#[derive(InputObject)]
struct ApproveDeliveryEventInput {
    /// The event.
    id: DeliveryEventId,
    /// The version that you have seen.
    expected_version: i32,
}

/// An event of which something is said.
#[derive(InputObject)]
struct DeliveryEventReasonInput {
    /// The event.
    id: DeliveryEventId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters; the other side and the client read it too.
    reason: String,
}

/// What should have been told of a disputed event.
#[derive(InputObject)]
struct CorrectDeliveryEventInput {
    /// The event.
    id: DeliveryEventId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is right, whole: what you leave out is gone.
    content: DeliveryContent,
    /// Why what was told was wrong, at most 2000 characters.
    reason: String,
}

/// Which events.
#[derive(InputObject, Default)]
struct DeliveryEventFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<DeliveryState>>,
    /// True: by vouchers alone. False: of orders alone.
    by_voucher: Option<bool>,
    /// On this day or later.
    from: Option<Date>,
    /// On this day or before.
    to: Option<Date>,
}

/// By what events are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum DeliveryEventOrderField {
    /// The day on which the service was given.
    EffectiveDate,
    /// When they were recorded.
    RecordedAt,
}

order_by! {
    /// How events are put in order.
    DeliveryEventOrder by DeliveryEventOrderField
}

/// Questions about deliveries.
#[derive(Default)]
pub struct DeliveryEventQuery;

/// Questions about deliveries.
#[Object]
impl DeliveryEventQuery {
    /// What was delivered to an organisation or by it (toteutumat), by default the newest first; for whoever looks after invoices with the purpose INVOICING.
    async fn delivery_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that pays or provides: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<DeliveryEventFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<DeliveryEventOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DeliveryEvent>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let condition = Condition::all()
            .add(Condition::any().add(table::Column::OrganizationId.eq(organization)).add(table::Column::ProviderId.eq(organization)))
            .add_option(filter.states.map(|states| table::Column::State.is_in(states)))
            .add_option(filter.by_voucher.map(|by| if by { table::Column::VoucherNumber.is_not_null() } else { table::Column::VoucherNumber.is_null() }))
            .add_option(filter.from.map(|from| table::Column::EffectiveDate.gte(from.0)))
            .add_option(filter.to.map(|to| table::Column::EffectiveDate.lte(to.0)));
        let by = order::keys(order_by, (DeliveryEventOrderField::RecordedAt, true))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                DeliveryEventOrderField::EffectiveDate => SortedBy::Day(table::Column::EffectiveDate, |row: &table::Model| row.effective_date.to_string()),
                DeliveryEventOrderField::RecordedAt => SortedBy::Time(table::Column::CreatedAt, |row: &table::Model| order::moment(row.created_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, DeliveryEvent::from).await
    }
}

keyed!(RecordDeliveryEventInput or uuid);

impl Done for RecordDeliveryEventInput {
    type Payload = DeliveryEventPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<DeliveryEventPayload> {
        let Self { order, voucher, uuid, attendance, content, idempotency_key: key } = self;
        let outcome = match (order, voucher) {
            (Some(order), None) => Ok(By::Order(order)),
            (None, Some(voucher)) => Ok(By::Voucher(voucher)),
            (None, None) => Err(Error::reject(Code::Required, &["order"])),
            (Some(_), Some(_)) => Err(Error::reject(Code::DoesNotAgree, &["voucher"])),
        };
        let outcome = match outcome {
            Ok(by) => act::record(ctx.caller(), key.as_deref(), RecordDelivery { by, uuid, attendance, content }).await,
            Err(refused) => Err(refused),
        };
        DeliveryEventPayload::of(ctx, outcome)
    }
}

/// Changes of deliveries.
#[derive(Default)]
pub struct DeliveryEventMutation;

/// Changes of deliveries.
#[Object]
impl DeliveryEventMutation {
    /// Records as the provider what was delivered of an order or by a voucher (kirjaa toteutuma), at its price and never more than it is for. With the first of
    /// it the service has begun.
    async fn record_delivery_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which order or by which voucher, and what.")] input: RecordDeliveryEventInput,
    ) -> Result<DeliveryEventPayload> {
        input.done(ctx).await
    }
    /// Approves an event as those who order or have issued the voucher (hyväksy toteutuma). With the last of what was ordered the order is completed.
    async fn approve_delivery_event(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ApproveDeliveryEventInput) -> Result<DeliveryEventPayload> {
        DeliveryEventPayload::of(ctx, act::approve(ctx.caller(), Which { id: input.id, expected: input.expected_version }).await)
    }
    /// Does not accept an event as it is (riitauta toteutuma), as those who order or who look after the invoices there. The provider is told.
    async fn dispute_delivery_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: DeliveryEventReasonInput,
    ) -> Result<DeliveryEventPayload> {
        DeliveryEventPayload::of(ctx, act::dispute(ctx.caller(), Which { id: input.id, expected: input.expected_version }, input.reason).await)
    }
    /// Puts a disputed event right as the provider (korjaa toteutuma), also when its month is closed; what it told before is kept. The fee of an order that was
    /// cancelled is as it was agreed: the provider takes it back, or it stays disputed.
    async fn correct_delivery_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what is right.")] input: CorrectDeliveryEventInput,
    ) -> Result<DeliveryEventPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        DeliveryEventPayload::of(ctx, act::correct(ctx.caller(), which, input.content, input.reason).await)
    }
    /// Takes an event back as the provider (mitätöi toteutuma), before it is approved: it is kept, counts for nothing, and is not shown to the client.
    async fn void_delivery_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: DeliveryEventReasonInput,
    ) -> Result<DeliveryEventPayload> {
        DeliveryEventPayload::of(ctx, act::void(ctx.caller(), Which { id: input.id, expected: input.expected_version }, input.reason).await)
    }
}
