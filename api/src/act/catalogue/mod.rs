//! Use cases of the catalogue.
pub mod activity;
pub mod agreement;
pub mod area;
mod booking;
mod closing;
pub(in crate::act) use closing::refer_area;
pub(in crate::act) use publishing::published;
pub mod network;
pub mod offering;
pub mod organization;
mod publishing;
pub mod route;
pub mod season;
pub mod service;
pub mod session;
pub mod unit;
pub mod venue;
