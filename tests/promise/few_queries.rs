//! How many statements an operation takes does not depend on how many rows it answers. What it takes is one table, to be
//! read in review.
use crate::catalogue_given::{draft, whole_service};
use serde_json::{Value, json};
use std::fmt::Write;
use tests::{TestApp, stories};

/// What is asked, by whom, and where in the answer the rows are that become more.
const OPERATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "public services",
        "",
        "{ services(first: 50) { totalCount nodes { name { fi } organization { name { fi } } offerings { nodes { provider { name { fi } } } } } } }",
        "",
    ),
    ("service map", "", "{ serviceMap(first: 50) { totalCount nodes { service { name { fi } } nextSession { startsAt } } } }", ""),
    (
        "working services",
        "partner",
        "{ services(edition: WORKING, first: 50) { nodes { name { fi } version moves access { canUpdate } } } }",
        "/services/nodes",
    ),
    ("working services, counted", "partner", "{ services(edition: WORKING, first: 50) { totalCount nodes { id } } }", "/services/nodes"),
    (
        "working services with offerings and their providers",
        "partner",
        "{ services(edition: WORKING, first: 10) { nodes { organization { name { fi } } offerings(first: 20) { nodes { moves provider { name { fi } network { name { fi } } } } } } } }",
        "/services/nodes",
    ),
    (
        "working offerings with service and sessions",
        "partner",
        "{ serviceOfferings(edition: WORKING, first: 50) { nodes { service { name { fi } } provider { name { fi } } sessions(first: 5) { nodes { startsAt } } nextSession { id } } } }",
        "/serviceOfferings/nodes",
    ),
    (
        "working venues",
        "partner",
        "{ venues(edition: WORKING, first: 50) { nodes { name { fi } moves organization { name { fi } } area { name { fi } } } } }",
        "/venues/nodes",
    ),
    (
        "agreements with their parties",
        "partner",
        "{ partnershipAgreements(first: 50) { nodes { kind keeper { name { fi } } parties { nodes { name { fi } } } access { canUpdate } } } }",
        "/partnershipAgreements/nodes",
    ),
    (
        "drop-in days",
        "partner",
        "{ dropInDays(first: 50) { nodes { state moves counts { visits } organization { name { fi } } place { area { name { fi } } } access { canUpdate } } } }",
        "/dropInDays/nodes",
    ),
    (
        "anonymous contacts with their shifts",
        "partner",
        "{ anonymousContacts(first: 50) { nodes { state moves themes organization { name { fi } } place { area { name { fi } } } access { canUpdate } shift { state workers } } } }",
        "/anonymousContacts/nodes",
    ),
    ("outreach shifts", "partner", "{ outreachShifts(first: 50) { nodes { state moves place { area { name { fi } } } } } }", "/outreachShifts/nodes"),
    ("open events", "partner", "{ openEvents(first: 50) { nodes { state moves cost { amountCents } place { area { name { fi } } } } } }", "/openEvents/nodes"),
    ("anonymous handles", "partner", "{ anonymousHandles(first: 50) { nodes { state moves organization { name { fi } } } } }", "/anonymousHandles/nodes"),
    (
        "procurements",
        "procurement",
        "{ procurements(first: 50) { nodes { state moves estimatedValue { amountCents } threshold { binds } services { name { fi } } organization { name { fi } } access { canUpdate } } } }",
        "/procurements/nodes",
    ),
    (
        "framework contracts with their lines",
        "procurement",
        "{ frameworkContracts(first: 50) { nodes { state moves ceiling { amountCents } provider { name { fi } } procurement { id } access { canTransition } lines(first: 5) { nodes { unit price { price { amountCents } } service { name { fi } } } } } } }",
        "/frameworkContracts/nodes",
    ),
    (
        "contract lines",
        "procurement",
        "{ contractLines(first: 50) { nodes { unit prices { price { amountCents } } provider { name { fi } } contract { number } } } }",
        "/contractLines/nodes",
    ),
    (
        "rulebooks",
        "procurement",
        "{ rulebooks(first: 50) { nodes { state moves organization { name { fi } } services { value { amountCents } service { name { fi } } } access { canUpdate } } } }",
        "/rulebooks/nodes",
    ),
    (
        "approvals of providers",
        "procurement",
        "{ providerApprovals(first: 50) { nodes { state moves provider { name { fi } } rulebook { edition } approvedServices { ownShare { amountCents } } sites { area { name { fi } } } access { canTransition } } } }",
        "/providerApprovals/nodes",
    ),
    (
        "approved providers",
        "procurement",
        "{ approvedProviders(first: 50) { nodes { provider { name { fi } } services { service { name { fi } } } } } }",
        "/approvedProviders/nodes",
    ),
    (
        "complaints that one has reported",
        "procurement",
        "{ reportedComplaints(first: 50) { nodes { state moves description question organization { name { fi } } provider { name { fi } } contract { number } access { canTransition } } } }",
        "/reportedComplaints/nodes",
    ),
    ("webhooks", "integration", "{ webhooks(first: 50) { nodes { url state moves organization { name { fi } } access { canUpdate } } } }", "/webhooks/nodes"),
    (
        "deliveries of webhooks",
        "integration",
        "{ webhookDeliveries(first: 50) { nodes { subjectId cursor state attempts { outcome } access { canTransition } } } }",
        "/webhookDeliveries/nodes",
    ),
    ("memberships", "admin", "{ memberships(first: 50) { nodes { subject role organization { name { fi } } } } }", "/memberships/nodes"),
    ("viewer", "partner", "{ viewer { subject roles } }", ""),
    (
        "nodes of many kinds",
        "partner",
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Service { name { fi } } ... on ServiceOffering { provider { name { fi } } } ... on Venue { name { fi } moves } ... on PartnershipAgreement { kind } } }",
        "/nodes",
    ),
];

