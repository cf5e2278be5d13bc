//! Every way the front door says no, with its public code and its HTTP status in one table.
use async_graphql::{Pos, ServerError};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::time::Duration;

/// The stable name of a failure, `extensions.code` of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// Fields or brackets are nested deeper than allowed.
    TooDeep,
    /// The operation asks for more than allowed.
    TooComplex,
    /// The document is longer than allowed.
    DocumentTooLarge,
    /// A value does not have the form its type asks for.
    BadInput,
    /// A page is larger than allowed.
    PageSizeTooLarge,
    /// A cursor that the feed of changes has never told.
    CursorUnknown,
    /// A cursor of what has not happened.
    CursorAhead,
    /// The operation was named by a hash that is not known (here).
    PersistedQueryNotFound,
    /// Operations cannot be named by hash.
    PersistedQueryNotSupported,
    /// The operation is not on the list of those that are run.
    OperationNotAllowed,
    /// This caller may not read the schema.
    IntrospectionDisabled,
    /// The request is not a GraphQL request.
    BadRequest,
    /// The bearer is missing, false or no longer valid.
    Unauthenticated,
    /// Personal data is looked at for a named purpose only.
    PurposeRequired,
    /// The page that calls comes from a web origin that is not let in.
    OriginNotAllowed,
    /// There is nothing at this address.
    NotFound,
    /// The method cannot be used for this.
    MethodNotAllowed,
    /// None of the forms the caller accepts is offered.
    NotAcceptable,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is larger than allowed.
    BodyTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The caller has used up its share for now.
    RateLimited,
    /// Something failed on our side.
    Internal,
    /// The server cannot take the request now.
    Unavailable,
    /// The answer took too long.
    Timeout,
}

/// How a failure is told over HTTP.
pub(super) struct Told {
    pub name: &'static str,
    pub status: StatusCode,
    /// The document was at fault, not the request that carried it: under `application/json` such an answer is a
    /// 200, as clients older than GraphQL over HTTP expect.
    pub document: bool,
}

impl Code {
    /// The table. The draft of GraphQL over HTTP of 2026 proposes 422 for what is 400 here; the audits of
    /// `graphql-http` ask for 400.
    pub(super) const fn told(self) -> Told {
        let (name, status, document) = match self {
            Self::ParseFailed => ("GRAPHQL_PARSE_FAILED", StatusCode::BAD_REQUEST, true),
            Self::ValidationFailed => ("GRAPHQL_VALIDATION_FAILED", StatusCode::BAD_REQUEST, true),
            Self::TooDeep => ("QUERY_TOO_DEEP", StatusCode::BAD_REQUEST, true),
            Self::TooComplex => ("QUERY_TOO_COMPLEX", StatusCode::BAD_REQUEST, true),
            Self::DocumentTooLarge => ("DOCUMENT_TOO_LARGE", StatusCode::BAD_REQUEST, true),
            Self::BadInput => ("BAD_INPUT", StatusCode::BAD_REQUEST, true),
            Self::PageSizeTooLarge => ("PAGE_SIZE_TOO_LARGE", StatusCode::BAD_REQUEST, true),
            Self::CursorUnknown => ("CURSOR_UNKNOWN", StatusCode::BAD_REQUEST, true),
            Self::CursorAhead => ("CURSOR_AHEAD", StatusCode::BAD_REQUEST, true),
            Self::PersistedQueryNotFound => ("PERSISTED_QUERY_NOT_FOUND", StatusCode::BAD_REQUEST, true),
            Self::PersistedQueryNotSupported => ("PERSISTED_QUERY_NOT_SUPPORTED", StatusCode::BAD_REQUEST, true),
            Self::OperationNotAllowed => ("OPERATION_NOT_ALLOWED", StatusCode::BAD_REQUEST, true),
            Self::IntrospectionDisabled => ("INTROSPECTION_DISABLED", StatusCode::BAD_REQUEST, true),
            Self::BadRequest => ("BAD_REQUEST", StatusCode::BAD_REQUEST, false),
            Self::Unauthenticated => ("UNAUTHENTICATED", StatusCode::UNAUTHORIZED, false),
            Self::PurposeRequired => ("PURPOSE_REQUIRED", StatusCode::FORBIDDEN, false),
            Self::OriginNotAllowed => ("ORIGIN_NOT_ALLOWED", StatusCode::FORBIDDEN, false),
            Self::NotFound => ("NOT_FOUND", StatusCode::NOT_FOUND, false),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", StatusCode::METHOD_NOT_ALLOWED, false),
            Self::NotAcceptable => ("NOT_ACCEPTABLE", StatusCode::NOT_ACCEPTABLE, false),
            Self::BodyTimeout => ("TIMEOUT", StatusCode::REQUEST_TIMEOUT, false),
            Self::BodyTooLarge => ("BODY_TOO_LARGE", StatusCode::PAYLOAD_TOO_LARGE, false),
            Self::UnsupportedMediaType => ("UNSUPPORTED_MEDIA_TYPE", StatusCode::UNSUPPORTED_MEDIA_TYPE, false),
            Self::RateLimited => ("RATE_LIMITED", StatusCode::TOO_MANY_REQUESTS, false),
            Self::Internal => ("INTERNAL", StatusCode::INTERNAL_SERVER_ERROR, false),
            Self::Unavailable => ("UNAVAILABLE", StatusCode::SERVICE_UNAVAILABLE, false),
            Self::Timeout => ("TIMEOUT", StatusCode::GATEWAY_TIMEOUT, false),
        };
        Told { name, status, document }
    }

