//! The face of the client's way through the network.
mod referral;

pub use referral::Referral;

use async_graphql::MergedObject;

/// Questions about the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkQuery(referral::ReferralQuery);

/// Changes on the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkMutation(referral::ReferralMutation);
