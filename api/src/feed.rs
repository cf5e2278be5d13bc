//! The change feed of the public catalogue, for those who keep a copy: what has changed after a place in the feed, in the order of commits. The same
//! under GraphQL and REST, and of the public catalogue alone, whoever asks.
//!
//! What is told of a thing is told as the caller's catalogue shows it, which is at least as new as the change. So whoever puts away each thing as it is told,
//! and throws away what is told without one, has the catalogue once nothing more is told.
use crate::{
    caller::Caller,
    error::{Error, Result},
    snapshot::Snapshot,
    store::{Found, Order, Window, decode_cursor, encode_cursor},
};
use chrono::{DateTime, Utc};
use domain::{
    event::{CatalogueKind, Happening},
    id::{NetworkId, VenueId},
};
use entity::access::event;
use sea_orm::{ColumnTrait, Value};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// A place in the feed: right after a change, or before the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    position: i64,
    /// Of the change. Another history of the same length, as after a backup was restored, is told by it.
    id: Uuid,
}

impl Place {
    /// Before the first change ever.
    pub const START: Self = Self { position: 0, id: Uuid::nil() };

    /// Right after a change.
    #[must_use]
    pub const fn after(change: &event::Model) -> Self {
        Self::at(change.position, change.id)
    }

    /// Right after the change of this number and id.
    #[must_use]
    pub const fn at(position: i64, id: Uuid) -> Self {
        Self { position, id }
    }

    /// How many changes lie before it.
    #[must_use]
    pub const fn position(self) -> i64 {
        self.position
    }

    /// As callers are told it.
    #[must_use]
    pub fn cursor(self) -> String {
        encode_cursor(&format!("{:020}", self.position), self.id)
    }

    /// Reads what callers were told; an empty text is the start.
    ///
    /// # Errors
    /// [`Error::CursorUnknown`] for what was never told of this feed, [`Error::CursorAhead`] for what the feed has not come to, or a fault of the database.
    pub async fn read(caller: &Caller, cursor: &str) -> Result<Self> {
        if cursor.is_empty() {
            return Ok(Self::START);
        }
        let told = decode_cursor(cursor).and_then(|(key, id)| Some(Self { position: key.parse().ok()?, id }));
        let place = told.filter(|place| place.cursor() == cursor).ok_or(Error::CursorUnknown)?;
        if place == Self::START {
            return Ok(place);
        }
        match told_to_everybody(caller).filter(event::Column::Position.eq(place.position)).one().await? {
            Some(change) if change.id == place.id => Ok(place),
            None if place.position > caller.committed().await? => Err(Error::CursorAhead),
            _ => Err(Error::CursorUnknown),
        }
    }

    /// How far the catalogue shows the feed that the caller sees.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn here(caller: &Caller) -> Result<Self> {
        let shown = event::Column::Position.lte(caller.catalogue().position);
        let last = Window { last: Some(1), ..Window::default() };
        let found = told_to_everybody(caller).filter(shown).page(&by_position(), &last).await?;
        Ok(found.rows.last().map_or(Self::START, Self::after))
    }
}

/// A change, as it is told.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where to go on after it.
    pub place: Place,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub happening: Happening,
    /// To what kind of thing.
    pub kind: CatalogueKind,
    /// To which thing.
    pub subject: Uuid,
    /// The network of the thing; none for the national register of areas.
    pub network: Option<NetworkId>,
}

impl Change {
    /// What is told of an event.
    ///
    /// # Errors
    /// An event of an unknown kind.
    pub fn of(event: &event::Model) -> Result<Self> {
        let kind = CatalogueKind::named(&event.kind).ok_or_else(|| Error::internal("an event of an unknown kind"))?;
        let event::Model { at, happening, subject_id, network_id, .. } = *event;
        Ok(Self { place: Place::after(event), at, happening, kind, subject: subject_id, network: network_id })
    }

    /// When the thing left the catalogue, where this is how it did and it has not come back.
    #[must_use]
    pub fn deleted_at(&self, s: &Snapshot) -> Option<DateTime<Utc>> {
        (self.happening == Happening::Withdrawn && !shows(s, self.kind, self.subject)).then_some(self.at)
    }
}

/// Some of the feed.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Things that are told anew because what they name has come or gone, from the place that was asked from: a copy takes them first, and whoever is cut off
    /// in between is told them again.
    pub beside: Vec<Change>,
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub place: Place,
    /// There is more already.
    pub has_more: bool,
}

/// The catalogue shows a thing.
#[must_use]
pub fn shows(s: &Snapshot, kind: CatalogueKind, id: Uuid) -> bool {
    match kind {
        CatalogueKind::Network => s.networks.get(id).is_some(),
        CatalogueKind::Organization => s.organizations.get(id).is_some(),
        CatalogueKind::ServiceUnit => s.units.get(id).is_some(),
        CatalogueKind::Area => s.areas.get(id).is_some(),
        CatalogueKind::Venue => s.venues.get(id).is_some(),
        CatalogueKind::TransportRoute => s.routes.get(id).is_some(),
        CatalogueKind::Service => s.services.get(id).is_some(),
        CatalogueKind::ServiceOffering => s.offerings.get(id).is_some(),
        CatalogueKind::ApprovedProvider => s.approved.get(id).is_some(),
    }
}

