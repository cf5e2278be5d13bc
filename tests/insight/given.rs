//! What stories of reports begin with.
use crate::{
    casework::opened::{baseline, started, step, subject},
    catalogue_given::{offering, published, whole_service},
    delivery::given::{group, held},
    person::given::{client, text},
};
use serde_json::{Value, json};
use tests::{Answer, TestApp, in_days};

/// A figure with all that is told of it.
const FIGURE: &str = "{ numerator denominator shareBp percent suppressed }";

/// So many clients with a case in which work has begun, each with what was told of the start: clients and cases.
pub async fn clients(app: &TestApp, numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
    let own = subject(app, "social-worker").await;
    let mut made = Vec::new();
    for number in numbers {
        let born = format!("{}-03-0{}", 1960 + number * 3, number % 9 + 1);
        let identity = json!({ "firstNames": format!("Keksitty {number}"), "lastName": "Luku", "birthDate": born, "gender": if number % 2 == 0 { "FEMALE" } else { "MALE" }, "language": "fi" });
        let (client, _) = client(app, identity).await;
        let case = started(app, &client).await;
        step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
        let mut told = baseline();
        told["case"] = json!(case);
        told["content"]["asOf"] = json!(in_days(0));
        app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", told).await;
        made.push((client, case));
    }
    made
}

/// A group of the county that counts under a report class: the offering.
pub async fn service(app: &TestApp, name: &str, class: &str) -> String {
    let mut content = whole_service(name);
    (content["provision"], content["reportClass"]) = (json!("PURCHASED"), json!(class));
    content["deliveryForms"] = json!(["REMOTE"]);
    let service = published(app, "social-worker", "county", content).await;
    offering(app, "social-worker", "county", &service, group(30, 5)).await
}

/// These clients come to a group of the county on a day: their participations, and the session.
pub async fn come(app: &TestApp, group: &str, clients: &[(String, String)], on: &str) -> (Vec<String>, String) {
    let mut rows = Vec::new();
    for (client, _) in clients {
        let input = json!({ "client": client, "offering": group });
        rows.push(text(&app.done("social-worker", "registerParticipation", "participation { id }", input).await["participation"]["id"]));
    }
    let session = held(app, "social-worker", group, on).await;
    let came: Vec<_> = rows.iter().map(|row| json!({ "participation": row, "status": "PRESENT", "minutes": 60 })).collect();
    app.done("social-worker", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": came })).await;
    (rows, session)
}

/// What is asked of the reports of the county: the fields, and the arguments beside it.
pub async fn asked(app: &TestApp, actor: &str, purpose: &str, fields: &str, arguments: Value) -> Answer {
    let query = format!(
        "query($id: ID!, $asOf: Date!, $knownAt: DateTime, $cohort: ReportCohortInput, $as: Rendering!, $k: Int! = 5) {{
            reports(organization: $id, asOf: $asOf, knownAt: $knownAt, cohort: $cohort, rendering: $as, k: $k) {{ {fields} }} }}"
    );
    let mut variables = json!({ "id": app.world.organization("county"), "asOf": in_days(0), "as": "INTERNAL" });
    for (name, value) in arguments.as_object().unwrap() {
        variables[name] = value.clone();
    }
    app.post_for(actor, purpose, &query, variables).await
}

/// What the analyst is told.
pub async fn told(app: &TestApp, fields: &str, arguments: Value) -> Value {
    let answer = asked(app, "analyst", "STATISTICS", fields, arguments).await;
    assert!(answer.body["errors"].is_null(), "{}", answer.text);
    answer.body["data"]["reports"].clone()
}

/// Why the analyst is told nothing: codes and places.
pub async fn refused(app: &TestApp, fields: &str, arguments: Value) -> Vec<String> {
    let answer = asked(app, "analyst", "STATISTICS", fields, arguments).await;
    assert_eq!(answer.code(), "BAD_INPUT", "{}", answer.text);
    let one = |why: &Value| {
        format!("{} {}", why["code"].as_str().unwrap(), why["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join("."))
    };
    answer.body["errors"][0]["extensions"]["reasons"].as_array().unwrap().iter().map(one).collect()
}

/// The numerators of a report's rows, by their keys.
pub fn rows(report: &Value, section: usize) -> Vec<(String, Value)> {
    let rows = report["sections"][section]["rows"].as_array().unwrap();
    rows.iter().map(|row| (text(&row["key"]), row["figure"]["numerator"].clone())).collect()
}

/// A report with all that is told of it.
pub fn report(field: &str) -> String {
    format!(
        "{field} {{ name counted population {FIGURE} sections {{ key addsUp rows {{ key label {{ fi }} within services figure {FIGURE} }} total {FIGURE} distinctClients {FIGURE}
            clientsWithNone {FIGURE} mean {{ unit of {FIGURE} meanHundredths medianHundredths suppressed }} series {{ labels {{ fi }} counts sharesBp }} }} }}"
    )
}
