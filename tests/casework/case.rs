//! Cases: opened, moved, suspended, handed over, closed.
use super::opened::{assessing, at, started, step, subject, version};
use crate::person::given::{accepted, account, aino, client, eino, introduced, sent, text};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const HISTORY: &str = "query($id: ID!) { case(id: $id) { stage groups suspension { reason reviewOn } history { nodes { kind stage words by } } } }";

stories! {
    async fn a_referral_that_is_accepted_becomes_a_case_and_the_sender_keeps_the_responsibility(app) {
        let (referral, client) = accepted(app).await;
        let cases = app.ask("service-guide", "query($id: ID!) { client(id: $id) { cases { nodes { id stage urgent responsible { id } organization { id } referral { id } ownWorker history { nodes { kind } } } } } }", json!({ "id": client })).await;
        let case = cases["client"]["cases"]["nodes"][0].clone();
        assert_eq!((case["stage"].clone(), case["urgent"].clone(), case["ownWorker"].clone()), (json!("PENDING"), json!(true), json!(null)));
        assert_eq!(case["responsible"]["id"], json!(app.world.organization("ngo")));
        assert_eq!((case["organization"]["id"].clone(), case["referral"]["id"].clone()), (json!(app.world.organization("county")), json!(referral)));
        assert_eq!(case["history"]["nodes"], json!([{ "kind": "OPENED" }]));
        // Whoever sent the client in learns nothing of the case.
        let partner = app.ask("partner", "query($id: ID!) { case(id: $id) { id } node(id: $id) { id } }", json!({ "id": case["id"] })).await;
        assert_eq!(partner, json!({ "case": null, "node": null }));
    }

    async fn an_assessment_needs_an_own_worker_who_works_here_and_a_look_at_the_urgent_need(app) {
        let (client, _) = client(app, aino()).await;
        let case = started(app, &client).await;
        let assess = async |own: Value| {
            let input = at(app, &case, json!({ "urgent": true, "ownWorker": own })).await;
            app.rejected("social-worker", "assessCase", "case { id }", input).await
        };
        assert_eq!(assess(json!(null)).await, ["REQUIRED ownWorker"]);
        for other in ["partner", "procurement", "client"] {
            assert_eq!(assess(json!(subject(app, other).await)).await, ["NOT_COLLEAGUE ownWorker"], "{other}");
        }
        let guide = subject(app, "service-guide").await;
        let moved = step(app, "social-worker", "assessCase", &case, json!({ "urgent": true, "ownWorker": guide })).await;
        assert_eq!((moved["stage"].clone(), moved["ownWorker"].clone()), (json!("ASSESSMENT"), json!(guide)));
        // The own worker has a relation from then on, and is told.
        let seen = app.ask("service-guide", "query($id: ID!) { case(id: $id) { urgentCheckedAt client { person { lastName } relations { nodes { basis subject } } } workers { nodes { subject } } } notices { nodes { kind case { stage } } } }", json!({ "id": case })).await;
        assert_eq!(seen["case"]["client"]["person"]["lastName"], "Mallinen");
        assert_eq!(seen["case"]["workers"]["nodes"], json!([{ "subject": guide }]));
        assert_eq!(seen["notices"]["nodes"], json!([{ "kind": "CASE_HANDED_OVER", "case": { "stage": "ASSESSMENT" } }]));
        assert!(seen["case"]["urgentCheckedAt"].is_string());
    }

    async fn roles_move_what_is_theirs(app) {
        let (case, _) = assessing(app).await;
        let guide = subject(app, "service-guide").await;
        app.done("social-worker", "addCaseWorker", "case { version }", at(app, &case, json!({ "worker": guide })).await).await;
        let moves = async |actor: &str| app.ask(actor, "query($id: ID!) { case(id: $id) { moves } }", json!({ "id": case })).await["case"]["moves"].clone();
        assert_eq!(moves("service-guide").await, json!(["SUSPEND"]));
        assert_eq!(moves("social-worker").await, json!(["PLAN", "SUSPEND", "CLOSE"]));
        let close = at(app, &case, json!({ "reason": "NO_NEED", "note": "Ei tarvetta." })).await;
        assert_eq!(app.refuse("service-guide", &TestApp::mutation("closeCase", "case { id }"), json!({ "input": close })).await, "FORBIDDEN");
        // The lead sees that there is a case, and moves it only with a relation.
        assert_eq!(app.refuse("lead", &TestApp::mutation("closeCase", "case { id }"), json!({ "input": close })).await, "FORBIDDEN");
        for stranger in ["partner", "provider", "admin", "dpo", "admin-x"] {
            assert_eq!(app.refuse(stranger, &TestApp::mutation("closeCase", "case { id }"), json!({ "input": close })).await, "NOT_FOUND", "{stranger}");
        }
    }

    async fn a_suspended_case_keeps_its_stage_and_does_nothing_else(app) {
        let (case, client) = assessing(app).await;
        account(app, &client).await;
        let bad = at(app, &case, json!({ "reason": "HOSPITAL", "reviewOn": "2020-01-01" })).await;
        assert_eq!(app.rejected("social-worker", "suspendCase", "case { id }", bad).await, ["OUT_OF_RANGE reviewOn"]);
        let review = in_days(14);
        let moved = step(app, "social-worker", "suspendCase", &case, json!({ "reason": "HOSPITAL", "reviewOn": review, "words": "Sairaalassa kaksi viikkoa." })).await;
        assert_eq!((moved["stage"].clone(), moved["suspension"].clone()), (json!("ASSESSMENT"), json!({ "reason": "HOSPITAL", "reviewOn": review })));
        assert_eq!(moved["moves"], json!(["RESUME", "CLOSE"]));
        let again = at(app, &case, json!({ "reason": "PRISON", "reviewOn": review })).await;
        assert_eq!(app.rejected("social-worker", "suspendCase", "case { id }", again).await, ["CASE_SUSPENDED id"]);
        // The lead sees that it is suspended, and not why; the client sees both.
        let lead = app.ask("lead", HISTORY, json!({ "id": case })).await["case"].clone();
        assert_eq!(lead, json!({ "stage": "ASSESSMENT", "groups": null, "suspension": { "reason": null, "reviewOn": review }, "history": { "nodes": [] } }));
        let own = app.ask("client", HISTORY, json!({ "id": case })).await["case"].clone();
        assert_eq!((own["suspension"]["reason"].clone(), own["history"]["nodes"][2]["words"].clone()), (json!("HOSPITAL"), json!("Sairaalassa kaksi viikkoa.")));
        // It may be closed for silence only when its day has come.
        let close = at(app, &case, json!({ "reason": "UNREACHABLE", "note": "Ei tavoitettu." })).await;
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", close).await, ["CLOSING_REASON reason"]);
        assert_eq!(step(app, "social-worker", "resumeCase", &case, json!({})).await["suspension"], json!(null));
        let resume = at(app, &case, json!({})).await;
        assert_eq!(app.rejected("social-worker", "resumeCase", "case { id }", resume).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn what_is_still_open_keeps_a_case_open_and_is_told_one_by_one(app) {
        let (case, client) = assessing(app).await;
        let (first, _) = sent(app, &client).await;
        let second = crate::person::given::draft(app, &client, &["ALIAS"]).await;
        let close = |reason: &str| json!({ "reason": reason, "note": "Asiakas ei tarvitse palvelua." });
        let refused = app.payload("social-worker", "closeCase", "case { id }", at(app, &case, close("NO_NEED")).await).await;
        let told: Vec<_> = refused["userErrors"].as_array().unwrap().iter().map(|e| (text(&e["code"]), text(&e["message"]))).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        for (i, referral) in [first.as_str(), second.as_str()].iter().enumerate() {
            assert!(told[i].0 == "REFERRAL_OPEN" && told[i].1.contains(referral), "{told:?}");
        }
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", at(app, &case, close("GOALS_REACHED")).await).await, ["CLOSING_REASON reason"]);
        // Who has died needs no referral any more: what is open is closed with the case, and the recipient is told.
        let closed = step(app, "social-worker", "closeCase", &case, close("DECEASED")).await;
        assert_eq!((closed["stage"].clone(), closed["closingReason"].clone(), closed["moves"].clone()), (json!("CLOSED"), json!("DECEASED"), json!([])));
        let states = app.ask("social-worker", "query($id: ID!) { client(id: $id) { referrals { nodes { state } } } }", json!({ "id": client })).await;
        assert_eq!(states["client"]["referrals"]["nodes"], json!([{ "state": "WITHDRAWN" }, { "state": "CANCELLED" }]));
        assert_eq!(app.ask("partner", "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"][0]["kind"], "REFERRAL_WITHDRAWN");
        let again = at(app, &case, close("DECEASED")).await;
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", again).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn the_relation_ends_with_the_case_and_who_comes_back_has_a_new_one(app) {
        let (_, client) = accepted(app).await;
        let case = text(&app.ask("service-guide", "query($id: ID!) { client(id: $id) { cases { nodes { id } } } }", json!({ "id": client })).await["client"]["cases"]["nodes"][0]["id"]);
        let social = subject(app, "social-worker").await;
        let assess = json!({ "id": case, "expectedVersion": 1, "ownWorker": social, "urgent": false });
        app.done("service-guide", "assessCase", "case { stage }", assess).await;
        let sees = "query($id: ID!) { client(id: $id) { person { lastName } } }";
        assert_eq!(app.ask("social-worker", sees, json!({ "id": client })).await["client"]["person"]["lastName"], "Testilä");
        step(app, "social-worker", "closeCase", &case, json!({ "reason": "REFUSED", "note": "Asiakas ei halua jatkaa." })).await;
        assert_eq!(app.ask("social-worker", sees, json!({ "id": client })).await["client"], json!(null));
        // The client comes back: by another relation the case before is seen, and named.
        let number = text(&app.ask("lead", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": client })).await["client"]["number"]);
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Asiakas otti itse yhteyttä uudelleen" });
        app.done("social-worker", "openByStatutoryRight", "careRelation { id }", open).await;
        let again = json!({ "client": client, "organization": app.world.organization("county"), "content": { "serviceTask": "WORKING_AGE_SERVICES" }, "previous": case });
        let new = app.done("social-worker", "startCase", "case { id stage previous { id stage closingReason history(last: 1) { nodes { words } } } }", again.clone()).await["case"].clone();
        assert_eq!(new["previous"], json!({ "id": case, "stage": "CLOSED", "closingReason": "REFUSED", "history": { "nodes": [{ "words": "Asiakas ei halua jatkaa." }] } }));
        assert_eq!(app.rejected("social-worker", "startCase", "case { id }", again).await, ["NOT_UNIQUE content.serviceTask"]);
        let mut open_one = json!({ "client": client, "organization": app.world.organization("county"), "content": { "serviceTask": "CHILD_FAMILY_SERVICES" } });
        open_one["previous"] = new["id"].clone();
        assert_eq!(app.rejected("social-worker", "startCase", "case { id }", open_one).await, ["DOES_NOT_AGREE previous"]);
    }

    async fn what_is_said_of_a_case_is_sealed_and_what_happened_is_never_changed(app) {
        let (case, _) = assessing(app).await;
        step(app, "social-worker", "suspendCase", &case, json!({ "reason": "CLIENT_REQUEST", "reviewOn": in_days(3), "words": "Toivoo taukoa." })).await;
        for (table, column) in [("case_event", "words"), ("audit", "CAST(after AS TEXT)"), ("client_case", "CAST(suspension AS TEXT)")] {
            assert_eq!(app.count(table, &format!("{column} LIKE '%taukoa%'")).await, 0, "{table}");
        }
        for statement in ["UPDATE case_event SET stage = 'CLOSED'", "DELETE FROM case_event"] {
            assert!(app.sql(statement).await.is_err(), "{statement}");
        }
    }

    async fn a_case_is_handed_over_and_the_relations_move(app) {
        let (case, client) = assessing(app).await;
        let (guide, social) = (subject(app, "service-guide").await, subject(app, "social-worker").await);
        let sees = "query($id: ID!) { client(id: $id) { id } }";
        let stranger = at(app, &case, json!({ "to": subject(app, "partner").await })).await;
        assert_eq!(app.rejected("social-worker", "handOverCase", "case { id }", stranger).await, ["NOT_COLLEAGUE to"]);
        let moved = step(app, "social-worker", "handOverCase", &case, json!({ "to": guide, "words": "Jään opintovapaalle." })).await;
        assert_eq!(moved["ownWorker"], json!(guide));
        assert_eq!(app.ask("service-guide", sees, json!({ "id": client })).await["client"]["id"], json!(client));
        let relations = app.ask("service-guide", "query($id: ID!) { client(id: $id) { relations { nodes { subject basis inForce } } } }", json!({ "id": client })).await;
        let of = |who: &str| relations["client"]["relations"]["nodes"].as_array().unwrap().iter().filter(|r| r["subject"] == who && r["basis"] == "CASE").cloned().collect::<Vec<_>>();
        assert_eq!((of(&social)[0]["inForce"].clone(), of(&guide)[0]["inForce"].clone()), (json!(false), json!(true)));
        // Whoever has handed it over governs it no more; the lead does, without a relation.
        let back = at(app, &case, json!({ "to": social })).await;
        assert_eq!(app.refuse("social-worker", &TestApp::mutation("handOverCase", "case { id }"), json!({ "input": back })).await, "FORBIDDEN");
        app.done("lead", "handOverCase", "case { ownWorker client { person { lastName } } }", back).await;
        assert_eq!(app.ask("service-guide", sees, json!({ "id": client })).await["client"], json!(null));
    }

    async fn a_colleague_takes_part_and_a_part_ends(app) {
        let (case, client) = assessing(app).await;
        let guide = subject(app, "service-guide").await;
        let sees = async || app.ask("service-guide", "query($id: ID!) { client(id: $id) { id } myCaseload { totalCount } }", json!({ "id": client })).await;
        assert_eq!(sees().await, json!({ "client": null, "myCaseload": { "totalCount": 0 } }));
        let part = async || at(app, &case, json!({ "worker": guide })).await;
        app.done("social-worker", "addCaseWorker", "case { version }", part().await).await;
        assert_eq!(sees().await, json!({ "client": { "id": client }, "myCaseload": { "totalCount": 1 } }));
        assert_eq!(app.rejected("social-worker", "addCaseWorker", "case { id }", part().await).await, ["NOT_UNIQUE worker"]);
        let own = at(app, &case, json!({ "worker": subject(app, "social-worker").await })).await;
        assert_eq!(app.rejected("social-worker", "endCaseWorker", "case { id }", own).await, ["IN_USE worker"]);
        app.done("social-worker", "endCaseWorker", "case { version }", part().await).await;
        assert_eq!(sees().await, json!({ "client": null, "myCaseload": { "totalCount": 0 } }));
        assert_eq!(app.rejected("social-worker", "endCaseWorker", "case { id }", part().await).await, ["UNKNOWN_REFERENCE worker"]);
    }

    async fn two_move_a_case_at_once_and_one_wins(app) {
        let (case, _) = assessing(app).await;
        let input = at(app, &case, json!({ "reason": "PRISON", "reviewOn": in_days(30) })).await;
        let (a, b) = tokio::join!(
            app.payload("social-worker", "suspendCase", "case { id }", input.clone()),
            app.payload("social-worker", "suspendCase", "case { id }", input.clone()),
        );
        let codes: Vec<_> = [a, b].iter().map(|p| p["userErrors"][0]["code"].clone()).collect();
        assert!(codes.contains(&json!(null)) && codes.contains(&json!("STALE_VERSION")), "{codes:?}");
        assert!(version(app, &case).await > 1);
    }

    async fn two_workers_act_on_one_case_at_once_from_two_processes_and_one_wins(app) {
        let (case, _) = assessing(app).await;
        let guide = subject(app, "service-guide").await;
        app.done("social-worker", "addCaseWorker", "case { version }", at(app, &case, json!({ "worker": guide })).await).await;
        let second = app.second_process().await;
        let suspend = TestApp::mutation("suspendCase", "case { id }");
        for round in 0..6 {
            let away = at(app, &case, json!({ "reason": "PRISON", "reviewOn": in_days(30) })).await;
            // The colleague does the same, or something else.
            let (mutation, input) = if round % 2 == 0 { ("suspendCase", away.clone()) } else {
                ("updateCase", at(app, &case, json!({ "content": { "serviceTask": "WORKING_AGE_SERVICES", "urgent": round == 1 } })).await)
            };
            let (events, before) = (app.count("case_event", "1 = 1").await, version(app, &case).await);
            let query = TestApp::mutation(mutation, "case { id }");
            let (a, b) = tokio::join!(
                app.post_to(&second, "service-guide", &suspend, json!({ "input": away })),
                app.post("social-worker", &query, json!({ "input": input })),
            );
            let outcomes = [&a.body["data"]["suspendCase"], &b.body["data"][mutation]].map(|payload| payload["userErrors"][0]["code"].clone());
            assert!(outcomes.contains(&json!(null)) && outcomes.contains(&json!("STALE_VERSION")), "{}\n{}", a.text, b.text);
            // Of the other nothing is left: one version, one event.
            assert_eq!((app.count("case_event", "1 = 1").await, version(app, &case).await), (events + 1, before + 1));
            if app.count("client_case", "suspension IS NOT NULL").await == 1 {
                step(app, "social-worker", "resumeCase", &case, json!({})).await;
            }
        }
    }

    async fn what_is_said_of_a_case_can_be_mended_by_those_with_a_relation(app) {
        let (case, _) = assessing(app).await;
        let content = json!({ "serviceTask": "WORKING_AGE_SERVICES", "parallel": ["CHILD_FAMILY_SERVICES"], "groups": ["HIGHEST_CARE_ALLOWANCE"], "urgent": true });
        let input = at(app, &case, json!({ "content": content })).await;
        assert_eq!(app.refuse("lead", &TestApp::mutation("updateCase", "case { id }"), json!({ "input": input })).await, "FORBIDDEN");
        let seen = app.done("social-worker", "updateCase", "case { parallel { value } groups urgent }", input).await["case"].clone();
        assert_eq!(seen, json!({ "parallel": [{ "value": "CHILD_FAMILY_SERVICES" }], "groups": ["HIGHEST_CARE_ALLOWANCE"], "urgent": true }));
        let (other, _) = client(app, eino()).await;
        let twice = json!({ "client": other, "organization": app.world.organization("county"), "content": { "serviceTask": "NOPE", "parallel": ["CHILD_WELFARE", "CHILD_WELFARE"] } });
        assert_eq!(app.rejected("social-worker", "startCase", "case { id }", twice).await, ["UNKNOWN_CODE content.serviceTask", "DUPLICATE content.parallel.1"]);
        let elsewhere = json!({ "client": other, "organization": app.world.organization("ngo"), "content": { "serviceTask": "CHILD_WELFARE" } });
        assert_eq!(app.refuse("social-worker", &TestApp::mutation("startCase", "case { id }"), json!({ "input": elsewhere })).await, "FORBIDDEN");
    }

    async fn a_client_has_one_open_case_of_a_service_task_however_it_comes_about(app) {
        let (client, _) = client(app, aino()).await;
        started(app, &client).await;
        let county = app.world.organization("county");
        let another = json!({ "client": client, "organization": county, "content": { "serviceTask": "SUBSTANCE_ABUSE_SERVICES" } });
        let other = text(&app.done("social-worker", "startCase", "case { id }", another).await["case"]["id"]);
        let change = at(app, &other, json!({ "content": { "serviceTask": "WORKING_AGE_SERVICES" } })).await;
        assert_eq!(app.rejected("social-worker", "updateCase", "case { id }", change).await, ["NOT_UNIQUE content.serviceTask"]);
        let same = at(app, &other, json!({ "content": { "serviceTask": "SUBSTANCE_ABUSE_SERVICES", "urgent": true } })).await;
        app.done("social-worker", "updateCase", "case { id }", same).await;
        // Whom somebody steers in once more is known already: the case that is open goes on.
        let referral = text(&app.done("partner", "createReferral", "referral { id }", introduced(app)).await["referral"]["id"]);
        let terms = json!({
            "referral": referral, "purpose": "REFERRAL", "recipient": county, "scope": ["FULL_NAME", "CONTACT", "REASON"], "method": "WRITTEN",
            "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        app.done("partner", "recordConsent", "consent { id }", terms).await;
        app.done("partner", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("social-worker", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let accept = json!({ "id": referral, "expectedVersion": 3, "person": { "client": client } });
        assert_eq!(app.rejected("social-worker", "acceptReferral", "referral { id }", accept).await, ["NOT_UNIQUE id"]);
        assert_eq!(app.count("client_case", "stage <> 'CLOSED'").await, 2);
    }
}
