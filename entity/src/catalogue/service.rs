//! Working copies of services (palvelut). What everybody sees is the [`super::publication`].
use domain::{
    catalogue::{publishing::PublishingState, service::ServiceContent},
    id::{NetworkId, OrganizationId, ServiceId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// A service as its organisation works on it.
    "service", Service, ServiceId, network: NetworkId, content: ServiceContent, {
        /// Whose service it is.
        organization_id: OrganizationId,
        /// Where it is on its way to the public.
        publishing: PublishingState,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
}
