//! Purchase orders: type, the provider's list, moves.
use super::{CancellationTerms, ContractLine, DeliveryEvent, ProviderReport, Quantity};
use crate::{
    act::{
        casework::referral::shown,
        funding::purchase_order::{self as act, Said},
    },
    error::Result,
    graphql::{
        Asked,
        casework::{Introduction, ServiceDecision},
        catalogue::{Access, Organization, Service, organization, published_service, row_access},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        person::{Client, client_of},
        text::Money,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    casework::referral::DeclineReason,
    funding::{
        price::QuantityUnit,
        purchase_order::{OrderMove, OrderState, PurchaseOrderContent},
    },
    id::{ContractLineId, Kinded, OrganizationId, PurchaseOrderId, ServiceDecisionId},
    machine::Machine,
    money,
    noted_field::NotedField,
    person::consent::DataItem,
    policy::gives_ordered,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::{
    casework::service_decision,
    funding::{contract_line, delivery_event, provider_report, purchase_order as table},
};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A purchase order (palvelutilaus).
pub struct PurchaseOrder(Arc<table::Model>);

impl From<table::Model> for PurchaseOrder {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl PurchaseOrder {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<PurchaseOrderContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::PurchaseOrderContent, false);
        act::content(ctx.caller().vault(), &self.0)
    }
}

/// A purchase order (palvelutilaus, ostopalvelu): bought for a client by a decision and a line of a contract. Those with a care relation see it; the client
/// and the provider once it is placed; nobody else. The provider is told of the client what `introduction` says, and nothing else.
#[Object]
impl PurchaseOrder {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Where it is.
    async fn state(&self) -> OrderState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<OrderMove> {
        self.0.state.moves().collect()
    }
    /// The decision by which it is bought; null for the provider.
    async fn decision(&self, ctx: &Context<'_>) -> Result<Option<ServiceDecision>> {
        Ok(ctx.caller().peek::<service_decision::Entity>(self.0.decision_id).await?.map(ServiceDecision::from))
    }
    /// The client of the register; null for the provider, unless something else than the order opens the register to it.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, Some(self.0.client_id)).await
    }
    /// The organisation that orders.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who provides.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service_id).await
    }
    /// The line of the contract, also for the provider's staff; null for the client.
    async fn line(&self, ctx: &Context<'_>) -> Result<Option<ContractLine>> {
        Ok(ctx.caller().peek::<contract_line::Entity>(self.0.line_id).await?.map(ContractLine::from))
    }
    /// The first day on which the service can be given.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }
    /// The last day.
    async fn ends_on(&self) -> Date {
        Date(self.0.ends_on)
    }
    /// How much.
    async fn quantity(&self) -> Quantity {
        self.0.quantity().into()
    }
    /// In what that is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// The price of a unit without value added tax, of the first day, as it was when the order was placed; null until then.
    async fn unit_price(&self) -> Option<Money> {
        self.0.unit_price_cents.map(|amount_cents| money::Money { amount_cents }.into())
    }
    /// The rate of value added tax in basis points, as it was when the order was placed; null until then.
    async fn vat_rate_bp(&self) -> Option<i32> {
        self.0.vat_rate_bp
    }
    /// What it costs by that price, without value added tax; null until it is placed.
    async fn cost(&self) -> Result<Option<Money>> {
        self.0.cost_cents.map(Money::of_cents).transpose()
    }
    /// What is agreed on cancelling it late, or ending its service before its time, as its contract said it when it was placed: the share is paid for at the price of
    /// the order and is an event of the kind `CANCELLATION_FEE`. Null until it is placed, and when that costs nothing.
    async fn cancellation(&self) -> Option<CancellationTerms> {
        self.0.cancellation().map(CancellationTerms::from)
    }
    /// How much of it was delivered and not taken back, approved or not.
    async fn delivered_quantity(&self) -> Result<Quantity> {
        super::drawdown::quantity(self.0.delivered_hundredths)
    }
    /// What that costs, without value added tax.
    async fn delivered_cost(&self) -> Result<Money> {
        Money::of_cents(self.0.delivered_cents)
    }
    /// What was delivered of it (toteutumat), in the order in which it was recorded.
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
    /// What the provider reports of it (raportit), in the order in which it was asked for.
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ProviderReport>> {
        let window = Window::parse(first, after, last, before)?;
        page::children::<provider_report::Entity, _>(ctx, self.0.id, &window).await
    }
    /// What the provider is to do, and needs to know for it; null when nothing is said, and for the provider once the order came to nothing, or while the
    /// client is under non-disclosure and it is no authority.
    async fn instructions(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(self.content(ctx)?.reveal().instructions.clone())
    }
    /// What of the client goes along beside the first name or alias; nothing for the provider where `instructions` tells it nothing.
    async fn disclose(&self, ctx: &Context<'_>) -> Result<Vec<DataItem>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(Vec::new());
        }
        Ok(self.content(ctx)?.reveal().disclose.iter().copied().collect())
    }
    /// What the provider is told of the client, as the register said it when the order was placed; null before that, and after the order came to nothing.
    /// Where a client under non-disclosure can be reached is shown to the provider alone. Reading it is kept in the use log.
    async fn introduction(&self, ctx: &Context<'_>) -> Result<Option<Introduction>> {
        let Some(told) = act::introduction(ctx.caller().vault(), &self.0)? else { return Ok(None) };
        let provides = ctx.caller().actor().is_in(self.0.provider_id, gives_ordered);
        shown(ctx.caller(), NotedField::PurchaseOrderIntroduction, self.0.client_id, provides, told).await.map(Introduction::from).map(Some)
    }
    /// Who wrote it, by the stable key.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }
    /// When it was placed; null until then.
    async fn placed_at(&self) -> Option<DateTime> {
        self.0.placed_at.map(DateTime)
    }
    /// Who placed it, by the stable key; null until then.
    async fn placed_by(&self) -> Option<&str> {
        self.0.placed_by.as_deref()
    }
    /// The last day on which the provider answers; null until it is placed.
    async fn answer_due_on(&self) -> Option<Date> {
        self.0.answer_due_on.map(Date)
    }
    /// When the provider answered; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime)
    }
    /// Who answered for the provider, by the stable key; null until then.
    async fn handler(&self) -> Option<&str> {
        self.0.handler.as_deref()
    }
    /// The first day that the provider has confirmed; null until then.
    async fn agreed_start_on(&self) -> Option<Date> {
        self.0.agreed_start_on.map(Date)
    }
    /// Why the provider does not give the service; null when it does, or has not answered.
    async fn reject_reason(&self) -> Option<DeclineReason> {
        self.0.reject_reason
    }
    /// What was said to the other side last; null when nothing, and for the provider where `instructions` tells it nothing.
    async fn message(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !act::words_are_shown(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::PurchaseOrderMessage, act::message(ctx.caller().vault(), &self.0)?))
    }
    /// The day on which the service began; null until then.
    async fn begun_on(&self) -> Option<Date> {
        self.0.begun_on.map(Date)
    }
    /// When the service was interrupted, the earliest first: nothing is told of the days between.
    async fn interruptions(&self) -> Vec<ServiceInterruption> {
        let over =
            self.0.interruptions.iter().flat_map(|all| &all.0).map(|gap| ServiceInterruption { paused_on: gap.paused_on, resumed_on: Some(gap.resumed_on) });
        over.chain(self.0.paused_on.map(|on| ServiceInterruption { paused_on: Date(on), resumed_on: None })).collect()
    }
    /// The day on which the service ended, or on which the order came to nothing; null until then.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
    /// How the service ended, `COMPLETED` or `TERMINATED`, also once the order is settled; null until then, and when it came to nothing.
    async fn ended_as(&self) -> Option<OrderState> {
        self.0.ended_as
    }
    /// What you may do with it, as relations are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was made.
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

