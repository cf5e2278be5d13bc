//! Series of sessions.
use super::{ServiceOffering, Session, access, in_either, session::Part};
use crate::{
    act::catalogue::session,
    error::{Error, Result},
    graphql::{
        Asked,
        page::{Edition, Page},
        payload::payload,
    },
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    id::{Kinded, SessionSeriesId},
    policy::Resource,
    scalar::{self, Date, RecurrenceRule, Time},
    text,
};
use entity::catalogue::session_series as table;
use std::sync::Arc;
use uuid::Uuid;

/// A series of sessions (kertasarja), seen with a published offering or with a working copy.
pub struct SessionSeries {
    /// The row; it has no copy.
    pub row: Arc<table::Model>,
    /// Of which edition its sessions are shown.
    pub edition: Edition,
}

impl From<table::Model> for SessionSeries {
    fn from(row: table::Model) -> Self {
        Self { row: Arc::new(row), edition: Edition::Working }
    }
}

pub(super) fn key(row: &table::Model) -> (String, Uuid) {
    (row.first_start.format("%Y-%m-%dT%H:%M:%S").to_string(), row.id.0)
}

/// A series of sessions (kertasarja): what was planned together from one recurrence rule. Each session may be moved or cancelled since.
#[Object]
impl SessionSeries {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.row.id.to_public())
    }
    /// The offering that it belongs to: the published one, or your working copy where it is not public.
    async fn offering(&self, ctx: &Context<'_>) -> Result<ServiceOffering> {
        let (row, edition) = in_either(ctx, |s| &s.offerings, self.row.offering_id).await?.ok_or(Error::NotFound)?;
        Ok(ServiceOffering { row, edition })
    }
    /// How its sessions recur (RFC 5545, without DTSTART), by the clock on the wall in Finland.
    async fn rule(&self) -> Result<RecurrenceRule> {
        RecurrenceRule::parse(&self.row.rule).map_err(Error::internal)
    }
    /// The day of the first session, as it was planned.
    async fn date(&self) -> Date {
        Date(self.row.first_start.date())
    }
    /// The time at which each was planned to start, in Europe/Helsinki.
    async fn time(&self) -> Time {
        Time(self.row.first_start.time())
    }
    /// The last day on which one was planned to start.
    async fn until(&self) -> Date {
        Date(self.row.until_on)
    }
    /// The length of each in minutes, as it was planned.
    async fn minutes(&self) -> i32 {
        self.row.minutes
    }
    /// Its sessions that have not ended yet, by their start, cancelled ones too; reached from a working copy also past ones, from a time that is given.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only sessions that start at this time or later.")] from: Option<scalar::DateTime>,
        #[graphql(desc = "Only sessions that start before this time.")] to: Option<scalar::DateTime>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Session>> {
        let window = Window::parse(first, after, last, before)?;
        let part = Part { offering: self.row.offering_id, series: Some(self.row.id), from, to };
        super::session::part(ctx, part, self.edition, &window).await
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::SessionSeries, Some(self.row.network_id), Some(self.row.organization_id))
    }
    /// When it was planned.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.row.created_at)
    }
}

payload! {
    /// The outcome of cancelling the rest of a series.
    SessionSeriesPayload {
        /// The series with its sessions as they are now; null when it was refused.
        session_series: SessionSeries
    }
}

/// The rest of a series of sessions, which is cancelled.
#[derive(InputObject)]
struct CancelSessionSeriesInput {
    /// The series.
    id: SessionSeriesId,
    /// Only sessions that start at this time or later; without it, from now on.
    from: Option<scalar::DateTime>,
    /// Why they are cancelled, at most 500 characters a language.
    reason: text::LocalizedText,
}

/// Changes of series of sessions.
#[derive(Default)]
pub struct SessionSeriesMutation;

/// Changes of series of sessions.
#[Object]
impl SessionSeriesMutation {
    /// Ends a series: cancels each of its planned sessions from a time on, with a reason; all of them or none. Held ones stay, and the cancelled stay visible as such.
    async fn cancel_session_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which series, from when on, and why.")] input: CancelSessionSeriesInput,
    ) -> Result<SessionSeriesPayload> {
        let what = session::CancelSeries { id: input.id, from: input.from.map(|at| at.0), reason: input.reason };
        SessionSeriesPayload::of(ctx, session::cancel_series(ctx.caller(), what).await)
    }
}
