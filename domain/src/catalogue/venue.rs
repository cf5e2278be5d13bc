//! A venue (tila) of the network's inventory. A venue where two or more providers work is a multi-activity stop (monitoimintapysäkki).
use super::{check_distinct, check_range};
use crate::{
    id::{AreaId, ServiceUnitId},
    machine::machine,
    money::Money,
    place::{Address, Point},
    rejection::Rejections,
    scalar::Date,
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a venue is on its way from being found to being used (tilan vaihe).
    pub enum VenueStatus ["venue-status"] {
        /// Found: somebody knows of it (tunnistettu).
        Identified,
        /// Looked at on site (katselmoitu).
        Inspected,
        /// Its use is agreed with the owner (sovittu).
        Agreed,
        /// In use (käytössä).
        InUse,
        /// Not to be used any more (poistettu).
        Withdrawn,
    }
}

machine! {
    /// A move of the venue machine.
    VenueStatus as "Venue (tila)", pub enum VenueMove {
        /// Looked at on site.
        Inspect,
        /// Agreed with the owner.
        Agree,
        /// Taken into use.
        TakeIntoUse,
        /// Taken from the inventory.
        Withdraw,
    }
    Identified -- Inspect -> Inspected;
    Inspected -- Agree -> Agreed;
    Agreed -- TakeIntoUse -> InUse;
    Identified -- Withdraw -> Withdrawn;
    Inspected -- Withdraw -> Withdrawn;
    Agreed -- Withdraw -> Withdrawn;
    InUse -- Withdraw -> Withdrawn;
}

/// How a venue can be used with a disability (esteettömyys).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "AccessibilityInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Accessibility {
    /// One gets in and about without steps (esteetön kulku).
    pub step_free: bool,
    /// There is an accessible toilet (esteetön wc).
    pub accessible_toilet: bool,
    /// There is an induction loop (induktiosilmukka).
    pub induction_loop: bool,
    /// There is accessible parking (esteetön pysäköinti).
    pub accessible_parking: bool,
}

/// What is said of a venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "VenueContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VenueContent {
    /// What it is called.
    pub name: LocalizedText,
    /// The area where it lies.
    pub area: AreaId,
    /// The unit that keeps it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<ServiceUnitId>,
    /// Its street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Its place on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Its permanent building id (VTJ-PRT), where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building_id: Option<String>,
    /// How many persons fit in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_persons: Option<i32>,
    /// It holds several groups at a time (yhteiskäyttöinen); otherwise sessions in it do not overlap.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub shared: bool,
    /// What it has: kitchen, screen, tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub equipment: Vec<LocalizedText>,
    /// What it is fit for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub usable_for: Vec<LocalizedText>,
    /// How it can be used with a disability.
    #[serde(default)]
    pub accessibility: Accessibility,
    /// What an hour costs the network.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "costPerHourCents")]
    pub cost_per_hour: Option<Money>,
    /// The day on which it was last inventoried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventoried_on: Option<Date>,
    /// What else should be known, at most 1000 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<LocalizedText>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl VenueContent {
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
        if let Some(note) = &self.note {
            note.check("note", 1_000, &mut out);
        }
        for (field, texts) in [("equipment", &self.equipment), ("usableFor", &self.usable_for)] {
            for each in texts {
                each.check(field, 150, &mut out);
            }
            check_distinct(texts, field, &mut out);
        }
        for (field, value) in [("buildingId", &self.building_id), ("source", &self.source)] {
            if let Some(value) = value {
                text::check(value, &[field], 200, &mut out);
            }
        }
        check_range(self.capacity_persons, &1, &100_000, "capacityPersons", &mut out);
        if let Some(cost) = self.cost_per_hour {
            cost.check("costPerHour", Money { amount_cents: 1_000_000 }, &mut out);
        }
        out
    }
}
