//! Framework contracts: type, lists, moves.
use super::{
    ContractLine, Procurement,
    drawdown::{self, ContractDrawdown},
};
use crate::{
    act::funding::contract as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Money, shown},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    funding::contract::{self as rules, ContractMove, ContractState, FrameworkContractContent},
    id::{FrameworkContractId, Kinded, OrganizationId},
    machine::Machine,
    scalar::{Date, DateTime},
};
use entity::funding::{contract_line, framework_contract as table, procurement};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A framework contract (puitesopimus).
pub struct FrameworkContract(Arc<table::Model>);

impl From<table::Model> for FrameworkContract {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A framework contract (puitesopimus) of purchased services. The organisation that orders sees it; the manager of its provider, from the day on which it is
/// put before the provider; nobody else.
#[Object]
impl FrameworkContract {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Its number in the register of the organisation that orders.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// The organisation that orders.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who provides.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The procurement in which the provider was chosen; null when there was none, and for the provider.
    async fn procurement(&self, ctx: &Context<'_>) -> Result<Option<Procurement>> {
        match self.0.procurement_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<procurement::Entity>(id).await?.map(Procurement::from)),
        }
    }
    /// Where it is.
    async fn state(&self) -> ContractState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<ContractMove> {
        self.0.state.moves().collect()
    }
    /// The first day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }
    /// The last day, with the options that have been taken up.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }
    /// The options to go on for longer, in the order in which they can be taken up.
    async fn options(&self) -> Vec<ContractOption> {
        let taken = usize::try_from(self.0.options_taken).unwrap_or_default();
        self.0.content.options.iter().enumerate().map(|(i, option)| ContractOption { months: option.months, taken_up: i < taken }).collect()
    }
    /// The most that is ordered by it in all, without value added tax (enimmäisarvo).
    async fn ceiling(&self) -> Money {
        self.0.content.ceiling.into()
    }
    /// Within how many days the provider answers an order.
    async fn answer_days(&self) -> i32 {
        self.0.content.answer_days
    }
    /// Within how many days after the end of a service its report is due; null when no report is agreed.
    async fn report_days(&self) -> Option<i32> {
        self.0.content.report_days
    }
    /// For how many days orders that are being delivered go on after the contract has ended before its time.
    async fn wind_down_days(&self) -> i32 {
        self.0.content.wind_down_days
    }
    /// What is agreed on cancelling an order late; null when that costs nothing.
    async fn cancellation(&self) -> Option<CancellationTerms> {
        self.0.content.cancellation.map(CancellationTerms::from)
    }
    /// What else is agreed on cancelling, notice and fees; null when nothing.
    async fn terms(&self) -> Option<LocalizedText> {
        shown(self.0.content.terms.as_ref())
    }
    /// By what the service is looked at.
    async fn key_figures(&self) -> Vec<KeyFigure> {
        self.0.content.key_figures.iter().map(KeyFigure::from).collect()
    }
    /// The agreement on the processing of personal data; null until there is one.
    async fn processing_agreement(&self) -> Option<ProcessingAgreement> {
        self.0.content.processing_agreement.clone().map(ProcessingAgreement::from)
    }
    /// A pilot (kokeilu).
    async fn pilot(&self) -> bool {
        self.0.content.pilot
    }
    /// Its lines, the oldest first.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ContractLine>> {
        page::children::<contract_line::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// What has been ordered by it, and what is free.
    async fn drawdown(&self, ctx: &Context<'_>) -> Result<ContractDrawdown> {
        drawdown::of_contract(ctx, &self.0).await
    }
    /// When the organisation that orders signed it; null until then.
    async fn offered_at(&self) -> Option<DateTime> {
        self.0.offered_at.map(DateTime)
    }
    /// Who signed it for the organisation that orders, by the stable key; null until then.
    async fn offered_by(&self) -> Option<&str> {
        self.0.offered_by.as_deref()
    }
    /// When the provider signed it; null until then.
    async fn signed_at(&self) -> Option<DateTime> {
        self.0.signed_at.map(DateTime)
    }
    /// Who signed it for the provider, by the stable key; null until then.
    async fn signed_by(&self) -> Option<&str> {
        self.0.signed_by.as_deref()
    }
    /// Why nothing was ordered for a while, or why it was ended, as was said last; null when neither.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// An option (optio) of a contract.
