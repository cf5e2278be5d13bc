//! Open and outreach work. No column names a client or a person, and none leads to a table that does.
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, json_binary, text, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn of_organization(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
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
        let tables =
            [("drop_in_day", of_organization("drop_in_day").col(date("effective_date")).col(text("state")).col(json_binary("corrections")).to_owned())];
        for (name, table) in tables {
            manager.create_table(table).await?;
            let index = Index::create()
                .name(format!("ix_{name}_network_id"))
                .table(Alias::new(name))
                .col("network_id")
                .col("organization_id")
                .col("effective_date")
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was counted in open work is not thrown away".to_owned()))
    }
}
