//! Referrals: written, consented to, sent, answered; and what became of the client comes back to the sender.
use super::{case, client_entry};
use crate::{
    act::{
        catalogue::published,
        delivery::registration,
        person::{
            client as clients,
            consent::is_client,
            disclosure::{self, Going},
            relation,
        },
        timed::Tally,
        under,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, Work},
    vault::Place,
};
use chrono::TimeDelta;
use domain::{
    access::{LogBasis, NoticeKind},
    actor::{Actor, Role},
    casework::referral::{
        ACKNOWLEDGE_DAYS, DeclineReason, Introduction, PROTECTED_ITEMS, ReferralContent, ReferralDirection, ReferralMove, ReferralOutcome, ReferralState, due,
    },
    delivery::participation::Spot,
    id::{ClientId, OrganizationId, ReferralId, ServiceId},
    machine::Machine,
    noted_field::NotedField,
    person::{
        consent::{DataItem, uncovered},
        disclosure::{Extent, Will},
        identity::Identity,
        relation::RelationBasis,
    },
    policy::{Action, Party, Resource, Scope, leads_cases, receives_referrals, scope, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
};
use entity::{
    SealedText,
    casework::referral,
    catalogue::{organization, service},
    person::{client, person},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said when a referral is begun.
#[derive(Clone, Debug, Serialize)]
pub struct CreateReferral {
    /// The sender: one's own organisation; for a client, the one that keeps the client's register.
    pub sender: OrganizationId,
    /// To whom.
    pub recipient: OrganizationId,
    /// To which service.
    pub service: Option<ServiceId>,
    /// The client of the register whom it is about: what goes along is taken from there.
    pub client: Option<ClientId>,
    /// What is told of the person: of a client only the reason, of one who is known by an alias only that and the reason.
    pub introduction: Introduction,
    /// The person is known by an alias only, and no consent is needed.
    pub anonymous: bool,
    /// What is said of it.
    pub content: ReferralContent,
}

/// Begins a referral as a draft, which nobody else is told of.
///
/// # Errors
/// What the referral lacks, a recipient of another network, or a caller without the right.
pub async fn create(caller: &Caller, key: Option<&str>, input: CreateReferral) -> Result<referral::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let introduction = &input.introduction;
    let mut faults = introduction.check(input.client.is_none());
    let allowed: &[DataItem] = match (input.client, input.anonymous) {
        (Some(_), _) => &[DataItem::Reason],
        (None, true) => &[DataItem::Alias, DataItem::Reason],
        (None, false) => DataItem::ALL,
    };
    // What is told of a client comes from the register, and nothing is told of one who is not to be known.
    if introduction.items().iter().any(|item| !allowed.contains(item)) {
        faults.add(Code::DoesNotAgree, &[]);
    }
    under("introduction", &faults)?;
    if input.client.is_some() && input.anonymous {
        return Err(Error::reject(Code::DoesNotAgree, &["anonymous"]));
    }
    let id = ReferralId::new();
    caller
        .write_once::<referral::Entity>(key, "createReferral", &input, id, async |work: &mut Work| {
            let sender = work.refer::<organization::Entity>(input.sender, &["sender"]).await?;
            let recipient = recipient(work, input.recipient, input.service, sender.network_id).await?;
            let client = match input.client {
                Some(client) => Some(work.named_client(client, Action::Read).await?),
                None => None,
            };
            if let Some(client) = &client {
                if client.network_id != sender.network_id {
                    return Err(Error::reject(Code::OtherNetwork, &["client"]));
                }
                // What a client sends goes out in the name of those who keep the register.
                if is_client(work, Some(client.id)).await? && client.organization_id != sender.id {
                    return Err(Error::reject(Code::SenderOnly, &["sender"]));
                }
            }
            let now = work.now();
            let row = referral::Model {
                id,
                network_id: sender.network_id,
                organization_id: sender.id,
                client_id: client.map(|client| client.id),
                recipient_id: recipient.id,
                service_id: input.service,
                content: input.content.clone(),
                introduction: Some(seal(work, id, introduction)?),
                anonymous: input.anonymous,
                state: ReferralState::Draft,
                created_by: work.actor().subject().unwrap_or_default().to_owned(),
                consent_id: None,
                sent_at: None,
                due_at: None,
                expires_at: None,
                handler: None,
                message: None,
                decline_reason: None,
                answered_at: None,
                outcome: None,
                outcome_at: None,
                previous_id: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<referral::Entity>(row).await
        })
        .await
}

/// The recipient, of the same network; the service, where one is meant, is published in it.
async fn recipient(work: &Work, id: OrganizationId, service: Option<ServiceId>, network: domain::id::NetworkId) -> Result<organization::Model> {
    let recipient = work.refer::<organization::Entity>(id, &["recipient"]).await?;
    if recipient.network_id != network {
        return Err(Error::reject(Code::OtherNetwork, &["recipient"]));
    }
    if let Some(service) = service
        && published::<service::Entity>(work, service, &["service"]).await?.network_id != network
    {
        return Err(Error::reject(Code::OtherNetwork, &["service"]));
    }
    Ok(recipient)
}

/// What was told of the person is open to the caller. Once somebody at an authority handles it, it is no more for everybody there who may take referrals up: for that one, for
/// those with a relation to the client, and for the lead. A partner's own people share what has come to them.
///
/// # Errors
/// A fault of the database.
pub async fn is_told(caller: &Caller, row: &referral::Model) -> Result<bool> {
    let actor = caller.actor();
    let own = actor.subject().is_some_and(|subject| row.handler.as_deref() == Some(subject) || row.created_by == subject);
    if own || !row.is_in_hand() || actor.is_in(row.recipient_id, leads_cases) || matches!(actor, Actor::System) {
        return Ok(true);
    }
    if caller.peek::<organization::Entity>(row.recipient_id).await?.is_some_and(|recipient| !recipient.content.kind.is_authority()) {
        return Ok(true);
    }
    // Who sees the client has a relation, or is the client or acts for the client.
    match row.client_id {
        Some(client) => Ok(caller.peek::<client::Entity>(client).await?.is_some()),
        None => Ok(false),
    }
}

/// What others were told of a client, as the caller is shown it: where one under non-disclosure lives or can be reached is for those alone to whom it goes.
/// Reading it is kept in the use log, under the name of the field.
///
/// # Errors
/// A fault of the database.
pub async fn shown(caller: &Caller, field: NotedField, client: ClientId, to_them: bool, told: Private<Introduction>) -> Result<Private<Introduction>> {
    let protected = caller.is_protected(client).await?;
    caller.reader().note_field(client, field, protected && to_them);
    Ok(if protected && !to_them { Private::new(told.reveal().clone().without_whereabouts()) } else { told })
}

fn place(id: ReferralId) -> Place {
    Place::new("referral.introduction", id)
}

fn seal(work: &Work, id: ReferralId, introduction: &Introduction) -> Result<SealedText> {
    work.vault().seal(place(id), introduction)
}

/// Opens what goes along with a referral.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn introduction(vault: &crate::vault::Vault, row: &referral::Model) -> Result<Option<Private<Introduction>>> {
    row.introduction.as_ref().map(|sealed| vault.open(place(row.id), sealed)).transpose()
}

/// Opens what the recipient asks or answers, or what the sender has answered last.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn message(vault: &crate::vault::Vault, row: &referral::Model) -> Result<Option<Private<String>>> {
    row.message.as_ref().map(|sealed| vault.open(Place::new("referral.message", row.id), sealed)).transpose()
}

