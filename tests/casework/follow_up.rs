//! Follow-ups and network meetings.
use super::given::begun;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// A follow-up of a case.
pub async fn followed(app: &TestApp, case: &str) -> Value {
    let content = json!({ "functionalChange": "Nukkuu paremmin.", "needChange": "Kaipaa töitä.", "next": "Tapaaminen kahden viikon päästä." });
    let input = json!({ "case": case, "happenedOn": "2026-01-02", "kind": "CALL", "content": content });
    app.done("service-guide", "recordFollowUp", "followUp { kind happenedOn functionalChange needChange next }", input).await["followUp"].clone()
}

/// A network meeting of a case with the association, with the client's consent.
pub async fn met(app: &TestApp, worker: &str, client: &str, case: &str) -> Value {
    let terms = json!({
        "client": client, "purpose": "NETWORK_MEETING", "recipient": app.world.organization("ngo"), "scope": ["ALIAS"], "method": "WRITTEN",
        "textVersion": "verkosto-2026-1", "expiresAt": (Utc::now() + TimeDelta::days(90)).to_rfc3339(),
    });
    let consent = app.done(worker, "recordConsent", "consent { id }", terms).await["consent"]["id"].clone();
    let input = meeting(app, case, consent);
    app.done(worker, "recordNetworkMeeting", "networkMeeting { agenda attendees { name organization { name { fi } } consent { purpose } } }", input).await["networkMeeting"].clone()
}

fn meeting(app: &TestApp, case: &str, consent: Value) -> Value {
    let attendees = json!([
        { "name": "Maija Ohjaaja", "role": "Palveluohjaaja", "organization": app.world.organization("county") },
        { "name": "Kalle Kumppani", "role": "Ryhmänohjaaja", "organization": app.world.organization("ngo"), "consent": consent },
        { "name": "Sisko", "role": "Läheinen" },
    ]);
    json!({ "case": case, "heldOn": "2026-01-03", "content": { "attendees": attendees, "agenda": "Miten ryhmä sujuu?", "decisions": "Jatketaan." } })
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
        let refused = app.rejected("social-worker", "recordNetworkMeeting", "networkMeeting { id }", meeting(app, &case, json!(null))).await;
        assert_eq!(refused, ["CONSENT_MISSING content.attendees.1.consent"]);
        let before = app.count("disclosure_log_entry", "1 = 1").await;
        let held = met(app, "social-worker", &client, &case).await;
        assert_eq!(held["attendees"][1]["consent"]["purpose"], "NETWORK_MEETING");
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, before + 1);
        let seen = app.ask("client", "{ me { networkMeetings { nodes { agenda decisions attendees { name role } } } } }", json!({})).await["me"]["networkMeetings"]["nodes"][0].clone();
        assert_eq!((seen["decisions"].clone(), seen["attendees"][2].clone()), (json!("Jatketaan."), json!({ "name": "Sisko", "role": "Läheinen" })));
    }
}