#[derive(SimpleObject)]
pub struct ContractOption {
    /// By how many months it prolongs the contract.
    months: i32,
    /// It has been taken up.
    taken_up: bool,
}

/// What is agreed on cancelling an order, or ending its service before its time (peruutusehto): a share of it is paid for where that is late.
#[derive(SimpleObject)]
pub struct CancellationTerms {
    /// An order that was confirmed is cancelled without a fee until so many days before its first day, and a day of a service that runs until so many days before it.
    notice_days: i32,
    /// The share that is paid for of what is cancelled later than that, in basis points: of all that was ordered, or of what is left of a service and falls, spread
    /// evenly until its last day, on days of which notice is too late.
    share_bp: i32,
}

impl From<rules::CancellationTerms> for CancellationTerms {
    fn from(terms: rules::CancellationTerms) -> Self {
        Self { notice_days: terms.notice_days, share_bp: terms.share_bp }
    }
}

/// A key figure (mittari) by which a service is looked at.
#[derive(SimpleObject)]
pub struct KeyFigure {
    /// What is looked at.
    name: LocalizedText,
    /// What it should be.
    target: LocalizedText,
}

impl From<&rules::KeyFigure> for KeyFigure {
    fn from(figure: &rules::KeyFigure) -> Self {
        Self { name: (&figure.name).into(), target: (&figure.target).into() }
    }
}

/// The agreement on the processing of personal data (henkilötietojen käsittelysopimus, GDPR 28).
#[derive(SimpleObject)]
pub struct ProcessingAgreement {
    /// Where the document is kept.
    reference: String,
    /// The day of the document.
    dated_on: Date,
    /// The provider may let others process.
    subprocessors_allowed: bool,
}

impl From<rules::ProcessingAgreement> for ProcessingAgreement {
    fn from(agreement: rules::ProcessingAgreement) -> Self {
        let rules::ProcessingAgreement { reference, dated_on, subprocessors_allowed } = agreement;
        Self { reference, dated_on, subprocessors_allowed }
    }
}

payload! {
    /// The outcome of drafting, changing or moving a contract.
    FrameworkContractPayload {
        /// The contract as it is now; null when it was refused.
        framework_contract: FrameworkContract
    }
}

/// A contract that is drafted.
#[derive(InputObject)]
struct DraftFrameworkContractInput {
    /// The organisation that orders: your own.
    organization: OrganizationId,
    /// What is said of it.
    content: FrameworkContractContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a draft from now on.
#[derive(InputObject)]
struct UpdateFrameworkContractInput {
    /// The contract.
    id: FrameworkContractId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: FrameworkContractContent,
}

/// A contract that goes on.
#[derive(InputObject)]
struct FrameworkContractMoveInput {
    /// The contract.
    id: FrameworkContractId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A contract by which nothing is ordered for a while, or that ends before its time.
#[derive(InputObject)]
struct FrameworkContractReasonInput {
    /// The contract.
    id: FrameworkContractId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; both sides read it.
    reason: String,
}

/// Which contracts.
#[derive(InputObject, Default)]
struct FrameworkContractFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ContractState>>,
    /// Of one of these providers.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// Whose last day is this one or earlier: what is about to expire.
    ends_by: Option<Date>,
    /// With this text in the number or the name, whatever its case and accents.
    search: Option<String>,
}

/// By what contracts are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum FrameworkContractOrderField {
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// By their last day.
    ValidTo,
}