/// Sends a referral: what is to go along is taken from the register now, each item covered by the consent, and the disclosure is logged.
///
/// # Errors
/// [`Code::ConsentMissing`], [`Code::ConsentScope`] for each item, [`Code::ProtectedPerson`], [`Code::DisclosureProhibited`], a stale version, or a caller without the right.
pub async fn send(caller: &Caller, id: ReferralId, expected: i32) -> Result<referral::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            work.hold_referral(id).await?;
            let before = fetch(work, id, expected, Side::Sender).await?;
            let recipient = recipient(work, before.recipient_id, before.service_id, before.network_id).await?;
            let mut told = introduction(work.vault(), &before)?.map(|told| told.reveal().clone()).unwrap_or_default();
            let mut items = told.items();
            let protected = work.is_protected(before.client_id).await?;
            // What is passed on is what was told before: whoever passes it on may have no register to take more from.
            if let (Some(client), None) = (before.client_id, before.previous_id) {
                let client = work.fetch::<client::Entity>(client, Action::Read).await?;
                let who = work.fetch::<person::Entity>(client.person_id, Action::Read).await?;
                let identity = clients::open(work.vault(), &who)?;
                items.extend(&before.content.disclose);
                told = Introduction::of(identity.reveal(), &items, told.reason);
            }
            if before.content.is_advice() {
                (told, items) = (Introduction::default(), BTreeSet::new());
            }
            let consent = check_ground(work, &before, &recipient, &items, protected).await?;
            if !items.is_empty() {
                heed_prohibitions(work, &before, consent.as_ref(), &["id"]).await?;
            }
            let now = work.now();
            let due_at = due(before.content.urgency, promised_days(work, &before).await?, now);
            let next = referral::Model {
                state: before.state.step(ReferralMove::Send)?,
                introduction: Some(seal(work, id, &told)?),
                consent_id: consent.as_ref().map(|consent| consent.id),
                sent_at: Some(now),
                due_at: Some(due_at),
                expires_at: Some(now + TimeDelta::days(ACKNOWLEDGE_DAYS)),
                ..before.clone()
            };
            let row = work.update::<referral::Entity>(&before, next, Action::Transition).await?;
            // Entries are disclosed to one who has taken the client on, as they are written.
            items.remove(&DataItem::Entries);
            if !row.anonymous && !items.is_empty() && (row.recipient_id != row.organization_id || consent.is_some()) {
                work.disclose(Disclosure {
                    network: row.network_id,
                    client: row.client_id,
                    organization: row.organization_id,
                    recipient: row.recipient_id,
                    items,
                    basis: if consent.is_some() { LogBasis::Consent } else { LogBasis::StatutoryInfo },
                    ground: consent.map(|consent| consent.id.0).or(Some(id.0)),
                });
            }
            work.notify(row.network_id, Addressee::Organization(row.recipient_id), NoticeKind::ReferralSent, Some(id), None);
            Ok(row)
        })
        .await
}

