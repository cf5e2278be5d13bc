//! Reports of open work and of sessions: visits, contacts and places, which are not persons.
use super::given::{clients, come, refused, report, service, told};
use crate::{
    delivery::given::held,
    outreach_given::{contact, day},
    person::given::text,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

fn counts(told: &Value, key: &str) -> Vec<(String, Value)> {
    let section = told["sections"].as_array().unwrap().iter().find(|section| section["key"] == key).unwrap_or_else(|| panic!("no {key} in {told}"));
    let rows = section["rows"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["key"]), row["figure"]["numerator"].clone())).filter(|(_, count)| *count != json!(0)).collect()
}

fn expected(rows: &[(&str, i32)]) -> Vec<(String, Value)> {
    rows.iter().map(|(key, count)| ((*key).to_owned(), json!(count))).collect()
}

/// A drop-in day of the county in a municipality, closed with these counts: its id.
async fn counted(app: &TestApp, on: &str, municipality: &str, counts: Value) -> String {
    let mut input = day(app);
    (input["organization"], input["effectiveDate"]) = (json!(app.world.organization("county")), json!(on));
    input["content"]["place"] = json!({ "area": app.world.municipality(municipality) });
    (input["content"]["counts"], input["content"]["helpGiven"]) = (counts, json!([{ "theme": "DEBT", "count": 30 }]));
    let id = text(&app.done("social-worker", "openDropInDay", "dropInDay { id }", input).await["dropInDay"]["id"]);
    app.done("social-worker", "closeDropInDay", "dropInDay { id }", json!({ "id": id, "expectedVersion": 1 })).await;
    id
}

fn visits(visits: i32, persons: i32) -> Value {
    json!({ "visits": visits, "estimatedPersons": persons, "firstTimers": 1, "byGender": [{ "gender": "FEMALE", "count": visits - 6 }], "byAgeBand": [{ "band": { "from": 18, "to": 29 }, "count": 6 }] })
}

