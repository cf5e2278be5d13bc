//! How many can register in a second for the same group, when all of them do so at once: through the whole server, and with statements written by hand
//! that do no more than they must, side by side in one run.
//!
//! `cargo bench -p tests --bench registering` measures and prints the table of `docs/benchmarks.md`. Without `--bench`, as `cargo test` runs it, it only
//! sees to it that both ways leave the same behind.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it looks at the clock, and one way goes past the store")]
#[path = "../shared/machine.rs"]
mod machine;
#[path = "../shared/rounds.rs"]
mod rounds;
mod ways;

use anyhow::{Result, ensure};
use chrono::Utc;
use futures_util::future::try_join_all;
use rounds::{Patience, quantile};
use serde_json::json;
use std::{
    io::Write,
    time::{Duration, Instant},
};
use tests::{Kind, TestApp};
use ways::{ByHand, Server, Way};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many are at it at the same time.
const CALLERS: usize = 32;

fn main() -> Result<()> {
    let in_earnest = std::env::args().any(|argument| argument == "--bench");
    // What counts is what is on the disk.
    tests::keep_to_the_disk();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // As requests are in the server: on a thread of the runtime.
    runtime.block_on(async { tokio::spawn(compare(in_earnest)).await? })
}

async fn compare(in_earnest: bool) -> Result<()> {
    let patience = if in_earnest { Patience { rounds: 12, slice: Duration::from_secs(1) } } else { Patience { rounds: 1, slice: Duration::from_millis(100) } };
    let mut rows = Vec::new();
    for kind in tests::databases().await {
        let app = TestApp::start(kind).await;
        let measured = on(&app, patience).await;
        app.stop().await;
        rows.push((kind, measured?));
    }
    if in_earnest { tell(&rows) } else { Ok(writeln!(std::io::stdout(), "Both ways leave the same behind.")?) }
}

/// What was measured on one database: the registrations a second of each round, by the server and by hand.
async fn on(app: &TestApp, patience: Patience) -> Result<[Vec<f64>; 2]> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (served, written) = (group(app).await, group(app).await);
    let server = Server::new(app, &served).await;
    // What the hand writes is what the server has written for the first.
    server.register().await?;
    let by_hand = ByHand::new(app, &served, &written).await?;
    by_hand.register().await?;
    for round in 0..patience.rounds {
        if round % 2 == 0 {
            ours.push(rate(&server, patience.slice).await?);
            theirs.push(rate(&by_hand, patience.slice).await?);
        } else {
            theirs.push(rate(&by_hand, patience.slice).await?);
            ours.push(rate(&server, patience.slice).await?);
        }
    }
    for group in [&served, &written] {
        ways::is_whole(app, group).await?;
    }
    Ok([ours, theirs])
}

/// A published group for which there is room for everybody.
async fn group(app: &TestApp) -> String {
    let service = json!({ "name": { "fi": "Ryhmä" }, "summary": { "fi": "Lyhyesti sanottuna." }, "provision": "PARTNER_NGO", "form": "GROUP", "deliveryForms": ["REMOTE"],
        "rehabContents": ["GROUP_AND_INTERACTION"], "supportNeeds": ["EXCLUSION_AND_PARTICIPATION"], "languages": ["fi"], "chargeType": "FREE" });
    let service = ways::published(app, "Service", json!({ "organization": app.world.organization("ngo"), "content": service })).await;
    let offering = json!({ "startsOn": "2026-01-01" });
    ways::published(app, "ServiceOffering", json!({ "service": service, "provider": app.world.organization("ngo"), "content": offering })).await
}

/// Registrations a second, when everybody registers one after the other for as long as a slice lasts.
async fn rate(way: &impl Way, slice: Duration) -> Result<f64> {
    let start = Instant::now();
    let caller = async || {
        let mut done = 0_u32;
        while done == 0 || start.elapsed() < slice {
            way.register().await?;
            done += 1;
        }
        anyhow::Ok(done)
    };
    let done: u32 = try_join_all((0..CALLERS).map(|_| caller())).await?.into_iter().sum();
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

fn tell(rows: &[(Kind, [Vec<f64>; 2])]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}. {}.\n", machine::describe(), Utc::now().format("%Y-%m-%d"))?;
    writeln!(out, "| | The server, a second | By hand, a second | Times as many | Middle half of the rounds |\n| --- | ---: | ---: | ---: | ---: |")?;
    let mut fewer = Vec::new();
    for (kind, [ours, theirs]) in rows {
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part));
        writeln!(out, "| {kind:?} | {:.0} | {:.0} | {middle:.2} | {low:.2}–{high:.2} |", quantile(ours, 0.5), quantile(theirs, 0.5))?;
        if middle < 1.0 {
            fewer.push(kind);
        }
    }
    ensure!(fewer.is_empty(), "the server registers fewer than the statements by hand on {fewer:?}");
    Ok(())
}
