//! Networks (verkostot).
use domain::{catalogue::network::NetworkContent, id::NetworkId};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// A network.
    "network", Network, NetworkId, network: Option<NetworkId>, content: NetworkContent, {}
    network_of: |row| Some(row.id),
    organization_of: |row| Some(row.content.organizer),
    columns: crate::Columns { id: Column::Id, network: Some(Column::Id), organizations: &[], subject: None },
    public: sea_orm::Condition::all(),
}
