//! From which source a service is imported, under which id, and what the source last said of it.
use sea_orm_migration::{
    prelude::*,
    schema::{json_binary_null, text_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text_null("source"), text_null("source_id"), json_binary_null("source_content")] {
            manager.alter_table(Table::alter().table("service").add_column(column).to_owned()).await?;
        }
        // Of what was begun here there is neither, and both databases take any number of such rows.
        let index = Index::create().name("ux_service_source").table("service").col("organization_id").col("source").col("source_id").unique().to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("where services come from is not thrown away".to_owned()))
    }
}
