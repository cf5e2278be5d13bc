//! Offerings.
use super::{Organization, Service, ServiceUnit, Session, SessionSeries, TransportRoute, Venue, access, in_edition, may, maybe, public, session::Part};
use crate::{
    act::{access::calendar::public_address, catalogue::offering},
    error::Result,
    graphql::{
        Asked,
        order::{self, Usual, usual_order},
        page::{self, Edition, Page},
        payload::payload,
        text::{LocalizedText, Money, shown},
    },
    snapshot::{Snapshot, name_key},
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::{
        offering::{RegistrationUnit, ServiceOfferingContent},
        publishing::{PublishingMove, PublishingState},
        session::{SessionState, day},
    },
    delivery::participation::Seats,
    id::{Kinded, NetworkId, OrganizationId, ServiceId, ServiceOfferingId},
    machine::Machine,
    policy::{Action, Resource},
    scalar::{self, Date},
    text::Language,
};
use entity::catalogue::{service_offering as table, session, session_series};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// An offering (tarjonta), in one of its two editions.
pub struct ServiceOffering {
    /// The row, or its published copy.
    pub row: Arc<table::Model>,
    /// Which of the two it is.
    pub edition: Edition,
}

impl ServiceOffering {
    /// An offering as everybody sees it.
    pub const fn shown(row: Arc<table::Model>) -> Self {
        Self { row, edition: Edition::Published }
    }

    /// The published offering at a position.
    pub fn published(s: &Snapshot, position: u32) -> Self {
        Self::shown(Arc::clone(s.offerings.at(position)))
    }

    /// The seats for which one can register now.
    async fn seats(&self, ctx: &Context<'_>) -> Result<Vec<Seats>> {
        let (caller, now) = (ctx.caller(), ctx.caller().now());
        if self.edition == Edition::Published {
            return Ok(caller.catalogue().seats(&self.row, now).collect());
        }
        Ok(match self.row.content.registration_unit {
            RegistrationUnit::Offering => vec![self.row.seats(day(now))],
            RegistrationUnit::Session => {
                let sessions = caller.children::<session::Entity>(self.row.id).await?;
                sessions.iter().filter(|row| row.is_to_come(now)).map(|row| row.seats(&self.row.content, day(now))).collect()
            }
        })
    }

    async fn service_row(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        if let Some(row) = in_edition(ctx, |s| &s.services, self.row.service_id, self.edition).await? {
            return Ok(Some(Service { row, edition: self.edition }));
        }
        // A provider of a purchased service works on its own offering of a service that it sees as everybody does.
        let published = in_edition(ctx, |s| &s.services, self.row.service_id, Edition::Published).await?;
        Ok(published.map(|row| Service { row, edition: Edition::Published }))
    }
}

impl From<table::Model> for ServiceOffering {
    fn from(row: table::Model) -> Self {
        Self { row: Arc::new(row), edition: Edition::Working }
    }
}

pub(super) fn key(s: &Snapshot, position: u32) -> (String, Uuid) {
    let row = s.offerings.at(position);
    let name = row.content.name.as_ref().or_else(|| s.services.get(row.service_id).map(|x| &x.content.name));
    (name.map(|n| name_key(n, Language::Fi)).unwrap_or_default(), row.id.0)
}

fn sort_key(s: &Snapshot, position: u32, by: Usual) -> (String, Uuid) {
    let row = s.offerings.at(position);
    by.key(|| key(s, position), row.id, row.created_at, row.updated_at)
}

