//! What every request leaves behind: an id, a line in the log, a count, and headers that keep browsers careful.
use super::failure::Refusal;
use super::graphql::refuse;
use super::negotiate::Media;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;

/// The header that carries the id of a request, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id under which a request is found in the log.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id the caller gave, if it is one that can stand in a log, or a new one.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(&REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')));
        given.map_or_else(Self::new, |id| Self(id.into()))
    }

    /// A new id, unlike any other and growing with time.
    pub(super) fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As much of a path as may be written down: what is after the second part can be the secret of a calendar.
fn told(path: &str) -> String {
    let kept = path.match_indices('/').nth(2).map_or(path, |(end, _)| &path[..end]);
    kept.chars().take(100).collect()
}

/// Runs a request within a span of the log. Neither its query string nor its body is ever written there.
pub(super) async fn follow(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let path = told(request.uri().path());
    let quiet = path.starts_with("/health") || path == "/metrics";
    let span = tracing::info_span!("request", %method, path, request_id = id.as_str(), operation = Empty);
    request.extensions_mut().insert(id.clone());
    let began = Instant::now();
    let mut response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_panic| refuse(Refusal::internal(), Media::Json, &id, 1));
    let took = began.elapsed();
    let status = response.status().as_u16();
    if !quiet {
        span.in_scope(|| tracing::info!(status, ms = took.as_secs_f64() * 1000.0, "answered"));
        metrics::counter!("http_requests_total", "status" => status.to_string()).increment(1);
        metrics::histogram!("http_request_seconds").record(took.as_secs_f64());
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_calendar_is_not_written_down() {
        for path in ["/calendar/person/secret.ics", "/calendar/%70erson/secret.ics", "//calendar/person/secret.ics", "/x/y/calendar/person/secret.ics"] {
            assert!(!told(path).contains("secret"), "{path}");
        }
        assert_eq!((told("/graphql/ws").as_str(), told("/calendar/person/secret.ics").as_str()), ("/graphql/ws", "/calendar/person"));
    }

    #[test]
    fn an_id_is_taken_over_only_when_it_can_stand_in_a_log() {
        let id = |value: &str| RequestId::of(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(value).unwrap())]));
        assert_eq!(id("0198c0de-7a11-4b0b").as_str(), "0198c0de-7a11-4b0b");
        for wrong in ["", "short", "with space", "quote\"quote", &"a".repeat(65)] {
            assert_ne!(id(wrong).as_str(), wrong);
        }
    }
}
