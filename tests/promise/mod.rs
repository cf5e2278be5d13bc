//! Properties of the whole: what no single feature may break.
mod at_once;
pub mod by_time;
mod demo;
mod documents;
mod few_queries;
mod imports;
mod killed;
mod names;
mod parity;
mod rotation;
mod sequences;
mod strangers;
mod wall;
mod who_sees_clients;
mod who_sees_fields;
mod who_sees_what;
pub mod wrong;
