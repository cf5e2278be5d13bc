//! Referrals: type, inbox and outbox, moves.
use super::ClientEntry;
use crate::{
    act::casework::referral::{self, CreateReferral, Takes, Words},
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Access, Organization, Service, organization, published_service, row_access},
        code::{self, Code},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::{payload, split},
        person::{Client, Consent, client_of, key_of},
        text::Address,
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};
use domain::{
    casework::{
        case::CaseProgress,
        client_entry::EntryVisibility,
        referral::{self as rules, DeclineReason, ReferralContent, ReferralDirection, ReferralMove, ReferralOutcome, ReferralState, ReferrerKind, Urgency},
    },
    catalogue::service::SupportNeed,
    delivery::participation::Spot,
    id::{ClientId, Kinded, OrganizationId, ReferralId, ServiceId, ServiceOfferingId, SessionId},
    machine::Machine,
    noted_field::NotedField,
    person::{consent::DataItem, identity::Identity},
    policy::{Action, Party, Resource, Scope, receives_referrals, scope},
    private::Private,
    scalar::{Date, DateTime, EmailAddress, LanguageTag, PhoneNumber},
};
use entity::{
    casework::{client_entry, referral as table},
    catalogue::organization as organizations,
    person::consent,
};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A referral (ohjaus).
pub struct Referral(pub Arc<table::Model>);

