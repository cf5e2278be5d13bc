//! The case (asiakkuus): from pending through assessment, plan, services and final assessment to the paths that follow. Source: seed 001.
use crate::{
    code::lists,
    deadline::DeadlineGroup,
    machine::machine,
    rejection::{Code, Rejections},
    text::LocalizedText,
    vocabulary::vocabulary,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How far a case has come (asiakkuuden vaihe).
    pub enum CaseStage ["case-stage"] {
        /// Pending (vireillä).
        Pending,
        /// The need of services is assessed (arviointi).
        Assessment,
        /// The client plan is made (suunnittelu).
        Planning,
        /// Services and their follow-up (palvelut ja seuranta).
        Active,
        /// Final assessment (loppuarvio).
        FinalAssessment,
        /// Follow-on paths are arranged (jatkopolkujen järjestäminen).
        FollowOn,
        /// Closed (päättynyt).
        Closed,
    }
}

impl CaseStage {
    /// The stage as it is told to the client, in plain words (selkokieli): what is going on now, and what comes next.
    #[must_use]
    pub fn in_plain_words(self, suspended: bool) -> LocalizedText {
        let [fi, sv, en] = match (self, suspended) {
            (Self::Closed, _) => [
                "Asiakkuutesi on päättynyt. Voit ottaa meihin yhteyttä, jos tarvitset taas apua.",
                "Ditt klientskap har avslutats. Du kan kontakta oss om du behöver hjälp igen.",
                "Your time as a client has ended. You can contact us if you need help again.",
            ],
            (_, true) => [
                "Asiakkuutesi on tauolla. Asiaan palataan sovittuna päivänä.",
                "Ditt klientskap har en paus. Vi återkommer på den överenskomna dagen.",
                "Your matter is paused. We will come back to it on the agreed day.",
            ],
            (Self::Pending, _) => [
                "Asiasi on tullut meille. Seuraavaksi sovimme kanssasi, miten tilannettasi selvitetään.",
                "Ditt ärende har kommit till oss. Härnäst kommer vi överens med dig om hur din situation utreds.",
                "Your matter has come to us. Next we will agree with you how your situation is looked into.",
            ],
            (Self::Assessment, _) => [
                "Selvitämme yhdessä, millaista apua tarvitset. Sen jälkeen teemme suunnitelman.",
                "Vi utreder tillsammans vilken hjälp du behöver. Sedan gör vi en plan.",
                "Together we find out what help you need. After that we make a plan.",
            ],
            (Self::Planning, _) => [
                "Teemme kanssasi suunnitelman. Voit kommentoida sitä ennen kuin se tulee voimaan.",
                "Vi gör en plan tillsammans med dig. Du kan kommentera den innan den börjar gälla.",
                "We are making a plan with you. You can comment on it before it is put in force.",
            ],
            (Self::Active, _) => [
                "Saat palveluja suunnitelmasi mukaan. Katsomme yhdessä, miten ne auttavat.",
                "Du får tjänster enligt din plan. Vi ser tillsammans hur de hjälper.",
                "You get services as your plan says. Together we look at how they help.",
            ],
            (Self::FinalAssessment, _) => [
                "Arvioimme yhdessä, mitä on saatu aikaan. Voit sanoa arviosta mielipiteesi.",
                "Vi bedömer tillsammans vad som har åstadkommits. Du kan säga din åsikt om bedömningen.",
                "Together we assess what has been achieved. You can say what you think of the assessment.",
            ],
            (Self::FollowOn, _) => [
                "Järjestämme kanssasi, mitä tämän jälkeen tulee: esimerkiksi opintoja, työtä tai muuta toimintaa.",
                "Vi ordnar med dig vad som kommer efter detta: till exempel studier, arbete eller annan verksamhet.",
                "With you we arrange what comes after this: for example studies, work or other activities.",
            ],
        };
        LocalizedText::of(fi, sv, en)
    }
}

