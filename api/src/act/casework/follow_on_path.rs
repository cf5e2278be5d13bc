//! Follow-on paths: planned, the client guided and arrived, and after three to six months it is looked at whether the client is still there.
use super::{check_reason, open_case, speaks_as_client};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::{
        follow_on_path::{FollowOnPathContent, KnowledgeSource, PathDestination, PathMove, PathState, verification},
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
    casework::{follow_on_path as table, referral},
    catalogue::organization,
};
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

/// A day that is not to come.
fn past(work: &Work, on: Option<Date>, field: &str) -> Result<chrono::NaiveDate> {
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
            work.update::<table::Entity>(&before, next, Action::Transition).await
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
            work.update::<table::Entity>(&before, next, Action::Transition).await
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
            work.update::<table::Entity>(&before, next, Action::Transition).await
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
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