/// Within how many days the service that is meant promises an answer, as it is published now.
async fn promised_days(work: &Work, row: &referral::Model) -> Result<Option<i32>> {
    let Some(service) = row.service_id else { return Ok(None) };
    Ok(published::<service::Entity>(work, service, &["service"]).await?.content.response_days)
}

/// Refuses what the client has prohibited to be told to the recipient: a consent to this one referral that is newer goes before that, and so does a law
/// that holds in spite of it.
async fn heed_prohibitions(work: &Work, row: &referral::Model, consent: Option<&entity::person::consent::Model>, path: &[&str]) -> Result<()> {
    let Some(client) = row.client_id else { return Ok(()) };
    let client = work.client_behind(client).await?;
    let will = match consent {
        Some(consent) => Will::Consented(consent.given_at),
        None if row.content.despite_prohibition.is_some() => Will::StatutoryRight,
        None => Will::Other,
    };
    let extent = Extent::Tasks(disclosure::tasks(work, &client).await?);
    let going = Going { client: &client, recipient: row.recipient_id, services: row.service_id.as_slice(), extent, will };
    disclosure::check(work, going, path).await
}

/// On what ground data goes to the recipient: a consent that covers each item, or a law between authorities, or nothing is told by name.
async fn check_ground(
    work: &Work,
    row: &referral::Model,
    recipient: &organization::Model,
    items: &BTreeSet<DataItem>,
    protected: bool,
) -> Result<Option<entity::person::consent::Model>> {
    let to_authority = recipient.content.kind.is_authority();
    let mut out = Rejections::default();
    if protected && !to_authority {
        for item in PROTECTED_ITEMS.iter().filter(|item| items.contains(item)) {
            out.add_with(Code::ProtectedPerson, &["content", "disclose"], domain::code::Coded::code(*item));
        }
    }
    out.into_result()?;
    let consent = work.consent_of(row.id).await?;
    // What stays with those who keep the register is no disclosure.
    let keeper = match row.client_id {
        Some(client) => Some(work.client_behind(client).await?.organization_id),
        None => None,
    };
    let stays = row.recipient_id == row.organization_id && keeper.is_none_or(|keeper| keeper == row.recipient_id);
    if row.anonymous || row.content.is_advice() || stays {
        return Ok(consent);
    }
    let sender = work.refer::<organization::Entity>(row.organization_id, &["organization"]).await?;
    // On a law, an authority's own workers tell another authority; clients and those who act for them consent instead.
    let works_there = work.actor().is_in(sender.id, works_with_clients);
    let by_law = row.content.legal_basis.is_some() && to_authority && sender.content.kind.is_authority() && works_there;
    match consent {
        Some(consent) if consent.recipient_id == row.recipient_id => {
            let mut out = Rejections::default();
            for item in uncovered(items, &consent.scope.0) {
                out.add_with(Code::ConsentScope, &["content", "disclose"], domain::code::Coded::code(item));
            }
            out.into_result()?;
            Ok(Some(consent))
        }
        Some(_) => Err(Error::reject(Code::ConsentBinding, &["id"])),
        None if by_law => Ok(None),
        None => Err(Error::reject(Code::ConsentMissing, &["id"])),
    }
}

