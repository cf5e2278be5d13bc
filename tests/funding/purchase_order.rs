//! Purchase orders: placed within what the decision grants and the contract allows, answered in time, given, ended; and what is drawn of the contract.
use super::{
    delivery,
    given::{cast, due, in_days, moved, registered_until, service, signed},
    invoice,
};
use crate::{
    casework::{
        given::{begun, step},
        opened::{at, subject},
        service_decision as decision,
    },
    person::given::text,
    promise::wrong::nothing_is_wrong,
};
use api::store::Wrong;
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

pub const OF: (&str, &str) = (
    "purchaseOrder",
    "state moves unitPrice { amountCents } vatRateBp cost { amountCents } answerDueOn agreedStartOn rejectReason message begunOn endedOn handler introduction { alias fullName phone }",
);

/// What is said of an order of so many sessions.
pub fn ordered(sessions: i32) -> Value {
    json!({ "startsOn": in_days(0), "endsOn": in_days(60), "quantity": { "hundredths": sessions * 100 }, "instructions": "Tukea ryhmään tulossa." })
}

/// A client with a case, a decision that grants fifty sessions of what the company provides, and the contract and line by which they are bought.
pub struct Ground {
    pub client: String,
    pub case: String,
    pub decision: Value,
    pub contract: Value,
    pub line: Value,
}

/// The same as a decision says it: how much and how dear.
pub fn granting(service: &str, sessions: i32, cents: i32) -> Value {
    let mut content = decision::granting(service);
    content["granted"]["quantity"] = json!({ "hundredths": sessions * 100 });
    content["granted"]["value"] = json!({ "amountCents": cents });
    content
}

/// What every order begins with.
pub async fn ground(app: &TestApp) -> Ground {
    cast(app).await;
    let (client, case) = begun(app).await;
    let service = service(app).await;
    let (contract, line) = signed(app, "HVA-1", &service).await;
    let decision = decision::served(app, &case, granting(&service, 50, 300_000)).await;
    Ground { client, case, decision, contract, line }
}

/// A draft by a decision and a line, of the service guide.
async fn drafted(app: &TestApp, decision: &Value, line: &Value, content: Value) -> Value {
    drafted_by(app, "service-guide", decision, line, content).await
}

async fn drafted_by(app: &TestApp, actor: &str, decision: &Value, line: &Value, content: Value) -> Value {
    let input = json!({ "decision": decision["id"], "line": line["id"], "content": content });
    app.done(actor, "draftPurchaseOrder", "purchaseOrder { id version }", input).await["purchaseOrder"].clone()
}

/// An order that was placed with the company.
pub async fn placed(app: &TestApp, of: &Ground, content: Value) -> Value {
    let draft = drafted(app, &of.decision, &of.line, content).await;
    step(app, "service-guide", "placePurchaseOrder", OF, &draft, json!({})).await
}

/// An order in a case of the social worker's that the company gives: the order as it is then.
pub async fn furnish(app: &TestApp, case: &str) -> Value {
    cast(app).await;
    let service = service(app).await;
    let (_, line) = signed(app, "HVA-TILAUS", &service).await;
    let decision = decision::served(app, case, granting(&service, 50, 300_000)).await;
    let mut content = ordered(10);
    content["disclose"] = json!(["FULL_NAME", "BIRTH_DATE", "CONTACT", "LANGUAGE"]);
    let draft = drafted_by(app, "social-worker", &decision, &line, content).await;
    let placed = step(app, "social-worker", "placePurchaseOrder", OF, &draft, json!({})).await;
    let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed, json!({ "words": "Tervetuloa." })).await;
    step(app, "provider", "beginPurchaseOrder", OF, &confirmed, json!({})).await
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "purchaseOrder { id }", input).await
}

async fn refused(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> String {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.refuse(actor, &TestApp::mutation(mutation, "purchaseOrder { id }"), json!({ "input": input })).await
}

async fn seen(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on PurchaseOrder {{ id version {} }} }} }}", OF.1);
    app.ask(actor, &query, json!({ "id": of["id"] })).await["node"].clone()
}

/// What is drawn of the contract, in cents, and of its line, in hundredths: ordered and free.
async fn drawn(app: &TestApp, of: &Ground) -> [i64; 4] {
    let query = "query($contract: ID!, $line: ID!) {
        frameworkContract(id: $contract) { drawdown { ordered { amountCents } free { amountCents } months { month ordered { amountCents } } } }
        contractLine(id: $line) { drawdown { quantity { hundredths } freeQuantity { hundredths } ordered { amountCents } free { amountCents } months { quantity { hundredths } } } } }";
    let seen = app.ask("procurement", query, json!({ "contract": of.contract["id"], "line": of.line["id"] })).await;
    let (contract, line) = (&seen["frameworkContract"]["drawdown"], &seen["contractLine"]["drawdown"]);
    assert_eq!(contract["ordered"], line["ordered"]);
    let months: i64 = contract["months"].as_array().unwrap().iter().map(|month| month["ordered"]["amountCents"].as_i64().unwrap()).sum();
    assert_eq!(Some(months), contract["ordered"]["amountCents"].as_i64());
    let number = |value: &Value| value.as_i64().unwrap();
    [
        number(&contract["ordered"]["amountCents"]),
        number(&contract["free"]["amountCents"]),
        number(&line["quantity"]["hundredths"]),
        number(&line["freeQuantity"]["hundredths"]),
    ]
}

/// What is said of an order in words, as somebody reads it.
async fn words(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { instructions disclose message } } }";
    app.ask(actor, query, json!({ "id": of["id"] })).await["node"].clone()
}

async fn notices(app: &TestApp, actor: &str) -> Vec<String> {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind order { id } } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| !notice["order"].is_null()).map(|notice| text(&notice["kind"])).collect()
}

