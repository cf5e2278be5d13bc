//! Unusual access (poikkeava käyttö): what a day of the use log shows that the data protection officer should ask about. A sign is a question, no proof. Which
//! days are unusual is a decision of this program: no law gives a number (703/2023 obliges to follow the use of client data).
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What is unusual about how somebody has read client data on a day (poikkeaman laji).
    pub enum AccessSign {
        /// Far more clients than this person usually reads about (tavallista enemmän asiakkaita).
        ManyClients,
        /// Clients by night, between 22 and 6, far more than this person usually reads about then (öinen käyttö).
        ByNight,
        /// Many clients whose data was refused (toistuvia torjuttuja katseluja).
        ManyRefused,
        /// The person's own data, read as a worker (omat tiedot työntekijänä).
        OwnRecord,
    }
}

/// How much somebody has read in an organisation on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayOfAccess {
    /// Clients who were shown.
    pub clients: i64,
    /// Clients who were shown in the night that begins on this day.
    pub by_night: i64,
    /// Clients who were refused.
    pub refused: i64,
    /// Readings of the person's own data as a worker.
    pub own: i64,
}

/// A sign, with what was counted and what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub sign: AccessSign,
    /// How many.
    pub count: i64,
    /// The median of the days before on which anything was read; none where it does not matter.
    pub usual: Option<i64>,
}

/// So many days before tell what is usual.
pub const DAYS_BEFORE: u32 = 30;
/// The hours between which it is night, in Europe/Helsinki.
pub const NIGHT: (u32, u32) = (22, 6);
/// So many times what is usual is far more.
const FAR_MORE: i64 = 3;
/// Fewer clients than these are never too many.
const CLIENTS: i64 = 20;
const BY_NIGHT: i64 = 3;
const REFUSED: i64 = 5;

/// What is unusual about a day, held against the days before on which the same person has read anything in the same organisation.
#[must_use]
pub fn signs(of: DayOfAccess, before: &[DayOfAccess]) -> Vec<Told> {
    let usual = |count: fn(&DayOfAccess) -> i64| median(before.iter().map(count).collect());
    let far_more = |sign, count: i64, usual: i64, least: i64| (count >= least && count > FAR_MORE * usual).then_some(Told { sign, count, usual: Some(usual) });
    let at_all = |sign, count: i64, least: i64| (count >= least).then_some(Told { sign, count, usual: None });
    [
        far_more(AccessSign::ManyClients, of.clients, usual(|day| day.clients), CLIENTS),
        far_more(AccessSign::ByNight, of.by_night, usual(|day| day.by_night), BY_NIGHT),
        at_all(AccessSign::ManyRefused, of.refused, REFUSED),
        at_all(AccessSign::OwnRecord, of.own, 1),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn median(mut counts: Vec<i64>) -> i64 {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(of: DayOfAccess, before: &[DayOfAccess]) -> Vec<AccessSign> {
        signs(of, before).into_iter().map(|told| told.sign).collect()
    }

    #[test]
    fn a_day_is_held_against_what_is_usual_for_the_same_person() {
        let read = |clients| DayOfAccess { clients, ..DayOfAccess::default() };
        let (busy, calm) = ([read(12), read(0), read(11), read(14)], [read(2), read(3)]);
        assert_eq!(told(read(30), &busy), []);
        assert_eq!(told(read(37), &busy), [AccessSign::ManyClients]);
        assert_eq!(signs(read(20), &calm), [Told { sign: AccessSign::ManyClients, count: 20, usual: Some(3) }]);
        assert_eq!(told(read(19), &[]), []);
        assert_eq!(told(read(20), &[]), [AccessSign::ManyClients]);
    }

    #[test]
    fn whoever_works_by_night_is_not_told_of_each_night() {
        let night = |by_night| DayOfAccess { clients: by_night, by_night, ..DayOfAccess::default() };
        assert_eq!(told(night(3), &[]), [AccessSign::ByNight]);
        assert_eq!(told(night(2), &[]), []);
        assert_eq!(told(night(6), &[night(5), night(4), night(6)]), []);
    }

    #[test]
    fn refusals_and_the_own_record_are_told_whatever_is_usual() {
        let tried = DayOfAccess { refused: 5, own: 1, ..DayOfAccess::default() };
        assert_eq!(told(tried, &[tried, tried]), [AccessSign::ManyRefused, AccessSign::OwnRecord]);
        assert_eq!(told(DayOfAccess { refused: 4, ..tried }, &[]), [AccessSign::OwnRecord]);
    }
}
