//! Settlements of vouchers (palvelusetelitilitykset). The organisation that pays sees them, and the manager of the provider. They say which delivery is paid and
//! by which voucher, and never for whom it was.
use domain::{
    funding::settlement::{SettledLine, SettlementState},
    id::{OrganizationId, VoucherSettlementId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

crate::declare::organization_table! {
    /// A settlement of vouchers.
    "voucher_settlement", VoucherSettlement, VoucherSettlementId, {
        /// Who is paid.
        provider_id: OrganizationId,
        /// Where it is.
        state: SettlementState,
        /// The last day whose deliveries it pays.
        through: Date,
        /// What it comes to in cents, with value added tax.
        total_cents: i64,
        /// What it pays.
        #[sea_orm(column_type = "JsonBinary")]
        reckoned: Reckoned,
        /// Who put it together, by the stable key.
        drawn_up_by: String,
        /// Who approved it, by the stable key.
        approved_by: Option<String>,
        /// When that was.
        approved_at: Option<DateTimeUtc>,
        /// The day on which it was paid.
        paid_on: Option<Date>,
        /// Why it was given up or reversed.
        reason: Option<String>,
    }
    addressed: addressed_to,
}

/// What a settlement pays, as it was when it was put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reckoned {
    /// The deliveries, the earliest first.
    pub lines: Vec<SettledLine>,
    /// Who issued the vouchers, told what was given or approved it, by the stable key: none of them approves the settlement.
    pub barred: BTreeSet<String>,
}

/// What a worker's organisations are paid.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    Condition::all().add(Column::ProviderId.is_in(to.organizations.iter().copied()))
}
