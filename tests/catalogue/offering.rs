//! Offerings: places, providers of purchased services, and places that are taken.
use super::given::{offering, published, unit, whole_service};
use serde_json::{Value, json};
use tests::stories;

stories! {
    async fn only_a_purchased_service_is_given_by_another_organisation(app) {
        let own = published(app, "service-guide", "county", whole_service("Oma")).await;
        let mut content = whole_service("Ostettu");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("company")]);
        let purchased = published(app, "service-guide", "county", content).await;
        let input = |service: &str| json!({ "service": service, "provider": app.world.organization("company"), "content": {} });
        assert_eq!(app.rejected("provider", "createServiceOffering", "serviceOffering { id }", input(&own)).await, ["NOT_PRODUCER provider"]);
        let made = app.done("provider", "createServiceOffering", "serviceOffering { service { edition } publishing }", input(&purchased)).await;
        assert_eq!(made["serviceOffering"], json!({ "service": { "edition": "PUBLISHED" }, "publishing": "DRAFT" }));
        let create = tests::TestApp::mutation("createServiceOffering", "serviceOffering { id }");
        assert_eq!(app.refuse("partner", &create, json!({ "input": input(&purchased) })).await, "FORBIDDEN");
        let mut uninvited = input(&purchased);
        uninvited["provider"] = json!(app.world.organization("ngo"));
        assert_eq!(app.rejected("partner", "createServiceOffering", "serviceOffering { id }", uninvited).await, ["NOT_PRODUCER provider"]);
    }

    async fn the_services_own_organisation_may_withdraw_what_a_producer_offers_but_not_change_it(app) {
        let mut content = whole_service("Ostettu");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("company")]);
        let service = published(app, "service-guide", "county", content).await;
        let place = unit(app, "provider", "company").await;
        let id = offering(app, "provider", "company", &service, json!({ "startsOn": "2020-01-01", "unit": place })).await;
        let update = tests::TestApp::mutation("updateServiceOffering", "serviceOffering { id }");
        let input = json!({ "input": { "id": id, "expectedVersion": 2, "content": {} } });
        assert_eq!(app.refuse("service-guide", &update, input).await, "FORBIDDEN");
        app.done("service-guide", "withdrawServiceOffering", "serviceOffering { publishing }", json!({ "id": id, "expectedVersion": 2 })).await;
        assert_eq!(app.ask("", "{ serviceMap { totalCount } }", json!({})).await["serviceMap"]["totalCount"], 0);
        let publish = tests::TestApp::mutation("publishServiceOffering", "serviceOffering { id }");
        assert_eq!(app.refuse("service-guide", &publish, json!({ "input": { "id": id, "expectedVersion": 3 } })).await, "FORBIDDEN");
    }

    async fn a_discarded_offering_takes_neither_sessions_nor_places(app) {
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": {} });
        let made = app.done("partner", "createServiceOffering", "serviceOffering { id }", input).await;
        let id = made["serviceOffering"]["id"].clone();
        app.done("partner", "discardServiceOffering", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 1 })).await;
        let places = app.rejected("partner", "reportPlacesTaken", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 2, "placesTaken": 1 })).await;
        assert_eq!(places, ["ILLEGAL_TRANSITION id"]);
        let sessions = app.rejected("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": id, "date": "2035-01-01", "time": "10:00", "minutes": 60 })).await;
        assert_eq!(sessions, ["ILLEGAL_TRANSITION id"]);
    }

    async fn an_offering_needs_a_public_service_a_start_and_a_place(app) {
        let (service, _) = super::given::draft(app, "partner", "ngo", whole_service("Luonnos")).await;
        let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": {} });
        let made = app.done("partner", "createServiceOffering", "serviceOffering { id }", input).await;
        let missing = app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": made["serviceOffering"]["id"], "expectedVersion": 1 })).await;
        assert_eq!(missing, ["SERVICE_NOT_PUBLISHED service", "REQUIRED content.startsOn", "NO_PLACE content.unit"]);
    }

    async fn places_taken_are_seen_at_once_and_never_pass_the_places(app) {
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let place = unit(app, "partner", "ngo").await;
        let id = offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "unit": place, "capacity": 8 })).await;
        app.done("partner", "reportPlacesTaken", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 2, "placesTaken": 8 })).await;
        let seen = app.ask("", "query($id: ID!) { serviceOffering(id: $id) { freePlaces placesTaken } }", json!({ "id": id })).await;
        assert_eq!(seen["serviceOffering"], json!({ "freePlaces": 0, "placesTaken": 8 }));
        assert_eq!(app.ask("", "{ serviceMap(filter: { hasFreePlaces: true }) { totalCount } }", json!({})).await["serviceMap"]["totalCount"], 0);
        let over = app.rejected("partner", "reportPlacesTaken", "serviceOffering { id }", json!({ "id": id, "expectedVersion": 3, "placesTaken": 9 })).await;
        assert_eq!(over, ["OVER_CAPACITY placesTaken"]);
    }

    async fn a_place_of_another_network_is_refused(app) {
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let foreign = unit(app, "partner-x", "ngo-x").await;
        let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": { "unit": foreign } });
        assert_eq!(app.rejected("partner", "createServiceOffering", "serviceOffering { id }", input).await, ["OTHER_NETWORK content.unit"]);
        let nowhere = json!({ "service": service, "provider": app.world.organization("ngo-x"), "content": {} });
        assert_eq!(app.rejected("partner-x", "createServiceOffering", "serviceOffering { id }", nowhere).await, ["OTHER_NETWORK provider"]);
        assert_eq!(app.count("service_offering", "1 = 1").await, 0);
    }

    async fn an_id_of_another_kind_is_bad_input(app) {
        let organization = app.world.organization("ngo");
        assert_eq!(app.refuse("", "query($id: ID!) { service(id: $id) { id } }", json!({ "id": organization })).await, "BAD_INPUT");
        assert_eq!(app.ask("", r#"{ node(id: "x") { id } }"#, json!({})).await["node"], Value::Null);
    }
}
