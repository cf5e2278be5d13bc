//! The handful of differences between SQLite and PostgreSQL, and what their faults mean.
#![expect(clippy::disallowed_types, reason = "part of the store")]
use super::{
    Hub, door,
    pool::{Transaction, Walled, enter},
    wall::EVERYTHING,
};
use crate::error::{Error, Result};
use domain::rejection::Code;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, TransactionTrait,
    sea_query::{Expr, Func, Query},
    sqlx::{self, postgres::PgConnectOptions},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::File,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// The channel on which processes on the same PostgreSQL tell each other of commits.
const CHANNEL: &str = "monituottaja";
/// An arbitrary number that only migrations of this program lock.
const MIGRATION_LOCK: i64 = 0x6d6f_6e69;

/// Connections for the application. PostgreSQL's are under its role, and each says for whom it is used before it is given away.
pub(super) async fn connect(url: &SecretString, role: &str, connections: u32) -> Result<DatabaseConnection> {
    let mut options = options(url, connections);
    if DbBackend::Postgres.is_prefix_of(url.expose_secret()) {
        let role = role.to_owned();
        options.map_sqlx_postgres_opts(move |o| walled_in(tuned(o), &role));
        // The role may not be there before the tables are: nothing is connected before it is needed.
        options.connect_lazy(true).min_connections(0);
        // Entering takes the place of the question whether the connection lives.
        options.test_before_acquire(false).map_sqlx_postgres_pool_opts(|o| {
            o.before_acquire(|conn, _| Box::pin(async move { enter(conn).await.map(|()| true) })).after_connect(|conn, _| Box::pin(enter(conn)))
        });
    }
    Database::connect(options).await.map_err(fault)
}

/// Has a file of SQLite write ahead before there is more than one connection to it: a pool opens two at first, and of two that ask for this at once one is
/// refused without waiting. The file remembers it.
pub(super) async fn prepare(url: &SecretString) -> Result<()> {
    if !DbBackend::Sqlite.is_prefix_of(url.expose_secret()) {
        return Ok(());
    }
    let mut alone = options(url, 1);
    alone.min_connections(0);
    let first = Database::connect(alone).await.map_err(fault)?;
    first.close().await.map_err(fault)
}

/// Connections for bringing the tables up to date: PostgreSQL's, as the login itself.
pub(super) async fn connect_as_owner(url: &SecretString) -> Result<DatabaseConnection> {
    // One holds the lock, one works.
    let mut options = options(url, 2);
    // The wall holds for owners too: a migration of rows would quietly meet none of them.
    options.map_sqlx_postgres_opts(|o| tuned(o).options([("monituottaja.networks", EVERYTHING)]));
    Database::connect(options).await.map_err(fault)
}

/// Puts connections of PostgreSQL under the role of the application.
#[must_use]
pub fn walled_in(options: PgConnectOptions, role: &str) -> PgConnectOptions {
    options.options([("role", role)])
}

fn tuned(options: PgConnectOptions) -> PgConnectOptions {
    // The wall's rules make long reads look so costly that PostgreSQL would compile them, which takes longer than to run them.
    options.application_name("monituottaja").options([("statement_timeout", "15000"), ("lock_timeout", "5000"), ("jit", "off")])
}

/// Settings of both drivers: durable writes, foreign keys, and no query that runs on for ever.
fn options(url: &SecretString, connections: u32) -> ConnectOptions {
    use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let mut options = ConnectOptions::new(url.expose_secret());
    options.max_connections(connections).min_connections(1).acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5)).sqlx_logging(false);
    // Without limits of age nothing goes over the idle connections: sqlx counts these below zero when one is taken in the moment in which it is given
    // back, and whoever goes over that many never ends.
    options.idle_timeout(None).max_lifetime(None);
    options.map_sqlx_sqlite_opts(|o| {
        o.create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // What is destroyed is not to be read from the pages that it leaves.
            .pragma("secure_delete", "ON")
    });
    options.map_sqlx_postgres_opts(tuned);
    options
}

fn cause(err: &DbErr) -> Option<&sqlx::Error> {
    match err {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// The database's own code of a fault.
pub(super) fn state(err: &DbErr) -> Option<String> {
    cause(err)?.as_database_error()?.code().map(Into::into)
}

/// What a fault of the database means to a caller.
pub(super) fn fault(err: DbErr) -> Error {
    if matches!(err, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        tracing::warn!(cause = %err, "database out of reach");
        return Error::Unavailable;
    }
    let cause = cause(&err);
    if let Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) = cause {
        tracing::warn!(cause = %err, "database out of reach");
        return Error::Unavailable;
    }
    let Some(database) = cause.and_then(|cause| cause.as_database_error()) else { return Error::internal(err) };
    if database.is_unique_violation() {
        return unique(database.message());
    }
    match database.code().as_deref() {
        // SQLITE_BUSY and its snapshot form, PostgreSQL's serialization failure, deadlock and lock timeout.
        Some("5" | "517" | "40001" | "40P01" | "55P03") => Error::Busy,
        // SQLITE_IOERR, SQLITE_FULL, SQLITE_READONLY; PostgreSQL's out of resources, read-only, shutting down, statement timeout.
        Some("10" | "13" | "8" | "53100" | "53200" | "53300" | "25006" | "57P01" | "57P03" | "57014") => {
            tracing::error!(cause = %err, "database cannot take more");
            Error::Unavailable
        }
        // PostgreSQL's insufficient privilege: the wall has stopped what the policy should have. Which table is told, no row of it.
        Some("42501") => {
            tracing::error!(cause = %err, "the wall between networks has stopped a statement");
            Error::Forbidden
        }
        _ => Error::internal(err),
    }
}

/// Unique indexes by what they hold: SQLite names the columns, PostgreSQL the index; both name the column.
fn unique(message: &str) -> Error {
    let columns: [(&str, &[&str]); 4] = [
        ("business_id", &["content", "businessId"]),
        ("framework_contract", &["content", "number"]),
        ("credit_number", &["number"]),
        ("invoice", &["content", "number"]),
    ];
    columns.iter().find(|(name, _)| message.contains(name)).map_or(Error::Busy, |(_, path)| Error::reject(Code::NotUnique, path))
}

/// Takes what was destroyed out of SQLite's log of writes too. A reader that still needs the log holds it up; it is done with the next run then.
pub(super) async fn forget_what_was_written(conn: &Walled) -> Result<()> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        conn.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.map_err(fault)?;
    }
    Ok(())
}

