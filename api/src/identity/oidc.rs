//! The keys of an OpenID Connect issuer: found by discovery, fetched by one task, followed when the issuer rotates them,
//! and never fetched more often than agreed, whatever the tokens say.
use super::settings::{IssuerName, SettingsError, is_loopback};
use super::token::{Cause, Envelope, Key};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

/// Longer answers of an issuer are refused (bytes).
const MAX_ANSWER: usize = 256 * 1024;

/// How closely an issuer's keys are followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// At least this long between two fetches that an unknown key or a failure may cause.
    pub(super) refetch: Duration,
    /// After this long the keys are fetched in any case.
    pub(super) refresh: Duration,
    /// For this long the last good keys are used while the issuer cannot be reached.
    pub(super) keep: Duration,
    /// For this long one fetch may last.
    pub(super) timeout: Duration,
}

/// A trusted issuer's keys, as last fetched. The task that fetches them ends when this is dropped.
pub(super) struct Issuer {
    known: watch::Receiver<Known>,
    wanted: Arc<Notify>,
    pace: Pace,
}

/// What is known of an issuer after a number of attempts to fetch its keys.
#[derive(Default)]
struct Known {
    attempts: u64,
    /// When the last attempt ended, and whether it failed.
    last: Option<(Instant, bool)>,
    /// The keys of the last attempt that succeeded, and when that was.
    good: Option<(Instant, Vec<Arc<Key>>)>,
}

impl Known {
    /// The last good keys, unless they are too old to be believed.
    fn keys(&self, pace: &Pace) -> Option<&[Arc<Key>]> {
        let (fetched, keys) = self.good.as_ref()?;
        (fetched.elapsed() < pace.keep).then_some(keys)
    }

    fn find(&self, envelope: &Envelope<'_>, pace: &Pace) -> Result<Option<Arc<Key>>, Cause> {
        self.keys(pace).map_or(Ok(None), |keys| envelope.choose(keys))
    }

    /// How long it is until a fetch may be asked for; zero when it may be now.
    fn wait(&self, pace: &Pace) -> Duration {
        self.last.map_or(Duration::ZERO, |(at, _)| pace.refetch.saturating_sub(at.elapsed()))
    }

    /// Why a key was not found: the issuer does not have it, or could not be asked.
    fn missing(&self, pace: &Pace) -> Cause {
        let failed = self.last.is_none_or(|(_, failed)| failed);
        if failed || self.keys(pace).is_none() {
            let retry_after = self.wait(pace).max(Duration::from_secs(1));
            Cause::KeysUnavailable { retry_after }
        } else {
            Cause::UnknownKey
        }
    }
}

impl Issuer {
    /// Starts the task that fetches the keys of `issuer`: at once, then at the given pace.
    pub(super) fn start(issuer: IssuerName, pace: Pace) -> Result<Self, SettingsError> {
        let (publish, known) = watch::channel(Known::default());
        let wanted = Arc::new(Notify::new());
        let source = Source::new(issuer)?;
        tokio::spawn(keep(source, pace, Arc::clone(&wanted), publish));
        Ok(Self { known, wanted, pace })
    }

    /// The key that the token must have been signed with.
    ///
    /// A key that is not known yet is asked for once, together with everybody else who waits for one.
    pub(super) async fn key(&self, envelope: &Envelope<'_>) -> Result<Arc<Key>, Cause> {
        let mut known = self.known.clone();
        let seen = {
            let known = known.borrow();
            if let Some(key) = known.find(envelope, &self.pace)? {
                return Ok(key);
            }
            if !known.wait(&self.pace).is_zero() {
                return Err(known.missing(&self.pace));
            }
            known.attempts
        };
        self.wanted.notify_one();
        let unavailable = Cause::KeysUnavailable { retry_after: self.pace.refetch };
        let known = known.wait_for(|known| known.attempts > seen).await.map_err(|_| unavailable)?;
        known.find(envelope, &self.pace)?.ok_or_else(|| known.missing(&self.pace))
    }
}

