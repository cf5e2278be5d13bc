//! Partnership agreements.
use super::{Organization, access, public};
use crate::{
    act::catalogue::agreement,
    error::Result,
    graphql::{
        Asked,
        page::{self, Page},
        payload::payload,
        text::LocalizedText,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::agreement::{AgreementKind, PartnershipAgreementContent},
    id::{Kinded, OrganizationId, PartnershipAgreementId},
    policy::Resource,
    scalar::Date,
};
use entity::catalogue::{organization, partnership_agreement as table};
use std::sync::Arc;

/// A partnership agreement (kumppanuussopimus).
pub struct PartnershipAgreement(pub Arc<table::Model>);

impl From<table::Model> for PartnershipAgreement {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A partnership agreement (kumppanuussopimus) between organisations of a network. Its parties see it, and those who answer for the network.
#[Object]
impl PartnershipAgreement {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What kind of agreement it is.
    async fn kind(&self) -> AgreementKind {
        self.0.content.kind
    }
    /// The organisation that keeps it.
    async fn keeper(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.0.organization_id).await?))
    }
    /// The organisations that it binds, by name.
    async fn parties(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Organization>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let mut parties: Vec<&Arc<organization::Model>> = self.0.content.parties.iter().filter_map(|id| s.organizations.get(*id)).collect();
        parties.sort_by_cached_key(|row| super::organization::key(row));
        Ok(page::of_memory(ctx, &parties, &window, |row| super::organization::key(row), |row| Organization(Arc::clone(row))))
    }
    /// What is agreed.
    async fn contents(&self) -> LocalizedText {
        (&self.0.content.contents).into()
    }
    /// How data is shared between the parties.
    async fn data_sharing(&self) -> LocalizedText {
        (&self.0.content.data_sharing).into()
    }
    /// The first day.
    async fn valid_from(&self) -> Date {
        self.0.content.valid_from
    }
    /// The last day; null when it goes on.
    async fn valid_to(&self) -> Option<Date> {
        self.0.content.valid_to
    }
    /// Where this information comes from; null when it was entered by hand.
    async fn source(&self) -> Option<&str> {
        self.0.content.source.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::PartnershipAgreement, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of concluding or changing an agreement.
    PartnershipAgreementPayload {
        /// The agreement as it is now; null when it was refused.
        partnership_agreement: PartnershipAgreement
    }
}

/// A new agreement.
#[derive(InputObject)]
struct ConcludePartnershipAgreementInput {
    /// The organisation that keeps it: your own, and one of the parties.
    keeper: OrganizationId,
    /// What is agreed.
    content: PartnershipAgreementContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is agreed from now on.
#[derive(InputObject)]
struct UpdatePartnershipAgreementInput {
    /// The agreement.
    id: PartnershipAgreementId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is agreed, whole: what you leave out is gone. To end it, give its last day.
    content: PartnershipAgreementContent,
}

/// Questions about agreements.
#[derive(Default)]
pub struct PartnershipAgreementQuery;

/// Questions about agreements.
#[Object]
impl PartnershipAgreementQuery {
    /// A partnership agreement (kumppanuussopimus); null when there is none, or it is not yours to see.
    async fn partnership_agreement(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: PartnershipAgreementId) -> Result<Option<PartnershipAgreement>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(PartnershipAgreement::from))
    }
    /// The partnership agreements (kumppanuussopimukset) that you may see, the newest first.
    async fn partnership_agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<PartnershipAgreement>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>(), &Order::by_id(true), &window, PartnershipAgreement::from).await
    }
}

/// Changes of agreements.
#[derive(Default)]
pub struct PartnershipAgreementMutation;

/// Changes of agreements.
#[Object]
impl PartnershipAgreementMutation {
    /// Concludes a partnership agreement that your own organisation keeps.
    async fn conclude_partnership_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who keeps it, and what is agreed.")] input: ConcludePartnershipAgreementInput,
    ) -> Result<PartnershipAgreementPayload> {
        let what = agreement::ConcludeAgreement { keeper: input.keeper, content: input.content };
        PartnershipAgreementPayload::of(ctx, agreement::conclude(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is agreed; giving a last day ends it.
    async fn update_partnership_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and what is agreed.")] input: UpdatePartnershipAgreementInput,
    ) -> Result<PartnershipAgreementPayload> {
        PartnershipAgreementPayload::of(ctx, agreement::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
}
