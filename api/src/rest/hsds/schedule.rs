//! When something is given, as recurrences. HSDS knows weekly and monthly ones and no exceptions, and its times are those of one offset from UTC. So what recurs
//! is cut where a session is missing, was moved, or the clock is changed; and what it cannot say is told one by one. What is told is what is held, neither more
//! nor less.
use super::{object::Schedule, taxonomy::made};
use crate::snapshot::Snapshot;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, Utc, Weekday};
use domain::{
    catalogue::{
        route::{RouteCall, TransportRouteContent},
        session::{SessionState, day, expand, instant, local},
    },
    id::VenueId,
    scalar::RecurrenceRule,
};
use entity::catalogue::{service_offering, session, session_series, transport_route};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

const WEEK: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// So many weeks of a timetable without end are looked at: two changes of the clock lie in them.
const WEEKS_AHEAD: i64 = 54;

/// A recurrence as HSDS can say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule {
    freq: &'static str,
    interval: u32,
    byday: Option<String>,
    bymonthday: Option<String>,
    wkst: Option<String>,
}

impl Rule {
    /// The rule in the words of HSDS; none where it has no words for it. The end is told by the last day, so a count is not needed.
    fn of(rule: &str, first: NaiveDateTime) -> Option<Self> {
        let rule = rule.to_ascii_uppercase();
        let mut parts: BTreeMap<&str, &str> = rule.split(';').filter_map(|part| part.split_once('=')).collect();
        let mut take = |name| parts.remove(name).map(str::to_owned);
        let (freq, byday, bymonthday, wkst) = (take("FREQ")?, take("BYDAY"), take("BYMONTHDAY"), take("WKST"));
        let interval = take("INTERVAL").map_or(Some(1), |text| text.parse().ok())?;
        take("COUNT");
        take("UNTIL");
        if !parts.is_empty() {
            return None;
        }
        let rule = |freq, byday, bymonthday| Some(Self { freq, interval, byday, bymonthday, wkst });
        match (freq.as_str(), bymonthday) {
            ("WEEKLY", None) => rule("WEEKLY", Some(byday.unwrap_or_else(|| self::byday(first.weekday()))), None),
            // Every day is on each day of the week.
            ("DAILY", None) if interval == 1 => rule("WEEKLY", Some(byday.unwrap_or_else(|| WEEK.join(","))), None),
            ("MONTHLY", None) if byday.is_none() => rule("MONTHLY", None, Some(first.day().to_string())),
            ("MONTHLY", bymonthday) => rule("MONTHLY", byday, bymonthday),
            _ => None,
        }
    }
}

/// One or several meetings at the same time of the day.
struct Spell {
    id: Uuid,
    /// None of a single one.
    rule: Option<Rule>,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    length: TimeDelta,
    /// Another place than usual.
    venue: Option<VenueId>,
}

/// By how many seconds the clock on the wall is ahead of UTC.
fn ahead(at: DateTime<Utc>) -> i32 {
    local(at).offset().fix().local_minus_utc()
}

impl Spell {
    fn told(self) -> Schedule {
        let (first, last) = (local(self.first), local(self.last).date_naive());
        let clock = |at: DateTime<Utc>| Some(local(at).format("%H:%M%:z").to_string());
        let single = self.rule.is_none();
        let rule = self.rule.unwrap_or(Rule { freq: "WEEKLY", interval: 1, ..Rule::default() });
        Schedule {
            id: self.id,
            location_id: self.venue.map(|venue| venue.0),
            valid_from: Some(first.date_naive().to_string()),
            valid_to: Some(last.to_string()),
            dtstart: Some(first.date_naive().to_string()),
            timezone: Some(ahead(self.first) / 3_600),
            until: (!single).then(|| last.to_string()),
            count: single.then_some(1),
            wkst: rule.wkst,
            freq: Some(rule.freq),
            interval: Some(rule.interval),
            byday: rule.byday,
            bymonthday: rule.bymonthday,
            opens_at: clock(self.first),
            closes_at: clock(self.first + self.length),
            ..Schedule::default()
        }
    }
}

/// The sessions of an offering that are planned for today or later.
pub fn of_sessions(s: &Snapshot, offering: &service_offering::Model, today: NaiveDate) -> Vec<Schedule> {
    let sessions: Vec<&session::Model> = s.sessions_of(offering.id).iter().map(|i| &**s.sessions.at(*i)).collect();
    let planned: Vec<_> = sessions.into_iter().filter(|row| row.state == SessionState::Planned && day(row.starts_at) >= today).collect();
    let mut told = HashSet::new();
    let mut spells = Vec::new();
    for series in s.series_of(offering.id).iter().map(|i| s.series.at(*i)) {
        for (spell, ids) in runs(series, offering, &planned) {
            told.extend(ids);
            spells.push(spell);
        }
    }
    let singles = planned.into_iter().filter(|row| !told.contains(&row.id)).map(|row| Spell {
        id: row.id.0,
        rule: None,
        first: row.starts_at,
        last: row.starts_at,
        length: row.ends_at - row.starts_at,
        venue: elsewhere(row, offering),
    });
    spells.extend(singles);
    spells.sort_by_key(|spell| (spell.first, spell.id));
    spells.into_iter().map(Spell::told).collect()
}

fn elsewhere(row: &session::Model, offering: &service_offering::Model) -> Option<VenueId> {
    row.venue_id.filter(|venue| offering.content.venue != Some(*venue))
}

