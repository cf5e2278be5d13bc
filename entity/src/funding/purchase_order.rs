//! Purchase orders (palvelutilaukset). The provider sees those that were placed with it, and of the client only what goes along.
use crate::SealedText;
use domain::{
    casework::referral::DeclineReason,
    catalogue::session::day,
    funding::{
        contract::CancellationTerms,
        delivery::open_since,
        price::{Quantity, QuantityUnit},
        purchase_order::{Drawn, Interruptions, OrderState},
    },
    id::{ContractLineId, FrameworkContractId, OrganizationId, PurchaseOrderId, ServiceDecisionId, ServiceId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::casework::case_table! {
    /// A purchase order.
    "purchase_order", PurchaseOrder, PurchaseOrderId, {
        /// Where it is.
        state: OrderState,
        /// The decision by which it is bought.
        decision_id: ServiceDecisionId,
        /// The contract.
        contract_id: FrameworkContractId,
        /// The line of the contract.
        line_id: ContractLineId,
        /// Who provides.
        provider_id: OrganizationId,
        /// The service.
        service_id: ServiceId,
        /// In what it is counted.
        unit: QuantityUnit,
        /// Who wrote it, by the stable key.
        created_by: String,
        /// What is said of it, sealed.
        content: SealedText,
        /// What of the client goes along, sealed: exactly what the provider is told. None before it is placed, and after it came to nothing.
        introduction: Option<SealedText>,
        /// The first day.
        starts_on: Date,
        /// The last day.
        ends_on: Date,
        /// How much, in hundredths of the unit.
        quantity_hundredths: i32,
        /// The price of a unit in cents, as it was when the order was placed.
        unit_price_cents: Option<i32>,
        /// The rate of value added tax in basis points, as it was then.
        vat_rate_bp: Option<i32>,
        /// What it costs in cents, by that price.
        cost_cents: Option<i64>,
        /// Until how many days before its first day it, and before each later day its service, is cancelled without a fee, as its contract said it when it was placed;
        /// none where that costs nothing.
        cancel_notice_days: Option<i32>,
        /// The share that is paid for of what is cancelled later than that, in basis points.
        cancel_share_bp: Option<i32>,
        /// How much of it was delivered and not taken back, in hundredths of the unit. Written by the store alone, as the events are.
        delivered_hundredths: i64,
        /// What that costs in cents.
        delivered_cents: i64,
        /// When it was placed.
        placed_at: Option<DateTimeUtc>,
        /// Who placed it, by the stable key.
        placed_by: Option<String>,
        /// The last day on which the provider answers.
        answer_due_on: Option<Date>,
        /// When the provider answered.
        answered_at: Option<DateTimeUtc>,
        /// Who gives it at the provider, by the stable key.
        handler: Option<String>,
        /// The first day that the provider has confirmed.
        agreed_start_on: Option<Date>,
        /// Why the provider does not give it.
        reject_reason: Option<DeclineReason>,
        /// What was said with the last move, sealed.
        message: Option<SealedText>,
        /// The day on which the service began.
        begun_on: Option<Date>,
        /// The day on which the service was interrupted, while it is, or where it was when it ended.
        paused_on: Option<Date>,
        /// When it was interrupted before, and went on; none where it never was.
        interruptions: Option<Interruptions>,
        /// The day on which it ended, or on which the order came to nothing.
        ended_on: Option<Date>,
        /// How the service ended, completed or terminated: what an order that is settled comes back to.
        ended_as: Option<OrderState>,
    }
    sealed: [content, introduction, message],
    addressed: addressed_to,
    shown: || Condition::all().add(Column::PlacedAt.is_not_null()),
    ordered_as: |row| row.id.0,
}

/// What was placed with a worker's organisations and goes on, or has ended not long ago: having been asked once is no ground for ever.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    let since = to.followed_since();
    let mut followed = Condition::any().add(Column::State.is_in(OrderState::OPEN)).add(Column::EndedOn.gt(day(since)));
    if action == Action::Transition {
        // An end that lies further back is written down all the same.
        followed = followed.add(Column::UpdatedAt.gt(since));
        // What was given of it is told as long as the month of its end is open.
        followed = followed.add(Column::EndedOn.gte(open_since(day(to.at))));
    }
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(Column::PlacedAt.is_not_null()).add(followed)
}

impl Model {
    /// How much of it there is.
    #[must_use]
    pub const fn quantity(&self) -> Quantity {
        Quantity { hundredths: self.quantity_hundredths }
    }

    /// What was ordered.
    #[must_use]
    pub fn ordered(&self) -> Drawn {
        Drawn { hundredths: self.quantity_hundredths.into(), cents: self.cost_cents.unwrap_or_default() }
    }

    /// What was delivered of it and not taken back.
    #[must_use]
    pub const fn delivered(&self) -> Drawn {
        Drawn { hundredths: self.delivered_hundredths, cents: self.delivered_cents }
    }

    /// How much of it was not delivered yet.
    #[must_use]
    pub fn left(&self) -> Quantity {
        let left = i64::from(self.quantity_hundredths) - self.delivered_hundredths;
        Quantity { hundredths: i32::try_from(left).unwrap_or_default() }
    }

    /// What it takes of what may be ordered by its contract: what was ordered, and once it is over or came to nothing, what is paid for of it.
    #[must_use]
    pub fn drawn(&self) -> Drawn {
        if self.state.is_committed() && !self.state.is_over() { self.ordered() } else { self.delivered() }
    }

    /// What was given of it can be told: it was confirmed, and not taken back before the first day that was agreed.
    #[must_use]
    pub fn is_given(&self) -> bool {
        match self.state {
            OrderState::Confirmed | OrderState::InDelivery | OrderState::Paused => true,
            OrderState::Cancelled => self.agreed_start_on.zip(self.ended_on).is_some_and(|(first, ended)| first <= ended),
            state => state.is_over(),
        }
    }

    /// What was agreed on cancelling it late.
    #[must_use]
    pub fn cancellation(&self) -> Option<CancellationTerms> {
        let (notice_days, share_bp) = self.cancel_notice_days.zip(self.cancel_share_bp)?;
        Some(CancellationTerms { notice_days, share_bp })
    }
}
