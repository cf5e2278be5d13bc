//! Calendars over HTTP: of published things for everybody, and of a person for whoever has the address. Calendar programs can say nothing else of themselves,
//! so what is secret stands in the path, and the path is never written down.
use super::arrival::Arrival;
use super::cache::{is_known, tag};
use super::failure::{Code, Refusal};
use super::graphql::refuse;
use super::negotiate::Media;
use super::{Front, House, RequestId};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout;

/// What a calendar costs its caller, in the complexity of questions: it is written anew each time.
const COST: u64 = 2_000;
/// Longest id or token that is looked for.
const LONGEST: usize = 120;

/// Whose calendar is asked for.
#[derive(Clone, Debug)]
pub enum CalendarOf {
    /// A published thing, by its kind and public id.
    Thing(String, String),
    /// A person, by the token in the address.
    Person(SecretString),
}

/// Serves `/calendar/{kind}/{name}.ics`.
pub(super) async fn answer<H: House>(
    State(front): State<Arc<Front<H>>>,
    Extension(id): Extension<RequestId>,
    Path((kind, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    serve(&front, &id, kind, &file, request).await.unwrap_or_else(|refusal| refuse(refusal, Media::Json, &id, 1))
}

async fn serve<H: House>(front: &Front<H>, id: &RequestId, kind: String, file: &str, request: Request) -> Result<Response, Refusal> {
    let (mut parts, _) = request.into_parts();
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Err(Refusal { allow: Some("GET, HEAD"), ..Refusal::new(Code::MethodNotAllowed, "GET and HEAD are answered here") });
    }
    // Some programs send credentials of their own making: who asks makes no difference here.
    parts.headers.remove(header::AUTHORIZATION);
    let caller = front.admit(Arrival::of(&parts, id, front.limits.proxies)?).await?;
    front.rate.complexity(&caller.key, COST)?;
    let unknown = || Refusal::new(Code::NotFound, "there is no such calendar");
    let name = file.strip_suffix(".ics").filter(|name| name.len() <= LONGEST).ok_or_else(unknown)?;
    let personal = kind == "person";
    let of = if personal { CalendarOf::Person(name.into()) } else { CalendarOf::Thing(kind, name.to_owned()) };
    let work = AssertUnwindSafe(front.house.calendar(&caller.visitor, of));
    let text = match timeout(front.limits.request_timeout, futures_util::FutureExt::catch_unwind(work)).await {
        Ok(Ok(Ok(Some(text)))) => text,
        Ok(Ok(Ok(None))) => return Err(unknown()),
        Ok(Ok(Err(())) | Err(_)) => return Err(Refusal::internal()),
        Err(_elapsed) => return Err(Refusal::new(Code::Timeout, "the answer took too long")),
    };
    Ok(sent(&parts.method, &parts.headers, text, personal))
}

/// The calendar, or that the caller has it already.
fn sent(method: &Method, asked: &HeaderMap, text: String, personal: bool) -> Response {
    let tag = tag(&[text.as_bytes()]);
    let is_known = is_known(asked.get_all(header::IF_NONE_MATCH), &tag);
    let length = text.len();
    let mut response = match (is_known, method) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, &Method::HEAD) => Body::empty().into_response(),
        (false, _) => text.into_response(),
    };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if !is_known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"calendar.ics\""));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    // Nobody on the way keeps a person's own.
    let kept = if personal { "private, no-cache" } else { "public, max-age=300" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::ETAG, tag);
    response
}
