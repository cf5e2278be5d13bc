//! Lines of framework contracts, and their prices from day to day.
use super::{
    contract::{check_draft, lines_of},
    purchased_service, tell_sides,
};
use crate::{
    act::{catalogue::refer_area, prefixed, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    catalogue::session::day,
    code::Coded,
    funding::{
        contract::{ContractLineContent, ContractSide, is_in_force},
        price::{DatedPrice, Prices},
    },
    id::{ContractLineId, FrameworkContractId},
    money::Money,
    policy::{Action, moves_contract},
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::funding::{contract_line as table, framework_contract};
use serde::Serialize;

/// The price with which a line begins.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FirstPrice {
    /// The price of a unit, without value added tax.
    pub price: Money,
    /// The rate of value added tax in basis points.
    pub vat_rate_bp: i32,
}

impl FirstPrice {
    /// The price, from the first day of a contract on.
    const fn from(self, first: NaiveDate) -> DatedPrice {
        DatedPrice { valid_from: Date(first), price: self.price, vat_rate_bp: self.vat_rate_bp, reason: None }
    }
}

/// Every fault of a line and of the price with which it begins.
fn check(content: &ContractLineContent, price: FirstPrice) -> Result<()> {
    let mut faults = prefixed("content", &content.check());
    for fault in &prefixed("price", &price.from(NaiveDate::MIN).check()) {
        faults.push(fault.clone());
    }
    Ok(faults.into_result()?)
}

/// What is said when a line is added.
#[derive(Clone, Debug, Serialize)]
pub struct AddLine {
    /// The contract: a draft.
    pub contract: FrameworkContractId,
    /// What is said of it.
    pub content: ContractLineContent,
    /// Its price from the first day of the contract on.
    pub price: FirstPrice,
}

/// Adds a line to a contract that is still written on.
///
/// # Errors
/// Faults of the content, a service that is not purchased or not the provider's to give, the same service twice in one lot, a contract that is no draft, or
/// a caller without the right.
pub async fn add(caller: &Caller, key: Option<&str>, input: AddLine) -> Result<table::Model> {
    caller.signed_in()?;
    check(&input.content, input.price)?;
    let id = ContractLineId::new();
    caller
        .write_once::<table::Entity>(key, "addContractLine", &input, id, async |work: &mut Work| {
            let contract = contract_of(work, input.contract).await?;
            check_draft(&contract)?;
            check_references(work, &input.content, &contract, None).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: contract.network_id,
                organization_id: contract.organization_id,
                provider_id: contract.provider_id,
                contract_id: contract.id,
                service_id: input.content.service,
                area_id: input.content.area,
                unit: input.content.unit,
                content: input.content.clone(),
                prices: Prices::of(input.price.from(contract.valid_from)),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Replaces what is said of a line of a draft, and its price.
///
/// # Errors
/// As [`add`], and a stale version.
pub async fn update(caller: &Caller, id: ContractLineId, expected: i32, content: ContractLineContent, price: FirstPrice) -> Result<table::Model> {
    caller.signed_in()?;
    check(&content, price)?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Update).await?;
            let contract = contract_of(work, seen.contract_id).await?;
            check_draft(&contract)?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            check_references(work, &content, &contract, Some(id)).await?;
            let next = table::Model {
                service_id: content.service,
                area_id: content.area,
                unit: content.unit,
                content: content.clone(),
                prices: Prices::of(price.from(contract.valid_from)),
                ..before.clone()
            };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Takes a line out of a draft; the line as it was.
///
/// # Errors
/// A contract that is no draft, a stale version, or a caller without the right.
pub async fn remove(caller: &Caller, id: ContractLineId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Update).await?;
            check_draft(&contract_of(work, seen.contract_id).await?)?;
            let row = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            work.remove::<table::Entity>(id.0).await?;
            Ok(row)
        })
        .await
}

/// Gives a line another price from a day on: today or later, in the time of the contract, within what the index rule allows at once. What has been ordered
/// keeps the price at which it was. Both sides are told.
///
/// # Errors
/// A day that is past or outside the contract, a price that changes by too much, a contract that has ended or is not signed, a stale version, or a caller
/// without the right.
pub async fn change_price(caller: &Caller, id: ContractLineId, expected: i32, next: DatedPrice) -> Result<table::Model> {
    caller.signed_in()?;
    under("price", &next.check())?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Update).await?;
            let contract = contract_of(work, seen.contract_id).await?;
            if !work.actor().acts_for(contract.organization_id, |role| moves_contract(role, ContractSide::Orderer)) {
                return Err(Error::Forbidden);
            }
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            let today = day(work.now());
            let goes_on = is_in_force(contract.state, contract.valid_from, contract.valid_to, Ord::max(today, contract.valid_from));
            if !goes_on {
                return Err(Rejection::with(Code::ContractNotInForce, &["id"], contract.state.code()).into());
            }
            let prices = before.prices.with(next.clone(), today)?;
            if !(contract.valid_from..=contract.valid_to).contains(&next.valid_from.0) {
                let range = format!("{}–{}", contract.valid_from, contract.valid_to);
                return Err(Rejection::with(Code::OutOfRange, &["price", "validFrom"], range).into());
            }
            // Neither at once from its day on, nor by several changes of one day.
            for held in [next.valid_from.0, today].into_iter().filter_map(|on| before.prices.before(on)) {
                before.content.check_change(held.price, next.price)?;
            }
            let row = work.update::<table::Entity>(&before, table::Model { prices, ..before.clone() }, Action::Update).await?;
            tell_sides(work, &contract, Role::ProcurementOfficer, NoticeKind::ContractMoved).await?;
            Ok(row)
        })
        .await
}

/// The contract of a line, held until the commit.
async fn contract_of(work: &Work, id: FrameworkContractId) -> Result<framework_contract::Model> {
    work.hold::<framework_contract::Entity>(id).await?;
    let row = work.refer::<framework_contract::Entity>(id, &["contract"]).await?;
    work.allow::<table::Entity>(Action::Create, row.network_id, row.organization_id)?;
    Ok(row)
}

/// The service is purchased and the provider's to give, the lot an area of the network, and no other line of the contract is for the same there.
async fn check_references(work: &Work, content: &ContractLineContent, contract: &framework_contract::Model, own: Option<ContractLineId>) -> Result<()> {
    let path = ["content", "service"];
    let service = purchased_service(work, content.service, contract.network_id, &path).await?;
    if service.organization_id != contract.provider_id && !service.content.producers.contains(&contract.provider_id) {
        return Err(Error::reject(Code::DoesNotAgree, &path));
    }
    if let Some(area) = content.area {
        let path = ["content", "area"];
        let row = refer_area(work, area, &path).await?;
        if row.network_id.is_some_and(|network| network != contract.network_id) {
            return Err(Error::reject(Code::OtherNetwork, &path));
        }
    }
    let same = |line: &table::Model| Some(line.id) != own && line.service_id == content.service && line.area_id == content.area && line.unit == content.unit;
    if lines_of(work, contract.id).await?.iter().any(same) { Err(Error::reject(Code::NotUnique, &path)) } else { Ok(()) }
}
