//! Batches of a phone that had no coverage: each row for itself, and again after a broken connection.
use super::given::{by_session, held, offered, walk_in};
use crate::outreach::given::{contact, day, outing, shift};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const ANSWER: &str = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { userErrors { code path } rows { index key state error { code } userErrors { code path } payload { \
    ... on DropInDayPayload { dropInDay { id state version counts { visits } } userErrors { code path } } \
    ... on AnonymousContactPayload { anonymousContact { id shift { id } effectiveDate } userErrors { code path } } \
    ... on OutreachShiftPayload { outreachShift { id state version } userErrors { code path } } \
    ... on OpenEventPayload { openEvent { id } userErrors { code path } } \
    ... on ParticipationPayload { participation { id state } userErrors { code path } } \
    ... on SessionPayload { session { id state } userErrors { code path } } \
    ... on RecordAttendancePayload { attendances { id status } userErrors { code path } } } } } }";

/// Sends a batch; what was answered for each row.
async fn sent(app: &TestApp, actor: &str, rows: &[Value]) -> Vec<Value> {
    let answer = app.ask(actor, ANSWER, json!({ "input": { "rows": rows } })).await["recordBatch"].clone();
    assert_eq!(answer["userErrors"], json!([]));
    answer["rows"].as_array().unwrap().clone()
}

