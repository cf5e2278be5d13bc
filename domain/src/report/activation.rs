//! Where clients went on to, and what they have got from it: other activation (muu aktivoituminen), follow-on paths and benefits. To be guided, to come and to work
//! somewhere are different things, and each row says which it counts. Source: chapters 7.4 and 7.5 of the design of the domain; seed 001.
use super::{
    Moments, ReportName,
    cohort::{Population, count},
    participation::Begun,
    table::{Base, Beside, Row, Section, Table, Whole},
};
use crate::{
    casework::{
        final_assessment::BenefitTheme,
        follow_on_path::{PathDestination, PathState},
    },
    catalogue::service::ProvisionMode,
    code::Coded,
    id::ClientId,
    text::LocalizedText,
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What is known of a follow-on path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathFact {
    /// Whose.
    pub client: ClientId,
    /// Where it leads.
    pub destination: PathDestination,
    /// Where it is.
    pub state: PathState,
    /// The day on which the client was guided.
    pub guided_on: Option<NaiveDate>,
    /// The day on which the client came.
    pub arrived_on: Option<NaiveDate>,
    /// The day on which it was looked at whether the client is there.
    pub verified_on: Option<NaiveDate>,
}

impl PathFact {
    /// The client works there: so it was recorded when the client came, and it may have been looked at since.
    const fn is_employment(&self) -> bool {
        matches!(self.destination, PathDestination::PaidWork) && matches!(self.state, PathState::Employed | PathState::Verified | PathState::Lapsed)
    }
}

/// That a client who was steered to a service was taken on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Who.
    pub client: ClientId,
    /// The day.
    pub on: NaiveDate,
    /// How the service is arranged.
    pub provision: ProvisionMode,
    /// The day on which it was told that the client did not come; none where the client came, or nothing was told.
    pub absent_on: Option<NaiveDate>,
}

/// What a client has got from it, as an approved final assessment tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenefitFact {
    /// Who.
    pub client: ClientId,
    /// The day on which the assessment was approved.
    pub on: NaiveDate,
    /// The themes.
    pub themes: BTreeSet<BenefitTheme>,
}

fn section(key: &str, title: LocalizedText, base: Base, rows: &[(String, LocalizedText, BTreeSet<ClientId>)]) -> Section {
    let any: BTreeSet<_> = rows.iter().flat_map(|(_, _, clients)| clients).collect();
    let beside = Beside { total: false, distinct: count(any.len()) };
    let rows = rows.iter().map(|(key, label, clients)| Row::of(key.as_str(), label.clone(), count(clients.len()))).collect();
    Section::overlapping(key, title, rows, Some(beside)).based(base)
}

/// Clients who went on to other activities (muu aktivoituminen).
#[must_use]
pub fn other_activation(population: &Population, begun: &[Begun], taken: &[Taken], paths: &[PathFact], moments: Moments) -> Table {
    let by = |on: NaiveDate| on <= moments.as_of;
    let of_cohort = |clients: BTreeSet<ClientId>| clients.into_iter().filter(|client| population.has(*client)).collect::<BTreeSet<_>>();
    let paths_that = |is: &dyn Fn(&PathFact) -> bool| paths.iter().filter(|path| is(path)).map(|path| path.client).collect::<BTreeSet<_>>();
    let arrived_at = |to: &[PathDestination]| paths_that(&|path| to.contains(&path.destination) && path.arrived_on.is_some_and(by));
    let opened = |provision: ProvisionMode, to: PathDestination| {
        let came = begun.iter().filter(|one| one.provision == provision && by(one.on)).map(|one| one.client);
        let accepted = taken.iter().filter(|one| one.provision == provision && by(one.on) && !one.absent_on.is_some_and(by)).map(|one| one.client);
        of_cohort(came.chain(accepted).chain(arrived_at(&[to])).collect())
    };
    let row = |key: &str, label, clients| (key.to_owned(), label, clients);
    let rows = vec![
        row("CITY_OPEN", PathDestination::CityOpen.label(), opened(ProvisionMode::OpenCity, PathDestination::CityOpen)),
        row("NGO_OPEN", PathDestination::NgoOpen.label(), opened(ProvisionMode::OpenNgo, PathDestination::NgoOpen)),
        row(
            "KELA_VOCATIONAL_GUIDED",
            LocalizedText::of(
                "Ohjattu Kelan ammatilliseen kuntoutukseen",
                "Hänvisad till FPA:s yrkesinriktade rehabilitering",
                "Guided to vocational rehabilitation by Kela",
            ),
            of_cohort(paths_that(&|path| path.destination == PathDestination::KelaVocational && path.guided_on.is_some_and(by))),
        ),
        row(
            "EMPLOYMENT_TRANSFERRED",
            LocalizedText::of(
                "Siirtynyt työllisyyspalvelujen kartoittavaan palveluun tai kuntouttavaan työtoimintaan",
                "Övergått till sysselsättningstjänsternas kartläggande service eller arbetsverksamhet i rehabiliteringssyfte",
                "Transferred to the mapping service of the employment services or to rehabilitative work",
            ),
            of_cohort(arrived_at(&[PathDestination::EmploymentMapping, PathDestination::RehabWork])),
        ),
        row(
            "PAID_WORK_EMPLOYED",
            LocalizedText::of("Työllistynyt palkkatyöhön", "Sysselsatt i lönearbete", "Employed in paid work"),
            of_cohort(paths_that(&|path| path.is_employment() && path.arrived_on.is_some_and(by))),
        ),
    ];
    let title = LocalizedText::of("Aktivoituminen muihin toimintoihin", "Aktivering i annan verksamhet", "Activation elsewhere");
    Table { name: ReportName::OtherActivation, whole: Whole::Clients(population.size()), sections: vec![section("ACTIVATION", title, Base::Whole, &rows)] }
}

