//! The catalogue: networks, organisations, places, services, offerings, sessions and agreements.
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, json_binary, json_binary_null, text, text_null, timestamp, timestamp_with_time_zone, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns that every kept thing has.
fn kept(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(json_binary("content"))
        .col(text("search"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

fn index(table: &'static str, columns: &[&'static str], unique: bool) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(Alias::new(table)).to_owned();
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    index
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = vec![
            kept("network").col(uuid_null("network_id")).to_owned(),
            kept("organization").col(uuid("network_id")).col(text_null("business_id")).to_owned(),
            kept("service_unit").col(uuid("network_id")).col(uuid("organization_id")).to_owned(),
            kept("area").col(uuid_null("network_id")).col(uuid_null("parent_id")).col(text_null("code")).to_owned(),
            kept("venue").col(uuid("network_id")).col(uuid("organization_id")).col(uuid("area_id")).col(text("status")).to_owned(),
            kept("transport_route").col(uuid("network_id")).col(uuid("organization_id")).to_owned(),
            kept("service").col(uuid("network_id")).col(uuid("organization_id")).col(text("publishing")).to_owned(),
            kept("service_offering")
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(uuid("service_id"))
                .col(uuid("owner_id"))
                .col(text("publishing"))
                .col(integer("places_taken").check(Expr::col("places_taken").gte(0)))
                .to_owned(),
        ];
        tables.push(
            Table::create()
                .table("publication")
                .col(uuid("id").primary_key())
                .col(text("kind"))
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(uuid("owner_id"))
                .col(uuid_null("parent_id"))
                .col(json_binary("row"))
                .col(timestamp_with_time_zone("published_at"))
                .to_owned(),
        );
        tables.push(
            Table::create()
                .table("session_series")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(uuid("offering_id"))
                .col(text("rule"))
                .col(timestamp("first_start"))
                .col(date("until_on"))
                .col(integer("minutes"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        );
        tables.push(
            Table::create()
                .table("session")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(uuid("offering_id"))
                .col(uuid_null("series_id"))
                .col(timestamp_with_time_zone("planned_start"))
                .col(timestamp_with_time_zone("starts_at"))
                .col(timestamp_with_time_zone("ends_at"))
                .col(text("state"))
                .col(text_null("leader"))
                .col(uuid_null("venue_id"))
                .col(json_binary_null("reason"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(integer("version"))
                .to_owned(),
        );
        tables.push(
            Table::create()
                .table("partnership_agreement")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid("organization_id"))
                .col(json_binary("content"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(integer("version"))
                .to_owned(),
        );
        tables.push(
            Table::create()
                .table("agreement_party")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid("agreement_id"))
                .col(uuid("keeper_id"))
                .col(uuid("organization_id"))
                .to_owned(),
        );
        for table in tables {
            manager.create_table(table).await?;
        }
        for (table, columns, unique) in [
            ("organization", &["network_id", "business_id"][..], true),
            ("service_unit", &["network_id", "organization_id"], false),
            ("area", &["parent_id"], false),
            ("area", &["code"], false),
            ("venue", &["network_id", "area_id"], false),
            ("transport_route", &["network_id", "organization_id"], false),
            ("service", &["network_id", "organization_id"], false),
            ("service_offering", &["network_id", "organization_id"], false),
            ("service_offering", &["service_id"], false),
            ("service_offering", &["owner_id"], false),
            ("publication", &["kind"], false),
            ("session", &["offering_id", "starts_at"], false),
            ("session", &["network_id", "organization_id"], false),
            ("partnership_agreement", &["network_id", "organization_id"], false),
            ("agreement_party", &["organization_id", "agreement_id"], false),
            ("agreement_party", &["agreement_id", "organization_id"], true),
        ] {
            manager.create_index(index(table, columns, unique)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "agreement_party",
            "partnership_agreement",
            "session",
            "session_series",
            "publication",
            "service_offering",
            "service",
            "transport_route",
            "venue",
            "area",
            "service_unit",
            "organization",
            "network",
        ] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
