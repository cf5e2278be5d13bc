//! What happens by time. Every server does it; what another one did first is done.
use crate::{
    act::{
        casework::{client_plan, deadline, referral},
        person::{consent, merging},
    },
    caller::Caller,
    error::Result,
    store::Store,
};
use std::time::Duration;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

/// How often it is looked for what is due. Reading is cut by the time itself, at once; this only writes down that it was.
const EVERY: Duration = Duration::from_mins(1);

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Consents whose time is over.
    pub consents: usize,
    /// Referrals that nobody acknowledged in time.
    pub referrals: usize,
    /// Rows that were written about clients while these were merged.
    pub moved: usize,
    /// Plans that are to be looked at again.
    pub plans: usize,
    /// Cases that have another next deadline.
    pub deadlines: usize,
    /// Reminders of deadlines that are near.
    pub reminders: usize,
}

/// Does what is due, now and every minute, for as long as the process runs.
pub fn run(store: Store) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match due(&store).await {
                Ok(done) if done == Done::default() => {}
                Ok(done) => tracing::info!(?done, "done by time"),
                // The next minute tries again.
                Err(fault) => tracing::warn!(%fault, "what is due could not be done"),
            }
        }
    })
}

/// Does what is due now.
///
/// # Errors
/// A fault of the database.
pub async fn due(store: &Store) -> Result<Done> {
    let system = Caller::system(store);
    Ok(Done {
        consents: consent::expire(&system).await?,
        referrals: referral::expire(&system).await?,
        moved: merging::follow_up(&system).await?,
        plans: client_plan::review_due(&system).await?,
        deadlines: deadline::refresh(&system).await?,
        reminders: deadline::remind(&system).await?,
    })
}
