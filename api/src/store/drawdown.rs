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
    casework::referral::{Introduction, PROTECTED_ITEMS},
    catalogue::session::day,
    funding::purchase_order::{Drawn, OrderState},
    id::{CaseId, ClientId, ContractLineId, DrawdownId, FrameworkContractId, PurchaseOrderId, ServiceDecisionId},
    person::consent::DataItem,
    policy::{Action, Resource},
    private::Private,
};
use entity::{
    catalogue::organization,
    funding::{drawdown, framework_contract, purchase_order},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};
use std::collections::{BTreeMap, BTreeSet};

/// The place of what a provider is told of a client.
pub const INTRODUCTION: &str = "purchase_order.introduction";

/// A counter that does not say what its orders do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the contract.
    pub contract: String,
    /// The line.
    pub line: ContractLineId,
    /// The first day of the month.
    pub month: NaiveDate,
    /// What is counted.
    pub counted: Drawn,
    /// What the orders come to.
    pub ordered: Drawn,
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
        framework_contract::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
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
        let of = drawdown::Entity::find().filter(drawdown::Column::LineId.eq(order.line_id)).filter(drawdown::Column::Month.eq(month));
        let before = of.one(self.tx()).await.map_err(fault)?;
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

    /// Takes from what providers who are no authority have been told of a client what may not be told of one under non-disclosure.
    pub(super) async fn withhold_from_providers(&mut self, client: ClientId) -> Result<()> {
        let told =
            purchase_order::Entity::find().filter(purchase_order::Column::ClientId.eq(client)).filter(purchase_order::Column::Introduction.is_not_null());
        for before in told.all(self.tx()).await.map_err(fault)? {
            let provider = organization::Entity::find_by_id(before.provider_id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
            let Some(sealed) = before.introduction.as_ref().filter(|_| !provider.content.kind.is_authority()) else { continue };
            let place = Place::new(INTRODUCTION, before.id);
            let told: Private<Introduction> = self.vault().open(place, sealed)?;
            let items: BTreeSet<_> = DataItem::ALL.iter().copied().filter(|item| !PROTECTED_ITEMS.contains(item)).collect();
            let introduction = Some(self.vault().seal(place, &told.reveal().clone().only(&items))?);
            self.change::<purchase_order::Entity>(&before, purchase_order::Model { introduction, ..before.clone() }).await?;
        }
        Ok(())
    }
}

/// Orders are destroyed with their client's record; what they have drawn stays drawn.
pub(super) async fn outlive(tx: &DatabaseTransaction, orders: &[Uuid]) -> Result<()> {
    let doomed = purchase_order::Entity::find().filter(purchase_order::Column::Id.is_in(orders.iter().copied().map(PurchaseOrderId)));
    for order in doomed.order_by_asc(purchase_order::Column::ContractId).all(tx).await.map_err(fault)? {
        let Some(month) = order.placed_at.map(month_of).filter(|_| order.state.is_committed()) else { continue };
        let counter = drawdown::Entity::find().filter(drawdown::Column::LineId.eq(order.line_id)).filter(drawdown::Column::Month.eq(month));
        let counter = counter.lock_exclusive().one(tx).await.map_err(fault)?.ok_or(Error::Internal)?;
        let destroyed = counter.destroyed().plus(order.drawn()).ok_or_else(beyond_counting)?;
        let next = drawdown::Model { destroyed_hundredths: destroyed.hundredths, destroyed_cents: destroyed.cents, ..counter };
        next.into_active_model().reset_all().update(tx).await.map_err(fault)?;
    }
    Ok(())
}

impl Store {
    /// Works out anew, contract by contract, what has been ordered by each line in each month; the counters that say something else.
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
            let held = framework_contract::Entity::find_by_id(id).lock_exclusive().one(&tx).await.map_err(fault)?;
            if let Some(contract) = held {
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
    let wrong = of.into_iter().filter(|(_, (counted, ordered))| counted != ordered);
    Ok(wrong.map(|((line, month), (counted, ordered))| Difference { contract: contract.number.clone(), line, month, counted, ordered }).collect())
}
