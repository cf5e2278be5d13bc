//! What is watched of services as they are given: places and sessions by everybody, registrations by those who give them.
use super::given::{by_session, offered, taken_on, walk_in, walk_in_to, withdraw};
use crate::person::given::{account, aino, client, text};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Listening, TestApp, stories};

/// What has come on a stream by now, without the envelope.
async fn told(stream: &mut Listening, field: &str) -> Vec<Value> {
    stream.heard(Duration::from_millis(700)).await.into_iter().map(|event| event["data"][field].clone()).collect()
}

/// The code with which a stream is refused.
async fn refused(app: &TestApp, actor: &str, subscription: &str) -> String {
    let heard = app.listen(actor, subscription).await.heard(Duration::from_millis(700)).await;
    text(&heard[0]["errors"][0]["extensions"]["code"])
}

fn registrations(app: &TestApp, organization: &str) -> String {
    format!("subscription {{ registrationsChanged(organization: \"{}\") {{ id kind offeringId }} }}", app.world.organization(organization))
}

fn registrations_by_session(app: &TestApp) -> String {
    format!("subscription {{ registrationsChanged(organization: \"{}\") {{ id offeringId sessionId }} }}", app.world.organization("ngo"))
}

stories! {
    async fn everybody_sees_places_go_and_come_back(app) {
        let group = offered(app, "partner", "ngo", 2, 1).await;
        let query = format!("subscription {{ placesChanged(offering: \"{group}\") {{ offeringId offering {{ freePlaces }} }} }}");
        let mut stream = app.listen("", &query).await;
        let event = |free: i32| json!({ "offeringId": group, "offering": { "freePlaces": free } });
        assert_eq!(told(&mut stream, "placesChanged").await, [event(2)], "as they are");
        let made = walk_in(app, &group, "Kettu").await;
        assert_eq!(told(&mut stream, "placesChanged").await, [event(1)]);
        let end = json!({ "id": made["id"], "expectedVersion": made["version"], "why": "CLIENT_WISH" });
        app.done("partner", "cancelParticipation", "participation { id }", end).await;
        assert_eq!(told(&mut stream, "placesChanged").await, [event(2)]);
        // What changes of another offering is told to nobody here.
        let other = offered(app, "partner", "ngo", 2, 1).await;
        walk_in(app, &other, "Karhu").await;
        assert_eq!(told(&mut stream, "placesChanged").await, Vec::<Value>::new());
        let version = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": group })).await;
        let hide = json!({ "id": group, "expectedVersion": version["serviceOffering"]["version"] });
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", hide).await;
        assert_eq!(told(&mut stream, "placesChanged").await, Vec::<Value>::new());
        assert_eq!(refused(app, "", &query).await, "NOT_FOUND");
    }

    async fn whoever_has_lost_a_membership_subscribes_anew(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 2, 1).await;
        let query = format!("subscription {{ placesChanged(offering: \"{group}\") {{ offeringId offering {{ freePlaces }} }} }}");
        let (mut of_partner, mut of_anybody) = (app.listen("partner", &query).await, app.listen("", &query).await);
        for stream in [&mut of_partner, &mut of_anybody] {
            assert_eq!(told(stream, "placesChanged").await.len(), 1, "as they are");
        }
        app.tamper("UPDATE membership SET valid_to = '2020-01-01' WHERE role IN ('PARTNER_WORKER', 'PARTNER_COORDINATOR')").await;
        let input = json!({ "client": id, "offering": group, "textVersion": "osallistuminen-2026-1" });
        app.done("client", "registerParticipation", "participation { id }", input).await;
        assert_eq!(told(&mut of_anybody, "placesChanged").await.len(), 1);
        assert_eq!(told(&mut of_partner, "placesChanged").await, Vec::<Value>::new(), "what an event leads to is not read with a right of before");
    }

    async fn a_notice_names_what_it_is_about(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 2, 1).await;
        let mut stream = app.listen("client", "subscription { noticed { kind participationId } }").await;
        assert_eq!(told(&mut stream, "noticed").await, Vec::<Value>::new());
        let input = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "proposeParticipation", "participation { id }", input).await["participation"].clone();
        assert_eq!(told(&mut stream, "noticed").await, [json!({ "kind": "PARTICIPATION_PROPOSED", "participationId": made["id"] })]);
    }

    async fn everybody_sees_the_places_of_each_session_go_and_come_back(app) {
        let (times, sessions) = by_session(app, 2, 1, 2).await;
        let query = format!("subscription {{ placesChanged(offering: \"{times}\") {{ offering {{ freePlaces }} session {{ id freePlaces }} }} }}");
        let mut stream = app.listen("", &query).await;
        assert_eq!(told(&mut stream, "placesChanged").await, [json!({ "offering": { "freePlaces": 4 }, "session": null })], "as they are");
        let event = |free: i32, of_it: i32| json!({ "offering": { "freePlaces": free }, "session": { "id": sessions[1], "freePlaces": of_it } });
        let mut stream_of_partner = app.listen("partner", &registrations_by_session(app)).await;
        assert_eq!(told(&mut stream_of_partner, "registrationsChanged").await, Vec::<Value>::new());
        let made = walk_in_to(app, &times, &sessions[1], "Kettu").await;
        assert_eq!(told(&mut stream, "placesChanged").await, [event(3, 1)]);
        let registered = json!({ "id": made["id"], "offeringId": times, "sessionId": sessions[1] });
        assert_eq!(told(&mut stream_of_partner, "registrationsChanged").await, [registered]);
        let end = json!({ "id": made["id"], "expectedVersion": made["version"], "why": "CLIENT_WISH" });
        app.done("partner", "cancelParticipation", "participation { id }", end).await;
        assert_eq!(told(&mut stream, "placesChanged").await, [event(4, 2)]);
        // A cancelled session has no place any more, whether or not one was free.
        for alias in ["Kettu", "Repo"] {
            walk_in_to(app, &times, &sessions[1], alias).await;
            told(&mut stream, "placesChanged").await;
        }
        let reason = json!({ "fi": "Neuvoja on sairaana." });
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions[1], "expectedVersion": 1, "reason": reason })).await;
        assert_eq!(told(&mut stream, "placesChanged").await, [event(2, 0)]);
        app.done("partner", "cancelSession", "session { id }", json!({ "id": sessions[0], "expectedVersion": 1, "reason": reason })).await;
        let gone = json!({ "offering": { "freePlaces": 0 }, "session": { "id": sessions[0], "freePlaces": 0 } });
        assert_eq!(told(&mut stream, "placesChanged").await, [gone]);
    }

    async fn everybody_sees_sessions_planned_moved_and_cancelled(app) {
        let group = offered(app, "partner", "ngo", 2, 1).await;
        let query = format!("subscription {{ sessionChanged(offering: \"{group}\") {{ sessionId kind session {{ state version }} }} }}");
        let mut stream = app.listen("", &query).await;
        assert_eq!(told(&mut stream, "sessionChanged").await, Vec::<Value>::new());
        let plan = json!({ "offering": group, "date": "2035-01-02", "time": "10:00", "minutes": 60 });
        let made = app.done("partner", "scheduleSessions", "serviceOffering { sessions { nodes { id } } }", plan).await;
        let id = made["serviceOffering"]["sessions"]["nodes"][0]["id"].clone();
        let event = |kind: &str, state: &str, version: i32| json!({ "sessionId": id, "kind": kind, "session": { "state": state, "version": version } });
        assert_eq!(told(&mut stream, "sessionChanged").await, [event("ADDED", "PLANNED", 1)]);
        let reason = json!({ "fi": "Sali on varattu." });
        let moved = json!({ "id": id, "expectedVersion": 1, "date": "2035-01-03", "time": "10:00", "minutes": 60, "reason": reason });
        app.done("partner", "moveSession", "session { id }", moved).await;
        assert_eq!(told(&mut stream, "sessionChanged").await, [event("CHANGED", "PLANNED", 2)]);
        app.done("partner", "cancelSession", "session { id }", json!({ "id": id, "expectedVersion": 2, "reason": reason })).await;
        assert_eq!(told(&mut stream, "sessionChanged").await, [event("CANCELLED", "CANCELLED", 3)]);
    }

    async fn those_who_give_a_service_see_who_registers_until_the_consent_ends(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 2).await;
        let before = walk_in(app, &group, "Kettu").await;
        let mut stream = app.listen("partner", &registrations(app, "ngo")).await;
        assert_eq!(told(&mut stream, "registrationsChanged").await, Vec::<Value>::new(), "what is there already is not told");
        let event = |id: &Value, kind: &str| json!({ "id": id, "kind": kind, "offeringId": group });
        // To the waiting list: no place has changed, and still it is told.
        let input = json!({ "client": id, "offering": group, "textVersion": "osallistuminen-2026-1" });
        let made = app.done("client", "registerParticipation", "participation { id state }", input).await["participation"].clone();
        assert_eq!(made["state"], "WAITLISTED");
        assert_eq!(told(&mut stream, "registrationsChanged").await, [event(&made["id"], "ADDED")]);
        let end = json!({ "id": before["id"], "expectedVersion": before["version"], "why": "CLIENT_WISH" });
        app.done("partner", "cancelParticipation", "participation { id }", end).await;
        let mut both = [event(&before["id"], "CHANGED"), event(&made["id"], "CHANGED")];
        both.sort_by_key(|event| domain::id::split_public(event["id"].as_str().unwrap()).unwrap().1);
        assert_eq!(told(&mut stream, "registrationsChanged").await, both);
        withdraw(app).await;
        assert_eq!(told(&mut stream, "registrationsChanged").await, [event(&made["id"], "GONE")]);
        assert_eq!(app.ask("partner", "query($id: ID!) { participation(id: $id) { id } }", json!({ "id": made["id"] })).await["participation"], json!(null));
    }

    async fn nobody_else_watches_who_registers(app) {
        let (id, _) = client(app, aino()).await;
        let group = offered(app, "partner", "ngo", 4, 2).await;
        let query = registrations(app, "ngo");
        assert_eq!(refused(app, "", &query).await, "UNAUTHENTICATED");
        for stranger in ["partner-b", "client", "admin", "dpo", "provider"] {
            assert_eq!(refused(app, stranger, &query).await, "FORBIDDEN", "{stranger}");
        }
        // Whoever sends the client keeps the register, and does not watch how others run their services.
        assert_eq!(refused(app, "social-worker", &query).await, "FORBIDDEN");
        let heard = app.listen_for("partner", None, &query).await.heard(Duration::from_millis(700)).await;
        assert_eq!(heard[0]["errors"][0]["extensions"]["code"], "PURPOSE_REQUIRED");
        // Whoever works there no more hears nothing more.
        let (referral, _) = taken_on(app, &id).await;
        let mut stream = app.listen("partner", &query).await;
        assert_eq!(told(&mut stream, "registrationsChanged").await, Vec::<Value>::new());
        app.tamper("UPDATE membership SET valid_to = '2020-01-01' WHERE role IN ('PARTNER_WORKER', 'PARTNER_COORDINATOR')").await;
        let input = json!({ "client": id, "offering": group, "referral": referral });
        app.done("social-worker", "registerParticipation", "participation { id }", input).await;
        let heard = stream.heard(Duration::from_millis(700)).await;
        assert_eq!(heard.last().unwrap()["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
}
