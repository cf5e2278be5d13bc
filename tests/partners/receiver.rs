//! A receiver of webhooks as partners run them, and as they should not.
use api::store::decode_cursor;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinHandle;

/// How a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// With 204.
    Take,
    /// With another status.
    Refuse(u16),
    /// Not at all.
    Hang,
    /// With 204, once nobody waits any more.
    Late,
    /// The connection is closed.
    Close,
    /// With 307, to somewhere else.
    Point(String),
}

/// What was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as JSON.
    pub body: Value,
    /// How it was answered.
    pub how: How,
}

impl Heard {
    /// What it is known by.
    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    /// The thing that it tells of.
    pub fn subject(&self) -> &str {
        self.body["data"]["id"].as_str().unwrap_or_default()
    }

    /// The number of its event.
    pub fn position(&self) -> i64 {
        decode_cursor(self.body["data"]["cursor"].as_str().unwrap()).unwrap().0.parse().unwrap()
    }

    /// The one with the secret has sent it, just now.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        standardwebhooks::Webhook::new(secret).unwrap().verify(&self.bytes, &self.headers).is_ok()
    }
}

type Answers = Box<dyn FnMut(&Value) -> How + Send>;

#[derive(Clone)]
struct Inside {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<Answers>>,
    late: Duration,
}

/// A receiver on this machine.
pub struct Receiver {
    /// Its address.
    pub url: String,
    inside: Inside,
    task: JoinHandle<()>,
}

impl Receiver {
    /// One that takes what comes, until it is told otherwise. Who is late is so by this long.
    pub async fn start(late: Duration) -> Self {
        let inside = Inside { heard: Arc::default(), answers: Arc::new(Mutex::new(Box::new(|_| How::Take))), late };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let routes = Router::new().route("/hook", post(hear)).with_state(inside.clone());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, inside, task }
    }

    /// Answers like this from now on.
    pub fn answer(&self, answers: impl FnMut(&Value) -> How + Send + 'static) {
        *self.inside.answers.lock().unwrap() = Box::new(answers);
    }

    /// Answers like this, one after the other, and then takes what comes.
    pub fn answer_in_turn(&self, how: &[How]) {
        let all = how.to_vec();
        let mut turns = all.into_iter();
        self.answer(move |_| turns.next().unwrap_or(How::Take));
    }

    /// How much was heard so far.
    pub fn count(&self) -> usize {
        self.inside.heard.lock().unwrap().len()
    }

    /// What was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.inside.heard.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(State(inside): State<Inside>, headers: HeaderMap, bytes: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    let how = {
        let mut answers = inside.answers.lock().unwrap();
        (*answers)(&body)
    };
    inside.heard.lock().unwrap().push(Heard { headers, bytes: bytes.to_vec(), body, how: how.clone() });
    match how {
        How::Take => StatusCode::NO_CONTENT.into_response(),
        How::Refuse(status) => StatusCode::from_u16(status).unwrap().into_response(),
        How::Hang => std::future::pending().await,
        How::Late => {
            tokio::time::sleep(inside.late).await;
            StatusCode::NO_CONTENT.into_response()
        }
        // What serves the connection ends with it, without a word.
        How::Close => std::panic::resume_unwind(Box::new("closed")),
        How::Point(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
    }
}
