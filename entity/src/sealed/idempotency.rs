//! Keys by which a repeated mutation is answered with its first result.
use sea_orm::entity::prelude::*;

/// One key of one caller.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose key it is.
    pub actor: String,
    /// The key.
    pub key: String,
    /// The operation and a hash of its input.
    pub input: String,
    /// The row that was made.
    pub row_id: Uuid,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
