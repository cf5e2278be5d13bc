//! Quantities and prices (määrät ja hinnat): whole hundredths of a unit and whole cents, and prices that hold from a day on.
use crate::{
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// In what a service is counted (määrän yksikkö).
    pub enum QuantityUnit ["quantity-unit"] {
        /// Hour (tunti).
        Hour,
        /// Session or visit (kerta).
        Session,
        /// Day (päivä).
        Day,
        /// Week (viikko).
        Week,
        /// Month (kuukausi).
        Month,
    }
}

/// How much of a service (määrä), in hundredths of its unit: 150 is one and a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "QuantityInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quantity {
    /// Hundredths of the unit.
    pub hundredths: i32,
}

/// The most of a service that a line, a decision or an order speaks of.
pub const MOST: Quantity = Quantity { hundredths: 100_000_000 };
/// The dearest unit.
pub const DEAREST: Money = Money { amount_cents: 100_000_000 };
/// The highest rate of value added tax, in basis points.
const HIGHEST_VAT: i32 = 5_000;

impl Quantity {
    /// More than nothing, and at most [`MOST`].
    pub fn check(self, field: &str, out: &mut Rejections) {
        if !(1..=MOST.hundredths).contains(&self.hundredths) {
            out.add_with(Code::OutOfRange, &[field, "hundredths"], format!("1–{}", MOST.hundredths));
        }
    }

    /// What so much costs, in cents; half a cent is rounded up.
    #[must_use]
    pub fn cost(self, price: Money) -> i64 {
        (i64::from(self.hundredths) * i64::from(price.amount_cents) + 50).div_euclid(100)
    }
}

/// The value added tax on an amount without it, in cents; half a cent is rounded up. `rate_bp` is in basis points.
#[must_use]
pub fn vat(cents: i64, rate_bp: i32) -> i64 {
    (cents * i64::from(rate_bp) + 5_000).div_euclid(10_000)
}

/// What a unit costs with value added tax, in cents.
#[must_use]
pub fn gross(price: Money, vat_rate_bp: i32) -> i64 {
    let net = i64::from(price.amount_cents);
    net + vat(net, vat_rate_bp)
}

/// A price that holds from a day on, until the day before the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "DatedPriceInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatedPrice {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The price of a unit, without value added tax.
    pub price: Money,
    /// The rate of value added tax in basis points: 2550 is 25.5 per cent. Social services of a registered producer are exempt, which is 0.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub vat_rate_bp: i32,
    /// Why it is another than before: the index, the option, what was agreed; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl DatedPrice {
    /// What a unit costs with value added tax, in cents.
    #[must_use]
    pub fn gross_cents(&self) -> i64 {
        gross(self.price, self.vat_rate_bp)
    }

    /// The same, from a day on at the earliest.
    #[must_use]
    pub fn from_no_earlier(self, day: NaiveDate) -> Self {
        Self { valid_from: self.valid_from.max(Date(day)), ..self }
    }

    /// The same with its text as it is kept.
    #[must_use]
    pub fn tidy(self) -> Self {
        Self { reason: self.reason.as_deref().map(text::tidy), ..self }
    }

    /// The same without what was said between two sides.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { reason: None, ..self }
    }

    /// Every fault of a price.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.price.check("price", DEAREST, &mut out);
        if !(0..=HIGHEST_VAT).contains(&self.vat_rate_bp) {
            out.add_with(Code::OutOfRange, &["vatRateBp"], format!("0–{HIGHEST_VAT}"));
        }
        text::check_some(self.reason.as_deref(), &["reason"], 500, &mut out);
        out
    }
}

/// The prices of a line (hinnat), the earliest first: each holds until the next one begins, so that there is one price a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct Prices(Vec<DatedPrice>);

/// How often a price may change in the life of a line.
const MOST_PRICES: usize = 100;

impl Prices {
    /// One price, from its day on.
    #[must_use]
    pub fn of(first: DatedPrice) -> Self {
        Self(vec![first])
    }

    /// The same with the first price from another day on: the contract is still written on, and begins on that day.
    #[must_use]
    pub fn begun_on(&self, day: Date) -> Self {
        let mut prices = self.0.clone();
        if let Some(first) = prices.first_mut() {
            first.valid_from = day;
        }
        Self(prices)
    }

