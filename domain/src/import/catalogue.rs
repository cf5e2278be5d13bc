//! Services as another system tells them (palvelutietojen tuonti), whatever the form of its feed: what is said of each, and how that meets what has been written
//! here since.
use crate::{
    catalogue::service::{ChargeType, ProvisionMode, ServiceContent, ServiceForm},
    rejection::{Rejection, Rejections},
    scalar::BusinessId,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The longest name of a source, and the longest id in one, in characters.
pub const LONGEST_ID: usize = 200;

/// The fields without which no service is kept.
const NEEDED: &[&str] = &["name", "provision", "form", "chargeType"];

/// A feed that was read.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its records, in their order.
    pub records: Vec<Record>,
    /// Fields of a [`ServiceContent`] that are called otherwise in the feed, and how.
    pub(super) names: &'static [(&'static str, &'static str)],
}

/// A record of a feed.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id in the source, where it has one.
    pub id: Option<String>,
    /// What it tells; or what is wrong with it, by its own fields.
    pub read: Result<ServiceTold, Rejections>,
}

/// A service that a feed tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTold {
    /// Its id in the source.
    pub id: String,
    /// Whose service it is there, where that is told.
    pub organization: Option<SourceOrganization>,
    /// What is said of it.
    pub said: Said,
}

/// An organisation as a feed tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceOrganization {
    /// Its id in the source.
    pub id: String,
    /// Its business id, where one is told.
    pub business_id: Option<BusinessId>,
}

impl Feed {
    /// The organisations that its records name, and of each its business id, where one is told.
    #[must_use]
    pub fn organizations(&self) -> BTreeMap<&str, Option<&str>> {
        let mut out = BTreeMap::new();
        for organization in self.records.iter().filter_map(|record| record.read.as_ref().ok()?.organization.as_ref()) {
            let known = out.entry(organization.id.as_str()).or_default();
            *known = organization.business_id.as_ref().map(BusinessId::as_str).or(*known);
        }
        out
    }

    /// Faults of a use case, each once, by the fields of the feed in which they are.
    #[must_use]
    pub fn told(&self, faults: &Rejections) -> Rejections {
        let mut out = Rejections::default();
        for fault in faults {
            let field = fault.path.iter().find(|part| *part != "content");
            let named = field.map(|field| self.names.iter().find(|(ours, _)| ours == field).map_or(field.as_str(), |(_, theirs)| theirs));
            let told = Rejection { path: named.map(str::to_owned).into_iter().collect(), ..fault.clone() };
            if !out.iter().any(|known| *known == told) {
                out.push(told);
            }
        }
        out
    }
}

/// What a source says of a service: some fields of a [`ServiceContent`], as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(Map<String, Value>);

