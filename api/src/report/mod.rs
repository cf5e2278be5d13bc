//! Reports: what was recorded is fetched through the door of statistics, counted by the rules of `domain`, and told with the ledger of what was told before.
use crate::{
    act::casework::{baseline, instrument_response},
    caller::Caller,
    error::Result,
    store::{Counting, Question},
};
use domain::{
    casework::instrument::instrument,
    report::{
        LEAST, Rendering, activation, check_size,
        cohort::{self, Population},
        description::{self, BaselineFact, WorkAbility},
        participation::{self, Begun},
        table::{Table, Told},
    },
};
use tokio::sync::OnceCell;

/// The instrument by which clients rate their ability to work.
const WORK_ABILITY: &str = "WAS";

/// The reports of an organisation of one day, as known at one moment, of one cohort.
pub struct Reports {
    asked: Question,
    population: OnceCell<Population>,
    begun: OnceCell<Vec<Begun>>,
}

impl Reports {
    /// The reports that are asked.
    #[must_use]
    pub fn new(asked: Question) -> Self {
        Self { asked, population: OnceCell::new(), begun: OnceCell::new() }
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
        let least = if self.asked.rendering == Rendering::Internal { LEAST } else { self.asked.least };
        check_size(population.size(), least)?;
        Ok(population)
    }

    async fn cohort(&self, caller: &Caller) -> Result<Population> {
        let cases = self.counting(caller)?.cases().await?;
        Ok(Population::of(&cases, &self.asked.cohort, self.asked.moments))
    }

    async fn begun(&self, caller: &Caller) -> Result<&[Begun]> {
        let found = async { self.counting(caller)?.begun().await };
        Ok(self.begun.get_or_try_init(|| found).await?)
    }

    async fn tell(&self, caller: &Caller, table: Table) -> Result<Told> {
        caller.write(async |work| work.tell_report(&self.asked, &table).await).await
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
        for row in counting.responses(WORK_ABILITY).await? {
            let answers = instrument_response::open_answers(vault, row.id, &row.answers)?;
            let score = instrument(WORK_ABILITY).and_then(|of| of.mean_hundredths(answers.reveal()));
            ratings.extend(score.map(|hundredths| WorkAbility { client: row.client, on: row.on, hundredths }));
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
        let counting = self.counting(caller)?;
        let (taken, paths) = (counting.taken().await?, counting.paths().await?);
        let table = activation::other_activation(self.population(caller).await?, self.begun(caller).await?, &taken, &paths, self.asked.moments);
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
        let paths = self.counting(caller)?.paths().await?;
        self.tell(caller, activation::path_flow(self.population(caller).await?, &paths, self.asked.moments)).await
    }
}
