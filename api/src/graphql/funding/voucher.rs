//! Vouchers: type, the provider's list, moves.
use super::{
    ApprovedProvider, DeliveryEvent, Quantity, Rulebook,
    approved_provider::{by_name, shown_today},
};
use crate::{
    act::{
        casework::referral::shown,
        funding::voucher::{self as act, Choice, Which},
    },
    error::Result,
    graphql::{
        Asked,
        casework::{Introduction, ServiceDecision},
        catalogue::{Access, Organization, Service, organization, published_service, row_access},
        page::{self, Page},
        payload::payload,
        person::{Client, client_of},
        text::Money,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::session::day,
    funding::{
        price,
        voucher::{Shares, VoucherMove, VoucherState, number},
    },
    id::{ApprovedProviderId, Kinded, OrganizationId, RulebookId, ServiceDecisionId, VoucherId},
    machine::Machine,
    money,
    noted_field::NotedField,
    person::consent::DataItem,
    policy::gives_ordered,
    scalar::{Date, DateTime},
};
use entity::{
    casework::service_decision,
    funding::{delivery_event, rulebook, voucher as table},
};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use std::{collections::BTreeSet, sync::Arc};

/// A voucher (palveluseteli).
pub struct Voucher(Arc<table::Model>);

impl From<table::Model> for Voucher {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A voucher (palveluseteli; act 569/2009): by a decision the client chooses an approved provider, the organisation pays up to the value, and the own share is
/// left for the client. The client and those with a care relation see it, and the provider while it is chosen and for a while after its end; nobody else. The
/// provider is told of the client what `introduction` says, and nothing else.
#[Object]
impl Voucher {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Its number, by which client and provider speak of it: twelve digits that tell nothing of it.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// Where it is.
    async fn state(&self) -> VoucherState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<VoucherMove> {
        self.0.state.moves().collect()
    }
    /// The decision by which it was issued; null for the provider.
    async fn decision(&self, ctx: &Context<'_>) -> Result<Option<ServiceDecision>> {
        Ok(ctx.caller().peek::<service_decision::Entity>(self.0.decision_id).await?.map(ServiceDecision::from))
    }
    /// The client of the register; null for the provider, unless something else than the voucher opens the register to it.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, Some(self.0.client_id)).await
    }
    /// The organisation that has issued it, and pays.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The version of the rulebook by which it is worth what it is; null when it is not yours to see.
    async fn rulebook(&self, ctx: &Context<'_>) -> Result<Option<Rulebook>> {
        Ok(ctx.caller().peek::<rulebook::Entity>(self.0.rulebook_id).await?.map(Rulebook::from))
    }
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service_id).await
    }
    /// How much of the service it is for.
    async fn quantity(&self) -> Quantity {
        self.0.quantity().into()
    }
    /// In what that is counted.
    async fn unit(&self) -> price::QuantityUnit {
        self.0.unit
    }
    /// What it is worth for a unit, as it was on the first day.
    async fn value(&self) -> Money {
        self.0.value().into()
    }
    /// What it is worth in all: the most that the organisation pays.
    async fn worth(&self) -> Result<Money> {
        Money::of_cents(self.0.whole().cents)
    }
    /// The service is free by law: no own share remains for the client.
    async fn free_of_charge(&self) -> bool {
        self.0.free_of_charge
    }
    /// The first day on which it can be used.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }
    /// The last day.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }
    /// The provider that the client has chosen; null while there is none.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.provider_id {
            None => Ok(None),
            Some(id) => organization(ctx, id).await.map(Some),
        }
    }
    /// The price of a unit without value added tax, as it was when the provider was chosen; null while there is none.
    async fn unit_price(&self) -> Option<Money> {
        self.unit_price_cents().map(Money::from)
    }
    /// The rate of value added tax in basis points, as it was then; null while there is none.
    async fn vat_rate_bp(&self) -> Option<i32> {
        self.0.vat_rate_bp
    }
    /// What is left for the client to pay for a unit (omavastuu), with value added tax; null while no provider is chosen.
    async fn own_share(&self) -> Result<Option<Money>> {
        self.0.shares().map(|shares| Money::of_cents(shares.own)).transpose()
    }
    /// When the provider was chosen; null while there is none.
    async fn chosen_at(&self) -> Option<DateTime> {
        self.0.chosen_at.map(DateTime)
    }
    /// Who said so, by the stable key: the client, who acts for the client, or a worker who wrote it down; null while there is none, and for the provider.
    async fn chosen_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        self.said_by(ctx, self.0.chosen_by.as_deref()).await
    }
    /// What the provider is told of the client, as the register said it when it was chosen; null before that, and when nothing was used. Where a client under
    /// non-disclosure can be reached is shown to the provider alone. Reading it is kept in the use log.
    async fn introduction(&self, ctx: &Context<'_>) -> Result<Option<Introduction>> {
        let told = act::introduction(ctx.caller().vault(), &self.0)?;
        let Some((told, provider)) = told.zip(self.0.provider_id) else { return Ok(None) };
        let provides = ctx.caller().actor().is_in(provider, gives_ordered);
        shown(ctx.caller(), NotedField::VoucherIntroduction, self.0.client_id, provides, told).await.map(Introduction::from).map(Some)
    }
    /// Why it was refused or taken back; null when nothing is said, and for the provider.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::VoucherReason, act::reason(ctx.caller().vault(), &self.0)?))
    }
    /// How the service is arranged instead of a voucher that was refused; null until that is written down, where nothing was refused, and for the provider.
    async fn alternative(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::VoucherAlternative, act::alternative(ctx.caller().vault(), &self.0)?))
    }
    /// When that was arranged; null until then.
    async fn arranged_at(&self) -> Option<DateTime> {
        self.0.arranged_at.map(DateTime)
    }
    /// Who has arranged it, by the stable key; null until then, and for the provider.
    async fn arranged_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        self.said_by(ctx, self.0.arranged_by.as_deref()).await
    }
    /// Who issued it, by the stable key; null for the provider.
    async fn issued_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        self.said_by(ctx, Some(&self.0.issued_by)).await
    }
    /// Who ended it, by the stable key: the client, who acts for the client, or a worker; null while it can be used, where the time did, and for the provider.
    async fn ended_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        self.said_by(ctx, self.0.ended_by.as_deref()).await
    }
    /// Whom the client can choose with it, by name, and what is left to pay there: at the prices of today, or of its first day where that is later. Empty when it
    /// can be used no more.
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, 1 to 100.", default = 100, validator(minimum = 1, maximum = 100))] first: i32,
    ) -> Vec<VoucherOffer> {
        let (s, today) = (ctx.caller().catalogue(), day(ctx.caller().now()));
        let from = Ord::max(today, self.0.valid_from);
        let open = self.0.state.is_open() && from <= self.0.valid_to;
        let listed = shown_today(&s, today).filter(|_| open).filter_map(|(row, listing)| Some((row, act::price_of(&self.0, listing, from)?)));
        let mut listed: Vec<_> = listed.collect();
        listed.sort_by_cached_key(|(row, _)| by_name(&s, row));
        let offer = |(row, price): (_, &price::DatedPrice)| VoucherOffer {
            approved_provider: ApprovedProvider::new(row),
            unit_price: price.price,
            vat_rate_bp: price.vat_rate_bp,
            value: self.0.value(),
        };
        listed.into_iter().take(usize::try_from(first).unwrap_or_default()).map(offer).collect()
    }
    /// The day on which it came to its end; null while it can be used.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
    /// How much of it is used (käytetty).
    async fn used_quantity(&self) -> Result<Quantity> {
        super::drawdown::quantity(self.0.used_hundredths)
    }
    /// What the organisation pays for that.
    async fn covered(&self) -> Result<Money> {
        Money::of_cents(self.0.used_cents)
    }
    /// What was given by it (toteutumat), in the order in which it was recorded.
    async fn delivery_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DeliveryEvent>> {
        let window = Window::parse(first, after, last, before)?;
        page::children::<delivery_event::Entity, _>(ctx, self.0.id, &window).await
    }
    /// What you may do with it, as relations are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was issued.
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

