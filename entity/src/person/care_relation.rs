//! Care relations (asiayhteydet): what opens a client's data to a worker.
use domain::{
    id::{CareRelationId, ClientId},
    person::relation::RelationBasis,
    policy::Worker,
};
use sea_orm::{Condition, entity::prelude::*};

super::client_table! {
    /// A care relation.
    "care_relation", CareRelation, CareRelationId, client: client_id / ClientId: ClientId, {
        /// The stable key of the worker.
        subject: String,
        /// What it rests on.
        basis: RelationBasis,
        /// The case or referral that it rests on.
        ground_id: Option<Uuid>,
        /// The ground in words, where one had to be given.
        reason: Option<String>,
        /// When it ends by itself.
        expires_at: DateTimeUtc,
        /// When it was ended before that.
        ended_at: Option<DateTimeUtc>,
    }
}

/// The relations that a worker has now.
#[must_use]
pub fn live(worker: &Worker) -> Condition {
    Condition::all()
        .add(Column::Subject.eq(&worker.subject))
        .add(Column::OrganizationId.is_in(worker.organizations.iter().copied()))
        .add(Column::EndedAt.is_null())
        .add(Column::ExpiresAt.gt(worker.at))
}
