//! Places of HSDS: offerings at their places, and the places themselves.
use super::{
    object::{Accessibility, Address, Contact, Location, Phone, Schedule, ServiceArea, ServiceAtLocation},
    schedule,
    taxonomy::made,
    view::{Given, View},
};
use crate::act::access::calendar::public_address;
use domain::{
    catalogue::{area::AreaKind, service::DeliveryForm, venue},
    code::{Coded, lists},
    id::AreaId,
    place::Point,
    text::LocalizedText,
};
use entity::catalogue::{service_offering, service_unit, transport_route, venue as venue_table};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// A place of an offering.
#[derive(Clone)]
pub enum Place {
    /// A venue whose use is agreed.
    Venue(Arc<venue_table::Model>),
    /// A service unit.
    Unit(Arc<service_unit::Model>),
    /// A stop of a route, or several that bear the same name: their numbers.
    Stops(Arc<transport_route::Model>, Vec<usize>),
    /// No place on earth: it is given remotely.
    Remote(Uuid),
}

impl Place {
    /// The id of the location.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Venue(row) => row.id.0,
            Self::Unit(row) => row.id.0,
            Self::Stops(row, stops) => made(row.id.0, stops.first().and_then(|i| row.content.stops.get(*i)).map_or("", |stop| stop.name.fi.as_str())),
            Self::Remote(offering) => made(*offering, "remote"),
        }
    }

    /// Where it is.
    pub fn point(&self) -> Option<Point> {
        match self {
            Self::Venue(row) => row.content.point,
            Self::Unit(row) => row.content.point,
            Self::Stops(..) => self.stop().map(|stop| stop.point),
            Self::Remote(_) => None,
        }
    }

    /// In which area it lies.
    pub fn area(&self) -> Option<AreaId> {
        match self {
            Self::Venue(row) => Some(row.content.area),
            Self::Unit(row) => Some(row.content.area),
            Self::Stops(..) => self.stop().map(|stop| stop.area),
            Self::Remote(_) => None,
        }
    }

    /// Its street address.
    pub fn address(&self) -> Option<&domain::place::Address> {
        match self {
            Self::Venue(row) => row.content.address.as_ref(),
            Self::Unit(row) => row.content.address.as_ref(),
            Self::Stops(..) | Self::Remote(_) => None,
        }
    }

    fn stop(&self) -> Option<&domain::catalogue::route::RouteStop> {
        let Self::Stops(row, stops) = self else { return None };
        row.content.stops.get(*stops.first()?)
    }
}

/// An offering at one of its places.
#[derive(Clone)]
pub struct Spot {
    /// The offering.
    pub offering: Arc<service_offering::Model>,
    /// The place.
    pub place: Place,
    /// Its sessions are held here, as far as they are not held elsewhere.
    is_usual: bool,
}

impl Spot {
    /// The id of the offering at this place.
    pub fn id(&self) -> Uuid {
        if self.is_usual { self.offering.id.0 } else { made(self.offering.id.0, &self.place.id().to_string()) }
    }
}

impl View {
    /// The places of an offering: the venue or else the unit, and the stops of the route. What is given remotely and nowhere else has a place that is none.
    pub fn spots(&self, offering: &Arc<service_offering::Model>) -> Vec<Spot> {
        let (s, content) = (&self.s, &offering.content);
        let venue = content.venue.and_then(|id| s.venues.get(id)).map(|row| Place::Venue(Arc::clone(row)));
        let unit = || content.unit.and_then(|id| s.units.get(id)).map(|row| Place::Unit(Arc::clone(row)));
        let usual = venue.or_else(unit);
        let stops = content.route.and_then(|id| s.routes.get(id)).map(|route| self.stops(route)).unwrap_or_default();
        let is_remote = || s.services.get(offering.service_id).is_some_and(|row| row.content.delivery_forms.contains(&DeliveryForm::Remote));
        let usual = usual.or_else(|| (stops.is_empty() && is_remote()).then_some(Place::Remote(offering.id.0)));
        let known = usual.as_ref().map(Place::id);
        let spot = |place, is_usual| Spot { offering: Arc::clone(offering), place, is_usual };
        let others = stops.into_iter().filter(|place| Some(place.id()) != known).map(|place| spot(place, false)).collect::<Vec<_>>();
        usual.map(|place| spot(place, true)).into_iter().chain(others).collect()
    }

