//! What happens by time. Every server does it; what another one did first is done.
use crate::{
    act::{
        casework::{client_plan, deadline, follow_on_path, referral, service_decision},
        delivery::{participation, visit},
        funding::{complaint, contract, delivery, provider_approval, purchase_order, report, voucher},
        outreach::{anonymous_handle, outreach_shift},
        person::{consent, merging},
        timed::Tally,
    },
    caller::Caller,
    error::Result,
    store::{Destroyed, Store},
};
use chrono::NaiveTime;
use clap::{Args, ValueEnum};
use domain::{catalogue::session::local, scalar::Time};
use futures_util::{FutureExt, future::BoxFuture};
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
    /// Registrations for single sessions that are over, of which nobody told who came.
    pub sessions: usize,
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
    /// Reminders of follow-on paths that are to be verified.
    pub paths: usize,
    /// Services of plans in force that were withdrawn, and of which the workers were told.
    pub services: usize,
    /// Visits from which nobody has come back in time, and of which the others were told.
    pub visits: usize,
    /// Outreach shifts from which nobody has come back in time, and of which the others were told.
    pub shifts: usize,
    /// Anonymous handles whose time is over.
    pub handles: usize,
    /// Service decisions that have begun, given way to others, or whose time is over.
    pub decisions: usize,
    /// Delivery events that nobody has disputed in time.
    pub deliveries: usize,
    /// Purchase orders that nobody answered in time.
    pub orders: usize,
    /// Reminders of reports of providers.
    pub reports: usize,
    /// Framework contracts that have begun, or whose time is over.
    pub contracts: usize,
    /// Approvals of providers that are suspended, since their registration is over.
    pub approvals: usize,
    /// Vouchers whose time is over.
    pub vouchers: usize,
    /// Reminders of vouchers that were refused and instead of which nothing is arranged.
    pub alternatives: usize,
    /// Reminders of complaints.
    pub complaints: usize,
    /// What was due and could not be done, of whatever kind: the log tells of each, and the next minute tries again.
    pub failed: usize,
}

impl Done {
    /// How much of a kind was done. One kind that fails as a whole keeps no other from being done.
    fn count(&mut self, kind: &'static str, outcome: Result<Tally>) -> usize {
        let tally = outcome.unwrap_or_else(|why| {
            tracing::warn!(kind, code = why.code(), "what is due of a kind could not be done");
            Tally { done: 0, failed: 1 }
        });
        self.failed += tally.failed;
        tally.done
    }
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
    if settings.retention == AtNight::Off || local(store.clock().now()).time() < settings.retention_at {
        return Ok(None);
    }
    Box::pin(once_a_day(store, DESTRUCTION, store.destroy_due(settings.retention == AtNight::DryRun))).await
}

/// Does `work` once a day, on one of the servers of a database; none when it is done, or another server does it. When it fails, whichever server comes next
/// tries again on the same day.
async fn once_a_day<T>(store: &Store, job: &str, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    let today = local(store.clock().now()).date_naive();
    if !store.begin_job(job, today).await? {
        return Ok(None);
    }
    let done = work.await;
    if done.is_err() {
        store.give_up_job(job, today).await?;
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
            let done = due(&store).await;
            if done != Done::default() {
                tracing::info!(?done, "done by time");
            }
            match night(&store, &nightly).await {
                Ok(None) => {}
                Ok(Some(done)) => tracing::info!(?done, dry_run = nightly.retention == AtNight::DryRun, "the night's destruction by the retention rules"),
                Err(fault) => tracing::error!(%fault, "what is due by the retention rules could not be destroyed"),
            }
        }
    })
}

/// The name under which the servers of one database agree who writes ended handles once more.
const BLURRING: &str = "ended handles";

/// Once a day, takes the moment from the handles that have ended the day before.
async fn blur(store: &Store) -> Result<Tally> {
    once_a_day(store, BLURRING, store.blur_ended_handles()).await.map(|_| Tally::default())
}

/// The name under which the servers of one database agree who forgets what was sent to webhooks.
const FORGETTING: &str = "webhook deliveries";

/// Once a day, forgets what has arrived at webhooks, or is dead, for long enough.
async fn forget_deliveries(store: &Store) -> Result<Tally> {
    once_a_day(store, FORGETTING, store.forget_webhook_deliveries()).await.map(|_| Tally::default())
}

/// The name under which the servers of one database agree who looks at what plans name.
const PLANS: &str = "services of plans";

/// Once a day, tells of the services that plans in force name and that were withdrawn: to find them, every such plan is opened.
async fn look_at_plans(store: &Store, system: &Caller) -> Result<Tally> {
    once_a_day(store, PLANS, client_plan::tell_withdrawn(system)).await.map(Option::unwrap_or_default)
}

/// Does what is due now: each kind by itself, and of each kind every row. What hurts most when it is late comes first. The future of it all is large: it lies on
/// the heap.
pub fn due(store: &Store) -> BoxFuture<'_, Done> {
    each_kind(store).boxed()
}

async fn each_kind(store: &Store) -> Done {
    let system = &Caller::system(store);
    let mut done = Done::default();
    done.visits = done.count("visits", visit::tell_overdue(system).await);
    done.shifts = done.count("outreach shifts", outreach_shift::tell_overdue(system).await);
    done.consents = done.count("consents", consent::expire(system).await);
    done.handles = done.count("handles", anonymous_handle::expire(system).await);
    done.count("ended handles", blur(store).await);
    done.referrals = done.count("referrals", referral::expire(system).await);
    done.places = done.count("places", participation::let_go(system).await);
    done.sessions = done.count("sessions", participation::close_over(system).await);
    done.given = done.count("places given", participation::give_on(system).await);
    done.moved = done.count("merged clients", merging::follow_up(system).await);
    done.plans = done.count("plans", client_plan::review_due(system).await);
    done.deadlines = done.count("deadlines", deadline::refresh(system).await);
    done.reminders = done.count("reminders", deadline::remind(system).await);
    done.paths = done.count("follow-on paths", follow_on_path::remind(system).await);
    done.services = done.count("services of plans", look_at_plans(store, system).await);
    done.decisions = done.count("service decisions", service_decision::by_time(system).await);
    // What was delivered first: an order of which all was given is completed, and not ended.
    done.deliveries = done.count("delivery events", delivery::by_time(system).await);
    done.orders = done.count("purchase orders", purchase_order::by_time(system).await);
    done.reports = done.count("provider reports", report::remind(system).await);
    done.approvals = done.count("provider approvals", provider_approval::by_time(system).await);
    done.vouchers = done.count("vouchers", voucher::by_time(system).await);
    done.alternatives = done.count("vouchers that were refused", voucher::remind(system).await);
    done.complaints = done.count("complaints", complaint::remind(system).await);
    done.contracts = done.count("contracts", contract::by_time(system).await);
    done.count("webhook deliveries", forget_deliveries(store).await);
    done
}
