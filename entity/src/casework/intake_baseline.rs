//! Intake baselines (alkutilanteet): the first is recorded, the next correct the one before. Only ever added to.
use crate::SealedText;
use domain::{casework::baseline::IntakeBaselineContent, id::IntakeBaselineId, person::identity::Gender};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// The situation at the start of a case; its version counts the corrections.
    "intake_baseline", IntakeBaseline, IntakeBaselineId, {
        /// What is told, but for health.
        #[sea_orm(column_type = "JsonBinary")]
        content: IntakeBaselineContent,
        /// Age in whole years on the day of which it tells.
        age_at_start: i32,
        /// Gender, as the client has told it.
        gender: Gender,
        /// What is told of health and hardship, sealed.
        health: SealedText,
        /// Why the one before was corrected, sealed.
        reason: Option<SealedText>,
        /// Who recorded it, by the stable key.
        recorded_by: String,
    }
    sealed: [health, reason],
    under: case_id / CaseId,
}
