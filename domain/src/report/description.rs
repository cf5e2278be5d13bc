//! Who the clients are (asiakaskuvaus): one row a person, the situation at the start of the first case. Source: chapter 7.1 of the design of the domain; seed 001.
use super::{
    Moments, ReportName,
    cohort::{First, Population, count},
    table::{Mean, MeanUnit, Row, Section, Table, Whole},
};
use crate::{
    casework::baseline::{BaselineHealth, IntakeBaselineContent, YesNoUnknown},
    code::{Coded, lists},
    id::{CaseId, ClientId},
    person::identity::Gender,
    text::LocalizedText,
};
use chrono::{Months, NaiveDate};
use std::collections::BTreeMap;

/// For so many years or more something has lasted long.
const LONG_YEARS: u32 = 5;

/// What is known of a client at the start of a case.
#[derive(Clone, Debug)]
pub struct BaselineFact {
    /// The case.
    pub case: CaseId,
    /// What was told, but for health.
    pub content: IntakeBaselineContent,
    /// What was told of health and hardship.
    pub health: BaselineHealth,
    /// Age in whole years.
    pub age: i32,
    /// Gender, as it was told.
    pub gender: Gender,
}

/// How a client has rated the own ability to work (Work Ability Score).
#[derive(Clone, Copy, Debug)]
pub struct WorkAbility {
    /// Whose.
    pub client: ClientId,
    /// The day.
    pub on: NaiveDate,
    /// The score in hundredths.
    pub hundredths: i32,
}

/// A client of the cohort, and what is known of the start; nothing where nobody has recorded it.
type Start<'a> = (First, Option<&'a BaselineFact>);

/// What a row counts.
type Holds = fn(&Start) -> bool;

fn rows<const N: usize>(starts: &[Start], rows: [(&str, LocalizedText, Holds); N]) -> Vec<Row> {
    rows.into_iter().map(|(key, label, holds)| Row::of(key, label, count(starts.iter().filter(|start| holds(start)).count()))).collect()
}

/// A row for each code of a closed list.
fn by<T: Coded + PartialEq>(starts: &[Start], all: &[T], of: impl Fn(&Start) -> T) -> Vec<Row> {
    let so_many = |one: T| count(starts.iter().filter(|start| of(start) == one).count());
    all.iter().map(|one| Row::of(one.code(), one.label(), so_many(*one))).collect()
}

/// By age in whole years (ikä). Those under 25 are among those under 30.
fn ages(starts: &[Start]) -> Section {
    let mut rows = rows(
        starts,
        [
            ("LT_30", LocalizedText::of("Alle 30 vuotta", "Under 30 år", "Under 30 years"), |s| s.1.is_some_and(|fact| fact.age < 30)),
            ("LT_25", LocalizedText::of("Alle 25 vuotta", "Under 25 år", "Under 25 years"), |s| s.1.is_some_and(|fact| fact.age < 25)),
            ("A30_54", LocalizedText::of("30–54 vuotta", "30–54 år", "30–54 years"), |s| s.1.is_some_and(|fact| (30..55).contains(&fact.age))),
            ("GT_54", LocalizedText::of("Yli 54 vuotta", "Över 54 år", "Over 54 years"), |s| s.1.is_some_and(|fact| fact.age >= 55)),
            ("UNKNOWN", YesNoUnknown::Unknown.label(), |s| s.1.is_none()),
        ],
    );
    rows[1].within = Some(0);
    Section::partition("AGE", LocalizedText::of("Ikä asiakkuuden alkaessa", "Ålder när klientskapet började", "Age at the start"), rows)
}

/// By gender (sukupuoli); where nothing was recorded, nothing was told.
fn genders(starts: &[Start]) -> Section {
    let rows = by(starts, Gender::ALL, |(_, fact)| fact.map_or(Gender::Undisclosed, |fact| fact.gender));
    Section::partition("GENDER", LocalizedText::of("Sukupuoli", "Kön", "Gender"), rows)
}

