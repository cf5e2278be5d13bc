//! A fresh database for each test, copied from a template that is made once: SQLite files, and PostgreSQL databases.
use crate::world::{self, World};
use api::{
    clock::Clock,
    store::{APPLICATION_ROLE, Store, walled_in},
    vault::Vault,
};
use domain::webhook::AllowedHosts;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DbBackend, Statement,
    sqlx::{self, AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};
use tokio::sync::{Mutex, OnceCell};

/// The kinds of database that the stories run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The embedded default.
    Sqlite,
    /// The one of production.
    Postgres,
}

/// A database of one test.
pub struct Fresh {
    /// Where it is.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
    dropped: Option<(String, String)>,
}

/// The kinds that there are here: SQLite always, PostgreSQL when one is named or its programs are found.
pub async fn databases() -> Vec<Kind> {
    match postgres().await {
        Some(_) => vec![Kind::Sqlite, Kind::Postgres],
        None => vec![Kind::Sqlite],
    }
}

/// The address of a PostgreSQL server, looked for once.
async fn postgres() -> Option<&'static str> {
    static SERVER: OnceCell<Option<String>> = OnceCell::const_new();
    let found = SERVER.get_or_init(|| async {
        let named = std::env::var("MONITUOTTAJA_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        let (server, said) = match named {
            Some(url) => (Some(url), "PostgreSQL: the one that MONITUOTTAJA_TEST_DATABASE_URL names"),
            None => match throw_away_cluster().await {
                Some(url) => (Some(url), "PostgreSQL: a throw-away cluster of the programs found here"),
                None => (None, "PostgreSQL: none is named and its programs are not found, so the stories run on SQLite only"),
            },
        };
        // Straight to the terminal: the test harness would keep a println to itself.
        let _ = writeln!(std::io::stderr(), "{said}");
        server
    });
    found.await.as_deref()
}

/// For a connection past all doors; without limits of age, as in the server.
pub fn past_all_doors(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.idle_timeout(None).max_lifetime(None);
    options
}

/// Whether what is committed to a throw-away cluster is on the disk first.
static ON_DISK: AtomicBool = AtomicBool::new(false);

/// Has a throw-away cluster keep what is committed, as in service: for measuring, and before any database is asked for.
pub fn keep_to_the_disk() {
    ON_DISK.store(true, Ordering::Relaxed);
}

