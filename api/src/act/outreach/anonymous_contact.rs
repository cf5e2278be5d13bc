//! Anonymous contacts: recorded in a shift or alone, under a handle or not, and corrected with a reason.
use super::{
    anonymous_handle,
    record::{Mistaken, Recording},
    settled,
};
use crate::{
    act::{prefixed, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    id::{AnonymousContactId, OrganizationId, OutreachShiftId},
    outreach::{
        anonymous_contact::{AnonymousContactContent, ContactCorrections},
        outreach_shift::ShiftState,
        record::OutreachState,
    },
    rejection::Code,
};
use entity::outreach::{anonymous_contact as table, outreach_shift};
use serde::Serialize;

/// What is said when a contact is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordContact {
    /// Whose contact, and what is said of it.
    #[serde(flatten)]
    pub recording: Recording<AnonymousContactContent>,
    /// The shift in which it was.
    pub shift: Option<OutreachShiftId>,
    /// The code word of the handle under which it stands. It goes no further than into a keyed hash, and not into the fingerprint of the input, which
    /// outlives the handle.
    #[serde(skip)]
    pub code_word: Option<String>,
}

/// Records a contact.
///
/// # Errors
/// Faults of the content, a day to come or none of the shift's, a code word under which no handle of the organisation stands, too many of these, or a
/// caller without the right.
pub async fn record(caller: &Caller, given: Option<&str>, input: RecordContact) -> Result<table::Model> {
    let (recording, content) = (&input.recording, &input.recording.content);
    caller.signed_in()?;
    under("content", &content.check())?;
    let id: AnonymousContactId = recording.id();
    let key = recording.key(given);
    let again = async |work: &mut Work, row: &table::Model| check_word(work, row, input.code_word.as_deref()).await;
    let record = async |work: &mut Work| {
        let (organization, effective_date, place) = recording.begin::<table::Entity>(work, &content.place).await?;
        if let Some(shift) = input.shift {
            check_shift(work, shift, organization.id, effective_date).await?;
        }
        let mark = match &input.code_word {
            Some(word) => {
                let handle = caller.guessing(anonymous_handle::of_word(work, organization.id, word)).await?;
                Some(work.next_mark(&handle).await?)
            }
            None => None,
        };
        let now = work.now();
        let row = table::Model {
            id,
            network_id: organization.network_id,
            organization_id: organization.id,
            effective_date,
            state: OutreachState::Recorded,
            shift_id: input.shift,
            mark,
            channel: content.channel,
            result: content.result,
            content: AnonymousContactContent { place, ..content.clone() },
            corrections: ContactCorrections::default(),
            voided: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        work.insert::<table::Entity>(row).await
    };
    caller.write_once_if::<table::Entity>(key.as_deref(), "recordAnonymousContact", &input, id, again, record).await
}

/// Sent again, a contact is answered with the code word under which it stands, or without any. Every other word is refused alike, and is no guess: it is
/// compared with the one that was told before and with nothing else.
async fn check_word(work: &Work, row: &table::Model, word: Option<&str>) -> Result<()> {
    let Some(word) = word else { return Ok(()) };
    if let Some(handle) = work.handle_by_word(word).await?
        && work.contacts_under(&handle).await?.contains(&row.id)
    {
        return Ok(());
    }
    Err(Error::reject(Code::IdempotencyMismatch, &["idempotencyKey"]))
}

/// The shift is one of the organisation, counts for something, and was on that day; it is held, so that it is not voided meanwhile.
async fn check_shift(work: &Work, id: OutreachShiftId, organization: OrganizationId, on: NaiveDate) -> Result<()> {
    work.hold::<outreach_shift::Entity>(id).await?;
    let shift = work.refer::<outreach_shift::Entity>(id, &["shift"]).await?;
    if shift.organization_id != organization || shift.state == ShiftState::Voided {
        return Err(Error::reject(Code::DoesNotAgree, &["shift"]));
    }
    if shift.content.covers(shift.effective_date, on) { Ok(()) } else { Err(Error::reject(Code::DoesNotAgree, &["effectiveDate"])) }
}

/// Corrects a contact; what it said before is kept.
///
/// # Errors
/// As [`Mistaken::correct`].
pub async fn correct(caller: &Caller, which: Mistaken<AnonymousContactId>, right: AnonymousContactContent) -> Result<table::Model> {
    let faults = prefixed("content", &right.check());
    let fits = async |work: &mut Work, row: &table::Model, right: &mut AnonymousContactContent| {
        right.place = settled(work, &right.place, Some(&row.content.place), row.network_id).await?;
        Ok(())
    };
    which.correct::<table::Entity>(caller, right, faults, fits).await
}
