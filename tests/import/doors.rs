//! What an upload has to pass before anything of it is looked at.
use super::upload;
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use futures_util::StreamExt;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tests::{TestApp, send, stories};

const PATH: &str = "/import/attendance";
const HEADINGS: &str = "kerta;osallistuminen;läsnäolo\na;b;c\n";

/// A body of 100 pieces of a megabyte each, and how many of them were asked for.
fn huge() -> (Body, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let pieces = futures_util::stream::iter(0..100).map(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from(vec![b'a'; 1024 * 1024]))
    });
    (Body::from_stream(pieces), asked)
}

fn without(app: &TestApp, leave_out: &str) -> Request<Body> {
    let mut request = upload(app, "partner", PATH, HEADINGS);
    request.headers_mut().remove(leave_out);
    request
}

stories! {
    async fn a_hundred_megabytes_are_refused_without_being_read(app) {
        let (body, asked) = huge();
        let answer = app.send(upload(app, "partner", PATH, body)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"));
        assert!(asked.load(Ordering::Relaxed) <= 4, "{asked:?} megabytes were taken in");
        let (body, asked) = huge();
        let mut told = upload(app, "partner", PATH, body);
        told.headers_mut().insert(header::CONTENT_LENGTH, (100 * 1024 * 1024).into());
        let answer = app.send(told).await;
        assert_eq!((answer.status, asked.load(Ordering::Relaxed)), (StatusCode::PAYLOAD_TOO_LARGE, 0));
        // The bound of questions is another one: this is larger than they may be, and is read.
        let rows = HEADINGS.to_owned() + &"a;b;c\n".repeat(9_000) + &"\n".repeat(200_000);
        assert_eq!(app.send(upload(app, "partner", PATH, rows)).await.status, StatusCode::OK);
    }

    async fn whoever_has_no_bearer_or_sends_something_else_is_turned_away(app) {
        let told = async |request: Request<Body>| {
            let answer = app.send(request).await;
            (answer.status.as_u16(), answer.code().to_owned())
        };
        assert_eq!(told(without(app, "authorization")).await, (401, "UNAUTHENTICATED".into()));
        assert_eq!(told(without(app, "content-type")).await, (415, "UNSUPPORTED_MEDIA_TYPE".into()));
        for plain in ["text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"] {
            let mut request = without(app, "content-type");
            request.headers_mut().insert(header::CONTENT_TYPE, plain.parse().unwrap());
            assert_eq!(told(request).await, (415, "UNSUPPORTED_MEDIA_TYPE".into()), "{plain}: what a page of another site can send");
        }
        assert_eq!(told(upload(app, "partner", "/import/clients", HEADINGS)).await, (404, "NOT_FOUND".into()));
        assert_eq!(told(upload(app, "partner", "/import/attendance?dryrun=true", HEADINGS)).await, (400, "BAD_REQUEST".into()));
        let mut put = upload(app, "partner", PATH, HEADINGS);
        *put.method_mut() = "PUT".parse().unwrap();
        assert_eq!(told(put).await, (405, "METHOD_NOT_ALLOWED".into()));
        // A browser asks first, and is not told that a foreign page may.
        let ask = Request::builder().method("OPTIONS").uri(PATH).header("origin", "https://evil.example").header("access-control-request-method", "POST");
        let answer = app.send(ask.header("access-control-request-headers", "content-type,authorization").body(Body::empty()).unwrap()).await;
        assert!(answer.headers.get("access-control-allow-origin").is_none());
        let aimless = app.send(without(app, "x-purpose")).await;
        assert_eq!((aimless.status, &aimless.body["rows"][0]["outcome"]), (StatusCode::OK, &serde_json::json!("REFUSED")), "{}", aimless.text);
    }

    async fn a_file_of_nothing_but_faults_makes_no_answer_many_times_its_size(app) {
        let wide = HEADINGS.to_owned() + "a;b;c" + &";x".repeat(20_000) + "\n";
        let answer = app.send(upload(app, "partner", PATH, wide)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(answer.body["rows"][1]["errors"].as_array().unwrap().len() < 40, "of one row");
        let row = "a;b;c".to_owned() + &";x".repeat(30) + "\n";
        let answer = app.send(upload(app, "partner", PATH, HEADINGS.to_owned() + &row.repeat(2_000))).await;
        let rows = answer.body["rows"].as_array().unwrap();
        assert!(rows.len() == 2_001 && rows.iter().all(|row| !row["errors"].as_array().unwrap().is_empty()), "each is told that it is refused");
        assert!(answer.text.len() < 1_500_000 && answer.body["untold"].as_u64().unwrap() > 30_000, "{} {}", answer.text.len(), answer.body["untold"]);
        let headings = "kerta;osallistuminen;läsnäolo".to_owned() + &";läsnäolo".repeat(300) + "\na;b;c\n";
        let answer = app.send(upload(app, "partner", PATH, headings)).await;
        assert_eq!((answer.status, super::faults(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["TOO_LONG columns".to_owned()]));
    }

    async fn an_upload_is_paid_for(app) {
        let poor = app.process_with(&["--rate-complexity", "1000"]).await;
        let file = HEADINGS.to_owned() + &"a;b;c\n".repeat(2_000);
        let answer = send(&poor, upload(app, "partner", PATH, file)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    }
}
