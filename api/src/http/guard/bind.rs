//! Turns a validated operation and its variables into exactly what async-graphql shall run. There is one parser,
//! one validator and therefore one reading of a document: async-graphql never sees its text.
//!
//! On the way things are settled that async-graphql would do otherwise than the specification has it: conditions
//! (`@skip`, `@include`) are decided, fields that are asked for twice are merged into one, which matters most for
//! mutations, and an argument whose variable was left out is left out with it so that its default holds.
use super::collect::Asked;
use super::place::Places;
use crate::http::failure::{Code, Refusal};
use apollo_compiler::ast::{self, Argument, DirectiveList, Value};
use apollo_compiler::executable::{Field, Operation, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::response::JsonValue;
use apollo_compiler::{Name, Node};
use async_graphql::parser::types::{
    ConstDirective, Directive, DocumentOperations, ExecutableDocument as Runnable, Field as RunField, InlineFragment, OperationDefinition, OperationType,
    Selection as Item, SelectionSet as Items, TypeCondition,
};
use async_graphql::{Name as Word, Number, Pos, Positioned, Value as Constant};
use std::collections::HashMap;

/// The response key of a `__typename` that nobody asked for. It is no name, so no alias can be the same.
///
/// async-graphql answers `null` for an object of which nothing is left to select; GraphQL asks for `{}`. Wherever
/// that could happen this is selected too, and so it is wherever an object may be of several types: what is asked of
/// it, and in which order, depends on its type. [`super::answer::fit`] takes it out of the answer again.
pub(super) const KEPT: &str = "-";

/// About how many bytes a selection takes.
const SELECTION: usize = 64;

/// Binds an operation to its coerced variables. They are written into the document, each as often as it is used, and
/// so is what a union stands for; should that take more than `room` bytes, the operation is refused.
pub(super) fn bind(asked: Asked<'_>, places: &Places, operation: &Operation, room: usize) -> Result<Runnable, Refusal> {
    let sizes = asked.variables.iter().map(|(name, value)| (name.as_str(), size(value))).collect();
    let mut binder = Binder { asked, places, sizes, room: Some(room) };
    let root = &operation.selection_set;
    let definition = OperationDefinition {
        ty: match operation.operation_type {
            ast::OperationType::Query => OperationType::Query,
            ast::OperationType::Mutation => OperationType::Mutation,
            ast::OperationType::Subscription => OperationType::Subscription,
        },
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: binder.whole(&root.ty, &[root]),
    };
    if binder.room.is_none() {
        let message = "variables or fragments on unions are used too often";
        return Err(Refusal::new(Code::TooComplex, message));
    }
    let operations = DocumentOperations::Single(plain(definition));
    Ok(Runnable { operations, fragments: HashMap::new() })
}

struct Binder<'a> {
    asked: Asked<'a>,
    places: &'a Places,
    /// How many bytes each variable takes where it is used.
    sizes: HashMap<&'a str, usize>,
    /// The bytes that are left to be written, or nothing once they were not enough.
    room: Option<usize>,
}

