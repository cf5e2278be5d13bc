//! What is ordered by contracts and delivered of orders, and the counters of it: named steps that no reach scopes. Whoever places an order, takes one back or
//! tells what was delivered holds the contract first, so that those who do so at once go one after the other and none of them passes a ceiling.
use super::{Store, Work, deliveries::hold_vouchers, dialect::fault, ledger::Written, pool::Transaction, vouchers::room_of};
use crate::{
    error::{Error, Result},
    vault::Place,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    casework::referral::Introduction,
    catalogue::session::day,
    funding::{
        contract::ContractState,
        delivery::{DeliveryState, month_of},
        invoice::InvoiceState,
        purchase_order::{Counts, Drawn, OrderState, Room},
        settlement::SettlementState,
    },
    id::{
        CaseId, ClientId, ContractLineId, DeliveryEventId, DrawdownId, FrameworkContractId, Kinded, OrganizationId, ProcurementId, PurchaseOrderId,
        ServiceDecisionId, ServiceId, VoucherId,
    },
    person::consent::DataItem,
    policy::{Action, Resource},
    private::Private,
};
use entity::{
    Kept, SealedText,
    casework::service_decision,
    catalogue::organization,
    funding::{
        contract_line, delivery_event, drawdown, framework_contract, invoice, procurement, provider_report, purchase_order, voucher, voucher_settlement,
    },
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};
use std::collections::{BTreeMap, BTreeSet};

/// The place of what a provider is told of a client with an order.
pub const ORDER_INTRODUCTION: &str = "purchase_order.introduction";
/// The place of what a provider is told of a client with a voucher.
pub const VOUCHER_INTRODUCTION: &str = "voucher.introduction";

/// What does not hold of a contract's orders, of a voucher, or of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the contract or voucher, or the decision.
    pub of: String,
    /// What it is.
    pub what: Wrong,
}

/// What does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A counter that does not say what its orders do.
    Counter {
        /// The line.
        line: ContractLineId,
        /// The first day of the month.
        month: NaiveDate,
        /// What is counted.
        counted: Counts,
        /// What the orders and the events come to.
        found: Counts,
    },
    /// An order that does not say what its events do.
    Order {
        /// The order.
        order: PurchaseOrderId,
        /// What it says was delivered.
        counted: Drawn,
        /// What the events come to.
        found: Drawn,
    },
    /// A voucher that does not say what its events do.
    Voucher {
        /// What it says was used.
        counted: Drawn,
        /// What the events come to.
        found: Drawn,
    },
    /// More was ordered than the contract allows, in cents.
    Ceiling {
        /// The most that may be ordered.
        ceiling: i64,
        /// What the orders come to.
        ordered: i64,
    },
    /// More was ordered by a line than it allows.
    Line {
        /// The line.
        line: ContractLineId,
        /// What was ordered by it, and what it allows.
        room: Room,
    },
    /// More was ordered and issued by a decision than it grants.
    Decision {
        /// What was ordered and issued by it, and what it grants.
        room: Room,
    },
    /// A delivery that says it is invoiced and is not on one invoice, or in one settlement, that counts; or says it is not, and is.
    Billed {
        /// The delivery.
        delivery: DeliveryEventId,
        /// On how many it is.
        on: usize,
    },
}

/// The first day of the month in which an order was placed, in Finland; none of one that was not.
fn placed_in(order: &purchase_order::Model) -> Option<NaiveDate> {
    order.placed_at.map(|at| month_of(day(at)))
}

pub(super) fn beyond_counting() -> Error {
    Error::internal("a counter would be less than nothing or more than can be counted")
}

