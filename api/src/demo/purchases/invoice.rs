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

impl Contract {
    /// Sends the invoices of a year, the oldest first, and has them looked after.
    pub(super) async fn bill(&self, buying: &Buying<'_>) -> Result<()> {
        let (Some(billing), Some(contract)) = (&self.invoices, self.row(buying).await?) else { return Ok(()) };
        for round in (0..ROUNDS).rev() {
            billing.send(buying, self, &contract, round).await?;
        }
        Ok(())
    }
}

impl Billing {
    /// The invoice of a round; none where nothing was accepted.
    async fn send(&self, buying: &Buying<'_>, by: &Contract, contract: &framework_contract::Model, round: i64) -> Result<()> {
        let ago = round * ROUND + LOOKED_AT - 1;
        let until = self.standing.get(&round).copied().unwrap_or(InvoiceState::Paid);
        let number = format!("{}-{:03}", self.prefix, ROUNDS - round);
        let of = table::Column::Number.eq(number.as_str()).and(table::Column::ProviderId.eq(contract.provider_id));
        let row = match buying.known::<table::Entity>(of).await? {
            Some(row) => row,
            None => {
                let Some(content) = self.content(buying, contract, number, ago, until).await? else { return Ok(()) };
                let manager = buying.on(&by.manager, ago).await?;
                let row = invoice::send(&manager, None, SendInvoice { contract: contract.id, content }).await?;
                manager.finish().await?;
                row
            }
        };
        self.look_after(buying, row, until, ago).await
    }

    async fn look_after(&self, buying: &Buying<'_>, mut row: table::Model, until: InvoiceState, ago: i64) -> Result<()> {
        while row.state != until {
            let (by, ago, reason) = match (row.state, until) {
                (InvoiceState::Matched, InvoiceState::Rejected) => {
                    (InvoiceMove::Reject, ago - 1, Some("Laskun viite puuttuu; lähettäkää uusi lasku.".to_owned()))
                }
                (InvoiceState::Matched, _) => (InvoiceMove::Approve, ago - 1, None),
                (InvoiceState::Approved, _) => (InvoiceMove::Pay, ago - PAID_AFTER, None),
                _ => return Err(Error::internal("an invoice of the demo has nowhere to go")),
            };
            let finance = buying.on(FINANCE, ago).await?;
            row = invoice::move_on(&finance, row.id, row.version, by, Said { reason, ..Said::default() }).await?;
            finance.finish().await?;
        }
        Ok(())
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
