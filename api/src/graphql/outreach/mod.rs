//! The face of open and outreach work. From none of its types does a path lead to a client.
mod anonymous_contact;
mod anonymous_handle;
mod drop_in_day;
mod open_event;
mod outreach_shift;
mod place;
mod record;

pub use anonymous_contact::{AnonymousContact, AnonymousContactPayload, RecordAnonymousContactInput};
pub use anonymous_handle::AnonymousHandle;
pub use drop_in_day::{AddToDropInDayInput, CloseDropInDayInput, DropInDay, DropInDayPayload, OpenDropInDayInput};
pub use open_event::{OpenEvent, OpenEventPayload, RecordOpenEventInput};
pub use outreach_shift::{BeginOutreachShiftInput, EndOutreachShiftInput, OutreachShift, OutreachShiftPayload};
pub use record::{Corrected, RecordVoiding, Said};

use async_graphql::MergedObject;

/// Questions about open and outreach work.
#[derive(MergedObject, Default)]
pub struct OutreachQuery(
    drop_in_day::DropInDayQuery,
    anonymous_contact::AnonymousContactQuery,
    outreach_shift::OutreachShiftQuery,
    open_event::OpenEventQuery,
    anonymous_handle::AnonymousHandleQuery,
);

/// Changes of open and outreach work.
#[derive(MergedObject, Default)]
pub struct OutreachMutation(
    drop_in_day::DropInDayMutation,
    anonymous_contact::AnonymousContactMutation,
    outreach_shift::OutreachShiftMutation,
    open_event::OpenEventMutation,
    anonymous_handle::AnonymousHandleMutation,
);
