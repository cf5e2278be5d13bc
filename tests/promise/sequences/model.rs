//! What the machines of `domain` make of what is done: two clients, with their cases and referrals, as they must be.
use super::tried::{Target, What};
use crate::person::given::text;
use domain::{
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage, closes_dependants},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        follow_on_path::{PathMove, PathState},
        goal::GoalState,
        needs_assessment::{AssessmentMove, AssessmentState},
        referral::{ReferralMove, ReferralState},
    },
    code::Coded,
    delivery::participation::{ParticipationMove, ParticipationState},
    machine::Machine,
};
use serde_json::Value;
use std::cmp::Reverse;

/// Those with a relation to both clients.
pub(super) const RELATED: &[&str] = &["social-worker", "service-guide"];

/// A thing with a machine, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Thing<S> {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) state: S,
    /// Everything that it must say is said; of a path, that the client arrived long enough ago.
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

/// A row with a machine, as the database has to have it.
pub(super) struct Row<'m> {
    pub(super) table: &'static str,
    /// The column of its state.
    pub(super) column: &'static str,
    pub(super) id: &'m str,
    pub(super) state: String,
    pub(super) version: &'m mut i64,
}

fn row<'m, S: Machine + Coded>(table: &'static str, column: &'static str, thing: &'m mut Thing<S>) -> Row<'m> {
    Row { table, column, id: &thing.id, state: thing.state.code(), version: &mut thing.version }
}

fn rows<'m, S: Machine + Coded>(table: &'static str, things: &'m mut [Thing<S>]) -> impl Iterator<Item = Row<'m>> {
    things.iter_mut().map(move |thing| row(table, "state", thing))
}

/// What a client wills or suffers without any machine: it holds, or has been ended.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) live: bool,
}

impl Held {
    fn new(row: &Value) -> Self {
        Self { id: text(&row["id"]), version: row["version"].as_i64().unwrap(), live: true }
    }

    fn end(&mut self) {
        self.live = false;
        self.version += 1;
    }

    /// The one that a move is about: one that holds, or the newest.
    pub(super) fn current(of: &[Self]) -> Option<usize> {
        of.iter().rposition(|one| one.live).or_else(|| of.len().checked_sub(1))
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
    pub(super) paths: Vec<Thing<PathState>>,
}

/// A consent in force, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Consent {
    pub(super) id: String,
    pub(super) version: i64,
    /// It covers everything.
    pub(super) whole: bool,
    /// When it was given, in tries.
    pub(super) at: usize,
}

/// A referral, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Referral {
    pub(super) thing: Thing<ReferralState>,
    pub(super) creator: &'static str,
    /// From which organisation to which.
    pub(super) sender: &'static str,
    pub(super) recipient: &'static str,
    pub(super) contact: bool,
    pub(super) consent: Option<Consent>,
    pub(super) outcomes: usize,
}

/// The organisation to which clients are referred first, and the one to which it passes them on; each with its worker.
pub(super) const PARTNERS: [(&str, &str); 2] = [("ngo", "partner"), ("parish", "partner-b")];

impl Referral {
    /// Who works at the recipient.
    pub(super) fn receiver(&self) -> &'static str {
        PARTNERS.into_iter().find(|(organization, _)| *organization == self.recipient).unwrap().1
    }

    /// To whom it is passed on: to the other one.
    pub(super) fn other(&self) -> &'static str {
        PARTNERS.into_iter().find(|(organization, _)| *organization != self.recipient).unwrap().0
    }

    /// A partner has passed it on, who keeps no register.
    pub(super) fn is_passed_on(&self) -> bool {
        self.sender != "county"
    }

    /// The client comes to the partner's group by it.
    pub(super) fn leads_to_group(&self) -> bool {
        self.thing.state == ReferralState::Accepted && self.consent.is_some() && self.outcomes < 2
    }
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
    pub(super) number: String,
    pub(super) version: i64,
    pub(super) account: bool,
    pub(super) protected: bool,
    /// The other authority has taken the client on.
    pub(super) taken_on: bool,
    pub(super) cases: Vec<Case>,
    pub(super) referrals: Vec<Referral>,
    pub(super) places: Vec<Place>,
    pub(super) informed: bool,
    pub(super) permissions: Vec<Held>,
    pub(super) prohibitions: Vec<Prohibition>,
    /// Relations of the other authority's worker in an emergency.
    pub(super) emergencies: Vec<Held>,
    /// How often something was disclosed by a consent, and the register by the client's permission.
    pub(super) disclosed: usize,
    pub(super) permitted: usize,
}

