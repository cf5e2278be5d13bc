//! The only module that holds a connection. Nothing outside can run a query that is not scoped to an actor.
#![expect(clippy::disallowed_types, reason = "the store is where the connection lives")]
mod bookings;
mod deliveries;
mod dialect;
mod disclosure;
mod door;
mod drawdown;
mod guesses;
mod handles;
mod hub;
mod idempotency;
mod lane;
mod later;
mod ledger;
mod line;
mod load;
mod many;
mod merging;
mod outbox;
mod page;
mod people;
mod places;
mod pool;
mod purchasing;
mod read;
mod releases;
mod restriction;
mod retention;
mod rights;
mod sealing;
mod statistics;
mod unusual;
mod vouchers;
mod wall;
mod webhooks;
mod write;

pub use bookings::Span;
pub(crate) use deliveries::{Billable, DeliveryGround, Settleable};
pub use dialect::walled_in;
pub use drawdown::{Difference, ORDER_INTRODUCTION, VOUCHER_INTRODUCTION, Wrong};
pub use guesses::{Guess, MOST_GUESSES};
pub use handles::Presented;
pub(crate) use handles::{Known, hash_of_code_word};
pub use hub::Hub;
pub use idempotency::REMEMBERED_FOR;
pub use lane::Place;
pub(crate) use lane::act;
pub use ledger::{Disclosure, Verdict};
pub use load::{Batches, ChildKey, Key};
pub use page::{Directions, Order, Slice, Window, decode_cursor, encode_cursor};
pub use places::{OnOffer, Registration};
pub use read::{Found, Reader};
pub use releases::Question;
pub use restriction::EXCEPTIONS;
pub use retention::{Destroyed, Hold, KeptRecord};
pub use rights::{DataSubject, Part, Position, Record, walked_kinds};
pub use statistics::{Counting, SealedBaseline, SealedResponse};
pub use wall::APPLICATION_ROLE;
pub(crate) use webhooks::Held;
pub use write::{Addressee, Committed, Work};

