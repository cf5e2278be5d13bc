//! The purchased services of the demo: procurements, contracts, a year of orders, deliveries, reports and invoices, and vouchers. Everything is done by the
//! demo's actors through the use cases, each step on its own day in the past. A load that was killed is completed by the next, counted from the day of the
//! first; once all of it is there, nothing is looked at again.
mod complaint;
mod contract;
mod invoice;
mod order;
mod procurement;
mod voucher;

use super::{Loading, from, people};
use crate::{
    act::{
        casework::{
            service_decision::{self, DraftDecision, Notice},
            worker,
        },
        funding::{contract as contracts, procurement as procurements},
    },
    caller::Caller,
    error::{Error, Result},
    identity::{self, demo::ISSUER},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    casework::{
        case::CaseStage,
        service_decision::{DecisionState, NoticeMethod, ServiceDecisionContent},
    },
    catalogue::session::start_of,
    id::{OrganizationId, PurchaseOrderId},
    person::purpose::Purpose,
};
use entity::{Guarded, casework as tables, person::care_relation};
use people::OWN_WORKER;
use sea_orm::{ColumnTrait, Condition, ExprTrait, sea_query::IntoCondition};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{cmp::Reverse, collections::BTreeMap, sync::LazyLock};

/// Who plans, tenders and draws up contracts.
const OFFICER: &str = "procurement";
/// Who decides of procurements.
const DECIDES: &str = "decision-maker";
/// Who decides what is above the power of a social worker.
const LEAD: &str = "lead";
/// Who looks after the invoices.
const FINANCE: &str = "finance";
/// The key of what is made last of all.
const LAST: &str = "demo:procurement:next";

/// What is bought, as it is written down. Days are counted back from the day of the first load.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Purchases {
    orderer: String,
    procurements: Vec<procurement::Procurement>,
    contracts: Vec<contract::Contract>,
    orders: Vec<order::Order>,
    rulebook: voucher::Rulebook,
    approvals: Vec<voucher::Approval>,
    vouchers: Vec<voucher::Voucher>,
    complaints: Vec<complaint::Complaint>,
    /// What procurement plans to buy next.
    next: Map<String, Value>,
}

/// Loads what is not there yet.
pub(super) async fn load(loading: &Loading<'_>) -> Result<()> {
    static PURCHASES: LazyLock<Purchases> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../demo/purchases.json")).unwrap_or_else(|fault| unreachable!("the demo is part of the program: {fault}"))
    });
    let all = &*PURCHASES;
    if loading.system.made_before(LAST).await?.is_some() {
        return Ok(());
    }
    let mut buying = Buying::begin(loading, all).await?;
    for (ago, step) in all.steps() {
        buying.take(ago, step).await?;
    }
    // What the clock of the server does within its first minute.
    contracts::by_time(loading.system).await?;
    service_decision::by_time(loading.system).await?;
    let content = from(buying.with_services(all.next.clone())?)?;
    procurements::plan(loading.system, Some(LAST), procurements::PlanProcurement { organization: buying.orderer, content }).await.map(drop)
}

