//! Outreach shifts.
use super::{
    place::OutreachPlace,
    record::{self, Said, correction_input, listing, record, recording_input, void_input},
};
use crate::{
    act::outreach::{
        outreach_shift as act,
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
    id::OutreachShiftId,
    outreach::outreach_shift::{OutreachShiftContent, ShiftMove, ShiftState},
    scalar::{DateTime, Time},
};
use entity::outreach::outreach_shift as table;

/// What is said of a shift.
#[derive(SimpleObject)]
pub struct ShiftSaid {
    /// Who went, by the stable keys of workers of the organisation.
    workers: Vec<String>,
    /// Nobody goes alone (parityö).
    pair_required: bool,
    /// Where: a route, an area with a place in words, or another place.
    place: OutreachPlace,
    /// From when, by the clock in Finland.
    from: Time,
    /// Until when; earlier than `from` when that was after midnight, and null while the workers are out.
    to: Option<Time>,
    /// How many kilometres it was; null when that is not known.
    km: Option<i32>,
    /// What else should be known; null when nothing is said.
    note: Option<String>,
}

impl Said for ShiftSaid {
    const CORRECTION: &'static str = "OutreachShiftCorrection";
}

impl From<OutreachShiftContent> for ShiftSaid {
    fn from(content: OutreachShiftContent) -> Self {
        let OutreachShiftContent { workers, pair_required, place, from, to, km, note } = content;
        Self { workers, pair_required, place: OutreachPlace(place), from, to, km, note }
    }
}

record! {
    /// Going out to where people are (jalkautuminen); whom the workers met is told by `anonymousContacts(filter: { shift })`, and the stops of a route by
    /// their places. The organisation's own workers see it.
    OutreachShift of table, said: ShiftSaid, machine: ShiftState by ShiftMove {
        /// By when the workers mean to be back, or to say that all is well; null where nobody is told when they are not.
        async fn due_at(&self) -> Option<DateTime> {
            self.0.due_at.map(DateTime)
        }
        /// When they last said that all is well; null when they have not.
        async fn checked_in_at(&self) -> Option<DateTime> {
            self.0.checked_in_at.map(DateTime)
        }
        /// They are not back, nor have they said that all is well, by `dueAt`: those who work there have the notice SHIFT_OVERDUE.
        async fn overdue(&self, ctx: &Context<'_>) -> bool {
            self.0.is_overdue(ctx.caller().now())
        }
    }
}

payload! {
    /// The outcome of beginning, ending, correcting or voiding a shift.
    OutreachShiftPayload {
        /// The shift as it is now; null when it was refused.
        outreach_shift: OutreachShift
    }
}

recording_input! {
    /// A shift that begins, or is recorded later: one with `to` is over already.
    BeginOutreachShiftInput of OutreachShiftContent {
        /// By when you mean to be back, or to say that all is well: on that day or the next, and not of a shift that is over. When nobody has by then, those
        /// who work there are told. Without it nobody is.
        due_at: Option<DateTime>,
    }
}

impl Done for BeginOutreachShiftInput {
    type Payload = OutreachShiftPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<OutreachShiftPayload> {
        let recording = Recording { organization: self.organization, uuid: self.uuid, effective_date: self.effective_date, content: self.content };
        let what = act::BeginShift { recording, due_at: self.due_at };
        OutreachShiftPayload::of(ctx, act::begin(ctx.caller(), self.idempotency_key.as_deref(), what).await)
    }
}

/// A shift from which the workers are back.
#[derive(InputObject)]
pub struct EndOutreachShiftInput {
    /// The shift.
    id: OutreachShiftId,
    /// The version that you have seen.
    expected_version: i32,
    /// Until when it was, by the clock in Finland; earlier than `from` when that was after midnight.
    to: Time,
    /// How many kilometres it was; left out, what was said before stays.
    km: Option<i32>,
    /// What else should be known, without anything that tells who somebody is; left out, what was said before stays.
    note: Option<String>,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

keyed!(EndOutreachShiftInput);

impl Done for EndOutreachShiftInput {
    type Payload = OutreachShiftPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<OutreachShiftPayload> {
        let end = act::ShiftEnd { to: self.to, km: self.km, note: self.note };
        OutreachShiftPayload::of(ctx, act::end(ctx.caller(), self.idempotency_key.as_deref(), self.id, self.expected_version, end).await)
    }
}

/// A shift from which all is well.
#[derive(InputObject)]
struct CheckInFromOutreachShiftInput {
    /// The shift.
    id: OutreachShiftId,
    /// The version that you have seen.
    expected_version: i32,
    /// By when you mean to be back, or to say it again: at most a day from now.
    due_at: DateTime,
    /// A key of your own: sent again with the same input, the first outcome is answered.
    idempotency_key: Option<String>,
}

correction_input! {
    /// What should have been said of a shift that is over: with its workers and its end.
    CorrectOutreachShiftInput of OutreachShiftId, content: OutreachShiftContent
}

void_input! {
    /// A shift that was recorded by mistake. What was recorded in it stays.
    VoidOutreachShiftInput of OutreachShiftId
}

listing!("outreach shifts", OutreachShiftFilter, OutreachShiftOrder by OutreachShiftOrderField, state: ShiftState {});

/// Questions about outreach shifts.
#[derive(Default)]
pub struct OutreachShiftQuery;

/// Questions about outreach shifts.
#[Object]
impl OutreachShiftQuery {
    /// An outreach shift (jalkautuminen); null when there is none, or it is not your organisation's.
    async fn outreach_shift(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: OutreachShiftId) -> Result<Option<OutreachShift>> {
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(OutreachShift::from))
    }
    /// The outreach shifts of your organisation, by default in the order in which they were recorded.
    async fn outreach_shifts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<OutreachShiftFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<OutreachShiftOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<OutreachShift>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = record::narrowed::<table::Entity>(f.organizations, f.states, f.from, f.to);
        record::list::<table::Entity, _, _>(ctx, condition, order::keys(order_by, (OutreachShiftOrderField::RecordedAt, false))?, &window).await
    }
}

