//! Access and the ledger: memberships, events, and the sealed tables of the store.
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, date, date_null, integer, json_binary_null, text, timestamp_with_time_zone, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            Table::create()
                .table("membership")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(text("subject"))
                .col(text("role"))
                .col(date("valid_from"))
                .col(date_null("valid_to"))
                .col(text("granted_by"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(integer("version"))
                .to_owned(),
            Table::create()
                .table("event")
                .col(uuid("id").primary_key())
                .col(big_integer("position").unique_key())
                .col(timestamp_with_time_zone("at"))
                .col(text("happening"))
                .col(text("kind"))
                .col(uuid("subject_id"))
                .col(uuid_null("network_id"))
                .col(uuid_null("organization_id"))
                .col(boolean("public"))
                .to_owned(),
            Table::create().table("feed").col(integer("id").primary_key()).col(big_integer("position")).to_owned(),
            Table::create()
                .table("audit")
                .col(uuid("id").primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(text("actor"))
                .col(text("request_id"))
                .col(text("resource"))
                .col(uuid("row_id"))
                .col(text("action"))
                .col(json_binary_null("before"))
                .col(json_binary_null("after"))
                .to_owned(),
            Table::create()
                .table("idempotency")
                .col(uuid("id").primary_key())
                .col(text("actor"))
                .col(text("key"))
                .col(text("input"))
                .col(uuid("row_id"))
                .col(timestamp_with_time_zone("at"))
                .to_owned(),
            Table::create()
                .table("use_log")
                .col(uuid("id").primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(text("request_id"))
                .col(text("actor"))
                .col(text("standings"))
                .col(text("resource"))
                .col(text("subject"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let index = |name: &str, table: &'static str| Index::create().name(name).table(table).to_owned();
        manager.create_index(index("ix_membership_subject", "membership").col("subject").to_owned()).await?;
        manager.create_index(index("ix_membership_network", "membership").col("network_id").col("organization_id").to_owned()).await?;
        manager.create_index(index("ix_audit_row", "audit").col("row_id").to_owned()).await?;
        manager.create_index(index("ux_idempotency", "idempotency").col("actor").col("key").unique().to_owned()).await?;
        manager.create_index(index("ix_use_log_subject", "use_log").col("subject").col("at").to_owned()).await?;
        let first = Query::insert().into_table("feed").columns(["id", "position"]).values_panic([1.into(), 0_i64.into()]).to_owned();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["use_log", "idempotency", "audit", "feed", "event", "membership"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
