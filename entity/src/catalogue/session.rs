//! Sessions (kerrat). Everybody sees the sessions of published offerings.
use domain::{
    catalogue::{
        offering::ServiceOfferingContent,
        session::{SessionState, is_on},
    },
    delivery::participation::Seats,
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
    /// Places that are taken now, of an offering that is registered for by session.
    #[serde(default)]
    pub places_taken: i32,
    /// Of these, by clients of the network.
    #[serde(default)]
    pub network_taken: i32,
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

impl Model {
    /// Its places on a day: as many as its offering gives each session.
    #[must_use]
    pub fn seats(&self, offering: &ServiceOfferingContent, day: Date) -> Seats {
        offering.seats(day, self.places_taken, self.network_taken)
    }

    /// One can register for it: it is to be held, and has not begun.
    #[must_use]
    pub fn is_to_come(&self, at: DateTimeUtc) -> bool {
        self.state == SessionState::Planned && self.starts_at > at
    }

    /// Somebody who is there has come to it.
    #[must_use]
    pub fn is_on(&self, at: DateTimeUtc) -> bool {
        self.state != SessionState::Cancelled && is_on(self.starts_at, self.ends_at, at)
    }
}
