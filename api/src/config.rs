//! Every setting: its name, its default and what it means. Flags win over the environment; a wrong one is an error before anything starts.
use crate::{
    environment,
    gdpr::GdprSettings,
    http::{IMPORT_BYTES, Limits},
    identity::settings::IdentitySettings,
    job::Nightly,
    store::APPLICATION_ROLE,
    telemetry::TelemetrySettings,
    vault::{KeyError, Vault},
    webhook::WebhookSettings,
};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use secrecy::SecretString;
use std::{net::SocketAddr, path::PathBuf};

/// The GraphQL API of a multi-provider network (monituottajaverkosto) of social rehabilitation.
#[derive(Parser, Debug)]
#[command(name = "monituottaja", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line, with the environment behind it; a wrong setting ends the process with words that help.
    #[must_use]
    pub fn read() -> (Self, ArgMatches) {
        let mut command = environment::heed(Self::command());
        let matches = command.get_matches_mut();
        let cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
        (cli, matches)
    }
}

/// What the program does.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the API: brings the tables up to date, then listens until it is told to stop.
    Serve(Box<Serve>),
    /// Bring the tables up to date, and stop.
    Migrate(Errand),
    /// Print a token of one of the demo's actors; it is accepted by a server that runs with --demo.
    Token(Token),
    /// Print the schema as SDL.
    Schema,
    /// Ask a running server whether it is ready; the exit status tells.
    Healthcheck(Healthcheck),
    /// The demo network.
    Demo(Demo),
    /// Take in a table that was kept in a spreadsheet program, or a feed of another system, row by row; the exit status tells whether all of it was taken.
    Import(Import),
    /// Found a network with its organiser and its first administrator.
    Found(Found),
    /// The keys that seal who people are.
    Keys(Keys),
    /// The use log and the disclosure log.
    Audit(Audit),
    /// What is kept about clients, and its destruction when its time is over.
    Retention(Retention),
    /// What is ordered by framework contracts.
    Contracts(Contracts),
}

/// Where the data is.
#[derive(Args, Debug, Clone)]
pub struct Database {
    /// The folder of the embedded database and of the demo's key.
    #[arg(long, env = "MONITUOTTAJA_DATA", default_value = "data")]
    pub data: PathBuf,
    /// The database: `sqlite:` or `postgres:` address; without it, an SQLite file in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// A file that holds the address of the database, in place of DATABASE_URL: for secrets that are mounted as files.
    #[arg(long, env = "DATABASE_URL_FILE", conflicts_with = "database_url")]
    pub database_url_file: Option<PathBuf>,
    /// Connections to the database at the most.
    #[arg(long, env = "MONITUOTTAJA_DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub database_connections: u32,
    /// The role of PostgreSQL that the program works under, which keeps networks apart: it can neither go past row-level security nor change it.
    #[arg(long, env = "MONITUOTTAJA_DATABASE_ROLE", default_value = APPLICATION_ROLE, value_parser = role)]
    pub database_role: String,
    /// The keys that seal who people are: `id:base64 of 32 bytes`, separated by commas, the current one first. The embedded database makes its own.
    #[arg(long, env = "MONITUOTTAJA_DATA_KEYS", hide_env_values = true)]
    pub data_keys: Option<SecretString>,
    /// A file with those keys, one a line: for secrets that are mounted as files.
    #[arg(long, env = "MONITUOTTAJA_DATA_KEYS_FILE", conflicts_with = "data_keys")]
    pub data_keys_file: Option<PathBuf>,
}

/// Settings of what works on the database and stops.
#[derive(Args, Debug, Clone)]
pub struct Errand {
    /// Where the data is.
    #[command(flatten)]
    pub database: Database,
    /// What is told of the work.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
}

/// Settings of the server.
#[derive(Args, Debug, Clone)]
pub struct Serve {
    /// The address to listen on.
    #[arg(long, env = "MONITUOTTAJA_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Load the demo network, and accept the tokens of its made-up actors. Never in production.
    #[arg(long, env = "MONITUOTTAJA_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    pub demo: bool,
    /// Where the data is.
    #[command(flatten)]
    pub database: Database,
    /// Whose tokens are believed.
    #[command(flatten)]
    pub identity: IdentitySettings,
    /// What the front door refuses.
    #[command(flatten)]
    pub limits: Limits,
    /// The interface of the profile service.
    #[command(flatten)]
    pub gdpr: GdprSettings,
    /// What is destroyed by night.
    #[command(flatten)]
    pub nightly: Nightly,
    /// Where webhooks may lie.
    #[command(flatten)]
    pub webhooks: WebhookSettings,
    /// What is told of the server's work.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
}

