//! What a move of a case rests on: assessments, plans, final assessments and paths, as they are when it is made.
use super::{client_plan as plans, of_case, service_decision as decisions};
use crate::{
    error::{Error, Result},
    store::Work,
};
use chrono::{DateTime, Utc};
use domain::{
    casework::{
        case::{CaseClosingReason, CaseEventKind},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        follow_on_path::PathState,
        needs_assessment::{AssessmentMove, AssessmentState, InterruptionReason},
    },
    catalogue::session::day,
    funding::{purchase_order::OrderState, voucher::VoucherState},
    id::Kinded,
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejections},
};
use entity::{
    casework::{case, case_event, client_plan, final_assessment, follow_on_path, goal, needs_assessment, service_decision},
    funding::{purchase_order, voucher},
};

/// When something of this kind happened in a case last.
async fn last(work: &Work, case: &case::Model, kind: CaseEventKind) -> Result<Option<DateTime<Utc>>> {
    let events = of_case::<case_event::Entity>(work, case.id).await?;
    Ok(events.iter().filter(|event| event.kind == kind).map(|event| event.created_at).max())
}

/// The needs assessment is completed, or could be done without, since it was last found that the needs have changed; when.
pub(super) async fn assessed(work: &Work, case: &case::Model) -> Result<DateTime<Utc>> {
    let since = last(work, case, CaseEventKind::Reassess).await?;
    let done = |row: &needs_assessment::Model| match row.state {
        AssessmentState::Completed | AssessmentState::Waived => row.completed_at.filter(|at| since.is_none_or(|since| *at > since)),
        _ => None,
    };
    let done = of_case::<needs_assessment::Entity>(work, case.id).await?.iter().filter_map(done).max();
    done.ok_or_else(|| Error::reject(Code::AssessmentMissing, &["id"]))
}

/// The needs assessment is completed, or the client has declined it.
pub(super) async fn assessed_or_declined(work: &Work, case: &case::Model) -> Result<bool> {
    let rows = of_case::<needs_assessment::Entity>(work, case.id).await?;
    Ok(rows.iter().any(|row| match row.state {
        AssessmentState::Completed | AssessmentState::Waived => true,
        AssessmentState::Interrupted => row.interruption == Some(InterruptionReason::ClientDeclined),
        _ => false,
    }))
}

/// A plan is in force, though it may be looked at again.
pub(super) async fn has_plan(work: &Work, case: &case::Model) -> Result<()> {
    let in_force = of_case::<client_plan::Entity>(work, case.id).await?.iter().any(|row| row.state.is_in_force());
    if in_force { Ok(()) } else { Err(Error::reject(Code::PlanMissing, &["id"])) }
}

/// A plan is in force, and something of it has begun or is ordered: an action whose first day has come; an order that was placed, or a voucher that was
/// issued, and has not come to nothing.
pub(super) async fn planned(work: &Work, case: &case::Model) -> Result<()> {
    let plans = of_case::<client_plan::Entity>(work, case.id).await?;
    let plan = plans.iter().find(|row| row.state == PlanState::InForce).ok_or_else(|| Error::reject(Code::PlanMissing, &["id"]))?;
    let today = day(work.now());
    let content = plans::content(work.vault(), plan)?;
    let begun = content.reveal().actions.iter().any(|action| action.has_begun(today));
    if begun || ordered(work, case).await? { Ok(()) } else { Err(Error::reject(Code::NothingBegun, &["id"])) }
}

/// A service is ordered for the case, or bought with a voucher.
async fn ordered(work: &Work, case: &case::Model) -> Result<bool> {
    let placed = |row: &purchase_order::Model| OrderState::COMMITTED.contains(&row.state);
    let issued = |row: &voucher::Model| row.state.is_open() || row.state == VoucherState::UsedUp;
    Ok(of_case::<purchase_order::Entity>(work, case.id).await?.iter().any(placed) || of_case::<voucher::Entity>(work, case.id).await?.iter().any(issued))
}

