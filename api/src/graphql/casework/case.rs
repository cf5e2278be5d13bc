//! Cases, as they are shown.
use super::{CaseEvent, IntakeBaseline, Referral, deadline::CaseDeadline};
use crate::{
    act::casework::deadline,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        code::{self, Code},
        page::{self, Page},
        person::{CareRelation, Client, client_of},
        text::LocalizedText,
    },
    store::Window,
};
use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage, SuspensionReason},
        referral::ReferralState,
    },
    catalogue::session::day,
    deadline::{self as rules, DeadlineGroup},
    id::Kinded,
    machine::Machine,
    noted_field::NotedField,
    person::relation::RelationBasis,
    policy::moves_case,
    scalar::{Date, DateTime},
};
use entity::{
    casework::{case as table, case_event, intake_baseline, referral},
    person::care_relation,
};
use std::sync::Arc;

/// A case (asiakkuus).
pub struct Case(pub Arc<table::Model>);

impl From<table::Model> for Case {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A suspension (keskeytys) that is on.
#[derive(SimpleObject)]
struct CaseSuspension {
    /// Since when.
    since: DateTime,
    /// The day on which it is looked at again.
    review_on: Date,
    /// Why; null for those who do not see what happens in the case, and for those whose care relation rests on the handling of a referral alone. Reading it
    /// is kept in the use log.
    reason: Option<SuspensionReason>,
}

impl Case {
    /// What happens in the case is told to the caller: to those with a care relation, and to the client.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<case_event::Model>> {
        ctx.caller().children::<case_event::Entity>(self.0.id).await
    }
}

