//! Legal holds (säilytysvelvoitteet): what keeps a client's record from being destroyed when its time is over.
use crate::SealedText;
use domain::id::{ClientId, LegalHoldId};
use sea_orm::entity::prelude::*;

super::client_table! {
    /// A legal hold.
    "legal_hold", LegalHold, LegalHoldId, client: client_id / ClientId: ClientId, {
        /// Why, in words, sealed.
        reason: SealedText,
        /// Who set it, by the stable key.
        set_by: String,
        /// When it was lifted; none while it holds.
        lifted_at: Option<DateTimeUtc>,
        /// Who lifted it, by the stable key.
        lifted_by: Option<String>,
        /// Why it was lifted, sealed.
        lift_reason: Option<SealedText>,
    }
    sealed: [reason, lift_reason],
}
