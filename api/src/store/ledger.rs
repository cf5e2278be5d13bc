//! The use log, the disclosure log and the audit of writes: written here, by nobody else. The two logs are chained by keyed hashes.
use super::{
    Store,
    dialect::fault,
    line::Lines,
    many::{self, AT_ONCE},
    pool::{Transaction, Walled},
};
use crate::{
    error::{Error, Result},
    vault::Vault,
};
use chrono::{DateTime, Utc};
use domain::{
    access::{LogBasis, UseOutcome},
    actor::{Actor, Role, Standing},
    id::{CareRelationId, ClientId, DisclosureLogEntryId, NetworkId, OrganizationId, UseLogEntryId},
    noted_field::NotedField,
    person::{
        consent::{DataItem, DataItems},
        purpose::Purpose,
        relation::RelationBasis,
    },
    policy::{Action, Resource},
    rejection::Code,
};
use entity::{
    Guarded,
    access::{disclosure_log_entry, use_log_entry},
    person::{care_relation, client, representation, restriction},
    sealed::{audit, ledger_head},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
    prelude::Json,
    sea_query::{Expr, ExprTrait},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Whom something was read about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Client(ClientId),
    Subject(String),
}

/// What was read about somebody.
#[derive(Clone, Debug, Default)]
struct Noted {
    shown: BTreeSet<String>,
    denied: BTreeSet<String>,
    flagged: bool,
    /// The order that was read last.
    order: Option<Uuid>,
    /// The network of one who is no client.
    network: Option<NetworkId>,
}

/// What one request has read about whom, until it is written to the use log.
#[derive(Debug, Default)]
pub(super) struct Seen {
    about: Mutex<BTreeMap<About, Noted>>,
    /// Which of the two sides were written of that are kept apart.
    sides: AtomicU8,
}

/// The sides that are kept apart: somebody unknown, and clients.
const UNKNOWN: u8 = 1;
const CLIENTS: u8 = 2;

impl Seen {
    /// What tells of somebody unknown and what tells of a client are not written in one request: the one would lead to the other by its very moment.
    ///
    /// # Errors
    /// [`Code::SendApart`].
    pub(super) fn keep_apart(&self, actor: &Actor, resource: Resource) -> Result<()> {
        let side = if resource.is_of_somebody_unknown() { UNKNOWN } else { u8::from(resource.is_about_clients()) * CLIENTS };
        // The system's writes are nobody's request. The fields of a mutation are done one after the other.
        if side == 0 || matches!(actor, Actor::System) {
            return Ok(());
        }
        if self.sides.load(Ordering::Relaxed) & !side != 0 {
            return Err(Error::reject(Code::SendApart, &[]));
        }
        self.sides.fetch_or(side, Ordering::Relaxed);
        Ok(())
    }

    /// What is written from here on stands apart from what was written before: another row of a batch, in which nothing is about clients of a register.
    pub(super) fn begin_apart(&self) {
        self.sides.store(0, Ordering::Relaxed);
    }

    fn note(&self, about: impl IntoIterator<Item = About>, note: impl Fn(&mut Noted)) {
        let mut about = about.into_iter().peekable();
        if about.peek().is_some() {
            let mut seen = self.about.lock().unwrap_or_else(PoisonError::into_inner);
            about.for_each(|one| note(seen.entry(one).or_default()));
        }
    }

