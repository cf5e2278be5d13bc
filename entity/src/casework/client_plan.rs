//! Client plans (asiakassuunnitelmat), a row for each version. The client sees what has been shown once.
use crate::SealedText;
use domain::{
    casework::client_plan::{PlanAgreement, PlanState},
    id::ClientPlanId,
};
use sea_orm::{Condition, entity::prelude::*};

super::case_table! {
    /// A version of a client plan.
    "client_plan", ClientPlan, ClientPlanId, {
        /// Which version of the case's plan it is, from 1.
        number: i32,
        /// Where it is.
        state: PlanState,
        /// The version that it was drafted from.
        based_on_id: Option<ClientPlanId>,
        /// Who drafted it, by the stable key.
        author: String,
        /// What it says, sealed.
        content: SealedText,
        /// When it was first shown to the client.
        shared_at: Option<DateTimeUtc>,
        /// Whether the client agrees.
        agreement: Option<PlanAgreement>,
        /// The client's own words about that, sealed.
        words: Option<SealedText>,
        /// The client said so, and not a worker for the client.
        agreed_by_client: Option<bool>,
        /// When that was said.
        agreed_at: Option<DateTimeUtc>,
        /// What the client has commented on it last, sealed.
        comment: Option<SealedText>,
        /// When it was put in force.
        in_force_at: Option<DateTimeUtc>,
        /// When it is evaluated next.
        evaluate_on: Option<Date>,
        /// Why it was looked at again, or what came of that, sealed.
        review_note: Option<SealedText>,
        /// When it was superseded, ended or thrown away.
        ended_at: Option<DateTimeUtc>,
    }
    sealed: [content, words, comment, review_note],
    shown: || Condition::all().add(Column::SharedAt.is_not_null()),
}
