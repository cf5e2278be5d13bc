//! What was told before (julkaisuloki): two publishable answers of the same clients are not to be subtracted from each other. Source: chapter 7.6 of the design of the
//! domain.
use super::{
    Cut, ReportName,
    cohort::Cohort,
    suppression::{Bond, Cell, Sheet},
    table::POPULATION,
};
use crate::rejection::{Code, Rejection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The figures that were told, each by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct Released(pub BTreeMap<String, i32>);

impl Released {
    /// Binds the figures of a table that is to be told to those that were: what has come or gone since can be reckoned from both, and is as small as it is.
    pub(super) fn bind_to(&self, sheet: &mut Sheet, names: &BTreeMap<String, usize>) {
        let mut since = BTreeMap::new();
        for (name, before) in &self.0 {
            let Some(now) = names.get(name) else { continue };
            let difference = sheet.value(*now) - before;
            let then = sheet.add(Cell::told(*before));
            let change = sheet.add(Cell::implied(difference.abs(), false));
            let (whole, part) = if difference < 0 { (then, *now) } else { (*now, then) };
            sheet.bind(Bond::Sum { whole, parts: vec![part, change] });
            since.insert(*now, (change, difference < 0));
        }
        for bond in sheet.bonds().to_vec() {
            if let Bond::Sum { whole, parts } = bond {
                bind_changes(sheet, &since, whole, &parts);
            }
        }
    }
}

/// What has come to the parts has come to the whole: nothing else is known of changes where some came and others went.
fn bind_changes(sheet: &mut Sheet, since: &BTreeMap<usize, (usize, bool)>, whole: usize, parts: &[usize]) {
    let changes: Option<Vec<_>> = parts.iter().map(|part| since.get(part).copied()).collect();
    let Some(((whole, fell), changes)) = since.get(&whole).copied().zip(changes) else { return };
    let same_way = changes.iter().all(|(change, part_fell)| sheet.value(*change) == 0 || *part_fell == fell);
    if same_way {
        sheet.bind(Bond::Sum { whole, parts: changes.into_iter().map(|(change, _)| change).collect() });
    }
}

/// Of what a report is told (rajaus).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of the clients of a cohort: all reports of these hang together.
    Cohort(Cohort),
    /// Of what an organisation has recorded otherwise: each report by itself.
    Own(ReportName, Cut),
}

impl Scope {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cohort(one), Self::Cohort(other)) => one == other,
            (Self::Own(name, one), Self::Own(other_name, other)) => name == other_name && one.is(other),
            _ => false,
        }
    }

    /// Nothing is counted under both, or what is counted is of another kind.
    fn is_apart_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cohort(one), Self::Cohort(other)) => one.is_apart_from(other),
            (Self::Own(name, one), Self::Own(other_name, other)) => name != other_name || one.is_apart_from(other),
            _ => true,
        }
    }

    /// What is to be asked otherwise.
    fn path(&self, other: &Self) -> &'static str {
        match (self, other) {
            (Self::Own(_, one), Self::Own(_, other)) => {
                if one.area == other.area {
                    "from"
                } else {
                    "area"
                }
            }
            _ => "cohort",
        }
    }
}

/// What was told before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Of what.
    pub scope: Scope,
    /// The figures.
    pub cells: Released,
}

/// The earlier answers that are about the same.
///
/// # Errors
/// [`Code::ReleasedOtherwise`] where an answer was given about what is cut otherwise and may share clients, visits or whatever is counted with this: one could be
/// subtracted from the other. The first cut stays the cut.
pub fn of_same<'a>(scope: &Scope, earlier: impl IntoIterator<Item = &'a Earlier>) -> Result<Vec<Released>, Rejection> {
    let mut same = Vec::new();
    for one in earlier {
        if one.scope.is(scope) {
            same.push(one.cells.clone());
        } else if !one.scope.is_apart_from(scope) {
            return Err(Rejection::new(Code::ReleasedOtherwise, &[scope.path(&one.scope)]));
        }
    }
    Ok(same)
}

/// So few clients have come or gone since an earlier answer that even how many there are would tell of them.
///
/// # Errors
/// [`Code::ReleasedLately`].
pub fn check_population(told: Option<i32>) -> Result<i32, Rejection> {
    told.ok_or_else(|| Rejection::new(Code::ReleasedLately, &["asOf"]))
}

impl Released {
    /// How many clients the cohort had.
    #[must_use]
    pub fn population(&self) -> Option<i32> {
        self.0.get(POPULATION).copied()
    }
}