impl<'a> Binder<'a> {
    /// What is run for the values of a type, however many sets select of them.
    ///
    /// Where objects may be of several types, each type has a fragment that holds all that is selected of it: then
    /// everything is run once, and knows the path it is on, which async-graphql forgets in fields of an interface.
    fn whole(&mut self, ty: &'a Name, sets: &[&'a SelectionSet]) -> Positioned<Items> {
        let Some(objects) = self.asked.kinds.objects(ty) else { return Positioned::default() };
        let mut items = Vec::new();
        if self.asked.kinds.is_object(ty) {
            items = self.fields(ty, sets);
        } else {
            for object in objects {
                let fields = self.fields(object, sets);
                if !fields.is_empty() {
                    items.push(plain(Item::InlineFragment(plain(on(object, fields)))));
                }
            }
        }
        if items.is_empty() || !self.asked.kinds.is_object(ty) {
            items.push(plain(Item::Field(plain(kept()))));
        }
        plain(Items { items })
    }

    /// The fields of an object of which the conditions hold.
    fn fields(&mut self, object: &Name, sets: &[&'a SelectionSet]) -> Vec<Positioned<Item>> {
        let mut items = Vec::new();
        for (field, inner) in self.asked.collect(object, sets).into_values() {
            if self.write(SELECTION).is_none() {
                break;
            }
            let pos = self.at(field.location());
            let field = self.field(field, &inner, pos);
            items.push(Positioned::new(Item::Field(Positioned::new(field, pos)), pos));
        }
        items
    }

    fn field(&mut self, field: &'a Field, inner: &[&'a SelectionSet], pos: Pos) -> RunField {
        let arguments = self.arguments(&field.arguments).into_iter();
        RunField {
            alias: field.alias.as_ref().map(|alias| Positioned::new(word(alias), pos)),
            name: Positioned::new(word(&field.name), pos),
            arguments: arguments.map(|(name, value)| (name, value.map(Constant::into_value))).collect(),
            directives: self.directives(&field.directives),
            selection_set: self.whole(field.ty().inner_named_type(), inner),
        }
    }

    fn arguments(&mut self, arguments: &[Node<Argument>]) -> Vec<(Positioned<Word>, Positioned<Constant>)> {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            if let Some(value) = self.value(&argument.value) {
                let pos = self.at(argument.location());
                given.push((Positioned::new(word(&argument.name), pos), Positioned::new(value, pos)));
            }
        }
        given
    }

    /// The directives that are left for the execution.
    fn directives(&mut self, directives: &DirectiveList) -> Vec<Positioned<Directive>> {
        let mut left = Vec::new();
        for directive in directives.iter().filter(|directive| !matches!(directive.name.as_str(), "skip" | "include")) {
            let pos = self.at(directive.location());
            let name = Positioned::new(word(&directive.name), pos);
            let constant = ConstDirective { name, arguments: self.arguments(&directive.arguments) };
            left.push(Positioned::new(constant.into_directive(), pos));
        }
        left
    }

    /// A value, or nothing for a variable that was left out.
    fn value(&mut self, value: &Value) -> Option<Constant> {
        Some(match value {
            Value::Null => Constant::Null,
            Value::Enum(name) => Constant::Enum(word(name)),
            Value::Variable(name) => {
                let given = self.asked.variables.get(name.as_str())?;
                self.write(self.sizes.get(name.as_str()).copied().unwrap_or_default())?;
                constant(given)
            }
            Value::String(text) => Constant::String(text.clone()),
            Value::Int(digits) => Constant::Number(number(digits.as_str())),
            Value::Float(digits) => Constant::Number(number(digits.as_str())),
            Value::Boolean(given) => Constant::Boolean(*given),
            Value::List(items) => Constant::List(items.iter().map(|item| self.value(item).unwrap_or_default()).collect()),
            Value::Object(fields) => Constant::Object(fields.iter().filter_map(|(name, value)| Some((word(name), self.value(value)?))).collect()),
        })
    }

    /// Takes the room for something, if there is enough left.
    fn write(&mut self, bytes: usize) -> Option<()> {
        self.room = self.room?.checked_sub(bytes);
        self.room.map(|_| ())
    }

    fn at(&self, span: Option<SourceSpan>) -> Pos {
        self.places.find(span).unwrap_or_default()
    }
}

/// What is run of the objects of one type among several.
fn on(object: &Name, items: Vec<Positioned<Item>>) -> InlineFragment {
    let condition = TypeCondition { on: plain(word(object)) };
    InlineFragment { type_condition: Some(plain(condition)), directives: Vec::new(), selection_set: plain(Items { items }) }
}

/// The `__typename` that nobody asked for.
fn kept() -> RunField {
    RunField {
        alias: Some(plain(Word::new(KEPT))),
        name: plain(Word::new("__typename")),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    }
}

fn word(name: &Name) -> Word {
    Word::new(name.as_str())
}

/// Something of which no error ever tells the place.
fn plain<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}

/// A number as written; `-0` is an integer in GraphQL and would be none in JSON.
fn number(text: &str) -> Number {
    let whole = text.parse::<i64>().map(Number::from).ok();
    whole.or_else(|| text.parse().ok()).unwrap_or_else(|| Number::from(0))
}

/// About how many bytes a value takes.
fn size(value: &JsonValue) -> usize {
    32 + match value {
        JsonValue::String(text) => text.as_str().len(),
        JsonValue::Array(items) => items.iter().map(size).sum(),
        JsonValue::Object(fields) => fields.iter().map(|(name, value)| name.as_str().len() + size(value)).sum(),
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) => 0,
    }
}

fn constant(value: &JsonValue) -> Constant {
    match value {
        JsonValue::Null => Constant::Null,
        JsonValue::Bool(given) => Constant::Boolean(*given),
        JsonValue::Number(number) => Constant::Number(number.clone()),
        JsonValue::String(text) => Constant::String(text.as_str().to_owned()),
        JsonValue::Array(items) => Constant::List(items.iter().map(constant).collect()),
        JsonValue::Object(fields) => Constant::Object(fields.iter().map(|(name, value)| (Word::new(name.as_str()), constant(value))).collect()),
    }
}
