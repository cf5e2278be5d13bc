//! The catalogue by the Human Services Data Specification, beside GraphQL: `/hsds` and what lies below it. What there is to be told is the house's to say; here
//! are its bounds, what is kept of it, and what it looks like over HTTP.
use super::arrival::Arrival;
use super::cache::{Circumstances, Kept, Key, is_known, tag};
use super::failure::{Code, Refusal};
use super::problem::problem;
use super::rate::Place;
use super::run::Caller;
use super::{Front, House, RequestId, Visitor};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::timeout;

/// Where it lies.
const ROOT: &str = "/hsds";
/// Lines are sent by so many bytes, and others have their turn in between.
const CHUNK: usize = 64 * 1024;
/// Media types of answers.
pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const NDJSON: &str = "application/x-ndjson; charset=utf-8";

/// What is asked for of the public catalogue.
#[derive(Clone, Debug)]
pub struct PublicOf {
    /// The path below `/hsds` or `/catalogue`.
    pub path: String,
    /// What stands after the question mark.
    pub query: String,
    /// The scheme and host under which the caller reaches the server, for addresses that must be whole.
    pub origin: String,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON value.
    Whole,
    /// One JSON value a line.
    Lines,
    /// The same, but so few of them that they are written at once.
    Page,
    /// A zip file.
    Zip,
}

/// An answer that is ready to be written.
pub struct Listing {
    /// What it costs its caller, in the complexity of questions.
    pub cost: u64,
    /// How it is written.
    pub form: Form,
    /// From where the changes of the catalogue go on that it shows.
    pub cursor: Option<String>,
    /// Its parts, each written when its turn comes.
    pub parts: Box<dyn Iterator<Item = Vec<u8>> + Send>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such thing.
    Nothing,
    /// A parameter makes no sense.
    Input {
        /// Which one.
        parameter: String,
        /// Why.
        words: String,
    },
    /// A page is larger than this.
    PageTooLarge(usize),
    /// A cursor that was never told.
    CursorUnknown,
    /// A cursor of what has not happened.
    CursorAhead,
    /// The database is out of reach.
    Unavailable,
    /// It cannot be told now.
    Failed,
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Nothing => Self::new(Code::NotFound, "there is no such thing"),
            Wrong::Input { parameter, words } => Self::new(Code::BadInput, words).about("parameter", parameter),
            Wrong::PageTooLarge(most) => Self::new(Code::PageSizeTooLarge, format!("a page has at most {most} items")).about("parameter", "per_page"),
            Wrong::CursorUnknown => {
                Self::new(Code::CursorUnknown, "this cursor was never told of this feed: begin anew with a whole copy").about("parameter", "since")
            }
            Wrong::CursorAhead => {
                Self::new(Code::CursorAhead, "the feed has not come to this cursor: begin anew with a whole copy").about("parameter", "since")
            }
            Wrong::Unavailable => Self::new(Code::Unavailable, "the server cannot take requests now"),
            Wrong::Failed => Self::internal(),
        }
    }
}

/// Serves `/hsds` and everything below it.
pub(super) async fn answer<H: House>(State(front): State<Arc<Front<H>>>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    serve(&front, &id, request).await.unwrap_or_else(|refusal| problem(refusal, &id))
}

async fn serve<H: House>(front: &Arc<Front<H>>, id: &RequestId, request: Request) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    let (caller, changed, of) = opened(front, id, &parts, ROOT).await?;
    let told = Told::to(front, &parts, &caller, changed);
    let key = Key::of_address(address(&of), circumstances(front, &caller));
    if let Some(kept) = front.answers.find(&key) {
        return Ok(told.whole(&kept));
    }
    let tag = tag(&[address(&of).as_bytes(), caller.visitor.language().as_bytes(), &caller.version.to_be_bytes(), &changed.timestamp_micros().to_be_bytes()]);
    let (house, visitor) = (Arc::clone(&front.house), caller.visitor.clone());
    let listing = apart(front, move || house.hsds(&visitor, &of)).await?.map_err(Refusal::from)?;
    // The whole catalogue at once costs no more than all that one has in a minute.
    front.rate.complexity(&caller.key, listing.cost.min(u64::from(front.limits.rate_complexity)))?;
    if listing.form == Form::Lines {
        let place = enter(front, &caller)?;
        return Ok(told.finish(&tag, NDJSON, streamed(listing.parts, place)));
    }
    let body = apart(front, move || listing.parts.flatten().collect::<Vec<u8>>()).await?;
    Ok(told.whole(&front.answers.keep(key, body.into())))
}

