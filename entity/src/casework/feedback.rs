//! Feedback of clients (palautteet). It is never changed.
use crate::SealedText;
use domain::id::{CaseId, ClientId, FeedbackId, ServiceId};
use sea_orm::entity::prelude::*;

crate::person::client_table! {
    /// Feedback.
    "feedback", Feedback, FeedbackId, client: client_id / ClientId: ClientId, {
        /// The case that it is about.
        case_id: Option<CaseId>,
        /// The service that it is about.
        service_id: Option<ServiceId>,
        /// Who gave it, by the stable key: the client, or somebody who acts for the client.
        given_by: String,
        /// What is said, sealed.
        content: SealedText,
    }
    sealed: [content],
}
