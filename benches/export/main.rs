//! How fast a copy of the whole catalogue is taken: at once from the snapshot, and page by page through GraphQL from the database, side by side in one run; and how
//! much memory a server takes for it.
//!
//! `cargo bench -p tests --bench export` measures and prints the tables of `docs/benchmarks.md`. Without `--bench`, as `cargo test` runs it, it only sees to it on a
//! small network that each way tells of every service.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::disallowed_methods, reason = "it looks at the clock")]
#[path = "../shared/machine.rs"]
mod machine;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../catalogue/network.rs"]
mod network;
#[path = "../shared/rounds.rs"]
mod rounds;

use anyhow::{Context, Result, bail, ensure};
use api::{identity::demo::DemoIssuer, store::encode_cursor};
use axum::{
    Router,
    body::Body,
    http::{Request, request::Builder},
};
use chrono::{SubsecRound, TimeDelta, Utc};
use http_body_util::BodyExt;
use measure::{Asked, Measured, measure};
use network::{Size, service_id};
use rounds::Patience;
use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use serde_json::{Value, json};
use std::{io::Write, process::Command, time::Duration};
use tests::{Fresh, Kind};
use tower::ServiceExt;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUESTION: &str = include_str!("page.graphql");
/// Services on a page of GraphQL: as many as it gives.
const PAGE: u32 = 100;
/// The argument by which the process that is weighed knows itself.
const WEIGHED: &str = "--weighed";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // As requests are in the server: on a thread of the runtime.
    runtime.block_on(async {
        tokio::spawn(async move {
            match &arguments[..] {
                [weighed, url] if weighed == WEIGHED => be_weighed(url).await,
                _ => compare(arguments.iter().any(|argument| argument == "--bench")).await,
            }
        })
        .await?
    })
}

/// A way to a copy.
enum Way {
    /// All of it, one JSON object a line.
    Lines(Router),
    /// All of it, as the tables of HSDS in a zip file.
    Tables(Router),
    /// A page of services with their offerings and sessions, by loaders from the database.
    Pages(Router, String),
}

impl Way {
    /// The request for the page that begins after the `n`th service; whoever takes all of it does not care.
    fn request(&self, n: u32) -> Result<(&Router, Request<Body>)> {
        let get = |address: &str| Request::get(address).header("host", "localhost").body(Body::empty());
        Ok(match self {
            Self::Lines(routes) => (routes, get("/catalogue/export")?),
            Self::Tables(routes) => (routes, get("/catalogue/export?format=hsds-csv")?),
            Self::Pages(routes, token) => {
                let after = encode_cursor("", service_id(n).0);
                let asked = json!({ "query": QUESTION, "variables": { "after": after } }).to_string();
                let request: Builder = Request::post("/graphql").header("content-type", "application/json").header("authorization", format!("Bearer {token}"));
                (routes, request.body(Body::from(asked))?)
            }
        })
    }

    /// Takes the answer as it comes and looks at each piece: nothing of it is kept.
    async fn read(&self, n: u32, mut look: impl FnMut(&[u8])) -> Result<()> {
        let (routes, request) = self.request(n)?;
        let response = routes.clone().oneshot(request).await?;
        ensure!(response.status().is_success(), "refused: {}", response.status());
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(piece) = frame.context("a body that breaks off")?.into_data() {
                look(&piece);
            }
        }
        Ok(())
    }
}

impl Asked for Way {
    type Question = u32;

    async fn ask(&mut self, n: &u32) -> Result<()> {
        self.read(*n, |_| {}).await
    }
}

async fn routes(url: &str, folder: &std::path::Path) -> Router {
    // Pages of this size are more than is answered otherwise.
    let flags = ["--operation-complexity", "1000000", "--answer-cache-bytes", "0"];
    let app = tests::assemble(tests::open(url).await, folder, &flags).await;
    let routes = app.routes.clone();
    // Its tasks must go on for as long as its routes are asked.
    std::mem::forget(app);
    routes
}

async fn compare(in_earnest: bool) -> Result<()> {
    let (size, patience) = if in_earnest {
        (Size { services: 20_000, sessions: 10 }, Patience { rounds: 15, slice: Duration::from_millis(100) })
    } else {
        (Size { services: 600, sessions: 2 }, Patience { rounds: 1, slice: Duration::ZERO })
    };
    if !tests::databases().await.contains(&Kind::Postgres) {
        ensure!(!in_earnest, "a PostgreSQL is needed: name one in MONITUOTTAJA_TEST_DATABASE_URL, or install its programs");
        return Ok(());
    }
    let (database, world) = Fresh::copy(Kind::Postgres).await;
    let outcome = async {
        network::fill(&database.url, world, size, Utc::now().trunc_subsecs(0)).await?;
        let memory = weigh(&database.url)?;
        let folder = tempfile::tempdir()?;
        let routes = routes(&database.url, folder.path()).await;
        let token = DemoIssuer::open(folder.path())?.mint("admin", Utc::now(), TimeDelta::hours(1))?;
        let mut ways = vec![
            Measured::new("page by page through GraphQL, from the database", Way::Pages(routes.clone(), token)),
            Measured::new("all at once as NDJSON, from the snapshot", Way::Lines(routes.clone())),
            Measured::new("all at once as the tables of HSDS, from the snapshot", Way::Tables(routes)),
        ];
        let bytes = whole(&ways, size).await?;
        let pages: Vec<u32> = (0..size.services / PAGE - 1).map(|n| n * PAGE).collect();
        measure(&mut ways, &pages, patience).await?;
        let version: String = query_scalar("SHOW server_version").fetch_one(&mut PgConnection::connect(&database.url).await?).await?;
        anyhow::Ok((ways, memory, bytes, version))
    };
    let outcome = outcome.await;
    database.drop().await;
    let (ways, memory, bytes, version) = outcome?;
    if in_earnest { tell(&ways, memory, bytes, &version, size) } else { Ok(writeln!(std::io::stdout(), "Each way tells of every service.")?) }
}

