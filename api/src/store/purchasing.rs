//! What an organisation has ordered, in figures: named steps that no reach scopes, for those who look over its purchasing or order for it. Rows are counted here
//! and shown to nobody; no figure tells of whom it is.
use super::{Reader, Work, dialect::fault, read::purposeful};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    catalogue::session::{day, end_of, start_of},
    delivery::attendance::AttendanceStatus,
    funding::{
        complaint::ComplaintState,
        delivery::{DeliveryKind, DeliveryState},
        invoice::InvoiceState,
        purchase_order::OrderState,
        quality::{Chosen, Complained, ComplaintFigures, OrderFigures, Placed, Quality, QualityOfProviders, Quarter, Share, VoucherFigures},
        voucher::VoucherState,
    },
    id::{ClientId, FrameworkContractId, OrganizationId, ServiceId, VoucherId},
    policy::{Action, Resource, oversees_purchasing, works_with_clients},
};
use entity::{
    Guarded,
    catalogue::service_offering as offering,
    delivery::{attendance, participation},
    funding::{
        complaint, delivery_event, framework_contract,
        invoice::{self, Reckoned},
        purchase_order as order, voucher, voucher_settlement,
    },
    sealed::quality_release as release,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Func, IntoCondition, OnConflict, SimpleExpr},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

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
    Option<NaiveDate>,
);

/// The columns of [`Chosen`], and what is given by whom.
type VoucherRow = (VoucherId, Option<OrganizationId>, ServiceId, ClientId, VoucherState, Option<DateTime<Utc>>, NaiveDate, Option<NaiveDate>);

/// An attendance: of whom, at whose session, when and of which service, and whether the client came.
type Attended = (OrganizationId, Option<ClientId>, DateTime<Utc>, AttendanceStatus, ServiceId);

/// For what a client has chosen whom with a voucher, when, and on which days it can be used.
type UsedRow = (Option<OrganizationId>, ClientId, ServiceId, Option<DateTime<Utc>>, NaiveDate, NaiveDate, Option<NaiveDate>);

/// The columns of [`Complained`], and of whom.
type ComplaintRow = (OrganizationId, ComplaintState, Option<DateTime<Utc>>, Option<NaiveDate>, Option<DateTime<Utc>>);

/// So many as a database counts them.
fn count(many: i64) -> i32 {
    i32::try_from(many).unwrap_or(i32::MAX)
}

/// A moment lies within a quarter.
fn within(column: impl ColumnTrait, quarter: Quarter) -> Condition {
    Condition::all().add(column.gte(start_of(quarter.first()))).add(column.lt(end_of(quarter.last())))
}

