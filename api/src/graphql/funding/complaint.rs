//! Complaints about providers: type, the lists of an organisation and of whoever has reported, reporting and moves.
use super::{FrameworkContract, PurchaseOrder, Voucher};
use crate::{
    act::funding::complaint::{self as act, ReportComplaint, TakeUp, Which},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        person::{Client, client_of},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    catalogue::session::day,
    funding::complaint::{ComplaintKind, ComplaintMove, ComplaintReporter, ComplaintState},
    id::{ClientId, ComplaintId, FrameworkContractId, Kinded, OrganizationId, PurchaseOrderId, VoucherId},
    machine::Machine,
    policy::handles_complaints,
    scalar::{Date, DateTime},
};
use entity::funding::{complaint as table, framework_contract, purchase_order, voucher};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A complaint about a provider (reklamaatio, poikkeama).
pub struct Complaint(Arc<table::Model>);

impl From<table::Model> for Complaint {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Complaint {
    fn is_whole(&self, ctx: &Context<'_>) -> bool {
        act::is_shown_whole(ctx.caller(), &self.0)
    }

    /// The last day may be told: it is not reckoned from the day on which it was reported, or the caller knows that day.
    fn tells_due(&self, ctx: &Context<'_>) -> bool {
        self.0.taken_up_at.is_some() || self.is_handled(ctx)
    }

    /// The caller has reported it, or handles it.
    fn is_handled(&self, ctx: &Context<'_>) -> bool {
        act::is_reporter(ctx.caller(), &self.0) || ctx.caller().actor().is_in(self.0.organization_id, handles_complaints)
    }

    fn tells_purchase(&self, ctx: &Context<'_>) -> bool {
        self.0.purchase_told || self.is_whole(ctx)
    }
}

/// A complaint about a provider (reklamaatio), or an incident (poikkeama). Seen by whoever has reported it, by the client whom it is about, and by the
/// procurement of the organisation that arranges the service, for the purpose `SUPERVISION`; by the provider once procurement asks it, and a while after its
/// end. The provider is told what it is to answer to, and neither what was reported nor when or by whom: nobody is told who has reported, and the use log does
/// not name complaints.
#[Object]
impl Complaint {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What is reported.
    async fn kind(&self) -> ComplaintKind {
        self.0.kind
    }
    /// Where it is.
    async fn state(&self) -> ComplaintState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<ComplaintMove> {
        self.0.state.moves().collect()
    }
    /// The organisation that arranges the service, whose procurement handles it.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Of whom.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The contract that it is about; null when it is about none, when it is not yours to see, and for the provider where it is that of an order of which it is not
    /// told.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<FrameworkContract>> {
        match self.0.contract_id.filter(|_| self.0.order_id.is_none() || self.tells_purchase(ctx)) {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<framework_contract::Entity>(id).await?.map(FrameworkContract::from)),
        }
    }
    /// It is about an order or a voucher of a client; null for the provider, unless it is told of which.
    async fn of_purchase(&self, ctx: &Context<'_>) -> Option<bool> {
        self.tells_purchase(ctx).then_some(self.0.order_id.is_some() || self.0.voucher_id.is_some())
    }
    /// The provider is told of which order or voucher it is.
    async fn purchase_told(&self) -> bool {
        self.0.purchase_told
    }
    /// The order that it is about; null when it is about none, when it is not yours to see, and for the provider unless it is told of which.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        match self.0.order_id.filter(|_| self.tells_purchase(ctx)) {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<purchase_order::Entity>(id).await?.map(PurchaseOrder::from)),
        }
    }
    /// The voucher that it is about; null when it is about none, when it is not yours to see, and for the provider unless it is told of which.
    async fn voucher(&self, ctx: &Context<'_>) -> Result<Option<Voucher>> {
        match self.0.voucher_id.filter(|_| self.tells_purchase(ctx)) {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<voucher::Entity>(id).await?.map(Voucher::from)),
        }
    }
    /// The client whom it is about; null when it is about none, when it is not yours to see, and for the provider.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, self.0.client_id.filter(|_| self.is_whole(ctx))).await
    }
    /// As whom somebody has reported: also for the client whom it is about and who acts for that one; null for the provider.
    async fn reporter(&self, ctx: &Context<'_>) -> Option<ComplaintReporter> {
        self.is_whole(ctx).then_some(self.0.reporter)
    }
    /// You have reported it.
    async fn is_mine(&self, ctx: &Context<'_>) -> bool {
        act::is_reporter(ctx.caller(), &self.0)
    }
    /// When it was reported, for whoever has reported it and for procurement; null for everybody else, whom it would tell who was at work then.
    async fn reported_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.is_handled(ctx).then_some(DateTime(self.0.created_at))
    }
    /// The day on which it occurred; null for the provider.
    async fn occurred_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.is_whole(ctx).then_some(Date(self.0.occurred_on))
    }
    /// What occurred, in the words of whoever has reported; null for the provider.
    async fn description(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(act::description(ctx.caller(), &self.0)?.map(|words| words.reveal().clone()))
    }
    /// The last day of the next step: taking it up, answering, closing; once it is over, of the last one. By the rules of the day on which that step could first
    /// be taken (`domain/data/complaint-times.csv`), or as procurement has said it of the answer. Null until it is taken up for whoever has neither
    /// reported it nor handles it, whom it would tell when it was reported.
    async fn due_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.tells_due(ctx).then_some(Date(self.0.due_on))
    }
    /// The last day of the next step has passed; null as `dueOn` is.
    async fn overdue(&self, ctx: &Context<'_>) -> Option<bool> {
        self.tells_due(ctx).then(|| self.0.ended_at.is_none() && self.0.due_on < day(ctx.caller().now()))
    }
    /// What the provider is to answer to; null until it is taken up.
    async fn question(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(act::question(ctx.caller().vault(), &self.0)?.map(|words| words.reveal().clone()))
    }
    /// The last day on which the provider answers; null until it is taken up.
    async fn answer_due_on(&self) -> Option<Date> {
        self.0.answer_due_on.map(Date)
    }
    /// When it was taken up; null until then.
    async fn taken_up_at(&self) -> Option<DateTime> {
        self.0.taken_up_at.map(DateTime)
    }
    /// What is done about it; null until it is told.
    async fn answer(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(act::answer(ctx.caller().vault(), &self.0)?.map(|words| words.reveal().clone()))
    }
    /// When that was told; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime)
    }
    /// What came of it, or why there is nothing to it; null until it is over.
    async fn outcome(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(act::outcome(ctx.caller().vault(), &self.0)?.map(|words| words.reveal().clone()))
    }
    /// When it came to its end; null until then.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was last changed; null where that is when it was reported, and you are not told.
    async fn updated_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        (self.0.version > 1 || self.is_handled(ctx)).then_some(DateTime(self.0.updated_at))
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of reporting or moving a complaint.
    ComplaintPayload {
        /// The complaint as it is now; null when it was refused.
        complaint: Complaint
    }
}

