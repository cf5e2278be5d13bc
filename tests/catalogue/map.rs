//! The service map: words in any form, filters, orders, counts.
use super::given::{offering, published, unit, whole_service};
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn shelf(app: &TestApp) {
    let place = unit(app, "partner", "ngo").await;
    for (name, form, walk_in, capacity) in
        [("Päihdekuntoutuksen ryhmä", "GROUP", false, 4), ("Kävelykerho", "OPEN_DROP_IN", true, 0), ("Velkaneuvonta", "CONSULTATION", true, 0)]
    {
        let mut content = whole_service(name);
        content["form"] = json!(form);
        content["referralRequired"] = json!(!walk_in);
        content["consentRequired"] = json!(!walk_in);
        let service = published(app, "partner", "ngo", content).await;
        let mut details = json!({ "startsOn": "2020-01-01", "unit": place });
        if capacity > 0 {
            details["capacity"] = json!(capacity);
        }
        offering(app, "partner", "ngo", &service, details).await;
    }
}

async fn names(app: &TestApp, arguments: &str) -> Vec<String> {
    let found = app.ask("", &format!("{{ serviceMap({arguments}) {{ nodes {{ service {{ name {{ fi }} }} }} }} }}"), json!({})).await;
    found["serviceMap"]["nodes"].as_array().unwrap().iter().map(|n| n["service"]["name"]["fi"].as_str().unwrap().to_owned()).collect()
}

