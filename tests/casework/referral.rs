//! Referrals: sent with consent, answered, and the outcome comes back.
use super::opened;
use crate::person::given::{accepted, accepted_with, account, aino, by_law, client, consent, draft, introduced, municipality, sent, text};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn step(app: &TestApp, actor: &str, mutation: &str, mut input: Value, id: &str) -> Value {
    let version = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { version } }", json!({ "id": id })).await["referral"]["version"].clone();
    input["id"] = json!(id);
    input["expectedVersion"] = version;
    app.done(actor, mutation, "referral { id state outcome declineReason handler moves }", input).await["referral"].clone()
}

/// A referral that the association has accepted, with its consent; both ids.
async fn taken_on(app: &TestApp, client: &str) -> (String, String) {
    let (referral, consent) = sent(app, client).await;
    step(app, "partner", "acknowledgeReferral", json!({}), &referral).await;
    step(app, "partner", "acceptReferral", json!({}), &referral).await;
    (referral, consent)
}

/// Aino without her identity code, so that there may be another.
fn aino_again(last_name: &str) -> Value {
    let mut who = aino();
    who["hetu"] = json!(null);
    who["lastName"] = json!(last_name);
    who
}

stories! {
    async fn the_outcome_comes_back_to_the_sender(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = sent(app, &id).await;
        let seen = app.ask("partner", "query($id: ID!) { referral(id: $id) { state moves introduction { alias phone fullName reason } client { id } dueAt overdue } }", json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen["introduction"], json!({ "alias": "Aino", "phone": "+358500000001", "fullName": null, "reason": "Kaipaa seuraa ja tekemistä arkeen." }));
        assert_eq!((seen["client"].clone(), seen["overdue"].clone(), seen["moves"].clone()), (json!(null), json!(false), json!(["ACKNOWLEDGE"])));
        assert_eq!(step(app, "partner", "acknowledgeReferral", json!({}), &referral).await["state"], "RECEIVED");
        assert_eq!(step(app, "partner", "requestReferralInfo", json!({ "message": "Sopiiko aamupäivä?" }), &referral).await["state"], "INFO_REQUESTED");
        assert_eq!(app.ask("client", "{ me { referrals { nodes { message } } } }", json!({})).await["me"]["referrals"]["nodes"][0]["message"], "Sopiiko aamupäivä?");
        assert_eq!(step(app, "client", "supplyReferralInfo", json!({ "message": "Sopii." }), &referral).await["state"], "RECEIVED");
        assert_eq!(step(app, "partner", "acceptReferral", json!({}), &referral).await["state"], "ACCEPTED");
        assert_eq!(step(app, "partner", "reportReferralOutcome", json!({ "outcome": "ARRIVED" }), &referral).await["outcome"], "ARRIVED");
        let version = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { version } }", json!({ "id": referral })).await["referral"]["version"].clone();
        let report = |outcome: &str| json!({ "id": referral, "expectedVersion": version, "outcome": outcome });
        assert_eq!(app.rejected("partner", "reportReferralOutcome", "referral { id }", report("DID_NOT_ARRIVE")).await, ["OUTCOME_ORDER outcome"]);
        assert_eq!(app.rejected("partner", "reportReferralOutcome", "referral { id }", report("DISCONTINUED")).await, ["REQUIRED message"]);
        app.done("partner", "reportReferralOutcome", "referral { id }", report("COMPLETED")).await;
        let notices = app.ask("social-worker", "{ notices { nodes { kind referral { outcome } } } }", json!({})).await["notices"]["nodes"].clone();
        assert_eq!(notices[0], json!({ "kind": "REFERRAL_OUTCOME_REPORTED", "referral": { "outcome": "COMPLETED" } }));
        assert_eq!(notices.as_array().unwrap().len(), 4, "{notices}");
    }

    async fn a_draft_is_its_writers_alone(app) {
        let referral = text(&app.done("partner", "createReferral", "referral { id }", introduced(app)).await["referral"]["id"]);
        for other in ["service-guide", "partner-b", "admin"] {
            assert_eq!(app.ask(other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": referral })).await["node"], json!(null), "{other}");
        }
    }

    async fn a_partner_steers_somebody_in_who_becomes_a_client_when_the_authority_accepts(app) {
        let (referral, client) = accepted(app).await;
        let seen = app.ask("service-guide", "query($id: ID!) { client(id: $id) { person { lastName } consents { totalCount } } }", json!({ "id": client })).await["client"].clone();
        assert_eq!(seen, json!({ "person": { "lastName": "Testilä" }, "consents": { "totalCount": 1 } }));
        assert_eq!(app.count("client_case", "stage = 'PENDING'").await, 1);
        // The partner learns that it was accepted, and nothing of the register.
        let seen = app.ask("partner", "query($id: ID!) { referral(id: $id) { state client { id } } }", json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen, json!({ "state": "ACCEPTED", "client": null }));
        assert_eq!(app.ask("dpo", "{ useLog(filter: { outcome: DENIED }) { totalCount } }", json!({})).await["useLog"]["totalCount"], 0);
    }

    async fn whom_nobody_knows_by_name_needs_no_consent(app) {
        let mut input = introduced(app);
        input["introduction"] = json!({ "alias": "Kettu" });
        input["anonymous"] = json!(true);
        let referral = text(&app.done("partner", "createReferral", "referral { id }", input).await["referral"]["id"]);
        app.done("partner", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
        let seen = app.ask("service-guide", "query($id: ID!) { referral(id: $id) { anonymous introduction { alias fullName } } }", json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen, json!({ "anonymous": true, "introduction": { "alias": "Kettu", "fullName": null } }));
    }

    async fn each_side_makes_its_own_moves_only(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        let input = || json!({ "id": referral, "expectedVersion": 2 });
        assert_eq!(app.rejected("social-worker", "acknowledgeReferral", "referral { id }", input()).await, ["RECIPIENT_ONLY id"]);
        assert_eq!(app.rejected("partner", "withdrawReferral", "referral { id }", input()).await, ["SENDER_ONLY id"]);
        assert_eq!(app.rejected("partner", "acceptReferral", "referral { id }", input()).await, ["ILLEGAL_TRANSITION id"]);
        for stranger in ["partner-b", "provider", "service-guide", "admin-x"] {
            let mutation = TestApp::mutation("acknowledgeReferral", "referral { id }");
            assert_eq!(app.refuse(stranger, &mutation, json!({ "input": input() })).await, "NOT_FOUND", "{stranger}");
        }
    }

    async fn a_referral_that_is_passed_on_needs_a_consent_of_its_own(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        app.done("partner", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let to = json!({ "id": referral, "expectedVersion": 3, "recipient": app.world.organization("parish") });
        let draft = app.done("partner", "redirectReferral", "referral { id state version previous { state } }", to).await["referral"].clone();
        // What it has passed on, it does not read again.
        assert_eq!((draft["state"].clone(), draft["previous"].clone()), (json!("DRAFT"), json!(null)));
        assert_eq!(app.ask("partner", "query($id: ID!) { referral(id: $id) { state } }", json!({ "id": referral })).await["referral"], json!(null));
        let send = json!({ "id": draft["id"], "expectedVersion": 1 });
        assert_eq!(app.rejected("partner", "sendReferral", "referral { id }", send).await, ["CONSENT_MISSING id"]);
    }

    async fn what_is_passed_on_is_read_no_more_once_the_consent_has_ended_by_which_it_was_told(app) {
        let query = "query($id: ID!, $o: ID!) { node(id: $id) { id } referral(id: $id) { introduction { alias phone reason } } \
            referralOutbox(organization: $o, filter: { states: [DRAFT, SENT, CANCELLED] }) { totalCount } }";
        for (how, on_its_way) in [("withdrawn", false), ("withdrawn", true), ("by time", false), ("by time", true), ("prohibited", false)] {
            let (id, _) = client(app, aino_again(how)).await;
            let (referral, consent) = sent(app, &id).await;
            step(app, "partner", "acknowledgeReferral", json!({}), &referral).await;
            let to = json!({ "id": referral, "expectedVersion": 3, "recipient": app.world.organization("parish") });
            let passed = text(&app.done("partner", "redirectReferral", "referral { id }", to).await["referral"]["id"]);
            let seen = async |actor: &str, organization: &str| app.ask(actor, query, json!({ "id": passed, "o": app.world.organization(organization) })).await;
            let told = json!({ "alias": "Aino", "phone": "+358500000001", "reason": "Kaipaa seuraa ja tekemistä arkeen." });
            assert_eq!(seen("partner", "ngo").await["referral"]["introduction"], told, "{how}");
            if on_its_way {
                let terms = json!({
                    "referral": passed, "purpose": "REFERRAL", "recipient": app.world.organization("parish"), "scope": ["ALIAS", "CONTACT", "REASON"],
                    "method": "WRITTEN", "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
                });
                app.done("partner", "recordConsent", "consent { id }", terms).await;
                app.done("partner", "sendReferral", "referral { id }", json!({ "id": passed, "expectedVersion": 1 })).await;
            }
            match how {
                "withdrawn" => {
                    app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
                }
                "prohibited" => {
                    let prohibit = json!({ "client": id, "target": { "controller": app.world.organization("ngo") } });
                    app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", prohibit).await;
                }
                _ => {
                    let one = tests::literal(app.database(), domain::id::split_public(&consent).unwrap().1);
                    app.tamper(&format!("UPDATE consent SET expires_at = '2020-01-01 00:00:00+00:00' WHERE id = {one}")).await;
                }
            }
            let nothing = json!({ "node": null, "referral": null, "referralOutbox": { "totalCount": 0 } });
            assert_eq!(seen("partner", "ngo").await, nothing, "{how}, on its way: {on_its_way}");
            api::job::due(&app.store().await).await;
            let one = tests::literal(app.database(), domain::id::split_public(&passed).unwrap().1);
            let state = |state: &str, blank: &str| format!("id = {one} AND state = '{state}' AND introduction IS {blank}");
            if on_its_way {
                // By a consent of its own, the other recipient has been told.
                assert_eq!(seen("partner-b", "parish").await["referral"]["introduction"], told, "{how}");
                assert_eq!(app.count("referral", &state("SENT", "NOT NULL")).await, 1, "{how}");
            } else {
                assert_eq!(app.count("referral", &state("CANCELLED", "NULL")).await, 1, "{how}");
            }
        }
    }

    async fn whoever_passes_a_referral_on_has_nothing_to_do_with_the_client_any_more(app) {
        let (id, _) = client(app, aino()).await;
        let authority = municipality(app).await;
        let referral = by_law(app, &id, &authority, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        step(app, "municipal", "acknowledgeReferral", json!({}), &referral).await;
        let sees = async || app.ask("municipal", "query($id: ID!) { client(id: $id) { id } }", json!({ "id": id })).await["client"].clone();
        assert_eq!(sees().await, json!({ "id": id }));
        let to = json!({ "id": referral, "expectedVersion": 3, "recipient": app.world.organization("ngo") });
        app.done("municipal", "redirectReferral", "referral { id }", to).await;
        assert_eq!(sees().await, json!(null));
    }

    async fn at_an_authority_those_who_work_with_clients_take_referrals_up_and_know_of_whom_they_are(app) {
        let county = app.world.organization("county");
        for (actor, role) in [("referrer", "REFERRER"), ("outreach", "OUTREACH_WORKER"), ("manager", "PROVIDER_MANAGER"), ("counsellor", "SOCIAL_COUNSELLOR")] {
            let grant = json!({ "subject": opened::subject(app, actor).await, "organization": county, "role": role });
            app.done("admin", "grantMembership", "membership { id }", grant).await;
        }
        let referral = text(&app.done("partner", "createReferral", "referral { id }", introduced(app)).await["referral"]["id"]);
        let terms = json!({
            "referral": referral, "purpose": "REFERRAL", "recipient": county, "scope": ["FULL_NAME", "CONTACT", "REASON"], "method": "WRITTEN",
            "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        app.done("partner", "recordConsent", "consent { id }", terms).await;
        app.done("partner", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        let query = "query($id: ID!) { referral(id: $id) { state moves message introduction { fullName } } }";
        let seen = async |actor: &str| app.ask(actor, query, json!({ "id": referral })).await["referral"].clone();
        let everybody = ["service-guide", "social-worker", "counsellor", "lead", "referrer", "outreach", "manager", "partner"];
        // Until somebody has taken it up, it is for whoever comes first; and that is somebody who works with clients.
        for actor in everybody {
            assert_eq!(seen(actor).await["introduction"], json!({ "fullName": "Eino Testilä" }), "{actor}");
        }
        let acknowledge = TestApp::mutation("acknowledgeReferral", "referral { id }");
        for other in ["referrer", "outreach", "manager"] {
            assert_eq!(seen(other).await["moves"], json!([]), "{other}");
            let code = app.refuse(other, &acknowledge, json!({ "input": { "id": referral, "expectedVersion": 2 } })).await;
            assert_eq!(code, "FORBIDDEN", "{other}");
        }
        app.done("service-guide", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        app.done("service-guide", "requestReferralInfo", "referral { id }", json!({ "id": referral, "expectedVersion": 3, "message": "Onko asunto irtisanottu?" })).await;
        for actor in everybody {
            let told = ["service-guide", "lead", "partner"].contains(&actor);
            let (message, introduction) = if told { (json!("Onko asunto irtisanottu?"), json!({ "fullName": "Eino Testilä" })) } else { (json!(null), json!(null)) };
            let seen = seen(actor).await;
            assert_eq!((&seen["state"], &seen["message"], &seen["introduction"]), (&json!("INFO_REQUESTED"), &message, &introduction), "{actor}");
        }
        // Of one who has become a client, a relation opens what came with the referral too.
        app.done("partner", "supplyReferralInfo", "referral { id }", json!({ "id": referral, "expectedVersion": 4, "message": "On." })).await;
        let register = json!({ "firstNames": "Eino", "lastName": "Testilä", "birthDate": "1985-05-05", "gender": "MALE", "language": "fi" });
        let accept = json!({ "id": referral, "expectedVersion": 5, "person": { "register": register } });
        let number = app.done("service-guide", "acceptReferral", "referral { client { number } }", accept).await["referral"]["client"]["number"].clone();
        assert_eq!(seen("social-worker").await["introduction"], json!(null));
        let open = json!({ "organization": county, "client": { "number": number }, "reason": "Sosiaalityöntekijä vastaa asiasta." });
        app.done("social-worker", "openByStatutoryRight", "careRelation { id }", open).await;
        assert_eq!(seen("social-worker").await["introduction"], json!({ "fullName": "Eino Testilä" }));
        assert_eq!(seen("counsellor").await["introduction"], json!(null));
    }

    async fn clients_steer_themselves(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": id,
            "content": { "direction": "OUTBOUND", "referrer": "ONESELF", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
        });
        let referral = text(&app.done("client", "createReferral", "referral { id }", input).await["referral"]["id"]);
        consent(app, "client", &referral, &["ALIAS"]).await;
        app.done("client", "sendReferral", "referral { state moves }", json!({ "id": referral, "expectedVersion": 1 })).await;
        let seen = app.ask("partner", "query($id: ID!) { referral(id: $id) { introduction { alias } consent { method } } }", json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen, json!({ "introduction": { "alias": "Aino" }, "consent": { "method": "ELECTRONIC" } }));
        assert_eq!(app.rejected("client", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await, ["RECIPIENT_ONLY id"]);
        app.done("client", "withdrawReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 2 })).await;
        assert_eq!(app.ask("partner", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": referral })).await["node"], json!(null));
    }

    async fn of_somebody_who_is_only_advised_nothing_goes_along(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let authority = municipality(app).await;
        let input = |recipient: &str, disclose: &[&str]| json!({
            "sender": app.world.organization("county"), "recipient": recipient, "client": id,
            "content": { "direction": "ADVICE_ONLY", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": disclose },
            "introduction": { "reason": "Kaipaa seuraa ja tekemistä arkeen." },
        });
        let (ngo, county) = (app.world.organization("ngo"), app.world.organization("county"));
        assert_eq!(app.rejected("social-worker", "createReferral", "referral { id }", input(&ngo, &["ALIAS"])).await, ["NOTHING_DISCLOSED content.disclose"]);
        let logs = app.count("disclosure_log_entry", "1 = 1").await;
        for (recipient, actor) in [(&ngo, "partner"), (&authority, "municipal"), (&county, "service-guide")] {
            let made = app.done("social-worker", "createReferral", "referral { id introduction { reason } }", input(recipient, &[])).await["referral"].clone();
            assert_eq!(made["introduction"]["reason"], "Kaipaa seuraa ja tekemistä arkeen.");
            let referral = text(&made["id"]);
            let consent = json!({
                "referral": referral, "purpose": "REFERRAL", "recipient": recipient, "scope": ["ENTRIES"], "method": "WRITTEN", "textVersion": "ohjaus-2026-1",
                "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
            });
            assert_eq!(app.rejected("social-worker", "recordConsent", "consent { id }", consent).await, ["NOTHING_DISCLOSED referral"], "{actor}");
            app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
            let moves = step(app, actor, "acknowledgeReferral", json!({}), &referral).await["moves"].clone();
            assert_eq!(moves.as_array().unwrap()[..3], ["ACCEPT", "DECLINE", "REDIRECT"], "{actor}");
            let ask = json!({ "id": referral, "expectedVersion": 3, "message": "Mistä on kyse?" });
            assert_eq!(app.rejected(actor, "requestReferralInfo", "referral { id }", ask).await, ["NOTHING_DISCLOSED message"], "{actor}");
            step(app, actor, "acceptReferral", json!({}), &referral).await;
            let query = "query($id: ID!, $c: ID!) { referral(id: $id) { direction introduction { alias fullName phone reason } client { id } consent { id } sharedEntries { totalCount } } client(id: $c) { id } }";
            let seen = app.ask(actor, query, json!({ "id": referral, "c": id })).await;
            let nothing = json!({ "alias": null, "fullName": null, "phone": null, "reason": null });
            let told = json!({ "direction": "ADVICE_ONLY", "introduction": nothing, "client": null, "consent": null, "sharedEntries": { "totalCount": 0 } });
            assert_eq!(seen, json!({ "referral": told, "client": null }), "{actor}");
            // The client has taken contact alone: that comes back to whoever gave the advice.
            step(app, actor, "reportReferralOutcome", json!({ "outcome": "ARRIVED" }), &referral).await;
            let told = app.ask("social-worker", "{ notices(first: 1) { nodes { kind referral { id outcome } } } }", json!({})).await["notices"]["nodes"][0].clone();
            assert_eq!(told, json!({ "kind": "REFERRAL_OUTCOME_REPORTED", "referral": { "id": referral, "outcome": "ARRIVED" } }), "{actor}");
        }
        assert_eq!((app.count("disclosure_log_entry", "1 = 1").await, app.count("care_relation", "basis = 'REFERRAL_HANDLING'").await), (logs, 0));
    }

    async fn two_at_once_and_one_wins(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        let input = json!({ "id": referral, "expectedVersion": 2 });
        let (a, b) = tokio::join!(
            app.payload("partner", "acknowledgeReferral", "referral { id }", input.clone()),
            app.payload("partner", "acknowledgeReferral", "referral { id }", input.clone()),
        );
        let codes: Vec<_> = [a, b].iter().map(|p| p["userErrors"][0]["code"].clone()).collect();
        assert!(codes.contains(&json!(null)) && codes.contains(&json!("STALE_VERSION")), "{codes:?}");
    }

    async fn somebody_under_non_disclosure_is_told_of_by_alias_only(app) {
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino(), "protected": true });
        let id = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        let referral = draft(app, &id, &["ALIAS", "CONTACT"]).await;
        consent(app, "social-worker", &referral, &["ALIAS", "CONTACT", "REASON"]).await;
        let send = json!({ "id": referral, "expectedVersion": 1 });
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send).await, ["PROTECTED_PERSON content.disclose"]);
    }

    async fn whoever_comes_under_non_disclosure_is_hidden_in_what_was_sent_too(app) {
        let id = client(app, aino()).await.0;
        let authority = municipality(app).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": authority, "client": id,
            "content": {
                "direction": "TRANSFER", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["FULL_NAME", "ADDRESS"],
                "legalBasis": "Sosiaalihuoltolaki 41 §",
            },
        });
        let referral = text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"]);
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        account(app, &id).await;
        let query = "query($id: ID!) { referral(id: $id) { introduction { fullName address { street } } } }";
        let seen = async |actor: &str| app.ask(actor, query, json!({ "id": referral })).await["referral"]["introduction"].clone();
        let whole = json!({ "fullName": "Aino Esimerkki Mallinen", "address": { "street": "Mallikatu 1" } });
        assert_eq!(seen("social-worker").await, whole);
        let update = json!({ "client": id, "expectedVersion": 1, "identity": aino(), "protected": true });
        app.done("social-worker", "updateIdentity", "person { protected }", update).await;
        let hidden = json!({ "fullName": "Aino Esimerkki Mallinen", "address": null });
        for actor in ["social-worker", "client"] {
            assert_eq!(seen(actor).await, hidden, "{actor}");
        }
        assert_eq!(seen("municipal").await, hidden, "nobody handles it yet");
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        assert_eq!(seen("municipal").await, whole, "the authority was told on a law");
        // Who has written it and works with the client no more is not shown it either.
        let relation = "query($id: ID!) { client(id: $id) { relations { nodes { id version } } } }";
        let own = app.ask("social-worker", relation, json!({ "id": id })).await["client"]["relations"]["nodes"][0].clone();
        app.done("social-worker", "endCareRelation", "careRelation { endedAt }", json!({ "id": own["id"], "expectedVersion": own["version"] })).await;
        assert_eq!(seen("social-worker").await, hidden);
    }

    async fn having_written_a_referral_once_is_no_ground_for_ever(app) {
        let (referral, _) = accepted(app).await;
        let query = "query($id: ID!) { referral(id: $id) { state introduction { fullName } } }";
        assert_eq!(app.ask("partner", query, json!({ "id": referral })).await["referral"]["state"], "ACCEPTED");
        app.tamper("UPDATE referral SET updated_at = '2020-01-01 00:00:00+00:00'").await;
        assert_eq!(app.ask("partner", query, json!({ "id": referral })).await["referral"], json!(null));
    }

    async fn the_sender_is_told_that_somebody_did_not_come_and_came_after_all_and_why_it_broke_off(app) {
        let (id, _) = client(app, aino()).await;
        let referral = taken_on(app, &id).await.0;
        let report = async |input: Value| step(app, "partner", "reportReferralOutcome", input, &referral).await["outcome"].clone();
        assert_eq!(report(json!({ "outcome": "DID_NOT_ARRIVE" })).await, "DID_NOT_ARRIVE");
        let query = "query($id: ID!) { referral(id: $id) { state outcome message } notices(first: 1) { nodes { kind } } }";
        let seen = async || app.ask("social-worker", query, json!({ "id": referral })).await;
        let told = |outcome: &str, message: Option<&str>| {
            json!({ "referral": { "state": "ACCEPTED", "outcome": outcome, "message": message }, "notices": { "nodes": [{ "kind": "REFERRAL_OUTCOME_REPORTED" }] } })
        };
        assert_eq!(seen().await, told("DID_NOT_ARRIVE", None));
        assert_eq!(report(json!({ "outcome": "ARRIVED" })).await, "ARRIVED");
        assert_eq!(report(json!({ "outcome": "DISCONTINUED", "message": "Asiakas muutti." })).await, "DISCONTINUED");
        assert_eq!(seen().await, told("DISCONTINUED", Some("Asiakas muutti.")));
    }

    async fn the_outcome_comes_back_after_the_consent_has_ended_and_nothing_is_read_for_it(app) {
        for how in ["withdrawn", "by time", "expired"] {
            let (id, _) = client(app, aino_again(how)).await;
            let (referral, consent) = taken_on(app, &id).await;
            match how {
                "withdrawn" => {
                    app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
                }
                _ => app.tamper("UPDATE consent SET expires_at = '2020-01-01 00:00:00+00:00'").await,
            }
            if how == "expired" {
                assert!(crate::person::given::ended(api::job::due(&app.store().await).await).0 > 0);
            }
            let node = "query($id: ID!) { node(id: $id) { id } referral(id: $id) { state } }";
            let unread = async || {
                assert_eq!(app.ask("partner", node, json!({ "id": referral })).await, json!({ "node": null, "referral": null }), "{how}");
            };
            unread().await;
            let version = async || app.ask("social-worker", "query($id: ID!) { referral(id: $id) { version } }", json!({ "id": referral })).await["referral"]["version"].clone();
            let fields = "referral { id state introduction { alias phone reason } message client { id } consent { id } }";
            let report = async |actor: &str, outcome: &str, message: Option<&str>| {
                let input = json!({ "id": referral, "expectedVersion": version().await, "outcome": outcome, "message": message });
                let entries = app.count("use_log_entry", "1 = 1").await;
                let answer = app.post(actor, &TestApp::mutation("reportReferralOutcome", fields), json!({ "input": input })).await;
                // Nothing is shown, so nothing is in the log of what was.
                assert_eq!(app.count("use_log_entry", "1 = 1").await - entries, i64::from(actor != "partner"), "{how}");
                answer
            };
            for (outcome, message) in [("DID_NOT_ARRIVE", None), ("ARRIVED", None), ("DISCONTINUED", Some("Asiakas muutti."))] {
                let answer = report("partner", outcome, message).await;
                let payload = &answer.body["data"]["reportReferralOutcome"];
                assert_eq!((&payload["referral"], &payload["userErrors"][0]["code"]), (&json!(null), &json!(null)), "{how}: {}", answer.text);
                assert!(!answer.text.contains("Aino") && !answer.text.contains("Kaipaa"), "{}", answer.text);
                unread().await;
                let query = "query($id: ID!) { referral(id: $id) { outcome message } notices(first: 1) { nodes { kind referral { id } } } }";
                let seen = app.ask("social-worker", query, json!({ "id": referral })).await;
                assert_eq!(seen["referral"], json!({ "outcome": outcome, "message": message }), "{how}");
                assert_eq!(seen["notices"]["nodes"][0], json!({ "kind": "REFERRAL_OUTCOME_REPORTED", "referral": { "id": referral } }), "{how}");
            }
            let again = report("partner", "COMPLETED", None).await;
            assert_eq!(again.body["data"]["reportReferralOutcome"]["userErrors"][0]["code"], "OUTCOME_ORDER", "{}", again.text);
            assert_eq!(report("partner-b", "ARRIVED", None).await.code(), "NOT_FOUND");
            // That one move is all: nothing else of it is the recipient's.
            for mutation in ["acceptReferral", "withdrawReferral", "acknowledgeReferral"] {
                let asked = TestApp::mutation(mutation, "referral { id }");
                assert_eq!(app.refuse("partner", &asked, json!({ "input": { "id": referral, "expectedVersion": version().await } })).await, "NOT_FOUND", "{mutation}");
            }
        }
    }

    async fn no_outcome_is_told_of_what_was_never_accepted_and_no_restriction_is_told_with_it(app) {
        let (id, _) = client(app, aino()).await;
        let report = TestApp::mutation("reportReferralOutcome", "referral { id }");
        let input = |referral: &str, version: i64| json!({ "input": { "id": referral, "expectedVersion": version, "outcome": "ARRIVED" } });
        let (referral, consent) = sent(app, &id).await;
        app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(app.refuse("partner", &report, input(&referral, 3)).await, "NOT_FOUND");
        let (referral, consent) = taken_on(app, &id).await;
        app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(app.rejected("partner", "reportReferralOutcome", "referral { id }", input(&referral, 9)["input"].clone()).await, ["STALE_VERSION expectedVersion"]);
        let restricted = json!({ "client": id, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", restricted).await;
        assert_eq!(app.refuse("partner", &report, input(&referral, 4)).await, "NOT_FOUND");
    }

    async fn the_sender_follows_in_coarse_form_whom_it_has_steered_in(app) {
        let (referral, client) = accepted_with(app, &["FULL_NAME", "CONTACT", "REASON", "PROGRESS"]).await;
        let case = app.cases().await[0].clone();
        let query = "query($r: ID!, $c: ID!) { referral(id: $r) { state progress } case(id: $c) { stage } }";
        let seen = async |actor: &str| app.ask(actor, query, json!({ "r": referral, "c": case })).await;
        let told = |progress: &str| json!({ "referral": { "state": "ACCEPTED", "progress": progress }, "case": null });
        assert_eq!(seen("partner").await, told("PENDING"));
        let log = async || app.ask("dpo", "{ disclosureLog { nodes { items basis recipient { name { fi } } } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        let entry = json!({ "items": ["PROGRESS"], "basis": "CONSENT", "recipient": { "name": { "fi": "ngo" } } });
        assert_eq!((&log().await[0], log().await.as_array().unwrap().len()), (&entry, 2));
        assert_eq!(app.count("use_log_entry", "what LIKE '%Referral.progress%' AND outcome = 'SHOWN'").await, 1);
        let own = opened::subject(app, "service-guide").await;
        let at = |version: i64, mut input: Value| {
            (input["id"], input["expectedVersion"]) = (json!(case), json!(version));
            input
        };
        app.done("service-guide", "assessCase", "case { stage }", at(1, json!({ "ownWorker": own, "urgent": false }))).await;
        // That the client is in hospital is nothing that is told.
        app.done("service-guide", "suspendCase", "case { stage }", at(2, json!({ "reason": "HOSPITAL", "reviewOn": tests::in_days(14) }))).await;
        assert_eq!(seen("partner").await, told("UNDER_WAY"));
        assert_eq!(seen("service-guide").await, json!({ "referral": { "state": "ACCEPTED", "progress": "UNDER_WAY" }, "case": { "stage": "ASSESSMENT" } }));
        for stranger in ["partner-b", "provider", "partner-x", "admin"] {
            assert_eq!(seen(stranger).await, json!({ "referral": null, "case": null }), "{stranger}");
        }
        // The sender follows to the end, and not only for a while.
        app.tamper("UPDATE referral SET updated_at = '2020-01-01 00:00:00+00:00'").await;
        assert_eq!(seen("partner").await, told("UNDER_WAY"));
        // What the client keeps back from the sender is told no more, and told again when it is not kept back.
        let set = json!({ "client": client, "target": { "controller": app.world.organization("ngo") } });
        let kept = app.done("service-guide", "setDisclosureProhibition", "disclosureProhibition { id }", set).await["disclosureProhibition"]["id"].clone();
        assert_eq!(seen("partner").await["referral"]["progress"], json!(null));
        app.done("service-guide", "removeDisclosureProhibition", "disclosureProhibition { id }", json!({ "id": kept, "expectedVersion": 1 })).await;
        assert_eq!(seen("partner").await, told("UNDER_WAY"));
        assert_eq!((&log().await[0], log().await.as_array().unwrap().len()), (&entry, 3));
        let given = app.ask("service-guide", "query($id: ID!) { client(id: $id) { consents { nodes { id version } } } }", json!({ "id": client })).await;
        let given = given["client"]["consents"]["nodes"][0].clone();
        let withdrawn = json!({ "id": given["id"], "expectedVersion": given["version"] });
        app.done("service-guide", "withdrawConsent", "consent { state }", withdrawn).await;
        assert!(seen("partner").await["referral"]["progress"].is_null());
    }

    async fn without_a_consent_to_it_the_sender_is_not_told_how_far_somebody_has_come(app) {
        let (referral, _) = accepted(app).await;
        let query = "query($r: ID!) { referral(id: $r) { state progress } }";
        let seen = async |actor: &str, referral: &str| app.ask(actor, query, json!({ "r": referral })).await["referral"].clone();
        assert_eq!(seen("partner", &referral).await, json!({ "state": "ACCEPTED", "progress": null }));
        assert_eq!(seen("service-guide", &referral).await["progress"], "PENDING");
        assert_eq!(app.ask("dpo", "{ disclosureLog { totalCount } }", json!({})).await["disclosureLog"]["totalCount"], 1);
        // It is told back, and goes along with nothing.
        let mut input = introduced(app);
        input["content"]["disclose"] = json!(["PROGRESS"]);
        assert_eq!(app.rejected("partner", "createReferral", "referral { id }", input).await, ["DOES_NOT_AGREE content.disclose"]);
        // One authority that has sent another a client on a law follows the client on that law.
        let (id, _) = client(app, aino()).await;
        let authority = municipality(app).await;
        let transfer = by_law(app, &id, &authority, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": transfer, "expectedVersion": 1 })).await;
        assert_eq!(seen("social-worker", &transfer).await, json!({ "state": "SENT", "progress": null }));
        for (version, mutation) in [(2, "acknowledgeReferral"), (3, "acceptReferral")] {
            app.done("municipal", mutation, "referral { id }", json!({ "id": transfer, "expectedVersion": version })).await;
        }
        assert_eq!(seen("social-worker", &transfer).await["progress"], "PENDING");
        let kept = json!({ "client": id, "target": { "serviceTask": "WORKING_AGE_SERVICES" } });
        app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", kept).await;
        assert_eq!(seen("social-worker", &transfer).await, json!({ "state": "ACCEPTED", "progress": null }));
    }
}
