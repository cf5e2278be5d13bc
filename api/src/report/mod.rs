//! Reports: what was recorded is fetched through the door of statistics, counted by the rules of `domain`, and told with the ledger of what was told before.
mod chart;
pub(crate) mod download;
mod page;

use crate::{
    act::casework::{baseline, instrument_response},
    caller::Caller,
    error::Result,
    store::{Counting, Question},
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    casework::instrument::{Instrument, MeasurementPhase, instrument},
    catalogue::session::day,
    id::{AreaId, OrganizationId},
    rejection::{Code, Rejection},
    report::{
        Cut, LEAST, Moments, Rendering, ReportName,
        activation::{self, PathFact},
        capacity, check, check_size,
        cohort::{self, CaseFact, Cohort, Population},
        consent,
        cost::{self, Spent},
        description::{self, BaselineFact, WorkAbility},
        open_work,
        outcome::{self, Measured},
        participation::{self, Begun},
        table::{Table, Told},
        waiting,
    },
    scalar::Date,
};
use tokio::sync::OnceCell;

/// The instrument by which clients rate their ability to work.
const WORK_ABILITY: &str = "WAS";

/// What is asked of reports.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Of whose clients.
    pub organization: OrganizationId,
    /// What was so by the end of this day counts.
    pub as_of: NaiveDate,
    /// What was recorded by this moment counts; without it, all until now.
    pub known_at: Option<DateTime<Utc>>,
    /// Of which clients.
    pub cohort: Cohort,
    /// For whom.
    pub rendering: Rendering,
    /// Of how many a figure is told at the least.
    pub least: i32,
}

/// What is asked of single reports.
#[derive(Clone, Debug, Default)]
pub struct Further {
    /// By which instrument.
    pub instrument: Option<String>,
    /// In which area.
    pub area: Option<AreaId>,
    /// From which day on.
    pub from: Option<Date>,
}

/// The reports of an organisation of one day, as known at one moment, of one cohort.
pub struct Reports {
    asked: Question,
    cases: OnceCell<Vec<CaseFact>>,
    population: OnceCell<Population>,
    begun: OnceCell<Vec<Begun>>,
    paths: OnceCell<Vec<PathFact>>,
    spent: OnceCell<Vec<Spent>>,
}

impl Reports {
    /// The reports that are asked; none for whoever is not told them.
    ///
    /// # Errors
    /// Every fault of what is asked, and [`crate::error::Error::PurposeRequired`].
    pub fn ask(caller: &Caller, asking: Asking) -> Result<Option<Self>> {
        let Asking { organization, as_of, known_at, cohort, rendering, least } = asking;
        let Some(network) = caller.reader().reports_of(organization, rendering)? else { return Ok(None) };
        let now = caller.now();
        let moments = Moments { as_of, known_at: known_at.unwrap_or(now) };
        let mut faults = check(moments, least, day(now), now);
        faults.append(cohort.check());
        faults.into_result()?;
        Ok(Some(Self::new(Question { network, organization, cohort, moments, rendering, least })))
    }

    /// A report by its name.
    ///
    /// # Errors
    /// What the report refuses, or a fault of the database.
    pub async fn report(&self, caller: &Caller, name: ReportName, further: &Further) -> Result<Told> {
        let Further { instrument, area, from } = further;
        match name {
            ReportName::ClientCohort => self.client_cohort(caller).await,
            ReportName::RegisteredClients => self.registered_clients(caller).await,
            ReportName::PurchasedParticipation => self.purchased_participation(caller).await,
            ReportName::CooperationParticipation => self.cooperation_participation(caller).await,
            ReportName::OtherActivation => self.other_activation(caller).await,
            ReportName::BenefitThemes => self.benefit_themes(caller).await,
            ReportName::ReferralSources => self.referral_sources(caller).await,
            ReportName::PathFlow => self.path_flow(caller).await,
            ReportName::WaitingTimes => self.waiting_times(caller).await,
            ReportName::OutcomeChange => self.outcome_change(caller, instrument.as_deref().unwrap_or_default()).await,
            ReportName::CapacityUse => self.capacity_use(caller, *from).await,
            ReportName::DropInCounts => self.drop_in_counts(caller, *area, *from).await,
            ReportName::OutreachCounts => self.outreach_counts(caller, *area, *from).await,
            ReportName::CostPerClient => self.cost_per_client(caller).await,
            ReportName::CostPerCompletedPath => self.cost_per_completed_path(caller).await,
            ReportName::ConsentStatistics => self.consent_statistics(caller).await,
        }
    }

    fn new(asked: Question) -> Self {
        Self { asked, cases: OnceCell::new(), population: OnceCell::new(), begun: OnceCell::new(), paths: OnceCell::new(), spent: OnceCell::new() }
    }

    /// What is asked.
    #[must_use]
    pub const fn asked(&self) -> &Question {
        &self.asked
    }

