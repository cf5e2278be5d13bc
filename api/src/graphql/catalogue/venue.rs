//! Venues of the inventory.
use super::{Area, Organization, ServiceUnit, access, in_edition, may, maybe, public};
use crate::{
    act::{access::calendar::public_address, catalogue::venue},
    error::Result,
    graphql::{
        Asked,
        order::{self, Usual, usual_order},
        page::{self, Edition, Page},
        payload::payload,
        text::{Address, LocalizedText, Money, Point, shown},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::venue::{Accessibility, VenueContent, VenueMove, VenueStatus},
    id::{AreaId, Kinded, OrganizationId, VenueId},
    machine::Machine,
    policy::{Action, Resource},
    scalar::{self, Date},
    text::Language,
};
use entity::catalogue::venue as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// A venue (tila).
pub struct Venue(pub Arc<table::Model>);

impl From<table::Model> for Venue {
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

/// A venue (tila) of the network's inventory: a room or house that can be used for the services.
#[Object]
impl Venue {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Who owns or keeps it.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.0.organization_id).await?))
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// The area where it lies.
    async fn area(&self, ctx: &Context<'_>) -> Result<Area> {
        Ok(Area(public(ctx, |s| &s.areas, self.0.area_id).await?))
    }
    /// The unit that keeps it; null when none does.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<ServiceUnit>> {
        match self.0.content.unit {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.units, id).await?.map(ServiceUnit)),
        }
    }
    /// Its street address; null when it is not told.
    async fn address(&self) -> Option<Address> {
        self.0.content.address.as_ref().map(Address::from)
    }
    /// Its place on the map; null when it is not told.
    async fn point(&self) -> Option<Point> {
        self.0.content.point.map(Point::from)
    }
    /// Its permanent building id (VTJ-PRT); null when it is not known.
    async fn building_id(&self) -> Option<&str> {
        self.0.content.building_id.as_deref()
    }
    /// How many persons fit in; null when it is not known.
    async fn capacity_persons(&self) -> Option<i32> {
        self.0.content.capacity_persons
    }
    /// It holds several groups at a time (yhteiskäyttöinen); otherwise sessions in it do not overlap.
    async fn shared(&self) -> bool {
        self.0.content.shared
    }
    /// What it has: kitchen, screen, tools.
    async fn equipment(&self) -> Vec<LocalizedText> {
        self.0.content.equipment.iter().map(LocalizedText::from).collect()
    }
    /// What it is fit for.
    async fn usable_for(&self) -> Vec<LocalizedText> {
        self.0.content.usable_for.iter().map(LocalizedText::from).collect()
    }
    /// How it can be used with a disability (esteettömyys).
    async fn accessibility(&self) -> Accessibility {
        self.0.content.accessibility
    }
    /// What an hour costs the network; null when it is not known.
    async fn cost_per_hour(&self) -> Option<Money> {
        self.0.content.cost_per_hour.map(Money::from)
    }
    /// Where it is on its way into use.
    async fn status(&self) -> VenueStatus {
        self.0.status
    }
    /// The day on which it was last inventoried; null when it never was.
    async fn inventoried_on(&self) -> Option<Date> {
        self.0.content.inventoried_on
    }
    /// What else should be known; null when nothing.
    async fn note(&self) -> Option<LocalizedText> {
        shown(self.0.content.note.as_ref())
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.0.content.source.as_deref()
    }
    /// The providers whose published offerings are given here, by name.
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Organization>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let mut here: Vec<_> = s.providers_at(self.0.id).filter_map(|id| s.organizations.get(id)).collect();
        here.sort_by_cached_key(|row| super::organization::key(row));
        Ok(page::of_memory(ctx, &here, &window, |row| super::organization::key(row), |row| Organization(Arc::clone(row))))
    }
    /// Two or more providers work here: a multi-activity stop (monitoimintapysäkki).
    async fn is_multi_activity_stop(&self, ctx: &Context<'_>) -> bool {
        ctx.caller().catalogue().is_multi_activity_stop(self.0.id)
    }
    /// The address on this server of a calendar (iCalendar) of the sessions held in it, for calendar programs to follow: what everybody sees, and nothing when it is not
    /// public.
    async fn calendar_url(&self) -> String {
        public_address("venue", self.0.id)
    }
    /// The moves that its status allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<VenueMove> {
        let allowed = may(ctx, Action::Transition, Resource::Venue, Some(self.0.network_id), Some(self.0.organization_id));
        self.0.status.moves().filter(|_| allowed).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Venue, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was last changed.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of adding, changing or moving a venue.
    VenuePayload {
        /// The venue as it is now; null when it was refused.
        venue: Venue
    }
}

