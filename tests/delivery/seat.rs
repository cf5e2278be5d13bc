//! Registering for one session at a time: each has its own places and its own waiting list.
use super::given::{by_session, group, offered, taken_on, walk_in, walk_in_to, withdraw};
use crate::{
    casework::opened,
    person::given::{account, aino, client, text},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const TEXT: &str = "osallistuminen-2026-1";
const MADE: &str = "participation { id state version session { id } }";

async fn seen(app: &TestApp, of: &Value) -> Value {
    let query = "query($id: ID!) { participation(id: $id) { id state endedFor startedOn endedOn version } }";
    app.ask("partner", query, json!({ "id": of["id"] })).await["participation"].clone()
}

async fn state(app: &TestApp, of: &Value) -> String {
    text(&seen(app, of).await["state"])
}

/// What everybody sees of the places: of the offering, and of each of its sessions.
async fn places(app: &TestApp, offering: &str) -> (Value, Vec<Value>) {
    let query = "query($id: ID!) { serviceOffering(id: $id) { registrationUnit placesTaken freePlaces sessions { nodes { placesTaken freePlaces } } } }";
    let mut seen = app.ask("", query, json!({ "id": offering })).await["serviceOffering"].take();
    let sessions = seen["sessions"]["nodes"].take();
    seen.as_object_mut().unwrap().remove("sessions");
    (seen, sessions.as_array().unwrap().clone())
}

fn leave(of: &Value) -> Value {
    json!({ "id": of["id"], "expectedVersion": of["version"], "why": "CLIENT_WISH" })
}

/// A session that was held, whatever it was before.
async fn hold(app: &TestApp, session: &str) {
    app.tamper("UPDATE session SET starts_at = '2026-03-02 08:00:00+00:00', ends_at = '2026-03-02 09:00:00+00:00' WHERE starts_at < '2036-01-02'").await;
    app.done("partner", "holdSession", "session { state }", json!({ "id": session, "expectedVersion": 1 })).await;
}

/// The first session begins within the hour: whoever is there has come to it.
async fn on_now(app: &TestApp) {
    let at = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    app.tamper(&format!("UPDATE session SET starts_at = '{}', ends_at = '{}' WHERE starts_at = (SELECT MIN(starts_at) FROM session)", at(1), at(2))).await;
}

async fn attend(app: &TestApp, session: &str, of: &Value, status: &str) -> Value {
    let rows = json!([{ "participation": of["id"], "status": status }]);
    app.done("partner", "recordAttendance", "attendances { status }", json!({ "session": session, "rows": rows })).await["attendances"].clone()
}

stories! {
    async fn each_session_has_its_own_places_and_its_own_list(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (group, sessions) = by_session(app, 2, 1, 3).await;
        let whole = |taken: i32, free: i32| json!({ "registrationUnit": "SESSION", "placesTaken": taken, "freePlaces": free });
        let each = |taken: i32, free: i32| json!({ "placesTaken": taken, "freePlaces": free });
        assert_eq!(places(app, &group).await, (whole(0, 6), vec![each(0, 2); 3]));
        let input = |session: &str| json!({ "client": id, "offering": group, "session": session, "textVersion": TEXT });
        let made = app.done("client", "registerParticipation", MADE, input(&sessions[1])).await["participation"].clone();
        assert_eq!((made["state"].clone(), made["session"]["id"].clone()), (json!("ENROLLED"), json!(sessions[1])));
        assert_eq!(app.rejected("client", "registerParticipation", MADE, input(&sessions[1])).await, ["ALREADY_REGISTERED session"]);
        assert_eq!(app.done("client", "registerParticipation", MADE, input(&sessions[2])).await["participation"]["state"], "ENROLLED", "another time as well");
        let second = walk_in_to(app, &group, &sessions[1], "Kettu").await;
        let third = walk_in_to(app, &group, &sessions[1], "Repo").await;
        assert_eq!((second["state"].clone(), third["state"].clone()), (json!("ENROLLED"), json!("WAITLISTED")));
        let full = json!({ "offering": group, "session": sessions[1], "alias": "Karhu", "textVersion": TEXT });
        assert_eq!(app.rejected("partner", "registerWalkIn", MADE, full).await, ["OFFERING_FULL offering"]);
        assert_eq!(places(app, &group).await, (whole(3, 3), vec![each(0, 2), each(2, 0), each(1, 1)]));
        let list = "query($p: ID!, $s: [ID!]) { participations(organization: $p, filter: { sessions: $s }) { nodes { id } } }";
        let there = app.ask("partner", list, json!({ "p": app.world.organization("ngo"), "s": [sessions[1]] })).await["participations"]["nodes"].clone();
        assert_eq!(there, json!([{ "id": made["id"] }, { "id": second["id"] }, { "id": third["id"] }]));
        // The place of one session goes to whoever waits for that one.
        app.done("client", "cancelParticipation", MADE, leave(&made)).await;
        assert_eq!(state(app, &third).await, "ENROLLED");
        assert_eq!(places(app, &group).await, (whole(3, 3), vec![each(0, 2), each(2, 0), each(1, 1)]));
        nothing_is_wrong(app.database()).await;
    }

    async fn with_the_consent_the_place_goes_to_whoever_waits_for_that_session(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (group, sessions) = by_session(app, 1, 1, 2).await;
        for session in &sessions {
            let input = json!({ "client": id, "offering": group, "session": session, "textVersion": TEXT });
            app.done("client", "registerParticipation", MADE, input).await;
        }
        let waits = walk_in_to(app, &group, &sessions[0], "Kettu").await;
        assert_eq!(waits["state"], "WAITLISTED");
        withdraw(app).await;
        assert_eq!(state(app, &waits).await, "ENROLLED");
        assert_eq!(app.count("participation", "state = 'CANCELLED' AND ended_for = 'CONSENT_ENDED'").await, 2);
        assert_eq!((app.count("session", "places_taken = 1").await, app.count("session", "places_taken = 0").await), (1, 1));
        nothing_is_wrong(app.database()).await;
    }

    async fn one_registers_for_what_the_offering_says_and_for_what_is_to_come(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let (group, sessions) = by_session(app, 2, 0, 3).await;
        let (whole, (_, elsewhere)) = (offered(app, "partner", "ngo", 2, 0).await, by_session(app, 2, 0, 1).await);
        let input = |offering: &str, session: Option<&str>| json!({ "client": id, "offering": offering, "session": session, "referral": referral });
        let alias = |offering: &str, session: Option<&str>| json!({ "offering": offering, "session": session, "alias": "Kettu", "textVersion": TEXT });
        // The first has begun, the second is cancelled.
        app.tamper("UPDATE session SET starts_at = '2026-03-02 08:00:00+00:00' WHERE starts_at < '2036-01-02'").await;
        app.tamper("UPDATE session SET state = 'CANCELLED' WHERE starts_at > '2036-01-02' AND starts_at < '2036-01-03'").await;
        for (offering, session, refusal) in [
            (&group, None, "REQUIRED session"),
            (&whole, Some(&sessions[2]), "DOES_NOT_AGREE session"),
            (&group, Some(&elsewhere[0]), "NOT_ON_OFFER session"),
            (&group, Some(&sessions[0]), "NOT_ON_OFFER session"),
            (&group, Some(&sessions[1]), "NOT_ON_OFFER session"),
        ] {
            let session = session.map(String::as_str);
            for mutation in ["registerParticipation", "proposeParticipation"] {
                assert_eq!(app.rejected("social-worker", mutation, MADE, input(offering, session)).await, [refusal], "{mutation}");
            }
            assert_eq!(app.rejected("partner", "registerWalkIn", MADE, alias(offering, session)).await, [refusal]);
        }
        assert_eq!(app.count("participation", "1 = 1").await, 0);
        let made = app.done("social-worker", "registerParticipation", MADE, input(&group, Some(&sessions[2]))).await["participation"].clone();
        assert_eq!(made["state"], "ENROLLED");
    }

    async fn what_one_registers_for_is_not_changed_under_those_who_have_registered(app) {
        let working = "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }";
        let version = async |id: &str| app.ask("partner", working, json!({ "id": id })).await["serviceOffering"]["version"].clone();
        let (times, sessions) = by_session(app, 3, 0, 1).await;
        let content = |capacity: i32, unit: &str| {
            let mut content = group(capacity, 0);
            content["registrationUnit"] = json!(unit);
            content
        };
        let booked = walk_in_to(app, &times, &sessions[0], "Kettu").await;
        walk_in_to(app, &times, &sessions[0], "Repo").await;
        let input = |version: Value, content: Value| json!({ "id": times, "expectedVersion": version, "content": content });
        let update = async |content: Value| app.rejected("partner", "updateServiceOffering", "serviceOffering { id }", input(version(&times).await, content)).await;
        assert_eq!(update(content(3, "OFFERING")).await, ["IN_USE content.registrationUnit"]);
        assert_eq!(update(content(1, "SESSION")).await, ["OVER_CAPACITY content.capacity"]);
        assert!(update(content(2, "SESSION")).await.is_empty());
        let report = json!({ "id": times, "expectedVersion": version(&times).await, "placesTaken": 1 });
        assert_eq!(app.rejected("partner", "reportPlacesTaken", "serviceOffering { id }", report).await, ["DOES_NOT_AGREE id"]);
        app.done("partner", "cancelParticipation", MADE, leave(&booked)).await;
        // And the other way round, also where the change has been written before anybody registers.
        let whole = offered(app, "partner", "ngo", 3, 0).await;
        let change = json!({ "id": whole, "expectedVersion": version(&whole).await, "content": content(3, "SESSION") });
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", change).await;
        let first = walk_in(app, &whole, "Kettu").await;
        let publish = async || json!({ "id": whole, "expectedVersion": version(&whole).await });
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", publish().await).await, ["IN_USE content.registrationUnit"]);
        app.done("partner", "cancelParticipation", MADE, leave(&first)).await;
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", publish().await).await;
        assert_eq!(places(app, &whole).await.0, json!({ "registrationUnit": "SESSION", "placesTaken": 0, "freePlaces": 0 }), "no session, no place");
        nothing_is_wrong(app.database()).await;
    }

    async fn those_who_have_registered_are_told_that_the_session_is_cancelled(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (group, sessions) = by_session(app, 1, 1, 3).await;
        let input = json!({ "client": id, "offering": group, "session": sessions[0], "textVersion": TEXT });
        let made = app.done("client", "registerParticipation", MADE, input).await["participation"].clone();
        let (waits, other) = (walk_in_to(app, &group, &sessions[0], "Kettu").await, walk_in_to(app, &group, &sessions[1], "Repo").await);
        let reason = json!({ "fi": "Neuvoja on sairaana." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions[0], "expectedVersion": 1, "reason": reason })).await;
        let mine = app.ask("client", "{ me { participations { nodes { id state endedFor } } } }", json!({})).await["me"]["participations"]["nodes"].clone();
        assert_eq!(mine, json!([{ "id": made["id"], "state": "CANCELLED", "endedFor": "SESSION_CANCELLED" }]));
        let ended = seen(app, &waits).await;
        assert_eq!((ended["state"].clone(), ended["endedFor"].clone()), (json!("LEFT_QUEUE"), json!("SESSION_CANCELLED")), "nobody is given a place in it");
        assert_eq!(state(app, &other).await, "ENROLLED");
        for (actor, row) in [("client", &made), ("partner", &waits)] {
            let told = app.ask(actor, "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
            let told: Vec<_> = told.as_array().unwrap().iter().filter(|notice| notice["kind"] == "SESSION_CANCELLED").collect();
            assert_eq!(told, [&json!({ "kind": "SESSION_CANCELLED", "participationId": row["id"] })], "{actor}");
        }
        // With the rest of its series as with one.
        let series = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id) { series { nodes { id } } } }", json!({ "id": group })).await;
        let rest = json!({ "id": series["serviceOffering"]["series"]["nodes"][0]["id"], "reason": reason });
        app.done("partner", "cancelSessionSeries", "sessionSeries { id }", rest).await;
        assert_eq!(state(app, &other).await, "CANCELLED");
        assert_eq!(app.count("session", "places_taken = 0 AND state = 'CANCELLED'").await, 3);
        nothing_is_wrong(app.database()).await;
    }

    async fn those_who_have_registered_are_told_that_the_session_is_moved_and_no_place_is_held_past_its_beginning(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (group, sessions) = by_session(app, 1, 1, 2).await;
        let first = walk_in_to(app, &group, &sessions[0], "Kettu").await;
        let input = json!({ "client": id, "offering": group, "session": sessions[0], "textVersion": TEXT });
        let waits = app.done("client", "registerParticipation", MADE, input).await["participation"].clone();
        walk_in_to(app, &group, &sessions[1], "Repo").await;
        let told = async |actor: &str| {
            let told = app.ask(actor, "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
            told.as_array().unwrap().iter().filter(|notice| notice["kind"] == "SESSION_MOVED").map(|notice| text(&notice["participationId"])).collect::<Vec<_>>()
        };
        let moved = async |version: i32, date: &str, more: Value| {
            let mut input = more;
            input["id"] = json!(sessions[0]);
            input["expectedVersion"] = json!(version);
            for (field, value) in [("date", json!(date)), ("time", json!("09:00")), ("minutes", json!(45)), ("reason", json!({ "fi": "Tila on remontissa." }))] {
                input[field] = value;
            }
            app.done("partner", "moveSession", "session { startsAt }", input).await["session"]["startsAt"].clone()
        };
        moved(1, "2036-03-01", json!({})).await;
        assert_eq!((told("client").await, told("partner").await), (vec![text(&waits["id"])], vec![text(&first["id"])]));
        // Who leads is nothing that one need be told of.
        moved(2, "2036-03-01", json!({ "leader": "Toinen ohjaaja" })).await;
        assert_eq!((told("client").await.len(), told("partner").await.len()), (1, 1));
        app.done("partner", "cancelParticipation", MADE, leave(&first)).await;
        let held = async || app.ask("client", "{ me { participations { nodes { heldUntil } } } }", json!({})).await["me"]["participations"]["nodes"][0]["heldUntil"].clone();
        let usual = held().await;
        assert_ne!(usual, json!(null));
        moved(3, "2036-02-01", json!({})).await;
        assert_eq!(held().await, usual, "still to come");
        let soon = tests::in_days(1);
        let start = moved(4, &soon, json!({})).await;
        assert_eq!(held().await, start);
        assert_eq!(told("client").await.len(), 3);
        nothing_is_wrong(app.database()).await;
    }

    async fn one_session_is_all_there_is_of_it(app) {
        let (group, sessions) = by_session(app, 2, 1, 1).await;
        let came = walk_in_to(app, &group, &sessions[0], "A").await;
        let (away, waits) = (walk_in_to(app, &group, &sessions[0], "B").await, walk_in_to(app, &group, &sessions[0], "C").await);
        hold(app, &sessions[0]).await;
        let ended = seen(app, &waits).await;
        assert_eq!((ended["state"].clone(), ended["endedFor"].clone()), (json!("LEFT_QUEUE"), json!("SESSION_OVER")));
        attend(app, &sessions[0], &came, "PRESENT").await;
        attend(app, &sessions[0], &away, "ABSENT").await;
        let of = async |row: &Value| {
            let seen = seen(app, row).await;
            (text(&seen["state"]), text(&seen["endedFor"]), seen["startedOn"].clone(), seen["endedOn"].clone())
        };
        let day = json!("2026-03-02");
        assert_eq!(of(&came).await, ("COMPLETED".to_owned(), "PLANNED".to_owned(), day.clone(), day.clone()));
        assert_eq!(of(&away).await, ("NO_SHOW".to_owned(), "STAYED_AWAY".to_owned(), json!(null), day.clone()));
        nothing_is_wrong(app.database()).await;
        // What was recorded wrong is put right.
        attend(app, &sessions[0], &away, "LATE").await;
        assert_eq!(of(&away).await, ("COMPLETED".to_owned(), "PLANNED".to_owned(), day.clone(), day));
        assert_eq!((app.count("attendance", "1 = 1").await, app.count("session", "places_taken = 0").await), (2, 1));
        nothing_is_wrong(app.database()).await;
    }

    async fn what_the_attendance_tells_is_put_right_and_an_announced_absence_is_no_no_show(app) {
        let (group, sessions) = by_session(app, 2, 0, 1).await;
        on_now(app).await;
        let here = json!({ "offering": group, "session": sessions[0], "alias": "Kettu", "textVersion": TEXT, "came": true });
        let here = app.done("partner", "registerWalkIn", "participation { id state version moves }", here).await["participation"].clone();
        assert_eq!((here["state"].clone(), here["moves"].clone()), (json!("STARTED"), json!(["COMPLETE", "DISCONTINUE", "TRANSFER", "CORRECT"])));
        let pause = json!({ "id": here["id"], "expectedVersion": here["version"] });
        assert_eq!(app.rejected("partner", "pauseParticipation", MADE, pause).await, ["ILLEGAL_TRANSITION id"], "nobody stays away from one session for a while");
        let booked = walk_in_to(app, &group, &sessions[0], "Repo").await;
        hold(app, &sessions[0]).await;
        for of in [&here, &booked] {
            for (told, state, why, came) in [
                ("ABSENT", "NO_SHOW", "STAYED_AWAY", false),
                ("PRESENT", "COMPLETED", "PLANNED", true),
                ("ABSENT_NOTIFIED", "CANCELLED", "ABSENCE_ANNOUNCED", false),
                ("LATE", "COMPLETED", "PLANNED", true),
                ("ABSENT_NOTIFIED", "CANCELLED", "ABSENCE_ANNOUNCED", false),
                ("ABSENT", "NO_SHOW", "STAYED_AWAY", false),
            ] {
                attend(app, &sessions[0], of, told).await;
                let mut seen = seen(app, of).await;
                let version = seen.as_object_mut().unwrap().remove("version");
                let started = if came { json!("2026-03-02") } else { json!(null) };
                let right = json!({ "id": of["id"], "state": state, "endedFor": why, "startedOn": started, "endedOn": "2026-03-02" });
                assert_eq!(seen, right, "{told} {version:?}");
                nothing_is_wrong(app.database()).await;
            }
        }
        assert_eq!(app.count("session", "places_taken = 0").await, 1);
    }

    async fn a_session_of_which_nobody_tells_who_came_ends_and_makes_nobody_a_no_show(app) {
        let (group, sessions) = by_session(app, 2, 1, 1).await;
        on_now(app).await;
        let here = json!({ "offering": group, "session": sessions[0], "alias": "Kettu", "textVersion": TEXT, "came": true });
        let here = app.done("partner", "registerWalkIn", MADE, here).await["participation"].clone();
        let (booked, waits) = (walk_in_to(app, &group, &sessions[0], "Repo").await, walk_in_to(app, &group, &sessions[0], "Karhu").await);
        assert_eq!(api::job::due(&app.store().await).await.sessions, 0);
        let over = chrono::Utc::now() - chrono::TimeDelta::hours(1);
        let at = |hours: i64| (over - chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
        app.tamper(&format!("UPDATE session SET starts_at = '{}', ends_at = '{}'", at(1), at(0))).await;
        // Who has no place waits for nothing; who came is told for two weeks.
        let of = async |row: &Value| {
            let seen = seen(app, row).await;
            (text(&seen["state"]), seen["endedFor"].clone())
        };
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.sessions, done.failed), (1, 0));
        assert_eq!(of(&waits).await, ("LEFT_QUEUE".to_owned(), json!("SESSION_OVER")));
        assert_eq!(api::job::due(&app.later(13).await).await.sessions, 0);
        assert_eq!((of(&here).await.0, of(&booked).await.0), ("STARTED".to_owned(), "ENROLLED".to_owned()));
        let done = api::job::due(&app.later(15).await).await;
        assert_eq!((done.sessions, done.failed), (2, 0));
        assert_eq!(of(&here).await, ("COMPLETED".to_owned(), json!("PLANNED")));
        assert_eq!(of(&booked).await, ("CANCELLED".to_owned(), json!("NOT_RECORDED")));
        assert_eq!((app.count("session", "places_taken = 0").await, api::job::due(&app.later(16).await).await.sessions), (1, 0));
        nothing_is_wrong(app.database()).await;
        // Told all the same, it is put right.
        hold(app, &sessions[0]).await;
        attend(app, &sessions[0], &booked, "PRESENT").await;
        attend(app, &sessions[0], &here, "ABSENT").await;
        assert_eq!(of(&booked).await, ("COMPLETED".to_owned(), json!("PLANNED")));
        assert_eq!(of(&here).await, ("NO_SHOW".to_owned(), json!("STAYED_AWAY")));
        nothing_is_wrong(app.database()).await;
    }

    async fn nobody_attends_a_session_for_which_one_has_not_registered(app) {
        let (group, sessions) = by_session(app, 2, 0, 2).await;
        let (first, second) = (walk_in_to(app, &group, &sessions[0], "A").await, walk_in_to(app, &group, &sessions[1], "B").await);
        hold(app, &sessions[0]).await;
        let rows = json!([{ "participation": first["id"], "status": "PRESENT" }, { "participation": second["id"], "status": "PRESENT" }]);
        let refused = app.rejected("partner", "recordAttendance", "attendances { id }", json!({ "session": sessions[0], "rows": rows })).await;
        assert_eq!(refused, ["NOT_PARTICIPATING rows.1.participation"]);
    }

    async fn three_sessions_missed_in_a_row_are_told_of_though_each_is_registered_for_by_itself(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let (group, sessions) = by_session(app, 2, 0, 3).await;
        for (number, session) in sessions.iter().enumerate() {
            let input = json!({ "client": id, "offering": group, "session": session, "referral": referral });
            let made = app.done("social-worker", "registerParticipation", MADE, input).await["participation"].clone();
            let day = format!("2026-03-{:02}", number + 1);
            let of_day = format!("starts_at > '2036-01-{:02}' AND starts_at < '2036-01-{:02}'", number + 1, number + 2);
            app.tamper(&format!("UPDATE session SET state = 'HELD', starts_at = '{day} 08:00:00+00:00', ends_at = '{day} 09:00:00+00:00' WHERE {of_day}")).await;
            attend(app, session, &made, "ABSENT").await;
            assert_eq!(app.count("notice", "kind = 'REPEATED_ABSENCE'").await, i64::from(number == 2), "{number}");
        }
        assert_eq!(app.count("participation", "state = 'NO_SHOW'").await, 3);
    }

    async fn whoever_has_come_goes_over_to_another_session_or_stays(app) {
        let (group, sessions) = by_session(app, 1, 1, 3).await;
        let here = json!({ "offering": group, "session": sessions[0], "alias": "Kettu", "textVersion": TEXT, "came": true });
        // Nobody has come to what is held in ten years.
        assert_eq!(app.rejected("partner", "registerWalkIn", MADE, here.clone()).await, ["NOT_ON_OFFER session"]);
        on_now(app).await;
        let here = app.done("partner", "registerWalkIn", MADE, here).await["participation"].clone();
        let waits = walk_in_to(app, &group, &sessions[0], "Repo").await;
        walk_in_to(app, &group, &sessions[1], "Karhu").await;
        let into = |session: Option<&str>| json!({ "id": here["id"], "expectedVersion": here["version"], "offering": group, "session": session });
        // Who is here has consented for this time, and not for one in ten years.
        assert_eq!(app.rejected("partner", "transferParticipation", MADE, into(Some(&sessions[2]))).await, ["CONSENT_MISSING id"]);
        app.tamper("UPDATE consent SET expires_at = '2036-02-01 00:00:00+00:00'").await;
        for (session, refusal) in
            [(Some(&sessions[1]), "OFFERING_FULL offering"), (Some(&sessions[0]), "ALREADY_REGISTERED session"), (None, "REQUIRED session")]
        {
            assert_eq!(app.rejected("partner", "transferParticipation", MADE, into(session.map(String::as_str))).await, [refusal]);
        }
        assert_eq!((state(app, &here).await, state(app, &waits).await), ("STARTED".to_owned(), "WAITLISTED".to_owned()));
        let moved = app.done("partner", "transferParticipation", MADE, into(Some(&sessions[2]))).await["participation"].clone();
        assert_eq!((moved["state"].clone(), moved["session"]["id"].clone()), (json!("ENROLLED"), json!(sessions[2])));
        assert_eq!((state(app, &here).await, state(app, &waits).await), ("TRANSFERRED".to_owned(), "ENROLLED".to_owned()));
        assert_eq!(app.count("session", "places_taken = 1").await, 3);
        // Once it has begun, nobody gives a place up: the attendance tells who came.
        let begun = (chrono::Utc::now() - chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%S+00:00");
        app.tamper(&format!("UPDATE session SET starts_at = '{begun}' WHERE starts_at = (SELECT MIN(starts_at) FROM session)")).await;
        let late = app.rejected("partner", "cancelParticipation", MADE, json!({ "id": waits["id"], "expectedVersion": 2, "why": "CLIENT_WISH" })).await;
        assert_eq!(late, ["TOO_LATE id"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn whoever_has_booked_a_time_comes_at_another_and_has_one_of_the_two(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let ((group, sessions), (elsewhere, others)) = (by_session(app, 1, 1, 2).await, by_session(app, 1, 0, 1).await);
        let input = json!({ "client": id, "offering": group, "session": sessions[0], "referral": referral });
        let made = app.done("social-worker", "registerParticipation", MADE, input).await["participation"].clone();
        let waits = walk_in_to(app, &group, &sessions[0], "Repo").await;
        let taken = walk_in_to(app, &group, &sessions[1], "Karhu").await;
        app.tamper("UPDATE consent SET expires_at = '2037-01-01 00:00:00+00:00'").await;
        let into = |of: &Value, offering: &str, session: &str| json!({ "id": of["id"], "expectedVersion": of["version"], "offering": offering, "session": session });
        let transfer = async |actor: &str, input: Value| app.rejected(actor, "transferParticipation", MADE, input).await;
        assert_eq!(transfer("social-worker", into(&made, &group, &sessions[1])).await, ["OFFERING_FULL offering"]);
        assert_eq!(transfer("client", into(&made, &elsewhere, &others[0])).await, ["OTHER_SIDE id"]);
        // Whoever only waits has nothing to give.
        assert_eq!(transfer("partner", into(&waits, &elsewhere, &others[0])).await, ["ILLEGAL_TRANSITION id"]);
        assert_eq!((state(app, &made).await, state(app, &waits).await), ("ENROLLED".to_owned(), "WAITLISTED".to_owned()), "neither");
        let moved = app.done("social-worker", "transferParticipation", MADE, into(&made, &elsewhere, &others[0])).await["participation"].clone();
        assert_eq!((moved["state"].clone(), moved["session"]["id"].clone()), (json!("ENROLLED"), json!(others[0])));
        assert_eq!((state(app, &made).await, state(app, &waits).await), ("TRANSFERRED".to_owned(), "ENROLLED".to_owned()));
        let told = app.ask("client", "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
        assert!(told.as_array().unwrap().contains(&json!({ "kind": "PARTICIPATION_TRANSFERRED", "participationId": moved["id"] })), "{told}");
        nothing_is_wrong(app.database()).await;
        // And back again, within one offering, to a time that has come free; two who want it at once do not both have it.
        app.done("partner", "cancelParticipation", MADE, leave(&taken)).await;
        let waits = seen(app, &waits).await;
        let (one, other) = tokio::join!(
            app.payload("social-worker", "transferParticipation", MADE, into(&moved, &group, &sessions[1])),
            app.payload("partner", "transferParticipation", MADE, into(&waits, &group, &sessions[1]))
        );
        let done = [&one, &other].into_iter().filter(|payload| payload["userErrors"] == json!([])).count();
        assert_eq!(done, 1, "{one} {other}");
        assert_eq!(app.count("participation", "state = 'ENROLLED'").await, 2);
        nothing_is_wrong(app.database()).await;
        // Once it has begun, the attendance tells who came.
        let (actor, left, offering, free) =
            if one["userErrors"] == json!([]) { ("partner", &waits, &elsewhere, &others[0]) } else { ("social-worker", &moved, &group, &sessions[0]) };
        app.tamper("UPDATE session SET starts_at = '2026-03-02 08:00:00+00:00' WHERE places_taken = 1").await;
        assert_eq!(transfer(actor, into(left, offering, free)).await, ["TOO_LATE id"]);
        assert_eq!(state(app, left).await, "ENROLLED");
    }

    async fn a_place_is_held_no_longer_than_until_the_session_and_then_stays_whose_it_is(app) {
        let (group, sessions) = by_session(app, 1, 1, 1).await;
        let (first, waits) = (walk_in_to(app, &group, &sessions[0], "A").await, walk_in_to(app, &group, &sessions[0], "B").await);
        let soon = chrono::Utc::now() + chrono::TimeDelta::hours(2);
        app.tamper(&format!("UPDATE session SET starts_at = '{}'", soon.format("%Y-%m-%d %H:%M:%S+00:00"))).await;
        app.done("partner", "cancelParticipation", MADE, leave(&first)).await;
        assert_eq!(state(app, &waits).await, "ENROLLED");
        let held = app.ask("partner", "query($id: ID!) { participation(id: $id) { heldUntil } }", json!({ "id": waits["id"] })).await;
        assert_eq!(held["participation"]["heldUntil"], format!("{}.000Z", soon.format("%Y-%m-%dT%H:%M:%S")));
        assert_eq!(api::job::due(&app.store().await).await.places, 0);
        app.tamper("UPDATE session SET starts_at = '2026-03-02 08:00:00+00:00'").await;
        app.tamper("UPDATE participation SET held_until = '2026-03-02 08:00:00+00:00' WHERE held_until IS NOT NULL").await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.places, done.failed), (0, 0));
        assert_eq!(app.count("participation", "state = 'ENROLLED' AND held_until IS NULL").await, 1);
    }

    async fn whoever_acts_for_a_protected_client_is_not_told_to_which_session_that_client_goes(app) {
        let (id, _) = client(app, aino()).await;
        let guardian = opened::subject(app, "client").await;
        let with = json!({ "client": id, "subject": guardian, "kind": "GUARDIAN" });
        app.done("social-worker", "addRepresentation", "representation { id }", with).await;
        let (referral, _) = taken_on(app, &id).await;
        let (group, sessions) = by_session(app, 2, 0, 1).await;
        let input = json!({ "client": id, "offering": group, "session": sessions[0], "referral": referral });
        let made = app.done("social-worker", "registerParticipation", MADE, input).await["participation"].clone();
        hold(app, &sessions[0]).await;
        attend(app, &sessions[0], &made, "PRESENT").await;
        let told = async |actor: &str| {
            let query = "query($id: ID!) { participation(id: $id) { state session { id } attendances { nodes { status session { id } } } } }";
            let seen = app.ask(actor, query, json!({ "id": made["id"] })).await["participation"].clone();
            assert_eq!((seen["state"].clone(), seen["attendances"]["nodes"][0]["status"].clone()), (json!("COMPLETED"), json!("PRESENT")), "{actor}");
            [seen["session"]["id"].clone(), seen["attendances"]["nodes"][0]["session"]["id"].clone()]
        };
        let (all, none) = ([json!(sessions[0]), json!(sessions[0])], [Value::Null, Value::Null]);
        assert_eq!(told("client").await, all);
        app.done("social-worker", "updateIdentity", "person { version }", json!({ "client": id, "expectedVersion": 1, "identity": aino(), "protected": true })).await;
        assert_eq!(told("client").await, none);
        for serves in ["social-worker", "partner"] {
            assert_eq!(told(serves).await, all, "{serves}");
        }
        // The client oneself knows it anyway.
        app.tamper("UPDATE representation SET ended_at = created_at").await;
        account(app, &id).await;
        assert_eq!(told("client").await, all);
    }

    async fn the_map_finds_what_has_a_free_place_in_any_session_to_come(app) {
        let (times, sessions) = by_session(app, 1, 0, 2).await;
        let find = "query($free: Boolean!) { serviceMap(filter: { hasFreePlaces: $free }) { nodes { offering { id } freePlaces } } }";
        let found = async |free: bool| app.ask("", find, json!({ "free": free })).await["serviceMap"]["nodes"].clone();
        let entry = |free: i32| json!([{ "offering": { "id": times }, "freePlaces": free }]);
        assert_eq!((found(true).await, found(false).await), (entry(2), json!([])));
        walk_in_to(app, &times, &sessions[0], "Kettu").await;
        assert_eq!((found(true).await, found(false).await), (entry(1), json!([])));
        walk_in_to(app, &times, &sessions[1], "Repo").await;
        assert_eq!((found(true).await, found(false).await), (json!([]), entry(0)));
    }

    async fn a_registration_for_a_session_reads_nothing_else_of_the_catalogue_again(app) {
        let (times, sessions) = by_session(app, 4, 0, 1).await;
        let (other, _) = by_session(app, 4, 0, 1).await;
        let leader = async || {
            let query = "query($id: ID!) { serviceOffering(id: $id) { sessions { nodes { leader } } } }";
            app.ask("", query, json!({ "id": other })).await["serviceOffering"]["sessions"]["nodes"][0]["leader"].clone()
        };
        // Past all doors, so that only a whole new reading shows it.
        app.tamper("UPDATE session SET leader = 'Kettu' WHERE offering_id <> (SELECT offering_id FROM session ORDER BY created_at, id LIMIT 1)").await;
        walk_in_to(app, &times, &sessions[0], "Repo").await;
        assert_eq!(places(app, &times).await.1, [json!({ "placesTaken": 1, "freePlaces": 3 })]);
        assert_eq!(leader().await, json!(null));
        let plan = json!({ "offering": times, "date": "2036-02-01", "time": "10:00", "minutes": 45 });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", plan).await;
        assert_eq!(leader().await, "Kettu");
    }
}
