//! Organisations.
use super::{Network, Service, ServiceUnit, access, public};
use crate::{
    act::{access::calendar::public_address, catalogue::organization},
    error::Result,
    graphql::{
        Asked,
        code::{self, Code},
        order::{self, Usual, usual_order},
        page::{self, Edition, Page},
        payload::payload,
        text::{LocalizedText, shown},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::organization::{NetworkRole, OrganizationContent, OrganizationKind},
    id::{Kinded, NetworkId, OrganizationId},
    policy::Resource,
    scalar::{self, BusinessId, Date, Url},
    text::Language,
};
use entity::catalogue::organization as table;
use std::sync::Arc;
use uuid::Uuid;

/// An organisation (organisaatio).
pub struct Organization(pub Arc<table::Model>);

impl From<table::Model> for Organization {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

pub(super) fn key(row: &table::Model) -> (String, Uuid) {
    (name_key(&row.content.name, Language::Fi), row.id.0)
}

fn sort_key(row: &table::Model, by: Usual) -> (String, Uuid) {
    by.key(|| key(row), row.id, row.created_at, row.updated_at)
}

/// An organisation (organisaatio) of a network: public body, company, association, parish or school.
#[Object]
impl Organization {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The network that it is a member of.
    async fn network(&self, ctx: &Context<'_>) -> Result<Network> {
        Ok(Network(public(ctx, |s| &s.networks, self.0.network_id).await?))
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// What kind of organisation it is.
    async fn kind(&self) -> OrganizationKind {
        self.0.content.kind
    }
    /// What it does in the network.
    async fn network_roles(&self) -> &[NetworkRole] {
        &self.0.content.network_roles
    }
    /// Its business id (Y-tunnus); null when it is not known.
    async fn business_id(&self) -> Option<&BusinessId> {
        self.0.content.business_id.as_ref()
    }
    /// The municipality where it has its seat, of the code list `municipality`; null when it is not known.
    async fn home_municipality(&self) -> Option<Code> {
        self.0.content.home_municipality.as_ref().and_then(|m| code::code("municipality", m.as_str()))
    }
    /// What it is and does; null when it is not told.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.0.content.description.as_ref())
    }
    /// Its web pages; null when it has none.
    async fn website(&self) -> Option<&Url> {
        self.0.content.website.as_ref()
    }
    /// Its id in the national register Soteri; null when it needs none or it is not known.
    async fn soteri_id(&self) -> Option<&str> {
        self.0.content.soteri_id.as_deref()
    }
    /// The last day of that registration; null when it has no end or none is known.
    async fn soteri_valid_until(&self) -> Option<Date> {
        self.0.content.soteri_valid_until
    }
    /// Its id in the Finnish Service Catalogue (PTV); null when it is not there.
    async fn ptv_id(&self) -> Option<&str> {
        self.0.content.ptv_id.as_deref()
    }
    /// Its OID in the register of social and health care organisations; null when it has none.
    async fn oid(&self) -> Option<&str> {
        self.0.content.oid.as_deref()
    }
    /// The first day on which it takes part; null when it is not known.
    async fn active_from(&self) -> Option<Date> {
        self.0.content.active_from
    }
    /// The last day on which it takes part; null when it goes on.
    async fn active_to(&self) -> Option<Date> {
        self.0.content.active_to
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.0.content.source.as_deref()
    }
    /// Its service units that are in use, by name.
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceUnit>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let own: Vec<u32> = s.units.positions().filter(|i| s.units.at(*i).organization_id == self.0.id && s.units.at(*i).closed_on.is_none()).collect();
        Ok(page::of_memory(ctx, &own, &window, |i| super::unit::key(s.units.at(i)), |i| ServiceUnit(Arc::clone(s.units.at(i)))))
    }
    /// Its published services, by name.
    async fn services(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Service>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let own: Vec<u32> = s.services.positions().filter(|i| s.services.at(*i).organization_id == self.0.id).collect();
        let node = |i| Service { row: Arc::clone(s.services.at(i)), edition: Edition::Published };
        Ok(page::of_memory(ctx, &own, &window, |i| super::service::key(s.services.at(i)), node))
    }
    /// The address on this server of a calendar (iCalendar) of the sessions that it gives, for calendar programs to follow: what everybody sees, and nothing when it is not
    /// public.
    async fn calendar_url(&self) -> String {
        public_address("organization", self.0.id)
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Organization, Some(self.0.network_id), Some(self.0.id))
    }
    /// When it was last changed.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of adding or changing an organisation.
    OrganizationPayload {
        /// The organisation as it is now; null when it was refused.
        organization: Organization
    }
}

