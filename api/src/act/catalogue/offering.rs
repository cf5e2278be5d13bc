//! Offerings: a service as one provider gives it at one place.
use super::{
    booking::{self, Paths},
    closing::check_places_are_open,
    publishing::{Belonging, Published, put_copy, step},
    venue::is_agreed,
};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    catalogue::{
        offering::{RegistrationUnit, ServiceOfferingContent},
        publishing::{PublishingMove, PublishingState},
        session::{SessionState, day},
    },
    delivery::participation::Seats,
    event::Happening,
    id::{NetworkId, OrganizationId, ServiceId, ServiceOfferingId},
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejection},
};
use entity::{
    Kept as _,
    catalogue::{organization, publication, service, service_offering, service_unit, session, transport_route, venue},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;

impl Published for service_offering::Entity {
    fn state(row: &service_offering::Model) -> PublishingState {
        row.publishing
    }
    fn with_state(row: service_offering::Model, publishing: PublishingState) -> service_offering::Model {
        service_offering::Model { publishing, ..row }
    }
    fn belonging(row: &service_offering::Model) -> Belonging {
        Belonging { network: row.network_id, organization: row.organization_id, owner: row.owner_id, parent: Some(row.service_id.0) }
    }
}

/// What is said when an offering is begun.
#[derive(Clone, Debug, Serialize)]
pub struct CreateServiceOffering {
    /// The service.
    pub service: ServiceId,
    /// The provider; another organisation than the service's own only where it is purchased.
    pub provider: OrganizationId,
    /// What is said of it.
    pub content: ServiceOfferingContent,
}

/// The service of an offering, as a provider sees it: a working copy within reach, or the published copy.
async fn service_of(work: &Work, id: ServiceId) -> Result<(service::Model, bool)> {
    let unknown = || Error::reject(Code::UnknownReference, &["service"]);
    let published = match work.fetch::<publication::Entity>(id, Action::Read).await {
        Ok(copy) if copy.kind == service::Entity::KIND => Some(serde_json::from_value(copy.row).map_err(Error::internal)?),
        Ok(_) | Err(Error::NotFound) => None,
        Err(fault) => return Err(fault),
    };
    match (published, work.refer::<service::Entity>(id, &["service"]).await) {
        (Some(copy), _) => Ok((copy, true)),
        (None, Ok(own)) => Ok((own, false)),
        (None, Err(Error::Rejected(_))) => Err(unknown()),
        (None, Err(fault)) => Err(fault),
    }
}

/// Begins an offering as a draft.
///
/// # Errors
/// What is wrong with the content, a provider that may not give this service, or a caller without the right.
pub async fn create(caller: &Caller, key: Option<&str>, input: CreateServiceOffering) -> Result<service_offering::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = ServiceOfferingId::new();
    caller
        .write_once::<service_offering::Entity>(key, "createServiceOffering", &input, id, async |work: &mut Work| {
            begin(work, id, input.service, input.provider, input.content.clone()).await
        })
        .await
}

/// Begins an offering as a draft of its provider.
pub(super) async fn begin(
    work: &mut Work,
    id: ServiceOfferingId,
    service: ServiceId,
    provider: OrganizationId,
    content: ServiceOfferingContent,
) -> Result<service_offering::Model> {
    let (service, _) = service_of(work, service).await?;
    let provider = work.refer::<organization::Entity>(provider, &["provider"]).await?;
    if provider.network_id != service.network_id {
        return Err(Error::reject(Code::OtherNetwork, &["provider"]));
    }
    if provider.id != service.organization_id && !service.content.producers.contains(&provider.id) {
        return Err(Error::reject(Code::NotProducer, &["provider"]));
    }
    check_places(work, &content, service.network_id).await?;
    let now = work.now();
    let row = service_offering::Model {
        id,
        network_id: service.network_id,
        organization_id: provider.id,
        service_id: service.id,
        owner_id: service.organization_id,
        publishing: PublishingState::Draft,
        venue_id: content.venue,
        places_taken: 0,
        network_taken: 0,
        search: search(&service, &content),
        content,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    work.insert::<service_offering::Entity>(row).await
}

/// Replaces the working copy. A published offering stays as it is for everybody until it is published again.
///
/// # Errors
/// What is wrong with the content, fewer places than are taken, a stale version, or a caller without the right.
pub async fn update(caller: &Caller, id: ServiceOfferingId, expected: i32, content: ServiceOfferingContent) -> Result<service_offering::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            work.hold::<service_offering::Entity>(id).await?;
            let before = work.fetch_at::<service_offering::Entity>(id, expected, Action::Update).await?;
            check_places(work, &content, before.network_id).await?;
            check_registration(work, &content, &before, &before.content).await?;
            let search = match service_of(work, before.service_id).await {
                Ok((service, _)) => search(&service, &content),
                // A service that was withdrawn is hidden from its producers, who may go on with their own offerings.
                Err(Error::Rejected(_)) => before.search.clone(),
                Err(fault) => return Err(fault),
            };
            let publishing = before.publishing.step(PublishingMove::Modify)?;
            // What everybody sees stays where it is until it is published; what nobody has seen yet moves at once.
            let venue_id = if before.publishing == PublishingState::Draft { content.venue } else { before.venue_id };
            let next = service_offering::Model { publishing, search, venue_id, content: content.clone(), ..before.clone() };
            if next.venue_id != before.venue_id {
                book_planned(work, &next).await?;
            }
            work.update::<service_offering::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Publishes, withdraws or discards an offering.
///
/// # Errors
/// For publishing, one rejection for each missing part; an illegal move, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ServiceOfferingId, expected: i32, by: PublishingMove) -> Result<service_offering::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            work.hold::<service_offering::Entity>(id).await?;
            let before = work.fetch_at::<service_offering::Entity>(id, expected, Action::Transition).await?;
            // The service's own organisation may take an offering away; everything else is its provider's.
            if by != PublishingMove::Withdraw {
                work.fetch::<service_offering::Entity>(id, Action::Update).await?;
            }
            go_on(work, &before, by).await
        })
        .await
}

