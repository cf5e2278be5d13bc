//! Where there is room for a service now, at which price and how soon: by contract, by voucher, and in what is offered; for whoever may order.
use super::{ApprovedProvider, ContractLine, Quantity, approved_provider::shown_today, drawdown::quantity};
use crate::{
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Organization, Service, ServiceOffering, organization, published_service},
        text::Money,
    },
    snapshot::{Snapshot, name_key},
};
use async_graphql::{Context, Enum, InputObject, Object};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{
    catalogue::session::day,
    funding::{
        contract::{ContractState, is_in_force},
        price::{DatedPrice, QuantityUnit},
        quality::{OrderFigures, Quarter, VoucherFigures},
    },
    id::{AreaId, FrameworkContractId, OrganizationId, ServiceId},
    money,
    rejection::Code,
    scalar::Date,
    text::Language,
};
use entity::{
    catalogue::service_offering,
    funding::{contract_line, drawdown, framework_contract, provider_approval},
};
use sea_orm::{ColumnTrait, Condition};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// By which way a service is had (tapa).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SupplyWay {
    /// Ordered by a line of a contract (ostopalvelu).
    Contract,
    /// With a voucher at an approved provider (palveluseteli).
    Voucher,
    /// A place in an offering of the network (tarjonta).
    Offering,
}

/// By what ways of having a service are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum SupplyOrder {
    /// The soonest first; where nothing tells how soon, last.
    Soonest,
    /// The cheapest first, by the price of a unit with value added tax; where there is no price, last.
    Cheapest,
}

/// What room is looked for.
#[derive(InputObject, Default)]
struct SupplyFilter {
    /// Of these services; at most 50. Needed where no class is named.
    #[graphql(validator(max_items = 50))]
    services: Option<Vec<ServiceId>>,
    /// Of services of these classes: codes of the list `service-class`; at most 20.
    #[graphql(validator(max_items = 20))]
    classes: Option<Vec<String>>,
    /// In this area, in one around it, or in one that lies in it.
    area: Option<AreaId>,
    /// Also where there is no room now: to compare prices.
    full: Option<bool>,
}

/// What a way of having a service leaves free.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    open: bool,
    hundredths: Option<i64>,
    cents: Option<i64>,
    places: Option<i32>,
}

/// How fast a service was had this way.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    start_days: Option<i32>,
    answer_hours: Option<i32>,
    begun: Option<i32>,
}

impl From<&OrderFigures> for Pace {
    fn from(figures: &OrderFigures) -> Self {
        Self { start_days: figures.median_start_days, answer_hours: figures.median_hours, begun: figures.begun }
    }
}

impl From<&VoucherFigures> for Pace {
    fn from(figures: &VoucherFigures) -> Self {
        Self { start_days: figures.median_start_days, answer_hours: None, begun: figures.begun }
    }
}

/// What stands behind a way of having a service.
enum Behind {
    Line(Box<contract_line::Model>),
    Approved(Arc<provider_approval::Model>),
    Offering(Arc<service_offering::Model>),
}

/// A way of having a service.
pub struct ServiceSupply {
    behind: Behind,
    service: ServiceId,
    provider: OrganizationId,
    unit: Option<QuantityUnit>,
    price: Option<(money::Money, i32)>,
    gross: Option<i64>,
    room: Room,
    answer_days: Option<i32>,
    pace: Pace,
    soonest: Option<NaiveDate>,
}

