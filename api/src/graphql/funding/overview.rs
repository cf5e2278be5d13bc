//! Procurement's overview: what is used of the contracts, which of them end soon, and how providers do.
use super::{
    ContractLine, FrameworkContract, Quantity,
    drawdown::{counted, quantity},
};
use crate::{
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        text::Money,
    },
    snapshot::name_key,
};
use async_graphql::{Context, Object, SimpleObject};
use chrono::{Days, NaiveDate};
use domain::{
    catalogue::session::day,
    funding::{
        contract::ContractState,
        quality::{self, Quarter},
    },
    id::OrganizationId,
    rejection::{Code, Rejection},
    scalar::Date,
    text::Language,
};
use entity::funding::{contract_line, framework_contract};
use sea_orm::{ColumnTrait, Condition};

/// What an organisation buys, and of whom (hankinnan yleiskuva).
pub struct PurchasingOverview {
    organization: OrganizationId,
    quarter: Quarter,
}

/// What an organisation buys, and of whom (hankinnan yleiskuva): for its procurement and decision makers. All figures are counts and sums of what this
/// organisation has ordered itself: none tells of whom. How providers do is told of a quarter that is over, the same whenever it is asked, and of five clients or more
/// of whom something is so, or of none, and of whom it is not: of fewer it would tell of somebody.
#[Object]
impl PurchasingOverview {
    /// The organisation.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.organization).await
    }
    /// The first day of which the figures of providers tell.
    async fn from(&self) -> Date {
        Date(self.quarter.first())
    }
    /// The last day.
    async fn to(&self) -> Date {
        Date(self.quarter.last())
    }
    /// What is used of the contracts that are signed or in force (sopimusten käyttöaste), the one that ends first first.
    async fn contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that end within so many days from today, 0 to 3650.", validator(minimum = 0, maximum = 3650))] ending_within_days: Option<
            i32,
        >,
        #[graphql(desc = "How many at most, 1 to 100.", default = 100, validator(minimum = 1, maximum = 100))] first: i32,
    ) -> Result<Vec<ContractUse>> {
        let mut rows = ctx.caller().reader().find::<framework_contract::Entity>().filter(self.held(ctx, ending_within_days)).all().await?;
        rows.sort_by_key(|row| (row.valid_to, row.id));
        rows.truncate(usize::try_from(first).unwrap_or_default());
        Ok(rows.into_iter().map(ContractUse).collect())
    }
    /// How many such contracts there are in all, those among them that `contracts` leaves out.
    async fn contract_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that end within so many days from today, 0 to 3650.", validator(minimum = 0, maximum = 3650))] ending_within_days: Option<
            i32,
        >,
    ) -> Result<i32> {
        let count = ctx.caller().reader().find::<framework_contract::Entity>().filter(self.held(ctx, ending_within_days)).count().await?;
        Ok(count.try_into().unwrap_or(i32::MAX))
    }
    /// How the providers have done of whom something was ordered, or who were chosen with vouchers (tuottajien laatu), by name: what happened in this quarter, as it was
    /// when somebody asked first.
    async fn providers(&self, ctx: &Context<'_>) -> Result<Vec<ProviderQuality>> {
        let caller = ctx.caller();
        let found = if let Some(told) = caller.reader().told_quality(self.organization, self.quarter).await? {
            told
        } else {
            let found = caller.reader().quality_of_providers(self.organization, self.quarter).await?;
            caller.write(async |work| work.tell_quality(self.organization, self.quarter, found).await).await?
        };
        let s = caller.catalogue();
        let mut found: Vec<_> = found.0.into_iter().map(|(provider, figures)| ProviderQuality { provider, figures }).collect();
        let name = |id| s.organizations.get(id).map(|row| name_key(&row.content.name, Language::Fi)).unwrap_or_default();
        found.sort_by_cached_key(|one| (name(one.provider), one.provider));
        Ok(found)
    }
}

impl PurchasingOverview {
    /// Contracts that are signed or in force, and end within so many days.
    fn held(&self, ctx: &Context<'_>, ending_within_days: Option<i32>) -> Condition {
        use framework_contract::Column as C;
        let today = day(ctx.caller().now());
        let last = ending_within_days.and_then(|days| today.checked_add_days(Days::new(u64::try_from(days).unwrap_or_default())));
        Condition::all()
            .add(C::OrganizationId.eq(self.organization))
            .add(C::State.is_in([ContractState::Signed, ContractState::InForce, ContractState::Suspended]))
            .add(C::ValidTo.gte(today))
            .add_option(last.map(|last| C::ValidTo.lte(last)))
    }
}