/// Starts a cluster that lives no longer than this process: a shell waits for the end of our pipe and then stops it.
async fn throw_away_cluster() -> Option<String> {
    let bin = postgres_programs()?;
    let folder = std::env::temp_dir().join(format!("monituottaja-test-pg-{}", std::process::id()));
    let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let script = format!(
        "set -e; mkdir -p {folder}; chmod 700 {folder}; \
         {bin}/initdb -D {folder}/data -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null; \
         {bin}/postgres -D {folder}/data -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} \
           {in_haste} -c max_connections=300 >{folder}/log 2>&1 & \
         server=$!; cat >/dev/null; kill -INT $server; wait $server || true; rm -rf {folder}",
        folder = folder.display(),
        bin = bin.display(),
        in_haste = if ON_DISK.load(Ordering::Relaxed) { "" } else { "-c fsync=off -c synchronous_commit=off -c full_page_writes=off" },
    );
    // PostgreSQL refuses to run as root.
    let root = Command::new("id").arg("-u").output().ok()?.stdout == b"0\n";
    let mut shell = if root { Command::new("setpriv") } else { Command::new("sh") };
    if root {
        shell.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
    }
    let mut child = shell.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let pipe = child.stdin.take()?;
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    for _ in 0..150 {
        if Database::connect(past_all_doors(&url)).await.is_ok() {
            std::mem::forget(pipe);
            return Some(url);
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    None
}

fn postgres_programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    on_path.chain(debian).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

impl Fresh {
    /// A copy of the template.
    pub async fn copy(kind: Kind) -> (Self, &'static World) {
        match kind {
            Kind::Sqlite => sqlite_copy().await,
            Kind::Postgres => postgres_copy().await,
        }
    }

    /// Throws the database away.
    pub async fn drop(self) {
        if let Some((server, name)) = self.dropped {
            sql(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn sqlite_copy() -> (Fresh, &'static World) {
    static TEMPLATE: OnceCell<(tempfile::TempDir, World)> = OnceCell::const_new();
    let (folder, world) = TEMPLATE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().expect("a folder");
            let world = world::build(&open(&sqlite_url(folder.path())).await).await;
            // The write-ahead log belongs to the database: fold it in, so that one file is the whole.
            sql(&sqlite_url(folder.path()), "PRAGMA wal_checkpoint(TRUNCATE)").await;
            (folder, world)
        })
        .await;
    let own = tempfile::tempdir().expect("a folder");
    std::fs::copy(folder.path().join("test.db"), own.path().join("test.db")).expect("a copy");
    (Fresh { url: sqlite_url(own.path()), _folder: Some(own), dropped: None }, world)
}

async fn postgres_copy() -> (Fresh, &'static World) {
    static TEMPLATE: OnceCell<(String, World)> = OnceCell::const_new();
    static COPYING: Mutex<()> = Mutex::const_new(());
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = postgres().await.expect("a server");
    let named = |name: &str| format!("{}/{name}", server.rsplit_once('/').map_or(server, |(base, _)| base));
    let (template, world) = TEMPLATE
        .get_or_init(|| async {
            let name = format!("monituottaja_test_{}_template", std::process::id());
            sql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            sql(server, &format!("CREATE DATABASE {name}")).await;
            let world = world::build(&open(&named(&name)).await).await;
            (name, world)
        })
        .await;
    let name = format!("monituottaja_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let _one_at_a_time = COPYING.lock().await;
    sql(server, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")).await;
    sql(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    (Fresh { url: named(&name), _folder: None, dropped: Some((server.to_owned(), name)) }, world)
}

fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}?mode=rwc", folder.join("test.db").display())
}

/// The data key of every test.
pub const KEY: &str = "test:dGVzdCBrZXlzIHNlYWwgbm90aGluZyBvZiB3b3J0aCE=";

/// The vault of every test.
pub fn vault() -> Vault {
    Vault::parse(&KEY.to_owned().into()).expect("a key")
}

/// Opens a store with its tables up to date.
pub async fn open(url: &str) -> Store {
    open_at(url, Clock::real()).await
}

/// The same, at the time of a clock.
pub async fn open_at(url: &str, clock: Clock) -> Store {
    let store = Store::open(&url.to_owned().into(), 4, clock, vault()).await.expect("a database");
    store.migrate().await.expect("tables");
    // Receivers of webhooks listen here.
    store.allowing(AllowedHosts::new(["127.0.0.1"]))
}

async fn sql(url: &str, text: &str) {
    execute(url, text).await.unwrap_or_else(|fault| panic!("{text}: {fault}"));
}

/// Runs a statement past all doors.
pub async fn execute(url: &str, statement: &str) -> Result<(), String> {
    let conn = Database::connect(past_all_doors(url)).await.expect("a connection");
    let backend = if url.starts_with("sqlite") { DbBackend::Sqlite } else { DbBackend::Postgres };
    let outcome = conn.execute_raw(Statement::from_string(backend, statement)).await.map(|_| ()).map_err(|fault| fault.to_string());
    conn.close().await.expect("closed");
    outcome
}

/// A connection like those of the server on PostgreSQL: under the role of the application, and nobody has said yet for which networks.
pub struct Application(PgConnection);

impl Application {
    /// Connects as the server's pool does.
    pub async fn connect(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().expect("an address");
        Self(PgConnection::connect_with(&walled_in(options, APPLICATION_ROLE)).await.expect("a connection under the role"))
    }

    /// Says for which networks it is used from now on, as the server's pool does.
    pub async fn enter(&mut self, networks: &str) {
        sqlx::query("SELECT monituottaja_enter($1, '')").bind(networks).execute(&mut self.0).await.expect("a setting");
    }

    /// Runs a statement; how many rows it met.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&mut self, statement: &str) -> Result<u64, String> {
        let outcome = sqlx::query(AssertSqlSafe(statement)).execute(&mut self.0).await;
        outcome.map(|done| done.rows_affected()).map_err(|fault| fault.to_string())
    }

    /// How many rows it sees.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count(&mut self, table: &str, condition: &str) -> Result<i64, String> {
        let select = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
        sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(&mut self.0).await.map_err(|fault: sqlx::Error| fault.to_string())
    }
}

/// The PostgreSQL server of the tests, for those who put up databases and logins of their own.
pub struct Server(&'static str);

impl Server {
    /// The one that there is here.
    pub async fn here() -> Option<Self> {
        postgres().await.map(Self)
    }

    /// Runs a statement as its administrator.
    pub async fn sql(&self, statement: &str) {
        sql(self.0, statement).await;
    }

    /// The address of a database on it for a login.
    pub fn address(&self, login: &str, password: &str, database: &str) -> String {
        let place = self.0.rsplit_once('/').map_or(self.0, |(base, _)| base);
        let place = place.rsplit_once('@').or_else(|| place.split_once("://")).map_or(place, |(_, place)| place);
        format!("postgres://{login}:{password}@{place}/{database}")
    }
}

/// Takes from a table what keeps it from being changed.
pub async fn unguard(kind: Kind, url: &str, table: &str) {
    match kind {
        Kind::Sqlite => {
            sql(url, &format!("DROP TRIGGER append_only_{table}_UPDATE")).await;
            sql(url, &format!("DROP TRIGGER append_only_{table}_DELETE")).await;
        }
        Kind::Postgres => {
            sql(url, &format!("DROP TRIGGER append_only ON {table}")).await;
            sql(url, &format!("DROP TRIGGER IF EXISTS append_only_doomed ON {table}")).await;
        }
    }
}

/// Counts rows past all doors, for what only the ledger knows.
pub async fn count(url: &str, table: &str, condition: &str) -> i64 {
    let conn = Database::connect(past_all_doors(url)).await.expect("a connection");
    let backend = if url.starts_with("sqlite") { DbBackend::Sqlite } else { DbBackend::Postgres };
    let row = conn.query_one_raw(Statement::from_string(backend, format!("SELECT COUNT(*) FROM {table} WHERE {condition}"))).await;
    let count = row.expect("an answer").expect("a row").try_get_by_index(0).expect("a number");
    conn.close().await.expect("closed");
    count
}

/// The first column, a text, of every row that a query answers, past all doors.
pub async fn texts(url: &str, query: &str) -> Vec<String> {
    let conn = Database::connect(past_all_doors(url)).await.expect("a connection");
    let backend = if url.starts_with("sqlite") { DbBackend::Sqlite } else { DbBackend::Postgres };
    let rows = conn.query_all_raw(Statement::from_string(backend, query)).await.unwrap_or_else(|fault| panic!("{query}: {fault}"));
    let texts = rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect();
    conn.close().await.expect("closed");
    texts
}

/// An id as a statement of this database writes it.
pub fn literal(url: &str, id: uuid::Uuid) -> String {
    if url.starts_with("sqlite") { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
}
