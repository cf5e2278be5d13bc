//! Where open work is done (avoimen työn paikka): a venue, a unit, a stop of a route, or an area with a place in words.
use super::unnamed_text;
use crate::{
    id::{AreaId, ServiceUnitId, TransportRouteId, VenueId},
    rejection::{Code, Rejections},
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

/// A place of open work: exactly one of `venue`, `unit`, `route` and `area`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "OutreachPlaceInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutreachPlace {
    /// The venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// The unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<ServiceUnitId>,
    /// The route, such as Reissu-Ellu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<TransportRouteId>,
    /// Which stop of the route, counted from 0; only with `route`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<i32>,
    /// The stop as it was when this was recorded: the route may get others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub stop_then: Option<StopThen>,
    /// The area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaId>,
    /// The place in words, at most 150 characters, without names of persons; only with `area`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a stop of a route was at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StopThen {
    /// What it was called.
    pub name: LocalizedText,
    /// The area where it lay.
    pub area: AreaId,
}

impl OutreachPlace {
    /// The same stop of the same route is meant as by another place.
    #[must_use]
    pub fn is_same_stop(&self, other: &Self) -> bool {
        (self.route, self.stop) == (other.route, other.stop)
    }

    /// Every fault of the place at `field`.
    pub fn check(&self, field: &str, out: &mut Rejections) {
        let given = [self.venue.is_some(), self.unit.is_some(), self.route.is_some(), self.area.is_some()];
        match given.iter().filter(|given| **given).count() {
            0 => out.add(Code::NoPlace, &[field]),
            1 => {}
            _ => out.add(Code::DoesNotAgree, &[field]),
        }
        if self.stop.is_some() && self.route.is_none() {
            out.add(Code::DoesNotAgree, &[field, "stop"]);
        }
        if self.text.is_some() && self.area.is_none() {
            out.add(Code::DoesNotAgree, &[field, "text"]);
        }
        unnamed_text::check(self.text.as_deref(), &[field, "text"], 150, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_exactly_one() {
        let told = |place: OutreachPlace| {
            let mut out = Rejections::default();
            place.check("place", &mut out);
            out.iter().map(|r| (r.code, r.path.join("."))).collect::<Vec<_>>()
        };
        let (venue, area) = (Some(VenueId::new()), Some(AreaId::new()));
        let text = Some("Tori".to_owned());
        assert_eq!(told(OutreachPlace::default()), [(Code::NoPlace, "place".to_owned())]);
        assert_eq!(told(OutreachPlace { venue, ..OutreachPlace::default() }), []);
        assert_eq!(told(OutreachPlace { area, text: text.clone(), ..OutreachPlace::default() }), []);
        assert_eq!(told(OutreachPlace { venue, area, ..OutreachPlace::default() }), [(Code::DoesNotAgree, "place".to_owned())]);
        assert_eq!(told(OutreachPlace { venue, text, stop: Some(1), ..OutreachPlace::default() }).len(), 2);
    }
}
