//! The face of the catalogue.
mod activity;
mod agreement;
mod area;
mod change;
mod map;
mod network;
mod offering;
mod organization;
mod route;
mod series;
mod service;
mod session;
mod unit;
mod venue;
mod watch;

pub use agreement::PartnershipAgreement;
pub use area::Area;
pub use change::ChangeSubscription;
pub use map::ServiceMapEntry;
pub use network::Network;
pub use offering::ServiceOffering;
pub use organization::Organization;
pub use route::TransportRoute;
pub use series::SessionSeries;
pub use service::Service;
pub use session::{HoldSessionInput, Session, SessionPayload};
pub use unit::ServiceUnit;
pub use venue::Venue;
pub use watch::OfferingSubscription;

use super::{Asked, page::Edition};
use crate::{
    error::{Error, Result},
    snapshot::{Snapshot, Table},
};
use async_graphql::{Context, MergedObject, SimpleObject};
use chrono::NaiveDate;
use domain::{
    catalogue::closing::{PlaceMove, PlaceState},
    id::{AreaId, NetworkId, OrganizationId, ServiceId, ServiceOfferingId, SessionId},
    machine::Machine,
    policy::{Action, Resource, reach},
};
use entity::Guarded;
use std::sync::Arc;
use uuid::Uuid;

/// Questions about the catalogue.
#[derive(MergedObject, Default)]
pub struct CatalogueQuery(PlaceQuery, SupplyQuery);

/// Who and where.
#[derive(MergedObject, Default)]
struct PlaceQuery(
    network::NetworkQuery,
    organization::OrganizationQuery,
    unit::ServiceUnitQuery,
    area::AreaQuery,
    venue::VenueQuery,
    route::TransportRouteQuery,
);

/// What and when.
#[derive(MergedObject, Default)]
struct SupplyQuery(
    service::ServiceQuery,
    offering::ServiceOfferingQuery,
    session::SessionQuery,
    agreement::PartnershipAgreementQuery,
    map::MapQuery,
    change::ChangeQuery,
);

/// Changes of the catalogue.
#[derive(MergedObject, Default)]
pub struct CatalogueMutation(PlaceMutation, SupplyMutation);

/// Changes of who and where.
#[derive(MergedObject, Default)]
struct PlaceMutation(
    network::NetworkMutation,
    organization::OrganizationMutation,
    unit::ServiceUnitMutation,
    area::AreaMutation,
    venue::VenueMutation,
    route::TransportRouteMutation,
);

/// Changes of what and when.
#[derive(MergedObject, Default)]
struct SupplyMutation(
    service::ServiceMutation,
    offering::ServiceOfferingMutation,
    session::SessionMutation,
    series::SessionSeriesMutation,
    activity::ActivityMutation,
    agreement::PartnershipAgreementMutation,
);

/// What you may do with a thing (oikeutesi), by the same policy that guards the mutations.
#[derive(SimpleObject)]
pub struct Access {
    /// You may change its content.
    can_update: bool,
    /// You may move it to another state: publish, withdraw, cancel.
    can_transition: bool,
}

/// What the caller may do with a row of an organisation.
pub fn access(ctx: &Context<'_>, resource: Resource, network: Option<NetworkId>, organization: Option<OrganizationId>) -> Access {
    Access {
        can_update: may(ctx, Action::Update, resource, network, organization),
        can_transition: may(ctx, Action::Transition, resource, network, organization),
    }
}

/// The moves that the state of a unit, route or area allows and that the caller may make.
fn place_moves(
    ctx: &Context<'_>,
    resource: Resource,
    network: Option<NetworkId>,
    organization: Option<OrganizationId>,
    closed_on: Option<NaiveDate>,
) -> Vec<PlaceMove> {
    let allowed = may(ctx, Action::Transition, resource, network, organization);
    PlaceState::of(closed_on).moves().filter(|_| allowed).collect()
}

/// A unit, route or area is in one of these states; without any, it is in use.
fn in_state(states: Option<&[PlaceState]>, closed_on: Option<NaiveDate>) -> bool {
    states.unwrap_or(&[PlaceState::Open]).contains(&PlaceState::of(closed_on))
}