    fn counting<'a>(&self, caller: &'a Caller) -> Result<Counting<'a>> {
        caller.reader().counting(self.asked.organization, self.asked.rendering, self.asked.moments.known_at)
    }

    /// The clients; refused where there are so few that every figure would tell of somebody, in whatever rendering.
    async fn population(&self, caller: &Caller) -> Result<&Population> {
        let population = self.population.get_or_try_init(|| self.cohort(caller)).await?;
        check_size(population.size(), self.fewest())?;
        Ok(population)
    }

    /// Of how many at the least anything is told.
    const fn fewest(&self) -> i32 {
        if matches!(self.asked.rendering, Rendering::Internal) { LEAST } else { self.asked.least }
    }

    async fn cohort(&self, caller: &Caller) -> Result<Population> {
        Ok(Population::of(self.cases(caller).await?, &self.asked.cohort, self.asked.moments))
    }

    async fn cases(&self, caller: &Caller) -> Result<&[CaseFact]> {
        let found = async { self.counting(caller)?.cases().await };
        Ok(self.cases.get_or_try_init(|| found).await?)
    }

    async fn begun(&self, caller: &Caller) -> Result<&[Begun]> {
        let found = async { self.counting(caller)?.begun().await };
        Ok(self.begun.get_or_try_init(|| found).await?)
    }

    async fn paths(&self, caller: &Caller) -> Result<&[PathFact]> {
        let found = async { self.counting(caller)?.paths().await };
        Ok(self.paths.get_or_try_init(|| found).await?)
    }

    async fn spent(&self, caller: &Caller) -> Result<&[Spent]> {
        let found = async { self.counting(caller)?.spent().await };
        Ok(self.spent.get_or_try_init(|| found).await?)
    }

    async fn tell(&self, caller: &Caller, table: Table) -> Result<Told> {
        self.tell_of(caller, &Cut::default(), table).await
    }

    async fn tell_of(&self, caller: &Caller, cut: &Cut, table: Table) -> Result<Told> {
        caller.write(async |work| work.tell_report(&self.asked, cut, &table).await).await
    }

    /// What is asked of open work and sessions.
    fn cut(&self, caller: &Caller, area: Option<AreaId>, from: Option<Date>) -> Result<Cut> {
        let lineage = area.map(|area| caller.catalogue().lineage(area).to_vec()).unwrap_or_default();
        let cut = Cut { area, lineage, from };
        let mut faults = cut.check(self.asked.moments);
        if area.is_some() && cut.lineage.is_empty() {
            faults.add(Code::UnknownReference, &["area"]);
        }
        faults.into_result()?;
        Ok(cut)
    }

    /// The responses to an instrument in these phases.
    async fn measured(&self, caller: &Caller, of: &Instrument, phases: &[MeasurementPhase]) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        for row in self.counting(caller)?.responses(&of.key, phases).await? {
            let answers = instrument_response::open_answers(caller.vault(), row.id, &row.answers)?.reveal().clone();
            measured.push(Measured { client: row.client, case: row.case, phase: row.phase, on: row.on, version: row.version, answers });
        }
        Ok(measured)
    }

    /// Who the clients are (asiakaskuvaus).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn client_cohort(&self, caller: &Caller) -> Result<Told> {
        let population = self.population(caller).await?;
        let counting = self.counting(caller)?;
        let vault = caller.vault();
        let mut baselines = Vec::new();
        for row in counting.baselines().await? {
            let health = *baseline::open_health(vault, row.id, &row.health)?.reveal();
            baselines.push(BaselineFact { case: row.case, content: row.content, health, age: row.age, gender: row.gender });
        }
        let mut ratings = Vec::new();
        if let Some(of) = instrument(WORK_ABILITY) {
            for one in self.measured(caller, of, &[MeasurementPhase::Baseline]).await? {
                ratings.extend(of.mean_hundredths(&one.answers).map(|hundredths| WorkAbility { client: one.client, on: one.on, hundredths }));
            }
        }
        self.tell(caller, description::description(population, &baselines, &ratings, self.asked.moments)).await
    }

    /// How many clients were taken in (kirjatut asiakkaat).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn registered_clients(&self, caller: &Caller) -> Result<Told> {
        self.tell(caller, cohort::registered(self.population(caller).await?)).await
    }

    /// Clients in purchased services (ostopalvelut).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn purchased_participation(&self, caller: &Caller) -> Result<Told> {
        let table = participation::purchased(self.population(caller).await?, self.begun(caller).await?, self.asked.moments);
        self.tell(caller, table).await
    }

    /// Clients in what is done together with partners (yhteistyötoiminnat).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn cooperation_participation(&self, caller: &Caller) -> Result<Told> {
        let table = participation::cooperation(self.population(caller).await?, self.begun(caller).await?, self.asked.moments);
        self.tell(caller, table).await
    }

    /// Clients who went on to other activities (muu aktivoituminen).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn other_activation(&self, caller: &Caller) -> Result<Told> {
        let (taken, paths) = (self.counting(caller)?.taken().await?, self.paths(caller).await?);
        let table = activation::other_activation(self.population(caller).await?, self.begun(caller).await?, &taken, paths, self.asked.moments);
        self.tell(caller, table).await
    }

    /// What clients have got from it (koettu hyöty).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn benefit_themes(&self, caller: &Caller) -> Result<Told> {
        let benefits = self.counting(caller)?.benefits().await?;
        self.tell(caller, activation::benefit_themes(self.population(caller).await?, &benefits, self.asked.moments)).await
    }

    /// Who steered clients (ohjanneet tahot).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn referral_sources(&self, caller: &Caller) -> Result<Told> {
        self.tell(caller, cohort::referral_sources(self.population(caller).await?)).await
    }

    /// Where paths lead (jatkopolkujen kulku).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn path_flow(&self, caller: &Caller) -> Result<Told> {
        let paths = self.paths(caller).await?;
        self.tell(caller, activation::path_flow(self.population(caller).await?, paths, self.asked.moments)).await
    }

    /// How long clients waited (odotusajat).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn waiting_times(&self, caller: &Caller) -> Result<Told> {
        let (population, cases) = (self.population(caller).await?, self.cases(caller).await?);
        let table = waiting::waiting_times(population, cases, &self.asked.cohort, self.asked.moments);
        check_size(table.whole.size(), self.fewest())?;
        self.tell(caller, table).await
    }

    /// How clients have changed by an instrument (muutos mittarilla).
    ///
    /// # Errors
    /// [`Code::UnknownCode`] where there is no such instrument, what a report refuses, or a fault of the database.
    pub async fn outcome_change(&self, caller: &Caller, key: &str) -> Result<Told> {
        let of = instrument(key).ok_or_else(|| Rejection::with(Code::UnknownCode, &["instrument"], key))?;
        let measured = self.measured(caller, of, &[MeasurementPhase::Baseline, MeasurementPhase::Final]).await?;
        self.tell(caller, outcome::outcome_change(self.population(caller).await?, of, &measured, self.asked.moments)).await
    }

    /// How many of the places at sessions were used (kapasiteetin käyttö).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn capacity_use(&self, caller: &Caller, from: Option<Date>) -> Result<Told> {
        let cut = self.cut(caller, None, from)?;
        let held = self.counting(caller)?.held_sessions().await?;
        self.tell_of(caller, &cut, capacity::capacity_use(&held, &cut, self.asked.moments)).await
    }

    /// Visits to open drop-in spaces (avoimen toiminnan käynnit).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn drop_in_counts(&self, caller: &Caller, area: Option<AreaId>, from: Option<Date>) -> Result<Told> {
        let cut = self.cut(caller, area, from)?;
        let catalogue = caller.catalogue();
        let days = self.counting(caller)?.drop_in_days(&cut, |area| catalogue.lineage(area)).await?;
        self.tell_of(caller, &cut, open_work::drop_in_counts(&days, &cut, self.asked.moments)).await
    }

    /// Contacts in outreach (jalkautuvan työn kohtaamiset).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn outreach_counts(&self, caller: &Caller, area: Option<AreaId>, from: Option<Date>) -> Result<Told> {
        let cut = self.cut(caller, area, from)?;
        let catalogue = caller.catalogue();
        let contacts = self.counting(caller)?.contacts(&cut, |area| catalogue.lineage(area)).await?;
        self.tell_of(caller, &cut, open_work::outreach_counts(&contacts, &cut, self.asked.moments)).await
    }

    /// What purchased services have cost a client (kustannus asiakasta kohden).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn cost_per_client(&self, caller: &Caller) -> Result<Told> {
        let spent = self.spent(caller).await?;
        self.tell(caller, cost::cost_per_client(self.population(caller).await?, spent, self.asked.moments)).await
    }

    /// What purchased services have cost for each client whose path was completed (kustannus päätökseen tullutta polkua kohden).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn cost_per_completed_path(&self, caller: &Caller) -> Result<Told> {
        let (spent, paths) = (self.spent(caller).await?, self.paths(caller).await?);
        self.tell(caller, cost::cost_per_completed_path(self.population(caller).await?, spent, paths, self.asked.moments)).await
    }

    /// What has become of consents (suostumukset).
    ///
    /// # Errors
    /// What a report refuses, or a fault of the database.
    pub async fn consent_statistics(&self, caller: &Caller) -> Result<Told> {
        let consents = self.counting(caller)?.consents().await?;
        let table = consent::consent_statistics(&consents, self.asked.moments);
        check_size(table.whole.size(), self.fewest())?;
        self.tell(caller, table).await
    }
}