    /// The stops of a route, those at a venue as that venue, each once.
    fn stops(&self, route: &Arc<transport_route::Model>) -> Vec<Place> {
        let mut out: Vec<Place> = Vec::new();
        for (number, stop) in route.content.stops.iter().enumerate() {
            let venue = stop.venue.and_then(|id| self.s.venues.get(id)).map(|row| Place::Venue(Arc::clone(row)));
            let place = venue.unwrap_or_else(|| Place::Stops(Arc::clone(route), vec![number]));
            match out.iter_mut().find(|known| known.id() == place.id()) {
                Some(Place::Stops(_, numbers)) => numbers.push(number),
                Some(_) => {}
                None => out.push(place),
            }
        }
        out
    }

    /// The numbers of the stops that a place stands for on the offering's route.
    fn numbers(&self, spot: &Spot) -> Vec<usize> {
        let route = spot.offering.content.route.and_then(|id| self.s.routes.get(id));
        match (&spot.place, route) {
            (Place::Stops(_, numbers), _) => numbers.clone(),
            (Place::Venue(venue), Some(route)) => (0..).zip(&route.content.stops).filter(|(_, stop)| stop.venue == Some(venue.id)).map(|(i, _)| i).collect(),
            _ => Vec::new(),
        }
    }

    /// An offering at its place, with what has one value only.
    pub fn spot_row(&self, spot: &Spot) -> ServiceAtLocation {
        ServiceAtLocation {
            location: Some(self.location_row(&spot.place)),
            service: self.s.services.get(spot.offering.service_id).map(|row| Box::new(self.service_row(row))),
            ..self.spot(spot)
        }
    }

    /// An offering at its place, with everything; the service too where it is not told around it.
    pub fn spot_full(&self, spot: &Spot, with_service: bool) -> ServiceAtLocation {
        let service = self.s.services.get(spot.offering.service_id).filter(|_| with_service);
        ServiceAtLocation {
            location: Some(self.location(&spot.place)),
            service: service.map(|row| Box::new(self.service_alone(row))),
            contacts: vec![self.contact_at(spot)],
            schedules: self.schedules(spot),
            ..self.spot(spot)
        }
    }

    /// An offering at its place, with nothing but ids and words.
    pub fn spot(&self, spot: &Spot) -> ServiceAtLocation {
        let content = &spot.offering.content;
        let said: Vec<_> = content.name.iter().chain(&content.info).map(|text| self.text(text)).collect();
        ServiceAtLocation {
            id: spot.id(),
            service_id: Some(spot.offering.service_id.0),
            location_id: Some(spot.place.id()),
            description: (!said.is_empty()).then(|| said.join("\n\n")),
            ..ServiceAtLocation::default()
        }
    }

    /// When an offering is given at a place.
    pub fn schedules(&self, spot: &Spot) -> Vec<Schedule> {
        let sessions = if spot.is_usual { self.sessions(&spot.offering) } else { Vec::new() };
        let route = spot.offering.content.route.and_then(|id| self.s.routes.get(id));
        let calls = route.map(|route| schedule::of_calls(route, &self.numbers(spot), self.today())).unwrap_or_default();
        // The same vehicle stands there for each offering along the route: its calls are of the offering.
        let calls = calls.into_iter().map(|call| Schedule { id: made(spot.offering.id.0, &call.id.to_string()), ..call });
        sessions.into_iter().chain(calls).map(|told| Schedule { service_at_location_id: Some(spot.id()), ..told }).collect()
    }

    /// The sessions of an offering, those at another place than usual with its name.
    pub fn sessions(&self, offering: &service_offering::Model) -> Vec<Schedule> {
        let named = |told: Schedule| {
            let elsewhere = told.location_id.and_then(|id| self.s.venues.get(id));
            Schedule {
                // What is not public any more is not named by its id either.
                location_id: elsewhere.map(|venue| venue.id.0),
                description: elsewhere.map(|venue| self.text(&venue.content.name)),
                schedule_link: Some(format!("{}{}", self.origin, public_address("offering", offering.id))),
                ..told
            }
        };
        schedule::of_sessions(&self.s, offering, self.today()).into_iter().map(named).collect()
    }

