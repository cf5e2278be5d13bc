//! What happens is sent to webhooks: from the change feed, at least once, and of each thing in order.
//!
//! For each webhook one server at a time makes deliveries of what its client may see, and sends them. Of each thing the first delivery that is pending is sent,
//! those of different things beside each other; what happened to the thing after it waits until it has arrived or is given up. A server that is killed holds a webhook
//! for a while, and then another one goes on: what it had sent and not written down is sent once more, under the same id.
mod send;

pub use send::{Pace, Sender, WebhookSettings};

use crate::{
    act::{access::webhook as act, timed::Tally},
    caller::Caller,
    error::Result,
    store::{Held, Store},
};
use chrono::{DateTime, Utc};
use domain::{
    id::WebhookId,
    machine::Machine,
    webhook::{AfterFailure, Attempt, Failure, WebhookDeliveryMove, WebhookFault, WebhookOutcome},
};
use entity::access::{webhook, webhook_delivery};
use futures_util::future::join_all;
use sea_orm::ColumnTrait;
use std::{sync::Arc, time::Duration};
use tokio::task::{JoinHandle, JoinSet};

/// How often it is looked for what is due, where nothing is committed here.
const EVERY: Duration = Duration::from_secs(2);
/// For how long commits are gathered before they are looked at together.
const GATHERING: Duration = Duration::from_millis(100);
/// To how many webhooks is sent at once: one that hangs keeps no other waiting.
const WEBHOOKS: usize = 64;
/// How much is sent at once to one webhook.
const TOGETHER: u64 = 8;

/// Sends what there is to be sent, for as long as the process runs.
pub fn run(store: Store, sender: Sender) -> JoinHandle<()> {
    tokio::spawn(async move {
        let sender = Arc::new(sender);
        let mut commits = store.hub().follow_commits();
        let mut rounds = JoinSet::new();
        loop {
            match store.webhooks_due().await {
                Ok(due) => {
                    for webhook in due.into_iter().take(WEBHOOKS.saturating_sub(rounds.len())) {
                        let (store, sender) = (store.clone(), Arc::clone(&sender));
                        rounds.spawn(async move {
                            let mut tally = Tally::default();
                            tally.note("webhooks", webhook, round(&store, &sender, webhook).await);
                        });
                    }
                }
                Err(why) => tracing::warn!(code = why.code(), "it could not be looked for what is to be sent to webhooks"),
            }
            tokio::select! {
                changed = commits.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    tokio::time::sleep(GATHERING).await;
                }
                () = tokio::time::sleep(EVERY) => {}
            }
            while rounds.try_join_next().is_some() {}
        }
    })
}

/// Sends what is due now, to every webhook; how much has arrived.
///
/// # Errors
/// A fault of the database.
pub async fn deliver(store: &Store, sender: &Sender) -> Result<Tally> {
    let due = store.webhooks_due().await?;
    let mut tally = Tally::default();
    for (webhook, outcome) in join_all(due.into_iter().map(async |webhook| (webhook, round(store, sender, webhook).await))).await {
        tally.note("webhooks", webhook, outcome);
    }
    Ok(tally)
}

/// Sends what is due to one webhook, unless another server does, as long as anything arrives; how much has.
async fn round(store: &Store, sender: &Sender, webhook: WebhookId) -> Result<usize> {
    let lasts = sender.pace().held_for();
    let Some(held) = store.hold_webhook(webhook, lasts).await? else { return Ok(0) };
    let mut arrived = 0;
    let outcome = loop {
        match portion(store, sender, webhook, &held).await {
            Ok(Some(some @ 1..)) => arrived += some,
            // Nothing arrives: what else is due rests for a moment, so that whoever is down is not overrun.
            Ok(Some(_)) => break Ok(Some(sender.pace().first)),
            Ok(None) => break Ok(None),
            Err(why) => break Err(why),
        }
    };
    store.let_go(&held, outcome.clone().unwrap_or(Some(sender.pace().first))).await?;
    outcome.map(|_| arrived)
}

/// Sends some of what is due to a webhook; how much has arrived, and none when there is nothing to send.
async fn portion(store: &Store, sender: &Sender, id: WebhookId, held: &Held) -> Result<Option<usize>> {
    let system = Caller::system(store);
    let Some(webhook) = system.reader().find::<webhook::Entity>().filter(webhook::Column::Id.eq(id)).one().await? else { return Ok(None) };
    if act::sends(&webhook) {
        let Some(client) = act::client(&system, &webhook).await? else {
            act::disable(&system, id, WebhookFault::ClientEnded).await?;
            return Ok(None);
        };
        store.queue_events(held, &webhook, Arc::new(client)).await?;
    }
    let due = store.next_deliveries(&webhook, TOGETHER).await?;
    if due.is_empty() || !store.hold_on(held, sender.pace().held_for()).await? {
        return Ok(None);
    }
    let (at, secrets) = (store.clock().now(), act::secrets(&system, &webhook)?);
    let sent = join_all(due.into_iter().map(async |row| {
        let attempt = sender.send(at, &webhook.content.url, &secrets, &row).await;
        (row, attempt)
    }));
    let sent = sent.await;
    let arrived = sent.iter().filter(|(_, attempt)| attempt.outcome == WebhookOutcome::Arrived).count();
    let failing_since = store.note_arrival(held, at, arrived > 0).await?;
    let mut fault = None;
    for (row, attempt) in sent {
        let (next, disabled) = after(store, sender, row, attempt, failing_since)?;
        store.keep_delivery(next).await?;
        fault = fault.or(disabled);
    }
    if let Some(fault) = fault {
        act::disable(&system, id, fault).await?;
    }
    Ok(Some(arrived))
}

/// What becomes of a delivery after it was sent, and why its webhook is to be disabled where it is.
fn after(
    store: &Store,
    sender: &Sender,
    row: webhook_delivery::Model,
    attempt: Attempt,
    failing_since: DateTime<Utc>,
) -> Result<(webhook_delivery::Model, Option<WebhookFault>)> {
    let now = store.clock().now();
    let (outcome, status) = (attempt.outcome, attempt.status);
    let tried_since = row.tried_since.unwrap_or(attempt.at);
    let next = webhook_delivery::Model { attempts: row.attempts.and(attempt), tried_since: Some(tried_since), ..row };
    if outcome == WebhookOutcome::Arrived {
        let state = next.state.step(WebhookDeliveryMove::Arrive)?;
        return Ok((webhook_delivery::Model { state, ..next }, None));
    }
    let failure = Failure { is_ping: next.event_id.is_none(), status, tried_since, failing_since };
    Ok(match failure.outcome(now, sender.pace().pause(next.attempts.since(tried_since))) {
        AfterFailure::Again(due_at) => (webhook_delivery::Model { due_at, ..next }, None),
        AfterFailure::GiveUp => (webhook_delivery::Model { state: next.state.step(WebhookDeliveryMove::GiveUp)?, ..next }, None),
        AfterFailure::Disable(fault) => (next, Some(fault)),
    })
}
