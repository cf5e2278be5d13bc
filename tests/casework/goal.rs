//! Goals: the client's own, and those of the work.
use super::given::{begun, goal, step};
use serde_json::json;
use tests::stories;

const OF: (&str, &str) = ("goal", "state text gasLevel reason moves");

stories! {
    async fn clients_set_change_and_move_their_own_goals_only(app) {
        let (_, case) = begun(app).await;
        let worker = json!({ "case": case, "owner": "WORKER", "content": { "text": "Hae töitä." } });
        assert_eq!(app.rejected("client", "setGoal", "goal { id }", worker).await, ["WORKER_ONLY owner"]);
        let own = json!({ "id": goal(app, "client", &case, "CLIENT", "Saan ystävän.").await, "version": 1 });
        let changed = step(app, "client", "updateGoal", OF, &own, json!({ "content": { "text": "Saan kaksi ystävää.", "gasLevel": -1 } })).await;
        assert_eq!((changed["text"].clone(), changed["gasLevel"].clone()), (json!("Saan kaksi ystävää."), json!(-1)));
        let begun = step(app, "client", "beginGoal", OF, &changed, json!({})).await;
        assert_eq!(begun["moves"], json!(["REACH", "REACH_PARTLY", "MISS", "DROP"]));
        let done = step(app, "client", "recordGoalResult", OF, &begun, json!({ "state": "PARTLY_REACHED", "reason": "Yksi ystävä." })).await;
        assert_eq!((done["state"].clone(), done["reason"].clone(), done["moves"].clone()), (json!("PARTLY_REACHED"), json!("Yksi ystävä."), json!([])));
        let other = goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await;
        let input = json!({ "id": other, "expectedVersion": 1 });
        assert_eq!(app.rejected("client", "beginGoal", "goal { id }", input).await, ["WORKER_ONLY id"]);
        let seen = app.ask("client", "{ me { goals { nodes { owner state } } } }", json!({})).await["me"]["goals"]["nodes"].clone();
        assert_eq!(seen, json!([{ "owner": "CLIENT", "state": "PARTLY_REACHED" }, { "owner": "WORKER", "state": "OPEN" }]));
    }

    async fn giving_a_goal_up_needs_a_reason(app) {
        let (_, case) = begun(app).await;
        let set = goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await;
        let input = json!({ "id": set, "expectedVersion": 1, "reason": " " });
        assert_eq!(app.rejected("service-guide", "dropGoal", "goal { id }", input).await, ["REQUIRED reason"]);
        let dropped = step(app, "service-guide", "dropGoal", OF, &json!({ "id": set, "version": 1 }), json!({ "reason": "Ryhmä loppui." })).await;
        assert_eq!((dropped["state"].clone(), dropped["reason"].clone()), (json!("DROPPED"), json!("Ryhmä loppui.")));
        assert_eq!(app.count("goal", "content LIKE '%ryhmässä%' OR reason LIKE '%Ryhmä%'").await, 0);
    }
}
