//! Outreach shifts: begun when the workers go out or recorded when they are back, ended, and corrected with a reason.
use super::{
    check_place,
    record::{Mistaken, Recording},
};
use crate::{
    act::{prefixed, under},
    caller::Caller,
    error::Result,
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    id::{OrganizationId, OutreachShiftId},
    machine::Machine,
    outreach::outreach_shift::{OutreachShiftContent, ShiftCorrections, ShiftMove, ShiftState},
    policy::Action,
    rejection::{Code, Rejections},
    scalar::Time,
};
use entity::outreach::outreach_shift as table;
use serde::Serialize;

/// Begins a shift, or records one that is over.
///
/// # Errors
/// Faults of the content, a day to come, somebody who did not work there, or a caller without the right.
pub async fn begin(caller: &Caller, given: Option<&str>, input: Recording<OutreachShiftContent>) -> Result<table::Model> {
    let by = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    under("content", &input.content.check())?;
    let id: OutreachShiftId = input.id();
    caller
        .write_once::<table::Entity>(input.key(given).as_deref(), "beginOutreachShift", &input, id, async |work: &mut Work| {
            let (organization, effective_date) = input.begin::<table::Entity>(work, &input.content.place).await?;
            let mut content = input.content.clone();
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
    let (faults, said) = (prefixed("content", &faults), right.clone());
    let fits = async |work: &mut Work, row: &table::Model| {
        check_place(work, &said.place, row.network_id).await?;
        check_workers(work, &said.workers, &row.content.workers, row.organization_id, row.effective_date).await
    };
    which.correct::<table::Entity>(caller, right, faults, fits).await
}
