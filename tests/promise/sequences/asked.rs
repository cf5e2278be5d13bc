//! What is asked of the server, and what the model says of it beforehand.
use super::{
    model::{Case, Client, Held, RELATED, Thing},
    tried::{MUNICIPAL, Target, What},
};
use crate::casework::given as casework_given;
use api::identity::{demo::ISSUER, subject_key};
use domain::{
    actor::Role,
    casework::{
        case::{CaseMove, CaseStage, Closing, closes_dependants},
        client_plan::{PlanMove, PlanState},
        final_assessment::{FinalAssessmentMove, FinalAssessmentState},
        follow_on_path::PathMove,
        goal::GoalMove,
        needs_assessment::{AssessmentMove, AssessmentState},
        referral::{ReferralMove, ReferralState},
    },
    code::Coded,
    delivery::participation::{ParticipationMove, ParticipationState},
    machine::Machine,
    policy::{merges_clients, moves_case, starts_case},
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, in_days};

/// What is asked, and what the model says of it.
pub(super) struct Asked {
    pub(super) mutation: &'static str,
    pub(super) field: &'static str,
    pub(super) input: Value,
    /// The row is named with a version.
    pub(super) versioned: bool,
    /// The machine and what the move rests on allow it.
    pub(super) legal: bool,
    /// Those whose move it is.
    pub(super) allowed: Vec<&'static str>,
}

