//! Rulebooks (sääntökirjat): by which conditions a service is given by voucher or permit, and what a voucher is worth. Source: act 569/2009 on service
//! vouchers, 3–5 and 7 §. Each version is a row of its own, and one that has been published does not change.
use super::{
    price::{DEAREST, QuantityUnit},
    voucher::Shares,
};
use crate::{
    id::ServiceId,
    machine::machine,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::{Date, Url},
    text::LocalizedText,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a version of a rulebook is (sääntökirjan tila).
    pub enum RulebookState ["rulebook-state"] {
        /// Being written (luonnos).
        Draft,
        /// The workers and providers of the network read it, and providers commit to it (julkaistu).
        Published,
        /// Nobody commits to it any more; who has, is held to it (poistettu käytöstä).
        Withdrawn,
        /// Thrown away before anybody has read it (hylätty luonnos).
        Discarded,
    }
}

machine! {
    /// A move of the rulebook machine.
    RulebookState as "Rulebook (sääntökirja)", pub enum RulebookMove {
        /// Let the network read it, as it is from now on.
        Publish,
        /// Take it out of use.
        Withdraw,
        /// Throw a draft away.
        Discard,
    }
    Draft -- Publish -> Published;
    Draft -- Discard -> Discarded;
    Published -- Withdraw -> Withdrawn;
}

/// What a voucher is worth for a unit, from a day on until the next value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "VoucherValueInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoucherValue {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The value of a unit: what it covers of the price with value added tax.
    pub value: Money,
}

/// A service that is given by a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "RulebookServiceInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulebookService {
    /// The service; it is public, and arranged by voucher or permit.
    pub service: ServiceId,
    /// In what it is counted.
    pub unit: QuantityUnit,
    /// What a voucher for a unit is worth, the earliest first; at most 40.
    pub values: Vec<VoucherValue>,
    /// The service is free by law, so that no own share may remain for the client (569/2009, 3 §): no price is above the value.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub free_of_charge: bool,
}

impl RulebookService {
    /// What a voucher is worth on a day; none before the first value.
    #[must_use]
    pub fn value_on(&self, day: NaiveDate) -> Option<Money> {
        self.values.iter().rev().find(|value| value.valid_from.0 <= day).map(|value| value.value)
    }

    /// The least that a voucher is worth from a day on.
    fn least_from(&self, day: NaiveDate) -> Option<Money> {
        let later = self.values.iter().filter(|value| value.valid_from.0 > day).map(|value| value.value);
        self.value_on(day).into_iter().chain(later).min()
    }

    /// What is left for the client to pay for a unit on a day (omavastuu), in cents, where it costs so many with its tax; none before the first value.
    #[must_use]
    pub fn own_share(&self, gross_cents: i64, day: NaiveDate) -> Option<i64> {
        self.value_on(day).map(|value| Shares::of_unit(gross_cents, value).own)
    }

    /// A price leaves nothing for the client to pay where the service is free by law.
    ///
    /// # Errors
    /// [`Code::OutOfRange`] at `path` with the most that it may be, in cents with value added tax.
    pub fn check_price(&self, gross_cents: i64, from: NaiveDate, path: &[&str]) -> Result<(), Rejection> {
        let most = self.least_from(from).map_or(0, |value| i64::from(value.amount_cents));
        if !self.free_of_charge || gross_cents <= most { Ok(()) } else { Err(Rejection::with(Code::OutOfRange, path, format!("0–{most}"))) }
    }
}

/// What a version of a rulebook says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "RulebookContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulebookContent {
    /// What it is called, at most 150 characters a language.
    pub name: LocalizedText,
    /// The services that are given by it, 1 to 40.
    pub services: Vec<RulebookService>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The last day; none while no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Its text, at most 20,000 characters a language. Text or `url` is given before it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<LocalizedText>,
    /// Where its text is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// What a provider fulfils to be approved, each at most 2000 characters a language; at most 40.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub conditions: Vec<LocalizedText>,
}