/// Settings of `token`.
#[derive(Args, Debug)]
pub struct Token {
    /// The actor, for example `partner`.
    pub actor: String,
    /// The folder of the demo's key.
    #[arg(long, env = "MONITUOTTAJA_DATA", default_value = "data")]
    pub data: PathBuf,
    /// How many hours it lives.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(i64).range(1..=24))]
    pub hours: i64,
}

/// Settings of `healthcheck`.
#[derive(Args, Debug)]
pub struct Healthcheck {
    /// The address of the server.
    #[arg(long, env = "MONITUOTTAJA_BIND", default_value = "127.0.0.1:8080")]
    pub address: SocketAddr,
}

/// What to do with the demo network.
#[derive(Args, Debug)]
pub struct Demo {
    /// What.
    #[command(subcommand)]
    pub what: DemoCommand,
}

/// What to do with the demo network.
#[derive(Subcommand, Debug)]
pub enum DemoCommand {
    /// Load it; what is already there stays as it is.
    Load(Errand),
}

/// What to do with the data keys.
#[derive(Args, Debug)]
pub struct Keys {
    /// What.
    #[command(subcommand)]
    pub what: KeysCommand,
}

/// What to do with the data keys.
#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// Print a new key, as a line of the data keys.
    Generate {
        /// What the key is called: 1 to 16 lower-case letters, digits or dashes.
        id: String,
    },
    /// Seal everything with the current key, while servers go on that have both. The old key stays in the ring, after it: it verifies the log entries of its time.
    Rotate(Errand),
}

/// What to do with the logs.
#[derive(Args, Debug)]
pub struct Audit {
    /// What.
    #[command(subcommand)]
    pub what: AuditCommand,
}

/// What to do with the logs.
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// Follow both chains from the first entry to the last: finds what was changed, removed or put in.
    Verify(Errand),
}

/// What to do with what is ordered by framework contracts.
#[derive(Args, Debug)]
pub struct Contracts {
    /// What.
    #[command(subcommand)]
    pub what: ContractsCommand,
}

/// What to do with what is ordered by framework contracts.
#[derive(Subcommand, Debug)]
pub enum ContractsCommand {
    /// Work out anew what has been ordered by each line in each month, and tell the counters that say something else; the exit status tells.
    Verify(Errand),
}

/// What to do with what is kept about clients.
#[derive(Args, Debug)]
pub struct Retention {
    /// What.
    #[command(subcommand)]
    pub what: RetentionCommand,
}

/// What to do with what is kept about clients.
#[derive(Subcommand, Debug)]
pub enum RetentionCommand {
    /// Destroy what is due by the retention rules, and write it to the destruction log. Killed in the middle, each client is destroyed wholly or not at all.
    Run {
        /// Only count what would be destroyed.
        #[arg(long)]
        dry_run: bool,
        /// Where the data is, and what is told of the work.
        #[command(flatten)]
        errand: Errand,
    },
}

/// What to take in.
#[derive(Args, Debug)]
pub struct Import {
    /// What.
    #[command(subcommand)]
    pub what: ImportCommand,
}

/// What to take in.
#[derive(Subcommand, Debug)]
pub enum ImportCommand {
    /// Who came to sessions that were held.
    Attendance(ImportFile),
    /// How many came to drop-in days that are over.
    DropInCounts {
        /// Whose days they are, by the public id of the organisation.
        #[arg(long)]
        organization: String,
        /// The file.
        #[command(flatten)]
        file: ImportFile,
    },
    /// Services of another system, as drafts: a feed of HSDS 3 (Open Referral). Taken in again, it changes what the source has changed.
    Hsds(ImportFeed),
}

/// A file, and in whose name it is taken in.
#[derive(Args, Debug)]
pub struct ImportFile {
    /// The CSV file.
    pub file: PathBuf,
    /// How it is taken in.
    #[command(flatten)]
    pub taking: Taking,
}