/// A day lies within a quarter.
fn on_a_day_of(column: impl ColumnTrait, quarter: Quarter) -> SimpleExpr {
    column.between(quarter.first(), quarter.last())
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

    /// How each provider has done for an organisation in a quarter, as it was told before; none where nobody was told yet, or the actor does not look over its
    /// purchasing.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn told_quality(&self, organization: OrganizationId, quarter: Quarter) -> Result<Option<QualityOfProviders>> {
        if !self.oversees(organization) {
            return Ok(None);
        }
        told_quality(self.conn(), organization, quarter).await
    }

    /// How each provider has done for an organisation in a quarter; nothing for whoever does not look over its purchasing.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn quality_of_providers(&self, organization: OrganizationId, quarter: Quarter) -> Result<QualityOfProviders> {
        let mut found = BTreeMap::<OrganizationId, Quality>::new();
        if !self.oversees(organization) {
            return Ok(QualityOfProviders(found));
        }
        let mut orders = BTreeMap::<OrganizationId, Vec<Placed>>::new();
        for (provider, _, placed) in self.placed(organization, quarter, Condition::all()).await? {
            orders.entry(provider).or_default().push(placed);
        }
        for (provider, orders) in orders {
            found.entry(provider).or_default().orders = OrderFigures::of(&orders, quarter);
        }
        let mut vouchers = BTreeMap::<OrganizationId, Vec<Chosen>>::new();
        for (provider, _, chosen) in self.chosen(organization, quarter, Condition::all()).await? {
            vouchers.entry(provider).or_default().push(chosen);
        }
        for (provider, vouchers) in vouchers {
            found.entry(provider).or_default().vouchers = VoucherFigures::of(&vouchers, quarter);
        }
        let mut attended = BTreeMap::<OrganizationId, Vec<_>>::new();
        for (provider, client, status) in self.attended(organization, quarter).await? {
            attended.entry(provider).or_default().push((client, status == AttendanceStatus::Absent));
        }
        for (provider, attended) in attended {
            found.entry(provider).or_default().no_shows = Share::of_clients(attended);
        }
        let mut told = BTreeMap::<OrganizationId, Vec<_>>::new();
        for (provider, client, disputed) in self.delivered(organization, quarter).await? {
            told.entry(provider).or_default().push((client, disputed));
        }
        for (provider, told) in told {
            found.entry(provider).or_default().disputed = Share::of_clients(told);
        }
        for (provider, wrong, sent) in self.invoiced(organization, quarter).await? {
            let quality = found.entry(provider).or_default();
            quality.mismatched = quality.mismatched.and(wrong, sent);
        }
        for (provider, complaints) in self.complained(organization, quarter).await? {
            found.entry(provider).or_default().complaints = ComplaintFigures::of(&complaints, quarter);
        }
        Ok(QualityOfProviders(found))
    }

    /// How fast each provider has answered and begun what an organisation has ordered of each service, in a quarter; nothing for whoever may not order for it.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pace_of_orders(
        &self,
        organization: OrganizationId,
        services: &BTreeSet<ServiceId>,
        quarter: Quarter,
    ) -> Result<BTreeMap<(OrganizationId, ServiceId), OrderFigures>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        if self.orders_for(organization) {
            let wanted = order::Column::ServiceId.is_in(services.iter().copied()).into_condition();
            for (provider, service, placed) in self.placed(organization, quarter, wanted).await? {
                found.entry((provider, service)).or_default().push(placed);
            }
        }
        Ok(found.into_iter().map(|(of, orders)| (of, OrderFigures::of(&orders, quarter))).collect())
    }

    /// The same of what clients have chosen each provider for with the organisation's vouchers.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pace_of_vouchers(
        &self,
        organization: OrganizationId,
        services: &BTreeSet<ServiceId>,
        quarter: Quarter,
    ) -> Result<BTreeMap<(OrganizationId, ServiceId), VoucherFigures>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        if self.orders_for(organization) {
            let wanted = voucher::Column::ServiceId.is_in(services.iter().copied()).into_condition();
            for (provider, service, chosen) in self.chosen(organization, quarter, wanted).await? {
                found.entry((provider, service)).or_default().push(chosen);
            }
        }
        Ok(found.into_iter().map(|(of, vouchers)| (of, VoucherFigures::of(&vouchers, quarter))).collect())
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

    /// The orders with which something happened in a quarter.
    async fn placed(&self, organization: OrganizationId, quarter: Quarter, wanted: Condition) -> Result<Vec<(OrganizationId, ServiceId, Placed)>> {
        use order::Column as C;
        let columns =
            [C::ProviderId, C::ServiceId, C::ClientId, C::State, C::EndedAs, C::PlacedAt, C::AnsweredAt, C::AnswerDueOn, C::StartsOn, C::BegunOn, C::EndedOn];
        let happened = [C::AnswerDueOn, C::BegunOn, C::EndedOn].into_iter().fold(Condition::any(), |any, on| any.add(on_a_day_of(on, quarter)));
        let happened = happened.add(within(C::PlacedAt, quarter)).add(within(C::AnsweredAt, quarter));
        let rows = placed_by(organization).filter(happened).filter(wanted).select_only().columns(columns);
        let rows: Vec<Row> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let placed = |(provider, service, client, state, ended_as, placed_at, answered_at, answer_due_on, starts_on, begun_on, ended_on): Row| {
            (provider, service, Placed { client, state, ended_as, placed_at, answered_at, answer_due_on, starts_on, begun_on, ended_on })
        };
        Ok(rows.into_iter().map(placed).collect())
    }

    /// The vouchers with which something happened in a quarter, after a provider was chosen.
    async fn chosen(&self, organization: OrganizationId, quarter: Quarter, wanted: Condition) -> Result<Vec<(OrganizationId, ServiceId, Chosen)>> {
        use delivery_event::Column as E;
        use voucher::Column as C;
        let given = || {
            let of = delivery_event::Entity::find().filter(E::OrganizationId.eq(organization)).filter(E::VoucherNumber.is_not_null());
            of.filter(E::State.ne(DeliveryState::Voided)).select_only().column(E::GroundId)
        };
        // Something was given by it in the quarter, whether or not for the first time.
        let used = given().filter(on_a_day_of(E::EffectiveDate, quarter));
        let happened = Condition::any().add(on_a_day_of(C::EndedOn, quarter)).add(within(C::ChosenAt, quarter)).add(C::Id.in_subquery(used.into_query()));
        let rows = voucher::Entity::find()
            .filter(C::OrganizationId.eq(organization))
            .filter(C::ProviderId.is_not_null())
            .filter(happened)
            .filter(wanted)
            .select_only()
            .columns([C::Id, C::ProviderId, C::ServiceId, C::ClientId, C::State, C::ChosenAt, C::ValidFrom, C::EndedOn]);
        let rows: Vec<VoucherRow> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let first = given().column_as(E::EffectiveDate.min(), "first").filter(E::GroundId.is_in(rows.iter().map(|(id, ..)| id.0))).group_by(E::GroundId);
        let first: BTreeMap<Uuid, Option<NaiveDate>> =
            if rows.is_empty() { BTreeMap::new() } else { first.into_tuple::<(Uuid, _)>().all(self.conn()).await.map_err(fault)?.into_iter().collect() };
        let chosen = |(id, provider, service, client, state, chosen_at, valid_from, ended_on): VoucherRow| {
            let begun_on = first.get(&id.0).copied().flatten();
            Some((provider?, service, Chosen { client, state, chosen_at: chosen_at?, valid_from, begun_on, ended_on }))
        };
        Ok(rows.into_iter().filter_map(chosen).collect())
    }

    /// Who came to what was ordered for them, or what they have chosen with a voucher: to sessions of the service of an order that was confirmed, or of a voucher, on
    /// its days.
    async fn attended(&self, organization: OrganizationId, quarter: Quarter) -> Result<Vec<(OrganizationId, ClientId, AttendanceStatus)>> {
        use attendance::Column as C;
        use order::Column as O;
        use voucher::Column as V;
        let of = attendance::Entity::belongs_to(participation::Entity).from(C::ParticipationId).to(participation::Column::Id);
        let of_orders = placed_by(organization).filter(O::AgreedStartOn.is_not_null()).select_only().column(O::ClientId);
        let with_provider = || voucher::Entity::find().filter(V::OrganizationId.eq(organization)).filter(V::ProviderId.is_not_null());
        let of_vouchers = with_provider().select_only().column(V::ClientId);
        let in_which = participation::Entity::belongs_to(offering::Entity).from(participation::Column::OfferingId).to(offering::Column::Id);
        let rows = attendance::Entity::find()
            .join(JoinType::InnerJoin, of.into())
            .join(JoinType::InnerJoin, in_which.into())
            .filter(C::OrganizationId.eq(organization))
            .filter(within(C::SessionAt, quarter))
            .filter(C::ClientId.in_subquery(of_orders.into_query()).or(C::ClientId.in_subquery(of_vouchers.into_query())))
            .select_only()
            .columns([C::ProviderId, C::ClientId, C::SessionAt, C::Status])
            .column(offering::Column::ServiceId);
        let rows: Vec<Attended> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let ordered =
            placed_by(organization).filter(O::AgreedStartOn.is_not_null()).filter(O::StartsOn.lte(quarter.last())).filter(O::EndsOn.gte(quarter.first()));
        let ordered = ordered.select_only().columns([O::ProviderId, O::ClientId, O::ServiceId, O::StartsOn, O::EndsOn, O::EndedOn]);
        let ordered: Vec<(OrganizationId, ClientId, ServiceId, NaiveDate, NaiveDate, Option<NaiveDate>)> =
            ordered.into_tuple().all(self.conn()).await.map_err(fault)?;
        let mut spans = BTreeMap::<_, Vec<_>>::new();
        for (provider, client, service, first, last, ended) in ordered {
            spans.entry((provider, client, service)).or_default().push(first..=ended.map_or(last, |ended| Ord::min(last, ended)));
        }
        let used = with_provider().filter(V::ValidFrom.lte(quarter.last())).filter(V::ValidTo.gte(quarter.first()));
        let used = used.select_only().columns([V::ProviderId, V::ClientId, V::ServiceId, V::ChosenAt, V::ValidFrom, V::ValidTo, V::EndedOn]);
        let used: Vec<UsedRow> = used.into_tuple().all(self.conn()).await.map_err(fault)?;
        for (provider, client, service, chosen_at, first, last, ended) in used {
            let (Some(provider), Some(chosen_on)) = (provider, chosen_at.map(day)) else { continue };
            let last = ended.map_or(last, |ended| Ord::min(last, ended));
            spans.entry((provider, client, service)).or_default().push(Ord::max(first, chosen_on)..=last);
        }
        let was_ordered = |(provider, client, at, _, service): &Attended| {
            let of_client = client.and_then(|client| spans.get(&(*provider, client, *service)));
            of_client.is_some_and(|spans| spans.iter().any(|span| span.contains(&day(*at))))
        };
        Ok(rows.into_iter().filter(was_ordered).filter_map(|(provider, client, _, status, _)| Some((provider, client?, status))).collect())
    }

    /// What was given of orders and by vouchers, each with whose it is and whether it was disputed at any time.
    async fn delivered(&self, organization: OrganizationId, quarter: Quarter) -> Result<Vec<(OrganizationId, ClientId, bool)>> {
        use delivery_event::Column as C;
        let rows = delivery_event::Entity::find()
            .filter(C::OrganizationId.eq(organization))
            .filter(C::Kind.eq(DeliveryKind::Service))
            .filter(on_a_day_of(C::EffectiveDate, quarter))
            .select_only()
            .columns([C::ProviderId, C::ClientId])
            .column_as(C::Dispute.is_not_null(), "disputed");
        rows.into_tuple().all(self.conn()).await.map_err(fault)
    }

    /// How many invoices did not agree with the deliveries when they came, and how many came. What was put right says by whom; of what was refused or taken back,
    /// what did not agree stands in it.
    async fn invoiced(&self, organization: OrganizationId, quarter: Quarter) -> Result<Vec<(OrganizationId, i32, i32)>> {
        use invoice::Column as C;
        let sent = || invoice::Entity::find().filter(C::OrganizationId.eq(organization)).filter(on_a_day_of(C::IssuedOn, quarter)).select_only();
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

    async fn complained(&self, organization: OrganizationId, quarter: Quarter) -> Result<BTreeMap<OrganizationId, Vec<Complained>>> {
        use complaint::Column as C;
        let happened = Condition::any().add(within(C::AnsweredAt, quarter)).add(within(C::EndedAt, quarter)).add(on_a_day_of(C::AnswerDueOn, quarter));
        let rows = complaint::Entity::find().filter(C::OrganizationId.eq(organization)).filter(happened).select_only();
        let rows = rows.columns([C::ProviderId, C::State, C::AnsweredAt, C::AnswerDueOn, C::EndedAt]);
        let rows: Vec<ComplaintRow> = rows.into_tuple().all(self.conn()).await.map_err(fault)?;
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for (provider, state, answered_at, answer_due_on, ended_at) in rows {
            found.entry(provider).or_default().push(Complained { state, answered_at, answer_due_on, ended_at });
        }
        Ok(found)
    }
}

