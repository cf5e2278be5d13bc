//! The client's way: cases.
use sea_orm_migration::{
    prelude::*,
    schema::{integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let case = Table::create()
            .table("client_case")
            .col(uuid("id").primary_key())
            .col(uuid("network_id"))
            .col(uuid("organization_id"))
            .col(uuid("client_id"))
            .col(text("stage"))
            .col(json_binary("content"))
            .col(text_null("own_worker"))
            .col(uuid("responsible_id"))
            .col(uuid_null("referral_id"))
            .col(uuid_null("previous_id"))
            .col(timestamp_with_time_zone("pending_at"))
            .col(timestamp_with_time_zone_null("opened_at"))
            .col(json_binary_null("suspension"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .col(text_null("closing_reason"))
            .col(text_null("closing_note"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(integer("version"))
            .to_owned();
        manager.create_table(case).await?;
        let index = |columns: &[&'static str]| {
            let mut index = Index::create().name(format!("ix_client_case_{}", columns.join("_"))).table("client_case").to_owned();
            for column in columns {
                index.col(*column);
            }
            index
        };
        manager.create_index(index(&["client_id"])).await?;
        manager.create_index(index(&["organization_id", "stage"])).await?;
        manager.create_index(index(&["own_worker"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("client_case").to_owned()).await
    }
}
