//! The ledger of reports: what is told is written down before it leaves, and what can be published is held against what was.
use super::{Work, dialect::fault};
use crate::error::Result;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use domain::{
    id::{NetworkId, OrganizationId},
    report::{
        Cut, Moments, Rendering, ReportName,
        cohort::Cohort,
        release::{Earlier, Scope, check_population, of_same},
        table::{Counted, Table, Told},
    },
};
use entity::sealed::report_release as release;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a report is asked of.
#[derive(Clone, Debug)]
pub struct Question {
    /// The network.
    pub network: NetworkId,
    /// Of whose clients.
    pub organization: OrganizationId,
    /// Of which of them.
    pub cohort: Cohort,
    /// Of which day, and as known when.
    pub moments: Moments,
    /// For whom.
    pub rendering: Rendering,
    /// Of how many clients a figure is told at the least.
    pub least: i32,
}

impl Question {
    fn scope(&self, report: ReportName, cut: &Cut) -> Scope {
        if report.is_of_cohort() { Scope::Cohort(self.cohort.clone()) } else { Scope::Own(report, cut.clone()) }
    }
}

impl Work {
    /// Tells a report as it may be told beside all that was published before, and writes down that it was.
    ///
    /// # Errors
    /// [`domain::rejection::Code::ReleasedOtherwise`], [`domain::rejection::Code::ReleasedLately`], or a fault of the database.
    pub(crate) async fn tell_report(&mut self, asked: &Question, cut: &Cut, table: &Table) -> Result<Told> {
        if asked.rendering == Rendering::Internal {
            let told = table.render(asked.rendering, asked.least, &[]);
            self.keep_release(asked, cut, &told, false).await?;
            return Ok(told);
        }
        // Those who publish of the same clients go one after the other.
        self.hold_word(&format!("report:{}", asked.organization)).await?;
        let of = release::Entity::find().filter(release::Column::OrganizationId.eq(asked.organization));
        let earlier = of.filter(release::Column::Rendering.eq(Rendering::Publishable)).filter(release::Column::Cells.is_not_null());
        let earlier = earlier.all(self.tx()).await.map_err(fault)?;
        let scope = |row: &release::Model| match &row.cut {
            Some(cut) => Scope::Own(row.report, cut.clone()),
            None => Scope::Cohort(row.cohort.clone()),
        };
        let earlier = earlier.into_iter().filter_map(|row| Some(Earlier { scope: scope(&row), cells: row.cells? }));
        let same = of_same(&asked.scope(table.name, cut), &earlier.collect::<Vec<_>>())?;
        let told = table.render(asked.rendering, asked.least, &same);
        if told.counted == Counted::Clients {
            check_population(told.population)?;
        }
        self.keep_release(asked, cut, &told, !same.contains(&told.cells)).await?;
        Ok(told)
    }

    async fn keep_release(&self, asked: &Question, cut: &Cut, told: &Told, new: bool) -> Result<()> {
        let figures = serde_json::to_vec(&told.cells).unwrap_or_default();
        let row = release::Model {
            id: Uuid::now_v7(),
            network_id: asked.network,
            organization_id: asked.organization,
            report: told.name,
            rendering: asked.rendering,
            cohort: asked.cohort.clone(),
            cut: (!told.name.is_of_cohort()).then(|| cut.clone()),
            as_of: asked.moments.as_of,
            known_at: asked.moments.known_at,
            least: asked.least,
            digest: BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(figures)),
            cells: new.then(|| told.cells.clone()),
            asked_by: self.actor().subject().unwrap_or_default().to_owned(),
            at: self.now(),
        };
        release::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(self.tx()).await.map_err(fault)?;
        Ok(())
    }
}
