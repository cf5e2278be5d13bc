//! Service decisions.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer_null, boolean, date_null, integer, integer_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let decision = Table::create()
            .table("service_decision")
            .col(uuid("id").primary_key())
            .col(uuid("network_id"))
            .col(uuid("organization_id"))
            .col(uuid("client_id"))
            .col(uuid("case_id"))
            .col(text("state"))
            .col(text("outcome"))
            .col(uuid("service_id"))
            .col(text("author"))
            .col(text("content"))
            .col(date_null("valid_from"))
            .col(date_null("valid_to"))
            .col(integer_null("quantity_hundredths"))
            .col(big_integer_null("value_cents"))
            .col(text_null("made_by"))
            .col(timestamp_with_time_zone_null("made_at"))
            .col(text_null("notice_method"))
            .col(date_null("sent_on"))
            .col(date_null("served_on"))
            .col(date_null("rectification_until"))
            .col(text_null("rectification"))
            .col(date_null("requested_on"))
            .col(text_null("rectification_grounds"))
            .col(boolean("to_amend"))
            .col(text_null("reason"))
            .col(uuid_null("amends_id"))
            .col(date_null("ends_before"))
            .col(date_null("ended_on"))
            .col(text_null("closing_reason"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(integer("version"))
            .to_owned();
        manager.create_table(decision).await?;
        for columns in [&["client_id"][..], &["case_id"], &["state", "valid_to"]] {
            manager.create_index(index("service_decision", columns)).await?;
        }
        // One decision stands in the place of another.
        let one = "CREATE UNIQUE INDEX ix_service_decision_one_amendment ON service_decision (amends_id) WHERE state NOT IN ('DISCARDED', 'REVOKED')";
        manager.get_connection().execute_unprepared(one).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("decisions are not thrown away".to_owned()))
    }
}
