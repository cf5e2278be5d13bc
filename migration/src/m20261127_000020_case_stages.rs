//! Cases and their stages: what happened to them, the situation at their start, who stands in for whom, and the deadline that comes next.
use sea_orm_migration::{
    prelude::*,
    schema::{date, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns of every table of this migration.
fn kept(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

/// Tables whose rows are only added to, and their columns that never change. The sealed ones are sealed anew when keys are rotated.
const APPEND_ONLY: [(&str, &str); 2] = [
    ("case_event", "id, network_id, organization_id, client_id, case_id, kind, stage, by_subject, created_at, updated_at, version"),
    ("intake_baseline", "id, network_id, organization_id, client_id, case_id, content, age_at_start, gender, recorded_by, created_at, updated_at, version"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            kept("case_event")
                .col(uuid("client_id"))
                .col(uuid("case_id"))
                .col(text("kind"))
                .col(text("stage"))
                .col(text("by_subject"))
                .col(text_null("words"))
                .to_owned(),
            kept("intake_baseline")
                .col(uuid("client_id"))
                .col(uuid("case_id"))
                .col(json_binary("content"))
                .col(integer("age_at_start"))
                .col(text("gender"))
                .col(text("health"))
                .col(text_null("reason"))
                .col(text("recorded_by"))
                .to_owned(),
            kept("substitution").col(text("worker")).col(text("substitute")).col(date("until")).col(timestamp_with_time_zone_null("ended_at")).to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for column in [
            timestamp_with_time_zone_null("urgent_checked_at"),
            timestamp_with_time_zone_null("assessed_at"),
            timestamp_with_time_zone_null("served_at"),
            // The end of time stands for none.
            date("next_due_on").default("9999-12-31").take(),
        ] {
            manager.alter_table(Table::alter().table("client_case").add_column(column).to_owned()).await?;
        }
        // What was said when a case was closed is told by what happened to it.
        manager.alter_table(Table::alter().table("client_case").drop_column("closing_note").to_owned()).await?;
        for column in [uuid_null("case_id"), text_null("once")] {
            manager.alter_table(Table::alter().table("notice").add_column(column).to_owned()).await?;
        }
        let index = |table: &'static str, columns: &[&'static str], unique: bool| {
            let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(Alias::new(table)).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            if unique {
                index.unique();
            }
            index
        };
        let indexes = [
            index("case_event", &["case_id"], false),
            index("case_event", &["client_id"], false),
            index("intake_baseline", &["case_id", "version"], true),
            index("intake_baseline", &["client_id"], false),
            index("substitution", &["organization_id"], false),
            index("substitution", &["substitute"], false),
            index("substitution", &["worker"], false),
            index("client_case", &["next_due_on"], false),
            index("care_relation", &["ground_id"], false),
            index("notice", &["once"], true),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        for statement in append_only(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what happened to cases is not thrown away".to_owned()))
    }
}

fn append_only(backend: DbBackend) -> Vec<String> {
    let guard = |(table, columns): (&str, &str)| {
        if backend == DbBackend::Postgres {
            return vec![format!(
                "CREATE TRIGGER append_only BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION monituottaja_append_only()"
            )];
        }
        let refuse = "BEGIN SELECT RAISE(ABORT, 'this table is only added to'); END";
        vec![
            format!("CREATE TRIGGER append_only_{table}_UPDATE BEFORE UPDATE OF {columns} ON {table} {refuse}"),
            format!("CREATE TRIGGER append_only_{table}_DELETE BEFORE DELETE ON {table} {refuse}"),
        ]
    };
    APPEND_ONLY.into_iter().flat_map(guard).collect()
}
