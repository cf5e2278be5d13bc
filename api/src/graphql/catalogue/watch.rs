//! The places and the sessions of one offering, as they change.
use super::{ServiceOffering, Session};
use crate::{
    caller::Caller,
    error::{Error, Result},
    graphql::{
        Asked,
        watch::{Look, follow},
    },
};
use async_graphql::{Context, Enum, ID, Object, Subscription};
use domain::{
    catalogue::{
        offering::RegistrationUnit,
        session::{SessionState, day},
    },
    delivery::participation::Seats,
    id::{Kinded, ServiceOfferingId, SessionId},
};
use entity::catalogue::{service_offering, session};
use futures_util::Stream;
use std::{collections::HashMap, sync::Arc};

/// The places of an offering as they are now (paikkatilanne), or of one of its sessions.
pub struct PlacesEvent {
    offering: Arc<service_offering::Model>,
    session: Option<Arc<session::Model>>,
}

/// The places of an offering as they are now (paikkatilanne), or of one of its sessions.
#[Object]
impl PlacesEvent {
    /// The id of the offering.
    async fn offering_id(&self) -> ID {
        ID(self.offering.id.to_public())
    }
    /// The offering, with its places.
    async fn offering(&self) -> ServiceOffering {
        ServiceOffering::shown(Arc::clone(&self.offering))
    }
    /// The session whose places have changed, or that has them no more: it is cancelled, or has begun. Where one registers for a session at a time; null where
    /// all of the offering is meant.
    async fn session(&self) -> Option<Session> {
        self.session.clone().map(Session)
    }
}

/// What of an offering tells how many can come: the seats, and the waiting list.
type Places = (Seats, Option<i32>);

struct PlacesOf {
    offering: ServiceOfferingId,
    told: Option<(Places, HashMap<SessionId, Seats>)>,
}

impl Look for PlacesOf {
    type Event = PlacesEvent;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<PlacesEvent>>> {
        let (snapshot, now) = (caller.catalogue(), caller.now());
        let Some(row) = snapshot.offerings.get(self.offering) else { return Ok(None) };
        let whole = (row.seats(day(now)), row.content.waitlist_max);
        let by_session = row.content.registration_unit == RegistrationUnit::Session;
        let sessions: Vec<_> = snapshot.to_come(self.offering, now).filter(|_| by_session).collect();
        let each: HashMap<_, _> = sessions.iter().map(|session| (session.id, session.seats(&row.content, day(now)))).collect();
        let event = |session: Option<&Arc<session::Model>>| PlacesEvent { offering: Arc::clone(row), session: session.map(Arc::clone) };
        let told = self.told.replace((whole, each.clone()));
        Ok(Some(match told {
            Some((before, mut known)) if before == whole => {
                let changed = sessions.into_iter().filter(|session| known.remove(&session.id).as_ref() != each.get(&session.id));
                let mut changed: Vec<_> = changed.map(|session| event(Some(session))).collect();
                // Nobody has a place any more in what is cancelled or has begun. Those that are over leave the catalogue by themselves.
                let mut over: Vec<_> = known.into_keys().filter_map(|id| snapshot.sessions.get(id)).collect();
                over.sort_by_key(|session| session.id);
                changed.extend(over.into_iter().map(|session| event(Some(session))));
                changed
            }
            _ => vec![event(None)],
        }))
    }
}

/// What has become of a session (kerran muutos).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SessionEventKind {
    /// It was planned (lisätty).
    Added,
    /// Its time, place, leader or state is another (muuttunut).
    Changed,
    /// It is cancelled (peruttu).
    Cancelled,
    /// It is not public any more (poistunut).
    Removed,
}

/// A change of a session of an offering (kerran muutos).
pub struct SessionEvent {
    id: SessionId,
    offering: ServiceOfferingId,
    kind: SessionEventKind,
    row: Option<Arc<session::Model>>,
}

/// A change of a session of an offering (kerran muutos).
#[Object]
impl SessionEvent {
    /// The id of the session.
    async fn session_id(&self) -> ID {
        ID(self.id.to_public())
    }
    /// The id of its offering.
    async fn offering_id(&self) -> ID {
        ID(self.offering.to_public())
    }
    /// What has become of it.
    async fn kind(&self) -> SessionEventKind {
        self.kind
    }
    /// The session as it is now; null when it is not public any more.
    async fn session(&self) -> Option<Session> {
        self.row.clone().map(Session)
    }
}

struct SessionsOf {
    offering: ServiceOfferingId,
    known: Option<HashMap<SessionId, Arc<session::Model>>>,
}

impl Look for SessionsOf {
    type Event = SessionEvent;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<SessionEvent>>> {
        let snapshot = caller.catalogue();
        if snapshot.offerings.get(self.offering).is_none() {
            return Ok(None);
        }
        let rows = snapshot.sessions_of(self.offering).iter().map(|i| snapshot.sessions.at(*i));
        let now: HashMap<_, _> = rows.map(|row| (row.id, Arc::clone(row))).collect();
        // What is there already is not told.
        let Some(mut known) = self.known.replace(now.clone()) else { return Ok(Some(Vec::new())) };
        let event = |id, kind, row| SessionEvent { id, offering: self.offering, kind, row };
        let mut out = Vec::new();
        for row in now.into_values() {
            let kind = match known.remove(&row.id) {
                None => SessionEventKind::Added,
                Some(before) if before.version == row.version => continue,
                Some(before) if before.state != row.state && row.state == SessionState::Cancelled => SessionEventKind::Cancelled,
                Some(_) => SessionEventKind::Changed,
            };
            out.push(event(row.id, kind, Some(row)));
        }
        // Those that are over leave the catalogue by themselves.
        let gone = known.into_values().filter(|row| row.ends_at > caller.now());
        out.extend(gone.map(|row| event(row.id, SessionEventKind::Removed, None)));
        out.sort_by_key(|event| event.id);
        Ok(Some(out))
    }
}

/// What can be watched of one offering.
#[derive(Default)]
pub struct OfferingSubscription;

/// What can be watched of one offering.
#[Subscription]
impl OfferingSubscription {
    /// The places of a published offering: as they are, and again whenever they change; where one registers for a session at a time, session by session. It ends when the offering is not public any more.
    async fn places_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offering.")] offering: ServiceOfferingId,
    ) -> Result<impl Stream<Item = Result<PlacesEvent>>> {
        let caller = public(ctx, offering)?;
        let news = caller.follow();
        Ok(follow(caller, news, PlacesOf { offering, told: None }))
    }
    /// Sessions of a published offering that are planned, moved, cancelled or changed, as it happens. It ends when the offering is not public any more.
    async fn session_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offering.")] offering: ServiceOfferingId,
    ) -> Result<impl Stream<Item = Result<SessionEvent>>> {
        let caller = public(ctx, offering)?;
        let news = caller.follow();
        let mut sessions = SessionsOf { offering, known: None };
        sessions.look(&caller).await?;
        Ok(follow(caller, news, sessions))
    }
}

fn public(ctx: &Context<'_>, offering: ServiceOfferingId) -> Result<Caller> {
    let caller = ctx.caller().clone();
    if caller.catalogue().offerings.get(offering).is_some() { Ok(caller) } else { Err(Error::NotFound) }
}
