//! Participations: type, lists, moves.
use super::{Attendance, may_meet};
use crate::{
    act::delivery::participation::{self, Transfer, Turn},
    error::Result,
    graphql::{
        Asked,
        batch::{Done, Keyed, keyed},
        casework::Referral,
        catalogue::{Access, Organization, ServiceOffering, Session, offering_named, organization, row_access, session_named},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        person::{Client, Consent, client_of, key_of},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, InputType, InputValueError, InputValueResult, Object, Value, registry::Registry};
use domain::{
    delivery::participation::{ParticipationEnd, ParticipationMove, ParticipationSource, ParticipationState},
    id::{Kinded, OrganizationId, ParticipationId, ReferralId, ServiceOfferingId, SessionId},
    noted_field::NotedField,
    scalar::{Date, DateTime},
};
use entity::{
    casework::referral,
    delivery::{attendance, participation as table},
    person::consent,
};
use sea_orm::{ColumnTrait, Condition};
use std::{borrow::Cow, sync::Arc};

/// A participation (osallistuminen).
pub struct Participation(pub Arc<table::Model>);

impl From<table::Model> for Participation {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Participation {
    /// Whoever asks knows who it is: from the register, as the client, or because no register does.
    async fn knows_why(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.0.client_id.is_none() || client_of(ctx, self.0.client_id).await?.is_some())
    }
}

/// A participation (osallistuminen): somebody takes a place in an offering, or waits for one. Those who give the service see it for as long as the
/// consent behind it is in force, and know the client by the alias alone.
#[Object]
impl Participation {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The offering; null when it is not public any more, and not yours to see.
    async fn offering(&self, ctx: &Context<'_>) -> Result<Option<ServiceOffering>> {
        offering_named(ctx, self.0.offering_id).await
    }
    /// The session for which it is (kerta), where one registers for a session at a time; null where it is for all of the offering, when the session is
    /// not public any more, and not yours to see, and for whoever acts for a client under non-disclosure.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        match self.0.session_id {
            Some(id) if may_meet(ctx, self.0.client_id, [self.0.provider_id, self.0.organization_id]).await? => session_named(ctx, id).await,
            _ => Ok(None),
        }
    }
    /// Who gives the service.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The client of the register; null for those who give the service, and of somebody whom no register knows.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, self.0.client_id).await
    }
    /// What those who give the service call the client: the first name or an alias. Null for one under non-disclosure, of whom they are not told who it is.
    async fn alias(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ParticipationAlias, participation::alias(ctx.caller().vault(), &self.0)?))
    }
    /// How the client came to it.
    async fn source(&self) -> ParticipationSource {
        self.0.source
    }
    /// Where it is.
    async fn state(&self) -> ParticipationState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation. What was told of one session is put right by `recordAttendance`.
    async fn moves(&self) -> Vec<ParticipationMove> {
        // Nobody is put on the waiting list by hand.
        self.0.state.moves_of(self.0.spot().unit(), self.0.ended_for).filter(|by| *by != ParticipationMove::Queue).collect()
    }
    /// The referral that led to it; null when there is none, or it is not yours to see any more.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// The consent behind it; null when none is needed, or it is not yours to see.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>> {
        match self.0.consent_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<consent::Entity>(id).await?.map(Consent::from)),
        }
    }
    /// What it goes on from, in another offering (siirtynyt tästä); null where it began anew, or that is not yours to see.
    async fn transferred_from(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        match self.0.transferred_from_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(Self::from)),
        }
    }
    /// Who registered the client, by the stable key; null where that is the client, or who acts for the client, and you may not see who the client is.
    async fn registered_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        key_of(ctx, &self.0.registered_by, self.0.client_id).await
    }
    /// Until when a place that came free is held for the client to confirm; null when there is nothing to confirm.
    async fn held_until(&self) -> Option<DateTime> {
        self.0.held_until.map(DateTime)
    }
    /// The day on which the client came for the first time; null before that.
    async fn started_on(&self) -> Option<Date> {
        self.0.started_on.map(Date)
    }
    /// The day on which it ended; null while it goes on.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
    /// Why it ended; null while it goes on, and for those who give the service to a client of a register: no consent tells them.
    async fn ended_for(&self, ctx: &Context<'_>) -> Result<Option<ParticipationEnd>> {
        Ok(if self.knows_why(ctx).await? { self.0.ended_for } else { None })
    }
    /// Why it ended, in words; null when nothing was said, and for those who give the service to a client of a register.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.knows_why(ctx).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ParticipationReason, participation::reason(ctx.caller().vault(), &self.0)?))
    }
    /// Who came to its sessions (läsnäolot), the newest last.
    async fn attendances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Attendance>> {
        page::children::<attendance::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts the changes; a change names the version it was made from.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// Which participations.
#[derive(InputObject, Default)]
struct ParticipationFilter {
    /// In one of these states; without it, those that have not come to an end.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ParticipationState>>,
    /// In one of these offerings.
    #[graphql(validator(max_items = 100))]
    offerings: Option<Vec<ServiceOfferingId>>,
    /// For one of these sessions, where one registers for a session at a time.
    #[graphql(validator(max_items = 100))]
    sessions: Option<Vec<SessionId>>,
}

/// By what participations are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ParticipationOrderField {
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

order_by! {
    /// How participations are put in order.
    ParticipationOrder by ParticipationOrderField
}

/// Questions about participations.
#[derive(Default)]
pub struct ParticipationQuery;

/// Questions about participations.
#[Object]
impl ParticipationQuery {
    /// A participation (osallistuminen); null when there is none, or it is not yours to see any more.
    async fn participation(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ParticipationId) -> Result<Option<Participation>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Participation::from))
    }
    /// Those who take part in what an organisation gives, or wait for it (osallistujat): what its workers see of them, the oldest first.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that gives the service: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<ParticipationFilter>,
        #[graphql(desc = "In which order; without it, the oldest first.")] order_by: Option<Vec<ParticipationOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Participation>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let condition = Condition::all()
            .add(table::Column::ProviderId.eq(organization))
            .add(table::Column::State.is_in(filter.states.unwrap_or_else(|| ParticipationState::OPEN.to_vec())))
            .add_option(filter.offerings.map(|offerings| table::Column::OfferingId.is_in(offerings)))
            .add_option(filter.sessions.map(|sessions| table::Column::SessionId.is_in(sessions)));
        let by = order::keys(order_by, (ParticipationOrderField::CreatedAt, false))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                ParticipationOrderField::CreatedAt => SortedBy::Creation,
                ParticipationOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Participation::from).await
    }
}

