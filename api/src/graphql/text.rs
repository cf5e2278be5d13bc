//! Values as they are shown: texts in languages, money, places.
use super::Asked;
use crate::error::{Error, Result};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    money, place,
    text::{self, Language},
};

/// The same text in up to three languages (monikielinen teksti).
pub struct LocalizedText(pub text::LocalizedText);

/// The same text in up to three languages (monikielinen teksti). Finnish is always there.
#[Object]
impl LocalizedText {
    /// In Finnish (suomeksi).
    async fn fi(&self) -> &str {
        &self.0.fi
    }
    /// In Swedish (ruotsiksi); null when it is not given.
    async fn sv(&self) -> Option<&str> {
        self.0.sv.as_deref()
    }
    /// In English (englanniksi); null when it is not given.
    async fn en(&self) -> Option<&str> {
        self.0.en.as_deref()
    }
    /// In one language, or in Finnish where it is not given in that.
    async fn text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language; without it, the one that the request's Accept-Language prefers.")] language: Option<Language>,
    ) -> &str {
        self.0.in_language(language.unwrap_or_else(|| ctx.caller().language()))
    }
}

impl From<&text::LocalizedText> for LocalizedText {
    fn from(text: &text::LocalizedText) -> Self {
        Self(text.clone())
    }
}

/// Shows a text that may be missing.
pub fn shown(text: Option<&text::LocalizedText>) -> Option<LocalizedText> {
    text.map(LocalizedText::from)
}

/// An amount of money (rahamäärä).
#[derive(SimpleObject)]
pub struct Money {
    /// The amount in cents.
    amount_cents: i32,
    /// The currency by its ISO 4217 code: always EUR.
    currency: &'static str,
}

impl Money {
    /// A sum as it is kept.
    ///
    /// # Errors
    /// [`Error::Internal`] for more than an amount holds: whatever is asked or ordered is bounded before.
    pub fn of_cents(cents: i64) -> Result<Self> {
        Self::fitting(cents).ok_or(Error::Internal)
    }

    /// A sum that nothing bounds; none where it is more than an amount holds.
    pub fn fitting(cents: i64) -> Option<Self> {
        i32::try_from(cents).ok().map(|amount_cents| money::Money { amount_cents }.into())
    }
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self { amount_cents: money.amount_cents, currency: "EUR" }
    }
}

/// A point on the map (koordinaatit), WGS 84.
#[derive(SimpleObject)]
pub struct Point {
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
}

impl From<place::Point> for Point {
    fn from(p: place::Point) -> Self {
        Self { latitude: p.latitude, longitude: p.longitude }
    }
}

/// A street address (käyntiosoite).
#[derive(SimpleObject)]
pub struct Address {
    /// Street and number.
    street: String,
    /// Postal code: five digits.
    postal_code: String,
    /// Post office.
    city: String,
}

impl From<&place::Address> for Address {
    fn from(a: &place::Address) -> Self {
        Self { street: a.street.clone(), postal_code: a.postal_code.clone(), city: a.city.clone() }
    }
}
