//! From a question to its answer: the same steps, in the same order, whatever the answer travels on.
use super::ask::Ask;
use super::cache::{Circumstances, Key as AnswerKey};
use super::failure::{Code, Refusal, finish};
use super::guard::Ready;
use super::negotiate::Media;
use super::rate::Key;
use super::{Arrival, Front, House, Refused, Visitor};
use async_graphql::{Response, ServerError, Value};
use axum::http::HeaderValue;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, interval_at, sleep_until, timeout};
use tracing::Span;

/// Someone who has been let in, and in whose name it is counted.
pub(super) struct Caller<V> {
    pub visitor: V,
    pub key: Key,
    /// The version of the catalogue that the visitor sees, or an earlier one.
    pub version: u64,
}

impl<V: Visitor> Caller<V> {
    pub fn signed_in(&self) -> bool {
        self.visitor.bucket().is_some()
    }
}

/// An answer that may leave.
pub(super) struct Answer {
    pub body: Bytes,
    /// The entity tag of an answer that everybody would get.
    pub tag: Option<HeaderValue>,
    /// Whether it is for someone who has not signed in.
    pub stranger: bool,
}

/// What comes out of an operation that is answered as a stream.
pub(super) enum Event {
    /// One result.
    Next(Bytes),
    /// There will be no (more) results.
    Refused(Code, Vec<ServerError>),
    /// That was all.
    Complete,
}

impl Event {
    /// The event that tells a refusal.
    pub fn refused(refusal: Refusal, request_id: &str, most: usize) -> Self {
        Self::Refused(refusal.code, refusal.into_errors(request_id, most))
    }
}

/// The JSON of an answer. `data` is left out when nothing was executed.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<&'a BTreeMap<String, Value>>,
}

impl Body<'_> {
    pub fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

impl<H: House> Front<H> {
    /// Lets a caller in and counts the request.
    pub async fn admit(&self, arrival: Arrival) -> Result<Caller<H::Visitor>, Refusal> {
        let address = Key::address(arrival.address);
        // Read first: an answer may be newer than the version it is kept under, but never older.
        let version = self.house.catalogue_version();
        let unavailable = |wait| Refusal::new(Code::Unavailable, "the server cannot take requests now").retry_after(wait);
        match timeout(self.limits.request_timeout, self.house.admit(arrival)).await {
            Ok(Ok(visitor)) => {
                let key = visitor.bucket().map_or(address, |name| Key::Visitor(name.into()));
                self.rate.request(&key)?;
                Ok(Caller { visitor, key, version })
            }
            Ok(Err(Refused::Unauthenticated)) => {
                // Guessing tokens is counted as well.
                self.rate.request(&address)?;
                Err(Refusal::new(Code::Unauthenticated, "the bearer is not valid"))
            }
            Ok(Err(Refused::Unavailable(wait))) => Err(unavailable(wait)),
            Err(_elapsed) => Err(unavailable(self.limits.request_timeout)),
        }
    }

    /// Finds the operation that is asked for and makes sure that it may be executed.
    pub fn ready(&self, mut ask: Ask, caller: &Caller<H::Visitor>) -> Result<Ready, Refusal> {
        let reveal = self.reveals(caller);
        let text = self.operations.text(&mut ask)?;
        let checked = self.guard.check(&text.text, reveal)?;
        self.operations.learn(text);
        let variables = ask.variables.unwrap_or_default();
        let ready = self.guard.ready(checked, ask.operation_name.as_deref(), &variables, reveal)?;
        if ready.asks_for_schema() && !reveal {
            return Err(Refusal::new(Code::IntrospectionDisabled, "the schema cannot be read here; sign in first, if that is offered"));
        }
        if let Some(name) = ready.name().filter(|name| name.len() <= 64) {
            Span::current().record("operation", name);
        }
        Ok(ready)
    }

    /// Whether a caller may read the schema.
    fn reveals(&self, caller: &Caller<H::Visitor>) -> bool {
        self.limits.introspection.allows(caller.signed_in())
    }

