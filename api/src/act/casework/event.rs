//! What happens to cases: added by whoever does it, read as their history.
use crate::{
    error::Result,
    store::Work,
    vault::{Place, Vault},
};
use domain::{casework::case::CaseEventKind, id::CaseEventId, private::Private, text};
use entity::casework::{case, case_event};

const WORDS: &str = "case_event.words";

/// Adds what has happened to a case, which is in its stage since.
pub(super) async fn record(work: &mut Work, case: &case::Model, kind: CaseEventKind, words: Option<&str>) -> Result<()> {
    let (id, now) = (CaseEventId::new(), work.now());
    let words = words.map(|words| work.vault().seal(Place::new(WORDS, id), &text::tidy(words))).transpose()?;
    let row = case_event::Model {
        id,
        network_id: case.network_id,
        organization_id: case.organization_id,
        client_id: case.client_id,
        case_id: case.id,
        kind,
        stage: case.stage,
        by_subject: work.actor().subject().unwrap_or_default().to_owned(),
        words,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    work.insert_many::<case_event::Entity>(vec![row]).await
}

/// Opens what was said.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the vault does not open it.
pub fn words(vault: &Vault, row: &case_event::Model) -> Result<Option<Private<String>>> {
    row.words.as_ref().map(|sealed| vault.open(Place::new(WORDS, row.id), sealed)).transpose()
}