impl Voucher {
    /// Who has said something, to those who are shown that.
    async fn said_by<'s>(&self, ctx: &Context<'_>, subject: Option<&'s str>) -> Result<Option<&'s str>> {
        Ok(if act::words_are_shown(ctx.caller(), &self.0).await? { subject } else { None })
    }

    fn unit_price_cents(&self) -> Option<money::Money> {
        self.0.unit_price_cents.map(|amount_cents| money::Money { amount_cents })
    }
}

/// A provider that can be chosen with a voucher.
pub struct VoucherOffer {
    approved_provider: ApprovedProvider,
    unit_price: money::Money,
    vat_rate_bp: i32,
    value: money::Money,
}

/// A provider that can be chosen with a voucher, and what is left to pay there.
#[Object]
impl VoucherOffer {
    /// The provider; its id is what `chooseVoucherProvider` takes.
    async fn approved_provider(&self) -> &ApprovedProvider {
        &self.approved_provider
    }
    /// The price of a unit without value added tax.
    async fn unit_price(&self) -> Money {
        self.unit_price.into()
    }
    /// The rate of value added tax in basis points.
    async fn vat_rate_bp(&self) -> i32 {
        self.vat_rate_bp
    }
    /// What is left for the client to pay for a unit (omavastuu), with value added tax.
    async fn own_share(&self) -> Result<Money> {
        Money::of_cents(Shares::of_unit(price::gross(self.unit_price, self.vat_rate_bp), self.value).own)
    }
}

