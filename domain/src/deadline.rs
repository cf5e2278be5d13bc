//! Deadlines (määräajat): a table of rules with their legal basis, and what they ask of one case. Nothing here is a constant of the program:
//! the rules are data beside this crate, and what is not confirmed by a source says so.
use crate::{catalogue::session::day, code::Coded, dated, text::LocalizedText, vocabulary::vocabulary, working_day};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde::Deserialize;
use std::sync::LazyLock;

vocabulary! {
    /// Whose matter the law hurries (määräajan ryhmä). Source: Social Welfare Act 1301/2014, 36 §.
    pub enum DeadlineGroup ["deadline-group"] {
        /// Over 75 years old (yli 75-vuotias).
        OverSeventyFive,
        /// On the highest care allowance for pensioners (ylin hoitotuki).
        HighestCareAllowance,
        /// A child in need of special support (erityistä tukea tarvitseva lapsi).
        ChildSpecialSupport,
    }
}

vocabulary! {
    /// What starts or meets a deadline.
    pub enum DeadlineEvent {
        /// The matter became pending (vireilletulo).
        Pending,
        /// The urgent need was looked at.
        UrgentNeedChecked,
        /// The assessment of needs was begun.
        AssessmentBegun,
        /// The assessment of needs was completed.
        AssessmentCompleted,
        /// Services began.
        ServicesBegun,
        /// A decision was served.
        DecisionServed,
        /// The time for rectification ended.
        RectificationEnded,
        /// The day on which a suspension is looked at again.
        ReviewDue,
        /// The case went on after a suspension.
        Resumed,
    }
}

vocabulary! {
    /// In what the time of a deadline is counted (määräajan yksikkö). The day of the event is day 0.
    pub enum DeadlineUnit ["deadline-unit"] {
        /// Days; a last day that is no working day moves to the next one, but for none at all.
        Day,
        /// Working days (arkipäivät): Monday to Friday but for the free days, Midsummer Eve and Christmas Eve among them.
        WorkingDay,
        /// Months; a last day that is no working day moves to the next one.
        Month,
    }
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its stable key.
    pub key: String,
    /// What it asks.
    pub name: LocalizedText,
    /// Whom it is about; none for everybody.
    pub group: Option<DeadlineGroup>,
    /// It is about urgent needs only.
    pub urgent: bool,
    /// What starts it.
    pub from: DeadlineEvent,
    /// What meets it.
    pub until: DeadlineEvent,
    /// In what it is counted.
    pub unit: DeadlineUnit,
    /// How many of them.
    pub amount: u32,
    /// It is what the network promises, not what the law asks.
    pub promise: bool,
    /// The law or decision behind it.
    pub legal_basis: String,
    /// The rule was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day on which an event starts it.
    pub valid_from: NaiveDate,
    /// The last day on which an event starts it.
    pub valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    fi: String,
    sv: String,
    en: String,
    group: Option<DeadlineGroup>,
    urgent: Option<bool>,
    from: DeadlineEvent,
    until: DeadlineEvent,
    unit: DeadlineUnit,
    amount: u32,
    promise: bool,
    legal_basis: String,
    confirmed: bool,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Every rule, in the order of the table.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(read);
    &RULES
}

fn read() -> Vec<Rule> {
    let rule = |row: Row| Rule {
        key: row.key,
        name: LocalizedText::of(row.fi, row.sv, row.en),
        group: row.group,
        urgent: row.urgent.unwrap_or_default(),
        from: row.from,
        until: row.until,
        unit: row.unit,
        amount: row.amount,
        promise: row.promise,
        legal_basis: row.legal_basis,
        confirmed: row.confirmed,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    };
    dated::rows("deadline rules", include_str!("../data/deadlines.csv")).into_iter().map(rule).collect()
}

/// What the deadlines of a case depend on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whose matter it is.
    pub groups: &'a [DeadlineGroup],
    /// The need is urgent.
    pub urgent: bool,
    /// What has happened, and on which day; the first of a kind counts.
    pub happened: &'a [(DeadlineEvent, NaiveDate)],
}

