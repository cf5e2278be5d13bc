//! Every bound of the front door in one list, so that an operator can see and set all of them.
use crate::environment;
use async_graphql::{SchemaBuilder, ValidationMode};
use axum::http::HeaderValue;
use clap::{Args, FromArgMatches, ValueEnum};
use secrecy::SecretString;
use std::convert::Infallible;
use std::io;
use std::num::ParseFloatError;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// The largest file that is imported unless it is told otherwise, in bytes.
pub const IMPORT_BYTES: usize = 2 * 1024 * 1024;

/// What one caller, one document and one connection may take. Sizes are bytes, times are seconds, and `0` in a
/// rate switches that rate off.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Front door")]
pub struct Limits {
    /// Largest GraphQL document, in bytes.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_BYTES", default_value_t = 20_000)]
    pub document_bytes: usize,
    /// Deepest nesting of brackets of any kind in a document, values included.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_NESTING", default_value_t = 40)]
    pub document_nesting: usize,
    /// Most tokens in a document; a comment is a token.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_TOKENS", default_value_t = 2_000)]
    pub document_tokens: usize,
    /// Most directives in a document.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_DIRECTIVES", default_value_t = 50)]
    pub document_directives: usize,
    /// Most operations in a document.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_OPERATIONS", default_value_t = 10)]
    pub document_operations: usize,
    /// Most selections of an operation once its fragments are spread out.
    #[arg(long, env = "MONITUOTTAJA_OPERATION_SELECTIONS", default_value_t = 1_000)]
    pub operation_selections: u64,
    /// Most aliases of an operation once its fragments are spread out.
    #[arg(long, env = "MONITUOTTAJA_OPERATION_ALIASES", default_value_t = 30)]
    pub operation_aliases: u64,
    /// Most fields an operation may ask of its root type.
    #[arg(long, env = "MONITUOTTAJA_OPERATION_ROOTS", default_value_t = 20)]
    pub operation_roots: u64,
    /// Deepest nesting of fields. Below 14 the usual introspection query of client tools is refused.
    #[arg(long, env = "MONITUOTTAJA_OPERATION_DEPTH", default_value_t = 15)]
    pub operation_depth: u64,
    /// Most values the answer to an operation could hold, page sizes counted.
    #[arg(long, env = "MONITUOTTAJA_OPERATION_COMPLEXITY", default_value_t = 20_000)]
    pub operation_complexity: u64,
    /// Most errors told in one answer.
    #[arg(long, env = "MONITUOTTAJA_ANSWER_ERRORS", default_value_t = 20)]
    pub answer_errors: usize,

    /// Largest request body, in bytes.
    #[arg(long, env = "MONITUOTTAJA_BODY_BYTES", default_value_t = 128 * 1024)]
    pub body_bytes: usize,
    /// Largest file that is imported, in bytes.
    #[arg(long, env = "MONITUOTTAJA_IMPORT_BYTES", default_value_t = IMPORT_BYTES)]
    pub import_bytes: usize,
    /// Longest time the rows of an imported file may take, in seconds; what is done by then stays done.
    #[arg(long, env = "MONITUOTTAJA_IMPORT_TIMEOUT", default_value = "120", value_parser = seconds)]
    pub import_timeout: Duration,
    /// Most files that are imported at once; of one caller it is one.
    #[arg(long, env = "MONITUOTTAJA_IMPORTS", default_value_t = 4)]
    pub imports: usize,
    /// Longest time a request may take, its body and its answer each, in seconds.
    #[arg(long, env = "MONITUOTTAJA_REQUEST_TIMEOUT", default_value = "10", value_parser = seconds)]
    pub request_timeout: Duration,
    /// Longest wait for the head of a request, the first or the next one on its connection, in seconds.
    #[arg(long, env = "MONITUOTTAJA_HEADER_TIMEOUT", default_value = "8", value_parser = seconds)]
    pub header_timeout: Duration,
    /// Longest time a caller may refuse to read what is sent, in seconds.
    #[arg(long, env = "MONITUOTTAJA_WRITE_TIMEOUT", default_value = "20", value_parser = seconds)]
    pub write_timeout: Duration,
    /// Longest time running requests are given when the server stops, in seconds.
    #[arg(long, env = "MONITUOTTAJA_SHUTDOWN_TIMEOUT", default_value = "20", value_parser = seconds)]
    pub shutdown_timeout: Duration,
    /// Most open connections.
    #[arg(long, env = "MONITUOTTAJA_CONNECTIONS", default_value_t = 1_000)]
    pub connections: usize,
    /// Most open connections of one address. Not counted behind a proxy, which is one address for everybody.
    #[arg(long, env = "MONITUOTTAJA_CONNECTIONS_PER_ADDRESS", default_value_t = 200)]
    pub connections_per_address: usize,
    /// How many proxies in front of the server write X-Forwarded-For; 0 believes only the connection itself.
    #[arg(long, env = "MONITUOTTAJA_PROXIES", default_value_t = 0)]
    pub proxies: usize,

