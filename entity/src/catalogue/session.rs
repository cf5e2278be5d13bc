//! Sessions (kerrat). Everybody sees the sessions of published offerings.
use domain::{
    catalogue::session::SessionState,
    id::{NetworkId, OrganizationId, ServiceOfferingId, SessionId, SessionSeriesId, VenueId},
    policy::Resource,
    text::LocalizedText,
};
use sea_orm::{Condition, entity::prelude::*};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The provider.
    pub organization_id: OrganizationId,
    /// The offering.
    pub offering_id: ServiceOfferingId,
    /// The series that it was made from, where it was.
    pub series_id: Option<SessionSeriesId>,
    /// When the series had it start, whatever it was moved to since.
    pub planned_start: DateTimeUtc,
    /// When it starts.
    pub starts_at: DateTimeUtc,
    /// When it ends.
    pub ends_at: DateTimeUtc,
    /// What became of it.
    pub state: SessionState,
    /// Who leads it.
    pub leader: Option<String>,
    /// The stable key of the worker who leads it, where that is told; not for everybody.
    #[serde(default)]
    pub leader_account: Option<String>,
    /// Where it is held, when not at the offering's own place.
    pub venue_id: Option<VenueId>,
    /// Why it was cancelled or moved.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub reason: Option<LocalizedText>,
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
    const RESOURCE: Resource = Resource::Session;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
    fn public() -> Condition {
        super::publication::shows(Column::OfferingId)
    }
}

crate::declare::kept! { Session }

impl crate::Child for Entity {
    fn parent() -> Column {
        Column::OfferingId
    }
    fn parent_id(row: &Model) -> Uuid {
        row.offering_id.0
    }
}