/// When what the deadlines of a case ask for happened; none for what has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The matter became pending.
    pub pending_at: DateTime<Utc>,
    /// The urgent need was looked at.
    pub urgent_checked_at: Option<DateTime<Utc>>,
    /// The assessment was begun.
    pub opened_at: Option<DateTime<Utc>>,
    /// The assessment was completed.
    pub assessed_at: Option<DateTime<Utc>>,
    /// Services began.
    pub served_at: Option<DateTime<Utc>>,
}

impl Times {
    /// What has happened, and on which day.
    #[must_use]
    pub fn days(&self) -> Vec<(DeadlineEvent, NaiveDate)> {
        let times = [
            (DeadlineEvent::Pending, Some(self.pending_at)),
            (DeadlineEvent::UrgentNeedChecked, self.urgent_checked_at),
            (DeadlineEvent::AssessmentBegun, self.opened_at),
            (DeadlineEvent::AssessmentCompleted, self.assessed_at),
            (DeadlineEvent::ServicesBegun, self.served_at),
        ];
        times.into_iter().filter_map(|(event, at)| at.map(|at| (event, day(at)))).collect()
    }
}

/// A deadline of one case.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The rule behind it.
    pub rule: &'static Rule,
    /// The last day.
    pub due_on: NaiveDate,
    /// The day on which it was met; none while it is not.
    pub met_on: Option<NaiveDate>,
}

impl Deadline {
    /// Its last day has passed, and it is not met.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.met_on.is_none() && self.due_on < today
    }
}

/// So many days before its last day whoever sees to the case is reminded of a deadline.
pub const REMIND_DAYS: u64 = 3;

impl Rule {
    /// The last day of a deadline that starts on `from`.
    #[must_use]
    pub fn due_on(&self, from: NaiveDate) -> NaiveDate {
        match self.unit {
            DeadlineUnit::Day if self.amount == 0 => from,
            DeadlineUnit::Day => working_day::on_or_after(from.checked_add_days(Days::new(self.amount.into())).unwrap_or(from)),
            DeadlineUnit::WorkingDay => working_day::after(from, self.amount),
            DeadlineUnit::Month => working_day::on_or_after(from.checked_add_months(Months::new(self.amount)).unwrap_or(from)),
        }
    }

    fn concerns(&self, facts: &Facts<'_>) -> bool {
        self.group.is_none_or(|group| facts.groups.contains(&group)) && (!self.urgent || facts.urgent)
    }
}

/// The rule that an event starts on a day; none where there is none. For events that are not a case's own.
#[must_use]
pub fn started_by(event: DeadlineEvent, on: NaiveDate) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.from == event && dated::holds(rule.valid_from, rule.valid_to, on))
}

/// The deadlines of a case, the earliest first.
#[must_use]
pub fn deadlines(facts: &Facts<'_>) -> Vec<Deadline> {
    let day = |event| facts.happened.iter().find(|(what, _)| *what == event).map(|(_, day)| *day);
    let of = |rule: &'static Rule| {
        let from = day(rule.from).filter(|from| dated::holds(rule.valid_from, rule.valid_to, *from))?;
        rule.concerns(facts).then(|| Deadline { rule, due_on: rule.due_on(from), met_on: day(rule.until) })
    };
    let mut found: Vec<Deadline> = rules().iter().filter_map(of).collect();
    found.sort_by_key(|deadline| deadline.due_on);
    found
}

/// The deadline that is to be met next: the earliest that is not.
#[must_use]
pub fn next(deadlines: &[Deadline]) -> Option<Deadline> {
    deadlines.iter().find(|deadline| deadline.met_on.is_none()).copied()
}

