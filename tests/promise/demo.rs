//! The demo network: loaded through the use cases, whole, and harmless to load again or to be killed while loading.
use api::{App, act::catalogue::area, caller::Caller, clock::Clock, demo, identity::demo::DemoIssuer, snapshot::Snapshot, store::Store};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};

async fn system(folder: &Path) -> (Store, Caller) {
    system_at(folder, Clock::real()).await
}

async fn system_at(folder: &Path, clock: Clock) -> (Store, Caller) {
    let url = format!("sqlite://{}?mode=rwc", folder.join("demo.db").display());
    let store = Store::open(&url.into(), 2, clock, tests::vault()).await.unwrap();
    store.migrate().await.unwrap();
    let caller = Caller::system(&store);
    area::register_national(&caller).await.unwrap();
    (store, caller)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_is_killed_is_completed_by_the_next_and_a_third_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let days_ago = |days| Clock::fixed(Utc::now() - TimeDelta::days(days));
    let (_, killed) = system_at(folder.path(), days_ago(2)).await;
    // Wherever the axe falls, what is there is whole.
    let _ = tokio::time::timeout(Duration::from_millis(700), Box::pin(demo::load(&killed))).await;
    // So it is with people, and with what is bought: the axe falls between a delivery and what follows of it, and the next load is of another day.
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    for (days, table, rows) in [(2, "client_plan", 3), (2, "delivery_event", 40), (1, "invoice", 9)] {
        let (_, killed) = system_at(folder.path(), days_ago(days)).await;
        tokio::select! {
            done = Box::pin(demo::load(&killed)) => panic!("nothing was killed: {done:?}"),
            () = async { while tests::count(&url, table, "1 = 1").await < rows { tokio::time::sleep(Duration::from_millis(20)).await } } => {}
        }
    }
    let (store, caller) = system(folder.path()).await;
    // Of two that load at once, one waits for the other.
    let (_, second) = system(folder.path()).await;
    tokio::try_join!(Box::pin(demo::load(&caller)), Box::pin(demo::load(&second))).unwrap();
    let first = Snapshot::load(&store).await.unwrap();
    let (services, offerings, sessions) = (first.services.positions().len(), first.offerings.positions().len(), first.sessions.positions().len());
    assert_eq!((services, first.networks.positions().len(), first.organizations.positions().len(), first.routes.positions().len()), (79, 2, 32, 1));
    assert!(offerings > 110 && sessions > 500, "{offerings} offerings, {sessions} sessions");
    assert!(first.venues.iter().filter(|v| first.is_multi_activity_stop(v.id)).count() >= 3);
    let recorded = month(&url).await;
    demo::load(&caller).await.unwrap();
    assert_eq!(Snapshot::load(&store).await.unwrap().position, first.position);
    assert_eq!(month(&url).await, recorded, "each day is recorded once");
    for (table, condition, rows) in [
        ("client", "1 = 1", 14),
        ("referral", "1 = 1", 9),
        ("referral", "state = 'WITHDRAWN'", 1),
        ("client_case", "stage = 'PENDING'", 1),
        ("client_case", "1 = 1", 14),
        ("client_case", "stage = 'CLOSED'", 1),
        ("client_plan", "state = 'SHARED'", 1),
        ("intake_baseline", "1 = 1", 13),
        ("client_entry", "1 = 1", 3),
        ("visit", "1 = 1", 2),
        ("final_assessment", "state = 'SHARED'", 1),
        ("follow_on_path", "state = 'VERIFIED'", 1),
        ("procurement", "1 = 1", 3),
        ("framework_contract", "state = 'IN_FORCE'", 3),
        ("framework_contract", "state = 'OFFERED'", 1),
        ("purchase_order", "1 = 1", 15),
        ("purchase_order", "state = 'PLACED'", 2),
        ("delivery_event", "1 = 1", 195),
        ("delivery_event", "state = 'DISPUTED'", 1),
        ("invoice", "state = 'PAID'", 31),
        ("invoice", "state = 'REJECTED'", 1),
        ("invoice", "state = 'MISMATCH'", 1),
        ("provider_approval", "state = 'APPROVED'", 2),
        ("voucher", "state = 'ISSUED'", 1),
        ("voucher", "state = 'CHOSEN'", 1),
        ("complaint", "state = 'MEASURES'", 1),
    ] {
        assert_eq!(tests::count(&url, table, condition).await, rows, "{table} {condition}");
    }
    assert!(store.verify_logs().await.unwrap().iter().all(|log| log.entries > 0 && log.broken.is_none()));
    assert!(store.verify_drawdown().await.unwrap().is_empty());
}

