//! Client plans: made with the client, who comments, agrees or dissents; one version in force at a time.
use super::{
    given::{begun, goal, planned, shared, step, whole_plan},
    opened::{step as on, subject},
};
use crate::catalogue_given::{published, whole_service};
use api::{act::casework::client_plan, caller::Caller};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const OF: (&str, &str) = ("clientPlan", "state number agreement words agreedByClient comment evaluateOn");

async fn drafted(app: &TestApp, case: &str) -> Value {
    app.done("service-guide", "draftClientPlan", "clientPlan { id version number state goals { id } basedOn { number } }", json!({ "case": case })).await["clientPlan"].clone()
}

stories! {
    async fn each_mandatory_part_and_the_clients_word_is_needed(app) {
        let (_, case) = begun(app).await;
        let made = drafted(app, &case).await;
        let shown = step(app, "service-guide", "shareClientPlan", OF, &made, json!({})).await;
        let input = json!({ "id": shown["id"], "expectedVersion": shown["version"] });
        let missing = app.rejected("social-worker", "putClientPlanInForce", "clientPlan { id }", input.clone()).await;
        let parts = ["clientEstimate", "professionalEstimate", "strengthsClient", "strengthsProfessional", "meetingRhythm", "estimatedMonths", "goals", "actions", "evaluationDates"];
        let mut expected: Vec<_> = parts.iter().map(|part| format!("REQUIRED content.{part}")).collect();
        expected.push("AGREEMENT_MISSING agreement".to_owned());
        assert_eq!(missing, expected);
        let mutation = TestApp::mutation("putClientPlanInForce", "clientPlan { id }");
        assert_eq!(app.refuse("service-guide", &mutation, json!({ "input": input.clone() })).await, "FORBIDDEN");
        assert_eq!(app.rejected("client", "putClientPlanInForce", "clientPlan { id }", input).await, ["WORKER_ONLY id"]);
    }

    async fn the_client_sees_it_when_it_is_shown_comments_and_agrees(app) {
        let (_, case) = begun(app).await;
        let goals = [goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await, goal(app, "client", &case, "CLIENT", "Saan ystävän.").await];
        let made = drafted(app, &case).await;
        let plans = async || app.ask("client", "{ me { plans { nodes { state } } } }", json!({})).await["me"]["plans"]["nodes"].clone();
        assert_eq!(plans().await, json!([]));
        let saved = step(app, "service-guide", "saveClientPlan", OF, &made, json!({ "content": whole_plan(&goals) })).await;
        let shown = step(app, "service-guide", "shareClientPlan", OF, &saved, json!({})).await;
        assert_eq!(plans().await, json!([{ "state": "SHARED" }]));
        let commented = step(app, "client", "commentOnClientPlan", OF, &shown, json!({ "comment": "En halua maanantaisin." })).await;
        assert_eq!((commented["state"].clone(), commented["comment"].clone()), (json!("DRAFT"), json!("En halua maanantaisin.")));
        let shown = step(app, "service-guide", "shareClientPlan", OF, &commented, json!({})).await;
        let input = json!({ "id": shown["id"], "expectedVersion": shown["version"], "agreement": "PARTLY" });
        assert_eq!(app.rejected("client", "recordPlanAgreement", "clientPlan { id }", input).await, ["REQUIRED words"]);
        let agreed = step(app, "client", "recordPlanAgreement", OF, &shown, json!({ "agreement": "PARTLY", "words": "Ryhmä jännittää." })).await;
        assert_eq!((agreed["agreement"].clone(), agreed["words"].clone(), agreed["agreedByClient"].clone()), (json!("PARTLY"), json!("Ryhmä jännittää."), json!(true)));
        let put = step(app, "social-worker", "putClientPlanInForce", OF, &agreed, json!({})).await;
        assert_eq!((put["state"].clone(), put["evaluateOn"].clone()), (json!("IN_FORCE"), json!("2031-01-01")));
        let read = "clientEstimate professionalEstimate strengthsClient strengthsProfessional meetingRhythm estimatedMonths evaluationDates goals { text owner } actions { text rehabContent responsible intensity { times period } service { id } }";
        let seen = app.ask("client", &format!("{{ me {{ plans {{ nodes {{ {read} }} }} }} }}"), json!({})).await["me"]["plans"]["nodes"][0].clone();
        assert_eq!(seen["goals"], json!([{ "text": "Käy ryhmässä.", "owner": "WORKER" }, { "text": "Saan ystävän.", "owner": "CLIENT" }]));
        assert_eq!((seen["clientEstimate"].clone(), seen["actions"][0]["intensity"].clone()), (json!("Tarvitsen seuraa."), json!({ "times": 1, "period": "WEEK" })));
        assert_eq!(app.count("client_plan", "content LIKE '%seuraa%' OR words LIKE '%jännittää%' OR comment LIKE '%maanantaisin%'").await, 0);
    }

    async fn one_that_the_client_dissents_from_is_in_force_with_both_views(app) {
        let (_, case) = begun(app).await;
        let goals = [goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await];
        let shown = shared(app, &case, whole_plan(&goals)).await;
        // A worker writes down what was said.
        let said = step(app, "service-guide", "recordPlanAgreement", OF, &shown, json!({ "agreement": "DISAGREES", "words": "En tarvitse ryhmää." })).await;
        assert_eq!(said["agreedByClient"], false);
        assert_eq!(step(app, "social-worker", "putClientPlanInForce", OF, &said, json!({})).await["state"], "IN_FORCE");
    }

    async fn a_newer_version_begins_as_the_one_in_force_and_supersedes_it(app) {
        let (client, case) = begun(app).await;
        let first = planned(app, &case).await;
        let second = drafted(app, &case).await;
        assert_eq!((second["number"].clone(), second["basedOn"]["number"].clone(), second["goals"].as_array().unwrap().len()), (json!(2), json!(1), 1));
        assert_eq!(app.rejected("service-guide", "draftClientPlan", "clientPlan { id }", json!({ "case": case })).await, ["UNFINISHED case"]);
        let shown = step(app, "service-guide", "shareClientPlan", OF, &second, json!({})).await;
        let agreed = step(app, "client", "recordPlanAgreement", OF, &shown, json!({ "agreement": "AGREES" })).await;
        step(app, "social-worker", "putClientPlanInForce", OF, &agreed, json!({})).await;
        let plans = app.ask("service-guide", "query($id: ID!) { client(id: $id) { plans { nodes { number state } } } }", json!({ "id": client })).await["client"]["plans"]["nodes"].clone();
        assert_eq!(plans, json!([{ "number": 1, "state": "SUPERSEDED" }, { "number": 2, "state": "IN_FORCE" }]));
        assert!(app.sql("UPDATE client_plan SET state = 'IN_FORCE' WHERE number = 1").await.is_err(), "{first}");
    }

    async fn it_is_looked_at_again_at_the_clients_request_and_stays_and_goes_on_with_the_services(app) {
        let (_, case) = begun(app).await;
        let plan = planned(app, &case).await;
        let of = ("clientPlan", "state reviewNote endedAt");
        let looked = step(app, "client", "reviewClientPlan", of, &plan, json!({ "note": "Työpaikka alkoi." })).await;
        assert_eq!((looked["state"].clone(), looked["reviewNote"].clone()), (json!("UNDER_REVIEW"), json!("Työpaikka alkoi.")));
        let stays = step(app, "social-worker", "confirmClientPlan", of, &looked, json!({ "note": "Sopii yhä." })).await;
        assert_eq!((stays["state"].clone(), stays["endedAt"].clone()), (json!("IN_FORCE"), json!(null)));
        let end = json!({ "id": stays["id"], "expectedVersion": stays["version"] });
        assert_eq!(app.rejected("social-worker", "endClientPlan", "clientPlan { id }", end).await, ["IN_USE id"]);
        let drafted = drafted(app, &case).await;
        assert_eq!(step(app, "social-worker", "discardClientPlan", of, &drafted, json!({})).await["state"], "DISCARDED");
    }

    async fn its_actions_point_to_published_services_and_its_partners_to_the_network(app) {
        let (_, case) = begun(app).await;
        let service = published(app, "partner", "ngo", whole_service("Kävelyryhmä")).await;
        let (hidden, _) = crate::catalogue_given::draft(app, "partner", "ngo", whole_service("Luonnos")).await;
        let made = drafted(app, &case).await;
        let content = |service: &str, partner: &str| json!({
            "actions": [{ "service": service, "responsible": "Palveluohjaaja", "startsOn": "2031-01-01" }],
            "partners": [{ "organization": app.world.organization(partner), "responsibility": "Pitää ryhmän." }],
        });
        let save = |content: Value| json!({ "id": made["id"], "expectedVersion": made["version"], "content": content });
        let refused = app.rejected("service-guide", "saveClientPlan", "clientPlan { id }", save(content(&hidden, "ngo"))).await;
        assert_eq!(refused, ["UNKNOWN_REFERENCE content.actions.0.service"]);
        let refused = app.rejected("service-guide", "saveClientPlan", "clientPlan { id }", save(content(&service, "ngo-x"))).await;
        assert_eq!(refused, ["OTHER_NETWORK content.partners.0.organization"]);
        let read = "clientPlan { actions { service { name { fi } } startsOn } partners { organization { name { fi } } responsibility } }";
        let saved = app.done("service-guide", "saveClientPlan", read, save(content(&service, "ngo"))).await["clientPlan"].clone();
        assert_eq!(saved["actions"], json!([{ "service": { "name": { "fi": "Kävelyryhmä" } }, "startsOn": "2031-01-01" }]));
        assert_eq!(saved["partners"], json!([{ "organization": { "name": { "fi": "ngo" } }, "responsibility": "Pitää ryhmän." }]));
    }

    async fn one_whose_day_has_come_is_looked_at_again_by_itself(app) {
        let (_, case) = begun(app).await;
        planned(app, &case).await;
        let store = app.store().await;
        assert_eq!(crate::person::given::ended(api::job::due(&store).await), (0, 0, 0));
        app.tamper("UPDATE client_plan SET evaluate_on = '2026-01-01'").await;
        assert_eq!(crate::person::given::ended(api::job::due(&store).await), (0, 0, 1));
        assert_eq!(app.count("client_plan", "state = 'UNDER_REVIEW'").await, 1);
    }

    async fn those_who_see_to_the_case_are_told_of_a_service_in_it_that_is_withdrawn(app) {
        let (_, case) = begun(app).await;
        let own = subject(app, "social-worker").await;
        on(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
        let mut services = Vec::new();
        for name in ["Kävelyryhmä", "Kuntosali", "Käsityöryhmä"] {
            services.push(published(app, "partner", "ngo", whole_service(name)).await);
        }
        let mut content = whole_plan(&[goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await]);
        let action = |service: &str, ends: &str| json!({ "service": service, "responsible": "Palveluohjaaja", "startsOn": "2026-01-02", "endsOn": ends });
        content["actions"] = json!([action(&services[0], "2031-01-01"), action(&services[1], "2026-01-03"), action(&services[2], "2031-01-01")]);
        let agreed = step(app, "client", "recordPlanAgreement", OF, &shared(app, &case, content).await, json!({ "agreement": "AGREES" })).await;
        step(app, "social-worker", "putClientPlanInForce", OF, &agreed, json!({})).await;
        let told = async || {
            client_plan::tell_withdrawn(&Caller::system(&app.store().await)).await.unwrap();
            let seen = app.ask("social-worker", "{ notices(filter: { kinds: [PLAN_SERVICE_WITHDRAWN] }) { nodes { caseId case { stage } } } }", json!({})).await;
            seen["notices"]["nodes"].clone()
        };
        assert_eq!(told().await, json!([]));
        // What is over is nobody's loss.
        for service in &services[..2] {
            let version = app.ask("partner", "query($id: ID!) { service(id: $id, edition: WORKING) { version } }", json!({ "id": service })).await["service"]["version"].clone();
            app.done("partner", "withdrawService", "service { id }", json!({ "id": service, "expectedVersion": version })).await;
        }
        for _ in 0..2 {
            assert_eq!(told().await, json!([{ "caseId": case, "case": { "stage": "ASSESSMENT" } }]));
        }
        assert_eq!(app.count("notice", "kind = 'PLAN_SERVICE_WITHDRAWN'").await, 1);
    }
}
