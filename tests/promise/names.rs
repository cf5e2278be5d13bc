//! One name for one thing: what is written under a name is read under the same.
use serde_json::json;
use tests::stories;

stories! {
    async fn what_is_written_is_read_by_the_same_name(app) {
        let schema = "{ __schema { types { name fields { name } inputFields { name } } } }";
        let types = app.ask("admin", schema, json!({})).await["__schema"]["types"].as_array().unwrap().clone();
        let names = |type_name: &str, of: &str| -> Vec<String> {
            let found = types.iter().find(|t| t["name"] == type_name);
            found.and_then(|t| t[of].as_array()).into_iter().flatten().filter_map(|f| f["name"].as_str().map(str::to_owned)).collect()
        };
        let mut compared = 0;
        for written in types.iter().filter_map(|t| t["name"].as_str()).filter(|name| name.ends_with("Input")) {
            let bare = written.trim_end_matches("Input").trim_end_matches("Content");
            let thing = ["Create", "Add", "Conclude", "Grant"].iter().find_map(|verb| bare.strip_prefix(verb)).unwrap_or(bare);
            let read = names(thing, "fields");
            if read.is_empty() {
                continue;
            }
            for field in names(written, "inputFields") {
                let aside = ["content", "idempotencyKey"].contains(&field.as_str());
                assert!(aside || read.contains(&field), "{written}.{field} is not read as {thing}.{field}");
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}");
        // `Invoice.invoicedOn` would say it twice; the schema's linters refuse it.
        for thing in types.iter().filter_map(|t| t["name"].as_str()).filter(|name| !name.starts_with("__")) {
            let twice: Vec<_> = names(thing, "fields").into_iter().filter(|field| field.to_lowercase().starts_with(&thing.to_lowercase())).collect();
            assert!(twice.is_empty(), "{thing} {twice:?}");
        }
    }
}
