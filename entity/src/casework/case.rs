//! Cases (asiakkuudet).
use super::{referral, substitution};
use crate::person::{care_relation, consent, disclosure_prohibition};
use domain::{
    casework::{
        case::{CaseClosingReason, CaseContent, CaseStage, Suspension},
        referral::ReferralState,
    },
    catalogue::session::day,
    id::{CaseId, ClientId, OrganizationId, ReferralId},
    person::{consent::DataItem, relation::RelationBasis},
    policy::Worker,
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};

crate::person::client_table! {
    /// A case.
    "client_case", Case, CaseId, client: client_id / ClientId: ClientId, {
        /// How far it has come.
        stage: CaseStage,
        /// What was said of it when it became pending.
        #[sea_orm(column_type = "JsonBinary")]
        content: CaseContent,
        /// The own worker (omatyöntekijä), by the stable key.
        own_worker: Option<String>,
        /// The organisation that keeps the responsibility for the process: the one that steered the client in.
        responsible_id: OrganizationId,
        /// The referral that it arose from.
        referral_id: Option<ReferralId>,
        /// The case before, of a client who has come back.
        previous_id: Option<CaseId>,
        /// When it became pending (vireilletulo).
        pending_at: DateTimeUtc,
        /// When work with the client began: the first assessment.
        opened_at: Option<DateTimeUtc>,
        /// The suspension that is on now.
        #[sea_orm(column_type = "JsonBinary", nullable)]
        suspension: Option<Suspension>,
        /// When it was closed.
        closed_at: Option<DateTimeUtc>,
        /// Why it was closed.
        closing_reason: Option<CaseClosingReason>,
        /// When the urgent need was looked at.
        urgent_checked_at: Option<DateTimeUtc>,
        /// When its first assessment was completed.
        assessed_at: Option<DateTimeUtc>,
        /// When services first began.
        served_at: Option<DateTimeUtc>,
        /// The last day of the deadline that is to be met next, or the end of time: worked out anew at every change, kept to filter and sort by.
        next_due_on: Date,
    }
}

/// The cases that are a worker's: as the own worker, as one who takes part, or for somebody who is away.
#[must_use]
pub fn of_worker(worker: &Worker) -> Condition {
    let taken = care_relation::Entity::find()
        .select_only()
        .column(care_relation::Column::GroundId)
        .filter(care_relation::Column::Basis.eq(RelationBasis::Case))
        .filter(care_relation::live(worker));
    let away = substitution::Entity::find()
        .select_only()
        .column(substitution::Column::Worker)
        .filter(substitution::Column::Substitute.eq(&worker.subject))
        .filter(substitution::Column::EndedAt.is_null())
        .filter(substitution::Column::Until.gte(day(worker.at)));
    Condition::all().add(Column::OrganizationId.is_in(worker.organizations.iter().copied())).add(
        Condition::any()
            .add(Column::OwnWorker.eq(&worker.subject))
            .add(Column::Id.in_subquery(taken.into_query()))
            .add(Column::OwnWorker.in_subquery(away.into_query())),
    )
}

/// The cases of which a worker's organisations are told how far they have come, and nothing else: those that have arisen from what they have sent, while a
/// consent that covers that is in force, or where one authority has sent another a client on a law. What the client keeps back from them is not told.
#[must_use]
pub fn followed_by(worker: &Worker) -> Condition {
    let consented =
        consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::in_force(worker.at)).filter(consent::covers(DataItem::Progress));
    // Nobody has consented for one who is known by an alias only: who that is, the sender is not told.
    let on_a_law = Condition::all().add(referral::Column::ConsentId.is_null()).add(referral::Column::Anonymous.eq(false));
    let sent = referral::Entity::find()
        .select_only()
        .column(referral::Column::Id)
        .filter(referral::Column::OrganizationId.is_in(worker.organizations.iter().copied()))
        .filter(referral::Column::State.eq(ReferralState::Accepted))
        .filter(Condition::any().add(referral::Column::ConsentId.in_subquery(consented.into_query())).add(on_a_law));
    Condition::all().add(Column::ReferralId.in_subquery(sent.into_query())).add(Column::ClientId.not_in_subquery(disclosure_prohibition::closes_to(worker)))
}
