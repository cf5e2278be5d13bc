//! Delivery events, and what is counted of them by order and by line and month.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, date, date_null, integer, text, text_null, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::ConnectionTrait,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let event = kept("delivery_event")
            .col(uuid("client_id"))
            .col(uuid("case_id"))
            .col(uuid("provider_id"))
            .col(uuid("order_id"))
            .col(uuid("contract_id"))
            .col(uuid("line_id"))
            .col(text("unit"))
            .col(text("state"))
            .col(date("effective_date"))
            .col(integer("quantity_hundredths"))
            .col(integer("unit_price_cents"))
            .col(integer("vat_rate_bp"))
            .col(big_integer("cost_cents"))
            .col(uuid_null("attendance_id"))
            .col(text("content"))
            .col(text_null("dispute"))
            .col(text_null("corrections"))
            .col(text_null("voided"))
            .col(text("recorded_by"))
            .col(date_null("disputable_until"))
            .col(timestamp_with_time_zone_null("approved_at"))
            .col(text_null("approved_by"))
            .to_owned();
        manager.create_table(event).await?;
        for columns in [
            &["client_id"][..],
            &["case_id"],
            &["order_id"],
            &["contract_id"],
            &["organization_id", "state"],
            &["provider_id", "state"],
            &["state", "disputable_until"],
        ] {
            manager.create_index(index("delivery_event", columns)).await?;
        }
        // Who came once is counted once.
        let once = "CREATE UNIQUE INDEX ix_delivery_event_attendance ON delivery_event (attendance_id) WHERE state <> 'VOIDED'";
        manager.get_connection().execute_unprepared(once).await?;
        // One column a statement: SQLite adds no more at once.
        let counted = |table: &'static str, column: &'static str| Table::alter().table(table).add_column(big_integer(column).default(0)).to_owned();
        for column in ["delivered_hundredths", "delivered_cents"] {
            manager.alter_table(counted("purchase_order", column)).await?;
            manager.alter_table(counted("drawdown", column)).await?;
        }
        for column in [
            "invoiced_hundredths",
            "invoiced_cents",
            "destroyed_delivered_hundredths",
            "destroyed_delivered_cents",
            "destroyed_invoiced_hundredths",
            "destroyed_invoiced_cents",
        ] {
            manager.alter_table(counted("drawdown", column)).await?;
        }
        manager.alter_table(Table::alter().table("framework_contract").add_column(date_null("terminated_on")).to_owned()).await?;
        // Nothing is changed of a contract after it was terminated: it was last changed then.
        let day = if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Sqlite {
            "date(updated_at)"
        } else {
            "(updated_at AT TIME ZONE 'Europe/Helsinki')::date"
        };
        let known = format!("UPDATE framework_contract SET terminated_on = {day} WHERE state = 'TERMINATED'");
        manager.get_connection().execute_unprepared(&known).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("deliveries are not thrown away".to_owned()))
    }
}
