//! How fast a page of the catalogue is: from the snapshot, by loaders from PostgreSQL, and as one SQL statement written
//! by hand, side by side in one run.
//!
//! `cargo bench -p tests --bench catalogue` measures and prints the tables of `docs/benchmarks.md`. Without `--bench`, as
//! `cargo test` runs it, it only sees to it on a small network that every way gives the same answer.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::disallowed_methods, reason = "it looks at the clock")]
#[path = "../shared/machine.rs"]
mod machine;
#[path = "../shared/measure.rs"]
mod measure;
mod memory;
mod network;
#[path = "../shared/rounds.rs"]
mod rounds;
mod ways;

use anyhow::{Context, Result, bail, ensure};
use api::identity::demo::DemoIssuer;
use chrono::{SubsecRound, TimeDelta, Utc};
use measure::{Measured, measure};
use memory::Memory;
use network::Size;
use rounds::Patience;
use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use std::{io::Write, time::Duration};
use tests::{Fresh, Kind};
use ways::{Loaders, Page, Way};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many pages are asked for in turn: enough that none of them is special, few enough that all are kept as answers.
const PAGES: u32 = 50;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // As requests are in the server: on a thread of the runtime.
    runtime.block_on(async {
        tokio::spawn(async move {
            match &arguments[..] {
                [weighed, url] if weighed == memory::WEIGHED => memory::be_weighed(url).await,
                _ => compare(arguments.iter().any(|argument| argument == "--bench")).await,
            }
        })
        .await?
    })
}

async fn compare(in_earnest: bool) -> Result<()> {
    let (size, patience) = if in_earnest {
        (Size { services: 20_000, sessions: 10 }, Patience { rounds: 60, slice: Duration::from_millis(100) })
    } else {
        (Size { services: 1_200, sessions: 4 }, Patience { rounds: 1, slice: Duration::ZERO })
    };
    if !tests::databases().await.contains(&Kind::Postgres) {
        ensure!(!in_earnest, "a PostgreSQL is needed: name one in MONITUOTTAJA_TEST_DATABASE_URL, or install its programs");
        return Ok(());
    }
    let (database, world) = Fresh::copy(Kind::Postgres).await;
    let outcome = async {
        network::fill(&database.url, world, size, Utc::now().trunc_subsecs(0)).await?;
        let memory = memory::weigh(&database.url)?;
        let mut ways = ways_to(&database.url).await?;
        let pages = (0..PAGES).map(|n| Page::after(n * (size.services / PAGES))).collect::<Result<Vec<_>>>()?;
        let bytes = same(&mut ways, &pages).await?;
        measure(&mut ways, &pages, patience).await?;
        let version = version(&database.url).await?;
        anyhow::Ok((ways, memory, bytes, version))
    };
    let outcome = outcome.await;
    database.drop().await;
    let (ways, memory, bytes, version) = outcome?;
    if in_earnest { tell(&ways, memory, bytes, &version, size) } else { Ok(writeln!(std::io::stdout(), "Every way gives the same answer.")?) }
}

/// The ways, the one that all are compared with first.
async fn ways_to(url: &str) -> Result<Vec<Measured<Way>>> {
    let folder = tempfile::tempdir()?;
    let mut routes = Vec::new();
    for flags in [&[][..], &["--answer-cache-bytes", "0"]] {
        let app = tests::assemble(tests::open(url).await, folder.path(), flags).await;
        routes.push(app.routes.clone());
        // Its tasks must go on for as long as its routes are asked.
        std::mem::forget(app);
    }
    let token = DemoIssuer::open(folder.path())?.mint("admin", Utc::now(), TimeDelta::hours(1))?;
    let [cached, plain] = <[_; 2]>::try_from(routes).ok().context("two servers")?;
    Ok(vec![
        Measured::new("one SQL statement by hand, JSON made by PostgreSQL", Way::statement(url).await?),
        Measured::new("the server, answer kept in its cache", Way::Everybody(cached)),
        Measured::new("the server, from the snapshot, cache of answers off", Way::Everybody(plain.clone())),
        Measured::new("loaders alone, everything from PostgreSQL", Way::Loaders(Box::new(Loaders::open(url).await?))),
        Measured::new("the server, asked by staff: working copies by loaders", Way::Staff(plain, token)),
    ])
}

/// Sees to it that every way gives the same answer for every page; the size of an answer in bytes.
async fn same(ways: &mut [Measured<Way>], pages: &[Page]) -> Result<usize> {
    let mut bytes = 0;
    for page in pages {
        let (first, others) = ways.split_first_mut().context("a way")?;
        let expected = first.way.data(page).await?;
        ensure!(expected["services"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 20), "not a page of 20: {expected}");
        for other in others {
            let answer = other.way.data(page).await.context(other.name)?;
            if answer != expected {
                bail!("{} answers otherwise:\n{answer}\n{expected}", other.name);
            }
            bytes = answer.to_string().len();
        }
    }
    Ok(bytes)
}

async fn version(url: &str) -> Result<String> {
    Ok(query_scalar("SHOW server_version").fetch_one(&mut PgConnection::connect(url).await?).await?)
}

fn tell(ways: &[Measured<Way>], memory: Option<Memory>, bytes: usize, version: &str, size: Size) -> Result<()> {
    let [statement, cached, snapshot, loaders, staff] = ways else { bail!("five ways") };
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}. PostgreSQL {version}. {}.\n", machine::describe(), Utc::now().format("%Y-%m-%d"))?;
    let sessions = size.services * size.sessions;
    writeln!(out, "A page of 20 of {} services with {sessions} sessions, about {} kB of JSON, one request at a time:\n", size.services, bytes / 1000)?;
    writeln!(out, "| | Median of a request | Times as fast as the SQL | Middle half of the rounds | Requests |\n| --- | ---: | ---: | ---: | ---: |")?;
    for way in ways {
        let [low, middle, high] = way.times(statement);
        writeln!(out, "| {} | {:.0} µs | {middle:.2} | {low:.2}–{high:.2} | {} |", way.name, way.median(), way.requests)?;
    }
    writeln!(out, "\n| Expected | Measured |\n| --- | ---: |")?;
    for (expected, fast, slow) in [
        ("snapshot at least 2 times as fast as the SQL", snapshot, statement),
        ("snapshot at least 5 times as fast as the loaders", snapshot, loaders),
        ("the same, as staff ask", snapshot, staff),
        ("cached at least 20 times as fast as the SQL", cached, statement),
    ] {
        writeln!(out, "| {expected} | {:.1} |", fast.times(slow)[1])?;
    }
    if let Some(Memory { before, serving, changed, peak }) = memory {
        writeln!(out, "| memory of a server with this catalogue under 300 MiB | {serving:.0} MiB |")?;
        writeln!(out, "\nThe same server before it reads the catalogue: {before:.0} MiB; after a change of it: {changed:.0} MiB; at most, with the next")?;
        writeln!(out, "catalogue built beside the last: {peak:.0} MiB.")?;
    }
    Ok(())
}
