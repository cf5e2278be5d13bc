//! The purchased services of the demo: procurements, contracts, a year of orders, deliveries, reports and invoices, and vouchers. Everything is done by the
//! demo's actors through the use cases, each step on its own day in the past. A load that was killed is completed by the next, counted from the day of the
//! first; once all of it is there, nothing is looked at again.
mod contract;
mod invoice;
mod order;
mod procurement;
mod voucher;

use super::{Loading, from, people};
use crate::{
    act::{
        casework::service_decision::{self, DraftDecision, Notice},
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
    id::OrganizationId,
    person::purpose::Purpose,
};
use entity::{Guarded, casework as tables};
use people::OWN_WORKER;
use sea_orm::{ColumnTrait, Condition, ExprTrait, sea_query::IntoCondition};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Who plans, tenders and draws up contracts.
const OFFICER: &str = "procurement";
/// Who decides of procurements.
const DECIDES: &str = "decision-maker";
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
    let buying = Buying::begin(loading, all).await?;
    for each in &all.procurements {
        each.play(&buying).await?;
    }
    for each in &all.contracts {
        each.play(&buying).await?;
    }
    for each in &all.orders {
        each.play(&buying).await?;
    }
    for each in &all.contracts {
        each.bill(&buying).await?;
    }
    Box::pin(voucher::load(&buying, all)).await?;
    // What the clock of the server does within its first minute.
    contracts::by_time(loading.system).await?;
    service_decision::by_time(loading.system).await?;
    let content = from(buying.with_services(all.next.clone())?)?;
    procurements::plan(loading.system, Some(LAST), procurements::PlanProcurement { organization: buying.orderer, content }).await.map(drop)
}

/// What is bought, while it is loaded.
struct Buying<'a> {
    loading: &'a Loading<'a>,
    all: &'a Purchases,
    orderer: OrganizationId,
    /// The day of the first load, from which days are counted.
    counted_from: NaiveDate,
}

impl<'a> Buying<'a> {
    async fn begin(loading: &'a Loading<'a>, all: &'a Purchases) -> Result<Self> {
        let buying = Self { loading, all, orderer: loading.id("organization", &all.orderer)?, counted_from: loading.today };
        let begun = match all.procurements.first() {
            Some(first) => first.begun(&buying).await?,
            None => None,
        };
        Ok(Self { counted_from: begun.unwrap_or(loading.today), ..buying })
    }

    /// The day so many days ago.
    fn date(&self, ago: i64) -> NaiveDate {
        self.counted_from - TimeDelta::days(ago)
    }

    /// An actor at work at noon so many days ago, or now if noon is still to come.
    async fn on(&self, actor: &str, ago: i64) -> Result<Caller> {
        let at = Ord::min(start_of(self.date(ago)) + TimeDelta::hours(12), self.loading.system.now());
        let purpose = if actor == FINANCE { Purpose::Invoicing } else { Purpose::Care };
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

    /// A decision of the own worker that grants a service, handed over on the same day; a draft of it where somebody else is to make it. None where there is no case.
    async fn decide(&self, person: &str, ago: i64, content: ServiceDecisionContent, made: bool) -> Result<Option<tables::service_decision::Model>> {
        use tables::service_decision::Column;
        let Some(case) = self.case(person).await? else { return Ok(None) };
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
