//! The face of the client's way through the network.
mod baseline;
mod case;
mod caseload;
mod deadline;
mod event;
mod moves;
mod referral;
mod substitution;

pub use baseline::IntakeBaseline;
pub use case::Case;
pub use event::CaseEvent;
pub use referral::Referral;
pub use substitution::Substitution;

use async_graphql::MergedObject;

/// Questions about the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkQuery(referral::ReferralQuery, caseload::CaseQuery, substitution::SubstitutionQuery);

/// Changes on the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkMutation(
    referral::ReferralMutation,
    moves::CaseMutation,
    baseline::BaselineMutation,
    caseload::CaseloadMutation,
    substitution::SubstitutionMutation,
);
