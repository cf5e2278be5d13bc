//! People and their way: persons, clients, relations, consents, referrals; and the two logs, which are only ever added to.
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns of every table whose rows are about clients.
fn about_clients(table: &'static str, client: Option<ColumnDef>) -> TableCreateStatement {
    let mut create = Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned();
    if let Some(client) = client {
        create.col(client);
    }
    create
}

/// The columns of both logs.
fn log(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(big_integer("position").unique_key())
        .col(timestamp_with_time_zone("at"))
        .col(uuid_null("network_id"))
        .col(uuid_null("client_id"))
        .col(text("request_id"))
        .col(text("actor"))
        .col(uuid_null("organization_id"))
        .col(text("basis"))
        .col(uuid_null("ground_id"))
        .col(text("previous"))
        .col(text("hash"))
        .to_owned()
}

/// Tables whose rows are added and never changed or removed; the database itself refuses that.
const APPEND_ONLY: [&str; 3] = ["use_log_entry", "disclosure_log_entry", "audit"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let client = || Some(uuid("client_id"));
        let maybe_client = || Some(uuid_null("client_id"));
        let tables = [
            about_clients("person", client()).col(text("identity")).col(text_null("hetu_hash")).col(text("key_id")).col(boolean("protected")).to_owned(),
            about_clients("client", None).col(uuid("person_id").unique_key()).col(text("number")).col(text_null("account")).to_owned(),
            about_clients("representation", client()).col(text("subject")).col(text("kind")).col(timestamp_with_time_zone_null("ended_at")).to_owned(),
            about_clients("care_relation", client())
                .col(text("subject"))
                .col(text("basis"))
                .col(uuid_null("ground_id"))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .to_owned(),
            about_clients("consent", maybe_client())
                .col(text("purpose"))
                .col(uuid("recipient_id"))
                .col(json_binary("scope"))
                .col(uuid_null("referral_id"))
                .col(text("method"))
                .col(text("text_version"))
                .col(timestamp_with_time_zone("given_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(text("state"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .col(text("recorded_by"))
                .col(text_null("withdrawn_by"))
                .to_owned(),
            about_clients("referral", maybe_client())
                .col(uuid("recipient_id"))
                .col(uuid_null("service_id"))
                .col(json_binary("content"))
                .col(text_null("introduction"))
                .col(boolean("anonymous"))
                .col(text("state"))
                .col(text("created_by"))
                .col(uuid_null("consent_id"))
                .col(timestamp_with_time_zone_null("sent_at"))
                .col(timestamp_with_time_zone_null("due_at"))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(text_null("handler"))
                .col(text_null("message"))
                .col(text_null("decline_reason"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .col(text_null("outcome"))
                .col(timestamp_with_time_zone_null("outcome_at"))
                .col(uuid_null("previous_id"))
                .to_owned(),
            // By which words a person is found: keyed hashes, never the words.
            Table::create().table("person_word").col(uuid("id").primary_key()).col(uuid("network_id")).col(uuid("person_id")).col(text("hash")).to_owned(),
            log("use_log_entry")
                .col(text_null("role"))
                .col(text_null("purpose"))
                .col(text_null("subject"))
                .col(text("operation"))
                .col(text("what"))
                .col(text("outcome"))
                .col(boolean("flagged"))
                .to_owned(),
            log("disclosure_log_entry").col(uuid("recipient_id")).col(json_binary("items")).to_owned(),
            Table::create()
                .table("notice")
                .col(uuid("id").primary_key())
                .col(uuid("network_id"))
                .col(uuid_null("organization_id"))
                .col(text_null("subject"))
                .col(boolean("confidential"))
                .col(text("kind"))
                .col(uuid_null("referral_id"))
                .col(uuid_null("relation_id"))
                .col(timestamp_with_time_zone("at"))
                .to_owned(),
            Table::create().table("ledger_head").col(text("log").primary_key()).col(big_integer("position")).col(text("hash")).to_owned(),
            Table::create().table("key_check").col(text("key_id").primary_key()).col(text("sealed")).to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        // The use log of the first version knew neither purpose nor client.
        manager.drop_table(Table::drop().table("use_log").to_owned()).await?;
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
            index("person", &["client_id"], true),
            index("person", &["network_id", "hetu_hash"], true),
            index("client", &["network_id", "number"], true),
            index("client", &["account"], false),
            index("client", &["organization_id"], false),
            index("representation", &["subject"], false),
            index("representation", &["client_id"], false),
            index("care_relation", &["client_id", "subject"], false),
            index("care_relation", &["subject", "organization_id"], false),
            index("consent", &["client_id"], false),
            index("consent", &["recipient_id", "state"], false),
            index("consent", &["referral_id"], false),
            index("referral", &["client_id"], false),
            index("referral", &["recipient_id", "state"], false),
            index("referral", &["created_by"], false),
            index("person_word", &["network_id", "hash"], false),
            index("person_word", &["person_id"], false),
            index("notice", &["organization_id"], false),
            index("notice", &["subject"], false),
            index("use_log_entry", &["client_id", "at"], false),
            index("use_log_entry", &["actor", "at"], false),
            index("disclosure_log_entry", &["client_id", "at"], false),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        for log in ["use_log", "disclosure_log"] {
            let first =
                Query::insert().into_table("ledger_head").columns(["log", "position", "hash"]).values_panic([log.into(), 0_i64.into(), "".into()]).to_owned();
            manager.execute(first).await?;
        }
        for statement in append_only(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the logs are not thrown away".to_owned()))
    }
}

fn append_only(backend: DbBackend) -> Vec<String> {
    if backend == DbBackend::Postgres {
        let refuse = "CREATE FUNCTION monituottaja_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                      $$ BEGIN RAISE EXCEPTION 'this table is only added to'; END $$";
        let guard = |table: &str| {
            format!(
                "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION monituottaja_append_only()"
            )
        };
        return std::iter::once(refuse.to_owned()).chain(APPEND_ONLY.map(guard)).collect();
    }
    let guard = |table: &str, event: &str| {
        format!("CREATE TRIGGER append_only_{table}_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'this table is only added to'); END")
    };
    APPEND_ONLY.iter().flat_map(|table| ["UPDATE", "DELETE"].map(|event| guard(table, event))).collect()
}
