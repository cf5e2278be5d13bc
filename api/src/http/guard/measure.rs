//! How large an operation becomes when its fragments are spread out, without spreading them out.
use crate::http::failure::{Code, Refusal};
use crate::http::limits::Limits;
use apollo_compiler::Name;
use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};
use std::collections::HashMap;

/// The size of a selection set with its fragments in it. Every fragment is measured once however often it is
/// spread, so a bomb of fragments costs no more than its length.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: u64,
    aliases: u64,
    roots: u64,
    depth: u64,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.roots = self.roots.saturating_add(other.roots);
        self.depth = self.depth.max(other.depth);
    }
}

/// Refuses a document whose operations are too many or too large.
pub(super) fn check(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    let mut ruler = Ruler { fragments: HashMap::new(), measured: HashMap::new(), directives: 0 };
    for definition in &document.definitions {
        if let Definition::FragmentDefinition(fragment) = definition {
            ruler.fragments.insert(&fragment.name, fragment);
        }
    }
    let mut operations = 0;
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else {
            continue;
        };
        operations += 1;
        ruler.count(&operation.directives);
        let size = ruler.measure(&operation.selection_set)?;
        let complex = |what: &str, most: u64| Err(Refusal::new(Code::TooComplex, format!("an operation may have {most} {what}")));
        if size.depth > limits.operation_depth {
            return Err(Refusal::new(Code::TooDeep, format!("fields are nested deeper than {}", limits.operation_depth)));
        }
        if size.selections > limits.operation_selections {
            return complex("selections, its fragments spread out", limits.operation_selections);
        }
        if size.aliases > limits.operation_aliases {
            return complex("aliases", limits.operation_aliases);
        }
        if size.roots > limits.operation_roots {
            return complex("fields of its root type", limits.operation_roots);
        }
    }
    // Fragments that no operation uses are refused by the validation, which has to walk them first.
    for name in ruler.fragments.keys().copied().collect::<Vec<_>>() {
        if ruler.fragment(name)?.selections > limits.operation_selections {
            return Err(Refusal::new(Code::TooComplex, "a fragment spreads out too far"));
        }
    }
    if operations > limits.document_operations {
        return Err(Refusal::new(Code::TooComplex, format!("a document may have {} operations", limits.document_operations)));
    }
    if ruler.directives > limits.document_directives {
        return Err(Refusal::new(Code::TooComplex, format!("a document may have {} directives", limits.document_directives)));
    }
    Ok(())
}

struct Ruler<'a> {
    fragments: HashMap<&'a Name, &'a FragmentDefinition>,
    /// `None` while a fragment is being measured: meeting it again then is a cycle.
    measured: HashMap<&'a Name, Option<Size>>,
    directives: usize,
}

impl<'a> Ruler<'a> {
    fn count(&mut self, directives: &DirectiveList) {
        self.directives += directives.len();
    }

    fn measure(&mut self, selections: &'a [Selection]) -> Result<Size, Refusal> {
        let mut total = Size::default();
        for selection in selections {
            total.selections = total.selections.saturating_add(1);
            total.add(match selection {
                Selection::Field(field) => {
                    self.count(&field.directives);
                    let inner = self.measure(&field.selection_set)?;
                    Size { aliases: inner.aliases.saturating_add(field.alias.is_some().into()), roots: 1, depth: inner.depth + 1, ..inner }
                }
                Selection::InlineFragment(fragment) => {
                    self.count(&fragment.directives);
                    self.measure(&fragment.selection_set)?
                }
                Selection::FragmentSpread(spread) => {
                    self.count(&spread.directives);
                    self.fragment(&spread.fragment_name)?
                }
            });
        }
        Ok(total)
    }

    /// An unknown fragment measures nothing; the validation that follows refuses it.
    fn fragment(&mut self, name: &Name) -> Result<Size, Refusal> {
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.measured.get(name) {
            Some(Some(size)) => Ok(*size),
            Some(None) => Err(Refusal::new(Code::ValidationFailed, "a fragment may not contain itself")),
            None => {
                self.measured.insert(name, None);
                self.count(&fragment.directives);
                let size = self.measure(&fragment.selection_set)?;
                self.measured.insert(name, Some(size));
                Ok(size)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apollo_compiler::parser::Parser;
    use std::fmt::Write;

    fn code(text: &str) -> Option<Code> {
        check(&Parser::new().parse_ast(text, "test").unwrap(), &Limits::default()).err().map(|refusal| refusal.code)
    }

    fn bomb(levels: usize, spreads: usize) -> String {
        let mut text = "{...F0}".to_owned();
        for level in 0..levels {
            write!(text, " fragment F{level} on Query{{{}}}", format!("...F{} ", level + 1).repeat(spreads)).unwrap();
        }
        text + &format!(" fragment F{levels} on Query{{a}}")
    }

    #[test]
    fn a_bomb_of_fragments_is_measured_without_being_spread() {
        assert_eq!(code(&bomb(4, 2)), None);
        assert_eq!(code(&bomb(5, 20)), Some(Code::TooComplex));
        assert_eq!(code(&bomb(200, 2)), Some(Code::TooComplex));
        assert_eq!(code(&bomb(200, 2).replacen("{...F0}", "{a}", 1)), Some(Code::TooComplex));
    }

    #[test]
    fn a_fragment_in_itself_is_refused() {
        assert_eq!(code("{...A} fragment A on Query{a{...B}} fragment B on Query{...A}"), Some(Code::ValidationFailed));
    }

    #[test]
    fn everything_that_can_be_repeated_is_bounded() {
        let repeated = |item: &str, times: usize| format!("{{{}}}", item.repeat(times));
        assert_eq!(code(&repeated("a ", 20)), None);
        assert_eq!(code(&repeated("a ", 21)), Some(Code::TooComplex));
        assert_eq!(code(&format!("{{a{}}}", repeated("b:c ", 30))), None);
        assert_eq!(code(&format!("{{a{}}}", repeated("b:c ", 31))), Some(Code::TooComplex));
        assert_eq!(code(&format!("{{a{}}}", repeated("b ", 1_000))), Some(Code::TooComplex));
        assert_eq!(code(&format!("{{a{}}}", "@b ".repeat(51))), Some(Code::TooComplex));
        let nested = |depth: usize| "{a".repeat(depth) + &"}".repeat(depth);
        assert_eq!(code(&nested(15)), None);
        assert_eq!(code(&nested(16)), Some(Code::TooDeep));
        let operations: Vec<_> = (0..11).map(|n| format!("query Q{n}{{a}}")).collect();
        assert_eq!(code(&operations.concat()), Some(Code::TooComplex));
    }
}
