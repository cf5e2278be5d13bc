//! The face of purchased services. Whoever is not a side of a contract is told nothing of it, not even that there is one.
mod approved_provider;
mod complaint;
mod contract;
mod delivery;
mod drawdown;
mod invoice;
mod line;
mod overview;
mod procurement;
mod provider_approval;
mod purchase_order;
mod report;
mod rulebook;
mod settlement;
mod supply;
mod voucher;
mod work_list;

pub use approved_provider::ApprovedProvider;
pub use complaint::Complaint;
pub use contract::{CancellationTerms, FrameworkContract};
pub use delivery::{DeliveryEvent, DeliveryEventPayload, RecordDeliveryEventInput};
pub use invoice::Invoice;
pub use line::ContractLine;
pub use procurement::Procurement;
pub use provider_approval::ProviderApproval;
pub use purchase_order::PurchaseOrder;
pub use report::ProviderReport;
pub use rulebook::Rulebook;
pub use settlement::VoucherSettlement;
pub use voucher::Voucher;

use async_graphql::{MergedObject, SimpleObject};
use domain::funding::price;

/// Questions about purchased services.
#[derive(MergedObject, Default)]
pub struct FundingQuery(
    procurement::ProcurementQuery,
    contract::FrameworkContractQuery,
    line::ContractLineQuery,
    purchase_order::PurchaseOrderQuery,
    delivery::DeliveryEventQuery,
    report::ProviderReportQuery,
    invoice::InvoiceQuery,
    rulebook::RulebookQuery,
    provider_approval::ProviderApprovalQuery,
    approved_provider::ApprovedProviderQuery,
    voucher::VoucherQuery,
    settlement::VoucherSettlementQuery,
    complaint::ComplaintQuery,
    overview::OverviewQuery,
    supply::ServiceSupplyQuery,
    work_list::WorkListQuery,
);

/// Changes of purchased services.
#[derive(MergedObject, Default)]
pub struct FundingMutation(
    procurement::ProcurementMutation,
    contract::FrameworkContractMutation,
    line::ContractLineMutation,
    purchase_order::PurchaseOrderMutation,
    delivery::DeliveryEventMutation,
    report::ProviderReportMutation,
    invoice::InvoiceMutation,
    rulebook::RulebookMutation,
    provider_approval::ProviderApprovalMutation,
    voucher::VoucherMutation,
    settlement::VoucherSettlementMutation,
    complaint::ComplaintMutation,
);

/// How much of a service (määrä).
#[derive(SimpleObject)]
pub struct Quantity {
    /// Hundredths of the unit: 150 is one and a half.
    hundredths: i32,
}

impl From<price::Quantity> for Quantity {
    fn from(quantity: price::Quantity) -> Self {
        Self { hundredths: quantity.hundredths }
    }
}
