//! Anonymous contacts.
use super::{
    outreach_shift::OutreachShift,
    place::OutreachPlace,
    record::{self, Said, correction_input, listing, record, recording_input, void_input},
};
use crate::{
    act::outreach::{
        anonymous_contact as act,
        record::{Mistaken, Recording},
    },
    error::Result,
    graphql::{Asked, batch::Done, order, page::Page, payload::payload},
    store::Window,
};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    id::{AnonymousContactId, OutreachShiftId},
    outreach::{
        anonymous_contact::{AnonymousContactContent, ContactChannel, ContactResult},
        drop_in_day::{AgeBand, HelpTheme},
        record::{OutreachMove, OutreachState},
    },
    person::identity::Gender,
};
use entity::outreach::{anonymous_contact as table, outreach_shift};
use sea_orm::ColumnTrait;

/// What is said of a contact.
#[derive(SimpleObject)]
pub struct ContactSaid {
    /// Where it was.
    place: OutreachPlace,
    /// How somebody was met.
    channel: ContactChannel,
    /// How old, as far as one could tell; null when that is not said.
    age_band: Option<AgeBand>,
    /// The gender, as the worker took it or the person told it; null when that is not said.
    gender: Option<Gender>,
    /// With what there was help.
    themes: Vec<HelpTheme>,
    /// How many minutes it took.
    minutes: i32,
    /// What came of it.
    result: ContactResult,
    /// What else should be known; null when nothing is said.
    note: Option<String>,
}

impl Said for ContactSaid {
    const CORRECTION: &'static str = "AnonymousContactCorrection";
}

impl From<AnonymousContactContent> for ContactSaid {
    fn from(content: AnonymousContactContent) -> Self {
        let AnonymousContactContent { place, channel, age_band, gender, themes, minutes, result, note } = content;
        Self { place: OutreachPlace(place), channel, age_band, gender, themes, minutes, result, note }
    }
}

record! {
    /// Meeting somebody without asking who it is (anonyymi kohtaaminen): nothing leads from it to a person, and only whoever is told the code word knows
    /// under which handle it stands. The organisation's own workers see it.
    AnonymousContact of table, said: ContactSaid, machine: OutreachState by OutreachMove {
        /// The shift in which it was; null when it was in none.
        async fn shift(&self, ctx: &Context<'_>) -> Result<Option<OutreachShift>> {
            let Some(id) = self.0.shift_id else { return Ok(None) };
            Ok(ctx.caller().load::<outreach_shift::Entity>(id).await?.map(OutreachShift::from))
        }
    }
}

payload! {
    /// The outcome of recording, correcting or voiding a contact.
    AnonymousContactPayload {
        /// The contact as it is now; null when it was refused.
        anonymous_contact: AnonymousContact
    }
}

recording_input! {
    /// A contact as it is recorded.
    RecordAnonymousContactInput of AnonymousContactContent {
        /// The shift in which it was, of the same organisation and day; null when it was in none.
        shift: Option<OutreachShiftId>,
        /// The code word of the handle under which it stands, as the person tells it; null when there is none. Wrong ones are counted by each server: after
        /// ten in an hour you are refused as RATE_LIMITED. A contact that is sent again counts as no guess. When the handle has ended meanwhile
        /// (UNKNOWN_REFERENCE `codeWord`, or IDEMPOTENCY_MISMATCH for one that was recorded already), send it again without the code word.
        code_word: Option<String>,
    }
}

impl Done for RecordAnonymousContactInput {
    type Payload = AnonymousContactPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<AnonymousContactPayload> {
        let recording = Recording { organization: self.organization, uuid: self.uuid, effective_date: self.effective_date, content: self.content };
        let what = act::RecordContact { recording, shift: self.shift, code_word: self.code_word };
        AnonymousContactPayload::of(ctx, act::record(ctx.caller(), self.idempotency_key.as_deref(), what).await)
    }
}

correction_input! {
    /// What should have been said of a contact.
    CorrectAnonymousContactInput of AnonymousContactId, content: AnonymousContactContent
}

void_input! {
    /// A contact that was recorded by mistake.
    VoidAnonymousContactInput of AnonymousContactId
}

listing!("anonymous contacts", AnonymousContactFilter, AnonymousContactOrder by AnonymousContactOrderField, state: OutreachState {
    /// Met in one of these ways.
    #[graphql(validator(max_items = 100))]
    channels: Option<Vec<ContactChannel>>,
    /// With one of these results.
    #[graphql(validator(max_items = 100))]
    results: Option<Vec<ContactResult>>,
    /// In this shift.
    shift: Option<OutreachShiftId>,
});

/// Questions about anonymous contacts.
#[derive(Default)]
pub struct AnonymousContactQuery;

/// Questions about anonymous contacts.
#[Object]
impl AnonymousContactQuery {
    /// An anonymous contact (anonyymi kohtaaminen); null when there is none, or it is not your organisation's.
    async fn anonymous_contact(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: AnonymousContactId) -> Result<Option<AnonymousContact>> {
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(AnonymousContact::from))
    }
    /// The anonymous contacts of your organisation, by default in the order in which they were recorded.
    async fn anonymous_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<AnonymousContactFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<AnonymousContactOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<AnonymousContact>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = record::narrowed::<table::Entity>(f.organizations, f.states, f.from, f.to)
            .add_option(f.channels.map(|of| table::Column::Channel.is_in(of)))
            .add_option(f.results.map(|of| table::Column::Result.is_in(of)))
            .add_option(f.shift.map(|of| table::Column::ShiftId.eq(of)));
        record::list::<table::Entity, _, _>(ctx, condition, order::keys(order_by, (AnonymousContactOrderField::RecordedAt, false))?, &window).await
    }
}

/// Changes of anonymous contacts.
#[derive(Default)]
pub struct AnonymousContactMutation;

/// Changes of anonymous contacts.
#[Object]
impl AnonymousContactMutation {
    /// Records an anonymous contact of your own organisation, on the day or later. Not in one request with anything about a client (SEND_APART): by the
    /// moment, the one would lead to the other.
    async fn record_anonymous_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose contact, and what is said of it.")] input: RecordAnonymousContactInput,
    ) -> Result<AnonymousContactPayload> {
        input.done(ctx).await
    }
    /// Corrects an anonymous contact, as often as it takes; what it said before is kept.
    async fn correct_anonymous_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contact, and what should have been said of it.")] input: CorrectAnonymousContactInput,
    ) -> Result<AnonymousContactPayload> {
        let (which, right) = input.split();
        AnonymousContactPayload::of(ctx, act::correct(ctx.caller(), which, right).await)
    }
    /// Voids an anonymous contact that was recorded by mistake: it is kept, and left out of lists.
    async fn void_anonymous_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contact, and why.")] input: VoidAnonymousContactInput,
    ) -> Result<AnonymousContactPayload> {
        AnonymousContactPayload::of(ctx, Mistaken::from(input).void::<table::Entity>(ctx.caller()).await)
    }
}
