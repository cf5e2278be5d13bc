//! The issuer of the demo: a key pair in the data folder, so that any shell on the machine can print a token that the
//! server started with `--demo` believes. Without `--demo` nothing it signs is accepted.
use super::token::{Key, is_name};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// The demo's issuer, as in the `iss` of its tokens.
pub const ISSUER: &str = "urn:monituottaja:demo";
/// What the demo's tokens are meant for, as in their `aud`.
pub const AUDIENCE: &str = "monituottaja";
/// The file in the data folder that holds the private key (PKCS #8, DER), readable by its owner only.
pub const KEY_FILE: &str = "demo-issuer.p8";

const KEY_ID: &str = "demo";

/// The demo's issuer: mints tokens for the actors of the demo.
pub struct DemoIssuer {
    signing: EncodingKey,
    key: Arc<Key>,
}

/// Why the demo's issuer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The key file cannot be read or written.
    #[error("the demo's key {}", .path.display())]
    File {
        /// Where the key is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold an Ed25519 key. Delete it to get a new one.
    #[error("{} does not hold a key of the demo: delete it to get a new one", .0.display())]
    NotAKey(PathBuf),
    /// The system gave no random numbers.
    #[error("no key could be made")]
    NoKey,
    /// An actor's name must be 1 to 255 bytes without control characters, and the lifetime must end in a time that
    /// there is.
    #[error("no token can be made for this name and lifetime")]
    NoToken,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

impl DemoIssuer {
    /// The issuer whose key is in `folder`; makes folder and key on first use. Two processes may do so at once: both
    /// then hold the same key.
    pub fn open(folder: &Path) -> Result<Self, DemoError> {
        let path = folder.join(KEY_FILE);
        let file = |source| DemoError::File { path: path.clone(), source };
        let pkcs8 = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let new = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| DemoError::NoKey)?;
                place(folder, &path, new.as_ref()).map_err(file)?;
                fs::read(&path)
            }
            read => read,
        }
        .map_err(file)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| DemoError::NotAKey(path))?;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&pkcs8),
            key: Arc::new(Key { id: Some(KEY_ID.to_owned()), algorithm: Algorithm::EdDSA, decoding: DecodingKey::from_ed_der(pair.public_key().as_ref()) }),
        })
    }

    /// A token that says its bearer is `actor`, valid from `now` for `lifetime`.
    pub fn mint(&self, actor: &str, now: DateTime<Utc>, lifetime: TimeDelta) -> Result<String, DemoError> {
        self.mint_for(actor, "", None, now, lifetime)
    }

    /// The same, with scopes separated by spaces, and the client that asked for it.
    pub fn mint_for(&self, actor: &str, scope: &str, client_id: Option<&str>, now: DateTime<Utc>, lifetime: TimeDelta) -> Result<String, DemoError> {
        let expires_at = now.checked_add_signed(lifetime).filter(|_| is_name(actor)).ok_or(DemoError::NoToken)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(KEY_ID.to_owned());
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: actor,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: Uuid::new_v4(),
            scope,
            client_id,
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(|_| DemoError::NoToken)
    }

    pub(super) fn key(&self) -> Arc<Key> {
        Arc::clone(&self.key)
    }
}

/// Puts `content` at `path`, whole or not at all, unless something is there already.
fn place(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{KEY_FILE}.{}", Uuid::new_v4()));
    // A link, unlike a rename, never replaces: of two processes the first one wins.
    let placed = write_private(&draft, content).and_then(|()| fs::hard_link(&draft, path));
    let tidied = fs::remove_file(&draft);
    match placed {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => tidied,
    }
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
