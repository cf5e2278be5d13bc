//! Outreach shifts: begun when the workers go out or recorded when they are back, ended, and corrected with a reason.
use super::{
    record::{Mistaken, Recording},
    settled,
};
use crate::{
    act::{prefixed, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    access::NoticeKind,
    catalogue::session::day,
    id::{OrganizationId, OutreachShiftId},
    machine::Machine,
    outreach::outreach_shift::{OutreachShiftContent, ShiftCorrections, ShiftMove, ShiftState},
    policy::Action,
    rejection::{Code, Rejection, Rejections},
    scalar::{DateTime, Time},
};
use entity::outreach::outreach_shift as table;
use serde::Serialize;

/// What is said when a shift begins.
#[derive(Clone, Debug, Serialize)]
pub struct BeginShift {
    /// Whose it is, and what is said of it.
    #[serde(flatten)]
    pub recording: Recording<OutreachShiftContent>,
    /// By when the workers mean to be back, or to say that all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime>,
}

/// Begins a shift, or records one that is over.
///
/// # Errors
/// Faults of the content, a time of return of one that is over or on another day, a day to come, somebody who did not work there, or a caller without the right.
pub async fn begin(caller: &Caller, given: Option<&str>, begun: BeginShift) -> Result<table::Model> {
    let by = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    let input = &begun.recording;
    under("content", &input.content.check())?;
    if let Some(due) = begun.due_at {
        if input.content.to.is_some() {
            return Err(Error::reject(Code::DoesNotAgree, &["dueAt"]));
        }
        let (first, last) = (input.effective_date.0, input.effective_date.0 + TimeDelta::days(1));
        if !(first..=last).contains(&day(due.0)) {
            return Err(Rejection::with(Code::OutOfRange, &["dueAt"], format!("{first}–{last}")).into());
        }
    }
    let id: OutreachShiftId = input.id();
    caller
        .write_once::<table::Entity>(input.key(given).as_deref(), "beginOutreachShift", &begun, id, async |work: &mut Work| {
            let (organization, effective_date, place) = input.begin::<table::Entity>(work, &input.content.place).await?;
            let mut content = OutreachShiftContent { place, ..input.content.clone() };
            if content.workers.is_empty() {
                content.workers.push(by);
            }
            check_workers(work, &content.workers, &[], organization.id, effective_date).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                effective_date,
                state: if content.to.is_some() { ShiftState::Ended } else { ShiftState::Out },
                content,
                corrections: ShiftCorrections::default(),
                voided: None,
                due_at: begun.due_at.map(|due| due.0),
                checked_in_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Each did open work in the organisation on that day; those who were named before have been found to.
async fn check_workers(work: &Work, workers: &[String], before: &[String], organization: OrganizationId, on: NaiveDate) -> Result<()> {
    let mut out = Rejections::default();
    for (i, worker) in workers.iter().enumerate() {
        if !before.contains(worker) && !work.did_open_work(worker, organization, on).await? {
            out.add(Code::NotColleague, &["content", "workers", &i.to_string()]);
        }
    }
    Ok(out.into_result()?)
}

/// What is said when a shift ends.
#[derive(Clone, Debug, Serialize)]
pub struct ShiftEnd {
    /// Until when it was.
    pub to: Time,
    /// How many kilometres it was.
    pub km: Option<i32>,
    /// What else should be known; what was said at the beginning stays when there is nothing new.
    pub note: Option<String>,
}

/// Ends a shift: the workers are back.
///
/// # Errors
/// Faults of what is said, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, given: Option<&str>, id: OutreachShiftId, expected: i32, end: ShiftEnd) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(given, "endOutreachShift", &(id, expected, &end), id, async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let state = before.state.step(ShiftMove::End)?;
            let was = before.content.clone();
            let content = OutreachShiftContent { to: Some(end.to), km: end.km.or(was.km), note: end.note.clone().or_else(|| was.note.clone()), ..was };
            let mut faults = Rejections::default();
            content.check_end(&mut faults);
            faults.into_result()?;
            let next = table::Model { state, content, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Says from a shift that all is well, and by when it is said again or the workers are back.
///
/// # Errors
/// A time that is over or more than a day away, a shift that is over, a stale version, or a caller without the right.
pub async fn check_in(caller: &Caller, given: Option<&str>, id: OutreachShiftId, expected: i32, due: DateTime) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(given, "checkInFromOutreachShift", &(id, expected, due), id, async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            before.state.step(ShiftMove::End)?;
            let now = work.now();
            if due.0 <= now || due.0 > now + LONGEST {
                return Err(Rejection::with(Code::OutOfRange, &["dueAt"], format!("0–{} h", LONGEST.num_hours())).into());
            }
            let next = table::Model { due_at: Some(due.0), checked_in_at: Some(now), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// How long it can be until somebody is to be heard of again.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Tells those who work there of shifts from which nobody has come back or been heard of in time, once for each such time, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn tell_overdue(system: &Caller) -> Result<Tally> {
    let mut told = Tally::default();
    for (id, _) in system.reader().find::<table::Entity>().filter(table::overdue_untold(system.now())).versions().await? {
        told.note("outreach shifts", id, system.write(async |work: &mut Work| tell_of(work, id.into()).await).await);
    }
    Ok(told)
}

/// Tells everybody who works there, so that somebody can go and look.
async fn tell_of(work: &mut Work, id: OutreachShiftId) -> Result<usize> {
    work.hold::<table::Entity>(id).await?;
    let row = work.fetch::<table::Entity>(id, Action::Read).await?;
    // Back, or heard of, in the meantime.
    let Some(due) = row.due_at.filter(|_| row.is_overdue(work.now())) else { return Ok(0) };
    let once = format!("shift:{id}:{}", due.timestamp());
    work.notify_of_shift(row.network_id, Addressee::Organization(row.organization_id), NoticeKind::ShiftOverdue, id, once);
    Ok(1)
}

/// Corrects a shift that is over; what it said before is kept.
///
/// # Errors
/// As [`Mistaken::correct`], and somebody who is new in it and did not work there.
pub async fn correct(caller: &Caller, which: Mistaken<OutreachShiftId>, right: OutreachShiftContent) -> Result<table::Model> {
    let mut faults = right.check();
    for (missing, field) in [(right.workers.is_empty(), "workers"), (right.to.is_none(), "to")] {
        if missing {
            faults.add(Code::Required, &[field]);
        }
    }
    let faults = prefixed("content", &faults);
    let fits = async |work: &mut Work, row: &table::Model, right: &mut OutreachShiftContent| {
        right.place = settled(work, &right.place, Some(&row.content.place), row.network_id).await?;
        check_workers(work, &right.workers, &row.content.workers, row.organization_id, row.effective_date).await
    };
    which.correct::<table::Entity>(caller, right, faults, fits).await
}
