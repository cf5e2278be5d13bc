//! Stories of overviews: what is used of contracts and how providers do, where there is room, and what waits for a provider.
use super::{
    delivery::{self, confirmed, given, recorded},
    given::{cast, in_days, signed},
    invoice::{self, approved},
    provider_approval as approval,
    purchase_order::{self as order, Ground, granting, ground, ordered, placed},
    voucher, voucher_use,
};
use crate::{
    casework::{given::step, service_decision as decision},
    catalogue_given::{offering, unit},
    delivery::given::{group, held},
    person::given::text,
};
use api::clock::Clock;
use axum::Router;
use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use domain::{catalogue::session::day, funding::quality::Quarter};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const SHARES: &str = "answeredInTime { part whole suppressed } rejected { part whole suppressed } completed { part whole suppressed } noShows { part whole suppressed } disputedDeliveries { part whole suppressed } \
     usedUpVouchers { part whole suppressed } mismatchedInvoices { part whole suppressed } unfoundedComplaints { part whole suppressed } complaintsAnsweredInTime { part whole suppressed }";

/// This quarter of the year, or one so many before it.
fn quarter(before: u32) -> Quarter {
    let mut quarter = Quarter::around(day(Utc::now()));
    for _ in 0..before {
        quarter = Quarter::around(quarter.first() - TimeDelta::days(1));
    }
    quarter
}

fn of_quarter(app: &TestApp, organization: &str, quarter: Quarter) -> Value {
    json!({ "id": app.world.organization(organization), "from": quarter.first().to_string(), "to": quarter.last().to_string() })
}

/// What somebody sees of what the county buys; how providers have done is told of a quarter that is over.
async fn overview(app: &TestApp, actor: &str) -> Value {
    let query = "query($id: ID!, $from: Date!, $to: Date!) { purchasingOverview(organization: $id, from: $from, to: $to) {
        contracts { contract { number } endsOn optionsLeft ceiling { amountCents } ordered { amountCents } delivered { amountCents } invoiced { amountCents }
            lines { most { hundredths } ordered { hundredths } delivered { hundredths } invoiced { hundredths } } }
        contractCount soon: contractCount(endingWithinDays: 30)
        ending: contracts(endingWithinDays: 30) { contract { number } }
        providers { provider { name { fi } } orders } } }";
    app.ask(actor, query, of_quarter(app, "county", quarter(2))).await["purchasingOverview"].clone()
}

/// When this quarter is over and told of.
fn afterwards() -> DateTime<Utc> {
    let now = Utc::now().trunc_subsecs(3);
    now + (quarter(0).told_from() - day(now))
}

/// A server for which it is so.
async fn server_afterwards(app: &TestApp) -> Router {
    app.process_at(Clock::fixed(afterwards())).await
}

/// How providers have done in this quarter, as it was told first.
async fn told(app: &TestApp, later: &Router) -> Value {
    let query = format!(
        "query($id: ID!, $from: Date!, $to: Date!) {{ purchasingOverview(organization: $id, from: $from, to: $to) {{
            providers {{ provider {{ name {{ fi }} }} orders medianAnswerHours ninetiethAnswerHours medianStartDays vouchers medianVoucherStartDays {SHARES} }} }} }}"
    );
    let answer = app.post_to(later, "procurement", &query, of_quarter(app, "county", quarter(0))).await;
    assert!(answer.body["errors"].is_null(), "{}", answer.text);
    answer.body["data"]["purchasingOverview"]["providers"].clone()
}

/// The same as it is now: nobody has asked before.
async fn providers(app: &TestApp, later: &Router) -> Value {
    app.tamper("DELETE FROM quality_release").await;
    told(app, later).await
}

/// What has been told of a quarter.
pub async fn furnish(app: &TestApp) {
    assert_eq!(overview(app, "procurement").await["providers"], json!([]));
}

fn of(part: i32, whole: i32) -> Value {
    json!({ "part": part, "whole": whole, "suppressed": false })
}

/// Of too few to be told.
fn few() -> Value {
    json!({ "part": null, "whole": null, "suppressed": true })
}

