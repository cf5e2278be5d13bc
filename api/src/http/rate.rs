//! How much one caller may ask in a minute, by number and by complexity, and how much it may hold open at once.
use super::failure::{Code, Refusal};
use super::limits::Limits;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Someone who has signed in, wherever from.
    Visitor(Arc<str>),
    /// Everybody else at an address.
    Address(IpAddr),
}

impl Key {
    /// The key of an address. A subscriber of IPv6 has a whole /64, so that is what counts.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
            four @ IpAddr::V4(_) => four,
        })
    }
}

/// The two meters of every caller.
pub(super) struct Rate {
    requests: Option<DefaultKeyedRateLimiter<Key>>,
    complexity: Option<DefaultKeyedRateLimiter<Key>>,
    uses: AtomicU32,
}

/// After how many requests callers that have been quiet are forgotten.
const SWEEP: u32 = 4_096;

impl Rate {
    /// Meters that let a minute's share through at once and refill evenly.
    pub fn new(limits: &Limits) -> Self {
        let meter = |per_minute| NonZeroU32::new(per_minute).map(|share| RateLimiter::keyed(Quota::per_minute(share)));
        Self { requests: meter(limits.rate_requests), complexity: meter(limits.rate_complexity), uses: AtomicU32::new(0) }
    }

    /// Counts a request.
    pub fn request(&self, key: &Key) -> Result<(), Refusal> {
        if self.uses.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            for meter in [&self.requests, &self.complexity].into_iter().flatten() {
                meter.retain_recent();
                meter.shrink_to_fit();
            }
        }
        spend(self.requests.as_ref(), key, 1)
    }

    /// Counts the complexity of what is about to be executed.
    pub fn complexity(&self, key: &Key, cost: u64) -> Result<(), Refusal> {
        spend(self.complexity.as_ref(), key, cost)
    }
}

fn spend(meter: Option<&DefaultKeyedRateLimiter<Key>>, key: &Key, amount: u64) -> Result<(), Refusal> {
    let amount = u32::try_from(amount).unwrap_or(u32::MAX);
    let (Some(meter), Some(amount)) = (meter, NonZeroU32::new(amount)) else {
        return Ok(());
    };
    let wait = match meter.check_key_n(key, amount) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(early)) => early.wait_time_from(DefaultClock::default().now()),
        Err(_) => Duration::from_mins(1),
    };
    metrics::counter!("http_rate_limited_total").increment(1);
    Err(Refusal::new(Code::RateLimited, "too much has been asked in a short time").retry_after(wait))
}

/// Counts what callers hold open at the same time.
pub(super) struct Crowd {
    most: usize,
    most_of_one: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    all: usize,
    each: HashMap<Key, usize>,
}

/// One thing held open; letting go of it counts it down.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    key: Key,
}

impl Crowd {
    /// Room for `most` in all and for `most_of_one` of each caller.
    pub fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, held: Mutex::default() })
    }

    /// A place for one more, if there is room.
    pub fn enter(self: &Arc<Self>, key: Key) -> Option<Place> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = held.each.get(&key).copied().unwrap_or(0);
        if held.all >= self.most || of_one >= self.most_of_one {
            return None;
        }
        held.all += 1;
        held.each.insert(key.clone(), of_one + 1);
        Some(Place { crowd: Arc::clone(self), key })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.crowd.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.all -= 1;
        let left = held.each.get(&self.key).map_or(0, |count| count - 1);
        if left == 0 {
            held.each.remove(&self.key);
        } else {
            held.each.insert(self.key.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests: u32, complexity: u32) -> Rate {
        Rate::new(&Limits { rate_requests: requests, rate_complexity: complexity, ..Limits::default() })
    }

    fn key(address: &str) -> Key {
        Key::address(address.parse().unwrap())
    }

    #[test]
    fn each_caller_has_a_share_of_its_own_and_is_told_when_to_come_back() {
        let rate = rate(2, 0);
        let (aino, eino) = (Key::Visitor("aino".into()), Key::Visitor("eino".into()));
        assert!(rate.request(&aino).is_ok() && rate.request(&aino).is_ok());
        let refusal = rate.request(&aino).unwrap_err();
        assert_eq!(refusal.code, Code::RateLimited);
        assert!(refusal.retry_after.unwrap() > Duration::from_secs(20));
        assert!(rate.request(&eino).is_ok());
    }

    #[test]
    fn complexity_is_spent_like_money_and_nothing_is_free_of_limits_but_by_choice() {
        let rate = rate(0, 100);
        assert!(rate.complexity(&key("192.0.2.1"), 60).is_ok());
        assert!(rate.complexity(&key("192.0.2.1"), 60).is_err());
        assert!(rate.complexity(&key("192.0.2.1"), u64::MAX).is_err());
        assert!((0..10_000).all(|_| rate.request(&key("192.0.2.1")).is_ok()));
    }

    #[test]
    fn a_subscriber_of_ipv6_cannot_move_to_another_address() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }

    #[test]
    fn quiet_callers_are_forgotten() {
        let rate = rate(u32::MAX, 0);
        for number in 0..SWEEP {
            assert!(rate.request(&Key::Visitor(number.to_string().into())).is_ok());
        }
        assert!(rate.requests.as_ref().unwrap().len() < 100);
    }

    #[test]
    fn a_crowd_is_bounded_in_all_and_for_each() {
        let crowd = Crowd::new(3, 2);
        let first = crowd.enter(key("192.0.2.1")).unwrap();
        let _second = crowd.enter(key("192.0.2.1")).unwrap();
        assert!(crowd.enter(key("192.0.2.1")).is_none());
        let _third = crowd.enter(key("192.0.2.2")).unwrap();
        assert!(crowd.enter(key("192.0.2.3")).is_none());
        drop(first);
        assert!(crowd.enter(key("192.0.2.1")).is_some());
    }
}
