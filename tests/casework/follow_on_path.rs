//! Follow-on paths: planned, arrived, and looked at after three to six months.
use super::given::{begun, step};
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
