//! The only module that holds a connection. Nothing outside can run a query that is not scoped to an actor.
#![expect(clippy::disallowed_types, reason = "the store is where the connection lives")]
mod dialect;
mod disclosure;
mod door;
mod hub;
mod idempotency;
mod ledger;
mod load;
mod merging;
mod outbox;
mod page;
mod people;
mod read;
mod sealing;
mod write;

pub use hub::Hub;
pub use idempotency::REMEMBERED_FOR;
pub use ledger::{Disclosure, Verdict};
pub use load::{Batches, ChildKey, Key};
pub use page::{Directions, Order, Slice, Window, decode_cursor, encode_cursor};
pub use read::{Found, Reader};
pub use write::{Addressee, Work};

use crate::{
    clock::Clock,
    error::{Error, Result},
    vault::Vault,
};
use domain::actor::Actor;
use migration::Migrator;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The database, and the hub that tells of what is committed to it.
#[derive(Clone)]
pub struct Store {
    reads: DatabaseConnection,
    writes: DatabaseConnection,
    /// Reads of the background, which are not counted.
    aside: DatabaseConnection,
    statements: Arc<AtomicU64>,
    clock: Clock,
    vault: Vault,
    hub: Arc<Hub>,
    url: Arc<SecretString>,
}

impl Store {
    /// Opens the database at `url` (`sqlite:` or `postgres:`), without touching its tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached.
    pub async fn open(url: &SecretString, connections: u32, clock: Clock, vault: Vault) -> Result<Self> {
        let mut reads = connect(url, connections).await?;
        let aside = reads.clone();
        // SQLite has one writer: one connection makes the others wait in line instead of failing as busy.
        let mut writes = match reads.get_database_backend() {
            DbBackend::Sqlite => connect(url, 1).await?,
            _ => reads.clone(),
        };
        let statements = Arc::new(AtomicU64::new(0));
        for conn in [&mut reads, &mut writes] {
            let statements = Arc::clone(&statements);
            conn.set_metric_callback(move |done| {
                statements.fetch_add(1, Ordering::Relaxed);
                metrics::histogram!("database_seconds").record(done.elapsed.as_secs_f64());
            });
        }
        Ok(Self { reads, writes, aside, statements, clock, vault, hub: Arc::new(Hub::default()), url: Arc::new(url.clone()) })
    }

    /// Brings the tables up to date. Two processes that start at once wait for each other.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Internal`] when a migration does not run, [`Error::KeyMissing`] or [`Error::KeyWrong`] for a vault that does not fit.
    pub async fn migrate(&self) -> Result<()> {
        let _alone = dialect::migration_lock(&self.writes).await?;
        Migrator::up(&self.writes, None).await.map_err(dialect::fault)?;
        self.check_keys().await
    }

    /// The database answers and its tables are up to date.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when not.
    pub async fn ready(&self) -> Result<()> {
        let pending = Migrator::get_pending_migrations(&self.reads).await.map_err(dialect::fault)?;
        if pending.is_empty() { Ok(()) } else { Err(Error::Unavailable) }
    }

    /// Reads as `actor`.
    #[must_use]
    pub fn read_as(&self, actor: Arc<Actor>) -> Reader {
        Reader::new(self.reads.clone(), actor)
    }

    /// Begins a transaction of the actor of `reader`; what it reads about people is noted with what the reader has read.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Busy`].
    pub async fn write_as(&self, reader: &Reader, request_id: Arc<str>) -> Result<Work> {
        Work::begin(&self.writes, reader, request_id, self.clock.now(), self.vault.clone()).await
    }

    /// What seals and opens.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// What is committed, and how far the snapshot has followed.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// How many statements have been run so far for those who ask.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The clock of this store.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Tells the hub of commits by other processes, for as long as the process runs.
    pub fn listen(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(dialect::listen(self.aside.clone(), Arc::clone(&self.url), Arc::clone(&self.hub)))
    }
}

async fn connect(url: &SecretString, connections: u32) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.expose_secret());
    options.max_connections(connections).min_connections(1).acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5)).sqlx_logging(false);
    dialect::tune(&mut options);
    Database::connect(options).await.map_err(dialect::fault)
}
