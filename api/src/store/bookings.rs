//! What sessions take: named steps that no reach scopes, since a venue or a leader is taken by whatever anybody of the network has planned. Whoever plans
//! holds the venue and the leader first, so that those who do so at once go one after the other.
use super::{Work, dialect::fault};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::{
    catalogue::{
        publishing::PublishingState,
        session::{Leader, SessionState},
    },
    id::{NetworkId, OrganizationId, ServiceOfferingId, VenueId},
    policy::leads_sessions,
    text::fold,
};
use entity::catalogue::{service_offering, session, venue};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// From when to when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

impl Work {
    /// A venue, held until the commit.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_venue(&self, id: VenueId) -> Result<Option<venue::Model>> {
        venue::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)
    }

    /// The words by which a leader is held: the account in a network, and the name in an organisation.
    pub(crate) fn words_of(network: NetworkId, leader: Leader<'_>) -> Vec<String> {
        let account = leader.account.map(|account| format!("leader:{}:{account}", network.0));
        let name = leader.name.map(|name| format!("leader:{}:{}", leader.organization.0, fold(name)));
        account.into_iter().chain(name).collect()
    }

    /// The sessions that take a venue within a span, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn sessions_in(&self, venue: VenueId, within: Span) -> Result<Vec<session::Model>> {
        let at_home = offerings().filter(service_offering::Column::VenueId.eq(venue));
        let own_place = Condition::all().add(session::Column::VenueId.is_null()).add(session::Column::OfferingId.in_subquery(at_home.into_query()));
        self.taking(Condition::any().add(session::Column::VenueId.eq(venue)).add(own_place), within).await
    }

    /// The sessions within a span that the same person may lead, whoever sees them: of an account in a network, or of a name in an organisation.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn sessions_led(&self, network: NetworkId, organization: OrganizationId, accounts: &[&str], within: Span) -> Result<Vec<session::Model>> {
        let at_home = Condition::all().add(session::Column::OrganizationId.eq(organization)).add(session::Column::Leader.is_not_null());
        let by_account = Condition::all().add(session::Column::NetworkId.eq(network)).add(session::Column::LeaderAccount.is_in(accounts.iter().copied()));
        self.taking(Condition::any().add(at_home).add(by_account), within).await
    }

    async fn taking(&self, what: Condition, within: Span) -> Result<Vec<session::Model>> {
        let live = offerings().filter(service_offering::Column::Publishing.is_not_in([PublishingState::Withdrawn, PublishingState::Discarded]));
        let found = session::Entity::find()
            .filter(what)
            .filter(session::Column::State.ne(SessionState::Cancelled))
            .filter(session::Column::StartsAt.lt(within.1))
            .filter(session::Column::EndsAt.gt(within.0))
            .filter(session::Column::OfferingId.in_subquery(live.into_query()));
        found.all(self.tx()).await.map_err(fault)
    }

    /// The sessions of an offering that are planned and not over, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn planned_of(&self, offering: ServiceOfferingId) -> Result<Vec<session::Model>> {
        let planned = session::Entity::find()
            .filter(session::Column::OfferingId.eq(offering))
            .filter(session::Column::State.eq(SessionState::Planned))
            .filter(session::Column::EndsAt.gt(self.now()));
        planned.all(self.tx()).await.map_err(fault)
    }

    /// Somebody can lead sessions of an organisation: works there today.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn leads_sessions(&self, subject: &str, organization: OrganizationId) -> Result<bool> {
        Ok(self.roles_at(subject, organization).await?.into_iter().any(leads_sessions))
    }
}

fn offerings() -> sea_orm::Select<service_offering::Entity> {
    service_offering::Entity::find().select_only().column(service_offering::Column::Id)
}