/// The service that the company gives by the line of a ground.
async fn service_of(app: &TestApp, ground: &Ground) -> String {
    let query = "query($id: ID!) { contractLine(id: $id) { service { id } } }";
    text(&app.ask("procurement", query, json!({ "id": ground.line["id"] })).await["contractLine"]["service"]["id"])
}

const SUPPLY: &str = "query($id: ID!, $filter: SupplyFilter!, $on: Date, $by: SupplyOrder! = SOONEST) { serviceSupply(organization: $id, filter: $filter, on: $on, orderBy: $by) {
    way hasRoom provider { name { fi } } line { id } approvedProvider { id } offering { id } unit price { amountCents } vatRateBp priceWithVat { amountCents }
    freeQuantity { hundredths } free { amountCents } freePlaces answerDays medianStartDays startsKnown soonestOn } }";

async fn supply(app: &TestApp, actor: &str, filter: Value, by: &str) -> Vec<Value> {
    let variables = json!({ "id": app.world.organization("county"), "filter": filter, "by": by });
    app.ask(actor, SUPPLY, variables).await["serviceSupply"].as_array().unwrap().clone()
}

const WAITS: &str = "query($id: ID!) { providerWorkList(organization: $id) { ordersToAnswer firstAnswerDueOn ordersToBegin ordersUnderWay vouchersToBegin reportsToGive reportsLate
    disputedDeliveries { count sum { amountCents } } recordedDeliveries { count sum { amountCents } } deliveriesToInvoice { count sum { amountCents } } complaintsToAnswer
    unpaidInvoices { count sum { amountCents } } overdueInvoices { count sum { amountCents } } mismatchedInvoices { count sum { amountCents } } offeringsWithRoom freePlaces } }";

async fn waits(app: &TestApp, actor: &str, organization: &str) -> Value {
    app.ask(actor, WAITS, json!({ "id": app.world.organization(organization) })).await["providerWorkList"].clone()
}

