//! The rules about values that apollo-compiler 1.33 lets pass: no field of an input object twice, exactly one of a
//! `@oneOf` object, and variables that fit their place also deep inside of a value.
use super::place::Places;
use crate::http::failure::{Code, Refusal};
use apollo_compiler::ast::{Argument, DirectiveList, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use std::collections::HashSet;

/// Checks every value of a document that is valid otherwise.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument, places: &Places) -> Result<(), Refusal> {
    for operation in document.operations.iter() {
        let variables = &operation.variables;
        let mut walk = Walk { schema, document, places, variables, spread: HashSet::new() };
        for variable in variables {
            if let Some(default) = &variable.default_value {
                walk.value(default, Some(&variable.ty), false)?;
            }
            walk.directives(&variable.directives)?;
        }
        walk.directives(&operation.directives)?;
        walk.selections(&operation.selection_set)?;
    }
    Ok(())
}

struct Walk<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    places: &'a Places,
    variables: &'a [Node<VariableDefinition>],
    /// The fragments that have been walked for this operation.
    spread: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<(), Refusal> {
        for selection in &set.selections {
            self.directives(selection.directives())?;
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments, &field.definition.arguments)?;
                    self.selections(&field.selection_set)?;
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment
                        && self.spread.insert(&fragment.name)
                    {
                        self.directives(&fragment.directives)?;
                        self.selections(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn directives(&self, list: &DirectiveList) -> Result<(), Refusal> {
        list.iter().try_for_each(|directive| {
            let definition = self.schema.directive_definitions.get(&directive.name);
            let declared = definition.map_or(&[][..], |definition| &definition.arguments);
            self.arguments(&directive.arguments, declared)
        })
    }

    fn arguments(&self, list: &[Node<Argument>], declared: &[Node<InputValueDefinition>]) -> Result<(), Refusal> {
        list.iter().try_for_each(|argument| {
            let declared = declared.iter().find(|declared| declared.name == argument.name);
            self.placed(&argument.value, declared.map(AsRef::as_ref))
        })
    }

    /// A value in the place of an argument or of a field of an input object.
    fn placed(&self, given: &Node<Value>, declared: Option<&InputValueDefinition>) -> Result<(), Refusal> {
        let defaulted = declared.is_some_and(|declared| declared.default_value.is_some());
        self.value(given, declared.map(|declared| &*declared.ty), defaulted)
    }

    /// A value where a type is expected, or anything at all within a scalar of our own.
    fn value(&self, given: &Node<Value>, expected: Option<&Type>, defaulted: bool) -> Result<(), Refusal> {
        match given.as_ref() {
            Value::Variable(name) => {
                let variable = self.variables.iter().find(|variable| variable.name == *name);
                match (variable, expected) {
                    (Some(variable), Some(expected)) if !fits(variable, expected, defaulted) => {
                        let message = format!("variable `{name}` does not fit its place");
                        Err(self.refusal(message, given))
                    }
                    _ => Ok(()),
                }
            }
            Value::List(items) => {
                let expected = expected.map(Type::item_type);
                items.iter().try_for_each(|item| self.value(item, expected, false))
            }
            Value::Object(fields) => {
                let input = expected.and_then(|ty| self.schema.types.get(ty.inner_named_type()));
                let input = input.and_then(ExtendedType::as_input_object);
                if input.is_some_and(|input| !self.is_one(input, fields)) {
                    let message = "exactly one field of this input object must be given";
                    return Err(self.refusal(message, given));
                }
                let mut seen = HashSet::with_capacity(fields.len());
                fields.iter().try_for_each(|(name, inner)| {
                    if !seen.insert(name) {
                        return Err(self.refusal("an input object gives a field twice", inner));
                    }
                    let declared = input.and_then(|input| input.fields.get(name));
                    self.placed(inner, declared.map(|declared| &***declared))
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether a `@oneOf` object has one field that cannot be null; any other object is fine.
    fn is_one(&self, input: &InputObjectType, fields: &[(Name, Node<Value>)]) -> bool {
        input.directives.get("oneOf").is_none()
            || match fields {
                [(_, only)] => match only.as_ref() {
                    Value::Null => false,
                    Value::Variable(name) => {
                        let variable = self.variables.iter().find(|variable| variable.name == *name);
                        variable.is_none_or(|variable| variable.ty.is_non_null())
                    }
                    _ => true,
                },
                _ => false,
            }
    }

    fn refusal(&self, message: impl Into<String>, at: &Node<Value>) -> Refusal {
        Refusal::at(Code::ValidationFailed, message, self.places.find(at.location()))
    }
}

/// [IsVariableUsageAllowed](https://spec.graphql.org/draft/#IsVariableUsageAllowed()) of the specification.
fn fits(variable: &VariableDefinition, expected: &Type, defaulted: bool) -> bool {
    if !expected.is_non_null() || variable.ty.is_non_null() {
        return variable.ty.is_assignable_to(expected);
    }
    let has_value = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    (has_value || defaulted) && variable.ty.is_assignable_to(&expected.clone().nullable())
}