/// An offering (tarjonta): a service as one provider gives it at one place, with its places and sessions.
#[Object]
impl ServiceOffering {
    /// Opaque id; both editions have the same.
    pub async fn id(&self) -> ID {
        ID(self.row.id.to_public())
    }
    /// Whether this is what everybody sees, or the working copy.
    async fn edition(&self) -> Edition {
        self.edition
    }
    /// The service that is offered; null only in a working copy, when the service is not public any more and not yours to see.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        self.service_row(ctx).await
    }
    /// Who gives it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.row.organization_id).await?))
    }
    /// Where it is on its way to the public. The published edition is always PUBLISHED.
    async fn publishing(&self) -> PublishingState {
        self.row.publishing
    }
    /// What it is called: its own name, or the service's; null only where it has none of its own and the service is not to be seen.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<LocalizedText>> {
        match &self.row.content.name {
            Some(name) => Ok(Some(name.into())),
            None => Ok(self.service_row(ctx).await?.map(|service| (&service.row.content.name).into())),
        }
    }
    /// What a person should know of this offering; null when it is not told.
    async fn info(&self) -> Option<LocalizedText> {
        shown(self.row.content.info.as_ref())
    }
    /// The unit where it is given; null when it is given elsewhere.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<ServiceUnit>> {
        match self.row.content.unit {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.units, id).await?.map(ServiceUnit)),
        }
    }
    /// The venue where it is given; null when it is given elsewhere, or the venue is not yours to see.
    async fn venue(&self, ctx: &Context<'_>) -> Result<Option<Venue>> {
        match self.row.content.venue {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.venues, id).await?.map(Venue)),
        }
    }
    /// The route along which it is given; null when it is given elsewhere.
    async fn route(&self, ctx: &Context<'_>) -> Result<Option<TransportRoute>> {
        match self.row.content.route {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.routes, id).await?.map(TransportRoute)),
        }
    }
    /// For what one registers (ilmoittautumisen kohde): for all of it, or for one of its sessions at a time.
    async fn registration_unit(&self) -> RegistrationUnit {
        self.row.content.registration_unit
    }
    /// Places in all, or in each session where one registers for a session at a time; null when there is no limit.
    async fn capacity(&self) -> Option<i32> {
        self.row.content.capacity
    }
    /// Places that are taken now; of the sessions to come together where one registers for a session at a time.
    async fn places_taken(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(self.seats(ctx).await?.iter().fold(0, |sum, seats| sum.saturating_add(seats.taken)))
    }
    /// Places that are free now for anybody; null when there is no limit. Those that are kept for clients of the network are not among them. Where one
    /// registers for a session at a time, of the sessions to come together.
    async fn free_places(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(Seats::all_free(self.seats(ctx).await?))
    }
    /// Of the places, those kept for clients of the network (verkoston asiakkaille varatut paikat); null when none are.
    async fn reserved_places(&self) -> Option<i32> {
        self.row.content.reserved_places
    }
    /// The last day on which they are kept; null when they are kept to the end, or none are.
    async fn reserved_until(&self) -> Option<Date> {
        self.row.content.reserved_until
    }
    /// Of those that are kept, places that are free now: for clients who are referred, or whom those who keep their register register. 0 when none are kept
    /// any more. Where one registers for a session at a time, of the sessions to come together.
    async fn reserved_free(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(Seats::all_reserved_free(self.seats(ctx).await?))
    }
    /// The smallest group that starts; null when it does not matter.
    async fn group_size_min(&self) -> Option<i32> {
        self.row.content.group_size_min
    }
    /// The largest group; null when it does not matter.
    async fn group_size_max(&self) -> Option<i32> {
        self.row.content.group_size_max
    }
    /// Places on the waiting list; null when there is no list.
    async fn waitlist_max(&self) -> Option<i32> {
        self.row.content.waitlist_max
    }
    /// The first day; null only in a draft.
    async fn starts_on(&self) -> Option<Date> {
        self.row.content.starts_on
    }
    /// The last day; null when it goes on.
    async fn ends_on(&self) -> Option<Date> {
        self.row.content.ends_on
    }
    /// Its own price to the client; null when it is the service's.
    async fn price(&self) -> Option<Money> {
        self.row.content.price.map(Money::from)
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.row.content.source.as_deref()
    }
    /// The next session that is planned; null when there is none.
    async fn next_session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        let (caller, now) = (ctx.caller(), ctx.caller().now());
        if self.edition == Edition::Published {
            return Ok(caller.catalogue().next(self.row.id, now).map(|s| Session(Arc::clone(s))));
        }
        let mut rows = caller.children::<session::Entity>(self.row.id).await?;
        rows.retain(|s| s.state == SessionState::Planned && s.ends_at > now);
        Ok(rows.into_iter().min_by_key(|s| (s.starts_at, s.id)).map(Session::from))
    }
    /// Its sessions that have not ended yet, by their start; of a working copy also past ones, from a time that is given.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only sessions that start at this time or later.")] from: Option<scalar::DateTime>,
        #[graphql(desc = "Only sessions that start before this time.")] to: Option<scalar::DateTime>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Session>> {
        let window = Window::parse(first, after, last, before)?;
        super::session::part(ctx, Part { offering: self.row.id, series: None, from, to }, self.edition, &window).await
    }
    /// The series in which its sessions were planned (kertasarjat), by their first start; of a published offering those that are not over.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<SessionSeries>> {
        let window = Window::parse(first, after, last, before)?;
        let (caller, s) = (ctx.caller(), ctx.caller().catalogue());
        let mut rows: Vec<Arc<session_series::Model>> = match self.edition {
            Edition::Published => s.series_of(self.row.id).iter().map(|i| Arc::clone(s.series.at(*i))).collect(),
            Edition::Working => caller.children::<session_series::Entity>(self.row.id).await?.into_iter().map(Arc::new).collect(),
        };
        rows.sort_by_key(|row| (row.first_start, row.id));
        let rows: Vec<_> = rows.iter().collect();
        Ok(page::of_memory(ctx, &rows, &window, |row| super::series::key(row), |row| SessionSeries { row: Arc::clone(row), edition: self.edition }))
    }
    /// The address on this server of a calendar (iCalendar) of its sessions, for calendar programs to follow: what everybody sees, and nothing when it is not
    /// public.
    async fn calendar_url(&self) -> String {
        public_address("offering", self.row.id)
    }
    /// The moves that its state allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<PublishingMove> {
        let allowed = self.edition == Edition::Working
            && may(ctx, Action::Transition, Resource::ServiceOffering, Some(self.row.network_id), Some(self.row.organization_id));
        self.row.publishing.moves().filter(|_| allowed).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::ServiceOffering, Some(self.row.network_id), Some(self.row.organization_id))
    }
    /// When this edition was last changed.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.row.updated_at)
    }
    /// Counts its changes. In `expectedVersion`, name the version of the WORKING edition.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

