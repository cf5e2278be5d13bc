//! Approvals of providers: type, lists, moves.
use super::{
    Rulebook,
    approved_provider::{ApprovedService, ProviderSite},
    line::ContractPrice,
};
use crate::{
    act::funding::provider_approval as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, Service, organization, published_service, row_access},
        page::{self, Page},
        payload::payload,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    funding::{
        price::DatedPrice,
        provider_approval::{ApprovalMove, ApprovalState, PendingPrice, ProviderApprovalContent},
    },
    id::{Kinded, OrganizationId, ProviderApprovalId, RulebookId, ServiceId},
    machine::Machine,
    scalar::DateTime,
};
use entity::funding::{provider_approval as table, rulebook};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// An approval of a provider (palveluntuottajaksi hyväksyminen), or the application for it.
pub struct ProviderApproval(Arc<table::Model>);

impl From<table::Model> for ProviderApproval {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// An approval of a provider for vouchers and permits (palveluntuottajaksi hyväksyminen), or the application for it. The provider's manager sees it, and
/// those who approve from the moment on at which it was submitted; nobody else. What everybody sees is an `ApprovedProvider`.
#[Object]
impl ProviderApproval {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The provider.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The organisation that approves.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.authority_id).await
    }
    /// The version of the rulebook to which the provider commits itself; null when it is not yours to see.
    async fn rulebook(&self, ctx: &Context<'_>) -> Result<Option<Rulebook>> {
        Ok(ctx.caller().peek::<rulebook::Entity>(self.0.rulebook_id).await?.map(Rulebook::from))
    }
    /// Where it is.
    async fn state(&self) -> ApprovalState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<ApprovalMove> {
        self.0.state.moves().collect()
    }
    /// The services that the provider has applied for, with their first prices.
    async fn services(&self) -> Vec<PricedService> {
        let priced = |service, price: &DatedPrice| PricedService(PendingPrice { service, price: price.clone() });
        self.0.content.services.iter().map(|offered| priced(offered.service, &offered.price)).collect()
    }
    /// Where the provider gives them.
    async fn sites(&self) -> Vec<ProviderSite> {
        self.0.content.sites.iter().cloned().map(ProviderSite).collect()
    }
    /// How the conditions are fulfilled, in the provider's words; null when nothing is said.
    async fn statement(&self) -> Option<&str> {
        self.0.content.statement.as_deref()
    }
    /// The services that were approved, with their prices; none before.
    async fn approved_services(&self) -> Vec<ApprovedService> {
        self.0.listing.iter().flat_map(|listing| listing.services.iter().cloned().map(ApprovedService)).collect()
    }
    /// Another price that waits to be looked at; null when there is none.
    async fn pending_price(&self) -> Option<PricedService> {
        self.0.pending.clone().map(PricedService)
    }
    /// When it was first submitted; null until then.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }
    /// Who signed it for the provider last, by the stable key; null until then.
    async fn submitted_by(&self) -> Option<&str> {
        self.0.submitted_by.as_deref()
    }
    /// When it was approved or rejected; null until then.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }
    /// Who decided, by the stable key; null until then.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }
    /// What was said with the last move that has words: what is asked for, or why it was rejected, suspended or ended; null when nothing was.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
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

/// A price that a provider asks for a service.
pub struct PricedService(PendingPrice);

/// A price that a provider asks for a service.
#[Object]
impl PricedService {
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service).await
    }
    /// The price, from its day on.
    async fn price(&self) -> ContractPrice {
        ContractPrice::of(&self.0.price, None)
    }
}

payload! {
    /// The outcome of applying for an approval, changing or moving it.
    ProviderApprovalPayload {
        /// The approval as it is now; null when it was refused.
        provider_approval: ProviderApproval
    }
}

/// An application that is begun.
#[derive(InputObject)]
struct DraftProviderApprovalInput {
    /// The provider: your own organisation.
    organization: OrganizationId,
    /// The version of the rulebook to which it commits itself.
    rulebook: RulebookId,
    /// What it says.
    content: ProviderApprovalContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What an application says from now on.
#[derive(InputObject)]
struct UpdateProviderApprovalInput {
    /// The application.
    id: ProviderApprovalId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says, whole: what you leave out is gone.
    content: ProviderApprovalContent,
}

/// An approval that goes on.
#[derive(InputObject)]
struct ProviderApprovalMoveInput {
    /// The approval.
    id: ProviderApprovalId,
    /// The version that you have seen.
    expected_version: i32,
}

/// An approval that goes on for a reason.
#[derive(InputObject)]
struct ProviderApprovalReasonInput {
    /// The approval.
    id: ProviderApprovalId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, or what is asked for, in words, at most 2000 characters; both sides read it.
    reason: String,
}

/// Another price that a provider asks for.
#[derive(InputObject)]
struct SubmitApprovedPriceInput {
    /// The approval.
    id: ProviderApprovalId,
    /// The version that you have seen.
    expected_version: i32,
    /// The service.
    service: ServiceId,
    /// The price, from today or a later day on.
    price: DatedPrice,
}

/// Which approvals.
#[derive(InputObject, Default)]
struct ProviderApprovalFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ApprovalState>>,
    /// Of one of these providers.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// By one of these versions of rulebooks.
    #[graphql(validator(max_items = 100))]
    rulebooks: Option<Vec<RulebookId>>,
}

