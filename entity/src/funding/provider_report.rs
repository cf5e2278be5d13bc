//! Reports of providers (tuottajan raportit). The provider sees those that it is to give, and for a while those it has given.
use crate::SealedText;
use domain::{
    funding::report::{ReportKind, ReportState},
    id::{OrganizationId, ProviderReportId, PurchaseOrderId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::casework::case_table! {
    /// What a provider tells of an order.
    "provider_report", ProviderReport, ProviderReportId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The order.
        order_id: PurchaseOrderId,
        /// What it tells of.
        kind: ReportKind,
        /// Where it is.
        state: ReportState,
        /// The last day on which it is to be given.
        due_on: Date,
        /// How many reminders were sent of it: one before its last day, another after.
        reminders: i32,
        /// What is told, sealed; none before.
        content: Option<SealedText>,
        /// Why it was given back, sealed.
        returned: Option<SealedText>,
        /// When it was given the last time.
        submitted_at: Option<DateTimeUtc>,
        /// Who gave it, by the stable key.
        submitted_by: Option<String>,
        /// When it was accepted.
        approved_at: Option<DateTimeUtc>,
        /// Who accepted it, by the stable key.
        approved_by: Option<String>,
    }
    sealed: [content, returned],
    under: order_id / OrderId,
    addressed: addressed_to,
    // What is accepted; until then it is between those who give the service and those who order.
    shown: || Condition::all().add(Column::State.eq(ReportState::Approved)),
    ordered_as: |row| row.order_id.0,
}

/// What a worker's organisations are to tell, and have told not long ago.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let followed = Condition::any().add(Column::State.is_in(ReportState::OPEN)).add(Column::UpdatedAt.gt(to.followed_since()));
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(followed)
}
