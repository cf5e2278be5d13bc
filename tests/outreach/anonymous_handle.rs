//! Stories of anonymous handles: a code word that is told once, and nobody behind it.
use super::given::{contact, handle, met, only_the_association};
use crate::{person::given::text, promise::wrong::nothing_is_wrong};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Kind, TestApp, in_days, parity, stories};

const OPENED: &str = "openedHandle { handle { id state } contacts { totalCount nodes { id minutes } } }";
const PRESENTED: &str = "presentedHandle { organization { name { fi } } contactCount summary }";

/// Records a contact under a code word.
async fn met_under(app: &TestApp, word: &str) -> String {
    let mut input = contact(app);
    input["codeWord"] = json!(word);
    met(app, input).await
}

/// What each use of a code word that is of no use is told.
async fn is_unknown(app: &TestApp, word: &str) {
    let mut input = contact(app);
    input["codeWord"] = json!(word);
    assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await, ["UNKNOWN_REFERENCE codeWord"]);
    assert_eq!(app.rejected("partner", "openAnonymousHandle", OPENED, json!({ "codeWord": word })).await, ["UNKNOWN_REFERENCE codeWord"]);
    let present = json!({ "codeWord": word, "consented": true });
    assert_eq!(app.rejected("client", "presentAnonymousHandle", PRESENTED, present).await, ["UNKNOWN_REFERENCE codeWord"]);
}

/// How many rows of each table hold one of these texts, in whatever column.
async fn holding(app: &TestApp, needles: &[&str]) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    let (tables, _) = parity::columns(app.kind).await;
    for (table, columns) in tables {
        let each = columns.keys().flat_map(|column| {
            needles.iter().map(move |needle| match app.kind {
                // Ids are bytes there.
                Kind::Sqlite => {
                    format!("instr(lower(hex(\"{column}\")), '{}') > 0 OR instr(CAST(\"{column}\" AS TEXT), '{needle}') > 0", needle.replace('-', ""))
                }
                Kind::Postgres => format!("strpos(\"{column}\"::text, '{needle}') > 0"),
            })
        });
        let count = app.count(&format!("\"{table}\""), &each.collect::<Vec<_>>().join(" OR ")).await;
        if count > 0 {
            found.insert(table, count);
        }
    }
    found
}

/// The contacts, and on PostgreSQL by which transaction each was written.
async fn written(app: &TestApp) -> Vec<String> {
    let row = if app.kind == Kind::Postgres { "id::text || ' ' || xmin::text || ' ' || ctid::text" } else { "hex(id) || ' ' || version" };
    tests::texts(app.database(), &format!("SELECT {row} FROM anonymous_contact ORDER BY id")).await
}

fn uuid(id: &str) -> String {
    domain::id::split_public(id).unwrap().1.to_string()
}

