//! Anonymous contacts: recorded in a shift or alone, under a handle or not, and corrected with a reason.
use super::{
    anonymous_handle, check_place,
    record::{Mistaken, Recording},
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
    /// The code word of the handle under which it stands. It goes no further than into a keyed hash.
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
    let recorded = caller.write_once::<table::Entity>(key.as_deref(), "recordAnonymousContact", &input, id, async |work: &mut Work| {
        let (organization, effective_date) = recording.begin::<table::Entity>(work, &content.place).await?;
        if let Some(shift) = input.shift {
            check_shift(work, shift, organization.id, effective_date).await?;
        }
        let handle = match &input.code_word {
            Some(word) => Some(anonymous_handle::of_word(work, organization.id, word).await?.id),
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
            handle_id: handle,
            channel: content.channel,
            result: content.result,
            content: content.clone(),
            corrections: ContactCorrections::default(),
            voided: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        work.insert::<table::Entity>(row).await
    });
    if input.code_word.is_some() { caller.guessing(recorded).await } else { recorded.await }
}

/// The shift is one of the organisation, counts for something, and was on that day.
async fn check_shift(work: &Work, id: OutreachShiftId, organization: OrganizationId, on: NaiveDate) -> Result<()> {
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
    let (faults, place) = (prefixed("content", &right.check()), right.place.clone());
    which.correct::<table::Entity>(caller, right, faults, async |work, row| check_place(work, &place, row.network_id).await).await
}
