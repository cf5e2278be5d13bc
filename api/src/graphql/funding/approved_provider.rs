//! Approved providers, as everybody sees them: by service and area, with the prices and own shares of today.
use super::line::ContractPrice;
use crate::{
    caller::Caller,
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Area, Organization, Service, ServiceUnit, area_named, maybe, organization, published_service},
        page::{self, Page},
        text::{Address, LocalizedText, Money, shown},
    },
    snapshot::{Snapshot, name_key},
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::{
    catalogue::session::day,
    funding::{
        price::QuantityUnit,
        provider_approval::{ListedService, Listing, ProviderSite as Site},
    },
    id::{ApprovedProviderId, AreaId, Kinded, OrganizationId, ServiceId},
    scalar::{Date, EmailAddress, LanguageTag, PhoneNumber, Url},
    text::Language,
};
use entity::funding::provider_approval as table;
use std::sync::Arc;
use uuid::Uuid;

/// An approved provider (hyväksytty palveluntuottaja).
pub struct ApprovedProvider(Arc<table::Model>);

impl ApprovedProvider {
    pub(super) fn new(row: &Arc<table::Model>) -> Self {
        Self(Arc::clone(row))
    }

    fn listing(&self) -> Result<&Listing> {
        self.0.listing.as_ref().ok_or(Error::Internal)
    }

    /// The approved provider with this id, where clients can choose it today.
    pub fn of(caller: &Caller, id: Uuid) -> Option<Self> {
        let (s, today) = (caller.catalogue(), day(caller.now()));
        s.approved.get(id).filter(|row| listed(&s, row, today).is_some()).map(Self::new)
    }

    /// The approved provider with this id as the catalogue has it, on whatever days clients can choose it.
    pub fn in_catalogue(s: &Snapshot, id: Uuid) -> Option<Self> {
        s.approved.get(id).map(Self::new)
    }
}

/// The approved providers that clients can choose today, and what is told of them.
pub(super) fn shown_today(s: &Snapshot, today: NaiveDate) -> impl Iterator<Item = (&Arc<table::Model>, &Listing)> {
    s.approved.iter().filter_map(move |row| Some((row, listed(s, row, today)?)))
}

/// By what they are put in order.
pub(super) fn by_name(s: &Snapshot, row: &table::Model) -> (String, Uuid) {
    let name = s.organizations.get(row.organization_id).map(|provider| name_key(&provider.content.name, Language::Fi));
    (name.unwrap_or_default(), row.id.0)
}

/// What is told of an approved provider that clients can choose today: while the rulebook holds, the provider is in the registers, whether or not the minute's
/// job has suspended it, and one of its services is public.
fn listed<'r>(s: &Snapshot, row: &'r table::Model, today: NaiveDate) -> Option<&'r Listing> {
    let listing = row.listing.as_ref().filter(|listing| listing.holds_on(today))?;
    s.organizations.get(row.organization_id).filter(|provider| provider.content.is_registered_on(today))?;
    listing.services.iter().any(|listed| s.is_arranged(listed.rule.service)).then_some(listing)
}

/// A provider that was approved for vouchers or permits (hyväksytty palveluntuottaja; act 569/2009, 4 §), as everybody sees it while the approval is in force.
#[Object]
impl ApprovedProvider {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(ApprovedProviderId(self.0.id.0).to_public())
    }
    /// The provider.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The organisation that has approved it.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.authority_id).await
    }
    /// What the rulebook is called to which it has committed itself.
    async fn rulebook_name(&self) -> Result<LocalizedText> {
        Ok((&self.listing()?.rulebook).into())
    }
    /// Which version of that rulebook.
    async fn rulebook_edition(&self) -> Result<i32> {
        Ok(self.listing()?.edition)
    }
    /// Where the text of that rulebook is read; null when it is not on the web.
    async fn rulebook_url(&self) -> Result<Option<&Url>> {
        Ok(self.listing()?.url.as_ref())
    }
    /// The first day on which that rulebook holds.
    async fn valid_from(&self) -> Result<Date> {
        Ok(self.listing()?.valid_from)
    }
    /// The last day on which that rulebook holds; null while no end is known.
    async fn valid_to(&self) -> Result<Option<Date>> {
        Ok(self.listing()?.valid_to)
    }
    /// The day on which it was approved.
    async fn approved_on(&self) -> Date {
        Date(day(self.0.decided_at.unwrap_or(self.0.updated_at)))
    }
    /// The services that it gives and that are public, with their prices.
    async fn services(&self, ctx: &Context<'_>) -> Result<Vec<ApprovedService>> {
        let s = ctx.caller().catalogue();
        Ok(self.listing()?.services.iter().filter(|listed| s.is_arranged(listed.rule.service)).cloned().map(ApprovedService).collect())
    }
    /// Where it gives them.
    async fn sites(&self) -> Result<Vec<ProviderSite>> {
        Ok(self.listing()?.sites.iter().cloned().map(ProviderSite).collect())
    }
}

