//! Stories of outreach shifts.
use super::given::{gone_out, only_the_association, shift};
use crate::{delivery::given::minutes_ago, promise::wrong::nothing_is_wrong};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const SEEN: &str = "query($id: ID!) { outreachShift(id: $id) { state version workers from to km note place { area { id } } corrections { reason to km workers } voided { reason } moves } }";

stories! {
    async fn workers_go_out_come_back_and_correct_what_they_said(app) {
        let id = gone_out(app, shift(app)).await;
        let seen = async || app.ask("partner", SEEN, json!({ "id": id })).await["outreachShift"].clone();
        let me = app.ask("partner", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        let first = seen().await;
        assert_eq!((&first["state"], &first["to"], &first["moves"]), (&json!("OUT"), &Value::Null, &json!(["END", "VOID"])));
        assert_eq!(first["workers"], json!([me]), "whoever begins it goes alone when nobody is named");
        let mut right = json!({ "id": id, "expectedVersion": 1, "content": shift(app)["content"], "reason": "Väärä alue" });
        assert_eq!(app.rejected("partner", "correctOutreachShift", "outreachShift { id }", right.clone()).await, ["REQUIRED content.workers", "REQUIRED content.to"]);
        right["content"]["workers"] = json!([me]);
        right["content"]["to"] = json!("23:00");
        assert_eq!(app.rejected("partner", "correctOutreachShift", "outreachShift { id }", right.clone()).await, ["ILLEGAL_TRANSITION id"]);
        let end = json!({ "id": id, "expectedVersion": 1, "to": "18:00", "km": -4, "note": "Soita 040 123 4567" });
        let told = app.rejected("partner", "endOutreachShift", "outreachShift { id }", end).await;
        assert_eq!(told, ["DATE_ORDER to", "OUT_OF_RANGE km", "PERSONAL_DATA note"]);
        let end = json!({ "id": id, "expectedVersion": 1, "to": "01:30", "km": 64 });
        app.done("partner", "endOutreachShift", "outreachShift { id }", end.clone()).await;
        assert_eq!(app.rejected("partner", "endOutreachShift", "outreachShift { id }", end).await, ["STALE_VERSION expectedVersion"]);
        // A phone that did not hear the answer sends it again.
        let other = gone_out(app, shift(app)).await;
        let end = json!({ "id": other, "expectedVersion": 1, "to": "01:30", "idempotencyKey": "back" });
        for _ in 0..2 {
            let ended = app.done("partner", "endOutreachShift", "outreachShift { state version }", end.clone()).await;
            assert_eq!(ended["outreachShift"], json!({ "state": "ENDED", "version": 2 }));
        }
        let mut later = end;
        later["to"] = json!("02:00");
        assert_eq!(app.rejected("partner", "endOutreachShift", "outreachShift { id }", later).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        right["expectedVersion"] = json!(2);
        app.done("partner", "correctOutreachShift", "outreachShift { id }", right).await;
        let last = seen().await;
        assert_eq!((&last["state"], &last["to"], &last["moves"]), (&json!("CORRECTED"), &json!("23:00"), &json!(["CORRECT", "VOID"])));
        assert_eq!(last["corrections"], json!([{ "reason": "Väärä alue", "to": "01:30", "km": 64, "workers": [me] }]));
        nothing_is_wrong(app.database()).await;
    }

    async fn who_may_not_record_there_is_not_told_who_works_there(app) {
        let me = app.ask("partner", "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        for worker in [me, json!("urn:nobody|x")] {
            let mut input = shift(app);
            input["content"]["workers"] = json!([worker]);
            for stranger in ["client", "partner-b", "provider"] {
                let asked = TestApp::mutation("beginOutreachShift", "outreachShift { id }");
                assert_eq!(app.refuse(stranger, &asked, json!({ "input": input })).await, "FORBIDDEN", "{stranger}");
            }
        }
    }

    async fn when_nobody_comes_back_in_time_those_who_work_there_are_told_once(app) {
        let begun = |due: &str| {
            let mut input = shift(app);
            input["dueAt"] = json!(due);
            input
        };
        let id = gone_out(app, begun("2026-01-15T20:00:00Z")).await;
        let due = async |store: api::store::Store| {
            let done = api::job::due(&store).await;
            (done.shifts, done.failed)
        };
        assert_eq!((due(app.store().await).await, due(app.store().await).await), ((1, 0), (0, 0)));
        let told = "{ notices(filter: { kinds: [SHIFT_OVERDUE] }) { nodes { shiftId } } }";
        assert_eq!(app.ask("partner", told, json!({})).await["notices"]["nodes"], json!([{ "shiftId": id }]));
        for stranger in ["partner-b", "client", "social-worker", "admin"] {
            assert_eq!(app.ask(stranger, told, json!({})).await["notices"]["nodes"], json!([]), "{stranger}");
        }
        let safety = "query($id: ID!) { outreachShift(id: $id) { overdue checkedInAt } }";
        assert_eq!(app.ask("partner", safety, json!({ "id": id })).await["outreachShift"], json!({ "overdue": true, "checkedInAt": null }));
        // All is well, for two hours more.
        let well = |version: i32, hours: i64| json!({ "id": id, "expectedVersion": version, "dueAt": minutes_ago(-60 * hours) });
        for hours in [-1, 25] {
            assert_eq!(app.rejected("partner", "checkInFromOutreachShift", "outreachShift { id }", well(1, hours)).await, ["OUT_OF_RANGE dueAt"]);
        }
        app.done("partner", "checkInFromOutreachShift", "outreachShift { id }", well(1, 2)).await;
        let seen = app.ask("partner", safety, json!({ "id": id })).await["outreachShift"].clone();
        assert_eq!((seen["overdue"].clone(), seen["checkedInAt"].is_null()), (json!(false), false));
        assert_eq!((due(app.store().await).await, due(app.later(1).await).await), ((0, 0), (1, 0)), "once for each time that was said");
        // Back at last.
        app.done("partner", "endOutreachShift", "outreachShift { id }", json!({ "id": id, "expectedVersion": 2, "to": "23:00" })).await;
        assert_eq!(app.rejected("partner", "checkInFromOutreachShift", "outreachShift { id }", well(3, 2)).await, ["ILLEGAL_TRANSITION id"]);
        assert_eq!(due(app.later(2).await).await.0, 0);
        assert_eq!(app.rejected("partner", "beginOutreachShift", "outreachShift { id }", begun("2026-01-17T20:00:00Z")).await, ["OUT_OF_RANGE dueAt"]);
        let mut over = begun("2026-01-15T20:00:00Z");
        over["content"]["to"] = json!("21:00");
        assert_eq!(app.rejected("partner", "beginOutreachShift", "outreachShift { id }", over).await, ["DOES_NOT_AGREE dueAt"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_shift_recorded_afterwards_is_over_at_once(app) {
        let mut input = shift(app);
        input["content"]["to"] = json!("22:00");
        input["uuid"] = json!("0192f3b0-5a1c-7d2e-8f00-000000000003");
        let id = gone_out(app, input.clone()).await;
        assert_eq!(gone_out(app, input).await, id, "the UUID of the device is the key");
        assert_eq!(app.ask("partner", SEEN, json!({ "id": id })).await["outreachShift"]["state"], "ENDED");
        let mut late = shift(app);
        late["effectiveDate"] = json!("2199-01-01");
        assert_eq!(app.rejected("partner", "beginOutreachShift", "outreachShift { id }", late).await, ["OUT_OF_RANGE effectiveDate"]);
    }

    async fn only_workers_of_the_organisation_go_out_for_it(app) {
        let subject = async |actor: &str| app.ask(actor, "{ viewer { subject } }", json!({})).await["viewer"]["subject"].clone();
        let (me, other) = (subject("partner").await, subject("partner-b").await);
        let mut input = shift(app);
        input["content"]["workers"] = json!([me, other, "nobody"]);
        let told = app.rejected("partner", "beginOutreachShift", "outreachShift { id }", input.clone()).await;
        assert_eq!(told, ["NOT_COLLEAGUE content.workers.1", "NOT_COLLEAGUE content.workers.2"]);
        // Nor does oneself, before one worked there.
        let mut early = shift(app);
        early["effectiveDate"] = json!("2019-01-15");
        assert_eq!(app.rejected("partner", "beginOutreachShift", "outreachShift { id }", early).await, ["NOT_COLLEAGUE content.workers.0"]);
        input["content"]["workers"] = json!([me, me]);
        assert_eq!(app.rejected("partner", "beginOutreachShift", "outreachShift { id }", input.clone()).await, ["DUPLICATE content.workers"]);
        let member = json!({ "organization": app.world.organization("ngo"), "role": "OUTREACH_WORKER", "subject": other, "validFrom": "2026-01-01" });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        input["content"]["workers"] = json!([me, other]);
        input["content"]["to"] = json!("20:00");
        let id = gone_out(app, input.clone()).await;
        assert_eq!(app.ask("partner-b", SEEN, json!({ "id": id })).await["outreachShift"]["workers"], json!([me, other]));
        let mut right = json!({ "id": id, "expectedVersion": 1, "content": input["content"], "reason": "Kolmas mukana" });
        right["content"]["workers"] = json!([me, other, "nobody"]);
        assert_eq!(app.rejected("partner", "correctOutreachShift", "outreachShift { id }", right).await, ["NOT_COLLEAGUE content.workers.2"]);
    }

    async fn only_those_of_the_organisation_see_it(app) {
        let id = gone_out(app, shift(app)).await;
        only_the_association(app, "OutreachShift", &id, "outreachShifts", "beginOutreachShift", &shift(app)).await;
        let list = "query($f: OutreachShiftFilter) { outreachShifts(filter: $f, orderBy: { field: EFFECTIVE_DATE, direction: ASC }) { totalCount } }";
        let found = async |filter: Value| app.ask("partner", list, json!({ "f": filter })).await["outreachShifts"]["totalCount"].clone();
        assert_eq!((found(json!({ "states": ["OUT"] })).await, found(json!({ "to": "2026-01-14" })).await), (json!(1), json!(0)));
        app.done("partner", "voidOutreachShift", "outreachShift { id }", json!({ "id": id, "expectedVersion": 1, "reason": "Ei lähdetty" })).await;
        assert_eq!((found(json!({})).await, found(json!({ "states": ["VOIDED"] })).await), (json!(0), json!(1)));
    }
}
