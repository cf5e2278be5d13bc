//! A session (kerta): one meeting of an offering; and the series of sessions that a recurrence rule gives.
use crate::{
    id::OrganizationId,
    machine::machine,
    rejection::{Code, Rejection},
    scalar::RecurrenceRule,
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Europe::Helsinki, Tz};
use rrule::Frequency;

vocabulary! {
    /// What became of a session (kerran tila).
    pub enum SessionState ["session-state"] {
        /// It is to be held.
        Planned,
        /// It was held.
        Held,
        /// It was cancelled, with a reason.
        Cancelled,
    }
}

machine! {
    /// A move of the session machine.
    SessionState as "Session (kerta)", pub enum SessionMove {
        /// Hold it at another time or with another leader.
        Move,
        /// Cancel it.
        Cancel,
        /// Record that it was held.
        Hold,
    }
    Planned -- Move -> Planned;
    Planned -- Cancel -> Cancelled;
    Planned -- Hold -> Held;
}

/// The most sessions that one rule may give at once.
pub const MAX_SESSIONS: usize = 400;
/// How far ahead one rule may plan, in days: three years.
pub const MAX_DAYS: i64 = 3 * 366;
/// The longest session, in minutes: a day.
pub const MAX_MINUTES: i32 = 24 * 60;

/// The instant of a wall-clock time in Finland. In the hour that comes twice in autumn, the first.
///
/// # Errors
/// [`Code::NoSuchLocalTime`] in the hour that is left out in spring.
pub fn instant(local: NaiveDateTime, field: &str) -> Result<DateTime<Utc>, Rejection> {
    Helsinki.from_local_datetime(&local).earliest().map(|t| t.to_utc()).ok_or_else(|| Rejection::new(Code::NoSuchLocalTime, &[field]))
}

/// The day in Finland on which an instant falls.
#[must_use]
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Helsinki).date_naive()
}

/// The first moment of a day in Finland.
#[must_use]
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    Helsinki.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

/// The first moment after a day in Finland.
#[must_use]
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    start_of(day.succ_opt().unwrap_or(day))
}

/// Somebody who is there at a moment has come to a session of these times: from two hours before it until its day is over.
#[must_use]
pub fn is_on(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    starts_at <= at + TimeDelta::hours(2) && day(at) <= day(ends_at)
}

/// The wall-clock time in Finland of an instant.
#[must_use]
pub fn local(at: DateTime<Utc>) -> DateTime<Tz> {
    at.with_timezone(&Helsinki)
}

/// The starts that a rule gives from `first` on, by the clock on the wall, until the end of the day `until`.
///
/// # Errors
/// [`Code::Invalid`] when the rule does not hold together, [`Code::RuleCount`] when it gives none or more than [`MAX_SESSIONS`].
pub fn expand(rule: &RecurrenceRule, first: NaiveDateTime, until: NaiveDate) -> Result<Vec<DateTime<Utc>>, Rejection> {
    let zone = rrule::Tz::Europe__Helsinki;
    let invalid = || Rejection::new(Code::Invalid, &["rule"]);
    let latest = first.date() + TimeDelta::days(MAX_DAYS);
    if until < first.date() || until > latest {
        return Err(Rejection::with(Code::OutOfRange, &["until"], format!("{}–{latest}", first.date())));
    }
    instant(first, "time")?;
    let start = zone.from_local_datetime(&first).earliest().ok_or_else(invalid)?;
    let end = until.and_hms_opt(23, 59, 59).and_then(|end| zone.from_local_datetime(&end).latest()).ok_or_else(invalid)?;
    let rule: rrule::RRule<rrule::Unvalidated> = rule.as_str().parse().map_err(|_| invalid())?;
    // Sessions recur by days: finer rules mean nothing here, and cost more the less they find.
    let by_days = matches!(rule.get_freq(), Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly);
    let finer = [rule.get_by_hour(), rule.get_by_minute(), rule.get_by_second()].iter().any(|parts| !parts.is_empty());
    if !by_days || finer || !rule.get_by_year_day().is_empty() || !rule.get_by_week_no().is_empty() {
        return Err(invalid());
    }
    let set = rule.build(start).map_err(|_| invalid())?.before(end + TimeDelta::seconds(1));
    let limit = u16::try_from(MAX_SESSIONS + 1).unwrap_or(u16::MAX);
    let starts: Vec<_> = set.all(limit).dates.into_iter().map(|t| t.to_utc()).collect();
    if starts.is_empty() || starts.len() > MAX_SESSIONS {
        let count = if starts.is_empty() { "0".to_owned() } else { format!("> {MAX_SESSIONS}") };
        return Err(Rejection::with(Code::RuleCount, &["rule"], count));
    }
    Ok(starts)
}

