//! Two hundred at once, through two servers: as many places as there are, the waiting list in order, and everybody else is told why.
use super::given::{by_session, offered};
use crate::{
    person::given::{account, aino, client},
    promise::wrong::nothing_is_wrong,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// Two hundred register at once for something with ten places and a waiting list of twenty.
async fn crowd(app: &TestApp, wanted: Value) {
    let second = app.second_process().await;
    let mutation = TestApp::mutation("registerWalkIn", "participation { id state version }");
    let ask = async |number: usize| {
        let mut input = wanted.clone();
        (input["alias"], input["textVersion"]) = (json!(format!("Nro {number}")), json!("osallistuminen-2026-1"));
        let input = json!({ "input": input });
        if number.is_multiple_of(2) { app.post("partner", &mutation, input).await } else { app.post_to(&second, "partner", &mutation, input).await }
    };
    let answers = join_all((0..200).map(ask)).await;
    let mut told = std::collections::BTreeMap::new();
    for answer in &answers {
        let payload = &answer.body["data"]["registerWalkIn"];
        let what = payload["participation"]["state"].as_str().or_else(|| payload["userErrors"][0]["code"].as_str());
        *told.entry(what.unwrap_or(&answer.text).to_owned()).or_insert(0) += 1;
    }
    let expected = [("ENROLLED", 10), ("OFFERING_FULL", 170), ("WAITLISTED", 20)].map(|(what, count)| (what.to_owned(), count));
    assert_eq!(told.into_iter().collect::<Vec<_>>(), expected);
    // Five give their place up at once: the first five of the list have them, in the order in which they came.
    let rows = answers.iter().map(|answer| &answer.body["data"]["registerWalkIn"]["participation"]);
    let gone: Vec<_> = rows.filter(|row| row["state"] == "ENROLLED").take(5).collect();
    let leave = async |row: &Value| {
        let mutation = if row["state"] == "ENROLLED" { "cancelParticipation" } else { "leaveWaitlist" };
        let input = json!({ "input": { "id": row["id"], "expectedVersion": row["version"], "why": "CLIENT_WISH" } });
        app.post_to(&second, "partner", &TestApp::mutation(mutation, "participation { state }"), input).await
    };
    for answer in join_all(gone.into_iter().map(leave)).await {
        assert_eq!(answer.body["data"]["cancelParticipation"]["participation"]["state"], "CANCELLED", "{}", answer.text);
    }
    assert_eq!(app.count("participation", "state = 'ENROLLED'").await, 10);
    assert_eq!(app.count("participation", "state = 'WAITLISTED'").await, 15);
    let passed = "state = 'WAITLISTED' AND arrival < (SELECT MAX(arrival) FROM participation WHERE state = 'ENROLLED')";
    assert_eq!(app.count("participation", passed).await, 0, "nobody was passed");
    // Again and again, some give up places and turns at the very time at which others come.
    for round in 0..3 {
        let there = json!({ "organization": app.world.organization("ngo"), "offering": wanted["offering"] });
        let there = app.ask("partner", THERE, there).await["participations"]["nodes"].clone();
        let of = |state: &str| there.as_array().unwrap().iter().filter(|row| row["state"] == state).take(4).cloned().collect::<Vec<_>>();
        let gone = [of("ENROLLED"), of("WAITLISTED")].concat();
        assert_eq!(gone.len(), 8);
        let (left, came) = tokio::join!(join_all(gone.iter().map(leave)), join_all((0..40).map(|number| ask(1_000 * (round + 1) + number))));
        for answer in left {
            assert!(answer.body["errors"].is_null(), "{}", answer.text);
        }
        for answer in came {
            let payload = &answer.body["data"]["registerWalkIn"];
            let state = payload["participation"]["state"].as_str();
            // All places are taken, and somebody waits before.
            assert!(state == Some("WAITLISTED") || payload["userErrors"][0]["code"] == "OFFERING_FULL", "{}", answer.text);
        }
        assert_eq!(app.count("participation", "state = 'ENROLLED'").await, 10);
        assert!((12..=20).contains(&app.count("participation", "state = 'WAITLISTED'").await));
        assert_eq!(app.count("participation", passed).await, 0, "nobody was passed");
    }
    nothing_is_wrong(app.database()).await;
}

/// Who has a place or waits for one.
const THERE: &str = "query($organization: ID!, $offering: ID!) { \
    participations(organization: $organization, first: 100, filter: { offerings: [$offering], states: [ENROLLED, WAITLISTED] }) { nodes { id version state } } }";

stories! {
    async fn one_client_who_registers_at_once_again_and_again_has_one_place(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 10, 20).await;
        let second = app.second_process().await;
        let mutation = TestApp::mutation("registerParticipation", "participation { id }");
        let input = json!({ "input": { "client": id, "offering": group, "textVersion": "osallistuminen-2026-1" } });
        let ask = async |number: usize| {
            if number.is_multiple_of(2) { app.post("client", &mutation, input.clone()).await } else { app.post_to(&second, "client", &mutation, input.clone()).await }
        };
        let answers = join_all((0..12).map(ask)).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.iter().map(|answer| &answer.body["data"]["registerParticipation"]).partition(|payload| payload["participation"].is_object());
        assert_eq!((made.len(), refused.len()), (1, 11));
        for payload in refused {
            assert_eq!(payload["userErrors"][0]["code"], "ALREADY_REGISTERED", "{payload}");
        }
        assert_eq!((app.count("participation", "1 = 1").await, app.count("service_offering", "places_taken = 1").await), (1, 1));
        nothing_is_wrong(app.database()).await;
    }

    async fn two_hundred_register_at_once_for_ten_places_and_a_list_of_twenty(app) {
        let group = offered(app, "partner", "ngo", 10, 20).await;
        crowd(app, json!({ "offering": group })).await;
        assert_eq!(app.count("service_offering", "places_taken = 10").await, 1);
    }

    async fn two_hundred_register_at_once_for_one_session_of_ten_places_and_a_list_of_twenty(app) {
        let (group, sessions) = by_session(app, 10, 20, 2).await;
        crowd(app, json!({ "offering": group, "session": sessions[0] })).await;
        assert_eq!(app.count("session", "places_taken = 10").await, 1);
        assert_eq!(app.count("session", "places_taken = 0").await, 1, "the other one has its own");
        assert_eq!(app.count("service_offering", "places_taken = 0").await, 1);
    }
}