/// What keeps two processes from doing at once what one does.
pub(super) enum ProcessLock {
    /// PostgreSQL: an advisory lock for as long as the transaction lives.
    Transaction { _held: DatabaseTransaction },
    /// SQLite: a locked file beside the database.
    File { _held: File },
    /// A database in memory has one process.
    Alone,
}

/// What one process does at a time.
#[derive(Clone, Copy)]
pub(super) enum Alone {
    /// Migrating.
    Migrating,
    /// Loading the demo.
    LoadingDemo,
}

impl Alone {
    /// The number of its lock on PostgreSQL.
    const fn number(self) -> i64 {
        match self {
            Self::Migrating => MIGRATION_LOCK,
            Self::LoadingDemo => MIGRATION_LOCK + 1,
        }
    }

    /// What the locked file beside a file of SQLite ends with.
    const fn extension(self) -> &'static str {
        match self {
            Self::Migrating => "lock",
            Self::LoadingDemo => "demo-lock",
        }
    }
}

/// Waits until no other process does this.
pub(super) async fn lock_process(conn: &DatabaseConnection, what: Alone) -> Result<ProcessLock> {
    if conn.get_database_backend() == DbBackend::Postgres {
        let tx = conn.begin().await.map_err(fault)?;
        let lock = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(what.number())).to_owned();
        tx.query_one(&lock).await.map_err(fault)?;
        return Ok(ProcessLock::Transaction { _held: tx });
    }
    let list = Query::select().expr(Expr::cust("file")).from_function(Func::cust("pragma_database_list"), "list").to_owned();
    let path: String = match conn.query_one(&list).await.map_err(fault)? {
        Some(row) => row.try_get_by_index(0).map_err(fault)?,
        None => String::new(),
    };
    if path.is_empty() {
        return Ok(ProcessLock::Alone);
    }
    let path = PathBuf::from(path).with_extension(what.extension());
    let lock = tokio::task::spawn_blocking(move || {
        let file = File::create(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    let held = lock.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok(ProcessLock::File { _held: held })
}

/// Tells the other processes, when the transaction commits, that the feed has reached `position`.
pub(super) async fn notify(tx: &Transaction, position: i64) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let tell = Query::select().expr(Func::cust("pg_notify").args([Expr::val(CHANNEL), Expr::val(position.to_string())])).to_owned();
        tx.query_one(&tell).await.map_err(fault)?;
    }
    Ok(())
}

/// Holds off whoever else is at work on the same word, for as long as the transaction lasts. SQLite has one writer anyway.
pub(super) async fn lock_word(tx: &Transaction, word: &str) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Query::select()
            .expr(Func::cust("pg_advisory_xact_lock").arg(Func::cust("hashtextextended").args([Expr::val(word), Expr::val(MIGRATION_LOCK)])))
            .to_owned();
        tx.query_one(&lock).await.map_err(fault)?;
    }
    Ok(())
}

/// What is said on the channel of notices; a position is said as a number.
const NOTICE: &str = "notice";

/// Tells the other processes, when the transaction commits, that somebody has been given notice.
pub(super) async fn notify_of_notices(tx: &Transaction) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let tell = Query::select().expr(Func::cust("pg_notify").args([Expr::val(CHANNEL), Expr::val(NOTICE)])).to_owned();
        tx.query_one(&tell).await.map_err(fault)?;
    }
    Ok(())
}

/// Follows the commits of other processes: by LISTEN on PostgreSQL, and by looking at the feed's position on both.
pub(super) async fn listen(conn: Walled, url: Arc<SecretString>, hub: Arc<Hub>) {
    let postgres = conn.get_database_backend() == DbBackend::Postgres;
    let look_every = Duration::from_secs(if postgres { 10 } else { 1 });
    let (mut listener, mut looked) = (None, None);
    loop {
        if let Ok(position) = door::position(&conn).await {
            hub.committed(position);
        }
        // Notices of a process that could not tell, and what ends by time, are looked for now and then: not whenever something is committed.
        if looked.is_none_or(|at: Instant| at.elapsed() >= look_every) {
            looked = Some(Instant::now());
            hub.noticed();
        }
        if postgres && listener.is_none() {
            listener = subscribe(&url).await;
        }
        match &mut listener {
            None => tokio::time::sleep(look_every).await,
            Some(open) => match tokio::time::timeout(look_every, open.recv()).await {
                Ok(Ok(told)) if told.payload() == NOTICE => hub.noticed(),
                Ok(Ok(told)) => {
                    if let Ok(position) = told.payload().parse() {
                        hub.committed(position);
                    }
                }
                Ok(Err(lost)) => {
                    tracing::warn!(cause = %lost, "listening to the database broke off");
                    listener = None;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(_) => {}
            },
        }
    }
}

async fn subscribe(url: &SecretString) -> Option<sqlx::postgres::PgListener> {
    let mut listener = sqlx::postgres::PgListener::connect(url.expose_secret()).await.ok()?;
    listener.listen(CHANNEL).await.ok()?;
    Some(listener)
}
