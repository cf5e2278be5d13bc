//! Until when what is kept about somebody is kept, and its destruction: named steps that no reach scopes. One client is one transaction: everything
//! goes or nothing. What tables that are only added to let go of is named in `doomed`, together with an entry of the destruction log.
use super::{
    Store,
    dialect::{fault, forget_what_was_written},
    drawdown,
    idempotency::SYSTEM,
    ledger::{self, Chained},
    many::AT_ONCE,
    pool::Transaction,
    rights::DataSubject,
};
use crate::{
    error::{Error, Result},
    vault::Vault,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    actor::Role,
    casework::{
        case::{CaseClosingReason, CaseStage},
        referral::{ReferralOutcome, ReferralState},
    },
    catalogue::session::{day, end_of},
    delivery::{participation::ParticipationState, visit::VisitState},
    id::{CaseId, ClientId, DestructionId, LegalHoldId, NetworkId, OrganizationId, ReferralId},
    person::rights::RequestState,
    policy::Resource,
    retention::{Counts, Retention, RetentionEvent, RetentionSubject, retention, rules_of},
};
use entity::{
    EachTable, Guarded, Kept,
    access::{calendar_feed, destruction, disclosure_log_entry, membership, notice, use_log_entry},
    casework::{case, referral},
    delivery::{participation, visit},
    each_table,
    funding::complaint,
    person::{care_relation, client, consent, legal_hold, representation, restriction, subject_request},
    sealed::{audit, doomed, doomed_log, idempotency, job_run, ledger_head, person_word},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, IntoCondition, OnConflict, Query, SelectStatement},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// What keeps a client's record although its time is over, or although somebody asks for erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// A matter is going on: an open case, a referral on its way, a service in which the client takes part, a visit or a complaint that is not over.
    Live,
    /// A legal hold.
    Legal(LegalHoldId),
    /// A restriction of processing: what is restricted is stored (GDPR 18(1)).
    Restricted,
    /// A request that waits for an answer.
    RequestOpen,
}

/// How long a client's record is kept.
#[derive(Clone, Debug)]
pub struct KeptRecord {
    /// Until when, and by which rule; none while something goes on that keeps it.
    pub retention: Option<Retention>,
    /// What keeps it beside the rule.
    pub holds: Vec<Hold>,
    /// There has been a case: its documents are statutory.
    pub statutory: bool,
}

impl KeptRecord {
    /// Its time is over and nothing holds it.
    #[must_use]
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.holds.is_empty() && self.retention.is_some_and(|kept| kept.is_due(today))
    }

    /// Nothing must be kept: no statutory document, and nothing holds it but a matter that is only being taken up.
    #[must_use]
    pub fn may_be_erased(&self) -> bool {
        !self.statutory && self.holds.is_empty()
    }
}

/// What a run has destroyed, or would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Clients.
    pub clients: u64,
    /// Clients whose time is over and whom something holds.
    pub held: u64,
    /// Clients whose time is over and who could not be destroyed: the server's log tells why, and the next night tries again.
    pub failed: u64,
    /// Referrals of people who did not become clients.
    pub referrals: u64,
    /// Complaints about providers that are about no client.
    pub complaints: u64,
    /// Entries of the logs.
    pub log_entries: u64,
}

/// How many clients or referrals are looked at in one read.
const BATCH: u64 = 100;
/// How many entries of a log go in one transaction: its lock holds up every reader of clients' data.
const LOG_BATCH: i64 = 2_000;

/// Who had it destroyed that somebody asked for one's own erasure: the log does not name whom it says nothing of.
const DATA_SUBJECT: &str = "data subject";

/// Why something is destroyed, as the destruction log tells it.
struct Why<'a> {
    subject: RetentionSubject,
    rule: &'a str,
    version: &'a str,
    legal_basis: &'a str,
    actor: &'a str,
}

impl<'a> Why<'a> {
    fn by_rule(kept: &'a Retention) -> Self {
        let rule = kept.rule;
        Self { subject: rule.subject, rule: &rule.key, version: &rule.version, legal_basis: &rule.legal_basis, actor: SYSTEM }
    }
}

