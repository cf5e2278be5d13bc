//! The logs: each reading leaves one entry, refused ones too; the client reads them; nobody changes them.
use super::given::{account, aino, client, sent};
use chrono::{TimeDelta, Utc};
use domain::{
    catalogue::session::{day, instant},
    id::split_public,
};
use serde_json::json;
use tests::{literal, stories};

const SEES: &str = "query($id: ID!) { client(id: $id) { number person { lastName } } }";

stories! {
    async fn every_reading_leaves_one_entry_that_the_client_can_read(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let before = app.count("use_log_entry", "1 = 1").await;
        app.ask("social-worker", SEES, json!({ "id": id })).await;
        assert_eq!(app.count("use_log_entry", "1 = 1").await, before + 1);
        app.ask("service-guide", SEES, json!({ "id": id })).await;
        assert_eq!(app.count("use_log_entry", "outcome = 'DENIED'").await, 1);
        let query = "{ myAccessLog(first: 3) { nodes { outcome basis role purpose operation what summary { fi sv en } } } }";
        let log = app.ask("client", query, json!({})).await["myAccessLog"]["nodes"].clone();
        assert_eq!(log[0]["outcome"], "DENIED");
        assert_eq!(log[1]["basis"], "INTAKE");
        assert_eq!(log[1]["what"], json!(["Client", "Person", "Person.lastName"]));
        assert_eq!(log[1]["operation"], "client");
        let summary = json!({
            "fi": "Sosiaalityöntekijä (county) katsoi tietojasi: asiakas, henkilötiedot (sukunimi). Syy: asiakastyö, asian vastaanotto.",
            "sv": "Socialarbetare (county) såg dina uppgifter: klient, personuppgifter (efternamn). Orsak: klientarbete, mottagande av ärende.",
            "en": "Social worker (county) saw your data: client, who you are (last name). Reason: client work, taking up the matter.",
        });
        assert_eq!(log[1]["summary"], summary);
        let refused = log[0]["summary"]["en"].as_str().unwrap();
        assert!(refused.contains("tried to see your data, but it was not shown: client. Reason: "), "{refused}");
        for stranger in ["partner", "admin", "client-b", "admin-x"] {
            assert_eq!(app.ask(stranger, "{ myAccessLog { totalCount } useLog { totalCount } }", json!({})).await, json!({ "myAccessLog": { "totalCount": 0 }, "useLog": { "totalCount": 0 } }), "{stranger}");
        }
        assert_eq!(app.without_purpose("dpo", "{ useLog { totalCount } }", json!({})).await.code(), "PURPOSE_REQUIRED");
    }

    async fn a_list_is_logged_for_each_client_that_it_shows(app) {
        client(app, aino()).await;
        client(app, super::given::eino()).await;
        let before = app.count("use_log_entry", "1 = 1").await;
        app.ask("social-worker", "{ clients { nodes { number } } }", json!({})).await;
        assert_eq!(app.count("use_log_entry", "1 = 1").await, before + 2);
    }

    async fn the_officer_is_told_of_days_on_which_somebody_reads_in_an_unusual_way(app) {
        let mut last = String::new();
        for number in 0..20 {
            let mut who = super::given::eino();
            who["lastName"] = json!(format!("Testilä {}", "abcdefghijklmnopqrst".chars().nth(number).unwrap()));
            last = client(app, who).await.0;
        }
        let query = "query($f: UnusualAccessFilter) { unusualAccess(filter: $f) { day actor organization { id } signs { kind count usual } } }";
        let told = async |filter: serde_json::Value| app.ask("dpo", query, json!({ "f": filter })).await["unusualAccess"].clone();
        assert_eq!(told(json!({})).await, json!([]), "registering is no reading");
        app.ask("social-worker", "{ clients(first: 50) { nodes { number } } }", json!({})).await;
        // Whenever this runs, it was read at noon.
        let moment = |days: i64, hour: u32| {
            let local = day(Utc::now() - TimeDelta::days(days)).and_hms_opt(hour, 0, 0).unwrap();
            instant(local, "at").unwrap().format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
        };
        app.unguard("use_log_entry").await;
        app.tamper(&format!("UPDATE use_log_entry SET at = '{}'", moment(0, 12))).await;
        let worker = crate::casework::opened::subject(app, "social-worker").await;
        let on = |days: i64, signs: serde_json::Value| json!({
            "day": day(Utc::now() - TimeDelta::days(days)).to_string(), "actor": worker, "organization": { "id": app.world.organization("county") }, "signs": signs,
        });
        let many = json!({ "kind": "MANY_CLIENTS", "count": 20, "usual": 0 });
        assert_eq!(told(json!({ "actor": worker })).await, json!([on(0, json!([many]))]));
        // The list was read the night before; today it is the worker's own record, and doors that are closed.
        let night = moment(1, 23);
        app.tamper(&format!("UPDATE use_log_entry SET at = '{night}'")).await;
        let other = literal(app.database(), split_public(&last).unwrap().1);
        app.tamper(&format!("UPDATE client SET account = '{worker}' WHERE number = (SELECT MAX(number) FROM client WHERE id <> {other})")).await;
        let mine = app.ask("social-worker", "{ clients(first: 50) { nodes { id hasAccount } } }", json!({})).await["clients"]["nodes"].clone();
        app.tamper(&format!("UPDATE use_log_entry SET at = '{}' WHERE at > '{night}'", moment(0, 12))).await;
        assert_eq!(mine.as_array().unwrap().iter().filter(|client| client["hasAccount"] == true).count(), 1);
        let by_night = json!({ "kind": "BY_NIGHT", "count": 20, "usual": 0 });
        let own = json!({ "kind": "OWN_RECORD", "count": 1, "usual": null });
        assert_eq!(told(json!({ "organization": app.world.organization("county") })).await[0], on(0, json!([own])));
        let yesterday = told(json!({ "to": on(1, json!([]))["day"], "actor": worker })).await;
        assert_eq!(yesterday, json!([on(1, json!([many, by_night, own]))]));
        // Whose data it is, and nobody else but the officer, is asked nothing of it.
        account(app, &last).await;
        for stranger in ["lead", "admin", "partner", "client", "admin-x"] {
            assert_eq!(app.ask(stranger, query, json!({ "f": {} })).await["unusualAccess"], json!([]), "{stranger}");
        }
        assert_eq!(app.without_purpose("dpo", query, json!({ "f": {} })).await.code(), "PURPOSE_REQUIRED");
        for days in [("2026-01-02", "2026-01-01"), ("2026-01-01", "2026-02-01")] {
            assert_eq!(app.refuse("dpo", query, json!({ "f": { "from": days.0, "to": days.1 } })).await, "BAD_INPUT");
        }
    }

    async fn the_database_itself_refuses_to_change_a_log(app) {
        let (id, _) = client(app, aino()).await;
        sent(app, &id).await;
        for table in ["use_log_entry", "disclosure_log_entry", "audit"] {
            for statement in [format!("UPDATE {table} SET actor = 'x'"), format!("DELETE FROM {table}")] {
                assert!(app.sql(&statement).await.is_err(), "{statement}");
            }
        }
        let verdicts = app.store().await.verify_logs().await.unwrap();
        assert!(verdicts.iter().all(|v| v.broken.is_none() && v.entries > 0), "{verdicts:?}");
    }

    async fn a_change_behind_the_back_of_the_server_is_found(app) {
        let (id, _) = client(app, aino()).await;
        for _ in 0..3 {
            app.ask("social-worker", SEES, json!({ "id": id })).await;
        }
        let store = app.store().await;
        let broken = async || store.verify_logs().await.unwrap()[0].broken;
        assert_eq!(broken().await, None);
        app.unguard("use_log_entry").await;
        app.sql("UPDATE use_log_entry SET what = 'Referral' WHERE position = 2").await.unwrap();
        assert_eq!(broken().await.map(|(at, _)| at), Some(2));
        app.sql("DELETE FROM use_log_entry WHERE position = 2").await.unwrap();
        assert_eq!(broken().await, Some((2, "an entry is missing")));
        app.sql("UPDATE use_log_entry SET position = 2 WHERE position = 3").await.unwrap();
        assert_eq!(broken().await, Some((2, "the entry does not follow the one before")));
        app.sql("DELETE FROM use_log_entry WHERE position > 1").await.unwrap();
        assert_eq!(broken().await, Some((2, "entries are missing at the end")));
    }

    async fn an_entry_that_was_put_in_past_the_server_is_found_wherever_it_stands(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        for _ in 0..3 {
            app.ask("social-worker", SEES, json!({ "id": id })).await;
        }
        let store = app.store().await;
        let broken = async || store.verify_logs().await.unwrap()[0].broken;
        assert_eq!(broken().await, None);
        app.unguard("use_log_entry").await;
        // Made of an entry that is there, and told to the client like any other.
        let columns = "at, network_id, client_id, subject, request_id, actor, organization_id, role, purpose, what, basis, ground_id, outcome, flagged, previous, \
                       hash";
        let forged = |of: i64, position: i64| {
            let values = format!("network_id, {position}, 'forged', {columns}");
            format!("INSERT INTO use_log_entry (id, position, operation, {columns}) SELECT {values} FROM use_log_entry WHERE position = {of}")
        };
        let shown = async || {
            let log = app.ask("client", "{ myAccessLog(first: 100) { nodes { operation } } }", json!({})).await["myAccessLog"]["nodes"].clone();
            log.as_array().unwrap().iter().filter(|entry| entry["operation"] == "forged").count()
        };
        for position in [i64::MAX, 1_000_000, 0, -1, i64::MIN + 1] {
            app.tamper(&forged(2, position)).await;
            assert_eq!(shown().await, 1, "{position}");
            assert_eq!(broken().await, Some((position, "an entry stands outside the chain")));
            app.tamper(&format!("DELETE FROM use_log_entry WHERE position = {position}")).await;
            assert_eq!(broken().await, None, "{position}");
        }
        // Between the others there is no room but that of an entry that is taken away.
        assert!(app.sql(&forged(2, 3)).await.is_err());
        app.tamper("DELETE FROM use_log_entry WHERE position = 3").await;
        app.tamper(&forged(2, 3)).await;
        assert_eq!(broken().await, Some((3, "the entry does not follow the one before")));
    }

    async fn an_entry_below_what_was_destroyed_for_its_age_is_found(app) {
        let (id, _) = client(app, aino()).await;
        app.ask("social-worker", SEES, json!({ "id": id })).await;
        let late = app.later(13 * 366).await;
        assert!(late.destroy_due(false).await.unwrap().log_entries > 0);
        app.ask("social-worker", "{ clients { nodes { number } } }", json!({})).await;
        client(app, super::given::eino()).await;
        app.ask("social-worker", "{ clients { nodes { number } } }", json!({})).await;
        let store = app.store().await;
        let broken = async || store.verify_logs().await.unwrap()[0].broken;
        assert_eq!(broken().await, None);
        app.unguard("use_log_entry").await;
        app.tamper("UPDATE use_log_entry SET position = 0 WHERE position = (SELECT MAX(position) FROM use_log_entry)").await;
        assert_eq!(broken().await.map(|(_, how)| how), Some("entries are missing at the end"));
        app.tamper("UPDATE ledger_head SET position = position - 1 WHERE log = 'use_log'").await;
        app.tamper("UPDATE ledger_head SET hash = COALESCE((SELECT hash FROM use_log_entry WHERE position = ledger_head.position), anchor_hash) WHERE log = 'use_log'").await;
        assert_eq!(broken().await, Some((0, "an entry stands outside the chain")));
    }
}
