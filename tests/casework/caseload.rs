//! Worklists, deadlines, and who stands in for whom.
use super::opened::{assessing, at, started, step, subject};
use crate::person::given::{accepted, aino, client, eino, text};
use api::{act::casework::deadline, caller::Caller};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const MINE: &str = "query($f: CaseFilter, $o: [CaseOrder!], $n: Int, $after: String) { myCaseload(filter: $f, orderBy: $o, first: $n, after: $after) { totalCount nodes { id overdue nextDeadline { rule { key } dueOn overdue } } pageInfo { endCursor hasNextPage } } }";
const UNIT: &str = "query($o: ID!, $f: CaseFilter) { unitCaseload(organization: $o, filter: $f) { totalCount nodes { id stage ownWorker nextDeadline { dueOn } client { number person { lastName } } history { totalCount } } } }";

fn ids(page: &Value) -> Vec<String> {
    page["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect()
}

/// Makes a case pending since long ago, past all doors, and lets the job of the servers find out what that means.
async fn aged(app: &TestApp, case: &str, at: &str) {
    let id = uuid(case);
    let id = if app.kind == tests::Kind::Sqlite { format!("X'{id}'") } else { format!("'{id}'") };
    app.tamper(&format!("UPDATE client_case SET pending_at = '{at} 08:00:00+00:00' WHERE id = {id}")).await;
    deadline::refresh(&Caller::system(&app.store().await)).await.unwrap();
}

fn uuid(public: &str) -> String {
    domain::id::split_public(public).unwrap().1.simple().to_string()
}

stories! {
    async fn a_worker_sees_the_own_cases_by_the_next_deadline(app) {
        let (first, _) = assessing(app).await;
        let (other, _) = client(app, eino()).await;
        let second = started(app, &other).await;
        let own = subject(app, "social-worker").await;
        step(app, "social-worker", "assessCase", &second, json!({ "ownWorker": own, "urgent": false })).await;
        aged(app, &second, "2026-01-07").await;
        let page = app.ask("social-worker", MINE, json!({})).await["myCaseload"].clone();
        assert_eq!(ids(&page), [second.clone(), first.clone()]);
        assert_eq!(page["nodes"][0], json!({ "id": second, "overdue": true, "nextDeadline": { "rule": { "key": "DECISION_INTO_EFFECT" }, "dueOn": "2026-04-07", "overdue": true } }));
        for (filter, expected) in [
            (json!({ "overdue": true }), vec![&second]),
            (json!({ "overdue": false }), vec![&first]),
            (json!({ "suspended": true }), vec![]),
            (json!({ "stages": ["ASSESSMENT"], "ownWorkers": [own] }), vec![&second, &first]),
            (json!({ "stages": ["CLOSED"] }), vec![]),
        ] {
            let page = app.ask("social-worker", MINE, json!({ "f": filter })).await["myCaseload"].clone();
            assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected, "{filter}");
        }
        for (field, direction) in [("NEXT_DEADLINE", "DESC"), ("PENDING_AT", "DESC"), ("CREATED_AT", "ASC")] {
            let by = json!([{ "field": field, "direction": direction }]);
            let one = app.ask("social-worker", MINE, json!({ "o": by, "n": 1 })).await["myCaseload"].clone();
            assert_eq!((ids(&one), one["pageInfo"]["hasNextPage"].clone()), (vec![first.clone()], json!(true)), "{field}");
            let rest = app.ask("social-worker", MINE, json!({ "o": by, "n": 1, "after": one["pageInfo"]["endCursor"] })).await["myCaseload"].clone();
            assert_eq!(ids(&rest), std::slice::from_ref(&second), "{field}");
        }
        assert_eq!(app.ask("service-guide", MINE, json!({})).await["myCaseload"]["totalCount"], 0);
    }

    async fn the_lead_sees_the_stage_of_each_case_and_not_who_it_is(app) {
        let (case, _) = assessing(app).await;
        let county = app.world.organization("county");
        let page = app.ask("lead", UNIT, json!({ "o": county })).await["unitCaseload"].clone();
        assert_eq!((ids(&page), page["totalCount"].clone()), (vec![case], json!(1)));
        let seen = &page["nodes"][0];
        assert_eq!((seen["stage"].clone(), seen["client"]["person"].clone(), seen["history"]["totalCount"].clone()), (json!("ASSESSMENT"), json!(null), json!(0)));
        assert!(seen["client"]["number"].is_string() && seen["ownWorker"].is_string() && seen["nextDeadline"]["dueOn"].is_string());
        for other in ["service-guide", "partner", "admin", "dpo", "admin-x"] {
            assert_eq!(app.ask(other, UNIT, json!({ "o": county })).await["unitCaseload"]["totalCount"], 0, "{other}");
        }
    }

    async fn deadlines_follow_from_what_has_happened(app) {
        let (id, _) = client(app, aino()).await;
        let content = json!({ "serviceTask": "WORKING_AGE_SERVICES", "urgent": true, "groups": ["OVER_SEVENTY_FIVE"] });
        let input = json!({ "client": id, "organization": app.world.organization("county"), "content": content });
        let case = text(&app.done("social-worker", "startCase", "case { id }", input).await["case"]["id"]);
        let deadlines = "query($id: ID!) { case(id: $id) { deadlines { rule { key promise confirmed legalBasis unit amount } dueOn metOn overdue } nextDeadline { rule { key } } } }";
        let before = app.ask("social-worker", deadlines, json!({ "id": case })).await["case"].clone();
        assert_eq!(before["nextDeadline"]["rule"]["key"], "URGENT_NEED");
        let keys: Vec<_> = before["deadlines"].as_array().unwrap().iter().map(|d| text(&d["rule"]["key"])).collect();
        for key in ["URGENT_NEED", "ASSESSMENT_START_OVER_75", "PROMISE_ASSESSMENT_START", "DECISION_INTO_EFFECT"] {
            assert!(keys.iter().any(|k| k == key), "{keys:?}");
        }
        let own = subject(app, "social-worker").await;
        step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": true })).await;
        let after = app.ask("social-worker", deadlines, json!({ "id": case })).await["case"].clone();
        let met = |key: &str| after["deadlines"].as_array().unwrap().iter().find(|d| d["rule"]["key"] == key).unwrap()["metOn"].is_string();
        assert!(met("URGENT_NEED") && met("ASSESSMENT_START_OVER_75") && !met("DECISION_INTO_EFFECT"));
        let ground = after["deadlines"].as_array().unwrap().iter().find(|d| d["rule"]["key"] == "DECISION_INTO_EFFECT").unwrap()["rule"].clone();
        assert_eq!((ground["confirmed"].clone(), ground["promise"].clone(), ground["unit"].clone(), ground["amount"].clone()), (json!(false), json!(false), json!("MONTH"), json!(3)));
    }

    async fn the_own_worker_is_reminded_once_however_many_servers_look(app) {
        let (case, _) = assessing(app).await;
        let (one, two) = (app.store().await, app.store().await);
        let (first, second) = (Caller::system(&one), Caller::system(&two));
        let reminders = async || {
            let notices = app.ask("social-worker", "{ notices(filter: { kinds: [DEADLINE_APPROACHING] }) { nodes { kind case { id } caseId } } }", json!({})).await;
            notices["notices"]["nodes"].clone()
        };
        deadline::remind(&first).await.unwrap();
        assert_eq!(reminders().await, json!([]));
        aged(app, &case, "2026-01-07").await;
        let (a, b) = tokio::join!(deadline::remind(&first), deadline::remind(&second));
        // On SQLite or PostgreSQL, together or one after the other: what was told is not told again.
        a.unwrap();
        b.unwrap();
        deadline::remind(&first).await.unwrap();
        let told = reminders().await;
        assert_eq!(told, json!([{ "kind": "DEADLINE_APPROACHING", "case": { "id": case }, "caseId": case }, { "kind": "DEADLINE_APPROACHING", "case": { "id": case }, "caseId": case }]));
        assert_eq!(app.count("notice", "kind = 'DEADLINE_APPROACHING'").await, 2);
    }

    async fn of_a_case_that_has_no_own_worker_yet_the_lead_and_whoever_took_it_in_are_reminded(app) {
        accepted(app).await;
        let case = app.cases().await[0].clone();
        let store = app.store().await;
        deadline::remind(&Caller::system(&store)).await.unwrap();
        let told = async |actor: &str| app.count("notice", &format!("kind = 'DEADLINE_APPROACHING' AND subject LIKE '%|{actor}'")).await;
        // An urgent need is looked at on the day.
        let query = "{ notices(filter: { kinds: [DEADLINE_APPROACHING] }) { nodes { caseId case { nextDeadline { rule { key } } } } } }";
        let urgent = json!([{ "caseId": case, "case": { "nextDeadline": { "rule": { "key": "URGENT_NEED" } } } }]);
        assert_eq!(app.ask("service-guide", query, json!({})).await["notices"]["nodes"], urgent);
        assert_eq!((told("lead").await, told("service-guide").await), (1, 1));
        deadline::remind(&Caller::system(&store)).await.unwrap();
        assert_eq!(app.count("notice", "kind = 'DEADLINE_APPROACHING'").await, 2);
    }

    async fn whoever_stands_in_is_reminded_too_and_the_lead_of_one_who_works_there_no_more(app) {
        let (case, _) = assessing(app).await;
        let guide = subject(app, "service-guide").await;
        let arrange = json!({ "organization": app.world.organization("county"), "substitute": guide, "until": in_days(7) });
        app.done("social-worker", "arrangeSubstitution", "substitution { id }", arrange).await;
        aged(app, &case, "2026-01-07").await;
        let store = app.store().await;
        let told = async |actor: &str| app.count("notice", &format!("kind = 'DEADLINE_APPROACHING' AND subject LIKE '%|{actor}'")).await;
        deadline::remind(&Caller::system(&store)).await.unwrap();
        assert_eq!((told("social-worker").await, told("service-guide").await, told("lead").await), (2, 2, 0));
        app.tamper("UPDATE membership SET valid_to = '2026-01-01' WHERE subject LIKE '%|social-worker'").await;
        deadline::remind(&Caller::system(&store)).await.unwrap();
        assert_eq!(told("lead").await, 2);
    }

    async fn whoever_stands_in_sees_what_the_other_does_until_it_ends(app) {
        let (case, first) = assessing(app).await;
        let guide = subject(app, "service-guide").await;
        let sees = async |client: &str| app.ask("service-guide", "query($id: ID!) { client(id: $id) { id } myCaseload { totalCount } }", json!({ "id": client })).await;
        let county = app.world.organization("county");
        let arrange = |until: &str| json!({ "organization": county, "substitute": guide, "until": until });
        assert_eq!(app.rejected("social-worker", "arrangeSubstitution", "substitution { id }", arrange("2020-01-01")).await, ["OUT_OF_RANGE until"]);
        let until = in_days(7);
        let mut of_another = arrange(&until);
        of_another["worker"] = json!(subject(app, "lead").await);
        assert_eq!(app.refuse("social-worker", &TestApp::mutation("arrangeSubstitution", "substitution { id }"), json!({ "input": of_another })).await, "FORBIDDEN");
        let made = app.done("social-worker", "arrangeSubstitution", "substitution { id version inForce worker substitute until }", arrange(&until)).await["substitution"].clone();
        assert_eq!((made["inForce"].clone(), made["substitute"].clone()), (json!(true), json!(guide)));
        assert_eq!(sees(&first).await, json!({ "client": { "id": first }, "myCaseload": { "totalCount": 1 } }));
        // A case that begins meanwhile is seen too, and one that is handed over is not any more.
        let (other, _) = client(app, eino()).await;
        let second = started(app, &other).await;
        let own = subject(app, "social-worker").await;
        step(app, "social-worker", "assessCase", &second, json!({ "ownWorker": own, "urgent": false })).await;
        assert_eq!(sees(&other).await, json!({ "client": { "id": other }, "myCaseload": { "totalCount": 2 } }));
        let lead = subject(app, "lead").await;
        step(app, "social-worker", "handOverCase", &second, json!({ "to": lead })).await;
        assert_eq!(sees(&other).await, json!({ "client": null, "myCaseload": { "totalCount": 1 } }));
        let end = json!({ "id": made["id"], "expectedVersion": made["version"] });
        app.done("lead", "endSubstitution", "substitution { inForce endedAt }", end).await;
        assert_eq!(sees(&first).await, json!({ "client": null, "myCaseload": { "totalCount": 0 } }));
        let listed = app.ask("lead", "query($o: ID!) { substitutions(organization: $o) { nodes { id inForce } } }", json!({ "o": county })).await;
        assert_eq!(listed["substitutions"]["nodes"], json!([{ "id": made["id"], "inForce": false }]));
        assert!(!case.is_empty());
    }

    async fn a_caseload_is_handed_over_whole(app) {
        let (first, _) = assessing(app).await;
        let (other, _) = client(app, eino()).await;
        let second = started(app, &other).await;
        let (own, guide) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        step(app, "social-worker", "assessCase", &second, json!({ "ownWorker": own, "urgent": false })).await;
        let county = app.world.organization("county");
        let input = json!({ "organization": county, "from": own, "to": guide });
        assert_eq!(app.refuse("service-guide", &TestApp::mutation("handOverCaseload", "handedOver"), json!({ "input": input })).await, "FORBIDDEN");
        assert_eq!(app.done("lead", "handOverCaseload", "handedOver", input).await["handedOver"], 2);
        let mine = app.ask("service-guide", MINE, json!({})).await["myCaseload"].clone();
        let mut seen = ids(&mine);
        seen.sort();
        let mut all = vec![first.clone(), second];
        all.sort();
        assert_eq!(seen, all);
        assert_eq!(app.ask("social-worker", MINE, json!({})).await["myCaseload"]["totalCount"], 0);
        let back = at(app, &first, json!({ "to": own })).await;
        app.done("service-guide", "handOverCase", "case { ownWorker }", back).await;
    }
}
