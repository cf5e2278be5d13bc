//! Sessions: planned one by one or from a recurrence rule, moved, held, cancelled with a reason.
use super::{
    booking::{self, Paths},
    offering::is_shown,
    venue::is_agreed,
};
use crate::{
    act::delivery::participation,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use domain::{
    catalogue::{
        publishing::PublishingMove,
        session::{MAX_DAYS, SessionMove, SessionState, check_length, day, expand, instant},
    },
    event::Happening,
    id::{NetworkId, ServiceOfferingId, SessionId, SessionSeriesId, VenueId},
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejections},
    scalar::RecurrenceRule,
    text::{self, LocalizedText},
};
use entity::catalogue::{service_offering, session, session_series, venue};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said when sessions are planned.
#[derive(Clone, Debug, Serialize)]
pub struct ScheduleSessions {
    /// The offering.
    pub offering: ServiceOfferingId,
    /// How they recur; without a rule there is one session.
    pub rule: Option<RecurrenceRule>,
    /// The first start by the clock on the wall, Europe/Helsinki.
    pub first_start: NaiveDateTime,
    /// The last day on which one may start; none is the first day, or the end of a rule that has one.
    pub until: Option<NaiveDate>,
    /// The length of each in minutes.
    pub minutes: i32,
    /// Who leads them.
    pub leader: Option<String>,
    /// The stable key of the worker who leads them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_account: Option<String>,
    /// Where they are held, when not at the offering's own place.
    pub venue: Option<VenueId>,
}

/// Plans the sessions of an offering. All of them or none are made.
///
/// # Errors
/// A rule that gives none or too many, times outside the offering's dates, a venue or leader that is taken, or a caller without the right.
pub async fn schedule(caller: &Caller, key: Option<&str>, input: ScheduleSessions) -> Result<service_offering::Model> {
    caller.signed_in()?;
    check_form(&input).into_result()?;
    let starts = starts(&input).await?;
    caller
        .write_once::<service_offering::Entity>(key, "scheduleSessions", &input, input.offering, async |work: &mut Work| {
            // Held, so that it does not come to another venue meanwhile.
            work.hold::<service_offering::Entity>(input.offering).await?;
            let offering = work.fetch::<service_offering::Entity>(input.offering, Action::Update).await?;
            offering.publishing.step(PublishingMove::Modify)?;
            plan(work, &offering, &input, &starts).await?;
            Ok(offering)
        })
        .await
}

/// What is wrong with the sessions before anything is looked up.
pub(super) fn check_form(input: &ScheduleSessions) -> Rejections {
    let mut out = Rejections::default();
    if let Err(rejection) = check_length(input.minutes) {
        out.push(rejection);
    }
    check_leader(input.leader.as_deref(), input.leader_account.as_deref(), &mut out);
    if input.until.is_none() && input.rule.as_ref().is_some_and(|rule| !rule.ends()) {
        out.add(Code::Required, &["until"]);
    }
    out
}

/// When the sessions start.
pub(super) async fn starts(input: &ScheduleSessions) -> Result<Vec<DateTime<Utc>>> {
    match &input.rule {
        Some(rule) => {
            let (rule, first) = (rule.clone(), input.first_start);
            let until = input.until.unwrap_or_else(|| first.date() + TimeDelta::days(MAX_DAYS));
            // Reading a rule is work without a pause: it must not hold up other callers.
            Ok(tokio::task::spawn_blocking(move || expand(&rule, first, until)).await.map_err(Error::internal)??)
        }
        None => Ok(vec![instant(input.first_start, "time")?]),
    }
}

/// Plans sessions of an offering that the caller may change, with the series that their rule makes of them.
pub(super) async fn plan(work: &mut Work, offering: &service_offering::Model, input: &ScheduleSessions, starts: &[DateTime<Utc>]) -> Result<()> {
    let length = check_length(input.minutes)?;
    let series = match &input.rule {
        None => None,
        Some(rule) => {
            let series = session_series::Model {
                id: SessionSeriesId::new(),
                network_id: offering.network_id,
                organization_id: offering.organization_id,
                offering_id: offering.id,
                rule: rule.as_str().to_owned(),
                first_start: input.first_start,
                until_on: input.until.or_else(|| starts.last().map(|last| day(*last))).unwrap_or_else(|| input.first_start.date()),
                minutes: input.minutes,
                created_at: work.now(),
            };
            Some(work.insert::<session_series::Entity>(series).await?.id)
        }
    };
    let now = work.now();
    let rows = starts.iter().map(|start| session::Model {
        id: SessionId::new(),
        network_id: offering.network_id,
        organization_id: offering.organization_id,
        offering_id: offering.id,
        series_id: series,
        planned_start: *start,
        starts_at: *start,
        ends_at: *start + length,
        state: SessionState::Planned,
        leader: input.leader.as_deref().map(text::tidy),
        leader_account: input.leader_account.clone(),
        venue_id: input.venue,
        places_taken: 0,
        network_taken: 0,
        reason: None,
        created_at: now,
        updated_at: now,
        version: 1,
    });
    add(work, offering, rows.collect(), booking::OF_SESSIONS).await
}

