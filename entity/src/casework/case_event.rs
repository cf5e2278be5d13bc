//! What happened to cases (asiakkuuden tapahtumat): only ever added to.
use crate::SealedText;
use domain::{
    casework::case::{CaseEventKind, CaseStage},
    id::{CaseEventId, CaseId, ClientId},
};
use sea_orm::entity::prelude::*;

crate::person::client_table! {
    /// What happened to a case, and when: the time at which the row was made.
    "case_event", CaseEvent, CaseEventId, client: client_id / ClientId: ClientId, {
        /// The case.
        case_id: CaseId,
        /// What happened.
        kind: CaseEventKind,
        /// The stage from then on.
        stage: CaseStage,
        /// Who did it, by the stable key.
        by_subject: String,
        /// What was said, sealed.
        words: Option<SealedText>,
    }
    under: case_id / CaseId,
}
