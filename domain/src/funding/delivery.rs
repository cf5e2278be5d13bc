//! Delivery events (toteutumat): what a provider has given of an order or by a voucher, day by day, at its price. What is approved is invoiced, or settled.
use super::price::{Quantity, QuantityUnit};
use crate::{
    dated,
    machine::machine,
    outreach::record::Correction,
    rejection::{Code, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

vocabulary! {
    /// For what a delivery event is paid (toteutuman laji).
    pub enum DeliveryKind ["delivery-kind"] {
        /// The service was given (palvelu).
        Service,
        /// The order was cancelled, or its service ended by those who ordered it, later than its contract lets it go without a fee (peruutusmaksu).
        CancellationFee,
    }
}

vocabulary! {
    /// Where a delivery event is (toteutuman tila).
    pub enum DeliveryState ["delivery-state"] {
        /// Told by the provider, to be looked at by those who order (kirjattu).
        Recorded,
        /// Accepted by those who order, or by the time (hyväksytty).
        Approved,
        /// Those who order do not accept it as it is (riitautettu).
        Disputed,
        /// On an invoice, or in a settlement of vouchers (laskutettu).
        Invoiced,
        /// Never was: it is kept, and counts for nothing (mitätöity).
        Voided,
    }
}

machine! {
    /// A move of a delivery event.
    DeliveryState as "Delivery event (toteutuma)", pub enum DeliveryMove {
        /// Accept it as those who order; the time does so too.
        Approve,
        /// Not accept it as it is, with the reason; also what the time has approved, as long as it is not asked for.
        Dispute,
        /// Put it right as the provider: it is looked at again.
        Correct,
        /// Take it back as the provider.
        Void,
        /// Put it on an invoice, or in a settlement.
        Invoice,
        /// Take it off an invoice that was rejected or credited, or out of a settlement that was given up or reversed.
        Release,
    }
    Recorded -- Approve -> Approved;
    Recorded -- Dispute -> Disputed;
    Recorded -- Void -> Voided;
    Disputed -- Correct -> Recorded;
    Disputed -- Void -> Voided;
    Approved -- Dispute -> Disputed;
    Approved -- Invoice -> Invoiced;
    Invoiced -- Release -> Approved;
}

/// On whose side a move of a delivery event is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliverySide {
    /// Those who give the service.
    Provider,
    /// Those who work with the client where the service was ordered, or the voucher issued.
    Orderer,
    /// They, and those who look after the invoices there.
    Payer,
    /// The invoice or settlement that it is on.
    Invoice,
}

impl DeliveryMove {
    /// Whose move it is.
    #[must_use]
    pub const fn side(self) -> DeliverySide {
        match self {
            Self::Correct | Self::Void => DeliverySide::Provider,
            Self::Approve => DeliverySide::Orderer,
            Self::Dispute => DeliverySide::Payer,
            Self::Invoice | Self::Release => DeliverySide::Invoice,
        }
    }
}

impl DeliveryState {
    /// States in which it still leads to something: the provider sees it as long.
    pub const PENDING: [Self; 3] = [Self::Recorded, Self::Disputed, Self::Approved];

    /// It has been accepted, whether or not it is on an invoice yet.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Approved | Self::Invoiced)
    }
}

/// What is told of a delivery. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "DeliveryContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryContent {
    /// The day on which the service was given.
    pub effective_date: Date,
    /// How much, in the unit of the order or voucher.
    pub quantity: Quantity,
    /// What was done, at most 2000 characters; the client reads it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who gave it, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performer: Option<String>,
}

crate::private::masked!(DeliveryContent);

impl DeliveryContent {
    /// Every fault of what is told on a day.
    #[must_use]
    pub fn check(&self, today: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        if self.effective_date.0 > today {
            out.add_with(Code::OutOfRange, &["effectiveDate"], format!("–{today}"));
        }
        self.quantity.check("quantity", &mut out);
        text::check_some(self.note.as_deref(), &["note"], 2_000, &mut out);
        text::check_some(self.performer.as_deref(), &["performer"], 200, &mut out);
        out
    }
}

/// What an event said before each correction, the first one first. Kept sealed.
pub type DeliveryCorrections = Vec<Correction<DeliveryContent>>;

/// Why those who order do not accept an event as it is (riitautus). Kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// Why.
    pub reason: String,
    /// When that was said.
    pub at: DateTime<Utc>,
    /// The stable key of whoever said it.
    pub by: String,
}

/// What a dated rule of deliveries tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rule {
    /// For how many days after its end a month can be written on.
    MonthOpen,
    /// For how many days after it was recorded an event of the usual size can be disputed, before the time approves it.
    ApprovedAfter,
    /// How many hundredths of a unit are usual for one order or voucher and day, at most.
    UsualPerDay,
}

/// A dated rule of deliveries: data beside this crate.
#[derive(Clone, Debug, Deserialize)]
pub struct DeliveryRule {
    /// What it tells.
    pub rule: Rule,
    /// Of which unit; none where it tells of all.
    pub unit: Option<QuantityUnit>,
    /// How many days, or hundredths of the unit.
    pub amount: u32,
    /// What it rests on.
    pub source: String,
    /// It was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; none while it holds.
    pub valid_to: Option<NaiveDate>,
}

