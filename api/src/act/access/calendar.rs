//! Calendars of one's own: made, ended, and what is in them. Whoever knows the address of one reads it; so it names nobody, and can be ended.
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    actor::Actor,
    catalogue::publishing::PublishingState,
    delivery::participation::{ParticipationEnd, ParticipationState},
    id::{CalendarFeedId, ClientId, Kinded, OrganizationId, ServiceOfferingId},
    policy::{Action, leads_sessions},
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    access::calendar_feed,
    catalogue::{publication, service_offering, session},
    delivery::participation,
    person::{client, person},
};
use sea_orm::{ColumnTrait, ExprTrait};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// How many calendars one can have at a time.
const MOST: usize = 10;
/// How many bytes of chance are in a token.
const TOKEN_BYTES: usize = 32;
/// For how long sessions stay in a calendar after they are over.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What is kept of a token.
#[must_use]
pub fn hash(token: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose_secret().as_bytes()))
}

/// Makes a calendar of the caller's own, and tells its token this once.
///
/// # Errors
/// A label that is missing or too long, more calendars than one can have, or a caller who has not signed in.
pub async fn create(caller: &Caller, label: String) -> Result<(calendar_feed::Model, SecretString)> {
    let subject = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    let mut out = Rejections::default();
    text::check(&label, &["label"], 50, &mut out);
    out.into_result()?;
    let mut bytes = [0; TOKEN_BYTES];
    rand::fill(&mut bytes).map_err(Error::internal)?;
    let token = SecretString::from(URL_SAFE_NO_PAD.encode(bytes));
    let row = caller
        .write(async |work: &mut Work| {
            // Two at once are counted one after the other.
            work.hold_word(&format!("calendars:{subject}")).await?;
            if work.find::<calendar_feed::Entity>(calendar_feed::Column::Subject.eq(&subject)).await?.len() >= MOST {
                return Err(Rejection::with(Code::TooLong, &["label"], MOST.to_string()).into());
            }
            let row = calendar_feed::Model {
                id: CalendarFeedId::new(),
                subject: subject.clone(),
                label: text::tidy(&label),
                hash: hash(&token),
                created_at: work.now(),
            };
            work.insert::<calendar_feed::Entity>(row).await
        })
        .await?;
    Ok((row, token))
}

/// Ends a calendar of the caller's own: nothing is read under its address any more.
///
/// # Errors
/// One that is not the caller's, or a caller who has not signed in.
pub async fn revoke(caller: &Caller, id: CalendarFeedId) -> Result<calendar_feed::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let row = work.fetch::<calendar_feed::Entity>(id, Action::Transition).await?;
            work.remove::<calendar_feed::Entity>(id.into()).await?;
            Ok(row)
        })
        .await
}

/// A session in a calendar.
pub struct Item {
    /// The session.
    pub session: session::Model,
    /// Its offering: as everybody sees it, or as those who work on it do.
    pub offering: service_offering::Model,
    /// Nothing but its times is told: the calendar is of somebody under non-disclosure.
    pub withheld: bool,
}

/// What is in the calendars of somebody: the sessions of what one takes part in, and those that one leads. `oneself` is the caller as a person alone,
/// `at_work` with the roles that one has.
///
/// # Errors
/// A fault of the database.
pub async fn items(oneself: &Caller, at_work: &Caller) -> Result<Vec<Item>> {
    let Some(subject) = oneself.actor().subject().map(str::to_owned) else { return Ok(Vec::new()) };
    let clients = oneself.reader().find::<client::Entity>().filter(client::Column::Account.eq(&subject)).all().await?;
    let clients: Vec<_> = clients.into_iter().map(|row| row.id).collect();
    let mut found = attended(oneself, &clients).await?;
    let known: BTreeSet<_> = found.iter().map(|(session, _)| session.id).collect();
    found.extend(led(at_work, &subject).await?.into_iter().filter(|(session, _)| !known.contains(&session.id)));
    found.sort_unstable_by_key(|(session, _)| (session.starts_at, session.id));
    // All clients of one account are the same human being, who leads what one leads under the same threat: what one network knows holds for everything.
    let protected = person::Column::ClientId.is_in(clients).and(person::Column::Protected.eq(true));
    let withheld = !oneself.reader().find::<person::Entity>().filter(protected).all().await?.is_empty();
    Ok(found.into_iter().map(|(session, offering)| Item { session, offering, withheld }).collect())
}

