//! The inventory of venues, and agreements that only their parties see.
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn found(app: &TestApp) -> String {
    let content = json!({ "name": { "fi": "Kylätalo" }, "area": app.world.municipality("297"), "accessibility": { "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false } });
    let made = app.done("partner", "addVenue", "venue { id status moves }", json!({ "organization": app.world.organization("ngo"), "content": content })).await;
    assert_eq!((&made["venue"]["status"], &made["venue"]["moves"]), (&json!("IDENTIFIED"), &json!(["INSPECT", "WITHDRAW"])));
    made["venue"]["id"].as_str().unwrap().to_owned()
}

stories! {
    async fn everybody_sees_a_venue_once_its_use_is_agreed(app) {
        let id = found(app).await;
        let seen = async |actor: &str| app.ask(actor, "query($id: ID!) { node(id: $id) { ... on Venue { status moves } } }", json!({ "id": id })).await["node"].clone();
        for hidden in ["", "client", "partner-x", "admin-x"] {
            assert_eq!(seen(hidden).await, Value::Null, "{hidden}");
        }
        assert_eq!(seen("provider").await, json!({ "status": "IDENTIFIED", "moves": [] }), "the network's staff see the whole inventory");
        app.done("partner", "inspectVenue", "venue { id }", json!({ "id": id, "expectedVersion": 1 })).await;
        app.done("partner", "agreeVenue", "venue { id }", json!({ "id": id, "expectedVersion": 2 })).await;
        assert_eq!(seen("").await["status"], "AGREED");
        assert_eq!(app.refuse("provider", &TestApp::mutation("withdrawVenue", "venue { id }"), json!({ "input": { "id": id, "expectedVersion": 3 } })).await, "FORBIDDEN");
        app.done("partner", "withdrawVenue", "venue { id }", json!({ "id": id, "expectedVersion": 3 })).await;
        assert_eq!(seen("").await, Value::Null);
        assert_eq!(app.rejected("partner", "agreeVenue", "venue { id }", json!({ "id": id, "expectedVersion": 4 })).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn the_inventory_is_searched_by_area_without_leaking_other_networks(app) {
        found(app).await;
        let query = "query($area: ID!, $text: String) { venues(edition: WORKING, filter: { areas: [$area], search: $text }) { totalCount } }";
        let county = app.ask("", r#"{ areas(filter: { kinds: [WELLBEING_COUNTY], code: "13" }) { nodes { id } } }"#, json!({})).await["areas"]["nodes"][0]["id"].clone();
        let count = async |actor: &str, text: &str| app.ask(actor, query, json!({ "area": county, "text": text })).await["venues"]["totalCount"].clone();
        assert_eq!(count("provider", "KYLATALO").await, 1);
        assert_eq!(count("provider", "%").await, 0, "wild cards are letters");
        assert_eq!(count("partner-x", "").await, 0);
    }

    async fn an_agreement_is_seen_by_its_parties_and_those_who_answer_for_the_network(app) {
        let content = json!({
            "kind": "SOSKUMPPANUUS", "parties": [app.world.organization("ngo"), app.world.organization("county")],
            "contents": { "fi": "Sovitaan." }, "dataSharing": { "fi": "Vain suostumuksella." }, "validFrom": "2026-01-01",
        });
        let input = json!({ "keeper": app.world.organization("ngo"), "content": content });
        let made = app.done("partner", "concludePartnershipAgreement", "partnershipAgreement { id }", input).await;
        let id = made["partnershipAgreement"]["id"].clone();
        let seen = async |actor: &str| !app.ask(actor, "query($id: ID!) { partnershipAgreement(id: $id) { id } }", json!({ "id": id })).await["partnershipAgreement"].is_null();
        for party in ["partner", "service-guide", "lead", "procurement", "dpo"] {
            assert!(seen(party).await, "{party}");
        }
        for stranger in ["partner-b", "provider", "client", "analyst", "partner-x", "admin-x"] {
            assert!(!seen(stranger).await, "{stranger}");
            assert_eq!(app.ask(stranger, "{ partnershipAgreements { totalCount } }", json!({})).await["partnershipAgreements"]["totalCount"], 0, "{stranger}");
        }
        let update = TestApp::mutation("updatePartnershipAgreement", "partnershipAgreement { id }");
        let change = json!({ "input": { "id": id, "expectedVersion": 1, "content": content } });
        assert_eq!(app.refuse("lead", &update, change).await, "FORBIDDEN", "a party reads; the keeper changes");
        let mut foreign = content.clone();
        foreign["parties"] = json!([app.world.organization("ngo"), app.world.organization("ngo-x")]);
        let input = json!({ "keeper": app.world.organization("ngo"), "content": foreign });
        assert_eq!(app.rejected("partner", "concludePartnershipAgreement", "partnershipAgreement { id }", input).await, ["OTHER_NETWORK content.parties"]);
        assert_eq!(app.count("partnership_agreement", "1 = 1").await, 1);
        assert_eq!(app.count("agreement_party", "1 = 1").await, 2);
    }
}
