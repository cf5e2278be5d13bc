//! Working copies of offerings (tarjonta). What everybody sees is the [`super::publication`].
use domain::{
    catalogue::{offering::ServiceOfferingContent, publishing::PublishingState},
    id::{NetworkId, OrganizationId, ServiceId, ServiceOfferingId},
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
        /// Places that are taken now.
        places_taken: i32,
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
