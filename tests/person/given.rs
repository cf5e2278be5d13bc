//! What the stories of people begin with.
use crate::catalogue_given::{published, whole_service};
use serde_json::{Value, json};
use tests::TestApp;

/// A made-up person; the identity code is of the test range.
pub fn aino() -> Value {
    json!({
        "firstNames": "Aino Esimerkki", "lastName": "Mallinen", "hetu": "010190-900P", "birthDate": "1990-01-01", "gender": "FEMALE", "language": "fi",
        "municipality": "297", "phone": "+358500000001", "address": { "street": "Mallikatu 1", "postalCode": "70100", "city": "Kuopio" },
    })
}

/// Aino as she came at first, without an identity code.
pub fn walk_in() -> Value {
    json!({ "firstNames": "Aino", "lastName": "Malinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi", "email": "aino@example.fi" })
}

/// Another made-up person, without an identity code.
pub fn eino() -> Value {
    json!({ "firstNames": "Eino", "lastName": "Testilä", "birthDate": "1985-05-05", "gender": "MALE", "language": "fi" })
}

/// Registers a person as a client of the county, by its social worker; id and number.
pub async fn client(app: &TestApp, identity: Value) -> (String, String) {
    let input = json!({ "keeper": app.world.organization("county"), "identity": identity });
    let made = app.done("social-worker", "registerClient", "client { id number version }", input).await;
    (text(&made["client"]["id"]), text(&made["client"]["number"]))
}

/// Ties the demo actor `client` to a client.
pub async fn account(app: &TestApp, client: &str) {
    account_of(app, "social-worker", "client", client).await;
}

/// Ties an actor to a client of a worker.
pub async fn account_of(app: &TestApp, worker: &str, actor: &str, client: &str) {
    let subject = text(&app.ask(actor, "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
    app.done(worker, "linkAccount", "client { hasAccount }", json!({ "client": client, "expectedVersion": 1, "account": subject })).await;
}

/// A draft of a referral of a client to the association; its id.
pub async fn draft(app: &TestApp, client: &str, disclose: &[&str]) -> String {
    let input = json!({
        "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": client,
        "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": disclose },
        "introduction": { "reason": "Kaipaa seuraa ja tekemistä arkeen." },
    });
    text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"])
}

/// Consents to a referral's disclosure to the association; the consent's id.
pub async fn consent(app: &TestApp, actor: &str, referral: &str, scope: &[&str]) -> String {
    let input = json!({
        "referral": referral, "purpose": "REFERRAL", "recipient": app.world.organization("ngo"), "scope": scope, "method": "WRITTEN",
        "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    });
    text(&app.done(actor, "recordConsent", "consent { id state method }", input).await["consent"]["id"])
}

/// A referral of a client that the association has been sent, with its consent; both ids.
pub async fn sent(app: &TestApp, client: &str) -> (String, String) {
    let referral = draft(app, client, &["ALIAS", "CONTACT"]).await;
    let consent = consent(app, "social-worker", &referral, &["ALIAS", "CONTACT", "REASON"]).await;
    app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
    (referral, consent)
}

/// What the association says of somebody whom it steers to the county.
pub fn introduced(app: &TestApp) -> Value {
    json!({
        "sender": app.world.organization("ngo"), "recipient": app.world.organization("county"),
        "introduction": { "fullName": "Eino Testilä", "phone": "+358500000002", "reason": "Asunto menossa alta." },
        "content": { "direction": "INBOUND", "referrer": "NGO", "needs": ["HOUSING"], "urgency": "URGENT" },
    })
}

/// Somebody whom the association steers in and the county's service guide has taken on: the referral, and the client that the person is now.
pub async fn accepted(app: &TestApp) -> (String, String) {
    accepted_with(app, &["FULL_NAME", "CONTACT", "REASON"]).await
}

/// The same, with a consent to this.
pub async fn accepted_with(app: &TestApp, scope: &[&str]) -> (String, String) {
    let referral = text(&app.done("partner", "createReferral", "referral { id }", introduced(app)).await["referral"]["id"]);
    let input = json!({
        "referral": referral, "purpose": "REFERRAL", "recipient": app.world.organization("county"), "scope": scope,
        "method": "ORAL_RECORDED", "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    });
    app.done("partner", "recordConsent", "consent { id }", input).await;
    app.done("partner", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
    app.done("service-guide", "acknowledgeReferral", "referral { handler }", json!({ "id": referral, "expectedVersion": 2 })).await;
    let register =
        json!({ "firstNames": "Eino", "lastName": "Testilä", "birthDate": "1985-05-05", "gender": "MALE", "language": "fi", "phone": "+358500000002" });
    let input = json!({ "id": referral, "expectedVersion": 3, "person": { "register": register } });
    let client = text(&app.done("service-guide", "acceptReferral", "referral { client { id } }", input).await["referral"]["client"]["id"]);
    (referral, client)
}

/// How many consents and referrals were ended by time, and how many plans are to be looked at.
pub fn ended(done: api::job::Done) -> (usize, usize, usize) {
    (done.consents, done.referrals, done.plans)
}

/// The text of a value.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// Another authority of the network, a municipality, with a social worker of its own, the actor `municipal`: its id.
pub async fn municipality(app: &TestApp) -> String {
    let content = json!({ "name": { "fi": "Mallikunta" }, "kind": "MUNICIPALITY" });
    let made = app.done("admin", "addOrganization", "organization { id }", json!({ "network": app.world.network("kuopio"), "content": content })).await;
    let id = text(&made["organization"]["id"]);
    let subject = text(&app.ask("municipal", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
    let grant = json!({ "subject": subject, "organization": id, "role": "SOCIAL_WORKER" });
    app.done("admin", "grantMembership", "membership { id }", grant).await;
    id
}

/// A draft by which the county refers a client to another authority on a law: its id.
pub async fn by_law(app: &TestApp, client: &str, recipient: &str, despite: Option<&str>) -> String {
    let input = json!({
        "sender": app.world.organization("county"), "recipient": recipient, "client": client,
        "content": {
            "direction": "TRANSFER", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["FULL_NAME"],
            "legalBasis": "Sosiaalihuoltolaki 41 §", "despiteProhibition": despite,
        },
    });
    text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"])
}

/// One of everything by which a client says what is to be done with the client's data, and feedback of the actor `client`: kinds and ids.
pub async fn willed(app: &TestApp, client: &str) -> Vec<(&'static str, String)> {
    let inform = json!({ "client": client, "kind": "KANTA", "givenOn": "2026-01-02", "method": "ORAL", "textVersion": "kanta-2026-1" });
    let informing = app.done("social-worker", "recordInforming", "informing { id }", inform).await["informing"]["id"].clone();
    let permit = json!({ "client": client, "sector": "SOCIAL" });
    let permission = app.done("social-worker", "giveDisclosurePermission", "disclosurePermission { id }", permit).await["disclosurePermission"]["id"].clone();
    let prohibit = json!({ "client": client, "target": { "controller": app.world.organization("parish") } });
    let prohibition = app.done("client", "setDisclosureProhibition", "disclosureProhibition { id }", prohibit).await["disclosureProhibition"]["id"].clone();
    let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
    let feedback = json!({ "client": client, "service": service, "content": { "grade": 5, "words": "Kiitos." } });
    let feedback = app.done("client", "giveFeedback", "feedback { id }", feedback).await["feedback"]["id"].clone();
    vec![
        ("Informing", text(&informing)),
        ("DisclosurePermission", text(&permission)),
        ("DisclosureProhibition", text(&prohibition)),
        ("Feedback", text(&feedback)),
    ]
}
