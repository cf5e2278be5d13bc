//! Places of offerings and of their sessions, and who takes or waits for them: named steps that no reach scopes. Whoever gives or takes a place holds the
//! offering first, whichever of its sessions it is in, so that those who come at once go one after the other.
use super::{Reader, Work, dialect::fault};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::{
    catalogue::{offering::RegistrationUnit, session::day},
    delivery::participation::{Guest, ParticipationState, Places, Spot, TOLD_WITHIN},
    event::Happening,
    id::{ClientId, ConsentId, OrganizationId, ParticipationId, ServiceOfferingId, SessionId},
};
use entity::{
    catalogue::{publication, service, service_offering, session},
    delivery::participation,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, IntoCondition, Query, SimpleExpr},
};
use std::{collections::HashMap, sync::Arc};

/// An offering that everybody sees, or a session of it, held until the commit.
pub struct OnOffer {
    /// The offering as everybody sees it.
    pub shown: Arc<service_offering::Model>,
    /// Its service, as everybody sees it.
    pub service: Arc<service::Model>,
    /// Which of its places are asked for.
    pub spot: Spot,
    /// The session, where there is such a one of the offering.
    pub session: Option<Arc<session::Model>>,
}

/// An offering that is held until the commit, as this transaction leaves it: nobody else changes its counts meanwhile. They are written with the commit.
#[derive(Clone)]
pub(super) struct Held {
    shown: Option<Arc<service_offering::Model>>,
    service: Option<Arc<service::Model>>,
    /// The counts of the offering, and of those of its sessions that were asked for.
    counts: HashMap<Option<SessionId>, Counts>,
    /// The number of whoever came last.
    last_arrival: Option<i64>,
}

/// How many have a place, and wait for one.
#[derive(Clone)]
struct Counts {
    /// Of this session; none of the whole offering.
    session: Option<Arc<session::Model>>,
    taken: i32,
    network_taken: i32,
    /// They are to be written.
    changed: bool,
    waiting: Option<Waiting>,
}

/// How many wait for a place.
#[derive(Clone, Copy, Default)]
struct Waiting {
    /// On the list, or for want of room on it.
    all: i32,
    /// Of these, on the list.
    queued: i32,
    /// Of all, clients of the network.
    of_network: i32,
}

impl Counts {
    const fn new(session: Option<Arc<session::Model>>, taken: i32, network_taken: i32) -> Self {
        Self { session, taken, network_taken, changed: false, waiting: None }
    }
}

impl OnOffer {
    /// Nobody is given a place any more: the offering has come to its end, or the session has begun or is not held.
    pub(crate) fn is_over(&self, at: DateTime<Utc>) -> bool {
        self.shown.content.ends_on.is_some_and(|end| end.0 < day(at)) || self.session.as_ref().is_some_and(|session| !session.is_to_come(at))
    }
}

/// That somebody has registered, and nothing of who it is.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The participation.
    pub id: ParticipationId,
    /// For what.
    pub spot: Spot,
    /// Counts its changes.
    pub version: i32,
    /// It has not come to an end.
    pub open: bool,
}

impl Reader {
    /// The registrations for what an organisation gives that the actor may know of and that go on, or have changed since: ids, of which nobody is told
    /// anything, so that looking leaves no trace.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], or a fault of the database.
    pub async fn registrations(&self, provider: OrganizationId, offerings: Option<&[ServiceOfferingId]>, since: DateTime<Utc>) -> Result<Vec<Registration>> {
        use participation::{Column, Entity};
        let current = Condition::any().add(Column::State.is_in(ParticipationState::OPEN)).add(Column::UpdatedAt.gte(since));
        let these = offerings.map(|these| Column::OfferingId.is_in(these.iter().copied()));
        let wanted = Condition::all().add(Column::ProviderId.eq(provider)).add_option(these).add(current);
        let columns = [Column::Id, Column::OfferingId, Column::SessionId, Column::Version, Column::State];
        let rows = self.outlines::<Entity, (ParticipationId, ServiceOfferingId, Option<SessionId>, i32, ParticipationState)>(columns, wanted).await?;
        let told = |(id, offering, session, version, state): (_, _, _, _, ParticipationState)| Registration {
            id,
            spot: Spot { offering, session },
            version,
            open: state.is_open(),
        };
        Ok(rows.into_iter().map(told).collect())
    }
}