/// A way of having a service (mistä palvelun saa): from whom, at which price, how much room there is and how soon it begins. How soon it has begun is reckoned of
/// what your own organisation has ordered, or issued vouchers for, and what began in the last quarter of the year that is over and into which nothing is written any
/// more: `startsKnown` says of how many, and of fewer than five clients nothing is told.
#[Object]
impl ServiceSupply {
    /// By which way.
    async fn way(&self) -> SupplyWay {
        match self.behind {
            Behind::Line(_) => SupplyWay::Contract,
            Behind::Approved(_) => SupplyWay::Voucher,
            Behind::Offering(_) => SupplyWay::Offering,
        }
    }
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.service).await
    }
    /// From whom.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.provider).await
    }
    /// The line of the contract by which it is ordered; null by other ways.
    async fn line(&self) -> Option<ContractLine> {
        if let Behind::Line(row) = &self.behind { Some(row.as_ref().clone().into()) } else { None }
    }
    /// The approved provider that a client can choose; null by other ways.
    async fn approved_provider(&self) -> Option<ApprovedProvider> {
        if let Behind::Approved(row) = &self.behind { Some(ApprovedProvider::new(row)) } else { None }
    }
    /// The offering; null by other ways.
    async fn offering(&self) -> Option<ServiceOffering> {
        if let Behind::Offering(row) = &self.behind { Some(ServiceOffering::shown(Arc::clone(row))) } else { None }
    }
    /// In what it is counted; null of an offering.
    async fn unit(&self) -> Option<QuantityUnit> {
        self.unit
    }
    /// What a unit costs on the day, without value added tax; null of an offering, and where no price holds.
    async fn price(&self) -> Option<Money> {
        self.price.map(|(price, _)| price.into())
    }
    /// The rate of value added tax in basis points; null where there is no such price.
    async fn vat_rate_bp(&self) -> Option<i32> {
        self.price.map(|(_, rate)| rate)
    }
    /// The same with value added tax; of an offering what it costs the client. Null where nobody has said.
    async fn price_with_vat(&self) -> Result<Option<Money>> {
        self.gross.map(Money::of_cents).transpose()
    }
    /// There is room now: the contract takes orders and at least a unit is left, clients can choose the provider, or a place is free.
    async fn has_room(&self) -> bool {
        self.room.open
    }
    /// How much can still be ordered by the line; null by other ways.
    async fn free_quantity(&self) -> Result<Option<Quantity>> {
        self.room.hundredths.map(quantity).transpose()
    }
    /// For how much can still be ordered, without value added tax, by the line and by its contract; null by other ways.
    async fn free(&self) -> Result<Option<Money>> {
        self.room.cents.map(Money::of_cents).transpose()
    }
    /// How many places are free now, those kept for clients of the network among them; null by other ways, and where there is no limit.
    async fn free_places(&self) -> Option<i32> {
        self.room.places
    }
    /// Within how many days the provider is to answer an order; null by other ways.
    async fn answer_days(&self) -> Option<i32> {
        self.answer_days
    }
    /// For how many days half of the services that began in that quarter were waited for: from the day for which they were ordered, or on which they were placed after
    /// that; by vouchers, from their first day, or that of the choice of the provider after that. Null of fewer than five clients.
    async fn median_start_days(&self) -> Option<i32> {
        self.pace.start_days
    }
    /// In how many hours half of the answers to orders came in that quarter; null of fewer than five clients, and by other ways.
    async fn median_answer_hours(&self) -> Option<i32> {
        self.pace.answer_hours
    }
    /// How many began in that quarter: of so many `medianStartDays` is. Null of fewer than five clients.
    async fn starts_known(&self) -> Option<i32> {
        self.pace.begun
    }
    /// The day on which it may begin at the soonest, as far as can be told. By contract, by how soon orders have begun, or else by the time for the answer; of an
    /// offering its next session or its first day; by voucher, the same of what the provider offers of the service and has a place in, or else by how soon vouchers
    /// were used. Null where nothing tells.
    async fn soonest_on(&self) -> Option<Date> {
        self.soonest.map(Date)
    }
}

/// So many days after a day.
fn after(from: NaiveDate, days: i32) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::try_from(days).unwrap_or_default()))
}

/// One area lies in the other.
fn meets(s: &Snapshot, one: AreaId, other: AreaId) -> bool {
    s.lineage(one).contains(&other) || s.lineage(other).contains(&one)
}

/// What is looked for, and when.
struct Search<'a> {
    s: &'a Snapshot,
    organization: OrganizationId,
    services: BTreeSet<ServiceId>,
    area: Option<AreaId>,
    today: NaiveDate,
    on: NaiveDate,
}

