//! How far each webhook has come in the feed, and which server sends for it.
use domain::id::{NetworkId, WebhookId};
use sea_orm::entity::prelude::*;

/// How far a webhook has come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_progress")]
pub struct Model {
    /// The webhook.
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The last place of the feed from which deliveries were made.
    pub position: i64,
    /// Who sends for it, for as long as `held_until` tells.
    pub holder: Option<Uuid>,
    /// Until when nobody else sends for it: whoever is killed holds it no longer.
    pub held_until: Option<DateTimeUtc>,
    /// Since when nothing arrives.
    pub failing_since: Option<DateTimeUtc>,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
