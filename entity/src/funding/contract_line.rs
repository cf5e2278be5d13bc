//! Lines of framework contracts (sopimusrivit). Procurement sees them all; whoever orders, and the provider, those of contracts that were put before it.
use super::framework_contract as contract;
use domain::{
    funding::{
        contract::ContractLineContent,
        price::{Prices, QuantityUnit},
    },
    id::{AreaId, ContractLineId, FrameworkContractId, OrganizationId, ServiceId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};

crate::declare::organization_table! {
    /// A line of a framework contract.
    "contract_line", ContractLine, ContractLineId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The contract.
        contract_id: FrameworkContractId,
        /// The service.
        service_id: ServiceId,
        /// Where it is given; none for everywhere.
        area_id: Option<AreaId>,
        /// In what it is counted.
        unit: QuantityUnit,
        /// What is said of it.
        #[sea_orm(column_type = "JsonBinary")]
        content: ContractLineContent,
        /// Its prices, each from its day on.
        #[sea_orm(column_type = "JsonBinary")]
        prices: Prices,
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

/// Lines by which a worker's organisations order or provide, once their contract is put before the provider.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let of = |column: Column| column.is_in(to.organizations.iter().copied());
    let shown = contract::Entity::find().select_only().column(contract::Column::Id).filter(contract::Column::OfferedAt.is_not_null());
    let either = Condition::any().add(of(Column::OrganizationId)).add(of(Column::ProviderId));
    Condition::all().add(either).add(Column::ContractId.in_subquery(shown.into_query()))
}