stories! {
    async fn words_are_found_in_any_form_and_inside_compounds(app) {
        shelf(app).await;
        for words in ["kuntoutus", "ryhmässä", "päihdekuntoutusta", "PAIHDE", "ryhm"] {
            assert_eq!(names(app, &format!(r#"filter: {{ search: "{words}" }}"#)).await.first().map(String::as_str), Some("Päihdekuntoutuksen ryhmä"), "{words}");
        }
        assert_eq!(names(app, r#"filter: { search: "velkaneuvontaa" }"#).await, ["Velkaneuvonta"]);
        assert!(names(app, r#"filter: { search: "avaruuslento" }"#).await.is_empty());
        assert!(names(app, r#"filter: { search: "\" OR 1=1 --" }"#).await.is_empty());
    }

    async fn filters_narrow_and_orders_order(app) {
        shelf(app).await;
        assert_eq!(names(app, "filter: { referralRequired: false }, orderBy: { field: NAME, direction: ASC }").await, ["Kävelykerho", "Velkaneuvonta"]);
        assert_eq!(names(app, "filter: { forms: [CONSULTATION] }").await, ["Velkaneuvonta"]);
        assert_eq!(names(app, "filter: { forms: [COURSE] }").await, [""; 0]);
        let near = |metres| format!("filter: {{ near: {{ point: {{ latitude: 62.9, longitude: 27.7 }}, withinMetres: {metres} }} }}, orderBy: {{ field: DISTANCE, direction: ASC }}");
        assert_eq!(names(app, &near(5_000)).await.len(), 3);
        assert_eq!(names(app, &near(100)).await.len(), 0);
        let kuopio = app.world.municipality("297");
        let mikkeli = app.world.municipality("491");
        assert_eq!(names(app, &format!(r#"filter: {{ areas: ["{kuopio}"] }}"#)).await.len(), 3);
        assert_eq!(names(app, &format!(r#"filter: {{ areas: ["{mikkeli}"] }}"#)).await.len(), 0);
        assert_eq!(app.refuse("", "{ serviceMap(orderBy: { field: DISTANCE, direction: ASC }) { totalCount } }", json!({})).await, "BAD_INPUT");
        assert_eq!(app.refuse("", r#"{ serviceMap(filter: { targetGroups: ["KR9"] }) { totalCount } }"#, json!({})).await, "BAD_INPUT");
    }

    async fn counts_leave_their_own_filter_out_of_account(app) {
        shelf(app).await;
        let query = "{ serviceMap(filter: { forms: [GROUP] }) { totalCount facet(of: FORM) { value count } } }";
        let found = app.ask("", query, json!({})).await["serviceMap"].clone();
        assert_eq!(found["totalCount"], 1);
        let forms: Vec<_> = found["facet"].as_array().unwrap().iter().map(|f| (f["value"].as_str().unwrap(), f["count"].as_i64().unwrap())).collect();
        assert_eq!(forms, [("CONSULTATION", 1), ("GROUP", 1), ("OPEN_DROP_IN", 1)]);
    }

    async fn classes_life_events_and_prices_are_counted(app) {
        let place = unit(app, "partner", "ngo").await;
        for (name, class, event, price) in [("Ilmainen", "P5.13", "KE8", None), ("Maksullinen", "P4.12", "KE8", Some(500)), ("Nollan euron", "P4.12", "KE9", Some(0))] {
            let mut content = whole_service(name);
            content["classes"] = json!([class]);
            content["lifeEvents"] = json!([event]);
            if let Some(price) = price {
                content["chargeType"] = json!("CHARGEABLE");
                content["price"] = json!({ "amountCents": price });
            }
            let service = published(app, "partner", "ngo", content).await;
            offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01", "unit": place })).await;
        }
        let facets = "classes: facet(of: SERVICE_CLASS) { value count } events: facet(of: LIFE_EVENT) { value count } prices: facet(of: PRICE) { value count label { en } }";
        let found = app.ask("", &format!(r#"{{ serviceMap(filter: {{ freeOfCharge: false, lifeEvents: ["KE8"] }}) {{ totalCount {facets} }} }}"#), json!({})).await["serviceMap"].clone();
        assert_eq!(found, json!({
            "totalCount": 1,
            "classes": [{ "value": "P4.12", "count": 1 }],
            "events": [{ "value": "KE8", "count": 1 }],
            "prices": [{ "value": "CHARGEABLE", "count": 1, "label": { "en": "Chargeable" } }, { "value": "FREE", "count": 1, "label": { "en": "Free of charge" } }],
        }));
    }

    async fn a_second_key_decides_where_the_first_is_the_same_and_what_is_missing_is_last(app) {
        shelf(app).await;
        let point = "filter: { near: { point: { latitude: 62.9, longitude: 27.7 } } }";
        let by = |distance: &str, name: &str| format!("{point}, orderBy: [{{ field: DISTANCE, direction: {distance} }}, {{ field: NAME, direction: {name} }}]");
        assert_eq!(names(app, &by("ASC", "DESC")).await, ["Velkaneuvonta", "Päihdekuntoutuksen ryhmä", "Kävelykerho"]);
        assert_eq!(names(app, &by("DESC", "ASC")).await, ["Kävelykerho", "Päihdekuntoutuksen ryhmä", "Velkaneuvonta"]);
        let mut remote = whole_service("Aina etänä");
        remote["deliveryForms"] = json!(["REMOTE"]);
        let service = published(app, "partner", "ngo", remote).await;
        offering(app, "partner", "ngo", &service, json!({ "startsOn": "2020-01-01" })).await;
        for direction in ["ASC", "DESC"] {
            assert_eq!(names(app, &by(direction, "ASC")).await.last().map(String::as_str), Some("Aina etänä"), "{direction}");
        }
        let best = r#"filter: { search: "ryhmä" }, orderBy: { field: RELEVANCE, direction: DESC }"#;
        assert_eq!(names(app, best).await, names(app, r#"filter: { search: "ryhmä" }"#).await);
    }

    async fn a_page_goes_on_where_the_last_one_ended(app) {
        shelf(app).await;
        let page = async |after: Value| {
            let query = "query($after: String) { serviceMap(first: 1, after: $after, orderBy: { field: NAME, direction: ASC }) { edges { cursor node { service { name { fi } } } } pageInfo { hasNextPage endCursor } } }";
            app.ask("", query, json!({ "after": after })).await["serviceMap"].clone()
        };
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let found = page(after).await;
            seen.push(found["edges"][0]["node"]["service"]["name"]["fi"].as_str().unwrap().to_owned());
            after = found["pageInfo"]["endCursor"].clone();
            if found["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, ["Kävelykerho", "Päihdekuntoutuksen ryhmä", "Velkaneuvonta"]);
    }
}