/// Whose move it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Sender,
    Recipient,
}

/// The referral, for a move of one of its sides: the sender's is whoever wrote it, has a relation to the client, or is the client.
async fn fetch(work: &Work, id: ReferralId, expected: i32, side: Side) -> Result<referral::Model> {
    let row = work.fetch_at::<referral::Entity>(id, expected, Action::Transition).await?;
    if matches!(work.actor(), Actor::System) {
        return Ok(row);
    }
    let handles = |role: Role| scope(Party::In(role), Action::Transition, Resource::Referral) != Scope::Nothing;
    let in_organization = |of: OrganizationId| work.actor().is_in(of, handles);
    let own = work.actor().subject() == Some(row.created_by.as_str());
    match side {
        Side::Recipient if receives(work, &row).await? => Ok(row),
        // Whoever works there, and not with those who are referred.
        Side::Recipient if in_organization(row.recipient_id) => Err(Error::Forbidden),
        Side::Recipient => Err(Error::reject(Code::RecipientOnly, &["id"])),
        Side::Sender => {
            let sends = own
                || in_organization(row.organization_id)
                || is_client(work, row.client_id).await?
                || row.client_id.is_some() && !in_organization(row.recipient_id);
            if sends { Ok(row) } else { Err(Error::reject(Code::SenderOnly, &["id"])) }
        }
    }
}

/// The actor answers for the organisation to which a referral goes.
async fn receives(work: &Work, row: &referral::Model) -> Result<bool> {
    let recipient = work.refer::<organization::Entity>(row.recipient_id, &["id"]).await?;
    Ok(work.actor().is_in(row.recipient_id, |role| receives_referrals(role, row.content.direction, recipient.content.kind.is_authority())))
}

/// What a move carries along.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// A question, an answer or a reason in words, at most 2500 characters.
    pub message: Option<String>,
    /// Why the recipient does not take the client on.
    pub decline: Option<DeclineReason>,
}

/// Moves a referral without anything else happening to the client: cancels, acknowledges, asks, answers, declines or withdraws.
///
/// # Errors
/// A move that its state does not allow or that is the other side's, words that are missing, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ReferralId, expected: i32, by: ReferralMove, words: Words) -> Result<referral::Model> {
    caller.signed_in()?;
    check_words(by, &words, matches!(by, ReferralMove::RequestInfo | ReferralMove::SupplyInfo))?;
    let side = match by {
        ReferralMove::Cancel | ReferralMove::SupplyInfo | ReferralMove::Withdraw | ReferralMove::Send => Side::Sender,
        _ => Side::Recipient,
    };
    caller
        .write(async |work: &mut Work| {
            work.hold_referral(id).await?;
            let before = fetch(work, id, expected, side).await?;
            if by == ReferralMove::RequestInfo && before.content.is_advice() {
                return Err(Error::reject(Code::NothingDisclosed, &["message"]));
            }
            if by == ReferralMove::SupplyInfo && !is_client(work, before.client_id).await? {
                check_answer(work, &before).await?;
            }
            let now = work.now();
            let mut next = referral::Model { state: before.state.step(by)?, ..before.clone() };
            if let Some(text) = &words.message {
                next.message = Some(work.vault().seal(Place::new("referral.message", id), text)?);
            }
            match by {
                ReferralMove::Acknowledge => next.handler = work.actor().subject().map(str::to_owned),
                ReferralMove::Decline => (next.decline_reason, next.answered_at) = (words.decline, Some(now)),
                _ => {}
            }
            let row = work.update::<referral::Entity>(&before, next, Action::Transition).await?;
            // Who was only advised has nothing to do with the recipient before taking contact.
            if by == ReferralMove::Acknowledge && !row.content.is_advice() {
                relate(work, &row).await?;
            }
            if matches!(by, ReferralMove::Decline | ReferralMove::Withdraw) {
                work.end_relations(id.0).await?;
            }
            tell(work, &before, &row, by, side).await?;
            Ok(row)
        })
        .await
}

