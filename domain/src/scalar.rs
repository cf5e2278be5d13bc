//! Values that are parsed once at the edge and trusted from then on. Each is text in the database and in JSON.
use crate::rejection::Code;
use chrono::{Datelike, SubsecRound};

/// A text that was not of the form its type asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct NotValid(pub &'static str);

impl NotValid {
    /// The code under which the refusal is told.
    pub const CODE: Code = Code::Invalid;
}

/// Declares a text type that can only be made by its parser, with its GraphQL scalar.
macro_rules! scalar {
    ($(#[$meta:meta])* $name:ident, $spec:literal, $parse:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads a text.
            ///
            /// # Errors
            /// [`NotValid`] when it is not of the right form.
            pub fn parse(text: &str) -> Result<Self, $crate::scalar::NotValid> {
                let parse: fn(&str) -> Option<String> = $parse;
                parse(text).map(Self).ok_or($crate::scalar::NotValid(stringify!($name)))
            }

            /// The text, in its canonical form.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::scalar::NotValid;
            fn try_from(text: String) -> Result<Self, Self::Error> { Self::parse(&text) }
        }
        impl From<$name> for String { fn from(value: $name) -> Self { value.0 } }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }

        #[cfg(feature = "graphql")]
        $(#[$meta])*
        #[async_graphql::Scalar(specified_by_url = $spec)]
        impl async_graphql::ScalarType for $name {
            fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
                match value {
                    async_graphql::Value::String(text) => Self::parse(&text).map_err(async_graphql::InputValueError::custom),
                    other => Err(async_graphql::InputValueError::expected_type(other)),
                }
            }
            fn to_value(&self) -> async_graphql::Value { async_graphql::Value::String(self.0.clone()) }
        }
    };
}
scalar! {
    /// An e-mail address (sähköpostiosoite), as RFC 5321 forms it.
    EmailAddress, "https://www.rfc-editor.org/rfc/rfc5321",
    |text| (text.len() <= 254 && email_address::EmailAddress::is_valid(text)).then(|| text.to_owned())
}
scalar! {
    /// A telephone number (puhelinnumero) in the international form of E.164: plus sign, country code and number, at most 15 digits.
    PhoneNumber, "https://www.itu.int/rec/T-REC-E.164",
    |text| {
        let digits = text.strip_prefix('+')?;
        let ok = (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        ok.then(|| text.to_owned())
    }
}
scalar! {
    /// A web address (verkko-osoite) with the scheme http or https.
    Url, "https://url.spec.whatwg.org/",
    |text| {
        let url = url::Url::parse(text).ok()?;
        (text.len() <= 2_000 && matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.to_string())
    }
}
scalar! {
    /// A language (kieli) as a BCP 47 tag, for example `fi`, `sv`, `en`, `se` or `ar`.
    LanguageTag, "https://www.rfc-editor.org/rfc/rfc5646",
    |text| {
        let locale = icu_locale_core::LanguageIdentifier::try_from_str(text).ok()?;
        (!locale.language.is_unknown()).then(|| locale.to_string())
    }
}
scalar! {
    /// A municipality (kunta) by its three-digit code in the code list `municipality`, for example 297 for Kuopio.
    MunicipalityCode, "https://koodistot.suomi.fi/codescheme;registryCode=jhs;schemeCode=kunta_1_20230101",
    |text| (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) && crate::code::lists().knows("municipality", text)).then(|| text.to_owned())
}
scalar! {
    /// A business id (Y-tunnus): seven digits, a dash and a check digit, for example 2211414-8.
    BusinessId, "https://www.ytj.fi/en/index/businessid.html",
    crate::business_id::canonical
}
scalar! {
    /// A bank account (tilinumero) by ISO 13616, without spaces, for example FI2112345600000785.
    Iban, "https://www.iso.org/standard/81090.html",
    |text| text.parse::<iban::Iban>().ok().map(|iban| iban::IbanLike::electronic_str(&iban).to_owned())
}
scalar! {
    /// A bank (pankin BIC-koodi) by ISO 9362, of 8 or 11 characters.
    Bic, "https://www.iso.org/standard/84108.html",
    |text| {
        let (head, tail) = text.split_at_checked(6)?;
        let fits = matches!(text.len(), 8 | 11) && head.bytes().all(|b| b.is_ascii_uppercase());
        (fits && tail.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())).then(|| text.to_owned())
    }
}
scalar! {
    /// The reference of a payment (viite): a Finnish reference number (viitenumero) or an RF creditor reference (ISO 11649), without spaces.
    PaymentReference, "https://www.iso.org/standard/50649.html",
    crate::payment_reference::canonical
}
scalar! {
    /// A recurrence rule (toistosääntö) of RFC 5545, without DTSTART, for example `FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10`.
    RecurrenceRule, "https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10",
    |text| {
        let plain = text.len() <= 500 && !text.contains(['\n', '\r', ':']);
        (plain && text.parse::<rrule::RRule<rrule::Unvalidated>>().is_ok()).then(|| text.to_owned())
    }
}

