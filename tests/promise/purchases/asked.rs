//! What is asked of the server, of what there is at the moment: by those whose move it is, and by others, who are always refused.
use super::{
    sums::half_up,
    tried::{Try, What},
};
use crate::{
    casework::{
        given::begun,
        opened::{at as case_at, started, subject},
        service_decision as decision,
    },
    funding::{
        given::{self, due, in_days},
        invoice, purchase_order as order,
    },
    person::given::{self as people, text},
};
use axum::Router;
use domain::{
    code::Coded,
    funding::{
        contract::{ContractMove, ContractState},
        delivery::{DeliveryMove, DeliveryState},
        invoice::{InvoiceMove, InvoiceState},
        purchase_order::{OrderMove, OrderState},
    },
    machine::Machine,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tests::TestApp;

/// Whose move it is, and some whose it is not.
type Whose = (&'static [&'static str], &'static [&'static str]);

const ORDERER: Whose = (&["social-worker", "service-guide"], &["provider", "finance", "client", "manager-b"]);
const PROVIDER: Whose = (&["provider", "manager"], &["social-worker", "finance", "client", "manager-b"]);
const EITHER: Whose = (&["provider", "service-guide", "social-worker"], &["finance", "client", "manager-b", "procurement"]);
const DISPUTES: Whose = (&["social-worker", "finance"], &["provider", "client", "manager-b"]);
const BILLS: Whose = (&["manager"], &["finance", "manager-b", "social-worker"]);
/// One of them orders too, and may not approve what it has ordered.
const PAYS: Whose = (&["finance", "service-guide", "finance-b"], &["manager", "manager-b", "social-worker"]);
const BUYS: Whose = (&["procurement"], &["manager", "social-worker", "finance"]);
const DECIDES: Whose = (&["social-worker"], &["provider", "procurement", "client"]);

/// A server of two processes, and what purchases begin with.
pub(super) struct World<'t> {
    pub(super) app: &'t TestApp,
    second: Router,
    cases: [String; 2],
    service: String,
    /// Contracts, each with its line.
    pub(super) contracts: Vec<[String; 2]>,
    decisions: Mutex<Vec<String>>,
    /// Invoices and credit notes are numbered.
    numbers: AtomicUsize,
    /// What was done, and how often.
    pub(super) done: Mutex<BTreeMap<&'static str, usize>>,
}

/// What is asked once: by which mutation, for the row under which field.
struct Asked {
    mutation: &'static str,
    field: &'static str,
    input: Value,
    whose: Whose,
}

/// A move of a row at the version that was seen.
fn at(row: &Value, mut more: Value) -> Value {
    (more["id"], more["expectedVersion"]) = (row["id"].clone(), row["version"].clone());
    more
}

/// One of the rows whose machine allows a move, or one of all where there is none: that is tried too.
fn pick<S: Machine + Coded>(rows: &[Value], which: usize, by: S::Move) -> Option<&Value> {
    let allows = |row: &&Value| S::EDGES.iter().any(|edge| edge.by == by && row["state"] == edge.from.code());
    let fit: Vec<_> = rows.iter().filter(allows).collect();
    nth(&fit, which).copied().or_else(|| nth(rows, which))
}

fn nth<T>(rows: &[T], which: usize) -> Option<&T> {
    rows.get(which % rows.len().max(1))
}

/// What is delivered today.
fn delivered(hundredths: i64) -> Value {
    json!({ "effectiveDate": in_days(0), "quantity": { "hundredths": hundredths } })
}