/// Tells the sender what became of the client (ohjauksen tulos). Word back is no disclosure to the recipient, so it does not hang on the consent: of a
/// referral whose consent has ended meanwhile it is kept too, and nothing of the referral is handed back.
///
/// # Errors
/// [`Code::OutcomeOrder`], words that are missing, a referral that one's organisation has not accepted, a stale version, or a caller without the right.
pub async fn report_outcome(
    caller: &Caller,
    id: ReferralId,
    expected: i32,
    outcome: ReferralOutcome,
    message: Option<String>,
) -> Result<Option<referral::Model>> {
    caller.signed_in()?;
    let words = Words { message, decline: None };
    check_words(ReferralMove::ReportOutcome, &words, outcome.needs_reason())?;
    caller
        .write(async |work: &mut Work| {
            work.hold_referral(id).await?;
            let unread = match work.taken_on_before(id).await? {
                Some(row) if receives(work, &row).await? => Some(row),
                _ => None,
            };
            let before = match &unread {
                Some(row) if row.version != expected => return Err(Rejection::with(Code::StaleVersion, &["expectedVersion"], row.version).into()),
                Some(row) => row.clone(),
                None => fetch(work, id, expected, Side::Recipient).await?,
            };
            let state = before.state.step(ReferralMove::ReportOutcome)?;
            if !outcome.may_follow(before.outcome) {
                return Err(Error::reject(Code::OutcomeOrder, &["outcome"]));
            }
            let mut next = referral::Model { state, outcome: Some(outcome), outcome_at: Some(work.now()), ..before.clone() };
            if let Some(text) = &words.message {
                next.message = Some(work.vault().seal(Place::new("referral.message", id), text)?);
            }
            let row = match unread {
                Some(_) => {
                    work.word_back(&before, next).await?;
                    None
                }
                None => Some(work.update::<referral::Entity>(&before, next, Action::Transition).await?),
            };
            tell(work, &before, row.as_ref().unwrap_or(&before), ReferralMove::ReportOutcome, Side::Recipient).await?;
            Ok(row)
        })
        .await
}

/// What a sender answers about a client is a reason in words: the consent must cover that, and the disclosure is logged.
async fn check_answer(work: &mut Work, row: &referral::Model) -> Result<()> {
    let consent = work.consent_of(row.id).await?;
    heed_prohibitions(work, row, consent.as_ref(), &["message"]).await?;
    let Some(consent) = consent else { return Ok(()) };
    let items: BTreeSet<DataItem> = [DataItem::Reason].into();
    if !uncovered(&items, &consent.scope.0).is_empty() {
        return Err(Rejection::with(Code::ConsentScope, &["message"], domain::code::Coded::code(DataItem::Reason)).into());
    }
    work.disclose(Disclosure {
        network: row.network_id,
        client: row.client_id,
        organization: row.organization_id,
        recipient: row.recipient_id,
        items,
        basis: LogBasis::Consent,
        ground: Some(consent.id.0),
    });
    Ok(())
}

/// Whoever handles a referral at an authority has a relation to its client from then on.
async fn relate(work: &mut Work, row: &referral::Model) -> Result<()> {
    if let Some(client) = row.client_id {
        let client = work.client_behind(client).await?;
        relation::open(work, &client, row.recipient_id, RelationBasis::ReferralHandling, Some(row.id.0), None).await?;
    }
    Ok(())
}

