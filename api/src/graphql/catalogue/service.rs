//! Services.
use super::{Network, Organization, ServiceOffering, access, in_edition, may, public};
use crate::{
    act::catalogue::service,
    error::Result,
    graphql::{
        Asked,
        code::{Code, codes},
        order::{self, Keys, Usual, usual_order},
        page::{self, Edition, Page},
        payload::payload,
        text::{LocalizedText, Money, shown},
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::{
        publishing::{PublishingMove, PublishingState},
        service::{ChargeType, DeliveryForm, ProvisionMode, RehabContent, ReportClass, ServiceContent, ServiceForm, SupportNeed},
    },
    id::{Kinded, NetworkId, OrganizationId, ServiceId},
    machine::Machine,
    policy::{Action, Resource},
    scalar::{self, LanguageTag},
    text::Language,
};
use entity::catalogue::service as table;
use sea_orm::{ColumnTrait, Condition};
use std::{borrow::Cow, sync::Arc};
use uuid::Uuid;

/// A service (palvelu), in one of its two editions.
pub struct Service {
    /// The row, or its published copy.
    pub row: Arc<table::Model>,
    /// Which of the two it is.
    pub edition: Edition,
}

impl From<table::Model> for Service {
    fn from(row: table::Model) -> Self {
        Self { row: Arc::new(row), edition: Edition::Working }
    }
}

pub(super) fn key(row: &table::Model) -> (String, Uuid) {
    (name_key(&row.content.name, Language::Fi), row.id.0)
}

fn sort_key(row: &table::Model, by: Usual) -> (String, Uuid) {
    by.key(|| key(row), row.id, row.created_at, row.updated_at)
}

/// A service (palvelu) of the catalogue: what is given, to whom and how; where and when is told by its offerings.
#[Object]
impl Service {
    /// Opaque id; both editions have the same.
    pub async fn id(&self) -> ID {
        ID(self.row.id.to_public())
    }
    /// Whether this is what everybody sees, or the working copy.
    async fn edition(&self) -> Edition {
        self.edition
    }
    /// The network that it belongs to.
    async fn network(&self, ctx: &Context<'_>) -> Result<Network> {
        Ok(Network(public(ctx, |s| &s.networks, self.row.network_id).await?))
    }
    /// Whose service it is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.row.organization_id).await?))
    }
    /// Where it is on its way to the public. The published edition is always PUBLISHED.
    async fn publishing(&self) -> PublishingState {
        self.row.publishing
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.row.content.name).into()
    }
    /// In a sentence or two; null only in a draft.
    async fn summary(&self) -> Option<LocalizedText> {
        shown(self.row.content.summary.as_ref())
    }
    /// What it is, for whom and what it aims at; null when it is not told.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.row.content.description.as_ref())
    }
    /// How to come to it; null when it is not told.
    async fn user_instruction(&self) -> Option<LocalizedText> {
        shown(self.row.content.user_instruction.as_ref())
    }
    /// Words by which it should be found.
    async fn keywords(&self) -> Vec<LocalizedText> {
        self.row.content.keywords.iter().map(LocalizedText::from).collect()
    }
    /// How it is arranged and produced (järjestämistapa).
    async fn provision(&self) -> ProvisionMode {
        self.row.content.provision
    }
    /// The report row under which participation counts; null when it has none.
    async fn report_class(&self) -> Option<ReportClass> {
        self.row.content.report_class
    }
    /// In what form it is given (toimintamuoto).
    async fn form(&self) -> ServiceForm {
        self.row.content.form
    }
    /// How it reaches the person (toimitustapa).
    async fn delivery_forms(&self) -> &[DeliveryForm] {
        &self.row.content.delivery_forms
    }
    /// It is tailored to the person (räätälöity erityispalvelu).
    async fn tailored(&self) -> bool {
        self.row.content.tailored
    }
    /// It is an open activity (avoin toiminta).
    async fn open_activity(&self) -> bool {
        self.row.content.open_activity
    }
    /// Contents of social rehabilitation (Social Welfare Act, section 17).
    async fn rehab_contents(&self) -> &[RehabContent] {
        &self.row.content.rehab_contents
    }
    /// Needs of support that it answers (Social Welfare Act, section 11).
    async fn support_needs(&self) -> &[SupportNeed] {
        &self.row.content.support_needs
    }
    /// Target groups, of the code list `target-group` (PTV).
    async fn target_groups(&self) -> Vec<Code> {
        codes("target-group", &self.row.content.target_groups)
    }
    /// Service classes, of the code list `service-class` (PTV).
    async fn classes(&self) -> Vec<Code> {
        codes("service-class", &self.row.content.classes)
    }
    /// Life events, of the code list `life-event` (PTV).
    async fn life_events(&self) -> Vec<Code> {
        codes("life-event", &self.row.content.life_events)
    }
    /// Languages in which it is given.
    async fn languages(&self) -> &[LanguageTag] {
        &self.row.content.languages
    }
    /// What it costs (maksullisuus).
    async fn charge_type(&self) -> ChargeType {
        self.row.content.charge_type
    }
    /// The usual price to the client; null when it is free or not told.
    async fn price(&self) -> Option<Money> {
        self.row.content.price.map(Money::from)
    }
    /// More on what it costs; null when it is not told.
    async fn charge_info(&self) -> Option<LocalizedText> {
        shown(self.row.content.charge_info.as_ref())
    }
    /// One comes by referral only (ohjauksella).
    async fn referral_required(&self) -> bool {
        self.row.content.referral_required
    }
    /// Steering here needs the client's consent.
    async fn consent_required(&self) -> bool {
        self.row.content.consent_required
    }
    /// One may come without giving a name.
    async fn anonymous_allowed(&self) -> bool {
        self.row.content.anonymous_allowed
    }
    /// The youngest age in full years; null when there is no limit.
    async fn min_age(&self) -> Option<i32> {
        self.row.content.min_age
    }
    /// The highest age in full years; null when there is no limit.
    async fn max_age(&self) -> Option<i32> {
        self.row.content.max_age
    }
    /// How long it usually takes, in weeks; null when it varies.
    async fn duration_weeks(&self) -> Option<i32> {
        self.row.content.duration_weeks
    }
    /// Within how many days a referral to it is answered, as is promised (palvelulupaus); null where nothing is promised: then within seven.
    async fn response_days(&self) -> Option<i32> {
        self.row.content.response_days
    }
    /// The service task (palvelutehtävä), of the code list `service-task`; null when it is not social welfare.
    async fn task(&self) -> Option<Code> {
        codes("service-task", self.row.content.task.as_slice()).pop()
    }
    /// The law that it rests on; null when it is not told.
    async fn statutory_basis(&self) -> Option<&str> {
        self.row.content.statutory_basis.as_deref()
    }
    /// Its id in the Finnish Service Catalogue (PTV); null when it is not there.
    async fn ptv_id(&self) -> Option<&str> {
        self.row.content.ptv_id.as_deref()
    }
    /// The general description of PTV that it follows; null when it follows none.
    async fn general_description_id(&self) -> Option<&str> {
        self.row.content.general_description_id.as_deref()
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.row.content.source.as_deref()
    }
    /// Other organisations that may offer it (tuottajat), by name; only purchased, voucher and permit services have them.
    async fn producers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Organization>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let mut named: Vec<_> = self.row.content.producers.iter().filter_map(|id| s.organizations.get(*id)).collect();
        named.sort_by_cached_key(|row| super::organization::key(row));
        Ok(page::of_memory(ctx, &named, &window, |row| super::organization::key(row), |row| Organization(Arc::clone(row))))
    }
    /// Its offerings: the published ones by name; of a working copy, those that you may see in the order in which they were made.
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceOffering>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        if self.edition == Edition::Published {
            let own = s.offerings_of(self.row.id);
            return Ok(page::of_memory(ctx, own, &window, |i| super::offering::key(&s, i), |i| ServiceOffering::published(&s, i)));
        }
        let rows: Vec<_> = ctx.caller().children::<entity::catalogue::service_offering::Entity>(self.row.id).await?.into_iter().map(Arc::new).collect();
        let refs: Vec<_> = rows.iter().collect();
        Ok(page::of_memory(ctx, &refs, &window, |row| (String::new(), row.id.0), |row| ServiceOffering { row: Arc::clone(row), edition: Edition::Working }))
    }
    /// The moves that its state allows and that you may make.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<PublishingMove> {
        let allowed =
            self.edition == Edition::Working && may(ctx, Action::Transition, Resource::Service, Some(self.row.network_id), Some(self.row.organization_id));
        self.row.publishing.moves().filter(|_| allowed).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Service, Some(self.row.network_id), Some(self.row.organization_id))
    }
    /// When it was made.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.row.created_at)
    }
    /// When this edition was last changed.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.row.updated_at)
    }
    /// Counts its changes. In `expectedVersion`, name the version of the WORKING edition.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

