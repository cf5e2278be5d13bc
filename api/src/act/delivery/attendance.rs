//! Attendance: who came to a session, for the whole group at once.
use super::{
    participation::{absences, after, of_one_visitor},
    registration::{led_by, own_workers},
};
use crate::{
    act::{casework::author, funding::delivery as deliveries},
    caller::{Caller, Once},
    error::{Error, Result},
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    catalogue::session::{SessionState, day},
    delivery::{
        attendance::{AttendanceStatus, FLAGGED_ABSENCES, MAX_MINUTES, MAX_ROWS},
        participation::{ParticipationMove, ParticipationState},
    },
    id::{AttendanceId, ParticipationId, SessionId},
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejections},
};
use entity::{
    catalogue::{service_offering, session},
    delivery::{attendance as table, participation},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One of a group.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The participation.
    pub participation: ParticipationId,
    /// Whether the person came.
    pub status: AttendanceStatus,
    /// For how long, in minutes.
    pub minutes: Option<i32>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing was recorded of the person before.
    New,
    /// What was recorded before is put right.
    Right,
    /// The same was recorded before: nothing is written.
    Same,
}

/// Records who came to a session that was held; what was recorded of the same people before is put right. Whoever came for the first time takes part from that
/// day on, and what was ordered for them has begun. All rows are kept, or none.
///
/// # Errors
/// [`Code::SessionNotHeld`], and for each row what is wrong with it, with its number in the path; or a caller without the right.
pub async fn record(caller: &Caller, given: Option<&str>, session: SessionId, rows: &[Row]) -> Result<Vec<table::Model>> {
    Ok(record_each(caller, given, session, rows).await?.into_iter().map(|(_, row)| row).collect())
}

/// As [`record`], with what became of each row. Sent again under the same key, what stands now is told and nothing is put back.
///
/// # Errors
/// As [`record`].
pub async fn record_each(caller: &Caller, given: Option<&str>, session: SessionId, rows: &[Row]) -> Result<Vec<(Kept, table::Model)>> {
    caller.signed_in()?;
    check(rows).into_result()?;
    let done = caller
        .once(given, "recordAttendance", &(session, rows), session.0, async |work: &mut Work| {
            let session = work.refer::<session::Entity>(session, &["session"]).await?;
            if session.state != SessionState::Held {
                return Err(Error::reject(Code::SessionNotHeld, &["session"]));
            }
            work.hold::<service_offering::Entity>(session.offering_id).await?;
            let group = work.find::<participation::Entity>(participation::Column::Id.is_in(rows.iter().map(|row| row.participation))).await?;
            let group: BTreeMap<_, _> = group.into_iter().map(|row| (row.id, row)).collect();
            let before = before(work, session.id).await?;
            let mut out = Rejections::default();
            let mut known = Vec::new();
            for (number, row) in rows.iter().enumerate() {
                let (number, fault) = (number.to_string(), |code| (code, "participation"));
                let found = match group.get(&row.participation).filter(|found| found.offering_id == session.offering_id) {
                    None => Err(fault(Code::UnknownReference)),
                    Some(found) if !takes_part(found, &session) => Err(fault(Code::NotParticipating)),
                    Some(found) => Ok(found),
                };
                match found {
                    Ok(found) => known.push((number, row, found)),
                    Err((code, field)) => out.add(code, &["rows", &number, field]),
                }
            }
            out.into_result()?;
            let mut kept = Vec::new();
            for (number, row, participation) in known {
                let done = keep(work, &session, participation, before.get(&participation.id), row).await?;
                // Told as a delivery, it is invoiced: that is taken back first.
                if matches!(done.0, Kept::Right) && !row.status.was_there() && work.is_delivered(done.1.id).await? {
                    return Err(Error::reject(Code::RecordedAlready, &["rows", &number, "status"]));
                }
                kept.push(done);
            }
            let came: BTreeSet<_> =
                kept.iter().filter(|(_, row)| row.status.was_there()).filter_map(|(_, row)| Some((row.provider_id, row.client_id?))).collect();
            if let Some((provider, _)) = came.first().copied() {
                let offering = work.refer::<service_offering::Entity>(session.offering_id, &["session"]).await?;
                let clients = came.into_iter().map(|(_, client)| client).collect();
                deliveries::begin_with(work, &clients, (provider, offering.service_id), day(session.starts_at)).await?;
            }
            Ok(kept)
        })
        .await?;
    match done {
        Once::Now(kept) => Ok(kept),
        Once::Before(_) => {
            let mut known = caller.write(async |work: &mut Work| before(work, session).await).await?;
            Ok(rows.iter().filter_map(|row| known.remove(&row.participation)).map(|row| (Kept::Same, row)).collect())
        }
    }
}

