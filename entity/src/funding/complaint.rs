//! Complaints about providers (reklamaatiot, poikkeamat). The provider sees what procurement has put before it, and never who has reported.
use crate::SealedText;
use domain::{
    funding::complaint::{ComplaintKind, ComplaintReporter, ComplaintState},
    id::{ClientId, ComplaintId, FrameworkContractId, OrganizationId, PurchaseOrderId, VoucherId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::person::client_table! {
    /// A complaint. About a client where it names one, or an order or a voucher; otherwise about the provider alone.
    "complaint", Complaint, ComplaintId, client: client_id / ClientId: Option<ClientId>, {
        /// Of whom.
        provider_id: OrganizationId,
        /// The contract that it is about.
        contract_id: Option<FrameworkContractId>,
        /// The order that it is about.
        order_id: Option<PurchaseOrderId>,
        /// The voucher that it is about.
        voucher_id: Option<VoucherId>,
        /// What is reported.
        kind: ComplaintKind,
        /// Where it is.
        state: ComplaintState,
        /// As whom somebody has reported.
        reporter: ComplaintReporter,
        /// Who has reported, by the stable key. Nobody is told.
        reported_by: String,
        /// The day on which it occurred.
        occurred_on: Date,
        /// What is reported, sealed.
        description: SealedText,
        /// The last day of the next step; once it is over, of the last.
        due_on: Date,
        /// What the provider is to answer to, sealed.
        question: Option<SealedText>,
        /// The provider is told of which order or voucher it is.
        purchase_told: bool,
        /// The last day on which the provider answers.
        answer_due_on: Option<Date>,
        /// When it was taken up.
        taken_up_at: Option<DateTimeUtc>,
        /// Who took it up, by the stable key.
        taken_up_by: Option<String>,
        /// What is done about it, sealed.
        answer: Option<SealedText>,
        /// When that was told.
        answered_at: Option<DateTimeUtc>,
        /// Who told it, by the stable key.
        answered_by: Option<String>,
        /// What came of it, or why there is nothing to it, sealed.
        outcome: Option<SealedText>,
        /// When it came to its end.
        ended_at: Option<DateTimeUtc>,
        /// Who ended it, by the stable key.
        ended_by: Option<String>,
    }
    sealed: [description, question, answer, outcome],
    addressed: addressed_to,
}

/// What somebody has reported at work, and what a worker's organisations are to answer to or have not long ago.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    let here = |column: Column| column.is_in(to.organizations.iter().copied());
    let at_work = || Condition::any().add(here(Column::OrganizationId)).add(here(Column::ProviderId));
    let reported = || Condition::all().add(Column::ReportedBy.eq(&to.subject)).add(at_work());
    let followed = Condition::any().add(Column::EndedAt.is_null()).add(Column::EndedAt.gt(to.followed_since()));
    let asked = Condition::all().add(here(Column::ProviderId)).add(Column::TakenUpAt.is_not_null()).add(followed);
    match action {
        Action::Read => Condition::any().add(reported()).add(asked),
        Action::Create => reported(),
        Action::Update | Action::Transition => asked,
    }
}
