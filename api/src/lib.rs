//! What is asked: the GraphQL server of a multi-provider network of social rehabilitation.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
pub mod act;
mod calendar;
pub mod caller;
pub mod clock;
pub mod config;
pub mod demo;
pub mod environment;
pub mod error;
pub mod explorer;
pub mod feed;
pub mod finvoice;
pub mod gdpr;
pub mod graphql;
mod house;
pub mod http;
pub mod identity;
pub mod import;
pub mod job;
pub mod program;
pub mod report;
mod rest;
mod sheet;
pub mod snapshot;
pub mod store;
mod target;
pub mod telemetry;
pub mod vault;
pub mod webhook;

pub use house::{App, Parts, execute, schema};
