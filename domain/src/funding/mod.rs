//! Purchased services (ostopalvelut): tendered, contracted, priced.
pub mod contract;
pub mod price;
pub mod procurement;
pub mod threshold;
