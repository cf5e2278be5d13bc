//! The real router, asked in process.
use crate::{
    database::{self, Fresh, Kind},
    world::World,
};
use api::{
    App, Parts,
    caller::Caller,
    clock::Clock,
    gdpr::GdprSettings,
    http::Limits,
    identity::{Identity, demo::DemoIssuer, settings::IdentitySettings},
    store::Store,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, request::Builder},
};
use chrono::{TimeDelta, Utc};
use clap::Parser;
use domain::id::Kinded;
use entity::casework::case;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// The server of one test.
pub struct TestApp {
    /// The database it runs on.
    pub kind: Kind,
    /// Who and what there is.
    pub world: &'static World,
    app: App,
    database: Fresh,
    issuer: DemoIssuer,
    store: Store,
    folder: tempfile::TempDir,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when it is not JSON.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The code of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
    }
}

/// A stream of a subscription's results.
pub struct Listening(Body);

impl Listening {
    /// What has come, until nothing comes for as long as this, or the stream ends.
    pub async fn heard(&mut self, patience: Duration) -> Vec<Value> {
        let mut text = String::new();
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(patience, self.0.frame()).await {
            text.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap_or_default()));
        }
        text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()).collect()
    }
}

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    identity: IdentitySettings,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    gdpr: GdprSettings,
}

impl TestApp {
    /// A server on a fresh database.
    pub async fn start(kind: Kind) -> Self {
        let (database, world) = Fresh::copy(kind).await;
        let folder = tempfile::tempdir().expect("a folder");
        let issuer = DemoIssuer::open(folder.path()).expect("an issuer");
        let store = database::open(&database.url).await;
        let app = assemble(store.clone(), folder.path(), &[]).await;
        Self { kind, world, app, database, issuer, store, folder }
    }

    /// A second process on the same database.
    pub async fn second_process(&self) -> Router {
        self.process_with(&[]).await
    }

    /// Another process on the same database, with settings of its own.
    pub async fn process_with(&self, flags: &[&str]) -> Router {
        self.process(database::open(&self.database.url).await, flags).await
    }

    /// Another process on the same database, at the time of a clock.
    pub async fn process_at(&self, clock: Clock) -> Router {
        self.process(self.store_at(clock).await, &[]).await
    }

    async fn process(&self, store: Store, flags: &[&str]) -> Router {
        let app = assemble(store, self.folder.path(), flags).await;
        let routes = app.routes.clone();
        // Its tasks must go on for as long as its routes are asked.
        std::mem::forget(app);
        routes
    }

    /// A store on the same database, at the time of a clock.
    pub async fn store_at(&self, clock: Clock) -> Store {
        database::open_at(&self.database.url, clock).await
    }

    /// A store on the same database for which it is later: by so many days.
    pub async fn later(&self, days: i64) -> Store {
        self.store_at(Clock::fixed(crate::at_this_time_in(days))).await
    }

    /// A token of a subject with scopes, asked for by a client.
    pub fn token_for(&self, subject: &str, scope: &str, client_id: Option<&str>) -> String {
        self.issuer.mint_for(subject, scope, client_id, Utc::now(), TimeDelta::hours(1)).expect("a token")
    }

    /// Asks another process on the same database as an actor, for the purpose that fits its role.
    pub async fn post_to(&self, process: &Router, actor: &str, query: &str, variables: Value) -> Answer {
        ask(process, Some(self.token(actor)), Some(purpose(actor)), query, variables).await
    }

    /// Stops it and throws its database away.
    pub async fn stop(self) {
        drop(self.app);
        self.database.drop().await;
    }

    /// Lets the server go, and leaves the database as it is.
    pub fn leave(self) -> Fresh {
        self.database
    }

    /// A token of an actor; the empty name is nobody.
    pub fn token(&self, actor: &str) -> String {
        self.issuer.mint(actor, Utc::now(), TimeDelta::hours(1)).expect("a token")
    }

