//! What is asked: the GraphQL server of a multi-provider network of social rehabilitation.
pub mod act;
pub mod caller;
pub mod clock;
pub mod config;
pub mod demo;
pub mod environment;
pub mod error;
pub mod explorer;
pub mod graphql;
mod house;
pub mod http;
pub mod identity;
pub mod snapshot;
pub mod store;
pub mod telemetry;
mod timer;
pub mod vault;

pub use house::{App, Parts};
