//! Follow-ups and network meetings that correct others: what was recorded wrong stays beside what mends it.
use crate::index;
use sea_orm_migration::{prelude::*, schema::uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["follow_up", "network_meeting"] {
            manager.alter_table(Table::alter().table(table).add_column(uuid_null("corrects_id")).to_owned()).await?;
            manager.create_index(index(table, &["corrects_id"])).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("corrections are not thrown away".to_owned()))
    }
}
