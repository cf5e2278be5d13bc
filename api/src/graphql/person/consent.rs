//! Consents.
use super::Client;
use crate::{
    act::person::consent,
    error::Result,
    graphql::{
        Asked,
        casework::Referral,
        catalogue::{Access, Organization, organization, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    id::{ClientId, ConsentId, Kinded, OrganizationId, ReferralId},
    machine::Machine,
    person::consent::{ConsentMethod, ConsentMove, ConsentPurpose, ConsentState, ConsentTerms, DataItem},
    scalar::DateTime,
};
use entity::{casework::referral, person::consent as table};
use std::{collections::BTreeSet, sync::Arc};

/// A consent (suostumus).
pub struct Consent(pub Arc<table::Model>);

impl From<table::Model> for Consent {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A consent (suostumus): for one purpose, to one recipient, for named items of data. It is never deleted.
#[Object]
impl Consent {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client who gave it; null when that is not yours to see, or the person is no client yet.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::client_of(ctx, self.0.client_id).await
    }
    /// What for.
    async fn purpose(&self) -> ConsentPurpose {
        self.0.purpose
    }
    /// To whom data is disclosed.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.recipient_id).await
    }
    /// What data.
    async fn scope(&self) -> Vec<DataItem> {
        self.0.scope.0.iter().copied().collect()
    }
    /// The referral that it binds; null for another purpose, or when it is not yours to see.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// How it was given.
    async fn method(&self) -> ConsentMethod {
        self.0.method
    }
    /// The version of the text that the client was shown.
    async fn text_version(&self) -> &str {
        &self.0.text_version
    }
    /// When it was given.
    async fn given_at(&self) -> DateTime {
        DateTime(self.0.given_at)
    }
    /// When it ends by itself.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }
    /// What has become of it.
    async fn state(&self) -> ConsentState {
        self.0.state
    }
    /// When it was withdrawn, expired or was superseded; null while it is given.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
    /// Who recorded it, by the stable key: the client, when it was given electronically; null for whoever may not see who that is.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        super::key_of(ctx, &self.0.recorded_by, self.0.client_id).await
    }
    /// It is in force now: given, and not at its end.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.state == ConsentState::Given && self.0.expires_at > ctx.caller().now()
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<ConsentMove> {
        // The others are the system's.
        self.0.state.moves().filter(|by| *by == ConsentMove::Withdraw).collect()
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of recording or withdrawing a consent.
    ConsentPayload {
        /// The consent as it is now; null when it was refused.
        consent: Consent
    }
}

/// A consent that a client has given, or gives now.
#[derive(InputObject)]
struct RecordConsentInput {
    /// The client; not with a referral, which knows whom it is about.
    client: Option<ClientId>,
    /// The referral that it binds, with the purpose REFERRAL.
    referral: Option<ReferralId>,
    /// What for.
    purpose: ConsentPurpose,
    /// To whom data is disclosed: with a referral, its recipient.
    recipient: OrganizationId,
    /// What data: at least one item.
    scope: BTreeSet<DataItem>,
    /// How it was given; what a client does in an own account is ELECTRONIC.
    method: ConsentMethod,
    /// The version of the text that the client was shown, at most 50 characters.
    text_version: String,
    /// When it ends, at most two years from now.
    expires_at: DateTime,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A consent that is withdrawn.
#[derive(InputObject)]
struct WithdrawConsentInput {
    /// The consent.
    id: ConsentId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Questions about consents.
#[derive(Default)]
pub struct ConsentQuery;

/// Questions about consents.
#[Object]
impl ConsentQuery {
    /// A consent (suostumus); null when there is none, or it is not yours to see.
    async fn consent(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ConsentId) -> Result<Option<Consent>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Consent::from))
    }
}

/// Changes of consents.
#[derive(Default)]
pub struct ConsentMutation;

/// Changes of consents.
#[Object]
impl ConsentMutation {
    /// Records a consent that a client has given, or gives it as the client. One that bound the same referral before is superseded.
    async fn record_consent(&self, ctx: &Context<'_>, #[graphql(desc = "To what, and how it was given.")] input: RecordConsentInput) -> Result<ConsentPayload> {
        let terms = ConsentTerms {
            purpose: input.purpose,
            recipient: input.recipient,
            scope: input.scope,
            method: input.method,
            text_version: input.text_version,
            expires_at: input.expires_at.0,
        };
        let what = consent::RecordConsent { client: input.client, referral: input.referral, terms };
        ConsentPayload::of(ctx, consent::record(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Withdraws a consent: what rests on it is halted at once, the recipient reads nothing of it any more, and both sides are told.
    async fn withdraw_consent(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: WithdrawConsentInput) -> Result<ConsentPayload> {
        ConsentPayload::of(ctx, consent::withdraw(ctx.caller(), input.id, input.expected_version).await)
    }
}
