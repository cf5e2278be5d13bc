//! Stories of drop-in days.
use super::given::{day, opened};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const SEEN: &str = "query($id: ID!) { dropInDay(id: $id) { state version counts { visits estimatedPersons firstTimers byAgeBand { band { from to } count } } \
    helpGiven { theme count } note corrections { reason by note counts { visits } helpGiven { theme count } } voided { reason } moves effectiveDate recordedAt place { text area { id } venue { id } } } }";

stories! {
    async fn a_day_is_counted_closed_and_corrected_with_what_it_said_before_kept(app) {
        let id = opened(app, day(app)).await;
        let more = json!({ "id": id, "visits": 12, "estimatedPersons": 9, "firstTimers": 2, "helpGiven": [{ "theme": "FOOD_AID", "count": 4 }] });
        let added = app.done("partner", "addToDropInDay", "dropInDay { version moves counts { visits } }", more).await;
        assert_eq!(added["dropInDay"], json!({ "version": 2, "moves": ["CLOSE", "VOID"], "counts": { "visits": 12 } }));
        let right = json!({ "id": id, "expectedVersion": 2, "counts": { "visits": 20, "estimatedPersons": 15 }, "reason": "Iltapäivä puuttui" });
        assert_eq!(app.rejected("partner", "correctDropInDay", "dropInDay { id }", right.clone()).await, ["ILLEGAL_TRANSITION id"]);
        app.done("partner", "closeDropInDay", "dropInDay { id }", json!({ "id": id, "expectedVersion": 2 })).await;
        assert_eq!(app.rejected("partner", "addToDropInDay", "dropInDay { id }", json!({ "id": id, "visits": 1 })).await, ["ILLEGAL_TRANSITION id"]);
        let update = json!({ "id": id, "expectedVersion": 3, "content": day(app)["content"] });
        assert_eq!(app.rejected("partner", "updateDropInDay", "dropInDay { id }", update).await, ["ILLEGAL_TRANSITION id"]);
        let mut right = right;
        assert_eq!(app.rejected("partner", "correctDropInDay", "dropInDay { id }", right.clone()).await, ["STALE_VERSION expectedVersion"]);
        right["expectedVersion"] = json!(3);
        let mut without = right.clone();
        without["reason"] = json!(" ");
        assert_eq!(app.rejected("partner", "correctDropInDay", "dropInDay { id }", without).await, ["REQUIRED reason"]);
        app.done("partner", "correctDropInDay", "dropInDay { id }", right).await;
        let seen = app.ask("partner", SEEN, json!({ "id": id })).await["dropInDay"].clone();
        assert_eq!((&seen["state"], &seen["counts"]["visits"], &seen["moves"]), (&json!("CORRECTED"), &json!(20), &json!(["CORRECT", "VOID"])));
        let by = app.ask("partner", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        let earlier = json!([{ "reason": "Iltapäivä puuttui", "by": by, "note": null, "counts": { "visits": 12 }, "helpGiven": [{ "theme": "FOOD_AID", "count": 4 }] }]);
        assert_eq!(seen["corrections"], earlier);
        let again = json!({ "id": id, "expectedVersion": 4, "counts": { "visits": 21, "estimatedPersons": 15 }, "note": "Kaksi ryhmää", "reason": "Yksi unohtui" });
        let mut named = again.clone();
        named["note"] = json!("Soita 040 123 4567");
        assert_eq!(app.rejected("partner", "correctDropInDay", "dropInDay { id }", named).await, ["PERSONAL_DATA note"]);
        app.done("partner", "correctDropInDay", "dropInDay { id }", again).await;
        let seen = app.ask("partner", SEEN, json!({ "id": id })).await["dropInDay"].clone();
        assert_eq!((&seen["note"], &seen["counts"]["visits"], &seen["corrections"][0]), (&json!("Kaksi ryhmää"), &json!(21), &earlier[0]));
        assert_eq!((&seen["corrections"][1]["counts"]["visits"], &seen["corrections"][1]["reason"]), (&json!(20), &json!("Yksi unohtui")));
    }

    async fn counts_fit_together_and_each_fault_is_told_where_it_is(app) {
        let tried = async |content: Value| {
            let mut input = day(app);
            for (field, value) in content.as_object().unwrap() {
                input["content"][field] = value.clone();
            }
            app.rejected("partner", "openDropInDay", "dropInDay { id }", input).await
        };
        let counts = json!({ "visits": 5, "estimatedPersons": 6, "firstTimers": 7, "byAgeBand": [{ "band": { "from": 20, "to": 28 }, "count": 6 }], "byGender": [{ "gender": "MALE", "count": 6 }] });
        assert_eq!(
            tried(json!({ "counts": counts })).await,
            [
                "OUT_OF_RANGE content.counts.estimatedPersons",
                "OUT_OF_RANGE content.counts.firstTimers",
                "OUT_OF_RANGE content.counts.byAgeBand",
                "OUT_OF_RANGE content.counts.byGender",
                "AGE_BAND_TOO_NARROW content.counts.byAgeBand.0.band",
            ]
        );
        assert_eq!(tried(json!({ "openTo": "09:00" })).await, ["DATE_ORDER content.openTo"]);
        assert_eq!(tried(json!({ "place": {} })).await, ["NO_PLACE content.place"]);
        assert_eq!(tried(json!({ "note": "Kotiin: 040 123 4567" })).await, ["PERSONAL_DATA content.note"]);
        let mut late = day(app);
        late["effectiveDate"] = json!("2199-01-01");
        assert_eq!(app.rejected("partner", "openDropInDay", "dropInDay { id }", late).await, ["OUT_OF_RANGE effectiveDate"]);
        assert_eq!(app.count("drop_in_day", "1 = 1").await, 0);
        let id = opened(app, day(app)).await;
        assert_eq!(app.rejected("partner", "addToDropInDay", "dropInDay { id }", json!({ "id": id, "firstTimers": 1 })).await, ["OUT_OF_RANGE counts.firstTimers"]);
        assert_eq!(app.rejected("partner", "addToDropInDay", "dropInDay { id }", json!({ "id": id, "visits": -1 })).await, ["OUT_OF_RANGE visits"]);
    }

    async fn what_names_somebody_is_told_by_kind_and_place_and_not_repeated(app) {
        let mut input = day(app);
        input["content"]["note"] = json!("Äiti 010190-900P tuli");
        let document = "mutation($input: OpenDropInDayInput!) { openDropInDay(input: $input) { userErrors { message personalData { kind position } } } }";
        let answer = app.post("partner", document, json!({ "input": input })).await;
        assert!(!answer.text.contains("900P"), "{}", answer.text);
        assert_eq!(answer.body["data"]["openDropInDay"]["userErrors"][0]["personalData"], json!({ "kind": "NATIONAL_ID", "position": 5 }));
    }

    async fn a_day_recorded_by_mistake_is_kept_and_left_out_of_lists(app) {
        let id = opened(app, day(app)).await;
        let mut void = json!({ "id": id, "expectedVersion": 1, "reason": "" });
        assert_eq!(app.rejected("partner", "voidDropInDay", "dropInDay { id }", void.clone()).await, ["REQUIRED reason"]);
        void["reason"] = json!("Avattu kahdesti");
        app.done("partner", "voidDropInDay", "dropInDay { id }", void).await;
        let seen = app.ask("partner", SEEN, json!({ "id": id })).await["dropInDay"].clone();
        assert_eq!((&seen["state"], &seen["voided"]["reason"], &seen["moves"]), (&json!("VOIDED"), &json!("Avattu kahdesti"), &json!([])));
        assert_eq!(app.rejected("partner", "addToDropInDay", "dropInDay { id }", json!({ "id": id, "visits": 1 })).await, ["ILLEGAL_TRANSITION id"]);
        let lists = "{ dropInDays { totalCount } all: dropInDays(filter: { states: [OPEN, VOIDED] }) { totalCount } }";
        let lists = app.ask("partner", lists, json!({})).await;
        assert_eq!((&lists["dropInDays"]["totalCount"], &lists["all"]["totalCount"]), (&json!(0), &json!(1)));
    }

    async fn two_phones_that_count_at_once_lose_nothing(app) {
        let id = opened(app, day(app)).await;
        let more = |key: &str| json!({ "input": { "id": id, "visits": 1, "helpGiven": [{ "theme": "DEBT", "count": 1 }], "idempotencyKey": key } });
        let document = TestApp::mutation("addToDropInDay", "dropInDay { version }");
        for round in 0..4 {
            let keys: Vec<String> = (0..4).map(|phone| format!("{round}-{phone}")).collect();
            let one = |at: usize| app.ask("partner", &document, more(&keys[at]));
            let (a, b, c, d) = tokio::join!(one(0), one(1), one(2), one(3));
            for answer in [a, b, c, d] {
                assert_eq!(answer["addToDropInDay"]["userErrors"], json!([]));
            }
            // Sent again, since the answer was lost on the way.
            app.ask("partner", &document, more(&keys[0])).await;
        }
        let seen = app.ask("partner", SEEN, json!({ "id": id })).await["dropInDay"].clone();
        assert_eq!((&seen["counts"]["visits"], &seen["helpGiven"]), (&json!(16), &json!([{ "theme": "DEBT", "count": 16 }])));
    }

    async fn a_day_recorded_without_coverage_is_one_day(app) {
        let mut input = day(app);
        input["uuid"] = json!("0192f3b0-5a1c-7d2e-8f00-000000000001");
        let first = opened(app, input.clone()).await;
        assert_eq!(opened(app, input.clone()).await, first, "the UUID of the device is the key");
        input["idempotencyKey"] = json!("another");
        assert_eq!(app.rejected("partner", "openDropInDay", "dropInDay { id }", input).await, ["NOT_UNIQUE uuid"]);
        assert_eq!(app.count("drop_in_day", "1 = 1").await, 1);
        let seen = app.ask("partner", SEEN, json!({ "id": first })).await["dropInDay"].clone();
        assert_eq!(seen["effectiveDate"], "2026-01-15");
        assert!(seen["recordedAt"].as_str().unwrap() > "2026-01-15");
    }

    async fn only_those_of_the_organisation_see_it_and_others_not_even_how_many(app) {
        let id = opened(app, day(app)).await;
        assert_eq!(app.refuse("", "{ dropInDays { totalCount } }", json!({})).await, "UNAUTHENTICATED");
        for (actor, _, _) in CAST {
            let (sees, expected) = (!app.ask(actor, SEEN, json!({ "id": id })).await["dropInDay"].is_null(), *actor == "partner");
            assert_eq!(sees, expected, "{actor}");
            let counted = app.ask(actor, "{ dropInDays { totalCount nodes { id } } }", json!({})).await["dropInDays"]["totalCount"].clone();
            assert_eq!(counted, json!(i32::from(expected)), "{actor}");
            if !expected {
                let document = TestApp::mutation("openDropInDay", "dropInDay { id }");
                assert_eq!(app.refuse(actor, &document, json!({ "input": day(app) })).await, "FORBIDDEN", "{actor}");
            }
        }
        let list = "query($f: DropInDayFilter) { dropInDays(filter: $f, orderBy: { field: EFFECTIVE_DATE, direction: DESC }) { nodes { id } } }";
        let found = async |filter: Value| app.ask("partner", list, json!({ "f": filter })).await["dropInDays"]["nodes"].as_array().unwrap().len();
        assert_eq!(found(json!({ "from": "2026-01-15", "to": "2026-01-15", "states": ["OPEN"] })).await, 1);
        assert_eq!(found(json!({ "from": "2026-01-16" })).await, 0);
        assert_eq!(found(json!({ "organizations": [app.world.organization("parish")] })).await, 0);
    }
}
