//! Reports of how long it took, what it has changed, what it has cost, and what was consented to: counted as they are defined, where counting rows would be wrong.
use super::given::{clients, refused, report, rows, told};
use crate::{
    casework::{given::step, opened::started},
    funding::{
        delivery::{OF as EVENT, confirmed, given, recorded},
        purchase_order as order,
    },
    person::given::{client, sent},
};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

fn section<'a>(told: &'a Value, key: &str) -> &'a Value {
    told["sections"].as_array().unwrap().iter().find(|section| section["key"] == key).unwrap_or_else(|| panic!("no {key} in {told}"))
}

fn counts(section: &Value) -> Vec<Value> {
    section["rows"].as_array().unwrap().iter().map(|row| row["figure"]["numerator"].clone()).collect()
}

/// The clients of so many numbers with a case that is pending and no more.
async fn pending(app: &TestApp, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let identity = json!({ "firstNames": format!("Odottava {number}"), "lastName": "Luku", "birthDate": "1980-01-02", "gender": "MALE", "language": "fi" });
        let (client, _) = client(app, identity).await;
        started(app, &client).await;
    }
}

/// Measures the work ability of a case in a phase.
async fn rated(app: &TestApp, case: &str, phase: &str, value: i32) {
    let answers = json!([{ "item": "work_ability", "value": value }]);
    let input = json!({ "case": case, "instrument": "WAS", "phase": phase, "answers": answers });
    app.done("social-worker", "recordInstrumentResponse", "instrumentResponse { id }", input).await;
}