impl<'t> World<'t> {
    /// Two contracts for one service, each with too little for all that is ordered, and four decisions.
    pub(super) async fn begin(app: &'t TestApp) -> Self {
        given::cast(app).await;
        invoice::finance(app, "finance-b").await;
        invoice::finance(app, "service-guide").await;
        // Of two clients: who orders for the one does not wait for who orders for the other, but by the contract.
        let (_, first) = begun(app).await;
        let (client, number) = people::client(app, people::aino()).await;
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Palveluohjaaja vastaa asiasta." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open).await;
        let cases = [first, started(app, &client).await];
        for case in &cases {
            // The own worker keeps the relation to the client, however much time passes.
            let own = case_at(app, case, json!({ "ownWorker": subject(app, "social-worker").await, "urgent": false })).await;
            app.done("social-worker", "assessCase", "case { id }", own).await;
        }
        let service = given::service(app).await;
        let mut contracts = Vec::new();
        // Of the one, money is short; of the other, what can be ordered of its line.
        for (number, most, ceiling, price, rate) in [("HVA-1", 4_000, 50_000, 5_000, 0), ("HVA-2", 900, 70_000, 3_333, 2_550)] {
            let (mut content, mut line) = (given::contract(app, number), given::line("", &service));
            content["ceiling"] = json!({ "amountCents": ceiling });
            line["content"]["most"] = json!({ "hundredths": most });
            line["price"] = json!({ "price": { "amountCents": price }, "vatRateBp": rate });
            let (contract, line) = given::agreed(app, content, line).await;
            contracts.push([text(&contract["id"]), text(&line["id"])]);
        }
        due(app, 0).await;
        let mut decisions = Vec::new();
        for (case, cents) in [(0, 60_000), (1, 60_000), (0, 30_000), (1, 45_000)] {
            decisions.push(text(&decision::served(app, &cases[case], order::granting(&service, 15, cents)).await["id"]));
        }
        let second = app.second_process().await;
        Self { app, second, cases, service, contracts, decisions: Mutex::new(decisions), numbers: AtomicUsize::new(0), done: Mutex::default() }
    }

    /// Asks it as somebody; the row when it was done.
    async fn ask(&self, one: &Try, asked: Asked) -> Result<Option<Value>, String> {
        let (right, others) = asked.whose;
        let whose = if one.by_another { others } else { right };
        let actor = whose[one.which % whose.len()];
        let query = TestApp::mutation(asked.mutation, &format!("{} {{ id version state }}", asked.field));
        let variables = json!({ "input": asked.input });
        let answer = if one.elsewhere { self.app.post_to(&self.second, actor, &query, variables).await } else { self.app.post(actor, &query, variables).await };
        if answer.body["errors"].is_array() {
            let refused = !["INTERNAL", "none"].contains(&answer.code());
            return if refused { Ok(None) } else { Err(format!("{actor}: {} of {}: {}", asked.mutation, asked.input, answer.text)) };
        }
        let payload = &answer.body["data"][asked.mutation];
        if payload["userErrors"] != json!([]) {
            return Ok(None);
        }
        if one.by_another {
            return Err(format!("{actor} has done {} of {}", asked.mutation, asked.input));
        }
        *self.done.lock().unwrap().entry(asked.mutation).or_default() += 1;
        Ok(Some(payload[asked.field].clone()))
    }

    /// The rows that somebody sees of the company's.
    async fn seen(&self, actor: &str, list: &str, fields: &str) -> Vec<Value> {
        let query = format!("query($id: ID!) {{ list: {list}(organization: $id, first: 100) {{ nodes {{ id version state {fields} }} }} }}");
        let seen = self.app.ask(actor, &query, json!({ "id": self.app.world.organization("company") })).await;
        seen["list"]["nodes"].as_array().unwrap().clone()
    }

    async fn orders(&self) -> Vec<Value> {
        self.seen("social-worker", "orderInbox", "line { id } quantity { hundredths } deliveredQuantity { hundredths }").await
    }

    async fn events(&self) -> Vec<Value> {
        let fields = "orderNumber quantity { hundredths } unitPrice { amountCents } vatRateBp cost { amountCents }";
        self.seen("social-worker", "deliveryEvents", fields).await
    }

    async fn invoices(&self) -> Vec<Value> {
        let seen = self.app.ask("manager", "{ invoices(first: 100) { nodes { id version state } } }", json!({})).await;
        seen["invoices"]["nodes"].as_array().unwrap().clone()
    }

    /// A contract and its line, as procurement sees them.
    async fn contract(&self, which: usize) -> (Value, Value) {
        let [contract, line] = &self.contracts[which % self.contracts.len()];
        let query = "query($contract: ID!, $line: ID!) { frameworkContract(id: $contract) { id version state } contractLine(id: $line) { id version } }";
        let seen = self.app.ask("procurement", query, json!({ "contract": contract, "line": line })).await;
        (seen["frameworkContract"].clone(), seen["contractLine"].clone())
    }

