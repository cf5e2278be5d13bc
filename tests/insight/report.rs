//! Stories of reports: each client counts once in a row, what was told stays so for whoever asks as it was known then, and nothing that is published tells of few.
use super::given::{asked, clients, come, refused, report, rows, service, told};
use crate::{
    casework::opened::baseline,
    catalogue_given::{offering, published, whole_service},
    delivery::given::{group, held, withdraw},
    person::given::{account, client, eino, text},
};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

/// Every report there is.
fn all_reports() -> String {
    let fields = [
        "clientCohort",
        "registeredClients",
        "purchasedParticipation",
        "cooperationParticipation",
        "otherActivation",
        "benefitThemes",
        "referralSources",
        "pathFlow",
        "waitingTimes",
        "outcomeChange(instrument: \"WAS\")",
        "capacityUse",
        "dropInCounts",
        "outreachCounts",
        "costPerClient",
        "costPerCompletedPath",
    ];
    fields.map(report).join(" ")
}

/// Twelve clients: six in wellbeing groups, one of them in two of these; three in everyday groups, one of them in both rows.
async fn twelve(app: &TestApp) -> (Vec<(String, String)>, (Vec<String>, String)) {
    let all = clients(app, 0..12).await;
    let wellbeing = service(app, "Hyvinvointi", "GROUP_WELLBEING").await;
    let again = service(app, "Hyvinvointi kaksi", "GROUP_WELLBEING").await;
    let everyday = service(app, "Arki", "GROUP_EVERYDAY").await;
    let came = come(app, &wellbeing, &all[..6], "2026-03-02").await;
    come(app, &again, &all[..1], "2026-03-03").await;
    come(app, &everyday, &[all[0].clone(), all[6].clone(), all[7].clone()], "2026-03-04").await;
    (all, came)
}

