//! The service map (toiminta- ja palvelukartta): finding an offering by need, content, place, time and words.
use super::{Snapshot, name_key, search::Document};
use crate::{
    error::{Error, Result},
    store::Directions,
};
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use domain::{
    catalogue::{
        route::Weekday,
        service::{ChargeType, ProvisionMode, RehabContent, ServiceForm, SupportNeed},
        session::local,
    },
    code::Coded,
    delivery::participation::Seats,
    id::{AreaId, NetworkId, OrganizationId, VenueId},
    money::Money,
    place::Point,
    scalar::LanguageTag,
    text::{Language, LocalizedText},
};
use entity::catalogue::{service, service_offering};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// The most hits that a free text can give.
const MAX_HITS: usize = 10_000;

/// An offering of the public catalogue, with what it is found by.
#[derive(Clone, Debug)]
pub struct MapEntry {
    pub(super) offering: Arc<service_offering::Model>,
    service: Arc<service::Model>,
    place: Arc<Place>,
}

/// Where an offering is given.
#[derive(Debug)]
struct Place {
    points: Vec<Point>,
    areas: Vec<AreaId>,
    step_free: bool,
}

/// A point and a distance around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The point.
    pub point: Point,
    /// At most so many metres away; without it the distance only orders.
    pub within: Option<i32>,
}

/// What is looked for. Every given part must hold; within a list one of its values is enough.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each part is described where callers give it, in the GraphQL input of the same name")]
pub struct MapFilter {
    pub search: Option<String>,
    pub networks: Vec<NetworkId>,
    pub providers: Vec<OrganizationId>,
    pub support_needs: Vec<SupportNeed>,
    pub rehab_contents: Vec<RehabContent>,
    pub target_groups: Vec<String>,
    pub classes: Vec<String>,
    pub life_events: Vec<String>,
    pub provisions: Vec<ProvisionMode>,
    pub forms: Vec<ServiceForm>,
    pub areas: Vec<AreaId>,
    pub near: Option<Near>,
    pub languages: Vec<LanguageTag>,
    pub free_of_charge: Option<bool>,
    pub max_price: Option<Money>,
    pub has_free_places: Option<bool>,
    pub has_reserved_places: Option<bool>,
    pub starts_within_days: Option<i32>,
    pub weekdays: Vec<Weekday>,
    pub from_time: Option<NaiveTime>,
    pub to_time: Option<NaiveTime>,
    pub step_free: Option<bool>,
    pub referral_required: Option<bool>,
    pub anonymous_allowed: Option<bool>,
    pub age: Option<i32>,
}

/// By what the finds can be put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapOrder {
    /// How well the words match; without words, the name.
    Relevance,
    /// When it starts next; what has no coming session is last.
    NextStart,
    /// How far it is; what has no place is last.
    Distance,
    /// The name.
    Name,
}

/// What finds are sorted by: each part, and whether it runs from high to low.
pub type MapOrders = [(MapOrder, bool)];

/// A part of the filter by which the finds can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Need of support.
    SupportNeed,
    /// Content of social rehabilitation.
    RehabContent,
    /// Target group.
    TargetGroup,
    /// Service class.
    ServiceClass,
    /// Life event.
    LifeEvent,
    /// Free of charge, or charged.
    Price,
    /// Provision mode.
    Provision,
    /// Form.
    Form,
    /// Area.
    Area,
    /// Language.
    Language,
}

/// Metres between two points, as the crow flies.
pub fn metres(one: Point, other: Point) -> f64 {
    let at = |point: Point| geoutils::Location::new(point.latitude, point.longitude);
    at(one).haversine_distance_to(&at(other)).meters()
}

impl MapEntry {
    pub(super) fn new(s: &Snapshot, position: u32) -> Self {
        let offering = Arc::clone(s.offerings.at(position));
        let service = s.services.get(offering.service_id).map_or_else(|| unreachable!("an offering without its service is not loaded"), Arc::clone);
        let (mut points, mut areas, mut step_free) = (Vec::new(), Vec::new(), false);
        let content = &offering.content;
        if let Some(venue) = content.venue.and_then(|id| s.venues.get(id)) {
            points.extend(venue.content.point);
            areas.push(venue.content.area);
            step_free |= venue.content.accessibility.step_free;
        }
        if let Some(unit) = content.unit.and_then(|id| s.units.get(id)) {
            points.extend(unit.content.point);
            areas.push(unit.content.area);
            step_free |= s.venues.iter().any(|v| v.content.unit == content.unit && v.content.accessibility.step_free);
        }
        if let Some(route) = content.route.and_then(|id| s.routes.get(id)) {
            points.extend(route.content.stops.iter().map(|stop| stop.point));
            areas.extend(route.content.stops.iter().map(|stop| stop.area));
        }
        let mut areas: Vec<_> = areas.into_iter().flat_map(|a| s.lineage(a).iter().copied()).collect();
        areas.sort_unstable();
        areas.dedup();
        Self { offering, service, place: Arc::new(Place { points, areas, step_free }) }
    }

