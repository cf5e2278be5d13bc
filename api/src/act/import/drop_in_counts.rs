//! Counts of drop-in days out of a table: days that are over and were counted on paper.
use super::{Outcome, Progress, Report, Row, TRIES};
use crate::{
    act::{
        catalogue::area::national_id,
        outreach::{
            drop_in_day,
            record::{Mistaken, Recording},
        },
    },
    caller::Caller,
    error::{Error, Result},
};
use bytes::Bytes;
use domain::{
    catalogue::area::AreaKind,
    id::{Kinded, OrganizationId},
    import::drop_in_counts::{CountColumn, CountsLine},
    outreach::drop_in_day::{DropInSaid, DropInState},
    rejection::Code,
    scalar::Date,
};
use entity::outreach::drop_in_day as table;
use sea_orm::{ColumnTrait, Condition};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Records a table of counts of an organisation, day by day; a dry run tells the same and keeps nothing.
///
/// # Errors
/// A caller that has not signed in.
pub async fn bring(caller: &Caller, organization: OrganizationId, bytes: Bytes, dry_run: bool, tell: &Progress) -> Result<Report> {
    caller.signed_in()?;
    let sheet = match super::read::<CountColumn>(bytes).await? {
        Ok(sheet) => sheet,
        Err(faults) => return Ok(Report::refused(dry_run, faults)),
    };
    let by = if dry_run { caller.rehearsing() } else { caller.clone() };
    let mut rows = Vec::with_capacity(sheet.lines.len());
    let mut before: BTreeMap<Date, Vec<CountsLine>> = BTreeMap::new();
    for line in &sheet.lines {
        tell(rows.len(), sheet.lines.len());
        let outcome = match CountsLine::read(line, |code| national_id(AreaKind::Municipality, code.as_str())) {
            Err(faults) => Err(faults.into()),
            // Days that meet are counted once, whichever of them is right.
            Ok(read) if before.get(&read.on).is_some_and(|day| day.iter().any(|other| other.meets(&read))) => Err(Error::reject(Code::Duplicate, &["date"])),
            Ok(read) => {
                let outcome = record(&by, organization, &read).await;
                before.entry(read.on).or_default().push(read);
                outcome
            }
        };
        rows.push(Row::of_table(line.number, outcome));
    }
    tell(rows.len(), sheet.lines.len());
    Ok(Report::of_table(dry_run, &sheet, rows))
}

async fn record(caller: &Caller, organization: OrganizationId, read: &CountsLine) -> Result<(Outcome, String)> {
    let mut tries = 0;
    loop {
        match once(caller, organization, read).await {
            Err(Error::Busy) if tries < TRIES => tries += 1,
            Err(Error::Rejected(why)) => return Err(read.told(&why).into()),
            outcome => return outcome,
        }
    }
}

async fn once(caller: &Caller, organization: OrganizationId, read: &CountsLine) -> Result<(Outcome, String)> {
    let on_day = Condition::all().add(table::Column::OrganizationId.eq(organization)).add(table::Column::EffectiveDate.eq(read.on.0));
    let (void, known): (Vec<_>, Vec<_>) = caller
        .reader()
        .find::<table::Entity>()
        .filter(on_day)
        .all()
        .await?
        .into_iter()
        .filter(|row| read.meets_day(&row.content))
        .partition(|row| row.state == DropInState::Voided);
    match &known[..] {
        [] => {
            let uuid = Some(uuid(organization, read, void.len()));
            let row = Recording { organization, uuid, effective_date: read.on, content: read.content.clone() };
            drop_in_day::record(caller, None, row).await.map(|row| (Outcome::Created, row.id.to_public()))
        }
        [row] if row.state != DropInState::Open && read.is(&row.content) => Ok((Outcome::Unchanged, row.id.to_public())),
        // Hours are not corrected, and what a phone is counting now is not counted over.
        [row] if row.state != DropInState::Open && (row.content.open_from, row.content.open_to) == (read.content.open_from, read.content.open_to) => {
            let reason = read.reason.clone().ok_or_else(|| Error::reject(Code::RecordedAlready, &["reason"]))?;
            let said = DropInSaid { counts: read.content.counts.clone(), help_given: read.content.help_given.clone(), note: read.content.note.clone() };
            let which = Mistaken { id: row.id, expected: row.version, reason };
            drop_in_day::correct(caller, which, said).await.map(|row| (Outcome::Changed, row.id.to_public()))
        }
        _ => Err(Error::reject(Code::RecordedAlready, &["date"])),
    }
}

/// The UUID of a row, out of what says which day it is: two who bring the same file at once make one. Days that were voided make room for another.
fn uuid(organization: OrganizationId, read: &CountsLine, void: usize) -> Uuid {
    let place = serde_json::to_string(&read.content.place).unwrap_or_default();
    let which = format!("monituottaja:drop-in-counts:{organization}:{}:{}:{place}:{void}", read.on.0, read.content.open_from.0);
    Uuid::new_v5(&Uuid::NAMESPACE_URL, which.as_bytes())
}
