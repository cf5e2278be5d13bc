//! Services as they are given: who takes part, and who came.
use crate::index;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, date_null, integer, integer_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn about_clients(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(uuid_null("client_id"))
        .col(uuid("provider_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let participation = about_clients("participation")
            .col(uuid("offering_id"))
            .col(text("source"))
            .col(text("state"))
            .col(text_null("alias"))
            .col(uuid_null("referral_id"))
            .col(uuid_null("consent_id"))
            .col(text("registered_by"))
            .col(big_integer("arrival"))
            .col(timestamp_with_time_zone_null("held_until"))
            .col(date_null("started_on"))
            .col(date_null("ended_on"))
            .col(text_null("ended_for"))
            .col(text_null("reason"))
            .to_owned();
        let attendance = about_clients("attendance")
            .col(uuid("participation_id"))
            .col(uuid("session_id"))
            .col(timestamp_with_time_zone("session_at"))
            .col(text("status"))
            .col(integer_null("minutes"))
            .col(text("recorded_by"))
            .to_owned();
        manager.create_table(participation).await?;
        manager.create_table(attendance).await?;
        manager.alter_table(Table::alter().table("notice").add_column(uuid_null("participation_id")).to_owned()).await?;
        for (table, columns) in [
            ("participation", &["client_id"][..]),
            ("participation", &["offering_id", "state", "arrival"]),
            ("participation", &["provider_id", "state"]),
            ("participation", &["consent_id"]),
            ("attendance", &["client_id"]),
            ("attendance", &["session_id"]),
            ("notice", &["participation_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        manager.create_index(index("attendance", &["participation_id", "session_id"]).unique().to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("who took part in what is not thrown away".to_owned()))
    }
}
