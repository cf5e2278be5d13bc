//! Webhooks: what is told to whom, where a target may lie, and what becomes of a delivery. What goes over the wire is
//! [Standard Webhooks](https://www.standardwebhooks.com/) 1.0.0.
use crate::{
    event::{CatalogueKind, Happening},
    machine::machine,
    rejection::{Code, Rejections},
    scalar::Url,
    vocabulary::vocabulary,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use url::Host;

/// For how long a delivery is tried; what has not arrived by then is a dead letter.
pub const TRIED_FOR: TimeDelta = TimeDelta::days(3);
/// For how long what has arrived, and dead letters, are kept.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How many attempts of a delivery are kept: there are some twenty in three days, and more where it is replayed.
pub const MOST_ATTEMPTS: usize = 100;
/// How many webhooks an organisation has at most.
pub const MOST_WEBHOOKS: usize = 20;
/// For how many hours the secret before the last one signs as well, at most.
pub const LONGEST_OVERLAP: i32 = 168;

vocabulary! {
    /// How far a webhook is (webhookin tila).
    pub enum WebhookState ["webhook-state"] {
        /// What happens is sent (käytössä).
        Active,
        /// Nothing is sent, on somebody's wish; what happens meanwhile is sent later (tauolla).
        Paused,
        /// Nothing is sent, since nothing arrived any more; what happens meanwhile is sent later (poistettu käytöstä).
        Disabled,
    }
}

machine! {
    /// A move of a webhook.
    WebhookState as "Webhook", pub enum WebhookMove {
        /// Send nothing for now.
        Pause,
        /// Send again, from where it stopped.
        Resume,
        /// Nothing arrives: by time, or by what the target answers.
        Disable,
    }
    Active -- Pause -> Paused;
    Paused -- Resume -> Active;
    Active -- Disable -> Disabled;
    Disabled -- Resume -> Active;
}

vocabulary! {
    /// Why a webhook was disabled.
    pub enum WebhookFault {
        /// For three days nothing has arrived.
        Failing,
        /// The target has answered 410: there is nobody any more.
        Gone,
        /// Whose webhook it is has no membership as an integration any more.
        ClientEnded,
    }
}

vocabulary! {
    /// How far a delivery is (webhook-lähetyksen tila).
    pub enum WebhookDeliveryState ["webhook-delivery-state"] {
        /// To be sent, for the first time or again (odottaa lähettämistä).
        Pending,
        /// It has arrived: the target has answered with a status of 200 to 299 (perillä).
        Delivered,
        /// It did not arrive, and is sent no more unless somebody asks for it (ei saatu perille).
        DeadLetter,
    }
}

machine! {
    /// A move of a delivery.
    WebhookDeliveryState as "Delivery of a webhook (webhook-lähetys)", pub enum WebhookDeliveryMove {
        /// It arrives.
        Arrive,
        /// It has been tried for long enough.
        GiveUp,
        /// Send it once more.
        Replay,
    }
    Pending -- Arrive -> Delivered;
    Pending -- GiveUp -> DeadLetter;
    DeadLetter -- Replay -> Pending;
}

vocabulary! {
    /// What came of sending once.
    pub enum WebhookOutcome {
        /// It has arrived.
        Arrived,
        /// The target has answered with another status than 200 to 299; where it points to with a 3xx is not followed.
        Refused,
        /// The target did not answer in time.
        TimedOut,
        /// The target was not found or not reached, or has closed the connection.
        Unreachable,
        /// The target lies inside: at an address that is not public, and that the operator has not allowed.
        TargetInside,
    }
}

/// What came of sending once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub outcome: WebhookOutcome,
    /// With which status the target has answered; none where it has not.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub milliseconds: i32,
}

/// What came of sending, the first time first: as many as are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct Attempts(pub Vec<Attempt>);

impl Attempts {
    /// With one more; the oldest is forgotten where there are too many.
    #[must_use]
    pub fn and(mut self, attempt: Attempt) -> Self {
        let most = self.0.len().min(MOST_ATTEMPTS - 1);
        self.0.drain(..self.0.len() - most);
        self.0.push(attempt);
        self
    }