/// What is recorded of a session, by whom it is about.
async fn before(work: &Work, session: SessionId) -> Result<BTreeMap<ParticipationId, table::Model>> {
    let rows = work.find::<table::Entity>(table::Column::SessionId.eq(session)).await?;
    Ok(rows.into_iter().map(|row| (row.participation_id, row)).collect())
}

fn check(rows: &[Row]) -> Rejections {
    let mut out = Rejections::default();
    if rows.is_empty() {
        out.add(Code::Required, &["rows"]);
    }
    if rows.len() > MAX_ROWS {
        out.add_with(Code::TooLong, &["rows"], MAX_ROWS.to_string());
    }
    let mut seen = BTreeSet::new();
    for (number, row) in rows.iter().enumerate() {
        let number = number.to_string();
        if !seen.insert(row.participation) {
            out.add(Code::Duplicate, &["rows", &number, "participation"]);
        }
        if row.minutes.is_some_and(|minutes| !(0..=MAX_MINUTES).contains(&minutes)) {
            out.add_with(Code::OutOfRange, &["rows", &number, "minutes"], format!("0–{MAX_MINUTES}"));
        }
        if row.minutes.is_some_and(|minutes| minutes > 0) && !row.status.was_there() {
            out.add(Code::DoesNotAgree, &["rows", &number, "minutes"]);
        }
    }
    out
}

/// Somebody takes part in a session: with a place now, or until that day or later.
pub(in crate::act) fn takes_part(row: &participation::Model, session: &session::Model) -> bool {
    if !row.is_for(session.id) {
        return false;
    }
    let until_then = || row.ended_on.is_some_and(|end| day(session.starts_at) <= end);
    match row.state {
        // What was told of the one session, or was not, is put right as anything else.
        state if row.session_id.is_some() && state.is_told_by_attendance(row.ended_for) => true,
        ParticipationState::Enrolled | ParticipationState::Started | ParticipationState::Paused => true,
        ParticipationState::Completed | ParticipationState::Discontinued => until_then(),
        // Of a group it may be told later than what became of the place. Whoever has given a place up may never have had one.
        ParticipationState::Transferred | ParticipationState::NoShow => row.session_id.is_none() && until_then(),
        _ => false,
    }
}

