//! That nothing leads from open work to a client: neither a column nor a path of types.
use serde_json::json;
use std::collections::BTreeSet;
use tests::{databases, parity, stories};

/// Types of the schema in which open work is told.
const TYPES: &[&str] = &["DropInDay"];
/// Its tables.
const TABLES: &[&str] = &["drop_in_day"];
/// Types that tell of clients.
const ABOUT_CLIENTS: &[&str] = &["Client", "Person", "Referral", "Case", "Consent", "CareRelation", "ClientEntry", "Node"];
/// What columns of these tables may name: themselves, whose work it is, and each other.
const KEYS: &[&str] = &["id", "network_id", "organization_id"];

stories! {
    async fn from_open_work_no_path_of_types_leads_to_a_client(app) {
        let query = "{ __schema { types { name fields { type { name ofType { name ofType { name ofType { name } } } } } possibleTypes { name } } } }";
        let schema = app.ask("admin", query, json!({})).await;
        let types = schema["__schema"]["types"].as_array().unwrap();
        for start in TYPES {
            let (mut seen, mut open) = (BTreeSet::new(), vec![(*start).to_owned()]);
            while let Some(at) = open.pop() {
                assert!(!ABOUT_CLIENTS.contains(&at.as_str()), "{start} leads to {at}: {seen:?}");
                let found = types.iter().find(|t| t["name"] == at).unwrap();
                let fields = found["fields"].as_array().into_iter().flatten().map(|field| &field["type"]);
                for mut of in fields.chain(found["possibleTypes"].as_array().into_iter().flatten()) {
                    while !of["ofType"].is_null() {
                        of = &of["ofType"];
                    }
                    if let Some(next) = of["name"].as_str().filter(|next| !seen.contains(*next)) {
                        seen.insert(next.to_owned());
                        open.push(next.to_owned());
                    }
                }
            }
            assert!(seen.contains("Organization"), "{start} was walked");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_column_of_open_work_names_a_client() {
    for kind in databases().await {
        let (tables, _) = parity::columns(kind).await;
        for table in TABLES {
            for column in tables[*table].keys() {
                let names = ["client", "person", "case", "referral", "name", "phone", "ip", "email", "hetu", "subject", "account"];
                assert!(!column.split('_').any(|part| names.contains(&part)), "{table}.{column}");
                assert!(!column.ends_with("id") || KEYS.contains(&column.as_str()), "{table}.{column}");
            }
        }
    }
}
