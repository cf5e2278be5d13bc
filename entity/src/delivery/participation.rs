//! Participations (osallistumiset). Those who give the service see a client of a register for as long as the consent behind it is in force.
use crate::casework::referral;
use crate::person::consent::{self, in_force_for};
use crate::{SealedText, names};
use domain::{
    delivery::participation::{Guest, ParticipationEnd, ParticipationSource, ParticipationState, Spot},
    id::{ClientId, ConsentId, OrganizationId, ParticipationId, ReferralId, ServiceOfferingId, SessionId},
    policy::{Action, Worker},
};
use sea_orm::{
    Condition, ExprTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, SimpleExpr},
};

crate::person::client_table! {
    /// A participation. The organisation that keeps it is the one that keeps the client's register; of somebody who is no client, the one that gives
    /// the service.
    "participation", Participation, ParticipationId, client: client_id / ClientId: Option<ClientId>, {
        /// The organisation that gives the service.
        provider_id: OrganizationId,
        /// The offering.
        offering_id: ServiceOfferingId,
        /// The session of it, where one registers for a session at a time; none for the whole offering.
        session_id: Option<SessionId>,
        /// How the client came to it.
        source: ParticipationSource,
        /// Where it is.
        state: ParticipationState,
        /// What those who give the service call the client, sealed; none for one under non-disclosure.
        alias: Option<SealedText>,
        /// The referral that led to it.
        referral_id: Option<ReferralId>,
        /// The consent by which those who give the service know of it; none for the keeper's own service.
        consent_id: Option<ConsentId>,
        /// What it goes on from, in another offering.
        transferred_from_id: Option<ParticipationId>,
        /// Who registered the client, by the stable key.
        registered_by: String,
        /// Counts those who come to the offering, in the order in which they were put on its lists.
        arrival: i64,
        /// Until when a place that came free is held; none for one that is the client's.
        held_until: Option<DateTimeUtc>,
        /// The day on which the client came for the first time.
        started_on: Option<Date>,
        /// The day on which it ended.
        ended_on: Option<Date>,
        /// Why it ended.
        ended_for: Option<ParticipationEnd>,
        /// The same in words, sealed.
        reason: Option<SealedText>,
    }
    sealed: [alias, reason],
    addressed: addressed_to,
}

/// Those who take part in what a worker's organisations give.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    let by_consent = Condition::any().add(names::<Entity, consent::Entity>(Column::ConsentId, consent::Column::Id, in_force_for(to)));
    // Those who give the service take up people whom no register knows, and clients of whom they have been told; to those of their own register whom they
    // have taken on by a referral they propose.
    let told = if action == Action::Create {
        let own_client = Condition::all()
            .add(Column::State.eq(ParticipationState::Proposed))
            .add(names::<Entity, referral::Entity>(Column::ReferralId, referral::Column::Id, referral::taken_on_by(to)))
            .add(Column::OrganizationId.is_in(to.organizations.iter().copied()));
        by_consent.add(Column::ClientId.is_null()).add(own_client)
    } else {
        let own_client = Condition::all().add(Column::ClientId.is_not_null()).add(Column::OrganizationId.is_in(to.organizations.iter().copied()));
        by_consent.add(own_client)
    };
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(told)
}

impl Model {
    /// As what the client has come.
    #[must_use]
    pub fn guest(&self) -> Guest {
        Guest::of(self.source, self.referral_id.is_some())
    }

    /// Where its place is, or the waiting list on which it stands.
    #[must_use]
    pub const fn spot(&self) -> Spot {
        Spot { offering: self.offering_id, session: self.session_id }
    }

    /// It is for this session of its offering, by itself or with all the others.
    #[must_use]
    pub fn is_for(&self, session: SessionId) -> bool {
        self.session_id.is_none_or(|only| only == session)
    }
}

/// Who has come as a client of the network, as [`Guest::of`] says.
#[must_use]
pub fn of_network() -> Condition {
    let by_source = Column::Source.is_in([ParticipationSource::Referral, ParticipationSource::OwnService]);
    Condition::any().add(Expr::col(Column::ReferralId).is_not_null()).add(by_source)
}

/// Of the participation that a column names, a worker's organisations may know.
pub(super) fn known_to(participation: impl ColumnTrait, to: &Worker) -> Condition {
    let known = Entity::find().select_only().column(Column::Id).filter(addressed_to(to, Action::Read));
    Condition::all().add(participation.in_subquery(known.into_query()))
}

/// It is of this spot and no other.
#[must_use]
pub fn at(spot: Spot) -> Condition {
    let session = spot.session.map_or_else(|| Expr::col(Column::SessionId).is_null(), |session| Column::SessionId.eq(session));
    Condition::all().add(Column::OfferingId.eq(spot.offering)).add(session)
}

/// It waits for a place: on the list, or accepted when there was no room on it.
#[must_use]
pub fn waiting() -> SimpleExpr {
    Column::State.is_in([ParticipationState::Waitlisted, ParticipationState::AcceptedByClient])
}

/// It waits for a place, and whoever gives the service may still know of it.
#[must_use]
pub fn waits(spot: Spot, now: DateTimeUtc) -> Condition {
    let live = names::<Entity, consent::Entity>(Column::ConsentId, consent::Column::Id, consent::in_force(now));
    at(spot).add(waiting()).add(Condition::any().add(Expr::col(Column::ConsentId).is_null()).add(live))
}
