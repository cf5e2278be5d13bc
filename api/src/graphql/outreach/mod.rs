//! The face of open and outreach work. From none of its types does a path lead to a client.
mod drop_in_day;
mod place;

pub use drop_in_day::DropInDay;

use async_graphql::MergedObject;

/// Questions about open and outreach work.
#[derive(MergedObject, Default)]
pub struct OutreachQuery(drop_in_day::DropInDayQuery);

/// Changes of open and outreach work.
#[derive(MergedObject, Default)]
pub struct OutreachMutation(drop_in_day::DropInDayMutation);
