//! Sessions.
use super::{ServiceOffering, SessionSeries, Venue, access, in_either, may, maybe};
use crate::{
    act::catalogue::session,
    error::{Error, Result},
    graphql::{
        Asked,
        batch::{Done, keyed},
        order::{self, Keys, SortedBy, order_by},
        page::{self, Edition, Page},
        payload::payload,
        text::{LocalizedText, shown},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    catalogue::{
        offering::RegistrationUnit,
        session::{SessionMove, SessionState, day},
    },
    delivery::participation::Seats,
    id::{AreaId, Kinded, OrganizationId, ServiceOfferingId, SessionId, SessionSeriesId, VenueId},
    machine::Machine,
    policy::{Action, Resource},
    scalar::{self, Date, RecurrenceRule, Time},
    text,
};
use entity::catalogue::session as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// A session (kerta).
pub struct Session(pub Arc<table::Model>);

impl From<table::Model> for Session {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Session {
    /// Its seats, where one registers for a session at a time.
    async fn seats(&self, ctx: &Context<'_>) -> Result<Option<Seats>> {
        let Some((offering, _)) = in_either(ctx, |s| &s.offerings, self.0.offering_id).await? else { return Ok(None) };
        let by_session = offering.content.registration_unit == RegistrationUnit::Session;
        Ok(by_session.then(|| self.0.seats(&offering.content, day(ctx.caller().now()))))
    }
}

fn key(row: &table::Model) -> (String, Uuid) {
    (format!("{:020}", row.starts_at.timestamp_millis()), row.id.0)
}

/// Which sessions of an offering.
pub(super) struct Part {
    /// Of this offering.
    pub(super) offering: ServiceOfferingId,
    /// Only of this series.
    pub(super) series: Option<SessionSeriesId>,
    /// Starting at this time or later; without it, those that have not ended yet.
    pub(super) from: Option<scalar::DateTime>,
    /// Starting before this time.
    pub(super) to: Option<scalar::DateTime>,
}

/// Sessions of an offering by their start. The published ones reach back no further than now.
pub(super) async fn part(ctx: &Context<'_>, part: Part, edition: Edition, window: &Window) -> Result<Page<Session>> {
    let (caller, now) = (ctx.caller(), ctx.caller().now());
    let inside = |s: &table::Model| {
        part.from.map_or(s.ends_at > now, |from| s.starts_at >= from.0)
            && part.to.is_none_or(|to| s.starts_at < to.0)
            && part.series.is_none_or(|series| s.series_id == Some(series))
    };
    if edition == Edition::Published {
        let s = caller.catalogue();
        let any = part.from.is_none() && part.to.is_none() && part.series.is_none();
        let found: Vec<u32> = s.coming(part.offering, now).filter(|i| any || inside(s.sessions.at(*i))).collect();
        return Ok(page::of_memory(ctx, &found, window, |i| key(s.sessions.at(i)), |i| Session(Arc::clone(s.sessions.at(i)))));
    }
    let mut rows: Vec<_> = caller.children::<table::Entity>(part.offering).await?.into_iter().filter(inside).map(Arc::new).collect();
    rows.sort_by_key(|s| (s.starts_at, s.id));
    let rows: Vec<_> = rows.iter().collect();
    Ok(page::of_memory(ctx, &rows, window, |s| key(s), |s| Session(Arc::clone(s))))
}

/// A session (kerta): one meeting of an offering.
#[Object]
impl Session {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The offering that it belongs to: the published one, or your working copy where it is not public.
    async fn offering(&self, ctx: &Context<'_>) -> Result<ServiceOffering> {
        let (row, edition) = in_either(ctx, |s| &s.offerings, self.0.offering_id).await?.ok_or(Error::NotFound)?;
        Ok(ServiceOffering { row, edition })
    }
    /// The series that it was planned with; null when it was planned alone.
    async fn series(&self, ctx: &Context<'_>) -> Result<Option<SessionSeries>> {
        match self.0.series_id {
            None => Ok(None),
            Some(id) => Ok(in_either(ctx, |s| &s.series, id).await?.map(|(row, edition)| SessionSeries { row, edition })),
        }
    }
    /// When it starts, in UTC.
    async fn starts_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.starts_at)
    }
    /// When it ends, in UTC.
    async fn ends_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.ends_at)
    }
    /// When it was first planned to start; differs from `startsAt` once it was moved.
    async fn planned_start(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.planned_start)
    }
    /// What became of it.
    async fn state(&self) -> SessionState {
        self.0.state
    }
    /// Why it was moved or cancelled; null when it was neither.
    async fn reason(&self) -> Option<LocalizedText> {
        shown(self.0.reason.as_ref())
    }
    /// Who leads it, as everybody may know the name; null when it is not told.
    async fn leader(&self) -> Option<&str> {
        self.0.leader.as_deref()
    }
    /// The stable key of the worker who leads it, for the provider's staff and for that worker; null when it is not told, or not yours to know.
    async fn leader_account(&self, ctx: &Context<'_>) -> Option<&str> {
        let account = self.0.leader_account.as_deref()?;
        let known = may(ctx, Action::Update, Resource::Session, Some(self.0.network_id), Some(self.0.organization_id));
        (known || ctx.caller().actor().subject() == Some(account)).then_some(account)
    }
    /// Where it is held when not at the offering's own place; null otherwise, or when the venue is not yours to see.
    async fn venue(&self, ctx: &Context<'_>) -> Result<Option<Venue>> {
        match self.0.venue_id {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.venues, id).await?.map(Venue)),
        }
    }
    /// Places that are taken now; null where one registers for the whole offering, and once it has begun or is cancelled.
    async fn places_taken(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let to_come = self.0.is_to_come(ctx.caller().now());
        Ok(self.seats(ctx).await?.filter(|_| to_come).map(|seats| seats.taken))
    }
    /// Places that are free now for anybody; null when there is no limit, and where one registers for the whole offering. Those that are kept for clients of
    /// the network are not among them. 0 once it has begun or is cancelled.
    async fn free_places(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let to_come = self.0.is_to_come(ctx.caller().now());
        Ok(self.seats(ctx).await?.and_then(|seats| if to_come { seats.free() } else { Some(0) }))
    }
    /// Of those that are kept for clients of the network, places that are free now; null where one registers for the whole offering.
    async fn reserved_free(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let to_come = self.0.is_to_come(ctx.caller().now());
        Ok(self.seats(ctx).await?.map(|seats| if to_come { seats.reserved_free() } else { 0 }))
    }
    /// The moves that its state allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<SessionMove> {
        let allowed = may(ctx, Action::Transition, Resource::Session, Some(self.0.network_id), Some(self.0.organization_id));
        self.0.state.moves().filter(|_| allowed).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Session, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of moving, cancelling or holding a session.
    SessionPayload {
        /// The session as it is now; null when it was refused.
        session: Session
    }
}

