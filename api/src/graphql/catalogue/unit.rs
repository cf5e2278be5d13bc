//! Service units.
use super::{Area, Organization, access, public};
use crate::{
    act::catalogue::unit,
    error::Result,
    graphql::{
        Asked,
        order::{self, Usual, usual_order},
        page::Page,
        payload::payload,
        text::{Address, LocalizedText, Point},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::{
        closing::{PlaceMove, PlaceState},
        unit::ServiceUnitContent,
    },
    id::{AreaId, Kinded, OrganizationId, ServiceUnitId},
    policy::Resource,
    scalar::{Date, EmailAddress, PhoneNumber},
    text::Language,
};
use entity::catalogue::service_unit as table;
use std::sync::Arc;
use uuid::Uuid;

/// A service unit (palveluyksikkö).
pub struct ServiceUnit(pub Arc<table::Model>);

impl From<table::Model> for ServiceUnit {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

pub(super) fn key(row: &table::Model) -> (String, Uuid) {
    (name_key(&row.content.name, Language::Fi), row.id.0)
}

fn sort_key(row: &table::Model, by: Usual) -> (String, Uuid) {
    by.key(|| key(row), row.id, row.created_at, row.updated_at)
}

/// A service unit (palveluyksikkö): where an organisation works.
#[Object]
impl ServiceUnit {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Whose unit it is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.0.organization_id).await?))
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// The area where it lies.
    async fn area(&self, ctx: &Context<'_>) -> Result<Area> {
        Ok(Area(public(ctx, |s| &s.areas, self.0.content.area).await?))
    }
    /// Its street address; null when it is not told.
    async fn address(&self) -> Option<Address> {
        self.0.content.address.as_ref().map(Address::from)
    }
    /// Its place on the map; null when it is not told.
    async fn point(&self) -> Option<Point> {
        self.0.content.point.map(Point::from)
    }
    /// Its telephone number; null when it has none.
    async fn phone(&self) -> Option<&PhoneNumber> {
        self.0.content.phone.as_ref()
    }
    /// Its e-mail address; null when it has none.
    async fn email(&self) -> Option<&EmailAddress> {
        self.0.content.email.as_ref()
    }
    /// Its id in the national register Soteri; null when it is not known.
    async fn soteri_unit_id(&self) -> Option<&str> {
        self.0.content.soteri_unit_id.as_deref()
    }
    /// The date of its self-monitoring plan (omavalvontasuunnitelma); null when it is not known.
    async fn self_monitoring_plan_on(&self) -> Option<Date> {
        self.0.content.self_monitoring_plan_on
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
        super::place_moves(ctx, Resource::ServiceUnit, Some(self.0.network_id), Some(self.0.organization_id), self.0.closed_on)
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::ServiceUnit, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of opening, changing or closing a service unit.
    ServiceUnitPayload {
        /// The unit as it is now; null when it was refused.
        service_unit: ServiceUnit
    }
}

/// A new service unit.
#[derive(InputObject)]
struct CreateServiceUnitInput {
    /// Whose unit it is.
    organization: OrganizationId,
    /// What is said of it.
    content: ServiceUnitContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a unit from now on.
#[derive(InputObject)]
struct UpdateServiceUnitInput {
    /// The unit.
    id: ServiceUnitId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: ServiceUnitContent,
}

/// Which units.
#[derive(InputObject, Default)]
struct ServiceUnitFilter {
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// In one of these areas, or in an area inside it.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
    /// In one of these states; without it, those in use.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<PlaceState>>,
}

/// A unit that is closed, or taken into use again.
#[derive(InputObject)]
struct ServiceUnitMoveInput {
    /// The unit.
    id: ServiceUnitId,
    /// The version that you have seen.
    expected_version: i32,
}

usual_order! {
    /// One key of an order of units.
    ServiceUnitOrder by
    /// By what units are put in order.
    ServiceUnitOrderField
}

/// Questions about units.
#[derive(Default)]
pub struct ServiceUnitQuery;

/// Questions about units.
#[Object]
impl ServiceUnitQuery {
    /// A service unit (palveluyksikkö), also a closed one; null when there is none.
    async fn service_unit(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ServiceUnitId) -> Option<ServiceUnit> {
        ctx.caller().catalogue().units.get(id).map(|row| ServiceUnit(Arc::clone(row)))
    }
    /// The service units (palveluyksiköt) that are in use, by name.
    async fn service_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ServiceUnitFilter>,
        #[graphql(desc = "In what order, the first counting most; without it by name. The id is the last tie-break.")] order_by: Option<Vec<ServiceUnitOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceUnit>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let holds = |row: &table::Model| {
            super::in_state(f.states.as_deref(), row.closed_on)
                && f.organizations.as_ref().is_none_or(|o| o.contains(&row.organization_id))
                && f.areas.as_ref().is_none_or(|a| s.lineage(row.content.area).iter().any(|area| a.contains(area)))
        };
        let found: Vec<u32> = s.units.positions().filter(|i| holds(s.units.at(*i))).collect();
        let by = order::keys(order_by, (Usual::Name, false))?;
        order::in_memory(ctx, &found, Usual::Name, &by, &window, |i, by| sort_key(s.units.at(i), by), |i| ServiceUnit(Arc::clone(s.units.at(i))))
    }
}

/// Changes of units.
#[derive(Default)]
pub struct ServiceUnitMutation;

/// Changes of units.
#[Object]
impl ServiceUnitMutation {
    /// Opens a service unit of your own organisation.
    async fn create_service_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose unit, and what is said of it.")] input: CreateServiceUnitInput,
    ) -> Result<ServiceUnitPayload> {
        let what = unit::CreateServiceUnit { organization: input.organization, content: input.content };
        ServiceUnitPayload::of(ctx, unit::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a unit of your own organisation.
    async fn update_service_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which unit, and what is said of it.")] input: UpdateServiceUnitInput,
    ) -> Result<ServiceUnitPayload> {
        ServiceUnitPayload::of(ctx, unit::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Closes a unit of your own organisation (lopettaa). Refused while a published offering is given there; what refers to it still shows it.
    async fn close_service_unit(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: ServiceUnitMoveInput) -> Result<ServiceUnitPayload> {
        ServiceUnitPayload::of(ctx, unit::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Close).await)
    }
    /// Takes a closed unit of your own organisation into use again.
    async fn reopen_service_unit(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] input: ServiceUnitMoveInput) -> Result<ServiceUnitPayload> {
        ServiceUnitPayload::of(ctx, unit::move_on(ctx.caller(), input.id, input.expected_version, PlaceMove::Reopen).await)
    }
}
