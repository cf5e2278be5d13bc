//! Webhooks: how far each has come in the feed, what is to be sent, and which server sends it. No actor scopes these steps; what happened is read as whoever
//! has made the webhook.
use super::{Store, Work, dialect::fault, door, read::Reader};
use crate::error::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    actor::Actor,
    event::CatalogueKind,
    id::{WebhookDeliveryId, WebhookId},
    webhook::{Attempts, KEPT_FOR, WebhookDeliveryState, WebhookState},
};
use entity::{
    Kept,
    access::{event, webhook, webhook_delivery},
    sealed::webhook_progress,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
    sea_query::{Expr, IntoCondition},
};
use std::sync::Arc;
use uuid::Uuid;

/// How many events are taken up in one transaction.
const AT_ONCE: u64 = 500;

/// A webhook that is sent for here and nowhere else, for as long as it is held.
#[derive(Debug)]
pub(crate) struct Held {
    webhook: WebhookId,
    holder: Uuid,
}

impl Held {
    fn condition(&self) -> Condition {
        webhook_progress::Column::WebhookId.eq(self.webhook).and(webhook_progress::Column::Holder.eq(self.holder)).into_condition()
    }
}

impl Store {
    /// The webhooks for which there is something to do, and for which no server sends.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn webhooks_due(&self) -> Result<Vec<WebhookId>> {
        let (now, end) = (self.clock.now(), self.position().await?);
        let free = webhook_progress::Entity::find().select_only().column(webhook_progress::Column::WebhookId).filter(free(now));
        let behind = free.clone().filter(webhook_progress::Column::Position.lt(end));
        let due = webhook_delivery::Entity::find().select_only().column(webhook_delivery::Column::WebhookId).filter(webhook_delivery::next(now));
        let tests = due.clone().filter(webhook_delivery::Column::Position.is_null());
        let among = |ids: sea_orm::sea_query::SelectStatement| webhook::Column::Id.in_subquery(ids);
        let active = webhook::Column::State.eq(WebhookState::Active).and(among(behind.into_query()).or(among(due.into_query())));
        let found = webhook::Entity::find().select_only().column(webhook::Column::Id).filter(among(free.into_query()));
        found.filter(active.or(among(tests.into_query()))).into_tuple().all(&self.aside.as_system()).await.map_err(fault)
    }

    /// Takes it on to send for a webhook, unless another server does.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_webhook(&self, webhook: WebhookId, lasts: TimeDelta) -> Result<Option<Held>> {
        let (now, holder) = (self.clock.now(), Uuid::now_v7());
        let hold = webhook_progress::Entity::update_many()
            .col_expr(webhook_progress::Column::Holder, Expr::value(holder))
            .col_expr(webhook_progress::Column::HeldUntil, Expr::value(now + lasts))
            .filter(webhook_progress::Column::WebhookId.eq(webhook).into_condition().add(free(now)));
        let taken = hold.exec(&self.writes.as_system()).await.map_err(fault)?.rows_affected;
        Ok((taken == 1).then_some(Held { webhook, holder }))
    }

    /// Goes on holding a webhook; false when another server has taken it on, or it is gone.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_on(&self, held: &Held, lasts: TimeDelta) -> Result<bool> {
        let until = Expr::value(self.clock.now() + lasts);
        let hold = webhook_progress::Entity::update_many().col_expr(webhook_progress::Column::HeldUntil, until).filter(held.condition());
        Ok(hold.exec(&self.writes.as_system()).await.map_err(fault)?.rows_affected == 1)
    }

    /// Lets go of a webhook: whoever comes next sends for it, at once or after a rest.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn let_go(&self, held: &Held, rest: Option<TimeDelta>) -> Result<()> {
        let until = Expr::value(rest.map(|rest| self.clock.now() + rest));
        let free = webhook_progress::Entity::update_many().col_expr(webhook_progress::Column::HeldUntil, until).filter(held.condition());
        free.exec(&self.writes.as_system()).await.map_err(fault).map(drop)
    }

    /// Makes a delivery of each event that a webhook has not come to yet, as far as its client may see it and it is asked for: some at a time, in the order of
    /// the feed. Whoever is killed has made all of them and moved on, or nothing.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn queue_events(&self, held: &Held, webhook: &webhook::Model, client: Arc<Actor>) -> Result<()> {
        let progress = webhook_progress::Entity::find_by_id(webhook.id).one(&self.aside.as_system()).await.map_err(fault)?;
        let end = self.position().await?;
        let Some(from) = progress.map(|progress| progress.position).filter(|from| *from < end) else { return Ok(()) };
        let reader = Reader::new(self.aside.of(&client), client);
        let (kinds, happenings) = (&webhook.content.kinds, &webhook.content.happenings);
        let asked = Condition::all()
            .add(event::Column::Position.gt(from))
            .add(event::Column::Position.lte(end))
            .add_option((!kinds.is_empty()).then(|| event::Column::Kind.is_in(kinds.iter().map(|kind| kind.name()))))
            .add_option((!happenings.is_empty()).then(|| event::Column::Happening.is_in(happenings.iter().copied())));
        let found = event::Entity::find().filter(reader.within::<event::Entity>()).filter(asked).order_by_asc(event::Column::Position).limit(AT_ONCE);
        let events = found.all(reader.conn()).await.map_err(fault)?;
        let reached = events.last().filter(|_| events.len() as u64 == AT_ONCE).map_or(end, |last| last.position);
        let now = self.clock.now();
        let rows = events.iter().map(|event| delivery(webhook, event, now)).collect::<Result<Vec<_>>>()?;
        let tx = self.writes.as_system().begin().await?;
        let advance = webhook_progress::Entity::update_many()
            .col_expr(webhook_progress::Column::Position, Expr::value(reached))
            .filter(held.condition().add(webhook_progress::Column::Position.eq(from)));
        if advance.exec(&tx).await.map_err(fault)?.rows_affected == 0 {
            return Ok(());
        }
        super::many::insert::<webhook_delivery::Entity>(&tx, &rows).await?;
        tx.commit().await
    }

    /// What is to be sent now for a webhook, so many at the most and of each thing one; of one to which nothing is sent, only tests.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn next_deliveries(&self, webhook: &webhook::Model, most: u64) -> Result<Vec<webhook_delivery::Model>> {
        let tests = (webhook.state != WebhookState::Active).then(|| webhook_delivery::Column::Position.is_null());
        let asked = Condition::all().add(webhook_delivery::Column::WebhookId.eq(webhook.id)).add_option(tests).add(webhook_delivery::next(self.clock.now()));
        let found = webhook_delivery::Entity::find().filter(asked).order_by_asc(webhook_delivery::Column::DueAt).order_by_asc(webhook_delivery::Column::Id);
        found.limit(most).all(&self.aside.as_system()).await.map_err(fault)
    }

    /// Notes whether anything has arrived of what was sent together at a time; since when nothing has.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn note_arrival(&self, held: &Held, at: DateTime<Utc>, any: bool) -> Result<DateTime<Utc>> {
        let tx = self.writes.as_system().begin().await?;
        let progress = webhook_progress::Entity::find().filter(held.condition()).one(&tx).await.map_err(fault)?;
        let since = progress.and_then(|progress| progress.failing_since).filter(|_| !any);
        let next = Expr::value((!any).then(|| since.unwrap_or(at)));
        let note = webhook_progress::Entity::update_many().col_expr(webhook_progress::Column::FailingSince, next).filter(held.condition());
        note.exec(&tx).await.map_err(fault)?;
        tx.commit().await?;
        Ok(if any { self.clock.now() } else { since.unwrap_or(at) })
    }

    /// Keeps what came of sending, unless somebody has changed the delivery meanwhile.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keep_delivery(&self, mut next: webhook_delivery::Model) -> Result<()> {
        let (id, version) = (next.id, next.version);
        webhook_delivery::Entity::stamp(&mut next, self.clock.now());
        let keep = webhook_delivery::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(webhook_delivery::Column::Id.eq(id))
            .filter(webhook_delivery::Column::Version.eq(version));
        keep.exec(&self.writes.as_system()).await.map_err(fault).map(drop)
    }

    /// Forgets what has arrived and what is dead for long enough; how many deliveries.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn forget_webhook_deliveries(&self) -> Result<u64> {
        let over = webhook_delivery::Column::State.ne(WebhookDeliveryState::Pending).and(webhook_delivery::Column::UpdatedAt.lt(self.clock.now() - KEPT_FOR));
        Ok(webhook_delivery::Entity::delete_many().filter(over).exec(&self.writes.as_system()).await.map_err(fault)?.rows_affected)
    }
}