impl Work {
    /// A contract, held until the commit, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_contract(&self, id: FrameworkContractId) -> Result<framework_contract::Model> {
        hold_contract(self.tx(), id).await?.ok_or(Error::NotFound)
    }

    /// Contracts, held until the commit one after the other, in the one order in which everybody holds several.
    ///
    /// # Errors
    /// As [`Work::hold_contract`].
    pub(crate) async fn hold_contracts(&self, ids: BTreeSet<FrameworkContractId>) -> Result<()> {
        hold_contracts(self.tx(), ids).await
    }

    /// The decision by which something is ordered, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn decision_behind(&self, id: ServiceDecisionId) -> Result<service_decision::Model> {
        service_decision::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// The line by which something is ordered, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn line_behind(&self, id: ContractLineId) -> Result<contract_line::Model> {
        contract_line::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// A procurement that a contract rests on, held until the commit, whoever sees it: as it is then.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_procurement(&self, id: ProcurementId) -> Result<procurement::Model> {
        procurement::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// For how many cents there are contracts that rest on a procurement, but for one: up to their ceilings, or what was ordered by those that are over.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn contracted(&self, procurement: ProcurementId, but: FrameworkContractId) -> Result<i64> {
        let rows = framework_contract::Entity::find()
            .filter(framework_contract::Column::ProcurementId.eq(procurement))
            .filter(framework_contract::Column::Id.ne(but))
            .filter(framework_contract::Column::State.is_not_in([ContractState::Draft, ContractState::Cancelled]));
        let mut cents = 0;
        for row in rows.all(self.tx()).await.map_err(fault)? {
            cents += match row.state {
                ContractState::Terminated | ContractState::Expired => self.drawn_by(row.id).await?.iter().map(|counter| counter.ordered_cents).sum(),
                _ => row.ceiling_cents,
            };
        }
        Ok(cents)
    }

    /// The counters of a contract, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn drawn_by(&self, contract: FrameworkContractId) -> Result<Vec<drawdown::Model>> {
        drawdown::Entity::find().filter(drawdown::Column::ContractId.eq(contract)).all(self.tx()).await.map_err(fault)
    }

    /// The orders by a decision, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn orders_by(&self, decision: ServiceDecisionId) -> Result<Vec<purchase_order::Model>> {
        let all = purchase_order::Entity::find().filter(purchase_order::Column::DecisionId.eq(decision)).order_by_asc(purchase_order::Column::Id);
        all.all(self.tx()).await.map_err(fault)
    }

    /// The orders in a case that go on, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_orders(&self, case: CaseId) -> Result<Vec<purchase_order::Model>> {
        let open = purchase_order::Entity::find()
            .filter(purchase_order::Column::CaseId.eq(case))
            .filter(purchase_order::Column::State.is_in(OrderState::OPEN))
            .order_by_asc(purchase_order::Column::Id);
        open.all(self.tx()).await.map_err(fault)
    }

    /// The orders of a service that a provider has confirmed or gives for these clients on a day, whoever sees them: the one whose first day is earlier before another.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn orders_given_on(
        &self,
        clients: &BTreeSet<ClientId>,
        by: (OrganizationId, ServiceId),
        on: NaiveDate,
    ) -> Result<Vec<purchase_order::Model>> {
        use purchase_order::Column;
        let given = purchase_order::Entity::find()
            .filter(Column::ClientId.is_in(clients.iter().copied()))
            .filter(Column::ProviderId.eq(by.0))
            .filter(Column::ServiceId.eq(by.1))
            .filter(Column::State.is_in([OrderState::Confirmed, OrderState::InDelivery]))
            .filter(Column::AgreedStartOn.lte(on))
            .filter(Column::EndsOn.gte(on))
            .order_by_asc(Column::AgreedStartOn)
            .order_by_asc(Column::Id);
        given.all(self.tx()).await.map_err(fault)
    }

    /// The orders by a contract whose service has not begun, held until the commit, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn waiting_orders(&self, contract: FrameworkContractId) -> Result<Vec<purchase_order::Model>> {
        let waiting = purchase_order::Entity::find()
            .filter(purchase_order::Column::ContractId.eq(contract))
            .filter(purchase_order::Column::State.is_in(OrderState::WAITING))
            .order_by_asc(purchase_order::Column::Id);
        waiting.lock_exclusive().all(self.tx()).await.map_err(fault)
    }

    /// Takes back an order with its contract, which is held, whoever sees the order.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn take_back_order(&mut self, before: &purchase_order::Model, next: purchase_order::Model) -> Result<purchase_order::Model> {
        self.change::<purchase_order::Entity>(before, next.clone()).await?;
        self.count_order(&next, before.drawn(), next.drawn()).await?;
        Ok(next)
    }

    /// Those of these orders by a contract whose service is over, whoever sees them, and whether all that was delivered of each is on invoices that were paid.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn orders_over(&self, contract: FrameworkContractId, ids: BTreeSet<PurchaseOrderId>) -> Result<Vec<(purchase_order::Model, bool)>> {
        let over = purchase_order::Entity::find()
            .filter(purchase_order::Column::Id.is_in(ids))
            .filter(purchase_order::Column::State.is_in(OrderState::OVER))
            .order_by_asc(purchase_order::Column::Id);
        let over = over.lock_exclusive().all(self.tx()).await.map_err(fault)?;
        let Some(since) = over.iter().map(|order| order.starts_on).min() else { return Ok(Vec::new()) };
        let events = delivery_event::Entity::find().filter(delivery_event::Column::GroundId.is_in(over.iter().map(|order| order.id.0)));
        let mut events_of: BTreeMap<Uuid, Vec<delivery_event::Model>> = BTreeMap::new();
        for event in events.all(self.tx()).await.map_err(fault)?.into_iter().filter(|event| event.delivered() != Drawn::default()) {
            events_of.entry(event.ground_id).or_default().push(event);
        }
        // Nothing is asked for before it was delivered.
        let invoices = invoice::Entity::find()
            .filter(invoice::Column::ContractId.eq(contract))
            .filter(invoice::Column::State.eq(InvoiceState::Paid))
            .filter(invoice::Column::IssuedOn.gte(since));
        let invoices = invoices.all(self.tx()).await.map_err(fault)?;
        let paid: BTreeSet<_> = invoices.iter().flat_map(|invoice| &invoice.reckoned.lines).map(|line| line.delivery).collect();
        let with_payment = |order: purchase_order::Model| {
            let all_paid = events_of.get(&order.id.0).is_some_and(|events| events.iter().all(|event| paid.contains(&event.id)));
            (order, all_paid)
        };
        Ok(over.into_iter().map(with_payment).collect())
    }

    /// Keeps an order as it is after a move that follows from something else, whoever sees it: it takes of its contract what it took.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keep_order(&mut self, before: &purchase_order::Model, next: purchase_order::Model) -> Result<()> {
        self.change::<purchase_order::Entity>(before, next).await
    }

    /// Moves an order, and counts what it takes of its contract from now on: there is no other way to move one.
    ///
    /// # Errors
    /// As [`Work::update`].
    pub(crate) async fn move_order(&mut self, before: &purchase_order::Model, next: purchase_order::Model, action: Action) -> Result<purchase_order::Model> {
        let (was, is) = (before.drawn(), next.drawn());
        if was != is {
            self.hold_contract(next.contract_id).await?;
        }
        let row = self.update::<purchase_order::Entity>(before, next, action).await?;
        if was != is {
            self.count_order(&row, was, is).await?;
        }
        Ok(row)
    }

    /// The order of an event, held until the commit after its contract, whoever sees them: the contract and the order as they are then.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_order(&self, contract: FrameworkContractId, id: PurchaseOrderId) -> Result<(framework_contract::Model, purchase_order::Model)> {
        let contract = self.hold_contract(contract).await?;
        let order = purchase_order::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        Ok((contract, order))
    }

    /// An order, held until the commit after its contract, whoever sees it: as [`Work::hold_order`].
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn hold_order_of(&self, id: PurchaseOrderId) -> Result<(framework_contract::Model, purchase_order::Model)> {
        let contract = self.order_behind(id).await?.contract_id;
        self.hold_order(contract, id).await
    }

    /// An order as it is, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn order_behind(&self, id: PurchaseOrderId) -> Result<purchase_order::Model> {
        purchase_order::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// The reports on an order, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn reports_of(&self, order: PurchaseOrderId) -> Result<Vec<provider_report::Model>> {
        let all = provider_report::Entity::find().filter(provider_report::Column::OrderId.eq(order)).order_by_asc(provider_report::Column::Id);
        all.all(self.tx()).await.map_err(fault)
    }

    /// Changes a report as its order, which somebody has moved, tells: whoever sees the report.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keep_report(&mut self, before: &provider_report::Model, next: provider_report::Model) -> Result<()> {
        self.change::<provider_report::Entity>(before, next).await
    }

    /// Counts what an event of an order, which is held with its contract, is from now on: of the order, and of the line in the month of the event.
    pub(super) async fn count_delivery(
        &mut self,
        order: &purchase_order::Model,
        was: Option<&delivery_event::Model>,
        is: &delivery_event::Model,
    ) -> Result<()> {
        let before = was.map(delivery_event::Model::delivered).unwrap_or_default();
        if before != is.delivered() {
            let delivered = order.delivered().minus(before).and_then(|left| left.plus(is.delivered())).ok_or_else(beyond_counting)?;
            let next = purchase_order::Model { delivered_hundredths: delivered.hundredths, delivered_cents: delivered.cents, ..order.clone() };
            self.change::<purchase_order::Entity>(order, next.clone()).await?;
            // What is over takes what was delivered.
            self.count_order(&next, order.drawn(), next.drawn()).await?;
        }
        let month = month_of(is.effective_date);
        match was {
            Some(was) if month_of(was.effective_date) == month => self.count(order, month, was.counts(), is.counts()).await,
            Some(was) => {
                self.count(order, month_of(was.effective_date), was.counts(), Counts::default()).await?;
                self.count(order, month, Counts::default(), is.counts()).await
            }
            None => self.count(order, month, Counts::default(), is.counts()).await,
        }
    }

    async fn count_order(&mut self, order: &purchase_order::Model, was: Drawn, is: Drawn) -> Result<()> {
        let month = placed_in(order).ok_or(Error::Internal)?;
        self.count(order, month, Counts::of_ordered(was), Counts::of_ordered(is)).await
    }

    async fn count(&mut self, order: &purchase_order::Model, month: NaiveDate, was: Counts, is: Counts) -> Result<()> {
        if was == is {
            return Ok(());
        }
        let before = hold_counter(self.tx(), order.line_id, month).await?;
        let counted = before.as_ref().map(drawdown::Model::counted).unwrap_or_default();
        let counts = counted.minus(was).and_then(|left| left.plus(is)).ok_or_else(beyond_counting)?;
        if let Some(before) = before {
            let next = before.clone().counting(counts);
            return self.change::<drawdown::Entity>(&before, next).await;
        }
        let row = first_counter(order, month, self.now()).counting(counts);
        let written = Written { resource: Resource::Drawdown, action: Action::Create, row: row.id.0, before: None, after: serde_json::to_value(&row).ok() };
        drawdown::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(self.tx()).await.map_err(fault)?;
        self.record(written)
    }

    /// Takes from what providers who are no authority have been told of a client what may not be told of one under non-disclosure: the alias too, since it may
    /// be the first name.
    pub(super) async fn withhold_from_providers(&mut self, client: ClientId) -> Result<()> {
        let told = purchase_order::Entity::find()
            .filter(purchase_order::Column::ClientId.eq(client))
            .filter(purchase_order::Column::Introduction.is_not_null())
            .order_by_asc(purchase_order::Column::Id);
        for before in told.lock_exclusive().all(self.tx()).await.map_err(fault)? {
            let place = Place::new(ORDER_INTRODUCTION, before.id);
            if let Some(left) = self.left_to_provider(Some(before.provider_id), place, before.introduction.as_ref()).await? {
                self.change::<purchase_order::Entity>(&before, purchase_order::Model { introduction: Some(left), ..before.clone() }).await?;
            }
        }
        let told = voucher::Entity::find()
            .filter(voucher::Column::ClientId.eq(client))
            .filter(voucher::Column::Introduction.is_not_null())
            .order_by_asc(voucher::Column::Id);
        for before in told.lock_exclusive().all(self.tx()).await.map_err(fault)? {
            let place = Place::new(VOUCHER_INTRODUCTION, before.id);
            if let Some(left) = self.left_to_provider(before.provider_id, place, before.introduction.as_ref()).await? {
                self.change::<voucher::Entity>(&before, voucher::Model { introduction: Some(left), ..before.clone() }).await?;
            }
        }
        Ok(())
    }

    /// What is left of an introduction to a provider that is no authority, sealed; none where all of it may stay.
    async fn left_to_provider(&self, provider: Option<OrganizationId>, place: Place, told: Option<&SealedText>) -> Result<Option<SealedText>> {
        let (Some(provider), Some(sealed)) = (provider, told) else { return Ok(None) };
        let provider = organization::Entity::find_by_id(provider).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        if provider.content.kind.is_authority() {
            return Ok(None);
        }
        let told: Private<Introduction> = self.vault().open(place, sealed)?;
        self.vault().seal(place, &told.reveal().clone().only(&[DataItem::Language].into())).map(Some)
    }
}

