//! One request to a target, as Standard Webhooks 1.0.0 says: what is in it, by what it is signed, and what the answer means.
use crate::{
    error::{Error, Result},
    feed::Place,
    target::{Lookup, Unreachable},
};
use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use domain::{
    event::{CatalogueKind, Happening},
    id::{Kinded, public_id},
    scalar::Url,
    webhook::{AllowedHosts, Attempt, Target, WebhookOutcome},
};
use entity::access::webhook_delivery;
use reqwest::{Client, header::CONTENT_TYPE, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use standardwebhooks::Webhook;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

/// Settings of webhooks.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Webhooks")]
pub struct WebhookSettings {
    /// Hosts inside, by name or address, to which webhooks may be sent all the same, and by plain http too; separated by commas.
    #[arg(long, env = "MONITUOTTAJA_WEBHOOK_HOSTS", value_delimiter = ',')]
    pub webhook_hosts: Vec<String>,
    /// How many seconds a target of a webhook may take to answer.
    #[arg(long, env = "MONITUOTTAJA_WEBHOOK_TIMEOUT_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub webhook_timeout_seconds: u64,
}

impl WebhookSettings {
    /// The hosts inside that are allowed.
    #[must_use]
    pub fn allowed_hosts(&self) -> AllowedHosts {
        AllowedHosts::new(self.webhook_hosts.iter().map(|host| host.trim()))
    }

    /// How patiently it is sent.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace { timeout: Duration::from_secs(self.webhook_timeout_seconds), ..Pace::default() }
    }
}

/// How patiently it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a target may take to answer.
    pub timeout: Duration,
    /// The pause before what has not arrived is sent for the second time; each one after it is three times as long. By chance, any is up to twice that.
    pub first: TimeDelta,
    /// The longest pause.
    pub longest: TimeDelta,
}

impl Default for Pace {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(15), first: TimeDelta::seconds(5), longest: TimeDelta::hours(6) }
    }
}

impl Pace {
    /// For how long a server holds a webhook of which nobody hears: longer than it takes to send once and to write that down.
    #[must_use]
    pub(super) fn held_for(&self) -> TimeDelta {
        TimeDelta::from_std(self.timeout * 2).unwrap_or(self.longest)
    }

    /// The pause after this many times, the first being 1.
    #[must_use]
    pub(super) fn pause(&self, times: usize) -> TimeDelta {
        let std = |delta: TimeDelta| delta.to_std().unwrap_or_default();
        let growing = ExponentialBuilder::new().with_factor(3.0).with_min_delay(std(self.first)).with_max_delay(std(self.longest)).without_max_times();
        let pause = growing.with_jitter().build().nth(times.saturating_sub(1));
        pause.and_then(|pause| TimeDelta::from_std(pause).ok()).unwrap_or(self.longest)
    }
}

/// What is sent.
#[derive(Serialize)]
struct Payload {
    r#type: String,
    timestamp: String,
    data: Data,
}

/// Ids, and nothing that is behind them: the receiver asks for that as whoever it is.
#[derive(Serialize)]
#[serde(untagged)]
enum Data {
    Event { kind: CatalogueKind, happening: Happening, id: String, uuid: Uuid, cursor: String },
    Test { webhook: String },
}

