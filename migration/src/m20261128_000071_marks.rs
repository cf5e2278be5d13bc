//! Contacts are found under a handle by marks that only the code word makes, and not by a column that names the handle: when it ends, no contact is written.
use sea_orm_migration::{prelude::*, schema::text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let contact = || Alias::new("anonymous_contact");
        manager.drop_index(Index::drop().name("ix_anonymous_contact_handle").table(contact()).to_owned()).await?;
        manager.alter_table(Table::alter().table(contact()).drop_column(Alias::new("handle_id")).to_owned()).await?;
        manager.alter_table(Table::alter().table(contact()).add_column(text_null("mark")).to_owned()).await?;
        let marks = Index::create().name("ux_anonymous_contact_mark").table(contact()).col("mark").unique().to_owned();
        manager.create_index(marks).await?;
        manager.alter_table(Table::alter().table(Alias::new("anonymous_handle")).add_column(text_null("secret")).to_owned()).await?;
        // Handles of before go on, with nothing under them: nobody but their code words could make the marks.
        let handles = Query::update().table(Alias::new("anonymous_handle")).value("secret", Expr::col("hash")).to_owned();
        manager.exec_stmt(handles).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded in open work is not thrown away".to_owned()))
    }
}
