//! Transport routes (kulkureitit).
use domain::{
    catalogue::route::TransportRouteContent,
    id::{NetworkId, OrganizationId, TransportRouteId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// A transport route.
    "transport_route", TransportRoute, TransportRouteId, network: NetworkId, content: TransportRouteContent, {
        /// Who runs it.
        organization_id: OrganizationId,
        /// The day on which it was closed; none while it is in use.
        closed_on: Option<Date>,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
    public: sea_orm::Condition::all(),
}
