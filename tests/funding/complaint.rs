//! Stories of complaints about providers: reported, taken up, answered, closed, found to be nothing; and of whom nobody tells.
use super::{
    given::{cast, due, in_days},
    purchase_order::{ground, ordered, placed},
};
use crate::{
    casework::{given::step, opened::subject},
    person::given::{aino, client, text},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const OF: (&str, &str) = (
    "complaint",
    "kind state moves contract { number } ofPurchase purchaseTold order { id } voucher { id } client { id } reporter isMine reportedAt occurredOn description dueOn overdue \
     question answerDueOn takenUpAt answer answeredAt outcome endedAt access { canTransition }",
);
/// What whoever works for the provider is never told of one whose order it is not told.
const HIDDEN: &[&str] = &["contract", "ofPurchase", "order", "voucher", "client", "reporter", "reportedAt", "occurredOn", "description"];

/// What is said of the company, with more.
fn said(app: &TestApp, more: Value) -> Value {
    let mut input = json!({
        "organization": app.world.organization("county"), "provider": app.world.organization("company"), "kind": "FAULT", "occurredOn": in_days(-1),
        "description": "Ohjaaja ei tullut paikalle, ja Aino odotti tunnin.",
    });
    let Value::Object(more) = more else { unreachable!("fields") };
    for (field, value) in more {
        input[field] = value;
    }
    input
}

/// A complaint of the company, as somebody has reported it.
pub async fn reported(app: &TestApp, actor: &str, more: Value) -> Value {
    app.done(actor, "reportComplaint", "complaint { id version state dueOn reporter isMine }", said(app, more)).await["complaint"].clone()
}

async fn said_no(app: &TestApp, actor: &str, more: Value) -> Vec<String> {
    app.rejected(actor, "reportComplaint", "complaint { id }", said(app, more)).await
}

async fn refused(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> String {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.refuse(actor, &TestApp::mutation(mutation, "complaint { id }"), json!({ "input": input })).await
}

async fn stands_against(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "complaint { id }", input).await
}

async fn seen(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Complaint {{ id version {} }} }} }}", OF.1);
    app.ask(actor, &query, json!({ "id": of["id"] })).await["node"].clone()
}

async fn notices(app: &TestApp, actor: &str) -> Vec<String> {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind complaint { id } } } }", json!({})).await["notices"]["nodes"].clone();
    let of_complaints = told.as_array().unwrap().iter().filter(|notice| text(&notice["kind"]).starts_with("COMPLAINT"));
    of_complaints.inspect(|notice| assert!(!notice["complaint"].is_null(), "{actor}")).map(|notice| text(&notice["kind"])).collect()
}

/// How many complaints of an organisation somebody is told of.
async fn listed(app: &TestApp, actor: &str, organization: &str) -> Value {
    let query = "query($id: ID!) { complaints(organization: $id) { totalCount nodes { id } } }";
    let told = app.ask(actor, query, json!({ "id": app.world.organization(organization) })).await["complaints"].clone();
    assert_eq!(told["totalCount"], told["nodes"].as_array().unwrap().len());
    told["totalCount"].clone()
}

/// A complaint of the client's about an order, that procurement has taken up and the provider has answered: its id.
pub async fn furnish(app: &TestApp, order: &Value) -> String {
    let complaint = reported(app, "client", json!({ "order": order["id"] })).await;
    let asked = json!({ "question": "Miksi ryhmä jäi pitämättä?", "purchaseTold": true });
    let taken = step(app, "procurement", "takeUpComplaint", OF, &complaint, asked).await;
    text(&step(app, "provider", "answerComplaint", OF, &taken, json!({ "answer": "Sijainen on järjestetty." })).await["id"])
}