    /// Notes rows that are shown. A person's own membership leaves no trace; every reading about a client does.
    pub(super) fn shown<'r, E: Guarded>(&self, actor: &Actor, rows: impl IntoIterator<Item = &'r E::Model>) {
        for row in rows {
            self.note(about::<E>(actor, row), |noted| {
                noted.shown.insert(format!("{:?}", E::RESOURCE));
                noted.network = network::<E>(row);
                noted.order = E::ordered_as(row).or(noted.order);
            });
        }
    }

    /// Notes rows that were asked for by id and are hidden.
    pub(super) fn denied<'r, E: Guarded>(&self, rows: impl IntoIterator<Item = &'r E::Model>) {
        for row in rows {
            self.note(about::<E>(&Actor::Anyone, row), |noted| {
                noted.denied.insert(format!("{:?}", E::RESOURCE));
                noted.network = network::<E>(row);
            });
        }
    }

    /// Notes that somebody was asked for by name or number without a relation, and what stood against it: it is put before the data protection officer.
    pub(super) fn asked(&self, client: ClientId, what: NotedField) {
        self.note([About::Client(client)], |noted| {
            noted.denied.insert(what.name().to_owned());
            noted.flagged = true;
        });
    }

    /// Notes a guarded field that is shown.
    pub(super) fn field(&self, client: ClientId, field: NotedField, flagged: bool) {
        self.note([About::Client(client)], |noted| {
            noted.shown.insert(field.name().to_owned());
            noted.flagged |= flagged;
        });
    }

    fn take(&self) -> BTreeMap<About, Noted> {
        std::mem::take(&mut *self.about.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whom a row is about, so that it leaves a trace.
fn about<E: Guarded>(actor: &Actor, row: &E::Model) -> Option<About> {
    let other = || E::subject(row).filter(|subject| actor.subject() != Some(subject)).map(About::Subject);
    E::client(row).map(About::Client).or_else(other)
}

fn network<E: Guarded>(row: &E::Model) -> Option<NetworkId> {
    match row.get(E::columns().network?) {
        Value::Uuid(id) => id.map(NetworkId),
        _ => None,
    }
}

/// Notes what is behind ids that were asked for and not found, where that is about clients: looking at closed doors leaves a trace too.
pub(super) async fn note_denied<E: Guarded>(conn: &impl ConnectionTrait, seen: &Seen, missed: Vec<Uuid>) -> Result<()> {
    if E::RESOURCE.is_about_clients() && !missed.is_empty() {
        let hidden = E::find().filter(E::columns().id.is_in(missed)).all(conn).await.map_err(fault)?;
        seen.denied::<E>(&hidden);
    }
    Ok(())
}

/// A disclosure that is about to be logged.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// The network.
    pub network: NetworkId,
    /// The client; none where the person is not linked to one.
    pub client: Option<ClientId>,
    /// Which organisation discloses.
    pub organization: OrganizationId,
    /// To whom.
    pub recipient: OrganizationId,
    /// What.
    pub items: BTreeSet<DataItem>,
    /// On what basis.
    pub basis: LogBasis,
    /// The consent or referral behind the basis.
    pub ground: Option<Uuid>,
}

/// A log whose entries are chained.
pub(super) trait Chained: EntityTrait {
    /// Its row in `ledger_head`.
    const LOG: &'static str;
    fn position() -> Self::Column;
    /// When an entry was made.
    fn at() -> Self::Column;
    fn link(row: &mut Self::Model, position: i64, previous: String);
    fn seal(row: &mut Self::Model, hash: String);
    fn links(row: &Self::Model) -> (i64, &str, &str);
    /// The bytes that the hash is made of.
    fn bytes(row: &Self::Model) -> Vec<u8>;
}

macro_rules! chained {
    ($entity:ident, $log:literal) => {
        impl Chained for $entity::Entity {
            const LOG: &'static str = $log;
            fn position() -> $entity::Column {
                $entity::Column::Position
            }
            fn at() -> $entity::Column {
                $entity::Column::At
            }
            fn link(row: &mut $entity::Model, position: i64, previous: String) {
                row.position = position;
                row.previous = previous;
            }
            fn seal(row: &mut $entity::Model, hash: String) {
                row.hash = hash;
            }
            fn links(row: &$entity::Model) -> (i64, &str, &str) {
                (row.position, &row.previous, &row.hash)
            }
            fn bytes(row: &$entity::Model) -> Vec<u8> {
                serde_json::to_vec(&$entity::Model { hash: String::new(), ..row.clone() }).unwrap_or_default()
            }
        }
    };
}
chained!(use_log_entry, "use_log");
chained!(disclosure_log_entry, "disclosure_log");

/// Where a log ends: the position and the hash of its newest entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    position: i64,
    hash: String,
}

