//! What an organisation has ordered, in figures: named steps that no reach scopes, for those who look over its purchasing or order for it. Rows are counted here
//! and shown to nobody; no figure tells of whom it is.
use super::{Reader, dialect::fault, read::purposeful};
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    catalogue::session::{day, end_of, start_of},
    delivery::attendance::AttendanceStatus,
    funding::{
        complaint::ComplaintState,
        invoice::InvoiceState,
        purchase_order::OrderState,
        quality::{Complained, ComplaintFigures, OrderFigures, Placed, Quality, Share},
    },
    id::{ClientId, FrameworkContractId, OrganizationId, ServiceId},
    policy::{Action, Resource, oversees_purchasing, works_with_clients},
};
use entity::{
    Guarded,
    catalogue::service_offering as offering,
    delivery::{attendance, participation},
    funding::{
        complaint, delivery_event, framework_contract,
        invoice::{self, Reckoned},
        purchase_order as order, voucher_settlement,
    },
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Func, IntoCondition, SimpleExpr},
};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of [`Placed`], and what is ordered of whom.
type Row = (
    OrganizationId,
    ServiceId,
    ClientId,
    OrderState,
    Option<OrderState>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<NaiveDate>,
    NaiveDate,
    Option<NaiveDate>,
);

/// An attendance: of whom, at whose session, when and of which service, and whether the client came.
type Attended = (OrganizationId, Option<ClientId>, DateTime<Utc>, AttendanceStatus, ServiceId);

/// The columns of [`Complained`], and of whom.
type ComplaintRow = (OrganizationId, ComplaintState, Option<DateTime<Utc>>, Option<NaiveDate>);

/// So many as a database counts them.
fn count(many: i64) -> i32 {
    i32::try_from(many).unwrap_or(i32::MAX)
}

/// A moment lies within these days.
fn within(column: impl ColumnTrait, (from, to): (NaiveDate, NaiveDate)) -> Condition {
    Condition::all().add(column.gte(start_of(from))).add(column.lt(end_of(to)))
}

/// What an organisation has placed with providers.
fn placed_by(organization: OrganizationId) -> Select<order::Entity> {
    order::Entity::find().filter(order::Column::OrganizationId.eq(organization)).filter(order::Column::PlacedAt.is_not_null())
}

impl Reader {
    /// The actor is told in figures what an organisation buys.
    #[must_use]
    pub fn oversees(&self, organization: OrganizationId) -> bool {
        self.actor.is_in(organization, oversees_purchasing)
    }

    /// The actor may order for an organisation, or looks over what it orders.
    #[must_use]
    pub fn orders_for(&self, organization: OrganizationId) -> bool {
        self.actor.is_in(organization, |role| works_with_clients(role) || oversees_purchasing(role))
    }

