//! Rulebooks, and approvals of providers by them.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rulebook = kept("rulebook")
            .col(uuid("series_id"))
            .col(integer("edition"))
            .col(text("state"))
            .col(json_binary("content"))
            .col(timestamp_with_time_zone_null("published_at"))
            .col(text_null("published_by"))
            .col(text_null("reason"))
            .to_owned();
        let approval = kept("provider_approval")
            .col(uuid("authority_id"))
            .col(uuid("rulebook_id"))
            .col(text("state"))
            .col(json_binary("content"))
            .col(json_binary_null("listing"))
            .col(json_binary_null("pending"))
            .col(timestamp_with_time_zone_null("submitted_at"))
            .col(text_null("submitted_by"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(text_null("decided_by"))
            .col(text_null("reason"))
            .to_owned();
        for table in [rulebook, approval] {
            manager.create_table(table).await?;
        }
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("approval_id")).to_owned()).await?;
        for (table, columns) in [
            ("rulebook", &["organization_id"][..]),
            ("provider_approval", &["organization_id", "rulebook_id"]),
            ("provider_approval", &["authority_id", "state"]),
            ("provider_approval", &["state"]),
            ("notice", &["approval_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        manager.create_index(index("rulebook", &["series_id", "edition"]).unique().to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("approvals are not thrown away".to_owned()))
    }
}
