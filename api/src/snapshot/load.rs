//! Loading the snapshot, and following commits so that it is never far behind.
use super::{MapEntry, Snapshot, Table, name_key, search::SearchIndex};
use crate::{
    error::{Error, Result},
    store::{Found, Order, Reader, Store, Window},
};
use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    actor::Actor,
    catalogue::{
        offering::RegistrationUnit,
        session::{SessionState, day},
    },
    event::Happening,
    id::{ApprovedProviderId, AreaId, Kinded as _, ServiceOfferingId},
    text::{Language, LocalizedText},
};
use entity::{
    Guarded, Kept as _,
    access::event,
    catalogue::{area, network, organization, publication, service, service_offering, service_unit, session, session_series, transport_route, venue},
    funding::provider_approval,
};
use sea_orm::{ColumnTrait, ExprTrait};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

/// How long a snapshot is used at the most, so that sessions that are over leave it.
const RELOAD_EVERY: Duration = Duration::from_hours(1);
/// So many rows are read at once: loading then takes little more memory than what is loaded.
const BATCH: usize = 2_000;

impl Snapshot {
    /// Loads everything that anyone may see.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn load(store: &Store) -> Result<Self> {
        // The position is read first: what is committed after it may already be in, but nothing before it is left out.
        let (read_at, position) = (store.clock().now(), store.position().await?);
        let reader = store.read_as(Arc::new(Actor::Anyone));
        let since = read_at - TimeDelta::days(1);
        let rows = Rows::read(&reader, since).await?;
        let snapshot = tokio::task::spawn_blocking(move || Self::build(read_at, position, rows));
        snapshot.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    fn build(read_at: DateTime<Utc>, position: i64, rows: Rows) -> Result<Self, tantivy::TantivyError> {
        let mut s = Self {
            position,
            read_at,
            networks: named(rows.networks, |r: &network::Model| fi(&r.content.name)),
            organizations: named(rows.organizations, |r: &organization::Model| fi(&r.content.name)),
            units: named(rows.units, |r: &service_unit::Model| fi(&r.content.name)),
            areas: named(rows.areas, |r: &area::Model| fi(&r.content.name)),
            venues: named(rows.venues, |r: &venue::Model| fi(&r.content.name)),
            routes: named(rows.routes, |r: &transport_route::Model| fi(&r.content.name)),
            services: named(rows.services, |r: &service::Model| fi(&r.content.name)),
            ..Self::default()
        };
        let organizations = &s.organizations;
        s.approved = named(rows.approved, |r: &provider_approval::Model| organizations.get(r.organization_id).map(|o| fi(&o.content.name)).unwrap_or_default());
        s.lineage = Arc::new(lineage(&s.areas));
        // An offering is public with its service: a withdrawn service takes its offerings along.
        let mut offerings = rows.offerings;
        offerings.retain(|o| s.services.get(o.service_id).is_some());
        let services = &s.services;
        s.offerings = named(offerings, |o: &service_offering::Model| {
            let own = o.content.name.as_ref().or_else(|| services.get(o.service_id).map(|p| &p.content.name));
            own.map(fi).unwrap_or_default()
        });
        let (mut offerings_of, mut sessions_of, mut series_of) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        let mut providers_at = HashMap::<_, BTreeSet<_>>::new();
        for i in s.offerings.positions() {
            let offering = s.offerings.at(i);
            offerings_of.entry(offering.service_id).or_default().push(i);
            if let Some(venue) = offering.content.venue {
                providers_at.entry(venue).or_default().insert(offering.organization_id);
            }
        }
        let mut sessions = rows.sessions;
        sessions.retain(|x| s.offerings.get(x.offering_id).is_some());
        sessions.sort_unstable_by_key(|x| (x.starts_at, x.id));
        s.sessions = Table::new(sessions);
        for i in s.sessions.positions() {
            let session = s.sessions.at(i);
            sessions_of.entry(session.offering_id).or_default().push(i);
            if let Some(venue) = session.venue_id.filter(|_| session.state != SessionState::Cancelled) {
                providers_at.entry(venue).or_default().insert(session.organization_id);
            }
        }
        let mut series: Vec<_> = rows.series.into_iter().filter(|x| s.offerings.get(x.offering_id).is_some()).collect();
        series.sort_by_key(|x| (x.first_start, x.id));
        s.series = Table::new(series);
        for i in s.series.positions() {
            series_of.entry(s.series.at(i).offering_id).or_default().push(i);
        }
        (s.offerings_of, s.sessions_of, s.series_of) = (Arc::new(offerings_of), Arc::new(sessions_of), Arc::new(series_of));
        s.providers_at = Arc::new(providers_at);
        s.entries = Arc::new(s.offerings.positions().map(|i| MapEntry::new(&s, i)).collect());
        s.text = Some(Arc::new(SearchIndex::build(s.documents())?));
        Ok(s)
    }

