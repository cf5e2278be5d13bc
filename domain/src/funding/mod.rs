//! Purchased services (ostopalvelut): tendered, contracted, priced.
pub mod contract;
pub mod delivery;
pub mod invoice;
pub mod price;
pub mod procurement;
pub mod purchase_order;
pub mod report;
pub mod threshold;
