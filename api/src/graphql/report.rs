//! The face of reports: figures with what they are of, and nobody's row.
use super::{
    Asked,
    catalogue::{Organization, organization},
    text::LocalizedText,
};
use crate::{
    error::Result,
    report::{self, Asking},
};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    casework::referral::ReferrerKind,
    id::{AreaId, OrganizationId},
    report::{
        LEAST, Rendering, ReportName,
        cohort::Cohort,
        table::{self, Counted, MeanUnit, Told, ToldMean, ToldRow, ToldSection},
    },
    scalar::{Date, DateTime},
};

/// So many of so many (luku).
#[derive(SimpleObject)]
pub struct Figure {
    /// How many of what the report counts; null where it is kept back.
    numerator: Option<i32>,
    /// Of how many; null where that is kept back, and for a sum that is no part of the clients.
    denominator: Option<i32>,
    /// The share in hundredths of a per cent, half of one rounded up; null where it is kept back, of fewer than 20 in what can be published, and of none.
    share_bp: Option<i32>,
    /// The same in whole per cent.
    percent: Option<i32>,
    /// It is kept back: it is small, or a small one could be reckoned from it.
    suppressed: bool,
}

impl From<table::Figure> for Figure {
    fn from(figure: table::Figure) -> Self {
        let percent = figure.percent();
        Self { numerator: figure.numerator, denominator: figure.denominator, share_bp: figure.share, percent, suppressed: figure.suppressed }
    }
}

/// A row of a report.
pub struct ReportRow(ToldRow);

/// A row of a report (raportin rivi).
#[Object]
impl ReportRow {
    /// By which it is known: the code of a code list, where there is one for it.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// What it is called.
    async fn label(&self) -> LocalizedText {
        (&self.0.label).into()
    }
    /// How many of what the report counts, of how many.
    async fn figure(&self) -> Figure {
        self.0.figure.into()
    }
    /// The key of the row that it is a part of; null for one that stands for itself.
    async fn within(&self) -> Option<&str> {
        self.0.within.as_deref()
    }
    /// How many services it is made of; null where that is not told.
    async fn services(&self) -> Option<i32> {
        self.0.services
    }
}

/// An average of a report (keskiarvo).
#[derive(SimpleObject)]
pub struct ReportMean {
    /// In what it is told.
    unit: MeanUnit,
    /// Of how many of the clients.
    of: Figure,
    /// The mean in hundredths, half of one rounded up; null where it is kept back.
    mean_hundredths: Option<i32>,
    /// The value at or below which half of them lie, in hundredths; null where it is kept back, and of what falls to each of them without being a value of their own.
    median_hundredths: Option<i32>,
    /// It is kept back: of fewer than ten in what can be published.
    suppressed: bool,
}

impl From<ToldMean> for ReportMean {
    fn from(mean: ToldMean) -> Self {
        Self { unit: mean.unit, of: mean.of.into(), mean_hundredths: mean.hundredths, median_hundredths: mean.median_hundredths, suppressed: mean.suppressed }
    }
}

/// Bars that are drawn without reckoning (kaavio): the lists have one value for each label, null where it is kept back.
#[derive(SimpleObject)]
pub struct ReportSeries {
    /// What the bars are called.
    labels: Vec<LocalizedText>,
    /// How many each stands for.
    counts: Vec<Option<i32>>,
    /// The same as shares, in hundredths of a per cent.
    shares_bp: Vec<Option<i32>>,
}

/// A section of a report.
pub struct ReportSection(ToldSection);

/// A section of a report (raportin osa).
#[Object]
impl ReportSection {
    /// By which it is known in its report.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// What it is called.
    async fn title(&self) -> LocalizedText {
        (&self.0.title).into()
    }
    /// Each client is in one row: those that are no part of another make up the whole. Otherwise a client may be in several, or in none.
    async fn adds_up(&self) -> bool {
        self.0.adds_up
    }
    /// Its rows.
    async fn rows(&self) -> Vec<ReportRow> {
        self.0.rows.iter().cloned().map(ReportRow).collect()
    }
    /// The sum of the rows, in which a client counts as often as there are rows with the client; null where none is told.
    async fn total(&self) -> Option<Figure> {
        self.0.total.map(Figure::from)
    }
    /// How many different clients are in some row; null where the rows add up.
    async fn distinct_clients(&self) -> Option<Figure> {
        self.0.distinct.map(Figure::from)
    }
    /// How many clients are in none; null where the rows add up.
    async fn clients_with_none(&self) -> Option<Figure> {
        self.0.without.map(Figure::from)
    }
    /// The average; null where none is told, or nobody was measured.
    async fn mean(&self) -> Option<ReportMean> {
        self.0.mean.map(ReportMean::from)
    }
    /// The rows as bars.
    async fn series(&self) -> ReportSeries {
        let series = self.0.series();
        ReportSeries { labels: series.labels.iter().map(LocalizedText::from).collect(), counts: series.counts, shares_bp: series.shares }
    }
}

