//! What the stories of cases begin with.
use crate::person::given::{accepted, account, text};
use serde_json::{Value, json};
use tests::TestApp;

/// A client of the county with a case, an account, and relations of its service guide and social worker: client and case.
pub async fn begun(app: &TestApp) -> (String, String) {
    let (_, client) = accepted(app).await;
    let number = app.ask("service-guide", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": client })).await["client"]["number"].clone();
    let input = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Sosiaalityöntekijä vastaa asiasta." });
    app.done("social-worker", "openByStatutoryRight", "careRelation { id }", input).await;
    account(app, &client).await;
    let cases = app.cases().await;
    assert_eq!(cases.len(), 1);
    (client, cases[0].clone())
}

/// Makes a move of a thing that answers its id and version under `field`, and gives the thing back with the fields that are asked for.
pub async fn step(app: &TestApp, actor: &str, mutation: &str, (field, fields): (&str, &str), of: &Value, more: Value) -> Value {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.done(actor, mutation, &format!("{field} {{ id version {fields} }}"), input).await[field].clone()
}

/// Everything that a needs assessment must say.
pub fn whole_assessment() -> Value {
    json!({
        "parts": [{ "area": "EVERYDAY_SKILLS", "text": "Ruoka ja pyykit hoituvat." }, { "area": "PARTICIPATION", "text": "Kaipaa seuraa." }],
        "clientView": "Olen ollut yksin.", "professionalView": "Hyötyisi ryhmästä.", "conclusion": "Asiakkuudelle on peruste.", "specialSupport": true,
        "ownWorkerNeedClient": "Sama ihminen.", "ownWorkerNeedProfessional": "Tarvitsee omatyöntekijän.", "otherAuthorities": ["Työllisyysalue"],
        "icf": [{ "code": "d750", "qualifier": 2, "observer": "PROFESSIONAL" }],
    })
}

/// An assessment of a case that is completed.
pub async fn assessed(app: &TestApp, case: &str) -> Value {
    let field = ("needsAssessment", "state");
    let made = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case })).await["needsAssessment"].clone();
    let saved = step(app, "service-guide", "saveNeedsAssessment", field, &made, json!({ "content": whole_assessment() })).await;
    step(app, "social-worker", "completeNeedsAssessment", field, &saved, json!({})).await
}

/// A goal of a case: its id.
pub async fn goal(app: &TestApp, actor: &str, case: &str, owner: &str, words: &str) -> String {
    let input = json!({ "case": case, "owner": owner, "content": { "text": words, "lifeArea": "PARTICIPATION" } });
    text(&app.done(actor, "setGoal", "goal { id }", input).await["goal"]["id"])
}

/// Everything that a plan must say, with these goals.
pub fn whole_plan(goals: &[String]) -> Value {
    json!({
        "clientEstimate": "Tarvitsen seuraa.", "professionalEstimate": "Tarvitsee tukea arkeen.", "strengthsClient": "Olen sisukas.",
        "strengthsProfessional": "Hyvä huumori.", "goals": goals,
        "actions": [{ "text": "Kävelyryhmä.", "rehabContent": "GROUP_AND_INTERACTION", "responsible": "Asiakas", "startsOn": "2026-01-02", "intensity": { "times": 1, "period": "WEEK" } }],
        "meetingRhythm": "Joka toinen viikko.", "estimatedMonths": 6, "evaluationDates": ["2031-03-01", "2031-01-01"],
    })
}

/// The content of a final assessment, of no goal by itself.
pub fn whole_final() -> Value {
    json!({ "versusBaseline": "Enemmän seuraa kuin alussa.", "goalResults": [], "clientExperience": "Uskallan taas.", "recommendations": "Jatkaa ryhmässä." })
}

/// A plan of a case that is shown to the client.
pub async fn shared(app: &TestApp, case: &str, content: Value) -> Value {
    shared_by(app, "service-guide", case, content).await
}

/// The same, by somebody.
pub async fn shared_by(app: &TestApp, actor: &str, case: &str, content: Value) -> Value {
    let made = app.done(actor, "draftClientPlan", "clientPlan { id version }", json!({ "case": case })).await["clientPlan"].clone();
    let saved = step(app, actor, "saveClientPlan", ("clientPlan", "state"), &made, json!({ "content": content })).await;
    step(app, actor, "shareClientPlan", ("clientPlan", "state"), &saved, json!({})).await
}

/// A plan of a case that is in force, with the client's agreement.
pub async fn planned(app: &TestApp, case: &str) -> Value {
    let goals = [goal(app, "service-guide", case, "WORKER", "Käy ryhmässä.").await];
    let shown = shared(app, case, whole_plan(&goals)).await;
    let agreed = step(app, "client", "recordPlanAgreement", ("clientPlan", "state"), &shown, json!({ "agreement": "AGREES" })).await;
    step(app, "social-worker", "putClientPlanInForce", ("clientPlan", "state evaluateOn"), &agreed, json!({})).await
}

/// One of everything that is done in a case, in the first case that there is: kinds and ids.
pub async fn furnish(app: &TestApp) -> Vec<(&'static str, String)> {
    let case = app.cases().await[0].clone();
    let client = app.ask("service-guide", "{ clients { nodes { id } } }", json!({})).await["clients"]["nodes"][0]["id"].clone();
    let made = app.done("service-guide", "startNeedsAssessment", "needsAssessment { id version }", json!({ "case": case })).await["needsAssessment"].clone();
    let assessment = step(app, "service-guide", "saveNeedsAssessment", ("needsAssessment", "state"), &made, json!({ "content": whole_assessment() })).await;
    let goals = [goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await];
    let plan = shared(app, &case, whole_plan(&goals)).await;
    step(app, "service-guide", "recordPlanAgreement", ("clientPlan", "state"), &plan, json!({ "agreement": "PARTLY", "words": "Kyllä kai." })).await;
    let ending = app.done("service-guide", "draftFinalAssessment", "finalAssessment { id }", json!({ "case": case })).await["finalAssessment"].clone();
    let content = super::service_decision::granting(&super::service_decision::service(app).await);
    let decision = super::service_decision::drafted(app, "service-guide", &case, content).await;
    let path = json!({ "case": case, "destination": "EDUCATION" });
    let path = app.done("service-guide", "planFollowOnPath", "followOnPath { id }", path).await["followOnPath"].clone();
    let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "SHARED", "content": { "text": "Soitto." } });
    let entry = app.done("service-guide", "writeClientEntry", "clientEntry { id }", entry).await["clientEntry"].clone();
    let followed = super::follow_up::followed(app, &case).await;
    let answered = super::instrument::answered(app, "service-guide", &case, "BASELINE", &[("health", 4)]).await;
    let met = super::follow_up::met(app, "service-guide", &text(&client), &case).await;
    let id = |of: &Value| text(&of["id"]);
    vec![
        ("NeedsAssessment", id(&assessment)),
        ("ClientPlan", id(&plan)),
        ("Goal", goals[0].clone()),
        ("FinalAssessment", id(&ending)),
        ("ServiceDecision", id(&decision)),
        ("FollowOnPath", id(&path)),
        ("ClientEntry", id(&entry)),
        ("FollowUp", id(&followed)),
        ("InstrumentResponse", id(&answered)),
        ("NetworkMeeting", id(&met)),
    ]
}
