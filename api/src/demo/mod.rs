//! The demo network: what the five seed projects name, loaded through the same use cases as the API's mutations.
//!
//! Loading again is harmless: what is there stays, what a killed load left out is added, and sessions are planned for the coming weeks.
mod month;
mod people;
mod purchases;
mod way;

use crate::{
    act::{
        access::membership,
        catalogue::{agreement, area, network, offering, organization, route, service, session, unit, venue},
    },
    caller::Caller,
    error::{Error, Result},
    identity::{self, demo::ISSUER},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    access::Grant,
    actor::Role,
    catalogue::{
        agreement::{AgreementKind, PartnershipAgreementContent},
        area::{AreaContent, AreaKind},
        offering::{RegistrationUnit, ServiceOfferingContent},
        organization::OrganizationContent,
        publishing::{PublishingMove, PublishingState},
        route::{RouteCall, RouteStop, TransportRouteContent, Weekday},
        service::ServiceContent,
        session::day,
        unit::ServiceUnitContent,
        venue::{VenueContent, VenueMove, VenueStatus},
    },
    id::{AreaId, NetworkId, OrganizationId, ServiceId, ServiceOfferingId, ServiceUnitId, TransportRouteId, VenueId},
    machine::Machine,
    money::Money,
    place::Point,
    scalar::{Date, RecurrenceRule, Time},
    text::LocalizedText,
};
use entity::{Guarded, catalogue as tables};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::ColumnTrait;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::LazyLock};
use uuid::Uuid;

/// The demo network as it is written down.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Demo {
    networks: Vec<Network>,
    organizations: Vec<Part>,
    areas: Vec<Area>,
    units: Vec<Part>,
    venues: Vec<Venue>,
    routes: Vec<Route>,
    services: Vec<Service>,
    offerings: Vec<Offering>,
    agreements: Vec<Agreement>,
    actors: Vec<ActorEntry>,
}

/// One of the made-up actors, for the explorer.
pub struct OfferedActor {
    /// The name that `token` takes.
    pub name: &'static str,
    /// The role.
    pub role: String,
    /// The organisation, in English.
    pub organization: String,
    /// The network, in English.
    pub network: String,
}

#[derive(Deserialize)]
struct Network {
    key: String,
    name: LocalizedText,
    organizer: String,
    members: Vec<String>,
}

/// A thing whose members beside the keys are its content.
#[derive(Deserialize)]
struct Part {
    key: String,
    #[serde(default)]
    organization: String,
    #[serde(flatten)]
    content: Map<String, Value>,
}

#[derive(Deserialize)]
struct Area {
    key: String,
    kind: AreaKind,
    name: LocalizedText,
    parent: String,
    point: Option<Point>,
    source: String,
}

#[derive(Deserialize)]
struct Venue {
    key: String,
    owner: String,
    status: VenueStatus,
    #[serde(flatten)]
    content: Map<String, Value>,
}

#[derive(Deserialize)]
struct Route {
    key: String,
    operator: String,
    name: LocalizedText,
    description: Option<LocalizedText>,
    stops: Vec<Stop>,
    calendar: Vec<Call>,
    source: String,
}

#[derive(Deserialize)]
struct Stop {
    seq: i32,
    name: LocalizedText,
    area: String,
    point: Point,
    venue: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    stop_seq: i32,
    weekday: String,
    from: String,
    to: String,
}

