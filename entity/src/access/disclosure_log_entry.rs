//! The disclosure log (luovutusloki, 703/2023): what data about whom was given to whom, and on what basis. Written by the store alone.
use domain::{
    access::LogBasis,
    id::{ClientId, DisclosureLogEntryId, NetworkId, OrganizationId},
    person::consent::DataItems,
    policy::Resource,
};
use sea_orm::entity::prelude::*;

/// One disclosure.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "disclosure_log_entry")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureLogEntryId,
    /// Its place in the log: 1, 2, 3, without gaps.
    pub position: i64,
    /// When.
    pub at: DateTimeUtc,
    /// The network.
    pub network_id: Option<NetworkId>,
    /// The client; none where the person is not linked to one.
    pub client_id: Option<ClientId>,
    /// The request.
    pub request_id: String,
    /// Who disclosed: the stable key.
    pub actor: String,
    /// Which organisation disclosed.
    pub organization_id: Option<OrganizationId>,
    /// To whom.
    pub recipient_id: OrganizationId,
    /// What.
    #[sea_orm(column_type = "JsonBinary")]
    pub items: DataItems,
    /// On what basis.
    pub basis: LogBasis,
    /// The consent or referral behind the basis.
    pub ground_id: Option<Uuid>,
    /// The hash of the entry before.
    pub previous: String,
    /// The keyed hash of this entry and the one before.
    pub hash: String,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::DisclosureLogEntry;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[], subject: None }
    }
    fn client_column() -> Option<Column> {
        Some(Column::ClientId)
    }
    fn client(row: &Model) -> Option<ClientId> {
        row.client_id
    }
}
