//! How clients have changed by an instrument (muutos mittarilla): only of pairs, a measurement at the beginning and one at the end of the same case by the same version
//! of the instrument, and only by what was answered both times. Source: chapters 1.10 and 7.5 of the design of the domain.
use super::{
    Moments, ReportName,
    cohort::{Population, count},
    table::{Base, Mean, MeanUnit, Row, Section, Table, Whole},
};
use crate::{
    casework::instrument::{Instrument, InstrumentAnswer, MeasurementPhase, Scoring},
    id::{CaseId, ClientId},
    text::LocalizedText,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What a client was measured by.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Whose.
    pub client: ClientId,
    /// In which case.
    pub case: CaseId,
    /// In which phase.
    pub phase: MeasurementPhase,
    /// The day.
    pub on: NaiveDate,
    /// The version of the instrument that was answered.
    pub version: String,
    /// The answers.
    pub answers: Vec<InstrumentAnswer>,
}

type Pair<'a> = (&'a Measured, &'a Measured);

/// The pair of each client: the first measurement of a case at the beginning, and the last at its end; of several cases the one that was measured first.
fn pairs<'a>(population: &Population, measured: &'a [Measured], as_of: NaiveDate) -> Vec<Pair<'a>> {
    let mut by_case = BTreeMap::<CaseId, (Option<&Measured>, Option<&Measured>)>::new();
    for one in measured.iter().filter(|one| one.on <= as_of && population.has_case(one.case)) {
        let (first, last) = by_case.entry(one.case).or_default();
        match one.phase {
            MeasurementPhase::Baseline if first.is_none_or(|other| one.on < other.on) => *first = Some(one),
            MeasurementPhase::Final if last.is_none_or(|other| other.on < one.on) => *last = Some(one),
            _ => {}
        }
    }
    let mut found = BTreeMap::<ClientId, Pair>::new();
    for (first, last) in by_case.into_values().filter_map(|(first, last)| first.zip(last)).filter(|(first, last)| first.version == last.version) {
        let one = found.entry(first.client).or_insert((first, last));
        if first.on < one.0.on {
            *one = (first, last);
        }
    }
    found.into_values().collect()
}

/// The answers of both that were given both times.
fn in_both(pair: &Pair) -> [Vec<InstrumentAnswer>; 2] {
    let of = |one: &Measured, other: &Measured| {
        one.answers.iter().filter(|answer| other.answers.iter().any(|there| there.item == answer.item)).cloned().collect::<Vec<_>>()
    };
    [of(pair.0, pair.1), of(pair.1, pair.0)]
}

fn sections(key: &str, title: &LocalizedText, values: &[(i32, i32)], higher_is_better: bool) -> [Section; 3] {
    let better = |(before, after): &(i32, i32)| if higher_is_better { after > before } else { after < before };
    let so_many = |is: &dyn Fn(&(i32, i32)) -> bool| count(values.iter().filter(|one| is(one)).count());
    let titled = |fi: &str, sv: &str, en: &str| {
        let of = |text: &Option<String>| text.clone().unwrap_or_else(|| title.fi.clone());
        LocalizedText::of(format!("{}: {fi}", title.fi), format!("{}: {sv}", of(&title.sv)), format!("{}: {en}", of(&title.en)))
    };
    let mean = |value: fn(&(i32, i32)) -> i32| Mean::of(&values.iter().map(value).collect::<Vec<_>>(), MeanUnit::Points);
    let rows = vec![
        Row::of("BETTER", LocalizedText::of("Parani", "Bättre", "Better"), so_many(&better)),
        Row::of("SAME", LocalizedText::of("Ennallaan", "Oförändrad", "Unchanged"), so_many(&|(before, after)| before == after)),
        Row::of("WORSE", LocalizedText::of("Heikkeni", "Sämre", "Worse"), so_many(&|one| one.0 != one.1 && !better(one))),
    ];
    let pairs = Base::Part(count(values.len()));
    let change = Section::partition(format!("{key}_CHANGE"), titled("muutos", "förändring", "change"), rows).based(pairs);
    [
        Section::average(format!("{key}_BEFORE"), titled("alussa", "i början", "at the beginning"), mean(|one| one.0)).based(pairs),
        Section::average(format!("{key}_AFTER"), titled("lopussa", "i slutet", "at the end"), mean(|one| one.1)).based(pairs),
        Section { mean: mean(|one| one.1 - one.0), ..change },
    ]
}

