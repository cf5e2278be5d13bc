//! Which web pages may call: those of the server's own origin and of the origins the operator has listed.
use super::limits::Limits;
use super::trace::REQUEST_ID;
use axum::http::{HeaderMap, HeaderName, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The header that says what personal data is looked at for.
pub(super) const PURPOSE: HeaderName = HeaderName::from_static("x-purpose");

/// The header that says from where the changes of the catalogue go on that an answer shows.
pub(super) const CURSOR: HeaderName = HeaderName::from_static("x-catalogue-cursor");

/// Lets browsers show answers to pages of the listed origins. There are no cookies, so none are let through.
pub(super) fn layer(limits: &Limits) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(limits.allowed_origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::ACCEPT, header::ACCEPT_LANGUAGE, header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, PURPOSE, REQUEST_ID])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID, CURSOR])
        .max_age(Duration::from_hours(1))
}

/// Whether a page may open a WebSocket, to which browsers do not apply the rules above. A caller that is not a
/// browser sends no origin.
pub(super) fn admits(headers: &HeaderMap, limits: &Limits) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    limits.allowed_origins.contains(origin) || (own.is_some() && own == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_origin_must_be_listed() {
        let limits = Limits { allowed_origins: vec!["https://palvelut.example".parse().unwrap()], ..Limits::default() };
        let admitted = |origin: &'static str| {
            admits(&HeaderMap::from_iter([(header::HOST, "api.example:8080".parse().unwrap()), (header::ORIGIN, origin.parse().unwrap())]), &limits)
        };
        assert!(admitted("https://palvelut.example") && admitted("http://api.example:8080"));
        for foreign in ["https://evil.example", "null", "", "http://api.example", "http://api.example:8080.evil.example"] {
            assert!(!admitted(foreign), "{foreign}");
        }
        assert!(admits(&HeaderMap::new(), &limits));
    }
}
