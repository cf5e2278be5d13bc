//! Open and outreach work (avoin ja jalkautuva työ): what is done and how much of it, without names. Nothing here knows of clients.
pub mod drop_in_day;
pub mod place;
pub mod unnamed_text;