stories! {
    async fn a_code_word_is_told_once_and_opens_what_stands_under_it(app) {
        let input = json!({ "organization": app.world.organization("ngo"), "expiresOn": in_days(300), "idempotencyKey": "one" });
        let made = app.done("partner", "createAnonymousHandle", "codeWord anonymousHandle { id state expiresOn moves }", input.clone()).await;
        assert_eq!((&made["anonymousHandle"]["state"], &made["anonymousHandle"]["moves"]), (&json!("ACTIVE"), &json!(["PRESENT", "REVOKE"])));
        assert_eq!(made["anonymousHandle"]["expiresOn"], input["expiresOn"]);
        let word = text(&made["codeWord"]);
        assert!(word.split('-').count() == 5 && word.is_ascii(), "{word}");
        let again = app.done("partner", "createAnonymousHandle", "codeWord anonymousHandle { id }", input).await;
        assert_eq!((&again["codeWord"], &again["anonymousHandle"]["id"]), (&Value::Null, &made["anonymousHandle"]["id"]));
        let (first, second) = (met_under(app, &word).await, met_under(app, &word.to_uppercase().replace('-', " ")).await);
        let alone = met(app, contact(app)).await;
        let void = json!({ "id": second, "expectedVersion": 1, "reason": "Kirjattu kahdesti" });
        app.done("partner", "voidAnonymousContact", "anonymousContact { id }", void).await;
        let opened = app.done("partner", "openAnonymousHandle", OPENED, json!({ "codeWord": word })).await["openedHandle"].clone();
        assert_eq!(opened, json!({ "handle": { "id": made["anonymousHandle"]["id"], "state": "ACTIVE" }, "contacts": { "totalCount": 1, "nodes": [{ "id": first, "minutes": 25 }] } }));
        assert_ne!(first, alone);
        // The word itself, and its hash, are in no log of writes.
        let hash = tests::texts(app.database(), "SELECT hash FROM anonymous_handle").await.pop().unwrap();
        assert_eq!(holding(app, &[&word]).await, BTreeMap::new());
        assert_eq!(holding(app, &[&hash]).await, BTreeMap::from([("anonymous_handle".to_owned(), 1)]));
    }

    async fn a_contact_that_is_voided_while_its_handle_ends_stands_alone_too(app) {
        for _ in 0..8 {
            let (_, word) = handle(app).await;
            let contact = met_under(app, &word).await;
            let void = json!({ "id": contact, "expectedVersion": 1, "reason": "Kirjattu kahdesti" });
            let (_, presented) = tokio::join!(
                app.payload("partner", "voidAnonymousContact", "anonymousContact { id }", void),
                app.payload("client", "presentAnonymousHandle", PRESENTED, json!({ "codeWord": word, "consented": true }))
            );
            assert_eq!(presented["userErrors"], json!([]));
        }
        assert_eq!(app.count("anonymous_handle", "hash IS NOT NULL OR secret IS NOT NULL").await, 0);
        nothing_is_wrong(app.database()).await;
    }

    async fn what_is_over_given_up_and_unknown_is_told_alike(app) {
        is_unknown(app, "karhu-puro-saavi-kello-04821").await;
        let (id, word) = handle(app).await;
        met_under(app, &word).await;
        let revoke = json!({ "id": id, "expectedVersion": 1 });
        assert_eq!(app.refuse("partner-b", &TestApp::mutation("revokeAnonymousHandle", "anonymousHandle { id }"), json!({ "input": revoke })).await, "NOT_FOUND");
        let revoked = app.done("partner", "revokeAnonymousHandle", "anonymousHandle { state moves }", revoke).await;
        assert_eq!(revoked["anonymousHandle"], json!({ "state": "REVOKED", "moves": [] }));
        assert_eq!(app.rejected("partner", "revokeAnonymousHandle", "anonymousHandle { id }", json!({ "id": id, "expectedVersion": 2 })).await, ["ILLEGAL_TRANSITION id"]);
        is_unknown(app, &word).await;
        let (_, word) = handle(app).await;
        met_under(app, &word).await;
        app.tamper("UPDATE anonymous_handle SET expires_on = '2026-01-01' WHERE state = 'ACTIVE'").await;
        is_unknown(app, &word).await;
        assert_eq!(api::job::due(&app.store().await).await.handles, 1);
        assert_eq!(api::job::due(&app.store().await).await.handles, 0);
        let states = app.ask("partner", "{ anonymousHandles(orderBy: { field: CREATED_AT, direction: ASC }) { nodes { state } } }", json!({})).await;
        assert_eq!(states["anonymousHandles"]["nodes"], json!([{ "state": "REVOKED" }, { "state": "EXPIRED" }]));
        assert_eq!(app.count("anonymous_handle", "hash IS NOT NULL OR secret IS NOT NULL").await, 0);
        assert_eq!(app.count("anonymous_contact", "1 = 1").await, 2, "what was recorded stays");
        let long = json!({ "organization": app.world.organization("ngo"), "expiresOn": in_days(400) });
        assert_eq!(app.rejected("partner", "createAnonymousHandle", "codeWord", long).await, ["OUT_OF_RANGE expiresOn"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn whoever_guesses_is_stopped_and_nobody_else(app) {
        let (_, word) = handle(app).await;
        let open = TestApp::mutation("openAnonymousHandle", OPENED);
        // Being right does not count, however often.
        for _ in 0..12 {
            app.done("partner", "openAnonymousHandle", OPENED, json!({ "codeWord": word })).await;
        }
        // Nor does what was refused for another reason.
        for _ in 0..12 {
            let mut input = contact(app);
            (input["codeWord"], input["effectiveDate"]) = (json!(word), json!("2199-01-01"));
            assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await, ["OUT_OF_RANGE effectiveDate"]);
        }
        for number in 0..10 {
            let wrong = json!({ "codeWord": format!("karhu-puro-saavi-kello-{number:05}") });
            assert_eq!(app.rejected("partner", "openAnonymousHandle", OPENED, wrong).await, ["UNKNOWN_REFERENCE codeWord"]);
        }
        assert_eq!(app.refuse("partner", &open, json!({ "input": { "codeWord": word } })).await, "RATE_LIMITED");
        let mut input = contact(app);
        input["codeWord"] = json!(word);
        let record = TestApp::mutation("recordAnonymousContact", "anonymousContact { id }");
        assert_eq!(app.refuse("partner", &record, json!({ "input": input })).await, "RATE_LIMITED");
        met(app, contact(app)).await;
        // Many in one request are many guesses.
        let guesses: Vec<_> = (0..12).map(|n| format!("g{n}: presentAnonymousHandle(input: {{ codeWord: \"karhu-puro-saavi-kello-{n:05}\", consented: true }}) {{ userErrors {{ code }} }}")).collect();
        let answer = app.post("client", &format!("mutation {{ {} }}", guesses.join(" ")), json!({})).await;
        let refused = answer.body["errors"].as_array().unwrap().iter().any(|error| error["extensions"]["code"] == "RATE_LIMITED");
        assert!(refused, "{}", answer.text);
        app.done("partner-b", "presentAnonymousHandle", PRESENTED, json!({ "codeWord": word, "consented": true })).await;
    }

    async fn a_handle_of_another_organisation_opens_to_nobody_else(app) {
        let (id, word) = handle(app).await;
        let mut input = contact(app);
        (input["codeWord"], input["organization"]) = (json!(word), json!(app.world.organization("parish")));
        assert_eq!(app.rejected("partner-b", "recordAnonymousContact", "anonymousContact { id }", input).await, ["UNKNOWN_REFERENCE codeWord"]);
        for (actor, _, _) in tests::CAST.iter().filter(|(actor, _, _)| *actor != "partner") {
            assert_eq!(app.rejected(actor, "openAnonymousHandle", OPENED, json!({ "codeWord": word })).await, ["UNKNOWN_REFERENCE codeWord"], "{actor}");
        }
        let open = TestApp::mutation("openAnonymousHandle", OPENED);
        assert_eq!(app.refuse("", &open, json!({ "input": { "codeWord": word } })).await, "UNAUTHENTICATED");
        let input = json!({ "organization": app.world.organization("ngo") });
        only_the_association(app, "AnonymousHandle", &id, "anonymousHandles", "createAnonymousHandle", &input).await;
    }

    async fn whoever_presents_a_handle_leaves_no_trace_on_it(app) {
        let (client, _) = crate::person::given::client(app, crate::person::given::aino()).await;
        crate::person::given::account(app, &client).await;
        let (id, word) = handle(app).await;
        let (first, _) = (met_under(app, &word).await, met_under(app, &word).await);
        let me = text(&app.ask("client", "{ viewer { subject } }", json!({})).await["viewer"]["subject"]);
        let (mine, of_handle) = (holding(app, &[&me]).await, holding(app, &[&uuid(&id)]).await);
        assert_eq!(of_handle, BTreeMap::from([("anonymous_handle".to_owned(), 1), ("audit".to_owned(), 1)]), "no contact names it, not even while it stands");
        let contacts = written(app).await;
        let present = TestApp::mutation("presentAnonymousHandle", PRESENTED);
        let input = |consented: bool| json!({ "codeWord": word, "consented": consented, "withSummary": true });
        assert_eq!(app.refuse("", &present, json!({ "input": input(true) })).await, "UNAUTHENTICATED");
        assert_eq!(app.rejected("client", "presentAnonymousHandle", PRESENTED, input(false)).await, ["CONSENT_MISSING consented"]);
        // The person tells who it is with a referral of the usual kind, and not in the same request.
        let referral = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": client,
            "content": { "direction": "OUTBOUND", "referrer": "ONESELF", "needs": ["HOUSING"], "urgency": "NORMAL", "disclose": ["ALIAS"] }, "introduction": {},
        });
        let both = format!("mutation($p: PresentAnonymousHandleInput!, $r: CreateReferralInput!) {{ presentAnonymousHandle(input: $p) {{ {PRESENTED} userErrors {{ code }} }} createReferral(input: $r) {{ referral {{ id }} userErrors {{ code path }} }} }}");
        let both = app.ask("client", &both, json!({ "p": input(true), "r": referral })).await;
        let presented = both["presentAnonymousHandle"]["presentedHandle"].clone();
        let summary = "Tavattu 2 kertaa, 1/2026, yhteensä enintään 1 h. Aiheet: Asuminen, Velat ja raha-asiat.";
        assert_eq!(presented, json!({ "organization": { "name": { "fi": "ngo" } }, "contactCount": 2, "summary": summary }));
        assert_eq!(both["createReferral"], json!({ "referral": null, "userErrors": [{ "code": "SEND_APART", "path": [] }] }));
        assert_eq!(written(app).await, contacts, "presenting writes no contact, and PostgreSQL tells of none by whom it was written");
        let made = app.done("client", "createReferral", "referral { id }", referral).await;
        let referral = uuid(&text(&made["referral"]["id"]));
        // What the request leaves is about the referral, and about nothing else: no more rows know the account than those that know the referral.
        let now = holding(app, &[&me]).await;
        let of_referral = holding(app, &[&referral]).await;
        for table in ["audit", "idempotency", "disclosure_log_entry", "event", "notice"] {
            let more = now.get(table).unwrap_or(&0) - mine.get(table).unwrap_or(&0);
            assert!(more <= *of_referral.get(table).unwrap_or(&0), "{table}: {more}");
        }
        assert_eq!(now["audit"] - mine["audit"], 1);
        assert_eq!(now["use_log_entry"] - mine.get("use_log_entry").unwrap_or(&0), 2, "the client's own readings of oneself: what was refused, and what was made");
        assert_eq!(holding(app, &["presentAnonymousHandle"]).await, BTreeMap::new());
        // The handle is told of where it was made, and nowhere else; the contacts stand alone, unchanged.
        assert_eq!(holding(app, &[&uuid(&id)]).await, BTreeMap::from([("anonymous_handle".to_owned(), 1), ("audit".to_owned(), 1)]));
        assert_eq!(app.count("audit", "resource LIKE 'Anonymous%' AND request_id IN (SELECT request_id FROM audit WHERE resource = 'Referral')").await, 0);
        let seen = app.ask("partner", "query($h: ID!, $c: ID!) { anonymousHandle(id: $h) { state moves updatedAt createdAt } anonymousContact(id: $c) { version state } }", json!({ "h": id, "c": first })).await;
        assert_eq!((&seen["anonymousHandle"]["state"], &seen["anonymousHandle"]["moves"]), (&json!("PRESENTED"), &json!([])));
        assert_eq!(seen["anonymousHandle"]["updatedAt"], seen["anonymousHandle"]["createdAt"], "the moment of presenting is not kept");
        assert_eq!(seen["anonymousContact"], json!({ "version": 1, "state": "RECORDED" }));
        assert_eq!(app.count("anonymous_handle", "hash IS NOT NULL").await, 0);
        is_unknown(app, &word).await;
        nothing_is_wrong(app.database()).await;
    }

    async fn the_moment_of_presenting_is_blurred_by_the_next_day(app) {
        let _ = api::job::due(&app.later(-1).await).await;
        for _ in 0..2 {
            let (_, word) = handle(app).await;
            app.done("client", "presentAnonymousHandle", PRESENTED, json!({ "codeWord": word, "consented": true })).await;
        }
        let before = tests::texts(app.database(), "SELECT CAST(version AS TEXT) FROM anonymous_handle").await;
        if app.kind == Kind::Postgres {
            assert_eq!(tests::texts(app.database(), "SELECT DISTINCT xmin::text FROM anonymous_handle").await.len(), 2);
        }
        assert_eq!(app.later(1).await.blur_ended_handles().await.unwrap(), 2);
        assert_eq!(tests::texts(app.database(), "SELECT CAST(version AS TEXT) FROM anonymous_handle").await, before);
        if app.kind == Kind::Postgres {
            assert_eq!(tests::texts(app.database(), "SELECT DISTINCT xmin::text FROM anonymous_handle").await.len(), 1);
        }
        let (_, word) = handle(app).await;
        app.done("client", "presentAnonymousHandle", PRESENTED, json!({ "codeWord": word, "consented": true })).await;
        // By the job too, once a day.
        assert_eq!(api::job::due(&app.later(1).await).await.failed, 0);
        if app.kind == Kind::Postgres {
            assert_eq!(tests::texts(app.database(), "SELECT DISTINCT xmin::text FROM anonymous_handle").await.len(), 1);
        }
    }

    async fn a_code_word_is_told_only_by_the_request_that_made_its_handle(app) {
        let input = json!({ "organization": app.world.organization("ngo"), "idempotencyKey": "one" });
        let make = || app.payload("partner", "createAnonymousHandle", "codeWord anonymousHandle { id }", input.clone());
        let (one, two, three) = tokio::join!(make(), make(), make());
        let words: Vec<_> = [one, two, three].into_iter().filter_map(|made| made["codeWord"].as_str().map(str::to_owned)).collect();
        assert_eq!(words.len(), 1, "{words:?}");
        app.done("partner", "openAnonymousHandle", OPENED, json!({ "codeWord": words[0] })).await;
    }

    async fn a_contact_that_is_sent_again_is_no_guess_and_goes_without_a_word_that_is_over(app) {
        let (id, word) = handle(app).await;
        let mut input = contact(app);
        (input["uuid"], input["codeWord"]) = (json!("0192f3b0-5a1c-7d2e-8f00-000000000071"), json!(word));
        let first = met(app, input.clone()).await;
        assert_eq!(met(app, input.clone()).await, first);
        // Neither the word nor its hash are in the fingerprint: it is the same with another one, and that is refused whatever it is.
        assert_eq!(holding(app, &[&word]).await, BTreeMap::new());
        let (_, other) = handle(app).await;
        let mut another = input.clone();
        for wrong in [other.as_str(), "karhu-puro-saavi-kello-04821", "no code word"].iter().cycle().take(12) {
            another["codeWord"] = json!(wrong);
            assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", another.clone()).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        }
        // The handle ends, and the device has not heard that the contact was kept.
        app.done("partner", "revokeAnonymousHandle", "anonymousHandle { id }", json!({ "id": id, "expectedVersion": 1 })).await;
        for _ in 0..12 {
            assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input.clone()).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        }
        input.as_object_mut().unwrap().remove("codeWord");
        assert_eq!(met(app, input).await, first);
        // Nor has it been told before: it is recorded alone.
        let mut late = contact(app);
        (late["uuid"], late["codeWord"]) = (json!("0192f3b0-5a1c-7d2e-8f00-000000000072"), json!(word));
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", late.clone()).await, ["UNKNOWN_REFERENCE codeWord"]);
        late.as_object_mut().unwrap().remove("codeWord");
        met(app, late).await;
        // None of it was a guess but the one.
        app.done("partner", "openAnonymousHandle", OPENED, json!({ "codeWord": other })).await;
        assert_eq!(app.count("anonymous_contact", "1 = 1").await, 2);
    }

    async fn many_contacts_stand_under_one_handle_in_their_order(app) {
        let (_, word) = handle(app).await;
        let mut all = Vec::new();
        for _ in 0..35 {
            all.push(met_under(app, &word).await);
        }
        let (one, two) = tokio::join!(met_under(app, &word), met_under(app, &word));
        let opened = app.done("partner", "openAnonymousHandle", "openedHandle { contacts(first: 100) { nodes { id } } }", json!({ "codeWord": word })).await;
        let found: Vec<_> = opened["openedHandle"]["contacts"]["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
        assert_eq!(found[..35], all[..]);
        assert!(found.len() == 37 && found.contains(&one) && found.contains(&two), "two at once: {found:?}");
        let marks = tests::texts(app.database(), "SELECT DISTINCT mark FROM anonymous_contact").await;
        assert_eq!(marks.len(), 37, "nothing tells from the rows that they belong together");
    }

    async fn somebody_unknown_and_a_client_are_not_written_in_one_request(app) {
        let (client, _) = crate::person::given::client(app, crate::person::given::aino()).await;
        let member = json!({ "organization": app.world.organization("ngo"), "role": "OUTREACH_WORKER", "subject": app.ask("social-worker", "{ viewer { subject } }", json!({})).await["viewer"]["subject"], "validFrom": "2026-01-01" });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        let (mut met, entry) = (contact(app), json!({ "client": client, "kind": "KANTA", "givenOn": "2026-01-15", "method": "ORAL", "textVersion": "kanta-2026-1" }));
        met["content"]["result"] = json!("BECAME_IDENTIFIED");
        let (contact, note) = ("recordAnonymousContact(input: $c) { anonymousContact { id } userErrors { code } }", "recordInforming(input: $e) { informing { id } userErrors { code } }");
        for (fields, refused) in [(format!("{contact} {note}"), "recordInforming"), (format!("{note} {contact}"), "recordAnonymousContact")] {
            let document = format!("mutation($c: RecordAnonymousContactInput!, $e: RecordInformingInput!) {{ {fields} }}");
            let both = app.ask("social-worker", &document, json!({ "c": met, "e": entry })).await;
            for field in ["recordAnonymousContact", "recordInforming"] {
                let expected = if field == refused { json!([{ "code": "SEND_APART" }]) } else { json!([]) };
                assert_eq!(both[field]["userErrors"], expected, "{fields}: {field}");
            }
        }
        assert_eq!(app.count("anonymous_contact", "1 = 1").await, 1);
        // And what the audit keeps of a contact names a request of its own.
        assert_eq!(app.count("audit a", "a.resource = 'AnonymousContact' AND EXISTS (SELECT 1 FROM audit b WHERE b.request_id = a.request_id AND b.id <> a.id)").await, 0);
        assert_eq!(app.count("audit a", "a.resource = 'AnonymousContact' AND EXISTS (SELECT 1 FROM use_log_entry u WHERE u.request_id = a.request_id)").await, 0);
    }

    async fn only_what_is_wanted_is_told_and_one_who_comes_second_finds_nothing(app) {
        let (_, word) = handle(app).await;
        met_under(app, &word).await;
        let input = json!({ "input": { "codeWord": word, "consented": true } });
        let present = TestApp::mutation("presentAnonymousHandle", PRESENTED);
        // Two at once, one of whom has the word from the other.
        let (one, two) = tokio::join!(app.ask("partner-b", &present, input.clone()), app.ask("client", &present, input));
        let told: Vec<_> = [one, two].into_iter().map(|data| data["presentAnonymousHandle"]["presentedHandle"].clone()).collect();
        let got: Vec<_> = told.iter().filter(|told| !told.is_null()).collect();
        assert_eq!(got.len(), 1, "{told:?}");
        assert_eq!((&got[0]["contactCount"], &got[0]["summary"]), (&json!(1), &Value::Null));
    }
}