    /// The next one, where nothing has happened since but that places were taken or came free: as people register, which is often, and all that they wait for.
    /// None where anything else has.
    async fn with_places(&self, store: &Store, wanted: i64) -> Result<Option<Self>> {
        let reader = store.read_as(Arc::new(Actor::Anyone));
        let since = event::Column::Position.gt(self.position).and(event::Column::Position.lte(wanted));
        let events = reader.find::<event::Entity>().filter(since).all().await?;
        let is_places = |e: &event::Model| e.kind == service_offering::Entity::KIND && e.happening == Happening::PlacesChanged;
        // What is told to some only, or is forgotten already, is missing among them.
        if events.len() as u64 != (wanted - self.position).unsigned_abs() || !events.iter().all(is_places) {
            return Ok(None);
        }
        let changed = publication::Column::Id.is_in(events.iter().map(|e| e.subject_id));
        let mut next = Self { position: wanted, read_at: store.clock().now(), ..self.clone() };
        for copy in reader.find::<publication::Entity>().filter(changed).all().await? {
            let row: service_offering::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
            let Some(last) = self.offerings.get(row.id) else { return Ok(None) };
            let same =
                service_offering::Model { places_taken: row.places_taken, network_taken: row.network_taken, updated_at: row.updated_at, ..(**last).clone() };
            if row != same {
                return Ok(None);
            }
            let row = Arc::new(row);
            if row.content.registration_unit == RegistrationUnit::Session && !next.with_seats(&reader, row.id).await? {
                return Ok(None);
            }
            if let Some(position) = next.offerings.replace(Arc::clone(&row)) {
                Arc::make_mut(&mut next.entries)[position as usize].offering = row;
            }
        }
        Ok(Some(next))
    }

    /// Takes over the places of the sessions of an offering; not where anything else of them has changed.
    async fn with_seats(&mut self, reader: &Reader, offering: ServiceOfferingId) -> Result<bool> {
        let known: Vec<_> = self.sessions_of(offering).iter().map(|i| self.sessions.at(*i).id).collect();
        for row in reader.find::<session::Entity>().filter(session::Column::Id.is_in(known)).all().await? {
            let Some(last) = self.sessions.get(row.id) else { return Ok(false) };
            if (row.places_taken, row.network_taken) == (last.places_taken, last.network_taken) {
                continue;
            }
            if row != (session::Model { places_taken: row.places_taken, network_taken: row.network_taken, ..(**last).clone() }) {
                return Ok(false);
            }
            self.sessions.replace(Arc::new(row));
        }
        Ok(true)
    }

    /// The catalogue as it is after what was committed up to a position.
    async fn after(&self, store: &Store, wanted: i64) -> Result<Self> {
        match self.with_places(store, wanted).await? {
            Some(next) => Ok(next),
            None => Self::load(store).await,
        }
    }
}

fn fi(name: &LocalizedText) -> String {
    name_key(name, Language::Fi)
}

type Kept<M> = Vec<Arc<M>>;

struct Rows {
    networks: Kept<network::Model>,
    organizations: Kept<organization::Model>,
    units: Kept<service_unit::Model>,
    areas: Kept<area::Model>,
    venues: Kept<venue::Model>,
    routes: Kept<transport_route::Model>,
    services: Kept<service::Model>,
    offerings: Kept<service_offering::Model>,
    sessions: Kept<session::Model>,
    series: Kept<session_series::Model>,
    approved: Kept<provider_approval::Model>,
}

