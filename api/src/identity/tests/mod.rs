//! A small issuer of our own, with real keys and a real socket, for trying what identity believes.
mod attack;
mod claims;
mod demo;
mod rotation;
mod settings;

use super::settings::IdentitySettings;
use super::{Identity, Refused, Verified};
use crate::clock::Clock;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use clap::{Args, FromArgMatches};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// Noon of a day in 2026: the time in these tests.
const NOON: i64 = 1_780_000_000;

static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa-1"));
static EC: LazyLock<Signer> = LazyLock::new(|| Signer::ec("ec-1"));
static ED: LazyLock<Signer> = LazyLock::new(|| Signer::ed("ed-1"));

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(NOON, 0).unwrap()
}

/// A private key with its public half as a JSON Web Key.
struct Signer {
    id: String,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl Signer {
    fn rsa(id: &str) -> Self {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let public = json!(Jwk::from_encoding_key(&private, Algorithm::RS256).unwrap());
        Self::new(id, Algorithm::RS256, private, public)
    }

    fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let public = json!(Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap());
        Self::new(id, Algorithm::ES256, private, public)
    }

    fn ed(id: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let private = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        let x = base64url(pair.public_key().as_ref());
        Self::new(id, Algorithm::EdDSA, private, json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x}))
    }

    fn new(id: &str, algorithm: Algorithm, private: EncodingKey, mut public: Value) -> Self {
        public["kid"] = json!(id);
        public["use"] = json!("sig");
        Self { id: id.to_owned(), algorithm, private, public }
    }

    /// The public half with some members changed.
    fn public_as(&self, changes: &Value) -> Value {
        changed(self.public.clone(), changes)
    }

    fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": self.algorithm, "kid": self.id})
    }

    /// A token with this header and these claims, signed by this key whatever the header says.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        signed(header, &claims.to_string(), &self.private, self.algorithm)
    }

    fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

fn signed(header: &Value, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", base64url(header.to_string()), base64url(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `value` with the members of `changes` put in; a null takes the member out.
fn changed(mut value: Value, changes: &Value) -> Value {
    let members = value.as_object_mut().unwrap();
    for (name, change) in changes.as_object().unwrap() {
        if change.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), change.clone());
        }
    }
    value
}

/// An issuer on loopback whose keys and health the test decides.
#[derive(Clone)]
struct LocalIssuer {
    url: String,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    keys: Mutex<Vec<Value>>,
    discovery: Mutex<Value>,
    fetches: AtomicUsize,
    elsewhere: AtomicUsize,
    down: AtomicBool,
}

impl LocalIssuer {
    async fn start(keys: &[Value]) -> Self {
        let desk = Arc::new(Desk::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys_now))
            .fallback(elsewhere)
            .with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let issuer = Self { url, desk };
        issuer.publish(keys);
        issuer.describe(&json!({}));
        issuer
    }

    fn publish(&self, keys: &[Value]) {
        *self.desk.keys.lock().unwrap() = keys.to_vec();
    }

    /// Changes the discovery document.
    fn describe(&self, changes: &Value) {
        let usual = json!({"issuer": self.url, "jwks_uri": format!("{}/keys", self.url)});
        *self.desk.discovery.lock().unwrap() = changed(usual, changes);
    }

    fn set_down(&self, down: bool) {
        self.desk.down.store(down, Ordering::SeqCst);
    }

    fn fetches(&self) -> usize {
        self.desk.fetches.load(Ordering::SeqCst)
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": "monituottaja", "sub": "worker-7", "client_id": "case-system",
            "iat": NOON - 10, "exp": NOON + 300,
        })
    }

    fn claims_with(&self, changes: &Value) -> Value {
        changed(self.claims(), changes)
    }

    fn settings(&self) -> IdentitySettings {
        IdentitySettings { oidc_issuers: vec![self.url.clone()], ..defaults() }
    }

    fn identity(&self) -> Identity {
        Identity::start(&self.settings(), None, Clock::fixed(noon())).unwrap()
    }
}

/// When the issuer is down it still answers the right document, but says that it failed.
async fn discovery(State(desk): State<Arc<Desk>>) -> (StatusCode, Json<Value>) {
    let status = if desk.down.load(Ordering::SeqCst) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(desk.discovery.lock().unwrap().clone()))
}

async fn keys_now(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.fetches.fetch_add(1, Ordering::SeqCst);
    Json(json!({"keys": *desk.keys.lock().unwrap()}))
}

async fn elsewhere(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.elsewhere.fetch_add(1, Ordering::SeqCst);
    Json(json!({"keys": *desk.keys.lock().unwrap()}))
}

/// The settings that no flag at all gives.
fn defaults() -> IdentitySettings {
    parsed(&[]).unwrap()
}

fn parsed(flags: &[&str]) -> Result<IdentitySettings, clap::Error> {
    let command = IdentitySettings::augment_args(clap::Command::new("test"));
    let matches = command.try_get_matches_from([&["test"], flags].concat())?;
    IdentitySettings::from_arg_matches(&matches)
}

fn is_unavailable(answer: &Result<Verified, Refused>) -> bool {
    matches!(answer, Err(Refused::Unavailable { retry_after }) if *retry_after >= Duration::from_secs(1))
}

async fn usual_issuer() -> LocalIssuer {
    LocalIssuer::start(&[RSA.public.clone(), EC.public.clone(), ED.public.clone()]).await
}

/// Fails with the names of all tokens that were not refused as invalid.
async fn all_refused(identity: &Identity, tokens: Vec<(&str, String)>) {
    let mut accepted = Vec::new();
    for (name, token) in tokens {
        let answer = identity.verify(&token).await;
        if answer != Err(Refused::Invalid) {
            accepted.push((name, answer));
        }
    }
    assert!(accepted.is_empty(), "not refused: {accepted:?}");
}
