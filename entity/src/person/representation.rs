//! Representations (edustukset): who acts for a client, and sees what the client sees.
use domain::{
    id::{ClientId, RepresentationId},
    person::representation::RepresentationKind,
};
use sea_orm::{Condition, entity::prelude::*};

super::client_table! {
    /// A representation.
    "representation", Representation, RepresentationId, client: client_id / ClientId: ClientId, {
        /// The stable key of the representative.
        subject: String,
        /// By what right the representative acts.
        kind: RepresentationKind,
        /// When it ended; none while it holds.
        ended_at: Option<DateTimeUtc>,
    }
}

/// The representations by which `subject` acts now.
#[must_use]
pub fn in_force(subject: &str) -> Condition {
    Condition::all().add(Column::Subject.eq(subject)).add(Column::EndedAt.is_null())
}
