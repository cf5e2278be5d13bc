//! Follow-on paths: planned, arrived, and looked at after three to six months.
use super::{
    given::{assessed, begun, step},
    opened::{step as on, subject},
};
use api::{act::casework::follow_on_path, caller::Caller, clock::Clock};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const OF: (&str, &str) = ("followOnPath", "state arrivedOn verifyFrom verifyBy verifiedOn reason moves");

async fn path(app: &TestApp, case: &str) -> Value {
    let input = json!({ "case": case, "destination": "NGO_OPEN", "recipient": app.world.organization("ngo"), "content": { "note": "Käsityöryhmä." } });
    app.done("service-guide", "planFollowOnPath", "followOnPath { id version state note recipient { name { fi } } }", input).await["followOnPath"].clone()
}

stories! {
    async fn an_arrival_is_verified_after_three_months(app) {
        let (_, case) = begun(app).await;
        for (days, verified) in [(10, false), (100, true)] {
            let planned = path(app, &case).await;
            assert_eq!((planned["note"].clone(), planned["recipient"]["name"]["fi"].clone()), (json!("Käsityöryhmä."), json!("ngo")));
            let guided = step(app, "service-guide", "guideToFollowOnPath", OF, &planned, json!({ "on": in_days(-days - 5) })).await;
            assert_eq!(guided["moves"], json!(["TRANSFER", "START", "EMPLOY", "DROP"]));
            let more = json!({ "arrival": "STARTED", "arrivedOn": in_days(-days), "source": "RECIPIENT" });
            let arrived = step(app, "service-guide", "recordPathArrival", OF, &guided, more).await;
            assert_eq!((arrived["state"].clone(), arrived["arrivedOn"].clone()), (json!("STARTED"), json!(in_days(-days))));
            if verified {
                let there = step(app, "service-guide", "verifyFollowOnPath", OF, &arrived, json!({ "source": "CLIENT" })).await;
                assert!(there["state"] == "VERIFIED" && there["verifiedOn"].is_string(), "{there}");
            } else {
                let input = json!({ "id": arrived["id"], "expectedVersion": arrived["version"], "source": "CLIENT" });
                assert_eq!(app.rejected("service-guide", "verifyFollowOnPath", "followOnPath { id }", input).await, ["TOO_EARLY id"]);
                assert_eq!(step(app, "service-guide", "lapseFollowOnPath", OF, &arrived, json!({ "reason": "Lopetti." })).await["state"], "LAPSED");
            }
        }
    }

    async fn nobody_arrives_before_the_guidance_or_in_days_to_come(app) {
        let (_, case) = begun(app).await;
        let guided = step(app, "service-guide", "guideToFollowOnPath", OF, &path(app, &case).await, json!({ "on": in_days(-5) })).await;
        for (on, fault) in [(in_days(-6), "DATE_ORDER arrivedOn"), ("2099-01-01".to_owned(), "OUT_OF_RANGE arrivedOn")] {
            let input = json!({ "id": guided["id"], "expectedVersion": guided["version"], "arrival": "EMPLOYED", "arrivedOn": on, "source": "CLIENT" });
            assert_eq!(app.rejected("service-guide", "recordPathArrival", "followOnPath { id }", input).await, [fault]);
        }
    }

    async fn a_path_is_looked_at_after_the_case_has_closed_and_whoever_is_to_look_is_reminded(app) {
        let (client, case) = begun(app).await;
        let own = subject(app, "social-worker").await;
        on(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
        assessed(app, &case).await;
        let guided = step(app, "service-guide", "guideToFollowOnPath", OF, &path(app, &case).await, json!({ "on": in_days(-5) })).await;
        let given_up = path(app, &case).await;
        on(app, "social-worker", "closeCase", &case, json!({ "reason": "GUIDED_ELSEWHERE", "note": "Ryhmä jatkuu järjestössä." })).await;
        // What opened the client beside the case is over by now.
        app.tamper("UPDATE care_relation SET expires_at = '2026-01-01 00:00:00+00:00' WHERE basis <> 'CASE'").await;
        let sees = async |actor: &str| app.ask(actor, "query($id: ID!) { client(id: $id) { person { lastName } } }", json!({ "id": client })).await["client"].clone();
        assert_eq!((sees("social-worker").await["person"]["lastName"].clone(), sees("service-guide").await), (json!("Testilä"), json!(null)));
        let arrival = json!({ "arrival": "STARTED", "arrivedOn": in_days(0), "source": "RECIPIENT" });
        let arrived = step(app, "social-worker", "recordPathArrival", OF, &guided, arrival).await;
        let told = async |days: i64| {
            follow_on_path::remind(&Caller::system(&app.later(days).await)).await.unwrap();
            let seen = app.ask("social-worker", "{ notices(filter: { kinds: [PATH_VERIFICATION_DUE] }) { nodes { caseId } } }", json!({})).await;
            seen["notices"]["nodes"].as_array().unwrap().iter().filter(|notice| notice["caseId"] == json!(case)).count()
        };
        // Once for each path as its time has come, and once more before that is over.
        assert_eq!((told(80).await, told(100).await, told(101).await, told(182).await), (0, 2, 2, 4));
        // A hundred days have passed.
        let later = app.process_at(Clock::fixed(tests::at_this_time_in(100))).await;
        let verify = json!({ "input": { "id": arrived["id"], "expectedVersion": arrived["version"], "source": "RECIPIENT" } });
        let answer = app.post_to(&later, "social-worker", &TestApp::mutation("verifyFollowOnPath", "followOnPath { state }"), verify).await;
        assert_eq!(answer.body["data"]["verifyFollowOnPath"]["followOnPath"]["state"], "VERIFIED", "{}", answer.text);
        assert_eq!(sees("social-worker").await["person"]["lastName"], "Testilä", "there is another path");
        step(app, "social-worker", "dropFollowOnPath", OF, &given_up, json!({ "reason": "Asiakas ei lähtenyt." })).await;
        assert_eq!(sees("social-worker").await, json!(null));
        assert_eq!(app.count("care_relation", "basis = 'CASE' AND ended_at IS NULL").await, 0);
    }

    async fn a_case_that_ended_otherwise_leaves_nobody_behind(app) {
        let (_, case) = begun(app).await;
        let own = subject(app, "social-worker").await;
        on(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
        path(app, &case).await;
        on(app, "social-worker", "closeCase", &case, json!({ "reason": "DECEASED", "note": "Asiakas on kuollut." })).await;
        assert_eq!(app.count("care_relation", "basis = 'CASE' AND ended_at IS NULL").await, 0);
        assert_eq!(follow_on_path::remind(&Caller::system(&app.later(100).await)).await.unwrap().done, 0);
    }

    async fn the_client_sees_the_path_and_may_give_it_up_and_nothing_more(app) {
        let (_, case) = begun(app).await;
        let planned = path(app, &case).await;
        let input = json!({ "id": planned["id"], "expectedVersion": 1 });
        assert_eq!(app.rejected("client", "guideToFollowOnPath", "followOnPath { id }", input).await, ["WORKER_ONLY id"]);
        let dropped = step(app, "client", "dropFollowOnPath", OF, &planned, json!({ "reason": "En halua sinne." })).await;
        assert_eq!((dropped["state"].clone(), dropped["reason"].clone()), (json!("DROPPED"), json!("En halua sinne.")));
        assert_eq!(app.ask("client", "{ me { followOnPaths { nodes { destination } } } }", json!({})).await["me"]["followOnPaths"]["nodes"], json!([{ "destination": "NGO_OPEN" }]));
    }

    async fn that_there_is_no_path_has_a_reason(app) {
        let (_, case) = begun(app).await;
        let input = |content: Value| json!({ "case": case, "destination": "NONE", "content": content });
        assert_eq!(app.rejected("service-guide", "planFollowOnPath", "followOnPath { id }", input(json!({}))).await, ["REQUIRED content.note"]);
        app.done("service-guide", "planFollowOnPath", "followOnPath { id }", input(json!({ "note": "Muuttaa pois." }))).await;
    }
}
