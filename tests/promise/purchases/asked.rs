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
        given::{self, due},
        invoice, provider_approval as approval, purchase_order as order,
    },
    person::given::{self as people, text},
};
use api::{clock::Clock, store::Store};
use axum::Router;
use chrono::{SubsecRound, TimeDelta, Utc};
use domain::{
    catalogue::session::day,
    code::Coded,
    funding::{
        contract::{ContractMove, ContractState},
        delivery::{DeliveryMove, DeliveryState},
        invoice::{InvoiceMove, InvoiceState},
        purchase_order::{OrderMove, OrderState},
        settlement::SettlementState,
        voucher::VoucherState,
    },
    machine::Machine,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};
use tests::TestApp;

/// Whose move it is, and some whose it is not.
pub(super) type Whose = (&'static [&'static str], &'static [&'static str]);

pub(super) const ORDERER: Whose = (&["social-worker", "service-guide"], &["provider", "finance", "client", "manager-b"]);
pub(super) const PROVIDER: Whose = (&["provider", "manager"], &["social-worker", "finance", "client", "manager-b"]);
const EITHER: Whose = (&["provider", "service-guide", "social-worker"], &["finance", "client", "manager-b", "procurement"]);
const DISPUTES: Whose = (&["social-worker", "finance"], &["provider", "client", "manager-b"]);
/// States in which an order is given.
const GIVEN: &[&str] = &["CONFIRMED", "IN_DELIVERY", "PAUSED"];
/// Who answers for the provider: sends its invoices, signs its contracts and asks for its prices.
pub(super) const MANAGES: Whose = (&["manager"], &["finance", "manager-b", "social-worker"]);
/// One of them orders too, and may not approve what it has ordered.
pub(super) const PAYS: Whose = (&["finance", "service-guide", "finance-b"], &["manager", "manager-b", "social-worker"]);
pub(super) const BUYS: Whose = (&["procurement"], &["manager", "social-worker", "finance"]);
const DECIDES: Whose = (&["social-worker"], &["provider", "procurement", "client"]);

/// What is made once under a key.
const KEYED: &[&str] = &[
    "draftPurchaseOrder",
    "recordDeliveryEvent",
    "sendInvoice",
    "issueVoucher",
    "drawUpVoucherSettlement",
    "draftFrameworkContract",
    "addContractLine",
    "draftServiceDecision",
    "reportComplaint",
    "planProcurement",
];
/// What a refusal of a whole request may be called; what rules refuse is told in the payload.
const REFUSALS: &[&str] = &["FORBIDDEN", "NOT_FOUND", "BUSY", "PURPOSE_REQUIRED"];
/// How many days pass in a sequence at the most: by then the decisions of its beginning still grant.
const LONGEST_DAYS: i64 = 80;

/// A server of two processes, and what purchases begin with.
pub(super) struct World<'t> {
    pub(super) app: &'t TestApp,
    /// How many days have passed; both processes and what is done by time go by it.
    passed: Arc<AtomicI64>,
    clock: Clock,
    processes: [Router; 2],
    by_time: Store,
    pub(super) cases: [String; 2],
    pub(super) service: String,
    /// Contracts, each with its line.
    contracts: Mutex<Vec<[String; 2]>>,
    decisions: Mutex<Vec<String>>,
    pub(super) by_voucher: ByVoucher,
    /// Invoices, credit notes and contracts are numbered.
    numbers: AtomicUsize,
    /// What was done, and how often.
    pub(super) done: Mutex<BTreeMap<&'static str, usize>>,
    /// By which rules something was refused.
    pub(super) refused: Mutex<BTreeSet<String>>,
    /// What was done under a key in this burst.
    sent: Mutex<Vec<Sent>>,
    /// How often that was answered as it was when it was sent once more.
    pub(super) replayed: AtomicUsize,
}

/// What was done under a key, by whom, and what came of it.
#[derive(Debug)]
pub(super) struct Sent {
    actor: &'static str,
    mutation: &'static str,
    field: &'static str,
    input: Value,
    row: String,
}

/// What vouchers are issued by, and those that were.
pub(super) struct ByVoucher {
    pub(super) decisions: Vec<String>,
    pub(super) service: String,
    pub(super) rulebook: String,
    /// The approval of the company, and the company as it is chosen.
    pub(super) approval: String,
    pub(super) provider: String,
    pub(super) issued: Mutex<Vec<String>>,
}

/// What is asked once: by which mutation, for the row under which field.
pub(super) struct Asked {
    pub(super) mutation: &'static str,
    pub(super) field: &'static str,
    pub(super) input: Value,
    pub(super) whose: Whose,
}

