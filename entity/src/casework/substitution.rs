//! Substitutions (sijaisuudet): who stands in for whom, and until when.
use domain::{
    id::{NetworkId, OrganizationId, SubstitutionId},
    policy::Resource,
};
use sea_orm::entity::prelude::*;

/// A substitution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "substitution")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SubstitutionId,
    /// The network.
    pub network_id: NetworkId,
    /// The organisation of both.
    pub organization_id: OrganizationId,
    /// Who is away, by the stable key.
    pub worker: String,
    /// Who stands in, by the stable key.
    pub substitute: String,
    /// The last day, in Europe/Helsinki.
    pub until: Date,
    /// When it was ended before that.
    pub ended_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// Counts the changes.
    pub version: i32,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::Substitution;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
}

crate::declare::kept! { Substitution }
