//! What happened to cases.
use crate::{act::casework::event, error::Result, graphql::Asked};
use async_graphql::{Context, ID, Object};
use domain::{
    casework::case::{CaseEventKind, CaseStage},
    id::Kinded,
    noted_field::NotedField,
    scalar::DateTime,
};
use entity::casework::case_event as table;
use std::sync::Arc;

/// What happened to a case (asiakkuuden tapahtuma).
pub struct CaseEvent(Arc<table::Model>);

impl From<table::Model> for CaseEvent {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// What happened to a case (asiakkuuden tapahtuma). Never changed. Seen by those with a care relation, and by the client.
#[Object]
impl CaseEvent {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What happened.
    async fn kind(&self) -> CaseEventKind {
        self.0.kind
    }
    /// The stage from then on.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// Who did it, by the stable key.
    async fn by(&self) -> &str {
        &self.0.by_subject
    }
    /// What was said; null when nothing was, and for those whose care relation rests on the handling of a referral alone. The client can read it. Reading
    /// it is kept in the use log.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.0.words.is_none() || !ctx.caller().sees_special_category(self.0.client_id, NotedField::CaseEventWords).await? {
            return Ok(None);
        }
        Ok(event::words(ctx.caller().vault(), &self.0)?.map(|words| words.reveal().clone()))
    }
}