/// By a stored code of a list that has a code for what is not known.
fn codes(starts: &[Start], key: &str, title: LocalizedText, list: &str, of: fn(&BaselineFact) -> &str) -> Section {
    let is = |code: &str, start: &Start| start.1.map_or("UNKNOWN", of) == code;
    let row =
        |code: &crate::code::CodeEntry| Row::of(code.code.as_str(), code.label.clone(), count(starts.iter().filter(|start| is(&code.code, start)).count()));
    Section::partition(key, title, lists().get(list).map(|list| list.codes.iter().map(row).collect()).unwrap_or_default())
}

/// By the answer to a question.
fn answers(starts: &[Start], key: &str, title: LocalizedText, of: impl Fn(&BaselineFact) -> YesNoUnknown, sensitive: bool) -> Section {
    let rows = by(starts, YesNoUnknown::ALL, |(_, fact)| fact.map_or(YesNoUnknown::Unknown, &of));
    Section::partition(key, title, rows.into_iter().map(|row| Row { sensitive, ..row }).collect())
}

/// Whether something had lasted for five years or more when the case was opened; of those who had it and do not know since when, it is not known.
fn long(starts: &[Start], key: &str, title: LocalizedText, of: fn(&IntakeBaselineContent) -> (YesNoUnknown, Option<NaiveDate>)) -> Section {
    let answer = |(first, fact): &Start| match fact.map(|fact| of(&fact.content)) {
        Some((_, Some(since))) => {
            let by = first.opened_on.checked_sub_months(Months::new(12 * LONG_YEARS));
            if by.is_some_and(|by| since <= by) { YesNoUnknown::Yes } else { YesNoUnknown::No }
        }
        Some((YesNoUnknown::No, None)) => YesNoUnknown::No,
        Some(_) | None => YesNoUnknown::Unknown,
    };
    Section::partition(key, title, by(starts, YesNoUnknown::ALL, answer))
}

/// The first rating of each client by the day.
fn work_ability(population: &Population, ratings: &[WorkAbility], moments: Moments) -> Section {
    let mut first = BTreeMap::<ClientId, WorkAbility>::new();
    for rating in ratings.iter().filter(|rating| rating.on <= moments.as_of && population.has(rating.client)) {
        let one = first.entry(rating.client).or_insert(*rating);
        if rating.on < one.on {
            *one = *rating;
        }
    }
    let values: Vec<_> = first.values().map(|rating| rating.hundredths).collect();
    let title = LocalizedText::of("Itse arvioitu työkyky (0–10)", "Självskattad arbetsförmåga (0–10)", "Self-rated work ability (0–10)");
    Section::average("WORK_ABILITY", title, Mean::of(&values, MeanUnit::Points))
}