/// Moves a fetched offering through its publishing.
pub(super) async fn go_on(work: &mut Work, before: &service_offering::Model, by: PublishingMove) -> Result<service_offering::Model> {
    let mut next = before.clone();
    if by == PublishingMove::Publish {
        let (service, is_public) = service_of(work, before.service_id).await?;
        before.content.missing(is_public, &service.content.delivery_forms).into_result()?;
        check_sessions(work, before).await?;
        check_venue_is_agreed(work, &before.content).await?;
        check_places_are_open(work, &before.content, |place| vec!["content", place]).await?;
        let shown = copy(work, before.id).await?;
        check_registration(work, &before.content, before, shown.as_ref().map_or(&ServiceOfferingContent::default(), |shown| &shown.content)).await?;
        next.venue_id = before.content.venue;
        // While it was withdrawn, its sessions took nothing.
        if next.venue_id != before.venue_id || before.publishing == PublishingState::Withdrawn {
            book_planned(work, &next).await?;
        }
    }
    step::<service_offering::Entity>(work, before, next, by).await
}

/// The planned sessions of an offering take the venue and the leaders that they have with it from now on; the offering is held.
async fn book_planned(work: &Work, offering: &service_offering::Model) -> Result<()> {
    let planned = work.planned_of(offering.id).await?;
    booking::book(work, offering, &planned, Paths { venue: &["content", "venue"], leader: &["id"] }).await
}

/// Tells how many places are taken now. Everybody sees it at once: it is no part of what is published by hand.
///
/// # Errors
/// More than there are, or fewer than are taken by those who have registered here; an offering that one registers for by session; a stale version, or a
/// caller without the right.
pub async fn report_places(caller: &Caller, id: ServiceOfferingId, expected: i32, taken: i32) -> Result<service_offering::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            // Held before it is read: whoever registers meanwhile changes its counts, and not its version.
            work.hold::<service_offering::Entity>(id).await?;
            let before = work.fetch_at::<service_offering::Entity>(id, expected, Action::Update).await?;
            if taken < 0 {
                return Err(Rejection::with(Code::OutOfRange, &["placesTaken"], "0–").into());
            }
            before.publishing.step(PublishingMove::Modify)?;
            let shown = copy(work, id).await?;
            // Places that are taken by session are those of whoever has registered here.
            if [Some(&before), shown.as_ref()].into_iter().flatten().any(|row| row.content.registration_unit == RegistrationUnit::Session) {
                return Err(Error::reject(Code::DoesNotAgree, &["id"]));
            }
            // Places of people who have registered here are taken whatever is told of others.
            let registered = work.registered_at(id).await?;
            if taken < registered {
                return Err(Rejection::with(Code::OutOfRange, &["placesTaken"], format!("{registered}–")).into());
            }
            let today = day(work.now());
            check_taken(before.content.seats(today, taken, before.network_taken), before.places_taken)?;
            let next = service_offering::Model { places_taken: taken, ..before.clone() };
            let row = work.update::<service_offering::Entity>(&before, next, Action::Update).await?;
            if let Some(shown) = shown {
                check_taken(shown.content.seats(today, taken, before.network_taken), before.places_taken)?;
                let shown = service_offering::Model { places_taken: taken, network_taken: before.network_taken, updated_at: work.now(), ..shown };
                put_copy::<service_offering::Entity>(work, &shown).await?;
            }
            if is_shown(work, &row).await? {
                work.tell::<service_offering::Entity>(&row, Happening::PlacesChanged, true);
            }
            Ok(row)
        })
        .await
}

/// The offering as everybody sees it, where it is published.
async fn copy(work: &Work, id: ServiceOfferingId) -> Result<Option<service_offering::Model>> {
    let copy = work.find::<publication::Entity>(publication::Column::Id.eq(id.0)).await?.pop();
    copy.map(|copy| serde_json::from_value(copy.row).map_err(Error::internal)).transpose()
}

