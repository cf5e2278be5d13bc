//! What is sent to webhooks: an event of the feed for each, or a test. Written by the store as it is sent.
use domain::{
    event::{CatalogueKind, Happening},
    id::{WebhookDeliveryId, WebhookId},
    webhook::{Attempts, WebhookDeliveryState},
};
use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Alias, Expr, Query},
};

crate::declare::organization_table! {
    /// A delivery of a webhook.
    "webhook_delivery", WebhookDelivery, WebhookDeliveryId, {
        /// The webhook.
        webhook_id: WebhookId,
        /// The place of its event in the feed; none for a test, as of all that is said of an event.
        position: Option<i64>,
        /// The event.
        event_id: Option<Uuid>,
        /// To what kind of thing something happened.
        kind: Option<CatalogueKind>,
        /// What happened.
        happening: Option<Happening>,
        /// To which thing.
        subject_id: Option<Uuid>,
        /// When it happened, or was asked for.
        happened_at: DateTimeUtc,
        /// How far it is.
        state: WebhookDeliveryState,
        /// What came of sending it.
        #[sea_orm(column_type = "JsonBinary")]
        attempts: Attempts,
        /// Since when it is tried; none before the first time, and once it is to be sent anew.
        tried_since: Option<DateTimeUtc>,
        /// When it is to be sent next, while it is pending.
        due_at: DateTimeUtc,
    }
}

/// Pending, and due: nothing that happened to the same thing before is pending as well.
#[must_use]
pub fn next(at: DateTimeUtc) -> Condition {
    let earlier = || Alias::new("earlier");
    let same = |column: Column| Expr::col((earlier(), column)).equals((Entity, column));
    let before = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier())
        .and_where(same(Column::WebhookId))
        .and_where(same(Column::SubjectId))
        .and_where(Expr::col((earlier(), Column::State)).eq(WebhookDeliveryState::Pending))
        .and_where(Expr::col((earlier(), Column::Position)).lt(Expr::col((Entity, Column::Position))))
        .take();
    Condition::all().add(Column::State.eq(WebhookDeliveryState::Pending)).add(Column::DueAt.lte(at)).add(Expr::exists(before).not())
}