    /// A decision, as the social worker sees it.
    async fn decision(&self, which: usize) -> Value {
        let id = nth(&self.decisions.lock().unwrap(), which).unwrap().clone();
        decision::seen(self.app, &json!({ "id": id })).await
    }

    fn number(&self) -> String {
        format!("N-{}", self.numbers.fetch_add(1, Ordering::Relaxed))
    }

    /// Tries one thing; what is wrong with what came of it.
    pub(super) async fn play(&self, one: &Try) -> Result<(), String> {
        match one.what {
            What::Forward => self.forward(one).await,
            What::Order(hundredths) => self.order(one, hundredths).await,
            What::Move(by) => match pick::<OrderState>(&self.orders().await, one.which, by) {
                Some(order) => self.move_order(one, order, by).await,
                None => Ok(()),
            },
            What::Record(hundredths) => match nth(&self.orders().await, one.which) {
                Some(order) => self.record(one, order, hundredths.into()).await,
                None => Ok(()),
            },
            What::Delivery(by, hundredths) => match pick::<DeliveryState>(&self.events().await, one.which, by) {
                Some(event) => self.move_event(one, event, by, hundredths).await,
                None => Ok(()),
            },
            What::Send(honest) => {
                let [_, line] = self.contracts[one.which % self.contracts.len()].clone();
                self.send(one, &line, honest).await
            }
            What::Invoice(by) => match pick::<InvoiceState>(&self.invoices().await, one.which, by) {
                Some(invoice) => self.move_invoice(one, invoice, by).await,
                None => Ok(()),
            },
            What::Contract(by) => self.move_contract(one, by).await,
            What::Price(cents) => {
                let (_, line) = self.contract(one.which).await;
                let price = json!({ "validFrom": in_days(0), "price": { "amountCents": cents }, "vatRateBp": 2_550, "reason": "Indeksi" });
                self.ask(one, Asked { mutation: "changeContractPrice", field: "contractLine", input: at(&line, json!({ "price": price })), whose: BUYS })
                    .await
                    .map(drop)
            }
            What::Decide(hundredths) => self.decide(one, hundredths, json!({})).await,
            What::Amend(hundredths) => {
                let amends = self.decision(one.which).await;
                self.decide(one, hundredths, json!({ "amends": amends["id"] })).await
            }
            What::Revoke => {
                let input = at(&self.decision(one.which).await, json!({ "reason": "Asiakas muuttaa.", "clientAgrees": true }));
                self.ask(one, Asked { mutation: "revokeServiceDecision", field: "serviceDecision", input, whose: DECIDES }).await.map(drop)
            }
            What::Time(days) => {
                let store = self.app.later(days).await;
                let done = Box::pin(api::job::due(&store)).await;
                if done.failed == 0 { Ok(()) } else { Err(format!("{} things that were due in {days} days could not be done", done.failed)) }
            }
        }
    }

    /// Takes an order a step further on its usual way.
    async fn forward(&self, one: &Try) -> Result<(), String> {
        let over = ["REJECTED", "EXPIRED", "CANCELLED", "SETTLED"];
        let orders: Vec<_> = self.orders().await.into_iter().filter(|order| !over.contains(&order["state"].as_str().unwrap())).collect();
        let Some(order) = nth(&orders, one.which) else { return self.order(one, 300).await };
        match order["state"].as_str().unwrap() {
            "DRAFT" => return self.move_order(one, order, OrderMove::Place).await,
            "PLACED" => return self.move_order(one, order, OrderMove::Confirm).await,
            "PAUSED" => return self.move_order(one, order, OrderMove::Resume).await,
            _ => {}
        }
        let events: Vec<_> = self.events().await.into_iter().filter(|event| event["orderNumber"] == order["id"]).collect();
        let in_state = |state: &str| events.iter().find(|event| event["state"] == state);
        if let Some(event) = in_state("RECORDED") {
            return self.move_event(one, event, DeliveryMove::Approve, 0).await;
        }
        if let Some(event) = in_state("DISPUTED") {
            return self.move_event(one, event, DeliveryMove::Void, 0).await;
        }
        let left = order["quantity"]["hundredths"].as_i64().unwrap() - order["deliveredQuantity"]["hundredths"].as_i64().unwrap();
        if left > 0 && !["COMPLETED", "TERMINATED"].contains(&order["state"].as_str().unwrap()) {
            return self.record(one, order, if left > 300 { left / 2 } else { left }).await;
        }
        if in_state("APPROVED").is_some() {
            return self.send(one, &text(&order["line"]["id"]), true).await;
        }
        let invoices = self.invoices().await;
        let waits = |state: &str, by| invoices.iter().find(|invoice| invoice["state"] == state).map(|invoice| (invoice, by));
        match waits("APPROVED", InvoiceMove::Pay).or_else(|| waits("MATCHED", InvoiceMove::Approve)).or_else(|| waits("MISMATCH", InvoiceMove::Match)) {
            Some((invoice, by)) => self.move_invoice(one, invoice, by).await,
            None => Ok(()),
        }
    }