/// What of a series is held as its rule says, cut where it is not; each run with its sessions.
fn runs(series: &session_series::Model, offering: &service_offering::Model, planned: &[&session::Model]) -> Vec<(Spell, Vec<domain::id::SessionId>)> {
    let said = Rule::of(&series.rule, series.first_start).zip(RecurrenceRule::parse(&series.rule).ok());
    let Some((rule, parsed)) = said else { return Vec::new() };
    let Ok(starts) = expand(&parsed, series.first_start, series.until_on) else { return Vec::new() };
    let length = TimeDelta::minutes(i64::from(series.minutes));
    let as_ruled = |row: &&&session::Model| {
        row.series_id == Some(series.id) && row.starts_at == row.planned_start && row.ends_at - row.starts_at == length && elsewhere(row, offering).is_none()
    };
    let held: BTreeMap<_, _> = planned.iter().filter(as_ruled).map(|row| (row.starts_at, row.id)).collect();
    let Some(earliest) = held.keys().next() else { return Vec::new() };
    let mut out: Vec<(Spell, Vec<_>)> = Vec::new();
    let mut goes_on = false;
    for start in starts.into_iter().filter(|start| start >= earliest) {
        let Some(id) = held.get(&start) else {
            goes_on = false;
            continue;
        };
        match out.last_mut().filter(|(run, _)| goes_on && ahead(run.last) == ahead(start)) {
            Some((run, ids)) => {
                run.last = start;
                ids.push(*id);
            }
            None => out.push((Spell { id: Uuid::nil(), rule: Some(rule.clone()), first: start, last: start, length, venue: None }, vec![*id])),
        }
        goes_on = true;
    }
    for (run, _) in &mut out {
        // By the end, since the beginning goes by with time.
        run.id = made(series.id.0, &run.last.to_rfc3339());
    }
    out
}

/// When a vehicle stands at some of the stops of its route, from today until the second change of the clock from now, or to the end of the timetable.
pub fn of_calls(route: &transport_route::Model, stops: &[usize], today: NaiveDate) -> Vec<Schedule> {
    let at = |call: &&RouteCall| usize::try_from(call.stop).is_ok_and(|stop| stops.contains(&stop));
    route.content.calendar.iter().filter(at).flat_map(|call| seasons(route, call, today)).map(Spell::told).collect()
}

fn seasons(route: &transport_route::Model, call: &RouteCall, today: NaiveDate) -> Vec<Spell> {
    let TransportRouteContent { valid_from, valid_to, .. } = &route.content;
    let from = valid_from.map_or(today, |first| first.0.max(today));
    let of_week = |date: &NaiveDate| domain::catalogue::route::Weekday::from(date.weekday()) == call.weekday;
    let Some(first) = from.iter_days().take(7).find(of_week) else { return Vec::new() };
    let horizon = first + TimeDelta::weeks(WEEKS_AHEAD);
    let ends = valid_to.is_some_and(|last| last.0 < horizon);
    let last = valid_to.map_or(horizon, |last| last.0.min(horizon));
    let mut out: Vec<Spell> = Vec::new();
    for date in first.iter_weeks().take_while(|date| *date <= last) {
        let Ok(start) = instant(date.and_time(call.from.0), "from") else { continue };
        if let Some(spell) = out.last_mut().filter(|spell| ahead(spell.last) == ahead(start)) {
            spell.last = start;
        } else {
            let rule = Rule { freq: "WEEKLY", interval: 1, byday: Some(byday(date.weekday())), ..Rule::default() };
            let length = call.to.0 - call.from.0;
            out.push(Spell { id: Uuid::nil(), rule: Some(rule), first: start, last: start, length, venue: None });
        }
    }
    if !ends {
        out.pop();
    }
    for spell in &mut out {
        spell.id = made(route.id.0, &format!("{} {}", call.stop, spell.last.to_rfc3339()));
    }
    out
}

fn byday(day: Weekday) -> String {
    WEEK[day.num_days_from_monday() as usize].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rule: &str) -> Option<(&'static str, u32, Option<String>, Option<String>)> {
        // A Tuesday.
        let first = "2026-03-31T10:00:00".parse().unwrap();
        Rule::of(rule, first).map(|rule| (rule.freq, rule.interval, rule.byday, rule.bymonthday))
    }

    #[test]
    fn what_hsds_has_words_for_is_said_in_them() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(said("FREQ=WEEKLY;COUNT=4"), Some(("WEEKLY", 1, text("TU"), None)));
        assert_eq!(said("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU"), Some(("WEEKLY", 2, text("TU,TH"), None)));
        assert_eq!(said("FREQ=DAILY"), Some(("WEEKLY", 1, text("MO,TU,WE,TH,FR,SA,SU"), None)));
        assert_eq!(said("freq=daily;byday=mo,fr"), Some(("WEEKLY", 1, text("MO,FR"), None)));
        assert_eq!(said("FREQ=MONTHLY;INTERVAL=3"), Some(("MONTHLY", 3, None, text("31"))));
        assert_eq!(said("FREQ=MONTHLY;BYDAY=-1TU"), Some(("MONTHLY", 1, text("-1TU"), None)));
    }

    #[test]
    fn what_it_has_no_words_for_is_not_said_wrongly() {
        for rule in
            ["FREQ=DAILY;INTERVAL=2", "FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "FREQ=WEEKLY;BYMONTH=3", "FREQ=DAILY;BYMONTHDAY=1", "COUNT=2"]
        {
            assert_eq!(said(rule), None, "{rule}");
        }
    }
}
