//! The face of access: who I am, and who may do what.
mod membership;
mod viewer;

pub use membership::Membership;

use async_graphql::MergedObject;

/// Questions about access.
#[derive(MergedObject, Default)]
pub struct AccessQuery(viewer::ViewerQuery, membership::MembershipQuery);

/// Changes of access.
#[derive(MergedObject, Default)]
pub struct AccessMutation(membership::MembershipMutation);