impl Search<'_> {
    fn is_there(&self, area: AreaId) -> bool {
        self.area.is_none_or(|asked| meets(self.s, asked, area))
    }

    /// By the lines of contracts that the caller sees.
    async fn by_contract(&self, ctx: &Context<'_>) -> Result<Vec<ServiceSupply>> {
        use contract_line::Column as C;
        let reader = ctx.caller().reader();
        let of = Condition::all().add(C::OrganizationId.eq(self.organization)).add(C::ServiceId.is_in(self.services.iter().copied()));
        let mut lines = reader.find::<contract_line::Entity>().filter(of).all().await?;
        lines.retain(|line| line.area_id.is_none_or(|area| self.is_there(area)));
        let contracts = reader.contracts_behind(self.organization, lines.iter().map(|line| line.contract_id).collect()).await?;
        let mut counters = BTreeMap::<FrameworkContractId, Vec<drawdown::Model>>::new();
        let counted = drawdown::Column::ContractId.is_in(contracts.keys().copied());
        for row in reader.find::<drawdown::Entity>().filter(counted).all().await? {
            counters.entry(row.contract_id).or_default().push(row);
        }
        let pace = reader.pace_of_orders(self.organization, &self.services, Quarter::latest(self.today)).await?;
        let supply = |line: contract_line::Model| {
            let contract = contracts.get(&line.contract_id)?;
            // What is over, or was never signed, is no way of having anything.
            let stands = is_in_force(contract.state, contract.valid_from, contract.valid_to, self.on);
            let pace = pace.get(&(line.provider_id, line.service_id)).map(Pace::from).unwrap_or_default();
            stands.then(|| self.by_line(line, contract, counters.get(&contract.id).map_or(&[][..], Vec::as_slice), pace))
        };
        lines.into_iter().filter_map(supply).collect()
    }

    fn by_line(&self, line: contract_line::Model, contract: &framework_contract::Model, counters: &[drawdown::Model], pace: Pace) -> Result<ServiceSupply> {
        let of_line = drawdown::room_of_line(&line, counters).ok_or(Error::Internal)?;
        let of_contract = drawdown::room_of_contract(contract, counters).ok_or(Error::Internal)?;
        let price = line.prices.on(self.on);
        let cents = [of_line.free_cents(), of_contract.free_cents()].into_iter().flatten().min();
        let registered = self.s.organizations.get(line.provider_id).is_some_and(|provider| provider.content.is_registered_on(self.on));
        let left = of_line.free_hundredths().is_none_or(|free| free >= 100)
            && price.is_some_and(|price| cents.is_none_or(|free| free >= i64::from(price.price.amount_cents)));
        let open = contract.state != ContractState::Suspended && registered && left;
        // What is ordered for a later day is waited for from then on; answered it is from now on.
        let (from, days) = pace.start_days.map_or((self.today, contract.content.answer_days), |waited| (self.on, waited));
        let soonest = after(from, days).map(|soonest| soonest.max(self.on));
        Ok(ServiceSupply {
            service: line.service_id,
            provider: line.provider_id,
            unit: Some(line.unit),
            gross: price.map(DatedPrice::gross_cents),
            price: price.map(|price| (price.price, price.vat_rate_bp)),
            room: Room { open, hundredths: of_line.free_hundredths(), cents, places: None },
            answer_days: Some(contract.content.answer_days),
            pace,
            soonest,
            behind: Behind::Line(Box::new(line)),
        })
    }

    /// With a voucher, at the providers that the organisation has approved.
    async fn by_voucher(&self, ctx: &Context<'_>) -> Result<Vec<ServiceSupply>> {
        let pace = ctx.caller().reader().pace_of_vouchers(self.organization, &self.services, Quarter::latest(self.today)).await?;
        let now = ctx.caller().now();
        let own = shown_today(self.s, self.today).filter(|(row, listing)| {
            row.authority_id == self.organization
                && listing.holds_on(self.on)
                && (self.area.is_none() || listing.sites.iter().any(|site| self.is_there(site.area)))
        });
        let found = own.flat_map(|(row, listing)| {
            let pace = &pace;
            let wanted = listing.services.iter().filter(|listed| self.services.contains(&listed.rule.service));
            wanted.filter_map(move |listed| {
                let price = listed.prices.on(self.on)?;
                let pace = pace.get(&(row.organization_id, listed.rule.service)).map(Pace::from).unwrap_or_default();
                let offered = self.s.offerings_of(listed.rule.service).iter().map(|position| self.s.entry(*position).offering());
                let offered = offered.filter(|offering| offering.organization_id == row.organization_id).filter_map(|offering| self.open(offering, now));
                let places = offered.filter(|(places, _)| *places != Some(0)).filter_map(|(_, soonest)| soonest).min();
                Some(ServiceSupply {
                    behind: Behind::Approved(Arc::clone(row)),
                    service: listed.rule.service,
                    provider: row.organization_id,
                    unit: Some(listed.unit()),
                    price: Some((price.price, price.vat_rate_bp)),
                    gross: Some(price.gross_cents()),
                    room: Room { open: true, ..Room::default() },
                    answer_days: None,
                    pace,
                    soonest: places.or_else(|| after(self.on, pace.start_days?)),
                })
            })
        });
        Ok(found.collect())
    }

    /// How many places are free in an offering, and the soonest day on which it begins or goes on; none of one that is over.
    fn open(&self, row: &service_offering::Model, now: DateTime<Utc>) -> Option<(Option<i32>, Option<NaiveDate>)> {
        if row.content.ends_on.is_some_and(|end| end.0 < self.on) {
            return None;
        }
        let next = self.s.planned(row.id, now).map(|session| day(session.starts_at)).find(|next| *next >= self.on);
        Some((self.s.free_places(row, now), next.or_else(|| row.content.starts_on.map(|start| start.0.max(self.on)))))
    }

    /// A place in what is offered of the services.
    fn by_offering(&self, ctx: &Context<'_>) -> impl Iterator<Item = ServiceSupply> {
        let now = ctx.caller().now();
        let positions = self.services.iter().flat_map(|service| self.s.offerings_of(*service));
        let entries = positions.map(|position| self.s.entry(*position)).filter(|entry| self.area.is_none_or(|area| entry.lies_in(&[area])));
        entries.filter_map(move |entry| {
            let row = entry.offering();
            let (places, soonest) = self.open(row, now)?;
            Some(ServiceSupply {
                behind: Behind::Offering(Arc::clone(row)),
                service: row.service_id,
                provider: row.organization_id,
                unit: None,
                price: None,
                gross: entry.price().map(|price| price.amount_cents.into()),
                room: Room { open: places != Some(0), places, ..Room::default() },
                answer_days: None,
                pace: Pace::default(),
                soonest,
            })
        })
    }
}

