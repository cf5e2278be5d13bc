//! Both databases are the tables that the entities speak of, and keep what they are given as it was given.
use crate::{
    casework::given as casework_given,
    casework::opened as cases,
    catalogue_given::{offering, published, unit, whole_service},
    insight::given as insight,
    person::given,
};
use serde_json::json;
use tests::{TestApp, databases, in_days, parity, stories};

#[tokio::test]
async fn the_migrated_columns_are_those_of_the_entities() {
    for kind in databases().await {
        let (migrated, said) = parity::columns(kind).await;
        assert_eq!(migrated, said, "{kind:?}");
    }
}

/// A row of each table that sees to the rights of those whom data is about.
async fn rights(app: &TestApp) {
    let (client, _) = given::client(app, given::eino()).await;
    let asked = json!({ "client": client, "kind": "ACCESS", "words": "Haluan nähdä tietoni." });
    app.done("social-worker", "makeSubjectRequest", "subjectRequest { id }", asked).await;
    let held = json!({ "client": client, "reason": "Hallinto-oikeus käsittelee asiakkaan valitusta." });
    app.done("dpo", "setLegalHold", "legalHold { id }", held).await;
    let restricted = json!({ "client": client, "ground": "UNLAWFUL", "words": "Asiakas kiistää arvion." });
    app.done("social-worker", "restrictProcessing", "restriction { id }", restricted).await;
    // A client whose time is over is destroyed; the night is one that was begun.
    let gone = json!({ "firstNames": "Ilona", "lastName": "Mennyt", "birthDate": "1950-05-05", "gender": "FEMALE", "language": "fi" });
    let (gone, _) = given::client(app, gone).await;
    assert!(!gone.is_empty());
    let later = app.later(6 * 366).await;
    later.destroy_due(false).await.unwrap();
    assert!(later.begin_job("retention", "2032-12-01".parse().unwrap()).await.unwrap());
    // What is only there in the middle of a destruction.
    app.tamper("INSERT INTO doomed (row_id, destruction_id) SELECT id, id FROM destruction").await;
    app.tamper("INSERT INTO doomed_log (log, position, destruction_id) SELECT 'use_log', 1, id FROM destruction LIMIT 1").await;
}

/// Rows in every table.
pub async fn furnish_every_table(app: &TestApp) {
    super::who_sees_what::furnish(app).await;
    Box::pin(crate::funding::given::furnish(app)).await;
    let service = published(app, "partner", "ngo", whole_service("Ryhmä “€” 🧶")).await;
    let given = offering(app, "partner", "ngo", &service, json!({ "unit": unit(app, "partner", "ngo").await, "startsOn": "2030-01-01" })).await;
    let series =
        json!({ "offering": given, "rule": "FREQ=DAILY", "date": "2035-05-02", "time": "10:00", "until": "2035-05-06", "minutes": 60, "idempotencyKey": "k" });
    app.done("partner", "scheduleSessions", "__typename", series).await;
    let route = json!({
        "name": { "fi": "Kyläreitti" },
        "stops": [{ "name": { "fi": "Tori" }, "area": app.world.municipality("297"), "point": { "latitude": 62.89, "longitude": 27.68 } }],
    });
    app.done("partner", "createTransportRoute", "transportRoute { id }", json!({ "operator": app.world.organization("ngo"), "content": route })).await;
    let (client, _) = given::client(app, given::aino()).await;
    given::account(app, &client).await;
    app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": client, "subject": "urn:x|y", "kind": "GUARDIAN" })).await;
    given::sent(app, &client).await;
    given::willed(app, &client).await;
    crate::delivery::given::furnish(app, &client).await;
    given::accepted(app).await;
    let case = cases::started(app, &client).await;
    let mut baseline = cases::baseline();
    baseline["case"] = json!(case);
    app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", baseline).await;
    let order = crate::funding::purchase_order::furnish(app, &case).await;
    crate::funding::delivery::furnish(app, &order).await;
    crate::funding::invoice::furnish(app, &order).await;
    crate::funding::complaint::furnish(app, &order).await;
    let voucher = crate::funding::voucher::furnish(app, &client, &case).await;
    crate::funding::voucher_use::furnish(app, &voucher).await;
    crate::funding::overview::furnish(app).await;
    let away = json!({ "organization": app.world.organization("county"), "substitute": cases::subject(app, "service-guide").await, "until": in_days(2) });
    app.done("social-worker", "arrangeSubstitution", "substitution { id }", away).await;
    casework_given::furnish(app).await;
    app.done("partner", "createCalendarFeed", "calendarUrl", json!({ "label": "Puhelin 🧶" })).await;
    rights(app).await;
    // What was published is remembered.
    insight::clients(app, 0..5).await;
    insight::told(app, &insight::report("registeredClients"), json!({ "as": "PUBLISHABLE" })).await;
    // Reading about others leaves a trace.
    app.ask("admin", "{ memberships(first: 50) { nodes { subject } } }", json!({})).await;
}

stories! {
    async fn every_row_comes_back_from_the_other_database_as_it_was(app) {
        furnish_every_table(app).await;
        for kind in databases().await {
            let empty = parity::carried(app.database(), kind).await;
            assert!(empty.is_empty(), "nothing was tried of {empty:?}");
        }
    }
}