/// Tells the other side of a move, and the client where the client has an account.
async fn tell(work: &mut Work, before: &referral::Model, row: &referral::Model, by: ReferralMove, side: Side) -> Result<()> {
    let kind = match by {
        ReferralMove::RequestInfo => NoticeKind::ReferralInfoRequested,
        ReferralMove::SupplyInfo => NoticeKind::ReferralInfoSupplied,
        ReferralMove::Accept => NoticeKind::ReferralAccepted,
        ReferralMove::Decline => NoticeKind::ReferralDeclined,
        ReferralMove::Redirect => NoticeKind::ReferralRedirected,
        ReferralMove::Withdraw => NoticeKind::ReferralWithdrawn,
        ReferralMove::Expire => NoticeKind::ReferralExpired,
        ReferralMove::ReportOutcome => NoticeKind::ReferralOutcomeReported,
        ReferralMove::Send | ReferralMove::Cancel | ReferralMove::Acknowledge => return Ok(()),
    };
    let id = Some(row.id);
    let sender = Addressee::Worker(row.organization_id, row.created_by.clone());
    if side == Side::Sender && before.state != ReferralState::Draft {
        work.notify(row.network_id, Addressee::Organization(row.recipient_id), kind, id, None);
    } else if side == Side::Recipient {
        work.notify(row.network_id, sender, kind, id, None);
    }
    let account = match row.client_id {
        Some(client) => work.client_behind(client).await?.account,
        None => None,
    };
    if let Some(account) = account.filter(|account| Some(account.as_str()) != work.actor().subject()) {
        work.notify(row.network_id, Addressee::Client(account), kind, id, None);
    }
    Ok(())
}

/// With `asked`, something must be said in words.
fn check_words(by: ReferralMove, words: &Words, asked: bool) -> Result<()> {
    let mut out = Rejections::default();
    if let Some(text) = &words.message {
        domain::text::check(text, &["message"], 2_500, &mut out);
    } else if asked {
        out.add(Code::Required, &["message"]);
    }
    if by == ReferralMove::Decline && words.decline.is_none() {
        out.add(Code::Required, &["reason"]);
    }
    Ok(out.into_result()?)
}

/// Who the person of an accepted referral is in the recipient's register.
#[derive(Clone, Debug)]
pub enum Takes {
    /// Nothing is linked: a partner keeps no register, or the referral names its client already.
    Nothing,
    /// A client that the register knows.
    Client(ClientId),
    /// A new client.
    Register(Box<Identity>),
}

/// Takes the client on. An authority links the person to a client of its register, or takes up a new one; whoever gives a service proposes to the client
/// which of its groups it is, where that is known already.
///
/// # Errors
/// A move that its state does not allow, a client that contradicts the referral's, an offering that cannot be proposed, a stale version, or a caller without
/// the right.
pub async fn accept(caller: &Caller, id: ReferralId, expected: i32, takes: Takes, proposes: Option<Spot>) -> Result<referral::Model> {
    caller.signed_in()?;
    let identity = match &takes {
        Takes::Register(identity) => {
            let identity = Identity::clone(identity).tidy();
            under("register", &identity.check(domain::catalogue::session::day(caller.now())))?;
            Some(identity)
        }
        Takes::Nothing | Takes::Client(_) => None,
    };
    caller
        .write(async |work: &mut Work| {
            work.hold_referral(id).await?;
            let before = fetch(work, id, expected, Side::Recipient).await?;
            let client = match (&takes, before.client_id) {
                (Takes::Nothing, known) => known,
                (Takes::Client(client), None) => Some(work.named_client(*client, Action::Read).await?.id),
                (Takes::Register(_), None) => Some(register(work, &before, identity.as_ref().ok_or(Error::Internal)?).await?),
                (Takes::Client(_) | Takes::Register(_), Some(_)) => return Err(Error::reject(Code::DoesNotAgree, &["client"])),
            };
            let next = referral::Model { state: before.state.step(ReferralMove::Accept)?, client_id: client, answered_at: Some(work.now()), ..before.clone() };
            let row = work.update::<referral::Entity>(&before, next, Action::Transition).await?;
            if let (None, Some(client)) = (before.client_id, row.client_id) {
                work.know_consent(id, client).await?;
                relate(work, &row).await?;
            }
            let recipient = work.refer::<organization::Entity>(row.recipient_id, &["id"]).await?;
            let into_network = matches!(row.content.direction, ReferralDirection::Inbound | ReferralDirection::Transfer);
            if let (Some(client), true, true) = (row.client_id, into_network, recipient.content.kind.is_authority()) {
                let client = work.client_behind(client).await?;
                let followers = disclosure::followed(work, &client).await?;
                case::open(work, &row, &client).await?;
                // The sender keeps the responsibility for the process, and follows it.
                disclosure::disclose_to_new_followers(work, &client, &followers).await?;
                // Whoever has taken the client on works on, whatever becomes of the consent behind the referral.
                relation::open(work, &client, row.recipient_id, RelationBasis::Intake, None, None).await?;
            }
            disclose_entries(work, &row).await?;
            if let Some(spot) = proposes {
                registration::propose_to_referred(work, &row, spot).await?;
            }
            tell(work, &before, &row, ReferralMove::Accept, Side::Recipient).await?;
            Ok(row)
        })
        .await
}

