//! By which words a person is found: keyed hashes of names and their beginnings, never the words.
use domain::id::{NetworkId, PersonId};
use sea_orm::entity::prelude::*;

/// One word of one person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_word")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The network.
    pub network_id: NetworkId,
    /// The person.
    pub person_id: PersonId,
    /// The keyed hash of the word.
    pub hash: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
