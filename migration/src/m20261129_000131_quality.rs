//! How providers have done in a quarter, as it was told.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{date, json_binary, text, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let release = Table::create()
            .table("quality_release")
            .col(uuid("id").primary_key())
            .col(uuid("network_id"))
            .col(uuid("organization_id"))
            .col(date("quarter"))
            .col(json_binary("figures"))
            .col(text("asked_by"))
            .col(timestamp_with_time_zone("at"))
            .to_owned();
        manager.create_table(release).await?;
        manager.create_index(index("quality_release", &["organization_id", "quarter"]).unique().to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was told stays told".to_owned()))
    }
}
