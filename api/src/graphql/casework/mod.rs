//! The face of the client's way through the network.
mod baseline;
mod case;
mod caseload;
mod client_entry;
mod client_plan;
mod deadline;
mod event;
mod feedback;
mod final_assessment;
mod follow_on_path;
mod follow_up;
mod goal;
mod instrument;
mod moves;
mod needs_assessment;
mod network_meeting;
mod referral;
mod service_decision;
mod substitution;

pub use baseline::IntakeBaseline;
pub use case::Case;
pub use client_entry::ClientEntry;
pub use client_plan::ClientPlan;
pub use event::CaseEvent;
pub use feedback::Feedback;
pub use final_assessment::FinalAssessment;
pub use follow_on_path::FollowOnPath;
pub use follow_up::FollowUp;
pub use goal::Goal;
pub(super) use instrument::instrument_by_id;
pub use instrument::{Instrument, InstrumentResponse};
pub use needs_assessment::NeedsAssessment;
pub use network_meeting::NetworkMeeting;
pub use referral::{Introduction, Referral};
pub use service_decision::ServiceDecision;
pub use substitution::Substitution;

use super::{Asked, page};
use crate::{error::Result, graphql::page::Page, store::Window};
use async_graphql::{Context, MergedObject, OutputType};
use domain::id::{CaseId, ClientId};
use entity::OfCase;

/// Questions about the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkQuery(referral::ReferralQuery, caseload::CaseQuery, substitution::SubstitutionQuery, instrument::InstrumentQuery);

/// Changes on the client's way.
#[derive(MergedObject, Default)]
pub struct CaseworkMutation(
    referral::ReferralMutation,
    moves::CaseMutation,
    baseline::BaselineMutation,
    caseload::CaseloadMutation,
    substitution::SubstitutionMutation,
);

/// Changes of what is done in a case.
#[derive(MergedObject, Default)]
pub struct PlanMutation(
    needs_assessment::NeedsAssessmentMutation,
    client_plan::ClientPlanMutation,
    goal::GoalMutation,
    final_assessment::FinalAssessmentMutation,
    service_decision::ServiceDecisionMutation,
    follow_on_path::FollowOnPathMutation,
    client_entry::ClientEntryMutation,
    follow_up::FollowUpMutation,
    instrument::InstrumentMutation,
    network_meeting::NetworkMeetingMutation,
    feedback::FeedbackMutation,
);

/// The rows of a client that you may see, the newest last; of one case only, where it is named. Every case of a client takes the same statement.
pub async fn of_client<E: OfCase, T: OutputType>(
    ctx: &Context<'_>,
    client: ClientId,
    case: Option<CaseId>,
    window: &Window,
    node: impl Fn(E::Model) -> T,
) -> Result<Page<T>> {
    let mut rows = ctx.caller().children::<E>(client).await?;
    rows.retain(|row| case.is_none_or(|case| E::case_id(row) == case));
    Ok(page::of_children::<E, _>(rows, window, node))
}
