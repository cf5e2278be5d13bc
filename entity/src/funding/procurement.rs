//! Procurements (hankinnat). The organisation that buys sees them, and nobody else.
use domain::{
    funding::procurement::{Award, ProcurementCategory, ProcurementContent, ProcurementState},
    id::ProcurementId,
};
use sea_orm::entity::prelude::*;

crate::declare::organization_table! {
    /// A procurement.
    "procurement", Procurement, ProcurementId, {
        /// Where it is.
        state: ProcurementState,
        /// What is bought.
        category: ProcurementCategory,
        /// The day on which it began, by which its threshold is told.
        begun_on: Date,
        /// What is said of it.
        #[sea_orm(column_type = "JsonBinary")]
        content: ProcurementContent,
        /// Who provides, once that is decided.
        #[sea_orm(column_type = "JsonBinary", nullable)]
        award: Option<Award>,
        /// Why it was given up, or what the appeal is about.
        reason: Option<String>,
        /// What it is searched by.
        search: String,
    }
}
