//! The attacker: somebody who sees what is published, knows how figures hang together and that nothing is hidden that is none, and tries every table that would fit. What
//! is hidden is safe where it could be more than one number. The tables are small and few are many in them, so that all can be tried.
use super::{
    Rendering, ReportName,
    release::Released,
    table::{Base, Beside, Counted, Row, Section, Shape, Table, Told, Whole},
};
use crate::text::LocalizedText;
use proptest::prelude::*;
use std::collections::BTreeSet;

const LEAST: i32 = 3;

fn table(population: i32, shape: Shape, rows: &[i32], beside: Option<Beside>, nested: bool) -> Table {
    let row = |(at, count): (usize, &i32)| Row { within: (nested && at == 1).then_some(0), ..Row::of(at.to_string(), LocalizedText::fi("rivi"), *count) };
    let rows = rows.iter().enumerate().map(row).collect();
    let section = Section { shape, beside, ..Section::partition("S", LocalizedText::fi("osa"), rows) };
    Table { name: ReportName::OtherActivation, whole: Whole::Clients(population), sections: vec![section] }
}

/// Every figure of a section, by its name: those that are true, and those that are told.
fn figures(table: &Table, told: &Told) -> Vec<(String, i32, Option<i32>)> {
    let (section, shown) = (&table.sections[0], &told.sections[0]);
    let total: i32 = section.rows.iter().filter(|row| row.within.is_none()).map(|row| row.count).sum();
    let mut all: Vec<_> =
        section.rows.iter().zip(&shown.rows).map(|(row, told)| (format!("{} of {}", row.key, table.whole.size()), row.count, told.figure.numerator)).collect();
    if let Some(beside) = section.beside {
        all.extend(shown.total.map(|figure| ("total".into(), total, figure.numerator)));
        all.extend(shown.distinct.map(|figure| ("distinct".into(), beside.distinct, figure.numerator)));
        all.extend(shown.without.map(|figure| ("without".into(), table.whole.size() - beside.distinct, figure.numerator)));
    }
    for (section, shown) in table.sections.iter().zip(&told.sections).skip(1) {
        let base: i32 = section.rows.iter().map(|row| row.count).sum();
        all.extend(section.rows.iter().zip(&shown.rows).map(|(row, told)| (format!("{} of {}", row.key, section.key), row.count, told.figure.numerator)));
        all.push((format!("{} as a whole", section.key), base, shown.rows[0].figure.denominator));
    }
    all
}

/// What is seen of a table: how many clients there are, and each figure or that it is hidden.
type View = (Option<i32>, Vec<Option<i32>>);

fn view(table: &Table, told: &Told) -> View {
    (told.population, figures(table, told).into_iter().map(|(_, _, shown)| shown).collect())
}

/// A table could be behind what is seen: what is shown is so, and what is hidden is not nothing, for that would be shown.
fn could_be(seen: &View, population: i32, truth: &[i32]) -> bool {
    seen.0 == Some(population) && seen.1.iter().zip(truth).all(|(shown, value)| shown.map_or(*value > 0, |shown| shown == *value))
}

/// How many clients a table has, what its figures are called and what they are.
type Truth = (i32, Vec<String>, Vec<i32>);

fn truth(table: &Table) -> Truth {
    let all = figures(table, &table.render(Rendering::Internal, LEAST, &[]));
    let (names, values) = all.into_iter().map(|(name, value, _)| (name, value)).unzip();
    (table.whole.size(), names, values)
}

/// What can be found out of some of these tables by somebody who sees how each is published: the faults. Where not even the number of clients is told, nothing is: the
/// whole answer is refused.
fn attack(tables: &[Table], publish: impl Fn(&Table) -> Told) -> Vec<String> {
    let truths: Vec<_> = tables.iter().map(truth).collect();
    let views: BTreeSet<_> = tables.iter().map(|table| view(table, &publish(table))).filter(|(population, _)| population.is_some()).collect();
    views.iter().flat_map(|seen| found_out(seen, &truths)).collect()
}

fn found_out(seen: &View, truths: &[Truth]) -> Vec<String> {
    let fits: Vec<_> = truths.iter().filter(|(population, _, values)| could_be(seen, *population, values)).collect();
    let mut faults = Vec::new();
    for (at, shown) in seen.1.iter().enumerate() {
        let (population, name) = (fits[0].0, &fits[0].1[at]);
        let values: BTreeSet<_> = fits.iter().map(|(_, _, values)| values[at]).collect();
        if shown.is_none() && values.len() == 1 {
            faults.push(format!("{name} is {values:?} in {seen:?}"));
        }
        let small = |value: i32| value > 0 && value < LEAST;
        // Of a part of a section it is what is left of that section that counts.
        let of_all = name != "total" && !name.ends_with(" of A") && !name.ends_with(" of B");
        if shown.is_some_and(|value| small(value) || (of_all && small(population - value))) {
            faults.push(format!("{name} is shown in {seen:?}"));
        }
    }
    faults
}

