//! Procurements of the demo.
use super::{Buying, DECIDES, OFFICER};
use crate::{
    act::funding::procurement::{self, PlanProcurement},
    demo::from,
    error::{Error, Result},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    funding::procurement::{ProcurementContent, ProcurementMove, ProcurementState},
    scalar::Date,
};
use entity::funding::procurement as table;
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How many days after the plan tenders are asked for.
const TENDERED_AFTER: i64 = 2;
/// How many days after the last day for tenders it is decided.
const DECIDED_AFTER: i64 = 4;

/// One procurement.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Procurement {
    pub(super) planned: i64,
    tenders_due: i64,
    until: ProcurementState,
    providers: Vec<String>,
    #[serde(default)]
    reasoning: String,
    content: Map<String, Value>,
}

impl Procurement {
    fn content(&self, buying: &Buying<'_>) -> Result<ProcurementContent> {
        let content: ProcurementContent = from(buying.with_services(self.content.clone())?)?;
        Ok(ProcurementContent { tenders_due_on: Some(Date(buying.date(self.tenders_due))), ..content })
    }

    /// The procurement, as it stands.
    pub(super) async fn row(&self, buying: &Buying<'_>) -> Result<Option<table::Model>> {
        let search = entity::search_text(&[&self.content(buying)?.name]);
        buying.known::<table::Entity>(table::Column::Search.eq(search).and(table::Column::OrganizationId.eq(buying.orderer))).await
    }

    /// The day from which the load counted that has planned it.
    pub(super) async fn begun(&self, buying: &Buying<'_>) -> Result<Option<NaiveDate>> {
        Ok(self.row(buying).await?.map(|row| row.begun_on + TimeDelta::days(self.planned)))
    }

    /// Plans it, and takes it as far as it goes.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let mut row = if let Some(row) = self.row(buying).await? {
            row
        } else {
            let what = PlanProcurement { organization: buying.orderer, content: self.content(buying)? };
            procurement::plan(&buying.on(OFFICER, self.planned).await?, None, what).await?
        };
        while row.state < self.until {
            let (by, ago) = match row.state {
                ProcurementState::Planned => (ProcurementMove::Tender, self.planned - TENDERED_AFTER),
                ProcurementState::Tendering => (ProcurementMove::Evaluate, self.tenders_due - 1),
                ProcurementState::Evaluation => (ProcurementMove::Award, self.tenders_due - DECIDED_AFTER),
                _ => return Err(Error::internal("a procurement of the demo has nowhere to go")),
            };
            row = if by == ProcurementMove::Award {
                let providers = self.providers.iter().map(|key| buying.loading.id("organization", key)).collect::<Result<_>>()?;
                procurement::award(&buying.on(DECIDES, ago).await?, row.id, row.version, providers, self.reasoning.clone()).await?
            } else {
                procurement::move_on(&buying.on(OFFICER, ago).await?, row.id, row.version, by, None).await?
            };
        }
        Ok(())
    }
}
