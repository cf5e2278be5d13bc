//! What a review tried and must hold: who is known is told to nobody, consents are not widened by recipients, and what has ended stays ended.
use super::given::{account, aino, client, sent, text};
use serde_json::json;
use tests::{TestApp, stories};

stories! {
    async fn nobody_finds_out_by_an_identity_code_who_is_a_client(app) {
        client(app, aino()).await;
        let mut unknown = aino();
        unknown["hetu"] = json!("010190-901R");
        let mutation = TestApp::mutation("registerClient", "client { id }");
        for actor in ["partner", "client", "dpo", "procurement", "admin-x", "stranger"] {
            for identity in [aino(), unknown.clone()] {
                let input = json!({ "keeper": app.world.organization("county"), "identity": identity });
                let code = app.refuse(actor, &mutation, json!({ "input": input })).await;
                assert!(["FORBIDDEN", "PURPOSE_REQUIRED"].contains(&code.as_str()), "{actor}: {code}");
            }
        }
        // Whoever may register somebody is told that the code is known, and that is put before the data protection officer.
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino() });
        app.rejected("service-guide", "registerClient", "client { id }", input).await;
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { what outcome } } }", json!({})).await["useLog"]["nodes"].clone();
        assert_eq!(flagged, json!([{ "what": ["Person.hetu"], "outcome": "DENIED" }]));
    }

    async fn a_recipient_does_not_widen_what_it_may_read(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, consent) = sent(app, &id).await;
        let input = json!({
            "referral": referral, "purpose": "REFERRAL", "recipient": app.world.organization("ngo"), "scope": ["FULL_NAME", "ADDRESS", "CONTACT", "REASON"],
            "method": "WRITTEN", "textVersion": "x", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(700)).to_rfc3339(),
        });
        assert_eq!(app.refuse("partner", &TestApp::mutation("recordConsent", "consent { id }"), json!({ "input": input })).await, "FORBIDDEN");
        let query = "query($id: ID!) { consent(id: $id) { state scope } }";
        assert_eq!(app.ask("partner", query, json!({ "id": consent })).await["consent"], json!({ "state": "GIVEN", "scope": ["ALIAS", "CONTACT", "REASON"] }));
    }

    async fn a_narrower_consent_narrows_what_is_read(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        let query = "query($id: ID!) { referral(id: $id) { introduction { alias phone reason } } }";
        assert_eq!(app.ask("partner", query, json!({ "id": referral })).await["referral"]["introduction"]["phone"], "+358500000001");
        super::given::consent(app, "social-worker", &referral, &["ALIAS"]).await;
        let told = app.ask("partner", query, json!({ "id": referral })).await["referral"]["introduction"].clone();
        assert_eq!(told, json!({ "alias": "Aino", "phone": null, "reason": null }));
    }

    async fn an_emergency_is_not_made_longer_by_what_is_opened_in_it(app) {
        let (id, number) = client(app, aino()).await;
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Asiakas tuli tajuttomana päivystykseen" });
        app.done("service-guide", "breakGlass", "careRelation { id }", open).await;
        app.done("service-guide", "revealProtectedContact", "contact { phone }", json!({ "client": id, "reason": "Ambulanssi tarvitsee puhelinnumeron" })).await;
        assert_eq!(app.count("care_relation", "basis = 'STATUTORY_INFO'").await, 0);
        assert_eq!(app.count("care_relation", "basis = 'BREAK_GLASS'").await, 2);
        app.ask("service-guide", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": id })).await;
        let log = app.ask("dpo", "{ useLog(first: 1) { nodes { basis flagged } } }", json!({})).await["useLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "basis": "BREAK_GLASS", "flagged": true }]));
    }

    async fn what_was_declined_is_not_read_again(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        app.done("partner", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        app.done("partner", "declineReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 3, "reason": "NO_CAPACITY" })).await;
        assert_eq!(app.ask("partner", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": referral })).await["node"], json!(null));
        assert_eq!(app.ask("social-worker", "query($id: ID!) { referral(id: $id) { declineReason } }", json!({ "id": referral })).await["referral"]["declineReason"], "NO_CAPACITY");
    }

    async fn who_acts_for_a_client_consents_and_sends_in_nobody_elses_name(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let create = |sender: &str, legal: serde_json::Value| json!({
            "sender": app.world.organization(sender), "recipient": app.world.organization("ngo"), "client": id,
            "content": { "direction": "OUTBOUND", "referrer": "ONESELF", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["ALIAS"], "legalBasis": legal },
        });
        assert_eq!(app.rejected("client", "createReferral", "referral { id }", create("parish", json!(null))).await, ["SENDER_ONLY sender"]);
        let made = app.done("client", "createReferral", "referral { id }", create("county", json!("Laki"))).await;
        let send = json!({ "id": made["referral"]["id"], "expectedVersion": 1 });
        assert_eq!(app.rejected("client", "sendReferral", "referral { id }", send).await, ["CONSENT_MISSING id"]);
        // A draft is its writer's alone.
        let draft = super::given::draft(app, &id, &["ALIAS"]).await;
        assert_eq!(app.ask("client", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": draft })).await["node"], json!(null));
    }

    async fn under_non_disclosure_what_was_told_before_is_taken_back(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        let mut known = aino();
        for hidden in ["phone", "address", "municipality"] {
            known.as_object_mut().unwrap().remove(hidden);
        }
        let input = |version: i32, identity: &serde_json::Value| json!({ "client": id, "expectedVersion": version, "identity": identity, "protected": true });
        app.done("social-worker", "updateIdentity", "person { version }", input(1, &aino())).await;
        let told = app.ask("partner", "query($id: ID!) { referral(id: $id) { introduction { alias phone } } }", json!({ "id": referral })).await["referral"]["introduction"].clone();
        assert_eq!(told, json!({ "alias": "Aino", "phone": null }));
        // Mending the name of somebody whose whereabouts one does not see does not lose them.
        app.done("social-worker", "updateIdentity", "person { version }", input(2, &known)).await;
        let shown = app.done("social-worker", "revealProtectedContact", "contact { phone }", json!({ "client": id, "reason": "Sovitaan turvallinen kotikäynti" })).await;
        assert_eq!(shown["contact"]["phone"], "+358500000001");
    }

    async fn the_lead_finds_nobody_by_name_without_a_relation(app) {
        let (_, number) = client(app, aino()).await;
        for words in ["mall", "010190-900P", number.as_str()] {
            let found = app.ask("lead", "query($s: String!) { clients(filter: { search: $s }) { totalCount } }", json!({ "s": words })).await;
            assert_eq!(found["clients"]["totalCount"], 0, "{words}");
        }
        assert_eq!(app.ask("lead", "{ clients { totalCount } }", json!({})).await["clients"]["totalCount"], 1);
    }

    async fn only_an_authority_has_workers_of_the_register(app) {
        let grant = |organization: &str| json!({ "subject": "urn:x|z", "organization": app.world.organization(organization), "role": "SOCIAL_COUNSELLOR" });
        assert_eq!(app.rejected("admin", "grantMembership", "membership { id }", grant("ngo")).await, ["INVALID role"]);
        app.done("admin", "grantMembership", "membership { id }", grant("county")).await;
    }

    async fn an_account_is_tied_once_and_the_log_names_the_field_not_the_alias(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let other = text(&app.ask("stranger", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
        let link = json!({ "client": id, "expectedVersion": 2, "account": other });
        assert_eq!(app.rejected("social-worker", "linkAccount", "client { id }", link).await, ["NOT_UNIQUE account"]);
        app.ask("social-worker", "query($id: ID!) { myAccessLog: client(id: $id) { number } }", json!({ "id": id })).await;
        let log = app.ask("dpo", "{ useLog(first: 1) { nodes { operation } } }", json!({})).await["useLog"]["nodes"].clone();
        assert_eq!(log[0]["operation"], "client");
    }
}