/// An interruption of a service (keskeytys).
#[derive(SimpleObject)]
pub struct ServiceInterruption {
    /// The last day on which it was given before.
    paused_on: Date,
    /// The first day on which it was given again; null while it is interrupted, and where it ended by then.
    resumed_on: Option<Date>,
}

payload! {
    /// The outcome of writing or moving an order.
    PurchaseOrderPayload {
        /// The order as it is now; null when it was refused.
        purchase_order: PurchaseOrder
    }
}

/// An order that is begun.
#[derive(InputObject)]
struct DraftPurchaseOrderInput {
    /// The decision by which it is bought: one that grants the service on the days of the order.
    decision: ServiceDecisionId,
    /// The line of a contract by which it is bought: your own organisation's, for the same service.
    line: ContractLineId,
    /// What is said of it.
    content: PurchaseOrderContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a draft from now on.
#[derive(InputObject)]
struct UpdatePurchaseOrderInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: PurchaseOrderContent,
}

/// A move of an order.
#[derive(InputObject)]
struct PurchaseOrderMoveInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A move of an order of which something is said.
#[derive(InputObject)]
struct PurchaseOrderWordsInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// Words for the other side, at most 2000 characters; the client reads them too.
    words: Option<String>,
}

/// An order that the provider confirms.
#[derive(InputObject)]
struct ConfirmPurchaseOrderInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// The first day of the service: one of the order's; the order's first when it is left out.
    starts_on: Option<Date>,
    /// Words for those who order, at most 2000 characters; the client reads them too.
    words: Option<String>,
}

/// An order that the provider does not take.
#[derive(InputObject)]
struct RejectPurchaseOrderInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why.
    reason: DeclineReason,
    /// More in words, at most 2000 characters; the client reads them too.
    words: Option<String>,
}

/// A service that has begun.
#[derive(InputObject)]
struct BeginPurchaseOrderInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// The day: from the confirmed one to today; today when it is left out.
    begun_on: Option<Date>,
}

/// A service that has ended.
#[derive(InputObject)]
struct EndPurchaseOrderInput {
    /// The order.
    id: PurchaseOrderId,
    /// The version that you have seen.
    expected_version: i32,
    /// The day: from the one on which it began to today; today when it is left out.
    ended_on: Option<Date>,
    /// Why, in words, at most 2000 characters; must be given when it ends before it was given as ordered. The client reads them too.
    words: Option<String>,
}

