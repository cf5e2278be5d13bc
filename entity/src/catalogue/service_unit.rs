//! Service units (palveluyksiköt).
use domain::{
    catalogue::unit::ServiceUnitContent,
    id::{NetworkId, OrganizationId, ServiceUnitId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// A service unit.
    "service_unit", ServiceUnit, ServiceUnitId, network: NetworkId, content: ServiceUnitContent, {
        /// Whose unit it is.
        organization_id: OrganizationId,
        /// The day on which it was closed; none while it is in use.
        closed_on: Option<Date>,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
    public: sea_orm::Condition::all(),
}