stories! {
    async fn procurement_sees_what_is_used_of_contracts_and_how_providers_do(app) {
        let ground = ground(app).await;
        cast(app).await;
        let running = confirmed(app, &ground, 10).await;
        let refuse = async || {
            let refused = placed(app, &ground, ordered(1)).await;
            step(app, "provider", "rejectPurchaseOrder", order::OF, &refused, json!({ "reason": "NO_CAPACITY", "words": "Ryhmä on täynnä." })).await;
        };
        refuse().await;
        placed(app, &ground, ordered(1)).await;
        // Two deliveries, one of them disputed and put right; an invoice that does not agree.
        let event = approved(app, &running, 100).await;
        let wrong = recorded(app, &running, given(200)).await;
        step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &wrong, json!({ "reason": "Vain yksi kerta." })).await;
        let dearer = invoice::content("L-1", &[invoice::line(&event, 100)], 6_000);
        let mut dearer = invoice::by(&ground, dearer);
        dearer["content"]["lines"][0]["unitPrice"] = json!({ "amountCents": 6_000 });
        assert_eq!(app.done("manager", "sendInvoice", "invoice { state }", dearer).await["invoice"]["state"], "MISMATCH");
        // Of fewer than five nothing is told: it would tell of whom.
        let later = server_afterwards(app).await;
        let figures = &providers(app, &later).await[0];
        assert_eq!((&figures["orders"], &figures["provider"]["name"]["fi"]), (&json!(3), &json!("company")));
        for field in ["answeredInTime", "rejected", "completed", "disputedDeliveries", "mismatchedInvoices", "noShows", "usedUpVouchers", "unfoundedComplaints", "complaintsAnsweredInTime"] {
            assert_eq!(figures[field], few(), "{field}");
        }
        for field in ["medianAnswerHours", "ninetiethAnswerHours", "medianStartDays", "medianVoucherStartDays"] {
            assert_eq!(figures[field], json!(null), "{field}");
        }
        // Who stayed away without a word, and so on: five times each.
        let mut content = group(8, 4);
        content["unit"] = json!(unit(app, "manager", "company").await);
        let offered = offering(app, "manager", "company", &service_of(app, &ground).await, content).await;
        let input = json!({ "client": ground.client, "offering": offered, "textVersion": "osallistuminen-2026-1" });
        let mut made = Value::Null;
        for number in 2..=6 {
            let session = held(app, "manager", &offered, &in_days(0)).await;
            if made.is_null() {
                made = app.done("client", "registerParticipation", "participation { id }", input.clone()).await["participation"]["id"].clone();
            }
            app.done("manager", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": [{ "participation": made, "status": "ABSENT" }] })).await;
            super::complaint::furnish(app, &running).await;
            if number < 6 {
                refuse().await;
                let other = approved(app, &running, 100).await;
                invoice::sent(app, &ground, invoice::content(&format!("L-{number}"), &[invoice::line(&other, 100)], 5_000)).await;
            }
        }

        let seen = overview(app, "procurement").await;
        let used = &seen["contracts"][0];
        assert_eq!(
            [&used["ceiling"], &used["ordered"], &used["delivered"], &used["invoiced"]].map(|money| money["amountCents"].as_i64().unwrap()),
            [1_000_000, 55_000, 35_000, 20_000]
        );
        let line = &used["lines"][0];
        assert_eq!([&line["most"], &line["ordered"], &line["delivered"], &line["invoiced"]].map(|much| much["hundredths"].as_i64().unwrap()), [20_000, 1_100, 700, 400]);
        assert_eq!((&used["endsOn"], &used["optionsLeft"], &seen["ending"], &seen["soon"]), (&json!(in_days(335)), &json!(1), &json!([]), &json!(0)));
        // What was told of a quarter stays told: what has changed since would tell of somebody.
        let kept = told(app, &later).await;
        assert_eq!((&kept[0]["orders"], kept.as_array().unwrap().len()), (&json!(3), 1));
        let figures = &providers(app, &later).await[0];
        assert_eq!(figures["orders"], 7);
        // However often it was: all of it is of one client.
        for field in ["answeredInTime", "rejected", "completed", "disputedDeliveries", "noShows"] {
            assert_eq!(figures[field], few(), "{field}");
        }
        assert_eq!([&figures["mismatchedInvoices"], &figures["unfoundedComplaints"], &figures["complaintsAnsweredInTime"]], [&of(1, 5), &few(), &of(5, 5)]);
        // The same of a client for each order. One waits for its answer, and has by then for too long: of that one alone nothing is told.
        app.tamper("UPDATE purchase_order SET client_id = id").await;
        app.tamper(&format!("UPDATE purchase_order SET answer_due_on = '{}'", in_days(0))).await;
        app.tamper("UPDATE delivery_event SET client_id = id").await;
        assert_eq!(providers(app, &later).await[0]["answeredInTime"], few());
        app.tamper("UPDATE purchase_order SET state = 'CANCELLED' WHERE state = 'PLACED'").await;
        let figures = &providers(app, &later).await[0];
        // Five of six were refused: that one was not would tell of one.
        assert_eq!([&figures["answeredInTime"], &figures["rejected"], &figures["completed"]], [&of(6, 6), &few(), &few()]);
        // One alone has begun, and one of the deliveries was disputed.
        assert_eq!([&figures["medianAnswerHours"], &figures["ninetiethAnswerHours"], &figures["medianStartDays"]], [&json!(0), &json!(0), &json!(null)]);
        assert_eq!(figures["disputedDeliveries"], few());
        // The five absences are of five clients whose orders were confirmed.
        app.tamper("UPDATE purchase_order SET agreed_start_on = starts_on").await;
        app.tamper(
            "UPDATE attendance SET client_id = (SELECT o.id FROM purchase_order o WHERE (SELECT COUNT(*) FROM purchase_order p WHERE p.id < o.id) \
             = (SELECT COUNT(*) FROM attendance a WHERE a.id < attendance.id))",
        )
        .await;
        assert_eq!(providers(app, &later).await[0]["noShows"], of(5, 5));
        // Sessions before the first day of an order are none of what was ordered.
        app.tamper(&format!("UPDATE purchase_order SET starts_on = '{}'", in_days(5))).await;
        assert_eq!(providers(app, &later).await[0]["noShows"], few());
        // Of a quarter in which nothing was ordered, there is nothing to tell.
        assert_eq!(overview(app, "council").await["providers"], json!([]));
        // A contract that ends within thirty days says so.
        app.tamper(&format!("UPDATE framework_contract SET valid_to = '{}'", in_days(30))).await;
        let seen = overview(app, "procurement").await;
        assert_eq!((&seen["ending"], &seen["contractCount"], &seen["soon"]), (&json!([{ "contract": { "number": "HVA-1" } }]), &json!(1), &json!(1)));
        let days = |from: NaiveDate, to: NaiveDate| json!({ "id": app.world.organization("county"), "from": from.to_string(), "to": to.to_string() });
        let query = "query($id: ID!, $from: Date!, $to: Date!) { purchasingOverview(organization: $id, from: $from, to: $to) { from } }";
        // Of quarters that are over alone: those of days that somebody chooses would tell what happened on each.
        let [before, over, now] = [quarter(3), quarter(2), quarter(0)];
        let month = over.first() + TimeDelta::days(30);
        for (from, to) in [(over.last(), over.first()), (over.first(), month), (over.first(), over.first()), (before.first(), over.last()), (now.first(), now.last())] {
            assert_eq!(app.refuse("procurement", query, days(from, to)).await, "BAD_INPUT", "{from} {to}");
        }
        assert_eq!(app.refuse("", query, days(over.first(), over.last())).await, "UNAUTHENTICATED");
    }

    async fn of_vouchers_it_is_told_how_soon_they_are_used_and_how_providers_do(app) {
        let ground = voucher::ground(app).await;
        let later = server_afterwards(app).await;
        for number in 0..5 {
            let voucher = voucher_use::with_company(app, &ground, 1).await;
            if number < 4 {
                voucher_use::approved(app, &voucher, 100).await;
            } else {
                voucher_use::used(app, &voucher, 100).await;
            }
        }
        let figures = providers(app, &later).await[0].clone();
        assert_eq!([&figures["orders"], &figures["vouchers"]], [&json!(0), &json!(5)]);
        // All of them are one client's.
        assert_eq!([&figures["medianVoucherStartDays"], &figures["usedUpVouchers"], &figures["disputedDeliveries"]], [&json!(null), &few(), &few()]);
        let service = json!({ "services": [ground.service(app).await] });
        let by_voucher = async |later: Option<&Router>| {
            let variables = json!({ "id": app.world.organization("county"), "filter": service, "by": "SOONEST" });
            let told = match later {
                Some(later) => app.post_to(later, "service-guide", SUPPLY, variables).await.body["data"]["serviceSupply"].clone(),
                None => app.ask("service-guide", SUPPLY, variables).await["serviceSupply"].clone(),
            };
            told.as_array().unwrap().iter().find(|way| way["way"] == "VOUCHER").unwrap().clone()
        };
        app.tamper("UPDATE voucher SET client_id = id").await;
        app.tamper("UPDATE delivery_event SET client_id = ground_id").await;
        let figures = providers(app, &later).await[0].clone();
        assert_eq!([&figures["medianVoucherStartDays"], &figures["usedUpVouchers"], &figures["disputedDeliveries"]], [&json!(0), &of(5, 5), &of(0, 5)]);
        // Of this quarter nothing is told before it is over.
        let now = by_voucher(None).await;
        assert_eq!([&now["medianStartDays"], &now["startsKnown"], &now["soonestOn"]], [&json!(null), &json!(null), &json!(null)]);
        let known = by_voucher(Some(&later)).await;
        assert_eq!([&known["medianStartDays"], &known["startsKnown"], &known["soonestOn"]], [&json!(0), &json!(5), &json!(day(afterwards()).to_string())]);
        // Where the provider has a place in what it offers of the service, the next session tells.
        let mut content = group(1, 4);
        content["unit"] = json!(unit(app, "manager", "company").await);
        let offered = offering(app, "manager", "company", &ground.service(app).await, content).await;
        let plan = json!({ "offering": offered, "date": in_days(2), "time": "10:00", "minutes": 60 });
        app.done("manager", "scheduleSessions", "serviceOffering { id }", plan).await;
        assert_eq!(by_voucher(None).await["soonestOn"], in_days(2));
    }

    async fn whoever_orders_sees_where_there_is_room_at_which_price_and_how_soon(app) {
        let ground = ground(app).await;
        cast(app).await;
        let service = service_of(app, &ground).await;
        let later = |days: i64| json!({ "startsOn": in_days(days), "endsOn": in_days(60), "quantity": { "hundredths": 1_000 } });
        let waiting = placed(app, &ground, later(10)).await;
        let only = json!({ "services": [service] });
        let found = supply(app, "service-guide", only.clone(), "SOONEST").await;
        assert_eq!(found.len(), 1, "{found:?}");
        let line = &found[0];
        assert_eq!((&line["way"], &line["hasRoom"], &line["line"]["id"], &line["unit"]), (&json!("CONTRACT"), &json!(true), &ground.line["id"], &json!("SESSION")));
        assert_eq!([&line["price"], &line["priceWithVat"], &line["free"]].map(|money| money["amountCents"].as_i64().unwrap()), [5_000, 5_000, 950_000]);
        assert_eq!((&line["freeQuantity"]["hundredths"], &line["answerDays"], &line["medianStartDays"]), (&json!(19_000), &json!(3), &json!(null)));
        // Nobody knows yet how soon it begins but by when it is answered.
        assert_eq!((&line["soonestOn"], &line["startsKnown"]), (&json!(in_days(3)), &json!(null)));
        // Of what begins in this quarter nothing is told before it is over.
        step(app, "provider", "confirmPurchaseOrder", order::OF, &waiting, json!({})).await;
        for _ in 0..5 {
            let order = confirmed(app, &ground, 1).await;
            step(app, "provider", "beginPurchaseOrder", order::OF, &order, json!({})).await;
        }
        app.tamper("UPDATE purchase_order SET client_id = id").await;
        let line = supply(app, "social-worker", only.clone(), "SOONEST").await[0].clone();
        assert_eq!((&line["medianStartDays"], &line["soonestOn"], &line["startsKnown"]), (&json!(null), &json!(in_days(3)), &json!(null)));
        // In the last one that is over they were waited for for four days; all of them as one client's tell nothing.
        let first = Quarter::latest(day(Utc::now())).first();
        let begun = first + TimeDelta::days(4);
        app.tamper(&format!("UPDATE purchase_order SET placed_at = '{first} 10:00:00+00:00', starts_on = '{first}', begun_on = '{begun}' WHERE begun_on IS NOT NULL")).await;
        let line = supply(app, "social-worker", only.clone(), "SOONEST").await[0].clone();
        assert_eq!((&line["medianStartDays"], &line["soonestOn"], &line["startsKnown"]), (&json!(4), &json!(in_days(4)), &json!(5)));
        app.tamper("UPDATE purchase_order SET client_id = case_id").await;
        assert_eq!(supply(app, "social-worker", only.clone(), "SOONEST").await[0]["medianStartDays"], json!(null));
        app.tamper("UPDATE purchase_order SET client_id = id").await;
        // A place in a group begins sooner, and is dearer than nothing; a full one is left out unless it is asked for.
        let mut content = group(1, 4);
        content["unit"] = json!(unit(app, "manager", "company").await);
        let offered = offering(app, "manager", "company", &service, content).await;
        let plan = json!({ "offering": offered, "date": in_days(2), "time": "10:00", "minutes": 60 });
        app.done("manager", "scheduleSessions", "serviceOffering { id }", plan).await;
        let ways = async |actor: &str, filter: &Value, by: &str| supply(app, actor, filter.clone(), by).await.iter().map(|found| text(&found["way"])).collect::<Vec<_>>();
        assert_eq!(ways("service-guide", &only, "SOONEST").await, ["OFFERING", "CONTRACT"]);
        let input = json!({ "client": ground.client, "offering": offered, "textVersion": "osallistuminen-2026-1" });
        app.done("client", "registerParticipation", "participation { id }", input).await;
        assert_eq!(ways("service-guide", &only, "SOONEST").await, ["CONTRACT"]);
        assert_eq!(ways("service-guide", &json!({ "services": [service], "full": true }), "SOONEST").await, ["OFFERING", "CONTRACT"]);
        // By voucher, and by class: the dearest comes last.
        let by_voucher = approval::service(app).await;
        let rulebook = approval::published_rulebook(app, &by_voucher).await;
        approval::approved_by(app, &by_voucher, &rulebook).await;
        let both = json!({ "services": [service, by_voucher] });
        assert_eq!(ways("procurement", &both, "SOONEST").await, ["CONTRACT", "VOUCHER"]);
        let voucher = supply(app, "procurement", json!({ "services": [by_voucher] }), "CHEAPEST").await[0].clone();
        assert_eq!((&voucher["hasRoom"], &voucher["price"]["amountCents"], &voucher["soonestOn"]), (&json!(true), &json!(5_000), &json!(null)));
        // What takes no orders, or of which nothing is left, is no room.
        app.tamper(&format!("UPDATE framework_contract SET ceiling_cents = {}", 75_000 + 4_999)).await;
        assert_eq!(ways("service-guide", &only, "CHEAPEST").await, Vec::<String>::new());
        app.tamper("UPDATE framework_contract SET ceiling_cents = 1000000, state = 'SUSPENDED'").await;
        assert_eq!(ways("service-guide", &only, "CHEAPEST").await, Vec::<String>::new());
        app.tamper("UPDATE framework_contract SET state = 'TERMINATED'").await;
        assert_eq!(ways("service-guide", &json!({ "services": [service], "full": true }), "CHEAPEST").await, ["OFFERING"]);
        assert_eq!(app.refuse("service-guide", SUPPLY, json!({ "id": app.world.organization("county"), "filter": {} })).await, "BAD_INPUT");
    }

    async fn a_provider_sees_what_waits_for_it(app) {
        let ground = ground(app).await;
        cast(app).await;
        let nothing = json!({ "count": 0, "sum": { "amountCents": 0 } });
        let empty = waits(app, "manager", "company").await;
        assert_eq!((&empty["ordersToAnswer"], &empty["firstAnswerDueOn"], &empty["deliveriesToInvoice"], &empty["unpaidInvoices"]), (&json!(0), &json!(null), &nothing, &nothing));
        let running = confirmed(app, &ground, 10).await;
        placed(app, &ground, ordered(5)).await;
        placed(app, &ground, ordered(5)).await;
        let (one, _) = (approved(app, &running, 150).await, approved(app, &running, 50).await);
        recorded(app, &running, given(100)).await;
        let wrong = recorded(app, &running, given(200)).await;
        step(app, "social-worker", "disputeDeliveryEvent", delivery::OF, &wrong, json!({ "reason": "Vain yksi kerta." })).await;
        let worth = |count: i32, cents: i32| json!({ "count": count, "sum": { "amountCents": cents } });
        let told = waits(app, "provider", "company").await;
        assert_eq!([&told["ordersToAnswer"], &told["ordersToBegin"], &told["ordersUnderWay"], &told["reportsToGive"], &told["reportsLate"]], [&json!(2), &json!(0), &json!(1), &json!(1), &json!(0)]);
        assert_eq!(told["firstAnswerDueOn"], json!(in_days(3)));
        assert_eq!([&told["deliveriesToInvoice"], &told["recordedDeliveries"], &told["disputedDeliveries"]], [&worth(2, 10_000), &worth(1, 5_000), &worth(1, 10_000)]);
        // Invoices are the manager's to see.
        assert_eq!([&told["unpaidInvoices"], &told["overdueInvoices"]], [&json!(null), &json!(null)]);
        invoice::sent(app, &ground, invoice::content("L-1", &[invoice::line(&one, 150)], 7_500)).await;
        let told = waits(app, "manager", "company").await;
        assert_eq!([&told["deliveriesToInvoice"], &told["unpaidInvoices"], &told["overdueInvoices"]], [&worth(1, 2_500), &worth(1, 7_500), &nothing]);
        app.tamper(&format!("UPDATE invoice SET due_on = '{}'", in_days(-1))).await;
        assert_eq!(waits(app, "manager", "company").await["overdueInvoices"], worth(1, 7_500));
        assert_eq!((waits(app, "manager-b", "company").await, waits(app, "procurement", "company").await), (json!(null), json!(null)));
        assert_eq!(app.refuse("", WAITS, json!({ "id": app.world.organization("company") })).await, "UNAUTHENTICATED");
    }

    async fn whoever_has_no_part_in_the_purchasing_learns_nothing_by_overviews(app) {
        let ground = ground(app).await;
        cast(app).await;
        let running = confirmed(app, &ground, 10).await;
        recorded(app, &running, given(100)).await;
        let service = service_of(app, &ground).await;
        // Another organisation that orders has its own procurement.
        let subject = crate::casework::opened::subject(app, "procurement-b").await;
        let member = json!({ "organization": app.world.organization("parish"), "role": "PROCUREMENT_OFFICER", "subject": subject });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council", "procurement-b"]) {
            assert_eq!(!overview(app, actor).await.is_null(), ["procurement", "council"].contains(&actor), "{actor}");
            let orders = ["lead", "social-worker", "service-guide", "procurement", "council"].contains(&actor);
            assert_eq!(!supply(app, actor, json!({ "services": [service] }), "SOONEST").await.is_empty(), orders, "{actor}");
            let told = waits(app, actor, "company").await;
            assert_eq!(!told.is_null(), ["provider", "manager"].contains(&actor), "{actor}");
        }
        // Of its own purchasing it is told, which is none.
        let mut own_days = of_quarter(app, "parish", quarter(2));
        own_days["service"] = json!(service);
        let own = "query($id: ID!, $from: Date!, $to: Date!, $service: ID!) { purchasingOverview(organization: $id, from: $from, to: $to) { contracts { endsOn } providers { orders } }
            serviceSupply(organization: $id, filter: { services: [$service] }) { way } }";
        let told = app.ask("procurement-b", own, own_days).await;
        assert_eq!(told, json!({ "purchasingOverview": { "contracts": [], "providers": [] }, "serviceSupply": [] }));
        assert_eq!(waits(app, "manager-b", "parish").await["ordersUnderWay"], json!(0));
    }

    async fn an_overview_takes_as_many_statements_for_many_rows_as_for_few(app) {
        let ground = ground(app).await;
        cast(app).await;
        let service = service_of(app, &ground).await;
        let running = confirmed(app, &ground, 10).await;
        recorded(app, &running, given(100)).await;
        let taken = async || {
            let mut least = [u64::MAX; 3];
            for _ in 0..6 {
                let mut before = app.statements();
                let mut since = || { let now = app.statements(); let taken = now - before; before = now; taken };
                app.tamper("DELETE FROM quality_release").await;
                overview(app, "procurement").await;
                let first = since();
                supply(app, "service-guide", json!({ "services": [service] }), "SOONEST").await;
                let second = since();
                waits(app, "manager", "company").await;
                for (least, taken) in least.iter_mut().zip([first, second, since()]) {
                    *least = (*least).min(taken);
                }
            }
            least
        };
        let few = taken().await;
        for number in 2..5 {
            let (_, line) = signed(app, &format!("HVA-{number}"), &service).await;
            let decision = decision::served(app, &ground.case, granting(&service, 50, 300_000)).await;
            let other = Ground { client: ground.client.clone(), case: ground.case.clone(), decision, contract: json!(null), line };
            let running = confirmed(app, &other, 5).await;
            recorded(app, &running, given(100)).await;
            super::complaint::furnish(app, &running).await;
        }
        assert_eq!(supply(app, "service-guide", json!({ "services": [service] }), "SOONEST").await.len(), 4);
        assert_eq!(taken().await, few);
        assert!(few.iter().all(|taken| *taken < 30), "{few:?}");
    }
}