/// The goals have been reviewed: none is pursued any more. Tells each that is.
pub(super) async fn goals_reviewed(work: &Work, case: &case::Model) -> Result<()> {
    let mut out = Rejections::default();
    for row in of_case::<goal::Entity>(work, case.id).await?.iter().filter(|row| row.state.is_open()) {
        out.add_with(Code::GoalOpen, &["exitAgreed"], row.id.to_public());
    }
    Ok(out.into_result()?)
}

/// The final assessment is approved, since it was last begun.
pub(super) async fn finally_assessed(work: &Work, case: &case::Model) -> Result<()> {
    let since = last(work, case, CaseEventKind::AssessFinally).await?;
    let approved =
        |row: &final_assessment::Model| row.state == FinalAssessmentState::Approved && row.approved_at.is_some_and(|at| since.is_none_or(|since| at > since));
    let rows = of_case::<final_assessment::Entity>(work, case.id).await?;
    if rows.iter().any(approved) { Ok(()) } else { Err(Error::reject(Code::FinalAssessmentMissing, &["id"])) }
}

/// A follow-on path is there that was not given up.
pub(super) async fn has_path(work: &Work, case: &case::Model) -> Result<bool> {
    let rows = of_case::<follow_on_path::Entity>(work, case.id).await?;
    Ok(rows.iter().any(|row| !matches!(row.state, PathState::Dropped | PathState::Lapsed)))
}

/// What of a case is still being made.
pub(super) struct Unfinished {
    pub(super) assessments: Vec<needs_assessment::Model>,
    pub(super) plans: Vec<client_plan::Model>,
    pub(super) finals: Vec<final_assessment::Model>,
    /// Decisions of which the client has not been told, and those whose rectification is not at its end.
    pub(super) decisions: Vec<service_decision::Model>,
}

/// What is still being made in a case.
pub(super) async fn unfinished(work: &Work, case: &case::Model) -> Result<Unfinished> {
    let mut assessments = of_case::<needs_assessment::Entity>(work, case.id).await?;
    assessments.retain(|row| row.state == AssessmentState::InProgress);
    let mut plans = of_case::<client_plan::Entity>(work, case.id).await?;
    plans.retain(|row| row.state.is_in_the_making());
    let mut finals = of_case::<final_assessment::Entity>(work, case.id).await?;
    finals.retain(|row| row.state.is_in_the_making());
    let mut decisions = of_case::<service_decision::Entity>(work, case.id).await?;
    decisions.retain(|row| row.state.is_unserved() || row.state.awaits_rectification());
    Ok(Unfinished { assessments, plans, finals, decisions })
}

/// Ends what is still being made with the case, and what is granted in it, for the reason for which the case is closed.
pub(super) async fn end_unfinished(work: &mut Work, case: &case::Model, left: Unfinished, reason: CaseClosingReason) -> Result<()> {
    for row in left.assessments {
        let interruption = (reason == CaseClosingReason::Refused).then_some(InterruptionReason::ClientDeclined);
        let next = needs_assessment::Model { state: row.state.step(AssessmentMove::Interrupt)?, interruption, ..row.clone() };
        work.update::<needs_assessment::Entity>(&row, next, Action::Transition).await?;
    }
    for row in left.plans {
        let next = client_plan::Model { state: row.state.step(PlanMove::Discard)?, ended_at: Some(work.now()), ..row.clone() };
        work.update::<client_plan::Entity>(&row, next, Action::Transition).await?;
    }
    for row in left.finals {
        let next = final_assessment::Model { state: row.state.step(FinalAssessmentMove::Discard)?, ..row.clone() };
        work.update::<final_assessment::Entity>(&row, next, Action::Transition).await?;
    }
    decisions::end_with_case(work, case.id, reason).await
}

/// The plan that is in force ends: services do.
pub(super) async fn end_plan(work: &mut Work, case: &case::Model) -> Result<()> {
    for row in of_case::<client_plan::Entity>(work, case.id).await?.into_iter().filter(|row| row.state.is_in_force()) {
        let next = client_plan::Model { state: row.state.step(PlanMove::End)?, ended_at: Some(work.now()), ..row.clone() };
        work.update::<client_plan::Entity>(&row, next, Action::Transition).await?;
    }
    Ok(())
}
