//! Invoices: compared with the deliveries to the cent, put right, approved by four eyes, paid, refused, taken back; and what is counted as invoiced.
use super::{
    delivery::{self, all_is_right, confirmed, counted, event_now, given as told, order_now, recorded},
    given::{self, in_days, moved, registered, service_of, signed, written},
    purchase_order::{self as order, Ground},
};
use crate::{
    casework::{given::step, opened::subject},
    person::given::text,
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const OF: (&str, &str) = (
    "invoice",
    "state moves number net { amountCents } vat { amountCents } total { amountCents } asked { amountCents } correctedBy approvedBy paidOn reason \
     creditNumber creditedOn mismatches { line what expected claimed } lines { orderNumber deliveredOn quantity { hundredths } unitPrice { amountCents } vatRateBp net { amountCents } delivery { id } }",
);

/// A delivery that those who order have approved.
pub(super) async fn approved(app: &TestApp, order: &Value, hundredths: i32) -> Value {
    let event = recorded(app, order, told(hundredths)).await;
    step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &event, json!({})).await
}

/// What is said of one delivery at fifty euros a session.
pub(super) fn line(event: &Value, hundredths: i32) -> Value {
    json!({ "delivery": event["id"], "quantity": { "hundredths": hundredths }, "unitPrice": { "amountCents": 5_000 } })
}

/// An invoice of these lines.
pub(super) fn content(number: &str, lines: &[Value], cents: i32) -> Value {
    json!({
        "number": number, "issuedOn": in_days(0), "dueOn": in_days(30), "lines": lines, "total": { "amountCents": cents },
        "payee": { "iban": "FI21 1234 5600 0007 85", "reference": "1232" },
    })
}

pub(super) fn by(of: &Ground, content: Value) -> Value {
    let mut input = json!({ "contract": of.contract["id"] });
    input["content"] = content;
    input
}

pub(super) async fn sent(app: &TestApp, of: &Ground, content: Value) -> Value {
    app.done("manager", "sendInvoice", &format!("invoice {{ id version {} }}", OF.1), by(of, content)).await["invoice"].clone()
}

async fn not_sent(app: &TestApp, of: &Ground, content: Value) -> Vec<String> {
    app.rejected("manager", "sendInvoice", "invoice { id }", by(of, content)).await
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, mut input: Value) -> Vec<String> {
    (input["id"], input["expectedVersion"]) = (of["id"].clone(), of["version"].clone());
    app.rejected(actor, mutation, "invoice { id }", input).await
}

async fn seen(app: &TestApp, actor: &str, of: &Value, what: &str) -> Value {
    app.ask(actor, &format!("query($id: ID!) {{ invoice(id: $id) {{ {what} }} }}"), json!({ "id": of["id"] })).await["invoice"].clone()
}

/// An invoice of one delivery that was approved and paid.
async fn paid(app: &TestApp, of: &Ground, number: &str, event: &Value, hundredths: i32) -> Value {
    let invoice = sent(app, of, content(number, &[line(event, hundredths)], hundredths * 50)).await;
    let approved = step(app, "finance", "approveInvoice", OF, &invoice, json!({})).await;
    step(app, "finance", "payInvoice", OF, &approved, json!({})).await
}

/// Where an order is, and how its service ended.
async fn stands(app: &TestApp, order: &Value) -> [Value; 2] {
    let now = order_now(app, "social-worker", order).await;
    [now["state"].clone(), now["endedAs"].clone()]
}

/// Somebody is made a finance officer of the county.
pub async fn finance(app: &TestApp, actor: &str) {
    let member = json!({ "organization": app.world.organization("county"), "role": "FINANCE_OFFICER", "subject": subject(app, actor).await });
    app.done("admin", "grantMembership", "membership { id }", member).await;
}

