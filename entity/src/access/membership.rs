//! Memberships (käyttövaltuudet): the only source of what anybody may do.
use domain::{
    actor::Role,
    id::{MembershipId, NetworkId, OrganizationId},
    policy::Resource,
};
use sea_orm::entity::prelude::*;

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipId,
    /// The network.
    pub network_id: NetworkId,
    /// The organisation.
    pub organization_id: OrganizationId,
    /// The stable key of the person or machine: issuer and subject.
    pub subject: String,
    /// The role.
    pub role: Role,
    /// The first day, in Europe/Helsinki.
    pub valid_from: Date,
    /// The last day, where it is known.
    pub valid_to: Option<Date>,
    /// Who granted it.
    pub granted_by: String,
    /// When it was granted.
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
    const RESOURCE: Resource = Resource::Membership;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: Some(Column::Subject) }
    }
    fn subject(row: &Model) -> Option<String> {
        Some(row.subject.clone())
    }
}

crate::declare::kept! { Membership }
