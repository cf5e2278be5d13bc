//! What happened to cases (asiakkuuden tapahtumat): only ever added to.
use crate::SealedText;
use domain::{
    casework::case::{CaseEventKind, CaseStage},
    id::CaseEventId,
};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// What happened to a case, and when: the time at which the row was made.
    "case_event", CaseEvent, CaseEventId, {
        /// What happened.
        kind: CaseEventKind,
        /// The stage from then on.
        stage: CaseStage,
        /// Who did it, by the stable key.
        by_subject: String,
        /// What was said, sealed.
        words: Option<SealedText>,
    }
    sealed: [words],
    under: case_id / CaseId,
}
