//! What stands behind vouchers: named steps that no reach scopes. A client, who chooses with one, sees neither rulebooks nor approvals.
use super::{Work, dialect::fault, pool::Transaction};
use crate::error::{Error, Result};
use domain::{
    casework::case::CaseStage,
    catalogue::session::day,
    funding::{
        delivery::DeliveryKind,
        purchase_order::{Drawn, Room},
        voucher::VoucherState,
    },
    id::{CaseId, ProviderApprovalId, RulebookId, ServiceDecisionId, VoucherId},
    rejection::Rejections,
};
use entity::{
    casework::service_decision,
    funding::{delivery_event, provider_approval, purchase_order, rulebook, voucher},
};
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

    /// What a decision grants, and what is ordered and issued by it, whoever sees that. For a fee nothing was given to the client: it takes of nothing that is granted.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn room_of(&self, decision: &service_decision::Model) -> Result<Room> {
        room_of(self.tx(), decision).await
    }

    /// A voucher that was used up can be used again: its case goes on, and the decision still grants what is left of it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn may_reopen(&self, row: &voucher::Model) -> Result<bool> {
        let decision = self.decision_behind(row.decision_id).await?;
        let mut out = Rejections::default();
        let left = row.whole().minus(row.drawn()).ok_or(Error::Internal)?;
        self.room_of(&decision).await?.check(left, &[], &mut out);
        let granted = decision.grants_on(Ord::min(day(self.now()), row.valid_to));
        Ok(granted && out.into_result().is_ok() && self.case_behind(row.case_id).await?.stage != CaseStage::Closed)
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

/// What a decision grants, and what is ordered and issued by it.
pub(super) async fn room_of(tx: &Transaction, decision: &service_decision::Model) -> Result<Room> {
    let orders = purchase_order::Entity::find().filter(purchase_order::Column::DecisionId.eq(decision.id)).all(tx).await.map_err(fault)?;
    let vouchers = voucher::Entity::find().filter(voucher::Column::DecisionId.eq(decision.id)).all(tx).await.map_err(fault)?;
    let fees = Drawn::sum(fees_of(tx, &orders).await?.iter().map(delivery_event::Model::delivered));
    let drawn = Drawn::sum(orders.iter().map(purchase_order::Model::drawn).chain(vouchers.iter().map(voucher::Model::drawn)));
    let ordered = drawn.zip(fees).and_then(|(drawn, fees)| drawn.minus(fees)).ok_or(Error::Internal)?;
    Ok(Room { ordered, most_hundredths: decision.quantity_hundredths.map(i64::from), ceiling_cents: decision.value_cents })
}

/// The fees of those of these orders that are over or were taken back.
async fn fees_of(tx: &Transaction, orders: &[purchase_order::Model]) -> Result<Vec<delivery_event::Model>> {
    let charged = |order: &&purchase_order::Model| !order.state.is_open() && order.cancellation().is_some() && order.delivered() != Drawn::default();
    let charged: Vec<_> = orders.iter().filter(charged).map(|order| order.id.0).collect();
    if charged.is_empty() {
        return Ok(Vec::new());
    }
    let fees = delivery_event::Entity::find()
        .filter(delivery_event::Column::GroundId.is_in(charged))
        .filter(delivery_event::Column::Kind.eq(DeliveryKind::CancellationFee));
    fees.all(tx).await.map_err(fault)
}
