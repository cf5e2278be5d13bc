//! The front door before a small house: what holds for every schema behind it.
use super::{Arrival, House, Introspection, Limits, Refused, Visitor, harden, routes};
use crate::clock::Clock;
use async_graphql::{Context, EmptySubscription, Object, Result, Schema, ServerError, SimpleObject};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tower::ServiceExt;

#[derive(Clone)]
pub(super) struct Guest {
    name: Option<Arc<str>>,
    personal: Arc<AtomicBool>,
}

impl Guest {
    pub fn nobody() -> Self {
        Self { name: None, personal: Arc::default() }
    }
}

impl Visitor for Guest {
    fn bucket(&self) -> Option<&str> {
        self.name.as_deref()
    }
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        None
    }
    fn language(&self) -> &'static str {
        "fi"
    }
    fn saw_only_public(&self) -> bool {
        !self.personal.load(Ordering::Relaxed)
    }
    async fn finish(&self) -> Result<(), ()> {
        if self.bucket() == Some("unwritten") { Err(()) } else { Ok(()) }
    }
}

#[derive(SimpleObject)]
struct Room {
    name: &'static str,
}

struct Query;

#[Object]
impl Query {
    /// How often this has been asked.
    async fn asked(&self, ctx: &Context<'_>) -> Result<u64> {
        Ok(ctx.data::<AtomicU64>()?.fetch_add(1, Ordering::Relaxed))
    }
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let guest = ctx.data::<Guest>()?;
        guest.personal.store(true, Ordering::Relaxed);
        Ok(guest.name.as_deref().map(str::to_owned))
    }
    async fn room(&self) -> Room {
        Room { name: "a" }
    }
    async fn slow(&self) -> bool {
        tokio::time::sleep(Duration::from_hours(1)).await;
        true
    }
    async fn broken(&self, how: String) -> Result<bool> {
        assert_ne!(how, "panic", "a secret");
        Err("a secret".into())
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn count(&self, ctx: &Context<'_>) -> Result<u64> {
        Ok(ctx.data::<AtomicU64>()?.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

struct Hut(Schema<Query, Mutation, EmptySubscription>);

impl House for Hut {
    type Query = Query;
    type Mutation = Mutation;
    type Subscription = EmptySubscription;
    type Visitor = Guest;

    fn schema(&self) -> &Schema<Query, Mutation, EmptySubscription> {
        &self.0
    }
    async fn admit(&self, arrival: Arrival) -> Result<Guest, Refused> {
        let name = arrival.bearer.as_ref().map(|token| token.expose_secret().into());
        match name.as_deref() {
            Some("forged") => Err(Refused::Unauthenticated),
            Some("early") => Err(Refused::Unavailable(Duration::from_secs(7))),
            _ => Ok(Guest { name, personal: Arc::default() }),
        }
    }
    fn catalogue_version(&self) -> u64 {
        1
    }
    async fn ready(&self) -> bool {
        true
    }
    fn explain(&self, _: &mut ServerError) {}
}

fn door(limits: &Limits) -> Router {
    let builder = Schema::build(Query, Mutation, EmptySubscription).data(AtomicU64::new(0));
    let hut = Hut(harden(builder, limits).finish());
    routes(Arc::new(hut), limits.clone(), Clock::fixed(DateTime::UNIX_EPOCH), None, Router::new()).unwrap()
}

struct Got {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn send(door: &Router, request: Request<Body>) -> Got {
    let (head, body) = door.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Got { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn post(door: &Router, bearer: Option<&str>, query: &str) -> Got {
    let mut request = Request::post("/graphql").header("content-type", "application/json").header("accept", "application/graphql-response+json");
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    send(door, request.body(json!({ "query": query }).to_string().into()).unwrap()).await
}

async fn get(door: &Router, query: &str, headers: &[(&str, &str)]) -> Got {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let request = Request::get(format!("/graphql?query={query}"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(door, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_answer_from_the_catalogue_is_given_again_and_known_by_its_tag() {
    let door = door(&Limits::default());
    let first = get(&door, "{asked}", &[]).await;
    assert_eq!((first.json()["data"]["asked"].as_u64(), first.header("cache-control")), (Some(0), "public, max-age=60"));
    let again = get(&door, "{asked}", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", first.header("etag")));
    assert_eq!(post(&door, None, "{asked}").await.header("etag"), "");
    let signed_in = get(&door, "{asked}", &[("authorization", "Bearer aino")]).await;
    assert_eq!((signed_in.json()["data"]["asked"].as_u64(), signed_in.header("cache-control")), (Some(2), "private, no-cache"));
}

#[tokio::test]
async fn a_personal_answer_is_given_to_nobody_else() {
    let door = door(&Limits::default());
    for name in ["aino", "eino"] {
        let got = get(&door, "{me}", &[("authorization", &format!("Bearer {name}"))]).await;
        assert_eq!((got.json()["data"]["me"].as_str(), got.header("cache-control"), got.header("etag")), (Some(name), "no-store", ""));
    }
    assert_eq!(post(&door, None, "{me}").await.json()["data"], json!({ "me": null }));
}

#[tokio::test]
async fn what_was_not_written_down_is_not_told() {
    let got = post(&door(&Limits::default()), Some("unwritten"), "{me}").await;
    assert_eq!((got.status, got.code().as_str(), got.json().get("data")), (500, "INTERNAL", None));
}

#[tokio::test]
async fn what_goes_wrong_inside_stays_inside() {
    let door = door(&Limits::default());
    let panic = post(&door, None, r#"{broken(how:"panic")}"#).await;
    assert_eq!((panic.status, panic.code().as_str()), (500, "INTERNAL"));
    let error = post(&door, None, r#"{broken(how:"error")}"#).await;
    assert_eq!((error.status, error.code().as_str(), &error.json()["data"]), (200, "INTERNAL", &Value::Null));
    assert!(!panic.body.contains("secret") && !error.body.contains("secret"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let limits = Limits { request_timeout: Duration::from_millis(50), ..Limits::default() };
    let got = post(&door(&limits), None, "{slow}").await;
    assert_eq!((got.status, got.code().as_str()), (504, "TIMEOUT"));
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let door = door(&Limits::default());
    let forged = post(&door, Some("forged"), "{me}").await;
    assert_eq!((forged.status, forged.code().as_str()), (401, "UNAUTHENTICATED"));
    assert!(!forged.header("www-authenticate").is_empty());
    let early = post(&door, Some("early"), "{me}").await;
    assert_eq!((early.status, early.code().as_str(), early.header("retry-after")), (503, "UNAVAILABLE", "8"));
}

#[tokio::test]
async fn the_schema_is_for_whom_it_is_for() {
    for (who, stranger, signed_in) in [(Introspection::Open, true, true), (Introspection::SignedIn, false, true), (Introspection::Off, false, false)] {
        let door = door(&Limits { introspection: who, ..Limits::default() });
        for (bearer, allowed) in [(None, stranger), (Some("aino"), signed_in)] {
            let schema = post(&door, bearer, "{__schema{queryType{name}}}").await;
            assert_eq!(schema.status == 200, allowed, "{who:?} {bearer:?}");
            let ty = post(&door, bearer, r#"{__type(name:"Room"){name}}"#).await;
            assert_eq!(ty.json()["data"]["__type"].is_object(), allowed, "{who:?} {bearer:?}");
            let request = Request::get("/schema.graphql");
            let request = if let Some(name) = bearer { request.header("authorization", format!("Bearer {name}")) } else { request };
            let sdl = send(&door, request.body(Body::empty()).unwrap()).await;
            assert_eq!((sdl.status == 200, sdl.body.contains("type Room")), (allowed, allowed), "{who:?} {bearer:?}");
        }
    }
}

#[tokio::test]
async fn a_mutation_is_run_once_and_never_by_get() {
    let door = door(&Limits::default());
    let twice = post(&door, None, "mutation{count count ...{count}}").await;
    assert_eq!(twice.json()["data"], json!({ "count": 1 }));
    let by_get = get(&door, "mutation{count}", &[]).await;
    assert_eq!((by_get.status, by_get.header("allow")), (405, "POST"));
    assert_eq!(post(&door, None, "mutation{count}").await.json()["data"], json!({ "count": 2 }));
}

#[tokio::test]
async fn each_caller_has_a_share() {
    let door = door(&Limits { rate_requests: 2, ..Limits::default() });
    for expected in [200, 200, 429] {
        assert_eq!(post(&door, Some("aino"), "{room{name}}").await.status, expected);
    }
    assert_eq!(post(&door, Some("eino"), "{room{name}}").await.status, 200);
}

#[tokio::test]
async fn every_answer_can_be_found_in_the_log_and_is_handled_with_care() {
    let door = door(&Limits::default());
    for path in ["/graphql", "/graphql/ws", "/health/live", "/health/ready", "/metrics", "/nothing"] {
        let request = Request::get(path).header("x-request-id", "test-0000-0001");
        let got = send(&door, request.body(Body::empty()).unwrap()).await;
        assert_eq!((got.header("x-request-id"), got.header("x-content-type-options")), ("test-0000-0001", "nosniff"), "{path}");
        if got.status >= 400 {
            assert_eq!(got.json()["errors"][0]["extensions"]["requestId"], "test-0000-0001", "{path}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_its_length() {
    let request = Request::post("/graphql").header("content-type", "application/json");
    let got = send(&door(&Limits::default()), request.body(" ".repeat(200_000).into()).unwrap()).await;
    assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE.as_u16());
}
