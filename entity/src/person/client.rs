//! Clients (asiakkaat) of the authority's register.
use crate::SealedText;
use domain::id::{ClientId, NetworkId, OrganizationId, PersonId};
use sea_orm::entity::prelude::*;

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "client")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientId,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The organisation that keeps the register.
    pub organization_id: OrganizationId,
    /// Who the client is.
    pub person_id: PersonId,
    /// The number by which workers speak of the client; unique in the network.
    pub number: String,
    /// The stable key with which the client signs in; none for one who does not.
    pub account: Option<String>,
    /// The client into whom this one was merged: the same human being; none for one who stands alone.
    pub merged_into_id: Option<ClientId>,
    /// When that was done.
    pub merged_at: Option<DateTimeUtc>,
    /// Who did it, by the stable key.
    pub merged_by: Option<String>,
    /// Why, sealed.
    pub merge_reason: Option<SealedText>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// Counts the changes.
    pub version: i32,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: domain::policy::Resource = domain::policy::Resource::Client;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
    fn sealed() -> &'static [(&'static str, &'static str)] {
        &[("merge_reason", "client.merge_reason")]
    }
    fn client_column() -> Option<Column> {
        Some(Column::Id)
    }
    fn client(row: &Model) -> Option<ClientId> {
        Some(row.id)
    }
}

crate::declare::kept! { Client }
