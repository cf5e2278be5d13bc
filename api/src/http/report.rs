//! Reports as files, beside GraphQL: `/reports/{name}.csv`, `.xlsx` and `.html`. What is told, to whom and how is the house's to say; here are the bounds.
use super::arrival::Arrival;
use super::failure::{Code, Refusal};
use super::problem::problem;
use super::{Front, House, RequestId};
use async_graphql::{ServerError, Value};
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout;

/// What a report costs its caller, in the complexity of questions.
const COST: u64 = 1_000;
/// How many reports a file has at the most.
const REPORTS: u64 = 16;
/// The longest name of a file that is looked for.
const LONGEST: usize = 60;
/// All that can be said of what is asked.
const PARAMETERS: [&str; 12] =
    ["organization", "asOf", "knownAt", "rendering", "k", "serviceTasks", "referrers", "openedFrom", "openedTo", "instrument", "area", "from"];

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportForm {
    /// One table in CSV.
    Csv,
    /// A workbook.
    Xlsx,
    /// A page to be read and printed.
    Html,
}

impl ReportForm {
    const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// A file by its name: that without its ending, and the form.
    fn of(file: &str) -> Option<(&str, Self)> {
        let (name, ending) = file.rsplit_once('.').filter(|_| file.len() <= LONGEST)?;
        match ending {
            "csv" => Some((name, Self::Csv)),
            "xlsx" => Some((name, Self::Xlsx)),
            "html" => Some((name, Self::Html)),
            _ => None,
        }
    }
}

/// What is asked of the house.
#[derive(Clone, Debug)]
pub struct ReportOf {
    /// Which report, as in the address; `all` for all of them.
    pub name: String,
    /// How it is written.
    pub form: ReportForm,
    /// What is said of it, by the names of the arguments in GraphQL.
    pub said: BTreeMap<String, String>,
}

/// What the house says.
#[derive(Clone, Debug)]
pub enum Written {
    /// The file.
    File {
        /// Its name, without its ending.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
        /// What a browser lets it do, where it is a page.
        policy: Option<String>,
    },
    /// There is no such report, or the caller is not told it.
    Nothing,
    /// Signing in is needed.
    Unauthenticated,
    /// A purpose is needed.
    PurposeRequired,
    /// Rules said no: code, place and words of each reason.
    Refused(Vec<(domain::rejection::Code, Vec<String>, String)>),
    /// What is asked makes no sense.
    Wrong(String),
    /// It cannot be done now.
    Failed,
}

/// Serves `/reports/{file}`.
pub(super) async fn answer<H: House>(
    State(front): State<Arc<Front<H>>>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
    request: Request,
) -> Response {
    let mut response = serve(&front, &id, &file, request).await.unwrap_or_else(|refusal| problem(refusal, &id));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn serve<H: House>(front: &Front<H>, id: &RequestId, file: &str, request: Request) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    // What is told is written down: nothing is asked only to see whether it is there.
    if parts.method != Method::GET {
        return Err(Refusal { allow: Some("GET"), ..Refusal::new(Code::MethodNotAllowed, "a report is fetched by GET") });
    }
    let unknown = || Refusal::new(Code::NotFound, "there is no such report");
    let (name, form) = ReportForm::of(file).ok_or_else(unknown)?;
    let said = said(parts.uri.query())?;
    let caller = front.admit(Arrival::of(&parts, id, front.limits.proxies)?).await?;
    if !caller.signed_in() {
        return Err(Refusal::new(Code::Unauthenticated, "a bearer is asked for"));
    }
    let cost = if name == "all" { COST * REPORTS } else { COST };
    // All of them cost no more than all that one has in a minute.
    front.rate.complexity(&caller.key, cost.min(front.limits.rate_complexity.into()))?;
    let work = AssertUnwindSafe(front.house.report(&caller.visitor, ReportOf { name: name.to_owned(), form, said }));
    let written = match timeout(front.limits.request_timeout, futures_util::FutureExt::catch_unwind(work)).await {
        Ok(Ok(written)) => written,
        Ok(Err(_panic)) => return Err(Refusal::internal()),
        Err(_elapsed) => return Err(Refusal::new(Code::Timeout, "the answer took too long")),
    };
    match written {
        Written::File { name, bytes, policy } => Ok(sent(&name, form, bytes, policy)),
        Written::Nothing => Err(unknown()),
        Written::Unauthenticated => Err(Refusal::new(Code::Unauthenticated, "a bearer is asked for")),
        Written::PurposeRequired => Err(Refusal::new(Code::PurposeRequired, "say in the header X-Purpose what you look at personal data for")),
        Written::Refused(reasons) => Err(refused(reasons)),
        Written::Wrong(words) => Err(Refusal::new(Code::BadRequest, words)),
        Written::Failed => Err(Refusal::internal()),
    }
}

fn sent(name: &str, form: ReportForm, bytes: Vec<u8>, policy: Option<String>) -> Response {
    let disposition = match form {
        ReportForm::Csv => format!("attachment; filename=\"{name}.csv\""),
        ReportForm::Xlsx => format!("attachment; filename=\"{name}.xlsx\""),
        ReportForm::Html => format!("inline; filename=\"{name}.html\""),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media()));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if let Some(policy) = policy.and_then(|policy| HeaderValue::try_from(policy).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, authorization"));
    response
}

/// The reasons as GraphQL tells them.
fn refused(reasons: Vec<(domain::rejection::Code, Vec<String>, String)>) -> Refusal {
    let one = |(code, path, message)| serde_json::json!({ "code": code, "path": path, "message": message });
    let mut error = ServerError::new("The input is refused.", None);
    if let Ok(reasons) = Value::from_json(reasons.into_iter().map(one).collect()) {
        error.extensions.get_or_insert_default().set("reasons", reasons);
    }
    Refusal::of(Code::BadInput, vec![error])
}

/// What stands after the question mark; what is misspelt is refused, since all would be told without it.
fn said(query: Option<&str>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut said = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !PARAMETERS.contains(&&*name) {
            return Err(Refusal::new(Code::BadRequest, format!("what can be said here is {}", PARAMETERS.join(", "))));
        }
        if said.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::new(Code::BadRequest, "a parameter is given once"));
        }
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_form_and_what_is_said_of_it_is_spelt_right() {
        assert_eq!(ReportForm::of("client-cohort.csv"), Some(("client-cohort", ReportForm::Csv)));
        assert_eq!(ReportForm::of("all.xlsx"), Some(("all", ReportForm::Xlsx)));
        assert_eq!((ReportForm::of("all"), ReportForm::of("all.pdf")), (None, None));
        assert_eq!(said(Some("asOf=2026-01-01&k=5")).ok().map(|said| said.len()), Some(2));
        for unsure in ["asof=2026-01-01", "k=5&k=6", "cohort=x"] {
            assert!(said(Some(unsure)).is_err(), "{unsure}");
        }
    }
}