/// What the partners have recorded of their month, place by place: something everywhere.
async fn month(url: &str) -> Vec<i64> {
    let of =
        |table: &'static str, organization: &str| (table, format!("organization_id IN (SELECT id FROM organization WHERE content LIKE '%{organization}%')"));
    let at_stop = |stop: usize| ("anonymous_contact", format!("content LIKE '%\"stop\":{stop}%'"));
    let mut places = vec![
        of("drop_in_day", "asukasyhdistys"),
        of("drop_in_day", "Klupi"),
        of("outreach_shift", "terveysturva"),
        of("outreach_shift", "asukasyhdistys"),
        of("anonymous_handle", "terveysturva"),
        ("open_event", "1 = 1".to_owned()),
    ];
    // The nine stops of Reissu-Ellu, from the villages of Mikkeli to Hirvensalmi, Kangasniemi and Juva.
    places.extend((0..9).map(at_stop));
    for organization in ["Vertaistupa", "Klupi", "seurakunta", "Tukeva", "terveysturva"] {
        places.extend([of("participation", organization), of("attendance", organization)]);
        let (table, its) = of("session", organization);
        places.push((table, format!("state = 'HELD' AND {its}")));
    }
    let mut counts = Vec::new();
    for (table, condition) in places {
        let rows = tests::count(url, table, &condition).await;
        assert!(rows > 0, "nothing of {table} {condition}");
        counts.push(rows);
    }
    counts
}

/// The demo as it is served.
struct Served {
    app: App,
    issuer: DemoIssuer,
    organizations: BTreeMap<String, String>,
}

impl Served {
    async fn of(folder: &Path) -> Self {
        let (store, caller) = system(folder).await;
        demo::load(&caller).await.unwrap();
        let app = tests::assemble(store, folder, &[]).await;
        let mut served = Self { app, issuer: DemoIssuer::open(folder).unwrap(), organizations: BTreeMap::new() };
        let all = served.ask("", "{ organizations(first: 100) { nodes { id name { fi } } } }", json!({})).await;
        let named = all["organizations"]["nodes"].as_array().unwrap().iter();
        served.organizations = named.map(|row| (text(&row["name"]["fi"]), text(&row["id"]))).collect();
        served
    }

    /// Asks as an actor of the demo, for the purpose that fits it; the empty name is nobody.
    async fn ask(&self, actor: &str, query: &str, variables: Value) -> Value {
        self.ask_for(actor, Some(if actor == "finance" { "INVOICING" } else { "CARE" }), query, variables).await
    }

    async fn ask_for(&self, actor: &str, purpose: Option<&str>, query: &str, variables: Value) -> Value {
        let token = (!actor.is_empty()).then(|| self.issuer.mint(actor, Utc::now(), TimeDelta::hours(1)).unwrap());
        let answer = tests::ask(&self.app.routes, token, purpose, query, variables).await;
        assert!(answer.body["errors"].is_null(), "{actor}: {query}\n{}", answer.text);
        answer.body["data"].clone()
    }

