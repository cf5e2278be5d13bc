//! A process that is killed in the middle of whatever it does leaves no half of anything: what it has answered is there, what it has not answered is
//! there whole or not at all, and the chains hold.
use super::{
    random::{Seed, named},
    wrong::nothing_is_wrong,
};
use crate::{
    casework::{given as casework_given, opened},
    catalogue_given::whole_service,
    funding::{
        delivery,
        given::{self as funding, in_days},
        purchase_order as order,
    },
    person::given::text,
};
use api::{
    identity::{
        demo::{DemoIssuer, ISSUER},
        subject_key,
    },
    job::{AtNight, Nightly},
    webhook::{Pace, Sender},
};
use chrono::{NaiveTime, TimeDelta, Utc};
use domain::id::split_public;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tests::{Fresh, Kind, TestApp, World, count, databases, literal, open};

/// How often the server is killed, unless the environment names another number.
const ROUNDS: usize = 10;
/// How many work at once.
const WORKERS: usize = 6;
/// How many answers a server gives before it is killed, at the most.
const ANSWERS: usize = 100;

const DATABASE: &str = "MONITUOTTAJA_KILLED_DATABASE";
const FOLDER: &str = "MONITUOTTAJA_KILLED_FOLDER";

/// The process that is killed: the server as the program puts it together, in this same executable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "not a story: the process that the story of this file starts and kills"]
async fn the_server_that_is_killed() {
    let (Ok(url), Ok(folder)) = (std::env::var(DATABASE), std::env::var(FOLDER)) else { return };
    end_with_parent();
    let folder = Path::new(&folder);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = open(&url).await;
    let _by_time = api::job::run(store.clone(), Nightly { retention: AtNight::Destroy, retention_at: NaiveTime::MIN });
    let pace = Pace { timeout: Duration::from_secs(1), first: TimeDelta::milliseconds(100), longest: TimeDelta::seconds(1) };
    let _sending = api::webhook::run(store.clone(), Sender::new(Arc::clone(store.allowed_hosts()), pace).unwrap());
    let app = tests::assemble(store, folder, &[]).await;
    put(&folder.join("address"), listener.local_addr().unwrap().to_string());
    api::http::serve(listener, app.routes.clone(), &api::http::Limits::default(), std::future::pending()).await;
}

/// A process that does what an ignored test of a module does, in this same executable. It hears when whoever has started it ends.
pub(super) fn process_of(module: &str, test: &str) -> Command {
    let (_, module) = module.split_once("::").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::{test}"), "--ignored", "--nocapture"]).stdin(Stdio::piped()).stdout(Stdio::null());
    command
}

/// Ends this process with whoever has started it.
pub(super) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}

/// A process that is killed when nobody holds it any more.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: nothing of the process is asked, and nothing of it is heard.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes a file whole or not at all.
pub(super) fn put(file: &Path, text: impl AsRef<[u8]>) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, file).unwrap();
}

/// A server in a process of its own.
pub(super) struct Server {
    _process: Process,
    pub(super) address: String,
}