payload! {
    /// The outcome of beginning, changing or moving an offering, or of planning its sessions.
    ServiceOfferingPayload {
        /// The working copy as it is now; null when it was refused.
        service_offering: ServiceOffering
    }
}

/// A new offering.
#[derive(InputObject)]
struct CreateServiceOfferingInput {
    /// The service.
    service: ServiceId,
    /// Who gives it: your own organisation. Another than the service's own only where the service is purchased.
    provider: OrganizationId,
    /// What is said of it.
    content: ServiceOfferingContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of an offering from now on.
#[derive(InputObject)]
struct UpdateServiceOfferingInput {
    /// The offering.
    id: ServiceOfferingId,
    /// The version of the working copy that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: ServiceOfferingContent,
}

/// An offering that goes on in its publishing.
#[derive(InputObject)]
struct ServiceOfferingMoveInput {
    /// The offering.
    id: ServiceOfferingId,
    /// The version of the working copy that you have seen.
    expected_version: i32,
}

/// How many places are taken.
#[derive(InputObject)]
struct ReportPlacesTakenInput {
    /// The offering.
    id: ServiceOfferingId,
    /// The version of the working copy that you have seen.
    expected_version: i32,
    /// Places that are taken now.
    places_taken: i32,
}

/// Which offerings.
#[derive(InputObject, Default)]
struct ServiceOfferingFilter {
    /// In one of these networks.
    #[graphql(validator(max_items = 100))]
    networks: Option<Vec<NetworkId>>,
    /// Of one of these services.
    #[graphql(validator(max_items = 100))]
    services: Option<Vec<ServiceId>>,
    /// Given by one of these organisations.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// In one of these publishing states. The published edition has PUBLISHED only.
    #[graphql(validator(max_items = 100))]
    publishing: Option<Vec<PublishingState>>,
    /// With this text in the name, whatever its case and accents. For words in their inflected forms see `serviceMap`.
    search: Option<String>,
}

usual_order! {
    /// One key of an order of offerings.
    ServiceOfferingOrder by
    /// By what offerings are put in order.
    ServiceOfferingOrderField
}

/// Questions about offerings.
#[derive(Default)]
pub struct ServiceOfferingQuery;

/// Questions about offerings.
#[Object]
impl ServiceOfferingQuery {
    /// An offering (tarjonta); null when there is none in that edition, or it is not yours to see.
    async fn service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ServiceOfferingId,
        #[graphql(desc = "What everybody sees, or the working copy.", default)] edition: Edition,
    ) -> Result<Option<ServiceOffering>> {
        Ok(in_edition(ctx, |s| &s.offerings, id, edition).await?.map(|row| ServiceOffering { row, edition }))
    }
    /// The offerings (tarjonta): the published ones by name, or the working copies that you may see, the newest first. To find one by need, place and time see `serviceMap`.
    async fn service_offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ServiceOfferingFilter>,
        #[graphql(
            desc = "In what order, the first counting most; without it the published ones by name, the working copies the newest first. The id is the last tie-break."
        )]
        order_by: Option<Vec<ServiceOfferingOrder>>,
        #[graphql(desc = "What everybody sees, or the working copies.", default)] edition: Edition,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceOffering>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let search = page::words(f.search.as_deref())?;
        if edition == Edition::Published {
            let holds = |row: &table::Model| {
                f.networks.as_ref().is_none_or(|n| n.contains(&row.network_id))
                    && f.services.as_ref().is_none_or(|x| x.contains(&row.service_id))
                    && f.providers.as_ref().is_none_or(|p| p.contains(&row.organization_id))
                    && f.publishing.as_ref().is_none_or(|p| p.contains(&row.publishing))
                    && search.as_ref().is_none_or(|text| row.search.contains(text))
            };
            let found: Vec<u32> = s.offerings.positions().filter(|i| holds(s.offerings.at(*i))).collect();
            let by = order::keys(order_by, (Usual::Name, false))?;
            return order::in_memory(ctx, &found, Usual::Name, &by, &window, |i, by| sort_key(&s, i, by), |i| ServiceOffering::published(&s, i));
        }
        ctx.caller().signed_in()?;
        let mut condition = Condition::all();
        if let Some(networks) = &f.networks {
            condition = condition.add(table::Column::NetworkId.is_in(networks.iter().copied()));
        }
        if let Some(services) = &f.services {
            condition = condition.add(table::Column::ServiceId.is_in(services.iter().copied()));
        }
        if let Some(providers) = &f.providers {
            condition = condition.add(table::Column::OrganizationId.is_in(providers.iter().copied()));
        }
        if let Some(publishing) = &f.publishing {
            condition = condition.add(table::Column::Publishing.is_in(publishing.iter().copied()));
        }
        if let Some(text) = &search {
            condition = condition.add(page::contains(table::Column::Search, text));
        }
        let by = order::keys(order_by, (Usual::CreatedAt, true))?;
        let order = Usual::in_database(&by, table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at))?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, ServiceOffering::from).await
    }
}