/// Every row of so many numbers up to a most.
fn every(rows: usize, most: i32) -> Vec<Vec<i32>> {
    (0..rows).fold(vec![Vec::new()], |all, _| all.into_iter().flat_map(|row| (0..=most).map(move |next| row.iter().copied().chain([next]).collect())).collect())
}

fn partitions(rows: usize, most: i32) -> Vec<Table> {
    let whole = every(rows, most).into_iter().filter(|counts| (LEAST..=most).contains(&counts.iter().sum()));
    whole.map(|counts| table(counts.iter().sum(), Shape::Partition, &counts, None, false)).collect()
}

fn nested(most: i32) -> Vec<Table> {
    let fits = |counts: &Vec<i32>| counts[1] <= counts[0] && (LEAST..=most).contains(&(counts[0] + counts[2] + counts[3]));
    every(4, most).into_iter().filter(fits).map(|counts| table(counts[0] + counts[2] + counts[3], Shape::Partition, &counts, None, true)).collect()
}

fn overlapping(rows: usize, most: i32, total: bool) -> Vec<Table> {
    let mut tables = Vec::new();
    for population in LEAST..=most {
        for counts in every(rows, population) {
            let (greatest, sum) = (counts.iter().copied().max().unwrap_or_default(), counts.iter().sum::<i32>());
            for distinct in greatest..=sum.min(population) {
                tables.push(table(population, Shape::Overlapping, &counts, Some(Beside { total, distinct }), false));
            }
        }
    }
    tables
}

/// Two rows, and two sections that make them up row by row.
fn split(most: i32) -> Vec<Table> {
    let fits = |counts: &Vec<i32>| (LEAST..=most).contains(&counts.iter().sum());
    let section = |key: &str, rows: [i32; 2]| {
        let rows = rows.iter().enumerate().map(|(at, count)| Row::of(at.to_string(), LocalizedText::fi("rivi"), *count)).collect();
        Section::partition(key, LocalizedText::fi("osa"), rows)
    };
    let table = |counts: Vec<i32>| {
        let part = |key: &str, rows: [i32; 2]| Section { splits: Some(0), ..section(key, rows).based(Base::Part(rows.iter().sum())) };
        let whole = section("S", [counts[0] + counts[2], counts[1] + counts[3]]);
        let sections = vec![whole, part("A", [counts[0], counts[1]]), part("B", [counts[2], counts[3]])];
        Table { name: ReportName::ConsentStatistics, whole: Whole::Others(Counted::Consents, counts.iter().sum()), sections }
    };
    every(4, most).into_iter().filter(fits).map(table).collect()
}

fn publish(table: &Table) -> Told {
    table.render(Rendering::Publishable, LEAST, &[])
}

#[test]
fn nobody_finds_a_hidden_figure_among_rows_that_make_up_the_whole() {
    for tables in [partitions(2, 12), partitions(3, 10), partitions(4, 8), nested(9)] {
        assert_eq!(attack(&tables, publish), Vec::<String>::new());
    }
}

#[test]
fn nobody_finds_a_hidden_figure_by_totals_or_by_who_is_in_none() {
    for tables in [overlapping(1, 9, true), overlapping(2, 9, true), overlapping(2, 9, false), overlapping(3, 6, true), overlapping(3, 6, false)] {
        assert_eq!(attack(&tables, publish), Vec::<String>::new());
    }
}

#[test]
fn nobody_finds_a_hidden_figure_among_sections_that_make_up_another() {
    assert_eq!(attack(&split(9), publish), Vec::<String>::new());
}

#[test]
fn the_attacker_finds_what_the_primary_rule_alone_hides() {
    let primary = |table: &Table| {
        let mut told = table.render(Rendering::Internal, LEAST, &[]);
        for row in &mut told.sections[0].rows {
            row.figure.numerator = row.figure.numerator.filter(|count| *count == 0 || *count >= LEAST);
        }
        told
    };
    assert!(attack(&partitions(3, 10), primary).iter().any(|fault| fault.starts_with("0 of 6 is {1}")));
}

/// Two tables of the same clients, the later with all who were in the earlier, as they are told one after the other.
fn one_after_the_other(most: i32) -> Vec<[Table; 2]> {
    let earlier = partitions(2, most);
    let grown = |one: &Table, other: &Table| {
        let rows = |table: &Table| table.sections[0].rows.iter().map(|row| row.count).collect::<Vec<_>>();
        rows(one).iter().zip(rows(other)).all(|(before, after)| *before <= after)
    };
    let pairs = |one: &Table| earlier.iter().filter(|other| grown(one, other)).map(|other| [one.clone(), other.clone()]).collect::<Vec<_>>();
    earlier.iter().flat_map(pairs).collect()
}

