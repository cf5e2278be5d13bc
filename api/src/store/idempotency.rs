//! How long idempotency keys are remembered, and how they are forgotten: a small job of every server, in small steps,
//! that several servers on one database can do at once.
use super::{Store, dialect::fault};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use entity::sealed::idempotency;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{LockBehavior, LockType},
};
use std::time::Duration;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

/// How long a key stands for what was made under it; after that it counts as new. Long enough for a device that was
/// without a network over a weekend or a holiday to send its request again.
pub const REMEMBERED_FOR: TimeDelta = TimeDelta::days(7);

/// How often it is looked for keys to forget.
const EVERY: Duration = Duration::from_hours(1);

/// Rows that are deleted at a time, so that nobody waits for the job.
const AT_ONCE: u64 = 500;

/// Who the system itself is in the logs and among the keys.
pub(super) const SYSTEM: &str = "system";

/// Keys that were claimed before this moment are forgotten.
pub(super) fn forgotten_before(now: DateTime<Utc>) -> DateTime<Utc> {
    now - REMEMBERED_FOR
}

impl Store {
    /// Forgets old keys, now and every hour, for as long as the process runs.
    pub fn forget_keys(&self) -> JoinHandle<()> {
        let store = self.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match store.forget_old_keys().await {
                    Ok(0) => {}
                    Ok(count) => tracing::info!(count, "old idempotency keys are forgotten"),
                    // Nobody needs them to be gone: the next hour will do.
                    Err(fault) => tracing::warn!(%fault, "old idempotency keys could not be forgotten"),
                }
            }
        })
    }

    async fn forget_old_keys(&self) -> Result<u64> {
        let mut count = 0;
        loop {
            let mut old = idempotency::Entity::find()
                .select_only()
                .column(idempotency::Column::Id)
                .filter(idempotency::Column::At.lt(forgotten_before(self.clock.now())))
                // The system's own keys are how the demo knows what it has loaded.
                .filter(idempotency::Column::Actor.ne(SYSTEM))
                .order_by_asc(idempotency::Column::At)
                .limit(AT_ONCE)
                .into_query();
            // What another server deletes already, or what is being claimed anew, is left to them; SQLite has one writer.
            old.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let delete = idempotency::Entity::delete_many().filter(idempotency::Column::Id.in_subquery(old));
            let deleted = delete.exec(&self.writes.as_system()).await.map_err(fault)?.rows_affected;
            count += deleted;
            if deleted < AT_ONCE {
                return Ok(count);
            }
            tokio::task::yield_now().await;
        }
    }
}
