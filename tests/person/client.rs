//! Clients: who may see one, how one is found, and what is kept sealed.
use super::given::{account, aino, client, eino, text};
use serde_json::json;
use tests::stories;

const WHO: &str =
    "query($id: ID!) { client(id: $id) { number person { firstNames lastName maskedHetu birthDate phone address { street } protected version } } }";

stories! {
    async fn who_takes_up_a_client_sees_who_it_is_and_nobody_else_does(app) {
        let (id, number) = client(app, aino()).await;
        let seen = app.ask("social-worker", WHO, json!({ "id": id })).await["client"].clone();
        assert_eq!(seen["number"], json!(number));
        assert_eq!(seen["person"]["maskedHetu"], "010190-****");
        assert_eq!(seen["person"]["address"]["street"], "Mallikatu 1");
        for other in ["service-guide", "partner", "provider", "admin", "admin-x", "client", "procurement", "analyst", "integration", "dpo"] {
            assert_eq!(app.ask(other, WHO, json!({ "id": id })).await["client"], json!(null), "{other}");
        }
        // The lead knows that there is such a client, and not who.
        let lead = app.ask("lead", WHO, json!({ "id": id })).await["client"].clone();
        assert_eq!((lead["number"].clone(), lead["person"].clone()), (json!(number), json!(null)));
        assert_eq!(app.refuse("", WHO, json!({ "id": id })).await, "UNAUTHENTICATED");
    }

    async fn nothing_that_tells_who_somebody_is_stands_in_the_database(app) {
        client(app, aino()).await;
        for (table, column) in [("person", "identity"), ("audit", "CAST(after AS TEXT)"), ("idempotency", "input"), ("person_word", "hash"), ("use_log_entry", "what")] {
            for word in ["Aino", "Mallinen", "010190-900P", "Mallikatu", "358500000001"] {
                assert_eq!(app.count(table, &format!("{column} LIKE '%{word}%'")).await, 0, "{table} {word}");
            }
        }
        assert_eq!(app.count("person", "identity LIKE '1:test:%'").await, 1);
    }

    async fn a_worker_who_says_not_what_for_sees_no_client(app) {
        let (id, _) = client(app, aino()).await;
        for query in [WHO, "query($id: ID!) { node(id: $id) { id } }", "query($id: ID!) { clients { totalCount } node(id: $id) { id } }"] {
            assert_eq!(app.without_purpose("social-worker", query, json!({ "id": id })).await.code(), "PURPOSE_REQUIRED", "{query}");
        }
        let input = json!({ "keeper": app.world.organization("county"), "identity": eino() });
        let mutation = tests::TestApp::mutation("registerClient", "client { id }");
        assert_eq!(app.without_purpose("social-worker", &mutation, json!({ "input": input })).await.code(), "PURPOSE_REQUIRED");
    }

    async fn an_identity_code_is_of_one_client_only_and_must_hold_together(app) {
        let (id, _) = client(app, aino()).await;
        let county = app.world.organization("county");
        let again = app.rejected("social-worker", "registerClient", "client { id }", json!({ "keeper": county, "identity": aino() })).await;
        assert_eq!(again, ["NOT_UNIQUE identity.hetu"]);
        let mut wrong = aino();
        wrong["hetu"] = json!("010190-900R");
        let answer = app.post("social-worker", &tests::TestApp::mutation("registerClient", "client { id }"), json!({ "input": { "keeper": county, "identity": wrong } })).await;
        assert_eq!(answer.code(), "BAD_INPUT");
        assert!(!answer.text.contains("010190"), "{}", answer.text);
        let mut other_day = aino();
        other_day["birthDate"] = json!("1990-01-02");
        let refused = app.rejected("social-worker", "registerClient", "client { id }", json!({ "keeper": county, "identity": other_day })).await;
        assert_eq!(refused, ["DOES_NOT_AGREE identity.birthDate"]);
        // Leaving the code out when the identity is mended keeps it.
        let mut moved = aino();
        moved.as_object_mut().unwrap().remove("hetu");
        moved["lastName"] = json!("Uusinimi");
        let input = json!({ "client": id, "expectedVersion": 1, "identity": moved, "protected": false });
        let person = app.done("social-worker", "updateIdentity", "person { lastName maskedHetu version }", input.clone()).await["person"].clone();
        assert_eq!(person, json!({ "lastName": "Uusinimi", "maskedHetu": "010190-****", "version": 2 }));
        assert_eq!(app.rejected("social-worker", "updateIdentity", "person { version }", input).await, ["STALE_VERSION expectedVersion"]);
    }

    async fn a_client_is_found_by_name_number_or_code_among_those_whom_one_may_see(app) {
        let (id, number) = client(app, aino()).await;
        client(app, eino()).await;
        let search = "query($s: String!) { clients(filter: { search: $s }) { totalCount nodes { id } } }";
        for words in ["mall", "MALLINEN aino", "Esim", number.as_str(), &number.to_lowercase(), "010190-900P"] {
            let found = app.ask("social-worker", search, json!({ "s": words })).await["clients"].clone();
            assert_eq!(found, json!({ "totalCount": 1, "nodes": [{ "id": id }] }), "{words}");
        }
        for words in ["allinen", "Ma", "Aino Testilä", "010190-901R", "%", ""] {
            assert_eq!(app.ask("social-worker", search, json!({ "s": words })).await["clients"]["totalCount"], 0, "{words}");
        }
        for other in ["service-guide", "partner", "admin-x"] {
            assert_eq!(app.ask(other, search, json!({ "s": "mallinen" })).await["clients"]["totalCount"], 0, "{other}");
        }
    }

    async fn clients_see_themselves_and_so_does_who_acts_for_them(app) {
        let (id, number) = client(app, aino()).await;
        account(app, &id).await;
        let me = "{ me { number person { firstNames } referrals { totalCount } consents { totalCount } } }";
        assert_eq!(app.ask("client", me, json!({})).await["me"]["number"], json!(number));
        assert_eq!(app.ask("partner", me, json!({})).await["me"], json!(null));
        let subject = text(&app.ask("partner-b", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
        let add = json!({ "client": id, "subject": subject, "kind": "AUTHORIZED" });
        let made = app.done("social-worker", "addRepresentation", "representation { id version }", add).await["representation"].clone();
        assert_eq!(app.ask("partner-b", WHO, json!({ "id": id })).await["client"]["number"], json!(number));
        app.done("social-worker", "endRepresentation", "representation { endedAt }", json!({ "id": made["id"], "expectedVersion": 1 })).await;
        assert_eq!(app.ask("partner-b", WHO, json!({ "id": id })).await["client"], json!(null));
        // Nobody makes a client's account of the own one.
        let own = text(&app.ask("social-worker", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
        let link = json!({ "client": id, "expectedVersion": 2, "account": own });
        assert_eq!(app.rejected("social-worker", "linkAccount", "client { id }", link).await, ["NOT_UNIQUE account"]);
    }

    async fn where_somebody_under_non_disclosure_lives_is_opened_with_a_reason_only(app) {
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino(), "protected": true });
        let id = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        let person = app.ask("social-worker", WHO, json!({ "id": id })).await["client"]["person"].clone();
        assert_eq!((person["protected"].clone(), person["address"].clone(), person["phone"].clone()), (json!(true), json!(null), json!(null)));
        let reveal = |reason: &str| json!({ "client": id, "reason": reason });
        assert_eq!(app.rejected("social-worker", "revealProtectedContact", "contact { phone }", reveal("tarvitsen")).await, ["TOO_SHORT reason"]);
        let shown = app.done("social-worker", "revealProtectedContact", "contact { phone address { street } }", reveal("Sovitaan turvallinen kotikäynti asiakkaan luo")).await;
        assert_eq!(shown["contact"]["phone"], "+358500000001");
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { what flagged } } }", json!({})).await["useLog"]["nodes"].clone();
        assert!(flagged.as_array().unwrap().iter().any(|e| e["what"].as_array().unwrap().contains(&json!("Person.protectedContact"))), "{flagged}");
    }
}
