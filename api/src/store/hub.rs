//! What is committed, and how far the snapshot has followed: subscribers wake by it, and a writer waits until its change can be seen.
use std::time::Duration;
use tokio::sync::watch;

/// How long a writer waits for the snapshot before it answers all the same.
const PATIENCE: Duration = Duration::from_secs(3);

/// Positions of the event feed, as two watched numbers.
#[derive(Debug)]
pub struct Hub {
    committed: watch::Sender<i64>,
    shown: watch::Sender<i64>,
    noticed: watch::Sender<()>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { committed: watch::Sender::new(0), shown: watch::Sender::new(0), noticed: watch::Sender::new(()) }
    }
}

impl Hub {
    /// Events up to `position` are committed.
    pub fn committed(&self, position: i64) {
        self.committed.send_if_modified(|now| std::mem::replace(now, position.max(*now)) < position);
    }

    /// The snapshot shows everything up to `position`.
    pub fn shown(&self, position: i64) {
        self.shown.send_if_modified(|now| std::mem::replace(now, position.max(*now)) < position);
    }

    /// There may be new notices, or rows may have come into or out of reach.
    pub fn noticed(&self) {
        self.noticed.send_replace(());
    }

    /// Follows notices.
    #[must_use]
    pub fn follow_notices(&self) -> watch::Receiver<()> {
        self.noticed.subscribe()
    }

    /// Follows commits.
    #[must_use]
    pub fn follow_commits(&self) -> watch::Receiver<i64> {
        self.committed.subscribe()
    }

    /// Follows the snapshot.
    #[must_use]
    pub fn follow_shown(&self) -> watch::Receiver<i64> {
        self.shown.subscribe()
    }

    /// Waits until everybody can see what was committed at `position`; at most [`PATIENCE`], and not at all where no snapshot follows.
    pub async fn until_shown(&self, position: i64) {
        if self.committed.receiver_count() == 0 {
            return;
        }
        let mut shown = self.shown.subscribe();
        let _ = tokio::time::timeout(PATIENCE, shown.wait_for(|now| *now >= position)).await;
    }
}