/// What has happened after a place, as far as the caller's catalogue shows it: so many changes at the most, of these kinds.
///
/// # Errors
/// A fault of the database.
pub async fn changes(caller: &Caller, since: Place, kinds: Option<&[CatalogueKind]>, most: usize) -> Result<Changes> {
    let s = caller.catalogue();
    let mut found = told_to_everybody(caller).filter(event::Column::Position.gt(since.position)).filter(event::Column::Position.lte(s.position));
    if let Some(kinds) = kinds {
        // Those too whose coming and going changes what is told of these.
        let sources = kinds.iter().flat_map(|kind| sources(*kind)).copied();
        found = found.filter(event::Column::Kind.is_in(kinds.iter().copied().chain(sources).map(CatalogueKind::name)));
    }
    let found = found.page(&by_position(), &Window { first: Some(most), ..Window::default() }).await?;
    let place = match found.rows.last() {
        Some(last) if found.has_next || kinds.is_none() => Place::after(last),
        None if kinds.is_none() => since,
        // What else there was is of other kinds. A catalogue that is behind another server's sends nobody back.
        _ => Place::here(caller).await.map(|here| if here.position > since.position { here } else { since })?,
    };
    let rows = found.rows.iter().map(Change::of).collect::<Result<Vec<_>>>()?;
    let wanted = |change: &Change| kinds.is_none_or(|kinds| kinds.contains(&change.kind));
    let beside = beside(&s, since, &rows).into_iter().filter(wanted).collect();
    Ok(Changes { beside, changes: rows.into_iter().filter(wanted).collect(), place, has_more: found.has_next })
}

fn told_to_everybody(caller: &Caller) -> Found<'_, event::Entity> {
    caller.reader().find::<event::Entity>().filter(event::Column::Public.eq(true))
}

fn by_position() -> Order<event::Entity> {
    Order::<event::Entity>::by(event::Column::Position, |key| key.parse::<i64>().ok().map(Value::from), |row| row.position.to_string(), false)
}

/// Of which kinds things come and go with what is told of a kind: what is not public is not named either.
const fn sources(kind: CatalogueKind) -> &'static [CatalogueKind] {
    match kind {
        CatalogueKind::ServiceOffering | CatalogueKind::TransportRoute => &[CatalogueKind::Venue],
        CatalogueKind::ApprovedProvider => &[CatalogueKind::Service],
        _ => &[],
    }
}

/// What is told anew because a thing that it names has come or gone with these changes.
fn beside(s: &Snapshot, since: Place, rows: &[Change]) -> Vec<Change> {
    let changed = |kind: CatalogueKind, any: bool| {
        let of_kind = rows.iter().filter(move |row| row.kind == kind && (any || matches!(row.happening, Happening::Published | Happening::Withdrawn)));
        of_kind.map(|row| (row.subject, row)).collect::<BTreeMap<_, _>>()
    };
    // Whether a service is arranged by voucher or permit may change with it.
    let (venues, services) = (changed(CatalogueKind::Venue, false), changed(CatalogueKind::Service, true));
    let mut out = BTreeMap::new();
    let mut tell = |kind: CatalogueKind, subject: Uuid, because: &Change| {
        let change = Change { place: since, at: because.at, happening: Happening::Changed, kind, subject, network: because.network };
        out.entry((kind, subject)).or_insert(change);
    };
    if !venues.is_empty() {
        let at = |venue: VenueId| venues.get(&venue.0);
        for offering in s.offerings.iter() {
            if let Some(because) = offering.content.venue.and_then(at) {
                tell(CatalogueKind::ServiceOffering, offering.id.0, because);
            }
        }
        for session in s.sessions.iter() {
            if let Some(because) = session.venue_id.and_then(at) {
                tell(CatalogueKind::ServiceOffering, session.offering_id.0, because);
            }
        }
        for route in s.routes.iter() {
            if let Some(because) = route.content.stops.iter().find_map(|stop| stop.venue.and_then(at)) {
                tell(CatalogueKind::TransportRoute, route.id.0, because);
            }
        }
    }
    if !services.is_empty() {
        for approved in s.approved.iter() {
            let mut listed = approved.listing.iter().flat_map(|listing| &listing.services);
            if let Some(because) = listed.find_map(|listed| services.get(&listed.rule.service.0)) {
                tell(CatalogueKind::ApprovedProvider, approved.id.0, because);
            }
        }
    }
    let own: HashSet<_> = rows.iter().map(|row| (row.kind, row.subject)).collect();
    out.into_iter().filter(|(thing, _)| !own.contains(thing)).map(|(_, change)| change).collect()
}
