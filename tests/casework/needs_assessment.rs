//! Needs assessments: both views, and nothing mandatory is missing.
use super::given::{assessed, begun, step, whole_assessment};
use serde_json::json;
use tests::{TestApp, stories};

const OF: (&str, &str) = ("needsAssessment", "state moves");

stories! {
    async fn it_is_completed_when_nothing_mandatory_is_missing(app) {
        let (client, case) = begun(app).await;
        let made = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version state overdue dueOn moves }", json!({ "case": case })).await["needsAssessment"].clone();
        assert_eq!((made["state"].clone(), made["overdue"].clone(), made["moves"].clone()), (json!("IN_PROGRESS"), json!(false), json!(["COMPLETE", "INTERRUPT"])));
        let input = json!({ "id": made["id"], "expectedVersion": 1 });
        let missing = ["REQUIRED content.clientView", "REQUIRED content.professionalView", "REQUIRED content.conclusion", "REQUIRED content.ownWorkerNeedProfessional"];
        assert_eq!(app.rejected("social-worker", "completeNeedsAssessment", "needsAssessment { id }", input.clone()).await, missing);
        // Deciding is for social work.
        assert_eq!(app.refuse("service-guide", &TestApp::mutation("completeNeedsAssessment", "needsAssessment { id }"), json!({ "input": input })).await, "FORBIDDEN");
        let saved = step(app, "service-guide", "saveNeedsAssessment", OF, &made, json!({ "content": whole_assessment() })).await;
        step(app, "social-worker", "completeNeedsAssessment", OF, &saved, json!({})).await;
        let read = "parts { area text } clientView professionalView conclusion specialSupport ownWorkerNeedClient ownWorkerNeedProfessional otherAuthorities icf { code qualifier observer }";
        let seen = app.ask("client", &format!("query($case: ID!) {{ me {{ assessments(case: $case) {{ nodes {{ {read} }} }} }} }}"), json!({ "case": case })).await;
        assert_eq!(seen["me"]["assessments"]["nodes"], json!([whole_assessment()]));
        assert_eq!(app.ask("partner", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": made["id"] })).await["node"], json!(null));
        let again = json!({ "id": made["id"], "expectedVersion": 3, "content": {} });
        assert_eq!(app.rejected("service-guide", "saveNeedsAssessment", "needsAssessment { id }", again).await, ["ILLEGAL_TRANSITION id"]);
        assert_eq!(app.ask("service-guide", "query($id: ID!) { client(id: $id) { assessments { totalCount } } }", json!({ "id": client })).await["client"]["assessments"]["totalCount"], 1);
    }

    async fn a_newer_one_supersedes_the_older_when_it_is_completed(app) {
        let (client, case) = begun(app).await;
        assessed(app, &case).await;
        let second = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case })).await["needsAssessment"].clone();
        assert_eq!(app.rejected("service-guide", "startNeedsAssessment", "needsAssessment { id }", json!({ "case": case })).await, ["UNFINISHED case"]);
        let states = async || app.ask("service-guide", "query($id: ID!) { client(id: $id) { assessments { nodes { state } } } }", json!({ "id": client })).await["client"]["assessments"]["nodes"].clone();
        assert_eq!(states().await, json!([{ "state": "COMPLETED" }, { "state": "IN_PROGRESS" }]));
        let saved = step(app, "service-guide", "saveNeedsAssessment", OF, &second, json!({ "content": whole_assessment() })).await;
        step(app, "social-worker", "completeNeedsAssessment", OF, &saved, json!({})).await;
        assert_eq!(states().await, json!([{ "state": "SUPERSEDED" }, { "state": "COMPLETED" }]));
    }

    async fn it_is_interrupted_and_gone_on_with_or_done_without_for_a_reason(app) {
        let (_, case) = begun(app).await;
        let waived = app.done("social-worker", "waiveNeedsAssessment", "needsAssessment { state reason dueOn }", json!({ "case": case, "reason": "Asia hoitui neuvonnalla." })).await;
        assert_eq!(waived["needsAssessment"], json!({ "state": "WAIVED", "reason": "Asia hoitui neuvonnalla.", "dueOn": null }));
        let mutation = TestApp::mutation("waiveNeedsAssessment", "needsAssessment { id }");
        assert_eq!(app.refuse("service-guide", &mutation, json!({ "input": { "case": case, "reason": "Turha." } })).await, "FORBIDDEN");
        let made = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case, "dueOn": "2031-01-01" })).await["needsAssessment"].clone();
        let stopped = step(app, "social-worker", "interruptNeedsAssessment", ("needsAssessment", "state interruption dueOn"), &made, json!({ "interruption": "UNREACHABLE" })).await;
        assert_eq!((stopped["state"].clone(), stopped["interruption"].clone(), stopped["dueOn"].clone()), (json!("INTERRUPTED"), json!("UNREACHABLE"), json!("2031-01-01")));
        assert_eq!(step(app, "social-worker", "resumeNeedsAssessment", OF, &stopped, json!({})).await["state"], "IN_PROGRESS");
    }

    async fn one_that_a_closed_case_was_left_with_is_not_gone_on_with(app) {
        let (_, case) = begun(app).await;
        let made = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case })).await["needsAssessment"].clone();
        let away = json!({ "interruption": "CLIENT_DECLINED" });
        let interrupted = step(app, "social-worker", "interruptNeedsAssessment", ("needsAssessment", "state"), &made, away).await;
        let close = json!({ "reason": "NO_NEED", "note": "Asiakas ei tarvitse palvelua." });
        super::opened::step(app, "social-worker", "closeCase", &case, close).await;
        let resume = json!({ "id": interrupted["id"], "expectedVersion": interrupted["version"] });
        assert_eq!(app.rejected("social-worker", "resumeNeedsAssessment", "needsAssessment { id }", resume).await, ["CASE_CLOSED id"]);
    }

    async fn what_it_says_is_sealed(app) {
        let (_, case) = begun(app).await;
        assessed(app, &case).await;
        assert_eq!(app.count("needs_assessment", "content LIKE '%yksin%' OR content LIKE '%Asiakkuudelle%'").await, 0);
        assert_eq!(app.count("needs_assessment", "content LIKE '1:%'").await, 1);
    }
}
