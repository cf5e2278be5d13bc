//! Two clients who are one human being become one: everything moves, nothing leaks, and the trace stays.
use super::given::{account, aino, by_law, client, consent, draft, municipality, sent, text, walk_in};
use crate::{
    casework::opened::{started, subject},
    delivery::given::{by_session, offered, taken_on, walk_in as walk_in_of},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const WHY: &str = "Sama henkilö: tuli ensin ilman henkilötunnusta.";
const PAIR: &str = "client { id number version merged { nodes { number mergeReason mergedAt mergedBy mergedInto { id } person { firstNames } } } }";

fn merger(surviving: &str, version: i64, merged: &str, merged_version: i64) -> Value {
    json!({ "surviving": surviving, "expectedVersion": version, "merged": merged, "expectedMergedVersion": merged_version, "reason": WHY })
}

/// The social worker's two clients, Aino twice: each id and number, the one with the code first.
async fn twice(app: &TestApp) -> ((String, String), (String, String)) {
    (client(app, aino()).await, client(app, walk_in()).await)
}

async fn merged(app: &TestApp, surviving: &str, merged: &str) -> Value {
    app.done("social-worker", "mergeClients", PAIR, merger(surviving, 1, merged, 1)).await["client"].clone()
}

stories! {
    async fn all_that_is_about_the_one_is_about_the_other_from_then_on(app) {
        let ((known, number), (walked, old_number)) = twice(app).await;
        sent(app, &walked).await;
        started(app, &walked).await;
        let mut baseline = crate::casework::opened::baseline();
        baseline["case"] = json!(app.cases().await[0]);
        app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", baseline).await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": walked, "subject": "urn:x|y", "kind": "GUARDIAN" })).await;
        let done = merged(app, &known, &walked).await;
        assert_eq!((&done["id"], &done["number"]), (&json!(known), &json!(number)));
        let told = done["merged"]["nodes"][0].clone();
        assert_eq!((&told["number"], &told["mergeReason"], &told["mergedInto"]["id"]), (&json!(old_number), &json!(WHY), &json!(known)));
        assert_eq!((told["mergedBy"].clone(), told["mergedAt"].is_string()), (json!(subject(app, "social-worker").await), true));
        // Every table that names a client, but for who they are and the logs, has nothing left of the one who is merged.
        let uuid = domain::id::split_public(&walked).unwrap().1;
        let (tables, _) = tests::parity::columns(app.kind).await;
        let mut looked = 0;
        for (table, columns) in &tables {
            let stays = ["person", "use_log_entry", "disclosure_log_entry"].contains(&table.as_str());
            if columns.contains_key("client_id") && !stays {
                let left = match app.kind {
                    tests::Kind::Sqlite => format!("client_id = x'{}'", uuid.simple()),
                    tests::Kind::Postgres => format!("client_id = '{uuid}'"),
                };
                assert_eq!(app.count(table, &left).await, 0, "{table}");
                looked += 1;
            }
        }
        assert!(looked > 15, "{looked}");
        let query = "query($id: ID!) { client(id: $id) { referrals { totalCount } consents { totalCount } cases { totalCount nodes { baseline { id } history { totalCount } } } representations { totalCount } relations { totalCount } person { email maskedHetu gender } } }";
        let seen = app.ask("social-worker", query, json!({ "id": known })).await["client"].clone();
        for list in ["referrals", "consents", "cases", "representations"] {
            assert_eq!(seen[list]["totalCount"], 1, "{list}");
        }
        assert!(seen["cases"]["nodes"][0]["baseline"]["id"].is_string() && seen["cases"]["nodes"][0]["history"]["totalCount"] == 1);
        assert_eq!(seen["relations"]["totalCount"], 2);
        // What was not known of the one is taken from the other.
        assert_eq!(seen["person"], json!({ "email": "aino@example.fi", "maskedHetu": "010190-****", "gender": "FEMALE" }));
        for log in app.store().await.verify_logs().await.unwrap() {
            assert_eq!(log.broken, None, "{}", log.log);
        }
    }

    async fn the_old_id_and_number_lead_to_the_other_for_those_who_may_see_it(app) {
        let ((known, number), (walked, old_number)) = twice(app).await;
        merged(app, &known, &walked).await;
        let by_id = "query($id: ID!) { client(id: $id) { id } node(id: $id) { id } }";
        let expected = json!({ "client": { "id": known }, "node": { "id": known } });
        assert_eq!(app.ask("social-worker", by_id, json!({ "id": walked })).await, expected);
        let nothing = json!({ "client": null, "node": null });
        for other in ["service-guide", "partner", "dpo", "admin-x", "client", "admin"] {
            assert_eq!(app.ask(other, by_id, json!({ "id": walked })).await, nothing, "{other}");
        }
        let find = "query($s: String!) { clients(filter: { search: $s }) { nodes { number } } }";
        for words in [old_number.as_str(), "010190-900P", "mallinen"] {
            let found = app.ask("social-worker", find, json!({ "s": words })).await["clients"]["nodes"].clone();
            assert_eq!(found, json!([{ "number": number }]), "{words}");
        }
        assert_eq!(app.ask("social-worker", "{ clients { totalCount } }", json!({})).await["clients"]["totalCount"], 1);
        assert_eq!(app.ask("lead", "{ clients { totalCount } }", json!({})).await["clients"]["totalCount"], 1);
        // The lead knows that two were one, and not why: the words may tell who the client is.
        let seen = app.ask("lead", "query($id: ID!) { client(id: $id) { merged { nodes { number mergeReason } } } }", json!({ "id": walked })).await;
        assert_eq!(seen["client"]["merged"]["nodes"], json!([{ "number": old_number, "mergeReason": null }]));
        assert_eq!(app.ask("service-guide", find, json!({ "s": old_number })).await["clients"]["nodes"], json!([]));
        // By the old number, whoever has a reason opens the one whom it leads to.
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": old_number }, "reason": "Palveluohjaaja jatkaa asian hoitamista." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open).await;
        assert_eq!(app.ask("service-guide", by_id, json!({ "id": known })).await["client"]["id"], json!(known));
        // What is begun by the old id is begun for the one whom it leads to.
        let stale = json!({ "client": walked, "organization": app.world.organization("county"), "content": { "serviceTask": "WORKING_AGE_SERVICES" } });
        let begun = app.done("social-worker", "startCase", "case { client { id } }", stale).await;
        assert_eq!(begun["case"]["client"]["id"], json!(known));
        // The code is found, and found once, after the keys have been rotated too.
        let again = json!({ "keeper": app.world.organization("county"), "identity": aino() });
        assert_eq!(app.rejected("social-worker", "registerClient", "client { id }", again).await, ["NOT_UNIQUE identity.hetu"]);
    }

    async fn the_code_and_the_account_of_either_are_those_of_the_one_who_stays(app) {
        let ((known, _), (walked, number)) = twice(app).await;
        account(app, &known).await;
        let input = merger(&walked, 1, &known, 2);
        let done = app.done("social-worker", "mergeClients", "client { number hasAccount person { maskedHetu lastName } }", input).await["client"].clone();
        assert_eq!(done, json!({ "number": number, "hasAccount": true, "person": { "maskedHetu": "010190-****", "lastName": "Malinen" } }));
        assert_eq!(app.ask("client", "{ me { number merged { totalCount } } }", json!({})).await["me"], json!({ "number": number, "merged": { "totalCount": 1 } }));
        let find = "query($s: String!) { clients(filter: { search: $s }) { nodes { number } } }";
        assert_eq!(app.ask("social-worker", find, json!({ "s": "010190-900P" })).await["clients"]["nodes"], json!([{ "number": number }]));
        assert_eq!(app.count("person", "hetu_hash IS NOT NULL").await, 1);
        assert_eq!(app.ask("client", "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"], json!([{ "kind": "CLIENTS_MERGED" }]));
        let officer = app.ask("lead", "{ notices(filter: { kinds: [CLIENTS_MERGED] }) { nodes { kind relationId } } }", json!({})).await;
        assert!(officer["notices"]["nodes"][0]["relationId"].is_string());
    }

    async fn the_logs_tell_of_both(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        account(app, &known).await;
        sent(app, &walked).await;
        app.done("social-worker", "mergeClients", "client { id }", merger(&known, 2, &walked, 1)).await;
        let entries = app.count("use_log_entry", "1 = 1").await;
        let of = |id: &str| json!({ "c": id });
        let log = "query($c: ID!) { useLog(filter: { client: $c }, first: 100) { totalCount nodes { operation } } disclosureLog(filter: { client: $c }) { totalCount } }";
        let by_new = app.ask("dpo", log, of(&known)).await;
        let operations = by_new["useLog"]["nodes"].to_string();
        assert!(operations.contains("sendReferral") && operations.contains("linkAccount"), "{operations}");
        assert_eq!(by_new["disclosureLog"]["totalCount"], 1);
        assert!(by_new["useLog"]["totalCount"].as_i64().unwrap() <= entries);
        assert_eq!(app.ask("dpo", log, of(&walked)).await["disclosureLog"]["totalCount"], 1);
        let mine = app.ask("client", "{ myAccessLog(first: 100) { nodes { operation } } disclosureLog { totalCount } }", json!({})).await;
        assert!(mine["myAccessLog"]["nodes"].to_string().contains("sendReferral"));
        assert_eq!(mine["disclosureLog"]["totalCount"], 1);
    }

    async fn what_stands_against_it_is_told_beforehand_and_refused(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let look = "query($s: ID!, $m: ID!) { clientMergePreview(surviving: $s, merged: $m) { userErrors { code path } moves { kind count } protected } }";
        let both = || json!({ "s": known, "m": walked });
        let preview = app.ask("social-worker", look, both()).await["clientMergePreview"].clone();
        assert_eq!(preview, json!({ "userErrors": [], "moves": [{ "kind": "CareRelation", "count": 1 }], "protected": false }));
        started(app, &known).await;
        started(app, &walked).await;
        account(app, &known).await;
        let link = json!({ "client": walked, "expectedVersion": 1, "account": "urn:x|other" });
        app.done("social-worker", "linkAccount", "client { id }", link).await;
        let mut other = walk_in();
        other["hetu"] = json!("020290-9016");
        other["birthDate"] = json!("1990-02-02");
        let identity = json!({ "client": walked, "expectedVersion": 1, "identity": other, "protected": false });
        app.done("social-worker", "updateIdentity", "person { version }", identity).await;
        let preview = app.ask("social-worker", look, both()).await["clientMergePreview"]["userErrors"].clone();
        let codes: Vec<_> = preview.as_array().unwrap().iter().map(|e| text(&e["code"])).collect();
        let expected = ["IDENTITY_DIFFERS", "IDENTITY_DIFFERS", "ACCOUNT_DIFFERS", "CASES_COLLIDE"];
        assert_eq!(codes, expected);
        let refused = app.rejected("social-worker", "mergeClients", "client { id }", merger(&known, 2, &walked, 2)).await;
        assert_eq!(refused, expected.iter().map(|code| format!("{code} merged")).collect::<Vec<_>>());
        assert_eq!(app.rejected("social-worker", "mergeClients", "client { id }", merger(&known, 2, &known, 2)).await, ["DOES_NOT_AGREE merged"]);
    }

    async fn it_takes_a_relation_to_both_and_a_role_that_decides(app) {
        let ((known, number), (walked, old_number)) = twice(app).await;
        let mutation = TestApp::mutation("mergeClients", "client { id }");
        let input = || json!({ "input": merger(&known, 1, &walked, 1) });
        let look = "query($s: ID!, $m: ID!) { clientMergePreview(surviving: $s, merged: $m) { protected } }";
        for (actor, code) in [("service-guide", "NOT_FOUND"), ("lead", "FORBIDDEN"), ("partner", "NOT_FOUND"), ("admin-x", "NOT_FOUND"), ("client", "NOT_FOUND"), ("", "UNAUTHENTICATED")] {
            assert_eq!(app.refuse(actor, &mutation, input()).await, code, "{actor}");
            assert_eq!(app.refuse(actor, look, json!({ "s": known, "m": walked })).await, code, "{actor}");
        }
        let open = |number: &str| json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Epäily samasta henkilöstä." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open(&number)).await;
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open(&old_number)).await;
        assert_eq!(app.refuse("service-guide", &mutation, input()).await, "FORBIDDEN");
        // The lead needs a relation to each of the two.
        app.done("lead", "openByStatutoryRight", "careRelation { id }", open(&number)).await;
        assert_eq!(app.refuse("lead", &mutation, input()).await, "FORBIDDEN");
        app.done("lead", "openByStatutoryRight", "careRelation { id }", open(&old_number)).await;
        let short = json!({ "surviving": known, "expectedVersion": 1, "merged": walked, "expectedMergedVersion": 1, "reason": "Sama." });
        assert_eq!(app.rejected("lead", "mergeClients", "client { id }", short).await, ["TOO_SHORT reason"]);
        app.done("lead", "mergeClients", "client { id }", merger(&known, 1, &walked, 1)).await;
        // What was opened for the one alone is not carried over: the service guide's other relation, to the one who stays, is left.
        assert_eq!(app.count("care_relation", "basis = 'STATUTORY_INFO' AND ended_at IS NULL").await, 2);
    }

    async fn registers_of_two_controllers_are_not_mixed(app) {
        let (known, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        let theirs = app.done("municipal", "registerClient", "client { id number }", json!({ "keeper": kunta, "identity": walk_in() })).await["client"].clone();
        let theirs_id = text(&theirs["id"]);
        let mutation = TestApp::mutation("mergeClients", "client { id }");
        let open = |number: &Value| json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Epäily samasta henkilöstä." });
        app.done("social-worker", "openByStatutoryRight", "careRelation { id }", open(&theirs["number"])).await;
        assert_eq!(app.refuse("social-worker", &mutation, json!({ "input": merger(&known, 1, &theirs_id, 1) })).await, "FORBIDDEN");
        // Not even somebody who works for both.
        let both = json!({ "subject": subject(app, "municipal").await, "organization": app.world.organization("county"), "role": "SOCIAL_WORKER" });
        app.done("admin", "grantMembership", "membership { id }", both).await;
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open(&json!(number))).await;
        let refused = app.rejected("municipal", "mergeClients", "client { id }", merger(&known, 1, &theirs_id, 1)).await;
        assert_eq!(refused, ["OTHER_REGISTER merged"]);
    }

    async fn it_is_done_once(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let mut input = merger(&known, 1, &walked, 1);
        input["idempotencyKey"] = json!("once");
        for stale in [merger(&known, 2, &walked, 1), merger(&known, 1, &walked, 2)] {
            let refused = app.rejected("social-worker", "mergeClients", "client { id }", stale).await;
            assert!(refused[0].starts_with("STALE_VERSION expected"), "{refused:?}");
        }
        let first = app.done("social-worker", "mergeClients", "client { id version }", input.clone()).await;
        assert_eq!(app.done("social-worker", "mergeClients", "client { id version }", input).await, first);
        assert_eq!(app.rejected("social-worker", "mergeClients", "client { id }", merger(&known, 2, &walked, 2)).await, ["MERGED_ALREADY merged"]);
        // A third row of the same person: whoever was merged before leads on to the last.
        let (third, _) = client(app, walk_in()).await;
        app.done("social-worker", "mergeClients", "client { id }", merger(&third, 1, &known, 2)).await;
        let by_id = "query($id: ID!) { client(id: $id) { id merged { totalCount } } }";
        assert_eq!(app.ask("social-worker", by_id, json!({ "id": walked })).await["client"], json!({ "id": third, "merged": { "totalCount": 2 } }));
    }

    async fn of_two_who_merge_crosswise_at_once_one_is_refused(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let query = TestApp::mutation("mergeClients", "client { id }");
        let (one, other) = tokio::join!(
            app.post("social-worker", &query, json!({ "input": merger(&known, 1, &walked, 1) })),
            app.post("social-worker", &query, json!({ "input": merger(&walked, 1, &known, 1) }))
        );
        let done = [one, other].into_iter().filter(|answer| answer.body["data"]["mergeClients"]["client"]["id"].is_string()).count();
        assert_eq!((done, app.count("client", "merged_into_id IS NOT NULL").await), (1, 1));
    }

    async fn non_disclosure_of_either_counts_for_the_one_who_stays(app) {
        let (known, _) = client(app, aino()).await;
        let input = json!({ "keeper": app.world.organization("county"), "identity": walk_in(), "protected": true });
        let walked = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        let (referral, _) = sent(app, &known).await;
        let told = async || app.ask("partner", "query($id: ID!) { referral(id: $id) { introduction { alias phone } } }", json!({ "id": referral })).await["referral"]["introduction"].clone();
        assert_eq!(told().await["phone"], "+358500000001");
        let done = app.done("social-worker", "mergeClients", "client { person { protected phone } }", merger(&known, 1, &walked, 1)).await;
        assert_eq!(done["client"]["person"], json!({ "protected": true, "phone": null }));
        assert_eq!(told().await, json!({ "alias": "Aino", "phone": null }));
    }

    async fn the_newest_will_of_either_holds_for_the_one_who_stays(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let set = |client: &str| json!({ "client": client, "target": { "controller": app.world.organization("ngo") } });
        app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", set(&known)).await;
        let (referral, _) = sent(app, &known).await;
        app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", set(&walked)).await;
        let read = "query($id: ID!) { referral(id: $id) { state } }";
        assert_eq!(app.ask("partner", read, json!({ "id": referral })).await["referral"]["state"], "SENT");
        merged(app, &known, &walked).await;
        assert_eq!(app.ask("partner", read, json!({ "id": referral })).await["referral"], json!(null));
        assert_eq!(app.ask("social-worker", read, json!({ "id": referral })).await["referral"]["state"], "WITHDRAWN");
        assert_eq!(app.count("disclosure_prohibition", "removed_at IS NULL").await, 1);
    }

    async fn what_is_said_by_the_old_id_is_said_of_the_other(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        account(app, &walked).await;
        app.done("social-worker", "mergeClients", "client { id }", merger(&known, 1, &walked, 2)).await;
        let ngo = app.world.organization("ngo");
        let informing = json!({ "client": walked, "kind": "KANTA", "givenOn": "2026-01-02", "method": "ORAL", "textVersion": "kanta-2026-1" });
        app.done("client", "recordInforming", "informing { id }", informing).await;
        app.done("client", "giveDisclosurePermission", "disclosurePermission { id }", json!({ "client": walked, "sector": "SOCIAL" })).await;
        let terms = json!({
            "client": walked, "purpose": "NETWORK_MEETING", "recipient": ngo, "scope": ["ALIAS"], "method": "WRITTEN",
            "textVersion": "verkosto-2026-1", "expiresAt": (chrono::Utc::now() + chrono::TimeDelta::days(90)).to_rfc3339(),
        });
        app.done("social-worker", "recordConsent", "consent { id }", terms).await;
        let referral = draft(app, &walked, &["ALIAS"]).await;
        consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        app.done("client", "setDisclosureProhibition", "disclosureProhibition { id }", json!({ "client": walked, "target": { "controller": ngo } })).await;
        let left = match app.kind {
            tests::Kind::Sqlite => format!("client_id = x'{}'", domain::id::split_public(&walked).unwrap().1.simple()),
            tests::Kind::Postgres => format!("client_id = '{}'", domain::id::split_public(&walked).unwrap().1),
        };
        for table in ["informing", "disclosure_permission", "consent", "referral", "disclosure_prohibition"] {
            assert_eq!(app.count(table, &left).await, 0, "{table}");
        }
        // The prohibition holds for the one who stays.
        assert_eq!(app.count("consent", "state = 'GIVEN'").await, 0);
        let refused = app.rejected("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        assert_eq!(refused, ["CONSENT_MISSING id"]);
    }

    async fn what_either_has_prohibited_goes_before_what_the_other_had_whichever_came_first(app) {
        let ((known, number), (walked, _)) = twice(app).await;
        let kunta = municipality(app).await;
        for controller in [app.world.organization("ngo"), kunta.clone()] {
            let target = json!({ "client": walked, "target": { "controller": controller } });
            app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", target).await;
        }
        let (referral, _) = sent(app, &known).await;
        let open = json!({ "organization": kunta, "client": { "number": number }, "reason": "Palvelutarpeen arviointi vaatii tiedot." });
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open).await;
        let seen = async || !app.ask("municipal", "query($id: ID!) { client(id: $id) { id } }", json!({ "id": known })).await["client"].is_null();
        assert!(seen().await);
        merged(app, &known, &walked).await;
        assert!(!seen().await);
        let read = "query($id: ID!) { referral(id: $id) { state } }";
        assert_eq!(app.ask("partner", read, json!({ "id": referral })).await["referral"], json!(null));
        assert_eq!(app.ask("social-worker", read, json!({ "id": referral })).await["referral"]["state"], "WITHDRAWN");
    }

    async fn a_register_that_comes_together_is_disclosed_by_the_permission_of_either(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let kunta = municipality(app).await;
        let informing = json!({ "client": known, "kind": "KANTA", "givenOn": "2026-01-02", "method": "ORAL", "textVersion": "kanta-2026-1" });
        app.done("social-worker", "recordInforming", "informing { id }", informing).await;
        app.done("social-worker", "giveDisclosurePermission", "disclosurePermission { id }", json!({ "client": known, "sector": "SOCIAL" })).await;
        let referral = by_law(app, &walked, &kunta, None).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("municipal", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        let last = async || app.ask("dpo", "{ disclosureLog(first: 1) { nodes { basis } } }", json!({})).await["disclosureLog"]["nodes"][0]["basis"].clone();
        assert_eq!(last().await, "STATUTORY_INFO");
        merged(app, &known, &walked).await;
        assert_eq!(last().await, "PERMISSION");
    }

    async fn who_reads_the_shared_entries_of_the_one_is_told_those_of_the_other(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let referral = draft(app, &known, &["ALIAS"]).await;
        consent(app, "social-worker", &referral, &["ALIAS", "REASON", "ENTRIES"]).await;
        app.done("social-worker", "sendReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 1 })).await;
        app.done("partner", "acknowledgeReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 2 })).await;
        app.done("partner", "acceptReferral", "referral { id }", json!({ "id": referral, "expectedVersion": 3 })).await;
        let case = started(app, &walked).await;
        let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "SHARED", "content": { "text": "Ryhmä alkaa maanantaina." } });
        app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry).await;
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, 1);
        app.done("social-worker", "mergeClients", PAIR, merger(&known, 1, &walked, 1)).await;
        let log = app.ask("dpo", "{ disclosureLog(first: 1) { nodes { items } } }", json!({})).await["disclosureLog"]["nodes"].clone();
        assert_eq!(log, json!([{ "items": ["ENTRIES"] }]));
    }

    async fn who_turns_out_to_be_one_takes_part_once_and_keeps_the_better_place(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let (first, _) = taken_on(app, &known).await;
        let (second, _) = taken_on(app, &walked).await;
        let (times, sessions) = by_session(app, 1, 3, 2).await;
        let group = offered(app, "partner", "ngo", 2, 3).await;
        let register = async |client: &str, referral: &str, offering: &str, session: Option<&String>| {
            let input = json!({ "client": client, "referral": referral, "offering": offering, "session": session });
            app.done("social-worker", "registerParticipation", "participation { id state }", input).await["participation"].clone()
        };
        let placed = register(&walked, &second, &times, Some(&sessions[0])).await;
        let waits = register(&known, &first, &times, Some(&sessions[0])).await;
        let (came_first, came_second) = (register(&known, &first, &group, None).await, register(&walked, &second, &group, None).await);
        let next = walk_in_of(app, &group, "Repo").await;
        assert_eq!((waits["state"].clone(), next["state"].clone()), (json!("WAITLISTED"), json!("WAITLISTED")));
        // Another time is another matter.
        let other = register(&known, &first, &times, Some(&sessions[1])).await;
        merged(app, &known, &walked).await;
        let of = async |row: &Value| {
            let query = "query($id: ID!) { participation(id: $id) { state endedFor client { id } } }";
            let seen = app.ask("social-worker", query, json!({ "id": row["id"] })).await["participation"].clone();
            assert_eq!(seen["client"]["id"], json!(known));
            (text(&seen["state"]), seen["endedFor"].clone())
        };
        let (kept, gives_way) = (("ENROLLED".to_owned(), Value::Null), |state: &str| (state.to_owned(), json!("REGISTERED_TWICE")));
        assert_eq!((of(&placed).await, of(&waits).await), (kept.clone(), gives_way("LEFT_QUEUE")));
        assert_eq!((of(&came_first).await, of(&came_second).await), (kept.clone(), gives_way("CANCELLED")));
        assert_eq!(of(&other).await, kept);
        let state = app.ask("partner", "query($id: ID!) { participation(id: $id) { state } }", json!({ "id": next["id"] })).await;
        assert_eq!(state["participation"]["state"], "ENROLLED", "the place goes to whoever waits");
        nothing_is_wrong(app.database()).await;
        // As if another server had registered the one for what the other had already, a moment later.
        let of_walked = tests::literal(app.database(), domain::id::split_public(&walked).unwrap().1);
        app.tamper(&format!("UPDATE participation SET client_id = {of_walked} WHERE session_id IS NOT NULL AND state = 'ENROLLED'")).await;
        let again = register(&known, &first, &times, Some(&sessions[1])).await;
        assert_eq!(again["state"], "WAITLISTED");
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.moved > 0, done.failed), (true, 0));
        assert_eq!((of(&other).await, of(&again).await), (kept, gives_way("LEFT_QUEUE")));
        nothing_is_wrong(app.database()).await;
    }

    async fn whose_data_is_restricted_is_not_merged(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let restrict = json!({ "client": walked, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", restrict).await;
        let refused = app.rejected("social-worker", "mergeClients", "client { id }", merger(&known, 1, &walked, 1)).await;
        assert_eq!(refused, ["PROCESSING_RESTRICTED "]);
        assert_eq!(app.rejected("social-worker", "mergeClients", "client { id }", merger(&walked, 1, &known, 1)).await, ["PROCESSING_RESTRICTED "]);
        assert_eq!(app.count("client", "merged_into_id IS NOT NULL").await, 0);
    }

    async fn what_was_written_while_it_was_done_follows(app) {
        let ((known, _), (walked, _)) = twice(app).await;
        let referral = draft(app, &known, &["ALIAS"]).await;
        consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        merged(app, &known, &walked).await;
        let left = match app.kind {
            tests::Kind::Sqlite => format!("x'{}'", domain::id::split_public(&walked).unwrap().1.simple()),
            tests::Kind::Postgres => format!("'{}'", domain::id::split_public(&walked).unwrap().1),
        };
        // As if another server had committed it a moment later.
        app.tamper(&format!("UPDATE referral SET client_id = {left}")).await;
        assert_eq!(api::job::due(&app.store().await).await.moved, 1);
        assert_eq!(app.count("referral", &format!("client_id = {left}")).await, 0);
        assert_eq!(api::job::due(&app.store().await).await.moved, 0);
    }
}
