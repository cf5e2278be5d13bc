//! The steps of anonymous handles that no reach scopes: finding one by its code word, presenting it, and letting go of what stood under it.
//!
//! Presenting is the one change in the database that leaves no audit row: who did it, in which request and at which moment is what joins a handle to a
//! person. The row itself tells that it was presented, and on which day.
#![expect(clippy::disallowed_types, reason = "part of the store")]
use super::{Store, Work, dialect::fault, guesses::Guess};
use crate::{error::Result, vault::Vault};
use chrono::NaiveTime;
use domain::{
    catalogue::session::day,
    id::AnonymousHandleId,
    machine::Machine,
    outreach::{
        anonymous_handle::{AnonymousHandleMove, AnonymousHandleState, normal},
        record::OutreachState,
    },
};
use entity::outreach::{anonymous_contact, anonymous_handle};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, prelude::DateTimeUtc,
    sea_query::Expr,
};

/// What code words are hashed as.
const CODE_WORD: &str = "code word";

/// A handle that was presented, and the contacts that stood under it.
#[derive(Debug)]
pub struct Presented {
    /// The handle.
    pub handle: anonymous_handle::Model,
    /// What was recorded under it and is not void.
    pub contacts: Vec<anonymous_contact::Model>,
}

/// The keyed hash under which a code word is kept now.
pub(crate) fn hash_of_code_word(vault: &Vault, word: &str) -> Option<String> {
    normal(word).map(|word| vault.index(CODE_WORD, &word))
}

/// Handles that stand now under a code word; none for what cannot be one.
fn standing(vault: &Vault, word: &str, now: DateTimeUtc) -> Option<Condition> {
    let hashes = vault.indexes(CODE_WORD, &normal(word)?);
    let active = Condition::all().add(anonymous_handle::Column::State.eq(AnonymousHandleState::Active)).add(anonymous_handle::Column::ExpiresOn.gte(day(now)));
    Some(active.add(anonymous_handle::Column::Hash.is_in(hashes)))
}

/// The contacts of a handle stand alone from now on. That is no change of what they say: they keep their versions, and the audit never knew.
async fn let_go(tx: &DatabaseTransaction, handle: AnonymousHandleId) -> Result<()> {
    let under = anonymous_contact::Entity::update_many().filter(anonymous_contact::Column::HandleId.eq(handle));
    under.col_expr(anonymous_contact::Column::HandleId, Expr::value(None::<uuid::Uuid>)).exec(tx).await.map_err(fault)?;
    Ok(())
}

impl Work {
    /// The handle of a code word among those that the actor may read, held until the commit: it does not end meanwhile.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn handle_by_word(&self, word: &str) -> Result<Option<anonymous_handle::Model>> {
        let Some(standing) = standing(self.vault(), word, self.now()) else { return Ok(None) };
        let Some(found) = self.find::<anonymous_handle::Entity>(standing.clone()).await?.pop() else { return Ok(None) };
        anonymous_handle::Entity::find_by_id(found.id).filter(standing).lock_exclusive().one(self.tx()).await.map_err(fault)
    }

    /// The contacts of a handle stand alone from now on.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn let_go_of_contacts(&self, handle: AnonymousHandleId) -> Result<()> {
        let_go(self.tx(), handle).await
    }
}

impl Store {
    /// Whoever is signed in tries a code word.
    ///
    /// # Errors
    /// [`crate::error::Error::RateLimited`] after too many wrong ones.
    pub fn guess(&self, subject: &str) -> Result<Guess> {
        self.guesses.begin(subject, self.clock.now())
    }

    /// Presents the handle of a code word, in whatever network: having the word is the right to do so. Nothing is kept of who it was.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn present_handle(&self, word: &str) -> Result<Option<Presented>> {
        let now = self.clock.now();
        let Some(standing) = standing(&self.vault, word, now) else { return Ok(None) };
        let tx = self.writes.as_system().begin().await?;
        let Some(handle) = anonymous_handle::Entity::find().filter(standing).lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(None) };
        let under = anonymous_contact::Entity::find()
            .filter(anonymous_contact::Column::HandleId.eq(handle.id))
            .filter(anonymous_contact::Column::State.ne(OutreachState::Voided));
        let contacts = under.all(&tx).await.map_err(fault)?;
        let_go(&tx, handle.id).await?;
        // The day, and not the moment: a referral that is made next has one.
        let on = day(now).and_time(NaiveTime::MIN).and_utc();
        let presented = anonymous_handle::Model {
            state: handle.state.step(AnonymousHandleMove::Present)?,
            hash: None,
            updated_at: on.max(handle.created_at),
            version: handle.version + 1,
            ..handle
        };
        let update = anonymous_handle::Entity::update_many().set(presented.clone().into_active_model().reset_all());
        update.filter(anonymous_handle::Column::Id.eq(presented.id)).exec(&tx).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Some(Presented { handle: presented, contacts }))
    }
}
