//! Retention (säilytysajat): a table of rules with their legal basis, and on which day what is kept about somebody is to be destroyed.
//! The rules are data beside this crate, like the deadlines; what was not read in its source says so.
use crate::{dated, text::LocalizedText, vocabulary::vocabulary};
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use std::sync::LazyLock;

vocabulary! {
    /// What a retention rule is about (säilytyssäännön kohde).
    pub enum RetentionSubject ["retention-subject"] {
        /// Everything that is kept about a client (asiakkaan tiedot).
        ClientRecord,
        /// A referral of somebody who did not become a client (ohjaus ilman asiakkuutta).
        UnidentifiedReferral,
        /// A complaint about a provider that is about no client (reklamaatio ilman asiakasta).
        ComplaintWithoutClient,
        /// The use log (käyttöloki).
        UseLog,
        /// The disclosure log (luovutusloki).
        DisclosureLog,
    }
}

vocabulary! {
    /// What a retention period is counted from.
    pub enum RetentionEvent {
        /// The client died.
        Died,
        /// The last case of the client was closed.
        ClienthoodEnded,
        /// It was last changed.
        LastTouched,
        /// It was logged.
        Logged,
    }
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// Its stable key.
    pub key: String,
    fi: String,
    sv: String,
    en: String,
    /// What it is about.
    pub subject: RetentionSubject,
    /// What its period is counted from.
    pub from: RetentionEvent,
    /// How many years it is kept.
    pub years: u32,
    /// The law or decision behind it.
    pub legal_basis: String,
    /// Where the period was read, and what is still to be checked.
    pub source: String,
    /// The rule was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The version of the rule.
    pub version: String,
    /// The first day on which it counts.
    pub valid_from: NaiveDate,
    /// The last day on which it counts.
    pub valid_to: Option<NaiveDate>,
}

impl Rule {
    /// What it says.
    #[must_use]
    pub fn name(&self) -> LocalizedText {
        LocalizedText::of(&self.fi, &self.sv, &self.en)
    }

    /// The last day of what happened on `from`.
    #[must_use]
    pub fn last_day(&self, from: NaiveDate) -> NaiveDate {
        from.checked_add_months(Months::new(self.years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
    }

    /// What happened on this day or before is due on `today`.
    #[must_use]
    pub fn due_until(&self, today: NaiveDate) -> NaiveDate {
        // The last day itself is still kept.
        let before = today.pred_opt().unwrap_or(today);
        before.checked_sub_months(Months::new(self.years.saturating_mul(12))).unwrap_or(NaiveDate::MIN)
    }
}

/// Every rule, in the order of the table: of those about one subject, the first whose event has happened counts.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| dated::rows("retention rules", include_str!("../data/retention.csv")));
    &RULES
}

/// The rules about a subject that count on a day.
pub fn rules_of(subject: RetentionSubject, today: NaiveDate) -> impl Iterator<Item = &'static Rule> {
    rules().iter().filter(move |rule| rule.subject == subject && dated::holds(rule.valid_from, rule.valid_to, today))
}

/// How many rows of each table were destroyed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct Counts(pub std::collections::BTreeMap<String, u64>);

/// Until when something is kept, and why.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// The rule.
    pub rule: &'static Rule,
    /// The last day on which it is kept; it is destroyed in the next night.
    pub destroy_after: NaiveDate,
}

impl Retention {
    /// It is to be destroyed now.
    #[must_use]
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.destroy_after < today
    }
}

/// Until when something is kept of which this has happened; none while nothing has that starts a period.
#[must_use]
pub fn retention(subject: RetentionSubject, today: NaiveDate, happened: &[(RetentionEvent, NaiveDate)]) -> Option<Retention> {
    rules_of(subject, today).find_map(|rule| {
        let from = happened.iter().filter(|(event, _)| *event == rule.from).map(|(_, day)| *day).max()?;
        Some(Retention { rule, destroy_after: rule.last_day(from) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(happened: &[(RetentionEvent, &str)]) -> Option<(&'static str, String)> {
        let happened: Vec<_> = happened.iter().map(|(event, on)| (*event, day(on))).collect();
        let found = retention(RetentionSubject::ClientRecord, day("2026-11-28"), &happened)?;
        Some((found.rule.key.as_str(), found.destroy_after.to_string()))
    }

    #[test]
    fn a_record_is_kept_from_the_end_of_the_last_case_or_from_death() {
        let touched = (RetentionEvent::LastTouched, "2026-05-05");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[touched]), Some(("RECORD_LED_NOWHERE", "2031-05-05".into())));
        let ended = [(RetentionEvent::ClienthoodEnded, "2020-02-29"), (RetentionEvent::ClienthoodEnded, "2024-02-29"), touched];
        assert_eq!(of(&ended), Some(("RECORD_AFTER_CLIENTHOOD", "2054-02-28".into())));
        assert_eq!(of(&[ended[1], (RetentionEvent::Died, "2025-01-01")]), Some(("RECORD_AFTER_DEATH", "2037-01-01".into())));
    }

    #[test]
    fn the_last_day_is_still_kept() {
        let kept = retention(RetentionSubject::UseLog, day("2026-11-28"), &[(RetentionEvent::Logged, day("2014-11-28"))]).unwrap();
        assert_eq!((kept.is_due(day("2026-11-28")), kept.is_due(day("2026-11-29"))), (false, true));
        assert_eq!((kept.rule.due_until(day("2026-11-28")), kept.rule.due_until(day("2026-11-29"))), (day("2014-11-27"), day("2014-11-28")));
    }

    #[test]
    fn every_rule_says_where_it_comes_from_and_every_subject_has_one() {
        for rule in rules() {
            assert!(!rule.legal_basis.is_empty() && !rule.source.is_empty() && !rule.version.is_empty() && rule.years > 0, "{}", rule.key);
            assert!(rule.name().sv.is_some_and(|sv| !sv.is_empty()) && !rule.en.is_empty());
            assert_eq!(rules().iter().filter(|other| other.key == rule.key).count(), 1);
        }
        for subject in RetentionSubject::ALL {
            assert!(rules_of(*subject, day("2026-11-28")).next().is_some(), "{subject:?}");
        }
    }
}
