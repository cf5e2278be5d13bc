//! How many values the answer to an operation could hold: what the limit of complexity and the rate are about.
use apollo_compiler::ExecutableDocument;
use apollo_compiler::Name;
use apollo_compiler::ast::Value;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue as Json};
use std::collections::HashMap;

/// The size of a page when a connection is asked without `first` and `last`, and the largest there is: a larger
/// one is not charged for, because the connection itself refuses it.
const PAGE: std::ops::RangeInclusive<u64> = 25..=100;

/// What a list outside of a connection is taken to hold: such lists are short by the rules of the schema.
const SHORT_LIST: u64 = 5;

/// What each row of an input costs beside its answer: it is written, in a transaction of its own or with others.
const ROW: u64 = 20;

/// How lists of rows are called, in inputs and in what answers them one by one.
const ROWS: &str = "rows";

/// The number of values in the largest answer, every list as long as it may be, and the rows that are to be written.
pub(super) fn of(document: &ExecutableDocument, operation: &Operation, variables: &JsonMap) -> u64 {
    Till { document, variables, fragments: HashMap::new() }.selections(&operation.selection_set, 1)
}

struct Till<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    /// What a fragment costs within a page of a size.
    fragments: HashMap<(&'a Name, u64), u64>,
}

impl<'a> Till<'a> {
    fn selections(&mut self, set: &'a SelectionSet, page: u64) -> u64 {
        set.selections.iter().fold(0, |sum, selection| {
            sum.saturating_add(match selection {
                Selection::Field(field) => self.field(set, field, page),
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set, page),
                Selection::FragmentSpread(spread) => self.fragment(&spread.fragment_name, page),
            })
        })
    }

    fn fragment(&mut self, name: &'a Name, page: u64) -> u64 {
        if let Some(cost) = self.fragments.get(&(name, page)) {
            return *cost;
        }
        let cost = self.document.fragments.get(name).map_or(0, |fragment| self.selections(&fragment.selection_set, page));
        self.fragments.insert((name, page), cost);
        cost
    }

    fn field(&mut self, parent: &SelectionSet, field: &'a Field, page: u64) -> u64 {
        let times = match field.ty() {
            ty if !ty.is_list() || parent.ty.starts_with("__") => 1,
            _ if is_connection(&parent.ty) || field.name == ROWS && parent.ty.ends_with("Payload") => page,
            _ => SHORT_LIST,
        };
        let rows: u64 = field.arguments.iter().map(|argument| self.rows(&argument.value)).fold(0, u64::saturating_add);
        let page = if rows > 0 { rows } else { self.page(field) };
        let inner = self.selections(&field.selection_set, page);
        times.saturating_mul(inner.saturating_add(1)).saturating_add(rows.saturating_mul(ROW))
    }

    /// How many rows an input has, those within rows too.
    fn rows(&self, value: &Value) -> u64 {
        match value {
            Value::Object(fields) => fields.iter().fold(0, |sum, (name, value)| {
                let items = match value.as_ref() {
                    Value::List(items) if name == ROWS => items.len() as u64,
                    Value::Variable(list) if name == ROWS => self.variables.get(list.as_str()).and_then(Json::as_array).map_or(0, |items| items.len() as u64),
                    _ => 0,
                };
                sum.saturating_add(items).saturating_add(self.rows(value))
            }),
            Value::List(items) => items.iter().fold(0, |sum, item| sum.saturating_add(self.rows(item))),
            Value::Variable(name) => self.variables.get(name.as_str()).map_or(0, rows_of),
            _ => 0,
        }
    }

    /// How many items a connection is asked for.
    fn page(&self, field: &Field) -> u64 {
        if !is_connection(field.ty().inner_named_type()) {
            return 1;
        }
        let asked = field.arguments.iter().filter(|argument| matches!(argument.name.as_str(), "first" | "last"));
        asked.filter_map(|argument| self.number(&argument.value)).max().unwrap_or(*PAGE.start()).min(*PAGE.end())
    }

    fn number(&self, value: &Value) -> Option<u64> {
        match value {
            Value::Int(number) => number.as_str().parse().ok(),
            Value::Variable(name) => self.variables.get(name.as_str())?.as_u64(),
            _ => None,
        }
    }
}

