//! The real router, asked in process.
use crate::{
    database::{self, Fresh, Kind},
    world::World,
};
use api::{
    App, Parts,
    clock::Clock,
    http::Limits,
    identity::{Identity, demo::DemoIssuer, settings::IdentitySettings},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use chrono::{TimeDelta, Utc};
use clap::Parser;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The server of one test.
pub struct TestApp {
    /// The database it runs on.
    pub kind: Kind,
    /// Who and what there is.
    pub world: &'static World,
    app: App,
    database: Fresh,
    issuer: DemoIssuer,
    folder: tempfile::TempDir,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when it is not JSON.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The code of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
    }
}

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    identity: IdentitySettings,
    #[command(flatten)]
    limits: Limits,
}

impl TestApp {
    /// A server on a fresh database.
    pub async fn start(kind: Kind) -> Self {
        let (database, world) = Fresh::copy(kind).await;
        let folder = tempfile::tempdir().expect("a folder");
        let issuer = DemoIssuer::open(folder.path()).expect("an issuer");
        let app = assemble(&database.url, folder.path(), &[]).await;
        Self { kind, world, app, database, issuer, folder }
    }

    /// A second process on the same database.
    pub async fn second_process(&self) -> Router {
        let app = assemble(&self.database.url, self.folder.path(), &[]).await;
        let routes = app.routes.clone();
        // Its tasks must go on for as long as its routes are asked.
        std::mem::forget(app);
        routes
    }

    /// Stops it and throws its database away.
    pub async fn stop(self) {
        drop(self.app);
        self.database.drop().await;
    }

    /// A token of an actor; the empty name is nobody.
    pub fn token(&self, actor: &str) -> String {
        self.issuer.mint(actor, Utc::now(), TimeDelta::hours(1)).expect("a token")
    }

    /// Sends a request to the router.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.app.routes, request).await
    }

    /// Asks as an actor; the empty name is nobody.
    pub async fn post(&self, actor: &str, query: &str, variables: Value) -> Answer {
        post(&self.app.routes, (!actor.is_empty()).then(|| self.token(actor)), query, variables).await
    }

    /// Asks, and expects data without errors.
    pub async fn ask(&self, actor: &str, query: &str, variables: Value) -> Value {
        let answer = self.post(actor, query, variables).await;
        assert!(answer.body["errors"].is_null(), "{actor}: {query}\n{}", answer.text);
        answer.body["data"].clone()
    }

    /// Asks, and expects an error; its code.
    pub async fn refuse(&self, actor: &str, query: &str, variables: Value) -> String {
        let answer = self.post(actor, query, variables).await;
        assert!(answer.body["errors"].is_array(), "{actor}: {query} was not refused\n{}", answer.text);
        answer.code().to_owned()
    }

    /// Does a mutation with one input, and expects it to be done; the payload.
    pub async fn done(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.payload(actor, mutation, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{actor}: {mutation}");
        payload
    }

    /// Does a mutation with one input, and expects it to be refused by rules; the codes and paths.
    pub async fn rejected(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Vec<String> {
        let payload = self.payload(actor, mutation, selection, input).await;
        let errors = payload["userErrors"].as_array().expect("user errors");
        let path = |e: &Value| e["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".");
        errors.iter().map(|e| format!("{} {}", e["code"].as_str().unwrap_or_default(), path(e))).collect()
    }

    /// Does a mutation with one input; the payload.
    pub async fn payload(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let data = self.ask(actor, &Self::mutation(mutation, selection), json!({ "input": input })).await;
        data[mutation].clone()
    }

    /// The document of a mutation with one input.
    pub fn mutation(mutation: &str, selection: &str) -> String {
        let input = format!("{}{}Input!", mutation[..1].to_uppercase(), &mutation[1..]);
        // Moves along a state machine share one input.
        let input = match mutation {
            "publishService" | "withdrawService" | "discardService" => "ServiceMoveInput!".to_owned(),
            "publishServiceOffering" | "withdrawServiceOffering" | "discardServiceOffering" => "ServiceOfferingMoveInput!".to_owned(),
            "inspectVenue" | "agreeVenue" | "takeVenueIntoUse" | "withdrawVenue" => "VenueMoveInput!".to_owned(),
            _ => input,
        };
        format!("mutation($input: {input}) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message path }} }} }}")
    }

    /// Rows of a table, past all doors.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        database::count(&self.database.url, table, condition).await
    }
}

/// A server on a database, its demo issuer's key in `folder`. The rates are there, as in service, but never reached.
pub async fn assemble(url: &str, folder: &std::path::Path, flags: &[&str]) -> App {
    let settings = Defaults::parse_from(["test", "--rate-requests", "4000000000", "--rate-complexity", "4000000000"].iter().chain(flags));
    let clock = Clock::real();
    let demo = DemoIssuer::open(folder).expect("an issuer");
    let identity = Identity::start(&settings.identity, Some(&demo), clock.clone()).expect("an identity");
    let store = database::open(url).await;
    let parts = Parts { store, identity, demo: None, limits: settings.limits, clock, metrics: None };
    App::assemble(parts).await.expect("a server")
}

/// Asks a router.
pub async fn post(routes: &Router, token: Option<String>, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let mut request = Request::builder().method(Method::POST).uri("/graphql").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    send(routes, request.body(Body::from(body)).expect("a request")).await
}

/// Sends a request to a router.
pub async fn send(routes: &Router, request: Request<Body>) -> Answer {
    let response = routes.clone().oneshot(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: head.status, headers: head.headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
}
