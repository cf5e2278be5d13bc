//! The case (asiakkuus): from pending through assessment, plan, services and final assessment to the paths that follow. Source: seed 001.
use crate::{
    code::lists,
    machine::machine,
    rejection::{Code, Rejections},
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
        }
        out
    }
}

/// Reasons for which a case may be closed before its end, whatever else is unfinished.
#[must_use]
pub const fn closes_early(reason: CaseClosingReason) -> bool {
    matches!(
        reason,
        CaseClosingReason::Deceased | CaseClosingReason::MovedAway | CaseClosingReason::Refused | CaseClosingReason::NoLegalGround | CaseClosingReason::NoNeed
    )
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
}
