//! Vouchers (palvelusetelit). The provider sees those with which it was chosen, and of the client only what goes along.
use crate::SealedText;
use domain::{
    catalogue::session::day,
    funding::{
        delivery::open_since,
        price::{Quantity, QuantityUnit, gross},
        purchase_order::Drawn,
        voucher::{Shares, VoucherState, worth},
    },
    id::{OrganizationId, ProviderApprovalId, RulebookId, ServiceDecisionId, ServiceId, VoucherId},
    money::Money,
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::casework::case_table! {
    /// A voucher.
    "voucher", Voucher, VoucherId, {
        /// Its number, by which client and provider speak of it.
        number: String,
        /// Where it is.
        state: VoucherState,
        /// The decision by which it was issued.
        decision_id: ServiceDecisionId,
        /// The version of the rulebook by which it is worth what it is.
        rulebook_id: RulebookId,
        /// The first version of that rulebook.
        series_id: RulebookId,
        /// The service.
        service_id: ServiceId,
        /// In what it is counted.
        unit: QuantityUnit,
        /// How much, in hundredths of the unit.
        quantity_hundredths: i32,
        /// What a unit is worth in cents, as it was on the first day.
        value_cents: i32,
        /// The service is free by law: no own share remains.
        free_of_charge: bool,
        /// The first day on which it can be used.
        valid_from: Date,
        /// The last day.
        valid_to: Date,
        /// Who issued it, by the stable key.
        issued_by: String,
        /// The approval by which the chosen provider gives the service.
        approval_id: Option<ProviderApprovalId>,
        /// The provider that the client has chosen.
        provider_id: Option<OrganizationId>,
        /// When it was chosen.
        chosen_at: Option<DateTimeUtc>,
        /// Who said so, by the stable key: the client, who acts for the client, or a worker who wrote it down.
        chosen_by: Option<String>,
        /// The price of a unit in cents without value added tax, as it was when the provider was chosen.
        unit_price_cents: Option<i32>,
        /// The rate of value added tax in basis points, as it was then.
        vat_rate_bp: Option<i32>,
        /// What of the client goes along, sealed: exactly what the provider is told.
        introduction: Option<SealedText>,
        /// Why it was refused or taken back, sealed.
        reason: Option<SealedText>,
        /// How the service is arranged instead of one that was refused, sealed.
        alternative: Option<SealedText>,
        /// When that was arranged.
        arranged_at: Option<DateTimeUtc>,
        /// Who has arranged it, by the stable key.
        arranged_by: Option<String>,
        /// How much of it is used, in hundredths of the unit.
        used_hundredths: i64,
        /// What it has covered, in cents.
        used_cents: i64,
        /// The day on which it came to its end.
        ended_on: Option<Date>,
        /// Who ended it, by the stable key; none where the time did.
        ended_by: Option<String>,
    }
    sealed: [introduction, reason, alternative],
    addressed: addressed_to,
    ordered_as: |row| row.id.0,
}

/// Those with which a worker's organisations were chosen, and that go on or have ended not long ago; what was given by one that was taken back is told as long as its
/// month is open.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let followed = Condition::any().add(Column::EndedOn.is_null()).add(Column::EndedOn.gt(day(to.followed_since())));
    let told = Condition::all().add(Column::State.eq(VoucherState::Cancelled)).add(Column::EndedOn.gte(open_since(day(to.at))));
    let followed = followed.add(told);
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(followed)
}

impl Model {
    /// How much of the service it is for.
    #[must_use]
    pub const fn quantity(&self) -> Quantity {
        Quantity { hundredths: self.quantity_hundredths }
    }

    /// What a unit is worth.
    #[must_use]
    pub const fn value(&self) -> Money {
        Money { amount_cents: self.value_cents }
    }

    /// What a unit is worth, and what is left for the client, at the price of the chosen provider; none where there is none.
    #[must_use]
    pub fn shares(&self) -> Option<Shares> {
        let (amount_cents, rate) = self.unit_price_cents.zip(self.vat_rate_bp)?;
        Some(Shares::of_unit(gross(Money { amount_cents }, rate), self.value()))
    }

    /// All that it is for, and what it is worth.
    #[must_use]
    pub fn whole(&self) -> Drawn {
        worth(self.quantity(), self.value())
    }

    /// What of it is used, and what that covers.
    #[must_use]
    pub const fn used(&self) -> Drawn {
        Drawn { hundredths: self.used_hundredths, cents: self.used_cents }
    }

    /// What it takes of what its decision grants: all of it, or what was used once it is over.
    #[must_use]
    pub fn drawn(&self) -> Drawn {
        if self.state.is_open() { self.whole() } else { self.used() }
    }
}
