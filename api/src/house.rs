//! The house behind the front door: schema, identities, store and snapshot put together, once, for the server and for the tests.
use crate::{
    act, calendar,
    caller::{Badge, Caller, Circumstances},
    clock::Clock,
    error::{Error, Result, write_code},
    explorer,
    gdpr::{self, GdprSettings},
    graphql::{self, Mutation, Query, Subscription},
    http::{self, Arrival, Asked, Broken, Brought, CalendarOf, House, ImportOf, Limits, Listing, PublicOf, Refused, ReportOf, Told, Visitor, Written, Wrong},
    identity::{self, Identity, demo::DemoIssuer},
    import, report,
    rest::{catalogue, hsds},
    snapshot::{self, Snapshot},
    store::Store,
};
use arc_swap::ArcSwap;
use async_graphql::{Request, Response, Schema, ServerError};
use axum::Router;
use chrono::{DateTime, Utc};
use domain::{actor::Actor, person::purpose::Purpose, text::Language};
use futures_util::{FutureExt, future::BoxFuture};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// What the house is made of.
pub struct Parts {
    /// The database, with its tables up to date.
    pub store: Store,
    /// Who judges tokens.
    pub identity: Identity,
    /// The demo's own issuer; only under `--demo`.
    pub demo: Option<DemoIssuer>,
    /// What the front door refuses.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    /// The interface of the profile service.
    pub gdpr: GdprSettings,
    /// What reads the process's counts.
    pub metrics: Option<PrometheusHandle>,
}

/// The server, ready to be given a socket.
pub struct App {
    /// Its routes.
    pub routes: Router,
    tasks: Vec<JoinHandle<()>>,
}

impl App {
    /// Puts the house together: reads the catalogue, and follows its changes from then on.
    ///
    /// # Errors
    /// A fault of the database, or a schema or list of operations that the front door cannot use.
    pub fn assemble(parts: Parts) -> BoxFuture<'static, Result<Self>> {
        // On the heap, so that all of it is compiled here, and not again wherever a house is put together.
        Self::of(parts).boxed()
    }

    async fn of(parts: Parts) -> Result<Self> {
        let Parts { store, identity, demo, limits, clock, gdpr, metrics } = parts;
        let current = Arc::new(ArcSwap::from_pointee(Snapshot::load(&store).await?));
        store.hub().committed(current.load().position);
        store.hub().shown(current.load().position);
        let tasks = vec![store.listen(), store.forget_keys(), tokio::spawn(snapshot::follow(store.clone(), Arc::clone(&current)))];
        let schema = schema(&limits);
        let house = Arc::new(Home { schema, identity, store, current, gdpr });
        let broken = |fault: Broken| Error::internal(fault);
        let others = explorer::routes(demo, clock.clone());
        let routes = http::routes(house, limits, clock, metrics, others).map_err(broken)?;
        Ok(Self { routes, tasks })
    }
}

impl Drop for App {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The schema as the front door serves it.
#[must_use]
pub fn schema(limits: &Limits) -> graphql::Schema {
    http::harden(graphql::schema(), limits).finish()
}

/// What a schema answers, compiled here once.
pub fn execute(schema: &graphql::Schema, request: Request) -> BoxFuture<'_, Response> {
    schema.execute(request).boxed()
}

struct Home {
    schema: graphql::Schema,
    identity: Identity,
    store: Store,
    current: Arc<ArcSwap<Snapshot>>,
    gdpr: GdprSettings,
}

/// How long a caller is asked to wait when the database or an issuer is out of reach.
const COME_BACK_IN: Duration = Duration::from_secs(5);

impl House for Home {
    type Query = Query;
    type Mutation = Mutation;
    type Subscription = Subscription;
    type Visitor = Caller;

    fn schema(&self) -> &Schema<Query, Mutation, Subscription> {
        &self.schema
    }

    async fn admit(&self, arrival: Arrival) -> std::result::Result<Caller, Refused> {
        let purpose = arrival.purpose.as_deref().and_then(Purpose::parse);
        let (actor, expires_at, badge) = match &arrival.bearer {
            None => (Actor::Anyone, None, None),
            Some(bearer) => {
                let verified = self.identity.verify(bearer.expose_secret()).await.map_err(|refused| match refused {
                    identity::Refused::Invalid => Refused::Unauthenticated,
                    identity::Refused::Unavailable { retry_after } => Refused::Unavailable(retry_after),
                })?;
                let actor = self.store.sign_in(&verified.key(), purpose).await.map_err(|_| Refused::Unavailable(COME_BACK_IN))?;
                let badge = Badge { issuer: verified.issuer, subject: verified.subject, scopes: verified.scopes };
                (actor, Some(verified.expires_at), Some(badge))
            }
        };
        let language = arrival.language.as_deref().map_or(Language::Fi, preferred);
        let circumstances = Circumstances { request_id: arrival.request_id.into(), language, expires_at, badge };
        Ok(Caller::new(actor, self.store.clone(), Arc::clone(&self.current), circumstances))
    }

