//! Clients, their representatives, and finding them.
use super::{
    CareRelation, Consent, DisclosurePermission, DisclosureProhibition, Informing, Person,
    rights::{self, Restriction, Retention, SubjectRequest},
};
use crate::{
    act::{
        funding::complaint::is_shown_whole,
        person::{client, merging},
    },
    caller::Caller,
    error::Result,
    graphql::{
        Asked,
        casework::{
            Case, ClientEntry, ClientPlan, Feedback, FinalAssessment, FollowOnPath, FollowUp, Goal, InstrumentResponse, NeedsAssessment, NetworkMeeting,
            Referral, ServiceDecision, of_client,
        },
        catalogue::{Access, Organization, organization, row_access},
        delivery::{Participation, Visit},
        funding::{Complaint, PurchaseOrder, Voucher},
        page::{self, Page},
        payload::payload,
        text::Address,
    },
    store::{Order, Store, Window},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    id::{CaseId, ClientId, Kinded, OrganizationId, RepresentationId},
    noted_field::NotedField,
    person::{identity::Identity, representation::RepresentationKind},
    scalar::{self, EmailAddress, PhoneNumber},
};
use entity::{
    casework::{
        case, client_entry, client_plan, feedback, final_assessment, follow_on_path, follow_up, goal, instrument_response, needs_assessment, network_meeting,
        referral, service_decision,
    },
    delivery::{participation, visit},
    funding::{complaint, purchase_order, voucher},
    person::{
        care_relation, client as table, consent, disclosure_permission, disclosure_prohibition, informing, person, representation, restriction, subject_request,
    },
};
use sea_orm::ColumnTrait;
use std::sync::Arc;

/// A client (asiakas).
pub struct Client(pub Arc<table::Model>);