    /// Most open WebSockets.
    #[arg(long, env = "MONITUOTTAJA_SOCKETS", default_value_t = 1_000)]
    pub sockets: usize,
    /// Most open WebSockets and event streams of one caller.
    #[arg(long, env = "MONITUOTTAJA_SOCKETS_PER_CALLER", default_value_t = 20)]
    pub sockets_per_caller: usize,
    /// Most operations running on one WebSocket.
    #[arg(long, env = "MONITUOTTAJA_SOCKET_STREAMS", default_value_t = 50)]
    pub socket_streams: usize,
    /// Largest WebSocket message, in bytes.
    #[arg(long, env = "MONITUOTTAJA_SOCKET_MESSAGE_BYTES", default_value_t = 64 * 1024)]
    pub socket_message_bytes: usize,
    /// Longest wait for the first message of a WebSocket, in seconds.
    #[arg(long, env = "MONITUOTTAJA_SOCKET_INIT_TIMEOUT", default_value = "3", value_parser = seconds)]
    pub socket_init_timeout: Duration,
    /// How often a quiet WebSocket is pinged and a running subscription is admitted again, in seconds.
    #[arg(long, env = "MONITUOTTAJA_STREAM_CHECK", default_value = "30", value_parser = seconds)]
    pub stream_check: Duration,

    /// Requests per minute of one caller; 0 for no limit.
    #[arg(long, env = "MONITUOTTAJA_RATE_REQUESTS", default_value_t = 1_200)]
    pub rate_requests: u32,
    /// Complexity per minute of one caller; 0 for no limit.
    #[arg(long, env = "MONITUOTTAJA_RATE_COMPLEXITY", default_value_t = 1_000_000)]
    pub rate_complexity: u32,

    /// Memory for documents that have been checked, in bytes.
    #[arg(long, env = "MONITUOTTAJA_DOCUMENT_CACHE_BYTES", default_value_t = 32 * 1024 * 1024)]
    pub document_cache_bytes: u64,
    /// Memory for the texts of persisted operations, in bytes.
    #[arg(long, env = "MONITUOTTAJA_PERSISTED_CACHE_BYTES", default_value_t = 8 * 1024 * 1024)]
    pub persisted_cache_bytes: u64,
    /// Memory for answers from the public catalogue, in bytes; 0 for no such memory.
    #[arg(long, env = "MONITUOTTAJA_ANSWER_CACHE_BYTES", default_value_t = 64 * 1024 * 1024)]
    pub answer_cache_bytes: u64,

    /// Web origins, besides the server's own, whose pages may call it: `https://example.fi,https://…`.
    #[arg(long, env = "MONITUOTTAJA_ALLOWED_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub allowed_origins: Vec<HeaderValue>,
    /// Who may read the schema from the server.
    #[arg(long, env = "MONITUOTTAJA_INTROSPECTION", value_enum, default_value_t = Introspection::SignedIn)]
    pub introspection: Introspection,
    /// `automatic` (callers register by hash), `off`, or a folder of `.graphql` and `.json` files: then nothing
    /// but the operations in it is run.
    #[arg(long, env = "MONITUOTTAJA_PERSISTED_OPERATIONS", default_value = "automatic")]
    pub persisted_operations: Persisted,
    /// The bearer that reads `/metrics`; without one, only this machine itself may read them.
    #[arg(long, env = "MONITUOTTAJA_METRICS_TOKEN", hide_env_values = true, value_parser = secret)]
    pub metrics_token: Option<SecretString>,
    /// A file that holds that bearer, in place of MONITUOTTAJA_METRICS_TOKEN: for secrets that are mounted as files.
    #[arg(long, env = "MONITUOTTAJA_METRICS_TOKEN_FILE", conflicts_with = "metrics_token")]
    pub metrics_token_file: Option<PathBuf>,
}