impl Store {
    /// Destroys what is due by the rules, or counts what would be. Killed in the middle, it has destroyed each client wholly or not at all.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn destroy_due(&self, dry_run: bool) -> Result<Destroyed> {
        let mut done = Destroyed::default();
        self.destroy_clients(dry_run, &mut done).await?;
        done.referrals += self.destroy_unclaimed::<referral::Entity>(dry_run).await?;
        done.complaints += self.destroy_unclaimed::<complaint::Entity>(dry_run).await?;
        done.log_entries += self.destroy_entries::<use_log_entry::Entity>(RetentionSubject::UseLog, dry_run).await?;
        done.log_entries += self.destroy_entries::<disclosure_log_entry::Entity>(RetentionSubject::DisclosureLog, dry_run).await?;
        if !dry_run && done.clients + done.referrals + done.complaints + done.log_entries > 0 {
            forget_what_was_written(&self.writes.as_system()).await?;
        }
        Ok(done)
    }

    /// Begins the nightly work of a day, unless another server has.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begin_job(&self, job: &str, today: NaiveDate) -> Result<bool> {
        let run = job_run::ActiveModel { job: Set(job.to_owned()), day: Set(today), at: Set(self.clock.now()) };
        let first = OnConflict::columns([job_run::Column::Job, job_run::Column::Day]).do_nothing().to_owned();
        Ok(job_run::Entity::insert(run).on_conflict(first).exec_without_returning(&self.writes.as_system()).await.map_err(fault)? == 1)
    }

    /// Lets another server do the nightly work of a day, or this one once more.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn give_up_job(&self, job: &str, today: NaiveDate) -> Result<()> {
        job_run::Entity::delete_by_id((job.to_owned(), today)).exec(&self.writes.as_system()).await.map_err(fault).map(drop)
    }

    async fn destroy_clients(&self, dry_run: bool, done: &mut Destroyed) -> Result<()> {
        let today = day(self.clock.now());
        // Nobody is due who was taken up within the shortest period that there is.
        let Some(shortest) = rules_of(RetentionSubject::ClientRecord, today).map(|rule| rule.due_until(today)).max() else { return Ok(()) };
        let mut after = Uuid::nil();
        loop {
            let page = client::Entity::find().filter(client::Column::CreatedAt.lt(end_of(shortest))).filter(client::Column::Id.gt(after));
            // One who was merged goes with the one whom it is.
            let page = page.filter(client::Column::MergedIntoId.is_null());
            let rows = page.order_by_asc(client::Column::Id).limit(BATCH).all(&self.reads.as_system()).await.map_err(fault)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id.0;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let kept = kept_of(&self.reads.as_system(), &ids, self.clock.now()).await?;
            for row in rows {
                let Some(kept) = kept.get(&row.id) else { continue };
                if kept.is_due(today) {
                    match if dry_run { Ok(true) } else { self.destroy_client(&row).await } {
                        Ok(gone) => done.clients += u64::from(gone),
                        // One that does not go keeps nobody else.
                        Err(cause) => {
                            tracing::error!(client = %row.id, %cause, "a client whose time is over could not be destroyed");
                            done.failed += 1;
                        }
                    }
                } else if kept.retention.is_some_and(|kept| kept.is_due(today)) {
                    done.held += 1;
                }
            }
        }
    }

    /// Destroys a client whose time is over, unless something has happened since that was seen; whether it was done.
    async fn destroy_client(&self, row: &client::Model) -> Result<bool> {
        let now = self.clock.now();
        let tx = self.writes.as_system().begin().await?;
        // Locked, so that two runs at once do not both write the log.
        let standing = client::Entity::find_by_id(row.id).filter(client::Column::MergedIntoId.is_null());
        let Some(row) = standing.lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(false) };
        let kept = kept(&tx, row.id, now).await?;
        let Some(by) = kept.retention.filter(|_| kept.is_due(day(now))) else { return Ok(false) };
        destroy(&tx, &self.vault, Doomed::client(&tx, &row).await?, &Why::by_rule(&by), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Erases a client on the client's own request where nothing must be kept, or tells what must.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn erase(&self, subject: &DataSubject, dry_run: bool) -> Result<Option<KeptRecord>> {
        let now = self.clock.now();
        let tx = self.writes.as_system().begin().await?;
        let standing = client::Entity::find_by_id(subject.client().id).filter(client::Column::MergedIntoId.is_null());
        let Some(row) = standing.lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(None) };
        let kept = kept(&tx, row.id, now).await?;
        if !kept.may_be_erased() {
            return Ok(Some(kept));
        }
        if !dry_run {
            let legal_basis = "Yleinen tietosuoja-asetus (EU) 2016/679, 17 art. 1 b";
            let why = Why { subject: RetentionSubject::ClientRecord, rule: "ERASURE_BY_REQUEST", version: "2026-1", legal_basis, actor: DATA_SUBJECT };
            destroy(&tx, &self.vault, Doomed::client(&tx, &row).await?, &why, now).await?;
            tx.commit().await?;
            forget_what_was_written(&self.writes.as_system()).await?;
        }
        Ok(None)
    }

    /// What is about no client and goes by a rule of its own, with the consents and notices that hang on it; how many rows.
    async fn destroy_unclaimed<E: Unclaimed>(&self, dry_run: bool) -> Result<u64> {
        let today = day(self.clock.now());
        let mut count = 0;
        for rule in rules_of(E::SUBJECT, today) {
            let old = || E::find().filter(E::is_unclaimed()).filter(E::touched().lt(end_of(rule.due_until(today))));
            if dry_run {
                count += old().count(&self.reads.as_system()).await.map_err(fault)?;
                continue;
            }
            loop {
                let rows = old().order_by_asc(E::columns().id).limit(BATCH).all(&self.reads.as_system()).await.map_err(fault)?;
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    let tx = self.writes.as_system().begin().await?;
                    let still = old().filter(E::columns().id.eq(E::row_id(&row))).lock_exclusive().one(&tx).await.map_err(fault)?;
                    let Some(row) = still else { continue };
                    let by = Retention { rule, destroy_after: rule.last_day(day(E::touched_at(&row))) };
                    destroy(&tx, &self.vault, Doomed::alone::<E>(&tx, &row).await?, &Why::by_rule(&by), self.clock.now()).await?;
                    tx.commit().await?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// The oldest entries of a log, up to the first that is younger than its period or about somebody under a legal hold. The chain is anchored anew.
    async fn destroy_entries<E: Chained + Guarded>(&self, subject: RetentionSubject, dry_run: bool) -> Result<u64> {
        let today = day(self.clock.now());
        let Some(rule) = rules_of(subject, today).next() else { return Ok(0) };
        let cutoff = end_of(rule.due_until(today));
        let mut count = 0;
        loop {
            let tx = self.writes.as_system().begin().await?;
            let head = ledger_head::Entity::find_by_id(E::LOG.to_owned()).lock_exclusive().one(&tx).await.map_err(fault)?.ok_or(Error::Internal)?;
            let kept_from = first_kept::<E>(&tx, cutoff).await?;
            let last = kept_from.map_or(head.position, |first| first - 1);
            if dry_run {
                return Ok(u64::try_from(last - head.anchor_position).unwrap_or_default());
            }
            let last = Ord::min(last, head.anchor_position + LOG_BATCH);
            if last <= head.anchor_position {
                return Ok(count);
            }
            let gone = u64::try_from(last - head.anchor_position).unwrap_or_default();
            let hash = ledger::hash_at::<E>(&tx, last).await?;
            let why = Why { subject, rule: &rule.key, version: &rule.version, legal_basis: &rule.legal_basis, actor: SYSTEM };
            let id = DestructionId::new();
            let rows = BTreeMap::from([(E::default().table_name().to_owned(), gone)]);
            log(&tx, id, &why, (None, None, None), rows, self.clock.now()).await?;
            let doom = doomed_log::ActiveModel { log: Set(E::LOG.to_owned()), position: Set(last), destruction_id: Set(id) };
            doomed_log::Entity::insert(doom).exec_without_returning(&tx).await.map_err(fault)?;
            let removed = E::delete_many().filter(E::position().lte(last)).exec(&tx).await.map_err(fault)?.rows_affected;
            if removed != gone {
                return Err(Error::internal(format!("{} has {removed} entries where there should be {gone}", E::LOG)));
            }
            ledger::anchor(&tx, &self.vault, E::LOG, last, &hash).await?;
            doomed_log::Entity::delete_by_id(E::LOG.to_owned()).exec(&tx).await.map_err(fault)?;
            tx.commit().await?;
            count += gone;
        }
    }
}

/// The position of the first entry that is kept, where there is one.
async fn first_kept<E: Chained + Guarded>(tx: &Transaction, cutoff: DateTime<Utc>) -> Result<Option<i64>> {
    let held = || legal_hold::Entity::find().select_only().column(legal_hold::Column::ClientId).filter(legal_hold::Column::LiftedAt.is_null()).into_query();
    // What the logs tell of one who was merged is about the one whom the hold names.
    let merged = client::Entity::find().select_only().column(client::Column::Id).filter(client::Column::MergedIntoId.in_subquery(held()));
    let mut stays = Condition::any().add(E::at().gte(cutoff));
    if let Some(client) = E::client_column() {
        stays = stays.add(client.in_subquery(held())).add(client.in_subquery(merged.into_query()));
    }
    let first: Select<E> = E::find().select_only().column(E::position()).filter(stays).order_by_asc(E::position()).limit(1);
    first.into_tuple::<i64>().one(tx).await.map_err(fault)
}

/// A referral keeps its client's record: it is on its way, or goes on at another organisation. A draft is nothing yet, and what the client's own keeper
/// has taken up lives in its cases.
fn goes_on() -> Condition {
    let open = [ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested];
    let keeper = Query::select()
        .expr(Expr::val(1))
        .from(client::Entity)
        .and_where(Expr::col((client::Entity, client::Column::Id)).equals((referral::Entity, referral::Column::ClientId)))
        .and_where(Expr::col((client::Entity, client::Column::OrganizationId)).equals((referral::Entity, referral::Column::RecipientId)))
        .take();
    let elsewhere = Condition::all()
        .add(referral::Column::State.eq(ReferralState::Accepted))
        .add(Condition::any().add(referral::Column::Outcome.is_null()).add(referral::Column::Outcome.eq(ReferralOutcome::Arrived)))
        .add(Expr::exists(keeper).not());
    Condition::any().add(referral::Column::State.is_in(open)).add(elsewhere)
}

/// Clients, each with the one who stands for all that were merged into the same one.
struct Stands(HashMap<ClientId, ClientId>);

impl Stands {
    async fn of(conn: &impl ConnectionTrait, ids: &[ClientId]) -> Result<Self> {
        let mut of: HashMap<ClientId, ClientId> = ids.iter().map(|id| (*id, *id)).collect();
        let named = client::Entity::find().filter(client::Column::Id.is_in(ids.iter().copied())).filter(client::Column::MergedIntoId.is_not_null());
        of.extend(named.all(conn).await.map_err(fault)?.into_iter().filter_map(|row| Some((row.id, row.merged_into_id?))));
        let into: BTreeSet<ClientId> = of.values().copied().collect();
        let merged = client::Entity::find().filter(client::Column::MergedIntoId.is_in(into.iter().copied()));
        of.extend(merged.all(conn).await.map_err(fault)?.into_iter().filter_map(|row| Some((row.id, row.merged_into_id?))));
        of.extend(into.into_iter().map(|id| (id, id)));
        Ok(Self(of))
    }

    fn one(&self, id: ClientId) -> ClientId {
        self.0.get(&id).copied().unwrap_or(id)
    }

    /// All who stand for one of these.
    fn all(&self, those: impl Fn(ClientId) -> bool) -> Vec<ClientId> {
        self.0.iter().filter(|(_, one)| those(**one)).map(|(id, _)| *id).collect()
    }

    /// Those of these about whom there is such a row.
    async fn with<E: EntityTrait>(
        &self,
        conn: &impl ConnectionTrait,
        column: E::Column,
        of: &[ClientId],
        such: impl IntoCondition,
    ) -> Result<BTreeSet<ClientId>> {
        if of.is_empty() {
            return Ok(BTreeSet::new());
        }
        let found = E::find().select_only().column(column).distinct().filter(column.is_in(of.iter().copied())).filter(such.into_condition());
        Ok(found.into_tuple::<ClientId>().all(conn).await.map_err(fault)?.into_iter().map(|id| self.one(id)).collect())
    }

    /// When the newest row about each of these is from.
    async fn newest<E: EntityTrait>(
        &self,
        conn: &impl ConnectionTrait,
        column: E::Column,
        of: &[ClientId],
        at: E::Column,
    ) -> Result<Vec<(ClientId, DateTime<Utc>)>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let found = E::find().select_only().column(column).column_as(at.max(), "newest").filter(column.is_in(of.iter().copied())).group_by(column);
        let found = found.into_tuple::<(ClientId, DateTime<Utc>)>().all(conn).await.map_err(fault)?;
        Ok(found.into_iter().map(|(id, at)| (self.one(id), at)).collect())
    }
}

/// How long a client's record is kept, as things are.
async fn kept(conn: &impl ConnectionTrait, id: ClientId, now: DateTime<Utc>) -> Result<KeptRecord> {
    kept_of(conn, &[id], now).await?.remove(&id).ok_or(Error::NotFound)
}

/// How long the records of clients are kept, as things are: in as many statements whether it is one or a page of them.
pub(super) async fn kept_of(conn: &impl ConnectionTrait, ids: &[ClientId], now: DateTime<Utc>) -> Result<HashMap<ClientId, KeptRecord>> {
    let stands = Stands::of(conn, ids).await?;
    let everybody = stands.all(|_| true);
    let mut cases: HashMap<ClientId, Vec<case::Model>> = HashMap::new();
    for row in case::Entity::find().filter(case::Column::ClientId.is_in(everybody.iter().copied())).all(conn).await.map_err(fault)? {
        cases.entry(stands.one(row.client_id)).or_default().push(row);
    }
    // One thing that goes on is enough: of whom there is one, no more is asked.
    let mut live: BTreeSet<ClientId> = cases.iter().filter(|(_, of)| of.iter().any(|row| row.stage != CaseStage::Closed)).map(|(id, _)| *id).collect();
    let left = stands.all(|one| !live.contains(&one));
    live.extend(stands.with::<referral::Entity>(conn, referral::Column::ClientId, &left, goes_on()).await?);
    let left = stands.all(|one| !live.contains(&one));
    let takes_part = participation::Column::State.is_in(ParticipationState::OPEN);
    live.extend(stands.with::<participation::Entity>(conn, participation::Column::ClientId, &left, takes_part).await?);
    let left = stands.all(|one| !live.contains(&one));
    live.extend(stands.with::<visit::Entity>(conn, visit::Column::ClientId, &left, visit::Column::State.is_in(VisitState::OPEN)).await?);
    let left = stands.all(|one| !live.contains(&one));
    live.extend(stands.with::<complaint::Entity>(conn, complaint::Column::ClientId, &left, complaint::Column::EndedAt.is_null()).await?);
    let mut legal: HashMap<ClientId, Vec<Hold>> = HashMap::new();
    let held = legal_hold::Entity::find().filter(legal_hold::Column::ClientId.is_in(everybody.iter().copied())).filter(legal_hold::Column::LiftedAt.is_null());
    for row in held.order_by_asc(legal_hold::Column::Id).all(conn).await.map_err(fault)? {
        legal.entry(stands.one(row.client_id)).or_default().push(Hold::Legal(row.id));
    }
    let restricted = stands.with::<restriction::Entity>(conn, restriction::Column::ClientId, &everybody, restriction::in_force(now)).await?;
    let asks = subject_request::Column::State.is_in(RequestState::OPEN);
    let asked = stands.with::<subject_request::Entity>(conn, subject_request::Column::ClientId, &everybody, asks).await?;
    let mut touched = last_touched(conn, &stands, &stands.all(|one| !live.contains(&one)), |one| !cases.contains_key(&one)).await?;
    let mut of_survivors: HashMap<ClientId, KeptRecord> = HashMap::new();
    for one in everybody.iter().map(|id| stands.one(*id)).collect::<BTreeSet<_>>() {
        let own = cases.remove(&one).unwrap_or_default();
        let mut holds: Vec<Hold> = live.contains(&one).then_some(Hold::Live).into_iter().collect();
        holds.extend(legal.remove(&one).unwrap_or_default());
        holds.extend(restricted.contains(&one).then_some(Hold::Restricted));
        holds.extend(asked.contains(&one).then_some(Hold::RequestOpen));
        let happened = happened(&own, touched.remove(&one));
        let retention = if live.contains(&one) { None } else { retention(RetentionSubject::ClientRecord, day(now), &happened) };
        of_survivors.insert(one, KeptRecord { retention, holds, statutory: !own.is_empty() });
    }
    Ok(ids.iter().filter_map(|id| Some((*id, of_survivors.get(&stands.one(*id))?.clone()))).collect())
}

/// What has happened that starts a retention period.
fn happened(cases: &[case::Model], touched: Option<DateTime<Utc>>) -> Vec<(RetentionEvent, NaiveDate)> {
    let mut out = Vec::new();
    for row in cases {
        let Some(closed) = row.closed_at.map(day) else { continue };
        out.push((RetentionEvent::ClienthoodEnded, closed));
        // The day of death itself is not known here: the day on which a case was closed for it is later, and keeps longer.
        if row.closing_reason == Some(CaseClosingReason::Deceased) {
            out.push((RetentionEvent::Died, closed));
        }
    }
    // What goes on after the last case, or without one, starts the time anew.
    let event = if cases.is_empty() { RetentionEvent::LastTouched } else { RetentionEvent::ClienthoodEnded };
    out.extend(touched.map(|at| (event, day(at))));
    out
}

/// When something last began with each of these: being taken up, a referral, a consent; without a case, a worker's looking at it too.
async fn last_touched(
    conn: &impl ConnectionTrait,
    stands: &Stands,
    of: &[ClientId],
    without_case: impl Fn(ClientId) -> bool,
) -> Result<HashMap<ClientId, DateTime<Utc>>> {
    let looked_at: Vec<ClientId> = of.iter().copied().filter(|id| without_case(stands.one(*id))).collect();
    let times = [
        stands.newest::<client::Entity>(conn, client::Column::Id, of, client::Column::CreatedAt).await?,
        stands.newest::<referral::Entity>(conn, referral::Column::ClientId, of, referral::Column::CreatedAt).await?,
        stands.newest::<consent::Entity>(conn, consent::Column::ClientId, of, consent::Column::GivenAt).await?,
        stands.newest::<participation::Entity>(conn, participation::Column::ClientId, of, participation::Column::UpdatedAt).await?,
        stands.newest::<visit::Entity>(conn, visit::Column::ClientId, of, visit::Column::UpdatedAt).await?,
        stands.newest::<complaint::Entity>(conn, complaint::Column::ClientId, of, complaint::Column::UpdatedAt).await?,
        stands.newest::<care_relation::Entity>(conn, care_relation::Column::ClientId, &looked_at, care_relation::Column::CreatedAt).await?,
    ];
    let mut newest: HashMap<ClientId, DateTime<Utc>> = HashMap::new();
    for (one, at) in times.into_iter().flatten() {
        newest.entry(one).and_modify(|known| *known = Ord::max(at, *known)).or_insert(at);
    }
    Ok(newest)
}

/// A table of which rows that are about no client go by a rule of their own.
trait Unclaimed: Kept {
    const SUBJECT: RetentionSubject;
    /// They are about no client, and may go.
    fn is_unclaimed() -> Condition;
    fn touched() -> Self::Column;
    fn touched_at(row: &Self::Model) -> DateTime<Utc>;
}

impl Unclaimed for referral::Entity {
    const SUBJECT: RetentionSubject = RetentionSubject::UnidentifiedReferral;

    fn is_unclaimed() -> Condition {
        Condition::all().add(referral::Column::ClientId.is_null())
    }

    fn touched() -> Self::Column {
        referral::Column::UpdatedAt
    }

    fn touched_at(row: &Self::Model) -> DateTime<Utc> {
        row.updated_at
    }
}

impl Unclaimed for complaint::Entity {
    const SUBJECT: RetentionSubject = RetentionSubject::ComplaintWithoutClient;

    fn is_unclaimed() -> Condition {
        Condition::all().add(complaint::Column::ClientId.is_null()).add(complaint::Column::EndedAt.is_not_null())
    }

    fn touched() -> Self::Column {
        complaint::Column::UpdatedAt
    }

    fn touched_at(row: &Self::Model) -> DateTime<Utc> {
        row.updated_at
    }
}

/// The rows that go together: of one client, or one that is about none.
struct Doomed {
    network: NetworkId,
    organization: OrganizationId,
    subject: Uuid,
    rows: BTreeMap<Resource, Vec<Uuid>>,
}

impl Doomed {
    async fn client(tx: &Transaction, row: &client::Model) -> Result<Self> {
        let same = Stands::of(tx, &[row.id]).await?.all(|_| true);
        let mut rows = BTreeMap::new();
        let mut walk = Tables::default();
        each_table(&mut walk);
        for table in &walk.0 {
            rows.insert(table.resource, (table.ids)(tx, &same).await?);
        }
        let referrals = rows.get(&Resource::Referral).cloned().unwrap_or_default();
        rows.entry(Resource::Consent).or_default().extend(consents_of(tx, &referrals).await?);
        rows.insert(Resource::Notice, notices(tx, &rows, own_notices(tx, row).await?).await?);
        if let Some(account) = &row.account {
            // A membership as a client tells that somebody is one; what somebody is at work stays.
            let own = membership::Entity::find().select_only().column(membership::Column::Id).filter(membership::Column::Subject.eq(account));
            let own = own.filter(membership::Column::Role.eq(Role::Client)).filter(membership::Column::NetworkId.eq(row.network_id));
            rows.insert(Resource::Membership, own.into_tuple().all(tx).await.map_err(fault)?);
            // Whoever needs a calendar at work or elsewhere makes another.
            let own = calendar_feed::Entity::find().select_only().column(calendar_feed::Column::Id).filter(calendar_feed::Column::Subject.eq(account));
            rows.insert(Resource::CalendarFeed, own.into_tuple().all(tx).await.map_err(fault)?);
        }
        Ok(Self { network: row.network_id, organization: row.organization_id, subject: row.id.0, rows })
    }

    async fn alone<E: Unclaimed>(tx: &Transaction, row: &E::Model) -> Result<Self> {
        let subject = E::row_id(row);
        let mut rows = BTreeMap::from([(E::RESOURCE, vec![subject])]);
        let referrals = rows.get(&Resource::Referral).cloned().unwrap_or_default();
        rows.insert(Resource::Consent, consents_of(tx, &referrals).await?);
        rows.insert(Resource::Notice, notices(tx, &rows, None).await?);
        let (network, organization) = E::network(row).zip(E::organization(row)).ok_or(Error::Internal)?;
        Ok(Self { network, organization, subject, rows })
    }
}

/// The consents that bind referrals and name no client.
async fn consents_of(tx: &Transaction, referrals: &[Uuid]) -> Result<Vec<Uuid>> {
    let found = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::Column::ClientId.is_null());
    found.filter(consent::Column::ReferralId.is_in(referrals.iter().map(|id| ReferralId(*id)))).into_tuple().all(tx).await.map_err(fault)
}

