//! Stories of anonymous contacts.
use super::given::{contact, gone_out, met, only_the_association, shift};
use crate::promise::wrong::nothing_is_wrong;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Application, Kind, stories};

const SEEN: &str = "query($id: ID!) { anonymousContact(id: $id) { state version effectiveDate recordedAt channel ageBand { from to } gender themes minutes result note \
    place { text area { id } route { id } stop } shift { id } corrections { reason by minutes themes place { text } } voided { reason by } moves access { canTransition } } }";

stories! {
    async fn a_contact_is_recorded_corrected_again_and_again_and_voided(app) {
        let id = met(app, contact(app)).await;
        let seen = async || app.ask("partner", SEEN, json!({ "id": id })).await["anonymousContact"].clone();
        let first = seen().await;
        assert_eq!((&first["state"], &first["moves"], &first["themes"], &first["minutes"]), (&json!("RECORDED"), &json!(["CORRECT", "VOID"]), &json!(["HOUSING", "DEBT"]), &json!(25)));
        assert_eq!((&first["effectiveDate"], first["recordedAt"].as_str() > Some("2026-01-15")), (&json!("2026-01-15"), true));
        let mut right = json!({ "id": id, "expectedVersion": 1, "content": contact(app)["content"], "reason": "Kesti kauemmin" });
        right["content"]["minutes"] = json!(45);
        app.done("partner", "correctAnonymousContact", "anonymousContact { id }", right.clone()).await;
        assert_eq!(app.rejected("partner", "correctAnonymousContact", "anonymousContact { id }", right.clone()).await, ["STALE_VERSION expectedVersion"]);
        right["expectedVersion"] = json!(2);
        right["content"]["themes"] = json!(["HOUSING"]);
        right["reason"] = json!("Veloista ei puhuttu");
        app.done("partner", "correctAnonymousContact", "anonymousContact { id }", right.clone()).await;
        let by = app.ask("partner", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        let place = json!({ "text": "Tori" });
        assert_eq!(seen().await["corrections"], json!([
            { "reason": "Kesti kauemmin", "by": by, "minutes": 25, "themes": ["HOUSING", "DEBT"], "place": place },
            { "reason": "Veloista ei puhuttu", "by": by, "minutes": 45, "themes": ["HOUSING", "DEBT"], "place": place },
        ]));
        let void = json!({ "id": id, "expectedVersion": 3, "reason": "Kirjattu kahdesti" });
        app.done("partner", "voidAnonymousContact", "anonymousContact { id }", void).await;
        let last = seen().await;
        assert_eq!((&last["state"], &last["voided"], &last["moves"]), (&json!("VOIDED"), &json!({ "reason": "Kirjattu kahdesti", "by": by }), &json!([])));
        right["expectedVersion"] = json!(4);
        assert_eq!(app.rejected("partner", "correctAnonymousContact", "anonymousContact { id }", right).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn each_fault_is_told_where_it_is_and_no_name_is_taken(app) {
        let tried = async |field: &str, value: Value| {
            let mut input = contact(app);
            input["content"][field] = value;
            app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await
        };
        assert_eq!(tried("ageBand", json!({ "from": 30, "to": 38 })).await, ["AGE_BAND_TOO_NARROW content.ageBand"]);
        assert_eq!(tried("themes", json!(["DEBT", "DEBT"])).await, ["DUPLICATE content.themes"]);
        assert_eq!(tried("minutes", json!(1_441)).await, ["OUT_OF_RANGE content.minutes"]);
        assert_eq!(tried("place", json!({})).await, ["NO_PLACE content.place"]);
        assert_eq!(tried("place", json!({ "area": app.world.municipality("297"), "text": "Soita 040 123 4567" })).await, ["PERSONAL_DATA content.place.text"]);
        assert_eq!(tried("note", json!("aino@example.fi")).await, ["PERSONAL_DATA content.note"]);
        let document = "mutation($input: RecordAnonymousContactInput!) { recordAnonymousContact(input: $input) { userErrors { message personalData { kind position } } } }";
        let mut named = contact(app);
        named["content"]["note"] = json!("Mies 010190-900P tuli");
        let answer = app.post("partner", document, json!({ "input": named })).await;
        assert!(!answer.text.contains("900P"), "{}", answer.text);
        assert_eq!(answer.body["data"]["recordAnonymousContact"]["userErrors"][0]["personalData"], json!({ "kind": "NATIONAL_ID", "position": 5 }));
        let mut late = contact(app);
        late["effectiveDate"] = json!("2199-01-01");
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", late).await, ["OUT_OF_RANGE effectiveDate"]);
        assert_eq!(app.count("anonymous_contact", "1 = 1").await, 0);
        let id = met(app, contact(app)).await;
        let mut wrong = json!({ "id": id, "expectedVersion": 1, "content": contact(app)["content"], "reason": "Kertoi numeron 040 123 4567" });
        wrong["content"]["minutes"] = json!(-1);
        let told = app.rejected("partner", "correctAnonymousContact", "anonymousContact { id }", wrong).await;
        assert_eq!(told, ["OUT_OF_RANGE content.minutes", "PERSONAL_DATA reason"]);
    }

    async fn a_contact_recorded_without_coverage_is_one_contact(app) {
        let mut input = contact(app);
        input["uuid"] = json!("0192f3b0-5a1c-7d2e-8f00-000000000002");
        let first = met(app, input.clone()).await;
        assert_eq!(met(app, input.clone()).await, first, "the UUID of the device is the key");
        let mut other = input.clone();
        other["content"]["minutes"] = json!(30);
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", other).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        input["idempotencyKey"] = json!("another");
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await, ["NOT_UNIQUE uuid"]);
        assert_eq!(app.count("anonymous_contact", "1 = 1").await, 1);
    }

    async fn contacts_of_a_shift_are_of_its_organisation_and_days(app) {
        let out = gone_out(app, shift(app)).await;
        let mut input = contact(app);
        input["shift"] = json!(out);
        let id = met(app, input.clone()).await;
        assert_eq!(app.ask("partner", SEEN, json!({ "id": id })).await["anonymousContact"]["shift"]["id"], json!(out));
        // Still out, so it may be after midnight.
        input["effectiveDate"] = json!("2026-01-16");
        met(app, input.clone()).await;
        input["effectiveDate"] = json!("2026-01-17");
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input.clone()).await, ["DOES_NOT_AGREE effectiveDate"]);
        input["effectiveDate"] = json!("2026-01-15");
        input["organization"] = json!(app.world.organization("parish"));
        assert_eq!(app.rejected("partner-b", "recordAnonymousContact", "anonymousContact { id }", input.clone()).await, ["UNKNOWN_REFERENCE shift"]);
        app.done("partner", "voidOutreachShift", "outreachShift { id }", json!({ "id": out, "expectedVersion": 1, "reason": "Ei lähdetty" })).await;
        input["organization"] = json!(app.world.organization("ngo"));
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await, ["DOES_NOT_AGREE shift"]);
        let found = "query($s: ID!) { anonymousContacts(filter: { shift: $s }, orderBy: { field: EFFECTIVE_DATE, direction: DESC }) { totalCount nodes { effectiveDate } } }";
        let found = app.ask("partner", found, json!({ "s": out })).await["anonymousContacts"].clone();
        nothing_is_wrong(app.database()).await;
        assert_eq!(found, json!({ "totalCount": 2, "nodes": [{ "effectiveDate": "2026-01-16" }, { "effectiveDate": "2026-01-15" }] }));
    }

    async fn no_contact_is_recorded_in_a_shift_that_is_voided_at_the_same_moment(app) {
        // SQLite has one writer.
        if app.kind == Kind::Sqlite {
            return;
        }
        let out = gone_out(app, shift(app)).await;
        let mut input = contact(app);
        input["shift"] = json!(out);
        let mut other = Application::connect(app.database()).await;
        other.enter("*").await;
        // Somebody else is voiding the shift, and has not committed.
        other.execute("BEGIN").await.unwrap();
        other.execute("UPDATE outreach_shift SET state = 'VOIDED', version = 2, voided = '{\"reason\": \"Ei\", \"at\": \"2026-01-15T20:00:00Z\", \"by\": \"x\"}'").await.unwrap();
        let mut recording = Box::pin(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input));
        assert!(tokio::time::timeout(Duration::from_millis(500), &mut recording).await.is_err(), "it waits for whoever holds the shift");
        other.execute("COMMIT").await.unwrap();
        assert_eq!(recording.await, ["DOES_NOT_AGREE shift"]);
    }

    async fn a_place_of_another_network_or_a_stop_that_is_not_there_is_refused(app) {
        let mut input = contact(app);
        let accessibility = json!({ "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false });
        let venue = json!({ "name": { "fi": "Kylätalo" }, "area": app.world.municipality("491"), "accessibility": accessibility });
        let venue = app.done("partner-x", "addVenue", "venue { id }", json!({ "organization": app.world.organization("ngo-x"), "content": venue })).await;
        input["content"]["place"] = json!({ "venue": venue["venue"]["id"] });
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input.clone()).await, ["UNKNOWN_REFERENCE content.place.venue"]);
        let id = met(app, contact(app)).await;
        let right = json!({ "id": id, "expectedVersion": 1, "content": input["content"], "reason": "Toinen paikka" });
        assert_eq!(app.rejected("partner", "correctAnonymousContact", "anonymousContact { id }", right).await, ["UNKNOWN_REFERENCE content.place.venue"]);
    }

    async fn a_stop_is_told_as_it_was_whatever_becomes_of_the_route(app) {
        let stop = |name: &str| json!({ "name": { "fi": name }, "area": app.world.municipality("297"), "point": { "latitude": 62.9, "longitude": 27.7 } });
        let route = |stops: &[&str]| json!({ "name": { "fi": "Kyläauto" }, "stops": stops.iter().map(|name| stop(name)).collect::<Vec<_>>() });
        let input = json!({ "operator": app.world.organization("ngo"), "content": route(&["Koulu", "Kauppa"]) });
        let made = app.done("partner", "createTransportRoute", "transportRoute { id }", input).await["transportRoute"]["id"].clone();
        let mut input = contact(app);
        input["content"]["place"] = json!({ "route": made, "stop": 1 });
        let id = met(app, input.clone()).await;
        let change = json!({ "id": made, "expectedVersion": 1, "content": route(&["Koulu", "Kirjasto", "Kauppa"]) });
        app.done("partner", "updateTransportRoute", "transportRoute { id }", change).await;
        let told = "anonymousContact { place { stop stopName { fi } } }";
        let right = json!({ "id": id, "expectedVersion": 1, "content": input["content"], "reason": "Sama paikka" });
        let same = app.done("partner", "correctAnonymousContact", told, right).await["anonymousContact"]["place"].clone();
        assert_eq!(same, json!({ "stop": 1, "stopName": { "fi": "Kauppa" } }));
        input["content"]["place"]["stop"] = json!(2);
        let right = json!({ "id": id, "expectedVersion": 2, "content": input["content"], "reason": "Toinen pysäkki" });
        let other = app.done("partner", "correctAnonymousContact", told, right).await["anonymousContact"]["place"].clone();
        assert_eq!(other, json!({ "stop": 2, "stopName": { "fi": "Kauppa" } }));
        input["content"]["place"]["stop"] = json!(3);
        assert_eq!(app.rejected("partner", "recordAnonymousContact", "anonymousContact { id }", input).await, ["UNKNOWN_REFERENCE content.place.stop"]);
    }

    async fn only_those_of_the_organisation_see_it_and_the_list_is_narrowed(app) {
        let id = met(app, contact(app)).await;
        only_the_association(app, "AnonymousContact", &id, "anonymousContacts", "recordAnonymousContact", &contact(app)).await;
        let right = json!({ "id": id, "expectedVersion": 1, "content": contact(app)["content"], "reason": "Muu" });
        let document = tests::TestApp::mutation("correctAnonymousContact", "anonymousContact { id }");
        assert_eq!(app.refuse("partner-b", &document, json!({ "input": right })).await, "NOT_FOUND");
        let list = "query($f: AnonymousContactFilter) { anonymousContacts(filter: $f) { totalCount } }";
        let found = async |filter: Value| app.ask("partner", list, json!({ "f": filter })).await["anonymousContacts"]["totalCount"].clone();
        assert_eq!(found(json!({ "channels": ["FIELD"], "results": ["AGREED_RETURN"], "from": "2026-01-15", "to": "2026-01-15" })).await, 1);
        assert_eq!(found(json!({ "channels": ["BUS", "PHONE"] })).await, 0);
        assert_eq!(found(json!({ "results": ["ADVISED"] })).await, 0);
        // What is filtered by follows what is corrected.
        let mut right = json!({ "id": id, "expectedVersion": 1, "content": contact(app)["content"], "reason": "Bussissa" });
        right["content"]["channel"] = json!("BUS");
        app.done("partner", "correctAnonymousContact", "anonymousContact { id }", right).await;
        assert_eq!(found(json!({ "channels": ["BUS", "PHONE"] })).await, 1);
        assert_eq!(found(json!({ "states": ["RECORDED"] })).await, 0);
    }
}