/// What is used of a contract.
pub struct ContractUse(framework_contract::Model);

/// What is used of a contract (sopimuksen käyttö): each figure beside what it is of.
#[Object]
impl ContractUse {
    /// The contract.
    async fn contract(&self) -> FrameworkContract {
        self.0.clone().into()
    }
    /// Its last day, with the options that have been taken up.
    async fn ends_on(&self) -> Date {
        Date(self.0.valid_to)
    }
    /// How many options are left by which it can go on.
    async fn options_left(&self) -> i32 {
        i32::try_from(self.0.content.options.len()).unwrap_or(i32::MAX) - self.0.options_taken
    }
    /// The most that is ordered by it in all, without value added tax.
    async fn ceiling(&self) -> Result<Money> {
        Money::of_cents(self.0.ceiling_cents)
    }
    /// What has been ordered and not taken back; of orders that are over, what was delivered.
    async fn ordered(&self, ctx: &Context<'_>) -> Result<Money> {
        Money::of_cents(counted(ctx, self.0.id, None).await?.ordered.cents)
    }
    /// What has been delivered and not taken back.
    async fn delivered(&self, ctx: &Context<'_>) -> Result<Money> {
        Money::of_cents(counted(ctx, self.0.id, None).await?.delivered.cents)
    }
    /// What of that is on invoices.
    async fn invoiced(&self, ctx: &Context<'_>) -> Result<Money> {
        Money::of_cents(counted(ctx, self.0.id, None).await?.invoiced.cents)
    }
    /// The same by line.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<LineUse>> {
        let lines = ctx.caller().children::<contract_line::Entity>(self.0.id).await?;
        Ok(lines.into_iter().map(LineUse).collect())
    }
}

/// What is used of a line of a contract.
pub struct LineUse(contract_line::Model);

/// What is used of a line of a contract (sopimusrivin käyttö), in the unit of the line.
#[Object]
impl LineUse {
    /// The line.
    async fn line(&self) -> ContractLine {
        self.0.clone().into()
    }
    /// The most that is ordered of it; null when only money has a ceiling.
    async fn most(&self) -> Option<Quantity> {
        self.0.content.most.map(Quantity::from)
    }
    /// How much has been ordered and not taken back; of orders that are over, what was delivered.
    async fn ordered(&self, ctx: &Context<'_>) -> Result<Quantity> {
        quantity(counted(ctx, self.0.contract_id, Some(self.0.id)).await?.ordered.hundredths)
    }
    /// How much has been delivered and not taken back.
    async fn delivered(&self, ctx: &Context<'_>) -> Result<Quantity> {
        quantity(counted(ctx, self.0.contract_id, Some(self.0.id)).await?.delivered.hundredths)
    }
    /// How much of that is on invoices.
    async fn invoiced(&self, ctx: &Context<'_>) -> Result<Quantity> {
        quantity(counted(ctx, self.0.contract_id, Some(self.0.id)).await?.invoiced.hundredths)
    }
}

/// So many of so many (osuus). What is about clients is not told where it is so of fewer than five of them, though of some, or not so of fewer than five; and nothing
/// of fewer than five in all.
#[derive(SimpleObject)]
pub struct Share {
    /// How many; null where it is not told.
    part: Option<i32>,
    /// Of how many; null where it is not told.
    whole: Option<i32>,
    /// It is not told, for there are too few.
    suppressed: bool,
}

impl From<quality::Share> for Share {
    fn from(share: quality::Share) -> Self {
        let told = share.told();
        Self { part: told.map(|share| share.part), whole: told.map(|share| share.whole), suppressed: told.is_none() }
    }
}

/// How a provider does.
pub struct ProviderQuality {
    provider: OrganizationId,
    figures: quality::Quality,
}

