//! Files that workers and partners bring along, over the use cases of `act::import`: which of them, and what came of it as JSON for the door and as lines for the
//! command line.
pub mod fetch;

use crate::{
    act::import::{self, Outcome, Progress, Report, Row, services::Source},
    caller::Caller,
    error::{Error, Result},
    http::{Beside, Brought, ImportKind, ImportOf},
};
use bytes::Bytes;
use domain::{
    id::{Kinded, OrganizationId, SessionId},
    import::{catalogue::LONGEST_ID, drop_in_counts::CountColumn, hsds},
    rejection::Rejections,
    text::{self, Language},
};
use serde_json::{Value, json};

/// Does what came through the door.
pub(crate) async fn brought(caller: &Caller, of: ImportOf) -> Brought {
    let outcome = match of {
        ImportOf::File { kind, beside, dry_run, bytes } => file(caller, kind, &beside, bytes, dry_run, &|_, _| {}).await.map(|report| {
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

/// What a source is called that is given no name: the ids of HSDS are UUIDs, and mean the same wherever they are told.
const HSDS: &str = "hsds";

/// Imports a file, and tells meanwhile how far it has come.
///
/// # Errors
/// A caller that has not signed in, or something beside the file that is missing, or is given where the rows name it.
pub async fn file(caller: &Caller, kind: ImportKind, beside: &Beside, bytes: Bytes, dry_run: bool, tell: &Progress) -> Result<Report> {
    let organization = || {
        let id = beside.organization.as_deref().and_then(OrganizationId::from_public);
        id.ok_or_else(|| Error::BadInput("organization is the id of the one whose these are".to_owned()))
    };
    if kind != ImportKind::Hsds && (&beside.source, &beside.language, &beside.feed_organization) != (&None, &None, &None) {
        return Err(Error::BadInput("source, language and feedOrganization are said of a feed".to_owned()));
    }
    match kind {
        ImportKind::Attendance if beside.organization.is_some() => {
            Err(Error::BadInput("attendance names its session in each row, and no organization beside".to_owned()))
        }
        ImportKind::Attendance => {
            caller.note_operation("importAttendance");
            import::attendance::bring(caller, bytes, dry_run, tell).await
        }
        ImportKind::DropInCounts => {
            caller.note_operation("importDropInCounts");
            import::drop_in_counts::bring(caller, organization()?, bytes, dry_run, tell).await
        }
        ImportKind::Hsds => {
            caller.note_operation("importHsds");
            let language = feed_language(beside.language.as_deref())?;
            let source =
                Source { organization: organization()?, name: source_name(beside.source.as_deref())?, feed_organization: beside.feed_organization.clone() };
            import::services::bring(caller, &source, bytes, move |bytes| hsds::read(bytes, language), dry_run, tell).await
        }
    }
}

/// The language of a feed's texts; Finnish, when nothing is said.
fn feed_language(tag: Option<&str>) -> Result<Language> {
    let Some(tag) = tag else { return Ok(Language::Fi) };
    Language::ALL.into_iter().find(|language| language.tag() == tag).ok_or_else(|| Error::BadInput("language is fi, sv or en".to_owned()))
}

/// What a source is called.
fn source_name(name: Option<&str>) -> Result<String> {
    let name = text::tidy(name.unwrap_or(HSDS));
    let mut faults = Rejections::default();
    text::check(&name, &["source"], LONGEST_ID, &mut faults);
    let wrong = |_| Error::BadInput(format!("source is a name of 1 to {LONGEST_ID} characters on one line"));
    faults.into_result().map(|()| name).map_err(wrong)
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
        (ImportKind::Hsds, _) => Err(Error::NotFound),
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
#[must_use]
pub fn told(report: &Report, language: Language) -> Value {
    let mut telling = Telling::new(language);
    let tell = |row: &Row| {
        let (outcome, id, errors) = match &row.outcome {
            Ok((outcome, id)) => (word(*outcome), Some(id), Vec::new()),
            Err(fault) => ("REFUSED", None, telling.errors(fault)),
        };
        json!({ "line": row.line, "sourceId": row.source_id, "outcome": outcome, "id": id, "kept": row.kept, "errors": errors })
    };
    let rows: Vec<_> = report.rows.iter().map(tell).collect();
    json!({
        "dryRun": report.dry_run,
        "encoding": report.form.map(|form| form.encoding),
        "delimiter": report.form.and_then(|form| form.delimiter),
        "errors": faults(&report.faults, language, TOLD),
        "created": report.count(Outcome::Created),
        "changed": report.count(Outcome::Changed),
        "unchanged": report.count(Outcome::Unchanged),
        "refused": report.refusals(),
        "untold": telling.untold,
        "rows": rows,
        "gone": report.gone.iter().map(|gone| json!({ "id": gone.id, "sourceId": gone.source_id })).collect::<Vec<_>>(),
    })
}

/// The report in lines: what was refused and why, what was edited here and stays, what is gone, and the sums.
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
    for row in report.rows.iter().filter(|row| !row.kept.is_empty()) {
        out.push(format!("{:>6}  edited here, and stays so: {}", row.line, row.kept.join(", ")));
    }
    out.extend(report.gone.iter().map(|gone| format!("{:>6}  in the feed no more, and stays: {} ({})", "gone", gone.id, gone.source_id)));
    let (created, changed, unchanged) = (report.count(Outcome::Created), report.count(Outcome::Changed), report.count(Outcome::Unchanged));
    let tried = if report.dry_run { " Nothing was kept: it was a dry run." } else { "" };
    out.push(format!("{created} created, {changed} changed, {unchanged} unchanged, {} refused.{tried}", report.refusals()));
    out
}