/// An invoice of a delivery of a running order.
pub async fn furnish(app: &TestApp, order: &Value) -> String {
    let event = approved(app, order, 100).await;
    let query = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { line { contract { id } } } } }";
    let contract = app.ask("social-worker", query, json!({ "id": order["id"] })).await["node"]["line"]["contract"]["id"].clone();
    let contract = if contract.is_null() {
        app.ask("procurement", "{ frameworkContracts { nodes { id } } }", json!({})).await["frameworkContracts"]["nodes"][0]["id"].clone()
    } else {
        contract
    };
    let input = json!({ "contract": contract, "content": content("P-1", &[line(&event, 100)], 5_000) });
    text(&app.done("manager", "sendInvoice", "invoice { id }", input).await["invoice"]["id"])
}

stories! {
    async fn what_was_delivered_is_invoiced_approved_and_paid_to_the_cent(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 3).await;
        let (first, second) = (approved(app, &ordered, 100).await, approved(app, &ordered, 150).await);
        let whole = content("2026-17", &[line(&first, 100), line(&second, 150)], 12_500);
        let invoice = sent(app, &ground, whole.clone()).await;
        assert_eq!((&invoice["state"], &invoice["mismatches"], &invoice["total"]["amountCents"]), (&json!("MATCHED"), &json!([]), &json!(12_500)));
        assert_eq!(invoice["lines"][1]["delivery"]["id"], second["id"]);
        assert_eq!((counted(app, &ground).await, event_now(app, "social-worker", &first).await["state"].clone()), ([15_000, 12_500, 12_500, 985_000], json!("INVOICED")));
        // Sent again, it is the same; with the same number, another is refused; and what is on it is on no other.
        assert_eq!(sent(app, &ground, whole.clone()).await["id"], invoice["id"]);
        assert_eq!(not_sent(app, &ground, content("2026-17", &[line(&first, 100)], 5_000)).await, ["NOT_UNIQUE content.number"]);
        let again = sent(app, &ground, content("2026-18", &[line(&first, 100)], 5_000)).await;
        assert_eq!((&again["state"], &again["mismatches"]), (&json!("MISMATCH"), &json!([{ "line": 0, "what": "ALREADY_INVOICED", "expected": null, "claimed": null }])));
        assert_eq!((app.count("invoice", "1 = 1").await, counted(app, &ground).await[2]), (2, 12_500));
        // Each side does its own.
        assert_eq!(said_no(app, "manager", "approveInvoice", &invoice, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "finance", "creditInvoice", &invoice, json!({ "number": "H-1", "reason": "Ei." })).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "finance", "payInvoice", &invoice, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        let approved = step(app, "finance", "approveInvoice", OF, &invoice, json!({})).await;
        assert_eq!((&approved["state"], &approved["approvedBy"]), (&json!("APPROVED"), &json!(subject(app, "finance").await)));
        for day in [in_days(-1), in_days(1)] {
            assert_eq!(said_no(app, "finance", "payInvoice", &approved, json!({ "paidOn": day })).await, ["OUT_OF_RANGE paidOn"]);
        }
        let paid = step(app, "finance", "payInvoice", OF, &approved, json!({})).await;
        assert_eq!((&paid["state"], &paid["paidOn"], &paid["moves"]), (&json!("PAID"), &json!(in_days(0)), &json!(["CREDIT"])));
        // It goes on to accounting, and names no client.
        let forms = seen(app, "finance", &paid, "finvoice csv creditFinvoice creditCsv").await;
        let (xml, csv) = (text(&forms["finvoice"]), text(&forms["csv"]));
        assert!(xml.contains("<InvoiceNumber>2026-17</InvoiceNumber>") && xml.contains(">125,00<") && xml.contains("00372211414"), "{xml}");
        assert_eq!((csv.lines().count(), &forms["creditFinvoice"], &forms["creditCsv"]), (3, &json!(null), &json!(null)));
        for name in ["Aino", "Mallinen", &ground.client] {
            assert!(!xml.contains(name) && !csv.contains(name), "{name}");
        }
        let list = app.ask("finance", "{ invoices(filter: { states: [PAID] }, orderBy: [{ field: DUE_ON, direction: DESC }]) { totalCount nodes { number contract { number } } } }", json!({})).await;
        assert_eq!(list["invoices"], json!({ "totalCount": 1, "nodes": [{ "number": "2026-17", "contract": { "number": "HVA-1" } }] }));
        all_is_right(app).await;
    }

    async fn what_does_not_agree_is_told_put_right_and_approved_by_another(app) {
        let ground = order::ground(app).await;
        finance(app, "finance-b").await;
        let ordered = confirmed(app, &ground, 4).await;
        let (first, waiting) = (approved(app, &ordered, 100).await, recorded(app, &ordered, told(100)).await);
        let mut dear = line(&first, 200);
        (dear["unitPrice"], dear["vatRateBp"]) = (json!({ "amountCents": 5_001 }), json!(2_550));
        let invoice = sent(app, &ground, content("A-1", &[dear, line(&waiting, 100)], 17_500)).await;
        assert_eq!(invoice["state"], "MISMATCH");
        assert_eq!(
            invoice["mismatches"],
            json!([
                { "line": 0, "what": "QUANTITY", "expected": 100, "claimed": 200 },
                { "line": 0, "what": "PRICE", "expected": 5_000, "claimed": 5_001 },
                { "line": 0, "what": "VAT_RATE", "expected": 0, "claimed": 2_550 },
                { "line": 1, "what": "NOT_APPROVED", "expected": null, "claimed": null },
                { "line": null, "what": "TOTAL", "expected": 17_553, "claimed": 17_500 },
            ])
        );
        assert_eq!(counted(app, &ground).await[2], 0, "what does not agree is not counted");
        assert_eq!(said_no(app, "finance", "approveInvoice", &invoice, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        let right = step(app, "finance", "correctInvoice", OF, &invoice, json!({ "reason": "Toteuman mukaan." })).await;
        assert_eq!((&right["state"], &right["total"]["amountCents"], &right["asked"]["amountCents"]), (&json!("MATCHED"), &json!(5_000), &json!(17_500)));
        assert_eq!((right["lines"].as_array().unwrap().len(), right["mismatches"].as_array().unwrap().len(), counted(app, &ground).await[2]), (1, 5, 5_000));
        assert_eq!(said_no(app, "finance", "approveInvoice", &right, json!({})).await, ["FOUR_EYES id"]);
        // Whoever ordered does not approve either.
        finance(app, "service-guide").await;
        assert_eq!(said_no(app, "service-guide", "approveInvoice", &right, json!({})).await, ["FOUR_EYES id"]);
        assert_eq!(step(app, "finance-b", "approveInvoice", OF, &right, json!({})).await["state"], "APPROVED");
        // The reason is read by those who see no client.
        let telling = json!({ "reason": "Soita 040 123 4567." });
        assert_eq!(said_no(app, "finance-b", "rejectInvoice", &invoice, telling).await, ["PERSONAL_DATA reason"]);
        // Nothing of the next can be paid.
        let none = sent(app, &ground, content("A-2", &[line(&waiting, 100)], 5_000)).await;
        assert_eq!(said_no(app, "finance", "correctInvoice", &none, json!({ "reason": "Ei mitään." })).await, ["NOTHING_DELIVERED id"]);
        assert_eq!(said_no(app, "finance", "rejectInvoice", &none, json!({ "reason": " " })).await, ["REQUIRED reason"]);
        let refused = step(app, "finance", "rejectInvoice", OF, &none, json!({ "reason": "Toteumaa ei ole hyväksytty." })).await;
        assert_eq!((&refused["state"], &refused["moves"]), (&json!("REJECTED"), &json!([])));
        all_is_right(app).await;
    }

    async fn what_is_refused_or_taken_back_can_be_invoiced_again(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 1).await;
        let event = approved(app, &ordered, 100).await;
        let one = |number: &str| content(number, &[line(&event, 100)], 5_000);
        let refused = sent(app, &ground, one("B-1")).await;
        step(app, "finance", "rejectInvoice", OF, &refused, json!({ "reason": "Väärä viite." })).await;
        assert_eq!((counted(app, &ground).await[2], event_now(app, "social-worker", &event).await["state"].clone()), (0, json!("APPROVED")));
        let invoice = sent(app, &ground, one("B-2")).await;
        let approved = step(app, "finance", "approveInvoice", OF, &invoice, json!({})).await;
        let paid = step(app, "finance", "payInvoice", OF, &approved, json!({})).await;
        for (number, fault) in [("", "REQUIRED number"), ("B-1", "NOT_UNIQUE number"), (&*"9".repeat(21), "TOO_LONG number")] {
            assert_eq!(said_no(app, "manager", "creditInvoice", &paid, json!({ "number": number, "reason": "Virhe." })).await, [fault], "{number}");
        }
        let credited = step(app, "manager", "creditInvoice", OF, &paid, json!({ "number": "B-2-H", "reason": "Laskutettu väärälle." })).await;
        assert_eq!((&credited["state"], &credited["creditNumber"], &credited["creditedOn"]), (&json!("CREDITED"), &json!("B-2-H"), &json!(in_days(0))));
        let note = text(&seen(app, "finance", &credited, "creditFinvoice").await["creditFinvoice"]);
        assert!(note.contains("INV02") && note.contains(">-50,00<") && note.contains("<OriginalInvoiceNumber>B-2<"), "{note}");
        assert_eq!(counted(app, &ground).await[2], 0);
        // The number of a credit note is taken like any other.
        let mut numbered = one("B-2-H");
        assert_eq!(not_sent(app, &ground, numbered.clone()).await, ["NOT_UNIQUE content.number"]);
        numbered["number"] = json!("B-3");
        assert_eq!((sent(app, &ground, numbered).await["state"].clone(), counted(app, &ground).await[2]), (json!("MATCHED"), 5_000));
        all_is_right(app).await;
    }

    async fn an_order_is_settled_with_the_last_payment_and_comes_back_with_a_credit_note(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 2).await;
        let (first, second) = (approved(app, &ordered, 100).await, approved(app, &ordered, 100).await);
        let (completed, settled) = ([json!("COMPLETED"), json!("COMPLETED")], [json!("SETTLED"), json!("COMPLETED")]);
        paid(app, &ground, "S-1", &first, 100).await;
        assert_eq!(stands(app, &ordered).await, completed, "half of it is not even asked for");
        let invoice = sent(app, &ground, content("S-2", &[line(&second, 100)], 5_000)).await;
        let invoice = step(app, "finance", "approveInvoice", OF, &invoice, json!({})).await;
        assert_eq!(stands(app, &ordered).await, completed, "what is to be paid is not paid");
        let counts = [10_000, 10_000, 10_000, 990_000];
        assert_eq!(counted(app, &ground).await, counts);
        let invoice = step(app, "finance", "payInvoice", OF, &invoice, json!({})).await;
        assert_eq!((stands(app, &ordered).await, counted(app, &ground).await), (settled.clone(), counts));
        // Lists know it by its state, and nobody moves it by hand.
        let inbox = "query($id: ID!) { orderInbox(organization: $id, filter: { states: [SETTLED] }) { totalCount } }";
        assert_eq!(app.ask("provider", inbox, json!({ "id": app.world.organization("company") })).await["orderInbox"]["totalCount"], 1);
        let now = order_now(app, "social-worker", &ordered).await;
        assert_eq!(now["moves"], json!(["UNSETTLE_COMPLETED", "UNSETTLE_TERMINATED"]));
        for (mutation, more) in [("completePurchaseOrder", json!({})), ("terminatePurchaseOrder", json!({ "words": "Loppu." })), ("cancelPurchaseOrder", json!({}))] {
            let mut input = more;
            (input["id"], input["expectedVersion"]) = (now["id"].clone(), now["version"].clone());
            assert_eq!(app.rejected("social-worker", mutation, "purchaseOrder { id }", input).await, ["ILLEGAL_TRANSITION id"], "{mutation}");
        }
        all_is_right(app).await;
        // With the credit note it is as it was, and with the next payment it is settled again.
        step(app, "manager", "creditInvoice", OF, &invoice, json!({ "number": "S-2-H", "reason": "Väärä viite." })).await;
        assert_eq!((stands(app, &ordered).await, counted(app, &ground).await), (completed, [10_000, 10_000, 5_000, 990_000]));
        all_is_right(app).await;
        paid(app, &ground, "S-3", &second, 100).await;
        assert_eq!(stands(app, &ordered).await, settled);
        all_is_right(app).await;
    }

    async fn an_order_that_ended_early_is_settled_once_nothing_of_it_waits(app) {
        let ground = order::ground(app).await;
        let end = async |order: &Value| {
            let now = order_now(app, "provider", order).await;
            step(app, "provider", "terminatePurchaseOrder", order::OF, &now, json!({ "words": "Asiakas muuttaa." })).await
        };
        let ordered = confirmed(app, &ground, 5).await;
        let first = approved(app, &ordered, 100).await;
        paid(app, &ground, "T-1", &first, 100).await;
        assert_eq!(stands(app, &ordered).await, [json!("IN_DELIVERY"), json!(null)], "what goes on is not settled");
        let waits = recorded(app, &ordered, told(100)).await;
        let disputed = step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &waits, json!({ "reason": "Ei käynyt." })).await;
        let (terminated, settled) = ([json!("TERMINATED"), json!("TERMINATED")], [json!("SETTLED"), json!("TERMINATED")]);
        assert_eq!((end(&ordered).await["state"].clone(), stands(app, &ordered).await), (json!("TERMINATED"), terminated.clone()));
        // What is void is not waited for; what is told afterwards is.
        step(app, "provider", "voidDeliveryEvent", delivery::OF, &disputed, json!({ "reason": "Väärä tilaus." })).await;
        assert_eq!(stands(app, &ordered).await, settled);
        let late = recorded(app, &ordered, told(100)).await;
        assert_eq!((stands(app, &ordered).await, counted(app, &ground).await), (terminated, [10_000, 10_000, 5_000, 990_000]));
        all_is_right(app).await;
        let late = step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &late, json!({})).await;
        paid(app, &ground, "T-2", &late, 100).await;
        assert_eq!(stands(app, &ordered).await, settled);
        // What was paid before the end is settled with the end; what nobody has delivered of stays as it ended.
        let other = confirmed(app, &ground, 5).await;
        let event = approved(app, &other, 100).await;
        paid(app, &ground, "T-3", &event, 100).await;
        assert_eq!((end(&other).await["state"].clone(), stands(app, &other).await), (json!("SETTLED"), settled));
        let nothing = confirmed(app, &ground, 5).await;
        step(app, "provider", "beginPurchaseOrder", order::OF, &nothing, json!({})).await;
        assert_eq!(end(&nothing).await["state"], "TERMINATED");
        all_is_right(app).await;
    }

    async fn an_invoice_that_cannot_be_is_refused(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 3).await;
        let event = approved(app, &ordered, 100).await;
        let with = |field: &str, value: Value| {
            let mut content = content("C-1", &[line(&event, 100)], 5_000);
            content[field] = value;
            content
        };
        let mut less = line(&event, -100);
        less["unitPrice"]["amountCents"] = json!(-1);
        for (content, faults) in [
            (with("currency", json!("SEK")), vec!["OTHER_CURRENCY content.currency"]),
            (with("lines", json!([])), vec!["REQUIRED content.lines"]),
            (with("lines", json!([line(&event, 100), line(&event, 100)])), vec!["DUPLICATE content.lines.1.delivery"]),
            (with("lines", json!([less])), vec!["OUT_OF_RANGE content.lines.0.quantity.hundredths", "OUT_OF_RANGE content.lines.0.unitPrice.amountCents"]),
            (with("dueOn", json!(in_days(-1))), vec!["DATE_ORDER content.dueOn"]),
            (with("issuedOn", json!(in_days(1))), vec!["OUT_OF_RANGE content.issuedOn"]),
            (with("number", json!("x".repeat(21))), vec!["TOO_LONG content.number"]),
            (with("total", json!({ "amountCents": -1 })), vec!["OUT_OF_RANGE content.total.amountCents"]),
        ] {
            assert_eq!(not_sent(app, &ground, content).await, faults);
        }
        // By another contract, a delivery is as good as none.
        let service = app.ask("procurement", "query($id: ID!) { contractLine(id: $id) { service { id } } }", json!({ "id": ground.line["id"] })).await;
        let (other, _) = signed(app, "HVA-2", &text(&service["contractLine"]["service"]["id"])).await;
        let input = json!({ "contract": other["id"], "content": content("C-2", &[line(&event, 100)], 5_000) });
        assert_eq!(app.rejected("manager", "sendInvoice", "invoice { id }", input).await, ["UNKNOWN_REFERENCE content.lines.0.delivery"]);
        assert_eq!(app.count("invoice", "1 = 1").await, 0);
        all_is_right(app).await;
    }

    async fn both_sides_are_told_what_becomes_of_an_invoice(app) {
        let ground = order::ground(app).await;
        let told = async |actor: &str| {
            let seen = app.ask(actor, "{ notices(first: 100) { nodes { kind contract { number } contractId } } }", json!({})).await["notices"]["nodes"].clone();
            let of_invoices = seen.as_array().unwrap().iter().filter(|notice| notice["kind"] == "INVOICE_MOVED");
            of_invoices.inspect(|notice| assert_eq!(notice["contractId"], ground.contract["id"], "{actor}")).count()
        };
        let both = async || [told("finance").await, told("manager").await];
        let event = approved(app, &confirmed(app, &ground, 1).await, 100).await;
        let invoice = sent(app, &ground, content("N-1", &[line(&event, 100)], 4_999)).await;
        assert_eq!((&invoice["state"], both().await), (&json!("MISMATCH"), [1, 0]));
        let right = step(app, "finance", "correctInvoice", OF, &invoice, json!({ "reason": "Toteuman mukaan." })).await;
        assert_eq!(both().await, [1, 1]);
        step(app, "finance", "rejectInvoice", OF, &right, json!({ "reason": "Väärä viite." })).await;
        assert_eq!(both().await, [1, 2]);
        paid(app, &ground, "N-2", &event, 100).await;
        assert_eq!(both().await, [2, 4]);
        for actor in ["provider", "manager-b", "social-worker", "procurement"] {
            assert_eq!(told(actor).await, 0, "{actor}");
        }
    }

    async fn nobody_is_paid_for_what_another_provider_has_given(app) {
        let ground = order::ground(app).await;
        let event = approved(app, &confirmed(app, &ground, 1).await, 100).await;
        registered(app, "parish", json!({ "kind": "PARISH", "businessId": "1234567-1" })).await;
        let service = service_of(app, "parish").await;
        let mut own = given::contract(app, "HVA-2");
        own["provider"] = json!(app.world.organization("parish"));
        let (contract, _) = written(app, own, given::line("", &service)).await;
        moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
        moved(app, "manager-b", "signFrameworkContract", &contract["id"], json!({})).await;
        let input = json!({ "contract": contract["id"], "content": content("S-1", &[line(&event, 100)], 5_000) });
        assert_eq!(app.rejected("manager-b", "sendInvoice", "invoice { id }", input).await, ["UNKNOWN_REFERENCE content.lines.0.delivery"]);
        assert_eq!(app.count("invoice", "1 = 1").await, 0);
    }

    async fn sent_again_under_another_key_it_is_the_same_and_whoever_sent_it_does_not_approve_it(app) {
        let ground = order::ground(app).await;
        finance(app, "manager").await;
        let ordered = confirmed(app, &ground, 1).await;
        let event = approved(app, &ordered, 100).await;
        let mut input = by(&ground, content("F-1", &[line(&event, 100)], 5_000));
        let mut ids = Vec::new();
        for key in [None, Some("toinen"), Some("toinen"), Some("kolmas")] {
            input["idempotencyKey"] = json!(key);
            ids.push(app.done("manager", "sendInvoice", "invoice { id version }", input.clone()).await["invoice"].clone());
        }
        assert_eq!(ids, vec![ids[0].clone(); 4]);
        assert_eq!(said_no(app, "manager", "approveInvoice", &ids[0], json!({})).await, ["FOUR_EYES id"]);
        assert_eq!(seen(app, "finance", &ids[0], "finvoice csv").await, json!({ "finvoice": null, "csv": null }), "nothing goes on before it is approved");
        all_is_right(app).await;
    }

    async fn nobody_but_its_sides_learns_of_an_invoice(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 1).await;
        let event = approved(app, &ordered, 100).await;
        let send = TestApp::mutation("sendInvoice", "invoice { id }");
        let input = json!({ "input": by(&ground, content("D-1", &[line(&event, 100)], 5_000)) });
        let invoice = sent(app, &ground, input["input"]["content"].clone()).await;
        let look = "query($id: ID!) { invoice(id: $id) { number } node(id: $id) { id } invoices(filter: { number: \"D-1\" }) { totalCount nodes { number } } }";
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]) {
            let sees = ["procurement", "manager", "finance", "council"].contains(&actor);
            let told = app.ask(actor, look, json!({ "id": invoice["id"] })).await;
            let all = [!told["invoice"].is_null(), !told["node"].is_null(), told["invoices"]["totalCount"] == 1, told["invoices"]["nodes"] != json!([])];
            assert_eq!(all, [sees; 4], "{actor}");
            if actor == "manager" {
                continue;
            }
            // Nobody else sends one, and whoever sees no contract is not told that there is one.
            let answer = app.post(actor, &send, input.clone()).await;
            let code = answer.body["data"]["sendInvoice"]["userErrors"][0]["code"].as_str().unwrap_or(answer.code()).to_owned();
            assert!(["FORBIDDEN", "UNKNOWN_REFERENCE"].contains(&code.as_str()), "{actor} {}", answer.text);
            if !sees {
                let paying = json!({ "input": { "id": invoice["id"], "expectedVersion": 1 } });
                assert_eq!(app.refuse(actor, &TestApp::mutation("approveInvoice", "invoice { id }"), paying).await, "NOT_FOUND", "{actor}");
            }
        }
        assert_eq!(app.refuse("", look, json!({ "id": invoice["id"] })).await, "UNAUTHENTICATED");
        all_is_right(app).await;
    }

    async fn one_delivery_is_issued_once_whoever_sends_at_once(app) {
        let ground = order::ground(app).await;
        let ordered = confirmed(app, &ground, 5).await;
        let second = app.second_process().await;
        let send = TestApp::mutation("sendInvoice", "invoice { id state }");
        for round in 0..4 {
            let event = approved(app, &ordered, 100).await;
            // The same number in every other round.
            let numbers = if round % 2 == 0 { [format!("E-{round}"), format!("E-{round}-b")] } else { [format!("E-{round}"), format!("E-{round}")] };
            let input = |at: usize| json!({ "input": by(&ground, content(&numbers[at], &[line(&event, 100)], 5_000)) });
            let (a, b) = tokio::join!(app.post("manager", &send, input(0)), app.post_to(&second, "manager", &send, input(1)));
            let made = [&a, &b].map(|answer| answer.body["data"]["sendInvoice"]["invoice"].clone());
            assert!(made.iter().all(|invoice| invoice["id"].is_string()), "{}\n{}", a.text, b.text);
            let matched = made.iter().filter(|invoice| invoice["state"] == "MATCHED").count();
            assert_eq!((matched, made[0]["id"] == made[1]["id"]), if round % 2 == 0 { (1, false) } else { (2, true) }, "{}\n{}", a.text, b.text);
        }
        assert_eq!(counted(app, &ground).await[2], 20_000);
        all_is_right(app).await;
    }
}