impl Work {
    /// Holds an offering, and reads its counts unless this transaction has them already; none where there is none.
    async fn holding(&mut self, id: ServiceOfferingId) -> Result<Option<&mut Held>> {
        if !self.held.contains_key(&id) {
            let held = service_offering::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?;
            let Some(row) = held else { return Ok(None) };
            let both = publication::Entity::find().filter(publication::Column::Id.is_in([row.id.0, row.service_id.0]));
            let (mut shown, mut service) = (None, None);
            for copy in both.all(self.tx()).await.map_err(fault)? {
                if copy.id == row.id.0 {
                    shown = Some(Arc::new(serde_json::from_value(copy.row).map_err(Error::internal)?));
                } else {
                    service = Some(Arc::new(serde_json::from_value(copy.row).map_err(Error::internal)?));
                }
            }
            let counts = HashMap::from([(None, Counts::new(None, row.places_taken, row.network_taken))]);
            self.held.insert(id, Held { shown, service, counts, last_arrival: None });
        }
        Ok(self.held.get_mut(&id))
    }

    /// The counts of a spot, its offering held; none where there is none.
    async fn counts(&mut self, spot: Spot) -> Result<Option<&mut Counts>> {
        let Some(held) = self.holding(spot.offering).await? else { return Ok(None) };
        if let Some(id) = spot.session
            && !held.counts.contains_key(&spot.session)
        {
            // Whoever changes a session holds its offering too.
            let of_it = session::Entity::find_by_id(id).filter(session::Column::OfferingId.eq(spot.offering));
            let Some(row) = of_it.one(self.tx()).await.map_err(fault)? else { return Ok(None) };
            let (taken, network_taken) = (row.places_taken, row.network_taken);
            if let Some(held) = self.held.get_mut(&spot.offering) {
                held.counts.insert(spot.session, Counts::new(Some(Arc::new(row)), taken, network_taken));
            }
        }
        Ok(self.held.get_mut(&spot.offering).and_then(|held| held.counts.get_mut(&spot.session)))
    }

