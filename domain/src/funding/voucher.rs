//! Vouchers (palvelusetelit): by a decision the client chooses one of the approved providers; the organisation pays up to the value of the voucher, and what
//! is left is the client's own share. Whoever refuses a voucher is served in another way. Source: act 569/2009 on service vouchers, 3 and 6–8 §.
use super::{invoice::MOST_ASKED, price::Quantity, purchase_order::Drawn};
use crate::{access::NoticeKind, code::Coded, id::VoucherId, machine::machine, money::Money, vocabulary::vocabulary};
use chrono::{NaiveDate, TimeDelta};
use std::ops::RangeInclusive;

vocabulary! {
    /// Where a voucher is (palvelusetelin tila).
    pub enum VoucherState ["voucher-state"] {
        /// The client has it, and has chosen no provider (myönnetty).
        Issued,
        /// The client does not want it, and is served in another way (kieltäydytty).
        Refused,
        /// The client has chosen a provider (tuottaja valittu).
        Chosen,
        /// Some of it is used (käytössä).
        InUse,
        /// All of it is used (käytetty).
        UsedUp,
        /// Its time is over (vanhentunut).
        Expired,
        /// Taken back, since the need has changed or the case was closed (peruttu).
        Cancelled,
    }
}

machine! {
    /// A move of the voucher machine.
    VoucherState as "Voucher (palveluseteli)", pub enum VoucherMove {
        /// Refuse it as the client: the service is arranged in another way.
        Refuse,
        /// Choose a provider as the client.
        Choose,
        /// Leave the provider as the client, before anything is used.
        Leave,
        /// Something of it is used.
        Begin,
        /// The last of it is used.
        UseUp,
        /// What was told to be used was not.
        Restore,
        /// Its time is over.
        Expire,
        /// Take it back, with a reason.
        Cancel,
    }
    Issued -- Refuse -> Refused;
    Issued -- Choose -> Chosen;
    Issued -- Expire -> Expired;
    Issued -- Cancel -> Cancelled;
    Chosen -- Leave -> Issued;
    Chosen -- Begin -> InUse;
    Chosen -- Expire -> Expired;
    Chosen -- Cancel -> Cancelled;
    InUse -- UseUp -> UsedUp;
    InUse -- Restore -> Chosen;
    InUse -- Expire -> Expired;
    InUse -- Cancel -> Cancelled;
    UsedUp -- Restore -> InUse;
}

impl VoucherState {
    /// States in which it can still be used.
    pub const OPEN: [Self; 3] = [Self::Issued, Self::Chosen, Self::InUse];

    /// It can still be used: its case is not closed before, and it takes all it is worth of what the decision grants.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// What a provider has given by it can be told: a provider was chosen, and its time is not over.
    #[must_use]
    pub const fn is_given(self) -> bool {
        matches!(self, Self::Chosen | Self::InUse | Self::UsedUp | Self::Cancelled)
    }

    /// The moves that follow when so much of so much is used, both in hundredths of the unit; none of one that is over.
    #[must_use]
    pub fn using(self, used: i64, of: i64) -> &'static [VoucherMove] {
        match (self, used > 0, used >= of) {
            (Self::Chosen, true, false) => &[VoucherMove::Begin],
            (Self::Chosen, true, true) => &[VoucherMove::Begin, VoucherMove::UseUp],
            (Self::InUse, true, true) => &[VoucherMove::UseUp],
            (Self::InUse, false, _) | (Self::UsedUp, true, false) => &[VoucherMove::Restore],
            (Self::UsedUp, false, _) => &[VoucherMove::Restore, VoucherMove::Restore],
            _ => &[],
        }
    }
}

/// The workers are reminded each time so many days have passed without anything arranged in place of a voucher that was refused.
pub const REMINDED_DAYS: i64 = 7;
/// So often at the most.
pub const MOST_REMINDERS: i64 = 4;

/// The key under which the reminder of a voucher that was refused on a day is kept, so that it is given once; none on days on which there is none to give.
#[must_use]
pub fn reminder_key(voucher: VoucherId, refused_on: NaiveDate, today: NaiveDate) -> Option<String> {
    let passed = (today - refused_on).num_days() / REMINDED_DAYS;
    (1..=MOST_REMINDERS).contains(&passed).then(|| format!("{}:{voucher}:{passed}:", NoticeKind::VoucherAlternativeDue.code()))
}

/// The days on which a voucher was refused of which there is one to give today.
#[must_use]
pub fn reminded_of(today: NaiveDate) -> RangeInclusive<NaiveDate> {
    today - TimeDelta::days((MOST_REMINDERS + 1) * REMINDED_DAYS - 1)..=today - TimeDelta::days(REMINDED_DAYS)
}

/// Who pays how much of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// What the voucher covers, in cents, with value added tax.
    pub covered: i64,
    /// What is left for the client (omavastuu), in cents, with value added tax.
    pub own: i64,
}

impl Shares {
    /// Of a unit that costs so many cents with value added tax, by a voucher worth so much a unit. No more is covered than the unit costs.
    #[must_use]
    pub fn of_unit(gross_cents: i64, value: Money) -> Self {
        let covered = i64::from(value.amount_cents).min(gross_cents);
        Self { covered, own: gross_cents - covered }
    }