/// A counter of an order's line and a month by which nothing was counted before.
fn first_counter(order: &purchase_order::Model, month: NaiveDate, now: DateTime<Utc>) -> drawdown::Model {
    drawdown::Model {
        id: DrawdownId::new(),
        network_id: order.network_id,
        organization_id: order.organization_id,
        provider_id: order.provider_id,
        contract_id: order.contract_id,
        line_id: order.line_id,
        month,
        ordered_hundredths: 0,
        ordered_cents: 0,
        destroyed_hundredths: 0,
        destroyed_cents: 0,
        delivered_hundredths: 0,
        delivered_cents: 0,
        invoiced_hundredths: 0,
        invoiced_cents: 0,
        destroyed_delivered_hundredths: 0,
        destroyed_delivered_cents: 0,
        destroyed_invoiced_hundredths: 0,
        destroyed_invoiced_cents: 0,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn hold_contract(tx: &Transaction, id: FrameworkContractId) -> Result<Option<framework_contract::Model>> {
    framework_contract::Entity::find_by_id(id).lock_exclusive().one(tx).await.map_err(fault)
}

async fn hold_contracts(tx: &Transaction, ids: BTreeSet<FrameworkContractId>) -> Result<()> {
    for id in ids {
        hold_contract(tx, id).await?.ok_or(Error::NotFound)?;
    }
    Ok(())
}

/// The counter of a line and a month, held until the commit.
async fn hold_counter(tx: &Transaction, line: ContractLineId, month: NaiveDate) -> Result<Option<drawdown::Model>> {
    let of = drawdown::Entity::find().filter(drawdown::Column::LineId.eq(line)).filter(drawdown::Column::Month.eq(month));
    of.lock_exclusive().one(tx).await.map_err(fault)
}

/// Orders and events are destroyed with their client's record; what they have drawn stays drawn.
pub(super) async fn outlive(tx: &Transaction, orders: &[Uuid], events: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let orders = purchase_order::Entity::find().filter(purchase_order::Column::Id.is_in(orders.iter().copied().map(PurchaseOrderId)));
    let doomed: Vec<_> = events.iter().copied().map(DeliveryEventId).collect();
    let events = delivery_event::Entity::find().filter(delivery_event::Column::Id.is_in(doomed.iter().copied()));
    // Whoever counts holds the contract: nobody else does meanwhile, and what was read before that may be another by then.
    let by_order = orders.clone().all(tx).await.map_err(fault)?.into_iter().map(|order| order.contract_id);
    let by_event = events.clone().all(tx).await.map_err(fault)?.into_iter().filter_map(|event| event.contract_id);
    hold_contracts(tx, by_order.chain(by_event).collect()).await?;
    hold_vouchers(tx, doomed).await?;
    let orders = orders.order_by_asc(purchase_order::Column::Id).all(tx).await.map_err(fault)?;
    let events = events.order_by_asc(delivery_event::Column::Id).all(tx).await.map_err(fault)?;
    let drawn = orders.iter().filter_map(|order| Some((order.line_id, placed_in(order)?, Counts::of_ordered(order.drawn()))));
    // What was given by vouchers is no line's.
    let given = events.iter().filter_map(|event| Some((event.line_id?, month_of(event.effective_date), event.counts())));
    for (line, month, counts) in drawn.chain(given).filter(|(_, _, counts)| *counts != Counts::default()) {
        let counter = hold_counter(tx, line, month).await?.ok_or(Error::Internal)?;
        let destroyed = counter.destroyed().plus(counts).ok_or_else(beyond_counting)?;
        let mut next = counter.outliving(destroyed);
        drawdown::Entity::stamp(&mut next, now);
        next.into_active_model().reset_all().update(tx).await.map_err(fault)?;
    }
    Ok(())
}

impl Store {
    /// Works out anew, contract by contract, what has been ordered, delivered and invoiced by each line in each month, and delivered of each order, and what was
    /// used of each voucher: the counters, orders and vouchers that say something else, the contracts, lines and decisions of which more was ordered than they allow or
    /// grant, and the deliveries that are not on one invoice or in one settlement where they say they are invoiced.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn verify_drawdown(&self) -> Result<Vec<Difference>> {
        let contracts = framework_contract::Entity::find().select_only().column(framework_contract::Column::Id).order_by_asc(framework_contract::Column::Id);
        let contracts: Vec<FrameworkContractId> = contracts.into_tuple().all(&self.reads.as_system()).await.map_err(fault)?;
        let mut out = Vec::new();
        for id in contracts {
            // Held, so that nobody orders meanwhile; nothing is kept of it.
            let tx = self.writes.as_system().begin().await?;
            if let Some(contract) = hold_contract(&tx, id).await? {
                out.extend(differences(&tx, &contract).await?);
            }
        }
        let vouchers = voucher::Entity::find().select_only().column(voucher::Column::Id);
        let vouchers: Vec<VoucherId> = vouchers.order_by_asc(voucher::Column::Id).into_tuple().all(&self.reads.as_system()).await.map_err(fault)?;
        for id in vouchers {
            let tx = self.writes.as_system().begin().await?;
            out.extend(of_voucher(&tx, id).await?);
        }
        let decisions = service_decision::Entity::find().select_only().column(service_decision::Column::Id);
        let decisions: Vec<ServiceDecisionId> =
            decisions.order_by_asc(service_decision::Column::Id).into_tuple().all(&self.reads.as_system()).await.map_err(fault)?;
        for id in decisions {
            let tx = self.writes.as_system().begin().await?;
            out.extend(of_decision(&tx, id).await?);
        }
        Ok(out)
    }
}

async fn of_voucher(tx: &Transaction, id: VoucherId) -> Result<Vec<Difference>> {
    let Some(row) = voucher::Entity::find_by_id(id).lock_exclusive().one(tx).await.map_err(fault)? else { return Ok(Vec::new()) };
    let events = delivery_event::Entity::find().filter(delivery_event::Column::GroundId.eq(id.0)).all(tx).await.map_err(fault)?;
    let found = Drawn::sum(events.iter().map(delivery_event::Model::delivered)).ok_or_else(beyond_counting)?;
    let mut wrong = Vec::new();
    if row.used() != found {
        wrong.push(Wrong::Voucher { counted: row.used(), found });
    }
    if let Some(provider) = row.provider_id.filter(|_| !events.is_empty()) {
        let settlements = voucher_settlement::Entity::find()
            .filter(voucher_settlement::Column::OrganizationId.eq(row.organization_id))
            .filter(voucher_settlement::Column::ProviderId.eq(provider))
            .filter(voucher_settlement::Column::State.is_in(SettlementState::COUNTED));
        let settlements = settlements.all(tx).await.map_err(fault)?;
        wrong.extend(billed(&events, settlements.iter().flat_map(|settlement| &settlement.reckoned.lines).map(|line| line.delivery)));
    }
    Ok(wrong.into_iter().map(|what| Difference { of: row.number.clone(), what }).collect())
}

async fn of_decision(tx: &Transaction, id: ServiceDecisionId) -> Result<Option<Difference>> {
    // Whoever orders or issues by it holds it too.
    let Some(row) = service_decision::Entity::find_by_id(id).lock_exclusive().one(tx).await.map_err(fault)? else { return Ok(None) };
    let room = room_of(tx, &row).await?;
    Ok(room.is_passed().then_some(Difference { of: id.to_public(), what: Wrong::Decision { room } }))
}

/// The deliveries that are not on one document where they say they are invoiced, out of the deliveries of all lines of those that count.
fn billed(events: &[delivery_event::Model], lines: impl Iterator<Item = DeliveryEventId>) -> Vec<Wrong> {
    let mut on: BTreeMap<DeliveryEventId, usize> = BTreeMap::new();
    lines.for_each(|delivery| *on.entry(delivery).or_default() += 1);
    let told = |event: &delivery_event::Model| {
        let on = on.get(&event.id).copied().unwrap_or_default();
        (on != usize::from(event.state == DeliveryState::Invoiced)).then_some(Wrong::Billed { delivery: event.id, on })
    };
    events.iter().filter_map(told).collect()
}

async fn differences(tx: &Transaction, contract: &framework_contract::Model) -> Result<Vec<Difference>> {
    let mut of: BTreeMap<(ContractLineId, NaiveDate), (Counts, Counts)> = BTreeMap::new();
    for row in drawdown::Entity::find().filter(drawdown::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)? {
        of.insert((row.line_id, row.month), (row.counted(), row.destroyed()));
    }
    let mut add = |line, month, counts| -> Result<()> {
        let (_, found): &mut (Counts, Counts) = of.entry((line, month)).or_default();
        *found = found.plus(counts).ok_or_else(beyond_counting)?;
        Ok(())
    };
    let mut given: BTreeMap<Uuid, Drawn> = BTreeMap::new();
    let events = delivery_event::Entity::find().filter(delivery_event::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)?;
    for row in &events {
        add(row.line_id.ok_or(Error::Internal)?, month_of(row.effective_date), row.counts())?;
        let given = given.entry(row.ground_id).or_default();
        *given = given.plus(row.delivered()).ok_or_else(beyond_counting)?;
    }
    let mut wrong = Vec::new();
    for row in purchase_order::Entity::find().filter(purchase_order::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)? {
        let (counted, found) = (row.delivered(), given.get(&row.id.0).copied().unwrap_or_default());
        if counted != found {
            wrong.push(Wrong::Order { order: row.id, counted, found });
        }
        if let Some(month) = placed_in(&row) {
            add(row.line_id, month, Counts::of_ordered(row.drawn()))?;
        }
    }
    for line in contract_line::Entity::find().filter(contract_line::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)? {
        let own = of.iter().filter(|((of, _), _)| *of == line.id).map(|(_, (_, found))| found.ordered);
        let room = drawdown::bounds_of_line(&line, Drawn::sum(own).ok_or_else(beyond_counting)?);
        wrong.extend(room.is_passed().then_some(Wrong::Line { line: line.id, room }));
    }
    let invoices = invoice::Entity::find().filter(invoice::Column::ContractId.eq(contract.id)).filter(invoice::Column::State.is_in(InvoiceState::COUNTED));
    let invoices = invoices.all(tx).await.map_err(fault)?;
    wrong.extend(billed(&events, invoices.iter().flat_map(|invoice| &invoice.reckoned.lines).map(|line| line.delivery)));
    let all = Counts::sum(of.values().map(|(_, found)| *found)).ok_or_else(beyond_counting)?.ordered.cents;
    let counters = of.into_iter().filter(|(_, (counted, found))| counted != found);
    wrong.extend(counters.map(|((line, month), (counted, found))| Wrong::Counter { line, month, counted, found }));
    wrong.extend((all > contract.ceiling_cents).then_some(Wrong::Ceiling { ceiling: contract.ceiling_cents, ordered: all }));
    Ok(wrong.into_iter().map(|what| Difference { of: contract.number.clone(), what }).collect())
}
