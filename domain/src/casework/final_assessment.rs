//! The final assessment (loppuarvio): against the beginning, with what the client has got from it, made and approved with the client.
use crate::{
    id::GoalId,
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// Where a final assessment is (loppuarvion tila).
    pub enum FinalAssessmentState ["final-assessment-state"] {
        /// Being written (luonnos).
        Draft,
        /// Shown to the client (asiakkaan nähtävänä).
        Shared,
        /// Approved (hyväksytty).
        Approved,
        /// Thrown away (poistettu).
        Discarded,
    }
}

machine! {
    /// A move of the final assessment machine.
    FinalAssessmentState as "Final assessment (loppuarvio)", pub enum FinalAssessmentMove {
        /// Show it to the client.
        Share,
        /// Write on it again.
        Rewrite,
        /// The client, or a worker for the client, says whether it is right.
        Answer,
        /// Approve it.
        Approve,
        /// Throw it away.
        Discard,
    }
    Draft -- Share -> Shared;
    Draft -- Discard -> Discarded;
    Shared -- Answer -> Shared;
    Shared -- Rewrite -> Draft;
    Shared -- Approve -> Approved;
    Shared -- Discard -> Discarded;
}

impl FinalAssessmentState {
    /// It is being made.
    #[must_use]
    pub const fn is_in_the_making(self) -> bool {
        matches!(self, Self::Draft | Self::Shared)
    }
}

vocabulary! {
    /// What a client has got from it (koetun hyödyn teema). Source: seed 001.
    pub enum BenefitTheme ["benefit-theme"] {
        /// More social contact (sosiaalisen kanssakäymisen lisääntyminen).
        SocialContact,
        /// Experience of empowerment, better self-esteem (vahvistuminen, itsetunto).
        Empowerment,
        /// Rhythm of everyday life, meaningful things to do (arjen rytmi, mielekäs tekeminen).
        RhythmMeaning,
        /// Help and advice in everyday matters (apu ja neuvot arkisiin asioihin).
        PracticalHelp,
        /// Awakened interest (kiinnostuksen herääminen).
        Interest,
        /// Discovering one's own possibilities (omien mahdollisuuksien löytäminen).
        OwnPossibilities,
        /// Hope (toivon herääminen).
        Hope,
    }
}

/// A set of themes, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct BenefitThemes(pub BTreeSet<BenefitTheme>);

/// What became of a goal, in words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "GoalResultInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoalResult {
    /// The goal.
    pub goal: GoalId,
    /// What became of it, at most 2000 characters.
    pub text: String,
}

/// What a final assessment says. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "FinalAssessmentContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FinalAssessmentContent {
    /// The situation against the beginning (muutos alkutilanteeseen), at most 4000 characters. Must be there before it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versus_baseline: Option<String>,
    /// What became of the goals, each at most once.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub goal_results: Vec<GoalResult>,
    /// What the client has experienced (asiakkaan kokemus), at most 4000 characters. Must be there before it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_experience: Option<String>,
    /// What is recommended from here on (suositukset), at most 4000 characters. Must be there before it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendations: Option<String>,
}

crate::private::masked!(FinalAssessmentContent, GoalResult);

impl FinalAssessmentContent {
    fn words(&self) -> [(&'static str, &Option<String>); 3] {
        [("versusBaseline", &self.versus_baseline), ("clientExperience", &self.client_experience), ("recommendations", &self.recommendations)]
    }

    /// Every fault of what is saved on the way.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        for (field, words) in self.words() {
            text::check_some(words.as_deref(), &[field], 4_000, &mut out);
        }
        let mut goals = BTreeSet::new();
        for (i, result) in self.goal_results.iter().enumerate() {
            let i = i.to_string();
            if !goals.insert(result.goal) {
                out.add(Code::Duplicate, &["goalResults", &i, "goal"]);
            }
            text::check(&result.text, &["goalResults", &i, "text"], 2_000, &mut out);
        }
        out
    }

    /// Every mandatory part that is not there yet.
    #[must_use]
    pub fn missing(&self) -> Rejections {
        let mut out = Rejections::default();
        for (field, _) in self.words().into_iter().filter(|(_, words)| words.is_none()) {
            out.add(Code::Required, &[field]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn each_mandatory_part_is_asked_for() {
        let missing = FinalAssessmentContent::default().missing();
        assert_eq!(missing.iter().map(|r| r.path.join(".")).collect::<Vec<_>>(), ["versusBaseline", "clientExperience", "recommendations"]);
    }

    #[test]
    fn a_goal_is_spoken_of_once() {
        let result = GoalResult { goal: GoalId::new(), text: "Toteutui.".into() };
        let content = FinalAssessmentContent { goal_results: vec![result.clone(), result], ..FinalAssessmentContent::default() };
        assert_eq!(content.check().iter().map(|r| r.code).collect::<Vec<_>>(), [Code::Duplicate]);
    }

    #[test]
    fn what_is_approved_stays() {
        for state in FinalAssessmentState::ALL {
            assert_eq!(state.moves().count() > 0, state.is_in_the_making(), "{state:?}");
        }
    }
}
