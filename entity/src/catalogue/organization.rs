//! Organisations (organisaatiot).
use domain::{
    catalogue::organization::OrganizationContent,
    id::{NetworkId, OrganizationId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// An organisation.
    "organization", Organization, OrganizationId, network: NetworkId, content: OrganizationContent, {
        /// Its business id, unique in the network.
        business_id: Option<String>,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::Id], subject: None },
    public: sea_orm::Condition::all(),
}