payload! {
    /// The outcome of issuing or moving a voucher.
    VoucherPayload {
        /// The voucher as it is now; null when it was refused.
        voucher: Voucher
    }
}

/// A voucher that is issued.
#[derive(InputObject)]
struct IssueVoucherInput {
    /// The decision by which it is issued: one that grants the service on its days.
    decision: ServiceDecisionId,
    /// The version of the rulebook by which it is worth what it is: your own organisation's.
    rulebook: RulebookId,
    /// How much of the service it is for, in the unit that the decision grants.
    quantity: price::Quantity,
    /// The first day on which it can be used: today or later.
    valid_from: Date,
    /// The last day.
    valid_to: Date,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A voucher that goes on.
#[derive(InputObject)]
struct VoucherMoveInput {
    /// The voucher.
    id: VoucherId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A voucher that the client refuses.
#[derive(InputObject)]
struct RefuseVoucherInput {
    /// The voucher.
    id: VoucherId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters; nobody has to say.
    reason: Option<String>,
}

/// A voucher that is taken back.
#[derive(InputObject)]
struct CancelVoucherInput {
    /// The voucher.
    id: VoucherId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters; the client reads it.
    reason: String,
}

/// How a service is arranged instead of a voucher.
#[derive(InputObject)]
struct ArrangeVoucherAlternativeInput {
    /// The voucher: one that was refused.
    id: VoucherId,
    /// The version that you have seen.
    expected_version: i32,
    /// How, at most 2000 characters; the client reads it.
    alternative: String,
}

/// A provider that the client chooses.
#[derive(InputObject)]
struct ChooseVoucherProviderInput {
    /// The voucher.
    id: VoucherId,
    /// The version that you have seen.
    expected_version: i32,
    /// The approved provider: one that gives the service by the rulebook of the voucher.
    provider: ApprovedProviderId,
    /// What is left to pay for a unit, as the client has seen it in `Voucher.offers`.
    own_share: money::Money,
    /// What the provider is told of the client beside the first name or alias: `FULL_NAME`, `BIRTH_DATE`, `CONTACT` or `LANGUAGE`, and only what the service
    /// needs.
    #[graphql(default)]
    disclose: BTreeSet<DataItem>,
}

/// Which vouchers.
#[derive(InputObject, Default)]
struct VoucherFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<VoucherState>>,
    /// With one of these numbers, as the client tells them, with or without hyphens.
    #[graphql(validator(max_items = 100))]
    numbers: Option<Vec<String>>,
}

/// Questions about vouchers.
#[derive(Default)]
pub struct VoucherQuery;

/// Questions about vouchers.
#[Object]
impl VoucherQuery {
    /// The vouchers with which clients have chosen an organisation (saapuneet palvelusetelit), the newest first.
    async fn voucher_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<VoucherFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Voucher>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add(table::Column::ProviderId.eq(organization))
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.numbers.map(|numbers| table::Column::Number.is_in(numbers.iter().filter_map(|told| number(told)))));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Voucher::from).await
    }
    /// The vouchers of an organisation that were refused and instead of which nothing is arranged yet (palvelusetelistä kieltäytyneet), the oldest first: whoever
    /// refuses is served in another way (569/2009, 6 §).
    async fn refused_vouchers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that has issued them: your own.")] organization: OrganizationId,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Voucher>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let waiting =
            table::Column::OrganizationId.eq(organization).and(table::Column::State.eq(VoucherState::Refused)).and(table::Column::ArrangedAt.is_null());
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(waiting.clone()), &Order::by_id(false), &window, Voucher::from).await
    }
}

