//! Calendars (iCalendar): read back by a parser that knows nothing of how they are written.
use super::given::{agreed_venue, found_venue, offering, published, subject, unit, venue, whole_service};
use crate::{
    delivery::given::{by_session, offered, taken_on, walk_in, withdraw},
    person::given::{account, aino, client, text},
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use ical::{IcalParser, parser::ical::component::IcalEvent};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Answer, TestApp, stories};

async fn fetch(app: &TestApp, method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// The events of a calendar, each with its properties, and TZID after the name where there is one.
async fn events(app: &TestApp, path: &str) -> Vec<BTreeMap<String, String>> {
    let answer = fetch(app, Method::GET, path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    for line in answer.text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
    }
    let mut parsed = IcalParser::new(answer.text.as_bytes());
    let calendar = parsed.next().unwrap().unwrap();
    assert!(parsed.next().is_none());
    let zone = &calendar.timezones[0];
    assert_eq!((calendar.timezones.len(), zone.transitions.len()), (1, 2));
    assert_eq!(zone.properties.iter().map(|p| (p.name.as_str(), p.value.as_deref())).collect::<Vec<_>>(), [("TZID", Some("Europe/Helsinki"))]);
    let event = |event: IcalEvent| {
        let zone = |p: &ical::property::Property| p.params.iter().flatten().find(|(name, _)| name == "TZID").map(|(_, values)| format!(";{}", values[0]));
        event.properties.into_iter().map(|p| (format!("{}{}", p.name, zone(&p).unwrap_or_default()), p.value.unwrap_or_default())).collect()
    };
    calendar.events.into_iter().map(event).collect()
}

fn starts(events: &[BTreeMap<String, String>]) -> Vec<&str> {
    events.iter().map(|event| event["DTSTART;Europe/Helsinki"].as_str()).collect()
}

async fn url(app: &TestApp, kind: &str, id: &str) -> String {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ calendarUrl }} }} }}");
    text(&app.ask("partner", &query, json!({ "id": id })).await["node"]["calendarUrl"])
}

/// A group of the association in an agreed venue, with two sessions across the end of summer time: the offering and the venue.
async fn group(app: &TestApp) -> (String, String) {
    let place = agreed_venue(app, false).await;
    let mut content = whole_service("Ryhmä; kahvia, pullaa");
    content["name"]["en"] = json!("Group");
    let service = published(app, "partner", "ngo", content).await;
    let info = "Tule sisään pääovesta.\nOvikello on rikki; koputa, kunnes joku kuulee – tai soita ”ohjaajalle” numeroon, joka on ovessa. Öljyä äyriäisille.";
    let content = json!({ "startsOn": "2035-01-01", "venue": place, "info": { "fi": info } });
    let id = offering(app, "partner", "ngo", &service, content).await;
    let plan = json!({ "offering": id, "rule": "FREQ=WEEKLY", "date": "2035-10-24", "time": "10:00", "until": "2035-10-31", "minutes": 90, "leader": "Aino", "leaderAccount": subject("partner") });
    app.done("partner", "scheduleSessions", "serviceOffering { id }", plan).await;
    (id, place)
}

