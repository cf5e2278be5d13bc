//! Framework contracts (puitesopimukset). The provider sees a contract from the day on which it is put before it.
use domain::{
    funding::contract::{ContractState, FrameworkContractContent, carries_on},
    id::{FrameworkContractId, OrganizationId, ProcurementId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::declare::organization_table! {
    /// A framework contract.
    "framework_contract", FrameworkContract, FrameworkContractId, {
        /// Who provides.
        provider_id: OrganizationId,
        /// The procurement in which the provider was chosen.
        procurement_id: Option<ProcurementId>,
        /// Where it is.
        state: ContractState,
        /// Its number in the register of the orderer.
        number: String,
        /// The first day.
        valid_from: Date,
        /// The last day, with the options that have been taken up.
        valid_to: Date,
        /// The day on which it was ended before its time.
        terminated_on: Option<Date>,
        /// How many options have been taken up.
        options_taken: i32,
        /// The most that is ordered by it in all, in cents.
        ceiling_cents: i64,
        /// When the orderer signed it and put it before the provider.
        offered_at: Option<DateTimeUtc>,
        /// Who signed it for the orderer, by the stable key.
        offered_by: Option<String>,
        /// When the provider signed it.
        signed_at: Option<DateTimeUtc>,
        /// Who signed it for the provider, by the stable key.
        signed_by: Option<String>,
        /// Why nothing is ordered for a while, or why it was ended.
        reason: Option<String>,
        /// What is said of it.
        #[sea_orm(column_type = "JsonBinary")]
        content: FrameworkContractContent,
        /// What it is searched by.
        search: String,
    }
    addressed: addressed_to,
}

/// What is put before a worker's organisations to sign, or was signed by them.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    let own = Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied())).add(Column::OfferedAt.is_not_null());
    match action {
        Action::Read => own,
        // The written row is looked at again: it is signed by then.
        Action::Create | Action::Update | Action::Transition => own.add(Column::State.is_in([ContractState::Offered, ContractState::Signed])),
    }
}

impl Model {
    /// It carries orders that run on a day: while it is in force, and for the days of winding down after it was terminated.
    #[must_use]
    pub fn carries_on(&self, on: Date) -> bool {
        carries_on(self.state, self.valid_from, self.valid_to, self.wound_down_on(), on)
    }

    /// The last day on which orders that ran when it was terminated go on; none of one that was not.
    #[must_use]
    pub fn wound_down_on(&self) -> Option<Date> {
        self.terminated_on.and_then(|ended| self.content.wound_down_on(ended))
    }
}
