//! What is tried, by whom: made at random.
use domain::{
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        follow_on_path::{PathMove, PathState},
        goal::{GoalMove, GoalState},
        needs_assessment::{AssessmentMove, AssessmentState},
        referral::{ReferralMove, ReferralState},
    },
    delivery::participation::{ParticipationMove, ParticipationState},
    machine::Machine,
};
use proptest::{prelude::*, sample::select};

/// How long the shortest and the longest sequence is.
const LENGTHS: std::ops::Range<usize> = 20..120;
/// Who tries. The county's lead, its social worker and service guide; the first client; the recipients, another authority's social worker, and others.
const ACTORS: &[&str] = &["social-worker", "service-guide", "lead", "client", "partner", "partner-b", MUNICIPAL, "dpo", "admin-x"];
/// The social worker of another authority, which has taken on the first client in a case of its own.
pub(super) const MUNICIPAL: &str = "municipal";

/// Who makes a move.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// Somebody whose move it is.
    Right,
    /// Anybody.
    Any(&'static str),
}

/// What a client keeps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Everything, from the partner to which clients are referred.
    Partner,
    /// Everything, from the other authority.
    Authority,
    /// Everything of the service task of which all cases are.
    Task,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// The next step of a case on its usual way.
    Forward,
    /// The next step of a referral on its usual way.
    ForwardReferral,
    /// The next step of taking part in the partner's group on its usual way.
    ForwardPlace,
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
    /// A fortnight and a day pass for referrals that nobody has acknowledged.
    Expire,
    WithdrawConsent,
    PlanPath,
    Path(PathMove),
    /// A place in the partner's group, of which there is one for all: registered for, or only proposed.
    Register {
        proposed: bool,
    },
    Place(ParticipationMove),
    /// A place that came free and is held.
    Confirm,
    Inform,
    Permit,
    WithdrawPermission,
    Prohibit(Target),
    RemoveProhibition(Target),
    /// The other authority opens the client in an emergency.
    BreakGlass,
    EndEmergency,
    /// The second client turns out to be the first one.
    Merge,
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
    let target = || select(&[Target::Partner, Target::Authority, Target::Task][..]);
    // Places are taken by the steps before, and the attendance tells who came; there is no move by hand from one group to another here.
    let by_others = [ParticipationMove::Queue, ParticipationMove::Transfer, ParticipationMove::Correct];
    let what = prop_oneof![
        14 => Just(What::Forward),
        9 => Just(What::ForwardReferral),
        7 => Just(What::ForwardPlace),
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
        4 => select(moves_of::<ReferralState>(&[ReferralMove::Expire])).prop_map(What::Referral),
        2 => Just(What::Expire),
        1 => Just(What::WithdrawConsent),
        1 => Just(What::PlanPath),
        3 => select(moves_of::<PathState>(&[])).prop_map(What::Path),
        1 => any::<bool>().prop_map(|proposed| What::Register { proposed }),
        3 => select(moves_of::<ParticipationState>(&by_others)).prop_map(What::Place),
        1 => Just(What::Confirm),
        1 => Just(What::Inform),
        2 => Just(What::Permit),
        1 => Just(What::WithdrawPermission),
        2 => target().prop_map(What::Prohibit),
        2 => target().prop_map(What::RemoveProhibition),
        2 => Just(What::BreakGlass),
        1 => Just(What::EndEmergency),
        1 => Just(What::Merge),
        3 => Just(What::Read),
    ];
    let one = (who, 0..2_usize, what, prop::bool::weighted(0.05)).prop_map(|(who, client, what, stale)| Try { who, client, what, stale });
    prop::collection::vec(one, LENGTHS)
}
