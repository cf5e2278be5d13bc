//! The second wall: on PostgreSQL, raw SQL on a connection like the server's own meets no row of another network, in any table.
use api::{
    clock::Clock,
    error::Error,
    identity::{demo::ISSUER, subject_key},
    store::Store,
};
use domain::actor::Actor;
use serde_json::json;
use tests::{Application, Kind, Server, TestApp, databases, parity, stories};

/// What everybody may read, whatever network it is of; every other table shows nothing of another network. This list may only shrink.
const PUBLIC: &[(&str, &str)] = &[
    ("network", "true"),
    ("organization", "true"),
    ("service_unit", "true"),
    ("transport_route", "true"),
    ("area", "true"),
    ("publication", "true"),
    ("venue", "status IN ('AGREED', 'IN_USE')"),
    ("session", "offering_id IN (SELECT id FROM publication)"),
    ("session_series", "offering_id IN (SELECT id FROM publication)"),
    ("event", "public"),
];

/// Tables that have no row of a network. This list may only shrink.
const OF_NO_NETWORK: &[&str] = &["feed", "key_check", "ledger_head", "seaql_migrations"];

/// What a row that is copied to another network has of its own besides ids: what is unique, and that nobody else may read it.
const OWN: &str = "'hash', gen_random_uuid()::text, 'mark', gen_random_uuid()::text, 'position', -1, 'number', '77', 'hetu_hash', null, 'once', null, 'public', false, 'status', 'PROPOSED'";

/// Each test of this file on PostgreSQL, where there is one.
async fn on_postgres() -> Option<TestApp> {
    if databases().await.contains(&Kind::Postgres) { Some(TestApp::start(Kind::Postgres).await) } else { None }
}

/// The tables with a network, and the column that names it.
async fn tables(app: &TestApp) -> Vec<(String, &'static str)> {
    let (tables, _) = parity::columns(app.kind).await;
    let column = |table: &str| if table == "network" { "id" } else { "network_id" };
    tables.into_iter().filter(|(_, columns)| columns.contains_key("network_id")).map(|(table, _)| (table.clone(), column(&table))).collect()
}

fn public(table: &str) -> &'static str {
    PUBLIC.iter().find(|(name, _)| *name == table).map_or("false", |(_, rows)| rows)
}

