//! What a token must be before it is believed: small, of a known shape, signed by a key with that key's only algorithm,
//! and then meant for us, now.
use super::Verified;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Longer tokens are refused before they are read (bytes).
pub(super) const MAX_TOKEN: usize = 8 * 1024;
/// OpenID Connect Core 1.0, section 2: a subject is at most 255 characters.
const MAX_NAME: usize = 255;
/// The types a token may declare (RFC 9068, RFC 8725 3.11): an ID token says `JWT` too, but is meant for its client.
const TYPES: [&str; 4] = ["JWT", "at+jwt", "application/jwt", "application/at+jwt"];

/// Why a token was not believed: for the log only, the caller gets one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cause {
    #[error("too long")]
    TooLong,
    #[error("not a signed token")]
    Malformed,
    #[error("not an access token by its type")]
    Type,
    #[error("asks for an extension")]
    Critical,
    #[error("unknown issuer")]
    Issuer,
    #[error("unknown key")]
    UnknownKey,
    #[error("not the key's algorithm")]
    Algorithm,
    #[error("wrong signature")]
    Signature,
    #[error("a claim is missing or of the wrong kind")]
    Claims,
    #[error("meant for another audience")]
    Audience,
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYet,
    #[error("unusable subject or client")]
    Name,
    #[error("the issuer's keys cannot be fetched")]
    KeysUnavailable { retry_after: Duration },
}

/// A public key that is trusted for exactly one algorithm.
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// A token of which only the outside has been read: enough to find the key, nothing to be believed.
pub(super) struct Envelope<'a> {
    text: &'a str,
    issuer: String,
    algorithm: Algorithm,
    key_id: Option<String>,
}

#[derive(Deserialize)]
struct Outside {
    iss: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<i64>,
    client_id: Option<String>,
    azp: Option<String>,
    // Read as they come: a token is not refused for what it says here in another form.
    #[serde(default)]
    scope: serde_json::Value,
    #[serde(default, rename = "https://api.hel.fi/auth")]
    helsinki: serde_json::Value,
    #[serde(default)]
    authorization: serde_json::Value,
}

impl Claims {
    /// The scopes: of OAuth 2.0 (RFC 8693 4.2), of Helsinki's Tunnistamo, and of Keycloak's permissions.
    fn scopes(&self) -> BTreeSet<String> {
        let permissions = self.authorization["permissions"].as_array().into_iter().flatten();
        let lists = permissions.map(|permission| &permission["scopes"]).chain([&self.helsinki, &self.scope]);
        let named = lists.filter_map(serde_json::Value::as_array).flatten().filter_map(serde_json::Value::as_str);
        named.chain(self.scope.as_str().into_iter().flat_map(str::split_whitespace)).map(str::to_owned).collect()
    }
}

impl<'a> Envelope<'a> {
    /// Reads the outside of `text`. The members that offer a key (`jku`, `jwk`, `x5u`, `x5c`) are never looked at.
    pub(super) fn open(text: &'a str) -> Result<Self, Cause> {
        if text.len() > MAX_TOKEN {
            return Err(Cause::TooLong);
        }
        let outside = dangerous::insecure_decode::<Outside>(text).map_err(|_| Cause::Malformed)?;
        let header = outside.header;
        // RFC 7515 4.1.11: an extension that is not understood must be refused, and none is understood here.
        if header.crit.is_some() {
            return Err(Cause::Critical);
        }
        if header.typ.is_some_and(|given| !TYPES.iter().any(|known| known.eq_ignore_ascii_case(&given))) {
            return Err(Cause::Type);
        }
        Ok(Self { text, issuer: outside.claims.iss, algorithm: header.alg, key_id: header.kid })
    }

    /// The issuer that the token claims to be from.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key among `keys` that the token must have been signed with; `None` if they hold no such key, which may be
    /// news to the holder of the keys.
    ///
    /// A token that names no key is only judged when a single key has its algorithm.
    pub(super) fn choose(&self, keys: &[Arc<Key>]) -> Result<Option<Arc<Key>>, Cause> {
        let Some(id) = &self.key_id else {
            let mut fitting = keys.iter().filter(|key| key.algorithm == self.algorithm);
            return match (fitting.next(), fitting.next()) {
                (Some(_), Some(_)) => Err(Cause::UnknownKey),
                (only, _) => Ok(only.cloned()),
            };
        };
        let mut named = keys.iter().filter(|key| key.id.as_ref() == Some(id)).peekable();
        if named.peek().is_none() {
            return Ok(None);
        }
        named.find(|key| key.algorithm == self.algorithm).cloned().map(Some).ok_or(Cause::Algorithm)
    }

    /// Checks the signature with `key`, and only then the claims against `audience` and the time `now`.
    pub(super) fn verify(&self, key: &Key, audience: &str, now: DateTime<Utc>, leeway: TimeDelta) -> Result<Verified, Cause> {
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        // The library reads the machine's clock: the time is checked below, against ours.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(self.text, &key.decoding, &validation)
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature => Cause::Signature,
                ErrorKind::InvalidAlgorithm => Cause::Algorithm,
                ErrorKind::InvalidAudience => Cause::Audience,
                _ => Cause::Claims,
            })?
            .claims;
        let scopes = claims.scopes();
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(Cause::Claims)?;
        if expires_at <= now - leeway {
            return Err(Cause::Expired);
        }
        if claims.nbf.is_some_and(|from| from > (now + leeway).timestamp()) {
            return Err(Cause::NotYet);
        }
        let client_id = claims.client_id.or(claims.azp);
        if !is_name(&claims.sub) || client_id.as_deref().is_some_and(|client| !is_name(client)) {
            return Err(Cause::Name);
        }
        Ok(Verified { issuer: claims.iss, subject: claims.sub, expires_at, client_id, scopes })
    }
}

/// Whether `text` can name a subject or a client: 1 to 255 bytes, no control characters.
pub(super) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// RFC 7519 section 2, NumericDate: seconds since 1970, which may have a fraction. The fraction is cut off.
fn numeric_date<'de, D: Deserializer<'de>>(input: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(input)?;
    let seconds = number.as_i64().or_else(|| {
        let seconds = number.as_f64().filter(|seconds| seconds.abs() < 1e12)?;
        #[expect(clippy::cast_possible_truncation, reason = "bounded on the line above; the fraction is meant to go")]
        Some(seconds as i64)
    });
    seconds.ok_or_else(|| serde::de::Error::custom("not a time"))
}

fn optional_numeric_date<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    numeric_date(input).map(Some)
}