vocabulary! {
    /// Why a session of the last season is left out of the next (kertaa ei kopioida).
    pub enum LeftOut ["session-omission"] {
        /// It was cancelled.
        WasCancelled,
        /// It would fall on a public holiday or the eve of one that is free (pyhäpäivä).
        FreeDay,
    }
}

/// By how many days a season is moved that has begun on `first`, to begin on `from` or soon after: whole weeks, so that each session keeps its day of the week.
#[must_use]
pub fn season_shift(first: NaiveDate, from: NaiveDate) -> TimeDelta {
    let days = (from - first).num_days();
    TimeDelta::weeks(days.div_euclid(7) + i64::from(days.rem_euclid(7) > 0))
}

/// The same meeting so many days later, at the same time by the clock on the wall.
///
/// # Errors
/// [`Code::NoSuchLocalTime`] in the hour that is left out in spring.
pub fn shifted(at: DateTime<Utc>, by: TimeDelta, field: &str) -> Result<DateTime<Utc>, Rejection> {
    instant(local(at).naive_local() + by, field)
}

/// Two meetings go on at the same time: one that begins as the other ends does not.
#[must_use]
pub fn overlap(one: (DateTime<Utc>, DateTime<Utc>), other: (DateTime<Utc>, DateTime<Utc>)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// Who leads a session: a worker's account, a name as everybody may know it, or both; and for which organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader<'a> {
    /// The organisation.
    pub organization: OrganizationId,
    /// The stable key of the worker.
    pub account: Option<&'a str>,
    /// The name.
    pub name: Option<&'a str>,
}

impl Leader<'_> {
    /// The same person, as far as it is known: by the account, wherever the worker works; without one on both sides by the name, within an organisation.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        match (self.account, other.account) {
            (Some(one), Some(other)) => one == other,
            _ => self.organization == other.organization && self.name.zip(other.name).is_some_and(|(one, other)| text::fold(one) == text::fold(other)),
        }
    }
}

