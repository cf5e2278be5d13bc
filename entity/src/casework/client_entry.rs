//! Entries of clients' records (asiakaskertomusmerkinnät). The client does not see what is hidden on a ground.
use crate::SealedText;
use domain::{casework::client_entry::EntryVisibility, id::ClientEntryId};
use sea_orm::{Condition, entity::prelude::*};

super::case_table! {
    /// An entry.
    "client_entry", ClientEntry, ClientEntryId, {
        /// The day that it is about.
        happened_on: Date,
        /// Who wrote it, by the stable key.
        author: String,
        /// Who reads it.
        visibility: EntryVisibility,
        /// The client may know that something is hidden.
        client_is_told: bool,
        /// What is entered, and the ground on which it is hidden, sealed.
        content: SealedText,
        /// The entry that it corrects.
        corrects_id: Option<ClientEntryId>,
    }
    sealed: [content],
    shown: || Condition::all().add(Column::Visibility.ne(EntryVisibility::ClientHidden)),
}
