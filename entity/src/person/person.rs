//! Persons (henkilöt): who a client is, sealed. Only the vault opens it.
use crate::SealedText;
use domain::id::{ClientId, PersonId};
use sea_orm::{QuerySelect, Select, entity::prelude::*};

super::client_table! {
    /// A person.
    "person", Person, PersonId, client: client_id / ClientId: ClientId, {
        /// The identity, sealed.
        identity: SealedText,
        /// The keyed hash by which the identity code is found; none where there is no code.
        hetu_hash: Option<String>,
        /// The key with which identity and hashes were made.
        key_id: String,
        /// Non-disclosure for safety (turvakielto): where the person lives and goes is hidden from all who are no authority.
        protected: bool,
    }
    sealed: [identity],
}

/// The ids of the clients who are under non-disclosure for safety.
#[must_use]
pub fn protected() -> Select<Entity> {
    Entity::find().select_only().column(Column::ClientId).filter(Column::Protected.eq(true))
}
