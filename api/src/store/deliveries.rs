//! What was delivered of orders and by vouchers, and what stands behind it: named steps that no reach scopes. Whoever tells of a delivery or moves one holds
//! the contract and the order, or the voucher, so that those who do so at once go one after the other.
use super::{Work, dialect::fault, drawdown::beyond_counting, pool::Transaction};
use crate::error::{Error, Result};
use chrono::NaiveDate;
use domain::{
    catalogue::session::day,
    funding::{
        delivery::{DeliveryMove, DeliveryState},
        purchase_order::Drawn,
        voucher::{VoucherMove, VoucherState},
    },
    id::{AttendanceId, DeliveryEventId, FrameworkContractId, OrganizationId, ServiceId, VoucherId},
    machine::Machine,
    policy::Action,
    text::LocalizedText,
};
use entity::{
    catalogue::service,
    funding::{delivery_event, framework_contract, purchase_order, voucher},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::Uuid};
use std::collections::{BTreeMap, BTreeSet};

/// By what something is delivered, as it is while it is held.
pub(crate) enum DeliveryGround {
    /// An order, with its contract.
    Order(Box<framework_contract::Model>, Box<purchase_order::Model>),
    /// A voucher.
    Voucher(Box<voucher::Model>),
}

/// A delivery, and what stands behind it on an invoice.
pub(crate) struct Billable {
    /// The delivery.
    pub event: delivery_event::Model,
    /// Its order.
    pub order: purchase_order::Model,
    /// What the service is called.
    pub service: LocalizedText,
}

/// A delivery, and what stands behind it in a settlement.
pub(crate) struct Settleable {
    /// The delivery.
    pub event: delivery_event::Model,
    /// Its voucher.
    pub voucher: voucher::Model,
    /// What the service is called.
    pub service: LocalizedText,
}