impl Server {
    pub(super) async fn start(url: &str, folder: &Path) -> Self {
        let _ = std::fs::remove_file(folder.join("address"));
        let mut process = Process::start(process_of(module_path!(), "the_server_that_is_killed").env(DATABASE, url).env(FOLDER, folder));
        for _ in 0..600 {
            if let Ok(address) = std::fs::read_to_string(folder.join("address")) {
                return Self { _process: process, address };
            }
            assert!(process.0.try_wait().unwrap().is_none(), "the server ended before it listened");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not listen")
    }
}

/// What is asked of the server: by whom, what, and the field of the payload in which the row is.
struct Step {
    actor: &'static str,
    mutation: &'static str,
    field: &'static str,
    /// The table, where a row is made; a step without one moves a row that was made before.
    makes: Option<&'static str>,
}

const fn makes(actor: &'static str, mutation: &'static str, field: &'static str, table: &'static str) -> Step {
    Step { actor, mutation, field, makes: Some(table) }
}

const fn moves(actor: &'static str, mutation: &'static str, field: &'static str) -> Step {
    Step { actor, mutation, field, makes: None }
}

/// The way of one client, with a service that is bought, and beside it a service of the catalogue, whose events share one lock.
const WAY: &[Step] = &[
    makes("social-worker", "registerClient", "client", "client"),
    makes("social-worker", "startCase", "case", "client_case"),
    moves("social-worker", "assessCase", "case"),
    makes("social-worker", "recordIntakeBaseline", "intakeBaseline", "intake_baseline"),
    makes("social-worker", "setGoal", "goal", "goal"),
    makes("social-worker", "writeClientEntry", "clientEntry", "client_entry"),
    makes("social-worker", "startNeedsAssessment", "needsAssessment", "needs_assessment"),
    moves("social-worker", "saveNeedsAssessment", "needsAssessment"),
    moves("social-worker", "completeNeedsAssessment", "needsAssessment"),
    moves("social-worker", "planCase", "case"),
    makes("social-worker", "draftClientPlan", "clientPlan", "client_plan"),
    moves("social-worker", "saveClientPlan", "clientPlan"),
    moves("social-worker", "shareClientPlan", "clientPlan"),
    moves("social-worker", "recordPlanAgreement", "clientPlan"),
    moves("social-worker", "putClientPlanInForce", "clientPlan"),
    moves("social-worker", "activateCase", "case"),
    makes("partner", "createService", "service", "service"),
    moves("partner", "publishService", "service"),
    makes("social-worker", "draftServiceDecision", "serviceDecision", "service_decision"),
    moves("social-worker", "makeServiceDecision", "serviceDecision"),
    moves("social-worker", "serveServiceDecision", "serviceDecision"),
    makes("social-worker", "draftPurchaseOrder", "purchaseOrder", "purchase_order"),
    moves("social-worker", "placePurchaseOrder", "purchaseOrder"),
    moves("provider", "confirmPurchaseOrder", "purchaseOrder"),
    makes("provider", "recordDeliveryEvent", "deliveryEvent", "delivery_event"),
    makes("social-worker", "requestProviderReport", "providerReport", "provider_report"),
    moves("provider", "submitProviderReport", "providerReport"),
    moves("social-worker", "approveDeliveryEvent", "deliveryEvent"),
    makes("social-worker", "createReferral", "referral", "referral"),
    makes("social-worker", "recordConsent", "consent", "consent"),
    moves("social-worker", "sendReferral", "referral"),
    moves("partner", "acknowledgeReferral", "referral"),
    moves("partner", "withdrawConsent", "consent"),
    moves("social-worker", "suspendCase", "case"),
    moves("social-worker", "resumeCase", "case"),
    moves("social-worker", "handOverCase", "case"),
    moves("social-worker", "assessCaseFinally", "case"),
    makes("social-worker", "draftFinalAssessment", "finalAssessment", "final_assessment"),
    moves("social-worker", "saveFinalAssessment", "finalAssessment"),
    moves("social-worker", "shareFinalAssessment", "finalAssessment"),
    moves("social-worker", "answerFinalAssessment", "finalAssessment"),
    moves("social-worker", "approveFinalAssessment", "finalAssessment"),
    moves("social-worker", "arrangeCaseFollowOn", "case"),
    makes("social-worker", "planFollowOnPath", "followOnPath", "follow_on_path"),
    moves("social-worker", "guideToFollowOnPath", "followOnPath"),
    moves("social-worker", "recordPathArrival", "followOnPath"),
    moves("social-worker", "closeCase", "case"),
];

/// When consents expire: the same each time that a step is sent.
static EXPIRES: LazyLock<String> = LazyLock::new(|| (Utc::now() + TimeDelta::days(90)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true));

/// Who and what there is before any way begins.
struct Ground {
    world: &'static World,
    /// A purchased service, and the line of a contract by which it is bought.
    service: String,
    line: String,
}

impl Ground {
    async fn laid(app: &TestApp) -> Self {
        funding::cast(app).await;
        let service = funding::service(app).await;
        let mut contract = funding::contract(app, "HVA-1");
        // No report is due by itself, so that there is one for each way.
        contract["reportDays"] = Value::Null;
        let (_, line) = funding::agreed(app, contract, funding::line("", &service)).await;
        Self { world: app.world, service, line: text(&line["id"]) }
    }
}

/// A row that the server has answered.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    table: &'static str,
    version: i64,
}