/// Copies a row of one network into another, as SQL.
fn copy(table: &str, column: &str, from: &str, to: &str) -> String {
    let ids = format!(
        "(SELECT jsonb_object_agg(attname, gen_random_uuid()) FROM pg_attribute \
         WHERE attrelid = '\"{table}\"'::regclass AND attnum > 0 AND atttypid = 'uuid'::regtype)"
    );
    let own = format!("to_jsonb(t) || {ids} || jsonb_build_object({OWN}, '{column}', '{to}')");
    format!("INSERT INTO \"{table}\" SELECT (jsonb_populate_record(NULL::\"{table}\", {own})).* FROM \"{table}\" t WHERE {column} = '{from}' LIMIT 1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_sql_on_the_servers_own_connection_meets_no_row_of_another_network() {
    let Some(app) = on_postgres().await else { return };
    super::parity::furnish_every_table(&app).await;
    let (ours, theirs) = (app.world.networks["kuopio"].0.to_string(), app.world.networks["savo"].0.to_string());
    // The areas that there are belong to no network: one becomes ours.
    app.sql(&format!("UPDATE area SET network_id = '{ours}' WHERE id = (SELECT id FROM area LIMIT 1)")).await.unwrap();
    let tables = tables(&app).await;
    assert!(tables.len() > 35, "{tables:?}");
    for (table, column) in tables.iter().filter(|(table, _)| table != "network") {
        app.sql(&copy(table, column, &ours, &theirs)).await.unwrap_or_else(|fault| panic!("{table}: {fault}"));
    }
    let mut raw = Application::connect(app.database()).await;
    for (table, column) in &tables {
        let quoted = format!("\"{table}\"");
        let (of_ours, of_theirs) = (format!("{column} = '{ours}'"), format!("{column} = '{theirs}'"));
        let there = app.count(&quoted, &of_ours).await;
        let shown = app.count(&quoted, &format!("{of_theirs} AND ({})", public(table))).await;
        let hidden = app.count(&quoted, &format!("{of_theirs} AND NOT ({})", public(table))).await;
        assert!(there > 0 && (hidden > 0 || public(table) == "true"), "nothing was tried of {table}");
        // With our network: everything of ours, nothing of theirs but what everybody may read.
        raw.enter(&ours).await;
        assert_eq!(raw.count(&quoted, &of_ours).await, Ok(there), "{table}");
        assert_eq!(raw.count(&quoted, &of_theirs).await, Ok(shown), "{table}");
        // Neither there nor away, and nothing of theirs is changed.
        let carried = raw.execute(&copy(table, column, &ours, &theirs)).await.unwrap_err();
        assert!(carried.contains("row-level security"), "{table}: {carried}");
        let logged = ["use_log_entry", "disclosure_log_entry", "event", "destruction", "report_release", "quality_release"].contains(&table.as_str());
        let moved = raw.execute(&format!("UPDATE {quoted} SET {column} = '{theirs}' WHERE {of_ours}")).await.unwrap_err();
        assert!(moved.contains(if logged { "permission denied" } else { "row-level security" }) || moved.contains("only added to"), "{table}: {moved}");
        for statement in [format!("UPDATE {quoted} SET {column} = {column} WHERE {of_theirs}"), format!("DELETE FROM {quoted} WHERE {of_theirs}")] {
            match raw.execute(&statement).await {
                Ok(met) => assert_eq!(met, 0, "{statement}"),
                Err(refused) => assert!(refused.contains("permission denied") || refused.contains("only added to"), "{statement}: {refused}"),
            }
        }
        // With none: only what everybody may read.
        raw.enter("").await;
        assert_eq!(raw.count(&quoted, "true").await, Ok(app.count(&quoted, public(table)).await), "{table}");
        // And who is walled in cannot take the wall down.
        for statement in [
            format!("ALTER TABLE {quoted} DISABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {quoted} NO FORCE ROW LEVEL SECURITY"),
            format!("DROP POLICY network ON {quoted}"),
            format!("CREATE POLICY other ON {quoted} USING (true)"),
            format!("TRUNCATE {quoted}"),
        ] {
            let refused = raw.execute(&statement).await.unwrap_err();
            assert!(refused.contains("must be owner") || refused.contains("permission denied"), "{statement}: {refused}");
        }
    }
    raw.execute("SET row_security = off").await.unwrap();
    assert!(raw.count("person", "true").await.unwrap_err().contains("row-level security"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_nobody_has_said_anything_of_sees_only_what_everybody_may_read() {
    let Some(app) = on_postgres().await else { return };
    super::parity::furnish_every_table(&app).await;
    let mut raw = Application::connect(app.database()).await;
    for (table, _) in tables(&app).await {
        let quoted = format!("\"{table}\"");
        assert_eq!(raw.count(&quoted, "true").await, Ok(app.count(&quoted, public(&table)).await), "{table}");
    }
    // What was changed, in all networks, is written and read by the system alone; keys are those of whoever claims them.
    assert!(app.count("audit", "true").await > 0 && app.count("idempotency", "true").await > 0);
    assert_eq!(raw.count("audit", "true").await, Ok(0));
    assert_eq!(raw.count("idempotency", "true").await, Ok(0));
    app.stop().await;
}

/// A table that comes later and is forgotten here is one that the application cannot touch, or one that this finds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_but_those_without_rows_of_a_network_forces_row_level_security() {
    let Some(app) = on_postgres().await else { return };
    let (tables, _) = parity::columns(app.kind).await;
    assert!(tables.len() > 40, "{tables:?}");
    for table in tables.keys().filter(|table| !OF_NO_NETWORK.contains(&table.as_str())) {
        let forced = format!("oid = to_regclass('\"{table}\"') AND relrowsecurity AND relforcerowsecurity");
        assert_eq!(app.count("pg_class", &forced).await, 1, "{table}");
        assert!(app.count("pg_policies", &format!("tablename = '{table}'")).await > 0, "{table}");
    }
    for table in OF_NO_NETWORK.iter().filter_map(|table| tables.get(*table)) {
        assert!(!table.contains_key("network_id"), "{table:?}");
    }
    // What is as it should be is left alone by the next start: nothing is made anew.
    app.sql("CREATE TABLE known AS SELECT oid FROM pg_policy").await.unwrap();
    app.store().await;
    assert_eq!(app.count("pg_policy", "oid NOT IN (SELECT oid FROM known)").await, 0);
    // And what an owner has taken down is put up again.
    app.sql("ALTER TABLE person DISABLE ROW LEVEL SECURITY").await.unwrap();
    app.sql("CREATE POLICY other ON client USING (true)").await.unwrap();
    app.store().await;
    assert_eq!(app.count("pg_class", "relname = 'person' AND relrowsecurity").await, 1);
    assert_eq!(app.count("pg_policy", "polname = 'other'").await, 0);
    app.stop().await;
}

stories! {
    async fn who_has_no_standing_anywhere_still_sees_what_is_their_own(app) {
        use crate::person::given::{aino, client};
        let (id, number) = client(app, aino()).await;
        let subject = app.ask("somebody", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        let own = "query($id: ID!) { client(id: $id) { number consents(first: 5) { totalCount } person { lastName } } }";
        assert_eq!(app.ask("somebody", own, json!({ "id": id })).await["client"], json!(null));
        app.done("social-worker", "linkAccount", "client { hasAccount }", json!({ "client": id, "expectedVersion": 1, "account": subject })).await;
        let seen = app.ask("somebody", own, json!({ "id": id })).await["client"].clone();
        assert_eq!((&seen["number"], &seen["person"]["lastName"]), (&json!(number), &json!("Mallinen")));
        // And so does whoever acts for the client.
        let guardian = app.ask("guardian", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": guardian, "kind": "GUARDIAN" })).await;
        assert_eq!(app.ask("guardian", own, json!({ "id": id })).await["client"]["number"], json!(number));
        assert_eq!(app.ask("somebody-else", own, json!({ "id": id })).await["client"], json!(null));
    }

    /// Who is refused behind the wall is still known to have tried, in reading and in writing.
    async fn what_is_tried_on_another_network_leaves_a_trace_all_the_same(app) {
        use crate::person::given::{aino, client};
        let (id, _) = client(app, aino()).await;
        let denied = async || app.count("use_log_entry", "outcome = 'DENIED' AND client_id IS NOT NULL AND network_id IS NOT NULL").await;
        let before = denied().await;
        assert_eq!(app.ask("partner-x", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": id })).await["client"], json!(null));
        assert_eq!(denied().await, before + 1);
        let link = TestApp::mutation("linkAccount", "client { hasAccount }");
        let input = json!({ "client": id, "expectedVersion": 1, "account": "urn:x|y" });
        assert_eq!(app.refuse("partner-x", &link, json!({ "input": input })).await, "NOT_FOUND");
        assert_eq!(denied().await, before + 2);
    }
}

/// Connections are used by one after the other: what one was told is never left to the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_told_anew_for_whom_it_is_whenever_it_is_given_away() {
    let Some(app) = on_postgres().await else { return };
    let url = app.database().to_owned().into();
    let store = Store::open(&url, 2, Clock::real(), tests::vault()).await.unwrap();
    let network = |name: &str| app.world.networks[name].0.to_string();
    let partner = store.sign_in(&subject_key(ISSUER, "partner"), None).await.unwrap();
    let partner_x = store.sign_in(&subject_key(ISSUER, "partner-x"), None).await.unwrap();
    let turns = [(Actor::System, "*".to_owned()), (partner, network("kuopio")), (Actor::Anyone, String::new()), (partner_x, network("savo"))];
    let mut asked = tokio::task::JoinSet::new();
    for turn in 0..200 {
        let (store, (actor, networks)) = (store.clone(), turns[turn % turns.len()].clone());
        asked.spawn(async move { assert_eq!(store.opened_to(&actor).await.unwrap(), Some(networks)) });
    }
    assert_eq!(asked.join_all().await.len(), 200);
    app.stop().await;
}

/// Logins of every kind, on a database and under a role of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_be_walled_in_does_not_start() {
    let Some(server) = Server::here().await else { return };
    let name = |what: &str| format!("monituottaja_test_{}_{what}", std::process::id());
    let (owner, login, role, database) = (name("owner"), name("login"), name("role"), name("wall"));
    for kind in [&owner, &login] {
        server.sql(&format!("CREATE ROLE {kind} LOGIN PASSWORD 'test'")).await;
    }
    server.sql(&format!("CREATE DATABASE {database} OWNER {owner}")).await;
    let start = async |who: &str| {
        let url = server.address(who, "test", &database).into();
        Store::open_as(&role, &url, 2, Clock::real(), tests::vault()).await.unwrap().migrate().await
    };
    // The owner may not make roles, and is told what to ask for.
    let told = start(&owner).await.unwrap_err().to_string();
    assert!(told.contains(&format!("CREATE ROLE {role} NOLOGIN")) && told.contains(&format!("GRANT {role} TO {owner}")), "{told}");
    // A role that goes past row-level security is refused.
    server.sql(&format!("CREATE ROLE {role} NOLOGIN BYPASSRLS")).await;
    server.sql(&format!("GRANT {role} TO {owner}")).await;
    let told = start(&owner).await.unwrap_err().to_string();
    assert!(told.contains(&role) && told.contains("BYPASSRLS"), "{told}");
    server.sql(&format!("ALTER ROLE {role} NOBYPASSRLS")).await;
    start(&owner).await.unwrap();
    // A login of its own, which owns nothing, serves what is up to date, and nothing else.
    server.sql(&format!("GRANT {role} TO {login}")).await;
    start(&login).await.unwrap();
    let as_owner = server.address(&owner, "test", &database);
    tests::execute(&as_owner, "DROP FUNCTION monituottaja_enter").await.unwrap();
    assert!(matches!(start(&login).await, Err(Error::Outdated)));
    start(&owner).await.unwrap();
    start(&login).await.unwrap();
    tests::execute(&as_owner, "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await.unwrap();
    assert!(matches!(start(&login).await, Err(Error::Outdated)));
    server.sql(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
    for kind in [&login, &owner, &role] {
        server.sql(&format!("DROP ROLE {kind}")).await;
    }
}
