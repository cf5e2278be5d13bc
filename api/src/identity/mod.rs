//! Who is calling: a bearer token becomes a verified subject, or is refused with one uniform answer. What the subject
//! may do is not asked here: that comes from memberships, never from the token.
pub mod demo;
mod oidc;
pub mod settings;
#[cfg(test)]
mod tests;
mod token;

use crate::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use demo::DemoIssuer;
use oidc::Issuer;
use settings::{IdentitySettings, SettingsError};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use token::{Cause, Envelope, Key};

/// Judges bearer tokens. Cheap to clone: every clone shares the issuers' keys.
///
/// The keys of each OpenID Connect issuer are kept fresh by a task of its own, which ends when the last clone is dropped.
#[derive(Clone)]
pub struct Identity(Arc<Judge>);

struct Judge {
    issuers: Vec<Trusted>,
    leeway: TimeDelta,
    clock: Clock,
}

/// An issuer whose tokens are believed, with the audience they must be meant for.
struct Trusted {
    issuer: String,
    audience: String,
    keys: Keys,
}

enum Keys {
    /// The local issuer of `--demo`.
    Demo(Arc<Key>),
    /// A real issuer, found by discovery.
    Oidc(Issuer),
}

impl Identity {
    /// Begins to trust the issuers of `settings`, and the demo's own issuer if one is given: give it only under `--demo`.
    ///
    /// Must be called inside a Tokio runtime. Does not wait for the issuers: a server starts even when one of them is
    /// down, and answers [`Refused::Unavailable`] to that issuer's tokens until its keys have been fetched.
    pub fn start(settings: &IdentitySettings, demo: Option<&DemoIssuer>, clock: Clock) -> Result<Self, SettingsError> {
        let pace = settings.pace()?;
        let mut issuers = Vec::new();
        if let Some(demo) = demo {
            issuers.push(Trusted { issuer: demo::ISSUER.to_owned(), audience: demo::AUDIENCE.to_owned(), keys: Keys::Demo(demo.key()) });
        }
        for issuer in settings.issuers()? {
            issuers.push(Trusted { issuer: issuer.name.clone(), audience: settings.oidc_audience.clone(), keys: Keys::Oidc(Issuer::start(issuer, pace)?) });
        }
        let leeway = settings.leeway()?;
        Ok(Self(Arc::new(Judge { issuers, leeway, clock })))
    }

    /// Who the bearer of `bearer` (the text after `Bearer `) is.
    ///
    /// A token is believed when its issuer is trusted, one of that issuer's keys signed it with that key's only
    /// algorithm, it is meant for this server, and it is valid now. Waits for the network only when the token names a
    /// key that is not known yet.
    pub async fn verify(&self, bearer: &str) -> Result<Verified, Refused> {
        self.0.judge(bearer).await.map_err(|cause| {
            tracing::debug!(%cause, "token refused");
            Refused::from(cause)
        })
    }
}

impl Judge {
    async fn judge(&self, bearer: &str) -> Result<Verified, Cause> {
        let envelope = Envelope::open(bearer)?;
        let trusted = self.issuers.iter().find(|trusted| trusted.issuer == envelope.issuer()).ok_or(Cause::Issuer)?;
        let key = match &trusted.keys {
            Keys::Demo(key) => envelope.choose(std::slice::from_ref(key))?.ok_or(Cause::UnknownKey)?,
            Keys::Oidc(issuer) => issuer.key(&envelope).await?,
        };
        envelope.verify(&key, &trusted.audience, self.clock.now(), self.leeway)
    }
}

/// The bearer of a token that was believed: somebody known to an issuer, and nothing about what they may do.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// The issuer (`iss`), exactly as configured.
    pub issuer: String,
    /// The issuer's own name for the caller (`sub`): 1 to 255 bytes without control characters.
    pub subject: String,
    /// When the token ends (`exp`). Inside the leeway this may already have passed.
    pub expires_at: DateTime<Utc>,
    /// The client that asked for the token (`client_id`, or `azp`), where the issuer tells it.
    pub client_id: Option<String>,
    /// The scopes that were granted: those of `scope`, of the City of Helsinki's claim, and of Keycloak's permissions. They allow nothing but what asks
    /// for a scope; what anybody may do comes from memberships.
    pub scopes: BTreeSet<String>,
}

impl Verified {
    /// The stable key that memberships are bound to: `issuer|subject`, at most 512 bytes, without control characters.
    ///
    /// An issuer never contains `|`, so that two different callers never share a key.
    pub fn key(&self) -> String {
        subject_key(&self.issuer, &self.subject)
    }
}

/// The key of `subject` at `issuer`, as [`Verified::key`] gives it: for binding a membership before the first sign-in.
pub fn subject_key(issuer: &str, subject: &str) -> String {
    format!("{issuer}|{subject}")
}

impl fmt::Debug for Verified {
    /// Without the subject: some issuers put an e-mail address there.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Verified").field("issuer", &self.issuer).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Why no identity came out of a token. Says nothing that would help to forge a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The token is not believed: the same answer for every cause (HTTP 401).
    #[error("the access token is not valid")]
    Invalid,
    /// The issuer's keys cannot be fetched, so that the token could not be judged (HTTP 503).
    #[error("the identity provider cannot be reached")]
    Unavailable {
        /// When it is worth trying again: at least one second.
        retry_after: Duration,
    },
}

impl From<Cause> for Refused {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::KeysUnavailable { retry_after } => Self::Unavailable { retry_after },
            _ => Self::Invalid,
        }
    }
}