pub(super) fn asked(mutation: &'static str, field: &'static str, input: Value, legal: bool, allowed: &[&'static str]) -> Asked {
    Asked { mutation, field, input, versioned: false, legal, allowed: allowed.to_vec() }
}

pub(super) fn moved<S: Machine>(mutation: &'static str, field: &'static str, of: &Thing<S>, mut input: Value, legal: bool, allowed: &[&'static str]) -> Asked {
    input["id"] = json!(of.id);
    input["expectedVersion"] = json!(of.version);
    Asked { versioned: true, ..asked(mutation, field, input, legal, allowed) }
}

/// The same, of a row without a machine.
fn willed(mutation: &'static str, field: &'static str, of: &Held, allowed: &[&'static str]) -> Asked {
    let input = json!({ "id": of.id, "expectedVersion": of.version });
    Asked { versioned: true, ..asked(mutation, field, input, of.live, allowed) }
}

/// What there is before anything is tried.
pub(super) struct Ground<'t> {
    pub(super) app: &'t TestApp,
    /// The other authority.
    pub(super) authority: String,
    /// The partner's group, and a session of it that was held.
    pub(super) group: String,
    pub(super) session: String,
}

pub(super) fn role(actor: &str) -> Role {
    CAST.iter().find(|(name, ..)| *name == actor).unwrap().1
}

/// The second client turns out to be the first; nothing where that is known already. Cases of one task do not go on beside one another.
pub(super) fn merges(clients: &[Client]) -> Option<Asked> {
    let [stays, goes] = clients else { return None };
    let collide = clients.iter().all(|client| client.cases.last().is_some_and(Case::is_open));
    let input = json!({
        "surviving": stays.id, "expectedVersion": stays.version, "merged": goes.id, "expectedMergedVersion": goes.version,
        "reason": "Sama henkilö: tuli kahdesti eri nimellä.",
    });
    let movers: Vec<_> = RELATED.iter().copied().filter(|actor| merges_clients(role(actor))).collect();
    Some(Asked { versioned: true, ..asked("mergeClients", "client", input, !collide, &movers) })
}

impl Client {
    /// What is asked of the server, and what the model says of it; nothing where there is nothing to ask it of.
    pub(super) fn asks(&self, ground: &Ground<'_>, what: What) -> Option<Asked> {
        let (county, ngo) = (ground.app.world.organization("county"), ground.app.world.organization("ngo"));
        let social = &["social-worker"][..];
        let case = self.cases.last();
        let of_case = |mutation, field, mut input: Value, legal: &dyn Fn(&Case) -> bool, allowed: &[&'static str]| {
            let case = case?;
            input["case"] = json!(case.thing.id);
            Some(asked(mutation, field, input, case.is_open() && legal(case), allowed))
        };
        match what {
            What::Forward | What::ForwardReferral | What::ForwardPlace | What::Expire | What::Merge | What::Read => None,
            What::StartCase => {
                let input = json!({ "client": self.id, "organization": county, "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
                let starters: Vec<_> = RELATED.iter().copied().filter(|actor| starts_case(role(actor))).collect();
                Some(asked("startCase", "case", input, case.is_none_or(|case| !case.is_open()), &starters))
            }
            What::Case(by) => {
                let (mutation, input) = match by {
                    CaseMove::Assess => ("assessCase", json!({ "ownWorker": subject_key(ISSUER, "social-worker"), "urgent": false })),
                    CaseMove::Plan => ("planCase", json!({})),
                    CaseMove::Activate => ("activateCase", json!({})),
                    CaseMove::Reassess => ("reassessCase", json!({ "words": "Tilanne on muuttunut." })),
                    CaseMove::Revise => ("reviseCase", json!({ "words": "Ryhmä vaihtuu." })),
                    CaseMove::AssessFinally => ("assessCaseFinally", json!({ "words": "Tavoitteet käyty läpi.", "exitAgreed": case?.agrees_exit() })),
                    CaseMove::Continue => ("continueCase", json!({ "words": "Jatketaan." })),
                    CaseMove::ArrangeFollowOn => ("arrangeCaseFollowOn", json!({})),
                    CaseMove::Suspend => ("suspendCase", json!({ "reason": "HOSPITAL", "reviewOn": in_days(14) })),
                    CaseMove::Resume => ("resumeCase", json!({})),
                    CaseMove::Close => unreachable!("closing has reasons of its own"),
                };
                let case = case?;
                let movers: Vec<_> = RELATED.iter().copied().filter(|actor| moves_case(role(actor), by)).collect();
                Some(moved(mutation, "case", &case.thing, input, case.allows(by) && case.rests(by), &movers))
            }
            What::Close(reason) => {
                let case = case?;
                let assessed = case.assessments.iter().any(|a| match a.state {
                    AssessmentState::Completed | AssessmentState::Waived => true,
                    AssessmentState::Interrupted => a.said,
                    _ => false,
                });
                let closing = Closing { stage: case.thing.state, review_has_come: false, assessed };
                let referral = self.referrals.iter().any(|r| !r.is_over() && !r.is_passed_on());
                let place = self.places.iter().any(|place| place.thing.state.is_open() && !place.own);
                let without = case.paths.is_empty();
                let leads_on = case.thing.state != CaseStage::FollowOn || without || case.has_path();
                let nothing_left = closes_dependants(reason) || !(case.in_the_making() || referral || place) && leads_on;
                let mut input = json!({ "reason": reason.code(), "note": "Päätetään." });
                if without {
                    input["withoutPath"] = json!("Asiakas pärjää ilman.");
                }
                let movers: Vec<_> = RELATED.iter().copied().filter(|actor| moves_case(role(actor), CaseMove::Close)).collect();
                Some(moved("closeCase", "case", &case.thing, input, case.allows(CaseMove::Close) && closing.allows(reason) && nothing_left, &movers))
            }
            What::HandOver => {
                let case = case?;
                let to = case.hands_to();
                let governs: Vec<_> = case.own.into_iter().chain(["lead"]).collect();
                Some(moved("handOverCase", "case", &case.thing, json!({ "to": subject_key(ISSUER, to) }), case.is_open(), &governs))
            }
            What::Assessment(AssessmentMove::Start) => {
                let none_open = |case: &Case| !case.assessments.iter().any(|a| a.state.is_open());
                of_case("startNeedsAssessment", "needsAssessment", json!({}), &none_open, RELATED)
            }
            What::Assessment(AssessmentMove::Waive) => {
                let none_open = |case: &Case| !case.assessments.iter().any(|a| a.state.is_open());
                of_case("waiveNeedsAssessment", "needsAssessment", json!({ "reason": "Ilmeisen tarpeeton." }), &none_open, social)
            }
            What::Assessment(by) => {
                let (mutation, input) = match by {
                    AssessmentMove::Complete => ("completeNeedsAssessment", json!({})),
                    AssessmentMove::Interrupt => ("interruptNeedsAssessment", json!({ "interruption": "CLIENT_DECLINED" })),
                    AssessmentMove::Resume => ("resumeNeedsAssessment", json!({})),
                    AssessmentMove::Start | AssessmentMove::Waive | AssessmentMove::Supersede => unreachable!("made, or made by another"),
                };
                let of = case?.assessments.last()?;
                // What a closed case was left with stays as it is.
                let legal = of.state.step(by).is_ok() && (by != AssessmentMove::Complete || of.whole) && case?.is_open();
                Some(moved(mutation, "needsAssessment", of, input, legal, social))
            }
            What::SaveAssessment => {
                let of = case?.assessments.last()?;
                let input = json!({ "content": casework_given::whole_assessment() });
                Some(moved("saveNeedsAssessment", "needsAssessment", of, input, of.state == AssessmentState::InProgress, RELATED))
            }
            What::DraftPlan => {
                let none = |case: &Case| !case.plans.iter().any(|plan| plan.state.is_in_the_making());
                of_case("draftClientPlan", "clientPlan", json!({}), &none, RELATED)
            }
            What::SavePlan => {
                let of = case?.plans.last()?;
                let goals: Vec<_> = case?.goals.iter().map(|goal| goal.id.clone()).collect();
                let input = json!({ "content": casework_given::whole_plan(&goals) });
                Some(moved("saveClientPlan", "clientPlan", of, input, of.state == PlanState::Draft, RELATED))
            }
            What::Plan(by) => {
                let with_client = self.with_client();
                let (mutation, input, allowed) = match by {
                    PlanMove::Share => ("shareClientPlan", json!({}), RELATED),
                    PlanMove::Comment => ("commentOnClientPlan", json!({ "comment": "Entä liikunta?" }), &with_client[..]),
                    PlanMove::Agree => ("recordPlanAgreement", json!({ "agreement": "AGREES" }), &with_client[..]),
                    PlanMove::PutInForce => ("putClientPlanInForce", json!({}), social),
                    PlanMove::Review => ("reviewClientPlan", json!({ "note": "Tarkistetaan." }), &with_client[..]),
                    PlanMove::Confirm => ("confirmClientPlan", json!({ "note": "Ennallaan." }), social),
                    PlanMove::End => ("endClientPlan", json!({}), social),
                    PlanMove::Discard => ("discardClientPlan", json!({}), social),
                    PlanMove::Supersede => unreachable!("made by another"),
                };
                let of = &case?.plans[case?.plan_for(by)?];
                let rests = match by {
                    PlanMove::PutInForce => of.whole && of.said,
                    PlanMove::End => matches!(case?.thing.state, CaseStage::FollowOn | CaseStage::Closed),
                    _ => true,
                };
                let legal = of.state.step(by).is_ok() && rests;
                Some(moved(mutation, "clientPlan", of, input, legal, allowed))
            }
            What::DraftFinal => {
                let none = |case: &Case| !case.finals.iter().any(|f| f.state.is_in_the_making());
                of_case("draftFinalAssessment", "finalAssessment", json!({}), &none, RELATED)
            }
            What::SaveFinal => {
                let of = case?.finals.last()?;
                let input = json!({ "content": casework_given::whole_final(), "benefitThemes": ["HOPE"] });
                Some(moved("saveFinalAssessment", "finalAssessment", of, input, of.state == FinalAssessmentState::Draft, RELATED))
            }
            What::Final(by) => {
                let with_client = self.with_client();
                let (mutation, input, allowed) = match by {
                    FinalAssessmentMove::Share => ("shareFinalAssessment", json!({}), RELATED),
                    FinalAssessmentMove::Rewrite => ("rewriteFinalAssessment", json!({}), RELATED),
                    FinalAssessmentMove::Answer => ("answerFinalAssessment", json!({ "approvedByClient": true }), &with_client[..]),
                    FinalAssessmentMove::Approve => ("approveFinalAssessment", json!({}), social),
                    FinalAssessmentMove::Discard => ("discardFinalAssessment", json!({}), social),
                };
                let of = case?.finals.last()?;
                let legal = of.state.step(by).is_ok() && (by != FinalAssessmentMove::Approve || of.whole && of.said);
                Some(moved(mutation, "finalAssessment", of, input, legal, allowed))
            }
            What::SetGoal => {
                let input = json!({ "owner": "WORKER", "content": { "text": "Käy ryhmässä.", "lifeArea": "PARTICIPATION" } });
                of_case("setGoal", "goal", input, &|_| true, RELATED)
            }
            What::Goal(by) => {
                let (mutation, input) = match by {
                    GoalMove::Begin => ("beginGoal", json!({})),
                    GoalMove::Reach => ("recordGoalResult", json!({ "state": "REACHED" })),
                    GoalMove::ReachPartly => ("recordGoalResult", json!({ "state": "PARTLY_REACHED" })),
                    GoalMove::Miss => ("recordGoalResult", json!({ "state": "NOT_REACHED" })),
                    GoalMove::Drop => ("dropGoal", json!({ "reason": "Ei enää ajankohtainen." })),
                };
                let of = case?.goals.last()?;
                Some(moved(mutation, "goal", of, input, of.state.step(by).is_ok(), RELATED))
            }
            What::CreateReferral(contact) => {
                // One at a time, so that it is known which one a move is about.
                if self.referrals.last().is_some_and(|r| !r.is_over()) {
                    return None;
                }
                let disclose = if contact { &["ALIAS", "CONTACT"][..] } else { &["ALIAS"] };
                let input = json!({
                    "sender": county, "recipient": ngo, "client": self.id, "introduction": { "reason": "Kaipaa seuraa." },
                    "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": disclose },
                });
                Some(asked("createReferral", "referral", input, true, RELATED))
            }
            What::Consent(whole) => {
                let of = self.referrals.last().filter(|r| r.thing.state == ReferralState::Draft)?;
                let scope = if whole { &["ALIAS", "CONTACT", "REASON"][..] } else { &["ALIAS"] };
                let input = json!({
                    "referral": of.thing.id, "purpose": "REFERRAL", "recipient": ground.app.world.organization(of.recipient), "scope": scope,
                    "method": "WRITTEN", "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
                });
                Some(asked("recordConsent", "consent", input, true, &[of.creator]))
            }
            What::Referral(by) => {
                let of = self.referrals.last()?;
                let mut with_client = self.sends(of.is_passed_on(), of.creator);
                with_client.retain(|actor| *actor != of.creator || self.is_read_by_writer(of));
                let sender = if of.thing.state == ReferralState::Draft { &[of.creator][..] } else { &with_client };
                let recipient = &[of.receiver()][..];
                let kept_back = of.consent.as_ref().is_some_and(|consent| self.keeps_back(consent));
                let client: Vec<_> = self.account.then_some("client").into_iter().collect();
                let (mutation, input, allowed) = match by {
                    ReferralMove::Send => ("sendReferral", json!({}), sender),
                    ReferralMove::Cancel => ("cancelReferral", json!({}), sender),
                    ReferralMove::Acknowledge => ("acknowledgeReferral", json!({}), recipient),
                    ReferralMove::RequestInfo => ("requestReferralInfo", json!({ "message": "Sopiiko aamupäivä?" }), recipient),
                    // What a worker answers is told to the recipient; what the client answers, the client has told.
                    ReferralMove::SupplyInfo => ("supplyReferralInfo", json!({ "message": "Sopii." }), if kept_back { &client[..] } else { sender }),
                    // Every other time the partner says at once which group it is.
                    ReferralMove::Accept if self.accepts_into_group(of) => ("acceptReferral", json!({ "offering": ground.group }), recipient),
                    ReferralMove::Accept => ("acceptReferral", json!({}), recipient),
                    ReferralMove::Decline => ("declineReferral", json!({ "reason": "NO_CAPACITY" }), recipient),
                    ReferralMove::Redirect => ("redirectReferral", json!({ "recipient": ground.app.world.organization(of.other()) }), recipient),
                    ReferralMove::Withdraw => ("withdrawReferral", json!({}), sender),
                    ReferralMove::ReportOutcome => {
                        let outcome = if of.outcomes == 1 { "COMPLETED" } else { "ARRIVED" };
                        ("reportReferralOutcome", json!({ "outcome": outcome }), recipient)
                    }
                    ReferralMove::Expire => unreachable!("comes with its time"),
                };
                let rests = match by {
                    ReferralMove::Send => of.consent.as_ref().is_some_and(|consent| consent.whole) && !kept_back && !self.tells_too_much(of),
                    // Word goes back whatever has become of the consent.
                    ReferralMove::ReportOutcome => of.outcomes < 2,
                    ReferralMove::Accept => !self.accepts_into_group(of) || !self.takes_part(),
                    _ => true,
                };
                Some(moved(mutation, "referral", &of.thing, input, of.thing.state.step(by).is_ok() && rests && !allowed.is_empty(), allowed))
            }
            What::WithdrawConsent => {
                let of = self.referrals.iter().rev().find(|r| r.consent.is_some())?;
                let consent = of.consent.as_ref()?;
                // The recipient knows of it with the referral, and not before.
                let told = !matches!(of.thing.state, ReferralState::Draft | ReferralState::Cancelled);
                let everybody: Vec<_> = self.sends(of.is_passed_on(), of.creator).into_iter().chain(told.then_some(of.receiver())).collect();
                let asked = asked("withdrawConsent", "consent", json!({ "id": consent.id, "expectedVersion": consent.version }), true, &everybody);
                Some(Asked { versioned: true, ..asked })
            }
            What::PlanPath => {
                let input = json!({ "destination": "EDUCATION", "content": { "place": "Opisto" } });
                of_case("planFollowOnPath", "followOnPath", input, &|_| true, RELATED)
            }
            What::Path(by) => {
                let with_client = self.with_client();
                let arrived =
                    |arrival: &str, days: i64| ("recordPathArrival", json!({ "arrival": arrival, "arrivedOn": in_days(days), "source": "CLIENT" }), RELATED);
                let (mutation, input, allowed) = match by {
                    PathMove::Guide => ("guideToFollowOnPath", json!({ "on": in_days(-200) }), RELATED),
                    PathMove::Transfer => arrived("TRANSFERRED", -150),
                    PathMove::Start => arrived("STARTED", 0),
                    PathMove::Employ => arrived("EMPLOYED", 0),
                    PathMove::Verify => ("verifyFollowOnPath", json!({ "source": "RECIPIENT" }), RELATED),
                    PathMove::Lapse => ("lapseFollowOnPath", json!({ "reason": "Opinnot keskeytyivät." }), RELATED),
                    PathMove::Drop => ("dropFollowOnPath", json!({ "reason": "Opisto on täynnä." }), &with_client[..]),
                };
                let of = case?.paths.last()?;
                // It is looked at after three months, and not before.
                let legal = of.state.step(by).is_ok() && (by != PathMove::Verify || of.whole);
                Some(moved(mutation, "followOnPath", of, input, legal, allowed))
            }
            What::Register { proposed } => {
                let with_client = self.with_client();
                let of = self.group_referral()?;
                let input = json!({ "client": self.id, "offering": ground.group, "referral": of.thing.id });
                let legal = of.leads_to_group() && !self.takes_part();
                let (mutation, allowed) = if proposed { ("proposeParticipation", RELATED) } else { ("registerParticipation", &with_client[..]) };
                Some(asked(mutation, "participation", input, legal, allowed))
            }
            What::Place(by) => {
                let place = self.places.last()?;
                let client_side = self.with_client();
                let everybody: Vec<_> = client_side.iter().copied().chain(["partner"]).collect();
                let partner = &["partner"][..];
                let ends = || json!({ "why": "OTHER", "reason": "Ei sovi." });
                let (mutation, input, allowed) = match by {
                    ParticipationMove::Accept => ("acceptParticipation", json!({}), &client_side[..]),
                    ParticipationMove::Decline => ("declineParticipation", json!({}), &client_side[..]),
                    ParticipationMove::LeaveQueue => ("leaveWaitlist", json!({}), &everybody[..]),
                    ParticipationMove::Cancel => ("cancelParticipation", ends(), &everybody[..]),
                    ParticipationMove::Discontinue => ("discontinueParticipation", ends(), &everybody[..]),
                    ParticipationMove::Enrol => ("enrolParticipant", json!({}), partner),
                    ParticipationMove::NoShow => ("recordNoShow", json!({}), partner),
                    ParticipationMove::Pause => ("pauseParticipation", json!({}), partner),
                    ParticipationMove::Resume => ("resumeParticipation", json!({}), partner),
                    ParticipationMove::Complete => ("completeParticipation", json!({}), partner),
                    ParticipationMove::Start => {
                        // Whoever has come before does not come for the first time.
                        let came = matches!(place.thing.state, ParticipationState::Started | ParticipationState::Completed | ParticipationState::Discontinued);
                        let rows = json!([{ "participation": place.thing.id, "status": "PRESENT", "minutes": 60 }]);
                        let asked = asked(
                            "recordAttendance",
                            "attendances",
                            json!({ "session": ground.session, "rows": rows }),
                            place.thing.state == ParticipationState::Enrolled,
                            partner,
                        );
                        return (!came).then_some(asked);
                    }
                    ParticipationMove::Queue | ParticipationMove::Transfer | ParticipationMove::Correct => unreachable!("not tried"),
                };
                // Places are given in the order in which people came, and nobody was absent.
                let by_hand = !matches!(by, ParticipationMove::Enrol | ParticipationMove::NoShow);
                Some(moved(mutation, "participation", &place.thing, input, place.thing.state.step(by).is_ok() && by_hand, allowed))
            }
            What::Confirm => {
                let place = self.places.last()?;
                let legal = place.held && place.thing.state == ParticipationState::Enrolled;
                Some(moved("confirmPlace", "participation", &place.thing, json!({}), legal, &self.with_client()))
            }
            What::Inform => {
                let input = json!({ "client": self.id, "kind": "KANTA", "givenOn": in_days(0), "method": "ORAL", "textVersion": "kanta-2026-1" });
                Some(asked("recordInforming", "informing", input, true, &self.with_client()))
            }
            What::Permit => {
                let legal = self.informed && !self.permissions.iter().any(|one| one.live);
                let input = json!({ "client": self.id, "sector": "SOCIAL" });
                Some(asked("giveDisclosurePermission", "disclosurePermission", input, legal, &self.with_client()))
            }
            What::WithdrawPermission => {
                let of = &self.permissions[Held::current(&self.permissions)?];
                Some(willed("withdrawDisclosurePermission", "disclosurePermission", of, &self.with_client()))
            }
            What::Prohibit(target) => {
                let what = match target {
                    Target::Partner => json!({ "controller": ngo }),
                    Target::Authority => json!({ "controller": ground.authority }),
                    Target::Task => json!({ "serviceTask": "WORKING_AGE_SERVICES" }),
                };
                let input = json!({ "client": self.id, "target": what });
                Some(asked("setDisclosureProhibition", "disclosureProhibition", input, !self.prohibits(target), &self.with_client()))
            }
            What::RemoveProhibition(target) => {
                let of = &self.prohibitions[self.prohibition(target)?].held;
                Some(willed("removeDisclosureProhibition", "disclosureProhibition", of, &self.with_client()))
            }
            What::BreakGlass => {
                let input =
                    json!({ "organization": ground.authority, "client": { "number": self.number }, "reason": "Asiakas tuli tajuttomana päivystykseen." });
                Some(asked("breakGlass", "careRelation", input, true, &[MUNICIPAL]))
            }
            What::EndEmergency => {
                let of = &self.emergencies[Held::current(&self.emergencies)?];
                Some(willed("endCareRelation", "careRelation", of, &[MUNICIPAL]))
            }
        }
    }

    /// Those who make the sender's moves of a referral that is no draft any more: whoever has passed it on has no register, and those who have one follow it only.
    fn sends(&self, passed_on: bool, creator: &'static str) -> Vec<&'static str> {
        if !passed_on {
            return self.with_client();
        }
        std::iter::once(creator).chain(self.account.then_some("client")).collect()
    }
}