impl Rows {
    async fn read(reader: &Reader, since: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            networks: every(|| reader.find::<network::Entity>(), Ok).await?,
            organizations: every(|| reader.find::<organization::Entity>(), Ok).await?,
            units: every(|| reader.find::<service_unit::Entity>(), Ok).await?,
            areas: every(|| reader.find::<area::Entity>(), Ok).await?,
            venues: every(|| reader.find::<venue::Entity>(), Ok).await?,
            routes: every(|| reader.find::<transport_route::Entity>(), Ok).await?,
            services: published(reader, "Service").await?,
            offerings: published(reader, "ServiceOffering").await?,
            sessions: every(|| reader.find::<session::Entity>().filter(session::Column::EndsAt.gte(since)), Ok).await?,
            series: every(|| reader.find::<session_series::Entity>().filter(session_series::Column::UntilOn.gte(day(since))), Ok).await?,
            approved: published(reader, ApprovedProviderId::KIND).await?,
        })
    }
}

async fn published<M: serde::de::DeserializeOwned>(reader: &Reader, kind: &str) -> Result<Kept<M>> {
    let found = || reader.find::<publication::Entity>().filter(publication::Column::Kind.eq(kind));
    every(found, |copy| serde_json::from_value(copy.row).map_err(Error::internal)).await
}

/// Every row that is found, batch by batch. What is committed meanwhile may be in or not; if not, the next snapshot has it.
async fn every<'r, E: Guarded, M>(found: impl Fn() -> Found<'r, E>, keep: impl Fn(E::Model) -> Result<M>) -> Result<Kept<M>> {
    let mut window = Window { first: Some(BATCH), ..Window::default() };
    let mut kept = Vec::new();
    loop {
        let slice = found().page(&Order::by_id(false), &window).await?;
        window.after = slice.rows.last().map(|row| (String::new(), E::row_id(row)));
        for row in slice.rows {
            kept.push(Arc::new(keep(row)?));
        }
        if !slice.has_next {
            kept.shrink_to_fit();
            return Ok(kept);
        }
    }
}

fn named<E: Guarded>(mut rows: Kept<E::Model>, key: impl Fn(&E::Model) -> String) -> Table<E> {
    rows.sort_by_cached_key(|row| (key(row), E::row_id(row)));
    Table::new(rows)
}

/// Each area with the areas it lies in. The depth is bounded, so that even a cycle in the data ends.
fn lineage(areas: &Table<area::Entity>) -> HashMap<AreaId, Vec<AreaId>> {
    let line = |from: AreaId| std::iter::successors(Some(from), |id| areas.get(*id).and_then(|a| a.parent_id)).take(8).collect();
    areas.iter().map(|a| (a.id, line(a.id))).collect()
}

/// Swaps in a new snapshot after each commit that `current` does not show, for as long as the process runs. Commits that arrive while one is built share
/// the next.
pub async fn follow(store: Store, current: Arc<ArcSwap<Snapshot>>) {
    let mut commits = store.hub().follow_commits();
    let mut due = false;
    loop {
        let wanted = *commits.borrow_and_update();
        if due || current.load().position < wanted {
            let next = if due { Snapshot::load(&store).await } else { current.load_full().after(&store, wanted).await };
            match next {
                Ok(next) => {
                    let position = next.position;
                    current.store(Arc::new(next));
                    metrics::counter!("monituottaja_catalogue_position").absolute(u64::try_from(position).unwrap_or_default());
                    store.hub().shown(position);
                }
                Err(fault) => {
                    tracing::warn!(%fault, "the catalogue could not be read; the last one stays");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            }
        }
        match tokio::time::timeout(RELOAD_EVERY, commits.changed()).await {
            Ok(Ok(())) => due = false,
            Ok(Err(_)) => return,
            Err(_) => due = true,
        }
    }
}
