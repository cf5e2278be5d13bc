//! Complaints about providers, and notices of them.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{boolean, date, date_null, text, text_null, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let complaint = kept("complaint")
            .col(uuid_null("client_id"))
            .col(uuid("provider_id"))
            .col(uuid_null("contract_id"))
            .col(uuid_null("order_id"))
            .col(uuid_null("voucher_id"))
            .col(text("kind"))
            .col(text("state"))
            .col(text("reporter"))
            .col(text("reported_by"))
            .col(date("occurred_on"))
            .col(text("description"))
            .col(date("due_on"))
            .col(text_null("question"))
            .col(boolean("purchase_told"))
            .col(date_null("answer_due_on"))
            .col(timestamp_with_time_zone_null("taken_up_at"))
            .col(text_null("taken_up_by"))
            .col(text_null("answer"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .col(text_null("answered_by"))
            .col(text_null("outcome"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(text_null("ended_by"))
            .to_owned();
        manager.create_table(complaint).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("complaint_id")).to_owned()).await?;
        for (table, columns) in [
            ("complaint", &["client_id"][..]),
            ("complaint", &["organization_id", "state", "due_on"]),
            ("complaint", &["provider_id", "state"]),
            ("complaint", &["reported_by"]),
            ("notice", &["complaint_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("complaints are not thrown away".to_owned()))
    }
}
