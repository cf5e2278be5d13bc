//! Purchased services (ostopalvelut): tendered, contracted, priced; and vouchers (palvelusetelit): rulebooks, and providers approved by them.
pub mod complaint;
pub mod contract;
pub mod delivery;
pub mod invoice;
pub mod price;
pub mod procurement;
pub mod provider_approval;
pub mod purchase_order;
pub mod quality;
pub mod report;
pub mod rulebook;
pub mod settlement;
pub mod threshold;
pub mod voucher;