stories! {
    async fn an_order_is_placed_confirmed_given_and_completed(app) {
        let ground = ground(app).await;
        let draft = drafted(app, &ground.decision, &ground.line, ordered(10)).await;
        assert_eq!(seen(app, "provider", &draft).await, json!(null), "a draft is nobody else's");
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
        let placed = step(app, "service-guide", "placePurchaseOrder", OF, &draft, json!({})).await;
        assert_eq!((&placed["state"], &placed["moves"]), (&json!("PLACED"), &json!(["CONFIRM", "REJECT", "EXPIRE", "CANCEL"])));
        assert_eq!((&placed["unitPrice"]["amountCents"], &placed["cost"]["amountCents"], &placed["answerDueOn"]), (&json!(5_000), &json!(50_000), &json!(in_days(3))));
        assert_eq!(drawn(app, &ground).await, [50_000, 950_000, 1_000, 19_000]);
        // The price of that day stays, whatever the price is from tomorrow on.
        let change = json!({ "id": ground.line["id"], "expectedVersion": ground.line["version"], "price": { "validFrom": in_days(0), "price": { "amountCents": 6_000 }, "reason": "Indeksi" } });
        app.done("procurement", "changeContractPrice", "contractLine { id }", change).await;
        // The provider is told of the client what the order says, and no more.
        let told = seen(app, "provider", &placed).await;
        assert_eq!((&told["introduction"], &told["cost"]["amountCents"]), (&json!({ "alias": "Eino", "fullName": null, "phone": null }), &json!(50_000)));
        let more = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { instructions client { id } decision { id } line { price { price { amountCents } } } } } }";
        let more = app.ask("provider", more, json!({ "id": placed["id"] })).await["node"].clone();
        assert_eq!((&more["client"], &more["decision"], &more["instructions"]), (&json!(null), &json!(null), &json!("Tukea ryhmään tulossa.")));
        assert!(notices(app, "provider").await.contains(&"ORDER_PLACED".to_owned()));
        // Neither side moves for the other.
        assert_eq!(said_no(app, "service-guide", "confirmPurchaseOrder", &placed, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "provider", "cancelPurchaseOrder", &placed, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(refused(app, "client", "cancelPurchaseOrder", &placed, json!({})).await, "FORBIDDEN");
        for day in [-1, 61] {
            assert_eq!(said_no(app, "provider", "confirmPurchaseOrder", &placed, json!({ "startsOn": in_days(day) })).await, ["OUT_OF_RANGE startsOn"]);
        }
        let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed, json!({ "words": "Tervetuloa." })).await;
        assert_eq!((&confirmed["state"], &confirmed["agreedStartOn"], &confirmed["handler"]), (&json!("CONFIRMED"), &json!(in_days(0)), &json!(subject(app, "provider").await)));
        assert!(notices(app, "service-guide").await.contains(&"ORDER_CONFIRMED".to_owned()));
        // Whoever gives it has a relation by the order, for as long as it goes on.
        let relation = "basis = 'ORDER' AND ended_at IS NULL";
        assert_eq!(app.count("care_relation", relation).await, 1);
        let begun = step(app, "manager", "beginPurchaseOrder", OF, &confirmed, json!({})).await;
        assert_eq!((&begun["state"], &begun["begunOn"], app.count("care_relation", relation).await), (&json!("IN_DELIVERY"), &json!(in_days(0)), 2));
        assert_eq!(said_no(app, "provider", "pausePurchaseOrder", &begun, json!({})).await, ["REQUIRED words"]);
        let paused = step(app, "provider", "pausePurchaseOrder", OF, &begun, json!({ "words": "Ohjaaja sairastui." })).await;
        let resumed = step(app, "service-guide", "resumePurchaseOrder", OF, &paused, json!({})).await;
        assert_eq!(said_no(app, "provider", "completePurchaseOrder", &resumed, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "social-worker", "completePurchaseOrder", &resumed, json!({ "endedOn": in_days(1) })).await, ["OUT_OF_RANGE endedOn"]);
        let completed = step(app, "social-worker", "completePurchaseOrder", OF, &resumed, json!({})).await;
        assert_eq!((&completed["state"], &completed["moves"], app.count("care_relation", relation).await), (&json!("COMPLETED"), &json!(["SETTLE"]), 0));
        assert_eq!((&completed["cost"]["amountCents"], drawn(app, &ground).await), (&json!(50_000), [0, 1_000_000, 0, 20_000]), "nothing of it was delivered");
        // The client reads the own order; every reading of the provider is in the log, on the ground of the order.
        let own = app.ask("client", "{ me { purchaseOrders { nodes { state provider { name { fi } } } } } }", json!({})).await["me"]["purchaseOrders"]["nodes"].clone();
        assert_eq!(own, json!([{ "state": "COMPLETED", "provider": { "name": { "fi": "company" } } }]));
        let log = app.ask("client", "{ myAccessLog(first: 100) { nodes { role basis } } }", json!({})).await["myAccessLog"]["nodes"].clone();
        assert!(log.as_array().unwrap().contains(&json!({ "role": "PROVIDER_STAFF", "basis": "ORDER" })), "{log}");
        assert_eq!(app.count("use_log_entry", "basis = 'ORDER' AND outcome = 'SHOWN' AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = use_log_entry.ground_id)").await, 0);
        // That words went along is in the log of disclosures, and nothing of them.
        assert_eq!(app.count("disclosure_log_entry", "basis = 'ORDER' AND CAST(items AS TEXT) LIKE '%REASON%'").await, 1);
        assert_eq!(app.count("disclosure_log_entry", "basis = 'ORDER'").await, 1);
        // A while after its end the provider has no need of it any more.
        assert_eq!(seen(app, "provider", &completed).await["state"], "COMPLETED");
        app.tamper(&format!("UPDATE purchase_order SET ended_on = '{}', updated_at = '2020-01-31 10:00:00+00:00'", in_days(-31))).await;
        assert_eq!(seen(app, "provider", &completed).await, json!(null));
        assert_eq!(seen(app, "social-worker", &completed).await["state"], "COMPLETED");
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn what_is_ordered_stays_within_the_decision_the_line_and_the_contract(app) {
        let ground = ground(app).await;
        let place = async |content: Value| {
            let draft = drafted(app, &ground.decision, &ground.line, content).await;
            said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await
        };
        assert_eq!(place(ordered(51)).await, ["QUANTITY_REACHED decision"]);
        let first = placed(app, &ground, ordered(40)).await;
        assert_eq!(place(ordered(11)).await, ["QUANTITY_REACHED decision"]);
        // Money counts by itself: a decision of fifty sessions may be worth less.
        let cheap = decision::served(app, &ground.case, granting(&text(&decision_service(app, &ground).await), 50, 10_000)).await;
        let draft = drafted(app, &cheap, &ground.line, ordered(3)).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, ["CEILING_REACHED decision"]);
        // The line allows two hundred, the contract ten thousand euros.
        let wide = decision::served(app, &ground.case, granting(&text(&decision_service(app, &ground).await), 1_000, 1_100_000)).await;
        let draft = drafted(app, &wide, &ground.line, ordered(161)).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, ["QUANTITY_REACHED line", "CEILING_REACHED contract"]);
        let draft = drafted(app, &wide, &ground.line, ordered(160)).await;
        let last = step(app, "service-guide", "placePurchaseOrder", OF, &draft, json!({})).await;
        assert_eq!(drawn(app, &ground).await, [1_000_000, 0, 20_000, 0]);
        // What comes to nothing is free again.
        step(app, "service-guide", "cancelPurchaseOrder", OF, &last, json!({ "words": "Asiakas perui." })).await;
        step(app, "provider", "rejectPurchaseOrder", OF, &first, json!({ "reason": "NO_CAPACITY" })).await;
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
        nothing_is_wrong(app.database()).await;
        // A counter that somebody has changed is found out.
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
        app.tamper("UPDATE drawdown SET ordered_cents = ordered_cents + 1").await;
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert_eq!((found.len(), found[0].of.as_str()), (1, "HVA-1"));
        assert!(matches!(&found[0].what, Wrong::Counter { counted, found, .. } if counted.ordered.cents == 1 && found.ordered.cents == 0), "{found:?}");
        // So is a contract that allows less than was ordered by it.
        app.tamper("UPDATE drawdown SET ordered_cents = ordered_cents - 1").await;
        placed(app, &ground, ordered(2)).await;
        app.tamper("UPDATE framework_contract SET ceiling_cents = 9999").await;
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert_eq!((found.len(), &found[0].what), (1, &Wrong::Ceiling { ceiling: 9_999, ordered: 10_000 }));
    }

    async fn several_who_order_at_once_never_pass_a_ceiling(app) {
        let ground = ground(app).await;
        let wide = decision::served(app, &ground.case, granting(&text(&decision_service(app, &ground).await), 1_000, 1_100_000)).await;
        let second = app.second_process().await;
        // Two hundred sessions are left of the line: of twelve orders of thirty, six find room.
        let mut drafts = Vec::new();
        for _ in 0..12 {
            drafts.push(drafted(app, &wide, &ground.line, ordered(30)).await);
        }
        let place = TestApp::mutation("placePurchaseOrder", "purchaseOrder { id version }");
        let one = async |(at, draft): (usize, &Value)| {
            let input = json!({ "input": { "id": draft["id"], "expectedVersion": draft["version"] } });
            let answer = if at % 2 == 0 { app.post("service-guide", &place, input).await } else { app.post_to(&second, "social-worker", &place, input).await };
            let payload = answer.body["data"]["placePurchaseOrder"].clone();
            assert!(answer.body["errors"].is_null(), "{}", answer.text);
            payload
        };
        let answers = futures_util::future::join_all(drafts.iter().enumerate().map(one)).await;
        let (done, not): (Vec<_>, Vec<_>) = answers.iter().partition(|payload| payload["userErrors"] == json!([]));
        assert_eq!((done.len(), not.len()), (6, 6), "{answers:?}");
        for payload in not {
            assert!(["QUANTITY_REACHED", "CEILING_REACHED"].contains(&payload["userErrors"][0]["code"].as_str().unwrap()), "{payload}");
        }
        assert_eq!(drawn(app, &ground).await, [900_000, 100_000, 18_000, 2_000]);
        // Two who move one order at once: one of them does, and it is counted once.
        let order = done[0]["purchaseOrder"].clone();
        let input = json!({ "input": { "id": order["id"], "expectedVersion": order["version"] } });
        let cancel = TestApp::mutation("cancelPurchaseOrder", "purchaseOrder { state }");
        let (a, b) = tokio::join!(app.post("service-guide", &cancel, input.clone()), app.post_to(&second, "social-worker", &cancel, input));
        let codes = [&a, &b].map(|answer| answer.body["data"]["cancelPurchaseOrder"]["userErrors"][0]["code"].clone());
        assert!(codes.contains(&json!(null)) && codes.contains(&json!("STALE_VERSION")), "{}\n{}", a.text, b.text);
        assert_eq!(drawn(app, &ground).await, [750_000, 250_000, 15_000, 5_000]);
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn what_does_not_fit_the_decision_or_the_contract_is_not_ordered(app) {
        let ground = ground(app).await;
        let service = text(&decision_service(app, &ground).await);
        let draft = async |decision: &Value, content: Value| {
            let input = json!({ "decision": decision["id"], "line": ground.line["id"], "content": content });
            app.rejected("service-guide", "draftPurchaseOrder", "purchaseOrder { id }", input).await
        };
        for hundredths in [0, -1, i32::MAX] {
            let mut bad = ordered(1);
            bad["quantity"] = json!({ "hundredths": hundredths });
            bad["endsOn"] = json!(in_days(-1));
            bad["disclose"] = json!(["ADDRESS"]);
            assert_eq!(draft(&ground.decision, bad).await, ["OUT_OF_RANGE content.quantity.hundredths", "DATE_ORDER content.endsOn", "DOES_NOT_AGREE content.disclose"]);
        }
        let mut long = ordered(1);
        long["endsOn"] = json!(in_days(91));
        assert_eq!(draft(&ground.decision, long).await, ["DECISION_NOT_IN_FORCE content.endsOn"]);
        let not_served = decision::made(app, &ground.case, granting(&service, 5, 50_000)).await;
        assert_eq!(draft(&not_served, ordered(1)).await, ["DECISION_NOT_IN_FORCE content.startsOn", "DECISION_NOT_IN_FORCE content.endsOn"]);
        let other = decision::served(app, &ground.case, decision::granting(&decision::service(app).await)).await;
        assert_eq!(draft(&other, ordered(1)).await, ["DOES_NOT_AGREE line"]);
        let mut hours = granting(&service, 5, 50_000);
        hours["granted"]["unit"] = json!("HOUR");
        let hours = decision::served(app, &ground.case, hours).await;
        assert_eq!(draft(&hours, ordered(1)).await, ["DOES_NOT_AGREE line"]);
        // What was drafted in time is not placed once the decision has been taken back, nor what was revoked with orders that go on.
        let first = placed(app, &ground, ordered(1)).await;
        let late = drafted(app, &ground.decision, &ground.line, ordered(1)).await;
        let wish = json!({ "id": ground.decision["id"], "expectedVersion": ground.decision["version"], "reason": "Asiakas muuttaa.", "clientAgrees": true });
        assert_eq!(app.rejected("social-worker", "revokeServiceDecision", "serviceDecision { id }", wish.clone()).await, ["ORDER_OPEN id"]);
        step(app, "service-guide", "cancelPurchaseOrder", OF, &first, json!({})).await;
        app.done("social-worker", "revokeServiceDecision", "serviceDecision { id }", wish).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &late, json!({})).await, ["DECISION_NOT_IN_FORCE content.startsOn", "DECISION_NOT_IN_FORCE content.endsOn"]);
        // Nothing is ordered of a contract that takes no orders, or beyond its end.
        let decided = decision::served(app, &ground.case, granting(&service, 50, 300_000)).await;
        let draft = drafted(app, &decided, &ground.line, ordered(1)).await;
        due(app, 0).await;
        moved(app, "procurement", "suspendFrameworkContract", &ground.contract["id"], json!({ "reason": "Omavalvonta." })).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, ["CONTRACT_NOT_IN_FORCE line"]);
        moved(app, "procurement", "resumeFrameworkContract", &ground.contract["id"], json!({})).await;
        app.tamper(&format!("UPDATE framework_contract SET valid_to = '{}'", in_days(59))).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, ["CONTRACT_NOT_IN_FORCE line"]);
        app.tamper(&format!("UPDATE framework_contract SET valid_to = '{}'", in_days(335))).await;
        // Nor of a provider who is not in the register.
        let version = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": app.world.organization("company") })).await["organization"]["version"].clone();
        let content = json!({ "name": { "fi": "company", "en": "company" }, "kind": "COMPANY", "businessId": "2211414-8" });
        app.done("admin", "updateOrganization", "organization { id }", json!({ "id": app.world.organization("company"), "expectedVersion": version, "content": content })).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, ["NOT_REGISTERED line"]);
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
    }

    async fn a_provider_is_in_the_register_on_the_first_day_too(app) {
        let ground = ground(app).await;
        registered_until(app, &in_days(4)).await;
        let starting = |days: i64| json!({ "startsOn": in_days(days), "endsOn": in_days(60), "quantity": { "hundredths": 100 } });
        let late = drafted(app, &ground.decision, &ground.line, starting(5)).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &late, json!({})).await, ["NOT_REGISTERED line"]);
        assert_eq!(placed(app, &ground, starting(4)).await["state"], "PLACED");
    }

    async fn nothing_is_ordered_of_a_service_that_is_not_public_or_not_purchased_any_more(app) {
        let ground = ground(app).await;
        let draft = drafted(app, &ground.decision, &ground.line, ordered(1)).await;
        let service = decision_service(app, &ground).await;
        let version = async || app.ask("social-worker", "query($id: ID!) { service(id: $id) { version } }", json!({ "id": service })).await["service"]["version"].clone();
        let place = async || said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await;
        app.done("social-worker", "withdrawService", "service { id }", json!({ "id": service, "expectedVersion": version().await })).await;
        assert_eq!(place().await, ["UNKNOWN_REFERENCE line"]);
    }

    async fn nothing_is_ordered_by_a_contract_that_is_over(app) {
        let ground = ground(app).await;
        let service = text(&decision_service(app, &ground).await);
        let (expired, line) = signed(app, "HVA-2", &service).await;
        let draft = async |line: &Value| drafted(app, &ground.decision, line, ordered(1)).await;
        let (by_expired, by_terminated) = (draft(&line).await, draft(&ground.line).await);
        // Its last day passes, and is as far ahead as before: what it is by now counts.
        let last = async |day: i64| app.tamper(&format!("UPDATE framework_contract SET valid_to = '{}' WHERE number = 'HVA-2'", in_days(day))).await;
        due(app, 0).await;
        last(-1).await;
        assert_eq!(due(app, 0).await.contracts, 1);
        last(335).await;
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        for (contract, state, order) in [(&expired, "EXPIRED", &by_expired), (&ground.contract, "TERMINATED", &by_terminated)] {
            let stands = app.ask("procurement", "query($id: ID!) { frameworkContract(id: $id) { state } }", json!({ "id": contract["id"] })).await;
            assert_eq!(stands["frameworkContract"]["state"], state);
            assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", order, json!({})).await, ["CONTRACT_NOT_IN_FORCE line"], "{state}");
        }
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
    }

    async fn an_answer_that_does_not_come_in_time_frees_what_was_ordered(app) {
        let ground = ground(app).await;
        let placed = placed(app, &ground, ordered(10)).await;
        assert_eq!(due(app, 3).await.orders, 0);
        assert_eq!((due(app, 4).await.orders, due(app, 5).await.orders), (1, 0));
        let expired = seen(app, "service-guide", &placed).await;
        assert_eq!((&expired["state"], &expired["introduction"], &expired["moves"]), (&json!("EXPIRED"), &json!(null), &json!([])));
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
        for actor in ["provider", "service-guide"] {
            assert!(notices(app, actor).await.contains(&"ORDER_EXPIRED".to_owned()), "{actor}");
        }
        // Nobody waits for an answer longer than for the service, and what never began in its days is over too, once nothing can be told of them any more.
        let mut short = ordered(10);
        short["endsOn"] = json!(in_days(1));
        let never = crate::funding::purchase_order::placed(app, &ground, short).await;
        assert_eq!(never["answerDueOn"], in_days(1));
        let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &never, json!({})).await;
        assert_eq!((due(app, 2).await.orders, due(app, 60).await.orders), (0, 1));
        assert_eq!(seen(app, "service-guide", &confirmed).await["state"], "EXPIRED");
        assert_eq!((app.count("care_relation", "basis = 'ORDER' AND ended_at IS NULL").await, drawn(app, &ground).await[0]), (0, 0));
        // Days that are over are not ordered.
        let past = drafted(app, &ground.decision, &ground.line, ordered(1)).await;
        app.tamper("UPDATE purchase_order SET starts_on = '2020-01-31' WHERE state = 'DRAFT'").await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &past, json!({})).await, ["TOO_EARLY content.startsOn"]);
        // Whoever answers on the day after is too late, whether or not the time has moved the state yet.
        let again = crate::funding::purchase_order::placed(app, &ground, ordered(10)).await;
        app.tamper("UPDATE purchase_order SET answer_due_on = '2020-01-31' WHERE state = 'PLACED'").await;
        assert_eq!(said_no(app, "provider", "confirmPurchaseOrder", &again, json!({})).await, ["TOO_LATE id"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_provider_that_refuses_tells_why_and_forgets_whom_it_was_about(app) {
        let ground = ground(app).await;
        let mut content = ordered(10);
        content["disclose"] = json!(["FULL_NAME", "CONTACT"]);
        let placed = placed(app, &ground, content).await;
        assert_eq!(seen(app, "provider", &placed).await["introduction"], json!({ "alias": "Eino", "fullName": "Eino Testilä", "phone": "+358500000002" }));
        let rejected = step(app, "provider", "rejectPurchaseOrder", OF, &placed, json!({ "reason": "NO_CAPACITY", "words": "Ryhmät ovat täynnä." })).await;
        assert_eq!((&rejected["state"], &rejected["rejectReason"]), (&json!("REJECTED"), &json!("NO_CAPACITY")));
        assert_eq!(seen(app, "service-guide", &rejected).await["message"], "Ryhmät ovat täynnä.");
        assert_eq!(words(app, "service-guide", &rejected).await, json!({ "instructions": "Tukea ryhmään tulossa.", "disclose": ["FULL_NAME", "CONTACT"], "message": "Ryhmät ovat täynnä." }));
        assert_eq!(words(app, "provider", &rejected).await, json!({ "instructions": null, "disclose": [], "message": null }));
        let inbox = "query($id: ID!) { orderInbox(organization: $id) { totalCount } }";
        let company = json!({ "id": app.world.organization("company") });
        assert_eq!(app.ask("provider", inbox, company.clone()).await["orderInbox"]["totalCount"], 1);
        assert_eq!(rejected["introduction"], json!(null));
        assert!(notices(app, "service-guide").await.contains(&"ORDER_REJECTED".to_owned()));
        // Procurement is told by which contract something was refused, and not of whom it was.
        let told = app.ask("procurement", "{ notices(first: 100) { nodes { kind contract { number } contractId orderId caseId } } }", json!({})).await["notices"]["nodes"].clone();
        let of_contract = json!({ "kind": "ORDER_REJECTED", "contract": { "number": "HVA-1" }, "contractId": ground.contract["id"], "orderId": null, "caseId": null });
        let told: Vec<_> = told.as_array().unwrap().iter().filter(|notice| notice["kind"] != "CONTRACT_MOVED").collect();
        assert_eq!(told, [&of_contract]);
        assert_eq!(app.count("purchase_order", "introduction IS NOT NULL OR content LIKE '%ryhmään%' OR message LIKE '%täynnä%'").await, 0);
        assert_eq!(said_no(app, "provider", "confirmPurchaseOrder", &rejected, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        // A while later the provider does not even know that there was one.
        app.tamper(&format!("UPDATE purchase_order SET ended_on = '{}', updated_at = '2020-01-31 10:00:00+00:00'", in_days(-31))).await;
        assert_eq!(seen(app, "provider", &rejected).await, json!(null));
        assert_eq!(app.ask("provider", inbox, company).await["orderInbox"]["totalCount"], 0);
        assert_eq!(refused(app, "provider", "confirmPurchaseOrder", &rejected, json!({})).await, "NOT_FOUND");
        assert_eq!(seen(app, "service-guide", &rejected).await["state"], "REJECTED");
    }

    async fn who_cancels_late_what_was_confirmed_pays_the_share_that_was_agreed(app) {
        let ground = ground(app).await;
        let starting = |days: i64| json!({ "startsOn": in_days(days), "endsOn": in_days(60), "quantity": { "hundredths": 1_000 } });
        let confirmed = async |days: i64| step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, starting(days)).await, json!({})).await;
        let cancel = async |order: &Value| step(app, "service-guide", "cancelPurchaseOrder", OF, order, json!({})).await;
        // Five days before its first day, and before the provider has confirmed it, it costs nothing.
        cancel(&confirmed(5).await).await;
        cancel(&placed(app, &ground, starting(0)).await).await;
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
        let late = async || {
            let order = cancel(&confirmed(4).await).await;
            let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { state cancellation { noticeDays shareBp } deliveredCost { amountCents }
                deliveryEvents { nodes { id version kind state effectiveDate recordedBy quantity { hundredths } cost { amountCents } } } } } }";
            app.ask("service-guide", query, json!({ "id": order["id"] })).await["node"].clone()
        };
        let cancelled = late().await;
        assert_eq!((&cancelled["state"], &cancelled["cancellation"], &cancelled["deliveredCost"]["amountCents"]), (&json!("CANCELLED"), &json!({ "noticeDays": 5, "shareBp": 2_500 }), &json!(12_500)));
        let fee = cancelled["deliveryEvents"]["nodes"][0].clone();
        assert_eq!((&fee["kind"], &fee["state"], &fee["effectiveDate"]), (&json!("CANCELLATION_FEE"), &json!("RECORDED"), &json!(in_days(0))));
        assert_eq!((&fee["quantity"]["hundredths"], &fee["cost"]["amountCents"], &fee["recordedBy"]), (&json!(250), &json!(12_500), &json!(subject(app, "service-guide").await)));
        // It is drawn of the contract, and not of what is granted to the client: all fifty sessions can be ordered.
        assert_eq!(drawn(app, &ground).await, [12_500, 987_500, 250, 19_750]);
        let all = placed(app, &ground, ordered(50)).await;
        assert_eq!(drawn(app, &ground).await, [262_500, 737_500, 5_250, 14_750]);
        cancel(&all).await;
        // It is approved and invoiced as any other event.
        let approved = step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &fee, json!({})).await;
        let sent = invoice::sent(app, &ground, invoice::content("L-1", &[invoice::line(&approved, 250)], 12_500)).await;
        assert_eq!(sent["state"], "MATCHED");
        let lines = "query($id: ID!) { node(id: $id) { ... on Invoice { lines { kind } } } }";
        assert_eq!(app.ask("finance", lines, json!({ "id": sent["id"] })).await["node"]["lines"], json!([{ "kind": "CANCELLATION_FEE" }]));
        // What was agreed is not put right: the provider takes it back, and it is free again.
        let other = late().await["deliveryEvents"]["nodes"][0].clone();
        assert_eq!(drawn(app, &ground).await, [25_000, 975_000, 500, 19_500]);
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &other, json!({ "reason": "Tuottaja perui itse." })).await;
        let right = json!({ "id": disputed["id"], "expectedVersion": disputed["version"], "content": delivery::given(100), "reason": "Vähemmän." });
        assert_eq!(app.rejected("provider", "correctDeliveryEvent", "deliveryEvent { id }", right).await, ["ILLEGAL_TRANSITION id"]);
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &disputed, json!({ "reason": "Ei peritä." })).await;
        assert_eq!(drawn(app, &ground).await, [12_500, 987_500, 250, 19_750]);
        // With the contract, orders go without a fee.
        let waits = confirmed(4).await;
        due(app, 0).await;
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        assert_eq!((&seen(app, "service-guide", &waits).await["state"], drawn(app, &ground).await), (&json!("CANCELLED"), [12_500, 987_500, 250, 19_750]));
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn who_ends_a_service_at_once_pays_the_share_of_what_would_have_been_given_meanwhile(app) {
        let ground = ground(app).await;
        let short = json!({ "startsOn": in_days(0), "endsOn": in_days(2), "quantity": { "hundredths": 1_000 } });
        let running = async || {
            let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, short.clone()).await, json!({})).await;
            app.done("provider", "recordDeliveryEvent", "deliveryEvent { id }", json!({ "order": confirmed["id"], "content": delivery::given(200) })).await;
            seen(app, "service-guide", &confirmed).await
        };
        let end = async |actor: &str, order: &Value| step(app, actor, "terminatePurchaseOrder", OF, order, json!({ "words": "Asiakas muuttaa." })).await;
        // Five days of notice: of the eight sessions that were left for the next two days a quarter is paid for, where those who order end it.
        let ended = end("service-guide", &running().await).await;
        let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { state deliveryEvents { nodes { id version kind state effectiveDate quantity { hundredths } cost { amountCents } } } } } }";
        let told = app.ask("service-guide", query, json!({ "id": ended["id"] })).await["node"].clone();
        let fee = told["deliveryEvents"]["nodes"].as_array().unwrap().iter().find(|event| event["kind"] == "CANCELLATION_FEE").unwrap().clone();
        assert_eq!((&told["state"], &fee["quantity"]["hundredths"], &fee["cost"]["amountCents"], &fee["effectiveDate"]), (&json!("TERMINATED"), &json!(200), &json!(10_000), &json!(in_days(0))));
        assert_eq!(drawn(app, &ground).await, [20_000, 980_000, 400, 19_600]);
        // It is no less where the service is interrupted first; the provider who does not ask for it takes it back.
        let paused = step(app, "service-guide", "pausePurchaseOrder", OF, &running().await, json!({ "words": "Tauko." })).await;
        end("service-guide", &paused).await;
        assert_eq!(drawn(app, &ground).await, [40_000, 960_000, 800, 19_200]);
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &fee, json!({ "reason": "Ei peritä." })).await;
        assert_eq!(drawn(app, &ground).await, [30_000, 970_000, 600, 19_400]);
        // Of what is granted only what was given is gone: four of fifty sessions.
        let rest = placed(app, &ground, ordered(46)).await;
        step(app, "service-guide", "cancelPurchaseOrder", OF, &rest, json!({})).await;
        // Whoever provides, and whoever winds down a contract, ends it without a fee.
        end("provider", &running().await).await;
        assert_eq!(drawn(app, &ground).await, [40_000, 960_000, 800, 19_200]);
        let last = running().await;
        due(app, 0).await;
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        end("service-guide", &last).await;
        assert_eq!(drawn(app, &ground).await, [50_000, 950_000, 1_000, 19_000]);
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn a_service_of_whose_days_nothing_can_be_told_any_more_is_ended_by_the_time(app) {
        let ground = ground(app).await;
        let short = json!({ "startsOn": in_days(0), "endsOn": in_days(1), "quantity": { "hundredths": 1_000 } });
        let mut left = Vec::new();
        for goes_on in [true, false] {
            let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, short.clone()).await, json!({})).await;
            let begun = step(app, "provider", "beginPurchaseOrder", OF, &confirmed, json!({})).await;
            let paused = step(app, "provider", "pausePurchaseOrder", OF, &begun, json!({ "words": "Ohjaaja sairastui." })).await;
            left.push(if goes_on { step(app, "provider", "resumePurchaseOrder", OF, &paused, json!({})).await } else { paused });
        }
        assert_eq!((due(app, 2).await.orders, drawn(app, &ground).await[0]), (0, 100_000));
        assert_eq!((due(app, 60).await.orders, due(app, 61).await.orders), (2, 0));
        for order in &left {
            let ended = seen(app, "service-guide", order).await;
            assert_eq!((&ended["state"], &ended["endedOn"]), (&json!("TERMINATED"), &json!(in_days(1))));
        }
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000]);
        nothing_is_wrong(app.database()).await;
    }

    async fn what_an_order_rests_on_is_asked_again_when_it_is_confirmed(app) {
        let ground = ground(app).await;
        let first = placed(app, &ground, ordered(2)).await;
        let waits = placed(app, &ground, ordered(3)).await;
        let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, ordered(4)).await, json!({})).await;
        let runs = step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, ordered(5)).await, json!({})).await;
        step(app, "provider", "beginPurchaseOrder", OF, &runs, json!({})).await;
        let confirm = async || said_no(app, "provider", "confirmPurchaseOrder", &first, json!({})).await;
        due(app, 0).await;
        moved(app, "procurement", "suspendFrameworkContract", &ground.contract["id"], json!({ "reason": "Omavalvonta." })).await;
        assert_eq!(confirm().await, ["CONTRACT_NOT_IN_FORCE id"]);
        moved(app, "procurement", "resumeFrameworkContract", &ground.contract["id"], json!({})).await;
        app.tamper(&format!("UPDATE service_decision SET ends_before = '{}'", in_days(30))).await;
        assert_eq!(confirm().await, ["DECISION_NOT_IN_FORCE id"]);
        app.tamper("UPDATE service_decision SET ends_before = NULL").await;
        let version = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": app.world.organization("company") })).await["organization"]["version"].clone();
        let content = json!({ "name": { "fi": "company", "en": "company" }, "kind": "COMPANY", "businessId": "2211414-8" });
        app.done("admin", "updateOrganization", "organization { id }", json!({ "id": app.world.organization("company"), "expectedVersion": version, "content": content })).await;
        assert_eq!(confirm().await, ["NOT_REGISTERED id"]);
        // With the contract goes what has not begun; both sides are told.
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        let mut states = Vec::new();
        for order in [&first, &waits, &confirmed, &runs] {
            states.push(text(&seen(app, "service-guide", order).await["state"]));
        }
        assert_eq!(states, ["CANCELLED", "CANCELLED", "CANCELLED", "IN_DELIVERY"]);
        assert_eq!(drawn(app, &ground).await, [25_000, 975_000, 500, 19_500]);
        for actor in ["provider", "service-guide"] {
            assert_eq!(notices(app, actor).await.iter().filter(|kind| *kind == "ORDER_CANCELLED").count(), 3, "{actor}");
        }
        nothing_is_wrong(app.database()).await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn whoever_gives_what_was_ordered_learns_nothing_else_of_those_who_order(app) {
        let ground = ground(app).await;
        // The provider is an authority itself, and its worker one who works with clients.
        let company = app.world.organization("company");
        let version = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": company })).await["organization"]["version"].clone();
        let content = json!({ "name": { "fi": "company", "en": "company" }, "kind": "MUNICIPALITY", "businessId": "2211414-8", "soteriId": "SOTERI-900" });
        app.done("admin", "updateOrganization", "organization { id }", json!({ "id": company, "expectedVersion": version, "content": content })).await;
        let member = json!({ "organization": company, "role": "SOCIAL_COUNSELLOR", "subject": subject(app, "town").await });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        let order = placed(app, &ground, ordered(10)).await;
        let confirmed = step(app, "town", "confirmPurchaseOrder", OF, &order, json!({})).await;
        assert_eq!(app.count("care_relation", "basis = 'ORDER' AND ended_at IS NULL").await, 1);
        let query = "query($client: ID!, $case: ID!, $order: ID!) { client: node(id: $client) { id } case: node(id: $case) { id } order: node(id: $order) { ... on PurchaseOrder { state instructions client { id } decision { id } } } }";
        let told = app.ask("town", query, json!({ "client": ground.client, "case": ground.case, "order": confirmed["id"] })).await;
        assert_eq!((&told["client"], &told["case"]), (&json!(null), &json!(null)));
        assert_eq!(told["order"], json!({ "state": "CONFIRMED", "instructions": "Tukea ryhmään tulossa.", "client": null, "decision": null }));
    }

    async fn a_restriction_of_processing_keeps_nobody_from_ending_a_service(app) {
        let ground = ground(app).await;
        let placed_one = placed(app, &ground, ordered(1)).await;
        let runs = step(app, "provider", "confirmPurchaseOrder", OF, &placed(app, &ground, ordered(2)).await, json!({})).await;
        let runs = step(app, "provider", "beginPurchaseOrder", OF, &runs, json!({})).await;
        let restrict = json!({ "client": ground.client, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", restrict).await;
        assert_eq!(said_no(app, "provider", "pausePurchaseOrder", &runs, json!({ "words": "Tauko." })).await, ["PROCESSING_RESTRICTED "]);
        let rejected = step(app, "provider", "rejectPurchaseOrder", OF, &placed_one, json!({ "reason": "NO_CAPACITY", "words": "Täynnä." })).await;
        assert_eq!(rejected["state"], "REJECTED");
        let ended = step(app, "provider", "terminatePurchaseOrder", OF, &runs, json!({ "words": "Palvelu päättyy." })).await;
        assert_eq!(ended["state"], "TERMINATED");
    }

    async fn of_one_under_non_disclosure_a_provider_is_told_the_alias_only(app) {
        let ground = ground(app).await;
        let mut content = ordered(5);
        content["disclose"] = json!(["FULL_NAME", "BIRTH_DATE", "LANGUAGE"]);
        let open = placed(app, &ground, content.clone()).await;
        let person = app.ask("social-worker", "query($id: ID!) { client(id: $id) { person { version } } }", json!({ "id": ground.client })).await["client"]["person"]["version"].clone();
        let identity = json!({ "firstNames": "Eino", "lastName": "Testilä", "birthDate": "1985-05-05", "gender": "MALE", "language": "fi" });
        let protect = json!({ "client": ground.client, "expectedVersion": person, "identity": identity, "protected": true });
        app.done("social-worker", "updateIdentity", "person { version }", protect).await;
        // What was told before is taken back, and nothing more is told.
        let told = async |order: &Value| {
            let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { introduction { alias fullName birthDate phone language } } } }";
            app.ask("provider", query, json!({ "id": order["id"] })).await["node"]["introduction"].clone()
        };
        let nothing = json!({ "alias": null, "fullName": null, "birthDate": null, "phone": null, "language": "fi" });
        assert_eq!(told(&open).await, nothing);
        assert_eq!(words(app, "provider", &open).await, json!({ "instructions": null, "disclose": [], "message": null }));
        assert_eq!(words(app, "service-guide", &open).await["instructions"], "Tukea ryhmään tulossa.");
        let draft = drafted(app, &ground.decision, &ground.line, content).await;
        let faults = ["PROTECTED_PERSON content.disclose", "PROTECTED_PERSON content.disclose", "PROTECTED_PERSON content.instructions"];
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &draft, json!({})).await, faults);
        // The first name does not stand in for an alias that nobody has chosen.
        let mut little = ordered(5);
        little["disclose"] = json!(["LANGUAGE"]);
        little.as_object_mut().unwrap().remove("instructions");
        let order = placed(app, &ground, little.clone()).await;
        assert_eq!(told(&order).await, nothing);
        let mut named = identity;
        named["alias"] = json!("Kettu");
        let person = app.ask("social-worker", "query($id: ID!) { client(id: $id) { person { version } } }", json!({ "id": ground.client })).await["client"]["person"]["version"].clone();
        let rename = json!({ "client": ground.client, "expectedVersion": person, "identity": named, "protected": true });
        app.done("social-worker", "updateIdentity", "person { version }", rename).await;
        let order = placed(app, &ground, little).await;
        assert_eq!(told(&order).await["alias"], "Kettu");
    }

    async fn a_provider_of_another_organisation_learns_nothing_of_an_order(app) {
        let ground = ground(app).await;
        let placed = placed(app, &ground, ordered(10)).await;
        let (company, ngo) = (app.world.organization("company"), app.world.organization("ngo"));
        let list = "query($id: ID!, $company: ID!, $ngo: ID!) { node(id: $id) { id } a: orderInbox(organization: $company) { totalCount nodes { id } }
            b: orderInbox(organization: $company, filter: { states: [PLACED] }, orderBy: [{ field: UPDATED_AT, direction: ASC }]) { totalCount nodes { id } }
            c: orderInbox(organization: $ngo) { totalCount nodes { id } } }";
        let others = ["manager", "manager-b", "finance", "council"];
        for actor in CAST.iter().map(|(name, ..)| *name).chain(others) {
            let told = app.ask(actor, list, json!({ "id": placed["id"], "company": company, "ngo": ngo })).await;
            let gives = ["provider", "manager"].contains(&actor);
            let by_relation = ["social-worker", "service-guide", "client"].contains(&actor);
            assert_eq!(!told["node"].is_null(), gives || by_relation, "{actor}");
            for inbox in ["a", "b"] {
                let shown = [told[inbox]["totalCount"] == 1, told[inbox]["nodes"] != json!([])];
                assert_eq!(shown, [gives || by_relation; 2], "{actor}");
            }
            assert_eq!((&told["c"]["totalCount"], &told["c"]["nodes"]), (&json!(0), &json!([])), "{actor}");
            if !gives && !by_relation {
                for (mutation, more) in [("confirmPurchaseOrder", json!({})), ("rejectPurchaseOrder", json!({ "reason": "OTHER" })), ("cancelPurchaseOrder", json!({})), ("beginPurchaseOrder", json!({}))] {
                    assert_eq!(refused(app, actor, mutation, &placed, more).await, "NOT_FOUND", "{actor} {mutation}");
                }
                // Not even that nothing can be ordered by what is not one's own.
                let input = json!({ "decision": ground.decision["id"], "line": ground.line["id"], "content": ordered(1) });
                let tried = app.post(actor, &TestApp::mutation("draftPurchaseOrder", "purchaseOrder { id }"), json!({ "input": input })).await;
                let code = tried.body["data"]["draftPurchaseOrder"]["userErrors"][0].clone();
                assert!(tried.code() != "none" || code["code"] == "UNKNOWN_REFERENCE", "{actor}: {}", tried.text);
            }
        }
        assert_eq!(app.count("purchase_order", "1 = 1").await, 1);
        assert_eq!(app.refuse("", "query($id: ID!) { orderInbox(organization: $id) { totalCount } }", json!({ "id": company })).await, "UNAUTHENTICATED");
    }

    async fn a_decision_is_not_replaced_while_an_order_by_it_goes_on(app) {
        let ground = ground(app).await;
        let order = placed(app, &ground, ordered(2)).await;
        let service = app.ask("social-worker", "query($id: ID!) { node(id: $id) { ... on ServiceDecision { service { id } } } }", json!({ "id": ground.decision["id"] })).await;
        let content = granting(&text(&service["node"]["service"]["id"]), 5, 50_000);
        let draft = decision::amending(app, "social-worker", &ground.case, &ground.decision, content).await;
        let made = step(app, "social-worker", "makeServiceDecision", decision::OF, &draft, json!({})).await;
        let serve = json!({ "id": made["id"], "expectedVersion": made["version"], "method": "HANDED_OVER", "sentOn": in_days(0) });
        assert_eq!(app.rejected("social-worker", "serveServiceDecision", "serviceDecision { id }", serve.clone()).await, ["ORDER_OPEN id"]);
        step(app, "service-guide", "cancelPurchaseOrder", OF, &order, json!({})).await;
        app.done("social-worker", "serveServiceDecision", "serviceDecision { id }", serve).await;
        nothing_is_wrong(app.database()).await;
    }

    async fn a_case_is_not_closed_while_something_is_ordered(app) {
        let ground = ground(app).await;
        let (waits, runs) = (placed(app, &ground, ordered(1)).await, placed(app, &ground, ordered(2)).await);
        let draft = drafted(app, &ground.decision, &ground.line, ordered(3)).await;
        let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &runs, json!({})).await;
        let begun = step(app, "provider", "beginPurchaseOrder", OF, &confirmed, json!({})).await;
        let paused = step(app, "provider", "pausePurchaseOrder", OF, &begun, json!({ "words": "Ohjaaja sairastui." })).await;
        step(app, "provider", "resumePurchaseOrder", OF, &paused, json!({})).await;
        let close = async |reason: &str| at(app, &ground.case, json!({ "reason": reason, "note": "Päätetään." })).await;
        let told = app.rejected("social-worker", "closeCase", "case { id }", close("NO_NEED").await).await;
        assert_eq!(told, ["ORDER_OPEN id"; 3]);
        app.done("social-worker", "closeCase", "case { id }", close("MOVED_AWAY").await).await;
        let states: Vec<_> = [seen(app, "social-worker", &waits).await, seen(app, "social-worker", &runs).await, seen(app, "social-worker", &draft).await]
            .iter()
            .map(|order| text(&order["state"]))
            .collect();
        assert_eq!(states, ["CANCELLED", "TERMINATED", "CANCELLED"]);
        assert_eq!(seen(app, "social-worker", &runs).await["message"], "Ohjaaja sairastui.", "what was said last stays");
        assert!(notices(app, "provider").await.contains(&"ORDER_CANCELLED".to_owned()));
        assert_eq!(drawn(app, &ground).await, [0, 1_000_000, 0, 20_000], "nothing of it was delivered");
        nothing_is_wrong(app.database()).await;
        let late = json!({ "decision": ground.decision["id"], "line": ground.line["id"], "content": ordered(1) });
        assert_eq!(app.rejected("social-worker", "draftPurchaseOrder", "purchaseOrder { id }", late).await, ["CASE_CLOSED case"]);
    }

    async fn what_was_drawn_stays_drawn_when_the_clients_record_is_destroyed(app) {
        let ground = ground(app).await;
        let placed = placed(app, &ground, ordered(10)).await;
        let confirmed = step(app, "provider", "confirmPurchaseOrder", OF, &placed, json!({})).await;
        let told = json!({ "order": confirmed["id"], "content": { "effectiveDate": in_days(0), "quantity": { "hundredths": 200 } } });
        app.done("provider", "recordDeliveryEvent", "deliveryEvent { id }", told).await;
        let close = at(app, &ground.case, json!({ "reason": "DECEASED", "note": "Päätetään." })).await;
        app.done("social-worker", "closeCase", "case { id }", close).await;
        let later = app.later(31 * 366).await;
        assert_eq!(later.destroy_due(false).await.unwrap().clients, 1);
        assert_eq!((app.count("purchase_order", "1 = 1").await, app.count("service_decision", "1 = 1").await), (0, 0));
        assert_eq!(drawn(app, &ground).await, [10_000, 990_000, 200, 19_800]);
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
        // The counter was changed like any other: whoever read it before does not write over it.
        assert_eq!(app.count("drawdown", "version = 5 AND destroyed_cents = 10000 AND destroyed_delivered_cents = 10000").await, 1);
    }

    async fn sent_again_an_order_is_drafted_and_placed_once(app) {
        let ground = ground(app).await;
        let mut draft = json!({ "decision": ground.decision["id"], "line": ground.line["id"], "content": ordered(10), "idempotencyKey": "tilaus-1" });
        let first = app.done("service-guide", "draftPurchaseOrder", "purchaseOrder { id version }", draft.clone()).await;
        assert_eq!(app.done("service-guide", "draftPurchaseOrder", "purchaseOrder { id version }", draft.clone()).await, first);
        draft["content"] = ordered(11);
        assert_eq!(app.rejected("service-guide", "draftPurchaseOrder", "purchaseOrder { id }", draft).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        step(app, "service-guide", "placePurchaseOrder", OF, &first["purchaseOrder"], json!({})).await;
        assert_eq!(said_no(app, "service-guide", "placePurchaseOrder", &first["purchaseOrder"], json!({})).await, ["STALE_VERSION expectedVersion"]);
        assert_eq!(drawn(app, &ground).await, [50_000, 950_000, 1_000, 19_000]);
        assert_eq!((app.count("disclosure_log_entry", "basis = 'ORDER'").await, app.count("drawdown", "1 = 1").await), (1, 1));
    }
}

/// The service of the decision.
async fn decision_service(app: &TestApp, of: &Ground) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on ServiceDecision { service { id } } } }";
    app.ask("social-worker", query, json!({ "id": of.decision["id"] })).await["node"]["service"]["id"].clone()
}
