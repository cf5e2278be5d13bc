//! The use log (käyttöloki): who has read data about whom, when and in what standing (703/2023).
use sea_orm::entity::prelude::*;

/// One reading, per request and person read about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "use_log")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// The request.
    pub request_id: String,
    /// Who read: the stable key.
    pub actor: String,
    /// In which standings: organisation and role.
    pub standings: String,
    /// What kind of data was read.
    pub resource: String,
    /// About whom.
    pub subject: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