/// How clients have changed by an instrument: its score, and each item where it has several.
#[must_use]
pub fn outcome_change(population: &Population, instrument: &Instrument, measured: &[Measured], moments: Moments) -> Table {
    let pairs = pairs(population, measured, moments.as_of);
    let score = |pair: &Pair| {
        let [before, after] = in_both(pair).map(|answers| instrument.mean_hundredths(&answers));
        before.zip(after)
    };
    let mut told = Vec::new();
    if instrument.scoring == Scoring::Mean {
        let values: Vec<_> = pairs.iter().filter_map(score).collect();
        told.extend(sections(&instrument.key, &instrument.name, &values, instrument.higher_is_better));
    }
    for item in instrument.items.iter().filter(|_| instrument.items.len() > 1) {
        let answer = |one: &Measured| one.answers.iter().find(|answer| answer.item == item.key).map(|answer| answer.value.saturating_mul(100));
        let values: Vec<_> = pairs.iter().filter_map(|(before, after)| answer(before).zip(answer(after))).collect();
        let key = format!("{}_{}", instrument.key, item.key.to_uppercase());
        told.extend(sections(&key, &item.text, &values, instrument.higher_is_better));
    }
    Table { name: ReportName::OutcomeChange, whole: Whole::Clients(population.size()), sections: told }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        casework::instrument::instrument,
        deadline::Times,
        report::{
            Rendering,
            cohort::{CaseFact, Cohort},
        },
    };
    use chrono::{DateTime, Utc};

    fn opened() -> DateTime<Utc> {
        "2026-01-05T08:00:00Z".parse().unwrap()
    }

    fn cases(many: usize) -> Vec<CaseFact> {
        let times = Times { pending_at: opened(), urgent_checked_at: None, opened_at: Some(opened()), assessed_at: None, served_at: None };
        let case = |_| CaseFact {
            case: CaseId::new(),
            client: ClientId::new(),
            service_task: "WORKING_AGE_SERVICES".into(),
            times,
            groups: Vec::new(),
            urgent: false,
            closed_on: None,
            referrer: None,
        };
        (0..many).map(case).collect()
    }

    fn moments(as_of: &str) -> Moments {
        Moments { as_of: as_of.parse().unwrap(), known_at: opened() }
    }

    fn measured(case: &CaseFact, phase: MeasurementPhase, on: &str, answers: &[(&str, i32)]) -> Measured {
        let answers = answers.iter().map(|(item, value)| InstrumentAnswer { item: (*item).into(), value: *value }).collect();
        Measured { client: case.client, case: case.case, phase, on: on.parse().unwrap(), version: "1".into(), answers }
    }

    fn change(table: &Table, key: &str) -> (Base, Vec<i32>, Option<i32>) {
        let section = table.sections.iter().find(|section| section.key == key).unwrap();
        (section.base, section.rows.iter().map(|row| row.count).collect(), section.mean.as_ref().map(|mean| mean.hundredths))
    }

    #[test]
    fn only_pairs_of_one_case_by_one_version_and_by_what_was_answered_both_times_count() {
        use MeasurementPhase::{Baseline, Final, FollowUp, Interim};
        let cases = cases(5);
        let was = |case: usize, phase, on: &str, value| measured(&cases[case], phase, on, &[("work_ability", value)]);
        let all = [
            was(0, Baseline, "2026-01-10", 3),
            was(0, Baseline, "2026-02-10", 9),
            was(0, Final, "2026-05-10", 4),
            was(0, Final, "2026-06-10", 6),
            was(1, Baseline, "2026-01-10", 5),
            was(1, Final, "2026-06-10", 4),
            // No pairs: one has no end, one no beginning, one was answered by another version.
            was(2, Baseline, "2026-01-10", 1),
            was(2, Interim, "2026-03-10", 9),
            was(3, Final, "2026-06-10", 9),
            was(3, FollowUp, "2026-07-10", 9),
            was(4, Baseline, "2026-01-10", 0),
            Measured { version: "2".into(), ..was(4, Final, "2026-06-10", 10) },
        ];
        let told = |as_of: &str| outcome_change(&Population::of(&cases, &Cohort::default(), moments(as_of)), instrument("WAS").unwrap(), &all, moments(as_of));
        assert_eq!(change(&told("2026-12-31"), "WAS_CHANGE"), (Base::Part(2), vec![1, 0, 1], Some(100)));
        assert_eq!(change(&told("2026-05-31"), "WAS_CHANGE"), (Base::Part(1), vec![1, 0, 0], Some(100)));
        assert_eq!(told("2026-12-31").sections.len(), 3);
        let partial = [
            measured(&cases[0], Baseline, "2026-01-10", &[("health", 2), ("family", 10)]),
            measured(&cases[0], Final, "2026-06-10", &[("health", 4), ("housing", 0)]),
        ];
        let table =
            outcome_change(&Population::of(&cases, &Cohort::default(), moments("2026-12-31")), instrument("X3_10D").unwrap(), &partial, moments("2026-12-31"));
        // It has no score of its own: each item is told by itself.
        assert!(table.sections.iter().all(|section| section.key != "X3_10D_CHANGE"));
        assert_eq!(change(&table, "X3_10D_HEALTH_CHANGE"), (Base::Part(1), vec![1, 0, 0], Some(200)));
        assert_eq!(change(&table, "X3_10D_FAMILY_CHANGE"), (Base::Part(0), vec![0, 0, 0], None));
    }

    #[test]
    fn an_average_of_fewer_than_ten_pairs_is_withheld() {
        for (many, is_told) in [(9, false), (10, true)] {
            let cases = cases(many);
            let pair = |case: &CaseFact| {
                [MeasurementPhase::Baseline, MeasurementPhase::Final].map(|phase| measured(case, phase, "2026-03-01", &[("work_ability", 5)]))
            };
            let all: Vec<_> = cases.iter().flat_map(pair).collect();
            let population = Population::of(&cases, &Cohort::default(), moments("2026-12-31"));
            let told = outcome_change(&population, instrument("WAS").unwrap(), &all, moments("2026-12-31")).render(Rendering::Publishable, 5, &[]);
            assert_eq!(told.sections[2].mean.and_then(|mean| mean.hundredths), is_told.then_some(0), "{many}");
        }
    }
}
