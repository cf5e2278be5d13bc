//! Answers that depend on nothing but the public catalogue, kept as bytes for whoever asks the same.
use super::guard::{Digest, Ready};
use super::limits::Limits;
use super::negotiate::Media;
use apollo_compiler::response::{JsonMap, JsonValue};
use axum::http::HeaderValue;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use bytes::Bytes;
use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest as _, Sha256};
use std::fmt::Write;

/// Everything an answer from the catalogue depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    question: Question,
    circumstances: Circumstances,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    /// An operation of GraphQL.
    Operation { document: Digest, operation: Option<String>, variables: String, media: Media },
    /// What lies at an address, with host and query.
    Address(String),
}

/// What an answer depends on besides the question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Circumstances {
    /// The language it is written in.
    pub language: String,
    /// What signed-in people are told is kept apart: what a stranger is not told must not be missing for them.
    pub signed_in: bool,
    /// The version of the catalogue.
    pub version: u64,
    /// The minute of the clock, since answers may say what is open now.
    pub minute: i64,
}

impl Key {
    /// The key of an operation.
    pub fn of(ready: &Ready, media: Media, circumstances: Circumstances) -> Self {
        let (operation, variables) = (ready.name().map(str::to_owned), canonical(&ready.variables));
        Self { question: Question::Operation { document: ready.checked.digest, operation, variables, media }, circumstances }
    }

    /// The key of what lies at an address.
    pub fn of_address(address: String, circumstances: Circumstances) -> Self {
        Self { question: Question::Address(address), circumstances }
    }

    fn media(&self) -> Media {
        match &self.question {
            Question::Operation { media, .. } => *media,
            Question::Address(_) => Media::Json,
        }
    }

    /// How many bytes it holds.
    fn size(&self) -> usize {
        match &self.question {
            Question::Operation { variables, .. } => variables.len(),
            Question::Address(address) => address.len(),
        }
    }
}

/// A kept answer.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// The body, ready to be sent.
    pub body: Bytes,
    /// The strong entity tag of the body in its media type.
    pub tag: HeaderValue,
}

impl Kept {
    fn new(body: Bytes, media: Media) -> Self {
        let tag = tag(&[media.content_type().as_bytes(), &body]);
        Self { body, tag }
    }
}

/// Whoever asks names this tag as known, or any: by `If-None-Match` (RFC 9110, 13.1.2), where a weak tag is as good as a strong one.
pub(super) fn is_known<'v>(named: impl IntoIterator<Item = &'v HeaderValue>, tag: &HeaderValue) -> bool {
    fn bare(tag: &str) -> &str {
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    let Ok(tag) = tag.to_str().map(bare) else { return false };
    let named = named.into_iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
    named.map(str::trim).any(|known| known == "*" || bare(known) == tag)
}

/// The entity tag of these bytes, one after the other.
pub(super) fn tag(parts: &[&[u8]]) -> HeaderValue {
    let hash = parts.iter().fold(Sha256::new(), sha2::Digest::chain_update);
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..18]));
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        256 + (key.size() + kept.body.len()) as u64
    }
}

/// The memory for answers. The least useful make room when it is full.
pub(super) struct Answers {
    kept: Option<Cache<Key, Kept, Weight>>,
    largest: usize,
}

impl Answers {
    /// A memory of the size set, or none.
    pub fn new(limits: &Limits) -> Self {
        let capacity = limits.answer_cache_bytes;
        let size = |part: u64| usize::try_from(capacity / part).unwrap_or(usize::MAX);
        let kept = (capacity > 0).then(|| Cache::with_weighter(size(4_096), capacity, Weight));
        Self { kept, largest: size(64) }
    }

    /// The answer to the same question, if it is kept.
    pub fn find(&self, key: &Key) -> Option<Kept> {
        let found = self.kept.as_ref()?.get(key);
        let outcome = if found.is_some() { "hit" } else { "miss" };
        metrics::counter!("http_answer_cache_total", "outcome" => outcome).increment(1);
        found
    }

    /// Keeps an answer, unless it would crowd the others out.
    pub fn keep(&self, key: Key, body: Bytes) -> Kept {
        let kept = Kept::new(body, key.media());
        if let Some(cache) = &self.kept
            && key.size() + kept.body.len() <= self.largest
        {
            cache.insert(key, kept.clone());
        }
        kept
    }
}

/// Variables as one text: the same for the same values, whatever the order in which objects were written.
fn canonical(variables: &JsonMap) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        text.push_str(name.as_str());
        text.push('=');
        write(value, &mut text);
        text.push(';');
    }
    text
}

fn write(value: &JsonValue, text: &mut String) {
    match value {
        JsonValue::Array(items) => {
            text.push('[');
            for item in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        JsonValue::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (name, field) in sorted {
                write(&JsonValue::String(name.clone()), text);
                write(field, text);
                text.push(',');
            }
            text.push('}');
        }
        leaf => {
            let _ = write!(text, "{leaf}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(variables: &str) -> String {
        canonical(&serde_json::from_str(variables).unwrap())
    }

    #[test]
    fn the_order_in_an_object_does_not_matter_and_everything_else_does() {
        assert_eq!(text(r#"{"f":{"a":1,"b":{"c":[1,2],"d":null}}}"#), text(r#"{"f":{"b":{"d":null,"c":[1,2]},"a":1}}"#));
        let different = [
            r#"{"f":{"a":1}}"#,
            r#"{"f":{"a":"1"}}"#,
            r#"{"f":{"a":null}}"#,
            r#"{"f":{}}"#,
            r#"{"f":null}"#,
            r#"{"f":[]}"#,
            r#"{"f":[[]]}"#,
            r#"{"f":["a","b"]}"#,
            r#"{"f":["a\",\"b"]}"#,
            r#"{"f":"a;g=1"}"#,
            r#"{"f":"a","g":1}"#,
            "{}",
        ];
        for (at, one) in different.iter().enumerate() {
            for other in &different[..at] {
                assert_ne!(text(one), text(other));
            }
        }
    }

    #[test]
    fn a_tag_tells_bodies_and_media_types_apart() {
        let tag = |body: &'static str, media| Kept::new(Bytes::from_static(body.as_bytes()), media).tag;
        assert_eq!(tag("a", Media::Json), tag("a", Media::Json));
        assert_ne!(tag("a", Media::Json), tag("b", Media::Json));
        assert_ne!(tag("a", Media::Json), tag("a", Media::GraphQl));
        assert!(tag("a", Media::Json).to_str().unwrap().starts_with('"'));
    }
}
