//! The few reads that no actor scopes, each named: signing in, whose calendar a token opens, and the position of the feed.
use super::{
    Store,
    dialect::fault,
    idempotency::{SYSTEM, forgotten_before},
};
use crate::error::{Error, Result};
use domain::{
    actor::{Actor, Occasion, Standing},
    person::purpose::Purpose,
};
use entity::{
    access::{calendar_feed, membership},
    sealed::{feed, idempotency},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

impl Store {
    /// The actor that a signed-in subject is now: its memberships in force today. Read at every request, so a change counts at once.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn sign_in(&self, subject: &str, purpose: Option<Purpose>) -> Result<Actor> {
        let at = self.clock.now();
        let today = domain::catalogue::session::day(at);
        let rows = membership::Entity::find()
            .filter(membership::Column::Subject.eq(subject))
            .filter(membership::Column::ValidFrom.lte(today))
            .filter(Condition::any().add(membership::Column::ValidTo.is_null()).add(membership::Column::ValidTo.gte(today)))
            .all(&self.reads.of_subject(subject))
            .await
            .map_err(fault)?;
        let standings = rows.into_iter().map(|m| Standing { membership: m.id, network: m.network_id, organization: m.organization_id, role: m.role });
        Ok(Actor::Person { subject: subject.to_owned(), standings: standings.collect(), occasion: Occasion { at, purpose } })
    }

    /// Whose calendar is read under a token, by its hash; none under one that is not known any more.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn owner_of_calendar(&self, hash: &str) -> Result<Option<String>> {
        let found = calendar_feed::Entity::find().filter(calendar_feed::Column::Hash.eq(hash)).one(&self.reads.as_system()).await.map_err(fault)?;
        Ok(found.map(|row| row.subject))
    }

    /// The row that an actor made before under an idempotency key of its own.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn made_before(&self, actor: &Actor, key: &str) -> Result<Option<uuid::Uuid>> {
        let own = idempotency::Entity::find().filter(idempotency::Column::Actor.eq(actor.subject().unwrap_or_default()));
        let remembered = Condition::any().add(idempotency::Column::Actor.eq(SYSTEM)).add(idempotency::Column::At.gte(forgotten_before(self.clock.now())));
        let own = own.filter(remembered);
        Ok(own.filter(idempotency::Column::Key.eq(key)).one(&self.reads.of(actor)).await.map_err(fault)?.map(|claim| claim.row_id))
    }

    /// How far the event feed has come.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn position(&self) -> Result<i64> {
        position(&self.reads.of(&Actor::Anyone)).await
    }
}

/// How far the event feed has come.
pub(super) async fn position(conn: &impl ConnectionTrait) -> Result<i64> {
    feed::Entity::find_by_id(1).one(conn).await.map_err(fault)?.map(|f| f.position).ok_or(Error::Internal)
}