/// Everybody sees the offering now: it is published, and so is its service.
pub(super) async fn is_shown(work: &Work, offering: &service_offering::Model) -> Result<bool> {
    let both = publication::Column::Id.is_in([offering.id.0, offering.service_id.0]);
    Ok(work.find::<publication::Entity>(both).await?.len() == 2)
}

/// A published offering is given where people can go: in a venue whose use is agreed.
async fn check_venue_is_agreed(work: &Work, content: &ServiceOfferingContent) -> Result<()> {
    let Some(at) = content.venue else { return Ok(()) };
    let at = work.refer::<venue::Entity>(at, &["content", "venue"]).await?;
    if is_agreed(at.status) { Ok(()) } else { Err(Error::reject(Code::VenueNotAgreed, &["content", "venue"])) }
}

/// No planned session is left outside the dates of the offering.
async fn check_sessions(work: &Work, offering: &service_offering::Model) -> Result<()> {
    let planned = session::Column::State.eq(SessionState::Planned).and(session::Column::StartsAt.gte(work.now()));
    let planned = work.find::<session::Entity>(planned.and(session::Column::OfferingId.eq(offering.id))).await?;
    if planned.iter().any(|s| !offering.content.covers(day(s.starts_at))) {
        return Err(Error::reject(Code::OutsideDates, &["content", "endsOn"]));
    }
    Ok(())
}

/// Those who have registered have registered for what a content lets one register for, and there are places enough for them; the offering is held.
async fn check_registration(work: &Work, content: &ServiceOfferingContent, now: &service_offering::Model, earlier: &ServiceOfferingContent) -> Result<()> {
    let by_session = content.registration_unit == RegistrationUnit::Session;
    // Places that were told of by hand are those of the whole, as are those of whoever has one.
    if by_session && now.places_taken > 0 || work.registered_otherwise(now.id, content.registration_unit).await? {
        return Err(Error::reject(Code::InUse, &["content", "registrationUnit"]));
    }
    let today = day(work.now());
    if !by_session {
        return check_capacity(content, (now.places_taken, now.network_taken), earlier, today);
    }
    let to_come = work.planned_of(now.id).await?;
    to_come.iter().try_for_each(|session| check_capacity(content, (session.places_taken, session.network_taken), earlier, today))
}

/// The places that a content tells of are enough for those who have one now, and those that it keeps are not taken by others. The counts are of all who have
/// a place, and of the clients of the network among them.
fn check_capacity(content: &ServiceOfferingContent, counts: (i32, i32), earlier: &ServiceOfferingContent, today: NaiveDate) -> Result<()> {
    let Some(all) = content.capacity else { return Ok(()) };
    let (taken, network_taken) = counts;
    if taken > all {
        return Err(Rejection::with(Code::OverCapacity, &["content", "capacity"], all).into());
    }
    // Kept places that are full of others' places would be kept for nobody. What was agreed before stays as it is.
    let others = taken - network_taken;
    let for_others = |content: &ServiceOfferingContent| Some(content.capacity? - content.seats(today, taken, network_taken).reserved);
    let open = for_others(content).unwrap_or(all);
    if others > open && for_others(earlier).is_none_or(|before| open < before) {
        return Err(Rejection::with(Code::OverCapacity, &["content", "reservedPlaces"], all - others).into());
    }
    Ok(())
}

/// Places that are told of by hand are others' than the network's clients': none of those that are kept. That there are fewer than before is heard
/// whatever has been agreed meanwhile.
fn check_taken(seats: Seats, before: i32) -> Result<()> {
    match seats.most() {
        Some(most) if seats.taken > Ord::max(most, before) => Err(Rejection::with(Code::OverCapacity, &["placesTaken"], most).into()),
        _ => Ok(()),
    }
}

/// Each place that is named exists, can be seen, and belongs to the same network.
async fn check_places(work: &Work, content: &ServiceOfferingContent, network: NetworkId) -> Result<()> {
    let same = |of: NetworkId, field| if of == network { Ok(()) } else { Err(Error::reject(Code::OtherNetwork, &["content", field])) };
    if let Some(unit) = content.unit {
        same(work.refer::<service_unit::Entity>(unit, &["content", "unit"]).await?.network_id, "unit")?;
    }
    if let Some(place) = content.venue {
        same(work.refer::<venue::Entity>(place, &["content", "venue"]).await?.network_id, "venue")?;
    }
    if let Some(route) = content.route {
        same(work.refer::<transport_route::Entity>(route, &["content", "route"]).await?.network_id, "route")?;
    }
    Ok(())
}

fn search(service: &service::Model, content: &ServiceOfferingContent) -> String {
    let mut texts = vec![&service.content.name];
    texts.extend(&content.name);
    entity::search_text(&texts)
}
