//! What is ordered by contracts, and the counters of it: named steps that no reach scopes. Whoever places an order or takes one back holds the contract
//! first, so that those who order at once go one after the other and none of them passes a ceiling.
#![expect(clippy::disallowed_types, reason = "part of the store")]
use super::{Store, Work, dialect::fault, ledger::Written};
use crate::{
    error::{Error, Result},
    vault::Place,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::{
    casework::referral::Introduction,
    catalogue::session::day,
    funding::purchase_order::{Drawn, OrderState},
    id::{CaseId, ClientId, ContractLineId, DrawdownId, FrameworkContractId, PurchaseOrderId, ServiceDecisionId},
    person::consent::DataItem,
    policy::{Action, Resource},
    private::Private,
};
use entity::{
    Kept,
    casework::service_decision,
    catalogue::organization,
    funding::{drawdown, framework_contract, purchase_order},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};
use std::collections::{BTreeMap, BTreeSet};

/// The place of what a provider is told of a client.
pub const INTRODUCTION: &str = "purchase_order.introduction";

/// What does not hold of a contract's orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the contract.
    pub contract: String,
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
        counted: Drawn,
        /// What the orders come to.
        ordered: Drawn,
    },
    /// More was ordered than the contract allows, in cents.
    Ceiling {
        /// The most that may be ordered.
        ceiling: i64,
        /// What the orders come to.
        ordered: i64,
    },
}

/// The first day of the month in which something happened, in Finland.
fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let day = day(at);
    day.with_day(1).unwrap_or(day)
}

fn beyond_counting() -> Error {
    Error::internal("a counter of a contract would be less than nothing or more than can be counted")
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
        self.count(&next, before.drawn(), next.drawn()).await?;
        Ok(next)
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
            self.count(&row, was, is).await?;
        }
        Ok(row)
    }

    async fn count(&mut self, order: &purchase_order::Model, was: Drawn, is: Drawn) -> Result<()> {
        let month = order.placed_at.map(month_of).ok_or(Error::Internal)?;
        let before = hold_counter(self.tx(), order.line_id, month).await?;
        let counted = before.as_ref().map(drawdown::Model::ordered).unwrap_or_default();
        let ordered = counted.minus(was).and_then(|left| left.plus(is)).ok_or_else(beyond_counting)?;
        if let Some(before) = before {
            let next = drawdown::Model { ordered_hundredths: ordered.hundredths, ordered_cents: ordered.cents, ..before.clone() };
            return self.change::<drawdown::Entity>(&before, next).await;
        }
        let now = self.now();
        let row = drawdown::Model {
            id: DrawdownId::new(),
            network_id: order.network_id,
            organization_id: order.organization_id,
            provider_id: order.provider_id,
            contract_id: order.contract_id,
            line_id: order.line_id,
            month,
            ordered_hundredths: ordered.hundredths,
            ordered_cents: ordered.cents,
            destroyed_hundredths: 0,
            destroyed_cents: 0,
            created_at: now,
            updated_at: now,
            version: 1,
        };
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
            let provider = organization::Entity::find_by_id(before.provider_id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
            let Some(sealed) = before.introduction.as_ref().filter(|_| !provider.content.kind.is_authority()) else { continue };
            let place = Place::new(INTRODUCTION, before.id);
            let told: Private<Introduction> = self.vault().open(place, sealed)?;
            let introduction = Some(self.vault().seal(place, &told.reveal().clone().only(&[DataItem::Language].into()))?);
            self.change::<purchase_order::Entity>(&before, purchase_order::Model { introduction, ..before.clone() }).await?;
        }
        Ok(())
    }
}

async fn hold_contract(tx: &DatabaseTransaction, id: FrameworkContractId) -> Result<Option<framework_contract::Model>> {
    framework_contract::Entity::find_by_id(id).lock_exclusive().one(tx).await.map_err(fault)
}

async fn hold_contracts(tx: &DatabaseTransaction, ids: BTreeSet<FrameworkContractId>) -> Result<()> {
    for id in ids {
        hold_contract(tx, id).await?.ok_or(Error::NotFound)?;
    }
    Ok(())
}

/// The counter of a line and a month, held until the commit.
async fn hold_counter(tx: &DatabaseTransaction, line: ContractLineId, month: NaiveDate) -> Result<Option<drawdown::Model>> {
    let of = drawdown::Entity::find().filter(drawdown::Column::LineId.eq(line)).filter(drawdown::Column::Month.eq(month));
    of.lock_exclusive().one(tx).await.map_err(fault)
}

/// Orders are destroyed with their client's record; what they have drawn stays drawn.
pub(super) async fn outlive(tx: &DatabaseTransaction, orders: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let doomed = purchase_order::Entity::find().filter(purchase_order::Column::Id.is_in(orders.iter().copied().map(PurchaseOrderId)));
    let doomed = doomed.order_by_asc(purchase_order::Column::Id).all(tx).await.map_err(fault)?;
    // Whoever counts holds the contract: nobody else does meanwhile.
    hold_contracts(tx, doomed.iter().map(|order| order.contract_id).collect()).await?;
    for order in doomed {
        let Some(month) = order.placed_at.map(month_of).filter(|_| order.state.is_committed()) else { continue };
        let counter = hold_counter(tx, order.line_id, month).await?.ok_or(Error::Internal)?;
        let destroyed = counter.destroyed().plus(order.drawn()).ok_or_else(beyond_counting)?;
        let mut next = drawdown::Model { destroyed_hundredths: destroyed.hundredths, destroyed_cents: destroyed.cents, ..counter };
        drawdown::Entity::stamp(&mut next, now);
        next.into_active_model().reset_all().update(tx).await.map_err(fault)?;
    }
    Ok(())
}

impl Store {
    /// Works out anew, contract by contract, what has been ordered by each line in each month: the counters that say something else, and the contracts of which
    /// more was ordered than they allow.
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
        Ok(out)
    }
}

async fn differences(tx: &DatabaseTransaction, contract: &framework_contract::Model) -> Result<Vec<Difference>> {
    let mut of: BTreeMap<(ContractLineId, NaiveDate), (Drawn, Drawn)> = BTreeMap::new();
    for row in drawdown::Entity::find().filter(drawdown::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)? {
        of.insert((row.line_id, row.month), (row.ordered(), row.destroyed()));
    }
    for row in purchase_order::Entity::find().filter(purchase_order::Column::ContractId.eq(contract.id)).all(tx).await.map_err(fault)? {
        let Some(month) = row.placed_at.map(month_of) else { continue };
        let (_, ordered) = of.entry((row.line_id, month)).or_default();
        *ordered = ordered.plus(row.drawn()).ok_or_else(beyond_counting)?;
    }
    let all = Drawn::sum(of.values().map(|(_, ordered)| *ordered)).ok_or_else(beyond_counting)?.cents;
    let above = (all > contract.ceiling_cents).then_some(Wrong::Ceiling { ceiling: contract.ceiling_cents, ordered: all });
    let wrong = of.into_iter().filter(|(_, (counted, ordered))| counted != ordered);
    let wrong = wrong.map(|((line, month), (counted, ordered))| Wrong::Counter { line, month, counted, ordered });
    Ok(wrong.chain(above).map(|what| Difference { contract: contract.number.clone(), what }).collect())
}
