//! Open and outreach work in figures (avoin ja jalkautuva työ): visits and contacts, and nobody's person. Visits are not persons: who came on two days is two, and nobody
//! can tell. Source: chapters 3.5, 4.20 and 7.5 of the design of the domain.
use super::{
    Cut, Moments, ReportName, by_month,
    cohort::count,
    months_title,
    table::{Base, Beside, Counted, Row, Section, Table, Whole},
};
use crate::{
    code::Coded,
    outreach::{
        anonymous_contact::{AnonymousContactContent, ContactChannel, ContactResult},
        drop_in_day::{AgeBand, DropInCounts, DropInDayContent, HelpTheme, OLDEST},
    },
    person::identity::Gender,
    text::LocalizedText,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A drop-in day whose counts hold.
#[derive(Clone, Debug)]
pub struct CountedDay {
    /// The day.
    pub on: NaiveDate,
    /// What was counted.
    pub content: DropInDayContent,
}

/// A contact that holds.
#[derive(Clone, Debug)]
pub struct CountedContact {
    /// The day.
    pub on: NaiveDate,
    /// What was recorded.
    pub content: AnonymousContactContent,
}

fn gender_title() -> LocalizedText {
    LocalizedText::of("Sukupuoli", "Kön", "Gender")
}

fn age_title() -> LocalizedText {
    LocalizedText::of("Ikä", "Ålder", "Age")
}

fn not_recorded(many: i32) -> Row {
    Row::of("NOT_RECORDED", LocalizedText::of("Ei kirjattu", "Inte antecknat", "Not recorded"), many)
}

fn all(rows: &[Row]) -> i32 {
    rows.iter().map(|row| row.count).fold(0, i32::saturating_add)
}

/// The rows, and beside them those of the whole of whom nothing was recorded.
fn with_the_rest(mut rows: Vec<Row>, whole: i32) -> Vec<Row> {
    let rest = whole.saturating_sub(all(&rows));
    rows.push(not_recorded(rest));
    rows
}

/// A row for each gender.
fn by_gender(counts: impl Iterator<Item = (Gender, i32)>) -> Vec<Row> {
    let mut sums = BTreeMap::<_, i32>::new();
    for (gender, many) in counts {
        let sum = sums.entry(gender).or_default();
        *sum = sum.saturating_add(many);
    }
    Gender::ALL.iter().map(|gender| Row::of(gender.code(), gender.label(), sums.get(gender).copied().unwrap_or_default())).collect()
}

/// A row for each band of ages that somebody has used: whoever counts chooses the bands, so that they may overlap from day to day, and each visit is in one.
fn by_age(counts: impl Iterator<Item = (AgeBand, i32)>) -> Vec<Row> {
    let mut sums = BTreeMap::<(i32, i32), i32>::new();
    for (band, many) in counts {
        let sum = sums.entry((band.from, band.to.unwrap_or(OLDEST))).or_default();
        *sum = sum.saturating_add(many);
    }
    let named = |from: i32, to: i32| if to == OLDEST { format!("{from}–") } else { format!("{from}–{to}") };
    sums.into_iter().map(|((from, to), many)| Row::of(format!("{from}_{to}"), LocalizedText::fi(named(from, to)), many)).collect()
}

/// Visits to open drop-in spaces (avoimen toiminnan käynnit), of days whose counts hold.
#[must_use]
pub fn drop_in_counts(days: &[CountedDay], cut: &Cut, moments: Moments) -> Table {
    let told: Vec<_> = days.iter().filter(|day| cut.has(day.on, moments)).collect();
    let sum = |of: fn(&DropInCounts) -> i32| told.iter().map(|day| of(&day.content.counts)).fold(0_i32, i32::saturating_add);
    let visits = sum(|counts| counts.visits);
    let persons = LocalizedText::of("Kävijöitä päivittäin, yhteensä", "Besökare per dag, sammanlagt", "Persons of each day, together");
    let first = LocalizedText::of("Ensi kertaa tulleita", "Besökare första gången", "There for the first time");
    let persons = vec![
        Row::of("PERSONS_OF_DAYS", persons, sum(|counts| counts.estimated_persons)),
        Row { within: Some(0), ..Row::of("FIRST_TIMERS", first, sum(|counts| counts.first_timers)) },
    ];
    let genders = by_gender(told.iter().flat_map(|day| &day.content.counts.by_gender).map(|part| (part.gender, part.count)));
    let ages = by_age(told.iter().flat_map(|day| &day.content.counts.by_age_band).map(|part| (part.band, part.count)));
    let helped = |theme: HelpTheme| {
        told.iter().flat_map(|day| &day.content.help_given).filter(|help| help.theme == theme).map(|help| help.count).fold(0, i32::saturating_add)
    };
    let help: Vec<_> = HelpTheme::ALL.iter().map(|theme| Row::of(theme.code(), theme.label(), helped(*theme))).collect();
    let given = Base::Own(all(&help));
    let sections = vec![
        Section::overlapping("PERSONS", LocalizedText::of("Kävijät", "Besökare", "Visitors"), persons, None),
        Section::partition("GENDER", gender_title(), with_the_rest(genders, visits)),
        Section::partition("AGE", age_title(), with_the_rest(ages, visits)),
        // Help is counted by itself: there may be more of it than visits.
        Section::partition("HELP", LocalizedText::of("Annettu apu", "Given hjälp", "Help that was given"), help).based(given),
        Section::partition("MONTHS", months_title(), by_month(told.iter().map(|day| (day.on, day.content.counts.visits)))),
    ];
    Table { name: ReportName::DropInCounts, whole: Whole::Others(Counted::Visits, visits), sections }
}

/// Contacts in outreach (jalkautuvan työn kohtaamiset).
#[must_use]
pub fn outreach_counts(contacts: &[CountedContact], cut: &Cut, moments: Moments) -> Table {
    let told: Vec<_> = contacts.iter().filter(|contact| cut.has(contact.on, moments)).map(|contact| (contact.on, &contact.content)).collect();
    let so_many = |is: &dyn Fn(&AnonymousContactContent) -> bool| count(told.iter().filter(|(_, content)| is(content)).count());
    let met = count(told.len());
    let channels = ContactChannel::ALL.iter().map(|one| Row::of(one.code(), one.label(), so_many(&|content| content.channel == *one))).collect();
    let results = ContactResult::ALL.iter().map(|one| Row::of(one.code(), one.label(), so_many(&|content| content.result == *one))).collect();
    let genders = by_gender(told.iter().filter_map(|(_, content)| content.gender.map(|gender| (gender, 1))));
    let ages = by_age(told.iter().filter_map(|(_, content)| content.age_band.map(|band| (band, 1))));
    let themes = HelpTheme::ALL.iter().map(|one| Row::of(one.code(), one.label(), so_many(&|content| content.themes.contains(one)))).collect();
    let with_theme = Beside { total: true, distinct: so_many(&|content| !content.themes.is_empty()) };
    let sections = vec![
        Section::partition("CHANNEL", LocalizedText::of("Kohtaamisen tapa", "Hur man möttes", "How they were met"), channels),
        Section::partition("RESULT", LocalizedText::of("Tulos", "Resultat", "Result"), results),
        Section::partition("GENDER", gender_title(), with_the_rest(genders, met)),
        Section::partition("AGE", age_title(), with_the_rest(ages, met)),
        Section::overlapping("THEMES", LocalizedText::of("Aiheet", "Teman", "Themes"), themes, Some(with_theme)),
        Section::partition("MONTHS", months_title(), by_month(told.iter().map(|(on, _)| (*on, 1)))),
    ];
    Table { name: ReportName::OutreachCounts, whole: Whole::Others(Counted::Contacts, met), sections }
}
