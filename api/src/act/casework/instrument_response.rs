//! Responses to instruments: by the client, or with a worker; never changed.
use super::{author, open_case, speaks_as_client};
use crate::{
    caller::Caller,
    error::Result,
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::instrument::{InstrumentAnswer, MeasurementPhase, instrument},
    catalogue::session::day,
    id::{CaseId, InstrumentResponseId},
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    SealedText,
    casework::{case, instrument_response as table},
};
use serde::Serialize;

const ANSWERS: &str = "instrument_response.answers";

/// Opens the answers.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the vault does not open them.
pub fn answers(vault: &Vault, row: &table::Model) -> Result<Private<Vec<InstrumentAnswer>>> {
    open_answers(vault, row.id, &row.answers)
}

/// The same of a row of which nothing else is read.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the vault does not open them.
pub fn open_answers(vault: &Vault, id: InstrumentResponseId, answers: &SealedText) -> Result<Private<Vec<InstrumentAnswer>>> {
    vault.open(Place::new(ANSWERS, id), answers)
}

/// What is said when a response is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordInstrumentResponse {
    /// The case.
    pub case: CaseId,
    /// The key of the instrument.
    pub instrument: String,
    /// In which phase.
    pub phase: MeasurementPhase,
    /// The day, where it is not today.
    pub answered_on: Option<Date>,
    /// The answers.
    pub answers: Vec<InstrumentAnswer>,
}

/// Records a response. After the end of a case only follow-up is measured.
///
/// # Errors
/// An instrument that there is not, faults of the answers, a day to come, [`Code::CaseClosed`], or a caller without the right.
pub async fn record(caller: &Caller, key: Option<&str>, input: RecordInstrumentResponse) -> Result<table::Model> {
    caller.signed_in()?;
    let Some(of) = instrument(&input.instrument) else {
        return Err(Rejection::with(Code::UnknownCode, &["instrument"], input.instrument.as_str()).into());
    };
    of.check(&input.answers).into_result()?;
    let today = day(caller.now());
    let answered_on = input.answered_on.map_or(today, |on| on.0);
    if answered_on > today {
        return Err(Rejection::with(Code::OutOfRange, &["answeredOn"], format!("–{today}")).into());
    }
    let id = InstrumentResponseId::new();
    caller
        .write_once::<table::Entity>(key, "recordInstrumentResponse", &input, id, async |work: &mut Work| {
            let case = match input.phase {
                MeasurementPhase::FollowUp => work.refer::<case::Entity>(input.case, &["case"]).await?,
                MeasurementPhase::Baseline | MeasurementPhase::Interim | MeasurementPhase::Final => open_case(work, input.case).await?,
            };
            let by_client = speaks_as_client(work, case.client_id).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                instrument: of.key.clone(),
                instrument_version: of.version.clone(),
                phase: input.phase,
                answered_on,
                by_client,
                author: author(work),
                answers: work.vault().seal(Place::new(ANSWERS, id), &input.answers)?,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}
