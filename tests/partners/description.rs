//! The description of these addresses: what is answered is what it tells.
use super::copy::lines;
use crate::hsds::{fetch, get, rich, schema::validator};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::stories;

stories! {
    async fn every_address_and_parameter_is_described_and_answered(app) {
        let description = get(app, "/catalogue/openapi.json").await;
        assert!(description["openapi"].as_str().unwrap().starts_with("3."));
        assert_eq!(description["servers"], json!([{ "url": "/catalogue" }]));
        let paths = description["paths"].as_object().unwrap();
        assert_eq!(paths.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(["/changes", "/export", "/openapi.json"]));
        for (path, item) in paths {
            assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["get"], "{path}");
            let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
            for known in &parameters {
                let (name, schema) = (known["name"].as_str().unwrap(), &known["schema"]);
                let values: Vec<String> = match (schema["enum"].as_array(), name) {
                    (Some(words), _) => words.iter().map(|word| word.as_str().unwrap().to_owned()).collect(),
                    (None, "types") => vec!["SERVICE,AREA".to_owned()],
                    (None, "since") => vec![lines(app, "/catalogue/changes?limit=1").await.pop().unwrap()["cursor"].as_str().unwrap().to_owned()],
                    (None, _) => [&schema["minimum"], &schema["maximum"]].map(|edge| format!("{}", edge.as_f64().unwrap())).to_vec(),
                };
                for value in values {
                    assert_eq!(fetch(app, Method::GET, &format!("/catalogue{path}?{name}={value}"), &[]).await.status, StatusCode::OK, "{path} {name}={value}");
                }
            }
            let said: BTreeSet<_> = parameters.iter().map(|known| known["name"].as_str().unwrap()).collect();
            for name in ["since", "types", "limit", "wait", "format", "x"] {
                let is_known = fetch(app, Method::GET, &format!("/catalogue{path}?{name}=0"), &[]).await.body["detail"].as_str().is_some_and(|words| !words.contains("no such parameter") && !words.contains("nothing can be said"));
                assert_eq!(is_known, said.contains(name), "{path} {name}");
            }
        }
    }

    async fn every_line_fits_its_description(app) {
        let rich = rich(app).await;
        super::withdraw(app, &rich.remote).await;
        let description = get(app, "/catalogue/openapi.json").await;
        for path in ["/changes", "/export"] {
            let schema = &description["paths"][path]["get"]["responses"]["200"]["content"]["application/x-ndjson"]["schema"];
            let validator = validator(json!({ "oneOf": schema["oneOf"], "components": description["components"] }));
            let told = lines(app, &format!("/catalogue{path}")).await;
            let mut seen = BTreeSet::new();
            for line in &told {
                let faults: Vec<_> = validator.iter_errors(line).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
                assert!(faults.is_empty(), "{path}: {line}\n{faults:#?}");
                seen.extend(line["kind"].as_str().map(str::to_owned));
            }
            assert!(seen.len() >= 8, "{seen:?}");
        }
        // The names within are those of GraphQL.
        let fields = app.ask("admin", "{ __type(name: \"Service\") { fields { name } } }", json!({})).await["__type"]["fields"].clone();
        let known: BTreeSet<_> = fields.as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect();
        let told = lines(app, "/catalogue/export").await;
        let services: Vec<&Value> = told.iter().filter(|line| line["kind"] == "SERVICE").collect();
        assert!(!services.is_empty() && services.iter().all(|line| line["content"].as_object().unwrap().keys().all(|name| known.contains(name))));
    }
}
