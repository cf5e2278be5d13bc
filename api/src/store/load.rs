//! One loader for every guarded table: rows by id, and children by their parent, each batch through the reader's own scope.
use super::Reader;
use crate::error::{Error, Result};
use async_graphql::dataloader::Loader;
use domain::{
    id::{ClientId, ReferralId},
    policy::Action,
};
use entity::{Child, Guarded, person::client};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, join_all},
};
use sea_orm::{ColumnTrait, EntityTrait};
use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};
use uuid::Uuid;

/// Holds batches back until everybody who asks in the same turn has asked, and begins no turn before everybody has taken the answers of the
/// last. Left to themselves, a batch would leave while the page is still asking, and its answers would come apart into further turns: a page
/// would take as many statements as it happens to.
#[derive(Clone, Default)]
pub struct Batches(Arc<Mutex<Turns>>);

#[derive(Default)]
struct Turns {
    held: Vec<BoxFuture<'static, ()>>,
    /// What was let go last.
    running: Option<Turn>,
    /// How many have not taken its answers yet.
    waiting: usize,
    /// How many have asked so far.
    asked: u64,
}

/// Batches that were let go together. Whoever waits for them drives them, so that they go on whoever of them is dropped.
type Turn = Shared<BoxFuture<'static, ()>>;

/// How often somebody makes room for others before going on without them: far more than it takes, should somebody never be polled again.
const PATIENCE: u32 = 1_000;

enum Next {
    Wait(Turn, Waiting),
    LetOthersAsk,
    Leave,
}

/// Somebody who waits for a turn, until taking its answers or being dropped.
struct Waiting(Batches);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.turns().waiting -= 1;
    }
}

impl Batches {
    /// Holds a batch back.
    pub fn hold(&self, batch: BoxFuture<'static, ()>) {
        self.turns().held.push(batch);
    }

    /// Asks, lets the others ask until nobody has in between, lets the batches go, and answers when all of them are answered.
    pub async fn together<T>(&self, load: impl Future<Output = T>) -> T {
        let mut load = pin!(load);
        let mut patience = PATIENCE;
        let mut before = None;
        loop {
            if let Poll::Ready(known) = poll_fn(|context| Poll::Ready(load.as_mut().poll(context))).await {
                return known;
            }
            let seen = *before.get_or_insert_with(|| self.asks());
            tokio::task::yield_now().await;
            match self.next(seen, patience == 0) {
                Next::Wait(turn, _until_taken) => turn.await,
                Next::LetOthersAsk => {
                    before = Some(self.turns().asked);
                    patience -= 1;
                }
                Next::Leave => return load.await,
            }
        }
    }

    fn next(&self, seen: u64, impatient: bool) -> Next {
        let mut turns = self.turns();
        if turns.running.as_ref().is_none_or(|turn| turn.peek().is_some()) {
            if (turns.waiting > 0 || turns.asked != seen) && !impatient {
                return Next::LetOthersAsk;
            }
            if turns.held.is_empty() {
                return Next::Leave;
            }
            turns.running = Some(join_all(std::mem::take(&mut turns.held)).map(drop).boxed().shared());
        }
        turns.waiting += 1;
        turns.running.clone().map_or(Next::Leave, |turn| Next::Wait(turn, Waiting(self.clone())))
    }

