//! Client plans: type and moves.
use super::Goal;
use crate::{
    act::casework::client_plan::{self, Said},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, Service, organization, published_service, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::client_plan::{self as rules, ClientPlanContent, Intensity, PlanAgreement, PlanMove, PlanState},
    catalogue::service::RehabContent,
    id::{CaseId, ClientPlanId, Kinded},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::{client_plan as table, goal};
use std::sync::Arc;

/// A version of a client plan (asiakassuunnitelma).
pub struct ClientPlan(Arc<table::Model>);

impl From<table::Model> for ClientPlan {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl ClientPlan {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<ClientPlanContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::ClientPlanContent, false);
        client_plan::content(ctx.caller().vault(), &self.0)
    }
    fn said(&self, ctx: &Context<'_>, what: Said) -> Result<Option<String>> {
        let field = match what {
            Said::Words => NotedField::ClientPlanWords,
            Said::Comment => NotedField::ClientPlanComment,
            Said::ReviewNote => NotedField::ClientPlanReviewNote,
        };
        Ok(ctx.caller().revealed(self.0.client_id, field, client_plan::said(ctx.caller().vault(), &self.0, what)?))
    }
}

/// A version of a client plan (asiakassuunnitelma, SHL 39 §), made with the client. The client sees it once it has been shown.
#[Object]
impl ClientPlan {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// Which version of the case's plan it is, from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }
    /// Where it is.
    async fn state(&self) -> PlanState {
        self.0.state
    }
    /// The version that it was drafted from; null for one that began empty.
    async fn based_on(&self, ctx: &Context<'_>) -> Result<Option<ClientPlan>> {
        match self.0.based_on_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(ClientPlan::from)),
        }
    }
    /// Who drafted it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// The client's own estimate of the need of support; null until it is written.
    async fn client_estimate(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().client_estimate.clone())
    }
    /// The professional's estimate of the need of support; null until it is written.
    async fn professional_estimate(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().professional_estimate.clone())
    }
    /// The client's own estimate of strengths and resources; null until it is written.
    async fn strengths_client(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().strengths_client.clone())
    }
    /// The professional's estimate of strengths and resources; null until it is written.
    async fn strengths_professional(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().strengths_professional.clone())
    }
    /// The goals of this version, as they are now.
    async fn goals(&self, ctx: &Context<'_>) -> Result<Vec<Goal>> {
        let content = self.content(ctx)?;
        let rows = content.reveal().goals.iter().map(|id| ctx.caller().peek::<goal::Entity>(*id));
        Ok(futures_util::future::try_join_all(rows).await?.into_iter().flatten().map(Goal::from).collect())
    }
    /// What is done.
    async fn actions(&self, ctx: &Context<'_>) -> Result<Vec<PlanAction>> {
        Ok(self.content(ctx)?.reveal().actions.iter().cloned().map(PlanAction).collect())
    }
    /// Partners and what they answer for.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<PlanPartner>> {
        Ok(self.content(ctx)?.reveal().partners.iter().cloned().map(PlanPartner).collect())
    }
    /// How often client and worker meet, in words; null until it is written.
    async fn meeting_rhythm(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().meeting_rhythm.clone())
    }
    /// How many months the case is estimated to take; null until it is estimated.
    async fn estimated_months(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.content(ctx)?.reveal().estimated_months)
    }
    /// The days on which the plan is evaluated.
    async fn evaluation_dates(&self, ctx: &Context<'_>) -> Result<Vec<Date>> {
        Ok(self.content(ctx)?.reveal().evaluation_dates.clone())
    }
    /// When it is evaluated next; null until it is in force, and when no day is left.
    async fn evaluate_on(&self) -> Option<Date> {
        self.0.evaluate_on.map(Date)
    }
    /// When it was first shown to the client; null until then.
    async fn shared_at(&self) -> Option<DateTime> {
        self.0.shared_at.map(DateTime)
    }
    /// Whether the client agrees; null until the client has said so of what is shown.
    async fn agreement(&self) -> Option<PlanAgreement> {
        self.0.agreement
    }
    /// The client's own words about that; null when there are none.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.said(ctx, Said::Words)
    }
    /// The client said so, and not a worker for the client; null until it is said.
    async fn agreed_by_client(&self) -> Option<bool> {
        self.0.agreed_by_client
    }
    /// When that was said; null until then.
    async fn agreed_at(&self) -> Option<DateTime> {
        self.0.agreed_at.map(DateTime)
    }
    /// What the client has commented last; null when nothing was commented.
    async fn comment(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.said(ctx, Said::Comment)
    }
    /// When it was put in force; null until then.
    async fn in_force_at(&self) -> Option<DateTime> {
        self.0.in_force_at.map(DateTime)
    }
    /// Why it was looked at again, or what came of that; null when it was not.
    async fn review_note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.said(ctx, Said::ReviewNote)
    }
    /// When it was superseded, ended or thrown away; null until then.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<PlanMove> {
        self.0.state.moves().filter(|by| *by != PlanMove::Supersede).collect()
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// What is done by a plan (toimenpide).
pub struct PlanAction(rules::PlanAction);

