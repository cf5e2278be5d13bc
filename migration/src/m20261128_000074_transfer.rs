//! Participations that go on in another offering.
use sea_orm_migration::{prelude::*, schema::uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("participation").add_column(uuid_null("transferred_from_id")).to_owned()).await?;
        // Whoever comes next is counted from whoever came last.
        let arrivals = Index::create().name("ix_participation_offering_id_arrival").table("participation").col("offering_id").col("arrival").to_owned();
        manager.create_index(arrivals).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("who went on where is not thrown away".to_owned()))
    }
}
