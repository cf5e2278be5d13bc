//! The catalogue as the tables of HSDS: CSV files with a `datapackage.json` that tells what is in them (a tabular data package of Frictionless Data), in a zip
//! file that is written while it is sent. One table after the other is gone through, so nothing but the catalogue itself and the ids of places is held in memory.
use super::{
    object::{
        Accessibility, Address, Attribute, Contact, CostOption, Fields, Language, Location, Organization, OrganizationIdentifier, Phone, Schedule, Service,
        ServiceArea, ServiceAtLocation, Taxonomy, TaxonomyTerm,
    },
    place::{Place, Spot},
    taxonomy::{self, attributes, of_organization, of_service},
    view::{View, languages},
};
use csv::WriterBuilder;
use entity::catalogue::{organization, service};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};
use zip::{
    ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// About so many bytes of a table are written before they are packed and sent.
const CHUNK: usize = 64 * 1024;

/// The rows of a table, as they are told as JSON.
type Rows = Box<dyn Iterator<Item = Value> + Send>;

/// A table.
struct Table {
    /// The object whose table it is, as the standard calls it.
    name: &'static str,
    /// The file, as the standard calls it.
    file: &'static str,
    fields: &'static [&'static str],
    rows: fn(&View) -> Rows,
}

const fn table<T: Fields>(name: &'static str, file: &'static str, rows: fn(&View) -> Rows) -> Table {
    Table { name, file, fields: T::FIELDS, rows }
}

/// The tables, those that others point to first.
const TABLES: &[Table] = &[
    table::<Taxonomy>("taxonomy", "taxonomies.csv", |view| {
        let language = view.language;
        rows(taxonomy::taxonomies().map(move |list| taxonomy::taxonomy(list, language)))
    }),
    table::<TaxonomyTerm>("taxonomy_term", "taxonomy_terms.csv", |view| {
        let language = view.language;
        rows(taxonomy::terms().map(move |term| term.told(language)))
    }),
    table::<Organization>("organization", "organizations.csv", |view| rows(of_organizations(view.clone(), |view, row| vec![view.organization_row(row)]))),
    table::<OrganizationIdentifier>("organization_identifier", "organization_identifiers.csv", |view| {
        rows(of_organizations(view.clone(), |view, row| view.organization_alone(row).organization_identifiers))
    }),
    table::<Service>("service", "services.csv", |view| rows(of_services(view.clone(), |view, row| vec![view.service(row)]))),
    table::<Location>("location", "locations.csv", |view| rows(of_places(view.clone(), |view, place| vec![view.location_row(place)]))),
    table::<Address>("address", "addresses.csv", |view| rows(of_places(view.clone(), |view, place| view.location(place).addresses))),
    table::<Accessibility>("accessibility", "accessibility.csv", |view| rows(of_places(view.clone(), |view, place| view.location(place).accessibility))),
    table::<ServiceAtLocation>("service_at_location", "service_at_location.csv", |view| rows(of_spots(view.clone(), |view, spot| vec![view.spot(spot)]))),
    table::<Schedule>("schedule", "schedules.csv", |view| {
        rows(of_spots(view.clone(), View::schedules).chain(of_services(view.clone(), |view, row| view.schedules_without_place(row, &view.given(row)))))
    }),
    table::<Language>("language", "languages.csv", |view| rows(of_services(view.clone(), |_, row| languages(row)))),
    table::<CostOption>("cost_option", "cost_options.csv", |view| rows(of_services(view.clone(), View::cost_options))),
    table::<ServiceArea>("service_area", "service_areas.csv", |view| {
        rows(of_services(view.clone(), |view, row| view.service_areas(row.id.0, &view.given(row))))
    }),
    table::<Contact>("contact", "contacts.csv", |view| rows(contacts(view))),
    table::<Phone>("phone", "phones.csv", |view| {
        let at_places = of_places(view.clone(), |view, place| view.location(place).phones);
        rows(at_places.chain(contacts(view).flat_map(|contact| contact.phones)))
    }),
    table::<Attribute>("attribute", "attributes.csv", |view| {
        let services = of_services(view.clone(), |view, row| attributes(of_service(&row.content), row.id.0, "service", view.language));
        let organizations = |view: &View, row: &organization::Model| attributes(of_organization(&row.content), row.id.0, "organization", view.language);
        rows(services.chain(of_organizations(view.clone(), organizations)))
    }),
];

