//! Days of open drop-in spaces.
use super::place::OutreachPlace;
use crate::{
    act::outreach::drop_in_day::{self as act, Correction},
    error::Result,
    graphql::{
        Asked,
        catalogue::{self, Access, Organization, access, may},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    id::{DropInDayId, Kinded, OrganizationId},
    machine::Machine,
    outreach::drop_in_day::{self as said, DropInCounts, DropInDayContent, DropInMore, DropInMove, DropInState, HelpCount},
    policy::{Action, Resource},
    scalar::{self, Date, Time},
};
use entity::outreach::drop_in_day as table;
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

/// A drop-in day (avoimen oleskelutilan päivä).
pub struct DropInDay(Box<table::Model>);

impl From<table::Model> for DropInDay {
    fn from(row: table::Model) -> Self {
        Self(Box::new(row))
    }
}

/// What a day said before it was corrected (korjausta edeltävät luvut).
struct DropInCorrection(said::DropInCorrection);

/// What a day said before it was corrected (korjausta edeltävät luvut).
#[Object]
impl DropInCorrection {
    /// The counts before.
    async fn counts(&self) -> &DropInCounts {
        &self.0.counts
    }
    /// The help before.
    async fn help_given(&self) -> &[HelpCount] {
        &self.0.help_given
    }
    /// Why they were wrong.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// When they were corrected.
    async fn at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.at)
    }
    /// The stable key of the worker who corrected them.
    async fn by(&self) -> &str {
        &self.0.by
    }
}

/// A day of an open drop-in space (avoimen oleskelutilan päivä): counts, and nobody's name. The organisation's own workers see it.
#[Object]
impl DropInDay {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Whose day it is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        catalogue::organization(ctx, self.0.organization_id).await
    }
    /// Where it was.
    async fn place(&self) -> OutreachPlace {
        OutreachPlace(self.0.content.place.clone())
    }
    /// The day on which it was.
    async fn effective_date(&self) -> Date {
        Date(self.0.effective_date)
    }
    /// When the server was told of it.
    async fn recorded_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.created_at)
    }
    /// From when it was open, by the clock in Finland.
    async fn open_from(&self) -> Time {
        self.0.content.open_from
    }
    /// Until when it was open.
    async fn open_to(&self) -> Time {
        self.0.content.open_to
    }
    /// The counts; as they are so far, while the day is open.
    async fn counts(&self) -> &DropInCounts {
        &self.0.content.counts
    }
    /// With what people were helped.
    async fn help_given(&self) -> &[HelpCount] {
        &self.0.content.help_given
    }
    /// What else should be known; null when nothing is said.
    async fn note(&self) -> Option<&str> {
        self.0.content.note.as_deref()
    }
    /// How far it is.
    async fn state(&self) -> DropInState {
        self.0.state
    }
    /// What it said before it was corrected; empty when it never was.
    async fn corrections(&self) -> Vec<DropInCorrection> {
        self.0.corrections.0.iter().cloned().map(DropInCorrection).collect()
    }
    /// The moves that its state allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<DropInMove> {
        let allowed = may(ctx, Action::Transition, Resource::DropInDay, Some(self.0.network_id), Some(self.0.organization_id));
        self.0.state.moves().filter(|_| allowed).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::DropInDay, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was last changed.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of recording or moving a drop-in day.
    DropInDayPayload {
        /// The day as it is now; null when it was refused.
        drop_in_day: DropInDay
    }
}

/// A drop-in day that begins, or is recorded later.
#[derive(InputObject)]
struct OpenDropInDayInput {
    /// Whose day: your own organisation's.
    organization: OrganizationId,
    /// A UUID that your device has made for it, before it had coverage: sent again, the same day is answered.
    uuid: Option<Uuid>,
    /// The day on which it was: today or before.
    effective_date: Date,
    /// What is said of it.
    content: DropInDayContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
    idempotency_key: Option<String>,
}

/// What is said of a drop-in day from now on.
#[derive(InputObject)]
struct UpdateDropInDayInput {
    /// The day; it must be open.
    id: DropInDayId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: DropInDayContent,
}

/// What comes on top of the counts of a drop-in day.
#[derive(InputObject)]
struct AddToDropInDayInput {
    /// The day; it must be open.
    id: DropInDayId,
    /// How many more visits.
    #[graphql(default)]
    visits: i32,
    /// How many more people.
    #[graphql(default)]
    estimated_persons: i32,
    /// How many more of those who are there for the first time.
    #[graphql(default)]
    first_timers: i32,
    /// What there was help with besides, each theme once.
    #[graphql(default)]
    help_given: Vec<HelpCount>,
    /// A key of your own, a new one for each tap: sent again with the same input, nothing is added twice.
    idempotency_key: Option<String>,
}

