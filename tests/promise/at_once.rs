//! What several do at once, in several processes, leaves what one after the other would have left.
use super::wrong::nothing_is_wrong;
use crate::{
    casework::{
        given::{begun, step},
        opened::{at, started, version},
        service_decision,
    },
    funding::given::in_days,
    person::given,
};
use serde_json::json;
use tests::{TestApp, stories};

stories! {
    async fn what_is_begun_while_a_case_is_closed_is_not_left_open_in_it(app) {
        let (client, first) = begun(app).await;
        let content = service_decision::granting(&service_decision::service(app).await);
        let second = app.second_process().await;
        let mut case = first;
        let begin = [("draftClientPlan", "clientPlan"), ("startNeedsAssessment", "needsAssessment"), ("draftFinalAssessment", "finalAssessment"), ("draftServiceDecision", "serviceDecision")];
        for round in 0..12 {
            let close = at(app, &case, json!({ "reason": "DECEASED", "note": "Päätetään." })).await;
            let (mutation, field) = begin[round % begin.len()];
            let mut beginning_of = json!({ "case": case });
            if field == "serviceDecision" {
                beginning_of["content"] = content.clone();
            }
            let (closing, beginning) = (TestApp::mutation("closeCase", "case { stage }"), TestApp::mutation(mutation, &format!("{field} {{ id }}")));
            let (closed, begun) = tokio::join!(
                app.post("social-worker", &closing, json!({ "input": close })),
                app.post_to(&second, "social-worker", &beginning, json!({ "input": beginning_of })),
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

    async fn a_decision_is_contested_or_replaced_and_replaced_by_one(app) {
        let (_, case) = begun(app).await;
        let content = service_decision::granting(&service_decision::service(app).await);
        let second = app.second_process().await;
        let codes = |answer: &tests::Answer, mutation: &str| answer.body["data"][mutation]["userErrors"][0]["code"].clone();
        let draft = TestApp::mutation("draftServiceDecision", "serviceDecision { id version }");
        let (serve, seek) =
            (TestApp::mutation("serveServiceDecision", "serviceDecision { id }"), TestApp::mutation("requestDecisionRectification", "serviceDecision { id }"));
        for _ in 0..6 {
            let first = service_decision::served(app, &case, content.clone()).await;
            let amends = json!({ "input": { "case": case, "amends": first["id"], "content": content } });
            let (a, b) = tokio::join!(app.post("social-worker", &draft, amends.clone()), app.post_to(&second, "social-worker", &draft, amends));
            let drafts = [&a, &b].map(|answer| answer.body["data"]["draftServiceDecision"]["serviceDecision"].clone());
            let told = [codes(&a, "draftServiceDecision"), codes(&b, "draftServiceDecision")];
            assert!(told.contains(&json!(null)) && told.contains(&json!("NOT_UNIQUE")), "{}\n{}", a.text, b.text);
            let made = drafts.iter().find(|draft| !draft.is_null()).unwrap();
            let made = step(app, "social-worker", "makeServiceDecision", service_decision::OF, made, json!({})).await;
            let sent = json!({ "id": made["id"], "expectedVersion": made["version"], "method": "HANDED_OVER", "sentOn": in_days(0) });
            let words = json!({ "id": first["id"], "expectedVersion": first["version"], "words": "Enemmän." });
            let (served, sought) =
                tokio::join!(app.post("social-worker", &serve, json!({ "input": sent })), app.post_to(&second, "client", &seek, json!({ "input": words })));
            let told = (codes(&served, "serveServiceDecision"), codes(&sought, "requestDecisionRectification"));
            // Whoever comes second is refused.
            let (replaced, contested) = (told.0.is_null(), told.1.is_null());
            assert!(replaced != contested && served.body["errors"].is_null() && sought.body["errors"].is_null(), "{}\n{}", served.text, sought.text);
            let state = service_decision::seen(app, &first).await["state"].clone();
            assert_eq!(state, if replaced { "AMENDED" } else { "UNDER_RECTIFICATION" });
            nothing_is_wrong(app.database()).await;
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

    async fn a_consent_is_used_before_it_is_withdrawn_or_not_at_all(app) {
        let (client, _) = given::client(app, given::aino()).await;
        given::account(app, &client).await;
        let second = app.second_process().await;
        let at = |id: &str, version: i32| json!({ "input": { "id": id, "expectedVersion": version } });
        for round in 0..8 {
            let referral = given::draft(app, &client, &["ALIAS"]).await;
            let consent = given::consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
            let (actor, mutation, version) = if round % 2 == 0 {
                ("social-worker", "sendReferral", 1)
            } else {
                app.done("social-worker", "sendReferral", "referral { id }", at(&referral, 1)["input"].clone()).await;
                app.done("partner", "acknowledgeReferral", "referral { id }", at(&referral, 2)["input"].clone()).await;
                ("partner", "acceptReferral", 3)
            };
            let (use_it, withdraw) = (TestApp::mutation(mutation, "referral { id }"), TestApp::mutation("withdrawConsent", "consent { id }"));
            let (used, withdrawn) = tokio::join!(
                app.post(actor, &use_it, at(&referral, version)),
                app.post_to(&second, "client", &withdraw, at(&consent, 1)),
            );
            assert!(!withdrawn.body["data"]["withdrawConsent"]["consent"].is_null(), "{}", withdrawn.text);
            let refused = used.body["data"][mutation]["userErrors"][0]["code"].as_str().unwrap_or(used.code());
            assert!(["none", "CONSENT_MISSING", "STALE_VERSION", "NOT_FOUND", "ILLEGAL_TRANSITION"].contains(&refused), "{mutation} {}", used.text);
            nothing_is_wrong(app.database()).await;
            let seen = app.ask("partner", "query($id: ID!) { node(id: $id) { id } referral(id: $id) { id } }", json!({ "id": referral })).await;
            assert_eq!(seen, json!({ "node": null, "referral": null }), "{mutation} {refused}");
        }
    }

    async fn what_is_done_to_a_client_while_two_become_one_is_done_to_the_one_who_stays(app) {
        let (known, _) = given::client(app, given::aino()).await;
        let second = app.second_process().await;
        let merge = TestApp::mutation("mergeClients", "client { id }");
        for round in 0..8 {
            let (walked, _) = given::client(app, given::walk_in()).await;
            let (referral, consent) = given::sent(app, &walked).await;
            let seen = app.ask("social-worker", "query($id: ID!) { client(id: $id) { version } }", json!({ "id": known })).await;
            let both = json!({
                "surviving": known, "expectedVersion": seen["client"]["version"], "merged": walked, "expectedMergedVersion": 1, "reason": "Sama henkilö tuli kahdesti.",
            });
            let (mutation, input) = if round % 2 == 0 {
                ("withdrawConsent", json!({ "id": consent, "expectedVersion": 1 }))
            } else {
                ("acknowledgeReferral", json!({ "id": referral, "expectedVersion": 2 }))
            };
            let actor = if round % 2 == 0 { "social-worker" } else { "partner" };
            let act = TestApp::mutation(mutation, if round % 2 == 0 { "consent { id }" } else { "referral { id }" });
            let (merged, done) = tokio::join!(
                app.post("social-worker", &merge, json!({ "input": both })),
                app.post_to(&second, actor, &act, json!({ "input": input })),
            );
            assert_eq!(merged.body["data"]["mergeClients"]["client"]["id"], json!(known), "{}", merged.text);
            let refused = done.body["data"][mutation]["userErrors"][0]["code"].as_str().unwrap_or(done.code());
            assert!(["none", "STALE_VERSION"].contains(&refused), "{}", done.text);
            nothing_is_wrong(app.database()).await;
            let state = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { state client { id } } }", json!({ "id": referral })).await;
            let expected = match (refused, mutation) {
                ("none", "withdrawConsent") => "WITHDRAWN",
                ("none", _) => "RECEIVED",
                _ => "SENT",
            };
            assert_eq!(state["referral"], json!({ "state": expected, "client": { "id": known } }), "{mutation} {refused}");
        }
    }

    async fn what_is_prohibited_while_it_is_done_was_done_before_or_is_halted(app) {
        let (client, _) = given::client(app, given::aino()).await;
        given::account(app, &client).await;
        let second = app.second_process().await;
        let other = given::municipality(app).await;
        let (send, prohibit) = (TestApp::mutation("sendReferral", "referral { id }"), TestApp::mutation("setDisclosureProhibition", "disclosureProhibition { id version }"));
        for _ in 0..6 {
            let referral = given::by_law(app, &client, &other, None).await;
            let target = json!({ "client": client, "target": { "controller": other } });
            let (sent, set) = tokio::join!(
                app.post("social-worker", &send, json!({ "input": { "id": referral, "expectedVersion": 1 } })),
                app.post_to(&second, "client", &prohibit, json!({ "input": target })),
            );
            let set = set.body["data"]["setDisclosureProhibition"]["disclosureProhibition"].clone();
            let refused = sent.body["data"]["sendReferral"]["userErrors"][0]["code"].as_str().unwrap_or(sent.code());
            assert!(["none", "DISCLOSURE_PROHIBITED"].contains(&refused), "{}", sent.text);
            nothing_is_wrong(app.database()).await;
            // Nothing that was sent on a law goes on that is not open to both: it was halted, or never went.
            assert_eq!(app.count("referral", "state IN ('SENT', 'RECEIVED', 'INFO_REQUESTED')").await, 0, "{refused}");
            app.done("client", "removeDisclosureProhibition", "disclosureProhibition { id }", json!({ "id": set["id"], "expectedVersion": set["version"] })).await;
        }
    }
}