    /// The price that holds on a day; none before the first.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&DatedPrice> {
        self.0.iter().rev().find(|price| price.valid_from.0 <= day)
    }

    /// The price of the day before, or the first one where none held by then: what a price from a day on follows.
    #[must_use]
    pub fn before(&self, day: NaiveDate) -> Option<&DatedPrice> {
        day.pred_opt().and_then(|eve| self.on(eve)).or_else(|| self.0.first())
    }

    /// Each price that holds with its last day, the earliest first; none for the one that goes on.
    pub fn each(&self) -> impl Iterator<Item = (&DatedPrice, Option<NaiveDate>)> {
        let each = self.0.iter().enumerate().map(|(i, price)| (price, self.0.get(i + 1).and_then(|next| next.valid_from.0.pred_opt())));
        each.filter(|(price, to)| to.is_none_or(|to| price.valid_from.0 <= to))
    }

    /// The same with another price from its day on; what was to hold from that day or later gives way. What has held is never changed: orders were made by it. The
    /// first is kept, though another takes its place from its own day on: what both sides have signed stays known.
    ///
    /// # Errors
    /// [`Code::TooEarly`] for a day that is past, [`Code::TooLong`] after too many changes.
    pub fn with(&self, next: DatedPrice, today: NaiveDate) -> Result<Self, Rejection> {
        if next.valid_from.0 < today {
            return Err(Rejection::with(Code::TooEarly, &["price", "validFrom"], today.to_string()));
        }
        if self.0.len() >= MOST_PRICES {
            return Err(Rejection::with(Code::TooLong, &["price"], MOST_PRICES.to_string()));
        }
        let stays = |(i, price): &(usize, &DatedPrice)| price.valid_from < next.valid_from || *i == 0 && price.valid_from == next.valid_from;
        let mut prices: Vec<_> = self.0.iter().enumerate().filter(stays).map(|(_, price)| price.clone()).collect();
        prices.push(next);
        Ok(Self(prices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn price(from: &str, cents: i32) -> DatedPrice {
        DatedPrice { valid_from: Date(day(from)), price: Money { amount_cents: cents }, vat_rate_bp: 0, reason: None }
    }

    #[test]
    fn half_a_cent_is_rounded_up_and_nothing_overflows() {
        let cost = |hundredths, cents| Quantity { hundredths }.cost(Money { amount_cents: cents });
        assert_eq!(cost(150, 3_333), 5_000, "4999.5");
        assert_eq!(cost(149, 3_333), 4_966, "4966.17");
        assert_eq!(cost(100, 1), 1);
        assert_eq!(cost(MOST.hundredths, DEAREST.amount_cents), 100_000_000_000_000);
        assert_eq!((vat(1_000, 2_550), vat(1_001, 2_550), vat(2, 2_550), vat(1, 2_550)), (255, 255, 1, 0));
    }

    #[test]
    fn there_is_one_price_a_day_and_none_before_the_first() {
        let prices = Prices::of(price("2026-01-01", 5_000)).with(price("2027-01-01", 5_200), day("2026-11-28")).unwrap();
        let on = |text| prices.on(day(text)).map(|price| price.price.amount_cents);
        assert_eq!(
            (on("2025-12-31"), on("2026-01-01"), on("2026-12-31"), on("2027-01-01"), on("2031-05-05")),
            (None, Some(5_000), Some(5_000), Some(5_200), Some(5_200))
        );
        let ends: Vec<_> = prices.each().map(|(_, to)| to).collect();
        assert_eq!(ends, [Some(day("2026-12-31")), None]);
    }

    #[test]
    fn a_price_of_the_past_stays_and_one_to_come_gives_way() {
        let prices = Prices::of(price("2026-01-01", 5_000)).with(price("2027-01-01", 5_200), day("2026-11-28")).unwrap();
        assert_eq!(prices.with(price("2026-11-27", 1), day("2026-11-28")).unwrap_err().code, Code::TooEarly);
        let again = prices.with(price("2026-12-01", 5_100), day("2026-11-28")).unwrap();
        assert_eq!(again.on(day("2027-06-01")).unwrap().price.amount_cents, 5_100);
        assert_eq!(again.on(day("2026-11-30")).unwrap().price.amount_cents, 5_000);
    }

    #[test]
    fn the_first_price_stays_known_where_another_takes_its_place() {
        let signed = Prices::of(price("2026-12-10", 5_000));
        let next = signed.with(price("2026-12-10", 5_100), day("2026-12-01")).unwrap().with(price("2026-12-10", 5_200), day("2026-12-01")).unwrap();
        assert_eq!(next.on(day("2026-12-10")).unwrap().price.amount_cents, 5_200);
        assert_eq!(next.each().map(|(price, to)| (price.price.amount_cents, to)).collect::<Vec<_>>(), [(5_200, None)]);
        let followed = |on| next.before(day(on)).unwrap().price.amount_cents;
        assert_eq!([followed("2026-12-01"), followed("2026-12-10"), followed("2026-12-11")], [5_000, 5_000, 5_200]);
    }

    #[test]
    fn quantities_and_prices_have_bounds() {
        let told = |hundredths| {
            let mut out = Rejections::default();
            Quantity { hundredths }.check("quantity", &mut out);
            out.iter().count()
        };
        assert_eq!((told(0), told(-1), told(1), told(MOST.hundredths), told(i32::MAX)), (1, 1, 0, 0, 1));
        let faults: Vec<_> = DatedPrice { vat_rate_bp: -1, ..price("2026-01-01", -1) }.check().iter().map(|r| r.path.join(".")).collect();
        assert_eq!(faults, ["price.amountCents", "vatRateBp"]);
    }
}