    /// How often it was sent since then.
    #[must_use]
    pub fn since(&self, at: DateTime<Utc>) -> usize {
        self.0.iter().filter(|attempt| attempt.at >= at).count()
    }
}

/// What is said of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "WebhookContentInput"))]
#[serde(rename_all = "camelCase")]
pub struct WebhookContent {
    /// The target: where to send to, by `https`. Not inside the operator's network, unless the operator allows its host.
    pub url: Url,
    /// What is told of: things of these kinds, and of every kind when none is named.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub kinds: Vec<CatalogueKind>,
    /// What is told: that these things happened, and everything when none is named.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub happenings: Vec<Happening>,
}

impl WebhookContent {
    /// Every fault of the content that can be told without looking its host up.
    #[must_use]
    pub fn check(&self, allowed: &AllowedHosts) -> Rejections {
        let mut out = Rejections::default();
        match Target::of(&self.url, allowed) {
            Ok(_) => {}
            Err(TargetFault::Form) => out.add(Code::Invalid, &["url"]),
            Err(TargetFault::Inside) => out.add(Code::TargetInside, &["url"]),
        }
        if (1..self.kinds.len()).any(|i| self.kinds[..i].contains(&self.kinds[i])) {
            out.add(Code::Duplicate, &["kinds"]);
        }
        if (1..self.happenings.len()).any(|i| self.happenings[..i].contains(&self.happenings[i])) {
            out.add(Code::Duplicate, &["happenings"]);
        }
        out
    }
}

/// Hosts that the operator allows although they lie inside, as they stand in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(BTreeSet<String>);

impl AllowedHosts {
    /// These hosts, in whatever case.
    #[must_use]
    pub fn new<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Self {
        Self(hosts.into_iter().map(str::to_ascii_lowercase).collect())
    }

    /// The operator allows this host.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        self.0.contains(host)
    }
}

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// Not `https`, or with a name, a password or a fragment in it.
    Form,
    /// It lies inside.
    Inside,
}

/// Where something may be sent, as far as its address tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To where this name leads, once it is seen that this does not lie inside.
    Named(String),
    /// To a public address, or to a host that is allowed wherever it lies.
    Settled,
}

impl Target {
    /// Judges an address. A number is read as browsers read it, so that `0x7f.1` is loopback.
    ///
    /// # Errors
    /// A [`TargetFault`].
    pub fn of(url: &Url, allowed: &AllowedHosts) -> Result<Self, TargetFault> {
        let url = url::Url::parse(url.as_str()).map_err(|_| TargetFault::Form)?;
        let is_allowed = url.host_str().is_some_and(|host| allowed.allows(host));
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !plain || !(url.scheme() == "https" || is_allowed) {
            return Err(TargetFault::Form);
        }
        match url.host().ok_or(TargetFault::Form)? {
            _ if is_allowed => Ok(Self::Settled),
            Host::Domain(name) => Ok(Self::Named(name.to_owned())),
            Host::Ipv4(ip) if is_public_v4(ip) => Ok(Self::Settled),
            Host::Ipv6(ip) if is_public_v6(ip) => Ok(Self::Settled),
            Host::Ipv4(_) | Host::Ipv6(_) => Err(TargetFault::Inside),
        }
    }
}

/// The address is one of the public internet, by the special-purpose registries of IANA (RFC 6890 and what has followed).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    // This network; shared with the provider (RFC 6598); protocol assignments; benchmarks (RFC 2544); relays that are no more (RFC 7526); multicast, and what is
    // reserved, up to broadcast.
    let special = matches!(ip.octets(), [0 | 224..=255, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [192, 88, 99, _]);
    !(special || ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // By NAT64 (RFC 6052) and 6to4 (RFC 3056) an address of version 4 is reached.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo (RFC 2928), and documentation (RFC 3849, RFC 9637).
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Of all else only global unicast (RFC 4291) is public: not loopback, link-local, unique local, multicast or version 4 in disguise.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// What becomes of a delivery that has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is tried again, then.
    Again(DateTime<Utc>),
    /// It is a dead letter: others have arrived, and it must not stand in the way of what happens to its thing.
    GiveUp,
    /// It stays as it is, and the webhook is disabled: nothing arrives.
    Disable(WebhookFault),
}

/// A delivery that has not arrived.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// It is a test, which is sent once.
    pub is_ping: bool,
    /// With which status the target has answered.
    pub status: Option<u16>,
    /// When it was tried first.
    pub tried_since: DateTime<Utc>,
    /// Since when nothing at all has arrived.
    pub failing_since: DateTime<Utc>,
}

