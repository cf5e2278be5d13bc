//! The only reader of the machine's clock: everything else is told what time it is.
use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;

/// Where the time comes from. Real in the server, fixed in tests that need it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock, cut to milliseconds: what every database can keep.
    #[must_use]
    pub fn real() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        Self(Arc::new(|| Utc::now().trunc_subsecs(3)))
    }

    /// A clock that stands at `at`.
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::telling(move || at)
    }

    /// A clock that tells what `now` does.
    #[must_use]
    pub fn telling(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}
