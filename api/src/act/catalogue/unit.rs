//! Service units: an organisation's own places of work.
use super::closing::{check_no_offering, check_open, refer_area, step};
use crate::{act::under, caller::Caller, error::Result, store::Work};
use domain::{
    catalogue::{closing::PlaceMove, unit::ServiceUnitContent},
    event::Happening,
    id::{OrganizationId, ServiceUnitId},
    policy::Action,
};
use entity::catalogue::{organization, service_unit};
use serde::Serialize;

/// What is said when a unit is opened.
#[derive(Clone, Debug, Serialize)]
pub struct CreateServiceUnit {
    /// Whose unit it is.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: ServiceUnitContent,
}

/// Opens a service unit of an organisation.
///
/// # Errors
/// What the content lacks, or a caller without the right.
pub async fn create(caller: &Caller, key: Option<&str>, input: CreateServiceUnit) -> Result<service_unit::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = ServiceUnitId::new();
    caller
        .write_once::<service_unit::Entity>(key, "createServiceUnit", &input, id, async |work: &mut Work| {
            let owner = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            refer_area(work, input.content.area, &["content", "area"]).await?;
            let (now, content) = (work.now(), tidy(input.content.clone()));
            let row = service_unit::Model {
                id,
                network_id: owner.network_id,
                organization_id: owner.id,
                closed_on: None,
                search: entity::search_text(&[&content.name]),
                content,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<service_unit::Entity>(row).await?;
            work.tell::<service_unit::Entity>(&row, Happening::Published, true);
            Ok(row)
        })
        .await
}

/// Replaces what is said of a unit.
///
/// # Errors
/// As [`create`], a closed unit, and a stale version.
pub async fn update(caller: &Caller, id: ServiceUnitId, expected: i32, content: ServiceUnitContent) -> Result<service_unit::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service_unit::Entity>(id, expected, Action::Update).await?;
            check_open::<service_unit::Entity>(&before, &["id"])?;
            refer_area(work, content.area, &["content", "area"]).await?;
            let content = tidy(content.clone());
            let next = service_unit::Model { search: entity::search_text(&[&content.name]), content, ..before.clone() };
            let row = work.update::<service_unit::Entity>(&before, next, Action::Update).await?;
            work.tell::<service_unit::Entity>(&row, Happening::Changed, true);
            Ok(row)
        })
        .await
}

/// Closes a unit, or takes it into use again.
///
/// # Errors
/// A published offering that is given there, a closed area, an illegal move, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ServiceUnitId, expected: i32, by: PlaceMove) -> Result<service_unit::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<service_unit::Entity>(id, expected, Action::Transition).await?;
            match by {
                PlaceMove::Close => check_no_offering(work, before.network_id, |offering| offering.unit == Some(id)).await?,
                PlaceMove::Reopen => {
                    refer_area(work, before.content.area, &["id"]).await?;
                }
            }
            step::<service_unit::Entity>(work, &before, by).await
        })
        .await
}

fn tidy(mut content: ServiceUnitContent) -> ServiceUnitContent {
    content.name = content.name.tidy();
    content
}
