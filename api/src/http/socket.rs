//! GraphQL over WebSocket: the protocol `graphql-transport-ws` with its messages and close codes, as worded in
//! PROTOCOL.md of graphql-ws.
use super::arrival::bearer;
use super::ask::Ask;
use super::failure::{Code, Refusal};
use super::graphql::refuse;
use super::negotiate::Media;
use super::rate::{Key, Place};
use super::run::{Caller, Event};
use super::serve::Connection;
use super::{Arrival, Front, House, RequestId, origin};
use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, sleep_until};
use tokio_stream::StreamMap;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;
use tracing::field::Empty;

const PROTOCOL: &str = "graphql-transport-ws";

/// Longest id of an operation, in bytes: it is repeated in the reason of a close frame, which has room for 123.
const LONGEST_ID: usize = 90;

/// Serves `/graphql/ws`.
pub(super) async fn upgrade<H: House>(State(front): State<Arc<Front<H>>>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let no = |code, message: &str| refuse(Refusal::new(code, message), Media::Json, &id, 1);
    if !origin::admits(&parts.headers, &front.limits) {
        return no(Code::OriginNotAllowed, "pages of this origin are not let in");
    }
    let offered = parts.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    if !offered.flat_map(|value| value.split(',')).any(|protocol| protocol.trim() == PROTOCOL) {
        return no(Code::BadRequest, "the subprotocol graphql-transport-ws is spoken here");
    }
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return no(Code::BadRequest, "this is the address of a WebSocket");
    };
    let arrival = match Arrival::of(&parts, &id, front.limits.proxies) {
        Ok(arrival) => arrival,
        Err(refusal) => return refuse(refusal, Media::Json, &id, 1),
    };
    let Some(place) = front.sockets.enter(Key::address(arrival.address)) else {
        return no(Code::Unavailable, "too many sockets are open");
    };
    let most = front.limits.socket_message_bytes;
    let session = Session {
        connection: parts.extensions.get::<Connection>().cloned(),
        place: Some(place),
        arrival,
        caller: None,
        expiry: Instant::now() + front.limits.socket_init_timeout,
        operations: StreamMap::new(),
        front,
    };
    upgrade.protocols([PROTOCOL]).max_message_size(most).max_frame_size(most).on_upgrade(|socket| session.run(socket).in_current_span())
}

/// What a client sends.
#[derive(Deserialize)]
struct Received {
    r#type: String,
    id: Option<String>,
    payload: Option<Value>,
}

/// What a client is sent, apart from results.
#[derive(Serialize)]
struct Sent<'a> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
}

/// Why a socket is closed.
struct Close(u16, String);

impl Close {
    fn because(code: u16, reason: &str) -> Self {
        Self(code, reason.to_owned())
    }

    /// The other side has gone.
    fn gone() -> Self {
        Self::because(1000, "")
    }
}

struct Session<H: House> {
    front: Arc<Front<H>>,
    connection: Option<Connection>,
    place: Option<Place>,
    arrival: Arrival,
    /// Nobody until the first message has come.
    caller: Option<Caller<H::Visitor>>,
    /// Until when that message must have come, and then until when the admission lasts.
    expiry: Instant,
    /// What is running, by the client's ids. Letting go of a stream stops its operation.
    operations: StreamMap<String, ReceiverStream<Event>>,
}

impl<H: House> Session<H> {
    async fn run(mut self, mut socket: WebSocket) {
        metrics::gauge!("http_sockets").increment(1);
        let Err(Close(code, reason)) = self.converse(&mut socket).await;
        metrics::gauge!("http_sockets").decrement(1);
        // The other side may be gone already.
        let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }

