//! Free texts of open work (avoimen työn vapaat tekstit): nobody is named by an identity code, a telephone number or an e-mail address.
//!
//! What is found is told by kind and place, never by its words: an error goes to logs and screens where the text itself does not.
use crate::{
    person::hetu::Hetu,
    rejection::{Rejection, Rejections},
    scalar::{EmailAddress, PhoneNumber},
    text,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use regex::Regex;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

vocabulary! {
    /// What in a text tells who somebody is (henkilötiedon laji).
    pub enum PersonalDataKind ["personal-data-kind"] {
        /// A personal identity code, or what looks like one (henkilötunnus).
        NationalId,
        /// A telephone number (puhelinnumero).
        PhoneNumber,
        /// An e-mail address (sähköpostiosoite).
        EmailAddress,
    }
}

/// What was found in a text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalData {
    /// What it is.
    pub kind: PersonalDataKind,
    /// At which character of the text it begins, counted from 0.
    pub position: usize,
}

/// A text that may be left out: by the rules of [`text::check`], and without what [`find`] finds.
pub fn check(given: Option<&str>, path: &[&str], max: usize, out: &mut Rejections) {
    text::check_some(given, path, max, out);
    // A text that is too long is not looked through.
    for found in given.filter(|t| t.chars().count() <= max).map(find).unwrap_or_default() {
        out.push(Rejection::found(path, found));
    }
}

/// Every place of a text that tells who somebody is, in the order of the text.
#[must_use]
pub fn find(text: &str) -> Vec<PersonalData> {
    let plain = Plain::of(text);
    let mut out = plain.emails();
    out.extend(plain.identity_codes());
    // What was taken for an identity code or a date is no telephone number as well. The digits of a mobile number can stand like a time or a short date, those of
    // a date with its year hardly like a number.
    let rest = plain.without(&out).without_dates(&WHOLE_DATE);
    let mobile = rest.phones(is_mobile);
    let rest = rest.without(&mobile).without_dates(&DATE);
    out.extend(mobile);
    out.extend(rest.phones(is_phone));
    out.sort_by_key(|(at, _, _)| *at);
    out.into_iter().map(|(at, _, kind)| PersonalData { kind, position: plain.positions[at] }).collect()
}

/// The longest name before the sign of an e-mail address, in bytes (RFC 5321, 4.5.3.1.1).
const LONGEST_NAME: usize = 64;
/// An identity code without the last sign has so many.
const WITHOUT_CHECK: usize = 10;

/// From which byte to which, and what it is.
type Span = (usize, usize, PersonalDataKind);

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)([\p{L}\p{N}._%+'-]+)\s?(?:@|[(\[]\s?(?:at|ät)\s?[)\]])\s?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})").ok());
/// As people write an address so that no program finds it: with spaces, or with the sign in letters. Only where a usual ending tells that it is one.
static LOOSE_EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)([\p{L}\p{N}._%+'-]+)\s{0,3}(?:@|[(\[]\s?(?:at|ät|a|ä)\s?[)\]]|\s(?:at|ät)\s)\s{0,3}((?:[\p{L}\p{N}-]+\s?\.\s?)+(?:fi|com|net|org|eu|info))\b",
    )
    .ok()
});
static IDENTITY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)([0-9]{2}\.?[0-9]{2}\.?[0-9]{2})(\s{0,3})([-+A-FU-Y])?(\s{0,3})([0-9]{3})(?:(\s{0,3})([0-9A-Z]))?").ok());
static WHOLE_DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})\b").ok());
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:(?:19|20)[0-9]{2}|[0-9]{2})|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[.:][0-9]{2})\b").ok()
});
static RUN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\+?[0-9]+(?:[ .,_()/-]{1,3}[0-9]+)*").ok());
static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{Nd}$").ok());