impl From<table::Model> for Referral {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A referral (ohjaus, lähete): a person is steered to somebody, and the outcome comes back to the sender. A recipient sees it for as long as the
/// consent behind it is in force.
#[Object]
impl Referral {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// Which way it goes.
    async fn direction(&self) -> ReferralDirection {
        self.0.content.direction
    }
    /// Who steers.
    async fn referrer(&self) -> ReferrerKind {
        self.0.content.referrer
    }
    /// Which support is needed.
    async fn needs(&self) -> Vec<SupportNeed> {
        self.0.content.needs.iter().copied().collect()
    }
    /// How soon.
    async fn urgency(&self) -> Urgency {
        self.0.content.urgency
    }
    /// What data of the client is to go along, beside what is told by whoever steers.
    async fn disclose(&self) -> Vec<DataItem> {
        self.0.content.disclose.iter().copied().collect()
    }
    /// On which law an authority refers without consent; null where the client has consented.
    async fn legal_basis(&self) -> Option<&str> {
        self.0.content.legal_basis.as_deref()
    }
    /// On which law the recipient has a right to the data in spite of a prohibition of the client; null where it does not go by that.
    async fn despite_prohibition(&self) -> Option<&str> {
        self.0.content.despite_prohibition.as_deref()
    }
    /// Where it is on its way.
    async fn state(&self) -> ReferralState {
        self.0.state
    }
    /// The organisation that sends it.
    async fn sender(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who wrote it, by the stable key; null where that is the client, or who acts for the client, and you may not see who the client is.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        key_of(ctx, &self.0.created_by, self.0.client_id).await
    }
    /// To whom it goes.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.recipient_id).await
    }
    /// To which service; null when none is meant, or it is not public any more.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<Service>> {
        match self.0.service_id {
            None => Ok(None),
            Some(id) => published_service(ctx, id).await,
        }
    }
    /// The client of the register; null for partners, and while the person is no client.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        client_of(ctx, self.0.client_id).await
    }
    /// The person is known by an alias only.
    async fn anonymous(&self) -> bool {
        self.0.anonymous
    }
    /// What the recipient is told of the person: in a draft, what is written of it so far. Once somebody at an authority has taken it up, it is shown there to that one, to
    /// those with a care relation to the client and to the lead, and null to everybody else. Where a person under non-disclosure lives or can be reached
    /// is shown to nobody but the one who handles it at the authority to which it goes. Reading it is kept in the use log.
    async fn introduction(&self, ctx: &Context<'_>) -> Result<Option<Introduction>> {
        let caller = ctx.caller();
        if !referral::is_told(caller, &self.0).await? {
            return Ok(None);
        }
        let Some(told) = referral::introduction(caller.vault(), &self.0)? else { return Ok(None) };
        let Some(client) = self.0.client_id else { return Ok(Some(Introduction(told))) };
        let handles = self.0.is_handled_by(caller.subject());
        referral::shown(caller, NotedField::ReferralIntroduction, client, handles, told).await.map(Introduction::from).map(Some)
    }
    /// What the recipient has asked or answered, or what the sender has answered, whichever came last; null when nothing was said, and to whom the
    /// introduction is not shown.
    async fn message(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !referral::is_told(ctx.caller(), &self.0).await? {
            return Ok(None);
        }
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::ReferralMessage, referral::message(ctx.caller().vault(), &self.0)?))
    }
    /// The consent behind it; null when none is needed, in a draft, or when it is not yours to see.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>> {
        match self.0.consent_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<consent::Entity>(id).await?.map(Consent::from)),
        }
    }
    /// The entries of the client's record that are shared with the recipient (jaetut merkinnät), the newest last: for the recipient, those that the
    /// consent opens once the referral is accepted and for as long as it goes on; nothing else of the record.
    async fn shared_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<ClientEntry>> {
        let window = Window::parse(first, after, last, before)?;
        let mut rows = match self.0.client_id {
            None => Vec::new(),
            Some(client) => ctx.caller().children::<client_entry::Entity>(client).await?,
        };
        rows.retain(|row| row.visibility == EntryVisibility::Shared && row.organization_id == self.0.organization_id);
        Ok(page::of_children::<client_entry::Entity, _>(rows, &window, ClientEntry::from))
    }
    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was sent; null for a draft.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(DateTime)
    }
    /// By when it is to be acknowledged; null for a draft.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }
    /// It is still to be acknowledged, and its time has passed.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.state == ReferralState::Sent && self.0.due_at.is_some_and(|due| due < ctx.caller().now())
    }
    /// When it expires unless it is acknowledged; null for a draft.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }
    /// Who handles it at the recipient, by the stable key; null until it is acknowledged.
    async fn handler(&self) -> Option<&str> {
        self.0.handler.as_deref()
    }
    /// Why the recipient did not take the client on; null otherwise.
    async fn decline_reason(&self) -> Option<DeclineReason> {
        self.0.decline_reason
    }
    /// When the recipient answered; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime)
    }
    /// What became of it; null until the recipient tells.
    async fn outcome(&self) -> Option<ReferralOutcome> {
        self.0.outcome
    }
    /// When that became of it; null until the recipient tells.
    async fn outcome_at(&self) -> Option<DateTime> {
        self.0.outcome_at.map(DateTime)
    }
    /// How far the case has come that has arisen from it (asian eteneminen), in coarse form: for the sender, who keeps the responsibility for the process
    /// (prosessivastuu), while the consent behind it covers that (PROGRESS), or where one authority has referred to another on a law; and for those who see the
    /// case. Null for everybody else, for those from whom the client keeps it back, and where there is no case. Reading it is kept in the use log.
    async fn progress(&self, ctx: &Context<'_>) -> Result<Option<CaseProgress>> {
        Ok(ctx.caller().showing(self.0.client_id, NotedField::ReferralProgress, ctx.caller().progress_of(self.0.id).await?))
    }
    /// The referral that was passed on as this one; null when none was, or it is not yours to see.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.previous_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// The moves that its state allows on your side of it.
    async fn moves(&self, ctx: &Context<'_>) -> Result<Vec<ReferralMove>> {
        let actor = ctx.caller().actor();
        let handles = |role| scope(Party::In(role), Action::Transition, Resource::Referral) != Scope::Nothing;
        let recipient = ctx.caller().peek::<organizations::Entity>(self.0.recipient_id).await?;
        let at_authority = recipient.is_some_and(|recipient| recipient.content.kind.is_authority());
        let receives = actor.is_in(self.0.recipient_id, |role| receives_referrals(role, self.0.content.direction, at_authority));
        let sends =
            !actor.is_in(self.0.recipient_id, handles) || actor.subject() == Some(self.0.created_by.as_str()) || actor.is_in(self.0.organization_id, |_| true);
        let mine = |by: &ReferralMove| match by {
            ReferralMove::Send | ReferralMove::Cancel | ReferralMove::SupplyInfo | ReferralMove::Withdraw => sends,
            ReferralMove::Expire => false,
            ReferralMove::RequestInfo => receives && !self.0.content.is_advice(),
            _ => receives,
        };
        Ok(self.0.state.moves().filter(mine).collect())
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

/// What the recipient of a referral is told of the person (saatetiedot).
pub struct Introduction(Private<rules::Introduction>);

impl From<Private<rules::Introduction>> for Introduction {
    fn from(told: Private<rules::Introduction>) -> Self {
        Self(told)
    }
}

/// What the recipient of a referral is told of the person (saatetiedot): exactly what the consent covers; and what a provider is told of a client for whom
/// a service is ordered. Each field is null when it is not told.
#[Object]
impl Introduction {
    /// First name, or an alias.
    async fn alias(&self) -> Option<&str> {
        self.0.reveal().alias.as_deref()
    }
    /// Full name.
    async fn full_name(&self) -> Option<&str> {
        self.0.reveal().full_name.as_deref()
    }
    /// Day of birth.
    async fn birth_date(&self) -> Option<Date> {
        self.0.reveal().birth_date
    }
    /// Telephone number.
    async fn phone(&self) -> Option<PhoneNumber> {
        self.0.reveal().phone.clone()
    }
    /// E-mail address.
    async fn email(&self) -> Option<EmailAddress> {
        self.0.reveal().email.clone()
    }
    /// Address.
    async fn address(&self) -> Option<Address> {
        self.0.reveal().address.as_ref().map(Address::from)
    }
    /// Municipality of residence.
    async fn municipality(&self) -> Option<Code> {
        self.0.reveal().municipality.as_ref().and_then(|m| code::code("municipality", m.as_str()))
    }
    /// Language spoken with the services.
    async fn language(&self) -> Option<LanguageTag> {
        self.0.reveal().language.clone()
    }
    /// An interpreter is needed.
    async fn needs_interpreter(&self) -> Option<bool> {
        self.0.reveal().needs_interpreter
    }
    /// Why the person is steered, in words.
    async fn reason(&self) -> Option<&str> {
        self.0.reveal().reason.as_deref()
    }
}

payload! {
    /// The outcome of a move of a referral.
    ReferralPayload {
        /// The referral as it is now; of one that is passed on, the new draft; null when it was refused, and when what became of it was told after its
        /// consent had ended: then it is not yours to see.
        referral: Referral
    }
}

/// A new referral.
#[derive(InputObject)]
struct CreateReferralInput {
    /// The sender: your own organisation; for a client, the one that keeps the client's register.
    sender: OrganizationId,
    /// To whom.
    recipient: OrganizationId,
    /// To which service, where one is meant.
    service: Option<ServiceId>,
    /// The client of the register whom it is about: what goes along is taken from there. Nothing for a person who is no client.
    client: Option<ClientId>,
    /// What the recipient is told. Of a client only the reason, since the rest comes from the register; the consent must cover each item.
    #[graphql(default)]
    introduction: rules::Introduction,
    /// The person is known by an alias only: that and the reason is all that is told, and no consent is needed.
    #[graphql(default)]
    anonymous: bool,
    /// What is said of it.
    content: ReferralContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A move of a referral.
#[derive(InputObject)]
struct ReferralMoveInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A move of a referral that says something.
#[derive(InputObject)]
struct ReferralMessageInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is asked or answered, at most 2500 characters.
    message: String,
}

/// A referral that is accepted.
#[derive(InputObject)]
struct AcceptReferralInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
    /// Who the person is in your register; nothing for a partner, or where the referral names its client.
    person: Option<AcceptedPerson>,
    /// Which of your offerings you propose to the client (osallistuminen ehdotetaan), where that is known already: published, of the service that is meant. The
    /// client accepts the proposal or not. A register must know the client, and the consent must cover the alias.
    offering: Option<ServiceOfferingId>,
    /// The session of it, planned and not begun: needed where one registers for a session at a time, and only there.
    session: Option<SessionId>,
}