/// One client's way, kept over all kills: how far it has come, and what was answered.
#[derive(Clone, Debug)]
struct Life {
    number: usize,
    at: usize,
    known: BTreeMap<&'static str, Known>,
    /// A step was sent and not answered.
    open: bool,
}

impl Life {
    const fn new(number: usize) -> Self {
        Self { number, at: 0, known: BTreeMap::new(), open: false }
    }

    fn key(&self) -> String {
        format!("{}-{}", self.number, self.at)
    }

    fn id(&self, field: &str) -> &str {
        &self.known[field].id
    }

    /// The input of the step that comes next: the same each time that it is asked for.
    fn input(&self, ground: &Ground, step: &Step) -> Value {
        let (county, ngo) = (ground.world.organization("county"), ground.world.organization("ngo"));
        let mut input = match step.mutation {
            "registerClient" => json!({ "keeper": county, "identity": {
                "firstNames": format!("Testi {}", self.number), "lastName": "Mallinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi",
            } }),
            "startCase" => json!({ "client": self.id("client"), "organization": county, "content": { "serviceTask": "WORKING_AGE_SERVICES" } }),
            "assessCase" => json!({ "ownWorker": subject_key(ISSUER, "social-worker"), "urgent": false }),
            "recordIntakeBaseline" => opened::baseline(),
            "setGoal" => json!({ "owner": "WORKER", "content": { "text": "Käy ryhmässä.", "lifeArea": "PARTICIPATION" } }),
            "writeClientEntry" => json!({ "happenedOn": "2026-01-02", "visibility": "SHARED", "content": { "text": "Soitto." } }),
            "saveNeedsAssessment" => json!({ "content": casework_given::whole_assessment() }),
            "saveClientPlan" => json!({ "content": casework_given::whole_plan(&[self.id("goal").to_owned()]) }),
            "recordPlanAgreement" => json!({ "agreement": "AGREES" }),
            "assessCaseFinally" => json!({ "words": "Tavoitteet käyty läpi.", "exitAgreed": true }),
            "saveFinalAssessment" => json!({ "content": casework_given::whole_final(), "benefitThemes": ["HOPE"] }),
            "answerFinalAssessment" => json!({ "approvedByClient": true }),
            "planFollowOnPath" => json!({ "destination": "EDUCATION", "content": { "place": "Opisto" } }),
            "recordPathArrival" => json!({ "arrival": "STARTED", "arrivedOn": in_days(0), "source": "CLIENT" }),
            "createService" => json!({ "organization": ngo, "content": whole_service(&format!("Palvelu {}", self.number)) }),
            "draftServiceDecision" => json!({ "content": order::granting(&ground.service, 1, 6_000) }),
            "serveServiceDecision" => json!({ "method": "HANDED_OVER", "sentOn": in_days(0) }),
            "draftPurchaseOrder" => json!({ "decision": self.id("serviceDecision"), "line": ground.line, "content": order::ordered(1) }),
            "recordDeliveryEvent" => json!({ "order": self.id("purchaseOrder"), "content": delivery::given(100) }),
            "requestProviderReport" => json!({ "order": self.id("purchaseOrder"), "kind": "INTERIM", "dueOn": in_days(14) }),
            "submitProviderReport" => json!({ "content": { "text": "Kävi ryhmässä." } }),
            "createReferral" => json!({
                "sender": county, "recipient": ngo, "client": self.id("client"), "introduction": { "reason": "Kaipaa seuraa." },
                "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
            }),
            "recordConsent" => json!({
                "referral": self.id("referral"), "purpose": "REFERRAL", "recipient": ngo, "scope": ["ALIAS", "REASON"], "method": "WRITTEN",
                "textVersion": "ohjaus-2026-1", "expiresAt": *EXPIRES,
            }),
            "suspendCase" => json!({ "reason": "HOSPITAL", "reviewOn": in_days(14) }),
            "handOverCase" => json!({ "to": subject_key(ISSUER, "service-guide") }),
            "closeCase" => json!({ "reason": "REFUSED", "note": "Asiakas ei halua jatkaa." }),
            _ => json!({}),
        };
        if step.makes.is_some() {
            input["idempotencyKey"] = json!(self.key());
            let of_case = ["intakeBaseline", "goal", "clientEntry", "needsAssessment", "clientPlan", "serviceDecision", "finalAssessment", "followOnPath"];
            if of_case.contains(&step.field) {
                input["case"] = json!(self.id("case"));
            }
        } else {
            input["id"] = json!(self.id(step.field));
            input["expectedVersion"] = json!(self.known[step.field].version);
        }
        input
    }