#[derive(Deserialize)]
struct Service {
    key: String,
    organization: String,
    content: ServiceContent,
    publish: bool,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offering {
    key: String,
    service: String,
    provider: String,
    unit: Option<String>,
    venue: Option<String>,
    route: Option<String>,
    content: OfferingDetails,
    #[serde(default)]
    places_taken: i32,
    publish: bool,
    #[serde(default)]
    schedule: Vec<Schedule>,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfferingDetails {
    name: Option<LocalizedText>,
    info: Option<LocalizedText>,
    capacity: Option<i32>,
    reserved_places: Option<i32>,
    group_size_min: Option<i32>,
    group_size_max: Option<i32>,
    waitlist_max: Option<i32>,
    #[serde(default)]
    registration_unit: RegistrationUnit,
    starts_in_days: i64,
    ends_in_days: Option<i64>,
    price: Option<Money>,
}

#[derive(Deserialize)]
struct Schedule {
    rule: String,
    time: String,
    minutes: i32,
    weeks: i64,
    leader: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Agreement {
    key: String,
    kind: AgreementKind,
    parties: Vec<String>,
    contents: LocalizedText,
    data_sharing: LocalizedText,
    valid_from_in_days: i64,
    valid_to_in_days: Option<i64>,
    source: String,
}

#[derive(Deserialize)]
struct ActorEntry {
    name: String,
    role: Role,
    organization: String,
}

/// The demo network, read once.
pub fn network() -> &'static Demo {
    static DEMO: LazyLock<Demo> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../demo/network.json")).unwrap_or_else(|fault| unreachable!("the demo is part of the program: {fault}"))
    });
    &DEMO
}

impl Demo {
    /// The made-up actors.
    pub fn actors(&'static self) -> impl Iterator<Item = OfferedActor> {
        self.actors.iter().map(|actor| {
            let network = self.networks.iter().find(|n| n.members.contains(&actor.organization));
            let organization = self.organizations.iter().find(|o| o.key == actor.organization).and_then(|o| o.content["name"]["en"].as_str());
            OfferedActor {
                name: &actor.name,
                role: domain::code::Coded::code(actor.role),
                organization: organization.unwrap_or_default().to_owned(),
                network: network.and_then(|n| n.name.en.clone()).unwrap_or_default(),
            }
        })
    }
}

/// The actors have had their roles for longer than the oldest case of the demo.
const TENURE_DAYS: i64 = 400;

/// Loads the demo network as the system itself.
///
/// # Errors
/// Whatever a use case refuses: then the demo's own data is at fault.
pub fn load(system: &Caller) -> BoxFuture<'_, Result<()>> {
    everything(system).boxed()
}

async fn everything(system: &Caller) -> Result<()> {
    let _alone = system.alone_with_demo().await?;
    let demo = network();
    let mut loading = Loading { system, today: day(system.now()), ids: HashMap::new() };
    loading.networks(demo).await?;
    loading.places(demo).await?;
    for each in &demo.services {
        loading.service(each).await?;
    }
    for each in &demo.offerings {
        loading.offering(each).await?;
    }
    for each in &demo.agreements {
        loading.agreement(each).await?;
    }
    for each in &demo.actors {
        loading.actor(each).await?;
    }
    // Futures of their own: all of the demo in one would be a large one.
    Box::pin(people::load(&loading)).await?;
    Box::pin(month::load(&loading)).await?;
    match Box::pin(purchases::load(&loading)).await {
        // Somebody may have changed what they stand on; the rest of the demo is there.
        Err(why @ (Error::Rejected(_) | Error::Forbidden | Error::NotFound)) => {
            tracing::warn!(code = why.code(), "what is left of the demo's purchases could not be loaded");
            Ok(())
        }
        outcome => outcome,
    }
}

struct Loading<'a> {
    system: &'a Caller,
    today: NaiveDate,
    ids: HashMap<String, Uuid>,
}

