//! What the machines of `domain` make of what is done: two clients, with their cases and referrals, as they must be.
use super::tried::What;
use crate::person::given::text;
use domain::{
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage, closes_dependants},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        goal::GoalState,
        needs_assessment::{AssessmentMove, AssessmentState},
        referral::{ReferralMove, ReferralState},
    },
    code::Coded,
    machine::Machine,
};
use serde_json::Value;

/// Those with a relation to both clients.
pub(super) const RELATED: &[&str] = &["social-worker", "service-guide"];

/// A thing with a machine, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Thing<S> {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) state: S,
    /// Everything that it must say is said.
    pub(super) whole: bool,
    /// The client's word is there; of an assessment, that the client has declined it.
    pub(super) said: bool,
    /// It speaks of now: nothing has been begun anew since.
    pub(super) fresh: bool,
    /// The goals that it names.
    pub(super) goals: Vec<String>,
}

impl<S: Machine> Thing<S> {
    pub(super) fn new(row: &Value, state: S) -> Self {
        Self { id: text(&row["id"]), version: row["version"].as_i64().unwrap(), state, whole: false, said: false, fresh: true, goals: Vec::new() }
    }

    /// What happens to it by the way of another move.
    pub(super) fn step(&mut self, by: S::Move) {
        self.state = self.state.step(by).unwrap();
        self.version += 1;
    }
}

/// A case, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) thing: Thing<CaseStage>,
    pub(super) suspended: bool,
    pub(super) own: Option<&'static str>,
    pub(super) assessments: Vec<Thing<AssessmentState>>,
    pub(super) plans: Vec<Thing<PlanState>>,
    pub(super) finals: Vec<Thing<FinalAssessmentState>>,
    pub(super) goals: Vec<Thing<GoalState>>,
}

/// A referral, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Referral {
    pub(super) thing: Thing<ReferralState>,
    pub(super) creator: &'static str,
    pub(super) contact: bool,
    /// The consent in force: its id, and whether it covers everything.
    pub(super) consent: Option<(String, bool)>,
    pub(super) outcomes: usize,
}

impl Referral {
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.thing.state, ReferralState::Draft) && !self.thing.state.is_open()
    }

    /// The recipient reads it.
    pub(super) fn is_visible(&self) -> bool {
        (self.thing.state.is_open() || self.thing.state == ReferralState::Accepted) && self.consent.is_some()
    }
}

/// A client and what there is of the client, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) account: bool,
    pub(super) protected: bool,
    pub(super) cases: Vec<Case>,
    pub(super) referrals: Vec<Referral>,
    pub(super) disclosed: usize,
}

