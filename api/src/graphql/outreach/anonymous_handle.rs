//! Anonymous handles. A code word is only ever written in the input of a mutation, which no URL carries.
use super::anonymous_contact::AnonymousContact;
use crate::{
    act::outreach::anonymous_handle as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{self, Access, Organization, access, may},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::{UserError, payload, split},
    },
    store::{Order, Presented, Window},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    id::{AnonymousHandleId, Kinded, OrganizationId},
    machine::Machine,
    outreach::{
        anonymous_contact::summary,
        anonymous_handle::{AnonymousHandleMove, AnonymousHandleState},
        record::OutreachState,
    },
    policy::{Action, Resource},
    private::Private,
    scalar::{self, Date},
};
use entity::outreach::{anonymous_contact as contact, anonymous_handle as table};
use sea_orm::{ColumnTrait, Condition};

/// The handle of somebody who does not tell who it is (nimimerkki).
pub struct AnonymousHandle(table::Model);

impl From<table::Model> for AnonymousHandle {
    fn from(row: table::Model) -> Self {
        Self(row)
    }
}

/// The handle of somebody who does not tell who it is (nimimerkki). The organisation's own workers see that there is one; what stands under it is seen by
/// whoever is told its code word, with `openAnonymousHandle`.
#[Object]
impl AnonymousHandle {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// In which organisation it stands.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        catalogue::organization(ctx, self.0.organization_id).await
    }
    /// How far it is.
    async fn state(&self) -> AnonymousHandleState {
        self.0.state
    }
    /// The last day on which it stands.
    async fn expires_on(&self) -> Date {
        Date(self.0.expires_on)
    }
    /// The moves that its state allows and that you may make. PRESENT takes the code word, and EXPIRE is made by time.
    async fn moves(&self, ctx: &Context<'_>) -> Vec<AnonymousHandleMove> {
        let allowed = may(ctx, Action::Transition, Resource::AnonymousHandle, Some(self.0.network_id), Some(self.0.organization_id));
        self.0.state.moves().filter(|by| allowed && *by != AnonymousHandleMove::Expire).collect()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::AnonymousHandle, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was made.
    async fn created_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.created_at)
    }
    /// When it was last changed; of one that was presented, only the day is right.
    async fn updated_at(&self) -> scalar::DateTime {
        scalar::DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A handle as whoever is told its code word sees it (avattu nimimerkki).
pub struct OpenedHandle(act::Opened);

impl From<act::Opened> for OpenedHandle {
    fn from(opened: act::Opened) -> Self {
        Self(opened)
    }
}

/// A handle as whoever is told its code word sees it (avattu nimimerkki).
#[Object]
impl OpenedHandle {
    /// The handle.
    async fn handle(&self) -> AnonymousHandle {
        AnonymousHandle(self.0.handle.clone())
    }
    /// What was recorded under it and is not void, in the order in which it was recorded.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<AnonymousContact>> {
        let window = Window::parse(first, after, last, before)?;
        let under = Condition::all().add(contact::Column::Id.is_in(self.0.contacts.iter().copied())).add(contact::Column::State.ne(OutreachState::Voided));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<contact::Entity>().filter(under.clone()), &Order::by_id(false), &window, AnonymousContact::from).await
    }
}

/// What presenting a handle gives to whoever has presented it (esitetty nimimerkki).
pub struct PresentedHandle {
    presented: Presented,
    with_summary: bool,
}

/// What presenting a handle gives to whoever has presented it (esitetty nimimerkki). It is told once, and nothing is kept of who was told.
#[Object]
impl PresentedHandle {
    /// In which organisation the handle stood.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        catalogue::organization(ctx, self.presented.handle.organization_id).await
    }
    /// How often the person was met under it.
    async fn contact_count(&self) -> i32 {
        i32::try_from(self.presented.contacts.len()).unwrap_or(i32::MAX)
    }
    /// The contacts in words, in your language, as a whole: how often, in which months, at most how many hours, and the themes. Nothing tells one contact
    /// from another, and neither days, places, results nor the workers' notes are in it. The person can put it into a referral, or leave it. Empty when
    /// nothing was recorded, null unless it was asked for.
    async fn summary(&self, ctx: &Context<'_>) -> Option<String> {
        let contacts: Vec<_> = self.presented.contacts.iter().map(|row| (row.effective_date, &row.content)).collect();
        self.with_summary.then(|| summary(&contacts, ctx.caller().language()))
    }
}

/// The outcome of making a handle.
#[derive(SimpleObject)]
struct CreateAnonymousHandlePayload {
    /// The handle; null when it was refused.
    anonymous_handle: Option<AnonymousHandle>,
    /// The code word, for the person to keep: it is told here and never again, not even when the same input is sent again. Null then, and when it was
    /// refused.
    code_word: Option<String>,
    /// Why nothing was kept; empty when it was.
    user_errors: Vec<UserError>,
}

payload! {
    /// The outcome of giving up a handle.
    AnonymousHandlePayload {
        /// The handle as it is now; null when it was refused.
        anonymous_handle: AnonymousHandle
    }
}

payload! {
    /// The outcome of opening a handle.
    OpenAnonymousHandlePayload {
        /// The handle and what stands under it; null when it was refused.
        opened_handle: OpenedHandle
    }
}

payload! {
    /// The outcome of presenting a handle.
    PresentAnonymousHandlePayload {
        /// What it gives to whoever has presented it; null when it was refused.
        presented_handle: PresentedHandle
    }
}

