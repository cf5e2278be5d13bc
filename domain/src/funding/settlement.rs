//! Settlements of vouchers (palvelusetelitilitykset): what the organisation that has issued them pays a provider for what was given by them and approved. The
//! provider sends no invoice for it: whoever pays draws the settlement up from the deliveries, and another approves it. Source: act 569/2009, 3 and 7 §.
use super::{
    invoice::MOST_ASKED,
    price::{Quantity, QuantityUnit},
};
use crate::{
    id::{DeliveryEventId, ServiceId, VoucherId},
    machine::machine,
    scalar::Date,
    text::LocalizedText,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a settlement of vouchers is (palvelusetelitilityksen tila).
    pub enum SettlementState ["settlement-state"] {
        /// Put together, to be looked at by another (laadittu).
        DrawnUp,
        /// To be paid (hyväksytty).
        Approved,
        /// Paid (maksettu).
        Paid,
        /// Never to be paid: its deliveries can be settled by another (hylätty).
        Discarded,
        /// Was paid by mistake and has come back: its deliveries can be settled by another (palautettu).
        Reversed,
    }
}

machine! {
    /// A move of a settlement of vouchers.
    SettlementState as "Settlement of vouchers (palvelusetelitilitys)", pub enum SettlementMove {
        /// Say that it is to be paid; never by whoever put it together or had to do with what it pays.
        Approve,
        /// Write down that it was paid.
        Pay,
        /// Give it up, with the reason.
        Discard,
        /// Write down that what was paid by mistake has come back, with the reason.
        Reverse,
    }
    DrawnUp -- Approve -> Approved;
    DrawnUp -- Discard -> Discarded;
    Approved -- Pay -> Paid;
    Approved -- Discard -> Discarded;
    Paid -- Reverse -> Reversed;
}

impl SettlementState {
    /// States in which its deliveries are settled by it, and by no other.
    pub const COUNTED: [Self; 3] = [Self::DrawnUp, Self::Approved, Self::Paid];

    /// Its deliveries are settled by it, and by no other.
    #[must_use]
    pub fn is_counted(self) -> bool {
        Self::COUNTED.contains(&self)
    }
}

/// The most deliveries of a settlement: the earliest ones. The rest comes into the next.
pub const MOST_SETTLED: usize = 500;

/// How many of these, the earliest first and each in cents, are paid by one settlement: no more is paid at once than one invoice asks for. The rest comes into the next.
pub fn paid_at_once(covered: impl IntoIterator<Item = i64>) -> usize {
    let most = i64::from(MOST_ASKED.amount_cents);
    let sums = covered.into_iter().scan(0_i64, |sum, cents| {
        *sum = sum.saturating_add(cents);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= most).count()
}

/// A delivery by a voucher, as it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettledLine {
    /// The delivery.
    pub delivery: DeliveryEventId,
    /// The voucher.
    pub voucher: VoucherId,
    /// Its number.
    pub voucher_number: String,
    /// The service.
    pub service: ServiceId,
    /// What the service was called when the settlement was drawn up.
    pub service_name: LocalizedText,
    /// The day of the delivery.
    pub delivered_on: Date,
    /// In what it is counted.
    pub unit: QuantityUnit,
    /// How much.
    pub quantity: Quantity,
    /// What the voucher covers, in cents, with value added tax.
    pub covered_cents: i64,
    /// What the provider has from the client (omavastuu), in cents, with value added tax.
    pub own_share_cents: i64,
}

/// What lines come to, in cents, with value added tax.
#[must_use]
pub fn total(lines: &[SettledLine]) -> i64 {
    lines.iter().map(|line| line.covered_cents).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn no_more_is_paid_at_once_than_one_invoice_asks_for() {
        let most = i64::from(MOST_ASKED.amount_cents);
        assert_eq!([paid_at_once([]), paid_at_once([most]), paid_at_once([most - 1, 1, 1]), paid_at_once([most + 1, 1])], [0, 1, 2, 0]);
    }

    #[test]
    fn what_counts_is_paid_or_comes_back_and_nothing_else_moves() {
        for state in SettlementState::ALL {
            assert_eq!(state.is_counted(), state.moves().count() > 0, "{state:?}");
        }
        assert_eq!(SettlementState::Paid.moves().collect::<Vec<_>>(), [SettlementMove::Reverse]);
    }
}
