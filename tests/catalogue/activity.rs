//! Open activities from a short form, and the next season of an offering.
use super::given::{agreed_venue, offering, published, subject, unit, whole_service};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn form(app: &TestApp) -> Value {
    json!({
        "organization": app.world.organization("ngo"), "name": { "fi": "Aamukahvit" }, "forWhom": { "fi": "Kaikille aikuisille." },
        "contact": { "fi": "Soita 050 000 0000." }, "venue": agreed_venue(app, false).await,
        "date": "2035-03-21", "time": "10:00", "minutes": 90, "rule": "FREQ=WEEKLY;BYDAY=WE", "until": "2035-04-04",
    })
}

const MADE: &str = "serviceOffering { id publishing service { id publishing openActivity provision form summary { fi } } info { fi } startsOn endsOn capacity \
                    sessions { nodes { startsAt } } }";

/// A season of an offering that has begun on Tuesday 2035-09-04, with sessions on Tuesdays and Thursdays; with its sessions.
async fn season(app: &TestApp) -> (String, Vec<Value>) {
    let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
    let content = json!({ "startsOn": "2035-09-01", "endsOn": "2035-09-30", "unit": unit(app, "partner", "ngo").await, "capacity": 8, "reservedPlaces": 2, "reservedUntil": "2035-09-10" });
    let id = offering(app, "partner", "ngo", &service, content).await;
    let plan = json!({ "offering": id, "rule": "FREQ=WEEKLY;BYDAY=TU,TH", "date": "2035-09-04", "time": "10:00", "until": "2035-09-20", "minutes": 60, "leader": "Aino", "leaderAccount": subject("partner") });
    let made = app.done("partner", "scheduleSessions", "serviceOffering { sessions { nodes { id startsAt } } }", plan).await;
    (id, made["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().clone())
}

const COPIED: &str = "serviceOffering { id publishing placesTaken startsOn endsOn capacity reservedPlaces reservedUntil name { fi } \
                      sessions { nodes { startsAt leader series { rule date until } } } } leftOut { startsAt why }";

stories! {
    async fn a_short_form_publishes_service_offering_and_sessions_at_once(app) {
        let mut input = form(app).await;
        input["idempotencyKey"] = json!("k");
        let made = app.done("partner", "publishOpenActivity", MADE, input.clone()).await["serviceOffering"].clone();
        let expected = json!({
            "id": made["id"], "publishing": "PUBLISHED",
            "service": { "id": made["service"]["id"], "publishing": "PUBLISHED", "openActivity": true, "provision": "OPEN_NGO", "form": "OPEN_DROP_IN", "summary": { "fi": "Kaikille aikuisille." } },
            "info": { "fi": "Soita 050 000 0000." }, "startsOn": "2035-03-21", "endsOn": "2035-04-04", "capacity": null,
            "sessions": { "nodes": [{ "startsAt": "2035-03-21T08:00:00.000Z" }, { "startsAt": "2035-03-28T07:00:00.000Z" }, { "startsAt": "2035-04-04T07:00:00.000Z" }] },
        });
        assert_eq!(made, expected);
        assert_eq!(app.ask("", "{ serviceMap { totalCount } }", json!({})).await["serviceMap"]["totalCount"], 1);
        assert_eq!(app.done("partner", "publishOpenActivity", MADE, input.clone()).await["serviceOffering"], made, "sent again, nothing is made twice");
        assert_eq!((app.count("service", "1 = 1").await, app.count("session", "1 = 1").await), (1, 3));
        // The next one of the same is another offering of the same service.
        (input["date"], input["until"], input["idempotencyKey"]) = (json!("2035-08-01"), json!("2035-08-08"), Value::Null);
        let next = app.done("partner", "publishOpenActivity", MADE, input.clone()).await["serviceOffering"].clone();
        assert_eq!(next["service"], made["service"]);
        assert_eq!((app.count("service", "1 = 1").await, app.count("service_offering", "1 = 1").await), (1, 2));
        // What is for others is another service, and a single time needs no rule.
        (input["date"], input["rule"], input["until"]) = (json!("2035-10-01"), Value::Null, Value::Null);
        input["forWhom"] = json!({ "fi": "Nuorille." });
        let single = app.done("partner", "publishOpenActivity", MADE, input).await["serviceOffering"].clone();
        assert_ne!(single["service"]["id"], made["service"]["id"]);
        assert_eq!((&single["startsOn"], &single["endsOn"]), (&json!("2035-10-01"), &json!("2035-10-01")));
    }

    async fn a_short_form_tells_that_one_registers_for_a_session_at_a_time(app) {
        let mut input = form(app).await;
        (input["registrationUnit"], input["capacity"]) = (json!("SESSION"), json!(4));
        let made = app.done("partner", "publishOpenActivity", "serviceOffering { registrationUnit freePlaces sessions { nodes { freePlaces } } }", input).await;
        let each = json!({ "freePlaces": 4 });
        assert_eq!(made["serviceOffering"], json!({ "registrationUnit": "SESSION", "freePlaces": 12, "sessions": { "nodes": [each, each, each] } }));
    }

    async fn what_is_wrong_with_the_form_is_told_by_its_fields_and_nothing_is_kept(app) {
        let input = form(app).await;
        let with = |changes: Value| {
            let mut input = input.clone();
            for (field, value) in changes.as_object().unwrap() {
                input[field] = value.clone();
            }
            input
        };
        for (changes, refusals) in [
            (
                json!({ "name": { "fi": " " }, "forWhom": { "fi": "x".repeat(151) }, "contact": { "fi": "" }, "minutes": -30, "capacity": 0, "until": null }),
                &["REQUIRED name.fi", "TOO_LONG forWhom.fi", "REQUIRED contact.fi", "OUT_OF_RANGE capacity", "OUT_OF_RANGE minutes", "REQUIRED until"][..],
            ),
            (json!({ "venue": null }), &["NO_PLACE venue"]),
            (json!({ "until": "2035-03-01" }), &["DATE_ORDER until"]),
            (json!({ "rule": "FREQ=DAILY", "until": "2037-12-31" }), &["RULE_COUNT rule"]),
            (json!({ "rule": "FREQ=DAILY", "until": "2099-12-31" }), &["OUT_OF_RANGE until"]),
            (json!({ "date": "2035-03-25", "time": "03:30", "rule": null, "until": null }), &["NO_SUCH_LOCAL_TIME time"]),
            (json!({ "leaderAccount": subject("partner-b") }), &["UNKNOWN_REFERENCE leaderAccount"]),
            (json!({ "venue": null, "unit": unit(app, "partner-x", "ngo-x").await }), &["OTHER_NETWORK unit"]),
        ] {
            assert_eq!(app.rejected("partner", "publishOpenActivity", MADE, with(changes.clone())).await, refusals, "{changes}");
        }
        let found = super::given::found_venue(app, false).await;
        assert_eq!(app.rejected("partner", "publishOpenActivity", MADE, with(json!({ "venue": found }))).await, ["VENUE_NOT_AGREED venue"]);
        app.done("partner", "publishOpenActivity", MADE, input.clone()).await;
        assert_eq!(app.rejected("partner", "publishOpenActivity", MADE, input.clone()).await, ["VENUE_TAKEN venue"]);
        let document = TestApp::mutation("publishOpenActivity", "serviceOffering { id }");
        for (other, code) in [("", "UNAUTHENTICATED"), ("client", "FORBIDDEN"), ("analyst", "FORBIDDEN"), ("partner-b", "FORBIDDEN"), ("provider", "FORBIDDEN")] {
            let refusal = app.refuse(other, &document, json!({ "input": with(json!({ "date": "2035-07-04", "until": "2035-07-04" })) })).await;
            assert_eq!(refusal, code, "{other}");
        }
        assert_eq!((app.count("service", "1 = 1").await, app.count("service_offering", "1 = 1").await, app.count("publication", "1 = 1").await), (1, 1, 2));
    }

    async fn the_next_season_has_the_same_sessions_on_the_same_weekdays_and_nobody_of_the_last(app) {
        let (id, sessions) = season(app).await;
        app.done("partner", "registerWalkIn", "participation { id }", json!({ "offering": id, "alias": "Kettu", "textVersion": "x" })).await;
        let cancelled = json!({ "id": sessions[1]["id"], "expectedVersion": 1, "reason": { "fi": "Sairas." } });
        app.done("partner", "cancelSession", "session { id }", cancelled).await;
        // To winter time, over Christmas and Epiphany: by 15 whole weeks.
        let input = json!({ "id": id, "startsOn": "2035-12-13", "idempotencyKey": "k" });
        let made = app.done("partner", "copyServiceOffering", COPIED, input.clone()).await;
        let series = json!({ "rule": "FREQ=WEEKLY;BYDAY=TU,TH", "date": "2035-12-18", "until": "2036-01-03" });
        let session = |at: &str| json!({ "startsAt": at, "leader": "Aino", "series": series });
        let copy = &made["serviceOffering"];
        let expected = json!({
            "id": copy["id"], "publishing": "DRAFT", "placesTaken": 0, "startsOn": "2035-12-15", "endsOn": "2036-01-13", "capacity": 8, "reservedPlaces": 2,
            "reservedUntil": "2035-12-24", "name": { "fi": "Ryhmä" },
            "sessions": { "nodes": [session("2035-12-18T08:00:00.000Z"), session("2035-12-27T08:00:00.000Z"), session("2036-01-03T08:00:00.000Z")] },
        });
        assert_eq!(copy, &expected);
        let left_out = json!([
            { "startsAt": "2035-12-20T08:00:00.000Z", "why": "WAS_CANCELLED" }, { "startsAt": "2035-12-25T08:00:00.000Z", "why": "FREE_DAY" },
            { "startsAt": "2036-01-01T08:00:00.000Z", "why": "FREE_DAY" },
        ]);
        assert_eq!(made["leftOut"], left_out);
        assert_eq!(app.done("partner", "copyServiceOffering", COPIED, input).await, made, "sent again, the same is answered");
        assert_eq!((app.count("service_offering", "1 = 1").await, app.count("participation", "1 = 1").await), (2, 1));
        // On free days too, and published at once, when the leader has the time.
        let whole = json!({ "id": id, "startsOn": "2035-12-13", "onFreeDays": true, "publish": true });
        assert_eq!(app.rejected("partner", "copyServiceOffering", COPIED, whole.clone()).await, ["LEADER_TAKEN startsOn"]);
        app.done("partner", "discardServiceOffering", "serviceOffering { id }", json!({ "id": copy["id"], "expectedVersion": 1 })).await;
        let whole = app.done("partner", "copyServiceOffering", COPIED, whole).await;
        assert_eq!((&whole["serviceOffering"]["publishing"], whole["leftOut"].as_array().unwrap().len()), (&json!("PUBLISHED"), 1));
        assert_eq!(app.ask("", "{ serviceMap { totalCount } }", json!({})).await["serviceMap"]["totalCount"], 2);
    }

    async fn a_season_is_copied_by_its_own_staff_to_a_later_time(app) {
        let (id, _) = season(app).await;
        for day in ["2035-09-04", "2035-08-01"] {
            assert_eq!(app.rejected("partner", "copyServiceOffering", COPIED, json!({ "id": id, "startsOn": day })).await, ["DATE_ORDER startsOn"]);
        }
        let document = TestApp::mutation("copyServiceOffering", "serviceOffering { id }");
        let input = json!({ "input": { "id": id, "startsOn": "2036-01-01" } });
        for (other, code) in [("", "UNAUTHENTICATED"), ("client", "FORBIDDEN"), ("partner-b", "FORBIDDEN"), ("admin", "FORBIDDEN"), ("partner-x", "FORBIDDEN")] {
            assert_eq!(app.refuse(other, &document, input.clone()).await, code, "{other}");
        }
        assert_eq!(app.count("service_offering", "1 = 1").await, 1);
    }
}
