//! Where something is: a point and a postal address.
use crate::rejection::{Code, Rejections};
use crate::text;
use serde::{Deserialize, Serialize};

/// A point on the map (koordinaatit), WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PointInput"))]
pub struct Point {
    /// Degrees north, within Finland: 59 to 71.
    pub latitude: f64,
    /// Degrees east, within Finland: 19 to 32.
    pub longitude: f64,
}

impl Eq for Point {}

impl Point {
    /// The point lies in Finland.
    pub fn check(&self, field: &str, out: &mut Rejections) {
        if !(59.0..=71.0).contains(&self.latitude) {
            out.add_with(Code::OutOfRange, &[field, "latitude"], "59–71");
        }
        if !(19.0..=32.0).contains(&self.longitude) {
            out.add_with(Code::OutOfRange, &[field, "longitude"], "19–32");
        }
    }
}

/// A street address (käyntiosoite).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "AddressInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Postal code: five digits.
    pub postal_code: String,
    /// Post office.
    pub city: String,
}

impl Address {
    /// Every part is given and the postal code has five digits.
    pub fn check(&self, field: &str, out: &mut Rejections) {
        text::check(&self.street, &[field, "street"], 200, out);
        text::check(&self.city, &[field, "city"], 100, out);
        if self.postal_code.len() != 5 || !self.postal_code.bytes().all(|b| b.is_ascii_digit()) {
            out.add(Code::Invalid, &[field, "postalCode"]);
        }
    }
}
