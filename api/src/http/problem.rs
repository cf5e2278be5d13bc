//! Refusals as problem details (RFC 9457), for callers that know nothing of GraphQL: the same codes in another form.
use super::RequestId;
use super::failure::{Refusal, advise};
use async_graphql::Value;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// `code`, `requestId`, and what else the refusal tells.
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// A refusal as a response. Of several errors the first is told.
pub(super) fn problem(refusal: Refusal, id: &RequestId) -> Response {
    let status = refusal.code.told().status;
    let (allow, retry_after) = (refusal.allow, refusal.retry_after);
    let first = refusal.into_errors(id.as_str(), 1).pop();
    let (detail, more) = first.map(|error| (error.message, error.extensions)).unwrap_or_default();
    let more = serde_json::to_value(more).and_then(serde_json::from_value).unwrap_or_default();
    let title = status.canonical_reason().unwrap_or_default();
    let body = serde_json::to_vec(&Problem { r#type: "about:blank", title, status: status.as_u16(), detail, more }).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    advise(&mut response, allow, retry_after);
    response
}
