//! Invoices of purchased services (ostolaskut). The organisation that pays sees them, and the manager of the provider that has sent them. They say which
//! delivery is asked for and never for whom it was.
use domain::{
    funding::invoice::{InvoiceContent, InvoiceLine, InvoiceState, Mismatch, Side},
    id::{FrameworkContractId, InvoiceId, OrganizationId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

crate::declare::organization_table! {
    /// An invoice.
    "invoice", Invoice, InvoiceId, {
        /// Who asks.
        provider_id: OrganizationId,
        /// The contract by which the services were ordered.
        contract_id: FrameworkContractId,
        /// Where it is.
        state: InvoiceState,
        /// The provider's own number of it.
        number: String,
        /// The day of the invoice.
        issued_on: Date,
        /// The day on which it is due.
        due_on: Date,
        /// What it comes to without value added tax, in cents.
        net_cents: i64,
        /// The value added tax, in cents.
        vat_cents: i64,
        /// As the provider has written it.
        #[sea_orm(column_type = "JsonBinary")]
        content: InvoiceContent,
        /// As it is paid, and what does not agree.
        #[sea_orm(column_type = "JsonBinary")]
        reckoned: Reckoned,
        /// Who sent it, by the stable key.
        sent_by: String,
        /// Who put it right, by the stable key.
        corrected_by: Option<String>,
        /// Who approved it, by the stable key.
        approved_by: Option<String>,
        /// When that was.
        approved_at: Option<DateTimeUtc>,
        /// The day on which it was paid.
        paid_on: Option<Date>,
        /// Why it was refused, put right or taken back.
        reason: Option<String>,
        /// The number of the credit note by which it was taken back.
        credit_number: Option<String>,
        /// The day of the credit note.
        credited_on: Option<Date>,
    }
    addressed: addressed_to,
}

/// What an invoice comes to, reckoned when it came in or was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reckoned {
    /// The lines, in the order of the invoice.
    pub lines: Vec<InvoiceLine>,
    /// What does not agree.
    pub mismatches: Vec<Mismatch>,
    /// Who asks.
    pub seller: Side,
    /// Who pays.
    pub buyer: Side,
    /// The number of the contract.
    pub contract: String,
    /// Who ordered what it asks for, told it or approved it, by the stable key: none of them approves the invoice.
    pub barred: BTreeSet<String>,
}

/// What a worker's organisations have sent.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied()))
}
