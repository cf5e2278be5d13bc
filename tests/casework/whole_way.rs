//! The whole way of a client: each stage rests on what the stage before has made.
use super::{
    final_assessment::shown,
    given::{assessed, begun, goal, planned, shared, step as move_on, whole_plan},
    opened::{at, step, subject},
};
use api::clock::Clock;
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

async fn refused(app: &TestApp, mutation: &str, case: &str, input: Value) -> Vec<String> {
    let input = at(app, case, input).await;
    app.rejected("social-worker", mutation, "case { id }", input).await
}

/// A case whose client's plan is in force and whose services have begun.
async fn active(app: &TestApp) -> (String, String) {
    let (client, case) = begun(app).await;
    let own = subject(app, "social-worker").await;
    step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
    assessed(app, &case).await;
    step(app, "social-worker", "planCase", &case, json!({})).await;
    planned(app, &case).await;
    step(app, "social-worker", "activateCase", &case, json!({})).await;
    (client, case)
}

/// A case whose client's plan is in force, and of which nothing begins before long.
async fn planned_for_later(app: &TestApp) -> (String, String) {
    let (client, case) = planned_for(app, &json!(in_days(300))).await;
    assert_eq!(refused(app, "activateCase", &case, json!({})).await, ["NOTHING_BEGUN id"]);
    (client, case)
}

/// A case whose client's plan is in force, and its one action begins on this day.
async fn planned_for(app: &TestApp, starts_on: &Value) -> (String, String) {
    let (client, case) = begun(app).await;
    let own = subject(app, "social-worker").await;
    step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
    assessed(app, &case).await;
    step(app, "social-worker", "planCase", &case, json!({})).await;
    let mut content = whole_plan(&[goal(app, "service-guide", &case, "WORKER", "Käy ryhmässä.").await]);
    content["actions"][0]["startsOn"] = starts_on.clone();
    let of = ("clientPlan", "state");
    let agreed = move_on(app, "client", "recordPlanAgreement", of, &shared(app, &case, content).await, json!({ "agreement": "AGREES" })).await;
    move_on(app, "social-worker", "putClientPlanInForce", of, &agreed, json!({})).await;
    (client, case)
}

