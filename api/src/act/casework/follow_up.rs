//! Follow-ups: recorded as they are made.
use super::{author, written_in};
use crate::{
    act::under,
    caller::Caller,
    error::Result,
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::follow_up::{FollowUpContent, FollowUpKind},
    catalogue::session::day,
    id::{CaseId, FollowUpId},
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::casework::follow_up as table;
use serde::Serialize;

const CONTENT: &str = "follow_up.content";

/// Opens what a follow-up tells.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<FollowUpContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// What is said when a follow-up is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordFollowUp {
    /// The case.
    pub case: CaseId,
    /// The day.
    pub happened_on: Date,
    /// How it was made.
    pub kind: FollowUpKind,
    /// The follow-up that it corrects.
    pub corrects: Option<FollowUpId>,
    /// What it tells.
    pub content: FollowUpContent,
}

/// Records a follow-up. A closed case takes corrections only.
///
/// # Errors
/// Faults of the content, a day to come, one of another case that it is to correct, [`Code::CaseClosed`], or a caller without the right.
pub async fn record(caller: &Caller, key: Option<&str>, input: RecordFollowUp) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let today = day(caller.now());
    if input.happened_on.0 > today {
        return Err(Rejection::with(Code::OutOfRange, &["happenedOn"], format!("–{today}")).into());
    }
    let id = FollowUpId::new();
    caller
        .write_once::<table::Entity>(key, "recordFollowUp", &input, id, async |work: &mut Work| {
            let (case, corrected) = written_in::<table::Entity>(work, input.case, input.corrects).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                happened_on: input.happened_on.0,
                kind: input.kind,
                author: author(work),
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                corrects_id: corrected.map(|first| first.corrects_id.unwrap_or(first.id)),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}