/// Questions about where there is room.
#[derive(Default)]
pub struct ServiceSupplyQuery;

/// Questions about where there is room.
#[Object]
impl ServiceSupplyQuery {
    /// Where there is room for a service now, at which price and how soon (missä on tilaa nyt; hintavertailu): for those who order for an organisation, and for
    /// those who look over what it buys. Empty for everybody else.
    async fn service_supply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that orders: your own.")] organization: OrganizationId,
        #[graphql(desc = "What is looked for: services or classes of them, of which one is needed.")] filter: Option<SupplyFilter>,
        #[graphql(desc = "The day on which it is to begin, and whose prices are told; today when it is left out.")] on: Option<Date>,
        #[graphql(desc = "In what order; the soonest first when it is left out.")] order_by: Option<SupplyOrder>,
        #[graphql(desc = "How many at most, 1 to 100; 50 when it is left out.", validator(minimum = 1, maximum = 100))] first: Option<i32>,
    ) -> Result<Vec<ServiceSupply>> {
        let caller = ctx.caller();
        caller.signed_in()?;
        let SupplyFilter { services, classes, area, full } = filter.unwrap_or_default();
        if services.is_none() && classes.is_none() {
            return Err(Error::reject(Code::Required, &["filter", "services"]));
        }
        if !caller.reader().orders_for(organization) {
            return Ok(Vec::new());
        }
        let (s, today) = (caller.catalogue(), day(caller.now()));
        let network = s.organizations.get(organization).map(|row| row.network_id);
        let wanted = s.services.iter().filter(|row| Some(row.network_id) == network).filter(|row| {
            services.as_ref().is_none_or(|ids| ids.contains(&row.id))
                && classes.as_ref().is_none_or(|classes| row.content.classes.iter().any(|class| classes.contains(class)))
        });
        let services = wanted.map(|row| row.id).collect();
        let search = Search { s: &s, organization, services, area, today, on: on.map_or(today, |on| on.0.max(today)) };
        let mut found = search.by_contract(ctx).await?;
        found.extend(search.by_voucher(ctx).await?);
        found.extend(search.by_offering(ctx));
        found.retain(|supply| supply.room.open || full == Some(true));
        let name = |id| s.organizations.get(id).map(|row| name_key(&row.content.name, Language::Fi)).unwrap_or_default();
        found.sort_by_cached_key(|supply| {
            let soon = supply.soonest.map(|soonest| (soonest - today).num_days());
            let mut by = [supply.gross, soon].map(|value| (value.is_none(), value));
            if order_by != Some(SupplyOrder::Cheapest) {
                by.reverse();
            }
            (by, name(supply.provider), supply.service)
        });
        found.truncate(first.and_then(|first| usize::try_from(first).ok()).unwrap_or(50));
        Ok(found)
    }
}
