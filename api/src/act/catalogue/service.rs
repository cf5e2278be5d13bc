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
    import::catalogue::Said,
    machine::Machine,
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{organization, publication, service, service_offering};
use sea_orm::{ColumnTrait, ExprTrait, sea_query::SimpleExpr};
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
    let row = draft(work, id, &owner, content).await?;
    work.insert::<service::Entity>(row).await
}

/// A draft that is not kept yet.
async fn draft(work: &Work, id: ServiceId, owner: &organization::Model, content: ServiceContent) -> Result<service::Model> {
    check_producers(work, &content, owner.network_id).await?;
    let (now, content) = (work.now(), tidy(content));
    Ok(service::Model {
        id,
        network_id: owner.network_id,
        organization_id: owner.id,
        publishing: PublishingState::Draft,
        source: None,
        source_id: None,
        source_content: None,
        search: search(&content),
        content,
        created_at: now,
        updated_at: now,
        version: 1,
    })
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
            revise(work, &before, before.clone(), content.clone()).await
        })
        .await
}

/// Replaces the working copy of a fetched service, with what changes beside.
async fn revise(work: &mut Work, before: &service::Model, next: service::Model, content: ServiceContent) -> Result<service::Model> {
    check_producers(work, &content, before.network_id).await?;
    let content = tidy(content);
    let publishing = before.publishing.step(PublishingMove::Modify)?;
    let next = service::Model { publishing, search: search(&content), content, ..next };
    work.update::<service::Entity>(before, next, Action::Update).await
}

/// A service as a source tells it.
#[derive(Clone, Debug)]
pub struct SourcedService {
    /// Whose service it is here.
    pub organization: OrganizationId,
    /// The name of the source.
    pub source: String,
    /// Its id in the source.
    pub source_id: String,
    /// What is said of it.
    pub said: Said,
}

/// What became of a service that a source tells of.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The service.
    pub id: ServiceId,
    /// How its content has changed.
    pub change: Change,
    /// Paths of what was edited here, and stays so although the source says something else.
    pub kept: Vec<String>,
}

/// How the content of a service has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was begun as a draft.
    Begun,
    /// Its working copy says what the source says anew.
    Revised,
    /// Not at all.
    Nothing,
}

/// Takes what a source says of a service: begins it as a draft, or changes the working copy of the one that was begun from there. What was edited here stays, and
/// what everybody sees stays as it is until it is published.
///
/// # Errors
/// What is wrong with the content, a draft that was discarded, or a caller without the right.
pub async fn take(caller: &Caller, input: &SourcedService) -> Result<Taken> {
    caller.signed_in()?;
    let SourcedService { organization, source, source_id, said } = input;
    caller
        .write(async |work: &mut Work| {
            let owner = work.refer::<organization::Entity>(*organization, &["organization"]).await?;
            work.allow::<service::Entity>(Action::Create, owner.network_id, owner.id)?;
            // Two who take the same feed at once make one service.
            work.hold_word(&format!("service:{}:{source}:{source_id}", owner.id.0)).await?;
            let Some(known) = work.find::<service::Entity>(of_source(owner.id, source).and(service::Column::SourceId.eq(source_id.as_str()))).await?.pop()
            else {
                let content = said.begun(source).map_err(Error::internal)?;
                under("content", &content.check())?;
                let row = draft(work, ServiceId::new(), &owner, content).await?;
                let (source, source_id) = (Some(source.clone()), Some(source_id.clone()));
                let row = service::Model { source, source_id, source_content: Some(said.to_value()), ..row };
                return Ok(Taken { id: work.insert::<service::Entity>(row).await?.id, change: Change::Begun, kept: Vec::new() });
            };
            let before = work.fetch::<service::Entity>(known.id, Action::Update).await?;
            let said_before = Said::kept(before.source_content.as_ref());
            let (content, kept) = said.settled(&said_before, &before.content).map_err(Error::internal)?;
            let next = service::Model { source_content: Some(said.to_value()), ..before.clone() };
            let id = before.id;
            if content != before.content {
                under("content", &content.check())?;
                revise(work, &before, next, content).await?;
                return Ok(Taken { id, change: Change::Revised, kept });
            }
            if said_before != *said {
                work.update::<service::Entity>(&before, next, Action::Update).await?;
            }
            Ok(Taken { id, change: Change::Nothing, kept })
        })
        .await
}

/// The services of an organisation that are imported from a source.
pub(in crate::act) fn of_source(organization: OrganizationId, source: &str) -> SimpleExpr {
    service::Column::OrganizationId.eq(organization).and(service::Column::Source.eq(source))
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
