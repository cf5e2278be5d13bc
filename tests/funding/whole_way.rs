//! The whole way of a purchased service: tendered, contracted, decided for a client, ordered, confirmed, delivered, reported, invoiced and settled, by those
//! whose part each of it is; and the money adds up to the cent.
use super::{
    delivery::{self, all_is_right, confirmed, given as told, order_now, recorded},
    given::{self, cast, in_days, moved, service},
    invoice::content,
    procurement::{go, opened, planned, special},
    provider_approval as approval,
    purchase_order::{Ground, granting},
    voucher as vouchers,
};
use crate::casework::{
    given::{begun, step},
    service_decision as decision,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// A session without value added tax, and with it: half a cent is rounded up, line by line.
const NET: i32 = 3_333;
const GROSS: i32 = 4_183;

/// A procurement of the service that was decided for the company.
async fn awarded(app: &TestApp, service: &str) -> Value {
    let mut plan = special(app, service, &in_days(0));
    plan["userConsultation"] = json!({ "fi": "Asiakasraati 12.3." });
    plan["criteria"] = json!({ "fi": "Laatu 60, hinta 40." });
    let mut stands = planned(app, plan).await;
    for mutation in ["openMarketDialogue", "tenderProcurement"] {
        stands = go(app, "procurement", mutation, &stands, json!({})).await;
    }
    let stands = opened(app, &stands).await;
    let chosen = json!({ "providers": [app.world.organization("company")], "reasoning": "Paras laatu käyttäjien arvion mukaan." });
    go(app, "lead", "awardProcurement", &stands, chosen).await
}

/// A contract by the procurement, with a ceiling, as procurement writes it; and its line.
async fn written(app: &TestApp, number: &str, procurement: &Value, service: &str, ceiling: i32) -> (Value, Value) {
    let (mut contract, mut line) = (given::contract(app, number), given::line("", service));
    (contract["procurement"], contract["ceiling"]) = (procurement["id"].clone(), json!({ "amountCents": ceiling }));
    line["price"] = json!({ "price": { "amountCents": NET }, "vatRateBp": 2_550 });
    given::written(app, contract, line).await
}

async fn not_moved(app: &TestApp, actor: &str, mutation: &str, contract: &Value) -> Vec<String> {
    let seen = app.ask("procurement", "query($id: ID!) { frameworkContract(id: $id) { version } }", json!({ "id": contract["id"] })).await;
    let input = json!({ "id": contract["id"], "expectedVersion": seen["frameworkContract"]["version"] });
    app.rejected(actor, mutation, "frameworkContract { id }", input).await
}

stories! {
    async fn a_group_is_tendered_ordered_delivered_reported_invoiced_and_settled_to_the_cent(app) {
        cast(app).await;
        let service = service(app).await;
        let procurement = awarded(app, &service).await;
        let (contract, line) = written(app, "HVA-1", &procurement, &service, 100_000).await;
        moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
        let contract = moved(app, "manager", "signFrameworkContract", &contract["id"], json!({})).await;
        let (client, case) = begun(app).await;
        let decision = decision::served(app, &case, granting(&service, 3, 3 * NET)).await;
        let ground = Ground { client, case, decision, contract, line };
        let order = confirmed(app, &ground, 3).await;
        let mut lines = Vec::new();
        for _ in 0..3 {
            let event = recorded(app, &order, told(100)).await;
            assert_eq!((&event["cost"]["amountCents"], &event["vatRateBp"]), (&json!(NET), &json!(2_550)));
            let approved = step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &event, json!({})).await;
            lines.push(json!({ "delivery": approved["id"], "quantity": { "hundredths": 100 }, "unitPrice": { "amountCents": NET }, "vatRateBp": 2_550 }));
        }
        let due = "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { reports { nodes { id version } } } } }";
        let end = app.ask("provider", due, json!({ "id": order["id"] })).await["node"]["reports"]["nodes"][0].clone();
        let said = json!({ "content": { "text": "Kävi ryhmässä.", "functionalChange": "Asioi kaupassa yksin.", "recommendation": "Vertaisryhmä." } });
        let report = ("providerReport", "state order { state }");
        let given = step(app, "provider", "submitProviderReport", report, &end, said).await;
        let accepted = step(app, "social-worker", "approveProviderReport", report, &given, json!({})).await;
        assert_eq!(accepted["order"]["state"], "COMPLETED");
        let input = json!({ "contract": ground.contract["id"], "content": content("2026-17", &lines, 3 * GROSS) });
        let invoice = app.done("manager", "sendInvoice", "invoice { id version state }", input).await["invoice"].clone();
        assert_eq!(invoice["state"], "MATCHED");
        let money = ("invoice", "state net { amountCents } vat { amountCents } total { amountCents }");
        let approved = step(app, "finance", "approveInvoice", money, &invoice, json!({})).await;
        let paid = step(app, "finance", "payInvoice", money, &approved, json!({})).await;
        let cents = |what: &str| paid[what]["amountCents"].as_i64().unwrap();
        let (net, total) = (i64::from(3 * NET), i64::from(3 * GROSS));
        assert_eq!((&paid["state"], cents("net"), cents("vat"), cents("total")), (&json!("PAID"), net, total - net, total));
        assert_eq!(order_now(app, "social-worker", &order).await["state"], "SETTLED");
        let drawn = "query($id: ID!) { frameworkContract(id: $id) { drawdown { ordered { amountCents } delivered { amountCents } invoiced { amountCents } free { amountCents } } } }";
        let drawn = app.ask("procurement", drawn, json!({ "id": ground.contract["id"] })).await["frameworkContract"]["drawdown"].clone();
        let is = |cents: i64| json!({ "amountCents": cents });
        assert_eq!(drawn, json!({ "ordered": is(net), "delivered": is(net), "invoiced": is(net), "free": is(100_000 - net) }));
        all_is_right(app).await;
    }

    async fn what_is_sent_twice_under_one_key_is_done_once(app) {
        let ground = vouchers::ground(app).await;
        let (county, company) = (app.world.organization("county"), app.world.organization("company"));
        let twice = async |actor: &str, mutation: &str, field: &str, mut input: Value| {
            input["idempotencyKey"] = json!(mutation);
            let one = app.done(actor, mutation, &format!("{field} {{ id version }}"), input.clone()).await[field].clone();
            let again = app.done(actor, mutation, &format!("{field} {{ id }}"), input).await[field]["id"].clone();
            assert_eq!(one["id"], again, "{mutation}");
            one
        };
        let bought = service(app).await;
        twice("procurement", "planProcurement", "procurement", json!({ "organization": county, "content": given::procurement(&bought) })).await;
        let contract = json!({ "organization": county, "content": given::contract(app, "HVA-9") });
        let contract = twice("procurement", "draftFrameworkContract", "frameworkContract", contract).await;
        twice("procurement", "addContractLine", "contractLine", given::line(contract["id"].as_str().unwrap(), &bought)).await;
        let listed = approval::service(app).await;
        let rulebook = json!({ "organization": county, "content": approval::rulebook(&listed) });
        let rulebook = twice("procurement", "draftRulebook", "rulebook", rulebook).await;
        app.done("procurement", "publishRulebook", "rulebook { id }", json!({ "id": rulebook["id"], "expectedVersion": rulebook["version"] })).await;
        let application = json!({ "organization": company, "rulebook": rulebook["id"], "content": approval::offered(app, &listed) });
        twice("manager", "draftProviderApproval", "providerApproval", application).await;
        let voucher = twice("social-worker", "issueVoucher", "voucher", vouchers::of_sessions(&ground, 2)).await;
        let chosen = vouchers::chosen(app, &ground, &voucher, &json!([])).await;
        let event = twice("provider", "recordDeliveryEvent", "deliveryEvent", json!({ "voucher": chosen["id"], "content": told(100) })).await;
        step(app, "social-worker", "approveDeliveryEvent", delivery::OF, &event, json!({})).await;
        let through = json!({ "organization": county, "provider": company, "through": in_days(0) });
        twice("finance", "drawUpVoucherSettlement", "voucherSettlement", through).await;
        let complaint = json!({ "organization": county, "provider": company, "kind": "FAULT", "occurredOn": in_days(0), "description": "Ohjaaja ei tullut paikalle." });
        twice("social-worker", "reportComplaint", "complaint", complaint).await;
        for (table, count) in [("procurement", 1), ("framework_contract", 1), ("contract_line", 1), ("rulebook", 2), ("provider_approval", 2), ("voucher", 1), ("delivery_event", 1), ("voucher_settlement", 1), ("complaint", 1)] {
            assert_eq!(app.count(table, "1 = 1").await, count, "{table}");
        }
    }

    async fn no_contract_is_made_by_a_procurement_that_does_not_stand_nor_beyond_what_was_tendered(app) {
        cast(app).await;
        let service = service(app).await;
        let procurement = awarded(app, &service).await;
        let (contract, _) = written(app, "HVA-1", &procurement, &service, 30_000_000).await;
        let appeal = json!({ "reason": "Valitus markkinaoikeuteen." });
        let appealed = go(app, "procurement", "appealProcurement", &procurement, appeal.clone()).await;
        let not_awarded = ["PROCUREMENT_NOT_AWARDED content.procurement"];
        assert_eq!(not_moved(app, "procurement", "offerFrameworkContract", &contract).await, not_awarded);
        let upheld = go(app, "procurement", "upholdProcurement", &appealed, json!({})).await;
        moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
        let appealed = go(app, "procurement", "appealProcurement", &upheld, appeal).await;
        assert_eq!(not_moved(app, "manager", "signFrameworkContract", &contract).await, not_awarded);
        let upheld = go(app, "procurement", "upholdProcurement", &appealed, json!({})).await;
        moved(app, "manager", "signFrameworkContract", &contract["id"], json!({})).await;
        // Nor is one prolonged meanwhile.
        given::due(app, 0).await;
        let appealed = go(app, "procurement", "appealProcurement", &upheld, json!({ "reason": "Valitus markkinaoikeuteen." })).await;
        assert_eq!(not_moved(app, "procurement", "extendFrameworkContract", &contract).await, not_awarded);
        let upheld = go(app, "procurement", "upholdProcurement", &appealed, json!({})).await;
        // Of forty million that were tendered thirty are contracted.
        let (more, _) = written(app, "HVA-2", &upheld, &service, 10_000_001).await;
        assert_eq!(not_moved(app, "procurement", "offerFrameworkContract", &more).await, ["OUT_OF_RANGE content.ceiling"]);
        let (rest, _) = written(app, "HVA-3", &upheld, &service, 10_000_000).await;
        moved(app, "procurement", "offerFrameworkContract", &rest["id"], json!({})).await;
        // Another service was not tendered.
        let other = given::service(app).await;
        let (other, _) = written(app, "HVA-4", &upheld, &other, 1).await;
        let outside = ["DOES_NOT_AGREE content.procurement.services", "OUT_OF_RANGE content.ceiling"];
        assert_eq!(not_moved(app, "procurement", "offerFrameworkContract", &other).await, outside);
    }
}