impl Payload {
    fn of(row: &webhook_delivery::Model) -> Self {
        let timestamp = row.happened_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let event = row.kind.zip(row.happening).zip(row.subject_id).zip(row.position.zip(row.event_id));
        match event {
            Some((((kind, happening), subject), (position, event))) => {
                let data = Data::Event { kind, happening, id: public_id(kind.name(), subject), uuid: subject, cursor: Place::at(position, event).cursor() };
                Self { r#type: event_type(kind, happening), timestamp, data }
            }
            None => Self { r#type: "ping".to_owned(), timestamp, data: Data::Test { webhook: row.webhook_id.to_public() } },
        }
    }
}

/// What an event is called: `service_offering.places_changed`.
fn event_type(kind: CatalogueKind, happening: Happening) -> String {
    let word = |value: std::result::Result<serde_json::Value, serde_json::Error>| {
        value.ok().and_then(|value| value.as_str().map(str::to_ascii_lowercase)).unwrap_or_default()
    };
    format!("{}.{}", word(serde_json::to_value(kind)), word(serde_json::to_value(happening)))
}

/// Sends to targets.
pub struct Sender {
    http: Client,
    allowed: Arc<AllowedHosts>,
    pace: Pace,
}

impl Sender {
    /// One that sends to the public internet, and to hosts inside that the operator allows.
    ///
    /// # Errors
    /// [`Error::Internal`] where there is nothing to trust in.
    pub fn new(allowed: Arc<AllowedHosts>, pace: Pace) -> Result<Self> {
        let http = Client::builder()
            .user_agent(concat!("monituottaja/", env!("CARGO_PKG_VERSION")))
            // Where a target points to was not looked at; and a proxy would look names up for itself.
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Lookup(Arc::clone(&allowed))))
            .pool_max_idle_per_host(0)
            .timeout(pace.timeout)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { http, allowed, pace })
    }

    pub(super) const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Sends a delivery once, signed by each of these secrets.
    pub(super) async fn send(&self, at: DateTime<Utc>, url: &Url, secrets: &[SecretString], row: &webhook_delivery::Model) -> Attempt {
        let begun = Instant::now();
        let (outcome, status) = self.request(at, url, secrets, row).await;
        Attempt { at, outcome, status, milliseconds: i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX) }
    }

    async fn request(&self, at: DateTime<Utc>, url: &Url, secrets: &[SecretString], row: &webhook_delivery::Model) -> (WebhookOutcome, Option<u16>) {
        // Once more: the operator may have thought better of it. And what is no name is not looked up.
        if Target::of(url, &self.allowed).is_err() {
            return (WebhookOutcome::TargetInside, None);
        }
        let id = row.id.to_public();
        let signed = serde_json::to_vec(&Payload::of(row)).map_err(Error::internal).and_then(|body| Ok((signatures(secrets, &id, at, &body)?, body)));
        let Ok((signatures, body)) = signed else { return (WebhookOutcome::Unreachable, None) };
        let request = self.http.post(url.as_str()).header(CONTENT_TYPE, "application/json").header("webhook-id", id);
        let request = request.header("webhook-timestamp", at.timestamp().to_string()).header("webhook-signature", signatures).body(body);
        match request.send().await {
            // What else is in the answer is not read: its status says all that counts.
            Ok(answer) => {
                let outcome = if answer.status().is_success() { WebhookOutcome::Arrived } else { WebhookOutcome::Refused };
                (outcome, Some(answer.status().as_u16()))
            }
            Err(why) if lies_inside(&why) => (WebhookOutcome::TargetInside, None),
            Err(why) if why.is_timeout() => (WebhookOutcome::TimedOut, None),
            Err(_) => (WebhookOutcome::Unreachable, None),
        }
    }
}

/// A signature by each secret, with spaces between them.
fn signatures(secrets: &[SecretString], id: &str, at: DateTime<Utc>, body: &[u8]) -> Result<String> {
    let sign = |secret: &SecretString| Webhook::new(secret.expose_secret()).and_then(|key| key.sign(id, at.timestamp(), body)).map_err(Error::internal);
    Ok(secrets.iter().map(sign).collect::<Result<Vec<_>>>()?.join(" "))
}

/// The host was looked up, and lies inside.
fn lies_inside(why: &reqwest::Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(why), |cause| cause.source());
    causes.any(|cause| matches!(cause.downcast_ref::<Unreachable>(), Some(Unreachable::Inside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_are_never_alike() {
        let pace = Pace::default();
        let sum = |times: usize| (1..=times).map(|n| pace.pause(n)).sum::<TimeDelta>();
        for _ in 0..100 {
            assert!((5..=10).contains(&pace.pause(1).num_seconds()), "{:?}", pace.pause(1));
            assert!(pace.pause(100) <= pace.longest * 2 && pace.pause(100) >= pace.longest);
            assert!((10..=24).any(|times| sum(times) > domain::webhook::TRIED_FOR), "some twenty times in three days");
        }
        let some: std::collections::BTreeSet<_> = (0..20).map(|_| pace.pause(8)).collect();
        assert!(some.len() > 1, "those who fail together do not come back together");
    }

    #[test]
    fn events_are_called_by_what_happened_to_what() {
        assert_eq!(event_type(CatalogueKind::ServiceOffering, Happening::PlacesChanged), "service_offering.places_changed");
    }
}
