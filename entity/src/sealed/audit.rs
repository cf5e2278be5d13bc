//! The audit of writes: who changed what, when, and what it was before and after.
use sea_orm::entity::prelude::*;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Who: the stable key, or `system`.
    pub actor: String,
    /// The request in which it happened.
    pub request_id: String,
    /// The resource.
    pub resource: String,
    /// The row.
    pub row_id: Uuid,
    /// What was done.
    pub action: String,
    /// The row before.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
    /// The row after.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub after: Option<Json>,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
