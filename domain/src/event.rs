//! What happened, in the past tense, for subscribers, caches and partners.
use crate::{
    id::{NetworkId, OrganizationId},
    vocabulary::vocabulary,
};
use uuid::Uuid;

vocabulary! {
    /// What happened to a part of the catalogue.
    pub enum Happening {
        /// It came into the public catalogue.
        Published,
        /// What everybody sees of it changed.
        Changed,
        /// It left the public catalogue.
        Withdrawn,
        /// Places of it were taken or came free, and nothing else of it changed.
        PlacesChanged,
    }
}

/// One change of the catalogue, written in the transaction that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub happening: Happening,
    /// The kind of thing, as in its public id.
    pub kind: &'static str,
    /// The thing.
    pub subject: Uuid,
    /// The network that it belongs to; none for the national register of areas.
    pub network: Option<NetworkId>,
    /// The organisation that it belongs to.
    pub organization: Option<OrganizationId>,
    /// Everybody may know of it.
    pub public: bool,
}
