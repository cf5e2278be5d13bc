//! Waiting times (odotusajat) against what the law asks and the network promises. Those who wait still are counted beside those who have waited: of those alone the
//! times would look shorter than they are. Source: chapters 1.1 and 7.5 of the design of the domain.
use super::{
    Moments, ReportName,
    cohort::{CaseFact, Cohort, Population, count, first_pending},
    table::{Base, Mean, MeanUnit, Row, Section, Table, Whole},
};
use crate::{
    deadline::{Deadline, DeadlineEvent, Facts, Rule, deadlines, rules},
    text::LocalizedText,
};
use chrono::NaiveDate;

/// How it went with a deadline, or how it goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waited {
    InTime,
    Late,
    Overdue,
    StillInTime,
    Ended,
}

/// How it was with a deadline of a case at the end of a day.
fn waited(deadline: &Deadline, closed_on: Option<NaiveDate>, as_of: NaiveDate) -> Waited {
    match deadline.met_on {
        Some(on) if on <= deadline.due_on => Waited::InTime,
        Some(_) => Waited::Late,
        None if closed_on.is_some_and(|on| on <= as_of) => Waited::Ended,
        None if deadline.is_overdue(as_of) => Waited::Overdue,
        None => Waited::StillInTime,
    }
}

/// The deadlines of a case that run from its becoming pending, as they stood at the end of a day: what happened later had not happened.
fn standing(case: &CaseFact, as_of: NaiveDate) -> Vec<(Deadline, Waited, Option<i32>)> {
    let happened: Vec<_> = case.times.days().into_iter().filter(|(_, on)| *on <= as_of).collect();
    let pending_on = happened.iter().find(|(event, _)| *event == DeadlineEvent::Pending).map(|(_, on)| *on);
    let found = deadlines(&Facts { groups: &case.groups, urgent: case.urgent, happened: &happened });
    let days = |deadline: &Deadline| deadline.met_on.zip(pending_on).and_then(|(met, from)| i32::try_from((met - from).num_days()).ok());
    let of_pending = found.into_iter().filter(|deadline| deadline.rule.from == DeadlineEvent::Pending);
    of_pending.map(|deadline| (deadline, waited(&deadline, case.closed_on, as_of), days(&deadline))).collect()
}

