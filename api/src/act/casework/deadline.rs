//! Deadlines of cases: worked out from what has happened, told to the own worker in time.
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
use entity::casework::case;
use sea_orm::{ColumnTrait, Condition};

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

/// Reminds own workers of deadlines that are near, each once whoever of several servers does it, as the system itself; how many cases were looked at.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let until = day(system.now()).checked_add_days(Days::new(REMIND_DAYS)).unwrap_or(NaiveDate::MAX);
    let near =
        Condition::all().add(case::Column::Stage.ne(CaseStage::Closed)).add(case::Column::OwnWorker.is_not_null()).add(case::Column::NextDueOn.lte(until));
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
            for row in cases {
                remind_of(work, row, until);
            }
            Ok(cases.len())
        })
        .await
}

fn remind_of(work: &mut Work, row: &case::Model, until: NaiveDate) {
    let Some(worker) = &row.own_worker else { return };
    for due in of(row).iter().filter(|due| due.met_on.is_none() && due.due_on <= until) {
        let once = deadline::reminder_key(row.id, worker, due);
        let to = Addressee::Worker(row.organization_id, worker.clone());
        work.notify_of_case(row.network_id, to, NoticeKind::DeadlineApproaching, row.id, Some(once));
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