/// Start and end make a session: the end after the start, at most a day long.
///
/// # Errors
/// [`Code::DateOrder`] or [`Code::OutOfRange`].
pub fn check_length(minutes: i32) -> Result<TimeDelta, Rejection> {
    if !(5..=MAX_MINUTES).contains(&minutes) {
        return Err(Rejection::with(Code::OutOfRange, &["minutes"], format!("5–{MAX_MINUTES}")));
    }
    Ok(TimeDelta::minutes(i64::from(minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveTime;

    fn at(date: &str, time: &str) -> NaiveDateTime {
        date.parse::<NaiveDate>().unwrap().and_time(time.parse::<NaiveTime>().unwrap())
    }
    fn rule(text: &str) -> RecurrenceRule {
        RecurrenceRule::parse(text).unwrap()
    }

    #[test]
    fn a_weekly_session_keeps_its_wall_clock_time_across_the_clock_change() {
        let starts = expand(&rule("FREQ=WEEKLY;BYDAY=TU"), at("2026-10-20", "10:00"), "2026-11-03".parse().unwrap()).unwrap();
        let utc: Vec<_> = starts.iter().map(DateTime::to_rfc3339).collect();
        assert_eq!(utc, ["2026-10-20T07:00:00+00:00", "2026-10-27T08:00:00+00:00", "2026-11-03T08:00:00+00:00"]);
        assert!(starts.iter().all(|s| local(*s).format("%H:%M").to_string() == "10:00"));
    }

    #[test]
    fn a_season_is_moved_by_whole_weeks_to_the_first_such_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (from, first) in [("2027-01-12", "2027-01-12"), ("2027-01-11", "2027-01-12"), ("2027-01-13", "2027-01-19"), ("2026-09-01", "2026-09-01")] {
            // A Tuesday.
            assert_eq!(day("2026-09-01") + season_shift(day("2026-09-01"), day(from)), day(first), "{from}");
        }
        let winter = shifted(at("2026-09-01", "7:00").and_utc(), TimeDelta::weeks(20), "x").unwrap();
        assert_eq!(winter.to_rfc3339(), "2027-01-19T08:00:00+00:00", "ten o'clock in summer and in winter");
    }

    #[test]
    fn what_ends_as_another_begins_is_not_at_the_same_time() {
        let hour = |h: u32| at("2026-10-20", &format!("{h}:00")).and_utc();
        assert!(overlap((hour(10), hour(12)), (hour(11), hour(13))) && overlap((hour(10), hour(13)), (hour(11), hour(12))));
        assert!(!overlap((hour(10), hour(12)), (hour(12), hour(13))) && !overlap((hour(12), hour(13)), (hour(10), hour(12))));
    }

    #[test]
    fn a_leader_is_known_by_account_and_without_one_by_name_at_home() {
        let (here, there) = (OrganizationId::new(), OrganizationId::new());
        let leader = |organization, account, name| Leader { organization, account, name };
        assert!(leader(here, Some("a"), Some("Aino")).is_same(leader(there, Some("a"), Some("Aino M."))));
        assert!(!leader(here, Some("a"), Some("Aino")).is_same(leader(here, Some("b"), Some("Aino"))), "two who are called the same");
        assert!(leader(here, None, Some("aino ")).is_same(leader(here, Some("a"), Some("Aino"))));
        assert!(!leader(here, None, Some("Aino")).is_same(leader(there, None, Some("Aino"))));
        assert!(!leader(here, None, None).is_same(leader(here, None, None)));
    }

    #[test]
    fn the_hour_left_out_in_spring_is_refused() {
        assert_eq!(instant(at("2027-03-28", "03:30"), "x").unwrap_err().code, Code::NoSuchLocalTime);
    }

    #[test]
    fn the_hour_that_comes_twice_in_autumn_is_the_first() {
        assert_eq!(instant(at("2026-10-25", "03:30"), "x").unwrap().to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn a_rule_that_would_search_for_ever_is_refused_at_once() {
        for (bomb, until, code) in [
            ("FREQ=HOURLY;BYYEARDAY=366;BYHOUR=3;BYDAY=MO", "2027-10-20", Code::Invalid),
            ("FREQ=SECONDLY", "2026-10-21", Code::Invalid),
            ("FREQ=DAILY;BYSECOND=0,1,2", "2026-10-21", Code::Invalid),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "9999-12-31", Code::OutOfRange),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2029-10-01", Code::RuleCount),
        ] {
            assert_eq!(expand(&rule(bomb), at("2026-10-20", "10:00"), until.parse().unwrap()).unwrap_err().code, code, "{bomb}");
        }
    }

    #[test]
    fn a_rule_without_end_is_bounded_and_an_empty_one_refused() {
        let many = expand(&rule("FREQ=DAILY"), at("2026-10-20", "10:00"), "2028-10-20".parse().unwrap());
        assert_eq!(many.unwrap_err().code, Code::RuleCount);
        let none = expand(&rule("FREQ=WEEKLY;BYDAY=TU"), at("2026-10-21", "10:00"), "2026-10-22".parse().unwrap());
        assert_eq!(none.unwrap_err().code, Code::RuleCount);
    }
}