    /// An offering that is published and so is its service, or a session of it, held until the commit; none when it is not.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn on_offer(&mut self, spot: Spot) -> Result<Option<OnOffer>> {
        let session = self.counts(spot).await?.and_then(|counts| counts.session.clone());
        let held = self.holding(spot.offering).await?;
        Ok(held.and_then(|held| Some(OnOffer { shown: Arc::clone(held.shown.as_ref()?), service: Arc::clone(held.service.as_ref()?), spot, session })))
    }

    /// The places as they are now.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn places_of(&mut self, offer: &OnOffer) -> Result<Places> {
        let (spot, content) = (offer.spot, &offer.shown.content);
        let today = day(self.now());
        if self.counts(spot).await?.is_some_and(|counts| counts.waiting.is_none()) {
            let waiting = participation::Entity::find().filter(participation::at(spot)).filter(participation::waiting());
            let all = number(waiting.clone().count(self.tx()).await.map_err(fault)?);
            let mut found = Waiting { all, ..Waiting::default() };
            if all > 0 {
                let queued = waiting.clone().filter(participation::Column::State.eq(ParticipationState::Waitlisted));
                found.queued = number(queued.count(self.tx()).await.map_err(fault)?);
                found.of_network = number(waiting.filter(participation::of_network()).count(self.tx()).await.map_err(fault)?);
            }
            if let Some(counts) = self.counted(spot) {
                counts.waiting = Some(found);
            }
        }
        let counts = self.counted(spot).ok_or(Error::NotFound)?;
        let Waiting { all: waiting, queued, of_network: network_waiting } = counts.waiting.unwrap_or_default();
        Ok(Places { seats: content.seats(today, counts.taken, counts.network_taken), waitlist: content.waitlist_max, queued, waiting, network_waiting })
    }

    /// The counts of a spot that are known already.
    fn counted(&mut self, spot: Spot) -> Option<&mut Counts> {
        self.held.get_mut(&spot.offering)?.counts.get_mut(&spot.session)
    }

    /// Counts one more at the end of the waiting list.
    pub(crate) fn queue(&mut self, spot: Spot, guest: Guest) {
        if let Some(waiting) = self.counted(spot).and_then(|counts| counts.waiting.as_mut()) {
            waiting.all += 1;
            waiting.queued += 1;
            waiting.of_network += i32::from(guest == Guest::OfNetwork);
        }
    }

    /// Participations are another matter now than they were when they were counted.
    pub(super) fn recount(&mut self) {
        self.held.values_mut().flat_map(|held| held.counts.values_mut()).for_each(|counts| counts.waiting = None);
    }

    /// Somebody takes part in an offering, or waits or is asked to, who has not registered for such a unit of it; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn registered_otherwise(&self, offering: ServiceOfferingId, unit: RegistrationUnit) -> Result<bool> {
        let session = Expr::col(participation::Column::SessionId);
        let other = match unit {
            RegistrationUnit::Offering => session.is_not_null(),
            RegistrationUnit::Session => session.is_null(),
        };
        let open = participation::Entity::find()
            .filter(participation::Column::OfferingId.eq(offering))
            .filter(participation::Column::State.is_in(ParticipationState::OPEN))
            .filter(other);
        Ok(open.count(self.tx()).await.map_err(fault)? > 0)
    }

    /// Who takes part in a session that is registered for by itself, waits or is asked to, whoever sees it, in the order of arrival; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_in(&self, session: SessionId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::SessionId.eq(session)).await
    }

    /// Who has a place in all sessions of an offering, whoever sees it; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn regulars_of(&self, offering: ServiceOfferingId) -> Result<Vec<participation::Model>> {
        let with_place = participation::Column::State.is_in(ParticipationState::WITH_PLACE);
        self.open_participations(participation::Column::OfferingId.eq(offering).and(participation::Column::SessionId.is_null()).and(with_place)).await
    }

    /// How many have a place of an offering whose registrations are kept here; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn registered_at(&self, id: ServiceOfferingId) -> Result<i32> {
        let with_place = participation::Entity::find()
            .filter(participation::Column::OfferingId.eq(id))
            .filter(participation::Column::State.is_in(ParticipationState::WITH_PLACE));
        Ok(number(with_place.count(self.tx()).await.map_err(fault)?))
    }

    /// The number of whoever comes to an offering next; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn next_arrival(&mut self, offering: ServiceOfferingId) -> Result<i64> {
        if self.holding(offering).await?.is_some_and(|held| held.last_arrival.is_none()) {
            let last = participation::Entity::find()
                .select_only()
                .column(participation::Column::Arrival)
                .filter(participation::Column::OfferingId.eq(offering))
                .order_by_desc(participation::Column::Arrival)
                .limit(1);
            let last = last.into_tuple::<i64>().one(self.tx()).await.map_err(fault)?.unwrap_or_default();
            if let Some(held) = self.held.get_mut(&offering) {
                held.last_arrival = Some(last);
            }
        }
        let next = self.held.get(&offering).and_then(|held| held.last_arrival).ok_or(Error::NotFound)? + 1;
        if let Some(held) = self.held.get_mut(&offering) {
            held.last_arrival = Some(next);
        }
        Ok(next)
    }

    /// Takes places of a spot or gives them back, for everybody to see with the commit; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn occupy(&mut self, spot: Spot, by: i32, guest: Guest) -> Result<()> {
        let Some(counts) = self.counts(spot).await? else { return Ok(()) };
        counts.taken = Ord::max(counts.taken + by, 0);
        if guest == Guest::OfNetwork {
            counts.network_taken = Ord::max(counts.network_taken + by, 0);
        }
        counts.changed = true;
        Ok(())
    }

    /// Writes the counts of places that have changed.
    pub(super) async fn write_places(&mut self) -> Result<()> {
        // No change of what its provider works on: whoever edits the offering or the session meanwhile is not told that it is another.
        for (id, held) in std::mem::take(&mut self.held) {
            let changed: Vec<_> = held.counts.into_iter().filter(|(_, counts)| counts.changed).collect();
            if changed.is_empty() {
                continue;
            }
            let mut shown = held.shown.map(Arc::unwrap_or_clone);
            for (session, counts) in changed {
                let Counts { taken, network_taken, .. } = counts;
                if let Some(session) = session {
                    let update = session::Entity::update_many()
                        .col_expr(session::Column::PlacesTaken, Expr::val(taken))
                        .col_expr(session::Column::NetworkTaken, Expr::val(network_taken))
                        .filter(session::Column::Id.eq(session));
                    update.exec(self.tx()).await.map_err(fault)?;
                    continue;
                }
                let update = service_offering::Entity::update_many()
                    .col_expr(service_offering::Column::PlacesTaken, Expr::val(taken))
                    .col_expr(service_offering::Column::NetworkTaken, Expr::val(network_taken))
                    .filter(service_offering::Column::Id.eq(id));
                update.exec(self.tx()).await.map_err(fault)?;
                if let Some(shown) = &mut shown {
                    (shown.places_taken, shown.network_taken) = (taken, network_taken);
                    let row = serde_json::to_value(&*shown).map_err(Error::internal)?;
                    let update = publication::Entity::update_many().col_expr(publication::Column::Row, Expr::val(row)).filter(publication::Column::Id.eq(id.0));
                    update.exec(self.tx()).await.map_err(fault)?;
                }
            }
            // Sessions have no publishing of their own: their places are told of as their offering's.
            if let Some(shown) = shown {
                self.tell::<service_offering::Entity>(&shown, Happening::PlacesChanged, true);
            }
        }
        Ok(())
    }

    /// Whoever waits for a place of a spot, on the list or for want of room on it, and came first, of all or of the clients of the network: those whose consent has lapsed are passed over,
    /// and those who are named.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn first_waiting(&self, spot: Spot, of_network_only: bool, passed_over: &[ParticipationId]) -> Result<Option<ParticipationId>> {
        let mut queue = participation::Entity::find().select_only().column(participation::Column::Id).filter(participation::waits(spot, self.now()));
        if of_network_only {
            queue = queue.filter(participation::of_network());
        }
        let queue = queue.filter(participation::Column::Id.is_not_in(passed_over.iter().copied())).order_by_asc(participation::Column::Arrival);
        queue.into_tuple().one(self.tx()).await.map_err(fault)
    }

    /// The places that somebody waits for and that can still be given, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn waited_for(&self) -> Result<Vec<Spot>> {
        let found = participation::Entity::find()
            .select_only()
            .column(participation::Column::OfferingId)
            .column(participation::Column::SessionId)
            .distinct()
            .filter(participation::waiting())
            .filter(its_session(session::Column::StartsAt.lte(self.now())).not());
        let found: Vec<(ServiceOfferingId, Option<SessionId>)> = found.into_tuple().all(self.tx()).await.map_err(fault)?;
        Ok(found.into_iter().map(|(offering, session)| Spot { offering, session }).collect())
    }

    /// What goes on for single sessions that are over, whoever sees it, and in which offerings: without a place at once, with one when it can be told no more
    /// who came; and what waits for a place in offerings that are.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn left_open(&self) -> Result<Vec<(ParticipationId, ServiceOfferingId)>> {
        let over = |by: DateTime<Utc>| its_session(session::Column::EndsAt.lte(by));
        let with_place = || participation::Column::State.is_in(ParticipationState::WITH_PLACE);
        let untold = with_place().and(over(self.now() - TOLD_WITHIN));
        let in_vain = participation::Column::State.is_in(ParticipationState::OPEN).and(with_place().not()).and(over(self.now()));
        let waits = participation::Column::SessionId.is_null().and(participation::Column::State.is_in(ParticipationState::OPEN)).and(with_place().not());
        let in_over = participation::Column::OfferingId.is_in(self.over(waits.clone()).await?);
        let found = participation::Entity::find().select_only().column(participation::Column::Id).column(participation::Column::OfferingId);
        found.filter(untold.or(in_vain).or(waits.and(in_over))).order_by_asc(participation::Column::Id).into_tuple().all(self.tx()).await.map_err(fault)
    }

    /// The offerings of these participations that have come to their end, as their providers work on them.
    async fn over(&self, of: SimpleExpr) -> Result<Vec<ServiceOfferingId>> {
        let named = participation::Entity::find().select_only().column(participation::Column::OfferingId).filter(of);
        let rows = service_offering::Entity::find().filter(service_offering::Column::Id.in_subquery(named.into_query())).all(self.tx()).await.map_err(fault)?;
        let today = day(self.now());
        Ok(rows.into_iter().filter(|row| row.content.ends_on.is_some_and(|end| end.0 < today)).map(|row| row.id).collect())
    }

    /// A client's participation in a spot that has not come to an end, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn takes_part(&self, client: ClientId, spot: Spot) -> Result<Option<participation::Model>> {
        let open = self.open_participations(Condition::all().add(participation::Column::ClientId.eq(client)).add(participation::at(spot)));
        Ok(open.await?.pop())
    }

    /// What of a client's participations has not come to an end, in the register of an organisation, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_of(&self, client: ClientId, keeper: OrganizationId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::ClientId.eq(client).and(participation::Column::OrganizationId.eq(keeper))).await
    }

    /// What of the participations of two clients has not come to an end, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_of_both(&self, one: ClientId, other: ClientId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::ClientId.is_in([one, other])).await
    }

    /// What rests on a consent and has not come to an end, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_by(&self, consent: ConsentId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::ConsentId.eq(consent)).await
    }

    async fn open_participations(&self, of: impl IntoCondition) -> Result<Vec<participation::Model>> {
        // By offering, so that two who end several hold the offerings in the same order.
        let found = participation::Entity::find()
            .filter(of.into_condition())
            .filter(participation::Column::State.is_in(ParticipationState::OPEN))
            .order_by_asc(participation::Column::OfferingId)
            .order_by_asc(participation::Column::Arrival);
        found.all(self.tx()).await.map_err(fault)
    }

    /// A participation as it is now, whoever sees it; its offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participation_now(&self, id: ParticipationId) -> Result<Option<participation::Model>> {
        participation::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)
    }

    /// Forgets what somebody was called whom no register knows, once the consent has ended: that somebody took part stays, and who does not.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn forget_names(&mut self, consent: ConsentId) -> Result<()> {
        let named = participation::Entity::find()
            .filter(participation::Column::ConsentId.eq(consent))
            .filter(participation::Column::ClientId.is_null())
            .filter(participation::Column::Alias.is_not_null());
        for before in named.all(self.tx()).await.map_err(fault)? {
            let next = participation::Model { alias: None, reason: None, ..before.clone() };
            self.move_participation(&before, next).await?;
        }
        Ok(())
    }

    /// Puts a newer consent behind what an older one has carried.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn rebind_participations(&mut self, from: ConsentId, to: ConsentId) -> Result<()> {
        for before in self.participations_by(from).await? {
            let next = participation::Model { consent_id: Some(to), ..before.clone() };
            self.move_participation(&before, next).await?;
        }
        Ok(())
    }

    /// Takes from those who give services what they call a client who has come under non-disclosure: they know when somebody is where.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn withhold_aliases(&mut self, client: ClientId) -> Result<()> {
        let named = participation::Entity::find()
            .filter(participation::Column::ClientId.eq(client))
            .filter(participation::Column::Alias.is_not_null())
            .filter(Expr::col(participation::Column::ProviderId).ne(Expr::col(participation::Column::OrganizationId)));
        for before in named.all(self.tx()).await.map_err(fault)? {
            let next = participation::Model { alias: None, ..before.clone() };
            self.move_participation(&before, next).await?;
        }
        Ok(())
    }

    /// Moves a participation for a reason that nobody who sees it has given.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn move_participation(&mut self, before: &participation::Model, next: participation::Model) -> Result<()> {
        self.change::<participation::Entity>(before, next).await
    }

    /// The places that are held for nobody any more, whoever sees them, and in which offerings they are.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn held_until(&self, at: DateTime<Utc>) -> Result<Vec<(ParticipationId, ServiceOfferingId)>> {
        let over = participation::Column::HeldUntil.lte(at).and(participation::Column::State.eq(ParticipationState::Enrolled));
        let found = participation::Entity::find().select_only().column(participation::Column::Id).column(participation::Column::OfferingId);
        let found = found.filter(over).filter(participation::Column::EndedOn.is_null()).order_by_asc(participation::Column::Id);
        found.into_tuple().all(self.tx()).await.map_err(fault)
    }
}

/// The session that is registered for by itself is such a one: looked up by its id, since most sessions are over.
fn its_session(such: SimpleExpr) -> SimpleExpr {
    let of_it = Expr::col((session::Entity, session::Column::Id)).equals((participation::Entity, participation::Column::SessionId));
    Expr::exists(Query::select().expr(Expr::val(1)).from(session::Entity).and_where(of_it).and_where(such).take())
}

fn number(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
