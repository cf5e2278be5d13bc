//! Entries of the client's record: written, and corrected by another; hidden from the client on a ground only.
use super::{author, written_in};
use crate::{
    act::under,
    caller::Caller,
    error::Result,
    store::{Disclosure, Work},
    vault::{Place, Vault},
};
use domain::{
    access::LogBasis,
    casework::client_entry::{ClientEntryContent, EntryVisibility},
    catalogue::session::day,
    id::{CaseId, ClientEntryId, NetworkId, OrganizationId},
    person::consent::DataItem,
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{casework::client_entry as table, person::consent};
use serde::Serialize;

const CONTENT: &str = "client_entry.content";

/// Opens what is entered.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<ClientEntryContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// What is said when an entry is written.
#[derive(Clone, Debug, Serialize)]
pub struct WriteClientEntry {
    /// The case.
    pub case: CaseId,
    /// The day that it is about.
    pub happened_on: Date,
    /// Who reads it.
    pub visibility: EntryVisibility,
    /// The client may know that something is hidden.
    pub client_is_told: bool,
    /// The entry that it corrects.
    pub corrects: Option<ClientEntryId>,
    /// What is entered.
    pub content: ClientEntryContent,
}

/// Writes an entry. A closed case takes corrections only.
///
/// # Errors
/// Faults of the content, a day to come, an entry of another case, [`Code::CaseClosed`], or a caller without the right.
pub async fn write(caller: &Caller, key: Option<&str>, input: WriteClientEntry) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check(input.visibility))?;
    let today = day(caller.now());
    if input.happened_on.0 > today {
        return Err(Rejection::with(Code::OutOfRange, &["happenedOn"], format!("–{today}")).into());
    }
    let id = ClientEntryId::new();
    caller
        .write_once::<table::Entity>(key, "writeClientEntry", &input, id, async |work: &mut Work| {
            let (case, corrected) = written_in::<table::Entity>(work, input.case, input.corrects).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                happened_on: input.happened_on.0,
                author: author(work),
                visibility: input.visibility,
                client_is_told: input.client_is_told,
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                // However often it is corrected, it is one matter: what is kept back of it is kept back by one look.
                corrects_id: corrected.map(|entry| entry.corrects_id.unwrap_or(entry.id)),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            if row.visibility == EntryVisibility::Shared && !work.is_kept_back(row.id).await? {
                disclose(work, &row).await?;
            }
            Ok(row)
        })
        .await
}

/// Logs that an entry is disclosed to those who read the shared entries of the client's record by a consent.
async fn disclose(work: &mut Work, row: &table::Model) -> Result<()> {
    for consent in work.readers_of_entries(row.client_id, row.organization_id).await? {
        work.disclose(disclosure(&consent, row.network_id, row.organization_id));
    }
    Ok(())
}

/// That shared entries go to the recipient of a consent.
pub(crate) fn disclosure(consent: &consent::Model, network: NetworkId, keeper: OrganizationId) -> Disclosure {
    Disclosure {
        network,
        client: consent.client_id,
        organization: keeper,
        recipient: consent.recipient_id,
        items: [DataItem::Entries].into(),
        basis: LogBasis::Consent,
        ground: Some(consent.id.0),
    }
}
