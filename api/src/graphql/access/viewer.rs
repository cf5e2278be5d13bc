//! The caller, as the server knows it.
use super::Membership;
use crate::{
    error::Result,
    graphql::{
        Asked,
        page::{self, Page},
    },
    store::{Order, Window},
};
use async_graphql::{Context, Enum, Object};
use domain::{
    actor::Role,
    id::OrganizationId,
    policy::{self, Resource},
    scalar,
    text::Language,
};
use entity::access::membership as table;
use sea_orm::ColumnTrait;

/// The caller (sinä), as the server knows it.
struct Viewer {
    subject: String,
}

/// What can be done to a thing.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "policy::Action")]
enum Action {
    /// Seeing it.
    Read,
    /// Making it.
    Create,
    /// Changing its content.
    Update,
    /// Moving it to another state: publishing, withdrawing, cancelling, ending.
    Transition,
}

/// What can be done things to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// A network.
    Network,
    /// An organisation.
    Organization,
    /// A service unit.
    ServiceUnit,
    /// An area.
    Area,
    /// A venue.
    Venue,
    /// A transport route.
    TransportRoute,
    /// A service.
    Service,
    /// An offering.
    ServiceOffering,
    /// A session.
    Session,
    /// A series of sessions.
    SessionSeries,
    /// A partnership agreement.
    PartnershipAgreement,
    /// A membership.
    Membership,
    /// A day of an open drop-in space.
    DropInDay,
    /// An anonymous contact.
    AnonymousContact,
    /// An outreach shift.
    OutreachShift,
    /// An open event.
    OpenEvent,
    /// An anonymous handle.
    AnonymousHandle,
    /// A procurement.
    Procurement,
    /// A framework contract.
    FrameworkContract,
    /// An invoice.
    Invoice,
    /// A settlement of vouchers.
    VoucherSettlement,
    /// A line of a framework contract.
    ContractLine,
    /// A version of a rulebook.
    Rulebook,
    /// An approval of a provider.
    ProviderApproval,
    /// A webhook.
    Webhook,
    /// A delivery of a webhook.
    WebhookDelivery,
}

/// The caller (sinä), as the server knows it.
#[Object]
impl Viewer {
    /// The stable key of your identity: issuer and subject. An administrator grants memberships to this key.
    async fn subject(&self) -> &str {
        &self.subject
    }
    /// The language in which you are answered.
    async fn language(&self, ctx: &Context<'_>) -> Language {
        ctx.caller().language()
    }
    /// When your token ends; null when it does not.
    async fn expires_at(&self, ctx: &Context<'_>) -> Option<scalar::DateTime> {
        ctx.caller().expires_at().map(scalar::DateTime)
    }
    /// Your roles, each once.
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        let mut roles: Vec<_> = ctx.caller().actor().standings().iter().map(|s| s.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
    /// Your memberships, past and coming ones too, the newest first.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Membership>> {
        let window = Window::parse(first, after, last, before)?;
        let reader = ctx.caller().reader();
        let own = table::Column::Subject.eq(&self.subject);
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(own.clone()), &Order::by_id(true), &window, Membership::from).await
    }
    /// Whether you may do this in an organisation, by the same policy that guards the mutations.
    async fn can(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] action: Action,
        #[graphql(desc = "To what kind of thing.")] subject: Subject,
        #[graphql(desc = "In which organisation.")] organization: OrganizationId,
    ) -> bool {
        let resource = match subject {
            Subject::Network => Resource::Network,
            Subject::Organization => Resource::Organization,
            Subject::ServiceUnit => Resource::ServiceUnit,
            Subject::Area => Resource::Area,
            Subject::Venue => Resource::Venue,
            Subject::TransportRoute => Resource::TransportRoute,
            Subject::Service => Resource::Service,
            Subject::ServiceOffering => Resource::ServiceOffering,
            Subject::Session => Resource::Session,
            Subject::SessionSeries => Resource::SessionSeries,
            Subject::PartnershipAgreement => Resource::PartnershipAgreement,
            Subject::Membership => Resource::Membership,
            Subject::DropInDay => Resource::DropInDay,
            Subject::AnonymousContact => Resource::AnonymousContact,
            Subject::OutreachShift => Resource::OutreachShift,
            Subject::OpenEvent => Resource::OpenEvent,
            Subject::AnonymousHandle => Resource::AnonymousHandle,
            Subject::Procurement => Resource::Procurement,
            Subject::FrameworkContract => Resource::FrameworkContract,
            Subject::Invoice => Resource::Invoice,
            Subject::VoucherSettlement => Resource::VoucherSettlement,
            Subject::ContractLine => Resource::ContractLine,
            Subject::Rulebook => Resource::Rulebook,
            Subject::ProviderApproval => Resource::ProviderApproval,
            Subject::Webhook => Resource::Webhook,
            Subject::WebhookDelivery => Resource::WebhookDelivery,
        };
        let of = ctx.caller().catalogue().organizations.get(organization).map(|o| o.network_id);
        of.is_some_and(|network| policy::reach(ctx.caller().actor(), action.into(), resource).covers(network, Some(organization)))
    }
}

/// Questions about oneself.
#[derive(Default)]
pub struct ViewerQuery;

/// Questions about oneself.
#[Object]
impl ViewerQuery {
    /// Who you are and what you may do (sinä); null when you have not signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        ctx.caller().actor().subject().map(|subject| Viewer { subject: subject.to_owned() })
    }
}