payload! {
    /// The outcome of planning sessions.
    ScheduleSessionsPayload {
        /// The offering with its sessions, as its working copy; null when they were refused.
        service_offering: ServiceOffering
    }
}

/// Sessions that are planned: one, or as many as a recurrence rule gives.
#[derive(InputObject)]
struct ScheduleSessionsInput {
    /// The offering.
    offering: ServiceOfferingId,
    /// How they recur (RFC 5545, without DTSTART), by the clock on the wall in Finland; without a rule there is one session.
    rule: Option<RecurrenceRule>,
    /// The day of the first session.
    date: Date,
    /// The time at which each starts, in Europe/Helsinki.
    time: Time,
    /// The last day on which one may start; needed with a rule that has no COUNT and no UNTIL.
    until: Option<Date>,
    /// The length of each in minutes: 5 to 1440.
    minutes: i32,
    /// Who leads them; everybody sees it, so a first name is enough.
    leader: Option<String>,
    /// The stable key of the worker of the provider who leads them: such a worker is at one session at a time, whoever gives it.
    leader_account: Option<String>,
    /// Where they are held, when not at the offering's own place.
    venue: Option<VenueId>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// One session, at another time, with another leader or in another venue.
#[derive(InputObject)]
struct MoveSessionInput {
    /// The session.
    id: SessionId,
    /// The version that you have seen.
    expected_version: i32,
    /// The new day.
    date: Date,
    /// The new time, in Europe/Helsinki.
    time: Time,
    /// The new length in minutes: 5 to 1440.
    minutes: i32,
    /// Who leads it then.
    leader: Option<String>,
    /// The stable key of the worker of the provider who leads it then.
    leader_account: Option<String>,
    /// Where it is held then, when not at the offering's own place.
    venue: Option<VenueId>,
    /// Why it is moved, at most 500 characters a language.
    reason: text::LocalizedText,
}

/// One session that is cancelled.
#[derive(InputObject)]
struct CancelSessionInput {
    /// The session.
    id: SessionId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why it is cancelled, at most 500 characters a language.
    reason: text::LocalizedText,
}

/// One session that was held.
#[derive(InputObject)]
pub struct HoldSessionInput {
    /// The session.
    id: SessionId,
    /// The version that you have seen.
    expected_version: i32,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is done twice.
    idempotency_key: Option<String>,
}

keyed!(HoldSessionInput);

impl Done for HoldSessionInput {
    type Payload = SessionPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<SessionPayload> {
        let key = self.idempotency_key.as_deref();
        SessionPayload::of(ctx, session::end(ctx.caller(), key, self.id, self.expected_version, SessionMove::Hold, None).await)
    }
}

/// Which sessions.
#[derive(InputObject, Default)]
struct SessionFilter {
    /// Of one of these offerings.
    #[graphql(validator(max_items = 100))]
    offerings: Option<Vec<ServiceOfferingId>>,
    /// Given by one of these organisations.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// Of an offering in one of these areas, or in an area inside it. Published edition only.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
    /// Starting at this time or later; without it, those that have not ended yet.
    from: Option<scalar::DateTime>,
    /// Starting before this time.
    to: Option<scalar::DateTime>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<SessionState>>,
}

/// By what sessions are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "each is named as its field")]
enum SessionOrderField {
    /// By their start.
    StartsAt,
    /// By when they were planned.
    CreatedAt,
    /// By when they were last changed.
    UpdatedAt,
}

order_by! {
    /// One key of an order of sessions.
    SessionOrder by SessionOrderField
}

/// Questions about sessions.
#[derive(Default)]
pub struct SessionQuery;

/// Questions about sessions.
#[Object]
impl SessionQuery {
    /// A session (kerta) of a published offering, or of your own; null when there is none, or it is not yours to see.
    async fn session(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: SessionId) -> Result<Option<Session>> {
        Ok(maybe(ctx, |s| &s.sessions, id).await?.map(Session))
    }
    /// The sessions (kerrat) of published offerings, or those of your own working copies, also of offerings that nobody else sees; by their start.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<SessionFilter>,
        #[graphql(desc = "In what order, the first counting most; without it by their start. The id is the last tie-break.")] order_by: Option<
            Vec<SessionOrder>,
        >,
        #[graphql(desc = "What everybody sees, or the sessions of your working copies.", default)] edition: Edition,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Session>> {
        let window = Window::parse(first, after, last, before)?;
        let f = filter.unwrap_or_default();
        let by = order::keys(order_by, (SessionOrderField::StartsAt, false))?;
        match edition {
            Edition::Published => published(ctx, &f, &by, &window),
            Edition::Working => working(ctx, &f, &by, &window).await,
        }
    }
}

