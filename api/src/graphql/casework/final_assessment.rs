//! Final assessments: type and moves.
use super::Goal;
use crate::{
    act::casework::final_assessment,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::final_assessment::{self as rules, BenefitTheme, FinalAssessmentContent, FinalAssessmentMove, FinalAssessmentState},
    id::{CaseId, FinalAssessmentId, Kinded},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::DateTime,
};
use entity::casework::{final_assessment as table, goal};
use std::{collections::BTreeSet, sync::Arc};

/// A final assessment (loppuarvio).
pub struct FinalAssessment(Arc<table::Model>);

impl From<table::Model> for FinalAssessment {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl FinalAssessment {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<FinalAssessmentContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::FinalAssessmentContent, false);
        final_assessment::content(ctx.caller().vault(), &self.0)
    }
}

/// A final assessment (loppuarvio): against the beginning, with what the client has got from it. The client sees it once it has been shown.
#[Object]
impl FinalAssessment {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// Where it is.
    async fn state(&self) -> FinalAssessmentState {
        self.0.state
    }
    /// Who wrote it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// The situation against the beginning; null until it is written.
    async fn versus_baseline(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().versus_baseline.clone())
    }
    /// What became of the goals.
    async fn goal_results(&self, ctx: &Context<'_>) -> Result<Vec<GoalResult>> {
        Ok(self.content(ctx)?.reveal().goal_results.iter().cloned().map(GoalResult).collect())
    }
    /// What the client has experienced; null until it is written.
    async fn client_experience(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().client_experience.clone())
    }
    /// What the client has got from it (koettu hyöty).
    async fn benefit_themes(&self) -> Vec<BenefitTheme> {
        self.0.benefit_themes.0.iter().copied().collect()
    }
    /// What is recommended from here on; null until it is written.
    async fn recommendations(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().recommendations.clone())
    }
    /// When it was first shown to the client; null until then.
    async fn shared_at(&self) -> Option<DateTime> {
        self.0.shared_at.map(DateTime)
    }
    /// Whether the client approves of it; null until the client has said so of what is shown.
    async fn approved_by_client(&self) -> Option<bool> {
        self.0.approved_by_client
    }
    /// The client's own words about that; null when there are none.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::FinalAssessmentWords, final_assessment::words(ctx.caller().vault(), &self.0)?))
    }
    /// When the client said so; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime)
    }
    /// Why it was approved without the client's word; null when the client was heard.
    async fn unheard_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::FinalAssessmentUnheardReason, final_assessment::unheard_reason(ctx.caller().vault(), &self.0)?))
    }
    /// When it was approved; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<FinalAssessmentMove> {
        self.0.state.moves().collect()
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

/// What became of a goal.
pub struct GoalResult(rules::GoalResult);

/// What became of a goal, in words.
#[Object]
impl GoalResult {
    /// The goal; null when it is not yours to see.
    async fn goal(&self, ctx: &Context<'_>) -> Result<Option<Goal>> {
        Ok(ctx.caller().peek::<goal::Entity>(self.0.goal).await?.map(Goal::from))
    }
    /// What became of it.
    async fn text(&self) -> &str {
        &self.0.text
    }
}

payload! {
    /// The outcome of a move of a final assessment.
    FinalAssessmentPayload {
        /// The final assessment as it is now; null when it was refused.
        final_assessment: FinalAssessment
    }
}

/// A final assessment that is begun.
#[derive(InputObject)]
struct DraftFinalAssessmentInput {
    /// The case.
    case: CaseId,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What a draft says.
#[derive(InputObject)]
struct SaveFinalAssessmentInput {
    /// The final assessment.
    id: FinalAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says: replaces what it said before.
    content: FinalAssessmentContent,
    /// What the client has got from it: replaces what was said before.
    benefit_themes: BTreeSet<BenefitTheme>,
}

/// A move of a final assessment.
#[derive(InputObject)]
struct FinalAssessmentMoveInput {
    /// The final assessment.
    id: FinalAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
}

/// The client's word on a final assessment.
#[derive(InputObject)]
struct AnswerFinalAssessmentInput {
    /// The final assessment.
    id: FinalAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
    /// Whether the client approves of it.
    approved_by_client: bool,
    /// The client's own words, at most 4000 characters; must be given when the client does not approve.
    words: Option<String>,
}

/// A final assessment that is approved.
#[derive(InputObject)]
struct ApproveFinalAssessmentInput {
    /// The final assessment.
    id: FinalAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why the client could not be heard, at most 2000 characters; must be given when the client has not answered.
    unheard_reason: Option<String>,
}

/// Changes of final assessments.
#[derive(Default)]
pub struct FinalAssessmentMutation;

/// Changes of final assessments.
#[Object]
impl FinalAssessmentMutation {
    /// Begins the final assessment of a case.
    async fn draft_final_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case.")] input: DraftFinalAssessmentInput,
    ) -> Result<FinalAssessmentPayload> {
        FinalAssessmentPayload::of(ctx, final_assessment::draft(ctx.caller(), input.idempotency_key.as_deref(), input.case).await)
    }
    /// Saves what a draft says; parts may be missing.
    async fn save_final_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: SaveFinalAssessmentInput,
    ) -> Result<FinalAssessmentPayload> {
        let outcome = final_assessment::save(ctx.caller(), input.id, input.expected_version, input.content, input.benefit_themes).await;
        FinalAssessmentPayload::of(ctx, outcome)
    }
    /// Shows a draft to the client, who sees it from then on.
    async fn share_final_assessment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: FinalAssessmentMoveInput) -> Result<FinalAssessmentPayload> {
        step(ctx, input, FinalAssessmentMove::Share).await
    }
    /// Takes what is shown back, to write on it again.
    async fn rewrite_final_assessment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: FinalAssessmentMoveInput) -> Result<FinalAssessmentPayload> {
        step(ctx, input, FinalAssessmentMove::Rewrite).await
    }
    /// Throws away a final assessment that is not approved.
    async fn discard_final_assessment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: FinalAssessmentMoveInput) -> Result<FinalAssessmentPayload> {
        step(ctx, input, FinalAssessmentMove::Discard).await
    }
    /// Records whether the client approves of what is shown, in own words: as the client, or for the client.
    async fn answer_final_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which, and what.")] input: AnswerFinalAssessmentInput,
    ) -> Result<FinalAssessmentPayload> {
        let outcome = final_assessment::answer(ctx.caller(), input.id, input.expected_version, input.approved_by_client, input.words.as_deref()).await;
        FinalAssessmentPayload::of(ctx, outcome)
    }
    /// Approves a final assessment; refused with one user error for each mandatory part that is missing.
    async fn approve_final_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ApproveFinalAssessmentInput,
    ) -> Result<FinalAssessmentPayload> {
        let outcome = final_assessment::approve(ctx.caller(), input.id, input.expected_version, input.unheard_reason.as_deref()).await;
        FinalAssessmentPayload::of(ctx, outcome)
    }
}

async fn step(ctx: &Context<'_>, input: FinalAssessmentMoveInput, by: FinalAssessmentMove) -> Result<FinalAssessmentPayload> {
    FinalAssessmentPayload::of(ctx, final_assessment::step(ctx.caller(), input.id, input.expected_version, by).await)
}
