//! Webhooks, how far each has come in the feed, and what is sent to them.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let webhook = kept("webhook")
            .col(text("subject"))
            .col(text("state"))
            .col(text_null("fault"))
            .col(json_binary("content"))
            .col(text("secrets"))
            .col(timestamp_with_time_zone_null("overlaps_until"))
            .to_owned();
        manager.create_table(webhook).await?;
        manager.create_index(index("webhook", &["network_id", "organization_id"])).await?;
        let progress = Table::create()
            .table("webhook_progress")
            .col(uuid("webhook_id").primary_key())
            .col(uuid("network_id"))
            .col(big_integer("position"))
            .col(uuid_null("holder"))
            .col(timestamp_with_time_zone_null("held_until"))
            .col(timestamp_with_time_zone_null("failing_since"))
            .to_owned();
        manager.create_table(progress).await?;
        let delivery = kept("webhook_delivery")
            .col(uuid("webhook_id"))
            .col(big_integer_null("position"))
            .col(uuid_null("event_id"))
            .col(text_null("kind"))
            .col(text_null("happening"))
            .col(uuid_null("subject_id"))
            .col(timestamp_with_time_zone("happened_at"))
            .col(text("state"))
            .col(json_binary("attempts"))
            .col(timestamp_with_time_zone_null("tried_since"))
            .col(timestamp_with_time_zone("due_at"))
            .to_owned();
        manager.create_table(delivery).await?;
        for columns in
            [&["network_id", "organization_id"][..], &["webhook_id", "state", "subject_id", "position"], &["state", "due_at"], &["state", "updated_at"]]
        {
            manager.create_index(index("webhook_delivery", columns)).await?;
        }
        // An event is sent to a webhook as one delivery, whoever makes it.
        let once = Index::create().name("ux_webhook_delivery_position").table("webhook_delivery").col("webhook_id").col("position").unique().to_owned();
        manager.create_index(once).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("webhook_id")).to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what is still to be sent is not thrown away".to_owned()))
    }
}
