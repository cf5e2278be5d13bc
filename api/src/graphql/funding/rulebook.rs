//! Rulebooks: type, lists, moves.
use crate::{
    act::funding::rulebook as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, Service, access, organization, published_service},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Money, shown},
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    catalogue::session::day,
    funding::{
        price::QuantityUnit,
        rulebook::{self as rules, RulebookContent, RulebookMove, RulebookState},
    },
    id::{Kinded, OrganizationId, RulebookId},
    machine::Machine,
    policy::Resource,
    scalar::{Date, DateTime, Url},
};
use entity::funding::rulebook as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A version of a rulebook (sääntökirja).
pub struct Rulebook(Arc<table::Model>);

impl From<table::Model> for Rulebook {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A version of a rulebook (sääntökirja): by which conditions services are given by voucher or permit, and what a voucher is worth. Providers
/// and those who work with clients in the network read what has been published; it does not change any more.
#[Object]
impl Rulebook {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The organisation that arranges the services.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The id of its first version.
    async fn series_id(&self) -> ID {
        ID(self.0.series_id.to_public())
    }
    /// Which version it is: 1 is the first.
    async fn edition(&self) -> i32 {
        self.0.edition
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// Where it is.
    async fn state(&self) -> RulebookState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<RulebookMove> {
        self.0.state.moves().collect()
    }
    /// The first day on which it holds.
    async fn valid_from(&self) -> Date {
        self.0.content.valid_from
    }
    /// The last day; null while no end is known.
    async fn valid_to(&self) -> Option<Date> {
        self.0.content.valid_to
    }
    /// The services that are given by it.
    async fn services(&self) -> Vec<RulebookService> {
        self.0.content.services.iter().cloned().map(RulebookService).collect()
    }
    /// Its text; null when it is read at `url` alone.
    async fn text(&self) -> Option<LocalizedText> {
        shown(self.0.content.text.as_ref())
    }
    /// Where its text is read; null when it is in `text`.
    async fn url(&self) -> Option<&Url> {
        self.0.content.url.as_ref()
    }
    /// What a provider fulfils to be approved.
    async fn conditions(&self) -> Vec<LocalizedText> {
        self.0.content.conditions.iter().map(LocalizedText::from).collect()
    }
    /// When it was published; null until then.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }
    /// Why it was taken out of use; null when it was not.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::Rulebook, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A service that is given by a rulebook.
pub struct RulebookService(rules::RulebookService);

/// A service that is given by a rulebook.
#[Object]
impl RulebookService {
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service).await
    }
    /// In what it is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// What a voucher for a unit is worth on a day; null before the first value.
    async fn value(&self, ctx: &Context<'_>, #[graphql(desc = "The day; today when it is left out.")] on: Option<Date>) -> Option<Money> {
        self.0.value_on(on.map_or_else(|| day(ctx.caller().now()), |on| on.0)).map(Money::from)
    }
    /// What a voucher for a unit is worth, the earliest value first.
    async fn values(&self) -> Vec<VoucherValue> {
        self.0.values.iter().map(|value| VoucherValue { valid_from: value.valid_from, value: value.value.into() }).collect()
    }
    /// The service is free by law, so that no own share remains for the client (569/2009, 3 §).
    async fn free_of_charge(&self) -> bool {
        self.0.free_of_charge
    }
}

/// What a voucher is worth for a unit, from a day on until the next value holds (palvelusetelin arvo).
#[derive(SimpleObject)]
pub struct VoucherValue {
    /// The first day on which it holds.
    valid_from: Date,
    /// The value of a unit.
    value: Money,
}

payload! {
    /// The outcome of drafting, changing or moving a version of a rulebook.
    RulebookPayload {
        /// The version as it is now; null when it was refused.
        rulebook: Rulebook
    }
}

/// A version of a rulebook that is drafted.
#[derive(InputObject)]
struct DraftRulebookInput {
    /// The organisation that arranges the services: your own.
    organization: OrganizationId,
    /// A published version of the same rulebook; leave it out for the first.
    follows: Option<RulebookId>,
    /// What it says.
    content: RulebookContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What a draft says from now on.
#[derive(InputObject)]
struct UpdateRulebookInput {
    /// The version of the rulebook.
    id: RulebookId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says, whole: what you leave out is gone.
    content: RulebookContent,
}

/// A version of a rulebook that goes on.
#[derive(InputObject)]
struct RulebookMoveInput {
    /// The version of the rulebook.
    id: RulebookId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A version of a rulebook that is taken out of use.
#[derive(InputObject)]
struct WithdrawRulebookInput {
    /// The version of the rulebook.
    id: RulebookId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; whoever sees it reads it.
    reason: String,
}

/// Which versions of rulebooks.
#[derive(InputObject, Default)]
struct RulebookFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<RulebookState>>,
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// Of the rulebook with this first version.
    series: Option<RulebookId>,
}

/// Questions about rulebooks.
#[derive(Default)]
pub struct RulebookQuery;

/// Questions about rulebooks.
#[Object]
impl RulebookQuery {
    /// A version of a rulebook (sääntökirja); null when there is none, or it is not yours to see.
    async fn rulebook(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: RulebookId) -> Result<Option<Rulebook>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Rulebook::from))
    }
    /// The versions of rulebooks (sääntökirjat) that are published, and the drafts of your organisation, the newest first.
    async fn rulebooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<RulebookFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Rulebook>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.organizations.map(|of| table::Column::OrganizationId.is_in(of)))
            .add_option(f.series.map(|first| table::Column::SeriesId.eq(first)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Rulebook::from).await
    }
}

async fn go(ctx: &Context<'_>, input: RulebookMoveInput, by: RulebookMove) -> Result<RulebookPayload> {
    RulebookPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, None).await)
}

/// Changes of rulebooks.
#[derive(Default)]
pub struct RulebookMutation;

/// Changes of rulebooks.
#[Object]
impl RulebookMutation {
    /// Drafts a version of a rulebook of your own organisation (luonnostele sääntökirja).
    async fn draft_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose rulebook, and what it says.")] input: DraftRulebookInput,
    ) -> Result<RulebookPayload> {
        let what = act::DraftRulebook { organization: input.organization, follows: input.follows, content: input.content };
        RulebookPayload::of(ctx, act::draft(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what a draft says.
    async fn update_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and what it says.")] input: UpdateRulebookInput,
    ) -> Result<RulebookPayload> {
        RulebookPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Publishes a version (julkaise): the workers and providers of the network read it, providers commit to it, and it does not change any more.
    async fn publish_rulebook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: RulebookMoveInput) -> Result<RulebookPayload> {
        go(ctx, input, RulebookMove::Publish).await
    }
    /// Throws a draft away.
    async fn discard_rulebook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: RulebookMoveInput) -> Result<RulebookPayload> {
        go(ctx, input, RulebookMove::Discard).await
    }
    /// Takes a version out of use (poista käytöstä): nobody commits to it any more; who has, is held to it.
    async fn withdraw_rulebook(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: WithdrawRulebookInput) -> Result<RulebookPayload> {
        RulebookPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, RulebookMove::Withdraw, Some(input.reason)).await)
    }
}
