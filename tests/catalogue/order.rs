//! Orders of several keys, in memory and in the database: each page goes on where the last one ended.
use super::given::{draft, published, whole_service};
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// The names of a list, read page by page; between two pages another service is made.
async fn walk(app: &TestApp, actor: &str, edition: &str, order: &str) -> Vec<String> {
    let query = format!(
        "query($after: String) {{ services(edition: {edition}, orderBy: {order}, first: 2, after: $after) {{ nodes {{ summary {{ fi }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    for round in 0.. {
        let page = app.ask(actor, &query, json!({ "after": after })).await["services"].clone();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|n| n["summary"]["fi"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        draft(app, "partner", "ngo", named("Uusi", &format!("uusi {round}"))).await;
    }
    seen
}

fn named(name: &str, summary: &str) -> Value {
    let mut content = whole_service(name);
    content["summary"] = json!({ "fi": summary });
    content
}

stories! {
    async fn published_services_are_ordered_by_one_key_after_the_other(app) {
        for (name, summary) in [("B", "b1"), ("A", "a1"), ("B", "b2"), ("A", "a2"), ("B", "b3")] {
            published(app, "partner", "ngo", named(name, summary)).await;
        }
        let by = |name: &str, made: &str| format!("[{{ field: NAME, direction: {name} }}, {{ field: CREATED_AT, direction: {made} }}]");
        assert_eq!(walk(app, "", "PUBLISHED", &by("ASC", "DESC")).await, ["a2", "a1", "b3", "b2", "b1"]);
        assert_eq!(walk(app, "", "PUBLISHED", &by("DESC", "ASC")).await, ["b1", "b2", "b3", "a1", "a2"]);
        assert_eq!(walk(app, "", "PUBLISHED", "{ field: NAME, direction: DESC }").await, ["b3", "b2", "b1", "a2", "a1"], "one key needs no list");
        assert_eq!(walk(app, "", "PUBLISHED", "[]").await, ["a1", "a2", "b1", "b2", "b3"]);
    }

    async fn working_copies_are_ordered_in_the_database_and_stay_in_order_while_others_are_made(app) {
        for summary in ["1", "2", "3", "4", "5"] {
            draft(app, "partner", "ngo", named("Luonnos", summary)).await;
        }
        let newest = "[{ field: UPDATED_AT, direction: DESC }, { field: CREATED_AT, direction: ASC }]";
        assert_eq!(walk(app, "partner", "WORKING", newest).await, ["5", "4", "3", "2", "1"], "what is made meanwhile comes before them");
        let last = format!("{{ services(edition: WORKING, orderBy: {newest}, last: 2) {{ nodes {{ summary {{ fi }} }} pageInfo {{ startCursor }} }} }}");
        let last = app.ask("partner", &last, json!({})).await["services"].clone();
        assert_eq!(last["nodes"], json!([{ "summary": { "fi": "2" } }, { "summary": { "fi": "1" } }]));
        let before = format!("query($c: String) {{ services(edition: WORKING, orderBy: {newest}, last: 1, before: $c) {{ nodes {{ summary {{ fi }} }} }} }}");
        let before = app.ask("partner", &before, json!({ "c": last["pageInfo"]["startCursor"] })).await;
        assert_eq!(before["services"]["nodes"], json!([{ "summary": { "fi": "3" } }]));
    }

    async fn an_order_that_makes_no_sense_is_bad_input(app) {
        let twice = "[{ field: NAME, direction: ASC }, { field: NAME, direction: DESC }]";
        for list in ["services", "serviceOfferings", "organizations", "serviceUnits", "areas", "venues", "transportRoutes", "serviceMap"] {
            assert_eq!(app.refuse("", &format!("{{ {list}(orderBy: {twice}) {{ totalCount }} }}"), json!({})).await, "BAD_INPUT", "{list}");
        }
        for list in ["services", "serviceOfferings", "venues"] {
            let by_name = format!("{{ {list}(edition: WORKING, orderBy: {{ field: NAME, direction: ASC }}) {{ totalCount }} }}");
            assert_eq!(app.refuse("partner", &by_name, json!({})).await, "BAD_INPUT", "{list}");
        }
        let areas = app.ask("", "{ areas(first: 1) { pageInfo { endCursor } } }", json!({})).await;
        let other = "query($after: String) { areas(after: $after, orderBy: [{ field: NAME, direction: ASC }, { field: CREATED_AT, direction: ASC }]) { totalCount } }";
        assert_eq!(app.refuse("", other, json!({ "after": areas["areas"]["pageInfo"]["endCursor"] })).await, "BAD_INPUT", "a cursor of another order");
    }
}
