//! Webhooks, and what is sent to them.
use crate::{
    act::access::webhook as act,
    error::Result,
    feed::Place,
    graphql::{
        Asked,
        catalogue::{Access, Organization, access, organization},
        page::{self, Page},
        payload::{UserError, payload, split},
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    event::{CatalogueKind, Happening},
    id::{Kinded, OrganizationId, WebhookDeliveryId, WebhookId, public_id},
    machine::Machine,
    policy::Resource,
    scalar::{DateTime, Url},
    webhook::{Attempt, WebhookContent, WebhookDeliveryMove, WebhookDeliveryState, WebhookFault, WebhookMove, WebhookOutcome, WebhookState},
};
use entity::access::{webhook as table, webhook_delivery as deliveries};
use sea_orm::{ColumnTrait, Condition};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// A webhook.
pub struct Webhook(Arc<table::Model>);

impl From<table::Model> for Webhook {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A webhook: what happens in the catalogue is sent to its target, as Standard Webhooks 1.0.0 says. Machine clients make them, with the role INTEGRATION; they and
/// those who answer for the organisation see them.
#[Object]
impl Webhook {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Whose it is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// The stable key of the machine client that has made it. It is told what this one may see, and nothing once this one is no integration any more.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// The target: where it is sent to.
    async fn url(&self) -> &Url {
        &self.0.content.url
    }
    /// It is told of things of these kinds; of every kind when there is none.
    async fn kinds(&self) -> &[CatalogueKind] {
        &self.0.content.kinds
    }
    /// It is told that these things happened; everything when there is none.
    async fn happenings(&self) -> &[Happening] {
        &self.0.content.happenings
    }
    /// Whether anything is sent.
    async fn state(&self) -> WebhookState {
        self.0.state
    }
    /// The moves that its state allows; DISABLE is made by time.
    async fn moves(&self) -> Vec<WebhookMove> {
        self.0.state.moves().collect()
    }
    /// Why it is disabled; null when it is not.
    async fn fault(&self) -> Option<WebhookFault> {
        self.0.fault
    }
    /// Until when the secret before the current one signs as well; null when there was none.
    async fn overlaps_until(&self) -> Option<DateTime> {
        self.0.overlaps_until.map(DateTime)
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::Webhook, Some(self.0.network_id), Some(self.0.organization_id))
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

/// A delivery of a webhook.
pub struct WebhookDelivery(deliveries::Model);

impl From<deliveries::Model> for WebhookDelivery {
    fn from(row: deliveries::Model) -> Self {
        Self(row)
    }
}

/// A delivery of a webhook (webhook-lähetys): one event or test, and what came of sending it. What has arrived or is dead is kept for 30 days.
#[Object]
impl WebhookDelivery {
    /// Opaque id: the receiver has it as `webhook-id`, the same however often it is sent.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the webhook.
    async fn webhook_id(&self) -> ID {
        ID(self.0.webhook_id.to_public())
    }
    /// To what kind of thing something happened; null for a test.
    async fn kind(&self) -> Option<CatalogueKind> {
        self.0.kind
    }
    /// What happened; null for a test.
    async fn happening(&self) -> Option<Happening> {
        self.0.happening
    }
    /// The id of the thing; null for a test.
    async fn subject_id(&self) -> Option<ID> {
        self.0.kind.zip(self.0.subject_id).map(|(kind, id)| ID(public_id(kind.name(), id)))
    }
    /// Its place in the feed, as `changes` tells it: what has happened after it is asked for with this; null for a test.
    async fn cursor(&self) -> Option<String> {
        self.0.position.zip(self.0.event_id).map(|(position, id)| Place::at(position, id).cursor())
    }
    /// When it happened, or the test was asked for.
    async fn happened_at(&self) -> DateTime {
        DateTime(self.0.happened_at)
    }
    /// How far it is.
    async fn state(&self) -> WebhookDeliveryState {
        self.0.state
    }
    /// The moves that its state allows; ARRIVE and GIVE_UP are made by sending.
    async fn moves(&self) -> Vec<WebhookDeliveryMove> {
        self.0.state.moves().collect()
    }
    /// What came of sending it, the first time first; the last hundred times.
    async fn attempts(&self) -> Vec<WebhookAttempt> {
        self.0.attempts.0.iter().map(WebhookAttempt::from).collect()
    }
    /// When it is sent next, unless something that happened to the same thing before waits as well; null when it is sent no more.
    async fn due_at(&self) -> Option<DateTime> {
        (self.0.state == WebhookDeliveryState::Pending).then_some(DateTime(self.0.due_at))
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::WebhookDelivery, Some(self.0.network_id), Some(self.0.organization_id))
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

/// What came of sending once.
#[derive(SimpleObject)]
struct WebhookAttempt {
    /// When it was sent.
    at: DateTime,
    /// What came of it.
    outcome: WebhookOutcome,
    /// With which HTTP status the target has answered; null when it has not.
    status: Option<u16>,
    /// How long that took, in milliseconds.
    milliseconds: i32,
}

impl From<&Attempt> for WebhookAttempt {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { at, outcome, status, milliseconds } = *attempt;
        Self { at: DateTime(at), outcome, status, milliseconds }
    }
}

/// The outcome of what makes a secret.
#[derive(SimpleObject)]
struct WebhookSecretPayload {
    /// The webhook as it is now; null when it was refused.
    webhook: Option<Webhook>,
    /// The secret by which you know what is signed for you, told this once: `whsec_` and base64. Null when it was refused.
    secret: Option<String>,
    /// Why nothing was kept; empty when it was.
    user_errors: Vec<UserError>,
}

impl WebhookSecretPayload {
    fn of(ctx: &Context<'_>, outcome: Result<(table::Model, SecretString)>) -> Result<Self> {
        let (made, user_errors) = split(ctx, outcome)?;
        let (webhook, secret) = made.map(|(row, secret)| (Webhook::from(row), secret.expose_secret().to_owned())).unzip();
        Ok(Self { webhook, secret, user_errors })
    }
}

payload! {
    /// The outcome of changing, pausing, resuming or removing a webhook.
    WebhookPayload {
        /// The webhook as it is now, or as it was before it was removed; null when it was refused.
        webhook: Webhook
    }
}

payload! {
    /// The outcome of asking for a test or a replay.
    WebhookDeliveryPayload {
        /// The delivery as it is now; null when it was refused.
        webhook_delivery: WebhookDelivery
    }
}

/// A webhook that is made.
#[derive(InputObject)]
struct CreateWebhookInput {
    /// Whose it is: an organisation for which you are an integration.
    organization: OrganizationId,
    /// What is said of it.
    content: WebhookContent,
}

/// What is said of a webhook from now on.
#[derive(InputObject)]
struct UpdateWebhookInput {
    /// The webhook.
    id: WebhookId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: WebhookContent,
}

/// A webhook that gets another secret.
#[derive(InputObject)]
struct RotateWebhookSecretInput {
    /// The webhook.
    id: WebhookId,
    /// The version that you have seen.
    expected_version: i32,
    /// For how many hours the secret of before signs as well, 0 to 168.
    #[graphql(default = 24)]
    overlap_hours: i32,
}

/// A webhook that is paused, sent to again or removed.
#[derive(InputObject)]
struct WebhookMoveInput {
    /// The webhook.
    id: WebhookId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A webhook that is tested.
#[derive(InputObject)]
struct PingWebhookInput {
    /// The webhook.
    id: WebhookId,
}

/// A dead letter that is sent once more.
#[derive(InputObject)]
struct ReplayWebhookDeliveryInput {
    /// The delivery.
    id: WebhookDeliveryId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which webhooks.
#[derive(InputObject, Default)]
struct WebhookFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<WebhookState>>,
}

/// Which deliveries.
#[derive(InputObject, Default)]
struct WebhookDeliveryFilter {
    /// Of one of these webhooks.
    #[graphql(validator(max_items = 100))]
    webhooks: Option<Vec<WebhookId>>,
    /// In one of these states: DEAD_LETTER lists what did not arrive.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<WebhookDeliveryState>>,
}

/// Questions about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

/// Questions about webhooks.
#[Object]
impl WebhookQuery {
    /// A webhook; null when there is none, or it is not your organisation's.
    async fn webhook(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: WebhookId) -> Result<Option<Webhook>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Webhook::from))
    }
    /// The webhooks of your organisation, the newest first.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<WebhookFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Webhook>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let condition = Condition::all().add_option(filter.unwrap_or_default().states.map(|states| table::Column::State.is_in(states)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Webhook::from).await
    }
    /// What is and was sent to the webhooks of your organisation (webhook-lähetykset), the newest first.
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<WebhookDeliveryFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<WebhookDelivery>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.webhooks.map(|of| deliveries::Column::WebhookId.is_in(of)))
            .add_option(f.states.map(|states| deliveries::Column::State.is_in(states)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<deliveries::Entity>().filter(condition.clone()), &Order::by_id(true), &window, WebhookDelivery::from).await
    }
}