impl Case {
    /// To whom it is handed over: to the other one.
    pub(super) fn hands_to(&self) -> &'static str {
        if self.own == Some("service-guide") { "social-worker" } else { "service-guide" }
    }

    pub(super) fn is_open(&self) -> bool {
        self.thing.state != CaseStage::Closed
    }

    pub(super) fn assessed(&self) -> bool {
        self.assessments.iter().any(|a| a.fresh && matches!(a.state, AssessmentState::Completed | AssessmentState::Waived))
    }

    pub(super) fn in_force(&self) -> Option<usize> {
        self.plans.iter().position(|plan| plan.state.is_in_force())
    }

    /// The plan that a move is about: the one in force, or the newest.
    pub(super) fn plan_for(&self, by: PlanMove) -> Option<usize> {
        let newest = self.plans.len().checked_sub(1);
        if matches!(by, PlanMove::Review | PlanMove::Confirm | PlanMove::End) { self.in_force().or(newest) } else { newest }
    }

    /// What a case move rests on is there.
    pub(super) fn rests(&self, by: CaseMove) -> bool {
        match by {
            CaseMove::Plan => self.assessed(),
            CaseMove::Activate => self.plans.iter().any(|plan| plan.state == PlanState::InForce),
            CaseMove::ArrangeFollowOn => self.finals.iter().any(|f| f.fresh && f.state == FinalAssessmentState::Approved),
            CaseMove::AssessFinally => self.agrees_exit() || self.goals.iter().all(|goal| !goal.state.is_open()),
            _ => true,
        }
    }

    /// An exit is agreed with every other client: with those who have an odd number of goals.
    pub(super) fn agrees_exit(&self) -> bool {
        self.goals.len() % 2 == 1
    }

    pub(super) fn allows(&self, by: CaseMove) -> bool {
        let suspension = match by {
            CaseMove::Resume => self.suspended,
            CaseMove::Close => true,
            _ => !self.suspended,
        };
        self.thing.state.step(by).is_ok() && suspension
    }

    pub(super) fn in_the_making(&self) -> bool {
        self.assessments.iter().any(|a| a.state == AssessmentState::InProgress)
            || self.plans.iter().any(|p| p.state.is_in_the_making())
            || self.finals.iter().any(|f| f.state.is_in_the_making())
    }

    pub(super) fn end_plan(&mut self) {
        self.plans.iter_mut().filter(|plan| plan.state.is_in_force()).for_each(|plan| plan.step(PlanMove::End));
    }

    pub(super) fn end_unfinished(&mut self, declined: bool) {
        for a in self.assessments.iter_mut().filter(|a| a.state == AssessmentState::InProgress) {
            a.step(AssessmentMove::Interrupt);
            a.said = declined;
        }
        self.plans.iter_mut().filter(|plan| plan.state.is_in_the_making()).for_each(|plan| plan.step(PlanMove::Discard));
        self.finals.iter_mut().filter(|f| f.state.is_in_the_making()).for_each(|f| f.step(FinalAssessmentMove::Discard));
    }

    /// The step that comes next on the usual way.
    pub(super) fn forward(&self) -> What {
        if self.suspended {
            return What::Case(CaseMove::Resume);
        }
        match self.thing.state {
            CaseStage::Pending => What::Case(CaseMove::Assess),
            CaseStage::Assessment if self.assessed() => What::Case(CaseMove::Plan),
            CaseStage::Assessment => match self.assessments.last() {
                Some(a) if a.state == AssessmentState::Interrupted => What::Assessment(AssessmentMove::Resume),
                Some(a) if a.state == AssessmentState::InProgress && !a.whole => What::SaveAssessment,
                Some(a) if a.state == AssessmentState::InProgress => What::Assessment(AssessmentMove::Complete),
                _ => What::Assessment(AssessmentMove::Start),
            },
            CaseStage::Planning => match (self.in_force().map(|at| self.plans[at].state), self.plans.last()) {
                (Some(PlanState::InForce), _) => What::Case(CaseMove::Activate),
                (Some(_), _) => What::Plan(PlanMove::Confirm),
                _ if self.goals.is_empty() => What::SetGoal,
                (_, Some(plan)) if plan.state == PlanState::Draft && !plan.whole => What::SavePlan,
                (_, Some(plan)) if plan.state == PlanState::Draft => What::Plan(PlanMove::Share),
                (_, Some(plan)) if plan.state == PlanState::Shared && !plan.whole => What::Plan(PlanMove::Comment),
                (_, Some(plan)) if plan.state == PlanState::Shared && !plan.said => What::Plan(PlanMove::Agree),
                (_, Some(plan)) if plan.state == PlanState::Shared => What::Plan(PlanMove::PutInForce),
                _ => What::DraftPlan,
            },
            CaseStage::Active if self.rests(CaseMove::AssessFinally) => What::Case(CaseMove::AssessFinally),
            CaseStage::Active => What::SetGoal,
            CaseStage::FinalAssessment if self.rests(CaseMove::ArrangeFollowOn) => What::Case(CaseMove::ArrangeFollowOn),
            CaseStage::FinalAssessment => match self.finals.last() {
                Some(f) if f.state == FinalAssessmentState::Draft && !f.whole => What::SaveFinal,
                Some(f) if f.state == FinalAssessmentState::Draft => What::Final(FinalAssessmentMove::Share),
                Some(f) if f.state == FinalAssessmentState::Shared && !f.whole => What::Final(FinalAssessmentMove::Rewrite),
                Some(f) if f.state == FinalAssessmentState::Shared && !f.said => What::Final(FinalAssessmentMove::Answer),
                Some(f) if f.state == FinalAssessmentState::Shared => What::Final(FinalAssessmentMove::Approve),
                _ => What::DraftFinal,
            },
            CaseStage::FollowOn => What::Close(CaseClosingReason::GoalsReached),
            CaseStage::Closed => What::StartCase,
        }
    }
}

