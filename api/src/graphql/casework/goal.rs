//! Goals: type and moves.
use crate::{
    act::casework::goal::{self, SetGoal},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    casework::{
        goal::{GoalContent, GoalMove, GoalOwner, GoalState},
        needs_assessment::LifeArea,
    },
    id::{CaseId, GoalId, Kinded},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::goal as table;
use std::sync::Arc;

/// A goal (tavoite).
pub struct Goal(Arc<table::Model>);

impl From<table::Model> for Goal {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Goal {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<GoalContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::GoalContent, false);
        goal::content(ctx.caller().vault(), &self.0)
    }
}

/// A goal (tavoite) of a case: the client's own, or of the work. It lives on from version to version of the plan.
#[Object]
impl Goal {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// Whose it is.
    async fn owner(&self) -> GoalOwner {
        self.0.owner
    }
    /// How far it has come.
    async fn state(&self) -> GoalState {
        self.0.state
    }
    /// What is to be reached.
    async fn text(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.content(ctx)?.reveal().text.clone())
    }
    /// Which area of life it is about; null when none is named.
    async fn life_area(&self, ctx: &Context<'_>) -> Result<Option<LifeArea>> {
        Ok(self.content(ctx)?.reveal().life_area)
    }
    /// How it is reached: means and steps; null when they are not written.
    async fn means(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().means.clone())
    }
    /// By when; null when no day is set.
    async fn target_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.content(ctx)?.reveal().target_on)
    }
    /// How far it has come by goal attainment scaling (GAS), -2 to 2; null when it is not scaled.
    async fn gas_level(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.content(ctx)?.reveal().gas_level)
    }
    /// Why it was moved last, in words; null when nothing was said.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::GoalReason, goal::reason(ctx.caller().vault(), &self.0)?))
    }
    /// When it was moved last; null until then.
    async fn moved_at(&self) -> Option<DateTime> {
        self.0.moved_at.map(DateTime)
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<GoalMove> {
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

payload! {
    /// The outcome of setting, changing or moving a goal.
    GoalPayload {
        /// The goal as it is now; null when it was refused.
        goal: Goal
    }
}

/// A goal that is set.
#[derive(InputObject)]
struct SetGoalInput {
    /// The case.
    case: CaseId,
    /// Whose it is; clients set their own.
    owner: GoalOwner,
    /// What is said of it.
    content: GoalContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A goal that is changed.
#[derive(InputObject)]
struct UpdateGoalInput {
    /// The goal.
    id: GoalId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it: replaces what was said before.
    content: GoalContent,
}

/// A move of a goal.
#[derive(InputObject)]
struct GoalMoveInput {
    /// The goal.
    id: GoalId,
    /// The version that you have seen.
    expected_version: i32,
}

/// What became of a goal.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum GoalResultState {
    /// It is reached (saavutettu).
    Reached,
    /// It is reached in part (osin saavutettu).
    PartlyReached,
    /// It is not reached (ei saavutettu).
    NotReached,
}

/// What became of a goal.
#[derive(InputObject)]
struct RecordGoalResultInput {
    /// The goal.
    id: GoalId,
    /// The version that you have seen.
    expected_version: i32,
    /// What became of it.
    state: GoalResultState,
    /// More in words, at most 2000 characters.
    reason: Option<String>,
}

/// A goal that is given up.
#[derive(InputObject)]
struct DropGoalInput {
    /// The goal.
    id: GoalId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters.
    reason: String,
}

/// Changes of goals.
#[derive(Default)]
pub struct GoalMutation;

/// Changes of goals.
#[Object]
impl GoalMutation {
    /// Sets a goal. Clients set their own.
    async fn set_goal(&self, ctx: &Context<'_>, #[graphql(desc = "In which case, whose, and what.")] input: SetGoalInput) -> Result<GoalPayload> {
        let what = SetGoal { case: input.case, owner: input.owner, content: input.content };
        GoalPayload::of(ctx, goal::set(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Changes what is said of a goal. Clients change their own.
    async fn update_goal(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what.")] input: UpdateGoalInput) -> Result<GoalPayload> {
        GoalPayload::of(ctx, goal::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Begins to work on a goal.
    async fn begin_goal(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: GoalMoveInput) -> Result<GoalPayload> {
        GoalPayload::of(ctx, goal::move_on(ctx.caller(), input.id, input.expected_version, GoalMove::Begin, None).await)
    }
    /// Records what became of a goal: reached, reached in part, or not.
    async fn record_goal_result(&self, ctx: &Context<'_>, #[graphql(desc = "Of which, and what.")] input: RecordGoalResultInput) -> Result<GoalPayload> {
        let by = match input.state {
            GoalResultState::Reached => GoalMove::Reach,
            GoalResultState::PartlyReached => GoalMove::ReachPartly,
            GoalResultState::NotReached => GoalMove::Miss,
        };
        GoalPayload::of(ctx, goal::move_on(ctx.caller(), input.id, input.expected_version, by, input.reason.as_deref()).await)
    }
    /// Gives a goal up, with a reason.
    async fn drop_goal(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: DropGoalInput) -> Result<GoalPayload> {
        GoalPayload::of(ctx, goal::move_on(ctx.caller(), input.id, input.expected_version, GoalMove::Drop, Some(&input.reason)).await)
    }
}
