//! The rights of those whom data is about: seeing all of it, asking for something, and restricting what is done with it.
use super::consent::is_client;
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, EXCEPTIONS, KeptRecord, Part, Position, Record, Work},
    vault::{Place, Vault},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    access::NoticeKind,
    catalogue::session::day,
    id::{ClientId, LegalHoldId, RestrictionId, SubjectRequestId, split_public},
    machine::Machine,
    person::{
        relation::check_reason,
        rights::{
            Exception, ExceptionGround, Exceptions, RefusalGround, RequestKind, RequestMove, RequestState, RestrictionGround, TOLD_DAYS_BEFORE, answer_due,
            check_decision,
        },
    },
    policy::Action,
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text,
};
use entity::{
    SealedText,
    person::{client, legal_hold, restriction, subject_request},
};
use sea_orm::ColumnTrait;
use serde::Serialize;
use uuid::Uuid;

/// The most records in one page of an export.
pub const MOST_RECORDS: usize = 100;

/// Whose data is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// One's own; with a client named, of that one, whom one acts for.
    Own(Option<ClientId>),
    /// Of whoever has made this request.
    Asked(SubjectRequestId),
}

/// A page of everything that is kept about somebody.
pub struct Export {
    /// Whom it is about.
    pub client: client::Model,
    /// When it was put together.
    pub made_at: DateTime<Utc>,
    /// How much there is of each kind.
    pub parts: Vec<Part>,
    /// The records of this page.
    pub records: Vec<Record>,
    /// The position of the last one, when there are more.
    pub next: Option<Position>,
}

/// Everything that is kept about somebody, a page at a time; each page is in the use log.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's data, a page that is too large, or a fault of the database.
pub async fn export(caller: &Caller, whose: Whose, after: Option<Position>, limit: usize) -> Result<Option<Export>> {
    if limit == 0 || limit > MOST_RECORDS {
        return Err(Error::PageSizeTooLarge(MOST_RECORDS));
    }
    let subject = match whose {
        Whose::Own(Some(client)) => caller.own_data(client).await?,
        Whose::Own(None) => match caller.own_subjects().await?.into_iter().next() {
            None => return Ok(None),
            Some(own) => own,
        },
        Whose::Asked(request) => caller.requested_data(request).await?,
    };
    let (records, next) = caller.records_about(&subject, after, limit).await?;
    let parts = caller.parts_about(&subject).await?;
    Ok(Some(Export { client: subject.client().clone(), made_at: caller.now(), parts, records, next }))
}

/// Everything that is kept about the caller as a client of any network, whole.
///
/// # Errors
/// A fault of the database.
pub async fn export_whole(caller: &Caller) -> Result<Vec<Record>> {
    let mut out = Vec::new();
    for subject in caller.own_subjects().await? {
        let mut after = None;
        loop {
            let (records, next) = caller.records_about(&subject, after, MOST_RECORDS).await?;
            out.extend(records);
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(out)
}

/// Erases what is kept about the caller as a client, where nothing of it must be kept; or tells what keeps it, and erases nothing.
///
/// # Errors
/// A fault of the database.
pub async fn erase_own(caller: &Caller, dry_run: bool) -> Result<Vec<KeptRecord>> {
    let all = caller.own_subjects().await?;
    let mut kept = Vec::new();
    // All or none: whoever is a client of two networks is not half gone.
    for subject in &all {
        kept.extend(caller.erase(subject, true).await?);
    }
    if kept.is_empty() && !dry_run {
        for subject in &all {
            kept.extend(caller.erase(subject, false).await?);
        }
    }
    Ok(kept)
}

const REQUEST_WORDS: &str = "subject_request.words";
const REQUEST_EXTENSION: &str = "subject_request.extension_reason";
const REQUEST_ANSWER: &str = "subject_request.answer";
const RESTRICTION_WORDS: &str = "processing_restriction.words";
const HOLD_REASON: &str = "legal_hold.reason";
const HOLD_LIFTED: &str = "legal_hold.lift_reason";

fn opened(vault: &Vault, place: &'static str, row: Uuid, sealed: Option<&SealedText>) -> Result<Option<Private<String>>> {
    sealed.map(|sealed| vault.open(Place::new(place, row), sealed)).transpose()
}

/// What is asked, why the time was extended, and the answer, in words.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open one.
pub fn request_words(vault: &Vault, row: &subject_request::Model) -> Result<[Option<Private<String>>; 3]> {
    Ok([
        opened(vault, REQUEST_WORDS, row.id.0, Some(&row.words))?,
        opened(vault, REQUEST_EXTENSION, row.id.0, row.extension_reason.as_ref())?,
        opened(vault, REQUEST_ANSWER, row.id.0, row.answer.as_ref())?,
    ])
}

/// Why processing is restricted, in words.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn restriction_words(vault: &Vault, row: &restriction::Model) -> Result<Private<String>> {
    vault.open(Place::new(RESTRICTION_WORDS, row.id), &row.words)
}

/// Who may process restricted data all the same, and on what ground.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn restriction_exceptions(vault: &Vault, row: &restriction::Model) -> Result<Private<Exceptions>> {
    vault.open(Place::new(EXCEPTIONS, row.id), &row.exceptions)
}

