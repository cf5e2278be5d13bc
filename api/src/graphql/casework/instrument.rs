//! Instruments and the responses to them, with the change between phases.
use crate::{
    act::casework::instrument_response::{self, RecordInstrumentResponse},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        code::stable_id,
        page::{self, Page},
        payload::payload,
        text::LocalizedText,
    },
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    casework::instrument::{self as rules, InstrumentAnswer, ItemChange, MeasurementPhase, Scoring, changes, instruments},
    id::{CaseId, Kinded, public_id},
    noted_field::NotedField,
    private::Private,
    scalar::Date,
};
use entity::casework::instrument_response as table;
use std::sync::Arc;
use uuid::Uuid;

/// An instrument (mittari).
#[derive(Clone, Copy)]
pub struct Instrument(&'static rules::Instrument);

/// An instrument (mittari) in one version: what is asked or scored, on which scale, and under which terms it may be used.
#[Object]
impl Instrument {
    /// Opaque id, the same in every installation.
    pub async fn id(&self) -> ID {
        ID(public_id("Instrument", stable_id("instrument", &self.0.key)))
    }
    /// Its key, for example `WAS`; name it when a response is recorded.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// Its version.
    async fn version(&self) -> &str {
        &self.0.version
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.name).into()
    }
    /// Where it comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }
    /// Under which terms it may be used, in Finnish.
    async fn licence(&self) -> &str {
        &self.0.licence
    }
    /// How many items must be answered at least.
    async fn least_answers(&self) -> i32 {
        i32::try_from(self.0.least).unwrap_or(i32::MAX)
    }
    /// How a score is made of the answers.
    async fn scoring(&self) -> Scoring {
        self.0.scoring
    }
    /// More is better.
    async fn higher_is_better(&self) -> bool {
        self.0.higher_is_better
    }
    /// Its items, in order. Of an instrument whose questions belong to its publisher, the areas that are scored.
    async fn items(&self) -> Vec<InstrumentItem> {
        let item = |item: &rules::Item| InstrumentItem { key: item.key.clone(), min: item.min, max: item.max, text: (&item.text).into() };
        self.0.items.iter().map(item).collect()
    }
}

pub(in crate::graphql) fn instrument_by_id(id: Uuid) -> Option<Instrument> {
    instruments().iter().find(|instrument| stable_id("instrument", &instrument.key) == id).map(Instrument)
}

/// An item of an instrument (osio).
#[derive(SimpleObject)]
struct InstrumentItem {
    /// Its key, for example `self_esteem`.
    key: String,
    /// The least answer.
    min: i32,
    /// The greatest answer.
    max: i32,
    /// What is asked or scored.
    text: LocalizedText,
}

/// A response to an instrument (mittarin vastaus).
pub struct InstrumentResponse(Arc<table::Model>);

