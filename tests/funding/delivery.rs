//! Delivery events: recorded within the order, disputed, corrected, approved by people or the time; and what is counted of them.
use super::{
    given::{due, in_days, moved},
    invoice,
    purchase_order::{self as order, Ground, ordered},
};
use crate::{
    casework::{
        given::step,
        opened::{at, subject},
    },
    catalogue_given::{offering, unit},
    delivery::given::{group, held},
    person::given::text,
    promise::wrong::nothing_is_wrong,
};
use api::{caller::Caller, store::Wrong};
use domain::{
    funding::purchase_order::Drawn,
    id::{DeliveryEventId, Kinded},
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

pub const OF: (&str, &str) = (
    "deliveryEvent",
    "state moves effectiveDate quantity { hundredths } unit unitPrice { amountCents } vatRateBp cost { amountCents } note performer dispute { reason } \
     corrections { quantity { hundredths } note reason } voided { reason } disputableUntil approvedAt approvedBy orderNumber order { id }",
);

/// What is told of so many hundredths of a session today.
pub fn given(hundredths: i32) -> Value {
    json!({ "effectiveDate": in_days(0), "quantity": { "hundredths": hundredths }, "note": "Harjoiteltiin kaupassa käyntiä.", "performer": "Olga Ohjaaja" })
}

fn of(order: &Value, content: Value) -> Value {
    let mut input = json!({ "order": order["id"] });
    input["content"] = content;
    input
}

pub async fn recorded(app: &TestApp, order: &Value, content: Value) -> Value {
    let fields = format!("deliveryEvent {{ id version {} }}", OF.1);
    app.done("provider", "recordDeliveryEvent", &fields, of(order, content)).await["deliveryEvent"].clone()
}

async fn not_recorded(app: &TestApp, order: &Value, content: Value) -> Vec<String> {
    app.rejected("provider", "recordDeliveryEvent", "deliveryEvent { id }", of(order, content)).await
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, mut input: Value) -> Vec<String> {
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "deliveryEvent { id }", input).await
}

pub async fn confirmed(app: &TestApp, of: &Ground, sessions: i32) -> Value {
    let placed = order::placed(app, of, ordered(sessions)).await;
    step(app, "provider", "confirmPurchaseOrder", order::OF, &placed, json!({})).await
}

/// A delivery of a running order: its id.
pub async fn furnish(app: &TestApp, order: &Value) -> String {
    text(&recorded(app, order, given(100)).await["id"])
}

/// What is counted of the contract in cents: ordered, delivered, invoiced, free. Its line says the same, and so do its months together.
pub(super) async fn counted(app: &TestApp, of: &Ground) -> [i64; 4] {
    let money = "ordered { amountCents } delivered { amountCents } invoiced { amountCents }";
    let query = format!(
        "query($contract: ID!, $line: ID!) {{ frameworkContract(id: $contract) {{ drawdown {{ {money} free {{ amountCents }} months {{ {money} }} }} }}
        contractLine(id: $line) {{ drawdown {{ {money} deliveredQuantity {{ hundredths }} invoicedQuantity {{ hundredths }} months {{ {money} }} }} }} }}"
    );
    let seen = app.ask("procurement", &query, json!({ "contract": of.contract["id"], "line": of.line["id"] })).await;
    let (contract, line) = (&seen["frameworkContract"]["drawdown"], &seen["contractLine"]["drawdown"]);
    let cents = |value: &Value| value["amountCents"].as_i64().unwrap();
    for what in ["ordered", "delivered", "invoiced"] {
        assert_eq!(contract[what], line[what]);
        for months in [&contract["months"], &line["months"]] {
            assert_eq!(months.as_array().unwrap().iter().map(|month| cents(&month[what])).sum::<i64>(), cents(&contract[what]), "{what}");
        }
    }
    // Fifty euros a session.
    assert_eq!(line["deliveredQuantity"]["hundredths"].as_i64(), Some(cents(&line["delivered"]) / 50));
    assert_eq!(line["invoicedQuantity"]["hundredths"].as_i64(), Some(cents(&line["invoiced"]) / 50));
    ["ordered", "delivered", "invoiced", "free"].map(|what| cents(&contract[what]))
}

pub(super) async fn order_now(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { id version state moves begunOn endedOn endedAs deliveredQuantity { hundredths } deliveredCost { amountCents }
        deliveryEvents { totalCount nodes { state note } } } } }";
    app.ask(actor, query, json!({ "id": of["id"] })).await["node"].clone()
}

pub(super) async fn event_now(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on DeliveryEvent {{ id version {} }} }} }}", OF.1);
    app.ask(actor, &query, json!({ "id": of["id"] })).await["node"].clone()
}

async fn notices(app: &TestApp, actor: &str, kind: &str) -> usize {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| notice["kind"] == kind).count()
}

/// Of an order that was cancelled on its first day or later, one session is told, where so much was ordered and delivered in cents before: the event.
async fn told_afterwards(app: &TestApp, of: &Ground, order: &Value, [ordered, delivered]: [i64; 2]) -> Value {
    let event = recorded(app, order, given(100)).await;
    let now = order_now(app, "social-worker", order).await;
    assert_eq!((&now["state"], &now["begunOn"], &now["deliveredCost"]["amountCents"]), (&json!("CANCELLED"), &json!(in_days(0)), &json!(delivered + 5_000)));
    assert_eq!(counted(app, of).await, [ordered + 5_000, delivered + 5_000, 0, 995_000 - ordered]);
    event
}

pub(super) async fn all_is_right(app: &TestApp) {
    nothing_is_wrong(app.database()).await;
    assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
}

