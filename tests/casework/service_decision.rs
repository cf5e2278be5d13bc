//! Service decisions: made by those with the power to, served, sought rectification of, amended, taken back, and over by their days.
use super::{
    given::{begun, step},
    opened::{at, subject},
};
use crate::{
    catalogue_given::{published, whole_service},
    funding::given::{due, in_days},
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

pub const OF: (&str, &str) =
    ("serviceDecision", "state outcome moves madeBy sentOn servedOn rectificationUntil rectification requestedOn reason endsBefore amends { id }");

/// A public service of the network: its id.
pub async fn service(app: &TestApp) -> String {
    published(app, "partner", "ngo", whole_service("Yksilövalmennus")).await
}

/// What a decision says that grants ten sessions of a service for ninety days from today on.
pub fn granting(service: &str) -> Value {
    json!({
        "service": service, "outcome": "GRANTED", "basis": "SOCIAL_REHABILITATION", "basisDetails": "Soveltamisohje 2026, luku 3.",
        "reasoning": "Tarvitsee tukea arjen rytmiin.",
        "granted": {
            "validFrom": in_days(0), "validTo": in_days(90), "quantity": { "hundredths": 1_000 }, "unit": "SESSION", "value": { "amountCents": 60_000 },
        },
    })
}

/// What a decision says that denies a service.
fn denying(service: &str) -> Value {
    json!({ "service": service, "outcome": "DENIED", "basis": "SOCIAL_REHABILITATION", "reasoning": "Tarpeeseen vastataan muuten." })
}

/// A draft of a decision.
pub async fn drafted(app: &TestApp, actor: &str, case: &str, content: Value) -> Value {
    let input = json!({ "case": case, "content": content });
    app.done(actor, "draftServiceDecision", "serviceDecision { id version }", input).await["serviceDecision"].clone()
}

/// A decision that the social worker has made.
pub async fn made(app: &TestApp, case: &str, content: Value) -> Value {
    let draft = drafted(app, "social-worker", case, content).await;
    step(app, "social-worker", "makeServiceDecision", OF, &draft, json!({})).await
}

/// A decision that was handed over to the client today.
pub async fn served(app: &TestApp, case: &str, content: Value) -> Value {
    let made = made(app, case, content).await;
    step(app, "social-worker", "serveServiceDecision", OF, &made, json!({ "method": "HANDED_OVER", "sentOn": in_days(0) })).await
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "serviceDecision { id }", input).await
}

async fn refused(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> String {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.refuse(actor, &TestApp::mutation(mutation, "serviceDecision { id }"), json!({ "input": input })).await
}

/// As the social worker sees it now.
pub async fn seen(app: &TestApp, of: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on ServiceDecision {{ id version {} }} }} }}", OF.1);
    app.ask("social-worker", &query, json!({ "id": of["id"] })).await["node"].clone()
}