    /// Who gives an offering at a place.
    pub fn contact_at(&self, spot: &Spot) -> Contact {
        self.contact(&spot.offering, spot.id(), |contact| contact.service_at_location_id = Some(spot.id()))
    }

    /// Who gives an offering, as told of it or of one of its places: the provider, where it tells one its unit.
    pub fn contact(&self, offering: &service_offering::Model, told_of: Uuid, of: impl FnOnce(&mut Contact)) -> Contact {
        let id = made(told_of, "contact");
        let unit = offering.content.unit.and_then(|id| self.s.units.get(id));
        let mut contact = Contact {
            id,
            organization_id: Some(offering.organization_id.0),
            name: self.s.organizations.get(offering.organization_id).map(|row| self.text(&row.content.name)),
            department: unit.map(|row| self.text(&row.content.name)),
            email: unit.and_then(|row| row.content.email.as_ref()).map(ToString::to_string),
            phones: unit.and_then(|row| phone(row, id)).into_iter().map(|phone| Phone { contact_id: Some(id), ..phone }).collect(),
            ..Contact::default()
        };
        of(&mut contact);
        contact
    }

    /// A place with what has one value only.
    pub fn location_row(&self, place: &Place) -> Location {
        let point = place.point();
        let common = Location {
            id: place.id(),
            location_type: "physical",
            latitude: point.map(|p| p.latitude),
            longitude: point.map(|p| p.longitude),
            ..Location::default()
        };
        let external = |id: Option<&String>, kind: &str| id.map(|id| (id.clone(), kind.to_owned())).unzip();
        match place {
            Place::Venue(row) => {
                let (external_identifier, external_identifier_type) = external(row.content.building_id.as_ref(), "VTJ-PRT");
                Location {
                    organization_id: Some(row.organization_id.0),
                    name: Some(self.text(&row.content.name)),
                    description: row.content.note.as_ref().map(|text| self.text(text)),
                    external_identifier,
                    external_identifier_type,
                    ..common
                }
            }
            Place::Unit(row) => {
                let (external_identifier, external_identifier_type) = external(row.content.soteri_unit_id.as_ref(), "Soteri");
                Location {
                    organization_id: Some(row.organization_id.0),
                    name: Some(self.text(&row.content.name)),
                    external_identifier,
                    external_identifier_type,
                    ..common
                }
            }
            Place::Stops(row, _) => Location {
                organization_id: Some(row.organization_id.0),
                name: place.stop().map(|stop| self.text(&stop.name)),
                transportation: Some(self.text(&row.content.name)),
                ..common
            },
            Place::Remote(_) => Location { location_type: "virtual", name: Some(self.text(&DeliveryForm::Remote.label())), ..common },
        }
    }

    /// A place with everything.
    pub fn location(&self, place: &Place) -> Location {
        let id = place.id();
        let mut out = Location { addresses: place.address().map(|address| self.address(place, address)).into_iter().collect(), ..self.location_row(place) };
        match place {
            Place::Venue(row) => out.accessibility = self.accessibility(id, row.content.accessibility),
            Place::Unit(row) => {
                out.phones = phone(row, id).into_iter().map(|phone| Phone { location_id: Some(id), ..phone }).collect();
                let contact = |email: &domain::scalar::EmailAddress| Contact {
                    id: made(id, "contact"),
                    location_id: Some(id),
                    name: Some(self.text(&row.content.name)),
                    email: Some(email.to_string()),
                    ..Contact::default()
                };
                out.contacts = row.content.email.as_ref().map(contact).into_iter().collect();
            }
            Place::Stops(..) | Place::Remote(_) => {}
        }
        out
    }