/// What was told of a quarter first.
async fn told_quality(conn: &impl ConnectionTrait, organization: OrganizationId, quarter: Quarter) -> Result<Option<QualityOfProviders>> {
    use release::Column as C;
    let of = release::Entity::find().filter(C::OrganizationId.eq(organization)).filter(C::Quarter.eq(quarter.first()));
    Ok(of.one(conn).await.map_err(fault)?.map(|row| row.figures))
}

impl Work {
    /// Writes down how each provider has done for an organisation in a quarter, before it is told; as it was told first where somebody else was quicker. Told again,
    /// it is the same: what has changed since would tell of somebody.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever does not look over its purchasing, or a fault of the database.
    pub(crate) async fn tell_quality(&self, organization: OrganizationId, quarter: Quarter, figures: QualityOfProviders) -> Result<QualityOfProviders> {
        let overseen = self.actor().standings().iter().find(|standing| standing.organization == organization && oversees_purchasing(standing.role));
        let network = overseen.map(|standing| standing.network).ok_or(Error::Forbidden)?;
        let row = release::Model {
            id: Uuid::now_v7(),
            network_id: network,
            organization_id: organization,
            quarter: quarter.first(),
            figures,
            asked_by: self.actor().subject().unwrap_or_default().to_owned(),
            at: self.now(),
        };
        let first = OnConflict::columns([release::Column::OrganizationId, release::Column::Quarter]).do_nothing().to_owned();
        release::Entity::insert(row.into_active_model().reset_all()).on_conflict(first).exec_without_returning(self.tx()).await.map_err(fault)?;
        told_quality(self.tx(), organization, quarter).await?.ok_or(Error::Internal)
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