impl Client {
    pub(super) fn forward(&self, what: What) -> What {
        match what {
            What::Forward => self.cases.last().map_or(What::StartCase, Case::forward),
            What::ForwardReferral => match self.referrals.last() {
                Some(r) if r.thing.state == ReferralState::Draft && r.contact && self.protected => What::Referral(ReferralMove::Cancel),
                Some(r) if r.thing.state == ReferralState::Draft && r.consent.as_ref().is_none_or(|(_, whole)| !whole) => What::Consent(true),
                Some(r) => match r.thing.state {
                    ReferralState::Draft => What::Referral(ReferralMove::Send),
                    ReferralState::Sent => What::Referral(ReferralMove::Acknowledge),
                    ReferralState::Received => What::Referral(ReferralMove::Accept),
                    ReferralState::InfoRequested => What::Referral(ReferralMove::SupplyInfo),
                    ReferralState::Accepted if r.outcomes < 2 => What::Referral(ReferralMove::ReportOutcome),
                    _ => What::CreateReferral(false),
                },
                None => What::CreateReferral(false),
            },
            other => other,
        }
    }

    /// Those who speak for the client, beside the workers.
    pub(super) fn with_client(&self) -> Vec<&'static str> {
        let client = self.account.then_some("client");
        RELATED.iter().copied().chain(client).collect()
    }

    /// What has been done is so in the model too.
    pub(super) fn apply(&mut self, what: What, actor: &'static str, row: &Value) {
        let to = self.cases.last().map(Case::hands_to);
        match what {
            What::StartCase => {
                let thing = Thing::new(row, CaseStage::Pending);
                self.cases.push(Case { thing, suspended: false, own: None, assessments: vec![], plans: vec![], finals: vec![], goals: vec![] });
            }
            What::Case(by) => self.case_moved(by),
            What::Close(reason) => {
                if closes_dependants(reason) {
                    for r in self.referrals.iter_mut().filter(|r| !r.is_over()) {
                        r.thing.step(if r.thing.state == ReferralState::Draft { ReferralMove::Cancel } else { ReferralMove::Withdraw });
                    }
                    self.case().end_unfinished(reason == CaseClosingReason::Refused);
                }
                self.case_moved(CaseMove::Close);
            }
            What::HandOver => {
                self.case().own = to;
                self.case().thing.version += 1;
            }
            What::Assessment(AssessmentMove::Start) => self.case().assessments.push(Thing::new(row, AssessmentState::InProgress)),
            What::Assessment(AssessmentMove::Waive) => self.case().assessments.push(Thing::new(row, AssessmentState::Waived)),
            What::Assessment(by) => {
                let case = self.case();
                if by == AssessmentMove::Complete {
                    case.assessments.iter_mut().filter(|a| a.state == AssessmentState::Completed).for_each(|a| a.step(AssessmentMove::Supersede));
                }
                let of = case.assessments.last_mut().unwrap();
                of.step(by);
                of.said = by == AssessmentMove::Interrupt;
                // Completed now, it speaks of now, whenever it was begun.
                of.fresh |= by == AssessmentMove::Complete;
            }
            What::SaveAssessment => touched(self.case().assessments.last_mut().unwrap()),
            What::DraftPlan => {
                let case = self.case();
                // Drafted from the one in force, it says what that one says, but for goals that are not pursued any more.
                let pursued = |id: &&String| case.goals.iter().any(|goal| goal.id == **id && goal.state.is_open());
                let goals: Vec<_> = case.in_force().map(|at| case.plans[at].goals.iter().filter(pursued).cloned().collect()).unwrap_or_default();
                case.plans.push(Thing { whole: !goals.is_empty(), goals, ..Thing::new(row, PlanState::Draft) });
            }
            What::SavePlan => {
                let case = self.case();
                let of = case.plans.last_mut().unwrap();
                touched(of);
                of.goals = case.goals.iter().map(|goal| goal.id.clone()).collect();
                of.whole = !of.goals.is_empty();
            }
            What::Plan(by) => {
                let case = self.case();
                let at = case.plan_for(by).unwrap();
                if by == PlanMove::PutInForce {
                    case.plans.iter_mut().filter(|plan| plan.state.is_in_force()).for_each(|plan| plan.step(PlanMove::Supersede));
                }
                let of = &mut case.plans[at];
                of.step(by);
                of.said = by == PlanMove::Agree || of.said && by != PlanMove::Share;
            }
            What::DraftFinal => self.case().finals.push(Thing::new(row, FinalAssessmentState::Draft)),
            What::SaveFinal => touched(self.case().finals.last_mut().unwrap()),
            What::Final(by) => {
                let of = self.case().finals.last_mut().unwrap();
                of.step(by);
                of.said = by == FinalAssessmentMove::Answer || of.said && by != FinalAssessmentMove::Share;
                of.fresh |= by == FinalAssessmentMove::Approve;
            }
            What::SetGoal => self.case().goals.push(Thing::new(row, GoalState::Open)),
            What::Goal(by) => self.case().goals.last_mut().unwrap().step(by),
            What::CreateReferral(contact) => {
                let thing = Thing::new(row, ReferralState::Draft);
                self.referrals.push(Referral { thing, creator: actor, contact, consent: None, outcomes: 0 });
            }
            What::Consent(whole) => self.referrals.last_mut().unwrap().consent = Some((text(&row["id"]), whole)),
            What::Referral(by) => {
                let of = self.referrals.last_mut().unwrap();
                of.thing.step(by);
                of.outcomes += usize::from(by == ReferralMove::ReportOutcome);
                self.disclosed += usize::from(by == ReferralMove::Send || by == ReferralMove::SupplyInfo && actor != "client");
            }
            What::WithdrawConsent => {
                let of = self.referrals.iter_mut().rev().find(|r| r.consent.is_some()).unwrap();
                of.consent = None;
                if of.thing.state.is_open() {
                    of.thing.step(ReferralMove::Withdraw);
                }
            }
            What::Forward | What::ForwardReferral | What::Read => unreachable!("done as something else"),
        }
    }

    pub(super) fn case(&mut self) -> &mut Case {
        self.cases.last_mut().unwrap()
    }

    pub(super) fn case_moved(&mut self, by: CaseMove) {
        let case = self.case();
        case.thing.step(by);
        match by {
            CaseMove::Assess => case.own = Some("social-worker"),
            CaseMove::Suspend => case.suspended = true,
            CaseMove::Resume => case.suspended = false,
            CaseMove::Reassess => case.assessments.iter_mut().for_each(|a| a.fresh = false),
            CaseMove::AssessFinally => case.finals.iter_mut().for_each(|f| f.fresh = false),
            CaseMove::ArrangeFollowOn => case.end_plan(),
            CaseMove::Close => {
                case.suspended = false;
                case.end_plan();
            }
            _ => {}
        }
    }

    /// The state and the version of a thing, as the model knows it.
    pub(super) fn told(&self, id: &str) -> Option<String> {
        fn of<'t, S: Machine + Coded>(id: &str, things: impl IntoIterator<Item = &'t Thing<S>>) -> Option<String> {
            things.into_iter().find(|thing| thing.id == id).map(|thing| format!("{} {}", thing.state.code(), thing.version))
        }
        of(id, self.cases.iter().map(|case| &case.thing)).or_else(|| of(id, self.referrals.iter().map(|r| &r.thing))).or_else(|| {
            let case = self.cases.last()?;
            of(id, &case.assessments).or_else(|| of(id, &case.plans)).or_else(|| of(id, &case.finals)).or_else(|| of(id, &case.goals))
        })
    }
}

pub(super) fn touched<S>(thing: &mut Thing<S>) {
    thing.version += 1;
    thing.whole = true;
}