    /// The offering.
    #[must_use]
    pub fn offering(&self) -> &Arc<service_offering::Model> {
        &self.offering
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &Arc<service::Model> {
        &self.service
    }

    /// Metres from a point as the crow flies, to the nearest place of the offering.
    #[must_use]
    pub fn distance(&self, from: Point) -> Option<i32> {
        let nearest = self.place.points.iter().map(|point| metres(from, *point)).min_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, reason = "no place in Finland is two million kilometres away")]
        nearest.map(|m| m.round() as i32)
    }

    /// It is given in one of these areas, or in an area inside one.
    #[must_use]
    pub fn lies_in(&self, areas: &[AreaId]) -> bool {
        areas.iter().any(|area| self.place.areas.contains(area))
    }

    fn name(&self) -> &LocalizedText {
        self.offering.content.name.as_ref().unwrap_or(&self.service.content.name)
    }

    /// What it costs the client; none where nobody has said.
    #[must_use]
    pub fn price(&self) -> Option<Money> {
        match self.service.content.charge_type {
            ChargeType::Free => Some(Money { amount_cents: 0 }),
            _ => self.offering.content.price.or(self.service.content.price),
        }
    }

    fn is_free(&self) -> bool {
        self.price().is_some_and(|price| price.amount_cents == 0)
    }
}

/// The finds of one question, in order.
pub struct MapView<'a> {
    snapshot: &'a Snapshot,
    filter: &'a MapFilter,
    now: DateTime<Utc>,
    hits: Option<BTreeMap<u32, f32>>,
    /// Positions of the finds, in the order asked for.
    pub found: Vec<u32>,
    orders: &'a MapOrders,
}

impl Snapshot {
    /// Looks for offerings.
    ///
    /// # Errors
    /// [`Error::BadInput`] when the order by distance has no point to measure from.
    pub fn look<'a>(&'a self, filter: &'a MapFilter, orders: &'a MapOrders, now: DateTime<Utc>) -> Result<MapView<'a>> {
        if orders.iter().any(|(order, _)| *order == MapOrder::Distance) && filter.near.is_none() {
            return Err(Error::BadInput("The order DISTANCE needs filter.near.".into()));
        }
        let hits = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                let hits = self.text.as_ref().map_or(Ok(Vec::new()), |index| index.search(text, MAX_HITS)).map_err(Error::internal)?;
                Some(hits.into_iter().collect::<BTreeMap<_, _>>())
            }
            None => None,
        };
        let mut view = MapView { snapshot: self, filter, now, hits, found: Vec::new(), orders };
        view.found = self.offerings.positions().filter(|i| view.holds(*i, None)).collect();
        // Offerings lie by name already.
        let by_name = match orders {
            [(MapOrder::Name, descending)] => !descending,
            [(MapOrder::Relevance, _)] => view.hits.is_none(),
            other => other.is_empty(),
        };
        if !by_name {
            let directions = view.directions();
            let mut keyed: Vec<_> = view.found.iter().map(|i| (view.key(*i), *i)).collect();
            keyed.sort_unstable_by(|a, b| directions.compare(&a.0, &b.0));
            view.found = keyed.into_iter().map(|(_, i)| i).collect();
        }
        Ok(view)
    }

    /// The offering at a position.
    #[must_use]
    pub fn entry(&self, position: u32) -> &MapEntry {
        &self.entries[position as usize]
    }

    /// Where an offering stands.
    #[must_use]
    pub fn position_of(&self, offering: domain::id::ServiceOfferingId) -> Option<u32> {
        self.offerings.by_id.get(&offering.0).copied()
    }

    /// The entry of an offering.
    #[must_use]
    pub fn entry_of(&self, offering: domain::id::ServiceOfferingId) -> Option<&MapEntry> {
        self.position_of(offering).map(|i| self.entry(i))
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = Document<'_>> + '_ {
        (0..).zip(self.entries.iter()).map(|(position, entry)| {
            let (service, offering) = (&entry.service.content, &entry.offering.content);
            let texts = |language: Language| {
                let mut all: Vec<&str> = Vec::new();
                let given = [service.summary.as_ref(), service.description.as_ref(), offering.info.as_ref(), offering.name.as_ref()];
                all.extend(given.into_iter().flatten().filter_map(|t| t.given(language)));
                all.extend(service.keywords.iter().filter_map(|t| t.given(language)));
                let places = [
                    offering.venue.and_then(|v| self.venues.get(v)).map(|v| &v.content.name),
                    offering.unit.and_then(|u| self.units.get(u)).map(|u| &u.content.name),
                ];
                all.extend(places.into_iter().flatten().map(|t| t.in_language(language)));
                all.extend(offering.route.and_then(|r| self.routes.get(r)).map(|r| r.content.name.in_language(language)));
                all.extend(self.organizations.get(entry.offering.organization_id).map(|o| o.content.name.in_language(language)));
                all.extend(entry.place.areas.iter().filter_map(|a| self.areas.get(*a)).map(|a| a.content.name.in_language(language)));
                let mut text = all.join("\n");
                let labels =
                    service.support_needs.iter().map(|c| c.label()).chain(service.rehab_contents.iter().map(|c| c.label())).chain([service.form.label()]);
                for label in labels {
                    text.push('\n');
                    text.push_str(label.in_language(language));
                }
                text
            };
            let name = |language| service.name.given(language);
            Document { position, name: Language::ALL.map(name), body: Language::ALL.map(texts) }
        })
    }
}