payload! {
    /// The outcome of beginning, changing or moving a service.
    ServicePayload {
        /// The working copy as it is now; null when it was refused.
        service: Service
    }
}

/// A new service.
#[derive(InputObject)]
struct CreateServiceInput {
    /// Whose service it is: your own organisation.
    organization: OrganizationId,
    /// What is said of it.
    content: ServiceContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a service from now on.
#[derive(InputObject)]
struct UpdateServiceInput {
    /// The service.
    id: ServiceId,
    /// The version of the working copy that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: ServiceContent,
}

/// A service that goes on in its publishing.
#[derive(InputObject)]
struct ServiceMoveInput {
    /// The service.
    id: ServiceId,
    /// The version of the working copy that you have seen.
    expected_version: i32,
}

/// Which services.
#[derive(InputObject, Default)]
struct ServiceFilter {
    /// In one of these networks.
    #[graphql(validator(max_items = 100))]
    networks: Option<Vec<NetworkId>>,
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// In one of these publishing states. The published edition has PUBLISHED only.
    #[graphql(validator(max_items = 100))]
    publishing: Option<Vec<PublishingState>>,
    /// Arranged in one of these ways. Published edition only.
    #[graphql(validator(max_items = 100))]
    provisions: Option<Vec<ProvisionMode>>,
    /// With one of these contents of social rehabilitation. Published edition only.
    #[graphql(validator(max_items = 100))]
    rehab_contents: Option<Vec<RehabContent>>,
    /// Answering one of these needs. Published edition only.
    #[graphql(validator(max_items = 100))]
    support_needs: Option<Vec<SupportNeed>>,
    /// With this text in name, summary or keywords, whatever its case and accents. For words in their inflected forms see `serviceMap`.
    search: Option<String>,
}

usual_order! {
    /// One key of an order of services.
    ServiceOrder by
    /// By what services are put in order.
    ServiceOrderField
}

/// Questions about services.
#[derive(Default)]
pub struct ServiceQuery;

/// Questions about services.
#[Object]
impl ServiceQuery {
    /// A service (palvelu); null when there is none in that edition, or it is not yours to see.
    async fn service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ServiceId,
        #[graphql(desc = "What everybody sees, or the working copy.", default)] edition: Edition,
    ) -> Result<Option<Service>> {
        Ok(in_edition(ctx, |s| &s.services, id, edition).await?.map(|row| Service { row, edition }))
    }
    /// The services (palvelut): the published ones by name, or the working copies that you may see, the newest first.
    async fn services(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ServiceFilter>,
        #[graphql(
            desc = "In what order, the first counting most; without it the published ones by name, the working copies the newest first. The id is the last tie-break."
        )]
        order_by: Option<Vec<ServiceOrder>>,
        #[graphql(desc = "What everybody sees, or the working copies.", default)] edition: Edition,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Service>> {
        let window = Window::parse(first, after, last, before)?;
        match edition {
            Edition::Published => published(ctx, filter.as_ref(), &order::keys(order_by, (Usual::Name, false))?, &window),
            Edition::Working => working(ctx, &filter.unwrap_or_default(), &order::keys(order_by, (Usual::CreatedAt, true))?, &window).await,
        }
    }
}

