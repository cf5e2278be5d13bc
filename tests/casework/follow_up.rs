//! Follow-ups and network meetings.
use super::{
    given::begun,
    opened::{started, step as on},
};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{TestApp, in_days, literal, stories};

/// A follow-up of a case.
pub async fn followed(app: &TestApp, case: &str) -> Value {
    let content = json!({ "functionalChange": "Nukkuu paremmin.", "needChange": "Kaipaa töitä.", "next": "Tapaaminen kahden viikon päästä." });
    let input = json!({ "case": case, "happenedOn": "2026-01-02", "kind": "CALL", "content": content });
    app.done("service-guide", "recordFollowUp", "followUp { id kind happenedOn functionalChange needChange next }", input).await["followUp"].clone()
}

/// A network meeting of a case with the association, with the client's consent.
pub async fn met(app: &TestApp, worker: &str, client: &str, case: &str) -> Value {
    let terms = json!({
        "client": client, "purpose": "NETWORK_MEETING", "recipient": app.world.organization("ngo"), "scope": ["ALIAS"], "method": "WRITTEN",
        "textVersion": "verkosto-2026-1", "expiresAt": (Utc::now() + TimeDelta::days(90)).to_rfc3339(),
    });
    let consent = app.done(worker, "recordConsent", "consent { id }", terms).await["consent"]["id"].clone();
    let input = meeting(app, case, &consent);
    app.done(worker, "recordNetworkMeeting", "networkMeeting { id agenda attendees { name organization { name { fi } } consent { purpose } } }", input).await["networkMeeting"].clone()
}

fn meeting(app: &TestApp, case: &str, consent: &Value) -> Value {
    let attendees = json!([
        { "name": "Maija Ohjaaja", "role": "Palveluohjaaja", "organization": app.world.organization("county") },
        { "name": "Kalle Kumppani", "role": "Ryhmänohjaaja", "organization": app.world.organization("ngo"), "consent": consent },
        { "name": "Sisko", "role": "Läheinen" },
    ]);
    json!({ "case": case, "heldOn": in_days(0), "content": { "attendees": attendees, "agenda": "Miten ryhmä sujuu?", "decisions": "Jatketaan." } })
}

