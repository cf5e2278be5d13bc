//! An area (alue): wellbeing services county, municipality, and below it district, village or postal area.
use crate::{
    id::AreaId,
    place::Point,
    rejection::{Code, Rejections},
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What kind of area it is (alueen laji).
    pub enum AreaKind ["area-kind"] {
        /// Wellbeing services county (hyvinvointialue); from the national code list.
        WellbeingCounty,
        /// Municipality (kunta); from the national code list.
        Municipality,
        /// District (kaupunginosa, alue).
        District,
        /// Village (kylä).
        Village,
        /// Postal area (postinumeroalue).
        Postal,
    }
}

impl AreaKind {
    /// Kinds that networks may add below the national register.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::District | Self::Village | Self::Postal)
    }
}

/// What is said of an area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "AreaContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AreaContent {
    /// What kind of area it is.
    pub kind: AreaKind,
    /// What it is called.
    pub name: LocalizedText,
    /// Its code in the national code list, or its postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The area that it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AreaId>,
    /// Its centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl AreaContent {
    /// Every fault of an area that a network adds: it is local and lies in another area.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        if !self.kind.is_local() {
            out.add(Code::Invalid, &["kind"]);
        }
        if self.parent.is_none() {
            out.add(Code::Required, &["parent"]);
        }
        for (field, value, max) in [("code", &self.code, 20), ("source", &self.source, 200)] {
            if let Some(value) = value {
                text::check(value, &[field], max, &mut out);
            }
        }
        if let Some(point) = &self.point {
            point.check("point", &mut out);
        }
        out
    }
}
