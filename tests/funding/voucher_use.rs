//! Stories of what is used of vouchers: told by the chosen provider, looked at, put right, used up; and settled with the provider to the cent.
use super::{
    delivery::{self, all_is_right, event_now, given},
    given::{due, in_days},
    invoice::finance,
    voucher::{self as vouchers, Ground, OF, chosen, ground, issued, seen},
};
use crate::{
    casework::{
        given::step,
        opened::{at, subject},
    },
    person::given::text,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const SETTLEMENT: (&str, &str) = (
    "voucherSettlement",
    "state moves through total { amountCents } drawnUpBy approvedBy paidOn reason csv \
     lines { voucherNumber deliveredOn quantity { hundredths } covered { amountCents } ownShare { amountCents } delivery { id state note } voucher { id } }",
);

/// A voucher for so many sessions with which the company was chosen.
pub(super) async fn with_company(app: &TestApp, of: &Ground, sessions: i32) -> Value {
    let voucher = issued(app, of, sessions).await;
    chosen(app, of, &voucher, &json!([])).await
}

fn by(voucher: &Value, content: Value) -> Value {
    let mut input = json!({ "voucher": voucher["id"] });
    input["content"] = content;
    input
}

pub(super) async fn used(app: &TestApp, voucher: &Value, hundredths: i32) -> Value {
    let fields = format!("deliveryEvent {{ id version voucherNumber ownShare {{ amountCents }} voucher {{ id }} {} }}", delivery::OF.1);
    app.done("provider", "recordDeliveryEvent", &fields, by(voucher, given(hundredths))).await["deliveryEvent"].clone()
}

pub(super) async fn approved(app: &TestApp, voucher: &Value, hundredths: i32) -> Value {
    let event = used(app, voucher, hundredths).await;
    step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &event, json!({})).await
}

async fn not_used(app: &TestApp, actor: &str, input: Value) -> Vec<String> {
    app.rejected(actor, "recordDeliveryEvent", "deliveryEvent { id }", input).await
}

/// A settlement of what was given by a voucher: its id.
pub async fn furnish(app: &TestApp, voucher: &Value) -> String {
    approved(app, voucher, 100).await;
    text(&drawn_up(app).await["id"])
}

/// What was given by a voucher: its id.
pub async fn furnish_delivery(app: &TestApp, voucher: &Value) -> String {
    text(&used(app, voucher, 100).await["id"])
}

/// Where a voucher is, and what is used of it in hundredths and cents.
async fn stands(app: &TestApp, voucher: &Value) -> (String, i64, i64) {
    let query =
        "query($id: ID!) { node(id: $id) { ... on Voucher { state usedQuantity { hundredths } covered { amountCents } deliveryEvents { totalCount } } } }";
    let now = app.ask("social-worker", query, json!({ "id": voucher["id"] })).await["node"].clone();
    (text(&now["state"]), now["usedQuantity"]["hundredths"].as_i64().unwrap(), now["covered"]["amountCents"].as_i64().unwrap())
}

fn is(state: &str, hundredths: i64, cents: i64) -> (String, i64, i64) {
    (state.to_owned(), hundredths, cents)
}

fn with_the_company(app: &TestApp) -> Value {
    json!({ "organization": app.world.organization("county"), "provider": app.world.organization("company"), "through": in_days(0) })
}

async fn drawn_up(app: &TestApp) -> Value {
    app.done("finance", "drawUpVoucherSettlement", &format!("voucherSettlement {{ id version {} }}", SETTLEMENT.1), with_the_company(app)).await["voucherSettlement"]
        .clone()
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, mut input: Value) -> Vec<String> {
    (input["id"], input["expectedVersion"]) = (of["id"].clone(), of["version"].clone());
    app.rejected(actor, mutation, "voucherSettlement { id }", input).await
}

async fn settlements(app: &TestApp, actor: &str) -> Value {
    app.ask(actor, "{ voucherSettlements { totalCount nodes { id } } }", json!({})).await["voucherSettlements"].clone()
}