/// Logs that the recipient reads the shared entries of the client's record from now on, where the consent covers them and there are any.
async fn disclose_entries(work: &mut Work, row: &referral::Model) -> Result<()> {
    let Some(client) = row.client_id else { return Ok(()) };
    let readers = work.readers_of_entries(client, row.organization_id).await?;
    if let Some(consent) = readers.into_iter().find(|consent| Some(consent.id) == row.consent_id)
        && work.has_shared_entries(client, row.organization_id).await?
    {
        work.disclose(client_entry::disclosure(&consent, row.network_id, row.organization_id));
    }
    Ok(())
}

/// Takes up the person of a referral as a client of the recipient's register.
async fn register(work: &mut Work, referral: &referral::Model, identity: &Identity) -> Result<ClientId> {
    work.allow::<client::Entity>(Action::Create, referral.network_id, referral.recipient_id)?;
    if let Some(hetu) = &identity.hetu
        && work.client_by_hetu(referral.network_id, hetu).await?.is_some()
    {
        return Err(Error::reject(Code::NotUnique, &["register", "hetu"]));
    }
    let client = clients::row(work, ClientId::new(), referral.network_id, referral.recipient_id);
    let person = clients::person_row(work, &client, false);
    let client = work.insert::<client::Entity>(client).await?;
    work.keep_person(person, identity, None).await?;
    Ok(client.id)
}

/// Passes a referral on: it ends here, and a new draft to the other recipient begins, which needs a consent of its own.
///
/// # Errors
/// A move that its state does not allow, the same recipient again, a stale version, or a caller without the right.
pub async fn redirect(caller: &Caller, id: ReferralId, expected: i32, to: OrganizationId, service: Option<ServiceId>) -> Result<referral::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            work.hold_referral(id).await?;
            let before = fetch(work, id, expected, Side::Recipient).await?;
            let other = recipient(work, to, service, before.network_id).await?;
            if other.id == before.recipient_id {
                return Err(Error::reject(Code::DoesNotAgree, &["recipient"]));
            }
            let now = work.now();
            let next = referral::Model { state: before.state.step(ReferralMove::Redirect)?, answered_at: Some(now), ..before.clone() };
            let ended = work.update::<referral::Entity>(&before, next, Action::Transition).await?;
            work.end_relations(id.0).await?;
            let told = introduction(work.vault(), &before)?.map(|told| told.reveal().clone()).unwrap_or_default();
            let new = ReferralId::new();
            // A law that lets the one be told, and holds in spite of the client's prohibition, says nothing of another.
            let content = ReferralContent { legal_basis: None, despite_prohibition: None, ..before.content.clone() };
            let draft = referral::Model {
                id: new,
                organization_id: before.recipient_id,
                recipient_id: other.id,
                service_id: service,
                content,
                introduction: Some(seal(work, new, &told)?),
                state: ReferralState::Draft,
                created_by: work.actor().subject().unwrap_or_default().to_owned(),
                consent_id: None,
                sent_at: None,
                due_at: None,
                expires_at: None,
                handler: None,
                message: None,
                answered_at: None,
                previous_id: Some(id),
                created_at: now,
                updated_at: now,
                version: 1,
                ..before.clone()
            };
            let draft = work.insert::<referral::Entity>(draft).await?;
            tell(work, &before, &ended, ReferralMove::Redirect, Side::Recipient).await?;
            Ok(draft)
        })
        .await
}

/// Ends the referrals that nobody acknowledged in time, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn expire(system: &Caller) -> Result<Tally> {
    use sea_orm::ColumnTrait;
    let over = |now| sea_orm::Condition::all().add(referral::Column::State.eq(ReferralState::Sent)).add(referral::Column::ExpiresAt.lte(now));
    let mut ended = Tally::default();
    for (id, version) in system.reader().find::<referral::Entity>().filter(over(system.now())).versions().await? {
        let done = move_on(system, id.into(), version, ReferralMove::Expire, Words::default()).await;
        ended.note("referrals", id, done.map(|_| 1));
    }
    Ok(ended)
}