/// Who the person of an accepted referral is in the authority's register.
#[derive(OneofObject)]
#[expect(clippy::large_enum_variant, reason = "an input is read once; async-graphql takes no box here")]
enum AcceptedPerson {
    /// A client whom the register knows, and you have a relation to.
    Client(ClientId),
    /// A new client, who is taken up.
    Register(Identity),
}

/// A referral that is declined.
#[derive(InputObject)]
struct DeclineReferralInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why.
    reason: DeclineReason,
    /// More in words, at most 2500 characters.
    message: Option<String>,
}

/// A referral that is passed on.
#[derive(InputObject)]
struct RedirectReferralInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
    /// To whom.
    recipient: OrganizationId,
    /// To which service, where one is meant.
    service: Option<ServiceId>,
}

/// What became of an accepted referral.
#[derive(InputObject)]
struct ReportReferralOutcomeInput {
    /// The referral.
    id: ReferralId,
    /// The version that you have seen.
    expected_version: i32,
    /// What became of the client.
    outcome: ReferralOutcome,
    /// More in words, at most 2500 characters; with DISCONTINUED, the reason, which must be given.
    message: Option<String>,
}

/// Which referrals.
#[derive(InputObject, Default)]
struct ReferralFilter {
    /// In one of these states; without it, those that are open: SENT, RECEIVED and INFO_REQUESTED in an inbox, drafts too in an outbox.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ReferralState>>,
    /// Only those that are to be acknowledged by this time.
    due_before: Option<DateTime>,
    /// To one of these services.
    #[graphql(validator(max_items = 100))]
    services: Option<Vec<ServiceId>>,
}

