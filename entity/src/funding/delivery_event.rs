//! Delivery events (toteutumat), of an order or by a voucher. The provider sees its own as long as they lead to something, and for a while after.
use crate::SealedText;
use domain::{
    funding::{
        delivery::{DeliveryKind, DeliveryState},
        price::{Quantity, QuantityUnit},
        purchase_order::{Counts, Drawn},
    },
    id::{AttendanceId, ContractLineId, DeliveryEventId, FrameworkContractId, OrganizationId, PurchaseOrderId, VoucherId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::casework::case_table! {
    /// What was delivered of an order, or by a voucher, on a day.
    "delivery_event", DeliveryEvent, DeliveryEventId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The order, or the voucher.
        ground_id: Uuid,
        /// The contract by which it was ordered; none by a voucher.
        contract_id: Option<FrameworkContractId>,
        /// The line of the contract; none by a voucher.
        line_id: Option<ContractLineId>,
        /// The number of the voucher; none of an order.
        voucher_number: Option<String>,
        /// In what it is counted.
        unit: QuantityUnit,
        /// For what it is paid.
        kind: DeliveryKind,
        /// Where it is.
        state: DeliveryState,
        /// The day on which the service was given, or on which the order was cancelled or ended for a fee.
        effective_date: Date,
        /// How much, in hundredths of the unit.
        quantity_hundredths: i32,
        /// The price of a unit in cents, as it was frozen with the order, or the choice of the provider.
        unit_price_cents: i32,
        /// The rate of value added tax in basis points, as it was frozen with that.
        vat_rate_bp: i32,
        /// What the organisation pays for it, in cents: of an order by that price without value added tax, by a voucher what that covers, with it.
        cost_cents: i64,
        /// What is left for the client, in cents, with value added tax; none of an order.
        own_share_cents: Option<i64>,
        /// The attendance that it was told from.
        attendance_id: Option<AttendanceId>,
        /// What is told of it, sealed.
        content: SealedText,
        /// Why it was not accepted as it was, sealed.
        dispute: Option<SealedText>,
        /// What it told before it was corrected, sealed.
        corrections: Option<SealedText>,
        /// Why it is void, sealed.
        voided: Option<SealedText>,
        /// Who recorded it, by the stable key.
        recorded_by: String,
        /// The last day on which it can be disputed before the time approves it; none for what somebody is to look at.
        disputable_until: Option<Date>,
        /// When it was approved.
        approved_at: Option<DateTimeUtc>,
        /// Who approved it, by the stable key; none where the time did.
        approved_by: Option<String>,
    }
    sealed: [content, dispute, corrections, voided],
    under: ground_id / GroundId,
    addressed: addressed_to,
    // What was recorded by mistake may be about somebody else.
    shown: || Condition::all().add(Column::State.ne(DeliveryState::Voided)),
    taken_back: || Condition::all().add(Column::State.eq(DeliveryState::Voided)),
    ordered_as: |row| row.ground_id,
}

/// What a worker's organisations gave.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let followed = Condition::any().add(Column::State.is_in(DeliveryState::PENDING)).add(Column::UpdatedAt.gt(to.followed_since()));
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(followed)
}

impl Model {
    /// The order; none by a voucher.
    #[must_use]
    pub fn order(&self) -> Option<PurchaseOrderId> {
        self.contract_id.map(|_| PurchaseOrderId(self.ground_id))
    }

    /// The voucher; none of an order.
    #[must_use]
    pub fn voucher(&self) -> Option<VoucherId> {
        self.voucher_number.as_ref().map(|_| VoucherId(self.ground_id))
    }

    /// How much it is.
    #[must_use]
    pub const fn quantity(&self) -> Quantity {
        Quantity { hundredths: self.quantity_hundredths }
    }

    /// What it counts for; nothing once it is void.
    #[must_use]
    pub fn delivered(&self) -> Drawn {
        if self.state == DeliveryState::Voided { Drawn::default() } else { Drawn { hundredths: self.quantity_hundredths.into(), cents: self.cost_cents } }
    }

    /// What of a line's counters it is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let delivered = self.delivered();
        let invoiced = if self.state == DeliveryState::Invoiced { delivered } else { Drawn::default() };
        Counts { delivered, invoiced, ..Counts::default() }
    }
}
