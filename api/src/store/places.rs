//! Places of offerings, and who takes or waits for them: named steps that no reach scopes. Whoever gives or takes a place holds the offering first, so
//! that those who come at once go one after the other.
use super::{Reader, Work, dialect::fault};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::{
    catalogue::session::day,
    delivery::participation::{Guest, ParticipationState, Places, Seats},
    event::Happening,
    id::{ClientId, ConsentId, OrganizationId, ParticipationId, ServiceOfferingId},
};
use entity::{
    catalogue::{publication, service, service_offering},
    delivery::participation,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

/// An offering that everybody sees, held until the commit.
pub struct OnOffer {
    /// As everybody sees it.
    pub shown: service_offering::Model,
    /// Its service, as everybody sees it.
    pub service: service::Model,
    /// The places now, and who has them.
    seats: Seats,
}

/// That somebody has registered, and nothing of who it is.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The participation.
    pub id: ParticipationId,
    /// For which offering.
    pub offering: ServiceOfferingId,
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
        let columns = [Column::Id, Column::OfferingId, Column::Version, Column::State];
        let rows = self.outlines::<Entity, (ParticipationId, ServiceOfferingId, i32, ParticipationState)>(columns, wanted).await?;
        Ok(rows.into_iter().map(|(id, offering, version, state)| Registration { id, offering, version, open: state.is_open() }).collect())
    }
}

impl Work {
    /// An offering that is published and so is its service, held until the commit; none when it is not.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn on_offer(&self, id: ServiceOfferingId) -> Result<Option<OnOffer>> {
        let held = service_offering::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?;
        let Some(row) = held else { return Ok(None) };
        let both = publication::Entity::find().filter(publication::Column::Id.is_in([row.id.0, row.service_id.0]));
        let (mut shown, mut service) = (None, None);
        for copy in both.all(self.tx()).await.map_err(fault)? {
            if copy.id == row.id.0 {
                shown = Some(serde_json::from_value(copy.row).map_err(Error::internal)?);
            } else {
                service = Some(serde_json::from_value(copy.row).map_err(Error::internal)?);
            }
        }
        let today = day(self.now());
        Ok(shown.zip(service).map(|(shown, service): (service_offering::Model, _)| {
            let seats = shown.content.seats(today, row.places_taken, row.network_taken);
            OnOffer { shown, service, seats }
        }))
    }

    /// The places of an offering as they are now.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn places_of(&self, offer: &OnOffer) -> Result<Places> {
        let queue = participation::Entity::find()
            .filter(participation::Column::OfferingId.eq(offer.shown.id))
            .filter(participation::Column::State.eq(ParticipationState::Waitlisted));
        let waiting = number(queue.clone().count(self.tx()).await.map_err(fault)?);
        let network_waiting = number(queue.filter(participation::of_network()).count(self.tx()).await.map_err(fault)?);
        Ok(Places { seats: offer.seats, waitlist: offer.shown.content.waitlist_max, waiting, network_waiting })
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
    pub(crate) async fn next_arrival(&self, offering: ServiceOfferingId) -> Result<i64> {
        let last = participation::Entity::find()
            .select_only()
            .column(participation::Column::Arrival)
            .filter(participation::Column::OfferingId.eq(offering))
            .order_by_desc(participation::Column::Arrival)
            .limit(1);
        Ok(last.into_tuple::<i64>().one(self.tx()).await.map_err(fault)?.unwrap_or_default() + 1)
    }

    /// Takes places of an offering or gives them back, for everybody to see; the offering is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn occupy(&mut self, id: ServiceOfferingId, by: i32, guest: Guest) -> Result<()> {
        let Some(before) = service_offering::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)? else { return Ok(()) };
        let taken = Ord::max(before.places_taken + by, 0);
        let network_taken = if guest == Guest::OfNetwork { Ord::max(before.network_taken + by, 0) } else { before.network_taken };
        // No change of what its provider works on: whoever edits the offering meanwhile is not told that it is another.
        let update = service_offering::Entity::update_many()
            .col_expr(service_offering::Column::PlacesTaken, Expr::val(taken))
            .col_expr(service_offering::Column::NetworkTaken, Expr::val(network_taken))
            .filter(service_offering::Column::Id.eq(id));
        update.exec(self.tx()).await.map_err(fault)?;
        let Some(copy) = publication::Entity::find_by_id(id.0).one(self.tx()).await.map_err(fault)? else { return Ok(()) };
        let mut shown: service_offering::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
        shown.places_taken = taken;
        shown.network_taken = network_taken;
        let row = serde_json::to_value(&shown).map_err(Error::internal)?;
        let update = publication::Entity::update_many().col_expr(publication::Column::Row, Expr::val(row)).filter(publication::Column::Id.eq(id.0));
        update.exec(self.tx()).await.map_err(fault)?;
        self.tell::<service_offering::Entity>(&shown, Happening::Changed, true);
        Ok(())
    }

    /// Whoever waits for a place of an offering and came first, of all or of the clients of the network: those whose consent has lapsed are passed over,
    /// and those who are named.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn first_waiting(
        &self,
        offering: ServiceOfferingId,
        of_network_only: bool,
        passed_over: &[ParticipationId],
    ) -> Result<Option<ParticipationId>> {
        let mut queue = participation::Entity::find().select_only().column(participation::Column::Id).filter(participation::waits(offering, self.now()));
        if of_network_only {
            queue = queue.filter(participation::of_network());
        }
        let queue = queue.filter(participation::Column::Id.is_not_in(passed_over.iter().copied())).order_by_asc(participation::Column::Arrival);
        queue.into_tuple().one(self.tx()).await.map_err(fault)
    }

    /// The offerings whose places somebody waits for, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn waited_for(&self) -> Result<Vec<ServiceOfferingId>> {
        let found = participation::Entity::find()
            .select_only()
            .column(participation::Column::OfferingId)
            .distinct()
            .filter(participation::Column::State.eq(ParticipationState::Waitlisted));
        found.into_tuple().all(self.tx()).await.map_err(fault)
    }

    /// A client's participation in an offering that has not come to an end, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn takes_part(&self, client: ClientId, offering: ServiceOfferingId) -> Result<Option<participation::Model>> {
        let open = self.open_participations(participation::Column::ClientId.eq(client).and(participation::Column::OfferingId.eq(offering)));
        Ok(open.await?.pop())
    }

    /// What of a client's participations has not come to an end, in the register of an organisation, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_of(&self, client: ClientId, keeper: OrganizationId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::ClientId.eq(client).and(participation::Column::OrganizationId.eq(keeper))).await
    }

    /// What rests on a consent and has not come to an end, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn participations_by(&self, consent: ConsentId) -> Result<Vec<participation::Model>> {
        self.open_participations(participation::Column::ConsentId.eq(consent)).await
    }

    async fn open_participations(&self, of: sea_orm::sea_query::SimpleExpr) -> Result<Vec<participation::Model>> {
        // By offering, so that two who end several hold the offerings in the same order.
        let found = participation::Entity::find()
            .filter(of)
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

fn number(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
