//! The things of the public catalogue as partners keep a copy of them: what is said of each, under the names of GraphQL, and the others that it names by
//! their UUIDs. Nothing of another thing is told with it, so that it changes only when it is told anew.
use crate::{feed::Change, snapshot::Snapshot};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    catalogue::{
        area::AreaContent,
        network::NetworkContent,
        offering::{RegistrationUnit, ServiceOfferingContent},
        organization::OrganizationContent,
        route::TransportRouteContent,
        service::ServiceContent,
        session::{SessionState, day},
        unit::ServiceUnitContent,
        venue::{VenueContent, VenueStatus},
    },
    delivery::participation::Seats,
    event::{CatalogueKind, Happening},
    funding::{price::QuantityUnit, provider_approval::ProviderSite},
    id::{Kinded as _, OrganizationId, ServiceId, public_id},
    scalar::{Date, Url},
    text::LocalizedText,
};
use entity::{
    catalogue::{service_offering, session},
    funding::provider_approval,
};
use serde::Serialize;
use std::borrow::Cow;
use uuid::Uuid;

/// A thing of the catalogue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'a> {
    kind: CatalogueKind,
    /// As in GraphQL.
    id: String,
    /// By which others name it.
    uuid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<VenueStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_on: Option<NaiveDate>,
    #[serde(flatten)]
    places: Seating,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Vec<Session<'a>>>,
    updated_at: DateTime<Utc>,
    version: i32,
}

/// What is said of it.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Network(&'a NetworkContent),
    Organization(&'a OrganizationContent),
    Unit(&'a ServiceUnitContent),
    Area(&'a AreaContent),
    Venue(&'a VenueContent),
    Route(Cow<'a, TransportRouteContent>),
    Service(&'a ServiceContent),
    Offering(Cow<'a, ServiceOfferingContent>),
    Approved(Listed<'a>),
}

/// Seating of an offering or a session, where one registers for it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Seating {
    #[serde(skip_serializing_if = "Option::is_none")]
    places_taken: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_places: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_free: Option<i32>,
}

impl From<Seats> for Seating {
    fn from(seats: Seats) -> Self {
        let free_places = seats.free();
        Self { places_taken: Some(seats.taken), free_places, reserved_free: free_places.map(|_| seats.reserved_free()) }
    }
}

/// A session of an offering.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    id: String,
    uuid: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    state: SessionState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a LocalizedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leader: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<Uuid>,
    #[serde(flatten)]
    places: Seating,
}

/// What is told of an approved provider. Prices depend on the day: they are asked for by GraphQL.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    provider: OrganizationId,
    rulebook_name: &'a LocalizedText,
    rulebook_edition: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook_url: Option<&'a Url>,
    valid_from: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<Date>,
    approved_on: NaiveDate,
    services: Vec<ApprovedService>,
    sites: &'a [ProviderSite],
}

/// A service that an approved provider gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApprovedService {
    service: ServiceId,
    unit: QuantityUnit,
    free_of_charge: bool,
}

/// A change, with the thing as it is now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told<'a> {
    cursor: String,
    at: DateTime<Utc>,
    happening: Happening,
    kind: CatalogueKind,
    id: String,
    uuid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<DateTime<Utc>>,
    /// None when it is not public any more.
    object: Option<Record<'a>>,
}

/// The last line of an answer: by it one knows that nothing is missing, and where to go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// Where to go on.
    pub cursor: String,
    /// There is more already.
    pub has_more: bool,
}

impl<'a> Told<'a> {
    /// A change, told from a catalogue at a time.
    pub fn of(s: &'a Snapshot, change: &Change, now: DateTime<Utc>) -> Self {
        Self {
            cursor: change.place.cursor(),
            at: change.at,
            happening: change.happening,
            kind: change.kind,
            id: public_id(change.kind.name(), change.subject),
            uuid: change.subject,
            deleted_at: change.deleted_at(s),
            object: Record::of(s, change.kind, change.subject, now),
        }
    }
}

/// How many things of a kind there are.
pub fn count(s: &Snapshot, kind: CatalogueKind) -> u32 {
    let positions = match kind {
        CatalogueKind::Network => s.networks.positions(),
        CatalogueKind::Organization => s.organizations.positions(),
        CatalogueKind::ServiceUnit => s.units.positions(),
        CatalogueKind::Area => s.areas.positions(),
        CatalogueKind::Venue => s.venues.positions(),
        CatalogueKind::TransportRoute => s.routes.positions(),
        CatalogueKind::Service => s.services.positions(),
        CatalogueKind::ServiceOffering => s.offerings.positions(),
        CatalogueKind::ApprovedProvider => s.approved.positions(),
    };
    positions.end
}

/// The id of the thing of a kind at a position.
pub fn id_at(s: &Snapshot, kind: CatalogueKind, position: u32) -> Uuid {
    match kind {
        CatalogueKind::Network => s.networks.at(position).id.0,
        CatalogueKind::Organization => s.organizations.at(position).id.0,
        CatalogueKind::ServiceUnit => s.units.at(position).id.0,
        CatalogueKind::Area => s.areas.at(position).id.0,
        CatalogueKind::Venue => s.venues.at(position).id.0,
        CatalogueKind::TransportRoute => s.routes.at(position).id.0,
        CatalogueKind::Service => s.services.at(position).id.0,
        CatalogueKind::ServiceOffering => s.offerings.at(position).id.0,
        CatalogueKind::ApprovedProvider => s.approved.at(position).id.0,
    }
}

impl<'a> Record<'a> {
    /// A thing as the catalogue shows it at a time; none where it does not.
    pub fn of(s: &'a Snapshot, kind: CatalogueKind, id: Uuid, now: DateTime<Utc>) -> Option<Self> {
        Some(match kind {
            CatalogueKind::Network => {
                let row = s.networks.get(id)?;
                Self::new(kind, id, (row.updated_at, row.version), Content::Network(&row.content))
            }
            CatalogueKind::Organization => {
                let row = s.organizations.get(id)?;
                Self { network: Some(row.network_id.0), ..Self::new(kind, id, (row.updated_at, row.version), Content::Organization(&row.content)) }
            }
            CatalogueKind::ServiceUnit => {
                let row = s.units.get(id)?;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.organization_id.0),
                    closed_on: row.closed_on,
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Unit(&row.content))
                }
            }
            CatalogueKind::Area => {
                let row = s.areas.get(id)?;
                let network = row.network_id.map(|id| id.0);
                Self { network, closed_on: row.closed_on, ..Self::new(kind, id, (row.updated_at, row.version), Content::Area(&row.content)) }
            }
            CatalogueKind::Venue => {
                let row = s.venues.get(id)?;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.organization_id.0),
                    status: Some(row.status),
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Venue(&row.content))
                }
            }
            CatalogueKind::TransportRoute => {
                let row = s.routes.get(id)?;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.organization_id.0),
                    closed_on: row.closed_on,
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Route(route(s, &row.content)))
                }
            }
            CatalogueKind::Service => {
                let row = s.services.get(id)?;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.organization_id.0),
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Service(&row.content))
                }
            }
            CatalogueKind::ServiceOffering => {
                let row = s.offerings.get(id)?;
                let whole = row.content.registration_unit == RegistrationUnit::Offering;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.organization_id.0),
                    service: Some(row.service_id.0),
                    places: if whole { row.seats(day(now)).into() } else { Seating::default() },
                    sessions: Some(s.coming(row.id, now).map(|i| Session::of(s, row, s.sessions.at(i), now)).collect()),
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Offering(offering(s, &row.content)))
                }
            }
            CatalogueKind::ApprovedProvider => {
                let row = s.approved.get(id)?;
                Self {
                    network: Some(row.network_id.0),
                    organization: Some(row.authority_id.0),
                    ..Self::new(kind, id, (row.updated_at, row.version), Content::Approved(approved(s, row)?))
                }
            }
        })
    }

    fn new(kind: CatalogueKind, uuid: Uuid, (updated_at, version): (DateTime<Utc>, i32), content: Content<'a>) -> Self {
        Self {
            kind,
            id: public_id(kind.name(), uuid),
            uuid,
            network: None,
            organization: None,
            service: None,
            status: None,
            closed_on: None,
            places: Seating::default(),
            content,
            sessions: None,
            updated_at,
            version,
        }
    }
}

