//! Follow-on paths (jatkopolut).
use super::case;
use crate::SealedText;
use domain::{
    casework::follow_on_path::{KnowledgeSource, PathDestination, PathState},
    catalogue::session::{end_of, start_of},
    id::{FollowOnPathId, OrganizationId, ReferralId},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};
use std::ops::RangeInclusive;

super::case_table! {
    /// A follow-on path.
    "follow_on_path", FollowOnPath, FollowOnPathId, {
        /// Where it leads.
        destination: PathDestination,
        /// The organisation of the network that it leads to.
        recipient_id: Option<OrganizationId>,
        /// Where it is.
        state: PathState,
        /// What is said of it, sealed.
        content: SealedText,
        /// The referral by which the client was guided.
        referral_id: Option<ReferralId>,
        /// When the client was guided.
        guided_on: Option<Date>,
        /// When the client arrived.
        arrived_on: Option<Date>,
        /// From whom that is known.
        source: Option<KnowledgeSource>,
        /// When it was verified that the client is there, or is not.
        verified_on: Option<Date>,
        /// Why it was given up or broke off, sealed.
        reason: Option<SealedText>,
    }
    sealed: [content, reason],
}

impl Model {
    /// It leads somewhere, and whether the client comes there, or has stayed, is still to be seen.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.destination != PathDestination::None && self.state.is_open()
    }
}

/// The paths of which it is to be looked at whether the client came and stayed: those on which the client arrived on one of these days, and those on which nobody has, of
/// a case that was closed on one of them.
#[must_use]
pub fn to_be_looked_at(since: &RangeInclusive<Date>) -> Condition {
    let (first, last) = (*since.start(), *since.end());
    let arrived = Condition::all()
        .add(Column::State.is_in([PathState::Transferred, PathState::Started, PathState::Employed]))
        .add(Column::ArrivedOn.between(first, last));
    let closed = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::ClosedAt.between(start_of(first), end_of(last)));
    let left = Condition::all()
        .add(Column::State.is_in([PathState::Planned, PathState::Guided]))
        .add(Column::Destination.ne(PathDestination::None))
        .add(Column::CaseId.in_subquery(closed.into_query()));
    Condition::any().add(arrived).add(left)
}
