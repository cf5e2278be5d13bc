//! What becomes of a participation: accepted, placed, started, ended; and who comes after.
use super::registration::{Register, begin, hold_both, on_offer, registered_already, tell_client, unnamed};
use crate::{
    act::{
        casework::{LONGEST_REASON, check_reason},
        catalogue::published,
        person::consent::is_client,
        timed::Tally,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, OnOffer, Work},
    vault::{Place, Vault},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    access::NoticeKind,
    actor::Actor,
    catalogue::session::day,
    delivery::{
        attendance::{AttendanceStatus, NO_SHOW_ABSENCES, absences_in_a_row},
        participation::{Guest, HELD_FOR, ParticipationEnd, ParticipationMove, ParticipationState, Placing, Side, Spot, TOLD_WITHIN},
    },
    id::{ClientId, OrganizationId, ParticipationId, ReferralId, ServiceOfferingId, SessionId},
    machine::Machine,
    outreach::unnamed_text,
    person::consent::ConsentPurpose,
    policy::{Action, Party, Resource, Scope, scope},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
};
use entity::{
    SealedText,
    catalogue::{service_offering, session},
    delivery::{attendance, participation as table},
    person::consent,
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeSet};

const ALIAS: &str = "participation.alias";
const REASON: &str = "participation.reason";

/// Opens what those who give the service call the client.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn alias(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.alias.as_ref().map(|sealed| vault.open(Place::new(ALIAS, row.id), sealed)).transpose()
}

/// What is said of somebody whom no register knows tells nothing of who that is.
fn seal_reason(work: &Work, row: &table::Model, words: Option<&str>) -> Result<Option<SealedText>> {
    if row.client_id.is_none() {
        let mut out = Rejections::default();
        unnamed_text::check(words, &["reason"], LONGEST_REASON, &mut out);
        out.into_result()?;
    }
    words.map(|words| work.vault().seal(Place::new(REASON, row.id), &words)).transpose()
}

/// Opens why it ended, in words.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

pub(super) fn seal_alias(work: &Work, id: ParticipationId, alias: &str) -> Result<SealedText> {
    work.vault().seal(Place::new(ALIAS, id), &alias)
}

/// Puts somebody who wants to take part on a place or on the waiting list; none when there is room on neither. The offering is held.
pub(super) async fn place(work: &mut Work, offer: &OnOffer, row: table::Model) -> Result<Option<table::Model>> {
    Ok(match work.places_of(offer).await?.placing(row.guest()) {
        Placing::Place => {
            work.occupy(row.spot(), 1, row.guest()).await?;
            Some(table::Model { state: row.state.step(ParticipationMove::Enrol)?, ..row })
        }
        Placing::Queue => {
            work.queue(row.spot(), row.guest());
            Some(table::Model { state: row.state.step(ParticipationMove::Queue)?, ..row })
        }
        Placing::Full => None,
    })
}

/// Gives the places that are free to those who wait and may have them, in the order in which they came; the offering is held.
async fn promote(work: &mut Work, spot: Spot) -> Result<()> {
    while let Some(next) = next_in_line(work, spot, &[]).await? {
        give(work, next).await?;
    }
    Ok(())
}

/// Who has the next place that is free, but for those who are passed over; none when no place is, or nobody waits.
async fn next_in_line(work: &mut Work, spot: Spot, passed_over: &[ParticipationId]) -> Result<Option<ParticipationId>> {
    let now = work.now();
    let Some(offer) = work.on_offer(spot).await?.filter(|offer| !offer.is_over(now)) else { return Ok(None) };
    let seats = work.places_of(&offer).await?.seats;
    if seats.has_room(Guest::OfNetwork) { work.first_waiting(spot, !seats.has_room(Guest::Other), passed_over).await } else { Ok(None) }
}

/// Gives a place that is free to somebody who waits.
async fn give(work: &mut Work, id: ParticipationId) -> Result<()> {
    let Some(before) = work.participation_now(id).await? else { return Ok(()) };
    let held_until = Some(held_until(work, before.spot()).await?);
    let next = table::Model { state: before.state.step(ParticipationMove::Enrol)?, held_until, ..before.clone() };
    work.move_participation(&before, next.clone()).await?;
    work.occupy(next.spot(), 1, next.guest()).await?;
    tell(work, NoticeKind::PlaceFree, &next).await
}