/// A session, and its offering.
type Found = (session::Model, service_offering::Model);

/// The sessions of the offerings in which one has a place, or those alone for which one has registered, in any network: these also once one has been there
/// or it is cancelled. Whom one acts for has a calendar of one's own.
async fn attended(caller: &Caller, clients: &[ClientId]) -> Result<Vec<Found>> {
    let done = participation::Column::State
        .eq(ParticipationState::Completed)
        .or(participation::Column::State.eq(ParticipationState::Cancelled).and(participation::Column::EndedFor.eq(ParticipationEnd::SessionCancelled)));
    let kept = participation::Column::State.is_in(ParticipationState::WITH_PLACE).or(participation::Column::SessionId.is_not_null().and(done));
    let own = participation::Column::ClientId.is_in(clients.iter().copied()).and(kept);
    let places = caller.reader().find::<participation::Entity>().filter(own).all().await?;
    let copies = published(caller, places.iter().map(|place| place.offering_id)).await?;
    let of_them = session::Column::OfferingId.is_in(copies.keys().copied()).and(session::Column::EndsAt.gte(caller.now() - KEPT));
    let sessions = caller.reader().find::<session::Entity>().filter(of_them).all().await?;
    let goes_to = |session: &session::Model| places.iter().any(|place| place.offering_id == session.offering_id && place.is_for(session.id));
    let with_offering = |session: session::Model| copies.get(&session.offering_id).cloned().map(|offering| (session, offering));
    Ok(sessions.into_iter().filter(goes_to).filter_map(with_offering).collect())
}

/// The sessions that one leads, where one works now.
async fn led(caller: &Caller, subject: &str) -> Result<Vec<Found>> {
    let here: BTreeSet<OrganizationId> =
        caller.actor().standings().iter().filter(|standing| leads_sessions(standing.role)).map(|standing| standing.organization).collect();
    if here.is_empty() {
        return Ok(Vec::new());
    }
    let own = session::Column::LeaderAccount.eq(subject).and(session::Column::OrganizationId.is_in(here)).and(session::Column::EndsAt.gte(caller.now() - KEPT));
    let sessions = caller.reader().find::<session::Entity>().filter(own).all().await?;
    let ids: BTreeSet<_> = sessions.iter().map(|row| row.offering_id).collect();
    let copies = published(caller, ids.iter().copied()).await?;
    let working = caller.reader().find::<service_offering::Entity>().filter(service_offering::Column::Id.is_in(ids)).all().await?;
    let drafts: HashMap<_, _> = working.into_iter().filter(|row| row.publishing == PublishingState::Draft).map(|row| (row.id, row)).collect();
    let with_offering = |session: session::Model| {
        let offering = copies.get(&session.offering_id).or_else(|| drafts.get(&session.offering_id))?.clone();
        Some((session, offering))
    };
    Ok(sessions.into_iter().filter_map(with_offering).collect())
}

/// Offerings as everybody sees them.
async fn published(caller: &Caller, ids: impl Iterator<Item = ServiceOfferingId>) -> Result<HashMap<ServiceOfferingId, service_offering::Model>> {
    let copies = caller.reader().find::<publication::Entity>().filter(publication::Column::Id.is_in(ids.map(|id| id.0))).all().await?;
    let row = |copy: publication::Model| serde_json::from_value::<service_offering::Model>(copy.row).map_err(Error::internal);
    copies.into_iter().map(|copy| row(copy).map(|row| (row.id, row))).collect()
}

/// The same person without the roles: what is one's own needs none, and no purpose.
#[must_use]
pub fn oneself(actor: &Actor) -> Actor {
    match actor {
        Actor::Person { subject, occasion, .. } => Actor::Person { subject: subject.clone(), standings: Vec::new(), occasion: *occasion },
        other => other.clone(),
    }
}

/// The address of a calendar on this server.
#[must_use]
pub fn address(token: &SecretString) -> String {
    format!("/calendar/person/{}.ics", token.expose_secret())
}

/// The address of the public calendar of a thing on this server.
#[must_use]
pub fn public_address(kind: &str, id: impl Kinded) -> String {
    format!("/calendar/{kind}/{}.ics", id.to_public())
}
