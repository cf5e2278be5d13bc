//! The ledger of reports (julkaisuloki): which report was told to whom, and the figures of those that can be published. It is only added to.
use domain::{
    id::{NetworkId, OrganizationId},
    report::{Cut, Rendering, ReportName, cohort::Cohort, release::Released},
};
use sea_orm::entity::prelude::*;

/// A report that was told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_release")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The network.
    pub network_id: NetworkId,
    /// Of whose clients.
    pub organization_id: OrganizationId,
    /// Which report.
    pub report: ReportName,
    /// For whom it was told.
    pub rendering: Rendering,
    /// Of which clients.
    #[sea_orm(column_type = "JsonBinary")]
    pub cohort: Cohort,
    /// Of what of its open work and sessions; none where the report is of the clients.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub cut: Option<Cut>,
    /// What was so by the end of this day was counted.
    pub as_of: Date,
    /// What was recorded by this moment was counted.
    pub known_at: DateTimeUtc,
    /// Of how many clients a figure was told at the least.
    pub least: i32,
    /// The SHA-256 of the figures.
    pub digest: String,
    /// The figures; none where they were not for publishing, or were told before.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub cells: Option<Released>,
    /// Who asked, by the stable key.
    pub asked_by: String,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
