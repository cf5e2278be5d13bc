//! What is tried, by whom: made at random.
use domain::{
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        goal::{GoalMove, GoalState},
        needs_assessment::{AssessmentMove, AssessmentState},
        referral::{ReferralMove, ReferralState},
    },
    machine::Machine,
};
use proptest::{prelude::*, sample::select};

/// How long the longest sequence is.
const LONGEST: usize = 70;
/// Who tries. The county's lead, its social worker and service guide; the first client; the recipient, and others.
const ACTORS: &[&str] = &["social-worker", "service-guide", "lead", "client", "partner", "partner-b", "dpo", "admin-x"];
/// Who makes a move.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// Somebody whose move it is.
    Right,
    /// Anybody.
    Any(&'static str),
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// The next step of a case on its usual way.
    Forward,
    /// The next step of a referral on its usual way.
    ForwardReferral,
    StartCase,
    Case(CaseMove),
    Close(CaseClosingReason),
    HandOver,
    Assessment(AssessmentMove),
    SaveAssessment,
    DraftPlan,
    SavePlan,
    Plan(PlanMove),
    DraftFinal,
    SaveFinal,
    Final(FinalAssessmentMove),
    SetGoal,
    Goal(GoalMove),
    /// A draft of a referral; whether it is to tell how to reach the client.
    CreateReferral(bool),
    /// A consent to it; whether it covers everything.
    Consent(bool),
    Referral(ReferralMove),
    WithdrawConsent,
    Read,
}

/// One try.
#[derive(Clone, Debug)]
pub(super) struct Try {
    pub(super) who: Who,
    pub(super) client: usize,
    pub(super) what: What,
    /// At a version that is not the row's.
    pub(super) stale: bool,
}

fn moves_of<S: Machine>(but: &[S::Move]) -> Vec<S::Move> {
    let mut moves: Vec<S::Move> = Vec::new();
    for edge in S::EDGES {
        if !moves.contains(&edge.by) && !but.contains(&edge.by) {
            moves.push(edge.by);
        }
    }
    moves
}

pub(super) fn tries() -> impl Strategy<Value = Vec<Try>> {
    let who = prop_oneof![6 => Just(Who::Right), 2 => select(ACTORS).prop_map(Who::Any)];
    let what = prop_oneof![
        12 => Just(What::Forward),
        6 => Just(What::ForwardReferral),
        5 => select(moves_of::<CaseStage>(&[CaseMove::Close])).prop_map(What::Case),
        2 => select(CaseClosingReason::ALL).prop_map(What::Close),
        1 => Just(What::HandOver),
        1 => Just(What::StartCase),
        3 => select(moves_of::<AssessmentState>(&[AssessmentMove::Supersede])).prop_map(What::Assessment),
        1 => select(&[What::SaveAssessment, What::DraftPlan, What::SavePlan, What::DraftFinal, What::SaveFinal, What::SetGoal][..]),
        3 => select(moves_of::<PlanState>(&[PlanMove::Supersede])).prop_map(What::Plan),
        2 => select(moves_of::<FinalAssessmentState>(&[])).prop_map(What::Final),
        2 => select(moves_of::<GoalState>(&[])).prop_map(What::Goal),
        1 => any::<bool>().prop_map(What::CreateReferral),
        1 => any::<bool>().prop_map(What::Consent),
        4 => select(moves_of::<ReferralState>(&[ReferralMove::Redirect, ReferralMove::Expire])).prop_map(What::Referral),
        1 => Just(What::WithdrawConsent),
        2 => Just(What::Read),
    ];
    let one = (who, 0..2_usize, what, prop::bool::weighted(0.05)).prop_map(|(who, client, what, stale)| Try { who, client, what, stale });
    prop::collection::vec(one, 10..LONGEST)
}
