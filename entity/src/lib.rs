//! What is kept: one file a table, its columns and who may see a row of it.
pub mod access;
pub mod casework;
pub mod catalogue;
mod declare;
pub mod delivery;
pub mod funding;
mod guarded;
pub mod outreach;
pub mod person;
pub mod sealed;
mod tables;

/// A value that only the vault of the server can open: `version:key:nonce and cipher text`, in URL-safe base64.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType)]
#[serde(transparent)]
pub struct SealedText(pub String);

impl std::fmt::Debug for SealedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

pub(crate) use guarded::names;
pub use guarded::{Child, Columns, Guarded, Kept, OfCase, nothing, of_subject, search_text, special_categories};
pub use tables::{EachTable, each_table};