impl Work {
    /// A new webhook is told of what is committed from now on.
    pub(crate) async fn follow_feed(&self, webhook: &webhook::Model) -> Result<()> {
        let progress = webhook_progress::ActiveModel {
            webhook_id: Set(webhook.id),
            network_id: Set(webhook.network_id),
            position: Set(door::position(self.tx()).await?),
            holder: Set(None),
            held_until: Set(None),
            failing_since: Set(None),
        };
        webhook_progress::Entity::insert(progress).exec_without_returning(self.tx()).await.map_err(fault).map(drop)
    }

    /// What did not arrive at a webhook and is not dead is tried from the beginning, at once.
    pub(crate) async fn send_anew(&self, webhook: WebhookId) -> Result<()> {
        let never = || Expr::value(None::<DateTime<Utc>>);
        let pending = webhook_delivery::Column::WebhookId.eq(webhook).and(webhook_delivery::Column::State.eq(WebhookDeliveryState::Pending));
        let again = webhook_delivery::Entity::update_many()
            .col_expr(webhook_delivery::Column::DueAt, Expr::value(self.now()))
            .col_expr(webhook_delivery::Column::TriedSince, never())
            .col_expr(webhook_delivery::Column::Version, Expr::col(webhook_delivery::Column::Version).add(1))
            .filter(pending);
        again.exec(self.tx()).await.map_err(fault)?;
        let calm = webhook_progress::Entity::update_many()
            .col_expr(webhook_progress::Column::FailingSince, never())
            .filter(webhook_progress::Column::WebhookId.eq(webhook));
        calm.exec(self.tx()).await.map_err(fault).map(drop)
    }

