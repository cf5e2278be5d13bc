//! Informing, disclosure permissions and prohibitions.
use super::Client;
use crate::{
    act::person::disclosure::{self, GivePermission, KeepsBack, RecordInforming, SetProhibition},
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        code::{self, Code},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use domain::{
    id::{ClientId, DisclosurePermissionId, DisclosureProhibitionId, Kinded, OrganizationId, public_id},
    person::disclosure::{DisclosureSector, DocumentKind, InformingKind, InformingMethod, ProhibitionTarget},
    rejection::Code as Reason,
    scalar::{Date, DateTime},
};
use entity::person::{disclosure_permission, disclosure_prohibition, informing};
use std::sync::Arc;

/// That a client was informed (informointi).
pub struct Informing(Arc<informing::Model>);

impl From<informing::Model> for Informing {
    fn from(row: informing::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// That a client was informed (informointi): about the Kanta services before any disclosure permission, about the register, about a project.
#[Object]
impl Informing {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null when that is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::client_of(ctx, Some(self.0.client_id)).await
    }
    /// About what.
    async fn kind(&self) -> InformingKind {
        self.0.kind
    }
    /// The day.
    async fn given_on(&self) -> Date {
        Date(self.0.given_on)
    }
    /// How.
    async fn method(&self) -> InformingMethod {
        self.0.method
    }
    /// The version of the text that was shown or read out.
    async fn text_version(&self) -> &str {
        &self.0.text_version
    }
    /// Who informed the client, by the stable key: the client, who has read it in an electronic service.
    async fn informed_by(&self) -> &str {
        &self.0.informed_by
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<informing::Entity>(ctx, self.0.id).await
    }
}

/// A disclosure permission (luovutuslupa).
pub struct DisclosurePermission(Arc<disclosure_permission::Model>);

impl From<disclosure_permission::Model> for DisclosurePermission {
    fn from(row: disclosure_permission::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A disclosure permission (luovutuslupa): while it holds, workers of other controllers who have a care relation read what the client's register tells,
/// but for what is prohibited. It is never deleted.
#[Object]
impl DisclosurePermission {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null when that is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::client_of(ctx, Some(self.0.client_id)).await
    }
    /// Data of which sector.
    async fn sector(&self) -> DisclosureSector {
        self.0.sector
    }
    /// When it was given.
    async fn given_at(&self) -> DateTime {
        DateTime(self.0.given_at)
    }
    /// Who recorded it, by the stable key: the client, who has given it in an own account.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// When it was withdrawn; null while it holds.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(DateTime)
    }
    /// Who withdrew it, by the stable key; null while it holds.
    async fn withdrawn_by(&self) -> Option<&str> {
        self.0.withdrawn_by.as_deref()
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<disclosure_permission::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A disclosure prohibition (kielto).
pub struct DisclosureProhibition(Arc<disclosure_prohibition::Model>);

impl From<disclosure_prohibition::Model> for DisclosureProhibition {
    fn from(row: disclosure_prohibition::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A disclosure prohibition (kielto): what the client keeps back from other controllers. A newer consent to one disclosure goes before it, and so does a
/// law that holds in spite of it; it does not stand between an organiser and its own producers. It is never deleted.
#[Object]
impl DisclosureProhibition {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The client; null when that is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        super::client_of(ctx, Some(self.0.client_id)).await
    }
    /// What kind of thing is kept back: the field of that name tells which.
    async fn target(&self) -> ProhibitionTarget {
        self.0.target
    }
    /// What kind of document is kept back; null unless the target is a document.
    async fn document_kind(&self) -> Option<DocumentKind> {
        self.0.document_kind
    }
    /// The id of the document; null unless the target is a document.
    async fn document_id(&self) -> Option<ID> {
        let (kind, id) = self.0.document_kind.zip(self.0.document_id)?;
        Some(ID(public_id(&format!("{kind:?}"), id)))
    }
    /// The service task, of the list `service-task`; null unless the target is a service task.
    async fn service_task(&self) -> Option<Code> {
        self.0.service_task.as_deref().and_then(|task| code::code("service-task", task))
    }
    /// From whom everything is kept back; null unless the target is a controller.
    async fn controller(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.controller_id {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// When it was set.
    async fn set_at(&self) -> DateTime {
        DateTime(self.0.set_at)
    }
    /// Who recorded it, by the stable key: the client, who has set it in an own account.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// When it was removed; null while it holds.
    async fn removed_at(&self) -> Option<DateTime> {
        self.0.removed_at.map(DateTime)
    }
    /// Who removed it, by the stable key; null while it holds.
    async fn removed_by(&self) -> Option<&str> {
        self.0.removed_by.as_deref()
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<disclosure_prohibition::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of recording that a client was informed.
    InformingPayload {
        /// The informing; null when it was refused.
        informing: Informing
    }
}

payload! {
    /// The outcome of giving or withdrawing a disclosure permission.
    DisclosurePermissionPayload {
        /// The permission as it is now; null when it was refused.
        disclosure_permission: DisclosurePermission
    }
}

payload! {
    /// The outcome of setting or removing a disclosure prohibition.
    DisclosureProhibitionPayload {
        /// The prohibition as it is now; null when it was refused.
        disclosure_prohibition: DisclosureProhibition
    }
}

/// That a client was informed.
#[derive(InputObject)]
struct RecordInformingInput {
    /// The client.
    client: ClientId,
    /// About what.
    kind: InformingKind,
    /// The day.
    given_on: Date,
    /// How; what a client reads in an own account is ELECTRONIC.
    method: InformingMethod,
    /// The version of the text that was shown or read out, at most 50 characters.
    text_version: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A disclosure permission that is given.
#[derive(InputObject)]
struct GiveDisclosurePermissionInput {
    /// The client: yourself, or the one who has given it to you to record.
    client: ClientId,
    /// Data of which sector.
    sector: DisclosureSector,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A disclosure permission that is withdrawn.
#[derive(InputObject)]
struct WithdrawDisclosurePermissionInput {
    /// The permission.
    id: DisclosurePermissionId,
    /// The version that you have seen.
    expected_version: i32,
}

/// What is kept back.
#[derive(OneofObject)]
enum DisclosureProhibitionTarget {
    /// One document: the id of an assessment, a plan, a final assessment, an entry, a follow-up, a response or a network meeting.
    Document(ID),
    /// Everything of a service task: a code of the list `service-task`.
    ServiceTask(String),
    /// Everything, from one controller: the id of an organisation.
    Controller(OrganizationId),
}

/// A disclosure prohibition that is set.
#[derive(InputObject)]
struct SetDisclosureProhibitionInput {
    /// The client: yourself, or the one who has told you to record it.
    client: ClientId,
    /// What is kept back.
    target: DisclosureProhibitionTarget,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A disclosure prohibition that is removed.
#[derive(InputObject)]
struct RemoveDisclosureProhibitionInput {
    /// The prohibition.
    id: DisclosureProhibitionId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Changes of what clients will of disclosures.
#[derive(Default)]
pub struct DisclosureMutation;

/// Changes of what clients will of disclosures.
#[Object]
impl DisclosureMutation {
    /// Records that a client was informed (informointi), or that you have read it yourself.
    async fn record_informing(&self, ctx: &Context<'_>, #[graphql(desc = "Who, about what and how.")] input: RecordInformingInput) -> Result<InformingPayload> {
        let what = RecordInforming { client: input.client, kind: input.kind, given_on: input.given_on, method: input.method, text_version: input.text_version };
        InformingPayload::of(ctx, disclosure::inform(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Gives a disclosure permission (luovutuslupa), after an informing about the Kanta services.
    async fn give_disclosure_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and for which sector.")] input: GiveDisclosurePermissionInput,
    ) -> Result<DisclosurePermissionPayload> {
        let what = GivePermission { client: input.client, sector: input.sector };
        DisclosurePermissionPayload::of(ctx, disclosure::permit(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Withdraws a disclosure permission: workers of other controllers read nothing by it any more.
    async fn withdraw_disclosure_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WithdrawDisclosurePermissionInput,
    ) -> Result<DisclosurePermissionPayload> {
        DisclosurePermissionPayload::of(ctx, disclosure::withdraw_permission(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Sets a disclosure prohibition (kielto). Consents that were given before and that it stands against are withdrawn with it.
    async fn set_disclosure_prohibition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what is kept back.")] input: SetDisclosureProhibitionInput,
    ) -> Result<DisclosureProhibitionPayload> {
        let outcome = match kept_back(input.target) {
            Ok(target) => disclosure::prohibit(ctx.caller(), input.idempotency_key.as_deref(), SetProhibition { client: input.client, target }).await,
            Err(fault) => Err(fault),
        };
        DisclosureProhibitionPayload::of(ctx, outcome)
    }
    /// Removes a disclosure prohibition. What it has halted stays halted.
    async fn remove_disclosure_prohibition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RemoveDisclosureProhibitionInput,
    ) -> Result<DisclosureProhibitionPayload> {
        DisclosureProhibitionPayload::of(ctx, disclosure::remove_prohibition(ctx.caller(), input.id, input.expected_version).await)
    }
}

fn kept_back(target: DisclosureProhibitionTarget) -> Result<KeepsBack> {
    Ok(match target {
        DisclosureProhibitionTarget::Document(id) => {
            let (kind, id) = DocumentKind::of_public(&id).ok_or_else(|| Error::reject(Reason::UnknownReference, &["target", "document"]))?;
            KeepsBack::Document(kind, id)
        }
        DisclosureProhibitionTarget::ServiceTask(task) => KeepsBack::ServiceTask(task),
        DisclosureProhibitionTarget::Controller(id) => KeepsBack::Controller(id),
    })
}
