//! Days of open drop-in spaces.
use super::{
    place::OutreachPlace,
    record::{self, Said, listing, record, recording_input, void_input},
};
use crate::{
    act::outreach::{
        drop_in_day as act,
        record::{Mistaken, Recording},
    },
    error::Result,
    graphql::{
        Asked,
        batch::{Done, keyed},
        order,
        page::Page,
        payload::payload,
    },
    store::Window,
};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::{
    id::DropInDayId,
    outreach::drop_in_day::{self as said, DropInCounts, DropInDayContent, DropInMore, DropInMove, DropInState, HelpCount},
    scalar::Time,
};
use entity::outreach::drop_in_day as table;

/// What is corrected of a day.
#[derive(SimpleObject)]
pub struct DropInSaid {
    /// The counts; as they are so far, while the day is open.
    counts: DropInCounts,
    /// With what people were helped.
    help_given: Vec<HelpCount>,
    /// What else should be known; null when nothing is said.
    note: Option<String>,
}

impl Said for DropInSaid {
    const CORRECTION: &'static str = "DropInCorrection";
}

impl From<said::DropInSaid> for DropInSaid {
    fn from(said::DropInSaid { counts, help_given, note }: said::DropInSaid) -> Self {
        Self { counts, help_given, note }
    }
}

impl From<DropInDayContent> for DropInSaid {
    fn from(content: DropInDayContent) -> Self {
        Self { counts: content.counts, help_given: content.help_given, note: content.note }
    }
}

record! {
    /// A day of an open drop-in space (avoimen oleskelutilan päivä): counts, and nobody's name. The organisation's own workers see it.
    DropInDay of table, said: DropInSaid, machine: DropInState by DropInMove {
        /// Where it was.
        async fn place(&self) -> OutreachPlace {
            OutreachPlace(self.0.content.place.clone())
        }
        /// From when it was open, by the clock in Finland.
        async fn open_from(&self) -> Time {
            self.0.content.open_from
        }
        /// Until when it was open.
        async fn open_to(&self) -> Time {
            self.0.content.open_to
        }
    }
}

payload! {
    /// The outcome of recording or moving a drop-in day.
    DropInDayPayload {
        /// The day as it is now; null when it was refused.
        drop_in_day: DropInDay
    }
}

recording_input! {
    /// A drop-in day that begins, or is recorded later.
    OpenDropInDayInput of DropInDayContent {}
}

impl Done for OpenDropInDayInput {
    type Payload = DropInDayPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<DropInDayPayload> {
        let what = Recording { organization: self.organization, uuid: self.uuid, effective_date: self.effective_date, content: self.content };
        DropInDayPayload::of(ctx, act::open(ctx.caller(), self.idempotency_key.as_deref(), what).await)
    }
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
pub struct AddToDropInDayInput {
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

keyed!(AddToDropInDayInput);

impl Done for AddToDropInDayInput {
    type Payload = DropInDayPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<DropInDayPayload> {
        let more = DropInMore { visits: self.visits, estimated_persons: self.estimated_persons, first_timers: self.first_timers, help_given: self.help_given };
        DropInDayPayload::of(ctx, act::add(ctx.caller(), self.idempotency_key.as_deref(), self.id, &more).await)
    }
}

/// A drop-in day that is over.
#[derive(InputObject)]
pub struct CloseDropInDayInput {
    /// The day.
    id: DropInDayId,
    /// The version that you have seen.
    expected_version: i32,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

keyed!(CloseDropInDayInput);

impl Done for CloseDropInDayInput {
    type Payload = DropInDayPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<DropInDayPayload> {
        DropInDayPayload::of(ctx, act::close(ctx.caller(), self.idempotency_key.as_deref(), self.id, self.expected_version).await)
    }
}

/// What should have been said of a drop-in day.
#[derive(InputObject)]
struct CorrectDropInDayInput {
    /// The day; it must be closed, or corrected before.
    id: DropInDayId,
    /// The version that you have seen.
    expected_version: i32,
    /// The counts, whole.
    counts: DropInCounts,
    /// What there was help with, whole.
    #[graphql(default)]
    help_given: Vec<HelpCount>,
    /// What else should be known, at most 2000 characters, without anything that tells who somebody is; left out, there is nothing.
    note: Option<String>,
    /// Why it was wrong, at most 500 characters, without anything that tells who somebody is.
    reason: String,
}

void_input! {
    /// A drop-in day that was recorded by mistake.
    VoidDropInDayInput of DropInDayId
}

listing!("drop-in days", DropInDayFilter, DropInDayOrder by DropInDayOrderField, state: DropInState {});

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
        let condition = record::narrowed::<table::Entity>(f.organizations, f.states, f.from, f.to);
        record::list::<table::Entity, _, _>(ctx, condition, order::keys(order_by, (DropInDayOrderField::RecordedAt, false))?, &window).await
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
        input.done(ctx).await
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
        input.done(ctx).await
    }
    /// Closes a drop-in day: its counts hold.
    async fn close_drop_in_day(&self, ctx: &Context<'_>, #[graphql(desc = "Which day.")] input: CloseDropInDayInput) -> Result<DropInDayPayload> {
        input.done(ctx).await
    }
    /// Corrects a drop-in day that is closed, as often as it takes; what it said before is kept.
    async fn correct_drop_in_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which day, and what should have been said of it.")] input: CorrectDropInDayInput,
    ) -> Result<DropInDayPayload> {
        let which = Mistaken { id: input.id, expected: input.expected_version, reason: input.reason };
        let right = said::DropInSaid { counts: input.counts, help_given: input.help_given, note: input.note };
        DropInDayPayload::of(ctx, act::correct(ctx.caller(), which, right).await)
    }
    /// Voids a drop-in day that was recorded by mistake: it is kept, and left out of lists.
    async fn void_drop_in_day(&self, ctx: &Context<'_>, #[graphql(desc = "Which day, and why.")] input: VoidDropInDayInput) -> Result<DropInDayPayload> {
        DropInDayPayload::of(ctx, Mistaken::from(input).void::<table::Entity>(ctx.caller()).await)
    }
}
