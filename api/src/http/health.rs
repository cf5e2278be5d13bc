//! What operators and tools ask about the server itself.
use super::failure::{Code, Refusal};
use super::graphql::refuse;
use super::negotiate::Media;
use super::{Arrival, Connection, Front, House, RequestId};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::timeout;

/// Makes the process count, and gives what reads the counts. To be called once.
pub fn recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])?
        .install_recorder()
}

/// The process runs.
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The process can serve.
pub(super) async fn ready<H: House>(State(front): State<Arc<Front<H>>>) -> StatusCode {
    match timeout(Duration::from_secs(2), front.house.ready()).await {
        Ok(true) => StatusCode::NO_CONTENT,
        Ok(false) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The counts, for whoever has the token; where there is no token, for this machine itself.
pub(super) async fn metrics<H: House>(
    State(front): State<Arc<Front<H>>>,
    id: Extension<RequestId>,
    connection: Option<Extension<Connection>>,
    headers: HeaderMap,
) -> Response {
    let Some(handle) = &front.metrics else { return nothing(id).await };
    let Some(token) = &front.limits.metrics_token else {
        // Behind a proxy everybody seems to come from this machine.
        let from_here = front.limits.proxies == 0 && connection.is_some_and(|c| c.peer.is_loopback());
        return if from_here { counts(handle) } else { nothing(id).await };
    };
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer ")).unwrap_or_default();
    if !bool::from(sent.ct_eq(token.expose_secret().as_bytes())) {
        return refuse(Refusal::new(Code::Unauthenticated, "the token of the metrics is asked for"), Media::Json, &id, 1);
    }
    counts(handle)
}

fn counts(handle: &PrometheusHandle) -> Response {
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}

/// The schema as text, for whoever may read it.
pub(super) async fn schema<H: House>(State(front): State<Arc<Front<H>>>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let admitted = match Arrival::of(&parts, &id, front.limits.proxies) {
        Ok(arrival) => front.admit(arrival).await,
        Err(refusal) => Err(refusal),
    };
    match admitted {
        Err(refusal) => refuse(refusal, Media::Json, &id, 1),
        Ok(caller) if !front.limits.introspection.allows(caller.signed_in()) => {
            let refusal = Refusal::new(Code::Unauthenticated, "the schema cannot be read here; sign in first, if that is offered");
            refuse(refusal, Media::Json, &id, 1)
        }
        Ok(_) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], front.sdl.clone()).into_response(),
    }
}

/// Any other address.
pub(super) async fn nothing(Extension(id): Extension<RequestId>) -> Response {
    refuse(Refusal::new(Code::NotFound, "there is nothing here"), Media::Json, &id, 1)
}