/// Who asks for what below a root, and since when what is told is as it is. That is read first: an answer may be newer than it says, but never older.
pub(super) async fn opened<H: House>(
    front: &Front<H>,
    id: &RequestId,
    parts: &Parts,
    root: &str,
) -> Result<(Caller<H::Visitor>, DateTime<Utc>, PublicOf), Refusal> {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Err(Refusal { allow: Some("GET, HEAD"), ..Refusal::new(Code::MethodNotAllowed, "GET and HEAD are answered here") });
    }
    let changed = front.house.catalogue_since();
    let caller = front.admit(Arrival::of(parts, id, front.limits.proxies)?).await?;
    let of = PublicOf {
        path: parts.uri.path().strip_prefix(root).unwrap_or_default().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        origin: origin(parts, front.limits.proxies),
    };
    Ok((caller, changed, of))
}

/// A place among those who hold something open.
pub(super) fn enter<H: House>(front: &Front<H>, caller: &Caller<H::Visitor>) -> Result<Place, Refusal> {
    let place = front.sockets.enter(caller.key.clone());
    place.ok_or_else(|| Refusal::new(Code::RateLimited, "too many streams are open").retry_after(front.limits.stream_check))
}

/// An answer that is written while it is sent, and for so long holds a place.
pub(super) fn streamed(parts: Box<dyn Iterator<Item = Vec<u8>> + Send>, place: Place) -> Body {
    let chunks = stream::unfold((parts, place), |(mut parts, place)| async move {
        tokio::task::yield_now().await;
        let chunk = next(&mut *parts)?;
        Some((Ok::<_, Infallible>(chunk), (parts, place)))
    });
    // Whoever packs it asks once more after the end.
    Body::from_stream(chunks.fuse())
}

/// Does what may take some milliseconds where it does not keep others waiting.
pub(super) async fn apart<H: House, T: Send + 'static>(front: &Front<H>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    match timeout(front.limits.request_timeout, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_panic)) => Err(Refusal::internal()),
        Err(_elapsed) => Err(Refusal::new(Code::Timeout, "the answer took too long")),
    }
}

/// Everything that the caller says of what is wanted.
fn address(of: &PublicOf) -> String {
    format!("{}{ROOT}{}?{}", of.origin, of.path, of.query)
}

fn circumstances<H: House>(front: &Front<H>, caller: &Caller<H::Visitor>) -> Circumstances {
    Circumstances {
        language: caller.visitor.language().to_owned(),
        // Nobody is told more than others.
        signed_in: false,
        version: caller.version,
        minute: front.clock.now().timestamp().div_euclid(60),
    }
}

/// Some lines of what is left.
fn next(parts: &mut (dyn Iterator<Item = Vec<u8>> + Send)) -> Option<Bytes> {
    let mut chunk = Vec::new();
    while chunk.len() < CHUNK
        && let Some(part) = parts.next()
    {
        chunk.extend(part);
    }
    (!chunk.is_empty()).then(|| chunk.into())
}

