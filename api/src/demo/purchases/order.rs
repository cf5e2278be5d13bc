//! Orders of the demo: decided, placed, answered, given visit by visit, looked at, and reported on.
use super::{Buying, OWN_WORKER, contract::Contract};
use crate::{
    act::funding::{
        delivery::{self, By, RecordDelivery},
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
use std::collections::BTreeSet;
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
    pub(super) key: String,
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

/// A step of an order.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Decide,
    Place,
    Answer,
    /// One visit, counted from 0.
    Give(i64),
    LookAt,
    Report(ReportKind, Telling),
}

/// A step of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    Ask,
    Tell,
    Accept,
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
    pub(super) fn contract<'a>(&self, buying: &Buying<'a>) -> Result<&'a Contract> {
        buying.all.contracts.iter().find(|each| each.key == self.contract).ok_or_else(|| Error::internal(format!("the demo has no contract {}", self.contract)))
    }

    fn quantity(&self) -> Result<Quantity> {
        let visits = i32::try_from(self.visits).map_err(Error::internal)?;
        Ok(Quantity { hundredths: self.hundredths * visits })
    }

    /// What is done with it, and how many days ago.
    pub(super) fn steps(&self) -> Vec<(i64, Step)> {
        let mut steps = vec![(self.decided, Step::Decide)];
        if self.undecided {
            return steps;
        }
        steps.push((self.decided - 1, Step::Place));
        if self.waits {
            return steps;
        }
        steps.push((self.decided - 3, Step::Answer));
        if self.rejected.is_some() {
            return steps;
        }
        steps.extend(self.given().map(|(visit, ago)| (ago, Step::Give(visit))));
        let rounds: BTreeSet<_> = self.given().filter_map(|(_, ago)| looked_at(ago)).collect();
        steps.extend(rounds.into_iter().map(|ago| (ago, Step::LookAt)));
        for (kind, told) in [(ReportKind::Interim, &self.interim), (ReportKind::End, &self.end)] {
            if let Some(told) = told {
                steps.extend(told.steps().map(|(ago, step)| (ago, Step::Report(kind, step))));
            }
        }
        steps
    }

    /// Grants it.
    pub(super) async fn decide(&self, buying: &Buying<'_>) -> Result<Option<service_decision::Model>> {
        let line = self.contract(buying)?.line(buying, &self.service).await?.ok_or(Error::NotFound)?;
        buying.decide(&self.client, self.decided, self.decision(buying, &line)?, !self.undecided).await
    }

    /// Puts it before the provider. None where there is no case.
    pub(super) async fn place(&self, buying: &Buying<'_>, ago: i64) -> Result<Option<PurchaseOrderId>> {
        let Some(decision) = self.decide(buying).await? else { return Ok(None) };
        let worker = buying.on(OWN_WORKER, ago).await?;
        let row = if let Some(row) = buying.known::<table::Entity>(table::Column::DecisionId.eq(decision.id)).await? {
            row
        } else {
            let line = self.contract(buying)?.line(buying, &self.service).await?.ok_or(Error::NotFound)?;
            let content = PurchaseOrderContent {
                starts_on: Date(buying.date(self.starts)),
                ends_on: Date(buying.date(self.ends)),
                quantity: self.quantity()?,
                instructions: self.instructions.clone(),
                disclose: self.disclose.clone(),
            };
            purchase_order::draft(&worker, None, DraftOrder { decision: decision.id, line: line.id, content }).await?
        };
        let id = row.id;
        if row.state == OrderState::Draft {
            purchase_order::place(&worker, id, row.version).await?;
        }
        worker.finish().await?;
        Ok(Some(id))
    }

    /// Takes a step with it, once it was placed.
    pub(super) async fn take(&self, buying: &Buying<'_>, ago: i64, step: Step, id: PurchaseOrderId) -> Result<()> {
        match step {
            // That is done before it is placed.
            Step::Decide | Step::Place => Ok(()),
            Step::Answer => self.answer(buying, ago, id).await,
            Step::Give(visit) => self.give(buying, ago, id, visit).await,
            Step::LookAt => self.look_at(buying, ago, id).await,
            Step::Report(kind, step) => {
                let told = if kind == ReportKind::Interim { &self.interim } else { &self.end };
                match told {
                    Some(told) => told.take(buying, self.contract(buying)?, ago, id, (kind, step)).await,
                    None => Ok(()),
                }
            }
        }
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

    /// The provider confirms it, or does not give it.
    async fn answer(&self, buying: &Buying<'_>, ago: i64, id: PurchaseOrderId) -> Result<()> {
        let row = buying.loading.row::<table::Entity>(id).await?;
        if row.state != OrderState::Placed {
            return Ok(());
        }
        let provider = buying.on(&self.contract(buying)?.staff, ago).await?;
        let (by, reason) = match self.rejected {
            Some(_) => (OrderMove::Reject, Some(DeclineReason::NoCapacity)),
            None => (OrderMove::Confirm, None),
        };
        purchase_order::move_on(&provider, id, row.version, by, Said { words: self.rejected.clone(), on: None, reason }).await?;
        provider.finish().await
    }

    fn uuid(&self, visit: i64) -> Uuid {
        Uuid::new_v5(&DELIVERIES, format!("{}:{visit}", self.key).as_bytes())
    }

    /// How many days ago each visit was that took place.
    fn given(&self) -> impl Iterator<Item = (i64, i64)> {
        let ago = |visit: i64| self.starts - visit * self.every;
        (0..self.visits).map(move |visit| (visit, ago(visit))).filter(|(visit, ago)| *ago > 0 && !self.missed.contains(visit))
    }

    /// The provider writes a visit down on its day.
    async fn give(&self, buying: &Buying<'_>, ago: i64, order: PurchaseOrderId, visit: i64) -> Result<()> {
        let uuid = self.uuid(visit);
        if buying.known::<delivery_event::Entity>(delivery_event::Column::Id.eq(uuid)).await?.is_some() {
            return Ok(());
        }
        let provider = buying.on(&self.contract(buying)?.staff, ago).await?;
        let content = DeliveryContent {
            effective_date: Date(buying.date(ago)),
            quantity: Quantity { hundredths: self.hundredths },
            note: self.note.clone(),
            performer: None,
        };
        delivery::record(&provider, None, RecordDelivery { by: By::Order(order), uuid: Some(uuid), attendance: None, content }).await?;
        provider.finish().await
    }

    /// The own worker looks at what was delivered in a round.
    async fn look_at(&self, buying: &Buying<'_>, ago: i64, order: PurchaseOrderId) -> Result<()> {
        let of = delivery_event::Column::GroundId.eq(order).and(delivery_event::Column::State.eq(DeliveryState::Recorded));
        let rows = buying.loading.system.reader().find::<delivery_event::Entity>().filter(of).all().await?;
        let of_round = |row: &&delivery_event::Model| looked_at((buying.counted_from - row.effective_date).num_days()) == Some(ago);
        let disputed = self.disputed.as_ref().map(|disputed| (self.uuid(disputed.visit), disputed.reason.clone()));
        let worker = buying.on(OWN_WORKER, ago).await?;
        for row in rows.iter().filter(of_round) {
            let which = delivery::Which { id: row.id, expected: row.version };
            match disputed.as_ref().filter(|(visit, _)| *visit == row.id.0) {
                Some((_, reason)) => delivery::dispute(&worker, which, reason.clone()).await?,
                None => delivery::approve(&worker, which).await?,
            };
        }
        worker.finish().await
    }
}

