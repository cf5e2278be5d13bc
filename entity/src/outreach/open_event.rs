//! Open events (pop-upit, retket, neuvonta). The organisation's own workers see them.
use domain::{
    id::OpenEventId,
    outreach::{
        open_event::{EventCorrections, OpenEventContent, OpenEventKind},
        record::{OutreachMove, OutreachState},
    },
};
use sea_orm::entity::prelude::*;

super::record_table! {
    /// An open event.
    "open_event", OpenEvent, OpenEventId, content: OpenEventContent, corrections: EventCorrections, machine: OutreachState by OutreachMove, {} mirrored: {
        /// What kind of event it was.
        kind: OpenEventKind,
    }
}
