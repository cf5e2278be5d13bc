//! That clients were informed (informoinnit). None is ever changed.
use domain::{
    id::{ClientId, InformingId},
    person::disclosure::{InformingKind, InformingMethod},
};
use sea_orm::entity::prelude::*;

super::client_table! {
    /// That a client was informed.
    "informing", Informing, InformingId, client: client_id / ClientId: ClientId, {
        /// About what.
        kind: InformingKind,
        /// The day on which it was given.
        given_on: Date,
        /// How.
        method: InformingMethod,
        /// The version of the text that was shown or read out.
        text_version: String,
        /// Who informed the client, by the stable key: the client, who has read it in an electronic service.
        informed_by: String,
    }
}
