//! Purchased services: procurements, framework contracts and their lines.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, date, integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn of_orderer(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(json_binary("content"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let procurement = of_orderer("procurement")
            .col(text("state"))
            .col(text("category"))
            .col(date("begun_on"))
            .col(json_binary_null("award"))
            .col(text_null("reason"))
            .col(text("search"))
            .to_owned();
        let contract = of_orderer("framework_contract")
            .col(uuid("provider_id"))
            .col(uuid_null("procurement_id"))
            .col(text("state"))
            .col(text("number"))
            .col(date("valid_from"))
            .col(date("valid_to"))
            .col(integer("options_taken"))
            .col(big_integer("ceiling_cents"))
            .col(timestamp_with_time_zone_null("offered_at"))
            .col(text_null("offered_by"))
            .col(timestamp_with_time_zone_null("signed_at"))
            .col(text_null("signed_by"))
            .col(text_null("reason"))
            .col(text("search"))
            .to_owned();
        let line = of_orderer("contract_line")
            .col(uuid("provider_id"))
            .col(uuid("contract_id"))
            .col(uuid("service_id"))
            .col(uuid_null("area_id"))
            .col(text("unit"))
            .col(json_binary("prices"))
            .to_owned();
        for table in [procurement, contract, line] {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("procurement", &["organization_id", "state"][..]),
            ("framework_contract", &["provider_id", "state"]),
            ("framework_contract", &["state", "valid_to"]),
            ("contract_line", &["contract_id"]),
            ("contract_line", &["organization_id", "service_id"]),
            ("contract_line", &["provider_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        manager.create_index(index("framework_contract", &["organization_id", "number"]).unique().to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("contracts are not thrown away".to_owned()))
    }
}
