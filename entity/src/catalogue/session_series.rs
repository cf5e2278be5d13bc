//! Series of sessions (kertasarjat): the recurrence rule that sessions were made from. Everybody sees those of published offerings.
use domain::{
    id::{NetworkId, OrganizationId, ServiceOfferingId, SessionSeriesId},
    policy::Resource,
};
use sea_orm::{Condition, entity::prelude::*};

/// A series of sessions.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "session_series")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionSeriesId,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The provider.
    pub organization_id: OrganizationId,
    /// The offering.
    pub offering_id: ServiceOfferingId,
    /// The recurrence rule (RFC 5545).
    pub rule: String,
    /// The first start by the clock on the wall, Europe/Helsinki.
    pub first_start: DateTime,
    /// The last day.
    pub until_on: Date,
    /// The length of each session in minutes.
    pub minutes: i32,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::SessionSeries;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
    fn public() -> Condition {
        super::publication::shows(Column::OfferingId)
    }
}

impl crate::Child for Entity {
    fn parent() -> Column {
        Column::OfferingId
    }
    fn parent_id(row: &Model) -> Uuid {
        row.offering_id.0
    }
}
