//! Which objects a type can turn out to be: what decides whether a fragment applies.
use apollo_compiler::collections::{HashMap, IndexSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};

/// The object types behind every type of a schema.
pub(super) struct Kinds(HashMap<Name, IndexSet<Name>>);

impl Kinds {
    /// Reads them out of a schema.
    pub fn of(schema: &Schema) -> Self {
        let implementers = schema.implementers_map();
        let mut kinds = HashMap::default();
        for (name, ty) in &schema.types {
            let objects: IndexSet<Name> = match ty {
                ExtendedType::Object(_) => std::iter::once(name.clone()).collect(),
                ExtendedType::Interface(_) => {
                    let implementers = implementers.get(name);
                    implementers.map(|by| by.objects.iter().cloned().collect()).unwrap_or_default()
                }
                ExtendedType::Union(union) => union.members.iter().map(|member| member.name.clone()).collect(),
                _ => continue,
            };
            kinds.insert(name.clone(), objects);
        }
        Self(kinds)
    }

    /// The object types behind a type, the type itself if it is one of objects; nothing for a type without fields.
    pub fn objects(&self, ty: &Name) -> Option<&IndexSet<Name>> {
        self.0.get(ty)
    }

    /// Whether a type is one of objects, and so its objects are of no other.
    pub fn is_object(&self, ty: &Name) -> bool {
        self.applies(ty, ty)
    }

    /// Whether a fragment on a type applies to the objects of a type of objects.
    pub fn applies(&self, condition: &Name, object: &Name) -> bool {
        self.objects(condition).is_some_and(|objects| objects.contains(object))
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
    fn a_fragment_applies_to_the_objects_behind_its_type() {
        let kinds = Kinds::of(&Schema::parse_and_validate(SDL, "test").unwrap());
        let name = |text: &str| Name::new(text).unwrap();
        for (condition, applies, object) in
            [("A", &["A"][..], true), ("C", &["C"], true), ("Named", &["A", "B"], false), ("Any", &["A", "B", "C"], false), ("Some", &["A", "C"], false)]
        {
            let found: Vec<_> = ["A", "B", "C"].into_iter().filter(|object| kinds.applies(&name(condition), &name(object))).collect();
            assert_eq!((found.as_slice(), kinds.is_object(&name(condition))), (applies, object), "{condition}");
        }
        assert!(kinds.objects(&name("ID")).is_none());
    }
}
