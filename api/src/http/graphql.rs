//! GraphQL over HTTP, POST and GET.
use super::ask::Ask;
use super::cache::is_known;
use super::failure::{Code, Refusal, advise};
use super::negotiate::{Media, is_json};
use super::run::{Answer, Body};
use super::serve::Connection;
use super::{Arrival, Front, House, RequestId, stream};
use axum::Extension;
use axum::body::{Body as Stream, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use std::sync::Arc;
use tokio::time::timeout;

/// Serves `/graphql`.
pub(super) async fn answer<H: House>(State(front): State<Arc<Front<H>>>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let most = front.limits.answer_errors;
    let Some(media) = Media::chosen(request.headers()) else {
        let offered = "application/json, application/graphql-response+json and text/event-stream are offered";
        return refuse(Refusal::new(Code::NotAcceptable, offered), Media::Json, &id, most);
    };
    let by_get = request.method() == Method::GET;
    let unless = request.headers().get(header::IF_NONE_MATCH).cloned();
    match serve(front, media, &id, request).await {
        Ok(Served::Stream(response)) => response,
        Ok(Served::Answer(answer)) => respond(answer, media, by_get, unless.as_ref()),
        Err(refusal) => refuse(refusal, media, &id, most),
    }
}

enum Served {
    Answer(Answer),
    Stream(Response),
}

async fn serve<H: House>(front: Arc<Front<H>>, media: Media, id: &RequestId, request: Request) -> Result<Served, Refusal> {
    let (parts, body) = request.into_parts();
    let ask = match parts.method {
        Method::GET => Ask::from_uri(&parts.uri)?,
        Method::POST => {
            // The body is read before it is refused, or the caller would meet a broken connection.
            let body = front.read(&parts.headers, body, front.limits.body_bytes).await?;
            if !is_json(&parts.headers) {
                return Err(Refusal::new(Code::UnsupportedMediaType, "the body must be application/json in UTF-8"));
            }
            Ask::from_json(&body)?
        }
        _ => return Err(not_by("GET, POST", "GraphQL is asked by GET or POST")),
    };
    let arrival = Arrival::of(&parts, id, front.limits.proxies)?;
    let caller = front.admit(arrival.clone()).await?;
    let ready = front.ready(ask, &caller)?;
    if parts.method == Method::GET && ready.is_mutation() {
        return Err(not_by("POST", "a GET changes nothing"));
    }
    if media == Media::Events {
        return Ok(Served::Stream(stream::open(front, ready, caller, arrival, parts.extensions.get::<Connection>())?));
    }
    if ready.is_subscription() {
        return Err(if parts.method == Method::GET {
            not_by("POST", "a subscription is answered as text/event-stream or over a WebSocket")
        } else {
            Refusal::new(Code::BadRequest, "a subscription is answered as text/event-stream or over a WebSocket")
        });
    }
    front.answer(&ready, &caller, media, id.as_str()).await.map(Served::Answer)
}

fn not_by(allow: &'static str, message: &str) -> Refusal {
    Refusal { allow: Some(allow), ..Refusal::new(Code::MethodNotAllowed, message) }
}

impl<H: House> Front<H> {
    /// The whole body, in time and of bounded size: what is larger is refused by what it says of itself, or where the bound is passed.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Stream, most: usize) -> Result<bytes::Bytes, Refusal> {
        let too_large = || Refusal::new(Code::BodyTooLarge, format!("the body is larger than {most} bytes"));
        let told: Option<usize> = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if told.is_some_and(|length| length > most) {
            return Err(too_large());
        }
        match timeout(self.limits.request_timeout, to_bytes(body, most)).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
            Ok(Err(_)) => Err(Refusal::new(Code::BadRequest, "the body could not be read")),
            Err(_) => Err(Refusal::new(Code::BodyTimeout, "the body did not arrive in time")),
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

/// An answer as an HTTP response.
fn respond(answer: Answer, media: Media, by_get: bool, unless: Option<&HeaderValue>) -> Response {
    let Answer { body, tag, stranger } = answer;
    let mut response = match &tag {
        Some(tag) if by_get && is_known(unless, tag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => ([(header::CONTENT_TYPE, media.content_type())], body).into_response(),
    };
    if let Some(tag) = tag.filter(|_| by_get) {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        // Whoever changes the catalogue has signed in, and must see the change at once.
        let keep = if stranger { "public, max-age=60" } else { "private, no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.append(header::VARY, HeaderValue::from_static("accept, accept-language, authorization"));
    }
    response
}

/// A refusal as an HTTP response. An event stream has no form for it, so it is told as GraphQL over HTTP then.
pub(super) fn refuse(refusal: Refusal, media: Media, id: &RequestId, most: usize) -> Response {
    let told = refusal.code.told();
    let media = if media == Media::Events { Media::GraphQl } else { media };
    let status = if told.document && media == Media::Json { StatusCode::OK } else { told.status };
    let (allow, retry_after) = (refusal.allow, refusal.retry_after);
    let errors = refusal.into_errors(id.as_str(), most);
    let body = Body { errors: &errors, data: None, extensions: None }.bytes();
    let mut response = (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response();
    advise(&mut response, allow, retry_after);
    response
}
