//! Which reports were told, and what of clients was published by them.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, json_binary, json_binary_null, text, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let release = Table::create()
            .table("report_release")
            .col(uuid("id").primary_key())
            .col(uuid("network_id"))
            .col(uuid("organization_id"))
            .col(text("report"))
            .col(text("rendering"))
            .col(json_binary("cohort"))
            .col(date("as_of"))
            .col(timestamp_with_time_zone("known_at"))
            .col(integer("least"))
            .col(text("digest"))
            .col(json_binary_null("cells"))
            .col(text("asked_by"))
            .col(timestamp_with_time_zone("at"))
            .to_owned();
        manager.create_table(release).await?;
        manager.create_index(index("report_release", &["organization_id", "rendering"])).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was published stays published".to_owned()))
    }
}
