//! The next season of an offering: the same again, at the same times of later weeks, and nothing of who took part.
use super::{booking::Paths, offering, session};
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    catalogue::{
        offering::ServiceOfferingContent,
        publishing::PublishingMove,
        session::{LeftOut, SessionState, day, season_shift, shifted},
    },
    id::{ServiceOfferingId, SessionId, SessionSeriesId},
    policy::Action,
    rejection::Code,
    scalar::Date,
    working_day::is_free_day,
};
use entity::catalogue::{service_offering, session as sessions, session_series};
use sea_orm::ColumnTrait;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is said when an offering is copied to a new season.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CopyOffering {
    /// The offering of the last season.
    pub id: ServiceOfferingId,
    /// The first day of the new one.
    pub starts_on: Date,
    /// Sessions are held on free days too.
    pub on_free_days: bool,
    /// It is published at once.
    pub publish: bool,
}

/// A session that is left out of the new season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Omission {
    /// When it would have been.
    pub at: DateTime<Utc>,
    /// Why it is not.
    pub why: LeftOut,
}

/// A session of the last season, and when it is in the new one.
struct Carried {
    old: sessions::Model,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// Copies an offering to a new season: a draft, or published if that is asked. Its content and its sessions come along, each on the same day of the week and
/// at the same time; places taken, participations and attendance do not. The sessions that are left out are told.
///
/// # Errors
/// Nothing to copy, a venue or leader that is taken at the new times, what keeps it from being published, or a caller without the right.
pub async fn copy(caller: &Caller, key: Option<&str>, input: CopyOffering) -> Result<(service_offering::Model, Vec<Omission>)> {
    caller.signed_in()?;
    let id = ServiceOfferingId::new();
    let row = caller
        .write_once::<service_offering::Entity>(key, "copyServiceOffering", &input, id, async |work: &mut Work| {
            let old = work.fetch::<service_offering::Entity>(input.id, Action::Update).await?;
            let rows = work.find::<sessions::Entity>(sessions::Column::OfferingId.eq(old.id)).await?;
            let (by, carried, _) = season(&old, rows, input)?;
            let draft = offering::begin(work, id, old.service_id, old.organization_id, content(&old.content, by, &carried)).await?;
            carry(work, &draft, carried, by).await?;
            if input.publish { offering::go_on(work, &draft, PublishingMove::Publish).await } else { Ok(draft) }
        })
        .await?;
    // Asked of the last season again: under a key that was used before, nothing was copied now.
    let old = caller.load::<service_offering::Entity>(input.id).await?.ok_or(Error::NotFound)?;
    let rows = caller.children::<sessions::Entity>(old.id).await?;
    Ok((row, season(&old, rows, input)?.2))
}

/// By how much the season moves, the sessions that come along, and those that do not.
fn season(old: &service_offering::Model, mut rows: Vec<sessions::Model>, input: CopyOffering) -> Result<(TimeDelta, Vec<Carried>, Vec<Omission>)> {
    rows.sort_unstable_by_key(|row| (row.planned_start, row.id));
    let begun = rows.first().map(|row| day(row.planned_start)).or(old.content.starts_on.map(|start| start.0));
    let by = season_shift(begun.ok_or_else(|| Error::reject(Code::NothingPlanned, &["id"]))?, input.starts_on.0);
    if by <= TimeDelta::zero() {
        return Err(Error::reject(Code::DateOrder, &["startsOn"]));
    }
    let (mut carried, mut omitted) = (Vec::new(), Vec::new());
    for old in rows {
        // As it was planned: what it was moved to was for that once.
        let starts_at = shifted(old.planned_start, by, "startsOn")?;
        if old.state == SessionState::Cancelled {
            omitted.push(Omission { at: starts_at, why: LeftOut::WasCancelled });
        } else if !input.on_free_days && is_free_day(day(starts_at)) {
            omitted.push(Omission { at: starts_at, why: LeftOut::FreeDay });
        } else {
            let ends_at = starts_at + (old.ends_at - old.starts_at);
            carried.push(Carried { old, starts_at, ends_at });
        }
    }
    Ok((by, carried, omitted))
}

fn content(old: &ServiceOfferingContent, by: TimeDelta, carried: &[Carried]) -> ServiceOfferingContent {
    let later = |date: Option<Date>| date.map(|date| Date(date.0 + by));
    let first = carried.first().map(|session| Date(day(session.starts_at)));
    ServiceOfferingContent { starts_on: later(old.starts_on).or(first), ends_on: later(old.ends_on), reserved_until: later(old.reserved_until), ..old.clone() }
}

/// Plans the sessions of the new season, in series of its own.
async fn carry(work: &mut Work, offering: &service_offering::Model, carried: Vec<Carried>, by: TimeDelta) -> Result<()> {
    let mut series = BTreeMap::new();
    for old in work.find::<session_series::Entity>(session_series::Column::OfferingId.eq(carried.first().map(|each| each.old.offering_id))).await? {
        let id = SessionSeriesId::new();
        if carried.iter().any(|each| each.old.series_id == Some(old.id)) {
            let row = session_series::Model {
                id,
                offering_id: offering.id,
                rule: without_end(&old.rule),
                first_start: old.first_start + by,
                until_on: old.until_on + by,
                created_at: work.now(),
                ..old
            };
            series.insert(old.id, work.insert::<session_series::Entity>(row).await?.id);
        }
    }
    let now = work.now();
    let (mut rows, mut leaders) = (Vec::new(), BTreeMap::new());
    for Carried { old, starts_at, ends_at } in carried {
        // Who does not work there any more leads nothing in the new season.
        let still_here = match &old.leader_account {
            Some(account) if !leaders.contains_key(account) => {
                let leads = work.leads_sessions(account, offering.organization_id).await?;
                leaders.insert(account.clone(), leads);
                leads
            }
            Some(account) => leaders[account],
            None => true,
        };
        rows.push(sessions::Model {
            id: SessionId::new(),
            offering_id: offering.id,
            series_id: old.series_id.and_then(|old| series.get(&old).copied()),
            planned_start: starts_at,
            starts_at,
            ends_at,
            state: SessionState::Planned,
            leader: old.leader.clone().filter(|_| still_here),
            leader_account: old.leader_account.clone().filter(|_| still_here),
            places_taken: 0,
            network_taken: 0,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
            ..old
        });
    }
    session::add(work, offering, rows, Paths { venue: &["startsOn"], leader: &["startsOn"] }).await
}

/// A rule without the end that it names: the end of a series is kept beside it.
fn without_end(rule: &str) -> String {
    rule.split(';').filter(|part| !part.to_ascii_uppercase().starts_with("UNTIL=")).collect::<Vec<_>>().join(";")
}
