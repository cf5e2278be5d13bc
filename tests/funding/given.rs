//! What stories of purchased services begin with.
use crate::{
    casework::opened::subject,
    catalogue_given::{published, whole_service},
    person::given::text,
};
use serde_json::{Value, json};
use tests::TestApp;
pub use tests::in_days;

/// What is done by time so many days from now.
pub async fn due(app: &TestApp, days: i64) -> api::job::Done {
    let store = app.later(days).await;
    api::job::due(&store).await
}

/// A manager of the company that provides, a manager and staff of another provider, and somebody who looks after invoices: memberships beside those of the cast;
/// and the company's business id. Asked for again in one world, they are there already.
pub async fn cast(app: &TestApp) {
    if app.count("organization", "content ->> 'businessId' = '2211414-8'").await > 0 {
        return;
    }
    for (actor, role, organization) in [
        ("manager", "PROVIDER_MANAGER", "company"),
        ("manager-b", "PROVIDER_MANAGER", "parish"),
        ("provider-b", "PROVIDER_STAFF", "parish"),
        ("finance", "FINANCE_OFFICER", "county"),
        ("council", "DECISION_MAKER", "county"),
    ] {
        let subject = subject(app, actor).await;
        let member = json!({ "organization": app.world.organization(organization), "role": role, "subject": subject });
        app.done("admin", "grantMembership", "membership { id }", member).await;
    }
    let content = json!({ "name": { "fi": "company", "en": "company" }, "kind": "COMPANY", "businessId": "2211414-8", "soteriId": "SOTERI-900" });
    let update = json!({ "id": app.world.organization("company"), "expectedVersion": 1, "content": content });
    app.done("admin", "updateOrganization", "organization { id }", update).await;
}

/// A purchased service of the county that the company produces: its id.
pub async fn service(app: &TestApp) -> String {
    service_of(app, "company").await
}

/// The same, of another producer.
pub(super) async fn service_of(app: &TestApp, producer: &str) -> String {
    let mut content = whole_service("Hyvinvointi-ryhmävalmennus");
    content["provision"] = json!("PURCHASED");
    content["reportClass"] = json!("GROUP_WELLBEING");
    content["producers"] = json!([app.world.organization(producer)]);
    published(app, "social-worker", "county", content).await
}

/// What the register tells of a provider is written down by the network's administrator.
pub(super) async fn registered(app: &TestApp, name: &str, mut content: Value) {
    let id = app.world.organization(name);
    content["name"] = json!({ "fi": name, "en": name });
    let version = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": id })).await["organization"]["version"].clone();
    app.done("admin", "updateOrganization", "organization { id }", json!({ "id": id, "expectedVersion": version, "content": content })).await;
}

/// The company is in the register until a day.
pub(super) async fn registered_until(app: &TestApp, day: &str) {
    let content = json!({ "kind": "COMPANY", "businessId": "2211414-8", "soteriId": "SOTERI-900", "soteriValidUntil": day });
    registered(app, "company", content).await;
}

/// What is said of a small purchase.
pub fn procurement(service: &str) -> Value {
    json!({
        "name": { "fi": "Ryhmävalmennukset 2026" }, "description": { "fi": "Matalan kynnyksen ryhmiä." }, "category": "SOCIAL_AND_HEALTH",
        "procedure": "SMALL_PURCHASE", "estimatedValue": { "amountCents": 9_000_000 }, "services": [service],
    })
}

/// What is said of a contract with the company.
pub fn contract(app: &TestApp, number: &str) -> Value {
    json!({
        "number": number, "name": { "fi": "Ryhmävalmennusten puitesopimus" }, "provider": app.world.organization("company"),
        "validFrom": in_days(-30), "validTo": in_days(335), "options": [{ "months": 12 }], "ceiling": { "amountCents": 1_000_000 }, "answerDays": 3,
        "reportDays": 14, "windDownDays": 30, "cancellation": { "noticeDays": 5, "shareBp": 2_500 }, "keyFigures": [{ "name": { "fi": "Loppuun suorittaneet" }, "target": { "fi": "80 %" } }],
        "processingAgreement": { "reference": "HVA/77/2026", "datedOn": in_days(-40), "subprocessorsAllowed": false },
    })
}

/// What is said of a line for a service, with its first price.
pub fn line(contract: &str, service: &str) -> Value {
    json!({
        "contract": contract, "content": { "service": service, "unit": "SESSION", "most": { "hundredths": 20_000 } },
        "price": { "price": { "amountCents": 5_000 } },
    })
}

/// A contract as it is drafted, with a line: contract and line, each with id and version.
pub async fn drafted(app: &TestApp, number: &str, service: &str) -> (Value, Value) {
    written(app, contract(app, number), line("", service)).await
}

/// The same, with what is said of both.
pub(super) async fn written(app: &TestApp, content: Value, mut line: Value) -> (Value, Value) {
    let draft = json!({ "organization": app.world.organization("county"), "content": content });
    let contract = app.done("procurement", "draftFrameworkContract", "frameworkContract { id version }", draft).await["frameworkContract"].clone();
    line["contract"] = contract["id"].clone();
    let line = app.done("procurement", "addContractLine", "contractLine { id version }", line).await["contractLine"].clone();
    (contract, line)
}

/// Moves a contract at the version that procurement sees; as it is then.
pub async fn moved(app: &TestApp, actor: &str, mutation: &str, id: &Value, more: Value) -> Value {
    let seen = app.ask("procurement", "query($id: ID!) { frameworkContract(id: $id) { version } }", json!({ "id": id })).await;
    let mut input = more;
    input["id"] = id.clone();
    input["expectedVersion"] = seen["frameworkContract"]["version"].clone();
    app.done(actor, mutation, "frameworkContract { id version state moves validTo signedBy offeredBy options { months takenUp } reason }", input).await
        ["frameworkContract"]
        .clone()
}

/// A contract that both sides have signed, and its line.
pub async fn signed(app: &TestApp, number: &str, service: &str) -> (Value, Value) {
    agreed(app, contract(app, number), line("", service)).await
}

/// The same, with what is said of both.
pub async fn agreed(app: &TestApp, content: Value, line: Value) -> (Value, Value) {
    let (contract, line) = written(app, content, line).await;
    moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
    let contract = moved(app, "manager", "signFrameworkContract", &contract["id"], json!({})).await;
    (contract, line)
}

/// One of each: a procurement, a draft of a contract that only procurement sees, and its line. Kinds and ids.
pub async fn furnish(app: &TestApp) -> Vec<(&'static str, String)> {
    let service = service(app).await;
    let plan = json!({ "organization": app.world.organization("county"), "content": procurement(&service) });
    let procurement = app.done("procurement", "planProcurement", "procurement { id }", plan).await["procurement"].clone();
    // As often as it is called in one world.
    let (contract, line) = drafted(app, &text(&procurement["id"])[..40], &service).await;
    let mut rows = vec![("Procurement", text(&procurement["id"])), ("FrameworkContract", text(&contract["id"])), ("ContractLine", text(&line["id"]))];
    cast(app).await;
    rows.extend(super::provider_approval::furnish(app).await);
    rows
}
