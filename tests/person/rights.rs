//! The rights of those whom data is about: they see all of it, they ask and are answered, and what is restricted is not written on.
use super::given::{account, aino, client, consent, draft, eino, sent, text, willed};
use crate::casework::{given as casework, opened};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{TestApp, stories};

const PAGE: &str = "clientId next parts { kind total takenBack withheld withheldBasis label { sv } } \
                    records { id kind label { fi } basis basisLabel { en } organization { name { fi } } madeBy madeAt changedAt data }";

/// Everything that is told under a root field, page by page: its parts, and its records.
async fn everything(app: &TestApp, actor: &str, field: &str, arguments: &str) -> (Vec<Value>, Vec<Value>) {
    let (mut records, mut after, mut parts) = (Vec::new(), Value::Null, Value::Null);
    loop {
        let query = format!("query($after: String) {{ {field}({arguments}first: 7, after: $after) {{ {PAGE} }} }}");
        let page = app.ask(actor, &query, json!({ "after": after })).await[field].clone();
        records.extend(page["records"].as_array().unwrap().iter().cloned());
        parts = if parts.is_null() { page["parts"].clone() } else { parts };
        after = page["next"].clone();
        if after.is_null() {
            return (parts.as_array().unwrap().clone(), records);
        }
    }
}

fn of<'v>(records: &'v [Value], kind: &str) -> Vec<&'v Value> {
    records.iter().filter(|record| record["kind"] == kind).collect()
}

/// A client of the county with one of everything that is done in a case, an account, and a referral to the association.
async fn whole(app: &TestApp) -> String {
    let (client, _) = casework::begun(app).await;
    casework::furnish(app).await;
    let case = app.cases().await[0].clone();
    let mut baseline = opened::baseline();
    baseline["case"] = json!(case);
    app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", baseline).await;
    app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": client, "subject": "urn:x|y", "kind": "GUARDIAN" })).await;
    client
}

async fn ask(app: &TestApp, actor: &str, client: &str, kind: &str) -> Value {
    let input = json!({ "client": client, "kind": kind, "words": "Arviossa lukee väärä syy." });
    app.done(actor, "makeSubjectRequest", "subjectRequest { id version state dueOn receivedOn byClient moves }", input).await["subjectRequest"].clone()
}

