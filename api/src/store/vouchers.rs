//! What stands behind vouchers: named steps that no reach scopes. A client, who chooses with one, sees neither rulebooks nor approvals.
use super::{Work, dialect::fault};
use crate::error::{Error, Result};
use domain::{
    funding::voucher::VoucherState,
    id::{CaseId, ProviderApprovalId, RulebookId, ServiceDecisionId, VoucherId},
};
use entity::funding::{provider_approval, rulebook, voucher};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

impl Work {
    /// The vouchers by a decision, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn vouchers_by(&self, decision: ServiceDecisionId) -> Result<Vec<voucher::Model>> {
        let all = voucher::Entity::find().filter(voucher::Column::DecisionId.eq(decision)).order_by_asc(voucher::Column::Id);
        all.all(self.tx()).await.map_err(fault)
    }

    /// The vouchers in a case that can be used, or for which nobody has arranged an alternative yet, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn unfinished_vouchers(&self, case: CaseId) -> Result<Vec<voucher::Model>> {
        let refused = voucher::Column::State.eq(VoucherState::Refused).and(voucher::Column::Alternative.is_null());
        let unfinished = voucher::Entity::find()
            .filter(voucher::Column::CaseId.eq(case))
            .filter(voucher::Column::State.is_in(VoucherState::OPEN).or(refused))
            .order_by_asc(voucher::Column::Id);
        unfinished.all(self.tx()).await.map_err(fault)
    }

    /// The vouchers with which a provider is chosen by an approval, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn vouchers_with(&self, approval: ProviderApprovalId) -> Result<Vec<voucher::Model>> {
        let chosen = voucher::Entity::find()
            .filter(voucher::Column::ApprovalId.eq(approval))
            .filter(voucher::Column::State.is_in(VoucherState::OPEN))
            .order_by_asc(voucher::Column::Id);
        chosen.all(self.tx()).await.map_err(fault)
    }

    /// A voucher as it is, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn voucher_behind(&self, id: VoucherId) -> Result<voucher::Model> {
        voucher::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// The approval of a provider, whoever sees it, which nobody moves until the commit; none when there is none.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_approval(&self, id: ProviderApprovalId) -> Result<Option<provider_approval::Model>> {
        provider_approval::Entity::find_by_id(id).lock_shared().one(self.tx()).await.map_err(fault)
    }

    /// A version of a rulebook, whoever sees it, which nobody takes out of use until the commit.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_rulebook(&self, id: RulebookId) -> Result<()> {
        rulebook::Entity::find_by_id(id).lock_shared().one(self.tx()).await.map_err(fault).map(drop)
    }
}
