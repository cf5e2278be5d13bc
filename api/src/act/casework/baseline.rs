//! Intake baselines: recorded once for a case; what is wrong is corrected by another record, and the one before stays.
use super::case::{check_words, still_open};
use crate::{
    act::{person::client as clients, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::baseline::{BaselineHealth, IntakeBaselineContent, is_settled},
    catalogue::session::day,
    id::{CaseId, IntakeBaselineId},
    policy::Action,
    private::Private,
    rejection::Code,
    text,
};
use entity::{
    SealedText,
    casework::{case, intake_baseline},
    person::{client, person},
};
use sea_orm::ColumnTrait;
use serde::Serialize;

const HEALTH: &str = "intake_baseline.health";
const REASON: &str = "intake_baseline.reason";

/// What is told of a client's situation at the start of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// What is told, but for health.
    pub content: IntakeBaselineContent,
    /// What is told of health and hardship.
    pub health: BaselineHealth,
}

/// The baselines of a case, the first one first.
async fn of(work: &Work, case: CaseId) -> Result<Vec<intake_baseline::Model>> {
    let mut rows = work.find::<intake_baseline::Entity>(intake_baseline::Column::CaseId.eq(case)).await?;
    rows.sort_by_key(|row| row.version);
    Ok(rows)
}

/// Records the baseline of a case.
///
/// # Errors
/// What it lacks, one that is recorded already, a closed case, or a caller without a relation.
pub async fn record(caller: &Caller, key: Option<&str>, case: CaseId, told: Told) -> Result<intake_baseline::Model> {
    caller.signed_in()?;
    under("content", &told.content.check(day(caller.now())))?;
    let id = IntakeBaselineId::new();
    caller
        .write_once::<intake_baseline::Entity>(key, "recordIntakeBaseline", &(case, &told), id, async |work: &mut Work| {
            let case = work.fetch::<case::Entity>(case, Action::Transition).await?;
            still_open(&case)?;
            if !of(work, case.id).await?.is_empty() {
                return Err(Error::reject(Code::RecordedAlready, &["case"]));
            }
            keep(work, id, &case, &told, 1, None).await
        })
        .await
}

/// What is said when a baseline is corrected.
#[derive(Clone, Debug)]
pub struct CorrectIntakeBaseline {
    /// The baseline that is corrected: the newest of its case.
    pub id: IntakeBaselineId,
    /// The version that was seen.
    pub expected: i32,
    /// What is told, whole.
    pub told: Told,
    /// Why; it must be said once the first has stood for 30 days.
    pub reason: Option<String>,
}

/// Corrects a baseline by another record; the one before stays as it was.
///
/// # Errors
/// What it lacks, no reason where one is needed, a stale version, or a caller without a relation.
pub async fn correct(caller: &Caller, input: CorrectIntakeBaseline) -> Result<intake_baseline::Model> {
    caller.signed_in()?;
    under("content", &input.told.content.check(day(caller.now())))?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch::<intake_baseline::Entity>(input.id, Action::Read).await?;
            work.sees_special_categories(before.client_id).await?;
            let case = work.fetch::<case::Entity>(before.case_id, Action::Transition).await?;
            let rows = of(work, case.id).await?;
            let (Some(first), Some(newest)) = (rows.first(), rows.last()) else { return Err(Error::NotFound) };
            if newest.version != input.expected || newest.id != before.id {
                return Err(domain::rejection::Rejection::with(Code::StaleVersion, &["expectedVersion"], newest.version).into());
            }
            check_words(input.reason.as_deref(), "reason", is_settled(first.created_at, work.now()))?;
            keep(work, IntakeBaselineId::new(), &case, &input.told, newest.version + 1, input.reason.as_deref()).await
        })
        .await
}

async fn keep(work: &mut Work, id: IntakeBaselineId, case: &case::Model, told: &Told, version: i32, reason: Option<&str>) -> Result<intake_baseline::Model> {
    let client = work.fetch::<client::Entity>(case.client_id, Action::Read).await?;
    let who = work.fetch::<person::Entity>(client.person_id, Action::Read).await?;
    let identity = clients::open(work.vault(), &who)?;
    let identity = identity.reveal();
    let age = told.content.as_of.0.years_since(identity.birth_date.0).and_then(|years| i32::try_from(years).ok());
    let now = work.now();
    let row = intake_baseline::Model {
        id,
        network_id: case.network_id,
        organization_id: case.organization_id,
        client_id: case.client_id,
        case_id: case.id,
        content: told.content.clone(),
        age_at_start: age.ok_or_else(|| Error::reject(Code::DateOrder, &["content", "asOf"]))?,
        gender: identity.gender,
        health: work.vault().seal(Place::new(HEALTH, id), &told.health)?,
        reason: reason.map(|reason| work.vault().seal(Place::new(REASON, id), &text::tidy(reason))).transpose()?,
        recorded_by: work.actor().subject().unwrap_or_default().to_owned(),
        created_at: now,
        updated_at: now,
        version,
    };
    work.insert::<intake_baseline::Entity>(row).await
}

/// Opens what is told of health and hardship.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn health(vault: &Vault, row: &intake_baseline::Model) -> Result<Private<BaselineHealth>> {
    open_health(vault, row.id, &row.health)
}

/// The same of a row of which nothing else is read.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn open_health(vault: &Vault, id: IntakeBaselineId, health: &SealedText) -> Result<Private<BaselineHealth>> {
    vault.open(Place::new(HEALTH, id), health)
}

/// Opens why the one before was corrected.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &intake_baseline::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}
