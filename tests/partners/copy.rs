//! A copy of the catalogue, as a partner keeps one: it puts away what it is told, and throws away what has left.
use crate::hsds::fetch;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::TestApp;

/// A copy, and how far it has come.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Copy {
    /// Where to go on.
    pub cursor: String,
    /// Each thing, by kind and UUID.
    pub things: BTreeMap<String, Value>,
}

/// The key of a thing.
pub fn key(thing: &Value) -> String {
    format!("{} {}", thing["kind"].as_str().unwrap(), thing["uuid"].as_str().unwrap())
}

impl Copy {
    /// Takes a line of the feed or of an export.
    pub fn take(&mut self, line: &Value) {
        if let Some(object) = line.get("object") {
            match object {
                Value::Null => drop(self.things.remove(&key(line))),
                object => drop(self.things.insert(key(line), object.clone())),
            }
        } else if line.get("uuid").is_some() {
            self.things.insert(key(line), line.clone());
        }
        if let Some(cursor) = line["cursor"].as_str() {
            cursor.clone_into(&mut self.cursor);
        }
    }

    /// All of the catalogue at once.
    pub async fn exported(app: &TestApp) -> Self {
        let mut copy = Self::default();
        for line in lines(app, "/catalogue/export").await {
            copy.take(&line);
        }
        copy
    }

    /// Goes on until nothing more is told; the changes that were.
    pub async fn follow(&mut self, app: &TestApp, also: &str) -> Vec<Value> {
        let mut told = Vec::new();
        loop {
            let mut lines = lines(app, &format!("/catalogue/changes?since={}{also}", self.cursor)).await;
            for line in &lines {
                self.take(line);
            }
            let end = lines.pop().unwrap();
            told.extend(lines);
            if end["hasMore"] == json!(false) {
                return told;
            }
        }
    }

    /// Of things of a kind, how many.
    pub fn count(&self, kind: &str) -> usize {
        self.things.values().filter(|thing| thing["kind"] == kind).count()
    }
}

/// The lines of an answer, of which the last is its end.
pub async fn lines(app: &TestApp, path: &str) -> Vec<Value> {
    let answer = fetch(app, Method::GET, path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/x-ndjson; charset=utf-8", "{path}");
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let end = lines.last().unwrap();
    assert!(end["cursor"].is_string() && end["hasMore"].is_boolean() && end.as_object().unwrap().len() == 2, "{end}");
    assert_eq!(answer.headers["x-catalogue-cursor"].to_str().unwrap(), end["cursor"].as_str().unwrap(), "{path}");
    lines
}
