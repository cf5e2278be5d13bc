//! Follow-ups (seurannat).
use crate::SealedText;
use domain::{casework::follow_up::FollowUpKind, id::FollowUpId};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// A follow-up.
    "follow_up", FollowUp, FollowUpId, {
        /// The day.
        happened_on: Date,
        /// How it was made.
        kind: FollowUpKind,
        /// Who wrote it, by the stable key.
        author: String,
        /// What it tells, sealed.
        content: SealedText,
        /// The follow-up that it corrects: the first, however often that was corrected before.
        corrects_id: Option<FollowUpId>,
    }
    sealed: [content],
    corrects: CorrectsId,
}