/// Where this process has left the use log: as long as no other process adds to it, nobody has to look.
pub(super) type LeftAt = Mutex<Option<End>>;

/// Adds entries to a log; where it ends now. The lock on its row in `ledger_head` puts entries of all processes in one order. Who believes to know the end is
/// not told otherwise before somebody else has added to the log.
async fn append<E: Chained>(tx: &Transaction, vault: &Vault, mut rows: Vec<E::Model>, mut believed: Option<End>) -> Result<End>
where
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: Send,
{
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    loop {
        let end = match believed.take() {
            Some(end) => end,
            None => end_of::<E>(tx).await?,
        };
        let mut now = End { position: end.position + count, hash: end.hash.clone() };
        for (row, position) in rows.iter_mut().zip(end.position + 1..) {
            E::link(row, position, now.hash);
            now.hash = vault.chain(&E::bytes(row));
            E::seal(row, now.hash.clone());
        }
        // Held until the commit; on SQLite the transaction has the whole database.
        let head = ledger_head::Entity::update_many()
            .filter(ledger_head::Column::Log.eq(E::LOG))
            .filter(ledger_head::Column::Position.eq(end.position))
            .filter(ledger_head::Column::Hash.eq(end.hash))
            .col_expr(ledger_head::Column::Position, Expr::value(now.position))
            .col_expr(ledger_head::Column::Hash, Expr::value(now.hash.clone()));
        if head.exec(tx).await.map_err(fault)?.rows_affected == 1 {
            many::insert_at_once::<E>(tx, &rows).await?;
            return Ok(now);
        }
    }
}

/// Where a log ends, held until the commit: whoever adds to it waits.
async fn end_of<E: Chained>(tx: &Transaction) -> Result<End> {
    let head = ledger_head::Entity::find_by_id(E::LOG.to_owned()).lock_exclusive().one(tx).await.map_err(fault)?.ok_or(Error::Internal)?;
    Ok(End { position: head.position, hash: head.hash })
}

/// The hash of the entry at a position.
pub(super) async fn hash_at<E: Chained>(tx: &Transaction, position: i64) -> Result<String> {
    let row = E::find().filter(E::position().eq(position)).one(tx).await.map_err(fault)?.ok_or(Error::Internal)?;
    Ok(E::links(&row).2.to_owned())
}

/// Notes up to where the oldest entries of a log are destroyed: what is left follows from there.
pub(super) async fn anchor(tx: &Transaction, vault: &Vault, log: &str, position: i64, hash: &str) -> Result<()> {
    let head = ledger_head::Entity::update_many().filter(ledger_head::Column::Log.eq(log));
    let head = head.col_expr(ledger_head::Column::AnchorPosition, Expr::value(position)).col_expr(ledger_head::Column::AnchorHash, Expr::value(hash));
    let head = head.col_expr(ledger_head::Column::AnchorSeal, Expr::value(vault.chain(&anchored(log, position, hash))));
    head.exec(tx).await.map_err(fault)?;
    Ok(())
}

/// What an anchor is sealed over.
fn anchored(log: &str, position: i64, hash: &str) -> Vec<u8> {
    format!("anchor\0{log}\0{position}\0{hash}").into_bytes()
}

/// Logs disclosures, in the transaction that makes them.
pub(super) async fn disclose(tx: &Transaction, vault: &Vault, disclosures: Vec<(Signature, Disclosure)>) -> Result<()> {
    let entry = |(by, d): (Signature, Disclosure)| disclosure_log_entry::Model {
        id: DisclosureLogEntryId::new(),
        position: 0,
        at: by.at,
        network_id: Some(d.network),
        client_id: d.client,
        request_id: by.request_id.as_ref().to_owned(),
        actor: by.actor,
        organization_id: Some(d.organization),
        recipient_id: d.recipient,
        items: DataItems(d.items),
        basis: d.basis,
        ground_id: d.ground,
        previous: String::new(),
        hash: String::new(),
    };
    append::<disclosure_log_entry::Entity>(tx, vault, disclosures.into_iter().map(entry).collect(), None).await.map(drop)
}