/// How many rows a variable has, those within rows too.
fn rows_of(value: &Json) -> u64 {
    match value {
        Json::Object(fields) => fields.iter().fold(0, |sum, (name, value)| {
            let items = if name.as_str() == ROWS { value.as_array().map_or(0, |items| items.len() as u64) } else { 0 };
            sum.saturating_add(items).saturating_add(rows_of(value))
        }),
        Json::Array(items) => items.iter().fold(0, |sum, item| sum.saturating_add(rows_of(item))),
        _ => 0,
    }
}

/// A page of rows: a connection, or the changes of a feed.
fn is_connection(name: &Name) -> bool {
    name.ends_with("Connection") || name.ends_with("Changes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use apollo_compiler::Schema;

    const SDL: &str = "
        type Query { service: Service services(first: Int, last: Int): ServiceConnection! }
        type ServiceConnection { nodes: [Service!]! totalCount: Int! }
        type Service { name: String! tags: [String!]! nearby(first: Int): ServiceConnection! }
        type Mutation { record(input: RecordInput!): RecordPayload! }
        type RecordPayload { rows: [Row!] } type Row { index: Int! names: [String!]! }
        input RecordInput { rows: [RowInput!]! } input RowInput { group: RecordInput name: String }";

    fn cost(text: &str, variables: &str) -> u64 {
        let schema = Schema::parse_and_validate(SDL, "test").unwrap();
        let document = ExecutableDocument::parse_and_validate(&schema, text, "test").unwrap();
        of(&document, document.operations.iter().next().unwrap(), &serde_json::from_str(variables).unwrap())
    }

    #[test]
    fn a_page_multiplies_what_is_asked_of_each_item() {
        assert_eq!(cost("{service{name}}", "{}"), 2);
        assert_eq!(cost("{services{totalCount}}", "{}"), 2);
        assert_eq!(cost("{services(first:10){nodes{name tags}}}", "{}"), 1 + 10 * (1 + 1 + 5));
        assert_eq!(cost("{services{nodes{name}}}", "{}"), 1 + 25 * 2);
        assert_eq!(cost("{services(last:1000000){nodes{name}}}", "{}"), 1 + 100 * 2);
        assert_eq!(cost("query($n:Int){services(first:$n){nodes{name}}}", r#"{"n":3}"#), 1 + 3 * 2);
        assert_eq!(cost("{services(first:2){nodes{nearby(first:3){nodes{name}}}}}", "{}"), 1 + 2 * (1 + 1 + 3 * 2));
    }

    #[test]
    fn a_batch_costs_what_it_writes_and_answers() {
        let by_row = |rows: u64| 1 + rows * (1 + 1 + 5) + rows * ROW;
        assert_eq!(cost(r#"mutation{record(input:{rows:[{name:"a"},{name:"b"}]}){rows{index names}}}"#, "{}"), by_row(2));
        let text = "mutation($input:RecordInput!){record(input:$input){rows{index names}}}";
        assert_eq!(cost(text, r#"{"input":{"rows":[{"name":"a"},{"name":"b"},{"name":"c"}]}}"#), by_row(3));
        let inside = r#"{"input":{"rows":[{"group":{"rows":[{"name":"a"},{"name":"b"}]}}]}}"#;
        assert_eq!(cost(text, inside), by_row(3), "rows within rows are written too");
        assert_eq!(cost("mutation($rows:[RowInput!]!){record(input:{rows:$rows}){rows{index names}}}", r#"{"rows":[{"name":"a"},{"name":"b"}]}"#), by_row(2));
        assert_eq!(cost(text, r#"{"input":{"rows":[]}}"#), 1 + 7);
    }

    #[test]
    fn a_fragment_costs_what_its_place_makes_of_it() {
        let text = "{a:services(first:2){...F} b:services(first:3){...F}} fragment F on ServiceConnection{nodes{name}}";
        assert_eq!(cost(text, "{}"), (1 + 2 * 2) + (1 + 3 * 2));
    }

    #[test]
    fn reading_the_schema_costs_what_is_asked_once() {
        assert_eq!(cost("{__schema{types{fields{name}}}}", "{}"), 4);
    }
}