stories! {
    async fn each_stage_rests_on_what_was_made_before_it(app) {
        let (_, case) = begun(app).await;
        let own = subject(app, "social-worker").await;
        step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
        assert_eq!(refused(app, "planCase", &case, json!({})).await, ["ASSESSMENT_MISSING id"]);
        assessed(app, &case).await;
        assert_eq!(step(app, "social-worker", "planCase", &case, json!({})).await["stage"], "PLANNING");
        assert_eq!(refused(app, "activateCase", &case, json!({})).await, ["PLAN_MISSING id"]);
        planned(app, &case).await;
        assert_eq!(step(app, "social-worker", "activateCase", &case, json!({})).await["stage"], "ACTIVE");
        assert_eq!(refused(app, "closeCase", &case, json!({ "reason": "GOALS_REACHED", "note": "Valmista." })).await, ["CLOSING_REASON reason"]);
        let finally = || json!({ "words": "Tavoitteet käyty läpi." });
        assert_eq!(refused(app, "assessCaseFinally", &case, finally()).await, ["GOAL_OPEN exitAgreed"]);
        let own = goal(app, "client", &case, "CLIENT", "Saan ystävän.").await;
        assert_eq!(refused(app, "assessCaseFinally", &case, finally()).await, ["GOAL_OPEN exitAgreed", "GOAL_OPEN exitAgreed"]);
        let of = ("goal", "state");
        let given_up = json!({ "id": own, "version": 1 });
        move_on(app, "client", "dropGoal", of, &given_up, json!({ "reason": "Ystävä löytyi jo." })).await;
        let set = app.ask("social-worker", "query($id: ID!) { case(id: $id) { client { goals { nodes { id version owner } } } } }", json!({ "id": case })).await;
        let set = set["case"]["client"]["goals"]["nodes"].as_array().unwrap().iter().find(|goal| goal["owner"] == "WORKER").unwrap().clone();
        let begun = move_on(app, "social-worker", "beginGoal", of, &set, json!({})).await;
        assert_eq!(refused(app, "assessCaseFinally", &case, finally()).await, ["GOAL_OPEN exitAgreed"]);
        move_on(app, "social-worker", "recordGoalResult", of, &begun, json!({ "state": "PARTLY_REACHED" })).await;
        assert_eq!(step(app, "social-worker", "assessCaseFinally", &case, finally()).await["stage"], "FINAL_ASSESSMENT");
        assert_eq!(refused(app, "arrangeCaseFollowOn", &case, json!({})).await, ["FINAL_ASSESSMENT_MISSING id"]);
        let of = ("finalAssessment", "state");
        let answered = move_on(app, "client", "answerFinalAssessment", of, &shown(app, &case).await, json!({ "approvedByClient": true })).await;
        move_on(app, "social-worker", "approveFinalAssessment", of, &answered, json!({})).await;
        assert_eq!(step(app, "social-worker", "arrangeCaseFollowOn", &case, json!({})).await["stage"], "FOLLOW_ON");
        assert_eq!(app.count("client_plan", "state = 'ENDED'").await, 1);
        assert_eq!(refused(app, "closeCase", &case, json!({ "reason": "GOALS_REACHED", "note": "Valmista." })).await, ["PATH_MISSING withoutPath"]);
        app.done("service-guide", "planFollowOnPath", "followOnPath { id }", json!({ "case": case, "destination": "EDUCATION" })).await;
        assert_eq!(step(app, "social-worker", "closeCase", &case, json!({ "reason": "GOALS_REACHED", "note": "Valmista." })).await["stage"], "CLOSED");
        // The client reads the whole way, and which deadlines were met.
        let seen = app.ask("client", "query($id: ID!) { case(id: $id) { history { nodes { kind } } deadlines { rule { key } metOn } nextDeadline { dueOn } } }", json!({ "id": case })).await["case"].clone();
        let kinds: Vec<_> = seen["history"]["nodes"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["OPENED", "ASSESS", "PLAN", "ACTIVATE", "ASSESS_FINALLY", "ARRANGE_FOLLOW_ON", "CLOSE"]);
        assert!(seen["nextDeadline"].is_null() && seen["deadlines"].as_array().unwrap().iter().all(|d| d["metOn"].is_string()), "{seen}");
    }

    async fn a_path_that_has_failed_leads_back_by_another_plan(app) {
        let (_, case) = active(app).await;
        step(app, "social-worker", "assessCaseFinally", &case, json!({ "words": "Sovittu lopetuksesta.", "exitAgreed": true })).await;
        let of = ("finalAssessment", "state");
        let answered = move_on(app, "client", "answerFinalAssessment", of, &shown(app, &case).await, json!({ "approvedByClient": true })).await;
        move_on(app, "social-worker", "approveFinalAssessment", of, &answered, json!({})).await;
        step(app, "social-worker", "arrangeCaseFollowOn", &case, json!({})).await;
        let on = || json!({ "words": "Opinnot eivät alkaneet." });
        assert_eq!(refused(app, "continueCase", &case, on()).await, ["PLAN_MISSING id"]);
        // One that was put in force for that ends when it comes to nothing; the next one carries the case back.
        let given_up = planned(app, &case).await;
        assert_eq!(move_on(app, "social-worker", "endClientPlan", ("clientPlan", "state"), &given_up, json!({})).await["state"], "ENDED");
        assert_eq!(refused(app, "continueCase", &case, on()).await, ["PLAN_MISSING id"]);
        planned(app, &case).await;
        assert_eq!(step(app, "social-worker", "continueCase", &case, on()).await["stage"], "ACTIVE");
    }

    async fn an_action_without_a_day_has_not_begun(app) {
        let (_, case) = planned_for(app, &Value::Null).await;
        assert_eq!(refused(app, "activateCase", &case, json!({})).await, ["NOTHING_BEGUN id"]);
    }

    async fn the_way_leads_from_consent_to_a_path_that_is_verified(app) {
        let (client, case) = active(app).await;
        let from = "query($id: ID!, $c: ID!) { client(id: $id) { consents { nodes { purpose state } } } case(id: $c) { referral { state } } }";
        let from = app.ask("social-worker", from, json!({ "id": client, "c": case })).await;
        assert_eq!(from["client"]["consents"]["nodes"], json!([{ "purpose": "REFERRAL", "state": "GIVEN" }]));
        assert_eq!(from["case"]["referral"], json!({ "state": "ACCEPTED" }));
        step(app, "social-worker", "assessCaseFinally", &case, json!({ "words": "Sovittu lopetuksesta.", "exitAgreed": true })).await;
        let of = ("finalAssessment", "state");
        let answered = move_on(app, "client", "answerFinalAssessment", of, &shown(app, &case).await, json!({ "approvedByClient": true })).await;
        move_on(app, "social-worker", "approveFinalAssessment", of, &answered, json!({})).await;
        step(app, "social-worker", "arrangeCaseFollowOn", &case, json!({})).await;
        let of = ("followOnPath", "state arrivedOn verifyFrom verifyBy verifiedOn");
        let path = json!({ "case": case, "destination": "EDUCATION", "content": { "place": "Opisto" } });
        let planned = app.done("service-guide", "planFollowOnPath", "followOnPath { id version }", path).await["followOnPath"].clone();
        let guided = move_on(app, "service-guide", "guideToFollowOnPath", of, &planned, json!({ "on": in_days(0) })).await;
        let arrival = json!({ "arrival": "STARTED", "arrivedOn": in_days(0), "source": "CLIENT" });
        let arrived = move_on(app, "service-guide", "recordPathArrival", of, &guided, arrival).await;
        assert_eq!(step(app, "social-worker", "closeCase", &case, json!({ "reason": "GOALS_REACHED", "note": "Valmista." })).await["stage"], "CLOSED");
        let verify = |version: &Value| json!({ "input": { "id": arrived["id"], "expectedVersion": version, "source": "CLIENT" } });
        let mutation = TestApp::mutation("verifyFollowOnPath", "followOnPath { state verifiedOn }");
        let early = app.post("social-worker", &mutation, verify(&arrived["version"])).await;
        assert_eq!(early.body["data"]["verifyFollowOnPath"]["userErrors"][0]["code"], "TOO_EARLY", "{}", early.text);
        // In four months the other relations of those who worked with the client are over.
        let later = app.process_at(Clock::fixed(tests::at_this_time_in(120))).await;
        let answer = app.post_to(&later, "social-worker", &mutation, verify(&arrived["version"])).await;
        let verified = &answer.body["data"]["verifyFollowOnPath"]["followOnPath"];
        assert_eq!(*verified, json!({ "state": "VERIFIED", "verifiedOn": in_days(120) }), "{}", answer.text);
        let seen = app.ask("client", "{ me { followOnPaths { nodes { state } } cases { nodes { stage closingReason } } } }", json!({})).await["me"].clone();
        assert_eq!(seen["followOnPaths"]["nodes"], json!([{ "state": "VERIFIED" }]));
        assert_eq!(seen["cases"]["nodes"], json!([{ "stage": "CLOSED", "closingReason": "GOALS_REACHED" }]));
    }

    async fn services_begin_with_what_is_ordered(app) {
        let (_, case) = planned_for_later(app).await;
        crate::funding::purchase_order::furnish(app, &case).await;
        assert_eq!(step(app, "social-worker", "activateCase", &case, json!({})).await["stage"], "ACTIVE");
    }

    async fn services_begin_with_a_voucher(app) {
        let (client, case) = planned_for_later(app).await;
        crate::funding::voucher::furnish(app, &client, &case).await;
        // One that the client has refused buys nothing.
        app.tamper("UPDATE voucher SET state = 'REFUSED'").await;
        assert_eq!(refused(app, "activateCase", &case, json!({})).await, ["NOTHING_BEGUN id"]);
        app.tamper("UPDATE voucher SET state = 'ISSUED'").await;
        assert_eq!(step(app, "social-worker", "activateCase", &case, json!({})).await["stage"], "ACTIVE");
    }

    async fn a_way_without_a_path_ends_with_a_word_why(app) {
        let (_, case) = active(app).await;
        step(app, "social-worker", "assessCaseFinally", &case, json!({ "words": "Sovittu lopetuksesta.", "exitAgreed": true })).await;
        let seen = app.ask("client", "query($id: ID!) { case(id: $id) { history(last: 2) { nodes { kind words } } } }", json!({ "id": case })).await;
        let agreed = json!([{ "kind": "EXIT_AGREED", "words": null }, { "kind": "ASSESS_FINALLY", "words": "Sovittu lopetuksesta." }]);
        assert_eq!(seen["case"]["history"]["nodes"], agreed);
        let of = ("finalAssessment", "state");
        let answered = move_on(app, "client", "answerFinalAssessment", of, &shown(app, &case).await, json!({ "approvedByClient": true })).await;
        move_on(app, "social-worker", "approveFinalAssessment", of, &answered, json!({})).await;
        step(app, "social-worker", "arrangeCaseFollowOn", &case, json!({})).await;
        let close = json!({ "reason": "GOALS_REACHED", "note": "Valmista.", "withoutPath": "Asiakas pärjää ilman." });
        assert_eq!(step(app, "social-worker", "closeCase", &case, close).await["closingReason"], "GOALS_REACHED");
    }

    async fn needs_that_have_changed_are_assessed_anew_before_planning(app) {
        let (_, case) = active(app).await;
        assert_eq!(step(app, "social-worker", "reviseCase", &case, json!({ "words": "Ryhmä vaihtuu." })).await["stage"], "PLANNING");
        assert_eq!(step(app, "social-worker", "activateCase", &case, json!({})).await["stage"], "ACTIVE");
        assert_eq!(step(app, "social-worker", "reassessCase", &case, json!({ "words": "Muutto uuteen kaupunkiin." })).await["stage"], "ASSESSMENT");
        // The assessment of then does not speak of now.
        assert_eq!(refused(app, "planCase", &case, json!({})).await, ["ASSESSMENT_MISSING id"]);
        assessed(app, &case).await;
        assert_eq!(step(app, "social-worker", "planCase", &case, json!({})).await["stage"], "PLANNING");
    }

    async fn what_is_being_made_keeps_a_case_open_or_ends_with_it(app) {
        let (_, case) = active(app).await;
        app.done("service-guide", "startNeedsAssessment", "needsAssessment { id }", json!({ "case": case })).await;
        app.done("service-guide", "draftFinalAssessment", "finalAssessment { id }", json!({ "case": case })).await;
        let close = |reason: &str| json!({ "reason": reason, "note": "Päätetään." });
        assert_eq!(refused(app, "closeCase", &case, close("NO_NEED")).await, ["ASSESSMENT_OPEN id", "FINAL_ASSESSMENT_OPEN id"]);
        step(app, "social-worker", "closeCase", &case, close("REFUSED")).await;
        assert_eq!(app.count("needs_assessment", "state = 'INTERRUPTED' AND interruption = 'CLIENT_DECLINED'").await, 1);
        assert_eq!((app.count("final_assessment", "state = 'DISCARDED'").await, app.count("client_plan", "state = 'ENDED'").await), (1, 1));
    }
}