    fn asks(&self) -> u64 {
        let mut turns = self.turns();
        turns.asked += 1;
        turns.asked
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Rows = Arc<dyn Any + Send + Sync>;
type Batch = Pin<Box<dyn Future<Output = Result<Vec<(Uuid, Rows)>>> + Send>>;
type Fetch = fn(Reader, Vec<Uuid>) -> Batch;

macro_rules! key { ($(#[$meta:meta])* $name:ident) => {
    $(#[$meta])*
    #[derive(Clone)]
    pub struct $name {
        table: TypeId,
        id: Uuid,
        fetch: Fetch,
    }
    impl PartialEq for $name {
        fn eq(&self, other: &Self) -> bool {
            self.table == other.table && self.id == other.id
        }
    }
    impl Eq for $name {}
    impl std::hash::Hash for $name {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.table.hash(state);
            self.id.hash(state);
        }
    }
    impl Loader<$name> for Reader {
        type Value = Rows;
        type Error = Error;
        async fn load(&self, keys: &[$name]) -> Result<HashMap<$name, Rows>> {
            let mut tables: HashMap<TypeId, Vec<&$name>> = HashMap::new();
            for key in keys {
                tables.entry(key.table).or_default().push(key);
            }
            let mut found = HashMap::with_capacity(keys.len());
            for keys in tables.into_values() {
                let first = keys[0];
                for (id, rows) in (first.fetch)(self.clone(), keys.iter().map(|k| k.id).collect()).await? {
                    found.insert($name { id, ..first.clone() }, rows);
                }
            }
            Ok(found)
        }
    }
} }

key! {
    /// A row of any guarded table.
    Key
}
key! {
    /// The rows of a guarded table under one parent.
    ChildKey
}

impl Key {
    /// The row of `E` with this id.
    #[must_use]
    pub fn of<E: Guarded>(id: Uuid) -> Self {
        Self { table: TypeId::of::<E>(), id, fetch: rows::<E> }
    }

    /// The same, for a row that another one names: that it is hidden leaves no trace.
    #[must_use]
    pub fn aside<E: Guarded>(id: Uuid) -> Self {
        Self { table: TypeId::of::<E>(), id, fetch: rows_aside::<E> }
    }
}

/// The rows of a table that may be changed, or moved, told apart from the rows themselves.
struct Within<E, const MOVED: bool>(std::marker::PhantomData<E>);

impl Key {
    /// Whether the actor may do this to a row: answered when it may, by the very condition that guards the writing.
    #[must_use]
    pub fn permission<E: Guarded>(id: Uuid, action: Action) -> Self {
        match action {
            Action::Transition => Self { table: TypeId::of::<Within<E, true>>(), id, fetch: |reader, ids| permitted::<E>(reader, ids, Action::Transition) },
            _ => Self { table: TypeId::of::<Within<E, false>>(), id, fetch: |reader, ids| permitted::<E>(reader, ids, Action::Update) },
        }
    }
}

/// That a client is under non-disclosure for safety, told apart from who the client is.
struct Protected;

impl Key {
    /// Whether a client is under non-disclosure for safety, whoever sees the client: answered when it is so.
    #[must_use]
    pub fn protection(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| Box::pin(async move { Ok(so(reader.protected(clients).await?)) });
        Self { table: TypeId::of::<Protected>(), id: client.0, fetch }
    }
}

/// That a client's data of special categories is open to the actor, told apart from who the client is.
struct SpecialCategories;

impl Key {
    /// Whether a client's data of special categories is open to the actor: answered when it is so.
    #[must_use]
    pub fn special_categories(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| Box::pin(async move { Ok(so(reader.special_categories(clients).await?)) });
        Self { table: TypeId::of::<SpecialCategories>(), id: client.0, fetch }
    }
}

/// How far the case has come that has arisen from a referral, told apart from the case.
struct Progress;

impl Key {
    /// How far the case has come that has arisen from a referral, to those who are told.
    #[must_use]
    pub fn progress(referral: ReferralId) -> Self {
        let fetch: Fetch = |reader, referrals| {
            Box::pin(async move { Ok(reader.progress(referrals).await?.into_iter().map(|(of, stage)| (of.0, Arc::new(stage) as Rows)).collect()) })
        };
        Self { table: TypeId::of::<Progress>(), id: referral.0, fetch }
    }
}

/// That a client is the actor, or somebody for whom the actor acts.
struct Own;
/// The clients who were merged into one.
struct Merged;
/// How long the record of a client is kept.
struct Retained;
/// How many entries are hidden from a client.
struct Hidden;
/// Who speaks for a client.
struct Voices;

impl Key {
    /// Whether a client is the actor, or somebody for whom the actor acts: answered when it is so.
    #[must_use]
    pub fn own(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| Box::pin(async move { Ok(so(reader.own(clients).await?)) });
        Self { table: TypeId::of::<Own>(), id: client.0, fetch }
    }

    /// The clients who were merged into one, whoever sees them.
    #[must_use]
    pub fn merged(into: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| {
            Box::pin(async move {
                let mut under: HashMap<Uuid, Vec<client::Model>> = HashMap::new();
                for row in reader.merged(clients).await? {
                    if let Some(into) = row.merged_into_id {
                        under.entry(into.0).or_default().push(row);
                    }
                }
                Ok(under.into_iter().map(|(into, rows)| (into, Arc::new(rows) as Rows)).collect())
            })
        };
        Self { table: TypeId::of::<Merged>(), id: into.0, fetch }
    }

    /// How many entries of a client's record are hidden from the client who may know that they are; none where there is none.
    #[must_use]
    pub fn hidden(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| {
            Box::pin(async move { Ok(reader.hidden(clients).await?.into_iter().map(|(client, count)| (client.0, Arc::new(count) as Rows)).collect()) })
        };
        Self { table: TypeId::of::<Hidden>(), id: client.0, fetch }
    }

    /// The accounts of a client and of those who act or have acted for the client, whoever sees that.
    #[must_use]
    pub fn voices(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| {
            Box::pin(async move {
                let mut of: HashMap<Uuid, HashSet<String>> = HashMap::new();
                for (client, account) in reader.voices(clients).await? {
                    of.entry(client.0).or_default().insert(account);
                }
                Ok(of.into_iter().map(|(client, voices)| (client, Arc::new(voices) as Rows)).collect())
            })
        };
        Self { table: TypeId::of::<Voices>(), id: client.0, fetch }
    }

    /// How long the record of a client is kept, whoever sees it.
    #[must_use]
    pub fn retention(client: ClientId) -> Self {
        let fetch: Fetch = |reader, clients| {
            Box::pin(async move { Ok(reader.kept(clients).await?.into_iter().map(|(client, kept)| (client.0, Arc::new(kept) as Rows)).collect()) })
        };
        Self { table: TypeId::of::<Retained>(), id: client.0, fetch }
    }
}

/// Of these it is so.
fn so(ids: Vec<Uuid>) -> Vec<(Uuid, Rows)> {
    ids.into_iter().map(|id| (id, Arc::new(()) as Rows)).collect()
}

fn permitted<E: Guarded>(reader: Reader, ids: Vec<Uuid>, action: Action) -> Batch {
    Box::pin(async move { Ok(so(reader.reaches::<E>(ids, action).await?)) })
}

impl ChildKey {
    /// The rows of `E` under this parent.
    #[must_use]
    pub fn of<E: Child>(parent: Uuid) -> Self {
        Self { table: TypeId::of::<E>(), id: parent, fetch: children::<E> }
    }
}

fn rows<E: Guarded>(reader: Reader, ids: Vec<Uuid>) -> Batch {
    Box::pin(async move {
        let rows = visible::<E>(&reader, &ids).await?;
        let found: HashSet<Uuid> = rows.iter().map(|(id, _)| *id).collect();
        reader.note_denied::<E>(ids.into_iter().filter(|id| !found.contains(id)).collect()).await?;
        Ok(rows)
    })
}

fn rows_aside<E: Guarded>(reader: Reader, ids: Vec<Uuid>) -> Batch {
    Box::pin(async move { visible::<E>(&reader, &ids).await })
}

async fn visible<E: Guarded>(reader: &Reader, ids: &[Uuid]) -> Result<Vec<(Uuid, Rows)>> {
    let rows = reader.find::<E>().filter(E::columns().id.is_in(ids.iter().copied())).all().await?;
    Ok(rows.into_iter().map(|row| (E::row_id(&row), Arc::new(row) as Rows)).collect())
}

fn children<E: Child>(reader: Reader, parents: Vec<Uuid>) -> Batch {
    Box::pin(async move {
        let mut under: HashMap<Uuid, Vec<<E as EntityTrait>::Model>> = parents.iter().map(|parent| (*parent, Vec::new())).collect();
        for row in reader.find::<E>().under(E::parent(), &parents).all().await? {
            under.entry(E::parent_id(&row)).or_default().push(row);
        }
        Ok(under.into_iter().map(|(parent, rows)| (parent, Arc::new(rows) as Rows)).collect())
    })
}
