//! Who registers for what an organisation gives, as it happens.
use crate::{
    caller::Caller,
    error::{Error, Result},
    graphql::{
        Asked,
        watch::{Look, follow},
    },
    store::Registration,
};
use async_graphql::{Context, Enum, ID, SimpleObject, Subscription};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    id::{Kinded, OrganizationId, ParticipationId, ServiceOfferingId},
    policy::{Action, Party, Resource, Scope, scope},
};
use futures_util::Stream;
use std::collections::HashMap;

/// What has become of a registration (ilmoittautumisen muutos).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationEventKind {
    /// Somebody was proposed, or has registered (uusi).
    Added,
    /// It has moved: to a place, to the waiting list, to its end (muuttunut).
    Changed,
    /// You may not know of it any more: the consent has ended (poistunut).
    Gone,
}

/// A change of a registration (ilmoittautumisen muutos). It carries ids: what they stand for is asked for as you are then.
#[derive(SimpleObject)]
struct RegistrationEvent {
    /// The id of the participation.
    id: ID,
    /// What has become of it.
    kind: RegistrationEventKind,
    /// The id of the offering.
    offering_id: ID,
    /// The id of the session, where one registers for a session at a time; null where it is for all of the offering.
    session_id: Option<ID>,
}

/// For how long what has ended is looked at still: longer than a transaction lasts that ends it.
const LATE: TimeDelta = TimeDelta::seconds(60);

struct Registrations {
    provider: OrganizationId,
    offerings: Option<Vec<ServiceOfferingId>>,
    since: DateTime<Utc>,
    known: Option<HashMap<ParticipationId, Registration>>,
}

impl Look for Registrations {
    type Event = RegistrationEvent;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<RegistrationEvent>>> {
        gives(caller, self.provider)?;
        let rows = caller.reader().registrations(self.provider, self.offerings.as_deref(), self.since).await?;
        self.since = self.since.max(caller.now() - LATE);
        let now: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        // What is there already is not told.
        let Some(mut known) = self.known.replace(now.clone()) else { return Ok(Some(Vec::new())) };
        let mut out = Vec::new();
        for row in now.into_values() {
            match known.remove(&row.id) {
                None => out.push((row, RegistrationEventKind::Added)),
                Some(before) if before.version != row.version => out.push((row, RegistrationEventKind::Changed)),
                Some(_) => {}
            }
        }
        // What had ended before is not looked at any more.
        out.extend(known.into_values().filter(|row| row.open).map(|row| (row, RegistrationEventKind::Gone)));
        out.sort_by_key(|(row, _)| row.id);
        let event = |(row, kind): (Registration, _)| RegistrationEvent {
            id: ID(row.id.to_public()),
            kind,
            offering_id: ID(row.spot.offering.to_public()),
            session_id: row.spot.session.map(|session| ID(session.to_public())),
        };
        Ok(Some(out.into_iter().map(event).collect()))
    }
}

/// The caller works for those who give the service, in a role that is told who takes part.
fn gives(caller: &Caller, provider: OrganizationId) -> Result<()> {
    let told = |role| scope(Party::In(role), Action::Read, Resource::Participation) != Scope::Nothing;
    let works = caller.signed_in()?.is_in(provider, told);
    if works { Ok(()) } else { Err(Error::Forbidden) }
}

/// What can be watched of services as they are given.
#[derive(Default)]
pub struct RegistrationSubscription;

/// What can be watched of services as they are given.
#[Subscription]
impl RegistrationSubscription {
    /// Registrations for what your organisation gives, as they come, move and end. What you may be told is found out again each time: of one whose
    /// consent ends, you are told that it is gone.
    async fn registrations_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Your organisation, which gives the service.")] organization: OrganizationId,
        #[graphql(desc = "Only for these offerings of it.", validator(max_items = 100))] offerings: Option<Vec<ServiceOfferingId>>,
    ) -> Result<impl Stream<Item = Result<RegistrationEvent>>> {
        let caller = ctx.caller().clone();
        let news = caller.follow_notices();
        let mut registrations = Registrations { provider: organization, offerings, since: caller.now() - LATE, known: None };
        registrations.look(&caller).await?;
        Ok(follow(caller, news, registrations))
    }
}
