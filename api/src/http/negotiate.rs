//! Which of the offered media types an answer is written in, by the caller's `Accept` header.
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// `application/json`: the older form, in which a refused document is still a 200.
    Json,
    /// `application/graphql-response+json`: the status tells what happened.
    GraphQl,
    /// `text/event-stream`: one event for every result.
    Events,
}

impl Media {
    /// The form the caller likes best, or nothing when none of ours will do. The more exact of two equally
    /// liked forms wins; a caller that says nothing gets JSON.
    #[must_use]
    pub fn chosen(headers: &HeaderMap) -> Option<Self> {
        let mut ranges = headers.get_all(ACCEPT).iter().peekable();
        if ranges.peek().is_none() {
            return Some(Self::Json);
        }
        ranges
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(offer)
            .reduce(|best, next| if (next.0, next.1) > (best.0, best.1) { next } else { best })
            .map(|(_, _, media)| media)
    }

    /// The `Content-Type` of an answer in this form.
    #[must_use]
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Events => "text/event-stream",
        })
    }
}

/// How much a range is liked (in thousandths), how exact it is, and what it stands for.
fn offer(range: &str) -> Option<(u16, u8, Media)> {
    let (essence, parameters) = split(range);
    let mut quality = 1000;
    for (name, value) in parameters {
        match name.as_str() {
            "q" => quality = thousandths(&value)?,
            "charset" if value != "utf-8" => return None,
            _ => {}
        }
    }
    let (exactness, media) = match essence.as_str() {
        "application/graphql-response+json" => (3, Media::GraphQl),
        "application/json" => (2, Media::Json),
        "text/event-stream" => (2, Media::Events),
        "application/*" => (1, Media::Json),
        "*/*" => (0, Media::Json),
        _ => return None,
    };
    (quality > 0).then_some((quality, exactness, media))
}

fn thousandths(quality: &str) -> Option<u16> {
    let number: f32 = quality.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
    (0.0..=1.0).contains(&number).then_some((number * 1000.0) as u16)
}

/// Whether a body is said to be JSON in UTF-8. Nothing a plain web form can send is, so this is also what keeps
/// other sites' pages from posting here without a preflight.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    is_utf_8(headers, &["application/json"])
}

/// Whether a body is said to be a feed: JSON in UTF-8, or one JSON value after the other.
#[must_use]
pub fn is_feed(headers: &HeaderMap) -> bool {
    is_utf_8(headers, &["application/json", "application/x-ndjson"])
}

fn is_utf_8(headers: &HeaderMap, among: &[&str]) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(Ok(only)), None) = (types.next().map(HeaderValue::to_str), types.next()) else {
        return false;
    };
    let (essence, mut parameters) = split(only);
    among.contains(&&*essence) && parameters.all(|(name, value)| name != "charset" || value == "utf-8")
}

/// Whether a body is said to be CSV. In which encoding is found out from itself: what programs say of it is not to be trusted.
#[must_use]
pub fn is_csv(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter().map(HeaderValue::to_str);
    matches!((types.next(), types.next()), (Some(Ok(only)), None) if split(only).0 == "text/csv")
}

/// A media type in lower case and its parameters, unquoted.
fn split(text: &str) -> (String, impl Iterator<Item = (String, String)>) {
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let parameters = parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((&part, ""));
        (name.trim().to_owned(), value.trim().trim_matches('"').to_owned())
    });
    (essence, parameters.collect::<Vec<_>>().into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> Option<Media> {
        Media::chosen(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_caller_chooses_and_json_is_what_a_silent_caller_gets() {
        assert_eq!(Media::chosen(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepting("*/*"), Some(Media::Json));
        assert_eq!(accepting("APPLICATION/JSON"), Some(Media::Json));
        assert_eq!(accepting("application/json;q=0.5, application/graphql-response+json"), Some(Media::GraphQl));
        assert_eq!(accepting("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json));
        assert_eq!(accepting("application/graphql-response+json, application/json"), Some(Media::GraphQl));
        assert_eq!(accepting("text/event-stream"), Some(Media::Events));
    }

    #[test]
    fn what_is_not_offered_is_not_guessed() {
        for range in ["text/html", "", "application/json;q=0", "application/json;q=2", "application/json;charset=utf-16"] {
            assert_eq!(accepting(range), None, "{range}");
        }
    }

    #[test]
    fn only_csv_is_a_table() {
        let said = |value| is_csv(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(said("text/csv") && said("Text/CSV; charset=windows-1252; header=present"));
        for wrong in ["", "text/plain", "application/json", "multipart/form-data; boundary=text/csv", "application/vnd.ms-excel"] {
            assert!(!said(wrong), "{wrong}");
        }
        assert!(!is_csv(&HeaderMap::new()));
    }

    #[test]
    fn only_json_in_utf_8_is_a_body() {
        let said = |value| is_json(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(said("application/json") && said("Application/JSON; charset=\"UTF-8\""));
        for wrong in ["", "text/plain", "text/plain; application/json", "application/json, text/plain", "application/json; charset=utf-16"] {
            assert!(!said(wrong), "{wrong}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_feed_is_json_or_one_json_after_the_other() {
        let said = |value| is_feed(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(said("application/json") && said("application/x-ndjson; charset=utf-8"));
        for wrong in ["text/plain", "text/csv", "application/x-ndjson; charset=iso-8859-1", "application/ld+json"] {
            assert!(!said(wrong), "{wrong}");
        }
    }
}
