//! Closing (lopettaminen) of units, routes and local areas: nothing new refers to what is closed, and it stays for those who look back.
use crate::{machine::machine, vocabulary::vocabulary};
use chrono::NaiveDate;

vocabulary! {
    /// Whether a unit, a route or an area is in use (käyttötila).
    pub enum PlaceState ["place-state"] {
        /// In use (käytössä).
        Open,
        /// Closed (lopetettu): no list shows it any more, and nothing new may refer to it.
        Closed,
    }
}

machine! {
    /// A move of the machine of units, routes and areas.
    PlaceState as "Unit, route and local area (toimipiste, reitti ja paikallinen alue)", pub enum PlaceMove {
        /// Close it.
        Close,
        /// Take it into use again.
        Reopen,
    }
    Open -- Close -> Closed;
    Closed -- Reopen -> Open;
}

impl PlaceState {
    /// The state of what was closed on a day, or never.
    #[must_use]
    pub const fn of(closed_on: Option<NaiveDate>) -> Self {
        if closed_on.is_some() { Self::Closed } else { Self::Open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn what_is_closed_can_only_be_reopened() {
        let closed = PlaceState::of(NaiveDate::from_ymd_opt(2026, 11, 27));
        assert_eq!(closed.moves().collect::<Vec<_>>(), [PlaceMove::Reopen]);
        assert_eq!(closed.step(PlaceMove::Reopen), Ok(PlaceState::of(None)));
        assert_eq!(PlaceState::Open.step(PlaceMove::Close), Ok(closed));
        assert!(closed.step(PlaceMove::Close).is_err() && PlaceState::Open.step(PlaceMove::Reopen).is_err());
    }
}
