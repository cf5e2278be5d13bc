//! What is done in a case: assessments, plans with goals, follow-ups, entries, instruments, network meetings, and the paths that follow.
use sea_orm_migration::{
    prelude::*,
    schema::{
        boolean, boolean_null, date, date_null, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns of every table whose rows belong to a case.
fn of_case(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(Alias::new(table))
        .col(uuid("id").primary_key())
        .col(uuid("network_id"))
        .col(uuid("organization_id"))
        .col(uuid("client_id"))
        .col(uuid("case_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .to_owned()
}

const TABLES: [&str; 9] =
    ["needs_assessment", "client_plan", "goal", "final_assessment", "follow_on_path", "client_entry", "follow_up", "instrument_response", "network_meeting"];

/// Of each of these a case has one at most: table, name and states.
const ONE_AT_A_TIME: [(&str, &str, &str); 4] = [
    ("needs_assessment", "open", "'NOT_STARTED', 'IN_PROGRESS', 'INTERRUPTED'"),
    ("client_plan", "in_force", "'IN_FORCE', 'UNDER_REVIEW'"),
    ("client_plan", "in_the_making", "'DRAFT', 'SHARED'"),
    ("final_assessment", "in_the_making", "'DRAFT', 'SHARED'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            of_case("needs_assessment")
                .col(text("state"))
                .col(text("assessor"))
                .col(timestamp_with_time_zone_null("started_at"))
                .col(date_null("due_on"))
                .col(text("content"))
                .col(text_null("interruption"))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone_null("completed_at"))
                .to_owned(),
            of_case("client_plan")
                .col(integer("number"))
                .col(text("state"))
                .col(uuid_null("based_on_id"))
                .col(text("author"))
                .col(text("content"))
                .col(timestamp_with_time_zone_null("shared_at"))
                .col(text_null("agreement"))
                .col(text_null("words"))
                .col(boolean_null("agreed_by_client"))
                .col(timestamp_with_time_zone_null("agreed_at"))
                .col(text_null("comment"))
                .col(timestamp_with_time_zone_null("in_force_at"))
                .col(date_null("evaluate_on"))
                .col(text_null("review_note"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .to_owned(),
            of_case("goal")
                .col(text("owner"))
                .col(text("state"))
                .col(text("content"))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone_null("moved_at"))
                .to_owned(),
            of_case("final_assessment")
                .col(text("state"))
                .col(text("author"))
                .col(text("content"))
                .col(json_binary("benefit_themes"))
                .col(timestamp_with_time_zone_null("shared_at"))
                .col(boolean_null("approved_by_client"))
                .col(text_null("words"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .col(text_null("unheard_reason"))
                .col(timestamp_with_time_zone_null("approved_at"))
                .to_owned(),
            of_case("follow_on_path")
                .col(text("destination"))
                .col(uuid_null("recipient_id"))
                .col(text("state"))
                .col(text("content"))
                .col(uuid_null("referral_id"))
                .col(date_null("guided_on"))
                .col(date_null("arrived_on"))
                .col(text_null("source"))
                .col(date_null("verified_on"))
                .col(text_null("reason"))
                .to_owned(),
            of_case("client_entry")
                .col(date("happened_on"))
                .col(text("author"))
                .col(text("visibility"))
                .col(boolean("client_is_told"))
                .col(text("content"))
                .col(uuid_null("corrects_id"))
                .to_owned(),
            of_case("follow_up").col(date("happened_on")).col(text("kind")).col(text("author")).col(text("content")).to_owned(),
            of_case("instrument_response")
                .col(text("instrument"))
                .col(text("instrument_version"))
                .col(text("phase"))
                .col(date("answered_on"))
                .col(boolean("by_client"))
                .col(text("author"))
                .col(text("answers"))
                .to_owned(),
            of_case("network_meeting").col(date("held_on")).col(text("author")).col(text("content")).to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            for column in ["client_id", "case_id"] {
                let index = Index::create().name(format!("ix_{table}_{column}")).table(Alias::new(table)).col(Alias::new(column)).to_owned();
                manager.create_index(index).await?;
            }
        }
        let number = Index::create().name("ix_client_plan_number").table("client_plan").col("case_id").col("number").unique().to_owned();
        manager.create_index(number).await?;
        for (table, name, states) in ONE_AT_A_TIME {
            let index = format!("CREATE UNIQUE INDEX ix_{table}_one_{name} ON {table} (case_id) WHERE state IN ({states})");
            manager.get_connection().execute_unprepared(&index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
