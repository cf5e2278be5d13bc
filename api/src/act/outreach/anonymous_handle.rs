//! Anonymous handles: made with a code word that is told once, found again by it, presented by whoever has it, given up, and ended by time.
//!
//! Nothing here knows a client. Presenting tells nobody who presented: what is made of it, a referral with its consent, is another act in another place.
use crate::{
    act::timed::Tally,
    caller::{CODE_WORD, Caller},
    error::{Error, Result},
    store::{Known, Presented, Work, hash_of_code_word},
    vault::random,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    catalogue::session::day,
    id::{AnonymousContactId, AnonymousHandleId, OrganizationId},
    machine::Machine,
    outreach::anonymous_handle::{AnonymousHandleMove, AnonymousHandleState, code_word, last_day},
    policy::Action,
    private::Private,
    rejection::Code,
    scalar::Date,
};
use entity::{catalogue::organization, outreach::anonymous_handle as table};
use sea_orm::{ColumnTrait, Condition};
use serde::Serialize;

/// For whom a handle is made, and for how long.
#[derive(Clone, Debug, Serialize)]
pub struct CreateHandle {
    /// In which organisation it stands.
    pub organization: OrganizationId,
    /// The last day on which it stands; in six months when nothing is said.
    pub expires_on: Option<Date>,
}

/// Makes a handle; with it its code word, unless it was made before under the same key: it is told once.
///
/// # Errors
/// A last day that is past or more than a year away, or a caller without the right.
pub async fn create(caller: &Caller, given: Option<&str>, input: CreateHandle) -> Result<(table::Model, Option<Private<String>>)> {
    caller.signed_in()?;
    let (id, mut told) = (AnonymousHandleId::new(), None);
    let row = caller
        .write_once::<table::Entity>(given, "createAnonymousHandle", &input, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            let now = work.now();
            let word = code_word(random()?);
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                state: AnonymousHandleState::Active,
                expires_on: last_day(day(now), input.expires_on.map(|day| day.0))?,
                hash: hash_of_code_word(work.vault(), &word),
                secret: Some(URL_SAFE_NO_PAD.encode(random::<32>()?)),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            told = Some(Private::new(word));
            work.insert::<table::Entity>(row).await
        })
        .await?;
    // The same key at the same moment: the other request has made it, and has told its own.
    let told = told.filter(|_| row.id == id);
    Ok((row, told))
}

/// The handle that stands under a code word in the actor's organisation. What is unknown, over and given up is told alike: guessing learns nothing.
pub(super) async fn of_word(work: &Work, organization: OrganizationId, word: &str) -> Result<Known> {
    let found = work.handle_by_word(word).await?.filter(|handle| handle.row.organization_id == organization);
    found.ok_or_else(|| Error::reject(Code::UnknownReference, &[CODE_WORD]))
}

/// A handle as whoever is told its code word finds it.
#[derive(Debug)]
pub struct Opened {
    /// The handle.
    pub handle: table::Model,
    /// What was recorded under it.
    pub contacts: Vec<AnonymousContactId>,
}

/// The handle of a code word, for the worker of its organisation who is told it.
///
/// # Errors
/// A code word under which no handle of the caller's organisations stands, or too many of these.
pub async fn open(caller: &Caller, word: &Private<String>) -> Result<Opened> {
    let found = caller.write(async |work: &mut Work| {
        let found = work.handle_by_word(word.reveal()).await?.ok_or_else(|| Error::reject(Code::UnknownReference, &[CODE_WORD]))?;
        let contacts = work.contacts_under(&found).await?;
        Ok(Opened { handle: found.row, contacts })
    });
    caller.guessing(found).await
}

/// Presents a handle: whoever has the code word tells, somewhere else, who it is. Nothing is kept of who that was.
///
/// # Errors
/// No word that the person wants it, a code word under which no handle stands, or too many of these.
pub async fn present(caller: &Caller, word: &Private<String>, consented: bool) -> Result<Presented> {
    caller.signed_in()?;
    if !consented {
        return Err(Error::reject(Code::ConsentMissing, &["consented"]));
    }
    let presented = async { caller.present_handle(word.reveal()).await?.ok_or_else(|| Error::reject(Code::UnknownReference, &[CODE_WORD])) };
    caller.guessing(presented).await
}

/// Gives a handle up, since its code word is lost or in wrong hands: what stood under it stands alone.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn revoke(caller: &Caller, id: AnonymousHandleId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller.write(async |work: &mut Work| end(work, id, expected, AnonymousHandleMove::Revoke).await).await
}

async fn end(work: &mut Work, id: AnonymousHandleId, expected: i32, by: AnonymousHandleMove) -> Result<table::Model> {
    let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
    let next = table::Model { state: before.state.step(by)?, hash: None, secret: None, ..before.clone() };
    work.update::<table::Entity>(&before, next, Action::Transition).await
}

/// Ends handles whose time is over; how many.
///
/// # Errors
/// A fault of the database.
pub async fn expire(system: &Caller) -> Result<Tally> {
    let over = Condition::all().add(table::Column::State.eq(AnonymousHandleState::Active)).add(table::Column::ExpiresOn.lt(day(system.now())));
    let mut ended = Tally::default();
    for (id, version) in system.reader().find::<table::Entity>().filter(over).versions().await? {
        let done = system.write(async |work: &mut Work| end(work, id.into(), version, AnonymousHandleMove::Expire).await);
        ended.note("handles", id, done.await.map(|_| 1));
    }
    Ok(ended)
}