/// By what referrals are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ReferralOrderField {
    /// When they were begun.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

order_by! {
    /// How referrals are put in order.
    ReferralOrder by ReferralOrderField
}

/// Questions about referrals.
#[derive(Default)]
pub struct ReferralQuery;

/// Questions about referrals.
#[Object]
impl ReferralQuery {
    /// A referral (ohjaus); null when there is none, or it is not yours to see any more.
    async fn referral(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ReferralId) -> Result<Option<Referral>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Referral::from))
    }
    /// The referrals that have come to an organisation (saapuneet ohjaukset): what its workers see of them, the oldest first.
    async fn referral_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<ReferralFilter>,
        #[graphql(desc = "In which order; without it, the oldest first.")] order_by: Option<Vec<ReferralOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Referral>> {
        let window = Window::parse(first, after, last, before)?;
        let to = Condition::all().add(table::Column::RecipientId.eq(organization)).add(table::Column::State.ne(ReferralState::Draft));
        let open = [ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested];
        list(ctx, to, filter, &open, order_by, &window).await
    }
    /// The referrals that an organisation has sent or is writing (lähetetyt ohjaukset): those that you wrote, or whose client you have a relation to.
    async fn referral_outbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation: your own.")] organization: OrganizationId,
        #[graphql(desc = "Which of them.")] filter: Option<ReferralFilter>,
        #[graphql(desc = "In which order; without it, the oldest first.")] order_by: Option<Vec<ReferralOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Referral>> {
        let window = Window::parse(first, after, last, before)?;
        let from = Condition::all().add(table::Column::OrganizationId.eq(organization));
        let open = [ReferralState::Draft, ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested];
        list(ctx, from, filter, &open, order_by, &window).await
    }
}

async fn list(
    ctx: &Context<'_>,
    side: Condition,
    filter: Option<ReferralFilter>,
    open: &[ReferralState],
    order_by: Option<Vec<ReferralOrder>>,
    window: &Window,
) -> Result<Page<Referral>> {
    ctx.caller().signed_in()?;
    let filter = filter.unwrap_or_default();
    let states = filter.states.unwrap_or_else(|| open.to_vec());
    let mut condition = side.add(table::Column::State.is_in(states));
    if let Some(due) = filter.due_before {
        condition = condition.add(table::Column::DueAt.lt(due.0)).add(table::Column::State.eq(ReferralState::Sent));
    }
    if let Some(services) = filter.services {
        condition = condition.add(table::Column::ServiceId.is_in(services));
    }
    let by = order::keys(order_by, (ReferralOrderField::CreatedAt, false))?;
    let order = order::in_database(&by, |field| {
        Ok(match field {
            ReferralOrderField::CreatedAt => SortedBy::Creation,
            ReferralOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
        })
    })?;
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, window, Referral::from).await
}

/// Changes of referrals.
#[derive(Default)]
pub struct ReferralMutation;

