//! Changes of the public catalogue, as they happen.
use crate::{
    caller::Caller,
    error::{Error, Result},
    graphql::{
        Asked,
        node::{self, Node},
        watch::{Look, follow},
    },
    store::{Order, Window, decode_cursor, encode_cursor},
};
use async_graphql::{Context, Enum, ID, Object, Subscription};
use domain::{
    event::Happening,
    id::{Kinded, NetworkId},
    scalar,
};
use entity::access::event;
use futures_util::{Stream, StreamExt};
use sea_orm::{ColumnTrait, Value};

/// The parts of the catalogue whose changes can be watched.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CatalogueKind {
    /// Networks.
    Network,
    /// Organisations.
    Organization,
    /// Service units.
    ServiceUnit,
    /// Areas.
    Area,
    /// Venues.
    Venue,
    /// Transport routes.
    TransportRoute,
    /// Services.
    Service,
    /// Offerings, with their places and sessions.
    ServiceOffering,
    /// Approved providers, with their prices and sites.
    ApprovedProvider,
}

impl CatalogueKind {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Network, "Network"),
        (Self::Organization, "Organization"),
        (Self::ServiceUnit, "ServiceUnit"),
        (Self::Area, "Area"),
        (Self::Venue, "Venue"),
        (Self::TransportRoute, "TransportRoute"),
        (Self::Service, "Service"),
        (Self::ServiceOffering, "ServiceOffering"),
        (Self::ApprovedProvider, "ApprovedProvider"),
    ];
}

/// A change of the public catalogue (luettelon muutos).
pub struct CatalogueChange {
    event: event::Model,
    caller: Caller,
}

/// A change of the public catalogue (luettelon muutos).
#[Object]
impl CatalogueChange {
    /// Names this change; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        encode_cursor(&format!("{:020}", self.event.position), self.event.id)
    }
    /// When it happened.
    async fn at(&self) -> scalar::DateTime {
        scalar::DateTime(self.event.at)
    }
    /// What happened.
    async fn happening(&self) -> Happening {
        self.event.happening
    }
    /// To what kind of thing.
    async fn kind(&self) -> Result<CatalogueKind> {
        CatalogueKind::ALL
            .into_iter()
            .find(|(_, name)| *name == self.event.kind)
            .map(|(kind, _)| kind)
            .ok_or_else(|| Error::internal("an event of an unknown kind"))
    }
    /// The id of the thing.
    async fn subject_id(&self) -> ID {
        ID(node::public_id(&self.event.kind, self.event.subject_id))
    }
    /// The network of the thing; null for the national register of areas.
    async fn network_id(&self) -> Option<ID> {
        self.event.network_id.map(|id| ID(id.to_public()))
    }
    /// The thing as it is public now; null when it is not public any more.
    async fn subject(&self) -> Result<Option<Node>> {
        Ok(node::public(&self.caller, &self.event.kind, self.event.subject_id))
    }
}

/// How many changes are read at once.
const BATCH: i32 = 100;

/// What can be watched in the catalogue.
#[derive(Default)]
pub struct ChangeSubscription;

/// What can be watched in the catalogue.
#[Subscription]
impl ChangeSubscription {
    /// Changes of the public catalogue, each once and in order: those after `after`, then the coming ones as they happen.
    async fn catalogue_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on after this change, by its cursor; an empty text begins with the first change ever. Without it only coming changes are told.")]
        after: Option<String>,
        #[graphql(desc = "End after so many changes; without it the stream goes on.")] first: Option<i32>,
        #[graphql(desc = "Only changes in one of these networks.")] networks: Option<Vec<NetworkId>>,
        #[graphql(desc = "Only changes of these kinds.")] kinds: Option<Vec<CatalogueKind>>,
    ) -> Result<impl Stream<Item = Result<CatalogueChange>>> {
        let caller = ctx.caller().clone();
        if first.is_some_and(|n| n < 1) {
            return Err(Error::BadInput("first is at least 1.".into()));
        }
        let from = match after.as_deref() {
            None => caller.catalogue().position,
            Some("") => 0,
            Some(cursor) => {
                decode_cursor(cursor).and_then(|(key, _)| key.parse().ok()).ok_or_else(|| Error::BadInput("This is not a cursor of this list.".into()))?
            }
        };
        let kinds: Option<Vec<&str>> = kinds.map(|wanted| CatalogueKind::ALL.iter().filter(|(k, _)| wanted.contains(k)).map(|(_, name)| *name).collect());
        let news = caller.follow();
        let left = first.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        Ok(follow(caller, news, Changes { from, networks, kinds }).take(left))
    }
}

/// Which changes are told, and how far that has come.
struct Changes {
    from: i64,
    networks: Option<Vec<NetworkId>>,
    kinds: Option<Vec<&'static str>>,
}

impl Look for Changes {
    type Event = CatalogueChange;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<CatalogueChange>>> {
        let order = Order::<event::Entity>::by(event::Column::Position, |key| key.parse::<i64>().ok().map(Value::from), |row| row.position.to_string(), false);
        let window = Window::parse(Some(BATCH), None, None, None)?;
        // Only what the catalogue shows by now: whoever is told of a change can look at it.
        let shown = caller.catalogue().position;
        loop {
            let found = caller.reader().find::<event::Entity>().filter(event::Column::Position.gt(self.from)).filter(event::Column::Position.lte(shown));
            let rows = found.page(&order, &window).await?.rows;
            let Some(last) = rows.last() else { return Ok(Some(Vec::new())) };
            self.from = last.position;
            let wanted: Vec<_> = rows.into_iter().filter(|row| self.wants(row)).map(|event| CatalogueChange { event, caller: caller.clone() }).collect();
            if !wanted.is_empty() {
                return Ok(Some(wanted));
            }
        }
    }
}

impl Changes {
    fn wants(&self, row: &event::Model) -> bool {
        self.networks.as_ref().is_none_or(|n| row.network_id.is_some_and(|id| n.contains(&id)))
            && self.kinds.as_ref().is_none_or(|k| k.contains(&row.kind.as_str()))
    }
}
