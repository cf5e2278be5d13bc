//! Service decisions: made by those with the power to, served, sought rectification of, amended, taken back, and over by their days.
use super::{
    given::{begun, step},
    opened::{at, subject},
};
use crate::{
    catalogue_given::{published, whole_service},
    funding::given::{due, in_days},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

pub const OF: (&str, &str) = (
    "serviceDecision",
    "state outcome moves madeBy sentOn servedOn rectificationUntil rectification requestedOn rectificationGrounds reason endsBefore endedOn closingReason amends { id }",
);

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

/// What a decision says that grants it from a day on, up to a value.
fn granting_from(service: &str, from: i64, cents: i32) -> Value {
    let mut content = granting(service);
    content["granted"]["validFrom"] = json!(in_days(from));
    content["granted"]["value"] = json!({ "amountCents": cents });
    content
}

/// A draft of a decision.
pub async fn drafted(app: &TestApp, actor: &str, case: &str, content: Value) -> Value {
    let input = json!({ "case": case, "content": content });
    app.done(actor, "draftServiceDecision", "serviceDecision { id version }", input).await["serviceDecision"].clone()
}

/// A draft of a decision in the place of another.
pub async fn amending(app: &TestApp, actor: &str, case: &str, amends: &Value, content: Value) -> Value {
    let input = json!({ "case": case, "amends": amends["id"], "content": content });
    app.done(actor, "draftServiceDecision", "serviceDecision { id version }", input).await["serviceDecision"].clone()
}

/// A decision in the place of another that was handed over to the client today.
async fn replaced(app: &TestApp, case: &str, amends: &Value, content: Value) -> Value {
    let draft = amending(app, "social-worker", case, amends, content).await;
    let made = step(app, "social-worker", "makeServiceDecision", OF, &draft, json!({})).await;
    step(app, "social-worker", "serveServiceDecision", OF, &made, handed_over()).await
}

fn handed_over() -> Value {
    json!({ "method": "HANDED_OVER", "sentOn": in_days(0) })
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
    sees(app, "lead", client).await;
}

async fn sees(app: &TestApp, actor: &str, client: &str) {
    let number = app.ask("service-guide", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": client })).await["client"]["number"].clone();
    let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Ratkaisee tai valmistelee asian." });
    app.done(actor, "openByStatutoryRight", "careRelation { id }", open).await;
}

/// A counsellor of the county who sees the client.
async fn counsellor(app: &TestApp, client: &str) {
    let membership = json!({ "organization": app.world.organization("county"), "role": "SOCIAL_COUNSELLOR", "subject": subject(app, "counsellor").await });
    app.done("admin", "grantMembership", "membership { id }", membership).await;
    sees(app, "counsellor", client).await;
}

/// A decision that the lead has made and handed over.
async fn granted_by_lead(app: &TestApp, case: &str, content: Value) -> Value {
    let draft = drafted(app, "lead", case, content).await;
    let made = step(app, "lead", "makeServiceDecision", OF, &draft, json!({})).await;
    step(app, "lead", "serveServiceDecision", OF, &made, handed_over()).await
}

/// How many notices of a kind somebody has.
async fn notices(app: &TestApp, actor: &str, kind: &str) -> usize {
    let told = app.ask(actor, "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| notice["kind"] == kind).count()
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
        counsellor(app, &client).await;
        let (first, another) = (service(app).await, published(app, "partner", "ngo", whole_service("Ryhmävalmennus")).await);
        let worth = |cents: i32| granting_from(&first, 0, cents);
        let dear = drafted(app, "social-worker", &case, worth(1_500_001)).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &dear, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        assert_eq!(seen(app, &dear).await["state"], "DRAFT");
        // Without a relation to the client the lead decides nothing.
        assert_eq!(refused(app, "lead", "makeServiceDecision", &dear, json!({})).await, "NOT_FOUND");
        lead_sees(app, &client).await;
        assert_eq!(step(app, "lead", "makeServiceDecision", OF, &dear, json!({})).await["state"], "MADE");
        // What else of the service is granted in the case counts along: none is divided to stay below a limit.
        let little = drafted(app, "social-worker", &case, worth(1)).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &little, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        // A denial gives nothing, whatever else is granted.
        let denial = drafted(app, "counsellor", &case, denying(&first)).await;
        assert_eq!(step(app, "counsellor", "makeServiceDecision", OF, &denial, json!({})).await["state"], "MADE");
        let worth = |cents: i32| granting_from(&another, 0, cents);
        let fair = drafted(app, "counsellor", &case, worth(500_001)).await;
        assert_eq!(said_no(app, "counsellor", "makeServiceDecision", &fair, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        assert_eq!(step(app, "social-worker", "makeServiceDecision", OF, &fair, json!({})).await["state"], "MADE");
        let third = published(app, "partner", "ngo", whole_service("Kävelyryhmä")).await;
        let small = drafted(app, "counsellor", &case, granting_from(&third, 0, 500_000)).await;
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
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &denied, dated).await, ["WORKER_ONLY receivedOn"]);
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &denied, json!({ "words": " " })).await, ["REQUIRED words"]);
        let sought = step(app, "client", "requestDecisionRectification", OF, &denied, words.clone()).await;
        assert_eq!((&sought["state"], &sought["rectification"], &sought["requestedOn"]), (&json!("UNDER_RECTIFICATION"), &json!("Tarvitsen ryhmän."), &json!(in_days(0))));
        // Whoever decided and those who answer for the organisation are to act on it.
        let officers = async || app.count("notice", "kind = 'RECTIFICATION_REQUESTED' AND confidential AND subject IS NULL").await;
        assert_eq!((notices(app, "social-worker", "RECTIFICATION_REQUESTED").await, officers().await), (1, 1));
        let why = json!({ "reason": "Jaosto 3.12. § 14: arvio oli oikea." });
        for decision in ["upholdServiceDecision", "amendServiceDecision", "revokeServiceDecision"] {
            assert_eq!(refused(app, "social-worker", decision, &sought, why.clone()).await, "FORBIDDEN", "{decision}");
        }
        lead_sees(app, &client).await;
        let upheld = step(app, "lead", "upholdServiceDecision", OF, &sought, why).await;
        assert_eq!((&upheld["state"], &upheld["rectificationGrounds"]), (&json!("UPHELD"), &json!("Jaosto 3.12. § 14: arvio oli oikea.")));
        assert_eq!(upheld["moves"], json!(["REVOKE"]));
        // It is sought once.
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &upheld, words.clone()).await, ["ILLEGAL_TRANSITION id"]);
        // After its time, nobody seeks it, whether or not the time has moved the state yet.
        let late = served(app, &case, denying(&service)).await;
        app.tamper("UPDATE service_decision SET rectification_until = '2020-01-31' WHERE state = 'SERVED'").await;
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &late, words.clone()).await, ["TOO_LATE id"]);
        assert_eq!((due(app, 0).await.decisions, seen(app, &late).await["state"].as_str()), (1, Some("CLOSED")));
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &seen(app, &late).await, words).await, ["TOO_LATE id"]);
        // A letter of the client is written down by the day on which it came.
        let granted = served(app, &case, granting(&service)).await;
        let future = json!({ "words": "Enemmän kertoja.", "receivedOn": in_days(1) });
        assert_eq!(said_no(app, "service-guide", "requestDecisionRectification", &granted, future).await, ["OUT_OF_RANGE receivedOn"]);
        let letter = step(app, "service-guide", "requestDecisionRectification", OF, &granted, json!({ "words": "Enemmän kertoja.", "receivedOn": in_days(0) })).await;
        // They are told of what a worker writes down too.
        assert_eq!((notices(app, "social-worker", "RECTIFICATION_REQUESTED").await, officers().await), (2, 2));
        // What the body annuls needs no wish of the client; it keeps why apart from how a rectification ended.
        let annulled = step(app, "lead", "revokeServiceDecision", OF, &letter, json!({ "reason": "Jaosto kumoaa." })).await;
        assert_eq!((&annulled["state"], &annulled["reason"], &annulled["rectificationGrounds"]), (&json!("REVOKED"), &json!("Jaosto kumoaa."), &json!(null)));
        let back = step(app, "lead", "revokeServiceDecision", OF, &upheld, json!({ "reason": "Uusi selvitys." })).await;
        assert_eq!((&back["reason"], &back["rectificationGrounds"]), (&json!("Uusi selvitys."), &json!("Jaosto 3.12. § 14: arvio oli oikea.")));
        nothing_is_wrong(app.database()).await;
    }

    async fn a_letter_of_the_last_day_counts_whenever_it_is_written_down_and_one_of_the_day_after_does_not(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let (in_time, late) = (served(app, &case, denying(&service)).await, served(app, &case, denying(&service)).await);
        // The last day was yesterday.
        app.tamper(&format!("UPDATE service_decision SET sent_on = '{}', served_on = '{0}', rectification_until = '{}'", in_days(-31), in_days(-1))).await;
        let words = |day: i64| json!({ "words": "Kirje.", "receivedOn": in_days(day) });
        assert_eq!(due(app, 0).await.decisions, 2);
        let closed = seen(app, &in_time).await;
        assert_eq!((&closed["state"], &closed["moves"]), (&json!("CLOSED"), &json!([])));
        for letter in [words(0), json!({ "words": "Tänään." })] {
            assert_eq!(said_no(app, "service-guide", "requestDecisionRectification", &seen(app, &late).await, letter).await, ["TOO_LATE id"]);
        }
        assert_eq!(said_no(app, "client", "requestDecisionRectification", &closed, json!({ "words": "Myöhässä." })).await, ["TOO_LATE id"]);
        let sought = step(app, "service-guide", "requestDecisionRectification", OF, &closed, words(-1)).await;
        assert_eq!((&sought["state"], &sought["requestedOn"]), (&json!("UNDER_RECTIFICATION"), &json!(in_days(-1))));
        // On the last day the client still seeks it with the own account.
        app.tamper(&format!("UPDATE service_decision SET state = 'SERVED', rectification_until = '{}' WHERE requested_on IS NULL", in_days(0))).await;
        assert_eq!(due(app, 0).await.decisions, 0);
        let last = step(app, "client", "requestDecisionRectification", OF, &seen(app, &late).await, json!({ "words": "Viime hetkellä." })).await;
        assert_eq!(last["state"], "UNDER_RECTIFICATION");
    }

    async fn what_is_served_verifiably_is_received_on_the_day_of_its_receipt(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let made = made(app, &case, denying(&service)).await;
        app.tamper("UPDATE service_decision SET made_at = '2026-01-02T10:00:00+00:00'").await;
        let sent = |method: &str, received: Option<i64>| json!({ "method": method, "sentOn": in_days(-10), "receivedOn": received.map(in_days) });
        for (how, fault) in [
            (sent("VERIFIED", None), "REQUIRED receivedOn"),
            (sent("VERIFIED", Some(-11)), "OUT_OF_RANGE receivedOn"),
            (sent("VERIFIED", Some(1)), "OUT_OF_RANGE receivedOn"),
            (sent("LETTER", Some(-3)), "DOES_NOT_AGREE receivedOn"),
        ] {
            assert_eq!(said_no(app, "social-worker", "serveServiceDecision", &made, how).await, [fault]);
        }
        let served = step(app, "social-worker", "serveServiceDecision", OF, &made, sent("VERIFIED", Some(-3))).await;
        assert_eq!((&served["sentOn"], &served["servedOn"]), (&json!(in_days(-10)), &json!(in_days(-3))));
        assert!(served["rectificationUntil"].as_str().unwrap() >= in_days(27).as_str());
    }

    async fn what_takes_the_place_of_a_decision_needs_the_power_over_that_too(app) {
        let (client, case) = begun(app).await;
        counsellor(app, &client).await;
        lead_sees(app, &client).await;
        let service = service(app).await;
        let dear = granted_by_lead(app, &case, granting_from(&service, 0, 5_000_000)).await;
        let denial = amending(app, "counsellor", &case, &dear, denying(&service)).await;
        for actor in ["counsellor", "social-worker"] {
            assert_eq!(said_no(app, actor, "makeServiceDecision", &denial, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"], "{actor}");
        }
        step(app, "counsellor", "discardServiceDecision", OF, &seen(app, &denial).await, json!({})).await;
        let cent = amending(app, "counsellor", &case, &dear, granting_from(&service, 0, 1)).await;
        assert_eq!(said_no(app, "counsellor", "makeServiceDecision", &cent, json!({})).await, ["ABOVE_POWER content.granted.value.amountCents"]);
        let made = step(app, "lead", "makeServiceDecision", OF, &cent, json!({})).await;
        // And again when it takes the place.
        assert_eq!(said_no(app, "counsellor", "serveServiceDecision", &made, handed_over()).await, ["ABOVE_POWER id"]);
        assert_eq!(seen(app, &dear).await["state"], "SERVED");
        step(app, "lead", "serveServiceDecision", OF, &made, handed_over()).await;
        assert_eq!(seen(app, &dear).await["state"], "AMENDED");
    }

    async fn a_pending_rectification_is_not_ended_by_another_decision(app) {
        let (client, case) = begun(app).await;
        let service = service(app).await;
        let first = served(app, &case, granting(&service)).await;
        let draft = amending(app, "social-worker", &case, &first, denying(&service)).await;
        let made = step(app, "social-worker", "makeServiceDecision", OF, &draft, json!({})).await;
        let sought = step(app, "client", "requestDecisionRectification", OF, &first, json!({ "words": "Enemmän." })).await;
        assert_eq!(said_no(app, "social-worker", "serveServiceDecision", &made, handed_over()).await, ["ILLEGAL_TRANSITION id"]);
        step(app, "social-worker", "revokeServiceDecision", OF, &made, json!({ "reason": "Odottaa jaostoa." })).await;
        let input = json!({ "case": case, "amends": first["id"], "content": denying(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", input).await, ["ILLEGAL_TRANSITION amends"]);
        assert_eq!(seen(app, &first).await["state"], "UNDER_RECTIFICATION");
        lead_sees(app, &client).await;
        let upheld = step(app, "lead", "upholdServiceDecision", OF, &sought, json!({ "reason": "Jaosto: pysytetään." })).await;
        // After that another decision takes its place as of any other.
        replaced(app, &case, &upheld, granting(&service)).await;
        assert_eq!(seen(app, &first).await["state"], "AMENDED");
    }

    async fn what_a_rectification_amends_stands_until_the_decision_that_says_how_is_served(app) {
        let (client, case) = begun(app).await;
        lead_sees(app, &client).await;
        let service = service(app).await;
        let granted = served(app, &case, granting(&service)).await;
        let close = async || at(app, &case, json!({ "reason": "NO_NEED", "note": "Päätetään." })).await;
        let sought = step(app, "client", "requestDecisionRectification", OF, &granted, json!({ "words": "Enemmän kertoja." })).await;
        // A case is not closed over a claim, nor before what it comes to is carried out.
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", close().await).await, ["DECISION_OPEN id"]);
        let amended = step(app, "lead", "amendServiceDecision", OF, &sought, json!({ "reason": "Jaosto: kertoja lisätään." })).await;
        assert_eq!((&amended["state"], &amended["moves"]), (&json!("TO_BE_AMENDED"), &json!([])));
        assert_eq!(amended["rectificationGrounds"], "Jaosto: kertoja lisätään.");
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", close().await).await, ["DECISION_OPEN id"]);
        due(app, 1).await;
        assert_eq!(seen(app, &granted).await["state"], "TO_BE_AMENDED");
        let next = replaced(app, &case, &amended, granting(&service)).await;
        assert_eq!((&seen(app, &granted).await["state"], &next["amends"]["id"]), (&json!("AMENDED"), &granted["id"]));
        // Taken back, it leaves the rectification to be carried out again.
        step(app, "social-worker", "revokeServiceDecision", OF, &next, json!({ "reason": "Virhe.", "clientAgrees": true })).await;
        let waits = seen(app, &granted).await;
        assert_eq!((&waits["state"], &waits["endsBefore"]), (&json!("TO_BE_AMENDED"), &json!(null)));
        replaced(app, &case, &waits, granting(&service)).await;
        app.done("social-worker", "closeCase", "case { id }", close().await).await;
        nothing_is_wrong(app.database()).await;
    }

    async fn in_a_closed_case_only_the_decision_that_a_rectification_asks_for_is_made(app) {
        let (client, case) = begun(app).await;
        lead_sees(app, &client).await;
        let service = service(app).await;
        let denied = served(app, &case, denying(&service)).await;
        let close = at(app, &case, json!({ "reason": "NO_NEED", "note": "Päätetään." })).await;
        app.done("social-worker", "closeCase", "case { id }", close).await;
        let sought = step(app, "client", "requestDecisionRectification", OF, &denied, json!({ "words": "Tarvitsen ryhmän." })).await;
        let input = json!({ "case": case, "amends": denied["id"], "content": granting(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", input).await, ["CASE_CLOSED case"]);
        let amended = step(app, "lead", "amendServiceDecision", OF, &sought, json!({ "reason": "Jaosto myöntää." })).await;
        let draft = amending(app, "social-worker", &case, &amended, granting_from(&service, 0, 1_000)).await;
        let saved = step(app, "social-worker", "saveServiceDecision", OF, &draft, json!({ "content": granting(&service) })).await;
        nothing_is_wrong(app.database()).await;
        let made = step(app, "social-worker", "makeServiceDecision", OF, &saved, json!({})).await;
        step(app, "social-worker", "serveServiceDecision", OF, &made, handed_over()).await;
        assert_eq!(seen(app, &denied).await["state"], "AMENDED");
        let other = json!({ "case": case, "content": granting(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", other).await, ["CASE_CLOSED case"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn what_stood_in_the_place_of_a_decision_and_is_taken_back_gives_it_back(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let first = served(app, &case, granting(&service)).await;
        let second = replaced(app, &case, &first, granting_from(&service, 30, 60_000)).await;
        // One in the place of the second from before it begins ends the first then as well.
        let third = replaced(app, &case, &second, granting_from(&service, 5, 60_000)).await;
        let ends = async |of: &Value| seen(app, of).await["endsBefore"].clone();
        assert_eq!((ends(&first).await, ends(&second).await), (json!(in_days(5)), json!(in_days(5))));
        nothing_is_wrong(app.database()).await;
        let wish = json!({ "reason": "Asiakkaan toive.", "clientAgrees": true });
        step(app, "social-worker", "revokeServiceDecision", OF, &third, wish.clone()).await;
        assert_eq!((ends(&first).await, ends(&second).await), (json!(in_days(30)), json!(null)));
        nothing_is_wrong(app.database()).await;
        step(app, "social-worker", "revokeServiceDecision", OF, &seen(app, &second).await, wish.clone()).await;
        assert_eq!(ends(&first).await, json!(null));
        // What had ended already stands again, and its days go on.
        let today = replaced(app, &case, &seen(app, &first).await, granting(&service)).await;
        assert_eq!(seen(app, &first).await["state"], "AMENDED");
        step(app, "social-worker", "revokeServiceDecision", OF, &today, wish).await;
        let back = seen(app, &first).await;
        assert_eq!((&back["state"], &back["endsBefore"]), (&json!("SERVED"), &json!(null)));
        due(app, 0).await;
        assert_eq!(seen(app, &first).await["state"], "IN_FORCE");
        nothing_is_wrong(app.database()).await;
    }

    async fn what_takes_the_place_of_a_decision_does_so_from_the_day_on_which_the_client_has_it(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let first = served(app, &case, granting(&service)).await;
        let over = |days: i64| {
            let mut content = granting_from(&service, -20, 60_000);
            content["granted"]["validTo"] = json!(in_days(days));
            content
        };
        let draft = amending(app, "social-worker", &case, &first, over(-1)).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &draft, json!({})).await, ["TOO_EARLY content.granted.validTo"]);
        let saved = step(app, "social-worker", "saveServiceDecision", OF, &draft, json!({ "content": over(3) })).await;
        let made = step(app, "social-worker", "makeServiceDecision", OF, &saved, json!({})).await;
        let letter = json!({ "method": "LETTER", "sentOn": in_days(0) });
        assert_eq!(said_no(app, "social-worker", "serveServiceDecision", &made, letter.clone()).await, ["TOO_LATE sentOn"]);
        step(app, "social-worker", "revokeServiceDecision", OF, &made, json!({ "reason": "Uusi päätös." })).await;
        // It says that it begins twenty days ago, and the letter comes in a week.
        let draft = amending(app, "social-worker", &case, &first, granting_from(&service, -20, 60_000)).await;
        let made = step(app, "social-worker", "makeServiceDecision", OF, &draft, json!({})).await;
        let next = step(app, "social-worker", "serveServiceDecision", OF, &made, letter).await;
        let still = seen(app, &first).await;
        assert_eq!((&still["state"], &still["endsBefore"]), (&json!("SERVED"), &json!(in_days(7))));
        due(app, 6).await;
        assert_eq!((&seen(app, &first).await["state"], &seen(app, &next).await["state"]), (&json!("IN_FORCE"), &json!("SERVED")));
        due(app, 7).await;
        assert_eq!((&seen(app, &first).await["state"], &seen(app, &next).await["state"]), (&json!("AMENDED"), &json!("IN_FORCE")));
    }

    async fn a_service_that_is_not_public_any_more_is_not_granted(app) {
        let (_, case) = begun(app).await;
        let service = service(app).await;
        let draft = drafted(app, "social-worker", &case, granting(&service)).await;
        app.done("partner", "withdrawService", "service { id }", json!({ "id": service, "expectedVersion": 2 })).await;
        assert_eq!(said_no(app, "social-worker", "makeServiceDecision", &draft, json!({})).await, ["UNKNOWN_REFERENCE content.service"]);
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
        let denied = served(app, &case, denying(&service)).await;
        let close = async |reason: &str| at(app, &case, json!({ "reason": reason, "note": "Päätetään." })).await;
        assert_eq!(app.rejected("social-worker", "closeCase", "case { id }", close("NO_NEED").await).await, ["DECISION_OPEN id", "DECISION_OPEN id"]);
        app.done("social-worker", "closeCase", "case { id }", close("MOVED_AWAY").await).await;
        let (gone, back) = (seen(app, &draft).await, seen(app, &made).await);
        assert_eq!((&gone["state"], &back["state"], &back["closingReason"]), (&json!("DISCARDED"), &json!("REVOKED"), &json!("MOVED_AWAY")));
        assert_eq!((&back["reason"], &seen(app, &denied).await["state"]), (&json!(null), &json!("SERVED")));
        let late = json!({ "case": case, "content": granting(&service) });
        assert_eq!(app.rejected("social-worker", "draftServiceDecision", "serviceDecision { id }", late).await, ["CASE_CLOSED case"]);
    }

    async fn what_is_granted_ends_with_a_case_that_is_closed_with_what_is_open_in_it(app) {
        let (client, case) = begun(app).await;
        counsellor(app, &client).await;
        let service = service(app).await;
        let first = served(app, &case, granting(&service)).await;
        let second = replaced(app, &case, &first, granting(&service)).await;
        let contested = served(app, &case, granting(&service)).await;
        let contested = step(app, "client", "requestDecisionRectification", OF, &contested, json!({ "words": "Enemmän." })).await;
        lead_sees(app, &client).await;
        let dear = granted_by_lead(app, &case, granting_from(&service, 10, 5_000_000)).await;
        let close = async |reason: &str| at(app, &case, json!({ "reason": reason, "note": "Ä".repeat(5_000) })).await;
        // Whoever could not grant it does not end it by closing the case.
        for actor in ["counsellor", "social-worker"] {
            assert_eq!(app.rejected(actor, "closeCase", "case { id }", close("REFUSED").await).await, ["ABOVE_POWER id"], "{actor}");
        }
        assert_eq!(seen(app, &dear).await["state"], "SERVED");
        app.done("lead", "closeCase", "case { id }", close("REFUSED").await).await;
        let told = async |of: &Value| {
            let row = seen(app, of).await;
            [&row["state"], &row["endedOn"], &row["closingReason"]].map(Clone::clone)
        };
        let ended = |state: &str| [json!(state), json!(in_days(0)), json!("REFUSED")];
        assert_eq!(told(&dear).await, ended("EXPIRED"));
        assert_eq!(told(&second).await, ended("EXPIRED"));
        assert_eq!(told(&first).await, ended("AMENDED"));
        // The claim goes on, and what was contested grants nothing meanwhile or afterwards.
        assert_eq!(told(&contested).await, ended("UNDER_RECTIFICATION"));
        let upheld = step(app, "lead", "upholdServiceDecision", OF, &seen(app, &contested).await, json!({ "reason": "Jaosto: pysytetään." })).await;
        assert_eq!(upheld["state"], "UPHELD");
        due(app, 0).await;
        assert_eq!(told(&contested).await, ended("EXPIRED"));
        nothing_is_wrong(app.database()).await;
    }

    async fn with_a_client_who_has_died_a_decision_ends_whoever_made_it(app) {
        let (client, case) = begun(app).await;
        counsellor(app, &client).await;
        lead_sees(app, &client).await;
        let service = service(app).await;
        let draft = drafted(app, "lead", &case, granting_from(&service, 0, 5_000_000)).await;
        let made = step(app, "lead", "makeServiceDecision", OF, &draft, json!({})).await;
        let close = async |reason: &str| at(app, &case, json!({ "reason": reason, "note": "Päätetään." })).await;
        assert_eq!(app.rejected("counsellor", "closeCase", "case { id }", close("MOVED_AWAY").await).await, ["ABOVE_POWER id"]);
        app.done("counsellor", "closeCase", "case { id }", close("DECEASED").await).await;
        let gone = seen(app, &made).await;
        assert_eq!((&gone["state"], &gone["closingReason"]), (&json!("REVOKED"), &json!("DECEASED")));
        nothing_is_wrong(app.database()).await;
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
                    ("requestDecisionRectification", json!({ "words": "Kokeilen." })),
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
