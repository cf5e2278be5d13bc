//! Tables of purchased services. What belongs to a contract names both its sides: the organisation that orders and the one that provides.
pub mod complaint;
pub mod contract_line;
pub mod delivery_event;
pub mod drawdown;
pub mod framework_contract;
pub mod invoice;
pub mod procurement;
pub mod provider_approval;
pub mod provider_report;
pub mod purchase_order;
pub mod rulebook;
pub mod voucher;
pub mod voucher_settlement;