/// Changes of referrals.
#[Object]
impl ReferralMutation {
    /// Begins a referral as a draft, which nobody else is told of. A client steers oneself by it, too.
    async fn create_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Whom, and to whom.")] input: CreateReferralInput) -> Result<ReferralPayload> {
        let what = CreateReferral {
            sender: input.sender,
            recipient: input.recipient,
            service: input.service,
            client: input.client,
            introduction: input.introduction,
            anonymous: input.anonymous,
            content: input.content,
        };
        ReferralPayload::of(ctx, referral::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Sends a referral (lähetä). Refused unless a consent covers each item that goes along, or a law lets one authority tell another.
    async fn send_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ReferralMoveInput) -> Result<ReferralPayload> {
        ReferralPayload::of(ctx, referral::send(ctx.caller(), input.id, input.expected_version).await)
    }
    /// Throws a draft away.
    async fn cancel_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ReferralMoveInput) -> Result<ReferralPayload> {
        step(ctx, input.id, input.expected_version, ReferralMove::Cancel, Words::default()).await
    }
    /// Acknowledges that a referral has come; you handle it from then on.
    async fn acknowledge_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ReferralMoveInput) -> Result<ReferralPayload> {
        step(ctx, input.id, input.expected_version, ReferralMove::Acknowledge, Words::default()).await
    }
    /// Asks the sender for more.
    async fn request_referral_info(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what.")] input: ReferralMessageInput) -> Result<ReferralPayload> {
        step(ctx, input.id, input.expected_version, ReferralMove::RequestInfo, Words { message: Some(input.message), ..Words::default() }).await
    }
    /// Answers what the recipient has asked.
    async fn supply_referral_info(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and what.")] input: ReferralMessageInput) -> Result<ReferralPayload> {
        step(ctx, input.id, input.expected_version, ReferralMove::SupplyInfo, Words { message: Some(input.message), ..Words::default() }).await
    }
    /// Takes the client on (hyväksy). An authority says who the person is in its register; whoever gives the service may propose a group to the client at once.
    async fn accept_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and who it is.")] input: AcceptReferralInput) -> Result<ReferralPayload> {
        let takes = match input.person {
            None => Takes::Nothing,
            Some(AcceptedPerson::Client(client)) => Takes::Client(client),
            Some(AcceptedPerson::Register(identity)) => Takes::Register(Box::new(identity)),
        };
        let (offering, session) = (input.offering, input.session);
        if offering.is_none() && session.is_some() {
            return ReferralPayload::of(ctx, Err::<table::Model, _>(Error::reject(domain::rejection::Code::Required, &["offering"])));
        }
        let proposes = offering.map(|offering| Spot { offering, session });
        ReferralPayload::of(ctx, referral::accept(ctx.caller(), input.id, input.expected_version, takes, proposes).await)
    }
    /// Does not take the client on, with a reason.
    async fn decline_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: DeclineReferralInput) -> Result<ReferralPayload> {
        let words = Words { message: input.message, decline: Some(input.reason) };
        step(ctx, input.id, input.expected_version, ReferralMove::Decline, words).await
    }
    /// Passes a referral on: it ends, and a new draft begins that needs a consent of its own.
    async fn redirect_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and to whom.")] input: RedirectReferralInput) -> Result<ReferralPayload> {
        ReferralPayload::of(ctx, referral::redirect(ctx.caller(), input.id, input.expected_version, input.recipient, input.service).await)
    }
    /// Withdraws a referral, as the client or for the client: the recipient reads nothing of it any more.
    async fn withdraw_referral(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ReferralMoveInput) -> Result<ReferralPayload> {
        step(ctx, input.id, input.expected_version, ReferralMove::Withdraw, Words::default()).await
    }
    /// Tells the sender what became of an accepted referral: whether the client came, and how it ended. It can be told after the consent has ended, too:
    /// then nothing of the referral is answered.
    async fn report_referral_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which, and what.")] input: ReportReferralOutcomeInput,
    ) -> Result<ReferralPayload> {
        let told = referral::report_outcome(ctx.caller(), input.id, input.expected_version, input.outcome, input.message).await;
        let (row, user_errors) = split(ctx, told)?;
        Ok(ReferralPayload { referral: row.flatten().map(Referral::from), user_errors })
    }
}

async fn step(ctx: &Context<'_>, id: ReferralId, expected: i32, by: ReferralMove, words: Words) -> Result<ReferralPayload> {
    ReferralPayload::of(ctx, referral::move_on(ctx.caller(), id, expected, by, words).await)
}