/// How many days ago what was given so many days ago was looked at; none where it waits.
fn looked_at(ago: i64) -> Option<i64> {
    (ago >= WAITS).then_some((ago - LOOKED_AT - 1) / ROUND * ROUND + LOOKED_AT)
}

impl Report {
    fn steps(&self) -> impl Iterator<Item = (i64, Telling)> {
        let asked = self.requested.map(|ago| (ago, Telling::Ask));
        asked.into_iter().chain([(self.submitted, Telling::Tell)]).chain(self.approved.map(|ago| (ago, Telling::Accept)))
    }

    /// It is asked for, told or accepted.
    async fn take(&self, buying: &Buying<'_>, contract: &Contract, ago: i64, order: PurchaseOrderId, (kind, step): (ReportKind, Telling)) -> Result<()> {
        let of = provider_report::Column::OrderId.eq(order).and(provider_report::Column::Kind.eq(kind));
        let row = buying.known::<provider_report::Entity>(of).await?;
        let caller = buying.on(if step == Telling::Tell { &contract.staff } else { OWN_WORKER }, ago).await?;
        let which = row.as_ref().map(|row| (row.state, report::Which { id: row.id, expected: row.version }));
        match (step, which) {
            (Telling::Ask, None) => {
                report::request(&caller, None, report::RequestReport { order, kind, due_on: Date(buying.date(ago - ROUND)) }).await?;
            }
            (Telling::Tell, Some((ReportState::Requested, which))) => {
                report::submit(&caller, which, self.content.clone()).await?;
            }
            (Telling::Accept, Some((ReportState::Submitted, which))) => {
                report::approve(&caller, which).await?;
            }
            // It is so already.
            _ => {}
        }
        caller.finish().await
    }
}
