//! GraphiQL, and Swagger UI for HSDS, from assets inside the binary: they work without the internet. In the demo GraphiQL also offers the demo's actors.
use crate::{clock::Clock, demo, identity::demo::DemoIssuer};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a token of the explorer lives; the page fetches another before it ends.
pub const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(8);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

macro_rules! assets { ($folder:literal, $($name:literal: $kind:literal),+ $(,)?) => { &[$(($name, $kind, include_bytes!(concat!("../assets/", $folder, "/", $name)))),+] } }

/// Files with their names and media types.
type Assets = &'static [(&'static str, &'static str, &'static [u8])];

const HTML: &str = "text/html; charset=utf-8";
const GRAPHIQL: Assets = assets! { "graphiql",
    "start.js": "text/javascript; charset=utf-8",
    "start.css": "text/css; charset=utf-8",
    "examples.json": "application/json",
    "react.js": "text/javascript; charset=utf-8",
    "react-dom.js": "text/javascript; charset=utf-8",
    "graphql-ws.js": "text/javascript; charset=utf-8",
    "graphiql.js": "text/javascript; charset=utf-8",
    "graphiql.css": "text/css; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
    "LICENSES.md": "text/markdown; charset=utf-8",
};

const HSDS: Assets = assets! { "hsds",
    "start.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "LICENSES.md": "text/markdown; charset=utf-8",
    "LICENSE-APACHE.txt": "text/plain; charset=utf-8",
};

struct Explorer {
    demo: Option<DemoIssuer>,
    clock: Clock,
}

/// The routes of the explorers.
pub fn routes(demo: Option<DemoIssuer>, clock: Clock) -> Router {
    Router::new()
        .route("/graphiql", get(|| async { asset(HTML, include_bytes!("../assets/graphiql/index.html")) }))
        .route("/graphiql/actors.json", get(actors))
        .route("/graphiql/token", post(token))
        .route("/graphiql/{file}", get(async |Path(name): Path<String>| file(GRAPHIQL, &name)))
        .route("/hsds/explorer", get(|| async { asset(HTML, include_bytes!("../assets/hsds/index.html")) }))
        .route("/hsds/explorer/{file}", get(async |Path(name): Path<String>| file(HSDS, &name)))
        .with_state(Arc::new(Explorer { demo, clock }))
}

fn file(among: Assets, name: &str) -> Response {
    match among.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, bytes)) => asset(kind, bytes),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn asset(kind: &'static str, bytes: &'static [u8]) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, bytes).into_response()
}

/// An actor that the demo offers.
#[derive(Serialize)]
struct Offered {
    name: &'static str,
    role: String,
    organization: String,
    network: String,
}

async fn actors(State(explorer): State<Arc<Explorer>>) -> Response {
    if explorer.demo.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let offered: Vec<_> = demo::network().actors().map(|a| Offered { name: a.name, role: a.role, organization: a.organization, network: a.network }).collect();
    Json(serde_json::json!({ "actors": offered })).into_response()
}

#[derive(Deserialize)]
struct Wanted {
    actor: String,
}

async fn token(State(explorer): State<Arc<Explorer>>, Json(wanted): Json<Wanted>) -> Response {
    let Some(issuer) = &explorer.demo else { return StatusCode::NOT_FOUND.into_response() };
    if !demo::network().actors().any(|a| a.name == wanted.actor) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let now = explorer.clock.now();
    match issuer.mint(&wanted.actor, now, TOKEN_LIFETIME) {
        Ok(token) => {
            let body = serde_json::json!({ "token": token, "expiresAt": now + TOKEN_LIFETIME });
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(fault) => {
            tracing::error!(%fault, "the demo's token could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