    /// Takes the answer to its step. A move that was done before the kill, unanswered, is stale when it is sent again.
    fn take(&mut self, step: &Step, answer: &Value) {
        let payload = &answer["data"][step.mutation];
        let again = std::mem::take(&mut self.open);
        if step.makes.is_none() && again && payload["userErrors"][0]["code"] == "STALE_VERSION" {
            self.known.get_mut(step.field).unwrap().version += 1;
        } else {
            assert!(answer["errors"].is_null() && payload["userErrors"] == json!([]), "{}: {answer}", step.mutation);
            let row = &payload[step.field];
            let table = step.makes.unwrap_or_else(|| self.known[step.field].table);
            // What was written once and for all has no version to name.
            let version = row["version"].as_i64().unwrap_or(1);
            self.known.insert(step.field, Known { id: text(&row["id"]), table, version });
        }
        self.at += 1;
    }
}

/// Whom a server is asked as, over its socket.
struct Callers {
    client: reqwest::Client,
    tokens: BTreeMap<&'static str, String>,
    answered: AtomicUsize,
}

impl Callers {
    fn new(folder: &Path) -> Self {
        let issuer = DemoIssuer::open(folder).unwrap();
        let token = |actor| (actor, issuer.mint(actor, Utc::now(), TimeDelta::hours(1)).unwrap());
        Self { client: reqwest::Client::new(), tokens: ["social-worker", "partner", "provider"].map(token).into(), answered: AtomicUsize::new(0) }
    }

