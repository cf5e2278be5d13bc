//! How providers have done, as it was told of a quarter: it is told so ever after. It is only added to.
use domain::{
    funding::quality::QualityOfProviders,
    id::{NetworkId, OrganizationId},
};
use sea_orm::entity::prelude::*;

/// What was told of a quarter.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quality_release")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The network.
    pub network_id: NetworkId,
    /// For whom the providers have done it.
    pub organization_id: OrganizationId,
    /// The first day of the quarter.
    pub quarter: Date,
    /// The figures.
    #[sea_orm(column_type = "JsonBinary")]
    pub figures: QualityOfProviders,
    /// Who asked first, by the stable key.
    pub asked_by: String,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
