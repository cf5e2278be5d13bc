//! Attendance (läsnäolot).
use super::participation;
use domain::{
    delivery::attendance::AttendanceStatus,
    id::{AttendanceId, ClientId, OrganizationId, ParticipationId, SessionId},
};
use sea_orm::entity::prelude::*;

crate::person::client_table! {
    /// Somebody's attendance at a session.
    "attendance", Attendance, AttendanceId, client: client_id / ClientId: Option<ClientId>, {
        /// The organisation that gives the service.
        provider_id: OrganizationId,
        /// The participation.
        participation_id: ParticipationId,
        /// The session.
        session_id: SessionId,
        /// When the session was, so that those of a participation come in order.
        session_at: DateTimeUtc,
        /// Whether the client came.
        status: AttendanceStatus,
        /// For how long, in minutes.
        minutes: Option<i32>,
        /// Who recorded it, by the stable key.
        recorded_by: String,
    }
    under: participation_id / ParticipationId,
    addressed: |to, _| participation::known_to(Column::ParticipationId, to),
}
