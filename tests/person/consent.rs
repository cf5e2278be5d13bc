//! Consents: withdrawn, they cut at once what rests on them.
use super::given::{account, aino, client, consent, draft, sent, text};
use serde_json::json;
use tests::stories;

const INBOX: &str = "query($o: ID!) { referralInbox(organization: $o) { totalCount nodes { id } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { id } referral(id: $id) { state } }";

stories! {
    async fn a_withdrawn_consent_cuts_the_recipient_off_at_once_and_tells_both_sides(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, consent) = sent(app, &id).await;
        let ngo = app.world.organization("ngo");
        assert_eq!(app.ask("partner", INBOX, json!({ "o": ngo })).await["referralInbox"]["totalCount"], 1);
        app.done("client", "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(app.ask("partner", INBOX, json!({ "o": ngo })).await["referralInbox"], json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(app.ask("partner", NODE, json!({ "id": referral })).await, json!({ "node": null, "referral": null }));
        assert_eq!(app.ask("partner", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": consent })).await["node"], json!(null));
        let acknowledge = tests::TestApp::mutation("acknowledgeReferral", "referral { id }").replace("AcknowledgeReferralInput", "ReferralMoveInput");
        assert_eq!(app.refuse("partner", &acknowledge, json!({ "input": { "id": referral, "expectedVersion": 3 } })).await, "NOT_FOUND");
        let told = |answer: serde_json::Value| answer["notices"]["nodes"][0]["kind"].clone();
        for side in ["partner", "social-worker"] {
            assert_eq!(told(app.ask(side, "{ notices { nodes { kind referralId referral { id } } } }", json!({})).await), "CONSENT_WITHDRAWN", "{side}");
        }
        // The trace stays, with the sender and the client.
        let seen = app.ask("client", "{ me { referrals { nodes { state consent { state } } } } }", json!({})).await["me"]["referrals"]["nodes"].clone();
        assert_eq!(seen, json!([{ "state": "WITHDRAWN", "consent": { "state": "WITHDRAWN" } }]));
        let again = app.rejected("client", "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 2 })).await;
        assert_eq!(again, ["ILLEGAL_TRANSITION id"]);
    }

    async fn a_withdrawn_consent_that_binds_no_referral_is_told_to_both_sides_too(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let give = async |actor: &str| {
            let input = json!({
                "client": id, "purpose": "PHOTO", "recipient": app.world.organization("ngo"), "scope": ["ALIAS"], "method": "WRITTEN",
                "textVersion": "kuvat-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
            });
            text(&app.done(actor, "recordConsent", "consent { id }", input).await["consent"]["id"])
        };
        let notices = async |actor: &str| {
            let list = "{ notices { nodes { kind consentId consent { state } referralId } } }";
            app.ask(actor, list, json!({})).await["notices"]["nodes"].as_array().unwrap().clone()
        };
        let withdraw = async |actor: &str, consent: &str| {
            app.done(actor, "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 1 })).await;
        };
        let told = |consent: &str, state: Option<&str>| {
            json!({ "kind": "CONSENT_WITHDRAWN", "consentId": consent, "consent": state.map(|state| json!({ "state": state })), "referralId": null })
        };
        // Recorded by a worker: the worker and the recipient are told, and the client of what was written down for the client.
        let recorded = give("social-worker").await;
        withdraw("client", &recorded).await;
        assert_eq!(notices("social-worker").await, [told(&recorded, Some("WITHDRAWN"))]);
        assert_eq!(notices("partner").await, [told(&recorded, None)], "the recipient reads it no more");
        assert_eq!((notices("client").await.len(), notices("partner-b").await.len(), notices("service-guide").await.len()), (0, 0, 0));
        let recorded = give("social-worker").await;
        withdraw("social-worker", &recorded).await;
        assert_eq!(notices("client").await, [told(&recorded, Some("WITHDRAWN"))]);
        assert_eq!((notices("social-worker").await.len(), notices("partner").await.len()), (2, 2));
        // Given by the client oneself: the own worker is told.
        let case = crate::casework::opened::started(app, &id).await;
        let worker = crate::casework::opened::subject(app, "social-worker").await;
        let assess = json!({ "id": case, "expectedVersion": 1, "ownWorker": worker, "urgent": false });
        app.done("social-worker", "assessCase", "case { stage }", assess).await;
        let before = notices("social-worker").await.len();
        let given = give("client").await;
        withdraw("client", &given).await;
        assert_eq!(notices("social-worker").await[0], told(&given, Some("WITHDRAWN")));
        assert_eq!((notices("social-worker").await.len(), notices("client").await.len()), (before + 1, 1));
        assert_eq!(notices("partner").await[0], told(&given, None));
        // That its time is over is told to nobody: whoever was given it knows when.
        give("social-worker").await;
        app.tamper("UPDATE consent SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        api::job::due(&app.store().await).await;
        assert_eq!(notices("partner").await.len(), 3);
    }

    async fn a_recipient_is_not_told_of_a_consent_before_it_is_sent_what_the_consent_is_for(app) {
        let (id, _) = client(app, aino()).await;
        let referral = draft(app, &id, &["ALIAS"]).await;
        let consent = consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        let seen = async || app.ask("partner", "query($id: ID!) { node(id: $id) { __typename } }", json!({ "id": consent })).await["node"].clone();
        assert_eq!(seen().await, json!(null));
        let withdraw = tests::TestApp::mutation("withdrawConsent", "consent { id }");
        assert_eq!(app.refuse("partner", &withdraw, json!({ "input": { "id": consent, "expectedVersion": 1 } })).await, "NOT_FOUND");
        app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
        assert_eq!(seen().await["__typename"], "Consent");
    }

    async fn a_recipient_can_write_down_that_a_client_has_withdrawn(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, consent) = sent(app, &id).await;
        app.done("partner", "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(app.ask("partner", NODE, json!({ "id": referral })).await["referral"], json!(null));
        let code = app.refuse("partner-b", &tests::TestApp::mutation("withdrawConsent", "consent { id }"), json!({ "input": { "id": consent, "expectedVersion": 2 } })).await;
        assert_eq!(code, "NOT_FOUND");
    }

    async fn a_consent_binds_one_referral_to_its_own_recipient(app) {
        let (id, _) = client(app, aino()).await;
        let referral = draft(app, &id, &["ALIAS"]).await;
        let input = json!({
            "referral": referral, "purpose": "REFERRAL", "recipient": app.world.organization("parish"), "scope": ["ALIAS"], "method": "WRITTEN",
            "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        assert_eq!(app.rejected("social-worker", "recordConsent", "consent { id }", input.clone()).await, ["CONSENT_BINDING referral"]);
        let mut late = input;
        late["recipient"] = json!(app.world.organization("ngo"));
        late["expiresAt"] = json!("2020-01-01T00:00:00Z");
        late["scope"] = json!([]);
        assert_eq!(app.rejected("social-worker", "recordConsent", "consent { id }", late).await, ["REQUIRED scope", "OUT_OF_RANGE expiresAt"]);
    }

    async fn what_a_consent_does_not_cover_does_not_go_along(app) {
        let (id, _) = client(app, aino()).await;
        let referral = draft(app, &id, &["FULL_NAME", "ADDRESS"]).await;
        let send = || json!({ "id": referral, "expectedVersion": 1 });
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send()).await, ["CONSENT_MISSING id"]);
        consent(app, "social-worker", &referral, &["FULL_NAME", "REASON"]).await;
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send()).await, ["CONSENT_SCOPE content.disclose"]);
        consent(app, "social-worker", &referral, &["FULL_NAME", "REASON", "ADDRESS"]).await;
        app.done("social-worker", "sendReferral", "referral { state }", send()).await;
        let query = "query($id: ID!) { referral(id: $id) { client { id } introduction { alias fullName phone address { street } reason } consent { scope } } }";
        let seen = app.ask("partner", query, json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen["client"], json!(null));
        assert_eq!(text(&seen["introduction"]["fullName"]), "Aino Esimerkki Mallinen");
        assert_eq!((seen["introduction"]["alias"].clone(), seen["introduction"]["phone"].clone()), (json!(null), json!(null)));
        let log = app.ask("dpo", "{ disclosureLog { nodes { items basis } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "items": ["FULL_NAME", "ADDRESS", "REASON"], "basis": "CONSENT" }]));
    }

    async fn a_consent_that_is_over_opens_nothing_and_halts_the_referral(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        app.tamper("UPDATE consent SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        // By time alone, before anybody has written it down.
        assert_eq!(app.ask("partner", NODE, json!({ "id": referral })).await["referral"], json!(null));
        assert_eq!(crate::person::given::ended(api::job::due(&app.store().await).await), (1, 0, 0));
        let seen = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { state consent { state } } }", json!({ "id": referral })).await["referral"].clone();
        assert_eq!(seen, json!({ "state": "WITHDRAWN", "consent": { "state": "EXPIRED" } }));
        assert_eq!(crate::person::given::ended(api::job::due(&app.store().await).await), (0, 0, 0));
    }

    async fn a_referral_that_nobody_acknowledges_expires_and_the_sender_is_told(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        app.tamper("UPDATE referral SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        assert_eq!(crate::person::given::ended(api::job::due(&app.store().await).await), (0, 1, 0));
        let seen = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { state moves } notices { nodes { kind } } }", json!({ "id": referral })).await;
        assert_eq!(seen, json!({ "referral": { "state": "EXPIRED", "moves": [] }, "notices": { "nodes": [{ "kind": "REFERRAL_EXPIRED" }] } }));
        assert_eq!(app.ask("partner", NODE, json!({ "id": referral })).await["referral"], json!(null));
    }
}