/// What is said of an offering; a venue that is not public is not named.
fn offering<'a>(s: &Snapshot, content: &'a ServiceOfferingContent) -> Cow<'a, ServiceOfferingContent> {
    match content.venue {
        Some(venue) if s.venues.get(venue).is_none() => Cow::Owned(ServiceOfferingContent { venue: None, ..content.clone() }),
        _ => Cow::Borrowed(content),
    }
}

/// What is said of a route; venues that are not public are not named.
fn route<'a>(s: &Snapshot, content: &'a TransportRouteContent) -> Cow<'a, TransportRouteContent> {
    let mut content = Cow::Borrowed(content);
    for number in 0..content.stops.len() {
        if content.stops[number].venue.is_some_and(|venue| s.venues.get(venue).is_none()) {
            content.to_mut().stops[number].venue = None;
        }
    }
    content
}

fn approved<'a>(s: &Snapshot, row: &'a provider_approval::Model) -> Option<Listed<'a>> {
    let listing = row.listing.as_ref()?;
    let public = listing.services.iter().filter(|listed| s.is_arranged(listed.rule.service));
    let told = |listed: &domain::funding::provider_approval::ListedService| ApprovedService {
        service: listed.rule.service,
        unit: listed.unit(),
        free_of_charge: listed.rule.free_of_charge,
    };
    Some(Listed {
        provider: row.organization_id,
        rulebook_name: &listing.rulebook,
        rulebook_edition: listing.edition,
        rulebook_url: listing.url.as_ref(),
        valid_from: listing.valid_from,
        valid_to: listing.valid_to,
        approved_on: day(row.decided_at.unwrap_or(row.updated_at)),
        services: public.map(told).collect(),
        sites: &listing.sites,
    })
}

impl<'a> Session<'a> {
    fn of(s: &Snapshot, offering: &service_offering::Model, row: &'a session::Model, now: DateTime<Utc>) -> Self {
        let by_session = offering.content.registration_unit == RegistrationUnit::Session;
        // Once it has begun, nobody registers for it any more.
        let seats = (by_session && row.is_to_come(now)).then(|| row.seats(&offering.content, day(now)));
        Self {
            id: row.id.to_public(),
            uuid: row.id.0,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            state: row.state,
            reason: row.reason.as_ref(),
            leader: row.leader.as_deref(),
            venue: row.venue_id.filter(|venue| s.venues.get(*venue).is_some()).map(|venue| venue.0),
            places: seats.map(Seating::from).unwrap_or_default(),
        }
    }
}