/// A case (asiakkuus): the client's way from pending through assessment, plan, services and final assessment to the paths that follow. Its
/// existence and stage are seen by the lead of the organisation, everything in it by those with a care relation, and by the client.
#[Object]
impl Case {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; who that is, is seen by those with a care relation.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, Some(self.0.client_id)).await
    }
    /// The organisation that handles the case.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The organisation that keeps the responsibility for the process (prosessivastuu): the one that steered the client in.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.responsible_id).await
    }
    /// How far it has come.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }
    /// How far it has come, in plain words to the client (selkokielellä): what is going on now, and what comes next.
    async fn stage_in_words(&self) -> LocalizedText {
        LocalizedText(self.0.stage.in_plain_words(self.0.suspension.is_some()))
    }
    /// The service task (palvelutehtävä), of the list `service-task`.
    async fn service_task(&self) -> Option<Code> {
        code::code("service-task", &self.0.content.service_task)
    }
    /// Other clienthoods that run beside this one (rinnakkaiset asiakkuudet), of the list `service-task`.
    async fn parallel(&self) -> Vec<Code> {
        code::codes("service-task", &self.0.content.parallel)
    }
    /// There is an urgent need, as it was said last.
    async fn urgent(&self) -> bool {
        self.0.content.urgent
    }
    /// When the urgent need was looked at; null until then.
    async fn urgent_checked_at(&self) -> Option<DateTime> {
        self.0.urgent_checked_at.map(DateTime)
    }
    /// Groups that the law hurries, where the client is of one; null for those who do not see what happens in the case.
    async fn groups(&self, ctx: &Context<'_>) -> Result<Option<Vec<DeadlineGroup>>> {
        if self.events(ctx).await?.is_empty() {
            return Ok(None);
        }
        ctx.caller().reader().note_field(self.0.client_id, NotedField::CaseGroups, false);
        Ok(Some(self.0.content.groups.clone()))
    }
    /// The own worker (omatyöntekijä), by the stable key; null until one is named.
    async fn own_worker(&self) -> Option<&str> {
        self.0.own_worker.as_deref()
    }
    /// Those who work on the case now beside whoever stands in for another, by their care relations: the own worker among them.
    async fn workers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<CareRelation>> {
        let window = Window::parse(first, after, last, before)?;
        let now = ctx.caller().now();
        let mut rows = ctx.caller().children::<care_relation::Entity>(self.0.client_id).await?;
        rows.retain(|row| row.basis == RelationBasis::Case && row.ground_id == Some(self.0.id.0) && row.ended_at.is_none() && row.expires_at > now);
        Ok(page::of_children::<care_relation::Entity, _>(rows, &window, CareRelation::from))
    }
    /// The referral that it arose from; null when there was none, or it is not yours to see.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// The case before, of a client who has come back; null when there was none, or it is not yours to see.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        match self.0.previous_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(Case::from)),
        }
    }
    /// When it became pending (vireilletulo).
    async fn pending_at(&self) -> DateTime {
        DateTime(self.0.pending_at)
    }
    /// When work with the client began, with the first assessment; null until then.
    async fn opened_at(&self) -> Option<DateTime> {
        self.0.opened_at.map(DateTime)
    }
    /// The suspension that is on; null when none is.
    async fn suspension(&self, ctx: &Context<'_>) -> Result<Option<CaseSuspension>> {
        let Some(suspension) = &self.0.suspension else { return Ok(None) };
        // A hospital or a prison says more of somebody than that the case is suspended.
        let told = !self.events(ctx).await?.is_empty() && ctx.caller().sees_special_category(self.0.client_id, NotedField::CaseSuspensionReason).await?;
        Ok(Some(CaseSuspension { since: DateTime(suspension.since), review_on: Date(suspension.review_on), reason: told.then_some(suspension.reason) }))
    }
    /// The last day on which it is kept (hävitettävä tämän jälkeen), with the whole record of its client; null while something goes on that keeps it,
    /// and for those who do not keep the client's record.
    async fn destroy_after(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(ctx.caller().retention_of(self.0.client_id).await?.and_then(|kept| kept.retention).map(|kept| Date(kept.destroy_after)))
    }
    /// When it was closed; null while it is open.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.closed_at.map(DateTime)
    }
    /// Why it was closed; null while it is open. What was entered then is in the history.
    async fn closing_reason(&self) -> Option<CaseClosingReason> {
        self.0.closing_reason
    }
    /// What has happened in the case (vaihehistoria), the newest last; nothing for those who see only that there is a case.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<CaseEvent>> {
        let window = Window::parse(first, after, last, before)?;
        Ok(page::of_children::<case_event::Entity, _>(self.events(ctx).await?, &window, CaseEvent::from))
    }
    /// The client's situation at the start (alkutilanne), as it was corrected last; null when it is not recorded, or not yours to see.
    async fn baseline(&self, ctx: &Context<'_>) -> Result<Option<IntakeBaseline>> {
        let rows = ctx.caller().children::<intake_baseline::Entity>(self.0.id).await?;
        Ok(rows.into_iter().max_by_key(|row| row.version).map(IntakeBaseline::from))
    }
    /// The baseline as it was recorded, and each correction, the newest last.
    async fn baselines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<IntakeBaseline>> {
        page::children::<intake_baseline::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The deadlines (määräajat), the earliest first; of a closed case those that were met.
    async fn deadlines(&self) -> Vec<CaseDeadline> {
        deadline::of(&self.0).into_iter().map(CaseDeadline).collect()
    }
    /// The deadline that is to be met next, overdue or not; null when there is none.
    async fn next_deadline(&self) -> Option<CaseDeadline> {
        rules::next(&deadline::of(&self.0)).map(CaseDeadline)
    }
    /// A deadline has passed and is not met.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.next_due_on < day(ctx.caller().now())
    }
    /// The client's referrals that the organisation has begun or sent and that are not answered yet: those you may see, the newest last.
    async fn open_referrals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Referral>> {
        let window = Window::parse(first, after, last, before)?;
        let mut rows = ctx.caller().children::<referral::Entity>(self.0.client_id).await?;
        let open = |state: ReferralState| state == ReferralState::Draft || state.is_open();
        rows.retain(|row| row.organization_id == self.0.organization_id && open(row.state));
        Ok(page::of_children::<referral::Entity, _>(rows, &window, Referral::from))
    }
    /// The moves that its state allows and that are yours to make, by your role.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<CaseMove> {
        let actor = ctx.caller().actor();
        let mine = |by: CaseMove| actor.acts_for(self.0.organization_id, |role| moves_case(role, by));
        let now = |by: CaseMove| match by {
            CaseMove::Resume => self.0.suspension.is_some(),
            CaseMove::Close => true,
            _ => self.0.suspension.is_none(),
        };
        self.0.stage.moves().filter(|by| mine(*by) && now(*by)).collect()
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