/// Fields that hold another object: the other has a table of its own, and its id a column.
const OBJECTS: &[&str] = &["organization", "service", "location", "taxonomy_term", "taxonomy_detail"];
const NUMBERS: &[&str] = &["minimum_age", "maximum_age", "latitude", "longitude", "timezone", "count", "interval", "amount"];
const DATES: &[&str] = &["valid_from", "valid_to", "dtstart", "until"];
const ADDRESSES: &[&str] = &["website", "schedule_link", "term_uri", "uri"];

/// Columns that hold the id of a row of another table, and which.
const KEYS: &[(&str, &str)] = &[
    ("organization_id", "organization"),
    ("service_id", "service"),
    ("location_id", "location"),
    ("service_at_location_id", "service_at_location"),
    ("contact_id", "contact"),
    ("taxonomy_id", "taxonomy"),
    ("taxonomy_term_id", "taxonomy_term"),
];

fn rows<T: Serialize>(of: impl Iterator<Item = T> + Send + 'static) -> Rows {
    Box::new(of.filter_map(|row| serde_json::to_value(row).ok()))
}

fn of_organizations<T: 'static>(view: View, told: fn(&View, &organization::Model) -> Vec<T>) -> impl Iterator<Item = T> {
    view.s.organizations.positions().flat_map(move |i| told(&view, view.s.organizations.at(i)))
}

fn of_services<T: 'static>(view: View, told: fn(&View, &service::Model) -> Vec<T>) -> impl Iterator<Item = T> {
    view.s.services.positions().flat_map(move |i| told(&view, view.s.services.at(i)))
}

fn of_spots<T: 'static>(view: View, told: fn(&View, &Spot) -> Vec<T>) -> impl Iterator<Item = T> {
    view.s.offerings.positions().flat_map(move |i| view.spots(view.s.offerings.at(i)).iter().flat_map(|spot| told(&view, spot)).collect::<Vec<_>>())
}

/// Of every place once: units that are in use, venues, and where offerings are given besides.
fn of_places<T: 'static>(view: View, told: fn(&View, &Place) -> Vec<T>) -> impl Iterator<Item = T> {
    let (s, at_spots) = (Arc::clone(&view.s), of_spots(view.clone(), |_, spot| vec![spot.place.clone()]));
    let units = s.units.positions().map({
        let s = Arc::clone(&s);
        move |i| Arc::clone(s.units.at(i))
    });
    let units = units.filter(|row| row.closed_on.is_none()).map(Place::Unit);
    let venues = s.venues.positions().map(move |i| Place::Venue(Arc::clone(s.venues.at(i))));
    let mut known = HashSet::new();
    units.chain(venues).chain(at_spots).filter(move |place| known.insert(place.id())).flat_map(move |place| told(&view, &place))
}

/// Whom to turn to: at places, for offerings at places, and for services without a place.
fn contacts(view: &View) -> impl Iterator<Item = Contact> + use<> {
    let at_places = of_places(view.clone(), |view, place| view.location(place).contacts);
    let at_spots = of_spots(view.clone(), |view, spot| vec![view.contact_at(spot)]);
    at_places.chain(at_spots).chain(of_services(view.clone(), |view, row| view.contacts_without_place(row, &view.given(row))))
}