    async fn converse(&mut self, socket: &mut WebSocket) -> Result<Infallible, Close> {
        let closing = Connection::closing_of(self.connection.as_ref());
        tokio::pin!(closing);
        let beat = self.front.limits.stream_check;
        let mut beats = interval_at(Instant::now() + beat, beat);
        let mut quiet = 0_u8;
        loop {
            tokio::select! {
                () = &mut closing => return Err(Close::because(1001, "Going away")),
                () = sleep_until(self.expiry) => return Err(self.expired()),
                _ = beats.tick() => {
                    quiet += 1;
                    if quiet > 2 {
                        return Err(Close::gone());
                    }
                    socket.send(Message::Ping(Bytes::new())).await.map_err(|_| Close::gone())?;
                }
                Some((id, event)) = self.operations.next(), if !self.operations.is_empty() => self.tell(socket, &id, event).await?,
                received = socket.recv() => {
                    quiet = 0;
                    match received {
                        Some(Ok(Message::Text(text))) => self.hear(socket, text.as_bytes()).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Binary(_))) => return Err(Close::because(4400, "Binary messages are not used")),
                        Some(Err(_)) => return Err(Close::because(1009, "Message too big")),
                        Some(Ok(Message::Close(_))) | None => return Err(Close::gone()),
                    }
                }
            }
        }
    }

    fn expired(&self) -> Close {
        match self.caller {
            None => Close::because(4408, "Connection initialisation timeout"),
            Some(_) => Close::because(4403, "Forbidden"),
        }
    }

    async fn hear(&mut self, socket: &mut WebSocket, text: &[u8]) -> Result<(), Close> {
        let invalid = || Close::because(4400, "Invalid message");
        if text.first() != Some(&b'{') {
            return Err(invalid());
        }
        let Received { r#type, id, payload } = serde_json::from_slice(text).map_err(|_| invalid())?;
        match r#type.as_str() {
            "connection_init" => self.greet(socket, payload).await,
            "ping" => send(socket, &Sent { r#type: "pong", id: None, payload }).await,
            "pong" => Ok(()),
            "subscribe" => {
                let id = id.filter(|id| (1..=LONGEST_ID).contains(&id.len())).ok_or_else(invalid)?;
                self.subscribe(socket, id, payload.ok_or_else(invalid)?).await
            }
            "complete" => {
                self.operations.remove(&id.ok_or_else(invalid)?);
                Ok(())
            }
            _ => Err(invalid()),
        }
    }

    async fn greet(&mut self, socket: &mut WebSocket, payload: Option<Value>) -> Result<(), Close> {
        if self.caller.is_some() {
            return Err(Close::because(4429, "Too many initialisation requests"));
        }
        let payload = match payload {
            None | Some(Value::Null) => serde_json::Map::new(),
            Some(Value::Object(payload)) => payload,
            Some(_) => return Err(Close::because(4400, "Invalid message")),
        };
        // Browsers cannot set headers on a WebSocket, so the first message may carry what the headers would.
        let text = |names: [&str; 2]| names.into_iter().find_map(|name| payload.get(name));
        if let Some(value) = text(["authorization", "Authorization"]).filter(|value| !value.is_null()) {
            let token = value.as_str().and_then(bearer).ok_or_else(|| Close::because(4403, "Forbidden"))?;
            self.arrival.bearer = Some(token);
        }
        for (names, slot) in [(["acceptLanguage", "Accept-Language"], &mut self.arrival.language), (["purpose", "X-Purpose"], &mut self.arrival.purpose)] {
            if let Some(value) = text(names).and_then(Value::as_str) {
                *slot = Some(value.to_owned());
            }
        }
        let caller = self.admit(self.arrival.clone()).await.map_err(|refusal| match refusal.code {
            Code::Unauthenticated => Close::because(4403, "Forbidden"),
            Code::RateLimited => Close::because(4429, "Too many requests"),
            _ => Close::because(1013, "Try again later"),
        })?;
        // From now on the socket counts for whoever it turned out to be.
        self.place = None;
        self.place = self.front.sockets.enter(caller.key.clone());
        if self.place.is_none() {
            return Err(Close::because(4429, "Too many sockets"));
        }
        self.caller = Some(caller);
        send(socket, &Sent { r#type: "connection_ack", id: None, payload: None }).await
    }

    /// Lets the caller in (again) and notes until when.
    async fn admit(&mut self, arrival: Arrival) -> Result<Caller<H::Visitor>, Refusal> {
        let caller = self.front.admit(arrival).await?;
        self.expiry = Instant::now() + self.front.until_expiry(&caller.visitor);
        Ok(caller)
    }

    async fn subscribe(&mut self, socket: &mut WebSocket, id: String, payload: Value) -> Result<(), Close> {
        if self.caller.is_none() {
            return Err(Close::because(4401, "Unauthorized"));
        }
        let ask = Ask::from_value(payload).map_err(|_| Close::because(4400, "Invalid message"))?;
        if self.operations.contains_key(&id) {
            return Err(Close(4409, format!("Subscriber for {id} already exists")));
        }
        if self.operations.len() >= self.front.limits.socket_streams {
            return Err(Close::because(4429, "Too many operations"));
        }
        let arrival = Arrival { request_id: RequestId::new().as_str().to_owned(), ..self.arrival.clone() };
        let span = tracing::info_span!("operation", request_id = arrival.request_id, operation = Empty);
        let admitted = self.admit(arrival.clone()).instrument(span.clone()).await;
        let ready = admitted.and_then(|caller| span.in_scope(|| Ok((self.front.ready(ask, &caller)?, caller))));
        match ready {
            Err(refusal) => {
                let most = self.front.limits.answer_errors;
                let event = Event::refused(refusal, &arrival.request_id, most);
                self.tell(socket, &id, event).await
            }
            Ok((ready, caller)) => {
                let (results, receiver) = mpsc::channel(4);
                let front = Arc::clone(&self.front);
                tokio::spawn(async move { front.play(&ready, &caller, arrival, &results).await }.instrument(span));
                self.operations.insert(id, ReceiverStream::new(receiver));
                Ok(())
            }
        }
    }

    async fn tell(&mut self, socket: &mut WebSocket, id: &str, event: Event) -> Result<(), Close> {
        match event {
            Event::Next(body) => {
                let (id, body) = (Value::from(id), String::from_utf8_lossy(&body));
                let text = format!(r#"{{"id":{id},"type":"next","payload":{body}}}"#);
                socket.send(Message::Text(text.into())).await.map_err(|_| Close::gone())
            }
            Event::Complete => {
                self.operations.remove(id);
                send(socket, &Sent { r#type: "complete", id: Some(id), payload: None }).await
            }
            Event::Refused(Code::Unauthenticated, _) => Err(Close::because(4403, "Forbidden")),
            Event::Refused(_, errors) => {
                self.operations.remove(id);
                let payload = serde_json::to_value(errors).ok();
                send(socket, &Sent { r#type: "error", id: Some(id), payload }).await
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: &Sent<'_>) -> Result<(), Close> {
    let text = serde_json::to_string(message).map_err(|_| Close::gone())?;
    socket.send(Message::Text(text.into())).await.map_err(|_| Close::gone())
}