impl Loading<'_> {
    fn id<T: From<Uuid>>(&self, kind: &str, key: &str) -> Result<T> {
        self.ids.get(&format!("{kind}:{key}")).map(|id| T::from(*id)).ok_or_else(|| Error::internal(format!("the demo has no {kind} {key}")))
    }

    /// The organisation in which an actor has its role.
    fn organization_of(&self, actor: &str) -> Result<OrganizationId> {
        let entry = network().actors.iter().find(|each| each.name == actor).ok_or(Error::NotFound)?;
        self.id("organization", &entry.organization)
    }

    fn area(&self, key: &str) -> Result<AreaId> {
        if key.len() == 3 && key.bytes().all(|b| b.is_ascii_digit()) { Ok(area::national_id(AreaKind::Municipality, key)) } else { self.id("area", key) }
    }

    /// Makes a thing once: what an earlier load made under its key is used again.
    async fn once<M>(&mut self, kind: &str, key: &str, make: impl AsyncFnOnce(&Caller, &str) -> Result<M>, id: impl Fn(&M) -> Uuid) -> Result<bool> {
        let name = format!("{kind}:{key}");
        let under = format!("demo:{name}");
        let known = self.system.made_before(&under).await?;
        let (made, new) = match known {
            Some(id) => (id, false),
            None => (id(&make(self.system, &under).await?), true),
        };
        self.ids.insert(name, made);
        Ok(new)
    }

    async fn row<E: Guarded>(&self, id: impl Into<Uuid>) -> Result<E::Model> {
        self.system.reader().find::<E>().filter(E::columns().id.eq(id.into())).one().await?.ok_or(Error::NotFound)
    }

    async fn networks(&mut self, demo: &Demo) -> Result<()> {
        for each in &demo.networks {
            let content = |key: &str| -> Result<OrganizationContent> {
                let part = demo.organizations.iter().find(|o| o.key == key).ok_or_else(|| Error::internal(format!("the demo has no organisation {key}")))?;
                from(part.content.clone())
            };
            let what = network::FoundNetwork { name: each.name.clone(), organizer: content(&each.organizer)? };
            self.once("network", &each.key, async |system, key| network::found(system, Some(key), what).await, |row| row.id.0).await?;
            let id: NetworkId = self.id("network", &each.key)?;
            let organizer = self.row::<tables::network::Entity>(id).await?.content.organizer;
            self.ids.insert(format!("organization:{}", each.organizer), organizer.0);
            for member in each.members.iter().filter(|m| **m != each.organizer) {
                let what = organization::AddOrganization { network: id, content: content(member)? };
                self.once("organization", member, async |system, key| organization::add(system, Some(key), what).await, |row| row.id.0).await?;
            }
        }
        Ok(())
    }

    async fn places(&mut self, demo: &Demo) -> Result<()> {
        for each in &demo.areas {
            // A local area belongs to the network that speaks of it: the one whose county it lies in.
            let home = demo.networks.iter().find(|n| Self::speaks_of(demo, n, each)).or(demo.networks.first()).ok_or(Error::NotFound)?;
            let content = AreaContent {
                kind: each.kind,
                name: each.name.clone(),
                code: None,
                parent: Some(self.area(&each.parent)?),
                point: each.point,
                source: Some(each.source.clone()),
            };
            let what = area::AddArea { network: self.id("network", &home.key)?, content };
            self.once("area", &each.key, async |system, key| area::add(system, Some(key), what).await, |row| row.id.0).await?;
        }
        for each in &demo.units {
            let mut content = each.content.clone();
            self.refer(&mut content, "area", |s, key| Ok(s.area(key)?.0))?;
            let what = unit::CreateServiceUnit { organization: self.id("organization", &each.organization)?, content: from::<ServiceUnitContent>(content)? };
            self.once("unit", &each.key, async |system, key| unit::create(system, Some(key), what).await, |row| row.id.0).await?;
        }
        for each in &demo.venues {
            self.venue(each).await?;
        }
        for each in &demo.routes {
            self.route(each).await?;
        }
        Ok(())
    }

    fn speaks_of(demo: &Demo, network: &Network, area: &Area) -> bool {
        let county = |municipality: &str| domain::code::lists().get("municipality").and_then(|l| l.get(municipality)).and_then(|m| m.parent.clone());
        let mut parent = &area.parent;
        while let Some(above) = demo.areas.iter().find(|a| a.key == *parent) {
            parent = &above.parent;
        }
        let organizer = demo.organizations.iter().find(|o| o.key == network.organizer).and_then(|o| o.content["homeMunicipality"].as_str());
        county(parent).is_some() && county(parent) == organizer.and_then(county)
    }

    /// Puts the id of a thing where the demo has its key.
    fn refer(&self, content: &mut Map<String, Value>, field: &str, id: impl Fn(&Self, &str) -> Result<Uuid>) -> Result<()> {
        if let Some(Value::String(key)) = content.get(field) {
            let found = id(self, key)?;
            content.insert(field.to_owned(), Value::String(found.to_string()));
        }
        Ok(())
    }

    async fn venue(&mut self, each: &Venue) -> Result<()> {
        let mut content = each.content.clone();
        self.refer(&mut content, "area", |s, key| Ok(s.area(key)?.0))?;
        self.refer(&mut content, "unit", |s, key| s.id("unit", key))?;
        let what = venue::AddVenue { organization: self.id("organization", &each.owner)?, content: from::<VenueContent>(content)? };
        self.once("venue", &each.key, async |system, key| venue::add(system, Some(key), what).await, |row| row.id.0).await?;
        let id: VenueId = self.id("venue", &each.key)?;
        loop {
            let row = self.row::<tables::venue::Entity>(id).await?;
            if row.status == each.status || row.status == VenueStatus::Withdrawn {
                return Ok(());
            }
            let by = match (each.status, row.status) {
                (VenueStatus::Withdrawn, _) => VenueMove::Withdraw,
                (_, VenueStatus::Identified) => VenueMove::Inspect,
                (_, VenueStatus::Inspected) => VenueMove::Agree,
                _ => VenueMove::TakeIntoUse,
            };
            if row.status.step(by).is_err() {
                return Ok(());
            }
            venue::move_on(self.system, id, row.version, by).await?;
        }
    }

    async fn route(&mut self, each: &Route) -> Result<()> {
        let mut stops = Vec::new();
        for stop in &each.stops {
            let at = stop.venue.as_ref().map(|key| self.id("venue", key)).transpose()?;
            stops.push(RouteStop { name: stop.name.clone(), area: self.area(&stop.area)?, point: stop.point, venue: at });
        }
        let place = |seq: i32| each.stops.iter().position(|s| s.seq == seq).and_then(|i| i32::try_from(i).ok());
        let mut calendar = Vec::new();
        for call in &each.calendar {
            let (Some(stop), Some(weekday)) = (place(call.stop_seq), weekday(&call.weekday)) else {
                return Err(Error::internal("a call of the demo's route is nowhere"));
            };
            calendar.push(RouteCall { stop, weekday, from: clock_time(&call.from)?, to: clock_time(&call.to)? });
        }
        let content = TransportRouteContent {
            name: each.name.clone(),
            description: each.description.clone(),
            stops,
            calendar,
            valid_from: None,
            valid_to: None,
            source: Some(each.source.clone()),
        };
        let what = route::CreateTransportRoute { operator: self.id("organization", &each.operator)?, content };
        self.once("route", &each.key, async |system, key| route::create(system, Some(key), what).await, |row| row.id.0).await?;
        Ok(())
    }

    async fn service(&mut self, each: &Service) -> Result<()> {
        let mut content = ServiceContent { source: Some(each.source.clone()), ..each.content.clone() };
        for offering in network().offerings.iter().filter(|o| o.service == each.key && o.provider != each.organization) {
            let producer = self.id("organization", &offering.provider)?;
            if !content.producers.contains(&producer) {
                content.producers.push(producer);
            }
        }
        let what = service::CreateService { organization: self.id("organization", &each.organization)?, content };
        self.once("service", &each.key, async |system, key| service::create(system, Some(key), what).await, |row| row.id.0).await?;
        let row = self.row::<tables::service::Entity>(self.id::<ServiceId>("service", &each.key)?).await?;
        if each.publish && row.publishing == PublishingState::Draft {
            service::move_on(self.system, row.id, row.version, PublishingMove::Publish).await?;
        }
        Ok(())
    }

    async fn offering(&mut self, each: &Offering) -> Result<()> {
        let date = |in_days: i64| Date(self.today + TimeDelta::days(in_days));
        let d = &each.content;
        let content = ServiceOfferingContent {
            name: d.name.clone(),
            info: d.info.clone(),
            unit: each.unit.as_ref().map(|key| self.id::<ServiceUnitId>("unit", key)).transpose()?,
            venue: each.venue.as_ref().map(|key| self.id::<VenueId>("venue", key)).transpose()?,
            route: each.route.as_ref().map(|key| self.id::<TransportRouteId>("route", key)).transpose()?,
            capacity: d.capacity,
            reserved_places: d.reserved_places,
            reserved_until: None,
            group_size_min: d.group_size_min,
            group_size_max: d.group_size_max,
            waitlist_max: d.waitlist_max,
            registration_unit: d.registration_unit,
            starts_on: Some(date(d.starts_in_days)),
            ends_on: d.ends_in_days.map(date),
            price: d.price,
            source: Some(each.source.clone()),
        };
        let what = offering::CreateServiceOffering { service: self.id("service", &each.service)?, provider: self.id("organization", &each.provider)?, content };
        let new = self.once("offering", &each.key, async |system, key| offering::create(system, Some(key), what).await, |row| row.id.0).await?;
        let id: ServiceOfferingId = self.id("offering", &each.key)?;
        let mut row = self.row::<tables::service_offering::Entity>(id).await?;
        if new && each.places_taken > 0 {
            row = offering::report_places(self.system, id, row.version, each.places_taken).await?;
        }
        for (i, schedule) in each.schedule.iter().enumerate() {
            self.schedule(&each.key, i, schedule, &row).await?;
        }
        if each.publish && row.publishing == PublishingState::Draft {
            offering::move_on(self.system, id, row.version, PublishingMove::Publish).await?;
        }
        Ok(())
    }

    /// Plans the sessions of the weeks that are due: each block of weeks once, so that a demo that is started later has coming sessions too.
    async fn schedule(&mut self, offering: &str, index: usize, schedule: &Schedule, row: &tables::service_offering::Model) -> Result<()> {
        let Some(starts_on) = row.content.starts_on else { return Ok(()) };
        let rule = RecurrenceRule::parse(&schedule.rule).map_err(Error::internal)?;
        for block in 0.. {
            let from = starts_on.0 + TimeDelta::weeks(schedule.weeks * block);
            let last = from + TimeDelta::weeks(schedule.weeks) - TimeDelta::days(1);
            let until = row.content.ends_on.map_or(last, |end| end.0.min(last));
            if from > until || from > self.today.max(starts_on.0) + TimeDelta::weeks(1) {
                return Ok(());
            }
            if last < self.today {
                continue;
            }
            let what = session::ScheduleSessions {
                offering: row.id,
                rule: Some(rule.clone()),
                first_start: from.and_time(clock_time(&schedule.time)?.0),
                until: Some(until),
                minutes: schedule.minutes,
                leader: schedule.leader.clone(),
                leader_account: None,
                venue: None,
            };
            let key = format!("{offering}:{index}:{block}");
            self.once("sessions", &key, async |system, key| session::schedule(system, Some(key), what).await, |row| row.id.0).await?;
        }
        Ok(())
    }

    async fn agreement(&mut self, each: &Agreement) -> Result<()> {
        let date = |in_days: i64| Date(self.today + TimeDelta::days(in_days));
        let parties = each.parties.iter().map(|key| self.id("organization", key)).collect::<Result<Vec<OrganizationId>>>()?;
        let keeper = *parties.first().ok_or(Error::NotFound)?;
        let content = PartnershipAgreementContent {
            kind: each.kind,
            parties,
            contents: each.contents.clone(),
            data_sharing: each.data_sharing.clone(),
            valid_from: date(each.valid_from_in_days),
            valid_to: each.valid_to_in_days.map(date),
            source: Some(each.source.clone()),
        };
        let what = agreement::ConcludeAgreement { keeper, content };
        self.once("agreement", &each.key, async |system, key| agreement::conclude(system, Some(key), what).await, |row| row.id.0).await?;
        Ok(())
    }

    async fn actor(&mut self, each: &ActorEntry) -> Result<()> {
        let grant = Grant {
            subject: identity::subject_key(ISSUER, &each.name),
            organization: self.id("organization", &each.organization)?,
            role: each.role,
            valid_from: self.today - TimeDelta::days(TENURE_DAYS),
            valid_to: None,
        };
        self.once("tenure", &each.name, async |system, key| membership::grant(system, Some(key), grant).await, |row| row.id.0).await?;
        Ok(())
    }
}

/// Reads a content from the members of a thing.
fn from<T: serde::de::DeserializeOwned>(content: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(content)).map_err(Error::internal)
}

/// The day of the week that two letters name, as in RFC 5545.
fn weekday(name: &str) -> Option<Weekday> {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].into_iter().zip(Weekday::ALL).find_map(|(known, day)| (known == name).then_some(*day))
}

fn clock_time(text: &str) -> Result<Time> {
    Time::parse(text).map_err(Error::internal)
}
