//! What a caller asks, read from the body of a POST, the query string of a GET or a WebSocket message.
use super::failure::{Code, Refusal};
use apollo_compiler::response::JsonMap;
use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::Value;

/// A GraphQL request as it came in. Keys that are not known are left alone, as GraphQL over HTTP asks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Ask {
    pub query: Option<String>,
    pub document_id: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Option<JsonMap>,
    pub extensions: Option<Extensions>,
}

/// The one extension of requests that is understood.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extensions {
    pub persisted_query: Option<PersistedQuery>,
}

/// An operation named by the hash of its text, as Apollo's clients do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersistedQuery {
    pub version: u32,
    pub sha256_hash: String,
}

impl Ask {
    /// Reads a JSON object; anything else, a batch too, is refused.
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        // serde reads a struct from an array too, which would let a kind of batch through.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(bad("the body must be one JSON object"));
        }
        serde_json::from_slice(body).map_err(|_| misshapen()).and_then(Self::named)
    }

    /// Reads the payload of a WebSocket message.
    pub fn from_value(payload: Value) -> Result<Self, Refusal> {
        if !payload.is_object() {
            return Err(misshapen());
        }
        serde_json::from_value(payload).map_err(|_| misshapen()).and_then(Self::named)
    }

    /// Reads the parameters of a GET.
    pub fn from_uri(uri: &Uri) -> Result<Self, Refusal> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(bad("the query string cannot be read"));
        };
        let mut ask = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "query" => ask.query = Some(value),
                "documentId" => ask.document_id = Some(value),
                "operationName" => ask.operation_name = Some(value),
                "variables" => {
                    ask.variables = serde_json::from_str(&value).map_err(|_| bad("variables must be a JSON object"))?;
                }
                "extensions" => {
                    ask.extensions = serde_json::from_str(&value).map_err(|_| bad("extensions must be a JSON object"))?;
                }
                _ => {}
            }
        }
        ask.named()
    }

    /// An empty text or name counts as none, and some operation must be named.
    fn named(mut self) -> Result<Self, Refusal> {
        self.operation_name = self.operation_name.filter(|name| !name.is_empty());
        let hashed = self.extensions.as_ref().is_some_and(|extensions| extensions.persisted_query.is_some());
        match &self.query {
            Some(text) if text.is_empty() => Err(bad("query must be a non-empty string")),
            None if !hashed && self.document_id.is_none() => Err(bad("query must be a non-empty string")),
            _ => Ok(self),
        }
    }
}

fn misshapen() -> Refusal {
    bad("query and operationName must be strings, variables and extensions must be objects, in one JSON object")
}

fn bad(message: &str) -> Refusal {
    Refusal::new(Code::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_object_with_a_query() {
        assert!(Ask::from_json(br#" {"query":"{a}","operationName":null,"variables":{"b":1},"other":[]}"#).is_ok());
        for wrong in [
            "",
            "null",
            "1",
            "[]",
            r#"["{a}"]"#,
            r#"[{"query":"{a}"}]"#,
            "{}",
            r#"{"query":""}"#,
            r#"{"query":1}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","extensions":1}"#,
            r#"{"query":"{a}"}{}"#,
            r#"{"query":"{a}","query":"{b}"}"#,
        ] {
            assert!(Ask::from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_get_carries_the_same_in_its_query_string() {
        let read = |text: &str| Ask::from_uri(&text.parse().unwrap());
        let ask = read("/graphql?query=%7Ba%7D&operationName=A&variables=%7B%22b%22:1%7D").unwrap();
        assert_eq!((ask.query.as_deref(), ask.operation_name.as_deref()), (Some("{a}"), Some("A")));
        assert!(ask.variables.unwrap().contains_key("b"));
        for wrong in ["/graphql", "/graphql?query=", "/graphql?query=a&variables=[1]", "/graphql?query=a&variables=%7B"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
