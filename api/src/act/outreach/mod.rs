//! Open and outreach work: recorded from a phone with bad coverage, late, twice and by two at once, and never about anybody by name.
pub mod anonymous_contact;
pub mod anonymous_handle;
pub mod drop_in_day;
pub mod open_event;
pub mod outreach_shift;
pub mod record;

use crate::{
    error::{Error, Result},
    store::Work,
};
use domain::{
    id::NetworkId,
    outreach::place::{OutreachPlace, StopThen},
    rejection::Code,
};
use entity::{
    Kept,
    catalogue::{area, service_unit, transport_route, venue},
};

/// A place whose names are of the network; an area may be of the national register. A stop is kept as the route has it now, or as it was `before` where no
/// other is meant.
async fn settled(work: &Work, place: &OutreachPlace, before: Option<&OutreachPlace>, network: NetworkId) -> Result<OutreachPlace> {
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
        if let Some(before) = before.filter(|before| before.is_same_stop(place)) {
            return Ok(OutreachPlace { stop_then: before.stop_then.clone(), ..place.clone() });
        }
        if let Some(stop) = place.stop {
            let stop = usize::try_from(stop).ok().and_then(|stop| route.content.stops.get(stop));
            let stop = stop.ok_or_else(|| Error::reject(Code::UnknownReference, &path("stop")))?;
            return Ok(OutreachPlace { stop_then: Some(StopThen { name: stop.name.clone(), area: stop.area }), ..place.clone() });
        }
    }
    Ok(place.clone())
}
