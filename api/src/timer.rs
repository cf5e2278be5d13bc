//! What happens by itself as time goes by: a small job of every server, that several servers on one database can do at once.
use crate::{
    act::{
        casework::{deadline, referral},
        person::consent,
    },
    caller::Caller,
    error::Result,
    store::Store,
};
use std::{future::Future, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// How often it is looked for what is due.
const EVERY: Duration = Duration::from_mins(10);
/// A server that has just started has other things to do first.
const FIRST: Duration = Duration::from_mins(1);

/// Does what is due, now and again, for as long as the process runs.
pub fn run(store: Store) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = interval_at(Instant::now() + FIRST, EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // As it is now: a caller remembers what it has read.
            let system = Caller::system(&store);
            done("consents have expired", consent::expire(&system)).await;
            done("referrals have expired", referral::expire(&system)).await;
            done("cases have another next deadline", deadline::refresh(&system)).await;
            done("cases have a deadline that is near", deadline::remind(&system)).await;
        }
    })
}

/// Tells how much was done. What failed is done the next time.
async fn done(what: &'static str, job: impl Future<Output = Result<usize>>) {
    match job.await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "{what}"),
        Err(fault) => tracing::warn!(%fault, "not done: {what}"),
    }
}
