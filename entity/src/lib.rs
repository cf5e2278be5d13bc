//! What is kept: one file a table, its columns and who may see a row of it.
pub mod access;
pub mod catalogue;
mod guarded;
pub mod sealed;

pub use guarded::{Child, Columns, Guarded, Kept, nothing, search_text};
