//! When something is given: what partners reckon out of the recurrences is what is held.
use super::{
    given::{get, uuid},
    schema::{Is, check},
};
use crate::catalogue_given::{agreed_venue, offering, published, whole_service};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// A group of the association in a venue.
async fn group(app: &TestApp) -> String {
    let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
    let at = json!({ "startsOn": "2035-01-01", "venue": agreed_venue(app, true).await });
    offering(app, "partner", "ngo", &service, at).await
}

async fn plan(app: &TestApp, offering: &str, rule: &str, date: &str, until: &str) {
    let input = json!({ "offering": offering, "rule": rule, "date": date, "time": "10:00", "until": until, "minutes": 90 });
    app.done("partner", "scheduleSessions", "serviceOffering { id }", input).await;
}

async fn sessions(app: &TestApp, offering: &str) -> Vec<Value> {
    let query = "query($id: ID!) { serviceOffering(id: $id) { sessions(first: 100) { nodes { id startsAt endsAt state } } } }";
    app.ask("", query, json!({ "id": offering })).await["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().clone()
}

async fn schedules(app: &TestApp, offering: &str) -> Vec<Value> {
    let spot = get(app, &format!("/hsds/service_at_locations/{}", uuid(offering))).await;
    check(Is::ServiceAtLocation, &spot);
    spot["schedules"].as_array().cloned().unwrap_or_default()
}

/// What somebody who knows RFC 5545 and nothing of us makes of a schedule: starts and ends.
fn reckoned(schedule: &Value) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let text = |key: &str| schedule[key].as_str();
    let clock = |key: &str| {
        let (time, offset) = text(key).unwrap().split_at(5);
        let (hours, minutes) = offset[1..].split_once(':').unwrap();
        let ahead = TimeDelta::hours(hours.parse().unwrap()) + TimeDelta::minutes(minutes.parse().unwrap());
        (time.parse::<NaiveTime>().unwrap(), if offset.starts_with('-') { -ahead } else { ahead })
    };
    let ((opens, ahead), (closes, ahead_after)) = (clock("opens_at"), clock("closes_at"));
    assert_eq!(schedule["timezone"], json!(ahead.num_hours()));
    let day = |key: &str| text(key).unwrap().replace('-', "");
    let mut rule = format!("DTSTART:{}T{}Z\nRRULE:FREQ={};INTERVAL={}", day("dtstart"), opens.format("%H%M%S"), text("freq").unwrap(), schedule["interval"]);
    for (name, key) in [("BYDAY", "byday"), ("BYMONTHDAY", "bymonthday"), ("WKST", "wkst")] {
        if let Some(value) = text(key) {
            rule.extend([";", name, "=", value]);
        }
    }
    let end = match schedule["count"].as_u64() {
        Some(count) => format!(";COUNT={count}"),
        None => format!(";UNTIL={}T235959Z", day("until")),
    };
    rule.push_str(&end);
    let set: rrule::RRuleSet = rule.parse().unwrap_or_else(|fault| panic!("{rule}: {fault}"));
    let spell = |at: NaiveDateTime| {
        let end = at.date().and_time(closes) + if closes <= opens { TimeDelta::days(1) } else { TimeDelta::zero() };
        ((at - ahead).and_utc(), (end - ahead_after).and_utc())
    };
    set.all(1_000).dates.into_iter().map(|at| spell(at.naive_utc())).collect()
}

/// What is told is what is planned, each once.
async fn exact(app: &TestApp, offering: &str) -> Vec<Value> {
    let told = schedules(app, offering).await;
    let mut reckoned: Vec<_> = told.iter().flat_map(reckoned).collect();
    reckoned.sort();
    let time = |session: &Value, key: &str| session[key].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let planned: Vec<_> = sessions(app, offering)
        .await
        .iter()
        .filter(|session| session["state"] == "PLANNED")
        .map(|session| (time(session, "startsAt"), time(session, "endsAt")))
        .collect();
    assert_eq!(reckoned, planned, "{told:#?}");
    told
}

