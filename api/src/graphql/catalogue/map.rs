//! The service map.
use super::{Organization, Service, ServiceOffering, Session};
use crate::{
    error::Result,
    graphql::{
        Asked, code,
        order::{self, order_by},
        page::{self, Edition, Page},
        text::LocalizedText,
    },
    snapshot::{Dimension, MapFilter, MapOrder, Near, Snapshot},
    store::{Slice, Window},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{
    catalogue::{
        route::Weekday,
        service::{ProvisionMode, RehabContent, ServiceForm, SupportNeed},
    },
    code::lists,
    delivery::participation::Seats,
    id::{AreaId, Kinded, NetworkId, OrganizationId, ServiceOfferingId},
    money::Money,
    place::Point,
    scalar::{LanguageTag, Time},
};
use std::sync::Arc;
use uuid::Uuid;

/// A find on the service map (osuma palvelukartalla).
pub struct ServiceMapEntry {
    snapshot: Arc<Snapshot>,
    position: u32,
    from: Option<Point>,
}

impl ServiceMapEntry {
    /// The entry of a published offering.
    pub fn of(snapshot: &Arc<Snapshot>, offering: ServiceOfferingId) -> Option<Self> {
        let position = snapshot.position_of(offering)?;
        Some(Self { snapshot: Arc::clone(snapshot), position, from: None })
    }
}

/// A find on the service map (osuma palvelukartalla): a published offering of a published service.
#[Object]
impl ServiceMapEntry {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let offering: Uuid = self.snapshot.entry(self.position).offering().id.into();
        ID(URL_SAFE_NO_PAD.encode(format!("ServiceMapEntry:{}", offering.simple())))
    }
    /// The offering.
    async fn offering(&self) -> ServiceOffering {
        ServiceOffering::published(&self.snapshot, self.position)
    }
    /// The service.
    async fn service(&self) -> Service {
        Service { row: Arc::clone(self.snapshot.entry(self.position).service()), edition: Edition::Published }
    }
    /// Who gives it.
    async fn provider(&self) -> Result<Organization> {
        let provider = self.snapshot.entry(self.position).offering().organization_id;
        self.snapshot.organizations.get(provider).map(|row| Organization(Arc::clone(row))).ok_or(crate::error::Error::NotFound)
    }
    /// Metres from `filter.near` as the crow flies, to the nearest place of the offering; null without a point to measure from, or without a place.
    async fn distance_metres(&self) -> Option<i32> {
        self.from.and_then(|from| self.snapshot.entry(self.position).distance(from))
    }
    /// The next session that is planned; null when there is none.
    async fn next_session(&self, ctx: &Context<'_>) -> Option<Session> {
        let offering = self.snapshot.entry(self.position).offering().id;
        self.snapshot.next(offering, ctx.caller().now()).map(|s| Session(Arc::clone(s)))
    }
    /// Places that are free now for anybody; null when there is no limit. Where one registers for a session at a time, of its sessions to come together.
    async fn free_places(&self, ctx: &Context<'_>) -> Option<i32> {
        Seats::all_free(self.snapshot.seats(self.snapshot.entry(self.position).offering(), ctx.caller().now()))
    }
    /// Places that are kept for clients of the network and free now; of the sessions to come together where one registers for a session at a time.
    async fn reserved_free(&self, ctx: &Context<'_>) -> i32 {
        Seats::all_reserved_free(self.snapshot.seats(self.snapshot.entry(self.position).offering(), ctx.caller().now()))
    }
}

/// A point to measure from.
#[derive(InputObject, Clone)]
struct NearInput {
    /// The point.
    point: Point,
    /// At most so many metres away; without it, the point is only measured from.
    within_metres: Option<i32>,
}

