//! The ways to a place in a group.
use anyhow::{Context, Result, ensure};
use api::identity::{demo::ISSUER, subject_key};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{Method, Request},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{Kinded, ServiceOfferingId};
use http_body_util::BodyExt;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use serde_json::json;
use tests::TestApp;
use tower::ServiceExt;
use uuid::Uuid;

/// Somebody registers.
pub trait Way {
    /// Registers one more.
    async fn register(&self) -> Result<()>;
}

/// The whole server, in process: the request is read, the caller known, the input checked, and what is done is in the audit and told to those who watch.
pub struct Server {
    routes: Router,
    token: String,
    body: Bytes,
}

impl Server {
    pub async fn new(app: &TestApp, offering: &str) -> Self {
        let query = TestApp::mutation("registerWalkIn", "participation { id state version }");
        let input = json!({ "offering": offering, "alias": "Kettu", "textVersion": "osallistuminen-2026-1" });
        let body = Bytes::from(json!({ "query": query, "variables": { "input": input } }).to_string());
        Self { routes: app.second_process().await, token: format!("Bearer {}", app.token("partner")), body }
    }
}

impl Way for Server {
    async fn register(&self) -> Result<()> {
        let request = Request::builder().method(Method::POST).uri("/graphql").header("content-type", "application/json");
        let request = request.header("authorization", &self.token).header("x-purpose", "CARE").body(Body::from(self.body.clone()))?;
        let answer = self.routes.clone().oneshot(request).await?.into_body().collect().await?.to_bytes();
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        ensure!(answer["data"]["registerWalkIn"]["participation"]["state"] == "ENROLLED", "not registered: {answer}");
        Ok(())
    }
}

/// Statements written by hand: a place is taken if one is free, and the consent and the participation are kept. On PostgreSQL that is one statement;
/// SQLite writes to one table in a statement, so there it is a transaction of three. Nothing is checked but that there is room, and nobody is told.
pub struct ByHand {
    conn: DatabaseConnection,
    offering: Uuid,
    alias: String,
}

const PLACE: &str = "UPDATE service_offering SET places_taken = places_taken + 1 WHERE id = $1 AND places_taken < 1000000";
const CONSENT: &str = "INSERT INTO consent (id, network_id, organization_id, purpose, recipient_id, scope, method, text_version, given_at, expires_at, state, recorded_by, \
    created_at, updated_at, version)";
const PARTICIPATION: &str = "INSERT INTO participation (id, network_id, organization_id, provider_id, offering_id, source, state, alias, consent_id, registered_by, arrival, \
    created_at, updated_at, version)";

fn statement(backend: DbBackend) -> Vec<String> {
    let consent = |from: &str| {
        format!(
            "{CONSENT} SELECT $2, network_id, organization_id, 'PARTICIPATION', organization_id, $3, 'ORAL_RECORDED', 'osallistuminen-2026-1', $4, $5, 'GIVEN', $6, $4, $4, 1 \
             FROM {from}"
        )
    };
    let participation = |from: &str| {
        format!(
            "{PARTICIPATION} SELECT $7, network_id, organization_id, organization_id, id, 'WALK_IN', 'ENROLLED', $8, $2, $6, places_taken, $4, $4, 1 FROM {from}"
        )
    };
    if backend == DbBackend::Postgres {
        let returned = format!("{PLACE} RETURNING id, network_id, organization_id, places_taken");
        return vec![format!("WITH place AS ({returned}), given AS ({}) {}", consent("place"), participation("place"))];
    }
    let here = "service_offering WHERE id = $1";
    vec![PLACE.to_owned(), consent(here), participation(here)]
}

impl ByHand {
    /// On a database whose `sample` the server has registered somebody for: the same is written to `offering`.
    pub async fn new(app: &TestApp, sample: &str, offering: &str) -> Result<Self> {
        let url = app.database();
        let mut options = ConnectOptions::new(url);
        // As the server is set up: one writer on SQLite, and nothing is done before it is on the disk.
        options.max_connections(if url.starts_with("sqlite") { 1 } else { 32 }).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|o| o.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full));
        let sample = ServiceOfferingId::from_public(sample).context("an offering")?;
        let sealed = format!("SELECT alias FROM participation WHERE offering_id = {}", tests::literal(url, sample.0));
        let alias = tests::texts(url, &sealed).await.pop().context("somebody whom the server has registered")?;
        let offering = ServiceOfferingId::from_public(offering).context("an offering")?.0;
        Ok(Self { conn: Database::connect(options).await?, offering, alias })
    }

    fn values(&self) -> [Value; 8] {
        let now: DateTime<Utc> = Utc::now();
        [
            self.offering.into(),
            Uuid::now_v7().into(),
            json!(["ALIAS"]).into(),
            now.into(),
            (now + TimeDelta::days(365)).into(),
            subject_key(ISSUER, "partner").into(),
            Uuid::now_v7().into(),
            self.alias.clone().into(),
        ]
    }
}

impl Way for ByHand {
    async fn register(&self) -> Result<()> {
        let backend = self.conn.get_database_backend();
        let values = self.values();
        let bound = |sql: &String| {
            // Each statement is given the values that it names, and no more.
            let used = (1..=values.len()).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or_default();
            Statement::from_sql_and_values(backend, sql, values[..used].to_vec())
        };
        let statements = statement(backend);
        if let [one] = &statements[..] {
            ensure!(self.conn.execute_raw(bound(one)).await?.rows_affected() == 1, "no place");
            return Ok(());
        }
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        let tx = self.conn.begin_with_options(options).await?;
        for sql in &statements {
            ensure!(tx.execute_raw(bound(sql)).await?.rows_affected() == 1, "no place");
        }
        Ok(tx.commit().await?)
    }
}

/// As many places are taken as there are participations, each of them under a consent.
pub async fn is_whole(app: &TestApp, offering: &str) -> Result<()> {
    let id = tests::literal(app.database(), ServiceOfferingId::from_public(offering).context("an offering")?.0);
    let enrolled = app.count("participation", &format!("offering_id = {id} AND state = 'ENROLLED' AND alias IS NOT NULL")).await;
    let under = format!("offering_id = {id} AND consent_id IN (SELECT id FROM consent WHERE state = 'GIVEN' AND purpose = 'PARTICIPATION')");
    ensure!(
        app.count("service_offering", &format!("id = {id} AND places_taken = {enrolled}")).await == 1,
        "places taken are not those of {enrolled} participations"
    );
    ensure!(app.count("participation", &under).await == enrolled && enrolled > 1, "participations without a consent");
    let arrivals = app.count("participation", &format!("offering_id = {id} AND arrival > {enrolled}")).await;
    ensure!(arrivals == 0, "two are not counted one after the other");
    Ok(())
}

/// Something of the association's, published: its id.
pub async fn published(app: &TestApp, kind: &str, input: serde_json::Value) -> String {
    let field = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
    let made = app.done("partner", &format!("create{kind}"), &format!("{field} {{ id version }}"), input).await[&field].clone();
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    app.done("partner", &format!("publish{kind}"), &format!("{field} {{ id }}"), json!({ "id": id, "expectedVersion": made["version"] })).await;
    id
}