    /// Sends a request to the router.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.app.routes, request).await
    }

    /// Asks as an actor, for the purpose that fits its role; the empty name is nobody.
    pub async fn post(&self, actor: &str, query: &str, variables: Value) -> Answer {
        let token = (!actor.is_empty()).then(|| self.token(actor));
        ask(&self.app.routes, token, Some(purpose(actor)), query, variables).await
    }

    /// Follows a subscription as an actor; the empty name is nobody.
    pub async fn listen(&self, actor: &str, subscription: &str) -> Listening {
        self.listen_for(actor, Some(purpose(actor)), subscription).await
    }

    /// The same, for another purpose or for none.
    pub async fn listen_for(&self, actor: &str, purpose: Option<&str>, subscription: &str) -> Listening {
        let token = (!actor.is_empty()).then(|| self.token(actor));
        let request = request(token, purpose).header("accept", "text/event-stream");
        let body = json!({ "query": subscription, "variables": {} }).to_string();
        let response = self.app.routes.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
        Listening(response.into_body())
    }

    /// Asks as an actor, for another purpose than the one that fits its role; the empty name is nobody.
    pub async fn post_for(&self, actor: &str, purpose: &str, query: &str, variables: Value) -> Answer {
        let token = (!actor.is_empty()).then(|| self.token(actor));
        ask(&self.app.routes, token, Some(purpose), query, variables).await
    }

    /// Asks as an actor that says not what for.
    pub async fn without_purpose(&self, actor: &str, query: &str, variables: Value) -> Answer {
        ask(&self.app.routes, Some(self.token(actor)), None, query, variables).await
    }

    /// Asks, and expects data without errors.
    pub async fn ask(&self, actor: &str, query: &str, variables: Value) -> Value {
        let answer = self.post(actor, query, variables).await;
        assert!(answer.body["errors"].is_null(), "{actor}: {query}\n{}", answer.text);
        answer.body["data"].clone()
    }

    /// Asks, and expects an error; its code.
    pub async fn refuse(&self, actor: &str, query: &str, variables: Value) -> String {
        let answer = self.post(actor, query, variables).await;
        assert!(answer.body["errors"].is_array(), "{actor}: {query} was not refused\n{}", answer.text);
        answer.code().to_owned()
    }

    /// Does a mutation with one input, and expects it to be done; the payload.
    pub async fn done(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.payload(actor, mutation, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{actor}: {mutation}");
        payload
    }

    /// Does a mutation with one input, and expects it to be refused by rules; the codes and paths.
    pub async fn rejected(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Vec<String> {
        let payload = self.payload(actor, mutation, selection, input).await;
        let errors = payload["userErrors"].as_array().expect("user errors");
        let path = |e: &Value| e["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".");
        errors.iter().map(|e| format!("{} {}", e["code"].as_str().unwrap_or_default(), path(e))).collect()
    }

    /// Does a mutation with one input; the payload.
    pub async fn payload(&self, actor: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let data = self.ask(actor, &Self::mutation(mutation, selection), json!({ "input": input })).await;
        data[mutation].clone()
    }

    /// The document of a mutation with one input.
    pub fn mutation(mutation: &str, selection: &str) -> String {
        let input = format!("{}{}Input!", mutation[..1].to_uppercase(), &mutation[1..]);
        // Moves along a state machine share one input.
        let input = match mutation {
            "publishService" | "withdrawService" | "discardService" => "ServiceMoveInput!".to_owned(),
            "publishServiceOffering" | "withdrawServiceOffering" | "discardServiceOffering" => "ServiceOfferingMoveInput!".to_owned(),
            "sendReferral" | "cancelReferral" | "acknowledgeReferral" | "withdrawReferral" => "ReferralMoveInput!".to_owned(),
            "requestReferralInfo" | "supplyReferralInfo" => "ReferralMessageInput!".to_owned(),
            "reassessCase" | "reviseCase" | "continueCase" => "CaseWordsInput!".to_owned(),
            "planCase" | "activateCase" | "arrangeCaseFollowOn" | "resumeCase" => "CaseMoveInput!".to_owned(),
            "completeNeedsAssessment" | "resumeNeedsAssessment" => "NeedsAssessmentMoveInput!".to_owned(),
            "shareClientPlan" | "putClientPlanInForce" | "endClientPlan" | "discardClientPlan" => "ClientPlanMoveInput!".to_owned(),
            "reviewClientPlan" | "confirmClientPlan" => "ClientPlanReviewInput!".to_owned(),
            "beginGoal" => "GoalMoveInput!".to_owned(),
            "shareFinalAssessment" | "rewriteFinalAssessment" | "discardFinalAssessment" => "FinalAssessmentMoveInput!".to_owned(),
            "makeServiceDecision" | "discardServiceDecision" => "ServiceDecisionMoveInput!".to_owned(),
            "placePurchaseOrder" | "resumePurchaseOrder" => "PurchaseOrderMoveInput!".to_owned(),
            "pausePurchaseOrder" | "cancelPurchaseOrder" => "PurchaseOrderWordsInput!".to_owned(),
            "completePurchaseOrder" | "terminatePurchaseOrder" => "EndPurchaseOrderInput!".to_owned(),
            "closeComplaint" | "dismissComplaint" => "EndComplaintInput!".to_owned(),
            "leaveVoucherProvider" => "VoucherMoveInput!".to_owned(),
            "disputeDeliveryEvent" | "voidDeliveryEvent" => "DeliveryEventReasonInput!".to_owned(),
            "upholdServiceDecision" | "amendServiceDecision" => "EndDecisionRectificationInput!".to_owned(),
            "lapseFollowOnPath" | "dropFollowOnPath" => "EndFollowOnPathInput!".to_owned(),
            "acceptParticipation" | "enrolParticipant" | "confirmPlace" | "pauseParticipation" | "resumeParticipation" => "ParticipationMoveInput!".to_owned(),
            "declineParticipation" | "leaveWaitlist" | "cancelParticipation" | "recordNoShow" | "completeParticipation" | "discontinueParticipation" => {
                "EndParticipationInput!".to_owned()
            }
            "openMarketDialogue" | "tenderProcurement" | "evaluateProcurement" | "upholdProcurement" => "ProcurementMoveInput!".to_owned(),
            "appealProcurement" | "interruptProcurement" => "ProcurementReasonInput!".to_owned(),
            "offerFrameworkContract"
            | "takeBackFrameworkContract"
            | "signFrameworkContract"
            | "extendFrameworkContract"
            | "resumeFrameworkContract"
            | "cancelFrameworkContract" => "FrameworkContractMoveInput!".to_owned(),
            "approveInvoice" => "InvoiceMoveInput!".to_owned(),
            "correctInvoice" | "rejectInvoice" => "InvoiceReasonInput!".to_owned(),
            "approveVoucherSettlement" => "VoucherSettlementMoveInput!".to_owned(),
            "discardVoucherSettlement" | "reverseVoucherSettlement" => "VoucherSettlementReasonInput!".to_owned(),
            "suspendFrameworkContract" | "terminateFrameworkContract" => "FrameworkContractReasonInput!".to_owned(),
            "publishRulebook" | "discardRulebook" => "RulebookMoveInput!".to_owned(),
            "submitProviderApproval"
            | "reviewProviderApproval"
            | "approveProvider"
            | "reinstateProviderApproval"
            | "giveUpProviderApproval"
            | "recallApprovedPrice"
            | "approveProviderPrice" => "ProviderApprovalMoveInput!".to_owned(),
            "requestProviderSupplement" | "rejectProvider" | "suspendProviderApproval" | "withdrawProviderApproval" | "declineProviderPrice" => {
                "ProviderApprovalReasonInput!".to_owned()
            }
            "cancelVisit" | "voidVisit" => "EndVisitInput!".to_owned(),
            "breakGlass" | "openByStatutoryRight" => "OpenRelationInput!".to_owned(),
            "closeServiceUnit" | "reopenServiceUnit" => "ServiceUnitMoveInput!".to_owned(),
            "closeTransportRoute" | "reopenTransportRoute" => "TransportRouteMoveInput!".to_owned(),
            "pauseWebhook" | "resumeWebhook" | "deleteWebhook" => "WebhookMoveInput!".to_owned(),
            "closeArea" | "reopenArea" => "AreaMoveInput!".to_owned(),
            "inspectVenue" | "agreeVenue" | "takeVenueIntoUse" | "withdrawVenue" => "VenueMoveInput!".to_owned(),
            _ => input,
        };
        format!("mutation($input: {input}) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message path }} }} }}")
    }

    /// Runs a statement, past all doors.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sql(&self, statement: &str) -> Result<(), String> {
        database::execute(&self.database.url, statement).await
    }

    /// Takes from a table what keeps it from being changed, as only the owner of the database can.
    pub async fn unguard(&self, table: &str) {
        database::unguard(self.kind, &self.database.url, table).await;
    }

    /// A store of its own on the same database.
    pub async fn store(&self) -> api::store::Store {
        database::open(&self.database.url).await
    }

    /// How many statements the server has run for those who ask.
    pub fn statements(&self) -> u64 {
        self.store.statements()
    }

    /// The public ids of every case, the oldest first.
    pub async fn cases(&self) -> Vec<String> {
        let rows = Caller::system(&self.store).reader().find::<case::Entity>().all().await.expect("the cases");
        rows.into_iter().map(|row| row.id.to_public()).collect()
    }

    /// The address of its database.
    pub fn database(&self) -> &str {
        &self.database.url
    }

    /// Changes rows past all doors, as only time or an accident would.
    pub async fn tamper(&self, sql: &str) {
        self.sql(sql).await.expect("a change past all doors");
    }

    /// Rows of a table, past all doors.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        database::count(&self.database.url, table, condition).await
    }
}

