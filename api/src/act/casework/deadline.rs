//! Deadlines of cases: worked out from what has happened, told in time to whoever sees to the case.
use super::worker;
use crate::{
    act::timed::Tally,
    caller::Caller,
    error::Result,
    store::{Addressee, Order, Window, Work},
};
use chrono::{Days, NaiveDate};
use domain::{
    access::NoticeKind,
    casework::case::CaseStage,
    catalogue::session::day,
    deadline::{self, Deadline, DeadlineEvent, Facts, NEVER, REMIND_DAYS, Times},
    policy::Action,
};
use entity::casework::{case, referral};
use sea_orm::{ColumnTrait, Condition};
use std::collections::{BTreeMap, BTreeSet};

const fn times(row: &case::Model) -> Times {
    let case::Model { pending_at, urgent_checked_at, opened_at, assessed_at, served_at, .. } = *row;
    Times { pending_at, urgent_checked_at, opened_at, assessed_at, served_at }
}

/// The deadlines of a case, the earliest first; of a closed one those that were met.
#[must_use]
pub fn of(row: &case::Model) -> Vec<Deadline> {
    let mut happened = times(row).days();
    if let Some(suspension) = &row.suspension {
        happened.push((DeadlineEvent::ReviewDue, suspension.review_on));
    }
    let mut found = deadline::deadlines(&Facts { groups: &row.content.groups, urgent: row.content.urgent, happened: &happened });
    if row.stage == CaseStage::Closed {
        found.retain(|deadline| deadline.met_on.is_some());
    }
    found
}

/// The row with the last day of its next deadline as it is now.
pub(crate) fn dated(row: case::Model) -> case::Model {
    let next_due_on = deadline::next(&of(&row)).map_or(NEVER, |deadline| deadline.due_on);
    case::Model { next_due_on, ..row }
}

/// How many cases are looked at in one transaction.
const BATCH: usize = 100;

/// Reminds those who see to cases of deadlines that are near, each once whoever of several servers does it, as the system itself; how many cases were looked at.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let until = day(system.now()).checked_add_days(Days::new(REMIND_DAYS)).unwrap_or(NaiveDate::MAX);
    let near = Condition::all().add(case::Column::Stage.ne(CaseStage::Closed)).add(case::Column::NextDueOn.lte(until));
    let mut window = Window { first: Some(BATCH), ..Window::default() };
    let mut looked_at = Tally::default();
    loop {
        let slice = system.reader().find::<case::Entity>().filter(near.clone()).page(&Order::by_id(false), &window).await?;
        let Some(last) = slice.rows.last().map(|row| row.id) else { return Ok(looked_at) };
        let together = remind_all(system, &slice.rows, until).await;
        if together.is_ok() || slice.rows.len() == 1 {
            looked_at.note("reminders", last, together);
        } else {
            // One of them keeps no other from being told.
            for row in &slice.rows {
                looked_at.note("reminders", row.id, remind_all(system, std::slice::from_ref(row), until).await);
            }
        }
        if !slice.has_next {
            return Ok(looked_at);
        }
        window.after = Some((String::new(), last.0));
    }
}

async fn remind_all(system: &Caller, cases: &[case::Model], until: NaiveDate) -> Result<usize> {
    system
        .write(async |work: &mut Work| {
            let owners: BTreeSet<_> = cases.iter().map(|row| (row.organization_id, row.own_worker.clone())).collect();
            let mut on_duty = BTreeMap::new();
            for (organization, own_worker) in owners {
                let who = worker::on_duty(work, organization, own_worker.as_deref()).await?;
                on_duty.insert((organization, own_worker), who);
            }
            for row in cases {
                let mut told = on_duty[&(row.organization_id, row.own_worker.clone())].clone();
                told.extend(handler(work, row).await?);
                remind_of(work, row, &told, until);
            }
            Ok(cases.len())
        })
        .await
}

/// Who handles the referral from which a case has arisen that nobody has taken on as its own worker yet.
async fn handler(work: &Work, row: &case::Model) -> Result<Option<String>> {
    match row.referral_id.filter(|_| row.own_worker.is_none()) {
        Some(referral) => Ok(work.fetch::<referral::Entity>(referral, Action::Read).await?.handler),
        None => Ok(None),
    }
}

fn remind_of(work: &mut Work, row: &case::Model, workers: &BTreeSet<String>, until: NaiveDate) {
    for due in of(row).iter().filter(|due| due.met_on.is_none() && due.due_on <= until) {
        for worker in workers {
            let once = deadline::reminder_key(row.id, worker, due);
            let to = Addressee::Worker(row.organization_id, worker.clone());
            work.notify_of_case(row.network_id, to, NoticeKind::DeadlineApproaching, row.id, Some(once));
        }
    }
}

/// Works out anew which deadline of each open case comes next, where the rules have changed since it was last written; how many were.
///
/// # Errors
/// A fault of the database.
pub async fn refresh(system: &Caller) -> Result<Tally> {
    let mut window = Window { first: Some(BATCH), ..Window::default() };
    let mut changed = Tally::default();
    loop {
        let open = case::Column::Stage.ne(CaseStage::Closed);
        let slice = system.reader().find::<case::Entity>().filter(open).page(&Order::by_id(false), &window).await?;
        for row in &slice.rows {
            let next = dated(row.clone());
            if next != *row {
                let done = system.write(async |work: &mut Work| {
                    let before = work.fetch_at::<case::Entity>(row.id, row.version, Action::Update).await?;
                    work.update::<case::Entity>(&before, next.clone(), Action::Update).await
                });
                changed.note("deadlines", row.id, done.await.map(|_| 1));
            }
        }
        let Some(last) = slice.rows.last().filter(|_| slice.has_next).map(|row| row.id) else { return Ok(changed) };
        window.after = Some((String::new(), last.0));
    }
}