/// Why a record is held, and why it is no more.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open one.
pub fn hold_words(vault: &Vault, row: &legal_hold::Model) -> Result<(Private<String>, Option<Private<String>>)> {
    let lifted = opened(vault, HOLD_LIFTED, row.id.0, row.lift_reason.as_ref())?;
    Ok((vault.open(Place::new(HOLD_REASON, row.id), &row.reason)?, lifted))
}

fn check_words(words: &str, field: &str) -> Result<()> {
    let mut out = Rejections::default();
    text::check(words, &[field], 4_000, &mut out);
    Ok(out.into_result()?)
}

/// What somebody asks of the own data.
#[derive(Clone, Debug, Serialize)]
pub struct MakeRequest {
    /// The client.
    pub client: ClientId,
    /// What is asked.
    pub kind: RequestKind,
    /// In words.
    pub words: String,
    /// The day on which it came; today for what a client asks in an own account.
    pub received_on: Option<Date>,
}

/// Makes a request, or records one that a client has made. Those who answer for the keeper are told.
///
/// # Errors
/// What is missing, a day to come, or a caller without the right.
pub async fn make_request(caller: &Caller, key: Option<&str>, input: MakeRequest) -> Result<subject_request::Model> {
    caller.signed_in()?;
    check_words(&input.words, "words")?;
    let today = day(caller.now());
    let received_on = input.received_on.map_or(today, |day| day.0);
    if received_on > today {
        return Err(Rejection::with(Code::OutOfRange, &["receivedOn"], format!("–{today}")).into());
    }
    let id = SubjectRequestId::new();
    caller
        .write_once::<subject_request::Entity>(key, "makeSubjectRequest", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            let by_client = is_client(work, Some(client.id)).await?;
            if !by_client {
                // Whoever speaks for a client has to do with the client: to the lead too, the list of clients is no ground.
                work.fetch::<client::Entity>(client.id, Action::Update).await?;
            }
            let received_on = if by_client { today } else { received_on };
            let now = work.now();
            let row = subject_request::Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                kind: input.kind,
                state: RequestState::Received,
                words: work.vault().seal(Place::new(REQUEST_WORDS, id), &text::tidy(&input.words))?,
                by_client,
                recorded_by: work.actor().subject().unwrap_or_default().to_owned(),
                received_on,
                due_on: answer_due(received_on, false),
                extension_reason: None,
                ground: None,
                answer: None,
                decided_by: None,
                decided_at: None,
                correction_kind: None,
                correction_id: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.notify(row.network_id, Addressee::Officers(row.organization_id), NoticeKind::SubjectRequestMade, None, None);
            work.insert::<subject_request::Entity>(row).await
        })
        .await
}

/// A request, for those who decide on it: nobody decides on an own one.
async fn to_decide(work: &Work, id: SubjectRequestId, expected: i32) -> Result<subject_request::Model> {
    let row = work.fetch_at::<subject_request::Entity>(id, expected, Action::Transition).await?;
    if is_client(work, Some(row.client_id)).await? { Err(Error::Forbidden) } else { Ok(row) }
}

/// Tells the client, who has an account, what has become of a request.
async fn tell_client(work: &mut Work, client: ClientId, kind: NoticeKind) -> Result<()> {
    let client = work.client_behind(client).await?;
    if let Some(account) = client.account {
        work.notify(client.network_id, Addressee::Client(account), kind, None, None);
    }
    Ok(())
}