/// A place in the partner's group, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) thing: Thing<ParticipationState>,
    /// The referral whose consent carries it.
    pub(super) referral: String,
    /// The client has registered oneself.
    pub(super) own: bool,
    /// It came free, and is to be confirmed.
    pub(super) held: bool,
    /// When it was put on the list, in tries.
    pub(super) at: usize,
}

impl Place {
    fn break_off(&mut self) {
        if let Some(by) = self.thing.state.breaking_off() {
            self.thing.step(by);
        }
    }
}

/// What a client keeps back, as the model knows it.
#[derive(Clone, Debug)]
pub(super) struct Prohibition {
    pub(super) held: Held,
    pub(super) target: Target,
    /// When it was set, in tries.
    pub(super) at: usize,
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
            CaseMove::Continue => self.in_force().is_some(),
            CaseMove::ArrangeFollowOn => self.finals.iter().any(|f| f.fresh && f.state == FinalAssessmentState::Approved),
            CaseMove::AssessFinally => self.agrees_exit() || self.goals.iter().all(|goal| !goal.state.is_open()),
            _ => true,
        }
    }

    /// An exit is agreed with every other client: with those who have an odd number of goals.
    pub(super) fn agrees_exit(&self) -> bool {
        self.goals.len() % 2 == 1
    }

    /// A path is there that was not given up.
    pub(super) fn has_path(&self) -> bool {
        self.paths.iter().any(|path| !matches!(path.state, PathState::Dropped | PathState::Lapsed))
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
            CaseStage::FollowOn => match self.paths.last().map(|path| path.state) {
                None => What::PlanPath,
                Some(PathState::Planned) => What::Path(PathMove::Guide),
                Some(_) => What::Close(CaseClosingReason::GoalsReached),
            },
            CaseStage::Closed => What::StartCase,
        }
    }
}

