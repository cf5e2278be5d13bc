//! Orders of the demo: decided, placed, answered, given visit by visit, looked at, and reported on.
use super::{Buying, OWN_WORKER, contract::Contract};
use crate::{
    act::funding::{
        delivery::{self, RecordDelivery},
        purchase_order::{self, DraftOrder, Said},
        report,
    },
    error::{Error, Result},
};
use domain::{
    casework::{
        referral::DeclineReason,
        service_decision::{DecisionBasis, DecisionOutcome, GrantedService, ServiceDecisionContent},
    },
    funding::{
        delivery::{DeliveryContent, DeliveryState},
        price::Quantity,
        purchase_order::{OrderMove, OrderState, PurchaseOrderContent},
        report::{ProviderReportContent, ReportKind, ReportState},
    },
    id::PurchaseOrderId,
    money::Money,
    person::consent::DataItem,
    scalar::Date,
};
use entity::{
    casework::service_decision,
    funding::{contract_line, delivery_event, provider_report, purchase_order as table},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The namespace of the demo's deliveries, an arbitrary number: one that is recorded already is known by its id.
const DELIVERIES: Uuid = Uuid::from_u128(0x6d6f_6e69_7475_6f74_7461_6a61_2d6f_7374);
/// Every so many days the own worker looks at what was delivered, and the provider sends an invoice on the day after.
pub(super) const ROUND: i64 = 28;
/// A round ends so many days before now, and takes what is one day older.
pub(super) const LOOKED_AT: i64 = 3;
/// What is younger than so many days waits to be looked at.
const WAITS: i64 = 11;

/// One order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    key: String,
    client: String,
    contract: String,
    service: String,
    decided: i64,
    starts: i64,
    ends: i64,
    /// How many visits are ordered.
    visits: i64,
    /// Every so many days.
    #[serde(default = "weekly")]
    every: i64,
    /// How much of the unit a visit is.
    #[serde(default = "whole")]
    hundredths: i32,
    /// Visits that did not take place, counted from 0.
    #[serde(default)]
    missed: Vec<i64>,
    note: Option<String>,
    instructions: Option<String>,
    #[serde(default)]
    disclose: BTreeSet<DataItem>,
    /// Somebody with more power is to make the decision.
    #[serde(default)]
    undecided: bool,
    /// The provider has not answered yet.
    #[serde(default)]
    waits: bool,
    /// Why the provider does not give it.
    rejected: Option<String>,
    disputed: Option<Disputed>,
    interim: Option<Report>,
    end: Option<Report>,
}

const fn weekly() -> i64 {
    7
}

const fn whole() -> i32 {
    100
}

/// A visit that the own worker does not accept as it is.
#[derive(Deserialize)]
struct Disputed {
    visit: i64,
    reason: String,
}

/// A report of the provider.
#[derive(Deserialize)]
struct Report {
    /// Asked for by the own worker; one of the end comes with the contract.
    requested: Option<i64>,
    submitted: i64,
    approved: Option<i64>,
    content: ProviderReportContent,
}