stories! {
    async fn a_recurrence_is_one_schedule_on_either_side_of_a_change_of_the_clock(app) {
        let id = group(app).await;
        plan(app, &id, "FREQ=WEEKLY;BYDAY=WE", "2035-10-10", "2035-11-14").await;
        let told = exact(app, &id).await;
        let spells: Vec<_> = told.iter().map(|one| (one["dtstart"].as_str().unwrap(), one["until"].as_str().unwrap(), one["opens_at"].as_str().unwrap())).collect();
        assert_eq!(spells, [("2035-10-10", "2035-10-24", "10:00+03:00"), ("2035-10-31", "2035-11-14", "10:00+02:00")]);
        assert_eq!((&told[0]["freq"], &told[0]["byday"], &told[0]["closes_at"]), (&json!("WEEKLY"), &json!("WE"), &json!("11:30+03:00")));
        let calendar = told[0]["schedule_link"].as_str().unwrap();
        assert!(calendar.starts_with("http://palvelut.example/calendar/offering/"), "{calendar}");
        let read = super::given::fetch(app, axum::http::Method::GET, calendar.strip_prefix("http://palvelut.example").unwrap(), &[]).await;
        assert_eq!(read.status, axum::http::StatusCode::OK);
    }

    async fn every_rule_is_told_exactly_also_where_the_standard_has_no_word_for_it(app) {
        for (rule, date, until) in [
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU", "2035-09-03", "2035-12-20"),
            ("FREQ=WEEKLY;COUNT=5", "2035-03-07", "2035-12-31"),
            ("FREQ=DAILY", "2035-03-20", "2035-03-30"),
            ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2035-03-20", "2035-04-05"),
            ("FREQ=DAILY;INTERVAL=3", "2035-03-01", "2035-04-10"),
            ("FREQ=MONTHLY", "2035-01-31", "2035-12-31"),
            ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU", "2035-01-09", "2036-01-31"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "2035-01-01", "2035-06-30"),
            ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "2035-01-30", "2035-06-30"),
            ("FREQ=YEARLY;BYMONTH=6", "2035-06-05", "2037-06-30"),
        ] {
            let id = group(app).await;
            plan(app, &id, rule, date, until).await;
            assert!(!exact(app, &id).await.is_empty(), "{rule}");
        }
    }

    async fn what_is_cancelled_is_not_told_and_what_is_moved_is_told_where_it_is(app) {
        let id = group(app).await;
        plan(app, &id, "FREQ=WEEKLY", "2035-05-02", "2035-06-27").await;
        assert_eq!(exact(app, &id).await.len(), 1);
        let before = sessions(app, &id).await;
        let reason = json!({ "fi": "Ohjaaja on sairaana." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": before[2]["id"], "expectedVersion": 1, "reason": reason })).await;
        app.done("partner", "moveSession", "session { id }", json!({ "id": before[5]["id"], "expectedVersion": 1, "date": "2035-06-07", "time": "23:30", "minutes": 60, "reason": reason })).await;
        let elsewhere = agreed_venue(app, true).await;
        app.done("partner", "moveSession", "session { id }", json!({ "id": before[7]["id"], "expectedVersion": 1, "date": "2035-06-20", "time": "10:00", "minutes": 90, "venue": elsewhere, "reason": reason })).await;
        let told = exact(app, &id).await;
        assert_eq!(told.len(), 6, "four runs, what was moved, and what is elsewhere");
        let there: Vec<_> = told.iter().filter(|one| !one["location_id"].is_null()).collect();
        assert_eq!((there.len(), &there[0]["location_id"], &there[0]["description"]), (1, &json!(uuid(&elsewhere)), &json!("Kylätalo")));
        assert!(!told.iter().any(|one| one.to_string().contains("sairaana")));
    }

    async fn a_schedule_keeps_its_id(app) {
        let id = group(app).await;
        plan(app, &id, "FREQ=WEEKLY", "2035-05-02", "2035-06-27").await;
        let before = exact(app, &id).await;
        let sessions = sessions(app, &id).await;
        // As it is once the first ones are over.
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions[0]["id"], "expectedVersion": 1, "reason": { "fi": "Ei tänään." } })).await;
        let after = exact(app, &id).await;
        assert_eq!((&after[0]["id"], &after[0]["until"]), (&before[0]["id"], &before[0]["until"]));
        assert_ne!(after[0]["dtstart"], before[0]["dtstart"]);
    }
}
