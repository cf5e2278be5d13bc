//! The face of services as they are given.
mod attendance;
mod participation;
mod registration;
mod visit;
mod watch;

pub use attendance::{Attendance, RecordAttendanceInput, RecordAttendancePayload};
pub use participation::{
    CancelParticipation, CompleteParticipation, DiscontinueParticipation, LeaveWaitlist, Participation, ParticipationPayload, PauseParticipation, RecordNoShow,
    ResumeParticipation,
};
pub use registration::RegisterWalkInInput;
pub use visit::{CheckInToVisitInput, CheckOutOfVisitInput, PlanVisitInput, RecordVisitInput, RecordVisitNotReachedInput, Visit, VisitPayload};
pub use watch::RegistrationSubscription;

use crate::{act::delivery::participation::works_at, error::Result, graphql::Asked};
use async_graphql::{Context, MergedObject};
use domain::id::{ClientId, OrganizationId};

/// Whoever asks may know when and where somebody takes part whom these organisations serve.
async fn may_meet(ctx: &Context<'_>, client: Option<ClientId>, served_by: [OrganizationId; 2]) -> Result<bool> {
    let Some(client) = client else { return Ok(true) };
    let actor = ctx.caller().actor();
    ctx.caller().may_meet(client, served_by.into_iter().any(|organization| works_at(actor, organization))).await
}

/// Questions about services as they are given.
#[derive(MergedObject, Default)]
pub struct DeliveryQuery(participation::ParticipationQuery, visit::VisitQuery);

/// Changes of services as they are given.
#[derive(MergedObject, Default)]
pub struct DeliveryMutation(registration::RegistrationMutation, participation::ParticipationMutation, attendance::AttendanceMutation, visit::VisitMutation);