/// The scheme and host of the server as the caller knows them. A host that is none is not repeated.
pub(super) fn origin(parts: &Parts, proxies: usize) -> String {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let is_host = |host: &&str| host.len() <= 255 && !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let host = text("host").filter(is_host).unwrap_or("localhost");
    let is_secure = proxies > 0 && text("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    format!("{}://{host}", if is_secure { "https" } else { "http" })
}

/// What an answer tells beside its body.
pub(super) struct Told<'a> {
    known: &'a HeaderMap,
    by_head: bool,
    stranger: bool,
    /// Since when it is as it is, where that is known.
    pub(super) changed: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl<'a> Told<'a> {
    /// What is told to a caller.
    pub(super) fn to<H: House>(front: &Front<H>, parts: &'a Parts, caller: &Caller<H::Visitor>, changed: DateTime<Utc>) -> Self {
        Self { known: &parts.headers, by_head: parts.method == Method::HEAD, stranger: !caller.signed_in(), changed: Some(changed), now: front.clock.now() }
    }

    fn whole(self, kept: &Kept) -> Response {
        self.finish(&kept.tag, JSON, kept.body.clone().into())
    }

    pub(super) fn finish(self, tag: &HeaderValue, media: &'static str, body: Body) -> Response {
        // Weak, since it may be compressed on the way.
        let tag = HeaderValue::try_from(format!("W/{}", tag.to_str().unwrap_or_default())).unwrap_or_else(|_| tag.clone());
        // A second is as fine as a date goes. Only once it is over is it known that nothing more has changed within it.
        let modified = self.changed.map(|at| at.trunc_subsecs(0)).filter(|at| self.now - at >= TimeDelta::seconds(2));
        let is_known = self.is_known(&tag, modified);
        let mut response = match (is_known, self.by_head) {
            (true, _) => StatusCode::NOT_MODIFIED.into_response(),
            (false, true) => Body::empty().into_response(),
            (false, false) => body.into_response(),
        };
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        if !is_known {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        headers.insert(header::ETAG, tag);
        let dated = modified.map(|at| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        if let Some(dated) = dated.and_then(|at| HeaderValue::try_from(at).ok()) {
            headers.insert(header::LAST_MODIFIED, dated);
        }
        // Whoever changes the catalogue has signed in, and must see the change at once; whoever asks what has changed asks for what is new.
        let keep = match (self.stranger, self.changed) {
            (true, Some(_)) => "public, max-age=60",
            (true, None) => "no-cache",
            (false, _) => "private, no-cache",
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.append(header::VARY, HeaderValue::from_static("accept-language, authorization"));
        response
    }

    /// The caller has it already, by its tag or, where none is named, by its date.
    fn is_known(&self, tag: &HeaderValue, modified: Option<DateTime<Utc>>) -> bool {
        if self.known.contains_key(header::IF_NONE_MATCH) {
            return is_known(self.known.get_all(header::IF_NONE_MATCH), tag);
        }
        let since = self.known.get(header::IF_MODIFIED_SINCE).and_then(|value| DateTime::parse_from_rfc2822(value.to_str().ok()?).ok());
        modified.zip(since).is_some_and(|(modified, since)| modified <= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }

    fn parts(headers: &[(&str, &str)]) -> Parts {
        headers.iter().fold(axum::http::Request::builder(), |request, (name, value)| request.header(*name, *value)).body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_a_host_is_taken_for_one() {
        assert_eq!(origin(&parts(&[("host", "api.example:8080")]), 0), "http://api.example:8080");
        assert_eq!(origin(&parts(&[("host", "api.example"), ("x-forwarded-proto", "https")]), 1), "https://api.example");
        assert_eq!(origin(&parts(&[("host", "api.example"), ("x-forwarded-proto", "https")]), 0), "http://api.example");
        for odd in ["a/b", "a\"b", "a b", "a?b", ""] {
            assert_eq!(origin(&parts(&[("host", odd)]), 0), "http://localhost", "{odd}");
        }
    }

    fn known(headers: &[(&str, &str)], age: i64) -> bool {
        let (parts, now) = (parts(headers), noon());
        let changed = now - TimeDelta::seconds(age);
        let told = Told { known: &parts.headers, by_head: false, stranger: true, changed: Some(changed), now };
        told.finish(&HeaderValue::from_static("\"a\""), "text/plain", "x".into()).status() == StatusCode::NOT_MODIFIED
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let since = |age: i64| (noon() - TimeDelta::seconds(age)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert!(known(&[("if-none-match", "W/\"a\"")], 0) && known(&[("if-none-match", "\"x\", \"a\"")], 0) && known(&[("if-none-match", "*")], 0));
        assert!(known(&[("if-modified-since", &since(50))], 100));
        assert!(!known(&[("if-modified-since", &since(150))], 100), "it has changed since");
        assert!(!known(&[("if-none-match", "\"b\""), ("if-modified-since", &since(0))], 100), "the tag counts before the date");
        assert!(!known(&[("if-modified-since", &since(0))], 1), "more may change within this second");
        assert!(!known(&[("if-modified-since", "yesterday")], 100) && !known(&[], 100));
    }
}
