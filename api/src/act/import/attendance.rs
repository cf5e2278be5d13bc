//! Attendance out of a table, and the table to fill in.
use super::{Outcome, Progress, Report, Row, TRIES};
use crate::{
    act::delivery::{
        attendance::{self, Kept},
        participation,
    },
    caller::Caller,
    error::{Error, Result},
    sheet,
};
use bytes::Bytes;
use domain::{
    catalogue::session::day,
    code::Coded,
    delivery::attendance::MAX_ROWS,
    id::{Kinded, ParticipationId, SessionId},
    import::attendance::{AttendanceColumn, AttendanceLine},
    noted_field::NotedField,
    rejection::{Code, Rejection, Rejections},
};
use entity::{
    catalogue::session,
    delivery::{attendance as table, participation as people},
};
use sea_orm::ColumnTrait;
use std::collections::{BTreeMap, BTreeSet};

/// Records a table of attendance, session by session; a dry run tells the same and keeps nothing.
///
/// # Errors
/// A caller that has not signed in.
pub async fn bring(caller: &Caller, bytes: Bytes, dry_run: bool, tell: &Progress) -> Result<Report> {
    caller.signed_in()?;
    let sheet = match super::read::<AttendanceColumn>(bytes).await? {
        Ok(sheet) => sheet,
        Err(faults) => return Ok(Report::refused(dry_run, faults)),
    };
    let by = if dry_run { caller.rehearsing() } else { caller.clone() };
    let (mut seen, mut days) = (BTreeSet::new(), BTreeMap::new());
    let mut groups: BTreeMap<SessionId, Vec<(usize, AttendanceLine)>> = BTreeMap::new();
    let mut told = Vec::with_capacity(sheet.lines.len());
    for (at, line) in sheet.lines.iter().enumerate() {
        let read = match AttendanceLine::read(line) {
            Ok(read) if !seen.insert((read.session, read.participation)) => Err(Error::reject(Code::Duplicate, &["participation"])),
            Ok(read) => on_its_day(&by, &mut days, &read).await.map(|()| read),
            Err(faults) => Err(faults.into()),
        };
        match read {
            Ok(read) => groups.entry(read.session).or_default().push((at, read)),
            Err(fault) => told.push((at, Err(fault))),
        }
    }
    for (session, group) in groups {
        for group in group.chunks(MAX_ROWS) {
            tell(told.len(), sheet.lines.len());
            told.extend(record(&by, session, group).await);
        }
    }
    tell(told.len(), sheet.lines.len());
    told.sort_by_key(|(at, _)| *at);
    let rows = told.into_iter().map(|(at, outcome)| Row::of_table(sheet.lines[at].number, outcome)).collect();
    Ok(Report::of_table(dry_run, &sheet, rows))
}

/// The day that a row says is the session's. Of a session that is not there the use case tells.
async fn on_its_day(caller: &Caller, days: &mut BTreeMap<SessionId, Option<chrono::NaiveDate>>, read: &AttendanceLine) -> Result<()> {
    let Some(on) = read.on else { return Ok(()) };
    let known = if let Some(known) = days.get(&read.session) {
        *known
    } else {
        let found = caller.load::<session::Entity>(read.session).await?.map(|row| day(row.starts_at));
        *days.entry(read.session).or_insert(found)
    };
    if known.is_none_or(|known| known == on.0) { Ok(()) } else { Err(Error::reject(Code::DoesNotAgree, &["date"])) }
}