fn published(ctx: &Context<'_>, f: &SessionFilter, by: &Keys<SessionOrderField>, window: &Window) -> Result<Page<Session>> {
    let (s, now) = (ctx.caller().catalogue(), ctx.caller().now());
    let holds = |row: &table::Model| {
        f.from.map_or(row.ends_at > now, |from| row.starts_at >= from.0)
            && f.to.is_none_or(|to| row.starts_at < to.0)
            && f.offerings.as_ref().is_none_or(|o| o.contains(&row.offering_id))
            && f.providers.as_ref().is_none_or(|p| p.contains(&row.organization_id))
            && f.states.as_ref().is_none_or(|x| x.contains(&row.state))
            && f.areas.as_ref().is_none_or(|a| s.entry_of(row.offering_id).is_some_and(|e| e.lies_in(a)))
    };
    let found: Vec<u32> = s.sessions.positions().filter(|i| holds(s.sessions.at(*i))).collect();
    let sort_key = |i: u32, by: SessionOrderField| {
        let row = s.sessions.at(i);
        match by {
            SessionOrderField::StartsAt => key(row),
            SessionOrderField::CreatedAt => (order::moment(row.created_at), row.id.0),
            SessionOrderField::UpdatedAt => (order::moment(row.updated_at), row.id.0),
        }
    };
    order::in_memory(ctx, &found, SessionOrderField::StartsAt, by, window, sort_key, |i| Session(Arc::clone(s.sessions.at(i))))
}