    async fn order(&self, one: &Try, hundredths: i32) -> Result<(), String> {
        let decisions = self.decisions.lock().unwrap().clone();
        // By one contract for either client.
        let decision = nth(&decisions, one.which / 2 + usize::try_from(hundredths).unwrap()).unwrap();
        let [_, line] = &self.contracts[one.which % self.contracts.len()];
        let content = json!({ "startsOn": in_days(0), "endsOn": in_days(i64::from(hundredths % 20)), "quantity": { "hundredths": hundredths } });
        let input = json!({ "decision": decision, "line": line, "content": content });
        match self.ask(one, Asked { mutation: "draftPurchaseOrder", field: "purchaseOrder", input, whose: ORDERER }).await? {
            Some(draft) => self.move_order(one, &draft, OrderMove::Place).await,
            None => Ok(()),
        }
    }

    async fn move_order(&self, one: &Try, order: &Value, by: OrderMove) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            OrderMove::Place => ("placePurchaseOrder", json!({}), ORDERER),
            OrderMove::Confirm => ("confirmPurchaseOrder", json!({}), PROVIDER),
            OrderMove::Reject => ("rejectPurchaseOrder", json!({ "reason": "NO_CAPACITY" }), PROVIDER),
            OrderMove::Cancel => ("cancelPurchaseOrder", json!({}), ORDERER),
            OrderMove::Begin => ("beginPurchaseOrder", json!({}), PROVIDER),
            OrderMove::Pause => ("pausePurchaseOrder", json!({ "words": "Ohjaaja sairastui." }), EITHER),
            OrderMove::Resume => ("resumePurchaseOrder", json!({}), EITHER),
            OrderMove::Complete => ("completePurchaseOrder", json!({}), ORDERER),
            OrderMove::Terminate => ("terminatePurchaseOrder", json!({ "words": "Asiakas muuttaa." }), EITHER),
            OrderMove::Expire | OrderMove::Settle | OrderMove::UnsettleCompleted | OrderMove::UnsettleTerminated => unreachable!("nobody's mutation"),
        };
        self.ask(one, Asked { mutation, field: "purchaseOrder", input: at(order, more), whose }).await.map(drop)
    }

    async fn record(&self, one: &Try, order: &Value, hundredths: i64) -> Result<(), String> {
        let input = json!({ "order": order["id"], "content": delivered(hundredths) });
        self.ask(one, Asked { mutation: "recordDeliveryEvent", field: "deliveryEvent", input, whose: PROVIDER }).await.map(drop)
    }

    async fn move_event(&self, one: &Try, event: &Value, by: DeliveryMove, hundredths: i32) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            DeliveryMove::Approve => ("approveDeliveryEvent", json!({}), ORDERER),
            DeliveryMove::Dispute => ("disputeDeliveryEvent", json!({ "reason": "Ei käynyt." }), DISPUTES),
            DeliveryMove::Correct => ("correctDeliveryEvent", json!({ "content": delivered(hundredths.into()), "reason": "Näppäilyvirhe." }), PROVIDER),
            DeliveryMove::Void => ("voidDeliveryEvent", json!({ "reason": "Väärä tilaus." }), PROVIDER),
            DeliveryMove::Invoice | DeliveryMove::Release => unreachable!("the invoice's"),
        };
        self.ask(one, Asked { mutation, field: "deliveryEvent", input: at(event, more), whose }).await.map(drop)
    }

    /// Asks for some of what was approved of a line, as it was delivered; or dishonestly, for more.
    async fn send(&self, one: &Try, line: &str, honest: bool) -> Result<(), String> {
        let of_line: Vec<_> = self.orders().await.into_iter().filter(|order| order["line"]["id"] == *line).map(|order| order["id"].clone()).collect();
        let events: Vec<_> = self.events().await.into_iter().filter(|event| of_line.contains(&event["orderNumber"])).collect();
        let asked: Vec<_> = events.iter().filter(|event| !honest || event["state"] == "APPROVED").take(1 + one.which).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let number = |value: &Value| value.as_i64().unwrap();
        let lines = asked.iter().map(|event| {
            let more = i64::from(!honest);
            json!({ "delivery": event["id"], "quantity": { "hundredths": number(&event["quantity"]["hundredths"]) + more }, "unitPrice": event["unitPrice"], "vatRateBp": event["vatRateBp"] })
        });
        let total = asked.iter().map(|event| {
            let net = number(&event["cost"]["amountCents"]);
            net + half_up(net * number(&event["vatRateBp"]), 10_000)
        });
        let content = json!({
            "number": self.number(), "issuedOn": in_days(0), "dueOn": in_days(30), "lines": lines.collect::<Vec<_>>(), "total": { "amountCents": total.sum::<i64>() },
            "payee": { "iban": "FI21 1234 5600 0007 85" },
        });
        let contract = self.contracts.iter().find(|known| known[1] == line).map(|known| known[0].clone());
        let input = json!({ "contract": contract, "content": content });
        self.ask(one, Asked { mutation: "sendInvoice", field: "invoice", input, whose: BILLS }).await.map(drop)
    }

    async fn move_invoice(&self, one: &Try, invoice: &Value, by: InvoiceMove) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            InvoiceMove::Match => ("correctInvoice", json!({ "reason": "Toteuman mukaan." }), PAYS),
            InvoiceMove::Approve => ("approveInvoice", json!({}), PAYS),
            InvoiceMove::Pay => ("payInvoice", json!({}), PAYS),
            InvoiceMove::Reject => ("rejectInvoice", json!({ "reason": "Väärä viite." }), PAYS),
            InvoiceMove::Credit => ("creditInvoice", json!({ "number": self.number(), "reason": "Väärä viite." }), BILLS),
            InvoiceMove::Differ => unreachable!("how it comes in"),
        };
        self.ask(one, Asked { mutation, field: "invoice", input: at(invoice, more), whose }).await.map(drop)
    }

    async fn move_contract(&self, one: &Try, by: ContractMove) -> Result<(), String> {
        let mut contracts = Vec::new();
        for which in 0..self.contracts.len() {
            contracts.push(self.contract(which).await.0);
        }
        let (mutation, more) = match by {
            ContractMove::Suspend => ("suspendFrameworkContract", json!({ "reason": "Omavalvonta." })),
            ContractMove::Resume => ("resumeFrameworkContract", json!({})),
            ContractMove::Extend => ("extendFrameworkContract", json!({})),
            ContractMove::Terminate => ("terminateFrameworkContract", json!({ "reason": "Sopimusrikkomus." })),
            other => unreachable!("not tried: {other:?}"),
        };
        let Some(contract) = pick::<ContractState>(&contracts, one.which, by) else { return Ok(()) };
        self.ask(one, Asked { mutation, field: "frameworkContract", input: at(contract, more), whose: BUYS }).await.map(drop)
    }

    /// Drafts, makes and serves a decision; in the place of another, where one is named.
    async fn decide(&self, one: &Try, hundredths: i32, mut input: Value) -> Result<(), String> {
        input["case"] = json!(self.cases[one.which % 2]);
        input["content"] = order::granting(&self.service, 1, hundredths * 40);
        input["content"]["granted"]["quantity"] = json!({ "hundredths": hundredths });
        let mut made = self.ask(one, Asked { mutation: "draftServiceDecision", field: "serviceDecision", input, whose: DECIDES }).await?;
        for (mutation, more) in [("makeServiceDecision", json!({})), ("serveServiceDecision", json!({ "method": "HANDED_OVER", "sentOn": in_days(0) }))] {
            let Some(row) = made else { return Ok(()) };
            made = self.ask(one, Asked { mutation, field: "serviceDecision", input: at(&row, more), whose: DECIDES }).await?;
        }
        if let Some(row) = made {
            self.decisions.lock().unwrap().push(text(&row["id"]));
        }
        Ok(())
    }
}