/// A handle as it is made.
#[derive(InputObject)]
struct CreateAnonymousHandleInput {
    /// In which organisation it stands: your own.
    organization: OrganizationId,
    /// The last day on which it stands, at most a year from now; left out, it stands for six months.
    expires_on: Option<Date>,
    /// A key of your own: sent again with the same input, the handle is answered without its code word.
    idempotency_key: Option<String>,
}

/// A code word that a worker is told.
#[derive(InputObject)]
struct OpenAnonymousHandleInput {
    /// The code word, as the person tells it: capitals, spaces and dashes do not matter.
    code_word: String,
}

/// A code word that is presented.
#[derive(InputObject)]
struct PresentAnonymousHandleInput {
    /// The code word: capitals, spaces and dashes do not matter.
    code_word: String,
    /// The person wants this: you are the person, or the person is with you and says so. Without it, nothing is done.
    consented: bool,
    /// The person wants to take along what was recorded, in words.
    #[graphql(default)]
    with_summary: bool,
}

/// A handle that is given up.
#[derive(InputObject)]
struct RevokeAnonymousHandleInput {
    /// The handle.
    id: AnonymousHandleId,
    /// The version that you have seen.
    expected_version: i32,
}

/// Which anonymous handles.
#[derive(InputObject, Default)]
struct AnonymousHandleFilter {
    /// Of one of these organisations.
    #[graphql(validator(max_items = 100))]
    organizations: Option<Vec<OrganizationId>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<AnonymousHandleState>>,
}

/// By what anonymous handles are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum AnonymousHandleOrderField {
    /// By when they were made.
    CreatedAt,
    /// By the last day on which they stand.
    ExpiresOn,
}

order_by! {
    /// One key of an order of anonymous handles.
    AnonymousHandleOrder by AnonymousHandleOrderField
}

/// Questions about anonymous handles.
#[derive(Default)]
pub struct AnonymousHandleQuery;

/// Questions about anonymous handles.
#[Object]
impl AnonymousHandleQuery {
    /// An anonymous handle (nimimerkki); null when there is none, or it is not your organisation's.
    async fn anonymous_handle(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: AnonymousHandleId) -> Result<Option<AnonymousHandle>> {
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(AnonymousHandle::from))
    }
    /// The anonymous handles of your organisation, by default in the order in which they were made.
    async fn anonymous_handles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<AnonymousHandleFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<AnonymousHandleOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<AnonymousHandle>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.organizations.map(|of| table::Column::OrganizationId.is_in(of)))
            .add_option(f.states.map(|of| table::Column::State.is_in(of)));
        let by = order::keys(order_by, (AnonymousHandleOrderField::CreatedAt, false))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                AnonymousHandleOrderField::CreatedAt => SortedBy::Creation,
                AnonymousHandleOrderField::ExpiresOn => SortedBy::Day(table::Column::ExpiresOn, |row: &table::Model| row.expires_on.to_string()),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, AnonymousHandle::from).await
    }
}

/// Changes of anonymous handles.
#[derive(Default)]
pub struct AnonymousHandleMutation;

/// Changes of anonymous handles.
#[Object]
impl AnonymousHandleMutation {
    /// Makes an anonymous handle in your own organisation, and tells its code word once, for the person to keep. Only a keyed hash of it stays.
    async fn create_anonymous_handle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which organisation, and for how long.")] input: CreateAnonymousHandleInput,
    ) -> Result<CreateAnonymousHandlePayload> {
        let what = act::CreateHandle { organization: input.organization, expires_on: input.expires_on };
        let (made, user_errors) = split(ctx, act::create(ctx.caller(), input.idempotency_key.as_deref(), what).await)?;
        let (row, word) = made.map_or((None, None), |(row, word)| (Some(row), word));
        let code_word = word.map(|word| word.reveal().clone());
        Ok(CreateAnonymousHandlePayload { anonymous_handle: row.map(AnonymousHandle::from), code_word, user_errors })
    }
    /// Opens a handle of your own organisation by the code word that you are told: what stands under it. It changes nothing, and is a mutation so that the
    /// code word is never in a URL. Wrong code words are counted by each server: after ten in an hour you are refused as RATE_LIMITED.
    async fn open_anonymous_handle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code word.")] input: OpenAnonymousHandleInput,
    ) -> Result<OpenAnonymousHandlePayload> {
        OpenAnonymousHandlePayload::of(ctx, act::open(ctx.caller(), &Private::new(input.code_word)).await)
    }
    /// Presents a handle by its code word, when the person wants to tell who it is: you as the person, or as the worker whom the person has asked to. From
    /// then on the handle is over and what stood under it stands alone; nothing is kept of who presented it. Telling who it is, is another act in a request
    /// of its own (SEND_APART otherwise): a referral of the usual kind with its consent, into which the person may put `summary`. Wrong code words are
    /// counted by each server: after ten in an hour you are refused as RATE_LIMITED.
    async fn present_anonymous_handle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code word, and what the person wants.")] input: PresentAnonymousHandleInput,
    ) -> Result<PresentAnonymousHandlePayload> {
        let presented = act::present(ctx.caller(), &Private::new(input.code_word), input.consented).await;
        let with_summary = input.with_summary;
        PresentAnonymousHandlePayload::of(ctx, presented.map(|presented| PresentedHandle { presented, with_summary }))
    }
    /// Gives an anonymous handle up, since its code word is lost or in wrong hands: what stood under it stands alone.
    async fn revoke_anonymous_handle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which handle.")] input: RevokeAnonymousHandleInput,
    ) -> Result<AnonymousHandlePayload> {
        AnonymousHandlePayload::of(ctx, act::revoke(ctx.caller(), input.id, input.expected_version).await)
    }
}
