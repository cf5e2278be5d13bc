//! The face of the rights of those whom data is about: the export, requests, restrictions, holds and retention.
mod export;
mod hold;
mod request;
mod restriction;
mod retention;

pub use hold::LegalHold;
pub use request::SubjectRequest;
pub use restriction::Restriction;
pub use retention::{Destruction, Retention, of as retention_of};

use async_graphql::MergedObject;

/// Questions about rights.
#[derive(MergedObject, Default)]
pub struct RightsQuery(export::ExportQuery, request::RequestQuery, restriction::RestrictionQuery, hold::HoldQuery, retention::RetentionQuery);

/// Changes that see to rights.
#[derive(MergedObject, Default)]
pub struct RightsMutation(request::RequestMutation, restriction::RestrictionMutation, hold::HoldMutation);
