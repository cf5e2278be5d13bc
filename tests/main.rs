//! What is promised: stories of each feature, and properties of the whole. One binary, one fresh database a test.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "tests look at the clock")]
mod access;
mod casework;
mod catalogue;
use catalogue::given as catalogue_given;
mod delivery;
mod funding;
mod hsds;
mod http;
mod import;
mod insight;
mod outreach;
mod partners;
use outreach::given as outreach_given;
mod person;
mod promise;
