//! The destruction log (hävittämisloki): what was destroyed, when and by which rule, and nothing of whom it was about. Written by the store alone.
use domain::{
    id::{DestructionId, NetworkId, OrganizationId},
    policy::Resource,
    retention::{Counts, RetentionSubject},
};
use sea_orm::entity::prelude::*;

/// One destruction: all rows of one client or referral, or the oldest entries of a log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "destruction")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DestructionId,
    /// When.
    pub at: DateTimeUtc,
    /// The network; none for a log, which is of all.
    pub network_id: Option<NetworkId>,
    /// The organisation that kept it; none for a log.
    pub organization_id: Option<OrganizationId>,
    /// What it was.
    pub subject: RetentionSubject,
    /// The key of the rule.
    pub rule: String,
    /// The version of the rule.
    pub rule_version: String,
    /// The law or decision behind it.
    pub legal_basis: String,
    /// The keyed hash of the id of what was destroyed: whoever has that id can show that this is it.
    pub subject_hash: Option<String>,
    /// How many rows of each table.
    #[sea_orm(column_type = "JsonBinary")]
    pub rows: Counts,
    /// Who: `system` by time, `data subject` for an erasure that was asked for.
    pub actor: String,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::Destruction;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
}
