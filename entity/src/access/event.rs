//! Events: what happened, in the order in which it was committed.
use domain::{
    event::Happening,
    id::{NetworkId, OrganizationId},
    policy::Resource,
};
use sea_orm::{Condition, entity::prelude::*};

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its place in the feed: 1, 2, 3, without gaps, in the order of commits.
    pub position: i64,
    /// When it happened.
    pub at: DateTimeUtc,
    /// What happened.
    pub happening: Happening,
    /// The kind of thing, as in its public id.
    pub kind: String,
    /// The thing.
    pub subject_id: Uuid,
    /// The network that it belongs to.
    pub network_id: Option<NetworkId>,
    /// The organisation that it belongs to.
    pub organization_id: Option<OrganizationId>,
    /// Everybody may know of it.
    pub public: bool,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::Event;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
    fn public() -> Condition {
        Condition::all().add(Column::Public.eq(true))
    }
}
