//! The few reads that no actor scopes, each named: signing in, whose calendar a token opens, and the position of the feed.
use super::{
    Store,
    dialect::fault,
    idempotency::{SYSTEM, forgotten_before},
    line::Lines,
    many::AT_ONCE,
    pool::Walled,
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
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::sync::oneshot;

impl Store {
    /// The actor that a signed-in subject is now: its memberships in force today. Read for every request, after it has come, so a change counts at once;
    /// those who come while others are looked up are looked up together next.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn sign_in(&self, subject: &str, purpose: Option<Purpose>) -> Result<Actor> {
        let at = self.clock.now();
        let today = domain::catalogue::session::day(at);
        let (to, known) = oneshot::channel();
        let store = self.clone();
        self.doorstep.join((), Arrives { subject: subject.into(), to }, next, move |round| {
            let store = store.clone();
            async move { store.let_in(round).await }
        });
        let rows = known.await.unwrap_or(Err(Error::Internal))?.into_iter();
        let in_force = rows.filter(|m| m.valid_from <= today && m.valid_to.is_none_or(|end| today <= end));
        let standings = in_force.map(|m| Standing { membership: m.id, network: m.network_id, organization: m.organization_id, role: m.role });
        Ok(Actor::Person { subject: subject.to_owned(), standings: standings.collect(), occasion: Occasion { at, purpose } })
    }

    /// Tells those who sign in at the same time of their memberships.
    async fn let_in(&self, round: Vec<Arrives>) {
        let found = match &round[..] {
            [alone] => memberships(&self.reads.of_subject(&alone.subject), [&*alone.subject]).await,
            // Behind no single one's wall: each is told of the own rows alone.
            _ => memberships(&self.reads.as_system(), round.iter().map(|each| &*each.subject)).await,
        };
        for Arrives { subject, to } in round {
            let own = found.as_ref().map(|rows| rows.iter().filter(|row| *row.subject == *subject).cloned().collect()).map_err(Clone::clone);
            // Who has gone away hears nothing.
            drop(to.send(own));
        }
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

/// Somebody who signs in, and to whom the memberships are told.
pub(super) struct Arrives {
    subject: Arc<str>,
    to: oneshot::Sender<Result<Vec<membership::Model>>>,
}

/// Those who sign in and are not known yet.
pub(super) type Doorstep = Lines<(), Arrives>;

/// Everybody who waits, up to what one statement names.
fn next(waiting: &mut VecDeque<Arrives>) -> Vec<Arrives> {
    waiting.drain(..waiting.len().min(AT_ONCE)).collect()
}

async fn memberships(conn: &Walled, of: impl IntoIterator<Item = &str>) -> Result<Vec<membership::Model>> {
    let subjects = of.into_iter().collect::<BTreeSet<_>>();
    membership::Entity::find().filter(membership::Column::Subject.is_in(subjects)).all(conn).await.map_err(fault)
}

/// How far the event feed has come.
pub(super) async fn position(conn: &impl ConnectionTrait) -> Result<i64> {
    feed::Entity::find_by_id(1).one(conn).await.map_err(fault)?.map(|f| f.position).ok_or(Error::Internal)
}
