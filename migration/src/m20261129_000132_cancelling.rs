//! What an order costs that is cancelled late: its terms with the order, and the fee among what was delivered.
use sea_orm_migration::{
    prelude::*,
    schema::{integer_null, text},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["cancel_notice_days", "cancel_share_bp"] {
            manager.alter_table(Table::alter().table("purchase_order").add_column(integer_null(column)).to_owned()).await?;
        }
        let kind = text("kind").default("SERVICE").take();
        manager.alter_table(Table::alter().table("delivery_event").add_column(kind).to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what orders cost is not thrown away".to_owned()))
    }
}
