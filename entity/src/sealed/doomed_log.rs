//! How far a log is being destroyed in this transaction: its trigger lets nothing else go.
use domain::id::DestructionId;
use sea_orm::entity::prelude::*;

/// The oldest entries of a log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "doomed_log")]
pub struct Model {
    /// `use_log` or `disclosure_log`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub log: String,
    /// The last position that is being destroyed.
    pub position: i64,
    /// The entry of the destruction log, without which the trigger lets nothing go.
    pub destruction_id: DestructionId,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
