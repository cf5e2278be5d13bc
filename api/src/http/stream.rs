//! GraphQL over server-sent events, in the distinct connections mode of graphql-sse.
use super::failure::Refusal;
use super::guard::Ready;
use super::hsds::enter;
use super::run::{Body, Caller, Event};
use super::serve::Connection;
use super::{Arrival, Front, House};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

/// Opens the stream of an operation's results.
pub(super) fn open<H: House>(
    front: Arc<Front<H>>,
    ready: Ready,
    caller: Caller<H::Visitor>,
    arrival: Arrival,
    connection: Option<&Connection>,
) -> Result<Response, Refusal> {
    let place = enter(&front, &caller)?;
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(async move { front.play(&ready, &caller, arrival, &sender).await }.in_current_span());
    let closing = Connection::closing_of(connection);
    let events = ReceiverStream::new(receiver).flat_map(move |event| {
        let _held = &place;
        stream::iter(told(event)).map(Ok::<_, Infallible>)
    });
    Ok(Sse::new(events.take_until(closing)).keep_alive(KeepAlive::default()).into_response())
}

/// The events of the stream that tell an event of the operation.
fn told(event: Event) -> Vec<sse::Event> {
    let next = |body: &[u8]| sse::Event::default().event("next").data(String::from_utf8_lossy(body));
    let complete = sse::Event::default().event("complete").data("");
    match event {
        Event::Next(body) => vec![next(&body)],
        Event::Complete => vec![complete],
        Event::Refused(_, errors) => {
            let body = Body { errors: &errors, data: None, extensions: None };
            vec![next(&body.bytes()), complete]
        }
    }
}
