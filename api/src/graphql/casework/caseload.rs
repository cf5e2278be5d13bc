//! Worklists: one's own cases, and those of an organisation.
use super::Case;
use crate::{
    act::casework::worker,
    error::{Error, Result},
    graphql::{
        Asked,
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
    },
    store::Window,
};
use async_graphql::{Context, Enum, InputObject, Object};
use domain::{
    actor::{Actor, Role},
    casework::case::CaseStage,
    catalogue::session::day,
    id::{CaseId, OrganizationId},
    policy::{Worker, leads_cases, takes_cases},
};
use entity::casework::case as table;
use sea_orm::{ColumnTrait, Condition};

/// Which cases.
#[derive(InputObject, Default)]
struct CaseFilter {
    /// In one of these stages; without it, all but CLOSED.
    #[graphql(validator(max_items = 20))]
    stages: Option<Vec<CaseStage>>,
    /// Only those a deadline of which has passed and is not met, or only the others.
    overdue: Option<bool>,
    /// Only those that are suspended, or only the others.
    suspended: Option<bool>,
    /// Of one of these own workers, by their stable keys.
    #[graphql(validator(max_items = 100))]
    own_workers: Option<Vec<String>>,
}

/// By what cases are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum CaseOrderField {
    /// The last day of the deadline that is to be met next; those without one count as the latest.
    NextDeadline,
    /// When they became pending.
    PendingAt,
    /// When they were last changed.
    UpdatedAt,
    /// When they were made.
    CreatedAt,
}

order_by! {
    /// How cases are put in order.
    CaseOrder by CaseOrderField
}

payload! {
    /// The outcome of handing a caseload over.
    CaseloadPayload {
        /// How many cases were handed over; null when it was refused.
        handed_over: i32
    }
}

/// A caseload that is handed over.
#[derive(InputObject)]
struct HandOverCaseloadInput {
    /// The organisation: your own.
    organization: OrganizationId,
    /// Whose cases, by the stable key; without it your own. Another's by the lead only.
    from: Option<String>,
    /// The own worker from now on, by the stable key: a colleague of the same organisation.
    to: String,
    /// More in words, at most 5000 characters, for each case. The clients can read it.
    words: Option<String>,
}

/// Questions about cases.
#[derive(Default)]
pub struct CaseQuery;

/// Questions about cases.
#[Object]
impl CaseQuery {
    /// A case (asiakkuus); null when there is none, or it is not yours to see.
    async fn case(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: CaseId) -> Result<Option<Case>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Case::from))
    }
    /// Your cases (omat asiakkuudet): those whose own worker you are, in which you take part, or whose own worker you stand in for; those with
    /// the nearest deadline first.
    async fn my_caseload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<CaseFilter>,
        #[graphql(desc = "In which order; without it, by the next deadline, the earliest first.")] order_by: Option<Vec<CaseOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Case>> {
        let window = Window::parse(first, after, last, before)?;
        let Actor::Person { subject, standings, occasion } = ctx.caller().signed_in()? else { return Err(Error::Forbidden) };
        let of = |fits: fn(Role) -> bool| standings.iter().filter(|s| fits(s.role)).map(|s| s.organization).collect();
        let worker = Worker { subject: subject.clone(), organizations: of(takes_cases), led: of(leads_cases), at: occasion.at };
        list(ctx, table::of_worker(&worker), filter, order_by, &window).await
    }
    /// The cases of an organisation (yksikön asiakkuudet): its lead sees each, without who the client is; others those of their own clients.
    async fn unit_caseload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<CaseFilter>,
        #[graphql(desc = "In which order; without it, by the next deadline, the earliest first.")] order_by: Option<Vec<CaseOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Case>> {
        let window = Window::parse(first, after, last, before)?;
        list(ctx, Condition::all().add(table::Column::OrganizationId.eq(organization)), filter, order_by, &window).await
    }
}

async fn list(ctx: &Context<'_>, whose: Condition, filter: Option<CaseFilter>, order_by: Option<Vec<CaseOrder>>, window: &Window) -> Result<Page<Case>> {
    ctx.caller().signed_in()?;
    let filter = filter.unwrap_or_default();
    let today = day(ctx.caller().now());
    let stages = match filter.stages {
        Some(stages) => table::Column::Stage.is_in(stages),
        None => table::Column::Stage.ne(CaseStage::Closed),
    };
    let overdue = |yes: bool| if yes { table::Column::NextDueOn.lt(today) } else { table::Column::NextDueOn.gte(today) };
    let suspended = |yes: bool| if yes { table::Column::Suspension.is_not_null() } else { table::Column::Suspension.is_null() };
    let condition = whose
        .add(stages)
        .add_option(filter.overdue.map(overdue))
        .add_option(filter.suspended.map(suspended))
        .add_option(filter.own_workers.map(|workers| table::Column::OwnWorker.is_in(workers)));
    let by = order::keys(order_by, (CaseOrderField::NextDeadline, false))?;
    let order = order::in_database(&by, |field| {
        Ok(match field {
            CaseOrderField::NextDeadline => SortedBy::Day(table::Column::NextDueOn, |row: &table::Model| row.next_due_on.to_string()),
            CaseOrderField::PendingAt => SortedBy::Time(table::Column::PendingAt, |row: &table::Model| order::moment(row.pending_at)),
            CaseOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
            CaseOrderField::CreatedAt => SortedBy::Creation,
        })
    })?;
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, window, Case::from).await
}

/// Changes of caseloads.
#[derive(Default)]
pub struct CaseloadMutation;

/// Changes of caseloads.
#[Object]
impl CaseloadMutation {
    /// Hands all open cases of a worker over (siirrä asiakkuudet) to a colleague: your own, or, as the lead, another's.
    async fn hand_over_caseload(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and to whom.")] input: HandOverCaseloadInput) -> Result<CaseloadPayload> {
        let outcome = worker::hand_over_all(ctx.caller(), input.organization, input.from.as_deref(), &input.to, input.words.as_deref()).await;
        CaseloadPayload::of(ctx, outcome)
    }
}
