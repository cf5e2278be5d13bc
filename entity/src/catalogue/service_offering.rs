//! Working copies of offerings (tarjonta). What everybody sees is the [`super::publication`].
use domain::{
    catalogue::{offering::ServiceOfferingContent, publishing::PublishingState},
    delivery::participation::Seats,
    id::{NetworkId, OrganizationId, ServiceId, ServiceOfferingId, VenueId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// An offering as its provider works on it.
    "service_offering", ServiceOffering, ServiceOfferingId, network: NetworkId, content: ServiceOfferingContent, {
        /// The provider.
        organization_id: OrganizationId,
        /// The service that is offered.
        service_id: ServiceId,
        /// Whose service it is: that organisation sees the offering, and may withdraw it.
        owner_id: OrganizationId,
        /// Where it is on its way to the public.
        publishing: PublishingState,
        /// The venue that its sessions take: the published one, or that of a draft.
        #[serde(default)]
        venue_id: Option<VenueId>,
        /// Places that are taken now.
        places_taken: i32,
        /// Of these, by clients of the network who have registered here.
        #[serde(default)]
        network_taken: i32,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    also: Column::OwnerId,
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
}

impl crate::Child for Entity {
    fn parent() -> Column {
        Column::ServiceId
    }
    fn parent_id(row: &Model) -> Uuid {
        row.service_id.0
    }
}

impl Model {
    /// Its places on a day.
    #[must_use]
    pub fn seats(&self, day: Date) -> Seats {
        self.content.seats(day, self.places_taken, self.network_taken)
    }
}
