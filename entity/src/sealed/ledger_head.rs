//! Where each log ends: one row a log, whose lock puts its entries in order.
use sea_orm::entity::prelude::*;

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_head")]
pub struct Model {
    /// `use_log` or `disclosure_log`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub log: String,
    /// The position of the newest entry.
    pub position: i64,
    /// The hash of the newest entry.
    pub hash: String,
    /// The position of the newest entry that was destroyed for its age; 0 where none was.
    pub anchor_position: i64,
    /// The hash of that entry: the oldest that is left follows it.
    pub anchor_hash: String,
    /// The keyed hash of both: an anchor that somebody else has moved is noticed.
    pub anchor_seal: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
