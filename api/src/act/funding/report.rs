//! Reports of providers: asked for with an order or by those who order, told by the provider, looked at by those who order.
use super::{check_words, purchase_order as orders, tell_workers, within};
use crate::{
    act::{casework::author, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::{Days, NaiveDate};
use domain::{
    access::NoticeKind,
    catalogue::session::day,
    code::Coded,
    funding::{
        purchase_order::OrderState,
        report::{ProviderReportContent, REMINDED_DAYS, ReportKind, ReportMove, ReportState, due_on},
    },
    id::{ProviderReportId, PurchaseOrderId},
    machine::Machine,
    policy::{Action, gives_ordered, works_with_clients},
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::funding::{provider_report as table, purchase_order};
use sea_orm::{ColumnTrait, Condition};
use serde::Serialize;

const CONTENT: &str = "provider_report.content";
const RETURNED: &str = "provider_report.returned";
/// How far ahead a report is asked for at most, in days.
const AHEAD: u64 = 730;

/// Opens what is told in a report.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Option<Private<ProviderReportContent>>> {
    row.content.as_ref().map(|sealed| vault.open(Place::new(CONTENT, row.id), sealed)).transpose()
}

/// Opens why a report was given back the last time.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn returned(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.returned.as_ref().map(|sealed| vault.open(Place::new(RETURNED, row.id), sealed)).transpose()
}

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RequestReport {
    /// Of which order.
    pub order: PurchaseOrderId,
    /// What it is to tell of.
    pub kind: ReportKind,
    /// By which day.
    pub due_on: Date,
}

fn row_of(work: &Work, order: &purchase_order::Model, kind: ReportKind, due_on: NaiveDate) -> table::Model {
    let now = work.now();
    table::Model {
        id: ProviderReportId::new(),
        network_id: order.network_id,
        organization_id: order.organization_id,
        client_id: order.client_id,
        case_id: order.case_id,
        provider_id: order.provider_id,
        order_id: order.id,
        kind,
        state: ReportState::Requested,
        due_on,
        reminders: 0,
        content: None,
        returned: None,
        submitted_at: None,
        submitted_by: None,
        approved_at: None,
        approved_by: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// Asks the provider of an order that goes on for a report; of the end, only once.
///
/// # Errors
/// A day that is past or far away, an order that the provider does not give, [`Code::Unfinished`], or a caller without the right.
pub async fn request(caller: &Caller, key: Option<&str>, input: RequestReport) -> Result<table::Model> {
    caller.signed_in()?;
    let id = ProviderReportId::new();
    caller
        .write_once::<table::Entity>(key, "requestProviderReport", &input, id, async |work: &mut Work| {
            let seen = work.fetch::<purchase_order::Entity>(input.order, Action::Transition).await?;
            if !work.actor().acts_for(seen.organization_id, works_with_clients) {
                return Err(Error::reject(Code::OtherSide, &["order"]));
            }
            let (_, order) = work.hold_order(seen.contract_id, seen.id).await?;
            if !matches!(order.state, OrderState::Confirmed | OrderState::InDelivery | OrderState::Paused) {
                return Err(Rejection::with(Code::IllegalTransition, &["order"], order.state.code()).into());
            }
            let today = day(work.now());
            let last = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
            within(input.due_on.0, today, last, "dueOn")?;
            if work.reports_of(order.id).await?.iter().any(|known| known.kind == input.kind && stands_for_all(known)) {
                return Err(Error::reject(Code::Unfinished, &["kind"]));
            }
            let row = table::Model { id, ..row_of(work, &order, input.kind, input.due_on.0) };
            let row = work.insert::<table::Entity>(row).await?;
            work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), NoticeKind::ReportRequested, row.order_id);
            Ok(row)
        })
        .await
}

/// Another of the kind is not asked for beside it: one that is open, and of the end any but one that lapsed.
fn stands_for_all(report: &table::Model) -> bool {
    ReportState::OPEN.contains(&report.state) || report.kind == ReportKind::End && report.state != ReportState::Lapsed
}

/// One report, and the version that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// The report.
    pub id: ProviderReportId,
    /// The version.
    pub expected: i32,
}

impl Which {
    /// Makes a move as its side, with what it changes. The order is held with its contract, since an end report that is accepted completes it.
    async fn go(self, caller: &Caller, by: ReportMove, change: impl AsyncFnOnce(&mut Work, table::Model) -> Result<table::Model>) -> Result<table::Model> {
        caller.signed_in()?;
        caller
            .write(async |work: &mut Work| {
                let seen = work.fetch::<table::Entity>(self.id, Action::Transition).await?;
                let fits = match by {
                    ReportMove::Submit => work.actor().acts_for(seen.provider_id, gives_ordered),
                    ReportMove::Return | ReportMove::Approve => work.actor().acts_for(seen.organization_id, works_with_clients),
                    ReportMove::Lapse => false,
                };
                if !fits {
                    return Err(Error::reject(Code::OtherSide, &["id"]));
                }
                let (_, order) = work.hold_order_of(seen.order_id).await?;
                let before = work.fetch_at::<table::Entity>(self.id, self.expected, Action::Transition).await?;
                let state = before.state.step(by)?;
                let next = change(work, table::Model { state, ..before.clone() }).await?;
                let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
                match by {
                    ReportMove::Submit => tell_orderer(work, &row, NoticeKind::ReportSubmitted).await?,
                    ReportMove::Return => {
                        work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), NoticeKind::ReportReturned, row.order_id);
                    }
                    ReportMove::Approve if row.kind == ReportKind::End && order.state == OrderState::InDelivery => drop(orders::complete(work, &order).await?),
                    ReportMove::Approve | ReportMove::Lapse => {}
                }
                Ok(row)
            })
            .await
    }
}

