//! Stories of purchased services: tendered, contracted, priced, and hidden from everybody else.
pub mod complaint;
mod contract;
pub mod delivery;
pub mod given;
pub mod invoice;
pub mod overview;
mod procurement;
pub mod provider_approval;
pub mod purchase_order;
pub mod report;
pub mod voucher;
pub mod voucher_use;
mod whole_way;
