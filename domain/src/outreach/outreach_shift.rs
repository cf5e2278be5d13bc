//! Going out to where people are (jalkautuminen): who went, where, from when until when. Whom they met is told by contacts.
use super::{
    place::OutreachPlace,
    record::{check_count, corrections},
    unnamed_text,
};
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    scalar::Time,
    vocabulary::vocabulary,
};
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How far a shift is (jalkautumisen tila).
    pub enum ShiftState ["shift-state"] {
        /// The workers are out (kentällä).
        Out,
        /// They are back: what is said holds (päättynyt).
        Ended,
        /// It has been corrected, with a reason (korjattu).
        Corrected,
        /// It was made by mistake: it is kept, and counts for nothing (mitätöity).
        Voided,
    }
}

machine! {
    /// A move of a shift.
    ShiftState as "Outreach shift (jalkautuminen)", pub enum ShiftMove {
        /// The workers are back.
        End,
        /// What was said was wrong.
        Correct,
        /// It was made by mistake.
        Void,
    }
    Out -- End -> Ended;
    Out -- Void -> Voided;
    Ended -- Correct -> Corrected;
    Ended -- Void -> Voided;
    Corrected -- Correct -> Corrected;
    Corrected -- Void -> Voided;
}

/// How many go out together at most.
pub const MOST_WORKERS: usize = 20;
/// How far they go at most, in kilometres.
pub const FARTHEST: i32 = 2_000;

/// What is said of a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "OutreachShiftContentInput"))]
#[serde(rename_all = "camelCase")]
pub struct OutreachShiftContent {
    /// Who went, by the stable keys of workers of the organisation, at most 20; you alone when nobody is named.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub workers: Vec<String>,
    /// Nobody goes alone (parityö), as to somebody's home: two workers or more are named.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub pair_required: bool,
    /// Where: a route such as Reissu-Ellu, an area with a place in words, or another place.
    pub place: OutreachPlace,
    /// From when, by the clock in Finland.
    pub from: Time,
    /// Until when; earlier than `from` when that was after midnight, and null while the workers are out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// How many kilometres it was; null when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub km: Option<i32>,
    /// What else should be known, at most 2000 characters, without anything that tells who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

corrections! {
    /// What a shift said before each correction, the first one first.
    ShiftCorrections of OutreachShiftContent
}

impl OutreachShiftContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if self.workers.len() > MOST_WORKERS {
            out.add_with(Code::TooLong, &["workers"], i32::try_from(MOST_WORKERS).unwrap_or(i32::MAX));
        } else if (1..self.workers.len()).any(|i| self.workers[..i].contains(&self.workers[i])) {
            out.add(Code::Duplicate, &["workers"]);
        } else if self.pair_required && self.workers.len() < 2 {
            out.add(Code::PairRequired, &["workers"]);
        }
        self.place.check("place", &mut out);
        self.check_end(&mut out);
        out
    }

    /// Faults of what is said when a shift ends.
    pub fn check_end(&self, out: &mut Rejections) {
        if self.to == Some(self.from) {
            out.add(Code::DateOrder, &["to"]);
        }
        if let Some(km) = self.km {
            check_count(km, FARTHEST, "km", out);
        }
        unnamed_text::check(self.note.as_deref(), &["note"], 2_000, out);
    }

    /// A contact on `day` can belong to the shift of `began`: one that goes over midnight, or is not over, has two days.
    #[must_use]
    pub fn covers(&self, began: NaiveDate, day: NaiveDate) -> bool {
        let over_midnight = self.to.is_none_or(|to| to < self.from);
        day == began || over_midnight && day == began + TimeDelta::days(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TransportRouteId;

    fn shift() -> OutreachShiftContent {
        OutreachShiftContent {
            workers: vec!["a".to_owned(), "b".to_owned()],
            pair_required: true,
            place: OutreachPlace { route: Some(TransportRouteId::new()), ..OutreachPlace::default() },
            from: Time::parse("18:00").unwrap(),
            to: Some(Time::parse("22:00").unwrap()),
            km: Some(60),
            note: None,
        }
    }

    #[test]
    fn each_part_has_its_own_fault() {
        let told = |content: OutreachShiftContent| content.check().iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect::<Vec<_>>();
        assert_eq!(told(shift()), Vec::<String>::new());
        assert_eq!(told(OutreachShiftContent { workers: vec!["a".to_owned(); 2], ..shift() }), ["Duplicate workers"]);
        assert_eq!(told(OutreachShiftContent { workers: vec!["a".to_owned()], ..shift() }), ["PairRequired workers"]);
        assert_eq!(told(OutreachShiftContent { workers: Vec::new(), pair_required: false, ..shift() }), Vec::<String>::new());
        assert_eq!(told(OutreachShiftContent { workers: (0..21).map(|n| n.to_string()).collect(), ..shift() }), ["TooLong workers"]);
        assert_eq!(told(OutreachShiftContent { to: Some(shift().from), ..shift() }), ["DateOrder to"]);
        assert_eq!(told(OutreachShiftContent { km: Some(-1), ..shift() }), ["OutOfRange km"]);
        assert_eq!(told(OutreachShiftContent { note: Some("040 123 4567".to_owned()), ..shift() }), ["PersonalData note"]);
    }

    #[test]
    fn a_shift_over_midnight_has_two_days() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 1, d).unwrap();
        let night = OutreachShiftContent { to: Some(Time::parse("02:00").unwrap()), ..shift() };
        assert_eq!([14, 15, 16].map(|d| shift().covers(day(15), day(d))), [false, true, false]);
        assert_eq!([14, 15, 16, 17].map(|d| night.covers(day(15), day(d))), [false, true, true, false]);
        assert!(OutreachShiftContent { to: None, ..shift() }.covers(day(15), day(16)), "it may still go over midnight");
    }
}