    /// So much of it costs no more than one invoice asks for.
    #[must_use]
    pub fn is_payable(self, quantity: Quantity) -> bool {
        let Self { covered, own } = self.of(quantity);
        covered.saturating_add(own) <= i64::from(MOST_ASKED.amount_cents)
    }

    /// Of so much of it, half a cent rounded up. Both together are what so much costs, and what is free of charge stays free.
    #[must_use]
    pub fn of(self, quantity: Quantity) -> Self {
        let share = |cents: i64| (i64::from(quantity.hundredths) * cents + 50).div_euclid(100);
        let covered = share(self.covered);
        Self { covered, own: if self.own == 0 { 0 } else { share(self.covered + self.own) - covered } }
    }
}

/// A number of a voucher as it is kept: twelve digits in three groups, whatever a person has put between them; none for anything else.
#[must_use]
pub fn number(told: &str) -> Option<String> {
    let digits: String = told.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let whole = digits.len() == 12 && digits.bytes().all(|c| c.is_ascii_digit());
    whole.then(|| format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..]))
}

/// What a voucher for so much takes of what a decision grants, at the most: with value added tax, as the value is.
#[must_use]
pub fn worth(quantity: Quantity, value: Money) -> Drawn {
    Drawn::of(quantity, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{funding::price::gross, machine::Machine};

    const fn money(amount_cents: i32) -> Money {
        Money { amount_cents }
    }

    #[test]
    fn the_voucher_covers_no_more_than_the_service_costs_and_the_rest_is_the_clients() {
        let of = |price, vat, value| Shares::of_unit(gross(money(price), vat), money(value));
        assert_eq!(of(4_000, 2_550, 4_500), Shares { covered: 4_500, own: 520 });
        assert_eq!(of(3_000, 0, 4_500), Shares { covered: 3_000, own: 0 });
        assert_eq!(of(103, 2_550, 129), Shares { covered: 129, own: 0 });
        assert_eq!(worth(Quantity { hundredths: 150 }, money(4_501)).cents, 6_752);
    }

    #[test]
    fn what_is_used_moves_a_voucher_on_and_back_and_never_one_that_is_over() {
        for state in VoucherState::ALL {
            for (used, goal) in [(0, VoucherState::Chosen), (50, VoucherState::InUse), (100, VoucherState::UsedUp)] {
                let moved = state.using(used, 100).iter().try_fold(*state, |state, by| state.step(*by)).unwrap();
                let follows = matches!(state, VoucherState::Chosen | VoucherState::InUse | VoucherState::UsedUp);
                assert_eq!(moved, if follows { goal } else { *state }, "{state:?} {used}");
            }
        }
    }

    #[test]
    fn both_shares_together_are_the_price_and_what_is_free_stays_free() {
        let shares = Shares::of_unit(4_555, money(4_500));
        assert_eq!(shares.of(Quantity { hundredths: 150 }), Shares { covered: 6_750, own: 83 });
        assert_eq!(Shares::of_unit(5_002, money(4_501)).of(Quantity { hundredths: 50 }), Shares { covered: 2_251, own: 250 });
        assert_eq!(Shares::of_unit(3_333, money(4_500)).of(Quantity { hundredths: 33 }), Shares { covered: 1_100, own: 0 });
        let dear = Shares { covered: 1, own: 999 };
        assert_eq!([200_000_000, 200_000_100].map(|hundredths| dear.is_payable(Quantity { hundredths })), [true, false]);
    }

    #[test]
    fn of_a_refused_voucher_a_reminder_comes_each_week_for_a_while() {
        let (voucher, refused_on) = (VoucherId::new(), "2026-11-02".parse::<NaiveDate>().unwrap());
        let told = |days: i64| reminder_key(voucher, refused_on, refused_on + TimeDelta::days(days));
        assert_eq!([told(0), told(6), told(35)], [None, None, None]);
        for days in 0..40 {
            assert_eq!(reminded_of(refused_on + TimeDelta::days(days)).contains(&refused_on), told(days).is_some(), "{days}");
        }
        assert!(told(7).is_some() && told(7) == told(13) && told(13) != told(14) && told(34).is_some());
    }

    #[test]
    fn a_number_is_known_however_it_is_told() {
        for told in ["1234-5678-9012", "123456789012", "1234 5678 9012", " 1234-56789012"] {
            assert_eq!(number(told).as_deref(), Some("1234-5678-9012"), "{told}");
        }
        for told in ["", "1234-5678-901", "1234-5678-90123", "1234-5678-901x", "\0", "１２３４５６７８９０１２"] {
            assert_eq!(number(told), None, "{told}");
        }
    }

    #[test]
    fn what_can_be_used_can_always_be_taken_back_and_expires() {
        for state in VoucherState::ALL {
            let moves: Vec<_> = state.moves().collect();
            assert_eq!(state.is_open(), moves.contains(&VoucherMove::Cancel), "{state:?}");
            assert_eq!(state.is_open(), moves.contains(&VoucherMove::Expire), "{state:?}");
        }
    }
}
