//! The keys that a database was written with: each must be in the vault, and be the right one; and all rows move to the current one on request.
use super::{Store, dialect::fault};
use crate::{
    error::{Error, Result},
    vault::{Place, Vault},
};
use domain::{id::PersonId, person::identity::Identity, policy::Resource, private::Private};
use entity::{
    EachTable, Guarded, SealedText, each_table,
    person::{client, person},
    sealed::{key_check, person_word},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::Expr};
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
        let known = key_check::Entity::find().all(&self.writes.as_system()).await.map_err(fault)?;
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
        match key_check::Entity::insert(row.into_active_model()).exec_without_returning(&self.writes.as_system()).await.map_err(fault) {
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
        let mut walk = Rotations::default();
        each_table(&mut walk);
        for rotate in walk.0 {
            moved += rotate(self).await?;
        }
        Ok(moved)
    }

    /// Moves some persons, with the hashes by which they are found.
    async fn rotate_persons(&self) -> Result<u64> {
        let tx = self.writes.as_system().begin().await?;
        let old = person::Entity::find().filter(person::Column::KeyId.ne(self.vault.key_id())).limit(BATCH).lock_exclusive().all(&tx).await.map_err(fault)?;
        let count = old.len() as u64;
        let persons = client::Entity::find().select_only().column(client::Column::PersonId).filter(client::Column::MergedIntoId.is_not_null());
        let merged: Vec<PersonId> = persons.filter(client::Column::PersonId.is_in(old.iter().map(|row| row.id))).into_tuple().all(&tx).await.map_err(fault)?;
        for row in old {
            let identity: Private<Identity> = self.vault.open(Place::new("person.identity", row.id), &row.identity)?;
            let next = sealed_person(&self.vault, &row, identity.reveal())?;
            // One who was merged into another is found by the other's names.
            if !merged.contains(&row.id) {
                index_person(&tx, &self.vault, &next, identity.reveal()).await?;
            }
            let update = person::Entity::update_many().set(next.into_active_model().reset_all()).filter(person::Column::Id.eq(row.id));
            update.exec(&tx).await.map_err(fault)?;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Moves a sealed column, whose values are bound to `place`.
    async fn rotate<E: Guarded>(&self, column: E::Column, place: &'static str) -> Result<u64> {
        let current = format!("{}%", self.vault.prefix());
        let id = E::columns().id;
        let mut moved = 0;
        loop {
            let tx = self.writes.as_system().begin().await?;
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
            tx.commit().await?;
            moved += old.len() as u64;
        }
    }
}

type Rotation = Box<dyn for<'s> Fn(&'s Store) -> BoxFuture<'s, Result<u64>> + Send>;

/// One step for each sealed column, but for persons, who move with the hashes by which they are found.
#[derive(Default)]
struct Rotations(Vec<Rotation>);

impl EachTable for Rotations {
    fn table<E: Guarded>(&mut self) {
        if E::RESOURCE == Resource::Person {
            return;
        }
        for &(name, place) in E::sealed() {
            let Ok(column) = name.parse::<E::Column>() else { unreachable!("{place} is a column") };
            self.0.push(Box::new(move |store| Box::pin(store.rotate::<E>(column, place))));
        }
    }
}

/// How many rows are moved in one transaction.
const BATCH: u64 = 100;

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
    forget_words(tx, row.id).await?;
    let words = identity.search_words().into_iter().map(|word| person_word::ActiveModel {
        id: Set(Uuid::now_v7()),
        network_id: Set(row.network_id),
        person_id: Set(row.id),
        hash: Set(vault.index(WORD_OF_NAME, &word)),
    });
    person_word::Entity::insert_many(words).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}

/// Forgets the words by which a person is found.
pub(super) async fn forget_words(tx: &impl ConnectionTrait, person: PersonId) -> Result<()> {
    person_word::Entity::delete_many().filter(person_word::Column::PersonId.eq(person)).exec(tx).await.map_err(fault)?;
    Ok(())
}

/// What identity codes are hashed as.
pub(super) const HETU: &str = "hetu";
/// What words of names are hashed as.
pub(super) const WORD_OF_NAME: &str = "name";
