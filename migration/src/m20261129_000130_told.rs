//! Notices of contracts.
use crate::index;
use sea_orm_migration::{prelude::*, schema::uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("contract_id")).to_owned()).await?;
        manager.create_index(index("notice", &["contract_id"])).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("notices are not thrown away".to_owned()))
    }
}