    /// How many there are in a list of an actor.
    async fn count(&self, actor: &str, list: &str) -> i64 {
        self.ask(actor, &format!("{{ list: {list} {{ totalCount }} }}"), json!({})).await["list"]["totalCount"].as_i64().unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn cents(of: &Value) -> i64 {
    of["amountCents"].as_i64().unwrap()
}

/// A sum of amounts of rows.
fn sum(rows: &Value, field: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| cents(&row[field])).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_purchases_add_up_for_everybody_and_the_examples_of_the_explorer_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Served::of(folder.path()).await;
    adds_up(&demo).await;
    is_read_by_worker_and_client(&demo).await;
    waits_for_everybody(&demo).await;
    answers_the_examples(&demo).await;
}

/// What procurement and finance are told agrees to the cent.
async fn adds_up(demo: &Served) {
    // Procurement: what is drawn of a contract is what is drawn of its lines, and of its months.
    let drawn = "ordered { amountCents } delivered { amountCents } invoiced { amountCents }";
    let query = format!(
        "{{ frameworkContracts(first: 10) {{ nodes {{ id number state
            drawdown {{ {drawn} months {{ month {drawn} }} }} lines(first: 10) {{ nodes {{ service {{ name {{ fi }} }} drawdown {{ {drawn} months {{ month {drawn} }} }} }} }} }} }} }}"
    );
    let contracts = demo.ask("procurement", &query, json!({})).await["frameworkContracts"]["nodes"].clone();
    let contracts = contracts.as_array().unwrap();
    assert_eq!(contracts.len(), 4);
    let in_force: Vec<_> = contracts.iter().filter(|contract| contract["state"] == "IN_FORCE").collect();
    assert_eq!(in_force.len(), 3);
    for contract in &in_force {
        let drawdown = &contract["drawdown"];
        for field in ["ordered", "delivered", "invoiced"] {
            let whole = cents(&drawdown[field]);
            let lines = contract["lines"]["nodes"].as_array().unwrap();
            assert_eq!(whole, sum(&drawdown["months"], field), "{contract}");
            assert_eq!(whole, lines.iter().map(|line| cents(&line["drawdown"][field])).sum::<i64>(), "{contract}");
            for line in lines {
                assert_eq!(cents(&line["drawdown"][field]), sum(&line["drawdown"]["months"], field), "{line}");
                assert!(field != "delivered" || cents(&line["drawdown"][field]) > 0, "nothing of a service: {line}");
            }
        }
        let [ordered, delivered, invoiced] = ["ordered", "delivered", "invoiced"].map(|field| cents(&drawdown[field]));
        assert!(ordered > delivered && delivered > invoiced && invoiced > 0, "{contract}");
    }
    let months = in_force.iter().flat_map(|contract| contract["drawdown"]["months"].as_array().unwrap()).filter(|month| cents(&month["delivered"]) > 0);
    assert!(months.map(|month| text(&month["month"])).collect::<std::collections::BTreeSet<_>>().len() >= 12, "a year of deliveries");
    // Finance: what is matched, to be paid or paid is what counts as invoiced, and each invoice is the sum of its lines.
    let query = "query($contract: ID!) { invoices(filter: { contract: $contract }, first: 100) { nodes { state net { amountCents } vat { amountCents } total { amountCents }
        approvedBy lines { net { amountCents } } mismatches { what } } } }";
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for contract in &in_force {
        let invoices = demo.ask("finance", query, json!({ "contract": contract["id"] })).await["invoices"]["nodes"].clone();
        let mut counted = 0;
        for invoice in invoices.as_array().unwrap() {
            let state = text(&invoice["state"]);
            assert_eq!(cents(&invoice["net"]), sum(&invoice["lines"], "net"), "{invoice}");
            assert_eq!(cents(&invoice["total"]), cents(&invoice["net"]) + cents(&invoice["vat"]), "{invoice}");
            assert_eq!(state == "MISMATCH", invoice["mismatches"] != json!([]), "{invoice}");
            assert_eq!(["APPROVED", "PAID"].contains(&state.as_str()), invoice["approvedBy"].is_string(), "{invoice}");
            counted += if ["MATCHED", "APPROVED", "PAID"].contains(&state.as_str()) { cents(&invoice["net"]) } else { 0 };
            *states.entry(state).or_default() += 1;
        }
        assert_eq!(counted, cents(&contract["drawdown"]["invoiced"]), "{contract}");
    }
    assert_eq!(["MATCHED", "MISMATCH", "APPROVED", "REJECTED"].map(|state| states[state]), [1, 1, 1, 1], "{states:?}");
    assert!(states["PAID"] > 20, "{states:?}");
}