order_by! {
    /// How contracts are put in order.
    FrameworkContractOrder by FrameworkContractOrderField
}

/// Questions about framework contracts.
#[derive(Default)]
pub struct FrameworkContractQuery;

/// Questions about framework contracts.
#[Object]
impl FrameworkContractQuery {
    /// A framework contract (puitesopimus); null when there is none, or it is not yours to see.
    async fn framework_contract(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: FrameworkContractId) -> Result<Option<FrameworkContract>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(FrameworkContract::from))
    }
    /// The framework contracts that your organisation orders by, or provides by (puitesopimukset), by default the newest first.
    async fn framework_contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<FrameworkContractFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<FrameworkContractOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<FrameworkContract>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.providers.map(|providers| table::Column::ProviderId.is_in(providers)))
            .add_option(f.ends_by.map(|day| table::Column::ValidTo.lte(day.0)))
            .add_option(page::words(f.search.as_deref())?.map(|text| page::contains(table::Column::Search, &text)));
        let by = order::keys(order_by, (FrameworkContractOrderField::CreatedAt, true))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                FrameworkContractOrderField::CreatedAt => SortedBy::Creation,
                FrameworkContractOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
                FrameworkContractOrderField::ValidTo => SortedBy::Day(table::Column::ValidTo, |row: &table::Model| row.valid_to.to_string()),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, FrameworkContract::from).await
    }
}

async fn go(ctx: &Context<'_>, input: FrameworkContractMoveInput, by: ContractMove) -> Result<FrameworkContractPayload> {
    FrameworkContractPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, None).await)
}

async fn reasoned(ctx: &Context<'_>, input: FrameworkContractReasonInput, by: ContractMove) -> Result<FrameworkContractPayload> {
    FrameworkContractPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, Some(input.reason)).await)
}

/// Changes of framework contracts.
#[derive(Default)]
pub struct FrameworkContractMutation;

/// Changes of framework contracts.
#[Object]
impl FrameworkContractMutation {
    /// Drafts a framework contract of your own organisation (luonnostele puitesopimus).
    async fn draft_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who orders, and what is said of it.")] input: DraftFrameworkContractInput,
    ) -> Result<FrameworkContractPayload> {
        let what = act::DraftContract { organization: input.organization, content: input.content };
        FrameworkContractPayload::of(ctx, act::draft(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a draft.
    async fn update_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract, and what is said of it.")] input: UpdateFrameworkContractInput,
    ) -> Result<FrameworkContractPayload> {
        FrameworkContractPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Signs a contract for the organisation that orders, and puts it before the provider (allekirjoita tilaajana); refused with one user error for each part
    /// that is missing.
    async fn offer_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::Offer).await
    }
    /// Takes a contract back that the provider has not signed, to write on it again.
    async fn take_back_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::TakeBack).await
    }
    /// Signs a contract for the provider (allekirjoita tuottajana), as its manager.
    async fn sign_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::Sign).await
    }
    /// Takes up the next option (käytä optio): the contract goes on for longer.
    async fn extend_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::Extend).await
    }
    /// Orders nothing new by a contract for a while (keskeytä tilaukset).
    async fn suspend_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: FrameworkContractReasonInput,
    ) -> Result<FrameworkContractPayload> {
        reasoned(ctx, input, ContractMove::Suspend).await
    }
    /// Orders by a contract again (jatka tilauksia).
    async fn resume_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::Resume).await
    }
    /// Ends a contract before its time (irtisano tai pura).
    async fn terminate_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: FrameworkContractReasonInput,
    ) -> Result<FrameworkContractPayload> {
        reasoned(ctx, input, ContractMove::Terminate).await
    }
    /// Throws a draft away.
    async fn cancel_framework_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FrameworkContractMoveInput,
    ) -> Result<FrameworkContractPayload> {
        go(ctx, input, ContractMove::Cancel).await
    }
}
