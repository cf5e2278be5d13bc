//! Visits with clients: type, list, recording in the field.
use crate::{
    act::delivery::visit::{self as act, RecordVisit, Visiting, Which},
    error::Result,
    graphql::{
        Asked,
        batch::{Done, keyed},
        catalogue::{Access, Organization, organization, row_access},
        order::{self, SortedBy, order_by},
        outreach::{Corrected, RecordVoiding, Said},
        page::{self, Page},
        payload::{UserError, payload, split},
        person::{Client, client_of},
        text::Address,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    delivery::visit::{self as rules, VisitDetails, VisitKind, VisitMove, VisitPlan, VisitReport, VisitState},
    id::{ClientId, Kinded, OrganizationId, VisitId},
    noted_field::NotedField,
    policy::works_with_clients,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::delivery::visit as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// A visit with a client (käynti).
pub struct Visit(Arc<table::Model>);

impl From<table::Model> for Visit {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// What a visit said that is over.
#[derive(SimpleObject)]
pub struct VisitSaid {
    /// How many minutes it took.
    minutes: i32,
    /// When the workers checked in; null where it was recorded later.
    checked_in_at: Option<DateTime>,
    /// When they checked out; null where it was recorded later.
    checked_out_at: Option<DateTime>,
    /// What came of it.
    outcome: String,
    /// What else belongs into the client's record; null when nothing was said.
    note: Option<String>,
}

impl Said for VisitSaid {
    const CORRECTION: &'static str = "VisitCorrection";
}

impl From<rules::VisitSaid> for VisitSaid {
    fn from(said: rules::VisitSaid) -> Self {
        let (checked_in_at, checked_out_at) = (said.checked_in_at.map(DateTime), said.checked_out_at.map(DateTime));
        Self { minutes: said.minutes, checked_in_at, checked_out_at, outcome: said.report.outcome, note: said.report.note }
    }
}

impl Visit {
    /// Opens where it goes and what those who go must know: for the workers of the organisation whose work it is, and for the client. Another authority that
    /// may read the client's register learns that there was a visit, and not where somebody can be found.
    async fn details(&self, ctx: &Context<'_>, field: NotedField) -> Result<Option<Private<VisitDetails>>> {
        let actor = ctx.caller().actor();
        let elsewhere = actor.standings().iter().any(|s| works_with_clients(s.role)) && !actor.is_in(self.0.organization_id, works_with_clients);
        // Who works for another authority may be the client too, or act for the client.
        if elsewhere && !ctx.caller().is_own(self.0.client_id).await? {
            return Ok(None);
        }
        ctx.caller().reader().note_field(self.0.client_id, field, false);
        act::details(ctx.caller().vault(), &self.0).map(Some)
    }

    /// Opens where a client can be met: not for whoever acts for one under non-disclosure, to whom nothing tells where that client is.
    async fn whereabouts(&self, ctx: &Context<'_>, field: NotedField) -> Result<Option<Private<VisitDetails>>> {
        let (caller, client) = (ctx.caller(), self.0.client_id);
        let works = caller.actor().is_in(self.0.organization_id, works_with_clients);
        if caller.may_meet(client, works).await? { self.details(ctx, field).await } else { Ok(None) }
    }

    fn report(&self, ctx: &Context<'_>) -> Result<Option<Private<VisitReport>>> {
        Ok(ctx.caller().showing(self.0.client_id, NotedField::VisitReport, act::report(ctx.caller().vault(), &self.0)?))
    }
}

/// A visit with a client (käynti): at home, or going along to an office, a service or on an outing. Seen by whoever has a care relation in the organisation
/// whose work it is, by those who go on it, and by the client. What nobody has come to or back from in time is seen by everybody there who works with clients,
/// and ended by the lead as well. The client is not shown what is void: it may be about somebody else.
#[Object]
impl Visit {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null for whoever goes along without a care relation.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, Some(self.0.client_id)).await
    }
    /// Whose work it is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// What kind of visit it is.
    async fn kind(&self) -> VisitKind {
        self.0.kind
    }
    /// How far it is.
    async fn state(&self) -> VisitState {
        self.0.state
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<VisitMove> {
        use domain::machine::Machine;
        self.0.state.moves().collect()
    }
    /// The day on which it is or was.
    async fn effective_date(&self) -> Date {
        Date(self.0.effective_date)
    }
    /// When it is planned to begin; null where it was recorded later.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.starts_at.map(DateTime)
    }
    /// By when the workers are to check out; null where it was recorded later.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }
    /// The workers should have checked out by now, and have not, or have not even checked in.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.is_overdue(ctx.caller().now())
    }
    /// When the workers checked in; null before that, and where it was recorded later.
    async fn checked_in_at(&self) -> Option<DateTime> {
        self.0.checked_in_at.map(DateTime)
    }
    /// When they checked out; null before that, and where it was recorded later.
    async fn checked_out_at(&self) -> Option<DateTime> {
        self.0.checked_out_at.map(DateTime)
    }
    /// How many minutes it took; null while it is not over.
    async fn minutes(&self) -> Option<i32> {
        self.0.minutes
    }
    /// Who goes, by the stable keys.
    async fn workers(&self) -> &[String] {
        &self.0.workers.0
    }
    /// Nobody goes alone (parityö).
    async fn pair_required(&self) -> bool {
        self.0.pair_required
    }
    /// Where the client is met before going along; null when nothing is said, for other organisations, and for whoever acts for a client under non-disclosure.
    #[graphql(name = "from")]
    async fn met_at(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.whereabouts(ctx, NotedField::VisitFrom).await?.and_then(|details| details.reveal().from.clone()))
    }
    /// The office, service or destination; null of a home visit, for other organisations, and for whoever acts for a client under non-disclosure.
    async fn destination(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.whereabouts(ctx, NotedField::VisitDestination).await?.and_then(|details| details.reveal().destination.clone()))
    }
    /// Where the home is, as it was known when the visit was planned; null of other visits, for other organisations, and under non-disclosure: then
    /// `revealVisitAddress` opens it.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<Address>> {
        if ctx.caller().is_protected(self.0.client_id).await? {
            return Ok(None);
        }
        Ok(self.details(ctx, NotedField::VisitAddress).await?.and_then(|details| details.reveal().address.as_ref().map(Address::from)))
    }
    /// What those who go must know for their safety; null when nothing is said, and for other organisations. It is about the client, who therefore reads it
    /// like everything that is kept (GDPR, article 15): no law lets it be hidden as such. What the client must not know is an entry of the record, hidden on
    /// a ground of its own.
    async fn safety_note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.details(ctx, NotedField::VisitSafetyNote).await?.and_then(|details| details.reveal().safety_note.clone()))
    }
    /// What came of it; of one that did not take place, why. Null while it is not over.
    async fn outcome(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.report(ctx)?.map(|report| report.reveal().outcome.clone()))
    }
    /// What else belongs into the client's record; null when nothing is said.
    async fn note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.report(ctx)?.and_then(|report| report.reveal().note.clone()))
    }
    /// What it said before each correction, the first one first; empty when it never was corrected.
    async fn corrections(&self, ctx: &Context<'_>) -> Result<Vec<Corrected<VisitSaid>>> {
        Ok(ctx
            .caller()
            .revealed(self.0.client_id, NotedField::VisitCorrections, act::corrections(ctx.caller().vault(), &self.0)?)
            .map_or_else(Vec::new, |before| Corrected::all(&before)))
    }
    /// Why it is void; null when it is not.
    async fn voided(&self, ctx: &Context<'_>) -> Result<Option<RecordVoiding>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::VisitVoided, act::voided(ctx.caller().vault(), &self.0)?).map(Into::into))
    }
    /// Who recorded it, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// When the server was told of it.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// What you may do with it, as relations are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts the changes; a change names the version it was made from.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of recording or changing a visit.
    VisitPayload {
        /// The visit as it is now; null when it was refused.
        visit: Visit
    }
}

