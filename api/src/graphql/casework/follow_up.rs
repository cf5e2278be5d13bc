//! Follow-ups.
use crate::{
    act::casework::follow_up::{self, RecordFollowUp},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::follow_up::{FollowUpContent, FollowUpKind},
    id::{CaseId, FollowUpId, Kinded},
    noted_field::NotedField,
    private::Private,
    scalar::Date,
};
use entity::casework::follow_up as table;
use std::sync::Arc;

/// A follow-up (seuranta).
pub struct FollowUp(Arc<table::Model>);

impl From<table::Model> for FollowUp {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl FollowUp {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<FollowUpContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::FollowUpContent, false);
        follow_up::content(ctx.caller().vault(), &self.0)
    }
}

/// A follow-up (seuranta): what has changed in functioning and needs, and what comes next.
#[Object]
impl FollowUp {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// The day.
    async fn happened_on(&self) -> Date {
        Date(self.0.happened_on)
    }
    /// How it was made.
    async fn kind(&self) -> FollowUpKind {
        self.0.kind
    }
    /// Who wrote it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// What has changed in functioning (toimintakyvyn muutos); null when nothing was said.
    async fn functional_change(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().functional_change.clone())
    }
    /// What has changed in the needs (tarpeiden muutos); null when nothing was said.
    async fn need_change(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().need_change.clone())
    }
    /// What comes next (jatko); null when nothing was said.
    async fn next(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().next.clone())
    }
    /// The follow-up that it corrects: the first, however often that was corrected before; null when it corrects none, or one that is not yours to see.
    async fn corrects(&self, ctx: &Context<'_>) -> Result<Option<FollowUp>> {
        match self.0.corrects_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(FollowUp::from)),
        }
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
}

payload! {
    /// The outcome of recording a follow-up.
    FollowUpPayload {
        /// The follow-up; null when it was refused.
        follow_up: FollowUp
    }
}

/// A follow-up that is recorded.
#[derive(InputObject)]
struct RecordFollowUpInput {
    /// The case.
    case: CaseId,
    /// The day.
    happened_on: Date,
    /// How it was made.
    kind: FollowUpKind,
    /// The follow-up that it corrects, of the same case; a correction of it says the same as the follow-up itself.
    corrects: Option<FollowUpId>,
    /// What it tells.
    content: FollowUpContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Changes of follow-ups.
#[derive(Default)]
pub struct FollowUpMutation;

/// Changes of follow-ups.
#[Object]
impl FollowUpMutation {
    /// Records a follow-up, or a correction of one: a closed case takes corrections only.
    async fn record_follow_up(&self, ctx: &Context<'_>, #[graphql(desc = "In which case, and what.")] input: RecordFollowUpInput) -> Result<FollowUpPayload> {
        let what = RecordFollowUp { case: input.case, happened_on: input.happened_on, kind: input.kind, corrects: input.corrects, content: input.content };
        FollowUpPayload::of(ctx, follow_up::record(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
}