/// How each row ended: its state, and why when it was not kept.
fn ends(rows: &[Value]) -> Vec<String> {
    let why = |row: &Value| {
        let errors = [&row["userErrors"], &row["payload"]["userErrors"]].into_iter().filter_map(Value::as_array).flatten().map(|e| {
            let path: Vec<_> = e["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!(" {} {}", e["code"].as_str().unwrap(), path.join("."))
        });
        let fault = row["error"]["code"].as_str().map(|code| format!(" {code}"));
        errors.chain(fault).collect::<String>()
    };
    rows.iter().map(|row| format!("{}{}", row["state"].as_str().unwrap(), why(row))).collect()
}

fn with(mut input: Value, more: Value) -> Value {
    if let Value::Object(more) = more {
        input.as_object_mut().unwrap().extend(more);
    }
    input
}

const DAY: &str = "0192f3b0-5a1c-7d2e-8f00-00000000000a";
const SHIFT: &str = "0192f3b0-5a1c-7d2e-8f00-00000000000b";

/// An evening without coverage: a day and a shift that only the phone knows, and what was recorded in them.
fn evening(app: &TestApp, offering: &str, session: &str, participation: &Value) -> Vec<Value> {
    let (this_day, this_shift) = (format!("uuid:{DAY}"), format!("uuid:{SHIFT}"));
    vec![
        json!({ "openDropInDay": with(day(app), json!({ "uuid": DAY })) }),
        json!({ "addToDropInDay": { "id": this_day, "visits": 3, "estimatedPersons": 2, "idempotencyKey": "e-1" } }),
        json!({ "closeDropInDay": { "id": this_day, "expectedVersion": 2, "idempotencyKey": "e-2" } }),
        json!({ "beginOutreachShift": with(shift(app), json!({ "uuid": SHIFT })) }),
        json!({ "recordAnonymousContact": with(contact(app), json!({ "shift": this_shift, "idempotencyKey": "e-4" })) }),
        json!({ "endOutreachShift": { "id": this_shift, "expectedVersion": 1, "to": "21:00", "km": 4, "idempotencyKey": "e-5" } }),
        json!({ "recordOpenEvent": with(outing(app), json!({ "idempotencyKey": "e-6" })) }),
        json!({ "registerWalkIn": { "offering": offering, "alias": "Kettu", "textVersion": "osallistuminen-2026-1", "idempotencyKey": "e-7" } }),
        json!({ "recordAttendance": { "session": session, "rows": [{ "participation": participation["id"], "status": "PRESENT" }], "idempotencyKey": "e-8" } }),
    ]
}

const TABLES: &[&str] = &["drop_in_day", "outreach_shift", "anonymous_contact", "open_event", "participation", "attendance", "audit"];

async fn totals(app: &TestApp) -> Vec<i64> {
    let mut out = Vec::new();
    for table in TABLES {
        out.push(app.count(table, "1 = 1").await);
    }
    out
}

stories! {
    async fn an_evening_without_coverage_is_recorded_at_once_and_sent_again_changes_nothing(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let came = walk_in(app, &group, "A").await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        let rows = evening(app, &group, &session, &came);
        let first = sent(app, "partner", &rows).await;
        assert_eq!(ends(&first), ["DONE"; 9]);
        assert_eq!(first.iter().map(|row| row["index"].as_u64().unwrap()).collect::<Vec<_>>(), (0..9).collect::<Vec<_>>());
        assert_eq!((&first[0]["key"], &first[1]["key"]), (&json!(DAY), &json!("e-1")));
        assert_eq!((&first[2]["payload"]["dropInDay"]["state"], &first[2]["payload"]["dropInDay"]["counts"]["visits"]), (&json!("CLOSED"), &json!(3)));
        assert_eq!(first[4]["payload"]["anonymousContact"]["shift"]["id"], first[3]["payload"]["outreachShift"]["id"], "named by the UUID that only the phone knew");
        assert_eq!(first[4]["payload"]["anonymousContact"]["effectiveDate"], "2026-01-15");
        assert_eq!(first[5]["payload"]["outreachShift"]["state"], "ENDED");
        let after = totals(app).await;
        // The answer was lost on the way.
        let again = sent(app, "partner", &rows).await;
        assert_eq!(ends(&again), ["DONE"; 9]);
        for (before, now) in first.iter().zip(&again) {
            for thing in ["dropInDay", "outreachShift", "anonymousContact", "openEvent", "participation"] {
                assert_eq!(before["payload"][thing]["id"], now["payload"][thing]["id"]);
            }
        }
        assert_eq!(first[8]["payload"]["attendances"], again[8]["payload"]["attendances"]);
        assert_eq!(totals(app).await, after, "{TABLES:?}");
    }

    async fn the_evening_of_a_group_is_recorded_a_day_late(app) {
        let (times, sessions) = by_session(app, 4, 0, 1).await;
        let yesterday = in_days(-1);
        app.tamper(&format!("UPDATE session SET starts_at = '{yesterday} 10:00:00+00:00', ends_at = '{yesterday} 11:00:00+00:00'")).await;
        let uuid = "0192f3b0-5a1c-7d2e-8f00-00000000000c";
        let comes = |more: Value| with(json!({ "offering": times, "session": sessions[0], "alias": "Kettu", "textVersion": "osallistuminen-2026-1", "came": true }), more);
        let rows = [
            json!({ "registerWalkIn": comes(json!({ "uuid": uuid, "effectiveDate": yesterday })) }),
            json!({ "holdSession": { "id": sessions[0], "expectedVersion": 1, "idempotencyKey": "g-1" } }),
            json!({ "recordAttendance": { "session": sessions[0], "rows": [{ "participation": format!("uuid:{uuid}"), "status": "PRESENT", "minutes": 60 }], "idempotencyKey": "g-2" } }),
        ];
        let first = sent(app, "partner", &rows).await;
        assert_eq!(ends(&first), ["DONE"; 3]);
        assert_eq!((&first[0]["payload"]["participation"]["state"], &first[1]["payload"]["session"]["state"]), (&json!("STARTED"), &json!("HELD")));
        let after = totals(app).await;
        assert_eq!(ends(&sent(app, "partner", &rows).await), ["DONE"; 3]);
        assert_eq!(totals(app).await, after);
        let seen = app.ask("partner", "query($id: ID!) { participation(id: $id) { state startedOn } }", json!({ "id": first[0]["payload"]["participation"]["id"] })).await;
        assert_eq!(seen["participation"], json!({ "state": "COMPLETED", "startedOn": yesterday }));
        let refused = async |input: Value| app.rejected("partner", "registerWalkIn", "participation { id }", input).await;
        assert_eq!(refused(comes(json!({ "effectiveDate": "2199-01-01" }))).await, ["OUT_OF_RANGE effectiveDate"]);
        assert_eq!(refused(comes(json!({ "effectiveDate": yesterday, "came": false }))).await, ["DOES_NOT_AGREE effectiveDate"]);
        assert_eq!(refused(comes(json!({}))).await, ["NOT_ON_OFFER session"], "nobody has come to it today");
        assert_eq!(refused(comes(json!({ "uuid": uuid, "effectiveDate": yesterday, "idempotencyKey": "another" }))).await, ["NOT_UNIQUE uuid"]);
        // Before it began nobody can have come.
        let early = json!({ "offering": offered(app, "partner", "ngo", 4, 0).await, "alias": "Susi", "textVersion": "x", "came": true, "effectiveDate": "2025-12-31" });
        assert_eq!(refused(early).await, ["OUTSIDE_DATES came"]);
    }

    async fn a_row_that_is_refused_stops_no_other(app) {
        let group = offered(app, "partner", "ngo", 1, 0).await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        app.tamper("UPDATE session SET state = 'PLANNED'").await;
        let walk_in = |alias: &str, key: &str| json!({ "registerWalkIn": { "offering": group, "alias": alias, "textVersion": "osallistuminen-2026-1", "idempotencyKey": key } });
        let mut wrong = day(app);
        wrong["content"]["counts"] = json!({ "visits": 2, "estimatedPersons": 3 });
        let rows = [
            json!({ "openDropInDay": with(wrong, json!({ "idempotencyKey": "r-0" })) }),
            json!({ "openDropInDay": with(day(app), json!({ "organization": app.world.organization("parish"), "idempotencyKey": "r-1" })) }),
            json!({ "openDropInDay": day(app) }),
            json!({ "openDropInDay": with(day(app), json!({ "effectiveDate": "2199-01-01", "idempotencyKey": "r-3" })) }),
            walk_in("Kettu", "r-4"),
            walk_in("Susi", "r-5"),
            walk_in("Ilves", "r-4"),
            json!({ "recordAttendance": { "session": session, "rows": [{ "participation": domain::id::Kinded::to_public(domain::id::ParticipationId::new()), "status": "ABSENT" }], "idempotencyKey": "r-7" } }),
            json!({ "endOutreachShift": { "id": "uuid:0192f3b0-5a1c-7d2e-8f00-0000000000ff", "expectedVersion": 1, "to": "20:00", "idempotencyKey": "r-8" } }),
            json!({ "recordOpenEvent": with(outing(app), json!({ "idempotencyKey": "r-9" })) }),
        ];
        let expected = [
            "REFUSED OUT_OF_RANGE content.counts.estimatedPersons",
            "REFUSED FORBIDDEN",
            "REFUSED REQUIRED idempotencyKey",
            "REFUSED OUT_OF_RANGE effectiveDate",
            "DONE",
            "REFUSED OFFERING_FULL offering",
            "REFUSED IDEMPOTENCY_MISMATCH idempotencyKey",
            "REFUSED SESSION_NOT_HELD session",
            "REFUSED NOT_FOUND",
            "DONE",
        ];
        assert_eq!(ends(&sent(app, "partner", &rows).await), expected);
        assert_eq!(ends(&sent(app, "partner", &rows).await), expected, "the same again");
        assert_eq!((app.count("drop_in_day", "1 = 1").await, app.count("participation", "1 = 1").await, app.count("open_event", "1 = 1").await), (0, 1, 1));
        // Each row is told as its own mutation tells it.
        let single = TestApp::mutation("openDropInDay", "dropInDay { id }");
        assert_eq!(app.refuse("partner", &single, json!({ "input": rows[1]["openDropInDay"] })).await, "FORBIDDEN");
        assert_eq!(app.rejected("partner", "openDropInDay", "dropInDay { id }", rows[0]["openDropInDay"].clone()).await, ["OUT_OF_RANGE content.counts.estimatedPersons"]);
    }

    async fn a_row_that_cannot_be_read_is_told_by_its_number_and_stops_no_other(app) {
        let rows = [
            json!({ "openDropInDay": with(day(app), json!({ "effectiveDate": "2026-02-30", "idempotencyKey": "i-0" })) }),
            json!({ "openDropInDay": with(day(app), json!({ "idempotencyKey": "i-1" })) }),
            json!({ "endOutreachShift": { "id": "nonsense", "expectedVersion": 1, "to": "20:00", "idempotencyKey": "i-2" } }),
        ];
        let answered = sent(app, "partner", &rows).await;
        assert_eq!(ends(&answered), ["REFUSED BAD_INPUT", "DONE", "REFUSED BAD_INPUT"]);
        assert_eq!(answered.iter().map(|row| row["key"].clone()).collect::<Vec<_>>(), ["i-0", "i-1", "i-2"]);
        assert_eq!(app.count("drop_in_day", "1 = 1").await, 1);
    }

    async fn a_row_is_judged_by_role_and_purpose_like_its_own_mutation(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let came = walk_in(app, &group, "A").await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        let all: Vec<_> = evening(app, &group, &session, &came);
        let rows = [all[0].clone(), all[7].clone(), all[8].clone()];
        assert_eq!(app.refuse("", ANSWER, json!({ "input": { "rows": rows } })).await, "UNAUTHENTICATED");
        let before = totals(app).await;
        for stranger in ["social-worker", "partner-b", "admin", "partner-x", "client"] {
            let told = ends(&sent(app, stranger, &rows).await);
            assert!(told.iter().all(|end| end.starts_with("REFUSED ")), "{stranger}: {told:?}");
        }
        assert_eq!(totals(app).await, before);
        let answer = app.without_purpose("partner", ANSWER, json!({ "input": { "rows": rows } })).await.body["data"]["recordBatch"]["rows"].clone();
        assert_eq!(ends(answer.as_array().unwrap()), ["DONE", "REFUSED PURPOSE_REQUIRED", "REFUSED PURPOSE_REQUIRED"]);
    }

    async fn two_phones_that_send_the_same_batch_at_once_record_it_once(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let came = walk_in(app, &group, "A").await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        let rows = evening(app, &group, &session, &came);
        let other = app.second_process().await;
        let input = json!({ "input": { "rows": rows } });
        let (here, there) = tokio::join!(app.post("partner", ANSWER, input.clone()), app.post_to(&other, "partner", ANSWER, input.clone()));
        for answer in [here, there] {
            let answered = answer.body["data"]["recordBatch"]["rows"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone();
            let told = ends(&answered);
            assert!(told.iter().all(|end| end == "DONE" || end == "AGAIN BUSY"), "{told:?}");
        }
        // Whoever was told to send it again does so.
        assert_eq!(ends(&sent(app, "partner", &rows).await), ["DONE"; 9]);
        assert_eq!(totals(app).await[..6], [1, 1, 1, 1, 2, 1]);
    }

    async fn a_batch_has_a_length_and_a_price(app) {
        let row = |at: usize| json!({ "recordOpenEvent": with(outing(app), json!({ "idempotencyKey": format!("l-{at}") })) });
        let refused = async |count: usize| {
            let rows: Vec<_> = (0..count).map(row).collect();
            app.rejected("partner", "recordBatch", "rows { state }", json!({ "rows": rows })).await
        };
        assert_eq!((refused(0).await, refused(51).await), (vec!["REQUIRED rows".to_owned()], vec!["TOO_LONG rows".to_owned()]));
        assert_eq!(app.count("open_event", "1 = 1").await, 0);
        let rows: Vec<_> = (0..50).map(row).collect();
        assert_eq!(ends(&sent(app, "partner", &rows).await), ["DONE"; 50]);
        let id = |kind: &str| domain::id::split_public(kind).map_or_else(String::new, |_| kind.to_owned());
        let session = id(&domain::id::Kinded::to_public(domain::id::SessionId::new()));
        let group = |at: usize| {
            let rows = vec![json!({ "participation": domain::id::Kinded::to_public(domain::id::ParticipationId::new()), "status": "ABSENT" }); 20];
            json!({ "recordAttendance": { "session": session, "rows": rows, "idempotencyKey": format!("g-{at}") } })
        };
        let rows: Vec<_> = (0..50).map(group).collect();
        let query = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state } } }";
        assert_eq!(app.refuse("partner", query, json!({ "input": { "rows": rows } })).await, "QUERY_TOO_COMPLEX", "what is written is paid for, rows within rows too");
    }

    async fn what_is_sent_again_puts_nothing_back_that_was_put_right_meanwhile(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let came = walk_in(app, &group, "A").await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        let input = |status: &str, key: Value| json!({ "session": session, "rows": [{ "participation": came["id"], "status": status }], "idempotencyKey": key });
        let record = async |input: Value| app.done("partner", "recordAttendance", "attendances { status }", input).await["attendances"][0]["status"].clone();
        assert_eq!(record(input("PRESENT", json!("k-1"))).await, "PRESENT");
        assert_eq!(record(input("LATE", json!(null))).await, "LATE");
        assert_eq!(record(input("PRESENT", json!("k-1"))).await, "LATE");
        assert_eq!(record(input("LATE", json!(null))).await, "LATE");
        assert_eq!(app.count("attendance", "version = 2").await, 1, "what is the same already is not written again");
        assert_eq!(app.rejected("partner", "recordAttendance", "attendances { status }", input("ABSENT", json!("k-1"))).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
    }
}