/// A service of an approved provider, with its price (hinnasto).
pub struct ApprovedService(pub(super) ListedService);

/// A service of an approved provider, with its price (hinnasto).
#[Object]
impl ApprovedService {
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.rule.service).await
    }
    /// In what it is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit()
    }
    /// The price of today; null where none holds yet.
    async fn price(&self, ctx: &Context<'_>) -> Option<ContractPrice> {
        ContractPrice::on(&self.0.prices, day(ctx.caller().now()))
    }
    /// What a voucher for a unit is worth today; null before the first value.
    async fn voucher_value(&self, ctx: &Context<'_>) -> Option<Money> {
        self.0.rule.value_on(day(ctx.caller().now())).map(Money::from)
    }
    /// What is left for the client to pay for a unit today (omavastuu), with value added tax; null where there is no price yet.
    async fn own_share(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.0.on(day(ctx.caller().now())).map(|(_, cents)| Money::of_cents(cents)).transpose()
    }
    /// The service is free by law, so that no own share remains for the client.
    async fn free_of_charge(&self) -> bool {
        self.0.rule.free_of_charge
    }
}

/// Where a provider gives its services (toimipaikka).
pub struct ProviderSite(pub(super) Site);

/// Where a provider gives its services (toimipaikka).
#[Object]
impl ProviderSite {
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.name).into()
    }
    /// The area where it lies; null when it is not there any more.
    async fn area(&self, ctx: &Context<'_>) -> Result<Option<Area>> {
        area_named(ctx, self.0.area).await
    }
    /// The service unit that works there; null when none is named.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<ServiceUnit>> {
        match self.0.unit {
            None => Ok(None),
            Some(id) => Ok(maybe(ctx, |s| &s.units, id).await?.map(ServiceUnit)),
        }
    }
    /// Its street address; null when it is not told.
    async fn address(&self) -> Option<Address> {
        self.0.address.as_ref().map(Address::from)
    }
    /// The languages in which the services are given there.
    async fn languages(&self) -> &[LanguageTag] {
        &self.0.languages
    }
    /// Its telephone number; null when it has none.
    async fn phone(&self) -> Option<&PhoneNumber> {
        self.0.phone.as_ref()
    }
    /// Its e-mail address; null when it has none.
    async fn email(&self) -> Option<&EmailAddress> {
        self.0.email.as_ref()
    }
    /// What it is like; null when it is not told.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.0.description.as_ref())
    }
}

/// Which approved providers.
#[derive(InputObject, Default)]
struct ApprovedProviderFilter {
    /// Of one of these services.
    #[graphql(validator(max_items = 100))]
    services: Option<Vec<ServiceId>>,
    /// With a site in one of these areas, or in an area inside it.
    #[graphql(validator(max_items = 100))]
    areas: Option<Vec<AreaId>>,
    /// Approved by one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
}

/// Questions about approved providers.
#[derive(Default)]
pub struct ApprovedProviderQuery;

/// Questions about approved providers.
#[Object]
impl ApprovedProviderQuery {
    /// An approved provider (hyväksytty palveluntuottaja); null when there is none that can be chosen.
    async fn approved_provider(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ApprovedProviderId) -> Option<ApprovedProvider> {
        ApprovedProvider::of(ctx.caller(), id.0)
    }
    /// The providers that are approved for vouchers and permits (hyväksytyt palveluntuottajat; act 569/2009, 4 §) and can be chosen today, by name.
    async fn approved_providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ApprovedProviderFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ApprovedProvider>> {
        let window = Window::parse(first, after, last, before)?;
        let (s, today) = (ctx.caller().catalogue(), day(ctx.caller().now()));
        let f = filter.unwrap_or_default();
        let gives = |listing: &Listing, asked: &[ServiceId]| {
            listing.services.iter().map(|listed| listed.rule.service).any(|id| asked.contains(&id) && s.is_arranged(id))
        };
        let lies = |site: &Site, asked: &[AreaId]| s.lineage(site.area).iter().any(|area| asked.contains(area));
        let wanted = |row: &table::Model, listing: &Listing| {
            f.organizations.as_ref().is_none_or(|asked| asked.contains(&row.authority_id))
                && f.services.as_ref().is_none_or(|asked| gives(listing, asked))
                && f.areas.as_ref().is_none_or(|asked| listing.sites.iter().any(|site| lies(site, asked)))
        };
        let found: Vec<_> = shown_today(&s, today).filter(|(row, listing)| wanted(row, listing)).map(|(row, _)| row).collect();
        Ok(page::of_memory(ctx, &found, &window, |row| by_name(&s, row), ApprovedProvider::new))
    }
}