/// What clients have got from it (koettu hyöty): of those whose final assessment is approved, by theme.
#[must_use]
pub fn benefit_themes(population: &Population, benefits: &[BenefitFact], moments: Moments) -> Table {
    let told: Vec<_> = benefits.iter().filter(|one| one.on <= moments.as_of && population.has(one.client)).collect();
    let assessed: BTreeSet<_> = told.iter().map(|one| one.client).collect();
    let with = |theme: BenefitTheme| told.iter().filter(|one| one.themes.contains(&theme)).map(|one| one.client).collect();
    let rows: Vec<_> = BenefitTheme::ALL.iter().map(|theme| (theme.code(), theme.label(), with(*theme))).collect();
    let title = LocalizedText::of("Asiakkaiden kokema hyöty", "Nytta som klienterna upplevt", "What clients have got from it");
    let section = section("THEMES", title, Base::Part(count(assessed.len())), &rows);
    Table { name: ReportName::BenefitThemes, whole: Whole::Clients(population.size()), sections: vec![section] }
}

/// Where paths lead (jatkopolkujen kulku): who was guided, who came, and of whom it was looked at later.
#[must_use]
pub fn path_flow(population: &Population, paths: &[PathFact], moments: Moments) -> Table {
    type Step = fn(&PathFact) -> Option<NaiveDate>;
    let step = |key: &'static str, title: LocalizedText, on: Step| {
        let reached = |to: PathDestination| {
            let those = paths.iter().filter(move |path| path.destination == to && on(path).is_some_and(|on| on <= moments.as_of));
            those.map(|path| path.client).filter(|client| population.has(*client)).collect()
        };
        let leads = |to: &&PathDestination| **to != PathDestination::None;
        let rows: Vec<_> = PathDestination::ALL.iter().filter(leads).map(|to| (to.code(), to.label(), reached(*to))).collect();
        section(key, title, Base::Whole, &rows)
    };
    let sections = vec![
        step("GUIDED", LocalizedText::of("Ohjattu", "Hänvisad", "Guided"), |path| path.guided_on),
        step(
            "ARRIVED",
            LocalizedText::of("Siirtynyt, aloittanut tai työllistynyt", "Övergått, börjat eller sysselsatt", "Transferred, started or employed"),
            |path| path.arrived_on,
        ),
        step("VERIFIED", LocalizedText::of("Varmistettu 3–6 kuukauden jälkeen", "Verifierad efter 3–6 månader", "Verified after 3 to 6 months"), |path| {
            path.verified_on.filter(|_| path.state == PathState::Verified)
        }),
    ];
    Table { name: ReportName::PathFlow, whole: Whole::Clients(population.size()), sections }
}
