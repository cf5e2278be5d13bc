//! National thresholds of public procurement (kansalliset kynnysarvot): dated data beside this crate, with the law behind each. From the threshold on
//! the act binds the procedure; below it a purchase is a small one.
use crate::{dated, funding::procurement::ProcurementCategory, money::Money};
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::LazyLock;

/// One threshold, for as long as it holds.
#[derive(Clone, Debug, Deserialize)]
pub struct Threshold {
    /// What is bought.
    pub category: ProcurementCategory,
    /// The estimated value from which on the act binds the procedure, in cents without value added tax.
    pub cents: i32,
    /// The law behind it.
    pub law: String,
    /// It was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day on which a procurement that begins is bound by it.
    pub valid_from: NaiveDate,
    /// The last such day; none while it holds.
    pub valid_to: Option<NaiveDate>,
}

impl Threshold {
    /// A procurement of this estimated value is bound.
    #[must_use]
    pub const fn binds(&self, value: Money) -> bool {
        value.amount_cents >= self.cents
    }
}

/// Every threshold, in the order of the table.
pub fn thresholds() -> &'static [Threshold] {
    static THRESHOLDS: LazyLock<Vec<Threshold>> = LazyLock::new(|| dated::rows("thresholds", include_str!("../../data/procurement-thresholds.csv")));
    &THRESHOLDS
}

/// The threshold of a category on a day; none before the first one.
#[must_use]
pub fn threshold(category: ProcurementCategory, on: NaiveDate) -> Option<&'static Threshold> {
    thresholds().iter().find(|row| row.category == category && dated::holds(row.valid_from, row.valid_to, on))
}

/// The threshold that binds a procurement of this estimated value which begins on a day; none for a small purchase.
#[must_use]
pub fn binding(category: ProcurementCategory, value: Money, on: NaiveDate) -> Option<&'static Threshold> {
    threshold(category, on).filter(|row| row.binds(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_one_threshold_a_day_with_its_law() {
        for category in ProcurementCategory::ALL {
            let of: Vec<_> = thresholds().iter().filter(|row| row.category == *category).collect();
            assert!(!of.is_empty(), "{category:?}");
            for (i, row) in of.iter().enumerate() {
                assert!(row.cents > 0 && row.law.contains("1397/2016"), "{category:?}");
                let overlaps =
                    |other: &&Threshold| other.valid_to.is_none_or(|to| row.valid_from <= to) && row.valid_to.is_none_or(|to| other.valid_from <= to);
                assert!(!of[i + 1..].iter().any(overlaps), "{category:?}");
            }
        }
    }

    #[test]
    fn the_act_binds_from_the_threshold_on_and_not_below_nor_before() {
        let day = |text: &str| text.parse().unwrap();
        let binds = |cents, on| binding(ProcurementCategory::SocialAndHealth, Money { amount_cents: cents }, day(on)).is_some();
        assert!(binds(40_000_000, "2026-11-28"));
        assert!(!binds(39_999_999, "2026-11-28"));
        assert!(!binds(40_000_000, "2016-12-31"));
    }
}
