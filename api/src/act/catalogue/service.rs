//! Services: written as a draft, published, changed beside the public copy, withdrawn.
use super::{
    closing::check_places_are_open,
    publishing::{Belonging, Published, step},
};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::{
        publishing::{PublishingMove, PublishingState},
        service::ServiceContent,
    },
    event::Happening,
    id::{NetworkId, OrganizationId, ServiceId},
    machine::Machine,
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{organization, publication, service, service_offering};
use sea_orm::ColumnTrait;
use serde::Serialize;

impl Published for service::Entity {
    fn state(row: &service::Model) -> PublishingState {
        row.publishing
    }
    fn with_state(row: service::Model, publishing: PublishingState) -> service::Model {
        service::Model { publishing, ..row }
    }
    fn belonging(row: &service::Model) -> Belonging {
        Belonging { network: row.network_id, organization: row.organization_id, owner: row.organization_id, parent: None }
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
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = ServiceId::new();
    caller
        .write_once::<service::Entity>(key, "createService", &input, id, async |work: &mut Work| {
            begin(work, id, input.organization, input.content.clone()).await
        })
        .await
}

/// Begins a service as a draft of an organisation.
pub(super) async fn begin(work: &mut Work, id: ServiceId, organization: OrganizationId, content: ServiceContent) -> Result<service::Model> {
    let owner = work.refer::<organization::Entity>(organization, &["organization"]).await?;
    check_producers(work, &content, owner.network_id).await?;
    let (now, content) = (work.now(), tidy(content));
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
}

/// Replaces the working copy. A published service stays as it is for everybody until it is published again.
///
/// # Errors
/// What is wrong with the content, a stale version, a discarded draft, or a caller without the right.
pub async fn update(caller: &Caller, id: ServiceId, expected: i32, content: ServiceContent) -> Result<service::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service::Entity>(id, expected, Action::Update).await?;
            check_producers(work, &content, before.network_id).await?;
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
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service::Entity>(id, expected, Action::Transition).await?;
            go_on(work, &before, by).await
        })
        .await
}

/// Moves a fetched service through its publishing.
pub(super) async fn go_on(work: &mut Work, before: &service::Model, by: PublishingMove) -> Result<service::Model> {
    if by == PublishingMove::Publish {
        before.content.missing().into_result()?;
    }
    let shown = before.publishing.is_public();
    // Its published offerings come and go with it: whoever follows offerings is told so.
    let gone = if by == PublishingMove::Withdraw { offerings(work, before.id).await? } else { Vec::new() };
    let come = if by == PublishingMove::Publish && !shown { offerings(work, before.id).await? } else { Vec::new() };
    for offering in &come {
        // While nobody saw them, their places may have been closed.
        check_places_are_open(work, &offering.content, |_| vec!["offerings"]).await?;
    }
    let row = step::<service::Entity>(work, before, before.clone(), by).await?;
    for (rows, happening) in [(gone, Happening::Withdrawn), (come, Happening::Published)] {
        for offering in rows {
            work.tell::<service_offering::Entity>(&offering, happening, true);
        }
    }
    Ok(row)
}

/// Every producer is an organisation of the same network.
async fn check_producers(work: &Work, content: &ServiceContent, network: NetworkId) -> Result<()> {
    for producer in &content.producers {
        if work.refer::<organization::Entity>(*producer, &["content", "producers"]).await?.network_id != network {
            return Err(Error::reject(Code::OtherNetwork, &["content", "producers"]));
        }
    }
    Ok(())
}

/// The published copies of a public service's offerings.
async fn offerings(work: &Work, service: ServiceId) -> Result<Vec<service_offering::Model>> {
    let copies = work.find::<publication::Entity>(publication::Column::ParentId.eq(service.0)).await?;
    copies.into_iter().map(|copy| serde_json::from_value(copy.row).map_err(Error::internal)).collect()
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