    /// How each provider has done for an organisation in these days; nothing for whoever does not look over its purchasing.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn quality_of_providers(&self, organization: OrganizationId, days: (NaiveDate, NaiveDate)) -> Result<BTreeMap<OrganizationId, Quality>> {
        let mut found = BTreeMap::<OrganizationId, Quality>::new();
        let Some(today) = self.actor.occasion().map(|occasion| day(occasion.at)).filter(|_| self.oversees(organization)) else { return Ok(found) };
        let mut orders = BTreeMap::<OrganizationId, Vec<Placed>>::new();
        for (provider, _, placed) in self.placed(organization, days, Condition::all()).await? {
            orders.entry(provider).or_default().push(placed);
        }
        for (provider, orders) in orders {
            found.entry(provider).or_default().orders = OrderFigures::of(&orders, today);
        }
        let mut attended = BTreeMap::<OrganizationId, Vec<_>>::new();
        for (provider, client, status) in self.attended(organization, days).await? {
            attended.entry(provider).or_default().push((client, status == AttendanceStatus::Absent));
        }
        for (provider, attended) in attended {
            found.entry(provider).or_default().no_shows = Share::of_clients(attended);
        }
        for (provider, told, disputed, clients) in self.disputed(organization, days).await? {
            let share = Share { part: count(disputed), whole: count(told) };
            found.entry(provider).or_default().disputed = share.of_so_many(usize::try_from(clients).unwrap_or_default());
        }
        for (provider, wrong, sent) in self.invoiced(organization, days).await? {
            let quality = found.entry(provider).or_default();
            quality.mismatched = quality.mismatched.and(wrong, sent);
        }
        for (provider, complaints) in self.complained(organization, days).await? {
            found.entry(provider).or_default().complaints = ComplaintFigures::of(&complaints, today);
        }
        Ok(found)
    }

    /// How fast each provider has answered and begun what an organisation has ordered of each service in these days; nothing for whoever may not order for it.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pace_of_providers(
        &self,
        organization: OrganizationId,
        services: &BTreeSet<ServiceId>,
        days: (NaiveDate, NaiveDate),
    ) -> Result<BTreeMap<(OrganizationId, ServiceId), Vec<Placed>>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        if self.orders_for(organization) {
            let wanted = order::Column::ServiceId.is_in(services.iter().copied()).into_condition();
            for (provider, service, placed) in self.placed(organization, days, wanted).await? {
                found.entry((provider, service)).or_default().push(placed);
            }
        }
        Ok(found)
    }

    /// The contracts of an organisation by which something can be ordered, whoever sees them, for whoever may order for it: what they leave is told, and not what
    /// they say.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn contracts_behind(
        &self,
        organization: OrganizationId,
        ids: BTreeSet<FrameworkContractId>,
    ) -> Result<BTreeMap<FrameworkContractId, framework_contract::Model>> {
        if ids.is_empty() || !self.orders_for(organization) {
            return Ok(BTreeMap::new());
        }
        let of = framework_contract::Entity::find().filter(framework_contract::Column::OrganizationId.eq(organization));
        let rows = of.filter(framework_contract::Column::Id.is_in(ids)).all(self.conn()).await.map_err(fault)?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    async fn placed(&self, organization: OrganizationId, days: (NaiveDate, NaiveDate), wanted: Condition) -> Result<Vec<(OrganizationId, ServiceId, Placed)>> {
        use order::Column as C;
        let columns = [C::ProviderId, C::ServiceId, C::ClientId, C::State, C::EndedAs, C::PlacedAt, C::AnsweredAt, C::AnswerDueOn, C::StartsOn, C::BegunOn];
        let rows = placed_by(organization).filter(within(C::PlacedAt, days)).filter(wanted).select_only().columns(columns);
        let rows: Vec<Row> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let placed = |(provider, service, client, state, ended_as, placed_at, answered_at, answer_due_on, starts_on, begun_on): Row| {
            (provider, service, Placed { client, state, ended_as, placed_at, answered_at, answer_due_on, starts_on, begun_on })
        };
        Ok(rows.into_iter().map(placed).collect())
    }

    /// Who came to what was ordered for them: to sessions of the service of an order that was confirmed, on its days.
    async fn attended(&self, organization: OrganizationId, days: (NaiveDate, NaiveDate)) -> Result<Vec<(OrganizationId, ClientId, AttendanceStatus)>> {
        use attendance::Column as C;
        use order::Column as O;
        let of = attendance::Entity::belongs_to(participation::Entity).from(C::ParticipationId).to(participation::Column::Id);
        let of_orders = placed_by(organization).filter(O::AgreedStartOn.is_not_null()).select_only().column(O::ClientId);
        let in_which = participation::Entity::belongs_to(offering::Entity).from(participation::Column::OfferingId).to(offering::Column::Id);
        let rows = attendance::Entity::find()
            .join(JoinType::InnerJoin, of.into())
            .join(JoinType::InnerJoin, in_which.into())
            .filter(C::OrganizationId.eq(organization))
            .filter(within(C::SessionAt, days))
            .filter(C::ClientId.in_subquery(of_orders.into_query()))
            .select_only()
            .columns([C::ProviderId, C::ClientId, C::SessionAt, C::Status])
            .column(offering::Column::ServiceId);
        let rows: Vec<Attended> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let ordered = placed_by(organization).filter(O::AgreedStartOn.is_not_null()).filter(O::StartsOn.lte(days.1)).filter(O::EndsOn.gte(days.0));
        let ordered = ordered.select_only().columns([O::ProviderId, O::ClientId, O::ServiceId, O::StartsOn, O::EndsOn, O::EndedOn]);
        let ordered: Vec<(OrganizationId, ClientId, ServiceId, NaiveDate, NaiveDate, Option<NaiveDate>)> =
            ordered.into_tuple().all(self.conn()).await.map_err(fault)?;
        let mut spans = BTreeMap::<_, Vec<_>>::new();
        for (provider, client, service, first, last, ended) in ordered {
            spans.entry((provider, client, service)).or_default().push(first..=ended.map_or(last, |ended| Ord::min(last, ended)));
        }
        let was_ordered = |(provider, client, at, _, service): &Attended| {
            let of_client = client.and_then(|client| spans.get(&(*provider, client, *service)));
            of_client.is_some_and(|spans| spans.iter().any(|span| span.contains(&day(*at))))
        };
        Ok(rows.into_iter().filter(was_ordered).filter_map(|(provider, client, _, status, _)| Some((provider, client?, status))).collect())
    }

    /// How many deliveries of orders were told, how many of them were disputed at any time, and of how many clients they are.
    async fn disputed(&self, organization: OrganizationId, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<(OrganizationId, i64, i64, i64)>> {
        use delivery_event::Column as C;
        let rows = delivery_event::Entity::find()
            .filter(C::OrganizationId.eq(organization))
            .filter(C::EffectiveDate.between(from, to))
            // What is given by a voucher is given by no contract.
            .filter(C::ContractId.is_not_null())
            .select_only()
            .column(C::ProviderId)
            .column_as(C::Id.count(), "told")
            .column_as(C::Dispute.count(), "disputed")
            .column_as(C::ClientId.into_expr().count_distinct(), "clients")
            .group_by(C::ProviderId);
        rows.into_tuple().all(self.conn()).await.map_err(fault)
    }

    /// How many invoices did not agree with the deliveries when they came, and how many came. What was put right says by whom; of what was refused or taken back,
    /// what did not agree stands in it.
    async fn invoiced(&self, organization: OrganizationId, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<(OrganizationId, i32, i32)>> {
        use invoice::Column as C;
        let sent = || invoice::Entity::find().filter(C::OrganizationId.eq(organization)).filter(C::IssuedOn.between(from, to)).select_only();
        let by_state = sent().columns([C::ProviderId, C::State]).column_as(C::Id.count(), "many").column_as(C::CorrectedBy.count(), "put_right");
        let by_state = by_state.group_by(C::ProviderId).group_by(C::State);
        let by_state: Vec<(OrganizationId, InvoiceState, i64, i64)> = by_state.into_tuple().all(self.conn()).await.map_err(fault)?;
        let wrong = |(provider, state, many, put_right)| (provider, count(if state == InvoiceState::Mismatch { many } else { put_right }), count(many));
        let mut rows: Vec<_> = by_state.into_iter().map(wrong).collect();
        let taken_back = sent().filter(C::State.is_in([InvoiceState::Rejected, InvoiceState::Credited])).filter(C::CorrectedBy.is_null());
        let taken_back: Vec<(OrganizationId, Reckoned)> =
            taken_back.columns([C::ProviderId, C::Reckoned]).into_tuple().all(self.conn()).await.map_err(fault)?;
        rows.extend(taken_back.into_iter().filter(|(_, reckoned)| !reckoned.mismatches.is_empty()).map(|(provider, _)| (provider, 1, 0)));
        Ok(rows)
    }

    async fn complained(&self, organization: OrganizationId, days: (NaiveDate, NaiveDate)) -> Result<BTreeMap<OrganizationId, Vec<Complained>>> {
        use complaint::Column as C;
        let rows = complaint::Entity::find().filter(C::OrganizationId.eq(organization)).filter(within(C::CreatedAt, days)).select_only();
        let rows = rows.columns([C::ProviderId, C::State, C::AnsweredAt, C::AnswerDueOn]);
        let rows: Vec<ComplaintRow> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for (provider, state, answered_at, answer_due_on) in rows {
            found.entry(provider).or_default().push(Complained { state, answered_at, answer_due_on });
        }
        Ok(found)
    }
}

impl Reader {
    /// How many of a provider's deliveries that the actor sees are so, and what they cost those who pay, in cents: of orders without value added tax, by
    /// vouchers with it.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], or a fault of the database.
    pub async fn deliveries_worth(&self, provider: OrganizationId, are: Condition) -> Result<(i64, i64)> {
        use delivery_event::Column as C;
        self.worth::<delivery_event::Entity>(are.add(C::ProviderId.eq(provider)), C::CostCents.sum()).await
    }

    /// How many of a provider's settlements that the actor sees are so, and what they come to, in cents.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn settlements_worth(&self, provider: OrganizationId, are: Condition) -> Result<(i64, i64)> {
        use voucher_settlement::Column as C;
        self.worth::<voucher_settlement::Entity>(are.add(C::ProviderId.eq(provider)), C::TotalCents.sum()).await
    }

    /// How many of a provider's invoices that the actor sees are so, and what they come to with value added tax, in cents.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn invoices_worth(&self, provider: OrganizationId, are: Condition) -> Result<(i64, i64)> {
        use invoice::Column as C;
        let gross = Expr::col(C::NetCents).add(Expr::col(C::VatCents));
        self.worth::<invoice::Entity>(are.add(C::ProviderId.eq(provider)), gross.sum()).await
    }

    /// The last day on which the first of the orders is answered that wait for a provider's answer and that the actor sees.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], or a fault of the database.
    pub async fn first_answer_due(&self, provider: OrganizationId) -> Result<Option<NaiveDate>> {
        use order::Column as C;
        purposeful(&self.actor, Action::Read, Resource::PurchaseOrder)?;
        let waiting = order::Entity::find().filter(self.within::<order::Entity>()).filter(C::ProviderId.eq(provider).and(C::State.eq(OrderState::Placed)));
        let first: Option<Option<NaiveDate>> =
            waiting.select_only().column_as(C::AnswerDueOn.min(), "first").into_tuple().one(self.conn()).await.map_err(fault)?;
        Ok(first.flatten())
    }

    /// How many rows the actor sees that are so, and a sum over them.
    async fn worth<E: Guarded>(&self, are: Condition, sum: SimpleExpr) -> Result<(i64, i64)> {
        purposeful(&self.actor, Action::Read, E::RESOURCE)?;
        // A sum of whole numbers is a decimal on PostgreSQL, and nothing of nothing.
        let sum = Expr::expr(Func::coalesce([sum, Expr::value(0)])).cast_as("bigint");
        let rows = E::find().filter(self.within::<E>()).filter(are).select_only().column_as(E::columns().id.count(), "many").column_as(sum, "sum");
        Ok(rows.into_tuple().one(self.conn()).await.map_err(fault)?.unwrap_or_default())
    }
}
