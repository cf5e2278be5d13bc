//! Files that are uploaded, beside GraphQL: one table in CSV, or one feed in JSON, as the body, and what came of each row as the answer. What stands in it is the
//! house's to judge; here are its bounds.
use super::arrival::Arrival;
use super::failure::{Code, Refusal};
use super::graphql::refuse;
use super::negotiate::{Media, is_csv, is_feed};
use super::{Front, House, RequestId};
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// So many bytes of a file cost its caller one value, in the complexity of questions: a row is some hundred bytes, and written.
const BYTES: u64 = 4;
/// What a table to fill in costs.
const TEMPLATE: u64 = 500;
/// When one who has to wait for others comes back.
const COME_BACK_IN: Duration = Duration::from_secs(5);

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// A table of who came to sessions.
    Attendance,
    /// A table of how many came to drop-in days.
    DropInCounts,
    /// A feed of services in HSDS 3.
    Hsds,
}

impl ImportKind {
    /// The kind of the last part of a path.
    fn of(name: &str) -> Option<Self> {
        match name {
            "attendance" => Some(Self::Attendance),
            "drop-in-counts" => Some(Self::DropInCounts),
            "hsds" => Some(Self::Hsds),
            _ => None,
        }
    }

    /// It is a table, and there is one to fill in.
    const fn is_table(self) -> bool {
        matches!(self, Self::Attendance | Self::DropInCounts)
    }
}

/// What is said beside a file, of what does not stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Whose it is, by the public id.
    pub organization: Option<String>,
    /// Of a feed: what its source is called.
    pub source: Option<String>,
    /// Of a feed: the language of its texts.
    pub language: Option<String>,
    /// Of a feed: which of its organisations is meant, by the id there.
    pub feed_organization: Option<String>,
}

/// What is asked of the house.
#[derive(Clone, Debug)]
pub enum ImportOf {
    /// To take in a file.
    File {
        /// What it is about.
        kind: ImportKind,
        /// What does not stand in it.
        beside: Beside,
        /// Only to try it.
        dry_run: bool,
        /// The file.
        bytes: Bytes,
    },
    /// The table to fill in.
    Template {
        /// What it is about.
        kind: ImportKind,
        /// Of which session.
        session: Option<String>,
    },
}

/// What the house says.
#[derive(Clone, Debug)]
pub enum Brought {
    /// What came of the file.
    Report {
        /// It could be read: its rows were tried.
        read: bool,
        /// As the caller is told.
        report: serde_json::Value,
    },
    /// The table to fill in.
    Template(String),
    /// There is no such thing, or the caller may not see it.
    Nothing,
    /// Signing in is needed.
    Unauthenticated,
    /// A purpose is needed.
    PurposeRequired,
    /// What is asked makes no sense.
    Wrong(String),
    /// It cannot be done now.
    Failed,
}

