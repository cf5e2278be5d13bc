//! Going on in another offering.
use super::given::{held, offered, taken_on, walk_in};
use crate::{
    person::given::{account, aino, client},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const NEW: &str = "participation { id state alias transferredFrom { id state endedFor } version }";

/// Somebody comes to a group of the association for the first time: the participation as it is then.
async fn begun(app: &TestApp, group: &str, participation: &Value) -> Value {
    let session = held(app, "partner", group, "2026-03-02").await;
    let rows = json!([{ "participation": participation["id"], "status": "PRESENT" }]);
    app.done("partner", "recordAttendance", "attendances { id }", json!({ "session": session, "rows": rows })).await;
    let seen = app.ask("partner", "query($id: ID!) { participation(id: $id) { id state version } }", json!({ "id": participation["id"] })).await;
    assert_eq!(seen["participation"]["state"], "STARTED");
    seen["participation"].clone()
}

fn into(participation: &Value, group: &str) -> Value {
    json!({ "id": participation["id"], "expectedVersion": participation["version"], "offering": group })
}

async fn state(app: &TestApp, participation: &Value) -> Value {
    app.ask("partner", "query($id: ID!) { participation(id: $id) { state } }", json!({ "id": participation["id"] })).await["participation"]["state"].clone()
}

stories! {
    async fn a_client_goes_on_in_another_group_and_the_place_goes_to_whoever_waits(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let (first, full, second) = (offered(app, "partner", "ngo", 1, 2).await, offered(app, "partner", "ngo", 1, 2).await, offered(app, "partner", "ngo", 1, 2).await);
        let made = app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": id, "offering": first, "referral": referral })).await;
        let waits = walk_in(app, &first, "Repo").await;
        walk_in(app, &full, "Karhu").await;
        let enrolled = json!({ "id": made["participation"]["id"], "expectedVersion": 1, "offering": second });
        assert_eq!(app.rejected("social-worker", "transferParticipation", NEW, enrolled).await, ["ILLEGAL_TRANSITION id"], "who has not begun registers anew");
        let begun = begun(app, &first, &made["participation"]).await;
        // Where there is no place, everything stays as it is.
        assert_eq!(app.rejected("social-worker", "transferParticipation", NEW, into(&begun, &full)).await, ["OFFERING_FULL offering"]);
        assert_eq!(app.rejected("social-worker", "transferParticipation", NEW, into(&begun, &first)).await, ["ALREADY_REGISTERED offering"]);
        assert_eq!((state(app, &begun).await, state(app, &waits).await), (json!("STARTED"), json!("WAITLISTED")));
        // It is for those who keep the register.
        for other in ["partner", "client"] {
            assert_eq!(app.rejected(other, "transferParticipation", NEW, into(&begun, &second)).await, ["OTHER_SIDE id"], "{other}");
        }
        for stranger in ["partner-b", "municipal"] {
            let refused = app.refuse(stranger, &TestApp::mutation("transferParticipation", NEW), json!({ "input": into(&begun, &second) })).await;
            assert_eq!(refused, "NOT_FOUND", "{stranger}");
        }
        let mut input = into(&begun, &second);
        input["reason"] = json!("Toinen aika sopii paremmin.");
        input["idempotencyKey"] = json!("siirto-1");
        let moved = app.done("social-worker", "transferParticipation", NEW, input.clone()).await["participation"].clone();
        assert_eq!((moved["state"].clone(), moved["alias"].clone()), (json!("ENROLLED"), json!("Aino")));
        assert_eq!(moved["transferredFrom"], json!({ "id": begun["id"], "state": "TRANSFERRED", "endedFor": "TRANSFERRED" }));
        assert_eq!(app.done("social-worker", "transferParticipation", NEW, input).await["participation"]["id"], moved["id"], "sent again, it is the same one");
        assert_eq!((state(app, &moved).await, state(app, &waits).await), (json!("ENROLLED"), json!("ENROLLED")));
        let told = app.ask("client", "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
        assert!(told.as_array().unwrap().contains(&json!({ "kind": "PARTICIPATION_TRANSFERRED", "participationId": moved["id"] })), "{told}");
        nothing_is_wrong(app.database()).await;
    }

    async fn who_goes_over_to_others_is_referred_to_them(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let (first, own) = (offered(app, "partner", "ngo", 2, 0).await, offered(app, "service-guide", "county", 2, 0).await);
        let elsewhere = offered(app, "partner-b", "parish", 2, 0).await;
        let made = app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": id, "offering": first, "referral": referral })).await;
        let begun = begun(app, &first, &made["participation"]).await;
        assert_eq!(app.rejected("social-worker", "transferParticipation", NEW, into(&begun, &elsewhere)).await, ["CONSENT_MISSING referral"]);
        let mut with = into(&begun, &elsewhere);
        with["referral"] = json!(referral);
        assert_eq!(app.rejected("social-worker", "transferParticipation", NEW, with).await, ["DOES_NOT_AGREE referral"]);
        let moved = app.done("social-worker", "transferParticipation", NEW, into(&begun, &own)).await["participation"].clone();
        assert_eq!(moved["transferredFrom"]["id"], begun["id"]);
        assert_eq!(state(app, &moved).await, json!(null), "those who gave the first know nothing of the second");
        nothing_is_wrong(app.database()).await;
    }

    async fn whom_no_register_knows_is_moved_by_those_who_give_both(app) {
        let (first, second) = (offered(app, "partner", "ngo", 2, 0).await, offered(app, "partner", "ngo", 2, 0).await);
        let elsewhere = offered(app, "partner-b", "parish", 2, 0).await;
        let repo = walk_in(app, &first, "Repo").await;
        let begun = begun(app, &first, &repo).await;
        assert_eq!(app.rejected("partner", "transferParticipation", NEW, into(&begun, &elsewhere)).await, ["DOES_NOT_AGREE offering"]);
        let (one, other) = tokio::join!(
            app.payload("partner", "transferParticipation", NEW, into(&begun, &second)),
            app.payload("partner", "transferParticipation", NEW, into(&begun, &second))
        );
        let done = [&one, &other].into_iter().filter(|payload| payload["userErrors"] == json!([])).count();
        assert_eq!(done, 1, "{one} {other}");
        assert_eq!(app.count("participation", "state = 'ENROLLED'").await, 1);
        nothing_is_wrong(app.database()).await;
    }
}
