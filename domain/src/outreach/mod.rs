//! Open and outreach work (avoin ja jalkautuva työ): what is done and how much of it, without names. Nothing here knows of clients.
pub mod anonymous_contact;
pub mod anonymous_handle;
pub mod drop_in_day;
pub mod open_event;
pub mod outreach_shift;
pub mod place;
pub mod record;
pub mod unnamed_text;