/// The social worker is told what was ordered for a client, and what was delivered of it; the client reads the same, and has a voucher to use.
async fn is_read_by_worker_and_client(demo: &Served) {
    let orders = "purchaseOrders(first: 5) { nodes { state provider { name { fi } } service { name { fi } } cost { amountCents } deliveredCost { amountCents }
        deliveryEvents(first: 20) { nodes { state cost { amountCents } } } } }";
    let search = format!("{{ clients(filter: {{ search: \"mallinen\" }}, first: 1) {{ nodes {{ {orders} }} }} }}");
    let by_worker = demo.ask("social-worker", &search, json!({})).await["clients"]["nodes"][0].clone();
    let order = &by_worker["purchaseOrders"]["nodes"][0];
    assert_eq!((&order["state"], &order["provider"]["name"]["fi"]), (&json!("IN_DELIVERY"), &json!("Esimerkkiaskel Valmennus Oy")));
    assert_eq!(cents(&order["deliveredCost"]), sum(&order["deliveryEvents"]["nodes"], "cost"));
    let offers = "vouchers(first: 5) { nodes { state offers { ownShare { amountCents } approvedProvider { provider { name { fi } } } } } }";
    let me = demo.ask("client", &format!("{{ me {{ {orders} {offers} }} }}"), json!({})).await["me"].clone();
    assert_eq!(me["purchaseOrders"], by_worker["purchaseOrders"]);
    let mut offers: Vec<_> = me["vouchers"]["nodes"][0]["offers"].as_array().unwrap().iter().map(|offer| cents(&offer["ownShare"])).collect();
    offers.sort_unstable();
    assert_eq!(offers, [0, 250], "two providers, at different prices");
}

/// Each role has something to do.
async fn waits_for_everybody(demo: &Served) {
    let [county, step, path] =
        ["Pohjois-Savon hyvinvointialue", "Esimerkkiaskel Valmennus Oy", "Mallipolku Valmennus Oy"].map(|name| &demo.organizations[name]);
    for (actor, list, waiting) in [
        ("procurement", "procurements(filter: { states: [PLANNED] })".to_owned(), 1),
        ("procurement", "providerApprovals(filter: { states: [SUBMITTED] })".to_owned(), 1),
        ("decision-maker", "procurements(filter: { states: [EVALUATION] })".to_owned(), 1),
        ("provider-manager", "frameworkContracts(filter: { states: [OFFERED] })".to_owned(), 1),
        ("provider", format!("orderInbox(organization: \"{step}\", filter: {{ states: [PLACED] }})"), 1),
        ("provider", format!("deliveryEvents(organization: \"{step}\", filter: {{ states: [DISPUTED] }})"), 1),
        ("provider-b", format!("orderInbox(organization: \"{path}\", filter: {{ states: [PLACED] }})"), 1),
        ("provider-manager-b", format!("invoices(filter: {{ providers: [\"{path}\"], states: [APPROVED] }})"), 1),
        ("social-worker", format!("providerReports(organization: \"{county}\", filter: {{ states: [SUBMITTED] }})"), 2),
        ("finance", "invoices(filter: { states: [MATCHED, MISMATCH] })".to_owned(), 2),
    ] {
        assert_eq!(demo.count(actor, &list).await, waiting, "{actor}: {list}");
    }
    let told = demo.ask("provider", "{ notices(first: 25) { nodes { at } } }", json!({})).await["notices"]["nodes"].clone();
    let told: Vec<_> = told.as_array().unwrap().iter().map(|row| text(&row["at"])).collect();
    assert!(told.len() > 5 && told.is_sorted_by(|newer, older| newer >= older), "the newest first: {told:?}");
    let drafts = "{ clients(filter: { search: \"mallinmaa\" }, first: 1) { nodes { serviceDecisions(first: 5) { nodes { state moves } } } } }";
    let decisions = demo.ask("lead", drafts, json!({})).await["clients"]["nodes"][0]["serviceDecisions"]["nodes"].clone();
    assert!(
        decisions.as_array().unwrap().iter().any(|row| row["state"] == "DRAFT" && row["moves"].as_array().unwrap().contains(&json!("MAKE"))),
        "{decisions}"
    );
    assert!(demo.count("social-worker", &format!("deliveryEvents(organization: \"{county}\", filter: {{ states: [RECORDED] }})")).await > 0);
}

/// Every question among the examples of the explorer is answered with something.
async fn answers_the_examples(demo: &Served) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/assets/graphiql/examples.json");
    let examples: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for example in &examples {
        let query = text(&example["query"]);
        // What writes, and what waits for news, is not asked.
        let asks = !query.lines().any(|line| line.starts_with("mutation") || line.starts_with("subscription"));
        if asks {
            let variables = example["variables"].as_str().filter(|given| !given.is_empty()).map_or(json!({}), |given| serde_json::from_str(given).unwrap());
            let answer = demo.ask_for(example["actor"].as_str().unwrap_or_default(), example["purpose"].as_str(), &query, variables).await;
            assert!(answer.as_object().unwrap().values().any(|field| !field.is_null() && field["nodes"] != json!([])), "{query}\n{answer}");
        }
    }
}