impl Client {
    pub(super) fn forward(&self, what: What) -> What {
        match what {
            What::Forward => self.cases.last().map_or(What::StartCase, Case::forward),
            What::ForwardReferral => match self.referrals.last() {
                Some(r) if r.thing.state == ReferralState::Draft && self.tells_too_much(r) => What::Referral(ReferralMove::Cancel),
                Some(r) if r.thing.state == ReferralState::Draft && r.consent.as_ref().is_none_or(|consent| !consent.whole || self.keeps_back(consent)) => {
                    What::Consent(true)
                }
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
            What::ForwardPlace => match self.places.last().map(|place| (place.thing.state, place.held)) {
                Some((ParticipationState::Proposed, _)) => What::Place(ParticipationMove::Accept),
                Some((ParticipationState::Enrolled, true)) => What::Confirm,
                Some((ParticipationState::Enrolled, false)) => What::Place(ParticipationMove::Start),
                Some((ParticipationState::Started, _)) => What::Place(ParticipationMove::Complete),
                Some((ParticipationState::Paused, _)) => What::Place(ParticipationMove::Resume),
                Some((ParticipationState::Waitlisted, _)) => What::Place(ParticipationMove::Enrol),
                _ if self.group_referral().is_some_and(Referral::leads_to_group) => What::Register { proposed: self.places.len() % 2 == 1 },
                _ => self.forward(What::ForwardReferral),
            },
            other => other,
        }
    }

    /// The referral by which the client comes to the partner's group.
    pub(super) fn group_referral(&self) -> Option<&Referral> {
        self.referrals.iter().rev().find(|r| r.sender == "county" && r.recipient == "ngo" && r.thing.state != ReferralState::Draft)
    }

    pub(super) fn accepts_into_group(&self, of: &Referral) -> bool {
        of.recipient == "ngo" && self.referrals.len().is_multiple_of(2)
    }

    pub(super) fn takes_part(&self) -> bool {
        self.places.iter().any(|place| place.thing.state.is_open())
    }

    /// The partner has proposed its group as it accepted the last referral.
    pub(super) fn is_proposed(&mut self, row: &Value, at: usize) {
        let referral = self.referrals.last().unwrap().thing.id.clone();
        self.places.push(Place { thing: Thing::new(row, ParticipationState::Proposed), referral, own: false, held: false, at });
    }

    /// A draft is to tell what no partner may be told of somebody under non-disclosure. What is passed on tells no more than was told before.
    pub(super) fn tells_too_much(&self, of: &Referral) -> bool {
        of.contact && self.protected && !of.is_passed_on()
    }

    /// The client has prohibited, after the consent, what the consent lets be told.
    pub(super) fn keeps_back(&self, consent: &Consent) -> bool {
        let of_task = !self.cases.is_empty() || self.taken_on;
        of_task && self.prohibitions.iter().any(|one| one.held.live && one.target == Target::Task && one.at > consent.at)
    }

    pub(super) fn prohibits(&self, target: Target) -> bool {
        self.prohibitions.iter().any(|one| one.held.live && one.target == target)
    }

    /// The prohibition of a target that a move is about: one that holds, or the newest.
    pub(super) fn prohibition(&self, target: Target) -> Option<usize> {
        let of_target = |live: bool| self.prohibitions.iter().rposition(move |one| one.target == target && one.held.live == live);
        of_target(true).or_else(|| of_target(false))
    }

    /// The other authority opens the client now: the register in an emergency or by the client's permission, who it is as one who has taken the client on.
    pub(super) fn is_seen_elsewhere(&self) -> bool {
        self.taken_on || self.in_emergency()
    }

    pub(super) fn is_known_elsewhere(&self) -> bool {
        self.is_read_elsewhere() || self.taken_on && !self.prohibits(Target::Authority)
    }

    pub(super) fn is_read_elsewhere(&self) -> bool {
        self.in_emergency() || self.is_permitted()
    }

    fn in_emergency(&self) -> bool {
        self.emergencies.iter().any(|one| one.live)
    }

    /// The other authority reads the register by the client's permission.
    pub(super) fn is_permitted(&self) -> bool {
        let given = self.permissions.iter().any(|one| one.live);
        self.taken_on && given && !self.prohibits(Target::Authority) && !self.prohibits(Target::Task)
    }

    /// A consent has ended, and what rests on it with it.
    fn consent_ends(&mut self, at: usize) {
        let of = &mut self.referrals[at];
        of.consent = None;
        if of.thing.state.is_open() {
            of.thing.step(ReferralMove::Withdraw);
        }
        // What it is to be passed on as tells what it told.
        if let Some(draft) = self.referrals.get_mut(at + 1).filter(|next| next.is_passed_on() && next.thing.state == ReferralState::Draft) {
            draft.thing.step(ReferralMove::Cancel);
        }
        let referral = &self.referrals[at].thing.id;
        self.places.iter_mut().filter(|place| place.referral == *referral).for_each(Place::break_off);
    }

    /// Whoever wrote a referral reads it: what was passed on, for as long as the consent holds by which the writer was told.
    pub(super) fn is_read_by_writer(&self, of: &Referral) -> bool {
        let at = self.referrals.iter().position(|other| other.thing.id == of.thing.id).unwrap();
        !of.is_passed_on() || self.referrals[at - 1].consent.is_some()
    }

    /// Consents to be told anything end, of those from whom the client keeps everything back.
    fn gives_way(&mut self, to: Target) {
        if to == Target::Partner {
            for at in 0..self.referrals.len() {
                if self.referrals[at].recipient == "ngo" && self.referrals[at].consent.is_some() {
                    self.consent_ends(at);
                }
            }
        }
    }

    /// Those who speak for the client, beside the workers.
    pub(super) fn with_client(&self) -> Vec<&'static str> {
        let client = self.account.then_some("client");
        RELATED.iter().copied().chain(client).collect()
    }