/// How a provider does (tuottajan laatu), reckoned of what this organisation has ordered of it, and of what clients have chosen it for with this organisation's
/// vouchers. Each figure is of what happened in the quarter.
#[Object]
impl ProviderQuality {
    /// The provider.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.provider).await
    }
    /// How many orders were placed.
    async fn orders(&self) -> i32 {
        self.figures.orders.placed
    }
    /// How many orders were answered by the last day for that, of those that were answered or not answered in time.
    async fn answered_in_time(&self) -> Share {
        self.figures.orders.answered_in_time.into()
    }
    /// In how many hours half of the answers came; null when they were of fewer than five clients.
    async fn median_answer_hours(&self) -> Option<i32> {
        self.figures.orders.median_hours
    }
    /// In how many hours nine of ten answers came; null when they were of fewer than five clients.
    async fn ninetieth_answer_hours(&self) -> Option<i32> {
        self.figures.orders.ninetieth_hours
    }
    /// For how many days half of the ordered services that began were waited for, from the day for which they were ordered or on which they were placed after that;
    /// null when they were of fewer than five clients.
    async fn median_start_days(&self) -> Option<i32> {
        self.figures.orders.median_start_days
    }
    /// How many orders the provider refused, of those that it answered.
    async fn rejected(&self) -> Share {
        self.figures.orders.rejected.into()
    }
    /// How many services were given as ordered, of those that came to their end.
    async fn completed(&self) -> Share {
        self.figures.orders.completed.into()
    }
    /// With how many vouchers clients have chosen the provider.
    async fn vouchers(&self) -> i32 {
        self.figures.vouchers.chosen
    }
    /// For how many days half of what began to be given by vouchers was waited for, from the first day of the voucher or that of the choice after that; null when it was
    /// of fewer than five clients.
    async fn median_voucher_start_days(&self) -> Option<i32> {
        self.figures.vouchers.median_start_days
    }
    /// How many vouchers were used up, of those that came to their end after something was given by them.
    async fn used_up_vouchers(&self) -> Share {
        self.figures.vouchers.used_up.into()
    }
    /// How often clients stayed away without a word, of the attendances at sessions of a service that was ordered for them and confirmed, on the days of that order, or
    /// that they have chosen with a voucher, on the days of that.
    async fn no_shows(&self) -> Share {
        self.figures.no_shows.into()
    }
    /// How many deliveries, of orders and by vouchers, were disputed, of those that were told of the days of the quarter.
    async fn disputed_deliveries(&self) -> Share {
        self.figures.disputed.into()
    }
    /// How many invoices did not agree with the deliveries when they came.
    async fn mismatched_invoices(&self) -> Share {
        self.figures.mismatched.into()
    }
    /// To how many complaints there was nothing, of those that came to their end.
    async fn unfounded_complaints(&self) -> Share {
        self.figures.complaints.unfounded.into()
    }
    /// How many complaints the provider answered by the last day for that, of those that it answered or did not answer in time.
    async fn complaints_answered_in_time(&self) -> Share {
        self.figures.complaints.answered_in_time.into()
    }
}

/// The quarter of which figures are asked: one of the calendar, into which nothing is written any more.
fn quarter_of(from: Date, to: Date, today: NaiveDate) -> Result<Quarter> {
    if to < from {
        return Err(Error::reject(Code::DateOrder, &["to"]));
    }
    let whole = Quarter::around(from.0);
    let quarter = Quarter::of(from.0, to.0).ok_or_else(|| Rejection::with(Code::OutOfRange, &["to"], format!("{}–{}", whole.first(), whole.last())))?;
    if today < quarter.told_from() {
        return Err(Rejection::with(Code::TooEarly, &["to"], quarter.told_from().to_string()).into());
    }
    Ok(quarter)
}

/// Questions about what is bought.
#[derive(Default)]
pub struct OverviewQuery;

/// Questions about what is bought.
#[Object]
impl OverviewQuery {
    /// What an organisation buys, and how its providers do (hankinnan yleiskuva); null when it is not yours to look over.
    async fn purchasing_overview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that orders: your own.")] organization: OrganizationId,
        #[graphql(desc = "The first day of which the figures of providers tell: that of a quarter of the year.")] from: Date,
        #[graphql(desc = "The last day of that quarter. It is told of from the day on which nothing is written into its last month any more.")] to: Date,
    ) -> Result<Option<PurchasingOverview>> {
        ctx.caller().signed_in()?;
        let quarter = quarter_of(from, to, day(ctx.caller().now()))?;
        Ok(ctx.caller().reader().oversees(organization).then_some(PurchasingOverview { organization, quarter }))
    }
}
