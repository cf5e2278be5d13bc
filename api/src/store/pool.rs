//! Connections that are given away for somebody only: whoever runs a statement has said for which networks, and PostgreSQL keeps to that.
//!
//! A pool asks a connection whether it still lives before it gives it away. On PostgreSQL that question is [`ENTER`] here: it tells the wall for
//! whom the connection is used from now on, and so the wall takes no round trip of its own.
#![expect(clippy::disallowed_types, reason = "part of the store")]
use super::{
    dialect::fault,
    wall::{ENTER, ENTERED_BY, EVERYTHING, LIFT},
};
use crate::error::Result;
use domain::actor::Actor;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, metric,
    prelude::async_trait::async_trait,
    sea_query::{Expr, Func, Query},
    sqlx::{self, postgres::PgConnection},
};
use std::sync::Arc;
use tokio::sync::Mutex;

tokio::task_local! {
    /// For whom the statement that runs now is run.
    static FOR: View;
}

/// For whom a connection is used: what the wall is told. The default sees only what everybody may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct View {
    /// The networks, separated by commas.
    networks: Arc<str>,
    /// The stable key of the person or machine, whose own rows lie in any network.
    subject: Arc<str>,
}

impl View {
    fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Anyone => Self::default(),
            Actor::System => Self::system(),
            Actor::Person { subject, standings, .. } => {
                let networks: Vec<_> = standings.iter().map(|standing| standing.network.0.to_string()).collect();
                Self { networks: networks.join(",").into(), ..Self::subject(subject) }
            }
        }
    }

    fn system() -> Self {
        Self { networks: EVERYTHING.into(), subject: Arc::default() }
    }

    fn subject(subject: &str) -> Self {
        // PostgreSQL has no text with this character: nobody is called so, and nothing is shown.
        let subject = if subject.contains('\0') { "" } else { subject };
        Self { networks: Arc::default(), subject: subject.into() }
    }
}

/// Tells the wall for whom a connection is used from now on. A statement that nobody is named for sees nothing of any network.
pub(super) async fn enter(conn: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    let View { networks, subject } = FOR.try_with(View::clone).unwrap_or_default();
    sqlx::query(ENTER).bind(&*networks).bind(&*subject).execute(conn).await.map(|_| ())
}

/// Connections, none of which is given away without saying for whom.
#[derive(Clone)]
pub(super) struct Pool(DatabaseConnection);

impl Pool {
    pub(super) const fn new(conn: DatabaseConnection) -> Self {
        Self(conn)
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    /// Hears of every statement, as the program asks it: what the wall is told is none.
    pub(super) fn count(&mut self, heard: impl Fn(&metric::Info<'_>) + Send + Sync + 'static) {
        self.0.set_metric_callback(heard);
    }

    /// For an actor: its own networks and rows.
    pub(super) fn of(&self, actor: &Actor) -> Walled {
        Walled { conn: self.0.clone(), view: View::of(actor) }
    }

    /// For somebody whose standings are not known yet: only the own rows.
    pub(super) fn of_subject(&self, subject: &str) -> Walled {
        Walled { conn: self.0.clone(), view: View::subject(subject) }
    }

    /// For the named steps of the store that no actor scopes: every network.
    pub(super) fn as_system(&self) -> Walled {
        Walled { conn: self.0.clone(), view: View::system() }
    }

    /// The connections themselves, where there is no wall: SQLite's migrations.
    pub(super) const fn bare(&self) -> &DatabaseConnection {
        &self.0
    }
}

/// Connections for somebody.
#[derive(Clone)]
pub(super) struct Walled {
    conn: DatabaseConnection,
    view: View,
}

impl Walled {
    /// The same for every network: for looking who was refused what.
    pub(super) fn lifted(&self) -> Self {
        Self { conn: self.conn.clone(), view: View::system() }
    }

    /// Begins a transaction. Taking SQLite's write lock at once means that what was read inside is still true when it is written.
    pub(super) async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        let tx = FOR.scope(self.view.clone(), self.conn.begin_with_options(options)).await.map_err(fault)?;
        Ok(Transaction { tx, turn: Mutex::default() })
    }
}

#[async_trait]
impl ConnectionTrait for Walled {
    fn get_database_backend(&self) -> DbBackend {
        self.conn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        FOR.scope(self.view.clone(), self.conn.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        FOR.scope(self.view.clone(), self.conn.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        FOR.scope(self.view.clone(), self.conn.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        FOR.scope(self.view.clone(), self.conn.query_all_raw(statement)).await
    }
}

/// How far a turn in a transaction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    /// Nobody takes one.
    #[default]
    None,
    /// It has only asked.
    Asks,
    /// It has written, after a savepoint.
    Writes,
}

/// A transaction. What one of several who take turns in it has written can be taken back: a savepoint is set before the first statement of a turn that does
/// more than ask, so that turns which leave what they write for the commit cost the database nothing.
pub(super) struct Transaction {
    tx: DatabaseTransaction,
    turn: Mutex<Turn>,
}

impl Transaction {
    /// Keeps what was done.
    pub(super) async fn commit(self) -> Result<()> {
        self.tx.commit().await.map_err(fault)
    }

    /// Begins a turn.
    pub(super) async fn begin_turn(&self) {
        *self.turn.lock().await = Turn::Asks;
    }

    /// Ends a turn; what it has written is kept, or taken back.
    pub(super) async fn end_turn(&self, kept: bool) -> Result<()> {
        if std::mem::take(&mut *self.turn.lock().await) == Turn::Writes {
            if !kept {
                self.tx.execute_unprepared("ROLLBACK TO SAVEPOINT turn").await.map_err(fault)?;
            }
            self.tx.execute_unprepared("RELEASE SAVEPOINT turn").await.map_err(fault)?;
        }
        Ok(())
    }

    /// Whatever is not plainly a question may write.
    async fn before(&self, sql: &str) -> std::result::Result<(), DbErr> {
        if sql.starts_with("SELECT") {
            return Ok(());
        }
        let mut turn = self.turn.lock().await;
        if *turn == Turn::Asks {
            self.tx.execute_unprepared("SAVEPOINT turn").await?;
            *turn = Turn::Writes;
        }
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.before(&statement.sql).await?;
        self.tx.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.before(sql).await?;
        self.tx.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
        self.tx.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
        self.tx.query_all_raw(statement).await
    }
}

/// Tells the wall, inside a transaction, that it is used for another from now on.
pub(super) async fn turn_to(tx: &Transaction, from: &Actor, to: &Actor) -> Result<()> {
    let view = View::of(to);
    if tx.get_database_backend() == DbBackend::Postgres && View::of(from) != view {
        let enter = Func::cust(ENTERED_BY).args([Expr::val(&*view.networks), Expr::val(&*view.subject)]);
        tx.query_one(&Query::select().expr(enter).to_owned()).await.map_err(fault)?;
    }
    Ok(())
}

/// Looks from inside a transaction at what lies in every network: for who was refused what. Whatever is written meanwhile is undone.
pub(super) async fn lifted<T>(tx: &Transaction, look: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T>) -> Result<T> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return look(&tx.tx).await;
    }
    // The end of the inner transaction takes the setting back.
    let inside = tx.tx.begin().await.map_err(fault)?;
    inside.execute_unprepared(LIFT).await.map_err(fault)?;
    let seen = look(&inside).await;
    inside.rollback().await.map_err(fault)?;
    seen
}
