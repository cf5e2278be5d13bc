//! What must hold of purchases, worked out from the rows of the database: neither by the sums of the server nor by its rounding.
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use domain::{
    casework::service_decision::DecisionState,
    catalogue::session::day,
    code::Coded,
    funding::{
        complaint::ComplaintState, contract::ContractState, delivery::DeliveryState, invoice::InvoiceState, procurement::ProcurementState,
        provider_approval::ApprovalState, purchase_order::OrderState, report::ReportState, settlement::SettlementState, voucher::VoucherState,
    },
    machine::Machine,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tests::{Kind, TestApp, texts};

/// An amount divided, half of one rounded up.
pub(super) const fn half_up(amount: i64, by: i64) -> i64 {
    (2 * amount + by).div_euclid(2 * by)
}

/// How a column is read.
#[derive(Clone, Copy)]
enum Column {
    Plain(&'static str),
    /// An id, without its hyphens.
    Id(&'static str),
    /// A time, in UTC to the second.
    Time(&'static str),
}
use Column::{Id, Plain, Time};

/// What is read of which tables.
const READ: &[(&str, &[Column])] = &[
    (
        "purchase_order",
        &[
            Id("id"),
            Id("case_id"),
            Id("decision_id"),
            Id("contract_id"),
            Id("line_id"),
            Plain("state"),
            Plain("quantity_hundredths"),
            Plain("cost_cents"),
            Plain("unit_price_cents"),
            Plain("vat_rate_bp"),
            Plain("delivered_hundredths"),
            Plain("delivered_cents"),
            Time("placed_at"),
            Plain("placed_by"),
            Plain("starts_on"),
            Plain("agreed_start_on"),
            Plain("ended_on"),
        ],
    ),
    (
        "voucher",
        &[
            Id("id"),
            Id("decision_id"),
            Plain("state"),
            Plain("quantity_hundredths"),
            Plain("value_cents"),
            Plain("unit_price_cents"),
            Plain("vat_rate_bp"),
            Plain("used_hundredths"),
            Plain("used_cents"),
            Plain("issued_by"),
        ],
    ),
    (
        "delivery_event",
        &[
            Id("id"),
            Id("ground_id"),
            Id("line_id"),
            Id("provider_id"),
            Plain("own_share_cents"),
            Plain("kind"),
            Plain("state"),
            Plain("effective_date"),
            Plain("quantity_hundredths"),
            Plain("cost_cents"),
            Plain("unit_price_cents"),
            Plain("vat_rate_bp"),
            Plain("recorded_by"),
            Plain("approved_by"),
        ],
    ),
    ("contract_line", &[Id("id"), Id("contract_id"), Plain("content")]),
    ("framework_contract", &[Id("id"), Plain("state"), Plain("ceiling_cents")]),
    ("client_case", &[Id("id"), Plain("stage")]),
    ("service_decision", &[Id("id"), Plain("quantity_hundredths"), Plain("value_cents")]),
    (
        "drawdown",
        &[
            Id("line_id"),
            Plain("month"),
            Plain("ordered_hundredths"),
            Plain("ordered_cents"),
            Plain("delivered_hundredths"),
            Plain("delivered_cents"),
            Plain("invoiced_hundredths"),
            Plain("invoiced_cents"),
        ],
    ),
    (
        "invoice",
        &[Id("id"), Plain("state"), Plain("net_cents"), Plain("vat_cents"), Plain("sent_by"), Plain("corrected_by"), Plain("approved_by"), Plain("reckoned")],
    ),
    (
        "voucher_settlement",
        &[Id("id"), Id("provider_id"), Plain("state"), Plain("through"), Plain("total_cents"), Plain("drawn_up_by"), Plain("approved_by"), Plain("reckoned")],
    ),
];

/// A row, by the names of its columns.
struct Row(BTreeMap<&'static str, String>);

impl Row {
    fn text(&self, column: &str) -> &str {
        &self.0[column]
    }

    fn number(&self, column: &str) -> i64 {
        if self.0[column].is_empty() { 0 } else { self.0[column].parse().unwrap() }
    }

    /// The bound that a column says, where it says one.
    fn bound(&self, column: &str) -> i64 {
        if self.0[column].is_empty() { i64::MAX } else { self.number(column) }
    }

    fn json(&self, column: &str) -> Value {
        serde_json::from_str(&self.0[column]).unwrap()
    }

    fn is(&self, states: &[&str]) -> bool {
        states.contains(&self.text("state"))
    }

    /// The day that a column says, where it says one.
    fn date(&self, column: &str) -> Option<NaiveDate> {
        self.text(column).parse().ok()
    }

    /// Nothing was given for it: an order was cancelled late.
    fn is_fee(&self) -> bool {
        self.text("kind") == "CANCELLATION_FEE"
    }
}

/// How much of something, in hundredths and in cents.
type Drawn = [i64; 2];

fn add(to: &mut Drawn, more: Drawn) {
    for (sum, more) in to.iter_mut().zip(more) {
        *sum += more;
    }
}

const OVER: &[&str] = &["COMPLETED", "TERMINATED", "SETTLED"];
const BEGUN: &[&str] = &["IN_DELIVERY", "PAUSED", "COMPLETED", "TERMINATED", "SETTLED"];
const ORDERED: &[&str] = &["PLACED", "CONFIRMED", "IN_DELIVERY", "PAUSED"];
const COUNTED: &[&str] = &["MATCHED", "APPROVED", "PAID"];
const SETTLED: &[&str] = &["DRAWN_UP", "APPROVED", "PAID"];
/// States in which a voucher takes all it is worth of what its decision grants.
const OPEN: &[&str] = &["ISSUED", "CHOSEN", "IN_USE"];

/// The rows of a database, as they are at one moment.
pub(super) struct Books(BTreeMap<&'static str, Vec<Row>>);

impl Books {
    /// Reads them, past all doors.
    pub(super) async fn read(app: &TestApp) -> Self {
        let expression = |column: &Column| match (column, app.kind) {
            (Plain(name), _) => format!("COALESCE(CAST({name} AS TEXT), '')"),
            (Id(name), Kind::Sqlite) => format!("LOWER(HEX({name}))"),
            (Id(name), Kind::Postgres) => format!("COALESCE(REPLACE(CAST({name} AS TEXT), '-', ''), '')"),
            (Time(name), Kind::Sqlite) => format!("COALESCE(DATETIME({name}), '')"),
            (Time(name), Kind::Postgres) => format!("COALESCE(TO_CHAR({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '')"),
        };
        let of = |(table, columns): &(&str, &[Column])| {
            let columns: Vec<_> = columns.iter().map(expression).collect();
            format!("SELECT '{table}' || '\t' || {} FROM {table}", columns.join(" || '\t' || "))
        };
        // One question for all, so that it is of one moment.
        let query: Vec<_> = READ.iter().map(of).collect();
        let mut tables: BTreeMap<&'static str, Vec<Row>> = READ.iter().map(|(table, _)| (*table, Vec::new())).collect();
        for line in texts(app.database(), &query.join(" UNION ALL ")).await {
            let (table, values) = line.split_once('\t').unwrap();
            let (table, columns) = READ.iter().find(|(known, _)| *known == table).unwrap();
            let names = columns.iter().map(|(Plain(name) | Id(name) | Time(name))| *name);
            tables.get_mut(table).unwrap().push(Row(names.zip(values.split('\t').map(str::to_owned)).collect()));
        }
        Self(tables)
    }

    fn of(&self, table: &str) -> &[Row] {
        &self.0[table]
    }

    /// The tables in which there is something else than in others.
    pub(super) fn differs_from(&self, others: &Self) -> Vec<&'static str> {
        let rows = |books: &Self, table: &str| books.of(table).iter().map(|row| row.0.clone()).collect::<BTreeSet<_>>();
        self.0.keys().copied().filter(|table| rows(self, table) != rows(others, table)).collect()
    }

    /// The events of an order or a voucher that count for something.
    fn events<'b>(&'b self, order: &'b Row) -> impl Iterator<Item = &'b Row> {
        self.of("delivery_event").iter().filter(|event| event.text("ground_id") == order.text("id") && event.text("state") != "VOIDED")
    }

    fn delivered(&self, order: &Row) -> Drawn {
        let mut sum = [0, 0];
        self.events(order).for_each(|event| add(&mut sum, [event.number("quantity_hundredths"), event.number("cost_cents")]));
        sum
    }

    /// What a voucher takes of what its decision grants.
    fn granted(&self, voucher: &Row) -> Drawn {
        let quantity = voucher.number("quantity_hundredths");
        if voucher.is(OPEN) { [quantity, half_up(quantity * voucher.number("value_cents"), 100)] } else { self.delivered(voucher) }
    }

    /// What an order takes of what is granted to the client, who is given nothing for a fee.
    fn given(&self, order: &Row) -> Drawn {
        let mut sum = self.drawn(order);
        self.events(order).filter(|event| event.is_fee()).for_each(|event| add(&mut sum, [-event.number("quantity_hundredths"), -event.number("cost_cents")]));
        sum
    }

    /// What an order takes of what may be ordered: of one that was cancelled, the fee for that, and what was given of it before.
    fn drawn(&self, order: &Row) -> Drawn {
        if order.is(ORDERED) { [order.number("quantity_hundredths"), order.number("cost_cents")] } else { self.delivered(order) }
    }

    /// The invoices in some states, each with its lines.
    fn invoices(&self, states: &[&str]) -> Vec<(&Row, Vec<Value>)> {
        self.with_lines("invoice", states)
    }

    fn with_lines(&self, table: &str, states: &[&str]) -> Vec<(&Row, Vec<Value>)> {
        let with_lines = |row| (row, Row::json(row, "reckoned")["lines"].as_array().unwrap().clone());
        self.of(table).iter().filter(|row| row.is(states)).map(with_lines).collect()
    }

    /// What was delivered of orders, and not by vouchers.
    fn ordered(&self) -> impl Iterator<Item = &Row> {
        self.of("delivery_event").iter().filter(|event| !event.text("line_id").is_empty())
    }

    /// What has been ordered, delivered and invoiced by a contract, in cents.
    pub(super) fn cents_of(&self, contract: &str) -> [i64; 3] {
        let lines: Vec<_> = self.of("contract_line").iter().filter(|line| line.text("contract_id") == contract).map(|line| line.text("id")).collect();
        let mut sums = [0; 3];
        for ((line, _), counted) in self.counters() {
            if lines.contains(&line.as_str()) {
                for (sum, [_, cents]) in sums.iter_mut().zip(counted) {
                    *sum += cents;
                }
            }
        }
        sums
    }

    /// What is to be counted by line and month: ordered, delivered and invoiced.
    fn counters(&self) -> BTreeMap<(String, String), [Drawn; 3]> {
        let mut out: BTreeMap<(String, String), [Drawn; 3]> = BTreeMap::new();
        for order in self.of("purchase_order").iter().filter(|order| !order.text("placed_at").is_empty()) {
            let placed = NaiveDateTime::parse_from_str(order.text("placed_at"), "%Y-%m-%d %H:%M:%S").unwrap();
            let month = day(placed.and_utc()).with_day(1).unwrap().to_string();
            add(&mut out.entry((order.text("line_id").to_owned(), month)).or_default()[0], self.drawn(order));
        }
        for event in self.ordered().filter(|event| event.text("state") != "VOIDED") {
            let month = format!("{}-01", &event.text("effective_date")[..7]);
            let counted = out.entry((event.text("line_id").to_owned(), month)).or_default();
            let drawn = [event.number("quantity_hundredths"), event.number("cost_cents")];
            add(&mut counted[1], drawn);
            if event.is(&["INVOICED"]) {
                add(&mut counted[2], drawn);
            }
        }
        out.retain(|_, counted| *counted != [[0, 0]; 3]);
        out
    }

    /// Everything that does not hold.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut out = Vec::new();
        self.check_orders(&mut out);
        self.check_ceilings(&mut out);
        self.check_counters(&mut out);
        self.check_invoices(&mut out);
        self.check_vouchers(&mut out);
        self.check_settlements(&mut out);
        out
    }

    fn check_orders(&self, out: &mut Vec<String>) {
        let paid: BTreeSet<_> = self.invoices(&["PAID"]).iter().flat_map(|(_, lines)| lines.iter().map(delivery_of)).collect();
        for order in self.of("purchase_order") {
            let (id, given, cost) = (order.text("id"), self.delivered(order), order.number("cost_cents"));
            let mut tell = |holds: bool, what: String| {
                if !holds {
                    out.push(format!("order {id}: {what}"));
                }
            };
            let says = [order.number("delivered_hundredths"), order.number("delivered_cents")];
            tell(says == given, format!("says {says:?} were delivered, its events {given:?}"));
            tell(given[0] <= order.number("quantity_hundredths") && given[1] <= cost, format!("{given:?} were delivered, more than was ordered"));
            let full = half_up(order.number("quantity_hundredths") * order.number("unit_price_cents"), 100);
            tell(order.text("placed_at").is_empty() || cost == full, format!("costs {cost}, by its price {full}"));
            let events: Vec<_> = self.events(order).collect();
            let all_paid = !events.is_empty() && events.iter().all(|event| paid.contains(event.text("id")));
            tell(order.is(&["SETTLED"]) == (order.is(OVER) && all_paid), format!("is {}, and that all of it was paid is {all_paid}", order.text("state")));
            // Who cancels what was confirmed later than five days before it begins pays a quarter of it; with its contract or its case it goes without a fee. Who ends
            // it before its time pays no more than that.
            let late =
                order.is(&["CANCELLED"]) && order.date("agreed_start_on").zip(order.date("ended_on")).is_some_and(|(first, on)| (first - on).num_days() < 5);
            let contract_ended =
                self.of("framework_contract").iter().any(|contract| contract.text("id") == order.text("contract_id") && contract.is(&["TERMINATED"]));
            let case_closed = self.of("client_case").iter().any(|case| case.text("id") == order.text("case_id") && case.text("stage") == "CLOSED");
            let fees = self.of("delivery_event").iter().filter(|event| event.text("ground_id") == id && event.is_fee());
            let charged = fees.map(|event| event.number("quantity_hundredths")).sum::<i64>();
            let quarter = half_up(order.number("quantity_hundredths") * 2_500, 10_000);
            let fits =
                if late { charged == quarter || (contract_ended || case_closed) && charged == 0 } else { charged == 0 || order.is(OVER) && charged <= quarter };
            tell(fits, format!("of it {charged} are a fee, and a quarter is {quarter}"));
            let begun_by_then = order.is(&["CANCELLED"]) && order.date("agreed_start_on").is_some_and(|first| Some(first) <= order.date("ended_on"));
            for event in &events {
                let in_time =
                    begun_by_then && event.date("effective_date") >= order.date("agreed_start_on") && event.date("effective_date") <= order.date("ended_on");
                tell(order.is(BEGUN) || event.is_fee() || in_time, format!("is {}, and something was delivered", order.text("state")));
                for column in ["unit_price_cents", "vat_rate_bp"] {
                    tell(event.text(column) == order.text(column), format!("{column} of a delivery is {}", event.text(column)));
                }
                // Of the last, what rounding would put on top of the order is left out: at most half a cent for each of the others.
                let full = half_up(event.number("quantity_hundredths") * event.number("unit_price_cents"), 100);
                let left_out = full - event.number("cost_cents");
                tell((0..=i64::try_from(events.len()).unwrap()).contains(&left_out), format!("a delivery costs {left_out} less than {full}"));
            }
        }
    }

    fn check_ceilings(&self, out: &mut Vec<String>) {
        let sum_of = |by: &dyn Fn(&Row) -> bool, of: &dyn Fn(&Row) -> Drawn| {
            let mut sum = [0, 0];
            self.of("purchase_order").iter().filter(|order| by(order)).for_each(|order| add(&mut sum, of(order)));
            sum
        };
        let ordered = |by: &dyn Fn(&Row) -> bool| sum_of(by, &|order| self.drawn(order));
        let mut check = |what: &str, row: &Row, sum: Drawn, most: Drawn| {
            if sum.iter().zip(most).any(|(sum, most)| *sum > most) {
                out.push(format!("{what} {}: {sum:?} are ordered, and {most:?} allowed", row.text("id")));
            }
        };
        for decision in self.of("service_decision") {
            let mut sum = sum_of(&|order| order.text("decision_id") == decision.text("id"), &|order| self.given(order));
            let vouchers = self.of("voucher").iter().filter(|voucher| voucher.text("decision_id") == decision.text("id"));
            vouchers.for_each(|voucher| add(&mut sum, self.granted(voucher)));
            check("decision", decision, sum, [decision.bound("quantity_hundredths"), decision.bound("value_cents")]);
        }
        for contract in self.of("framework_contract") {
            let mut all = [0, 0];
            for line in self.of("contract_line").iter().filter(|line| line.text("contract_id") == contract.text("id")) {
                let sum = ordered(&|order| order.text("line_id") == line.text("id"));
                let content = line.json("content");
                let most = [&content["most"]["hundredths"], &content["ceiling"]["amountCents"]].map(|most| most.as_i64().unwrap_or(i64::MAX));
                check("line", line, sum, most);
                add(&mut all, sum);
            }
            check("contract", contract, all, [i64::MAX, contract.number("ceiling_cents")]);
        }
    }

    fn check_counters(&self, out: &mut Vec<String>) {
        let of = |row: &Row| {
            let counted = ["ordered", "delivered", "invoiced"].map(|what| ["hundredths", "cents"].map(|unit| row.number(&format!("{what}_{unit}"))));
            ((row.text("line_id").to_owned(), row.text("month").to_owned()), counted)
        };
        let counted: BTreeMap<_, _> = self.of("drawdown").iter().map(of).filter(|(_, counted)| *counted != [[0, 0]; 3]).collect();
        let found = self.counters();
        if counted != found {
            out.push(format!("counted are {counted:?}, and there are {found:?}"));
        }
    }

    fn check_invoices(&self, out: &mut Vec<String>) {
        let events: BTreeMap<_, _> = self.of("delivery_event").iter().map(|event| (event.text("id"), event)).collect();
        let orders: BTreeMap<_, _> = self.of("purchase_order").iter().map(|order| (order.text("id"), order)).collect();
        let mut on = BTreeSet::new();
        for (invoice, lines) in self.invoices(COUNTED) {
            let id = invoice.text("id");
            let (mut net, mut vat) = (0, 0);
            for line in &lines {
                let delivery = delivery_of(line);
                let event = events[delivery.as_str()];
                let cost = event.number("cost_cents");
                net += cost;
                vat += half_up(cost * event.number("vat_rate_bp"), 10_000);
                let same = line["quantity"]["hundredths"] == event.number("quantity_hundredths") && line["netCents"] == cost;
                if !same || !event.is(&["INVOICED"]) || !on.insert(delivery.clone()) {
                    out.push(format!("invoice {id}: {line} of a delivery that is {} and costs {cost}", event.text("state")));
                }
                let approver = invoice.text("approved_by");
                let concerned = [
                    event.text("recorded_by"),
                    event.text("approved_by"),
                    orders[event.text("ground_id")].text("placed_by"),
                    invoice.text("sent_by"),
                    invoice.text("corrected_by"),
                ];
                if !approver.is_empty() && concerned.contains(&approver) {
                    out.push(format!("invoice {id}: approved by {approver}, who had to do with it"));
                }
            }
            let says = (invoice.number("net_cents"), invoice.number("vat_cents"));
            if says != (net, vat) {
                out.push(format!("invoice {id}: says {says:?}, and its deliveries come to {:?}", (net, vat)));
            }
        }
        for event in self.ordered().filter(|event| event.is(&["INVOICED"]) && !on.contains(event.text("id"))) {
            out.push(format!("delivery {}: invoiced, and on no invoice", event.text("id")));
        }
    }

    fn check_vouchers(&self, out: &mut Vec<String>) {
        for voucher in self.of("voucher") {
            let (id, used, quantity) = (voucher.text("id"), self.delivered(voucher), voucher.number("quantity_hundredths"));
            let mut tell = |holds: bool, what: String| {
                if !holds {
                    out.push(format!("voucher {id}: {what}"));
                }
            };
            let says = [voucher.number("used_hundredths"), voucher.number("used_cents")];
            tell(says == used, format!("says {says:?} are used, its events {used:?}"));
            tell(used[0] <= quantity, format!("{used:?} are used of {quantity}"));
            let state = voucher.text("state");
            let fits = match state {
                "ISSUED" | "REFUSED" | "CHOSEN" => used[0] == 0,
                "IN_USE" => used[0] > 0 && used[0] < quantity,
                "USED_UP" => used[0] == quantity,
                _ => true,
            };
            tell(fits, format!("is {state}, and {used:?} are used of {quantity}"));
            // A unit costs its price with the tax; the voucher covers of it what it is worth, and the rest is the client's.
            let price = voucher.number("unit_price_cents");
            let gross = price + half_up(price * voucher.number("vat_rate_bp"), 10_000);
            let covered = gross.min(voucher.number("value_cents"));
            let own = |hundredths: i64| if gross == covered { 0 } else { half_up(hundredths * gross, 100) - half_up(hundredths * covered, 100) };
            let events: Vec<_> = self.events(voucher).collect();
            tell(used[1] <= half_up(quantity * covered, 100), format!("{used:?} are used, more than it covers"));
            tell(events.iter().map(|event| event.number("own_share_cents")).sum::<i64>() <= own(quantity), "the client pays more than was told".to_owned());
            for event in &events {
                let (hundredths, share) = (event.number("quantity_hundredths"), event.number("own_share_cents"));
                let left_out = half_up(hundredths * covered, 100) - event.number("cost_cents");
                tell((0..=i64::try_from(events.len()).unwrap()).contains(&left_out), format!("a delivery costs {left_out} less than it covers"));
                tell((0..=own(hundredths)).contains(&share), format!("of a delivery {share} are the client's, and not {}", own(hundredths)));
                for column in ["unit_price_cents", "vat_rate_bp"] {
                    tell(event.text(column) == voucher.text(column), format!("{column} of a delivery is {}", event.text(column)));
                }
            }
        }
    }

    fn check_settlements(&self, out: &mut Vec<String>) {
        let events: BTreeMap<_, _> = self.of("delivery_event").iter().map(|event| (event.text("id"), event)).collect();
        let vouchers: BTreeMap<_, _> = self.of("voucher").iter().map(|voucher| (voucher.text("id"), voucher)).collect();
        let mut on = BTreeSet::new();
        for (settlement, lines) in self.with_lines("voucher_settlement", SETTLED) {
            let (id, approver) = (settlement.text("id"), settlement.text("approved_by"));
            let mut sum = 0;
            for line in &lines {
                let delivery = delivery_of(line);
                let event = events[delivery.as_str()];
                let (cost, share) = (event.number("cost_cents"), event.number("own_share_cents"));
                sum += cost;
                let same =
                    line["quantity"]["hundredths"] == event.number("quantity_hundredths") && line["coveredCents"] == cost && line["ownShareCents"] == share;
                let due = event.text("effective_date") <= settlement.text("through") && event.text("provider_id") == settlement.text("provider_id");
                if !same || !due || !event.is(&["INVOICED"]) || !on.insert(delivery.clone()) {
                    out.push(format!("settlement {id}: {line} of a delivery that is {} and costs {cost}", event.text("state")));
                }
                let voucher = vouchers[event.text("ground_id")];
                let concerned = [event.text("recorded_by"), event.text("approved_by"), voucher.text("issued_by"), settlement.text("drawn_up_by")];
                if !approver.is_empty() && concerned.contains(&approver) {
                    out.push(format!("settlement {id}: approved by {approver}, who had to do with it"));
                }
            }
            if settlement.number("total_cents") != sum {
                out.push(format!("settlement {id}: says {}, and its deliveries come to {sum}", settlement.number("total_cents")));
            }
        }
        let by_voucher = self.of("delivery_event").iter().filter(|event| event.text("line_id").is_empty());
        for event in by_voucher.filter(|event| event.is(&["INVOICED"]) && !on.contains(event.text("id"))) {
            out.push(format!("delivery {}: settled, and in no settlement", event.text("id")));
        }
    }
}

/// The delivery of a line of an invoice or a settlement.
fn delivery_of(line: &Value) -> String {
    line["delivery"].as_str().unwrap().replace('-', "")
}

/// A resource, the states in which its rows are made, and whether a machine leads from one state to another.
type Walk = (&'static str, &'static [&'static str], fn(&str, &str) -> bool);

/// Every change of state that the audit knows of and no machine has.
pub(super) async fn illegal(app: &TestApp) -> Vec<String> {
    fn is_move<S: Machine + Coded>(from: &str, to: &str) -> bool {
        from == to || S::EDGES.iter().any(|edge| edge.from.code() == from && edge.to.code() == to)
    }
    let machines: &[Walk] = &[
        ("PurchaseOrder", &["DRAFT"], is_move::<OrderState>),
        ("DeliveryEvent", &["RECORDED"], is_move::<DeliveryState>),
        ("Invoice", &["MATCHED", "MISMATCH"], is_move::<InvoiceState>),
        ("FrameworkContract", &["DRAFT"], is_move::<ContractState>),
        ("ServiceDecision", &["DRAFT"], is_move::<DecisionState>),
        ("ProviderReport", &["REQUESTED"], is_move::<ReportState>),
        // The last of it may be told, or taken back, at once.
        ("Voucher", &["ISSUED"], |from, to| {
            is_move::<VoucherState>(from, to) || [("CHOSEN", "USED_UP"), ("USED_UP", "CHOSEN"), ("USED_UP", "CANCELLED")].contains(&(from, to))
        }),
        ("VoucherSettlement", &["DRAWN_UP"], is_move::<SettlementState>),
        ("ProviderApproval", &["DRAFT"], is_move::<ApprovalState>),
        ("Procurement", &["PLANNED"], is_move::<ProcurementState>),
        ("Complaint", &["REPORTED"], is_move::<ComplaintState>),
    ];
    let names: Vec<_> = machines.iter().map(|(name, ..)| format!("'{name}'")).collect();
    let state = |column: &str| format!("COALESCE(a.{column} ->> 'state', '')");
    let moves = format!(
        "SELECT DISTINCT a.resource || '\t' || {} || '\t' || {} FROM audit a WHERE a.resource IN ({})",
        state("before"),
        state("after"),
        names.join(", ")
    );
    let wrong = |told: &String| {
        let [resource, from, to] = told.split('\t').collect::<Vec<_>>()[..] else { unreachable!("three") };
        let (_, first, is_move) = machines.iter().find(|(name, ..)| *name == resource).unwrap();
        if from.is_empty() { !first.contains(&to) } else { !is_move(from, to) }
    };
    texts(app.database(), &moves).await.into_iter().filter(wrong).collect()
}

/// The last day on which a month can be written on.
fn open_until(on: NaiveDate) -> NaiveDate {
    on.with_day(10).unwrap() + Months::new(1)
}

/// What the audit knows to have been written into a month that was closed, taken back in it undisputed, or grown in it; and orders at a price that their line has never had on their first day.
pub(super) async fn against_time(app: &TestApp) -> Vec<String> {
    let at = match app.kind {
        Kind::Sqlite => "DATETIME(a.at)",
        Kind::Postgres => "TO_CHAR(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
    };
    let id = |column: &str| match app.kind {
        Kind::Sqlite => format!("LOWER(HEX({column}))"),
        Kind::Postgres => format!("REPLACE(CAST({column} AS TEXT), '-', '')"),
    };
    let told = |column: &str, field: &str| format!("COALESCE(a.{column} ->> '{field}', '')");
    let columns = ["effective_date", "state", "quantity_hundredths"];
    let written: Vec<_> = columns.iter().flat_map(|column| [told("before", column), told("after", column)]).collect();
    let moves = format!(
        "SELECT {} || '\t' || {at} || '\t' || {} FROM audit a WHERE a.resource = 'DeliveryEvent' ORDER BY a.at, a.id",
        id("a.row_id"),
        written.join(" || '\t' || ")
    );
    let mut out = Vec::new();
    for line in texts(app.database(), &moves).await {
        let [row, at, before, after, from, to, little, much] = line.split('\t').collect::<Vec<_>>()[..] else { unreachable!("eight: {line}") };
        let at = day(NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M:%S").unwrap().and_utc());
        let moved = before.get(..7) != after.get(..7);
        let taken_back = to == "VOIDED" && !["VOIDED", "DISPUTED"].contains(&from);
        let grown = little.parse::<i64>().ok().zip(much.parse().ok()).is_some_and(|(little, much)| little < much);
        let days = [before, after].into_iter().filter(|on| !on.is_empty() && (moved || taken_back || grown)).map(|on| on.parse().unwrap());
        out.extend(days.filter(|on| open_until(*on) < at).map(|on| format!("delivery {row}: written on {at}, {from} to {to}, of {on}")));
    }
    let versions = format!("SELECT {} || '\t' || {} FROM audit a WHERE a.resource = 'ContractLine'", id("a.row_id"), told("after", "prices"));
    let mut prices: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in texts(app.database(), &versions).await {
        let (row, told) = line.split_once('\t').unwrap();
        prices.entry(row.to_owned()).or_default().push(serde_json::from_str(told).unwrap());
    }
    let books = Books::read(app).await;
    for order in books.of("purchase_order").iter().filter(|order| !order.text("placed_at").is_empty()) {
        let first = order.text("starts_on");
        let held = |prices: &Value| {
            let held = prices.as_array().unwrap().iter().rfind(|price| price["validFrom"].as_str().unwrap() <= first);
            held.is_some_and(|held| held["price"]["amountCents"] == order.number("unit_price_cents") && held["vatRateBp"] == order.number("vat_rate_bp"))
        };
        if !prices[order.text("line_id")].iter().any(held) {
            out.push(format!("order {}: at {} from {first} on, which its line has never cost", order.text("id"), order.text("unit_price_cents")));
        }
    }
    out
}