/// The client description (asiakaskuvaus). What nobody recorded of a client is not known, and counts as that.
#[must_use]
pub fn description(population: &Population, baselines: &[BaselineFact], ratings: &[WorkAbility], moments: Moments) -> Table {
    let known: BTreeMap<_, _> = baselines.iter().map(|fact| (fact.case, fact)).collect();
    let starts: Vec<Start> = population.firsts().map(|(_, first)| (first, known.get(&first.case).copied())).collect();
    let starts = starts.as_slice();
    let assistance = |content: &IntakeBaselineContent| (content.social_assistance, content.social_assistance_since.map(|since| since.0));
    let services = |content: &IntakeBaselineContent| (content.social_services, content.social_services_since.map(|since| since.0));
    let told = |key, title, of: fn(&BaselineFact) -> YesNoUnknown| answers(starts, key, title, of, false);
    let health = |key, title, of: fn(&BaselineHealth) -> YesNoUnknown| answers(starts, key, title, move |fact: &BaselineFact| of(&fact.health), true);
    let sections = vec![
        ages(starts),
        genders(starts),
        long(
            starts,
            "SOCIAL_ASSISTANCE_LONG",
            LocalizedText::of(
                "Toimeentulotuki säännöllisesti yli 5 vuotta",
                "Regelbundet utkomststöd i över 5 år",
                "Regular social assistance for over 5 years",
            ),
            assistance,
        ),
        told(
            "SOCIAL_ASSISTANCE",
            LocalizedText::of("Toimeentulotuki asiakkuuden alkaessa", "Utkomststöd i början", "Social assistance at the start"),
            |fact| fact.content.social_assistance,
        ),
        long(
            starts,
            "SOCIAL_SERVICES_LONG",
            LocalizedText::of(
                "Sosiaalipalvelujen asiakkuus yli 5 vuotta",
                "Klient inom socialservicen i över 5 år",
                "Client of social services for over 5 years",
            ),
            services,
        ),
        told(
            "SOCIAL_SERVICES",
            LocalizedText::of(
                "Sosiaalipalvelujen asiakkuus palvelun alkaessa",
                "Klient inom socialservicen i början",
                "Client of social services at the start",
            ),
            |fact| fact.content.social_services,
        ),
        health(
            "MENTAL_LIMITATION",
            LocalizedText::of("Diagnosoitu psyykkisen toimintakyvyn rajoite", "Diagnostiserad psykisk begränsning", "Diagnosed mental limitation"),
            |health| health.mental_limitation_diagnosed,
        ),
        health(
            "MENTAL_CARE",
            LocalizedText::of("Aktiivinen hoitosuhde, mielenterveys", "Aktiv vårdkontakt, psykisk hälsa", "In mental health care"),
            |health| health.mental_care_active,
        ),
        health(
            "SUBSTANCE_HARM",
            LocalizedText::of("Tunnistaa päihteiden käytön haasteet arjessaan", "Erkänner utmaningar med rusmedel", "Acknowledges harm from substances"),
            |health| health.substance_harm_acknowledged,
        ),
        health("SUBSTANCE_CARE", LocalizedText::of("Aktiivinen hoitosuhde, päihteet", "Aktiv vårdkontakt, rusmedel", "In substance care"), |health| {
            health.substance_care_active
        }),
        health(
            "SOCIAL_SITUATIONS",
            LocalizedText::of("Kokee sosiaaliset tilanteet haasteellisiksi", "Upplever sociala situationer som svåra", "Finds social situations hard"),
            |health| health.social_situations_hard,
        ),
        work_ability(population, ratings, moments),
        codes(starts, "EMPLOYMENT", LocalizedText::of("Työllisyystilanne", "Sysselsättning", "Employment"), "employment-status", |fact| {
            &fact.content.employment
        }),
        codes(starts, "EDUCATION", LocalizedText::of("Koulutustausta", "Utbildning", "Education"), "education-level", |fact| &fact.content.education),
        told("SINGLE_ADULT", LocalizedText::of("Kotitaloudessa yksi aikuinen", "En vuxen i hushållet", "One adult in the household"), |fact| {
            fact.content.single_adult
        }),
        told(
            "ALL_JOBLESS",
            LocalizedText::of("Kaikki työikäiset työttömänä", "Alla i arbetsför ålder arbetslösa", "Nobody of working age has work"),
            |fact| fact.content.all_working_age_jobless,
        ),
        told("DEPENDENT_CHILDREN", LocalizedText::of("Huollettavia lapsia", "Barn att försörja", "Dependent children"), |fact| {
            fact.content.dependent_children
        }),
        told(
            "LABOUR_MARKET",
            LocalizedText::of(
                "Heikossa asemassa työmarkkinoilla (oma arvio)",
                "Utsatt på arbetsmarknaden (egen bedömning)",
                "At a disadvantage in the labour market (own view)",
            ),
            |fact| fact.content.labour_market_disadvantage,
        ),
    ];
    Table { name: ReportName::ClientCohort, whole: Whole::Clients(population.size()), sections }
}
