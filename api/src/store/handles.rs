//! The steps of anonymous handles that no reach scopes: finding one by its code word and what stands under it, and presenting it.
//!
//! Which contacts stand under a handle is written nowhere. Each has a mark, a keyed hash of the handle's secret, the code word and a number from 0 on:
//! whoever has the word makes the marks again and finds the contacts. When a handle ends, its secret goes, and no contact is touched.
//!
//! Presenting is the one change in the database that leaves no audit row: who did it, in which request and at which moment is what joins a handle to a
//! person. The row itself tells that it was presented, and on which day.
use super::{Store, Work, dialect::fault, guesses::Guess};
use crate::{
    error::{Error, Result},
    vault::Vault,
};
use chrono::Days;
use domain::{
    catalogue::session::{day, start_of},
    id::AnonymousContactId,
    machine::Machine,
    outreach::{
        anonymous_handle::{AnonymousHandleMove, AnonymousHandleState, normal},
        record::OutreachState,
    },
};
use entity::outreach::{anonymous_contact, anonymous_handle};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, prelude::DateTimeUtc, sea_query::Expr,
};
use std::collections::HashMap;

/// What code words are hashed as.
const CODE_WORD: &str = "code word";
/// What the marks of contacts are hashed as.
const MARK: &str = "contact under a handle";
/// How many marks are looked for at a time.
const AT_ONCE: u32 = 32;

/// A handle that was presented, and the contacts that stood under it.
#[derive(Debug)]
pub struct Presented {
    /// The handle.
    pub handle: anonymous_handle::Model,
    /// What was recorded under it and is not void.
    pub contacts: Vec<anonymous_contact::Model>,
}

/// A handle that stands, for whoever has told its code word.
pub(crate) struct Known {
    /// The handle.
    pub row: anonymous_handle::Model,
    word: String,
}

impl Known {
    /// What the mark of a contact is made of.
    fn marked(&self, number: u32) -> String {
        format!("{}\0{}\0{number}", self.row.secret.as_deref().unwrap_or_default(), self.word)
    }

    /// What was recorded under it, and by which number.
    async fn under(&self, conn: &impl ConnectionTrait, vault: &Vault) -> Result<Vec<(u32, anonymous_contact::Model)>> {
        let mut out = Vec::new();
        for from in (0..).step_by(AT_ONCE as usize) {
            let all = (from..from + AT_ONCE).flat_map(|number| vault.indexes(MARK, &self.marked(number)).into_iter().map(move |mark| (mark, number)));
            let numbers: HashMap<_, _> = all.collect();
            let found = anonymous_contact::Entity::find().filter(anonymous_contact::Column::Mark.is_in(numbers.keys()));
            let found = found.all(conn).await.map_err(fault)?;
            if found.is_empty() {
                break;
            }
            out.extend(found.into_iter().filter_map(|row| row.mark.as_ref().and_then(|mark| numbers.get(mark)).copied().map(|number| (number, row))));
        }
        out.sort_by_key(|(number, _)| *number);
        Ok(out)
    }
}

/// The keyed hash under which a code word is kept now.
pub(crate) fn hash_of_code_word(vault: &Vault, word: &str) -> Option<String> {
    normal(word).map(|word| vault.index(CODE_WORD, &word))
}

/// The condition that a handle stands and has this code word, by any key; none for what cannot be a code word.
fn standing(vault: &Vault, word: &str, now: DateTimeUtc) -> Option<Condition> {
    let hashes = vault.indexes(CODE_WORD, &normal(word)?);
    let active = Condition::all().add(anonymous_handle::Column::State.eq(AnonymousHandleState::Active)).add(anonymous_handle::Column::ExpiresOn.gte(day(now)));
    Some(active.add(anonymous_handle::Column::Hash.is_in(hashes)))
}

impl Work {
    /// The handle of a code word among those that the actor may read, held until the commit: it does not end meanwhile.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn handle_by_word(&self, word: &str) -> Result<Option<Known>> {
        let (Some(standing), Some(normal)) = (standing(self.vault(), word, self.now()), normal(word)) else { return Ok(None) };
        let Some(found) = self.find::<anonymous_handle::Entity>(standing.clone()).await?.pop() else { return Ok(None) };
        let held = anonymous_handle::Entity::find_by_id(found.id).filter(standing).lock_exclusive().one(self.tx()).await.map_err(fault)?;
        Ok(held.map(|row| Known { row, word: normal }))
    }

    /// The mark of the next contact that is recorded under a handle; the handle is held, so that no two have the same.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn next_mark(&self, handle: &Known) -> Result<String> {
        let next = handle.under(self.tx(), self.vault()).await?.last().map_or(0, |(number, _)| number + 1);
        Ok(self.vault().index(MARK, &handle.marked(next)))
    }

    /// The contacts that were recorded under a handle, the void ones too.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn contacts_under(&self, handle: &Known) -> Result<Vec<AnonymousContactId>> {
        Ok(handle.under(self.tx(), self.vault()).await?.into_iter().map(|(_, row)| row.id).collect())
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
        let (Some(standing), Some(normal)) = (standing(&self.vault, word, now), normal(word)) else { return Ok(None) };
        let tx = self.writes.as_system().begin().await?;
        let Some(row) = anonymous_handle::Entity::find().filter(standing).lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(None) };
        let handle = Known { row, word: normal };
        let contacts = handle.under(&tx, &self.vault).await?;
        let row = handle.row;
        // The day, and not the moment: a referral that is made next has one.
        let on = start_of(day(now));
        let presented = anonymous_handle::Model {
            state: row.state.step(AnonymousHandleMove::Present)?,
            hash: None,
            secret: None,
            updated_at: on.max(row.created_at),
            version: row.version + 1,
            ..row
        };
        let update = anonymous_handle::Entity::update_many().set(presented.clone().into_active_model().reset_all());
        update.filter(anonymous_handle::Column::Id.eq(presented.id)).exec(&tx).await.map_err(fault)?;
        tx.commit().await?;
        let contacts = contacts.into_iter().map(|(_, row)| row).filter(|row| row.state != OutreachState::Voided).collect();
        Ok(Some(Presented { handle: presented, contacts }))
    }

    /// Writes the handles that have ended since yesterday once more, all in one transaction; how many. PostgreSQL keeps of each row by which transaction it
    /// was written, and the numbers of transactions tell the moment: after this, no more of it than the day.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn blur_ended_handles(&self) -> Result<u64> {
        let yesterday = start_of(day(self.clock.now()).checked_sub_days(Days::new(1)).ok_or(Error::Internal)?);
        let again = anonymous_handle::Entity::update_many().col_expr(anonymous_handle::Column::Version, Expr::col(anonymous_handle::Column::Version));
        let again = again.filter(anonymous_handle::Column::State.ne(AnonymousHandleState::Active)).filter(anonymous_handle::Column::UpdatedAt.gte(yesterday));
        Ok(again.exec(&self.writes.as_system()).await.map_err(fault)?.rows_affected)
    }
}
