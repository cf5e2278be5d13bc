//! Who is asking, and all that a resolver is given: the public snapshot, and the doors to guarded rows.
use crate::{
    error::{Error, Result},
    snapshot::Snapshot,
    store::{Batches, ChildKey, Committed, DataSubject, KeptRecord, Key, Part, Place, Position, Presented, Reader, Record, Store, Work, act},
    vault::Vault,
};
use arc_swap::ArcSwap;
use async_graphql::dataloader::{DataLoader, HashMapCache};
use chrono::{DateTime, Utc};
use domain::{
    actor::Actor,
    casework::case::{CaseProgress, CaseStage},
    id::{ClientId, ReferralId, SubjectRequestId},
    noted_field::NotedField,
    person::purpose::Purpose,
    policy::{Action, Resource},
    private::Private,
    rejection::{Code, Rejections},
    text::Language,
    webhook::AllowedHosts,
};
use entity::{Child, Guarded, Kept, person::client};
use futures_util::{FutureExt, future::BoxFuture};
use std::collections::{BTreeSet, HashSet};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use uuid::Uuid;

/// What came of work under an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once<T> {
    /// It is done.
    Now(T),
    /// It was done before, and this row was made then.
    Before(Uuid),
}

/// How a request came in.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The id of the request, for logs and errors.
    pub request_id: Arc<str>,
    /// The language in which texts and messages are preferred.
    pub language: Language,
    /// When the caller's token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the caller's token says of itself; none for a stranger.
    pub badge: Option<Badge>,
}

/// What a bearer says of itself beside who it is: enough for interfaces that ask for a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The issuer.
    pub issuer: String,
    /// The issuer's own name for the bearer.
    pub subject: String,
    /// The scopes that were granted.
    pub scopes: BTreeSet<String>,
}

/// The caller of one request.
#[derive(Clone)]
pub struct Caller(Arc<Inside>);

struct Inside {
    actor: Arc<Actor>,
    reader: Reader,
    loader: OnceLock<DataLoader<Reader, HashMapCache>>,
    batches: Batches,
    store: Store,
    current: Arc<ArcSwap<Snapshot>>,
    snapshot: ArcSwap<Snapshot>,
    circumstances: Circumstances,
    /// The first field of the root that was asked for, for the use log.
    operation: OnceLock<String>,
    /// The answer may depend on who asks.
    personal: AtomicBool,
    /// Whatever is written is judged, and then not kept.
    rehearses: bool,
    /// How often rows were changed by a commit since that was last asked.
    commits: AtomicU32,
}

impl Inside {
    fn new(
        actor: Arc<Actor>,
        reader: Reader,
        store: Store,
        (current, snapshot): (Arc<ArcSwap<Snapshot>>, Arc<Snapshot>),
        circumstances: Circumstances,
    ) -> Self {
        Self {
            actor,
            reader,
            loader: OnceLock::new(),
            batches: Batches::default(),
            store,
            current,
            snapshot: ArcSwap::new(snapshot),
            circumstances,
            operation: OnceLock::new(),
            personal: AtomicBool::new(false),
            rehearses: false,
            commits: AtomicU32::new(0),
        }
    }
}

impl Caller {
    /// A caller that sees the public catalogue as it is now, for the whole request.
    #[must_use]
    pub fn new(actor: Actor, store: Store, current: Arc<ArcSwap<Snapshot>>, circumstances: Circumstances) -> Self {
        let actor = Arc::new(actor);
        let reader = store.read_as(Arc::clone(&actor));
        let snapshot = current.load_full();
        Self(Arc::new(Inside::new(actor, reader, store, (current, snapshot), circumstances)))
    }

