//! The moves of cases.
use super::Case;
use crate::{
    act::casework::{case, closing, worker},
    error::Result,
    graphql::{Asked, payload::payload},
};
use async_graphql::{Context, InputObject, Object};
use domain::{
    casework::case::{CaseClosingReason, CaseContent, SuspensionReason},
    id::{CaseId, ClientId, OrganizationId},
    scalar::Date,
};

payload! {
    /// The outcome of a move of a case, or of a change of it.
    CasePayload {
        /// The case as it is now; null when it was refused.
        case: Case
    }
}

/// A case that is opened without a referral.
#[derive(InputObject)]
struct StartCaseInput {
    /// The client, to whom you have a care relation.
    client: ClientId,
    /// The organisation that handles the case: your own.
    organization: OrganizationId,
    /// What is said of it.
    content: CaseContent,
    /// The case before, of a client who has come back: a closed one of the same client.
    previous: Option<CaseId>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a case from now on.
#[derive(InputObject)]
struct UpdateCaseInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole.
    content: CaseContent,
}

/// The assessment that is begun.
#[derive(InputObject)]
struct AssessCaseInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// The own worker (omatyöntekijä), by the stable key; not needed where one is named already.
    own_worker: Option<String>,
    /// Whether there is an urgent need (SHL 36 §): you have looked at it.
    urgent: bool,
    /// More in words, at most 5000 characters. The client can read it.
    words: Option<String>,
}

/// A move of a case.
#[derive(InputObject)]
struct CaseMoveInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// More in words, at most 5000 characters. The client can read it.
    words: Option<String>,
}

/// A move of a case that must be explained.
#[derive(InputObject)]
struct CaseWordsInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 5000 characters. The client can read it.
    words: String,
}

/// A case whose final assessment begins.
#[derive(InputObject)]
struct AssessCaseFinallyInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// The end is agreed with the client (lopettamisesta on sovittu), whatever has become of the goals: it is kept in the history as `EXIT_AGREED`. Without
    /// it no goal may be open or in progress.
    #[graphql(default)]
    exit_agreed: bool,
    /// Why, at most 5000 characters. The client can read it.
    words: String,
}

/// A case that is suspended.
#[derive(InputObject)]
struct SuspendCaseInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why.
    reason: SuspensionReason,
    /// The day on which it is looked at again: after today, at most a year away.
    review_on: Date,
    /// More in words, at most 5000 characters. The client can read it.
    words: Option<String>,
}

/// A case that is closed.
#[derive(InputObject)]
struct CloseCaseInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why: one that its stage allows.
    reason: CaseClosingReason,
    /// The entry that there is no basis for going on (SHL 34 §), at most 5000 characters. The client can read it.
    note: String,
    /// Why no path follows, at most 5000 characters: needed to close from FOLLOW_ON where there is no follow-on path. The client can read it.
    without_path: Option<String>,
}

/// A case that is handed over.
#[derive(InputObject)]
struct HandOverCaseInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// The own worker from now on: a colleague of the same organisation, by the stable key.
    to: String,
    /// More in words, at most 5000 characters. The client can read it.
    words: Option<String>,
}

/// Who begins to take part in a case.
#[derive(InputObject)]
struct AddCaseWorkerInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// A colleague of the same organisation, by the stable key.
    worker: String,
}

/// Who takes part in a case no more.
#[derive(InputObject)]
struct EndCaseWorkerInput {
    /// The case.
    id: CaseId,
    /// The version that you have seen.
    expected_version: i32,
    /// Whose part ends, by the stable key; not the own worker's, who hands over instead.
    worker: String,
}

/// Changes of cases.
#[derive(Default)]
pub struct CaseMutation;