fn published(ctx: &Context<'_>, filter: Option<&ServiceFilter>, by: &Keys<Usual>, window: &Window) -> Result<Page<Service>> {
    let s = ctx.caller().catalogue();
    let found = match filter {
        None => Cow::Borrowed(s.services.all()),
        Some(f) => {
            let search = page::words(f.search.as_deref())?;
            Cow::Owned(s.services.positions().filter(|i| holds(f, search.as_deref(), s.services.at(*i))).collect())
        }
    };
    let node = |i: u32| Service { row: Arc::clone(s.services.at(i)), edition: Edition::Published };
    order::in_memory(ctx, &found, Usual::Name, by, window, |i, by| sort_key(s.services.at(i), by), node)
}

/// A published service is one of those that are asked for.
fn holds(f: &ServiceFilter, search: Option<&str>, row: &table::Model) -> bool {
    let c = &row.content;
    f.networks.as_ref().is_none_or(|n| n.contains(&row.network_id))
        && f.organizations.as_ref().is_none_or(|o| o.contains(&row.organization_id))
        && f.publishing.as_ref().is_none_or(|p| p.contains(&row.publishing))
        && f.provisions.as_ref().is_none_or(|p| p.contains(&c.provision))
        && f.rehab_contents.as_ref().is_none_or(|r| r.iter().any(|x| c.rehab_contents.contains(x)))
        && f.support_needs.as_ref().is_none_or(|n| n.iter().any(|x| c.support_needs.contains(x)))
        && search.is_none_or(|text| row.search.contains(text))
}

