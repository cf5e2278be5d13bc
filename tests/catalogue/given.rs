//! What stories begin with.
use api::identity::{demo::ISSUER, subject_key};
use serde_json::{Value, json};
use tests::TestApp;

/// The content of a service that lacks nothing.
pub fn whole_service(name: &str) -> Value {
    json!({
        "name": { "fi": name, "en": format!("{name} in English") },
        "summary": { "fi": "Lyhyesti sanottuna.", "en": "In short." },
        "provision": "PARTNER_NGO", "form": "GROUP", "deliveryForms": ["ON_SITE"], "rehabContents": ["GROUP_AND_INTERACTION"],
        "supportNeeds": ["EXCLUSION_AND_PARTICIPATION"], "languages": ["fi"], "chargeType": "FREE",
    })
}

/// A draft of an organisation: id and version.
pub async fn draft(app: &TestApp, actor: &str, organization: &str, content: Value) -> (String, i64) {
    let input = json!({ "organization": app.world.organization(organization), "content": content });
    let made = app.done(actor, "createService", "service { id version }", input).await;
    (made["service"]["id"].as_str().unwrap().to_owned(), made["service"]["version"].as_i64().unwrap())
}

/// A published service: its id.
pub async fn published(app: &TestApp, actor: &str, organization: &str, content: Value) -> String {
    let (id, version) = draft(app, actor, organization, content).await;
    app.done(actor, "publishService", "service { id }", json!({ "id": id, "expectedVersion": version })).await;
    id
}

/// A published offering of a service, given remotely or at a place in the content: its id.
pub async fn offering(app: &TestApp, actor: &str, organization: &str, service: &str, content: Value) -> String {
    let input = json!({ "service": service, "provider": app.world.organization(organization), "content": content });
    let made = app.done(actor, "createServiceOffering", "serviceOffering { id version }", input).await;
    let id = made["serviceOffering"]["id"].as_str().unwrap().to_owned();
    app.done(actor, "publishServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": made["serviceOffering"]["version"] })).await;
    id
}

/// A service unit in Kuopio: its id.
pub async fn unit(app: &TestApp, actor: &str, organization: &str) -> String {
    let content = json!({ "name": { "fi": "Toimipiste" }, "area": app.world.municipality("297"), "point": { "latitude": 62.89, "longitude": 27.68 } });
    let input = json!({ "organization": app.world.organization(organization), "content": content });
    let made = app.done(actor, "createServiceUnit", "serviceUnit { id }", input).await;
    made["serviceUnit"]["id"].as_str().unwrap().to_owned()
}

/// The stable key of an actor.
pub fn subject(actor: &str) -> String {
    subject_key(ISSUER, actor)
}

/// The content of a venue in Kuopio.
pub fn venue(app: &TestApp, name: &str, shared: bool) -> Value {
    let accessibility = json!({ "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false });
    json!({ "name": { "fi": name }, "area": app.world.municipality("297"), "accessibility": accessibility, "shared": shared })
}

/// A venue of the association that was found: its id.
pub async fn found_venue(app: &TestApp, shared: bool) -> String {
    let input = json!({ "organization": app.world.organization("ngo"), "content": venue(app, "Kylätalo", shared) });
    app.done("partner", "addVenue", "venue { id }", input).await["venue"]["id"].as_str().unwrap().to_owned()
}

/// A venue of the association whose use is agreed: its id. Its version is 3.
pub async fn agreed_venue(app: &TestApp, shared: bool) -> String {
    let id = found_venue(app, shared).await;
    app.done("partner", "inspectVenue", "venue { id }", json!({ "id": id, "expectedVersion": 1 })).await;
    app.done("partner", "agreeVenue", "venue { id }", json!({ "id": id, "expectedVersion": 2 })).await;
    id
}