    /// The public name, as in `extensions.code`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.told().name
    }
}

/// A request that was not executed, or whose answer may not leave: no `data`, only errors.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub code: Code,
    pub errors: Vec<ServerError>,
    pub retry_after: Option<Duration>,
    /// The methods that would do, when the one used does not.
    pub allow: Option<&'static str>,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::at(code, message, None)
    }

    pub fn at(code: Code, message: impl Into<String>, position: Option<Pos>) -> Self {
        Self::of(code, vec![ServerError::new(message, position)])
    }

    pub fn of(code: Code, errors: Vec<ServerError>) -> Self {
        Self { code, errors, retry_after: None, allow: None }
    }

    pub fn internal() -> Self {
        Self::new(Code::Internal, "something went wrong on our side")
    }

    /// Tells something more of the first error, beside its code.
    pub fn about(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Some(error) = self.errors.first_mut() {
            error.extensions.get_or_insert_default().set(name, value.into());
        }
        self
    }

    /// Tells the caller when to come back.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The errors as the caller gets them: coded, findable in the log by the request's id, and bounded.
    pub fn into_errors(mut self, request_id: &str, most: usize) -> Vec<ServerError> {
        self.errors.truncate(most);
        for error in &mut self.errors {
            finish(error, self.code, request_id);
        }
        self.errors
    }
}

/// Tells a caller that was refused what would do, and when to come back.
pub(super) fn advise(response: &mut Response, allow: Option<&'static str>, retry_after: Option<Duration>) {
    let is_unknown = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(wait) = retry_after {
        headers.insert(header::RETRY_AFTER, wait.as_secs().saturating_add(1).into());
    }
    if is_unknown {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    }
}

/// Longest message of an error, in characters.
const LONGEST_MESSAGE: usize = 300;

/// Gives an error its code, unless it has one, and the request's id, and cuts an over-long message.
pub(super) fn finish(error: &mut ServerError, code: Code, request_id: &str) {
    if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
        error.message.truncate(end);
        error.message.push('…');
    }
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code.name());
    }
    extensions.set("requestId", request_id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_bounded_in_number_and_length_and_can_be_traced() {
        let long = ServerError::new("ä".repeat(10_000), None);
        let errors = Refusal::of(Code::ParseFailed, vec![long; 50]).into_errors("r-1", 20);
        assert_eq!(errors.len(), 20);
        assert_eq!(errors[0].message.chars().count(), LONGEST_MESSAGE + 1);
        let extensions = errors[0].extensions.as_ref().unwrap();
        assert_eq!(extensions.get("code"), Some(&"GRAPHQL_PARSE_FAILED".into()));
        assert_eq!(extensions.get("requestId"), Some(&"r-1".into()));
    }

    #[test]
    fn a_code_that_is_already_there_stays() {
        let mut error = ServerError::new("no", None);
        error.extensions.get_or_insert_default().set("code", "FORBIDDEN");
        finish(&mut error, Code::Internal, "r-1");
        assert_eq!(error.extensions.unwrap().get("code"), Some(&"FORBIDDEN".into()));
    }
}
