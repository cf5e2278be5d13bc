//! Turns a validated operation and its variables into exactly what async-graphql shall run. There is one parser,
//! one validator and therefore one reading of a document: async-graphql never sees its text.
//!
//! On the way the conditions (`@skip`, `@include`) are decided, and an argument whose variable was left out is left
//! out with it so that its default holds, as the specification of GraphQL has it.
use super::place::Places;
use crate::http::failure::{Code, Refusal};
use apollo_compiler::ast::{self, Argument, DirectiveList, Value};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema, executable};
use async_graphql::parser::types::{
    ConstDirective, Directive, DocumentOperations, ExecutableDocument as Runnable, Field,
    FragmentDefinition, FragmentSpread, InlineFragment, OperationDefinition, OperationType,
    Selection as Item, SelectionSet as Items, TypeCondition,
};
use async_graphql::{Name as Word, Number, Pos, Positioned, Value as Constant};
use std::collections::HashMap;

/// The response key of a `__typename` that nobody asked for. It is no name, so no alias can be the same.
///
/// async-graphql answers `null` for an object of which nothing is left to select; GraphQL asks for `{}`. Wherever
/// that could happen this is selected too, and taken out of the answer again.
const KEPT: &str = "-";

/// Binds an operation to its coerced variables. They are written into the document, each as often as it is used;
/// should that take more than `room` bytes, the operation is refused. Tells also whether [`tidy`] must go over
/// the answer.
pub(super) fn bind(
    schema: &Schema,
    document: &ExecutableDocument,
    places: &Places,
    operation: &Operation,
    variables: &JsonMap,
    room: usize,
) -> Result<(Runnable, bool), Refusal> {
    let sizes = variables
        .iter()
        .map(|(name, value)| (name.as_str(), size(value)))
        .collect();
    let mut binder = Binder {
        schema,
        document,
        places,
        variables,
        sizes,
        room: Some(room),
        fragments: HashMap::new(),
        untidy: false,
    };
    let definition = OperationDefinition {
        ty: match operation.operation_type {
            ast::OperationType::Query => OperationType::Query,
            ast::OperationType::Mutation => OperationType::Mutation,
            ast::OperationType::Subscription => OperationType::Subscription,
        },
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: if operation.is_subscription() {
            binder.flat(&operation.selection_set)
        } else {
            binder.whole(&operation.selection_set)
        },
    };
    if binder.room.is_none() {
        return Err(Refusal::new(
            Code::TooComplex,
            "the values of the variables are used too often",
        ));
    }
    let fragments = binder
        .fragments
        .into_iter()
        .filter_map(|(name, fragment)| Some((word(name), fragment?.0)))
        .collect();
    let operations = DocumentOperations::Single(Positioned::new(definition, Pos::default()));
    Ok((
        Runnable {
            operations,
            fragments,
        },
        binder.untidy,
    ))
}

