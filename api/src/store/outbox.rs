//! Events kept with the transaction that made them, numbered in the order of commits.
use super::{
    dialect::{fault, notify},
    pool::Transaction,
};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::event::Event;
use entity::{access::event, sealed::feed};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

/// Writes the events as the last thing before the commit: the lock on the feed's one row is what puts commits in order.
pub(super) async fn keep(tx: &Transaction, events: Vec<Event>, at: DateTime<Utc>) -> Result<i64> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let advance = feed::Entity::update_many().col_expr(feed::Column::Position, Expr::col(feed::Column::Position).add(count)).filter(feed::Column::Id.eq(1));
    advance.exec(tx).await.map_err(fault)?;
    let last = super::door::position(tx).await?;
    let rows = events.into_iter().zip(last - count + 1..).map(|(e, position)| event::ActiveModel {
        id: Set(Uuid::now_v7()),
        position: Set(position),
        at: Set(at),
        happening: Set(e.happening),
        kind: Set(e.kind.to_owned()),
        subject_id: Set(e.subject),
        network_id: Set(e.network),
        organization_id: Set(e.organization),
        public: Set(e.public),
    });
    event::Entity::insert_many(rows).exec_without_returning(tx).await.map_err(fault)?;
    notify(tx, last).await?;
    Ok(last)
}
