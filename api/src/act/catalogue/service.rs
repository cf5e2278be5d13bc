//! Services: written as a draft, published, changed beside the public copy, withdrawn.
use super::publishing::{Published, step};
use crate::{act::under, caller::Caller, error::Result, store::Work};
use domain::{
    catalogue::{
        publishing::{PublishingMove, PublishingState},
        service::ServiceContent,
    },
    id::{NetworkId, OrganizationId, ServiceId},
    machine::Machine,
    policy::Action,
};
use entity::catalogue::{organization, service};
use serde::Serialize;
use uuid::Uuid;

impl Published for service::Entity {
    fn state(row: &service::Model) -> PublishingState {
        row.publishing
    }
    fn with_state(row: service::Model, publishing: PublishingState) -> service::Model {
        service::Model { publishing, ..row }
    }
    fn belonging(row: &service::Model) -> (NetworkId, OrganizationId, Option<Uuid>) {
        (row.network_id, row.organization_id, None)
    }
}

/// What is said when a service is begun.
#[derive(Clone, Debug, Serialize)]
pub struct CreateService {
    /// Whose service it is.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: ServiceContent,
}

/// Begins a service as a draft.
///
/// # Errors
/// What is wrong with the content, or a caller without the right.
pub async fn create(caller: &Caller, key: Option<&str>, input: CreateService) -> Result<service::Model> {
    under("content", &input.content.check())?;
    let id = ServiceId::new();
    caller
        .write_once::<service::Entity>(key, "createService", &input, id, async |work: &mut Work| {
            let owner = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            let (now, content) = (work.now(), tidy(input.content.clone()));
            let row = service::Model {
                id,
                network_id: owner.network_id,
                organization_id: owner.id,
                publishing: PublishingState::Draft,
                search: search(&content),
                content,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<service::Entity>(row).await
        })
        .await
}

/// Replaces the working copy. A published service stays as it is for everybody until it is published again.
///
/// # Errors
/// What is wrong with the content, a stale version, a discarded draft, or a caller without the right.
pub async fn update(caller: &Caller, id: ServiceId, expected: i32, content: ServiceContent) -> Result<service::Model> {
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service::Entity>(id, expected, Action::Update).await?;
            let content = tidy(content.clone());
            let publishing = before.publishing.step(PublishingMove::Modify)?;
            let next = service::Model { publishing, search: search(&content), content, ..before.clone() };
            work.update::<service::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Publishes, withdraws or discards a service.
///
/// # Errors
/// For publishing, one rejection for each missing part; an illegal move, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ServiceId, expected: i32, by: PublishingMove) -> Result<service::Model> {
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service::Entity>(id, expected, Action::Transition).await?;
            if by == PublishingMove::Publish {
                before.content.missing().into_result()?;
            }
            step::<service::Entity>(work, &before, by).await
        })
        .await
}

fn search(content: &ServiceContent) -> String {
    let mut texts = vec![&content.name];
    texts.extend(&content.summary);
    texts.extend(&content.keywords);
    entity::search_text(&texts)
}

fn tidy(mut content: ServiceContent) -> ServiceContent {
    content.name = content.name.tidy();
    content.summary = content.summary.map(domain::text::LocalizedText::tidy);
    content
}
