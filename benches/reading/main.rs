//! What it costs to log a reading of client data: the same question with its entries in the use log and without them, side by side in one run.
//!
//! `cargo bench -p tests --bench reading` measures and prints the table of `docs/benchmarks.md`. Without `--bench`, as `cargo test` runs it, it only sees
//! to it that both ways give the same answer, and that one of them leaves a trace.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::disallowed_methods, reason = "it looks at the clock")]
#[path = "../shared/machine.rs"]
mod machine;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/rounds.rs"]
mod rounds;

use anyhow::{Context, Result, ensure};
use api::{
    caller::{Caller, Circumstances},
    clock::Clock,
    graphql,
    http::Limits,
    identity::{demo::ISSUER, subject_key},
    store::Store,
};
use async_graphql::{
    Request,
    parser::{parse_query, types::ExecutableDocument},
};
use chrono::Utc;
use domain::{actor::Actor, person::purpose::Purpose, text::Language};
use measure::{Asked, Measured, measure};
use rounds::Patience;
use serde_json::{Value, json};
use std::{io::Write, sync::Arc, time::Duration};
use tests::{Kind, TestApp};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who asks.
const WORKER: &str = "social-worker";

/// A worklist as it is looked at in the morning.
const CASELOAD: &str = "{ myCaseload(first: 50) { nodes { id stage overdue nextDeadline { dueOn } client { number person { firstNames lastName } } history(last: 3) { nodes { kind at } } } } }";

/// One client, opened.
const CLIENT: &str =
    "{ myCaseload(first: 1) { nodes { stage client { number person { firstNames lastName phone } goals(first: 10) { nodes { text state } } } } } }";

/// A question, with the use log or without it.
struct Way {
    schema: graphql::Schema,
    store: Store,
    actor: Actor,
    logged: bool,
}

/// What is asked: parsed once, as the front door does.
struct Question(ExecutableDocument);

impl Way {
    /// The front door is left out, and so the log alone makes the difference.
    async fn open(app: &TestApp, logged: bool) -> Result<Self> {
        let store = Store::open(&app.database().to_owned().into(), 4, Clock::real(), tests::vault()).await?;
        let actor = store.sign_in(&subject_key(ISSUER, WORKER), Some(Purpose::Care)).await?;
        Ok(Self { schema: api::schema(&Limits::default()), store, actor, logged })
    }

    async fn answer(&self, question: &Question) -> Result<Value> {
        let circumstances = Circumstances { request_id: "bench".into(), language: Language::Fi, expires_at: None, badge: None };
        let caller = Caller::new(self.actor.clone(), self.store.clone(), Arc::default(), circumstances);
        caller.note_operation("myCaseload");
        let mut request = Request::new("").data(caller.clone());
        request.set_parsed_query(question.0.clone());
        let answer = api::execute(&self.schema, request).await;
        if self.logged {
            caller.finish().await?;
        }
        ensure!(answer.errors.is_empty(), "not an answer: {:?}", answer.errors);
        Ok(serde_json::to_value(&answer.data)?)
    }
}

impl Asked for Way {
    type Question = Question;

    async fn ask(&mut self, question: &Question) -> Result<()> {
        self.answer(question).await.map(drop)
    }
}

fn main() -> Result<()> {
    let in_earnest = std::env::args().any(|argument| argument == "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // As requests are in the server: on a thread of the runtime.
    runtime.block_on(async { tokio::spawn(compare(in_earnest)).await? })
}

async fn compare(in_earnest: bool) -> Result<()> {
    let (cases, patience) =
        if in_earnest { (50, Patience { rounds: 60, slice: Duration::from_millis(100) }) } else { (3, Patience { rounds: 1, slice: Duration::ZERO }) };
    let mut rows = Vec::new();
    for kind in tests::databases().await {
        let app = TestApp::start(kind).await;
        let measured = on(&app, cases, patience).await;
        app.stop().await;
        rows.extend(measured?.into_iter().map(|(question, ways)| (kind, question, ways)));
    }
    if in_earnest { tell(&rows) } else { Ok(writeln!(std::io::stdout(), "Both ways give the same answer.")?) }
}

async fn on(app: &TestApp, cases: usize, patience: Patience) -> Result<Vec<(&'static str, [Measured<Way>; 2])>> {
    for number in 0..cases {
        open_case(app, number).await?;
    }
    let mut out = Vec::new();
    for (name, text) in [("a worklist of 50 cases with their clients", CASELOAD), ("one client with goals", CLIENT)] {
        let question = Question(parse_query(text)?);
        let (bare, logged) = (Way::open(app, false).await?, Way::open(app, true).await?);
        let entries = async || app.count("use_log_entry", "1 = 1").await;
        let before = entries().await;
        let expected = bare.answer(&question).await?;
        ensure!(entries().await == before, "{name}: a reading was logged");
        ensure!(logged.answer(&question).await? == expected, "{name}: the log changes the answer");
        ensure!(entries().await > before, "{name}: a reading was not logged");
        let mut ways = [Measured::new("without the use log", bare), Measured::new("with the use log", logged)];
        measure(&mut ways, &[question], patience).await?;
        out.push((name, ways));
    }
    Ok(out)
}

/// One more case of the worker's, of somebody made up.
async fn open_case(app: &TestApp, number: usize) -> Result<()> {
    let identity =
        json!({ "firstNames": format!("Testi {number}"), "lastName": "Mallinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi" });
    let county = app.world.organization("county");
    let client = app.done(WORKER, "registerClient", "client { id }", json!({ "keeper": county, "identity": identity })).await;
    let case = json!({ "client": client["client"]["id"], "organization": county, "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
    let case = app.done(WORKER, "startCase", "case { id version }", case).await["case"].clone();
    let own = app.ask(WORKER, "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
    let assess = json!({ "id": case["id"], "expectedVersion": case["version"], "ownWorker": own, "urgent": false });
    app.done(WORKER, "assessCase", "case { stage }", assess).await;
    let goal = json!({ "case": case["id"], "owner": "WORKER", "content": { "text": "Käy ryhmässä." } });
    app.done(WORKER, "setGoal", "goal { id }", goal).await["goal"]["id"].as_str().context("a goal").map(drop)
}

fn tell(rows: &[(Kind, &str, [Measured<Way>; 2])]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}. {}.\n", machine::describe(), Utc::now().format("%Y-%m-%d"))?;
    writeln!(out, "| | Without | With | Times as long | Middle half of the rounds |\n| --- | ---: | ---: | ---: | ---: |")?;
    let mut doubled = Vec::new();
    for (kind, question, [bare, logged]) in rows {
        let [low, middle, high] = bare.times(logged);
        if middle >= 2.0 {
            doubled.push((kind, question));
        }
        writeln!(out, "| {kind:?}: {question} | {:.0} µs | {:.0} µs | {middle:.2} | {low:.2}–{high:.2} |", bare.median(), logged.median())?;
    }
    ensure!(doubled.is_empty(), "the log doubles the cost of reading: {doubled:?}");
    Ok(())
}