async fn go(ctx: &Context<'_>, input: WebhookMoveInput, by: WebhookMove) -> Result<WebhookPayload> {
    WebhookPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by).await)
}

/// Changes of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

/// Changes of webhooks.
#[Object]
impl WebhookMutation {
    /// Makes a webhook, as an integration of the organisation. It is told of what happens from now on.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose webhook, and what is said of it.")] input: CreateWebhookInput,
    ) -> Result<WebhookSecretPayload> {
        WebhookSecretPayload::of(ctx, act::create(ctx.caller(), input.organization, input.content).await)
    }
    /// Replaces what is said of a webhook. What is still to be sent goes to its new target.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which webhook, and what is said of it.")] input: UpdateWebhookInput,
    ) -> Result<WebhookPayload> {
        WebhookPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Gives a webhook another secret; for a while the one before it signs as well, so that nothing is refused while the receiver learns the new one.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which webhook, and how long both sign.")] input: RotateWebhookSecretInput,
    ) -> Result<WebhookSecretPayload> {
        WebhookSecretPayload::of(ctx, act::rotate_secret(ctx.caller(), input.id, input.expected_version, input.overlap_hours).await)
    }
    /// Pauses a webhook: what happens meanwhile is sent when it is resumed.
    async fn pause_webhook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: WebhookMoveInput) -> Result<WebhookPayload> {
        go(ctx, input, WebhookMove::Pause).await
    }
    /// Has a webhook sent to again that was paused or disabled, from where it stopped; dead letters stay until they are replayed.
    async fn resume_webhook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: WebhookMoveInput) -> Result<WebhookPayload> {
        go(ctx, input, WebhookMove::Resume).await
    }
    /// Removes a webhook, with what was sent to it.
    async fn delete_webhook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: WebhookMoveInput) -> Result<WebhookPayload> {
        WebhookPayload::of(ctx, act::delete(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Has a test of the type `ping` sent to a webhook, once and whatever its state; the delivery tells what came of it. While one is to be sent, there is no other.
    async fn ping_webhook(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: PingWebhookInput) -> Result<WebhookDeliveryPayload> {
        WebhookDeliveryPayload::of(ctx, act::ping(ctx.caller(), input.id).await)
    }
    /// Has a dead letter sent once more, for three days again. It is the same delivery, and may come after later ones of its thing: their cursors tell the order.
    async fn replay_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery.")] input: ReplayWebhookDeliveryInput,
    ) -> Result<WebhookDeliveryPayload> {
        WebhookDeliveryPayload::of(ctx, act::replay(ctx.caller(), input.id, input.expected_version).await)
    }
}
