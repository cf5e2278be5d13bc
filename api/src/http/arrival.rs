//! What a caller brings along besides the question: who it says it is, what for, and where from.
use super::failure::{Code, Refusal};
use super::origin::PURPOSE;
use super::serve::Connection;
use super::trace::RequestId;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Longest header that is passed on, in bytes.
const LONGEST_HEADER: usize = 256;

/// What a caller brings along.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The token after `Bearer`.
    pub bearer: Option<SecretString>,
    /// `Accept-Language` as sent.
    pub language: Option<String>,
    /// `X-Purpose` as sent: what a worker looks at personal data for.
    pub purpose: Option<String>,
    /// The id under which the request is found in the log.
    pub request_id: String,
    /// Where the caller is.
    pub address: IpAddr,
}

impl Arrival {
    /// Reads the head of a request. A caller that tries to be someone in a way that is not known is refused, rather
    /// than served as a stranger.
    pub(super) fn of(parts: &Parts, id: &RequestId, proxies: usize) -> Result<Self, Refusal> {
        let text = |name| {
            let value = parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            value.filter(|text| text.len() <= LONGEST_HEADER).map(str::to_owned)
        };
        let bearer = match parts.headers.get(header::AUTHORIZATION) {
            None => None,
            Some(value) => {
                let token = value.to_str().ok().and_then(bearer);
                let message = "Authorization must be a bearer";
                Some(token.ok_or_else(|| Refusal::new(Code::Unauthenticated, message))?)
            }
        };
        Ok(Self {
            bearer,
            language: text(header::ACCEPT_LANGUAGE),
            purpose: text(PURPOSE),
            request_id: id.as_str().to_owned(),
            address: address(parts, proxies),
        })
    }
}

/// The token in `Bearer …`. How long one may be is for its judge to say, in the same words as every other refusal.
pub(super) fn bearer(text: &str) -> Option<SecretString> {
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    let known = scheme.eq_ignore_ascii_case("bearer");
    (known && !token.is_empty()).then(|| token.into())
}

/// The other end of the connection, or what the outermost of our proxies saw there. What stands further left in
/// `X-Forwarded-For` was written by the caller.
fn address(parts: &Parts, proxies: usize) -> IpAddr {
    let connection = parts.extensions.get::<Connection>();
    let peer = connection.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |connection| connection.peer);
    let lines = parts.headers.get_all("x-forwarded-for").iter();
    let seen: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    let outermost = proxies.checked_sub(1).and_then(|inner| seen.iter().rev().nth(inner));
    outermost.and_then(|address| parsed(address.trim())).unwrap_or(peer)
}

/// Some proxies write the port too.
fn parsed(address: &str) -> Option<IpAddr> {
    let with_port = || address.parse().ok().map(|address: SocketAddr| address.ip());
    address.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use secrecy::ExposeSecret;

    fn seen(forwarded: &[&str], proxies: usize) -> String {
        let request = forwarded.iter().fold(Request::builder(), |request, line| request.header("x-forwarded-for", *line));
        address(&request.body(()).unwrap().into_parts().0, proxies).to_string()
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let line = ["198.51.100.9, 192.0.2.1", "192.0.2.2"];
        assert_eq!(seen(&line, 0), "127.0.0.1");
        assert_eq!(seen(&line, 1), "192.0.2.2");
        assert_eq!(seen(&line, 2), "192.0.2.1");
        assert_eq!(seen(&line, 4), "127.0.0.1");
        assert_eq!(seen(&["192.0.2.3:4711"], 1), "192.0.2.3");
        assert_eq!(seen(&["[2001:db8::1]:4711"], 1), "2001:db8::1");
        assert_eq!(seen(&["unknown"], 1), "127.0.0.1");
    }

    #[test]
    fn a_bearer_is_the_one_scheme_that_is_known() {
        let token = |text| bearer(text).map(|token| token.expose_secret().to_owned());
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer  abc ").as_deref(), Some("abc"));
        for wrong in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert_eq!(token(wrong), None, "{wrong}");
        }
    }
}