    /// The answer, where there was one before the server was gone.
    async fn ask(&self, address: &str, step: &Step, input: Value) -> Option<Value> {
        let version = if ["clientEntry"].contains(&step.field) { "" } else { "version" };
        let query = TestApp::mutation(step.mutation, &format!("{} {{ id {version} }}", step.field));
        let request = self.client.post(format!("http://{address}/graphql")).bearer_auth(&self.tokens[step.actor]).header("x-purpose", "CARE");
        let answer = request.json(&json!({ "query": query, "variables": { "input": input } })).send().await.ok()?.json().await.ok()?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// Goes on with a client's way, and with another one after that, until the server is gone; at most to the end of so many ways.
    async fn live(&self, ground: &Ground, address: &str, mut lives: Vec<Life>, more: bool) -> Vec<Life> {
        loop {
            let life = lives.last_mut().unwrap();
            let Some(step) = WAY.get(life.at) else {
                if !more {
                    return lives;
                }
                let next = Life::new(life.number + WORKERS);
                lives.push(next);
                continue;
            };
            let Some(answer) = self.ask(address, step, life.input(ground, step)).await else {
                life.open = true;
                return lives;
            };
            life.take(step, &answer);
        }
    }
}

/// Looks at what a killed server has left, before another one is started.
async fn look(url: &str, kind: Kind, lives: &[Vec<Life>]) {
    if kind == Kind::Postgres {
        // What the server had begun is finished or given up by the database itself, once it notices that nobody listens.
        // Whoever looks may have two connections itself for a moment: only those count that were there before.
        let others = format!("datname = current_database() AND backend_type = 'client backend' AND backend_start < '{}'", Utc::now().to_rfc3339());
        for _ in 0..200 {
            if count(url, "pg_stat_activity", &others).await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(count(url, "pg_stat_activity", &others).await, 0, "somebody still works on the database");
    }
    for verdict in open(url).await.verify_logs().await.unwrap() {
        assert_eq!(verdict.broken, None, "{}", verdict.log);
    }
    nothing_is_wrong(url).await;
    assert_eq!(open(url).await.verify_drawdown().await.unwrap(), [], "what is counted of contracts is what there is");
    for step in WAY {
        if let Some(table) = step.makes {
            let keys = format!("input LIKE '{}:%' AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = idempotency.row_id)", step.mutation);
            assert_eq!(count(url, "idempotency", &keys).await, 0, "a key of {} without its row", step.mutation);
        }
    }
    let mut answered: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for known in lives.iter().flatten().flat_map(|life| life.known.values()) {
        let (_, id) = split_public(&known.id).unwrap();
        answered.entry(known.table).or_default().push(format!("(id = {} AND version >= {})", literal(url, id), known.version));
    }
    for (table, rows) in answered {
        assert_eq!(count(url, table, &rows.join(" OR ")).await, i64::try_from(rows.len()).unwrap(), "{table}: what was answered is there");
    }
}

async fn killed_again_and_again(kind: Kind, random: &mut fastrand::Rng, rounds: usize) {
    let app = TestApp::start(kind).await;
    let ground = Ground::laid(&app).await;
    let mut before = BTreeMap::new();
    for table in WAY.iter().filter_map(|step| step.makes) {
        before.insert(table, app.count(table, "1 = 1").await);
    }
    let fresh = app.leave();
    let folder = tempfile::tempdir().unwrap();
    let callers = Callers::new(folder.path());
    let mut lives: Vec<Vec<Life>> = (0..WORKERS).map(|number| vec![Life::new(number)]).collect();
    let mut unanswered = 0;
    for _ in 0..rounds {
        let server = Server::start(&fresh.url, folder.path()).await;
        let address = server.address.clone();
        let kill = async {
            // After some answers rather than some time, however busy the machine is; and a moment later, in the middle of the next ones.
            let enough = callers.answered.load(Ordering::Relaxed) + random.usize(1..ANSWERS);
            let moment = Duration::from_micros(random.u64(..30_000));
            while callers.answered.load(Ordering::Relaxed) < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(moment).await;
            drop(server);
        };
        let [first, second, third, fourth, fifth, sixth]: [Vec<Life>; WORKERS] = std::mem::take(&mut lives).try_into().unwrap();
        let live = |of| callers.live(&ground, &address, of, true);
        let (first, second, third, fourth, fifth, sixth, ()) =
            tokio::join!(live(first), live(second), live(third), live(fourth), live(fifth), live(sixth), kill);
        lives = vec![first, second, third, fourth, fifth, sixth];
        unanswered += lives.iter().filter(|lives| lives.last().unwrap().open).count();
        look(&fresh.url, kind, &lives).await;
    }
    // What was begun is gone on with to its end: sent again, each step is done exactly once.
    let server = Server::start(&fresh.url, folder.path()).await;
    for of in &mut lives {
        *of = callers.live(&ground, &server.address, std::mem::take(of), false).await;
    }
    drop(server);
    look(&fresh.url, kind, &lives).await;
    let ways = i64::try_from(lives.iter().flatten().count()).unwrap();
    for (table, before) in before {
        assert_eq!(count(&fresh.url, table, "1 = 1").await, before + ways, "{table}: one for each way");
    }
    assert_eq!(count(&fresh.url, "delivery_event", "state = 'APPROVED' AND cost_cents = 5000").await, ways);
    assert_eq!(count(&fresh.url, "client_case", "stage = 'CLOSED'").await, ways);
    // To whom the client was referred, and with whom the service was ordered.
    assert_eq!(count(&fresh.url, "disclosure_log_entry", "1 = 1").await, 2 * ways);
    assert!(unanswered > 0 && ways > i64::try_from(WORKERS).unwrap(), "nothing was cut off: {unanswered} steps of {ways} ways");
    fresh.drop().await;
}

/// Rows of a batch.
const BATCH: usize = 50;
/// How often a batch is cut off before that is enough, and how often it is tried.
const CUTS: usize = 2;
const TRIED: usize = 20;

/// What a phone has recorded without coverage: the same each time that it is sent.
fn batch(world: &World, number: usize) -> Value {
    let content = json!({
        "place": { "area": world.municipality("297"), "text": "Tori" }, "channel": "FIELD", "themes": ["HOUSING"], "minutes": 5, "result": "AGREED_RETURN",
    });
    let row = |row: usize| {
        let key = format!("batch-{number}-{row}");
        json!({ "recordAnonymousContact": { "organization": world.organization("ngo"), "effectiveDate": "2026-01-15", "content": content, "idempotencyKey": key } })
    };
    json!({ "rows": (0..BATCH).map(row).collect::<Vec<_>>() })
}

async fn killed_in_the_middle_of_a_batch(kind: Kind, random: &mut fastrand::Rng) {
    let (fresh, world) = Fresh::copy(kind).await;
    let folder = tempfile::tempdir().unwrap();
    let callers = Callers::new(folder.path());
    let query = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state payload { ... on AnonymousContactPayload { anonymousContact { id } } } } } }";
    let send = async |address: &str, number: usize| -> Option<Vec<Value>> {
        let request = callers.client.post(format!("http://{address}/graphql")).bearer_auth(&callers.tokens["partner"]).header("x-purpose", "CARE");
        let answer: Value = request.json(&json!({ "query": query, "variables": { "input": batch(world, number) } })).send().await.ok()?.json().await.ok()?;
        Some(answer["data"]["recordBatch"]["rows"].as_array().unwrap_or_else(|| panic!("{answer}")).clone())
    };
    let done = |rows: &[Value]| {
        assert!(rows.len() == BATCH && rows.iter().all(|row| row["state"] == "DONE"), "{rows:?}");
        rows.iter().map(|row| text(&row["payload"]["anonymousContact"]["id"])).collect::<Vec<_>>()
    };
    let kept = async |number: usize, condition: &str| count(&fresh.url, "idempotency", &format!("key LIKE 'batch-{number}-%' AND {condition}")).await;
    let (mut cuts, mut told) = (0, Vec::new());
    for number in 0..TRIED {
        let server = Server::start(&fresh.url, folder.path()).await;
        let address = server.address.clone();
        let enough = random.i64(1..40);
        let kill = async {
            while kept(number, "1 = 1").await < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(server);
        };
        let (answer, ()) = tokio::join!(send(&address, number), kill);
        look(&fresh.url, kind, &[]).await;
        // Rows are done one after the other: those that are there are the first ones, each with its key, and no key is without its row.
        let there = kept(number, "EXISTS (SELECT 1 FROM anonymous_contact c WHERE c.id = idempotency.row_id)").await;
        let first: Vec<_> = (0..there).map(|row| format!("'batch-{number}-{row}'")).collect();
        assert_eq!((kept(number, &format!("key IN ({})", first.join(", "))).await, kept(number, "1 = 1").await), (there, there));
        assert_eq!(count(&fresh.url, "anonymous_contact", "1 = 1").await, i64::try_from(told.len() * BATCH).unwrap() + there);
        cuts += usize::from(answer.is_none() && there < i64::try_from(BATCH).unwrap());
        // Sent again, what is there is answered, and the rest is done.
        let server = Server::start(&fresh.url, folder.path()).await;
        let ids = done(&send(&server.address, number).await.unwrap());
        assert!(answer.is_none_or(|answer| done(&answer) == ids), "what was answered as done is there");
        told.push(ids);
        if cuts == CUTS {
            break;
        }
    }
    assert_eq!(cuts, CUTS, "no batch was cut off");
    let ids: std::collections::BTreeSet<_> = told.iter().flatten().collect();
    assert_eq!((ids.len(), count(&fresh.url, "anonymous_contact", "1 = 1").await), (told.len() * BATCH, i64::try_from(told.len() * BATCH).unwrap()));
    look(&fresh.url, kind, &[]).await;
    fresh.drop().await;
}

