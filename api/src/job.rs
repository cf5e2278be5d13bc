//! What happens by time: consents and referrals whose time is over, plans whose day of evaluation has come. Every server does it; what another one did first is done.
use crate::{
    act::{
        casework::{client_plan, referral},
        person::consent,
    },
    caller::Caller,
    error::Result,
    store::Store,
};
use std::time::Duration;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

/// How often it is looked for what is over. Reading is cut by the time itself, at once; this only writes down that it was.
const EVERY: Duration = Duration::from_mins(1);

/// Does what is due, now and every minute, for as long as the process runs.
pub fn run(store: Store) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match due(&store).await {
                Ok((0, 0, 0)) => {}
                Ok((consents, referrals, plans)) => tracing::info!(consents, referrals, plans, "ended, or to be looked at again, by time"),
                // The next minute tries again.
                Err(fault) => tracing::warn!(%fault, "what is due could not be done"),
            }
        }
    })
}

/// Ends what is over, and looks again at plans; how many consents, referrals and plans.
///
/// # Errors
/// A fault of the database.
pub async fn due(store: &Store) -> Result<(usize, usize, usize)> {
    let system = Caller::system(store);
    Ok((consent::expire(&system).await?, referral::expire(&system).await?, client_plan::review_due(&system).await?))
}
