//! Services and organisations as HSDS tells them, from one state of the public catalogue.
use super::{
    object::{Contact, CostOption, Language, MinimalService, Organization, OrganizationIdentifier, Schedule, Service, ServiceCapacity, Unit},
    place::Spot,
    taxonomy::{attributes, made, of_organization, of_service, own},
};
use crate::snapshot::Snapshot;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{
    catalogue::{
        service::{ChargeType, ServiceContent},
        session::day,
    },
    code::{Coded, lists},
    delivery::participation::Seats,
    money::Money,
    text::{self, LocalizedText},
};
use entity::catalogue::{organization, service, service_offering};
use std::sync::Arc;

/// One state of the catalogue, as it is told to one caller.
#[derive(Clone)]
pub struct View {
    /// The catalogue.
    pub s: Arc<Snapshot>,
    /// The language in which texts are preferred.
    pub language: text::Language,
    /// The time.
    pub now: DateTime<Utc>,
    /// The scheme and host under which the caller reaches the server.
    pub origin: String,
    /// Places are told, as in HSDS 3.1.
    pub capacities: bool,
}

/// The offerings of a service, each with its places.
pub type Given<'s> = [(&'s Arc<service_offering::Model>, Vec<Spot>)];

/// A moment as HSDS writes it.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl View {
    /// The text in the caller's language, or in Finnish.
    pub fn text(&self, text: &LocalizedText) -> String {
        text.in_language(self.language).to_owned()
    }

    fn shown(&self, text: Option<&LocalizedText>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// The day in Finland.
    pub fn today(&self) -> NaiveDate {
        day(self.now)
    }

    /// The published offerings of a service.
    pub fn offerings(&self, service: &service::Model) -> impl Iterator<Item = &Arc<service_offering::Model>> {
        self.s.offerings_of(service.id).iter().map(|i| self.s.offerings.at(*i))
    }

    /// When anything that is told of an offering was last changed.
    pub fn offering_changed(&self, row: &service_offering::Model) -> DateTime<Utc> {
        let (s, content) = (&self.s, &row.content);
        let provider = s.organizations.get(row.organization_id).map(|row| row.updated_at);
        let venue = content.venue.and_then(|id| s.venues.get(id)).map(|row| row.updated_at);
        let unit = content.unit.and_then(|id| s.units.get(id)).map(|row| row.updated_at);
        let route = content.route.and_then(|id| s.routes.get(id)).map(|row| row.updated_at);
        let sessions = s.sessions_of(row.id).iter().map(|i| s.sessions.at(*i).updated_at);
        let series = s.series_of(row.id).iter().map(|i| s.series.at(*i).created_at);
        [provider, venue, unit, route].into_iter().flatten().chain(sessions).chain(series).fold(row.updated_at, Ord::max)
    }

    /// When anything that is told of a service was last changed.
    pub fn service_changed(&self, row: &service::Model) -> DateTime<Utc> {
        let organization = self.s.organizations.get(row.organization_id).map_or(row.updated_at, |row| row.updated_at);
        self.offerings(row).map(|offering| self.offering_changed(offering)).fold(row.updated_at.max(organization), Ord::max)
    }

    /// A service as few words as can be.
    pub fn service_minimal(&self, row: &service::Model) -> MinimalService {
        MinimalService { id: row.id.0, modified_date: moment(self.service_changed(row)) }
    }

    /// A service with what has one value only.
    pub fn service_row(&self, row: &service::Model) -> Service {
        let organization = self.s.organizations.get(row.organization_id).map(|row| Box::new(self.organization_row(row)));
        Service { organization, ..self.service(row) }
    }

    /// A service with everything.
    pub fn service_full(&self, row: &service::Model) -> Service {
        let given = self.given(row);
        let spots = given.iter().flat_map(|(_, spots)| spots);
        Service { service_at_locations: spots.map(|spot| self.spot_full(spot, false)).collect(), ..self.service_of(row, &given) }
    }

    /// A service with everything but where it is given.
    pub fn service_alone(&self, row: &service::Model) -> Service {
        self.service_of(row, &self.given(row))
    }

    fn service_of(&self, row: &service::Model, given: &Given<'_>) -> Service {
        let organization = self.s.organizations.get(row.organization_id).map(|row| Box::new(self.organization_alone(row)));
        Service {
            organization,
            schedules: self.schedules_without_place(row, given),
            contacts: self.contacts_without_place(row, given),
            service_areas: self.service_areas(row.id.0, given),
            languages: languages(row),
            cost_options: self.cost_options(row),
            attributes: attributes(of_service(&row.content), row.id.0, "service", self.language),
            capacities: if self.capacities { self.places(row) } else { Vec::new() },
            ..self.service(row)
        }
    }

    /// The offerings of a service, each with its places.
    pub fn given(&self, row: &service::Model) -> Vec<(&Arc<service_offering::Model>, Vec<Spot>)> {
        self.offerings(row).map(|offering| (offering, self.spots(offering))).collect()
    }

    /// When a service is given by those offerings that have no usual place: there is nothing else to hang their sessions on.
    pub fn schedules_without_place(&self, row: &service::Model, given: &Given<'_>) -> Vec<Schedule> {
        let placeless = given.iter().filter(|(offering, spots)| !spots.iter().any(|spot| spot.id() == offering.id.0));
        let sessions = placeless.flat_map(|(offering, _)| self.sessions(offering));
        sessions.map(|told| Schedule { service_id: Some(row.id.0), ..told }).collect()
    }

    /// Who gives a service by offerings that have no place at all.
    pub fn contacts_without_place(&self, row: &service::Model, given: &Given<'_>) -> Vec<Contact> {
        let placeless = given.iter().filter(|(_, spots)| spots.is_empty());
        placeless.map(|(offering, _)| self.contact(offering, offering.id.0, |contact| contact.service_id = Some(row.id.0))).collect()
    }

    /// A service with nothing but ids and words.
    pub fn service(&self, row: &service::Model) -> Service {
        let content = &row.content;
        Service {
            id: row.id.0,
            name: self.text(&content.name),
            status: "active",
            organization_id: Some(row.organization_id.0),
            description: self.shown(content.description.as_ref().or(content.summary.as_ref())),
            application_process: self.application_process(content),
            fees_description: Some(self.shown(content.charge_info.as_ref()).unwrap_or_else(|| self.text(&content.charge_type.label()))),
            eligibility_description: self.eligibility(content),
            minimum_age: content.min_age,
            maximum_age: content.max_age,
            last_modified: Some(moment(self.service_changed(row))),
            ..Service::default()
        }
    }

    fn application_process(&self, content: &ServiceContent) -> Option<String> {
        let words =
            || LocalizedText::of("Palveluun tullaan ohjauksella.", "Man kommer till tjänsten genom hänvisning.", "One comes to the service by referral.");
        let by_referral = || self.text(&words());
        let said: Vec<_> = content.referral_required.then(by_referral).into_iter().chain(self.shown(content.user_instruction.as_ref())).collect();
        (!said.is_empty()).then(|| said.join("\n\n"))
    }

    /// The target groups, by their names.
    fn eligibility(&self, content: &ServiceContent) -> Option<String> {
        let list = lists().get("target-group")?;
        let names: Vec<_> = content.target_groups.iter().filter_map(|code| list.get(code)).map(|entry| self.text(&entry.label)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// What a service costs.
    pub fn cost_options(&self, row: &service::Model) -> Vec<CostOption> {
        let content = &row.content;
        let priced = |price: Option<Money>| (price.map(euros), price.map(|_| "EUR"));
        let usual = if content.charge_type == ChargeType::Free { Some(Money { amount_cents: 0 }) } else { content.price };
        let (amount, currency) = priced(usual);
        let option = CostOption {
            id: made(row.id.0, "price"),
            service_id: Some(row.id.0),
            option: Some(self.text(&content.charge_type.label())),
            amount,
            currency,
            amount_description: self.shown(content.charge_info.as_ref()),
        };
        let own = self.offerings(row).filter(|_| content.charge_type != ChargeType::Free).filter_map(|offering| {
            let (amount, currency) = priced(Some(offering.content.price?));
            let option = self.called(offering);
            Some(CostOption { id: made(offering.id.0, "price"), service_id: Some(row.id.0), option, amount, currency, amount_description: None })
        });
        std::iter::once(option).chain(own).collect()
    }

    fn places(&self, row: &service::Model) -> Vec<ServiceCapacity> {
        let unit = || Unit { id: own("unit place"), name: self.text(&LocalizedText::of("paikka", "plats", "place")) };
        let told = |offering: &Arc<service_offering::Model>| {
            let seats: Vec<_> = self.s.seats(offering, self.now).collect();
            let maximum = seats.iter().map(|seats| seats.capacity).try_fold(0_i32, |sum, all| Some(sum.saturating_add(all?)))?;
            Some(ServiceCapacity {
                id: made(offering.id.0, "places"),
                unit: unit(),
                available: Seats::all_free(seats)?,
                updated: moment(offering.updated_at),
                service_id: Some(row.id.0),
                maximum: Some(maximum),
                description: self.called(offering),
            })
        };
        self.offerings(row).filter_map(told).collect()
    }

    /// An organisation with what has one value only.
    pub fn organization_row(&self, row: &organization::Model) -> Organization {
        let content = &row.content;
        let kind = self.text(&content.kind.label());
        Organization {
            id: row.id.0,
            name: self.text(&content.name),
            description: self.shown(content.description.as_ref()).unwrap_or_else(|| kind.clone()),
            website: content.website.as_ref().map(ToString::to_string),
            tax_id: content.business_id.as_ref().map(ToString::to_string),
            legal_status: Some(kind),
            ..Organization::default()
        }
    }

    /// An organisation with everything; its services where they are asked for.
    pub fn organization_full(&self, row: &organization::Model, with_services: bool) -> Organization {
        let services = self.s.services.iter().filter(|service| with_services && service.organization_id == row.id);
        let services = services.map(|service| Service { organization: None, ..self.service_full(service) }).collect();
        Organization { services, locations: self.places_of(row.id), ..self.organization_alone(row) }
    }

    /// An organisation with everything but its places and services.
    pub fn organization_alone(&self, row: &organization::Model) -> Organization {
        let content = &row.content;
        let known = [
            ("Y-tunnus", content.business_id.as_ref().map(ToString::to_string)),
            ("Soteri", content.soteri_id.clone()),
            ("PTV", content.ptv_id.clone()),
            ("OID", content.oid.clone()),
        ];
        let identifier = |(identifier_type, identifier): (&'static str, Option<String>)| {
            let (id, organization_id) = (made(row.id.0, identifier_type), Some(row.id.0));
            Some(OrganizationIdentifier { id, identifier_type, identifier: identifier?, organization_id })
        };
        Organization {
            organization_identifiers: known.into_iter().filter_map(identifier).collect(),
            attributes: attributes(of_organization(content), row.id.0, "organization", self.language),
            ..self.organization_row(row)
        }
    }
}

fn euros(price: Money) -> f64 {
    f64::from(price.amount_cents) / 100.0
}

/// By ISO 639, which is the first part of a tag.
pub fn languages(row: &service::Model) -> Vec<Language> {
    let told = |tag: &domain::scalar::LanguageTag| {
        let code = tag.as_str().split('-').next().unwrap_or_default().to_owned();
        Language { id: made(row.id.0, tag.as_str()), service_id: Some(row.id.0), code: Some(code) }
    };
    row.content.languages.iter().map(told).collect()
}
