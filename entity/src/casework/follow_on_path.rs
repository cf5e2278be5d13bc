//! Follow-on paths (jatkopolut).
use crate::SealedText;
use domain::{
    casework::follow_on_path::{KnowledgeSource, PathDestination, PathState},
    id::{FollowOnPathId, OrganizationId, ReferralId},
};
use sea_orm::entity::prelude::*;

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