/// Changes of offerings.
#[derive(Default)]
pub struct ServiceOfferingMutation;

/// Changes of offerings.
#[Object]
impl ServiceOfferingMutation {
    /// Begins an offering of your own organisation, as a draft.
    async fn create_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which service, by whom, and what is said of it.")] input: CreateServiceOfferingInput,
    ) -> Result<ServiceOfferingPayload> {
        let what = offering::CreateServiceOffering { service: input.service, provider: input.provider, content: input.content };
        ServiceOfferingPayload::of(ctx, offering::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces the working copy of an offering of your own organisation. What everybody sees stays until you publish.
    async fn update_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering, and what is said of it.")] input: UpdateServiceOfferingInput,
    ) -> Result<ServiceOfferingPayload> {
        ServiceOfferingPayload::of(ctx, offering::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Publishes an offering (julkaise). Refused with one error for each missing part.
    async fn publish_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering.")] input: ServiceOfferingMoveInput,
    ) -> Result<ServiceOfferingPayload> {
        ServiceOfferingPayload::of(ctx, offering::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Publish).await)
    }
    /// Takes an offering from the public (vedä pois).
    async fn withdraw_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering.")] input: ServiceOfferingMoveInput,
    ) -> Result<ServiceOfferingPayload> {
        ServiceOfferingPayload::of(ctx, offering::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Withdraw).await)
    }
    /// Throws away a draft that was never public (hylkää).
    async fn discard_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering.")] input: ServiceOfferingMoveInput,
    ) -> Result<ServiceOfferingPayload> {
        ServiceOfferingPayload::of(ctx, offering::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Discard).await)
    }
    /// Tells how many places of an offering are taken, unless one registers for its sessions; everybody sees it at once (vapaat paikat).
    async fn report_places_taken(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering, and how many.")] input: ReportPlacesTakenInput,
    ) -> Result<ServiceOfferingPayload> {
        ServiceOfferingPayload::of(ctx, offering::report_places(ctx.caller(), input.id, input.expected_version, input.places_taken).await)
    }
}