impl RecurrenceRule {
    /// It says itself when it ends: after so many times, or on a day.
    #[must_use]
    pub fn ends(&self) -> bool {
        let rule = self.as_str().parse::<rrule::RRule<rrule::Unvalidated>>();
        rule.is_ok_and(|rule| rule.get_count().is_some() || rule.get_until().is_some())
    }
}

/// Declares a moment of the calendar or the clock, with its GraphQL scalar.
macro_rules! moment {
    ($(#[$meta:meta])* $name:ident($inner:ty), $format:literal, $spec:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        #[cfg(feature = "graphql")]
        $(#[$meta])*
        #[async_graphql::Scalar(specified_by_url = $spec)]
        impl async_graphql::ScalarType for $name {
            fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
                match value {
                    async_graphql::Value::String(text) => Self::parse(&text).map_err(async_graphql::InputValueError::custom),
                    other => Err(async_graphql::InputValueError::expected_type(other)),
                }
            }
            fn to_value(&self) -> async_graphql::Value { async_graphql::Value::String(self.0.format($format).to_string()) }
        }
    };
}

moment! {
    /// A calendar day (päivä) in Finland, as `2026-11-22`.
    Date(chrono::NaiveDate), "%Y-%m-%d", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
}
moment! {
    /// A time of day by the clock on the wall in Finland (kellonaika), as `10:30`.
    Time(chrono::NaiveTime), "%H:%M", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
}

/// A moment (ajanhetki) in UTC, as RFC 3339 writes it, for example `2026-11-22T08:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct DateTime(pub chrono::DateTime<chrono::Utc>);

/// A moment (ajanhetki) in UTC, as RFC 3339 writes it, for example `2026-11-22T08:30:00.000Z`.
#[cfg(feature = "graphql")]
#[async_graphql::Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl async_graphql::ScalarType for DateTime {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        match value {
            async_graphql::Value::String(text) => Self::parse(&text).map_err(async_graphql::InputValueError::custom),
            other => Err(async_graphql::InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::String(self.0.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
    }
}

/// Any JSON: what is kept about somebody, as it is kept. Only ever shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub serde_json::Value);

/// Any JSON: what is kept about somebody, as it is kept. Only ever shown.
#[cfg(feature = "graphql")]
#[async_graphql::Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl async_graphql::ScalarType for Json {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }
    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// The years that dates and times may fall in. SQLite compares them as text, so every year must have four digits.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

impl DateTime {
    /// Reads `2026-11-22T08:30:00Z`, in any offset, to the millisecond.
    ///
    /// # Errors
    /// [`NotValid`] when it is not of that form, or outside [`YEARS`].
    pub fn parse(text: &str) -> Result<Self, NotValid> {
        // To the millisecond, as every time is kept: one database would keep more than the other.
        let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| NotValid("DateTime"))?.to_utc().trunc_subsecs(3);
        if YEARS.contains(&at.year()) { Ok(Self(at)) } else { Err(NotValid("DateTime")) }
    }
}

impl Date {
    /// Reads `2026-11-22`.
    ///
    /// # Errors
    /// [`NotValid`] when it is not of that form, or outside [`YEARS`].
    pub fn parse(text: &str) -> Result<Self, NotValid> {
        let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| NotValid("Date"))?;
        if text.len() == 10 && YEARS.contains(&day.year()) { Ok(Self(day)) } else { Err(NotValid("Date")) }
    }
}

impl Time {
    /// Reads `10:30`.
    ///
    /// # Errors
    /// [`NotValid`] when it is not of that form.
    pub fn parse(text: &str) -> Result<Self, NotValid> {
        let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| NotValid("Time"))?;
        if text.len() == 5 { Ok(Self(time)) } else { Err(NotValid("Time")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scalar_takes_its_own_form_only() {
        assert!(EmailAddress::parse("toimisto@example.fi").is_ok());
        assert!(EmailAddress::parse("toimisto@").is_err());
        assert!(PhoneNumber::parse("+358500001234").is_ok());
        assert!(PhoneNumber::parse("0500001234").is_err());
        assert!(Url::parse("https://example.fi/a").is_ok());
        assert!(Url::parse("javascript:alert(1)").is_err());
        assert!(LanguageTag::parse("fi").is_ok());
        assert!(LanguageTag::parse("suomi ja ruotsi").is_err());
        assert!(MunicipalityCode::parse("297").is_ok());
        assert!(MunicipalityCode::parse("999").is_err());
        assert!(RecurrenceRule::parse("FREQ=WEEKLY;BYDAY=TU,TH").is_ok());
        assert!(RecurrenceRule::parse("FREQ=SOMETIMES").is_err());
        assert!(Date::parse("2026-02-28").is_ok());
        for bad in ["2026-02-30", "+10000-01-01", "-0001-01-01", "0000-01-01", "9999-12-31", "2026-1-1"] {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
        assert!(DateTime::parse("2026-11-22T08:30:00+02:00").is_ok());
        assert!(DateTime::parse("9999-12-31T23:59:59Z").is_err());
    }
}
