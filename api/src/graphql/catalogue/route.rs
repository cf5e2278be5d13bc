//! Transport routes.
use super::{Area, Organization, Venue, access, maybe, public};
use crate::{
    act::catalogue::route,
    error::Result,
    graphql::{
        Asked,
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Point, shown},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    catalogue::route::{self as rules, TransportRouteContent, Weekday},
    id::{Kinded, OrganizationId, TransportRouteId},
    policy::Resource,
    scalar::{Date, Time},
    text::Language,
};
use entity::catalogue::transport_route as table;
use std::sync::Arc;
use uuid::Uuid;

/// A transport route (kulkureitti).
pub struct TransportRoute(pub Arc<table::Model>);

impl From<table::Model> for TransportRoute {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

fn key(row: &table::Model) -> (String, Uuid) {
    (name_key(&row.content.name, Language::Fi), row.id.0)
}

/// A transport route (kulkureitti): a vehicle that brings services to its stops, such as Reissu-Ellu.
#[Object]
impl TransportRoute {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Who runs it.
    async fn operator(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.0.organization_id).await?))
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// What it brings and to whom; null when it is not told.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.0.content.description.as_ref())
    }
    /// Its stops, in order.
    async fn stops(&self) -> Vec<RouteStop> {
        self.0.content.stops.iter().cloned().map(RouteStop).collect()
    }
    /// When it stands at its stops, every week.
    async fn calendar(&self) -> Vec<RouteCall> {
        self.0.content.calendar.iter().map(Into::into).collect()
    }
    /// The first day of this timetable; null when it is not told.
    async fn valid_from(&self) -> Option<Date> {
        self.0.content.valid_from
    }
    /// The last day of this timetable; null when it goes on.
    async fn valid_to(&self) -> Option<Date> {
        self.0.content.valid_to
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.0.content.source.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::TransportRoute, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A stop of a route (pysäkki).
struct RouteStop(rules::RouteStop);

/// A stop of a route (pysäkki).
#[Object]
impl RouteStop {
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.name).into()
    }
    /// The area where it lies.
    async fn area(&self, ctx: &Context<'_>) -> Result<Area> {
        Ok(Area(public(ctx, |s| &s.areas, self.0.area).await?))
    }
    /// Its place on the map.
    async fn point(&self) -> Point {
        self.0.point.into()
    }
    /// The venue at which it stops; null when there is none, or it is not yours to see.
    async fn venue(&self, ctx: &Context<'_>) -> Result<Option<Venue>> {
        match self.0.venue {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.venues, id).await?.map(Venue)),
        }
    }
}

/// A time at which the vehicle stands at a stop, every week (pysähdys).
#[derive(SimpleObject)]
struct RouteCall {
    /// Which stop, counted from 0 in the order of the route.
    stop: i32,
    /// On which day of the week.
    weekday: Weekday,
    /// From when, in Europe/Helsinki.
    from: Time,
    /// Until when.
    to: Time,
}

impl From<&rules::RouteCall> for RouteCall {
    fn from(call: &rules::RouteCall) -> Self {
        Self { stop: call.stop, weekday: call.weekday, from: call.from, to: call.to }
    }
}

payload! {
    /// The outcome of opening or changing a transport route.
    TransportRoutePayload {
        /// The route as it is now; null when it was refused.
        transport_route: TransportRoute
    }
}

/// A new transport route.
#[derive(InputObject)]
struct CreateTransportRouteInput {
    /// Who runs it: your own organisation.
    organization: OrganizationId,
    /// What is said of it.
    content: TransportRouteContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a route from now on.
#[derive(InputObject)]
struct UpdateTransportRouteInput {
    /// The route.
    id: TransportRouteId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: TransportRouteContent,
}

/// Questions about routes.
#[derive(Default)]
pub struct TransportRouteQuery;

/// Questions about routes.
#[Object]
impl TransportRouteQuery {
    /// A transport route (kulkureitti); null when there is none.
    async fn transport_route(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: TransportRouteId) -> Option<TransportRoute> {
        ctx.caller().catalogue().routes.get(id).map(|row| TransportRoute(Arc::clone(row)))
    }
    /// The transport routes (kulkureitit), by name.
    async fn transport_routes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<TransportRoute>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let all: Vec<u32> = s.routes.positions().collect();
        Ok(page::of_memory(ctx, &all, &window, |i| key(s.routes.at(i)), |i| TransportRoute(Arc::clone(s.routes.at(i)))))
    }
}

/// Changes of routes.
#[derive(Default)]
pub struct TransportRouteMutation;

/// Changes of routes.
#[Object]
impl TransportRouteMutation {
    /// Opens a transport route of your own organisation.
    async fn create_transport_route(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose route, and what is said of it.")] input: CreateTransportRouteInput,
    ) -> Result<TransportRoutePayload> {
        let what = route::CreateTransportRoute { organization: input.organization, content: input.content };
        TransportRoutePayload::of(ctx, route::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a route of your own organisation.
    async fn update_transport_route(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which route, and what is said of it.")] input: UpdateTransportRouteInput,
    ) -> Result<TransportRoutePayload> {
        TransportRoutePayload::of(ctx, route::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
}