/// An organisation that joins a network.
#[derive(InputObject)]
struct AddOrganizationInput {
    /// The network that it joins.
    network: NetworkId,
    /// What is said of it.
    content: OrganizationContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of an organisation from now on.
#[derive(InputObject)]
struct UpdateOrganizationInput {
    /// The organisation.
    id: OrganizationId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: OrganizationContent,
}

/// Which organisations.
#[derive(InputObject, Default)]
struct OrganizationFilter {
    /// In one of these networks.
    #[graphql(validator(max_items = 100))]
    networks: Option<Vec<NetworkId>>,
    /// Of one of these kinds.
    #[graphql(validator(max_items = 100))]
    kinds: Option<Vec<OrganizationKind>>,
    /// With one of these tasks in the network.
    #[graphql(validator(max_items = 100))]
    network_roles: Option<Vec<NetworkRole>>,
    /// With this text in the name, whatever its case and accents.
    search: Option<String>,
}

usual_order! {
    /// One key of an order of organisations.
    OrganizationOrder by
    /// By what organisations are put in order.
    OrganizationOrderField
}

/// Questions about organisations.
#[derive(Default)]
pub struct OrganizationQuery;

/// Questions about organisations.
#[Object]
impl OrganizationQuery {
    /// An organisation (organisaatio); null when there is none.
    async fn organization(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: OrganizationId) -> Option<Organization> {
        ctx.caller().catalogue().organizations.get(id).map(|row| Organization(Arc::clone(row)))
    }
    /// The organisations (organisaatiot), by name.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<OrganizationFilter>,
        #[graphql(desc = "In what order, the first counting most; without it by name. The id is the last tie-break.")] order_by: Option<Vec<OrganizationOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Organization>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let f = filter.unwrap_or_default();
        let search = page::words(f.search.as_deref())?;
        let found: Vec<u32> = s
            .organizations
            .positions()
            .filter(|i| {
                let row = s.organizations.at(*i);
                f.networks.as_ref().is_none_or(|n| n.contains(&row.network_id))
                    && f.kinds.as_ref().is_none_or(|k| k.contains(&row.content.kind))
                    && f.network_roles.as_ref().is_none_or(|r| r.iter().any(|role| row.content.network_roles.contains(role)))
                    && search.as_ref().is_none_or(|text| row.search.contains(text))
            })
            .collect();
        let by = order::keys(order_by, (Usual::Name, false))?;
        order::in_memory(
            ctx,
            &found,
            Usual::Name,
            &by,
            &window,
            |i, by| sort_key(s.organizations.at(i), by),
            |i| Organization(Arc::clone(s.organizations.at(i))),
        )
    }
}

/// Changes of organisations.
#[derive(Default)]
pub struct OrganizationMutation;

/// Changes of organisations.
#[Object]
impl OrganizationMutation {
    /// Adds an organisation to a network. For its administrator.
    async fn add_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which organisation, and where.")] input: AddOrganizationInput,
    ) -> Result<OrganizationPayload> {
        let what = organization::AddOrganization { network: input.network, content: input.content };
        OrganizationPayload::of(ctx, organization::add(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of an organisation. For its own managers, and the network's administrator.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which organisation, and what is said of it.")] input: UpdateOrganizationInput,
    ) -> Result<OrganizationPayload> {
        OrganizationPayload::of(ctx, organization::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
}
