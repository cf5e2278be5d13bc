//! The ways to the same page: each answers the same question with the same JSON.
use crate::{
    measure::Asked,
    network::{service_id, service_name},
};
use anyhow::{Context, Result, bail};
use api::{
    caller::{Caller, Circumstances},
    clock::Clock,
    graphql,
    http::Limits,
    identity::{demo::ISSUER, subject_key},
    snapshot::name_key,
    store::{Store, encode_cursor},
};
use async_graphql::{
    Request as Question, Variables,
    parser::{parse_query, types::ExecutableDocument},
};
use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
};
use domain::text::{Language, LocalizedText};
use http_body_util::BodyExt;
use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;
use uuid::Uuid;

const QUESTION: &str = include_str!("page.graphql");
const STATEMENT: &str = include_str!("page.sql");

/// A page that is asked for, in the form of each way.
pub struct Page {
    after: Uuid,
    published: Bytes,
    working: Bytes,
    variables: Variables,
}

impl Page {
    /// The page after the `n`th service.
    pub fn after(n: u32) -> Result<Self> {
        let id = service_id(n).0;
        let name: LocalizedText = serde_json::from_value(service_name(n))?;
        // The same services in the same order: everybody's list is by name, the staff's by age, and names were given in the order of age.
        let published = json!({ "edition": "PUBLISHED", "order": { "field": "NAME", "direction": "ASC" },
            "after": encode_cursor(&name_key(&name, Language::Fi), id) });
        let working = json!({ "edition": "WORKING", "order": { "field": "CREATED_AT", "direction": "ASC" }, "after": encode_cursor("", id) });
        let body = |variables: &Value| Bytes::from(json!({ "query": QUESTION, "variables": variables }).to_string());
        Ok(Self { after: id, published: body(&published), working: body(&working), variables: Variables::from_json(working) })
    }
}

/// A way to a page.
pub enum Way {
    /// The server as everybody asks it, in process: with its cache of answers, or without.
    Everybody(Router),
    /// The server as staff ask it: working copies by loaders, organisations and venues from the snapshot.
    Staff(Router, String),
    /// Loaders and nothing else, all of it from PostgreSQL, without the front door.
    Loaders(Box<Loaders>),
    /// One statement written by hand, through the driver.
    Statement(Box<PgConnection>),
}

/// What loaders alone need.
pub struct Loaders {
    schema: graphql::Schema,
    store: Store,
    document: ExecutableDocument,
    actor: domain::actor::Actor,
}

impl Loaders {
    /// The guarded loaders of an administrator, who sees the working copies of the whole network.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Store::open(&url.to_owned().into(), 4, Clock::real(), tests::vault()).await?;
        let actor = store.sign_in(&subject_key(ISSUER, "admin"), None).await?;
        // Parsed once, as the front door does.
        let document = parse_query(QUESTION)?;
        Ok(Self { schema: api::schema(&Limits::default()), store, document, actor })
    }

    async fn ask(&self, page: &Page) -> Result<Bytes> {
        let circumstances = Circumstances { request_id: "bench".into(), language: Language::Fi, expires_at: None, badge: None };
        // The catalogue is empty: whatever is asked for has to be loaded.
        let caller = Caller::new(self.actor.clone(), self.store.clone(), Arc::default(), circumstances);
        let mut question = Question::new("").variables(page.variables.clone()).data(caller.clone());
        question.set_parsed_query(self.document.clone());
        let answer = api::execute(&self.schema, question).await;
        caller.finish().await?;
        Ok(serde_json::to_vec(&answer)?.into())
    }
}

impl Way {
    /// The statement, on a connection of its own.
    pub async fn statement(url: &str) -> Result<Self> {
        Ok(Self::Statement(Box::new(PgConnection::connect(url).await?)))
    }

    /// The answer for a page, as it comes.
    async fn answer(&mut self, page: &Page) -> Result<Bytes> {
        match self {
            Self::Everybody(routes) => post(routes, &page.published, None).await,
            Self::Staff(routes, token) => post(routes, &page.working, Some(token)).await,
            Self::Loaders(loaders) => loaders.ask(page).await,
            Self::Statement(conn) => {
                let answer: String = query_scalar(STATEMENT).bind(page.after).bind(Clock::real().now()).fetch_one(&mut **conn).await?;
                Ok(answer.into())
            }
        }
    }

    /// What an answer says, whatever way it came.
    pub async fn data(&mut self, page: &Page) -> Result<Value> {
        let mut answer: Value = serde_json::from_slice(&self.answer(page).await?)?;
        if answer.get("errors").is_some() {
            bail!("not an answer: {answer}");
        }
        Ok(answer["data"].take())
    }
}

impl Asked for Way {
    type Question = Page;

    async fn ask(&mut self, page: &Page) -> Result<()> {
        self.answer(page).await.map(drop)
    }
}

async fn post(routes: &Router, body: &Bytes, bearer: Option<&str>) -> Result<Bytes> {
    let mut request = Request::post("/graphql").header("content-type", "application/json");
    if let Some(token) = bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = routes.clone().oneshot(request.body(Body::from(body.clone()))?).await?;
    if !response.status().is_success() {
        bail!("refused: {}", response.status());
    }
    Ok(response.into_body().collect().await.context("a body that breaks off")?.to_bytes())
}
