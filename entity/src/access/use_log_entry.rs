//! The use log (käyttöloki, 703/2023): who has read data about whom, in which standing, for which purpose and on what basis. Written by the store alone.
use domain::{
    access::{LogBasis, UseOutcome},
    actor::Role,
    id::{ClientId, NetworkId, OrganizationId, UseLogEntryId},
    person::purpose::Purpose,
    policy::Resource,
};
use sea_orm::entity::prelude::*;

/// One reading: one row for each request and person read about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "use_log_entry")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UseLogEntryId,
    /// Its place in the log: 1, 2, 3, without gaps.
    pub position: i64,
    /// When.
    pub at: DateTimeUtc,
    /// The network of the client; none for readings that are about no client.
    pub network_id: Option<NetworkId>,
    /// The client who was read about.
    pub client_id: Option<ClientId>,
    /// The stable key of whoever else was read about.
    pub subject: Option<String>,
    /// The request.
    pub request_id: String,
    /// Who read: the stable key.
    pub actor: String,
    /// In which organisation.
    pub organization_id: Option<OrganizationId>,
    /// In which role.
    pub role: Option<Role>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// The field of the root that was asked for.
    pub operation: String,
    /// What was read: kinds of things, and the guarded fields of them that were shown.
    pub what: String,
    /// On what basis.
    pub basis: LogBasis,
    /// The case, referral or relation behind the basis.
    pub ground_id: Option<Uuid>,
    /// Whether it was shown.
    pub outcome: UseOutcome,
    /// The data protection officer should look at it.
    pub flagged: bool,
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
    const RESOURCE: Resource = Resource::UseLogEntry;
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
