//! Calendars of one's own.
use crate::{
    act::access::calendar,
    error::Result,
    graphql::{
        Asked,
        payload::{UserError, payload, split},
    },
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    id::{CalendarFeedId, Kinded},
    scalar,
};
use entity::access::calendar_feed as table;

/// A calendar of one's own (oma kalenteri).
pub struct CalendarFeed(table::Model);

impl From<table::Model> for CalendarFeed {
    fn from(row: table::Model) -> Self {
        Self(row)
    }
}

/// A calendar of one's own (oma kalenteri) for a calendar program to follow: the sessions of what you take part in, and those that you lead. It names nobody.
#[Object]
impl CalendarFeed {
    /// Opaque id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What you call it.
    async fn label(&self) -> &str {
        &self.0.label
    }
    /// When it was made.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.created_at)
    }
}

/// The outcome of making a calendar of one's own.
#[derive(SimpleObject)]
struct CreateCalendarFeedPayload {
    /// The calendar; null when it was refused.
    calendar_feed: Option<CalendarFeed>,
    /// Its address on this server, told this once: whoever knows it reads the calendar. Null when it was refused.
    calendar_url: Option<String>,
    /// Why nothing was kept; empty when it was.
    user_errors: Vec<UserError>,
}

payload! {
    /// The outcome of ending a calendar of one's own.
    CalendarFeedPayload {
        /// The calendar that is not read any more; null when it was refused.
        calendar_feed: CalendarFeed
    }
}

/// A calendar of one's own that is made.
#[derive(InputObject)]
struct CreateCalendarFeedInput {
    /// What you call it, for example the device that follows it: at most 50 characters.
    label: String,
}

/// A calendar of one's own that is ended.
#[derive(InputObject)]
struct RevokeCalendarFeedInput {
    /// The calendar.
    id: CalendarFeedId,
}

/// Questions about calendars of one's own.
#[derive(Default)]
pub struct CalendarQuery;

/// Questions about calendars of one's own.
#[Object]
impl CalendarQuery {
    /// Your own calendars, at most ten, in the order in which they were made; none when you have not signed in. Their addresses are not kept.
    async fn calendar_feeds(&self, ctx: &Context<'_>) -> Result<Vec<CalendarFeed>> {
        let mut rows = ctx.caller().reader().find::<table::Entity>().all().await?;
        rows.sort_unstable_by_key(|row| row.id);
        Ok(rows.into_iter().map(CalendarFeed).collect())
    }
}

/// Changes of calendars of one's own.
#[derive(Default)]
pub struct CalendarMutation;

/// Changes of calendars of one's own.
#[Object]
impl CalendarMutation {
    /// Makes a calendar of your own (oma kalenteri) under an address that nobody can guess.
    async fn create_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you call it.")] input: CreateCalendarFeedInput,
    ) -> Result<CreateCalendarFeedPayload> {
        let (made, user_errors) = split(ctx, calendar::create(ctx.caller(), input.label).await)?;
        let (calendar_feed, calendar_url) = made.map(|(row, token)| (CalendarFeed(row), calendar::address(&token))).unzip();
        Ok(CreateCalendarFeedPayload { calendar_feed, calendar_url, user_errors })
    }
    /// Ends a calendar of your own: its address is not answered any more.
    async fn revoke_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which calendar.")] input: RevokeCalendarFeedInput,
    ) -> Result<CalendarFeedPayload> {
        CalendarFeedPayload::of(ctx, calendar::revoke(ctx.caller(), input.id).await)
    }
}