/// A drop-in day that is over.
#[derive(InputObject)]
struct CloseDropInDayInput {
    /// The day.
    id: DropInDayId,
    /// The version that you have seen.
    expected_version: i32,
}

/// The counts of a drop-in day as they should have been.
#[derive(InputObject)]
struct CorrectDropInDayInput {
    /// The day; it must be closed.
    id: DropInDayId,
    /// The version that you have seen.
    expected_version: i32,
    /// The counts, whole.
    counts: DropInCounts,
    /// What there was help with, whole.
    #[graphql(default)]
    help_given: Vec<HelpCount>,
    /// Why they were wrong, at most 500 characters, without anything that tells who somebody is.
    reason: String,
}

/// Which drop-in days.
#[derive(InputObject, Default)]
struct DropInDayFilter {
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<DropInState>>,
    /// On this day or after.
    from: Option<Date>,
    /// On this day or before.
    to: Option<Date>,
}

/// By what drop-in days are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum DropInDayOrderField {
    /// By the day on which they were.
    EffectiveDate,
    /// By when they were recorded.
    RecordedAt,
}

order_by! {
    /// One key of an order of drop-in days.
    DropInDayOrder by DropInDayOrderField
}

/// Questions about drop-in days.
#[derive(Default)]
pub struct DropInDayQuery;

/// Questions about drop-in days.
#[Object]
impl DropInDayQuery {
    /// A drop-in day (avoimen oleskelutilan päivä); null when there is none, or it is not your organisation's.
    async fn drop_in_day(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: DropInDayId) -> Result<Option<DropInDay>> {
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(DropInDay::from))
    }
    /// The drop-in days of your organisation, by default in the order in which they were recorded.
    async fn drop_in_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<DropInDayFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<DropInDayOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DropInDay>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.organizations.map(|of| table::Column::OrganizationId.is_in(of)))
            .add_option(f.states.map(|of| table::Column::State.is_in(of)))
            .add_option(f.from.map(|from| table::Column::EffectiveDate.gte(from.0)))
            .add_option(f.to.map(|to| table::Column::EffectiveDate.lte(to.0)));
        let by = order::keys(order_by, (DropInDayOrderField::RecordedAt, false))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                DropInDayOrderField::EffectiveDate => SortedBy::Day(table::Column::EffectiveDate, |row: &table::Model| row.effective_date.to_string()),
                DropInDayOrderField::RecordedAt => SortedBy::Time(table::Column::CreatedAt, |row: &table::Model| order::moment(row.created_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, DropInDay::from).await
    }
}

/// Changes of drop-in days.
#[derive(Default)]
pub struct DropInDayMutation;

/// Changes of drop-in days.
#[Object]
impl DropInDayMutation {
    /// Opens a drop-in day of your own organisation, on the day or later.
    async fn open_drop_in_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose day, and what is said of it.")] input: OpenDropInDayInput,
    ) -> Result<DropInDayPayload> {
        let what = act::OpenDropInDay { organization: input.organization, uuid: input.uuid, effective_date: input.effective_date, content: input.content };
        DropInDayPayload::of(ctx, act::open(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a drop-in day that is open.
    async fn update_drop_in_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which day, and what is said of it.")] input: UpdateDropInDayInput,
    ) -> Result<DropInDayPayload> {
        DropInDayPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Adds to the counts of a drop-in day that is open. It needs no version: what two phones add at once is kept of both.
    async fn add_to_drop_in_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which day, and how much.")] input: AddToDropInDayInput,
    ) -> Result<DropInDayPayload> {
        let more =
            DropInMore { visits: input.visits, estimated_persons: input.estimated_persons, first_timers: input.first_timers, help_given: input.help_given };
        DropInDayPayload::of(ctx, act::add(ctx.caller(), input.idempotency_key.as_deref(), input.id, &more).await)
    }
    /// Closes a drop-in day: its counts hold.
    async fn close_drop_in_day(&self, ctx: &Context<'_>, #[graphql(desc = "Which day.")] input: CloseDropInDayInput) -> Result<DropInDayPayload> {
        DropInDayPayload::of(ctx, act::close(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Corrects the counts of a drop-in day that is closed; what they were before is kept.
    async fn correct_drop_in_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which day, and what its counts should have been.")] input: CorrectDropInDayInput,
    ) -> Result<DropInDayPayload> {
        let right = Correction { counts: input.counts, help_given: input.help_given, reason: input.reason };
        DropInDayPayload::of(ctx, act::correct(ctx.caller(), input.id, input.expected_version, right).await)
    }
}