async fn working(ctx: &Context<'_>, f: &ServiceFilter, by: &Keys<Usual>, window: &Window) -> Result<Page<Service>> {
    ctx.caller().signed_in()?;
    let mut condition = Condition::all();
    if let Some(networks) = &f.networks {
        condition = condition.add(table::Column::NetworkId.is_in(networks.iter().copied()));
    }
    if let Some(organizations) = &f.organizations {
        condition = condition.add(table::Column::OrganizationId.is_in(organizations.iter().copied()));
    }
    if let Some(publishing) = &f.publishing {
        condition = condition.add(table::Column::Publishing.is_in(publishing.iter().copied()));
    }
    if let Some(text) = page::words(f.search.as_deref())? {
        condition = condition.add(page::contains(table::Column::Search, &text));
    }
    page::refuse(f.provisions.is_some() || f.rehab_contents.is_some() || f.support_needs.is_some(), "This filter is for the published edition only.")?;
    let order = Usual::in_database(by, table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at))?;
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, window, Service::from).await
}

/// Changes of services.
#[derive(Default)]
pub struct ServiceMutation;

/// Changes of services.
#[Object]
impl ServiceMutation {
    /// Begins a service of your own organisation, as a draft.
    async fn create_service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose service, and what is said of it.")] input: CreateServiceInput,
    ) -> Result<ServicePayload> {
        let what = service::CreateService { organization: input.organization, content: input.content };
        ServicePayload::of(ctx, service::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces the working copy of a service of your own organisation. What everybody sees stays until you publish.
    async fn update_service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which service, and what is said of it.")] input: UpdateServiceInput,
    ) -> Result<ServicePayload> {
        ServicePayload::of(ctx, service::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Publishes a service (julkaise): from now on everybody sees the working copy as it is. Refused with one error for each missing part.
    async fn publish_service(&self, ctx: &Context<'_>, #[graphql(desc = "Which service.")] input: ServiceMoveInput) -> Result<ServicePayload> {
        ServicePayload::of(ctx, service::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Publish).await)
    }
    /// Takes a service and its offerings from the public (vedä pois).
    async fn withdraw_service(&self, ctx: &Context<'_>, #[graphql(desc = "Which service.")] input: ServiceMoveInput) -> Result<ServicePayload> {
        ServicePayload::of(ctx, service::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Withdraw).await)
    }
    /// Throws away a draft that was never public (hylkää).
    async fn discard_service(&self, ctx: &Context<'_>, #[graphql(desc = "Which service.")] input: ServiceMoveInput) -> Result<ServicePayload> {
        ServicePayload::of(ctx, service::move_on(ctx.caller(), input.id, input.expected_version, PublishingMove::Discard).await)
    }
}