/// Tells the own worker, and whoever placed the order.
async fn tell_orderer(work: &mut Work, row: &table::Model, kind: NoticeKind) -> Result<()> {
    let order = work.order_behind(row.order_id).await?;
    tell_workers(work, &order, order.placed_by.clone(), kind).await
}

/// Tells in a report, as the provider.
///
/// # Errors
/// Faults of the content, the other side's move, one that its state does not allow, a stale version, or a caller without the right.
pub async fn submit(caller: &Caller, which: Which, told: ProviderReportContent) -> Result<table::Model> {
    let change = async |work: &mut Work, row: table::Model| {
        under("content", &told.check(row.kind))?;
        let content = Some(work.vault().seal(Place::new(CONTENT, row.id), &told)?);
        Ok(table::Model { content, submitted_at: Some(work.now()), submitted_by: Some(author(work)), ..row })
    };
    which.go(caller, ReportMove::Submit, change).await
}

/// Gives a report back to the provider, with the reason; for that there is a week at least.
///
/// # Errors
/// As [`submit`], and no reason.
pub async fn give_back(caller: &Caller, which: Which, reason: String) -> Result<table::Model> {
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, row: table::Model| {
        let returned = Some(work.vault().seal(Place::new(RETURNED, row.id), &reason)?);
        let week = day(work.now()).checked_add_days(Days::new(REMINDED_DAYS)).ok_or(Error::Internal)?;
        Ok(table::Model { returned, due_on: Ord::max(row.due_on, week), reminders: 0, ..row })
    };
    which.go(caller, ReportMove::Return, change).await
}

/// Accepts a report; with one of the end, an order that is being given is completed.
///
/// # Errors
/// As [`submit`].
pub async fn approve(caller: &Caller, which: Which) -> Result<table::Model> {
    let change = async |work: &mut Work, row: table::Model| Ok(table::Model { approved_at: Some(work.now()), approved_by: Some(author(work)), ..row });
    which.go(caller, ReportMove::Approve, change).await
}

/// What follows for reports from a move of their order: one of the end is due by the terms of the contract once it is confirmed, counted from the end of the
/// service; what is not to be told any more lapses.
pub(super) async fn follow(work: &mut Work, order: &purchase_order::Model) -> Result<()> {
    let (over, nothing) = (order.state.is_over(), order.state.came_to_nothing());
    if order.state != OrderState::Confirmed && !over && !nothing {
        return Ok(());
    }
    // Whoever makes such a move holds the contract.
    let days = work.hold_contract(order.contract_id).await?.content.report_days;
    if let (OrderState::Confirmed, Some(days)) = (order.state, days) {
        let row = row_of(work, order, ReportKind::End, due_on(order.ends_on, days));
        work.insert::<table::Entity>(row).await?;
    }
    for before in work.reports_of(order.id).await? {
        let waits = before.state == ReportState::Requested;
        let next = match before.kind {
            _ if nothing && ReportState::OPEN.contains(&before.state) => table::Model { state: before.state.step(ReportMove::Lapse)?, ..before.clone() },
            ReportKind::Interim if over && waits => table::Model { state: before.state.step(ReportMove::Lapse)?, ..before.clone() },
            ReportKind::End if over && waits => {
                let ended = days.zip(order.ended_on).map(|(days, ended)| due_on(ended, days));
                table::Model { due_on: ended.map_or(before.due_on, |due| Ord::min(before.due_on, due)), ..before.clone() }
            }
            _ => continue,
        };
        if next != before {
            work.keep_report(&before, next).await?;
        }
    }
    Ok(())
}

/// Reminds providers of reports that are due soon, and both sides of those that are late, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let soon = today.checked_add_days(Days::new(REMINDED_DAYS)).unwrap_or(today);
    let untold = |reminders: i32, before: NaiveDate| Condition::all().add(table::Column::Reminders.lt(reminders)).add(table::Column::DueOn.lt(before));
    let due = Condition::all().add(table::Column::State.is_in(ReportState::AWAITED)).add(Condition::any().add(untold(1, soon)).add(untold(2, today)));
    let mut tally = Tally::default();
    for (id, expected) in system.reader().find::<table::Entity>().filter(due).versions().await? {
        let told = system.write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let late = before.due_on < day(work.now());
            let next = table::Model { reminders: if late { 2 } else { 1 }, ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), NoticeKind::ReportDue, row.order_id);
            if late {
                tell_orderer(work, &row, NoticeKind::ReportDue).await?;
            }
            Ok(1)
        });
        tally.note("provider reports", id, told.await);
    }
    Ok(tally)
}