async fn restricted(app: &TestApp, client: &str) -> Value {
    let input = json!({ "client": client, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
    app.done("social-worker", "restrictProcessing", "restriction { id version inForce }", input).await["restriction"].clone()
}

stories! {
    async fn clients_are_told_everything_that_is_kept_about_them_and_where_it_comes_from(app) {
        let id = whole(app).await;
        let case = app.cases().await[0].clone();
        for told in [true, false] {
            let hidden = json!({ "text": "Toinen henkilö kertoi.", "ground": "JulkL 11 § 2 mom. 1 k.: toisen etu." });
            let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "CLIENT_HIDDEN", "clientIsTold": told, "content": hidden });
            app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry).await;
        }
        let asked = ask(app, "client", &id, "ACCESS").await;
        let extend = json!({ "id": asked["id"], "expectedVersion": 1, "reason": "Pyyntö koskee useaa organisaatiota." });
        app.done("lead", "extendSubjectRequest", "subjectRequest { id }", extend).await;
        willed(app, &id).await;
        crate::delivery::given::furnish(app, &id).await;
        restricted(app, &id).await;
        app.done("client", "createCalendarFeed", "calendarUrl", json!({ "label": "Puhelin" })).await;
        app.done("dpo", "setLegalHold", "legalHold { id }", json!({ "client": id, "reason": "Hallinto-oikeus käsittelee valitusta." })).await;
        let (parts, records) = everything(app, "client", "myData", "").await;
        let totals: BTreeMap<_, _> = parts.iter().map(|part| (text(&part["kind"]), part["total"].as_u64().unwrap())).collect();
        // What the walk counts is what the pages hold, but for the log, which grows with each page.
        for (kind, total) in &totals {
            let listed = of(&records, kind).len() as u64;
            assert!(listed == *total || (kind == "USE_LOG_ENTRY" && listed >= *total), "{kind}: {listed} {total}");
        }
        // Of every table there is something, but of the assessment that is not finished and the decision that is not made: neither is shown to the client yet, and nothing is ordered, given by voucher or complained of.
        let empty: Vec<_> = totals.iter().filter(|(_, total)| **total == 0).map(|(kind, _)| kind.as_str()).collect();
        assert_eq!((empty, totals.len()), (vec!["COMPLAINT", "DELIVERY_EVENT", "FINAL_ASSESSMENT", "PROVIDER_REPORT", "PURCHASE_ORDER", "SERVICE_DECISION", "VOUCHER"], domain::person::rights::RecordKind::ALL.len()));
        let person = of(&records, "PERSON")[0];
        assert_eq!((&person["data"]["identity"]["lastName"], &person["label"]["fi"]), (&json!("Testilä"), &json!("Henkilötiedot")));
        assert_eq!((&person["organization"]["name"]["fi"], &person["basis"]), (&json!("county"), &json!("STATUTORY_DUTY")));
        assert_eq!(person["madeBy"], "urn:monituottaja:demo|service-guide");
        assert!(person["data"]["hetu_hash"].is_null() && person["data"]["key_id"].is_null(), "{person}");
        assert_eq!(of(&records, "NEEDS_ASSESSMENT")[0]["data"]["content"]["clientView"], "Olen ollut yksin.");
        assert_eq!(of(&records, "CONSENT")[0]["basis"], "CONSENT");
        assert_eq!(of(&records, "SUBJECT_REQUEST")[0]["data"]["words"], "Arviossa lukee väärä syy.");
        // What is sealed is opened everywhere, and what is hidden is counted where the client may know.
        let all = Value::from(records.clone()).to_string();
        assert!(!all.contains("1:test:") && !all.contains("Toinen henkilö kertoi"), "{all}");
        let entries = parts.iter().find(|part| part["kind"] == "CLIENT_ENTRY").unwrap();
        assert_eq!(entries["withheld"], 1);
        assert!(entries["withheldBasis"].as_str().unwrap().contains("621/1999"));
        // What was recorded by mistake is not shown, since it may be about somebody else, and is not passed over in silence either.
        let taken_back: Vec<_> = parts.iter().filter(|part| part["takenBack"] != 0).map(|part| (text(&part["kind"]), part["takenBack"].clone())).collect();
        assert_eq!((taken_back, of(&records, "VISIT").len()), (vec![("VISIT".to_owned(), json!(1))], 1));
        assert!(!all.contains("Kirjattu kahdesti"), "{all}");
        assert!(app.count("use_log_entry", "operation = 'myData' AND what LIKE '%Export%' AND basis = 'OWN' AND NOT flagged").await > 1);
    }

    async fn an_own_identity_code_is_told_in_full_and_nobody_else_is_told_anything(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        sent(app, &id).await;
        let (_, records) = everything(app, "client", "myData", "").await;
        assert_eq!(of(&records, "PERSON")[0]["data"]["identity"]["hetu"], "010190-900P");
        assert_eq!(of(&records, "DISCLOSURE_LOG_ENTRY").len(), 1);
        for actor in ["social-worker", "lead", "partner", "dpo", "admin-x"] {
            assert_eq!(app.ask(actor, "{ myData { clientId } }", json!({})).await["myData"], Value::Null, "{actor}");
            assert_eq!(app.refuse(actor, "query($id: ID!) { myData(client: $id) { clientId } }", json!({ "id": id })).await, "NOT_FOUND", "{actor}");
        }
        assert_eq!(app.refuse("", "{ myData { clientId } }", json!({})).await, "UNAUTHENTICATED");
        for (arguments, code) in [("first: 101", "PAGE_SIZE_TOO_LARGE"), ("first: 0", "PAGE_SIZE_TOO_LARGE"), ("after: \"nonsense\"", "BAD_INPUT")] {
            assert_eq!(app.refuse("client", &format!("{{ myData({arguments}) {{ clientId }} }}"), json!({})).await, code, "{arguments}");
        }
    }

    async fn a_representative_is_not_told_where_somebody_under_non_disclosure_lives(app) {
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino(), "protected": true });
        let id = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        let subject = opened::subject(app, "client").await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": subject, "kind": "GUARDIAN" })).await;
        let worker = opened::subject(app, "social-worker").await;
        let mut home = crate::delivery::given::home_visit(app, &id, &[&worker]);
        home["plan"]["pairRequired"] = json!(false);
        let mut office = home.clone();
        (office["kind"], office["plan"]["details"]) = (json!("OFFICE"), json!({ "from": "Asema", "destination": "Kela" }));
        for visit in [home, office] {
            crate::delivery::given::planned_visit(app, visit).await;
        }
        let met = |records: &[Value]| {
            let visits = of(records, "VISIT");
            assert_eq!(visits.len(), 2);
            Value::from(visits.into_iter().map(|visit| visit["data"]["details"].clone()).collect::<Vec<_>>()).to_string()
        };
        let (_, records) = everything(app, "client", "myData", &format!("client: \"{id}\", ")).await;
        let told = met(&records);
        assert!(told.contains("koira") && !["Mallikatu", "Asema", "Kela"].iter().any(|place| told.contains(place)), "{told}");
        let identity = &of(&records, "PERSON")[0]["data"]["identity"];
        assert_eq!(identity["lastName"], "Mallinen");
        let hidden = |identity: &Value| ["address", "phone", "municipality"].iter().all(|field| identity[field].is_null());
        assert!(hidden(identity), "{identity}");
        // Nor is whoever answers what the representative has asked.
        let asked = ask(app, "client", &id, "ACCESS").await;
        let (_, records) = everything(app, "lead", "requestedData", &format!("request: \"{}\", ", text(&asked["id"]))).await;
        assert!(hidden(&of(&records, "PERSON")[0]["data"]["identity"]));
        // What the social worker has written down for the client is answered to the client.
        let asked = ask(app, "social-worker", &id, "PORTABILITY").await;
        let (_, records) = everything(app, "lead", "requestedData", &format!("request: \"{}\", ", text(&asked["id"]))).await;
        assert!(!hidden(&of(&records, "PERSON")[0]["data"]["identity"]));
        assert!(met(&records).contains("Mallikatu"));
    }

    async fn a_clients_own_draft_is_told_to_nobody_else(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": id,
            "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
            "introduction": { "reason": "Salainen luonnos." },
        });
        app.done("client", "createReferral", "referral { id }", input).await;
        let represents = opened::subject(app, "partner-x").await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": represents, "kind": "GUARDIAN" })).await;
        let asked = ask(app, "social-worker", &id, "ACCESS").await;
        let told = async |actor: &str, field: &str, arguments: &str| of(&everything(app, actor, field, arguments).await.1, "REFERRAL").len();
        assert_eq!(told("client", "myData", "").await, 1);
        assert_eq!(told("partner-x", "myData", &format!("client: \"{id}\", ")).await, 0);
        assert_eq!(told("lead", "requestedData", &format!("request: \"{}\", ", text(&asked["id"]))).await, 0);
        // Whoever is refused leaves a trace.
        assert_eq!(app.refuse("partner", &format!("{{ myData(client: \"{id}\") {{ clientId }} }}"), json!({})).await, "NOT_FOUND");
        assert_eq!(app.count("use_log_entry", "outcome = 'DENIED' AND operation = 'myData' AND actor LIKE '%|partner'").await, 1);
    }

    async fn what_a_client_has_asked_is_the_clients_to_take_back_and_not_put_off_when_it_is_late(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let asked = ask(app, "client", &id, "ACCESS").await;
        let which = json!({ "id": asked["id"], "expectedVersion": 1 });
        assert_eq!(app.refuse("lead", &TestApp::mutation("withdrawSubjectRequest", "subjectRequest { id }"), json!({ "input": which })).await, "FORBIDDEN");
        app.tamper("UPDATE subject_request SET due_on = '2026-01-01'").await;
        let extend = json!({ "id": asked["id"], "expectedVersion": 1, "reason": "Pyyntö koskee useaa organisaatiota." });
        assert_eq!(app.rejected("lead", "extendSubjectRequest", "subjectRequest { id }", extend).await, ["OUT_OF_RANGE id"]);
        let gone = app.done("client", "withdrawSubjectRequest", "subjectRequest { state }", which).await;
        assert_eq!(gone["subjectRequest"]["state"], "WITHDRAWN");
    }

    async fn those_who_see_to_a_request_are_told_what_the_client_would_be_while_it_is_open(app) {
        let (id, _) = client(app, aino()).await;
        let asked = ask(app, "social-worker", &id, "ACCESS").await;
        assert_eq!(asked["byClient"], false);
        let request = text(&asked["id"]);
        for actor in ["lead", "dpo"] {
            let (_, records) = everything(app, actor, "requestedData", &format!("request: \"{request}\", ")).await;
            assert_eq!(of(&records, "PERSON").len(), 1, "{actor}");
            let flagged = format!("operation = 'requestedData' AND what LIKE '%Export%' AND flagged AND actor LIKE '%|{actor}'");
            assert!(app.count("use_log_entry", &flagged).await > 0, "{actor}");
            // Who has looked is told to those who watch, and by them.
            assert_eq!(of(&records, "USE_LOG_ENTRY").is_empty(), actor == "lead", "{actor}");
        }
        let query = "query($id: ID!) { requestedData(request: $id) { clientId } }";
        for actor in ["social-worker", "service-guide", "partner", "admin", "admin-x", "client"] {
            assert_eq!(app.refuse(actor, query, json!({ "id": request })).await, "NOT_FOUND", "{actor}");
        }
        assert_eq!(app.without_purpose("dpo", query, json!({ "id": request })).await.code(), "PURPOSE_REQUIRED");
        app.done("lead", "decideSubjectRequest", "subjectRequest { state }", json!({ "id": request, "expectedVersion": 1, "decision": "GRANT" })).await;
        assert_eq!(app.refuse("lead", query, json!({ "id": request })).await, "NOT_FOUND");
        // A request for something else opens nothing.
        let other = ask(app, "social-worker", &id, "OBJECTION").await;
        assert_eq!(app.refuse("lead", query, json!({ "id": other["id"] })).await, "NOT_FOUND");
    }

    async fn nobody_asks_in_a_clients_name_for_what_the_asking_opens(app) {
        let (id, number) = client(app, aino()).await;
        let input = json!({ "client": id, "kind": "ACCESS", "words": "Asiakas haluaa nähdä tietonsa." });
        let document = TestApp::mutation("makeSubjectRequest", "subjectRequest { id }");
        assert_eq!(app.refuse("lead", &document, json!({ "input": input })).await, "FORBIDDEN");
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Esihenkilö vastaa asiakkaan asiasta." });
        app.done("lead", "openByStatutoryRight", "careRelation { id }", open).await;
        let asked = ask(app, "lead", &id, "ACCESS").await;
        let query = "query($id: ID!) { requestedData(request: $id) { clientId } }";
        assert_eq!(app.refuse("lead", query, json!({ "id": asked["id"] })).await, "NOT_FOUND");
        assert_eq!(app.ask("dpo", query, json!({ "id": asked["id"] })).await["requestedData"]["clientId"], json!(id));
    }

    async fn what_an_account_is_told_beside_the_client_is_for_the_account_alone(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let partner = opened::subject(app, "partner").await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": partner, "kind": "GUARDIAN" })).await;
        let asked = ask(app, "client", &id, "OBJECTION").await;
        app.done("lead", "decideSubjectRequest", "subjectRequest { state }", json!({ "id": asked["id"], "expectedVersion": 1, "decision": "GRANT" })).await;
        let access = ask(app, "client", &id, "ACCESS").await;
        let own = everything(app, "client", "myData", "").await.1;
        assert_eq!(of(&own, "NOTICE").len(), 1);
        for (actor, field, arguments) in [
            ("partner", "myData", format!("client: \"{id}\", ")),
            ("dpo", "requestedData", format!("request: {}, ", access["id"])),
        ] {
            let (_, records) = everything(app, actor, field, &arguments).await;
            assert_eq!((of(&records, "CLIENT").len(), of(&records, "NOTICE").len()), (1, 0), "{actor}");
        }
        // Whom one acts for is named; without a name one is told of oneself.
        assert_eq!(app.ask("partner", "{ myData { clientId } }", json!({})).await["myData"], Value::Null);
    }

    async fn one_who_was_merged_is_told_asked_for_and_restricted_with_the_one_who_stays(app) {
        let walk_in = json!({ "firstNames": "Aino", "lastName": "Malinen", "birthDate": "1990-01-01", "gender": "UNDISCLOSED", "language": "fi" });
        let ((known, _), (walked, _)) = (client(app, aino()).await, client(app, walk_in).await);
        account(app, &known).await;
        let merger = json!({ "surviving": known, "expectedVersion": 2, "merged": walked, "expectedMergedVersion": 1, "reason": "Sama henkilö: tuli ensin ilman henkilötunnusta." });
        app.done("social-worker", "mergeClients", "client { id }", merger).await;
        let (_, records) = everything(app, "client", "myData", "").await;
        assert_eq!((of(&records, "CLIENT").len(), of(&records, "PERSON").len()), (2, 2));
        let query = "query($id: ID!) { myData(client: $id) { clientId } }";
        assert_eq!(app.ask("client", query, json!({ "id": walked })).await["myData"]["clientId"], json!(known));
        ask(app, "social-worker", &walked, "ACCESS").await;
        restricted(app, &walked).await;
        app.done("dpo", "setLegalHold", "legalHold { id }", json!({ "client": walked, "reason": "Hallinto-oikeus käsittelee valitusta." })).await;
        for table in ["subject_request", "processing_restriction", "legal_hold"] {
            assert_eq!(app.count(table, "client_id IN (SELECT id FROM client WHERE merged_into_id IS NULL)").await, 1, "{table}");
        }
        let unpurposed = app.without_purpose("dpo", &TestApp::mutation("setLegalHold", "legalHold { id }"), json!({ "input": { "client": walked, "reason": "Hallinto-oikeus käsittelee valitusta." } })).await;
        assert_eq!(unpurposed.code(), "PURPOSE_REQUIRED");
    }

    async fn what_ends_or_narrows_passes_a_restriction_and_one_that_is_lifted_is_renewed(app) {
        let (id, _) = client(app, aino()).await;
        let (_, given) = sent(app, &id).await;
        let (under_way, _) = sent(app, &id).await;
        let inform = json!({ "client": id, "kind": "KANTA", "givenOn": "2026-01-02", "method": "ORAL", "textVersion": "kanta-2026-1" });
        app.done("social-worker", "recordInforming", "informing { id }", inform).await;
        let permit = json!({ "client": id, "sector": "SOCIAL" });
        let permission = app.done("social-worker", "giveDisclosurePermission", "disclosurePermission { id }", permit).await["disclosurePermission"]["id"].clone();
        let acting = json!({ "client": id, "subject": "urn:x|y", "kind": "GUARDIAN" });
        let acting = app.done("social-worker", "addRepresentation", "representation { id }", acting).await["representation"]["id"].clone();
        let first = restricted(app, &id).await;
        let person = |last: &str, protected: bool| {
            let mut identity = aino();
            identity["lastName"] = json!(last);
            json!({ "client": id, "expectedVersion": 1, "identity": identity, "protected": protected })
        };
        let update = async |last, protected| app.rejected("social-worker", "updateIdentity", "person { protected }", person(last, protected)).await;
        assert_eq!(update("Toinen", true).await, ["PROCESSING_RESTRICTED "]);
        assert_eq!(update("Mallinen", false).await, ["PROCESSING_RESTRICTED "]);
        app.done("social-worker", "updateIdentity", "person { protected }", person("Mallinen", true)).await;
        app.done("social-worker", "withdrawConsent", "consent { state }", json!({ "id": given, "expectedVersion": 1 })).await;
        let seen = app.ask("social-worker", "query($id: ID!) { referral(id: $id) { version } }", json!({ "id": under_way })).await["referral"]["version"].clone();
        app.done("social-worker", "withdrawReferral", "referral { state }", json!({ "id": under_way, "expectedVersion": seen })).await;
        app.done("social-worker", "endRepresentation", "representation { id }", json!({ "id": acting, "expectedVersion": 1 })).await;
        let withdraw = json!({ "id": permission, "expectedVersion": 1 });
        app.done("social-worker", "withdrawDisclosurePermission", "disclosurePermission { id }", withdraw).await;
        let prohibit = json!({ "client": id, "target": { "controller": app.world.organization("ngo") } });
        app.done("social-worker", "setDisclosureProhibition", "disclosureProhibition { id }", prohibit).await;
        app.done("lead", "liftRestriction", "restriction { inForce }", json!({ "id": first["id"], "expectedVersion": 1 })).await;
        assert_eq!(restricted(app, &id).await["inForce"], true);
    }

    async fn a_request_is_answered_in_time_and_by_those_who_decide(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let asked = ask(app, "client", &id, "RECTIFICATION").await;
        assert_eq!((&asked["byClient"], &asked["state"]), (&json!(true), &json!("RECEIVED")));
        let request = asked["id"].clone();
        for told in ["lead", "dpo"] {
            let kinds = app.ask(told, "{ notices(filter: { kinds: [SUBJECT_REQUEST_MADE] }) { totalCount } }", json!({})).await;
            assert_eq!(kinds["notices"]["totalCount"], 1, "{told}");
        }
        let late = "{ subjectRequests(filter: { overdue: true }) { nodes { overdue kind } } }";
        assert_eq!(app.ask("lead", late, json!({})).await["subjectRequests"]["nodes"], json!([]));
        app.tamper("UPDATE subject_request SET received_on = '2026-01-31', due_on = '2026-02-28'").await;
        for actor in ["lead", "dpo"] {
            assert_eq!(app.ask(actor, late, json!({})).await["subjectRequests"]["nodes"], json!([{ "overdue": true, "kind": "RECTIFICATION" }]), "{actor}");
        }
        for actor in ["service-guide", "partner", "admin-x", "admin"] {
            assert_eq!(app.ask(actor, "{ subjectRequests { totalCount } }", json!({})).await["subjectRequests"]["totalCount"], 0, "{actor}");
        }
        let extend = json!({ "id": request, "expectedVersion": 1, "reason": "Pyyntö koskee useaa organisaatiota." });
        let document = TestApp::mutation("extendSubjectRequest", "subjectRequest { id }");
        for actor in ["dpo", "social-worker", "client"] {
            assert_eq!(app.refuse(actor, &document, json!({ "input": extend })).await, "FORBIDDEN", "{actor}");
        }
        assert_eq!(app.rejected("lead", "extendSubjectRequest", "subjectRequest { id }", extend.clone()).await, ["OUT_OF_RANGE id"]);
        app.tamper("UPDATE subject_request SET due_on = '2060-01-01'").await;
        let extended = app.done("lead", "extendSubjectRequest", "subjectRequest { state dueOn extensionReason moves }", extend).await["subjectRequest"].clone();
        assert_eq!((&extended["state"], &extended["dueOn"]), (&json!("EXTENDED"), &json!("2026-04-30")));
        let again = json!({ "id": request, "expectedVersion": 2, "reason": "Pyyntö koskee yhä useaa organisaatiota." });
        assert_eq!(app.rejected("lead", "extendSubjectRequest", "subjectRequest { id }", again).await, ["ILLEGAL_TRANSITION id"]);
        let bare = json!({ "id": request, "expectedVersion": 2, "decision": "REFUSE" });
        assert_eq!(app.rejected("lead", "decideSubjectRequest", "subjectRequest { id }", bare).await, ["REQUIRED ground", "REQUIRED words"]);
        let refuse = json!({ "id": request, "expectedVersion": 2, "decision": "REFUSE", "ground": "DATA_IS_CORRECT", "words": "Arvio perustuu tapaamiseen." });
        app.done("lead", "decideSubjectRequest", "subjectRequest { id }", refuse).await;
        let seen = app.ask("client", "{ me { subjectRequests { nodes { state words ground answer decidedBy } } } }", json!({})).await["me"]["subjectRequests"]["nodes"][0].clone();
        // The client's statement stays beside what was not mended.
        assert_eq!((&seen["state"], &seen["words"], &seen["answer"]), (&json!("REFUSED"), &json!("Arviossa lukee väärä syy."), &json!("Arvio perustuu tapaamiseen.")));
        let kinds = app.ask("client", "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
        assert_eq!(kinds, json!([{ "kind": "SUBJECT_REQUEST_DECIDED" }, { "kind": "SUBJECT_REQUEST_EXTENDED" }]));
    }

    async fn what_mends_an_error_is_named_by_the_request_that_asked_for_it(app) {
        let (id, case) = casework::begun(app).await;
        let entry = |corrects: Value| json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "AUTHORITY", "content": { "text": "Muutto." }, "corrects": corrects });
        let wrong = app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry(Value::Null)).await["clientEntry"]["id"].clone();
        let asked = ask(app, "client", &id, "RECTIFICATION").await;
        let mended = app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry(wrong)).await["clientEntry"]["id"].clone();
        let (other, _) = client(app, aino()).await;
        let decide = |correction: &Value| json!({ "id": asked["id"], "expectedVersion": 1, "decision": "GRANT", "correction": correction });
        for foreign in [json!(other), json!("nonsense"), json!(app.world.organization("county"))] {
            assert_eq!(app.rejected("lead", "decideSubjectRequest", "subjectRequest { id }", decide(&foreign)).await, ["UNKNOWN_REFERENCE correction"], "{foreign}");
        }
        let done = app.done("lead", "decideSubjectRequest", "subjectRequest { state correction }", decide(&mended)).await["subjectRequest"].clone();
        assert_eq!(done, json!({ "state": "GRANTED", "correction": mended }));
    }

    async fn nothing_is_written_about_a_client_whose_data_is_restricted_but_on_a_ground(app) {
        let (id, case) = casework::begun(app).await;
        let referral = draft(app, &id, &["ALIAS"]).await;
        consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        let disclosed = app.count("disclosure_log_entry", "1 = 1").await;
        let in_force = restricted(app, &id).await;
        assert_eq!(in_force["inForce"], true);
        let entry = json!({ "case": case, "happenedOn": "2026-01-02", "visibility": "AUTHORITY", "content": { "text": "Soitto." } });
        let send = json!({ "id": referral, "expectedVersion": 1 });
        let follow = json!({ "case": case, "happenedOn": "2026-01-02", "kind": "CALL", "content": { "next": "Soitto." } });
        for (mutation, selection, input) in [
            ("writeClientEntry", "clientEntry { id }", entry.clone()),
            ("sendReferral", "referral { id }", send.clone()),
            ("recordFollowUp", "followUp { id }", follow),
            ("startNeedsAssessment", "needsAssessment { id }", json!({ "case": case })),
        ] {
            assert_eq!(app.rejected("social-worker", mutation, selection, input).await, ["PROCESSING_RESTRICTED "], "{mutation}");
        }
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, disclosed);
        // The card says it, and whoever looks is put before the data protection officer; the client is not.
        let card = "query($id: ID!) { client(id: $id) { number restriction { ground words } } }";
        let seen = app.ask("social-worker", card, json!({ "id": id })).await["client"]["restriction"].clone();
        assert_eq!(seen, json!({ "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." }));
        app.ask("client", "{ me { number } }", json!({})).await;
        assert!(app.count("use_log_entry", "flagged AND actor LIKE '%|social-worker' AND operation = 'client'").await > 0);
        assert_eq!(app.count("use_log_entry", "flagged AND basis = 'OWN'").await, 0);
        // What the client does is the client's own will.
        app.done("client", "setGoal", "goal { id }", json!({ "case": case, "owner": "CLIENT", "content": { "text": "Käyn kävelyllä.", "lifeArea": "PARTICIPATION" } })).await;
        // A ground of the law opens it for one worker, and those who answer for it are told.
        let ground = json!({ "id": in_force["id"], "expectedVersion": 1, "ground": "LEGAL_CLAIM", "reason": "Hallinto-oikeus pyytää lausuntoa asiassa." });
        let excepted = app.done("social-worker", "exceptFromRestriction", "restriction { exceptions { ground reason } }", ground).await;
        assert_eq!(excepted["restriction"]["exceptions"][0]["ground"], "LEGAL_CLAIM");
        app.done("social-worker", "writeClientEntry", "clientEntry { id }", entry.clone()).await;
        assert_eq!(app.rejected("service-guide", "writeClientEntry", "clientEntry { id }", entry.clone()).await, ["PROCESSING_RESTRICTED "]);
        let told = app.ask("dpo", "{ notices(filter: { kinds: [RESTRICTED_DATA_PROCESSED] }) { totalCount } restrictions(inForce: true) { totalCount } }", json!({})).await;
        assert_eq!(told, json!({ "notices": { "totalCount": 1 }, "restrictions": { "totalCount": 1 } }));
        // Who restricted does not lift; the client is told before it ends.
        let lift = json!({ "id": in_force["id"], "expectedVersion": 2 });
        for actor in ["social-worker", "dpo", "client"] {
            assert_eq!(app.refuse(actor, &TestApp::mutation("liftRestriction", "restriction { id }"), json!({ "input": lift })).await, "FORBIDDEN", "{actor}");
        }
        let lifted = app.done("lead", "liftRestriction", "restriction { inForce endsAt }", lift).await["restriction"].clone();
        assert_eq!(lifted["inForce"], true);
        let notices = app.ask("client", "{ notices(filter: { kinds: [RESTRICTION_ENDING] }) { totalCount } }", json!({})).await;
        assert_eq!(notices["notices"]["totalCount"], 1);
        assert_eq!(app.rejected("service-guide", "writeClientEntry", "clientEntry { id }", entry.clone()).await, ["PROCESSING_RESTRICTED "]);
        app.tamper("UPDATE processing_restriction SET ends_at = '2026-01-01 00:00:00+00:00'").await;
        app.done("service-guide", "writeClientEntry", "clientEntry { id }", entry).await;
    }

    async fn a_restriction_of_one_client_is_nothing_to_another(app) {
        let (id, _) = client(app, aino()).await;
        restricted(app, &id).await;
        let (other, _) = client(app, eino()).await;
        draft(app, &other, &["ALIAS"]).await;
        let again = json!({ "client": id, "ground": "UNLAWFUL", "words": "Toistamiseen." });
        assert_eq!(app.rejected("lead", "restrictProcessing", "restriction { id }", again.clone()).await, ["RECORDED_ALREADY client"]);
        for actor in ["service-guide", "partner", "dpo", "admin-x"] {
            let input = json!({ "client": id, "ground": "UNLAWFUL", "words": "Vieras." });
            let code = app.refuse(actor, &TestApp::mutation("restrictProcessing", "restriction { id }"), json!({ "input": input })).await;
            assert!(["NOT_FOUND", "FORBIDDEN"].contains(&code.as_str()), "{actor}: {code}");
        }
    }
}