    /// What has been done is so in the model too.
    pub(super) fn apply(&mut self, what: What, actor: &'static str, row: &Value, (at, free): (usize, bool)) {
        let to = self.cases.last().map(Case::hands_to);
        let was_permitted = self.is_permitted();
        match what {
            What::StartCase => {
                let thing = Thing::new(row, CaseStage::Pending);
                self.cases.push(Case { thing, suspended: false, own: None, assessments: vec![], plans: vec![], finals: vec![], goals: vec![], paths: vec![] });
            }
            What::Case(by) => self.case_moved(by),
            What::Close(reason) => {
                if closes_dependants(reason) {
                    for r in self.referrals.iter_mut().filter(|r| !r.is_over() && !r.is_passed_on()) {
                        r.thing.step(if r.thing.state == ReferralState::Draft { ReferralMove::Cancel } else { ReferralMove::Withdraw });
                    }
                    self.places.iter_mut().filter(|place| !place.own).for_each(Place::break_off);
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
                self.referrals.push(Referral { thing, creator: actor, sender: "county", recipient: "ngo", contact, consent: None, outcomes: 0 });
            }
            What::Consent(whole) => {
                let Held { id, version, .. } = Held::new(row);
                self.referrals.last_mut().unwrap().consent = Some(Consent { id, version, whole, at });
            }
            What::Referral(ReferralMove::Redirect) => {
                let of = self.referrals.last_mut().unwrap();
                of.thing.step(ReferralMove::Redirect);
                let (sender, recipient, contact) = (of.recipient, of.other(), of.contact);
                let thing = Thing::new(row, ReferralState::Draft);
                self.referrals.push(Referral { thing, creator: actor, sender, recipient, contact, consent: None, outcomes: 0 });
            }
            What::Referral(by) => {
                let of = self.referrals.last_mut().unwrap();
                of.thing.step(by);
                of.outcomes += usize::from(by == ReferralMove::ReportOutcome);
                self.disclosed += usize::from(by == ReferralMove::Send || by == ReferralMove::SupplyInfo && actor != "client");
            }
            What::WithdrawConsent => {
                let of = self.referrals.iter().rposition(|r| r.consent.is_some()).unwrap();
                self.consent_ends(of);
            }
            What::PlanPath => self.case().paths.push(Thing::new(row, PathState::Planned)),
            What::Path(by) => {
                let of = self.case().paths.last_mut().unwrap();
                of.step(by);
                of.whole |= by == PathMove::Transfer;
            }
            What::Register { proposed } => {
                let mut thing = Thing::new(row, ParticipationState::Proposed);
                if !proposed {
                    thing.state = placed(thing.state, free);
                }
                let referral = self.group_referral().unwrap().thing.id.clone();
                self.places.push(Place { thing, referral, own: actor == "client", held: false, at });
                self.disclosed += usize::from(!self.protected);
            }
            What::Place(by) => {
                let place = self.places.last_mut().unwrap();
                match by {
                    ParticipationMove::Accept => {
                        place.thing.state = placed(place.thing.state, free);
                        place.thing.version += 1;
                        place.at = at;
                    }
                    ParticipationMove::Start => {
                        place.thing.step(by);
                        place.held = false;
                    }
                    _ => place.thing.step(by),
                }
            }
            What::Confirm => {
                let place = self.places.last_mut().unwrap();
                place.held = false;
                place.thing.version += 1;
            }
            What::Inform => self.informed = true,
            What::Permit => self.permissions.push(Held::new(row)),
            What::WithdrawPermission => {
                let at = Held::current(&self.permissions).unwrap();
                self.permissions[at].end();
            }
            What::Prohibit(target) => {
                self.prohibitions.push(Prohibition { held: Held::new(row), target, at });
                self.gives_way(target);
            }
            What::RemoveProhibition(target) => {
                let at = self.prohibition(target).unwrap();
                self.prohibitions[at].held.end();
            }
            What::BreakGlass => self.emergencies.push(Held::new(row)),
            What::EndEmergency => {
                let at = Held::current(&self.emergencies).unwrap();
                self.emergencies[at].end();
            }
            What::Forward | What::ForwardReferral | What::ForwardPlace | What::Expire | What::Merge | What::Read => unreachable!("done as something else"),
        }
        self.permitted += usize::from(self.is_permitted() && !was_permitted);
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
        of(id, self.cases.iter().map(|case| &case.thing))
            .or_else(|| of(id, self.referrals.iter().map(|r| &r.thing)))
            .or_else(|| {
                let case = self.cases.last()?;
                let made = of(id, &case.assessments).or_else(|| of(id, &case.plans)).or_else(|| of(id, &case.finals));
                made.or_else(|| of(id, &case.goals)).or_else(|| of(id, &case.paths))
            })
            .or_else(|| of(id, self.places.iter().map(|place| &place.thing)))
    }

    /// Everything of the client that has a machine.
    pub(super) fn rows(&mut self) -> Vec<Row<'_>> {
        let mut out = Vec::new();
        for case in &mut self.cases {
            out.push(row("client_case", "stage", &mut case.thing));
            out.extend(rows("needs_assessment", &mut case.assessments));
            out.extend(rows("client_plan", &mut case.plans));
            out.extend(rows("final_assessment", &mut case.finals));
            out.extend(rows("goal", &mut case.goals));
            out.extend(rows("follow_on_path", &mut case.paths));
        }
        out.extend(self.referrals.iter_mut().map(|r| row("referral", "state", &mut r.thing)));
        out.extend(self.places.iter_mut().map(|place| row("participation", "state", &mut place.thing)));
        out
    }