async fn keep(
    work: &mut Work,
    session: &session::Model,
    participation: &participation::Model,
    before: Option<&table::Model>,
    row: &Row,
) -> Result<(Kept, table::Model)> {
    let kept = if let Some(before) = before {
        if before.status == row.status && before.minutes == row.minutes {
            return Ok((Kept::Same, before.clone()));
        }
        let next = table::Model { status: row.status, minutes: row.minutes, recorded_by: author(work), ..before.clone() };
        (Kept::Right, work.update::<table::Entity>(before, next, Action::Update).await?)
    } else {
        let now = work.now();
        let new = table::Model {
            id: AttendanceId::new(),
            network_id: participation.network_id,
            organization_id: participation.organization_id,
            client_id: participation.client_id,
            provider_id: participation.provider_id,
            participation_id: participation.id,
            session_id: session.id,
            session_at: session.starts_at,
            status: row.status,
            minutes: row.minutes,
            recorded_by: author(work),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        (Kept::New, work.insert::<table::Entity>(new).await?)
    };
    if participation.session_id.is_some() {
        end_with_session(work, session, participation, row.status).await?;
    } else if row.status.was_there() {
        came(work, session, participation).await?;
    } else if before.is_some_and(|before| before.status.was_there()) {
        came_not(work, session, participation).await?;
    }
    if !row.status.was_there() {
        let missed = absences(work, &of_one_visitor(work, participation).await?).await?;
        // What is put right may join absences to more than that at once.
        if let Some(first) = missed.first().filter(|_| missed.len() >= FLAGGED_ABSENCES) {
            flag(work, participation, first).await?;
        }
    }
    Ok(kept)
}

/// Somebody came: the first time is the earliest session, in whichever order they are recorded.
async fn came(work: &mut Work, session: &session::Model, before: &participation::Model) -> Result<()> {
    use ParticipationMove::{Correct, Discontinue, Start};
    let on = day(session.starts_at);
    if before.state != ParticipationState::Enrolled && before.started_on.is_some_and(|first| first <= on) {
        return Ok(());
    }
    let moves: &[_] = match before.state {
        ParticipationState::Enrolled => &[Start],
        // Whoever was said never to have come had come after all.
        ParticipationState::NoShow => &[Correct, Start, Discontinue],
        _ => &[],
    };
    let next = participation::Model {
        state: moves.iter().try_fold(before.state, |state, by| state.step(*by))?,
        started_on: Some(before.started_on.map_or(on, |first| Ord::min(first, on))),
        held_until: None,
        ..before.clone()
    };
    work.update::<participation::Entity>(before, next, Action::Transition).await.map(drop)
}

/// Somebody did not come who was said to have come: the first time is another, or there was none yet.
async fn came_not(work: &mut Work, session: &session::Model, before: &participation::Model) -> Result<()> {
    if before.started_on != Some(day(session.starts_at)) {
        return Ok(());
    }
    let there = table::Column::Status.is_in(AttendanceStatus::ALL.iter().copied().filter(|status| status.was_there()));
    let times = work.find::<table::Entity>(table::Column::ParticipationId.eq(before.id).and(there)).await?;
    let next = match times.iter().map(|time| time.session_at).min() {
        Some(first) => participation::Model { started_on: Some(day(first)), ..before.clone() },
        None if before.state == ParticipationState::Started => {
            participation::Model { state: before.state.step(ParticipationMove::Correct)?, started_on: None, ..before.clone() }
        }
        // It has been paused or has ended since, by those who know.
        None => return Ok(()),
    };
    work.update::<participation::Entity>(before, next, Action::Transition).await.map(drop)
}

/// Ends the participation of somebody who has registered for this session alone, or puts right how it ended.
async fn end_with_session(work: &mut Work, session: &session::Model, before: &participation::Model, told: AttendanceStatus) -> Result<()> {
    let Some((state, why)) = before.state.after_session(before.ended_for, told) else { return Ok(()) };
    let on = day(session.starts_at);
    let next = participation::Model {
        state,
        started_on: told.was_there().then_some(on),
        ended_on: Some(on),
        ended_for: Some(why),
        held_until: None,
        ..before.clone()
    };
    let row = work.update::<participation::Entity>(before, next, Action::Transition).await?;
    after(work, before, &row).await
}

/// Tells those who look after a client of repeated absence, once from its first on: the own workers of the client's open cases and whoever has led the client
/// there, or else all who work with clients where the register is kept.
async fn flag(work: &mut Work, row: &participation::Model, first: &table::Model) -> Result<()> {
    let Some(client) = row.client_id else { return Ok(()) };
    let mut workers = own_workers(work, client, row).await?;
    let voices = work.voices_of(client).await?;
    workers.extend(led_by(work, row).await?.filter(|worker| !voices.contains(worker)));
    let mut to: Vec<_> = workers.into_iter().map(|worker| (format!("absence:{}:{worker}", first.id), Addressee::Worker(row.organization_id, worker))).collect();
    if to.is_empty() {
        to.push((format!("absence:{}", first.id), Addressee::Organization(row.organization_id)));
    }
    for (once, to) in to {
        work.notify_of_participation(row.network_id, to, NoticeKind::RepeatedAbsence, row.id, Some(once));
    }
    Ok(())
}