/// The notices that are for the client as one of this network; none where they cannot be told from those that the account has been given for others.
async fn own_notices(tx: &Transaction, row: &client::Model) -> Result<Option<Condition>> {
    let Some(account) = &row.account else { return Ok(None) };
    let for_others = representation::Entity::find().filter(representation::Column::Subject.eq(account));
    if for_others.count(tx).await.map_err(fault)? > 0 {
        return Ok(None);
    }
    let own = Condition::all().add(notice::Column::Subject.eq(account)).add(notice::Column::OrganizationId.is_null());
    Ok(Some(own.add(notice::Column::NetworkId.eq(row.network_id))))
}

/// The notices that name one of these rows, and those of the client's own.
async fn notices(tx: &Transaction, rows: &BTreeMap<Resource, Vec<Uuid>>, own: Option<Condition>) -> Result<Vec<Uuid>> {
    let of = |resource| rows.get(&resource).cloned().unwrap_or_default();
    let any = Condition::any()
        .add(notice::Column::ReferralId.is_in(of(Resource::Referral)))
        .add(notice::Column::RelationId.is_in(of(Resource::CareRelation)))
        .add(notice::Column::CaseId.is_in(of(Resource::Case).into_iter().map(CaseId)))
        .add(notice::Column::ParticipationId.is_in(of(Resource::Participation)))
        .add(notice::Column::OrderId.is_in(of(Resource::PurchaseOrder)))
        .add(notice::Column::VoucherId.is_in(of(Resource::Voucher)))
        .add(notice::Column::ComplaintId.is_in(of(Resource::Complaint)))
        .add(notice::Column::VisitId.is_in(of(Resource::Visit)))
        .add(notice::Column::ConsentId.is_in(of(Resource::Consent)))
        .add_option(own);
    notice::Entity::find().select_only().column(notice::Column::Id).filter(any).into_tuple().all(tx).await.map_err(fault)
}