/// The outcome of opening where a visit is.
#[derive(SimpleObject)]
struct VisitAddressPayload {
    /// Where the home is; null when it was refused, or no address is kept.
    address: Option<Address>,
    /// Why it was not opened; empty when it was.
    user_errors: Vec<UserError>,
}

/// Which visits.
#[derive(InputObject, Default)]
struct VisitFilter {
    /// Of one of these kinds.
    #[graphql(validator(max_items = 20))]
    kinds: Option<Vec<VisitKind>>,
    /// In one of these states; all but the void ones when nothing is said.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<VisitState>>,
    /// Those on which this worker goes, by the stable key.
    worker: Option<String>,
    /// On this day or after.
    from: Option<Date>,
    /// On this day or before.
    to: Option<Date>,
}

/// By what visits are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum VisitOrderField {
    /// By the day on which they are.
    EffectiveDate,
    /// By when they were recorded.
    RecordedAt,
}

order_by! {
    /// One key of an order of visits.
    VisitOrder by VisitOrderField
}

/// Questions about visits.
#[derive(Default)]
pub struct VisitQuery;

/// Questions about visits.
#[Object]
impl VisitQuery {
    /// A visit with a client (käynti); null when there is none, or it is not yours to see.
    async fn visit(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: VisitId) -> Result<Option<Visit>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Visit::from))
    }
    /// The visits (käynnit) of an organisation that are yours to see, by default in the order of their days.
    async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose work they are: your own organisation.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<VisitFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<VisitOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Visit>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add(table::Column::OrganizationId.eq(organization))
            .add(f.states.map_or_else(|| table::Column::State.ne(VisitState::Voided), |of| table::Column::State.is_in(of)))
            .add_option(f.kinds.map(|of| table::Column::Kind.is_in(of)))
            .add_option(f.worker.map(|worker| table::goes(&worker)))
            .add_option(f.from.map(|from| table::Column::EffectiveDate.gte(from.0)))
            .add_option(f.to.map(|to| table::Column::EffectiveDate.lte(to.0)));
        let by = order::keys(order_by, (VisitOrderField::EffectiveDate, false))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                VisitOrderField::EffectiveDate => SortedBy::Day(table::Column::EffectiveDate, |row: &table::Model| row.effective_date.to_string()),
                VisitOrderField::RecordedAt => SortedBy::Creation,
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Visit::from).await
    }
}