vocabulary! {
    /// How far a case has come, in the coarse form in which it is told to the one who has steered the client in (asian eteneminen): that one keeps the
    /// responsibility for the process (prosessivastuu, seed 001), and nothing of what the client is worked with about. That it is suspended, and for what it was
    /// closed, is not told.
    pub enum CaseProgress ["case-progress"] {
        /// It has come, and work has not begun (vireillä).
        Pending,
        /// The need is assessed and the services are planned (selvitetään ja suunnitellaan).
        UnderWay,
        /// Services are given (palvelut käynnissä).
        InServices,
        /// It comes to its end (päättymässä).
        Ending,
        /// It has ended (päättynyt).
        Ended,
    }
}

impl From<CaseStage> for CaseProgress {
    fn from(stage: CaseStage) -> Self {
        match stage {
            CaseStage::Pending => Self::Pending,
            CaseStage::Assessment | CaseStage::Planning => Self::UnderWay,
            CaseStage::Active => Self::InServices,
            CaseStage::FinalAssessment | CaseStage::FollowOn => Self::Ending,
            CaseStage::Closed => Self::Ended,
        }
    }
}

machine! {
    /// A move of the case machine.
    CaseStage as "Case (asiakkuus)", pub enum CaseMove {
        /// Begin to assess the need of services: an own worker is named.
        Assess,
        /// Begin to plan: the assessment is completed.
        Plan,
        /// Begin with the services: a plan is in force.
        Activate,
        /// Assess anew: needs have changed.
        Reassess,
        /// Revise the plan.
        Revise,
        /// Begin the final assessment.
        AssessFinally,
        /// Go on with the services after all.
        Continue,
        /// Arrange what follows: the final assessment is approved.
        ArrangeFollowOn,
        /// Suspend for a reason and a time; the stage stays.
        Suspend,
        /// Go on after a suspension.
        Resume,
        /// Close, with a reason.
        Close,
    }
    Pending -- Assess -> Assessment;
    Pending -- Close -> Closed;
    Assessment -- Plan -> Planning;
    Assessment -- Suspend -> Assessment;
    Assessment -- Resume -> Assessment;
    Assessment -- Close -> Closed;
    Planning -- Activate -> Active;
    Planning -- Reassess -> Assessment;
    Planning -- Suspend -> Planning;
    Planning -- Resume -> Planning;
    Planning -- Close -> Closed;
    Active -- Revise -> Planning;
    Active -- Reassess -> Assessment;
    Active -- AssessFinally -> FinalAssessment;
    Active -- Suspend -> Active;
    Active -- Resume -> Active;
    Active -- Close -> Closed;
    FinalAssessment -- Continue -> Active;
    FinalAssessment -- ArrangeFollowOn -> FollowOn;
    FinalAssessment -- Suspend -> FinalAssessment;
    FinalAssessment -- Resume -> FinalAssessment;
    FinalAssessment -- Close -> Closed;
    FollowOn -- Continue -> Active;
    FollowOn -- Close -> Closed;
}

vocabulary! {
    /// What happened to a case (asiakkuuden tapahtuma).
    pub enum CaseEventKind ["case-event-kind"] {
        /// It became pending (tuli vireille).
        Opened,
        /// The assessment was begun (arviointi alkoi).
        Assess,
        /// Planning was begun (suunnittelu alkoi).
        Plan,
        /// Services were begun (palvelut alkoivat).
        Activate,
        /// The need was assessed anew (uudelleenarviointi).
        Reassess,
        /// The plan was taken up for revision (suunnitelman tarkistus).
        Revise,
        /// The final assessment was begun (loppuarvio alkoi).
        AssessFinally,
        /// Services went on after all (palvelut jatkuvat).
        Continue,
        /// Follow-on paths were begun to be arranged (jatkopolkujen järjestäminen alkoi).
        ArrangeFollowOn,
        /// It was suspended (keskeytettiin).
        Suspend,
        /// It went on after a suspension (jatkui keskeytyksen jälkeen).
        Resume,
        /// It was closed (päätettiin).
        Close,
        /// Another became the own worker (omatyöntekijä vaihtui).
        HandOver,
        /// What was said of it was mended (tietoja muutettiin).
        Update,
        /// The end was agreed with the client before the final assessment, whatever has become of the goals (lopettamisesta sovittiin).
        ExitAgreed,
    }
}