/// Until when a place that comes free is held: a set time, and no longer than until the session begins.
async fn held_until(work: &mut Work, spot: Spot) -> Result<DateTime<Utc>> {
    let session = work.on_offer(spot).await?.and_then(|offer| offer.session);
    let usual = work.now() + HELD_FOR;
    Ok(session.map_or(usual, |session| Ord::min(usual, session.starts_at)))
}

/// Tells whoever is to know of what becomes of a participation: the client, or who registered somebody whom no register knows and works there still, or else
/// all who do.
async fn tell(work: &mut Work, kind: NoticeKind, row: &table::Model) -> Result<()> {
    if let Some(client) = row.client_id {
        return tell_client(work, client, kind, row).await;
    }
    let works_there = work.works_at(&row.registered_by, row.provider_id).await?;
    let to = if works_there { Addressee::Worker(row.provider_id, row.registered_by.clone()) } else { Addressee::Organization(row.provider_id) };
    work.notify_of_participation(row.network_id, to, kind, row.id, None);
    Ok(())
}

/// Gives places to those who wait where some have come free by time or by what their provider has published: kept ones that are kept no longer, and
/// more than there were. As the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn give_on(system: &Caller) -> Result<Tally> {
    let mut given = Tally::default();
    for spot in system.write(async |work: &mut Work| work.waited_for().await).await? {
        let mut passed_over = Vec::new();
        // A transaction each, so that one whose row fails keeps nobody else waiting.
        loop {
            let mut next = None;
            let done = system.write(async |work: &mut Work| {
                work.hold::<service_offering::Entity>(spot.offering).await?;
                next = next_in_line(work, spot, &passed_over).await?;
                match next {
                    Some(id) => give(work, id).await.map(|()| 1),
                    None => Ok(0),
                }
            });
            let done = done.await;
            // Somebody who only has to be tried again is not passed over.
            let again = matches!(done, Err(Error::Busy | Error::Unavailable));
            let failed = done.is_err();
            match next {
                Some(id) if !again => {
                    given.note("places given", id, done);
                    if failed {
                        passed_over.push(id);
                    }
                }
                _ => {
                    given.note("places given", spot.offering, done);
                    break;
                }
            }
        }
    }
    Ok(given)
}

/// What follows from a move: a place that comes free goes to the next.
pub(super) async fn after(work: &mut Work, before: &table::Model, next: &table::Model) -> Result<()> {
    if before.state.has_place() && !next.state.has_place() {
        work.occupy(before.spot(), -1, before.guest()).await?;
        promote(work, before.spot()).await?;
    }
    Ok(())
}

/// Breaks off what has lost its ground, whoever sees it: the consent has ended, the case is closed, the place was not confirmed.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn break_off(work: &mut Work, seen: &table::Model, why: ParticipationEnd) -> Result<()> {
    work.hold::<service_offering::Entity>(seen.offering_id).await?;
    let Some(before) = work.participation_now(seen.id).await? else { return Ok(()) };
    let Some(by) = before.state.breaking_off() else { return Ok(()) };
    let next = ended(&before, before.state.step(by)?, why, work);
    work.move_participation(&before, next.clone()).await?;
    after(work, &before, &next).await
}

/// Of the places that two clients have in one offering, or one session of it, who turn out to be one human being, the better one is kept: the other gives way.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn join(work: &mut Work, one: ClientId, other: ClientId) -> Result<()> {
    let spots = |rows: Vec<table::Model>| rows.into_iter().map(|row| row.spot());
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<_> = spots(work.participations_of_both(one, other).await?).filter(|spot| !seen.insert(*spot)).collect();
    for spot in twice {
        work.hold::<service_offering::Entity>(spot.offering).await?;
        let mut both: Vec<_> = work.participations_of_both(one, other).await?.into_iter().filter(|row| row.spot() == spot).collect();
        // Of two that are worth the same, the one that is confirmed, and then the one that came first.
        both.sort_by_key(|row| (Reverse(row.state.worth()), row.held_until.is_some(), row.arrival));
        for row in both.iter().skip(1) {
            break_off(work, row, ParticipationEnd::RegisteredTwice).await?;
        }
    }
    Ok(())
}