impl Order {
    fn contract<'a>(&self, buying: &Buying<'a>) -> Result<&'a Contract> {
        buying.all.contracts.iter().find(|each| each.key == self.contract).ok_or_else(|| Error::internal(format!("the demo has no contract {}", self.contract)))
    }

    fn quantity(&self) -> Result<Quantity> {
        let visits = i32::try_from(self.visits).map_err(Error::internal)?;
        Ok(Quantity { hundredths: self.hundredths * visits })
    }

    /// Plays it as far as it goes.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let contract = self.contract(buying)?;
        let line = contract.line(buying, &self.service).await?.ok_or(Error::NotFound)?;
        let decided = buying.decide(&self.client, self.decided, self.decision(buying, &line)?, !self.undecided).await?;
        let Some(decision) = decided.filter(|_| !self.undecided) else { return Ok(()) };
        let order = self.order(buying, contract, &decision, &line).await?;
        if matches!(order.state, OrderState::Placed | OrderState::Rejected) {
            return Ok(());
        }
        self.deliver(buying, contract, order.id).await?;
        self.look_at(buying, order.id).await?;
        for (kind, told) in [(ReportKind::Interim, &self.interim), (ReportKind::End, &self.end)] {
            if let Some(told) = told {
                told.play(buying, contract, order.id, kind).await?;
            }
        }
        Ok(())
    }

    fn decision(&self, buying: &Buying<'_>, line: &contract_line::Model) -> Result<ServiceDecisionContent> {
        let starts = buying.date(self.starts);
        let price = line.prices.on(starts).ok_or(Error::NotFound)?.price;
        let quantity = self.quantity()?;
        Ok(ServiceDecisionContent {
            service: line.service_id,
            outcome: DecisionOutcome::Granted,
            basis: DecisionBasis::SocialRehabilitation,
            basis_details: None,
            reasoning: Some("Palvelu on asiakassuunnitelmassa, ja sen tarve on todettu palvelutarpeen arviossa.".to_owned()),
            granted: Some(GrantedService {
                valid_from: Date(starts),
                valid_to: Date(buying.date(self.ends)),
                quantity,
                unit: line.unit,
                value: Money { amount_cents: i32::try_from(quantity.cost(price)).map_err(Error::internal)? },
            }),
        })
    }

    /// The order, placed and answered.
    async fn order(&self, buying: &Buying<'_>, contract: &Contract, decision: &service_decision::Model, line: &contract_line::Model) -> Result<table::Model> {
        let placed = self.decided - 1;
        let worker = buying.on(OWN_WORKER, placed).await?;
        let mut row = match buying.known::<table::Entity>(table::Column::DecisionId.eq(decision.id)).await? {
            Some(row) => row,
            None => {
                let content = PurchaseOrderContent {
                    starts_on: Date(buying.date(self.starts)),
                    ends_on: Date(buying.date(self.ends)),
                    quantity: self.quantity()?,
                    instructions: self.instructions.clone(),
                    disclose: self.disclose.clone(),
                };
                purchase_order::draft(&worker, None, DraftOrder { decision: decision.id, line: line.id, content }).await?
            }
        };
        if row.state == OrderState::Draft {
            row = purchase_order::place(&worker, row.id, row.version).await?;
        }
        worker.finish().await?;
        if row.state == OrderState::Placed && !self.waits {
            let provider = buying.on(&contract.staff, placed - 2).await?;
            let (by, reason) = match self.rejected {
                Some(_) => (OrderMove::Reject, Some(DeclineReason::NoCapacity)),
                None => (OrderMove::Confirm, None),
            };
            row = purchase_order::move_on(&provider, row.id, row.version, by, Said { words: self.rejected.clone(), on: None, reason }).await?;
            provider.finish().await?;
        }
        Ok(row)
    }

    fn uuid(&self, visit: i64) -> Uuid {
        Uuid::new_v5(&DELIVERIES, format!("{}:{visit}", self.key).as_bytes())
    }

    /// How many days ago each visit was that took place.
    fn given(&self) -> impl Iterator<Item = (i64, i64)> {
        let ago = |visit: i64| self.starts - visit * self.every;
        (0..self.visits).map(move |visit| (visit, ago(visit))).filter(|(visit, ago)| *ago > 0 && !self.missed.contains(visit))
    }

    async fn events(buying: &Buying<'_>, order: PurchaseOrderId) -> Result<BTreeMap<Uuid, delivery_event::Model>> {
        let of = delivery_event::Column::OrderId.eq(order);
        let rows = buying.loading.system.reader().find::<delivery_event::Entity>().filter(of).all().await?;
        Ok(rows.into_iter().map(|row| (row.id.0, row)).collect())
    }

    /// The provider writes each visit down on its day.
    async fn deliver(&self, buying: &Buying<'_>, contract: &Contract, order: PurchaseOrderId) -> Result<()> {
        let known = Self::events(buying, order).await?;
        for (visit, ago) in self.given().filter(|(visit, _)| !known.contains_key(&self.uuid(*visit))) {
            let provider = buying.on(&contract.staff, ago).await?;
            let content = DeliveryContent {
                effective_date: Date(buying.date(ago)),
                quantity: Quantity { hundredths: self.hundredths },
                note: self.note.clone(),
                performer: None,
            };
            delivery::record(&provider, None, RecordDelivery { order, uuid: Some(self.uuid(visit)), attendance: None, content }).await?;
            provider.finish().await?;
        }
        Ok(())
    }

    /// The own worker looks at what was delivered, all of a round together.
    async fn look_at(&self, buying: &Buying<'_>, order: PurchaseOrderId) -> Result<()> {
        let known = Self::events(buying, order).await?;
        let mut rounds: BTreeMap<i64, Vec<(i64, delivery_event::Model)>> = BTreeMap::new();
        for (visit, ago) in self.given().filter(|(_, ago)| *ago >= WAITS) {
            let event = known.get(&self.uuid(visit)).filter(|event| event.state == DeliveryState::Recorded);
            let looked_at = (ago - LOOKED_AT - 1) / ROUND * ROUND + LOOKED_AT;
            rounds.entry(looked_at).or_default().extend(event.map(|event| (visit, event.clone())));
        }
        for (ago, events) in rounds.into_iter().rev().filter(|(_, events)| !events.is_empty()) {
            let worker = buying.on(OWN_WORKER, ago).await?;
            for (visit, event) in events {
                let which = delivery::Which { id: event.id, expected: event.version };
                match self.disputed.as_ref().filter(|disputed| disputed.visit == visit) {
                    Some(disputed) => delivery::dispute(&worker, which, disputed.reason.clone()).await?,
                    None => delivery::approve(&worker, which).await?,
                };
            }
            worker.finish().await?;
        }
        Ok(())
    }
}

impl Report {
    /// Asked for, told and looked at.
    async fn play(&self, buying: &Buying<'_>, contract: &Contract, order: PurchaseOrderId, kind: ReportKind) -> Result<()> {
        let of = provider_report::Column::OrderId.eq(order).and(provider_report::Column::Kind.eq(kind));
        let mut row = match (buying.known::<provider_report::Entity>(of).await?, self.requested) {
            (Some(row), _) => row,
            (None, None) => return Err(Error::NotFound),
            (None, Some(ago)) => {
                let worker = buying.on(OWN_WORKER, ago).await?;
                let row = report::request(&worker, None, report::RequestReport { order, kind, due_on: Date(buying.date(ago - ROUND)) }).await?;
                worker.finish().await?;
                row
            }
        };
        if row.state == ReportState::Requested {
            let provider = buying.on(&contract.staff, self.submitted).await?;
            row = report::submit(&provider, report::Which { id: row.id, expected: row.version }, self.content.clone()).await?;
            provider.finish().await?;
        }
        if let (ReportState::Submitted, Some(ago)) = (row.state, self.approved) {
            let worker = buying.on(OWN_WORKER, ago).await?;
            report::approve(&worker, report::Which { id: row.id, expected: row.version }).await?;
            worker.finish().await?;
        }
        Ok(())
    }
}
