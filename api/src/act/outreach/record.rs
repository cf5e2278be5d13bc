//! What is done to every record of open work: it is recorded once, however often it is sent, corrected with what it said before kept, and voided.
use super::settled;
use crate::{
    act::{device_id, device_key},
    caller::Caller,
    error::Result,
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    catalogue::session::day,
    id::OrganizationId,
    machine::Machine,
    outreach::{
        place::OutreachPlace,
        record::{Correctable, Correction, Voiding, check_reason},
    },
    policy::Action,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
};
use entity::{
    Kept,
    catalogue::organization,
    outreach::{Record, SaidOf},
};
use serde::Serialize;
use uuid::Uuid;

/// What is said when something is recorded, on its day or later.
#[derive(Clone, Debug, Serialize)]
pub struct Recording<C> {
    /// Whose work it was.
    pub organization: OrganizationId,
    /// The UUID that the device has made.
    pub uuid: Option<Uuid>,
    /// The day on which it was.
    pub effective_date: Date,
    /// What is said of it.
    pub content: C,
}

impl<C> Recording<C> {
    /// The id of the row: the device's, or a new one.
    pub(super) fn id<I: From<Uuid>>(&self) -> I {
        device_id(self.uuid)
    }

    /// The key under which it is recorded: the caller's own, or the UUID that the device has made.
    pub(super) fn key(&self, given: Option<&str>) -> Option<String> {
        device_key(given, self.uuid)
    }

    /// The organisation whose work it was, the day and the place, after there is no row under the UUID of the device and the place is one of the network.
    pub(super) async fn begin<E: Kept>(&self, work: &Work, place: &OutreachPlace) -> Result<(organization::Model, NaiveDate, OutreachPlace)> {
        let organization = work.refer::<organization::Entity>(self.organization, &["organization"]).await?;
        // Who may not record there is told nothing of who works there, nor of what was recorded.
        work.allow::<E>(Action::Create, organization.network_id, organization.id)?;
        work.unused::<E>(self.uuid).await?;
        let place = settled(work, place, None, organization.network_id).await?;
        let (on, today) = (self.effective_date.0, day(work.now()));
        if on > today {
            return Err(Rejection::with(Code::OutOfRange, &["effectiveDate"], format!("–{today}")).into());
        }
        Ok((organization, on, place))
    }
}

/// Which record is corrected or voided, and why.
#[derive(Clone, Debug)]
pub struct Mistaken<I> {
    /// The record.
    pub id: I,
    /// The version that was seen.
    pub expected: i32,
    /// Why.
    pub reason: String,
}

impl<I: Into<Uuid> + Copy> Mistaken<I> {
    fn check(&self, mut faults: Rejections) -> Result<()> {
        check_reason(&self.reason, &mut faults);
        Ok(faults.into_result()?)
    }

    /// The record as it is now, held until the commit: nothing is recorded in a shift that is being voided.
    async fn before<E: Record>(&self, work: &Work) -> Result<E::Model> {
        work.hold::<E>(self.id).await?;
        work.fetch_at::<E>(self.id, self.expected, Action::Transition).await
    }

    /// Corrects the record; what it said before is kept. What can only be judged beside the row is judged, and settled, by `fits`.
    ///
    /// # Errors
    /// The faults that were found, a reason that is missing or names somebody, a move that its state does not allow, a stale version, or a caller without
    /// the right.
    pub async fn correct<E: Record>(
        self,
        caller: &Caller,
        mut right: SaidOf<E>,
        faults: Rejections,
        fits: impl AsyncFnOnce(&mut Work, &E::Model, &mut SaidOf<E>) -> Result<()>,
    ) -> Result<E::Model> {
        let by = caller.signed_in()?.subject().unwrap_or_default().to_owned();
        self.check(faults)?;
        caller
            .write(async |work: &mut Work| {
                let before = self.before::<E>(work).await?;
                let mut next = before.clone();
                E::go(&mut next, E::state(&before).step(E::CORRECT)?);
                fits(work, &before, &mut right).await?;
                let mut content = E::content(&before).clone();
                let said = content.exchange(right);
                E::say(&mut next, content);
                E::corrections(&mut next).push(Correction { said, reason: self.reason, at: work.now(), by });
                work.update::<E>(&before, next, Action::Transition).await
            })
            .await
    }

    /// Voids the record: it is kept, and counts for nothing.
    ///
    /// # Errors
    /// As [`Mistaken::correct`].
    pub async fn void<E: Record>(self, caller: &Caller) -> Result<E::Model> {
        let by = caller.signed_in()?.subject().unwrap_or_default().to_owned();
        self.check(Rejections::default())?;
        caller
            .write(async |work: &mut Work| {
                let before = self.before::<E>(work).await?;
                let mut next = before.clone();
                E::go(&mut next, E::state(&before).step(E::VOID)?);
                *E::voided(&mut next) = Some(Voiding { reason: self.reason, at: work.now(), by });
                work.update::<E>(&before, next, Action::Transition).await
            })
            .await
    }
}
