//! Guessing code words: how many wrong ones somebody may try in an hour. Remembered by this process only, and of nobody who guesses right.
use crate::error::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many wrong code words somebody may try before an hour has passed since the first of them.
pub const MOST_GUESSES: u32 = 10;
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Those whose hour is over are forgotten when so many are remembered.
const SWEEP: usize = 4_096;

/// Who has guessed how often, and since when.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<HashMap<String, (u32, DateTime<Utc>)>>);

impl Guesses {
    /// Counts a guess as wrong until it is known to be right, so that many at once are counted too.
    pub fn begin(self: &Arc<Self>, subject: &str, now: DateTime<Utc>) -> Result<Guess> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SWEEP {
            all.retain(|_, (_, since)| *since + WINDOW > now);
        }
        let (count, since) = all.entry(subject.to_owned()).or_insert((0, now));
        if *since + WINDOW <= now {
            (*count, *since) = (0, now);
        }
        if *count >= MOST_GUESSES {
            metrics::counter!("code_word_guesses_refused_total").increment(1);
            return Err(Error::RateLimited);
        }
        *count += 1;
        Ok(Guess { all: Arc::clone(self), subject: subject.to_owned() })
    }
}

/// A code word that somebody tries.
#[must_use = "it counts as wrong until it is told to be right"]
pub struct Guess {
    all: Arc<Guesses>,
    subject: String,
}

impl Guess {
    /// It was right, or was not looked at: it does not count.
    pub fn take_back(self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, _)) = all.get_mut(&self.subject) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                all.remove(&self.subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_guesses_run_out_for_an_hour_and_right_ones_never_do() {
        let (all, now) = (Arc::new(Guesses::default()), DateTime::UNIX_EPOCH);
        for _ in 0..100 {
            all.begin("a", now).unwrap().take_back();
        }
        assert!(all.0.lock().unwrap().is_empty(), "whoever is right leaves no trace");
        for _ in 0..MOST_GUESSES {
            let _wrong = all.begin("a", now).unwrap();
        }
        assert!(matches!(all.begin("a", now + TimeDelta::minutes(59)), Err(Error::RateLimited)));
        all.begin("b", now).unwrap().take_back();
        assert!(all.begin("a", now + WINDOW).is_ok());
    }

    #[test]
    fn those_whose_hour_is_over_are_forgotten() {
        let (all, now) = (Arc::new(Guesses::default()), DateTime::UNIX_EPOCH);
        for number in 0..SWEEP {
            let _wrong = all.begin(&number.to_string(), now).unwrap();
        }
        let _wrong = all.begin("late", now + WINDOW).unwrap();
        assert_eq!(all.0.lock().unwrap().len(), 1);
    }
}