/// A move of a row at the version that was seen.
pub(super) fn at(row: &Value, mut more: Value) -> Value {
    (more["id"], more["expectedVersion"]) = (row["id"].clone(), row["version"].clone());
    more
}

/// One of the rows whose machine allows a move, or one of all where there is none: that is tried too.
pub(super) fn pick<S: Machine + Coded>(rows: &[Value], which: usize, by: S::Move) -> Option<&Value> {
    let allows = |row: &&Value| S::EDGES.iter().any(|edge| edge.by == by && row["state"] == edge.from.code());
    let fit: Vec<_> = rows.iter().filter(allows).collect();
    nth(&fit, which).copied().or_else(|| nth(rows, which))
}

pub(super) fn nth<T>(rows: &[T], which: usize) -> Option<&T> {
    rows.get(which % rows.len().max(1))
}

/// A row that is in one of these states, or one of all where there is none: that is tried too.
pub(super) fn prefer<'r>(rows: &'r [Value], which: usize, states: &[&str]) -> Option<&'r Value> {
    let fit: Vec<_> = rows.iter().filter(|row| states.contains(&row["state"].as_str().unwrap())).collect();
    nth(&fit, which).copied().or_else(|| nth(rows, which))
}

impl ByVoucher {
    /// A service that is given by voucher, the company that is approved for it, and two decisions, each of which grants less than its sessions are worth.
    async fn begin(app: &TestApp, cases: &[String; 2]) -> Self {
        let service = approval::service(app).await;
        let rulebook = approval::published_rulebook(app, &service).await;
        let approved = approval::approved_by(app, &service, &rulebook).await;
        let listed = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { nodes { id } } }";
        let listed = app.ask("", listed, json!({ "service": service })).await;
        let mut decisions = Vec::new();
        for case in cases {
            decisions.push(text(&decision::served(app, case, order::granting(&service, 15, 60_000)).await["id"]));
        }
        let provider = text(&listed["approvedProviders"]["nodes"][0]["id"]);
        Self { decisions, service, rulebook: text(&rulebook["id"]), approval: text(&approved["id"]), provider, issued: Mutex::default() }
    }
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
        let by_voucher = ByVoucher::begin(app, &cases).await;
        let passed = Arc::new(AtomicI64::new(0));
        let clock = Clock::telling({
            let passed = Arc::clone(&passed);
            move || Utc::now().trunc_subsecs(3) + TimeDelta::days(passed.load(Ordering::Relaxed))
        });
        let processes = [app.process_at(clock.clone()).await, app.process_at(clock.clone()).await];
        Self {
            app,
            passed,
            processes,
            by_time: app.store_at(clock.clone()).await,
            clock,
            cases,
            service,
            contracts: Mutex::new(contracts),
            decisions: Mutex::new(decisions),
            by_voucher,
            numbers: AtomicUsize::new(0),
            done: Mutex::default(),
            refused: Mutex::default(),
            sent: Mutex::default(),
            replayed: AtomicUsize::new(0),
        }
    }

    /// The day after so many days, as the clock of this world tells it.
    pub(super) fn day(&self, days: i64) -> String {
        day(self.clock.now() + TimeDelta::days(days)).to_string()
    }

    /// What was delivered so many days ago.
    pub(super) fn delivered(&self, hundredths: i64, ago: i64) -> Value {
        json!({ "effectiveDate": self.day(-ago), "quantity": { "hundredths": hundredths } })
    }

    pub(super) fn contracts(&self) -> Vec<[String; 2]> {
        self.contracts.lock().unwrap().clone()
    }

    /// Asks as somebody, as the time is in this world; expects data without errors.
    pub(super) async fn told(&self, actor: &str, query: &str, variables: Value) -> Value {
        let answer = self.app.post_to(&self.processes[0], actor, query, variables).await;
        assert!(answer.body["errors"].is_null(), "{actor}: {query}\n{}", answer.text);
        answer.body["data"].clone()
    }

    /// Asks it as somebody; the row when it was done.
    pub(super) async fn ask(&self, one: &Try, mut asked: Asked) -> Result<Option<Value>, String> {
        let keyed = one.again && KEYED.contains(&asked.mutation);
        if keyed {
            asked.input["idempotencyKey"] = json!(self.number());
        }
        let (right, others) = asked.whose;
        let whose = if one.by_another { others } else { right };
        let actor = whose[one.which % whose.len()];
        let query = TestApp::mutation(asked.mutation, &format!("{} {{ id version }}", asked.field));
        let variables = json!({ "input": asked.input });
        let answer = self.app.post_to(&self.processes[usize::from(one.elsewhere)], actor, &query, variables).await;
        if answer.body["errors"].is_array() {
            let refused = REFUSALS.contains(&answer.code());
            return if refused { Ok(None) } else { Err(format!("{actor}: {} of {}: {}", asked.mutation, asked.input, answer.text)) };
        }
        let payload = &answer.body["data"][asked.mutation];
        if payload["userErrors"] != json!([]) {
            let codes = payload["userErrors"].as_array().unwrap().iter().map(|fault| text(&fault["code"]));
            self.refused.lock().unwrap().extend(codes);
            return Ok(None);
        }
        if one.by_another {
            return Err(format!("{actor} has done {} of {}", asked.mutation, asked.input));
        }
        *self.done.lock().unwrap().entry(asked.mutation).or_default() += 1;
        let row = payload[asked.field].clone();
        if keyed {
            let Asked { mutation, field, input, .. } = asked;
            self.sent.lock().unwrap().push(Sent { actor, mutation, field, input, row: text(&row["id"]) });
        }
        Ok(Some(row))
    }

    /// What was done under a key since this was asked last.
    pub(super) fn to_replay(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// Sends once more what was done under a key, to the other process: the same row is answered, or nothing, where whoever has sent it may not do so any more.
    pub(super) async fn replay(&self, sent: &Sent) -> Result<(), String> {
        let query = TestApp::mutation(sent.mutation, &format!("{} {{ id }}", sent.field));
        let answer = self.app.post_to(&self.processes[1], sent.actor, &query, json!({ "input": sent.input })).await;
        let row = &answer.body["data"][sent.mutation][sent.field];
        if row.is_null() {
            return Ok(());
        }
        self.replayed.fetch_add(1, Ordering::Relaxed);
        if row["id"] == *sent.row { Ok(()) } else { Err(format!("sent once more, {sent:?} was answered {}", answer.text)) }
    }

    /// The rows that somebody sees of the company's.
    async fn seen(&self, actor: &str, list: &str, fields: &str) -> Vec<Value> {
        let query = format!("query($id: ID!) {{ list: {list}(organization: $id, first: 100) {{ nodes {{ id version state {fields} }} }} }}");
        let seen = self.told(actor, &query, json!({ "id": self.app.world.organization("company") })).await;
        seen["list"]["nodes"].as_array().unwrap().clone()
    }

    pub(super) async fn orders(&self) -> Vec<Value> {
        self.seen("social-worker", "orderInbox", "line { id } quantity { hundredths } deliveredQuantity { hundredths }").await
    }

    pub(super) async fn events(&self) -> Vec<Value> {
        let fields = "orderNumber voucher { id } effectiveDate quantity { hundredths } unitPrice { amountCents } vatRateBp cost { amountCents }";
        self.seen("social-worker", "deliveryEvents", fields).await
    }

    async fn invoices(&self) -> Vec<Value> {
        let seen = self.told("manager", "{ invoices(first: 100) { nodes { id version state } } }", json!({})).await;
        seen["invoices"]["nodes"].as_array().unwrap().clone()
    }

    /// A contract and its line, as procurement sees them.
    async fn contract(&self, which: usize) -> (Value, Value) {
        let contracts = self.contracts();
        let [contract, line] = &contracts[which % contracts.len()];
        let query = "query($contract: ID!, $line: ID!) { frameworkContract(id: $contract) { id version state } contractLine(id: $line) { id version } }";
        let seen = self.told("procurement", query, json!({ "contract": contract, "line": line })).await;
        (seen["frameworkContract"].clone(), seen["contractLine"].clone())
    }

    /// One of these decisions, as the social worker sees it.
    async fn decision(&self, of: &[String], which: usize) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on ServiceDecision { id version } } }";
        self.told("social-worker", query, json!({ "id": nth(of, which).unwrap() })).await["node"].clone()
    }

    fn decisions(&self) -> Vec<String> {
        self.decisions.lock().unwrap().clone()
    }

    pub(super) fn number(&self) -> String {
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
            What::Record(hundredths, ago) => match prefer(&self.orders().await, one.which, GIVEN) {
                Some(order) => self.record(one, order, hundredths.into(), ago).await,
                None => Ok(()),
            },
            What::Delivery(by, hundredths, ago) => match pick::<DeliveryState>(&self.events().await, one.which, by) {
                Some(event) => self.move_event(one, event, by, (hundredths, ago)).await,
                None => Ok(()),
            },
            What::Send(honest) => {
                let contracts = self.contracts();
                let [_, line] = &contracts[one.which % contracts.len()];
                self.send(one, line, honest).await
            }
            What::Invoice(by) => match pick::<InvoiceState>(&self.invoices().await, one.which, by) {
                Some(invoice) => self.move_invoice(one, invoice, by).await,
                None => Ok(()),
            },
            What::Issue(hundredths) => self.issue(one, hundredths).await,
            What::Voucher(by) => match pick::<VoucherState>(&self.vouchers().await, one.which, by) {
                Some(voucher) => self.move_voucher(one, voucher, by).await,
                None => Ok(()),
            },
            What::Use(hundredths, ago) => match prefer(&self.vouchers().await, one.which, &["CHOSEN", "IN_USE"]) {
                Some(voucher) => self.use_voucher(one, voucher, hundredths.into(), ago).await,
                None => Ok(()),
            },
            What::Settle(ago) => self.settle(one, ago).await,
            What::Settlement(by) => match pick::<SettlementState>(&self.settlements().await, one.which, by) {
                Some(settlement) => self.move_settlement(one, settlement, by).await,
                None => Ok(()),
            },
            What::Listed(cents) => self.listed(one, cents).await,
            What::Contract(by) => self.move_contract(one, by).await,
            What::Renew => self.renew(one).await,
            What::Price(cents, from) => {
                let (_, line) = self.contract(one.which).await;
                let price = json!({ "validFrom": self.day(from), "price": { "amountCents": cents }, "vatRateBp": 2_550, "reason": "Indeksi" });
                self.ask(one, Asked { mutation: "changeContractPrice", field: "contractLine", input: at(&line, json!({ "price": price })), whose: BUYS })
                    .await
                    .map(drop)
            }
            What::Decide(hundredths) => self.decide(one, hundredths, json!({})).await,
            What::Amend(hundredths) => {
                let amends = self.decision(&self.decisions(), one.which).await;
                self.decide(one, hundredths, json!({ "amends": amends["id"] })).await
            }
            What::Revoke => {
                let all = [self.decisions(), self.by_voucher.decisions.clone()].concat();
                let input = at(&self.decision(&all, one.which).await, json!({ "reason": "Asiakas muuttaa.", "clientAgrees": true }));
                self.ask(one, Asked { mutation: "revokeServiceDecision", field: "serviceDecision", input, whose: DECIDES }).await.map(drop)
            }
            What::Complain => self.complain(one).await,
            What::Complaint(by) => self.move_complaint(one, by).await,
            What::Procurement(by) => self.procure(one, by).await,
            What::Close => self.close(one).await,
            What::Time(days) => {
                let later = |passed: i64| Some((passed + days).min(LONGEST_DAYS));
                self.passed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).unwrap();
                let done = api::job::due(&self.by_time).await;
                if done.failed == 0 { Ok(()) } else { Err(format!("{} things that were due after {days} days could not be done", done.failed)) }
            }
        }
    }

    /// Takes an order or a voucher a step further on its usual way.
    async fn forward(&self, one: &Try) -> Result<(), String> {
        if one.which % 2 == 1 {
            return self.forward_voucher(one).await;
        }
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
            return self.move_event(one, event, DeliveryMove::Approve, (0, 0)).await;
        }
        if let Some(event) = in_state("DISPUTED") {
            return self.move_event(one, event, DeliveryMove::Void, (0, 0)).await;
        }
        let left = order["quantity"]["hundredths"].as_i64().unwrap() - order["deliveredQuantity"]["hundredths"].as_i64().unwrap();
        if left > 0 && !["COMPLETED", "TERMINATED"].contains(&order["state"].as_str().unwrap()) {
            return self.record(one, order, if left > 300 { left / 2 } else { left }, 0).await;
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
        let (decisions, contracts) = (self.decisions(), self.contracts());
        // By one contract for either client.
        let decision = nth(&decisions, one.which / 2 + usize::try_from(hundredths).unwrap()).unwrap();
        let [_, line] = nth(&contracts, one.which).unwrap();
        let content = json!({ "startsOn": self.day(0), "endsOn": self.day(i64::from(hundredths % 40)), "quantity": { "hundredths": hundredths } });
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

    async fn record(&self, one: &Try, order: &Value, hundredths: i64, ago: i64) -> Result<(), String> {
        let input = json!({ "order": order["id"], "content": self.delivered(hundredths, ago) });
        self.ask(one, Asked { mutation: "recordDeliveryEvent", field: "deliveryEvent", input, whose: PROVIDER }).await.map(drop)
    }

    pub(super) async fn move_event(&self, one: &Try, event: &Value, by: DeliveryMove, (hundredths, ago): (i32, i64)) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            DeliveryMove::Approve => ("approveDeliveryEvent", json!({}), ORDERER),
            DeliveryMove::Dispute => ("disputeDeliveryEvent", json!({ "reason": "Ei käynyt." }), DISPUTES),
            DeliveryMove::Correct => {
                ("correctDeliveryEvent", json!({ "content": self.delivered(hundredths.into(), ago), "reason": "Näppäilyvirhe." }), PROVIDER)
            }
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
            "number": self.number(), "issuedOn": self.day(0), "dueOn": self.day(30), "lines": lines.collect::<Vec<_>>(), "total": { "amountCents": total.sum::<i64>() },
            "payee": { "iban": "FI21 1234 5600 0007 85" },
        });
        let contract = self.contracts().into_iter().find(|known| known[1] == line).map(|[contract, _]| contract);
        let input = json!({ "contract": contract, "content": content });
        self.ask(one, Asked { mutation: "sendInvoice", field: "invoice", input, whose: MANAGES }).await.map(drop)
    }

    async fn move_invoice(&self, one: &Try, invoice: &Value, by: InvoiceMove) -> Result<(), String> {
        let (mutation, more, whose) = match by {
            InvoiceMove::Match => ("correctInvoice", json!({ "reason": "Toteuman mukaan." }), PAYS),
            InvoiceMove::Approve => ("approveInvoice", json!({}), PAYS),
            InvoiceMove::Pay => ("payInvoice", json!({}), PAYS),
            InvoiceMove::Reject => ("rejectInvoice", json!({ "reason": "Väärä viite." }), PAYS),
            InvoiceMove::Credit => ("creditInvoice", json!({ "number": self.number(), "reason": "Väärä viite." }), MANAGES),
            InvoiceMove::Differ => unreachable!("how it comes in"),
        };
        self.ask(one, Asked { mutation, field: "invoice", input: at(invoice, more), whose }).await.map(drop)
    }

    async fn move_contract(&self, one: &Try, by: ContractMove) -> Result<(), String> {
        let mut contracts = Vec::new();
        for which in 0..self.contracts().len() {
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

    /// Draws up another contract for the same service, which both sides sign.
    async fn renew(&self, one: &Try) -> Result<(), String> {
        let mut content = given::contract(self.app, &self.number());
        (content["validFrom"], content["ceiling"]) = (json!(self.day(0)), json!({ "amountCents": 40_000 }));
        let draft = json!({ "organization": self.app.world.organization("county"), "content": content });
        let drafted = self.ask(one, Asked { mutation: "draftFrameworkContract", field: "frameworkContract", input: draft, whose: BUYS }).await?;
        let Some(contract) = drafted else { return Ok(()) };
        let line = given::line(contract["id"].as_str().unwrap(), &self.service);
        let Some(line) = self.ask(one, Asked { mutation: "addContractLine", field: "contractLine", input: line, whose: BUYS }).await? else { return Ok(()) };
        let mut made = Some(contract);
        for (mutation, whose) in [("offerFrameworkContract", BUYS), ("signFrameworkContract", MANAGES)] {
            let Some(row) = made else { return Ok(()) };
            made = self.ask(one, Asked { mutation, field: "frameworkContract", input: at(&row, json!({})), whose }).await?;
        }
        if let Some(row) = made {
            self.contracts.lock().unwrap().push([text(&row["id"]), text(&line["id"])]);
        }
        Ok(())
    }

    /// Drafts, makes and serves a decision; in the place of another, where one is named.
    async fn decide(&self, one: &Try, hundredths: i32, mut input: Value) -> Result<(), String> {
        input["case"] = json!(self.cases[one.which % 2]);
        input["content"] = order::granting(&self.service, 1, hundredths * 40);
        let granted = &mut input["content"]["granted"];
        granted["quantity"] = json!({ "hundredths": hundredths });
        (granted["validFrom"], granted["validTo"]) = (json!(self.day(0)), json!(self.day(60)));
        let mut made = self.ask(one, Asked { mutation: "draftServiceDecision", field: "serviceDecision", input, whose: DECIDES }).await?;
        for (mutation, more) in [("makeServiceDecision", json!({})), ("serveServiceDecision", json!({ "method": "HANDED_OVER", "sentOn": self.day(0) }))] {
            let Some(row) = made else { return Ok(()) };
            made = self.ask(one, Asked { mutation, field: "serviceDecision", input: at(&row, more), whose: DECIDES }).await?;
        }
        if let Some(row) = made {
            self.decisions.lock().unwrap().push(text(&row["id"]));
        }
        Ok(())
    }
}