impl From<table::Model> for InstrumentResponse {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl InstrumentResponse {
    /// What was answered; none for those to whom the client's data of special categories is not open.
    async fn told(&self, ctx: &Context<'_>) -> Result<Option<Private<Vec<InstrumentAnswer>>>> {
        if !ctx.caller().sees_special_category(self.0.client_id, NotedField::InstrumentResponseAnswers).await? {
            return Ok(None);
        }
        instrument_response::answers(ctx.caller().vault(), &self.0).map(Some)
    }
    fn points(&self, answers: &[InstrumentAnswer]) -> Option<f64> {
        rules::instrument(&self.0.instrument)?.score(answers)
    }
}

/// A response to an instrument (mittarin vastaus). It is never changed.
#[Object]
impl InstrumentResponse {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// The instrument; null when this server does not know it any more.
    async fn instrument(&self) -> Option<Instrument> {
        rules::instrument(&self.0.instrument).map(Instrument)
    }
    /// The version of the instrument that was answered.
    async fn instrument_version(&self) -> &str {
        &self.0.instrument_version
    }
    /// In which phase.
    async fn phase(&self) -> MeasurementPhase {
        self.0.phase
    }
    /// The day.
    async fn answered_on(&self) -> Date {
        Date(self.0.answered_on)
    }
    /// The client answered oneself (itsearvio), and not a worker for the client.
    async fn by_client(&self) -> bool {
        self.0.by_client
    }
    /// Who recorded it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// The answers; null for those whose care relation rests on the handling of a referral alone. Reading them, or what is made of them, is kept in the use
    /// log.
    async fn answers(&self, ctx: &Context<'_>) -> Result<Option<Vec<InstrumentAnswer>>> {
        Ok(self.told(ctx).await?.map(|told| told.reveal().clone()))
    }
    /// The score; null where each item stands for itself, and for those who are not told the answers.
    async fn score(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        Ok(self.told(ctx).await?.and_then(|told| self.points(told.reveal())))
    }
    /// How it has changed since the newest earlier response of the same case to the same version of the instrument in a phase; null when there is none, and
    /// for those who are not told the answers.
    async fn change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Since which phase.", default_with = "MeasurementPhase::Baseline")] since: MeasurementPhase,
    ) -> Result<Option<InstrumentChange>> {
        let rows = ctx.caller().children::<table::Entity>(self.0.client_id).await?;
        let comparable = |row: &table::Model| {
            row.case_id == self.0.case_id && row.instrument == self.0.instrument && row.instrument_version == self.0.instrument_version && row.phase == since
        };
        let earlier = rows.into_iter().filter(|row| comparable(row) && (row.answered_on, row.id) < (self.0.answered_on, self.0.id));
        let Some(before) = earlier.max_by_key(|row| (row.answered_on, row.id)).map(InstrumentResponse::from) else { return Ok(None) };
        let (Some(then), Some(now)) = (before.told(ctx).await?, self.told(ctx).await?) else { return Ok(None) };
        let score = self.points(now.reveal()).zip(self.points(then.reveal())).map(|(now, then)| now - then);
        Ok(Some(InstrumentChange { items: changes(then.reveal(), now.reveal()), before, score }))
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
}

/// How two responses to an instrument differ (muutos).
#[derive(SimpleObject)]
struct InstrumentChange {
    /// The response that it is compared with.
    before: InstrumentResponse,
    /// The items that are answered both times.
    items: Vec<ItemChange>,
    /// The difference of the scores; null where each item stands for itself.
    score: Option<f64>,
}

payload! {
    /// The outcome of recording a response to an instrument.
    InstrumentResponsePayload {
        /// The response; null when it was refused.
        instrument_response: InstrumentResponse
    }
}

/// A response that is recorded.
#[derive(InputObject)]
struct RecordInstrumentResponseInput {
    /// The case.
    case: CaseId,
    /// The key of the instrument.
    instrument: String,
    /// In which phase.
    phase: MeasurementPhase,
    /// The day; without it, today.
    answered_on: Option<Date>,
    /// The answers; some items may be left out.
    #[graphql(validator(max_items = 100))]
    answers: Vec<InstrumentAnswer>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Questions about instruments.
#[derive(Default)]
pub struct InstrumentQuery;

/// Questions about instruments.
#[Object]
impl InstrumentQuery {
    /// The instruments (mittarit) that this server knows, by key.
    async fn instruments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Instrument>> {
        let window = Window::parse(first, after, last, before)?;
        let mut all: Vec<&'static rules::Instrument> = instruments().iter().collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(page::of_memory(ctx, &all, &window, |instrument| (instrument.key.clone(), Uuid::nil()), Instrument))
    }
}

/// Changes of responses to instruments.
#[derive(Default)]
pub struct InstrumentMutation;

/// Changes of responses to instruments.
#[Object]
impl InstrumentMutation {
    /// Records a response to an instrument: your own as the client (itsearvio), or one that a client gives with you.
    async fn record_instrument_response(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which case, and what.")] input: RecordInstrumentResponseInput,
    ) -> Result<InstrumentResponsePayload> {
        let what = RecordInstrumentResponse {
            case: input.case,
            instrument: input.instrument,
            phase: input.phase,
            answered_on: input.answered_on,
            answers: input.answers,
        };
        InstrumentResponsePayload::of(ctx, instrument_response::record(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
}
