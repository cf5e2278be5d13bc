//! That nothing leads from open work to a client: neither a column nor a path of types.
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Kind, databases, parity, stories};

/// Types of the schema in which open work is told.
const TYPES: &[&str] = &["DropInDay", "AnonymousContact", "OutreachShift", "OpenEvent", "AnonymousHandle", "OpenedHandle", "PresentedHandle"];
/// Its tables.
const TABLES: &[&str] = &["drop_in_day", "anonymous_contact", "outreach_shift", "open_event", "anonymous_handle"];
/// Types that tell of clients.
const ABOUT_CLIENTS: &[&str] = &["Client", "Person", "Referral", "Case", "Consent", "CareRelation", "ClientEntry", "Node"];
/// What columns of these tables may name: themselves, whose work it is, and each other.
const KEYS: &[&str] = &["id", "network_id", "organization_id", "shift_id"];

/// Every type that a path of fields, interfaces and unions leads to from one.
fn reached(types: &[Value], start: &str) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::from([start.to_owned()]), vec![start.to_owned()]);
    while let Some(at) = open.pop() {
        let found = types.iter().find(|t| t["name"] == at).unwrap();
        let fields = found["fields"].as_array().into_iter().flatten().map(|field| &field["type"]);
        for mut of in fields.chain(found["possibleTypes"].as_array().into_iter().flatten()) {
            while !of["ofType"].is_null() {
                of = &of["ofType"];
            }
            if let Some(next) = of["name"].as_str()
                && seen.insert(next.to_owned())
            {
                open.push(next.to_owned());
            }
        }
    }
    seen
}

stories! {
    async fn no_path_of_types_leads_from_open_work_to_a_client_or_back(app) {
        let query = "{ __schema { types { name fields { args { name } type { name ofType { name ofType { name ofType { name } } } } } inputFields { name } possibleTypes { name } } } }";
        let schema = app.ask("admin", query, json!({})).await;
        let types = schema["__schema"]["types"].as_array().unwrap();
        for start in TYPES {
            let seen = reached(types, start);
            let about: Vec<_> = ABOUT_CLIENTS.iter().filter(|about| seen.contains(**about)).collect();
            assert!(about.is_empty(), "{start} leads to {about:?}");
            assert!(seen.contains("Organization"), "{start} was walked");
        }
        for start in ABOUT_CLIENTS.iter().filter(|about| **about != "Node") {
            let seen = reached(types, start);
            let open: Vec<_> = TYPES.iter().filter(|of| seen.contains(**of)).collect();
            assert!(open.is_empty(), "{start} leads to {open:?}");
        }
        // A code word is never asked for together with anything about a client, nor by a question, which a URL could carry.
        let with_word: Vec<_> = types
            .iter()
            .filter(|t| t["inputFields"].as_array().into_iter().flatten().any(|field| field["name"] == "codeWord"))
            .map(|t| (t["name"].as_str().unwrap(), t["inputFields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(with_word.len(), 3, "{with_word:?}");
        for (name, fields) in with_word {
            let people = ["client", "person", "referral", "case", "consent", "account", "alias", "hetu", "name"];
            assert!(!fields.iter().any(|field| people.contains(field)), "{name}: {fields:?}");
        }
        let asked = types.iter().flat_map(|t| t["fields"].as_array().into_iter().flatten()).flat_map(|field| field["args"].as_array().into_iter().flatten());
        assert_eq!(asked.filter(|argument| argument["name"] == "codeWord").count(), 0);
    }

    async fn no_foreign_key_and_no_column_of_another_table_names_open_work(app) {
        let keys = match app.kind {
            Kind::Sqlite => "SELECT m.name || ' ' || f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            Kind::Postgres => "SELECT conrelid::regclass::text || ' ' || confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'",
        };
        let keys = tests::texts(app.database(), keys).await;
        assert!(!keys.iter().any(|key| key.split(' ').any(|table| TABLES.contains(&table))), "{keys:?}");
        let (tables, _) = parity::columns(app.kind).await;
        for (table, columns) in tables.iter().filter(|(table, _)| !TABLES.contains(&table.as_str())) {
            // That somebody has not come back from a shift is told to those who work there, and of nobody else (`promise::wrong`).
            let told = |column: &&String| (table.as_str(), column.as_str()) == ("notice", "shift_id");
            let named = |column: &&String| ["handle_id", "shift_id"].contains(&column.as_str()) || TABLES.iter().any(|of| column.contains(of)) || column.starts_with("anonymous_");
            assert_eq!(columns.keys().filter(named).filter(|column| !told(column)).count(), 0, "{table}");
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
