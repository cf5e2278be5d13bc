//! Attendance (läsnäolo): who came to a session.
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Whether somebody came to a session (läsnäolo).
    pub enum AttendanceStatus ["attendance-status"] {
        /// Came (läsnä).
        Present,
        /// Came late (myöhässä).
        Late,
        /// Stayed away and had said so (poissa, ilmoittanut).
        AbsentNotified,
        /// Stayed away (poissa).
        Absent,
    }
}

/// So many absences in a row, and those who look after the client are told.
pub const FLAGGED_ABSENCES: usize = 3;
/// So many sessions missed without ever having come, and the place can be given to another.
pub const NO_SHOW_ABSENCES: usize = 2;
/// The longest attendance, in minutes: a day.
pub const MAX_MINUTES: i32 = 24 * 60;
/// The most rows of one session in one go.
pub const MAX_ROWS: usize = 200;

impl AttendanceStatus {
    /// The client was there.
    #[must_use]
    pub const fn was_there(self) -> bool {
        matches!(self, Self::Present | Self::Late)
    }
}

/// How often somebody has been absent in a row, up to the last session; the newest last.
#[must_use]
pub fn absences_in_a_row(statuses: &[AttendanceStatus]) -> usize {
    statuses.iter().rev().take_while(|status| !status.was_there()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absences_are_counted_from_the_last_session_back() {
        use AttendanceStatus::{Absent, AbsentNotified, Late, Present};
        assert_eq!(absences_in_a_row(&[]), 0);
        assert_eq!(absences_in_a_row(&[Absent, Absent, Present]), 0);
        assert_eq!(absences_in_a_row(&[Absent, Late, AbsentNotified, Absent, Absent]), 3);
    }
}
