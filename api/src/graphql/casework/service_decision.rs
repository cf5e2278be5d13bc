//! Service decisions: type and moves.
use crate::{
    act::casework::service_decision as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Service, published_service, row_access},
        funding::Quantity,
        payload::payload,
        text::Money,
    },
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    casework::case::CaseClosingReason,
    casework::service_decision::{self as rules, DecisionBasis, DecisionMove, DecisionOutcome, DecisionState, NoticeMethod, ServiceDecisionContent},
    catalogue::session::day,
    funding::price::QuantityUnit,
    id::{CaseId, Kinded, ServiceDecisionId},
    machine::Machine,
    noted_field::NotedField,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::service_decision as table;
use std::sync::Arc;

/// A service decision (palvelupäätös).
pub struct ServiceDecision(Arc<table::Model>);

impl From<table::Model> for ServiceDecision {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl ServiceDecision {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<ServiceDecisionContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::ServiceDecisionContent, false);
        act::content(ctx.caller().vault(), &self.0)
    }
}

/// A service decision (palvelupäätös): what of a service is granted to the client or denied. Workers with a care relation see it; the client from the day on
/// which it is sent to be served.
#[Object]
impl ServiceDecision {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// The service; null when it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        published_service(ctx, self.0.service_id).await
    }
    /// What it comes to.
    async fn outcome(&self) -> DecisionOutcome {
        self.0.outcome
    }
    /// What it grants; null when it denies, and in a draft that does not say it yet.
    async fn granted(&self, ctx: &Context<'_>) -> Result<Option<GrantedService>> {
        Ok(self.content(ctx)?.reveal().granted.as_ref().map(GrantedService::from))
    }
    /// On which law.
    async fn basis(&self, ctx: &Context<'_>) -> Result<DecisionBasis> {
        Ok(self.content(ctx)?.reveal().basis)
    }
    /// What else of law and guidelines it rests on; null when nothing is said.
    async fn basis_details(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().basis_details.clone())
    }
    /// Why (perustelut); null until it is written.
    async fn reasoning(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().reasoning.clone())
    }
    /// Where it is. What is granted holds by its days, whether or not the minute's job has moved the state yet.
    async fn state(&self) -> DecisionState {
        self.0.state
    }
    /// The moves that its state and the day allow; whose they are tells the mutation. What the client has sent within the time for rectification can be
    /// written down after it too.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<DecisionMove> {
        let today = day(ctx.caller().now());
        let may = |by: &DecisionMove| by.is_somebodys() && (*by != DecisionMove::RequestRectification || self.0.is_contestable_on(today));
        self.0.state.moves().filter(may).collect()
    }
    /// Who prepared it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// Who made it, by the stable key; null until then.
    async fn made_by(&self) -> Option<&str> {
        self.0.made_by.as_deref()
    }
    /// When it was made; null until then.
    async fn made_at(&self) -> Option<DateTime> {
        self.0.made_at.map(DateTime)
    }
    /// How it was served (tiedoksiantotapa); null until then.
    async fn notice_method(&self) -> Option<NoticeMethod> {
        self.0.notice_method
    }
    /// The day on which it was sent or handed over; null until then.
    async fn sent_on(&self) -> Option<Date> {
        self.0.sent_on.map(Date)
    }
    /// The day on which the client is held to have received it (tiedoksisaanti); null until it is sent.
    async fn served_on(&self) -> Option<Date> {
        self.0.served_on.map(Date)
    }
    /// The last day on which rectification is sought (oikaisuvaatimusaika); null until it is served.
    async fn rectification_until(&self) -> Option<Date> {
        self.0.rectification_until.map(Date)
    }
    /// What the client says against it (oikaisuvaatimus); null when nothing.
    async fn rectification(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ServiceDecisionRectification, act::rectification(ctx.caller().vault(), &self.0)?))
    }
    /// The day on which the client asked for rectification; null when the client has not.
    async fn requested_on(&self) -> Option<Date> {
        self.0.requested_on.map(Date)
    }
    /// Why the rectification left it as it was, or amends it; null when it has not ended so.
    async fn rectification_grounds(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ServiceDecisionRectificationGrounds, act::rectification_grounds(ctx.caller().vault(), &self.0)?))
    }
    /// Why it was taken back; null when it was not, or when that was with the case.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ServiceDecisionReason, act::reason(ctx.caller().vault(), &self.0)?))
    }
    /// The decision in whose place it stands; null when there is none, or it is not yours to see.
    async fn amends(&self, ctx: &Context<'_>) -> Result<Option<ServiceDecision>> {
        match self.0.amends_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(ServiceDecision::from)),
        }
    }
    /// The first day on which another decision stands in its place; null when none does.
    async fn ends_before(&self) -> Option<Date> {
        self.0.ends_before.map(Date)
    }
    /// The day on which it ended with the case, and from which on it grants nothing; null when it has not ended so.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
    /// Why the case was closed with which it ended; null when it has not ended so.
    async fn closing_reason(&self) -> Option<CaseClosingReason> {
        self.0.closing_reason
    }
    /// What you may do with it, as relations are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// What is granted (myönnetty palvelu).
#[derive(SimpleObject)]
pub struct GrantedService {
    /// The first day.
    valid_from: Date,
    /// The last day.
    valid_to: Date,
    /// How much at most.
    quantity: Quantity,
    /// In what that is counted.
    unit: QuantityUnit,
    /// What it costs at most, without value added tax.
    value: Money,
}

impl From<&rules::GrantedService> for GrantedService {
    fn from(granted: &rules::GrantedService) -> Self {
        let rules::GrantedService { valid_from, valid_to, quantity, unit, value } = granted.clone();
        Self { valid_from, valid_to, quantity: quantity.into(), unit, value: value.into() }
    }
}