impl RulebookContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        if self.services.is_empty() {
            out.add(Code::Required, &["services"]);
        }
        let named: Vec<_> = self.services.iter().map(|service| service.service).collect();
        crate::catalogue::check_distinct(&named, "services", &mut out);
        for (i, service) in self.services.iter().enumerate() {
            self.check_values(&service.values, &i.to_string(), &mut out);
        }
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            out.add(Code::DateOrder, &["validTo"]);
        }
        if let Some(text) = &self.text {
            text.check("text", 20_000, &mut out);
        }
        if self.conditions.len() > 40 {
            out.add_with(Code::TooLong, &["conditions"], 40);
        }
        for (i, condition) in self.conditions.iter().enumerate() {
            let mut faults = Rejections::default();
            condition.check(&i.to_string(), 2_000, &mut faults);
            for fault in &faults {
                out.push(Rejection { path: [vec!["conditions".to_owned()], fault.path.clone()].concat(), ..fault.clone() });
            }
        }
        out
    }

    /// There is a value for each day on which it holds, each from a later day than the one before.
    fn check_values(&self, values: &[VoucherValue], at: &str, out: &mut Rejections) {
        let path = ["services", at, "values"];
        match values.first() {
            None => out.add(Code::Required, &path),
            Some(first) if first.valid_from > self.valid_from => out.add_with(Code::TooLate, &path, self.valid_from.0.to_string()),
            Some(_) => {}
        }
        if values.len() > 40 {
            out.add_with(Code::TooLong, &path, 40);
        }
        if values.windows(2).any(|pair| pair[1].valid_from <= pair[0].valid_from) {
            out.add(Code::DateOrder, &path);
        }
        for (i, _) in values.iter().enumerate().filter(|(_, value)| !(1..=DEAREST.amount_cents).contains(&value.value.amount_cents)) {
            out.add_with(Code::OutOfRange, &["services", at, "values", &i.to_string(), "value", "amountCents"], format!("1–{}", DEAREST.amount_cents));
        }
    }

    /// What is missing before the network reads it.
    #[must_use]
    pub fn missing(&self, today: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        if self.text.is_none() && self.url.is_none() {
            out.add(Code::Required, &["text"]);
        }
        if self.valid_to.is_some_and(|last| last.0 < today) {
            out.add_with(Code::TooEarly, &["validTo"], today.to_string());
        }
        out
    }

    /// It holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.0 <= day && self.valid_to.is_none_or(|last| day <= last.0)
    }

    /// What it says of a service.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Option<&RulebookService> {
        self.services.iter().find(|service| service.service == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn worth(from: &str, cents: i32) -> VoucherValue {
        VoucherValue { valid_from: Date(day(from)), value: Money { amount_cents: cents } }
    }

    fn service(values: &[VoucherValue], free_of_charge: bool) -> RulebookService {
        RulebookService { service: ServiceId::new(), unit: QuantityUnit::Session, values: values.to_vec(), free_of_charge }
    }

    fn told(rulebook: &RulebookContent) -> Vec<String> {
        rulebook.check().iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect()
    }

    fn rulebook(services: Vec<RulebookService>) -> RulebookContent {
        let name = LocalizedText { fi: "Sääntökirja".to_owned(), sv: None, en: None };
        RulebookContent { name, services, valid_from: Date(day("2026-01-01")), valid_to: None, text: None, url: None, conditions: Vec::new() }
    }

    #[test]
    fn a_value_holds_from_its_day_on_and_each_day_has_one() {
        let group = service(&[worth("2026-01-01", 4_500), worth("2027-01-01", 4_000)], false);
        let on = |text| group.value_on(day(text)).map(|value| value.amount_cents);
        assert_eq!((on("2025-12-31"), on("2026-12-31"), on("2027-01-01")), (None, Some(4_500), Some(4_000)));
        assert_eq!((group.own_share(5_000, day("2026-06-01")), group.own_share(4_000, day("2026-06-01"))), (Some(500), Some(0)));
        assert_eq!(told(&rulebook(vec![group.clone()])), Vec::<String>::new());
        assert_eq!(told(&rulebook(vec![service(&[worth("2026-01-02", 1)], false)])), ["TooLate services.0.values"]);
        assert_eq!(told(&rulebook(vec![service(&[worth("2026-01-01", 1), worth("2026-01-01", 2)], false)])), ["DateOrder services.0.values"]);
        assert_eq!(told(&rulebook(vec![service(&[worth("2026-01-01", 0)], false)])), ["OutOfRange services.0.values.0.value.amountCents"]);
        assert_eq!(told(&rulebook(vec![group.clone(), group])), ["Duplicate services"]);
    }

    #[test]
    fn no_own_share_remains_where_the_service_is_free_by_law() {
        let free = service(&[worth("2026-01-01", 4_500), worth("2027-01-01", 4_000)], true);
        let refused = |cents, from: &str| free.check_price(cents, day(from), &["price"]).err().and_then(|r| r.detail);
        // The value falls later: a price that would pass it by then is refused now.
        assert_eq!((refused(4_000, "2026-05-01"), refused(4_001, "2026-05-01"), refused(1, "2025-01-01")), (None, Some("0–4000".to_owned()), None));
        assert!(service(&[worth("2026-01-01", 4_500)], false).check_price(9_999, day("2026-05-01"), &["price"]).is_ok());
    }
}
