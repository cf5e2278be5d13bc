//! Reports of providers.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, text, text_null, timestamp_with_time_zone_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let report = kept("provider_report")
            .col(uuid("client_id"))
            .col(uuid("case_id"))
            .col(uuid("provider_id"))
            .col(uuid("order_id"))
            .col(text("kind"))
            .col(text("state"))
            .col(date("due_on"))
            .col(integer("reminders"))
            .col(text_null("content"))
            .col(text_null("returned"))
            .col(timestamp_with_time_zone_null("submitted_at"))
            .col(text_null("submitted_by"))
            .col(timestamp_with_time_zone_null("approved_at"))
            .col(text_null("approved_by"))
            .to_owned();
        manager.create_table(report).await?;
        for columns in [&["client_id"][..], &["case_id"], &["order_id"], &["organization_id", "state"], &["provider_id", "state"], &["state", "due_on"]] {
            manager.create_index(index("provider_report", columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("reports are not thrown away".to_owned()))
    }
}
