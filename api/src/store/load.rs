//! One loader for every guarded table: rows by id, and children by their parent, each batch through the reader's own scope.
use super::Reader;
use crate::error::{Error, Result};
use async_graphql::dataloader::Loader;
use domain::policy::Action;
use entity::{Child, Guarded};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait};
use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};
use uuid::Uuid;

/// Holds batches back until everybody who asks in the same turn has asked. Spawned at once, a batch would leave from
/// another thread while the page is still asking, and a page would take as many statements as it happens to.
#[derive(Clone, Default)]
pub struct Batches {
    held: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
    /// How many have asked so far.
    asked: Arc<AtomicU64>,
}

impl Batches {
    /// Holds a batch back.
    pub fn hold(&self, batch: BoxFuture<'static, ()>) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    }

    /// Asks, lets the others ask until a turn passes in which nobody has, then lets the batches go and waits for the answer. Those whose
    /// earlier answers are still being handed out by another thread ask a turn later than the first.
    pub async fn together<T>(&self, load: impl Future<Output = T>) -> T {
        let mut load = pin!(load);
        if let Poll::Ready(known) = poll_fn(|context| Poll::Ready(load.as_mut().poll(context))).await {
            return known;
        }
        let mut before = self.asked.fetch_add(1, Ordering::Relaxed);
        loop {
            tokio::task::yield_now().await;
            let asked = self.asked.load(Ordering::Relaxed);
            if asked == before {
                break;
            }
            before = asked;
        }
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        for batch in held {
            tokio::spawn(batch);
        }
        load.await
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

fn permitted<E: Guarded>(reader: Reader, ids: Vec<Uuid>, action: Action) -> Batch {
    Box::pin(async move {
        let ids = reader.reaches::<E>(ids, action).await?;
        Ok(ids.into_iter().map(|id| (id, Arc::new(()) as Rows)).collect())
    })
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