    /// What was about another client is about this one from now on; what of it is not carried over has ended. Versions are looked up.
    fn takes_over(&mut self, mut other: Self) {
        for consent in other.referrals.iter_mut().filter_map(|referral| referral.consent.as_mut()) {
            consent.version += 1;
        }
        let goes_on = |case: Option<&Case>| case.is_some_and(Case::is_open);
        if goes_on(self.cases.last()) {
            std::mem::swap(&mut self.cases, &mut other.cases);
        }
        self.cases.append(&mut other.cases);
        if self.referrals.last().is_some_and(|r| !r.is_over()) {
            std::mem::swap(&mut self.referrals, &mut other.referrals);
        }
        self.referrals.append(&mut other.referrals);
        if self.places.last().is_some_and(|place| place.thing.state.is_open()) {
            std::mem::swap(&mut self.places, &mut other.places);
        }
        self.places.append(&mut other.places);
        for one in &mut other.permissions {
            one.version += 1;
            if self.permissions.iter().any(|kept| kept.live) && one.live {
                one.end();
            }
        }
        self.permissions.append(&mut other.permissions);
        for one in &mut other.prohibitions {
            one.held.version += 1;
            if let Some(kept) = self.prohibitions.iter_mut().find(|kept| kept.held.live && one.held.live && kept.target == one.target) {
                // The later one is the client's will.
                if one.at > kept.at { kept.held.end() } else { one.held.end() }
            }
        }
        self.prohibitions.append(&mut other.prohibitions);
        for one in &mut other.emergencies {
            one.version += 1;
            if one.live {
                one.end();
            }
        }
        self.emergencies.append(&mut other.emergencies);
        self.informed |= other.informed;
        self.protected |= other.protected;
        self.disclosed += other.disclosed;
        self.permitted += other.permitted + usize::from(self.is_permitted());
    }
}

/// Where somebody comes who accepts a place.
fn placed(state: ParticipationState, free: bool) -> ParticipationState {
    let accepted = state.step(ParticipationMove::Accept).unwrap();
    accepted.step(if free { ParticipationMove::Enrol } else { ParticipationMove::Queue }).unwrap()
}

/// The one place of the group is free, and nobody waits for it.
pub(super) fn is_free(clients: &[Client]) -> bool {
    !clients.iter().flat_map(|client| &client.places).any(|place| place.thing.state.has_place() || place.thing.state == ParticipationState::Waitlisted)
}

/// The one place goes to whoever waits for it and came first, as soon as it is free.
pub(super) fn promote(clients: &mut [Client]) {
    let mut places: Vec<_> = clients.iter_mut().flat_map(|client| &mut client.places).collect();
    if places.iter().any(|place| place.thing.state.has_place()) {
        return;
    }
    places.retain(|place| place.thing.state == ParticipationState::Waitlisted);
    if let Some(first) = places.into_iter().min_by_key(|place| place.at) {
        first.thing.step(ParticipationMove::Enrol);
        first.held = true;
    }
}

/// The second client is merged into the first.
pub(super) fn merge(clients: &mut Vec<Client>, row: &Value) {
    let kept: Vec<Vec<Target>> = clients.iter().map(|client| client.prohibitions.iter().filter(|one| one.held.live).map(|one| one.target).collect()).collect();
    // Whichever came first: nobody has weighed the will of the one against what the other has consented to.
    for (client, theirs) in [(0, 1), (1, 0)] {
        for target in &kept[theirs] {
            clients[client].gives_way(*target);
            promote(clients);
        }
    }
    // Of two places the better one is kept.
    let mut both: Vec<_> = clients.iter_mut().flat_map(|client| &mut client.places).filter(|place| place.thing.state.is_open()).collect();
    both.sort_by_key(|place| (Reverse(place.thing.state.worth()), place.held, place.at));
    both.into_iter().skip(1).for_each(Place::break_off);
    promote(clients);
    let other = clients.pop().unwrap();
    let stays = clients.last_mut().unwrap();
    stays.takes_over(other);
    stays.version = row["version"].as_i64().unwrap();
}

pub(super) fn touched<S>(thing: &mut Thing<S>) {
    thing.version += 1;
    thing.whole = true;
}
