//! Invoices of the demo: one a round and contract, looked after by finance.
use super::{
    Buying, FINANCE,
    contract::Contract,
    order::{LOOKED_AT, ROUND},
};
use crate::{
    act::funding::invoice::{self, Said, SendInvoice},
    error::{Error, Result},
};
use domain::{
    funding::{
        delivery::DeliveryState,
        invoice::{Amounts, ClaimedLine, InvoiceContent, InvoiceMove, InvoiceState, Payee, totals},
    },
    money::Money,
    scalar::{Date, Iban},
};
use entity::funding::{delivery_event, framework_contract, invoice as table};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The rounds of a year.
const ROUNDS: i64 = 13;
/// How long after its day an invoice is paid.
const PAID_AFTER: i64 = 16;
/// What a mistaken invoice asks for beside the price, in cents.
const TOO_MUCH: i32 = 100;

/// How a provider sends invoices, and what becomes of them.
#[derive(Deserialize)]
pub(super) struct Billing {
    prefix: String,
    iban: Iban,
    /// Where those stand that are not paid, by the round, the newest being 0.
    standing: BTreeMap<i64, InvoiceState>,
}

/// A step of an invoice of a round.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Send,
    LookAfter,
    Pay,
}

impl Contract {
    /// What is done with the invoices of a year: of which round, and how many days ago.
    pub(super) fn invoicing(&self) -> Vec<(i64, i64, Step)> {
        let Some(billing) = &self.invoices else { return Vec::new() };
        let mut steps = Vec::new();
        for round in 0..ROUNDS {
            let (ago, until) = (round * ROUND + LOOKED_AT - 1, billing.until(round));
            steps.push((ago, round, Step::Send));
            if matches!(until, InvoiceState::Approved | InvoiceState::Paid | InvoiceState::Rejected) {
                steps.push((ago - 1, round, Step::LookAfter));
            }
            if until == InvoiceState::Paid {
                steps.push((ago - PAID_AFTER, round, Step::Pay));
            }
        }
        steps
    }

    /// Takes a step with the invoice of a round; none where nothing was accepted.
    pub(super) async fn invoice(&self, buying: &Buying<'_>, ago: i64, round: i64, step: Step) -> Result<()> {
        let (Some(billing), Some(contract)) = (&self.invoices, self.row(buying).await?) else { return Ok(()) };
        let number = format!("{}-{:03}", billing.prefix, ROUNDS - round);
        let of = table::Column::Number.eq(number.as_str()).and(table::Column::ProviderId.eq(contract.provider_id));
        let until = billing.until(round);
        match (step, buying.known::<table::Entity>(of).await?) {
            (Step::Send, None) => {
                let Some(content) = billing.content(buying, &contract, number, ago, until).await? else { return Ok(()) };
                let manager = buying.on(&self.manager, ago).await?;
                invoice::send(&manager, None, SendInvoice { contract: contract.id, content }).await?;
                manager.finish().await
            }
            (Step::LookAfter, Some(row)) if row.state == InvoiceState::Matched => {
                let (by, reason) = match until {
                    InvoiceState::Rejected => {
                        (InvoiceMove::Reject, Some("Lasku on lähetetty väärään verkkolaskuosoitteeseen; lähettäkää uusi lasku.".to_owned()))
                    }
                    _ => (InvoiceMove::Approve, None),
                };
                look_after(buying, &row, by, ago, reason).await
            }
            (Step::Pay, Some(row)) if row.state == InvoiceState::Approved => look_after(buying, &row, InvoiceMove::Pay, ago, None).await,
            // It is so already, or there is none.
            _ => Ok(()),
        }
    }
}

async fn look_after(buying: &Buying<'_>, row: &table::Model, by: InvoiceMove, ago: i64, reason: Option<String>) -> Result<()> {
    let finance = buying.on(FINANCE, ago).await?;
    invoice::move_on(&finance, row.id, row.version, by, Said { reason, ..Said::default() }).await?;
    finance.finish().await
}

impl Billing {
    /// Where the invoice of a round stands.
    fn until(&self, round: i64) -> InvoiceState {
        self.standing.get(&round).copied().unwrap_or(InvoiceState::Paid)
    }

    /// What is asked for: everything that was accepted by then and is on no invoice.
    async fn content(
        &self,
        buying: &Buying<'_>,
        contract: &framework_contract::Model,
        number: String,
        ago: i64,
        until: InvoiceState,
    ) -> Result<Option<InvoiceContent>> {
        use delivery_event::Column;
        let accepted = Column::ContractId.eq(contract.id).and(Column::State.eq(DeliveryState::Approved)).and(Column::EffectiveDate.lt(buying.date(ago + 1)));
        let mut events = buying.loading.system.reader().find::<delivery_event::Entity>().filter(accepted).all().await?;
        events.sort_by_key(|event| (event.effective_date, event.id));
        let claimed = |(i, event): (usize, &delivery_event::Model)| {
            let mistaken = until == InvoiceState::Mismatch && i == 0;
            let cents = event.unit_price_cents + if mistaken { TOO_MUCH } else { 0 };
            ClaimedLine { delivery: event.id, quantity: event.quantity(), unit_price: Money { amount_cents: cents }, vat_rate_bp: event.vat_rate_bp }
        };
        let lines: Vec<_> = events.iter().enumerate().map(claimed).collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let (sum, _) = totals(lines.iter().map(|line| (line.vat_rate_bp, Amounts::of(line.quantity, line.unit_price, line.vat_rate_bp))));
        Ok(Some(InvoiceContent {
            number,
            issued_on: Date(buying.date(ago)),
            due_on: Date(buying.date(ago - 30)),
            currency: "EUR".to_owned(),
            payee: Payee { iban: self.iban.clone(), bic: None, reference: None },
            lines,
            total: Money { amount_cents: i32::try_from(sum.gross()).map_err(Error::internal)? },
        }))
    }
}
