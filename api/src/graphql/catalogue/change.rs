//! Changes of the public catalogue, as they happen.
use crate::{
    caller::Caller,
    error::{Error, Result},
    feed::{self, Change, Place},
    graphql::{
        Asked,
        funding::ApprovedProvider,
        node::{self, Node},
        watch::{Look, follow},
    },
    store::Window,
};
use async_graphql::{Context, ID, Object, SimpleObject, Subscription};
use domain::{
    event::{CatalogueKind, Happening},
    id::{Kinded, NetworkId, public_id},
    scalar,
};
use futures_util::{Stream, StreamExt};

/// A change of the public catalogue (luettelon muutos).
pub struct CatalogueChange {
    change: Change,
    caller: Caller,
}

/// A change of the public catalogue (luettelon muutos).
#[Object]
impl CatalogueChange {
    /// Names the place after this change; give it as `after` or `since` to go on from here.
    async fn cursor(&self) -> String {
        self.change.place.cursor()
    }
    /// When it happened.
    async fn at(&self) -> scalar::DateTime {
        scalar::DateTime(self.change.at)
    }
    /// What happened.
    async fn happening(&self) -> Happening {
        self.change.happening
    }
    /// To what kind of thing.
    async fn kind(&self) -> CatalogueKind {
        self.change.kind
    }
    /// The id of the thing.
    async fn subject_id(&self) -> ID {
        ID(public_id(self.change.kind.name(), self.change.subject))
    }
    /// The network of the thing; null for the national register of areas.
    async fn network_id(&self) -> Option<ID> {
        self.change.network.map(|id| ID(id.to_public()))
    }
    /// The thing as it is public now, an approved provider also before and after the days on which clients can choose it; null when it is not public any more:
    /// then throw it away.
    async fn subject(&self) -> Result<Option<Node>> {
        let Change { kind, subject, .. } = self.change;
        Ok(match kind {
            CatalogueKind::ApprovedProvider => ApprovedProvider::in_catalogue(&self.caller.catalogue(), subject).map(Node::ApprovedProvider),
            _ => node::public(&self.caller, kind.name(), subject),
        })
    }
    /// When the thing left the public catalogue; null while it is public, and in changes before the one by which it left.
    async fn deleted_at(&self) -> Option<scalar::DateTime> {
        self.change.deleted_at(&self.caller.catalogue()).map(scalar::DateTime)
    }
}

/// Changes of the public catalogue after a place in the feed, and where to go on.
#[derive(SimpleObject)]
pub struct CatalogueChanges {
    /// The changes, in the order in which they were committed. Before them, where a venue or a service has come or gone, those things are told anew that name
    /// it. Each thing is told as it is now, so one that has changed several times is told several times the same.
    changes: Vec<CatalogueChange>,
    /// Where to go on: give it as `since`.
    cursor: String,
    /// There are more already; otherwise come back later.
    has_more: bool,
}

/// Questions about changes.
#[derive(Default)]
pub struct ChangeQuery;

/// Questions about changes.
#[Object]
impl ChangeQuery {
    /// What has changed in the public catalogue, for those who keep a copy of it: each thing as it is now or, where it has left, that it has. Put away what is
    /// told, throw away what has left, and keep the cursor: then nothing is missed, whatever is cut off and whenever. The same lies at `GET /catalogue/changes`.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on after this place, by its cursor; without it, or with an empty text, from the first change ever.")] since: Option<String>,
        #[graphql(desc = "Only changes of these kinds.")] types: Option<Vec<CatalogueKind>>,
        #[graphql(desc = "How many at the most, beside those that are told anew; at most 100, 25 when nothing is said.")] first: Option<i32>,
    ) -> Result<CatalogueChanges> {
        let caller = ctx.caller();
        let window = Window::parse(first, None, None, None)?;
        if window.size() == 0 {
            return Err(Error::BadInput("first is at least 1.".into()));
        }
        let since = Place::read(caller, since.as_deref().unwrap_or_default()).await?;
        let found = feed::changes(caller, since, types.as_deref(), window.size()).await?;
        let changes = found.beside.into_iter().chain(found.changes).map(|change| CatalogueChange { change, caller: caller.clone() }).collect();
        Ok(CatalogueChanges { changes, cursor: found.place.cursor(), has_more: found.has_more })
    }
}

/// How many changes are read at once.
const BATCH: usize = 100;

/// What can be watched in the catalogue.
#[derive(Default)]
pub struct ChangeSubscription;

/// What can be watched in the catalogue.
#[Subscription]
impl ChangeSubscription {
    /// Changes of the public catalogue in the order in which they were committed: those after `after`, then the coming ones as they happen.
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
        let from = match after {
            None => Place::here(&caller).await?,
            Some(cursor) => Place::read(&caller, &cursor).await?,
        };
        let news = caller.follow();
        let left = first.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        Ok(follow(caller, news, Changes { from, networks, kinds }).take(left))
    }
}

/// Which changes are told, and how far that has come.
struct Changes {
    from: Place,
    networks: Option<Vec<NetworkId>>,
    kinds: Option<Vec<CatalogueKind>>,
}

impl Look for Changes {
    type Event = CatalogueChange;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<CatalogueChange>>> {
        loop {
            let found = feed::changes(caller, self.from, self.kinds.as_deref(), BATCH).await?;
            self.from = found.place;
            let wanted = |change: &Change| self.networks.as_ref().is_none_or(|n| change.network.is_some_and(|id| n.contains(&id)));
            let told: Vec<_> = found.changes.into_iter().filter(wanted).map(|change| CatalogueChange { change, caller: caller.clone() }).collect();
            if !told.is_empty() || !found.has_more {
                return Ok(Some(told));
            }
        }
    }
}
