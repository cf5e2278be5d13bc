//! Requests about one's data.
use crate::{
    act::person::rights::{self, DecideRequest, MakeRequest},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        page::{self, Page},
        payload::payload,
        person::Client,
    },
    store::{Order, Window},
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    catalogue::session::day,
    id::{ClientId, Kinded, OrganizationId, SubjectRequestId, public_id},
    machine::Machine,
    noted_field::NotedField,
    person::rights::{RefusalGround, RequestKind, RequestMove, RequestState},
    scalar::{Date, DateTime},
};
use entity::person::subject_request as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A request about one's data (rekisteröidyn pyyntö).
pub struct SubjectRequest(Arc<table::Model>);

impl From<table::Model> for SubjectRequest {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A request about one's data (rekisteröidyn pyyntö, GDPR 15 to 21): what was asked, by when it is to be answered, and how it was.
#[Object]
impl SubjectRequest {
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
    /// Who answers for the answer.
    async fn keeper(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// What is asked.
    async fn kind(&self) -> RequestKind {
        self.0.kind
    }
    /// How far it has come.
    async fn state(&self) -> RequestState {
        self.0.state
    }
    /// What is asked in words: the client's statement.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.opened(ctx, 0)
    }
    /// The client asked electronically, or somebody who acts for the client.
    async fn by_client(&self) -> bool {
        self.0.by_client
    }
    /// Who recorded it, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// The day on which it came.
    async fn received_on(&self) -> Date {
        Date(self.0.received_on)
    }
    /// The last day of the answer.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// Its last day has passed, and it is not answered.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.state.is_open() && self.0.due_on < day(ctx.caller().now())
    }
    /// Why the time was extended; null when it was not.
    async fn extension_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.opened(ctx, 1)
    }
    /// Why it was refused, wholly or in part; null when it was not.
    async fn ground(&self) -> Option<RefusalGround> {
        self.0.ground
    }
    /// The answer in words; null when none was given.
    async fn answer(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.opened(ctx, 2)
    }
    /// Who answered, by the stable key; null while nobody has.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }
    /// When it was answered or withdrawn; null while it was not.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }
    /// The id of the record that mends what was wrong: an entry, a follow-up, a network meeting or a baseline that corrects another, or the person; null when none was named.
    async fn correction(&self) -> Option<ID> {
        self.0.correction_kind.as_ref().zip(self.0.correction_id).map(|(kind, id)| ID(public_id(kind, id)))
    }
    /// The moves that its state allows.
    async fn moves(&self) -> Vec<RequestMove> {
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

impl SubjectRequest {
    fn opened(&self, ctx: &Context<'_>, which: usize) -> Result<Option<String>> {
        let fields = [NotedField::SubjectRequestWords, NotedField::SubjectRequestExtensionReason, NotedField::SubjectRequestAnswer];
        let mut words = rights::request_words(ctx.caller().vault(), &self.0)?;
        Ok(ctx.caller().revealed(self.0.client_id, fields[which], words[which].take()))
    }
}

payload! {
    /// The outcome of a change of a request.
    SubjectRequestPayload {
        /// The request as it is now; null when it was refused.
        subject_request: SubjectRequest
    }
}

/// What is asked of one's data.
#[derive(InputObject)]
struct MakeSubjectRequestInput {
    /// The client: you, or one whom you act for or work with.
    client: ClientId,
    /// What is asked.
    kind: RequestKind,
    /// In words, at most 4000 characters: of what, and why.
    words: String,
    /// The day on which it came, where it was not today; what a client asks in an own account comes today.
    received_on: Option<Date>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A request for whose answer more time is taken.
#[derive(InputObject)]
struct ExtendSubjectRequestInput {
    /// The request.
    id: SubjectRequestId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, at least 20 characters; the client is told.
    reason: String,
}

/// What is decided on a request (päätös pyynnöstä).
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum RequestDecision {
    /// Do as asked.
    Grant,
    /// Do it in part.
    GrantPartly,
    /// Refuse.
    Refuse,
}

/// A decision on a request.
#[derive(InputObject)]
struct DecideSubjectRequestInput {
    /// The request.
    id: SubjectRequestId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is decided.
    decision: RequestDecision,
    /// Why it is refused, wholly or in part; only then, and then it must be given.
    ground: Option<RefusalGround>,
    /// The answer in words, at most 4000 characters; it must be given for what is refused.
    words: Option<String>,
    /// The id of the record that mends what was wrong, for a request of RECTIFICATION: an entry, a follow-up, a network meeting or a baseline that corrects another, or the person.
    correction: Option<ID>,
}

/// A request that is withdrawn.
#[derive(InputObject)]
struct WithdrawSubjectRequestInput {
    /// The request.
    id: SubjectRequestId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which requests.
#[derive(InputObject, Default)]
struct SubjectRequestFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<RequestState>>,
    /// Of one of these kinds.
    #[graphql(validator(max_items = 20))]
    kinds: Option<Vec<RequestKind>>,
    /// For one of these keepers.
    #[graphql(validator(max_items = 100))]
    keepers: Option<Vec<OrganizationId>>,
    /// Only those whose last day has passed without an answer.
    overdue: Option<bool>,
}

/// Questions about requests.
#[derive(Default)]
pub struct RequestQuery;

/// Questions about requests.
#[Object]
impl RequestQuery {
    /// The requests about one's data (rekisteröityjen pyynnöt) that you may see, the newest first: your own, those of your clients, those of the organisation
    /// for its lead, those of the network for the data protection officer.
    async fn subject_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<SubjectRequestFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<SubjectRequest>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let filter = filter.unwrap_or_default();
        let today = day(ctx.caller().now());
        let mut condition = Condition::all()
            .add_option(filter.states.map(|states| table::Column::State.is_in(states)))
            .add_option(filter.kinds.map(|kinds| table::Column::Kind.is_in(kinds)))
            .add_option(filter.keepers.map(|keepers| table::Column::OrganizationId.is_in(keepers)));
        if let Some(overdue) = filter.overdue {
            let late = Condition::all().add(table::Column::State.is_in(RequestState::OPEN)).add(table::Column::DueOn.lt(today));
            condition = condition.add(if overdue { late } else { late.not() });
        }
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, SubjectRequest::from).await
    }
}