impl Table {
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().copied().filter(|field| !OBJECTS.contains(field)).map(|field| field.trim_start_matches("r#"))
    }

    /// What is in the file, as a resource of a data package.
    fn resource(&self) -> Value {
        let described = |name: &'static str| {
            let (kind, format) = match name {
                "id" | "link_id" | "parent_id" => ("string", "uuid"),
                _ if KEYS.iter().any(|(key, _)| *key == name) => ("string", "uuid"),
                "last_modified" => ("datetime", "default"),
                _ if NUMBERS.contains(&name) => ("number", "default"),
                _ if DATES.contains(&name) => ("date", "default"),
                _ if ADDRESSES.contains(&name) => ("string", "uri"),
                _ => ("string", "default"),
            };
            let mut field = json!({ "name": name, "type": kind, "format": format });
            if name == "id" {
                field["constraints"] = json!({ "required": true, "unique": true });
            }
            field
        };
        let key = |name: &str| {
            let (_, other) = KEYS.iter().find(|(key, _)| *key == name)?;
            Some(json!({ "fields": name, "reference": { "resource": other, "fields": "id" } }))
        };
        let schema = json!({
            "fields": self.columns().map(described).collect::<Vec<_>>(), "primaryKey": "id", "foreignKeys": self.columns().filter_map(key).collect::<Vec<_>>(),
        });
        json!({
            "name": self.name, "path": self.file, "profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "schema": schema,
        })
    }
}

/// What is in the package, and from where changes go on.
fn description(view: &View, cursor: &str) -> Value {
    json!({
        "profile": "tabular-data-package",
        "name": "monituottaja",
        "title": "Monituottaja: the published catalogue in HSDS 3.0",
        "homepage": view.origin,
        "created": view.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "cursor": cursor,
        "resources": TABLES.iter().map(Table::resource).collect::<Vec<_>>(),
    })
}

/// A value as it stands in a cell; what there is not is empty.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The package, piece by piece: each is written when its turn comes.
pub fn package(view: View, cursor: &str) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
    let out = Pipe::default();
    let description = description(&view, cursor);
    let mut writing = Some(Writing { zip: ZipWriter::new_stream(out.clone()), description: Some(description), tables: TABLES.iter(), open: None, view });
    std::iter::from_fn(move || {
        while let Some(now) = &mut writing {
            match now.go_on() {
                Ok(true) => {}
                Ok(false) => {
                    let done = writing.take().map(|done| done.zip.finish());
                    if let Some(Err(fault)) = done {
                        tracing::error!(%fault, "an export could not be finished");
                    }
                }
                // Without its end it is no zip file: whoever reads it knows.
                Err(fault) => {
                    tracing::error!(%fault, "an export broke off");
                    writing = None;
                }
            }
            let piece = out.take();
            if !piece.is_empty() {
                return Some(piece);
            }
        }
        None
    })
}

/// A package of which some is written.
struct Writing {
    zip: ZipWriter<StreamWriter<Pipe>>,
    description: Option<Value>,
    tables: std::slice::Iter<'static, Table>,
    open: Option<(&'static Table, Rows)>,
    view: View,
}

impl Writing {
    /// Writes some more; whether there may be more still.
    fn go_on(&mut self) -> io::Result<bool> {
        let options = SimpleFileOptions::default();
        if let Some(description) = self.description.take() {
            self.zip.start_file("datapackage.json", options)?;
            serde_json::to_writer_pretty(&mut self.zip, &description)?;
            return Ok(true);
        }
        let Some((table, rows)) = &mut self.open else {
            let Some(next) = self.tables.next() else { return Ok(false) };
            self.zip.start_file(next.file, options)?;
            let mut head = WriterBuilder::new().from_writer(Vec::new());
            head.write_record(next.columns())?;
            self.zip.write_all(&head.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
            self.open = Some((next, (next.rows)(&self.view)));
            return Ok(true);
        };
        let mut lines = WriterBuilder::new().from_writer(Vec::new());
        let mut is_over = true;
        for row in rows.by_ref() {
            lines.write_record(table.columns().map(|name| cell(row.get(name))))?;
            lines.flush()?;
            if lines.get_ref().len() >= CHUNK {
                is_over = false;
                break;
            }
        }
        self.zip.write_all(&lines.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
        if is_over {
            self.open = None;
        }
        Ok(true)
    }
}

/// What is packed and not yet sent.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