stories! {
    async fn a_follow_up_tells_what_has_changed_and_the_client_reads_it(app) {
        let (_, case) = begun(app).await;
        assert_eq!(followed(app, &case).await["kind"], "CALL");
        let seen = app.ask("client", "{ me { followUps { nodes { functionalChange } } } }", json!({})).await["me"]["followUps"]["nodes"].clone();
        assert_eq!(seen, json!([{ "functionalChange": "Nukkuu paremmin." }]));
        let empty = json!({ "case": case, "happenedOn": "2026-01-02", "kind": "CALL", "content": {} });
        assert_eq!(app.rejected("service-guide", "recordFollowUp", "followUp { id }", empty).await, ["REQUIRED content.functionalChange"]);
        let coming = json!({ "case": case, "happenedOn": "2099-01-02", "kind": "CALL", "content": { "next": "Soitto." } });
        assert_eq!(app.rejected("service-guide", "recordFollowUp", "followUp { id }", coming).await, ["OUT_OF_RANGE happenedOn"]);
    }

    async fn others_meet_about_a_client_with_consent_only_and_that_is_logged(app) {
        let (client, case) = begun(app).await;
        let refused = app.rejected("social-worker", "recordNetworkMeeting", "networkMeeting { id }", meeting(app, &case, &Value::Null)).await;
        assert_eq!(refused, ["CONSENT_MISSING content.attendees.1.consent"]);
        let before = app.count("disclosure_log_entry", "1 = 1").await;
        let held = met(app, "social-worker", &client, &case).await;
        assert_eq!(held["attendees"][1]["consent"]["purpose"], "NETWORK_MEETING");
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, before + 1);
        let seen = app.ask("client", "{ me { networkMeetings { nodes { agenda decisions attendees { name role } } } } }", json!({})).await["me"]["networkMeetings"]["nodes"][0].clone();
        assert_eq!((seen["decisions"].clone(), seen["attendees"][2].clone()), (json!("Jatketaan."), json!({ "name": "Sisko", "role": "Läheinen" })));
    }

    async fn a_meeting_rests_on_a_consent_that_was_in_force_on_the_day(app) {
        let (client, case) = begun(app).await;
        let terms = json!({
            "client": client, "purpose": "NETWORK_MEETING", "recipient": app.world.organization("ngo"), "scope": ["ALIAS"], "method": "WRITTEN",
            "textVersion": "verkosto-2026-1", "expiresAt": (Utc::now() + TimeDelta::days(90)).to_rfc3339(),
        });
        let consent = app.done("social-worker", "recordConsent", "consent { id }", terms).await["consent"]["id"].clone();
        let held = |days: i64| {
            let mut input = meeting(app, &case, &consent);
            input["heldOn"] = json!(in_days(days));
            input
        };
        let missing = ["CONSENT_MISSING content.attendees.1.consent"];
        // A consent that came afterwards is none for what was told before.
        assert_eq!(app.rejected("social-worker", "recordNetworkMeeting", "networkMeeting { id }", held(-1)).await, missing);
        let one = literal(app.database(), domain::id::split_public(consent.as_str().unwrap()).unwrap().1);
        let given = Utc::now() - TimeDelta::days(20);
        app.tamper(&format!("UPDATE consent SET given_at = '{}' WHERE id = {one}", given.format("%Y-%m-%d %H:%M:%S+00:00"))).await;
        app.done("social-worker", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
        // They met before it was withdrawn: that is true, and is written down.
        app.done("social-worker", "recordNetworkMeeting", "networkMeeting { id }", held(-1)).await;
        for days in [-21, 0] {
            assert_eq!(app.rejected("social-worker", "recordNetworkMeeting", "networkMeeting { id }", held(days)).await, missing, "{days}");
        }
    }

    async fn what_was_recorded_wrong_is_corrected_by_another_record_even_once_the_case_has_closed(app) {
        let (client, case) = begun(app).await;
        let wrong = followed(app, &case).await;
        let met = met(app, "social-worker", &client, &case).await;
        let consent = app.ask("social-worker", "query($id: ID!) { client(id: $id) { consents { nodes { id purpose } } } }", json!({ "id": client })).await["client"]["consents"]["nodes"].clone();
        let consent = consent.as_array().unwrap().iter().find(|consent| consent["purpose"] == "NETWORK_MEETING").unwrap()["id"].clone();
        on(app, "social-worker", "closeCase", &case, json!({ "reason": "NO_NEED", "note": "Ei tarvetta." })).await;
        let follow = |corrects: &Value| json!({ "case": case, "happenedOn": "2026-01-02", "kind": "VISIT", "corrects": corrects, "content": { "next": "Kotikäynti oli." } });
        assert_eq!(app.rejected("service-guide", "recordFollowUp", "followUp { id }", follow(&Value::Null)).await, ["CASE_CLOSED case"]);
        let read = "followUp { id corrects { id kind } }";
        let second = app.done("service-guide", "recordFollowUp", read, follow(&wrong["id"])).await["followUp"].clone();
        let third = app.done("service-guide", "recordFollowUp", read, follow(&second["id"])).await["followUp"].clone();
        // However often it is corrected, it is one matter.
        assert_eq!(third["corrects"], json!({ "id": wrong["id"], "kind": "CALL" }));
        let before = app.count("disclosure_log_entry", "1 = 1").await;
        let mut again = meeting(app, &case, &consent);
        again["corrects"] = met["id"].clone();
        let mended = app.done("service-guide", "recordNetworkMeeting", "networkMeeting { corrects { id } }", again.clone()).await["networkMeeting"].clone();
        assert_eq!(mended["corrects"]["id"], met["id"]);
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, before, "nobody is told anew");
        let (other, _) = crate::person::given::client(app, crate::person::given::aino()).await;
        let other = started(app, &other).await;
        (again["case"], again["content"]["attendees"]) = (json!(other), json!([{ "name": "Sisko", "role": "Läheinen" }]));
        assert_eq!(app.rejected("social-worker", "recordNetworkMeeting", "networkMeeting { id }", again).await, ["OTHER_CASE corrects"]);
        let seen = app.ask("client", "{ me { followUps { nodes { kind corrects { id } } } } }", json!({})).await["me"]["followUps"]["nodes"].clone();
        assert_eq!(seen.as_array().unwrap().len(), 3, "{seen}");
    }
}
