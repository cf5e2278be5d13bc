//! Sessions that one registers for by themselves: their places, and who has them.
use sea_orm_migration::{
    prelude::*,
    schema::{integer, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |table: &'static str, column: &mut ColumnDef| Table::alter().table(table).add_column(column).to_owned();
        manager.alter_table(column("participation", &mut uuid_null("session_id"))).await?;
        manager.alter_table(column("session", integer("places_taken").default(0))).await?;
        manager.alter_table(column("session", integer("network_taken").default(0))).await?;
        let queue =
            Index::create().name("ix_participation_session_id_state_arrival").table("participation").col("session_id").col("state").col("arrival").to_owned();
        manager.create_index(queue).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("who comes to which session is not thrown away".to_owned()))
    }
}
