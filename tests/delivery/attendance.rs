//! Attendance: for the whole group at once.
use super::given::{held, offered, taken_on, walk_in};
use crate::{
    person::given::{account, aino, client},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

fn version(of: &Value) -> Value {
    json!({ "id": of["id"], "expectedVersion": of["version"] })
}

fn came(of: &Value, status: &str) -> Value {
    json!({ "participation": of["id"], "status": status })
}

async fn record(app: &TestApp, session: &str, rows: Vec<Value>) -> Value {
    app.done("partner", "recordAttendance", "attendances { status minutes participation { state startedOn } }", json!({ "session": session, "rows": rows }))
        .await["attendances"]
        .clone()
}

stories! {
    async fn the_whole_group_is_recorded_at_once_and_who_came_first_takes_part_from_then_on(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let (a, b) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await);
        let session = held(app, "partner", &group, "2026-03-02").await;
        let rows = vec![json!({ "participation": a["id"], "status": "PRESENT", "minutes": 60 }), came(&b, "ABSENT_NOTIFIED")];
        let kept = record(app, &session, rows).await;
        assert_eq!(kept[0], json!({ "status": "PRESENT", "minutes": 60, "participation": { "state": "STARTED", "startedOn": "2026-03-02" } }));
        assert_eq!(kept[1]["participation"]["state"], "ENROLLED");
        // Recorded again, it is put right, and is not there twice.
        let kept = record(app, &session, vec![came(&a, "LATE"), came(&b, "PRESENT")]).await;
        assert_eq!((kept[0]["status"].clone(), kept[1]["participation"]["state"].clone()), (json!("LATE"), json!("STARTED")));
        assert_eq!(app.count("attendance", "1 = 1").await, 2);
    }

    async fn wrong_rows_are_told_by_their_number_and_nothing_is_kept(app) {
        let (group, other) = (offered(app, "partner", "ngo", 8, 0).await, offered(app, "partner", "ngo", 8, 0).await);
        let (a, elsewhere) = (walk_in(app, &group, "A").await, walk_in(app, &other, "B").await);
        let session = held(app, "partner", &group, "2026-03-02").await;
        let refused = async |rows: Value| app.rejected("partner", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await;
        assert_eq!(refused(json!([came(&a, "PRESENT"), came(&elsewhere, "PRESENT")])).await, ["UNKNOWN_REFERENCE rows.1.participation"]);
        assert_eq!(refused(json!([came(&a, "PRESENT"), came(&a, "ABSENT")])).await, ["DUPLICATE rows.1.participation"]);
        assert_eq!(refused(json!([{ "participation": a["id"], "status": "ABSENT", "minutes": 5 }])).await, ["DOES_NOT_AGREE rows.0.minutes"]);
        assert_eq!(refused(json!([{ "participation": a["id"], "status": "PRESENT", "minutes": 1441 }])).await, ["OUT_OF_RANGE rows.0.minutes"]);
        assert_eq!(refused(json!([])).await, ["REQUIRED rows"]);
        let many: Vec<_> = (0..201).map(|_| came(&a, "PRESENT")).collect();
        assert_eq!(refused(json!(many)).await[0], "TOO_LONG rows");
        assert_eq!(app.count("attendance", "1 = 1").await, 0);
        app.tamper("UPDATE session SET state = 'PLANNED'").await;
        assert_eq!(refused(json!([came(&a, "PRESENT")])).await, ["SESSION_NOT_HELD session"]);
        for stranger in ["partner-b", "social-worker", "admin"] {
            app.tamper("UPDATE session SET state = 'HELD'").await;
            let input = json!({ "session": session, "rows": [came(&a, "PRESENT")] });
            let told = app.rejected(stranger, "recordAttendance", "attendances { id }", input).await;
            assert_eq!(told, ["UNKNOWN_REFERENCE rows.0.participation"], "{stranger}");
        }
    }

    async fn three_absences_in_a_row_are_told_to_whoever_looks_after_the_client(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let input = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "registerParticipation", "participation { id }", input).await["participation"].clone();
        let told = async || app.count("notice", "kind = 'REPEATED_ABSENCE'").await;
        for (number, day) in ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"].iter().enumerate() {
            let session = held(app, "partner", &group, day).await;
            record(app, &session, vec![came(&made, "ABSENT")]).await;
            assert_eq!(told().await, i64::from(number >= 2), "{number}");
        }
        let notice = app.ask("social-worker", "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"][0].clone();
        assert_eq!(notice, json!({ "kind": "REPEATED_ABSENCE", "participationId": made["id"] }));
        // Whoever never came can be taken off the list.
        let query = "query($id: ID!) { participation(id: $id) { id version attendances { nodes { status } } } }";
        let now = app.ask("partner", query, json!({ "id": made["id"] })).await["participation"].clone();
        assert_eq!(now["attendances"]["nodes"].as_array().unwrap().len(), 4);
        let end = json!({ "id": now["id"], "expectedVersion": now["version"] });
        let gone = app.done("partner", "recordNoShow", "participation { state endedFor }", end).await["participation"].clone();
        assert_eq!(gone, json!({ "state": "NO_SHOW", "endedFor": null }));
        assert_eq!(app.ask("client", "{ me { participations { nodes { attendances { totalCount } } } } }", json!({})).await["me"]["participations"]["nodes"][0]["attendances"]["totalCount"], 4);
    }

    async fn the_first_time_is_the_earliest_session_in_whichever_order_they_are_recorded(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let a = walk_in(app, &group, "A").await;
        let (first, second) = (held(app, "partner", &group, "2026-03-02").await, held(app, "partner", &group, "2026-03-09").await);
        let began = async |session: &str, status: &str| record(app, session, vec![came(&a, status)]).await[0]["participation"].clone();
        assert_eq!(began(&second, "PRESENT").await, json!({ "state": "STARTED", "startedOn": "2026-03-09" }));
        assert_eq!(began(&first, "LATE").await, json!({ "state": "STARTED", "startedOn": "2026-03-02" }), "from another paper, a day later");
        assert_eq!(began(&first, "ABSENT").await, json!({ "state": "STARTED", "startedOn": "2026-03-09" }));
        assert_eq!(began(&second, "ABSENT").await, json!({ "state": "ENROLLED", "startedOn": null }), "it was somebody else");
    }

    async fn absences_that_are_put_right_to_more_than_three_are_told_too(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let input = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "registerParticipation", "participation { id }", input).await["participation"].clone();
        let told = async || app.count("notice", "kind = 'REPEATED_ABSENCE'").await;
        let mut sessions = Vec::new();
        for (day, status) in [("2026-03-02", "ABSENT"), ("2026-03-09", "ABSENT"), ("2026-03-16", "PRESENT"), ("2026-03-23", "ABSENT"), ("2026-03-30", "ABSENT")] {
            let session = held(app, "partner", &group, day).await;
            record(app, &session, vec![came(&made, status)]).await;
            sessions.push(session);
        }
        assert_eq!(told().await, 0);
        record(app, &sessions[2], vec![came(&made, "ABSENT")]).await;
        assert_eq!(told().await, 1, "five in a row at once");
        let next = held(app, "partner", &group, "2026-04-06").await;
        record(app, &next, vec![came(&made, "ABSENT")]).await;
        assert_eq!(told().await, 1, "of one row of absences once");
    }

    async fn who_came_is_told_after_what_became_of_the_place(app) {
        let (group, other) = (offered(app, "partner", "ngo", 8, 0).await, offered(app, "partner", "ngo", 8, 0).await);
        let (left, pausing, moving) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await, walk_in(app, &group, "C").await);
        let first = held(app, "partner", &group, "2026-03-02").await;
        record(app, &first, vec![came(&pausing, "PRESENT"), came(&moving, "PRESENT")]).await;
        let seen = async |of: &Value| {
            let query = "query($id: ID!) { participation(id: $id) { id state version startedOn endedOn endedFor } }";
            app.ask("partner", query, json!({ "id": of["id"] })).await["participation"].clone()
        };
        for day in ["2026-03-03", "2026-03-04"] {
            let session = held(app, "partner", &group, day).await;
            record(app, &session, vec![came(&left, "ABSENT")]).await;
        }
        app.done("partner", "recordNoShow", "participation { id }", version(&seen(&left).await)).await;
        app.done("partner", "pauseParticipation", "participation { id }", version(&seen(&pausing).await)).await;
        let mut on = version(&seen(&moving).await);
        on["offering"] = json!(other);
        app.done("partner", "transferParticipation", "participation { id }", on).await;
        let second = held(app, "partner", &group, "2026-03-09").await;
        record(app, &second, vec![came(&left, "PRESENT"), came(&pausing, "ABSENT_NOTIFIED"), came(&moving, "LATE")]).await;
        let of_left = seen(&left).await;
        assert_eq!((&of_left["state"], &of_left["startedOn"], &of_left["endedFor"]), (&json!("DISCONTINUED"), &json!("2026-03-09"), &json!("STAYED_AWAY")));
        // Whoever has given a place up may never have had one.
        let mut gone = version(&walk_in(app, &group, "D").await);
        gone["why"] = json!("MOVED_AWAY");
        app.done("partner", "cancelParticipation", "participation { id }", gone.clone()).await;
        let rows = json!([{ "participation": gone["id"], "status": "PRESENT" }]);
        assert_eq!(app.rejected("partner", "recordAttendance", "attendances { id }", json!({ "session": second, "rows": rows })).await, ["NOT_PARTICIPATING rows.0.participation"]);
        assert_eq!((seen(&pausing).await["state"].clone(), seen(&moving).await["state"].clone()), (json!("PAUSED"), json!("TRANSFERRED")));
        // Put right, the first time is another.
        record(app, &first, vec![came(&left, "LATE"), came(&moving, "ABSENT")]).await;
        assert_eq!((seen(&left).await["startedOn"].clone(), seen(&moving).await["startedOn"].clone()), (json!("2026-03-02"), json!("2026-03-09")));
        nothing_is_wrong(app.database()).await;
    }

    async fn an_end_is_told_later_once_and_without_coverage(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let (one, other) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await);
        let session = held(app, "partner", &group, "2026-03-02").await;
        record(app, &session, vec![came(&one, "PRESENT"), came(&other, "PRESENT")]).await;
        let end = |of: &Value, on: &str, key: &str| json!({ "id": of["id"], "expectedVersion": 2, "why": "HEALTH", "effectiveDate": on, "idempotencyKey": key });
        let refused = async |on: &str| app.rejected("partner", "discontinueParticipation", "participation { id }", end(&one, on, "k0")).await;
        assert_eq!((refused("2026-03-01").await, refused(&tests::in_days(1)).await), (vec!["OUT_OF_RANGE effectiveDate".to_owned()], vec!["OUT_OF_RANGE effectiveDate".into()]));
        let selection = "participation { state endedOn version }";
        let ended = app.done("partner", "discontinueParticipation", selection, end(&one, "2026-03-04", "k1")).await["participation"].clone();
        assert_eq!(ended, json!({ "state": "DISCONTINUED", "endedOn": "2026-03-04", "version": 3 }));
        assert_eq!(app.done("partner", "discontinueParticipation", selection, end(&one, "2026-03-04", "k1")).await["participation"], ended, "sent again");
        assert_eq!(app.rejected("partner", "discontinueParticipation", selection, end(&one, "2026-03-05", "k1")).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        let batch = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state payload { ... on ParticipationPayload { participation { state endedOn } } } } } }";
        let rows = json!([
            { "pauseParticipation": { "id": other["id"], "expectedVersion": 2, "idempotencyKey": "k2" } },
            { "resumeParticipation": { "id": other["id"], "expectedVersion": 3, "idempotencyKey": "k3" } },
            { "completeParticipation": { "id": other["id"], "expectedVersion": 4, "effectiveDate": "2026-03-02", "idempotencyKey": "k4" } },
        ]);
        for _ in 0..2 {
            let told = app.ask("partner", batch, json!({ "input": { "rows": rows } })).await["recordBatch"]["rows"].clone();
            assert!(told.as_array().unwrap().iter().all(|row| row["state"] == "DONE"), "{told}");
            assert_eq!(told[2]["payload"]["participation"], json!({ "state": "COMPLETED", "endedOn": "2026-03-02" }));
        }
    }

    async fn a_participation_is_paused_goes_on_and_ends_as_planned(app) {
        let group = offered(app, "partner", "ngo", 1, 1).await;
        let input = json!({ "offering": group, "alias": "Kettu", "textVersion": "osallistuminen-2026-1", "came": true });
        let mut row = app.done("partner", "registerWalkIn", "participation { id state version }", input).await["participation"].clone();
        assert_eq!(row["state"], "STARTED");
        for (mutation, state) in [("pauseParticipation", "PAUSED"), ("resumeParticipation", "STARTED"), ("completeParticipation", "COMPLETED")] {
            let input = json!({ "id": row["id"], "expectedVersion": row["version"] });
            row = app.done("partner", mutation, "participation { id state version endedFor offering { freePlaces } }", input).await["participation"].clone();
            assert_eq!(row["state"], state);
        }
        assert_eq!((row["endedFor"].clone(), row["offering"]["freePlaces"].clone()), (json!("PLANNED"), json!(1)));
        let again = json!({ "id": row["id"], "expectedVersion": row["version"] });
        assert_eq!(app.rejected("partner", "pauseParticipation", "participation { id }", again).await, ["ILLEGAL_TRANSITION id"]);
    }
}
