//! Where open work is done.
use crate::{
    error::Result,
    graphql::{
        catalogue::{Area, ServiceUnit, TransportRoute, Venue, maybe},
        text::LocalizedText,
    },
};
use async_graphql::{Context, Object};
use domain::outreach::place;

/// A place of open work (avoimen työn paikka).
pub struct OutreachPlace(pub place::OutreachPlace);

/// A place of open work (avoimen työn paikka): a venue, a unit, a route with its stop, or an area with a place in words.
#[Object]
impl OutreachPlace {
    /// The venue; null when it is another place.
    async fn venue(&self, ctx: &Context<'_>) -> Result<Option<Venue>> {
        let Some(id) = self.0.venue else { return Ok(None) };
        Ok(maybe(ctx, |s| &s.venues, id).await?.map(Venue))
    }
    /// The unit; null when it is another place.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<ServiceUnit>> {
        let Some(id) = self.0.unit else { return Ok(None) };
        Ok(maybe(ctx, |s| &s.units, id).await?.map(ServiceUnit))
    }
    /// The route; null when it is another place.
    async fn route(&self, ctx: &Context<'_>) -> Result<Option<TransportRoute>> {
        let Some(id) = self.0.route else { return Ok(None) };
        Ok(maybe(ctx, |s| &s.routes, id).await?.map(TransportRoute))
    }
    /// Which stop of the route as it was when this was recorded, counted from 0; null when it is no stop.
    async fn stop(&self) -> Option<i32> {
        self.0.stop
    }
    /// What the stop was called when this was recorded; null when it is no stop.
    async fn stop_name(&self) -> Option<LocalizedText> {
        self.0.stop_then.as_ref().map(|stop| LocalizedText::from(&stop.name))
    }
    /// The area; null when it is another place.
    async fn area(&self, ctx: &Context<'_>) -> Result<Option<Area>> {
        let Some(id) = self.0.area else { return Ok(None) };
        Ok(maybe(ctx, |s| &s.areas, id).await?.map(Area))
    }
    /// The place in words; null when there are none.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }
}
