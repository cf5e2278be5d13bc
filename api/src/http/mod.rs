//! The front door: GraphQL over HTTP, server-sent events and WebSocket, and what every caller has to pass before
//! anything is executed. It knows neither the schema nor the identities behind it; those are a [`House`].
mod account;
#[cfg(test)]
mod answers;
mod arrival;
mod ask;
mod cache;
mod calendar;
mod catalogue;
mod failure;
mod graphql;
mod guard;
mod health;
mod hsds;
mod import;
mod limits;
mod negotiate;
mod origin;
mod patience;
mod persisted;
mod problem;
mod rate;
mod report;
mod run;
mod serve;
mod socket;
mod stream;
#[cfg(test)]
mod tests;
mod trace;

pub use account::{Asked, Reason, Told};
pub use arrival::Arrival;
pub use calendar::CalendarOf;
pub use catalogue::LONGEST_WAIT;
pub use failure::Code;
pub use health::recorder;
pub use hsds::{Form, Listing, PublicOf, Wrong};
pub use import::{Beside, Brought, ImportKind, ImportOf};
pub use limits::{IMPORT_BYTES, Introspection, Limits, Persisted, harden};
pub use report::{ReportForm, ReportOf, Written};
pub use serve::{Connection, serve};
pub use trace::RequestId;

use crate::clock::Clock;
use async_graphql::{ObjectType, SDLExportOptions, Schema, ServerError, SubscriptionType};
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any, get};
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::time::Duration;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

/// What stands behind the front door.
pub trait House: Send + Sync + 'static {
    /// The root of queries.
    type Query: ObjectType + 'static;
    /// The root of mutations.
    type Mutation: ObjectType + 'static;
    /// The root of subscriptions.
    type Subscription: SubscriptionType + 'static;
    /// Who has been let in.
    type Visitor: Visitor;

    /// What can be asked. It must have been built with [`harden`].
    fn schema(&self) -> &Schema<Self::Query, Self::Mutation, Self::Subscription>;

    /// Finds out who is calling. Asked for every request, for every operation on a WebSocket and again and again
    /// while a subscription runs, so that a right that was taken away ends at once.
    fn admit(&self, arrival: Arrival) -> impl Future<Output = Result<Self::Visitor, Refused>> + Send;

    /// Whether the data of an account is told of at `/gdpr/{uuid}`.
    fn offers_accounts(&self) -> bool {
        false
    }

    /// What is kept about an account, or erasing it, where the visitor's bearer may ask that. What was read is logged before this answers.
    fn about_account(&self, _visitor: &Self::Visitor, _account: uuid::Uuid, _asked: Asked) -> impl Future<Output = Told> + Send {
        async { Told::NotAllowed }
    }

    /// A calendar, where there is such a one. What was read about a person is logged before this answers.
    fn calendar(&self, _visitor: &Self::Visitor, _of: CalendarOf) -> impl Future<Output = Result<Option<String>, ()>> + Send {
        async { Ok(None) }
    }

    /// Takes in a file, or gives the table to fill in. What was read about persons is logged before this answers.
    fn import(&self, _visitor: &Self::Visitor, _of: ImportOf) -> impl Future<Output = Brought> + Send {
        async { Brought::Nothing }
    }

    /// Writes a report to a file. What was told is in the ledger before this answers.
    fn report(&self, _visitor: &Self::Visitor, _of: ReportOf) -> impl Future<Output = Written> + Send {
        async { Written::Nothing }
    }

    /// What lies at an address below `/hsds`: of the public catalogue alone, whoever asks.
    fn hsds(&self, _visitor: &Self::Visitor, _of: &PublicOf) -> Result<Listing, Wrong> {
        Err(Wrong::Nothing)
    }

    /// What lies at an address below `/catalogue`: of the public catalogue alone, whoever asks. A question that waits for changes is answered at the latest once the
    /// time for that is over.
    fn catalogue(&self, _visitor: &Self::Visitor, _of: &PublicOf) -> impl Future<Output = Result<Listing, Wrong>> + Send {
        async { Err(Wrong::Nothing) }
    }

    /// Since when answers from the public catalogue are as they are.
    fn catalogue_since(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    /// A number that grows with every change of the public catalogue.
    fn catalogue_version(&self) -> u64;

    /// Whether requests can be served: the database answers, its migrations are done.
    fn ready(&self) -> impl Future<Output = bool> + Send;

    /// Writes `extensions.code` and a message fit for the caller into an error of the house's own, which is in the
    /// error's `source`. An error that is left without a code is told as `INTERNAL` and its message is withheld.
    fn explain(&self, error: &mut ServerError);
}

