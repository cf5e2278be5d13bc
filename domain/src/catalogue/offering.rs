//! A service offering (tarjonta): a service as it is given by one provider at one place.
use super::{check_range, service::DeliveryForm};
use crate::delivery::participation::Seats;
use crate::{
    id::{ServiceUnitId, TransportRouteId, VenueId},
    money::Money,
    rejection::{Code, Rejections},
    scalar::Date,
    text::LocalizedText,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// For what one registers (ilmoittautumisen kohde).
    #[derive(Default)]
    pub enum RegistrationUnit ["registration-unit"] {
        /// For the whole offering: a course, a group (koko tarjonta).
        #[default]
        Offering,
        /// For one of its sessions at a time: a counselling time, a single meeting (yksi kerta).
        Session,
    }
}

impl RegistrationUnit {
    /// It is what is meant where nothing is said.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What is said of an offering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ServiceOfferingContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceOfferingContent {
    /// Its own name, where it differs from the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// What a person should know of this offering, at most 2500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<LocalizedText>,
    /// The unit where it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<ServiceUnitId>,
    /// The venue where it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// The route along which it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<TransportRouteId>,
    /// Places in all; none when there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i32>,
    /// Of these, places kept for clients of the network (verkoston asiakkaille varatut paikat): for those who come by a referral, or whom those who keep their
    /// register register. Whoever registers oneself or walks in, and whoever is told of in numbers only, has the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_places: Option<i32>,
    /// The last day on which they are kept; from the next day on anybody has them. None when they are kept to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_until: Option<Date>,
    /// The smallest group that starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_size_min: Option<i32>,
    /// The largest group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_size_max: Option<i32>,
    /// For what one registers (ilmoittautumisen kohde): for all of it, or for one session at a time. Of an offering that is registered for by session, places,
    /// kept places and waiting list are those of each session.
    #[serde(default, skip_serializing_if = "RegistrationUnit::is_usual")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub registration_unit: RegistrationUnit,
    /// Places on the waiting list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waitlist_max: Option<i32>,
    /// The first day. Needed for publishing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The last day; none when it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
    /// Its own price to the client, where it differs from the service's.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "priceCents")]
    pub price: Option<Money>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ServiceOfferingContent {
    /// Every fault that keeps even a draft from being kept.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if let Some(name) = &self.name {
            name.check("name", 100, &mut out);
        }
        if let Some(info) = &self.info {
            info.check("info", 2_500, &mut out);
        }
        check_range(self.capacity, &1, &10_000, "capacity", &mut out);
        check_range(self.reserved_places, &0, &10_000, "reservedPlaces", &mut out);
        match (self.reserved_places, self.capacity) {
            (Some(_), None) => out.add(Code::Required, &["capacity"]),
            (Some(reserved), Some(all)) if reserved > all => out.add_with(Code::OverCapacity, &["reservedPlaces"], all),
            _ => {}
        }
        if self.reserved_until.is_some() && self.reserved_places.is_none() {
            out.add(Code::Required, &["reservedPlaces"]);
        }
        check_range(self.group_size_min, &1, &10_000, "groupSizeMin", &mut out);
        check_range(self.group_size_max, &1, &10_000, "groupSizeMax", &mut out);
        check_range(self.waitlist_max, &0, &10_000, "waitlistMax", &mut out);
        if let Some(price) = self.price {
            price.check("price", Money { amount_cents: 10_000_000 }, &mut out);
        }
        if self.group_size_max.zip(self.group_size_min).is_some_and(|(max, min)| max < min) {
            out.add(Code::DateOrder, &["groupSizeMax"]);
        }
        if self.ends_on.zip(self.starts_on).is_some_and(|(end, start)| end < start) {
            out.add(Code::DateOrder, &["endsOn"]);
        }
        if let Some(source) = &self.source {
            crate::text::check(source, &["source"], 200, &mut out);
        }
        out
    }

    /// Every part that is missing for publishing: one rejection each.
    #[must_use]
    pub fn missing(&self, service_is_public: bool, delivery: &[DeliveryForm]) -> Rejections {
        let mut out = Rejections::default();
        if !service_is_public {
            out.add(Code::ServiceNotPublished, &["service"]);
        }
        if self.starts_on.is_none() {
            out.add(Code::Required, &["content", "startsOn"]);
        }
        let elsewhere = delivery.iter().any(|d| matches!(d, DeliveryForm::Remote | DeliveryForm::HomeVisit | DeliveryForm::Outreach));
        if self.unit.is_none() && self.venue.is_none() && self.route.is_none() && !elsewhere {
            out.add(Code::NoPlace, &["content", "unit"]);
        }
        out
    }

    /// The places on a day of which so many are taken, so many of these by clients of the network.
    #[must_use]
    pub fn seats(&self, day: chrono::NaiveDate, taken: i32, network_taken: i32) -> Seats {
        let kept = self.reserved_until.is_none_or(|last| day <= last.0);
        Seats { capacity: self.capacity, reserved: self.reserved_places.filter(|_| kept).unwrap_or(0), taken, network_taken }
    }

    /// The day lies inside the dates of the offering.
    #[must_use]
    pub fn covers(&self, day: chrono::NaiveDate) -> bool {
        self.starts_on.is_none_or(|start| start.0 <= day) && self.ends_on.is_none_or(|end| day <= end.0)
    }
}
