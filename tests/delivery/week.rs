//! A whole week of somebody who works for an association, done through the API: a group is published and held, doors are open, somebody is met outside.
use super::given::walk_in;
use crate::{
    catalogue_given::{agreed_venue, subject},
    outreach_given::{contact, day, handle, met, outing, shift},
    promise::wrong::nothing_is_wrong,
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;
use tests::stories;

stories! {
    async fn a_week_at_an_association(app) {
        // Monday: a group is made known, and two come along.
        let form = json!({
            "organization": app.world.organization("ngo"), "name": { "fi": "Aamukahvit" }, "forWhom": { "fi": "Kaikille aikuisille." },
            "contact": { "fi": "Tule ovelle." }, "venue": agreed_venue(app, true).await, "leaderAccount": subject("partner"),
            "date": "2035-03-21", "time": "10:00", "minutes": 90, "rule": "FREQ=WEEKLY;BYDAY=WE", "until": "2035-04-04", "idempotencyKey": "aamukahvit",
        });
        let group = app.done("partner", "publishOpenActivity", "serviceOffering { id }", form).await["serviceOffering"]["id"].as_str().unwrap().to_owned();
        let (kettu, repo) = (walk_in(app, &group, "Kettu").await, walk_in(app, &group, "Repo").await);
        let calendar = app.done("partner", "createCalendarFeed", "calendarUrl", json!({ "label": "Puhelin" })).await["calendarUrl"].as_str().unwrap().to_owned();
        let own = app.send(Request::builder().uri(&calendar).body(Body::empty()).unwrap()).await;
        assert_eq!((own.status, own.text.matches("BEGIN:VEVENT").count()), (StatusCode::OK, 3));
        // Tuesday: doors are open; two phones tell of visits at once, one of them twice because the network was gone.
        let doors = app.done("partner", "openDropInDay", "dropInDay { id }", day(app)).await["dropInDay"]["id"].clone();
        let tap = |key: &str, visits: i32| json!({ "id": doors, "visits": visits, "estimatedPersons": visits, "helpGiven": [{ "theme": "FOOD_AID", "count": 1 }], "idempotencyKey": key });
        tokio::join!(
            app.done("partner", "addToDropInDay", "dropInDay { id }", tap("a", 5)),
            app.done("partner", "addToDropInDay", "dropInDay { id }", tap("b", 3)),
            app.done("partner", "addToDropInDay", "dropInDay { id }", tap("b", 3)),
        );
        let counted = "dropInDay { state version counts { visits estimatedPersons } helpGiven { theme count } }";
        let closed = app.done("partner", "closeDropInDay", counted, json!({ "id": doors, "expectedVersion": 3 })).await["dropInDay"].clone();
        assert_eq!(closed["counts"], json!({ "visits": 8, "estimatedPersons": 8 }));
        assert_eq!(closed["helpGiven"], json!([{ "theme": "FOOD_AID", "count": 2 }]));
        // Wednesday: the group meets; one comes and the other does not.
        let planned = app.ask("", "query($id: ID!) { serviceOffering(id: $id) { sessions { nodes { id } } } }", json!({ "id": group })).await;
        let session = planned["serviceOffering"]["sessions"]["nodes"][0]["id"].clone();
        app.tamper("UPDATE session SET starts_at = '2026-03-04 08:00:00+00:00', ends_at = '2026-03-04 09:30:00+00:00' WHERE starts_at < '2035-03-25'").await;
        app.done("partner", "holdSession", "session { state }", json!({ "id": session, "expectedVersion": 1 })).await;
        let rows = json!([{ "participation": kettu["id"], "status": "PRESENT", "minutes": 90 }, { "participation": repo["id"], "status": "ABSENT" }]);
        app.done("partner", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await;
        // Thursday: outside, somebody who gives no name gets a word to come back with.
        let out = app.done("partner", "beginOutreachShift", "outreachShift { id version }", shift(app)).await["outreachShift"].clone();
        let (_, word) = handle(app).await;
        for with_word in [true, false] {
            let mut somebody = contact(app);
            somebody["shift"] = out["id"].clone();
            if with_word {
                somebody["codeWord"] = json!(word);
            }
            met(app, somebody).await;
        }
        let end = json!({ "id": out["id"], "expectedVersion": out["version"], "to": "21:30", "km": 12 });
        app.done("partner", "endOutreachShift", "outreachShift { id }", end).await;
        // Friday: an outing is written down afterwards, and Tuesday's count put right.
        app.done("partner", "recordOpenEvent", "openEvent { id }", outing(app)).await;
        let right = json!({
            "id": doors, "expectedVersion": closed["version"], "reason": "Yksi laskettiin kahdesti.",
            "counts": { "visits": 7, "estimatedPersons": 7, "firstTimers": 1 }, "helpGiven": [{ "theme": "FOOD_AID", "count": 2 }],
        });
        app.done("partner", "correctDropInDay", "dropInDay { id }", right).await;
        // What the week comes to, as the association sees it; and others see nothing of it.
        let week = "query($o: ID!) { participations(organization: $o) { nodes { alias state } } dropInDays { nodes { state counts { visits } } }
                    anonymousContacts { totalCount } outreachShifts { nodes { state } } openEvents { totalCount } }";
        let seen = app.ask("partner", week, json!({ "o": app.world.organization("ngo") })).await;
        assert_eq!(
            seen,
            json!({
                "participations": { "nodes": [{ "alias": "Kettu", "state": "STARTED" }, { "alias": "Repo", "state": "ENROLLED" }] },
                "dropInDays": { "nodes": [{ "state": "CORRECTED", "counts": { "visits": 7 } }] },
                "anonymousContacts": { "totalCount": 2 }, "outreachShifts": { "nodes": [{ "state": "ENDED" }] }, "openEvents": { "totalCount": 1 },
            })
        );
        let nothing = json!({
            "participations": { "nodes": [] }, "dropInDays": { "nodes": [] },
            "anonymousContacts": { "totalCount": 0 }, "outreachShifts": { "nodes": [] }, "openEvents": { "totalCount": 0 },
        });
        assert_eq!(app.ask("partner-b", week, json!({ "o": app.world.organization("ngo") })).await, nothing);
        nothing_is_wrong(app.database()).await;
    }
}