stories! {
    async fn whoever_waits_still_is_counted_among_those_who_wait(app) {
        clients(app, 0..6).await;
        pending(app, 0..5).await;
        let now = told(app, &report("waitingTimes"), json!({})).await["waitingTimes"].clone();
        assert_eq!((&now["counted"], &now["population"]["numerator"]), (&json!("WAITING"), &json!(11)));
        let start = section(&now, "PROMISE_ASSESSMENT_START");
        assert_eq!(counts(start), [6, 0, 0, 5, 0]);
        assert_eq!((&start["mean"]["unit"], &start["mean"]["of"]["numerator"], &start["mean"]["meanHundredths"]), (&json!("DAYS"), &json!(6), &json!(0)));
        assert_eq!(told(app, &report("registeredClients"), json!({})).await["registeredClients"]["population"]["numerator"], 6);
        // Those who began late, and those whose time is over and who wait still: by those who have begun alone all would be well.
        app.tamper("UPDATE client_case SET pending_at = '2026-02-02 08:00:00+00:00' WHERE opened_at IS NULL").await;
        let late = told(app, &report("waitingTimes"), json!({})).await["waitingTimes"].clone();
        assert_eq!(counts(section(&late, "PROMISE_ASSESSMENT_START")), [6, 0, 5, 0, 0]);
        // What has happened since had not happened then.
        let then = told(app, &report("waitingTimes"), json!({ "asOf": "2026-02-03" })).await["waitingTimes"].clone();
        assert_eq!((counts(section(&then, "PROMISE_ASSESSMENT_START")), &then["population"]["numerator"]), (vec![json!(0), json!(0), json!(0), json!(5), json!(0)], &json!(5)));
        // A cohort by days of opening has nobody who waits for it.
        let opened = json!({ "cohort": { "openedFrom": "2026-01-01" } });
        assert_eq!(told(app, &report("waitingTimes"), opened).await["waitingTimes"]["population"]["numerator"], 6);
    }

    async fn so_few_who_wait_are_not_told_by_subtracting(app) {
        clients(app, 0..8).await;
        pending(app, 0..2).await;
        let both = format!("{} {}", report("registeredClients"), report("waitingTimes"));
        let told = told(app, &both, json!({ "as": "PUBLISHABLE" })).await;
        assert_eq!(told["registeredClients"]["population"]["numerator"], 8);
        assert_eq!(told["waitingTimes"]["population"], json!({ "numerator": null, "denominator": null, "shareBp": null, "percent": null, "suppressed": true }));
        for section in told["waitingTimes"]["sections"].as_array().unwrap() {
            assert!(counts(section).iter().all(Value::is_null) && section["mean"]["meanHundredths"].is_null(), "{section}");
        }
    }

    async fn change_is_told_of_pairs_and_of_nobody_else(app) {
        let all = clients(app, 0..12).await;
        for (at, (_, case)) in all.iter().enumerate() {
            rated(app, case, "BASELINE", 4).await;
            // Two are measured at the beginning only, and one of them very well on the way.
            if at < 10 {
                rated(app, case, "FINAL", if at < 7 { 6 } else { 3 }).await;
            }
        }
        rated(app, &all[11].1, "INTERIM", 10).await;
        let was = report("outcomeChange(instrument: \"WAS\")");
        let change = told(app, &was, json!({})).await["outcomeChange"].clone();
        let told_of = |told: &Value, key: &str| {
            let section = section(told, key);
            (section["mean"]["of"]["numerator"].clone(), section["mean"]["meanHundredths"].clone())
        };
        assert_eq!(counts(section(&change, "WAS_CHANGE")), [7, 0, 3]);
        assert_eq!(told_of(&change, "WAS_BEFORE"), (json!(10), json!(400)));
        assert_eq!(told_of(&change, "WAS_AFTER"), (json!(10), json!(510)));
        assert_eq!(told_of(&change, "WAS_CHANGE"), (json!(10), json!(110)));
        // Three of ten are too few to be told.
        let published = told(app, &was, json!({ "as": "PUBLISHABLE" })).await["outcomeChange"].clone();
        assert_eq!(published["population"]["numerator"], 12);
        assert_eq!(counts(section(&published, "WAS_CHANGE")), [json!(7), json!(0), json!(null)]);
        // Two of twelve are in no pair: how many pairs there are would tell of them, and with it that the averages are of so many.
        assert_eq!(told_of(&published, "WAS_CHANGE"), (json!(null), json!(null)));
        assert_eq!(refused(app, &report("outcomeChange(instrument: \"NOPE\")"), json!({})).await, ["UNKNOWN_CODE instrument"]);
    }

    async fn only_what_was_accepted_has_cost_anything(app) {
        let ground = order::ground(app).await;
        app.tamper("UPDATE client_case SET opened_at = pending_at").await;
        clients(app, 0..5).await;
        let placed = confirmed(app, &ground, 4).await;
        let first = recorded(app, &placed, given(100)).await;
        let second = recorded(app, &placed, given(200)).await;
        step(app, "social-worker", "approveDeliveryEvent", EVENT, &first, json!({})).await;
        let both = format!("knownAt {} {}", report("costPerClient"), report("costPerCompletedPath"));
        let before = told(app, &both, json!({})).await;
        let all = section(&before["costPerClient"], "ALL")["mean"].clone();
        assert_eq!((&all["unit"], &all["of"]["numerator"], &all["meanHundredths"], &all["medianHundredths"]), (&json!("EUROS"), &json!(1), &json!(5_000), &json!(5_000)));
        assert_eq!(section(&before["costPerClient"], "GROUP_WELLBEING")["mean"]["meanHundredths"], 5_000);
        assert_eq!(section(&before["costPerClient"], "WORKSHOP")["mean"], json!(null));
        // Nobody has come to the end of a path: there is nobody to whom it falls.
        assert_eq!(section(&before["costPerCompletedPath"], "SHARED")["mean"], json!(null));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        step(app, "social-worker", "approveDeliveryEvent", EVENT, &second, json!({})).await;
        let path = json!({ "case": ground.case, "destination": "NGO_OPEN", "recipient": app.world.organization("ngo"), "content": { "note": "Käsityöryhmä." } });
        let of = ("followOnPath", "state");
        let planned = app.done("service-guide", "planFollowOnPath", "followOnPath { id version }", path).await["followOnPath"].clone();
        let guided = step(app, "service-guide", "guideToFollowOnPath", of, &planned, json!({ "on": in_days(-1) })).await;
        step(app, "service-guide", "recordPathArrival", of, &guided, json!({ "arrival": "STARTED", "arrivedOn": in_days(0), "source": "RECIPIENT" })).await;
        let after = told(app, &both, json!({})).await;
        assert_eq!(section(&after["costPerClient"], "ALL")["mean"]["meanHundredths"], 15_000);
        let shared = section(&after["costPerCompletedPath"], "SHARED")["mean"].clone();
        assert_eq!((&shared["of"]["numerator"], &shared["meanHundredths"], &shared["medianHundredths"]), (&json!(1), &json!(15_000), &json!(null)));
        assert_eq!(told(app, &both, json!({ "knownAt": before["knownAt"] })).await, before);
        // What one client has cost is nobody's to publish.
        let published = told(app, &both, json!({ "as": "PUBLISHABLE" })).await;
        assert_eq!(section(&published["costPerClient"], "ALL")["mean"]["meanHundredths"], json!(null));
    }

    async fn consents_stand_as_they_stood(app) {
        let mut given = Vec::new();
        for number in 0..6 {
            let identity = json!({ "firstNames": format!("Suostuva {number}"), "lastName": "Luku", "birthDate": "1980-01-02", "gender": "MALE", "language": "fi" });
            let (client, _) = client(app, identity).await;
            given.push(sent(app, &client).await.1);
            if number == 3 {
                assert_eq!(refused(app, &report("consentStatistics"), json!({})).await, ["COHORT_TOO_SMALL cohort"]);
            }
        }
        let all = format!("knownAt {}", report("consentStatistics"));
        let before = told(app, &all, json!({})).await;
        assert_eq!((&before["consentStatistics"]["counted"], &before["consentStatistics"]["population"]["numerator"]), (&json!("CONSENTS"), &json!(6)));
        assert_eq!(counts(section(&before["consentStatistics"], "STATE")), [6, 0, 0, 0]);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        app.done("social-worker", "withdrawConsent", "consent { state }", json!({ "id": given[0], "expectedVersion": 1 })).await;
        // Its time was over before the clock has come by to mark it.
        app.tamper("UPDATE consent SET given_at = '2026-01-02 08:00:00+00:00', expires_at = '2026-02-02 08:00:00+00:00' WHERE state = 'GIVEN'").await;
        let now = told(app, &report("consentStatistics"), json!({})).await["consentStatistics"].clone();
        assert_eq!((counts(section(&now, "STATE")), counts(section(&now, "REFERRAL")), counts(section(&now, "PHOTO"))), ([0, 1, 5, 0].map(Value::from).to_vec(), [0, 1, 5, 0].map(Value::from).to_vec(), [0, 0, 0, 0].map(Value::from).to_vec()));
        let then = told(app, &report("consentStatistics"), json!({ "asOf": "2026-01-31" })).await["consentStatistics"].clone();
        assert_eq!(counts(section(&then, "STATE")), [5, 0, 0, 0]);
        // One who has withdrawn is not told, nor is it told by the five beside.
        let published = told(app, &report("consentStatistics"), json!({ "as": "PUBLISHABLE" })).await["consentStatistics"].clone();
        for key in ["STATE", "REFERRAL"] {
            assert_eq!(counts(section(&published, key))[1..3], [json!(null), json!(null)], "{key}");
        }
        assert_eq!(rows(&published, 0).len(), 4);
    }
}