/// Which orders.
#[derive(InputObject, Default)]
struct PurchaseOrderFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<OrderState>>,
}

/// By what orders are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum PurchaseOrderOrderField {
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

order_by! {
    /// How orders are put in order.
    PurchaseOrderOrder by PurchaseOrderOrderField
}

/// Questions about purchase orders.
#[derive(Default)]
pub struct PurchaseOrderQuery;

/// Questions about purchase orders.
#[Object]
impl PurchaseOrderQuery {
    /// The orders that were placed with an organisation (saapuneet palvelutilaukset), by default the newest first.
    async fn order_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<PurchaseOrderFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<PurchaseOrderOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<PurchaseOrder>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let condition = Condition::all()
            .add(table::Column::ProviderId.eq(organization))
            .add(table::Column::PlacedAt.is_not_null())
            .add_option(filter.unwrap_or_default().states.map(|states| table::Column::State.is_in(states)));
        let by = order::keys(order_by, (PurchaseOrderOrderField::CreatedAt, true))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                PurchaseOrderOrderField::CreatedAt => SortedBy::Creation,
                PurchaseOrderOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, PurchaseOrder::from).await
    }
}

async fn go(ctx: &Context<'_>, input: PurchaseOrderMoveInput, by: OrderMove) -> Result<PurchaseOrderPayload> {
    PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, Said::default()).await)
}

async fn say(ctx: &Context<'_>, input: PurchaseOrderWordsInput, by: OrderMove) -> Result<PurchaseOrderPayload> {
    let said = Said { words: input.words, ..Said::default() };
    PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, said).await)
}

async fn end(ctx: &Context<'_>, input: EndPurchaseOrderInput, by: OrderMove) -> Result<PurchaseOrderPayload> {
    let said = Said { words: input.words, on: input.ended_on.map(|day| day.0), reason: None };
    PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, said).await)
}

/// Changes of purchase orders.
#[derive(Default)]
pub struct PurchaseOrderMutation;

/// Changes of purchase orders.
#[Object]
impl PurchaseOrderMutation {
    /// Begins an order as a draft (luonnostele palvelutilaus), of which the provider is told nothing.
    async fn draft_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which decision and line, and what is said of it.")] input: DraftPurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        let what = act::DraftOrder { decision: input.decision, line: input.line, content: input.content };
        PurchaseOrderPayload::of(ctx, act::draft(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a draft.
    async fn update_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order, and what is said of it.")] input: UpdatePurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        PurchaseOrderPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Places an order with the provider (tilaa palvelu): at the price of its first day, which is frozen, and never above what the decision grants or the
    /// contract allows.
    async fn place_purchase_order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: PurchaseOrderMoveInput) -> Result<PurchaseOrderPayload> {
        PurchaseOrderPayload::of(ctx, act::place(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Confirms an order as the provider (vahvista tilaus), within the time of the contract.
    async fn confirm_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from when on.")] input: ConfirmPurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        let said = Said { words: input.words, on: input.starts_on.map(|day| day.0), reason: None };
        PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, OrderMove::Confirm, said).await)
    }
    /// Answers as the provider that the service is not given (hylkää tilaus).
    async fn reject_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: RejectPurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        let said = Said { words: input.words, on: None, reason: Some(input.reason) };
        PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, OrderMove::Reject, said).await)
    }
    /// Tells as the provider that the service has begun (aloita palvelu).
    async fn begin_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and since when.")] input: BeginPurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        let said = Said { on: input.begun_on.map(|day| day.0), ..Said::default() };
        PurchaseOrderPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, OrderMove::Begin, said).await)
    }
    /// Interrupts a service for a while (keskeytä palvelu), on either side; the words are needed.
    async fn pause_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: PurchaseOrderWordsInput,
    ) -> Result<PurchaseOrderPayload> {
        say(ctx, input, OrderMove::Pause).await
    }
    /// Goes on with a service (jatka palvelua), on either side.
    async fn resume_purchase_order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: PurchaseOrderMoveInput) -> Result<PurchaseOrderPayload> {
        go(ctx, input, OrderMove::Resume).await
    }
    /// Says as those who order that the service was given as ordered (merkitse toteutetuksi).
    async fn complete_purchase_order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: EndPurchaseOrderInput) -> Result<PurchaseOrderPayload> {
        end(ctx, input, OrderMove::Complete).await
    }
    /// Ends a service before it was given as ordered (päätä palvelu), on either side; the words are needed.
    async fn terminate_purchase_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: EndPurchaseOrderInput,
    ) -> Result<PurchaseOrderPayload> {
        end(ctx, input, OrderMove::Terminate).await
    }
    /// Takes an order back before the service has begun (peru tilaus): what it took of the contract is free again, but for the fee of one that was confirmed and is
    /// cancelled late (`cancellation`). The fee is an event of the order that is looked at as any other; the provider may take it back.
    async fn cancel_purchase_order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: PurchaseOrderWordsInput) -> Result<PurchaseOrderPayload> {
        say(ctx, input, OrderMove::Cancel).await
    }
}