/// The end of time: the last day of a deadline where there is none.
pub const NEVER: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The key under which one reminder is kept, so that it is given once.
#[must_use]
pub fn reminder_key(case: crate::id::CaseId, worker: &str, deadline: &Deadline) -> String {
    format!("{}:{case}:{}:{}:{worker}", crate::access::NoticeKind::DeadlineApproaching.code(), deadline.rule.key, deadline.due_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(groups: &[DeadlineGroup], urgent: bool, happened: &[(DeadlineEvent, &str)]) -> Vec<(String, String, Option<NaiveDate>)> {
        let happened: Vec<_> = happened.iter().map(|(event, on)| (*event, day(on))).collect();
        let found = deadlines(&Facts { groups, urgent, happened: &happened });
        found.into_iter().map(|d| (d.rule.key.clone(), d.due_on.to_string(), d.met_on)).collect()
    }

    #[test]
    fn an_adult_of_working_age_has_the_promise_and_no_seven_days_by_law() {
        let found = of(&[], false, &[(DeadlineEvent::Pending, "2026-11-27")]);
        let keys: Vec<_> = found.iter().map(|(key, due, _)| (key.as_str(), due.as_str())).collect();
        assert_eq!(keys, [("PROMISE_ASSESSMENT_START", "2026-12-08"), ("DECISION_INTO_EFFECT", "2027-03-01"), ("PROMISE_ASSESSMENT_COMPLETE", "2027-03-01")]);
        assert!(rules().iter().filter(|rule| rule.unit == DeadlineUnit::WorkingDay && !rule.promise).all(|rule| rule.group.is_some()));
    }

    #[test]
    fn the_law_hurries_those_whom_it_names() {
        for (group, key) in [
            (DeadlineGroup::OverSeventyFive, "ASSESSMENT_START_OVER_75"),
            (DeadlineGroup::HighestCareAllowance, "ASSESSMENT_START_CARE_ALLOWANCE"),
            (DeadlineGroup::ChildSpecialSupport, "ASSESSMENT_START_CHILD"),
        ] {
            let found = of(&[group], false, &[(DeadlineEvent::Pending, "2026-12-22")]);
            assert!(found.iter().any(|(k, due, _)| k == key && due == "2027-01-05"), "{found:?}");
        }
    }

    #[test]
    fn an_urgent_need_is_looked_at_on_the_day_even_if_that_is_a_sunday() {
        let found = of(&[], true, &[(DeadlineEvent::Pending, "2026-11-29"), (DeadlineEvent::UrgentNeedChecked, "2026-11-30")]);
        assert_eq!(found[0], ("URGENT_NEED".to_owned(), "2026-11-29".to_owned(), Some(day("2026-11-30"))));
    }

    #[test]
    fn what_is_met_is_not_overdue_and_not_next() {
        let happened = [(DeadlineEvent::Pending, day("2026-01-02")), (DeadlineEvent::AssessmentBegun, day("2026-01-05"))];
        let found = deadlines(&Facts { groups: &[], urgent: false, happened: &happened });
        let today = day("2026-06-01");
        assert_eq!(found.iter().filter(|d| d.is_overdue(today)).count(), 2);
        assert_eq!(next(&found).map(|d| d.rule.until), Some(DeadlineEvent::ServicesBegun));
        assert!(found.iter().all(|d| !d.is_overdue(day("2026-01-03"))));
    }

    #[test]
    fn an_event_before_a_rule_does_not_start_it() {
        let found = of(&[], false, &[(DeadlineEvent::Pending, "2024-01-02")]);
        assert!(found.iter().all(|(key, _, _)| !key.starts_with("PROMISE")));
    }

    #[test]
    fn every_rule_says_where_it_comes_from() {
        assert_eq!(rules().len(), 10);
        for rule in rules() {
            assert!(!rule.legal_basis.is_empty() && rule.name.sv.is_some() && rule.name.en.is_some(), "{}", rule.key);
            assert_eq!(rules().iter().filter(|other| other.key == rule.key).count(), 1);
        }
    }
}