impl From<table::Model> for Client {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A client (asiakas) of the authority's register. Seen by whoever has a care relation, by the client, and by those who act for the client.
#[Object]
impl Client {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The number by which workers speak of the client.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// The organisation that keeps the register.
    async fn keeper(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who the client is; null when that is not yours to see.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(ctx.caller().peek::<person::Entity>(self.0.person_id).await?.map(Person::from))
    }
    /// The client can sign in and see the own data.
    async fn has_account(&self) -> bool {
        self.0.account.is_some()
    }
    /// Who acts for the client now and has acted, the newest last.
    async fn representations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Representation>> {
        page::children::<representation::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The care relations (asiayhteydet) that open the client's data, or have: those you may see, the newest last.
    async fn relations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<CareRelation>> {
        page::children::<care_relation::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's consents (suostumukset), in force or not, the newest last.
    async fn consents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Consent>> {
        page::children::<consent::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// That the client was informed (informoinnit), about what and how, the newest last.
    async fn informings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Informing>> {
        page::children::<informing::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's disclosure permissions (luovutusluvat), in force or withdrawn, the newest last.
    async fn disclosure_permissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DisclosurePermission>> {
        page::children::<disclosure_permission::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's disclosure prohibitions (kiellot), in force or removed, the newest last.
    async fn disclosure_prohibitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DisclosureProhibition>> {
        page::children::<disclosure_prohibition::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's referrals (ohjaukset), the newest last.
    async fn referrals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Referral>> {
        page::children::<referral::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's participations (osallistumiset), going on or not, the newest last.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Participation>> {
        page::children::<participation::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The visits with the client (käynnit), void ones too, the newest last.
    async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Visit>> {
        page::children::<visit::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's cases (asiakkuudet), open or closed, the newest last.
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Case>> {
        page::children::<case::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The client's needs assessments (palvelutarpeen arvioinnit), the newest last.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<NeedsAssessment>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<needs_assessment::Entity, _>(ctx, self.0.id, case, &window, NeedsAssessment::from).await
    }
    /// The versions of the client's plans (asiakassuunnitelmat), the newest last; to the client, those that have been shown.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ClientPlan>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<client_plan::Entity, _>(ctx, self.0.id, case, &window, ClientPlan::from).await
    }
    /// The client's goals (tavoitteet), the newest last.
    async fn goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Goal>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<goal::Entity, _>(ctx, self.0.id, case, &window, Goal::from).await
    }
    /// The client's final assessments (loppuarviot), the newest last; to the client, those that have been shown.
    async fn final_assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<FinalAssessment>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<final_assessment::Entity, _>(ctx, self.0.id, case, &window, FinalAssessment::from).await
    }
    /// The client's service decisions (palvelupäätökset), the newest last; to the client, those that have been served.
    async fn service_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ServiceDecision>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<service_decision::Entity, _>(ctx, self.0.id, case, &window, ServiceDecision::from).await
    }
    /// What is bought for the client (palvelutilaukset), the newest last; to the client, what was placed with a provider.
    async fn purchase_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<PurchaseOrder>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<purchase_order::Entity, _>(ctx, self.0.id, case, &window, PurchaseOrder::from).await
    }
    /// The client's vouchers (palvelusetelit), the newest last.
    async fn vouchers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Voucher>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<voucher::Entity, _>(ctx, self.0.id, case, &window, Voucher::from).await
    }
    /// The complaints about providers that are about the client (reklamaatiot): all for the client; of others' for workers those that they have reported. By the
    /// day on which it occurred, the newest last.
    async fn complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Complaint>> {
        let window = Window::parse(first, after, last, before)?;
        let mut rows = ctx.caller().children::<complaint::Entity>(self.0.id).await?;
        // Whoever is only asked about one is not told whose it is.
        rows.retain(|row| is_shown_whole(ctx.caller(), row));
        Ok(page::of_children_by::<complaint::Entity, _>(rows, &window, |row| row.occurred_on.to_string(), Complaint::from))
    }
    /// The client's follow-on paths (jatkopolut), the newest last.
    async fn follow_on_paths(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<FollowOnPath>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<follow_on_path::Entity, _>(ctx, self.0.id, case, &window, FollowOnPath::from).await
    }
    /// The entries of the client's record (asiakaskertomus), the newest last; to the client, those that are not hidden on a ground.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ClientEntry>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<client_entry::Entity, _>(ctx, self.0.id, case, &window, ClientEntry::from).await
    }
    /// How many entries of the client's record are hidden from the client who may know that they are.
    async fn hidden_entries(&self, ctx: &Context<'_>) -> Result<i32> {
        let hidden = ctx.caller().hidden_entries(self.0.id).await?;
        Ok(i32::try_from(hidden).unwrap_or(i32::MAX))
    }
    /// The follow-ups (seurannat), the newest last.
    async fn follow_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<FollowUp>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<follow_up::Entity, _>(ctx, self.0.id, case, &window, FollowUp::from).await
    }
    /// The client's responses to instruments (mittarien vastaukset), the newest last.
    async fn instrument_responses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<InstrumentResponse>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<instrument_response::Entity, _>(ctx, self.0.id, case, &window, InstrumentResponse::from).await
    }
    /// The network meetings (verkostopalaverit) about the client, the newest last.
    async fn network_meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this case only.")] case: Option<CaseId>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<NetworkMeeting>> {
        let window = Window::parse(first, after, last, before)?;
        of_client::<network_meeting::Entity, _>(ctx, self.0.id, case, &window, NetworkMeeting::from).await
    }
    /// What the client has asked of the own data (rekisteröidyn pyynnöt), the newest last.
    async fn subject_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<SubjectRequest>> {
        page::children::<subject_request::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// The restriction of processing (käsittelyn rajoitus) that is in force now; null when there is none, or it is not yours to see.
    async fn restriction(&self, ctx: &Context<'_>) -> Result<Option<Restriction>> {
        let now = ctx.caller().now();
        let rows = ctx.caller().children::<restriction::Entity>(self.0.id).await?;
        Ok(rows.into_iter().find(|row| row.ends_at.is_none_or(|at| at > now)).map(Restriction::from))
    }
    /// How long the client's record is kept (säilytysaika), and what keeps it beside the rules; null for those who do not keep it.
    async fn retention(&self, ctx: &Context<'_>) -> Result<Option<Retention>> {
        rights::retention_of(ctx, self.0.id).await
    }
    /// The client's feedback (palautteet) on cases and services, the newest last.
    async fn feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Feedback>> {
        page::children::<feedback::Entity, _>(ctx, self.0.id, &Window::parse(first, after, last, before)?).await
    }
    /// What the client has answered to instruments oneself (itsearviot), the newest last.
    async fn self_assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<InstrumentResponse>> {
        let window = Window::parse(first, after, last, before)?;
        let mut rows = ctx.caller().children::<instrument_response::Entity>(self.0.id).await?;
        rows.retain(|row| row.by_client);
        Ok(page::of_children::<instrument_response::Entity, _>(rows, &window, InstrumentResponse::from))
    }
    /// The client into whom this one was merged (yhdistetty): the same human being; null for one who stands alone. Asking for the id of one who was
    /// merged gives the other, so this is seen only under `merged`.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        of(ctx, self.0.merged_into_id).await
    }
    /// When this one was merged; null for one who stands alone.
    async fn merged_at(&self) -> Option<scalar::DateTime> {
        self.0.merged_at.map(scalar::DateTime)
    }
    /// Who merged this one, by the stable key; null for one who stands alone.
    async fn merged_by(&self) -> Option<&str> {
        self.0.merged_by.as_deref()
    }
    /// Why this one was merged, in words; null for one who stands alone, or when who the client is, is not yours to see.
    async fn merge_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(into) = of(ctx, self.0.merged_into_id).await? else { return Ok(None) };
        if ctx.caller().peek::<person::Entity>(into.0.person_id).await?.is_none() {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.id, NotedField::ClientMergeReason, merging::reason(ctx.caller().vault(), &self.0)?))
    }
    /// The clients who were found to be the same human being and merged into this one, the newest last: their numbers and ids still lead here.
    async fn merged(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Client>> {
        let window = Window::parse(first, after, last, before)?;
        let rows = ctx.caller().merged_clients(self.0.id).await?;
        Ok(page::of_children::<table::Entity, _>(rows, &window, Client::from))
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

/// A representation (edustus).
pub struct Representation(Arc<representation::Model>);

impl From<representation::Model> for Representation {
    fn from(row: representation::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A representation (edustus): somebody acts for a client, and sees what the client sees.
#[Object]
impl Representation {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Whom the representative acts for; null when it is not yours to see.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        of(ctx, Some(self.0.client_id)).await
    }
    /// By what right the representative acts.
    async fn kind(&self) -> RepresentationKind {
        self.0.kind
    }
    /// The stable key of the representative.
    async fn subject(&self) -> &str {
        &self.0.subject
    }
    /// When it was recorded.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.created_at)
    }
    /// When it ended; null while it holds.
    async fn ended_at(&self) -> Option<scalar::DateTime> {
        self.0.ended_at.map(scalar::DateTime)
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<representation::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of taking up a client or tying an account to one.
    ClientPayload {
        /// The client as it is now; null when it was refused.
        client: Client
    }
}

payload! {
    /// The outcome of mending who a client is.
    PersonPayload {
        /// Who the client is now; null when it was refused.
        person: Person
    }
}

payload! {
    /// The outcome of recording or ending a representation.
    RepresentationPayload {
        /// The representation as it is now; null when it was refused.
        representation: Representation
    }
}

payload! {
    /// The outcome of opening what is kept back for a person's safety.
    ProtectedContactPayload {
        /// What is kept back; null when it was refused.
        contact: ProtectedContact
    }
}

/// What is kept back of a person under non-disclosure (turvakielto).
#[derive(SimpleObject)]
struct ProtectedContact {
    /// The address; null when it is not known.
    address: Option<Address>,
    /// The telephone number; null when it is not known.
    phone: Option<PhoneNumber>,
    /// The e-mail address; null when it is not known.
    email: Option<EmailAddress>,
}

/// A client who is taken up.
#[derive(InputObject)]
struct RegisterClientInput {
    /// The organisation that keeps the register: your own.
    keeper: OrganizationId,
    /// Who the client is.
    identity: Identity,
    /// Non-disclosure for safety (turvakielto).
    #[graphql(default)]
    protected: bool,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Who a client is from now on.
#[derive(InputObject)]
struct UpdateIdentityInput {
    /// The client.
    client: ClientId,
    /// The version of the person that you have seen.
    expected_version: i32,
    /// Who the client is, whole: what you leave out is gone, but for the identity code, which is only ever replaced.
    identity: Identity,
    /// Non-disclosure for safety (turvakielto).
    protected: bool,
}

/// An account that is tied to a client.
#[derive(InputObject)]
struct LinkAccountInput {
    /// The client.
    client: ClientId,
    /// The version that you have seen.
    expected_version: i32,
    /// The stable key of the account: what `viewer.subject` tells the client.
    account: String,
}

/// A representative who is recorded.
#[derive(InputObject)]
struct AddRepresentationInput {
    /// The client.
    client: ClientId,
    /// The stable key of the representative: what `viewer.subject` tells them.
    subject: String,
    /// By what right the representative acts.
    kind: RepresentationKind,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A representation that is ended.
#[derive(InputObject)]
struct EndRepresentationInput {
    /// The representation.
    id: RepresentationId,
    /// The version that you have seen.
    expected_version: i32,
}

/// What is opened of what is kept back for a person's safety, and why.
#[derive(InputObject)]
struct RevealProtectedContactInput {
    /// The client.
    client: ClientId,
    /// Why it is needed, at least 20 characters. The data protection officer sees that it was opened.
    reason: String,
}

/// Which clients.
#[derive(InputObject, Default)]
struct ClientFilter {
    /// Names that begin with each of these words (three letters or more, any order), the number, or the whole identity code.
    search: Option<String>,
    /// Kept by one of these organisations.
    #[graphql(validator(max_items = 100))]
    keepers: Option<Vec<OrganizationId>>,
}

/// Questions about clients.
#[derive(Default)]
pub struct ClientQuery;

/// Questions about clients.
#[Object]
impl ClientQuery {
    /// A client (asiakas); null when there is none, or it is not yours to see. The id of one who was merged into another gives the other.
    async fn client(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ClientId) -> Result<Option<Client>> {
        ctx.caller().signed_in()?;
        by_id(ctx.caller(), id).await
    }
    /// The clients (asiakkaat) whom you may see, the newest first. Each client on the page is kept in the use log.
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ClientFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Client>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let mut condition = sea_orm::Condition::all().add(table::Column::MergedIntoId.is_null());
        if let Some(search) = &filter.search {
            condition = condition.add(Store::clients_named(ctx.caller().reader(), ctx.caller().vault(), &page::plain(search)?));
        }
        if let Some(keepers) = &filter.keepers {
            condition = condition.add(table::Column::OrganizationId.is_in(keepers.iter().copied()));
        }
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Client::from).await
    }
}

/// Changes of clients.
#[derive(Default)]
pub struct ClientMutation;

/// Changes of clients.
#[Object]
impl ClientMutation {
    /// Takes up a client in your own organisation's register; you have a care relation to the client from then on.
    async fn register_client(&self, ctx: &Context<'_>, #[graphql(desc = "Where, and who.")] input: RegisterClientInput) -> Result<ClientPayload> {
        let what = client::RegisterClient { keeper: input.keeper, identity: input.identity, protected: input.protected };
        ClientPayload::of(ctx, client::register(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is known of who a client is.
    async fn update_identity(&self, ctx: &Context<'_>, #[graphql(desc = "Of whom, and what.")] input: UpdateIdentityInput) -> Result<PersonPayload> {
        let what = client::UpdateIdentity { client: input.client, expected: input.expected_version, identity: input.identity, protected: input.protected };
        PersonPayload::of(ctx, client::update_identity(ctx.caller(), what).await)
    }
    /// Ties the account with which a client signs in to the client, who sees the own data from then on.
    async fn link_account(&self, ctx: &Context<'_>, #[graphql(desc = "Whose, and which.")] input: LinkAccountInput) -> Result<ClientPayload> {
        ClientPayload::of(ctx, client::link_account(ctx.caller(), input.client, input.expected_version, input.account).await)
    }
    /// Records who acts for a client.
    async fn add_representation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, and who.")] input: AddRepresentationInput,
    ) -> Result<RepresentationPayload> {
        let what = client::AddRepresentation { client: input.client, subject: input.subject, kind: input.kind };
        RepresentationPayload::of(ctx, client::add_representation(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Ends a representation: from now on the representative sees nothing of the client.
    async fn end_representation(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: EndRepresentationInput) -> Result<RepresentationPayload> {
        RepresentationPayload::of(ctx, client::end_representation(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Opens what is kept back for a person's safety (turvakielto), with a reason. It is put before the data protection officer.
    async fn reveal_protected_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of whom, and why.")] input: RevealProtectedContactInput,
    ) -> Result<ProtectedContactPayload> {
        let outcome = client::reveal_protected(ctx.caller(), input.client, &input.reason).await;
        let contact = outcome.map(|identity| {
            let identity = identity.reveal();
            ProtectedContact { address: identity.address.as_ref().map(Address::from), phone: identity.phone.clone(), email: identity.email.clone() }
        });
        ProtectedContactPayload::of(ctx, contact)
    }
}

/// The client of a row; null where the caller may not see who it is: a partner sees none.
pub async fn of(ctx: &Context<'_>, id: Option<ClientId>) -> Result<Option<Client>> {
    match id {
        None => Ok(None),
        Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(Client::from)),
    }
}

/// The stable key of whoever did something for a client; null where the client did it, or somebody who acts for the client, and the caller may not see who
/// the client is: by the key, two who know the client by other names would know that it is the same one.
pub async fn key_of<'k>(ctx: &Context<'_>, key: &'k str, client: Option<ClientId>) -> Result<Option<&'k str>> {
    let Some(id) = client else { return Ok(Some(key)) };
    let told = ctx.caller().subject() == Some(key) || of(ctx, client).await?.is_some() || !ctx.caller().is_voice_of(key, id).await?;
    Ok(told.then_some(key))
}

/// The client of an id; of one who was merged into another, the other. Null where the caller may not see the one whom it leads to.
pub async fn by_id(caller: &Caller, id: ClientId) -> Result<Option<Client>> {
    let id = caller.surviving_client(id).await?;
    Ok(caller.load::<table::Entity>(id).await?.map(Client::from))
}
