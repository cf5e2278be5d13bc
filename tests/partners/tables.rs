//! The catalogue as the tables of HSDS: opened and read as a partner's tools do.
use crate::hsds::{all, fetch, rich, schema::Is};
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read},
};
use tests::{TestApp, stories};
use zip::ZipArchive;

/// A table: each row by the names of its columns.
type Table = Vec<BTreeMap<String, String>>;

/// The description of the package and its tables, by the names of their resources.
async fn package(app: &TestApp) -> (Value, BTreeMap<String, Table>) {
    let answer = fetch(app, Method::GET, "/catalogue/export?format=hsds-csv", &[]).await;
    assert_eq!((answer.status, answer.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "application/zip"));
    assert!(answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("monituottaja.zip"));
    let mut zip = ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    let mut file = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let description: Value = serde_json::from_str(&file("datapackage.json")).unwrap();
    assert_eq!(description["cursor"].as_str().unwrap(), answer.headers["x-catalogue-cursor"].to_str().unwrap());
    let mut tables = BTreeMap::new();
    for resource in description["resources"].as_array().unwrap() {
        let text = file(resource["path"].as_str().unwrap());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<_> = resource["schema"]["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), columns, "{}", resource["name"]);
        let rows = reader.records().map(|row| columns.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect());
        tables.insert(resource["name"].as_str().unwrap().to_owned(), rows.collect());
    }
    assert_eq!(zip.len(), tables.len() + 1, "nothing else is in it");
    (description, tables)
}

/// Of an object of the API, what has one value only.
fn flat(thing: &Value) -> BTreeMap<String, String> {
    let plain = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) | Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    thing.as_object().unwrap().iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect()
}

fn filled(row: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    row.iter().filter(|(_, cell)| !cell.is_empty()).map(|(name, cell)| (name.clone(), cell.clone())).collect()
}

/// Everything within objects of the API, by the table where it belongs.
fn scatter(thing: &Value, table: &str, out: &mut BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>) {
    const TABLES: [(&str, &str); 15] = [
        ("organization", "organization"),
        ("organization_identifiers", "organization_identifier"),
        ("locations", "location"),
        ("location", "location"),
        ("addresses", "address"),
        ("accessibility", "accessibility"),
        ("service_at_locations", "service_at_location"),
        ("schedules", "schedule"),
        ("languages", "language"),
        ("cost_options", "cost_option"),
        ("service_areas", "service_area"),
        ("contacts", "contact"),
        ("phones", "phone"),
        ("attributes", "attribute"),
        ("taxonomy_term", "taxonomy_term"),
    ];
    out.entry(table.to_owned()).or_default().entry(thing["id"].as_str().unwrap().to_owned()).or_insert_with(|| flat(thing));
    for (name, value) in thing.as_object().unwrap() {
        let Some((_, table)) = TABLES.iter().find(|(field, _)| field == name) else { continue };
        for part in value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]) {
            scatter(&part, table, out);
        }
    }
}

stories! {
    async fn the_tables_hold_what_the_api_tells_each_once_and_together(app) {
        rich(app).await;
        let (description, tables) = package(app).await;
        assert_eq!(description["profile"], "tabular-data-package");
        for (name, rows) in &tables {
            let ids: BTreeSet<_> = rows.iter().map(|row| &row["id"]).collect();
            assert!(!rows.is_empty() && ids.len() == rows.len(), "{name}: an id stands once");
        }
        // What is pointed to is there.
        for resource in description["resources"].as_array().unwrap() {
            for key in resource["schema"]["foreignKeys"].as_array().unwrap() {
                let (field, other) = (key["fields"].as_str().unwrap(), key["reference"]["resource"].as_str().unwrap());
                let known: BTreeSet<_> = tables[other].iter().map(|row| &row["id"]).collect();
                for row in &tables[resource["name"].as_str().unwrap()] {
                    assert!(row[field].is_empty() || known.contains(&row[field]), "{} {field}: {row:?}", resource["name"]);
                }
            }
        }
        // And it is the same as by the API, neither more nor less.
        let mut told = BTreeMap::new();
        for (path, is, table) in [("organizations", Is::Organization, "organization"), ("services", Is::Service, "service")] {
            for thing in all(app, &format!("/hsds/{path}?full=true"), is).await {
                scatter(&thing, table, &mut told);
            }
        }
        for (table, is) in [("taxonomies", Is::Taxonomy), ("taxonomy_terms", Is::TaxonomyTerm)] {
            let name = if table == "taxonomies" { "taxonomy" } else { "taxonomy_term" };
            told.insert(name.to_owned(), all(app, &format!("/hsds/{table}"), is).await.iter().map(|thing| (thing["id"].as_str().unwrap().to_owned(), flat(thing))).collect());
        }
        for (name, rows) in &tables {
            let rows: BTreeMap<_, _> = rows.iter().map(|row| (row["id"].clone(), filled(row))).collect();
            assert_eq!(rows, told[name], "{name}");
        }
        assert_eq!(tables.keys().collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    }

    async fn every_table_is_one_of_the_standard(app) {
        rich(app).await;
        let (_, tables) = package(app).await;
        let standard: Value = serde_json::from_str(include_str!("../hsds/schema/tables.json")).unwrap();
        for (name, rows) in &tables {
            let columns: BTreeSet<_> = standard[name]["columns"].as_array().unwrap_or_else(|| panic!("{name}")).iter().map(|column| column.as_str().unwrap()).collect();
            assert!(rows[0].keys().all(|column| columns.contains(column.as_str())), "{name}: {:?}", rows[0].keys());
            for required in standard[name]["required"].as_array().unwrap() {
                assert!(rows.iter().all(|row| !row[required.as_str().unwrap()].is_empty()), "{name} {required}");
            }
        }
        let english = fetch(app, Method::GET, "/catalogue/export?format=hsds-csv", &[(header::ACCEPT_LANGUAGE, "en")]).await;
        assert_eq!((english.status, english.body), (StatusCode::OK, json!(null)));
    }
}