stories! {
    async fn visits_are_counted_once_their_day_is_closed(app) {
        let first = counted(app, "2026-01-15", "297", visits(12, 9)).await;
        counted(app, "2026-02-10", "297", visits(10, 9)).await;
        counted(app, "2026-02-11", "140", visits(8, 8)).await;
        // A day on which visits are still being counted, and one that was made by mistake, count for nothing.
        let mut open = day(app);
        (open["organization"], open["content"]["counts"]) = (json!(app.world.organization("county")), json!({ "visits": 90 }));
        app.done("social-worker", "openDropInDay", "dropInDay { id }", open).await;
        let mistake = counted(app, "2026-02-12", "297", visits(50, 50)).await;
        app.done("social-worker", "voidDropInDay", "dropInDay { id }", json!({ "id": mistake, "expectedVersion": 2, "reason": "Kirjattu kahdesti" })).await;
        let all = report("dropInCounts");
        let before = told(app, &format!("knownAt {all}"), json!({})).await;
        let drop_in = &before["dropInCounts"];
        assert_eq!((&drop_in["counted"], &drop_in["population"]["numerator"]), (&json!("VISITS"), &json!(30)));
        assert_eq!(counts(drop_in, "PERSONS"), expected(&[("PERSONS_OF_DAYS", 26), ("FIRST_TIMERS", 3)]));
        assert_eq!(counts(drop_in, "GENDER"), expected(&[("FEMALE", 12), ("NOT_RECORDED", 18)]));
        assert_eq!(counts(drop_in, "AGE"), expected(&[("18_29", 18), ("NOT_RECORDED", 12)]));
        assert_eq!(counts(drop_in, "MONTHS"), expected(&[("2026-01", 12), ("2026-02", 18)]));
        // Help is no visit: ninety times with thirty visits.
        assert_eq!(counts(drop_in, "HELP"), expected(&[("DEBT", 90)]));
        let kuopio = format!("dropInCounts(area: \"{}\", from: \"2026-02-01\")", app.world.municipality("297"));
        assert_eq!(told(app, &report(&kuopio), json!({})).await["dropInCounts"]["population"]["numerator"], 10);
        assert_eq!(told(app, &all, json!({ "asOf": "2026-01-31" })).await["dropInCounts"]["population"]["numerator"], 12);
        // A correction is told from then on, and what was known before is told as it was.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let right = json!({ "id": first, "expectedVersion": 2, "counts": { "visits": 20, "estimatedPersons": 15 }, "reason": "Iltapäivä puuttui" });
        app.done("social-worker", "correctDropInDay", "dropInDay { id }", right).await;
        assert_eq!(told(app, &all, json!({})).await["dropInCounts"]["population"]["numerator"], 38);
        assert_eq!(told(app, &format!("knownAt {all}"), json!({ "knownAt": before["knownAt"] })).await, before);
        for wrong in ["dropInCounts(from: \"2099-01-01\")".to_owned(), format!("dropInCounts(area: \"{}\")", domain::id::Kinded::to_public(domain::id::AreaId::new()))] {
            let why = refused(app, &report(&wrong), json!({})).await;
            assert_eq!(why, [if wrong.contains("from") { "DATE_ORDER from" } else { "UNKNOWN_REFERENCE area" }]);
        }
    }

    async fn what_is_published_of_visits_is_cut_once_and_not_subtracted(app) {
        counted(app, "2026-01-15", "297", visits(40, 30)).await;
        let second = counted(app, "2026-02-10", "140", visits(20, 15)).await;
        let publish = json!({ "as": "PUBLISHABLE" });
        let kuopio = report(&format!("dropInCounts(area: \"{}\")", app.world.municipality("297")));
        let told_now = async |fields: &str| told(app, fields, publish.clone()).await["dropInCounts"].clone();
        let first = told_now(&kuopio).await;
        assert_eq!(first["population"]["numerator"], 40);
        // One who was there for the first time is not told.
        assert_eq!(counts(&first, "PERSONS")[1].1, json!(null));
        // Beside a place another place can stand, and neither all of them nor a part of the time.
        told_now(&report(&format!("dropInCounts(area: \"{}\")", app.world.municipality("140")))).await;
        assert_eq!(refused(app, &report("dropInCounts"), publish.clone()).await, ["RELEASED_OTHERWISE area"]);
        let part = report(&format!("dropInCounts(area: \"{}\", from: \"2026-01-02\")", app.world.municipality("297")));
        assert_eq!(refused(app, &part, publish.clone()).await, ["RELEASED_OTHERWISE from"]);
        // Nor does a cohort open another way around, since it does not narrow visits.
        let mut other = publish.clone();
        other["cohort"] = json!({ "serviceTasks": ["WORKING_AGE_SERVICES"] });
        assert_eq!(refused(app, &report("dropInCounts"), other).await, ["RELEASED_OTHERWISE area"]);
        // Two visits more are not told by subtracting.
        let right = json!({ "id": second, "expectedVersion": 2, "counts": { "visits": 22, "estimatedPersons": 15 }, "reason": "Kaksi puuttui" });
        app.done("social-worker", "correctDropInDay", "dropInDay { id }", right).await;
        let later = told_now(&report(&format!("dropInCounts(area: \"{}\")", app.world.municipality("140")))).await;
        assert_eq!(later["population"]["numerator"], json!(null));
        assert_eq!(app.count("report_release", "cut IS NOT NULL").await, 3);
    }

    async fn contacts_are_counted_and_what_was_a_mistake_is_not(app) {
        let mut made = Vec::new();
        for (at, channel) in ["FIELD", "FIELD", "BUS", "PHONE", "FIELD", "FIELD"].iter().enumerate() {
            let mut input = contact(app);
            (input["organization"], input["effectiveDate"]) = (json!(app.world.organization("county")), json!(format!("2026-0{}-15", at / 3 + 1)));
            input["content"]["channel"] = json!(channel);
            made.push(text(&app.done("social-worker", "recordAnonymousContact", "anonymousContact { id }", input).await["anonymousContact"]["id"]));
        }
        let before = told(app, &format!("knownAt {}", report("outreachCounts")), json!({})).await;
        assert_eq!(before["outreachCounts"]["population"]["numerator"], 6);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let void = json!({ "id": made[5], "expectedVersion": 1, "reason": "Kirjattu kahdesti" });
        app.done("social-worker", "voidAnonymousContact", "anonymousContact { id }", void).await;
        let outreach = told(app, &report("outreachCounts"), json!({})).await["outreachCounts"].clone();
        assert_eq!((&outreach["counted"], &outreach["population"]["numerator"]), (&json!("CONTACTS"), &json!(5)));
        assert_eq!(counts(&outreach, "CHANNEL"), expected(&[("FIELD", 3), ("PHONE", 1), ("BUS", 1)]));
        assert_eq!(counts(&outreach, "MONTHS"), expected(&[("2026-01", 3), ("2026-02", 2)]));
        // A contact with two themes is one contact, and in two rows.
        let themes = &outreach["sections"].as_array().unwrap()[4];
        assert_eq!((&themes["total"]["numerator"], &themes["distinctClients"]["numerator"]), (&json!(10), &json!(5)));
        let again = told(app, &format!("knownAt {}", report("outreachCounts")), json!({ "knownAt": before["knownAt"] })).await;
        assert_eq!(again, before);
    }

    async fn places_are_used_at_sessions_that_were_held(app) {
        let all = clients(app, 0..6).await;
        let group = service(app, "Ryhmä", "GROUP_WELLBEING").await;
        let (came, _) = come(app, &group, &all, "2026-03-02").await;
        let session = held(app, "social-worker", &group, "2026-04-02").await;
        let rows: Vec<_> = came.iter().enumerate().map(|(at, row)| json!({ "participation": row, "status": if at < 4 { "LATE" } else { "ABSENT" }, "minutes": if at < 4 { json!(30) } else { json!(null) } })).collect();
        app.done("social-worker", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await;
        // A session that is planned has no places that were used, or left.
        let plan = json!({ "offering": group, "date": "2036-01-02", "time": "10:00", "minutes": 60 });
        app.done("social-worker", "scheduleSessions", "serviceOffering { id }", plan).await;
        let used = told(app, &report("capacityUse"), json!({})).await["capacityUse"].clone();
        assert_eq!((&used["counted"], &used["population"]["numerator"]), (&json!("PLACES"), &json!(60)));
        assert_eq!(counts(&used, "USE"), expected(&[("USED", 10), ("ABSENT", 2), ("FREE", 48)]));
        assert_eq!(counts(&used, "PURCHASED"), expected(&[("USED", 10), ("ABSENT", 2), ("FREE", 48)]));
        assert_eq!(counts(&used, "MONTHS"), expected(&[("2026-03", 30), ("2026-04", 30)]));
        let april = told(app, &report("capacityUse(from: \"2026-03-03\")"), json!({})).await["capacityUse"].clone();
        assert_eq!(counts(&april, "USE"), expected(&[("USED", 4), ("ABSENT", 2), ("FREE", 24)]));
        let march = told(app, &report("capacityUse"), json!({ "asOf": "2026-03-31" })).await["capacityUse"].clone();
        assert_eq!(counts(&march, "USE"), expected(&[("USED", 6), ("FREE", 24)]));
    }
}
