//! Areas.
use super::{Network, access, maybe};
use crate::{
    act::catalogue::area,
    error::Result,
    graphql::{
        Asked,
        order::{self, Usual, usual_order},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Point},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::{
        area::{AreaContent, AreaKind},
        closing::{PlaceMove, PlaceState},
    },
    id::{AreaId, Kinded, NetworkId},
    policy::Resource,
    scalar::Date,
    text::Language,
};
use entity::catalogue::area as table;
use std::sync::Arc;
use uuid::Uuid;

/// An area (alue).
pub struct Area(pub Arc<table::Model>);

impl From<table::Model> for Area {
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

/// An area (alue): wellbeing services county, municipality, and below it district, village or postal area.
#[Object]
impl Area {
    /// Opaque id. Counties and municipalities have the same id in every installation.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What kind of area it is.
    async fn kind(&self) -> AreaKind {
        self.0.content.kind
    }
    /// The network that added it; null when it is of the national register.
    async fn network(&self, ctx: &Context<'_>) -> Result<Option<Network>> {
        match self.0.network_id {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.networks, id).await?.map(Network)),
        }
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// Its code in the code list `wellbeing-county` or `municipality`, or its postal code; null for districts and villages.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }
    /// The area that it lies in; null for a county.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Area>> {
        match self.0.parent_id {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.areas, id).await?.map(Area)),
        }
    }
    /// The areas in use directly inside it, by name.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Area>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let inside: Vec<u32> = s.areas.positions().filter(|i| s.areas.at(*i).parent_id == Some(self.0.id) && s.areas.at(*i).closed_on.is_none()).collect();
        Ok(page::of_memory(ctx, &inside, &window, |i| key(s.areas.at(i)), |i| Area(Arc::clone(s.areas.at(i)))))
    }
    /// Its centre; null when it is not known.
    async fn point(&self) -> Option<Point> {
        self.0.content.point.map(Point::from)
    }
    /// Where this information comes from; null when it is the national code list.
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
        super::place_moves(ctx, Resource::Area, self.0.network_id, None, self.0.closed_on)
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Area, self.0.network_id, None)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of adding, changing or closing an area.
    AreaPayload {
        /// The area as it is now; null when it was refused.
        area: Area
    }
}

/// A new local area.
#[derive(InputObject)]
struct AddAreaInput {
    /// The network that speaks of it.
    network: NetworkId,
    /// What is said of it: a district, village or postal area inside another area.
    content: AreaContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a local area from now on.
#[derive(InputObject)]
struct UpdateAreaInput {
    /// The area.
    id: AreaId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: AreaContent,
}

/// Which areas.
#[derive(InputObject, Default)]
struct AreaFilter {
    /// Of one of these kinds.
    #[graphql(validator(max_items = 100))]
    kinds: Option<Vec<AreaKind>>,
    /// In one of these states; without it, those in use.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<PlaceState>>,
    /// Inside this area, at any depth.
    inside: Option<AreaId>,
    /// With this code.
    code: Option<String>,
    /// With this text in the name, whatever its case and accents.
    search: Option<String>,
}

/// A local area that is closed, or taken into use again.
#[derive(InputObject)]
struct AreaMoveInput {
    /// The district, village or postal area; those of the national register cannot be closed.
    id: AreaId,
    /// The version that you have seen.
    expected_version: i32,
}

usual_order! {
    /// One key of an order of areas.
    AreaOrder by
    /// By what areas are put in order.
    AreaOrderField
}

/// Questions about areas.
#[derive(Default)]
pub struct AreaQuery;

/// Questions about areas.
#[Object]
impl AreaQuery {
    /// An area (alue), also a closed one; null when there is none.
    async fn area(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: AreaId) -> Option<Area> {
        ctx.caller().catalogue().areas.get(id).map(|row| Area(Arc::clone(row)))
    }
    /// The areas (alueet) that are in use, by name.
    async fn areas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<AreaFilter>,
        #[graphql(desc = "In what order, the first counting most; without it by name. The id is the last tie-break.")] order_by: Option<Vec<AreaOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Area>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let search = page::words(f.search.as_deref())?;
        let holds = |row: &table::Model| {
            super::in_state(f.states.as_deref(), row.closed_on)
                && f.kinds.as_ref().is_none_or(|k| k.contains(&row.content.kind))
                && f.inside.is_none_or(|a| row.id != a && s.lineage(row.id).contains(&a))
                && f.code.as_ref().is_none_or(|c| row.code.as_ref() == Some(c))
                && search.as_ref().is_none_or(|text| row.search.contains(text))
        };
        let found: Vec<u32> = s.areas.positions().filter(|i| holds(s.areas.at(*i))).collect();
        let by = order::keys(order_by, (Usual::Name, false))?;
        order::in_memory(ctx, &found, Usual::Name, &by, &window, |i, by| sort_key(s.areas.at(i), by), |i| Area(Arc::clone(s.areas.at(i))))
    }
}

/// Changes of areas.
#[derive(Default)]
pub struct AreaMutation;

/// Changes of areas.
#[Object]
impl AreaMutation {
    /// Adds a district, village or postal area. For the network's administrator.
    async fn add_area(&self, ctx: &Context<'_>, #[graphql(desc = "Which area, and where.")] input: AddAreaInput) -> Result<AreaPayload> {
        let what = area::AddArea { network: input.network, content: input.content };
        AreaPayload::of(ctx, area::add(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a local area. For the network's administrator.
    async fn update_area(&self, ctx: &Context<'_>, #[graphql(desc = "Which area, and what is said of it.")] input: UpdateAreaInput) -> Result<AreaPayload> {
        AreaPayload::of(ctx, area::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Closes a local area (lopettaa). Refused while an open venue, unit, route or area lies in it. For the network's administrator.
    async fn close_area(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: AreaMoveInput) -> Result<AreaPayload> {
        AreaPayload::of(ctx, area::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Close).await)
    }
    /// Takes a closed local area into use again. For the network's administrator.
    async fn reopen_area(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: AreaMoveInput) -> Result<AreaPayload> {
        AreaPayload::of(ctx, area::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Reopen).await)
    }
}