/// Breaks off what was for sessions of one offering that are not held, and tells those concerned; whoever takes part in all of them is told once. The offering is
/// held.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn sessions_cancelled(work: &mut Work, sessions: &[session::Model]) -> Result<()> {
    for session in sessions {
        for row in work.participations_in(session.id).await? {
            break_off(work, &row, ParticipationEnd::SessionCancelled).await?;
            tell(work, NoticeKind::SessionCancelled, &row).await?;
        }
    }
    match sessions.iter().max_by_key(|session| session.starts_at) {
        Some(last) => tell_regulars(work, last, NoticeKind::SessionCancelled).await,
        None => Ok(()),
    }
}

/// Tells whoever has a place in all sessions of the offering of one that was to come.
async fn tell_regulars(work: &mut Work, session: &session::Model, kind: NoticeKind) -> Result<()> {
    if session.starts_at > work.now() {
        for row in work.regulars_of(session.offering_id).await? {
            tell(work, kind, &row).await?;
        }
    }
    Ok(())
}

/// Tells those who have registered for a session alone, or wait for it, and whoever takes part in all of them, that it is at another time or place. No place is
/// held past its beginning; the offering is held.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn session_moved(work: &mut Work, before: &session::Model, now: &session::Model) -> Result<()> {
    let is_at = |session: &session::Model| (session.starts_at, session.ends_at, session.venue_id);
    if is_at(before) == is_at(now) {
        return Ok(());
    }
    for row in work.participations_in(now.id).await? {
        if row.held_until.is_some_and(|until| until > now.starts_at) {
            let sooner = table::Model { held_until: Some(now.starts_at), ..row.clone() };
            work.move_participation(&row, sooner).await?;
        }
        tell(work, NoticeKind::SessionMoved, &row).await?;
    }
    tell_regulars(work, before, NoticeKind::SessionMoved).await
}

/// Ends what was for a session that has been held and has no place in it; of the others the attendance tells. The offering is held.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn session_held(work: &mut Work, session: SessionId) -> Result<()> {
    for row in work.participations_in(session).await?.iter().filter(|row| !row.state.has_place()) {
        break_off(work, row, ParticipationEnd::SessionOver).await?;
    }
    Ok(())
}

fn ended(before: &table::Model, state: ParticipationState, why: ParticipationEnd, work: &Work) -> table::Model {
    table::Model { state, ended_on: Some(day(work.now())), ended_for: Some(why), held_until: None, ..before.clone() }
}

/// Ends what a consent has carried that has ended.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn halt(work: &mut Work, consent: &consent::Model) -> Result<()> {
    for row in work.participations_by(consent.id).await? {
        break_off(work, &row, ParticipationEnd::ConsentEnded).await?;
    }
    work.forget_names(consent.id).await
}

/// Gives on the places that nobody has confirmed in time, as the system itself; how many. One of a session that has begun stays whose it is: nobody else
/// can have it any more.
///
/// # Errors
/// A fault of the database.
pub async fn let_go(system: &Caller) -> Result<Tally> {
    let mut gone = Tally::default();
    for (id, offering) in system.write(async |work: &mut Work| work.held_until(work.now()).await).await? {
        let done = system.write(async |work: &mut Work| {
            work.hold::<service_offering::Entity>(offering).await?;
            // Confirmed, or ended, in the meantime.
            match work.participation_now(id).await? {
                Some(now) if now.held_until.is_some_and(|until| until <= work.now()) => {
                    if now.session_id.is_some() && work.on_offer(now.spot()).await?.is_none_or(|offer| offer.is_over(work.now())) {
                        let kept = table::Model { held_until: None, ..now.clone() };
                        return work.move_participation(&now, kept).await.map(|()| 0);
                    }
                    break_off(work, &now, ParticipationEnd::NotConfirmed).await.map(|()| 1)
                }
                _ => Ok(0),
            }
        });
        gone.note("places", id, done.await);
    }
    Ok(gone)
}

