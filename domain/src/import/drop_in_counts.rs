//! Counts of drop-in days from a table: a row for each day and place.
use super::sheet::{self, Column, Headings, Line, coded, day, folded, number, time};
use crate::{
    code::{Coded, lists},
    id::{AreaId, Kinded, ServiceUnitId, VenueId},
    outreach::{
        drop_in_day::{AgeBand, AgeBandCount, DropInCounts, DropInDayContent, GenderCount, HelpCount, HelpTheme, OLDEST},
        place::OutreachPlace,
    },
    person::identity::Gender,
    rejection::{Code, Rejection, Rejections},
    scalar::{Date, MunicipalityCode},
    text::Language,
};

/// The columns of a table of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountColumn {
    /// The day.
    Date,
    /// From when it was open.
    OpenFrom,
    /// Until when.
    OpenTo,
    /// The venue, by its id.
    Venue,
    /// The unit, by its id.
    Unit,
    /// The area, by its id.
    Area,
    /// The municipality, by its code or name.
    Municipality,
    /// The place in words.
    Place,
    /// Visits.
    Visits,
    /// How many different people that is.
    EstimatedPersons,
    /// How many of them were there for the first time.
    FirstTimers,
    /// Visits by people from one age to another; to any age where there is no other.
    Age(i32, Option<i32>),
    /// Visits by people of a gender.
    Gender(Gender),
    /// How often there was help with a theme.
    Help(HelpTheme),
    /// What else should be known.
    Note,
    /// Why what was recorded before is wrong.
    Reason,
}

use CountColumn as C;

const HEADINGS: &Headings<C> = &[
    (C::Date, ["Päivä", "Dag", "Date"], &["päivämäärä", "pvm", "datum"]),
    (C::OpenFrom, ["Avattu", "Öppnad", "Open from"], &["openfrom"]),
    (C::OpenTo, ["Suljettu", "Stängd", "Open to"], &["opento"]),
    (C::Venue, ["Tila", "Lokal", "Venue"], &[]),
    (C::Unit, ["Toimipiste", "Enhet", "Unit"], &[]),
    (C::Area, ["Alue", "Område", "Area"], &[]),
    (C::Municipality, ["Kunta", "Kommun", "Municipality"], &[]),
    (C::Place, ["Paikka", "Plats", "Place"], &[]),
    (C::Visits, ["Käynnit", "Besök", "Visits"], &[]),
    (C::EstimatedPersons, ["Henkilöt", "Personer", "Estimated persons"], &["estimatedpersons", "persons", "arvioidut henkilöt"]),
    (C::FirstTimers, ["Ensikertalaiset", "Nya besökare", "First timers"], &["firsttimers"]),
    (C::Note, ["Huomautus", "Anmärkning", "Note"], &[]),
    (C::Reason, ["Syy", "Orsak", "Reason"], &[]),
];

/// What a heading of many columns begins with: ages, genders, themes of help.
const AGE: [&str; 3] = ["ikä", "ålder", "age"];
const GENDER: [&str; 3] = ["sukupuoli", "kön", "gender"];
const HELP: [&str; 3] = ["apu", "hjälp", "help"];

/// What follows the beginning of a heading, such as `18–29` in `ikä: 18–29`.
fn after<'a>(heading: &'a str, beginnings: [&str; 3]) -> Option<&'a str> {
    let rest = beginnings.into_iter().find_map(|begins| heading.strip_prefix(begins))?;
    rest.starts_with([' ', ':']).then(|| rest.trim_start_matches([' ', ':']))
}

fn band(text: &str) -> Option<C> {
    let (from, to) = text.strip_suffix('+').map(|from| (from, "")).or_else(|| text.split_once(['-', '–']))?;
    let to = if to.trim().is_empty() { None } else { Some(to.trim().parse().ok()?) };
    Some(C::Age(from.trim().parse().ok()?, to))
}

