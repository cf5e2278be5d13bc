//! Informing, disclosure permission and prohibition: each its own thing, and heeded wherever data goes to another controller.
use super::given::{account, aino, by_law, client, consent, draft, municipality, sent, text};
use crate::{
    casework::{
        given::begun,
        opened::{started, subject},
    },
    catalogue_given::{published, whole_service},
};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const PERMISSION: &str = "disclosurePermission { id version sector withdrawnAt }";
const PROHIBITION: &str = "disclosureProhibition { id version target removedAt }";
const LAW: &str = "Lastensuojelulaki 20 §: oikeus saada tiedot kiellosta huolimatta";

fn informing(client: &str) -> Value {
    json!({ "client": client, "kind": "KANTA", "givenOn": "2026-01-02", "method": "ORAL", "textVersion": "kanta-2026-1" })
}

async fn prohibit(app: &TestApp, actor: &str, client: &str, target: Value) -> Value {
    app.done(actor, "setDisclosureProhibition", PROHIBITION, json!({ "client": client, "target": target })).await["disclosureProhibition"].clone()
}

async fn remove(app: &TestApp, actor: &str, prohibition: &Value) {
    app.done(actor, "removeDisclosureProhibition", PROHIBITION, json!({ "id": prohibition["id"], "expectedVersion": prohibition["version"] })).await;
}

/// The client permits disclosure of social welfare, after an informing.
async fn permit(app: &TestApp, client: &str) -> Value {
    app.done("social-worker", "recordInforming", "informing { id }", informing(client)).await;
    let input = json!({ "client": client, "sector": "SOCIAL" });
    app.done("social-worker", "giveDisclosurePermission", PERMISSION, input).await["disclosurePermission"].clone()
}

