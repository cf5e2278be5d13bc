//! Working days (arkipäivät) in Finland: Monday to Friday but for the free days, which are data beside this crate.
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Weekday};
use serde::Deserialize;
use std::{collections::BTreeSet, sync::LazyLock};

/// A rule that gives one free day a year.
#[derive(Deserialize)]
struct FreeDay {
    /// The recurrence rule (RFC 5545, and `BYEASTER` for days that move with Easter).
    rule: String,
    /// The first day on which the rule holds.
    valid_from: Option<NaiveDate>,
    /// The last day on which the rule holds.
    valid_to: Option<NaiveDate>,
}

/// The years for which the free days are worked out; outside them only Saturdays and Sundays are free.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

fn free_days() -> &'static BTreeSet<NaiveDate> {
    static DAYS: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| read().unwrap_or_else(|| unreachable!("the free days are part of the program")));
    &DAYS
}

fn read() -> Option<BTreeSet<NaiveDate>> {
    let midnight = |year: i32, month, day| -> Option<DateTime<rrule::Tz>> { rrule::Tz::UTC.with_ymd_and_hms(year, month, day, 0, 0, 0).single() };
    let (start, end) = (midnight(*YEARS.start(), 1, 1)?, midnight(*YEARS.end(), 12, 31)?);
    let mut days = BTreeSet::new();
    for row in csv::Reader::from_reader(include_str!("../data/free-days.csv").as_bytes()).deserialize::<FreeDay>() {
        let row = row.ok()?;
        let rule: rrule::RRule<rrule::Unvalidated> = row.rule.parse().ok()?;
        let found = rule.build(start).ok()?.before(end).all(1_000).dates.into_iter().map(|at| at.date_naive());
        days.extend(found.filter(|day| row.valid_from.is_none_or(|from| *day >= from) && row.valid_to.is_none_or(|to| *day <= to)));
    }
    Some(days)
}

/// A day is one of the free days, whatever day of the week it is.
#[must_use]
pub fn is_free_day(day: NaiveDate) -> bool {
    free_days().contains(&day)
}

/// A day is a working day: neither Saturday nor Sunday nor a free day. Midsummer Eve and Christmas Eve are free days.
#[must_use]
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !free_days().contains(&day)
}

/// The day itself, or the next working day where it is none.
#[must_use]
pub fn on_or_after(mut day: NaiveDate) -> NaiveDate {
    while !is_working_day(day) {
        day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    }
    day
}

/// The `count`-th working day after a day, which itself does not count.
#[must_use]
pub fn after(mut day: NaiveDate, count: u32) -> NaiveDate {
    for _ in 0..count {
        day = on_or_after(day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_free_days_of_three_years_are_those_of_the_almanac() {
        for (year, weekdays) in [
            (2024, "01-01 03-29 04-01 05-01 05-09 06-21 12-06 12-24 12-25 12-26"),
            (2026, "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25"),
            (2027, "01-01 01-06 03-26 03-29 05-06 06-25 12-06 12-24"),
        ] {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let free: Vec<_> = first
                .iter_days()
                .take_while(|d| d.year() == year)
                .filter(|d| !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !is_working_day(*d))
                .map(|d| d.format("%m-%d").to_string())
                .collect();
            // Epiphany of 2024 was a Saturday.
            assert_eq!(free.join(" "), weekdays, "{year}");
        }
    }

    #[test]
    fn midsummer_and_all_saints_move_to_their_saturdays() {
        for (eve, year) in [("2024-06-21", 2024), ("2025-06-20", 2025), ("2026-06-19", 2026), ("2031-06-20", 2031)] {
            let found: Vec<_> = free_days().iter().filter(|d| d.year() == year && d.month() == 6 && d.day() > 18).copied().collect();
            assert_eq!(found, [day(eve), day(eve) + Days::new(1)]);
        }
        assert!(free_days().contains(&day("2026-10-31")) && free_days().contains(&day("2025-11-01")) && !free_days().contains(&day("2026-11-07")));
    }

    #[test]
    fn a_saturday_is_free_only_when_the_almanac_says_so() {
        assert!(is_free_day(day("2026-10-31")) && is_free_day(day("2026-12-25")));
        assert!(!is_free_day(day("2026-11-28")) && !is_free_day(day("2026-11-30")));
    }

    #[test]
    fn working_days_are_counted_over_weekends_and_feasts() {
        assert_eq!(after(day("2026-11-27"), 7), day("2026-12-08"));
        assert_eq!(after(day("2026-12-22"), 2), day("2026-12-28"));
        assert_eq!(after(day("2026-04-02"), 1), day("2026-04-07"));
        assert_eq!(on_or_after(day("2026-12-24")), day("2026-12-28"));
        assert_eq!(on_or_after(day("2026-11-27")), day("2026-11-27"));
    }
}
