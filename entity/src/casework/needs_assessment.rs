//! Needs assessments (palvelutarpeen arvioinnit).
use crate::SealedText;
use domain::{
    casework::needs_assessment::{AssessmentState, InterruptionReason},
    id::NeedsAssessmentId,
};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// A needs assessment.
    "needs_assessment", NeedsAssessment, NeedsAssessmentId, {
        /// Where it is.
        state: AssessmentState,
        /// Who began it, by the stable key.
        assessor: String,
        /// When it was begun; none where it was waived.
        started_at: Option<DateTimeUtc>,
        /// By when it is to be completed; none where it was waived.
        due_on: Option<Date>,
        /// What it says, sealed.
        content: SealedText,
        /// Why it was interrupted.
        interruption: Option<InterruptionReason>,
        /// Why it was waived, sealed.
        reason: Option<SealedText>,
        /// When it was completed or waived.
        completed_at: Option<DateTimeUtc>,
    }
    sealed: [content, reason],
}
