//! Goals (tavoitteet) of cases.
use crate::SealedText;
use domain::{
    casework::goal::{GoalOwner, GoalState},
    id::GoalId,
};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// A goal.
    "goal", Goal, GoalId, {
        /// Whose it is.
        owner: GoalOwner,
        /// How far it has come.
        state: GoalState,
        /// What is said of it, sealed.
        content: SealedText,
        /// Why it was moved last, in words, sealed.
        reason: Option<SealedText>,
        /// When it was moved last.
        moved_at: Option<DateTimeUtc>,
    }
    sealed: [content, reason],
}