payload! {
    /// The outcome of a change of a participation.
    ParticipationPayload {
        /// The participation; null when the change was refused.
        participation: Participation
    }
}

impl ParticipationPayload {
    /// What came of a change.
    pub(super) fn from_outcome(ctx: &Context<'_>, outcome: Result<table::Model>) -> Result<Self> {
        Self::of(ctx, outcome)
    }
}

/// A move of a participation.
#[derive(InputObject)]
pub struct ParticipationMoveInput {
    /// The participation.
    id: ParticipationId,
    /// The version that you have seen.
    expected_version: i32,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is moved twice.
    idempotency_key: Option<String>,
}

/// The end of a participation.
#[derive(InputObject)]
pub struct EndParticipationInput {
    /// The participation.
    id: ParticipationId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why it ends; without it, as was planned where it is completed, by the client's wish where what is proposed is declined or the waiting list left.
    /// What only the service finds out, such as NOT_CONFIRMED or ABSENCE_ANNOUNCED, is not said here.
    why: Option<ParticipationEnd>,
    /// More in words, at most 2000 characters; of somebody whom no register knows nothing that tells who it is.
    reason: Option<String>,
    /// The day on which it ended, when that is told later; no day before one on which the person came. Without it today, or where it is completed the last day
    /// of an offering that is over.
    effective_date: Option<Date>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is moved twice.
    idempotency_key: Option<String>,
}

keyed!(ParticipationMoveInput);
keyed!(EndParticipationInput);