/// Fetches the keys for as long as somebody holds the receiving end. A task of its own, so that a caller who hangs up
/// cannot cut a fetch short that others wait for.
async fn keep(source: Source, pace: Pace, wanted: Arc<Notify>, publish: watch::Sender<Known>) {
    loop {
        let fetched = timeout(pace.timeout, source.keys()).await.unwrap_or(Err(FetchError::Slow));
        let ended = Instant::now();
        let failed = fetched.is_err();
        source.report(&fetched, &publish.borrow());
        publish.send_modify(|known| {
            known.attempts += 1;
            known.last = Some((ended, failed));
            if let Ok(keys) = fetched {
                known.good = Some((ended, keys));
            }
        });
        let asked = async {
            // Wishes from before the end of this fetch have been answered by it.
            loop {
                wanted.notified().await;
                if ended.elapsed() >= pace.refetch {
                    break;
                }
            }
        };
        tokio::select! {
            () = publish.closed() => return,
            () = asked => {}
            () = sleep(if failed { pace.refetch } else { pace.refresh }) => {}
        }
    }
}

/// Where an issuer's keys come from.
struct Source {
    issuer: IssuerName,
    http: Client,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Keys one by one: a key of an unknown kind must not hide the others.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("took too long")]
    Slow,
    #[error("request failed")]
    Request(#[from] reqwest::Error),
    #[error("answered {0}")]
    Status(StatusCode),
    #[error("answered more than {MAX_ANSWER} bytes")]
    TooLong,
    #[error("answered something else than expected")]
    Shape(#[from] serde_json::Error),
    #[error("the document names another issuer")]
    OtherIssuer,
    #[error("the document names keys at an address that is not secure")]
    Insecure,
}

impl Source {
    fn new(issuer: IssuerName) -> Result<Self, SettingsError> {
        let mut http = Client::builder().redirect(Policy::none()).https_only(!issuer.loopback).user_agent(concat!("monituottaja/", env!("CARGO_PKG_VERSION")));
        if issuer.loopback {
            http = http.no_proxy();
        }
        Ok(Self { http: http.build()?, issuer })
    }

    async fn keys(&self) -> Result<Vec<Arc<Key>>, FetchError> {
        // OpenID Connect Discovery 1.0, section 4: a final slash of the issuer is left out.
        let base = self.issuer.name.trim_end_matches('/');
        let found: Discovery = self.get(&format!("{base}/.well-known/openid-configuration")).await?;
        if found.issuer != self.issuer.name {
            return Err(FetchError::OtherIssuer);
        }
        let secure = Url::parse(&found.jwks_uri).is_ok_and(|url| match url.scheme() {
            "https" => true,
            "http" => self.issuer.loopback && is_loopback(&url),
            _ => false,
        });
        if !secure {
            return Err(FetchError::Insecure);
        }
        let set: KeySet = self.get(&found.jwks_uri).await?;
        Ok(set.keys.into_iter().filter_map(usable).map(Arc::new).collect())
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let mut answer = self.http.get(url).header("accept", "application/json").send().await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > MAX_ANSWER {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// Logs what an operator should know: failures, and changes of the keys.
    fn report(&self, fetched: &Result<Vec<Arc<Key>>, FetchError>, before: &Known) {
        let issuer = &self.issuer.name;
        match fetched {
            Err(error) => {
                let causes = std::iter::successors(error.source(), |&cause| cause.source());
                let cause = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
                tracing::warn!(issuer, %error, cause, "keys of the identity provider cannot be fetched");
            }
            Ok(keys) => {
                let ids = |keys: &[Arc<Key>]| keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
                if before.good.as_ref().is_none_or(|(_, old)| ids(old) != ids(keys)) {
                    tracing::info!(issuer, keys = keys.len(), "keys of the identity provider have changed");
                }
            }
        }
    }
}

/// The key, if it is one for signatures that we check: with one algorithm, which its kind and its `alg` agree on.
fn usable(value: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let common = &jwk.common;
    let for_signatures = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(|may| may.contains(&KeyOperations::Verify));
    let (algorithm, declared) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => (Algorithm::ES256, KeyAlgorithm::ES256),
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => (Algorithm::EdDSA, KeyAlgorithm::EdDSA),
        _ => return None,
    };
    if !for_signatures || common.key_algorithm.is_some_and(|given| given != declared) {
        return None;
    }
    Some(Key { decoding: DecodingKey::from_jwk(&jwk).ok()?, id: jwk.common.key_id, algorithm })
}