/// What two answers tell together.
fn between(pairs: &[[Table; 2]], publish: impl Fn(&Table, &[Released]) -> Told) -> Vec<String> {
    let truths: Vec<_> = pairs.iter().map(|pair| pair.each_ref().map(truth)).collect();
    let seen = |[one, other]: &[Table; 2]| {
        let first = publish(one, &[]);
        let second = publish(other, std::slice::from_ref(&first.cells));
        [view(one, &first), view(other, &second)]
    };
    let views: BTreeSet<_> = pairs.iter().map(seen).filter(|seen| seen.iter().all(|(population, _)| population.is_some())).collect();
    let mut faults = Vec::new();
    for seen in views {
        let fits = |pair: &&[Truth; 2]| seen.iter().zip(*pair).all(|(seen, (population, _, values))| could_be(seen, *population, values));
        let fits: Vec<_> = truths.iter().filter(fits).collect();
        for row in 0..seen[1].1.len() {
            let came: BTreeSet<_> = fits.iter().map(|[before, after]| after.2[row] - before.2[row]).collect();
            let values: BTreeSet<_> = fits.iter().map(|[_, after]| after.2[row]).collect();
            let few = came.len() == 1 && came.iter().all(|came| *came > 0 && *came < LEAST);
            if few || (seen[1].1[row].is_none() && values.len() == 1) {
                faults.push(format!("row {row}: {came:?} came in {seen:?}"));
            }
        }
    }
    faults
}

#[test]
fn nobody_finds_the_few_who_came_between_two_answers() {
    let pairs = one_after_the_other(11);
    assert_eq!(between(&pairs, |table, released| table.render(Rendering::Publishable, LEAST, released)), Vec::<String>::new());
    // Without the ledger it would be found out.
    assert!(!between(&pairs, |table, _| publish(table)).is_empty());
}

fn told(rows: &[i32], beside: Beside, least: i32) -> (Vec<Option<i32>>, Option<i32>) {
    let told = table(158, Shape::Overlapping, rows, Some(beside), false).render(Rendering::Publishable, least, &[]);
    let section = &told.sections[0];
    (section.rows.iter().map(|row| row.figure.numerator).collect(), section.total.and_then(|figure| figure.numerator))
}

#[test]
fn the_tables_of_the_seed_are_told_as_the_design_says() {
    // Chapter 7.6: with k of 5, other activation hides 3 and 2, and participation stays; with 10, co-operation hides 7 and 25 beside its total.
    let activation = told(&[18, 17, 3, 11, 2], Beside { total: false, distinct: 45 }, 5);
    assert_eq!(activation, (vec![Some(18), Some(17), None, Some(11), None], None));
    let purchased = told(&[25, 17, 23, 19, 33, 12], Beside { total: true, distinct: 101 }, 5);
    assert_eq!(purchased, (vec![Some(25), Some(17), Some(23), Some(19), Some(33), Some(12)], Some(129)));
    assert_eq!(told(&[25, 28, 7], Beside { total: true, distinct: 55 }, 5), (vec![Some(25), Some(28), Some(7)], Some(60)));
    assert_eq!(told(&[25, 28, 7], Beside { total: true, distinct: 55 }, 10), (vec![None, Some(28), None], Some(60)));
}

#[test]
fn that_nobody_or_everybody_has_it_is_hidden_of_hardship() {
    let hard = |count| {
        let mut table = table(40, Shape::Partition, &[count, 40 - count], None, false);
        for row in &mut table.sections[0].rows {
            row.sensitive = true;
        }
        publish(&table).sections[0].rows[0].figure.numerator
    };
    assert_eq!([hard(0), hard(2), hard(20), hard(38), hard(40)], [None, None, Some(20), None, None]);
}

#[test]
fn shares_are_rounded_half_up_and_not_told_of_few() {
    let figure =
        |population, count, rendering| table(population, Shape::Overlapping, &[count], None, false).render(rendering, 5, &[]).sections[0].rows[0].figure;
    let one = figure(158, 76, Rendering::Publishable);
    assert_eq!((one.numerator, one.denominator, one.share, one.percent(), one.suppressed), (Some(76), Some(158), Some(4_810), Some(48), false));
    assert_eq!(figure(200, 25, Rendering::Internal).percent(), Some(13));
    assert_eq!(figure(19, 9, Rendering::Publishable).share, None);
    assert_eq!(figure(19, 9, Rendering::Internal).share, Some(4_737));
    assert_eq!(figure(0, 0, Rendering::Publishable).share, None);
}

proptest! {
    /// What can be reckoned by a reader who goes from one sum to the next, in tables too large to try all.
    #[test]
    fn no_sum_leaves_one_figure_unknown(counts in prop::collection::vec(0_i32..40, 1..8), others in 0_i32..60, least in 5_i32..12) {
        let population = counts.iter().sum::<i32>() + others;
        prop_assume!(population >= least);
        let mut rows = counts;
        rows.push(others);
        let told = table(population, Shape::Partition, &rows, None, false).render(Rendering::Publishable, least, &[]);
        let hidden: Vec<_> = rows.iter().zip(&told.sections[0].rows).filter(|(_, row)| row.figure.suppressed).map(|(count, _)| *count).collect();
        prop_assert!(told.population.is_none() || hidden.len() != 1, "{:?}", rows);
        for (count, row) in rows.iter().zip(&told.sections[0].rows) {
            if row.figure.numerator.is_some() {
                let small = |value: i32| value > 0 && value < least;
                prop_assert!(!small(*count) && !small(population - *count), "{:?}", rows);
            }
        }
    }
}