/// One more of each kind of row; their ids.
async fn more(app: &TestApp, number: usize) -> Vec<String> {
    let ngo = app.world.organization("ngo");
    let id = |made: &Value, field: &str| made[field]["id"].as_str().unwrap().to_owned();
    let (service, _) = draft(app, "partner", "ngo", whole_service(&format!("Palvelu {number}"))).await;
    let offering = json!({ "service": service, "provider": ngo, "content": {} });
    let offering = app.done("partner", "createServiceOffering", "serviceOffering { id }", offering).await;
    let access = json!({ "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false });
    let venue = json!({ "name": { "fi": format!("Talo {number}") }, "area": app.world.municipality("297"), "accessibility": access });
    let venue = app.done("partner", "addVenue", "venue { id }", json!({ "organization": ngo, "content": venue })).await;
    let agreement = json!({
        "kind": "SOSKUMPPANUUS", "parties": [ngo, app.world.organization("parish")],
        "contents": { "fi": "Sovitaan." }, "dataSharing": { "fi": "Vain suostumuksella." }, "validFrom": "2026-01-01",
    });
    let agreement = json!({ "keeper": ngo, "content": agreement });
    let agreement = app.done("partner", "concludePartnershipAgreement", "partnershipAgreement { id }", agreement).await;
    crate::outreach::given::opened(app, crate::outreach::given::day(app)).await;
    crate::outreach::given::furnish(app).await;
    Box::pin(crate::funding::given::furnish(app)).await;
    crate::funding::complaint::reported(app, "procurement", json!({})).await;
    let (hook, _) = crate::partners::webhook::hooked(app, json!({ "url": "https://9.9.9.9/hook" })).await;
    app.done("integration", "pingWebhook", "webhookDelivery { id }", json!({ "id": hook })).await;
    let member = json!({ "organization": ngo, "role": "PARTNER_WORKER", "subject": format!("urn:x|{number}") });
    app.done("admin", "grantMembership", "membership { id }", member).await;
    vec![service, id(&offering, "serviceOffering"), id(&venue, "venue"), id(&agreement, "partnershipAgreement")]
}

/// The statements that one request takes, and how many rows it answers.
async fn taken(app: &TestApp, ids: &[String], (name, actor, query, rows): (&str, &str, &str, &str)) -> (u64, usize) {
    let (mut least, mut found) = (u64::MAX, 0);
    // The snapshot may still be following the last change, and on a busy machine what is asked for together may come apart: the least counts.
    for _ in 0..12 {
        let before = app.statements();
        let variables = if query.starts_with("query") { json!({ "ids": ids }) } else { json!({}) };
        let data = app.ask(actor, query, variables).await;
        least = least.min(app.statements() - before);
        found = data.pointer(rows).and_then(Value::as_array).map_or(0, Vec::len);
        assert!(!data.is_null(), "{name}");
    }
    (least, found)
}

stories! {
    async fn an_operation_takes_as_many_statements_for_many_rows_as_for_few(app) {
        let mut ids = more(app, 0).await;
        let mut few = Vec::new();
        for operation in OPERATIONS {
            few.push(taken(app, &ids, *operation).await);
        }
        for number in 1..8 {
            ids.extend(more(app, number).await);
        }
        let mut table = String::from("operation                                           | statements\n");
        for (operation, few) in OPERATIONS.iter().zip(few) {
            let many = taken(app, &ids, *operation).await;
            assert_eq!(many.0, few.0, "{}: for {} rows and for {}", operation.0, many.1, few.1);
            assert!(operation.3.is_empty() || many.1 > few.1, "{}: {} rows are not more than {}", operation.0, many.1, few.1);
            let _ = writeln!(table, "{:<51} | {}", operation.0, many.0);
        }
        insta::assert_snapshot!("few_queries", table);
    }
}

/// A worklist as it is looked at in the morning: who, how far, what is next, what is open, what happened last.
const CASELOAD: &str = "{ myCaseload(first: 50) { nodes { id stage overdue nextDeadline { dueOn rule { key } } suspension { reason } client { number person { firstNames lastName } } openReferrals(first: 5) { nodes { state } } history(last: 3) { nodes { kind at } } } } }";

/// What is in a record: every list of it, and what they name.
const RECORDS: &str = "{ myCaseload(first: 50) { nodes { history(last: 3) { nodes { words } } client { restriction { id } \
    plans(last: 1) { nodes { state goals { text state } basedOn { id } } } goals(first: 5) { nodes { text state moves } } \
    assessments(last: 1) { nodes { state } } entries(last: 1) { nodes { text } } followUps(last: 1) { nodes { next } } consents(first: 3) { nodes { state } } \
    referrals(first: 3) { nodes { state consent { state } } } participations(first: 3) { nodes { state session { id } } } visits(first: 3) { nodes { state destination address { street } organization { name { fi } } } } feedback(last: 1) { nodes { words } } disclosureProhibitions(first: 3) { nodes { id } } } } } }";

/// One more case of the social worker's, of somebody made up.
async fn one_more_case(app: &TestApp, number: usize, own_worker: &str) {
    let county = app.world.organization("county");
    let identity =
        json!({ "firstNames": format!("Testi {number}"), "lastName": "Mallinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi" });
    let client = app.done("social-worker", "registerClient", "client { id }", json!({ "keeper": county, "identity": identity })).await;
    let client = client["client"]["id"].as_str().unwrap().to_owned();
    let case = crate::casework::opened::started(app, &client).await;
    let assess = json!({ "id": case, "expectedVersion": 1, "ownWorker": own_worker, "urgent": false });
    app.done("social-worker", "assessCase", "case { stage }", assess).await;
    if number.is_multiple_of(5) {
        crate::person::given::draft(app, &client, &["ALIAS"]).await;
    }
}

stories! {
    async fn a_page_of_fifty_cases_takes_as_many_statements_as_one_of_two_and_at_most_ten(app) {
        let own = crate::casework::opened::subject(app, "social-worker").await;
        let operation = ("caseload", "social-worker", CASELOAD, "/myCaseload/nodes");
        for number in 0..2 {
            one_more_case(app, number, &own).await;
        }
        let few = taken(app, &[], operation).await;
        for number in 2..50 {
            one_more_case(app, number, &own).await;
        }
        let many = taken(app, &[], operation).await;
        assert_eq!((few.1, many.1), (2, 50));
        assert_eq!(few.0, many.0);
        // Signing in, five tables, and four for the use log.
        assert!(many.0 <= 10, "{} statements", many.0);
    }
}

stories! {
    async fn the_records_of_many_cases_take_as_many_statements_as_those_of_two(app) {
        let own = crate::casework::opened::subject(app, "social-worker").await;
        let operation = ("records", "social-worker", RECORDS, "/myCaseload/nodes");
        let one_more = async |number: usize| {
            one_more_case(app, number, &own).await;
            let case = app.cases().await[number].clone();
            let client = app.ask("social-worker", "query($id: ID!) { case(id: $id) { client { id } } }", json!({ "id": case })).await;
            let mut visit = crate::delivery::given::home_visit(app, client["case"]["client"]["id"].as_str().unwrap(), &[&own]);
            (visit["kind"], visit["plan"]["pairRequired"], visit["plan"]["details"]) = (json!("OFFICE"), json!(false), json!({ "destination": "Kela" }));
            crate::delivery::given::planned_visit(app, visit).await;
            let goal = crate::casework::given::goal(app, "social-worker", &case, "WORKER", "Käy ryhmässä.").await;
            crate::casework::given::shared_by(app, "social-worker", &case, crate::casework::given::whole_plan(&[goal])).await;
        };
        for number in 0..2 {
            one_more(number).await;
        }
        let few = taken(app, &[], operation).await;
        for number in 2..10 {
            one_more(number).await;
        }
        let many = taken(app, &[], operation).await;
        assert_eq!((few.1, many.1), (2, 10));
        assert_eq!(few.0, many.0);
    }
}
