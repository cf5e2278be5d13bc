//! Calendars of one's own (omat kalenterit): the addresses under which a person's calendar programs read. Only a hash of what is secret in one is kept.
use domain::{id::CalendarFeedId, policy::Resource};
use sea_orm::entity::prelude::*;

/// A calendar of one's own.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "calendar_feed")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CalendarFeedId,
    /// The stable key of whose it is.
    pub subject: String,
    /// What its owner calls it.
    pub label: String,
    /// The SHA-256 of the token in its address, in URL-safe base64.
    pub hash: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::CalendarFeed;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: None, organizations: &[], subject: Some(Column::Subject) }
    }
    fn subject(row: &Model) -> Option<String> {
        Some(row.subject.clone())
    }
}