/// Changes of vouchers.
#[derive(Default)]
pub struct VoucherMutation;

/// Changes of vouchers.
#[Object]
impl VoucherMutation {
    /// Issues a voucher to a client (myönnä palveluseteli) by a decision that grants the service: never for more than it grants.
    async fn issue_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which decision and rulebook, how much, and for how long.")] input: IssueVoucherInput,
    ) -> Result<VoucherPayload> {
        let IssueVoucherInput { decision, rulebook, quantity, valid_from, valid_to, idempotency_key } = input;
        let what = act::IssueVoucher { decision, rulebook, quantity, valid_from, valid_to };
        VoucherPayload::of(ctx, act::issue(ctx.caller(), idempotency_key.as_deref(), what).await)
    }
    /// Refuses a voucher as the client (kieltäydy palvelusetelistä), who is then served in another way; a worker can write it down.
    async fn refuse_voucher(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: RefuseVoucherInput) -> Result<VoucherPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VoucherPayload::of(ctx, act::refuse(ctx.caller(), which, input.reason.as_deref()).await)
    }
    /// Writes down how the service is arranged instead of a voucher that was refused (kirjaa vaihtoehtoinen järjestämistapa). A case is not closed before.
    async fn arrange_voucher_alternative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Instead of which, and how.")] input: ArrangeVoucherAlternativeInput,
    ) -> Result<VoucherPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VoucherPayload::of(ctx, act::arrange(ctx.caller(), which, &input.alternative).await)
    }
    /// Chooses an approved provider as the client (valitse palveluntuottaja), at the price of its list; a worker can write it down.
    async fn choose_voucher_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With which, whom, and what the provider is told.")] input: ChooseVoucherProviderInput,
    ) -> Result<VoucherPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        let choice = Choice { provider: input.provider, own_share: input.own_share, disclose: input.disclose };
        VoucherPayload::of(ctx, act::choose(ctx.caller(), which, choice).await)
    }
    /// Leaves the provider as the client before anything is used (vaihda palveluntuottajaa): another can be chosen.
    async fn leave_voucher_provider(&self, ctx: &Context<'_>, #[graphql(desc = "With which.")] input: VoucherMoveInput) -> Result<VoucherPayload> {
        VoucherPayload::of(ctx, act::leave(ctx.caller(), Which { id: input.id, expected: input.expected_version }).await)
    }
    /// Takes a voucher back as those who have issued it (peru palveluseteli): the need has changed.
    async fn cancel_voucher(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: CancelVoucherInput) -> Result<VoucherPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VoucherPayload::of(ctx, act::cancel(ctx.caller(), which, &input.reason).await)
    }
}
