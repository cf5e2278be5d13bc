//! Goals: set, changed and moved; the client's own by the client too.
use super::{check_reason, open_case, settled, speaks_as_client};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::goal::{GoalContent, GoalMove, GoalOwner, GoalState, may_touch, needs_reason},
    id::{CaseId, GoalId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::Code,
};
use entity::casework::goal as table;
use serde::Serialize;

const CONTENT: &str = "goal.content";
const REASON: &str = "goal.reason";

/// Opens what is said of a goal.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<GoalContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens why a goal was moved last.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

/// What is said when a goal is set.
#[derive(Clone, Debug, Serialize)]
pub struct SetGoal {
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub owner: GoalOwner,
    /// What is said of it.
    pub content: GoalContent,
}

/// Sets a goal. Clients set their own.
///
/// # Errors
/// Faults of the content, [`Code::WorkerOnly`], [`Code::CaseClosed`], or a caller without the right.
pub async fn set(caller: &Caller, key: Option<&str>, input: SetGoal) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = GoalId::new();
    caller
        .write_once::<table::Entity>(key, "setGoal", &input, id, async |work: &mut Work| {
            let case = open_case(work, input.case).await?;
            if !may_touch(input.owner, speaks_as_client(work, case.client_id).await?) {
                return Err(Error::reject(Code::WorkerOnly, &["owner"]));
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                owner: input.owner,
                state: GoalState::Open,
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                reason: None,
                moved_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

async fn fetch(work: &Work, id: GoalId, expected: i32, action: Action) -> Result<table::Model> {
    let row = work.fetch_at::<table::Entity>(id, expected, action).await?;
    if may_touch(row.owner, speaks_as_client(work, row.client_id).await?) { Ok(row) } else { Err(Error::reject(Code::WorkerOnly, &["id"])) }
}

/// Changes what is said of a goal that is still pursued.
///
/// # Errors
/// Faults of the content, [`Code::WorkerOnly`], one that has ended, a stale version, or a caller without the right.
pub async fn update(caller: &Caller, id: GoalId, expected: i32, content: GoalContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, Action::Update).await?;
            if !before.state.is_open() {
                return Err(settled(before.state));
            }
            let next = table::Model { content: work.vault().seal(Place::new(CONTENT, id), &content)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Moves a goal.
///
/// # Errors
/// A reason that is missing, a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: GoalId, expected: i32, by: GoalMove, reason: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    if needs_reason(by) || reason.is_some() {
        check_reason(reason.unwrap_or_default(), "reason")?;
    }
    caller
        .write(async |work: &mut Work| {
            let before = fetch(work, id, expected, Action::Transition).await?;
            let next = table::Model {
                state: before.state.step(by)?,
                reason: reason.map(|reason| work.vault().seal(Place::new(REASON, id), &reason)).transpose()?,
                moved_at: Some(work.now()),
                ..before.clone()
            };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
