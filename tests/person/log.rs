//! The logs: each reading leaves one entry, refused ones too; the client reads them; nobody changes them.
use super::given::{account, aino, client, sent};
use serde_json::json;
use tests::stories;

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
        let query = "{ myAccessLog(first: 3) { nodes { outcome basis role purpose operation what summary { en } } } }";
        let log = app.ask("client", query, json!({})).await["myAccessLog"]["nodes"].clone();
        assert_eq!(log[0]["outcome"], "DENIED");
        assert_eq!(log[1]["basis"], "INTAKE");
        assert_eq!(log[1]["what"], json!(["Client", "Person", "Person.lastName"]));
        assert_eq!(log[1]["operation"], "client");
        assert_eq!(log[1]["summary"]["en"], "Social worker (county) saw your data. Reason: client work, taking up the matter.");
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
}
