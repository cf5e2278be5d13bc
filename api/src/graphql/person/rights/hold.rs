//! Legal holds.
use crate::{
    act::person::rights::{self, SetHold},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        page::{self, Page},
        payload::payload,
        person::Client,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    id::{ClientId, Kinded, LegalHoldId},
    noted_field::NotedField,
    scalar::DateTime,
};
use entity::person::legal_hold as table;
use std::sync::Arc;

/// A legal hold (säilytysvelvoite).
pub struct LegalHold(Arc<table::Model>);

impl From<table::Model> for LegalHold {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A legal hold (säilytysvelvoite): while it is there the client's record is not destroyed, whatever the rules say.
#[Object]
impl LegalHold {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null when that is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::super::client_of(ctx, Some(self.0.client_id)).await
    }
    /// The id of the client.
    async fn client_id(&self) -> ID {
        ID(self.0.client_id.to_public())
    }
    /// Why.
    async fn reason(&self, ctx: &Context<'_>) -> Result<String> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::LegalHoldReason, false);
        Ok(rights::hold_words(ctx.caller().vault(), &self.0)?.0.reveal().clone())
    }
    /// Who set it, by the stable key.
    async fn set_by(&self) -> &str {
        &self.0.set_by
    }
    /// When it was set.
    async fn set_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was lifted; null while it holds.
    async fn lifted_at(&self) -> Option<DateTime> {
        self.0.lifted_at.map(DateTime)
    }
    /// Who lifted it, by the stable key; null while it holds.
    async fn lifted_by(&self) -> Option<&str> {
        self.0.lifted_by.as_deref()
    }
    /// Why it was lifted; null while it holds.
    async fn lift_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::LegalHoldLiftReason, rights::hold_words(ctx.caller().vault(), &self.0)?.1))
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
    /// The outcome of setting or lifting a legal hold.
    LegalHoldPayload {
        /// The hold as it is now; null when it was refused.
        legal_hold: LegalHold
    }
}

/// A record that is held.
#[derive(InputObject)]
struct SetLegalHoldInput {
    /// The client.
    client: ClientId,
    /// Why, at least 20 characters; the client may read it.
    reason: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A hold that is lifted.
#[derive(InputObject)]
struct LiftLegalHoldInput {
    /// The hold.
    id: LegalHoldId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at least 20 characters.
    reason: String,
}

/// Questions about holds.
#[derive(Default)]
pub struct HoldQuery;

/// Questions about holds.
#[Object]
impl HoldQuery {
    /// The legal holds (säilytysvelvoitteet) that you may see, the newest first.
    async fn legal_holds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<LegalHold>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>(), &Order::by_id(true), &window, LegalHold::from).await
    }
}

/// Changes of holds.
#[derive(Default)]
pub struct HoldMutation;

/// Changes of holds.
#[Object]
impl HoldMutation {
    /// Holds a client's record, as the data protection officer of the keeper: it is not destroyed while the hold is there.
    async fn set_legal_hold(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and why.")] input: SetLegalHoldInput) -> Result<LegalHoldPayload> {
        let what = SetHold { client: input.client, reason: input.reason };
        LegalHoldPayload::of(ctx, rights::set_hold(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Lifts a hold, with the reason.
    async fn lift_legal_hold(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: LiftLegalHoldInput) -> Result<LegalHoldPayload> {
        LegalHoldPayload::of(ctx, rights::lift_hold(ctx.caller(), input.id, input.expected_version, &input.reason).await)
    }
}
