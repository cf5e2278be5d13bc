//! Substitutions.
use crate::{
    act::casework::substitution::{self, ArrangeSubstitution},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        page::{self, Page},
        payload::payload,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    catalogue::session::day,
    id::{Kinded, OrganizationId, SubstitutionId},
    scalar::{Date, DateTime},
};
use entity::casework::substitution as table;
use sea_orm::ColumnTrait;
use std::sync::Arc;

/// A substitution (sijaisuus).
pub struct Substitution(Arc<table::Model>);

impl From<table::Model> for Substitution {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A substitution (sijaisuus): while it is in force, whoever stands in has the care relations of the one who is away to the clients of those cases.
#[Object]
impl Substitution {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The organisation of both.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who is away, by the stable key.
    async fn worker(&self) -> &str {
        &self.0.worker
    }
    /// Who stands in, by the stable key.
    async fn substitute(&self) -> &str {
        &self.0.substitute
    }
    /// The last day.
    async fn until(&self) -> Date {
        Date(self.0.until)
    }
    /// When it began.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was ended before its day; null when it was not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
    /// It is in force now.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.ended_at.is_none() && self.0.until >= day(ctx.caller().now())
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of arranging or ending a substitution.
    SubstitutionPayload {
        /// The substitution as it is now; null when it was refused.
        substitution: Substitution
    }
}

/// A substitution that is arranged.
#[derive(InputObject)]
struct ArrangeSubstitutionInput {
    /// The organisation: your own.
    organization: OrganizationId,
    /// Who is away, by the stable key; without it you yourself. Another by the lead only.
    worker: Option<String>,
    /// Who stands in from now on, by the stable key: a colleague of the same organisation.
    substitute: String,
    /// The last day, at most a year away.
    until: Date,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A substitution that is ended.
#[derive(InputObject)]
struct EndSubstitutionInput {
    /// The substitution.
    id: SubstitutionId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Questions about substitutions.
#[derive(Default)]
pub struct SubstitutionQuery;

/// Questions about substitutions.
#[Object]
impl SubstitutionQuery {
    /// The substitutions (sijaisuudet) of an organisation, in force or over, the newest first.
    async fn substitutions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Substitution>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let reader = ctx.caller().reader();
        let of = || reader.find::<table::Entity>().filter(table::Column::OrganizationId.eq(organization));
        page::of_rows(ctx, of, &Order::by_id(true), &window, Substitution::from).await
    }
}

/// Changes of substitutions.
#[derive(Default)]
pub struct SubstitutionMutation;

/// Changes of substitutions.
#[Object]
impl SubstitutionMutation {
    /// Lets a colleague stand in (järjestä sijainen) from now on, until the end of a day. For yourself, or, as the lead, for another.
    async fn arrange_substitution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, who, and until when.")] input: ArrangeSubstitutionInput,
    ) -> Result<SubstitutionPayload> {
        let what = ArrangeSubstitution { organization: input.organization, worker: input.worker, substitute: input.substitute, until: input.until.0 };
        SubstitutionPayload::of(ctx, substitution::arrange(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Ends a substitution before its day. By either of the two, or the lead.
    async fn end_substitution(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: EndSubstitutionInput) -> Result<SubstitutionPayload> {
        SubstitutionPayload::of(ctx, substitution::end(ctx.caller(), input.id, input.expected_version).await)
    }
}
