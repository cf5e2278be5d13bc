//! What purchased services have cost (kustannukset): what was delivered to clients of the cohort and accepted, at its frozen price. What an organisation's own work costs is not
//! recorded, and not in it. Source: chapter 7.5 of the design of the domain.
use super::{
    Moments, ReportName,
    activation::PathFact,
    cohort::{Population, count},
    table::{Mean, MeanUnit, Section, Table, Whole},
};
use crate::{
    casework::follow_on_path::PathDestination,
    catalogue::service::{ProvisionMode, ReportClass},
    code::Coded,
    id::ClientId,
    text::LocalizedText,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What an accepted delivery has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// For whom.
    pub client: ClientId,
    /// The day on which the service was given.
    pub on: NaiveDate,
    /// In cents.
    pub cents: i64,
    /// Under which row the service counts, where it has one.
    pub class: Option<ReportClass>,
}

/// What each client has cost.
fn by_client<'a>(spent: impl Iterator<Item = &'a Spent>) -> BTreeMap<ClientId, i64> {
    let mut sums = BTreeMap::<_, i64>::new();
    for one in spent {
        let sum = sums.entry(one.client).or_default();
        *sum = sum.saturating_add(one.cents);
    }
    sums
}

fn mean(sums: &BTreeMap<ClientId, i64>) -> Option<Mean> {
    let cents: Vec<_> = sums.values().map(|cents| i32::try_from(*cents).unwrap_or(i32::MAX)).collect();
    Mean::of(&cents, MeanUnit::Euros)
}

fn of_cohort<'a>(population: &Population, spent: &'a [Spent], moments: Moments) -> Vec<&'a Spent> {
    spent.iter().filter(|one| one.on <= moments.as_of && population.has(one.client)).collect()
}

/// What purchased services have cost a client (kustannus asiakasta kohden), of those who had any: of all of them, and by the row of the service.
#[must_use]
pub fn cost_per_client(population: &Population, spent: &[Spent], moments: Moments) -> Table {
    let all = of_cohort(population, spent, moments);
    let title = LocalizedText::of("Kaikki ostetut palvelut", "Alla köpta tjänster", "All purchased services");
    let mut sections = vec![Section::average("ALL", title, mean(&by_client(all.iter().copied())))];
    for class in ReportClass::ALL.iter().filter(|class| class.provision() == ProvisionMode::Purchased) {
        let of_class = by_client(all.iter().copied().filter(|one| one.class == Some(*class)));
        sections.push(Section::average(class.code(), class.label(), mean(&of_class)));
    }
    Table { name: ReportName::CostPerClient, whole: Whole::Clients(population.size()), sections }
}

/// What purchased services have cost for each client who has come to the end of a path (kustannus päätökseen tullutta polkua kohden): all that was spent on the
/// cohort, for whomever, falls to those who have arrived. Beside it, what these alone have cost.
#[must_use]
pub fn cost_per_completed_path(population: &Population, spent: &[Spent], paths: &[PathFact], moments: Moments) -> Table {
    let all = of_cohort(population, spent, moments);
    let arrived = |path: &&PathFact| path.destination != PathDestination::None && path.arrived_on.is_some_and(|on| on <= moments.as_of);
    let completed: BTreeSet<_> = paths.iter().filter(arrived).map(|path| path.client).filter(|client| population.has(*client)).collect();
    let total = all.iter().map(|one| one.cents).fold(0_i64, i64::saturating_add);
    let mut theirs: BTreeMap<_, i64> = completed.iter().map(|client| (*client, 0)).collect();
    theirs.extend(by_client(all.iter().copied().filter(|one| completed.contains(&one.client))));
    let shared = LocalizedText::of(
        "Kohortin kaikki kustannukset päätökseen tullutta polkua kohden",
        "Kohortens alla kostnader per slutförd väg",
        "All costs of the cohort for each completed path",
    );
    let own = LocalizedText::of(
        "Niiden asiakkaiden kustannukset, joiden polku tuli päätökseen",
        "Kostnaderna för de klienter vilkas väg slutfördes",
        "Costs of the clients whose path was completed",
    );
    let sections =
        vec![Section::average("SHARED", shared, Mean::shared(total, count(completed.len()), MeanUnit::Euros)), Section::average("OWN", own, mean(&theirs))];
    Table { name: ReportName::CostPerCompletedPath, whole: Whole::Clients(population.size()), sections }
}