/// The digit of any script as the usual one: in each script they follow one another from zero on.
fn digit(c: char) -> Option<char> {
    let is_digit = |code: u32| {
        let mut buffer = [0; 4];
        char::from_u32(code).is_some_and(|c| DIGIT.as_ref().is_some_and(|pattern| pattern.is_match(c.encode_utf8(&mut buffer))))
    };
    if c.is_ascii() || !c.is_numeric() || !is_digit(c.into()) {
        return None;
    }
    let before = (1..=u32::from(c)).take_while(|back| is_digit(u32::from(c) - back)).count();
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

/// A text with one way to write each character, and where each byte of it stands in the text as it was given.
struct Plain {
    text: String,
    positions: Vec<usize>,
}

impl Plain {
    fn of(given: &str) -> Self {
        let mut plain = Self { text: String::new(), positions: Vec::new() };
        for (position, c) in given.chars().enumerate() {
            // Without what is not seen, and with digits of any script, hard spaces and every dash as the usual ones.
            for c in std::iter::once(c).nfkc().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')) {
                plain.text.push(match c {
                    '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
                    '\t' | '\n' => ' ',
                    c => digit(c).unwrap_or(c),
                });
                plain.positions.resize(plain.text.len(), position);
            }
        }
        plain
    }

    /// The same, with a mark that belongs to nothing in place of the spans.
    fn without(&self, spans: &[Span]) -> Self {
        let mut bytes = self.text.clone().into_bytes();
        for (from, to, _) in spans {
            bytes[*from..*to].fill(b';');
        }
        Self { text: String::from_utf8_lossy(&bytes).into_owned(), positions: self.positions.clone() }
    }

    fn without_dates(&self, pattern: &'static LazyLock<Option<Regex>>) -> Self {
        // What goes on with more digits is no date, but a part of something longer.
        let goes_on = |first: Option<char>, second: Option<char>| matches!(first, Some('.' | '/')) && second.is_some_and(|c| c.is_ascii_digit());
        let alone = |m: &regex::Match<'_>| {
            let (mut before, mut after) = (self.text[..m.start()].chars().rev(), self.text[m.end()..].chars());
            !goes_on(before.next(), before.next()) && !goes_on(after.next(), after.next())
        };
        let dates: Vec<Span> = all(pattern, &self.text).filter(alone).map(|m| (m.start(), m.end(), PersonalDataKind::PhoneNumber)).collect();
        self.without(&dates)
    }

    fn emails(&self) -> Vec<Span> {
        let mut out = self.emails_as(&EMAIL);
        let loose = self.without(&out).emails_as(&LOOSE_EMAIL);
        out.extend(loose);
        out
    }

    fn emails_as(&self, pattern: &'static LazyLock<Option<Regex>>) -> Vec<Span> {
        let Some(pattern) = pattern.as_ref() else { return Vec::new() };
        let mut out = Vec::new();
        for found in pattern.captures_iter(&self.text) {
            let (name, host) = (found[1].trim_start_matches(['.', '\'']), found[2].replace(char::is_whitespace, ""));
            // A longer name is none that is delivered to, and tells as much.
            let is_long = name.len() > LONGEST_NAME;
            if let (Some(whole), true) = (found.get(0), is_long || EmailAddress::parse(&format!("{name}@{host}")).is_ok()) {
                out.push((whole.start(), whole.end(), PersonalDataKind::EmailAddress));
            }
        }
        out
    }

    fn identity_codes(&self) -> Vec<Span> {
        let Some(pattern) = IDENTITY.as_ref() else { return Vec::new() };
        let (mut out, mut from) = (Vec::new(), 0);
        while let Some(found) = pattern.captures_at(&self.text, from) {
            let (Some(whole), Some(number)) = (found.get(0), found.get(5)) else { break };
            let part = |group: usize| found.get(group).map_or("", |m| m.as_str());
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let (mark, apart) = (found.get(3).map(|m| m.as_str()), !part(6).is_empty());
            let next = self.text[whole.end()..].chars().next();
            // A letter that stands apart is the check of it, or the beginning of another word.
            let check = found.get(7).filter(|_| !apart || !next.is_some_and(char::is_alphanumeric));
            let end = if check.is_some() { whole.end() } else { number.end() };
            let alone = !digit(self.text[..whole.start()].chars().next_back()) && !digit(self.text[end..].chars().next());
            let date = part(1).replace('.', "");
            let is_one = if let Some(check) = check.map(|m| m.as_str()) {
                let valid = Hetu::parse(&format!("{date}{}{}{check}", mark.unwrap_or("-"), number.as_str())).is_ok();
                let letter = !check.starts_with(|c: char| c.is_ascii_digit());
                // What only looks like one counts too: somebody has mistyped it. Without the mark it must hold together, since any digits may stand so.
                let like = mark.is_some() && alone && !apart && part(1) == date && (letter || is_day(&date));
                valid && (mark.is_some() || letter && alone) || like
            } else {
                // So does one without its last sign, where nothing stands between.
                mark.is_some() && alone && end - whole.start() == WITHOUT_CHECK && is_day(&date)
            };
            if is_one {
                out.push((whole.start(), end, PersonalDataKind::NationalId));
                from = end;
            } else {
                from = whole.start() + 1;
            }
        }
        out
    }

    fn phones(&self, is_one: fn(&[Group<'_>]) -> bool) -> Vec<Span> {
        let mut out = Vec::new();
        for run in all(&RUN, &self.text) {
            let groups = groups(run.as_str(), run.start());
            let mut at = 0;
            while at < groups.len() {
                // The longest number that begins here.
                let found = (at..groups.len()).rev().find(|last| is_one(&groups[at..=*last]));
                if let Some(last) = found {
                    out.push((groups[at].from, groups[last].from + groups[last].digits.len(), PersonalDataKind::PhoneNumber));
                }
                at = found.unwrap_or(at) + 1;
            }
        }
        out
    }
}

fn all<'t>(pattern: &'t LazyLock<Option<Regex>>, text: &'t str) -> impl Iterator<Item = regex::Match<'t>> {
    pattern.as_ref().into_iter().flat_map(move |pattern| pattern.find_iter(text))
}

/// The day and the month of a date of birth can be those of a day.
fn is_day(date: &str) -> bool {
    let part = |range: std::ops::Range<usize>| date.get(range).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    NaiveDate::from_ymd_opt(2000, part(2..4), part(0..2)).is_some()
}

/// Digits that stand together.
struct Group<'t> {
    digits: &'t str,
    from: usize,
    /// A plus sign stands before them.
    plus: bool,
    /// What stands between them and the digits before.
    between: &'t str,
}

