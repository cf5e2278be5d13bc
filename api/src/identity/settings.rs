//! Whose tokens are believed, and how closely their keys are followed: the settings of identity.
use super::oidc::Pace;
use chrono::TimeDelta;
use clap::builder::TypedValueParser;
use std::collections::HashSet;
use std::time::Duration;
use url::{Host, Url};

/// More issuers than this are taken for a mistake.
const MAX_ISSUERS: usize = 8;
/// So that the key of a subject, `issuer|subject`, stays under 512 bytes.
const MAX_ISSUER: usize = 255;
const MAX_LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// The settings of identity, as flags or environment variables.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Identity")]
pub struct IdentitySettings {
    /// OpenID Connect issuer whose access tokens are accepted, e.g. `https://id.example.fi/realms/network`; repeat the
    /// flag (or separate by commas) for more than one. https only, except on loopback
    #[arg(long = "oidc-issuer", env = "MONITUOTTAJA_OIDC_ISSUER", value_name = "URL", value_delimiter = ',')]
    pub oidc_issuers: Vec<String>,

    /// What the `aud` claim of an access token must contain
    #[arg(long, env = "MONITUOTTAJA_OIDC_AUDIENCE", value_name = "NAME", default_value = "monituottaja")]
    pub oidc_audience: String,

    /// How many seconds a token is accepted before `nbf` and after `exp`, for clocks that differ: at most 60
    #[arg(
        long = "token-leeway-seconds",
        env = "MONITUOTTAJA_TOKEN_LEEWAY_SECONDS",
        value_name = "SECONDS",
        default_value = "5",
        value_parser = clap::value_parser!(u32).range(0..=60).map(seconds)
    )]
    pub token_leeway: Duration,

    /// Seconds between two fetches of an issuer's keys that unknown key ids or failures may cause
    #[arg(
        long = "oidc-refetch-seconds",
        env = "MONITUOTTAJA_OIDC_REFETCH_SECONDS",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u32).range(1..=3600).map(seconds)
    )]
    pub oidc_refetch: Duration,

    /// Seconds after which an issuer's keys are fetched again in any case; keys that it has withdrawn are then dropped
    #[arg(
        long = "oidc-refresh-seconds",
        env = "MONITUOTTAJA_OIDC_REFRESH_SECONDS",
        value_name = "SECONDS",
        default_value = "600",
        value_parser = clap::value_parser!(u32).range(1..=86_400).map(seconds)
    )]
    pub oidc_refresh: Duration,

    /// Seconds for which the last good keys are used while an issuer cannot be reached
    #[arg(
        long = "oidc-keep-seconds",
        env = "MONITUOTTAJA_OIDC_KEEP_SECONDS",
        value_name = "SECONDS",
        default_value = "86400",
        value_parser = clap::value_parser!(u32).range(1..=604_800).map(seconds)
    )]
    pub oidc_keep: Duration,

    /// Seconds that one fetch of an issuer's keys may take
    #[arg(
        long = "oidc-timeout-seconds",
        env = "MONITUOTTAJA_OIDC_TIMEOUT_SECONDS",
        value_name = "SECONDS",
        default_value = "5",
        value_parser = clap::value_parser!(u32).range(1..=30).map(seconds)
    )]
    pub oidc_timeout: Duration,
}

/// An issuer that may be trusted: its name as tokens spell it, and whether it is on this machine.
#[derive(Clone, Debug)]
pub(super) struct IssuerName {
    pub(super) name: String,
    pub(super) loopback: bool,
}

/// What is wrong with the settings of identity.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An issuer cannot be used.
    #[error("--oidc-issuer {issuer:?}: {reason}")]
    Issuer {
        /// The issuer as it was given.
        issuer: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too many issuers.
    #[error("--oidc-issuer: at most {MAX_ISSUERS} issuers")]
    TooManyIssuers,
    /// The audience cannot be used.
    #[error("--oidc-audience: must be 1 to 255 characters, without control characters")]
    Audience,
    /// The leeway is too long.
    #[error("--token-leeway-seconds: at most 60")]
    Leeway,
    /// The intervals contradict each other.
    #[error("the intervals must satisfy 0 < --oidc-refetch-seconds <= --oidc-refresh-seconds <= --oidc-keep-seconds")]
    Intervals,
    /// The HTTP client cannot be made: usually no root certificates are installed.
    #[error("cannot make an HTTP client for the identity provider")]
    Client(#[from] reqwest::Error),
}

impl IdentitySettings {
    /// Says what is wrong with the settings, if anything: what clap cannot see in a single flag.
    pub fn validate(&self) -> Result<(), SettingsError> {
        self.issuers()?;
        self.pace()?;
        self.leeway()?;
        Ok(())
    }

    pub(super) fn issuers(&self) -> Result<Vec<IssuerName>, SettingsError> {
        if !super::token::is_name(&self.oidc_audience) {
            return Err(SettingsError::Audience);
        }
        if self.oidc_issuers.len() > MAX_ISSUERS {
            return Err(SettingsError::TooManyIssuers);
        }
        let mut known = HashSet::new();
        self.oidc_issuers
            .iter()
            .map(|issuer| {
                let refused = |reason| SettingsError::Issuer { issuer: issuer.clone(), reason };
                let loopback = check_issuer(issuer).map_err(refused)?;
                if !known.insert(issuer) {
                    return Err(refused("is given twice"));
                }
                Ok(IssuerName { name: issuer.clone(), loopback })
            })
            .collect()
    }

    pub(super) fn pace(&self) -> Result<Pace, SettingsError> {
        if self.oidc_refetch.is_zero() || self.oidc_refetch > self.oidc_refresh || self.oidc_refresh > self.oidc_keep {
            return Err(SettingsError::Intervals);
        }
        Ok(Pace { refetch: self.oidc_refetch, refresh: self.oidc_refresh, keep: self.oidc_keep, timeout: self.oidc_timeout })
    }

    pub(super) fn leeway(&self) -> Result<TimeDelta, SettingsError> {
        TimeDelta::from_std(self.token_leeway).ok().filter(|leeway| *leeway <= MAX_LEEWAY).ok_or(SettingsError::Leeway)
    }
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

/// Whether the issuer is on this machine; or why it cannot be an issuer (OpenID Connect Discovery 1.0, section 3).
fn check_issuer(issuer: &str) -> Result<bool, &'static str> {
    let url = Url::parse(issuer).map_err(|_| "is not a URL")?;
    if issuer.len() > MAX_ISSUER {
        return Err("is longer than 255 characters");
    }
    if issuer.contains(|letter: char| letter == '|' || letter.is_control() || letter.is_whitespace()) {
        return Err("has a character that a URL cannot have");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not carry a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have neither a query nor a fragment");
    }
    let loopback = is_loopback(&url);
    match url.scheme() {
        "https" => Ok(loopback),
        "http" if loopback => Ok(loopback),
        _ => Err("must begin with https:// (http:// only on loopback)"),
    }
}

/// Whether `url` points at this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
