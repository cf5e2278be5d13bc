//! Coming to an offering.
use super::participation::ParticipationPayload;
use crate::{
    act::delivery::registration::{self, Register, RegisterWalkIn},
    error::Result,
    graphql::{
        Asked,
        batch::{Done, keyed},
    },
};
use async_graphql::{Context, InputObject, Object};
use domain::{
    id::{ClientId, ReferralId, ServiceOfferingId, SessionId},
    scalar::Date,
};
use uuid::Uuid;

/// What is proposed, and to whom.
#[derive(InputObject)]
struct ProposeParticipationInput {
    /// The client.
    client: ClientId,
    /// The offering: published, and not over.
    offering: ServiceOfferingId,
    /// The session of it, planned and not begun: needed where one registers for a session at a time, and only there.
    session: Option<SessionId>,
    /// The accepted referral of the client to those who give the service, with a consent that covers the alias. Needed unless they keep the client's register.
    referral: Option<ReferralId>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Who is registered, and for what.
#[derive(InputObject)]
struct RegisterParticipationInput {
    /// The client: yourself, whom you act for, or who has told you to. Left out by those who give the service, who know the client by `referral` alone.
    client: Option<ClientId>,
    /// The offering: published, and not over.
    offering: ServiceOfferingId,
    /// The session of it, planned and not begun: needed where one registers for a session at a time, and only there.
    session: Option<SessionId>,
    /// The accepted referral of the client to those who give the service, with a consent that covers the alias. Needed by workers unless they keep the
    /// register of those who give the service, and by clients where the service is for those who are referred to it.
    referral: Option<ReferralId>,
    /// What you want to be called there, at most 100 characters; without it, your first name. Only as the client.
    alias: Option<String>,
    /// The version of the text by which you consent to be known there by that alias, for example `osallistuminen-2026-1`. Only as the client, without a referral.
    text_version: Option<String>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Who is taken up.
#[derive(InputObject)]
pub struct RegisterWalkInInput {
    /// The offering of your organisation: published, not over, and not for those alone who are referred to it.
    offering: ServiceOfferingId,
    /// The session of it, planned and not begun: needed where one registers for a session at a time, and only there.
    session: Option<SessionId>,
    /// What the person wants to be called, at most 100 characters.
    alias: String,
    /// The version of the text to which the person has consented, for example `osallistuminen-2026-1`.
    text_version: String,
    /// The person has come already, and takes part from that day; the session is then one that was held then, or is today.
    #[graphql(default)]
    came: bool,
    /// A UUID that your device has made for it, before it had coverage: sent again, the same participation is answered.
    uuid: Option<Uuid>,
    /// The day on which the person came, with `came`: today or before, while the offering lasted; left out, today.
    effective_date: Option<Date>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
    idempotency_key: Option<String>,
}

keyed!(RegisterWalkInInput or uuid);

impl Done for RegisterWalkInInput {
    type Payload = ParticipationPayload;

    async fn done(self, ctx: &Context<'_>) -> Result<ParticipationPayload> {
        let Self { offering, session, alias, text_version, came, uuid, effective_date, idempotency_key: key } = self;
        let what = RegisterWalkIn { offering, session, alias, text_version, came, uuid, effective_date };
        ParticipationPayload::from_outcome(ctx, registration::register_walk_in(ctx.caller(), key.as_deref(), what).await)
    }
}

/// Coming to an offering.
#[derive(Default)]
pub struct RegistrationMutation;

/// Coming to an offering.
#[Object]
impl RegistrationMutation {
    /// Proposes an offering to a client (ehdota palvelua), who accepts it or not.
    async fn propose_participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and to whom.")] input: ProposeParticipationInput,
    ) -> Result<ParticipationPayload> {
        let what = Register {
            client: Some(input.client),
            offering: input.offering,
            session: input.session,
            referral: input.referral,
            alias: None,
            text_version: None,
        };
        ParticipationPayload::from_outcome(ctx, registration::propose(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Registers a client for an offering or one session of it (ilmoita palveluun), as the client or for the client, or as those who give the service and have
    /// taken the client on by a referral: a place at once, or the end of the waiting list.
    async fn register_participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and for what.")] input: RegisterParticipationInput,
    ) -> Result<ParticipationPayload> {
        let what = Register {
            client: input.client,
            offering: input.offering,
            session: input.session,
            referral: input.referral,
            alias: input.alias,
            text_version: input.text_version,
        };
        ParticipationPayload::from_outcome(ctx, registration::register(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Takes up somebody by alias, as those who give the service (kirjaa kävijä): no register of clients knows of it.
    async fn register_walk_in(&self, ctx: &Context<'_>, #[graphql(desc = "Whom, and for what.")] input: RegisterWalkInInput) -> Result<ParticipationPayload> {
        input.done(ctx).await
    }
}
