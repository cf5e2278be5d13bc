//! What is told and shared in casework: notices of plans and final assessments, entries for those who have taken the client on, answers in the time that a
//! service promises, and the client's own view.
use super::given::{begun, goal, shared, step, whole_plan};
use crate::{
    catalogue_given::{published, whole_service},
    person::given::{account, aino, client, text},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn notices(app: &TestApp, actor: &str) -> Vec<String> {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind case { id } } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().map(|notice| text(&notice["kind"])).collect()
}

/// An entry of a case.
async fn entry(app: &TestApp, case: &str, visibility: &str, words: &str) -> String {
    let input = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": visibility, "content": { "text": words } });
    text(&app.done("social-worker", "writeClientEntry", "clientEntry { id }", input).await["clientEntry"]["id"])
}

/// A referral of a client to the association that the partner has accepted, with a consent of this scope: referral and consent.
async fn taken_on(app: &TestApp, client: &str, scope: &[&str]) -> (String, String) {
    let referral = crate::person::given::draft(app, client, &["ALIAS"]).await;
    let consent = crate::person::given::consent(app, "social-worker", &referral, scope).await;
    app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
    app.done("partner", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
    (referral, consent)
}

async fn accept(app: &TestApp, referral: &str) {
    app.done("partner", "acceptReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 3 })).await;
}

/// The shared entries that somebody reads by a referral; nothing when the referral itself is not theirs to see.
async fn read(app: &TestApp, actor: &str, referral: &str) -> Option<Vec<String>> {
    let query = "query($id: ID!) { referral(id: $id) { sharedEntries { nodes { text } } } }";
    let seen = app.ask(actor, query, json!({ "id": referral })).await["referral"].clone();
    Some(seen["sharedEntries"]["nodes"].as_array()?.iter().map(|entry| text(&entry["text"])).collect())
}

stories! {
    async fn each_side_is_told_that_a_plan_and_a_final_assessment_await_its_word(app) {
        let (_, case) = begun(app).await;
        let goals = [goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await];
        let plan = shared(app, &case, whole_plan(&goals)).await;
        assert_eq!(notices(app, "client").await[0], "PLAN_SHARED");
        let commented = step(app, "client", "commentOnClientPlan", ("clientPlan", "state"), &plan, json!({ "comment": "Hyvä." })).await;
        assert_eq!(notices(app, "service-guide").await[0], "PLAN_COMMENTED");
        let plan = step(app, "service-guide", "shareClientPlan", ("clientPlan", "state"), &commented, json!({})).await;
        step(app, "client", "recordPlanAgreement", ("clientPlan", "state"), &plan, json!({ "agreement": "AGREES" })).await;
        assert_eq!(notices(app, "service-guide").await[0], "PLAN_ANSWERED");
        let made = app.done("service-guide", "draftFinalAssessment", "finalAssessment { id version }", json!({ "case": case })).await["finalAssessment"].clone();
        let shown = step(app, "service-guide", "shareFinalAssessment", ("finalAssessment", "state"), &made, json!({})).await;
        assert_eq!(notices(app, "client").await[0], "FINAL_ASSESSMENT_SHARED");
        step(app, "client", "answerFinalAssessment", ("finalAssessment", "state"), &shown, json!({ "approvedByClient": true })).await;
        assert_eq!(notices(app, "service-guide").await[0], "FINAL_ASSESSMENT_ANSWERED");
        for other in ["partner", "social-worker", "partner-x"] {
            assert!(!notices(app, other).await.iter().any(|kind| kind.starts_with("PLAN") || kind.starts_with("FINAL")), "{other}");
        }
    }

    async fn who_has_taken_a_client_on_reads_the_shared_entries_and_nothing_else(app) {
        let (client, _) = client(app, aino()).await;
        account(app, &client).await;
        let case = super::opened::started(app, &client).await;
        let hidden = entry(app, &case, "AUTHORITY", "Viranomaisen oma.").await;
        let first = entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let (referral, consent) = taken_on(app, &client, &["ALIAS", "REASON", "ENTRIES"]).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
        let logged = async || app.ask("dpo", "{ disclosureLog { nodes { items } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        let (entries, sent) = (json!({ "items": ["ENTRIES"] }), json!({ "items": ["ALIAS", "REASON"] }));
        assert_eq!(logged().await, json!([sent]));
        accept(app, &referral).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec!["Ryhmä alkaa maanantaina.".to_owned()]));
        entry(app, &case, "SHARED", "Ryhmä siirtyy.").await;
        assert_eq!(read(app, "partner", &referral).await.unwrap().len(), 2);
        // Disclosed when the client was taken on, and when it was written.
        assert_eq!(logged().await, json!([entries, entries, sent]));
        let node = "query($id: ID!) { node(id: $id) { id } }";
        for id in [&hidden, &case, &client] {
            assert_eq!(app.ask("partner", node, json!({ "id": id })).await["node"], json!(null));
        }
        for other in ["partner-b", "provider", "partner-x", "admin-x", "procurement"] {
            assert_eq!(app.ask(other, node, json!({ "id": first })).await["node"], json!(null), "{other}");
            assert_eq!(read(app, other, &referral).await, None, "{other}");
        }
        assert!(app.without_purpose("partner", node, json!({ "id": first })).await.body["data"]["node"].is_null());
        let used = app.ask("client", "{ myAccessLog(first: 100) { nodes { what basis } } }", json!({})).await["myAccessLog"]["nodes"].clone();
        assert!(used.as_array().unwrap().iter().any(|entry| entry["basis"] == "REFERRAL_HANDLING" && entry["what"].to_string().contains("ClientEntry")), "{used}");
        // One document kept back is not read any more; the rest is.
        app.done("client", "setDisclosureProhibition", "disclosureProhibition { id }", json!({ "client": client, "target": { "document": first } })).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec!["Ryhmä siirtyy.".to_owned()]));
        app.done("client", "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(read(app, "partner", &referral).await, None);
        assert_eq!(app.ask("partner", node, json!({ "id": first })).await["node"], json!(null));
        let logs = app.count("disclosure_log_entry", "1 = 1").await;
        entry(app, &case, "SHARED", "Kukaan muu ei lue tätä.").await;
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, logs);
    }

    async fn a_prohibition_of_any_task_closes_the_entries_to_older_consents(app) {
        let (client, _) = client(app, aino()).await;
        account(app, &client).await;
        let case = super::opened::started(app, &client).await;
        entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let (referral, _) = taken_on(app, &client, &["ALIAS", "REASON", "ENTRIES"]).await;
        accept(app, &referral).await;
        let task = json!({ "client": client, "target": { "serviceTask": "CHILD_WELFARE" } });
        app.done("client", "setDisclosureProhibition", "disclosureProhibition { id }", task).await;
        assert_eq!(read(app, "partner", &referral).await, None);
        // Even where a consent is still in force: what is newer counts where it is read.
        app.tamper("UPDATE consent SET state = 'GIVEN'").await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
        let logs = app.count("disclosure_log_entry", "1 = 1").await;
        entry(app, &case, "SHARED", "Kukaan muu ei lue tätä.").await;
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, logs);
        app.tamper("UPDATE disclosure_prohibition SET set_at = '2020-01-01 00:00:00+00:00'").await;
        assert_eq!(read(app, "partner", &referral).await.unwrap().len(), 2);
        app.tamper("UPDATE disclosure_prohibition SET set_at = '2099-01-01 00:00:00+00:00', target = 'CONTROLLER', service_task = NULL, controller_id = (SELECT recipient_id FROM referral)").await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
        app.tamper("UPDATE disclosure_prohibition SET controller_id = (SELECT organization_id FROM referral)").await;
        assert_eq!(read(app, "partner", &referral).await.unwrap().len(), 2);
    }

    async fn a_producer_of_ones_own_reads_on_whatever_is_prohibited(app) {
        let (client, _) = client(app, aino()).await;
        let case = super::opened::started(app, &client).await;
        entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let mut content = whole_service("Valmennus");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("ngo")]);
        let service = published(app, "social-worker", "county", content).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": client, "service": service,
            "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
        });
        let referral = text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"]);
        crate::person::given::consent(app, "social-worker", &referral, &["ALIAS", "ENTRIES"]).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("partner", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        accept(app, &referral).await;
        for target in [json!({ "serviceTask": "WORKING_AGE_SERVICES" }), json!({ "controller": app.world.organization("ngo") })] {
            let set = json!({ "client": client, "target": target });
            app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", set).await;
        }
        assert_eq!(read(app, "partner", &referral).await.unwrap().len(), 1);
        let logs = app.count("disclosure_log_entry", "1 = 1").await;
        entry(app, &case, "SHARED", "Ryhmä siirtyy.").await;
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, logs + 1);
    }

    async fn what_corrects_an_entry_that_is_kept_back_is_kept_back(app) {
        let (client, _) = client(app, aino()).await;
        let case = super::opened::started(app, &client).await;
        let first = entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let correct = async |corrected: &str, words: &str| {
            let content = json!({ "text": words });
            let input = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "SHARED", "content": content, "corrects": corrected });
            text(&app.done("social-worker", "writeClientEntry", "clientEntry { id }", input).await["clientEntry"]["id"])
        };
        let second = correct(&first, "Ryhmä alkaa tiistaina.").await;
        correct(&second, "Ryhmä alkaa keskiviikkona.").await;
        let set = json!({ "client": client, "target": { "document": first } });
        app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", set).await;
        let (referral, _) = taken_on(app, &client, &["ALIAS", "REASON", "ENTRIES"]).await;
        let logs = app.count("disclosure_log_entry", "1 = 1").await;
        accept(app, &referral).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
        // What nobody reads is not logged as disclosed.
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, logs);
    }

    async fn without_a_consent_that_covers_them_no_entry_is_read(app) {
        let (client, _) = client(app, aino()).await;
        let case = super::opened::started(app, &client).await;
        entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let (referral, _) = taken_on(app, &client, &["ALIAS", "REASON"]).await;
        accept(app, &referral).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
    }

    async fn entries_are_read_for_as_long_as_the_client_is_there_and_safe(app) {
        let (client, _) = client(app, aino()).await;
        let case = super::opened::started(app, &client).await;
        entry(app, &case, "SHARED", "Ryhmä alkaa maanantaina.").await;
        let (referral, _) = taken_on(app, &client, &["ALIAS", "REASON", "ENTRIES"]).await;
        accept(app, &referral).await;
        let report = |version: i64, outcome: &str| json!({ "id": referral, "expectedVersion": version, "outcome": outcome });
        app.done("partner", "reportReferralOutcome", "referral { id }", report(4, "ARRIVED")).await;
        assert_eq!(read(app, "partner", &referral).await.unwrap().len(), 1);
        app.tamper("UPDATE person SET protected = TRUE").await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
        app.tamper("UPDATE person SET protected = FALSE").await;
        app.done("partner", "reportReferralOutcome", "referral { id }", report(5, "COMPLETED")).await;
        assert_eq!(read(app, "partner", &referral).await, Some(vec![]));
    }

    async fn what_a_service_promises_is_when_a_referral_to_it_is_due(app) {
        let (client, _) = client(app, aino()).await;
        let mut content = whole_service("Ryhmä");
        content["responseDays"] = json!(3);
        let service = published(app, "partner", "ngo", content).await;
        assert_eq!(app.ask("", "query($id: ID!) { service(id: $id) { responseDays } }", json!({ "id": service })).await["service"]["responseDays"], 3);
        let due = async |service: Value, urgency: &str| {
            let input = json!({
                "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": client, "service": service,
                "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": urgency, "disclose": ["ALIAS"] },
            });
            let referral = text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"]);
            crate::person::given::consent(app, "social-worker", &referral, &["ALIAS"]).await;
            let sent = app.done("social-worker", "sendReferral", "referral { dueAt }", json!({ "id": referral, "expectedVersion": 1 })).await;
            let at: DateTime<Utc> = text(&sent["referral"]["dueAt"]).parse().unwrap();
            // Whole days from now, but for the seconds that the story has taken.
            (at - Utc::now() + TimeDelta::minutes(5)).num_days()
        };
        assert_eq!((due(json!(service), "NORMAL").await, due(Value::Null, "NORMAL").await, due(json!(service), "URGENT").await), (3, 7, 1));
        app.tamper("UPDATE referral SET due_at = '2020-01-01 00:00:00+00:00' WHERE service_id IS NULL").await;
        let inbox = "query($o: ID!) { referralInbox(organization: $o) { nodes { overdue service { id } } } }";
        let seen = app.ask("partner", inbox, json!({ "o": app.world.organization("ngo") })).await["referralInbox"]["nodes"].clone();
        let overdue: Vec<bool> = seen.as_array().unwrap().iter().filter_map(|each| each["overdue"].as_bool()).collect();
        assert_eq!(overdue, [false, true, false]);
        let mut late = whole_service("Hidas");
        late["responseDays"] = json!(15);
        let input = json!({ "organization": app.world.organization("ngo"), "content": late });
        assert_eq!(app.rejected("partner", "createService", "service { id }", input).await, ["OUT_OF_RANGE content.responseDays"]);
    }

    async fn the_client_reads_the_stage_in_plain_words_and_gives_feedback(app) {
        let (client, case) = begun(app).await;
        let stage = "{ me { cases { nodes { stage stageInWords { fi sv en } } } } }";
        let told = app.ask("client", stage, json!({})).await["me"]["cases"]["nodes"][0].clone();
        assert_eq!(told["stage"], "PENDING");
        assert_eq!(told["stageInWords"]["en"], "Your matter has come to us. Next we will agree with you how your situation is looked into.");
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let content = json!({ "grade": 4, "benefits": ["SOCIAL_CONTACT"], "words": "Sain ystäviä." });
        let input = json!({ "client": client, "case": case, "service": service, "content": content });
        let given = app.done("client", "giveFeedback", "feedback { id grade benefits words service { name { fi } } caseId }", input.clone()).await["feedback"].clone();
        assert_eq!((&given["grade"], &given["words"], &given["caseId"]), (&json!(4), &json!("Sain ystäviä."), &json!(case)));
        let list = "query($id: ID!) { client(id: $id) { feedback { nodes { words } } } }";
        for actor in ["client", "social-worker", "service-guide"] {
            let seen = app.ask(actor, list, json!({ "id": client })).await["client"]["feedback"]["nodes"].clone();
            assert_eq!(seen, json!([{ "words": "Sain ystäviä." }]), "{actor}");
        }
        for other in ["partner", "lead", "dpo", "admin-x"] {
            assert_eq!(app.ask(other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": given["id"] })).await["node"], json!(null), "{other}");
        }
        // Nobody gives it for the client.
        let mutation = TestApp::mutation("giveFeedback", "feedback { id }");
        assert_eq!(app.refuse("social-worker", &mutation, json!({ "input": input })).await, "FORBIDDEN");
        assert_eq!(app.refuse("partner", &mutation, json!({ "input": input })).await, "NOT_FOUND");
        let faults = |more: Value| {
            let mut input = json!({ "client": client, "content": { "words": "Kiitos." } });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        assert_eq!(app.rejected("client", "giveFeedback", "feedback { id }", faults(json!({}))).await, ["REQUIRED case"]);
        let empty = faults(json!({ "case": case, "content": {} }));
        assert_eq!(app.rejected("client", "giveFeedback", "feedback { id }", empty).await, ["REQUIRED content.words"]);
        assert_eq!(app.count("feedback", "content LIKE '%yst%'").await, 0);
    }

    async fn self_assessments_are_those_that_the_client_has_answered(app) {
        let (_, case) = begun(app).await;
        super::instrument::answered(app, "service-guide", &case, "BASELINE", &[("health", 4)]).await;
        super::instrument::answered(app, "client", &case, "INTERIM", &[("health", 6)]).await;
        let mine = app.ask("client", "{ me { selfAssessments { nodes { phase byClient } } instrumentResponses { totalCount } } }", json!({})).await["me"].clone();
        assert_eq!(mine, json!({ "selfAssessments": { "nodes": [{ "phase": "INTERIM", "byClient": true }] }, "instrumentResponses": { "totalCount": 2 } }));
    }
}
