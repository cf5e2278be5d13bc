//! Counters of what has been ordered by a line of a contract (puitesopimuksen käyttö), by the month in which it was ordered, and of what was delivered and
//! invoiced, by the month of the service. Written by the store alone, in the transaction that moves the order or the delivery.
use super::{contract_line, framework_contract};
use domain::{
    funding::{
        price::MOST,
        purchase_order::{Counts, Drawn, Room},
    },
    id::{ContractLineId, DrawdownId, FrameworkContractId, OrganizationId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::declare::organization_table! {
    /// What has been ordered, delivered and invoiced by a line in a month.
    "drawdown", Drawdown, DrawdownId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The contract.
        contract_id: FrameworkContractId,
        /// The line.
        line_id: ContractLineId,
        /// The first day of the month in which the orders were placed, or the service was given.
        month: Date,
        /// How much was ordered and not taken back, in hundredths of the unit.
        ordered_hundredths: i64,
        /// What that costs, in cents.
        ordered_cents: i64,
        /// How much of that was for clients whose record has been destroyed since: there is no order to it any more.
        destroyed_hundredths: i64,
        /// What that cost, in cents.
        destroyed_cents: i64,
        /// How much was delivered and not taken back, in hundredths of the unit.
        delivered_hundredths: i64,
        /// What that costs, in cents.
        delivered_cents: i64,
        /// How much of that is on invoices, in hundredths of the unit.
        invoiced_hundredths: i64,
        /// What that costs, in cents.
        invoiced_cents: i64,
        /// How much was delivered to clients whose record has been destroyed since.
        destroyed_delivered_hundredths: i64,
        /// What that cost, in cents.
        destroyed_delivered_cents: i64,
        /// How much of that was on invoices.
        destroyed_invoiced_hundredths: i64,
        /// What that cost, in cents.
        destroyed_invoiced_cents: i64,
    }
    addressed: addressed_to,
}

impl crate::Child for Entity {
    fn parent() -> Column {
        Column::ContractId
    }
    fn parent_id(row: &Model) -> Uuid {
        row.contract_id.into()
    }
}

/// What a worker's organisations order, or provide: as of the lines, since nothing is ordered before a contract is put before its provider.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let of = |column: Column| column.is_in(to.organizations.iter().copied());
    Condition::any().add(of(Column::OrganizationId)).add(of(Column::ProviderId))
}

impl Model {
    /// What was ordered and not taken back.
    #[must_use]
    pub const fn ordered(&self) -> Drawn {
        Drawn { hundredths: self.ordered_hundredths, cents: self.ordered_cents }
    }

    /// What is counted.
    #[must_use]
    pub const fn counted(&self) -> Counts {
        Counts {
            ordered: self.ordered(),
            delivered: Drawn { hundredths: self.delivered_hundredths, cents: self.delivered_cents },
            invoiced: Drawn { hundredths: self.invoiced_hundredths, cents: self.invoiced_cents },
        }
    }

    /// What of that has neither order nor event any more.
    #[must_use]
    pub const fn destroyed(&self) -> Counts {
        Counts {
            ordered: Drawn { hundredths: self.destroyed_hundredths, cents: self.destroyed_cents },
            delivered: Drawn { hundredths: self.destroyed_delivered_hundredths, cents: self.destroyed_delivered_cents },
            invoiced: Drawn { hundredths: self.destroyed_invoiced_hundredths, cents: self.destroyed_invoiced_cents },
        }
    }

    /// The same where so much is counted.
    #[must_use]
    pub fn counting(self, counts: Counts) -> Self {
        Self {
            ordered_hundredths: counts.ordered.hundredths,
            ordered_cents: counts.ordered.cents,
            delivered_hundredths: counts.delivered.hundredths,
            delivered_cents: counts.delivered.cents,
            invoiced_hundredths: counts.invoiced.hundredths,
            invoiced_cents: counts.invoiced.cents,
            ..self
        }
    }

    /// The same where so much of it was destroyed.
    #[must_use]
    pub fn outliving(self, destroyed: Counts) -> Self {
        Self {
            destroyed_hundredths: destroyed.ordered.hundredths,
            destroyed_cents: destroyed.ordered.cents,
            destroyed_delivered_hundredths: destroyed.delivered.hundredths,
            destroyed_delivered_cents: destroyed.delivered.cents,
            destroyed_invoiced_hundredths: destroyed.invoiced.hundredths,
            destroyed_invoiced_cents: destroyed.invoiced.cents,
            ..self
        }
    }
}

/// What has been ordered by a contract, of which these are the counters, and its bounds; none where that is more than can be counted.
#[must_use]
pub fn room_of_contract(contract: &framework_contract::Model, counters: &[Model]) -> Option<Room> {
    Some(Room { ordered: Drawn::sum(counters.iter().map(Model::ordered))?, most_hundredths: None, ceiling_cents: Some(contract.ceiling_cents) })
}

/// What has been ordered by a line, and its bounds, out of the counters of its contract; none where that is more than can be counted.
#[must_use]
pub fn room_of_line(line: &contract_line::Model, counters: &[Model]) -> Option<Room> {
    let own = counters.iter().filter(|counter| counter.line_id == line.id);
    Some(bounds_of_line(line, Drawn::sum(own.map(Model::ordered))?))
}

/// So much that has been ordered by a line, and its bounds.
#[must_use]
pub fn bounds_of_line(line: &contract_line::Model, ordered: Drawn) -> Room {
    Room {
        ordered,
        most_hundredths: Some(line.content.most.unwrap_or(MOST).hundredths.into()),
        ceiling_cents: line.content.ceiling.map(|ceiling| ceiling.amount_cents.into()),
    }
}
