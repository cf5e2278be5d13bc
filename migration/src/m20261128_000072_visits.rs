//! Visits with clients, and notices about them.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{boolean, date, integer, integer_null, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let visit = Table::create()
            .table("visit")
            .col(uuid("id").primary_key())
            .col(uuid("network_id"))
            .col(uuid("organization_id"))
            .col(uuid("client_id"))
            .col(text("kind"))
            .col(text("state"))
            .col(date("effective_date"))
            .col(timestamp_with_time_zone_null("starts_at"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(timestamp_with_time_zone_null("checked_in_at"))
            .col(timestamp_with_time_zone_null("checked_out_at"))
            .col(integer_null("minutes"))
            .col(json_binary("workers"))
            .col(boolean("pair_required"))
            .col(text("details"))
            .col(text_null("report"))
            .col(text_null("corrections"))
            .col(text_null("voided"))
            .col(text("recorded_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(integer("version"))
            .to_owned();
        manager.create_table(visit).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("visit_id")).to_owned()).await?;
        // Of whatever network: what is overdue is looked for in all of them.
        for (table, columns) in [
            ("visit", &["client_id"][..]),
            ("visit", &["network_id", "organization_id", "effective_date"]),
            ("visit", &["state", "due_at"]),
            ("notice", &["visit_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("who was visited is not thrown away".to_owned()))
    }
}
