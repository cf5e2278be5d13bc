//! Areas (alueet).
use domain::{
    catalogue::area::AreaContent,
    id::{AreaId, NetworkId},
};
use sea_orm::entity::prelude::*;

super::kept_table! {
    /// An area. Counties and municipalities belong to no network: they come from the national code lists.
    "area", Area, AreaId, network: Option<NetworkId>, content: AreaContent, {
        /// The area that it lies in.
        parent_id: Option<AreaId>,
        /// Its code in the national code list.
        code: Option<String>,
        /// The day on which it was closed; none while it is in use.
        closed_on: Option<Date>,
    }
    network_of: |row| row.network_id,
    organization_of: |_| None,
    columns: crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[], subject: None },
    public: sea_orm::Condition::all(),
}
