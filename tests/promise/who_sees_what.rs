//! Every row of a fixed world for every actor: what is seen, changed and moved, as one table to be read in review.
use super::who_sees_clients::OTHER_PROVIDER;
use crate::{
    casework::opened,
    catalogue_given::{draft, whole_service},
    person::given,
};
use serde_json::json;
use std::fmt::Write;
use tests::{CAST, TestApp, stories};

/// One draft with its offering and planned sessions, one hidden venue and one agreement of the association; none of it public. Their kinds and ids.
pub async fn furnish(app: &TestApp) -> Vec<(&'static str, String)> {
    let (service, _) = draft(app, "partner", "ngo", whole_service("Luonnos")).await;
    let id = |made: &serde_json::Value, field: &str| made[field]["id"].as_str().unwrap().to_owned();
    let ngo = app.world.organization("ngo");
    let offering = app.done("partner", "createServiceOffering", "serviceOffering { id }", json!({ "service": service, "provider": ngo, "content": {} })).await;
    let venue = json!({ "name": { "fi": "Kylätalo" }, "area": app.world.municipality("297"), "accessibility": { "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false } });
    let venue = app.done("partner", "addVenue", "venue { id }", json!({ "organization": ngo, "content": venue })).await;
    let agreement = json!({
        "kind": "SOSKUMPPANUUS", "parties": [ngo, app.world.organization("parish")],
        "contents": { "fi": "Sovitaan." }, "dataSharing": { "fi": "Vain suostumuksella." }, "validFrom": "2026-01-01",
    });
    let agreement = app.done("partner", "concludePartnershipAgreement", "partnershipAgreement { id }", json!({ "keeper": ngo, "content": agreement })).await;
    let planned = json!({ "offering": offering["serviceOffering"]["id"], "rule": "FREQ=WEEKLY", "date": "2035-01-01", "time": "10:00", "until": "2035-01-15", "minutes": 60 });
    let planned = app.done("partner", "scheduleSessions", "serviceOffering { series { nodes { id sessions { nodes { id } } } } }", planned).await;
    let (hook, _) = crate::partners::webhook::hooked(app, json!({ "url": "https://9.9.9.9/hook" })).await;
    let ping = app.done("integration", "pingWebhook", "webhookDelivery { id }", json!({ "id": hook })).await;
    let day = crate::outreach::given::opened(app, crate::outreach::given::day(app)).await;
    let series = planned["serviceOffering"]["series"]["nodes"][0].clone();
    let mut rows = vec![
        ("SessionSeries", series["id"].as_str().unwrap().to_owned()),
        ("Session", series["sessions"]["nodes"][0]["id"].as_str().unwrap().to_owned()),
        ("Organization", ngo),
        ("Service", service),
        ("ServiceOffering", id(&offering, "serviceOffering")),
        ("Venue", id(&venue, "venue")),
        ("PartnershipAgreement", id(&agreement, "partnershipAgreement")),
        ("DropInDay", day),
        ("Webhook", hook),
        ("WebhookDelivery", id(&ping, "webhookDelivery")),
    ];
    rows.extend(crate::outreach::given::furnish(app).await);
    rows
}

/// What is asked for and paid for what clients were given, and never says for whom: an invoice and a settlement of vouchers. Kinds and ids.
async fn paid(app: &TestApp) -> [(&'static str, String); 2] {
    let (client, _) = given::client(app, given::aino()).await;
    let case = opened::started(app, &client).await;
    let order = crate::funding::purchase_order::furnish(app, &case).await;
    let invoice = crate::funding::invoice::furnish(app, &order).await;
    let voucher = crate::funding::voucher::furnish(app, &client, &case).await;
    [("Invoice", invoice), ("VoucherSettlement", crate::funding::voucher_use::furnish(app, &voucher).await)]
}

/// Of what is bought, what another provider is told nothing of.
const BOUGHT: &[&str] = &["Procurement", "FrameworkContract", "ContractLine", "Rulebook", "ProviderApproval", "Invoice", "VoucherSettlement"];

stories! {
    async fn who_sees_and_changes_what(app) {
        let mut rows = furnish(app).await;
        // Bought is what everybody sees.
        rows.extend(Box::pin(crate::funding::given::furnish(app)).await);
        rows.extend(Box::pin(paid(app)).await);
        let mut table = String::from("row                  | actor          | sees | changes | moves\n");
        let mut actors = vec!["", "stranger"];
        actors.extend(CAST.iter().map(|(name, _, _)| *name).chain(["manager", "finance", "council"]).chain(OTHER_PROVIDER.iter().copied()));
        for (kind, id) in &rows {
            for actor in &actors {
                let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ access {{ canUpdate canTransition }} }} }} }}");
                let node = app.ask(actor, &query, json!({ "id": id })).await["node"].clone();
                let mark = |yes: bool| if yes { "yes" } else { "-" };
                let name = if actor.is_empty() { "(nobody)" } else { actor };
                let hidden = BOUGHT.contains(kind) && OTHER_PROVIDER.contains(actor);
                assert!(!hidden || node.is_null(), "another provider sees a {kind}: {node}");
                let (change, step) = (node["access"]["canUpdate"] == true, node["access"]["canTransition"] == true);
                let _ = writeln!(table, "{kind:<20} | {name:<14} | {:<4} | {:<7} | {}", mark(!node.is_null()), mark(change), mark(step));
            }
        }
        insta::assert_snapshot!("who_sees_what", table);
    }
}
