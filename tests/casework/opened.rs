//! What the stories of cases begin with.
use crate::person::given::{aino, client, text};
use serde_json::{Value, json};
use tests::TestApp;

/// The stable key of an actor.
pub async fn subject(app: &TestApp, actor: &str) -> String {
    text(&app.ask(actor, "{ viewer { subject } }", json!({})).await["viewer"]["subject"])
}

/// A case of a client, opened by the social worker; its id.
pub async fn started(app: &TestApp, client: &str) -> String {
    let input = json!({ "client": client, "organization": app.world.organization("county"), "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
    text(&app.done("social-worker", "startCase", "case { id }", input).await["case"]["id"])
}

/// A case of Aino in assessment, with the social worker as own worker; the case and the client.
pub async fn assessing(app: &TestApp) -> (String, String) {
    let (client, _) = client(app, aino()).await;
    let case = started(app, &client).await;
    let own = subject(app, "social-worker").await;
    step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
    (case, client)
}

/// The version of a case, past all doors but its own worker's or the lead's.
pub async fn version(app: &TestApp, case: &str) -> i64 {
    for actor in ["social-worker", "lead"] {
        let seen = app.ask(actor, "query($id: ID!) { case(id: $id) { version } }", json!({ "id": case })).await["case"].clone();
        if let Some(version) = seen["version"].as_i64() {
            return version;
        }
    }
    panic!("nobody sees {case}")
}

/// A move's input, at the version that the case has now.
pub async fn at(app: &TestApp, case: &str, mut input: Value) -> Value {
    input["id"] = json!(case);
    input["expectedVersion"] = json!(version(app, case).await);
    input
}

/// Moves a case; as it is then.
pub async fn step(app: &TestApp, actor: &str, mutation: &str, case: &str, input: Value) -> Value {
    let input = at(app, case, input).await;
    app.done(actor, mutation, "case { id stage ownWorker version moves closingReason suspension { reason reviewOn } }", input).await["case"].clone()
}

/// What is told of a baseline.
pub fn baseline() -> Value {
    json!({
        "content": {
            "asOf": "2026-11-20", "socialAssistance": "YES", "socialAssistanceSince": "2024-03-01", "socialServices": "UNKNOWN",
            "employment": "UNEMPLOYED_GT_12M", "unemployedSince": "2023-01-15", "education": "COMPULSORY", "singleAdult": "YES",
            "allWorkingAgeJobless": "YES", "dependentChildren": "NO", "labourMarketDisadvantage": "YES",
        },
        "health": {
            "mentalLimitationDiagnosed": "NO", "mentalCareActive": "UNKNOWN", "substanceHarmAcknowledged": "YES", "substanceCareActive": "NO",
            "socialSituationsHard": "YES",
        },
    })
}
