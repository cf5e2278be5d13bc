//! Reports of providers: due by the terms of the contract or asked for, given, given back, accepted; and what becomes of them with their order.
use super::{
    given::{due, in_days},
    purchase_order::{self as order, Ground, ordered},
};
use crate::{casework::given::step, person::given::text, promise::wrong::nothing_is_wrong};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const OF: (&str, &str) =
    ("providerReport", "kind state moves dueOn text functionalChange recommendation returnReason submittedBy approvedBy order { id state }");

fn whole() -> Value {
    json!({ "text": "Kävi ryhmässä joka viikko.", "functionalChange": "Asioi kaupassa yksin.", "recommendation": "Vertaisryhmä." })
}

/// The reports on an order as somebody sees them, the oldest first.
async fn seen(app: &TestApp, actor: &str, of: &Value) -> Vec<Value> {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on PurchaseOrder {{ reports {{ nodes {{ id version {} }} }} }} }} }}", OF.1);
    app.ask(actor, &query, json!({ "id": of["id"] })).await["node"]["reports"]["nodes"].as_array().cloned().unwrap_or_default()
}

async fn running(app: &TestApp, of: &Ground) -> Value {
    let placed = order::placed(app, of, ordered(5)).await;
    let confirmed = step(app, "provider", "confirmPurchaseOrder", order::OF, &placed, json!({})).await;
    step(app, "provider", "beginPurchaseOrder", order::OF, &confirmed, json!({})).await
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, mut input: Value) -> Vec<String> {
    (input["id"], input["expectedVersion"]) = (of["id"].clone(), of["version"].clone());
    app.rejected(actor, mutation, "providerReport { id }", input).await
}

async fn notices(app: &TestApp, actor: &str, kind: &str) -> usize {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| notice["kind"] == kind).count()
}

/// The end report of an order that is being given: its id.
pub async fn furnish(app: &TestApp, order: &Value) -> String {
    text(&seen(app, "provider", order).await[0]["id"])
}