/// A report.
pub struct Report(Told);

/// A report (raportti): figures of the clients of a cohort.
#[Object]
impl Report {
    /// Which report.
    async fn name(&self) -> ReportName {
        self.0.name
    }
    /// What it counts.
    async fn counted(&self) -> Counted {
        self.0.counted
    }
    /// How many of these there are: of a cohort's clients different persons, not cases.
    async fn population(&self) -> Figure {
        self.0.population_figure().into()
    }
    /// Its sections; none where there is nothing but how many there are.
    async fn sections(&self) -> Vec<ReportSection> {
        self.0.sections.iter().cloned().map(ReportSection).collect()
    }
}

/// The cohort that reports are about.
pub struct ReportCohort(Cohort);

/// The cohort that reports are about (kohortti): clients with a case that is so.
#[Object]
impl ReportCohort {
    /// Of one of these service tasks; empty where that does not matter.
    async fn service_tasks(&self) -> Vec<&str> {
        self.0.service_tasks.iter().map(String::as_str).collect()
    }
    /// Steered by one of these; empty where that does not matter.
    async fn referrers(&self) -> Vec<ReferrerKind> {
        self.0.referrers.iter().copied().collect()
    }
    /// Opened on this day or later; null where that does not matter.
    async fn opened_from(&self) -> Option<Date> {
        self.0.opened_from
    }
    /// Opened on this day or before; null where that does not matter.
    async fn opened_to(&self) -> Option<Date> {
        self.0.opened_to
    }
}

/// The reports of an organisation.
pub struct Reports(report::Reports);