/// Changes of outreach shifts.
#[derive(Default)]
pub struct OutreachShiftMutation;

/// Changes of outreach shifts.
#[Object]
impl OutreachShiftMutation {
    /// Begins an outreach shift of your own organisation, or records one later.
    async fn begin_outreach_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose shift, and what is said of it.")] input: BeginOutreachShiftInput,
    ) -> Result<OutreachShiftPayload> {
        input.done(ctx).await
    }
    /// Says from an outreach shift that all is well (kuittaa, että kaikki on hyvin), and by when it is said again or the workers are back.
    async fn check_in_from_outreach_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shift, and until when.")] input: CheckInFromOutreachShiftInput,
    ) -> Result<OutreachShiftPayload> {
        let CheckInFromOutreachShiftInput { id, expected_version: expected, due_at, idempotency_key: key } = input;
        OutreachShiftPayload::of(ctx, act::check_in(ctx.caller(), key.as_deref(), id, expected, due_at).await)
    }
    /// Ends an outreach shift: the workers are back.
    async fn end_outreach_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shift, and until when it was.")] input: EndOutreachShiftInput,
    ) -> Result<OutreachShiftPayload> {
        input.done(ctx).await
    }
    /// Corrects an outreach shift that is over, as often as it takes; what it said before is kept.
    async fn correct_outreach_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shift, and what should have been said of it.")] input: CorrectOutreachShiftInput,
    ) -> Result<OutreachShiftPayload> {
        let (which, right) = input.split();
        OutreachShiftPayload::of(ctx, act::correct(ctx.caller(), which, right).await)
    }
    /// Voids an outreach shift that was recorded by mistake: it is kept, and left out of lists.
    async fn void_outreach_shift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shift, and why.")] input: VoidOutreachShiftInput,
    ) -> Result<OutreachShiftPayload> {
        OutreachShiftPayload::of(ctx, Mistaken::from(input).void::<table::Entity>(ctx.caller()).await)
    }
}