    fn address(&self, place: &Place, address: &domain::place::Address) -> Address {
        let above = |kind| place.area().and_then(|area| self.above(area, kind));
        Address {
            id: made(place.id(), "address"),
            address_1: address.street.clone(),
            city: address.city.clone(),
            state_province: above(AreaKind::WellbeingCounty).or_else(|| above(AreaKind::Municipality)).unwrap_or_else(|| address.city.clone()),
            postal_code: address.postal_code.clone(),
            country: "FI",
            address_type: "physical",
            location_id: Some(place.id()),
            region: above(AreaKind::Municipality),
        }
    }

    /// What the area of a kind is called in which an area lies.
    fn above(&self, area: AreaId, kind: AreaKind) -> Option<String> {
        let mut areas = self.s.lineage(area).iter().filter_map(|id| self.s.areas.get(*id));
        areas.find(|row| row.content.kind == kind).map(|row| self.text(&row.content.name))
    }

    fn accessibility(&self, location: Uuid, of: venue::Accessibility) -> Vec<Accessibility> {
        let each = [
            (of.step_free, ["Esteetön kulku", "Tillgängligt utan trappsteg", "Step-free access"]),
            (of.accessible_toilet, ["Esteetön wc", "Tillgänglig toalett", "Accessible toilet"]),
            (of.induction_loop, ["Induktiosilmukka", "Induktionsslinga", "Induction loop"]),
            (of.accessible_parking, ["Esteetön pysäköinti", "Tillgänglig parkering", "Accessible parking"]),
        ];
        let there = each.into_iter().filter(|(there, _)| *there);
        let told = |[fi, sv, en]: [&str; 3]| Accessibility {
            id: made(location, fi),
            location_id: Some(location),
            description: Some(self.text(&LocalizedText::of(fi, sv, en))),
        };
        there.map(|(_, words)| told(words)).collect()
    }

    /// The areas where the places of a service lie, each once.
    pub fn service_areas(&self, service: Uuid, given: &Given<'_>) -> Vec<ServiceArea> {
        let areas: BTreeSet<AreaId> = given.iter().flat_map(|(_, spots)| spots).filter_map(|spot| spot.place.area()).collect();
        let told = |row: &entity::catalogue::area::Model| {
            let (content, list) = (&row.content, code_list(row.content.kind));
            let uri = list.zip(content.code.as_deref()).and_then(|(list, code)| lists().get(list)?.get(code)?.uri.clone());
            ServiceArea {
                id: made(service, &row.id.to_string()),
                service_id: Some(service),
                name: Some(self.text(&content.name)),
                extent: Some(format!("{}: {}", self.text(&content.kind.label()), self.text(&content.name))),
                extent_type: Some("text"),
                uri,
            }
        };
        areas.into_iter().filter_map(|id| self.s.areas.get(id)).map(|row| told(row)).collect()
    }

    /// The places of an organisation: its units that are in use, and its venues whose use is agreed.
    pub fn places_of(&self, organization: domain::id::OrganizationId) -> Vec<Location> {
        let units = self.s.units.iter().filter(|row| row.organization_id == organization && row.closed_on.is_none());
        let venues = self.s.venues.iter().filter(|row| row.organization_id == organization);
        let places = units.map(|row| Place::Unit(Arc::clone(row))).chain(venues.map(|row| Place::Venue(Arc::clone(row))));
        places.map(|place| self.location(&place)).collect()
    }

    /// What an offering is called.
    pub fn called(&self, offering: &service_offering::Model) -> Option<String> {
        let service = || self.s.services.get(offering.service_id).map(|row| &row.content.name);
        offering.content.name.as_ref().or_else(service).map(|name: &LocalizedText| self.text(name))
    }
}

fn phone(unit: &service_unit::Model, of: Uuid) -> Option<Phone> {
    let number = unit.content.phone.as_ref()?.to_string();
    Some(Phone { id: made(of, "phone"), number, r#type: Some("voice"), ..Phone::default() })
}

/// The code list of a kind of area, where there is a national one.
const fn code_list(kind: AreaKind) -> Option<&'static str> {
    match kind {
        AreaKind::WellbeingCounty => Some("wellbeing-county"),
        AreaKind::Municipality => Some("municipality"),
        AreaKind::District | AreaKind::Village | AreaKind::Postal => None,
    }
}
