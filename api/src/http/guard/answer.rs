//! Makes what async-graphql has executed the answer that the specification has for the operation.
//!
//! async-graphql leaves a field that failed out of its object, whatever the field's type, and writes the others down in
//! the order in which they were ready. Here every object gets the keys that were asked for, in the order in which they
//! were (section 6.3), and a null where there may be none goes up to the nearest place where there may (section 6.4.4,
//! Handling Field Errors), at last to `data` itself. An answer in which all is well is only looked through.
use super::bind::KEPT;
use super::collect::Asked;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Operation, SelectionSet};
use apollo_compiler::{Name, Schema};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name as Word, PathSegment, Response, ServerError, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Makes a response fit the operation that was asked for.
pub(super) fn fit(schema: &Schema, asked: Asked<'_>, operation: &Operation, response: &mut Response) {
    let root = &operation.selection_set;
    let place = Place { ty: &root.ty, sets: vec![root], plans: RefCell::default() };
    let mut failed = Failed::default();
    for error in &response.errors {
        failed.add(&error.path);
    }
    let mut walk = Walk { schema, asked, path: Vec::new(), unexplained: Vec::new() };
    // `data` itself may be null.
    walk.value(&mut response.data, &Type::Named(root.ty.clone()), Some(&place), Some(&failed));
    response.errors.append(&mut walk.unexplained);
}

/// Where fields have failed: a tree of the paths of the errors.
#[derive(Default)]
struct Failed {
    fields: HashMap<String, Failed>,
    items: HashMap<usize, Failed>,
}

impl Failed {
    fn add(&mut self, path: &[PathSegment]) {
        let below = match path.split_first() {
            None => return,
            Some((PathSegment::Field(key), rest)) => (self.fields.entry(key.clone()).or_default(), rest),
            Some((PathSegment::Index(at), rest)) => (self.items.entry(*at).or_default(), rest),
        };
        below.0.add(below.1);
    }
}

/// Objects at one place of the answer: of what type the schema says they are, and what is asked of them.
struct Place<'a> {
    ty: &'a Name,
    sets: Vec<&'a SelectionSet>,
    /// By the types that the objects turned out to have.
    plans: RefCell<Vec<(&'a Name, Plan<'a>)>>,
}

/// The keys of an object, in order.
type Plan<'a> = Rc<[Wanted<'a>]>;

struct Wanted<'a> {
    key: &'a Name,
    ty: &'a Type,
    /// Where the value is an object, or objects.
    place: Option<Place<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

struct Walk<'a> {
    schema: &'a Schema,
    asked: Asked<'a>,
    path: Vec<Step<'a>>,
    /// Nulls where there may be none, of which no error tells.
    unexplained: Vec<ServerError>,
}

impl<'a> Walk<'a> {
    /// Settles a value of a type; whether it can stay there.
    fn value(&mut self, value: &mut Value, ty: &Type, place: Option<&Place<'a>>, failed: Option<&Failed>) -> bool {
        // async-graphql answers null for an object all of whose fields failed; one that is truly null has no fields.
        if *value == Value::Null && ty.is_named() && place.is_some() && failed.is_some_and(|failed| !failed.fields.is_empty()) {
            *value = Value::Object(IndexMap::new());
        }
        let whole = match (&mut *value, place) {
            (Value::List(items), _) if ty.is_list() => self.list(items, ty.item_type(), place, failed),
            (Value::Object(fields), Some(place)) => self.object(fields, place, failed),
            _ => true,
        };
        if !whole {
            *value = Value::Null;
        }
        if *value != Value::Null || !ty.is_non_null() {
            return true;
        }
        if whole && failed.is_none() {
            self.explain();
        }
        false
    }

    fn list(&mut self, items: &mut [Value], ty: &Type, place: Option<&Place<'a>>, failed: Option<&Failed>) -> bool {
        items.iter_mut().enumerate().all(|(at, item)| {
            let failed = failed.and_then(|failed| failed.items.get(&at));
            self.at(Step::Item(at), |walk| walk.value(item, ty, place, failed))
        })
    }

    fn object(&mut self, fields: &mut IndexMap<Word, Value>, place: &Place<'a>, failed: Option<&Failed>) -> bool {
        let Some(plan) = self.plan(fields, place) else { return true };
        let in_order = fields.len() == plan.len() && fields.keys().zip(&*plan).all(|(key, wanted)| key.as_str() == wanted.key.as_str());
        if !in_order {
            let mut found = std::mem::take(fields);
            let in_order = plan.iter().map(|wanted| {
                let key = wanted.key.as_str();
                found.swap_remove_entry(key).unwrap_or_else(|| (Word::new(key), Value::Null))
            });
            *fields = in_order.collect();
        }
        plan.iter().zip(fields.values_mut()).all(|(wanted, value)| {
            let key = wanted.key.as_str();
            let failed = failed.and_then(|failed| failed.fields.get(key));
            self.at(Step::Key(key), |walk| walk.value(value, wanted.ty, wanted.place.as_ref(), failed))
        })
    }

    fn at(&mut self, step: Step<'a>, settle: impl FnOnce(&mut Self) -> bool) -> bool {
        self.path.push(step);
        let settled = settle(self);
        self.path.pop();
        settled
    }

    /// What is asked of an object, by the type it is of.
    fn plan(&self, fields: &mut IndexMap<Word, Value>, place: &Place<'a>) -> Option<Plan<'a>> {
        let kept = match fields.last() {
            Some((key, _)) if key.as_str() == KEPT => fields.pop().map(|(_, value)| value),
            _ => fields.shift_remove(KEPT),
        };
        let object = match kept {
            Some(Value::String(name)) => self.schema.types.get_key_value(name.as_str())?.0,
            _ => place.ty,
        };
        if let Some((_, plan)) = place.plans.borrow().iter().find(|(known, _)| *known == object) {
            return Some(Rc::clone(plan));
        }
        let selected = self.asked.collect(object, &place.sets);
        let wanted = selected.into_iter().map(|(key, (field, sets))| {
            // An object may promise more of a field than its interface does.
            let ty = self.schema.type_field(object, &field.name).map_or(field.ty(), |definition| &definition.ty);
            let inner = ty.inner_named_type();
            let place = self.asked.kinds.objects(inner).is_some().then(|| Place { ty: inner, sets, plans: RefCell::default() });
            Wanted { key, ty, place }
        });
        let plan: Plan<'a> = wanted.collect();
        place.plans.borrow_mut().push((object, Rc::clone(&plan)));
        Some(plan)
    }

    /// Every null that should not be is told of. What it is called and that it is our fault is said further on.
    fn explain(&mut self) {
        let path = self.path.iter().map(|step| match step {
            Step::Key(key) => PathSegment::Field((*key).to_owned()),
            Step::Item(at) => PathSegment::Index(*at),
        });
        self.unexplained.push(ServerError::new("there is no value where there must be one", None).with_path(path.collect()));
    }
}