payload! {
    /// The outcome of a move of a service decision.
    ServiceDecisionPayload {
        /// The decision as it is now; null when it was refused.
        service_decision: ServiceDecision
    }
}

/// A decision that is begun to be prepared.
#[derive(InputObject)]
struct DraftServiceDecisionInput {
    /// The case.
    case: CaseId,
    /// The decision in whose place it is to stand: one that the client has been told of, in the same case, and that is not under rectification. The decision
    /// that a rectification asks for is drafted in a closed case too.
    amends: Option<ServiceDecisionId>,
    /// What it says so far.
    content: ServiceDecisionContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What a draft says.
#[derive(InputObject)]
struct SaveServiceDecisionInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
    /// What it says, whole: what you leave out is gone.
    content: ServiceDecisionContent,
}

/// A move of a decision.
#[derive(InputObject)]
struct ServiceDecisionMoveInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A decision that is served.
#[derive(InputObject)]
struct ServeServiceDecisionInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
    /// How.
    method: NoticeMethod,
    /// The day on which it was sent or handed over: from the day on which it was made to today.
    sent_on: Date,
    /// The day on the receipt: must be there for `VERIFIED`, from the day of sending to today, and is left out otherwise.
    received_on: Option<Date>,
}

/// A decision that is taken back.
#[derive(InputObject)]
struct RevokeServiceDecisionInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; the client reads it.
    reason: String,
    /// The client wishes it. Must be true for a decision that grants something and that the client knows of, unless its rectification comes to that.
    #[graphql(default)]
    client_agrees: bool,
}

/// What the client says against a decision.
#[derive(InputObject)]
struct RequestDecisionRectificationInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
    /// What should be otherwise, and why, at most 10 000 characters.
    words: String,
    /// The day on which it was received, where a worker writes down what the client has sent; today when it is left out, and for the client.
    received_on: Option<Date>,
}

/// What the body for individual cases has decided of a rectification.
#[derive(InputObject)]
struct EndDecisionRectificationInput {
    /// The decision.
    id: ServiceDecisionId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; the client reads it.
    reason: String,
}

/// Changes of service decisions.
#[derive(Default)]
pub struct ServiceDecisionMutation;

async fn end(ctx: &Context<'_>, input: EndDecisionRectificationInput, by: DecisionMove) -> Result<ServiceDecisionPayload> {
    ServiceDecisionPayload::of(ctx, act::end_rectification(ctx.caller(), input.id, input.expected_version, by, &input.reason).await)
}

/// Changes of service decisions.
#[Object]
impl ServiceDecisionMutation {
    /// Begins to prepare a service decision of a case (valmistele palvelupäätös).
    async fn draft_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case, and what it says.")] input: DraftServiceDecisionInput,
    ) -> Result<ServiceDecisionPayload> {
        let what = act::DraftDecision { case: input.case, amends: input.amends, content: input.content };
        ServiceDecisionPayload::of(ctx, act::draft(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Saves what a draft says; parts may be missing.
    async fn save_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: SaveServiceDecisionInput,
    ) -> Result<ServiceDecisionPayload> {
        ServiceDecisionPayload::of(ctx, act::save(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Makes a decision (tee päätös), by one's power to decide; refused with one user error for each mandatory part that is missing, and above the limit of
    /// one's role. What is weighed is the value together with what else of the service is granted in the case, and no less than what it takes the place of.
    async fn make_service_decision(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ServiceDecisionMoveInput) -> Result<ServiceDecisionPayload> {
        ServiceDecisionPayload::of(ctx, act::make(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Serves a decision on the client (anna tiedoksi), who sees it from then on and may seek rectification. One that takes the place of another is for
    /// those with the power over both.
    async fn serve_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, how and when.")] input: ServeServiceDecisionInput,
    ) -> Result<ServiceDecisionPayload> {
        let notice = act::Notice { method: input.method, sent_on: input.sent_on.0, received_on: input.received_on.map(|day| day.0) };
        ServiceDecisionPayload::of(ctx, act::serve(ctx.caller(), input.id, input.expected_version, notice).await)
    }
    /// Takes a decision back (peruuta päätös); the one in whose place it stood stands again.
    async fn revoke_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: RevokeServiceDecisionInput,
    ) -> Result<ServiceDecisionPayload> {
        ServiceDecisionPayload::of(ctx, act::revoke(ctx.caller(), input.id, input.expected_version, &input.reason, input.client_agrees).await)
    }
    /// Throws away a decision that was not made.
    async fn discard_service_decision(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ServiceDecisionMoveInput) -> Result<ServiceDecisionPayload> {
        ServiceDecisionPayload::of(ctx, act::discard(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Seeks rectification of a decision (tee oikaisuvaatimus) within its time: as the client, or writing down what the client has sent.
    async fn request_decision_rectification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which, and what should be otherwise.")] input: RequestDecisionRectificationInput,
    ) -> Result<ServiceDecisionPayload> {
        let received_on = input.received_on.map(|day| day.0);
        ServiceDecisionPayload::of(ctx, act::request_rectification(ctx.caller(), input.id, input.expected_version, &input.words, received_on).await)
    }
    /// Writes down, as the lead, that a decision stands after its rectification (pysytä päätös).
    async fn uphold_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: EndDecisionRectificationInput,
    ) -> Result<ServiceDecisionPayload> {
        end(ctx, input, DecisionMove::Uphold).await
    }
    /// Writes down, as the lead, that a rectification amends a decision (muuta päätöstä): it stands until a decision in its place is served that says how.
    async fn amend_service_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: EndDecisionRectificationInput,
    ) -> Result<ServiceDecisionPayload> {
        end(ctx, input, DecisionMove::Amend).await
    }
}