/// Serves `/import/{kind}`.
pub(super) async fn answer<H: House>(
    State(front): State<Arc<Front<H>>>,
    Extension(id): Extension<RequestId>,
    Path(kind): Path<String>,
    request: Request,
) -> Response {
    let mut response = serve(&front, &id, &kind, request).await.unwrap_or_else(|refusal| refuse(refusal, Media::GraphQl, &id, 1));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

async fn serve<H: House>(front: &Front<H>, id: &RequestId, kind: &str, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let kind = ImportKind::of(kind).ok_or_else(|| Refusal::new(Code::NotFound, "attendance, drop-in-counts and hsds are imported here"))?;
    match (&parts.method, kind.is_table()) {
        (&Method::POST, _) | (&Method::GET, true) => {}
        (_, true) => return Err(Refusal { allow: Some("GET, POST"), ..Refusal::new(Code::MethodNotAllowed, "a table is fetched by GET and brought by POST") }),
        (_, false) => return Err(Refusal { allow: Some("POST"), ..Refusal::new(Code::MethodNotAllowed, "a feed is brought by POST") }),
    }
    let asked = Query::of(parts.uri.query(), &parts.method)?;
    let arrival = Arrival::of(&parts, id, front.limits.proxies)?;
    let caller = front.admit(arrival).await?;
    if !caller.signed_in() {
        return Err(Refusal::new(Code::Unauthenticated, "a bearer is asked for"));
    }
    if parts.method == Method::GET {
        front.rate.complexity(&caller.key, TEMPLATE)?;
        return brought(front, &caller.visitor, ImportOf::Template { kind, session: asked.session }, front.limits.request_timeout).await;
    }
    // No page of another site can send this without asking first, and a form not at all.
    let (is_said, words) = if kind.is_table() {
        (is_csv(&parts.headers), "the body must be text/csv")
    } else {
        (is_feed(&parts.headers), "the body must be application/json or application/x-ndjson in UTF-8")
    };
    if !is_said {
        return Err(Refusal::new(Code::UnsupportedMediaType, words));
    }
    let busy = || Refusal::new(Code::RateLimited, "another file is being imported").retry_after(COME_BACK_IN);
    let _place = front.imports.enter(caller.key.clone()).ok_or_else(busy)?;
    let bytes = front.read(&parts.headers, body, front.limits.import_bytes).await?;
    front.rate.complexity(&caller.key, bytes.len() as u64 / BYTES)?;
    let file = ImportOf::File { kind, beside: asked.beside, dry_run: asked.dry_run, bytes };
    brought(front, &caller.visitor, file, front.limits.import_timeout).await
}

async fn brought<H: House>(front: &Front<H>, visitor: &H::Visitor, of: ImportOf, patience: Duration) -> Result<Response, Refusal> {
    let work = AssertUnwindSafe(front.house.import(visitor, of));
    let brought = match timeout(patience, futures_util::FutureExt::catch_unwind(work)).await {
        Ok(Ok(brought)) => brought,
        Ok(Err(_panic)) => return Err(Refusal::internal()),
        // What was done is done; the same file again goes on from there.
        Err(_elapsed) => return Err(Refusal::new(Code::Timeout, "the file took too long: send the same again, or a smaller one")),
    };
    match brought {
        Brought::Report { read: true, report } => Ok(Json(report).into_response()),
        Brought::Report { read: false, report } => Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(report)).into_response()),
        Brought::Template(text) => {
            let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"template.csv\"")];
            Ok((headers, text).into_response())
        }
        Brought::Nothing => Err(Refusal::new(Code::NotFound, "there is no such thing")),
        Brought::Unauthenticated => Err(Refusal::new(Code::Unauthenticated, "a bearer is asked for")),
        Brought::PurposeRequired => Err(Refusal::new(Code::PurposeRequired, "say in the header X-Purpose what you look at personal data for")),
        Brought::Wrong(words) => Err(Refusal::new(Code::BadRequest, words)),
        Brought::Failed => Err(Refusal::internal()),
    }
}

/// What is said beside the file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    beside: Beside,
    session: Option<String>,
    dry_run: bool,
}

impl Query {
    /// Reads it; what is misspelt is refused, since it could have been a dry run.
    fn of(query: Option<&str>, method: &Method) -> Result<Self, Refusal> {
        let mut out = Self::default();
        let mut seen = std::collections::BTreeSet::new();
        let wrong = |words: &str| Err(Refusal::new(Code::BadRequest, words));
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !seen.insert(name.clone()) {
                return wrong("a parameter is given once");
            }
            match (&*name, &*value, method) {
                ("dryRun", "true" | "false", &Method::POST) => out.dry_run = value == "true",
                ("dryRun", _, &Method::POST) => return wrong("dryRun is true or false"),
                ("organization", id, &Method::POST) => out.beside.organization = Some(id.to_owned()),
                ("source", name, &Method::POST) => out.beside.source = Some(name.to_owned()),
                ("language", tag, &Method::POST) => out.beside.language = Some(tag.to_owned()),
                ("feedOrganization", id, &Method::POST) => out.beside.feed_organization = Some(id.to_owned()),
                ("session", id, &Method::GET) => out.session = Some(id.to_owned()),
                (_, _, &Method::GET) => return wrong("session is all that can be said here"),
                _ => return wrong("dryRun, organization, source, language and feedOrganization are all that can be said here"),
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_that_is_misspelt_is_refused() {
        let dry = |query: &str| Query::of(Some(query), &Method::POST).ok().map(|query| query.dry_run);
        assert_eq!((dry(""), dry("dryRun=true"), dry("dryRun=false&organization=x")), (Some(false), Some(true), Some(false)));
        for unsure in ["dryrun=true", "dryRun=1", "dryRun=", "dry_run=true", "dryRun=true&dryRun=false", "session=x"] {
            assert_eq!(dry(unsure), None, "{unsure}");
        }
        assert!(Query::of(Some("session=x"), &Method::GET).is_ok() && Query::of(Some("dryRun=true"), &Method::GET).is_err());
    }
}
