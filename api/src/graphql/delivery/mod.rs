//! The face of services as they are given.
mod attendance;
mod participation;
mod registration;
mod visit;
mod watch;

pub use attendance::{Attendance, RecordAttendanceInput, RecordAttendancePayload};
pub use participation::{Participation, ParticipationPayload};
pub use registration::RegisterWalkInInput;
pub use visit::{CheckInToVisitInput, CheckOutOfVisitInput, PlanVisitInput, RecordVisitInput, RecordVisitNotReachedInput, Visit, VisitPayload};
pub use watch::RegistrationSubscription;

use async_graphql::MergedObject;

/// Questions about services as they are given.
#[derive(MergedObject, Default)]
pub struct DeliveryQuery(participation::ParticipationQuery, visit::VisitQuery);

/// Changes of services as they are given.
#[derive(MergedObject, Default)]
pub struct DeliveryMutation(registration::RegistrationMutation, participation::ParticipationMutation, attendance::AttendanceMutation, visit::VisitMutation);