use crate::{
    clock::Clock,
    error::{Error, Result},
    vault::Vault,
};
use chrono::{DateTime, Utc};
use dialect::Alone;
use domain::{actor::Actor, webhook::AllowedHosts};
use migration::Migrator;
use pool::Pool;
use sea_orm::{DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use secrecy::SecretString;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The database, and the hub that tells of what is committed to it.
#[derive(Clone)]
pub struct Store {
    reads: Pool,
    writes: Pool,
    /// Reads of the background, which are not counted.
    aside: Pool,
    statements: Arc<AtomicU64>,
    clock: Clock,
    vault: Vault,
    hub: Arc<Hub>,
    url: Arc<SecretString>,
    /// The role that the application works under, where roles are known.
    role: Arc<str>,
    guesses: Arc<guesses::Guesses>,
    lanes: Arc<lane::Lanes>,
    /// Those who sign in.
    doorstep: Arc<door::Doorstep>,
    /// Those whose entries of the use log are about to be written.
    logging: Arc<ledger::Logging>,
    left_at: Arc<ledger::LeftAt>,
    allowed_hosts: Arc<AllowedHosts>,
}

impl Store {
    /// Opens the database at `url` (`sqlite:` or `postgres:`), without touching its tables, under the usual role of the application.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached; PostgreSQL is reached for only when it is first needed.
    pub async fn open(url: &SecretString, connections: u32, clock: Clock, vault: Vault) -> Result<Self> {
        Self::open_as(APPLICATION_ROLE, url, connections, clock, vault).await
    }

    /// Opens the database as [`Store::open`] does; on PostgreSQL, everything but migrations is done under `role`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_as(role: &str, url: &SecretString, connections: u32, clock: Clock, vault: Vault) -> Result<Self> {
        dialect::prepare(url).await?;
        let mut reads = Pool::new(dialect::connect(url, role, connections).await?);
        let aside = reads.clone();
        // SQLite has one writer: one connection makes the others wait in line instead of failing as busy.
        let mut writes = match reads.backend() {
            DbBackend::Sqlite => Pool::new(dialect::connect(url, role, 1).await?),
            _ => reads.clone(),
        };
        let statements = Arc::new(AtomicU64::new(0));
        for pool in [&mut reads, &mut writes] {
            let statements = Arc::clone(&statements);
            pool.count(move |done| {
                statements.fetch_add(1, Ordering::Relaxed);
                metrics::histogram!("database_seconds").record(done.elapsed.as_secs_f64());
            });
        }
        let (url, role) = (Arc::new(url.clone()), role.into());
        Ok(Self {
            reads,
            writes,
            aside,
            statements,
            clock,
            vault,
            hub: Arc::new(Hub::default()),
            url,
            role,
            guesses: Arc::default(),
            lanes: Arc::default(),
            doorstep: Arc::default(),
            logging: Arc::default(),
            left_at: Arc::default(),
            allowed_hosts: Arc::default(),
        })
    }

    /// Brings the tables up to date, and the wall between networks with them. Two processes that start at once wait for each other.
    ///
    /// On PostgreSQL this takes a login that owns the tables; for another one everything must be as it should be already.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Internal`] when a migration does not run, [`Error::Unwalled`] or [`Error::Outdated`] when the login cannot
    /// see to it, [`Error::KeyMissing`] or [`Error::KeyWrong`] for a vault that does not fit.
    pub async fn migrate(&self) -> Result<()> {
        if self.writes.backend() == DbBackend::Postgres {
            let owner = dialect::connect_as_owner(&self.url).await?;
            let done = self.migrate_as(&owner).await;
            owner.close().await.map_err(dialect::fault)?;
            done?;
            wall::verify(&self.reads.of(&Actor::Anyone)).await?;
        } else {
            let _alone = dialect::lock_process(self.writes.bare(), Alone::Migrating).await?;
            Migrator::up(self.writes.bare(), None).await.map_err(dialect::fault)?;
        }
        self.check_keys().await
    }

    async fn migrate_as(&self, owner: &DatabaseConnection) -> Result<()> {
        let _alone = dialect::lock_process(owner, Alone::Migrating).await?;
        if wall::may_migrate(owner).await? {
            // Before anything is changed: a login that may not have the role changes nothing.
            wall::have_role(owner, &self.role).await?;
            Migrator::up(owner, None).await.map_err(dialect::fault)?;
            return wall::raise(owner, &self.role).await;
        }
        let pending = Migrator::get_pending_migrations_read_only(owner).await.map_err(dialect::fault)?;
        if pending.is_empty() { wall::stands(owner, &self.role).await } else { Err(Error::Outdated) }
    }

    /// Waits until no other process loads the demo into this database; none does as long as what is answered is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn alone_with_demo(&self) -> Result<impl Send + use<>> {
        loop {
            match dialect::lock_process(self.writes.bare(), Alone::LoadingDemo).await {
                // It takes longer to load than anybody waits for a lock.
                Err(Error::Busy) => {}
                outcome => return outcome,
            }
        }
    }

    /// The database answers and its tables are up to date.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when not.
    pub async fn ready(&self) -> Result<()> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reads.of(&Actor::Anyone)).await.map_err(dialect::fault)?;
        if pending.is_empty() { Ok(()) } else { Err(Error::Unavailable) }
    }

    /// Reads as `actor`.
    #[must_use]
    pub fn read_as(&self, actor: Arc<Actor>) -> Reader {
        Reader::new(self.reads.of(&actor), actor)
    }

    /// Begins a transaction of the actor of `reader`; what it reads about people is noted with what the reader has read.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Busy`].
    pub async fn write_as(&self, reader: &Reader, request_id: Arc<str>) -> Result<Work> {
        Work::begin(&self.writes.of(&reader.actor), reader, request_id, self.clock.now(), self.vault.clone()).await
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

    /// The same database, for an operator who allows webhooks to these hosts inside.
    #[must_use]
    pub fn allowing(self, hosts: AllowedHosts) -> Self {
        Self { allowed_hosts: Arc::new(hosts), ..self }
    }

    /// The hosts inside to which the operator allows webhooks.
    #[must_use]
    pub fn allowed_hosts(&self) -> &Arc<AllowedHosts> {
        &self.allowed_hosts
    }

    /// The same database at a moment that stands.
    #[must_use]
    pub(crate) fn at(&self, moment: DateTime<Utc>) -> Self {
        Self { clock: Clock::fixed(moment), ..self.clone() }
    }

    /// Tells the hub of commits by other processes, for as long as the process runs.
    pub fn listen(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(dialect::listen(self.aside.of(&Actor::Anyone), Arc::clone(&self.url), Arc::clone(&self.hub)))
    }
}