    /// Answers a query or a mutation.
    pub async fn answer(&self, ready: &Ready, caller: &Caller<H::Visitor>, media: Media, request_id: &str) -> Result<Answer, Refusal> {
        let stranger = !caller.signed_in();
        let key = ready.is_query().then(|| {
            let circumstances = Circumstances {
                language: caller.visitor.language().to_owned(),
                signed_in: !stranger,
                version: caller.version,
                minute: self.clock.now().timestamp().div_euclid(60),
            };
            AnswerKey::of(ready, media, circumstances)
        });
        if let Some(kept) = key.as_ref().and_then(|key| self.answers.find(key)) {
            return Ok(Answer { body: kept.body, tag: Some(kept.tag), stranger });
        }
        self.rate.complexity(&caller.key, self.guard.price(ready)?)?;
        let request = self.guard.request(ready, self.reveals(caller))?.data(caller.visitor.clone());
        let work = async {
            let response = self.house.schema().execute(request).await;
            caller.visitor.finish().await.map(|()| response)
        };
        let mut response = match timeout(self.limits.request_timeout, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(()))) => return Err(unwritten()),
            Ok(Err(_panic)) => return Err(Refusal::internal()),
            Err(_elapsed) => return Err(Refusal::new(Code::Timeout, "the answer took too long")),
        };
        self.guard.fit(ready, &mut response);
        let flawless = response.errors.is_empty();
        let body = self.settle(response, request_id)?;
        match key {
            Some(key) if flawless && caller.visitor.saw_only_public() => {
                let kept = self.answers.keep(key, body);
                Ok(Answer { body: kept.body, tag: Some(kept.tag), stranger })
            }
            _ => Ok(Answer { body, tag: None, stranger }),
        }
    }

    /// Sends the results of an operation, one after the other, until it has no more, the caller is gone or the
    /// admission ends.
    pub async fn play(&self, ready: &Ready, caller: &Caller<H::Visitor>, arrival: Arrival, results: &Sender<Event>) {
        let request_id = arrival.request_id.clone();
        let end = if ready.is_subscription() {
            self.follow(ready, caller, arrival, results).await
        } else {
            match self.answer(ready, caller, Media::Events, &request_id).await {
                Ok(answer) => send(results, answer.body).await.map(|()| Event::Complete),
                Err(refusal) => Err(Some(refusal)),
            }
        };
        let last = match end {
            Ok(last) => last,
            Err(Some(refusal)) => Event::refused(refusal, &request_id, self.limits.answer_errors),
            Err(None) => return,
        };
        // A caller that has gone away misses nothing.
        let _ = results.send(last).await;
    }

    /// Follows a subscription to its end, to its refusal, or until there is nobody to tell of either.
    async fn follow(&self, ready: &Ready, caller: &Caller<H::Visitor>, arrival: Arrival, results: &Sender<Event>) -> Result<Event, Option<Refusal>> {
        self.rate.complexity(&caller.key, self.guard.price(ready)?)?;
        let request = self.guard.request(ready, self.reveals(caller))?.data(caller.visitor.clone());
        let stream = self.house.schema().execute_stream(request);
        let mut stream = AssertUnwindSafe(stream).catch_unwind();
        let check = self.limits.stream_check;
        let mut checks = interval_at(Instant::now() + check, check);
        let expiry = Instant::now() + self.until_expiry(&caller.visitor);
        loop {
            tokio::select! {
                () = results.closed() => return Err(None),
                () = sleep_until(expiry) => return Err(Some(ended())),
                _ = checks.tick() => {
                    if self.house.admit(arrival.clone()).await.err() == Some(Refused::Unauthenticated) {
                        return Err(Some(ended()));
                    }
                }
                next = stream.next() => {
                    let mut response = match next {
                        None => return Ok(Event::Complete),
                        Some(Err(_panic)) => return Err(Some(Refusal::internal())),
                        Some(Ok(response)) => response,
                    };
                    caller.visitor.finish().await.map_err(|()| unwritten())?;
                    self.guard.fit(ready, &mut response);
                    send(results, self.settle(response, &arrival.request_id)?).await?;
                }
            }
        }
    }

    /// How long an admission lasts yet.
    pub fn until_expiry(&self, visitor: &H::Visitor) -> Duration {
        const FOR_EVER: Duration = Duration::from_hours(24 * 365);
        let left = visitor.expires_at().map(|end| end - self.clock.now());
        left.map_or(FOR_EVER, |left| left.to_std().unwrap_or_default())
    }

    /// The bytes of a response, its errors made fit to be told; or the refusal that it is, when async-graphql found
    /// out only after the guard that it cannot be executed.
    fn settle(&self, mut response: Response, request_id: &str) -> Result<Bytes, Refusal> {
        response.errors.truncate(self.limits.answer_errors);
        if response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty()) {
            let code = match response.errors[0].message.as_str() {
                "Query is nested too deep." => Code::TooDeep,
                "Query is too complex." => Code::TooComplex,
                _ => Code::ValidationFailed,
            };
            return Err(Refusal::of(code, response.errors));
        }
        for error in &mut response.errors {
            if !is_of_input(error) {
                self.house.explain(error);
            }
            let code = presentable(error);
            finish(error, code, request_id);
        }
        let extensions = (!response.extensions.is_empty()).then_some(&response.extensions);
        Ok(Body { errors: &response.errors, data: Some(&response.data), extensions }.bytes())
    }
}

/// Whether these are async-graphql's own words for an argument that its type does not accept.
fn is_of_input(error: &ServerError) -> bool {
    let words = ["Failed to parse ", "Expected input type "];
    error.source.is_none() && words.iter().any(|words| error.message.starts_with(words))
}

/// Makes the message of an error one that may be told, and gives the code to be used if it has none.
fn presentable(error: &mut ServerError) -> Code {
    if is_of_input(error) {
        // The value may be personal, and clients keep messages.
        if let Some((without_value, _)) = error.message.split_once(", found ") {
            error.message = without_value.to_owned();
        }
        return Code::BadInput;
    }
    if error.extensions.as_ref().is_none_or(|extensions| extensions.get("code").is_none()) {
        tracing::error!(field = ?error.path, "an error without a code");
        "something went wrong on our side".clone_into(&mut error.message);
    }
    Code::Internal
}

async fn send(results: &Sender<Event>, body: Bytes) -> Result<(), Option<Refusal>> {
    results.send(Event::Next(body)).await.map_err(|_gone| None)
}

/// Why a stream ends that was in order when it began.
fn ended() -> Refusal {
    Refusal::new(Code::Unauthenticated, "the admission has ended")
}

/// What the caller is told instead of something that nobody would know it has seen.
fn unwritten() -> Refusal {
    tracing::error!("what was seen could not be written down, so it was not told");
    Refusal::internal()
}