/// Changes of cases.
#[Object]
impl CaseMutation {
    /// Opens a case (aloita asiakkuus) for a client without a referral. One who comes back has a new case, which names the one before.
    async fn start_case(&self, ctx: &Context<'_>, #[graphql(desc = "For whom, and what.")] input: StartCaseInput) -> Result<CasePayload> {
        let what = case::StartCase { client: input.client, organization: input.organization, content: input.content, previous: input.previous };
        CasePayload::of(ctx, case::start(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a case: its task, the clienthoods beside it, urgency and groups.
    async fn update_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what.")] input: UpdateCaseInput) -> Result<CasePayload> {
        let what = case::UpdateCase { id: input.id, expected: input.expected_version, content: input.content };
        CasePayload::of(ctx, case::update(ctx.caller(), what).await)
    }
    /// Begins to assess the need of services (arviointi): the urgent need has been looked at, and there is an own worker.
    async fn assess_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and who.")] input: AssessCaseInput) -> Result<CasePayload> {
        let what = case::AssessCase { id: input.id, expected: input.expected_version, own_worker: input.own_worker, urgent: input.urgent, words: input.words };
        CasePayload::of(ctx, case::assess(ctx.caller(), what).await)
    }
    /// Begins to plan (suunnittelu): the assessment of needs is completed.
    async fn plan_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: CaseMoveInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::plan(ctx.caller(), input.id, input.expected_version, input.words.as_deref()).await)
    }
    /// Begins with the services (palvelut ja seuranta): a plan is in force, and something of it has begun, or is ordered or bought with a voucher.
    async fn activate_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: CaseMoveInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::activate(ctx.caller(), input.id, input.expected_version, input.words.as_deref()).await)
    }
    /// Arranges what follows (jatkopolut): the final assessment is approved. The plan ends.
    async fn arrange_case_follow_on(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: CaseMoveInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::arrange_follow_on(ctx.caller(), input.id, input.expected_version, input.words.as_deref()).await)
    }
    /// Assesses the need anew: it has changed.
    async fn reassess_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: CaseWordsInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::reassess(ctx.caller(), input.id, input.expected_version, &input.words).await)
    }
    /// Takes the plan up for a revision.
    async fn revise_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: CaseWordsInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::revise(ctx.caller(), input.id, input.expected_version, &input.words).await)
    }
    /// Begins the final assessment (loppuarvio): the goals have been reviewed, or the end is agreed; which, is said. `GOAL_OPEN` names each goal that stands
    /// against it.
    async fn assess_case_finally(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: AssessCaseFinallyInput) -> Result<CasePayload> {
        let (id, version, words) = (input.id, input.expected_version, &input.words);
        CasePayload::of(ctx, case::assess_finally(ctx.caller(), id, version, input.exit_agreed, words).await)
    }
    /// Goes on with the services after all.
    async fn continue_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: CaseWordsInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::carry_on(ctx.caller(), input.id, input.expected_version, &input.words).await)
    }
    /// Suspends a case (keskeytä): its stage stays, and nothing else moves until it goes on or is closed.
    async fn suspend_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, why, and until when.")] input: SuspendCaseInput) -> Result<CasePayload> {
        let (id, version, words) = (input.id, input.expected_version, input.words.as_deref());
        CasePayload::of(ctx, case::suspend(ctx.caller(), id, version, input.reason, input.review_on.0, words).await)
    }
    /// Goes on after a suspension.
    async fn resume_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: CaseMoveInput) -> Result<CasePayload> {
        CasePayload::of(ctx, case::resume(ctx.caller(), input.id, input.expected_version, input.words.as_deref()).await)
    }
    /// Closes a case (päätä asiakkuus). What is still open is told one by one, unless the reason closes it too: DECEASED, MOVED_AWAY, REFUSED
    /// and NO_LEGAL_GROUND do.
    async fn close_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: CloseCaseInput) -> Result<CasePayload> {
        let what = case::CloseCase { id: input.id, expected: input.expected_version, reason: input.reason, note: input.note, without_path: input.without_path };
        CasePayload::of(ctx, closing::close(ctx.caller(), what).await)
    }
    /// Hands a case over (siirrä asiakkuus) to a colleague, who is its own worker from now on. By the own worker, or the lead.
    async fn hand_over_case(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and to whom.")] input: HandOverCaseInput) -> Result<CasePayload> {
        CasePayload::of(ctx, worker::hand_over(ctx.caller(), input.id, input.expected_version, &input.to, input.words.as_deref()).await)
    }
    /// Lets a colleague take part in a case. By the own worker, or the lead.
    async fn add_case_worker(&self, ctx: &Context<'_>, #[graphql(desc = "In which, and who.")] input: AddCaseWorkerInput) -> Result<CasePayload> {
        CasePayload::of(ctx, worker::add(ctx.caller(), input.id, input.expected_version, &input.worker).await)
    }
    /// Ends a colleague's part in a case. By the own worker, or the lead.
    async fn end_case_worker(&self, ctx: &Context<'_>, #[graphql(desc = "In which, and whose.")] input: EndCaseWorkerInput) -> Result<CasePayload> {
        CasePayload::of(ctx, worker::end(ctx.caller(), input.id, input.expected_version, &input.worker).await)
    }
}
