//! Outreach shifts from which somebody is to be back by a time, and the notices of those who are not.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{timestamp_with_time_zone_null, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["due_at", "checked_in_at"] {
            manager.alter_table(Table::alter().table("outreach_shift").add_column(timestamp_with_time_zone_null(column)).to_owned()).await?;
        }
        // Of whatever network: what is overdue is looked for in all of them.
        manager.create_index(index("outreach_shift", &["state", "due_at"])).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("shift_id")).to_owned()).await?;
        manager.create_index(index("notice", &["shift_id"])).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded in open work is not thrown away".to_owned()))
    }
}