async fn working(ctx: &Context<'_>, f: &SessionFilter, by: &Keys<SessionOrderField>, window: &Window) -> Result<Page<Session>> {
    ctx.caller().signed_in()?;
    page::refuse(f.areas.is_some(), "The filter areas is for the published edition only.")?;
    let mut condition = Condition::all().add(match f.from {
        Some(from) => table::Column::StartsAt.gte(from.0),
        None => table::Column::EndsAt.gt(ctx.caller().now()),
    });
    if let Some(to) = f.to {
        condition = condition.add(table::Column::StartsAt.lt(to.0));
    }
    if let Some(offerings) = &f.offerings {
        condition = condition.add(table::Column::OfferingId.is_in(offerings.iter().copied()));
    }
    if let Some(providers) = &f.providers {
        condition = condition.add(table::Column::OrganizationId.is_in(providers.iter().copied()));
    }
    if let Some(states) = &f.states {
        condition = condition.add(table::Column::State.is_in(states.iter().copied()));
    }
    let order = order::in_database(by, |field| {
        Ok(match field {
            SessionOrderField::StartsAt => SortedBy::Time(table::Column::StartsAt, |row: &table::Model| order::moment(row.starts_at)),
            SessionOrderField::CreatedAt => SortedBy::Creation,
            SessionOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
        })
    })?;
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find_own::<table::Entity>().filter(condition.clone()), &order, window, Session::from).await
}

/// Changes of sessions.
#[derive(Default)]
pub struct SessionMutation;

/// Changes of sessions.
#[Object]
impl SessionMutation {
    /// Plans sessions of an offering of your own organisation: all of them or none.
    async fn schedule_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which offering, and when.")] input: ScheduleSessionsInput,
    ) -> Result<ScheduleSessionsPayload> {
        let what = session::ScheduleSessions {
            offering: input.offering,
            rule: input.rule,
            first_start: input.date.0.and_time(input.time.0),
            until: input.until.map(|until| until.0),
            minutes: input.minutes,
            leader: input.leader,
            leader_account: input.leader_account,
            venue: input.venue,
        };
        ScheduleSessionsPayload::of(ctx, session::schedule(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Moves one session to another time, leader or venue, with a reason; the others of its series stay. Those who have registered for it alone, or take part
    /// in all of them, are told of another time or venue.
    async fn move_session(&self, ctx: &Context<'_>, #[graphql(desc = "Which session, and where to.")] input: MoveSessionInput) -> Result<SessionPayload> {
        let what = session::MoveSession {
            id: input.id,
            expected: input.expected_version,
            start: input.date.0.and_time(input.time.0),
            minutes: input.minutes,
            leader: input.leader,
            leader_account: input.leader_account,
            venue: input.venue,
            reason: input.reason,
        };
        SessionPayload::of(ctx, session::move_to(ctx.caller(), what).await)
    }
    /// Cancels one session, with a reason; it stays visible as cancelled. Whoever has registered for it alone, or takes part in all of them, is told.
    async fn cancel_session(&self, ctx: &Context<'_>, #[graphql(desc = "Which session, and why.")] input: CancelSessionInput) -> Result<SessionPayload> {
        SessionPayload::of(ctx, session::end(ctx.caller(), None, input.id, input.expected_version, SessionMove::Cancel, Some(input.reason)).await)
    }
    /// Records that a session was held; only after it began. Whoever waits for a place in it alone waits no more.
    async fn hold_session(&self, ctx: &Context<'_>, #[graphql(desc = "Which session.")] input: HoldSessionInput) -> Result<SessionPayload> {
        input.done(ctx).await
    }
}
