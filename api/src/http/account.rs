//! What is asked about the data of one account, beside GraphQL: the pair of the City of Helsinki's GDPR API. Who may ask and what there is are the
//! house's to say; here is what it looks like over HTTP. Contract: open-city-profile, `gdpr-api-openapi.yaml`.
use super::arrival::Arrival;
use super::failure::{Code, Refusal, advise};
use super::{Front, House, RequestId, health};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout;
use uuid::Uuid;

/// What is asked of an account's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To see all of it.
    Everything,
    /// To erase it.
    Erasure {
        /// Only whether it could be.
        dry_run: bool,
    },
}

/// What the house says of an account's data.
#[derive(Clone, Debug)]
pub enum Told {
    /// All of it, as a tree.
    Data(Value),
    /// There is nothing (any more), or there would be nothing.
    Nothing,
    /// Some of it must be kept.
    Kept(Vec<Reason>),
    /// The bearer may not ask this: it is not the account's, or has not the scope.
    NotAllowed,
    /// It cannot be told now.
    Failed,
}

/// Why something is refused, as the profile service shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// The stable code.
    pub code: &'static str,
    /// In words, by language.
    pub message: BTreeMap<&'static str, String>,
}

impl Reason {
    /// A reason in Finnish, Swedish and English.
    pub fn new(code: &'static str, fi: impl Into<String>, sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, message: BTreeMap::from([("fi", fi.into()), ("sv", sv.into()), ("en", en.into())]) }
    }
}

#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [Reason],
}

/// Serves `/gdpr/{uuid}`.
pub(super) async fn answer<H: House>(
    State(front): State<Arc<Front<H>>>,
    Extension(id): Extension<RequestId>,
    Path(account): Path<String>,
    request: Request,
) -> Response {
    if !front.house.offers_accounts() {
        return health::nothing(Extension(id)).await;
    }
    let mut response = match serve(&front, &id, &account, request).await {
        Ok(Told::Data(tree)) => Json(tree).into_response(),
        Ok(Told::Nothing) => StatusCode::NO_CONTENT.into_response(),
        Ok(Told::Kept(reasons)) => errors(StatusCode::FORBIDDEN, &reasons),
        Ok(Told::NotAllowed) => {
            let reason = Reason::new("FORBIDDEN", "Tähän ei ole oikeutta.", "Det finns ingen rätt till detta.", "This is not permitted.");
            errors(StatusCode::FORBIDDEN, &[reason])
        }
        Ok(Told::Failed) => refused(&Refusal::internal()),
        Err(refusal) => refused(&refusal),
    };
    // All of it is about somebody: nobody on the way keeps it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn serve<H: House>(front: &Front<H>, id: &RequestId, account: &str, request: Request) -> Result<Told, Refusal> {
    let (parts, _) = request.into_parts();
    let asked = match parts.method {
        Method::GET => Asked::Everything,
        Method::DELETE => Asked::Erasure { dry_run: dry_run(parts.uri.query())? },
        _ => return Err(Refusal { allow: Some("GET, DELETE"), ..Refusal::new(Code::MethodNotAllowed, "GET and DELETE are answered here") }),
    };
    let arrival = Arrival::of(&parts, id, front.limits.proxies)?;
    let stranger = arrival.bearer.is_none();
    let caller = front.admit(arrival).await?;
    if stranger {
        return Err(Refusal::new(Code::Unauthenticated, "a bearer is asked for"));
    }
    let account = Uuid::try_parse(account).map_err(|_| Refusal::new(Code::NotFound, "this is no UUID"))?;
    let work = AssertUnwindSafe(front.house.about_account(&caller.visitor, account, asked));
    match timeout(front.limits.request_timeout, futures_util::FutureExt::catch_unwind(work)).await {
        Ok(Ok(told)) => Ok(told),
        Ok(Err(_panic)) => Err(Refusal::internal()),
        Err(_elapsed) => Err(Refusal::new(Code::Timeout, "the answer took too long")),
    }
}

/// Whether a deletion is only tried; the words are those of the reference implementation.
fn dry_run(query: Option<&str>) -> Result<bool, Refusal> {
    let mut asked = None;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        // Whoever has misspelt it wants no less than one who has not.
        if name != "dry_run" {
            return Err(Refusal::new(Code::BadRequest, "dry_run is all that can be said with a deletion"));
        }
        // Of two that disagree, neither is what was meant.
        if asked.is_some() {
            return Err(Refusal::new(Code::BadRequest, "dry_run is given once"));
        }
        asked = match value.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => return Err(Refusal::new(Code::BadRequest, "dry_run is true or false")),
        };
    }
    Ok(asked.unwrap_or_default())
}

fn errors(status: StatusCode, reasons: &[Reason]) -> Response {
    (status, Json(Errors { errors: reasons })).into_response()
}

/// A refusal of the front door in the form of this interface.
fn refused(refusal: &Refusal) -> Response {
    let told = refusal.code.told();
    let (fi, sv, en) = match told.status {
        StatusCode::UNAUTHORIZED => {
            ("Kirjautuminen puuttuu tai on vanhentunut.", "Inloggningen saknas eller har gått ut.", "The bearer is missing or not valid.")
        }
        StatusCode::NOT_FOUND => ("Täällä ei ole mitään.", "Det finns inget här.", "There is nothing here."),
        StatusCode::BAD_REQUEST => ("Pyyntö ei ole oikeaa muotoa.", "Begäran har fel form.", "The request is not of the right form."),
        StatusCode::METHOD_NOT_ALLOWED => ("Tämä ei ole mahdollista täällä.", "Detta är inte möjligt här.", "This cannot be done here."),
        StatusCode::TOO_MANY_REQUESTS => ("Pyyntöjä on liikaa; yritä myöhemmin.", "För många begäran; försök senare.", "Too many requests: try again later."),
        _ => ("Palvelussa tapahtui virhe.", "Ett fel inträffade i tjänsten.", "Something went wrong in the service."),
    };
    let mut response = errors(told.status, &[Reason::new(told.name, fi, sv, en)]);
    advise(&mut response, refusal.allow, refusal.retry_after);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_asked_in_the_words_of_the_contract() {
        for (query, asked) in [(None, false), (Some("dry_run=true"), true), (Some("dry_run=True"), true), (Some("dry_run=1"), true), (Some("dry_run=0"), false)]
        {
            assert_eq!(dry_run(query).ok(), Some(asked), "{query:?}");
        }
        // Whoever is unsure whether it is a dry run must not erase.
        for unsure in ["dryRun=true", "dry_run=yes", "dry_run=", "dry_run=true&dry_run=false", "dry_run=true&dry_run=true"] {
            assert!(dry_run(Some(unsure)).is_err(), "{unsure}");
        }
    }
}
