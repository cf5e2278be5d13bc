//! Purchase orders, and the counters of what they draw of a contract.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, date, date_null, integer, integer_null, text, text_null, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What is bought by a line of a contract.
fn by_line(table: &'static str) -> TableCreateStatement {
    kept(table).col(uuid("provider_id")).col(uuid("contract_id")).col(uuid("line_id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let order = by_line("purchase_order")
            .col(uuid("client_id"))
            .col(uuid("case_id"))
            .col(text("state"))
            .col(uuid("decision_id"))
            .col(uuid("service_id"))
            .col(text("unit"))
            .col(text("created_by"))
            .col(text("content"))
            .col(text_null("introduction"))
            .col(date("starts_on"))
            .col(date("ends_on"))
            .col(integer("quantity_hundredths"))
            .col(integer_null("unit_price_cents"))
            .col(integer_null("vat_rate_bp"))
            .col(big_integer_null("cost_cents"))
            .col(timestamp_with_time_zone_null("placed_at"))
            .col(text_null("placed_by"))
            .col(date_null("answer_due_on"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .col(text_null("handler"))
            .col(date_null("agreed_start_on"))
            .col(text_null("reject_reason"))
            .col(text_null("message"))
            .col(date_null("begun_on"))
            .col(date_null("ended_on"))
            .to_owned();
        let drawdown = by_line("drawdown")
            .col(date("month"))
            .col(big_integer("ordered_hundredths"))
            .col(big_integer("ordered_cents"))
            .col(big_integer("destroyed_hundredths"))
            .col(big_integer("destroyed_cents"))
            .to_owned();
        for table in [order, drawdown] {
            manager.create_table(table).await?;
        }
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("order_id")).to_owned()).await?;
        for (table, columns) in [
            ("purchase_order", &["client_id"][..]),
            ("purchase_order", &["case_id"]),
            ("purchase_order", &["decision_id"]),
            ("purchase_order", &["contract_id"]),
            ("purchase_order", &["provider_id", "state"]),
            ("purchase_order", &["state", "answer_due_on"]),
            ("drawdown", &["contract_id"]),
            ("notice", &["order_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        manager.create_index(index("drawdown", &["line_id", "month"]).unique().to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("orders are not thrown away".to_owned()))
    }
}