/// Every rule, in the order of the table.
pub fn rules() -> &'static [DeliveryRule] {
    static RULES: LazyLock<Vec<DeliveryRule>> = LazyLock::new(|| dated::rows("rules of deliveries", include_str!("../../data/delivery-rules.csv")));
    &RULES
}

fn rule(rule: Rule, unit: Option<QuantityUnit>, on: NaiveDate) -> Option<u32> {
    rules().iter().find(|row| row.rule == rule && row.unit == unit && dated::holds(row.valid_from, row.valid_to, on)).map(|row| row.amount)
}

/// The first day of the month of a day.
#[must_use]
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The last day on which deliveries of the month of a day are written down, or taken back undisputed (kuukausilukko); none where no rule tells.
#[must_use]
pub fn open_until(day: NaiveDate) -> Option<NaiveDate> {
    let days = rule(Rule::MonthOpen, None, day)?;
    month_of(day).checked_add_months(Months::new(1))?.pred_opt()?.checked_add_days(Days::new(days.into()))
}

/// The first day that can still be written down on a day: that of the earliest month that is open.
#[must_use]
pub fn open_since(today: NaiveDate) -> NaiveDate {
    let mut first = month_of(today);
    while let Some(before) = first.checked_sub_months(Months::new(1)).filter(|before| open_until(*before).is_some_and(|until| today <= until)) {
        first = before;
    }
    first
}

/// The last day on which an event that was recorded on a day can be disputed before the time approves it; none where no rule tells, and for more than is usual
/// in a day: that is looked at by somebody.
#[must_use]
pub fn disputable_until(recorded_on: NaiveDate, effective_date: NaiveDate, unit: QuantityUnit, in_all: i64) -> Option<NaiveDate> {
    let usual = rule(Rule::UsualPerDay, Some(unit), effective_date).filter(|usual| in_all <= i64::from(*usual));
    usual.and_then(|_| rule(Rule::ApprovedAfter, None, recorded_on)).and_then(|days| recorded_on.checked_add_days(Days::new(days.into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_stays_open_for_some_days_after_its_end() {
        for (of, until) in [("2026-11-01", "2026-12-10"), ("2026-11-30", "2026-12-10"), ("2026-12-31", "2027-01-10"), ("2028-02-29", "2028-03-10")] {
            assert_eq!(open_until(day(of)), Some(day(until)), "{of}");
        }
        assert_eq!(open_until(day("2022-12-31")), None, "no rule of then is known");
        for (today, since) in [("2026-12-10", "2026-11-01"), ("2026-12-11", "2026-12-01"), ("2022-06-06", "2022-06-01")] {
            assert_eq!(open_since(day(today)), day(since), "{today}");
        }
    }

    #[test]
    fn what_is_more_than_usual_is_never_approved_by_the_time() {
        let until = |unit, in_all| disputable_until(day("2026-11-28"), day("2026-11-27"), unit, in_all);
        assert_eq!(until(QuantityUnit::Session, 100), Some(day("2026-12-05")));
        assert_eq!(until(QuantityUnit::Session, 101), None);
        assert_eq!((until(QuantityUnit::Hour, 800).is_some(), until(QuantityUnit::Hour, 801)), (true, None));
    }

    #[test]
    fn every_rule_has_its_source_and_there_is_one_a_day_and_unit() {
        for (i, row) in rules().iter().enumerate() {
            assert!(!row.source.is_empty() && (row.confirmed || row.source.contains("tarkistettava")), "{row:?}");
            assert!(!rules()[i + 1..].iter().any(|other| other.rule == row.rule && other.unit == row.unit), "{row:?}");
            assert_eq!(row.rule == Rule::UsualPerDay, row.unit.is_some(), "{row:?}");
        }
        // What is counted by the week or the month cannot be told from a day: somebody looks at it.
        for unit in QuantityUnit::ALL {
            let by_the_day = matches!(unit, QuantityUnit::Hour | QuantityUnit::Session | QuantityUnit::Day);
            assert_eq!(rule(Rule::UsualPerDay, Some(*unit), day("2026-11-28")).is_some(), by_the_day, "{unit:?}");
        }
    }

    #[test]
    fn what_is_on_an_invoice_only_comes_off_it_again() {
        assert_eq!(DeliveryState::Invoiced.moves().collect::<Vec<_>>(), [DeliveryMove::Release]);
        assert_eq!(DeliveryState::Voided.moves().count(), 0);
        for edge in DeliveryState::EDGES {
            assert_eq!(edge.by.side() == DeliverySide::Invoice, edge.from.is_accepted() && edge.to.is_accepted(), "{edge:?}");
        }
    }

    #[test]
    fn nothing_is_told_of_days_to_come_or_of_less_than_something() {
        let content =
            |quantity, on| DeliveryContent { effective_date: Date(day(on)), quantity: Quantity { hundredths: quantity }, note: None, performer: None };
        let told = |content: DeliveryContent| content.check(day("2026-11-28")).iter().map(|fault| fault.path.join(".")).collect::<Vec<_>>();
        assert!(told(content(1, "2026-11-28")).is_empty());
        assert_eq!(told(content(0, "2026-11-29")), ["effectiveDate", "quantity.hundredths"]);
        assert_eq!(format!("{:?}", content(1, "2026-11-28")), "•••");
    }
}
