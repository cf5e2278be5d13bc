//! Transport routes with their stops and calendar.
use super::closing::{check_no_offering, check_open, refer_area, step};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::{closing::PlaceMove, route::TransportRouteContent},
    event::Happening,
    id::{NetworkId, OrganizationId, TransportRouteId},
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{organization, transport_route, venue};
use serde::Serialize;

/// What is said when a route is opened.
#[derive(Clone, Debug, Serialize)]
pub struct CreateTransportRoute {
    /// Who runs it.
    pub operator: OrganizationId,
    /// What is said of it.
    pub content: TransportRouteContent,
}

/// Opens a transport route.
///
/// # Errors
/// What the content lacks, or a caller without the right.
pub async fn create(caller: &Caller, key: Option<&str>, input: CreateTransportRoute) -> Result<transport_route::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = TransportRouteId::new();
    caller
        .write_once::<transport_route::Entity>(key, "createTransportRoute", &input, id, async |work: &mut Work| {
            let operator = work.refer::<organization::Entity>(input.operator, &["operator"]).await?;
            check_references(work, &input.content, operator.network_id).await?;
            let now = work.now();
            let row = transport_route::Model {
                id,
                network_id: operator.network_id,
                organization_id: operator.id,
                closed_on: None,
                search: entity::search_text(&[&input.content.name]),
                content: input.content.clone(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<transport_route::Entity>(row).await?;
            work.tell::<transport_route::Entity>(&row, Happening::Published, true);
            Ok(row)
        })
        .await
}

/// Replaces what is said of a route.
///
/// # Errors
/// As [`create`], a closed route, and a stale version.
pub async fn update(caller: &Caller, id: TransportRouteId, expected: i32, content: TransportRouteContent) -> Result<transport_route::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<transport_route::Entity>(id, expected, Action::Update).await?;
            check_open::<transport_route::Entity>(&before, &["id"])?;
            check_references(work, &content, before.network_id).await?;
            let next = transport_route::Model { search: entity::search_text(&[&content.name]), content: content.clone(), ..before.clone() };
            let row = work.update::<transport_route::Entity>(&before, next, Action::Update).await?;
            work.tell::<transport_route::Entity>(&row, Happening::Changed, true);
            Ok(row)
        })
        .await
}

/// Closes a route, or takes it into use again.
///
/// # Errors
/// A published offering that is given along it, a closed area, an illegal move, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: TransportRouteId, expected: i32, by: PlaceMove) -> Result<transport_route::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<transport_route::Entity>(id, expected, Action::Transition).await?;
            match by {
                PlaceMove::Close => check_no_offering(work, before.network_id, |offering| offering.route == Some(id)).await?,
                PlaceMove::Reopen => {
                    for stop in &before.content.stops {
                        refer_area(work, stop.area, &["id"]).await?;
                    }
                }
            }
            step::<transport_route::Entity>(work, &before, by).await
        })
        .await
}

async fn check_references(work: &Work, content: &TransportRouteContent, network: NetworkId) -> Result<()> {
    for stop in &content.stops {
        refer_area(work, stop.area, &["content", "stops", "area"]).await?;
        if let Some(at) = stop.venue
            && work.refer::<venue::Entity>(at, &["content", "stops", "venue"]).await?.network_id != network
        {
            return Err(Error::reject(Code::OtherNetwork, &["content", "stops", "venue"]));
        }
    }
    Ok(())
}
