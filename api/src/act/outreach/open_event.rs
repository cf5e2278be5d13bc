//! Open events: pop-ups, outings and advice, recorded afterwards and corrected with a reason.
use super::{
    record::{Mistaken, Recording},
    settled,
};
use crate::{
    act::{prefixed, under},
    caller::Caller,
    error::Result,
    store::Work,
};
use domain::{
    id::OpenEventId,
    outreach::{
        open_event::{EventCorrections, OpenEventContent},
        record::OutreachState,
    },
};
use entity::outreach::open_event as table;

/// Records an event.
///
/// # Errors
/// Faults of the content, a day to come, or a caller without the right.
pub async fn record(caller: &Caller, given: Option<&str>, input: Recording<OpenEventContent>) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id: OpenEventId = input.id();
    caller
        .write_once::<table::Entity>(input.key(given).as_deref(), "recordOpenEvent", &input, id, async |work: &mut Work| {
            let (organization, effective_date, place) = input.begin::<table::Entity>(work, &input.content.place).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                effective_date,
                state: OutreachState::Recorded,
                kind: input.content.kind,
                content: OpenEventContent { place, ..input.content.clone() },
                corrections: EventCorrections::default(),
                voided: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Corrects an event; what it said before is kept.
///
/// # Errors
/// As [`Mistaken::correct`].
pub async fn correct(caller: &Caller, which: Mistaken<OpenEventId>, right: OpenEventContent) -> Result<table::Model> {
    let faults = prefixed("content", &right.check());
    let fits = async |work: &mut Work, row: &table::Model, right: &mut OpenEventContent| {
        right.place = settled(work, &right.place, Some(&row.content.place), row.network_id).await?;
        Ok(())
    };
    which.correct::<table::Entity>(caller, right, faults, fits).await
}