/// A server on a database, its demo issuer's key in `folder`. The rates are there, as in service, but never reached unless they are among the flags.
pub async fn assemble(store: Store, folder: &std::path::Path, flags: &[&str]) -> App {
    let rates = ["--rate-requests", "--rate-complexity"].into_iter().filter(|rate| !flags.contains(rate)).flat_map(|rate| [rate, "4000000000"]);
    let settings = Defaults::parse_from(["test"].into_iter().chain(rates).chain(flags.iter().copied()));
    let clock = Clock::real();
    let demo = DemoIssuer::open(folder).expect("an issuer");
    let identity = Identity::start(&settings.identity, Some(&demo), clock.clone()).expect("an identity");
    let parts = Parts { store, identity, demo: None, limits: settings.limits, clock, gdpr: settings.gdpr, metrics: None };
    App::assemble(parts).await.expect("a server")
}

/// Asks a router.
pub async fn post(routes: &Router, token: Option<String>, query: &str, variables: Value) -> Answer {
    ask(routes, token, None, query, variables).await
}

/// For what an actor asks.
fn purpose(actor: &str) -> &'static str {
    match actor {
        "dpo" => "DATA_PROTECTION",
        "procurement" | "procurement-b" | "ProcurementOfficer" => "SUPERVISION",
        "finance" | "finance-b" | "FinanceOfficer" => "INVOICING",
        "analyst" | "Analyst" => "STATISTICS",
        _ => "CARE",
    }
}

/// Asks a router for a purpose.
pub async fn ask(routes: &Router, token: Option<String>, purpose: Option<&str>, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string();
    send(routes, request(token, purpose).body(Body::from(body)).expect("a request")).await
}

fn request(token: Option<String>, purpose: Option<&str>) -> Builder {
    let mut request = Request::builder().method(Method::POST).uri("/graphql").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(purpose) = purpose {
        request = request.header("x-purpose", purpose);
    }
    request
}

/// Sends a request to a router.
pub async fn send(routes: &Router, request: Request<Body>) -> Answer {
    let response = routes.clone().oneshot(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: head.status, headers: head.headers, body: serde_json::from_str(&text).unwrap_or_default(), text, bytes: bytes.into() }
}