type Ids = Box<dyn for<'a> Fn(&'a Transaction, &'a [ClientId]) -> BoxFuture<'a, Result<Vec<Uuid>>> + Send + Sync>;
type Delete = Box<dyn for<'a> Fn(&'a Transaction, SelectStatement) -> BoxFuture<'a, Result<u64>> + Send + Sync>;

/// What destruction does with one table.
struct Table {
    resource: Resource,
    name: String,
    ids: Ids,
    delete: Delete,
}

/// Every table of which a row can go; the logs go by their own rule.
#[derive(Default)]
struct Tables(Vec<Table>);

impl EachTable for Tables {
    fn table<E: Guarded>(&mut self) {
        let own_rule = matches!(E::RESOURCE, Resource::UseLogEntry | Resource::DisclosureLogEntry);
        let goes_along = matches!(E::RESOURCE, Resource::Notice | Resource::Membership | Resource::CalendarFeed);
        if own_rule || (E::client_column().is_none() && !goes_along) {
            return;
        }
        let ids: Ids = Box::new(|tx, clients| {
            Box::pin(async move {
                let Some(column) = E::client_column() else { return Ok(Vec::new()) };
                E::find().select_only().column(E::columns().id).filter(column.is_in(clients.iter().copied())).into_tuple().all(tx).await.map_err(fault)
            })
        });
        let delete: Delete = Box::new(|tx, doomed| {
            Box::pin(async move { Ok(E::delete_many().filter(E::columns().id.in_subquery(doomed)).exec(tx).await.map_err(fault)?.rows_affected) })
        });
        self.0.push(Table { resource: E::RESOURCE, name: E::default().table_name().to_owned(), ids, delete });
    }
}

