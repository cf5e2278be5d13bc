//! The client's will beside consents: informing, disclosure permission and prohibition; feedback; and clients who are merged into one.
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns of every table whose rows are about clients.
fn about_clients(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(uuid("client_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

const TABLES: [&str; 4] = ["informing", "disclosure_permission", "disclosure_prohibition", "feedback"];

/// Tables whose rows are only added to, and their columns that never change: as before, but for the client, who changes with merging and not otherwise.
const APPEND_ONLY: [(&str, &str); 2] = [
    ("case_event", "id, network_id, organization_id, case_id, kind, stage, by_subject, created_at, updated_at, version"),
    ("intake_baseline", "id, network_id, organization_id, case_id, content, age_at_start, gender, recorded_by, created_at, updated_at, version"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            about_clients("informing")
                .col(text("kind"))
                .col(date("given_on"))
                .col(text("method"))
                .col(text("text_version"))
                .col(text("informed_by"))
                .to_owned(),
            about_clients("disclosure_permission")
                .col(text("sector"))
                .col(timestamp_with_time_zone("given_at"))
                .col(text("recorded_by"))
                .col(timestamp_with_time_zone_null("withdrawn_at"))
                .col(text_null("withdrawn_by"))
                .to_owned(),
            about_clients("disclosure_prohibition")
                .col(text("target"))
                .col(text_null("document_kind"))
                .col(uuid_null("document_id"))
                .col(text_null("service_task"))
                .col(uuid_null("controller_id"))
                .col(timestamp_with_time_zone("set_at"))
                .col(text("recorded_by"))
                .col(timestamp_with_time_zone_null("removed_at"))
                .col(text_null("removed_by"))
                .to_owned(),
            about_clients("feedback").col(uuid_null("case_id")).col(uuid_null("service_id")).col(text("given_by")).col(text("content")).to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for column in [uuid_null("merged_into_id"), timestamp_with_time_zone_null("merged_at"), text_null("merged_by"), text_null("merge_reason")] {
            manager.alter_table(Table::alter().table("client").add_column(column).to_owned()).await?;
        }
        let index = |table: &'static str, column: &'static str| {
            Index::create().name(format!("ix_{table}_{column}")).table(Alias::new(table)).col(Alias::new(column)).to_owned()
        };
        for index in
            TABLES.map(|table| index(table, "client_id")).into_iter().chain([index("client", "merged_into_id"), index("disclosure_prohibition", "document_id")])
        {
            manager.create_index(index).await?;
        }
        for statement in append_only(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what clients have permitted and prohibited is not thrown away".to_owned()))
    }
}

fn append_only(backend: DbBackend) -> Vec<String> {
    let merged = "(SELECT 1 FROM client WHERE client.id = OLD.client_id AND client.merged_into_id = NEW.client_id)";
    if backend == DbBackend::Postgres {
        let refuse = format!(
            "CREATE FUNCTION monituottaja_moves_with_merging() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF NOT EXISTS {merged} THEN RAISE EXCEPTION 'this table is only added to'; END IF; RETURN NEW; END $$"
        );
        let guard = |(table, columns): (&str, &str)| {
            [
                format!("DROP TRIGGER append_only ON {table}"),
                format!(
                    "CREATE TRIGGER append_only BEFORE UPDATE OF {columns} OR TRUNCATE ON {table} \
                     FOR EACH STATEMENT EXECUTE FUNCTION monituottaja_append_only()"
                ),
                format!(
                    "CREATE TRIGGER moves_with_merging BEFORE UPDATE OF client_id ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION monituottaja_moves_with_merging()"
                ),
            ]
        };
        return std::iter::once(refuse).chain(APPEND_ONLY.into_iter().flat_map(guard)).collect();
    }
    let refuse = "BEGIN SELECT RAISE(ABORT, 'this table is only added to'); END";
    let guard = |(table, columns): (&str, &str)| {
        [
            format!("DROP TRIGGER append_only_{table}_UPDATE"),
            format!("CREATE TRIGGER append_only_{table}_UPDATE BEFORE UPDATE OF {columns} ON {table} {refuse}"),
            format!("CREATE TRIGGER moves_with_merging_{table} BEFORE UPDATE OF client_id ON {table} WHEN NOT EXISTS {merged} {refuse}"),
        ]
    };
    APPEND_ONLY.into_iter().flat_map(guard).collect()
}
