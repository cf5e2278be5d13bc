//! Indexes by which what an organisation has ordered is reckoned: by the days on which it was.
use crate::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in [
            ("purchase_order", &["organization_id", "placed_at"][..]),
            ("delivery_event", &["organization_id", "effective_date"]),
            ("attendance", &["organization_id", "session_at"]),
            ("invoice", &["organization_id", "issued_on"]),
            ("complaint", &["organization_id", "created_at"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what is found fast is not made slow".to_owned()))
    }
}
