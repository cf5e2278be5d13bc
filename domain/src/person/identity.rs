//! Who a person is: kept sealed, and shown field by field.
use super::hetu::Hetu;
use crate::{
    place::Address,
    rejection::{Code, Rejections},
    scalar::{Date, EmailAddress, LanguageTag, MunicipalityCode, PhoneNumber},
    text,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Gender (sukupuoli), as the person tells it; never read from the identity code.
    pub enum Gender ["gender"] {
        /// Woman (nainen).
        Female,
        /// Man (mies).
        Male,
        /// Other (muu).
        Other,
        /// Not told (ei kerrottu).
        Undisclosed,
    }
}

/// What is known of who a person is (henkilötiedot). Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "IdentityInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// First names, at most 100 characters.
    pub first_names: String,
    /// Last name, at most 100 characters.
    pub last_name: String,
    /// The name by which partners and other participants know the person; without it, the first of the first names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Personal identity code (henkilötunnus); only written, read masked. Unique in the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hetu: Option<Hetu>,
    /// Day of birth; must agree with the identity code.
    pub birth_date: Date,
    /// Gender, as the person tells it.
    #[cfg_attr(feature = "graphql", graphql(default_with = "Gender::Undisclosed"))]
    pub gender: Gender,
    /// The language that the person speaks with the services.
    pub language: LanguageTag,
    /// An interpreter is needed.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub needs_interpreter: bool,
    /// The municipality of residence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::private::MASK)
    }
}

impl Identity {
    /// Every fault, as of `today`.
    #[must_use]
    pub fn check(&self, today: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.first_names, &["firstNames"], 100, &mut out);
        text::check(&self.last_name, &["lastName"], 100, &mut out);
        if let Some(alias) = &self.alias {
            text::check(alias, &["alias"], 100, &mut out);
        }
        if self.birth_date.0 > today {
            out.add_with(Code::OutOfRange, &["birthDate"], format!("–{today}"));
        }
        if self.hetu.as_ref().is_some_and(|hetu| hetu.born() != self.birth_date.0) {
            out.add(Code::DoesNotAgree, &["birthDate"]);
        }
        if let Some(address) = &self.address {
            address.check("address", &mut out);
        }
        out
    }

    /// White space off the names, characters composed.
    #[must_use]
    pub fn tidy(self) -> Self {
        Self {
            first_names: text::tidy(&self.first_names),
            last_name: text::tidy(&self.last_name),
            alias: self.alias.map(|alias| text::tidy(&alias)).filter(|alias| !alias.is_empty()),
            ..self
        }
    }

    /// The same person, with what is not known of it taken from what another row knows.
    #[must_use]
    pub fn completed_by(&self, other: &Self) -> Self {
        Self {
            alias: self.alias.clone().or_else(|| other.alias.clone()),
            hetu: self.hetu.clone().or_else(|| other.hetu.clone()),
            gender: if self.gender == Gender::Undisclosed { other.gender } else { self.gender },
            needs_interpreter: self.needs_interpreter || other.needs_interpreter,
            municipality: self.municipality.clone().or_else(|| other.municipality.clone()),
            address: self.address.clone().or_else(|| other.address.clone()),
            phone: self.phone.clone().or_else(|| other.phone.clone()),
            email: self.email.clone().or_else(|| other.email.clone()),
            ..self.clone()
        }
    }

    /// The name by which partners and other participants know the person.
    #[must_use]
    pub fn service_alias(&self) -> &str {
        self.alias.as_deref().unwrap_or_else(|| self.first_names.split_whitespace().next().unwrap_or_default())
    }

    /// Full years on a day.
    #[must_use]
    pub fn age_on(&self, day: NaiveDate) -> Option<u32> {
        day.years_since(self.birth_date.0)
    }

    /// The words by which the person is found, folded: each name, and its beginnings of three letters or more.
    #[must_use]
    pub fn search_words(&self) -> std::collections::BTreeSet<String> {
        let names = text::fold(&format!("{} {} {}", self.first_names, self.last_name, self.alias.as_deref().unwrap_or_default()));
        let words = names.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let beginnings = words.flat_map(|word| {
            let letters: Vec<char> = word.chars().collect();
            let from = letters.len().min(3);
            (from..=letters.len().min(24)).map(move |n| letters[..n].iter().collect::<String>())
        });
        beginnings.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn someone() -> Identity {
        serde_json::from_value(serde_json::json!({
            "firstNames": "Aino Esimerkki", "lastName": "Mallinen", "hetu": "010190-900P", "birthDate": "1990-01-01", "gender": "FEMALE", "language": "fi",
        }))
        .unwrap()
    }

    #[test]
    fn the_day_of_birth_agrees_with_the_code_and_is_not_to_come() {
        let today = "2026-11-27".parse().unwrap();
        assert!(someone().check(today).into_result().is_ok());
        let other = Identity { birth_date: Date("1990-01-02".parse().unwrap()), ..someone() };
        assert_eq!(other.check(today).iter().map(|r| r.code).collect::<Vec<_>>(), [Code::DoesNotAgree]);
        let coming = Identity { birth_date: Date("2027-01-02".parse().unwrap()), hetu: None, ..someone() };
        assert_eq!(coming.check(today).iter().map(|r| r.code).collect::<Vec<_>>(), [Code::OutOfRange]);
    }

    #[test]
    fn a_name_is_found_by_its_beginnings_whatever_its_marks() {
        let words = Identity { last_name: "Mäki-Öberg".into(), ..someone() }.search_words();
        for word in ["ain", "aino", "mak", "maki", "obe", "oberg"] {
            assert!(words.contains(word), "{word}");
        }
        assert!(!words.contains("ai"));
    }

    #[test]
    fn partners_know_a_person_by_the_first_name_or_an_alias() {
        assert_eq!(someone().service_alias(), "Aino");
        assert_eq!(Identity { alias: Some("Kettu".into()), ..someone() }.service_alias(), "Kettu");
    }
}
