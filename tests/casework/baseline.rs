//! Intake baselines: recorded once, corrected with a trace.
use super::{
    given::{step, whole_assessment},
    opened::{assessing, at, baseline, subject},
};
use crate::person::given::account;
use serde_json::{Value, json};
use tests::{TestApp, stories};

const FIELDS: &str = "intakeBaseline { id version ageAtStart gender employment { value } education { value } health { substanceHarmAcknowledged } reason }";

stories! {
    async fn a_baseline_is_recorded_once_and_its_health_is_sealed_and_logged(app) {
        let (case, _) = assessing(app).await;
        let mut input = baseline();
        input["case"] = json!(case);
        let seen = app.done("social-worker", "recordIntakeBaseline", FIELDS, input.clone()).await["intakeBaseline"].clone();
        assert_eq!((seen["ageAtStart"].clone(), seen["gender"].clone(), seen["version"].clone()), (json!(36), json!("FEMALE"), json!(1)));
        assert_eq!(seen["health"]["substanceHarmAcknowledged"], "YES");
        assert_eq!(app.rejected("social-worker", "recordIntakeBaseline", FIELDS, input.clone()).await, ["RECORDED_ALREADY case"]);
        for (table, column) in [("intake_baseline", "health"), ("audit", "CAST(after AS TEXT)"), ("intake_baseline", "CAST(content AS TEXT)")] {
            assert_eq!(app.count(table, &format!("{column} LIKE '%ubstanceHarm%'")).await, 0, "{table}");
        }
        assert!(app.count("use_log_entry", "what LIKE '%IntakeBaseline.health%'").await > 0);
        // The lead sees that there is a case, and nothing of its beginning.
        let lead = app.ask("lead", "query($id: ID!) { case(id: $id) { baseline { id } baselines { totalCount } } }", json!({ "id": case })).await["case"].clone();
        assert_eq!(lead, json!({ "baseline": null, "baselines": { "totalCount": 0 } }));
        input["case"] = json!(case);
        for stranger in ["service-guide", "partner", "lead"] {
            let code = app.refuse(stranger, &TestApp::mutation("recordIntakeBaseline", FIELDS), json!({ "input": input })).await;
            assert!(["NOT_FOUND", "FORBIDDEN"].contains(&code.as_str()), "{stranger} {code}");
        }
    }

    async fn health_is_not_shown_to_whoever_only_handles_a_referral(app) {
        let (case, client) = assessing(app).await;
        let mut input = baseline();
        input["case"] = json!(case);
        let recorded = app.done("social-worker", "recordIntakeBaseline", FIELDS, input).await["intakeBaseline"].clone();
        let mut content = whole_assessment();
        content["parts"].as_array_mut().unwrap().push(json!({ "area": "HEALTH", "text": "Uni on lyhyttä." }));
        let made = app.done("social-worker", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case })).await["needsAssessment"].clone();
        let saved = step(app, "social-worker", "saveNeedsAssessment", ("needsAssessment", "parts { area }"), &made, json!({ "content": content })).await;
        assert_eq!(saved["parts"].as_array().unwrap().len(), 3);
        let internal = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("county"), "client": client,
            "content": { "direction": "INTERNAL", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL" },
        });
        let referral = app.done("social-worker", "createReferral", "referral { id }", internal).await["referral"]["id"].clone();
        app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("service-guide", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let read = "query($id: ID!) { case(id: $id) { baseline { employment { value } health { mentalCareActive } } client { assessments { nodes { conclusion parts { area } icf { code } } } } } }";
        let logged = async || app.count("use_log_entry", "what LIKE '%IntakeBaseline.health%' OR what LIKE '%NeedsAssessment.icf%'").await;
        let before = logged().await;
        let seen = app.ask("service-guide", read, json!({ "id": case })).await["case"].clone();
        assert_eq!(seen["baseline"], json!({ "employment": { "value": "UNEMPLOYED_GT_12M" }, "health": null }));
        let parts = json!([{ "area": "EVERYDAY_SKILLS" }, { "area": "PARTICIPATION" }]);
        assert_eq!(seen["client"]["assessments"]["nodes"], json!([{ "conclusion": "Asiakkuudelle on peruste.", "parts": parts, "icf": null }]));
        assert_eq!(logged().await, before);
        // What is not seen is not written over.
        let mut correction = baseline();
        (correction["id"], correction["expectedVersion"]) = (recorded["id"].clone(), json!(1));
        let save = json!({ "id": saved["id"], "expectedVersion": saved["version"], "content": whole_assessment() });
        assert_eq!(app.refuse("service-guide", &TestApp::mutation("correctIntakeBaseline", FIELDS), json!({ "input": correction })).await, "FORBIDDEN");
        assert_eq!(app.refuse("service-guide", &TestApp::mutation("saveNeedsAssessment", "needsAssessment { id }"), json!({ "input": save })).await, "FORBIDDEN");
        // Work on the case opens it, and the client sees it anyway.
        let guide = subject(app, "service-guide").await;
        app.done("social-worker", "addCaseWorker", "case { version }", at(app, &case, json!({ "worker": guide })).await).await;
        let seen = app.ask("service-guide", read, json!({ "id": case })).await["case"].clone();
        assert_eq!(seen["baseline"]["health"], json!({ "mentalCareActive": "UNKNOWN" }));
        assert_eq!(seen["client"]["assessments"]["nodes"][0]["icf"], json!([{ "code": "d750" }]));
        assert!(logged().await > before);
        account(app, &client).await;
        let mine = app.ask("client", "{ me { assessments { nodes { parts { area } icf { code } } } } }", json!({})).await["me"]["assessments"]["nodes"][0].clone();
        assert_eq!((mine["parts"].as_array().unwrap().len(), mine["icf"].clone()), (3, json!([{ "code": "d750" }])));
    }

    async fn words_reasons_and_answers_are_not_shown_to_whoever_only_handles_a_referral(app) {
        let (case, client) = assessing(app).await;
        super::instrument::answered(app, "social-worker", &case, "BASELINE", &[("health", 4)]).await;
        let work = json!({ "case": case, "instrument": "WAS", "phase": "BASELINE", "answers": [{ "item": "work_ability", "value": 3 }] });
        app.done("social-worker", "recordInstrumentResponse", "instrumentResponse { id }", work.clone()).await;
        let mut later = work;
        (later["phase"], later["answers"][0]["value"]) = (json!("INTERIM"), json!(5));
        app.done("social-worker", "recordInstrumentResponse", "instrumentResponse { id }", later).await;
        let write = async |actor: &str, visibility: &str, words: &str| {
            let content = json!({ "text": words, "ground": (visibility == "CLIENT_HIDDEN").then_some("Läheisen turvallisuus vaarantuisi.") });
            let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": visibility, "content": content });
            app.done(actor, "writeClientEntry", "clientEntry { id text }", entry).await["clientEntry"]["id"].clone()
        };
        let entries = [write("social-worker", "SHARED", "Soitto.").await, write("social-worker", "CLIENT_HIDDEN", "Läheinen soitti.").await];
        let suspend = json!({ "reason": "HOSPITAL", "reviewOn": tests::in_days(14), "words": "Osastolla." });
        app.done("social-worker", "suspendCase", "case { id }", at(app, &case, suspend).await).await;
        let internal = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("county"), "client": client,
            "content": { "direction": "INTERNAL", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL" },
        });
        let referral = app.done("social-worker", "createReferral", "referral { id }", internal).await["referral"]["id"].clone();
        app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("service-guide", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let read = "query($id: ID!) { case(id: $id) { suspension { reviewOn reason } history { nodes { kind words } } client { hiddenEntries \
                    entries { totalCount nodes { id text ground } } instrumentResponses { nodes { phase answers { value } score change { score before { phase } } } } } } }";
        let logged = async || {
            let fields = ["CaseEvent.words", "Case.suspension.reason", "InstrumentResponse.answers"];
            let mut counts = Vec::new();
            for field in fields {
                counts.push(app.count("use_log_entry", &format!("what LIKE '%{field}%'")).await);
            }
            counts
        };
        let before = logged().await;
        let seen = app.ask("service-guide", read, json!({ "id": case })).await["case"].clone();
        assert_eq!(seen["suspension"], json!({ "reviewOn": tests::in_days(14), "reason": null }));
        let words = |seen: &Value| seen["history"]["nodes"].as_array().unwrap().iter().map(|event| event["words"].clone()).collect::<Vec<_>>();
        assert!(seen["history"]["nodes"].as_array().unwrap().len() > 1 && words(&seen).iter().all(Value::is_null), "{seen}");
        assert_eq!((&seen["client"]["entries"]["totalCount"], &seen["client"]["hiddenEntries"]), (&json!(0), &json!(0)));
        let answers = seen["client"]["instrumentResponses"]["nodes"].as_array().unwrap().clone();
        assert_eq!(answers.len(), 3);
        for answer in &answers {
            assert_eq!((&answer["answers"], &answer["score"], &answer["change"]), (&json!(null), &json!(null), &json!(null)));
        }
        for entry in &entries {
            assert_eq!(app.ask("service-guide", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": entry })).await["node"], json!(null));
        }
        assert_eq!(logged().await, before);
        // What one has entered oneself, one reads.
        let own = write("service-guide", "SHARED", "Lähetteestä soitettu.").await;
        let seen = app.ask("service-guide", read, json!({ "id": case })).await["case"].clone();
        assert_eq!(seen["client"]["entries"], json!({ "totalCount": 1, "nodes": [{ "id": own, "text": "Lähetteestä soitettu.", "ground": null }] }));
        // Work on the case opens all of it.
        let guide = subject(app, "service-guide").await;
        app.done("social-worker", "addCaseWorker", "case { version }", at(app, &case, json!({ "worker": guide })).await).await;
        let seen = app.ask("service-guide", read, json!({ "id": case })).await["case"].clone();
        assert_eq!((&seen["suspension"]["reason"], &seen["client"]["entries"]["totalCount"]), (&json!("HOSPITAL"), &json!(3)));
        assert!(words(&seen).contains(&json!("Osastolla.")), "{seen}");
        let last = seen["client"]["instrumentResponses"]["nodes"][2].clone();
        assert_eq!(last, json!({ "phase": "INTERIM", "answers": [{ "value": 5 }], "score": 5.0, "change": { "score": 2.0, "before": { "phase": "BASELINE" } } }));
        assert!(logged().await.iter().zip(&before).all(|(now, then)| now > then));
    }

    async fn a_correction_keeps_what_was_there_and_says_why_once_thirty_days_are_over(app) {
        let (case, _) = assessing(app).await;
        let mut input = baseline();
        input["case"] = json!(case);
        let first = app.done("social-worker", "recordIntakeBaseline", FIELDS, input).await["intakeBaseline"].clone();
        let mut correction = baseline();
        correction["id"] = first["id"].clone();
        correction["expectedVersion"] = json!(1);
        correction["content"]["education"] = json!("UPPER_SECONDARY");
        let second = app.done("social-worker", "correctIntakeBaseline", FIELDS, correction.clone()).await["intakeBaseline"].clone();
        assert_eq!((second["version"].clone(), second["education"]["value"].clone()), (json!(2), json!("UPPER_SECONDARY")));
        assert_eq!(app.rejected("social-worker", "correctIntakeBaseline", FIELDS, correction.clone()).await, ["STALE_VERSION expectedVersion"]);
        app.unguard("intake_baseline").await;
        app.tamper("UPDATE intake_baseline SET created_at = '2020-01-01 00:00:00+00:00'").await;
        correction["id"] = second["id"].clone();
        correction["expectedVersion"] = json!(2);
        assert_eq!(app.rejected("social-worker", "correctIntakeBaseline", FIELDS, correction.clone()).await, ["REQUIRED reason"]);
        correction["reason"] = json!("Todistus toimitettiin myöhemmin.");
        app.done("social-worker", "correctIntakeBaseline", FIELDS, correction).await;
        let trace = app.ask("social-worker", "query($id: ID!) { case(id: $id) { baseline { version } baselines { nodes { version education { value } reason } } } }", json!({ "id": case })).await["case"].clone();
        assert_eq!(trace["baseline"]["version"], 3);
        assert_eq!(trace["baselines"]["nodes"], json!([
            { "version": 1, "education": { "value": "COMPULSORY" }, "reason": null },
            { "version": 2, "education": { "value": "UPPER_SECONDARY" }, "reason": null },
            { "version": 3, "education": { "value": "UPPER_SECONDARY" }, "reason": "Todistus toimitettiin myöhemmin." },
        ]));
    }

    async fn what_does_not_hold_together_is_told(app) {
        let (case, _) = assessing(app).await;
        let mut input = baseline();
        input["case"] = json!(case);
        input["content"]["unemployedSince"] = json!("2026-10-01");
        input["content"]["education"] = json!("SOME");
        input["content"]["socialAssistance"] = json!("NO");
        let faults = app.rejected("social-worker", "recordIntakeBaseline", FIELDS, input).await;
        assert_eq!(faults, ["UNKNOWN_CODE content.education", "DOES_NOT_AGREE content.socialAssistanceSince", "DOES_NOT_AGREE content.employment"]);
    }
}
