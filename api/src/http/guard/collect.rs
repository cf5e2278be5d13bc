//! Which fields of an object are asked for, and in which order: CollectFields of the specification (section 6.3.2). What
//! is run and what is answered are both read from here, so they cannot differ.
use super::kinds::Kinds;
use apollo_compiler::ast::{DirectiveList, Value};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::{ExecutableDocument, Name, Node};

/// A document with its variables.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub kinds: &'a Kinds,
    pub document: &'a ExecutableDocument,
    pub variables: &'a JsonMap,
}

/// The fields that are selected of an object by response key, each once, with what is selected of their values.
pub(super) type Selected<'a> = IndexMap<&'a Name, (&'a Node<Field>, Vec<&'a SelectionSet>)>;

impl<'a> Asked<'a> {
    /// What selection sets select of the objects of a type of objects.
    pub fn collect(self, object: &Name, sets: &[&'a SelectionSet]) -> Selected<'a> {
        let mut selected = Selected::default();
        for set in sets {
            self.add(object, set, &mut selected);
        }
        selected
    }

    fn add(self, object: &Name, set: &'a SelectionSet, selected: &mut Selected<'a>) {
        for selection in &set.selections {
            if !self.included(selection.directives()) {
                continue;
            }
            let inner = match selection {
                Selection::Field(field) => {
                    let (_, sets) = selected.entry(field.response_key()).or_insert((field, Vec::new()));
                    sets.push(&field.selection_set);
                    continue;
                }
                Selection::InlineFragment(fragment) => &fragment.selection_set,
                Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.fragment_name) {
                    Some(fragment) => &fragment.selection_set,
                    None => continue,
                },
            };
            if self.kinds.applies(&inner.ty, object) {
                self.add(object, inner, selected);
            }
        }
    }

    fn included(self, directives: &DirectiveList) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.name.as_str() {
                "include" => true,
                "skip" => false,
                _ => return true,
            };
            match directive.specified_argument_by_name("if").map(AsRef::as_ref) {
                Some(Value::Boolean(given)) => *given == wanted,
                Some(Value::Variable(name)) => self.variables.get(name.as_str()).and_then(JsonValue::as_bool) == Some(wanted),
                _ => false,
            }
        })
    }
}
