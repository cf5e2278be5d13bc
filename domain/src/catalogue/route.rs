//! A transport route (kulkureitti) with its stops and calendar, such as Reissu-Ellu of the OsUVa project.
use crate::{
    id::{AreaId, VenueId},
    place::Point,
    rejection::{Code, Rejections},
    scalar::{Date, Time},
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// A day of the week (viikonpäivä).
    pub enum Weekday {
        /// Monday (maanantai).
        Monday,
        /// Tuesday (tiistai).
        Tuesday,
        /// Wednesday (keskiviikko).
        Wednesday,
        /// Thursday (torstai).
        Thursday,
        /// Friday (perjantai).
        Friday,
        /// Saturday (lauantai).
        Saturday,
        /// Sunday (sunnuntai).
        Sunday,
    }
}

impl From<chrono::Weekday> for Weekday {
    fn from(day: chrono::Weekday) -> Self {
        Self::ALL[day.num_days_from_monday() as usize]
    }
}

/// A stop of a route (pysäkki).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "RouteStopInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteStop {
    /// What it is called.
    pub name: LocalizedText,
    /// The area where it lies.
    pub area: AreaId,
    /// Its place on the map.
    pub point: Point,
    /// The venue at which it stops, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
}

/// A time at which the vehicle stands at a stop, every week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "RouteCallInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteCall {
    /// Which stop, counted from 0 in the order of the route.
    pub stop: i32,
    /// On which day of the week.
    pub weekday: Weekday,
    /// From when, in Europe/Helsinki.
    pub from: Time,
    /// Until when.
    pub to: Time,
}

/// What is said of a route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "TransportRouteContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransportRouteContent {
    /// What it is called.
    pub name: LocalizedText,
    /// What it brings and to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
    /// Its stops, in order.
    pub stops: Vec<RouteStop>,
    /// When it stands at its stops.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub calendar: Vec<RouteCall>,
    /// The first day of this timetable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day of this timetable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl TransportRouteContent {
    /// Every fault of the content; on each weekday the times follow the stops.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        if let Some(description) = &self.description {
            description.check("description", 2_500, &mut out);
        }
        if let Some(source) = &self.source {
            text::check(source, &["source"], 200, &mut out);
        }
        if self.stops.is_empty() {
            out.add(Code::Required, &["stops"]);
        }
        if self.stops.len() > 100 || self.calendar.len() > 700 {
            out.add_with(Code::TooLong, &["stops"], 100);
        }
        for stop in &self.stops {
            stop.name.check("stops", 150, &mut out);
            stop.point.check("stops", &mut out);
        }
        if self.valid_to.zip(self.valid_from).is_some_and(|(to, from)| to < from) {
            out.add(Code::DateOrder, &["validTo"]);
        }
        for call in &self.calendar {
            if usize::try_from(call.stop).map_or(true, |stop| stop >= self.stops.len()) {
                out.add(Code::UnknownReference, &["calendar", "stop"]);
            }
            if call.to <= call.from {
                out.add(Code::DateOrder, &["calendar", "to"]);
            }
        }
        for day in Weekday::ALL {
            let mut calls: Vec<_> = self.calendar.iter().filter(|c| c.weekday == *day).collect();
            calls.sort_by_key(|c| c.from);
            if calls.windows(2).any(|two| two[1].stop < two[0].stop || two[1].from < two[0].to) {
                out.add(Code::StopOrder, &["calendar"]);
            }
        }
        out
    }
}
