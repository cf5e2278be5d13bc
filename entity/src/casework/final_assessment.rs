//! Final assessments (loppuarviot). The client sees what has been shown once.
use crate::SealedText;
use domain::{
    casework::final_assessment::{BenefitThemes, FinalAssessmentState},
    id::FinalAssessmentId,
};
use sea_orm::{Condition, entity::prelude::*};

super::case_table! {
    /// A final assessment.
    "final_assessment", FinalAssessment, FinalAssessmentId, {
        /// Where it is.
        state: FinalAssessmentState,
        /// Who wrote it, by the stable key.
        author: String,
        /// What it says, sealed.
        content: SealedText,
        /// What the client has got from it; open, since reports count them.
        #[sea_orm(column_type = "JsonBinary")]
        benefit_themes: BenefitThemes,
        /// When it was first shown to the client.
        shared_at: Option<DateTimeUtc>,
        /// Whether the client approves of it.
        approved_by_client: Option<bool>,
        /// The client's own words about that, sealed.
        words: Option<SealedText>,
        /// When the client said so.
        answered_at: Option<DateTimeUtc>,
        /// Why it was approved without the client's word, sealed.
        unheard_reason: Option<SealedText>,
        /// When it was approved.
        approved_at: Option<DateTimeUtc>,
    }
    sealed: [content, words, unheard_reason],
    shown: || Condition::all().add(Column::SharedAt.is_not_null()),
}
