//! How the service of a purchase order ended, which one that is settled does not say by its state.
use sea_orm_migration::{prelude::*, schema::text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("purchase_order").add_column(text_null("ended_as")).to_owned()).await?;
        let known = "UPDATE purchase_order SET ended_as = state WHERE state IN ('COMPLETED', 'TERMINATED')";
        manager.get_connection().execute_unprepared(known).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what is known of orders is not thrown away".to_owned()))
    }
}