/// Destroys rows with everything that tells of them, and writes what was destroyed to the destruction log.
async fn destroy(tx: &Transaction, vault: &Vault, gone: Doomed, why: &Why<'_>, now: DateTime<Utc>) -> Result<()> {
    let id = DestructionId::new();
    let all: Vec<Uuid> = gone.rows.values().flatten().copied().collect();
    for chunk in all.chunks(AT_ONCE) {
        let rows = chunk.iter().map(|row| doomed::ActiveModel { row_id: Set(*row), destruction_id: Set(id) });
        doomed::Entity::insert_many(rows).exec_without_returning(tx).await.map_err(fault)?;
    }
    let these = || doomed::Entity::find().select_only().column(doomed::Column::RowId).filter(doomed::Column::DestructionId.eq(id)).into_query();
    let mut tables = Tables::default();
    each_table(&mut tables);
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    for table in &tables.0 {
        rows.insert(table.name.clone(), gone.rows.get(&table.resource).map_or(0, Vec::len) as u64);
    }
    let audited = audit::Entity::find().filter(audit::Column::RowId.in_subquery(these())).count(tx).await.map_err(fault)?;
    let words = person_word::Entity::find().filter(person_word::Column::PersonId.in_subquery(these())).count(tx).await.map_err(fault)?;
    rows.extend([("audit".to_owned(), audited), ("person_word".to_owned(), words)]);
    rows.retain(|_, count| *count > 0);
    // The triggers let nothing go before this is written.
    let hash = vault.index("destroyed", &gone.subject.to_string());
    log(tx, id, why, (Some(gone.network), Some(gone.organization), Some(hash)), rows, now).await?;
    audit::Entity::delete_many().filter(audit::Column::RowId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    person_word::Entity::delete_many().filter(person_word::Column::PersonId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    idempotency::Entity::delete_many().filter(idempotency::Column::RowId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    let of = |resource| gone.rows.get(&resource).map_or(&[][..], Vec::as_slice);
    drawdown::outlive(tx, of(Resource::PurchaseOrder), of(Resource::DeliveryEvent), now).await?;
    // What hangs under another goes first.
    for table in tables.0.iter().rev() {
        let expected = gone.rows.get(&table.resource).map_or(0, Vec::len) as u64;
        let removed = (table.delete)(tx, these()).await?;
        if removed != expected {
            return Err(Error::internal(format!("{} rows of {} went where {expected} should", removed, table.name)));
        }
    }
    doomed::Entity::delete_many().filter(doomed::Column::DestructionId.eq(id)).exec(tx).await.map_err(fault)?;
    Ok(())
}

/// Adds an entry to the destruction log.
async fn log(
    tx: &Transaction,
    id: DestructionId,
    why: &Why<'_>,
    (network, organization, hash): (Option<NetworkId>, Option<OrganizationId>, Option<String>),
    rows: BTreeMap<String, u64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = destruction::Model {
        id,
        at: now,
        network_id: network,
        organization_id: organization,
        subject: why.subject,
        rule: why.rule.to_owned(),
        rule_version: why.version.to_owned(),
        legal_basis: why.legal_basis.to_owned(),
        subject_hash: hash,
        rows: Counts(rows),
        actor: why.actor.to_owned(),
    };
    destruction::Entity::insert(entry.into_active_model().reset_all()).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}
