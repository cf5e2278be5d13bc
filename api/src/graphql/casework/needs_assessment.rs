//! Needs assessments: type and moves.
use crate::{
    act::casework::needs_assessment::{self, StartNeedsAssessment},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::needs_assessment::{self as rules, AssessmentMove, AssessmentPart, AssessmentState, IcfObservation, InterruptionReason},
    catalogue::session::day,
    id::{CaseId, Kinded, NeedsAssessmentId},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::needs_assessment as table;
use std::sync::Arc;

/// A needs assessment (palvelutarpeen arviointi).
pub struct NeedsAssessment(Arc<table::Model>);

impl From<table::Model> for NeedsAssessment {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl NeedsAssessment {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<rules::NeedsAssessmentContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::NeedsAssessmentContent, false);
        needs_assessment::content(ctx.caller().vault(), &self.0)
    }
}

/// A needs assessment (palvelutarpeen arviointi, SHL 36–37 §): the client's and the professional's view, a conclusion, and the need of an own worker.
#[Object]
impl NeedsAssessment {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// Where it is.
    async fn state(&self) -> AssessmentState {
        self.0.state
    }
    /// Who began it, by the stable key.
    async fn assessor(&self) -> &str {
        &self.0.assessor
    }
    /// When it was begun; null where it was waived.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }
    /// By when it is to be completed; null where it was waived.
    async fn due_on(&self) -> Option<Date> {
        self.0.due_on.map(Date)
    }
    /// It is still being made, and its time has passed.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.state.is_open() && self.0.due_on.is_some_and(|due| due < day(ctx.caller().now()))
    }
    /// What is said of the areas of life; health is left out for those whose care relation rests on the handling of a referral alone. Reading that is kept in
    /// the use log.
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<AssessmentPart>> {
        let mut parts = self.content(ctx)?.reveal().parts.clone();
        let of_health = |part: &AssessmentPart| part.area.is_special_category();
        if parts.iter().any(of_health) && !ctx.caller().sees_special_category(self.0.client_id, NotedField::NeedsAssessmentPartsHealth).await? {
            parts.retain(|part| !of_health(part));
        }
        Ok(parts)
    }
    /// The client's own view (asiakkaan näkemys); null until it is written.
    async fn client_view(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().client_view.clone())
    }
    /// The professional's view (ammattilaisen näkemys); null until it is written.
    async fn professional_view(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().professional_view.clone())
    }
    /// The conclusion on the grounds for clienthood (johtopäätös); null until it is written.
    async fn conclusion(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().conclusion.clone())
    }
    /// The client needs special support (erityisen tuen tarve); null until it is said.
    async fn special_support(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        Ok(self.content(ctx)?.reveal().special_support)
    }
    /// The client's estimate of the need of an own worker; null until it is written.
    async fn own_worker_need_client(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().own_worker_need_client.clone())
    }
    /// The professional's estimate of the need of an own worker (omatyöntekijän tarve); null until it is written.
    async fn own_worker_need_professional(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().own_worker_need_professional.clone())
    }
    /// Other authorities that take part.
    async fn other_authorities(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.content(ctx)?.reveal().other_authorities.clone())
    }
    /// Observations by the ICF; null for those whose care relation rests on the handling of a referral alone. Reading them is kept in the use log.
    async fn icf(&self, ctx: &Context<'_>) -> Result<Option<Vec<IcfObservation>>> {
        if !ctx.caller().sees_special_category(self.0.client_id, NotedField::NeedsAssessmentIcf).await? {
            return Ok(None);
        }
        Ok(Some(self.content(ctx)?.reveal().icf.clone()))
    }
    /// Why it was interrupted; null unless it is.
    async fn interruption(&self) -> Option<InterruptionReason> {
        self.0.interruption
    }
    /// Why it was waived; null unless it was.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::NeedsAssessmentReason, needs_assessment::reason(ctx.caller().vault(), &self.0)?))
    }
    /// When it was completed or waived; null until then.
    async fn completed_at(&self) -> Option<DateTime> {
        self.0.completed_at.map(DateTime)
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<AssessmentMove> {
        self.0.state.moves().filter(|by| *by != AssessmentMove::Supersede).collect()
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

payload! {
    /// The outcome of a move of a needs assessment.
    NeedsAssessmentPayload {
        /// The assessment as it is now; null when it was refused.
        needs_assessment: NeedsAssessment
    }
}

/// An assessment that is begun.
#[derive(InputObject)]
struct StartNeedsAssessmentInput {
    /// The case.
    case: CaseId,
    /// By when it is to be completed; without it, at once when the need is urgent, else three months after the case became pending.
    due_on: Option<Date>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// An assessment that is done without.
#[derive(InputObject)]
struct WaiveNeedsAssessmentInput {
    /// The case.
    case: CaseId,
    /// Why it is obviously unnecessary, at most 2000 characters.
    reason: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What has been found out so far.
#[derive(InputObject)]
struct SaveNeedsAssessmentInput {
    /// The assessment.
    id: NeedsAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says: replaces what it said before.
    content: rules::NeedsAssessmentContent,
}

/// A move of an assessment.
#[derive(InputObject)]
struct NeedsAssessmentMoveInput {
    /// The assessment.
    id: NeedsAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
}

/// An assessment that is interrupted.
#[derive(InputObject)]
struct InterruptNeedsAssessmentInput {
    /// The assessment.
    id: NeedsAssessmentId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why.
    interruption: InterruptionReason,
}

/// Changes of needs assessments.
#[derive(Default)]
pub struct NeedsAssessmentMutation;

/// Changes of needs assessments.
#[Object]
impl NeedsAssessmentMutation {
    /// Begins a needs assessment.
    async fn start_needs_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case.")] input: StartNeedsAssessmentInput,
    ) -> Result<NeedsAssessmentPayload> {
        let what = StartNeedsAssessment { case: input.case, due_on: input.due_on };
        NeedsAssessmentPayload::of(ctx, needs_assessment::start(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Saves what has been found out so far; parts may be missing.
    async fn save_needs_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: SaveNeedsAssessmentInput,
    ) -> Result<NeedsAssessmentPayload> {
        NeedsAssessmentPayload::of(ctx, needs_assessment::save(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Completes an assessment; refused with one user error for each mandatory part that is missing. The one before is superseded.
    async fn complete_needs_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: NeedsAssessmentMoveInput,
    ) -> Result<NeedsAssessmentPayload> {
        NeedsAssessmentPayload::of(ctx, needs_assessment::complete(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Interrupts an assessment.
    async fn interrupt_needs_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: InterruptNeedsAssessmentInput,
    ) -> Result<NeedsAssessmentPayload> {
        NeedsAssessmentPayload::of(ctx, needs_assessment::interrupt(ctx.caller(), input.id, input.expected_version, input.interruption).await)
    }
    /// Goes on with an assessment that was interrupted.
    async fn resume_needs_assessment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: NeedsAssessmentMoveInput) -> Result<NeedsAssessmentPayload> {
        NeedsAssessmentPayload::of(ctx, needs_assessment::resume(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Does without an assessment that is obviously unnecessary, with a reason.
    async fn waive_needs_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case, and why.")] input: WaiveNeedsAssessmentInput,
    ) -> Result<NeedsAssessmentPayload> {
        NeedsAssessmentPayload::of(ctx, needs_assessment::waive(ctx.caller(), input.idempotency_key.as_deref(), input.case, &input.reason).await)
    }
}
