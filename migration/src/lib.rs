//! How the tables came to be: the ordered list of migrations, the same on SQLite and PostgreSQL.
use sea_orm_migration::{
    MigrationTrait, MigratorTrait, async_trait,
    prelude::{Index, IndexCreateStatement, Table, TableCreateStatement},
    schema::{integer, timestamp_with_time_zone, uuid},
};

mod m20261122_000001_catalogue;
mod m20261122_000002_access;
mod m20261127_000003_series;
mod m20261127_000004_closing;
mod m20261127_000010_people;
mod m20261127_000011_casework;
mod m20261127_000020_case_stages;
mod m20261127_000021_plans;
mod m20261128_000030_rights;
mod m20261128_000031_consent;
mod m20261128_000040_outreach;
mod m20261128_000050_delivery;
mod m20261128_000060_outreach_more;
mod m20261128_000070_activities;
mod m20261128_000071_marks;
mod m20261128_000072_visits;
mod m20261128_000073_seats;
mod m20261128_000074_transfer;
mod m20261128_000075_access_days;
mod m20261128_000080_contracts;
mod m20261128_000081_decisions;
mod m20261128_000082_orders;
mod m20261128_000083_deliveries;
mod m20261128_000084_reports;
mod m20261128_000087_invoices;
mod m20261129_000088_approvals;
mod m20261129_000089_vouchers;
mod m20261129_000091_settled;
mod m20261129_000092_used;
mod m20261129_000094_complaints;
mod m20261129_000095_figures;
mod m20261129_000110_releases;
mod m20261129_000120_withdrawn;
mod m20261129_000130_told;
mod m20261129_000131_quality;
mod m20261129_000132_cancelling;
mod m20261129_000140_cuts;
mod m20261129_000160_shift_safety;
mod m20261129_000170_sources;
mod m20261129_000180_webhooks;
mod m20261129_000190_corrections;
mod m20261129_000200_interruptions;

/// A table whose rows an organisation of a network keeps: id, network, organisation, stamps and version.
fn kept(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

/// An index over columns of a table, named by them.
fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// Brings a database up to date.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_catalogue::Migration),
            Box::new(m20261122_000002_access::Migration),
            Box::new(m20261127_000003_series::Migration),
            Box::new(m20261127_000004_closing::Migration),
            Box::new(m20261127_000010_people::Migration),
            Box::new(m20261127_000011_casework::Migration),
            Box::new(m20261127_000020_case_stages::Migration),
            Box::new(m20261127_000021_plans::Migration),
            Box::new(m20261128_000030_rights::Migration),
            Box::new(m20261128_000031_consent::Migration),
            Box::new(m20261128_000040_outreach::Migration),
            Box::new(m20261128_000050_delivery::Migration),
            Box::new(m20261128_000060_outreach_more::Migration),
            Box::new(m20261128_000070_activities::Migration),
            Box::new(m20261128_000071_marks::Migration),
            Box::new(m20261128_000072_visits::Migration),
            Box::new(m20261128_000073_seats::Migration),
            Box::new(m20261128_000074_transfer::Migration),
            Box::new(m20261128_000075_access_days::Migration),
            Box::new(m20261128_000080_contracts::Migration),
            Box::new(m20261128_000081_decisions::Migration),
            Box::new(m20261128_000082_orders::Migration),
            Box::new(m20261128_000083_deliveries::Migration),
            Box::new(m20261128_000084_reports::Migration),
            Box::new(m20261128_000087_invoices::Migration),
            Box::new(m20261129_000088_approvals::Migration),
            Box::new(m20261129_000089_vouchers::Migration),
            Box::new(m20261129_000091_settled::Migration),
            Box::new(m20261129_000092_used::Migration),
            Box::new(m20261129_000094_complaints::Migration),
            Box::new(m20261129_000095_figures::Migration),
            Box::new(m20261129_000110_releases::Migration),
            Box::new(m20261129_000120_withdrawn::Migration),
            Box::new(m20261129_000130_told::Migration),
            Box::new(m20261129_000131_quality::Migration),
            Box::new(m20261129_000132_cancelling::Migration),
            Box::new(m20261129_000140_cuts::Migration),
            Box::new(m20261129_000160_shift_safety::Migration),
            Box::new(m20261129_000170_sources::Migration),
            Box::new(m20261129_000180_webhooks::Migration),
            Box::new(m20261129_000190_corrections::Migration),
            Box::new(m20261129_000200_interruptions::Migration),
        ]
    }
}
