//! Network meetings (verkostopalaverit).
use crate::SealedText;
use domain::id::NetworkMeetingId;
use sea_orm::entity::prelude::*;

super::case_table! {
    /// A network meeting.
    "network_meeting", NetworkMeeting, NetworkMeetingId, {
        /// The day.
        held_on: Date,
        /// Who wrote it, by the stable key.
        author: String,
        /// Who took part, with which consent, and what was decided, sealed.
        content: SealedText,
        /// The record that it corrects: the first, however often that was corrected before.
        corrects_id: Option<NetworkMeetingId>,
    }
    sealed: [content],
    corrects: CorrectsId,
}