/// Ends what was for single sessions that are over and of which nobody tells who came, and what waits for a place in an offering that is, as the system itself;
/// how many.
///
/// # Errors
/// A fault of the database.
pub async fn close_over(system: &Caller) -> Result<Tally> {
    let mut closed = Tally::default();
    for (id, offering) in system.write(async |work: &mut Work| work.left_open().await).await? {
        closed.note("sessions", id, system.write(async |work: &mut Work| close(work, id, offering).await).await);
    }
    Ok(closed)
}

async fn close(work: &mut Work, id: ParticipationId, offering: ServiceOfferingId) -> Result<usize> {
    work.hold::<service_offering::Entity>(offering).await?;
    let Some(before) = work.participation_now(id).await? else { return Ok(0) };
    let Some(session) = before.session_id else { return close_in_vain(work, &before).await };
    let Some((state, why)) = before.state.after_untold_session() else { return Ok(0) };
    let session = work.fetch::<session::Entity>(session, Action::Read).await?;
    // Told, or moved, in the meantime.
    if session.ends_at + if before.state.has_place() { TOLD_WITHIN } else { TimeDelta::zero() } > work.now() {
        return Ok(0);
    }
    let next = table::Model { ended_on: Some(day(session.starts_at)), ..ended(&before, state, why, work) };
    work.move_participation(&before, next.clone()).await?;
    after(work, &before, &next).await?;
    Ok(1)
}

/// Ends what waits for a place in an offering that has come to its end; the offering is held.
async fn close_in_vain(work: &mut Work, before: &table::Model) -> Result<usize> {
    let shown = work.on_offer(before.spot()).await?.map(|offer| offer.shown.content.ends_on);
    let ends_on = match shown {
        Some(shown) => shown,
        None => work.fetch::<service_offering::Entity>(before.offering_id, Action::Read).await?.content.ends_on,
    };
    let (Some(end), Some(by)) = (ends_on.filter(|end| end.0 < day(work.now())), before.state.breaking_off().filter(|_| !before.state.has_place())) else {
        return Ok(0);
    };
    let next = table::Model { ended_on: Some(end.0), ..ended(before, before.state.step(by)?, ParticipationEnd::OfferingOver, work) };
    work.move_participation(before, next).await?;
    Ok(1)
}

/// A participation for a move of one of its sides, with its offering held.
async fn fetch(work: &Work, id: ParticipationId, expected: i32, by: ParticipationMove) -> Result<table::Model> {
    let seen = work.fetch::<table::Entity>(id, Action::Transition).await?;
    work.hold::<service_offering::Entity>(seen.offering_id).await?;
    let row = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
    let mut sides = Vec::new();
    if is_client(work, row.client_id).await? {
        sides.push(Side::Client);
    }
    if works_at(work.actor(), row.provider_id) {
        sides.push(Side::Provider);
    }
    // Whom no register knows is kept by those who give the service, and speaks through them.
    if works_at(work.actor(), row.organization_id) {
        sides.push(Side::Register);
    }
    let system = matches!(work.actor(), Actor::System);
    if system || sides.iter().any(|side| by.is_made_by(*side)) { Ok(row) } else { Err(Error::reject(Code::OtherSide, &["id"])) }
}

/// Somebody gives services of an organisation, or sends clients of its register to them.
#[must_use]
pub fn works_at(actor: &Actor, organization: OrganizationId) -> bool {
    let handles = |role| scope(Party::In(role), Action::Transition, Resource::Participation) != Scope::Nothing;
    actor.is_in(organization, handles)
}