/// What is done by a plan (toimenpide): a service of the catalogue, or something in words.
#[Object]
impl PlanAction {
    /// The service; null when it is something in words, or not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        match self.0.service {
            None => Ok(None),
            Some(id) => published_service(ctx, id).await,
        }
    }
    /// What is done in words; null where the service says it.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }
    /// Which content of social rehabilitation it is (SHL 17 §); null when it is none.
    async fn rehab_content(&self) -> Option<RehabContent> {
        self.0.rehab_content
    }
    /// Who sees to it, in words.
    async fn responsible(&self) -> &str {
        &self.0.responsible
    }
    /// The first day; null when it is open.
    async fn starts_on(&self) -> Option<Date> {
        self.0.starts_on
    }
    /// The last day; null when it is open.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on
    }
    /// How often; null when it is not said.
    async fn intensity(&self) -> Option<Intensity> {
        self.0.intensity
    }
}

/// A partner of a plan (yhteistyötaho).
pub struct PlanPartner(rules::PlanPartner);

/// A partner of a plan (yhteistyötaho), and what it answers for.
#[Object]
impl PlanPartner {
    /// The organisation of the network; null where it is none.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization {
            None => Ok(None),
            Some(id) => organization(ctx, id).await.map(Some),
        }
    }
    /// Its name in words; null where the organisation says it.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }
    /// What it answers for.
    async fn responsibility(&self) -> &str {
        &self.0.responsibility
    }
}

payload! {
    /// The outcome of a move of a client plan.
    ClientPlanPayload {
        /// The plan as it is now; null when it was refused.
        client_plan: ClientPlan
    }
}

/// A plan that is drafted.
#[derive(InputObject)]
struct DraftClientPlanInput {
    /// The case.
    case: CaseId,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What a draft says.
#[derive(InputObject)]
struct SaveClientPlanInput {
    /// The plan.
    id: ClientPlanId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says: replaces what it said before.
    content: ClientPlanContent,
}

/// A move of a plan.
#[derive(InputObject)]
struct ClientPlanMoveInput {
    /// The plan.
    id: ClientPlanId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A comment on a plan.
#[derive(InputObject)]
struct CommentOnClientPlanInput {
    /// The plan.
    id: ClientPlanId,
    /// The version that you have seen.
    expected_version: i32,
    /// What the client says, at most 4000 characters.
    comment: String,
}

/// The client's word on a plan.
#[derive(InputObject)]
struct RecordPlanAgreementInput {
    /// The plan.
    id: ClientPlanId,
    /// The version that you have seen.
    expected_version: i32,
    /// Whether the client agrees.
    agreement: PlanAgreement,
    /// The client's own words, at most 4000 characters; must be given with PARTLY and DISAGREES.
    words: Option<String>,
}

/// A plan that is looked at again.
#[derive(InputObject)]
struct ClientPlanReviewInput {
    /// The plan.
    id: ClientPlanId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why it is looked at again, or what came of that, at most 2000 characters.
    note: String,
}

/// Changes of client plans.
#[derive(Default)]
pub struct ClientPlanMutation;

/// Changes of client plans.
#[Object]
impl ClientPlanMutation {
    /// Drafts the next version of a case's plan: from the one in force, or empty.
    async fn draft_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Of which case.")] input: DraftClientPlanInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::draft(ctx.caller(), input.idempotency_key.as_deref(), input.case).await)
    }
    /// Saves what a draft says; parts may be missing.
    async fn save_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what.")] input: SaveClientPlanInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::save(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Shows a draft to the client, who sees it from then on.
    async fn share_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ClientPlanMoveInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::share(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Comments on a plan that is shown, as the client or for the client: it is a draft again.
    async fn comment_on_client_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which, and what.")] input: CommentOnClientPlanInput,
    ) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::comment(ctx.caller(), input.id, input.expected_version, &input.comment).await)
    }
    /// Records whether the client agrees with a plan that is shown, in own words: as the client, or for the client.
    async fn record_plan_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With which, and how.")] input: RecordPlanAgreementInput,
    ) -> Result<ClientPlanPayload> {
        let outcome = client_plan::agree(ctx.caller(), input.id, input.expected_version, input.agreement, input.words.as_deref()).await;
        ClientPlanPayload::of(ctx, outcome)
    }
    /// Puts a plan in force; refused with one user error for each mandatory part that is missing. The version before is superseded.
    async fn put_client_plan_in_force(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ClientPlanMoveInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::put_in_force(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Looks at a plan again, as a worker, or at the client's request.
    async fn review_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: ClientPlanReviewInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::review(ctx.caller(), input.id, input.expected_version, &input.note).await)
    }
    /// A plan that was looked at again stays as it is.
    async fn confirm_client_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what came of it.")] input: ClientPlanReviewInput,
    ) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::confirm(ctx.caller(), input.id, input.expected_version, &input.note).await)
    }
    /// Ends a plan.
    async fn end_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ClientPlanMoveInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::end(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Throws away a plan that is not in force yet.
    async fn discard_client_plan(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ClientPlanMoveInput) -> Result<ClientPlanPayload> {
        ClientPlanPayload::of(ctx, client_plan::discard(ctx.caller(), input.id, input.expected_version).await)
    }
}
