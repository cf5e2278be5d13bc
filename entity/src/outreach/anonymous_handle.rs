//! Anonymous handles (nimimerkit). The organisation's own workers see that there are some; whoever has a code word finds its own.
use domain::{id::AnonymousHandleId, outreach::anonymous_handle::AnonymousHandleState};
use sea_orm::entity::prelude::*;

crate::declare::organization_table! {
    /// An anonymous handle.
    "anonymous_handle", AnonymousHandle, AnonymousHandleId, {
        /// How far it is.
        state: AnonymousHandleState,
        /// The last day on which it stands.
        expires_on: Date,
        /// The keyed hash of the code word, until it is of no use any more; the audit is not told.
        #[serde(skip)]
        hash: Option<String>,
        /// What the marks of its contacts are made with, together with the code word, for as long; the audit is not told.
        #[serde(skip)]
        secret: Option<String>,
    }
}
