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
        /// The source from which it is imported; none of what was begun here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
        /// Its id in the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_id: Option<String>,
        /// What the source last said of it, by fields of the content. No copy and no log of the row carries it: it stands in the content as well.
        #[serde(skip)]
        #[sea_orm(column_type = "JsonBinary", nullable)]
        source_content: Option<Json>,
    }
    network_of: |row| Some(row.network_id),
    organization_of: |row| Some(row.organization_id),
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None },
}