/// Questions about approvals of providers.
#[derive(Default)]
pub struct ProviderApprovalQuery;

/// Questions about approvals of providers.
#[Object]
impl ProviderApprovalQuery {
    /// An approval of a provider (palveluntuottajaksi hyväksyminen), or the application for it; null when there is none, or it is not yours to see.
    async fn provider_approval(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ProviderApprovalId) -> Result<Option<ProviderApproval>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(ProviderApproval::from))
    }
    /// The approvals that your organisation has applied for, or that were put before it (palveluntuottajien hyväksymiset), the newest first.
    async fn provider_approvals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ProviderApprovalFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ProviderApproval>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.providers.map(|providers| table::Column::OrganizationId.is_in(providers)))
            .add_option(f.rulebooks.map(|rulebooks| table::Column::RulebookId.is_in(rulebooks)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, ProviderApproval::from).await
    }
}

async fn go(ctx: &Context<'_>, input: ProviderApprovalMoveInput, by: ApprovalMove) -> Result<ProviderApprovalPayload> {
    ProviderApprovalPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, None).await)
}

async fn reasoned(ctx: &Context<'_>, input: ProviderApprovalReasonInput, by: ApprovalMove) -> Result<ProviderApprovalPayload> {
    ProviderApprovalPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, Some(&input.reason)).await)
}

/// Changes of approvals of providers.
#[derive(Default)]
pub struct ProviderApprovalMutation;

/// Changes of approvals of providers.
#[Object]
impl ProviderApprovalMutation {
    /// Begins an application of your own organisation (aloita hakemus); nobody else sees it before it is submitted.
    async fn draft_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who applies, by which rulebook, and what it says.")] input: DraftProviderApprovalInput,
    ) -> Result<ProviderApprovalPayload> {
        let what = act::DraftApproval { organization: input.organization, rulebook: input.rulebook, content: input.content };
        ProviderApprovalPayload::of(ctx, act::draft(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what an application says that has not been submitted, or to which more is asked for.
    async fn update_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which application, and what it says.")] input: UpdateProviderApprovalInput,
    ) -> Result<ProviderApprovalPayload> {
        ProviderApprovalPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Signs an application and puts it before those who approve (lähetä hakemus), committing the provider to the rulebook; refused with one user error for
    /// each part that is missing.
    async fn submit_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput,
    ) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::Submit).await
    }
    /// Begins to look at an application (ota käsittelyyn), as those who approve.
    async fn review_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput,
    ) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::Review).await
    }
    /// Asks the provider for more (pyydä täydennystä).
    async fn request_provider_supplement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ProviderApprovalReasonInput,
    ) -> Result<ProviderApprovalPayload> {
        reasoned(ctx, input, ApprovalMove::RequestSupplement).await
    }
    /// Approves a provider (hyväksy palveluntuottaja): everybody sees it from now on, and clients choose it.
    async fn approve_provider(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::Approve).await
    }
    /// Does not approve a provider (hylkää hakemus).
    async fn reject_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ProviderApprovalReasonInput,
    ) -> Result<ProviderApprovalPayload> {
        reasoned(ctx, input, ApprovalMove::Reject).await
    }
    /// Lets nobody choose a provider for a while (keskeytä): everybody stops seeing it. Another price that waited is given up.
    async fn suspend_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ProviderApprovalReasonInput,
    ) -> Result<ProviderApprovalPayload> {
        reasoned(ctx, input, ApprovalMove::Suspend).await
    }
    /// Lets a provider be chosen again (palauta voimaan), where it is in the registers.
    async fn reinstate_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput,
    ) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::Reinstate).await
    }
    /// Ends an approval (peruuta hyväksyntä), since the conditions are not met.
    async fn withdraw_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ProviderApprovalReasonInput,
    ) -> Result<ProviderApprovalPayload> {
        reasoned(ctx, input, ApprovalMove::Withdraw).await
    }
    /// Gives an approval up as the provider (luovu hyväksynnästä), or an application.
    async fn give_up_provider_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput,
    ) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::GiveUp).await
    }
    /// Asks for another price of a service (esitä hinnanmuutosta), from today or a later day on, as the provider. The ones before hold until it is approved.
    async fn submit_approved_price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which service, and which price.")] input: SubmitApprovedPriceInput,
    ) -> Result<ProviderApprovalPayload> {
        ProviderApprovalPayload::of(ctx, act::submit_price(ctx.caller(), input.id, input.expected_version, input.service, input.price).await)
    }
    /// Takes back as the provider the price that it has asked for (peru hinnanmuutosesitys), before it is looked at.
    async fn recall_approved_price(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::RecallPrice).await
    }
    /// Approves the price that a provider asks for (hyväksy hinnanmuutos): everybody sees it from its day on.
    async fn approve_provider_price(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProviderApprovalMoveInput) -> Result<ProviderApprovalPayload> {
        go(ctx, input, ApprovalMove::ApprovePrice).await
    }
    /// Does not approve the price that a provider asks for (hylkää hinnanmuutos): the ones before hold on.
    async fn decline_provider_price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ProviderApprovalReasonInput,
    ) -> Result<ProviderApprovalPayload> {
        reasoned(ctx, input, ApprovalMove::DeclinePrice).await
    }
}
