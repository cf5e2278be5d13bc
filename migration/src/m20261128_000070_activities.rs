//! Activities of partners: what their sessions take, who leads them, and which places are kept for clients of the network.
use sea_orm_migration::{
    prelude::*,
    schema::{integer, text_null, uuid_null},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |table: &'static str, column: &mut ColumnDef| Table::alter().table(table).add_column(column).to_owned();
        manager.alter_table(column("session", &mut text_null("leader_account"))).await?;
        manager.alter_table(column("service_offering", &mut uuid_null("venue_id"))).await?;
        manager.alter_table(column("service_offering", integer("network_taken").default(0))).await?;
        // An id is text in JSON, and what a column of ids is depends on the database.
        let venue = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST(content ->> 'venue' AS uuid)",
            _ => "unhex(replace(content ->> '$.venue', '-', ''))",
        };
        let of_network = "SELECT COUNT(*) FROM participation p WHERE p.offering_id = service_offering.id AND p.state IN ('ENROLLED', 'STARTED', 'PAUSED') \
                          AND (p.referral_id IS NOT NULL OR p.source IN ('REFERRAL', 'OWN_SERVICE'))";
        let fill = format!("UPDATE service_offering SET venue_id = {venue}, network_taken = ({of_network})");
        manager.get_connection().execute_unprepared(&fill).await?;
        for (table, columns) in
            [("session", &["venue_id", "starts_at"][..]), ("session", &["leader_account", "starts_at"]), ("service_offering", &["venue_id"])]
        {
            let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what sessions take is not thrown away".to_owned()))
    }
}