/// A visit that is to come.
#[derive(InputObject)]
pub struct PlanVisitInput {
    /// Whose work it is: your own organisation's.
    organization: OrganizationId,
    /// The client. Somebody who does not tell who it is is met as an anonymous contact.
    client: ClientId,
    /// A UUID that your device has made for it, before it had coverage: sent again, the same visit is answered.
    uuid: Option<Uuid>,
    /// What kind of visit.
    kind: VisitKind,
    /// When, who goes, and where.
    plan: VisitPlan,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
    idempotency_key: Option<String>,
}

/// A visit that is planned anew.
#[derive(InputObject)]
struct ReplanVisitInput {
    /// The visit: to come, or under way.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// The plan, whole: what you leave out is gone, but for the address of the home, which is taken as it is known now. Under way only `dueAt` is taken from
    /// it, and who comes along too: the rest stays as it was.
    plan: VisitPlan,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

/// A visit to which the workers have come.
#[derive(InputObject)]
pub struct CheckInToVisitInput {
    /// The visit.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// When, at most twelve hours before the planned beginning; now when nothing is said.
    at: Option<DateTime>,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

/// A visit from which the workers have left.
#[derive(InputObject)]
pub struct CheckOutOfVisitInput {
    /// The visit.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// When, within a day of checking in; now when nothing is said.
    at: Option<DateTime>,
    /// What came of it.
    report: VisitReport,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

/// A visit on which the client was not met.
#[derive(InputObject)]
pub struct RecordVisitNotReachedInput {
    /// The visit: to come, or under way.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// When; now when nothing is said.
    at: Option<DateTime>,
    /// How that was, at most 2000 characters.
    outcome: String,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

/// A visit that is over and was not planned here.
#[derive(InputObject)]
pub struct RecordVisitInput {
    /// Whose work it was: your own organisation's.
    organization: OrganizationId,
    /// The client.
    client: ClientId,
    /// A UUID that your device has made for it, before it had coverage: sent again, the same visit is answered.
    uuid: Option<Uuid>,
    /// What kind of visit.
    kind: VisitKind,
    /// The day on which it was: today or before.
    effective_date: Date,
    /// Who went, by the stable keys of workers with clients of the organisation, at most 20; you alone when nobody is named.
    #[graphql(default)]
    workers: Vec<String>,
    /// Where it went.
    #[graphql(default)]
    details: VisitDetails,
    /// How many minutes it took, at most a day's.
    minutes: i32,
    /// What came of it.
    report: VisitReport,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
    idempotency_key: Option<String>,
}

/// What should have been said of a visit that is over.
#[derive(InputObject)]
struct CorrectVisitInput {
    /// The visit.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// How many minutes it took, at most a day's; without it, as many as before, or as the times tell where you give one.
    minutes: Option<i32>,
    /// When the workers checked in, where that was wrong; not of a visit that was recorded later.
    checked_in_at: Option<DateTime>,
    /// When they checked out, where that was wrong, within a day of checking in; not of a visit that was recorded later.
    checked_out_at: Option<DateTime>,
    /// What came of it, whole: what you leave out is gone.
    report: VisitReport,
    /// Why it was wrong, at most 2000 characters.
    reason: String,
}

/// A visit that does not take place, or was recorded by mistake.
#[derive(InputObject)]
struct EndVisitInput {
    /// The visit.
    id: VisitId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters.
    reason: String,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

/// Where a visit is, and why that is opened.
#[derive(InputObject)]
struct RevealVisitAddressInput {
    /// The visit.
    id: VisitId,
    /// Why it is needed, at least 20 characters. The data protection officer sees that it was opened.
    reason: String,
}

keyed!(PlanVisitInput or uuid);

impl Done for PlanVisitInput {
    type Payload = VisitPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<VisitPayload> {
        let of = Visiting { organization: self.organization, client: self.client, uuid: self.uuid, kind: self.kind };
        VisitPayload::of(ctx, act::plan(ctx.caller(), self.idempotency_key.as_deref(), of, self.plan).await)
    }
}

keyed!(RecordVisitInput or uuid);

impl Done for RecordVisitInput {
    type Payload = VisitPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<VisitPayload> {
        let Self { organization, client, uuid, kind, effective_date, workers, details, minutes, report, idempotency_key: key } = self;
        let what = RecordVisit { of: Visiting { organization, client, uuid, kind }, effective_date, workers, details, minutes, report };
        VisitPayload::of(ctx, act::record(ctx.caller(), key.as_deref(), what).await)
    }
}

/// Declares how a move that a phone makes is done, for itself and in a batch.
macro_rules! moved {
    ($($input:ident by $act:ident with ($($said:ident),*)),+ $(,)?) => { $(
        keyed!($input);

        impl Done for $input {
            type Payload = VisitPayload;

            async fn done(self, ctx: &Context<'_>) -> Result<VisitPayload> {
                let which = Which { id: self.id, expected: self.expected_version };
                VisitPayload::of(ctx, act::$act(ctx.caller(), self.idempotency_key.as_deref(), which $(, self.$said)*).await)
            }
        }
    )+ };
}
moved! {
    CheckInToVisitInput by check_in with (at),
    CheckOutOfVisitInput by check_out with (at, report),
    RecordVisitNotReachedInput by miss with (at, outcome),
}

/// Changes of visits.
#[derive(Default)]
pub struct VisitMutation;

/// Changes of visits.
#[Object]
impl VisitMutation {
    /// Plans a visit with a client (suunnittele käynti) as the work of your own organisation.
    async fn plan_visit(&self, ctx: &Context<'_>, #[graphql(desc = "With whom, when and where.")] input: PlanVisitInput) -> Result<VisitPayload> {
        input.done(ctx).await
    }
    /// Plans a visit that is to come anew, or one that is under way for longer (muuta käynnin suunnitelmaa).
    async fn replan_visit(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and how.")] input: ReplanVisitInput) -> Result<VisitPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VisitPayload::of(ctx, act::replan(ctx.caller(), input.idempotency_key.as_deref(), which, input.plan).await)
    }
    /// Checks in to a visit (kirjaudu käynnille): when nobody has checked in and out by the planned time, those who go, the client's own workers and those who
    /// answer for the organisation have the notice VISIT_OVERDUE.
    async fn check_in_to_visit(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and when.")] input: CheckInToVisitInput) -> Result<VisitPayload> {
        input.done(ctx).await
    }
    /// Checks out of a visit (kirjaudu ulos käynniltä), with what came of it.
    async fn check_out_of_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, when, and what came of it.")] input: CheckOutOfVisitInput,
    ) -> Result<VisitPayload> {
        input.done(ctx).await
    }
    /// Records that the client was not met (asiakasta ei tavattu); whoever had checked in has left with it.
    async fn record_visit_not_reached(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how that was.")] input: RecordVisitNotReachedInput,
    ) -> Result<VisitPayload> {
        input.done(ctx).await
    }
    /// Cancels a visit that is to come (peru käynti), with the reason.
    async fn cancel_visit(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndVisitInput) -> Result<VisitPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VisitPayload::of(ctx, act::cancel(ctx.caller(), input.idempotency_key.as_deref(), which, input.reason).await)
    }
    /// Records a visit that is over (kirjaa toteutunut käynti).
    async fn record_visit(&self, ctx: &Context<'_>, #[graphql(desc = "With whom, and what came of it.")] input: RecordVisitInput) -> Result<VisitPayload> {
        input.done(ctx).await
    }
    /// Corrects what a visit says that is over, and when it was, as often as it takes; what it said before is kept.
    async fn correct_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what should have been said.")] input: CorrectVisitInput,
    ) -> Result<VisitPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        let CorrectVisitInput { minutes, checked_in_at, checked_out_at, report, .. } = input;
        let right = act::Right { minutes, checked_in_at, checked_out_at, report };
        VisitPayload::of(ctx, act::correct(ctx.caller(), which, right, input.reason).await)
    }
    /// Voids a visit that was recorded by mistake (mitätöi käynti): it is kept, left out of `visits` unless it is asked for, and not shown to the client.
    async fn void_visit(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndVisitInput) -> Result<VisitPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        VisitPayload::of(ctx, act::void(ctx.caller(), input.idempotency_key.as_deref(), which, input.reason).await)
    }
    /// Opens where a visit to somebody under non-disclosure (turvakielto) is, with a reason. It is put before the data protection officer.
    /// Of a visit that is overdue, to everybody there who works with clients, so that somebody can go and look: told as EMERGENCY_ACCESS.
    async fn reveal_visit_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which visit, and why.")] input: RevealVisitAddressInput,
    ) -> Result<VisitAddressPayload> {
        let (opened, user_errors) = split(ctx, act::reveal_address(ctx.caller(), input.id, &input.reason).await)?;
        Ok(VisitAddressPayload { address: opened.flatten().map(|address| Address::from(address.reveal())), user_errors })
    }
}
