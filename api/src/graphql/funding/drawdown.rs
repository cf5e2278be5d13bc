//! What has been ordered, delivered and invoiced by contracts and their lines, and what is free.
use super::Quantity;
use crate::{
    error::{Error, Result},
    graphql::{Asked, text::Money},
};
use async_graphql::{Context, SimpleObject};
use chrono::NaiveDate;
use domain::{
    funding::{price, purchase_order::Counts},
    id::{ContractLineId, FrameworkContractId},
    scalar::Date,
};
use entity::funding::{contract_line, drawdown, framework_contract};
use std::collections::BTreeMap;

/// What has been ordered by a contract (puitesopimuksen käyttö).
#[derive(SimpleObject)]
pub struct ContractDrawdown {
    /// What has been ordered and not taken back, without value added tax; of orders that are over, what was delivered.
    ordered: Money,
    /// What has been delivered and not taken back, without value added tax.
    delivered: Money,
    /// What of that is on invoices, without value added tax.
    invoiced: Money,
    /// What can still be ordered, without value added tax.
    free: Money,
    /// The same by the month in which it was ordered or given, the earliest first; months without any are left out.
    months: Vec<MonthOfContract>,
}

/// What was ordered by a contract in a month, and given in it.
#[derive(SimpleObject)]
pub struct MonthOfContract {
    /// The first day of the month.
    month: Date,
    /// What was ordered in it and not taken back, without value added tax; of orders that are over, what was delivered.
    ordered: Money,
    /// What was delivered in it and not taken back, whenever it was ordered, without value added tax.
    delivered: Money,
    /// What of that is on invoices, without value added tax.
    invoiced: Money,
}

/// What has been ordered by a line (sopimusrivin käyttö).
#[derive(SimpleObject)]
pub struct LineDrawdown {
    /// How much has been ordered and not taken back, in the unit of the line; of orders that are over, what was delivered.
    quantity: Quantity,
    /// What that costs, without value added tax.
    ordered: Money,
    /// How much has been delivered and not taken back.
    delivered_quantity: Quantity,
    /// What that costs, without value added tax.
    delivered: Money,
    /// How much of that is on invoices.
    invoiced_quantity: Quantity,
    /// What that costs, without value added tax.
    invoiced: Money,
    /// How much can still be ordered.
    free_quantity: Quantity,
    /// For how much can still be ordered by the line, without value added tax; null when only the contract has a ceiling.
    free: Option<Money>,
    /// The same by the month in which it was ordered or given, the earliest first; months without any are left out.
    months: Vec<MonthOfLine>,
}

/// What was ordered by a line in a month, and given in it.
#[derive(SimpleObject)]
pub struct MonthOfLine {
    /// The first day of the month.
    month: Date,
    /// How much was ordered in it and not taken back, in the unit of the line; of orders that are over, what was delivered.
    quantity: Quantity,
    /// What that costs, without value added tax.
    ordered: Money,
    /// How much was delivered in it and not taken back, whenever it was ordered.
    delivered_quantity: Quantity,
    /// What that costs, without value added tax.
    delivered: Money,
    /// How much of that is on invoices.
    invoiced_quantity: Quantity,
    /// What that costs, without value added tax.
    invoiced: Money,
}

async fn counters(ctx: &Context<'_>, contract: FrameworkContractId) -> Result<Vec<drawdown::Model>> {
    ctx.caller().children::<drawdown::Entity>(contract).await
}

fn by_month(rows: &[drawdown::Model]) -> Result<BTreeMap<NaiveDate, Counts>> {
    let mut months: BTreeMap<NaiveDate, Counts> = BTreeMap::new();
    for row in rows {
        let month = months.entry(row.month).or_default();
        *month = month.plus(row.counted()).ok_or(Error::Internal)?;
    }
    months.retain(|_, counts| *counts != Counts::default());
    Ok(months)
}

fn in_all(rows: &[drawdown::Model]) -> Result<Counts> {
    Counts::sum(rows.iter().map(drawdown::Model::counted)).ok_or(Error::Internal)
}

/// What has been counted of a contract, or of one of its lines.
pub(super) async fn counted(ctx: &Context<'_>, contract: FrameworkContractId, line: Option<ContractLineId>) -> Result<Counts> {
    let mut rows = counters(ctx, contract).await?;
    rows.retain(|counter| line.is_none_or(|line| counter.line_id == line));
    in_all(&rows)
}

/// A quantity within the bounds of a line.
pub(super) fn quantity(hundredths: i64) -> Result<Quantity> {
    Ok(price::Quantity { hundredths: i32::try_from(hundredths).map_err(|_| Error::Internal)? }.into())
}

pub(super) async fn of_contract(ctx: &Context<'_>, row: &framework_contract::Model) -> Result<ContractDrawdown> {
    let rows = counters(ctx, row.id).await?;
    let room = drawdown::room_of_contract(row, &rows).ok_or(Error::Internal)?;
    let all = in_all(&rows)?;
    let months = by_month(&rows)?.into_iter().map(|(month, counts)| {
        Ok(MonthOfContract {
            month: Date(month),
            ordered: Money::of_cents(counts.ordered.cents)?,
            delivered: Money::of_cents(counts.delivered.cents)?,
            invoiced: Money::of_cents(counts.invoiced.cents)?,
        })
    });
    Ok(ContractDrawdown {
        ordered: Money::of_cents(room.ordered.cents)?,
        delivered: Money::of_cents(all.delivered.cents)?,
        invoiced: Money::of_cents(all.invoiced.cents)?,
        free: Money::of_cents(room.free_cents().ok_or(Error::Internal)?)?,
        months: months.collect::<Result<_>>()?,
    })
}

pub(super) async fn of_line(ctx: &Context<'_>, row: &contract_line::Model) -> Result<LineDrawdown> {
    let mut rows = counters(ctx, row.contract_id).await?;
    rows.retain(|counter| counter.line_id == row.id);
    let room = drawdown::room_of_line(row, &rows).ok_or(Error::Internal)?;
    let all = in_all(&rows)?;
    let months = by_month(&rows)?.into_iter().map(|(month, counts)| {
        Ok(MonthOfLine {
            month: Date(month),
            quantity: quantity(counts.ordered.hundredths)?,
            ordered: Money::of_cents(counts.ordered.cents)?,
            delivered_quantity: quantity(counts.delivered.hundredths)?,
            delivered: Money::of_cents(counts.delivered.cents)?,
            invoiced_quantity: quantity(counts.invoiced.hundredths)?,
            invoiced: Money::of_cents(counts.invoiced.cents)?,
        })
    });
    Ok(LineDrawdown {
        quantity: quantity(room.ordered.hundredths)?,
        ordered: Money::of_cents(room.ordered.cents)?,
        delivered_quantity: quantity(all.delivered.hundredths)?,
        delivered: Money::of_cents(all.delivered.cents)?,
        invoiced_quantity: quantity(all.invoiced.hundredths)?,
        invoiced: Money::of_cents(all.invoiced.cents)?,
        free_quantity: quantity(room.free_hundredths().ok_or(Error::Internal)?)?,
        free: room.free_cents().map(Money::of_cents).transpose()?,
        months: months.collect::<Result<_>>()?,
    })
}