impl From<CaseMove> for CaseEventKind {
    fn from(by: CaseMove) -> Self {
        match by {
            CaseMove::Assess => Self::Assess,
            CaseMove::Plan => Self::Plan,
            CaseMove::Activate => Self::Activate,
            CaseMove::Reassess => Self::Reassess,
            CaseMove::Revise => Self::Revise,
            CaseMove::AssessFinally => Self::AssessFinally,
            CaseMove::Continue => Self::Continue,
            CaseMove::ArrangeFollowOn => Self::ArrangeFollowOn,
            CaseMove::Suspend => Self::Suspend,
            CaseMove::Resume => Self::Resume,
            CaseMove::Close => Self::Close,
        }
    }
}

vocabulary! {
    /// Why a case was closed (päättymisen syy). Source: THL's guide to social rehabilitation.
    pub enum CaseClosingReason ["case-closing-reason"] {
        /// No need for social welfare (ei sosiaalihuollon tarvetta).
        NoNeed,
        /// Goals reached (tavoitteet saavutettu).
        GoalsReached,
        /// No legal ground for continuing (ei lakiperustetta jatkaa).
        NoLegalGround,
        /// The client refuses (asiakas kieltäytyy).
        Refused,
        /// Planned guidance to other services (suunnitelmallinen ohjaus muihin palveluihin).
        GuidedElsewhere,
        /// Moved away (muuttanut pois).
        MovedAway,
        /// Died (kuollut).
        Deceased,
        /// Cannot be reached (ei tavoiteta).
        Unreachable,
    }
}

vocabulary! {
    /// Why a case is suspended (keskeytyksen syy).
    pub enum SuspensionReason ["suspension-reason"] {
        /// In hospital (sairaalassa).
        Hospital,
        /// In prison (vankilassa).
        Prison,
        /// Relapse into substance use (päihteiden käyttö).
        SubstanceRelapse,
        /// Elsewhere for a time (väliaikaisesti muualla).
        MovedTemporarily,
        /// At the client's request (asiakkaan pyynnöstä).
        ClientRequest,
        /// Cannot be reached (ei tavoiteta).
        Unreachable,
    }
}

/// A suspension (keskeytys): why, since when, and when it is looked at again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it is looked at again.
    pub review_on: NaiveDate,
}

/// What is said of a case when it becomes pending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "CaseContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseContent {
    /// The service task (palvelutehtävä), by its code in the list `service-task`.
    pub service_task: String,
    /// Other clienthoods that run beside this one (rinnakkaiset asiakkuudet), by their service tasks.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub parallel: Vec<String>,
    /// Urgent need, to be assessed at once (SHL 36 §).
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub urgent: bool,
    /// Groups that the law hurries, where the client is of one: they set deadlines.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub groups: Vec<DeadlineGroup>,
}

impl CaseContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if !lists().knows("service-task", &self.service_task) {
            out.add_with(Code::UnknownCode, &["serviceTask"], self.service_task.as_str());
        }
        if self.parallel.len() > 10 {
            out.add_with(Code::TooLong, &["parallel"], 10);
        }
        for (i, task) in self.parallel.iter().enumerate() {
            if !lists().knows("service-task", task) {
                out.add_with(Code::UnknownCode, &["parallel", &i.to_string()], task.as_str());
            }
            if *task == self.service_task || self.parallel[..i].contains(task) {
                out.add(Code::Duplicate, &["parallel", &i.to_string()]);
            }
        }
        for (i, group) in self.groups.iter().enumerate() {
            if self.groups[..i].contains(group) {
                out.add(Code::Duplicate, &["groups", &i.to_string()]);
            }
        }
        out
    }
}

/// Where a case stands when it is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Its stage.
    pub stage: CaseStage,
    /// It is suspended, and the day on which that is looked at again has come.
    pub review_has_come: bool,
    /// Its assessment of needs is completed, or the client has declined it.
    pub assessed: bool,
}