impl Work {
    /// The events of an order or a voucher that count for something, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn deliveries_of(&self, ground: impl Into<Uuid>) -> Result<Vec<delivery_event::Model>> {
        let all = delivery_event::Entity::find().filter(delivery_event::Column::GroundId.eq(ground.into())).order_by_asc(delivery_event::Column::Id);
        let all = all.all(self.tx()).await.map_err(fault)?;
        Ok(all.into_iter().filter(|event| event.delivered() != Drawn::default()).collect())
    }

    /// An attendance was told as a delivery already and counts, whoever sees that.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn is_delivered(&self, attendance: AttendanceId) -> Result<bool> {
        let told = delivery_event::Entity::find().filter(delivery_event::Column::AttendanceId.eq(attendance));
        Ok(told.all(self.tx()).await.map_err(fault)?.iter().any(|event| event.delivered() != Drawn::default()))
    }

    /// The order of an event with its contract, or its voucher, held until the commit, whoever sees them: as they are then.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_ground(&self, event: &delivery_event::Model) -> Result<DeliveryGround> {
        if let Some((contract, order)) = event.contract_id.zip(event.order()) {
            let (contract, order) = self.hold_order(contract, order).await?;
            return Ok(DeliveryGround::Order(contract.into(), order.into()));
        }
        self.hold_voucher(event.voucher().ok_or(Error::Internal)?).await
    }

    /// A voucher by which something is delivered, held until the commit, whoever sees it: as it is then.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_voucher(&self, id: VoucherId) -> Result<DeliveryGround> {
        let row = voucher::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        Ok(DeliveryGround::Voucher(row.into()))
    }

    /// Writes down what was delivered by what is held, and counts it: there is no other way.
    ///
    /// # Errors
    /// As [`Work::insert`].
    pub(crate) async fn record_delivery(&mut self, ground: &DeliveryGround, row: delivery_event::Model) -> Result<delivery_event::Model> {
        let row = self.insert::<delivery_event::Entity>(row).await?;
        self.count_given(ground, None, &row).await?;
        Ok(row)
    }

    /// Writes down the fee of an order that was cancelled late, which is held with its contract, and counts it: the provider's event, whoever cancels.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn record_fee(&mut self, ground: &DeliveryGround, row: &delivery_event::Model) -> Result<()> {
        self.make::<delivery_event::Entity>(row).await?;
        self.count_given(ground, None, row).await
    }

    /// Moves an event of what is held, and counts what it is from now on: there is no other way, but for invoices and settlements.
    ///
    /// # Errors
    /// As [`Work::update`].
    pub(crate) async fn move_delivery(
        &mut self,
        ground: &DeliveryGround,
        before: &delivery_event::Model,
        next: delivery_event::Model,
        action: Action,
    ) -> Result<delivery_event::Model> {
        let row = self.update::<delivery_event::Entity>(before, next, action).await?;
        self.count_given(ground, Some(before), &row).await?;
        Ok(row)
    }

    async fn count_given(&mut self, ground: &DeliveryGround, was: Option<&delivery_event::Model>, is: &delivery_event::Model) -> Result<()> {
        match ground {
            DeliveryGround::Order(_, order) => self.count_delivery(order, was, is).await,
            DeliveryGround::Voucher(voucher) => self.count_used(voucher, was.map(delivery_event::Model::delivered).unwrap_or_default(), is.delivered()).await,
        }
    }

    /// Counts what is used of a voucher from now on, and moves it with that: it begins to be used, is used up, or is as it was before.
    async fn count_used(&mut self, voucher: &voucher::Model, was: Drawn, is: Drawn) -> Result<()> {
        if was == is {
            return Ok(());
        }
        let used = voucher.used().minus(was).and_then(|left| left.plus(is)).ok_or_else(beyond_counting)?;
        let mut state = voucher.state;
        for by in state.using(used.hundredths, voucher.quantity_hundredths.into()) {
            state = state.step(*by)?;
        }
        if voucher.state == VoucherState::UsedUp && state.is_open() && !self.may_reopen(voucher).await? {
            state = state.step(VoucherMove::Cancel)?;
        }
        let ended_on = if state == voucher.state { voucher.ended_on } else { (!state.is_open()).then(|| day(self.now())) };
        // Whoever has given nothing need not know any more whom it was for.
        let needed = state.is_open() || used.hundredths > 0;
        let introduction = voucher.introduction.clone().filter(|_| needed);
        let next = voucher::Model { state, used_hundredths: used.hundredths, used_cents: used.cents, ended_on, introduction, ..voucher.clone() };
        self.change::<voucher::Entity>(voucher, next).await
    }

    /// What is asked for by a contract and stands behind it, whoever sees it: for whoever keeps the invoice. What is of another contract is left out.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn billable(&self, contract: FrameworkContractId, ids: BTreeSet<DeliveryEventId>) -> Result<BTreeMap<DeliveryEventId, Billable>> {
        let of = delivery_event::Column::ContractId.eq(contract).and(delivery_event::Column::Id.is_in(ids));
        let events = delivery_event::Entity::find().filter(of).all(self.tx()).await.map_err(fault)?;
        let orders: BTreeSet<_> = events.iter().filter_map(delivery_event::Model::order).collect();
        let orders = purchase_order::Entity::find().filter(purchase_order::Column::Id.is_in(orders)).all(self.tx()).await.map_err(fault)?;
        let services = self.names_of(orders.iter().map(|order| order.service_id)).await?;
        let orders: BTreeMap<_, _> = orders.into_iter().map(|order| (order.id, order)).collect();
        let behind = |event: delivery_event::Model| {
            let order = orders.get(&event.order()?).cloned()?;
            let service = services.get(&order.service_id).cloned()?;
            Some((event.id, Billable { event, order, service }))
        };
        events.into_iter().map(|event| behind(event).ok_or(Error::Internal)).collect()
    }

    /// What a provider has given by the vouchers of an organisation up to a day, and is approved and not settled, the earliest first and at most so many, with
    /// their vouchers held until the commit, whoever sees them: for whoever keeps the settlement.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn settleable(&self, payer: OrganizationId, provider: OrganizationId, through: NaiveDate, most: usize) -> Result<Vec<Settleable>> {
        let of = delivery_event::Entity::find()
            .filter(delivery_event::Column::OrganizationId.eq(payer))
            .filter(delivery_event::Column::ProviderId.eq(provider))
            .filter(delivery_event::Column::VoucherNumber.is_not_null())
            .filter(delivery_event::Column::State.eq(DeliveryState::Approved))
            .filter(delivery_event::Column::EffectiveDate.lte(through))
            .order_by_asc(delivery_event::Column::EffectiveDate)
            .order_by_asc(delivery_event::Column::Id)
            .limit(u64::try_from(most).unwrap_or(u64::MAX));
        let seen = of.clone().all(self.tx()).await.map_err(fault)?;
        let grounds: BTreeSet<_> = seen.iter().map(|event| event.ground_id).collect();
        // Whoever moves a delivery holds its voucher: nobody does meanwhile, and what was read before that may be another by then.
        let vouchers = voucher::Entity::find().filter(voucher::Column::Id.is_in(grounds.iter().copied())).order_by_asc(voucher::Column::Id);
        let vouchers = vouchers.lock_exclusive().all(self.tx()).await.map_err(fault)?;
        let events = of.filter(delivery_event::Column::GroundId.is_in(grounds)).all(self.tx()).await.map_err(fault)?;
        let services = self.names_of(vouchers.iter().map(|voucher| voucher.service_id)).await?;
        let vouchers: BTreeMap<_, _> = vouchers.into_iter().map(|voucher| (voucher.id, voucher)).collect();
        let behind = |event: delivery_event::Model| {
            let voucher = vouchers.get(&event.voucher()?).cloned()?;
            let service = services.get(&voucher.service_id).cloned()?;
            Some(Settleable { event, voucher, service })
        };
        events.into_iter().map(|event| behind(event).ok_or(Error::Internal)).collect()
    }

    async fn names_of(&self, services: impl Iterator<Item = ServiceId>) -> Result<BTreeMap<ServiceId, LocalizedText>> {
        let services: BTreeSet<_> = services.collect();
        let services = service::Entity::find().filter(service::Column::Id.is_in(services)).all(self.tx()).await.map_err(fault)?;
        Ok(services.into_iter().map(|row| (row.id, row.content.name)).collect())
    }

    /// Puts an approved event on an invoice, whoever sees the event: for whoever keeps the invoice.
    ///
    /// # Errors
    /// [`Error::NotFound`], a move that its state does not allow, or a fault of the database.
    pub async fn invoice_delivery(&mut self, id: DeliveryEventId) -> Result<()> {
        self.bill(id, DeliveryMove::Invoice).await
    }

    /// Takes an event off an invoice that was rejected or credited, whoever sees the event: it can be on another.
    ///
    /// # Errors
    /// As [`Work::invoice_delivery`].
    pub async fn release_delivery(&mut self, id: DeliveryEventId) -> Result<()> {
        self.bill(id, DeliveryMove::Release).await
    }

    /// Puts an approved event into a settlement, its voucher held: for whoever keeps the settlement.
    ///
    /// # Errors
    /// As [`Work::invoice_delivery`].
    pub(crate) async fn settle_delivery(&mut self, of: &Settleable) -> Result<()> {
        self.step_delivery(&DeliveryGround::Voucher(of.voucher.clone().into()), &of.event, DeliveryMove::Invoice).await
    }

    /// Takes events out of a settlement that was given up or reversed: their vouchers are held first, in the one order in which everybody holds several. What
    /// was destroyed with its client's record is settled no more.
    ///
    /// # Errors
    /// As [`Work::invoice_delivery`].
    pub(crate) async fn release_settled(&mut self, ids: &BTreeSet<DeliveryEventId>) -> Result<()> {
        let these = || delivery_event::Entity::find().filter(delivery_event::Column::Id.is_in(ids.iter().copied()));
        let grounds = these().select_only().column(delivery_event::Column::GroundId).into_query();
        let held = voucher::Entity::find().filter(voucher::Column::Id.in_subquery(grounds)).order_by_asc(voucher::Column::Id).lock_exclusive();
        let held = held.all(self.tx()).await.map_err(fault)?.into_iter().map(|row| (row.id, DeliveryGround::Voucher(row.into())));
        let held: BTreeMap<_, _> = held.collect();
        for before in these().order_by_asc(delivery_event::Column::Id).all(self.tx()).await.map_err(fault)? {
            let ground = before.voucher().and_then(|id| held.get(&id)).ok_or(Error::Internal)?;
            self.step_delivery(ground, &before, DeliveryMove::Release).await?;
        }
        Ok(())
    }

    async fn bill(&mut self, id: DeliveryEventId, by: DeliveryMove) -> Result<()> {
        let found = delivery_event::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        let ground = self.hold_ground(&found).await?;
        let before = delivery_event::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        self.step_delivery(&ground, &before, by).await
    }

    /// Moves an event that was read while its ground was held.
    async fn step_delivery(&mut self, ground: &DeliveryGround, before: &delivery_event::Model, by: DeliveryMove) -> Result<()> {
        let next = delivery_event::Model { state: before.state.step(by)?, ..before.clone() };
        self.change::<delivery_event::Entity>(before, next.clone()).await?;
        self.count_given(ground, Some(before), &next).await
    }
}

/// Holds the vouchers of deliveries until the commit, in the one order in which everybody holds several.
pub(super) async fn hold_vouchers(tx: &Transaction, deliveries: impl IntoIterator<Item = DeliveryEventId>) -> Result<()> {
    let of = delivery_event::Entity::find().select_only().column(delivery_event::Column::GroundId).filter(delivery_event::Column::Id.is_in(deliveries));
    let held = voucher::Entity::find().select_only().column(voucher::Column::Id).filter(voucher::Column::Id.in_subquery(of.into_query()));
    held.order_by_asc(voucher::Column::Id).lock_exclusive().into_tuple::<Uuid>().all(tx).await.map_err(fault).map(drop)
}
