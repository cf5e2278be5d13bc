//! What several do at once, in several processes, leaves what one after the other would have left.
use super::wrong::nothing_is_wrong;
use crate::{
    casework::{
        given::begun,
        opened::{at, started, version},
    },
    person::given,
};
use serde_json::json;
use tests::{TestApp, stories};

stories! {
    async fn what_is_begun_while_a_case_is_closed_is_not_left_open_in_it(app) {
        let (client, first) = begun(app).await;
        let second = app.second_process().await;
        let mut case = first;
        let begin = [("draftClientPlan", "clientPlan"), ("startNeedsAssessment", "needsAssessment"), ("draftFinalAssessment", "finalAssessment")];
        for round in 0..12 {
            let close = at(app, &case, json!({ "reason": "DECEASED", "note": "Päätetään." })).await;
            let (mutation, field) = begin[round % begin.len()];
            let (closing, beginning) = (TestApp::mutation("closeCase", "case { stage }"), TestApp::mutation(mutation, &format!("{field} {{ id }}")));
            let (closed, begun) = tokio::join!(
                app.post("social-worker", &closing, json!({ "input": close })),
                app.post_to(&second, "social-worker", &beginning, json!({ "input": { "case": case } })),
            );
            assert_eq!(closed.body["data"]["closeCase"]["case"]["stage"], "CLOSED", "{}", closed.text);
            // It came first and was ended with the case, or it came too late.
            let refused = begun.body["data"][mutation]["userErrors"][0]["code"].clone();
            let told = begun.body["errors"].is_null() && (refused.is_null() || refused == "CASE_CLOSED");
            assert!(told, "{}", begun.text);
            nothing_is_wrong(app.database()).await;
            assert!(version(app, &case).await > 1);
            case = started(app, &client).await;
        }
    }

    async fn a_case_that_two_open_at_once_is_opened_once(app) {
        let (client, _) = given::client(app, given::aino()).await;
        let second = app.second_process().await;
        let input = json!({ "client": client, "organization": app.world.organization("county"), "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
        let start = TestApp::mutation("startCase", "case { id version }");
        for _ in 0..8 {
            let (a, b) = tokio::join!(
                app.post("social-worker", &start, json!({ "input": input })),
                app.post_to(&second, "social-worker", &start, json!({ "input": input })),
            );
            let payloads = [&a, &b].map(|answer| answer.body["data"]["startCase"].clone());
            let codes = payloads.clone().map(|payload| payload["userErrors"][0]["code"].clone());
            assert!(codes.contains(&json!(null)) && codes.contains(&json!("NOT_UNIQUE")), "{}\n{}", a.text, b.text);
            assert_eq!(app.count("client_case", "stage <> 'CLOSED'").await, 1);
            let made = payloads.iter().find(|payload| !payload["case"].is_null()).unwrap()["case"].clone();
            let close = json!({ "id": made["id"], "expectedVersion": made["version"], "reason": "NO_NEED", "note": "Ei tarvetta." });
            app.done("social-worker", "closeCase", "case { id }", close).await;
        }
    }
}
