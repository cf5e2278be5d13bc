//! Cases: pending from an accepted referral on.
use crate::{error::Result, store::Work};
use domain::{
    casework::{
        case::{CaseContent, CaseStage},
        referral::Urgency,
    },
    id::CaseId,
};
use entity::{
    casework::{case, referral},
    person::client,
};

/// The service task of social rehabilitation where a referral says no other: services for people of working age.
const USUAL_TASK: &str = "WORKING_AGE_SERVICES";

/// Opens the case of a client whom an authority takes on; whoever steered the client in keeps the responsibility for the process.
pub(crate) async fn open(work: &mut Work, referral: &referral::Model, client: &client::Model) -> Result<case::Model> {
    let now = work.now();
    let content = CaseContent { service_task: USUAL_TASK.to_owned(), parallel: Vec::new(), urgent: referral.content.urgency == Urgency::Urgent };
    let row = case::Model {
        id: CaseId::new(),
        network_id: client.network_id,
        organization_id: referral.recipient_id,
        client_id: client.id,
        stage: CaseStage::Pending,
        content,
        own_worker: None,
        responsible_id: referral.organization_id,
        referral_id: Some(referral.id),
        previous_id: None,
        pending_at: now,
        opened_at: None,
        suspension: None,
        closed_at: None,
        closing_reason: None,
        closing_note: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    work.insert::<case::Entity>(row).await
}
