//! What stories of services as they are given begin with.
use crate::{
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
    let mut service = whole_service("Ryhmä");
    service["deliveryForms"] = json!(["REMOTE"]);
    if organization == "county" {
        service["provision"] = json!("OWN");
    }
    let service = published(app, actor, organization, service).await;
    offering(app, actor, organization, &service, group(capacity, waitlist)).await
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
    let input = json!({ "offering": offering, "alias": alias, "textVersion": "osallistuminen-2026-1" });
    app.done("partner", "registerWalkIn", "participation { id state version }", input).await["participation"].clone()
}

/// A session of an offering that was held: its id.
pub async fn held(app: &TestApp, actor: &str, offering: &str, day: &str) -> String {
    let plan = json!({ "offering": offering, "date": "2035-01-02", "time": "10:00", "minutes": 60 });
    let made = app.done(actor, "scheduleSessions", "serviceOffering { sessions { nodes { id } } }", plan).await;
    let id = text(made["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().last().map(|node| &node["id"]).unwrap());
    app.tamper(&format!(
        "UPDATE session SET state = 'HELD', starts_at = '{day} 08:00:00+00:00', ends_at = '{day} 09:00:00+00:00' WHERE starts_at > '2035-01-01'"
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
    vec![("Participation", text(&made["id"])), ("Attendance", text(&came["id"]))]
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
