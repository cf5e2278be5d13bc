//! Restrictions of processing.
use crate::{
    act::person::rights::{self, Restrict},
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
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    id::{ClientId, Kinded, RestrictionId},
    noted_field::NotedField,
    person::rights::{ExceptionGround, RestrictionGround},
    scalar::DateTime,
};
use entity::person::restriction as table;
use sea_orm::Condition;
use std::sync::Arc;

/// A restriction of processing (käsittelyn rajoitus).
pub struct Restriction(Arc<table::Model>);

impl From<table::Model> for Restriction {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A restriction of processing (käsittelyn rajoitus, GDPR 18): while it is in force nothing is written about the client but by the client, or on a recorded ground.
#[Object]
impl Restriction {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null when that is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::super::client_of(ctx, Some(self.0.client_id)).await
    }
    /// On what ground.
    async fn ground(&self) -> RestrictionGround {
        self.0.ground
    }
    /// Why, in words.
    async fn words(&self, ctx: &Context<'_>) -> Result<String> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::RestrictionWords, false);
        Ok(rights::restriction_words(ctx.caller().vault(), &self.0)?.reveal().clone())
    }
    /// Who restricted, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// From when.
    async fn since(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it ends; null while nobody has lifted it.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.ends_at.map(DateTime)
    }
    /// Who lifted it, by the stable key; null while nobody has.
    async fn lifted_by(&self) -> Option<&str> {
        self.0.lifted_by.as_deref()
    }
    /// It is in force now.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.ends_at.is_none_or(|at| at > ctx.caller().now())
    }
    /// Who has been let process the data all the same, for some hours, and on what ground.
    async fn exceptions(&self, ctx: &Context<'_>) -> Result<Vec<RestrictionException>> {
        let shown = |exception: &domain::person::rights::Exception| RestrictionException {
            subject: exception.subject.clone(),
            ground: exception.ground,
            reason: exception.reason.clone(),
            since: DateTime(exception.at),
            until: DateTime(exception.until()),
        };
        let exceptions = rights::restriction_exceptions(ctx.caller().vault(), &self.0)?;
        if !exceptions.reveal().0.is_empty() {
            ctx.caller().reader().note_field(self.0.client_id, NotedField::RestrictionExceptions, false);
        }
        Ok(exceptions.reveal().0.iter().map(shown).collect())
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

/// One worker is let process restricted data for some hours (poikkeus rajoituksesta, GDPR 18(2)).
#[derive(SimpleObject)]
struct RestrictionException {
    /// The worker, by the stable key.
    subject: String,
    /// On what ground.
    ground: ExceptionGround,
    /// The ground in words.
    reason: String,
    /// From when.
    since: DateTime,
    /// Until when.
    until: DateTime,
}

payload! {
    /// The outcome of a change of a restriction.
    RestrictionPayload {
        /// The restriction as it is now; null when it was refused.
        restriction: Restriction
    }
}

/// A restriction that is put in force.
#[derive(InputObject)]
struct RestrictProcessingInput {
    /// The client.
    client: ClientId,
    /// On what ground.
    ground: RestrictionGround,
    /// Why, in words, at most 4000 characters.
    words: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A restriction that is lifted.
#[derive(InputObject)]
struct LiftRestrictionInput {
    /// The restriction.
    id: RestrictionId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A ground on which you process restricted data.
#[derive(InputObject)]
struct ExceptFromRestrictionInput {
    /// The restriction.
    id: RestrictionId,
    /// The version that you have seen.
    expected_version: i32,
    /// On what ground.
    ground: ExceptionGround,
    /// The ground in words, at least 20 characters. Those who answer for the keeper are told.
    reason: String,
}

/// Questions about restrictions.
#[derive(Default)]
pub struct RestrictionQuery;

/// Questions about restrictions.
#[Object]
impl RestrictionQuery {
    /// The restrictions of processing (käsittelyn rajoitukset) that you may see, the newest first.
    async fn restrictions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are in force now.")] in_force: Option<bool>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Restriction>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let now = ctx.caller().now();
        let condition = Condition::all().add_option(in_force.map(|yes| if yes { table::in_force(now) } else { table::in_force(now).not() }));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Restriction::from).await
    }
}

/// Changes of restrictions.
#[derive(Default)]
pub struct RestrictionMutation;

/// Changes of restrictions.
#[Object]
impl RestrictionMutation {
    /// Restricts the processing of a client's data.
    async fn restrict_processing(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and why.")] input: RestrictProcessingInput) -> Result<RestrictionPayload> {
        let what = Restrict { client: input.client, ground: input.ground, words: input.words };
        RestrictionPayload::of(ctx, rights::restrict(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Lifts a restriction: the client is told now, and it ends a week later.
    async fn lift_restriction(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: LiftRestrictionInput) -> Result<RestrictionPayload> {
        RestrictionPayload::of(ctx, rights::lift_restriction(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Lets you process restricted data for twelve hours, on a ground of GDPR 18(2).
    async fn except_from_restriction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ExceptFromRestrictionInput,
    ) -> Result<RestrictionPayload> {
        RestrictionPayload::of(ctx, rights::except(ctx.caller(), input.id, input.expected_version, input.ground, &input.reason).await)
    }
}