/// Someone who has been let in. Resolvers find it, by its type, in the data of the request.
pub trait Visitor: Clone + Send + Sync + 'static {
    /// In whose name the requests are counted; nobody's for a stranger, who is counted by address. Whoever has a
    /// name has signed in.
    fn bucket(&self) -> Option<&str>;

    /// When the admission ends by itself.
    fn expires_at(&self) -> Option<DateTime<Utc>>;

    /// The language the answers are written in.
    fn language(&self) -> &str;

    /// After an execution: whether the answer depends on nothing but the public catalogue, its version, the
    /// language and the minute, so that it may be given to others too.
    fn saw_only_public(&self) -> bool;

    /// Writes down what the visitor has seen. The answer leaves only once that has succeeded.
    fn finish(&self) -> impl Future<Output = Result<(), ()>> + Send;
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The bearer is not one of ours or no longer valid.
    Unauthenticated,
    /// It cannot be found out now; try again after a while.
    Unavailable(Duration),
}

/// Why the door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The schema printed as SDL is not valid GraphQL.
    #[error("the schema is not valid: {0}")]
    Schema(String),
    /// The list of operations cannot be read.
    #[error("the list of operations cannot be read: {0}")]
    Operations(#[from] std::io::Error),
}

/// The contract as SDL: what `/schema.graphql` serves, and what documents are checked against.
pub fn sdl<Q: ObjectType + 'static, M: ObjectType + 'static, S: SubscriptionType + 'static>(schema: &Schema<Q, M, S>) -> String {
    schema.sdl_with_options(SDLExportOptions::new().include_specified_by())
}

/// What all requests share.
struct Front<H> {
    house: Arc<H>,
    limits: Limits,
    clock: Clock,
    guard: guard::Guard,
    operations: persisted::Operations,
    rate: rate::Rate,
    answers: cache::Answers,
    sockets: Arc<rate::Crowd>,
    imports: Arc<rate::Crowd>,
    sdl: bytes::Bytes,
    metrics: Option<PrometheusHandle>,
}

/// The routes of the server: `/graphql`, `/graphql/ws`, `/gdpr/{uuid}`, `/calendar/{kind}/{name}.ics`, `/import/{kind}`, `/reports/{file}`, `/hsds`, `/catalogue`, `/schema.graphql`, `/health/live`, `/health/ready` and, when
/// there is a recorder and a token for it, `/metrics`; and `others` besides. Around all of them is what holds for
/// each: request ids, a line in the log, careful headers, the rules for web pages of other origins, and an answer
/// instead of a broken connection when a handler panics.
pub fn routes<H: House>(house: Arc<H>, limits: Limits, clock: Clock, metrics: Option<PrometheusHandle>, others: Router) -> Result<Router, Broken> {
    let sdl = sdl(house.schema());
    let origins = origin::layer(&limits);
    let front = Front {
        guard: guard::Guard::new(&sdl, &limits).map_err(Broken::Schema)?,
        operations: persisted::Operations::new(&limits)?,
        rate: rate::Rate::new(&limits),
        answers: cache::Answers::new(&limits),
        sockets: rate::Crowd::new(limits.sockets, limits.sockets_per_caller),
        imports: rate::Crowd::new(limits.imports, 1),
        sdl: sdl.into(),
        house,
        limits,
        clock,
        metrics,
    };
    // A zip file is packed already.
    let unpacked = DefaultPredicate::new().and(NotForContentType::const_new("application/zip"));
    Ok(Router::new()
        .route("/graphql", any(graphql::answer::<H>))
        .route("/graphql/ws", any(socket::upgrade::<H>))
        .route("/gdpr/{account}", any(account::answer::<H>))
        .route("/calendar/{kind}/{file}", any(calendar::answer::<H>))
        .route("/import/{kind}", any(import::answer::<H>))
        .route("/reports/{file}", any(report::answer::<H>))
        .route("/hsds", any(hsds::answer::<H>).layer(CompressionLayer::new()))
        .route("/hsds/", any(hsds::answer::<H>).layer(CompressionLayer::new()))
        .route("/hsds/{*path}", any(hsds::answer::<H>).layer(CompressionLayer::new()))
        .route("/catalogue/{*path}", any(catalogue::answer::<H>).layer(CompressionLayer::new().compress_when(unpacked)))
        .route("/schema.graphql", get(health::schema::<H>))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready::<H>))
        .route("/metrics", get(health::metrics::<H>))
        .with_state(Arc::new(front))
        .merge(others)
        .fallback(health::nothing)
        .layer(origins)
        .layer(from_fn(trace::follow)))
}