impl C {
    /// The headings of a template: of the usual ages, every gender and every theme, beside the others.
    #[must_use]
    pub fn template(language: Language) -> Vec<String> {
        let at = language as usize;
        let fixed = HEADINGS.iter().map(|(_, names, _)| names[at].to_owned());
        let (before, last): (Vec<_>, Vec<_>) = fixed.enumerate().partition(|(number, _)| *number < HEADINGS.len() - 2);
        let capital = |word: &str| word.chars().next().map_or_else(String::new, |first| first.to_uppercase().chain(word.chars().skip(1)).collect());
        let ages = ["0–17", "18–29", "30–64", "65+"].iter().map(|band| format!("{} {band}", capital(AGE[at])));
        let genders = Gender::ALL.iter().map(|gender| format!("{}: {}", capital(GENDER[at]), gender.label().in_language(language)));
        let help = HelpTheme::ALL.iter().map(|theme| format!("{}: {}", capital(HELP[at]), theme.label().in_language(language)));
        before.into_iter().map(|(_, name)| name).chain(ages).chain(genders).chain(help).chain(last.into_iter().map(|(_, name)| name)).collect()
    }
}

impl Column for C {
    const NEEDED: &'static [Self] = &[C::Date, C::OpenFrom, C::OpenTo, C::Visits];

    fn named(heading: &str) -> Option<Self> {
        let fixed = || sheet::named(HEADINGS, heading);
        let age = || after(heading, AGE).and_then(band);
        let gender = || after(heading, GENDER).and_then(|text| coded(Gender::ALL, text)).map(C::Gender);
        let help = || after(heading, HELP).and_then(|text| coded(HelpTheme::ALL, text)).map(C::Help);
        fixed().or_else(age).or_else(gender).or_else(help)
    }

    fn key(self) -> String {
        match self {
            C::Age(from, None) => format!("age {from}+"),
            C::Age(from, Some(to)) => format!("age {from}-{to}"),
            C::Gender(gender) => format!("gender {}", gender.code()),
            C::Help(theme) => format!("help {}", theme.code()),
            fixed => sheet::key(HEADINGS, fixed),
        }
    }
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountsLine {
    /// The day.
    pub on: Date,
    /// What is said of it.
    pub content: DropInDayContent,
    /// Why what was recorded before is wrong.
    pub reason: Option<String>,
    /// Where in the table the place stands.
    place: C,
}

impl CountsLine {
    /// Reads a row; `national` knows the areas of municipalities.
    ///
    /// # Errors
    /// Each fault, with its column as the path.
    pub fn read(line: &Line<C>, national: impl Fn(&MunicipalityCode) -> AreaId) -> Result<Self, Rejections> {
        let mut out = line.faults();
        let on = line.need(C::Date, day, &mut out);
        let open_from = line.need(C::OpenFrom, time, &mut out);
        let open_to = line.need(C::OpenTo, time, &mut out);
        let area = line.read(C::Area, AreaId::from_public, &mut out);
        let municipality = line.read(C::Municipality, municipality, &mut out).map(|code| national(&code));
        if area.is_some() && municipality.is_some() {
            out.add(Code::DoesNotAgree, &[&C::Municipality.key()]);
        }
        let place = OutreachPlace {
            venue: line.read(C::Venue, VenueId::from_public, &mut out),
            unit: line.read(C::Unit, ServiceUnitId::from_public, &mut out),
            area: area.or(municipality),
            text: line.cell(C::Place).map(str::to_owned),
            ..OutreachPlace::default()
        };
        let visits = line.need(C::Visits, number, &mut out).unwrap_or_default();
        let mut count = |column| line.read(column, number, &mut out).unwrap_or_default();
        let (estimated_persons, first_timers) = (count(C::EstimatedPersons), count(C::FirstTimers));
        let (mut by_age_band, mut by_gender, mut help_given) = (Vec::new(), Vec::new(), Vec::new());
        for column in line.columns() {
            match column {
                C::Age(from, to) => by_age_band.push(AgeBandCount { band: AgeBand { from, to }, count: count(column) }),
                C::Gender(gender) => by_gender.push(GenderCount { gender, count: count(column) }),
                C::Help(theme) => help_given.push(HelpCount { theme, count: count(column) }),
                _ => {}
            }
        }
        let (Some(on), Some(open_from), Some(open_to)) = (on, open_from, open_to) else { return Err(out) };
        let counts = DropInCounts { visits, estimated_persons, first_timers, by_age_band, by_gender };
        let content = plain(DropInDayContent { place, open_from, open_to, counts, help_given, note: line.cell(C::Note).map(str::to_owned) });
        let place = [C::Venue, C::Unit, C::Municipality, C::Area].into_iter().find(|column| line.cell(*column).is_some()).unwrap_or(C::Place);
        let read = Self { on, content, reason: line.cell(C::Reason).map(str::to_owned), place };
        // What could not be read has been told: what it would have to fit with is not told besides.
        out.into_result()?;
        read.told(&read.content.check()).into_result()?;
        Ok(read)
    }