/// One step of somebody on a day.
enum Step<'a> {
    Procurement(&'a procurement::Procurement),
    Contract(&'a contract::Contract),
    Prices(&'a contract::Contract),
    Rulebook,
    Approval(&'a voucher::Approval),
    Order(&'a order::Order, order::Step),
    Voucher(&'a voucher::Voucher),
    Invoice(&'a contract::Contract, i64, invoice::Step),
    Complaint(&'a complaint::Complaint, complaint::Step),
}

impl Purchases {
    /// Every step and how many days ago it is taken, the earliest first.
    fn steps(&self) -> Vec<(i64, Step<'_>)> {
        let mut steps: Vec<_> = self.procurements.iter().map(|each| (each.planned, Step::Procurement(each))).collect();
        for each in &self.contracts {
            steps.push((each.drafted, Step::Contract(each)));
            steps.extend(each.raised().map(|ago| (ago, Step::Prices(each))));
        }
        steps.push((self.rulebook.written, Step::Rulebook));
        steps.extend(self.approvals.iter().map(|each| (each.drafted, Step::Approval(each))));
        for each in &self.orders {
            steps.extend(each.steps().into_iter().map(|(ago, step)| (ago, Step::Order(each, step))));
        }
        steps.extend(self.vouchers.iter().map(|each| (each.decided, Step::Voucher(each))));
        for each in &self.contracts {
            steps.extend(each.invoicing().into_iter().map(|(ago, round, step)| (ago, Step::Invoice(each, round, step))));
        }
        for each in &self.complaints {
            steps.extend(each.steps().map(|(ago, step)| (ago, Step::Complaint(each, step))));
        }
        steps.sort_by_key(|(ago, _)| Reverse(*ago));
        steps
    }
}

/// What is bought, while it is loaded.
struct Buying<'a> {
    loading: &'a Loading<'a>,
    all: &'a Purchases,
    orderer: OrganizationId,
    /// The day of the first load, from which days are counted.
    counted_from: NaiveDate,
    /// The orders that are placed, by their keys.
    orders: BTreeMap<&'a str, PurchaseOrderId>,
}

impl<'a> Buying<'a> {
    async fn begin(loading: &'a Loading<'a>, all: &'a Purchases) -> Result<Self> {
        let buying = Self { loading, all, orderer: loading.id("organization", &all.orderer)?, counted_from: loading.today, orders: BTreeMap::new() };
        let begun = match all.procurements.first() {
            Some(first) => first.begun(&buying).await?,
            None => None,
        };
        Ok(Self { counted_from: begun.unwrap_or(loading.today), ..buying })
    }

    async fn take(&mut self, ago: i64, step: Step<'a>) -> Result<()> {
        match step {
            Step::Procurement(each) => each.play(self).await,
            Step::Contract(each) => each.play(self).await,
            Step::Prices(each) => each.raise(self, ago).await,
            Step::Rulebook => self.all.rulebook.play(self).await,
            Step::Approval(each) => each.play(self).await,
            Step::Voucher(each) => each.play(self).await,
            Step::Invoice(each, round, step) => each.invoice(self, ago, round, step).await,
            Step::Complaint(each, step) => each.take(self, ago, step).await,
            Step::Order(each, order::Step::Decide) => each.decide(self).await.map(drop),
            Step::Order(each, order::Step::Place) => {
                let placed = each.place(self, ago).await?;
                self.orders.extend(placed.map(|id| (each.key.as_str(), id)));
                Ok(())
            }
            Step::Order(each, step) => match self.orders.get(each.key.as_str()) {
                Some(id) => each.take(self, ago, step, *id).await,
                None => Ok(()),
            },
        }
    }

    /// The day so many days ago.
    fn date(&self, ago: i64) -> NaiveDate {
        self.counted_from - TimeDelta::days(ago)
    }

    /// An actor at work at noon so many days ago, or now if noon is still to come.
    async fn on(&self, actor: &str, ago: i64) -> Result<Caller> {
        let at = Ord::min(start_of(self.date(ago)) + TimeDelta::hours(12), self.loading.system.now());
        let purpose = match actor {
            FINANCE => Purpose::Invoicing,
            OFFICER => Purpose::Supervision,
            _ => Purpose::Care,
        };
        let caller = self.loading.system.acting_as(&identity::subject_key(ISSUER, actor), Some(purpose), at).await?;
        caller.note_operation("demo");
        Ok(caller)
    }

    /// The row of which this is true.
    async fn known<E: Guarded>(&self, condition: impl IntoCondition) -> Result<Option<E::Model>> {
        self.loading.system.reader().find::<E>().filter(condition).one().await
    }

    /// A content with the ids of the services that it names by their keys.
    fn with_services(&self, mut content: Map<String, Value>) -> Result<Map<String, Value>> {
        if let Some(Value::Array(services)) = content.get_mut("services") {
            for service in services {
                let key = service.as_str().ok_or(Error::Internal)?;
                *service = Value::String(self.loading.id::<uuid::Uuid>("service", key)?.to_string());
            }
        }
        Ok(content)
    }

    /// The open case of one of the demo's people; none for whoever was loaded no further than to be a client.
    async fn case(&self, person: &str) -> Result<Option<tables::case::Model>> {
        use tables::case::Column;
        let Some(client) = people::client(self.loading, person).await? else { return Ok(None) };
        let open = Column::ClientId.eq(client).and(Column::Stage.ne(CaseStage::Closed));
        self.known::<tables::case::Entity>(open.and(Column::OwnWorker.eq(identity::subject_key(ISSUER, OWN_WORKER)))).await
    }

    /// Lets the lead take part in a case, in which something is to be decided that is above the power of the own worker.
    async fn ask_lead(&self, case: &tables::case::Model, ago: i64) -> Result<()> {
        let lead = identity::subject_key(ISSUER, LEAD);
        let there = care_relation::Column::Subject.eq(lead.as_str()).and(care_relation::Column::GroundId.eq(case.id.0));
        if self.known::<care_relation::Entity>(there).await?.is_none() {
            let own = self.on(OWN_WORKER, ago).await?;
            worker::add(&own, case.id, case.version, &lead).await?;
            own.finish().await?;
        }
        Ok(())
    }

    /// A decision of the own worker that grants a service, handed over on the same day; a draft of it where somebody else is to make it. None where there is no case.
    async fn decide(&self, person: &str, ago: i64, content: ServiceDecisionContent, made: bool) -> Result<Option<tables::service_decision::Model>> {
        use tables::service_decision::Column;
        let Some(case) = self.case(person).await? else { return Ok(None) };
        if !made {
            self.ask_lead(&case, ago).await?;
        }
        let begins = content.granted.as_ref().map(|granted| granted.valid_from.0);
        let same = Condition::all().add(Column::CaseId.eq(case.id)).add(Column::ServiceId.eq(content.service)).add(Column::ValidFrom.eq(begins));
        let known = self.known::<tables::service_decision::Entity>(same).await?;
        let is_there = |row: &tables::service_decision::Model| !made || !row.state.is_unserved();
        if let Some(row) = known.clone().filter(is_there) {
            return Ok(Some(row));
        }
        let worker = self.on(OWN_WORKER, ago).await?;
        let mut row = match known {
            Some(row) => row,
            None => service_decision::draft(&worker, None, DraftDecision { case: case.id, amends: None, content }).await?,
        };
        if made && row.state == DecisionState::Draft {
            row = service_decision::make(&worker, row.id, row.version).await?;
        }
        if made && row.state == DecisionState::Made {
            let notice = Notice { method: NoticeMethod::HandedOver, sent_on: self.date(ago), received_on: None };
            row = service_decision::serve(&worker, row.id, row.version, notice).await?;
        }
        worker.finish().await?;
        Ok(Some(row))
    }
}