/// A feed, for whom it is taken in, and in whose name.
#[derive(Args, Debug)]
pub struct ImportFeed {
    /// The JSON file, or the address of its first page: https, or http on this machine.
    pub from: String,
    /// Whose services they are here, by the public id of the organisation.
    #[arg(long)]
    pub organization: String,
    /// What the source is called, by which its ids are told from those of others; `hsds` when nothing is said.
    #[arg(long)]
    pub source: Option<String>,
    /// The language of its texts: fi, sv or en; Finnish when nothing is said.
    #[arg(long)]
    pub language: Option<String>,
    /// Which of the feed's organisations is meant, by its id there: needed where there are several, and none is known by its UUID or business id.
    #[arg(long)]
    pub feed_organization: Option<String>,
    /// How it is taken in.
    #[command(flatten)]
    pub taking: Taking,
}

/// How a file or a feed is taken in.
#[derive(Args, Debug)]
pub struct Taking {
    /// The stable key of the account in whose name each row is recorded, and with whose rights: `viewer { subject }` tells it.
    #[arg(long = "as", value_name = "ACCOUNT")]
    pub account: String,
    /// What personal data is looked at for.
    #[arg(long, default_value = "CARE")]
    pub purpose: String,
    /// Only tell what would come of it.
    #[arg(long)]
    pub dry_run: bool,
    /// Tell what came of it as JSON, as the server answers an upload.
    #[arg(long)]
    pub json: bool,
    /// Largest file that is taken in, in bytes.
    #[arg(long, env = "MONITUOTTAJA_IMPORT_BYTES", default_value_t = IMPORT_BYTES)]
    pub import_bytes: usize,
    /// Where the data is, and what is told of the work.
    #[command(flatten)]
    pub errand: Errand,
}

/// Settings of `found`.
#[derive(Args, Debug)]
pub struct Found {
    /// What the network is called, in Finnish.
    #[arg(long)]
    pub network: String,
    /// What its organiser is called, in Finnish.
    #[arg(long)]
    pub organizer: String,
    /// The stable key of the first administrator: `viewer { subject }` tells it to whoever has signed in.
    #[arg(long)]
    pub admin: String,
    /// Where the data is, and what is told of the work.
    #[command(flatten)]
    pub errand: Errand,
}

/// A role that needs no quotes in SQL.
fn role(name: &str) -> Result<String, String> {
    let plain = name.chars().enumerate().all(|(at, c)| c.is_ascii_lowercase() || c == '_' || (at > 0 && c.is_ascii_digit()));
    if plain && (1..=63).contains(&name.len()) {
        Ok(name.to_owned())
    } else {
        Err("1 to 63 lower-case letters, digits or underscores, the first no digit".to_owned())
    }
}

impl Database {
    /// The address of the database.
    ///
    /// # Errors
    /// A file that cannot be read, an empty address, or one of another kind.
    pub fn address(&self) -> anyhow::Result<SecretString> {
        use anyhow::{Context, ensure};
        use secrecy::ExposeSecret;
        let address = match (&self.database_url, &self.database_url_file) {
            (Some(address), _) => address.clone(),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
                text.trim().to_owned().into()
            }
            (None, None) => {
                std::fs::create_dir_all(&self.data).with_context(|| format!("cannot make the data folder {}", self.data.display()))?;
                format!("sqlite://{}?mode=rwc", self.data.join("monituottaja.db").display()).into()
            }
        };
        let kind = address.expose_secret().split_once(':').map(|(kind, _)| kind.to_owned()).unwrap_or_default();
        ensure!(matches!(kind.as_str(), "sqlite" | "postgres" | "postgresql"), "DATABASE_URL must begin with sqlite: or postgres:");
        Ok(address)
    }

    /// The keys that seal who people are.
    ///
    /// # Errors
    /// No keys for a database that is not the embedded one, a file that cannot be read, or keys that are none.
    pub fn vault(&self) -> anyhow::Result<Vault> {
        use anyhow::Context;
        let embedded = self.database_url.is_none() && self.database_url_file.is_none();
        match (&self.data_keys, &self.data_keys_file) {
            (Some(keys), _) => Ok(Vault::parse(keys)?),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
                Ok(Vault::parse(&text.into())?)
            }
            (None, None) if embedded => Ok(Vault::beside(&self.data)?),
            (None, None) => Err(KeyError::None.into()),
        }
    }
}
