//! What the schema tells of itself, and the questions that can be asked of it.
use super::{ELSEWHERE, GROWING, world::World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::TestApp;

/// The schema, as it tells of itself.
pub(super) struct Schema(pub(super) BTreeMap<String, Value>);

pub(super) const OF_TYPE: &str = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The name of a type without its wrapping.
pub(super) fn bare(of: &Value) -> &str {
    let mut at = &of["type"];
    while !at["ofType"].is_null() {
        at = &at["ofType"];
    }
    at["name"].as_str().unwrap()
}

pub(super) fn each<'v>(of: &'v Value, what: &str) -> impl Iterator<Item = &'v Value> {
    of[what].as_array().into_iter().flatten()
}

pub(super) fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

/// It must be given.
pub(super) fn is_needed(argument: &Value) -> bool {
    argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
}

/// The arguments that must be given.
pub(super) fn needed(field: &Value) -> Vec<&str> {
    each(field, "args").filter(|argument| is_needed(argument)).map(name).collect()
}

impl Schema {
    pub(super) async fn read(app: &TestApp) -> Self {
        let query = format!(
            "{{ __schema {{ types {{ kind name fields {{ name args {{ name defaultValue {OF_TYPE} }} {OF_TYPE} }} inputFields {{ name defaultValue {OF_TYPE} }} enumValues {{ name }} }} }} }}"
        );
        let answer = app.ask("admin", &query, json!({})).await;
        Self(each(&answer["__schema"], "types").map(|of| (name(of).to_owned(), of.clone())).collect())
    }

    pub(super) fn fields(&self, of: &str) -> impl Iterator<Item = &Value> {
        each(&self.0[of], "fields")
    }

    pub(super) fn field(&self, of: &str, called: &str) -> Option<&Value> {
        self.fields(of).find(|field| name(field) == called)
    }

    /// Of a connection, the type of its nodes.
    pub(super) fn nodes(&self, of: &str) -> Option<&str> {
        of.ends_with("Connection").then(|| self.field(of, "nodes").map(bare)).flatten()
    }

    /// Every leaf below a type, as paths; of things with an id only that. What takes an argument that must be given is not asked.
    pub(super) fn leaves(&self, of: &str, depth: usize) -> Vec<Vec<String>> {
        if !matches!(self.0[of]["kind"].as_str(), Some("OBJECT")) {
            return vec![vec![]];
        }
        if self.nodes(of).is_some() {
            return vec![vec!["totalCount".to_owned()], vec!["nodes".to_owned(), "id".to_owned()]];
        }
        let inside = depth > 0 && self.field(of, "id").is_some();
        let fields = self.fields(of).filter(|field| needed(field).is_empty() && (!inside || name(field) == "id") && depth < 4);
        let below = |field: &Value| {
            let own = name(field).to_owned();
            let mut paths = self.leaves(bare(field), depth + 1);
            // Whoever was merged is looked up by no id: the other one is found instead.
            if (of, own.as_str()) == ("Client", "merged") {
                paths.extend(["mergedAt", "mergedBy", "mergeReason"].map(|field| vec!["nodes".to_owned(), field.to_owned()]));
            }
            paths.into_iter().map(move |path| std::iter::once(own.clone()).chain(path).collect())
        };
        fields.flat_map(below).collect()
    }
}

/// A selection of these paths.
pub(super) fn selection(paths: &[Vec<String>]) -> String {
    let mut below: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
    for path in paths {
        if let Some((first, rest)) = path.split_first() {
            below.entry(first).or_default().push(rest.to_vec());
        }
    }
    below
        .into_iter()
        .map(|(field, rest)| if rest.iter().all(Vec::is_empty) { field.to_owned() } else { format!("{field} {{ {} }}", selection(&rest)) })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Something is told at a path: of a list, of any of its members.
pub(super) fn told(value: &Value, path: &[String]) -> bool {
    match (value, path) {
        (Value::Null, _) => false,
        (Value::Array(members), _) => members.iter().any(|member| told(member, path)),
        (Value::Number(total), []) => total.as_f64().is_some(),
        (_, []) => true,
        (_, [field, rest @ ..]) => told(&value[field], rest) && !(field == "totalCount" && value[field] == 0),
    }
}

/// A question of the root about clients.
pub(super) struct Question {
    pub(super) field: String,
    pub(super) arguments: String,
    pub(super) label: String,
    pub(super) list: bool,
}

impl Question {
    pub(super) fn asked(&self, more: &str) -> String {
        let arguments = [self.arguments.as_str(), more].into_iter().filter(|a| !a.is_empty()).collect::<Vec<_>>().join(", ");
        let first = if self.list && !arguments.contains("first:") { "first: 100" } else { "" };
        let arguments = [arguments.as_str(), first].into_iter().filter(|a| !a.is_empty()).collect::<Vec<_>>().join(", ");
        if arguments.is_empty() { self.field.clone() } else { format!("{}({arguments})", self.field) }
    }

    pub(super) fn selection(&self, shows: &str) -> String {
        if self.list { format!("totalCount nodes {{ id {shows} }}") } else { format!("id {shows}") }
    }

    pub(super) fn total(&self, data: &Value) -> String {
        match (self.list, data.is_null()) {
            (_, true) => "0".to_owned(),
            (false, false) => "+".to_owned(),
            (true, false) => {
                let (total, shown) = (data["totalCount"].as_u64().unwrap(), data["nodes"].as_array().unwrap().len() as u64);
                assert!(total == shown || shown == 100, "{}: {total} are counted and {shown} shown", self.label);
                if total > 0 && GROWING.contains(&self.field.as_str()) { "some".to_owned() } else { total.to_string() }
            }
        }
    }
}

/// Every question of the root whose answer is about clients, with arguments that find something.
pub(super) fn questions(app: &TestApp, schema: &Schema, World { rows, authority, .. }: &World) -> Vec<Question> {
    let about: BTreeSet<&str> = rows.iter().map(|(kind, _)| kind.as_str()).collect();
    let mut out = Vec::new();
    for field in schema.fields("Query") {
        let list = schema.nodes(bare(field));
        let kind = list.unwrap_or_else(|| bare(field));
        if !about.contains(kind) {
            assert!(ELSEWHERE.contains(&name(field)), "{} is about {kind}: a row of it belongs in the world, or it into ELSEWHERE", name(field));
            continue;
        }
        let needed = needed(field);
        let variants: Vec<(String, String)> = match needed[..] {
            [] => vec![(String::new(), String::new())],
            ["id"] => rows.iter().filter(|(of, _)| of == kind).map(|(_, id)| (format!("id: \"{id}\""), "id".to_owned())).collect(),
            ["organization"] => {
                let of = |name: &str| (format!("organization: \"{}\"", app.world.organization(name)), name.to_owned());
                vec![of("county"), of("ngo"), of("company"), of("parish"), (format!("organization: \"{authority}\""), "authority".to_owned())]
            }
            _ => panic!("{} needs {needed:?}: say here how it is asked", name(field)),
        };
        for (at, (arguments, word)) in variants.into_iter().enumerate() {
            let word = if word == "id" && at > 0 { format!("id {}", at + 1) } else { word };
            let label = if word.is_empty() { name(field).to_owned() } else { format!("{}({word})", name(field)) };
            out.push(Question { field: name(field).to_owned(), arguments, label, list: list.is_some() });
        }
    }
    out
}