/// Gives the lead a care relation to a client of the county.
async fn lead_sees(app: &TestApp, client: &str) {
    let number = app.ask("service-guide", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": client })).await["client"]["number"].clone();
    let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Johtava työntekijä ratkaisee asian." });
    app.done("lead", "openByStatutoryRight", "careRelation { id }", open).await;
}

stories! {
    async fn a_decision_is_prepared_made_served_and_over_by_its_days(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let mut content = granting(&service);
        content["reasoning"] = json!(null);
        let draft = drafted(app, "service-guide", &case, content).await;
        // Whoever prepares does not decide, and the client is told nothing yet.
        assert_eq!(refused(app, "service-guide", "makeServiceDecision", &draft, json!({})).await, "FORBIDDEN");
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &draft, json!({})).await, ["REQUIRED content.reasoning"]);
        let saved = step(app, "service-guide", "saveServiceDecision", OF, &draft, json!({ "content": granting(&service) })).await;
        let made = step(app, "social-worker", "makeServiceDecision", OF, &saved, json!({})).await;
        assert_eq!((&made["state"], &made["moves"], &made["madeBy"]), (&json!("MADE"), &json!(["SERVE", "REVOKE"]), &json!(subject(app, "social-worker").await)));
        // What was made stands: it is not written on any more.
        assert_eq!(said_no(app, "service-guide", "saveServiceDecision", &made, json!({ "content": denying(&service) })).await, ["ILLEGAL_TRANSITION id"]);
        let own = "{ me { serviceDecisions { totalCount nodes { state reasoning basis service { name { fi } } granted { validTo quantity { hundredths } unit value { amountCents } } } } } }";
        assert_eq!(app.ask("client", own, json!({})).await["me"]["serviceDecisions"]["totalCount"], 0);
        for (day, method) in [(-1, "LETTER"), (1, "HANDED_OVER")] {
            let serve = json!({ "method": method, "sentOn": in_days(day) });
            assert_eq!(said_no(app, "social-worker", "serveServiceDecision", &made, serve).await, ["OUT_OF_RANGE sentOn"]);
        }
        let letter = step(app, "social-worker", "serveServiceDecision", OF, &made, json!({ "method": "LETTER", "sentOn": in_days(0) })).await;
        assert_eq!((&letter["state"], &letter["servedOn"]), (&json!("SERVED"), &json!(in_days(7))));
        assert!(letter["rectificationUntil"].as_str().unwrap() >= in_days(37).as_str());
        let read = app.ask("client", own, json!({})).await["me"]["serviceDecisions"]["nodes"][0].clone();
        assert_eq!((&read["reasoning"], &read["basis"], &read["service"]["name"]["fi"]), (&json!("Tarvitsee tukea arjen rytmiin."), &json!("SOCIAL_REHABILITATION"), &json!("Yksilövalmennus")));
        assert_eq!(read["granted"], json!({ "validTo": in_days(90), "quantity": { "hundredths": 1_000 }, "unit": "SESSION", "value": { "amountCents": 60_000 } }));
        let told = app.ask("client", "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
        assert!(told.as_array().unwrap().contains(&json!({ "kind": "DECISION_SERVED" })), "{told}");
        // Nothing of it is in the clear.
        assert_eq!(app.count("service_decision", "content LIKE '%arjen%'").await, 0);
        assert_eq!((due(app, 0).await.decisions, due(app, 0).await.decisions), (1, 0));
        assert_eq!(seen(app, &made).await["state"], "IN_FORCE");
        assert_eq!(due(app, 90).await.decisions, 0);
        assert_eq!((due(app, 91).await.decisions, seen(app, &made).await["state"].as_str()), (1, Some("EXPIRED")));
    }

    async fn who_decides_has_a_limit_above_which_the_lead_decides(app) {
        let (client, case) = begun(app).await;
        let counsellor = json!({ "organization": app.world.organization("county"), "role": "SOCIAL_COUNSELLOR", "subject": subject(app, "counsellor").await });
        app.done("admin", "grantMembership", "membership { id }", counsellor).await;
        let service = service(app).await;
        let worth = |cents: i32| {
            let mut content = granting(&service);
            content["granted"]["value"] = json!({ "amountCents": cents });
            content
        };
        let dear = drafted(app, "social-worker", &case, worth(1_500_001)).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &dear, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        assert_eq!(seen(app, &dear).await["state"], "DRAFT");
        // Without a relation to the client the lead decides nothing.
        assert_eq!(refused(app, "lead", "makeServiceDecision", &dear, json!({})).await, "NOT_FOUND");
        lead_sees(app, &client).await;
        assert_eq!(step(app, "lead", "makeServiceDecision", OF, &dear, json!({})).await["state"], "MADE");
        let number = app.ask("service-guide", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": client })).await["client"]["number"].clone();
        let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Sosiaaliohjaaja valmistelee asiaa." });
        app.done("counsellor", "openByStatutoryRight", "careRelation { id }", open).await;
        let fair = drafted(app, "counsellor", &case, worth(500_001)).await;
        assert_eq!(said_no(app, "counsellor", "makeServiceDecision", &fair, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        assert_eq!(step(app, "social-worker", "makeServiceDecision", OF, &fair, json!({})).await["state"], "MADE");
        let small = drafted(app, "counsellor", &case, worth(500_000)).await;
        assert_eq!(step(app, "counsellor", "makeServiceDecision", OF, &small, json!({})).await["state"], "MADE");
        // What was made above one's limit is not taken back below it either.
        assert_eq!(said_no(app, "counsellor", "revokeServiceDecision", &seen(app, &fair).await, json!({ "reason": "Virhe." })).await, ["ABOVE_POWER content.granted.value.amountCents"]);
    }

    async fn what_cannot_be_is_refused_by_its_place_and_nothing_is_kept(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let refused_draft = async |content: Value| app.rejected("service-guide", "draftServiceDecision", "serviceDecision { id }", json!({ "case": case, "content": content })).await;
        for hundredths in [0, -1, i32::MAX] {
            let mut bad = granting(&service);
            bad["granted"]["quantity"] = json!({ "hundredths": hundredths });
            bad["granted"]["value"] = json!({ "amountCents": -1 });
            bad["granted"]["validTo"] = json!(in_days(-1));
            let faults = ["OUT_OF_RANGE content.granted.quantity.hundredths", "OUT_OF_RANGE content.granted.value.amountCents", "DATE_ORDER content.granted.validTo"];
            assert_eq!(refused_draft(bad).await, faults);
        }
        let mut both = denying(&service);
        both["granted"] = granting(&service)["granted"].clone();
        assert_eq!(refused_draft(both).await, ["DOES_NOT_AGREE content.granted"]);
        let elsewhere = published(app, "partner-x", "ngo-x", whole_service("Muualla")).await;
        assert_eq!(refused_draft(granting(&elsewhere)).await, ["OTHER_NETWORK content.service"]);
        let nothing = domain::id::Kinded::to_public(domain::id::ServiceId::new());
        assert_eq!(refused_draft(granting(&nothing)).await, ["UNKNOWN_REFERENCE content.service"]);
        let mut dollars = granting(&service);
        dollars["granted"]["value"]["currency"] = json!("USD");
        let draft = TestApp::mutation("draftServiceDecision", "serviceDecision { id }");
        assert_eq!(app.post("service-guide", &draft, json!({ "input": { "case": case, "content": dollars } })).await.body["data"], json!(null));
        assert_eq!(app.count("service_decision", "1 = 1").await, 0);
        // A basis of another law is named, and a grant says what is granted.
        let mut bare = granting(&service);
        (bare["basis"], bare["basisDetails"]) = (json!("OTHER"), json!(null));
        bare["granted"] = json!(null);
        let bare = drafted(app, "service-guide", &case, bare).await;
        let missing = ["REQUIRED content.basisDetails", "REQUIRED content.granted"];
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &bare, json!({})).await, missing);
        let thrown = step(app, "social-worker", "discardServiceDecision", OF, &bare, json!({})).await;
        assert_eq!((&thrown["state"], &thrown["moves"]), (&json!("DISCARDED"), &json!([])));
        let stale = json!({ "id": bare["id"], "expectedVersion": 1, "method": "LETTER", "sentOn": in_days(0) });
        assert_eq!(app.rejected("social-worker", "serveServiceDecision", "serviceDecision { id }", stale).await, ["STALE_VERSION expectedVersion"]);
    }

    async fn the_client_seeks_rectification_within_its_time_and_the_lead_writes_down_what_comes_of_it(app) {
        let (client, case) = begun(app).await;
        let service = service(app).await;
        let denied = served(app, &case, denying(&service)).await;
        let words = json!({ "words": "Tarvitsen ryhmän." });
        // The client decides nothing but that, and names no day.
        for (mutation, more) in [("revokeServiceDecision", json!({ "reason": "En hyväksy." })), ("serveServiceDecision", json!({ "method": "LETTER", "sentOn": in_days(0) }))] {
            assert_eq!(said_no(app, "client", mutation, &denied, more).await, ["WORKER_ONLY id"], "{mutation}");
        }
        let dated = json!({ "words": "Tarvitsen ryhmän.", "receivedOn": in_days(0) });
        assert_eq!(said_no(app, "client", "requestRectification", &denied, dated).await, ["WORKER_ONLY receivedOn"]);
        assert_eq!(said_no(app, "client", "requestRectification", &denied, json!({ "words": " " })).await, ["REQUIRED words"]);
        let sought = step(app, "client", "requestRectification", OF, &denied, words.clone()).await;
        assert_eq!((&sought["state"], &sought["rectification"], &sought["requestedOn"]), (&json!("UNDER_RECTIFICATION"), &json!("Tarvitsen ryhmän."), &json!(in_days(0))));
        let told = app.ask("social-worker", "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
        assert!(told.as_array().unwrap().contains(&json!({ "kind": "RECTIFICATION_REQUESTED" })), "{told}");
        let why = json!({ "reason": "Jaosto 3.12. § 14: arvio oli oikea." });
        for decision in ["upholdServiceDecision", "amendServiceDecision", "revokeServiceDecision"] {
            assert_eq!(refused(app, "social-worker", decision, &sought, why.clone()).await, "FORBIDDEN", "{decision}");
        }
        lead_sees(app, &client).await;
        let upheld = step(app, "lead", "upholdServiceDecision", OF, &sought, why).await;
        assert_eq!((&upheld["state"], &upheld["reason"]), (&json!("UPHELD"), &json!("Jaosto 3.12. § 14: arvio oli oikea.")));
        // It is sought once.
        assert_eq!(said_no(app, "client", "requestRectification", &upheld, words.clone()).await, ["ILLEGAL_TRANSITION id"]);
        // After its time, nobody seeks it, whether or not the time has moved the state yet.
        let late = served(app, &case, denying(&service)).await;
        app.tamper("UPDATE service_decision SET rectification_until = '2020-01-31' WHERE state = 'SERVED'").await;
        assert_eq!(said_no(app, "client", "requestRectification", &late, words.clone()).await, ["TOO_LATE id"]);
        assert_eq!((due(app, 0).await.decisions, seen(app, &late).await["state"].as_str()), (1, Some("CLOSED")));
        assert_eq!(said_no(app, "client", "requestRectification", &seen(app, &late).await, words).await, ["TOO_LATE id"]);
        // A letter of the client is written down by the day on which it came.
        let granted = served(app, &case, granting(&service)).await;
        let future = json!({ "words": "Enemmän kertoja.", "receivedOn": in_days(1) });
        assert_eq!(said_no(app, "service-guide", "requestRectification", &granted, future).await, ["OUT_OF_RANGE receivedOn"]);
        let letter = step(app, "service-guide", "requestRectification", OF, &granted, json!({ "words": "Enemmän kertoja.", "receivedOn": in_days(0) })).await;
        // It amends, and another decision says how.
        let amended = step(app, "lead", "amendServiceDecision", OF, &letter, json!({ "reason": "Jaosto: kertoja lisätään." })).await;
        assert_eq!((&amended["state"], &amended["moves"]), (&json!("AMENDED"), &json!([])));
        let next = json!({ "case": case, "amends": amended["id"], "content": granting(&service) });
        let next = app.done("social-worker", "draftServiceDecision", "serviceDecision { amends { id } }", next.clone()).await["serviceDecision"].clone();
        assert_eq!(next["amends"]["id"], amended["id"]);
    }

    async fn another_decision_takes_the_place_of_one_from_its_first_day_on(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let first = served(app, &case, granting(&service)).await;
        let amending = async |of: &Value, from: i64| {
            let mut content = granting(&service);
            content["granted"]["validFrom"] = json!(in_days(from));
            let input = json!({ "case": case, "amends": of["id"], "content": content });
            let draft = app.done("social-worker", "draftServiceDecision", "serviceDecision { id version }", input.clone()).await["serviceDecision"].clone();
            // One takes its place.
            assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", input).await, ["NOT_UNIQUE amends"]);
            let made = step(app, "social-worker", "makeServiceDecision", OF, &draft, json!({})).await;
            // Until the client is told, nothing has changed.
            assert_eq!(seen(app, of).await["state"], of["state"]);
            step(app, "social-worker", "serveServiceDecision", OF, &made, json!({ "method": "HANDED_OVER", "sentOn": in_days(0) })).await
        };
        let second = amending(&first, 0).await;
        assert_eq!((&seen(app, &first).await["state"], &second["amends"]["id"]), (&json!("AMENDED"), &first["id"]));
        let third = amending(&second, 30).await;
        let still = seen(app, &second).await;
        assert_eq!((&still["state"], &still["endsBefore"]), (&json!("SERVED"), &json!(in_days(30))));
        due(app, 0).await;
        assert_eq!((due(app, 29).await.decisions, due(app, 30).await.decisions), (0, 2));
        assert_eq!((&seen(app, &second).await["state"], &seen(app, &third).await["state"]), (&json!("AMENDED"), &json!("IN_FORCE")));
        // What is no decision of the case, or was not served, is not amended.
        let draft = drafted(app, "social-worker", &case, granting(&service)).await;
        let input = json!({ "case": case, "amends": draft["id"], "content": granting(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", input).await, ["ILLEGAL_TRANSITION amends"]);
    }

    async fn what_is_granted_is_taken_back_by_the_clients_wish_only(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let granted = served(app, &case, granting(&service)).await;
        assert_eq!(said_no(app, "social-worker", "revokeServiceDecision", &granted, json!({ "reason": "Säästö." })).await, ["AGREEMENT_MISSING clientAgrees"]);
        assert_eq!(said_no(app, "social-worker", "revokeServiceDecision", &granted, json!({ "reason": "", "clientAgrees": true })).await, ["REQUIRED reason"]);
        assert_eq!(refused(app, "service-guide", "revokeServiceDecision", &granted, json!({ "reason": "Säästö.", "clientAgrees": true })).await, "FORBIDDEN");
        let wish = json!({ "reason": "Asiakas muuttaa.", "clientAgrees": true });
        let revoked = step(app, "social-worker", "revokeServiceDecision", OF, &granted, wish).await;
        assert_eq!((&revoked["state"], &revoked["reason"], &revoked["moves"]), (&json!("REVOKED"), &json!("Asiakas muuttaa."), &json!([])));
        // What the client does not know of yet is taken back without that.
        let made = made(app, &case, granting(&service)).await;
        assert_eq!(step(app, "social-worker", "revokeServiceDecision", OF, &made, json!({ "reason": "Kirjoitusvirhe." })).await["state"], "REVOKED");
    }

    async fn a_case_is_not_closed_before_the_client_is_told_of_each_decision(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let (draft, made) = (drafted(app, "service-guide", &case, denying(&service)).await, made(app, &case, granting(&service)).await);
        let served = served(app, &case, denying(&service)).await;
        let close = async |reason: &str| at(app, &case, json!({ "reason": reason, "note": "Päätetään." })).await;
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", close("NO_NEED").await).await, ["DECISION_OPEN id", "DECISION_OPEN id"]);
        app.done("social-worker", "closeCase", "case { id }", close("MOVED_AWAY").await).await;
        let (gone, back) = (seen(app, &draft).await, seen(app, &made).await);
        assert_eq!((&gone["state"], &back["state"], &back["reason"]), (&json!("DISCARDED"), &json!("REVOKED"), &json!("Päätetään.")));
        assert_eq!(seen(app, &served).await["state"], "SERVED");
        let late = json!({ "case": case, "content": granting(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", late).await, ["CASE_CLOSED case"]);
    }

    async fn nobody_but_the_client_and_those_with_a_relation_knows_of_a_decision(app) {
        let (client, case) = begun(app).await;
        let service = service(app).await;
        let served = served(app, &case, granting(&service)).await;
        let query = "query($id: ID!, $client: ID!) { node(id: $id) { id } client(id: $client) { serviceDecisions { totalCount nodes { id } } } }";
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["stranger"]) {
            let knows = ["client", "social-worker", "service-guide"].contains(&actor);
            let told = app.ask(actor, query, json!({ "id": served["id"], "client": client })).await;
            let sees = [!told["node"].is_null(), told["client"]["serviceDecisions"]["totalCount"] == 1];
            assert_eq!(sees, [knows; 2], "{actor}");
            if !knows {
                for (mutation, more) in [
                    ("requestRectification", json!({ "words": "Kokeilen." })),
                    ("revokeServiceDecision", json!({ "reason": "Kokeilen.", "clientAgrees": true })),
                    ("makeServiceDecision", json!({})),
                ] {
                    assert_eq!(refused(app, actor, mutation, &served, more).await, "NOT_FOUND", "{actor} {mutation}");
                }
            }
        }
    }

    async fn sent_again_a_decision_is_drafted_once(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let mut draft = json!({ "case": case, "content": granting(&service), "idempotencyKey": "paatos-1" });
        let first = app.done("service-guide", "draftServiceDecision", "serviceDecision { id }", draft.clone()).await;
        assert_eq!(app.done("service-guide", "draftServiceDecision", "serviceDecision { id }", draft.clone()).await, first);
        draft["content"] = denying(&service);
        assert_eq!(app.rejected("service-guide", "draftServiceDecision", "serviceDecision { id }", draft).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        assert_eq!(app.count("service_decision", "1 = 1").await, 1);
        // A move sent again finds that it was done.
        let made = step(app, "social-worker", "makeServiceDecision", OF, &json!({ "id": first["serviceDecision"]["id"], "version": 1 }), json!({})).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &json!({ "id": made["id"], "version": 1 }), json!({})).await, ["STALE_VERSION expectedVersion"]);
    }
}