/// What is looked for on the service map. Every given part must hold; of a list, one value is enough.
#[derive(InputObject, Clone, Default)]
struct ServiceMapFilter {
    /// Words, in any inflected form, in any of the three languages; the last may be unfinished. All must be found.
    search: Option<String>,
    /// In one of these networks.
    #[graphql(validator(max_items = 100))]
    networks: Option<Vec<NetworkId>>,
    /// Given by one of these organisations.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// Answering one of these needs.
    #[graphql(validator(max_items = 100))]
    support_needs: Option<Vec<SupportNeed>>,
    /// With one of these contents of social rehabilitation.
    #[graphql(validator(max_items = 100))]
    rehab_contents: Option<Vec<RehabContent>>,
    /// For one of these target groups: codes of the list `target-group`.
    #[graphql(validator(max_items = 100))]
    target_groups: Option<Vec<String>>,
    /// Of one of these service classes: codes of the list `service-class`.
    #[graphql(validator(max_items = 100))]
    classes: Option<Vec<String>>,
    /// For one of these life events: codes of the list `life-event`.
    #[graphql(validator(max_items = 100))]
    life_events: Option<Vec<String>>,
    /// Arranged in one of these ways.
    #[graphql(validator(max_items = 100))]
    provisions: Option<Vec<ProvisionMode>>,
    /// In one of these forms.
    #[graphql(validator(max_items = 100))]
    forms: Option<Vec<ServiceForm>>,
    /// In one of these areas, or in an area inside it.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
    /// Near a point.
    near: Option<NearInput>,
    /// In one of these languages.
    #[graphql(validator(max_items = 100))]
    languages: Option<Vec<LanguageTag>>,
    /// Free of charge, or not.
    free_of_charge: Option<bool>,
    /// At most this price.
    max_price: Option<Money>,
    /// With a place that is free now for anybody (or no limit), or without.
    has_free_places: Option<bool>,
    /// With a free place that is kept for clients of the network, or without.
    has_reserved_places: Option<bool>,
    /// With a planned session within so many days.
    starts_within_days: Option<i32>,
    /// With a planned session on one of these days of the week.
    #[graphql(validator(max_items = 100))]
    weekdays: Option<Vec<Weekday>>,
    /// With a planned session that starts at this time of day or later, in Europe/Helsinki.
    from_time: Option<Time>,
    /// With a planned session that ends at this time of day or earlier.
    to_time: Option<Time>,
    /// Without steps, or not.
    step_free: Option<bool>,
    /// By referral only, or walk-in.
    referral_required: Option<bool>,
    /// One may come without giving a name, or not.
    anonymous_allowed: Option<bool>,
    /// For a person of this age in full years.
    age: Option<i32>,
}

impl From<ServiceMapFilter> for MapFilter {
    fn from(f: ServiceMapFilter) -> Self {
        Self {
            search: f.search,
            networks: f.networks.unwrap_or_default(),
            providers: f.providers.unwrap_or_default(),
            support_needs: f.support_needs.unwrap_or_default(),
            rehab_contents: f.rehab_contents.unwrap_or_default(),
            target_groups: f.target_groups.unwrap_or_default(),
            classes: f.classes.unwrap_or_default(),
            life_events: f.life_events.unwrap_or_default(),
            provisions: f.provisions.unwrap_or_default(),
            forms: f.forms.unwrap_or_default(),
            areas: f.areas.unwrap_or_default(),
            near: f.near.map(|n| Near { point: n.point, within: n.within_metres }),
            languages: f.languages.unwrap_or_default(),
            free_of_charge: f.free_of_charge,
            max_price: f.max_price,
            has_free_places: f.has_free_places,
            has_reserved_places: f.has_reserved_places,
            starts_within_days: f.starts_within_days,
            weekdays: f.weekdays.unwrap_or_default(),
            from_time: f.from_time.map(|t| t.0),
            to_time: f.to_time.map(|t| t.0),
            step_free: f.step_free,
            referral_required: f.referral_required,
            anonymous_allowed: f.anonymous_allowed,
            age: f.age,
        }
    }
}

/// By what finds are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "MapOrder")]
enum ServiceMapOrderField {
    /// By how well the words match: DESC is the best first. Without words by name, in either direction.
    Relevance,
    /// By when it starts next; what has no coming session is last in either direction.
    NextStart,
    /// By how far it is from `filter.near`; what has no place is last in either direction.
    Distance,
    /// By name.
    Name,
}

order_by! {
    /// One key of an order of finds.
    ServiceMapOrder by ServiceMapOrderField
}

/// How many finds there are for one value of a filter (rajauksen lukumäärä).
#[derive(SimpleObject)]
struct FacetCount {
    /// The value: a code, an area's id or a language.
    value: String,
    /// What the value is called; null for a language.
    label: Option<LocalizedText>,
    /// How many finds there would be with this value instead of those that the filter now has for it.
    count: i32,
}

/// The whole of the finds, to be counted.
pub struct Finds {
    snapshot: Arc<Snapshot>,
    filter: MapFilter,
    now: DateTime<Utc>,
}

/// A part of the filter by which the finds can be counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Facet {
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
    /// What it costs: FREE is what `freeOfCharge: true` finds, CHARGEABLE what `freeOfCharge: false` does.
    Price,
    /// Provision mode.
    Provision,
    /// Form.
    Form,
    /// Area, with the areas that it lies in.
    Area,
    /// Language.
    Language,
}

