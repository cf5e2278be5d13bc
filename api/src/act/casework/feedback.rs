//! Feedback: given by clients alone, on a case of theirs or on a service.
use crate::{
    act::{catalogue::published, person::consent::is_client, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    casework::feedback::FeedbackContent,
    id::{CaseId, ClientId, FeedbackId, ServiceId},
    policy::Action,
    private::Private,
    rejection::Code,
};
use entity::{
    casework::{case, feedback as table},
    catalogue::service,
};
use serde::Serialize;

const CONTENT: &str = "feedback.content";

/// Opens what is said.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<FeedbackContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// What is said when feedback is given.
#[derive(Clone, Debug, Serialize)]
pub struct GiveFeedback {
    /// The client.
    pub client: ClientId,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// The service that it is about.
    pub service: Option<ServiceId>,
    /// What is said.
    pub content: FeedbackContent,
}

/// Gives feedback as the client, or as one who acts for the client.
///
/// # Errors
/// Faults of the content, neither a case nor a service, a case of somebody else, a service of another network, or a caller who is not the client.
pub async fn give(caller: &Caller, key: Option<&str>, input: GiveFeedback) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    if input.case.is_none() && input.service.is_none() {
        return Err(Error::reject(Code::Required, &["case"]));
    }
    let id = FeedbackId::new();
    caller
        .write_once::<table::Entity>(key, "giveFeedback", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            if !is_client(work, Some(client.id)).await? {
                return Err(Error::Forbidden);
            }
            let case = match input.case {
                Some(case) => Some(work.refer::<case::Entity>(case, &["case"]).await?),
                None => None,
            };
            if case.as_ref().is_some_and(|case| case.client_id != client.id) {
                return Err(Error::reject(Code::UnknownReference, &["case"]));
            }
            if let Some(service) = input.service
                && published::<service::Entity>(work, service, &["service"]).await?.network_id != client.network_id
            {
                return Err(Error::reject(Code::OtherNetwork, &["service"]));
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: client.network_id,
                organization_id: case.map_or(client.organization_id, |case| case.organization_id),
                client_id: client.id,
                case_id: input.case,
                service_id: input.service,
                given_by: work.actor().subject().unwrap_or_default().to_owned(),
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}