/// What a chain that was followed from its beginning to its end shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which log.
    pub log: &'static str,
    /// How many entries hold.
    pub entries: i64,
    /// The position and hash of the newest one: kept elsewhere, they show later that nothing before was changed.
    pub head: (i64, String),
    /// Where it breaks, and how; none when it holds.
    pub broken: Option<(i64, &'static str)>,
}

impl Store {
    /// Writes one entry for each person that was read about since the last call.
    ///
    /// # Errors
    /// A fault of the database: then nothing that was read may be shown.
    pub async fn write_use_log(&self, reader: &super::Reader, request_id: &str, operation: &str) -> Result<()> {
        let seen = reader.seen.take();
        if seen.is_empty() {
            return Ok(());
        }
        let grounds = Grounds::read(&self.reads.as_system(), &reader.actor, &seen).await?;
        let now = self.clock.now();
        let mut rows = Vec::with_capacity(seen.len());
        for (about, noted) in seen {
            for (what, outcome) in [(&noted.shown, UseOutcome::Shown), (&noted.denied, UseOutcome::Denied)] {
                if !what.is_empty() {
                    rows.push(grounds.entry(&reader.actor, &about, what, outcome, &noted, now, request_id, operation));
                }
            }
        }
        let (to, written) = oneshot::channel();
        let store = self.clone();
        self.logging.join((), (rows, to), next, move |round| {
            let store = store.clone();
            async move { store.log(round).await }
        });
        // What nobody says is written is not shown.
        written.await.unwrap_or(Err(Error::Internal))
    }

    /// Writes what requests that end at the same time have read: on the disk once for all of them.
    async fn log(&self, round: Vec<Ended>) {
        let (rows, told): (Vec<_>, Vec<_>) = round.into_iter().unzip();
        let write = async {
            let believed = self.left_at.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let tx = self.writes.as_system().begin().await?;
            let end = append::<use_log_entry::Entity>(&tx, &self.vault, rows.into_iter().flatten().collect(), believed).await?;
            tx.commit().await?;
            *self.left_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            Ok(())
        };
        let written: Result<()> = write.await;
        for to in told {
            // Who has gone away hears nothing.
            drop(to.send(written.clone()));
        }
    }