async fn sessions(app: &TestApp, offering: &str) -> Vec<Value> {
    let query = "query($id: ID!) { serviceOffering(id: $id) { sessions { nodes { id version } } } }";
    app.ask("", query, json!({ "id": offering })).await["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().clone()
}

async fn made(app: &TestApp, actor: &str) -> (Value, String) {
    let made = app.done(actor, "createCalendarFeed", "calendarFeed { id label } calendarUrl", json!({ "label": "Puhelin" })).await;
    (made["calendarFeed"]["id"].clone(), text(&made["calendarUrl"]))
}

stories! {
    async fn the_sessions_of_a_published_offering_are_a_calendar_by_the_clock_on_the_wall(app) {
        let (id, place) = group(app).await;
        let address = url(app, "ServiceOffering", &id).await;
        let seen = events(app, &address).await;
        assert_eq!(starts(&seen), ["20351024T100000", "20351031T100000"], "summer and winter");
        assert_eq!(seen[0]["DTEND;Europe/Helsinki"], "20351024T113000");
        assert_eq!((seen[0]["SUMMARY"].as_str(), seen[0]["STATUS"].as_str(), seen[0]["LOCATION"].as_str()), (r"Ryhmä\; kahvia\, pullaa", "CONFIRMED", "Kylätalo"));
        assert!(seen[0]["DESCRIPTION"].starts_with(r"Tule sisään pääovesta.\nOvikello on rikki\; koputa\, kunnes"), "{}", seen[0]["DESCRIPTION"]);
        assert!(seen.iter().all(|event| event["DTSTAMP"] == event["LAST-MODIFIED"] && !event.values().any(|value| value.contains("urn:"))));
        let named = fetch(app, Method::GET, &address, &[]).await;
        assert!(named.text.contains("\r\nNAME;VALUE=TEXT:Ryhmä\\; kahvia\\, pullaa\r\n"), "{}", named.text);
        let sessions = sessions(app, &id).await;
        assert_eq!(seen[0]["UID"], format!("{}@monituottaja", sessions[0]["id"].as_str().unwrap()));
        // Moved and cancelled, each is the same one with a higher number.
        let reason = json!({ "fi": "Ohjaaja on sairaana." });
        let moved = json!({ "id": sessions[0]["id"], "expectedVersion": 1, "date": "2035-10-25", "time": "12:00", "minutes": 30, "reason": reason });
        app.done("partner", "moveSession", "session { id }", moved).await;
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions[1]["id"], "expectedVersion": 1, "reason": reason })).await;
        let after = events(app, &address).await;
        assert_eq!(starts(&after), ["20351025T120000", "20351031T100000"]);
        assert_eq!((after[0]["STATUS"].as_str(), after[1]["STATUS"].as_str()), ("CONFIRMED", "CANCELLED"));
        assert!(after[1]["DESCRIPTION"].starts_with("Ohjaaja on sairaana."));
        let number = |event: &BTreeMap<String, String>| event["SEQUENCE"].parse::<u32>().unwrap();
        for (before, after) in seen.iter().zip(&after) {
            assert_eq!(before["UID"], after["UID"]);
            assert!(number(after) > number(before) && after["LAST-MODIFIED"] >= before["LAST-MODIFIED"]);
        }
        // Renamed and published again: newer, and still the same.
        let content = json!({ "startsOn": "2035-01-01", "venue": place, "name": { "fi": "Uusi nimi" } });
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 2, "content": content })).await;
        assert_eq!(events(app, &address).await, after, "what is being written is not public");
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 3 })).await;
        let renamed = events(app, &address).await;
        assert!(renamed[0]["SUMMARY"] == "Uusi nimi" && number(&renamed[0]) > number(&after[0]) && renamed[0]["UID"] == after[0]["UID"]);
        for (kind, id) in [("Venue", place), ("Organization", app.world.organization("ngo"))] {
            assert_eq!(events(app, &url(app, kind, &id).await).await, renamed, "{kind}");
        }
        assert!(events(app, &url(app, "Organization", &app.world.organization("parish")).await).await.is_empty());
    }

    async fn the_number_of_changes_never_falls_wherever_a_session_is(app) {
        let (id, place) = group(app).await;
        // A place that has changed more often than the one to which it is moved.
        app.done("partner", "takeVenueIntoUse", "venue { id }", json!({ "id": place, "expectedVersion": 3 })).await;
        let address = url(app, "ServiceOffering", &id).await;
        let number = async || events(app, &address).await[0]["SEQUENCE"].parse::<u32>().unwrap();
        let before = number().await;
        let elsewhere = agreed_venue(app, false).await;
        let session = sessions(app, &id).await[0]["id"].clone();
        let reason = json!({ "fi": "Sali on varattu." });
        let moved = |at: &str, expected: i32| json!({ "id": session, "expectedVersion": expected, "date": "2035-10-24", "time": "10:00", "minutes": 90, "venue": at, "reason": reason });
        app.done("partner", "moveSession", "session { id }", moved(&elsewhere, 1)).await;
        let after = number().await;
        assert!(after > before, "{before} {after}");
        app.done("partner", "withdrawVenue", "venue { id }", json!({ "id": elsewhere, "expectedVersion": 3 })).await;
        let gone = number().await;
        assert!(gone > after, "{after} {gone}");
        // Nobody is sent to a place whose use is not agreed.
        let found = found_venue(app, false).await;
        assert_eq!(app.rejected("partner", "moveSession", "session { id }", moved(&found, 2)).await, ["VENUE_NOT_AGREED venue"]);
        let plan = json!({ "offering": id, "date": "2035-11-01", "time": "10:00", "minutes": 60, "venue": elsewhere });
        assert_eq!(app.rejected("partner", "scheduleSessions", "serviceOffering { id }", plan).await, ["VENUE_NOT_AGREED venue"]);
        app.done("partner", "moveSession", "session { id }", moved(&place, 2)).await;
        assert!(number().await > gone);
        // The service comes and goes without it.
        let last = number().await;
        let service = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id) { service { id version } } }", json!({ "id": id })).await["serviceOffering"]["service"].clone();
        let at = |version: i64| json!({ "id": service["id"], "expectedVersion": version });
        let version = service["version"].as_i64().unwrap();
        app.done("partner", "withdrawService", "service { id }", at(version)).await;
        app.done("partner", "publishService", "service { id }", at(version + 1)).await;
        assert!(number().await >= last);
    }

    async fn what_is_not_public_has_no_calendar(app) {
        let (id, _) = group(app).await;
        let address = url(app, "ServiceOffering", &id).await;
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 2 })).await;
        let hidden = app.done("partner", "addVenue", "venue { calendarUrl }", json!({ "organization": app.world.organization("ngo"), "content": venue(app, "Kellari", false) })).await;
        let unknown = unit(app, "partner", "ngo").await;
        for path in [
            address.as_str(), &text(&hidden["venue"]["calendarUrl"]), &format!("/calendar/offering/{unknown}.ics"), &format!("/calendar/unit/{unknown}.ics"),
            &address.replace(".ics", ""), "/calendar/offering/x.ics", "/calendar/person/x.ics", "/calendar/person/.ics", &format!("/calendar/person/{}.ics", "a".repeat(5_000)),
        ] {
            let answer = fetch(app, Method::GET, path, &[]).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "NOT_FOUND"), "{path}");
        }
    }

    async fn a_calendar_is_read_and_not_written_and_sent_again_only_when_it_has_changed(app) {
        let (id, _) = group(app).await;
        let address = url(app, "ServiceOffering", &id).await;
        let first = fetch(app, Method::GET, &address, &[]).await;
        let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(first.headers[header::CACHE_CONTROL], "public, max-age=300");
        let head = fetch(app, Method::HEAD, &address, &[]).await;
        assert_eq!((head.status, head.text.as_str(), &head.headers[header::ETAG]), (StatusCode::OK, "", &first.headers[header::ETAG]));
        assert_eq!(head.headers[header::CONTENT_LENGTH], first.text.len().to_string());
        let again = fetch(app, Method::GET, &address, &[(header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"))]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let reason = json!({ "fi": "Peruttu." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions(app, &id).await[0]["id"], "expectedVersion": 1, "reason": reason })).await;
        assert_eq!(fetch(app, Method::GET, &address, &[(header::IF_NONE_MATCH, &tag)]).await.status, StatusCode::OK);
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = fetch(app, method, &address, &[]).await;
            assert_eq!((answer.status, answer.headers[header::ALLOW].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
        }
        // What a program sends by itself does no harm; the language is the reader's.
        let english = fetch(app, Method::GET, &address, &[(header::AUTHORIZATION, "Basic eA=="), (header::ACCEPT_LANGUAGE, "en")]).await;
        assert!(english.text.contains("SUMMARY:Group\r\n"), "{}", english.text);
    }

    async fn a_client_follows_what_one_takes_part_in_for_as_long_as_one_does(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (group, _) = group(app).await;
        let (_, address) = made(app, "client").await;
        assert!(events(app, &address).await.is_empty());
        let input = json!({ "client": id, "offering": group, "alias": "Kettu", "textVersion": "x" });
        app.done("client", "registerParticipation", "participation { id }", input).await;
        walk_in(app, &group, "Repo").await;
        let logged = format!("operation = 'calendar' AND client_id IS NOT NULL AND actor = '{}' AND purpose IS NULL", subject("client"));
        let read = app.count("use_log_entry", &logged).await;
        let seen = events(app, &address).await;
        assert_eq!(starts(&seen), ["20351024T100000", "20351031T100000"]);
        assert_eq!(seen[0]["LOCATION"], "Kylätalo");
        let whole = fetch(app, Method::GET, &address, &[]).await;
        assert_eq!(whole.headers[header::CACHE_CONTROL], "private, no-cache");
        for name in ["Aino Ma", "Kettu", "Repo", "Mallinen"] {
            assert!(!whole.text.contains(name), "{name}: {}", whole.text);
        }
        assert!(app.count("use_log_entry", &logged).await > read, "one's own reading is written down as everywhere");
        withdraw(app).await;
        assert!(events(app, &address).await.is_empty(), "with the consent it ends");
    }

    async fn a_client_follows_the_one_session_for_which_one_has_registered(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (times, each) = by_session(app, 1, 1, 3).await;
        let (_, address) = made(app, "client").await;
        let input = json!({ "client": id, "offering": times, "session": each[1], "textVersion": "x" });
        app.done("client", "registerParticipation", "participation { id }", input).await;
        assert_eq!(starts(&events(app, &address).await), ["20360102T100000"]);
        let reason = json!({ "fi": "Peruttu." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": each[1], "expectedVersion": 1, "reason": reason })).await;
        let seen = events(app, &address).await;
        assert_eq!((seen.len(), seen[0]["STATUS"].as_str()), (1, "CANCELLED"), "it stays, as what is not held");
    }

    async fn with_a_client_the_calendars_of_the_account_are_destroyed(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (_, address) = made(app, "client").await;
        made(app, "partner").await;
        app.later(6 * 366).await.destroy_due(false).await.unwrap();
        assert_eq!(fetch(app, Method::GET, &address, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.count("calendar_feed", "1 = 1").await, 1);
    }

    async fn whoever_is_under_non_disclosure_has_nothing_but_times_in_the_calendar(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let (group, _) = group(app).await;
        app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": id, "offering": group, "referral": referral })).await;
        let (_, address) = made(app, "client").await;
        assert!(events(app, &address).await[0].contains_key("LOCATION"));
        app.done("social-worker", "updateIdentity", "person { protected }", json!({ "client": id, "expectedVersion": 1, "identity": aino(), "protected": true })).await;
        let seen = events(app, &address).await;
        assert_eq!(seen.len(), 2);
        let public = sessions(app, &group).await;
        for event in &seen {
            assert!(event["SUMMARY"] == "Oma kerta" && !event.contains_key("LOCATION") && !event.contains_key("DESCRIPTION"), "{event:?}");
            assert!(!public.iter().any(|session| event["UID"].contains(session["id"].as_str().unwrap())), "what is public of it is not found by its id");
        }
        assert_eq!(events(app, &address).await, seen, "the same one each time");
    }

    async fn a_worker_follows_what_one_leads_for_as_long_as_one_works_there(app) {
        let (group, _) = group(app).await;
        let other = offered(app, "partner", "ngo", 8, 0).await;
        app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": other, "date": "2035-11-01", "time": "10:00", "minutes": 60, "leader": "Leena" })).await;
        let (_, address) = made(app, "partner").await;
        assert_eq!(starts(&events(app, &address).await), ["20351024T100000", "20351031T100000"]);
        // A draft that nobody else sees is one's work too.
        let service = published(app, "partner", "ngo", whole_service("Tuleva")).await;
        let draft = json!({ "service": service, "provider": app.world.organization("ngo"), "content": { "startsOn": "2035-01-01", "name": { "fi": "Luonnos" } } });
        let draft = app.done("partner", "createServiceOffering", "serviceOffering { id }", draft).await["serviceOffering"]["id"].clone();
        let plan = json!({ "offering": draft, "date": "2035-12-01", "time": "10:00", "minutes": 60, "leaderAccount": subject("partner") });
        app.done("partner", "scheduleSessions", "serviceOffering { id }", plan).await;
        let seen = events(app, &address).await;
        assert_eq!((seen.len(), seen[2]["SUMMARY"].as_str()), (3, "Luonnos"));
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", json!({ "id": group, "expectedVersion": 2 })).await;
        assert_eq!(events(app, &address).await.len(), 1);
        let query = "query($s: String) { memberships(filter: { subject: $s }) { nodes { id version } } }";
        let membership = app.ask("admin", query, json!({ "s": subject("partner") })).await["memberships"]["nodes"][0].clone();
        app.done("admin", "endMembership", "membership { id }", json!({ "id": membership["id"], "expectedVersion": membership["version"] })).await;
        assert!(events(app, &address).await.is_empty());
    }

    async fn a_calendar_of_ones_own_is_ones_own_and_ended_at_once(app) {
        let (id, address) = made(app, "client").await;
        let token = address.rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned();
        assert_eq!(token.len(), 43);
        assert_eq!(app.count("calendar_feed", &format!("hash = '{token}' OR label LIKE '%{token}%'")).await, 0, "only its hash is kept");
        assert_ne!(made(app, "client").await.1, address);
        let list = async |actor: &str| app.ask(actor, "{ calendarFeeds { label } }", json!({})).await["calendarFeeds"].as_array().unwrap().len();
        assert_eq!((list("client").await, list("partner").await, list("admin").await, list("").await), (2, 0, 0, 0));
        let revoke = TestApp::mutation("revokeCalendarFeed", "calendarFeed { id }");
        for (other, code) in [("partner", "NOT_FOUND"), ("admin", "NOT_FOUND"), ("", "UNAUTHENTICATED")] {
            assert_eq!(app.refuse(other, &revoke, json!({ "input": { "id": id } })).await, code, "{other}");
        }
        assert_eq!(app.refuse("", &TestApp::mutation("createCalendarFeed", "calendarUrl"), json!({ "input": { "label": "x" } })).await, "UNAUTHENTICATED");
        assert_eq!(fetch(app, Method::GET, &address, &[]).await.status, StatusCode::OK);
        app.done("client", "revokeCalendarFeed", "calendarFeed { id }", json!({ "id": id })).await;
        assert_eq!(fetch(app, Method::GET, &address, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.rejected("client", "createCalendarFeed", "calendarUrl", json!({ "label": " " })).await, ["REQUIRED label"]);
        for _ in 0..9 {
            made(app, "client").await;
        }
        assert_eq!(app.rejected("client", "createCalendarFeed", "calendarUrl", json!({ "label": "x" })).await, ["TOO_LONG label"]);
    }
}