    fn offers_accounts(&self) -> bool {
        self.gdpr.gdpr_api
    }

    async fn about_account(&self, visitor: &Caller, account: uuid::Uuid, asked: Asked) -> Told {
        let scope = if asked == Asked::Everything { &self.gdpr.gdpr_query_scope } else { &self.gdpr.gdpr_delete_scope };
        let Some(key) = visitor.badge().and_then(|badge| gdpr::key_of(badge, account, scope)) else { return Told::NotAllowed };
        self.of_account(visitor, &key, asked).await.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "what is kept about an account could not be told");
            Told::Failed
        })
    }

    async fn calendar(&self, visitor: &Caller, of: CalendarOf) -> std::result::Result<Option<String>, ()> {
        match of {
            CalendarOf::Thing(kind, id) => Ok(calendar::of_thing(visitor, &kind, &id)),
            CalendarOf::Person(token) => self.of_person(visitor, &token).await.map_err(|fault| tracing::warn!(%fault, "a person's calendar could not be told")),
        }
    }

    async fn import(&self, visitor: &Caller, of: ImportOf) -> Brought {
        let brought = import::brought(visitor, of).await;
        if visitor.finish().await.is_ok() { brought } else { Brought::Failed }
    }

    async fn report(&self, visitor: &Caller, of: ReportOf) -> Written {
        let written = report::download::written(visitor, of).await;
        if visitor.finish().await.is_ok() { written } else { Written::Failed }
    }

    fn hsds(&self, visitor: &Caller, of: &PublicOf) -> std::result::Result<Listing, Wrong> {
        hsds::look(visitor, of)
    }

    async fn catalogue(&self, visitor: &Caller, of: &PublicOf) -> std::result::Result<Listing, Wrong> {
        catalogue::look(visitor, of).await
    }

    fn catalogue_since(&self) -> DateTime<Utc> {
        self.current.load().unchanged_since(self.store.clock().now())
    }

    fn catalogue_version(&self) -> u64 {
        u64::try_from(self.current.load().position).unwrap_or_default()
    }

    async fn ready(&self) -> bool {
        self.store.ready().await.is_ok()
    }

    fn explain(&self, error: &mut ServerError) {
        write_code(error);
    }
}

impl Home {
    /// Reads as the person whose calendar it is, so that nothing is reached but what is the person's own, and logs what was read.
    async fn of_person(&self, visitor: &Caller, token: &SecretString) -> Result<Option<String>> {
        let Some(subject) = self.store.owner_of_calendar(&act::access::calendar::hash(token)).await? else { return Ok(None) };
        let actor = self.store.sign_in(&subject, None).await?;
        let circumstances = || Circumstances { request_id: visitor.request_id().into(), language: visitor.language(), expires_at: None, badge: None };
        let caller = |actor| Caller::new(actor, self.store.clone(), Arc::clone(&self.current), circumstances());
        let (oneself, at_work) = (caller(act::access::calendar::oneself(&actor)), caller(actor));
        let text = calendar::of_person(&oneself, &at_work).await?;
        for caller in [oneself, at_work] {
            caller.note_operation("calendar");
            caller.finish().await?;
        }
        Ok(Some(text))
    }

    /// Asks as the account itself, so that nothing is reached but what is its own, and logs what was read.
    async fn of_account(&self, visitor: &Caller, key: &str, asked: Asked) -> Result<Told> {
        let actor = self.store.sign_in(key, None).await?;
        let circumstances = Circumstances { request_id: visitor.request_id().into(), language: visitor.language(), expires_at: None, badge: None };
        let account = Caller::new(actor, self.store.clone(), Arc::clone(&self.current), circumstances);
        account.note_operation("gdpr");
        let told = match asked {
            Asked::Everything => gdpr::everything(&account).await?,
            Asked::Erasure { dry_run } => gdpr::erase(&account, dry_run).await?,
        };
        account.finish().await?;
        Ok(told)
    }
}

/// The language that `Accept-Language` prefers among those that are spoken here, wherever it is spoken: `en-GB` is English.
fn preferred(header: &str) -> Language {
    let spoken = |tag: &String| Language::ALL.into_iter().find(|l| tag.split('-').next() == Some(l.tag()));
    accept_language::parse(header).iter().find_map(spoken).unwrap_or_default()
}

impl Visitor for Caller {
    fn bucket(&self) -> Option<&str> {
        self.subject()
    }
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        Caller::expires_at(self)
    }
    fn language(&self) -> &str {
        Caller::language(self).tag()
    }
    fn saw_only_public(&self) -> bool {
        Caller::saw_only_public(self)
    }
    async fn finish(&self) -> std::result::Result<(), ()> {
        Caller::finish(self).await.map_err(|_| ())
    }
}