    /// Follows both chains from their beginning to their end.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn verify_logs(&self) -> Result<[Verdict; 2]> {
        Ok([self.verify::<use_log_entry::Entity>().await?, self.verify::<disclosure_log_entry::Entity>().await?])
    }

    async fn verify<E: Chained>(&self) -> Result<Verdict> {
        let head = ledger_head::Entity::find_by_id(E::LOG.to_owned()).one(&self.reads.as_system()).await.map_err(fault)?.ok_or(Error::Internal)?;
        let (mut position, mut previous) = (head.anchor_position, head.anchor_hash.clone());
        let verdict = |last, broken| Verdict { log: E::LOG, entries: last - head.anchor_position, head: (head.position, head.hash.clone()), broken };
        let untouched = position == 0 && previous.is_empty();
        if !untouched && !self.vault.chains(&anchored(E::LOG, position, &previous), &head.anchor_seal) {
            return Ok(verdict(position, Some((position, "the note of what was destroyed for its age is not the program's own"))));
        }
        loop {
            // What was added since the head was read belongs to the next look.
            let page = E::find().filter(E::position().gt(position)).filter(E::position().lte(head.position)).order_by_asc(E::position()).limit(1_000);
            let rows = page.all(&self.reads.as_system()).await.map_err(fault)?;
            if rows.is_empty() {
                if position != head.position || previous != head.hash {
                    return Ok(verdict(position, Some((position + 1, "entries are missing at the end"))));
                }
                let outside = self.outside::<E>().await?;
                return Ok(verdict(position, outside.map(|at| (at, "an entry stands outside the chain"))));
            }
            for row in rows {
                let (at, before, hash) = E::links(&row);
                if at != position + 1 {
                    return Ok(verdict(position, Some((position + 1, "an entry is missing"))));
                }
                if before != previous {
                    return Ok(verdict(position, Some((at, "the entry does not follow the one before"))));
                }
                if !self.vault.chains(&E::bytes(&row), hash) {
                    return Ok(verdict(position, Some((at, "the entry was changed, or its key is missing"))));
                }
                (position, previous) = (at, hash.to_owned());
            }
        }
    }

    /// The first entry that stands where the chain has none: after its newest, or not after its anchor. The log shows it like any other.
    async fn outside<E: Chained>(&self) -> Result<Option<i64>> {
        // In one statement, which sees the end of the log and its entries at one moment: what is added meanwhile moves both.
        let end = |column: ledger_head::Column| {
            let of = ledger_head::Entity::find().select_only().column(column).filter(ledger_head::Column::Log.eq(E::LOG)).into_query();
            Expr::SubQuery(None, Box::new(of.into()))
        };
        let after = Expr::col(E::position()).gt(end(ledger_head::Column::Position));
        let before = Expr::col(E::position()).lte(end(ledger_head::Column::AnchorPosition));
        let first = E::find().select_only().column(E::position()).filter(after.or(before)).order_by_asc(E::position()).limit(1);
        first.into_tuple::<i64>().one(&self.reads.as_system()).await.map_err(fault)
    }
}

/// A request that has ended: what it has read, and to whom it is told that this is written.
type Ended = (Vec<use_log_entry::Model>, oneshot::Sender<Result<()>>);

/// Requests that have ended and wait for their entries.
pub(super) type Logging = Lines<(), Ended>;

/// So many entries are written at once, but those of one request together.
fn next(waiting: &mut VecDeque<Ended>) -> Vec<Ended> {
    let mut entries = 0;
    let fits = |entries: usize, more: usize| entries == 0 || entries + more <= AT_ONCE;
    let mut round = Vec::new();
    while let Some(ended) = waiting.pop_front_if(|ended| fits(entries, ended.0.len())) {
        entries += ended.0.len();
        round.push(ended);
    }
    round
}

/// What an entry tells of a care relation, and whether the client's data is restricted.
#[derive(FromQueryResult)]
struct Live {
    id: CareRelationId,
    network_id: NetworkId,
    organization_id: OrganizationId,
    client_id: ClientId,
    basis: RelationBasis,
    ground_id: Option<Uuid>,
    restricted: bool,
}

/// What stands behind the readings of one request.
struct Grounds {
    clients: HashMap<ClientId, client::Model>,
    represented: BTreeSet<ClientId>,
    restricted: BTreeSet<ClientId>,
    relations: HashMap<ClientId, Live>,
}

