//! The keys that a database was written with: each must be in the vault, and be the right one; and all rows move to the current one on request.
use super::{Store, dialect::fault};
use crate::{
    error::{Error, Result},
    vault::{Place, Vault},
};
use domain::{person::identity::Identity, private::Private};
use entity::{
    Guarded, SealedText,
    casework::{
        case_event, client_entry, client_plan, final_assessment, follow_on_path, follow_up, goal, instrument_response, intake_baseline, needs_assessment,
        network_meeting, referral,
    },
    person::person,
    sealed::{key_check, person_word},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sea_query::Expr,
};
use uuid::Uuid;

/// What is sealed to know a key again.
const WORD: &str = "monituottaja";

fn place() -> Place {
    Place::new("key_check.sealed", Uuid::nil())
}

impl Store {
    /// Every key that this database was written with is in the vault and is the right one; the current one is noted.
    ///
    /// # Errors
    /// [`Error::KeyMissing`] or [`Error::KeyWrong`], or a fault of the database.
    pub async fn check_keys(&self) -> Result<()> {
        let known = key_check::Entity::find().all(&self.writes).await.map_err(fault)?;
        for row in &known {
            if !self.vault.has(&row.key_id) {
                return Err(Error::KeyMissing(row.key_id.clone()));
            }
            let opened = self.vault.open::<String>(place(), &row.sealed);
            if !opened.is_ok_and(|word| word.reveal() == WORD) {
                return Err(Error::KeyWrong(row.key_id.clone()));
            }
        }
        if known.iter().any(|row| row.key_id == self.vault.key_id()) {
            return Ok(());
        }
        let row = key_check::Model { key_id: self.vault.key_id().to_owned(), sealed: self.vault.seal(place(), &WORD)? };
        // Two processes that start at once note the same key; one of them is enough.
        match key_check::Entity::insert(row.into_active_model()).exec_without_returning(&self.writes).await.map_err(fault) {
            Ok(_) | Err(Error::Busy) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Seals everything with the current key, a small transaction at a time, while servers go on; how many values were moved.
    ///
    /// Keys of hashes in the logs stay known: the logs are never written again.
    ///
    /// # Errors
    /// A value that does not open, or a fault of the database.
    pub async fn rotate_keys(&self) -> Result<u64> {
        let mut moved = 0;
        while let done @ 1.. = self.rotate_persons().await? {
            moved += done;
        }
        moved += self.rotate::<referral::Entity>(referral::Column::Introduction, "referral.introduction").await?;
        moved += self.rotate::<referral::Entity>(referral::Column::Message, "referral.message").await?;
        moved += self.rotate::<case_event::Entity>(case_event::Column::Words, "case_event.words").await?;
        moved += self.rotate::<intake_baseline::Entity>(intake_baseline::Column::Health, "intake_baseline.health").await?;
        moved += self.rotate::<intake_baseline::Entity>(intake_baseline::Column::Reason, "intake_baseline.reason").await?;
        moved += self.rotate::<needs_assessment::Entity>(needs_assessment::Column::Content, "needs_assessment.content").await?;
        moved += self.rotate::<needs_assessment::Entity>(needs_assessment::Column::Reason, "needs_assessment.reason").await?;
        moved += self.rotate::<client_plan::Entity>(client_plan::Column::Content, "client_plan.content").await?;
        moved += self.rotate::<client_plan::Entity>(client_plan::Column::Words, "client_plan.words").await?;
        moved += self.rotate::<client_plan::Entity>(client_plan::Column::Comment, "client_plan.comment").await?;
        moved += self.rotate::<client_plan::Entity>(client_plan::Column::ReviewNote, "client_plan.review_note").await?;
        moved += self.rotate::<goal::Entity>(goal::Column::Content, "goal.content").await?;
        moved += self.rotate::<goal::Entity>(goal::Column::Reason, "goal.reason").await?;
        moved += self.rotate::<final_assessment::Entity>(final_assessment::Column::Content, "final_assessment.content").await?;
        moved += self.rotate::<final_assessment::Entity>(final_assessment::Column::Words, "final_assessment.words").await?;
        moved += self.rotate::<final_assessment::Entity>(final_assessment::Column::UnheardReason, "final_assessment.unheard_reason").await?;
        moved += self.rotate::<follow_on_path::Entity>(follow_on_path::Column::Content, "follow_on_path.content").await?;
        moved += self.rotate::<follow_on_path::Entity>(follow_on_path::Column::Reason, "follow_on_path.reason").await?;
        moved += self.rotate::<client_entry::Entity>(client_entry::Column::Content, "client_entry.content").await?;
        moved += self.rotate::<follow_up::Entity>(follow_up::Column::Content, "follow_up.content").await?;
        moved += self.rotate::<instrument_response::Entity>(instrument_response::Column::Answers, "instrument_response.answers").await?;
        moved += self.rotate::<network_meeting::Entity>(network_meeting::Column::Content, "network_meeting.content").await?;
        Ok(moved)
    }

    /// Moves some persons, with the hashes by which they are found.
    async fn rotate_persons(&self) -> Result<u64> {
        let tx = self.writes.begin_with_options(immediate()).await.map_err(fault)?;
        let old = person::Entity::find().filter(person::Column::KeyId.ne(self.vault.key_id())).limit(BATCH).lock_exclusive().all(&tx).await.map_err(fault)?;
        let count = old.len() as u64;
        for row in old {
            let identity: Private<Identity> = self.vault.open(Place::new("person.identity", row.id), &row.identity)?;
            let next = sealed_person(&self.vault, &row, identity.reveal())?;
            index_person(&tx, &self.vault, &next, identity.reveal()).await?;
            let update = person::Entity::update_many().set(next.into_active_model().reset_all()).filter(person::Column::Id.eq(row.id));
            update.exec(&tx).await.map_err(fault)?;
        }
        tx.commit().await.map_err(fault)?;
        Ok(count)
    }

    /// Moves a sealed column, whose values are bound to `place`. One that is forgotten above would be lost with its key.
    async fn rotate<E: Guarded>(&self, column: E::Column, place: &'static str) -> Result<u64> {
        let current = format!("{}%", self.vault.prefix());
        let id = E::columns().id;
        let mut moved = 0;
        loop {
            let tx = self.writes.begin_with_options(immediate()).await.map_err(fault)?;
            let old = E::find().select_only().column(id).column(column).filter(column.is_not_null()).filter(column.not_like(&current));
            let old: Vec<(Uuid, SealedText)> = old.limit(BATCH).lock_exclusive().into_tuple().all(&tx).await.map_err(fault)?;
            if old.is_empty() {
                return Ok(moved);
            }
            for (row, sealed) in &old {
                let place = Place::new(place, *row);
                let again = self.vault.seal(place, self.vault.open::<serde_json::Value>(place, sealed)?.reveal())?;
                E::update_many().col_expr(column, Expr::value(again)).filter(id.eq(*row)).exec(&tx).await.map_err(fault)?;
            }
            tx.commit().await.map_err(fault)?;
            moved += old.len() as u64;
        }
    }
}

/// How many rows are moved in one transaction.
const BATCH: u64 = 100;

fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
}

/// A person's row with the identity sealed by the current key.
pub(super) fn sealed_person(vault: &Vault, row: &person::Model, identity: &Identity) -> Result<person::Model> {
    Ok(person::Model {
        identity: vault.seal(Place::new("person.identity", row.id), identity)?,
        hetu_hash: identity.hetu.as_ref().map(|hetu| vault.index(HETU, hetu.whole().reveal())),
        key_id: vault.key_id().to_owned(),
        ..row.clone()
    })
}

/// Keeps the words by which a person is found.
pub(super) async fn index_person(tx: &impl ConnectionTrait, vault: &Vault, row: &person::Model, identity: &Identity) -> Result<()> {
    person_word::Entity::delete_many().filter(person_word::Column::PersonId.eq(row.id)).exec(tx).await.map_err(fault)?;
    let words = identity.search_words().into_iter().map(|word| person_word::ActiveModel {
        id: Set(Uuid::now_v7()),
        network_id: Set(row.network_id),
        person_id: Set(row.id),
        hash: Set(vault.index(WORD_OF_NAME, &word)),
    });
    person_word::Entity::insert_many(words).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}

/// What identity codes are hashed as.
pub(super) const HETU: &str = "hetu";
/// What words of names are hashed as.
pub(super) const WORD_OF_NAME: &str = "name";