/// A complaint that is reported.
#[derive(InputObject)]
struct ReportComplaintInput {
    /// The organisation that arranges the service, whose procurement handles it.
    organization: OrganizationId,
    /// Of whom: an organisation of the same network.
    provider: OrganizationId,
    /// What is reported.
    kind: ComplaintKind,
    /// The client whom it is about, kept by that organisation: needed of a client, and of who acts for one, where neither order nor voucher tells. Whoever gives the
    /// service names the order or voucher instead.
    client: Option<ClientId>,
    /// The contract that it is about: one that you see.
    contract: Option<FrameworkContractId>,
    /// The order that it is about: one that you see and that was placed with the provider.
    order: Option<PurchaseOrderId>,
    /// The voucher that it is about: one that you see and with which the provider was chosen. Not together with an order.
    voucher: Option<VoucherId>,
    /// The day on which it occurred: today or earlier.
    occurred_on: Date,
    /// What occurred, at most 4000 characters. The provider does not read it.
    description: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A complaint that is taken up.
#[derive(InputObject)]
struct TakeUpComplaintInput {
    /// The complaint.
    id: ComplaintId,
    /// The version that you have seen.
    expected_version: i32,
    /// What the provider is to answer to, at most 4000 characters: in words that do not tell who has reported.
    question: String,
    /// The provider is told of which order or voucher it is. Think of what that tells it of whoever has reported.
    #[graphql(default)]
    purchase_told: bool,
    /// The last day on which the provider answers: today or later, at most 180 days ahead. By the rule where it is not said.
    answer_due_on: Option<Date>,
}

/// What is done about a complaint.
#[derive(InputObject)]
struct AnswerComplaintInput {
    /// The complaint.
    id: ComplaintId,
    /// The version that you have seen.
    expected_version: i32,
    /// What, at most 4000 characters. Whoever has reported reads it.
    answer: String,
}

/// A complaint that comes to its end.
#[derive(InputObject)]
struct EndComplaintInput {
    /// The complaint.
    id: ComplaintId,
    /// The version that you have seen.
    expected_version: i32,
    /// What came of it, or why there is nothing to it, at most 4000 characters. Whoever has reported reads it; of one that is closed the provider too.
    outcome: String,
}

/// Which complaints.
#[derive(InputObject, Default)]
struct ComplaintFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ComplaintState>>,
    /// Of one of these kinds.
    #[graphql(validator(max_items = 20))]
    kinds: Option<Vec<ComplaintKind>>,
    /// Whether the last day of the next step has passed.
    overdue: Option<bool>,
}