impl MapView<'_> {
    /// In which direction each part of a find's key runs.
    #[must_use]
    pub fn directions(&self) -> Directions {
        // The score is turned in the key itself, and a name in its place runs from a to ö.
        self.orders.iter().map(|(order, descending)| *descending && *order != MapOrder::Relevance).collect()
    }

    /// What a find is sorted by, with its id as the last tie-break.
    #[must_use]
    pub fn key(&self, position: u32) -> (String, Uuid) {
        let keys = self.orders.iter().map(|(order, descending)| self.key_by(position, *order, *descending));
        (Directions::join(keys), self.snapshot.entry(position).offering.id.0)
    }

    fn key_by(&self, position: u32, order: MapOrder, descending: bool) -> String {
        let entry = self.snapshot.entry(position);
        // What is missing comes last in either direction.
        let last = if descending { "" } else { "~" };
        match order {
            MapOrder::Relevance => match self.hits.as_ref().and_then(|hits| hits.get(&position)) {
                // Positive floats sort as their bits do.
                Some(score) if descending => format!("{:08x}", u32::MAX - score.max(0.0).to_bits()),
                Some(score) => format!("{:08x}", score.max(0.0).to_bits()),
                None => name_key(entry.name(), Language::Fi),
            },
            MapOrder::NextStart => self.next_start(position).map_or_else(|| last.to_owned(), |start| format!("{:020}", start.timestamp_millis())),
            MapOrder::Distance => {
                let distance = self.filter.near.and_then(|near| entry.distance(near.point));
                distance.map_or_else(|| last.to_owned(), |metres| format!("{metres:010}"))
            }
            MapOrder::Name => name_key(entry.name(), Language::Fi),
        }
    }

    fn next_start(&self, position: u32) -> Option<DateTime<Utc>> {
        self.snapshot.next(self.snapshot.entry(position).offering.id, self.now).map(|s| s.starts_at)
    }

    /// How many finds there would be for each value of a dimension, if the filter did not speak of that dimension.
    #[must_use]
    pub fn count(&self, dimension: Dimension) -> Vec<(String, i32)> {
        let mut counts: BTreeMap<String, i32> = BTreeMap::new();
        for position in self.snapshot.offerings.positions().filter(|i| self.holds(*i, Some(dimension))) {
            let entry = self.snapshot.entry(position);
            let content = &entry.service.content;
            let values: Vec<String> = match dimension {
                Dimension::SupportNeed => content.support_needs.iter().map(|c| c.code()).collect(),
                Dimension::RehabContent => content.rehab_contents.iter().map(|c| c.code()).collect(),
                Dimension::TargetGroup => content.target_groups.clone(),
                Dimension::ServiceClass => content.classes.clone(),
                Dimension::LifeEvent => content.life_events.clone(),
                Dimension::Price => vec![if entry.is_free() { ChargeType::Free.code() } else { ChargeType::Chargeable.code() }],
                Dimension::Provision => vec![content.provision.code()],
                Dimension::Form => vec![content.form.code()],
                Dimension::Area => entry.place.areas.iter().map(ToString::to_string).collect(),
                Dimension::Language => content.languages.iter().map(ToString::to_string).collect(),
            };
            for value in values {
                *counts.entry(value).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// Every part of the filter holds, leaving one dimension out of account.
    fn holds(&self, position: u32, except: Option<Dimension>) -> bool {
        let (f, entry) = (self.filter, self.snapshot.entry(position));
        let content = &entry.service.content;
        let skip = |dimension| except == Some(dimension);
        let of_time = f.starts_within_days.is_some() || !f.weekdays.is_empty() || f.from_time.is_some() || f.to_time.is_some();
        self.hits.as_ref().is_none_or(|hits| hits.contains_key(&position))
            && one_of(&f.networks, &[entry.offering.network_id])
            && one_of(&f.providers, &[entry.offering.organization_id])
            && (skip(Dimension::SupportNeed) || one_of(&f.support_needs, &content.support_needs))
            && (skip(Dimension::RehabContent) || one_of(&f.rehab_contents, &content.rehab_contents))
            && (skip(Dimension::TargetGroup) || one_of(&f.target_groups, &content.target_groups))
            && (skip(Dimension::ServiceClass) || one_of(&f.classes, &content.classes))
            && (skip(Dimension::LifeEvent) || one_of(&f.life_events, &content.life_events))
            && (skip(Dimension::Provision) || one_of(&f.provisions, &[content.provision]))
            && (skip(Dimension::Form) || one_of(&f.forms, &[content.form]))
            && (skip(Dimension::Area) || one_of(&f.areas, &entry.place.areas))
            && (skip(Dimension::Language) || one_of(&f.languages, &content.languages))
            && f.near.is_none_or(|near| near.within.is_none_or(|metres| entry.distance(near.point).is_some_and(|d| d <= metres)))
            && (skip(Dimension::Price) || f.free_of_charge.is_none_or(|free| entry.is_free() == free))
            && f.max_price.is_none_or(|max| entry.price().is_some_and(|price| price <= max))
            && f.has_free_places.is_none_or(|free| (Seats::all_free(self.snapshot.seats(&entry.offering, self.now)) != Some(0)) == free)
            && f.has_reserved_places.is_none_or(|kept| (Seats::all_reserved_free(self.snapshot.seats(&entry.offering, self.now)) > 0) == kept)
            && f.step_free.is_none_or(|step_free| entry.place.step_free == step_free)
            && f.referral_required.is_none_or(|required| content.referral_required == required)
            && f.anonymous_allowed.is_none_or(|allowed| content.anonymous_allowed == allowed)
            && f.age.is_none_or(|age| content.min_age.is_none_or(|min| min <= age) && content.max_age.is_none_or(|max| age <= max))
            && (!of_time || self.has_session(entry))
    }

    /// A coming session falls on the days and hours that are asked for.
    fn has_session(&self, entry: &MapEntry) -> bool {
        let f = self.filter;
        let latest = f.starts_within_days.map(|days| self.now + TimeDelta::days(i64::from(days)));
        self.snapshot.planned(entry.offering.id, self.now).any(|s| {
            let (start, end) = (local(s.starts_at), local(s.ends_at));
            latest.is_none_or(|latest| s.starts_at <= latest)
                && one_of(&f.weekdays, &[start.weekday().into()])
                && f.from_time.is_none_or(|from| start.time() >= from)
                && f.to_time.is_none_or(|to| end.time() <= to)
        })
    }
}

/// Nothing is asked for, or one of the values is among those there are.
fn one_of<T: PartialEq>(asked: &[T], there: &[T]) -> bool {
    asked.is_empty() || asked.iter().any(|a| there.contains(a))
}

impl Snapshot {
    /// Two or more providers work at the venue: it is a multi-activity stop (monitoimintapysäkki).
    #[must_use]
    pub fn is_multi_activity_stop(&self, venue: VenueId) -> bool {
        self.providers_at(venue).nth(1).is_some()
    }
}
