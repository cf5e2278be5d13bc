//! Which objects a type can turn out to be: what decides whether a fragment applies.
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};
use std::collections::{HashMap, HashSet};

/// The object types behind every type of a schema.
pub(super) struct Kinds {
    objects: HashMap<Name, HashSet<Name>>,
    unions: HashSet<Name>,
}

impl Kinds {
    /// Reads them out of a schema.
    pub fn of(schema: &Schema) -> Self {
        let implementers = schema.implementers_map();
        let mut kinds = Self { objects: HashMap::new(), unions: HashSet::new() };
        for (name, ty) in &schema.types {
            let objects: HashSet<Name> = match ty {
                ExtendedType::Object(_) => HashSet::from([name.clone()]),
                ExtendedType::Interface(_) => {
                    let implementers = implementers.get(name);
                    implementers.map(|by| by.objects.iter().cloned().collect()).unwrap_or_default()
                }
                ExtendedType::Union(union) => {
                    kinds.unions.insert(name.clone());
                    union.members.iter().map(|member| member.name.clone()).collect()
                }
                _ => continue,
            };
            kinds.objects.insert(name.clone(), objects);
        }
        kinds
    }

    /// Whether what a fragment selects can be selected of a type directly: it is on the same type, or the type is
    /// one of objects, to all of which the fragment applies.
    pub fn always(&self, ty: &Name, condition: &Name) -> bool {
        let objects = self.objects.get(condition);
        ty == condition || objects.is_some_and(|objects| objects.contains(ty))
    }

    /// The type conditions that together hold for the same objects of a type as one that does not always hold.
    /// async-graphql knows of no conditions that are unions, so those become their members.
    pub fn sometimes<'a>(&'a self, ty: &Name, condition: &'a Name) -> Vec<&'a Name> {
        let (Some(objects), Some(wanted)) = (self.objects.get(ty), self.objects.get(condition)) else {
            return Vec::new();
        };
        let mut both = wanted.intersection(objects).peekable();
        if both.peek().is_none() {
            Vec::new()
        } else if self.unions.contains(condition) {
            both.collect()
        } else {
            vec![condition]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = "
        type Query { any: Any }
        interface Named { name: String }
        type A implements Named { name: String }
        type B implements Named { name: String }
        type C { id: ID }
        union Any = A | B | C
        union Some = A | C";

    #[test]
    fn a_fragment_applies_always_sometimes_or_never() {
        let kinds = Kinds::of(&Schema::parse_and_validate(SDL, "test").unwrap());
        let name = |text: &str| Name::new(text).unwrap();
        for (ty, condition, always, sometimes) in [
            ("A", "A", true, &["A"][..]),
            ("A", "Named", true, &["Named"]),
            ("A", "Any", true, &["A"]),
            ("C", "Named", false, &[]),
            ("Any", "Named", false, &["Named"]),
            ("Any", "Some", false, &["A", "C"]),
            ("Named", "Any", false, &["A", "B"]),
            ("Named", "Some", false, &["A"]),
            ("Some", "B", false, &[]),
        ] {
            assert_eq!(kinds.always(&name(ty), &name(condition)), always, "{ty} {condition}");
            let condition = name(condition);
            let mut found: Vec<_> = kinds.sometimes(&name(ty), &condition).into_iter().map(Name::as_str).collect();
            found.sort_unstable();
            assert_eq!(found, sometimes, "{ty} {condition}");
        }
    }
}
