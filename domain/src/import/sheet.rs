//! A table as a spreadsheet program writes it: in which encoding, with which delimiter, and which heading stands over which column.
use crate::{
    code::Coded,
    rejection::{Code, Rejection, Rejections},
    scalar::{Date, Time, YEARS},
};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use chrono::{Datelike, NaiveDate, NaiveTime};
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};
use std::collections::{BTreeMap, BTreeSet};

/// The most rows of a file.
pub const MAX_ROWS: usize = 10_000;

/// What stands between cells: Excel in Finland writes the first, most others the second.
const DELIMITERS: &[u8] = b";,\t";
/// Faults of one kind that are told of the headings, or of one row, at the most.
const TOLD: usize = 20;
/// The most columns of a file: many more than any kind of table has.
const MAX_COLUMNS: usize = 200;

/// The columns of a kind of table.
pub trait Column: Copy + Ord + 'static {
    /// Those without which a file says nothing.
    const NEEDED: &'static [Self];

    /// The column that a heading names, given in lower case and with single spaces.
    fn named(heading: &str) -> Option<Self>;

    /// What it is called in refusals: its English heading.
    fn key(self) -> String;
}

/// Columns with their headings in Finnish, Swedish and English, as a template has them, and what else is understood.
pub(super) type Headings<C> = [(C, [&'static str; 3], &'static [&'static str])];

/// The column that a heading names.
pub(super) fn named<C: Column>(headings: &Headings<C>, heading: &str) -> Option<C> {
    let names = |(_, names, more): &&(C, [&str; 3], &[&str])| names.iter().chain(*more).any(|name| name.to_lowercase() == heading);
    headings.iter().find(names).map(|(column, ..)| *column)
}

/// The English heading of a column.
pub(super) fn key<C: Column>(headings: &Headings<C>, of: C) -> String {
    headings.iter().find(|(column, ..)| *column == of).map_or_else(String::new, |(_, names, _)| names[2].to_lowercase())
}

/// A table that was read.
#[derive(Clone, Debug)]
pub struct Sheet<C> {
    /// In which encoding it was, by its name in the Encoding Standard.
    pub encoding: &'static str,
    /// What stood between its cells.
    pub delimiter: char,
    /// Its rows, without the blank ones.
    pub lines: Vec<Line<C>>,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Line<C> {
    /// On which line of the file it begins, from 1.
    pub number: u64,
    cells: BTreeMap<C, String>,
    faults: Rejections,
}

/// In which encoding a file is, and what it says.
fn decoded(bytes: &[u8]) -> Option<(String, &'static str)> {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            (detector.guess(Some(b"fi"), Utf8Detection::Deny), bytes)
        }
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest)?;
    // A workbook, a picture: no text has these.
    if text.contains('\0') { None } else { Some((text.into_owned(), encoding.name())) }
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = csv::Result<StringRecord>> {
    ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(text.as_bytes()).into_records()
}

/// Counts lines as an editor shows them, whatever ends them: the reader of records is a line behind where two characters do.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which what comes next from `byte` on begins; later ones are asked for after earlier ones.
    fn of(&mut self, byte: usize) -> u64 {
        while let Some(here) = self.text.get(self.at).filter(|here| self.at < byte || matches!(here, b'\r' | b'\n')) {
            self.line += u64::from(*here == b'\n' || (*here == b'\r' && self.text.get(self.at + 1) != Some(&b'\n')));
            self.at += 1;
        }
        self.line
    }
}

/// A heading or a word in the form in which it is compared.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The column as spreadsheet programs call it: A, B, … Z, AA.
fn letters(at: usize) -> String {
    let (mut rest, mut out) = (at + 1, Vec::new());
    while rest > 0 {
        rest -= 1;
        out.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

/// What the headings name.
fn headings<C: Column>(record: &StringRecord) -> Vec<Option<C>> {
    record.iter().map(|heading| C::named(&folded(heading))).collect()
}

/// What is wrong with the headings: columns that are missing, there twice, or not known.
fn wrong<C: Column>(record: &StringRecord, found: &[Option<C>]) -> Rejections {
    let mut out = Rejections::default();
    let known: BTreeSet<C> = found.iter().copied().flatten().collect();
    for needed in C::NEEDED.iter().filter(|needed| !known.contains(needed)) {
        out.add(Code::Required, &[&needed.key()]);
    }
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for column in found.iter().copied().flatten() {
        if !seen.insert(column) && twice.insert(column) {
            out.add(Code::Duplicate, &[&column.key()]);
        }
    }
    let unknown = record.iter().zip(found).enumerate().filter(|(_, (heading, column))| column.is_none() && !heading.trim().is_empty());
    for (at, _) in unknown.take(TOLD) {
        out.push(unknown_column(at));
    }
    out
}

/// Told by its letter: a file without headings would have somebody's name there.
fn unknown_column(at: usize) -> Rejection {
    let letters = letters(at);
    Rejection::with(Code::UnknownColumn, &[&letters], letters.as_str())
}

impl<C: Column> Sheet<C> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Code::Unreadable`] for what is no text; of the headings [`Code::Required`], [`Code::Duplicate`] and [`Code::UnknownColumn`], each with the column as
    /// its path; no row at all, or more than [`MAX_ROWS`] of them or [`MAX_COLUMNS`] columns.
    pub fn read(bytes: &[u8]) -> Result<Self, Rejections> {
        let unreadable = || Rejections::from(Rejection::new(Code::Unreadable, &["file"]));
        let (text, encoding) = decoded(bytes).ok_or_else(unreadable)?;
        let first = |delimiter: u8| records(&text, delimiter).next().and_then(csv::Result::ok).unwrap_or_default();
        let named = |delimiter: u8| headings::<C>(&first(delimiter)).into_iter().flatten().count();
        // The delimiter that makes the most sense of the headings; of several, the first.
        let delimiter = DELIMITERS.iter().copied().rev().max_by_key(|delimiter| named(*delimiter)).unwrap_or(b';');
        let heading = first(delimiter);
        if heading.len() > MAX_COLUMNS {
            return Err(Rejection::with(Code::TooLong, &["columns"], MAX_COLUMNS.to_string()).into());
        }
        let columns = headings::<C>(&heading);
        wrong(&heading, &columns).into_result()?;
        let (mut lines, mut numbers) = (Vec::new(), Lines { text: text.as_bytes(), at: 0, line: 1 });
        for record in records(&text, delimiter).skip(1) {
            let record = record.map_err(|_| unreadable())?;
            let number = numbers.of(record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default());
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if lines.len() == MAX_ROWS {
                return Err(Rejection::with(Code::TooLong, &["rows"], MAX_ROWS.to_string()).into());
            }
            lines.push(Line::of(number, &record, &columns));
        }
        if lines.is_empty() {
            return Err(Rejection::new(Code::Required, &["rows"]).into());
        }
        Ok(Self { encoding, delimiter: delimiter.into(), lines })
    }
}

impl<C: Column> Line<C> {
    fn of(number: u64, record: &StringRecord, columns: &[Option<C>]) -> Self {
        let mut line = Self { number, cells: BTreeMap::new(), faults: Rejections::default() };
        let mut told = 0;
        for (at, cell) in record.iter().map(str::trim).enumerate().filter(|(_, cell)| !cell.is_empty()) {
            match columns.get(at).copied().flatten() {
                None if told == TOLD => {}
                None => {
                    told += 1;
                    line.faults.push(unknown_column(at));
                }
                // A quotation mark that is never closed swallows lines: nothing that has them is taken for one cell.
                Some(column) if cell.chars().any(char::is_control) => line.faults.add(Code::ControlCharacter, &[&column.key()]),
                Some(column) => {
                    line.cells.insert(column, cell.to_owned());
                }
            }
        }
        line
    }

    /// What a cell says; none of an empty one.
    #[must_use]
    pub fn cell(&self, column: C) -> Option<&str> {
        self.cells.get(&column).map(String::as_str)
    }

    /// The columns in which something is said.
    pub fn columns(&self) -> impl Iterator<Item = C> {
        self.cells.keys().copied()
    }

    /// What was wrong with the cells before anything was read in them.
    #[must_use]
    pub fn faults(&self) -> Rejections {
        self.faults.clone()
    }

    /// Reads a cell that may be empty.
    pub fn read<T>(&self, column: C, parse: impl FnOnce(&str) -> Option<T>, out: &mut Rejections) -> Option<T> {
        let cell = self.cell(column)?;
        let value = parse(cell);
        if value.is_none() {
            out.add(Code::Invalid, &[&column.key()]);
        }
        value
    }

    /// Reads a cell that must say something.
    pub fn need<T>(&self, column: C, parse: impl FnOnce(&str) -> Option<T>, out: &mut Rejections) -> Option<T> {
        if self.cell(column).is_none() && !self.faults.iter().any(|fault| fault.path == [column.key()]) {
            out.add(Code::Required, &[&column.key()]);
        }
        self.read(column, parse, out)
    }
}

/// A day as people write it: `2026-11-05` or `5.11.2026`.
pub(super) fn day(text: &str) -> Option<Date> {
    let finnish = || NaiveDate::parse_from_str(text, "%d.%m.%Y").ok().filter(|day| YEARS.contains(&day.year())).map(Date);
    Date::parse(text).ok().or_else(finnish)
}

/// A time of day as people and spreadsheet programs write it: `9:00`, `09.00`, `9:00:00`.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.replace('.', ":");
    let plain = NaiveTime::parse_from_str(&text, "%H:%M");
    plain.or_else(|_| NaiveTime::parse_from_str(text.strip_suffix(":00").unwrap_or(&text), "%H:%M")).ok().map(Time)
}

/// A whole number, with spaces between thousands or not.
pub(super) fn number(text: &str) -> Option<i32> {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().parse().ok()
}

/// A value of a code list, by its code or its label in any language.
pub(super) fn coded<T: Coded + 'static>(all: &[T], text: &str) -> Option<T> {
    let text = folded(text);
    let is = |value: &&T| {
        let label = value.label();
        [Some(value.code()), Some(label.fi), label.sv, label.en].into_iter().flatten().any(|name| folded(&name) == text)
    };
    all.iter().find(is).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::attendance::AttendanceStatus as Status;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Two {
        Day,
        Word,
    }

    impl Column for Two {
        const NEEDED: &'static [Self] = &[Self::Day, Self::Word];
        fn named(heading: &str) -> Option<Self> {
            [("päivä", Self::Day), ("date", Self::Day), ("sana", Self::Word)].into_iter().find(|(name, _)| *name == heading).map(|(_, column)| column)
        }
        fn key(self) -> String {
            format!("{self:?}").to_lowercase()
        }
    }

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|fault| format!("{:?} {}", fault.code, fault.path.join("."))).collect()
    }

    fn refused(bytes: &[u8]) -> Vec<String> {
        told(&Sheet::<Two>::read(bytes).unwrap_err())
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let (windows, _, _) = encoding_rs::WINDOWS_1252.encode("Päivä;Sana\r\n5.11.2026;Äiti söi yöllä\r\n");
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("Päivä\tSana\r\n5.11.2026\tÄiti söi yöllä\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, encoding, delimiter) in [
            ("Päivä,Sana\n5.11.2026,Äiti söi yöllä\n".as_bytes(), "UTF-8", ','),
            ("\u{feff}päivä;SANA\n5.11.2026;\"Äiti söi yöllä\"\n\n;;\n".as_bytes(), "UTF-8", ';'),
            (&windows, "windows-1252", ';'),
            (&utf16, "UTF-16LE", '\t'),
        ] {
            let sheet = Sheet::<Two>::read(bytes).unwrap();
            assert_eq!((sheet.encoding, sheet.delimiter, sheet.lines.len()), (encoding, delimiter, 1));
            let line = &sheet.lines[0];
            assert_eq!((line.number, line.cell(Two::Word), line.cell(Two::Day)), (2, Some("Äiti söi yöllä"), Some("5.11.2026")));
        }
    }

    #[test]
    fn wrong_headings_are_told_one_by_one_and_never_in_their_own_words() {
        assert_eq!(refused(b"date;secret;;sana;sana\n"), ["Duplicate word", "UnknownColumn B"]);
        assert_eq!(refused(b"Aino Mallinen;010190-900P\n1;2\n"), ["Required day", "Required word", "UnknownColumn A", "UnknownColumn B"]);
        assert_eq!(refused(b""), ["Required day", "Required word"]);
        assert_eq!(refused(format!("date{}", ";sana".repeat(MAX_COLUMNS - 1)).as_bytes()), ["Duplicate word"], "told once");
        assert_eq!(refused(format!("date{}", ";sana".repeat(MAX_COLUMNS)).as_bytes()), ["TooLong columns"]);
        assert_eq!(refused(b"date;sana\n;\n"), ["Required rows"]);
        assert_eq!(refused(b"PK\x03\x04\0\0\0"), ["Unreadable file"]);
        let many = "date;sana\n".to_owned() + &"1;2\n".repeat(MAX_ROWS + 1);
        assert_eq!(refused(many.as_bytes()), ["TooLong rows"]);
        assert_eq!((letters(0), letters(25), letters(26)), ("A".into(), "Z".into(), "AA".into()));
    }

    #[test]
    fn a_cell_that_has_no_place_refuses_its_row() {
        let sheet = Sheet::<Two>::read(b"date;sana;\n1;a;\n2;b;lost\n3;\"c\n4;d\n").unwrap();
        assert_eq!(sheet.lines.iter().map(|line| told(&line.faults)).collect::<Vec<_>>(), [vec![], vec!["UnknownColumn C"], vec!["ControlCharacter word"]]);
    }

    #[test]
    fn of_a_row_with_too_many_cells_some_are_told() {
        let sheet = Sheet::<Two>::read(format!("date;sana\n1;a{}\n", ";x".repeat(100_000)).as_bytes()).unwrap();
        assert_eq!(sheet.lines[0].faults.iter().count(), TOLD);
    }

    #[test]
    fn lines_are_counted_as_an_editor_shows_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["date;sana", "1;a", "", ";", "2;b", "\"3\";c", ""].join(end);
            let numbers: Vec<_> = Sheet::<Two>::read(text.as_bytes()).unwrap().lines.iter().map(|line| line.number).collect();
            assert_eq!(numbers, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let date = |text| day(text).map(|day| day.0.to_string());
        assert_eq!(
            (date("2026-11-05"), date("5.11.2026"), date("05.11.2026")),
            (Some("2026-11-05".into()), Some("2026-11-05".into()), Some("2026-11-05".into()))
        );
        assert_eq!((date("5.11.26"), date("11/5/2026"), date("31.2.2026")), (None, None, None));
        let at = |text| time(text).map(|time| time.0.to_string());
        assert_eq!(
            (at("9:00"), at("09.30"), at("9:00:00"), at("25:00"), at("9")),
            (Some("09:00:00".into()), Some("09:30:00".into()), Some("09:00:00".into()), None, None)
        );
        assert_eq!((number("12"), number("1 200"), number("1,5"), number("x")), (Some(12), Some(1200), None, None));
        let status = |text| coded(Status::ALL, text);
        assert_eq!(
            (status("läsnä"), status("LATE"), status("Poissa"), status("poissa; ilmoittanut"), status("x")),
            (Some(Status::Present), Some(Status::Late), Some(Status::Absent), Some(Status::AbsentNotified), None)
        );
    }
}
