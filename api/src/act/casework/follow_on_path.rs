//! Follow-on paths: planned, the client guided and arrived, and after three to six months it is looked at whether the client is still there.
use super::{check_reason, open_case, speaks_as_client, worker};
use crate::{
    act::{
        timed::{Tally, told},
        under,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    casework::{
        case::{CaseStage, closes_dependants},
        follow_on_path::{FollowOnPathContent, KnowledgeSource, PathDestination, PathMove, PathState, reminded_of, reminder_key, verification},
        referral::ReferralState,
    },
    catalogue::session::day,
    id::{CaseId, FollowOnPathId, OrganizationId, ReferralId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    access::notice,
    casework::{case, follow_on_path as table, referral},
    catalogue::organization,
};
use sea_orm::ColumnTrait;
use serde::Serialize;

const CONTENT: &str = "follow_on_path.content";
const REASON: &str = "follow_on_path.reason";

/// Opens what is said of a path.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<FollowOnPathContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens why a path was given up or broke off.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

/// What is said when a path is planned.
#[derive(Clone, Debug, Serialize)]
pub struct PlanFollowOnPath {
    /// The case.
    pub case: CaseId,
    /// Where it leads.
    pub destination: PathDestination,
    /// The organisation of the network that it leads to.
    pub recipient: Option<OrganizationId>,
    /// What is said of it.
    pub content: FollowOnPathContent,
}

/// Plans a path.
///
/// # Errors
/// Faults of the content, [`Code::CaseClosed`], or a caller without the right.
pub async fn plan(caller: &Caller, key: Option<&str>, input: PlanFollowOnPath) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check(input.destination))?;
    let id = FollowOnPathId::new();
    caller
        .write_once::<table::Entity>(key, "planFollowOnPath", &input, id, async |work: &mut Work| {
            let case = open_case(work, input.case).await?;
            if let Some(recipient) = input.recipient
                && work.refer::<organization::Entity>(recipient, &["recipient"]).await?.network_id != case.network_id
            {
                return Err(Error::reject(Code::OtherNetwork, &["recipient"]));
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                destination: input.destination,
                recipient_id: input.recipient,
                state: PathState::Planned,
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                referral_id: None,
                guided_on: None,
                arrived_on: None,
                source: None,
                verified_on: None,
                reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

async fn fetch(work: &Work, id: FollowOnPathId, expected: i32, by: PathMove) -> Result<table::Model> {
    let row = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
    // Clients may give a path up; how far they have come on it, workers enter.
    if by != PathMove::Drop && speaks_as_client(work, row.client_id).await? {
        return Err(Error::reject(Code::WorkerOnly, &["id"]));
    }
    Ok(row)
}

/// Keeps a move. What a closed case has left behind is seen to for as long as a path of it is to be looked at.
async fn keep(work: &mut Work, before: &table::Model, next: table::Model) -> Result<table::Model> {
    let row = work.update::<table::Entity>(before, next, Action::Transition).await?;
    let case = work.case_behind(row.case_id).await?;
    if case.stage == CaseStage::Closed {
        worker::see_to_paths(work, &case).await?;
    }
    Ok(row)
}

/// A day that is not to come.
fn past(work: &Work, on: Option<Date>, field: &str) -> Result<NaiveDate> {
    let today = day(work.now());
    match on {
        Some(on) if on.0 > today => Err(Rejection::with(Code::OutOfRange, &[field], format!("–{today}")).into()),
        Some(on) => Ok(on.0),
        None => Ok(today),
    }
}

/// Guides the client to where the path leads: by a referral that was accepted, or otherwise.
///
/// # Errors
/// A referral of another client or one that is not accepted, a day to come, a move that its state does not allow, a stale version, or a caller without
/// the right.
pub async fn guide(caller: &Caller, id: FollowOnPathId, expected: i32, referral: Option<ReferralId>, on: Option<Date>) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, PathMove::Guide).await?;
            let state = before.state.step(PathMove::Guide)?;
            if before.destination == PathDestination::None {
                return Err(Error::reject(Code::DoesNotAgree, &["id"]));
            }
            if let Some(referral) = referral {
                let row = work.refer::<referral::Entity>(referral, &["referral"]).await?;
                if row.client_id != Some(before.client_id) || row.state != ReferralState::Accepted {
                    return Err(Error::reject(Code::DoesNotAgree, &["referral"]));
                }
            }
            let next = table::Model { state, referral_id: referral, guided_on: Some(past(work, on, "on")?), ..before.clone() };
            keep(work, &before, next).await
        })
        .await
}

