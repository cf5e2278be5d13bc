//! Open and outreach work: recorded from a phone with bad coverage, late, twice and by two at once, and never about anybody by name.
pub mod drop_in_day;

use crate::{
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    catalogue::session::day,
    id::{NetworkId, OrganizationId},
    outreach::place::OutreachPlace,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    Guarded, Kept,
    catalogue::{area, organization, service_unit, transport_route, venue},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

/// The key under which something is recorded: the caller's own, or the UUID that the device has made.
fn key(given: Option<&str>, device: Option<Uuid>) -> Option<String> {
    given.map(str::to_owned).or_else(|| device.map(|uuid| format!("uuid:{uuid}")))
}

/// The organisation whose work is recorded, and no row under the UUID of the device yet.
async fn begin<E: Kept>(work: &Work, organization: OrganizationId, device: Option<Uuid>) -> Result<organization::Model> {
    if let Some(uuid) = device
        && !work.find::<E>(<E as Guarded>::columns().id.eq(uuid)).await?.is_empty()
    {
        return Err(Error::reject(Code::NotUnique, &["uuid"]));
    }
    work.refer::<organization::Entity>(organization, &["organization"]).await
}

/// The day on which something was: today or before, however long.
fn past(work: &Work, on: Date) -> Result<NaiveDate> {
    let today = day(work.now());
    if on.0 > today { Err(Rejection::with(Code::OutOfRange, &["effectiveDate"], format!("–{today}")).into()) } else { Ok(on.0) }
}

/// What a place names is of the network; an area may be of the national register.
async fn check_place(work: &Work, place: &OutreachPlace, network: NetworkId) -> Result<()> {
    let path = |field: &'static str| ["content", "place", field];
    let same = |of: Option<NetworkId>, field: &'static str| {
        if of.is_none_or(|of| of == network) { Ok(()) } else { Err(Error::reject(Code::OtherNetwork, &path(field))) }
    };
    if let Some(id) = place.venue {
        same(venue::Entity::network(&work.refer::<venue::Entity>(id, &path("venue")).await?), "venue")?;
    }
    if let Some(id) = place.unit {
        same(service_unit::Entity::network(&work.refer::<service_unit::Entity>(id, &path("unit")).await?), "unit")?;
    }
    if let Some(id) = place.area {
        same(area::Entity::network(&work.refer::<area::Entity>(id, &path("area")).await?), "area")?;
    }
    if let Some(id) = place.route {
        let route = work.refer::<transport_route::Entity>(id, &path("route")).await?;
        same(transport_route::Entity::network(&route), "route")?;
        let stops = route.content.stops.len();
        if place.stop.is_some_and(|stop| usize::try_from(stop).map_or(true, |stop| stop >= stops)) {
            return Err(Error::reject(Code::UnknownReference, &path("stop")));
        }
    }
    Ok(())
}
