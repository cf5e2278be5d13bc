//! What is kept about clients is destroyed when its time is over, wholly and by rule, and nothing else lets go of it.
use super::given::{accepted, aino, client, eino, introduced, sent, text, walk_in};
use crate::casework::{given as casework, opened};
use api::{
    job::{AtNight, Nightly, night},
    store::Destroyed,
};
use domain::id::split_public;
use serde_json::{Value, json};
use tests::{Kind, TestApp, parity, stories};

const YEAR: i64 = 366;

/// Every column of every table in which an id stands, as a row's own or inside something.
async fn mentions(app: &TestApp, public: &str) -> Vec<String> {
    let (_, id) = split_public(public).unwrap();
    let (tables, _) = parity::columns(app.kind).await;
    let mut found = Vec::new();
    for (table, columns) in &tables {
        let named = |column: &String| {
            let binary = format!("(typeof(\"{column}\") = 'blob' AND length(\"{column}\") = 16 AND lower(hex(\"{column}\")) = '{}')", id.simple());
            let text = format!("CAST(\"{column}\" AS TEXT) LIKE '%{id}%'");
            if app.kind == Kind::Sqlite { format!("{binary} OR {text}") } else { text }
        };
        if app.count(table, &columns.keys().map(named).collect::<Vec<_>>().join(" OR ")).await == 0 {
            continue;
        }
        for column in columns.keys() {
            if app.count(table, &named(column)).await > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

async fn retention(app: &TestApp, actor: &str, client: &str) -> Value {
    let query = "query($id: ID!) { client(id: $id) { retention { destroyAfter rule { key legalBasis confirmed } held restricted requestOpen goingOn } } }";
    app.ask(actor, query, json!({ "id": client })).await["client"]["retention"].clone()
}

/// A client of the county whose case is closed, with one of everything.
async fn ended(app: &TestApp) -> (String, String) {
    let (client, case) = casework::begun(app).await;
    casework::furnish(app).await;
    let mut baseline = opened::baseline();
    baseline["case"] = json!(case);
    app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", baseline).await;
    opened::step(app, "social-worker", "closeCase", &case, json!({ "reason": "MOVED_AWAY", "note": "Muutti toiselle paikkakunnalle." })).await;
    (client, case)
}

stories! {
    async fn how_long_records_are_kept_takes_as_many_statements_of_one_as_of_a_page(app) {
        let query = "{ clients(first: 50) { nodes { id retention { destroyAfter held } merged { totalCount } cases { nodes { destroyAfter } } } } }";
        // Of the one nothing goes on, of the other a case; a third turned out to be the first.
        let more = async || {
            let (ended, _) = client(app, walk_in()).await;
            let (open, _) = client(app, eino()).await;
            opened::started(app, &open).await;
            let (twice, _) = client(app, walk_in()).await;
            let reason = "Sama henkilö: tuli kahdesti.";
            let merger = json!({ "surviving": ended, "expectedVersion": 1, "merged": twice, "expectedMergedVersion": 1, "reason": reason });
            app.done("social-worker", "mergeClients", "client { id }", merger).await;
            ended
        };
        let asked = async || {
            let before = app.statements();
            let page = app.ask("social-worker", query, json!({})).await["clients"]["nodes"].clone();
            (app.statements() - before, page)
        };
        let one = more().await;
        let (few, page) = asked().await;
        let of = page.as_array().unwrap().iter().find(|node| node["id"] == json!(one)).unwrap();
        assert_eq!((page.as_array().unwrap().len(), &of["merged"]["totalCount"]), (2, &json!(1)));
        assert_eq!(page.as_array().unwrap().iter().filter(|node| node["retention"]["destroyAfter"].is_null()).count(), 1);
        for _ in 0..3 {
            more().await;
        }
        let (many, page) = asked().await;
        assert_eq!((many, page.as_array().unwrap().len()), (few, 8));
    }

    async fn it_is_told_until_when_a_record_is_kept_and_what_keeps_it(app) {
        let (id, _) = client(app, aino()).await;
        let told = retention(app, "social-worker", &id).await;
        assert_eq!((&told["rule"]["key"], &told["goingOn"]), (&json!("RECORD_LED_NOWHERE"), &json!(false)));
        let case = opened::started(app, &id).await;
        let open = retention(app, "social-worker", &id).await;
        assert_eq!((&open["destroyAfter"], &open["goingOn"]), (&Value::Null, &json!(true)));
        app.tamper("UPDATE client_case SET stage = 'CLOSED', closed_at = '2026-02-01 10:00:00+00:00', closing_reason = 'MOVED_AWAY'").await;
        app.tamper("UPDATE client SET created_at = '2026-01-02 10:00:00+00:00'").await;
        let kept = retention(app, "social-worker", &id).await;
        assert_eq!((&kept["destroyAfter"], &kept["rule"]["key"], &kept["rule"]["confirmed"]), (&json!("2056-02-01"), &json!("RECORD_AFTER_CLIENTHOOD"), &json!(false)));
        let of_case = app.ask("social-worker", "query($id: ID!) { case(id: $id) { destroyAfter } }", json!({ "id": case })).await;
        assert_eq!(of_case["case"]["destroyAfter"], "2056-02-01");
        app.tamper("UPDATE client_case SET closing_reason = 'DECEASED'").await;
        assert_eq!(retention(app, "social-worker", &id).await["destroyAfter"], "2038-02-01");
        let rules = app.ask("", "{ retentionRules { key years legalBasis source version name { sv } } }", json!({})).await["retentionRules"].clone();
        assert_eq!(rules.as_array().unwrap().len(), 7);
    }

    async fn a_client_whose_time_is_over_is_destroyed_with_everything_that_tells_of_it(app) {
        let (id, case) = ended(app).await;
        let (other, _) = client(app, aino()).await;
        assert!(mentions(app, &id).await.len() > 20);
        // A day before its time nothing is due, whatever is run.
        let early = app.later(29 * YEAR).await;
        assert_eq!(early.destroy_due(false).await.unwrap().clients, 1, "only the client without a case");
        assert!(!mentions(app, &id).await.is_empty() && mentions(app, &other).await.iter().all(|place| place.starts_with("use_log_entry")));
        let late = app.later(31 * YEAR).await;
        let would = late.destroy_due(true).await.unwrap();
        assert_eq!((would.clients, would.held), (1, 0));
        let (rows, entries) = (app.count("client_entry", "1 = 1").await, app.count("destruction", "1 = 1").await);
        assert!(rows > 0 && app.count("client", "1 = 1").await == 1, "a dry run destroys nothing");
        assert_eq!(late.destroy_due(false).await.unwrap().clients, 1);
        assert_eq!(mentions(app, &id).await, Vec::<String>::new());
        assert_eq!(mentions(app, &case).await, Vec::<String>::new());
        for table in ["person", "person_word", "care_relation", "consent", "referral", "client_case", "case_event", "intake_baseline", "doomed", "doomed_log"] {
            assert_eq!(app.count(table, "1 = 1").await, 0, "{table}");
        }
        let of_clients = "resource IN ('Client', 'Person', 'Case', 'Referral', 'Consent', 'CareRelation', 'ClientEntry', 'ClientPlan')";
        assert_eq!(app.count("audit", of_clients).await, 0);
        assert!(app.count("destruction", "1 = 1").await > entries);
        // It is told what was destroyed and by which rule, and nothing of whom.
        let log = "{ destructions { nodes { rule ruleVersion subject legalBasis rows { table count } organization { name { fi } } } } }";
        let told = app.ask("dpo", log, json!({})).await["destructions"]["nodes"].clone();
        let by_case = told.as_array().unwrap().iter().find(|entry| entry["rule"] == "RECORD_AFTER_CLIENTHOOD").unwrap();
        assert!(by_case["rows"].as_array().unwrap().contains(&json!({ "table": "client_entry", "count": rows })), "{by_case}");
        for stranger in ["social-worker", "partner", "admin", "client", "admin-x"] {
            assert_eq!(app.ask(stranger, "{ destructions { totalCount } }", json!({})).await["destructions"]["totalCount"], 0, "{stranger}");
        }
        assert_eq!(late.destroy_due(false).await.unwrap(), Destroyed::default(), "what is done is done");
    }

    async fn a_hold_a_restriction_and_an_open_request_keep_what_is_due(app) {
        let (id, _) = client(app, aino()).await;
        let late = app.later(6 * YEAR).await;
        let hold = json!({ "client": id, "reason": "Hallinto-oikeus käsittelee asiakkaan valitusta." });
        for actor in ["lead", "social-worker", "partner", "admin-x", "partner-x"] {
            let code = app.refuse(actor, &TestApp::mutation("setLegalHold", "legalHold { id }"), json!({ "input": hold })).await;
            assert!(["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()), "{actor}: {code}");
        }
        let held = app.done("dpo", "setLegalHold", "legalHold { id version reason }", hold).await["legalHold"].clone();
        assert_eq!(retention(app, "social-worker", &id).await["held"], true);
        let only_held = async || { let done = late.destroy_due(false).await.unwrap(); (done.clients, done.held) };
        assert_eq!(only_held().await, (0, 1));
        let lift = json!({ "id": held["id"], "expectedVersion": 1, "reason": "Valitus on lainvoimaisesti ratkaistu." });
        app.done("dpo", "liftLegalHold", "legalHold { liftedAt }", lift).await;
        let input = json!({ "client": id, "ground": "NEEDED_FOR_CLAIM", "words": "Tarvitsen tietoja oikeudessa." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", input).await;
        assert_eq!(only_held().await, (0, 1));
        app.tamper("UPDATE processing_restriction SET ends_at = '2026-01-01 00:00:00+00:00'").await;
        let asked = json!({ "client": id, "kind": "ACCESS", "words": "Haluan nähdä tietoni." });
        app.done("social-worker", "makeSubjectRequest", "subjectRequest { id }", asked).await;
        assert_eq!(only_held().await, (0, 1));
        app.tamper("UPDATE subject_request SET state = 'WITHDRAWN'").await;
        assert_eq!(only_held().await, (1, 0));
        assert_eq!(app.count("client", "1 = 1").await, 0);
    }

    async fn what_goes_on_elsewhere_keeps_a_record_and_a_draft_does_not(app) {
        let (id, _) = client(app, aino()).await;
        super::given::draft(app, &id, &["ALIAS"]).await;
        assert_eq!(retention(app, "social-worker", &id).await["goingOn"], false);
        sent(app, &id).await;
        app.tamper("UPDATE referral SET state = 'ACCEPTED' WHERE state = 'SENT'").await;
        assert_eq!(retention(app, "social-worker", &id).await["goingOn"], true);
        app.tamper("UPDATE referral SET outcome = 'DISCONTINUED' WHERE state = 'ACCEPTED'").await;
        assert_eq!(retention(app, "social-worker", &id).await["goingOn"], false);
    }

    async fn the_notices_of_an_account_go_with_the_client_of_this_network_alone(app) {
        let (id, _) = client(app, aino()).await;
        super::given::account(app, &id).await;
        let (other, _) = client(app, super::given::eino()).await;
        let subject = opened::subject(app, "client").await;
        let ask = json!({ "client": id, "kind": "OBJECTION", "words": "Vastustan käsittelyä." });
        let asked = app.done("client", "makeSubjectRequest", "subjectRequest { id }", ask).await["subjectRequest"]["id"].clone();
        app.done("lead", "decideSubjectRequest", "subjectRequest { state }", json!({ "id": asked, "expectedVersion": 1, "decision": "GRANT" })).await;
        // Of whoever acts for another too it is not known whom a notice was about.
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": other, "subject": subject, "kind": "GUARDIAN" })).await;
        let own = format!("subject = '{subject}' AND organization_id IS NULL");
        assert_eq!(app.count("notice", &own).await, 1);
        app.tamper("UPDATE client SET created_at = '2010-01-01 10:00:00+00:00' WHERE account IS NOT NULL").await;
        app.tamper("UPDATE care_relation SET created_at = '2010-01-01 10:00:00+00:00' WHERE client_id IN (SELECT id FROM client WHERE account IS NOT NULL)").await;
        let store = app.later(0).await;
        assert_eq!(store.destroy_due(false).await.unwrap().clients, 1);
        assert_eq!(app.count("notice", &own).await, 1);
    }

    async fn one_who_was_merged_is_held_and_goes_with_the_one_who_stays(app) {
        let walk_in = json!({ "firstNames": "Aino", "lastName": "Malinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi" });
        let ((known, _), (walked, _)) = (client(app, aino()).await, client(app, walk_in).await);
        let merger = json!({ "surviving": known, "expectedVersion": 1, "merged": walked, "expectedMergedVersion": 1, "reason": "Sama henkilö: tuli ensin ilman henkilötunnusta." });
        app.done("social-worker", "mergeClients", "client { id }", merger).await;
        let held = app.done("dpo", "setLegalHold", "legalHold { id }", json!({ "client": known, "reason": "Hallinto-oikeus käsittelee valitusta." })).await;
        let late = app.later(13 * YEAR).await;
        let done = late.destroy_due(false).await.unwrap();
        // What the log tells of the one is kept for the hold of the other.
        assert_eq!((done.clients, done.held, done.log_entries), (0, 1, 0));
        let lift = json!({ "id": held["legalHold"]["id"], "expectedVersion": 1, "reason": "Valitus on lainvoimaisesti ratkaistu." });
        app.done("dpo", "liftLegalHold", "legalHold { liftedAt }", lift).await;
        assert_eq!(late.destroy_due(false).await.unwrap().clients, 1);
        for id in [&known, &walked] {
            assert_eq!(mentions(app, id).await, Vec::<String>::new());
        }
        for table in ["client", "person", "person_word"] {
            assert_eq!(app.count(table, "1 = 1").await, 0, "{table}");
        }
    }

    async fn a_referral_of_somebody_who_did_not_become_a_client_goes_sooner(app) {
        let referral = text(&app.done("partner", "createReferral", "referral { id }", introduced(app)).await["referral"]["id"]);
        let (taken, _) = accepted(app).await;
        assert_eq!(app.later(YEAR).await.destroy_due(false).await.unwrap().referrals, 0);
        let later = app.later(3 * YEAR).await;
        assert_eq!(later.destroy_due(true).await.unwrap().referrals, 1);
        assert_eq!(later.destroy_due(false).await.unwrap().referrals, 1);
        assert!(mentions(app, &referral).await.iter().all(|place| place == "use_log_entry.subject"));
        assert!(!mentions(app, &taken).await.is_empty());
    }

    async fn the_oldest_of_the_logs_goes_and_the_chains_hold_on(app) {
        let (id, _) = client(app, aino()).await;
        sent(app, &id).await;
        let before = app.count("use_log_entry", "1 = 1").await;
        let late = app.later(13 * YEAR).await;
        // What a hold keeps, and all that came after it, stays.
        let hold = json!({ "client": id, "reason": "Hallinto-oikeus käsittelee asiakkaan valitusta." });
        let held = app.done("dpo", "setLegalHold", "legalHold { id }", hold).await["legalHold"]["id"].clone();
        assert_eq!(late.destroy_due(false).await.unwrap().log_entries, 0);
        let lift = json!({ "id": held, "expectedVersion": 1, "reason": "Valitus on lainvoimaisesti ratkaistu." });
        app.done("dpo", "liftLegalHold", "legalHold { liftedAt }", lift).await;
        assert_eq!(app.later(11 * YEAR).await.destroy_due(true).await.unwrap().log_entries, 0);
        assert!(i64::try_from(late.destroy_due(false).await.unwrap().log_entries).unwrap() > before);
        assert_eq!((app.count("use_log_entry", "1 = 1").await, app.count("disclosure_log_entry", "1 = 1").await), (0, 0));
        let store = app.store().await;
        let broken = async || store.verify_logs().await.unwrap().map(|verdict| verdict.broken);
        assert_eq!(broken().await, [None, None]);
        client(app, super::given::eino()).await;
        app.ask("social-worker", "{ clients { nodes { number } } }", json!({})).await;
        assert!(app.count("use_log_entry", "1 = 1").await > 0);
        assert_eq!(broken().await, [None, None]);
        // An anchor that somebody has moved is not the program's own.
        app.tamper("UPDATE ledger_head SET anchor_position = anchor_position - 1 WHERE log = 'use_log'").await;
        assert!(broken().await[0].is_some());
    }

    async fn nothing_lets_go_of_what_is_only_added_to_without_an_entry_of_the_destruction_log(app) {
        let (client, _) = ended(app).await;
        for table in ["audit", "case_event", "intake_baseline", "use_log_entry"] {
            assert!(app.sql(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
        }
        // Naming a row as doomed is not enough.
        app.tamper("INSERT INTO doomed (row_id, destruction_id) SELECT id, id FROM case_event").await;
        app.tamper("INSERT INTO doomed_log (log, position, destruction_id) SELECT 'use_log', 1000000, id FROM client").await;
        for table in ["case_event", "use_log_entry"] {
            assert!(app.sql(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
        }
        app.tamper("DELETE FROM doomed").await;
        app.tamper("DELETE FROM doomed_log").await;
        assert_eq!(app.later(31 * YEAR).await.destroy_due(false).await.unwrap().clients, 1);
        for statement in ["UPDATE destruction SET rule = 'x'", "DELETE FROM destruction"] {
            assert!(app.sql(statement).await.is_err(), "{statement}");
        }
        assert!(!client.is_empty());
    }

    async fn one_server_of_a_database_destroys_by_night_and_not_before_its_time(app) {
        client(app, aino()).await;
        let (one, two) = (app.later(6 * YEAR).await, app.later(6 * YEAR).await);
        let at = |text: &str, retention| Nightly { retention, retention_at: text.parse().unwrap() };
        let local = domain::catalogue::session::local(one.clock().now()).time();
        if local < "23:58:00".parse().unwrap() {
            assert_eq!(night(&one, &at("23:59:00", AtNight::Destroy)).await.unwrap(), None);
        }
        assert_eq!(night(&one, &at("00:00:00", AtNight::Off)).await.unwrap(), None);
        let settings = at("00:00:00", AtNight::Destroy);
        // A night that fails is tried again by whichever server comes next, and goes on where it stopped.
        app.tamper("UPDATE ledger_head SET position = position + 1").await;
        assert!(night(&one, &settings).await.is_err());
        app.tamper("UPDATE ledger_head SET position = position - 1").await;
        let (second, third) = (night(&two, &settings).await.unwrap(), night(&one, &settings).await.unwrap());
        assert_eq!((second.map(|done| done.clients), third), (Some(0), None));
        assert_eq!(app.count("client", "1 = 1").await, 0);
    }
}
