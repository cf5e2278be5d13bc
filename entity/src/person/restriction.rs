//! Restrictions of processing (käsittelyn rajoitukset, GDPR 18).
use crate::SealedText;
use domain::{
    id::{ClientId, RestrictionId},
    person::rights::RestrictionGround,
};
use sea_orm::{Condition, entity::prelude::*};

super::client_table! {
    /// A restriction.
    "processing_restriction", Restriction, RestrictionId, client: client_id / ClientId: ClientId, {
        /// On what ground.
        ground: RestrictionGround,
        /// Why, in words, sealed.
        words: SealedText,
        /// Who restricted, by the stable key.
        recorded_by: String,
        /// Who may process the data all the same, for a while, and on what ground, sealed.
        exceptions: SealedText,
        /// When it ends; none while nobody has lifted it.
        ends_at: Option<DateTimeUtc>,
        /// Who lifted it, by the stable key.
        lifted_by: Option<String>,
    }
    sealed: [words, exceptions],
}

/// The restrictions that are in force at a time.
#[must_use]
pub fn in_force(now: DateTimeUtc) -> Condition {
    Condition::any().add(Column::EndsAt.is_null()).add(Column::EndsAt.gt(now))
}