/// The whole of the finds, to be counted.
#[Object]
impl Finds {
    /// How many finds there are for each value of a part of the filter, the most frequent first.
    async fn facet(&self, #[graphql(desc = "Which part of the filter.")] of: Facet) -> Result<Vec<FacetCount>> {
        let (dimension, list) = match of {
            Facet::SupportNeed => (Dimension::SupportNeed, "support-need"),
            Facet::RehabContent => (Dimension::RehabContent, "rehab-content"),
            Facet::TargetGroup => (Dimension::TargetGroup, "target-group"),
            Facet::ServiceClass => (Dimension::ServiceClass, "service-class"),
            Facet::LifeEvent => (Dimension::LifeEvent, "life-event"),
            Facet::Price => (Dimension::Price, "charge-type"),
            Facet::Provision => (Dimension::Provision, "provision-mode"),
            Facet::Form => (Dimension::Form, "service-form"),
            Facet::Area => (Dimension::Area, ""),
            Facet::Language => (Dimension::Language, ""),
        };
        let counts = self.snapshot.look(&self.filter, &[], self.now)?.count(dimension);
        Ok(counts.into_iter().map(|(value, count)| self.facet_count(dimension, list, value, count)).collect())
    }
}

impl Finds {
    fn facet_count(&self, dimension: Dimension, list: &str, value: String, count: i32) -> FacetCount {
        if dimension == Dimension::Area {
            let area = value.parse::<Uuid>().ok().and_then(|id| self.snapshot.areas.get(id));
            let label = area.map(|a| LocalizedText::from(&a.content.name));
            return FacetCount { value: area.map(|a| a.id.to_public()).unwrap_or_default(), label, count };
        }
        let label = lists().get(list).and_then(|l| l.get(&value)).map(|c| LocalizedText::from(&c.label));
        FacetCount { value, label, count }
    }
}

/// Questions to the service map.
#[derive(Default)]
pub struct MapQuery;

/// Questions to the service map.
#[Object]
impl MapQuery {
    /// The service map (toiminta- ja palvelukartta): published offerings by words, need, content, place, time, price and more, with counts for each part of the filter.
    async fn service_map(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is looked for.")] filter: Option<ServiceMapFilter>,
        #[graphql(
            desc = "In what order, the first counting most; without it the best match of the words first, or by name where there are none. The id is the last tie-break."
        )]
        order_by: Option<Vec<ServiceMapOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceMapEntry, Finds>> {
        let window = Window::parse(first, after, last, before)?;
        let (snapshot, now) = (ctx.caller().catalogue(), ctx.caller().now());
        let filter = MapFilter::from(filter.unwrap_or_default());
        check(&filter)?;
        let orders = order::keys(order_by, (ServiceMapOrderField::Relevance, true))?;
        let orders: Vec<_> = orders.into_iter().map(|(field, descending)| (field.into(), descending)).collect();
        let view = snapshot.look(&filter, &orders, now)?;
        let directions = view.directions();
        directions.check(&window)?;
        let slice = Slice::cut(&view.found, &window, |i, place| directions.compare(&view.key(i), place));
        let from = filter.near.map(|near| near.point);
        let items = page::items(ctx, slice.rows, |i| view.key(i), |i| ServiceMapEntry { snapshot: Arc::clone(&snapshot), position: i, from });
        let finds = Finds { snapshot: Arc::clone(&snapshot), filter: filter.clone(), now };
        Ok(Page::new(items, slice.has_previous, slice.has_next, view.found.len(), finds))
    }
}

/// Codes are known, numbers make sense, and the words are not a book.
fn check(f: &MapFilter) -> Result<()> {
    let bad = |what: &str| Err(crate::error::Error::BadInput(what.to_owned()));
    if f.search.as_ref().is_some_and(|text| text.chars().count() > 200 || text.chars().any(char::is_control)) {
        return bad("The words are at most 200 characters, and no control characters.");
    }
    for (list, codes) in [("target-group", &f.target_groups), ("service-class", &f.classes), ("life-event", &f.life_events)] {
        if codes.iter().any(|c| code::code(list, c).is_none()) {
            return bad("A code is not in its code list.");
        }
    }
    if f.near.is_some_and(|near| {
        !(-90.0..=90.0).contains(&near.point.latitude) || !(-180.0..=180.0).contains(&near.point.longitude) || near.within.is_some_and(|w| w < 0)
    }) {
        return bad("The point or the distance makes no sense.");
    }
    if f.starts_within_days.is_some_and(|d| !(0..=3_660).contains(&d)) || f.age.is_some_and(|a| !(0..=150).contains(&a)) {
        return bad("A number is out of range.");
    }
    Ok(())
}