/// Records of a feed.
const RECORDS: usize = 60;

/// A feed of which each record is something new.
fn feed(number: usize) -> Value {
    let record = |row: usize| json!({ "id": format!("{number}-{row}"), "name": format!("Palvelu {row}"), "status": "active", "description": "Kuvaus." });
    json!({ "contents": (0..RECORDS).map(record).collect::<Vec<_>>() })
}

async fn killed_in_the_middle_of_a_feed(kind: Kind, random: &mut fastrand::Rng) {
    let (fresh, world) = Fresh::copy(kind).await;
    let folder = tempfile::tempdir().unwrap();
    let callers = Callers::new(folder.path());
    let send = async |address: &str, number: usize| -> Option<Value> {
        let path = format!("http://{address}/import/hsds?organization={}&source=feed-{number}", world.organization("ngo"));
        callers.client.post(path).bearer_auth(&callers.tokens["partner"]).json(&feed(number)).send().await.ok()?.json().await.ok()
    };
    let kept = async |number: usize| count(&fresh.url, "service", &format!("source = 'feed-{number}'")).await;
    let mut cuts = 0;
    for number in 0..TRIED {
        let server = Server::start(&fresh.url, folder.path()).await;
        let address = server.address.clone();
        let enough = random.i64(1..50);
        let kill = async {
            while kept(number).await < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(server);
        };
        let (answer, ()) = tokio::join!(send(&address, number), kill);
        look(&fresh.url, kind, &[]).await;
        // Records are taken one after the other: those that are there are the first ones, each as a whole.
        let there = kept(number).await;
        let first: Vec<_> = (0..there).map(|row| format!("'{number}-{row}'")).collect();
        assert_eq!(count(&fresh.url, "service", &format!("source = 'feed-{number}' AND source_id IN ({})", first.join(", "))).await, there);
        cuts += usize::from(answer.is_none() && there < i64::try_from(RECORDS).unwrap());
        // Brought again, what is there is found unchanged, and the rest is taken.
        let server = Server::start(&fresh.url, folder.path()).await;
        let report = send(&server.address, number).await.unwrap();
        let sums = ["created", "changed", "unchanged", "refused"].map(|sum| report[sum].as_i64().unwrap());
        assert_eq!(sums, [i64::try_from(RECORDS).unwrap() - there, 0, there, 0], "{report}");
        if cuts == CUTS {
            break;
        }
    }
    assert_eq!(cuts, CUTS, "no feed was cut off");
    look(&fresh.url, kind, &[]).await;
    fresh.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_is_cut_off_is_there_record_by_record_and_is_finished_when_it_is_brought_again() {
    let seed = Seed::any();
    for kind in databases().await {
        killed_in_the_middle_of_a_feed(kind, &mut fastrand::Rng::with_seed(seed.0)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_cut_off_is_there_row_by_row_and_is_finished_when_it_is_sent_again() {
    let seed = Seed::any();
    for kind in databases().await {
        killed_in_the_middle_of_a_batch(kind, &mut fastrand::Rng::with_seed(seed.0)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_leaves_nothing_half_done_and_loses_nothing_that_it_has_answered() {
    let seed = Seed::any();
    let rounds = named("MONITUOTTAJA_TEST_KILLS").unwrap_or(ROUNDS);
    for kind in databases().await {
        killed_again_and_again(kind, &mut fastrand::Rng::with_seed(seed.0), rounds).await;
    }
}
