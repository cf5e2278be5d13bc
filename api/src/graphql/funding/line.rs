//! Lines of framework contracts: type, list, changes.
use super::{
    FrameworkContract, Quantity,
    drawdown::{self, LineDrawdown},
};
use crate::{
    act::funding::line::{self as act, FirstPrice},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Area, Organization, Service, access, area_named, organization, published_service},
        page::{self, Page},
        payload::payload,
        text::Money,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    catalogue::session::day,
    funding::{
        contract::{self, ContractLineContent},
        price::{DatedPrice, Prices, QuantityUnit},
    },
    id::{AreaId, ContractLineId, FrameworkContractId, Kinded, OrganizationId, ServiceId},
    money,
    policy::Resource,
    scalar::{Date, DateTime},
};
use entity::funding::{contract_line as table, framework_contract};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A line of a framework contract (sopimusrivi).
pub struct ContractLine(Arc<table::Model>);

impl From<table::Model> for ContractLine {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A line of a framework contract (sopimusrivi): what is bought of whom, where, in which unit, at which price, up to what. Procurement of the organisation
/// that orders sees it; those who order by it and the provider, once the contract is put before the provider; nobody else.
#[Object]
impl ContractLine {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The contract; null for those who only order by it.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<FrameworkContract>> {
        Ok(ctx.caller().peek::<framework_contract::Entity>(self.0.contract_id).await?.map(FrameworkContract::from))
    }
    /// The organisation that orders.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who provides.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service_id).await
    }
    /// The lot: where it is given; null for everywhere.
    async fn area(&self, ctx: &Context<'_>) -> Result<Option<Area>> {
        match self.0.area_id {
            None => Ok(None),
            Some(id) => area_named(ctx, id).await,
        }
    }
    /// In what it is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// The most that is ordered of it; null when only money has a ceiling.
    async fn most(&self) -> Option<Quantity> {
        self.0.content.most.map(Quantity::from)
    }
    /// The most that is ordered by it, without value added tax; null when only the contract has a ceiling.
    async fn ceiling(&self) -> Option<Money> {
        self.0.content.ceiling.map(Money::from)
    }
    /// The price of a day; null before the contract begins.
    async fn price(&self, ctx: &Context<'_>, #[graphql(desc = "The day; today when it is left out.")] on: Option<Date>) -> Option<ContractPrice> {
        let on = on.map_or_else(|| day(ctx.caller().now()), |on| on.0);
        ContractPrice::on(&self.0.prices, on)
    }
    /// Its prices, the earliest first: what held, what holds and what will.
    async fn prices(&self) -> Vec<ContractPrice> {
        self.0.prices.each().map(|(price, to)| ContractPrice::of(price, to)).collect()
    }
    /// What has been ordered by it, and what is free.
    async fn drawdown(&self, ctx: &Context<'_>) -> Result<LineDrawdown> {
        drawdown::of_line(ctx, &self.0).await
    }
    /// By what its price is looked at again; null when it is not.
    async fn index_rule(&self) -> Option<IndexRule> {
        self.0.content.index_rule.clone().map(IndexRule::from)
    }
    /// A pilot (kokeilu), bought to learn from.
    async fn pilot(&self) -> bool {
        self.0.content.pilot
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::ContractLine, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A price of a line or of an approved provider (hinta), for as long as it holds.
#[derive(SimpleObject)]
pub struct ContractPrice {
    /// The first day on which it holds.
    valid_from: Date,
    /// The last day; null for the one that goes on.
    valid_to: Option<Date>,
    /// The price of a unit, without value added tax.
    price: Money,
    /// The rate of value added tax in basis points: 2550 is 25.5 per cent.
    vat_rate_bp: i32,
    /// Why it is another than before; null for the first one, or when nothing is said.
    reason: Option<String>,
}

impl ContractPrice {
    /// The price of a day, where there is one.
    pub(super) fn on(prices: &Prices, on: chrono::NaiveDate) -> Option<Self> {
        let holds = |price: &DatedPrice, to: Option<chrono::NaiveDate>| price.valid_from.0 <= on && to.is_none_or(|to| on <= to);
        prices.each().find(|(price, to)| holds(price, *to)).map(|(price, to)| Self::of(price, to))
    }
    pub(super) fn of(price: &DatedPrice, to: Option<chrono::NaiveDate>) -> Self {
        let DatedPrice { valid_from, price, vat_rate_bp, reason } = price.clone();
        Self { valid_from, valid_to: to.map(Date), price: price.into(), vat_rate_bp, reason }
    }
}

/// By what prices are looked at again (indeksiehto).
#[derive(SimpleObject)]
pub struct IndexRule {
    /// Which index, as its publisher calls it.
    index: String,
    /// The point of comparison, as the publisher writes it.
    base_period: String,
    /// The month in which prices are looked at, 1 to 12.
    review_month: i32,
    /// The most by which a price changes at once, in basis points of it; null without a limit.
    most_change_bp: Option<i32>,
}

impl From<contract::IndexRule> for IndexRule {
    fn from(rule: contract::IndexRule) -> Self {
        let contract::IndexRule { index, base_period, review_month, most_change_bp } = rule;
        Self { index, base_period, review_month, most_change_bp }
    }
}

payload! {
    /// The outcome of adding, changing or removing a line.
    ContractLinePayload {
        /// The line as it is now, or as it was when it was removed; null when it was refused.
        contract_line: ContractLine
    }
}

/// The price with which a line begins.
#[derive(InputObject)]
struct FirstPriceInput {
    /// The price of a unit, without value added tax.
    price: money::Money,
    /// The rate of value added tax in basis points: 2550 is 25.5 per cent. Social services of a registered producer are exempt, which is 0.
    #[graphql(default)]
    vat_rate_bp: i32,
}

impl From<FirstPriceInput> for FirstPrice {
    fn from(input: FirstPriceInput) -> Self {
        Self { price: input.price, vat_rate_bp: input.vat_rate_bp }
    }
}

/// A new line.
#[derive(InputObject)]
struct AddContractLineInput {
    /// The contract: a draft of your own organisation.
    contract: FrameworkContractId,
    /// What is said of it.
    content: ContractLineContent,
    /// Its price from the first day of the contract on.
    price: FirstPriceInput,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a line of a draft from now on.
#[derive(InputObject)]
struct UpdateContractLineInput {
    /// The line.
    id: ContractLineId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: ContractLineContent,
    /// Its price from the first day of the contract on.
    price: FirstPriceInput,
}

/// A line that is taken out of a draft.
#[derive(InputObject)]
struct RemoveContractLineInput {
    /// The line.
    id: ContractLineId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Another price.
#[derive(InputObject)]
struct ChangeContractPriceInput {
    /// The line.
    id: ContractLineId,
    /// The version that you have seen.
    expected_version: i32,
    /// The price, from today or a later day on. What was to hold from that day on gives way.
    price: DatedPrice,
}

/// Which lines.
#[derive(InputObject, Default)]
struct ContractLineFilter {
    /// For one of these services.
    #[graphql(validator(max_items = 100))]
    services: Option<Vec<ServiceId>>,
    /// Of one of these providers.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// In one of these lots; those for everywhere are in each.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
}

/// Questions about lines of contracts.
#[derive(Default)]
pub struct ContractLineQuery;

/// Questions about lines of contracts.
#[Object]
impl ContractLineQuery {
    /// A line of a framework contract (sopimusrivi); null when there is none, or it is not yours to see.
    async fn contract_line(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ContractLineId) -> Result<Option<ContractLine>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(ContractLine::from))
    }
    /// The lines by which your organisation orders, or that it provides (sopimusrivit), the oldest first.
    async fn contract_lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ContractLineFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ContractLine>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let in_lots = |areas| Condition::any().add(table::Column::AreaId.is_null()).add(table::Column::AreaId.is_in::<AreaId, Vec<AreaId>>(areas));
        let condition = Condition::all()
            .add_option(f.services.map(|services| table::Column::ServiceId.is_in(services)))
            .add_option(f.providers.map(|providers| table::Column::ProviderId.is_in(providers)))
            .add_option(f.areas.map(in_lots));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(false), &window, ContractLine::from).await
    }
}