    /// Forgets how far a webhook has come, and what was sent to it.
    pub(crate) async fn forget_webhook(&self, webhook: WebhookId) -> Result<()> {
        webhook_delivery::Entity::delete_many().filter(webhook_delivery::Column::WebhookId.eq(webhook)).exec(self.tx()).await.map_err(fault)?;
        webhook_progress::Entity::delete_by_id(webhook).exec(self.tx()).await.map_err(fault).map(drop)
    }
}

/// Nobody sends for it, or whoever did was not heard of in time.
fn free(now: DateTime<Utc>) -> Condition {
    Condition::any().add(webhook_progress::Column::HeldUntil.is_null()).add(webhook_progress::Column::HeldUntil.lte(now))
}

/// An event as it is to be sent.
fn delivery(webhook: &webhook::Model, event: &event::Model, now: DateTime<Utc>) -> Result<webhook_delivery::Model> {
    Ok(webhook_delivery::Model {
        id: WebhookDeliveryId::new(),
        network_id: webhook.network_id,
        organization_id: webhook.organization_id,
        webhook_id: webhook.id,
        position: Some(event.position),
        event_id: Some(event.id),
        kind: Some(CatalogueKind::named(&event.kind).ok_or_else(|| Error::internal("an event of an unknown kind"))?),
        happening: Some(event.happening),
        subject_id: Some(event.subject_id),
        happened_at: event.at,
        state: WebhookDeliveryState::Pending,
        attempts: Attempts::default(),
        tried_since: None,
        due_at: now,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}
