//! Feedback of clients.
use crate::{
    act::casework::feedback::{self, GiveFeedback},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Service, published_service, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::{feedback::FeedbackContent, final_assessment::BenefitTheme},
    id::{CaseId, ClientId, Kinded, ServiceId},
    noted_field::NotedField,
    private::Private,
    scalar::DateTime,
};
use entity::casework::feedback as table;
use std::sync::Arc;

/// Feedback (palaute).
pub struct Feedback(Arc<table::Model>);

impl From<table::Model> for Feedback {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Feedback {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<FeedbackContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::FeedbackContent, false);
        feedback::content(ctx.caller().vault(), &self.0)
    }
}

/// Feedback (palaute) of a client on a case or a service. It is the client's own, and never changed.
#[Object]
impl Feedback {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it is about; null when it is about none.
    async fn case_id(&self) -> Option<ID> {
        self.0.case_id.map(|id| ID(id.to_public()))
    }
    /// The service that it is about; null when it is about none, or one that is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        match self.0.service_id {
            None => Ok(None),
            Some(id) => published_service(ctx, id).await,
        }
    }
    /// Who gave it, by the stable key: the client, or somebody who acts for the client.
    async fn given_by(&self) -> &str {
        &self.0.given_by
    }
    /// When.
    async fn given_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// From 1, bad, to 5, good (arvosana); null when none was given.
    async fn grade(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.content(ctx)?.reveal().grade)
    }
    /// What the client has got from it (koettu hyöty).
    async fn benefits(&self, ctx: &Context<'_>) -> Result<Vec<BenefitTheme>> {
        Ok(self.content(ctx)?.reveal().benefits.iter().copied().collect())
    }
    /// In the client's own words; null when there are none.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().words.clone())
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
}

payload! {
    /// The outcome of giving feedback.
    FeedbackPayload {
        /// The feedback; null when it was refused.
        feedback: Feedback
    }
}

/// Feedback that is given.
#[derive(InputObject)]
struct GiveFeedbackInput {
    /// You, or the client whom you act for.
    client: ClientId,
    /// The case that it is about: this, a service, or both.
    case: Option<CaseId>,
    /// The service that it is about.
    service: Option<ServiceId>,
    /// What is said.
    content: FeedbackContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Changes of feedback.
#[derive(Default)]
pub struct FeedbackMutation;

/// Changes of feedback.
#[Object]
impl FeedbackMutation {
    /// Gives feedback (anna palautetta) as the client, or as one who acts for the client.
    async fn give_feedback(&self, ctx: &Context<'_>, #[graphql(desc = "On what, and what.")] input: GiveFeedbackInput) -> Result<FeedbackPayload> {
        let what = GiveFeedback { client: input.client, case: input.case, service: input.service, content: input.content };
        FeedbackPayload::of(ctx, feedback::give(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
}
