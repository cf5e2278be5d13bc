//! Care relations (asiayhteydet): what people do for a client opens the client's data to them, and ends with it.
use crate::{
    rejection::{Code, Rejection},
    vocabulary::vocabulary,
};
use chrono::{DateTime, TimeDelta, Utc};

vocabulary! {
    /// What a care relation rests on (asiayhteyden peruste). Access needs right and reason: source 703/2023.
    pub enum RelationBasis ["relation-basis"] {
        /// Taking up the client's matter, before there is a case (asian vastaanotto).
        Intake,
        /// A case in which one is the own worker or takes part (asiakkuus).
        Case,
        /// Handling a referral (ohjauksen käsittely).
        ReferralHandling,
        /// The statutory right to information, with its ground in words (lakisääteinen tiedonsaantioikeus).
        StatutoryInfo,
        /// Giving a service that was ordered (tilatun palvelun toteuttaminen).
        Order,
        /// An emergency, with its reason in words; told to the data protection officer and the lead (hätäkäyttö).
        BreakGlass,
    }
}

/// How long a relation lasts after it was last given a reason, in days: what it hangs on may end it sooner or carry it on.
pub const LASTS_DAYS: i64 = 30;
/// The longest emergency, in hours.
pub const BREAK_GLASS_HOURS: i64 = 12;
/// The shortest reason in words, in characters.
pub const SHORTEST_REASON: usize = 20;

impl RelationBasis {
    /// When a relation that is opened now ends, unless its ground ends it sooner.
    #[must_use]
    pub fn expires(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::BreakGlass => now + TimeDelta::hours(BREAK_GLASS_HOURS),
            // A case carries its relations until it is closed; ten years is longer than any.
            Self::Case => now + TimeDelta::days(3_652),
            Self::Intake | Self::ReferralHandling | Self::StatutoryInfo | Self::Order => now + TimeDelta::days(LASTS_DAYS),
        }
    }

    /// Opens data of special categories as well (terveys, päihteet; GDPR 9): whoever has taken the client on needs it, and a right by law or an emergency says
    /// in words what for. Handling a referral or giving what was ordered does without: what it needs has come with the referral or the order.
    #[must_use]
    pub const fn opens_special_categories(self) -> bool {
        match self {
            Self::Intake | Self::Case | Self::StatutoryInfo | Self::BreakGlass => true,
            Self::ReferralHandling | Self::Order => false,
        }
    }
}

/// The reason for opening data without a relation is told in words.
///
/// # Errors
/// [`Code::TooShort`], [`Code::TooLong`] or [`Code::ControlCharacter`].
pub fn check_reason(reason: &str) -> Result<(), crate::rejection::Rejections> {
    let mut out = crate::rejection::Rejections::default();
    if reason.trim().chars().count() < SHORTEST_REASON {
        out.push(Rejection::with(Code::TooShort, &["reason"], SHORTEST_REASON.to_string()));
    }
    crate::text::check(reason, &["reason"], 1_000, &mut out);
    out.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emergency_ends_within_twelve_hours() {
        let now = "2026-11-27T10:00:00Z".parse().unwrap();
        assert_eq!(RelationBasis::BreakGlass.expires(now).to_rfc3339(), "2026-11-27T22:00:00+00:00");
        assert!(RelationBasis::ALL.iter().all(|basis| basis.expires(now) > now));
    }

    #[test]
    fn a_reason_is_more_than_a_word() {
        assert!(check_reason("Asiakas tuli päivystykseen tajuttomana").is_ok());
        for short in ["", "koska", "                              x"] {
            assert!(check_reason(short).is_err(), "{short:?}");
        }
    }
}
