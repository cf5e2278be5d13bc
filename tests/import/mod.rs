//! Stories of tables and feeds that workers and partners bring along: row by row, in whatever form a program has written them, and twice.
mod attendance;
mod doors;
mod drop_in_counts;
mod hsds;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;
use tests::{Answer, TestApp};

/// An upload of a table in the name of an actor.
fn upload(app: &TestApp, actor: &str, path: &str, file: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method("POST").uri(path).header("content-type", "text/csv").header("x-purpose", "CARE");
    request.header("authorization", format!("Bearer {}", app.token(actor))).body(file.into()).unwrap()
}

/// Brings a table; the report.
async fn brought(app: &TestApp, actor: &str, path: &str, file: impl Into<Body>) -> Value {
    let answer = app.send(upload(app, actor, path, file)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body
}

/// How each row ended, by its line.
fn ends(report: &Value) -> Vec<String> {
    let why = |row: &Value| {
        let told = |error: &Value| format!(" {} {}", error["code"].as_str().unwrap(), error["column"].as_str().unwrap_or("-"));
        row["errors"].as_array().unwrap().iter().map(told).collect::<String>()
    };
    report["rows"].as_array().unwrap().iter().map(|row| format!("{} {}{}", row["line"], row["outcome"].as_str().unwrap(), why(row))).collect()
}

/// Created, changed, unchanged, refused.
fn sums(report: &Value) -> [i64; 4] {
    ["created", "changed", "unchanged", "refused"].map(|sum| report[sum].as_i64().unwrap())
}

/// What is wrong with a file as a whole.
fn faults(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert_eq!(answer.body["rows"], serde_json::json!([]));
    let told = |error: &Value| format!("{} {}", error["code"].as_str().unwrap(), error["column"].as_str().unwrap());
    answer.body["errors"].as_array().unwrap().iter().map(told).collect()
}

async fn totals(app: &TestApp) -> Vec<i64> {
    let mut out = Vec::new();
    for table in ["attendance", "drop_in_day", "participation", "idempotency", "audit", "event", "notice"] {
        out.push(app.count(table, "1 = 1").await);
    }
    out
}
