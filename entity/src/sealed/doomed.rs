//! Rows that are being destroyed in this transaction: the triggers of tables that are only added to let nothing else go.
use domain::id::DestructionId;
use sea_orm::entity::prelude::*;

/// A row that is being destroyed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "doomed")]
pub struct Model {
    /// The row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: Uuid,
    /// The entry of the destruction log, without which the triggers let nothing go.
    pub destruction_id: DestructionId,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
