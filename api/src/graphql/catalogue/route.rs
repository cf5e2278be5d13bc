//! Transport routes.
use super::{Area, Organization, Venue, access, maybe, public};
use crate::{
    act::catalogue::route,
    error::Result,
    graphql::{
        Asked,
        order::{self, Usual, usual_order},
        page::Page,
        payload::payload,
        text::{LocalizedText, Point, shown},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    catalogue::{
        closing::{PlaceMove, PlaceState},
        route::{self as rules, TransportRouteContent, Weekday},
    },
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

fn sort_key(row: &table::Model, by: Usual) -> (String, Uuid) {
    by.key(|| key(row), row.id, row.created_at, row.updated_at)
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
    /// Whether it is in use. What is closed is in no list that does not ask for it, and still found by its id and where it is referred to.
    async fn state(&self) -> PlaceState {
        PlaceState::of(self.0.closed_on)
    }
    /// The day on which it was closed; null while it is in use.
    async fn closed_on(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }
    /// The moves that its state allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<PlaceMove> {
        super::place_moves(ctx, Resource::TransportRoute, Some(self.0.network_id), Some(self.0.organization_id), self.0.closed_on)
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
    /// The outcome of opening, changing or closing a transport route.
    TransportRoutePayload {
        /// The route as it is now; null when it was refused.
        transport_route: TransportRoute
    }
}

/// A new transport route.
#[derive(InputObject)]
struct CreateTransportRouteInput {
    /// Who runs it: your own organisation.
    operator: OrganizationId,
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

/// A route that is closed, or taken into use again.
#[derive(InputObject)]
struct TransportRouteMoveInput {
    /// The route.
    id: TransportRouteId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which routes.
#[derive(InputObject, Default)]
struct TransportRouteFilter {
    /// Run by one of these organisations.
    #[graphql(validator(max_items = 100))]
    operators: Option<Vec<OrganizationId>>,
    /// In one of these states; without it, those in use.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<PlaceState>>,
}

usual_order! {
    /// One key of an order of routes.
    TransportRouteOrder by
    /// By what routes are put in order.
    TransportRouteOrderField
}

/// Questions about routes.
#[derive(Default)]
pub struct TransportRouteQuery;

/// Questions about routes.
#[Object]
impl TransportRouteQuery {
    /// A transport route (kulkureitti), also a closed one; null when there is none.
    async fn transport_route(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: TransportRouteId) -> Option<TransportRoute> {
        ctx.caller().catalogue().routes.get(id).map(|row| TransportRoute(Arc::clone(row)))
    }
    /// The transport routes (kulkureitit) that are in use, by name.
    async fn transport_routes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<TransportRouteFilter>,
        #[graphql(desc = "In what order, the first counting most; without it by name. The id is the last tie-break.")] order_by: Option<
            Vec<TransportRouteOrder>,
        >,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<TransportRoute>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let holds =
            |row: &table::Model| super::in_state(f.states.as_deref(), row.closed_on) && f.operators.as_ref().is_none_or(|o| o.contains(&row.organization_id));
        let found: Vec<u32> = s.routes.positions().filter(|i| holds(s.routes.at(*i))).collect();
        let by = order::keys(order_by, (Usual::Name, false))?;
        order::in_memory(ctx, &found, Usual::Name, &by, &window, |i, by| sort_key(s.routes.at(i), by), |i| TransportRoute(Arc::clone(s.routes.at(i))))
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
        let what = route::CreateTransportRoute { operator: input.operator, content: input.content };
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
    /// Closes a route of your own organisation (lopettaa). Refused while a published offering is given along it; what refers to it still shows it.
    async fn close_transport_route(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: TransportRouteMoveInput) -> Result<TransportRoutePayload> {
        TransportRoutePayload::of(ctx, route::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Close).await)
    }
    /// Takes a closed route of your own organisation into use again.
    async fn reopen_transport_route(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: TransportRouteMoveInput) -> Result<TransportRoutePayload> {
        TransportRoutePayload::of(ctx, route::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Reopen).await)
    }
}