/// How long clients waited (odotusajat), by each rule of the first case that became pending.
#[must_use]
pub fn waiting_times(population: &Population, cases: &[CaseFact], cohort: &Cohort, moments: Moments) -> Table {
    let first = first_pending(cases, cohort, moments.as_of);
    let standings: Vec<_> = first.iter().flat_map(|case| standing(case, moments.as_of)).collect();
    let by_rule = |rule: &'static Rule| {
        let of_rule: Vec<_> = standings.iter().filter(|(deadline, ..)| deadline.rule.key == rule.key).collect();
        let row = |key: &str, label: LocalizedText, how: Waited| Row::of(key, label, count(of_rule.iter().filter(|(_, waited, _)| *waited == how).count()));
        let rows = vec![
            row("IN_TIME", LocalizedText::of("Toteutui määräajassa", "Inom tiden", "In time"), Waited::InTime),
            row("LATE", LocalizedText::of("Toteutui myöhässä", "För sent", "Late"), Waited::Late),
            row("OVERDUE", LocalizedText::of("Odottaa, määräaika ylitetty", "Väntar, tiden har gått ut", "Waits, overdue"), Waited::Overdue),
            row("STILL_IN_TIME", LocalizedText::of("Odottaa määräajassa", "Väntar inom tiden", "Waits, still in time"), Waited::StillInTime),
            row("ENDED", LocalizedText::of("Päättyi ennen toteutumista", "Avslutades före det", "Ended before it happened"), Waited::Ended),
        ];
        let days: Vec<_> = of_rule.iter().filter_map(|(.., days)| days.map(|days| days.saturating_mul(100))).collect();
        let mean = Mean::of(&days, MeanUnit::Days).map(|mean| Mean { of_rows: vec![0, 1], ..mean });
        Section { mean, ..Section::partition(rule.key.as_str(), rule.name.clone(), rows).based(Base::Part(count(of_rule.len()))) }
    };
    let sections = rules().iter().filter(|rule| rule.from == DeadlineEvent::Pending).map(by_rule).collect();
    // Whoever has an opened case of the cohort had it pending before.
    Table { name: ReportName::WaitingTimes, whole: Whole::Waiting { clients: population.size(), all: count(first.len()) }, sections }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        deadline::Times,
        id::{CaseId, ClientId},
        report::{Rendering, table::Counted},
    };
    use chrono::{DateTime, Utc};

    fn at(day: &str) -> DateTime<Utc> {
        format!("{day}T08:00:00Z").parse().unwrap()
    }

    fn case(client: ClientId, pending: &str, opened: Option<&str>) -> CaseFact {
        let times = Times { pending_at: at(pending), urgent_checked_at: None, opened_at: opened.map(at), assessed_at: None, served_at: None };
        CaseFact {
            case: CaseId::new(),
            client,
            service_task: "WORKING_AGE_SERVICES".into(),
            times,
            groups: Vec::new(),
            urgent: false,
            closed_on: None,
            referrer: None,
        }
    }

    fn told(cases: &[CaseFact], as_of: &str) -> Table {
        let moments = Moments { as_of: as_of.parse().unwrap(), known_at: at("2026-12-31") };
        waiting_times(&Population::of(cases, &Cohort::default(), moments), cases, &Cohort::default(), moments)
    }

    fn promise(table: &Table) -> (Vec<i32>, Option<i32>) {
        let section = table.sections.iter().find(|section| section.key == "PROMISE_ASSESSMENT_START").unwrap();
        (section.rows.iter().map(|row| row.count).collect(), section.mean.as_ref().map(|mean| mean.hundredths))
    }

    #[test]
    fn those_who_wait_still_are_counted_and_what_came_later_had_not_happened() {
        let clients: Vec<_> = (0..4).map(|_| ClientId::new()).collect();
        let cases = [
            case(clients[0], "2026-03-02", Some("2026-03-04")),
            // Later than seven working days.
            case(clients[1], "2026-03-02", Some("2026-03-22")),
            case(clients[2], "2026-03-02", None),
            // A second matter of somebody who has one already is no second client.
            case(clients[0], "2026-03-09", None),
            case(clients[3], "2026-04-20", None),
        ];
        assert_eq!(promise(&told(&cases, "2026-03-31")), (vec![1, 1, 1, 0, 0], Some(1_100)));
        assert_eq!(told(&cases, "2026-03-31").whole, Whole::Waiting { clients: 2, all: 3 });
        assert_eq!(promise(&told(&cases, "2026-03-10")), (vec![1, 0, 0, 2, 0], Some(200)));
        assert_eq!(promise(&told(&cases, "2026-04-21")), (vec![1, 1, 1, 1, 0], Some(1_100)));
        let ended = CaseFact { closed_on: Some("2026-03-05".parse().unwrap()), ..case(clients[2], "2026-03-02", None) };
        assert_eq!(promise(&told(&[ended], "2026-03-31")), (vec![0, 0, 0, 0, 1], None));
    }

    #[test]
    fn nothing_is_published_where_so_few_wait_that_they_could_be_told_by_subtracting() {
        let opened = (0..20).map(|_| case(ClientId::new(), "2026-03-02", Some("2026-03-04")));
        let waiting = |many: usize| (0..many).map(|_| case(ClientId::new(), "2026-03-02", None)).collect::<Vec<_>>();
        let opened: Vec<_> = opened.collect();
        for (many, is_told) in [(0, true), (2, false), (5, true)] {
            let told = told(&[opened.clone(), waiting(many)].concat(), "2026-03-31").render(Rendering::Publishable, 5, &[]);
            assert_eq!((told.counted, told.population.is_some()), (Counted::Waiting, is_told), "{many}");
            let shown = told.sections.iter().flat_map(|section| &section.rows).any(|row| row.figure.numerator.is_some());
            assert_eq!(shown, is_told, "{many}");
        }
    }
}
