//! Use cases: fetch, decide, keep, commit, on a [`crate::caller::Caller`] and domain types. Every door (GraphQL, the demo, jobs) calls the same one.
pub mod access;
pub mod casework;
pub mod catalogue;
pub mod delivery;
pub mod funding;
pub mod import;
pub mod outreach;
pub mod person;
pub mod timed;

use crate::error::{Error, Result};
use domain::rejection::{Rejection, Rejections};
use uuid::Uuid;

/// Puts the path of each rejection under `field`, where the checked part sits in the input.
fn under(field: &str, rejections: &Rejections) -> Result<()> {
    prefixed(field, rejections).into_result().map_err(Error::from)
}

/// The key under which something is recorded once: the caller's own, or the UUID that the device has made.
fn device_key(given: Option<&str>, uuid: Option<Uuid>) -> Option<String> {
    given.map(str::to_owned).or_else(|| uuid.map(|uuid| format!("uuid:{uuid}")))
}

/// The id of what is recorded: the UUID that the device has made, or a new one.
fn device_id<I: From<Uuid>>(uuid: Option<Uuid>) -> I {
    uuid.unwrap_or_else(Uuid::now_v7).into()
}

/// The rejections with their paths under `field`.
fn prefixed(field: &str, rejections: &Rejections) -> Rejections {
    let mut out = Rejections::default();
    for rejection in rejections {
        let mut path = vec![field.to_owned()];
        path.extend(rejection.path.iter().cloned());
        out.push(Rejection { path, ..rejection.clone() });
    }
    out
}
