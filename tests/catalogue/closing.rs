//! Closing units, routes and areas: not while they are used, and never so that history loses them.
use super::given::{offering, published, unit, whole_service};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn area(app: &TestApp, name: &str, parent: &str) -> String {
    let input = json!({ "network": app.world.network("kuopio"), "content": { "kind": "VILLAGE", "name": { "fi": name }, "parent": parent } });
    app.done("admin", "addArea", "area { id }", input).await["area"]["id"].as_str().unwrap().to_owned()
}

async fn route(app: &TestApp, village: &str) -> String {
    let stop = json!({ "name": { "fi": "Kaupan piha" }, "area": village, "point": { "latitude": 62.9, "longitude": 27.7 } });
    let input = json!({ "operator": app.world.organization("ngo"), "content": { "name": { "fi": "Kyläauto" }, "stops": [stop] } });
    app.done("partner", "createTransportRoute", "transportRoute { id }", input).await["transportRoute"]["id"].as_str().unwrap().to_owned()
}

fn at(id: &str, version: i64) -> Value {
    json!({ "id": id, "expectedVersion": version })
}

async fn count(app: &TestApp, list: &str) -> i64 {
    app.ask("", &format!("{{ {list} {{ totalCount }} }}"), json!({})).await[list.split('(').next().unwrap()]["totalCount"].as_i64().unwrap()
}