stories! {
    async fn what_was_ordered_is_delivered_disputed_corrected_approved_and_completed(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 3).await;
        let first = recorded(app, &order, given(100)).await;
        assert_eq!((&first["state"], &first["moves"]), (&json!("RECORDED"), &json!(["APPROVE", "DISPUTE", "VOID"])));
        assert_eq!((&first["unitPrice"]["amountCents"], &first["cost"]["amountCents"], &first["disputableUntil"]), (&json!(5_000), &json!(5_000), &json!(in_days(7))));
        // With the first delivery the service has begun.
        let now = order_now(app, "social-worker", &order).await;
        assert_eq!((&now["state"], &now["begunOn"], &now["deliveredQuantity"]["hundredths"]), (&json!("IN_DELIVERY"), &json!(in_days(0)), &json!(100)));
        assert_eq!(counted(app, &ground).await, [15_000, 5_000, 0, 985_000]);
        // Two in a day are more than usual: somebody looks at the second.
        let second = recorded(app, &order, given(200)).await;
        assert_eq!((&second["disputableUntil"], counted(app, &ground).await), (&json!(null), [15_000, 15_000, 0, 985_000]));
        assert_eq!(said_no(app, "provider", "approveDeliveryEvent", &second, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "social-worker", "voidDeliveryEvent", &second, json!({ "reason": "Ei käynyt." })).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "social-worker", "disputeDeliveryEvent", &second, json!({ "reason": "" })).await, ["REQUIRED reason"]);
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", OF, &second, json!({ "reason": "Oli paikalla vain kerran." })).await;
        assert_eq!((&disputed["state"], notices(app, "provider", "DELIVERY_DISPUTED").await), (&json!("DISPUTED"), 1));
        assert_eq!(event_now(app, "provider", &second).await["dispute"]["reason"], "Oli paikalla vain kerran.");
        let right = json!({ "content": { "effectiveDate": in_days(0), "quantity": { "hundredths": 100 }, "note": "Yksi kerta." }, "reason": "Näppäilyvirhe." });
        let mut theirs = right.clone();
        (theirs["id"], theirs["expectedVersion"]) = (disputed["id"].clone(), disputed["version"].clone());
        let correct = TestApp::mutation("correctDeliveryEvent", "deliveryEvent { id }");
        assert_eq!(app.refuse("social-worker", &correct, json!({ "input": theirs })).await, "FORBIDDEN");
        let corrected = step(app, "provider", "correctDeliveryEvent", OF, &disputed, right).await;
        assert_eq!((&corrected["state"], &corrected["cost"]["amountCents"], &corrected["disputableUntil"]), (&json!("RECORDED"), &json!(5_000), &json!(null)));
        assert_eq!(corrected["corrections"], json!([{ "quantity": { "hundredths": 200 }, "note": "Harjoiteltiin kaupassa käyntiä.", "reason": "Näppäilyvirhe." }]));
        assert_eq!((notices(app, "social-worker", "DELIVERY_ANSWERED").await, counted(app, &ground).await), (1, [15_000, 10_000, 0, 985_000]));
        // The time approves what nobody has disputed, and never what somebody has.
        assert_eq!(due(app, 7).await.deliveries, 0);
        assert_eq!((due(app, 8).await.deliveries, due(app, 9).await.deliveries), (1, 0));
        let approved = event_now(app, "social-worker", &first).await;
        assert_eq!((&approved["state"], &approved["approvedBy"], &approved["moves"]), (&json!("APPROVED"), &json!(null), &json!(["DISPUTE", "INVOICE"])));
        assert_eq!(said_no(app, "provider", "voidDeliveryEvent", &approved, json!({ "reason": "Väärä päivä." })).await, ["ILLEGAL_TRANSITION id"]);
        let accepted = step(app, "service-guide", "approveDeliveryEvent", OF, &corrected, json!({})).await;
        assert_eq!((&accepted["state"], &accepted["approvedBy"]), (&json!("APPROVED"), &json!(subject(app, "service-guide").await)));
        assert_eq!(order_now(app, "social-worker", &order).await["state"], "IN_DELIVERY");
        // With the last of what was ordered the order is completed.
        let last = recorded(app, &order, given(100)).await;
        assert_eq!(not_recorded(app, &order, given(1)).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        step(app, "social-worker", "approveDeliveryEvent", OF, &last, json!({})).await;
        let now = order_now(app, "social-worker", &order).await;
        assert_eq!((&now["state"], &now["endedOn"], &now["deliveredCost"]["amountCents"]), (&json!("COMPLETED"), &json!(in_days(0)), &json!(15_000)));
        assert_eq!(not_recorded(app, &order, given(1)).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        assert_eq!((counted(app, &ground).await, app.count("care_relation", "basis = 'ORDER' AND ended_at IS NULL").await), ([15_000, 15_000, 0, 985_000], 0));
        // The client reads what was done; nothing of it lies open in the database.
        let own = app.ask("client", "{ me { purchaseOrders { nodes { deliveryEvents { nodes { note state } } } } } }", json!({})).await;
        assert_eq!(own["me"]["purchaseOrders"]["nodes"][0]["deliveryEvents"]["nodes"].as_array().unwrap().len(), 3);
        assert_eq!(app.count("delivery_event", "content LIKE '%kaupassa%' OR dispute LIKE '%paikalla%' OR corrections LIKE '%kaupassa%'").await, 0);
        all_is_right(app).await;
    }

    async fn an_invoice_takes_what_was_approved_and_gives_it_back(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 3).await;
        let event = recorded(app, &order, given(100)).await;
        let store = app.store().await;
        let system = Caller::system(&store);
        let id = DeliveryEventId::from_public(&text(&event["id"])).unwrap();
        assert!(system.write(async |work| work.invoice_delivery(id).await).await.is_err(), "nothing is invoiced before it is approved");
        let approved = step(app, "social-worker", "approveDeliveryEvent", OF, &event, json!({})).await;
        system.write(async |work| work.invoice_delivery(id).await).await.unwrap();
        assert_eq!((counted(app, &ground).await, event_now(app, "social-worker", &approved).await["state"].clone()), ([15_000, 5_000, 5_000, 985_000], json!("INVOICED")));
        assert!(system.write(async |work| work.invoice_delivery(id).await).await.is_err(), "nothing is invoiced twice");
        let now = event_now(app, "social-worker", &approved).await;
        assert_eq!(said_no(app, "social-worker", "disputeDeliveryEvent", &now, json!({ "reason": "Liian myöhään." })).await, ["ILLEGAL_TRANSITION id"]);
        nothing_is_wrong(app.database()).await;
        // There is no invoice behind it, which is found out.
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert!(matches!(&found[..], [one] if one.what == Wrong::Billed { delivery: id, on: 0 }), "{found:?}");
        system.write(async |work| work.release_delivery(id).await).await.unwrap();
        assert_eq!(counted(app, &ground).await, [15_000, 5_000, 0, 985_000]);
        all_is_right(app).await;
        // What was counted of destroyed records stays counted: delivered and invoiced.
        system.write(async |work| work.invoice_delivery(id).await).await.unwrap();
        let close = at(app, &ground.case, json!({ "reason": "DECEASED", "note": "Päätetään." })).await;
        app.done("social-worker", "closeCase", "case { id }", close).await;
        assert_eq!(counted(app, &ground).await, [5_000, 5_000, 5_000, 995_000]);
        assert_eq!(app.later(31 * 366).await.destroy_due(false).await.unwrap().clients, 1);
        assert_eq!((app.count("delivery_event", "1 = 1").await, counted(app, &ground).await), (0, [5_000, 5_000, 5_000, 995_000]));
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn what_was_not_delivered_is_free_again_when_the_order_is_over(app) {
        let ground = order::ground(app).await;
        let (ended, done) = (confirmed(app, &ground, 10).await, confirmed(app, &ground, 10).await);
        let event = recorded(app, &ended, given(200)).await;
        recorded(app, &done, given(100)).await;
        assert_eq!(counted(app, &ground).await, [100_000, 15_000, 0, 900_000]);
        let running = order_now(app, "provider", &ended).await;
        step(app, "provider", "terminatePurchaseOrder", order::OF, &running, json!({ "words": "Asiakas muuttaa." })).await;
        assert_eq!(counted(app, &ground).await, [60_000, 15_000, 0, 940_000]);
        let running = order_now(app, "social-worker", &done).await;
        step(app, "social-worker", "completePurchaseOrder", order::OF, &running, json!({})).await;
        assert_eq!(counted(app, &ground).await, [15_000, 15_000, 0, 985_000]);
        // What is put right afterwards takes no more than what was drawn; what is taken back is free too.
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", OF, &event, json!({ "reason": "Ei käynyt." })).await;
        let more = json!({ "content": given(201), "reason": "Enemmän." });
        assert_eq!(said_no(app, "provider", "correctDeliveryEvent", &disputed, more).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        let less = step(app, "provider", "correctDeliveryEvent", OF, &disputed, json!({ "content": given(100), "reason": "Yksi." })).await;
        assert_eq!(counted(app, &ground).await, [10_000, 10_000, 0, 990_000]);
        all_is_right(app).await;
        step(app, "provider", "voidDeliveryEvent", OF, &less, json!({ "reason": "Kirjattu väärälle tilaukselle." })).await;
        assert_eq!(counted(app, &ground).await, [5_000, 5_000, 0, 995_000]);
        // The client is not shown what may be about somebody else.
        assert_eq!(event_now(app, "client", &event).await, json!(null));
        assert_eq!(event_now(app, "social-worker", &event).await["voided"]["reason"], "Kirjattu väärälle tilaukselle.");
        assert_eq!(order_now(app, "social-worker", &ended).await["deliveredQuantity"]["hundredths"], 0);
        all_is_right(app).await;
    }

    async fn what_was_given_before_the_end_is_told_after_it(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 3).await;
        recorded(app, &order, given(100)).await;
        let running = order_now(app, "social-worker", &order).await;
        let early = json!({ "endedOn": in_days(-1), "words": "Päättyy." });
        let mut ended = early.clone();
        (ended["id"], ended["expectedVersion"]) = (running["id"].clone(), running["version"].clone());
        assert_eq!(app.rejected("social-worker", "terminatePurchaseOrder", "purchaseOrder { id }", ended).await, ["OUT_OF_RANGE endedOn"]);
        step(app, "provider", "terminatePurchaseOrder", order::OF, &running, json!({ "words": "Päättyy." })).await;
        assert_eq!(counted(app, &ground).await, [5_000, 5_000, 0, 995_000]);
        recorded(app, &order, given(100)).await;
        assert_eq!(counted(app, &ground).await, [10_000, 10_000, 0, 990_000]);
        assert_eq!(order_now(app, "social-worker", &order).await["state"], "TERMINATED");
        assert_eq!(not_recorded(app, &order, given(101)).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        // What was free again and is ordered by others meanwhile is not delivered any more.
        let other = order::placed(app, &ground, ordered(48)).await;
        assert_eq!(not_recorded(app, &order, given(100)).await, ["QUANTITY_REACHED content.quantity"], "what the decision has left is not told");
        step(app, "service-guide", "cancelPurchaseOrder", order::OF, &other, json!({ "words": "Peruttu." })).await;
        recorded(app, &order, given(100)).await;
        all_is_right(app).await;
    }

    async fn what_was_given_before_those_who_order_cancelled_is_told_and_paid(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 4).await;
        step(app, "service-guide", "cancelPurchaseOrder", order::OF, &order, json!({})).await;
        // A quarter of the four sessions is the fee.
        assert_eq!(counted(app, &ground).await, [5_000, 5_000, 0, 995_000]);
        let event = told_afterwards(app, &ground, &order, [5_000, 5_000]).await;
        assert_eq!(not_recorded(app, &order, given(201)).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        // Of the fifty sessions that were granted, the one that was given is gone, and not the fee.
        let rest = order::placed(app, &ground, ordered(49)).await;
        assert_eq!(not_recorded(app, &order, given(1)).await, ["QUANTITY_REACHED content.quantity"]);
        step(app, "service-guide", "cancelPurchaseOrder", order::OF, &rest, json!({})).await;
        // What is put right takes no more than was drawn.
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", OF, &event, json!({ "reason": "Puolikas." })).await;
        let more = json!({ "content": given(101), "reason": "Enemmän." });
        assert_eq!(said_no(app, "provider", "correctDeliveryEvent", &disputed, more).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        let corrected = step(app, "provider", "correctDeliveryEvent", OF, &disputed, json!({ "content": given(50), "reason": "Puoli." })).await;
        let approved = step(app, "social-worker", "approveDeliveryEvent", OF, &corrected, json!({})).await;
        let sent = invoice::sent(app, &ground, invoice::content("P-1", &[invoice::line(&approved, 50)], 2_500)).await;
        assert_eq!((&sent["state"], counted(app, &ground).await), (&json!("MATCHED"), [7_500, 7_500, 2_500, 992_500]));
        // What was cancelled before its first day, or never confirmed, was not given.
        let mut tomorrow = ordered(1);
        tomorrow["startsOn"] = json!(in_days(1));
        let placed = order::placed(app, &ground, tomorrow).await;
        let early = step(app, "provider", "confirmPurchaseOrder", order::OF, &placed, json!({})).await;
        let unanswered = order::placed(app, &ground, ordered(1)).await;
        for order in [early, unanswered] {
            step(app, "service-guide", "cancelPurchaseOrder", order::OF, &order, json!({})).await;
            assert_eq!(not_recorded(app, &order, given(1)).await, ["ILLEGAL_TRANSITION order"]);
        }
        all_is_right(app).await;
    }

    async fn what_was_given_before_the_contract_was_terminated_is_told(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 4).await;
        due(app, 0).await;
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        told_afterwards(app, &ground, &order, [0, 0]).await;
        all_is_right(app).await;
    }

    async fn what_was_given_before_the_case_was_closed_is_told(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 4).await;
        let close = at(app, &ground.case, json!({ "reason": "MOVED_AWAY", "note": "Päätetään." })).await;
        app.done("social-worker", "closeCase", "case { id }", close).await;
        told_afterwards(app, &ground, &order, [0, 0]).await;
        all_is_right(app).await;
    }

    async fn all_that_was_ordered_is_delivered_whatever_is_rounded(app) {
        let ground = order::ground(app).await;
        let dear = match app.kind {
            tests::Kind::Sqlite => "UPDATE contract_line SET prices = replace(prices, '5000', '2525')",
            tests::Kind::Postgres => "UPDATE contract_line SET prices = replace(prices::text, '5000', '2525')::jsonb",
        };
        app.tamper(dear).await;
        let order = confirmed(app, &ground, 1).await;
        let (first, second) = (recorded(app, &order, given(50)).await, recorded(app, &order, given(50)).await);
        assert_eq!((&first["cost"]["amountCents"], &second["cost"]["amountCents"]), (&json!(1_263), &json!(1_262)));
        for event in [first, second] {
            step(app, "social-worker", "approveDeliveryEvent", OF, &event, json!({})).await;
        }
        let now = order_now(app, "social-worker", &order).await;
        assert_eq!((&now["state"], &now["deliveredCost"]["amountCents"]), (&json!("COMPLETED"), &json!(2_525)));
        all_is_right(app).await;
    }

    async fn several_who_record_at_once_never_pass_what_was_ordered(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let second = app.second_process().await;
        let record = TestApp::mutation("recordDeliveryEvent", "deliveryEvent { id }");
        let one = async |at: usize| {
            let input = json!({ "input": of(&order, given(100)) });
            let answer = if at.is_multiple_of(2) { app.post("provider", &record, input).await } else { app.post_to(&second, "manager", &record, input).await };
            assert!(answer.body["errors"].is_null(), "{}", answer.text);
            answer.body["data"]["recordDeliveryEvent"].clone()
        };
        let answers = futures_util::future::join_all((0..8).map(one)).await;
        let (done, not): (Vec<_>, Vec<_>) = answers.iter().partition(|payload| payload["userErrors"] == json!([]));
        assert_eq!((done.len(), not.len()), (5, 3), "{answers:?}");
        for payload in not {
            assert_eq!(payload["userErrors"][0]["code"], "QUANTITY_REACHED", "{payload}");
        }
        assert_eq!(counted(app, &ground).await, [25_000, 25_000, 0, 975_000]);
        assert_eq!(order_now(app, "social-worker", &order).await["state"], "IN_DELIVERY");
        // Two who answer one event at once: one of them does.
        let event = done[0]["deliveryEvent"].clone();
        let input = json!({ "input": { "id": event["id"], "expectedVersion": 1 } });
        let mut disputes = input.clone();
        disputes["input"]["reason"] = json!("Ei käynyt.");
        let approve = TestApp::mutation("approveDeliveryEvent", "deliveryEvent { state }");
        let dispute = TestApp::mutation("disputeDeliveryEvent", "deliveryEvent { state }");
        let (a, b) = tokio::join!(app.post("service-guide", &approve, input), app.post_to(&second, "social-worker", &dispute, disputes));
        let codes = [&a.body["data"]["approveDeliveryEvent"], &b.body["data"]["disputeDeliveryEvent"]].map(|payload| payload["userErrors"][0]["code"].clone());
        assert!(codes.contains(&json!(null)) && codes.contains(&json!("STALE_VERSION")), "{}\n{}", a.text, b.text);
        all_is_right(app).await;
    }

    async fn what_does_not_fit_the_order_is_not_recorded(app) {
        let ground = order::ground(app).await;
        let placed = order::placed(app, &ground, ordered(5)).await;
        let on = |day: i64| {
            let mut content = given(100);
            content["effectiveDate"] = json!(in_days(day));
            content
        };
        assert_eq!(not_recorded(app, &placed, on(0)).await, ["ILLEGAL_TRANSITION order"]);
        let order = step(app, "provider", "confirmPurchaseOrder", order::OF, &placed, json!({})).await;
        assert_eq!(not_recorded(app, &order, on(1)).await, ["OUT_OF_RANGE content.effectiveDate"]);
        assert_eq!(not_recorded(app, &order, on(-1)).await, ["OUT_OF_RANGE content.effectiveDate"]);
        for hundredths in [0, -100, i32::MAX] {
            assert_eq!(not_recorded(app, &order, given(hundredths)).await, ["OUT_OF_RANGE content.quantity.hundredths"]);
        }
        assert_eq!(not_recorded(app, &order, given(501)).await, ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"]);
        assert_eq!(app.rejected("social-worker", "recordDeliveryEvent", "deliveryEvent { id }", of(&order, given(100))).await, ["OTHER_SIDE order"]);
        // What was given before the service was interrupted is told afterwards too.
        let event = recorded(app, &order, given(100)).await;
        let running = order_now(app, "provider", &order).await;
        step(app, "provider", "pausePurchaseOrder", order::OF, &running, json!({ "words": "Ohjaaja sairastui." })).await;
        recorded(app, &order, given(100)).await;
        let paused = order_now(app, "provider", &order).await;
        assert_eq!(paused["state"], "PAUSED");
        step(app, "provider", "resumePurchaseOrder", order::OF, &paused, json!({})).await;
        // A contract that was terminated carries what runs for the days of winding down, and no longer.
        due(app, 0).await;
        moved(app, "procurement", "terminateFrameworkContract", &ground.contract["id"], json!({ "reason": "Sopimusrikkomus." })).await;
        recorded(app, &order, given(100)).await;
        app.tamper(&format!("UPDATE framework_contract SET terminated_on = '{}'", in_days(-31))).await;
        assert_eq!(not_recorded(app, &order, given(100)).await, ["CONTRACT_NOT_IN_FORCE content.effectiveDate"]);
        app.tamper(&format!("UPDATE framework_contract SET terminated_on = '{}'", in_days(-30))).await;
        recorded(app, &order, given(100)).await;
        assert_eq!(event["state"], "RECORDED");
        // Then the time ends what nobody has ended.
        assert_eq!((due(app, 0).await.orders, due(app, 1).await.orders, due(app, 1).await.orders), (0, 1, 0));
        assert_eq!((order_now(app, "social-worker", &order).await["state"].clone(), counted(app, &ground).await), (json!("TERMINATED"), [20_000, 20_000, 0, 980_000]));
        all_is_right(app).await;
    }

    async fn a_service_began_on_the_day_to_which_its_first_delivery_is_put_right(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        // As if it had been ordered some days ago.
        app.tamper(&format!("UPDATE purchase_order SET starts_on = '{0}', agreed_start_on = '{0}'", in_days(-3))).await;
        let event = recorded(app, &order, given(100)).await;
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", OF, &event, json!({ "reason": "Se oli aiemmin." })).await;
        let mut earlier = given(100);
        earlier["effectiveDate"] = json!(in_days(-2));
        let corrected = step(app, "provider", "correctDeliveryEvent", OF, &disputed, json!({ "content": earlier, "reason": "Väärä päivä." })).await;
        let now = order_now(app, "social-worker", &order).await;
        assert_eq!((&corrected["effectiveDate"], &now["begunOn"], &now["state"]), (&json!(in_days(-2)), &json!(in_days(-2)), &json!("IN_DELIVERY")));
        all_is_right(app).await;
    }

    async fn nothing_is_told_of_the_days_on_which_a_service_was_interrupted(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        // As if it had been ordered some days ago, and interrupted four days ago.
        app.tamper(&format!("UPDATE purchase_order SET starts_on = '{0}', agreed_start_on = '{0}'", in_days(-6))).await;
        let begun = step(app, "provider", "beginPurchaseOrder", order::OF, &order, json!({ "begunOn": in_days(-6) })).await;
        let paused = step(app, "provider", "pausePurchaseOrder", order::OF, &begun, json!({ "words": "Ohjaaja sairastui." })).await;
        app.tamper(&format!("UPDATE purchase_order SET paused_on = '{}'", in_days(-4))).await;
        let interruptions = ("purchaseOrder", "interruptions { pausedOn resumedOn }");
        let running = step(app, "provider", "resumePurchaseOrder", interruptions, &paused, json!({})).await;
        assert_eq!(running["interruptions"], json!([{ "pausedOn": in_days(-4), "resumedOn": in_days(0) }]));
        let on = |day: i64| json!({ "effectiveDate": in_days(day), "quantity": { "hundredths": 100 } });
        for day in [-3, -1] {
            assert_eq!(not_recorded(app, &order, on(day)).await, ["OUT_OF_RANGE content.effectiveDate"], "{day}");
        }
        for day in [-4, 0] {
            recorded(app, &order, on(day)).await;
        }
        let paused = step(app, "provider", "pausePurchaseOrder", interruptions, &order_now(app, "provider", &order).await, json!({ "words": "Tauko." })).await;
        assert_eq!(paused["interruptions"][1], json!({ "pausedOn": in_days(0), "resumedOn": null }));
        all_is_right(app).await;
    }

    async fn a_month_that_is_closed_is_not_written_on(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        // As if it had all been long ago: the month of a day ninety days back has been closed for a while.
        app.tamper(&format!("UPDATE purchase_order SET starts_on = '{0}', agreed_start_on = '{0}'", in_days(-200))).await;
        app.tamper(&format!("UPDATE framework_contract SET valid_from = '{}'", in_days(-300))).await;
        let mut old = given(100);
        old["effectiveDate"] = json!(in_days(-90));
        assert_eq!(not_recorded(app, &order, old.clone()).await, ["MONTH_LOCKED content.effectiveDate"]);
        let [alone, disputed] = [recorded(app, &order, given(100)).await, recorded(app, &order, given(200)).await];
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", OF, &disputed, json!({ "reason": "Vain yksi." })).await;
        let same_month = json!({ "content": old, "reason": "Väärä päivä." });
        // What is disputed does not go into a closed month either.
        assert_eq!(said_no(app, "provider", "correctDeliveryEvent", &disputed, same_month.clone()).await, ["MONTH_LOCKED content.effectiveDate"]);
        let month = &in_days(-90)[..7];
        app.tamper(&format!("UPDATE delivery_event SET effective_date = '{}'", in_days(-90))).await;
        app.tamper("UPDATE drawdown SET delivered_hundredths = 0, delivered_cents = 0").await;
        let same = "network_id, organization_id, provider_id, contract_id, line_id, created_at, updated_at, version";
        app.tamper(&format!(
            "INSERT INTO drawdown (id, month, delivered_hundredths, delivered_cents, ordered_hundredths, ordered_cents, destroyed_hundredths, destroyed_cents, {same}) \
             SELECT line_id, '{month}-01', 300, 15000, 0, 0, 0, 0, {same} FROM drawdown"
        ))
        .await;
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
        assert_eq!(said_no(app, "provider", "voidDeliveryEvent", &alone, json!({ "reason": "Ei ollutkaan." })).await, ["MONTH_LOCKED id"]);
        // A dispute still leads to an answer, which stays in its month.
        let mut today = same_month.clone();
        today["content"]["effectiveDate"] = json!(in_days(0));
        assert_eq!(said_no(app, "provider", "correctDeliveryEvent", &disputed, today).await, ["MONTH_LOCKED content.effectiveDate"]);
        // It is no more than it was before.
        let mut more = same_month.clone();
        more["content"]["quantity"]["hundredths"] = json!(201);
        assert_eq!(said_no(app, "provider", "correctDeliveryEvent", &disputed, more).await, ["MONTH_LOCKED content.quantity"]);
        let corrected = step(app, "provider", "correctDeliveryEvent", OF, &disputed, same_month).await;
        assert_eq!((&corrected["state"], &corrected["effectiveDate"], counted(app, &ground).await[1]), (&json!("RECORDED"), &json!(in_days(-90)), 10_000));
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
        // What was disputed once is taken back as an answer to a dispute, and not otherwise.
        assert_eq!(said_no(app, "provider", "voidDeliveryEvent", &corrected, json!({ "reason": "Ei ollutkaan." })).await, ["MONTH_LOCKED id"]);
        let again = step(app, "social-worker", "disputeDeliveryEvent", OF, &corrected, json!({ "reason": "Ei yhtään." })).await;
        step(app, "provider", "voidDeliveryEvent", OF, &again, json!({ "reason": "Ei ollutkaan." })).await;
        assert_eq!((counted(app, &ground).await[1], app.store().await.verify_drawdown().await.unwrap()), (5_000, Vec::new()));
        app.tamper(&format!("UPDATE purchase_order SET starts_on = '{0}', agreed_start_on = '{0}'", in_days(-5000))).await;
        app.tamper(&format!("UPDATE framework_contract SET valid_from = '{}'", in_days(-5000))).await;
        let mut before = given(100);
        before["effectiveDate"] = json!("2019-05-05");
        assert_eq!(not_recorded(app, &order, before).await, ["RULE_MISSING content.effectiveDate"]);
    }

    async fn who_came_is_told_once(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let service = app.ask("service-guide", "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { service { id } } } }", json!({ "id": order["id"] })).await;
        let mut content = group(8, 4);
        content["unit"] = json!(unit(app, "manager", "company").await);
        let offered = offering(app, "manager", "company", &text(&service["node"]["service"]["id"]), content).await;
        let session = held(app, "manager", &offered, &in_days(0)).await;
        let input = json!({ "client": ground.client, "offering": offered, "textVersion": "osallistuminen-2026-1" });
        let made = app.done("client", "registerParticipation", "participation { id }", input).await["participation"].clone();
        let came = async |status: &str| {
            let rows = json!([{ "participation": made["id"], "status": status }]);
            app.done("manager", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await["attendances"][0]["id"].clone()
        };
        let absent = came("ABSENT").await;
        let mut told = of(&order, given(100));
        told["attendance"] = absent.clone();
        let refused = async |input: &Value| app.rejected("manager", "recordDeliveryEvent", "deliveryEvent { id }", input.clone()).await;
        assert_eq!(refused(&told).await, ["DOES_NOT_AGREE attendance"]);
        // Who comes begins what was ordered, and of several orders the first.
        let waits = confirmed(app, &ground, 5).await;
        let stands = async |order: &Value| {
            let now = order_now(app, "social-worker", order).await;
            [now["state"].clone(), now["begunOn"].clone()]
        };
        assert_eq!(stands(&order).await, [json!("CONFIRMED"), json!(null)]);
        assert_eq!(came("LATE").await, absent);
        assert_eq!((stands(&order).await, stands(&waits).await), ([json!("IN_DELIVERY"), json!(in_days(0))], [json!("CONFIRMED"), json!(null)]));
        assert_eq!(came("PRESENT").await, absent);
        assert_eq!(stands(&waits).await[0], "CONFIRMED");
        step(app, "service-guide", "cancelPurchaseOrder", order::OF, &waits, json!({})).await;
        told["attendance"] = absent;
        let event = app.done("manager", "recordDeliveryEvent", "deliveryEvent { id version attendance { id } }", told.clone()).await["deliveryEvent"].clone();
        // Who is to be paid for did come, until that is taken back.
        let away = json!({ "session": session, "rows": [{ "participation": made["id"], "status": "ABSENT" }] });
        assert_eq!(app.rejected("manager", "recordAttendance", "attendances { id }", away).await, ["RECORDED_ALREADY rows.0.status"]);
        assert_eq!(event["attendance"]["id"], told["attendance"]);
        assert_eq!(refused(&told).await, ["RECORDED_ALREADY attendance"]);
        // Nor by another order of the same client.
        let other = confirmed(app, &ground, 5).await;
        told["order"] = other["id"].clone();
        assert_eq!(refused(&told).await, ["RECORDED_ALREADY attendance"]);
        step(app, "manager", "voidDeliveryEvent", OF, &event, json!({ "reason": "Väärä tilaus." })).await;
        app.done("manager", "recordDeliveryEvent", "deliveryEvent { id }", told).await;
        all_is_right(app).await;
    }

    async fn whoever_has_told_of_a_delivery_does_not_accept_it(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let member = json!({ "organization": app.world.organization("company"), "role": "PROVIDER_STAFF", "subject": subject(app, "social-worker").await });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        let own = app.done("social-worker", "recordDeliveryEvent", "deliveryEvent { id version }", of(&order, given(100))).await["deliveryEvent"].clone();
        assert_eq!(said_no(app, "social-worker", "approveDeliveryEvent", &own, json!({})).await, ["FOUR_EYES id"]);
        step(app, "service-guide", "approveDeliveryEvent", OF, &own, json!({})).await;
        // Nor does whoever has put it right.
        let disputed = step(app, "service-guide", "disputeDeliveryEvent", OF, &recorded(app, &order, given(100)).await, json!({ "reason": "Puolikas." })).await;
        let corrected = step(app, "social-worker", "correctDeliveryEvent", OF, &disputed, json!({ "content": given(50), "reason": "Puoli." })).await;
        assert_eq!(said_no(app, "social-worker", "approveDeliveryEvent", &corrected, json!({})).await, ["FOUR_EYES id"]);
        all_is_right(app).await;
    }

    async fn recorded_without_coverage_and_sent_again_nothing_is_made_twice(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let mut input = of(&order, given(100));
        input["uuid"] = json!("0197f0d2-0000-7000-8000-000000000001");
        let row = json!({ "recordDeliveryEvent": input });
        let batch = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state payload { ... on DeliveryEventPayload { deliveryEvent { id } userErrors { code } } } error { code } } userErrors { code } } }";
        let sent = async || app.ask("provider", batch, json!({ "input": { "rows": [row] } })).await["recordBatch"]["rows"][0].clone();
        let first = sent().await;
        assert_eq!((&first["state"], sent().await), (&json!("DONE"), first.clone()));
        let once = app.done("provider", "recordDeliveryEvent", "deliveryEvent { id }", input.clone()).await;
        assert_eq!(once["deliveryEvent"], first["payload"]["deliveryEvent"]);
        // Another thing under the same id is refused; who may not record here does not hear that there is one.
        input["content"] = given(200);
        input["idempotencyKey"] = json!("toinen");
        assert_eq!(app.rejected("provider", "recordDeliveryEvent", "deliveryEvent { id }", input.clone()).await, ["NOT_UNIQUE uuid"]);
        let record = TestApp::mutation("recordDeliveryEvent", "deliveryEvent { id }");
        assert_eq!(app.refuse("manager-b", &record, json!({ "input": input })).await, "NOT_FOUND");
        assert_eq!(counted(app, &ground).await, [25_000, 5_000, 0, 975_000]);
        all_is_right(app).await;
    }

    async fn whoever_looks_after_invoices_sees_the_money_and_others_see_nothing(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let event = recorded(app, &order, given(100)).await;
        let (county, company) = (app.world.organization("county"), app.world.organization("company"));
        let lists = "query($county: ID!, $company: ID!) { a: deliveryEvents(organization: $county) { totalCount nodes { id } }
            b: deliveryEvents(organization: $company, filter: { states: [RECORDED] }, orderBy: [{ field: EFFECTIVE_DATE, direction: ASC }]) { totalCount nodes { id } } }";
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]) {
            let sees = ["social-worker", "service-guide", "client", "provider", "manager", "finance"].contains(&actor);
            assert_eq!(!event_now(app, actor, &event).await.is_null(), sees, "{actor}");
            let told = app.ask(actor, lists, json!({ "county": county, "company": company })).await;
            for list in ["a", "b"] {
                assert_eq!((told[list]["totalCount"] == 1, told[list]["nodes"] != json!([])), (sees, sees), "{actor}");
            }
            if !sees {
                for (mutation, more) in [("approveDeliveryEvent", json!({})), ("disputeDeliveryEvent", json!({ "reason": "Ei." })), ("voidDeliveryEvent", json!({ "reason": "Ei." }))] {
                    let mut input = more;
                    (input["id"], input["expectedVersion"]) = (event["id"].clone(), json!(1));
                    assert_eq!(app.refuse(actor, &TestApp::mutation(mutation, "deliveryEvent { id }"), json!({ "input": input })).await, "NOT_FOUND", "{actor} {mutation}");
                }
                let record = TestApp::mutation("recordDeliveryEvent", "deliveryEvent { id }");
                assert_eq!(app.refuse(actor, &record, json!({ "input": of(&order, given(1)) })).await, "NOT_FOUND", "{actor}");
            }
        }
        let money = event_now(app, "finance", &event).await;
        assert_eq!((&money["cost"]["amountCents"], &money["quantity"]["hundredths"], &money["orderNumber"]), (&json!(5_000), &json!(100), &order["id"]));
        assert_eq!((&money["order"], &money["note"], &money["performer"]), (&json!(null), &json!(null), &json!(null)));
        // What finance disputes, the provider answers; whoever disputed it is told, and sees the own words and no other.
        assert_eq!(said_no(app, "finance", "approveDeliveryEvent", &event, json!({})).await, ["OTHER_SIDE id"]);
        let disputed = step(app, "finance", "disputeDeliveryEvent", OF, &event, json!({ "reason": "Hinta ei täsmää." })).await;
        assert_eq!(disputed["dispute"]["reason"], "Hinta ei täsmää.");
        let right = json!({ "content": given(50), "reason": "Puoli kertaa." });
        let corrected = step(app, "provider", "correctDeliveryEvent", OF, &disputed, right).await;
        assert_eq!((event_now(app, "finance", &event).await["corrections"].clone(), notices(app, "finance", "DELIVERY_ANSWERED").await), (json!([]), 1));
        step(app, "social-worker", "disputeDeliveryEvent", OF, &corrected, json!({ "reason": "Eino ei ollut paikalla." })).await;
        assert_eq!(event_now(app, "finance", &event).await["dispute"], json!(null));
        // Looking after invoices is a purpose of its own; each reading is in the log, of the provider on the ground of the order.
        let log = app.ask("client", "{ myAccessLog(first: 100) { nodes { role purpose basis } } }", json!({})).await["myAccessLog"]["nodes"].clone();
        let log = log.as_array().unwrap();
        assert!(log.contains(&json!({ "role": "FINANCE_OFFICER", "purpose": "INVOICING", "basis": "OFFICE" })), "{log:?}");
        assert!(log.contains(&json!({ "role": "PROVIDER_STAFF", "purpose": "CARE", "basis": "ORDER" })), "{log:?}");
        assert_eq!(app.count("use_log_entry", "basis = 'ORDER' AND outcome = 'SHOWN' AND NOT EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = use_log_entry.ground_id)").await, 0);
        assert_eq!(app.refuse("", "query($id: ID!) { deliveryEvents(organization: $id) { totalCount } }", json!({ "id": company })).await, "UNAUTHENTICATED");
        all_is_right(app).await;
    }

    async fn a_counter_or_an_order_that_somebody_has_changed_is_found_out(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        recorded(app, &order, given(100)).await;
        all_is_right(app).await;
        app.tamper("UPDATE drawdown SET delivered_cents = delivered_cents + 1").await;
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert!(matches!(&found[..], [one] if matches!(&one.what, Wrong::Counter { counted, found, .. } if counted.delivered.cents == 5_001 && found.delivered.cents == 5_000)), "{found:?}");
        app.tamper("UPDATE drawdown SET delivered_cents = delivered_cents - 1, invoiced_hundredths = 1").await;
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert!(matches!(&found[..], [one] if matches!(&one.what, Wrong::Counter { counted, found, .. } if counted.invoiced.hundredths == 1 && found.invoiced == Drawn::default())), "{found:?}");
        app.tamper("UPDATE drawdown SET invoiced_hundredths = 0").await;
        app.tamper("UPDATE purchase_order SET delivered_hundredths = 99").await;
        let found = app.store().await.verify_drawdown().await.unwrap();
        assert!(matches!(&found[..], [one] if matches!(&one.what, Wrong::Order { counted, found, .. } if counted.hundredths == 99 && found.hundredths == 100)), "{found:?}");
        app.tamper("UPDATE purchase_order SET delivered_hundredths = 100").await;
        all_is_right(app).await;
    }

    async fn a_line_or_a_decision_that_was_passed_and_what_is_invoiced_twice_or_never_is_found_out(app) {
        let ground = order::ground(app).await;
        let order = confirmed(app, &ground, 5).await;
        let event = recorded(app, &order, given(100)).await;
        let found = async || app.store().await.verify_drawdown().await.unwrap();
        // Five sessions are ordered, at fifty euros each.
        let most = |from: i32, to: i32| match app.kind {
            tests::Kind::Sqlite => format!("UPDATE contract_line SET content = replace(content, ':{from}', ':{to}')"),
            tests::Kind::Postgres => format!("UPDATE contract_line SET content = replace(content::text, ': {from}', ': {to}')::jsonb"),
        };
        app.tamper(&most(20_000, 499)).await;
        let passed = found().await;
        assert!(matches!(&passed[..], [one] if matches!(&one.what, Wrong::Line { room, .. } if (room.ordered.hundredths, room.most_hundredths) == (500, Some(499)))), "{passed:?}");
        app.tamper(&most(499, 20_000)).await;
        app.tamper("UPDATE service_decision SET value_cents = 24999").await;
        let passed = found().await;
        assert!(matches!(&passed[..], [one] if matches!(&one.what, Wrong::Decision { room } if (room.ordered.cents, room.ceiling_cents) == (25_000, Some(24_999)))), "{passed:?}");
        app.tamper("UPDATE service_decision SET value_cents = 300000").await;
        let approved = step(app, "social-worker", "approveDeliveryEvent", OF, &event, json!({})).await;
        let sent = invoice::sent(app, &ground, invoice::content("V-1", &[invoice::line(&approved, 100)], 5_000)).await;
        assert_eq!(sent["state"], "MATCHED");
        all_is_right(app).await;
        app.tamper("UPDATE invoice SET state = 'REJECTED'").await;
        let billed = found().await;
        assert!(matches!(&billed[..], [one] if matches!(&one.what, Wrong::Billed { on: 0, .. })), "{billed:?}");
    }
}
