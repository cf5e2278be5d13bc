//! Invoices: sent by the provider, compared with the deliveries at once, put right, approved by four eyes, paid, refused, taken back.
use super::{delivery::told_by, purchase_order as orders, tell_sides, unnamed_reason, within};
use crate::{
    act::{casework::author, under},
    caller::Caller,
    error::{Error, Result},
    store::{Billable, Work},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    catalogue::session::day,
    funding::{
        delivery::DeliveryState,
        invoice::{Amounts, Delivered, InvoiceContent, InvoiceLine, InvoiceMove, InvoiceState, MOST_ASKED, Side, Standing, check_number, compare, totals},
        price::Quantity,
    },
    id::{DeliveryEventId, FrameworkContractId, InvoiceId, Kinded, OrganizationId},
    machine::Machine,
    money::Money,
    policy::{Action, moves_invoice},
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text,
};
use entity::{
    catalogue::organization,
    funding::{
        framework_contract,
        invoice::{self as table, Reckoned},
    },
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said when an invoice is sent.
#[derive(Clone, Debug, Serialize)]
pub struct SendInvoice {
    /// The contract by which the services were ordered.
    pub contract: FrameworkContractId,
    /// What the invoice says.
    pub content: InvoiceContent,
}

/// Sends an invoice for what was delivered by a contract. It is compared at once: what agrees counts as invoiced from then on, and what does not is told
/// line by line. The same invoice sent again is answered as it is, and nothing is changed.
///
/// # Errors
/// Faults of the content, a day to come, a contract or a delivery of others, a number that another invoice has, or a caller without the right.
pub async fn send(caller: &Caller, key: Option<&str>, input: SendInvoice) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = InvoiceId::new();
    if let Some(sent) = sent_before(caller, &input).await? {
        return Ok(sent);
    }
    caller
        .write_once::<table::Entity>(key, "sendInvoice", &input, id, async |work: &mut Work| {
            let contract = work.refer::<framework_contract::Entity>(input.contract, &["contract"]).await?;
            if !work.actor().acts_for(contract.provider_id, |role| moves_invoice(role, InvoiceMove::Credit)) {
                return Err(Error::Forbidden);
            }
            // Held: what is delivered, invoiced and ordered by a contract goes one after the other.
            work.hold_contract(contract.id).await?;
            let content = tidy(&input.content);
            if let Some(sent) = same_number(work, contract.provider_id, &content.number, &["content", "number"]).await? {
                // A key stands for one row: under a new one, the next attempt is answered what was sent before.
                return match (sent.contract_id == contract.id && sent.content == content, key) {
                    (true, None) => Ok(sent),
                    (true, Some(_)) => Err(Error::Busy),
                    (false, _) => Err(Error::reject(Code::NotUnique, &["content", "number"])),
                };
            }
            check_past(content.issued_on.0, day(work.now()), &["content", "issuedOn"])?;
            let (asked, missing) = asked(work, &contract, &content).await?;
            missing.into_result()?;
            if let Some(last) = asked.iter().map(|asked| asked.billable.event.effective_date).max().filter(|last| content.issued_on.0 < *last) {
                return Err(Rejection::with(Code::TooEarly, &["content", "issuedOn"], last.to_string()).into());
            }
            let delivered: Vec<_> = asked.iter().map(|asked| asked.delivered).collect();
            let mismatches = compare(&content, &delivered);
            let state = InvoiceState::Received.step(if mismatches.is_empty() { InvoiceMove::Match } else { InvoiceMove::Differ })?;
            let lines: Vec<_> =
                asked.iter().zip(&content.lines).map(|(asked, claimed)| asked.line(claimed.quantity, claimed.unit_price, claimed.vat_rate_bp)).collect();
            let sum = sum(&lines);
            let now = work.now();
            let row = table::Model {
                id,
                network_id: contract.network_id,
                organization_id: contract.organization_id,
                provider_id: contract.provider_id,
                contract_id: contract.id,
                state,
                number: content.number.clone(),
                issued_on: content.issued_on.0,
                due_on: content.due_on.0,
                net_cents: sum.net,
                vat_cents: sum.vat,
                content,
                reckoned: Reckoned {
                    lines,
                    mismatches,
                    seller: side(work, contract.provider_id).await?,
                    buyer: side(work, contract.organization_id).await?,
                    contract: contract.number.clone(),
                    barred: barred(work, &asked)?,
                },
                sent_by: author(work),
                corrected_by: None,
                approved_by: None,
                approved_at: None,
                paid_on: None,
                reason: None,
                credit_number: None,
                credited_on: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            if row.state.is_counted() {
                take(work, &row).await?;
            }
            tell_sides(work, &contract, Role::FinanceOfficer, NoticeKind::InvoiceMoved).await?;
            Ok(row)
        })
        .await
}

fn tidy(content: &InvoiceContent) -> InvoiceContent {
    InvoiceContent { number: text::tidy(&content.number), ..content.clone() }
}

/// The same invoice, as the caller's organisation has sent it before.
async fn sent_before(caller: &Caller, input: &SendInvoice) -> Result<Option<table::Model>> {
    let content = tidy(&input.content);
    let of = table::Column::ContractId.eq(input.contract).and(table::Column::Number.eq(content.number.as_str()));
    let found = caller.reader().find::<table::Entity>().filter(of).all().await?.into_iter().next();
    let sends = |row: &table::Model| caller.actor().acts_for(row.provider_id, |role| moves_invoice(role, InvoiceMove::Credit));
    Ok(found.filter(|row| sends(row) && row.content == content))
}

/// An invoice of the provider with this number, which is held until the commit; refused where a credit note has it.
async fn same_number(work: &Work, provider: OrganizationId, number: &str, path: &[&str]) -> Result<Option<table::Model>> {
    work.hold_word(&format!("invoice number of {provider}: {number}", provider = provider.to_public())).await?;
    let of = table::Column::ProviderId.eq(provider);
    if !work.find::<table::Entity>(of.clone().and(table::Column::CreditNumber.eq(number))).await?.is_empty() {
        return Err(Error::reject(Code::NotUnique, path));
    }
    Ok(work.find::<table::Entity>(of.and(table::Column::Number.eq(number))).await?.into_iter().next())
}

/// Whoever ordered what is asked for, told it, put it right or approved it: none of them approves the invoice.
fn barred(work: &Work, asked: &[Asked]) -> Result<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for Asked { billable: Billable { event, order, .. }, .. } in asked {
        out.extend(order.placed_by.clone());
        out.extend(told_by(work.vault(), event)?);
    }
    Ok(out)
}

