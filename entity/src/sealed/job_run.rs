//! Which nightly jobs were begun on which day: the server that makes the row does the work.
use sea_orm::entity::prelude::*;

/// One night of one job.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_run")]
pub struct Model {
    /// The job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    /// The day, in Europe/Helsinki.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// When it was begun.
    pub at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