fn groups(run: &str, start: usize) -> Vec<Group<'_>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(skip) = run[at..].find(|c: char| c.is_ascii_digit()) {
        let from = at + skip;
        let length = run[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len() - from);
        let between = &run[at..from];
        out.push(Group { digits: &run[from..from + length], from: start + from, plus: between.ends_with('+'), between });
        at = from + length;
    }
    out
}

/// The groups together are a telephone number, as one is written in Finland.
fn is_phone(groups: &[Group<'_>]) -> bool {
    let Some(first) = groups.first() else { return false };
    let digits: String = groups.iter().map(|g| g.digits).collect();
    let length = digits.len();
    if length > 17 {
        return false;
    }
    // Commas stand between amounts as well, and only a mobile number is known between them.
    if is_loose(groups) && !(first.plus && digits.starts_with("358")) {
        return is_mobile(groups);
    }
    if first.plus {
        // Less may be an amount or a temperature with its sign.
        return length >= 9 && PhoneNumber::parse(&format!("+{digits}")).is_ok();
    }
    if let Some(rest) = digits.strip_prefix("00") {
        // Less are two postal codes.
        return length >= 11 && first.digits.len() != 1 && PhoneNumber::parse(&format!("+{rest}")).is_ok();
    }
    if first.digits.starts_with("358") {
        return (11..=13).contains(&length) && (first.digits.len() == 3 || groups.len() == 1);
    }
    if is_mobile(groups) {
        return true;
    }
    if !is_national(&digits) {
        return false;
    }
    let dashed = groups[1..].iter().all(|g| !g.between.contains(['.', '/']));
    match groups {
        [_] => (7..=12).contains(&length) && !is_written_date(&digits),
        [one, two] if is_hour(one.digits) && is_hour(two.digits) => false,
        _ if are_pairs(groups) => [8, 10].contains(&length),
        // Mobile numbers are split in any way, others into their area and the rest.
        [one, two, ..] => dashed && (2..=4).contains(&one.digits.len()) && two.digits.len() >= 3 && (7..=12).contains(&length),
        [] => false,
    }
}

/// The digits are those of a number in Finland.
fn is_national(digits: &str) -> bool {
    digits.strip_prefix('0').is_some_and(|rest| PhoneNumber::parse(&format!("+358{rest}")).is_ok())
}

/// The groups together are a mobile number in Finland, split in any way.
fn is_mobile(groups: &[Group<'_>]) -> bool {
    let digits: String = groups.iter().map(|g| g.digits).collect();
    let length = digits.len();
    if !digits.starts_with("04") && !digits.starts_with("05") || length > 12 || !is_national(&digits) {
        return false;
    }
    match groups {
        [_] => length >= 7 && !is_written_date(&digits),
        [one, two] if is_hour(one.digits) && is_hour(two.digits) => false,
        [first, ..] => first.digits.len() >= 3 && length >= 8 || are_pairs(groups) && length == 10,
        [] => false,
    }
}

/// Something stands between that stands between amounts as well.
fn is_loose(groups: &[Group<'_>]) -> bool {
    groups.iter().skip(1).any(|g| g.between.contains([',', '_']))
}

/// `04 01 23 45 67`: two by two, and not days, hours or numbers in a row.
fn are_pairs(groups: &[Group<'_>]) -> bool {
    let spaced = groups.iter().skip(1).all(|g| g.between == " ");
    spaced && groups.iter().all(|g| g.digits.len() == 2) && groups.iter().any(|g| g.digits > "31")
}

/// `0930`: a time of the clock without its dot.
fn is_hour(digits: &str) -> bool {
    digits.len() == 4 && &digits[..2] < "25" && &digits[2..] < "60"
}

/// `01022026`: a day without its dots.
fn is_written_date(digits: &str) -> bool {
    digits.len() == 8 && is_day(&digits[..6]) && ["19", "20"].contains(&&digits[4..6])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Code;
    use proptest::prelude::*;

    const LONG: &str = "aino.mallinen.aino.mallinen.aino.mallinen.aino.mallinen.aino.mallinen@example.fi";

    fn kinds(text: &str) -> Vec<(PersonalDataKind, usize)> {
        find(text).into_iter().map(|found| (found.kind, found.position)).collect()
    }

    #[test]
    fn what_names_somebody_is_found_where_it_stands() {
        use PersonalDataKind::{EmailAddress, NationalId, PhoneNumber};
        for (text, kind, at) in [
            ("010190-900P", NationalId, 0),
            ("Ä: 010190-900p kävi", NationalId, 3),
            ("tunnus 020516C903K.", NationalId, 7),
            ("010190–900P", NationalId, 0),
            ("010190 - 900P", NationalId, 0),
            ("0101\u{200b}90-900P", NationalId, 0),
            ("０１０１９０-900P", NationalId, 0),
            ("010190900P", NationalId, 0),
            ("hetu010190-900P", NationalId, 4),
            ("mistyped 010190-900R", NationalId, 9),
            ("mistyped 280290-9001", NationalId, 9),
            ("soita 040 123 4567", PhoneNumber, 6),
            ("0401234567", PhoneNumber, 0),
            ("040-1234567", PhoneNumber, 0),
            ("040.123.4567", PhoneNumber, 0),
            ("050 12 34 567", PhoneNumber, 0),
            ("klo 9 0401234567", PhoneNumber, 6),
            ("3.12. 040 1234567", PhoneNumber, 6),
            ("+358 (0)40 123 4567", PhoneNumber, 1),
            ("+46 70 123 45 67", PhoneNumber, 1),
            ("00358401234567", PhoneNumber, 0),
            ("358401234567", PhoneNumber, 0),
            ("09 123 4567", PhoneNumber, 0),
            ("(09) 1234567", PhoneNumber, 1),
            ("aino.mallinen@example.fi", EmailAddress, 0),
            ("posti: aino (at) example.fi", EmailAddress, 7),
            ("äiti@esimerkki.fi", EmailAddress, 0),
            ("010190-900 P", NationalId, 0),
            ("010190-900", NationalId, 0),
            ("tunnus 010190-900, kävi", NationalId, 7),
            ("01.01.90-900P", NationalId, 0),
            ("010190  -  900P", NationalId, 0),
            ("٠١٠١٩٠-٩٠٠P", NationalId, 0),
            ("050.12.34.567", PhoneNumber, 0),
            ("040.12.34.567", PhoneNumber, 0),
            ("041.20.30.40", PhoneNumber, 0),
            ("050 12.34.567", PhoneNumber, 0),
            ("050 12.34 567", PhoneNumber, 0),
            ("04 01 23 45 67", PhoneNumber, 0),
            ("09 12 34 56", PhoneNumber, 0),
            ("040,123,4567", PhoneNumber, 0),
            ("040_1234567", PhoneNumber, 0),
            ("soita ०४०१२३४५६७", PhoneNumber, 6),
            ("aino(a)example.fi", EmailAddress, 0),
            ("aino at example.fi", EmailAddress, 0),
            ("aino ät example.fi", EmailAddress, 0),
            ("aino@example . fi", EmailAddress, 0),
            ("postia aino @ example.fi", EmailAddress, 7),
            (LONG, EmailAddress, 0),
        ] {
            assert_eq!(kinds(text), [(kind, at)], "{text}");
        }
    }

    #[test]
    fn what_only_has_digits_is_left() {
        for text in [
            "Avoinna 1.12.2026 klo 9.00–12.30, 01.12.2026 ja 2026-12-01",
            "ma–pe 08-16, la 09.30-12.00",
            "0930-1200",
            "01022026",
            "12-13-14 ja 08-16 100 henkeä",
            "Bussi 12, 040 ja 0401 pysäkki 7",
            "Kulut 1 250,50 e, 100000-200000 euroa, 0,50 e",
            "+3 astetta, +1 000 000 e",
            "00100 Helsinki, 70100 00200",
            "Kahvia 40 l, 123 456 kuppia",
            "Tilasto 2020-2026: 150/200/250",
            "Ryhmä @keskustassa kokoontui",
            "112 ja 116 117",
            "Viikot 05 06 07 08 09 ja 02 03 04 05",
            "00100, 00200, 00300 ja 05, 12345 käyntiä",
            "Hinnat 0,45 0,50 0,55, yhteensä 1,50 ja 045,50",
            "Ryhmä @keskustassa. Kokoontui taas, info . fi",
            "01.12.26 – 150 henkeä, 01.12.26 - 150 h",
            "Avoinna 1.12.2026 100 henkeä, 12.50.20, 9.00-12.30, 1.12.-5.12.2026",
            "100000-200 euroa ja 151515-200 kpl",
            "Kävi 45 henkeä, 050 1.2.2026",
            "",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn several_are_told_each() {
        let found = kinds("010190-900P, 040 123 4567, a@example.fi");
        assert_eq!(found.iter().map(|(_, at)| *at).collect::<Vec<_>>(), [0, 13, 27]);
    }

    #[test]
    fn the_refusal_tells_kind_and_place_and_not_the_words() {
        let mut out = Rejections::default();
        check(Some("soita 040 123 4567"), &["note"], 100, &mut out);
        let told: Vec<_> = out.iter().collect();
        assert_eq!((told.len(), told[0].code, told[0].path.as_slice()), (1, Code::PersonalData, &["note".to_owned()][..]));
        assert_eq!(told[0].found, Some(PersonalData { kind: PersonalDataKind::PhoneNumber, position: 6 }));
        for language in text::Language::ALL {
            assert!(!told[0].words(language).contains("040"), "{}", told[0].words(language));
        }
    }

    fn code() -> impl Strategy<Value = String> {
        (1..=28_u32, 1..=12_u32, 0..=99_u32, prop::sample::select("+-ABCDEFUVWXY".chars().collect::<Vec<_>>()), 2..=999_u32).prop_map(
            |(d, m, y, mark, number)| {
                let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
                let sum = (d * 10_000 + m * 100 + y) * 1000 + number;
                format!("{d:02}{m:02}{y:02}{mark}{number:03}{}", char::from(check[(sum % 31) as usize]))
            },
        )
    }

    proptest! {
        #[test]
        fn every_identity_code_is_found_in_any_words(code in code(), before in "[a-zåäö ,.]{0,12} ", after in "( [a-zåäö ,.]{0,12})?", lower: bool) {
            let written = if lower { code.to_lowercase() } else { code };
            prop_assert_eq!(kinds(&format!("{before}{written}{after}")), [(PersonalDataKind::NationalId, before.chars().count())]);
        }

        #[test]
        fn every_mobile_number_is_found_however_it_is_split(prefix in "0(4[0-9]|50)", number in "[0-9]{7}", split in prop::collection::vec(prop::sample::select(vec!["", " "]), 7), before in "[a-zåäö ,]{0,12} ") {
            let rest: String = number.chars().zip(&split[1..]).flat_map(|(c, s)| std::iter::once(c).chain(s.chars())).collect();
            let text = format!("{before}{prefix}{}{}", split[0], rest.trim_end_matches([' ', '-']));
            prop_assert!(!find(&text).is_empty(), "{}", text);
        }

        #[test]
        fn every_address_is_found(name in "[a-z][a-z0-9.]{0,8}[a-z]", host in "[a-z]{2,9}\\.(fi|com)", before in "[A-Z ,]{0,12} ") {
            prop_assume!(!name.contains(".."));
            prop_assert_eq!(kinds(&format!("{before}{name}@{host}.")), [(PersonalDataKind::EmailAddress, before.chars().count())]);
        }

        #[test]
        fn days_and_times_are_left(d in 1..=31_u32, m in 1..=12_u32, y in 1950..2100_u32, h in 0..24_u32, min in 0..60_u32, n in 0..9999_u32) {
            let text = format!("{d}.{m}.{y} klo {h:02}.{min:02}-{h:02}:{min:02}, {d:02}.{m:02}.{y}, {y}-{m:02}-{d:02}, {d}/{m}, {n} henkeä, {n} e, {n}");
            prop_assert_eq!(kinds(&text), [], "{}", text);
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}") {
            let found = find(&text);
            prop_assert!(found.iter().all(|f| f.position < text.chars().count()));
        }
    }
}
