//! Venues (tilat) of the inventory.
use domain::{
    catalogue::venue::{VenueContent, VenueStatus},
    id::{AreaId, NetworkId, OrganizationId, VenueId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// A venue. Everybody sees those whose use is agreed; the network's staff see the whole inventory.
    "venue", Venue, VenueId, network: NetworkId, content: VenueContent, {
        /// Who owns or keeps it.
        organization_id: OrganizationId,
        /// The area where it lies.
        area_id: AreaId,
        /// Where it is on its way into use.
        status: VenueStatus,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
    public: sea_orm::Condition::all().add(Column::Status.is_in([VenueStatus::Agreed, VenueStatus::InUse])),
}
