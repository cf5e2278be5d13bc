//! Closing, shared by units, routes and areas: the row stays, and tells since when it is closed.
use crate::{
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    catalogue::{
        closing::{PlaceMove, PlaceState},
        offering::ServiceOfferingContent,
        session::day,
    },
    event::Happening,
    id::{AreaId, NetworkId},
    machine::Machine,
    policy::Action,
    rejection::Code,
};
use entity::{
    Kept,
    catalogue::{area, publication, service_offering, service_unit, transport_route},
};
use sea_orm::{ColumnTrait, ExprTrait};

/// A kept thing that can be closed.
pub(super) trait Closable: Kept {
    /// The day on which it was closed.
    fn closed_on(row: &Self::Model) -> Option<NaiveDate>;
    /// The same row, closed on a day or in use.
    fn with_closed_on(row: Self::Model, closed_on: Option<NaiveDate>) -> Self::Model;
}

macro_rules! closable { ($($table:ident),+) => { $(
    impl Closable for $table::Entity {
        fn closed_on(row: &$table::Model) -> Option<NaiveDate> {
            row.closed_on
        }
        fn with_closed_on(row: $table::Model, closed_on: Option<NaiveDate>) -> $table::Model {
            $table::Model { closed_on, ..row }
        }
    }
)+ } }
closable!(service_unit, transport_route, area);

/// Closes a fetched row or takes it into use again, with the event that tells of it.
pub(super) async fn step<E: Closable>(work: &mut Work, before: &E::Model, by: PlaceMove) -> Result<E::Model> {
    let closes = PlaceState::of(E::closed_on(before)).step(by)? == PlaceState::Closed;
    let next = E::with_closed_on(before.clone(), closes.then(|| day(work.now())));
    let row = work.update::<E>(before, next, Action::Transition).await?;
    work.tell::<E>(&row, if closes { Happening::Withdrawn } else { Happening::Published }, true);
    Ok(row)
}

/// Refuses what is closed.
pub(super) fn check_open<E: Closable>(row: &E::Model, path: &[&str]) -> Result<()> {
    if E::closed_on(row).is_none() { Ok(()) } else { Err(Error::reject(Code::PlaceClosed, path)) }
}

/// An area that the input refers to at `path`, and that is in use.
pub(in crate::act) async fn refer_area(work: &Work, id: AreaId, path: &[&str]) -> Result<area::Model> {
    let row = work.refer::<area::Entity>(id, path).await?;
    check_open::<area::Entity>(&row, path)?;
    Ok(row)
}

/// The places of an offering that everybody is to see are in use.
pub(super) async fn check_places_are_open(work: &Work, content: &ServiceOfferingContent, path: impl Fn(&'static str) -> Vec<&'static str>) -> Result<()> {
    if let Some(unit) = content.unit {
        let path = path("unit");
        check_open::<service_unit::Entity>(&work.refer::<service_unit::Entity>(unit, &path).await?, &path)?;
    }
    if let Some(route) = content.route {
        let path = path("route");
        check_open::<transport_route::Entity>(&work.refer::<transport_route::Entity>(route, &path).await?, &path)?;
    }
    Ok(())
}

/// Refuses to close what a published offering of the network is given at.
pub(super) async fn check_no_offering(work: &Work, network: NetworkId, uses: impl Fn(&ServiceOfferingContent) -> bool) -> Result<()> {
    let copies = publication::Column::Kind.eq(service_offering::Entity::KIND).and(publication::Column::NetworkId.eq(network));
    for copy in work.find::<publication::Entity>(copies).await? {
        let offering: service_offering::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
        if uses(&offering.content) {
            return Err(in_use());
        }
    }
    Ok(())
}

/// What is said when something that is open uses what is to be closed.
pub(super) fn in_use() -> Error {
    Error::reject(Code::InUse, &["id"])
}
