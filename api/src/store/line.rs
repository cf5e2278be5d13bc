//! Lines of those who wait to be served together: whoever comes first to a line has it served, in rounds, until nobody waits.
use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;

/// Those who wait in each line. A line that is here is being served.
pub(super) struct Lines<K, T>(Arc<Mutex<HashMap<K, VecDeque<T>>>>);

impl<K, T> Default for Lines<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Copy + Eq + Hash + Send + 'static, T: Send + 'static> Lines<K, T> {
    /// Puts somebody at the end of a line. Where nobody serves it, it is served from now on: `next` says who of those that wait go together, at least the
    /// first, and `serve` serves them. Should that come to nothing, those of the round are dropped, and the line goes on.
    pub(super) fn join<S>(
        &self,
        line: K,
        who: T,
        next: impl Fn(&mut VecDeque<T>) -> Vec<T> + Send + 'static,
        serve: impl Fn(Vec<T>) -> S + Send + Sync + 'static,
    ) where
        S: Future<Output = ()> + Send,
    {
        let unserved = {
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let unserved = !lines.contains_key(&line);
            lines.entry(line).or_default().push_back(who);
            unserved
        };
        if unserved {
            let lines = Self(Arc::clone(&self.0));
            // On its own: whoever came first may go away, and the others still wait.
            tokio::spawn(async move {
                while let Some(round) = lines.round(line, &next) {
                    drop(AssertUnwindSafe(serve(round)).catch_unwind().await);
                }
            });
        }
    }

    /// The next who go together; when nobody waits, the line is closed.
    fn round(&self, line: K, next: &impl Fn(&mut VecDeque<T>) -> Vec<T>) -> Option<Vec<T>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.get_mut(&line) {
            Some(waiting) if !waiting.is_empty() => Some(next(waiting)),
            _ => {
                lines.remove(&line);
                None
            }
        }
    }
}
