//! The face of people: clients, who they are, who acts for them, what opens their data, and their consents.
mod client;
mod consent;
mod disclosure;
mod identity;
mod me;
mod merging;
mod relation;
mod rights;

pub use client::{Client, Representation, by_id as client_by_id, key_of, of as client_of};
pub use consent::Consent;
pub use disclosure::{DisclosurePermission, DisclosureProhibition, Informing};
pub use identity::Person;
pub use relation::CareRelation;
pub use rights::{Destruction, LegalHold, Restriction, SubjectRequest};

use async_graphql::MergedObject;

/// Questions about people.
#[derive(MergedObject, Default)]
pub struct PersonQuery(client::ClientQuery, consent::ConsentQuery, me::MeQuery, merging::MergingQuery, rights::RightsQuery);

/// Changes about people.
#[derive(MergedObject, Default)]
pub struct PersonMutation(
    client::ClientMutation,
    consent::ConsentMutation,
    disclosure::DisclosureMutation,
    relation::RelationMutation,
    merging::MergingMutation,
    rights::RightsMutation,
);