    /// Faults of a use case, by the columns in which they are.
    #[must_use]
    pub fn told(&self, faults: &Rejections) -> Rejections {
        let mut out = Rejections::default();
        for fault in faults {
            out.push(Rejection { path: vec![self.column(&fault.path)], ..fault.clone() });
        }
        out
    }

    fn column(&self, path: &[String]) -> String {
        let path: Vec<&str> = path.iter().map(String::as_str).skip_while(|part| *part == "content").collect();
        let at = |of: &str| of.parse::<usize>().ok();
        let counts = &self.content.counts;
        let column = match path[..] {
            ["effectiveDate", ..] => C::Date,
            ["openFrom", ..] => C::OpenFrom,
            ["openTo", ..] => C::OpenTo,
            ["place", "text"] => C::Place,
            ["place", ..] => self.place,
            ["counts", "visits"] => C::Visits,
            ["counts", "estimatedPersons"] => C::EstimatedPersons,
            ["counts", "firstTimers"] => C::FirstTimers,
            ["counts", "byAgeBand", number, ..] => match at(number).and_then(|at| counts.by_age_band.get(at)) {
                Some(part) => C::Age(part.band.from, part.band.to),
                None => return AGE[2].to_owned(),
            },
            ["counts", "byAgeBand"] => return AGE[2].to_owned(),
            ["counts", "byGender", ..] => return GENDER[2].to_owned(),
            ["helpGiven", number, ..] => match at(number).and_then(|at| self.content.help_given.get(at)) {
                Some(part) => C::Help(part.theme),
                None => return HELP[2].to_owned(),
            },
            ["note", ..] => C::Note,
            ["reason", ..] => C::Reason,
            _ => return path.join("."),
        };
        column.key()
    }

    /// Both rows speak of one day at one place, wholly or in part.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.on == other.on && self.meets_day(&other.content)
    }

    /// The row speaks, wholly or in part, of the hours that are recorded at one place on that day.
    #[must_use]
    pub fn meets_day(&self, other: &DropInDayContent) -> bool {
        let own = &self.content;
        own.place == other.place && own.open_from < other.open_to && other.open_from < own.open_to
    }

    /// The same is recorded already.
    #[must_use]
    pub fn is(&self, other: &DropInDayContent) -> bool {
        self.content == plain(other.clone())
    }
}

/// The content in one order, and without counts of nothing.
fn plain(mut content: DropInDayContent) -> DropInDayContent {
    content.counts.by_age_band.retain(|part| part.count != 0);
    content.counts.by_age_band.sort_by_key(|part| (part.band.from, part.band.to.unwrap_or(OLDEST)));
    content.counts.by_gender.retain(|part| part.count != 0);
    content.counts.by_gender.sort_by_key(|part| part.gender);
    content.help_given.retain(|part| part.count != 0);
    content.help_given.sort_by_key(|part| part.theme);
    content
}

