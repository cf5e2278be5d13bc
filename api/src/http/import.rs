//! Files that are uploaded, beside GraphQL: one table in CSV as the body, and what came of each row as the answer. What stands in it is the house's to judge;
//! here are its bounds.
use super::arrival::Arrival;
use super::failure::{Code, Refusal};
use super::graphql::refuse;
use super::negotiate::{Media, is_csv};
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

/// What a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// Who came to sessions.
    Attendance,
    /// How many came to drop-in days.
    DropInCounts,
}

impl ImportKind {
    /// The kind of the last part of a path.
    fn of(name: &str) -> Option<Self> {
        match name {
            "attendance" => Some(Self::Attendance),
            "drop-in-counts" => Some(Self::DropInCounts),
            _ => None,
        }
    }
}

/// What is asked of the house.
#[derive(Clone, Debug)]
pub enum ImportOf {
    /// To take in a file.
    File {
        /// What it is about.
        kind: ImportKind,
        /// Whose it is, where its rows do not tell.
        organization: Option<String>,
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
    let kind = ImportKind::of(kind).ok_or_else(|| Refusal::new(Code::NotFound, "attendance and drop-in-counts are imported here"))?;
    if !matches!(parts.method, Method::GET | Method::POST) {
        return Err(Refusal { allow: Some("GET, POST"), ..Refusal::new(Code::MethodNotAllowed, "a table is fetched by GET and brought by POST") });
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
    if !is_csv(&parts.headers) {
        return Err(Refusal::new(Code::UnsupportedMediaType, "the body must be text/csv"));
    }
    let busy = || Refusal::new(Code::RateLimited, "another file is being imported").retry_after(COME_BACK_IN);
    let _place = front.imports.enter(caller.key.clone()).ok_or_else(busy)?;
    let bytes = front.read(&parts.headers, body, front.limits.import_bytes).await?;
    front.rate.complexity(&caller.key, bytes.len() as u64 / BYTES)?;
    let file = ImportOf::File { kind, organization: asked.organization, dry_run: asked.dry_run, bytes };
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
    organization: Option<String>,
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
                ("organization", id, &Method::POST) => out.organization = Some(id.to_owned()),
                ("session", id, &Method::GET) => out.session = Some(id.to_owned()),
                (_, _, &Method::GET) => return wrong("session is all that can be said here"),
                _ => return wrong("dryRun and organization are all that can be said here"),
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