stories! {
    async fn a_providers_work_list_tells_of_vouchers_too(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 10).await;
        finance(app, "finance-b").await;
        let query = "query($id: ID!) { providerWorkList(organization: $id) { vouchersToBegin vouchersUnderWay disputedDeliveries { count sum { amountCents } }
            deliveriesToInvoice { count } deliveriesToSettle { count sum { amountCents } } unpaidSettlements { count sum { amountCents } } } }";
        let waits = async |actor: &str| app.ask(actor, query, json!({ "id": app.world.organization("company") })).await["providerWorkList"].clone();
        let of = |count: i32, cents: i32| json!({ "count": count, "sum": { "amountCents": cents } });
        assert_eq!(waits("manager").await["vouchersToBegin"], 1);
        let (_, second) = (approved(app, &voucher, 100).await, used(app, &voucher, 200).await);
        step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &second, json!({ "reason": "Kävi kerran." })).await;
        let told = waits("manager").await;
        assert_eq!((&told["vouchersToBegin"], &told["vouchersUnderWay"], &told["disputedDeliveries"]), (&json!(0), &json!(1), &of(1, 9_000)));
        assert_eq!((&told["deliveriesToInvoice"]["count"], &told["deliveriesToSettle"], &told["unpaidSettlements"]), (&json!(0), &of(1, 4_500), &of(0, 0)));
        let settlement = drawn_up(app).await;
        let told = waits("manager").await;
        assert_eq!((&told["deliveriesToSettle"], &told["unpaidSettlements"]), (&of(0, 0), &of(1, 4_500)));
        assert_eq!(waits("provider").await["unpaidSettlements"], json!(null), "its staff looks after no money");
        let agreed = step(app, "finance-b", "approveVoucherSettlement", SETTLEMENT, &settlement, json!({})).await;
        step(app, "finance", "payVoucherSettlement", SETTLEMENT, &agreed, json!({})).await;
        assert_eq!(waits("manager").await["unpaidSettlements"], of(0, 0));
    }

    async fn what_a_provider_gives_by_a_voucher_uses_it_up_and_comes_back_when_it_is_void(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 3).await;
        let first = used(app, &voucher, 100).await;
        // The organisation pays what the voucher covers, and the rest of the price is the client's.
        assert_eq!((&first["cost"]["amountCents"], &first["ownShare"]["amountCents"], &first["unitPrice"]["amountCents"]), (&json!(4_500), &json!(500), &json!(5_000)));
        assert_eq!((&first["voucherNumber"], &first["voucher"]["id"], &first["orderNumber"], &first["order"]), (&voucher["number"], &voucher["id"], &json!(null), &json!(null)));
        assert_eq!((&first["state"], &first["disputableUntil"]), (&json!("RECORDED"), &json!(in_days(7))));
        assert_eq!(stands(app, &voucher).await, is("IN_USE", 100, 4_500));
        // What has begun is not left for another, nor refused.
        let now = seen(app, "client", &voucher).await;
        assert_eq!(vouchers::said_no(app, "client", "leaveVoucherProvider", &now, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        // No more than it is for.
        let passed = ["QUANTITY_REACHED content.quantity", "CEILING_REACHED content.quantity"];
        assert_eq!(not_used(app, "provider", by(&voucher, given(201))).await, passed);
        let second = used(app, &voucher, 200).await;
        assert_eq!((stands(app, &voucher).await, &second["disputableUntil"]), (is("USED_UP", 300, 13_500), &json!(null)));
        assert_eq!(not_used(app, "provider", by(&voucher, given(1))).await, passed);
        assert_eq!(seen(app, "client", &voucher).await["endedOn"], in_days(0));
        // The client sees what was told, and what is disputed and put right.
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &second, json!({ "reason": "Kävi kerran." })).await;
        assert_eq!(event_now(app, "client", &second).await["dispute"]["reason"], "Kävi kerran.");
        let right = json!({ "content": { "effectiveDate": in_days(0), "quantity": { "hundredths": 150 } }, "reason": "Puolitoista." });
        let corrected = step(app, "provider", "correctDeliveryEvent", delivery::OF, &disputed, right).await;
        assert_eq!((&corrected["cost"]["amountCents"], stands(app, &voucher).await), (&json!(6_750), is("IN_USE", 250, 11_250)));
        assert_eq!(seen(app, "client", &voucher).await["endedOn"], json!(null));
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &corrected, json!({ "reason": "Ei ollutkaan." })).await;
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &first, json!({ "reason": "Väärä asiakas." })).await;
        assert_eq!(stands(app, &voucher).await, is("CHOSEN", 0, 0));
        // Nothing is used of it: another can be chosen again.
        let now = seen(app, "client", &voucher).await;
        step(app, "client", "leaveVoucherProvider", OF, &now, json!({})).await;
        assert_eq!(event_now(app, "provider-b", &first).await, json!(null));
        all_is_right(app).await;
    }

    async fn nothing_is_told_by_who_was_not_chosen_or_of_days_that_are_not_the_vouchers(app) {
        let ground = ground(app).await;
        let waits = issued(app, &ground, 3).await;
        let refused = async |actor: &str, input: Value| app.refuse(actor, &TestApp::mutation("recordDeliveryEvent", "deliveryEvent { id }"), json!({ "input": input })).await;
        for actor in ["provider", "provider-b", "partner", "finance", "procurement"] {
            assert!(["NOT_FOUND", "FORBIDDEN"].contains(&refused(actor, by(&waits, given(100))).await.as_str()), "{actor}");
        }
        assert_eq!(not_used(app, "client", by(&waits, given(100))).await, ["OTHER_SIDE voucher"]);
        let voucher = with_company(app, &ground, 3).await;
        assert_eq!(refused("provider-b", by(&voucher, given(100))).await, "NOT_FOUND");
        assert_eq!(not_used(app, "social-worker", by(&voucher, given(100))).await, ["OTHER_SIDE voucher"]);
        assert_eq!(not_used(app, "provider", json!({ "content": given(100) })).await, ["REQUIRED order"]);
        let both = json!({ "voucher": voucher["id"], "order": domain::id::Kinded::to_public(domain::id::PurchaseOrderId::new()), "content": given(100) });
        assert_eq!(not_used(app, "provider", both).await, ["DOES_NOT_AGREE voucher"]);
        // It was chosen today.
        let before = json!({ "effectiveDate": in_days(-1), "quantity": { "hundredths": 100 } });
        let told = not_used(app, "provider", by(&voucher, before)).await;
        assert!(told[0].ends_with("content.effectiveDate"), "{told:?}");
        for quantity in [0, -100, i32::MAX] {
            let told = not_used(app, "provider", by(&voucher, json!({ "effectiveDate": in_days(0), "quantity": { "hundredths": quantity } }))).await;
            assert_eq!(told, ["OUT_OF_RANGE content.quantity.hundredths"]);
        }
        // What was given before it was taken back is told as long as the decision has room for it.
        let now = seen(app, "social-worker", &voucher).await;
        step(app, "social-worker", "cancelVoucher", OF, &now, json!({ "reason": "Tarve muuttui." })).await;
        assert_eq!(stands(app, &voucher).await, is("CANCELLED", 0, 0));
        used(app, &voucher, 100).await;
        assert_eq!(stands(app, &voucher).await, is("CANCELLED", 100, 4_500));
        // Fifty sessions were granted: one is used, three wait, and so forty-six are left.
        assert_eq!(app.rejected("social-worker", "issueVoucher", "voucher { id }", vouchers::of_sessions(&ground, 47)).await, ["QUANTITY_REACHED decision"]);
        issued(app, &ground, 46).await;
        assert_eq!(not_used(app, "provider", by(&voucher, given(100))).await, ["QUANTITY_REACHED content.quantity"]);
        all_is_right(app).await;
    }

    async fn what_is_used_in_time_is_kept_when_the_rest_is_over(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 3).await;
        used(app, &voucher, 100).await;
        // Nobody has disputed it: the time approves it, and later ends what is left.
        assert_eq!(due(app, 8).await.deliveries, 1);
        assert_eq!(due(app, 110).await.vouchers, 1);
        assert_eq!(stands(app, &voucher).await, is("EXPIRED", 100, 4_500));
        all_is_right(app).await;
    }

    async fn a_voucher_that_is_used_up_does_not_come_back_in_a_closed_case(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 2).await;
        let (first, second) = (used(app, &voucher, 100).await, used(app, &voucher, 100).await);
        assert_eq!(stands(app, &voucher).await.0, "USED_UP");
        step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &second, json!({ "reason": "Ei käynyt." })).await;
        app.done("social-worker", "closeCase", "case { id }", at(app, &ground.case, json!({ "reason": "NO_NEED", "note": "Päätetään." })).await).await;
        let now = event_now(app, "provider", &second).await;
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &now, json!({ "reason": "Ei käynyt." })).await;
        assert_eq!(app.count("voucher", "state = 'CANCELLED' AND used_hundredths = 100").await, 1);
        assert_eq!(seen(app, "provider", &voucher).await["introduction"]["alias"], "Eino");
        // Nothing is used of it any more: the provider need not know any more whom it was for.
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &first, json!({ "reason": "Väärä asiakas." })).await;
        assert_eq!(app.count("voucher", "state = 'CANCELLED' AND used_hundredths = 0 AND introduction IS NULL").await, 1);
        all_is_right(app).await;
    }

    async fn what_is_used_up_does_not_come_back_where_the_rest_was_given_to_another(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 50).await;
        let events = [used(app, &voucher, 4_900).await, used(app, &voucher, 100).await];
        assert_eq!((stands(app, &voucher).await, &events[1]["cost"]["amountCents"]), (is("USED_UP", 5_000, 225_000), &json!(4_500)));
        // A decision grants no more than it did: what is taken back can be issued anew, and not used twice.
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &events[1], json!({ "reason": "Ei käynyt." })).await;
        assert_eq!(stands(app, &voucher).await.0, "IN_USE");
        let again = used(app, &voucher, 100).await;
        app.tamper("UPDATE service_decision SET value_cents = 225000").await;
        app.tamper("UPDATE service_decision SET ended_on = (SELECT v.valid_from FROM voucher v)").await;
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &again, json!({ "reason": "Ei käynyt." })).await;
        assert_eq!(stands(app, &voucher).await, is("CANCELLED", 4_900, 220_500));
        assert_eq!(app.store().await.verify_drawdown().await.unwrap(), []);
    }

    async fn what_the_time_approved_can_be_disputed_until_it_is_settled(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 3).await;
        let event = approved(app, &voucher, 100).await;
        let disputed = step(app, "finance", "disputeDeliveryEvent", delivery::OF, &event, json!({ "reason": "Ei käynyt." })).await;
        assert_eq!((&disputed["state"], &disputed["approvedAt"], &disputed["approvedBy"]), (&json!("DISPUTED"), &json!(null), &json!(null)));
        assert_eq!(app.rejected("finance", "drawUpVoucherSettlement", "voucherSettlement { id }", with_the_company(app)).await, ["NOTHING_DELIVERED through"]);
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &disputed, json!({ "reason": "Ei käynyt." })).await;
        assert_eq!(stands(app, &voucher).await, is("CHOSEN", 0, 0));
        all_is_right(app).await;
    }

    async fn what_was_given_by_vouchers_is_settled_approved_by_another_and_paid_to_the_cent(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 5).await;
        assert_eq!(app.rejected("finance", "drawUpVoucherSettlement", "voucherSettlement { id }", with_the_company(app)).await, ["NOTHING_DELIVERED through"]);
        let (first, second) = (approved(app, &voucher, 100).await, approved(app, &voucher, 150).await);
        used(app, &voucher, 50).await;
        let mut early = with_the_company(app);
        early["through"] = json!(in_days(1));
        assert_eq!(app.rejected("finance", "drawUpVoucherSettlement", "voucherSettlement { id }", early).await[0].split(' ').next_back(), Some("through"));
        // Finance finds what waits by the list of deliveries, and sees the money and neither client nor words.
        let query = "query($of: ID!) { deliveryEvents(organization: $of, filter: { states: [APPROVED], byVoucher: true }) { totalCount nodes { note order { id } voucher { id } voucherNumber } } }";
        let waits = app.ask("finance", query, json!({ "of": app.world.organization("county") })).await["deliveryEvents"].clone();
        assert_eq!(waits["totalCount"], 2);
        assert_eq!(waits["nodes"][0], json!({ "note": null, "order": null, "voucher": null, "voucherNumber": voucher["number"] }));
        let settlement = drawn_up(app).await;
        assert_eq!((&settlement["state"], &settlement["total"]["amountCents"], &settlement["csv"]), (&json!("DRAWN_UP"), &json!(11_250), &json!(null)));
        assert_eq!(settlement["lines"][1], json!({
            "voucherNumber": voucher["number"], "deliveredOn": in_days(0), "quantity": { "hundredths": 150 }, "covered": { "amountCents": 6_750 }, "ownShare": { "amountCents": 750 },
            "delivery": { "id": second["id"], "state": "INVOICED", "note": null }, "voucher": null,
        }));
        // What is settled is in no other settlement, and not put right any more.
        assert_eq!(app.rejected("finance", "drawUpVoucherSettlement", "voucherSettlement { id }", with_the_company(app)).await, ["NOTHING_DELIVERED through"]);
        let now = event_now(app, "social-worker", &first).await;
        assert_eq!((&now["state"], &now["moves"]), (&json!("INVOICED"), &json!(["RELEASE"])));
        // Four eyes: neither who put it together, nor who issued the voucher or approved what it pays.
        assert_eq!(said_no(app, "finance", "approveVoucherSettlement", &settlement, json!({})).await, ["FOUR_EYES id"]);
        finance(app, "social-worker").await;
        assert_eq!(said_no(app, "social-worker", "approveVoucherSettlement", &settlement, json!({})).await, ["FOUR_EYES id"]);
        finance(app, "finance-b").await;
        assert_eq!(said_no(app, "finance-b", "payVoucherSettlement", &settlement, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        let agreed = step(app, "finance-b", "approveVoucherSettlement", SETTLEMENT, &settlement, json!({})).await;
        assert_eq!((&agreed["state"], &agreed["approvedBy"]), (&json!("APPROVED"), &json!(subject(app, "finance-b").await)));
        let csv = text(&agreed["csv"]);
        let rows: Vec<_> = csv.lines().collect();
        assert_eq!((rows.len(), rows[2].ends_with(";SESSION;1,50;7,50;67,50")), (3, true), "{csv}");
        assert_eq!(said_no(app, "finance", "payVoucherSettlement", &agreed, json!({ "paidOn": in_days(1) })).await[0].split(' ').next_back(), Some("paidOn"));
        let paid = step(app, "finance", "payVoucherSettlement", SETTLEMENT, &agreed, json!({})).await;
        assert_eq!((&paid["state"], &paid["paidOn"], &paid["moves"]), (&json!("PAID"), &json!(in_days(0)), &json!(["REVERSE"])));
        // The manager of the provider sees it, and nobody beside the two sides.
        assert_eq!(settlements(app, "manager").await, json!({ "totalCount": 1, "nodes": [{ "id": paid["id"] }] }));
        for actor in ["manager-b", "provider", "social-worker-b", "client", "partner"] {
            assert_eq!(settlements(app, actor).await, json!({ "totalCount": 0, "nodes": [] }), "{actor}");
            assert_eq!(app.ask(actor, "query($id: ID!) { voucherSettlement(id: $id) { id } }", json!({ "id": paid["id"] })).await["voucherSettlement"], json!(null));
        }
        let theirs = app.ask("manager", "query($id: ID!) { voucherSettlement(id: $id) { lines { delivery { id } voucher { id } } } }", json!({ "id": paid["id"] })).await;
        assert_eq!(theirs["voucherSettlement"]["lines"][0], json!({ "delivery": { "id": first["id"] }, "voucher": { "id": voucher["id"] } }));
        // What was paid by mistake comes back, and can be settled again.
        assert_eq!(said_no(app, "finance", "reverseVoucherSettlement", &paid, json!({ "reason": "" })).await, ["REQUIRED reason"]);
        assert_eq!(said_no(app, "finance", "reverseVoucherSettlement", &paid, json!({ "reason": "Soita 040 123 4567." })).await.len(), 1);
        step(app, "finance", "reverseVoucherSettlement", SETTLEMENT, &paid, json!({ "reason": "Väärä tili." })).await;
        assert_eq!(event_now(app, "social-worker", &first).await["state"], "APPROVED");
        let again = drawn_up(app).await;
        assert_eq!(again["total"]["amountCents"], 11_250);
        step(app, "finance", "discardVoucherSettlement", SETTLEMENT, &again, json!({ "reason": "Odotetaan." })).await;
        assert_eq!(app.count("delivery_event", "state = 'APPROVED'").await, 2);
        all_is_right(app).await;
    }

    async fn many_who_tell_settle_and_take_back_at_once_pay_nothing_twice(app) {
        let ground = ground(app).await;
        let voucher = with_company(app, &ground, 5).await;
        // Eight tell of one session each, and five are left.
        let tell = async |_| app.payload("provider", "recordDeliveryEvent", "deliveryEvent { id version }", by(&voucher, given(100))).await;
        let answers = futures_util::future::join_all((0..8).map(tell)).await;
        let told: Vec<_> = answers.iter().filter(|answer| !answer["deliveryEvent"].is_null()).map(|answer| answer["deliveryEvent"].clone()).collect();
        assert_eq!((told.len(), stands(app, &voucher).await), (5, is("USED_UP", 500, 22_500)));
        for event in &told {
            step(app, "social-worker", "approveDeliveryEvent", delivery::OF, event, json!({})).await;
        }
        let settle = async |_| app.payload("finance", "drawUpVoucherSettlement", "voucherSettlement { id version total { amountCents } }", with_the_company(app)).await;
        let answers = futures_util::future::join_all((0..4).map(settle)).await;
        let drawn: Vec<_> = answers.iter().filter(|answer| !answer["voucherSettlement"].is_null()).collect();
        assert_eq!((drawn.len(), &drawn[0]["voucherSettlement"]["total"]["amountCents"]), (1, &json!(22_500)));
        all_is_right(app).await;
    }
}