/// Adds planned sessions to an offering: within its dates, where and with whom nothing else is at the time.
pub(super) async fn add(work: &mut Work, offering: &service_offering::Model, rows: Vec<session::Model>, paths: Paths<'_>) -> Result<()> {
    for row in &rows {
        check_dates(offering, row.starts_at)?;
    }
    for at in rows.iter().filter_map(|row| row.venue_id).collect::<BTreeSet<_>>() {
        check_venue(work, Some(at), offering.network_id).await?;
    }
    for account in rows.iter().filter_map(|row| row.leader_account.as_deref()).collect::<BTreeSet<_>>() {
        check_account(work, Some(account), offering).await?;
    }
    booking::book(work, offering, &rows, paths).await?;
    work.insert_many::<session::Entity>(rows).await?;
    tell_of_sessions(work, offering).await
}

/// What is said when a session is moved.
#[derive(Clone, Debug)]
pub struct MoveSession {
    /// The session.
    pub id: SessionId,
    /// The version that was seen.
    pub expected: i32,
    /// The new start by the clock on the wall, Europe/Helsinki.
    pub start: NaiveDateTime,
    /// The new length in minutes.
    pub minutes: i32,
    /// Who leads it then.
    pub leader: Option<String>,
    /// The stable key of the worker who leads it then.
    pub leader_account: Option<String>,
    /// Where it is held then, when not at the offering's own place.
    pub venue: Option<VenueId>,
    /// Why it is moved.
    pub reason: LocalizedText,
}

/// Moves one session to another time, leader or venue; the others of its series stay. Those who have registered for it alone are told of the time and the
/// venue.
///
/// # Errors
/// A session that is over or cancelled, a time outside the offering's dates, a stale version, or a caller without the right.
pub async fn move_to(caller: &Caller, input: MoveSession) -> Result<session::Model> {
    caller.signed_in()?;
    let length = check_length(input.minutes)?;
    let start = instant(input.start, "time")?;
    let mut out = Rejections::default();
    check_leader(input.leader.as_deref(), input.leader_account.as_deref(), &mut out);
    out.into_result()?;
    check_reason(&input.reason)?;
    caller
        .write(async |work: &mut Work| {
            let before = held(work, input.id, input.expected).await?;
            let offering = work.fetch::<service_offering::Entity>(before.offering_id, Action::Update).await?;
            check_dates(&offering, start)?;
            // Where it was to be all along it may still be, whatever has become of that since.
            if input.venue != before.venue_id {
                check_venue(work, input.venue, offering.network_id).await?;
            }
            check_account(work, input.leader_account.as_deref(), &offering).await?;
            let next = session::Model {
                state: before.state.step(SessionMove::Move)?,
                starts_at: start,
                ends_at: start + length,
                leader: input.leader.as_deref().map(text::tidy),
                leader_account: input.leader_account.clone(),
                venue_id: input.venue,
                reason: Some(input.reason.clone().tidy()),
                ..before.clone()
            };
            booking::book(work, &offering, std::slice::from_ref(&next), booking::OF_SESSIONS).await?;
            let row = work.update::<session::Entity>(&before, next, Action::Transition).await?;
            participation::session_moved(work, &before, &row).await?;
            tell_of_sessions(work, &offering).await?;
            Ok(row)
        })
        .await
}

/// Cancels a session with a reason, or records that it was held; those who have registered for it alone are told that it is cancelled, or wait no more.
///
/// # Errors
/// A move that its state does not allow, a session marked as held before it began, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, key: Option<&str>, id: SessionId, expected: i32, by: SessionMove, reason: Option<LocalizedText>) -> Result<session::Model> {
    caller.signed_in()?;
    if let Some(reason) = &reason {
        check_reason(reason)?;
    }
    caller
        .write_once::<session::Entity>(key, "holdSession", &(id, expected), id, async |work: &mut Work| {
            let before = held(work, id, expected).await?;
            if by == SessionMove::Hold && before.starts_at > work.now() {
                return Err(Error::reject(Code::DateOrder, &["id"]));
            }
            let offering = work.fetch::<service_offering::Entity>(before.offering_id, Action::Update).await?;
            let reason = reason.clone().map(LocalizedText::tidy).or_else(|| before.reason.clone());
            let next = session::Model { state: before.state.step(by)?, reason, ..before.clone() };
            let row = work.update::<session::Entity>(&before, next, Action::Transition).await?;
            match by {
                SessionMove::Cancel => participation::sessions_cancelled(work, std::slice::from_ref(&before)).await?,
                SessionMove::Hold => participation::session_held(work, id).await?,
                SessionMove::Move => {}
            }
            tell_of_sessions(work, &offering).await?;
            Ok(row)
        })
        .await
}

