//! A service unit (palveluyksikkö): where an organisation works.
use crate::{
    id::AreaId,
    place::{Address, Point},
    rejection::Rejections,
    scalar::{Date, EmailAddress, PhoneNumber},
    text::{self, LocalizedText},
};
use serde::{Deserialize, Serialize};

/// What is said of a service unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ServiceUnitContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceUnitContent {
    /// What it is called.
    pub name: LocalizedText,
    /// The area where it lies.
    pub area: AreaId,
    /// Its street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Its place on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Its id in the national register (Soteri).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soteri_unit_id: Option<String>,
    /// The date of its self-monitoring plan (omavalvontasuunnitelma).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_monitoring_plan_on: Option<Date>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ServiceUnitContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        if let Some(address) = &self.address {
            address.check("address", &mut out);
        }
        if let Some(point) = &self.point {
            point.check("point", &mut out);
        }
        for (field, value) in [("soteriUnitId", &self.soteri_unit_id), ("source", &self.source)] {
            if let Some(value) = value {
                text::check(value, &[field], 200, &mut out);
            }
        }
        out
    }
}
