//! Cases (asiakkuudet).
use crate::SealedText;
use domain::{
    casework::case::{CaseClosingReason, CaseContent, CaseStage, Suspension},
    id::{CaseId, ClientId, OrganizationId, ReferralId},
};
use sea_orm::entity::prelude::*;

crate::person::client_table! {
    /// A case.
    "client_case", Case, CaseId, client: client_id / ClientId: ClientId, {
        /// How far it has come.
        stage: CaseStage,
        /// What was said of it when it became pending.
        #[sea_orm(column_type = "JsonBinary")]
        content: CaseContent,
        /// The own worker (omatyöntekijä), by the stable key.
        own_worker: Option<String>,
        /// The organisation that keeps the responsibility for the process: the one that steered the client in.
        responsible_id: OrganizationId,
        /// The referral that it arose from.
        referral_id: Option<ReferralId>,
        /// The case before, of a client who has come back.
        previous_id: Option<CaseId>,
        /// When it became pending (vireilletulo).
        pending_at: DateTimeUtc,
        /// When work with the client began: the first assessment.
        opened_at: Option<DateTimeUtc>,
        /// The suspension that is on now.
        #[sea_orm(column_type = "JsonBinary", nullable)]
        suspension: Option<Suspension>,
        /// When it was closed.
        closed_at: Option<DateTimeUtc>,
        /// Why it was closed.
        closing_reason: Option<CaseClosingReason>,
        /// What was entered when it was closed, sealed.
        closing_note: Option<SealedText>,
    }
}
