//! What stories of services as they are given begin with.
use crate::{
    casework::opened,
    catalogue_given::{offering, published, whole_service},
    person::given::{consent, draft, text},
};
use serde_json::{Value, json};
use tests::TestApp;

/// The content of an offering that is given remotely.
pub fn group(capacity: i32, waitlist: i32) -> Value {
    json!({ "startsOn": "2026-01-01", "capacity": capacity, "waitlistMax": waitlist })
}

/// A published group of an organisation with so many places: the offering's id.
pub async fn offered(app: &TestApp, actor: &str, organization: &str, capacity: i32, waitlist: i32) -> String {
    offered_as(app, actor, organization, group(capacity, waitlist)).await
}

/// A published group of the association for which one registers a session at a time, with so many places in each: the offering's id, and of so many of its
/// sessions to come.
pub async fn by_session(app: &TestApp, capacity: i32, waitlist: i32, sessions: u32) -> (String, Vec<String>) {
    let mut content = group(capacity, waitlist);
    content["registrationUnit"] = json!("SESSION");
    let group = offered_as(app, "partner", "ngo", content).await;
    let plan =
        json!({ "offering": group, "rule": "FREQ=DAILY", "date": "2036-01-01", "until": format!("2036-01-{sessions:02}"), "time": "10:00", "minutes": 45 });
    let made = app.done("partner", "scheduleSessions", "serviceOffering { sessions { nodes { id } } }", plan).await;
    let sessions = made["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
    (group, sessions)
}

async fn offered_as(app: &TestApp, actor: &str, organization: &str, content: Value) -> String {
    let mut service = whole_service("Ryhmä");
    service["deliveryForms"] = json!(["REMOTE"]);
    if organization == "county" {
        service["provision"] = json!("OWN");
    }
    let service = published(app, actor, organization, service).await;
    offering(app, actor, organization, &service, content).await
}

/// A referral of a client that the association has accepted, with its consent; both ids.
pub async fn taken_on(app: &TestApp, client: &str) -> (String, String) {
    let referral = draft(app, client, &["ALIAS"]).await;
    let consent = consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
    app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
    app.done("partner", "acknowledgeReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 2 })).await;
    app.done("partner", "acceptReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 3 })).await;
    (referral, consent)
}

/// Registers somebody by alias at the association: the participation.
pub async fn walk_in(app: &TestApp, offering: &str, alias: &str) -> Value {
    come(app, json!({ "offering": offering }), alias).await
}

/// The same, to one session of an offering.
pub async fn walk_in_to(app: &TestApp, offering: &str, session: &str, alias: &str) -> Value {
    come(app, json!({ "offering": offering, "session": session }), alias).await
}

async fn come(app: &TestApp, to: Value, alias: &str) -> Value {
    let mut input = to;
    (input["alias"], input["textVersion"]) = (json!(alias), json!("osallistuminen-2026-1"));
    app.done("partner", "registerWalkIn", "participation { id state version }", input).await["participation"].clone()
}

/// A session of an offering that was held: its id.
pub async fn held(app: &TestApp, actor: &str, offering: &str, day: &str) -> String {
    let plan = json!({ "offering": offering, "date": "2035-01-02", "time": "10:00", "minutes": 60 });
    let made = app.done(actor, "scheduleSessions", "serviceOffering { sessions { nodes { id } } }", plan).await;
    let id = text(made["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().last().map(|node| &node["id"]).unwrap());
    app.tamper(&format!(
        "UPDATE session SET state = 'HELD', starts_at = '{day} 08:00:00+00:00', ends_at = '{day} 09:00:00+00:00' WHERE starts_at > '2035-01-01' AND starts_at < '2035-01-03'"
    ))
    .await;
    id
}

/// The actor `client` registers for a group of the association, and has come to it: the participation and the attendance, kinds and ids.
pub async fn furnish(app: &TestApp, client: &str) -> Vec<(&'static str, String)> {
    let group = offered(app, "partner", "ngo", 8, 4).await;
    let input = json!({ "client": client, "offering": group, "textVersion": "osallistuminen-2026-1" });
    let made = app.done("client", "registerParticipation", "participation { id }", input).await["participation"].clone();
    let session = held(app, "partner", &group, "2026-03-02").await;
    let rows = json!([{ "participation": made["id"], "status": "PRESENT", "minutes": 60 }]);
    let came = app.done("partner", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await["attendances"][0].clone();
    let (times, sessions) = by_session(app, 1, 1, 1).await;
    let input = json!({ "client": client, "offering": times, "session": sessions[0], "textVersion": "osallistuminen-2026-1" });
    let time = app.done("client", "registerParticipation", "participation { id }", input).await["participation"].clone();
    let mut done = vec![("Participation", text(&made["id"])), ("Participation", text(&time["id"])), ("Attendance", text(&came["id"]))];
    done.extend(visits(app, client).await);
    done
}

/// A visit to the home of a client by two who go together, as the county's social worker plans it.
pub fn home_visit(app: &TestApp, client: &str, workers: &[&str]) -> Value {
    json!({
        "organization": app.world.organization("county"), "client": client, "kind": "HOME",
        "plan": {
            "startsAt": minutes_ago(60), "dueAt": minutes_ago(-60), "workers": workers, "pairRequired": true,
            "details": { "safetyNote": "Pihalla on koira." },
        },
    })
}

/// So many minutes ago.
pub fn minutes_ago(minutes: i64) -> String {
    (chrono::Utc::now() - chrono::TimeDelta::minutes(minutes)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Plans a visit.
pub async fn planned_visit(app: &TestApp, input: Value) -> Value {
    app.done("social-worker", "planVisit", "visit { id version }", input).await["visit"].clone()
}

/// A home visit of two that is over and corrected, and a visit to an office that is void: kinds and ids.
async fn visits(app: &TestApp, client: &str) -> Vec<(&'static str, String)> {
    let (me, pair) = (opened::subject(app, "social-worker").await, opened::subject(app, "service-guide").await);
    let mut home = home_visit(app, client, &[&me, &pair]);
    // The register may know no address of the client.
    home["plan"]["details"]["address"] = json!({ "street": "Mallikatu 1", "postalCode": "70100", "city": "Kuopio" });
    let visit = planned_visit(app, home).await;
    let of = |version: i32, more: Value| {
        let mut input = more;
        input["id"] = visit["id"].clone();
        input["expectedVersion"] = json!(version);
        input
    };
    app.done("social-worker", "checkInToVisit", "visit { id }", of(1, json!({ "at": minutes_ago(50) }))).await;
    let report = json!({ "outcome": "Sovittiin jatkosta.", "note": "Keittiö on remontissa." });
    app.done("social-worker", "checkOutOfVisit", "visit { id }", of(2, json!({ "at": minutes_ago(5), "report": report }))).await;
    app.done("social-worker", "correctVisit", "visit { id }", of(3, json!({ "minutes": 40, "report": report, "reason": "Väärä kesto" }))).await;
    let office = json!({
        "organization": app.world.organization("county"), "client": client, "kind": "OFFICE", "effectiveDate": "2026-02-02", "minutes": 75,
        "details": { "from": "Asema", "destination": "Kela" }, "report": { "outcome": "Hakemus jätettiin." },
    });
    let office = text(&app.done("social-worker", "recordVisit", "visit { id }", office).await["visit"]["id"]);
    app.done("social-worker", "voidVisit", "visit { id }", json!({ "id": office, "expectedVersion": 1, "reason": "Kirjattu kahdesti" })).await;
    vec![("Visit", text(&visit["id"])), ("Visit", office)]
}

/// A participation by an accepted referral that the client has given up, in words: its id.
pub async fn given_up(app: &TestApp, client: &str) -> String {
    let (referral, _) = taken_on(app, client).await;
    let group = offered(app, "partner", "ngo", 8, 4).await;
    let input = json!({ "client": client, "offering": group, "referral": referral });
    let made = app.done("social-worker", "registerParticipation", "participation { id version }", input).await["participation"].clone();
    let end = json!({ "id": made["id"], "expectedVersion": made["version"], "why": "WORK_OR_STUDIES", "reason": "Aloittaa koulun." });
    app.done("client", "cancelParticipation", "participation { state }", end).await;
    text(&made["id"])
}

/// The client withdraws every consent to take part that is in force.
pub async fn withdraw(app: &TestApp) {
    let mine = app.ask("client", "{ me { consents { nodes { id purpose state version } } } }", json!({})).await["me"]["consents"]["nodes"].clone();
    for consent in mine.as_array().unwrap().iter().filter(|row| row["purpose"] == "PARTICIPATION" && row["state"] == "GIVEN") {
        let which = json!({ "id": consent["id"], "expectedVersion": consent["version"] });
        app.done("client", "withdrawConsent", "consent { state }", which).await;
    }
}
