//! The public catalogue in memory: immutable, swapped after a commit, read by everybody. The next one shares with the last what has not changed.
//!
//! It is loaded as [`Actor::Anyone`] through the same doors as everything else, so it cannot hold what nobody in particular may see.
mod finnish;
mod load;
mod map;
mod order;
mod search;

pub use load::follow;
pub use map::{Dimension, MapEntry, MapFilter, MapOrder, MapOrders, MapView, Near, metres};
pub use order::name_key;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    catalogue::{
        offering::RegistrationUnit,
        service::ProvisionMode,
        session::{MAX_MINUTES, SessionState, day, start_of},
    },
    delivery::participation::Seats,
    id::{AreaId, OrganizationId, ServiceId, ServiceOfferingId, VenueId},
};
use entity::{
    Guarded,
    catalogue::{area, network, organization, service, service_offering, service_unit, session, session_series, transport_route, venue},
    funding::provider_approval,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// The longest session.
const LONGEST: TimeDelta = TimeDelta::minutes(MAX_MINUTES as i64);

/// The rows of one public table, by id and in the order of their names.
#[derive(Debug)]
pub struct Table<E: Guarded> {
    rows: Arc<Vec<Arc<E::Model>>>,
    all: Arc<Vec<u32>>,
    by_id: Arc<HashMap<Uuid, u32>>,
}

impl<E: Guarded> Default for Table<E> {
    fn default() -> Self {
        Self { rows: Arc::default(), all: Arc::default(), by_id: Arc::default() }
    }
}

impl<E: Guarded> Clone for Table<E> {
    fn clone(&self) -> Self {
        Self { rows: Arc::clone(&self.rows), all: Arc::clone(&self.all), by_id: Arc::clone(&self.by_id) }
    }
}

impl<E: Guarded> Table<E> {
    fn new(rows: Vec<Arc<E::Model>>) -> Self {
        let by_id: HashMap<_, _> = rows.iter().zip(0..).map(|(row, i)| (E::row_id(row), i)).collect();
        Self { all: Arc::new((0..).take(rows.len()).collect()), rows: Arc::new(rows), by_id: Arc::new(by_id) }
    }

    /// Puts another version of a row in the place of the last, which it does not move; where it stands.
    fn replace(&mut self, row: Arc<E::Model>) -> Option<u32> {
        let position = *self.by_id.get(&E::row_id(&row))?;
        Arc::make_mut(&mut self.rows)[position as usize] = row;
        Some(position)
    }

    /// The row with this id.
    pub fn get(&self, id: impl Into<Uuid>) -> Option<&Arc<E::Model>> {
        self.by_id.get(&id.into()).map(|i| self.at(*i))
    }

    /// The row at a position.
    #[must_use]
    pub fn at(&self, position: u32) -> &Arc<E::Model> {
        &self.rows[position as usize]
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<E::Model>> {
        self.rows.iter()
    }

    /// Every position, in order.
    #[must_use]
    pub fn positions(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Every position, in order, as a list to take a page of.
    #[must_use]
    pub fn all(&self) -> &[u32] {
        &self.all
    }
}

/// The public catalogue at one position of the event feed.
#[derive(Clone, Default)]
pub struct Snapshot {
    /// How far of the event feed it shows.
    pub position: i64,
    /// When it was read.
    read_at: DateTime<Utc>,
    /// The networks.
    pub networks: Table<network::Entity>,
    /// The organisations.
    pub organizations: Table<organization::Entity>,
    /// The service units.
    pub units: Table<service_unit::Entity>,
    /// The areas.
    pub areas: Table<area::Entity>,
    /// The venues whose use is agreed.
    pub venues: Table<venue::Entity>,
    /// The transport routes.
    pub routes: Table<transport_route::Entity>,
    /// The published services.
    pub services: Table<service::Entity>,
    /// The published offerings.
    pub offerings: Table<service_offering::Entity>,
    /// The sessions of published offerings, by their start.
    pub sessions: Table<session::Entity>,
    /// The series of sessions of published offerings that are not over, by their first start.
    pub series: Table<session_series::Entity>,
    /// The approved providers, by the name of the provider.
    pub approved: Table<provider_approval::Entity>,
    offerings_of: Arc<HashMap<ServiceId, Vec<u32>>>,
    sessions_of: Arc<HashMap<ServiceOfferingId, Vec<u32>>>,
    series_of: Arc<HashMap<ServiceOfferingId, Vec<u32>>>,
    lineage: Arc<HashMap<AreaId, Vec<AreaId>>>,
    providers_at: Arc<HashMap<VenueId, BTreeSet<OrganizationId>>>,
    /// As the offerings.
    entries: Arc<Vec<MapEntry>>,
    text: Option<Arc<search::SearchIndex>>,
}

impl Snapshot {
    /// The published offerings of a published service, by name.
    pub fn offerings_of(&self, service: ServiceId) -> &[u32] {
        self.offerings_of.get(&service).map_or(&[], Vec::as_slice)
    }

    /// The sessions of a published offering, by their start.
    pub fn sessions_of(&self, offering: ServiceOfferingId) -> &[u32] {
        self.sessions_of.get(&offering).map_or(&[], Vec::as_slice)
    }

    /// The series of sessions of a published offering, by their first start.
    pub fn series_of(&self, offering: ServiceOfferingId) -> &[u32] {
        self.series_of.get(&offering).map_or(&[], Vec::as_slice)
    }

    /// Positions of the sessions of an offering that have not ended at `now`, by their start.
    pub fn coming(&self, offering: ServiceOfferingId, now: DateTime<Utc>) -> impl Iterator<Item = u32> {
        // Positions are in the order of the starts: what begins later is known to be coming without looking at it.
        // No session lasts longer than a day, so none that began earlier can still go on.
        let (over, begun) = (self.begun_by(now - LONGEST), self.begun_by(now));
        let sessions = self.sessions_of(offering);
        let from = sessions.partition_point(|i| *i < over);
        sessions[from..].iter().copied().filter(move |i| *i >= begun || self.sessions.at(*i).ends_at > now)
    }

    /// The position of the first session that begins after a time.
    fn begun_by(&self, at: DateTime<Utc>) -> u32 {
        u32::try_from(self.sessions.rows.partition_point(|s| s.starts_at <= at)).unwrap_or(u32::MAX)
    }

    /// Since when what it tells at a time is the same: since it was read, since the day began, or since the last session began, whichever is latest.
    #[must_use]
    pub fn unchanged_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let begun = self.begun_by(now).checked_sub(1).map(|last| self.sessions.at(last).starts_at);
        begun.unwrap_or(self.read_at).max(self.read_at).max(start_of(day(now)))
    }

    /// The next session of an offering that is planned.
    pub fn next(&self, offering: ServiceOfferingId, now: DateTime<Utc>) -> Option<&Arc<session::Model>> {
        self.planned(offering, now).next()
    }

    /// The sessions of an offering that are planned and have not ended at `now`, by their start.
    pub fn planned(&self, offering: ServiceOfferingId, now: DateTime<Utc>) -> impl Iterator<Item = &Arc<session::Model>> {
        self.coming(offering, now).map(|i| self.sessions.at(i)).filter(|s| s.state == SessionState::Planned)
    }

    /// The seats for which one can register now: those of an offering, or of each of its sessions to come where one registers for a session at a time.
    pub fn seats<'a>(&'a self, offering: &'a service_offering::Model, now: DateTime<Utc>) -> impl Iterator<Item = Seats> + 'a {
        let (whole, each) = match offering.content.registration_unit {
            RegistrationUnit::Offering => (Some(offering.seats(day(now))), None),
            RegistrationUnit::Session => (None, Some(self.to_come(offering.id, now))),
        };
        whole.into_iter().chain(each.into_iter().flatten().map(move |session| session.seats(&offering.content, day(now))))
    }

    /// The places that are free now in an offering, those kept for clients of the network among them; none without a limit.
    pub fn free_places(&self, offering: &service_offering::Model, now: DateTime<Utc>) -> Option<i32> {
        let seats: Vec<_> = self.seats(offering, now).collect();
        Seats::all_free(seats.iter().copied()).map(|free| free.saturating_add(Seats::all_reserved_free(seats)))
    }

    /// The sessions of an offering for which one could register now, by their start.
    pub fn to_come(&self, offering: ServiceOfferingId, now: DateTime<Utc>) -> impl Iterator<Item = &Arc<session::Model>> {
        self.planned(offering, now).filter(move |session| session.is_to_come(now))
    }

    /// An area and the areas that it lies in, from the inside out.
    pub fn lineage(&self, area: AreaId) -> &[AreaId] {
        self.lineage.get(&area).map_or(&[], Vec::as_slice)
    }

    /// A service is public, and arranged by voucher or permit.
    #[must_use]
    pub fn is_arranged(&self, service: ServiceId) -> bool {
        self.services.get(service).is_some_and(|row| matches!(row.content.provision, ProvisionMode::Voucher | ProvisionMode::Permit))
    }

    /// The providers whose published offerings are given at a venue.
    pub fn providers_at(&self, venue: VenueId) -> impl Iterator<Item = OrganizationId> {
        self.providers_at.get(&venue).into_iter().flatten().copied()
    }
}