/// Records the rows of one session in one step; those that are refused are told and left out, and the others done.
async fn record(caller: &Caller, session: SessionId, group: &[(usize, AttendanceLine)]) -> Vec<(usize, Result<(Outcome, String)>)> {
    let (mut open, mut told): (Vec<_>, Vec<_>) = (group.to_vec(), Vec::new());
    let mut tries = 0;
    while !open.is_empty() {
        let rows: Vec<_> = open.iter().map(|(_, row)| attendance::Row { participation: row.participation, status: row.status, minutes: row.minutes }).collect();
        match attendance::record_each(caller, None, session, &rows).await {
            Ok(kept) => {
                told.extend(open.drain(..).zip(kept).map(|((at, _), (kept, row))| (at, Ok((outcome(kept), row.id.to_public())))));
            }
            Err(Error::Rejected(why)) => {
                let stale = why.iter().all(|fault| fault.code == Code::StaleVersion);
                if stale && tries < TRIES {
                    tries += 1;
                    continue;
                }
                let (by_row, whole) = split(&why);
                let mut number = 0;
                let all = by_row.is_empty();
                open.retain(|(at, _)| {
                    let faults = by_row.get(&number).or(all.then_some(&whole));
                    number += 1;
                    if let Some(faults) = faults {
                        told.push((*at, Err(faults.clone().into())));
                    }
                    faults.is_none()
                });
            }
            Err(Error::Busy) if tries < TRIES => tries += 1,
            Err(fault) => told.extend(open.drain(..).map(|(at, _)| (at, Err(fault.clone())))),
        }
    }
    told
}

const fn outcome(kept: Kept) -> Outcome {
    match kept {
        Kept::New => Outcome::Created,
        Kept::Right => Outcome::Changed,
        Kept::Same => Outcome::Unchanged,
    }
}

/// What is wrong with single rows, and what is with all of them, by column.
fn split(why: &Rejections) -> (BTreeMap<usize, Rejections>, Rejections) {
    let (mut by_row, mut whole) = (BTreeMap::<usize, Rejections>::new(), Rejections::default());
    for fault in why {
        let told = Rejection { path: vec![AttendanceLine::column(&fault.path)], ..fault.clone() };
        match fault.path.get(1).filter(|_| fault.path[0] == "rows").and_then(|number| number.parse().ok()) {
            Some(number) => by_row.entry(number).or_default().push(told),
            None => whole.push(told),
        }
    }
    (by_row, whole)
}

/// The table of a session to fill in: those who take part, by alias, with what is recorded already. UTF-8 with its mark and semicolons, as spreadsheet
/// programs in Finland open it.
///
/// # Errors
/// [`Error::NotFound`] for a session that is not the caller's to see, or a fault of the database.
pub async fn template(caller: &Caller, id: SessionId) -> Result<String> {
    caller.signed_in()?;
    let session = caller.load::<session::Entity>(id).await?.ok_or(Error::NotFound)?;
    let taking_part = people::Column::OfferingId.eq(session.offering_id);
    let mut group = caller.reader().find::<people::Entity>().filter(taking_part).all().await?;
    group.retain(|row| attendance::takes_part(row, &session));
    group.sort_by_key(|row| row.arrival);
    let known = caller.reader().find::<table::Entity>().filter(table::Column::SessionId.eq(id)).all().await?;
    let known: BTreeMap<ParticipationId, table::Model> = known.into_iter().map(|row| (row.participation_id, row)).collect();
    let language = caller.language();
    let mut out = sheet::writer("\u{feff}");
    out.write_record(AttendanceColumn::headings(language).map(|(_, name)| name)).map_err(Error::internal)?;
    for row in group {
        if let Some(client) = row.client_id {
            caller.reader().note_field(client, NotedField::ParticipationAlias, false);
        }
        let alias = participation::alias(caller.vault(), &row)?.map(|alias| sheet::plain(alias.reveal())).unwrap_or_default();
        let came = known.get(&row.id);
        let cells = AttendanceColumn::headings(language).map(|(column, _)| match column {
            AttendanceColumn::Session => id.to_public(),
            AttendanceColumn::Date => day(session.starts_at).to_string(),
            AttendanceColumn::Participation => row.id.to_public(),
            AttendanceColumn::Alias => alias.clone(),
            AttendanceColumn::Status => came.map(|came| came.status.label().in_language(language).to_owned()).unwrap_or_default(),
            AttendanceColumn::Minutes => came.and_then(|came| came.minutes).map(|minutes| minutes.to_string()).unwrap_or_default(),
        });
        out.write_record(cells).map_err(Error::internal)?;
    }
    sheet::text(out)
}
