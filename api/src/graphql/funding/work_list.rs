//! What waits for a provider: counts and sums beside the lists in which it is looked at.
use crate::{
    caller::Caller,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        text::Money,
    },
};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    catalogue::session::day,
    funding::{
        complaint::ComplaintState, delivery::DeliveryState, invoice::InvoiceState, purchase_order::OrderState, report::ReportState,
        settlement::SettlementState, voucher::VoucherState,
    },
    id::OrganizationId,
    policy::{Action, Resource, gives_ordered, reach},
};
use entity::{
    Guarded,
    funding::{complaint, delivery_event, invoice, provider_report, purchase_order, voucher, voucher_settlement},
};
use sea_orm::{ColumnTrait, ExprTrait, sea_query::IntoCondition};

/// What waits for a provider.
pub struct ProviderWorkList {
    organization: OrganizationId,
}

/// So many, and what they come to.
#[derive(SimpleObject)]
pub struct CountAndSum {
    /// How many.
    count: i32,
    /// What they come to; null when that is more than an amount holds, which is 21 474 836.47 euros.
    sum: Option<Money>,
}

impl From<(i64, i64)> for CountAndSum {
    fn from((count, cents): (i64, i64)) -> Self {
        Self { count: many(count), sum: Money::fitting(cents) }
    }
}

fn many(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

/// How many rows the caller sees that are so.
async fn how_many<E: Guarded>(caller: &Caller, are: impl IntoCondition) -> Result<i32> {
    Ok(many(caller.reader().find::<E>().filter(are).count().await?))
}

/// What waits for a provider (tuottajan työlista), as far as you see it: how much there is of each kind. It is looked at in `orderInbox`, `voucherInbox`,
/// `deliveryEvents`, `providerReports`, `complaints`, `invoices` and `voucherSettlements`.
#[Object]
impl ProviderWorkList {
    /// The provider.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.organization).await
    }
    /// Orders that wait for an answer.
    async fn orders_to_answer(&self, ctx: &Context<'_>) -> Result<i32> {
        use purchase_order::Column as C;
        how_many::<purchase_order::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.eq(OrderState::Placed))).await
    }
    /// The last day on which the first of them is answered; null when none waits.
    async fn first_answer_due_on(&self, ctx: &Context<'_>) -> Result<Option<domain::scalar::Date>> {
        Ok(ctx.caller().reader().first_answer_due(self.organization).await?.map(domain::scalar::Date))
    }
    /// Orders whose service is to begin.
    async fn orders_to_begin(&self, ctx: &Context<'_>) -> Result<i32> {
        use purchase_order::Column as C;
        how_many::<purchase_order::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.eq(OrderState::Confirmed))).await
    }
    /// Orders whose service is being given, or is interrupted.
    async fn orders_under_way(&self, ctx: &Context<'_>) -> Result<i32> {
        use purchase_order::Column as C;
        let under_way = C::State.is_in([OrderState::InDelivery, OrderState::Paused]);
        how_many::<purchase_order::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(under_way)).await
    }
    /// Vouchers with which clients have chosen the provider and of which nothing is used.
    async fn vouchers_to_begin(&self, ctx: &Context<'_>) -> Result<i32> {
        use voucher::Column as C;
        how_many::<voucher::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.eq(VoucherState::Chosen))).await
    }
    /// Vouchers of which something is used, and not all.
    async fn vouchers_under_way(&self, ctx: &Context<'_>) -> Result<i32> {
        use voucher::Column as C;
        how_many::<voucher::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.eq(VoucherState::InUse))).await
    }
    /// Reports that are to be given.
    async fn reports_to_give(&self, ctx: &Context<'_>) -> Result<i32> {
        use provider_report::Column as C;
        how_many::<provider_report::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.is_in(ReportState::AWAITED))).await
    }
    /// Those of them whose last day has passed.
    async fn reports_late(&self, ctx: &Context<'_>) -> Result<i32> {
        use provider_report::Column as C;
        let late = C::State.is_in(ReportState::AWAITED).and(C::DueOn.lt(day(ctx.caller().now())));
        how_many::<provider_report::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(late)).await
    }
    /// Deliveries that those who order do not accept as they are: of orders without value added tax, by vouchers with it.
    async fn disputed_deliveries(&self, ctx: &Context<'_>) -> Result<CountAndSum> {
        self.deliveries(ctx, delivery_event::Column::State.eq(DeliveryState::Disputed)).await
    }
    /// Deliveries that those who order look at: of orders without value added tax, by vouchers with it.
    async fn recorded_deliveries(&self, ctx: &Context<'_>) -> Result<CountAndSum> {
        self.deliveries(ctx, delivery_event::Column::State.eq(DeliveryState::Recorded)).await
    }
    /// Deliveries of orders that are approved and on no invoice that agrees: what can be asked for, without value added tax. What stands on an invoice that does
    /// not agree is among them until that is put right.
    async fn deliveries_to_invoice(&self, ctx: &Context<'_>) -> Result<CountAndSum> {
        use delivery_event::Column as C;
        self.deliveries(ctx, C::State.eq(DeliveryState::Approved).and(C::ContractId.is_not_null())).await
    }
    /// Deliveries by vouchers that are approved and in no settlement, with value added tax: those who have issued the vouchers draw it up.
    async fn deliveries_to_settle(&self, ctx: &Context<'_>) -> Result<CountAndSum> {
        use delivery_event::Column as C;
        self.deliveries(ctx, C::State.eq(DeliveryState::Approved).and(C::VoucherNumber.is_not_null())).await
    }
    /// Settlements of vouchers that are drawn up or approved, and not paid, with value added tax; null for whoever does not see the provider's settlements.
    async fn unpaid_settlements(&self, ctx: &Context<'_>) -> Result<Option<CountAndSum>> {
        use voucher_settlement::Column as C;
        let unpaid = C::State.is_in([SettlementState::DrawnUp, SettlementState::Approved]);
        if !self.is_looked_after(ctx, Resource::VoucherSettlement) {
            return Ok(None);
        }
        Ok(Some(ctx.caller().reader().settlements_worth(self.organization, unpaid.into_condition()).await?.into()))
    }
    /// Complaints that wait for an answer.
    async fn complaints_to_answer(&self, ctx: &Context<'_>) -> Result<i32> {
        use complaint::Column as C;
        how_many::<complaint::Entity>(ctx.caller(), C::ProviderId.eq(self.organization).and(C::State.eq(ComplaintState::InHandling))).await
    }
    /// Invoices that were sent and not paid, with value added tax; null for whoever does not see the provider's invoices.
    async fn unpaid_invoices(&self, ctx: &Context<'_>) -> Result<Option<CountAndSum>> {
        self.invoices(ctx, invoice::Column::State.is_in(UNPAID)).await
    }
    /// Those of them whose day has passed; null for whoever does not see them.
    async fn overdue_invoices(&self, ctx: &Context<'_>) -> Result<Option<CountAndSum>> {
        self.invoices(ctx, invoice::Column::State.is_in(UNPAID).and(invoice::Column::DueOn.lt(day(ctx.caller().now())))).await
    }
    /// Invoices that do not agree with the deliveries, with value added tax; null for whoever does not see them.
    async fn mismatched_invoices(&self, ctx: &Context<'_>) -> Result<Option<CountAndSum>> {
        self.invoices(ctx, invoice::Column::State.eq(InvoiceState::Mismatch)).await
    }
    /// How many published offerings the provider has in which a place is free now, or that have no limit.
    async fn offerings_with_room(&self, ctx: &Context<'_>) -> i32 {
        many(self.free(ctx).iter().filter(|free| **free != Some(0)).count())
    }
    /// How many places are free in all of its published offerings that have a limit, those kept for clients of the network among them.
    async fn free_places(&self, ctx: &Context<'_>) -> i32 {
        self.free(ctx).into_iter().flatten().fold(0, i32::saturating_add)
    }
}