fn check_past(on: NaiveDate, today: NaiveDate, path: &[&str]) -> Result<()> {
    if on <= today { Ok(()) } else { Err(Rejection::with(Code::OutOfRange, path, format!("–{today}")).into()) }
}

async fn side(work: &Work, id: OrganizationId) -> Result<Side> {
    let content = work.refer::<organization::Entity>(id, &["contract"]).await?.content;
    Ok(Side { name: content.name, business_id: content.business_id })
}

/// A delivery that is asked for, what stands behind it, and what is known of it.
struct Asked {
    billable: Billable,
    delivered: Delivered,
}

impl Asked {
    fn line(&self, quantity: Quantity, unit_price: Money, vat_rate_bp: i32) -> InvoiceLine {
        InvoiceLine {
            delivery: self.billable.event.id,
            kind: self.billable.event.kind,
            order: self.billable.order.id,
            contract_line: self.billable.order.line_id,
            service: self.billable.order.service_id,
            service_name: self.billable.service.clone(),
            delivered_on: Date(self.billable.event.effective_date),
            unit: self.billable.event.unit,
            quantity,
            unit_price,
            vat_rate_bp,
            net_cents: self.delivered.net(quantity, unit_price),
        }
    }

    /// The line as it should be.
    fn right(&self) -> InvoiceLine {
        let Delivered { quantity, unit_price, vat_rate_bp, .. } = self.delivered;
        self.line(quantity, unit_price, vat_rate_bp)
    }
}

fn sum(lines: &[InvoiceLine]) -> Amounts {
    totals(lines.iter().map(|line| (line.vat_rate_bp, line.amounts()))).0
}

/// What is known of each line's delivery, in the order of the lines, and which of them there are not. A delivery by another contract is not told from none.
async fn asked(work: &Work, contract: &framework_contract::Model, content: &InvoiceContent) -> Result<(Vec<Asked>, Rejections)> {
    let mut found = work.billable(contract.id, content.lines.iter().map(|line| line.delivery).collect()).await?;
    let mut faults = Rejections::default();
    let mut out = Vec::with_capacity(content.lines.len());
    for (i, line) in content.lines.iter().enumerate() {
        let Some(billable) = found.remove(&line.delivery) else {
            faults.add(Code::UnknownReference, &["content", "lines", &i.to_string(), "delivery"]);
            continue;
        };
        let event = &billable.event;
        let delivered = Delivered {
            standing: match event.state {
                DeliveryState::Approved => Standing::Approved,
                DeliveryState::Invoiced => Standing::Invoiced,
                DeliveryState::Recorded | DeliveryState::Disputed | DeliveryState::Voided => Standing::Other,
            },
            quantity: event.quantity(),
            unit_price: Money { amount_cents: event.unit_price_cents },
            vat_rate_bp: event.vat_rate_bp,
            cost_cents: event.cost_cents,
        };
        out.push(Asked { billable, delivered });
    }
    Ok((out, faults))
}

/// The deliveries of an invoice, in the one order in which everybody holds their orders.
fn in_turn(row: &table::Model) -> Vec<DeliveryEventId> {
    let mut lines: Vec<_> = row.reckoned.lines.iter().map(|line| (line.order, line.delivery)).collect();
    lines.sort();
    lines.into_iter().map(|(_, delivery)| delivery).collect()
}