/// Changes of requests.
#[derive(Default)]
pub struct RequestMutation;

/// Changes of requests.
#[Object]
impl RequestMutation {
    /// Asks something of one's data, as the client or recorded for the client. It is to be answered in a month.
    async fn make_subject_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what.")] input: MakeSubjectRequestInput,
    ) -> Result<SubjectRequestPayload> {
        let what = MakeRequest { client: input.client, kind: input.kind, words: input.words, received_on: input.received_on };
        SubjectRequestPayload::of(ctx, rights::make_request(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Takes two months more for the answer, once; the client is told.
    async fn extend_subject_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ExtendSubjectRequestInput,
    ) -> Result<SubjectRequestPayload> {
        SubjectRequestPayload::of(ctx, rights::extend_request(ctx.caller(), input.id, input.expected_version, &input.reason).await)
    }
    /// Decides on a request, for the keeper; the client is told.
    async fn decide_subject_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: DecideSubjectRequestInput,
    ) -> Result<SubjectRequestPayload> {
        let by = match input.decision {
            RequestDecision::Grant => RequestMove::Grant,
            RequestDecision::GrantPartly => RequestMove::GrantPartly,
            RequestDecision::Refuse => RequestMove::Refuse,
        };
        let correction = input.correction.map(|id| id.0);
        let what = DecideRequest { id: input.id, expected: input.expected_version, by, ground: input.ground, words: input.words, correction };
        SubjectRequestPayload::of(ctx, rights::decide_request(ctx.caller(), what).await)
    }
    /// Withdraws a request that is not answered.
    async fn withdraw_subject_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WithdrawSubjectRequestInput,
    ) -> Result<SubjectRequestPayload> {
        SubjectRequestPayload::of(ctx, rights::withdraw_request(ctx.caller(), input.id, input.expected_version).await)
    }
}
