//! Anonymous contacts (anonyymit kohtaamiset). The organisation's own workers see them, and not under which handle they stand.
use domain::{
    id::{AnonymousContactId, OutreachShiftId},
    outreach::{
        anonymous_contact::{AnonymousContactContent, ContactChannel, ContactCorrections, ContactResult},
        record::{OutreachMove, OutreachState},
    },
};
use sea_orm::entity::prelude::*;

super::record_table! {
    /// An anonymous contact.
    "anonymous_contact", AnonymousContact, AnonymousContactId, content: AnonymousContactContent, corrections: ContactCorrections,
    machine: OutreachState by OutreachMove, {
        /// The shift in which it was.
        shift_id: Option<OutreachShiftId>,
        /// The mark by which whoever has the code word finds it under a handle, and which leads nowhere once that has ended; the audit is not told.
        #[serde(skip)]
        mark: Option<String>,
    } mirrored: {
        /// How somebody was met.
        channel: ContactChannel,
        /// What came of it.
        result: ContactResult,
    }
}