stories! {
    async fn a_client_complains_and_learns_what_came_of_it_and_the_provider_learns_not_who(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let complaint = reported(app, "client", json!({ "order": order["id"], "idempotencyKey": "k" })).await;
        assert_eq!((&complaint["state"], &complaint["reporter"], &complaint["isMine"]), (&json!("REPORTED"), &json!("CLIENT"), &json!(true)));
        assert_eq!(reported(app, "client", json!({ "order": order["id"], "idempotencyKey": "k" })).await["id"], complaint["id"]);
        assert_eq!(notices(app, "procurement").await, ["COMPLAINT_REPORTED"]);
        // The provider knows nothing of it yet.
        assert_eq!((seen(app, "provider", &complaint).await, listed(app, "provider", "company").await, notices(app, "provider").await.len()), (json!(null), json!(0), 0));
        let handled = seen(app, "procurement", &complaint).await;
        assert_eq!((&handled["description"], &handled["reporter"], &handled["isMine"], &handled["ofPurchase"]), (&json!("Ohjaaja ei tullut paikalle, ja Aino odotti tunnin."), &json!("CLIENT"), &json!(false), &json!(true)));
        // Whose order it is, procurement is not told either.
        assert_eq!((&handled["order"], &handled["client"], &handled["contract"]["number"]), (&json!(null), &json!(null), &json!("HVA-1")));
        let asked = json!({ "question": "Jäikö ryhmä pitämättä, ja miksi?" });
        let taken = step(app, "procurement", "takeUpComplaint", OF, &complaint, asked.clone()).await;
        assert_eq!((&taken["state"], &taken["dueOn"]), (&json!("IN_HANDLING"), &taken["answerDueOn"]));
        assert_eq!((notices(app, "provider").await, notices(app, "client").await), (vec!["COMPLAINT_ASKED".to_owned()], vec!["COMPLAINT_MOVED".to_owned()]));
        let told = seen(app, "provider", &complaint).await;
        assert_eq!((&told["question"], &told["access"]["canTransition"], &told["isMine"]), (&asked["question"], &json!(true), &json!(false)));
        for field in HIDDEN {
            assert_eq!(told[*field], json!(null), "{field}");
        }
        assert_eq!(stands_against(app, "procurement", "answerComplaint", &taken, json!({ "answer": "Ei vastausta." })).await, ["TOO_EARLY id"]);
        assert_eq!(stands_against(app, "provider", "closeComplaint", &taken, json!({ "outcome": "Selvä." })).await, ["OTHER_SIDE id"]);
        assert_eq!(refused(app, "client", "answerComplaint", &taken, json!({ "answer": "En." })).await, "FORBIDDEN");
        let answered = step(app, "provider", "answerComplaint", OF, &taken, json!({ "answer": "Sijainen on järjestetty." })).await;
        assert_eq!((&answered["state"], &answered["description"]), (&json!("MEASURES"), &json!(null)));
        let answered = seen(app, "procurement", &answered).await;
        let closed = step(app, "procurement", "closeComplaint", OF, &answered, json!({ "outcome": "Kertaa ei laskuteta." })).await;
        assert_eq!((&closed["state"], &closed["moves"]), (&json!("CLOSED"), &json!([])));
        for actor in ["client", "provider"] {
            let told = seen(app, actor, &complaint).await;
            assert_eq!((&told["answer"], &told["outcome"]), (&json!("Sijainen on järjestetty."), &json!("Kertaa ei laskuteta.")), "{actor}");
        }
        assert_eq!(notices(app, "procurement").await, ["COMPLAINT_ANSWERED", "COMPLAINT_REPORTED"]);
        let own = app.ask("client", "{ reportedComplaints { totalCount } me { complaints { nodes { id } } } }", json!({})).await;
        assert_eq!((&own["reportedComplaints"]["totalCount"], &own["me"]["complaints"]["nodes"][0]["id"]), (&json!(1), &complaint["id"]));
        // What was said is sealed.
        assert_eq!(app.count("complaint", "description LIKE '%Aino%' OR outcome LIKE '%laskuteta%'").await, 0);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_provider_is_told_of_which_order_it_is_only_where_procurement_says_so(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let (told, dismissed) = (reported(app, "social-worker", json!({ "order": order["id"], "kind": "INCIDENT" })).await, reported(app, "social-worker", json!({ "client": ground.client })).await);
        assert_eq!(told["reporter"], "WORKER");
        let told = step(app, "procurement", "takeUpComplaint", OF, &told, json!({ "question": "Mitä tapahtui?", "purchaseTold": true, "answerDueOn": in_days(3) })).await;
        assert_eq!(told["answerDueOn"], json!(in_days(3)));
        let provided = seen(app, "provider", &told).await;
        assert_eq!((&provided["order"]["id"], &provided["ofPurchase"], &provided["client"], &provided["reporter"]), (&order["id"], &json!(true), &json!(null), &json!(null)));
        // There is nothing to the other: whoever has reported is told why, and the provider never learns of it.
        assert_eq!(stands_against(app, "procurement", "takeUpComplaint", &dismissed, json!({ "question": "Mitä?", "purchaseTold": true })).await, ["DOES_NOT_AGREE purchaseTold"]);
        assert_eq!(stands_against(app, "procurement", "takeUpComplaint", &dismissed, json!({ "question": " " })).await, ["REQUIRED question"]);
        assert_eq!(stands_against(app, "procurement", "takeUpComplaint", &dismissed, json!({ "question": "Mitä?", "answerDueOn": in_days(-1) })).await, ["OUT_OF_RANGE answerDueOn"]);
        assert_eq!(stands_against(app, "procurement", "closeComplaint", &dismissed, json!({ "outcome": "Selvä." })).await, ["ILLEGAL_TRANSITION id"]);
        let dismissed = step(app, "procurement", "dismissComplaint", OF, &dismissed, json!({ "outcome": "Kerta pidettiin." })).await;
        assert_eq!((seen(app, "social-worker", &dismissed).await["outcome"].clone(), seen(app, "provider", &dismissed).await), (json!("Kerta pidettiin."), json!(null)));
        assert_eq!((listed(app, "provider", "company").await, listed(app, "procurement", "county").await), (json!(1), json!(2)));
        // The client sees what is about the client; a colleague who has not reported does not.
        assert!(!seen(app, "client", &told).await["description"].is_null());
        assert_eq!(seen(app, "service-guide", &told).await, json!(null));
        // Nor is the client told who has reported, in a copy of its own data either.
        let own = app.ask("client", "{ myData(first: 100) { records { kind madeBy data } } }", json!({})).await["myData"]["records"].clone();
        let copies: Vec<_> = own.as_array().unwrap().iter().filter(|record| record["kind"] == "COMPLAINT").collect();
        assert_eq!(copies.len(), 2);
        for copy in copies {
            assert_eq!((&copy["madeBy"], copy["data"].to_string().contains("social-worker")), (&json!(null), false), "{copy}");
        }
        // A restriction of processing keeps nobody from answering to a complaint.
        app.done("social-worker", "restrictProcessing", "restriction { id }", json!({ "client": ground.client, "ground": "ACCURACY_CONTESTED", "words": "Kiistää." })).await;
        step(app, "provider", "answerComplaint", OF, &told, json!({ "answer": "Ohje on korjattu." })).await;
        nothing_is_wrong(app.database()).await;
    }

    async fn staff_of_the_provider_report_an_incident_and_nobody_there_is_told_who(app) {
        let ground = ground(app).await;
        cast(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let confirmed = step(app, "provider", "confirmPurchaseOrder", super::purchase_order::OF, &order, json!({})).await;
        let of_order = json!({ "order": confirmed["id"], "kind": "INCIDENT", "description": "Ryhmä jäi ilman ohjaajaa." });
        let incident = reported(app, "provider", of_order).await;
        assert_eq!((&incident["reporter"], &incident["isMine"], &incident["state"]), (&json!("PROVIDER"), &json!(true), &json!("REPORTED")));
        assert_eq!(notices(app, "procurement").await, ["COMPLAINT_REPORTED"]);
        // Whoever has told sees what was told; the manager knows nothing of it before procurement asks.
        let own = seen(app, "provider", &incident).await;
        assert_eq!((&own["description"], &own["client"]), (&json!("Ryhmä jäi ilman ohjaajaa."), &json!(null)));
        assert_eq!((seen(app, "manager", &incident).await, listed(app, "manager", "company").await), (json!(null), json!(0)));
        assert_eq!(refused(app, "provider", "dismissComplaint", &incident, json!({ "outcome": "Ei mitään." })).await, "FORBIDDEN");
        assert_eq!(seen(app, "procurement", &incident).await["reporter"], "PROVIDER");
        let taken = step(app, "procurement", "takeUpComplaint", OF, &incident, json!({ "question": "Miten se estetään?", "purchaseTold": true })).await;
        let managed = seen(app, "manager", &taken).await;
        for field in HIDDEN.iter().filter(|field| !["order", "ofPurchase", "contract"].contains(field)) {
            assert_eq!(managed[*field], json!(null), "{field}");
        }
        assert_eq!((&managed["isMine"], &managed["order"]["id"], &managed["contract"]["number"]), (&json!(false), &order["id"], &json!("HVA-1")));
        let answered = step(app, "manager", "answerComplaint", OF, &taken, json!({ "answer": "Sijaislista on otettu käyttöön." })).await;
        let answered = seen(app, "procurement", &answered).await;
        step(app, "procurement", "closeComplaint", OF, &answered, json!({ "outcome": "Selvä." })).await;
        assert!(notices(app, "provider").await.contains(&"COMPLAINT_MOVED".to_owned()));
        assert_eq!(seen(app, "provider", &answered).await["outcome"], "Selvä.");
        nothing_is_wrong(app.database()).await;
    }

    async fn whose_step_it_is_is_reminded_before_its_last_day_and_after_it(app) {
        let ground = ground(app).await;
        let complaint = reported(app, "client", json!({ "contract": null, "client": ground.client })).await;
        let reminded = async |actor: &str| notices(app, actor).await.iter().filter(|kind| *kind == "COMPLAINT_DUE").count();
        let due_on = |days: i64| format!("UPDATE complaint SET due_on = '{}'", in_days(days));
        app.tamper(&due_on(4)).await;
        assert_eq!(due(app, 0).await.complaints, 0);
        app.tamper(&due_on(3)).await;
        assert_eq!((due(app, 0).await.complaints, due(app, 0).await.complaints, reminded("procurement").await), (1, 0, 1));
        app.tamper(&due_on(-1)).await;
        assert_eq!((due(app, 0).await.complaints, due(app, 0).await.complaints, reminded("procurement").await), (1, 0, 2));
        // The provider answers; procurement is told where it lets its time pass.
        step(app, "procurement", "takeUpComplaint", OF, &complaint, json!({ "question": "Mitä tapahtui?", "answerDueOn": in_days(2) })).await;
        assert_eq!((due(app, 0).await.complaints, reminded("provider").await, reminded("procurement").await), (1, 1, 2));
        assert_eq!((due(app, 3).await.complaints, due(app, 4).await.complaints, reminded("provider").await, reminded("procurement").await), (1, 0, 2, 3));
        assert_eq!(reminded("client").await, 0);
        let taken = seen(app, "provider", &complaint).await;
        let answered = step(app, "provider", "answerComplaint", OF, &taken, json!({ "answer": "Sijainen on järjestetty." })).await;
        let answered = seen(app, "procurement", &answered).await;
        step(app, "procurement", "closeComplaint", OF, &answered, json!({ "outcome": "Kertaa ei laskuteta." })).await;
        assert_eq!(due(app, 60).await.complaints, 0);
    }

    async fn procurement_tells_what_is_done_where_the_provider_lets_its_time_pass(app) {
        let ground = ground(app).await;
        let complaint = reported(app, "procurement", json!({ "contract": ground.contract["id"] })).await;
        assert_eq!((&complaint["reporter"], notices(app, "procurement").await.len()), (&json!("PROCUREMENT"), 0));
        let taken = step(app, "procurement", "takeUpComplaint", OF, &complaint, json!({ "question": "Miksi raportit ovat myöhässä?" })).await;
        assert_eq!((&taken["ofPurchase"], &taken["overdue"]), (&json!(false), &json!(false)));
        app.tamper("UPDATE complaint SET due_on = '2026-01-07', answer_due_on = '2026-01-07'").await;
        let late = "query($id: ID!) { complaints(organization: $id, filter: { overdue: true, states: [IN_HANDLING] }) { nodes { overdue } } }";
        assert_eq!(app.ask("provider", late, json!({ "id": app.world.organization("company") })).await["complaints"]["nodes"], json!([{ "overdue": true }]));
        let told = step(app, "procurement", "answerComplaint", OF, &taken, json!({ "answer": "Tilaaminen on keskeytetty." })).await;
        assert_eq!((&told["state"], &told["overdue"]), (&json!("MEASURES"), &json!(false)));
        step(app, "procurement", "closeComplaint", OF, &told, json!({ "outcome": "Sopimus sanotaan irti." })).await;
        nothing_is_wrong(app.database()).await;
    }

    async fn what_is_reported_agrees_and_is_the_reporters_to_tell(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let ngo = app.world.organization("ngo");
        assert_eq!(said_no(app, "client", json!({ "order": order["id"], "provider": ngo })).await, ["DOES_NOT_AGREE order"]);
        assert_eq!(said_no(app, "client", json!({ "order": order["id"], "organization": ngo })).await, ["DOES_NOT_AGREE order"]);
        assert_eq!(said_no(app, "client", json!({ "order": order["id"], "provider": app.world.organization("county") })).await, ["DOES_NOT_AGREE provider"]);
        assert_eq!(said_no(app, "client", json!({ "order": order["id"], "occurredOn": in_days(1), "description": "" })).await, ["OUT_OF_RANGE occurredOn", "REQUIRED description"]);
        assert_eq!(said_no(app, "client", json!({ "client": ground.client, "organization": ngo })).await, ["DOES_NOT_AGREE client"]);
        assert_eq!(said_no(app, "procurement", json!({ "contract": ground.contract["id"], "provider": ngo })).await, ["DOES_NOT_AGREE contract"]);
        let (other, _) = client(app, aino()).await;
        assert_eq!(said_no(app, "social-worker", json!({ "order": order["id"], "client": other })).await, ["DOES_NOT_AGREE client"]);
        // Whoever does not see an order does not complain of it, and learns not that there is one.
        for actor in ["procurement", "partner", "analyst"] {
            assert_eq!(said_no(app, actor, json!({ "order": order["id"] })).await, ["UNKNOWN_REFERENCE order"], "{actor}");
        }
        assert_eq!(said_no(app, "client", json!({ "contract": ground.contract["id"] })).await, ["UNKNOWN_REFERENCE contract"]);
        let input = |more| json!({ "input": said(app, more) });
        let report = TestApp::mutation("reportComplaint", "complaint { id }");
        // Whoever gives the service tells of incidents in what it gives; whoever has no part in it reports nothing; a client says of whom it is.
        assert_eq!(said_no(app, "provider", json!({ "order": order["id"] })).await, ["DOES_NOT_AGREE kind"]);
        assert_eq!(said_no(app, "provider", json!({ "order": order["id"], "kind": "INCIDENT", "organization": ngo })).await, ["DOES_NOT_AGREE order"]);
        assert_eq!(said_no(app, "provider", json!({ "kind": "INCIDENT" })).await, ["REQUIRED order"]);
        for (actor, more) in [("provider", json!({ "kind": "INCIDENT", "provider": ngo })), ("partner", json!({})), ("partner", json!({ "kind": "INCIDENT" })), ("client", json!({})), ("dpo", json!({}))] {
            assert_eq!(app.refuse(actor, &report, input(more)).await, "FORBIDDEN", "{actor}");
        }
        assert_eq!(app.refuse("partner", &report, input(json!({ "client": ground.client }))).await, "NOT_FOUND");
        assert_eq!(app.refuse("", &report, input(json!({}))).await, "UNAUTHENTICATED");
        assert_eq!(app.count("complaint", "1 = 1").await, 0);
    }

    async fn whoever_has_no_part_in_a_complaint_learns_nothing_of_it(app) {
        let ground = ground(app).await;
        cast(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let complaint = reported(app, "client", json!({ "order": order["id"] })).await;
        let complaint = step(app, "procurement", "takeUpComplaint", OF, &complaint, json!({ "question": "Mitä tapahtui?" })).await;
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]) {
            let sees = ["provider", "manager", "procurement", "client"].contains(&actor);
            assert_eq!(!seen(app, actor, &complaint).await.is_null(), sees, "{actor}");
            assert_eq!([listed(app, actor, "company").await, listed(app, actor, "county").await], [json!(i32::from(sees)), json!(i32::from(sees))], "{actor}");
            if !sees {
                for (mutation, more) in [("answerComplaint", json!({ "answer": "X" })), ("closeComplaint", json!({ "outcome": "X" })), ("dismissComplaint", json!({ "outcome": "X" }))] {
                    assert_eq!(refused(app, actor, mutation, &complaint, more).await, "NOT_FOUND", "{actor} {mutation}");
                }
            }
        }
        // Procurement looks at complaints for their purpose, and for no other.
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let answer = app.without_purpose("procurement", query, json!({ "id": complaint["id"] })).await;
        assert!(answer.body["data"]["node"].is_null(), "{}", answer.text);
        assert_eq!(app.refuse("", "query($id: ID!) { complaints(organization: $id) { totalCount } }", json!({ "id": app.world.organization("company") })).await, "UNAUTHENTICATED");
    }

    async fn no_log_and_no_copy_tells_who_has_reported(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let told_as = "operation = 'node' AND outcome = 'SHOWN' AND actor LIKE '%|social-worker'";
        let before = app.count("use_log_entry", told_as).await;
        let complaint = reported(app, "social-worker", json!({ "order": order["id"], "client": ground.client })).await;
        // What was read for it leaves its trace all the same.
        assert!(app.count("use_log_entry", told_as).await > before);
        assert!(!seen(app, "social-worker", &complaint).await["reportedAt"].is_null());
        let lists = "query($id: ID!) { client(id: $id) { complaints { nodes { id } } } reportedComplaints { nodes { id } } }";
        let told = app.ask("social-worker", lists, json!({ "id": ground.client })).await;
        assert_eq!((&told["client"]["complaints"]["nodes"][0]["id"], &told["reportedComplaints"]["nodes"][0]["id"]), (&complaint["id"], &complaint["id"]));
        // Nor does the moment at which it was reported, beside the log, or an id or cursor that holds it.
        let read = "query($id: ID!) { node(id: $id) { ... on Complaint { reporter reportedAt updatedAt } } }";
        let own = app.ask("client", read, json!({ "id": complaint["id"] })).await["node"].clone();
        assert_eq!(own, json!({ "reporter": "WORKER", "reportedAt": null, "updatedAt": null }));
        let taken = step(app, "procurement", "takeUpComplaint", OF, &complaint, json!({ "question": "Mitä tapahtui?" })).await;
        seen(app, "provider", &taken).await;
        let entries = "first: 100) { nodes { actor operation what } } }";
        let mine = app.ask("client", &format!("{{ myAccessLog({entries}"), json!({})).await["myAccessLog"]["nodes"].clone();
        let all = app.ask("dpo", &format!("{{ useLog({entries}"), json!({})).await["useLog"]["nodes"].clone();
        for log in [mine, all] {
            assert!(log.to_string().contains("social-worker") && !log.to_string().contains("omplaint"), "{log}");
        }
        let own = app.ask("client", "{ myData(first: 100) { records { kind madeAt changedAt data } } }", json!({})).await["myData"]["records"].clone();
        let (copies, others): (Vec<_>, Vec<_>) = own.as_array().unwrap().iter().partition(|record| record["kind"] == "COMPLAINT");
        assert_eq!(copies.iter().map(|copy| (&copy["madeAt"], &copy["changedAt"])).collect::<Vec<_>>(), [(&json!(null), &json!(null))]);
        assert!(!others.iter().any(|record| record.to_string().contains("omplaint")), "{others:?}");
    }

    async fn a_complaint_keeps_a_record_until_it_is_over_and_goes_by_itself_where_it_is_about_nobody(app) {
        cast(app).await;
        let (id, _) = client(app, aino()).await;
        let held = "query($id: ID!) { client(id: $id) { retention { goingOn } } }";
        let goes_on = async || app.ask("social-worker", held, json!({ "id": id })).await["client"]["retention"]["goingOn"].clone();
        assert_eq!(goes_on().await, false);
        let of_client = reported(app, "social-worker", json!({ "client": id })).await;
        let (open, of_nobody) = (reported(app, "procurement", json!({})).await, reported(app, "procurement", json!({})).await);
        assert_eq!(goes_on().await, true);
        step(app, "procurement", "dismissComplaint", OF, &of_nobody, json!({ "outcome": "Kerta pidettiin." })).await;
        let late = app.later(6 * 366).await;
        let gone = late.destroy_due(true).await.unwrap();
        assert_eq!((gone.clients, gone.complaints, app.later(4 * 366).await.destroy_due(true).await.unwrap().complaints), (0, 1, 0));
        assert_eq!(late.destroy_due(false).await.unwrap().complaints, 1);
        assert_eq!((app.count("complaint", "1 = 1").await, app.count("notice", "complaint_id IS NOT NULL").await > 0), (2, true));
        assert_eq!((seen(app, "procurement", &of_nobody).await, &seen(app, "procurement", &open).await["state"]), (json!(null), &json!("REPORTED")));
        step(app, "procurement", "dismissComplaint", OF, &of_client, json!({ "outcome": "Kerta pidettiin." })).await;
        assert_eq!(goes_on().await, false);
        let gone = app.later(6 * 366).await.destroy_due(false).await.unwrap();
        assert_eq!((gone.clients, gone.complaints, app.count("complaint", "1 = 1").await), (1, 0, 1));
    }

    async fn whoever_works_for_the_provider_is_not_told_whose_complaint_it_is_in_another_part(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(10)).await;
        let complaint = reported(app, "client", json!({ "order": order["id"] })).await;
        let works_too = |actor: String, role: &str| json!({ "organization": app.world.organization("company"), "role": role, "subject": actor });
        // A social worker of the client who works for the provider beside that.
        app.done("admin", "grantMembership", "membership { id }", works_too(subject(app, "social-worker").await, "PROVIDER_STAFF")).await;
        // And one of the provider's who acts for the client.
        let acts = json!({ "client": ground.client, "subject": subject(app, "provider").await, "kind": "GUARDIAN" });
        app.done("social-worker", "addRepresentation", "representation { id }", acts).await;
        let of_client = "query($id: ID!) { client(id: $id) { id complaints { totalCount nodes { id } } } }";
        for taken_up in [false, true] {
            if taken_up {
                step(app, "procurement", "takeUpComplaint", OF, &complaint, json!({ "question": "Mitä tapahtui?" })).await;
            }
            for actor in ["social-worker", "provider"] {
                let told = seen(app, actor, &complaint).await;
                assert_eq!((!told.is_null(), listed(app, actor, "company").await), (taken_up, json!(i32::from(taken_up))), "{actor}");
                assert!(HIDDEN.iter().all(|field| told[*field].is_null()), "{actor} {told}");
                let told = app.ask(actor, of_client, json!({ "id": ground.client })).await["client"].clone();
                assert_eq!(told, json!({ "id": ground.client, "complaints": { "totalCount": 0, "nodes": [] } }), "{actor}");
            }
            // Nor does a copy of what is kept of the client tell it, or how much there is of it, or a page that lacks one.
            let query = "query($id: ID!, $first: Int!, $after: String) { myData(client: $id, first: $first, after: $after) { records { kind } parts { kind total } next } }";
            let copy = async |first: i32, after: &Value| app.ask("provider", query, json!({ "id": ground.client, "first": first, "after": after })).await["myData"].clone();
            let kinds = |copy: &Value| copy["records"].as_array().unwrap().iter().map(|record| text(&record["kind"])).collect::<Vec<_>>();
            let whole = copy(100, &json!(null)).await;
            assert!(kinds(&whole).contains(&"PURCHASE_ORDER".to_owned()) && !kinds(&whole).contains(&"COMPLAINT".to_owned()), "{whole}");
            let parts = whole["parts"].as_array().unwrap();
            assert!(!parts.iter().any(|part| part["kind"] == "COMPLAINT" && part["total"] != 0), "{parts:?}");
            assert_eq!(parts.iter().map(|part| part["total"].as_u64().unwrap()).sum::<u64>(), kinds(&whole).len() as u64);
            let mut next = Value::Null;
            for _ in 0..8 {
                let page = copy(5, &next).await;
                next = page["next"].clone();
                if next.is_null() {
                    break;
                }
                assert_eq!(kinds(&page).len(), 5, "{page}");
            }
        }
        assert_eq!(app.ask("client", of_client, json!({ "id": ground.client })).await["client"]["complaints"]["totalCount"], 1);
    }
}
