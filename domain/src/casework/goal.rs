//! Goals (tavoitteet) of a case: the client's own, and those of the work. They live on from version to version of the plan.
use super::needs_assessment::LifeArea;
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How far a goal has come (tavoitteen tila).
    pub enum GoalState ["goal-state"] {
        /// Set, and not begun (asetettu).
        Open,
        /// Being worked on (työn alla).
        InProgress,
        /// Reached (saavutettu).
        Reached,
        /// Reached in part (osin saavutettu).
        PartlyReached,
        /// Not reached (ei saavutettu).
        NotReached,
        /// Given up, with a reason (luovuttu).
        Dropped,
    }
}

machine! {
    /// A move of the goal machine.
    GoalState as "Goal (tavoite)", pub enum GoalMove {
        /// Begin to work on it.
        Begin,
        /// It is reached.
        Reach,
        /// It is reached in part.
        ReachPartly,
        /// It is not reached.
        Miss,
        /// Give it up, with a reason.
        Drop,
    }
    Open -- Begin -> InProgress;
    Open -- Drop -> Dropped;
    InProgress -- Reach -> Reached;
    InProgress -- ReachPartly -> PartlyReached;
    InProgress -- Miss -> NotReached;
    InProgress -- Drop -> Dropped;
}

impl GoalState {
    /// It is still pursued.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }
}

vocabulary! {
    /// Whose goal it is (tavoitteen omistaja).
    pub enum GoalOwner ["goal-owner"] {
        /// The client's own (asiakkaan oma).
        Client,
        /// Of the work (työntekijän).
        Worker,
    }
}

/// What is said of a goal. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "GoalContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoalContent {
    /// What is to be reached, at most 1000 characters.
    pub text: String,
    /// Which area of life it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_area: Option<LifeArea>,
    /// How it is reached: means and steps, at most 2000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_on: Option<Date>,
    /// How far it has come by goal attainment scaling (GAS): from -2, much less than expected, over 0, as expected, to 2, much more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gas_level: Option<i32>,
}

crate::private::masked!(GoalContent);

impl GoalContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.text, &["text"], 1_000, &mut out);
        text::check_some(self.means.as_deref(), &["means"], 2_000, &mut out);
        if self.gas_level.is_some_and(|level| !(-2..=2).contains(&level)) {
            out.add_with(Code::OutOfRange, &["gasLevel"], "-2–2");
        }
        out
    }
}

/// Clients set, change and move their own goals; workers those of the work, and with the client the client's own.
#[must_use]
pub const fn may_touch(owner: GoalOwner, is_client: bool) -> bool {
    !is_client || matches!(owner, GoalOwner::Client)
}

/// A move says why.
#[must_use]
pub const fn needs_reason(by: GoalMove) -> bool {
    matches!(by, GoalMove::Drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn what_is_not_pursued_any_more_is_not_moved() {
        for state in GoalState::ALL {
            assert_eq!(state.moves().count() > 0, state.is_open(), "{state:?}");
        }
    }

    #[test]
    fn clients_touch_their_own_goals_only() {
        assert!(may_touch(GoalOwner::Client, true) && may_touch(GoalOwner::Client, false) && may_touch(GoalOwner::Worker, false));
        assert!(!may_touch(GoalOwner::Worker, true));
    }

    #[test]
    fn attainment_is_between_minus_two_and_two() {
        for (level, ok) in [(-3, false), (-2, true), (2, true), (3, false)] {
            let content = GoalContent { text: "Käyn kävelyllä.".into(), life_area: None, means: None, target_on: None, gas_level: Some(level) };
            assert_eq!(content.check().into_result().is_ok(), ok, "{level}");
        }
    }
}
