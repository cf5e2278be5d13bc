//! The rights of those whom data is about: requests, restrictions and legal holds, and what is destroyed when its time is over.
//!
//! Tables that are only added to let go of what is destroyed by rule, and of nothing else: a row must be named in `doomed` together with an entry
//! of the destruction log, which itself is only added to.
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, date, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn about_client(table: &'static str) -> TableCreateStatement {
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

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            about_client("subject_request")
                .col(text("kind"))
                .col(text("state"))
                .col(text("words"))
                .col(boolean("by_client"))
                .col(text("recorded_by"))
                .col(date("received_on"))
                .col(date("due_on"))
                .col(text_null("extension_reason"))
                .col(text_null("ground"))
                .col(text_null("answer"))
                .col(text_null("decided_by"))
                .col(timestamp_with_time_zone_null("decided_at"))
                .col(text_null("correction_kind"))
                .col(uuid_null("correction_id"))
                .to_owned(),
            about_client("processing_restriction")
                .col(text("ground"))
                .col(text("words"))
                .col(text("recorded_by"))
                .col(text("exceptions"))
                .col(timestamp_with_time_zone_null("ends_at"))
                .col(text_null("lifted_by"))
                .to_owned(),
            about_client("legal_hold")
                .col(text("reason"))
                .col(text("set_by"))
                .col(timestamp_with_time_zone_null("lifted_at"))
                .col(text_null("lifted_by"))
                .col(text_null("lift_reason"))
                .to_owned(),
            Table::create()
                .table("destruction")
                .col(uuid("id").primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(uuid_null("network_id"))
                .col(uuid_null("organization_id"))
                .col(text("subject"))
                .col(text("rule"))
                .col(text("rule_version"))
                .col(text("legal_basis"))
                .col(text_null("subject_hash"))
                .col(json_binary("rows"))
                .col(text("actor"))
                .to_owned(),
            Table::create().table("doomed").col(uuid("row_id").primary_key()).col(uuid("destruction_id")).to_owned(),
            Table::create().table("doomed_log").col(text("log").primary_key()).col(big_integer("position")).col(uuid("destruction_id")).to_owned(),
            Table::create()
                .table("job_run")
                .col(text("job"))
                .col(date("day"))
                .col(timestamp_with_time_zone("at"))
                .primary_key(Index::create().col("job").col("day"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let index = |table: &'static str, columns: &[&'static str]| {
            let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(Alias::new(table)).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            index
        };
        let indexes = [
            index("subject_request", &["client_id"]),
            index("subject_request", &["organization_id", "due_on"]),
            index("processing_restriction", &["client_id"]),
            index("legal_hold", &["client_id"]),
            index("destruction", &["network_id"]),
            index("client", &["created_at"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        let anchor = [big_integer("anchor_position").default(0).take(), text("anchor_hash").default("").take(), text("anchor_seal").default("").take()];
        for column in anchor {
            manager.alter_table(Table::alter().table("ledger_head").add_column(column).to_owned()).await?;
        }
        for statement in only_destroyed_by_rule(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the destruction log is not thrown away".to_owned()))
    }
}

/// Table, the columns that are never changed (none: no column is), and the column by which a row is named as doomed.
const BY_ROW: [(&str, &str, &str); 3] = [
    ("audit", "", "row_id"),
    ("case_event", "OF id, network_id, organization_id, client_id, case_id, kind, stage, by_subject, created_at, updated_at, version ", "id"),
    (
        "intake_baseline",
        "OF id, network_id, organization_id, client_id, case_id, content, age_at_start, gender, recorded_by, created_at, updated_at, version ",
        "id",
    ),
];
const LOGS: [(&str, &str); 2] = [("use_log_entry", "use_log"), ("disclosure_log_entry", "disclosure_log")];

fn only_destroyed_by_rule(backend: DbBackend) -> Vec<String> {
    let row =
        |column: &str| format!("EXISTS (SELECT 1 FROM doomed JOIN destruction ON destruction.id = doomed.destruction_id WHERE doomed.row_id = OLD.{column})");
    let log = |log: &str| {
        format!(
            "EXISTS (SELECT 1 FROM doomed_log JOIN destruction ON destruction.id = doomed_log.destruction_id \
             WHERE doomed_log.log = '{log}' AND OLD.position <= doomed_log.position)"
        )
    };
    let each = BY_ROW.iter().map(|(table, columns, column)| (*table, *columns, row(column))).chain(LOGS.iter().map(|(table, name)| (*table, "", log(name))));
    let mut out = Vec::new();
    if backend == DbBackend::Postgres {
        for (table, columns, doomed) in each {
            out.push(format!("DROP TRIGGER append_only ON {table}"));
            out.push(format!(
                "CREATE TRIGGER append_only BEFORE UPDATE {columns}OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION monituottaja_append_only()"
            ));
            out.push(format!(
                "CREATE FUNCTION monituottaja_doomed_{table}() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN IF NOT {doomed} THEN RAISE EXCEPTION 'this table is only added to'; END IF; RETURN OLD; END $$"
            ));
            out.push(format!("CREATE TRIGGER append_only_doomed BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION monituottaja_doomed_{table}()"));
        }
        out.push(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON destruction FOR EACH STATEMENT EXECUTE FUNCTION monituottaja_append_only()"
                .to_owned(),
        );
        return out;
    }
    let refuse = "BEGIN SELECT RAISE(ABORT, 'this table is only added to'); END";
    for (table, _, doomed) in each {
        out.push(format!("DROP TRIGGER append_only_{table}_DELETE"));
        out.push(format!("CREATE TRIGGER append_only_{table}_DELETE BEFORE DELETE ON {table} WHEN NOT {doomed} {refuse}"));
    }
    for event in ["UPDATE", "DELETE"] {
        out.push(format!("CREATE TRIGGER append_only_destruction_{event} BEFORE {event} ON destruction {refuse}"));
    }
    out
}
