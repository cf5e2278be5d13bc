//! Care relations.
use crate::{
    act::person::relation::{self, Named, OpenRelation},
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use domain::{
    id::{CareRelationId, Kinded, OrganizationId},
    person::{hetu::Hetu, relation::RelationBasis},
    scalar::DateTime,
};
use entity::person::care_relation as table;
use std::sync::Arc;

/// A care relation (asiayhteys).
pub struct CareRelation(pub Arc<table::Model>);

impl From<table::Model> for CareRelation {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A care relation (asiayhteys): what opens a client's data to a worker.
#[Object]
impl CareRelation {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The stable key of the worker.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// In which organisation.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// What it rests on.
    async fn basis(&self) -> RelationBasis {
        self.0.basis
    }
    /// The ground in words; null where the work itself is the ground.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it ends by itself.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }
    /// When it was ended before that; null when it was not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
    /// It opens the client's data now.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.ended_at.is_none() && self.0.expires_at > ctx.caller().now()
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
    /// The outcome of opening or ending a care relation.
    CareRelationPayload {
        /// The relation as it is now; null when it was refused.
        care_relation: CareRelation
    }
}

/// By what a client is named whom you have no relation to.
#[derive(OneofObject)]
enum ClientReference {
    /// By the number.
    Number(String),
    /// By the personal identity code.
    Hetu(Hetu),
}

/// A client whose data is opened without the ground of ongoing work.
#[derive(InputObject)]
struct OpenRelationInput {
    /// Your organisation.
    organization: OrganizationId,
    /// Who.
    client: ClientReference,
    /// The ground in words, at least 20 characters; the client can read it.
    reason: String,
    /// Where the client has prohibited it (DISCLOSURE_PROHIBITED): the law by which you may see it all the same, at least 20 characters. Kept with the
    /// ground. An emergency needs none.
    despite_prohibition: Option<String>,
}

impl From<OpenRelationInput> for OpenRelation {
    fn from(input: OpenRelationInput) -> Self {
        let client = match input.client {
            ClientReference::Number(number) => Named::Number(number),
            ClientReference::Hetu(hetu) => Named::Hetu(hetu),
        };
        Self { organization: input.organization, client, reason: input.reason, despite_prohibition: input.despite_prohibition }
    }
}

/// A care relation that is ended.
#[derive(InputObject)]
struct EndCareRelationInput {
    /// The relation: your own, or, for a lead, of your organisation.
    id: CareRelationId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Changes of care relations.
#[derive(Default)]
pub struct RelationMutation;

/// Changes of care relations.
#[Object]
impl RelationMutation {
    /// Opens a client's data by the statutory right to information (lakisääteinen tiedonsaantioikeus), for 30 days at most.
    async fn open_by_statutory_right(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and why.")] input: OpenRelationInput) -> Result<CareRelationPayload> {
        CareRelationPayload::of(ctx, open(ctx, RelationBasis::StatutoryInfo, input).await)
    }
    /// Opens a client's data in an emergency (hätäkäyttö), for 12 hours at most. The data protection officer and the lead are told.
    async fn break_glass(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and why.")] input: OpenRelationInput) -> Result<CareRelationPayload> {
        CareRelationPayload::of(ctx, open(ctx, RelationBasis::BreakGlass, input).await)
    }
    /// Ends a care relation before its time: the worker sees nothing of the client any more, unless by another.
    async fn end_care_relation(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: EndCareRelationInput) -> Result<CareRelationPayload> {
        CareRelationPayload::of(ctx, relation::end(ctx.caller(), input.id, input.expected_version).await)
    }
}

async fn open(ctx: &Context<'_>, basis: RelationBasis, input: OpenRelationInput) -> Result<table::Model, Error> {
    relation::open_without(ctx.caller(), basis, input.into()).await
}