    /// The same caller, for a dry run: each [`Caller::write`] is done in full, told as it would be, and rolled back. What is read counts as this caller's.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        let Inside { actor, reader, store, current, snapshot, circumstances, .. } = &*self.0;
        let catalogue = (Arc::clone(current), snapshot.load_full());
        let inside = Inside::new(Arc::clone(actor), reader.clone(), store.clone(), catalogue, circumstances.clone());
        Self(Arc::new(Inside { personal: AtomicBool::new(true), rehearses: true, ..inside }))
    }

    /// The system itself, before there is a catalogue to be seen: for loading and for the command line.
    #[must_use]
    pub fn system(store: &Store) -> Self {
        let circumstances = Circumstances { request_id: "system".into(), language: Language::Fi, expires_at: None, badge: None };
        Self::new(Actor::System, store.clone(), Arc::default(), circumstances)
    }

    /// Somebody else at some moment, in whose name the system itself acts: what the demo's actors did. The memberships are those of now.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but the system, or a fault of the database.
    pub async fn acting_as(&self, subject: &str, purpose: Option<Purpose>, at: DateTime<Utc>) -> Result<Self> {
        if *self.0.actor != Actor::System {
            return Err(Error::Forbidden);
        }
        let mut actor = self.0.store.sign_in(subject, purpose).await?;
        if let Actor::Person { occasion, .. } = &mut actor {
            occasion.at = at;
        }
        Ok(Self::new(actor, self.0.store.at(at), Arc::clone(&self.0.current), self.0.circumstances.clone()))
    }

    /// The same caller as it is now: memberships read again, the newest catalogue, nothing remembered. For what lasts longer than a request.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn renewed(&self) -> Result<Self> {
        let actor = match &*self.0.actor {
            Actor::Person { subject, occasion, .. } => self.0.store.sign_in(subject, occasion.purpose).await?,
            same => same.clone(),
        };
        Ok(Self::new(actor, self.0.store.clone(), Arc::clone(&self.0.current), self.0.circumstances.clone()))
    }

    /// Who is asking. From here on the answer counts as personal.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.0.personal.store(true, Ordering::Relaxed);
        &self.0.actor
    }

    /// Reads guarded rows. From here on the answer counts as personal.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        self.0.personal.store(true, Ordering::Relaxed);
        &self.0.reader
    }

    /// The public catalogue: the same for the whole request, until the request itself writes.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// Sees the catalogue as another caller does from now on, and reads rows anew: what a subscription tells is answered from what it has looked at.
    pub(crate) fn sees_as(&self, other: &Self) {
        self.0.snapshot.store(other.catalogue());
        self.forget();
    }

    /// Reads every row anew from here on.
    fn forget(&self) {
        if let Some(loader) = self.0.loader.get() {
            loader.clear::<Key>();
            loader.clear::<ChildKey>();
        }
    }

    /// A standing of this caller is not one of the other's, who is the same as it is now: this one may do more than it should.
    pub(crate) fn has_lost(&self, now: &Self) -> bool {
        match (&*self.0.actor, &*now.0.actor) {
            (Actor::Person { standings: before, .. }, Actor::Person { standings: after, .. }) => before.iter().any(|standing| !after.contains(standing)),
            _ => false,
        }
    }

    /// The language in which texts and messages are preferred.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.circumstances.language
    }

    /// The id of the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.circumstances.request_id
    }

    /// When the caller's token ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.circumstances.expires_at
    }

    /// What the caller's token says of itself.
    #[must_use]
    pub fn badge(&self) -> Option<&Badge> {
        self.0.circumstances.badge.as_ref()
    }

    /// Remembers which field of the root is asked for.
    pub fn note_operation(&self, field: &str) {
        self.0.operation.get_or_init(|| field.to_owned());
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.store.clock().now()
    }

    /// How far the event feed has come, whether or not the catalogue shows it already.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn committed(&self) -> Result<i64> {
        self.0.store.position().await
    }

    /// Follows what is committed.
    #[must_use]
    pub fn follow(&self) -> tokio::sync::watch::Receiver<i64> {
        self.0.store.hub().follow_shown()
    }

    /// Follows notices.
    #[must_use]
    pub fn follow_notices(&self) -> tokio::sync::watch::Receiver<()> {
        self.0.store.hub().follow_notices()
    }

    /// The stable key of a signed-in caller, for the rate limit.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.actor.subject()
    }

    /// Nothing in the answer depends on who asks.
    #[must_use]
    pub fn saw_only_public(&self) -> bool {
        !self.0.personal.load(Ordering::Relaxed)
    }

    /// Refuses a caller that has not signed in.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub fn signed_in(&self) -> Result<&Actor> {
        match self.actor() {
            Actor::Anyone => Err(Error::Unauthenticated),
            actor => Ok(actor),
        }
    }

    fn loader(&self) -> &DataLoader<Reader, HashMapCache> {
        self.0.personal.store(true, Ordering::Relaxed);
        self.0.loader.get_or_init(|| {
            let batches = self.0.batches.clone();
            let loader = DataLoader::with_cache(self.0.reader.clone(), move |batch| batches.hold(batch), HashMapCache::default());
            loader.delay(std::time::Duration::ZERO)
        })
    }

    /// The row with this id, batched with the others that are asked for now; `None` when it is missing or hidden.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn load<E: Guarded>(&self, id: impl Into<Uuid>) -> Result<Option<E::Model>> {
        self.batched::<E>(Key::of::<E>(id.into())).await
    }

    async fn batched<E: Guarded>(&self, key: Key) -> Result<Option<E::Model>> {
        let row = self.0.batches.together(self.loader().load_one(key)).await?;
        Ok(row.and_then(|row| row.downcast_ref::<E::Model>().cloned()))
    }

    /// As [`Caller::load`], for a row that another one names: that it is hidden is nothing that was tried, and leaves no trace.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn peek<E: Guarded>(&self, id: impl Into<Uuid>) -> Result<Option<E::Model>> {
        match self.batched::<E>(Key::aside::<E>(id.into())).await {
            // Without a purpose the other row is as hidden as any.
            Err(Error::PurposeRequired) => Ok(None),
            row => row,
        }
    }

    /// Whether the caller may change a row, or move it to another state, batched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn may<E: Guarded>(&self, id: impl Into<Uuid>, action: Action) -> Result<bool> {
        let key = Key::permission::<E>(id.into(), action);
        Ok(self.0.batches.together(self.loader().load_one(key)).await?.is_some())
    }

    /// Whether a client is under non-disclosure for safety (turvakielto), whoever sees the client, batched: for keeping back where the client is.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn is_protected(&self, client: ClientId) -> Result<bool> {
        Ok(self.0.batches.together(self.loader().load_one(Key::protection(client))).await?.is_some())
    }

    /// Whether a client's data of special categories (terveys, päihteet) is open to the caller beside the rows in which it stands, batched. That `field` of it
    /// is shown goes to the use log.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn sees_special_category(&self, client: ClientId, field: NotedField) -> Result<bool> {
        let open = self.0.batches.together(self.loader().load_one(Key::special_categories(client))).await?.is_some();
        if open {
            self.0.reader.note_field(client, field, false);
        }
        Ok(open)
    }

    /// How far the case has come that has arisen from a referral (asian eteneminen), batched: to whoever sees the case, and to those who have sent the client and
    /// are told.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn progress_of(&self, referral: ReferralId) -> Result<Option<CaseProgress>> {
        let stage = self.0.batches.together(self.loader().load_one(Key::progress(referral))).await?;
        Ok(stage.and_then(|stage| stage.downcast_ref::<CaseStage>().copied()).map(CaseProgress::from))
    }

    /// What stands in a guarded field about a client and is shown: that goes to the use log, where there is something. Of one who is no client, the row does.
    pub fn showing<T>(&self, client: impl Into<Option<ClientId>>, field: NotedField, value: Option<T>) -> Option<T> {
        if let (Some(client), true) = (client.into(), value.is_some()) {
            self.reader().note_field(client, field, false);
        }
        value
    }

    /// As [`Caller::showing`], and revealed for the answer.
    pub fn revealed<T: Clone>(&self, client: impl Into<Option<ClientId>>, field: NotedField, value: Option<Private<T>>) -> Option<T> {
        self.showing(client, field, value).map(|value| value.reveal().clone())
    }

    /// The rows under this parent that the caller may see, batched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn children<E: Child>(&self, parent: impl Into<Uuid>) -> Result<Vec<E::Model>> {
        Ok(self
            .0
            .batches
            .together(self.loader().load_one(ChildKey::of::<E>(parent.into())))
            .await?
            .and_then(|rows| rows.downcast_ref::<Vec<E::Model>>().cloned())
            .unwrap_or_default())
    }

    /// Does `work` in one transaction: commits on `Ok`, rolls back on `Err` or when the request is dropped, and answers when everybody can see it.
    ///
    /// # Errors
    /// Whatever the work refuses, or a fault of the database.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Work) -> Result<T>) -> Result<T> {
        self.signed_in()?;
        let mut transaction = self.0.store.write_as(&self.0.reader, Arc::clone(&self.0.circumstances.request_id)).await?;
        // In a place of its own: the steps of a use case are large, and lie within those of every caller.
        let out = Box::pin(work(&mut transaction)).await?;
        if self.0.rehearses {
            transaction.rehearse().await?;
            return Ok(out);
        }
        let committed = transaction.commit().await?;
        self.0.commits.fetch_add(u32::from(committed.changed), Ordering::Relaxed);
        self.after(committed).await;
        Ok(out)
    }

    /// How often rows were changed by a commit since this was last asked. Whoever is killed between two commits leaves a half: a mutation has one.
    #[must_use]
    pub fn commits(&self) -> u32 {
        self.0.commits.swap(0, Ordering::Relaxed)
    }

    /// What follows from a commit: others hear of it, and what the caller reads from now on shows it.
    async fn after(&self, committed: Committed) {
        if committed.noticed {
            self.0.store.hub().noticed();
        }
        if let Some(position) = committed.position {
            self.0.store.hub().committed(position);
            self.0.store.hub().until_shown(position).await;
            self.0.snapshot.store(self.0.current.load_full());
        }
        // What was read before the write is no longer true.
        self.forget();
    }

    /// Like [`Caller::write`], for work whose answer is `row`: sent again under the same key, the row is answered and nothing is done.
    ///
    /// # Errors
    /// As [`Caller::write`], and [`Code::IdempotencyMismatch`] when the key stands for another input.
    pub async fn write_once<E: Kept>(
        &self,
        key: Option<&str>,
        operation: &str,
        input: &impl serde::Serialize,
        row: impl Into<Uuid>,
        work: impl AsyncFnOnce(&mut Work) -> Result<E::Model>,
    ) -> Result<E::Model> {
        match self.once(key, operation, input, row.into(), work).await? {
            Once::Now(row) => Ok(row),
            Once::Before(made) => self.made::<E>(made).await,
        }
    }

    /// Like [`Caller::write_once`], where a part of the input is in no fingerprint: `again` judges it when the row is answered that was made before.
    ///
    /// # Errors
    /// As [`Caller::write_once`], and what `again` refuses.
    pub async fn write_once_if<E: Kept>(
        &self,
        key: Option<&str>,
        operation: &str,
        input: &impl serde::Serialize,
        row: impl Into<Uuid>,
        again: impl AsyncFnOnce(&mut Work, &E::Model) -> Result<()>,
        work: impl AsyncFnOnce(&mut Work) -> Result<E::Model>,
    ) -> Result<E::Model> {
        let made = match self.once(key, operation, input, row.into(), work).await? {
            Once::Now(row) => return Ok(row),
            Once::Before(made) => made,
        };
        self.write(async |w: &mut Work| {
            let row = w.fetch::<E>(made, Action::Read).await?;
            again(w, &row).await.map(|()| row)
        })
        .await
    }

    /// Like [`Caller::write_once`], for work whose answer is not one row: sent again under the same key, nothing is done.
    ///
    /// # Errors
    /// As [`Caller::write_once`].
    pub async fn once<T>(
        &self,
        key: Option<&str>,
        operation: &str,
        input: &impl serde::Serialize,
        row: Uuid,
        work: impl AsyncFnOnce(&mut Work) -> Result<T>,
    ) -> Result<Once<T>> {
        check_key(key)?;
        let Some(key) = key else { return self.write(work).await.map(Once::Now) };
        let inputs = fingerprints(&self.0.store, operation, input);
        let first = self.write(async |w: &mut Work| claimed(w, key, &inputs, row, work).await).await;
        let Err(Error::Busy) = first else { return first };
        // Another request held the same key; it has committed or given up by now.
        self.write(async |w: &mut Work| w.claim(key, &inputs, row).await?.map(Once::Before).ok_or(Error::Busy)).await
    }

    /// As [`Caller::write_once`], for what many want at once: in one transaction with those who want the same. The work may be done again from the
    /// beginning, and is kept once.
    ///
    /// # Errors
    /// As [`Caller::write_once`].
    pub async fn write_together<E: Kept>(
        &self,
        (lane, client): (Uuid, Option<ClientId>),
        key: Option<&str>,
        operation: &str,
        input: &impl serde::Serialize,
        row: impl Into<Uuid>,
        work: impl for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<E::Model>> + Clone + Send + Sync + 'static,
    ) -> Result<E::Model> {
        self.signed_in()?;
        let row = row.into();
        if self.0.rehearses {
            return self.write_once::<E>(key, operation, input, row, async |w: &mut Work| work(w).await).await;
        }
        check_key(key)?;
        let inputs: Arc<[String]> = if key.is_some() { fingerprints(&self.0.store, operation, input).into() } else { Arc::default() };
        let key: Option<Arc<str>> = key.map(Into::into);
        let place = Place { lane, client, key: key.as_deref().map(str::to_owned) };
        let act = act(move |w| {
            let (key, inputs, work) = (key.clone(), Arc::clone(&inputs), work.clone());
            async move {
                match key {
                    Some(key) => claimed(w, &key, &inputs, row, async |w: &mut Work| work(w).await).await,
                    None => work(w).await.map(Once::Now),
                }
            }
            .boxed()
        });
        let go = async || self.0.store.together(&self.0.reader, &self.0.circumstances.request_id, place.clone(), Arc::clone(&act)).await;
        let done = match go().await {
            // Another server held the same key; it has committed or given up by now.
            Err(Error::Busy) if place.key.is_some() => go().await,
            first => first,
        };
        let (out, committed) = done?;
        self.after(committed).await;
        match out {
            Once::Now(row) => Ok(row),
            Once::Before(made) => self.made::<E>(made).await,
        }
    }

    /// A row that was made before.
    async fn made<E: Kept>(&self, id: Uuid) -> Result<E::Model> {
        self.write(async |w: &mut Work| w.fetch::<E>(id, Action::Read).await).await
    }

    /// The row that this caller made before under an idempotency key.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn made_before(&self, key: &str) -> Result<Option<Uuid>> {
        self.0.store.made_before(self.signed_in()?, key).await
    }

    /// Waits until no other process loads the demo; none does as long as what is answered is held.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn alone_with_demo(&self) -> Result<impl Send + use<>> {
        self.0.store.alone_with_demo().await
    }

    /// What seals and opens. From here on the answer counts as personal.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        self.0.personal.store(true, Ordering::Relaxed);
        self.0.store.vault()
    }

    /// The hosts inside to which the operator allows webhooks.
    #[must_use]
    pub fn allowed_hosts(&self) -> &AllowedHosts {
        self.0.store.allowed_hosts()
    }

    /// The clients that the caller is, or acts for.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn own_clients(&self) -> Result<Vec<ClientId>> {
        self.0.store.own_clients(self.signed_in()?).await
    }

    /// The caller is this client, and not somebody who acts for the client.
    ///
    /// # Errors
    /// A caller who has not signed in, or a fault of the database.
    pub async fn is_oneself(&self, id: ClientId) -> Result<bool> {
        let subject = self.signed_in()?.subject();
        let client = self.peek::<client::Entity>(id).await?;
        Ok(client.is_some_and(|row| row.account.is_some() && row.account.as_deref() == subject))
    }

    /// Whether the caller may know when and where a client can be met: nothing tells that to whoever acts for one under non-disclosure for safety
    /// (turvakielto). Those who `serve` the client know.
    ///
    /// # Errors
    /// A caller who has not signed in, or a fault of the database.
    pub async fn may_meet(&self, client: ClientId, serve: bool) -> Result<bool> {
        Ok(serve || !self.is_protected(client).await? || self.is_oneself(client).await?)
    }

    /// The client to whom an id leads: the one into whom that client was merged, or the same. What is behind it is still read by reach.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn surviving_client(&self, id: ClientId) -> Result<ClientId> {
        match self.actor() {
            Actor::Anyone => Ok(id),
            _ => self.0.store.surviving_client(id).await,
        }
    }

    /// The clients who were merged into one whom the caller sees, batched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn merged_clients(&self, into: ClientId) -> Result<Vec<client::Model>> {
        self.signed_in()?;
        let rows = self.0.batches.together(self.loader().load_one(Key::merged(into))).await?;
        Ok(rows.and_then(|rows| rows.downcast_ref::<Vec<client::Model>>().cloned()).unwrap_or_default())
    }

    /// Whether the caller is a client, or acts for the client, batched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn is_own(&self, client: ClientId) -> Result<bool> {
        Ok(self.0.batches.together(self.loader().load_one(Key::own(client))).await?.is_some())
    }

    /// A client, and those who were merged into the same one: whom the logs speak of.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn same_clients(&self, id: ClientId) -> Result<Vec<ClientId>> {
        self.signed_in()?;
        self.0.store.same_clients(id).await
    }

    /// How many entries of a client's record are hidden from the client who may know that they are: to the client and those who act for the client, all;
    /// to anybody else, those that are the caller's to read. Batched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn hidden_entries(&self, client: ClientId) -> Result<i64> {
        self.signed_in()?;
        let hidden = self.0.batches.together(self.loader().load_one(Key::hidden(client))).await?;
        Ok(hidden.and_then(|hidden| hidden.downcast_ref().copied()).unwrap_or_default())
    }

    /// Whether an account is a client's own, or acts or has acted for the client, whoever sees that, batched: by such a key it would be known who the client is.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn is_voice_of(&self, subject: &str, client: ClientId) -> Result<bool> {
        let voices = self.0.batches.together(self.loader().load_one(Key::voices(client))).await?;
        Ok(voices.and_then(|voices| Some(voices.downcast_ref::<HashSet<String>>()?.contains(subject))).unwrap_or_default())
    }

    /// The client, as one whose data is given out to the caller: oneself, or whom one acts for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else, or a fault of the database.
    pub async fn own_data(&self, id: ClientId) -> Result<DataSubject> {
        self.signed_in()?;
        self.0.store.own_data(self.reader(), id).await
    }

    /// The caller as a client of each network, as data subjects.
    ///
    /// # Errors
    /// A caller who has not signed in, or a fault of the database.
    pub async fn own_subjects(&self) -> Result<Vec<DataSubject>> {
        self.signed_in()?;
        self.0.store.own_subjects(self.reader()).await
    }

    /// The client who has asked for the own data, for those who see to that request.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], [`Error::NotFound`] for a request that is none of theirs, or a fault of the database.
    pub async fn requested_data(&self, request: SubjectRequestId) -> Result<DataSubject> {
        self.signed_in()?;
        self.0.store.requested_data(self.reader(), request).await
    }

    /// How much is kept about somebody, of each kind.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn parts_about(&self, subject: &DataSubject) -> Result<Vec<Part>> {
        self.0.store.parts_about(subject).await
    }

    /// The next records about somebody, and where to go on from when there are more.
    ///
    /// # Errors
    /// A value that does not open, or a fault of the database.
    pub async fn records_about(&self, subject: &DataSubject, after: Option<Position>, limit: usize) -> Result<(Vec<Record>, Option<Position>)> {
        self.0.store.records_about(self.reader(), subject, after, limit).await
    }

    /// Erases the client, on the client's own request, where nothing must be kept; or tells what must.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn erase(&self, subject: &DataSubject, dry_run: bool) -> Result<Option<KeptRecord>> {
        self.signed_in()?;
        self.0.store.erase(subject, dry_run).await
    }

    /// How long the record of a client is kept, for the client and those who keep it, batched; none for anybody else.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn retention_of(&self, id: ClientId) -> Result<Option<KeptRecord>> {
        let actor = self.signed_in()?;
        let Some(client) = self.peek::<client::Entity>(id).await? else { return Ok(None) };
        let keeps = actor.is_in(client.organization_id, |_| true);
        if !keeps && !self.is_own(id).await? {
            return Ok(None);
        }
        let kept = self.0.batches.together(self.loader().load_one(Key::retention(id))).await?;
        Ok(kept.and_then(|kept| kept.downcast_ref::<KeptRecord>().cloned()))
    }

    /// Tries a code word: what comes of it, and one guess less when the word was unknown.
    ///
    /// # Errors
    /// [`Error::RateLimited`] after too many wrong ones, and whatever comes of it.
    pub async fn guessing<T>(&self, outcome: impl Future<Output = Result<T>>) -> Result<T> {
        let guess = self.0.store.guess(self.signed_in()?.subject().unwrap_or_default())?;
        let outcome = outcome.await;
        let unknown = |why: &Rejections| why.iter().any(|r| r.code == Code::UnknownReference && r.path == [CODE_WORD]);
        if !matches!(&outcome, Err(Error::Rejected(why)) if unknown(why)) {
            guess.take_back();
        }
        outcome
    }

    /// Presents the handle of a code word; nothing is kept of who does.
    ///
    /// # Errors
    /// [`Code::SendApart`] beside what is written about clients, or a fault of the database.
    pub async fn present_handle(&self, word: &str) -> Result<Option<Presented>> {
        self.signed_in()?;
        self.0.reader.keep_apart(Resource::AnonymousHandle)?;
        self.0.store.present_handle(word).await
    }

    /// Writes the use log of what this request has read.
    ///
    /// # Errors
    /// A fault of the database: then the answer must not leave.
    pub async fn finish(&self) -> Result<()> {
        let operation = self.0.operation.get().map_or("", String::as_str);
        self.0.store.write_use_log(&self.0.reader, self.request_id(), operation).await
    }
}

/// Does `work` unless it was done before under this key.
async fn claimed<T>(w: &mut Work, key: &str, inputs: &[String], row: Uuid, work: impl AsyncFnOnce(&mut Work) -> Result<T>) -> Result<Once<T>> {
    match w.claim(key, inputs, row).await? {
        Some(made) => Ok(Once::Before(made)),
        None => work(w).await.map(Once::Now),
    }
}

/// The field in which a code word is given.
pub const CODE_WORD: &str = "codeWord";

fn check_key(key: Option<&str>) -> Result<()> {
    if key.is_some_and(|k| k.is_empty() || k.len() > 200 || k.chars().any(char::is_control)) {
        return Err(Error::reject(Code::Invalid, &["idempotencyKey"]));
    }
    Ok(())
}

/// The operation and a keyed hash of its input, by each data key: enough to know the same input again, and nothing to guess it from.
fn fingerprints(store: &Store, operation: &str, input: &impl serde::Serialize) -> Vec<String> {
    let input = serde_json::to_string(input).unwrap_or_default();
    store.vault().indexes(operation, &input).into_iter().map(|hash| format!("{operation}:{hash}")).collect()
}
