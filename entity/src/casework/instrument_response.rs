//! Responses to instruments (mittarien vastaukset). None is ever changed.
use crate::SealedText;
use domain::{casework::instrument::MeasurementPhase, id::InstrumentResponseId};
use sea_orm::entity::prelude::*;

super::case_table! {
    /// A response.
    "instrument_response", InstrumentResponse, InstrumentResponseId, {
        /// The key of the instrument.
        instrument: String,
        /// The version of the instrument that was answered.
        instrument_version: String,
        /// In which phase.
        phase: MeasurementPhase,
        /// The day.
        answered_on: Date,
        /// The client answered, and not a worker for the client.
        by_client: bool,
        /// Who recorded it, by the stable key.
        author: String,
        /// The answers, sealed.
        answers: SealedText,
    }
    sealed: [answers],
}