/// By what complaints are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ComplaintOrderField {
    /// The last day of their next step.
    DueOn,
}

order_by! {
    /// How complaints are put in order.
    ComplaintOrder by ComplaintOrderField
}

/// Questions about complaints.
#[derive(Default)]
pub struct ComplaintQuery;

/// Questions about complaints.
#[Object]
impl ComplaintQuery {
    /// The complaints that an organisation handles, or is to answer to (reklamaatiot ja poikkeamat), by default the most urgent first.
    async fn complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that arranges or provides: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<ComplaintFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<ComplaintOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Complaint>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let late = || Condition::all().add(table::Column::EndedAt.is_null()).add(table::Column::DueOn.lt(day(ctx.caller().now())));
        let condition = Condition::all()
            .add(Condition::any().add(table::Column::OrganizationId.eq(organization)).add(table::Column::ProviderId.eq(organization)))
            .add(act::known_to(ctx.caller()))
            .add_option(filter.states.map(|states| table::Column::State.is_in(states)))
            .add_option(filter.kinds.map(|kinds| table::Column::Kind.is_in(kinds)))
            // Before it is taken up the last day is reckoned from the day on which it was reported.
            .add(act::dated_for(ctx.caller()))
            .add_option(filter.overdue.map(|overdue| if overdue { late() } else { late().not() }));
        let by = order::keys(order_by, (ComplaintOrderField::DueOn, false))?;
        let order = order::in_database(&by, |field| {
            // By no moment: a cursor would tell it.
            Ok(match field {
                ComplaintOrderField::DueOn => SortedBy::Day(table::Column::DueOn, |row: &table::Model| row.due_on.to_string()),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Complaint::from).await
    }
    /// The complaints that you have reported yourself (omat reklamaatiot), the newest first.
    async fn reported_complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Complaint>> {
        let window = Window::parse(first, after, last, before)?;
        let own = table::Column::ReportedBy.eq(ctx.caller().signed_in()?.subject().unwrap_or_default());
        let reader = ctx.caller().reader();
        let order = order::in_database(&[((), true)], |()| Ok(SortedBy::Time(table::Column::CreatedAt, |row: &table::Model| order::moment(row.created_at))))?;
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(own.clone()), &order, &window, Complaint::from).await
    }
}

/// Changes of complaints.
#[derive(Default)]
pub struct ComplaintMutation;

/// Changes of complaints.
#[Object]
impl ComplaintMutation {
    /// Reports a complaint about a provider, or an incident (tee reklamaatio tai poikkeamailmoitus): as a client or who acts for one, as who works with clients,
    /// or as procurement; an incident also as who gives the service for the provider, by its order, voucher or contract. The provider is not told who has reported.
    async fn report_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of whom, and what occurred.")] input: ReportComplaintInput,
    ) -> Result<ComplaintPayload> {
        let ReportComplaintInput { organization, provider, kind, client, contract, order, voucher, occurred_on, description, idempotency_key } = input;
        let what = ReportComplaint { organization, provider, kind, client, contract, order, voucher, occurred_on, description };
        ComplaintPayload::of(ctx, act::report(ctx.caller(), idempotency_key.as_deref(), what).await)
    }
    /// Takes a complaint up as procurement (ota reklamaatio käsittelyyn): the provider is asked.
    async fn take_up_complaint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what the provider is asked.")] input: TakeUpComplaintInput,
    ) -> Result<ComplaintPayload> {
        let TakeUpComplaintInput { id, expected_version: expected, question, purchase_told, answer_due_on } = input;
        let how = TakeUp { question, purchase_told, answer_due_on };
        ComplaintPayload::of(ctx, act::take_up(ctx.caller(), Which { id, expected }, how).await)
    }
    /// Tells what is done about a complaint (vastaa reklamaatioon) as the provider; as procurement once the time for that is over.
    async fn answer_complaint(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what is done.")] input: AnswerComplaintInput) -> Result<ComplaintPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        ComplaintPayload::of(ctx, act::reply(ctx.caller(), which, &input.answer).await)
    }
    /// Closes a complaint as procurement (päätä reklamaatio), with what came of it: both sides are told.
    async fn close_complaint(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what came of it.")] input: EndComplaintInput) -> Result<ComplaintPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        ComplaintPayload::of(ctx, act::close(ctx.caller(), which, &input.outcome).await)
    }
    /// Finds nothing to a complaint as procurement (totea aiheettomaksi), with the reason: the provider never learns of it.
    async fn dismiss_complaint(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndComplaintInput) -> Result<ComplaintPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        ComplaintPayload::of(ctx, act::dismiss(ctx.caller(), which, &input.outcome).await)
    }
}
