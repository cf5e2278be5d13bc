//! Files that workers bring along, over the use cases of `act::import`: which of them, and what came of it as JSON for the door and as lines for the
//! command line.
use crate::{
    act::import::{self, Outcome, Report},
    caller::Caller,
    error::{Error, Result},
    http::{Brought, ImportKind, ImportOf},
};
use bytes::Bytes;
use domain::{
    id::{Kinded, OrganizationId, SessionId},
    import::drop_in_counts::CountColumn,
    rejection::Rejections,
    text::Language,
};
use serde_json::{Value, json};

/// Does what came through the door.
pub(crate) async fn brought(caller: &Caller, of: ImportOf) -> Brought {
    let outcome = match of {
        ImportOf::File { kind, organization, dry_run, bytes } => file(caller, kind, organization.as_deref(), bytes, dry_run).await.map(|report| {
            let read = report.was_read();
            Brought::Report { read, report: told(&report, caller.language()) }
        }),
        ImportOf::Template { kind, session } => template(caller, kind, session.as_deref()).await.map(Brought::Template),
    };
    outcome.unwrap_or_else(|fault| match fault {
        Error::NotFound => Brought::Nothing,
        Error::Unauthenticated => Brought::Unauthenticated,
        Error::PurposeRequired => Brought::PurposeRequired,
        Error::BadInput(words) => Brought::Wrong(words),
        fault => {
            tracing::warn!(%fault, "a file could not be imported");
            Brought::Failed
        }
    })
}

/// Imports a file.
///
/// # Errors
/// A caller that has not signed in, or an organisation that is missing or given where the rows name it.
pub async fn file(caller: &Caller, kind: ImportKind, organization: Option<&str>, bytes: Bytes, dry_run: bool) -> Result<Report> {
    let wrong = |words: &str| Error::BadInput(words.to_owned());
    match (kind, organization) {
        (ImportKind::Attendance, None) => {
            caller.note_operation("importAttendance");
            import::attendance::bring(caller, bytes, dry_run).await
        }
        (ImportKind::Attendance, Some(_)) => Err(wrong("attendance names its session in each row, and no organization beside")),
        (ImportKind::DropInCounts, organization) => {
            let id = organization.and_then(OrganizationId::from_public).ok_or_else(|| wrong("organization is the id of the one whose days these are"))?;
            caller.note_operation("importDropInCounts");
            import::drop_in_counts::bring(caller, id, bytes, dry_run).await
        }
    }
}

/// The table to fill in.
async fn template(caller: &Caller, kind: ImportKind, session: Option<&str>) -> Result<String> {
    match (kind, session) {
        (ImportKind::Attendance, Some(session)) => {
            caller.note_operation("attendanceTemplate");
            import::attendance::template(caller, SessionId::from_public(session).ok_or(Error::NotFound)?).await
        }
        (ImportKind::Attendance, None) => Err(Error::BadInput("session is the id of the one whose attendance is filled in".to_owned())),
        (ImportKind::DropInCounts, _) => {
            caller.signed_in()?;
            Ok(format!("\u{feff}{}\r\n", CountColumn::template(caller.language()).join(";")))
        }
    }
}

/// The most faults that are told of all rows, beside the first of each: a file of nothing but faults makes no answer many times its size.
const TOLD: usize = 2_000;

/// What is told of the faults of rows, one after the other.
struct Telling {
    language: Language,
    left: usize,
    untold: usize,
}

impl Telling {
    const fn new(language: Language) -> Self {
        Self { language, left: TOLD, untold: 0 }
    }

    /// Of a row what there is room for, and its first in any case.
    fn errors(&mut self, fault: &Error) -> Vec<Value> {
        let told = errors(fault, self.language, 1 + self.left);
        let count = match fault {
            Error::Rejected(rejections) => rejections.iter().count(),
            _ => 1,
        };
        self.left -= told.len().saturating_sub(1);
        self.untold += count - told.len();
        told
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "CREATED",
        Outcome::Changed => "CHANGED",
        Outcome::Unchanged => "UNCHANGED",
    }
}

/// Faults as the door tells them: the stable code in the spelling of the contract, the column, and words.
fn faults(rejections: &Rejections, language: Language, most: usize) -> Vec<Value> {
    rejections.iter().take(most).map(|fault| json!({ "column": fault.path.join("."), "code": fault.code, "message": fault.words(language) })).collect()
}

fn errors(fault: &Error, language: Language, most: usize) -> Vec<Value> {
    match fault {
        Error::Rejected(rejections) => faults(rejections, language, most),
        fault => vec![json!({ "column": null, "code": fault.code(), "message": fault.to_string() })],
    }
}

/// The whole report.
fn told(report: &Report, language: Language) -> Value {
    let mut telling = Telling::new(language);
    let tell = |row: &import::Row| match &row.outcome {
        Ok((outcome, id)) => json!({ "line": row.line, "outcome": word(*outcome), "id": id, "errors": [] }),
        Err(fault) => json!({ "line": row.line, "outcome": "REFUSED", "id": null, "errors": telling.errors(fault) }),
    };
    let rows: Vec<_> = report.rows.iter().map(tell).collect();
    json!({
        "dryRun": report.dry_run,
        "encoding": report.form.map(|(encoding, _)| encoding),
        "delimiter": report.form.map(|(_, delimiter)| delimiter),
        "errors": faults(&report.faults, language, TOLD),
        "created": report.count(Outcome::Created),
        "changed": report.count(Outcome::Changed),
        "unchanged": report.count(Outcome::Unchanged),
        "refused": report.refusals(),
        "untold": telling.untold,
        "rows": rows,
    })
}

/// The report in lines: what was refused and why, and the sums.
#[must_use]
pub fn lines(report: &Report, language: Language) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |line: String, fault: &Value| format!("{line:>6}  {:<24} {:<24} {}", text(&fault["column"]), text(&fault["code"]), text(&fault["message"]));
    let mut out = Vec::new();
    let mut telling = Telling::new(language);
    let refused = report.rows.iter().filter_map(|row| row.outcome.as_ref().err().map(|fault| (row.line.to_string(), telling.errors(fault))));
    for (number, errors) in std::iter::once(("file".to_owned(), faults(&report.faults, language, TOLD))).chain(refused) {
        if out.is_empty() && !errors.is_empty() {
            out.push(format!("{:>6}  {:<24} {:<24} {}", "line", "column", "code", "why"));
        }
        out.extend(errors.iter().map(|fault| line(number.clone(), fault)));
    }
    if telling.untold > 0 {
        out.push(format!("{} more faults are not told.", telling.untold));
    }
    let (created, changed, unchanged) = (report.count(Outcome::Created), report.count(Outcome::Changed), report.count(Outcome::Unchanged));
    let tried = if report.dry_run { " Nothing was kept: it was a dry run." } else { "" };
    out.push(format!("{created} created, {changed} changed, {unchanged} unchanged, {} refused.{tried}", report.refusals()));
    out
}