impl Grounds {
    async fn read(conn: &Walled, actor: &Actor, seen: &BTreeMap<About, Noted>) -> Result<Self> {
        let ids: Vec<ClientId> = seen.keys().filter_map(|about| if let About::Client(id) = about { Some(*id) } else { None }).collect();
        let mut grounds = Self { clients: HashMap::new(), represented: BTreeSet::new(), restricted: BTreeSet::new(), relations: HashMap::new() };
        let (false, Some(subject), Some(occasion)) = (ids.is_empty(), actor.subject(), actor.occasion()) else { return Ok(grounds) };
        let of_relation = Expr::col((restriction::Entity, restriction::Column::ClientId)).equals((care_relation::Entity, care_relation::Column::ClientId));
        let in_force = restriction::Entity::find().select_only().column(restriction::Column::Id).filter(restriction::in_force(occasion.at));
        let (id, ground, basis) = (care_relation::Column::Id, care_relation::Column::GroundId, care_relation::Column::Basis);
        let whose = [care_relation::Column::NetworkId, care_relation::Column::OrganizationId, care_relation::Column::ClientId];
        let live = care_relation::Entity::find()
            .select_only()
            .columns([id, ground, basis])
            .columns(whose)
            .expr_as(Expr::exists(in_force.clone().filter(of_relation).into_query()), "restricted")
            .filter(care_relation::Column::ClientId.is_in(ids.iter().copied()))
            .filter(care_relation::Column::Subject.eq(subject))
            .filter(care_relation::Column::EndedAt.is_null())
            .filter(care_relation::Column::ExpiresAt.gt(occasion.at))
            // An emergency is named only where there is nothing else.
            .order_by_desc(care_relation::Column::ExpiresAt);
        for row in live.into_model::<Live>().all(conn).await.map_err(fault)? {
            if row.restricted {
                grounds.restricted.insert(row.client_id);
            }
            let better = grounds.relations.get(&row.client_id).is_none_or(|known| known.basis == RelationBasis::BreakGlass);
            if better {
                grounds.relations.insert(row.client_id, row);
            }
        }
        // Where there is a relation, it is the ground: a worker's page of own clients asks for nothing else.
        let others: Vec<ClientId> = ids.into_iter().filter(|id| !grounds.relations.contains_key(id)).collect();
        if others.is_empty() {
            return Ok(grounds);
        }
        let restricted = in_force.filter(restriction::Column::ClientId.is_in(others.iter().copied())).select_only().column(restriction::Column::ClientId);
        grounds.restricted.extend(restricted.into_tuple::<ClientId>().all(conn).await.map_err(fault)?);
        for row in client::Entity::find().filter(client::Column::Id.is_in(others)).all(conn).await.map_err(fault)? {
            grounds.clients.insert(row.id, row);
        }
        let acts_for = representation::Entity::find().filter(representation::in_force(subject));
        grounds.represented = acts_for.all(conn).await.map_err(fault)?.into_iter().map(|row| row.client_id).collect();
        Ok(grounds)
    }

    #[expect(clippy::too_many_arguments, reason = "an entry has this many facts, and is made in one place")]
    fn entry(
        &self,
        actor: &Actor,
        about: &About,
        what: &BTreeSet<String>,
        outcome: UseOutcome,
        noted: &Noted,
        at: DateTime<Utc>,
        request_id: &str,
        operation: &str,
    ) -> use_log_entry::Model {
        let (client_id, subject) = match about {
            About::Client(id) => (Some(*id), None),
            About::Subject(subject) => (None, Some(subject.clone())),
        };
        let by_relation = |id: &ClientId| self.relations.get(id).map(|row| row.network_id);
        let network_id = client_id.and_then(|id| by_relation(&id).or_else(|| self.clients.get(&id).map(|row| row.network_id))).or(noted.network);
        let purpose = actor.occasion().and_then(|occasion| occasion.purpose);
        let (basis, ground_id) = match (outcome, client_id) {
            (UseOutcome::Denied, _) => (LogBasis::Nothing, None),
            (UseOutcome::Shown, None) => (LogBasis::Office, None),
            (UseOutcome::Shown, Some(id)) => self.basis(actor, id, what, purpose, noted.order),
        };
        let fits = |role: Role| client_id.is_none() || purpose.is_some_and(|purpose| purpose.fits(role));
        // The standing of the relation that opened it, where there is one.
        let by = client_id.and_then(|id| self.relations.get(&id)).map(|relation| relation.organization_id);
        let here = |s: &&Standing| fits(s.role) && network_id.is_none_or(|network| s.network == network);
        let standings = actor.standings().iter();
        let standing = standings.clone().find(|s| here(s) && by == Some(s.organization)).or_else(|| standings.clone().find(here));
        let standing = standing.filter(|_| basis != LogBasis::Own);
        // What is restricted is looked at with care: whoever does it puts it before the data protection officer.
        let restricted = basis != LogBasis::Own && client_id.is_some_and(|id| self.restricted.contains(&id));
        use_log_entry::Model {
            id: UseLogEntryId::new(),
            position: 0,
            at,
            network_id,
            client_id,
            subject,
            request_id: request_id.to_owned(),
            actor: actor.subject().unwrap_or_default().to_owned(),
            organization_id: standing.map(|s| s.organization),
            role: standing.map(|s| s.role),
            purpose,
            operation: operation.to_owned(),
            what: named(what),
            basis,
            ground_id,
            outcome,
            flagged: noted.flagged || basis == LogBasis::BreakGlass || restricted,
            previous: String::new(),
            hash: String::new(),
        }
    }