stories! {
    async fn a_unit_is_closed_once_nothing_public_is_given_there_and_history_still_shows_it(app) {
        let place = unit(app, "partner", "ngo").await;
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let group = offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "unit": place })).await;
        assert_eq!(app.rejected("partner", "closeServiceUnit", "serviceUnit { id }", at(&place, 1)).await, ["IN_USE id"]);
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", at(&group, 2)).await;
        let before = app.count("event", "kind = 'ServiceUnit' AND happening = 'WITHDRAWN'").await;
        let closed = app.done("partner", "closeServiceUnit", "serviceUnit { state closedOn moves version }", at(&place, 1)).await["serviceUnit"].clone();
        assert_eq!((&closed["state"], &closed["moves"], &closed["version"]), (&json!("CLOSED"), &json!(["REOPEN"]), &json!(2)));
        assert!(closed["closedOn"].as_str().unwrap().parse::<chrono::NaiveDate>().is_ok(), "{closed}");
        assert_eq!(app.count("event", "kind = 'ServiceUnit' AND happening = 'WITHDRAWN'").await, before + 1);
        assert_eq!((count(app, "serviceUnits").await, count(app, "serviceUnits(filter: { states: [CLOSED] })").await), (0, 1));
        let organization = app.ask("", "query($id: ID!) { organization(id: $id) { units { totalCount } } }", json!({ "id": app.world.organization("ngo") })).await;
        assert_eq!(organization["organization"]["units"]["totalCount"], 0);
        let node = app.ask("", "query($id: ID!) { node(id: $id) { ... on ServiceUnit { state moves } } }", json!({ "id": place })).await;
        assert_eq!(node["node"], json!({ "state": "CLOSED", "moves": [] }));
        let history = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { unit { name { fi } state } } }", json!({ "id": group })).await;
        assert_eq!(history["serviceOffering"]["unit"], json!({ "name": { "fi": "Toimipiste" }, "state": "CLOSED" }));
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", at(&group, 3)).await, ["PLACE_CLOSED content.unit"]);
        assert_eq!(app.rejected("partner", "closeServiceUnit", "serviceUnit { id }", at(&place, 2)).await, ["ILLEGAL_TRANSITION id"]);
        let change = json!({ "id": place, "expectedVersion": 2, "content": { "name": { "fi": "Uusi nimi" }, "area": app.world.municipality("297") } });
        assert_eq!(app.rejected("partner", "updateServiceUnit", "serviceUnit { id }", change).await, ["PLACE_CLOSED id"]);
        app.done("partner", "reopenServiceUnit", "serviceUnit { id }", at(&place, 2)).await;
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", at(&group, 3)).await;
        assert_eq!(count(app, "serviceUnits").await, 1);
    }

    async fn a_service_does_not_come_back_with_offerings_at_a_closed_place(app) {
        let place = unit(app, "provider", "company").await;
        let mut content = whole_service("Ostettu");
        content["provision"] = json!("PURCHASED");
        content["producers"] = json!([app.world.organization("ngo")]);
        let service = published(app, "service-guide", "county", content).await;
        offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "unit": place })).await;
        assert_eq!(app.rejected("provider", "closeServiceUnit", "serviceUnit { id }", at(&place, 1)).await, ["IN_USE id"], "whoever gives it there");
        app.done("service-guide", "withdrawService", "service { id }", at(&service, 2)).await;
        app.done("provider", "closeServiceUnit", "serviceUnit { id }", at(&place, 1)).await;
        assert_eq!(app.rejected("service-guide", "publishService", "service { id }", at(&service, 3)).await, ["PLACE_CLOSED offerings"]);
        app.done("provider", "reopenServiceUnit", "serviceUnit { id }", at(&place, 2)).await;
        app.done("service-guide", "publishService", "service { id }", at(&service, 3)).await;
    }

    async fn a_route_is_closed_once_nothing_public_is_given_along_it(app) {
        let village = area(app, "Kylä", &app.world.municipality("297")).await;
        let route = route(app, &village).await;
        let service = published(app, "partner", "ngo", whole_service("Liikkuva")).await;
        let group = offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "route": route })).await;
        assert_eq!(app.rejected("partner", "closeTransportRoute", "transportRoute { id }", at(&route, 1)).await, ["IN_USE id"]);
        assert_eq!(app.rejected("admin", "closeArea", "area { id }", at(&village, 1)).await, ["IN_USE id"], "a stop lies in it");
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", at(&group, 2)).await;
        app.done("partner", "closeTransportRoute", "transportRoute { id }", at(&route, 1)).await;
        assert_eq!((count(app, "transportRoutes").await, count(app, "transportRoutes(filter: { states: [OPEN, CLOSED] })").await), (0, 1));
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", at(&group, 3)).await, ["PLACE_CLOSED content.route"]);
        app.done("admin", "closeArea", "area { id }", at(&village, 1)).await;
        assert_eq!(app.rejected("partner", "reopenTransportRoute", "transportRoute { id }", at(&route, 2)).await, ["PLACE_CLOSED id"], "its stop lies in a closed area");
    }

    async fn an_area_is_closed_from_the_inside_out_and_takes_nothing_new(app) {
        let kuopio = app.world.municipality("297");
        let district = area(app, "Kaupunginosa", &kuopio).await;
        let village = area(app, "Kylä", &district).await;
        let content = |area: &str| json!({ "name": { "fi": "Talo" }, "area": area, "accessibility": { "stepFree": true, "accessibleToilet": false, "inductionLoop": false, "accessibleParking": false } });
        let venue = |area: &str| json!({ "organization": app.world.organization("ngo"), "content": content(area) });
        let house = app.done("partner", "addVenue", "venue { id }", venue(&village)).await["venue"]["id"].clone();
        assert_eq!(app.rejected("admin", "closeArea", "area { id }", at(&district, 1)).await, ["IN_USE id"], "a village in use lies in it");
        assert_eq!(app.rejected("admin", "closeArea", "area { id }", at(&village, 1)).await, ["IN_USE id"], "a venue lies in it, though hidden");
        app.done("partner", "withdrawVenue", "venue { id }", json!({ "id": house, "expectedVersion": 1 })).await;
        let content = json!({ "name": { "fi": "Toimipiste" }, "area": village });
        let place = app.done("partner", "createServiceUnit", "serviceUnit { id }", json!({ "organization": app.world.organization("ngo"), "content": content })).await;
        let place = place["serviceUnit"]["id"].as_str().unwrap().to_owned();
        assert_eq!(app.rejected("admin", "closeArea", "area { id }", at(&village, 1)).await, ["IN_USE id"], "a unit lies in it");
        app.done("partner", "closeServiceUnit", "serviceUnit { id }", at(&place, 1)).await;
        app.done("admin", "closeArea", "area { state }", at(&village, 1)).await;
        app.done("admin", "closeArea", "area { state }", at(&district, 1)).await;
        let seen = app.ask("", "query($id: ID!) { area(id: $id) { state parent { name { fi } } } serviceUnits(filter: { states: [CLOSED] }) { nodes { area { name { fi } } } } }", json!({ "id": village })).await;
        assert_eq!(seen["area"], json!({ "state": "CLOSED", "parent": { "name": { "fi": "Kaupunginosa" } } }));
        assert_eq!(seen["serviceUnits"]["nodes"], json!([{ "area": { "name": { "fi": "Kylä" } } }]));
        let listed = app.ask("", "query($id: ID!) { area(id: $id) { children { totalCount } } areas(filter: { kinds: [VILLAGE] }) { totalCount } }", json!({ "id": kuopio })).await;
        assert_eq!(listed, json!({ "area": { "children": { "totalCount": 0 } }, "areas": { "totalCount": 0 } }));
        assert_eq!(app.rejected("partner", "addVenue", "venue { id }", venue(&village)).await, ["PLACE_CLOSED content.area"]);
        let inside = json!({ "network": app.world.network("kuopio"), "content": { "kind": "VILLAGE", "name": { "fi": "Uusi" }, "parent": district } });
        assert_eq!(app.rejected("admin", "addArea", "area { id }", inside).await, ["PLACE_CLOSED content.parent"]);
        assert_eq!(app.rejected("partner", "reopenServiceUnit", "serviceUnit { id }", at(&place, 2)).await, ["PLACE_CLOSED id"]);
        assert_eq!(app.rejected("admin", "reopenArea", "area { id }", at(&village, 2)).await, ["PLACE_CLOSED id"], "what it lies in is closed");
        app.done("admin", "reopenArea", "area { id }", at(&district, 2)).await;
        app.done("admin", "reopenArea", "area { id }", at(&village, 2)).await;
        app.done("partner", "reopenServiceUnit", "serviceUnit { id }", at(&place, 2)).await;
    }

    async fn nobody_closes_what_is_not_theirs_nor_the_national_register(app) {
        let place = unit(app, "partner", "ngo").await;
        let village = area(app, "Kylä", &app.world.municipality("297")).await;
        for other in ["partner-b", "provider", "admin", "partner-x", "admin-x", "client"] {
            let close = TestApp::mutation("closeServiceUnit", "serviceUnit { id }");
            assert_eq!(app.refuse(other, &close, json!({ "input": at(&place, 1) })).await, "FORBIDDEN", "{other}");
        }
        let close = TestApp::mutation("closeArea", "area { id }");
        for other in ["partner", "lead", "admin-x"] {
            assert_eq!(app.refuse(other, &close, json!({ "input": at(&village, 1) })).await, "FORBIDDEN", "{other}");
        }
        assert_eq!(app.refuse("admin", &close, json!({ "input": at(&app.world.municipality("297"), 1) })).await, "FORBIDDEN");
        assert_eq!(app.refuse("", &close, json!({ "input": at(&village, 1) })).await, "UNAUTHENTICATED");
        assert_eq!(app.rejected("admin", "closeArea", "area { id }", at(&village, 7)).await, ["STALE_VERSION expectedVersion"]);
    }
}
