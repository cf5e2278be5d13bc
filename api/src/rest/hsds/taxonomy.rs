//! The code lists of the catalogue as taxonomies. Ids are made of the key of the list and the code, so they stay as long as a code means the same.
use super::object::{Attribute, Taxonomy, TaxonomyTerm};
use domain::{
    catalogue::{organization::OrganizationContent, service::ServiceContent},
    code::{CodeEntry, CodeList, Coded, lists},
    text::{Language, LocalizedText},
};
use std::{collections::HashMap, sync::LazyLock};
use uuid::Uuid;

/// The space of all ids that are made of other ids.
const SPACE: Uuid = Uuid::from_u128(0x2178_df48_9a79_4a09_ae9c_84de_ba66_d142);

/// The lists by which services and organisations are classed, by their keys.
pub const KEYS: &[&str] = &[
    "support-need",
    "rehab-content",
    "target-group",
    "service-class",
    "life-event",
    "provision-mode",
    "service-form",
    "delivery-form",
    "service-task",
    "organization-kind",
    "network-role",
];

/// An id that is made of others and of what it is for: always the same for the same.
pub fn made(of: Uuid, what: &str) -> Uuid {
    Uuid::new_v5(&of, what.as_bytes())
}

/// An id of what belongs to the catalogue as such.
pub fn own(what: &str) -> Uuid {
    made(SPACE, what)
}

/// A code of one of the lists.
#[derive(Clone, Copy)]
pub struct Term {
    /// Its list.
    pub list: &'static CodeList,
    entry: &'static CodeEntry,
}

static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| taxonomies().flat_map(|list| list.codes.iter().map(move |entry| Term { list, entry })).collect());
static BY_ID: LazyLock<HashMap<Uuid, Term>> = LazyLock::new(|| TERMS.iter().map(|term| (term.id(), *term)).collect());

/// Every list, in their order.
pub fn taxonomies() -> impl Iterator<Item = &'static CodeList> {
    KEYS.iter().filter_map(|key| lists().get(key))
}

/// Every code of every list, in their order.
pub fn terms() -> impl Iterator<Item = Term> {
    TERMS.iter().copied()
}

/// The code with this id.
pub fn term(id: Uuid) -> Option<Term> {
    BY_ID.get(&id).copied()
}

/// The id of a list.
pub fn taxonomy_id(list: &CodeList) -> Uuid {
    own(&format!("taxonomy {}", list.key))
}

impl Term {
    fn of(key: &str, code: &str) -> Option<Self> {
        let list = lists().get(key)?;
        Some(Self { list, entry: list.get(code)? })
    }

    /// Its id.
    pub fn id(self) -> Uuid {
        made(taxonomy_id(self.list), &self.entry.code)
    }

    /// The code above it.
    pub fn parent(self) -> Option<Self> {
        Self::of(&self.list.key, self.entry.parent.as_deref()?)
    }

    /// It is the term with this id, or below it.
    pub fn is_within(self, id: Uuid) -> bool {
        std::iter::successors(Some(self), |term| term.parent()).any(|term| term.id() == id)
    }

    /// What it is called holds this folded text.
    pub fn is_called(self, folded: &str) -> bool {
        is_called(&self.entry.label, folded)
    }

    /// As it is told.
    pub fn told(self, language: Language) -> TaxonomyTerm {
        let name = self.entry.label.in_language(language);
        TaxonomyTerm {
            id: self.id(),
            name: name.to_owned(),
            description: self.entry.description.as_ref().map_or(name, |text| text.in_language(language)).to_owned(),
            code: Some(self.entry.code.clone()),
            parent_id: self.parent().map(Self::id),
            taxonomy: Some(self.list.name.in_language(language).to_owned()),
            taxonomy_detail: Some(taxonomy(self.list, language)),
            language: Some(language.tag()),
            taxonomy_id: Some(taxonomy_id(self.list)),
            term_uri: self.entry.uri.clone(),
        }
    }
}

/// A name holds this folded text, in any language.
pub fn is_called(name: &LocalizedText, folded: &str) -> bool {
    Language::ALL.iter().filter_map(|language| name.given(*language)).any(|name| domain::text::fold(name).contains(folded))
}

/// A list as it is told.
pub fn taxonomy(list: &CodeList, language: Language) -> Taxonomy {
    Taxonomy {
        id: taxonomy_id(list),
        name: list.name.in_language(language).to_owned(),
        description: list.source.clone(),
        uri: list.source_uri.clone(),
        version: Some(list.version.clone()),
    }
}

fn coded<T: Coded + 'static>(values: &[T]) -> impl Iterator<Item = Term> {
    values.iter().filter_map(|value| Term::of(T::LIST, &value.code()))
}

fn written<'a>(key: &'a str, codes: impl IntoIterator<Item = &'a String> + 'a) -> impl Iterator<Item = Term> + 'a {
    codes.into_iter().filter_map(move |code| Term::of(key, code))
}

/// What a service is classed as.
pub fn of_service(content: &ServiceContent) -> Vec<Term> {
    coded(&content.support_needs)
        .chain(coded(&content.rehab_contents))
        .chain(written("target-group", &content.target_groups))
        .chain(written("service-class", &content.classes))
        .chain(written("life-event", &content.life_events))
        .chain(coded(&[content.provision]))
        .chain(coded(&[content.form]))
        .chain(coded(&content.delivery_forms))
        .chain(written("service-task", &content.task))
        .collect()
}

/// What an organisation is classed as.
pub fn of_organization(content: &OrganizationContent) -> Vec<Term> {
    coded(&[content.kind]).chain(coded(&content.network_roles)).collect()
}

/// The classing of a thing as it is told.
pub fn attributes(terms: Vec<Term>, of: Uuid, entity: &'static str, language: Language) -> Vec<Attribute> {
    let told = |term: Term| Attribute {
        id: made(of, &term.id().to_string()),
        link_id: Some(of),
        taxonomy_term_id: Some(term.id()),
        link_type: Some(term.list.key.as_str()),
        link_entity: Some(entity),
        taxonomy_term: Some(term.told(language)),
    };
    terms.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_its_terms_and_no_two_have_the_same_id() {
        assert_eq!(taxonomies().count(), KEYS.len());
        assert_eq!(BY_ID.len(), TERMS.len());
        assert!(terms().all(|one| term(one.id()).is_some_and(|other| other.list.key == one.list.key && other.entry.code == one.entry.code)));
    }

    /// Partners keep these: they must not change from one version of the program to the next.
    #[test]
    fn ids_stay() {
        let housing = Term::of("support-need", "HOUSING").unwrap();
        assert_eq!(taxonomy_id(housing.list).to_string(), "982d1156-e6a3-52cf-95c2-c42320bd28a5");
        assert_eq!(housing.id().to_string(), "7eaf7a8c-c912-517d-88a9-1d2446f6d0f6");
    }

    #[test]
    fn what_is_classed_narrowly_is_classed_widely_too() {
        let (wide, narrow) = (Term::of("service-class", "P4").unwrap(), Term::of("service-class", "P4.1").unwrap());
        assert!(narrow.is_within(wide.id()) && narrow.is_within(narrow.id()) && !wide.is_within(narrow.id()));
    }
}