    fn basis(&self, actor: &Actor, client: ClientId, what: &BTreeSet<String>, purpose: Option<Purpose>, order: Option<Uuid>) -> (LogBasis, Option<Uuid>) {
        if let Some(relation) = self.relations.get(&client) {
            let basis = match relation.basis {
                RelationBasis::Intake => LogBasis::Intake,
                RelationBasis::Case => LogBasis::Case,
                RelationBasis::ReferralHandling => LogBasis::ReferralHandling,
                RelationBasis::StatutoryInfo => LogBasis::StatutoryInfo,
                RelationBasis::Order => LogBasis::Order,
                RelationBasis::BreakGlass => LogBasis::BreakGlass,
            };
            return (basis, relation.ground_id.or(Some(relation.id.0)));
        }
        let own = self.clients.get(&client).is_some_and(|row| row.account.as_deref() == actor.subject() && row.account.is_some());
        if own || self.represented.contains(&client) {
            return (LogBasis::Own, None);
        }
        // The fields of a thing are read on the ground of the thing.
        let kind = |w: &String| w.split('.').next().unwrap_or_default().to_owned();
        let ordered = |w: &String| ["PurchaseOrder", "Voucher", "DeliveryEvent", "ProviderReport", "Complaint"].contains(&kind(w).as_str());
        let referred = |w: &String| ["Referral", "Consent", "ClientEntry"].contains(&kind(w).as_str());
        // What was sent to those who give the service, by whichever way: no office has any part in it.
        if purpose != Some(Purpose::Care) || !what.iter().all(|w| ordered(w) || referred(w)) {
            (LogBasis::Office, None)
        } else if what.iter().any(ordered) {
            (LogBasis::Order, order)
        } else {
            (LogBasis::ReferralHandling, None)
        }
    }
}

/// What was read, as it is written down. A complaint is named as the client whom it is about: whoever reads the log is not told who has reported.
fn named(what: &BTreeSet<String>) -> String {
    let names: BTreeSet<&str> = what.iter().map(|w| if w.starts_with("Complaint") { "Client" } else { w.as_str() }).collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// One write, as the audit keeps it.
pub(super) struct Written {
    pub(super) resource: Resource,
    pub(super) action: Action,
    pub(super) row: Uuid,
    pub(super) before: Option<Json>,
    pub(super) after: Option<Json>,
}

/// Who did something, in which request and when.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) actor: String,
    pub(super) request_id: Arc<str>,
    pub(super) at: DateTime<Utc>,
}

/// Keeps the audit of writes, in their own transaction.
pub(super) async fn audit(tx: &impl ConnectionTrait, writes: impl IntoIterator<Item = (Signature, Written)>) -> Result<()> {
    let row = |(by, written): (Signature, Written)| audit::Model {
        id: Uuid::now_v7(),
        at: by.at,
        actor: by.actor,
        request_id: by.request_id.as_ref().to_owned(),
        resource: format!("{:?}", written.resource),
        row_id: written.row,
        action: format!("{:?}", written.action),
        before: written.before,
        after: written.after,
    };
    let rows: Vec<_> = writes.into_iter().map(row).collect();
    many::insert::<audit::Entity>(tx, &rows).await
}
