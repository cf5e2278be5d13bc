//! Tables of access: who has which role where.
pub mod calendar_feed;
pub mod destruction;
pub mod disclosure_log_entry;
pub mod event;
pub mod membership;
pub mod notice;
pub mod use_log_entry;
pub mod webhook;
pub mod webhook_delivery;
