//! Which organisations a partnership agreement binds.
use domain::{
    id::{NetworkId, OrganizationId, PartnershipAgreementId},
    policy::Resource,
};
use sea_orm::entity::prelude::*;

/// A party of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "agreement_party")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The agreement.
    pub agreement_id: PartnershipAgreementId,
    /// The organisation that keeps the agreement.
    pub keeper_id: OrganizationId,
    /// The party.
    pub organization_id: OrganizationId,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::AgreementParty;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::KeeperId], subject: None }
    }
}
