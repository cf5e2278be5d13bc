//! Services: written, published, changed, withdrawn; by their own organisation and no one else.
use super::given::{draft, offering, published, unit, whole_service};
use serde_json::{Value, json};
use tests::{in_days, stories};

const SEEN: &str = "query($id: ID!) { service(id: $id) { name { fi } publishing } }";
const WORKED_ON: &str = "query($id: ID!) { service(id: $id, edition: WORKING) { name { fi } publishing version moves } }";

/// A moment so many days ago, as both databases read it.
fn days_ago(days: i64) -> String {
    (chrono::Utc::now() - chrono::TimeDelta::days(days)).to_rfc3339()
}

stories! {
    async fn a_draft_is_seen_by_its_own_organisation_only(app) {
        let (id, _) = draft(app, "partner", "ngo", whole_service("Luonnos")).await;
        for nobody in ["", "partner-b", "provider", "client", "analyst", "partner-x", "admin-x"] {
            assert_eq!(app.ask(nobody, SEEN, json!({ "id": id })).await["service"], Value::Null, "{nobody}");
            assert_eq!(app.ask(nobody, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"], Value::Null, "{nobody}");
        }
        assert_eq!(app.ask("partner-b", WORKED_ON, json!({ "id": id })).await["service"], Value::Null);
        assert_eq!(app.ask("partner", WORKED_ON, json!({ "id": id })).await["service"]["publishing"], "DRAFT");
        assert_eq!(app.ask("admin", WORKED_ON, json!({ "id": id })).await["service"]["moves"], json!([]), "the administrator sees, but does not move");
    }

    async fn a_draft_leaks_through_no_filter_order_or_total(app) {
        draft(app, "partner", "ngo", whole_service("Salainen luonnos")).await;
        let all = "{ services { totalCount } serviceMap { totalCount } }";
        assert_eq!(app.ask("", all, json!({})).await, json!({ "services": { "totalCount": 0 }, "serviceMap": { "totalCount": 0 } }));
        let working = r#"{ services(edition: WORKING, filter: { search: "salainen" }, orderBy: { field: UPDATED_AT, direction: ASC }) { totalCount nodes { id } } }"#;
        assert_eq!(app.ask("partner-b", working, json!({})).await["services"]["totalCount"], 0);
        assert_eq!(app.ask("partner-x", working, json!({})).await["services"]["totalCount"], 0);
        assert_eq!(app.ask("partner", working, json!({})).await["services"]["totalCount"], 1);
        assert_eq!(app.refuse("", working, json!({})).await, "UNAUTHENTICATED");
    }

    async fn publishing_names_every_missing_part_at_once(app) {
        let bare = json!({ "name": { "fi": "Vajaa" }, "provision": "OPEN_NGO", "form": "GROUP", "chargeType": "CHARGEABLE", "referralRequired": true });
        let (id, version) = draft(app, "partner", "ngo", bare).await;
        let missing = app.rejected("partner", "publishService", "service { id }", json!({ "id": id, "expectedVersion": version })).await;
        assert_eq!(missing, [
            "REQUIRED content.summary",
            "NO_CONTENT content.rehabContents",
            "REQUIRED content.deliveryForms",
            "REQUIRED content.languages",
            "REQUIRED content.price",
            "CONSENT_NEEDED content.consentRequired",
        ]);
        assert_eq!(app.ask("", SEEN, json!({ "id": id })).await["service"], Value::Null);
    }

    async fn everybody_sees_the_published_copy_until_it_is_published_again(app) {
        let id = published(app, "partner", "ngo", whole_service("Ensimmäinen")).await;
        assert_eq!(app.ask("", SEEN, json!({ "id": id })).await["service"]["name"]["fi"], "Ensimmäinen");
        let changed = app.done("partner", "updateService", "service { publishing version }", json!({ "id": id, "expectedVersion": 2, "content": whole_service("Toinen") })).await;
        assert_eq!(changed["service"], json!({ "publishing": "MODIFIED", "version": 3 }));
        assert_eq!(app.ask("", SEEN, json!({ "id": id })).await["service"], json!({ "name": { "fi": "Ensimmäinen" }, "publishing": "PUBLISHED" }));
        app.done("partner", "publishService", "service { id }", json!({ "id": id, "expectedVersion": 3 })).await;
        assert_eq!(app.ask("", SEEN, json!({ "id": id })).await["service"]["name"]["fi"], "Toinen");
    }

    async fn a_withdrawn_service_takes_its_offerings_and_sessions_along(app) {
        let service = published(app, "partner", "ngo", whole_service("Poistuva")).await;
        let place = unit(app, "partner", "ngo").await;
        let offering = offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "unit": place })).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": offering, "date": in_days(7), "time": "10:00", "minutes": 60 })).await;
        let found = app.ask("", "{ sessions { totalCount nodes { id } } }", json!({})).await;
        let session = found["sessions"]["nodes"][0]["id"].clone();
        app.done("partner", "withdrawService", "service { id }", json!({ "id": service, "expectedVersion": 2 })).await;
        for (kind, id) in [("service", json!(service)), ("offering", json!(offering)), ("session", session)] {
            for somebody in ["", "partner-x", "client"] {
                assert_eq!(app.ask(somebody, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"], Value::Null, "{kind} for {somebody}");
            }
        }
        assert_eq!(app.ask("", "{ sessions { totalCount } }", json!({})).await["sessions"]["totalCount"], 0);
        app.done("partner", "publishService", "service { id }", json!({ "id": service, "expectedVersion": 3 })).await;
        assert_eq!(app.ask("", "{ sessions { totalCount } }", json!({})).await["sessions"]["totalCount"], 1, "published again, they are back");
    }

    async fn nobody_changes_what_another_organisation_keeps(app) {
        let id = published(app, "partner", "ngo", whole_service("Oma")).await;
        let (hidden, version) = draft(app, "partner", "ngo", whole_service("Piilossa")).await;
        let update = tests::TestApp::mutation("updateService", "service { id }");
        for other in ["partner-b", "provider", "lead", "admin", "partner-x", "admin-x", "client", "analyst"] {
            let input = json!({ "input": { "id": id, "expectedVersion": 2, "content": whole_service("Kaapattu") } });
            assert_eq!(app.refuse(other, &update, input).await, "FORBIDDEN", "{other}");
            let input = json!({ "input": { "id": hidden, "expectedVersion": version, "content": whole_service("Kaapattu") } });
            let expected = if other == "admin" { "FORBIDDEN" } else { "NOT_FOUND" };
            assert_eq!(app.refuse(other, &update, input).await, expected, "{other}");
        }
        let create = tests::TestApp::mutation("createService", "service { id }");
        for other in ["partner-b", "admin", "partner-x", "client"] {
            let input = json!({ "input": { "organization": app.world.organization("ngo"), "content": whole_service("Vieras") } });
            assert_eq!(app.refuse(other, &create, input).await, "FORBIDDEN", "{other}");
        }
        let input = json!({ "input": { "organization": app.world.organization("ngo"), "content": whole_service("Nimetön") } });
        assert_eq!(app.refuse("", &create, input).await, "UNAUTHENTICATED");
        assert_eq!(app.ask("", SEEN, json!({ "id": id })).await["service"]["name"]["fi"], "Oma");
    }

    async fn of_two_writers_at_once_one_wins_and_the_other_is_told(app) {
        let (id, version) = draft(app, "partner", "ngo", whole_service("Kilpailtu")).await;
        let write = async |name: &str| app.payload("partner", "updateService", "service { version }", json!({ "id": id, "expectedVersion": version, "content": whole_service(name) })).await;
        let (a, b) = tokio::join!(write("A"), write("B"));
        let outcomes = [&a, &b].map(|p| p["userErrors"][0]["code"].as_str().unwrap_or("kept").to_owned());
        let mut sorted = outcomes.clone();
        sorted.sort();
        assert_eq!(sorted, ["STALE_VERSION", "kept"], "{outcomes:?}");
        assert_eq!(app.ask("partner", WORKED_ON, json!({ "id": id })).await["service"]["version"], version + 1);
    }

    async fn a_repeated_key_makes_nothing_twice(app) {
        let input = |name: &str| json!({ "organization": app.world.organization("ngo"), "content": whole_service(name), "idempotencyKey": "avain-1" });
        let create = async |name: &str| app.payload("partner", "createService", "service { id }", input(name)).await;
        let (first, at_once) = tokio::join!(create("Kerran"), create("Kerran"));
        let again = create("Kerran").await;
        assert_eq!(first["service"]["id"], again["service"]["id"]);
        assert_eq!(first["service"]["id"], at_once["service"]["id"]);
        assert_eq!(app.rejected("partner", "createService", "service { id }", input("Muuta")).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        assert_eq!(app.ask("partner", "{ services(edition: WORKING) { totalCount } }", json!({})).await["services"]["totalCount"], 1);
    }

    async fn a_key_is_remembered_for_a_week_and_is_new_after_that(app) {
        let input = |name: &str| json!({ "organization": app.world.organization("ngo"), "content": whole_service(name), "idempotencyKey": "avain-2" });
        let first = app.done("partner", "createService", "service { id }", input("Ennen")).await["service"]["id"].clone();
        app.tamper(&format!("UPDATE idempotency SET at = '{}'", days_ago(6))).await;
        assert_eq!(app.done("partner", "createService", "service { id }", input("Ennen")).await["service"]["id"], first);
        app.tamper(&format!("UPDATE idempotency SET at = '{}'", days_ago(8))).await;
        let second = app.done("partner", "createService", "service { id }", input("Jälkeen")).await["service"]["id"].clone();
        assert_ne!(first, second);
        assert_eq!(app.done("partner", "createService", "service { id }", input("Jälkeen")).await["service"]["id"], second);
    }

    async fn old_keys_are_forgotten_by_every_server_and_young_ones_by_none(app) {
        for name in ["vanha", "uusi"] {
            app.done("partner", "createService", "service { id }", json!({ "organization": app.world.organization("ngo"), "content": whole_service(name), "idempotencyKey": name })).await;
        }
        app.tamper(&format!("UPDATE idempotency SET at = '{}' WHERE key = 'vanha'", days_ago(8))).await;
        let _both = tokio::join!(app.second_process(), app.second_process());
        for _ in 0..100 {
            if app.count("idempotency", "key = 'vanha'").await == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(app.count("idempotency", "key = 'vanha'").await, 0);
        assert_eq!(app.count("idempotency", "key = 'uusi'").await, 1);
    }

    async fn a_discarded_draft_stays_discarded(app) {
        let (id, version) = draft(app, "partner", "ngo", whole_service("Hylätty")).await;
        app.done("partner", "discardService", "service { publishing }", json!({ "id": id, "expectedVersion": version })).await;
        let again = app.rejected("partner", "publishService", "service { id }", json!({ "id": id, "expectedVersion": version + 1 })).await;
        assert_eq!(again, ["ILLEGAL_TRANSITION id"]);
    }

    async fn bad_content_is_refused_part_by_part_and_nothing_is_kept(app) {
        let content = json!({
            "name": { "fi": "a\u{0}b" }, "provision": "OWN", "form": "GROUP", "chargeType": "FREE", "minAge": 20, "maxAge": 10,
            "targetGroups": ["KR9.9", "KR1.3"], "supportNeeds": ["HOUSING", "HOUSING"], "price": { "amountCents": -1 },
        });
        let input = json!({ "organization": app.world.organization("ngo"), "content": content });
        let errors = app.rejected("partner", "createService", "service { id }", input).await;
        assert_eq!(errors, [
            "CONTROL_CHARACTER content.name.fi",
            "DUPLICATE content.supportNeeds",
            "UNKNOWN_CODE content.targetGroups.0",
            "OUT_OF_RANGE content.price.amountCents",
            "DATE_ORDER content.maxAge",
        ]);
        assert_eq!(app.count("service", "1 = 1").await, 0);
        assert_eq!(app.count("audit", "resource = 'Service'").await, 0);
    }

    async fn another_process_on_the_same_database_shows_the_change_too(app) {
        let other = app.second_process().await;
        let id = published(app, "partner", "ngo", whole_service("Toisaalla")).await;
        let mut seen = Value::Null;
        for _ in 0..60 {
            seen = tests::post(&other, None, SEEN, json!({ "id": id })).await.body["data"]["service"].clone();
            if !seen.is_null() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(seen["name"]["fi"], "Toisaalla");
    }
}
