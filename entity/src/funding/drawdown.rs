//! Counters of what has been ordered by a line of a contract (puitesopimuksen käyttö), by the month in which it was ordered. Written by the store alone, in
//! the transaction that moves the order.
use super::{contract_line, framework_contract};
use domain::{
    funding::{
        price::MOST,
        purchase_order::{Drawn, Room},
    },
    id::{ContractLineId, DrawdownId, FrameworkContractId, OrganizationId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::declare::organization_table! {
    /// What has been ordered by a line in a month.
    "drawdown", Drawdown, DrawdownId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The contract.
        contract_id: FrameworkContractId,
        /// The line.
        line_id: ContractLineId,
        /// The first day of the month in which the orders were placed.
        month: Date,
        /// How much was ordered and not taken back, in hundredths of the unit.
        ordered_hundredths: i64,
        /// What that costs, in cents.
        ordered_cents: i64,
        /// How much of that was for clients whose record has been destroyed since: there is no order to it any more.
        destroyed_hundredths: i64,
        /// What that cost, in cents.
        destroyed_cents: i64,
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

    /// What of that has no order any more.
    #[must_use]
    pub const fn destroyed(&self) -> Drawn {
        Drawn { hundredths: self.destroyed_hundredths, cents: self.destroyed_cents }
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
    Some(Room {
        ordered: Drawn::sum(own.map(Model::ordered))?,
        most_hundredths: Some(line.content.most.unwrap_or(MOST).hundredths.into()),
        ceiling_cents: line.content.ceiling.map(|ceiling| ceiling.amount_cents.into()),
    })
}
