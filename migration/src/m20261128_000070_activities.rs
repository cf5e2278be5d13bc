//! Activities of partners: what their sessions take, who leads them, which places are kept for clients of the network, and calendars of one's own.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{integer, text, text_null, timestamp_with_time_zone, uuid, uuid_null},
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
            manager.create_index(index(table, columns)).await?;
        }
        let calendar_feed = Table::create()
            .table("calendar_feed")
            .col(uuid("id").primary_key())
            .col(text("subject"))
            .col(text("label"))
            .col(text("hash").unique_key())
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(calendar_feed).await?;
        manager.create_index(Index::create().name("ix_calendar_feed_subject").table("calendar_feed").col("subject").to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what sessions take is not thrown away".to_owned()))
    }
}