/// From here on the deliveries of an invoice are on it and on no other.
async fn take(work: &mut Work, row: &table::Model) -> Result<()> {
    for delivery in in_turn(row) {
        work.invoice_delivery(delivery).await?;
    }
    Ok(())
}

/// From here on the deliveries of an invoice are on none; those of a record that was destroyed meanwhile stay counted.
async fn release(work: &mut Work, row: &table::Model) -> Result<()> {
    let deliveries = in_turn(row);
    let left = work.billable(row.contract_id, deliveries.iter().copied().collect()).await?;
    for delivery in deliveries.into_iter().filter(|delivery| left.contains_key(delivery)) {
        work.release_delivery(delivery).await?;
    }
    Ok(())
}

/// What is said with a move of an invoice.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Why, in words, at most 2000 characters.
    pub reason: Option<String>,
    /// The day on which it was paid, or of the credit note; today when it is left out.
    pub on: Option<NaiveDate>,
    /// The number of the credit note.
    pub number: Option<String>,
}

/// Moves an invoice on, once it has come in. What is over and wholly paid is settled with the payment, and comes back with the credit note.
///
/// # Errors
/// A move of somebody else, [`Code::FourEyes`] for whoever ordered what it asks for or put it right, a reason or a number that is missing, a number that is in
/// use, a day to come, no delivery that could be paid, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: InvoiceId, expected: i32, by: InvoiceMove, said: Said) -> Result<table::Model> {
    caller.signed_in()?;
    let reason = unnamed_reason(said.reason.as_deref(), matches!(by, InvoiceMove::Match | InvoiceMove::Reject | InvoiceMove::Credit))?;
    let said = Said { reason, number: said.number.as_deref().map(text::tidy), ..said };
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Transition).await?;
            let contract = work.hold_contract(seen.contract_id).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let side = if by == InvoiceMove::Credit { before.provider_id } else { before.organization_id };
            if !work.actor().acts_for(side, |role| moves_invoice(role, by)) {
                return Err(Error::reject(Code::OtherSide, &["id"]));
            }
            let today = day(work.now());
            let mut next = table::Model { state: before.state.step(by)?, reason: said.reason.clone().or_else(|| before.reason.clone()), ..before.clone() };
            match by {
                // They are how it comes in.
                InvoiceMove::Differ => return Err(Error::Internal),
                InvoiceMove::Match => put_right(work, &contract, &mut next).await?,
                InvoiceMove::Approve => {
                    let who = author(work);
                    let own = before.sent_by == who || before.corrected_by.as_ref() == Some(&who);
                    if own || before.reckoned.barred.contains(&who) {
                        return Err(Error::reject(Code::FourEyes, &["id"]));
                    }
                    (next.approved_by, next.approved_at) = (Some(who), Some(work.now()));
                }
                InvoiceMove::Pay => next.paid_on = Some(within(said.on.unwrap_or(today), before.issued_on, today, "paidOn")?),
                InvoiceMove::Reject => {}
                InvoiceMove::Credit => {
                    let number = said.number.clone().unwrap_or_default();
                    let mut faults = Rejections::default();
                    check_number(&number, "number", &mut faults);
                    faults.into_result()?;
                    if same_number(work, before.provider_id, &number, &["number"]).await?.is_some() {
                        return Err(Error::reject(Code::NotUnique, &["number"]));
                    }
                    let on = within(said.on.unwrap_or(today), before.issued_on, today, "creditedOn")?;
                    (next.credit_number, next.credited_on) = (Some(number), Some(on));
                }
            }
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            match (before.state.is_counted(), row.state.is_counted()) {
                (false, true) => take(work, &row).await?,
                (true, false) => release(work, &before).await?,
                (false, false) | (true, true) => {}
            }
            if [before.state, row.state].contains(&InvoiceState::Paid) {
                orders::settle(work, row.contract_id, row.reckoned.lines.iter().map(|line| line.order).collect()).await?;
            }
            tell_sides(work, &contract, Role::FinanceOfficer, NoticeKind::InvoiceMoved).await?;
            Ok(row)
        })
        .await
}

/// An invoice as the deliveries say it: what cannot be invoiced is left out, and what differs is set right.
async fn put_right(work: &Work, contract: &framework_contract::Model, next: &mut table::Model) -> Result<()> {
    let (asked, _) = asked(work, contract, &next.content).await?;
    let lines: Vec<_> = asked.iter().filter(|asked| asked.delivered.standing == Standing::Approved).map(Asked::right).collect();
    if lines.is_empty() {
        return Err(Error::reject(Code::NothingDelivered, &["id"]));
    }
    let sum = sum(&lines);
    if sum.gross() > i64::from(MOST_ASKED.amount_cents) {
        return Err(Rejection::with(Code::OutOfRange, &["id"], format!("0–{}", MOST_ASKED.amount_cents)).into());
    }
    (next.net_cents, next.vat_cents) = (sum.net, sum.vat);
    next.reckoned.lines = lines;
    next.reckoned.barred.extend(barred(work, &asked)?);
    next.corrected_by = Some(author(work));
    Ok(())
}
