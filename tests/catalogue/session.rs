//! Sessions: by rule, one by one, moved, cancelled, held; by the clock on the wall.
use super::given::{offering, published, unit, whole_service};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn group(app: &TestApp) -> String {
    let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
    let place = unit(app, "partner", "ngo").await;
    offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "endsOn": "2040-12-31", "unit": place })).await
}

async fn sessions(app: &TestApp, offering: &str) -> Vec<Value> {
    let query = "query($id: ID!) { serviceOffering(id: $id) { sessions(first: 100) { nodes { id startsAt endsAt plannedStart state version reason { fi } leader moves } } } }";
    let found = app.ask("partner", query, json!({ "id": offering })).await;
    found["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().clone()
}

stories! {
    async fn a_weekly_rule_keeps_its_time_on_the_wall_across_the_clock_change(app) {
        let id = group(app).await;
        let input = json!({ "offering": id, "rule": "FREQ=WEEKLY;BYDAY=WE", "date": "2035-03-21", "time": "10:00", "until": "2035-04-04", "minutes": 90, "leader": "Aino" });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", input).await;
        let starts: Vec<_> = sessions(app, &id).await.iter().map(|s| s["startsAt"].as_str().unwrap().to_owned()).collect();
        assert_eq!(starts, ["2035-03-21T08:00:00.000Z", "2035-03-28T07:00:00.000Z", "2035-04-04T07:00:00.000Z"]);
    }

    async fn one_session_moves_and_another_is_cancelled_while_the_series_stays(app) {
        let id = group(app).await;
        let input = json!({ "offering": id, "rule": "FREQ=WEEKLY", "date": "2035-05-02", "time": "10:00", "until": "2035-05-16", "minutes": 60 });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", input).await;
        let before = sessions(app, &id).await;
        let reason = json!({ "fi": "Ohjaaja on sairaana." });
        let moved = json!({ "id": before[0]["id"], "expectedVersion": 1, "date": "2035-05-03", "time": "12:00", "minutes": 30, "reason": reason });
        app.done("partner", "moveSession", "session { id }", moved).await;
        app.done("partner", "cancelSession", "session { id }", json!({ "id": before[1]["id"], "expectedVersion": 1, "reason": reason })).await;
        let after = sessions(app, &id).await;
        assert_eq!(after[0]["startsAt"], "2035-05-03T09:00:00.000Z");
        assert_eq!(after[0]["plannedStart"], before[0]["startsAt"]);
        assert_eq!((&after[1]["state"], &after[1]["reason"], &after[1]["moves"]), (&json!("CANCELLED"), &reason, &json!([])));
        assert_eq!(after[2], before[2]);
        let twice = app.rejected("partner", "cancelSession", "session { id }", json!({ "id": before[1]["id"], "expectedVersion": 2, "reason": reason })).await;
        assert_eq!(twice, ["ILLEGAL_TRANSITION id"]);
        let early = app.rejected("partner", "holdSession", "session { id }", json!({ "id": before[2]["id"], "expectedVersion": 1 })).await;
        assert_eq!(early, ["DATE_ORDER id"]);
    }

    async fn a_rule_that_says_when_it_ends_needs_no_last_day(app) {
        for (rule, count, last) in [("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10", 10, "2035-02-01"), ("FREQ=WEEKLY;UNTIL=20350131T235959Z", 5, "2035-01-30")] {
            let id = group(app).await;
            let plan = json!({ "offering": id, "date": "2035-01-02", "time": "10:00", "minutes": 60, "rule": rule });
            let made = app.done("partner", "scheduleSessions", "serviceOffering { sessions(first: 20) { totalCount nodes { series { until } } } }", plan).await["serviceOffering"].clone();
            assert_eq!((made["sessions"]["totalCount"].clone(), made["sessions"]["nodes"][0]["series"]["until"].clone()), (json!(count), json!(last)), "{rule}");
        }
    }

    async fn times_that_make_no_sense_make_no_session(app) {
        let id = group(app).await;
        for (input, refusal) in [
            (json!({ "date": "2035-03-25", "time": "03:30", "minutes": 60 }), "NO_SUCH_LOCAL_TIME time"),
            (json!({ "date": "2041-01-01", "time": "10:00", "minutes": 60 }), "OUTSIDE_DATES date"),
            (json!({ "date": "2035-01-01", "time": "10:00", "minutes": 0 }), "OUT_OF_RANGE minutes"),
            (json!({ "date": "2035-01-01", "time": "10:00", "minutes": 60, "until": "2037-01-01", "rule": "FREQ=DAILY" }), "RULE_COUNT rule"),
            (json!({ "date": "2035-01-02", "time": "10:00", "minutes": 60, "until": "2035-01-02", "rule": "FREQ=WEEKLY;BYDAY=MO" }), "RULE_COUNT rule"),
            (json!({ "date": "2035-01-02", "time": "10:00", "minutes": 60, "rule": "FREQ=WEEKLY;BYDAY=MO" }), "REQUIRED until"),
            (json!({ "date": "2035-01-02", "time": "10:00", "minutes": 60, "rule": "FREQ=DAILY;COUNT=5000" }), "RULE_COUNT rule"),
        ] {
            let mut input = input;
            input["offering"] = json!(id);
            assert_eq!(app.rejected("partner", "scheduleSessions", "serviceOffering { id }", input.clone()).await, [refusal], "{input}");
        }
        assert_eq!(app.refuse("partner", &TestApp::mutation("scheduleSessions", "serviceOffering { id }"), json!({ "input": { "offering": id, "date": "2035-02-30", "time": "10:00", "minutes": 60 } })).await, "BAD_INPUT");
        assert_eq!(app.count("session", "1 = 1").await, 0);
    }

    async fn a_repeated_key_plans_the_sessions_once(app) {
        let id = group(app).await;
        let input = json!({ "offering": id, "rule": "FREQ=DAILY", "date": "2035-05-02", "time": "10:00", "until": "2035-05-06", "minutes": 60, "idempotencyKey": "k" });
        for _ in 0..2 {
            app.done("partner", "scheduleSessions", "serviceOffering { id }", input.clone()).await;
        }
        assert_eq!(sessions(app, &id).await.len(), 5);
    }

    async fn a_series_is_seen_by_everybody_with_its_published_offering(app) {
        let id = group(app).await;
        let input = json!({ "offering": id, "rule": "FREQ=WEEKLY;BYDAY=WE", "date": "2035-03-21", "time": "10:00", "until": "2035-04-04", "minutes": 90 });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", input).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": id, "date": "2035-03-22", "time": "10:00", "minutes": 60 })).await;
        let query = "query($id: ID!) { serviceOffering(id: $id) { sessions { nodes { series { id } } } series { totalCount nodes {
            id rule date time until minutes offering { id } sessions { totalCount nodes { startsAt } } access { canTransition } } } } }";
        let seen = app.ask("", query, json!({ "id": id })).await["serviceOffering"].clone();
        let series = seen["series"]["nodes"][0].clone();
        assert_eq!(series, json!({
            "id": series["id"], "rule": "FREQ=WEEKLY;BYDAY=WE", "date": "2035-03-21", "time": "10:00", "until": "2035-04-04", "minutes": 90, "offering": { "id": id },
            "sessions": { "totalCount": 3, "nodes": [{ "startsAt": "2035-03-21T08:00:00.000Z" }, { "startsAt": "2035-03-28T07:00:00.000Z" }, { "startsAt": "2035-04-04T07:00:00.000Z" }] },
            "access": { "canTransition": false },
        }));
        let of_each: Vec<_> = seen["sessions"]["nodes"].as_array().unwrap().iter().map(|s| s["series"]["id"].clone()).collect();
        assert_eq!(of_each, [series["id"].clone(), Value::Null, series["id"].clone(), series["id"].clone()]);
        let node = "query($id: ID!) { node(id: $id) { ... on SessionSeries { sessions(first: 1) { totalCount } } } }";
        for anybody in ["", "client", "partner-x"] {
            assert_eq!(app.ask(anybody, node, json!({ "id": series["id"] })).await["node"]["sessions"]["totalCount"], 3, "{anybody}");
        }
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 2 })).await;
        for nobody in ["", "client", "partner-b", "partner-x"] {
            assert_eq!(app.ask(nobody, node, json!({ "id": series["id"] })).await["node"], Value::Null, "{nobody}");
        }
        for staff in ["partner", "admin"] {
            assert_eq!(app.ask(staff, node, json!({ "id": series["id"] })).await["node"]["sessions"]["totalCount"], 3, "{staff}");
        }
        assert_eq!(app.ask("partner", &query.replace("(id: $id)", "(id: $id, edition: WORKING)"), json!({ "id": id })).await["serviceOffering"]["series"]["totalCount"], 1);
    }

    async fn the_rest_of_a_series_is_cancelled_at_once_and_told_once(app) {
        let id = group(app).await;
        let input = json!({ "offering": id, "rule": "FREQ=DAILY", "date": "2035-05-01", "time": "10:00", "until": "2035-05-05", "minutes": 60 });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", input.clone()).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": id, "date": "2035-05-04", "time": "18:00", "minutes": 60 })).await;
        let before = sessions(app, &id).await;
        let old = json!({ "fi": "Tila on varattu." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": before[3]["id"], "expectedVersion": 1, "reason": old })).await;
        let series = app.ask("", "query($id: ID!) { serviceOffering(id: $id) { series { nodes { id } } } }", json!({ "id": id })).await;
        let series = series["serviceOffering"]["series"]["nodes"][0]["id"].clone();
        let reason = json!({ "fi": "Ryhmä päättyy." });
        let input = json!({ "id": series, "from": before[2]["startsAt"], "reason": reason });
        let cancel = TestApp::mutation("cancelSessionSeries", "sessionSeries { id }");
        for other in ["partner-b", "admin", "partner-x"] {
            assert_eq!(app.refuse(other, &cancel, json!({ "input": input })).await, "FORBIDDEN", "{other}");
        }
        assert_eq!(app.refuse("", &cancel, json!({ "input": input })).await, "UNAUTHENTICATED");
        let events = app.count("event", "1 = 1").await;
        let done = app.done("partner", "cancelSessionSeries", "sessionSeries { sessions { nodes { state } } }", input.clone()).await;
        let states: Vec<_> = done["sessionSeries"]["sessions"]["nodes"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["PLANNED", "PLANNED", "CANCELLED", "CANCELLED", "CANCELLED"]);
        assert_eq!(app.count("event", "1 = 1").await, events + 1);
        let after = sessions(app, &id).await;
        assert_eq!((&after[..2], &after[3..5]), (&before[..2], &[after[3].clone(), before[4].clone()][..]), "earlier ones and those of no series stay");
        assert_eq!((&after[2]["reason"], &after[3]["reason"], &after[5]["reason"]), (&reason, &old, &reason), "who was cancelled before keeps its reason");
        assert_eq!(app.rejected("partner", "cancelSessionSeries", "sessionSeries { id }", input).await, ["NOTHING_PLANNED from"]);
        let long = json!({ "id": series, "reason": { "fi": "x".repeat(501) } });
        assert_eq!(app.rejected("partner", "cancelSessionSeries", "sessionSeries { id }", long).await, ["TOO_LONG reason.fi"]);
        app.done("partner", "cancelSessionSeries", "sessionSeries { id }", json!({ "id": series, "reason": reason })).await;
        assert_eq!(app.count("session", "state = 'PLANNED'").await, 1, "without a time, from now on");
    }

    async fn staff_list_the_sessions_of_their_own_working_copies_and_nobody_elses(app) {
        let public = group(app).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": public, "rule": "FREQ=DAILY", "date": "2035-05-01", "time": "10:00", "until": "2035-05-03", "minutes": 60 })).await;
        let service = published(app, "partner", "ngo", whole_service("Toinen")).await;
        let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": { "startsOn": "2020-01-01" } });
        let hidden = app.done("partner", "createServiceOffering", "serviceOffering { id }", input).await["serviceOffering"]["id"].clone();
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": hidden, "date": "2035-05-02", "time": "18:00", "minutes": 60 })).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": hidden, "date": "2021-05-02", "time": "18:00", "minutes": 60 })).await;
        let list = async |actor: &str, arguments: &str| {
            let query = format!("{{ sessions(edition: WORKING{arguments}) {{ totalCount nodes {{ startsAt }} }} }}");
            let found = app.ask(actor, &query, json!({})).await["sessions"].clone();
            let starts: Vec<_> = found["nodes"].as_array().unwrap().iter().map(|s| s["startsAt"].as_str().unwrap()[..13].to_owned()).collect();
            assert_eq!(found["totalCount"], starts.len());
            starts
        };
        for (staff, count) in [("partner", 4), ("admin", 4), ("partner-b", 0), ("provider", 0), ("client", 0), ("partner-x", 0), ("admin-x", 0)] {
            assert_eq!(list(staff, "").await.len(), count, "{staff}");
        }
        assert_eq!(app.ask("", "{ sessions { totalCount } }", json!({})).await["sessions"]["totalCount"], 3);
        assert_eq!(list("partner", "").await, ["2035-05-01T07", "2035-05-02T07", "2035-05-02T15", "2035-05-03T07"]);
        assert_eq!(list("partner", r#", filter: { from: "2021-01-01T00:00:00Z", to: "2035-05-02T00:00:00Z" }"#).await, ["2021-05-02T15", "2035-05-01T07"]);
        let of_hidden = format!(", filter: {{ offerings: [{hidden}], states: [PLANNED] }}");
        assert_eq!(list("partner", &of_hidden).await, ["2035-05-02T15"]);
        let order = ", orderBy: [{ field: UPDATED_AT, direction: DESC }, { field: STARTS_AT, direction: DESC }]";
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let query = format!("query($after: String) {{ sessions(edition: WORKING{order}, first: 1, after: $after) {{ nodes {{ startsAt }} pageInfo {{ hasNextPage endCursor }} }} }}");
            let page = app.ask("partner", &query, json!({ "after": after })).await["sessions"].clone();
            seen.push(page["nodes"][0]["startsAt"].as_str().unwrap()[..13].to_owned());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, ["2035-05-02T15", "2035-05-03T07", "2035-05-02T07", "2035-05-01T07"], "those that were planned together differ by the second key");
        assert_eq!(app.refuse("", "{ sessions(edition: WORKING) { totalCount } }", json!({})).await, "UNAUTHENTICATED");
        let areas = format!(r#"{{ sessions(edition: WORKING, filter: {{ areas: ["{}"] }}) {{ totalCount }} }}"#, app.world.municipality("297"));
        assert_eq!(app.refuse("partner", &areas, json!({})).await, "BAD_INPUT");
    }

    async fn two_mutations_of_one_request_each_answer_what_is_true_then(app) {
        let id = group(app).await;
        let query = "mutation($a: ScheduleSessionsInput!, $b: ScheduleSessionsInput!) {
            a: scheduleSessions(input: $a) { serviceOffering { sessions { totalCount } } }
            b: scheduleSessions(input: $b) { serviceOffering { sessions { totalCount } } }
        }";
        let input = |date: &str| json!({ "offering": id, "date": date, "time": "10:00", "minutes": 60 });
        let done = app.ask("partner", query, json!({ "a": input("2035-05-02"), "b": input("2035-05-03") })).await;
        let counts = ["a", "b"].map(|m| done[m]["serviceOffering"]["sessions"]["totalCount"].clone());
        assert_eq!(counts, [1, 2]);
    }

    async fn a_stranger_is_asked_to_sign_in_before_anything_is_read(app) {
        let document = TestApp::mutation("scheduleSessions", "serviceOffering { id }");
        let input = json!({ "input": { "offering": group(app).await, "rule": "FREQ=HOURLY;BYYEARDAY=366", "date": "2035-05-02", "time": "10:00", "minutes": 1 } });
        assert_eq!(app.refuse("", &document, input).await, "UNAUTHENTICATED");
    }

    async fn sessions_of_another_organisation_are_not_mine_to_plan(app) {
        let id = group(app).await;
        let document = TestApp::mutation("scheduleSessions", "serviceOffering { id }");
        let input = json!({ "input": { "offering": id, "date": "2035-05-02", "time": "10:00", "minutes": 60 } });
        for other in ["partner-b", "admin", "partner-x"] {
            assert_eq!(app.refuse(other, &document, input.clone()).await, "FORBIDDEN", "{other}");
        }
    }
}
