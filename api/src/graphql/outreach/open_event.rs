//! Open events: pop-ups, outings and advice.
use super::{
    place::OutreachPlace,
    record::{self, Said, correction_input, listing, record, recording_input, void_input},
};
use crate::{
    act::outreach::{
        open_event as act,
        record::{Mistaken, Recording},
    },
    error::Result,
    graphql::{Asked, batch::Done, order, page::Page, payload::payload, text::Money},
    store::Window,
};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    id::OpenEventId,
    outreach::{
        drop_in_day::HelpTheme,
        open_event::{OpenEventContent, OpenEventKind},
        record::{OutreachMove, OutreachState},
    },
};
use entity::outreach::open_event as table;
use sea_orm::ColumnTrait;

/// What is said of an event.
#[derive(SimpleObject)]
pub struct EventSaid {
    /// What kind of event it was.
    kind: OpenEventKind,
    /// Where it was; the destination of an outing.
    place: OutreachPlace,
    /// What it was about.
    themes: Vec<HelpTheme>,
    /// How many people took part, as far as one could tell.
    attendees: i32,
    /// How many leaflets were given out.
    leaflets: i32,
    /// How many minutes it took.
    minutes: i32,
    /// What an outing cost in all; null when that is not known, and with other kinds.
    cost: Option<Money>,
    /// What else should be known; null when nothing is said.
    note: Option<String>,
}

impl Said for EventSaid {
    const CORRECTION: &'static str = "OpenEventCorrection";
}

impl From<OpenEventContent> for EventSaid {
    fn from(content: OpenEventContent) -> Self {
        let OpenEventContent { kind, place, themes, attendees, leaflets, minutes, cost, note } = content;
        Self { kind, place: OutreachPlace(place), themes, attendees, leaflets, minutes, cost: cost.map(Money::from), note }
    }
}

record! {
    /// What open work has arranged for whoever came (avoin tapahtuma): a pop-up, an outing, or advice for which nobody was asked who it is. The
    /// organisation's own workers see it.
    OpenEvent of table, said: EventSaid, machine: OutreachState by OutreachMove {}
}

payload! {
    /// The outcome of recording, correcting or voiding an event.
    OpenEventPayload {
        /// The event as it is now; null when it was refused.
        open_event: OpenEvent
    }
}

recording_input! {
    /// An open event as it is recorded.
    RecordOpenEventInput of OpenEventContent {}
}

impl Done for RecordOpenEventInput {
    type Payload = OpenEventPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<OpenEventPayload> {
        let what = Recording { organization: self.organization, uuid: self.uuid, effective_date: self.effective_date, content: self.content };
        OpenEventPayload::of(ctx, act::record(ctx.caller(), self.idempotency_key.as_deref(), what).await)
    }
}

correction_input! {
    /// What should have been said of an open event.
    CorrectOpenEventInput of OpenEventId, content: OpenEventContent
}

void_input! {
    /// An open event that was recorded by mistake.
    VoidOpenEventInput of OpenEventId
}

listing!("open events", OpenEventFilter, OpenEventOrder by OpenEventOrderField, state: OutreachState {
    /// Of one of these kinds.
    #[graphql(validator(max_items = 100))]
    kinds: Option<Vec<OpenEventKind>>,
});

/// Questions about open events.
#[derive(Default)]
pub struct OpenEventQuery;

/// Questions about open events.
#[Object]
impl OpenEventQuery {
    /// An open event (avoin tapahtuma); null when there is none, or it is not your organisation's.
    async fn open_event(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: OpenEventId) -> Result<Option<OpenEvent>> {
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(OpenEvent::from))
    }
    /// The open events of your organisation, by default in the order in which they were recorded.
    async fn open_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<OpenEventFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<OpenEventOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<OpenEvent>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = record::narrowed::<table::Entity>(f.organizations, f.states, f.from, f.to).add_option(f.kinds.map(|of| table::Column::Kind.is_in(of)));
        record::list::<table::Entity, _, _>(ctx, condition, order::keys(order_by, (OpenEventOrderField::RecordedAt, false))?, &window).await
    }
}

/// Changes of open events.
#[derive(Default)]
pub struct OpenEventMutation;

/// Changes of open events.
#[Object]
impl OpenEventMutation {
    /// Records an open event of your own organisation, on the day or later.
    async fn record_open_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose event, and what is said of it.")] input: RecordOpenEventInput,
    ) -> Result<OpenEventPayload> {
        input.done(ctx).await
    }
    /// Corrects an open event, as often as it takes; what it said before is kept.
    async fn correct_open_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and what should have been said of it.")] input: CorrectOpenEventInput,
    ) -> Result<OpenEventPayload> {
        let (which, right) = input.split();
        OpenEventPayload::of(ctx, act::correct(ctx.caller(), which, right).await)
    }
    /// Voids an open event that was recorded by mistake: it is kept, and left out of lists.
    async fn void_open_event(&self, ctx: &Context<'_>, #[graphql(desc = "Which event, and why.")] input: VoidOpenEventInput) -> Result<OpenEventPayload> {
        OpenEventPayload::of(ctx, Mistaken::from(input).void::<table::Entity>(ctx.caller()).await)
    }
}