/// Extends the time for the answer by two months, once, with the reason; the client is told (GDPR 12(3)).
///
/// # Errors
/// A request whose time is over or that was extended or answered, a stale version, or a caller who does not decide on it.
pub async fn extend_request(caller: &Caller, id: SubjectRequestId, expected: i32, reason: &str) -> Result<subject_request::Model> {
    caller.signed_in()?;
    check_reason(reason)?;
    caller
        .write(async |work: &mut Work| {
            let before = to_decide(work, id, expected).await?;
            let state = before.state.step(RequestMove::Extend)?;
            // The client is to hear of it before the first month is over.
            if day(work.now()) > before.due_on {
                return Err(Rejection::with(Code::OutOfRange, &["id"], format!("–{}", before.due_on)).into());
            }
            let next = subject_request::Model {
                state,
                due_on: answer_due(before.received_on, true),
                extension_reason: Some(work.vault().seal(Place::new(REQUEST_EXTENSION, id), &text::tidy(reason))?),
                ..before.clone()
            };
            tell_client(work, before.client_id, NoticeKind::SubjectRequestExtended).await?;
            work.update::<subject_request::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// A decision on a request.
#[derive(Clone, Debug)]
pub struct DecideRequest {
    /// The request.
    pub id: SubjectRequestId,
    /// The version that was seen.
    pub expected: i32,
    /// What is decided: grant, grant in part, or refuse.
    pub by: RequestMove,
    /// Why it is refused, wholly or in part.
    pub ground: Option<RefusalGround>,
    /// The answer in words.
    pub words: Option<String>,
    /// The public id of the record that mends what was wrong.
    pub correction: Option<String>,
}

/// Decides on a request; the client is told. What was asked stays, whatever is decided: the client's statement beside what was not mended.
///
/// # Errors
/// A ground or words that are missing, a correction that is none of the client's, a request that was answered, or a caller who does not decide on it.
pub async fn decide_request(caller: &Caller, input: DecideRequest) -> Result<subject_request::Model> {
    caller.signed_in()?;
    check_decision(input.by, input.ground, input.words.as_deref())?;
    caller
        .write(async |work: &mut Work| {
            let before = to_decide(work, input.id, input.expected).await?;
            let correction = match &input.correction {
                None => None,
                Some(public) => Some(correction(work, &before, public).await?),
            };
            let answer = input.words.as_ref().map(|words| work.vault().seal(Place::new(REQUEST_ANSWER, input.id), &text::tidy(words))).transpose()?;
            let (correction_kind, correction_id) = correction.unzip();
            let next = subject_request::Model {
                state: before.state.step(input.by)?,
                ground: input.ground,
                answer,
                decided_by: work.actor().subject().map(str::to_owned),
                decided_at: Some(work.now()),
                correction_kind,
                correction_id,
                ..before.clone()
            };
            tell_client(work, before.client_id, NoticeKind::SubjectRequestDecided).await?;
            work.update::<subject_request::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// The record that mends what was wrong: one of this client's, of a kind that is mended.
async fn correction(work: &Work, request: &subject_request::Model, public: &str) -> Result<(String, Uuid)> {
    let unknown = || Error::reject(Code::UnknownReference, &["correction"]);
    if request.kind != RequestKind::Rectification {
        return Err(Error::reject(Code::DoesNotAgree, &["correction"]));
    }
    let (kind, id) = split_public(public).ok_or_else(unknown)?;
    if work.is_record_of(&kind, id, request.client_id).await? { Ok((kind, id)) } else { Err(unknown()) }
}

/// Withdraws a request: the client does, or those who decide on it for a client who has said so.
///
/// # Errors
/// A request that was answered, one that the client has made where somebody else withdraws it, a stale version, or a caller without the right.
pub async fn withdraw_request(caller: &Caller, id: SubjectRequestId, expected: i32) -> Result<subject_request::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<subject_request::Entity>(id, expected, Action::Transition).await?;
            // What clients have asked themselves is theirs to take back.
            if before.by_client && !is_client(work, Some(before.client_id)).await? {
                return Err(Error::Forbidden);
            }
            let next = subject_request::Model {
                state: before.state.step(RequestMove::Withdraw)?,
                decided_by: work.actor().subject().map(str::to_owned),
                decided_at: Some(work.now()),
                ..before.clone()
            };
            work.update::<subject_request::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// What is said when processing is restricted.
#[derive(Clone, Debug, Serialize)]
pub struct Restrict {
    /// The client.
    pub client: ClientId,
    /// On what ground.
    pub ground: RestrictionGround,
    /// Why, in words.
    pub words: String,
}

/// Restricts the processing of a client's data (GDPR 18).
///
/// # Errors
/// Words that are missing, a restriction that is in force already, or a caller without the right.
pub async fn restrict(caller: &Caller, key: Option<&str>, input: Restrict) -> Result<restriction::Model> {
    caller.signed_in()?;
    check_words(&input.words, "words")?;
    let id = RestrictionId::new();
    caller
        .write_once::<restriction::Entity>(key, "restrictProcessing", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            let now = work.now();
            // One that is lifted ends soon, and may be needed again before that.
            let there = sea_orm::Condition::all().add(restriction::Column::ClientId.eq(client.id)).add(restriction::Column::EndsAt.is_null());
            if !work.find::<restriction::Entity>(there).await?.is_empty() {
                return Err(Error::reject(Code::RecordedAlready, &["client"]));
            }
            let row = restriction::Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                ground: input.ground,
                words: work.vault().seal(Place::new(RESTRICTION_WORDS, id), &text::tidy(&input.words))?,
                recorded_by: work.actor().subject().unwrap_or_default().to_owned(),
                exceptions: work.vault().seal(Place::new(EXCEPTIONS, id), &Exceptions::default())?,
                ends_at: None,
                lifted_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<restriction::Entity>(row).await
        })
        .await
}

/// Lifts a restriction: the client is told now, and it ends a week later (GDPR 18(3)).
///
/// # Errors
/// One that is lifted already, a stale version, or a caller who does not decide on it.
pub async fn lift_restriction(caller: &Caller, id: RestrictionId, expected: i32) -> Result<restriction::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<restriction::Entity>(id, expected, Action::Transition).await?;
            if before.ends_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "LIFTED").into());
            }
            let next = restriction::Model {
                ends_at: Some(work.now() + TimeDelta::days(TOLD_DAYS_BEFORE)),
                lifted_by: work.actor().subject().map(str::to_owned),
                ..before.clone()
            };
            tell_client(work, before.client_id, NoticeKind::RestrictionEnding).await?;
            work.update::<restriction::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Lets the caller process restricted data for some hours, on a ground that the law knows (GDPR 18(2)); those who answer for the keeper are told.
///
/// # Errors
/// A reason that is too short, a restriction that is over, a stale version, or a caller without the right.
pub async fn except(caller: &Caller, id: RestrictionId, expected: i32, ground: ExceptionGround, reason: &str) -> Result<restriction::Model> {
    caller.signed_in()?;
    check_reason(reason)?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<restriction::Entity>(id, expected, Action::Update).await?;
            let now = work.now();
            if before.ends_at.is_some_and(|at| at <= now) {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "ENDED").into());
            }
            let subject = work.actor().subject().unwrap_or_default().to_owned();
            let mut exceptions = restriction_exceptions(work.vault(), &before)?.reveal().clone();
            exceptions.0.push(Exception { subject, ground, reason: text::tidy(reason), at: now });
            let next = restriction::Model { exceptions: work.vault().seal(Place::new(EXCEPTIONS, id), &exceptions)?, ..before.clone() };
            work.notify(before.network_id, Addressee::Officers(before.organization_id), NoticeKind::RestrictedDataProcessed, None, None);
            work.update::<restriction::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// What is said when a record is held.
#[derive(Clone, Debug, Serialize)]
pub struct SetHold {
    /// The client.
    pub client: ClientId,
    /// Why; the client may read it.
    pub reason: String,
}

/// Holds a client's record: it is not destroyed while the hold is there, whatever the rules say.
///
/// # Errors
/// A reason that is too short, or a caller who is no data protection officer of the keeper.
pub async fn set_hold(caller: &Caller, key: Option<&str>, input: SetHold) -> Result<legal_hold::Model> {
    caller.signed_in()?;
    check_reason(&input.reason)?;
    let id = LegalHoldId::new();
    caller
        .write_once::<legal_hold::Entity>(key, "setLegalHold", &input, id, async |work: &mut Work| {
            // The officer sees no client: that there is one is told to nobody who may not hold it.
            work.purposed::<legal_hold::Entity>(Action::Create)?;
            let client = work.client_behind(work.hold_client(input.client).await?).await?;
            let allowed = work.allow::<legal_hold::Entity>(Action::Create, client.network_id, client.organization_id);
            allowed.map_err(|refused| if matches!(refused, Error::Forbidden) { Error::NotFound } else { refused })?;
            let now = work.now();
            let row = legal_hold::Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                reason: work.vault().seal(Place::new(HOLD_REASON, id), &text::tidy(&input.reason))?,
                set_by: work.actor().subject().unwrap_or_default().to_owned(),
                lifted_at: None,
                lifted_by: None,
                lift_reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<legal_hold::Entity>(row).await
        })
        .await
}

/// Lifts a hold, with the reason: the rules count again.
///
/// # Errors
/// A reason that is too short, one that is lifted already, a stale version, or a caller without the right.
pub async fn lift_hold(caller: &Caller, id: LegalHoldId, expected: i32, reason: &str) -> Result<legal_hold::Model> {
    caller.signed_in()?;
    check_reason(reason)?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<legal_hold::Entity>(id, expected, Action::Transition).await?;
            if before.lifted_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "LIFTED").into());
            }
            let next = legal_hold::Model {
                lifted_at: Some(work.now()),
                lifted_by: work.actor().subject().map(str::to_owned),
                lift_reason: Some(work.vault().seal(Place::new(HOLD_LIFTED, id), &text::tidy(reason))?),
                ..before.clone()
            };
            work.update::<legal_hold::Entity>(&before, next, Action::Transition).await
        })
        .await
}
