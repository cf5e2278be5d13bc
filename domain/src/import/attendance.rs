//! Attendance from a table: a row for each of a group, named by the id of the participation and never by a name.
use super::sheet::{self, Column, Headings, Line, coded, day, number};
use crate::{
    delivery::attendance::AttendanceStatus,
    id::{Kinded, ParticipationId, SessionId},
    rejection::Rejections,
    scalar::Date,
    text::Language,
};

/// The columns of a table of attendance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttendanceColumn {
    /// The session, by its id.
    Session,
    /// The day of the session: for whoever fills the table in; where it is given, it must be that day.
    Date,
    /// The participation, by its id.
    Participation,
    /// What the person is called, for whoever fills the table in. It is not read.
    Alias,
    /// Whether the person came: a code or a label of `attendance-status`.
    Status,
    /// For how many minutes.
    Minutes,
}

use AttendanceColumn as C;

const HEADINGS: &Headings<C> = &[
    (C::Session, ["Kerta", "Tillfälle", "Session"], &[]),
    (C::Date, ["Päivä", "Dag", "Date"], &["päivämäärä", "pvm", "datum"]),
    (C::Participation, ["Osallistuminen", "Deltagande", "Participation"], &[]),
    (C::Alias, ["Kutsumanimi", "Tilltalsnamn", "Alias"], &["etunimi", "nimimerkki"]),
    (C::Status, ["Läsnäolo", "Närvaro", "Status"], &["attendance"]),
    (C::Minutes, ["Minuutit", "Minuter", "Minutes"], &["kesto"]),
];

impl C {
    /// Every column with its heading, in the order of the template.
    pub fn headings(language: Language) -> impl Iterator<Item = (Self, &'static str)> {
        HEADINGS.iter().map(move |(column, names, _)| (*column, names[language as usize]))
    }
}

impl Column for C {
    const NEEDED: &'static [Self] = &[C::Session, C::Participation, C::Status];

    fn named(heading: &str) -> Option<Self> {
        sheet::named(HEADINGS, heading)
    }

    fn key(self) -> String {
        sheet::key(HEADINGS, self)
    }
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttendanceLine {
    /// The session.
    pub session: SessionId,
    /// The day on which it was, where that is said.
    pub on: Option<Date>,
    /// Whose attendance.
    pub participation: ParticipationId,
    /// Whether the person came.
    pub status: AttendanceStatus,
    /// For how many minutes.
    pub minutes: Option<i32>,
}

impl AttendanceLine {
    /// Reads a row.
    ///
    /// # Errors
    /// Each fault, with its column as the path.
    pub fn read(line: &Line<C>) -> Result<Self, Rejections> {
        let mut out = line.faults();
        let session = line.need(C::Session, SessionId::from_public, &mut out);
        let on = line.read(C::Date, day, &mut out);
        let participation = line.need(C::Participation, ParticipationId::from_public, &mut out);
        let status = line.need(C::Status, |text| coded(AttendanceStatus::ALL, text), &mut out);
        let minutes = line.read(C::Minutes, number, &mut out);
        out.clone().into_result()?;
        match (session, participation, status) {
            (Some(session), Some(participation), Some(status)) => Ok(Self { session, on, participation, status, minutes }),
            _ => Err(out),
        }
    }

    /// The column that a path of the use case speaks of, without the number of the row.
    #[must_use]
    pub fn column(path: &[String]) -> String {
        path.last().cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sheet::Sheet, *};

    #[test]
    fn each_fault_is_told_by_its_column() {
        let (session, participation) = (SessionId::new().to_public(), ParticipationId::new().to_public());
        let text = format!(
            "kerta;päivä;osallistuminen;kutsumanimi;läsnäolo;minuutit\n{session};5.11.2026;{participation};Kettu;läsnä;60\n{participation};x;{session};;ehkä;paljon\n;;;Kettu;;\n"
        );
        let sheet = Sheet::<C>::read(text.as_bytes()).unwrap();
        let read: Vec<_> = sheet.lines.iter().map(AttendanceLine::read).collect();
        let first = read[0].as_ref().unwrap();
        assert_eq!((first.status, first.minutes, first.on), (AttendanceStatus::Present, Some(60), Date::parse("2026-11-05").ok()));
        let told = |at: usize| read[at].as_ref().unwrap_err().iter().map(|fault| format!("{:?} {}", fault.code, fault.path.join("."))).collect::<Vec<_>>();
        assert_eq!(told(1), ["Invalid session", "Invalid date", "Invalid participation", "Invalid status", "Invalid minutes"]);
        assert_eq!(told(2), ["Required session", "Required participation", "Required status"]);
    }

    #[test]
    fn the_sample_is_read() {
        let sheet = Sheet::<C>::read(include_bytes!("../../../docs/samples/attendance.csv")).unwrap();
        let read: Vec<_> = sheet.lines.iter().map(|line| AttendanceLine::read(line).unwrap()).collect();
        assert_eq!(
            read.iter().map(|row| row.status).collect::<Vec<_>>(),
            [AttendanceStatus::Present, AttendanceStatus::AbsentNotified, AttendanceStatus::Late]
        );
    }

    #[test]
    fn headings_are_understood_in_three_languages() {
        for language in Language::ALL {
            for (column, heading) in C::headings(language) {
                assert_eq!(C::named(&heading.to_lowercase()), Some(column), "{heading}");
            }
        }
    }
}