/// The client has arrived: transferred, started or employed, since when, and from whom that is known.
///
/// # Errors
/// A day to come or before the guidance, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn arrive(caller: &Caller, id: FollowOnPathId, expected: i32, by: PathMove, on: Date, source: KnowledgeSource) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, by).await?;
            let state = before.state.step(by)?;
            let on = past(work, Some(on), "arrivedOn")?;
            if before.guided_on.is_some_and(|guided| on < guided) {
                return Err(Error::reject(Code::DateOrder, &["arrivedOn"]));
            }
            let next = table::Model { state, arrived_on: Some(on), source: Some(source), ..before.clone() };
            keep(work, &before, next).await
        })
        .await
}

/// The client is still there, three months after the arrival or later.
///
/// # Errors
/// [`Code::TooEarly`], a move that its state does not allow, a stale version, or a caller without the right.
pub async fn verify(caller: &Caller, id: FollowOnPathId, expected: i32, source: KnowledgeSource) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, PathMove::Verify).await?;
            let state = before.state.step(PathMove::Verify)?;
            let today = day(work.now());
            let earliest = before.arrived_on.map_or(today, |arrived| verification(arrived).0);
            if today < earliest {
                return Err(Rejection::with(Code::TooEarly, &["id"], earliest.to_string()).into());
            }
            let next = table::Model { state, verified_on: Some(today), source: Some(source), ..before.clone() };
            keep(work, &before, next).await
        })
        .await
}

/// The client is not there any more, or the path is given up before the client came.
///
/// # Errors
/// A reason that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn break_off(caller: &Caller, id: FollowOnPathId, expected: i32, by: PathMove, reason: &str) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(reason, "reason")?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, by).await?;
            let state = before.state.step(by)?;
            let verified_on = (by == PathMove::Lapse).then(|| day(work.now()));
            let next = table::Model { state, verified_on, reason: Some(work.vault().seal(Place::new(REASON, id), &reason)?), ..before.clone() };
            keep(work, &before, next).await
        })
        .await
}

/// Tells whoever sees to the case that it is time to look whether a client has come and stayed where a path leads, and again before that is too late, each once, as the
/// system itself; how many paths were told of.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let mut tally = Tally::default();
    for row in system.reader().find::<table::Entity>().filter(table::to_be_looked_at(&reminded_of(today))).all().await? {
        tally.note("follow-on paths", row.id, remind_of(system, &row, today).await);
    }
    Ok(tally)
}

async fn remind_of(system: &Caller, row: &table::Model, today: NaiveDate) -> Result<usize> {
    let case = system.load::<case::Entity>(row.case_id).await?.ok_or(Error::NotFound)?;
    let closed_on = case.closed_at.map(day);
    let ended_otherwise = case.closing_reason.is_some_and(closes_dependants);
    let Some(key) = row.arrived_on.or(closed_on).filter(|_| !ended_otherwise).and_then(|since| reminder_key(row.id, since, today)) else { return Ok(0) };
    if told(system, notice::Column::CaseId.eq(case.id), &key).await? {
        return Ok(0);
    }
    system
        .write(async |work: &mut Work| {
            for worker in worker::on_duty(work, case.organization_id, case.own_worker.as_deref()).await? {
                let (to, once) = (Addressee::Worker(case.organization_id, worker.clone()), Some(format!("{key}{worker}")));
                work.notify_of_case(case.network_id, to, NoticeKind::PathVerificationDue, case.id, once);
            }
            Ok(1)
        })
        .await
}