/// A session for a move of it, with its offering held: whoever registers for it meanwhile changes its counts, and not its version.
async fn held(work: &Work, id: SessionId, expected: i32) -> Result<session::Model> {
    let seen = work.fetch::<session::Entity>(id, Action::Transition).await?;
    work.hold::<service_offering::Entity>(seen.offering_id).await?;
    work.fetch_at::<session::Entity>(id, expected, Action::Transition).await
}

/// What is said when the rest of a series is cancelled.
#[derive(Clone, Debug)]
pub struct CancelSeries {
    /// The series.
    pub id: SessionSeriesId,
    /// Only sessions that start at this time or later; without it, from now on.
    pub from: Option<DateTime<Utc>>,
    /// Why they are cancelled.
    pub reason: LocalizedText,
}

/// Cancels every planned session of a series from a time on: all of them or none. Those that were held or cancelled before stay as they are.
///
/// # Errors
/// Nothing that is planned from then on, or a caller without the right.
pub async fn cancel_series(caller: &Caller, input: CancelSeries) -> Result<session_series::Model> {
    caller.signed_in()?;
    check_reason(&input.reason)?;
    caller
        .write(async |work: &mut Work| {
            let series = work.fetch::<session_series::Entity>(input.id, Action::Transition).await?;
            work.hold::<service_offering::Entity>(series.offering_id).await?;
            let offering = work.fetch::<service_offering::Entity>(series.offering_id, Action::Update).await?;
            let of_series = session::Column::SeriesId.eq(series.id).and(session::Column::State.eq(SessionState::Planned));
            let from = input.from.unwrap_or_else(|| work.now());
            let mut planned = work.find::<session::Entity>(of_series.and(session::Column::StartsAt.gte(from))).await?;
            if planned.is_empty() {
                return Err(Error::reject(Code::NothingPlanned, &["from"]));
            }
            // Always in the same order, so that two who do this at once wait for each other and not for ever.
            planned.sort_unstable_by_key(|session| session.id);
            for before in &planned {
                let next = session::Model { state: before.state.step(SessionMove::Cancel)?, reason: Some(input.reason.clone().tidy()), ..before.clone() };
                // The caller has named no version of a single session: whoever changed one at this moment makes this one try again.
                work.update::<session::Entity>(before, next, Action::Transition).await.map_err(|fault| match fault {
                    Error::Rejected(_) => Error::Busy,
                    other => other,
                })?;
            }
            participation::sessions_cancelled(work, &planned).await?;
            tell_of_sessions(work, &offering).await?;
            Ok(series)
        })
        .await
}

/// Sessions have no publishing of their own: a change of one is a change of its offering, where everybody sees that.
async fn tell_of_sessions(work: &mut Work, offering: &service_offering::Model) -> Result<()> {
    if is_shown(work, offering).await? {
        work.tell::<service_offering::Entity>(offering, Happening::Changed, true);
    }
    Ok(())
}

fn check_dates(offering: &service_offering::Model, start: DateTime<Utc>) -> Result<()> {
    if offering.content.covers(day(start)) { Ok(()) } else { Err(Error::reject(Code::OutsideDates, &["date"])) }
}

/// People are sent to where the use of the venue is agreed.
async fn check_venue(work: &Work, at: Option<VenueId>, network: NetworkId) -> Result<()> {
    let Some(at) = at else { return Ok(()) };
    let at = work.refer::<venue::Entity>(at, &["venue"]).await?;
    if at.network_id != network {
        return Err(Error::reject(Code::OtherNetwork, &["venue"]));
    }
    if is_agreed(at.status) { Ok(()) } else { Err(Error::reject(Code::VenueNotAgreed, &["venue"])) }
}

/// Whoever is named by the account works for the provider.
async fn check_account(work: &Work, account: Option<&str>, offering: &service_offering::Model) -> Result<()> {
    match account {
        Some(account) if !work.leads_sessions(account, offering.organization_id).await? => Err(Error::reject(Code::UnknownReference, &["leaderAccount"])),
        _ => Ok(()),
    }
}

fn check_leader(leader: Option<&str>, account: Option<&str>, out: &mut Rejections) {
    for (field, value, longest) in [("leader", leader, 100), ("leaderAccount", account, 300)] {
        if let Some(value) = value {
            text::check(value, &[field], longest, out);
        }
    }
}

fn check_reason(reason: &LocalizedText) -> Result<()> {
    let mut out = Rejections::default();
    reason.check("reason", 500, &mut out);
    Ok(out.into_result()?)
}