impl Closing {
    /// A case that stands so may be closed for this reason. Anybody may die, move away or say no at any time; goals are reached at the end of
    /// the way; guidance elsewhere takes that somebody has looked; who cannot be reached is waited for first.
    #[must_use]
    pub const fn allows(self, reason: CaseClosingReason) -> bool {
        match reason {
            CaseClosingReason::Deceased
            | CaseClosingReason::MovedAway
            | CaseClosingReason::Refused
            | CaseClosingReason::NoLegalGround
            | CaseClosingReason::NoNeed => true,
            CaseClosingReason::GuidedElsewhere => match self.stage {
                CaseStage::Pending | CaseStage::FollowOn => true,
                CaseStage::Assessment => self.assessed,
                CaseStage::Planning | CaseStage::Active | CaseStage::FinalAssessment | CaseStage::Closed => false,
            },
            CaseClosingReason::Unreachable => self.review_has_come || matches!(self.stage, CaseStage::FollowOn),
            CaseClosingReason::GoalsReached => matches!(self.stage, CaseStage::FollowOn),
        }
    }
}

/// Closing for this reason closes what is still open with it; for another, what is open keeps the case open.
#[must_use]
pub const fn closes_dependants(reason: CaseClosingReason) -> bool {
    matches!(reason, CaseClosingReason::Deceased | CaseClosingReason::MovedAway | CaseClosingReason::Refused | CaseClosingReason::NoLegalGround)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn every_stage_but_the_last_can_be_closed_and_the_last_is_left_by_nothing() {
        for stage in CaseStage::ALL {
            let closes = stage.moves().any(|by| by == CaseMove::Close);
            assert_eq!(closes, *stage != CaseStage::Closed, "{stage:?}");
        }
        assert_eq!(CaseStage::Closed.moves().count(), 0);
    }

    #[test]
    fn suspending_leaves_the_stage_where_it_is() {
        for stage in CaseStage::ALL {
            if let Ok(after) = stage.step(CaseMove::Suspend) {
                assert_eq!((after, stage.step(CaseMove::Resume).ok()), (*stage, Some(*stage)));
            }
        }
    }

    #[test]
    fn goals_are_reached_at_the_end_and_who_cannot_be_reached_is_waited_for() {
        for stage in CaseStage::ALL {
            let at = |review_has_come, assessed| Closing { stage: *stage, review_has_come, assessed };
            assert_eq!(at(true, true).allows(CaseClosingReason::GoalsReached), *stage == CaseStage::FollowOn);
            assert_eq!(at(false, true).allows(CaseClosingReason::Unreachable), *stage == CaseStage::FollowOn);
            assert!(at(true, false).allows(CaseClosingReason::Unreachable));
            for reason in CaseClosingReason::ALL.iter().filter(|reason| closes_dependants(**reason)) {
                assert!(at(false, false).allows(*reason), "{stage:?} {reason:?}");
            }
        }
        let assessing = |assessed| Closing { stage: CaseStage::Assessment, review_has_come: false, assessed };
        assert!(assessing(true).allows(CaseClosingReason::GuidedElsewhere) && !assessing(false).allows(CaseClosingReason::GuidedElsewhere));
    }

    #[test]
    fn every_move_is_somebodys_and_no_move_is_everybodys() {
        use crate::{actor::Role, policy::moves_case};
        for edge in CaseStage::EDGES {
            let may: Vec<_> = Role::ALL.iter().filter(|role| moves_case(**role, edge.by)).collect();
            assert!((2..=3).contains(&may.len()), "{:?}: {may:?}", edge.by);
        }
    }

    #[test]
    fn a_task_does_not_run_beside_itself() {
        let content = |parallel: &[&str]| CaseContent {
            service_task: "WORKING_AGE_SERVICES".into(),
            parallel: parallel.iter().map(|task| (*task).to_owned()).collect(),
            urgent: false,
            groups: Vec::new(),
        };
        let faults = |parallel: &[&str]| content(parallel).check().iter().map(|r| (r.code, r.path.join("."))).collect::<Vec<_>>();
        assert_eq!(faults(&["CHILD_FAMILY_SERVICES"]), []);
        assert_eq!(faults(&["WORKING_AGE_SERVICES", "NOPE"]), [(Code::Duplicate, "parallel.0".into()), (Code::UnknownCode, "parallel.1".into())]);
    }
}
