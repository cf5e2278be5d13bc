//! Disclosure permissions (luovutusluvat). None is ever deleted.
use domain::{
    id::{ClientId, DisclosurePermissionId},
    person::disclosure::DisclosureSector,
    policy::Worker,
};
use sea_orm::{Condition, QuerySelect, entity::prelude::*};

super::client_table! {
    /// A disclosure permission.
    "disclosure_permission", DisclosurePermission, DisclosurePermissionId, client: client_id / ClientId: ClientId, {
        /// Data of which sector.
        sector: DisclosureSector,
        /// When it was given.
        given_at: DateTimeUtc,
        /// Who recorded it, by the stable key: the client, who has given it in an own account.
        recorded_by: String,
        /// When it was withdrawn; none while it holds.
        withdrawn_at: Option<DateTimeUtc>,
        /// Who withdrew it, by the stable key.
        withdrawn_by: Option<String>,
    }
}

/// The clients whose register the workers of other controllers may read by a care relation: they have permitted that for social welfare, and have
/// prohibited nothing that would have to be left out of it. Which single documents are prohibited is for [`super::disclosure_prohibition::document`].
#[must_use]
pub(crate) fn opens_to(worker: &Worker) -> sea_orm::Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::ClientId)
        .filter(Column::Sector.eq(DisclosureSector::Social))
        .filter(Column::WithdrawnAt.is_null())
        .filter(Condition::all().not().add(Column::ClientId.in_subquery(super::disclosure_prohibition::closes_to(worker))))
}
