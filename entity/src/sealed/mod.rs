//! Tables that no caller can reach: they never implement `Guarded`, and only the store writes them.
pub mod audit;
pub mod doomed;
pub mod doomed_log;
pub mod feed;
pub mod idempotency;
pub mod job_run;
pub mod key_check;
pub mod ledger_head;
pub mod person_word;
pub mod quality_release;
pub mod report_release;
pub mod webhook_progress;
