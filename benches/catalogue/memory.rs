//! How much memory a server takes.
use crate::{
    machine::line,
    measure::Asked,
    ways::{Page, Way},
};
use anyhow::{Context, Result};
use sea_orm::sqlx::{Connection, PgConnection, query};
use std::{io::Write, process::Command, time::Duration};

/// Resident memory of a process, in MiB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Of the process before it reads the catalogue.
    pub before: f64,
    /// Of the process that serves it.
    pub serving: f64,
    /// Of the same process after the catalogue was changed.
    pub changed: f64,
    /// The most that it ever was: two catalogues, while the next is built beside the last.
    pub peak: f64,
}

/// The argument by which the process that is weighed knows itself.
pub const WEIGHED: &str = "--weighed";

/// Weighs a server on a database in a process of its own, which has done nothing else. None where the system does not tell.
pub fn weigh(url: &str) -> Result<Option<Memory>> {
    let output = Command::new(std::env::current_exe()?).args([WEIGHED, url]).output().context("a process to be weighed")?;
    let told = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = told.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    Ok(match figures[..] {
        [before, serving, changed, peak] => Some(Memory { before, serving, changed, peak }),
        _ => None,
    })
}

/// What the process that is weighed does: reads the catalogue, answers for a while, and tells its figures.
pub async fn be_weighed(url: &str) -> Result<()> {
    let Some(before) = status("VmRSS:") else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let app = tests::assemble(tests::open(url).await, folder.path(), &[]).await;
    let (mut way, page) = (Way::Everybody(app.routes.clone()), Page::after(0)?);
    let mut conn = PgConnection::connect(url).await?;
    let serving = quiet(&mut way, &page).await?;
    // What a commit of another process does, and the server then reads everything again.
    query("WITH now AS (UPDATE feed SET position = position + 1 RETURNING position) SELECT pg_notify('monituottaja', position::text) FROM now")
        .execute(&mut conn)
        .await?;
    let changed = quiet(&mut way, &page).await?;
    let peak = status("VmHWM:").unwrap_or_default();
    Ok(writeln!(std::io::stdout(), "{before} {serving} {changed} {peak}")?)
}

/// The memory after a while of a few requests: what loading needed is given back while something is done.
async fn quiet(way: &mut Way, page: &Page) -> Result<f64> {
    for _ in 0..500 {
        way.ask(page).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(status("VmRSS:").unwrap_or_default())
}

/// A figure of this process, in MiB.
fn status(name: &str) -> Option<f64> {
    let kibibytes: f64 = line("/proc/self/status", name)?.trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}
