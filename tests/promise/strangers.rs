//! Every question of the schema, asked by a stranger and by each actor with ids that are not theirs: never a fault, never data.
use serde_json::{Value, json};
use tests::{CAST, stories};

/// Fields that a stranger is told something of. This list may only shrink.
const OPEN: &[&str] = &["codeList", "codeLists", "network", "networks", "organization", "organizations", "areas", "area"];

stories! {
    async fn no_question_of_a_stranger_is_a_fault(app) {
        let schema = "{ __schema { queryType { fields { name args { name defaultValue type { kind ofType { name kind enumValues { name } } } } type { kind name ofType { kind name } } } } mutationType { fields { name } } } }";
        let fields = app.ask("admin", schema, json!({})).await["__schema"].clone();
        for field in fields["queryType"]["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let arguments: Vec<String> = field["args"].as_array().unwrap().iter().filter(|a| a["type"]["kind"] == "NON_NULL" && a["defaultValue"].is_null()).map(|a| {
                let of = &a["type"]["ofType"];
                let value = match of["kind"].as_str().unwrap() {
                    "LIST" => "[\"x\"]",
                    "ENUM" => of["enumValues"][0]["name"].as_str().unwrap(),
                    _ => "\"x\"",
                };
                format!("{}: {value}", a["name"].as_str().unwrap())
            }).collect();
            let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            let mut actors = vec![""];
            actors.extend(CAST.iter().map(|(name, _, _)| *name));
            for actor in actors {
                let answer = app.post(actor, &format!("{{ {name}{arguments} {{ __typename }} }}"), json!({})).await;
                let code = answer.code();
                assert!(matches!(code, "none" | "BAD_INPUT" | "UNAUTHENTICATED"), "{name} for {actor:?}: {}", answer.text);
                if actor.is_empty() && code == "none" {
                    let empty = ["node", "viewer", "service"].contains(&name);
                    assert!(!empty || answer.body["data"][name].is_null(), "{name}: {}", answer.text);
                }
            }
        }
        assert!(fields["mutationType"]["fields"].as_array().unwrap().len() > 30);
    }

    async fn every_list_of_the_working_catalogue_is_empty_for_a_stranger(app) {
        super::who_sees_what::furnish(app).await;
        for list in ["services", "serviceOfferings", "sessions", "venues"] {
            assert_eq!(app.refuse("", &format!("{{ {list}(edition: WORKING) {{ totalCount }} }}"), json!({})).await, "UNAUTHENTICATED", "{list}");
            let found = app.ask("stranger", &format!("{{ {list}(edition: WORKING) {{ totalCount nodes {{ id }} }} }}"), json!({})).await[list].clone();
            assert_eq!(found, json!({ "totalCount": 0, "nodes": [] }), "{list}");
        }
        for closed in ["services", "serviceOfferings", "sessions", "venues", "serviceMap", "transportRoutes"] {
            assert!(!OPEN.contains(&closed));
            assert_eq!(app.ask("", &format!("{{ {closed} {{ totalCount }} }}"), json!({})).await[closed]["totalCount"], json!(0), "{closed}");
        }
        assert_eq!(app.ask("", "{ viewer { subject } }", json!({})).await["viewer"], Value::Null);
    }
}