stories! {
    async fn a_permission_comes_after_an_informing_and_is_withdrawn_by_the_client(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let give = || json!({ "client": id, "sector": "SOCIAL" });
        assert_eq!(app.rejected("client", "giveDisclosurePermission", PERMISSION, give()).await, ["INFORMING_MISSING client"]);
        let register = json!({ "client": id, "kind": "REGISTER", "givenOn": "2026-01-02", "method": "WRITTEN", "textVersion": "rekisteri-1" });
        app.done("social-worker", "recordInforming", "informing { id }", register).await;
        assert_eq!(app.rejected("social-worker", "giveDisclosurePermission", PERMISSION, give()).await, ["INFORMING_MISSING client"]);
        // What a client reads in an own account is electronic, whatever else it is called.
        let read = app.done("client", "recordInforming", "informing { method kind }", informing(&id)).await;
        assert_eq!(read["informing"], json!({ "method": "ELECTRONIC", "kind": "KANTA" }));
        let given = app.done("client", "giveDisclosurePermission", PERMISSION, give()).await["disclosurePermission"].clone();
        assert_eq!(app.rejected("social-worker", "giveDisclosurePermission", PERMISSION, give()).await, ["RECORDED_ALREADY sector"]);
        app.done("client", "giveDisclosurePermission", PERMISSION, json!({ "client": id, "sector": "HEALTH" })).await;
        let withdraw = json!({ "id": given["id"], "expectedVersion": given["version"] });
        app.done("client", "withdrawDisclosurePermission", PERMISSION, withdraw.clone()).await;
        assert_eq!(app.rejected("client", "withdrawDisclosurePermission", PERMISSION, withdraw).await, ["STALE_VERSION expectedVersion"]);
        let again = json!({ "id": given["id"], "expectedVersion": 2 });
        assert_eq!(app.rejected("social-worker", "withdrawDisclosurePermission", PERMISSION, again).await, ["ILLEGAL_TRANSITION id"]);
        // Nothing is deleted, and the client sees it all.
        let mine = app.ask("client", "{ me { informings { totalCount } disclosurePermissions { nodes { sector withdrawnAt } } } }", json!({})).await["me"].clone();
        assert_eq!(mine["informings"]["totalCount"], 2);
        assert_eq!(mine["disclosurePermissions"]["nodes"][1], json!({ "sector": "HEALTH", "withdrawnAt": null }));
        assert!(mine["disclosurePermissions"]["nodes"][0]["withdrawnAt"].is_string());
    }

    async fn nobody_else_says_what_a_client_wills(app) {
        let (id, _) = client(app, aino()).await;
        let set = json!({ "input": { "client": id, "target": { "controller": app.world.organization("ngo") } } });
        let give = json!({ "input": { "client": id, "sector": "SOCIAL" } });
        let inform = json!({ "input": informing(&id) });
        for actor in ["partner", "provider", "service-guide", "partner-x", "client", "admin"] {
            assert_eq!(app.refuse(actor, &TestApp::mutation("setDisclosureProhibition", PROHIBITION), set.clone()).await, "NOT_FOUND", "{actor}");
            assert_eq!(app.refuse(actor, &TestApp::mutation("giveDisclosurePermission", PERMISSION), give.clone()).await, "NOT_FOUND", "{actor}");
            assert_eq!(app.refuse(actor, &TestApp::mutation("recordInforming", "informing { id }"), inform.clone()).await, "NOT_FOUND", "{actor}");
        }
        let other = |controller: String| json!({ "client": id, "target": { "controller": controller } });
        let refused = app.rejected("social-worker", "setDisclosureProhibition", PROHIBITION, other(app.world.organization("ngo-x"))).await;
        assert_eq!(refused, ["OTHER_NETWORK target.controller"]);
        let refused = app.rejected("social-worker", "setDisclosureProhibition", PROHIBITION, other(app.world.organization("county"))).await;
        assert_eq!(refused, ["DOES_NOT_AGREE target.controller"]);
        for (target, fault) in [
            (json!({ "serviceTask": "NOPE" }), "UNKNOWN_CODE target.serviceTask"),
            (json!({ "document": app.world.organization("ngo") }), "UNKNOWN_REFERENCE target.document"),
        ] {
            assert_eq!(app.rejected("social-worker", "setDisclosureProhibition", PROHIBITION, json!({ "client": id, "target": target })).await, [fault]);
        }
    }

    async fn the_newer_will_counts_where_a_referral_is_sent(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let referral = draft(app, &id, &["ALIAS"]).await;
        // The draft's consent is withdrawn by the prohibition, which is the newer will.
        let old = consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        let set = prohibit(app, "client", &id, json!({ "controller": app.world.organization("ngo") })).await;
        let same = json!({ "client": id, "target": { "controller": app.world.organization("ngo") } });
        assert_eq!(app.rejected("social-worker", "setDisclosureProhibition", PROHIBITION, same).await, ["RECORDED_ALREADY target"]);
        let send = json!({ "id": referral, "expectedVersion": 1 });
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send.clone()).await, ["CONSENT_MISSING id"]);
        assert_eq!(app.ask("client", "query($id: ID!) { consent(id: $id) { state } }", json!({ "id": old })).await["consent"]["state"], "WITHDRAWN");
        // A consent that is older, however it came to be in force, gives way; a newer one to this one referral goes before.
        let newer = consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        app.tamper("UPDATE disclosure_prohibition SET set_at = '2099-01-01 00:00:00+00:00'").await;
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send.clone()).await, ["DISCLOSURE_PROHIBITED id"]);
        app.tamper("UPDATE disclosure_prohibition SET set_at = '2020-01-01 00:00:00+00:00'").await;
        app.done("social-worker", "sendReferral", "referral { state }", send).await;
        assert_eq!(app.ask("partner", "query($id: ID!) { consent(id: $id) { state } }", json!({ "id": newer })).await["consent"]["state"], "GIVEN");
        remove(app, "client", &set).await;
        let mine = app.ask("client", "{ me { disclosureProhibitions { nodes { target controller { name { fi } } removedAt } } } }", json!({})).await["me"].clone();
        let kept = &mine["disclosureProhibitions"]["nodes"][0];
        assert_eq!((&kept["target"], &kept["controller"]["name"]["fi"], kept["removedAt"].is_string()), (&json!("CONTROLLER"), &json!("ngo"), true));
    }

    async fn a_prohibition_halts_what_was_consented_to_before_and_both_sides_are_told(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = sent(app, &id).await;
        prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("parish") })).await;
        let read = "query($id: ID!) { referral(id: $id) { state } }";
        assert_eq!(app.ask("partner", read, json!({ "id": referral })).await["referral"]["state"], "SENT");
        prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("ngo") })).await;
        assert_eq!(app.ask("partner", read, json!({ "id": referral })).await["referral"], json!(null));
        assert_eq!(app.ask("social-worker", read, json!({ "id": referral })).await["referral"]["state"], "WITHDRAWN");
        for side in ["partner", "social-worker"] {
            let told = app.ask(side, "{ notices(first: 1) { nodes { kind } } }", json!({})).await["notices"]["nodes"][0]["kind"].clone();
            assert_eq!(told, "CONSENT_WITHDRAWN", "{side}");
        }
    }

    async fn a_law_gives_way_unless_it_holds_in_spite_of_the_prohibition(app) {
        let (id, _) = client(app, aino()).await;
        started(app, &id).await;
        let kunta = municipality(app).await;
        prohibit(app, "social-worker", &id, json!({ "serviceTask": "CHILD_WELFARE" })).await;
        let task = prohibit(app, "social-worker", &id, json!({ "serviceTask": "WORKING_AGE_SERVICES" })).await;
        let referral = by_law(app, &id, &kunta, None).await;
        let send = |referral: &str| json!({ "id": referral, "expectedVersion": 1 });
        assert_eq!(app.rejected("social-worker", "sendReferral", "referral { id }", send(&referral)).await, ["DISCLOSURE_PROHIBITED id"]);
        let allowed = by_law(app, &id, &kunta, Some(LAW)).await;
        let done = app.done("social-worker", "sendReferral", "referral { despiteProhibition }", send(&allowed)).await;
        assert_eq!(done["referral"]["despiteProhibition"], LAW);
        // A task in which the client is not worked with keeps nothing back.
        remove(app, "social-worker", &task).await;
        app.done("social-worker", "sendReferral", "referral { id }", send(&referral)).await;
        let log = app.ask("dpo", "{ disclosureLog { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "basis": "STATUTORY_INFO" }, { "basis": "STATUTORY_INFO" }]));
    }

    async fn another_controller_opens_what_is_prohibited_by_a_law_that_holds_only(app) {
        let (id, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let open = |despite: Option<&str>| json!({
            "organization": kunta, "client": { "number": number }, "reason": "Palvelutarpeen arviointi vaatii tiedot.", "despiteProhibition": despite,
        });
        prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        let refused = app.rejected("municipal", "openByStatutoryRight", "careRelation { id }", open(None)).await;
        assert_eq!(refused, ["DISCLOSURE_PROHIBITED despiteProhibition"]);
        assert_eq!(app.ask("municipal", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": id })).await["client"], json!(null));
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { what outcome } } }", json!({})).await["useLog"]["nodes"].clone();
        assert_eq!(flagged, json!([{ "what": ["Client.disclosureProhibitions"], "outcome": "DENIED" }]));
        assert_eq!(app.rejected("municipal", "openByStatutoryRight", "careRelation { id }", open(Some("Laki."))).await, ["TOO_SHORT despiteProhibition"]);
        let opened = app.done("municipal", "openByStatutoryRight", "careRelation { reason }", open(Some(LAW))).await;
        assert_eq!(opened["careRelation"]["reason"], format!("Palvelutarpeen arviointi vaatii tiedot. — {LAW}"));
        let log = app.ask("dpo", "{ disclosureLog { nodes { basis recipient { name { fi } } } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "basis": "STATUTORY_INFO", "recipient": { "name": { "fi": "Mallikunta" } } }]));
        // Those who keep the register disclose nothing to themselves.
        let own = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Sosiaalityöntekijä sijaistaa toista." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", own).await;
    }

    async fn an_emergency_is_not_prohibited(app) {
        let (id, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        let open = json!({ "organization": kunta, "client": { "number": number }, "reason": "Asiakas tuli tajuttomana päivystykseen" });
        app.done("municipal", "breakGlass", "careRelation { id }", open).await;
        assert_eq!(app.ask("dpo", "{ disclosureLog { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"], json!([{ "basis": "BREAK_GLASS" }]));
    }

    async fn by_a_permission_another_controller_reads_all_but_what_is_kept_back(app) {
        let (id, _) = client(app, aino()).await;
        let case = started(app, &id).await;
        let entry = |words: &str| json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "AUTHORITY", "content": { "text": words } });
        let first = app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry("Soitto.")).await["clientEntry"]["id"].clone();
        app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry("Tapaaminen.")).await;
        let kunta = municipality(app).await;
        let referral = by_law(app, &id, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        let given = permit(app, &id).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let read = async || {
            let query = "query($id: ID!) { client(id: $id) { entries { nodes { text } } cases { totalCount } } }";
            let seen = app.ask("municipal", query, json!({ "id": id })).await["client"].clone();
            let words: Vec<String> = seen["entries"]["nodes"].as_array().unwrap().iter().map(|entry| text(&entry["text"])).collect();
            (words, seen["cases"]["totalCount"].as_i64().unwrap())
        };
        assert_eq!(read().await, (vec!["Soitto.".to_owned(), "Tapaaminen.".to_owned()], 1));
        let log = app.ask("dpo", "{ disclosureLog(first: 1) { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "basis": "PERMISSION" }]));
        let document = prohibit(app, "social-worker", &id, json!({ "document": first })).await;
        assert_eq!(document["target"], "DOCUMENT");
        assert_eq!(read().await, (vec!["Tapaaminen.".to_owned()], 1));
        assert_eq!(app.ask("municipal", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": first })).await["node"], json!(null));
        // The workers of those who keep the register go on reading it.
        let own = app.ask("social-worker", "query($id: ID!) { client(id: $id) { entries { totalCount } } }", json!({ "id": id })).await;
        assert_eq!(own["client"]["entries"]["totalCount"], 2);
        remove(app, "social-worker", &document).await;
        let closed = prohibit(app, "social-worker", &id, json!({ "serviceTask": "CHILD_WELFARE" })).await;
        assert_eq!(read().await, (vec![], 0));
        remove(app, "social-worker", &closed).await;
        assert_eq!(read().await.0.len(), 2);
        let withdraw = json!({ "id": given["id"], "expectedVersion": given["version"] });
        app.done("social-worker", "withdrawDisclosurePermission", PERMISSION, withdraw).await;
        assert_eq!(read().await, (vec![], 0));
    }

    async fn what_corrects_a_document_is_kept_back_with_it_however_often_it_is_corrected(app) {
        let (id, _) = client(app, aino()).await;
        let case = started(app, &id).await;
        let write = async |words: &str, corrects: Option<&Value>| {
            let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "AUTHORITY", "corrects": corrects, "content": { "text": words } });
            app.done("social-worker", "writeClientEntry", "clientEntry { id corrects { id } }", entry).await["clientEntry"].clone()
        };
        let first = write("Soitto.", None).await["id"].clone();
        let second = write("Soitto puoliltapäivin.", Some(&first)).await["id"].clone();
        let third = write("Soitto yhdeltä.", Some(&second)).await;
        assert_eq!(third["corrects"]["id"], first);
        write("Tapaaminen.", None).await;
        let kunta = municipality(app).await;
        let referral = by_law(app, &id, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        permit(app, &id).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let count = async || app.ask("municipal", "query($id: ID!) { client(id: $id) { entries { totalCount } } }", json!({ "id": id })).await["client"]["entries"]["totalCount"].clone();
        assert_eq!(count().await, 4);
        let one = prohibit(app, "social-worker", &id, json!({ "document": second })).await;
        assert_eq!(count().await, 2, "the correction, and the one after it");
        remove(app, "social-worker", &one).await;
        prohibit(app, "social-worker", &id, json!({ "document": first })).await;
        assert_eq!(count().await, 1);
        // What is prohibited is between the client and those who keep the register.
        let seen = app.ask("municipal", "query($id: ID!) { client(id: $id) { disclosureProhibitions { totalCount } } }", json!({ "id": id })).await;
        assert_eq!(seen["client"]["disclosureProhibitions"]["totalCount"], 0);
    }

    async fn what_corrects_a_follow_up_or_a_meeting_is_kept_back_with_it(app) {
        let (id, _) = client(app, aino()).await;
        let case = started(app, &id).await;
        let follow = |corrects: Value| json!({ "case": case, "happenedOn": "2026-01-02", "kind": "CALL", "corrects": corrects, "content": { "next": "Soitto." } });
        let meet = |corrects: Value| {
            let content = json!({ "attendees": [{ "name": "Sisko", "role": "Läheinen" }], "agenda": "Miten ryhmä sujuu?" });
            json!({ "case": case, "heldOn": "2026-01-02", "corrects": corrects, "content": content })
        };
        let first = app.done("social-worker", "recordFollowUp", "followUp { id }", follow(Value::Null)).await["followUp"]["id"].clone();
        app.done("social-worker", "recordFollowUp", "followUp { id }", follow(first.clone())).await;
        let met = app.done("social-worker", "recordNetworkMeeting", "networkMeeting { id }", meet(Value::Null)).await["networkMeeting"]["id"].clone();
        app.done("social-worker", "recordNetworkMeeting", "networkMeeting { id }", meet(met.clone())).await;
        let kunta = municipality(app).await;
        let referral = by_law(app, &id, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        permit(app, &id).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let query = "query($id: ID!) { client(id: $id) { followUps { totalCount } networkMeetings { totalCount } } }";
        let count = async || {
            let seen = app.ask("municipal", query, json!({ "id": id })).await["client"].clone();
            (seen["followUps"]["totalCount"].as_i64().unwrap(), seen["networkMeetings"]["totalCount"].as_i64().unwrap())
        };
        assert_eq!(count().await, (2, 2));
        prohibit(app, "social-worker", &id, json!({ "document": first })).await;
        assert_eq!(count().await, (0, 2));
        prohibit(app, "social-worker", &id, json!({ "document": met })).await;
        assert_eq!(count().await, (0, 0));
    }

    async fn handling_a_referral_tells_what_came_with_it_and_nothing_else_of_the_client(app) {
        let (id, _) = client(app, aino()).await;
        sent(app, &id).await;
        let kunta = municipality(app).await;
        let transfer = by_law(app, &id, &kunta, Some(LAW)).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": transfer, "expectedVersion": 1 })).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": transfer, "expectedVersion": 2 })).await;
        let query = "query($id: ID!) { client(id: $id) { number person { firstNames } consents { totalCount } referrals { nodes { id } } relations { totalCount } } }";
        let seen = async || app.ask("municipal", query, json!({ "id": id })).await["client"].clone();
        let handled = seen().await;
        assert_eq!((&handled["person"], &handled["consents"]["totalCount"], &handled["relations"]["totalCount"]), (&json!(null), &json!(0), &json!(1)));
        assert_eq!(handled["referrals"]["nodes"], json!([{ "id": transfer }]));
        // Handling it is no matter of one's own: nobody takes a client on by opening a case beside it.
        let start = json!({ "client": id, "organization": kunta, "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
        assert_eq!(app.refuse("municipal", &TestApp::mutation("startCase", "case { id }"), json!({ "input": start })).await, "FORBIDDEN");
        app.done("municipal", "acceptReferral", "referral { id }", json!({ "id": transfer, "expectedVersion": 3 })).await;
        let log = app.ask("dpo", "{ disclosureLog(first: 1) { nodes { basis items } } }", json!({})).await["disclosureLog"]["nodes"][0].clone();
        assert_eq!(log, json!({ "basis": "STATUTORY_INFO", "items": ["FULL_NAME", "BIRTH_DATE", "CONTACT", "ADDRESS", "LANGUAGE"] }));
        assert_eq!(seen().await["person"]["firstNames"], "Aino Esimerkki", "who has taken somebody on may know who it is");
        let closed = prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        assert_eq!(seen().await["person"], json!(null));
        // Of a client of one's own case one knows already who that is.
        let case = app.ask("municipal", "query($id: ID!) { client(id: $id) { cases { nodes { id version } } } }", json!({ "id": id })).await;
        let case = case["client"]["cases"]["nodes"][0].clone();
        let own = json!({ "id": case["id"], "expectedVersion": case["version"], "ownWorker": subject(app, "municipal").await, "urgent": false });
        app.done("municipal", "assessCase", "case { id }", own).await;
        assert_eq!(seen().await["person"]["firstNames"], "Aino Esimerkki");
        remove(app, "social-worker", &closed).await;
        // Whoever opens by a law what another authority keeps is told of there too.
        let law = json!({ "organization": app.world.organization("county"), "client": { "number": handled["number"] }, "reason": "Palveluohjaaja selvittää tilannetta." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", law).await;
        let log = app.ask("dpo", "{ disclosureLog(first: 1) { nodes { discloser { name { fi } } basis } } }", json!({})).await["disclosureLog"]["nodes"][0].clone();
        assert_eq!(log, json!({ "discloser": { "name": { "fi": "Mallikunta" } }, "basis": "STATUTORY_INFO" }));
        permit(app, &id).await;
        let permitted = seen().await;
        assert_eq!((&permitted["consents"]["totalCount"], permitted["referrals"]["nodes"].as_array().unwrap().len()), (&json!(1), 2));
        // What holds for the register is between the client and those who keep it.
        app.done("social-worker", "restrictProcessing", "restriction { id }", json!({ "client": id, "ground": "ACCURACY_CONTESTED", "words": "Kiistää arvion." })).await;
        let aside = app.ask("municipal", "query($id: ID!) { client(id: $id) { restriction { words } retention { restricted } } }", json!({ "id": id })).await;
        assert_eq!(aside["client"], json!({ "restriction": null, "retention": null }));
    }

    async fn what_is_kept_back_no_more_is_disclosed_by_the_permission(app) {
        let (id, _) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let closed = prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        let referral = by_law(app, &id, &kunta, Some(LAW)).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        permit(app, &id).await;
        let log = async || app.ask("dpo", "{ disclosureLog { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log().await, json!([{ "basis": "STATUTORY_INFO" }]));
        remove(app, "social-worker", &closed).await;
        assert_eq!(log().await, json!([{ "basis": "PERMISSION" }, { "basis": "STATUTORY_INFO" }]));
        // A prohibition that kept nothing from anybody changes nothing.
        let other = prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("ngo") })).await;
        remove(app, "social-worker", &other).await;
        assert_eq!(log().await.as_array().unwrap().len(), 2);
    }

    async fn who_was_never_sent_anything_is_not_told_that_it_was_withdrawn(app) {
        let (id, _) = client(app, aino()).await;
        let referral = draft(app, &id, &["ALIAS"]).await;
        let given = consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        app.done("social-worker", "cancelReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": given, "expectedVersion": 1 })).await;
        assert_eq!(app.ask("partner", "{ notices { totalCount } }", json!({})).await["notices"]["totalCount"], 0);
    }

    async fn others_do_not_meet_about_one_who_has_prohibited_it(app) {
        let (client, case) = begun(app).await;
        let terms = json!({
            "client": client, "purpose": "NETWORK_MEETING", "recipient": app.world.organization("ngo"), "scope": ["ALIAS"], "method": "WRITTEN",
            "textVersion": "verkosto-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        let agreed = app.done("social-worker", "recordConsent", "consent { id }", terms).await["consent"]["id"].clone();
        let attendees = json!([{ "name": "Kalle Kumppani", "role": "Ohjaaja", "organization": app.world.organization("ngo"), "consent": agreed }]);
        let meeting = json!({ "case": case, "heldOn": in_days(0), "content": { "attendees": attendees, "agenda": "Miten ryhmä sujuu?" } });
        prohibit(app, "client", &client, json!({ "serviceTask": "WORKING_AGE_SERVICES" })).await;
        let refused = app.rejected("service-guide", "recordNetworkMeeting", "networkMeeting { id }", meeting.clone()).await;
        assert_eq!(refused, ["DISCLOSURE_PROHIBITED content.attendees.0.consent"]);
        prohibit(app, "client", &client, json!({ "controller": app.world.organization("ngo") })).await;
        let refused = app.rejected("service-guide", "recordNetworkMeeting", "networkMeeting { id }", meeting).await;
        assert_eq!(refused, ["CONSENT_MISSING content.attendees.0.consent"]);
    }

    async fn nothing_stands_between_an_organiser_and_its_own_producer(app) {
        let (id, _) = client(app, aino()).await;
        let mut content = whole_service("Valmennus");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("company")]);
        let service = published(app, "social-worker", "county", content).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("company"), "client": id, "service": service,
            "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
        });
        let referral = text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"]);
        let terms = json!({
            "referral": referral, "purpose": "REFERRAL", "recipient": app.world.organization("company"), "scope": ["ALIAS"], "method": "WRITTEN",
            "textVersion": "ohjaus-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        app.done("social-worker", "recordConsent", "consent { id }", terms).await;
        prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("company") })).await;
        app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
    }

    async fn what_a_law_opened_or_sent_before_gives_way_to_a_prohibition(app) {
        let (id, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let open = |despite: Option<&str>| json!({
            "organization": kunta, "client": { "number": number }, "reason": "Palvelutarpeen arviointi vaatii tiedot.", "despiteProhibition": despite,
        });
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open(None)).await;
        let seen = async || !app.ask("municipal", "query($id: ID!) { client(id: $id) { id } }", json!({ "id": id })).await["client"].is_null();
        let state = async |referral: &str| text(&app.ask("social-worker", "query($id: ID!) { referral(id: $id) { state } }", json!({ "id": referral })).await["referral"]["state"]);
        let (gives_way, holds) = (by_law(app, &id, &kunta, None).await, by_law(app, &id, &kunta, Some(LAW)).await);
        for referral in [&gives_way, &holds] {
            app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        }
        prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("ngo") })).await;
        assert!(seen().await);
        prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        assert!(!seen().await);
        assert_eq!((state(&gives_way).await, state(&holds).await), ("WITHDRAWN".to_owned(), "SENT".to_owned()));
        let told = app.ask("municipal", "{ notices(filter: { kinds: [DISCLOSURE_PROHIBITED, REFERRAL_WITHDRAWN] }) { totalCount } }", json!({})).await;
        assert_eq!(told["notices"]["totalCount"], 2);
        // What is opened by the law that holds stays, whatever else is prohibited before it.
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open(Some(LAW))).await;
        assert!(seen().await);
    }

    async fn what_a_law_lets_the_one_be_told_it_does_not_let_another(app) {
        let (id, _) = client(app, aino()).await;
        let kunta = municipality(app).await;
        prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        let referral = by_law(app, &id, &kunta, Some(LAW)).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let to = json!({ "id": referral, "expectedVersion": 3, "recipient": app.world.organization("ngo") });
        let passed = app.done("municipal", "redirectReferral", "referral { legalBasis despiteProhibition }", to).await["referral"].clone();
        assert_eq!(passed, json!({ "legalBasis": null, "despiteProhibition": null }));
    }

    async fn what_a_law_told_is_passed_on_no_more_once_that_is_prohibited(app) {
        let (id, _) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let mut passed = Vec::new();
        for despite in [None, Some(LAW)] {
            let referral = by_law(app, &id, &kunta, despite).await;
            app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
            app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
            let to = json!({ "id": referral, "expectedVersion": 3, "recipient": app.world.organization("ngo") });
            passed.push(app.done("municipal", "redirectReferral", "referral { id }", to).await["referral"]["id"].clone());
        }
        let read = async |of: &Value| app.ask("municipal", "query($id: ID!) { referral(id: $id) { state introduction { fullName } } }", json!({ "id": of })).await["referral"].clone();
        let told = json!({ "state": "DRAFT", "introduction": { "fullName": "Aino Esimerkki Mallinen" } });
        prohibit(app, "social-worker", &id, json!({ "controller": app.world.organization("parish") })).await;
        assert_eq!((read(&passed[0]).await, read(&passed[1]).await), (told.clone(), told.clone()));
        prohibit(app, "social-worker", &id, json!({ "controller": kunta })).await;
        // What came by a law that holds in spite of it stays.
        assert_eq!((read(&passed[0]).await, read(&passed[1]).await), (json!({ "state": "CANCELLED", "introduction": null }), told));
    }

    async fn a_permission_discloses_to_who_has_a_relation_already(app) {
        let (id, _) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let referral = by_law(app, &id, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        // Another controller's worker does not speak for the client, and is not told how far the client has come.
        let input = json!({ "input": { "client": id, "sector": "SOCIAL" } });
        assert_eq!(app.refuse("municipal", &TestApp::mutation("giveDisclosurePermission", PERMISSION), input).await, "FORBIDDEN");
        permit(app, &id).await;
        let log = app.ask("dpo", "{ disclosureLog { nodes { basis recipient { name { fi } } } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        let to = json!({ "name": { "fi": "Mallikunta" } });
        assert_eq!(log, json!([{ "basis": "PERMISSION", "recipient": to }, { "basis": "STATUTORY_INFO", "recipient": to }]));
    }

    async fn what_a_law_opens_says_nothing_of_who_reads_by_permission(app) {
        let (id, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let referral = by_law(app, &id, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        permit(app, &id).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let bases = async || app.ask("dpo", "{ disclosureLog { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        let before = json!([{ "basis": "PERMISSION" }, { "basis": "STATUTORY_INFO" }]);
        assert_eq!(bases().await, before);
        let open = json!({ "organization": kunta, "client": { "number": number }, "reason": "Palvelutarpeen arviointi vaatii tiedot." });
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open).await;
        assert_eq!(bases().await, json!([{ "basis": "STATUTORY_INFO" }, { "basis": "PERMISSION" }, { "basis": "STATUTORY_INFO" }]));
    }

    async fn a_number_that_cannot_be_is_nobodys(app) {
        let kunta = municipality(app).await;
        for way in ["openByStatutoryRight", "breakGlass"] {
            let open = json!({ "organization": kunta, "client": { "number": "K-1\u{0}" }, "reason": "Palvelutarpeen arviointi vaatii tiedot." });
            assert_eq!(app.rejected("municipal", way, "careRelation { id }", open).await, ["UNKNOWN_REFERENCE client"], "{way}");
        }
        for log in ["useLog", "disclosureLog"] {
            let query = format!("query($a: String!) {{ {log}(filter: {{ actor: $a }}) {{ totalCount }} }}");
            assert_eq!(app.refuse("dpo", &query, json!({ "a": "x\u{0}" })).await, "BAD_INPUT", "{log}");
        }
    }

    async fn of_two_who_permit_at_once_one_is_told(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        app.done("social-worker", "recordInforming", "informing { id }", informing(&id)).await;
        let give = || json!({ "client": id, "sector": "SOCIAL" });
        let (one, other) = tokio::join!(
            app.payload("client", "giveDisclosurePermission", PERMISSION, give()),
            app.payload("social-worker", "giveDisclosurePermission", PERMISSION, give())
        );
        let codes: Vec<_> = [one, other].iter().filter_map(|payload| payload["userErrors"][0]["code"].as_str().map(str::to_owned)).collect();
        assert_eq!(codes, ["RECORDED_ALREADY"]);
        assert_eq!(app.count("disclosure_permission", "1 = 1").await, 1);
    }
}
