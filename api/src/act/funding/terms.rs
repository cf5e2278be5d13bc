//! On what terms something is delivered of an order or by a voucher: on which days, at which price, and how much at the most.
use crate::{
    error::{Error, Result},
    store::DeliveryGround,
};
use chrono::NaiveDate;
use domain::{
    catalogue::session::day,
    code::Coded,
    funding::{
        delivery::DeliveryContent,
        price::{Quantity, QuantityUnit},
        purchase_order::{Drawn, Interruptions, Room},
        voucher::{Shares, VoucherState},
    },
    id::{CaseId, ClientId, ContractLineId, FrameworkContractId, NetworkId, OrganizationId, ServiceId},
    money::Money,
    rejection::{Code, Rejection, Rejections},
};
use entity::funding::{delivery_event, framework_contract};
use uuid::Uuid;

/// On what terms something is delivered by what is held.
pub(super) struct Terms {
    pub network: NetworkId,
    pub organization: OrganizationId,
    pub client: ClientId,
    pub case: CaseId,
    pub provider: OrganizationId,
    pub service: ServiceId,
    pub ground: Uuid,
    contract: Option<framework_contract::Model>,
    pub line: Option<(FrameworkContractId, ContractLineId)>,
    pub voucher_number: Option<String>,
    pub unit: QuantityUnit,
    pub unit_price: Money,
    pub vat_rate_bp: i32,
    /// By a voucher: who pays how much of a unit.
    shares: Option<Shares>,
    /// On the first and last day that can be told, and not while the service was interrupted.
    days: (NaiveDate, NaiveDate),
    interruptions: Interruptions,
    /// All of it, what was delivered of it, and it is over: then it is not delivered beyond that again when something is put right.
    whole: Drawn,
    delivered: Drawn,
    over: bool,
}

impl Terms {
    pub(super) fn of(ground: &DeliveryGround) -> Result<Self> {
        let price = |cents: Option<i32>| cents.map(|amount_cents| Money { amount_cents }).ok_or(Error::Internal);
        Ok(match ground {
            DeliveryGround::Order(contract, order) => Self {
                network: order.network_id,
                organization: order.organization_id,
                client: order.client_id,
                case: order.case_id,
                provider: order.provider_id,
                service: order.service_id,
                ground: order.id.0,
                contract: Some((**contract).clone()),
                line: Some((order.contract_id, order.line_id)),
                voucher_number: None,
                unit: order.unit,
                unit_price: price(order.unit_price_cents)?,
                vat_rate_bp: order.vat_rate_bp.ok_or(Error::Internal)?,
                shares: None,
                days: (
                    order.agreed_start_on.unwrap_or(order.starts_on).max(order.starts_on),
                    // What was given before an interruption is told, and nothing of the time in which there was no service.
                    [order.ended_on, order.paused_on].into_iter().flatten().fold(order.ends_on, NaiveDate::min),
                ),
                interruptions: order.interruptions.clone().unwrap_or_default(),
                whole: order.ordered(),
                delivered: order.delivered(),
                over: !order.state.is_open(),
            },
            DeliveryGround::Voucher(voucher) => Self {
                network: voucher.network_id,
                organization: voucher.organization_id,
                client: voucher.client_id,
                case: voucher.case_id,
                provider: voucher.provider_id.ok_or(Error::Internal)?,
                service: voucher.service_id,
                ground: voucher.id.0,
                contract: None,
                line: None,
                voucher_number: Some(voucher.number.clone()),
                unit: voucher.unit,
                unit_price: price(voucher.unit_price_cents)?,
                vat_rate_bp: voucher.vat_rate_bp.ok_or(Error::Internal)?,
                shares: Some(voucher.shares().ok_or(Error::Internal)?),
                days: (
                    voucher.chosen_at.map_or(voucher.valid_from, |at| voucher.valid_from.max(day(at))),
                    // One that is used up has ended with what was told last, and not with what was given last.
                    voucher.ended_on.filter(|_| voucher.state != VoucherState::UsedUp).map_or(voucher.valid_to, |ended| voucher.valid_to.min(ended)),
                ),
                interruptions: Interruptions::default(),
                whole: Drawn { cents: voucher.shares().ok_or(Error::Internal)?.of(voucher.quantity()).covered, ..voucher.whole() },
                delivered: voucher.used(),
                over: !voucher.state.is_open(),
            },
        })
    }

    /// What a delivery comes to for whoever pays, in place of the one before it where there is one: it is on a day of the order or voucher that the contract
    /// carries, and passes nothing; put right after the end, not what was drawn. Cents that rounding would put on top of what all of it costs are left out, so
    /// that all of it can be delivered.
    pub(super) fn check(&self, told: &DeliveryContent, before: Option<&delivery_event::Model>) -> Result<Drawn> {
        let (on, (first, last)) = (told.effective_date.0, self.days);
        if !(first..=last).contains(&on) {
            return Err(Rejection::with(Code::OutOfRange, &["content", "effectiveDate"], format!("{first}–{last}")).into());
        }
        if let Some(gap) = self.interruptions.around(on) {
            let range = format!("–{}, {}–", gap.paused_on.0, gap.resumed_on.0);
            return Err(Rejection::with(Code::OutOfRange, &["content", "effectiveDate"], range).into());
        }
        if let Some(contract) = self.contract.as_ref().filter(|contract| !contract.carries_on(on)) {
            return Err(Rejection::with(Code::ContractNotInForce, &["content", "effectiveDate"], contract.state.code()).into());
        }
        let bound = if self.over && before.is_some() { self.delivered } else { self.whole };
        let others = self.delivered.minus(before.map(delivery_event::Model::delivered).unwrap_or_default()).ok_or(Error::Internal)?;
        let room = Room { ordered: others, most_hundredths: Some(bound.hundredths), ceiling_cents: Some(bound.cents) };
        let mut next = match self.shares {
            Some(shares) => Drawn { hundredths: told.quantity.hundredths.into(), cents: shares.of(told.quantity).covered },
            None => Drawn::of(told.quantity, self.unit_price),
        };
        if room.free_hundredths().is_some_and(|free| next.hundredths <= free) {
            next.cents = next.cents.min(room.free_cents().unwrap_or(next.cents));
        }
        let mut out = Rejections::default();
        room.check(next, &["content", "quantity"], &mut out);
        out.into_result()?;
        Ok(next)
    }

    /// What a fee of so much comes to: never more, with what was delivered, than all of it costs.
    pub(super) fn fee(&self, quantity: Quantity) -> Result<Drawn> {
        let left = self.whole.minus(self.delivered).ok_or(Error::Internal)?;
        let next = Drawn::of(quantity, self.unit_price);
        Ok(Drawn { cents: next.cents.min(left.cents), ..next })
    }

    /// What is left for the client of so much beside the other deliveries, in cents: never more in all than the client has agreed to; none of an order.
    pub(super) fn own_share(&self, quantity: Quantity, others: &[delivery_event::Model]) -> Option<i64> {
        let shares = self.shares?;
        let most = i32::try_from(self.whole.hundredths).map_or(i64::MAX, |hundredths| shares.of(Quantity { hundredths }).own);
        let known: i64 = others.iter().filter_map(|event| event.own_share_cents).sum();
        Some(shares.of(quantity).own.min(most - known).max(0))
    }
}
