//! Follow-on paths: type and moves.
use super::Referral;
use crate::{
    act::casework::follow_on_path::{self, PlanFollowOnPath},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    casework::follow_on_path::{FollowOnPathContent, KnowledgeSource, PathDestination, PathMove, PathState, verification},
    id::{CaseId, FollowOnPathId, Kinded, OrganizationId, ReferralId},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::Date,
};
use entity::casework::{follow_on_path as table, referral};
use std::sync::Arc;

/// A follow-on path (jatkopolku).
pub struct FollowOnPath(Arc<table::Model>);

impl From<table::Model> for FollowOnPath {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl FollowOnPath {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<FollowOnPathContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::FollowOnPathContent, false);
        follow_on_path::content(ctx.caller().vault(), &self.0)
    }
}

/// A follow-on path (jatkopolku): where the client goes on to, and whether the client arrived and stayed.
#[Object]
impl FollowOnPath {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// Where it leads.
    async fn destination(&self) -> PathDestination {
        self.0.destination
    }
    /// The organisation of the network that it leads to; null when it is none.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.recipient_id {
            None => Ok(None),
            Some(id) => organization(ctx, id).await.map(Some),
        }
    }
    /// Where it is.
    async fn state(&self) -> PathState {
        self.0.state
    }
    /// The place in words; null where the organisation says it.
    async fn place(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().place.clone())
    }
    /// More in words; with NONE, the reason why there is no path; null when nothing was said.
    async fn note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().note.clone())
    }
    /// The referral by which the client was guided; null when there was none, or it is not yours to see.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// When the client was guided; null until then.
    async fn guided_on(&self) -> Option<Date> {
        self.0.guided_on.map(Date)
    }
    /// When the client arrived; null until then.
    async fn arrived_on(&self) -> Option<Date> {
        self.0.arrived_on.map(Date)
    }
    /// From whom that is known; null until the client arrived.
    async fn source(&self) -> Option<KnowledgeSource> {
        self.0.source
    }
    /// From when on the arrival is to be verified, three months after it; null until the client arrived.
    async fn verify_from(&self) -> Option<Date> {
        self.0.arrived_on.map(|arrived| Date(verification(arrived).0))
    }
    /// By when the arrival is to be verified, six months after it; null until the client arrived.
    async fn verify_by(&self) -> Option<Date> {
        self.0.arrived_on.map(|arrived| Date(verification(arrived).1))
    }
    /// When it was verified that the client is there, or is not; null until then.
    async fn verified_on(&self) -> Option<Date> {
        self.0.verified_on.map(Date)
    }
    /// Why it was given up or broke off; null unless it was.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::FollowOnPathReason, follow_on_path::reason(ctx.caller().vault(), &self.0)?))
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<PathMove> {
        self.0.state.moves().collect()
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
    /// The outcome of a move of a follow-on path.
    FollowOnPathPayload {
        /// The path as it is now; null when it was refused.
        follow_on_path: FollowOnPath
    }
}

/// A path that is planned.
#[derive(InputObject)]
struct PlanFollowOnPathInput {
    /// The case.
    case: CaseId,
    /// Where it leads; NONE where there is no path, with the reason as the note.
    destination: PathDestination,
    /// The organisation of the network that it leads to.
    recipient: Option<OrganizationId>,
    /// What is said of it.
    #[graphql(default)]
    content: FollowOnPathContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A client who is guided to a path.
#[derive(InputObject)]
struct GuideToFollowOnPathInput {
    /// The path.
    id: FollowOnPathId,
    /// The version that you have seen.
    expected_version: i32,
    /// The accepted referral by which the client was guided, where there is one.
    referral: Option<ReferralId>,
    /// When; without it, today.
    on: Option<Date>,
}

/// How a client has arrived.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// Transferred (siirtynyt).
    Transferred,
    /// Started there (aloittanut).
    Started,
    /// Works there (työllistynyt).
    Employed,
}

/// A client who has arrived.
#[derive(InputObject)]
struct RecordPathArrivalInput {
    /// The path.
    id: FollowOnPathId,
    /// The version that you have seen.
    expected_version: i32,
    /// How.
    arrival: Arrival,
    /// Since when.
    arrived_on: Date,
    /// From whom that is known.
    source: KnowledgeSource,
}

/// An arrival that is verified.
#[derive(InputObject)]
struct VerifyFollowOnPathInput {
    /// The path.
    id: FollowOnPathId,
    /// The version that you have seen.
    expected_version: i32,
    /// From whom it is known that the client is there.
    source: KnowledgeSource,
}

/// A path that is given up or broke off.
#[derive(InputObject)]
struct EndFollowOnPathInput {
    /// The path.
    id: FollowOnPathId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at most 2000 characters.
    reason: String,
}

/// Changes of follow-on paths.
#[derive(Default)]
pub struct FollowOnPathMutation;

/// Changes of follow-on paths.
#[Object]
impl FollowOnPathMutation {
    /// Plans a path, or records with a reason that there is none.
    async fn plan_follow_on_path(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case, and where to.")] input: PlanFollowOnPathInput,
    ) -> Result<FollowOnPathPayload> {
        let what = PlanFollowOnPath { case: input.case, destination: input.destination, recipient: input.recipient, content: input.content };
        FollowOnPathPayload::of(ctx, follow_on_path::plan(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Records that the client was guided to where the path leads.
    async fn guide_to_follow_on_path(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: GuideToFollowOnPathInput,
    ) -> Result<FollowOnPathPayload> {
        FollowOnPathPayload::of(ctx, follow_on_path::guide(ctx.caller(), input.id, input.expected_version, input.referral, input.on).await)
    }
    /// Records that the client has arrived, since when, and from whom that is known.
    async fn record_path_arrival(&self, ctx: &Context<'_>, #[graphql(desc = "Where, and how.")] input: RecordPathArrivalInput) -> Result<FollowOnPathPayload> {
        let by = match input.arrival {
            Arrival::Transferred => PathMove::Transfer,
            Arrival::Started => PathMove::Start,
            Arrival::Employed => PathMove::Employ,
        };
        let outcome = follow_on_path::arrive(ctx.caller(), input.id, input.expected_version, by, input.arrived_on, input.source).await;
        FollowOnPathPayload::of(ctx, outcome)
    }
    /// Verifies, three months after the arrival or later, that the client is still there.
    async fn verify_follow_on_path(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: VerifyFollowOnPathInput) -> Result<FollowOnPathPayload> {
        FollowOnPathPayload::of(ctx, follow_on_path::verify(ctx.caller(), input.id, input.expected_version, input.source).await)
    }
    /// Records that the client is not there any more, with the reason.
    async fn lapse_follow_on_path(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndFollowOnPathInput) -> Result<FollowOnPathPayload> {
        FollowOnPathPayload::of(ctx, follow_on_path::break_off(ctx.caller(), input.id, input.expected_version, PathMove::Lapse, &input.reason).await)
    }
    /// Gives a path up before the client came, with a reason; the client may do so too.
    async fn drop_follow_on_path(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: EndFollowOnPathInput) -> Result<FollowOnPathPayload> {
        FollowOnPathPayload::of(ctx, follow_on_path::break_off(ctx.caller(), input.id, input.expected_version, PathMove::Drop, &input.reason).await)
    }
}