impl Failure {
    /// What becomes of it, where it would be tried again after `pause`; the last time when it has been tried for long enough.
    #[must_use]
    pub fn outcome(self, now: DateTime<Utc>, pause: TimeDelta) -> AfterFailure {
        let until = self.tried_since + TRIED_FOR;
        if self.is_ping {
            AfterFailure::GiveUp
        } else if self.status == Some(410) {
            AfterFailure::Disable(WebhookFault::Gone)
        } else if now < until {
            AfterFailure::Again((now + pause).min(until))
        } else if self.failing_since <= self.tried_since {
            AfterFailure::Disable(WebhookFault::Failing)
        } else {
            AfterFailure::GiveUp
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str, allowed: &[&str]) -> Result<Target, TargetFault> {
        Target::of(&Url::parse(url).unwrap(), &AllowedHosts::new(allowed.iter().copied()))
    }

    #[test]
    fn nothing_is_sent_to_the_inside_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[100::1]",
        ] {
            assert_eq!(target(&format!("https://{host}/hook"), &[]), Err(TargetFault::Inside), "{host}");
        }
        for host in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2a00:1450::1]", "[64:ff9b::808:808]", "[2002:808:808::]"] {
            assert_eq!(target(&format!("https://{host}/hook"), &[]), Ok(Target::Settled), "{host}");
        }
        assert_eq!(target("https://Hook.Example.FI/a?b", &[]), Ok(Target::Named("hook.example.fi".to_owned())));
    }

    #[test]
    fn what_the_operator_allows_may_lie_inside_and_be_unsealed() {
        assert_eq!(target("http://127.0.0.1:9000/", &["127.0.0.1"]), Ok(Target::Settled));
        assert_eq!(target("http://[::1]:9000/", &["[::1]"]), Ok(Target::Settled));
        assert_eq!(target("http://Partner.internal/", &["PARTNER.internal"]), Ok(Target::Settled));
        assert_eq!(target("https://127.0.0.2/", &["127.0.0.1"]), Err(TargetFault::Inside));
        for url in ["http://example.fi/", "https://a@example.fi/", "https://a:b@example.fi/", "https://example.fi/#x", "http://u@127.0.0.1/"] {
            assert_eq!(target(url, &["127.0.0.1"]), Err(TargetFault::Form), "{url}");
        }
    }

    #[test]
    fn what_does_not_arrive_is_tried_for_three_days() {
        let start: DateTime<Utc> = "2026-11-29T10:00:00Z".parse().unwrap();
        let pause = TimeDelta::hours(6);
        let failure = Failure { is_ping: false, status: Some(500), tried_since: start, failing_since: start };
        assert_eq!(failure.outcome(start, pause), AfterFailure::Again(start + pause));
        let last = start + TRIED_FOR;
        assert_eq!(failure.outcome(last - TimeDelta::hours(1), pause), AfterFailure::Again(last), "the last time is the third day's end");
        assert_eq!(failure.outcome(last, pause), AfterFailure::Disable(WebhookFault::Failing), "nothing has arrived since");
        let others_arrive = Failure { failing_since: start + TimeDelta::hours(1), ..failure };
        assert_eq!(others_arrive.outcome(last, pause), AfterFailure::GiveUp);
        assert_eq!(Failure { status: Some(410), ..failure }.outcome(start, pause), AfterFailure::Disable(WebhookFault::Gone));
        assert_eq!(Failure { is_ping: true, ..failure }.outcome(start, pause), AfterFailure::GiveUp);
    }
}
