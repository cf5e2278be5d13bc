//! Memberships.
use crate::{
    act::access::membership,
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::Organization,
        page::{self, Page},
        payload::payload,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    access::Grant,
    actor::Role,
    catalogue::session::day,
    id::{Kinded, MembershipId, OrganizationId},
    scalar::{self, Date},
};
use entity::{access::membership as table, catalogue::organization};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A membership (käyttövaltuus).
pub struct Membership(Arc<table::Model>);

impl From<table::Model> for Membership {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A membership (käyttövaltuus): who has which role in which organisation, from when to when. What it allows does not come from the token but from here.
#[Object]
impl Membership {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The organisation.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        if let Some(row) = ctx.caller().catalogue().organizations.get(self.0.organization_id) {
            return Ok(Organization(Arc::clone(row)));
        }
        let row = ctx.caller().load::<organization::Entity>(self.0.organization_id).await?;
        row.map(Organization::from).ok_or(Error::NotFound)
    }
    /// The stable key of the person or machine: issuer and subject.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// The role.
    async fn role(&self) -> Role {
        self.0.role
    }
    /// The first day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }
    /// The last day; null when it goes on.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
    /// It is in force today.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        let today = day(ctx.caller().now());
        self.0.valid_from <= today && self.0.valid_to.is_none_or(|to| today <= to)
    }
    /// Who granted it, by the stable key.
    async fn granted_by(&self) -> &str {
        &self.0.granted_by
    }
    /// When it was granted.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.created_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of granting or ending a membership.
    MembershipPayload {
        /// The membership as it is now; null when it was refused.
        membership: Membership
    }
}

/// A membership that is granted.
#[derive(InputObject)]
struct GrantMembershipInput {
    /// The stable key of the person or machine: what `viewer.subject` tells them.
    subject: String,
    /// The organisation.
    organization: OrganizationId,
    /// The role. ADMIN only in the organiser's organisation.
    role: Role,
    /// The first day; without it, today.
    valid_from: Option<Date>,
    /// The last day; without it, it goes on.
    valid_to: Option<Date>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A membership that is ended.
#[derive(InputObject)]
struct EndMembershipInput {
    /// The membership.
    id: MembershipId,
    /// The version that you have seen.
    expected_version: i32,
    /// The last day on which it holds; without it, it ends at once.
    last_day: Option<Date>,
}

/// Which memberships.
#[derive(InputObject, Default)]
struct MembershipFilter {
    /// Of this person or machine, by the stable key.
    subject: Option<String>,
    /// In one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// With one of these roles.
    #[graphql(validator(max_items = 100))]
    roles: Option<Vec<Role>>,
    /// Only those that are in force today, or only those that are not.
    in_force: Option<bool>,
}

/// Questions about memberships.
#[derive(Default)]
pub struct MembershipQuery;

/// Questions about memberships.
#[Object]
impl MembershipQuery {
    /// The memberships (käyttövaltuudet) that you may see, the newest first: your own, and as administrator or data protection officer those of your network. Seeing another's leaves a trace in the use log.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<MembershipFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Membership>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let mut condition = Condition::all();
        if let Some(subject) = &f.subject {
            condition = condition.add(table::Column::Subject.eq(page::plain(subject)?));
        }
        if let Some(organizations) = &f.organizations {
            condition = condition.add(table::Column::OrganizationId.is_in(organizations.iter().copied()));
        }
        if let Some(roles) = &f.roles {
            condition = condition.add(table::Column::Role.is_in(roles.iter().copied()));
        }
        if let Some(wanted) = f.in_force {
            let today = day(ctx.caller().now());
            let open = Condition::any().add(table::Column::ValidTo.is_null()).add(table::Column::ValidTo.gte(today));
            let now = Condition::all().add(table::Column::ValidFrom.lte(today)).add(open);
            condition = condition.add(if wanted { now } else { now.not() });
        }
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Membership::from).await
    }
}

/// Changes of memberships.
#[derive(Default)]
pub struct MembershipMutation;

/// Changes of memberships.
#[Object]
impl MembershipMutation {
    /// Grants a membership in your network; it counts from its first day, without a new token. For its administrator.
    async fn grant_membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom, where, and which role.")] input: GrantMembershipInput,
    ) -> Result<MembershipPayload> {
        let today = Date(day(ctx.caller().now()));
        let grant = Grant {
            subject: input.subject,
            organization: input.organization,
            role: input.role,
            valid_from: input.valid_from.unwrap_or(today).0,
            valid_to: input.valid_to.map(|d| d.0),
        };
        MembershipPayload::of(ctx, membership::grant(ctx.caller(), input.idempotency_key.as_deref(), grant).await)
    }
    /// Ends a membership in your network, at once or on a day. For its administrator.
    async fn end_membership(&self, ctx: &Context<'_>, #[graphql(desc = "Which membership, and when.")] input: EndMembershipInput) -> Result<MembershipPayload> {
        MembershipPayload::of(ctx, membership::end(ctx.caller(), input.id, input.expected_version, input.last_day.map(|d| d.0)).await)
    }
}