stories! {
    async fn a_client_counts_once_in_a_row_and_in_each_row_of_its_own(app) {
        twelve(app).await;
        let told = told(app, &report("purchasedParticipation"), json!({})).await["purchasedParticipation"].clone();
        let section = &told["sections"][0];
        assert_eq!(told["population"], json!({ "numerator": 12, "denominator": 12, "shareBp": 10_000, "percent": 100, "suppressed": false }));
        assert_eq!(section["rows"][0]["figure"], json!({ "numerator": 6, "denominator": 12, "shareBp": 5_000, "percent": 50, "suppressed": false }));
        assert_eq!((&section["rows"][0]["services"], &section["rows"][1]["services"]), (&json!(2), &json!(1)));
        let counts: Vec<_> = rows(&told, 0).into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [6, 3, 0, 0, 0, 0]);
        // Ten came, in nine places of rows, and are eight.
        assert_eq!(app.count("participation", "started_on IS NOT NULL").await, 10);
        assert_eq!((&section["total"]["numerator"], &section["distinctClients"]["numerator"], &section["clientsWithNone"]["numerator"]), (&json!(9), &json!(8), &json!(4)));
        assert_eq!(section["series"]["counts"], json!([6, 3, 0, 0, 0, 0]));
        assert_eq!(section["series"]["labels"][1], json!({ "fi": "Arki-ryhmävalmennus" }));
    }

    async fn nothing_that_is_published_tells_of_few(app) {
        twelve(app).await;
        let told = told(app, &report("purchasedParticipation"), json!({ "as": "PUBLISHABLE" })).await["purchasedParticipation"].clone();
        let section = &told["sections"][0];
        // Three is few; beside a total of nine, six would tell it; and so would four who are in none, and eight who are in some.
        let hidden = json!({ "numerator": null, "denominator": 12, "shareBp": null, "percent": null, "suppressed": true });
        for figure in [&section["rows"][0]["figure"], &section["rows"][1]["figure"], &section["distinctClients"], &section["clientsWithNone"]] {
            assert_eq!(*figure, hidden);
        }
        assert_eq!((&section["total"]["numerator"], &section["rows"][2]["figure"]["numerator"]), (&json!(9), &json!(0)));
        // Of fewer than twenty no share is told.
        assert_eq!(section["rows"][2]["figure"]["shareBp"], json!(null));
        assert_eq!(section["series"]["counts"], json!([null, null, 0, 0, 0, 0]));
    }

    async fn clients_are_described_as_they_were_at_the_start(app) {
        let all = clients(app, 0..8).await;
        for (at, (_, case)) in all.iter().enumerate() {
            let answers = json!([{ "item": "work_ability", "value": at + 1 }]);
            let input = json!({ "case": case, "instrument": "WAS", "phase": "BASELINE", "answers": answers });
            app.done("social-worker", "recordInstrumentResponse", "instrumentResponse { id }", input).await;
        }
        let told = told(app, &report("clientCohort"), json!({})).await["clientCohort"].clone();
        let section = |key: &str| told["sections"].as_array().unwrap().iter().find(|section| section["key"] == key).unwrap().clone();
        let counts = |key: &str| section(key)["rows"].as_array().unwrap().iter().map(|row| row["figure"]["numerator"].clone()).collect::<Vec<_>>();
        // Born in 1960, 1963 and so on to 1981.
        assert_eq!(counts("AGE"), [0, 0, 4, 4, 0]);
        assert_eq!(section("AGE")["rows"][1]["within"], "LT_30");
        assert_eq!(counts("GENDER"), [4, 4, 0, 0]);
        assert_eq!((counts("SOCIAL_ASSISTANCE"), counts("SOCIAL_ASSISTANCE_LONG"), counts("SOCIAL_SERVICES_LONG")), (vec![json!(8), json!(0), json!(0)], vec![json!(0), json!(8), json!(0)], vec![json!(0), json!(0), json!(8)]));
        assert_eq!((counts("SUBSTANCE_HARM"), counts("MENTAL_CARE")), (vec![json!(8), json!(0), json!(0)], vec![json!(0), json!(0), json!(8)]));
        assert_eq!(counts("EMPLOYMENT"), [0, 8, 0, 0, 0, 0, 0, 0]);
        let mean = section("WORK_ABILITY")["mean"].clone();
        assert_eq!((&mean["of"]["numerator"], &mean["meanHundredths"], &mean["medianHundredths"]), (&json!(8), &json!(450), &json!(400)));
        // For publishing, that all or none have a hardship is kept back, and so is an average of fewer than ten.
        let told = super::given::told(app, &report("clientCohort"), json!({ "as": "PUBLISHABLE" })).await["clientCohort"].clone();
        let section = |key: &str| told["sections"].as_array().unwrap().iter().find(|section| section["key"] == key).unwrap().clone();
        for row in section("SUBSTANCE_HARM")["rows"].as_array().unwrap() {
            assert_eq!(row["figure"]["suppressed"], true);
        }
        assert_eq!(section("SOCIAL_ASSISTANCE")["rows"][0]["figure"]["numerator"], 8);
        assert_eq!(section("WORK_ABILITY")["mean"]["meanHundredths"], json!(null));
    }

    async fn an_answer_stays_as_it_was_known_then(app) {
        let (all, (came, first)) = twelve(app).await;
        account(app, &all[8].0).await;
        let mut content = whole_service("Ryhmä");
        (content["reportClass"], content["deliveryForms"]) = (json!("COOP_NGO"), json!(["REMOTE"]));
        let partners = published(app, "partner", "ngo", content).await;
        let partners = offering(app, "partner", "ngo", &partners, group(8, 4)).await;
        let input = json!({ "client": all[8].0, "offering": partners, "textVersion": "osallistuminen-2026-1" });
        let made = app.done("client", "registerParticipation", "participation { id }", input).await["participation"]["id"].clone();
        let session = held(app, "partner", &partners, "2026-03-05").await;
        let present = json!([{ "participation": made, "status": "PRESENT", "minutes": 60 }]);
        app.done("partner", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": present })).await;
        let before = told(app, &format!("knownAt {}", all_reports()), json!({})).await;
        assert_eq!(before["cooperationParticipation"]["sections"][0]["total"]["numerator"], 1);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        // A late entry, a correction of who came and one of the start, a consent withdrawn, two clients who are one.
        let late = service(app, "Toimintapaja", "WORKSHOP").await;
        come(app, &late, &all[2..5], "2026-02-02").await;
        let absent = json!([{ "participation": came[5], "status": "ABSENT" }]);
        app.done("social-worker", "recordAttendance", "attendances { status }", json!({ "session": first, "rows": absent })).await;
        let newest = app.ask("social-worker", "query($id: ID!) { case(id: $id) { baseline { id version } } }", json!({ "id": all[3].1 })).await["case"]["baseline"].clone();
        let mut correction = baseline();
        (correction["id"], correction["expectedVersion"]) = (newest["id"].clone(), newest["version"].clone());
        (correction["content"]["asOf"], correction["content"]["socialAssistance"], correction["content"]["socialAssistanceSince"]) = (json!(in_days(0)), json!("NO"), json!(null));
        app.done("social-worker", "correctIntakeBaseline", "intakeBaseline { version }", correction).await;
        withdraw(app).await;
        clients(app, 12..13).await;
        let after = told(app, &all_reports(), json!({})).await;
        assert_eq!(after["registeredClients"]["population"]["numerator"], 13);
        assert_ne!(after["purchasedParticipation"], before["purchasedParticipation"]);
        assert_ne!(after["clientCohort"], before["clientCohort"]);
        let again = told(app, &format!("knownAt {}", all_reports()), json!({ "knownAt": before["knownAt"] })).await;
        assert_eq!(again, before);
    }

    async fn two_answers_are_not_to_be_subtracted_from_each_other(app) {
        clients(app, 0..10).await;
        let publish = json!({ "as": "PUBLISHABLE" });
        let ten = told(app, &report("registeredClients"), publish.clone()).await;
        assert_eq!(ten["registeredClients"]["population"]["numerator"], 10);
        // One who came since would be told of by how many there are, in whatever report.
        clients(app, 10..11).await;
        for field in ["registeredClients", "clientCohort", "referralSources"] {
            assert_eq!(refused(app, &report(field), publish.clone()).await, ["RELEASED_LATELY asOf"], "{field}");
        }
        // Of others than these nothing is told either, as long as they may be among these.
        let task = json!({ "as": "PUBLISHABLE", "cohort": { "serviceTasks": ["WORKING_AGE_SERVICES"] } });
        assert_eq!(refused(app, &report("registeredClients"), task).await, ["RELEASED_OTHERWISE cohort"]);
        clients(app, 11..15).await;
        let more = told(app, &report("registeredClients"), publish.clone()).await;
        assert_eq!(more["registeredClients"]["population"]["numerator"], 15);
        told(app, &report("registeredClients"), publish).await;
        // Each that was told is written down, and the figures once.
        assert_eq!((app.count("report_release", "true").await, app.count("report_release", "cells IS NOT NULL").await), (3, 2));
        told(app, &report("registeredClients"), json!({})).await;
        assert_eq!(app.count("report_release", "rendering = 'INTERNAL' AND cells IS NULL AND asked_by <> ''").await, 1);
    }

    async fn what_cannot_be_told_is_refused_with_its_reason(app) {
        client(app, eino()).await;
        assert_eq!(refused(app, "asOf", json!({ "asOf": "2199-01-01", "k": 4 })).await, ["IN_FUTURE asOf", "THRESHOLD_TOO_LOW k"]);
        assert_eq!(refused(app, "asOf", json!({ "knownAt": "2199-01-01T00:00:00Z" })).await, ["IN_FUTURE knownAt"]);
        let wrong = json!({ "serviceTasks": ["NOPE"], "openedFrom": "2026-02-01", "openedTo": "2026-01-01" });
        assert_eq!(refused(app, "asOf", json!({ "cohort": wrong })).await, ["UNKNOWN_CODE cohort.serviceTasks", "DATE_ORDER cohort.openedTo"]);
        assert_eq!(told(app, &report("registeredClients"), json!({})).await["registeredClients"]["population"]["numerator"], 0);
        clients(app, 0..1).await;
        for rendering in ["INTERNAL", "PUBLISHABLE"] {
            assert_eq!(refused(app, &report("clientCohort"), json!({ "as": rendering })).await, ["COHORT_TOO_SMALL cohort"], "{rendering}");
        }
        clients(app, 1..5).await;
        assert_eq!(told(app, &report("registeredClients"), json!({})).await["registeredClients"]["population"]["numerator"], 5);
        assert_eq!(refused(app, &report("registeredClients"), json!({ "as": "PUBLISHABLE", "k": 6 })).await, ["COHORT_TOO_SMALL cohort"]);
    }

    async fn whoever_makes_statistics_is_told_figures_and_sees_nobody(app) {
        let made = clients(app, 0..5).await;
        let population = report("registeredClients");
        let read = async |actor: &str, purpose: &str, rendering: &str| asked(app, actor, purpose, &population, json!({ "as": rendering })).await;
        for (actor, purpose) in [("analyst", "STATISTICS"), ("lead", "STATISTICS")] {
            for rendering in ["INTERNAL", "PUBLISHABLE"] {
                assert_eq!(read(actor, purpose, rendering).await.body["data"]["reports"]["registeredClients"]["population"]["numerator"], 5, "{actor} {rendering}");
            }
        }
        for (actor, purpose) in [("analyst", "CARE"), ("lead", "CARE"), ("lead", "SUPERVISION")] {
            assert_eq!(read(actor, purpose, "INTERNAL").await.code(), "PURPOSE_REQUIRED", "{actor} {purpose}");
        }
        for actor in ["social-worker", "service-guide", "procurement", "dpo", "admin", "partner", "provider", "client", "integration", "admin-x", "partner-x"] {
            for rendering in ["INTERNAL", "PUBLISHABLE"] {
                let answer = read(actor, "STATISTICS", rendering).await;
                assert!(answer.body["errors"].is_null() && answer.body["data"]["reports"].is_null(), "{actor} {rendering} {}", answer.text);
            }
        }
        assert_eq!(read("", "STATISTICS", "PUBLISHABLE").await.code(), "UNAUTHENTICATED");
        // No row about any client is seen by the analyst for any purpose, nor by the lead for statistics.
        let (client, case) = &made[0];
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        for (actor, purpose) in [("analyst", "STATISTICS"), ("analyst", "CARE"), ("analyst", "SUPERVISION"), ("lead", "STATISTICS")] {
            let answer = app.post_for(actor, purpose, nodes, json!({ "ids": [client, case] })).await;
            let seen = answer.body["data"]["nodes"].as_array().map(|nodes| nodes.iter().filter(|node| !node.is_null()).count());
            assert!(seen.is_none_or(|seen| seen == 0), "{actor} {purpose} {}", answer.text);
            let answer = app.post_for(actor, purpose, "{ clients { nodes { id } } }", json!({})).await;
            assert!(answer.body["data"]["clients"]["nodes"].as_array().is_none_or(Vec::is_empty), "{actor} {purpose} {}", answer.text);
        }
    }

    async fn decision_makers_are_told_what_can_be_published(app) {
        clients(app, 0..5).await;
        let subject = text(&app.ask("deciding", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
        let grant = json!({ "subject": subject, "organization": app.world.organization("county"), "role": "DECISION_MAKER" });
        app.done("admin", "grantMembership", "membership { id }", grant).await;
        let read = async |rendering: &str| asked(app, "deciding", "STATISTICS", &report("registeredClients"), json!({ "as": rendering })).await.body["data"]["reports"].clone();
        assert_eq!(read("PUBLISHABLE").await["registeredClients"]["population"]["numerator"], 5);
        assert_eq!(read("INTERNAL").await, Value::Null);
    }
}