/// A venue that has been found.
#[derive(InputObject)]
struct AddVenueInput {
    /// Who owns or keeps it: your own organisation.
    organization: OrganizationId,
    /// What is said of it.
    content: VenueContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a venue from now on.
#[derive(InputObject)]
struct UpdateVenueInput {
    /// The venue.
    id: VenueId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: VenueContent,
}

/// A venue that goes on in its life cycle.
#[derive(InputObject)]
struct VenueMoveInput {
    /// The venue.
    id: VenueId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which venues.
#[derive(InputObject, Default)]
struct VenueFilter {
    /// In one of these areas, or in an area inside it.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// In one of these statuses. The published edition has AGREED and IN_USE only.
    #[graphql(validator(max_items = 100))]
    statuses: Option<Vec<VenueStatus>>,
    /// With this text in the name, whatever its case and accents.
    search: Option<String>,
}

usual_order! {
    /// One key of an order of venues.
    VenueOrder by
    /// By what venues are put in order.
    VenueOrderField
}

/// Questions about venues.
#[derive(Default)]
pub struct VenueQuery;

/// Questions about venues.
#[Object]
impl VenueQuery {
    /// A venue (tila); null when there is none, or it is not yours to see.
    async fn venue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: VenueId,
        #[graphql(desc = "The published inventory, or the whole of it as your network's staff see it.", default)] edition: Edition,
    ) -> Result<Option<Venue>> {
        Ok(in_edition(ctx, |s| &s.venues, id, edition).await?.map(Venue))
    }
    /// The venues (tilainventaario): the published ones by name, or for the network's staff the whole inventory in the order in which it was made.
    async fn venues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<VenueFilter>,
        #[graphql(
            desc = "In what order, the first counting most; without it the published ones by name, the inventory in the order in which it was made. The id is the last tie-break."
        )]
        order_by: Option<Vec<VenueOrder>>,
        #[graphql(desc = "The published inventory, or the whole of it as your network's staff see it.", default)] edition: Edition,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Venue>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let search = page::words(f.search.as_deref())?;
        if edition == Edition::Published {
            let holds = |row: &table::Model| {
                f.areas.as_ref().is_none_or(|a| s.lineage(row.area_id).iter().any(|area| a.contains(area)))
                    && f.organizations.as_ref().is_none_or(|o| o.contains(&row.organization_id))
                    && f.statuses.as_ref().is_none_or(|x| x.contains(&row.status))
                    && search.as_ref().is_none_or(|text| row.search.contains(text))
            };
            let found: Vec<u32> = s.venues.positions().filter(|i| holds(s.venues.at(*i))).collect();
            let by = order::keys(order_by, (Usual::Name, false))?;
            return order::in_memory(ctx, &found, Usual::Name, &by, &window, |i, by| sort_key(s.venues.at(i), by), |i| Venue(Arc::clone(s.venues.at(i))));
        }
        ctx.caller().signed_in()?;
        let mut condition = Condition::all();
        if let Some(areas) = &f.areas {
            let inside = s.areas.iter().filter(|a| s.lineage(a.id).iter().any(|of| areas.contains(of))).map(|a| a.id);
            condition = condition.add(table::Column::AreaId.is_in(inside));
        }
        if let Some(organizations) = &f.organizations {
            condition = condition.add(table::Column::OrganizationId.is_in(organizations.iter().copied()));
        }
        if let Some(statuses) = &f.statuses {
            condition = condition.add(table::Column::Status.is_in(statuses.iter().copied()));
        }
        if let Some(text) = &search {
            condition = condition.add(page::contains(table::Column::Search, text));
        }
        let by = order::keys(order_by, (Usual::CreatedAt, false))?;
        let order = Usual::in_database(&by, table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at))?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Venue::from).await
    }
}

/// Changes of venues.
#[derive(Default)]
pub struct VenueMutation;

/// Changes of venues.
#[Object]
impl VenueMutation {
    /// Adds a venue of your own organisation to the inventory.
    async fn add_venue(&self, ctx: &Context<'_>, #[graphql(desc = "Whose venue, and what is said of it.")] input: AddVenueInput) -> Result<VenuePayload> {
        let what = venue::AddVenue { organization: input.organization, content: input.content };
        VenuePayload::of(ctx, venue::add(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a venue of your own organisation.
    async fn update_venue(&self, ctx: &Context<'_>, #[graphql(desc = "Which venue, and what is said of it.")] input: UpdateVenueInput) -> Result<VenuePayload> {
        VenuePayload::of(ctx, venue::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Records that a venue was looked at on site (katselmoitu).
    async fn inspect_venue(&self, ctx: &Context<'_>, #[graphql(desc = "Which venue.")] input: VenueMoveInput) -> Result<VenuePayload> {
        VenuePayload::of(ctx, venue::move_on(ctx.caller(), input.id, input.expected_version, VenueMove::Inspect).await)
    }
    /// Records that the use of a venue is agreed (sovittu); from then on everybody sees it.
    async fn agree_venue(&self, ctx: &Context<'_>, #[graphql(desc = "Which venue.")] input: VenueMoveInput) -> Result<VenuePayload> {
        VenuePayload::of(ctx, venue::move_on(ctx.caller(), input.id, input.expected_version, VenueMove::Agree).await)
    }
    /// Takes a venue into use (käyttöön).
    async fn take_venue_into_use(&self, ctx: &Context<'_>, #[graphql(desc = "Which venue.")] input: VenueMoveInput) -> Result<VenuePayload> {
        VenuePayload::of(ctx, venue::move_on(ctx.caller(), input.id, input.expected_version, VenueMove::TakeIntoUse).await)
    }
    /// Takes a venue from the inventory (poistettu).
    async fn withdraw_venue(&self, ctx: &Context<'_>, #[graphql(desc = "Which venue.")] input: VenueMoveInput) -> Result<VenuePayload> {
        VenuePayload::of(ctx, venue::move_on(ctx.caller(), input.id, input.expected_version, VenueMove::Withdraw).await)
    }
}
