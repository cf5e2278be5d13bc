//! Requests of those whom data is about (rekisteröityjen pyynnöt).
use crate::SealedText;
use domain::{
    id::{ClientId, SubjectRequestId},
    person::rights::{RefusalGround, RequestKind, RequestState},
};
use sea_orm::entity::prelude::*;

super::client_table! {
    /// A request.
    "subject_request", SubjectRequest, SubjectRequestId, client: client_id / ClientId: ClientId, {
        /// What is asked.
        kind: RequestKind,
        /// How far it has come.
        state: RequestState,
        /// What is asked in words, sealed: the client's statement, which stays whatever is decided.
        words: SealedText,
        /// The client asked electronically, or somebody who acts for the client.
        by_client: bool,
        /// Who recorded it, by the stable key.
        recorded_by: String,
        /// The day on which it came.
        received_on: Date,
        /// The last day of the answer.
        due_on: Date,
        /// Why the time was extended, sealed.
        extension_reason: Option<SealedText>,
        /// Why it was refused, wholly or in part.
        ground: Option<RefusalGround>,
        /// The answer in words, sealed.
        answer: Option<SealedText>,
        /// Who answered, by the stable key.
        decided_by: Option<String>,
        /// When it was answered or withdrawn.
        decided_at: Option<DateTimeUtc>,
        /// The kind of the record that mends what was wrong.
        correction_kind: Option<String>,
        /// The record that mends what was wrong.
        correction_id: Option<Uuid>,
    }
    sealed: [words, extension_reason, answer],
}
