//! The use log and the audit of writes: written here, by nobody else.
use super::{Reader, Store, dialect::fault};
use crate::error::Result;
use domain::policy::{Action, Resource};
use entity::sealed::{audit, use_log};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, prelude::Json};
use uuid::Uuid;

impl Store {
    /// Writes one row for each person that `reader` has read about since the last call.
    ///
    /// # Errors
    /// A fault of the database: then nothing that was read may be shown.
    pub async fn write_use_log(&self, reader: &Reader, request_id: &str) -> Result<()> {
        let seen = reader.take_seen();
        if seen.is_empty() {
            return Ok(());
        }
        let standings: Vec<_> = reader.actor.standings().iter().map(|s| format!("{}:{:?}", s.organization, s.role)).collect();
        let rows = seen.into_iter().map(|(resource, subject)| use_log::ActiveModel {
            id: Set(Uuid::now_v7()),
            at: Set(self.clock.now()),
            request_id: Set(request_id.to_owned()),
            actor: Set(reader.actor.subject().unwrap_or_default().to_owned()),
            standings: Set(standings.join(" ")),
            resource: Set(format!("{resource:?}")),
            subject: Set(subject),
        });
        use_log::Entity::insert_many(rows).exec(&self.writes).await.map_err(fault)?;
        Ok(())
    }
}

/// One write, as the audit keeps it.
pub(super) struct Written {
    pub(super) resource: Resource,
    pub(super) action: Action,
    pub(super) row: Uuid,
    pub(super) before: Option<Json>,
    pub(super) after: Option<Json>,
}

/// Keeps the audit of one write, in its own transaction.
pub(super) async fn audit(tx: &impl ConnectionTrait, actor: &str, request_id: &str, at: chrono::DateTime<chrono::Utc>, written: Written) -> Result<()> {
    let row = audit::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(at),
        actor: Set(actor.to_owned()),
        request_id: Set(request_id.to_owned()),
        resource: Set(format!("{:?}", written.resource)),
        row_id: Set(written.row),
        action: Set(format!("{:?}", written.action)),
        before: Set(written.before),
        after: Set(written.after),
    };
    audit::Entity::insert(row).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}