/// States in which an invoice is sent and not paid.
const UNPAID: [InvoiceState; 4] = [InvoiceState::Received, InvoiceState::Matched, InvoiceState::Mismatch, InvoiceState::Approved];

impl ProviderWorkList {
    async fn deliveries(&self, ctx: &Context<'_>, are: impl IntoCondition) -> Result<CountAndSum> {
        Ok(ctx.caller().reader().deliveries_worth(self.organization, are.into_condition()).await?.into())
    }

    async fn invoices(&self, ctx: &Context<'_>, are: impl IntoCondition) -> Result<Option<CountAndSum>> {
        if !self.is_looked_after(ctx, Resource::Invoice) {
            return Ok(None);
        }
        Ok(Some(ctx.caller().reader().invoices_worth(self.organization, are.into_condition()).await?.into()))
    }

    /// The caller sees what is addressed to the provider of this kind.
    fn is_looked_after(&self, ctx: &Context<'_>, kind: Resource) -> bool {
        reach(ctx.caller().actor(), Action::Read, kind).addressed.is_some_and(|worker| worker.organizations.contains(&self.organization))
    }

    /// The places that are free in each of its published offerings; none without a limit.
    fn free(&self, ctx: &Context<'_>) -> Vec<Option<i32>> {
        let (s, now) = (ctx.caller().catalogue(), ctx.caller().now());
        let own = s.offerings.iter().filter(|row| row.organization_id == self.organization && row.content.ends_on.is_none_or(|end| end.0 >= day(now)));
        own.map(|row| s.free_places(row, now)).collect()
    }
}

/// Questions about what waits for a provider.
#[derive(Default)]
pub struct WorkListQuery;

/// Questions about what waits for a provider.
#[Object]
impl WorkListQuery {
    /// What waits for a provider (tuottajan työlista); null when you do not give services there.
    async fn provider_work_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation that provides: your own.")] organization: OrganizationId,
    ) -> Result<Option<ProviderWorkList>> {
        Ok(ctx.caller().signed_in()?.is_in(organization, gives_ordered).then_some(ProviderWorkList { organization }))
    }
}