/// Takes what nobody asked for out of an answer.
pub(super) fn tidy(value: &mut Constant) {
    match value {
        Constant::Object(fields) => {
            fields.shift_remove(KEPT);
            fields.values_mut().for_each(tidy);
        }
        Constant::List(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

struct Binder<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    places: &'a Places,
    variables: &'a JsonMap,
    /// How many bytes each variable takes where it is used.
    sizes: HashMap<&'a str, usize>,
    /// The bytes that are left for variables, or nothing once they were not enough.
    room: Option<usize>,
    /// Each fragment that is used, and whether it always selects something; `None` while it is being bound.
    fragments: HashMap<&'a Name, Option<(Positioned<FragmentDefinition>, bool)>>,
    untidy: bool,
}

impl<'a> Binder<'a> {
    /// The selections of an object, never none.
    fn whole(&mut self, set: &'a SelectionSet) -> Positioned<Items> {
        let (mut items, sure) = self.some(set);
        if !sure && !set.selections.is_empty() {
            self.untidy = true;
            items.push(plain(Item::Field(plain(Field {
                alias: Some(plain(Word::new(KEPT))),
                name: plain(Word::new("__typename")),
                arguments: Vec::new(),
                directives: Vec::new(),
                selection_set: Positioned::default(),
            }))));
        }
        plain(Items { items })
    }

    /// The selections of which the conditions hold, and whether at least one of them is sure to select something.
    fn some(&mut self, set: &'a SelectionSet) -> (Vec<Positioned<Item>>, bool) {
        let mut items = Vec::with_capacity(set.selections.len());
        let mut sure = false;
        for selection in &set.selections {
            if !self.included(selection.directives()) {
                continue;
            }
            items.push(match selection {
                Selection::Field(field) => {
                    sure = true;
                    let pos = self.at(field.location());
                    Positioned::new(
                        Item::Field(Positioned::new(self.field(field, pos), pos)),
                        pos,
                    )
                }
                Selection::InlineFragment(fragment) => {
                    let pos = self.at(fragment.location());
                    let (inner, inner_sure) = self.some(&fragment.selection_set);
                    sure |= inner_sure && self.applies(&set.ty, &fragment.selection_set.ty);
                    let inline = InlineFragment {
                        type_condition: fragment.type_condition.as_ref().map(condition),
                        directives: self.directives(&fragment.directives),
                        selection_set: plain(Items { items: inner }),
                    };
                    Positioned::new(Item::InlineFragment(Positioned::new(inline, pos)), pos)
                }
                Selection::FragmentSpread(spread) => {
                    let pos = self.at(spread.location());
                    sure |= self.fragment(&spread.fragment_name, &set.ty);
                    let spread = FragmentSpread {
                        fragment_name: Positioned::new(word(&spread.fragment_name), pos),
                        directives: self.directives(&spread.directives),
                    };
                    Positioned::new(Item::FragmentSpread(Positioned::new(spread, pos)), pos)
                }
            });
        }
        (items, sure)
    }

    /// The root of a subscription, in which async-graphql looks for fields only.
    fn flat(&mut self, set: &'a SelectionSet) -> Positioned<Items> {
        let mut items = Vec::new();
        for field in set.root_fields(self.document) {
            let pos = self.at(field.location());
            items.push(Positioned::new(
                Item::Field(Positioned::new(self.field(field, pos), pos)),
                pos,
            ));
        }
        plain(Items { items })
    }

    /// Binds a fragment once. Tells whether it is sure to select something of an object of type `parent`.
    fn fragment(&mut self, name: &'a Name, parent: &Name) -> bool {
        let Some(fragment) = self.document.fragments.get(name) else {
            return false;
        };
        if !self.fragments.contains_key(name) {
            self.fragments.insert(name, None);
            let (items, sure) = self.some(&fragment.selection_set);
            let definition = FragmentDefinition {
                type_condition: condition(&fragment.selection_set.ty),
                directives: Vec::new(),
                selection_set: plain(Items { items }),
            };
            self.fragments.insert(
                name,
                Some((
                    Positioned::new(definition, self.at(fragment.location())),
                    sure,
                )),
            );
        }
        let sure = self
            .fragments
            .get(name)
            .and_then(Option::as_ref)
            .is_some_and(|(_, sure)| *sure);
        sure && self.applies(parent, &fragment.selection_set.ty)
    }

    /// Whether a type condition holds for every object of a type. One that stands in a valid document can hold,
    /// so for an object type it does.
    fn applies(&self, parent: &Name, condition: &Name) -> bool {
        parent == condition
            || matches!(self.schema.types.get(parent), Some(ExtendedType::Object(_)))
    }

    fn field(&mut self, field: &'a executable::Field, pos: Pos) -> Field {
        Field {
            alias: field
                .alias
                .as_ref()
                .map(|alias| Positioned::new(word(alias), pos)),
            name: Positioned::new(word(&field.name), pos),
            arguments: self
                .arguments(&field.arguments)
                .into_iter()
                .map(|(name, value)| (name, value.map(Constant::into_value)))
                .collect(),
            directives: self.directives(&field.directives),
            selection_set: self.whole(&field.selection_set),
        }
    }

    fn arguments(
        &mut self,
        arguments: &[Node<Argument>],
    ) -> Vec<(Positioned<Word>, Positioned<Constant>)> {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            if let Some(value) = self.value(&argument.value) {
                let pos = self.at(argument.location());
                given.push((
                    Positioned::new(word(&argument.name), pos),
                    Positioned::new(value, pos),
                ));
            }
        }
        given
    }

    /// The directives that are left for the execution.
    fn directives(&mut self, directives: &DirectiveList) -> Vec<Positioned<Directive>> {
        let mut left = Vec::new();
        for directive in directives
            .iter()
            .filter(|directive| !matches!(directive.name.as_str(), "skip" | "include"))
        {
            let pos = self.at(directive.location());
            let name = Positioned::new(word(&directive.name), pos);
            let constant = ConstDirective {
                name,
                arguments: self.arguments(&directive.arguments),
            };
            left.push(Positioned::new(constant.into_directive(), pos));
        }
        left
    }

    fn included(&self, directives: &DirectiveList) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.name.as_str() {
                "include" => true,
                "skip" => false,
                _ => return true,
            };
            match directive
                .specified_argument_by_name("if")
                .map(AsRef::as_ref)
            {
                Some(Value::Boolean(given)) => *given == wanted,
                Some(Value::Variable(name)) => {
                    self.variables
                        .get(name.as_str())
                        .and_then(JsonValue::as_bool)
                        == Some(wanted)
                }
                _ => false,
            }
        })
    }

    /// A value, or nothing for a variable that was left out.
    fn value(&mut self, value: &Value) -> Option<Constant> {
        Some(match value {
            Value::Null => Constant::Null,
            Value::Enum(name) => Constant::Enum(word(name)),
            Value::Variable(name) => {
                let given = self.variables.get(name.as_str())?;
                let size = self.sizes.get(name.as_str()).copied().unwrap_or_default();
                self.room = self.room.and_then(|room| room.checked_sub(size));
                self.room?;
                constant(given)
            }
            Value::String(text) => Constant::String(text.clone()),
            Value::Int(digits) => Constant::Number(number(digits.as_str())),
            Value::Float(digits) => Constant::Number(number(digits.as_str())),
            Value::Boolean(given) => Constant::Boolean(*given),
            Value::List(items) => Constant::List(
                items
                    .iter()
                    .map(|item| self.value(item).unwrap_or_default())
                    .collect(),
            ),
            Value::Object(fields) => Constant::Object(
                fields
                    .iter()
                    .filter_map(|(name, value)| Some((word(name), self.value(value)?)))
                    .collect(),
            ),
        })
    }

    fn at(&self, span: Option<SourceSpan>) -> Pos {
        self.places.find(span).unwrap_or_default()
    }
}

fn word(name: &Name) -> Word {
    Word::new(name.as_str())
}

fn condition(name: &Name) -> Positioned<TypeCondition> {
    plain(TypeCondition {
        on: plain(word(name)),
    })
}

/// Something of which no error ever tells the place.
fn plain<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}

/// A number as written; `-0` is an integer in GraphQL and would be none in JSON.
fn number(text: &str) -> Number {
    let whole = text.parse::<i64>().map(Number::from).ok();
    whole
        .or_else(|| text.parse().ok())
        .unwrap_or_else(|| Number::from(0))
}

/// About how many bytes a value takes.
fn size(value: &JsonValue) -> usize {
    32 + match value {
        JsonValue::String(text) => text.as_str().len(),
        JsonValue::Array(items) => items.iter().map(size).sum(),
        JsonValue::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.as_str().len() + size(value))
            .sum(),
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
        JsonValue::Object(fields) => Constant::Object(
            fields
                .iter()
                .map(|(name, value)| (Word::new(name.as_str()), constant(value)))
                .collect(),
        ),
    }
}
