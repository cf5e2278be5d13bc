//! Attendance.
use super::{Participation, may_meet};
use crate::{
    act::delivery::attendance::{self, Row},
    error::Result,
    graphql::{
        Asked,
        batch::{Done, keyed},
        catalogue::{Access, Session, row_access, session_named},
        payload::{Told, UserError, split},
    },
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    delivery::attendance::AttendanceStatus,
    id::{Kinded, ParticipationId, SessionId},
    scalar::DateTime,
};
use entity::delivery::{attendance as table, participation};
use std::sync::Arc;

/// Attendance (läsnäolo).
pub struct Attendance(pub Arc<table::Model>);

impl From<table::Model> for Attendance {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// Attendance (läsnäolo): whether somebody came to a session.
#[Object]
impl Attendance {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Whose; null when that is not yours to see any more.
    async fn participation(&self, ctx: &Context<'_>) -> Result<Option<Participation>> {
        Ok(ctx.caller().peek::<participation::Entity>(self.0.participation_id).await?.map(Participation::from))
    }
    /// At which session; null when its offering is not public any more, and not yours to see, and for whoever acts for a client under non-disclosure.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        let told = may_meet(ctx, self.0.client_id, [self.0.provider_id, self.0.organization_id]).await?;
        if told { session_named(ctx, self.0.session_id).await } else { Ok(None) }
    }
    /// When the session was.
    async fn session_at(&self) -> DateTime {
        DateTime(self.0.session_at)
    }
    /// Whether the person came.
    async fn status(&self) -> AttendanceStatus {
        self.0.status
    }
    /// For how long, in minutes; null when it was not recorded.
    async fn minutes(&self) -> Option<i32> {
        self.0.minutes
    }
    /// Who recorded it, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was last recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// One of a group.
#[derive(InputObject)]
struct AttendanceRowInput {
    /// Whose.
    participation: ParticipationId,
    /// Whether the person came.
    status: AttendanceStatus,
    /// For how long, in minutes, from 0 to 1440; only of one who came.
    minutes: Option<i32>,
}

/// Who came to a session.
#[derive(InputObject)]
pub struct RecordAttendanceInput {
    /// The session: of your organisation, and held.
    session: SessionId,
    /// The group, at most 200.
    rows: Vec<AttendanceRowInput>,
    /// A key of your own: sent again with the same input, what stands now is answered and nothing is put back.
    idempotency_key: Option<String>,
}

/// The outcome of recording attendance.
#[derive(SimpleObject)]
pub struct RecordAttendancePayload {
    /// What was recorded, in the order of the rows; null when it was refused.
    attendances: Option<Vec<Attendance>>,
    /// Why nothing was kept; empty when it was. The path names the row by its number, from 0.
    user_errors: Vec<UserError>,
}

keyed!(RecordAttendanceInput);

impl Done for RecordAttendanceInput {
    type Payload = RecordAttendancePayload;

    async fn done(self, ctx: &Context<'_>) -> Result<RecordAttendancePayload> {
        let rows: Vec<_> = self.rows.into_iter().map(|row| Row { participation: row.participation, status: row.status, minutes: row.minutes }).collect();
        let (kept, user_errors) = split(ctx, attendance::record(ctx.caller(), self.idempotency_key.as_deref(), self.session, &rows).await)?;
        Ok(RecordAttendancePayload { attendances: kept.map(|rows| rows.into_iter().map(Attendance::from).collect()), user_errors })
    }
}

impl Told for RecordAttendancePayload {
    fn is_refused(&self) -> bool {
        !self.user_errors.is_empty()
    }
}

/// Changes of attendance.
#[derive(Default)]
pub struct AttendanceMutation;

/// Changes of attendance.
#[Object]
impl AttendanceMutation {
    /// Records who came to a session (kirjaa läsnäolot), for the whole group at once; recorded again, it is put right. All rows are kept, or none.
    async fn record_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which session, and of whom.")] input: RecordAttendanceInput,
    ) -> Result<RecordAttendancePayload> {
        input.done(ctx).await
    }
}
