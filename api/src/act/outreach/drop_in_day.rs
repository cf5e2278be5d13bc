//! Days of an open drop-in space: opened, counted by several at once, closed, and corrected with a reason.
use super::{
    record::{Mistaken, Recording},
    settled,
};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    id::DropInDayId,
    machine::Machine,
    outreach::drop_in_day::{DropInCorrections, DropInDayContent, DropInMore, DropInMove, DropInSaid, DropInState},
    policy::Action,
    rejection::{Code, Rejection},
};
use entity::outreach::drop_in_day as table;

/// How often an addition is tried again when another phone was quicker.
const TRIES: u32 = 30;

/// Opens a day.
///
/// # Errors
/// Faults of the content, a day to come, or a caller without the right.
pub async fn open(caller: &Caller, given: Option<&str>, input: Recording<DropInDayContent>) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id: DropInDayId = input.id();
    let key = input.key(given);
    caller.write_once::<table::Entity>(key.as_deref(), "openDropInDay", &input, id, async |work: &mut Work| begin(work, id, &input).await).await
}

/// Records a day that is over and was counted on paper: opened and closed in one step.
///
/// # Errors
/// As [`open`].
pub async fn record(caller: &Caller, given: Option<&str>, input: Recording<DropInDayContent>) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id: DropInDayId = input.id();
    caller
        .write_once::<table::Entity>(input.key(given).as_deref(), "recordDropInDay", &input, id, async |work: &mut Work| {
            let opened = begin(work, id, &input).await?;
            let closed = table::Model { state: opened.state.step(DropInMove::Close)?, ..opened.clone() };
            work.update::<table::Entity>(&opened, closed, Action::Transition).await
        })
        .await
}

async fn begin(work: &mut Work, id: DropInDayId, input: &Recording<DropInDayContent>) -> Result<table::Model> {
    let (organization, effective_date, place) = input.begin::<table::Entity>(work, &input.content.place).await?;
    let now = work.now();
    let row = table::Model {
        id,
        network_id: organization.network_id,
        organization_id: organization.id,
        effective_date,
        state: DropInState::Open,
        corrections: DropInCorrections::default(),
        voided: None,
        content: DropInDayContent { place, ..input.content.clone() },
        created_at: now,
        updated_at: now,
        version: 1,
    };
    work.insert::<table::Entity>(row).await
}

/// Only a day that is open is changed; afterwards it is corrected.
fn check_open(row: &table::Model) -> Result<()> {
    if row.state == DropInState::Open { Ok(()) } else { Err(Rejection::with(Code::IllegalTransition, &["id"], format!("{:?}", row.state)).into()) }
}

/// Replaces what is said of a day that is open.
///
/// # Errors
/// As [`open`], a day that is closed, and a stale version.
pub async fn update(caller: &Caller, id: DropInDayId, expected: i32, content: DropInDayContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            check_open(&before)?;
            let place = settled(work, &content.place, Some(&before.content.place), before.network_id).await?;
            let next = table::Model { content: DropInDayContent { place, ..content.clone() }, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Adds to the counts of a day that is open, whatever its version: two phones may do so at once, and what both add is kept.
///
/// # Errors
/// A day that is closed, counts that do not fit together afterwards, or a caller without the right.
pub async fn add(caller: &Caller, given: Option<&str>, id: DropInDayId, more: &DropInMore) -> Result<table::Model> {
    caller.signed_in()?;
    more.check().into_result()?;
    for tried in 0..=TRIES {
        let outcome = caller
            .write_once::<table::Entity>(given, "addToDropInDay", &(id, more), id, async |work: &mut Work| {
                let before = work.fetch::<table::Entity>(id, Action::Update).await?;
                check_open(&before)?;
                let content = more.on(before.content.clone());
                content.check().into_result()?;
                work.update::<table::Entity>(&before, table::Model { content, ..before.clone() }, Action::Update).await
            })
            .await;
        match outcome {
            Err(Error::Rejected(why)) if tried < TRIES && why.iter().any(|r| r.code == Code::StaleVersion) => {}
            Err(Error::Busy) if tried < TRIES => {}
            outcome => return outcome,
        }
    }
    Err(Error::Busy)
}

/// Closes a day: its counts hold.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn close(caller: &Caller, given: Option<&str>, id: DropInDayId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(given, "closeDropInDay", &(id, expected), id, async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let next = table::Model { state: before.state.step(DropInMove::Close)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Corrects a day that is closed, again if need be; what it said before is kept.
///
/// # Errors
/// As [`Mistaken::correct`].
pub async fn correct(caller: &Caller, which: Mistaken<DropInDayId>, right: DropInSaid) -> Result<table::Model> {
    let faults = right.check();
    which.correct::<table::Entity>(caller, right, faults, async |_, _, _| Ok(())).await
}
