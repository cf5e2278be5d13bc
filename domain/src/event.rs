//! What happened, in the past tense, for subscribers, caches and partners.
use crate::{
    id::{ApprovedProviderId, AreaId, Kinded as _, NetworkId, OrganizationId, ServiceId, ServiceOfferingId, ServiceUnitId, TransportRouteId, VenueId},
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

vocabulary! {
    /// The parts of the catalogue whose changes can be watched.
    pub enum CatalogueKind {
        /// Networks.
        Network,
        /// Organisations.
        Organization,
        /// Service units.
        ServiceUnit,
        /// Areas.
        Area,
        /// Venues.
        Venue,
        /// Transport routes.
        TransportRoute,
        /// Services.
        Service,
        /// Offerings, with their places and sessions.
        ServiceOffering,
        /// Approved providers, with their prices and sites.
        ApprovedProvider,
    }
}

impl CatalogueKind {
    /// As it stands in public ids, and in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => NetworkId::KIND,
            Self::Organization => OrganizationId::KIND,
            Self::ServiceUnit => ServiceUnitId::KIND,
            Self::Area => AreaId::KIND,
            Self::Venue => VenueId::KIND,
            Self::TransportRoute => TransportRouteId::KIND,
            Self::Service => ServiceId::KIND,
            Self::ServiceOffering => ServiceOfferingId::KIND,
            Self::ApprovedProvider => ApprovedProviderId::KIND,
        }
    }

    /// The kind that stands in public ids and events under this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
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