/// Declares the mutations that share an input, for the rows of a batch: each is a type of its own, under the same input.
macro_rules! rows_of {
    ($($(#[$meta:meta])* $name:ident($input:ident): $by:ident by $done:ident),+ $(,)?) => { $(
        $(#[$meta])*
        pub struct $name($input);

        impl InputType for $name {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                $input::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                $input::create_type_info(registry)
            }

            fn parse(value: Option<Value>) -> InputValueResult<Self> {
                $input::parse(value).map(Self).map_err(InputValueError::propagate)
            }

            fn to_value(&self) -> Value {
                self.0.to_value()
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }

        impl Keyed for $name {
            fn key(&self) -> Option<String> {
                self.0.key()
            }
        }

        impl Done for $name {
            type Payload = ParticipationPayload;

            async fn done(self, ctx: &Context<'_>) -> Result<ParticipationPayload> {
                $done(ctx, self.0, ParticipationMove::$by).await
            }
        }
    )+ };
}

rows_of! {
    /// As `leaveWaitlist`.
    LeaveWaitlist(EndParticipationInput): LeaveQueue by end,
    /// As `cancelParticipation`.
    CancelParticipation(EndParticipationInput): Cancel by end,
    /// As `recordNoShow`.
    RecordNoShow(EndParticipationInput): NoShow by end,
    /// As `pauseParticipation`.
    PauseParticipation(ParticipationMoveInput): Pause by go,
    /// As `resumeParticipation`.
    ResumeParticipation(ParticipationMoveInput): Resume by go,
    /// As `completeParticipation`.
    CompleteParticipation(EndParticipationInput): Complete by end,
    /// As `discontinueParticipation`.
    DiscontinueParticipation(EndParticipationInput): Discontinue by end,
}

/// Who goes on where.
#[derive(InputObject)]
struct TransferParticipationInput {
    /// The participation.
    id: ParticipationId,
    /// The version that you have seen.
    expected_version: i32,
    /// The offering in which it goes on: published, and not over, with a free place.
    offering: ServiceOfferingId,
    /// The session in which it goes on, where one registers for a session at a time: the offering may be the same.
    session: Option<SessionId>,
    /// The accepted referral of the client to those who give that offering, with a consent that covers the alias. Needed where they are others than before,
    /// unless they keep the client's register.
    referral: Option<ReferralId>,
    /// Why, at most 2000 characters.
    reason: Option<String>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

async fn go(ctx: &Context<'_>, input: ParticipationMoveInput, by: ParticipationMove) -> Result<ParticipationPayload> {
    let said = Turn { id: input.id, expected: input.expected_version, why: None, reason: None, on: None };
    ParticipationPayload::of(ctx, participation::turn(ctx.caller(), input.idempotency_key.as_deref(), by, said).await)
}

async fn end(ctx: &Context<'_>, input: EndParticipationInput, by: ParticipationMove) -> Result<ParticipationPayload> {
    let said = Turn { id: input.id, expected: input.expected_version, why: input.why, reason: input.reason, on: input.effective_date };
    ParticipationPayload::of(ctx, participation::turn(ctx.caller(), input.idempotency_key.as_deref(), by, said).await)
}

/// Changes of participations.
#[derive(Default)]
pub struct ParticipationMutation;

/// Changes of participations.
#[Object]
impl ParticipationMutation {
    /// Accepts what is proposed (hyväksy ehdotus), as the client or for the client: a place at once, or the end of the waiting list; where there is room on
    /// neither, those who give the service may find some, and whoever has accepted first has the first place that comes free.
    async fn accept_participation(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ParticipationMoveInput) -> Result<ParticipationPayload> {
        ParticipationPayload::of(ctx, participation::accept(ctx.caller(), input.idempotency_key.as_deref(), input.id, input.expected_version).await)
    }
    /// Declines what is proposed (kieltäydy), as the client or for the client.
    async fn decline_participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: EndParticipationInput,
    ) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::Decline).await
    }
    /// Gives a place to somebody who has accepted when there was none (anna paikka), as those who give the service; not past those who wait.
    async fn enrol_participant(&self, ctx: &Context<'_>, #[graphql(desc = "Whom.")] input: ParticipationMoveInput) -> Result<ParticipationPayload> {
        ParticipationPayload::of(ctx, participation::enrol(ctx.caller(), input.idempotency_key.as_deref(), input.id, input.expected_version).await)
    }
    /// Confirms a place that came free and is held (vahvista paikka), as the client or for the client; for somebody whom no register knows, as those who give
    /// the service.
    async fn confirm_place(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ParticipationMoveInput) -> Result<ParticipationPayload> {
        ParticipationPayload::of(ctx, participation::confirm(ctx.caller(), input.idempotency_key.as_deref(), input.id, input.expected_version).await)
    }
    /// Leaves the waiting list (poistu jonosta), as the client or for the client; for somebody whom no register knows, as those who give the service.
    async fn leave_waitlist(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndParticipationInput) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::LeaveQueue).await
    }
    /// Gives up a place before coming, or what was proposed (peru); the place goes to whoever waits first.
    async fn cancel_participation(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndParticipationInput) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::Cancel).await
    }
    /// Notes that somebody who has a place did not come (ei saapunut), after two absences at least; the place goes to whoever waits first.
    async fn record_no_show(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: EndParticipationInput) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::NoShow).await
    }
    /// Lets somebody stay away for a while and keep the place (tauko).
    async fn pause_participation(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: ParticipationMoveInput) -> Result<ParticipationPayload> {
        go(ctx, input, ParticipationMove::Pause).await
    }
    /// Goes on after a pause (jatka).
    async fn resume_participation(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: ParticipationMoveInput) -> Result<ParticipationPayload> {
        go(ctx, input, ParticipationMove::Resume).await
    }
    /// Ends a participation that has come to its end (päätä suunnitellusti).
    async fn complete_participation(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: EndParticipationInput) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::Complete).await
    }
    /// Breaks a participation off (keskeytä), with the reason; the place goes to whoever waits first.
    async fn discontinue_participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: EndParticipationInput,
    ) -> Result<ParticipationPayload> {
        end(ctx, input, ParticipationMove::Discontinue).await
    }
    /// Lets somebody who takes part go on in another offering (siirrä toiseen ryhmään), or who has booked a session, until it begins, come to another (siirrä
    /// toiseen aikaan): a client, as those who keep the register; somebody whom no register knows, as those who give both. A place there is taken and the one
    /// here goes to whoever waits first, or neither. The payload has the new participation.
    async fn transfer_participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who goes on where.")] input: TransferParticipationInput,
    ) -> Result<ParticipationPayload> {
        let TransferParticipationInput { id, expected_version: expected, offering, session, referral, reason, idempotency_key: key } = input;
        let transfer = Transfer { id, expected, offering, session, referral, reason };
        ParticipationPayload::of(ctx, participation::transfer(ctx.caller(), key.as_deref(), transfer).await)
    }
}