/// The reports of an organisation (raportit) of one day, as known at one moment, of one cohort. Each is told in the same rendering, and that it was told is written down.
#[Object]
impl Reports {
    /// Of whose clients.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.asked().organization).await
    }
    /// What was so by the end of this day counts.
    async fn as_of(&self) -> Date {
        Date(self.0.asked().moments.as_of)
    }
    /// What was recorded by this moment counts. Asked again with it, the same is answered, whatever was recorded, corrected or withdrawn since; only what was destroyed by rule is gone.
    async fn known_at(&self) -> DateTime {
        DateTime(self.0.asked().moments.known_at)
    }
    /// The clients that it is about.
    async fn cohort(&self) -> ReportCohort {
        ReportCohort(self.0.asked().cohort.clone())
    }
    /// For whom it is told.
    async fn rendering(&self) -> Rendering {
        self.0.asked().rendering
    }
    /// Of how many clients a figure is told at the least, in what can be published.
    async fn k(&self) -> i32 {
        self.0.asked().least
    }
    /// Who the clients are at the start of their first case (asiakaskuvaus).
    async fn client_cohort(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.client_cohort(ctx.caller()).await.map(Report)
    }
    /// How many clients were taken in (kirjatut asiakkaat): work with them has begun.
    async fn registered_clients(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.registered_clients(ctx.caller()).await.map(Report)
    }
    /// Clients who came to purchased services (ostopalvelut), by the report class of the service. A client counts once in a row.
    async fn purchased_participation(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.purchased_participation(ctx.caller()).await.map(Report)
    }
    /// Clients who came to what is done together with partners (yhteistyötoiminnat), by the report class of the service. A client counts once in a row.
    async fn cooperation_participation(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.cooperation_participation(ctx.caller()).await.map(Report)
    }
    /// Clients who went on to other activities (muu aktivoituminen). To be guided, to come and to work are different things, and each row says which it counts.
    async fn other_activation(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.other_activation(ctx.caller()).await.map(Report)
    }
    /// What clients have got from it (koettu hyöty), of those whose final assessment is approved.
    async fn benefit_themes(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.benefit_themes(ctx.caller()).await.map(Report)
    }
    /// Who steered clients in (ohjanneet tahot), by the referrals behind their cases.
    async fn referral_sources(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.referral_sources(ctx.caller()).await.map(Report)
    }
    /// Where follow-on paths lead, and how far clients have come on them (jatkopolkujen kulku).
    async fn path_flow(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.path_flow(ctx.caller()).await.map(Report)
    }
    /// How long clients waited from becoming pending on (odotusajat), against what the law asks and the network promises, by each rule. Those who wait still are
    /// counted too; of a cohort by days of opening, nobody with whom work has not begun.
    async fn waiting_times(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.waiting_times(ctx.caller()).await.map(Report)
    }
    /// How clients have changed by an instrument from the beginning to the end of a case (muutos mittarilla), of those only who were measured both times.
    async fn outcome_change(&self, ctx: &Context<'_>, #[graphql(desc = "The key of the instrument, for example `WAS`.")] instrument: String) -> Result<Report> {
        self.0.outcome_change(ctx.caller(), &instrument).await.map(Report)
    }
    /// How many of the places at sessions that were held were used (kapasiteetin käyttö). The cohort does not narrow it.
    async fn capacity_use(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this day on; without it, from the beginning.")] from: Option<Date>,
    ) -> Result<Report> {
        self.0.capacity_use(ctx.caller(), from).await.map(Report)
    }
    /// Visits to open drop-in spaces (avoimen toiminnan käynnit), of days that are closed. The cohort does not narrow it.
    async fn drop_in_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this area or an area inside it; without it, everywhere.")] area: Option<AreaId>,
        #[graphql(desc = "From this day on; without it, from the beginning.")] from: Option<Date>,
    ) -> Result<Report> {
        self.0.drop_in_counts(ctx.caller(), area, from).await.map(Report)
    }
    /// Contacts in outreach (jalkautuvan työn kohtaamiset). The cohort does not narrow it.
    async fn outreach_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this area or an area inside it; without it, everywhere.")] area: Option<AreaId>,
        #[graphql(desc = "From this day on; without it, from the beginning.")] from: Option<Date>,
    ) -> Result<Report> {
        self.0.outreach_counts(ctx.caller(), area, from).await.map(Report)
    }
    /// What purchased services have cost a client (kustannus asiakasta kohden), of deliveries that were accepted.
    async fn cost_per_client(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.cost_per_client(ctx.caller()).await.map(Report)
    }
    /// What purchased services have cost for each client who has come to the end of a follow-on path (kustannus päätökseen tullutta polkua kohden): what was spent on
    /// others is in it.
    async fn cost_per_completed_path(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.cost_per_completed_path(ctx.caller()).await.map(Report)
    }
    /// What has become of consents (suostumukset). The cohort does not narrow it.
    async fn consent_statistics(&self, ctx: &Context<'_>) -> Result<Report> {
        self.0.consent_statistics(ctx.caller()).await.map(Report)
    }
}

/// Questions about what was recorded, in figures.
#[derive(Default)]
pub struct ReportQuery;

/// Questions about what was recorded, in figures.
#[Object]
impl ReportQuery {
    /// The reports of an organisation (raportit); null when they are not yours to read. As they are (`INTERNAL`), they are for its analysts and leads, for the purpose
    /// STATISTICS; what can be published (`PUBLISHABLE`), for its decision makers and project managers too.
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of whose clients: your own organisation's.")] organization: OrganizationId,
        #[graphql(desc = "What was so by the end of this day counts; not a day to come.")] as_of: Date,
        #[graphql(desc = "What was recorded by this moment counts; without it, all until now. Not a moment to come.")] known_at: Option<DateTime>,
        #[graphql(desc = "The clients that it is about; without it, all.")] cohort: Option<Cohort>,
        #[graphql(desc = "For whom it is told.")] rendering: Rendering,
        #[graphql(desc = "Of how many clients a figure is told at the least in what can be published, 5 to 100.", default_with = "LEAST")] k: i32,
    ) -> Result<Option<Reports>> {
        let caller = ctx.caller();
        caller.signed_in()?;
        let known_at = known_at.map(|at| at.0);
        let asking = Asking { organization, as_of: as_of.0, known_at, cohort: cohort.unwrap_or_default(), rendering, least: k };
        Ok(report::Reports::ask(caller, asking)?.map(Reports))
    }
}