stories! {
    async fn the_end_report_is_due_given_back_accepted_and_completes_the_order(app) {
        let ground = order::ground(app).await;
        let order = running(app, &ground).await;
        let [end] = &seen(app, "provider", &order).await[..] else { panic!("one report is due by the contract") };
        assert_eq!((&end["kind"], &end["state"], &end["dueOn"]), (&json!("END"), &json!("REQUESTED"), &json!(in_days(74))));
        // Neither side moves for the other, and nothing is left out of an end report.
        assert_eq!(said_no(app, "social-worker", "submitProviderReport", end, json!({ "content": whole() })).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "provider", "approveProviderReport", end, json!({})).await, ["OTHER_SIDE id"]);
        let bare = json!({ "content": { "text": "Sujui." } });
        assert_eq!(said_no(app, "provider", "submitProviderReport", end, bare).await, ["REQUIRED content.functionalChange", "REQUIRED content.recommendation"]);
        assert_eq!(said_no(app, "social-worker", "approveProviderReport", end, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        let given = step(app, "provider", "submitProviderReport", OF, end, json!({ "content": whole() })).await;
        assert_eq!((&given["state"], notices(app, "service-guide", "REPORT_SUBMITTED").await), (&json!("SUBMITTED"), 1));
        assert_eq!(seen(app, "client", &order).await, Vec::<Value>::new(), "until it is accepted it is between the two sides");
        let back = step(app, "social-worker", "returnProviderReport", OF, &given, json!({ "reason": "Kerro lisää kotiaskareista." })).await;
        assert_eq!((&back["state"], notices(app, "provider", "REPORT_RETURNED").await), (&json!("RETURNED"), 1));
        assert_eq!(seen(app, "provider", &order).await[0]["returnReason"], "Kerro lisää kotiaskareista.");
        let again = step(app, "provider", "submitProviderReport", OF, &back, json!({ "content": whole() })).await;
        let accepted = step(app, "social-worker", "approveProviderReport", OF, &again, json!({})).await;
        assert_eq!((&accepted["state"], &accepted["order"]["state"], &accepted["moves"]), (&json!("APPROVED"), &json!("COMPLETED"), &json!([])));
        assert_eq!(seen(app, "client", &order).await[0]["recommendation"], "Vertaisryhmä.");
        assert_eq!(app.count("provider_report", "content LIKE '%ryhmässä%' OR returned LIKE '%kotiaskareista%'").await, 0);
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn a_report_is_asked_for_once_and_those_who_forget_it_are_reminded(app) {
        let ground = order::ground(app).await;
        let order = running(app, &ground).await;
        let ask = |kind: &str, day: i64| json!({ "order": order["id"], "kind": kind, "dueOn": in_days(day), "idempotencyKey": format!("{kind}{day}") });
        let refused = async |actor: &str, input: Value| app.rejected(actor, "requestProviderReport", "providerReport { id }", input).await;
        assert_eq!(refused("social-worker", ask("INTERIM", -1)).await, ["OUT_OF_RANGE dueOn"]);
        assert_eq!(refused("social-worker", ask("INTERIM", 800)).await, ["OUT_OF_RANGE dueOn"]);
        assert_eq!(refused("provider", ask("INTERIM", 10)).await, ["OTHER_SIDE order"]);
        assert_eq!(refused("social-worker", ask("END", 10)).await, ["UNFINISHED kind"]);
        let first = app.done("social-worker", "requestProviderReport", "providerReport { id version state }", ask("INTERIM", 10)).await;
        assert_eq!(app.done("social-worker", "requestProviderReport", "providerReport { id version state }", ask("INTERIM", 10)).await, first);
        assert_eq!(refused("social-worker", ask("INTERIM", 11)).await, ["UNFINISHED kind"]);
        assert_eq!(notices(app, "provider", "REPORT_REQUESTED").await, 1);
        // Once before the last day, once after it; then both sides.
        assert_eq!((due(app, 3).await.reports, due(app, 4).await.reports, due(app, 5).await.reports), (0, 1, 0));
        assert_eq!((notices(app, "provider", "REPORT_DUE").await, notices(app, "service-guide", "REPORT_DUE").await), (1, 0));
        assert_eq!((due(app, 10).await.reports, due(app, 11).await.reports, due(app, 12).await.reports), (0, 1, 0));
        assert_eq!((notices(app, "provider", "REPORT_DUE").await, notices(app, "service-guide", "REPORT_DUE").await), (2, 1));
        // With the order ends what was asked about its course; the end is told of by the day on which it came.
        step(app, "provider", "terminatePurchaseOrder", order::OF, &order, json!({ "words": "Asiakas muuttaa." })).await;
        let left = seen(app, "social-worker", &order).await;
        let states: Vec<_> = left.iter().map(|report| (text(&report["kind"]), text(&report["state"]), text(&report["dueOn"]))).collect();
        let told = |kind: &str, state: &str, day: i64| (kind.to_owned(), state.to_owned(), in_days(day));
        assert_eq!(states, [told("END", "REQUESTED", 14), told("INTERIM", "LAPSED", 10)]);
        nothing_is_wrong(app.database()).await;
    }

    async fn nothing_is_reported_of_what_was_never_given(app) {
        let ground = order::ground(app).await;
        let placed = order::placed(app, &ground, ordered(5)).await;
        assert_eq!(seen(app, "social-worker", &placed).await, Vec::<Value>::new());
        let confirmed = step(app, "provider", "confirmPurchaseOrder", order::OF, &placed, json!({})).await;
        step(app, "service-guide", "cancelPurchaseOrder", order::OF, &confirmed, json!({})).await;
        let [end] = &seen(app, "social-worker", &placed).await[..] else { panic!("one report was due") };
        assert_eq!((&end["state"], &end["moves"]), (&json!("LAPSED"), &json!([])));
        assert_eq!(said_no(app, "provider", "submitProviderReport", end, json!({ "content": whole() })).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn a_provider_of_another_organisation_learns_nothing_of_a_report(app) {
        let ground = order::ground(app).await;
        let order = running(app, &ground).await;
        let report = seen(app, "provider", &order).await[0].clone();
        step(app, "provider", "submitProviderReport", OF, &report, json!({ "content": whole() })).await;
        let (county, company) = (app.world.organization("county"), app.world.organization("company"));
        let lists = "query($id: ID!, $county: ID!, $company: ID!) { node(id: $id) { id } a: providerReports(organization: $county) { totalCount nodes { id } }
            b: providerReports(organization: $company, filter: { states: [SUBMITTED] }, orderBy: [{ field: UPDATED_AT, direction: ASC }]) { totalCount nodes { id } } }";
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]) {
            let sees = ["social-worker", "service-guide", "provider", "manager"].contains(&actor);
            let told = app.ask(actor, lists, json!({ "id": report["id"], "county": county, "company": company })).await;
            assert_eq!(!told["node"].is_null(), sees, "{actor}");
            for list in ["a", "b"] {
                assert_eq!((told[list]["totalCount"] == 1, told[list]["nodes"] != json!([])), (sees, sees), "{actor}");
            }
            if !sees {
                for (mutation, more) in [("approveProviderReport", json!({})), ("returnProviderReport", json!({ "reason": "Ei." })), ("submitProviderReport", json!({ "content": whole() }))] {
                    let mut input = more;
                    (input["id"], input["expectedVersion"]) = (report["id"].clone(), json!(2));
                    assert_eq!(app.refuse(actor, &TestApp::mutation(mutation, "providerReport { id }"), json!({ "input": input })).await, "NOT_FOUND", "{actor} {mutation}");
                }
            }
        }
    }
}
