//! What was used of vouchers: delivery events of an order or a voucher, what is counted of a voucher, and the settlements by which providers are paid.
use crate::{index, kept};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, date, date_null, json_binary, text, text_null, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let run = manager.get_connection();
        manager.drop_index(Index::drop().name("ix_delivery_event_order_id").table("delivery_event").to_owned()).await?;
        run.execute_unprepared("ALTER TABLE delivery_event RENAME COLUMN order_id TO ground_id").await?;
        manager.create_index(index("delivery_event", &["ground_id"])).await?;
        for column in ["contract_id", "line_id"] {
            nullable(manager, column).await?;
        }
        manager.alter_table(Table::alter().table("delivery_event").add_column(text_null("voucher_number")).to_owned()).await?;
        manager.alter_table(Table::alter().table("delivery_event").add_column(big_integer_null("own_share_cents")).to_owned()).await?;
        // One column a statement: SQLite adds no more at once.
        for column in ["used_hundredths", "used_cents"] {
            manager.alter_table(Table::alter().table("voucher").add_column(big_integer(column).default(0)).to_owned()).await?;
        }
        let settlement = kept("voucher_settlement")
            .col(uuid("provider_id"))
            .col(text("state"))
            .col(date("through"))
            .col(big_integer("total_cents"))
            .col(json_binary("reckoned"))
            .col(text("drawn_up_by"))
            .col(text_null("approved_by"))
            .col(timestamp_with_time_zone_null("approved_at"))
            .col(date_null("paid_on"))
            .col(text_null("reason"))
            .to_owned();
        manager.create_table(settlement).await?;
        for columns in [&["organization_id", "state"][..], &["provider_id", "state"]] {
            manager.create_index(index("voucher_settlement", columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was used of vouchers is not thrown away".to_owned()))
    }
}

/// Lets a column of delivery events be empty. SQLite changes no column: another takes its place.
async fn nullable(manager: &SchemaManager<'_>, column: &'static str) -> Result<(), DbErr> {
    let run = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Sqlite {
        return run.execute_unprepared(&format!("ALTER TABLE delivery_event ALTER COLUMN {column} DROP NOT NULL")).await.map(drop);
    }
    manager.alter_table(Table::alter().table("delivery_event").add_column(uuid_null("next")).to_owned()).await?;
    run.execute_unprepared(&format!("UPDATE delivery_event SET next = {column}")).await?;
    if manager.has_index("delivery_event", format!("ix_delivery_event_{column}")).await? {
        manager.drop_index(Index::drop().name(format!("ix_delivery_event_{column}")).table("delivery_event").to_owned()).await?;
        run.execute_unprepared(&format!("ALTER TABLE delivery_event DROP COLUMN {column}")).await?;
        run.execute_unprepared(&format!("ALTER TABLE delivery_event RENAME COLUMN next TO {column}")).await?;
        return manager.create_index(index("delivery_event", &[column])).await;
    }
    run.execute_unprepared(&format!("ALTER TABLE delivery_event DROP COLUMN {column}")).await?;
    run.execute_unprepared(&format!("ALTER TABLE delivery_event RENAME COLUMN next TO {column}")).await.map(drop)
}
