//! The standard's own schemas, with one rule more: nothing is told that they do not name.
use flate2::read::GzDecoder;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Read, sync::LazyLock};

/// What an answer is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    Service,
    ServiceRow,
    Organization,
    OrganizationRow,
    ServiceAtLocation,
    ServiceAtLocationRow,
    Taxonomy,
    TaxonomyTerm,
}

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("schema/", $name)).as_slice()
    };
}

const FILES: &[(Is, &[u8])] = &[
    (Is::Service, file!("service.json.gz")),
    (Is::ServiceRow, file!("service_list.json")),
    (Is::Organization, file!("organization.json.gz")),
    (Is::OrganizationRow, file!("organization_list.json")),
    (Is::ServiceAtLocation, file!("service_at_location.json.gz")),
    (Is::ServiceAtLocationRow, file!("service_at_location_list.json")),
    (Is::Taxonomy, file!("taxonomy.json")),
    (Is::TaxonomyTerm, file!("taxonomy_term.json")),
];

static VALIDATORS: LazyLock<BTreeMap<Is, Validator>> = LazyLock::new(|| FILES.iter().map(|(is, file)| (*is, validator(read(file)))).collect());

fn read(file: &[u8]) -> Value {
    let mut text = Vec::new();
    if file.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(file).read_to_end(&mut text).unwrap();
    } else {
        text.extend(file);
    }
    serde_json::from_slice(&text).unwrap()
}

/// A validator of a schema that also refuses what the schema does not name, and judges formats.
pub fn validator(mut schema: Value) -> Validator {
    close(&mut schema);
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            // The two files that are not compiled name each other.
            match fields.get("$ref").and_then(Value::as_str) {
                Some("taxonomy.json") => *schema = read(file!("taxonomy.json")),
                Some("metadata.json") => *schema = read(file!("metadata.json")),
                _ => {}
            }
            let Value::Object(fields) = schema else { return };
            if fields.get("properties").is_some_and(Value::is_object) && fields.get("type") == Some(&json!("object")) {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The answer is what the standard says it is, and nothing more.
pub fn check(is: Is, answer: &Value) {
    let faults: Vec<_> = VALIDATORS[&is].iter_errors(answer).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{is:?}: {faults:#?}\n{answer:#}");
}

#[test]
fn the_schemas_refuse_what_they_do_not_name_and_what_is_not_of_its_format() {
    let service = json!({ "id": "2178df48-9a79-4a09-ae9c-84deba66d142", "name": "Ryhmä", "status": "active" });
    check(Is::Service, &service);
    let wrong = |key: &str, value: Value| {
        let mut service = service.clone();
        service[key] = value;
        assert!(!VALIDATORS[&Is::Service].is_valid(&service), "{key}");
    };
    wrong("invented", json!(1));
    wrong("id", json!("7"));
    wrong("status", json!("new"));
    wrong("url", json!("not an address"));
    wrong("last_modified", json!("yesterday"));
    wrong("service_at_locations", json!([{ "id": service["id"], "location": { "id": service["id"], "location_type": "physical", "invented": 1 } }]));
}
