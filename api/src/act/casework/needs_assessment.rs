//! Needs assessments: begun, written, completed with both views, interrupted, gone on with, or done without for a reason.
use super::{author, check_reason, of_case, open_case, settled};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::{
        case::CaseStage,
        needs_assessment::{AssessmentMove, AssessmentState, InterruptionReason, NeedsAssessmentContent, due},
    },
    catalogue::session::day,
    id::{CaseId, NeedsAssessmentId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::Code,
    scalar::Date,
};
use entity::{
    SealedText,
    casework::{case, needs_assessment as table},
};
use serde::Serialize;

const CONTENT: &str = "needs_assessment.content";
const REASON: &str = "needs_assessment.reason";

/// Opens what an assessment says.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<NeedsAssessmentContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens why an assessment was waived.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

fn seal(work: &Work, id: NeedsAssessmentId, content: &NeedsAssessmentContent) -> Result<SealedText> {
    work.vault().seal(Place::new(CONTENT, id), content)
}

/// What is said when an assessment is begun.
#[derive(Clone, Debug, Serialize)]
pub struct StartNeedsAssessment {
    /// The case.
    pub case: CaseId,
    /// By when it is to be completed, where that is not by the usual rule.
    pub due_on: Option<Date>,
}

/// A new assessment of a case in which none is being made.
async fn begin(work: &Work, id: NeedsAssessmentId, case: CaseId) -> Result<(table::Model, entity::casework::case::Model)> {
    let case = open_case(work, case).await?;
    if of_case::<table::Entity>(work, case.id).await?.iter().any(|other| other.state.is_open()) {
        return Err(Error::reject(Code::Unfinished, &["case"]));
    }
    let now = work.now();
    let row = table::Model {
        id,
        network_id: case.network_id,
        organization_id: case.organization_id,
        client_id: case.client_id,
        case_id: case.id,
        state: AssessmentState::NotStarted,
        assessor: author(work),
        started_at: None,
        due_on: None,
        content: seal(work, id, &NeedsAssessmentContent::default())?,
        interruption: None,
        reason: None,
        completed_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    Ok((row, case))
}

/// Begins an assessment.
///
/// # Errors
/// [`Code::Unfinished`], [`Code::CaseClosed`], a day that is over, or a caller without the right.
pub async fn start(caller: &Caller, key: Option<&str>, input: StartNeedsAssessment) -> Result<table::Model> {
    caller.signed_in()?;
    let id = NeedsAssessmentId::new();
    caller
        .write_once::<table::Entity>(key, "startNeedsAssessment", &input, id, async |work: &mut Work| {
            let (row, case) = begin(work, id, input.case).await?;
            let now = work.now();
            if input.due_on.is_some_and(|due| due.0 < day(now)) {
                return Err(Error::reject(Code::DateOrder, &["dueOn"]));
            }
            let due_on = input.due_on.map_or_else(|| due(case.content.urgent, case.pending_at, now), |due| due.0);
            let row = table::Model { state: row.state.step(AssessmentMove::Start)?, started_at: Some(now), due_on: Some(due_on), ..row };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Does without an assessment, with a reason.
///
/// # Errors
/// A reason that is missing, [`Code::Unfinished`], [`Code::CaseClosed`], or a caller without the right.
pub async fn waive(caller: &Caller, key: Option<&str>, case: CaseId, reason: &str) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(reason, "reason")?;
    let id = NeedsAssessmentId::new();
    caller
        .write_once::<table::Entity>(key, "waiveNeedsAssessment", &(case, reason), id, async |work: &mut Work| {
            let (row, _) = begin(work, id, case).await?;
            // It is made first and moved then, so that the policy of moves holds.
            let before = work.insert::<table::Entity>(row).await?;
            let next = table::Model {
                state: before.state.step(AssessmentMove::Waive)?,
                reason: Some(work.vault().seal(Place::new(REASON, id), &reason)?),
                completed_at: Some(work.now()),
                ..before.clone()
            };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Saves what has been found out so far.
///
/// # Errors
/// Faults of the content, one that is not in progress, a stale version, or a caller without the right.
pub async fn save(caller: &Caller, id: NeedsAssessmentId, expected: i32, content: NeedsAssessmentContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            work.sees_special_categories(before.client_id).await?;
            if before.state != AssessmentState::InProgress {
                return Err(settled(before.state));
            }
            let next = table::Model { content: seal(work, id, &content)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Completes an assessment; the one that was completed before is superseded.
///
/// # Errors
/// Each mandatory part that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn complete(caller: &Caller, id: NeedsAssessmentId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let state = before.state.step(AssessmentMove::Complete)?;
            under("content", &content(work.vault(), &before)?.reveal().missing())?;
            for older in of_case::<table::Entity>(work, before.case_id).await? {
                if let Ok(state) = older.state.step(AssessmentMove::Supersede) {
                    work.update::<table::Entity>(&older, table::Model { state, ..older.clone() }, Action::Transition).await?;
                }
            }
            let next = table::Model { state, completed_at: Some(work.now()), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Interrupts an assessment.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn interrupt(caller: &Caller, id: NeedsAssessmentId, expected: i32, why: InterruptionReason) -> Result<table::Model> {
    step(caller, id, expected, AssessmentMove::Interrupt, Some(why)).await
}

/// Goes on with an assessment; what a closed case was left with stays as it is.
///
/// # Errors
/// As [`interrupt`], and [`Code::CaseClosed`].
pub async fn resume(caller: &Caller, id: NeedsAssessmentId, expected: i32) -> Result<table::Model> {
    step(caller, id, expected, AssessmentMove::Resume, None).await
}

async fn step(caller: &Caller, id: NeedsAssessmentId, expected: i32, by: AssessmentMove, interruption: Option<InterruptionReason>) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let state = before.state.step(by)?;
            if by == AssessmentMove::Resume {
                work.hold::<case::Entity>(before.case_id).await?;
                if work.refer::<case::Entity>(before.case_id, &["id"]).await?.stage == CaseStage::Closed {
                    return Err(Error::reject(Code::CaseClosed, &["id"]));
                }
            }
            let next = table::Model { state, interruption, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
