//! Which keys this database has been written with: at the start each must be there, and be the right one.
use crate::SealedText;
use sea_orm::entity::prelude::*;

/// A known word, sealed with a key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_check")]
pub struct Model {
    /// The id of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: String,
    /// The word.
    pub sealed: SealedText,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