impl Limits {
    /// Takes over what is in the files that settings name.
    ///
    /// # Errors
    /// A file that cannot be read, or that holds nothing.
    pub fn read_files(&mut self) -> io::Result<()> {
        if let Some(file) = &self.metrics_token_file {
            let text = std::fs::read_to_string(file)?;
            let token = secret(text.trim()).map_err(|empty| io::Error::new(io::ErrorKind::InvalidData, empty))?;
            self.metrics_token = Some(token);
        }
        Ok(())
    }
}

/// Who may ask `__schema` and `__type` and fetch `/schema.graphql`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Introspection {
    /// Everybody.
    Open,
    /// Whoever has signed in.
    SignedIn,
    /// Nobody.
    Off,
}

impl Introspection {
    /// Whether a caller may read the schema, and so may also read it out of validation errors.
    #[must_use]
    pub fn allows(self, signed_in: bool) -> bool {
        match self {
            Self::Open => true,
            Self::SignedIn => signed_in,
            Self::Off => false,
        }
    }
}

/// How an operation may be named by its hash instead of being sent in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persisted {
    /// The hash is learned from whoever first sends it with the text (Apollo's automatic persisted queries).
    Automatic,
    /// Texts only.
    Off,
    /// Only the operations in this folder are run at all.
    AllowList(PathBuf),
}

impl FromStr for Persisted {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "automatic" => Self::Automatic,
            "off" => Self::Off,
            folder => Self::AllowList(folder.into()),
        })
    }
}

impl Default for Limits {
    /// The defaults of the flags, with the environment on top.
    fn default() -> Self {
        environment::heed(Self::augment_args(clap::Command::new("limits")))
            .try_get_matches_from(["limits"])
            .and_then(|matches| Self::from_arg_matches(&matches))
            .unwrap_or_else(|error| error.exit())
    }
}

/// Sets on a schema what the guard in front of it relies on: its own validation is switched to the part that the
/// guard does not do, no error suggests a name, and the limits hold even for a caller that has passed the guard by.
#[must_use]
pub fn harden<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limits: &Limits) -> SchemaBuilder<Q, M, S> {
    let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    builder
        .validation_mode(ValidationMode::Fast)
        .limit_depth(size(limits.operation_depth))
        .limit_complexity(size(limits.operation_complexity))
        .limit_recursive_depth(limits.document_nesting)
        .limit_directives(limits.document_directives)
        .disable_suggestions()
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|error: ParseFloatError| error.to_string())?;
    let time = Duration::try_from_secs_f64(number).map_err(|error| error.to_string())?;
    if time.is_zero() { Err("a time of nothing lets nobody do anything".into()) } else { Ok(time) }
}

/// Who sends no secret at all must not be taken for one who knows it.
fn secret(text: &str) -> Result<SecretString, String> {
    if text.is_empty() { Err("an empty secret is none".into()) } else { Ok(text.into()) }
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let parsed = Url::parse(text).map_err(|error| error.to_string())?;
    if parsed.origin().ascii_serialization() != text {
        return Err("an origin is a scheme, a host and perhaps a port, without a path".into());
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        assert!(origin("https://palvelut.example").is_ok());
        assert!(origin("http://localhost:5173").is_ok());
        for wrong in ["https://palvelut.example/", "https://palvelut.example/a", "palvelut.example", "*", "null"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["-1", "0", "ten", "", "1e300"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_token_of_the_metrics_may_lie_in_a_file() {
        use secrecy::ExposeSecret;
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            let file = folder.path().join("token");
            std::fs::write(&file, text).unwrap();
            let mut limits = Limits { metrics_token_file: Some(file), ..Limits::default() };
            limits.read_files().map(|()| limits.metrics_token.unwrap().expose_secret().to_owned())
        };
        assert_eq!(read("a token\n").unwrap(), "a token");
        assert!(read("\n").is_err());
        let mut nowhere = Limits { metrics_token_file: Some(folder.path().join("nowhere")), ..Limits::default() };
        assert!(nowhere.read_files().is_err());
        let given = |flags: &[&str]| Limits::augment_args(clap::Command::new("test")).try_get_matches_from([&["test"], flags].concat()).is_ok();
        assert!(given(&["--metrics-token", "a"]) && given(&["--metrics-token-file", "a"]));
        assert!(!given(&["--metrics-token", "a", "--metrics-token-file", "a"]));
        assert!(!given(&["--metrics-token", ""]));
    }

    #[test]
    fn anything_but_two_words_is_a_folder_of_operations() {
        assert_eq!("off".parse(), Ok(Persisted::Off));
        assert_eq!("automatic".parse(), Ok(Persisted::Automatic));
        assert_eq!("operations".parse(), Ok(Persisted::AllowList("operations".into())));
    }
}
