//! What happens by time. Every server does it; what another one did first is done.
use crate::{
    act::{
        casework::{client_plan, deadline, referral},
        delivery::participation,
        funding::contract,
        outreach::anonymous_handle,
        person::{consent, merging},
    },
    caller::Caller,
    error::Result,
    store::{Destroyed, Store},
};
use chrono::NaiveTime;
use clap::{Args, ValueEnum};
use domain::{catalogue::session::local, scalar::Time};
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
    /// Places that were held and that nobody has confirmed.
    pub places: usize,
    /// Places that came free otherwise, and that somebody waited for.
    pub given: usize,
    /// Rows that were written about clients while these were merged.
    pub moved: usize,
    /// Plans that are to be looked at again.
    pub plans: usize,
    /// Cases that have another next deadline.
    pub deadlines: usize,
    /// Reminders of deadlines that are near.
    pub reminders: usize,
    /// Anonymous handles whose time is over.
    pub handles: usize,
    /// Framework contracts that have begun, or whose time is over.
    pub contracts: usize,
}

/// What the night does with what is due by the retention rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AtNight {
    /// Destroy it.
    Destroy,
    /// Count it, and tell the server's log.
    DryRun,
    /// Nothing.
    Off,
}

/// Settings of the night.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Retention")]
pub struct Nightly {
    /// What the night does with what is due by the retention rules.
    #[arg(long, env = "MONITUOTTAJA_RETENTION", value_enum, default_value_t = AtNight::Destroy)]
    pub retention: AtNight,
    /// From when on, in Europe/Helsinki; a server that starts later does it then, unless another has.
    #[arg(long, env = "MONITUOTTAJA_RETENTION_AT", default_value = "02:30", value_parser = time_of_day)]
    pub retention_at: NaiveTime,
}

fn time_of_day(text: &str) -> std::result::Result<NaiveTime, String> {
    Time::parse(text).map(|time| time.0).map_err(|fault| format!("{fault}: a time of day is written as 02:30"))
}

/// The name under which the servers of one database agree who destroys.
const DESTRUCTION: &str = "retention";

/// Destroys what is due once a night, on one of the servers of a database; none when it is not yet time, or another server does it.
///
/// # Errors
/// A fault of the database.
pub async fn night(store: &Store, settings: &Nightly) -> Result<Option<Destroyed>> {
    let now = local(store.clock().now());
    if settings.retention == AtNight::Off || now.time() < settings.retention_at || !store.begin_job(DESTRUCTION, now.date_naive()).await? {
        return Ok(None);
    }
    let done = store.destroy_due(settings.retention == AtNight::DryRun).await;
    if done.is_err() {
        // Whichever server comes next tries again, in the same night.
        store.give_up_job(DESTRUCTION, now.date_naive()).await?;
    }
    done.map(Some)
}

/// Does what is due, now and every minute, for as long as the process runs.
pub fn run(store: Store, nightly: Nightly) -> JoinHandle<()> {
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
            match night(&store, &nightly).await {
                Ok(None) => {}
                Ok(Some(done)) => tracing::info!(?done, dry_run = nightly.retention == AtNight::DryRun, "the night's destruction by the retention rules"),
                Err(fault) => tracing::error!(%fault, "what is due by the retention rules could not be destroyed"),
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
        places: participation::let_go(&system).await?,
        given: participation::give_on(&system).await?,
        moved: merging::follow_up(&system).await?,
        plans: client_plan::review_due(&system).await?,
        deadlines: deadline::refresh(&system).await?,
        reminders: deadline::remind(&system).await?,
        handles: anonymous_handle::expire(&system).await?,
        contracts: contract::by_time(&system).await?,
    })
}
