//! Contacts without names, going out, open events and anonymous handles. No column names a client or a person, and none leads to a table that does.
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn of_organization(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(text("state"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

fn record(table: &'static str) -> TableCreateStatement {
    of_organization(table).col(date("effective_date")).col(json_binary("content")).col(json_binary("corrections")).col(json_binary_null("voided")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Alias::new("drop_in_day")).add_column(json_binary_null("voided")).to_owned()).await?;
        let tables = [
            (
                record("anonymous_contact").col(text("channel")).col(text("result")).col(uuid_null("shift_id")).col(uuid_null("handle_id")).to_owned(),
                "anonymous_contact",
                &["effective_date", "shift_id"][..],
            ),
            (record("outreach_shift"), "outreach_shift", &["effective_date"]),
            (record("open_event").col(text("kind")).to_owned(), "open_event", &["effective_date"]),
            (of_organization("anonymous_handle").col(date("expires_on")).col(text_null("hash")).to_owned(), "anonymous_handle", &["expires_on"]),
        ];
        for (table, name, found_by) in tables {
            manager.create_table(table).await?;
            for by in found_by {
                let index =
                    Index::create().name(format!("ix_{name}_{by}")).table(Alias::new(name)).col("network_id").col("organization_id").col(*by).to_owned();
                manager.create_index(index).await?;
            }
        }
        // Of whatever network: a code word is presented by whoever has it.
        let words = Index::create().name("ux_anonymous_handle_hash").table(Alias::new("anonymous_handle")).col("hash").unique().to_owned();
        manager.create_index(words).await?;
        // What stood under a handle is let go whatever organisation it is of.
        let under = Index::create().name("ix_anonymous_contact_handle").table(Alias::new("anonymous_contact")).col("handle_id").to_owned();
        manager.create_index(under).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded in open work is not thrown away".to_owned()))
    }
}
