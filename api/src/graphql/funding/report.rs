//! Reports of providers: type, the list of an organisation, moves.
use super::PurchaseOrder;
use crate::{
    act::funding::report::{self as act, RequestReport, Which},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    funding::report::{ProviderReportContent, ReportKind, ReportMove, ReportState},
    id::{Kinded, OrganizationId, ProviderReportId, PurchaseOrderId},
    machine::Machine,
    noted_field::NotedField,
    scalar::{Date, DateTime},
};
use entity::funding::{provider_report as table, purchase_order};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A report of a provider (tuottajan raportti).
pub struct ProviderReport(Arc<table::Model>);

impl From<table::Model> for ProviderReport {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl ProviderReport {
    /// What is told, once it is.
    fn told(&self, ctx: &Context<'_>) -> Result<Option<ProviderReportContent>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ProviderReportContent, act::content(ctx.caller().vault(), &self.0)?))
    }
}

/// A report of a provider (tuottajan raportti): how an ordered service goes or went. The provider and those with a care relation see it; the client, once it is
/// accepted.
#[Object]
impl ProviderReport {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What it tells of.
    async fn kind(&self) -> ReportKind {
        self.0.kind
    }
    /// Where it is.
    async fn state(&self) -> ReportState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<ReportMove> {
        self.0.state.moves().collect()
    }
    /// The order; null for the provider a while after its end.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        Ok(ctx.caller().peek::<purchase_order::Entity>(self.0.order_id).await?.map(PurchaseOrder::from))
    }
    /// The organisation that orders.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who provides.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The last day on which it is to be given.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// How the service goes or went; null until it is told.
    async fn text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.told(ctx)?.map(|told| told.text))
    }
    /// How the client's functional capacity has changed; null when it is not told.
    async fn functional_change(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.told(ctx)?.and_then(|told| told.functional_change))
    }
    /// What is recommended from here on; null when it is not told.
    async fn recommendation(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.told(ctx)?.and_then(|told| told.recommendation))
    }
    /// Why it was given back the last time; null when it never was.
    async fn return_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ProviderReportReturned, act::returned(ctx.caller().vault(), &self.0)?))
    }
    /// When it was given the last time; null until then.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }
    /// Who gave it, by the stable key; null until then.
    async fn submitted_by(&self) -> Option<&str> {
        self.0.submitted_by.as_deref()
    }
    /// When it was accepted; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }
    /// Who accepted it, by the stable key; null until then.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }
    /// What you may do with it, as relations are now.
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

payload! {
    /// The outcome of asking for a report, or moving it.
    ProviderReportPayload {
        /// The report as it is now; null when it was refused.
        provider_report: ProviderReport
    }
}

/// A report that is asked for.
#[derive(InputObject)]
struct RequestProviderReportInput {
    /// The order: one that your organisation has placed and that the provider gives.
    order: PurchaseOrderId,
    /// What it is to tell of; of the end only where the contract asks for none.
    kind: ReportKind,
    /// By which day: today or later, at most two years ahead.
    due_on: Date,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is told in a report.
#[derive(InputObject)]
struct SubmitProviderReportInput {
    /// The report.
    id: ProviderReportId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is told, whole.
    content: ProviderReportContent,
}

/// A report that is given back.
#[derive(InputObject)]
struct ReturnProviderReportInput {
    /// The report.
    id: ProviderReportId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters.
    reason: String,
}

/// A report that is accepted.
#[derive(InputObject)]
struct ApproveProviderReportInput {
    /// The report.
    id: ProviderReportId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which reports.
#[derive(InputObject, Default)]
struct ProviderReportFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ReportState>>,
    /// To be given on this day or before.
    due_by: Option<Date>,
}

/// By what reports are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ProviderReportOrderField {
    /// The last day on which they are to be given.
    DueOn,
    /// When they were last changed.
    UpdatedAt,
}

order_by! {
    /// How reports are put in order.
    ProviderReportOrder by ProviderReportOrderField
}

/// Questions about reports of providers.
#[derive(Default)]
pub struct ProviderReportQuery;

/// Questions about reports of providers.
#[Object]
impl ProviderReportQuery {
    /// The reports that an organisation is to give, or has asked for (tuottajien raportit), by default the most urgent first.
    async fn provider_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that provides or orders: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<ProviderReportFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<ProviderReportOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ProviderReport>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let condition = Condition::all()
            .add(Condition::any().add(table::Column::OrganizationId.eq(organization)).add(table::Column::ProviderId.eq(organization)))
            .add_option(filter.states.map(|states| table::Column::State.is_in(states)))
            .add_option(filter.due_by.map(|by| table::Column::DueOn.lte(by.0)));
        let by = order::keys(order_by, (ProviderReportOrderField::DueOn, false))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                ProviderReportOrderField::DueOn => SortedBy::Day(table::Column::DueOn, |row: &table::Model| row.due_on.to_string()),
                ProviderReportOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, ProviderReport::from).await
    }
}

/// Changes of reports of providers.
#[derive(Default)]
pub struct ProviderReportMutation;

/// Changes of reports of providers.
#[Object]
impl ProviderReportMutation {
    /// Asks the provider of an order for a report (pyydä raportti), as those who order.
    async fn request_provider_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which order, and by when.")] input: RequestProviderReportInput,
    ) -> Result<ProviderReportPayload> {
        let what = RequestReport { order: input.order, kind: input.kind, due_on: input.due_on };
        ProviderReportPayload::of(ctx, act::request(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Gives a report as the provider (toimita raportti): the first time, and again when it was given back.
    async fn submit_provider_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what is told.")] input: SubmitProviderReportInput,
    ) -> Result<ProviderReportPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        ProviderReportPayload::of(ctx, act::submit(ctx.caller(), which, input.content).await)
    }
    /// Gives a report back to the provider as those who order (palauta raportti), with the reason.
    async fn return_provider_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReturnProviderReportInput,
    ) -> Result<ProviderReportPayload> {
        let which = Which { id: input.id, expected: input.expected_version };
        ProviderReportPayload::of(ctx, act::give_back(ctx.caller(), which, input.reason).await)
    }
    /// Accepts a report as those who order (hyväksy raportti). With one of the end, an order that is being given is completed.
    async fn approve_provider_report(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ApproveProviderReportInput) -> Result<ProviderReportPayload> {
        ProviderReportPayload::of(ctx, act::approve(ctx.caller(), Which { id: input.id, expected: input.expected_version }).await)
    }
}