/// A municipality by its code, of which spreadsheet programs drop the zeros, or by its name.
fn municipality(text: &str) -> Option<MunicipalityCode> {
    let name = folded(text);
    let by_name = || {
        let labels =
            |label: &crate::text::LocalizedText| [Some(label.fi.clone()), label.sv.clone(), label.en.clone()].into_iter().flatten().any(|l| folded(&l) == name);
        lists().get("municipality")?.codes.iter().find(|entry| labels(&entry.label)).map(|entry| entry.code.clone())
    };
    let code = if text.bytes().all(|b| b.is_ascii_digit()) { Some(format!("{text:0>3}")) } else { by_name() };
    MunicipalityCode::parse(&code?).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::sheet::Sheet, *};

    const HEAD: &str =
        "Päivä;Avattu;Suljettu;Kunta;Paikka;Käynnit;Henkilöt;Ensikertalaiset;Ikä 18–29;ikä: 65+;Sukupuoli: Nainen;Apu: Ruoka-apu;Huomautus;Syy\n";

    fn read(rows: &str) -> Vec<Result<CountsLine, Vec<String>>> {
        let sheet = Sheet::<C>::read(format!("{HEAD}{rows}").as_bytes()).unwrap();
        let told = |faults: Rejections| faults.iter().map(|fault| format!("{:?} {}", fault.code, fault.path.join("."))).collect();
        sheet.lines.iter().map(|line| CountsLine::read(line, |_| AreaId(uuid::Uuid::nil())).map_err(told)).collect()
    }

    #[test]
    fn a_row_is_a_day_with_its_counts() {
        let rows = read("5.11.2026;9.00;14:00;Kuopio;Tori;24;18;3;4;;11;6;Sade;\n5.11.2026;09:00;14:00;297;Tori;24;18;3;4;0;11;6;Sade;\n");
        let (first, second) = (rows[0].as_ref().unwrap(), rows[1].as_ref().unwrap());
        assert_eq!(first, second, "a code or a name, a zero or nothing");
        assert!(first.meets(second) && first.is(&second.content));
        let counts = &first.content.counts;
        assert_eq!((counts.visits, counts.estimated_persons, counts.first_timers, counts.by_age_band.len()), (24, 18, 3, 1));
        assert_eq!((counts.by_age_band[0].band, counts.by_gender[0].gender), (AgeBand { from: 18, to: Some(29) }, Gender::Female));
        assert_eq!((first.content.help_given[0], first.content.place.text.as_deref()), (HelpCount { theme: HelpTheme::FoodAid, count: 6 }, Some("Tori")));
    }

    #[test]
    fn counts_that_do_not_add_up_are_told_by_their_column() {
        let rows = read(
            "5.11.2026;9.00;14:00;297;Tori;5;6;7;6;;6;-1;;\n5.11.2026;14:00;9:00;;;x;;;;;;;;\n;;;;;;;;;;;;Soita 040 123 4567;\n6.11.2026;9:00;14:00;297;Tori;1;1;1;;;;;Soita 040 123 4567;\n7.11.2026;14:00;9:00;;;1;;;;;;;;\n",
        );
        let told = |at: usize| rows[at].clone().unwrap_err();
        assert_eq!(told(0), ["OutOfRange estimated persons", "OutOfRange first timers", "OutOfRange age", "OutOfRange gender", "OutOfRange help FOOD_AID"]);
        assert_eq!(told(1), ["Invalid visits"]);
        assert_eq!(told(2), ["Required date", "Required open from", "Required open to", "Required visits"]);
        assert_eq!(told(3), ["PersonalData note"]);
        assert_eq!(told(4), ["NoPlace place", "DateOrder open to"]);
    }

    #[test]
    fn the_sample_is_read() {
        let sheet = Sheet::<C>::read(include_bytes!("../../../docs/samples/drop-in-counts.csv")).unwrap();
        let read: Vec<_> = sheet.lines.iter().map(|line| CountsLine::read(line, |_| AreaId(uuid::Uuid::nil())).unwrap()).collect();
        assert_eq!(read.iter().map(|row| row.content.counts.visits).collect::<Vec<_>>(), [24, 31, 8]);
        assert!(read[2].reason.is_some() && read[0].reason.is_none());
    }

    #[test]
    fn the_template_is_understood_in_three_languages() {
        for language in Language::ALL {
            let names = C::template(language);
            let mut columns: Vec<_> = names.iter().map(|name| C::named(&folded(name)).unwrap_or_else(|| panic!("{name}"))).collect();
            assert_eq!(columns.len(), HEADINGS.len() + 4 + Gender::ALL.len() + HelpTheme::ALL.len());
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), names.len(), "{names:?}");
        }
    }
}
