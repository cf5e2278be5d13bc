//! Tables of access: who has which role where.
pub mod event;
pub mod membership;
