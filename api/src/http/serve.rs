//! The listener: connections with deadlines, a bound on their number, and an end that lets running requests finish.
use super::limits::Limits;
use super::patience::Patient;
use super::rate::{Crowd, Key, Place};
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// Largest head of a request, in bytes.
const HEAD: usize = 64 * 1024;

/// The connection a request came in on; found in the extensions of the request.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The other end.
    pub peer: IpAddr,
    closing: watch::Receiver<bool>,
    /// Held for as long as the connection is, also when it has become a WebSocket.
    _open: mpsc::Sender<Infallible>,
}

impl Connection {
    /// Resolves when the server is being stopped.
    pub(super) fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.closing.clone();
        async move {
            // An error says that the server is gone, which comes to the same.
            let _ = closing.wait_for(|closing| *closing).await;
        }
    }

    /// As [`Self::closing`]; never where nothing is known of the connection.
    pub(super) fn closing_of(connection: Option<&Self>) -> impl Future<Output = ()> + Send + use<> {
        let closing = connection.map(Self::closing);
        async move {
            match closing {
                Some(closing) => closing.await,
                None => std::future::pending().await,
            }
        }
    }
}

/// Serves until `stop` resolves. Then no more connections are taken, running requests are finished, WebSockets are
/// closed and event streams ended, and what is still not done after the time for it is given up.
pub async fn serve(listener: TcpListener, routes: Router, limits: &Limits, stop: impl Future<Output = ()>) {
    let (closing, closed) = watch::channel(false);
    let (open, mut all_gone) = mpsc::channel(1);
    let of_one = if limits.proxies > 0 { usize::MAX } else { limits.connections_per_address };
    let crowd = Crowd::new(limits.connections, of_one);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: the ones in use must be given back first.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = crowd.enter(Key::address(peer.ip())) else {
            metrics::counter!("http_connections_refused_total").increment(1);
            continue;
        };
        let connection = Connection { peer: peer.ip(), closing: closed.clone(), _open: open.clone() };
        tokio::spawn(attend(socket, routes.clone(), connection, place, limits.header_timeout, limits.write_timeout));
    }
    drop((listener, open));
    closing.send_replace(true);
    if timeout(limits.shutdown_timeout, all_gone.recv()).await.is_err() {
        tracing::warn!("some connections had to be given up");
    }
}

/// Serves one connection. HTTP/1 only: a proxy in front speaks HTTP/2 and TLS.
async fn attend(socket: TcpStream, routes: Router, connection: Connection, place: Place, head: Duration, write: Duration) {
    let _held = place;
    let closing = connection.closing();
    // Without it small answers wait for the acknowledgement of the last one; where it cannot be set they do.
    let _ = socket.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        routes.clone().oneshot(request.map(Body::new))
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(Patient::new(socket, write)), service)
        .with_upgrades();
    tokio::pin!(serving, closing);
    // How a connection ends is the other side's business; the requests on it have been logged.
    tokio::select! {
        _ = &mut serving => return,
        () = closing => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