/// Accepts what is proposed, and takes a place or waits for one; where there is room for neither, the first place that comes free is offered in the order of
/// arrival, as to those on the list.
///
/// # Errors
/// [`Code::ConsentMissing`] where the consent has ended, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn accept(caller: &Caller, key: Option<&str>, id: ParticipationId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(key, "acceptParticipation", &(id, expected), id, async |work: &mut Work| {
            // The consent before the offering, as whoever withdraws it takes them.
            let seen = work.fetch::<table::Entity>(id, Action::Transition).await?;
            if let Some(consent) = seen.consent_id {
                work.hold_consent_in_force(consent).await?.ok_or_else(|| Error::reject(Code::ConsentMissing, &["id"]))?;
            }
            let before = fetch(work, id, expected, ParticipationMove::Accept).await?;
            let offer = on_offer(work, before.spot()).await?;
            let accepted =
                table::Model { state: before.state.step(ParticipationMove::Accept)?, arrival: work.next_arrival(before.offering_id).await?, ..before.clone() };
            let next = place(work, &offer, accepted.clone()).await?.unwrap_or(accepted);
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Gives a place to somebody who has accepted when there was none.
///
/// # Errors
/// [`Code::OfferingFull`], a move that its state does not allow, a stale version, or a caller without the right.
pub async fn enrol(caller: &Caller, key: Option<&str>, id: ParticipationId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(key, "enrolParticipant", &(id, expected), id, async |work: &mut Work| {
            let before = fetch(work, id, expected, ParticipationMove::Enrol).await?;
            let offer = on_offer(work, before.spot()).await?;
            let seats = work.places_of(&offer).await?.seats;
            // Nobody who came before is passed.
            let passes = !seats.has_room(before.guest()) || work.first_waiting(before.spot(), !seats.has_room(Guest::Other), &[]).await? != Some(id);
            if passes {
                return Err(Error::reject(Code::OfferingFull, &["id"]));
            }
            let next = table::Model { state: before.state.step(ParticipationMove::Enrol)?, ..before.clone() };
            work.occupy(before.spot(), 1, before.guest()).await?;
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            tell(work, NoticeKind::PlaceFree, &row).await?;
            Ok(row)
        })
        .await
}