impl Said {
    /// What was kept of it; what is no object says nothing.
    #[must_use]
    pub fn kept(value: Option<&Value>) -> Self {
        Self(value.and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// As it is kept.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Says something of a field.
    pub fn say(&mut self, field: &str, value: impl Serialize) {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.insert(field.to_owned(), value);
        }
    }

    /// A service of which nothing else is known. What the source has no words for begins as own production, individual, and of another charge, until somebody
    /// says what it is.
    ///
    /// # Errors
    /// A field that is none of a [`ServiceContent`], or without a name.
    pub fn begun(&self, source: &str) -> serde_json::Result<ServiceContent> {
        let mut content = Map::new();
        for (field, value) in [
            ("provision", json!(ProvisionMode::Own)),
            ("form", json!(ServiceForm::Individual)),
            ("chargeType", json!(ChargeType::Other)),
            ("source", json!(source)),
        ] {
            content.insert(field.to_owned(), value);
        }
        content.extend(self.0.clone());
        serde_json::from_value(Value::Object(content))
    }

    /// The service as it is here, with what the source says now and did not say before. Whatever was edited here stays as it is; the second part tells
    /// the paths of that, as far as the source says something else.
    ///
    /// # Errors
    /// As [`Said::begun`].
    pub fn settled(&self, before: &Self, here: &ServiceContent) -> serde_json::Result<(ServiceContent, Vec<String>)> {
        let mut kept = Vec::new();
        let written = serde_json::to_value(here)?;
        let mut next = written.as_object().cloned().unwrap_or_default();
        let fields: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        for field in fields {
            match settle(before.0.get(field), self.0.get(field), written.get(field), field, &mut kept) {
                Some(value) => {
                    next.insert(field.clone(), value);
                }
                None if NEEDED.contains(&field.as_str()) => {}
                None => {
                    next.remove(field);
                }
            }
        }
        Ok((serde_json::from_value(Value::Object(next))?, kept))
    }
}

/// What stands at a path from now on, out of what the source said before and says now, and what is written here. Objects are settled part by part: a translation
/// that was added here is no edit of the text that it translates.
fn settle(before: Option<&Value>, now: Option<&Value>, here: Option<&Value>, path: &str, kept: &mut Vec<String>) -> Option<Value> {
    if let (Some(Value::Object(now)), Some(Value::Object(here))) = (now, here) {
        let before = before.and_then(Value::as_object);
        let mut next = here.clone();
        let parts: BTreeSet<&String> = now.keys().chain(before.into_iter().flat_map(Map::keys)).collect();
        for part in parts {
            match settle(before.and_then(|before| before.get(part)), now.get(part), here.get(part), &format!("{path}.{part}"), kept) {
                Some(value) => next.insert(part.clone(), value),
                None => next.remove(part),
            };
        }
        return Some(Value::Object(next));
    }
    if here == before || here == now {
        return now.cloned();
    }
    if now.is_some() {
        kept.push(path.to_owned());
    }
    here.cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::LocalizedText;

    fn said(fields: &Value) -> Said {
        Said::kept(Some(fields))
    }

    fn begun() -> (Said, ServiceContent) {
        let said = said(&json!({ "name": { "fi": "Club" , "en": "Club" }, "description": { "fi": "Old." }, "minAge": 12, "languages": ["en", "fi"] }));
        let content = said.begun("hsds").unwrap();
        (said, content)
    }

    #[test]
    fn a_service_begins_with_what_is_said_and_the_least_that_must_be() {
        let (_, content) = begun();
        assert!(content.check().into_result().is_ok());
        assert_eq!((content.provision, content.form, content.charge_type), (ProvisionMode::Own, ServiceForm::Individual, ChargeType::Other));
        assert_eq!((content.source.as_deref(), content.min_age), (Some("hsds"), Some(12)));
        assert!(said(&json!({ "description": { "fi": "A club without a name." } })).begun("hsds").is_err());
    }

    #[test]
    fn what_the_source_says_anew_is_taken_and_what_it_says_no_more_goes() {
        let (before, here) = begun();
        assert_eq!(before.settled(&before, &here).unwrap(), (here.clone(), vec![]));
        let now = said(&json!({ "name": { "fi": "Club" , "en": "Club" }, "description": { "fi": "New." }, "maxAge": 100, "languages": ["sv"] }));
        let (next, kept) = now.settled(&before, &here).unwrap();
        assert_eq!((next.description, next.min_age, next.max_age, next.languages.len(), kept), (Some(LocalizedText::fi("New.")), None, Some(100), 1, vec![]));
    }

    #[test]
    fn what_was_edited_here_stays_and_is_told() {
        let (before, mut here) = begun();
        here.name.fi = "Kerho".into();
        here.name.sv = Some("Klubb".into());
        here.description = Some(LocalizedText::fi("Kerhosta."));
        here.summary = Some(LocalizedText::fi("Kerho."));
        here.form = ServiceForm::Group;
        let now = said(&json!({ "name": { "fi": "Clubs", "en": "Clubs" }, "description": { "fi": "Old." }, "minAge": 14, "languages": ["en", "fi"] }));
        let (next, kept) = now.settled(&before, &here).unwrap();
        assert_eq!(kept, ["description.fi", "name.fi"], "also what the source has not changed");
        assert_eq!(next.name, LocalizedText::of("Kerho", "Klubb", "Clubs"));
        assert_eq!((&next.description, &next.summary, next.form, next.min_age), (&here.description, &here.summary, ServiceForm::Group, Some(14)));
        // Put right in the same words as here, it is no edit any more.
        let same = said(&json!({ "name": { "fi": "Kerho", "en": "Clubs" }, "minAge": 14 }));
        let (again, kept) = same.settled(&now, &next).unwrap();
        assert_eq!((again.name, again.description, kept), (next.name, here.description, vec![]), "an edit that the source says nothing about is no quarrel");
    }

    #[test]
    fn a_field_that_must_be_there_stays_when_it_is_said_no_more() {
        let before = said(&json!({ "name": { "fi": "Kerho" }, "chargeType": "FREE", "form": "GROUP" }));
        let here = before.begun("hsds").unwrap();
        let (next, kept) = said(&json!({ "name": { "fi": "Kerho" } })).settled(&before, &here).unwrap();
        assert_eq!((next, kept), (here, vec![]));
    }
}