/// Sees to it that each way tells of every service; how many bytes the lines and the tables take.
async fn whole(ways: &[Measured<Way>], size: Size) -> Result<[usize; 2]> {
    let [pages, lines, tables] = ways else { bail!("three ways") };
    let mut page = Vec::new();
    pages.way.read(0, |piece| page.extend_from_slice(piece)).await?;
    let page: Value = serde_json::from_slice(&page)?;
    let nodes = page["data"]["services"]["nodes"].as_array().with_context(|| format!("not a page: {page}"))?;
    let sessions = |node: &Value| node["offerings"]["nodes"][0]["sessions"]["nodes"].as_array().map(Vec::len);
    ensure!(nodes.len() == PAGE as usize && nodes.iter().all(|node| sessions(node) == Some(size.sessions as usize)), "a page lacks something");
    let (mut text, mut packed) = (Vec::new(), Vec::new());
    lines.way.read(0, |piece| text.extend_from_slice(piece)).await?;
    tables.way.read(0, |piece| packed.extend_from_slice(piece)).await?;
    let told: Vec<Value> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice).collect::<Result<_, _>>()?;
    for kind in ["SERVICE", "SERVICE_OFFERING"] {
        let count = told.iter().filter(|line| line["kind"] == kind).count();
        ensure!(count >= size.services as usize, "{count} of {kind}");
    }
    ensure!(told.last().is_some_and(|end| end["hasMore"] == false), "the lines have no end");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&packed))?;
    let services = csv::Reader::from_reader(zip.by_name("services.csv")?).into_records().count();
    ensure!(services >= size.services as usize, "{services} services in the table");
    Ok([text.len(), packed.len()])
}

/// How much more memory a server takes at most while it tells all of it, as lines and as tables, in MiB. None where the system does not tell.
fn weigh(url: &str) -> Result<Option<[f64; 2]>> {
    let output = Command::new(std::env::current_exe()?).args([WEIGHED, url]).output().context("a process to be weighed")?;
    let told = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = told.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    Ok(<[f64; 2]>::try_from(figures).ok())
}

/// What the process that is weighed does: reads the catalogue, tells all of it, and tells by how much it has grown.
async fn be_weighed(url: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let routes = routes(url, folder.path()).await;
    let ways = [Way::Lines(routes.clone()), Way::Tables(routes.clone())];
    let mut grown = Vec::new();
    for way in &ways {
        // What loading needed is given back while something is done.
        for _ in 0..200 {
            let _ = routes.clone().oneshot(Request::get("/health/live").body(Body::empty())?).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // From here on the peak counts.
        if std::fs::write("/proc/self/clear_refs", "5").is_err() {
            return Ok(());
        }
        let Some(before) = status("VmRSS:") else { return Ok(()) };
        way.read(0, |_| {}).await?;
        grown.push(status("VmHWM:").unwrap_or(f64::NAN) - before);
    }
    Ok(writeln!(std::io::stdout(), "{} {}", grown[0], grown[1])?)
}

/// A figure of this process, in MiB.
fn status(name: &str) -> Option<f64> {
    let kibibytes: f64 = machine::line("/proc/self/status", name)?.trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

fn tell(ways: &[Measured<Way>], memory: Option<[f64; 2]>, bytes: [usize; 2], version: &str, size: Size) -> Result<()> {
    let [pages, lines, tables] = ways else { bail!("three ways") };
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}. PostgreSQL {version}. {}.\n", machine::describe(), Utc::now().format("%Y-%m-%d"))?;
    let sessions = size.services * size.sessions;
    let [text, packed] = bytes.map(|bytes| bytes / 1_000_000);
    writeln!(
        out,
        "A copy of {} services with an offering each and {sessions} sessions: {text} MB of NDJSON, {packed} MB as a zip file of tables:\n",
        size.services
    )?;
    writeln!(out, "| | Median of a request | For each service | Requests |\n| --- | ---: | ---: | ---: |")?;
    for (way, services) in [(pages, PAGE), (lines, size.services), (tables, size.services)] {
        writeln!(out, "| {} | {:.1} ms | {:.1} µs | {} |", way.name, way.median() / 1000.0, way.median() / f64::from(services), way.requests)?;
    }
    writeln!(out, "\n| Expected | Measured |\n| --- | ---: |")?;
    let times = lines.times(pages)[1] * f64::from(size.services) / f64::from(PAGE);
    writeln!(out, "| NDJSON at least 20 times as fast for each service as pages of {PAGE} | {times:.1} |")?;
    if let Some([lines, tables]) = memory {
        writeln!(out, "| memory beside the catalogue while NDJSON is written under 50 MiB | {lines:.1} MiB |")?;
        writeln!(out, "| the same for the tables | {tables:.1} MiB |")?;
    }
    Ok(())
}