/// What you may do with a row about a client: asked of the database, since it hangs on relations and consents.
pub async fn row_access<E: Guarded>(ctx: &Context<'_>, id: impl Into<Uuid>) -> Result<Access> {
    let id = id.into();
    let (can_update, can_transition) =
        futures_util::future::try_join(ctx.caller().may::<E>(id, Action::Update), ctx.caller().may::<E>(id, Action::Transition)).await?;
    Ok(Access { can_update, can_transition })
}

/// The caller may do this to a row of an organisation.
pub fn may(ctx: &Context<'_>, action: Action, resource: Resource, network: Option<NetworkId>, organization: Option<OrganizationId>) -> bool {
    let reach = reach(ctx.caller().actor(), action, resource);
    network.map_or(reach.everything, |network| reach.covers(network, organization))
}

/// A row of the public catalogue, or, where it is newer than this request's snapshot, the row itself.
async fn public<E: Guarded>(ctx: &Context<'_>, table: impl Fn(&Snapshot) -> &Table<E>, id: impl Into<Uuid>) -> Result<Arc<E::Model>> {
    maybe(ctx, table, id).await?.ok_or(Error::NotFound)
}

/// An organisation that another thing names.
pub async fn organization(ctx: &Context<'_>, id: OrganizationId) -> Result<Organization> {
    Ok(Organization(public(ctx, |s| &s.organizations, id).await?))
}

/// An area that another thing names; null when it is not the caller's to see.
pub async fn area_named(ctx: &Context<'_>, id: AreaId) -> Result<Option<Area>> {
    Ok(maybe(ctx, |s| &s.areas, id).await?.map(Area))
}

/// A published service that another thing names; null when it is not public any more.
pub async fn published_service(ctx: &Context<'_>, id: ServiceId) -> Result<Option<Service>> {
    Ok(in_edition(ctx, |s| &s.services, id, Edition::Published).await?.map(|row| Service { row, edition: Edition::Published }))
}

/// An offering that another thing names: as everybody sees it, or as the caller may; null when it is neither.
pub async fn offering_named(ctx: &Context<'_>, id: ServiceOfferingId) -> Result<Option<ServiceOffering>> {
    Ok(in_either(ctx, |s| &s.offerings, id).await?.map(|(row, edition)| ServiceOffering { row, edition }))
}

/// A session that another thing names; null when it is not the caller's to see.
pub async fn session_named(ctx: &Context<'_>, id: SessionId) -> Result<Option<Session>> {
    Ok(maybe(ctx, |s| &s.sessions, id).await?.map(Session))
}

/// The same, for a row that the caller may not see or that may be missing.
pub async fn maybe<E: Guarded>(ctx: &Context<'_>, table: impl Fn(&Snapshot) -> &Table<E>, id: impl Into<Uuid>) -> Result<Option<Arc<E::Model>>> {
    let (caller, id) = (ctx.caller(), id.into());
    match table(&caller.catalogue()).get(id) {
        Some(row) => Ok(Some(Arc::clone(row))),
        None => Ok(caller.load::<E>(id).await?.map(Arc::new)),
    }
}

/// A row as everybody sees it or, where it is not public, as the caller may; and which of the two it is.
async fn in_either<E: Guarded>(ctx: &Context<'_>, table: impl Fn(&Snapshot) -> &Table<E>, id: impl Into<Uuid>) -> Result<Option<(Arc<E::Model>, Edition)>> {
    let id = id.into();
    for edition in [Edition::Published, Edition::Working] {
        if let Some(row) = in_edition(ctx, &table, id, edition).await? {
            return Ok(Some((row, edition)));
        }
    }
    Ok(None)
}

/// A row in the edition that is asked for: the published copy, or the working copy that the caller may see.
async fn in_edition<E: Guarded>(
    ctx: &Context<'_>,
    table: impl Fn(&Snapshot) -> &Table<E>,
    id: impl Into<Uuid>,
    edition: Edition,
) -> Result<Option<Arc<E::Model>>> {
    let id = id.into();
    match edition {
        Edition::Published => Ok(table(&ctx.caller().catalogue()).get(id).map(Arc::clone)),
        Edition::Working => Ok(ctx.caller().load::<E>(id).await?.map(Arc::new)),
    }
}