/// Changes of lines of contracts.
#[derive(Default)]
pub struct ContractLineMutation;

/// Changes of lines of contracts.
#[Object]
impl ContractLineMutation {
    /// Adds a line to a contract that is still written on.
    async fn add_contract_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which contract, and what is said of it.")] input: AddContractLineInput,
    ) -> Result<ContractLinePayload> {
        let what = act::AddLine { contract: input.contract, content: input.content, price: input.price.into() };
        ContractLinePayload::of(ctx, act::add(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a line of a contract that is still written on.
    async fn update_contract_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which line, and what is said of it.")] input: UpdateContractLineInput,
    ) -> Result<ContractLinePayload> {
        ContractLinePayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content, input.price.into()).await)
    }
    /// Takes a line out of a contract that is still written on.
    async fn remove_contract_line(&self, ctx: &Context<'_>, #[graphql(desc = "Which line.")] input: RemoveContractLineInput) -> Result<ContractLinePayload> {
        ContractLinePayload::of(ctx, act::remove(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Gives a line another price (muuta hinta) from today or a later day on, within what its index rule allows at once. What has been ordered keeps its price.
    async fn change_contract_price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which line, and which price.")] input: ChangeContractPriceInput,
    ) -> Result<ContractLinePayload> {
        ContractLinePayload::of(ctx, act::change_price(ctx.caller(), input.id, input.expected_version, input.price).await)
    }
}