/// Confirms a place that came free and is held.
///
/// # Errors
/// [`Code::NothingToConfirm`], a stale version, or a caller without the right.
pub async fn confirm(caller: &Caller, key: Option<&str>, id: ParticipationId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(key, "confirmPlace", &(id, expected), id, async |work: &mut Work| {
            let before = fetch(work, id, expected, ParticipationMove::Accept).await?;
            if before.held_until.is_none() {
                return Err(Error::reject(Code::NothingToConfirm, &["id"]));
            }
            let next = table::Model { held_until: None, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// What is said when somebody goes on in another offering, or in another session.
#[derive(Clone, Debug, Serialize)]
pub struct Transfer {
    /// The participation.
    pub id: ParticipationId,
    /// The version that was seen.
    pub expected: i32,
    /// The other offering.
    pub offering: ServiceOfferingId,
    /// The session of it, where one registers for a session at a time: the offering may then be the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The accepted referral to those who give the other, where they are others and keep no register of the client.
    pub referral: Option<ReferralId>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// Lets somebody who takes part go on in another offering, or who has booked a time come at another: a place there is taken and the one here given on, or
/// neither. Within one provider the consent goes along; with another it begins as any participation there.
///
/// # Errors
/// [`Code::OfferingFull`], what keeps the client from registering there, [`Code::TooLate`] for a session that has begun, [`Code::ConsentMissing`] where the
/// consent does not last until the other, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn transfer(caller: &Caller, key: Option<&str>, input: Transfer) -> Result<table::Model> {
    caller.signed_in()?;
    if let Some(reason) = &input.reason {
        check_reason(reason, "reason")?;
    }
    let id = ParticipationId::new();
    caller.write_once::<table::Entity>(key, "transferParticipation", &input, id, async |work: &mut Work| go_over(work, id, &input).await).await
}

async fn go_over(work: &mut Work, id: ParticipationId, input: &Transfer) -> Result<table::Model> {
    let seen = work.fetch::<table::Entity>(input.id, Action::Transition).await?;
    let into = Spot { offering: input.offering, session: input.session };
    if seen.spot() == into {
        return Err(registered_already(into));
    }
    let client = match seen.client_id {
        // Whoever gives the service knows no client by whom to hold it.
        Some(_) if !works_at(work.actor(), seen.organization_id) => return Err(Error::reject(Code::OtherSide, &["id"])),
        Some(client) => Some(work.named_client(client, Action::Read).await?),
        None => None,
    };
    let at_home = published::<service_offering::Entity>(work, input.offering, &["offering"]).await?.organization_id == seen.provider_id;
    let (begun, offer) = match &client {
        Some(client) if !at_home => {
            let Transfer { offering, session, referral, .. } = *input;
            let register = Register { client: Some(client.id), offering, session, referral, alias: None, text_version: None };
            begin(work, id, client, &register, Some(seen.offering_id)).await?
        }
        _ => {
            let missing = || Error::reject(Code::ConsentMissing, &["id"]);
            let consent = match seen.consent_id {
                Some(consent) => Some(work.hold_consent_in_force(consent).await?.ok_or_else(missing)?),
                None => None,
            };
            hold_both(work, Some(seen.offering_id), input.offering).await?;
            let offer = on_offer(work, into).await?;
            // What was consented to for one time may not last until the other: the place would be lost before.
            let given = consent.filter(|row| row.purpose == ConsentPurpose::Participation);
            if given.zip(offer.session.as_deref()).is_some_and(|(given, session)| given.expires_at <= session.ends_at) {
                return Err(missing());
            }
            // As it was looked up, but for what has been published meanwhile.
            if offer.shown.organization_id != seen.provider_id {
                return Err(Error::reject(Code::DoesNotAgree, &["offering"]));
            }
            if let Some(client) = &client
                && work.takes_part(client.id, into).await?.is_some()
            {
                return Err(registered_already(into));
            }
            let name = alias(work.vault(), &seen)?.map(|name| seal_alias(work, id, name.reveal())).transpose()?;
            let known = client.as_ref().map(|client| client.id);
            let fresh = table::Model { client_id: known, source: seen.source, referral_id: seen.referral_id, ..unnamed(work, id, &offer).await? };
            (table::Model { organization_id: seen.organization_id, consent_id: seen.consent_id, alias: name, ..fresh }, offer)
        }
    };
    let before = fetch(work, input.id, input.expected, ParticipationMove::Transfer).await?;
    if before.state == ParticipationState::Enrolled {
        check_not_begun(work, &before).await?;
    }
    let state = before.state.step_of(before.spot().unit(), ParticipationMove::Transfer)?;
    let reason = seal_reason(work, &before, input.reason.as_deref())?;
    let ended = table::Model { reason, ..ended(&before, state, ParticipationEnd::Transferred, work) };
    let accepted = table::Model { state: ParticipationState::AcceptedByClient, transferred_from_id: Some(before.id), ..begun };
    let next = place(work, &offer, accepted).await?.filter(|next| next.state.has_place()).ok_or_else(|| Error::reject(Code::OfferingFull, &["offering"]))?;
    let ended = work.update::<table::Entity>(&before, ended, Action::Transition).await?;
    after(work, &before, &ended).await?;
    let next = work.insert::<table::Entity>(next).await?;
    if let Some(client) = &client {
        tell_client(work, client.id, NoticeKind::ParticipationTransferred, &next).await?;
    }
    Ok(next)
}

/// What is said when a participation goes on or ends.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    /// The participation.
    pub id: ParticipationId,
    /// The version that was seen.
    pub expected: i32,
    /// Why it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<ParticipationEnd>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// On which day it ended; none is today, or the last day of what is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

/// Moves a participation on: declines, leaves, gives up, pauses, goes on or ends it. Sent again under its key, it is moved once.
///
/// # Errors
/// No reason where one is needed, [`Code::Invalid`] for one that nobody says with this move, [`Code::NothingBegun`] for one who was not absent often enough, a
/// day to come or before one on which the client came, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn turn(caller: &Caller, key: Option<&str>, by: ParticipationMove, said: Turn) -> Result<table::Model> {
    caller.signed_in()?;
    if said.reason.is_some() {
        check_reason(said.reason.as_deref().unwrap_or_default(), "reason")?;
    }
    let Turn { id, expected, .. } = said;
    caller
        .write_once::<table::Entity>(key, &format!("participation{by:?}"), &said, id, async |work: &mut Work| {
            let before = fetch(work, id, expected, by).await?;
            let state = before.state.step_of(before.spot().unit(), by)?;
            if by == ParticipationMove::Cancel {
                check_not_begun(work, &before).await?;
            }
            if by == ParticipationMove::NoShow && absences(work, &[id]).await?.len() < NO_SHOW_ABSENCES {
                return Err(Error::reject(Code::NothingBegun, &["id"]));
            }
            let next = if state.is_open() {
                table::Model { state, ..before.clone() }
            } else {
                let why = said.why.or(match by {
                    ParticipationMove::Complete => Some(ParticipationEnd::Planned),
                    ParticipationMove::NoShow => Some(ParticipationEnd::StayedAway),
                    ParticipationMove::Decline | ParticipationMove::LeaveQueue => Some(ParticipationEnd::ClientWish),
                    _ => None,
                });
                let why = why.ok_or_else(|| Error::reject(Code::Required, &["why"]))?;
                if !why.is_said_with(by) {
                    return Err(Error::reject(Code::Invalid, &["why"]));
                }
                let reason = seal_reason(work, &before, said.reason.as_deref())?;
                let on = last_day(work, &before, by, said.on).await?;
                table::Model { reason, ended_on: Some(on), ..ended(&before, state, why, work) }
            };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            after(work, &before, &row).await?;
            Ok(row)
        })
        .await
}

/// The last day of a participation that ends: the day that is told, or today, and no later than what it was for.
async fn last_day(work: &mut Work, before: &table::Model, by: ParticipationMove, told: Option<Date>) -> Result<NaiveDate> {
    let today = day(work.now());
    let Some(told) = told.map(|told| told.0) else {
        let shown = if by == ParticipationMove::Complete { work.on_offer(before.spot()).await? } else { None };
        return Ok(shown.and_then(|offer| offer.shown.content.ends_on).map_or(today, |end| Ord::min(end.0, today)));
    };
    let there = attendance::Column::Status.is_in(AttendanceStatus::ALL.iter().copied().filter(|status| status.was_there()));
    let came = work.find::<attendance::Entity>(attendance::Column::ParticipationId.eq(before.id).and(there)).await?;
    let first = came.iter().map(|time| day(time.session_at)).chain(before.started_on).max().unwrap_or_else(|| day(before.created_at));
    if (first..=today).contains(&told) {
        return Ok(told);
    }
    Err(Rejection::with(Code::OutOfRange, &["effectiveDate"], format!("{first}–{today}")).into())
}

/// A place in a session is given up before it begins; after that the attendance tells who came.
async fn check_not_begun(work: &Work, row: &table::Model) -> Result<()> {
    let Some(session) = row.session_id else { return Ok(()) };
    let session = work.refer::<session::Entity>(session, &["id"]).await?;
    if session.starts_at > work.now() { Ok(()) } else { Err(Rejection::with(Code::TooLate, &["id"], day(session.starts_at).to_string()).into()) }
}

/// The absences of somebody in a row up to the last session, in one participation or in several; the first one first.
pub(super) async fn absences(work: &Work, of: &[ParticipationId]) -> Result<Vec<attendance::Model>> {
    let mut rows = work.find::<attendance::Entity>(attendance::Column::ParticipationId.is_in(of.iter().copied())).await?;
    rows.sort_by_key(|row| row.session_at);
    let in_a_row = absences_in_a_row(&rows.iter().map(|row| row.status).collect::<Vec<_>>());
    Ok(rows.split_off(rows.len() - in_a_row))
}

/// The participations that tell together how regularly somebody comes: of a client who registers for a session at a time, all of the offering.
pub(super) async fn of_one_visitor(work: &Work, row: &table::Model) -> Result<Vec<ParticipationId>> {
    let Some(client) = row.client_id.filter(|_| row.session_id.is_some()) else { return Ok(vec![row.id]) };
    let known = table::Column::ClientId.eq(client).and(table::Column::OfferingId.eq(row.offering_id));
    Ok(work.find::<table::Entity>(known).await?.into_iter().map(|row| row.id).collect())
}
