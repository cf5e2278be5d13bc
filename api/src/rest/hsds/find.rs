//! Which services, organisations and offerings are asked for.
use super::{
    ask::Asked,
    place::{Place, Spot},
    taxonomy::{self, Term, of_service, taxonomy_id},
    view::View,
};
use crate::{
    http::Wrong,
    snapshot::{MapFilter, metres},
};
use domain::{
    catalogue::area::AreaKind,
    code::CodeList,
    place::{Address, Point},
    text::fold,
};
use entity::catalogue::{area, organization, service, service_offering};
use std::{collections::HashSet, sync::Arc};

impl View {
    /// The services that are asked for, by name.
    ///
    /// # Errors
    /// A fault of the index.
    pub fn services(&self, asked: &Asked) -> Result<Vec<Arc<service::Model>>, Wrong> {
        let words = self.found(asked)?;
        let holds = |row: &&Arc<service::Model>| {
            words.as_ref().is_none_or(|words| row.search.contains(&words.folded) || self.offerings(row).any(|offering| words.offerings.contains(&offering.id)))
                && is_classed(asked, row)
                && asked.organization.is_none_or(|id| row.organization_id.0 == id || self.offerings(row).any(|offering| offering.organization_id.0 == id))
                && asked.since.is_none_or(|since| self.service_changed(row) >= since)
        };
        Ok(self.s.services.iter().filter(holds).cloned().collect())
    }

    /// The organisations that are asked for, by name.
    pub fn organizations(&self, asked: &Asked) -> Vec<Arc<organization::Model>> {
        let folded = asked.search.as_deref().map(fold);
        self.s.organizations.iter().filter(|row| folded.as_ref().is_none_or(|text| row.search.contains(text))).cloned().collect()
    }

    /// The offerings at their places that are asked for, by name.
    ///
    /// # Errors
    /// A postal code of which nobody knows where it is, or a fault of the index.
    pub fn found_spots(&self, asked: &Asked) -> Result<Vec<Spot>, Wrong> {
        let words = self.found(asked)?;
        let holds = |row: &&Arc<service_offering::Model>| {
            let service = self.s.services.get(row.service_id);
            words.as_ref().is_none_or(|words| words.offerings.contains(&row.id))
                && service.is_some_and(|service| is_classed(asked, service))
                && asked.organization.is_none_or(|id| row.organization_id.0 == id || row.owner_id.0 == id)
                && asked.since.is_none_or(|since| self.offering_changed(row).max(service.map_or(row.updated_at, |row| row.updated_at)) >= since)
        };
        let mut spots: Vec<Spot> = self.s.offerings.iter().filter(holds).flat_map(|row| self.spots(row)).collect();
        match (asked.postcode.as_deref(), asked.proximity) {
            (None, _) => {}
            (Some(code), None) => spots.retain(|spot| self.is_at(&spot.place, code)),
            (Some(code), Some(most)) => {
                let words = "nobody knows where this postal code is: ask without proximity";
                let middle = self.middle(code).ok_or_else(|| Wrong::Input { parameter: "postcode".to_owned(), words: words.to_owned() })?;
                spots.retain(|spot| spot.place.point().is_some_and(|point| metres(point, middle) <= f64::from(most)));
            }
        }
        Ok(spots)
    }

    /// The code lists that are asked for, in their order.
    pub fn taxonomies(asked: &Asked) -> Vec<&'static CodeList> {
        let folded = asked.search.as_deref().map(fold);
        taxonomy::taxonomies().filter(|list| folded.as_ref().is_none_or(|text| taxonomy::is_called(&list.name, text))).collect()
    }

    /// The codes that are asked for, in their order.
    pub fn terms(asked: &Asked) -> Vec<Term> {
        let folded = asked.search.as_deref().map(fold);
        let holds = |term: &Term| {
            folded.as_ref().is_none_or(|text| term.is_called(text))
                && asked.taxonomy.is_none_or(|id| taxonomy_id(term.list) == id)
                && (!asked.top_only || term.parent().is_none())
                && asked.parent.is_none_or(|id| term.parent().is_some_and(|above| above.id() == id))
        };
        taxonomy::terms().filter(holds).collect()
    }

    fn found(&self, asked: &Asked) -> Result<Option<Words>, Wrong> {
        let Some(text) = &asked.search else { return Ok(None) };
        let filter = MapFilter { search: Some(text.clone()), ..MapFilter::default() };
        let view = self.s.look(&filter, &[], self.now).map_err(|_| Wrong::Failed)?;
        let offerings = view.found.iter().map(|i| self.s.offerings.at(*i).id).collect();
        Ok(Some(Words { folded: fold(text), offerings }))
    }

    /// A place has this postal code, or lies in the postal area.
    fn is_at(&self, place: &Place, code: &str) -> bool {
        let by_area = |area| self.s.lineage(area).iter().filter_map(|id| self.s.areas.get(*id)).any(|row| is_postal(row, code));
        has_code(place.address(), code) || place.area().is_some_and(by_area)
    }

    /// The middle of a postal code: of its area where that is known, or else of the places that have it.
    fn middle(&self, code: &str) -> Option<Point> {
        let s = &self.s;
        let known = s.areas.iter().filter(|row| is_postal(row, code)).find_map(|row| row.content.point);
        let units = s.units.iter().filter(|row| has_code(row.content.address.as_ref(), code)).filter_map(|row| row.content.point);
        let venues = s.venues.iter().filter(|row| has_code(row.content.address.as_ref(), code)).filter_map(|row| row.content.point);
        let points = || units.chain(venues).collect::<Vec<_>>();
        known.or_else(|| mean(&points()))
    }
}

/// What was found by words.
struct Words {
    folded: String,
    offerings: HashSet<domain::id::ServiceOfferingId>,
}

fn is_classed(asked: &Asked, row: &service::Model) -> bool {
    if asked.term.is_none() && asked.taxonomy.is_none() {
        return true;
    }
    let terms = of_service(&row.content);
    asked.term.is_none_or(|id| terms.iter().any(|term| term.is_within(id)))
        && asked.taxonomy.is_none_or(|id| terms.iter().any(|term| taxonomy_id(term.list) == id))
}

/// It is the area of this postal code.
fn is_postal(row: &area::Model, code: &str) -> bool {
    row.content.kind == AreaKind::Postal && row.code.as_deref() == Some(code)
}

fn has_code(address: Option<&Address>, code: &str) -> bool {
    address.is_some_and(|address| address.postal_code == code)
}

/// Good enough for points of one postal code.
fn mean(points: &[Point]) -> Option<Point> {
    let count = f64::from(u32::try_from(points.len()).ok().filter(|count| *count > 0)?);
    let sum = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / count;
    Some(Point { latitude: sum(|point| point.latitude), longitude: sum(|point| point.longitude) })
}
