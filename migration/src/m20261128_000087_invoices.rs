//! Invoices of purchased services.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, date, date_null, json_binary, text, text_null, timestamp_with_time_zone_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let invoice = kept("invoice")
            .col(uuid("provider_id"))
            .col(uuid("contract_id"))
            .col(text("state"))
            .col(text("number"))
            .col(date("issued_on"))
            .col(date("due_on"))
            .col(big_integer("net_cents"))
            .col(big_integer("vat_cents"))
            .col(json_binary("content"))
            .col(json_binary("reckoned"))
            .col(text("sent_by"))
            .col(text_null("corrected_by"))
            .col(text_null("approved_by"))
            .col(timestamp_with_time_zone_null("approved_at"))
            .col(date_null("paid_on"))
            .col(text_null("reason"))
            .col(text_null("credit_number"))
            .col(date_null("credited_on"))
            .to_owned();
        manager.create_table(invoice).await?;
        for column in ["number", "credit_number"] {
            let once = Index::create().name(format!("ux_invoice_{column}")).table("invoice").col("provider_id").col(column).unique().to_owned();
            manager.create_index(once).await?;
        }
        for columns in [&["organization_id", "state", "due_on"][..], &["contract_id"]] {
            manager.create_index(index("invoice", columns)).await?;
        }
        // Nothing is told of the time in which a service is interrupted.
        manager.alter_table(Table::alter().table("purchase_order").add_column(date_null("paused_on")).to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("invoices are not thrown away".to_owned()))
    }
}
