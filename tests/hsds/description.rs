//! The description of the API: nothing is answered that it does not tell, and nothing told that is not answered.
use super::{
    given::{fetch, get, refused, rich},
    schema::validator,
};
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::stories;

/// A value that a parameter can have.
fn sample(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(words) = schema["enum"].as_array() {
        return text(&words[0]);
    }
    match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
        ("boolean", _) => "true".to_owned(),
        ("integer", _) => text(&schema["minimum"]).trim_end_matches(".0").to_owned(),
        (_, Some("uuid")) => "2178df48-9a79-4a09-ae9c-84deba66d142".to_owned(),
        _ => schema["examples"].get(0).map_or_else(|| "70200".to_owned(), text),
    }
}

stories! {
    async fn every_address_and_parameter_is_described_and_answered(app) {
        let rich = rich(app).await;
        let description = get(app, "/hsds/openapi.json").await;
        assert!(description["openapi"].as_str().unwrap().starts_with("3."));
        assert_eq!(description["servers"], json!([{ "url": "/hsds" }]));
        let paths = description["paths"].as_object().unwrap();
        // Those of HSDA, and the description itself.
        let expected = [
            "/", "/openapi.json", "/organizations", "/organizations/{id}", "/service_at_locations", "/service_at_locations/{id}", "/services", "/services/{id}", "/taxonomies", "/taxonomies/{id}",
            "/taxonomy_terms", "/taxonomy_terms/{id}",
        ];
        assert_eq!(paths.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(expected));
        for (path, item) in paths {
            assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["get"], "{path}");
            let list = path.strip_suffix("/{id}");
            let id = match list {
                Some("/services") => super::uuid(&rich.service),
                Some(list) => get(app, &format!("/hsds{list}")).await["contents"][0]["id"].as_str().unwrap().to_owned(),
                None => String::new(),
            };
            let address = format!("/hsds{}", path.replace("{id}", &id));
            assert_eq!(fetch(app, Method::GET, &address, &[]).await.status, StatusCode::OK, "{path}");
            let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
            let in_path: Vec<_> = parameters.iter().filter(|known| known["in"] == "path").map(|known| known["name"].as_str().unwrap()).collect();
            assert_eq!(in_path, if list.is_some() { vec!["id"] } else { vec![] }, "{path}");
            let said: BTreeSet<_> = parameters.iter().filter(|known| known["in"] == "query").map(|known| known["name"].as_str().unwrap()).collect();
            for known in parameters.iter().filter(|known| known["in"] == "query") {
                let name = known["name"].as_str().unwrap();
                assert!(!known["description"].as_str().unwrap().is_empty());
                let beside = if name == "proximity" { "&postcode=70200" } else { "" };
                let answer = fetch(app, Method::GET, &format!("{address}?{name}={}{beside}", sample(known)), &[]).await;
                assert_eq!(answer.status, StatusCode::OK, "{path} {name}: {}", answer.text);
            }
            // What is not described is not answered.
            for name in ["search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "minimal", "full", "full_service", "postcode", "proximity", "top_only", "parent_id", "page", "per_page", "format", "version", "x"] {
                if !said.contains(name) {
                    assert_eq!(refused(app, &format!("{address}?{name}=true")).await, (400, "BAD_INPUT".into(), name.into()), "{path}");
                }
            }
        }
    }

    async fn the_parameters_of_the_standard_are_all_there(app) {
        let description = get(app, "/hsds/openapi.json").await;
        let has = |path: &str, names: &[&str]| {
            let said: BTreeSet<_> = description["paths"][path]["get"]["parameters"].as_array().unwrap().iter().map(|known| known["name"].as_str().unwrap()).collect();
            for name in names {
                assert!(said.contains(name), "{path} {name}");
            }
        };
        has("/services", &["search", "page", "per_page", "format", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "minimal", "full"]);
        has("/organizations", &["search", "full_service", "full", "page", "per_page", "format"]);
        has("/organizations/{id}", &["full_service"]);
        has("/service_at_locations", &["search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full", "page", "per_page", "format", "postcode", "proximity"]);
        has("/taxonomies", &["search", "page", "per_page", "format"]);
        has("/taxonomy_terms", &["search", "page", "per_page", "format", "taxonomy_id", "top_only", "parent_id"]);
    }

    async fn every_answer_fits_its_own_description(app) {
        let rich = rich(app).await;
        let description = get(app, "/hsds/openapi.json").await;
        let fits = |path: &str, status: &str, media: &str, answer: &Value| {
            let schema = &description["paths"][path]["get"]["responses"][status]["content"][media]["schema"];
            assert!(schema.is_object(), "{path} {status} {media}");
            // A page is two objects in one, which closed each for itself would refuse each other.
            let schema = match schema["allOf"].as_array() {
                None => schema.clone(),
                Some(parts) => parts[1]["properties"]["contents"]["items"].clone(),
            };
            let whole = json!({ "$ref": schema["$ref"], "oneOf": schema["oneOf"], "components": description["components"] });
            let whole: Value = whole.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
            let validator = validator(whole);
            let things = answer["contents"].as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
            for thing in things {
                let faults: Vec<_> = validator.iter_errors(&thing).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
                assert!(faults.is_empty(), "{path}: {faults:#?}");
            }
        };
        for (path, address) in [
            ("/", "/hsds".to_owned()), ("/services", "/hsds/services".into()), ("/services", "/hsds/services?full=true&version=3.1".into()), ("/services", "/hsds/services?minimal=true".into()),
            ("/services/{id}", format!("/hsds/services/{}", super::uuid(&rich.service))), ("/organizations", "/hsds/organizations?full_service=true".into()),
            ("/service_at_locations", "/hsds/service_at_locations?full=true".into()), ("/taxonomies", "/hsds/taxonomies".into()), ("/taxonomy_terms", "/hsds/taxonomy_terms".into()),
        ] {
            fits(path, "200", "application/json", &get(app, &address).await);
        }
        for (path, status, address) in [("/services", "400", "/hsds/services?page=0"), ("/services/{id}", "404", "/hsds/services/x")] {
            let answer = fetch(app, Method::GET, address, &[]).await;
            fits(path, status, "application/problem+json", &answer.body);
        }
    }

    async fn the_explorer_is_served_from_here_and_from_nowhere_else(app) {
        let page = fetch(app, Method::GET, "/hsds/explorer", &[]).await;
        assert_eq!((page.status, page.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "text/html; charset=utf-8"));
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        let linked: Vec<_> = page.text.split(['"', '\'']).filter(|part| part.starts_with('/') || part.contains("://")).filter(|part| !part.contains("www.w3.org") && !part.contains("%3E")).collect();
        assert_eq!(linked.len(), 3, "{linked:?}");
        for path in linked {
            let file = fetch(app, Method::GET, path, &[]).await;
            assert_eq!(file.status, StatusCode::OK, "{path}");
            assert!(["text/css; charset=utf-8", "text/javascript; charset=utf-8"].contains(&file.headers[header::CONTENT_TYPE].to_str().unwrap()), "{path}");
        }
        assert!(!page.text.contains("<script>") && fetch(app, Method::GET, "/hsds/explorer/start.js", &[]).await.text.contains("/hsds/openapi.json"));
        assert_eq!(fetch(app, Method::GET, "/hsds/explorer/nothing.js", &[]).await.status, StatusCode::NOT_FOUND);
    }
}
