//! What has been ordered by contracts and their lines, and what is free.
use super::Quantity;
use crate::{
    error::{Error, Result},
    graphql::{Asked, text::Money},
};
use async_graphql::{Context, SimpleObject};
use chrono::NaiveDate;
use domain::{
    funding::{price, purchase_order::Drawn},
    id::FrameworkContractId,
    scalar::Date,
};
use entity::funding::{contract_line, drawdown, framework_contract};
use std::collections::BTreeMap;

/// What has been ordered by a contract (puitesopimuksen käyttö).
#[derive(SimpleObject)]
pub struct ContractDrawdown {
    /// What has been ordered and not taken back, without value added tax.
    ordered: Money,
    /// What can still be ordered, without value added tax.
    free: Money,
    /// The same by the month in which it was ordered, the earliest first; months without any are left out.
    months: Vec<MonthOfContract>,
}

/// What was ordered by a contract in a month.
#[derive(SimpleObject)]
pub struct MonthOfContract {
    /// The first day of the month.
    month: Date,
    /// What was ordered and not taken back, without value added tax.
    ordered: Money,
}

/// What has been ordered by a line (sopimusrivin käyttö).
#[derive(SimpleObject)]
pub struct LineDrawdown {
    /// How much has been ordered and not taken back, in the unit of the line.
    quantity: Quantity,
    /// What that costs, without value added tax.
    ordered: Money,
    /// How much can still be ordered.
    free_quantity: Quantity,
    /// For how much can still be ordered by the line, without value added tax; null when only the contract has a ceiling.
    free: Option<Money>,
    /// The same by the month in which it was ordered, the earliest first; months without any are left out.
    months: Vec<MonthOfLine>,
}

/// What was ordered by a line in a month.
#[derive(SimpleObject)]
pub struct MonthOfLine {
    /// The first day of the month.
    month: Date,
    /// How much was ordered and not taken back, in the unit of the line.
    quantity: Quantity,
    /// What that costs, without value added tax.
    ordered: Money,
}

async fn counters(ctx: &Context<'_>, contract: FrameworkContractId) -> Result<Vec<drawdown::Model>> {
    ctx.caller().children::<drawdown::Entity>(contract).await
}

fn by_month(rows: &[drawdown::Model]) -> Result<BTreeMap<NaiveDate, Drawn>> {
    let mut months: BTreeMap<NaiveDate, Drawn> = BTreeMap::new();
    for row in rows {
        let month = months.entry(row.month).or_default();
        *month = month.plus(row.ordered()).ok_or(Error::Internal)?;
    }
    months.retain(|_, drawn| *drawn != Drawn::default());
    Ok(months)
}

/// A quantity within the bounds of a line.
fn quantity(hundredths: i64) -> Result<Quantity> {
    Ok(price::Quantity { hundredths: i32::try_from(hundredths).map_err(|_| Error::Internal)? }.into())
}

pub(super) async fn of_contract(ctx: &Context<'_>, row: &framework_contract::Model) -> Result<ContractDrawdown> {
    let rows = counters(ctx, row.id).await?;
    let room = drawdown::room_of_contract(row, &rows).ok_or(Error::Internal)?;
    let months = by_month(&rows)?.into_iter().map(|(month, drawn)| MonthOfContract { month: Date(month), ordered: Money::of_cents(drawn.cents) });
    Ok(ContractDrawdown {
        ordered: Money::of_cents(room.ordered.cents),
        free: Money::of_cents(room.free_cents().ok_or(Error::Internal)?),
        months: months.collect(),
    })
}

pub(super) async fn of_line(ctx: &Context<'_>, row: &contract_line::Model) -> Result<LineDrawdown> {
    let mut rows = counters(ctx, row.contract_id).await?;
    rows.retain(|counter| counter.line_id == row.id);
    let room = drawdown::room_of_line(row, &rows).ok_or(Error::Internal)?;
    let months = by_month(&rows)?.into_iter();
    let months =
        months.map(|(month, drawn)| Ok(MonthOfLine { month: Date(month), quantity: quantity(drawn.hundredths)?, ordered: Money::of_cents(drawn.cents) }));
    Ok(LineDrawdown {
        quantity: quantity(room.ordered.hundredths)?,
        ordered: Money::of_cents(room.ordered.cents),
        free_quantity: quantity(room.free_hundredths().ok_or(Error::Internal)?)?,
        free: room.free_cents().map(Money::of_cents),
        months: months.collect::<Result<_>>()?,
    })
}
